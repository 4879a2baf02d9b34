"""`partnercenter portal`: offers of the Cloud Partner Portal API, beside `portal.Offer`."""

from __future__ import annotations

import click

from .migration import migrate
from .prices import prices

__all__ = ["portal"]


@click.group()
def portal() -> None:
    """Offers of the Cloud Partner Portal API: virtual machines above all."""


portal.add_command(migrate)
portal.add_command(prices)
