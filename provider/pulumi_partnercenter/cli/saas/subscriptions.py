"""`partnercenter saas subscriptions`: list, show, activate, change and cancel subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...errors import InputError, Invalid, JobTimeout, Rejected
from ..confirmation import confirm, yes_option
from ..connection import Connection, as_json, echo_json
from ..printing import Cell, build_table, print_renderable, printable, progress
from .tables import (
    OPERATION_COLUMNS,
    describe_error,
    describe_subscription,
    format_customer,
    format_day,
    format_seats,
    operation_row,
    style_status,
    subscription_facts,
)

if TYPE_CHECKING:
    from ...fulfillment import AvailablePlan, FulfillmentClient, Operation, Subscription

__all__ = ["STATUSES", "print_subscription", "subscription_argument", "subscriptions"]

STATUSES = ("NotStarted", "PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed")
COLUMNS = ("ID", "STATUS", "OFFER", "PLAN", "SEATS", "TERM ENDS", "CUSTOMER", "NAME")
PLAN_COLUMNS = ("PLAN", "SEATS", "PRICES", "METERS", "NAME")
ACTIVE = "Subscribed"
CANCELLED = "Unsubscribed"
F = TypeVar("F", bound=Callable[..., Any])

subscription_argument = click.argument("subscription_id", metavar="ID")


def wait_options(command: F) -> F:
    """Add the options of a command that begins an operation."""
    command = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=300,
        show_default=True,
        metavar="SECONDS",
        help="Longest wait; the operation goes on after it.",
    )(command)
    return click.option(
        "--wait/--no-wait",
        default=True,
        show_default=True,
        help="Wait for the end of the operation, or print its id.",
    )(command)


@click.group()
def subscriptions() -> None:
    """List, show, activate, change and cancel subscriptions of customers."""


@subscriptions.command("list")
@click.option("--offer", "offer_id", metavar="OFFER_ID", default="", help="Only of this offer.")
@click.option(
    "--status",
    type=click.Choice(STATUSES, case_sensitive=False),
    default=None,
    help="Only in this status.",
)
@as_json
@click.pass_obj
def list_subscriptions(connection: Connection, offer_id: str, status: str | None, as_json: bool) -> None:
    """List all subscriptions to all offers, including cancelled ones.

    The service has no filters: the command reads the whole list and applies the options to it.

    \b
    Examples:
      partnercenter saas subscriptions list --status PendingFulfillmentStart
      partnercenter saas subscriptions list --json | jq -r '.subscriptions[].id'
    """  # noqa: D301 - click's mark for lines that are not joined
    chosen: list[Subscription] = []
    with connection.fulfillment() as client, progress("subscriptions: asking") as show_progress:
        for number, subscription in enumerate(client.list_subscriptions(), 1):
            show_progress(f"subscriptions: {number}")
            if offer_id in ("", subscription.offer_id) and status in (None, subscription.status):
                chosen.append(subscription)
    if as_json:
        echo_json({"subscriptions": [subscription.model_dump(mode="json") for subscription in chosen]})
        return
    rows = [
        [
            subscription.id,
            style_status(subscription.status),
            subscription.offer_id,
            subscription.plan_id,
            format_seats(subscription.quantity),
            format_day(subscription.term.end),
            format_customer(subscription.beneficiary),
            subscription.name,
        ]
        for subscription in chosen
    ]
    print_renderable(build_table(COLUMNS, rows))


@subscriptions.command()
@subscription_argument
@as_json
@click.pass_obj
def show(connection: Connection, subscription_id: str, as_json: bool) -> None:
    """Show a subscription, and its operations that wait for the publisher."""
    with connection.fulfillment() as client, progress(f"subscription {subscription_id}: asking"):
        subscription = client.get_subscription(subscription_id)
        operations = client.list_operations(subscription_id)
    if as_json:
        document = {
            **subscription.model_dump(mode="json"),
            "operations": [operation.model_dump(mode="json") for operation in operations],
        }
        echo_json(document)
        return
    print_subscription(subscription)
    if operations:
        click.echo("\nOperations that wait for an answer:")
        print_renderable(
            build_table(OPERATION_COLUMNS, [operation_row(operation) for operation in operations])
        )


@subscriptions.command()
@subscription_argument
@as_json
@click.pass_obj
def plans(connection: Connection, subscription_id: str, as_json: bool) -> None:
    """List the plans that a subscription may change to, and its current plan, with prices and meters."""
    with connection.fulfillment() as client, progress(f"subscription {subscription_id}: plans: asking"):
        available_plans = client.list_available_plans(subscription_id)
    if as_json:
        echo_json({"plans": [plan.model_dump(mode="json") for plan in available_plans]})
    else:
        print_renderable(build_table(PLAN_COLUMNS, [_plan_row(plan) for plan in available_plans]))


@subscriptions.command()
@subscription_argument
@click.option("--plan", "plan_id", metavar="PLAN_ID", help="Plan that was bought. Default: as bought.")
@click.option(
    "--quantity", type=click.IntRange(min=1), metavar="N", help="Seats that were bought. Default: as bought."
)
@yes_option
@as_json
@click.pass_obj
def activate(
    connection: Connection,
    *,
    subscription_id: str,
    plan_id: str | None,
    quantity: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Activate a purchase after its account is set up. Billing of the customer starts.

    An active subscription stays unchanged, with exit code 0.
    """
    with connection.fulfillment() as client:
        current = _read(client, subscription_id)
        if current.status != ACTIVE:
            _require_purchase(current, plan_id, quantity)
            confirm(describe_subscription(current), "Activate it, so that billing starts?", yes=yes)
            with progress(f"subscription {subscription_id}: activating"):
                client.activate(subscription_id, current.plan_id, current.quantity)
                activated = client.get_subscription(subscription_id)
    if as_json:
        echo_json((current if current.status == ACTIVE else activated).model_dump(mode="json"))
    elif current.status == ACTIVE:
        click.echo(printable(f"{subscription_id}: active already, nothing was sent"))
    else:
        click.echo(printable(f"{subscription_id}: activated, {activated.status}"))


