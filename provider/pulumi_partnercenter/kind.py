"""The verbs of a resource, in domain words. Nothing here knows an engine: `lifecycle.py` drives every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from .markers import Immutable
from .model import Arguments, Outputs
from .settings import Settings

__all__ = ["Current", "Exportable", "Kind", "StoredFile"]

C = TypeVar("C")
A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


@dataclass(frozen=True)
class Current(Generic[O]):
    """A resource as the service has it: `arguments` in canonical form, also where they break a rule of ours.

    `is_fresh`: nobody has written it since the service made it.
    """

    id: str
    arguments: dict[str, Any]
    outputs: O
    is_fresh: bool = False


@dataclass(frozen=True)
class StoredFile:
    """A file that the service holds: its name there, which nobody vouches for, and how its bytes come to a path.

    `save` is None where the service gives no address to read from.
    """

    name: str
    save: Callable[[Path], None] | None


class Kind(Generic[C, A, O]):
    """The verbs of one resource over a client. Raises `NotFound` for what is gone; nothing else means gone."""

    noun: ClassVar[str]
    id_form: ClassVar[str]
    is_keyed_by_content: ClassVar[bool] = False
    """Other content has another remote key, so that a replacement can be made before the old one goes."""
    stays_once_published: ClassVar[bool] = False
    """The service deletes none that was published."""
    keeps_draft: ClassVar[bool] = False
    """Deleting it deletes nothing of a draft."""
    may_drift: ClassVar[tuple[str, ...]] = ()
    """Immutable arguments that somebody can change in the portal all the same."""
    arguments: type[A]
    outputs: type[O]

    def open_client(self, settings: Settings, progress: Callable[[str], None]) -> C:
        """The client of this kind's service; `progress` takes a line about a long wait."""
        raise NotImplementedError

    def list_published(self, client: C, offer: str) -> frozenset[str]:  # noqa: ARG002
        """Ids of the offer and of those of its plans that were ever in a preview, or live."""
        return frozenset()

    def build_current(self, id: str, arguments: Mapping[str, Any], fresh: Mapping[str, Any]) -> Current[O]:
        """The resource in canonical form, where the service decides nothing but the id.

        `fresh`: the arguments of one that nobody has written, beside their defaults.
        """
        canonical = self.arguments.canonical({**fresh, **arguments})
        return Current(id, canonical, self.outputs(), canonical == self.arguments.canonical(fresh))

    def hold(self, client: C, desired: A) -> AbstractContextManager[None]:  # noqa: ARG002
        """A context from `find` to the end of what follows, for kinds that two threads must not create at once."""
        return nullcontext()

    def find(self, client: C, desired: A) -> Current[O] | None:
        """By natural key; None when there is nothing."""
        raise NotImplementedError

    def create(self, client: C, desired: A) -> Current[O]:
        """Only called when `find` found nothing; safe to repeat from the top."""
        raise NotImplementedError

    def read(self, client: C, id: str) -> Current[O]:
        raise NotImplementedError

    def update(self, client: C, id: str, desired: A) -> Current[O]:
        raise NotImplementedError

    def delete(self, client: C, id: str) -> None:
        raise NotImplementedError

    def restore(self, current: Current[O], state: Mapping[str, Any]) -> Current[O]:  # noqa: ARG002
        """With outputs that an earlier run determined, that hold for ever, and that the service does not return."""
        return current

    def refresh(self, client: C, id: str, state: Mapping[str, Any]) -> Current[O]:
        """`read` where the state matters to the result. `state` is empty for a look-up by `opts.id`."""
        return self.restore(self.read(client, id), state)

    def remove(self, client: C, id: str, state: Mapping[str, Any]) -> None:  # noqa: ARG002
        """`delete` where the state matters to what is deleted."""
        self.delete(client, id)

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that identify the remote object, as the service compares them."""
        return {name: props.get(name) for name in self.arguments.marked(Immutable)}

    def irreparable_drift(self, state: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002
        """By argument: a warning of what something else changed, the program did not, and no write can mend."""
        return {}

    def locked_changes(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What the service refuses of a change because the offer or plan that it belongs to was published."""
        return []

    def is_settled(self, state: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """False while the remote object is on its way to what the program wants: then every `up` updates it."""
        return True

    def describe_change(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What people should read about a change before it is made. `old` is empty for what is new; both may hold
        unknowns.
        """
        return []

    def warnings(self, desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What people should read at every run, changed or not; `desired` may hold unknowns."""
        return []

    def computed(self) -> list[str]:
        """Names of what a program reads and cannot set."""
        return [*self.outputs.names(), "fingerprint"]

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        """State that an older version wrote → this version's.

        Arguments with outputs, or arguments alone, also with unknowns and also this version's: what is not old stays.
        """
        return props


class Exportable(Kind[C, A, O]):
    """A kind whose resources `partnercenter show` and `export` find and write down."""

    def list_ids(self, client: C, offer: str) -> Iterable[str]:
        """The ids of all of this kind that an offer has; `offer` is its `id`."""
        raise NotImplementedError

    def program_arguments(self, client: C, current: Current[O]) -> dict[str, Any]:  # noqa: ARG002
        """The arguments as a program has them: with those that its constructor takes from other resources, and with a
        `StoredFile` in the place of each path.
        """
        return current.arguments
