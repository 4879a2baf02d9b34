"""`partnercenter portal migrate`: an offer that has moved to Partner Center, as a program of the submission API."""

from __future__ import annotations

from pathlib import Path

import click

from ..connection import Connection, as_json, echo_json, offer_argument
from ..export import build_document, force_option, output_option, print_document
from ..printing import printable, progress

__all__ = ["migrate"]


@click.command()
@offer_argument
@output_option
@force_option
@as_json
@click.pass_obj
def migrate(
    connection: Connection, *, offer_id: str, folder: Path | None, force: bool, as_json: bool
) -> None:
    """Write a program of the submission API for an offer that has moved to Partner Center.

    OFFER_ID may be PUBLISHER/OFFER_ID. `pulumi up` of the program in a new stack takes over what the submission API
    has: listing, properties, audience, plans and their listings. Nothing is written to the service, and nothing is
    published: the program has no Submission.

    What has no counterpart is listed with the reason, and stays as it is: prices and images of virtual machines above
    all, which a portal.Offer goes on to manage. Exit code 0, also if something has no counterpart; 1 for an offer that
    does not exist or has not moved.

    \b
      partnercenter portal migrate contoso-gateway --output gateway
    """  # noqa: D301 - click reads the character
    from ...api.submission.system import SUBMISSION
    from ...directory.portal_offers import PortalOffers
    from ...directory.submission_offers import SubmissionOffers
    from ...export.names import kebab
    from ...export.output_directory import staging_directory
    from ...export.portal_migration import MigrationExporter, find_migrated, list_without_counterpart
    from ...export.project import export_project

    target, settings = folder or Path(offer_id.rpartition("/")[2]), connection.settings()
    with (
        staging_directory(target, force=force) as staging,
        PortalOffers.open(settings) as portal,
        SubmissionOffers.open(settings) as products,
        progress("reading") as show_progress,
    ):
        offer, product = find_migrated(portal, products, offer_id)
        report = export_project(
            [product], staging, kebab(offer.offer_id), show_progress, {SUBMISSION.name: MigrationExporter}
        )
        reasons = list_without_counterpart(portal, offer, report.resources)
    document = build_document(report, target) | {"withoutCounterpart": reasons}
    if as_json:
        echo_json(document)
        return
    print_document(document)
    click.echo("\nWithout a counterpart; these stay as they are:")
    for place, reason in reasons.items():
        click.echo(printable(f"  {place}: {reason}"))
