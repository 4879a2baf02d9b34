"""`partnercenter saas resolve`: the subscription that a landing page's token stands for."""

from __future__ import annotations

import sys

import click

from ..connection import Connection, as_json, echo_json
from ..printing import progress
from .subscriptions import print_subscription

__all__ = ["resolve"]

MAX_CHARACTERS = 100_000
"""Most characters that are read from standard input."""


@click.command()
@as_json
@click.pass_obj
def resolve(connection: Connection, as_json: bool) -> None:
    """Show the subscription of a marketplace token, which is read from standard input.

    Standard input has the whole address of the landing page, or the value of `token=` in it. A token is valid for 24
    hours. It is a secret, and therefore no argument, which other users of the machine can read.

    \b
    Example:
      partnercenter saas resolve < address.txt
    """  # noqa: D301 - click's mark for lines that are not joined
    from ...fulfillment import read_token

    if sys.stdin.isatty():
        text = click.prompt("Address of the landing page, or token", hide_input=True, err=True)
    else:
        text = sys.stdin.read(MAX_CHARACTERS)
    address = text if "token=" in text.lower() else f"token={text.strip()}"
    token = read_token(address)
    with connection.fulfillment() as client, progress("purchase token: asking"):
        resolved = client.resolve(token)
        subscription = resolved.subscription or client.get_subscription(resolved.id)
    if as_json:
        echo_json(subscription.model_dump(mode="json"))
    else:
        print_subscription(subscription)
