from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.harness import Stack

from pulumi_partnercenter import AdoptionRefused, Conflict, Offer


class TestOffer(Card):
    kind = Offer
    first = {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
    immutable_changes = {
        "offer_id": "contoso-vault",
        "offer_type": "SoftwareAsAService",
        "alias": "Contoso Vault",
    }
    collection = "products"

    def path(self, emulator: RunningEmulator, stack: Stack) -> str:
        return f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}"

    @pytest.mark.parametrize("adopt", [False, True])
    def test_an_offer_with_another_alias_is_never_adopted(
        self, adopt: bool, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        stack.forget()
        emulator.clear()
        with pytest.raises(
            AdoptionRefused, match="alias is 'Contoso Backup', not 'Contoso Vault'"
        ) as refusal:
            stack.up(self.program(alias="Contoso Vault", adopt=adopt))
        assert "alias cannot change in place" in str(refusal.value)
        assert_readable(refusal.value)
        assert write_requests(emulator) == []

    def test_an_alias_changed_in_the_portal_is_a_warning_and_no_replacement(
        self, stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """The alias cannot be changed back. Each run warns and changes nothing; the warning says how to end it."""
        stack.up(self.program())
        product_id = stack.state[SUBJECT].id
        emulator.portal(self.path(emulator, stack), name="Contoso Vault")
        emulator.clear()
        assert stack.refresh() == {SUBJECT: ["alias"]}
        assert (outputs := stack.state[SUBJECT].outputs)["alias"] == "Contoso Vault"
        assert outputs["declared_alias"] == "Contoso Backup"
        for _ in range(2):
            for run in (
                lambda: stack.preview(self.program()),
                lambda: stack.up(self.program()),
                stack.refresh,
            ):
                capfd.readouterr()
                run()
                (warning,) = capfd.readouterr().out.splitlines()
                assert warning.startswith("warning: offer contoso-backup: its alias was changed")
                assert "write alias='Contoso Vault' into the program" in warning
            assert stack.preview(self.program()) == stack.up(self.program()) == {}
        assert write_requests(emulator) == []
        capfd.readouterr()
        assert stack.up(self.program(alias="Contoso Vault")) == {}
        assert not capfd.readouterr().out
        assert stack.state[SUBJECT].id == product_id

    def test_another_alias_in_the_program_replaces_the_offer(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Includes an alias that was changed in the portal."""
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), name="Contoso Vault")
        stack.refresh()
        assert stack.preview(self.program(alias="Contoso Safe")) == {SUBJECT: "replace"}
        assert stack.up(self.program(alias="Contoso Safe")) == {SUBJECT: "replace"}
        assert [product["name"] for product in emulator.state()["products"]] == ["Contoso Safe"]

    def test_deleting_a_published_offer_is_refused_with_the_way_out(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.publish(stack.state[SUBJECT].id)
        with pytest.raises(Conflict, match=r"(?s)was published.*\n  next: .*Stop distribution") as refusal:
            stack.destroy()
        assert_readable(refusal.value)
        assert stack.refresh() == {}
