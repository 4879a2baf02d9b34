from __future__ import annotations

import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, content, writes
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import CheckFailed, Declared, Plugin, Ref, Stack

from pulumi_partnercenter import (
    InputError,
    Offer,
    OfferTechnicalConfiguration,
    Package,
    PartnerCenterError,
    Rejected,
)
from pulumi_partnercenter.api.http import blobs
from pulumi_partnercenter.api.submission import shared_client
from pulumi_partnercenter.api.submission.models import Package as Row
from pulumi_partnercenter.kinds._packages import APPLICATION, uploading
from pulumi_partnercenter.kinds.package import PackageArguments
from pulumi_partnercenter.settings import Settings

CONTOSO = samples.application("contoso")
CUTS: dict[str, dict[str, Any]] = {
    "cut before the work": {"drop": "before"},
    "cut after the work": {"drop": "after"},
    "403": {"status": 403},
    "503": {"status": 503},
}
NETWORK = {**samples.ATTRIBUTION, "name": "network"}
OTHER = samples.application("other", parameters={"size": {"type": "string", "defaultValue": "S"}})


class TestPackage(Card):
    kind = Package
    parents = OFFERS
    beside = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {"offer": Ref("offer"), "source": CONTOSO}
    others = {"offer": Ref("other_offer"), "kind": "Dynamics365BusinessCentralAddOnExtensionPackage"}
    follows: ClassVar[dict[str, list[str]]] = {"source": ["digest"], "kind": ["digest"]}
    collection = "packages"

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        (found,) = emulator.state()[self.collection]
        return found

    def operations(self) -> dict[str, Operation]:
        """Also other content, which is another package."""
        exchange = Operation.between(self.program(), self.program(source=OTHER))
        return {**super().operations(), "exchange": exchange}

    def test_an_immutable_argument_replaces(self, immutable: str, stack: Stack, emulator: Serving) -> None:
        if immutable == "kind":  # of which Business Central takes no folder
            app = samples.file("contoso.app", b"NAVX")
            first, changed = self.program(source=app, kind=self.others["kind"]), self.program()
            stack.up(first)
            assert stack.up(changed) == {SUBJECT: "replace"}
            assert [each["resourceType"] for each in emulator.state()["packages"]] == [
                "AzureApplicationPackage"
            ]
            return
        super().test_an_immutable_argument_replaces(immutable, stack, emulator)

    def test_other_content_is_another_package_and_made_before_the_old_one_goes(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        first = stack.state[SUBJECT].id
        emulator.clear()
        changed = self.program(source=OTHER)
        assert stack.preview(changed) == {SUBJECT: "replace"}
        assert stack.up(changed) == {SUBJECT: "replace"}
        assert [each["method"] for each in writes(emulator)] == ["POST", "PUT", "PUT", "DELETE"]
        assert stack.state[SUBJECT].id != first
        assert f"{stack.state['offer'].id}/{self.document(emulator, stack)['id']}" == stack.state[SUBJECT].id
        assert stack.up(changed) == {}

    def test_the_same_content_elsewhere_is_no_change(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        moved = samples.FOLDER / "moved" / "elsewhere"
        shutil.copytree(CONTOSO, moved, dirs_exist_ok=True)
        for each in moved.iterdir():
            os.utime(each, (0, 0))
        zipped = samples.FOLDER / "elsewhere.zip"
        with zipfile.ZipFile(zipped, "w") as archive:
            for each in sorted(Path(CONTOSO).iterdir(), reverse=True):
                archive.write(each, each.name)
        emulator.clear()
        files = {each.name: pulumi.FileAsset(str(each)) for each in Path(CONTOSO).iterdir()}
        for source in (str(moved), str(zipped), pulumi.FileArchive(str(moved)), pulumi.AssetArchive(files)):
            assert stack.preview(self.program(source=source)) == {}
            assert stack.up(self.program(source=source)) == {}
        assert emulator.requests() == []

    def test_uploaded_bytes_are_found_again_under_any_name(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        before = stack.state[SUBJECT].id
        stack.forget()
        moved = samples.FOLDER / "renamed"
        shutil.copytree(CONTOSO, moved, dirs_exist_ok=True)
        emulator.clear()
        stack.up(self.program(source=str(moved)))
        assert writes(emulator) == []
        assert stack.state[SUBJECT].id == before

    def test_of_equal_uploads_the_newest_is_adopted(self, stack: Stack, emulator: Serving) -> None:
        """Where the portal uploaded the same again, the last one is in use."""
        stack.up(self.parents)
        offer = stack.state["offer"].id
        checked = Plugin({}).check(Package, {}, {"offer": offer, "source": CONTOSO})
        arguments = PackageArguments.parse(
            {name: value for name, value in checked.items() if name != "__provider"}
        )
        with stack.operation(), uploading(arguments) as package:
            api = shared_client(Settings.load(stack.config))
            uploads = [
                api.packages.add(
                    offer, Row(resource_type=APPLICATION, file_name=name, state="PendingUpload"), package
                )
                for name in ("first.zip", "second.zip", "third.zip")
            ]
        stack.up(self.program())
        assert stack.state[SUBJECT].id == f"{offer}/{uploads[-1].id}"
        assert len(emulator.state()["packages"]) == len(uploads)

    def test_what_processing_finds_is_told_and_the_next_run_uploads_again(
        self, stack: Stack, emulator: Serving
    ) -> None:
        """The row of a package that was rejected does not stay."""
        app = samples.file("broken.zip", b"no zip")
        kind = self.others["kind"]
        stack.up(self.program(source=app, kind=kind))
        package = self.document(emulator, stack)
        stack.forget()
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        items = [{"errorCode": "Package-1", "severity": "Error", "message": "is bad"}]
        emulator.portal(path, state="InProcessing", validationItems=items)
        emulator.fault(f"GET .*packages/{package['id']}", status=200, body={
            **{name: value for name, value in package.items() if not name.startswith("@file")},
            "state": "ProcessFailed", "validationItems": items,
        })  # fmt: skip
        with pytest.raises(Rejected, match="Package-1: is bad") as rejected:
            stack.up(self.program(source=app, kind=kind))
        assert_readable(rejected.value)
        emulator.portal(path, state="ProcessFailed")
        stack.up(self.program(source=app, kind=kind))
        assert [each["state"] for each in emulator.state()["packages"]] == ["Processed"]
        assert self.document(emulator, stack)["id"] != package["id"]

    @pytest.mark.parametrize("fault", CUTS)
    def test_a_large_package_that_was_cut_at_any_block_is_uploaded_whole(
        self, fault: str, stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What arrived is a zip that the service can read, and one package."""
        monkeypatch.setattr(blobs, "MAX_SINGLE_BYTES", 256)
        monkeypatch.setattr(blobs, "BLOCK_BYTES", 200)
        stack.up(self.program())
        expected = content(emulator)
        sent = [each for each in emulator.requests() if each["service"] == "blob"]
        assert len(sent) > 4
        for number in range(len(sent)):
            emulator.reset()
            stack.forget()
            emulator.fault("/_blob", after=number, **CUTS[fault])
            try:
                stack.up(self.program())
            except PartnerCenterError as error:
                assert_readable(error)
            emulator.unfault()
            stack.up(self.program())
            assert content(emulator) == expected, f"block {number + 1} of {len(sent)}"
            assert self.document(emulator, stack)["state"] == "Processed"

    def test_an_address_that_expired_is_asked_for_again(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        emulator.fault("PUT /_blob", status=403, times=1)
        with pytest.raises(PartnerCenterError, match=r"(?s)refused \(403\).*asks for a new address"):
            stack.up(self.program())
        assert self.document(emulator, stack)["state"] == "PendingUpload"
        emulator.advance(25 * 3600)
        stack.up(self.program())
        assert self.document(emulator, stack)["state"] == "Processed"

    def test_content_that_changes_while_it_runs_is_not_uploaded(
        self, stack: Stack, emulator: Serving
    ) -> None:
        source = samples.application("changing")
        stack.up(self.parents)
        offer = stack.state["offer"].id
        with stack.operation() as plugin:
            checked = plugin.check(Package, {}, {"offer": offer, "source": source})
            samples.file("changing/mainTemplate.json", samples.template(outputs={}))
            with pytest.raises(InputError, match="changed while it ran"):
                plugin.create(Package, checked)
        assert emulator.state()["packages"] == []

    def test_one_that_a_plan_refers_to_is_kept_in_words(
        self, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(self.program())
        package = self.document(emulator, stack)
        emulator.fault(f"DELETE .*packages/{package['id']}", status=409, times=0)
        assert stack.up(self.parents) == {SUBJECT: "delete"}
        assert f"kept: package {package['productID']}/{package['id']}" in capsys.readouterr().out

    def test_usage_that_cannot_be_counted_is_remarked_once_it_matters(
        self, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program = self.program(source=samples.application("uncounted", resources=[NETWORK]))
        assert stack.preview({**self.parents, **program})[SUBJECT] == "create"
        assert capsys.readouterr().out.count("customer usage attribution") == 1
        assert stack.up(program)[SUBJECT] == "create"
        assert capsys.readouterr().out.count("mainTemplate.json: customer usage attribution") == 1
        assert stack.up(program) == {}
        assert capsys.readouterr().out == ""
        again = samples.application("uncounted-again", resources=[NETWORK], outputs={})
        assert stack.up(self.program(source=again)) == {SUBJECT: "replace"}
        assert capsys.readouterr().out.count("mainTemplate.json: customer usage attribution") == 1

    def test_what_partner_center_adds_by_itself_is_no_remark(
        self, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert stack.up(self.program(source=samples.application("plain", resources=[])))[SUBJECT] == "create"
        assert capsys.readouterr().out == ""

    def test_warnings_of_the_processing_are_told_and_fail_nothing(
        self, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program = self.program(source=samples.application("warned", resources=[NETWORK]))
        stack.up(program)
        (item,) = self.document(emulator, stack)["validationItems"]
        name = self.document(emulator, stack)["fileName"]
        words = f"package {name}: Partner Center warns: {item['errorCode']}: {item['message']}"
        assert capsys.readouterr().out.splitlines().count(words) == 1
        stack.forget()
        assert stack.up(program)[SUBJECT] == "create"  # adopted: it was told before
        assert words not in capsys.readouterr().out

    @pytest.mark.parametrize("end", ["", ",", "// as in many templates\n"])
    def test_templates_with_comments_travel_as_they_are(
        self, end: str, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = b"// contoso\n" + samples.template()[:-1] + end.encode() + b"}"
        files = {"mainTemplate.json": text, "createUiDefinition.json": samples.dialog() + b"/* end */"}
        stack.up(self.program(source=samples.folder(f"commented-{len(end)}", files)))
        assert capsys.readouterr().out.count("has comments or trailing commas") == 2
        assert self.document(emulator, stack)["state"] == "Processed"
        product, package = stack.state[SUBJECT].id.split("/")
        with stack.operation():
            api = shared_client(Settings.load(stack.config))
            api.packages.save(api.packages.get(product, package), samples.FOLDER / "downloaded.zip")
        with zipfile.ZipFile(samples.FOLDER / "downloaded.zip") as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == files

    @pytest.mark.parametrize(
        ("files", "words"),
        [
            ({"mainTemplate.json": samples.template()}, ["createUiDefinition.json: is missing"]),
            (
                {"mainTemplate.json": b"{", "createUiDefinition.json": samples.dialog()},
                ["mainTemplate.json: must be JSON", "line 1"],
            ),
        ],
    )
    def test_a_package_that_would_be_refused_fails_in_the_preview(
        self, files: dict[str, bytes], words: list[str], offline: None
    ) -> None:
        source = samples.folder(f"refused-{len(files)}", files)
        with pytest.raises(CheckFailed) as failed:
            Plugin({}).check(Package, {}, {**self.known(), "source": source})
        (reason,) = failed.value.reasons
        assert reason.startswith("source: ")
        assert not [word for word in words if word not in reason], reason

    def test_other_content_is_told_by_its_name_in_the_service(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        digest = stack.state[SUBJECT].outputs["digest"].removeprefix("sha256:")
        assert self.document(emulator, stack)["fileName"] == f"contoso-{digest[:12]}.zip"

    def test_two_that_say_the_same_at_the_same_time_are_uploaded_once(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.parents)
        offer = stack.state["offer"].id
        emulator.clear()
        with stack.operation() as plugin, ThreadPoolExecutor(4) as threads:
            checked = plugin.check(Package, {}, {"offer": offer, "source": CONTOSO})
            made = list(threads.map(lambda _: plugin.create(Package, checked).id, range(4)))
        assert len(set(made)) == 1
        assert [each["method"] for each in writes(emulator)] == ["POST", "PUT", "PUT"]

    def test_two_that_swap_their_sources_upload_nothing(self, stack: Stack, emulator: Serving) -> None:
        one, other = self.program()[SUBJECT], self.program(source=OTHER)[SUBJECT]
        stack.up({**self.parents, "one": one, "other": other})
        before = {name: stack.state[name].id for name in ("one", "other")}
        emulator.clear()
        swapped = {**self.parents, "one": other, "other": one}
        assert stack.up(swapped) == {"one": "replace", "other": "replace"}
        assert writes(emulator) == []
        assert {name: stack.state[name].id for name in before} == {
            "one": before["other"],
            "other": before["one"],
        }
        assert stack.refresh() == {}

    def test_content_that_nobody_can_read_is_unknown_and_uploaded_again(
        self, stack: Stack, emulator: Serving
    ) -> None:
        """Of a processed package for Business Central the service gives neither address nor type."""
        program = self.program(source=samples.file("old.app", b"NAVX old"), kind=self.others["kind"])
        stack.up(program)
        package = self.document(emulator, stack)
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        emulator.portal(path, fileName="uploaded-by-the-portal.app")
        stack.forget()
        stack.up(program)
        there = {row["id"]: row["fileName"] for row in emulator.state()["packages"]}
        assert len(there) == 2
        assert there.pop(stack.state[SUBJECT].id.split("/")[1]).startswith("old-")
        assert list(there) == [package["id"]]
        assert stack.refresh() == {}
        assert stack.up(program) == {}

    def test_a_type_that_a_package_lacks_is_read_from_the_references(
        self, stack: Stack, emulator: Serving
    ) -> None:
        library = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"
        offer = Declared(
            Offer,
            {"offer_id": "contoso-app", "offer_type": "AzureDynamics365BusinessCentral", "alias": "Contoso"},
        )
        program = {
            "offer": offer,
            SUBJECT: self.program(source=samples.file("part.app", b"NAVX part"), kind=library)[SUBJECT],
            "technical": Declared(
                OfferTechnicalConfiguration,
                {"offer": Ref("offer"), "packages": [{"package": Ref(SUBJECT), "kind": library}]},
            ),
        }
        stack.up(program)
        record = stack.state[SUBJECT]
        with stack.operation() as plugin:
            read = plugin.provider(record.outputs["__provider"]).read(record.id, {})
        assert read.outs["kind"] == library

    def test_business_central_takes_a_file_as_it_is(self, stack: Stack, emulator: Serving) -> None:
        app = samples.file("extension.app", b"NAVX and more")
        program = self.program(source=app, kind=self.others["kind"])
        stack.up(program)
        document = self.document(emulator, stack)
        assert document["fileName"].startswith("extension-")
        assert document["fileName"].endswith(".app")
        assert stack.refresh() == {}
        assert stack.up(program) == {}


def test_the_digest_is_not_an_argument() -> None:
    assert "digest" not in Package.__init__.__annotations__
