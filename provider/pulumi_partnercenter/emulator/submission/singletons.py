"""Documents of which every draft instance has exactly one: the service creates them, clients replace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..binding import Schema
from ..service import Answer, Call
from . import errors
from .entities import bind_replacement, list_in_instance, replace_body, require_entity, require_type
from .products import require_product
from .scopes import within_product

__all__ = ["Singleton"]


@dataclass(frozen=True)
class Singleton:
    """A type of such documents; its methods are its operations. Paths name the `instance`, or the document's `id`.

    `schema_of` returns the members of a resource type; `validate` completes a replacement or refuses it.
    """

    kind: str
    module: str
    schema_of: Callable[[str], Mapping[str, Schema]]
    validate: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: body
    if_match_required: bool = True
    unlisted_offer_types: Sequence[str] = ()
    """Types of offers for which the list of drafts is refused."""

    def list(self, call: Call) -> Answer:
        """Return the document of an instance, which may be a published one."""
        return Answer(
            200, {"value": [document.body for document in list_in_instance(call, self.kind, self.module)]}
        )

    def list_drafts(self, call: Call) -> Answer:
        """Return the document of the present draft (documented only; "present" is inferred)."""
        product = require_product(call)
        if product.body["resourceType"] in self.unlisted_offer_types:
            raise errors.not_applicable()
        if "branchId" in call.query:
            raise errors.not_emulated("query option branchId")
        documents = call.store.visible(self.kind, **within_product(product.id), stage="draft")
        return Answer(200, {"value": [document.body for document in documents]})

    def create(self, call: Call) -> Answer:
        """Always refuse with 409, a documented status: the document exists already (inferred)."""
        product = require_product(call)
        (present,) = call.store.select(self.kind, **within_product(product.id), stage="draft")
        body = call.bind(self.schema_of(present.body["resourceType"]), present.body)
        require_type(body, present.body["resourceType"])
        raise errors.conflict(f"{present.body['resourceType']} {present.id} exists already; replace it.")

    def get(self, call: Call) -> Answer:
        return Answer(200, require_entity(call, self.kind, "id").body)

    def replace(self, call: Call) -> Answer:
        document = require_entity(call, self.kind, "id")
        schema = self.schema_of(document.body["resourceType"])
        body = bind_replacement(call, document, schema, if_match_required=self.if_match_required)
        stored = replace_body(call, document, self.validate(body))
        return Answer(200, stored, etag=stored["@odata.etag"])
