"""`partnercenter saas usage import`: report the usage of a file to the SaaS service."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ...errors import AuthError, ContractError, InputError, PartnerCenterError, Unavailable
from ...settings import read_usage_key
from ..connection import as_json, echo_json
from ..printing import Cell, build_table, print_renderable, progress, styled
from .usage_files import read_report_file

if TYPE_CHECKING:
    import httpx

__all__ = ["import_usage"]

REPORTS_AT_ONCE = 500
SILENCE_SECONDS, TIMEOUT_SECONDS = 30.0, 60.0
COLUMNS = ("LINE", "OUTCOME", "ID", "PROBLEM")
ACCEPTED = ("accepted", "repeated")


@click.command("import")
@click.argument("file", metavar="FILE", type=click.File(encoding="utf-8-sig"))
@click.option("--service", metavar="URL", required=True, help="Address of the SaaS service.")
@as_json
def import_usage(file: IO[str], service: str, as_json: bool) -> None:
    """Report the usage of a file to the SaaS service, which sums it by the hour and sends it.

    FILE is CSV with a header, or JSON lines; - is standard input. A report has id, subscription_id, dimension, quantity
    and used_at. The id makes it unique: importing a file again changes nothing. PARTNERCENTER_SAAS_USAGE_KEY is one of
    the service's usage keys. Exit code 1 unless every report was accepted, now or before.

    \b
    Example:
      partnercenter saas usage import usage.csv --service https://saas.example.com
    """  # noqa: D301 - click's mark for lines that are not joined
    address = _check_address(service)
    key = read_usage_key()
    lines, reports = zip(*read_report_file(file), strict=True)
    results, error = _send(address, key, reports)
    counts = Counter(result["outcome"] for result in results)
    if as_json:
        documents = [{"line": line, **result} for line, result in zip(lines, results, strict=False)]
        echo_json({"counts": counts, "results": documents})
    else:
        _print(lines, results)
    if error is not None:
        if results:
            click.echo(
                f"{len(results)} of {len(reports)} reports were sent; repeating them is safe", err=True
            )
        raise error
    if set(counts) - set(ACCEPTED):
        raise click.exceptions.Exit(1)


def _check_address(text: str) -> str:
    """Return the address of the usage API. Raises InputError."""
    try:
        url = urlsplit(text)
        is_local = url.hostname in ("127.0.0.1", "localhost", "::1")
        is_valid = bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and is_local))
    except ValueError:
        is_valid = False
    if not is_valid:
        raise InputError(
            f"--service is no https address: {text!r}", next="give the one that customers use, without a path"
        )
    return f"{text.rstrip('/')}/usage"


def _send(
    address: str, key: str, reports: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], PartnerCenterError | None]:
    """Send reports until a request fails. Return the results so far, and the error of that request."""
    import httpx

    results: list[dict[str, Any]] = []
    headers = {"Authorization": f"Bearer {key}"}
    with (
        progress("usage: sending") as show_progress,
        httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS) as client,
    ):
        for start in range(0, len(reports), REPORTS_AT_ONCE):
            batch = reports[start : start + REPORTS_AT_ONCE]
            try:
                results += _post(client, address, batch)
            except PartnerCenterError as error:
                return results, error
            show_progress(f"usage: {len(results)} of {len(reports)}")
    return results, None


def _post(client: httpx.Client, address: str, batch: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Send a list of reports, again where that may help, and return its results. Raises PartnerCenterError."""
    import httpx

    from ...api.http.retry import RetryPolicy, TransientResponse

    def send() -> httpx.Response:
        answer = client.post(address, params={"source": "file"}, json=batch)
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise TransientResponse(answer)
        return answer

    retry = RetryPolicy(
        lambda error: isinstance(error, TransientResponse | httpx.TransportError),
        sleep=time.sleep,
        silence_seconds=SILENCE_SECONDS,
    )
    doing = f"usage: report to {address}"
    try:
        answer = retry(send)
    except TransientResponse as error:
        raise Unavailable(doing, said=error.response.text, status=error.response.status_code) from error
    except httpx.TransportError as error:
        next = "check the address and that the service runs; repeating the import is safe"
        raise Unavailable(doing, said=str(error), next=next) from error
    if answer.status_code == 401:
        next = "set PARTNERCENTER_SAAS_USAGE_KEY to one of the service's PARTNERCENTER_SAAS_USAGE_KEYS"
        raise AuthError(doing, said=answer.text, next=next, status=401)
    try:
        results: list[dict[str, Any]] = answer.json()["results"]
        if len(results) == len(batch) and all(isinstance(result["outcome"], str) for result in results):
            return results
    except (ValueError, KeyError, TypeError):
        pass
    raise ContractError(
        f"{doing}: {answer.status_code} is no answer of the usage API",
        said=answer.text[:400],
        next="check the address: it is the service's, without a path",
    )


def _print(lines: Sequence[int], results: Sequence[Mapping[str, Any]]) -> None:
    """Print the reports that were not accepted, and the number of each outcome."""
    rows: list[list[Cell]] = [
        [str(line), styled(result["outcome"], "red"), str(result.get("id")), str(result.get("message"))]
        for line, result in zip(lines, results, strict=False)
        if result["outcome"] not in ACCEPTED
    ]
    if rows:
        print_renderable(build_table(COLUMNS, rows))
    counts = Counter(result["outcome"] for result in results)
    listed = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    moved = sum(bool(result.get("is_moved")) for result in results)
    later = f"; {moved} charged in a later hour" if moved else ""
    click.echo(f"{len(results)} reports: {listed or 'nothing was sent'}{later}")
