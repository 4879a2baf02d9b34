"""How the services spell things: typed views of their JSON, whatever it is about, and error bodies.

Views keep every member that they do not know, so that a document can be read, changed and sent back whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

from ..errors import ODD_ANSWER, ContractError

__all__ = ["Amount", "Etag", "Fault", "Id", "Wire", "overlaid"]

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""Money: exact here, a JSON number on the wire."""


def _id(value: str) -> str:
    if not re.fullmatch(r"[^/\\?#%()\s]*", value) or value in (".", "..") or not value.isprintable():
        raise ValueError("is no id")
    return value


def _etag(value: str) -> str:
    if not re.fullmatch(r"[!-~ ]*", value):
        raise ValueError("is no etag")
    return value


Id = Annotated[str, AfterValidator(_id)]
"""What stands in an address alone, or in nothing: no answer may lead a request elsewhere."""
Etag = Annotated[str, AfterValidator(_etag)]
"""What a header can hold."""


class Wire(BaseModel):
    """A JSON object of a service: camelCase by alias; members that are not modelled are kept."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        defer_build=True,
        protected_namespaces=(),
    )

    needed: ClassVar[tuple[str, ...]] = ()
    """Members that identify the object, or describe what can never change of it: no answer comes without them."""

    @classmethod
    def told(cls, answer: Any, doing: str, *, id: str = "") -> Self:
        """What the service answered, about the object with this id where one was asked for.

        Raises ContractError when it does not fit what is known of the service: no default stands in for what says
        which object an answer is about.
        """
        try:
            document = cls.model_validate(_without_nulls(answer))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the answer"
            raise ContractError(
                f"{doing}: the answer does not fit: {where}: {first['msg']}", next=ODD_ANSWER
            ) from None
        if lacking := next(document.lacking(), ""):
            raise ContractError(
                f"{doing}: the answer lacks {lacking}, so that nobody knows what it is about", next=ODD_ANSWER
            )
        answered = str(getattr(document, "id", "")) if id else ""
        if answered.casefold() != id.casefold():
            raise ContractError(
                f"{doing}: the answer is about another one, with the id {answered}", next=ODD_ANSWER
            )
        return document

    def lacking(self) -> Iterator[str]:
        """Names of the needed members that are not there, in parts as well."""
        for name in self.needed:
            if not str(getattr(self, name)).strip():
                yield _wire_name(type(self), name)
        for name in type(self).model_fields:
            value = getattr(self, name)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, Wire):
                    yield from (f"{_wire_name(type(self), name)}.{inner}" for inner in part.lacking())

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Nothing: documents hold secrets, and a traceback or a message may hold a document."""
        return []

    def members(self) -> dict[str, Any]:
        """As JSON, only what was set: what was read comes out as it went in."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    def filled(self) -> dict[str, Any]:
        """As JSON, what was set and is not empty: how a new thing is asked for."""
        return {name: value for name, value in self.members().items() if value not in _EMPTY}

    def changes(self, wanted: Self) -> dict[str, Any]:
        """The members that `wanted` sets, by wire name; an empty one counts only where there is something to empty."""
        there = self.members()
        return {
            name: value for name, value in wanted.members().items() if value not in _EMPTY or name in there
        }

    def over(self, wanted: Self) -> Self:
        """The same object with what `wanted` sets; members that only this one has stay."""
        update = {name: _over(getattr(self, name), getattr(wanted, name)) for name in wanted.model_fields_set}
        return self.model_copy(update=update)


def _without_nulls(answer: Any) -> Any:
    """Absent and null are one (2.7)."""
    if isinstance(answer, dict):
        return {name: _without_nulls(value) for name, value in answer.items() if value is not None}
    return [_without_nulls(each) for each in answer] if isinstance(answer, list) else answer


def _wire_name(model: type[Wire], name: str) -> str:
    field = model.model_fields[name]
    return field.serialization_alias or field.alias or name


W = TypeVar("W", bound=Wire)
_EMPTY: tuple[Any, ...] = ("", [], False, None)


def _over(have: Any, want: Any) -> Any:
    return have.over(want) if isinstance(have, Wire) and type(have) is type(want) else want


def overlaid(have: list[W], want: list[W], key: Callable[[W], Hashable]) -> list[W]:
    """The wanted elements, each over the one that has the same key, so that members we do not model survive.

    Where no key is the same, one that differs in case, braces or white space is.
    """
    known = {_alike(key(each)): each for each in have} | {key(each): each for each in have}
    there = [known.get(key(each), known.get(_alike(key(each)))) for each in want]
    return [old.over(new) if old else new for old, new in zip(there, want, strict=True)]


def _alike(key: Hashable) -> Hashable:
    if isinstance(key, tuple):
        return tuple(map(_alike, key))
    return key.strip().strip("{}").casefold() if isinstance(key, str) else key


_FAULT = re.compile(r"^(?P<code>[A-Z]{2,}\d+) - (?P<text>[^{]*)(?P<json>\{.*\})?\s*$", re.DOTALL)


class Fault(BaseModel):
    """What an error body says. Source: submission API 2.9, shapes (a) to (e)."""

    code: str = ""
    message: str = ""
    fields: dict[str, list[str]] = {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """The innermost message of a body that may be JSON in a JSON string, an object, or plain text."""
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = text
        if isinstance(body, str):
            return cls._of_string(body)
        if isinstance(body, dict):
            return cls._of_object(body)
        return cls(message=text.strip())

    @classmethod
    def _of_string(cls, text: str) -> Self:
        match = _FAULT.match(text)
        code, lead = (match["code"], match["text"].strip()) if match else ("", "")
        inner = match["json"] if match else text[text.find("{") :] if "{" in text else None
        try:
            body = json.loads(inner) if inner else None
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return cls(code=code, message=lead or text.strip())
        found = cls._of_object(body)
        outer = lead or text[: text.find("{")].strip(" ,=").removesuffix("ResponseContent").strip(" ,=")
        return cls(code=code or found.code, message=found.message or outer, fields=found.fields)

    @classmethod
    def _of_object(cls, body: dict[str, Any]) -> Self:
        if isinstance(body.get("error"), dict):
            body = body["error"]
        code = next((str(body[key]) for key in ("code", "statusCode", "faultCode") if body.get(key)), "")
        message = next((str(body[key]) for key in ("message", "reasonPhrase", "title") if body.get(key)), "")
        details: dict[str, Any] = next(
            (body[key] for key in ("data", "errors", "details") if isinstance(body.get(key), dict)), {}
        )
        fields = {
            key: [str(each) for each in value] if isinstance(value, list) else [str(value)]
            for key, value in details.items()
        }
        return cls(code=code, message=message, fields=fields)

    def __str__(self) -> str:
        """`"Request validation failed." FeatureName: The field FeatureName is invalid. (ICH50400)`."""
        told = [f'"{self.message}"'] if self.message else []
        told += [f"{name}: {' '.join(messages)}" for name, messages in self.fields.items()]
        told += [f"({self.code})"] if self.code else []
        return " ".join(told)
