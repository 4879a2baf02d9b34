"""HTML of a listing: templates of Jinja with autoescape, descriptions sanitised by nh3."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import nh3

from ...errors import InputError
from ...values import Unknown
from .listing import Listing
from .program import Withheld

__all__ = ["render_page", "write_page"]

TEMPLATE = "page.html.jinja"
KNOWN_AFTER_APPLY = "known after apply"
DESCRIPTION_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "ul",
    ]
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LINK_SCHEMES = {"https", "mailto"}
TRIAL_UNITS = {"Minute": "minute", "Days": "day", "Months": "month"}
PERIODS = {"once": "once", "use": "per use"}
MOST_MARKETS = 12
"""Maximum number of markets in a table; a longer list is collapsed."""


def render_page(listing: Listing, moment: datetime) -> str:
    """Return the HTML of the page. `moment` is the time of writing."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_displayed,
    )
    environment.filters |= {
        "description": _sanitised,
        "enumeration": _enumeration,
        "mail_address": _mail_address,
        "period": _period,
        "text": _text,
        "trial": _trial,
    }
    environment.tests |= {"followable": _may_follow, "unknown": lambda value: isinstance(value, Unknown)}
    template = environment.get_template(TEMPLATE)
    written = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return template.render(listing=listing, written=written, most_markets=MOST_MARKETS)


def write_page(html: str, path: Path) -> None:
    """Write a temporary file beside the page, then rename it. Raises InputError, and leaves no file behind then."""
    target = path.resolve()
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        if target.exists() and not target.is_file():
            raise InputError(f"page {str(path)!r}: it exists, and is no file", next="name another file")
        try:
            with unfinished.open("xb") as stream:
                stream.write(html.encode(errors="replace"))
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"page {str(path)!r}: it cannot be written ({error.strerror})",
            next="name a file in a folder that exists and that you may write",
        ) from None


def _displayed(value: Any) -> Any:
    """Return the text for the result of a template's expression."""
    if isinstance(value, Unknown):
        return "(secret)" if isinstance(value, Withheld) else KNOWN_AFTER_APPLY
    return value


def _enumeration(values: Sequence[Any]) -> str:
    """Return `US, CA`."""
    return ", ".join(str(_displayed(value)) for value in values)


def _text(value: Any) -> Any:
    """Return a value of a program or service as text: whole numbers without `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sanitised(value: Any, level: int) -> Any:
    """Return formatted text without scripts, styles and pictures; its headings begin at this level."""
    return nh3.clean(
        _encodable(value),
        tags=set(DESCRIPTION_TAGS),
        attributes={"a": {"href", "title"}},
        set_tag_attribute_values={key: {"aria-level": str(level)} for key in HEADINGS},
        url_schemes=set(LINK_SCHEMES),
        attribute_filter=_filter_attribute,
        link_rel="noopener nofollow",
    )


def _filter_attribute(_: str, name: str, value: str) -> str | None:
    """Return the value of a description's attribute; None drops an address that a link must not have."""
    return value if name != "href" or _may_follow(value) else None


def _may_follow(address: Any) -> bool:
    """Return whether an address has a scheme that a link may have."""
    return isinstance(address, str) and address.partition(":")[0].casefold() in LINK_SCHEMES


def _mail_address(value: str) -> str:
    return f"mailto:{quote(_encodable(value), safe='@')}"


def _encodable(text: str) -> str:
    """Return the text with a question mark for each lone surrogate."""
    return text.encode(errors="replace").decode()


def _period(price: Mapping[str, Any]) -> Any:
    """Return `per month`, `every 3 years` or `once`."""
    per, every = price["per"], _text(price["every"])
    if isinstance(per, Unknown) or isinstance(every, Unknown):
        return KNOWN_AFTER_APPLY
    if per in PERIODS:
        return PERIODS[per]
    return f"per {per}" if every == 1 else f"every {every} {per}s"


def _trial(trial: Mapping[str, Any]) -> str:
    """Return `free for 3 months`."""
    kind, duration, unit = trial["type"], _text(trial["duration"]), trial["unit"]
    if any(isinstance(value, Unknown) for value in (kind, duration, unit)):
        return KNOWN_AFTER_APPLY
    if kind == "NoTrial":
        return "none"
    if not duration:
        return "free without an end" if kind == "Unlimited" else str(kind)
    noun = TRIAL_UNITS.get(unit, unit)
    usage = " of use" if kind == "TimedUsage" else ""
    return f"free for {duration} {noun}{'' if duration == 1 else 's'}{usage}"
