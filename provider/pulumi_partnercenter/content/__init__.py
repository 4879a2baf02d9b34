"""Local files on their way to the service: what they are, whether they changed, whether the service would take them.

Knows no client and no resource. Whatever is wrong is told as a ValueError, or as sentences where there may be several.
"""
