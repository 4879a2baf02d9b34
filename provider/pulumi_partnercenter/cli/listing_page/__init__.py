"""Page of a listing as customers would see it: an HTML file without scripts and external resources.

`listing`: resources of an offer, sorted by language and plan, with former values. `service` and `program`: the listing
from Partner Center or from `pulumi preview --json`. `render`: HTML of a listing.
"""
