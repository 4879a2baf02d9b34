"""Resources whose remote object is there as long as its offer or plan: taken over, never made, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from .._resource import Inputs, Kind, Outputs, Seen

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi

__all__ = ["Document", "DraftKind"]

I = TypeVar("I", bound=Inputs)  # noqa: E741
O = TypeVar("O", bound=Outputs)  # noqa: E741
D = TypeVar("D")


class Document(Protocol[D]):
    """What every offer has one of; a plan's takes its `<variant>` after the `<product>`."""

    def get(self, product: str, /) -> D: ...
    def write(self, change: Callable[[D], D], product: str, /) -> D: ...


class DraftKind(Kind[I, O], Generic[I, O, D]):
    """The verbs of a document that always exists. Subclasses say where it is and translate it both ways."""

    parent: ClassVar[str]
    """The argument with the offer's or plan's `.id`, which is this resource's id as well."""

    def document(self, api: SubmissionApi) -> Document[D]:
        raise NotImplementedError

    def seen(self, id: str, draft: D) -> Seen[O]:
        raise NotImplementedError

    def wanted(self, want: I, draft: D) -> D:
        """The members to set, made from the draft so that members of its elements that we do not model survive."""
        raise NotImplementedError

    def find(self, api: SubmissionApi, want: I) -> Seen[O] | None:
        return self.read(api, getattr(want, self.parent))

    def read(self, api: SubmissionApi, id: str) -> Seen[O]:
        return self.seen(id, self.document(api).get(*id.split("/")))

    def update(self, api: SubmissionApi, id: str, want: I) -> Seen[O]:
        written = self.document(api).write(lambda draft: self.wanted(want, draft), *id.split("/"))
        return self.seen(id, written)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Stays as it is: it goes with its offer or plan."""
