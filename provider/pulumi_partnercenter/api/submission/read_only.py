"""Read-only views: drafts without waiting, and the contents of a submission."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from ..http.client import ApiClient
from .absences import Gone, NotVersioned
from .drafts import Drafts
from .models import Branch

__all__ = ["ImmediateDrafts", "SubmittedDrafts", "Versionless"]

TEST_DRIVE_VARIANT = "testdrive"
"""Pseudo plan of an old offer's test drive, which no submission contains."""

T = TypeVar("T")


class ImmediateDrafts(Drafts):
    """Current drafts without waits: a missing draft raises Gone at once."""

    def instance(
        self, product: str, variant: str, module: str, action: str, confirm: Callable[[], object]
    ) -> str:
        """Return the id of the draft, without `confirm`, which distinguishes a deleted plan from a new one."""
        del confirm
        for branch in self.branches(product, module, action):
            if branch.variant_id == variant:
                return branch.current_draft_instance_id
        raise Gone(f"{action}: there is none", status=404)

    def wait_for(self, find: Callable[[], T], action: str) -> T:
        if result := find():
            return result
        raise Gone(f"{action}: there is none", status=404)


class SubmittedDrafts(ImmediateDrafts):
    """Submitted instances instead of drafts: `contents` has an instance for each plan and module."""

    def __init__(self, client: ApiClient, contents: Mapping[tuple[str, str], str]) -> None:
        super().__init__(client)
        self._contents = contents

    def instance(
        self, product: str, variant: str, module: str, action: str, confirm: Callable[[], object]
    ) -> str:
        if variant == TEST_DRIVE_VARIANT:
            raise NotVersioned(f"{action}: no submission has it", status=404)
        return super().instance(product, variant, module, action, confirm)

    def branches(self, product: str, module: str, action: str) -> list[Branch]:  # noqa: ARG002
        return [
            Branch(current_draft_instance_id=instance, variant_id=variant)
            for (variant, name), instance in self._contents.items()
            if name == module
        ]


class Versionless:
    """Replacement of a collection whose documents have no versions; every method raises NotVersioned."""

    def __init__(self, submission: str) -> None:
        self._submission = submission

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            raise NotVersioned(f"submission {self._submission}: has no versions of it", status=404)

        return refuse
