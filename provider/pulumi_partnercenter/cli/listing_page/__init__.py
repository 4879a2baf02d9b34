"""Page of a listing as customers would see it: one HTML file without scripts and without addresses that load.

`listing`: resources of an offer, sorted by language and plan, with former values. `service` and `program`: the same,
read from Partner Center or from `pulumi preview --json`. `render`: HTML of a listing.
"""
