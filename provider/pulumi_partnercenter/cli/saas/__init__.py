"""`partnercenter saas`: subscriptions of customers, their operations and usage. A module for each group of commands.

They sign in as the application that the offers name in their technical configuration (`PARTNERCENTER_SAAS_…`).
"""

from __future__ import annotations

import click

from .demo import demo
from .migrate import migrate
from .operations import operations
from .resolve import resolve
from .serve import serve
from .subscriptions import subscriptions
from .usage import usage

__all__ = ["saas"]


@click.group()
def saas() -> None:
    """Subscriptions of customers to SaaS offers: fulfillment and metering, and the service with the landing page.

    Signs in as the application of the offers' technical configuration: by PARTNERCENTER_SAAS_TENANT_ID,
    PARTNERCENTER_SAAS_CLIENT_ID and a credential, else as every other command.
    """


for command in (subscriptions, operations, resolve, usage, serve, migrate, demo):
    saas.add_command(command)
