"""Offer documents: the raw JSON of an offer, and the comparison of two versions of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ...errors import ODD_ANSWER, ContractError

__all__ = ["OfferDocument", "Path", "changed_paths", "is_stored_form", "value_at", "writable_body"]

Path = tuple[str, ...]
"""Place of a value: names of members, and for an element of a list of plans its plan id."""

READ_ONLY_MEMBERS = frozenset(
    {
        "eTag",
        "version",
        "status",
        "changedTime",
        "pcMigrationStatus",
        "pcRedirectUri",
        "isvUpgradeRequest",
        "lockStatus",
        "offerTypeChanges",
        "pricingNotRecalculatedRegions",
        "offerTypeVersionsOverride",
    }
)
"""Members of the envelope that only the service sets."""
UNWRITABLE_MEMBERS = frozenset(
    {"microsoft-azure-corevm.legacyOfferId", "microsoft-azure-corevm.legacyPublisherId"}
)
"""Members of an offer that the service returns and refuses in a request."""


@dataclass(frozen=True)
class OfferDocument:
    """An offer as the service returned it, with every member. `repr` shows no member: a document may hold secrets."""

    body: dict[str, Any] = field(repr=False)
    etag: str = ""
    """Verbatim; "" if the service gave none."""

    @classmethod
    def from_json(
        cls, answer: Any, etag: str, action: str, *, publisher: str = "", offer_id: str = ""
    ) -> Self:
        """Check a response; `publisher` and `offer_id` are the requested ones, or empty.

        Raises ContractError if it lacks what identifies an offer, or has another offer.
        """
        if not isinstance(answer, dict):
            raise ContractError(f"{action}: the answer is no offer", next=ODD_ANSWER)
        for name in ("publisherId", "id", "offerTypeId"):
            if not isinstance(answer.get(name), str) or not answer[name].strip():
                raise ContractError(f"{action}: the answer lacks {name}, which is required", next=ODD_ANSWER)
        if not isinstance(answer.get("definition", {}), dict):
            raise ContractError(f"{action}: the answer's definition is no object", next=ODD_ANSWER)
        for name, asked in (("publisherId", publisher), ("id", offer_id)):
            if asked and answer[name].casefold() != asked.casefold():
                raise ContractError(
                    f"{action}: the answer is about another offer, with {name} {answer[name]}",
                    next=ODD_ANSWER,
                )
        return cls(answer, _checked_etag(etag, action))

    @property
    def publisher(self) -> str:
        return str(self.body["publisherId"])

    @property
    def offer_id(self) -> str:
        return str(self.body["id"])

    @property
    def offer_type(self) -> str:
        return str(self.body.get("offerTypeId") or "")

    @property
    def version(self) -> int:
        """Number of the version; 0 before the first publication."""
        version = self.body.get("version")
        return version if isinstance(version, int) else 0

    @property
    def status(self) -> str:
        """Status of publishing as the service spells it, such as `neverPublished` or `succeeded`."""
        return str(self.body.get("status") or "")

    @property
    def is_migrated(self) -> bool:
        """Whether the offer has moved to Partner Center."""
        return str(self.body.get("pcMigrationStatus") or "").casefold() == "migrated"

    @property
    def changed_time(self) -> str:
        """Time of the last change, as the service spells it; "" if unknown."""
        return str(self.body.get("changedTime") or "")

    @property
    def definition(self) -> dict[str, Any]:
        definition: dict[str, Any] = self.body.get("definition") or {}
        return definition


def _checked_etag(etag: str, action: str) -> str:
    if not etag.isascii() or not etag.isprintable():
        raise ContractError(f"{action}: the answer's etag is no header", next=ODD_ANSWER)
    return etag


def writable_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request: without members that only the service sets or that it refuses."""
    writable = {name: value for name, value in body.items() if name not in READ_ONLY_MEMBERS}
    definition = writable.get("definition")
    offer = definition.get("offer") if isinstance(definition, dict) else None
    if isinstance(definition, dict) and isinstance(offer, dict) and UNWRITABLE_MEMBERS & offer.keys():
        kept = {name: value for name, value in offer.items() if name not in UNWRITABLE_MEMBERS}
        writable["definition"] = {**definition, "offer": kept}
    return writable


def changed_paths(left: Any, right: Any) -> set[Path]:
    """Return the smallest places in which two documents differ.

    Plans are compared by plan id, other lists as a whole. Absent, null and empty are equal.
    """
    return set(_changed(left, right, ()))


def _changed(left: Any, right: Any, path: Path) -> Iterator[Path]:
    left, right = _by_plan(left), _by_plan(right)
    if isinstance(left, dict) and isinstance(right, dict):
        for name in left.keys() | right.keys():
            yield from _changed(left.get(name), right.get(name), (*path, name))
    elif (left in _EMPTY) != (right in _EMPTY) or (left not in _EMPTY and left != right):
        yield path


_EMPTY: tuple[Any, ...] = (None, "", [], {})


def value_at(document: Any, path: Path) -> Any:
    """Return the value at a place; None if there is none."""
    for name in path:
        document = _by_plan(document)
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def is_stored_form(sent: Any, stored: Any) -> bool:
    """Whether the service stored what was sent: with its own copies of files, and with further members."""
    sent, stored = _by_plan(sent), _by_plan(stored)
    if isinstance(sent, dict) and isinstance(stored, dict):
        return all(is_stored_form(value, stored.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(stored, list):
        return len(sent) == len(stored) and all(map(is_stored_form, sent, stored))
    if _is_address(sent) and _is_address(stored):
        return True  # the service replaces the address of a file by that of its copy
    return bool(sent == stored or (sent in _EMPTY and stored in _EMPTY))


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


def _by_plan(value: Any) -> Any:
    """Return a list of plans as an object by plan id; any other value unchanged."""
    if not isinstance(value, list) or not value:
        return value
    ids = [str(plan.get("planId") or "") if isinstance(plan, dict) else "" for plan in value]
    return dict(zip(ids, value, strict=True)) if all(ids) and len(set(ids)) == len(ids) else value
