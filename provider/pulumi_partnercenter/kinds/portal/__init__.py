"""Resources of the Cloud Partner Portal API."""
