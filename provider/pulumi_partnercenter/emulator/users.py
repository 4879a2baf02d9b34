"""Users of the emulator's Entra ID: people of Contoso, who sells, of Fabrikam, who buys, and others.

Control plane: `POST /_emulator/users` adds a user, or replaces the one with its object id (201). `preferred_username`
is required. Optional are `tenant` (default: Fabrikam's), `object_id`, `name`, `email` (default "": no claim) and
`groups` (GUIDs).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import MutableMapping
from typing import Any, TypedDict, cast

from .applications import TENANT

__all__ = [
    "CUSTOMER_OBJECT",
    "CUSTOMER_TENANT",
    "PERSONAL_TENANT",
    "RESELLER_OBJECT",
    "RESELLER_TENANT",
    "User",
    "Users",
]

CUSTOMER_TENANT = "33333333-3333-3333-3333-333333333333"
CUSTOMER_OBJECT = "55555555-5555-5555-5555-555555555555"
RESELLER_TENANT = "44444444-4444-4444-4444-444444444444"
RESELLER_OBJECT = "66666666-6666-6666-6666-666666666666"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""Microsoft's tenant of all personal accounts."""
_KEPT = "entra.users"


class User(TypedDict):
    """A person who signs in. `groups` are object ids."""

    tenant: str
    object_id: str
    name: str
    preferred_username: str
    email: str
    groups: list[str]


def _user(tenant: str, object_id: str, name: str, address: str, *, has_email: bool = True) -> User:
    return {
        "tenant": tenant,
        "object_id": object_id,
        "name": name,
        "preferred_username": address,
        "email": address if has_email else "",
        "groups": [],
    }


_FIRST: list[User] = [
    _user(CUSTOMER_TENANT, CUSTOMER_OBJECT, "Dana Fabrikam", "dana@fabrikam.example"),
    _user(
        CUSTOMER_TENANT,
        "55555555-5555-5555-5555-555555555556",
        "Lee Fabrikam",
        "lee@fabrikam.example",
        has_email=False,
    ),
    _user(RESELLER_TENANT, RESELLER_OBJECT, "Orders of the reseller", "orders@reseller.example"),
    _user(PERSONAL_TENANT, "00000000-0000-0000-8888-888888888888", "Robin", "robin@example.com"),
    _user(TENANT, "77777777-7777-7777-7777-777777777771", "Alex Contoso", "alex@contoso.example"),
    _user(TENANT, "77777777-7777-7777-7777-777777777772", "Kim Contoso", "kim@contoso.example"),
    _user(TENANT, "77777777-7777-7777-7777-777777777773", "Sam Contoso", "sam@contoso.example"),
]


class Users:
    """The users from the start, and the added ones."""

    def __init__(self, memory: MutableMapping[str, str]) -> None:
        self._memory = memory

    def list_added(self) -> list[User]:
        return cast("list[User]", json.loads(self._memory.get(_KEPT, "[]")))

    def all(self) -> list[User]:
        """Return all users. An added one replaces the user from the start with its object id."""
        added = self.list_added()
        ids = {user["object_id"] for user in added}
        return [*(user for user in _FIRST if user["object_id"] not in ids), *added]

    def find(self, object_id: str) -> User | None:
        return next((user for user in self.all() if user["object_id"] == object_id.lower()), None)

    def forget(self) -> None:
        self._memory.pop(_KEPT, None)

    def add(self, body: object) -> User:
        """Add a user. Raises: ValueError naming member and rule."""
        user = _parse_user(body)
        others = [other for other in self.list_added() if other["object_id"] != user["object_id"]]
        self._memory[_KEPT] = json.dumps([*others, user])
        return user


def _parse_user(body: object) -> User:
    if not isinstance(body, dict):
        raise ValueError("the body: an object")  # noqa: TRY004 - one kind for every broken rule
    members: dict[str, Any] = {
        "tenant": CUSTOMER_TENANT,
        "object_id": str(uuid.uuid4()),
        "name": "",
        "preferred_username": "",
        "email": "",
        "groups": [],
    }
    if unknown := set(body) - set(members):
        raise ValueError(f"{', '.join(sorted(unknown))}: unknown; expected are {', '.join(members)}")
    members |= body
    for name in ("tenant", "object_id"):
        members[name] = _parse_guid(name, members[name])
    for name in ("name", "preferred_username", "email"):
        if not isinstance(members[name], str):
            raise ValueError(f"{name}: a string")  # noqa: TRY004
    if not members["preferred_username"]:
        raise ValueError("preferred_username: must be given")
    if not isinstance(members["groups"], list):
        raise ValueError("groups: a list of GUIDs")  # noqa: TRY004
    members["groups"] = [_parse_guid("groups", group) for group in members["groups"]]
    return cast("User", members)


def _parse_guid(name: str, value: object) -> str:
    try:
        return str(uuid.UUID(value if isinstance(value, str) else ""))
    except ValueError:
        raise ValueError(f"{name}: must be a GUID, not {value!r}") from None
