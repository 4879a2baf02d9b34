"""Resources whose remote object is there as long as its offer or plan: taken over, never made, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from .._resource import Inputs, Kind, Outputs, Secret, Seen
from ..errors import InputError

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.wire import Wire

__all__ = ["Document", "DraftKind", "sparing"]

I = TypeVar("I", bound=Inputs)  # noqa: E741
O = TypeVar("O", bound=Outputs)  # noqa: E741
D = TypeVar("D", bound="Wire")


def sparing(want: I, there: Mapping[str, Any], draft: D, wanted: Callable[[I], D]) -> D:
    """`wanted(want)`, but what means the same in the draft stays as it is spelled there: order, case, white space.

    `there`: the draft's arguments in canonical form. Where they break a rule of ours, every member is ours; so are
    secrets, which the service may tell by asterisks.
    """
    ours, plain, secret = wanted(want), want.plain(), want.marked(Secret)
    changed = want.differing(there, plain)
    same = {name: value for name, value in plain.items() if name not in {*changed, *secret}}
    try:
        theirs = wanted(type(want).parse({**there, **same}))
    except InputError:
        return ours
    kept = {
        name: getattr(draft, name)
        for name in ours.model_fields_set & theirs.model_fields_set & draft.model_fields_set
        if getattr(ours, name) == getattr(theirs, name)
    }
    return ours.model_copy(update=kept)


class Document(Protocol[D]):
    """What every offer has one of; a plan's takes its `<variant>` after the `<product>`."""

    def is_there(self, product: str, /) -> bool: ...
    def get(self, product: str, /) -> D: ...
    def write(self, change: Callable[[D], D], product: str, /) -> D: ...


class DraftKind(Kind[I, O], Generic[I, O, D]):
    """The verbs of a document that always exists. Subclasses say where it is and translate it both ways."""

    spares_drafts = True
    parent: ClassVar[str]
    """The argument with the offer's or plan's `.id`, which is this resource's id as well."""

    def document(self, api: SubmissionApi) -> Document[D]:
        raise NotImplementedError

    def seen(self, id: str, draft: D) -> Seen[O]:
        raise NotImplementedError

    def wanted(self, want: I, draft: D) -> D:
        """The members to set, made from the draft so that members of its elements that we do not model survive."""
        raise NotImplementedError

    def require_free(self, api: SubmissionApi, want: I, draft: D) -> None:
        """Raises what forbids to write this draft, beside the rules: another run's work in it, for one."""

    def place(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {self.parent: props.get(self.parent)}

    def ids_in(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        plans = api.plans.all(offer) if self.parent == "plan" else None
        ids = [offer] if plans is None else [f"{offer}/{each.id}" for each in plans]
        return [id for id in ids if self.document(api).is_there(*id.split("/"))]

    def find(self, api: SubmissionApi, want: I) -> Seen[O] | None:
        """Every offer or plan has one from the start."""
        return self.read(api, getattr(want, self.parent))

    def read(self, api: SubmissionApi, id: str) -> Seen[O]:
        return self.seen(id, self.document(api).get(*id.split("/")))

    def update(self, api: SubmissionApi, id: str, want: I) -> Seen[O]:
        def change(draft: D) -> D:
            self.require_free(api, want, draft)
            there = self.seen(id, draft).inputs
            return sparing(want, there, draft, lambda each: self.wanted(each, draft))

        return self.seen(id, self.document(api).write(change, *id.split("/")))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Stays as it is: it goes with its offer or plan."""
