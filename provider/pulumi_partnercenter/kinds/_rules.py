"""Rules and types of arguments that several resources share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from annotated_types import Ge

from ..errors import ApiError
from ..markers import Accepts, Implied, ListRule, Local, Meaning
from ..values import iterate_texts
from ._vocabularies import LANGUAGES

__all__ = [
    "DEFAULT_LANGUAGE",
    "MARKETS",
    "ContactEmail",
    "Email",
    "Guid",
    "ImpliedOfferType",
    "Language",
    "Market",
    "Markets",
    "Moment",
    "Money",
    "OfferReference",
    "OptionalEmail",
    "OptionalGuid",
    "OptionalPlanReference",
    "PackageReference",
    "PlanReference",
    "PublicAddress",
    "Text",
    "WebAddress",
    "Word",
    "advising",
    "as_set",
    "guid",
    "named_or_guid",
    "new_offer_id_problem",
    "new_plan_id_problem",
    "offer_id",
    "once_by",
    "plan_id",
    "trimmed",
    "unguarded_remarks",
]

MARKETS = frozenset(
    (  # noqa: SIM905 - a line a market would hide the rest
        "AD AE AF AL AM AO AR AT AU AZ BA BB BD BE BG BH BM BN BO BR BW BY BZ CA CH CI CL CM CO CR CV CW CY CZ DE DK"
        " DO DZ EC EE EG ES ET FI FJ FO FR GB GE GH GR GT HK HN HR HU ID IE IL IN IQ IS IT JM JO JP KE KG KN KR KW KY"
        " KZ LB LI LK LT LU LV LY MA MC MD ME MK MN MO MT MU MX MY NA NG NI NL NO NP NZ OM PA PE PH PK PL PR PS PT PY"
        " QA RO RS RU RW SA SE SG SI SK SN SV TH TJ TM TN TR TT TW TZ UA UG US UY UZ VA VE VI VN YE ZA ZM ZW"
    ).split()
)
"""The 141 markets of the service."""


DEFAULT_LANGUAGE = "en-us"
REFUSALS = frozenset({400, 405, 409})
"""Statuses by which the service may refuse a write to a locked object. Its documentation names none."""


@contextmanager
def advising(following: str) -> Iterator[None]:
    """Advise the user if the service refuses to change a locked object. Empty: no advice."""
    try:
        yield
    except ApiError as error:
        if error.status not in REFUSALS or not following:
            raise
        raise error.advise(following) from None


_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""Id of a product."""
_ID = r"(?!\.{1,2}(?:/|$))[^/\\?#%()\s]+"
"""An id that is safe as a segment of an address."""
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]+@[^@\s,;:<>()\[\]\"\\.]+(\.[^@\s,;:<>()\[\]\"\\.]+)+")
_MISPLACED = re.compile(r"^\.|\.\.|\.@|@-|-\.|\.-|-$")
"""Dots and hyphens in places where a mailbox or domain has none."""
LONGEST_EMAIL = 254
LONGEST_ID = 1000
"""Maximum length of an id that fits into an address."""


def _reference(form: str, what: str) -> Callable[[str], str]:
    """Return the rule of another resource's id. GUIDs in it become lower case."""

    def check(value: str) -> str:
        if not (re.fullmatch(form, value) and value.isprintable() and len(value) <= LONGEST_ID):
            raise ValueError(f"must be the id of {what}")
        return "/".join(map(named_or_guid, value.split("/")))

    return check


plan_reference = _reference(
    f"{_GUID}/(?:{_GUID}|testdrive)",
    "a plan, <product>/<variant>, two GUIDs, and not its plan_id: pass `.id` of a Plan",
)
"""Id of a plan: two GUIDs. Historic test drives have `testdrive` as the second."""


_NEW_OFFER_ID = "3 to 50 lowercase letters, digits, - and _, beginning with a letter or digit"
_NEW_PLAN_ID = "1 to 50 lowercase letters, digits, - and _, beginning with a letter or digit"


ImpliedOfferType = Annotated[str, Local, Implied]
"""Type of the offer, for resources that only some types have. Empty for an offer that the program does not declare."""


def offer_id(value: str) -> str:
    """Check the id of an offer. Existing ids may have capitals and dots."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{2,49}", value):
        raise ValueError(_NEW_OFFER_ID)
    return value


def plan_id(value: str) -> str:
    """Check the id of a plan. Existing ids may have capitals and dots."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", value):
        raise ValueError(_NEW_PLAN_ID)
    return value


def new_offer_id_problem(value: object) -> str:
    """Return the broken rule of a new offer's id; "" for a valid or unknown id."""
    return _NEW_OFFER_ID if isinstance(value, str) and not re.fullmatch(r"[a-z0-9_-]+", value) else ""


def new_plan_id_problem(value: object) -> str:
    return _NEW_PLAN_ID if isinstance(value, str) and not re.fullmatch(r"[a-z0-9_-]+", value) else ""


def guid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("must be a GUID such as 11111111-2222-4333-8444-555555555555") from None


def named_or_guid(value: str) -> str:
    """Convert a GUID to lower case; keep a name, such as `Owner`."""
    try:
        return guid(value)
    except ValueError:
        return value


def _require_email(value: str) -> str:
    """Require a single mailbox without a display name (RFC 5321, 4.1.2). Quoted mailboxes are refused."""
    is_email = _EMAIL.fullmatch(value) and value.isprintable() and len(value) <= LONGEST_EMAIL
    if value and (not is_email or _MISPLACED.search(value)):
        raise ValueError("must be one e-mail address such as support@contoso.example.com")
    return value


