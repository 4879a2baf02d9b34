"""Publishers: those that exist from the start, and those that the control plane registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import StringConstraints

from ..applications import Caller
from ..control_input import Parameters
from ..state import Document, Store

__all__ = ["KIND", "Publisher", "find", "list_visible", "register"]

KIND = "portalpublisher"
FIRST = {"contoso": "Contoso", "fabrikam": "Fabrikam", "fabrikam-labs": "Fabrikam Labs"}
"""Publishers of every emulator. Its applications have rights in them."""


ClientId: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
]


class Publisher(Parameters):
    """A publisher. `has_rights`: whether the emulator's applications may work for it.

    `applications` are the client ids of those that were added to it; None: all of the account.
    """

    publisher: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$")]
    display_name: str = ""
    has_rights: bool = True
    applications: list[ClientId] | None = None

    def admits(self, caller: Caller) -> bool:
        """Whether an application has rights in this publisher."""
        added = self.applications
        return self.has_rights and (added is None or caller.client in [id.lower() for id in added])

    def describe(self) -> dict[str, Any]:
        """The publisher as the service lists it. Members from a public client; the category is inferred."""
        definition = {
            "displayText": self.display_name or self.publisher,
            "offerTypeCategories": ["azure-marketplace"],
            "sellerId": 1234567,
        }
        return {"version": 0, "id": self.publisher, "definition": definition}


def register(store: Store, publisher: Publisher) -> None:
    """Register a publisher, in place of one with its id."""
    store.save(Document(KIND, publisher.publisher, publisher.model_dump(), stage=""))


def _list(store: Store) -> Mapping[str, Publisher]:
    """Return all publishers by their ids in lower case."""
    first = [Publisher(publisher=id, display_name=name) for id, name in FIRST.items()]
    registered = [Publisher.model_validate(document.body) for document in store.select(KIND)]
    return {publisher.publisher.lower(): publisher for publisher in (*first, *registered)}


def find(store: Store, id: str) -> Publisher | None:
    return _list(store).get(id.lower())


def list_visible(store: Store, caller: Caller) -> list[Publisher]:
    """Return the publishers in which the caller has rights."""
    return [publisher for publisher in _list(store).values() if publisher.admits(caller)]
