"""`partnercenter saas operations`: list, show and answer the operations of a subscription."""

from __future__ import annotations

from typing import Any

import click

from ..connection import Connection, as_json, echo_json
from ..printing import build_table, print_renderable, printable, progress
from .subscriptions import subscription_argument
from .tables import OPERATION_COLUMNS, operation_row

__all__ = ["operations"]

ANSWERS = {"success": "Success", "failure": "Failure"}
operation_argument = click.argument("operation_id", metavar="OPERATION")


@click.group()
def operations() -> None:
    """List, show and answer operations: changes of a subscription that take time."""


@operations.command("list")
@subscription_argument
@as_json
@click.pass_obj
def list_operations(connection: Connection, subscription_id: str, as_json: bool) -> None:
    """List the operations of a subscription that wait for the publisher's answer."""
    with connection.fulfillment() as client, progress(f"subscription {subscription_id}: operations: asking"):
        outstanding = client.list_operations(subscription_id)
    if as_json:
        echo_json({"operations": [operation.model_dump(mode="json") for operation in outstanding]})
    else:
        print_renderable(
            build_table(OPERATION_COLUMNS, [operation_row(operation) for operation in outstanding])
        )


@operations.command()
@subscription_argument
@operation_argument
@as_json
@click.pass_obj
def show(connection: Connection, subscription_id: str, operation_id: str, as_json: bool) -> None:
    """Show an operation and its status.

    The service may not return operations that only inform: Renew, Suspend, Unsubscribe.
    """
    with connection.fulfillment() as client, progress(f"operation {operation_id}: asking"):
        operation = client.get_operation(subscription_id, operation_id)
    if as_json:
        echo_json(operation.model_dump(mode="json"))
    else:
        print_renderable(build_table(OPERATION_COLUMNS, [operation_row(operation)]))


@operations.command()
@subscription_argument
@operation_argument
@click.option(
    "--status",
    "answer",
    type=click.Choice(list(ANSWERS), case_sensitive=False),
    required=True,
    help="success: carried out; failure: refused.",
)
@as_json
@click.pass_obj
def update(
    connection: Connection, *, subscription_id: str, operation_id: str, answer: str, as_json: bool
) -> None:
    """Answer an operation that a customer began, such as a change of plan.

    Without an answer within 10 seconds after its webhook, the service counts it as successful.
    """
    status: Any = ANSWERS[answer]
    with connection.fulfillment() as client, progress(f"operation {operation_id}: answering"):
        client.update_operation(subscription_id, operation_id, status)
    if as_json:
        echo_json({"id": operation_id, "subscription_id": subscription_id, "answer": status})
    else:
        click.echo(printable(f"{operation_id}: answered {status}"))
