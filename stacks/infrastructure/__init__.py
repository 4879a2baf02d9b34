"""Contoso's own Azure resources: who operates the archive, and a trial of what customers will deploy."""
