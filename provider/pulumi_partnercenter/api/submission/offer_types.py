"""Differences of the offer types of AppSource.

Source: documentation of the portal, reports of Business Central's clients.
What is not known about a type is no difference: the service decides.
"""

from __future__ import annotations

__all__ = ["BUSINESS_CENTRAL", "DYNAMICS", "LISTED_ONLY"]

BUSINESS_CENTRAL = "AzureDynamics365BusinessCentral"
"""It has a package type in its setup, and no reseller channel."""
LISTED_ONLY = (BUSINESS_CENTRAL, "AzureDynamics365ForOperations")
"""Microsoft does not sell them, so they have no plans."""
DYNAMICS = (*LISTED_ONLY, "AzureDynamics365ForCustomerEngagement")
"""They have markets of the offer itself, and go live without a decision about resellers."""
