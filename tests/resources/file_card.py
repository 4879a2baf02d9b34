"""What images, videos and documents have in common beyond the acceptance card: bytes that count, names that do not."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, content, writes
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declared, Ref, Stack

from pulumi_partnercenter import AdoptionRefused, NotFound, OfferListing, PartnerCenterError

GERMAN = {"german": Declared(OfferListing, {"offer": Ref("offer"), "language": "de-de", "title": "Contoso"})}


class FileCard(Card):
    """`first` names its `source`; `other_source` has other bytes."""

    parents: ClassVar[dict[str, Declared]] = {**OFFERS, **GERMAN}
    beside: ClassVar[dict[str, Declared]] = {**OFFERS, **GERMAN, **OTHER_OFFER}
    other_source: ClassVar[str]
    segment: ClassVar[str]
    shown_by: ClassVar[dict[str, str]] = {"digest": "test_other_bytes_in_the_service_are_drift_and_repaired"}

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        (found,) = emulator.state()[self.collection]
        return found

    def path(self, emulator: Serving, stack: Stack) -> str:
        row, language = self.document(emulator, stack), stack.state[SUBJECT].inputs["language"]
        (listing,) = [
            each
            for each in emulator.state()["listings"]
            if each["instanceID"] == row["instanceID"] and each["languageCode"].lower() == language
        ]
        where = f"/v1.0/ingestion/products/{row['productID']}/listings/{listing['id']}"
        return f"{where}/{self.segment}/{row['id']}"

    def test_other_bytes_are_uploaded_and_the_old_ones_go(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.clear()
        changed = self.program(source=self.other_source, **self.kept_name())
        assert stack.preview(changed) == {SUBJECT: "update"}
        assert stack.up(changed) == {SUBJECT: "update"}
        assert uploads(emulator) == 1
        assert len(emulator.state()[self.collection]) == 1
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    def test_the_same_bytes_elsewhere_are_no_change(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        suffix = Path(self.first["source"]).suffix
        moved = shutil.copy(self.first["source"], samples.FOLDER / f"moved{suffix}")
        emulator.clear()
        for source in (str(moved), pulumi.FileAsset(str(moved))):
            assert stack.preview(self.program(source=source)) == {}
            assert stack.up(self.program(source=source)) == {}
        assert emulator.requests() == []

    def test_other_bytes_in_the_service_are_drift_and_repaired(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        before = content(emulator)
        self.overwrite(emulator, stack)
        assert stack.refresh() == {SUBJECT: ["digest"]}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert content(emulator) == before
        assert stack.refresh() == {}

    def test_other_bytes_that_are_there_are_refused_and_adopted_when_told_so(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        name = self.kept_name()
        stack.forget()
        emulator.clear()
        with pytest.raises(AdoptionRefused, match="digest is 'sha256:") as refused:
            stack.up(self.program(source=self.other_source, **name))
        assert_readable(refused.value)
        assert writes(emulator) == []
        changed = self.program(source=self.other_source, adopt=True, **name)
        stack.up(changed)
        assert len(emulator.state()[self.collection]) == 1
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    def test_what_a_cut_run_left_goes_also_when_the_program_goes_back(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        before = content(emulator)
        changed = self.program(source=self.other_source, **self.kept_name())
        emulator.fault("PUT /_blob", status=403)
        with pytest.raises(PartnerCenterError, match="403"):
            stack.up(changed)
        assert len(emulator.state()[self.collection]) == 2
        assert stack.refresh() == {SUBJECT: ["digest"]}
        stack.up(self.program())
        assert content(emulator) == before

    def test_a_run_that_lost_its_state_puts_away_what_it_left(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        before = content(emulator)
        changed = self.program(source=self.other_source, **self.kept_name())
        emulator.fault("PUT /_blob", status=403)
        with pytest.raises(PartnerCenterError, match="403"):
            stack.up(changed)
        stack.forget()
        stack.up(self.program())
        assert content(emulator) == before

    def test_an_address_is_in_no_state_and_no_message(
        self, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.config["partnercenter:log"] = "debug"
        stack.up(self.program())
        stack.refresh()
        told = capsys.readouterr()
        assert "/_blob/" in told.err
        assert "sig=…" in told.err
        assert not re.search("sig=[^…]", told.err + told.out)
        assert "sig=" not in json.dumps([each.outputs for each in stack.state.values()])

    def test_it_lives_on_in_the_drafts_after_a_submission(self, stack: Stack, emulator: Serving) -> None:
        """Every listing has another id then."""
        stack.up(self.program())
        emulator.publish(stack.state["offer"].id)
        assert stack.refresh() == {}
        assert stack.up(self.program()) == {}
        changed = self.program(source=self.other_source, **self.kept_name())
        assert stack.up(changed) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_another_name_in_the_program_moves_nothing(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.clear()
        renamed = {**self.parents, "renamed": self.program()[SUBJECT]}
        assert stack.up(renamed) == {"renamed": "create", SUBJECT: "delete"}
        assert writes(emulator) == []
        assert stack.refresh() == {}

    def test_a_listing_that_is_not_there_is_told(self, stack: Stack, emulator: Serving) -> None:
        program = {**OFFERS, SUBJECT: Declared(self.kind, {**self.first, "language": "fr-fr"})}
        with pytest.raises(NotFound, match="fr-fr") as missing:
            stack.up(program)
        assert "OfferListing" in str(missing.value)
        assert_readable(missing.value)

    def operations(self) -> dict[str, Operation]:
        """Also other bytes, in the place of ours and of somebody else's."""
        full, other = self.program(), {"source": self.other_source, **self.kept_name()}
        adopted = self.program(**other, adopt=True)

        def theirs(stack: Stack) -> None:
            stack.up(full)
            stack.forget()

        return {
            **super().operations(),
            "exchange": Operation.between(full, self.program(**other)),
            "adoption": Operation(theirs, lambda stack: stack.up(adopted)),
        }

    def kept_name(self) -> dict[str, str]:
        """Says the present file name, where another source would give another one."""
        return {}

    def overwrite(self, emulator: Serving, stack: Stack) -> None:
        """Somebody puts other bytes in the place of ours."""
        changed = self.program(source=self.other_source, adopt=True, **self.kept_name())
        Stack(stack.config).up(changed)


def uploads(emulator: Serving) -> int:
    blobs = [each for each in emulator.requests() if each["service"] == "blob"]
    return len([each for each in blobs if each["method"] == "PUT"])
