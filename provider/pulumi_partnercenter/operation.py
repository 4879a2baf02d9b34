"""State that the resources of an operation share. A plugin process serves a single operation, with all its resources.

The engine calls `check` and `diff` only for declared resources, and in a `destroy` only `delete`. So the checked
resources show whether a program dropped a single resource or the whole offer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["PROCESS", "Operation", "kept_draft", "scopes_of", "scopes_of_part"]

Key = tuple[str, str]
"""Class of a resource, and its immutable arguments as JSON; "" if one of them is unknown."""


class Operation:
    """Filled by `check` and `diff`, which the engine does not call concurrently."""

    def __init__(self) -> None:
        self.checked: set[Key] = set()
        """Resources that the program declares, as far as the engine has checked them."""
        self.claimed: set[Key] = set()
        """Resources in the state or created by this run. A delete for one of them is a rename and is skipped."""
        self.messages: set[str] = set()
        """Remarks that were shown already."""
        self.published: set[str] = set()
        """Ids of offers and plans that were published, according to the state."""
        self._names: dict[tuple[str, str], str] = {}
        self._declared: set[str] = set()
        self._leaving: set[str] = set()

    def other_name(self, place: tuple[str, str], name: str) -> str:
        """Return the name of another resource of the program for the same remote object; "" if there is none."""
        first = self._names.setdefault(place, name)
        return first if first != name else ""

    def declare(self, *scopes: str) -> None:
        """Record offers and plans that the program declares, or whose parts it declares."""
        self._declared.update(scope.lower() for scope in scopes)

    def leave(self, scope: str) -> None:
        """Record that an offer or plan is replaced."""
        self._leaving.add(scope.lower())

    def is_kept(self, scope: str) -> bool:
        """Whether the program keeps this offer or plan."""
        return scope.lower() in self._declared and scope.lower() not in self._leaving


PROCESS = Operation()
"""The operation that this plugin process serves."""


def scopes_of_part(names: Collection[str], id: str) -> list[str]:
    """Ids of the offer and plan that a resource belongs to, from its arguments' names and its id; none for an offer."""
    product, *rest = id.split("/")
    if "plan" in names:
        return [product, f"{product}/{rest[0]}"]
    return [product] if "offer" in names else []


def kept_draft(scope: str) -> str:
    """Return the message that the draft of an offer or plan stays."""
    noun = "plan" if "/" in scope else "offer"
    return f"kept: the draft of {noun} {scope} stays as it is, because it was published"


def scopes_of(props: Mapping[str, Any]) -> list[str]:
    """Ids of the offer and plan that arguments refer to; none if they are unknown."""
    parent = props.get("plan") or props.get("offer")
    if not isinstance(parent, str) or not parent:
        return []
    product = parent.split("/")[0]
    return [product] if product == parent else [product, parent]
