"""Resources whose remote object lives as long as its offer or plan: adopted, never created, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ..api.submission import SubmissionApi
from ..api.wire import WireModel
from ..errors import InputError
from ..kind import Current
from ..markers import Secret
from ..model import Arguments, Outputs
from ._submission_api import SubmissionApiKind

__all__ = ["Document", "DraftKind", "preserve_spelling"]

I = TypeVar("I", bound=Arguments)  # noqa: E741
O = TypeVar("O", bound=Outputs)  # noqa: E741
D = TypeVar("D", bound="WireModel")


def preserve_spelling(desired: I, current: Mapping[str, Any], draft: D, wanted: Callable[[I], D]) -> D:
    """Build the request body; unchanged arguments keep the draft's spelling: order, case, white space.

    `current`: the draft's arguments in canonical form. If they break a rule of the provider, nothing is kept.
    Secrets are never kept: the service may answer them as asterisks.
    """
    ours, plain, secret = wanted(desired), desired.to_json(), desired.marked(Secret)
    changed = desired.differing(current, plain)
    same = {name: value for name, value in plain.items() if name not in {*changed, *secret}}
    try:
        theirs = wanted(type(desired).parse({**current, **same}))
    except InputError:
        return ours
    kept = {
        name: getattr(draft, name)
        for name in ours.model_fields_set & theirs.model_fields_set & draft.model_fields_set
        if getattr(ours, name) == getattr(theirs, name)
    }
    return ours.model_copy(update=kept)


class Document(Protocol[D]):
    """A document that every offer or plan has. A plan's methods take `<variant>` after `<product>`."""

    def exists(self, product: str, /) -> bool: ...
    def get(self, product: str, /) -> D: ...
    def write(self, change: Callable[[D], D], product: str, /) -> D: ...


class DraftKind(SubmissionApiKind[I, O], Generic[I, O, D]):
    """Operations on a document that always exists. Subclasses locate it and translate it both ways."""

    keeps_draft = True
    parent: ClassVar[str]
    """The argument with the `.id` of the offer or plan. It is the id of this resource, too."""

    def document(self, api: SubmissionApi) -> Document[D]:
        raise NotImplementedError

    def current(self, id: str, draft: D) -> Current[O]:
        raise NotImplementedError

    def wanted(self, desired: I, draft: D) -> D:
        """The members to set, made from the draft: unmodelled members of its elements survive."""
        raise NotImplementedError

    def require_free(self, api: SubmissionApi, desired: I, draft: D) -> None:
        """Raise if this draft must not be written, as when it holds the work of another run."""

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {self.parent: props.get(self.parent)}

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        plans = api.plans.all(offer) if self.parent == "plan" else None
        ids = [offer] if plans is None else [f"{offer}/{plan.id}" for plan in plans]
        return [id for id in ids if self.document(api).exists(*id.split("/"))]

    def find(self, api: SubmissionApi, desired: I) -> Current[O] | None:
        """Every offer or plan has this document from the start."""
        return self.read(api, getattr(desired, self.parent))

    def read(self, api: SubmissionApi, id: str) -> Current[O]:
        return self.current(id, self.document(api).get(*id.split("/")))

    def update(self, api: SubmissionApi, id: str, desired: I) -> Current[O]:
        def change(draft: D) -> D:
            self.require_free(api, desired, draft)
            current = self.current(id, draft).arguments
            return preserve_spelling(desired, current, draft, lambda arguments: self.wanted(arguments, draft))

        return self.current(id, self.document(api).write(change, *id.split("/")))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The document stays as it is, and goes with its offer or plan."""
