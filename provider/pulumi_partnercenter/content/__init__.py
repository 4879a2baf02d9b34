"""Local files on their way to the service: their kind, their digest, and the rules by which the service refuses them.

Knows no client and no resource. A broken rule is a ValueError, or a list of sentences where there may be several.
"""
