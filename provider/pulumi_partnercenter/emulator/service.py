"""The words that a service is written in: what it is told, what it answers, which operations it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from . import binding
from .binding import Schema
from .blobs import Blobs
from .state import Document, Store

__all__ = ["Answer", "Call", "Evidence", "Operation", "Pace", "Service"]

Pace: TypeAlias = Literal["instant", "real"]
Evidence: TypeAlias = Literal["recorded", "documented", "inferred"]


@dataclass(frozen=True)
class Call:
    """One request, parsed. `path` holds the path's parameters, `query` the options by their documented names.

    `origin` is scheme and host that it was sent to: addresses in answers begin with it. `strict` refuses members that
    the service would ignore.
    """

    store: Store
    pace: Pace
    path: Mapping[str, str]
    query: Mapping[str, str]
    if_match: str | None
    body: Any
    blobs: Blobs
    origin: str
    strict: bool

    def bind(self, schema: Mapping[str, Schema], stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The members of its body that the type stores; see `binding.bind`."""
        return binding.bind(schema, self.body, stored, strict=self.strict)


@dataclass(frozen=True)
class Answer:
    """What to send back. `location` is a path below the service's base; `body` None sends none."""

    status: int
    body: Any = None
    etag: str = ""
    location: str = ""


@dataclass(frozen=True)
class Operation:
    """A method and a path template, the query options that it takes, and the function that does it.

    `number` is that of the table in section 4 of the reference; `evidence` says how the operation is known.
    """

    number: int
    evidence: Evidence
    method: str
    path: str
    work: Callable[[Call], Answer]
    query: Sequence[str] = ()


@dataclass(frozen=True)
class Service:
    """One emulated API.

    `collections` names, for each kind of document, the collection that the control plane shows it in.
    `locate` finds the document that a path below the base addresses, for changes made by the portal.
    """

    name: str
    base: str
    audience: str
    operations: Sequence[Operation]
    collections: Mapping[str, str]
    locate: Callable[[Store, str], Document | None]
