NAVX contoso
