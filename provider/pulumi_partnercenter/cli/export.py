"""`partnercenter export`: existing offers as a program that adopts them without a write."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import NotFound
from .connection import Connection, as_json, complete_offer_id, echo_json
from .printing import build_table, print_renderable, printable, progress

if TYPE_CHECKING:
    from ..export.project import ExportReport

__all__ = ["build_document", "export", "force_option", "output_option", "print_document"]

SEVERAL = "offers"
"""Default folder and project name of several offers."""


output_option = click.option(
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the program (default: OFFER_ID), empty or new.",
)
force_option = click.option(
    "--force", is_flag=True, help="Overwrite files of the same names. Pulumi.yaml stays."
)


@click.command()
@click.argument("offer_ids", metavar="OFFER_ID...", nargs=-1, shell_complete=complete_offer_id)
@click.option("--all", "all_offers", is_flag=True, help="Every offer of the account, in every service.")
@output_option
@force_option
@as_json
@click.pass_obj
def export(
    connection: Connection,
    *,
    offer_ids: tuple[str, ...],
    all_offers: bool,
    folder: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a Pulumi program for offers that exist.

    `pulumi up` of it in a new stack takes everything over and writes nothing to Partner Center; `pulumi preview`
    after it shows no change. The same offer gives the same files each time.

    An offer of the Cloud Partner Portal API is named by its offer id, or by PUBLISHER/OFFER_ID where another publisher
    or an offer of the submission API has the same.

    \b
      partnercenter export contoso-archive
      cd contoso-archive && pulumi stack init dev && pulumi up
    """  # noqa: D301 - click reads the character
    if bool(offer_ids) == all_offers:
        raise click.UsageError("Name the offers, or use --all.")
    from ..directory.search import open_directory
    from ..export.names import kebab
    from ..export.output_directory import staging_directory
    from ..export.project import export_project

    ids = list(dict.fromkeys(offer_ids))
    project = ids[0].rpartition("/")[2] if len(ids) == 1 else SEVERAL
    target = folder or Path(project)
    with (
        staging_directory(target, force=force) as staging,
        open_directory(connection.settings()) as directory,
        progress("reading") as show_progress,
    ):
        known_offers = directory.find_all(ids) if ids else directory.all()
        left_out = [f"offers of the {name}: {reason}" for name, reason in directory.left_out.items()]
        offers = [offer for offer in known_offers if ids or not offer.is_shared]
        left_out += [
            f"{offer.label}: another service has its plans, and does not list it"
            for offer in known_offers
            if offer not in offers
        ]
        if not offers:
            raise NotFound("export: the account has no offer", next="; ".join(left_out), status=404)
        report = export_project(offers, staging, kebab(project), show_progress)
        report.left_out += left_out
    document = build_document(report, target)
    if as_json:
        echo_json(document)
    else:
        print_document(document)


def build_document(report: ExportReport, folder: Path) -> dict[str, Any]:
    """Return the document for `--json`, with the content of the text output."""
    from ..export.import_file import IMPORT_COMMAND

    change_folder = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    return {
        "folder": str(folder),
        "offers": report.offers,
        "resources": dict(sorted(report.resources.items())),
        "leftOut": report.left_out,
        "refused": report.refused,
        "secrets": report.secrets,
        "plainSecrets": report.exposed_secrets,
        "next": [f"{change_folder}pulumi stack init dev", "pulumi up"],
        "import": IMPORT_COMMAND,
    }


def print_document(document: dict[str, Any]) -> None:
    numbers = [[name, str(number)] for name, number in document["resources"].items()]
    secrets = [
        f"pulumi config set --secret {key}   # {purpose}" for key, purpose in document["secrets"].items()
    ]
    sections = {
        "Left out": document["leftOut"],
        "`pulumi preview` will refuse": document["refused"],
        "Secrets that are in the program, because the service returns them": document["plainSecrets"],
        "Secrets that the service does not return; unset, it keeps the ones that it has": secrets,
        "Next": document["next"],
    }
    click.echo(printable(f"Written to {document['folder']}: {', '.join(document['offers'])}"))
    print_renderable(build_table(("Resource", "Number"), numbers))
    for title, lines in sections.items():
        if lines:
            click.echo(f"\n{title}:")
            for line in lines:
                click.echo(printable(f"  {line}"))
