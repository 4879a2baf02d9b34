"""The verbs of a resource, without any engine. `lifecycle.py` calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from .markers import Immutable
from .messages import Host
from .model import Arguments, Outputs
from .settings import Settings

__all__ = ["Current", "Exportable", "Kind", "Publishes", "StoredFile"]

C = TypeVar("C")
A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


@dataclass(frozen=True)
class Current(Generic[O]):
    """A resource in the service. Its arguments are in canonical form, even if they break a rule.

    `is_fresh`: unchanged since the service created it.
    """

    id: str
    arguments: dict[str, Any]
    outputs: O
    is_fresh: bool = False


@dataclass(frozen=True)
class StoredFile:
    """A file in the service. `name` may be any text; `save` downloads the file to a path.

    `save` is None if the service gives no address for a download.
    """

    name: str
    save: Callable[[Path], None] | None


class Kind(Generic[C, A, O]):
    """The verbs of a kind of resource, with the client of its service.

    A verb raises `NotFound` only for a remote object that is gone.
    """

    noun: ClassVar[str]
    id_form: ClassVar[str]
    is_keyed_by_content: ClassVar[bool] = False
    """Changed content has another remote key: a replacement is created before the old object is deleted."""
    may_drift: ClassVar[tuple[str, ...]] = ()
    """Immutable arguments that the portal can change."""
    arguments: type[A]
    outputs: type[O]

    # ---- Verbs

    def open_client(self, settings: Settings, host: Host) -> C:
        """Return the client of the service. Its messages to people go to `host`."""
        raise NotImplementedError

    def find(self, client: C, desired: A) -> Current[O] | None:
        """Look up by natural key. Returns None if there is no such object."""
        raise NotImplementedError

    def create(self, client: C, desired: A) -> Current[O]:
        """Create the remote object. Called after `find` returned None; safe to repeat from the top."""
        raise NotImplementedError

    def read(self, client: C, id: str) -> Current[O]:
        raise NotImplementedError

    def update(self, client: C, id: str, desired: A) -> Current[O]:
        raise NotImplementedError

    def delete(self, client: C, id: str) -> None:
        raise NotImplementedError

    def refresh(self, client: C, id: str, state: Mapping[str, Any]) -> Current[O]:  # noqa: ARG002
        """Read, for kinds whose result depends on the state. A look-up by `opts.id` has no state."""
        return self.read(client, id)

    def amend(self, client: C, id: str, desired: A, state: Mapping[str, Any]) -> Current[O]:  # noqa: ARG002
        """Update, for kinds that need the state to know what to change. An adoption has no state."""
        return self.update(client, id, desired)

    def remove(self, client: C, id: str, state: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Delete, for kinds that need the state to know what to delete."""
        self.delete(client, id)

    def hold(self, client: C, desired: A) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return a context around `find` and the write after it, for kinds that create one object at a time."""
        return nullcontext()

    # ---- Methods without a client

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that identify the remote object, as the service compares them."""
        return {name: props.get(name) for name in self.arguments.marked(Immutable)}

    def irreparable_drift(self, state: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002
        """Return a warning for each argument that changed outside of the program and that no write can change back."""
        return {}

    def is_settled(self, state: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Return whether the remote object has reached the target of the program. Until then every `up` updates it."""
        return True

    def describe_change(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Return remarks about a change, which are shown before it. `old` is empty for a new resource.

        Both may hold unknowns.
        """
        return []

    def describe_progress(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Return remarks about what a refresh found that needs no update, so that the engine shows nothing of it."""
        return []

    def refusals(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Return a sentence for each change of the state that cannot be made. `desired` may hold unknowns."""
        return []

    def warnings(self, desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Return remarks for every run, even without a change. `desired` may hold unknowns."""
        return []

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        """Convert state of an older version. Members of this version stay unchanged.

        `props` are arguments, with or without outputs, and may hold unknowns.
        """
        return props

    def computed(self) -> list[str]:
        """Return the names of the outputs, which a program cannot set."""
        return [*self.outputs.names(), "fingerprint"]

    def build_current(self, id: str, arguments: Mapping[str, Any], fresh: Mapping[str, Any]) -> Current[O]:
        """Build the result of a read, for kinds without outputs.

        `fresh`: the arguments of an unchanged new object that differ from the defaults.
        """
        canonical = self.arguments.canonical({**fresh, **arguments})
        return Current(id, canonical, self.outputs(), canonical == self.arguments.canonical(fresh))


class Exportable(Kind[C, A, O]):
    """A kind whose remote objects `partnercenter show` and `partnercenter export` list."""

    def list_ids(self, client: C, offer: str) -> Iterable[str]:
        """Return the ids of all objects of this kind in an offer. `offer` is the id of the offer."""
        raise NotImplementedError

    def program_arguments(self, client: C, current: Current[O]) -> dict[str, Any]:  # noqa: ARG002
        """Return the arguments for a program: with implied arguments, and with a `StoredFile` in place of each path."""
        return current.arguments

    def members_without_argument(self, client: C, current: Current[O]) -> list[str]:  # noqa: ARG002
        """Return what the remote object has and no argument holds, in the service's words. It stays as it is."""
        return []


class Publishes(Kind[C, A, O]):
    """A kind of a service that publishes offers. Published objects are protected."""

    stays_once_published: ClassVar[bool] = False
    """The service does not delete a published object."""
    keeps_draft: ClassVar[bool] = False
    """Deleting the resource deletes nothing in the service."""

    def list_published(self, client: C, offer: str) -> frozenset[str]:
        """Return the ids of the offer and its plans that were ever in a preview or live."""
        raise NotImplementedError

    def locked_changes(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Return warnings for changes that the service refuses because the offer or plan was published."""
        return []
