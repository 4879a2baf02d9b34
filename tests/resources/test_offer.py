from __future__ import annotations

import pytest
from tests.resources.card import SUBJECT, Card, assert_readable, writes
from tests.resources.harness import Stack
from tests.serving import Serving

from pulumi_partnercenter import AdoptionRefused, Conflict, Offer


class TestOffer(Card):
    kind = Offer
    first = {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
    others = {"offer_id": "contoso-vault", "offer_type": "SoftwareAsAService", "alias": "Contoso Vault"}
    collection = "products"

    def path(self, emulator: Serving, stack: Stack) -> str:
        return f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}"

    @pytest.mark.parametrize("adopt", [False, True])
    def test_what_cannot_change_in_place_is_never_adopted(
        self, adopt: bool, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        stack.forget()
        emulator.clear()
        with pytest.raises(
            AdoptionRefused, match="alias is 'Contoso Backup', not 'Contoso Vault'"
        ) as refused:
            stack.up(self.program(alias="Contoso Vault", adopt=adopt))
        assert "alias cannot change in place" in str(refused.value)
        assert_readable(refused.value)
        assert writes(emulator) == []

    def test_a_new_alias_in_the_portal_is_shown(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), name="Contoso Vault")
        assert stack.refresh() == {SUBJECT: ["alias"]}
        assert stack.preview(self.program()) == {SUBJECT: "replace"}
        assert stack.up(self.program(alias="Contoso Vault")) == {}

    def test_a_published_offer_is_not_deleted_and_the_way_out_is_named(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        emulator.publish(stack.state[SUBJECT].id)
        with pytest.raises(Conflict, match=r"(?s)was published.*\n  next: .*Stop distribution") as refused:
            stack.destroy()
        assert_readable(refused.value)
        assert stack.refresh() == {}
