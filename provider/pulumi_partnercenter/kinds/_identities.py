"""Authorizations, policies and actions of a managed application."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ..markers import Accepts, Meaning, Wire
from ..model import Part
from ..strict_json import read_json
from ..values import holds_unknown
from ._rules import Guid, guid

__all__ = ["Actions", "Authorization", "Policy", "actions_wanted", "used_tenant"]


ROLE_NAMES = ("Owner", "Contributor")


def _role(value: str) -> str:
    """Convert `Owner` or `Contributor` to its canonical name, and any other role to a GUID in lower case."""
    name = {name.casefold(): name for name in ROLE_NAMES}.get(value.casefold())
    try:
        return name or guid(value)
    except ValueError:
        raise ValueError(
            "must be Owner, Contributor or the GUID of a role, of `az role definition list`"
        ) from None


class Authorization(Part):
    """A principal of the publisher's tenant and its role."""

    principal: Annotated[Guid, Wire("principal_id")]
    """Object id of a user, group or application in the tenant."""
    role: Annotated[str, Meaning(_role), Wire("role_definition_id")]
    """GUID of an Azure built-in role, or `Owner` or `Contributor`."""


def _whole(value: Any) -> Any:
    """Restore integers: the engine passes `5` as `5.0`."""
    if isinstance(value, Mapping):
        return {str(name): _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(element) for element in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json_object(value: object) -> object:
    """Canonical JSON text of an object or of its JSON text."""
    if holds_unknown(value) or not isinstance(value, str | Mapping):
        return value
    try:
        given = read_json(value or "{}") if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"must be JSON: {error}") from None
    if not isinstance(given, Mapping):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - pydantic makes a failure of this kind only
    return json.dumps(_whole(given), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Policy(Part):
    """An Azure policy that is assigned to the managed resource group."""

    name: Annotated[str, MinLen(1), MaxLen(50), Wire("policy_name")]
    definition: Annotated[str, MinLen(1), Wire("policy_definition_id")]
    """Id of the policy definition."""
    parameters: Annotated[
        str, Meaning(accept=_json_object), Accepts("Mapping[str, Any]"), Wire("policy_parameters")
    ] = "{}"
    """An object, or its JSON text."""
    sku: Annotated[str, Wire("policy_sku")] = ""


def used_tenant(id: str) -> str:
    """Return the tenant id, or "" for `string`: some tools of Microsoft write that placeholder for an unused cloud."""
    return "" if id == "string" else id


ACTION = re.compile(r"\*|[^\s,/]+(/[^\s,/]+)+")


def _require_actions(joined: str) -> str:
    if not all(ACTION.fullmatch(action) for action in _actions_in([joined])):
        raise ValueError(
            "must be an action such as Microsoft.Compute/*; each action is an element of the list"
        )
    return joined


def _actions_in(texts: list[str]) -> list[str]:
    return sorted({action.strip() for joined in texts for action in joined.split(";")} - {""})


def actions_wanted(desired: list[str], have: list[str]) -> list[str]:
    """Return the draft's spelling if it is the same set: a text may hold several actions, separated by `;`."""
    return have if _actions_in(have) == desired else desired


Actions = Annotated[list[Annotated[str, Meaning(_require_actions)]], Meaning(_actions_in)]
"""A set of actions; a text may hold several, separated by `;`."""
