"""Differences of the offer types of AppSource.

Source: documentation of the portal, reports of Business Central's clients.
What is not known about a type is no difference: the service decides.
"""

from __future__ import annotations

__all__ = ["BUSINESS_CENTRAL", "CUSTOMER_ENGAGEMENT", "DYNAMICS", "LISTED_ONLY", "OPERATIONS", "SAAS"]

BUSINESS_CENTRAL = "AzureDynamics365BusinessCentral"
"""It has a package type in its setup, and no reseller channel."""
CUSTOMER_ENGAGEMENT = "AzureDynamics365ForCustomerEngagement"
"""Its package stays in the publisher's storage account."""
OPERATIONS = "AzureDynamics365ForOperations"
"""Its package is in Lifecycle Services."""
SAAS = "SoftwareAsAService"
LISTED_ONLY = (BUSINESS_CENTRAL, OPERATIONS)
"""Microsoft does not sell them, so they have no plans."""
DYNAMICS = (*LISTED_ONLY, CUSTOMER_ENGAGEMENT)
"""They have markets of the offer itself, and go live without a decision about resellers."""
