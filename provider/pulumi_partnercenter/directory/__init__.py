"""Offers of all services, found by their offer ids: for `export`, `show` and `status`.

    offers             an offer that was found, and what a system has to offer
    submission_offers  products of the account · portal_offers: offers of the Cloud Partner Portal API
    search             the search in all systems

Nothing here imports pulumi, and the libraries of HTTP only when a system is opened.
"""
