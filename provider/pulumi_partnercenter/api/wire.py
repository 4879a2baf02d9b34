"""Typed views of a service's JSON.

Views keep members that they do not model, so that a whole document can be read, changed and sent back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

from ..errors import ODD_ANSWER, ContractError

__all__ = ["Amount", "Etag", "Id", "WireModel", "merge_lists"]

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""Money: exact in Python, a JSON number in requests and responses."""


def _check_id(value: str) -> str:
    if not re.fullmatch(r"[^/\\?#%()\s]*", value) or value in (".", "..") or not value.isprintable():
        raise ValueError("is no id")
    return value


def _check_etag(value: str) -> str:
    if not re.fullmatch(r"[!-~ ]*", value):
        raise ValueError("is no etag")
    return value


Id = Annotated[str, AfterValidator(_check_id)]
"""A segment of an address, checked so that no response leads a request elsewhere."""
Etag = Annotated[str, AfterValidator(_check_etag)]
"""Value of a header."""


class WireModel(BaseModel):
    """A JSON object of a service, with camelCase aliases; unmodelled members are kept."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        defer_build=True,
        protected_namespaces=(),
    )

    required_members: ClassVar[tuple[str, ...]] = ()
    """Members that identify the object or are immutable: a response without them is refused."""

    merge_key: ClassVar[tuple[str, ...]] = ()
    """Attributes that identify an element in a list of such objects; without them, whole lists are replaced."""

    @classmethod
    def from_json(cls, answer: Any, action: str, *, id: str = "") -> Self:
        """Parse a response of the service; `id` is the requested object.

        Raises ContractError if it does not fit the model, or has another object.
        """
        try:
            document = cls.model_validate(answer)
        except ValidationError as error:
            first = error.errors()[0]
            location = ".".join(map(str, first["loc"])) or "the answer"
            raise ContractError(
                f"{action}: the answer does not fit: {location}: {first['msg']}", next=ODD_ANSWER
            ) from None
        if missing := next(document.missing_members(), ""):
            raise ContractError(
                f"{action}: the answer lacks {missing}, which is required",
                next=ODD_ANSWER,
            )
        answered_id = str(getattr(document, "id", "")) if id else ""
        if answered_id.casefold() != id.casefold():
            raise ContractError(
                f"{action}: the answer is about another object, with the id {answered_id}", next=ODD_ANSWER
            )
        return document

    def missing_members(self) -> Iterator[str]:
        """Yield required members that are absent, including those of parts."""
        for name in self.required_members:
            if not str(getattr(self, name)).strip():
                yield _wire_name(type(self), name)
        for name in type(self).model_fields:
            value = getattr(self, name)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, WireModel):
                    yield from (
                        f"{_wire_name(type(self), name)}.{member}" for member in part.missing_members()
                    )

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Show no member: documents hold secrets, and a traceback or a message may show a document."""
        return []

    def to_json(self) -> dict[str, Any]:
        """Return the members that were set, so that a document is sent as it was received."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    def to_creation_json(self) -> dict[str, Any]:
        """Return the members that were set and are not empty: the body of a creation."""
        return {name: value for name, value in self.to_json().items() if value not in _EMPTY}

    def changed_members(self, desired: Self) -> dict[str, Any]:
        """Return the members that `desired` sets; empty ones only if this document has them."""
        current = self.to_json()
        return {
            name: value for name, value in desired.to_json().items() if value not in _EMPTY or name in current
        }

    def merge(self, desired: Self) -> Self:
        """Return this object with the members that `desired` sets. Its other members stay, in parts and lists too."""
        update = {
            name: _merge_value(getattr(self, name), getattr(desired, name))
            for name in desired.model_fields_set
        }
        return self.model_copy(update=update)

    def merge_members(self, desired: Self) -> Self:
        """Return the members that `desired` sets, merged into this object's, without the other members."""
        merged = self.merge(desired)
        return desired.model_copy(update={name: getattr(merged, name) for name in desired.model_fields_set})


def _wire_name(model: type[WireModel], name: str) -> str:
    field = model.model_fields[name]
    return field.serialization_alias or field.alias or name


M = TypeVar("M", bound=WireModel)
_EMPTY: tuple[Any, ...] = ("", [], False, None)


def _merge_value(current: Any, desired: Any) -> Any:
    if isinstance(desired, WireModel) and type(current) is type(desired):
        return current.merge(desired)
    if isinstance(desired, list) and desired and getattr(desired[0], "merge_key", None):
        return merge_lists(
            current, desired, lambda element: tuple(map(element.__getattribute__, element.merge_key))
        )
    return desired


def merge_lists(current: list[M], desired: list[M], key: Callable[[M], Hashable]) -> list[M]:
    """Merge each desired element into the current one with the same key, so that unmodelled members survive.

    If no key is equal, keys are compared without case, braces and white space.
    """
    by_key = {_fold_key(key(element)): element for element in current}
    by_key |= {key(element): element for element in current}
    matches = [by_key.get(key(element), by_key.get(_fold_key(key(element)))) for element in desired]
    return [
        match.merge(element) if match else element for match, element in zip(matches, desired, strict=True)
    ]


def _fold_key(key: Hashable) -> Hashable:
    if isinstance(key, tuple):
        return tuple(map(_fold_key, key))
    return key.strip().strip("{}").casefold() if isinstance(key, str) else key
