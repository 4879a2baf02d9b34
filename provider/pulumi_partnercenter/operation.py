"""What the resources of one operation know of each other: a plugin process serves one operation, and all of them.

The engine calls `check` and `diff` of what a program declares, and nothing but `delete` in a `destroy`. So what was
checked tells a resource that somebody took out of the program from one that goes because all of its offer goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["PROCESS", "Operation", "kept_draft", "scopes_of", "scopes_of_part"]

Key = tuple[str, str]
"""Class of a resource, and its immutable arguments as text; empty text while one of them is unknown."""


class Operation:
    """Filled by `check` and `diff`, which the engine calls one at a time."""

    def __init__(self) -> None:
        self.checked: set[Key] = set()
        """What the program declares, as far as the engine has come."""
        self.claimed: set[Key] = set()
        """Of that, what the state has already or this operation made: such a thing stays, whatever its name."""
        self.messages: set[str] = set()
        """Remarks that people have read already."""
        self.published: set[str] = set()
        """Ids of offers and plans that were published, by the state."""
        self._names: dict[tuple[str, str], str] = {}
        self._declared: set[str] = set()
        self._leaving: set[str] = set()

    def other_name(self, place: tuple[str, str], name: str) -> str:
        """Name of another resource of the program for the same remote object; "" when there is none."""
        first = self._names.setdefault(place, name)
        return first if first != name else ""

    def declare(self, *scopes: str) -> None:
        """Offers and plans that the program declares, or something in them."""
        self._declared.update(scope.lower() for scope in scopes)

    def leave(self, scope: str) -> None:
        """Another offer or plan takes its place."""
        self._leaving.add(scope.lower())

    def is_kept(self, scope: str) -> bool:
        """Whether the program goes on with this offer or plan."""
        return scope.lower() in self._declared and scope.lower() not in self._leaving


PROCESS = Operation()
"""The operation that this plugin process serves."""


def scopes_of_part(names: Collection[str], id: str) -> list[str]:
    """The offer and the plan that a resource with these arguments and this id is a part of; none of an offer."""
    product, *rest = id.split("/")
    if "plan" in names:
        return [product, f"{product}/{rest[0]}"]
    return [product] if "offer" in names else []


def kept_draft(scope: str) -> str:
    """The line about an offer or plan whose parts stay."""
    noun = "plan" if "/" in scope else "offer"
    return f"kept: the draft of {noun} {scope} stays as it is, because it was published"


def scopes_of(props: Mapping[str, Any]) -> list[str]:
    """The offer, and the plan, that arguments refer to; nothing that is not known yet."""
    parent = props.get("plan") or props.get("offer")
    if not isinstance(parent, str) or not parent:
        return []
    product = parent.split("/")[0]
    return [product] if product == parent else [product, parent]