def _require_purchase(subscription: Subscription, plan_id: str | None, quantity: int | None) -> None:
    """Raise InputError for a plan or a quantity that was not bought: the service does not compare the plan."""
    for name, given, bought in (
        ("plan", plan_id, subscription.plan_id),
        ("quantity", quantity, subscription.quantity),
    ):
        if given not in (None, bought):
            raise InputError(
                f"subscription {subscription.id}: activate: {name} {given} was not bought, but {bought}",
                next=f"leave out --{name}; the customer changes what was bought, or change it after the activation",
            )


@subscriptions.command("change-plan")
@subscription_argument
@click.option("--plan", "plan_id", metavar="PLAN_ID", required=True, help="The new plan.")
@wait_options
@yes_option
@as_json
@click.pass_obj
def change_plan(
    connection: Connection,
    *,
    subscription_id: str,
    plan_id: str,
    wait: bool,
    timeout: float,
    yes: bool,
    as_json: bool,
) -> None:
    """Change the plan of an active subscription. `plans` lists the available ones.

    Get the customer's agreement first. The service also calls the offer's webhook.
    """
    with connection.fulfillment() as client:
        current = _read(client, subscription_id)
        if current.plan_id == plan_id:
            operation = _describe_unneeded(current, "ChangePlan")
        else:
            confirm(describe_subscription(current), f"Change it to plan {plan_id}?", yes=yes)
            with _plan_hint(subscription_id):
                operation = client.change_plan(subscription_id, plan_id)
        _follow(client, operation, wait=wait, timeout=timeout, as_json=as_json)


@subscriptions.command("change-quantity")
@subscription_argument
@click.option(
    "--quantity", type=click.IntRange(min=1), metavar="N", required=True, help="The new number of seats."
)
@wait_options
@yes_option
@as_json
@click.pass_obj
def change_quantity(
    connection: Connection,
    *,
    subscription_id: str,
    quantity: int,
    wait: bool,
    timeout: float,
    yes: bool,
    as_json: bool,
) -> None:
    """Change the seats of an active subscription, within the bounds of its plan.

    Get the customer's agreement first. The service also calls the offer's webhook.
    """
    with connection.fulfillment() as client:
        current = _read(client, subscription_id)
        if current.quantity == quantity:
            operation = _describe_unneeded(current, "ChangeQuantity")
        else:
            confirm(describe_subscription(current), f"Change it to {quantity} seats?", yes=yes)
            with _plan_hint(subscription_id):
                operation = client.change_quantity(subscription_id, quantity)
        _follow(client, operation, wait=wait, timeout=timeout, as_json=as_json)


