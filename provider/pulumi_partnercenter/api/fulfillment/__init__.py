"""Client of the SaaS fulfillment APIs, version 2, and of the marketplace metering service."""
