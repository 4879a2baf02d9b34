"""The record that registers an emulated service, and the types of its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from starlette.routing import BaseRoute

from . import binding
from .applications import Caller
from .background import Background
from .binding import Schema
from .blobs import Blobs
from .entra import Entra
from .errors import ErrorShape
from .state import Document, Store
from .traffic import default_headers

__all__ = [
    "Answer",
    "Call",
    "ControlCall",
    "ControlRoute",
    "Decisions",
    "EmulatedService",
    "Evidence",
    "Operation",
    "Pace",
    "Portal",
]

Pace: TypeAlias = Literal["instant", "real"]
Evidence: TypeAlias = Literal["recorded", "documented", "inferred"]


@dataclass(frozen=True)
class Call:
    """A parsed request. `path` holds the path's parameters, `query` the options by their documented names.

    `origin` is scheme and host of the request: addresses in answers begin with it. `strict` refuses members that the
    service would ignore. `caller` is the application that its token was issued to.
    """

    store: Store
    pace: Pace
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    blobs: Blobs
    origin: str
    strict: bool
    caller: Caller

    @property
    def if_match(self) -> str | None:
        return self.headers.get("if-match")

    def bind(self, schema: Mapping[str, Schema], stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the members of the body that the schema has; see `binding.bind`."""
        return binding.bind(schema, self.body, stored, strict=self.strict)


@dataclass(frozen=True)
class Answer:
    """The answer to a call. `location` is a path below the service's base.

    `body` is rendered as JSON unless it is `PlainText`; None is an empty body. `headers` are further ones.
    """

    status: int
    body: Any = None
    etag: str = ""
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """A method and a path template below the base, its query options, and the function that answers.

    `evidence` is the source of the operation.
    """

    evidence: Evidence
    method: str
    path: str
    work: Callable[[Call], Answer]
    query: Sequence[str] = ()


@dataclass(frozen=True)
class Portal:
    """Changes that people make in the portal, behind the API.

    `find` returns the document that a path below the base addresses. `fixed` names the members that nobody changes.
    `stamp` returns the document's body with the marks of a write, e.g. a new etag.
    """

    find: Callable[[Store, str], Document | None]
    fixed: Sequence[str]
    stamp: Callable[[Store, Document], dict[str, Any]]


@dataclass(frozen=True)
class ControlCall:
    """A request to a service's part of the control plane.

    `path` holds the path's parameters. `origin` is scheme and host of the request.
    """

    store: Store
    path: Mapping[str, str]
    body: dict[str, Any]
    origin: str = ""


@dataclass(frozen=True)
class ControlRoute:
    """A route below `/_emulator/`. `work` returns a JSON value, a `Response`, or None for `{}`; it raises BadInput.

    `waits` says whether the request waits for background work that is due: `before` its own, or `around` it.
    """

    method: str
    path: str
    work: Callable[[ControlCall], object]
    waits: Literal["", "before", "around"] = ""


@dataclass(frozen=True)
class Decisions:
    """Outcomes of a service's jobs that the control plane decides. No two services share a stage.

    `decide` takes the body of `POST decide` and returns the decision; `list` and `forget` are about decisions that no
    job has used yet.
    """

    stages: Sequence[str]
    decide: Callable[[ControlCall], dict[str, Any]]
    list: Callable[[Store], Sequence[Mapping[str, Any]]]
    forget: Callable[[Store], None]


def _nothing(_: Store) -> None:
    """Do nothing: for a service without time-dependent documents, or without settings."""


def _no_pages(_: Store) -> Sequence[BaseRoute]:
    return ()


def _no_owner(_: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class EmulatedService:
    """One emulated API: everything that the core knows of it. `services.py` lists the registered ones.

    `base` is the path that its routes are below, `audiences` are those of the tokens that it takes. `sections` are the
    first segments below the base that belong to it, where several services share a base; none: all of them.
    `needs_account` refuses applications without a role in the Partner Center account, and with `unassociated_status`
    those that the account does not know. Answers repeat the request's `echoed_headers`, with a new GUID where it has
    none.
    `collections` names, for each kind of document, its collection in `GET /_emulator/state`; `describe_scope` returns
    what that shows of a scope. `start` applies the options that the emulator was started with. `settle` brings
    time-dependent documents up to the emulator's clock. `reset` forgets settings of the control plane; the core deletes
    the documents. `pages` are routes for people, below `/_emulator/`. `background` makes the service's work beside its
    requests.
    """

    name: str
    base: str
    audiences: Sequence[str]
    operations: Sequence[Operation]
    errors: ErrorShape
    collections: Mapping[str, str]
    describe_scope: Callable[[str], Mapping[str, str]] = _no_owner
    sections: Sequence[str] = ()
    needs_account: bool = True
    unassociated_status: int = 401
    response_headers: Callable[[], Mapping[str, str]] = default_headers
    echoed_headers: Sequence[str] = ()
    start: Callable[[Store], None] = _nothing
    settle: Callable[[Store], None] = _nothing
    reset: Callable[[Store], None] = _nothing
    portal: Portal | None = None
    control: Sequence[ControlRoute] = ()
    decisions: Decisions | None = None
    pages: Callable[[Store], Sequence[BaseRoute]] = _no_pages
    background: Callable[[Store, Entra], Background] | None = None

    def contains(self, path: str) -> bool:
        """Whether a path belongs to the service."""
        if not path.lower().startswith(f"{self.base.lower()}/"):
            return False
        section = path[len(self.base) + 1 :].partition("/")[0].lower()
        return not self.sections or section in [name.lower() for name in self.sections]