@subscriptions.command()
@subscription_argument
@wait_options
@yes_option
@as_json
@click.pass_obj
def cancel(
    connection: Connection, *, subscription_id: str, wait: bool, timeout: float, yes: bool, as_json: bool
) -> None:
    """Cancel a subscription. This cannot be undone: the customer would have to buy again.

    A cancelled subscription stays unchanged, with exit code 0.
    """
    with connection.fulfillment() as client:
        current = _read(client, subscription_id)
        if current.status != CANCELLED:
            confirm(describe_subscription(current), "Cancel it? This cannot be undone.", yes=yes)
        operation = client.cancel(subscription_id)
        _follow(client, operation, wait=wait, timeout=timeout, as_json=as_json)


def _read(client: FulfillmentClient, subscription_id: str) -> Subscription:
    with progress(f"subscription {subscription_id}: asking"):
        return client.get_subscription(subscription_id)


def _describe_unneeded(current: Subscription, action: str) -> Operation:
    """Build the operation of a change that needs no request: without an id, succeeded."""
    from ...fulfillment import Operation, OperationStatus

    return Operation(
        subscription_id=current.id,
        offer_id=current.offer_id,
        plan_id=current.plan_id,
        quantity=current.quantity,
        action=action,
        status=OperationStatus.SUCCEEDED,
    )


@contextmanager
def _plan_hint(subscription_id: str) -> Iterator[None]:
    """Add the command that lists plans and seats to the error of a refused change."""
    try:
        yield
    except Invalid as error:
        hint = (
            f"plans, and the bounds of their seats: partnercenter saas subscriptions plans {subscription_id}"
        )
        raise error.advise(error.next or hint) from None


def _follow(
    client: FulfillmentClient, operation: Operation, *, wait: bool, timeout: float, as_json: bool
) -> None:
    """Print the end of an operation. Without `wait`, print its id.

    Raises: Rejected for an end other than success, JobTimeout.
    """
    if wait and operation.id:
        operation = _wait(client, operation, timeout)
        _require_success(operation)
    if as_json:
        echo_json(operation.model_dump(mode="json"))
    elif not operation.id:
        click.echo(printable(f"{operation.subscription_id}: done already, nothing was changed"))
    elif wait:
        click.echo(printable(f"{operation.subscription_id}: {operation.action} {operation.status}"))
    else:
        click.echo(printable(f"accepted as operation {operation.id}; its progress:"))
        click.echo(printable(f"  {_show_command(operation)}"))


def _wait(client: FulfillmentClient, operation: Operation, timeout: float) -> Operation:
    subject = f"subscription {operation.subscription_id}: operation {operation.id}"
    try:
        with progress(f"{subject}: waiting"):
            return client.wait_operation(operation.subscription_id, operation.id, timeout_seconds=timeout)
    except JobTimeout as error:
        raise error.advise(f"it goes on: {_show_command(operation)}") from None
    except KeyboardInterrupt:
        click.echo(printable(f"the operation goes on: {_show_command(operation)}"), err=True)
        raise


def _require_success(operation: Operation) -> None:
    if operation.has_succeeded:
        return
    reason = describe_error(operation)
    doing = f"subscription {operation.subscription_id}: operation {operation.id}: {operation.status}"
    raise Rejected(doing, [reason] if reason else [])


def _show_command(operation: Operation) -> str:
    return f"partnercenter saas operations show {operation.subscription_id} {operation.id}"


def print_subscription(subscription: Subscription) -> None:
    """Print a subscription, and for a new purchase the command that activates it."""
    print_renderable(build_table(("", ""), subscription_facts(subscription)))
    if subscription.status == "PendingFulfillmentStart":
        command = f"partnercenter saas subscriptions activate {subscription.id} --plan {subscription.plan_id}"
        click.echo("\nIt waits for its activation:")
        click.echo(printable(f"  {command}"))


def _plan_row(plan: AvailablePlan) -> list[Cell]:
    bounds = (plan.min_quantity or 0, plan.max_quantity or 0)
    prices = [f"{term.price:g} {term.currency} {term.unit}".strip() for term in plan.billing_terms]
    meters = [
        f"{dimension.id} {dimension.price_per_unit:g} {dimension.currency}"
        for dimension in plan.metering_dimensions
    ]
    return [
        plan.plan_id,
        f"{bounds[0]} to {bounds[1]}" if any(bounds) else "",
        ", ".join(prices),
        ", ".join(meters),
        plan.display_name,
    ]
