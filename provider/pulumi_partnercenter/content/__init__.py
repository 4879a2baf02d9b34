"""Local files for the service: their kind, their digest, and the service's rules for them.

Uses no client and no resource. A broken rule is a ValueError, or a list of sentences if there may be several.
"""
