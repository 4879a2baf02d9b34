"""The verbs of a resource, in domain words. Nothing here knows the engine: another host could drive the same kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from ._arguments import Inputs, Outputs
from ._markers import Immutable

if TYPE_CHECKING:
    from .api.submission import SubmissionApi

__all__ = ["Kind", "Seen", "Stored"]

I = TypeVar("I", bound=Inputs)  # noqa: E741
O = TypeVar("O", bound=Outputs)  # noqa: E741


@dataclass(frozen=True)
class Seen(Generic[O]):
    """A resource as the service has it: `inputs` in canonical form, also where they break a rule of ours.

    `is_fresh`: nobody has written it since the service made it.
    """

    id: str
    inputs: dict[str, Any]
    outputs: O
    is_fresh: bool = False


@dataclass(frozen=True)
class Stored:
    """A file that the service holds: its name there, which nobody vouches for, and how its bytes come to a path.

    `save` is None where the service gives no address to read from.
    """

    name: str
    save: Callable[[Path], None] | None


class Kind(Generic[I, O]):
    """The verbs of one resource, in domain words. Raises `NotFound` for what is gone, nothing else means gone."""

    noun: ClassVar[str]
    id_form: ClassVar[str]
    is_keyed_by_content: ClassVar[bool] = False
    """Other content has another remote key, so that a replacement can be made before the old one goes."""
    stays_once_published: ClassVar[bool] = False
    """The service deletes none that was published."""
    spares_drafts: ClassVar[bool] = False
    """Deleting it deletes nothing of a draft."""
    may_drift: ClassVar[tuple[str, ...]] = ()
    """Immutable arguments that somebody can change in the portal all the same."""
    inputs: type[I]
    outputs: type[O]

    def as_seen(self, id: str, told: Mapping[str, Any], fresh: Mapping[str, Any]) -> Seen[O]:
        """What the service tells, in canonical form, where it decides nothing but the id.

        `fresh`: the arguments of one that nobody has written, beside their defaults.
        """
        inputs = self.inputs.canonical({**fresh, **told})
        return Seen(id, inputs, self.outputs(), inputs == self.inputs.canonical(fresh))

    def making(self, api: SubmissionApi, want: I) -> AbstractContextManager[None]:  # noqa: ARG002
        """What holds from `find` to the end of what follows from it."""
        return nullcontext()

    def find(self, api: SubmissionApi, want: I) -> Seen[O] | None:
        """By natural key; None when there is nothing."""
        raise NotImplementedError

    def create(self, api: SubmissionApi, want: I) -> Seen[O]:
        """Only called when `find` found nothing; safe to repeat from the top."""
        raise NotImplementedError

    def read(self, api: SubmissionApi, id: str) -> Seen[O]:
        raise NotImplementedError

    def update(self, api: SubmissionApi, id: str, want: I) -> Seen[O]:
        raise NotImplementedError

    def delete(self, api: SubmissionApi, id: str) -> None:
        raise NotImplementedError

    def ids_in(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        """The ids of all of this kind that an offer has; `offer` is its `id`."""
        raise NotImplementedError

    def declared(self, api: SubmissionApi, seen: Seen[O]) -> dict[str, Any]:  # noqa: ARG002
        """The arguments as a program has them: with those that its constructor takes from other resources, and with a
        `Stored` in the place of each path.
        """
        return seen.inputs

    def recalled(self, seen: Seen[O], last: Mapping[str, Any]) -> Seen[O]:  # noqa: ARG002
        """With what was found out earlier, holds for ever, and the service does not tell. `last` is the state."""
        return seen

    def refresh(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> Seen[O]:
        """`read` where the state matters to what is read. `last` is the state, empty for a look-up by `opts.id`."""
        return self.recalled(self.read(api, id), last)

    def remove(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> None:  # noqa: ARG002
        """`delete` where the state matters to what is deleted. `last` is the state."""
        self.delete(api, id)

    def place(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that tell which remote object it is, as the service compares them."""
        return {name: props.get(name) for name in self.inputs.marked(Immutable)}

    def drifted(self, state: Mapping[str, Any], want: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002
        """By argument: a warning of what something else changed, the program did not, and no write can mend."""
        return {}

    def locked(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What the service refuses of a change because the offer or plan that it belongs to was published."""
        return []

    def is_settled(self, state: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """False while the remote object is on its way to what the program wants: then every `up` updates it."""
        return True

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What people should read about a change before it is made. `was` is empty for what is new; both may hold
        unknowns.
        """
        return []

    def warnings(self, want: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """What people should read at every run, changed or not; `want` may hold unknowns."""
        return []

    def decided(self) -> list[str]:
        """Names of what a program reads and cannot set."""
        return [*self.outputs.names(), "fingerprint"]

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        """State that an older version wrote → this version's.

        Arguments with outputs, or arguments alone, also with unknowns and also this version's: what is not old stays.
        """
        return props
