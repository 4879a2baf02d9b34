"""Annotations of a field, for `Annotated[...]`: the effect of its change, and the rules of its value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = [
    "Accepts",
    "Boolean",
    "Configured",
    "Derived",
    "Immutable",
    "Implied",
    "Integer",
    "ListRule",
    "Local",
    "Marker",
    "Meaning",
    "Number",
    "Retained",
    "Secret",
    "Unordered",
    "Vocabulary",
    "Wire",
    "WriteOnly",
]


class Marker(str):
    """An annotation of a field, for `Annotated[...]`: the effect of a change of the field."""


Immutable = Marker("Immutable")
"""A change replaces the resource; the old one is deleted first, because remote keys are deterministic."""
Unordered = Marker("Unordered")
"""A list that is compared as a set."""
Secret = Marker("Secret")
"""Encrypted in state and absent from messages."""
WriteOnly = Marker("WriteOnly")
"""The service never returns it: `read` keeps the last value. Also for a member of an argument that is a part."""
Retained = Marker("Retained")
"""If it is not given, the service's value stays and is no drift. Also for a member of an argument that is a part.

An exported program omits a secret of this kind.
"""
Local = Marker("Local")
"""Relevant only to the program's machine or run: never compared, and kept as given."""
Implied = Marker("Implied")
"""The constructor takes the value from another resource of the program, unless it is given."""
Configured = Marker("Configured")
"""Its value usually comes from the stack's configuration: constructors take any string."""
Derived = Marker("Derived")
"""Computed from other arguments (`Arguments.completed`), so that a program does not give it."""


class Wire:
    """The attribute of the wire model that an argument equals, for `Annotated[...]`. Parts and lists of parts are
    included.

    Kinds translate an argument without this marker by hand. A member of a part without it has the same name on both
    sides.
    """

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute


class Meaning:
    """Rules of a value instead of a field, for `Annotated[...]`.

    `accept` turns a shorthand into the full form before validation. `check` returns the canonical value or raises
    ValueError with the rule. `dump` returns the form in state, if that differs from the value.
    """

    def __init__(
        self,
        check: Callable[[Any], Any] | None = None,
        *,
        accept: Callable[[Any], Any] | None = None,
        dump: Callable[[Any], Any] | None = None,
    ) -> None:
        self._check, self._accept, self._dump = check, accept, dump

    @property
    def dumps_to(self) -> str:
        """The type in state, as a Python expression; "" if it is the value's own type."""
        return str(self._dump.__annotations__["return"]) if self._dump else ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        if self._check:
            schema = core_schema.no_info_after_validator_function(self._check, schema)
        if self._accept:
            schema = core_schema.no_info_before_validator_function(self._accept, schema)
        if self._dump:
            schema["serialization"] = core_schema.plain_serializer_function_ser_schema(self._dump)  # type: ignore[index]
        return schema


class Accepts:
    """A further type that constructors accept for a value.

    A Python expression over the names of `typing`, `collections.abc`, `datetime`, `decimal` and `pulumi`. `only`:
    instead of the value's own type.
    """

    def __init__(self, annotation: str, *, only: bool = False) -> None:
        self.annotation, self.only = annotation, only


def _require_boolean(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("must be True or False; from configuration: config.get_bool(…)")  # noqa: TRY004 - a broken rule
    return value


Boolean = Annotated[bool, Meaning(accept=_require_boolean)]
"""pydantic also takes strings and numbers for booleans: "no" in one field and "off" in another."""


def _require_number(value: object) -> object:
    if isinstance(value, str | bool):
        raise ValueError(  # noqa: TRY004 - a broken rule
            "must be a number; from configuration: config.get_int(…) or config.get_float(…)"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


Integer = Annotated[int, Meaning(accept=_require_number)]
Number = Annotated[float, Meaning(accept=_require_number)]
"""pydantic also takes strings and booleans for numbers."""


class ListRule:
    """A rule about all elements of a list of parts, for `Annotated[...]`.

    `judge` yields sentences that begin with the place in the list: `[1].id: …`. It gets the elements as the program
    gave
    them. Unknown members are no attributes of an element, so that a preview can judge the others.
    """

    def __init__(self, judge: Callable[[Sequence[Any]], Iterator[str]]) -> None:
        self.judge = judge


class Vocabulary:
    """Expected values of a string, compared without case, for `Annotated[...]`.

    Another value is a warning. A text that cannot be in any vocabulary is refused.
    """

    def __init__(self, noun: str, words: Sequence[str]) -> None:
        self.noun, self.words = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}", words

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._require_word, handler(source))

    def _require_word(self, value: str) -> str:
        if not value or not value.isprintable() or any(letter in " ,;" for letter in value):
            raise ValueError(f"must be {self.noun} such as {self.words[0]}, without blanks")
        return value

    def remark(self, value: str) -> str | None:
        """Return a warning with the nearest word or a list of words; None for a word of the vocabulary."""
        by_lower = {word.casefold(): word for word in self.words}
        if value.casefold() in by_lower:
            return None
        nearest = difflib.get_close_matches(value.casefold(), by_lower, n=1)
        hint = f"did you mean {by_lower[nearest[0]]}?" if nearest else self._examples()
        return f"{value!r} is not {self.noun} known to this provider; {hint}"

    def _examples(self) -> str:
        if len(self.words) <= MOST_LISTED:
            return f"it knows {', '.join(self.words)}"
        return f"it knows {len(self.words)}, such as {', '.join(self.words[:3])}"


MOST_LISTED = 7
"""Maximum size of a vocabulary that a message lists completely."""
