"""What an offer has, read through the kinds: no resource is named here but the submission, which is judged last."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._resource import Kind, Resource, Seen
from ..resources.submission import Submission

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi

__all__ = ["Piece", "Tell", "pieces_of", "resources", "texts"]

AT_ONCE = 4
"""As many requests as the engine's plugin makes."""

Tell = Callable[[str], None]
"""Shows a line of progress, which the next one replaces."""


@dataclass(eq=False)
class Piece:
    """One resource of an offer on its way into a program.

    `declared`: the arguments as the kind tells them. `checked`: as the engine has them once it has checked the program.
    `said`: those that the program says. `name` is the resource's in the program.
    """

    resource: type[Resource]
    seen: Seen[Any]
    declared: dict[str, Any]
    checked: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    variable: str = ""
    is_kept: bool = False
    """The service deletes it no more, because it was published."""

    @property
    def id(self) -> str:
        return self.seen.id

    @property
    def kind(self) -> Kind[Any, Any]:
        return self.resource.provider.kind

    @property
    def label(self) -> str:
        return f"{self.resource.__name__} {self.name}"

    def inputs(self) -> dict[str, Any]:
        """As the service has them once the program has adopted it."""
        inputs: dict[str, Any] = self.kind.inputs.kept(self.seen.inputs, self.checked)
        return inputs

    def fingerprint(self) -> str:
        digest: str = self.kind.inputs.fingerprint(self.inputs())
        return digest

    def refers_to(self, id: str) -> bool:
        """Whether one of its arguments is this id."""
        return id in texts(self.declared)


def resources() -> list[type[Resource]]:
    """Every class of the package, in its order."""
    package = importlib.import_module(__package__.rpartition(".")[0])
    exported = (getattr(package, name) for name in package.__all__)
    return [each for each in exported if isinstance(each, type) and issubclass(each, Resource)]


def pieces_of(api: SubmissionApi, offer: str, tell: Tell) -> list[Piece]:
    """All that an offer has but its submission; what nobody has written since the service made it, too."""
    api.offers.get(offer)
    wanted = [
        (each, id)
        for each in resources()
        if each is not Submission
        for id in each.provider.kind.ids_in(api, offer)
    ]

    def read(number: int) -> Piece:
        resource, id = wanted[number]
        tell(f"{number + 1} of {len(wanted)}: {resource.provider.kind.noun}")
        seen = resource.provider.kind.read(api, id)
        return Piece(resource, seen, resource.provider.kind.declared(api, seen))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, range(len(wanted))))


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