def _email(value: str) -> str:
    return _require_email(value or "@").lower()


def _language(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("must be a language code such as en-us")
    return value.lower()


def _market(value: str) -> str:
    if value.upper() not in MARKETS:
        raise ValueError("is not a market: two letters, one of the service's 141 (US, CA, DE …)")
    return value.upper()


def _web_address(value: str) -> str:
    return _require_address(value, "https")


def _public_address(value: str) -> str:
    return _require_address(value, "https", "http")


def _require_address(value: str, *schemes: str) -> str:
    """Require an absolute address with a host, or an empty string."""
    if value and not (value.isprintable() and " " not in value and _is_address(value, schemes)):
        raise ValueError("must be an address that begins with https:// and a host, without blanks")
    return value


def _is_address(value: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # e.g. an open bracket, or a port out of range
        return False
    return is_whole and value.startswith(tuple(f"{scheme}://" for scheme in schemes))


def unguarded_remarks(subject: str, was: object, desired: object) -> list[str]:
    """Return remarks about new `http://` addresses in desired arguments, at any depth."""
    before = set(iterate_texts(was))
    new = sorted({text for text in iterate_texts(desired) if text.startswith("http://")} - before)
    return [f"{subject}: {address} is not protected: customers' browsers warn of http://" for address in new]


def _moment(value: str) -> str:
    if not value:
        return value
    try:
        moment = datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ValueError("must be a time such as 2026-12-01T00:00:00Z") from None


def _require_plain_number(value: object) -> object:
    """Refuse blanks around digits and `_` between them, which pydantic accepts."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", value):
        raise ValueError("must be an amount of money such as 49.90")
    return value


def _kept_by_the_service(value: Decimal) -> Decimal:
    """Refuse amounts that a double cannot hold: the service has doubles and would return another amount."""
    if not value.is_finite() or Decimal(str(float(value))) != value:
        raise ValueError("must be an amount of money of at most 15 digits")
    return value + 0  # turns a negative zero into zero


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def once_by(member: str) -> ListRule:
    """Return the rule of a list whose elements must differ in this member."""

    def judge(elements: Sequence[Any]) -> Iterator[str]:
        first: dict[str, int] = {}
        for number, element in enumerate(elements):
            value = getattr(element, member, None)
            if value is not None and first.setdefault(value, number) != number:
                yield f"[{number}].{member}: {value!r} is there twice, in [{first[value]}] as well"

    return ListRule(judge)


def _as_set(values: list[str]) -> list[str]:
    return sorted(set(values))


as_set = Meaning(_as_set)
"""For a list of strings in which order and repetition have no meaning."""


def _trimmed(value: object) -> object:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _require_word(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("must be a word of the service, without blanks around it")
    return value


trimmed = Meaning(accept=_trimmed)
"""For texts for people: surrounding white space and the kind of line ends are ignored."""
Text = Annotated[str, trimmed]
Word = Annotated[str, Meaning(_require_word)]
"""A value of an undocumented vocabulary: any string without surrounding blanks."""
OfferReference = Annotated[
    str,
    Meaning(
        _reference(
            _GUID,
            "an offer, a GUID, and not its offer_id: pass `.id` of an Offer, or what its address in Partner Center has",
        )
    ),
]
OptionalPlanReference = Annotated[str, Meaning(lambda value: value and plan_reference(value))]
PackageReference = Annotated[
    str, Meaning(_reference(f"{_GUID}/{_ID}", "a package, <product>/<package>: pass `.id` of a Package"))
]
PlanReference = Annotated[str, Meaning(plan_reference)]
Guid = Annotated[str, Meaning(guid)]
"""A GUID in lower case, as the service requires."""
OptionalGuid = Annotated[str, Meaning(lambda value: value and guid(value))]
Email = Annotated[str, Meaning(_email)]
"""A mail address in lower case, because mail addresses compare without case."""
OptionalEmail = Annotated[str, Meaning(lambda value: value and _email(value))]
ContactEmail = Annotated[str, trimmed, Meaning(_require_email)]
"""A mail address in its own spelling, or empty."""
Language = Annotated[str, Meaning(_language), LANGUAGES]
"""A language code in lower case; the service compares without case."""
WebAddress = Annotated[str, Meaning(_web_address)]
PublicAddress = Annotated[str, Meaning(_public_address)]
"""An address for people; existing ones may begin with `http://`."""
Moment = Annotated[str, Meaning(_moment)]
"""A time in UTC; a time without a zone is in UTC. Empty: none."""
Money = Annotated[Decimal, Ge(0), Meaning(_kept_by_the_service, accept=_require_plain_number, dump=_plain)]
"""An exact amount; `1.0` equals `1.00`. State holds a string, so that no digit is lost."""
Market = Annotated[str, Meaning(_market)]


def _every_market(value: object) -> object:
    return sorted(MARKETS) if isinstance(value, str) and value.lower() == "all" else value


def _short_markets(codes: list[str]) -> list[str] | str:
    return "all" if set(codes) == MARKETS else codes


Markets = Annotated[list[Market], Meaning(_as_set, accept=_every_market, dump=_short_markets), Accepts("str")]
"""A set of market codes, in upper case; `"all"` for every market."""
