"""Documents that live as long as their offer or plan, and the translation between arguments and documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ..api.wire import WireModel
from ..errors import InputError
from ..kind import Current
from ..markers import Retained, Secret, WriteOnly
from ..model import Arguments, Outputs, Part
from ._rules import advising
from ._submission_api import SubmissionApi, SubmissionApiKind

__all__ = [
    "Document",
    "DraftKind",
    "build_attributes",
    "build_document",
    "list_parents",
    "preserve_spelling",
    "read_arguments",
]

I = TypeVar("I", bound=Arguments)  # noqa: E741
D = TypeVar("D", bound="WireModel")


def read_arguments(model: type[Part], document: WireModel) -> dict[str, Any]:
    """Return the arguments with a `Wire` marker, from a document.

    An empty string gives the default of an optional argument; so does any value of a `WriteOnly` argument, as
    asterisks.
    """
    arguments = {}
    for name, attribute in model.wire_attributes().items():
        value = getattr(document, attribute)
        is_unset = name in model.marked(WriteOnly) or value == ""
        is_default = is_unset and not model.model_fields[name].is_required()
        arguments[name] = model.default(name) if is_default else _read_value(model.part_in(name), value)
    return arguments


def _read_value(part: type[Part] | None, value: Any) -> Any:
    if part and isinstance(value, list):
        return [read_arguments(part, element) for element in value]
    return read_arguments(part, value) if part else value


def build_document(desired: Part, draft: D, **attributes: Any) -> D:
    """Build the document to write: arguments with a `Wire` marker, and `attributes` that the kind translates itself.

    Elements of lists are merged into the draft's, so that their unmodelled members survive.
    """
    return draft.merge_members(type(draft)(**build_attributes(desired) | attributes))


def build_attributes(part: Part) -> dict[str, Any]:
    """Build attributes of a document. `WriteOnly` or `Retained` arguments that are not given are left out."""
    optional = {*part.marked(WriteOnly), *part.marked(Retained)}
    return {
        attribute: _build_value(getattr(part, name))
        for name, attribute in part.wire_attributes().items()
        if getattr(part, name) or name not in optional
    }


def _build_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_build_value(element) for element in value]
    return build_attributes(value) if isinstance(value, Part) else value


def preserve_spelling(desired: I, current: Mapping[str, Any], draft: D, build: Callable[[I], D]) -> D:
    """Build the document; unchanged arguments keep the draft's spelling: order, case, white space.

    `current`: the draft's arguments in canonical form. If they break a rule of the provider, no spelling is kept.
    The spelling of secrets is never kept: the service may return asterisks.
    """
    document, given, secret = build(desired), desired.to_json(), desired.marked(Secret)
    changed = desired.differing(current, given)
    unchanged = {name: value for name, value in given.items() if name not in {*changed, *secret}}
    try:
        current_document = build(type(desired).parse({**current, **unchanged}))
    except InputError:
        return document
    kept = {
        name: getattr(draft, name)
        for name in document.model_fields_set & current_document.model_fields_set & draft.model_fields_set
        if getattr(document, name) == getattr(current_document, name)
    }
    return document.model_copy(update=kept)


def list_parents(api: SubmissionApi, offer: str, parent: str) -> list[str]:
    """Return the ids that the argument `parent` may have: the offer's, or those of its plans."""
    return [f"{offer}/{plan.id}" for plan in api.plans.all(offer)] if parent == "plan" else [offer]


class Document(Protocol[D]):
    """A document that every offer or plan has. A plan's methods take `<variant>` after `<product>`."""

    def exists(self, product: str, /) -> bool: ...
    def get(self, product: str, /) -> D: ...
    def write(self, change: Callable[[D], D], product: str, /) -> D: ...


class DraftKind(SubmissionApiKind[I, Outputs], Generic[I, D]):
    """Operations on a document that always exists: adopted, never created, never deleted."""

    keeps_draft = True
    outputs = Outputs
    parent: ClassVar[str]
    """The argument with the `.id` of the offer or plan, which is also the id of this resource."""
    fresh: ClassVar[Mapping[str, Any]] = {}
    """Required arguments of an unchanged new document."""

    refusal_advice: ClassVar[str] = ""
    """Next step if the service refuses a write, as of published content."""

    def document(self, api: SubmissionApi) -> Document[D]:
        raise NotImplementedError

    def read_arguments(self, id: str, draft: D) -> dict[str, Any]:  # noqa: ARG002
        return read_arguments(self.arguments, draft)

    def build_document(self, desired: I, draft: D) -> D:
        """Return the members to write. Unmodelled members of the draft's lists survive."""
        return build_document(desired, draft)

    def require_free(self, api: SubmissionApi, desired: I, draft: D) -> None:
        """Raise if this draft must not be written, e.g. because it holds the work of another run."""

    def current(self, id: str, draft: D) -> Current[Outputs]:
        return self.build_current(id, self.read_arguments(id, draft), {self.parent: id, **self.fresh})

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {self.parent: props.get(self.parent)}

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        ids = list_parents(api, offer, self.parent)
        return [id for id in ids if self.document(api).exists(*id.split("/"))]

    def find(self, api: SubmissionApi, desired: I) -> Current[Outputs] | None:
        """Every offer or plan has this document from the start."""
        return self.read(api, getattr(desired, self.parent))

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        return self.current(id, self.document(api).get(*id.split("/")))

    def update(self, api: SubmissionApi, id: str, desired: I) -> Current[Outputs]:
        def change(draft: D) -> D:
            self.require_free(api, desired, draft)
            current = self.current(id, draft).arguments
            return preserve_spelling(desired, current, draft, lambda given: self.build_document(given, draft))

        with advising(self.refusal_advice):
            return self.current(id, self.document(api).write(change, *id.split("/")))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The document stays as it is, and goes with its offer or plan."""
