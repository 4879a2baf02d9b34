"""Views for those who look and never write: the drafts without waiting, and what a submission froze.

The nouns of the client read through them as they read the drafts. Source: submission API 3.2, 5.19.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from ..http.client import Door
from .drafts import Drafts, Gone
from .models import Branch

__all__ = ["Frozen", "Looking", "NotVersioned", "Versionless"]

NEVER_SENT = "testdrive"
"""The pseudo plan of an old offer's test drive stays out of submissions (5.19)."""

T = TypeVar("T")


class NotVersioned(Gone):
    """The service keeps no versions of it: nobody can tell what a submission showed."""


class Looking(Drafts):
    """Drafts as they are now: what an offer has not, or not yet, is Gone at once."""

    def instance(
        self, product: str, variant: str, module: str, doing: str, confirm: Callable[[], object]
    ) -> str:
        """Without `confirm`, which tells a plan that is gone from one that is new."""
        del confirm
        for each in self.branches(product, module, doing):
            if each.variant_id == variant:
                return each.current_draft_instance_id
        raise Gone(f"{doing}: there is none", status=404)

    def wait_for(self, look: Callable[[], T], doing: str) -> T:
        if found := look():
            return found
        raise Gone(f"{doing}: there is none", status=404)


class Frozen(Looking):
    """What was submitted in place of the drafts: `contents` has an instance for each plan and module."""

    def __init__(self, door: Door, contents: Mapping[tuple[str, str], str]) -> None:
        super().__init__(door)
        self._contents = contents

    def instance(
        self, product: str, variant: str, module: str, doing: str, confirm: Callable[[], object]
    ) -> str:
        if variant == NEVER_SENT:
            raise NotVersioned(f"{doing}: no submission has it", status=404)
        return super().instance(product, variant, module, doing, confirm)

    def branches(self, product: str, module: str, doing: str) -> list[Branch]:  # noqa: ARG002
        return [
            Branch(current_draft_instance_id=instance, variant_id=variant)
            for (variant, name), instance in self._contents.items()
            if name == module
        ]


class Versionless:
    """In place of a noun whose documents have no versions."""

    def __init__(self, submission: str) -> None:
        self._submission = submission

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            raise NotVersioned(f"submission {self._submission}: has no versions of it", status=404)

        return refuse
