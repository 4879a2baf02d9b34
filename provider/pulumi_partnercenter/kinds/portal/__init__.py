"""Offers of the Cloud Partner Portal API, for older offers of virtual machines, and their publication."""
