"""Card of images, videos and documents. Their content identifies them, not their names."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, stable_content, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import AdoptionRefused, NotFound, OfferListing, PartnerCenterError

GERMAN = {
    "german": Declaration(OfferListing, {"offer": Ref("offer"), "language": "de-de", "title": "Contoso"})
}


class FileCard(Card):
    """Card of a resource with a file. `first` has a `source`; `other_source` has other bytes."""

    parents: ClassVar[dict[str, Declaration]] = {**OFFERS, **GERMAN}
    other_parents: ClassVar[dict[str, Declaration]] = {**OFFERS, **GERMAN, **OTHER_OFFER}
    other_source: ClassVar[str]
    segment: ClassVar[str]
    drift_tests: ClassVar[dict[str, str]] = {
        "digest": "test_a_file_changed_in_the_service_is_drift_and_repaired"
    }

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        (row,) = emulator.state()[self.collection]
        return row

    def path(self, emulator: RunningEmulator, stack: Stack) -> str:
        row, language = self.document(emulator, stack), stack.state[SUBJECT].inputs["language"]
        (listing,) = [
            listing_row
            for listing_row in emulator.state()["listings"]
            if listing_row["instanceID"] == row["instanceID"]
            and listing_row["languageCode"].lower() == language
        ]
        listing_path = f"/v1.0/ingestion/products/{row['productID']}/listings/{listing['id']}"
        return f"{listing_path}/{self.segment}/{row['id']}"

    def test_a_changed_file_is_uploaded_and_the_old_one_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.clear()
        changed_program = self.program(source=self.other_source, **self.file_name_argument())
        assert stack.preview(changed_program) == {SUBJECT: "update"}
        assert stack.up(changed_program) == {SUBJECT: "update"}
        assert count_uploads(emulator) == 1
        assert len(emulator.state()[self.collection]) == 1
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_an_equal_file_at_another_path_is_no_change(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        suffix = Path(self.first["source"]).suffix
        copy = shutil.copy(self.first["source"], samples.FOLDER / f"moved{suffix}")
        emulator.clear()
        for source in (str(copy), pulumi.FileAsset(str(copy))):
            assert stack.preview(self.program(source=source)) == {}
            assert stack.up(self.program(source=source)) == {}
        assert emulator.requests() == []

    def test_a_file_changed_in_the_service_is_drift_and_repaired(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        before = stable_content(emulator)
        self.overwrite(emulator, stack)
        assert stack.refresh() == {SUBJECT: ["digest"]}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert stable_content(emulator) == before
        assert stack.refresh() == {}

    def test_an_existing_different_file_is_refused_without_adopt(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        name = self.file_name_argument()
        stack.forget()
        emulator.clear()
        with pytest.raises(AdoptionRefused, match="digest is 'sha256:") as refusal:
            stack.up(self.program(source=self.other_source, **name))
        assert_readable(refusal.value)
        assert write_requests(emulator) == []
        changed_program = self.program(source=self.other_source, adopt=True, **name)
        stack.up(changed_program)
        assert len(emulator.state()[self.collection]) == 1
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_a_reverted_program_deletes_the_half_uploaded_file(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        before = stable_content(emulator)
        changed_program = self.program(source=self.other_source, **self.file_name_argument())
        emulator.fault("PUT /_blob", status=403)
        with pytest.raises(PartnerCenterError, match="403"):
            stack.up(changed_program)
        assert len(emulator.state()[self.collection]) == 2
        assert stack.refresh() == {SUBJECT: ["digest"]}
        stack.up(self.program())
        assert stable_content(emulator) == before

    def test_a_run_without_its_state_deletes_the_half_uploaded_file(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        before = stable_content(emulator)
        changed_program = self.program(source=self.other_source, **self.file_name_argument())
        emulator.fault("PUT /_blob", status=403)
        with pytest.raises(PartnerCenterError, match="403"):
            stack.up(changed_program)
        stack.forget()
        stack.up(self.program())
        assert stable_content(emulator) == before

    def test_upload_addresses_are_in_no_state_and_no_message(
        self, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.config["partnercenter:log"] = "debug"
        stack.up(self.program())
        stack.refresh()
        output = capsys.readouterr()
        assert "/_blob/" in output.err
        assert "sig=…" in output.err
        assert not re.search("sig=[^…]", output.err + output.out)
        assert "sig=" not in json.dumps([record.outputs for record in stack.state.values()])

    def test_a_file_is_recognised_in_new_drafts_after_a_submission(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """A submission gives every listing a new id."""
        stack.up(self.program())
        emulator.publish(stack.state["offer"].id)
        assert stack.refresh() == {}
        assert stack.up(self.program()) == {}
        changed_program = self.program(source=self.other_source, **self.file_name_argument())
        assert stack.up(changed_program) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_a_renamed_file_resource_writes_nothing(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        emulator.clear()
        renamed_program = {**self.parents, "renamed": self.program()[SUBJECT]}
        assert stack.up(renamed_program) == {"renamed": "create", SUBJECT: "delete"}
        assert write_requests(emulator) == []
        assert stack.refresh() == {}

    def test_a_missing_listing_is_named(self, stack: Stack, emulator: RunningEmulator) -> None:
        program = {**OFFERS, SUBJECT: Declaration(self.kind, {**self.first, "language": "fr-fr"})}
        with pytest.raises(NotFound, match="fr-fr") as error:
            stack.up(program)
        assert "OfferListing" in str(error.value)
        assert_readable(error.value)

    def operations(self) -> dict[str, Operation]:
        """Adds the exchange of a file, with and without the state of the stack."""
        full, other = self.program(), {"source": self.other_source, **self.file_name_argument()}
        adopting_program = self.program(**other, adopt=True)

        def upload_other_file(stack: Stack) -> None:
            stack.up(full)
            stack.forget()

        return {
            **super().operations(),
            "exchange": Operation.between(full, self.program(**other)),
            "adoption": Operation(upload_other_file, lambda stack: stack.up(adopting_program)),
        }

    def file_name_argument(self) -> dict[str, str]:
        """Return the argument that keeps the present file name, if another source would change it."""
        return {}

    def overwrite(self, emulator: RunningEmulator, stack: Stack) -> None:
        """Replace the bytes from another stack."""
        changed_program = self.program(source=self.other_source, adopt=True, **self.file_name_argument())
        Stack(stack.config).up(changed_program)


def count_uploads(emulator: RunningEmulator) -> int:
    blobs = [request for request in emulator.requests() if request["service"] == "blob"]
    return len([request for request in blobs if request["method"] == "PUT"])
