"""Settings of the control plane for what sources about the API of the portal contradict, or do not say."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import Ge, Le

from ..control_input import Parameters
from ..state import Document, Store

__all__ = ["Profile", "Settings", "SettingsBody", "change", "read", "reset"]

Profile: TypeAlias = Literal["strict", "observed2020", "clients2022"]
"""Concurrency control: as documented, as a public issue of 2020 has it, as clients of 2022 imply."""
_KEPT = "portal.settings"


@dataclass(frozen=True)
class Settings:
    """How the service answers.

    `is_migrated` is about offers that a PUT creates, and about publishers without any migrated offer.
    `etag_on_get` says which offers have an `ETag` when read: `legacy` are those that were not migrated.
    `step_name_equals_id` None: for migrated offers. `seconds_per_step` None: those of the pace. A cancellation that is
    not `async_cancel` answers 200 and is over. `errors_as_text` turns the object by module into its text.
    """

    profile: Profile = "observed2020"
    is_migrated: bool = False
    etag_on_get: Literal["always", "legacy", "never"] = "legacy"
    operation_as_array: bool = False
    put_returns_module_map: bool = False
    step_name_equals_id: bool | None = None
    async_cancel: bool = True
    idle_cancel_status: Literal[202, 400] = 202
    busy_status: Literal[409, 400] = 409
    errors_as_text: bool = False
    seconds_per_step: float | None = None

    def has_etag_on_get(self, offer: Document) -> bool:
        """Whether the answer to a read of the offer has an `ETag`."""
        return self.etag_on_get == "always" or (self.etag_on_get == "legacy" and not offer.body["isMigrated"])

    def has_ids_as_step_names(self, offer: Document) -> bool:
        """Whether `stepName` of the offer's steps is their id."""
        chosen = self.step_name_equals_id
        return bool(offer.body["isMigrated"]) if chosen is None else chosen


class SettingsBody(Parameters):
    """Members of `POST portal/behaviour`; those that are not given stay, null restores the default."""

    profile: Profile | None = None
    is_migrated: bool | None = None
    etag_on_get: Literal["always", "legacy", "never"] | None = None
    operation_as_array: bool | None = None
    put_returns_module_map: bool | None = None
    step_name_equals_id: bool | None = None
    async_cancel: bool | None = None
    idle_cancel_status: Literal[202, 400] | None = None
    busy_status: Literal[409, 400] | None = None
    errors_as_text: bool | None = None
    seconds_per_step: Annotated[float, Ge(0), Le(31_536_000)] | None = None


def read(store: Store) -> Settings:
    return replace(Settings(), **json.loads(store.memory.get(_KEPT, "{}")))


def change(store: Store, members: dict[str, Any]) -> dict[str, Any]:
    """Change settings; None restores a default. Return all of them."""
    kept = {**json.loads(store.memory.get(_KEPT, "{}")), **members}
    store.memory[_KEPT] = json.dumps({name: value for name, value in kept.items() if value is not None})
    return asdict(read(store))


def reset(store: Store) -> None:
    store.memory.pop(_KEPT, None)
