from __future__ import annotations

import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, stable_content, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER, OTHER_PLAN
from tests.resources.harness import CheckFailed, Declaration, Plugin, Program, Ref, Stack
from tests.unit.app_files import build_app

from pulumi_partnercenter import (
    InputError,
    Offer,
    OfferTechnicalConfiguration,
    Package,
    PartnerCenterError,
    Rejected,
)
from pulumi_partnercenter.api.http import blobs
from pulumi_partnercenter.api.submission.client import shared_client
from pulumi_partnercenter.api.submission.models import Package as Row
from pulumi_partnercenter.kinds._packages import APPLICATION, open_upload
from pulumi_partnercenter.kinds.package import PackageArguments
from pulumi_partnercenter.settings import Settings

CONTOSO = samples.application("contoso")
FAULTS: dict[str, dict[str, Any]] = {
    "cut before the work": {"drop": "before"},
    "cut after the work": {"drop": "after"},
    "403": {"status": 403},
    "503": {"status": 503},
}
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"
NETWORK = {**samples.ATTRIBUTION, "name": "network"}
OTHER = samples.application("other", parameters={"size": {"type": "string", "defaultValue": "S"}})


class TestPackage(Card):
    kind = Package
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {"offer": Ref("offer"), "source": CONTOSO}
    immutable_changes = {
        "offer": Ref("other_offer"),
        "kind": "Dynamics365BusinessCentralAddOnExtensionPackage",
    }
    derived: ClassVar[dict[str, list[str]]] = {"source": ["digest"], "kind": ["digest"]}
    collection = "packages"

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        (row,) = emulator.state()[self.collection]
        return row

    def central_program(self, **arguments: Any) -> Program:
        """Return the program with an offer of Business Central."""
        program = {**self.program(**{"kind": self.immutable_changes["kind"], **arguments})}
        offer = program["offer"]
        central = {**offer.arguments, "offer_type": "AzureDynamics365BusinessCentral"}
        return {**program, "offer": replace(offer, arguments=central)}

    def operations(self) -> dict[str, Operation]:
        """Adds other content, which is another package."""
        exchange = Operation.between(self.program(), self.program(source=OTHER))
        return {**super().operations(), "exchange": exchange}

    def test_a_changed_immutable_argument_replaces_the_resource(
        self, immutable: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if immutable == "kind":  # an offer takes packages of its own type only
            app = samples.file("contoso.app", build_app())
            stack.up(self.central_program(source=app))
            assert stack.up(self.central_program(source=app, kind=LIBRARY)) == {SUBJECT: "replace"}
            # The service does not return the kind, so that the same content is found again: it must not be deleted.
            (package,) = emulator.state()["packages"]
            assert stack.state[SUBJECT].id.endswith(package["id"])
            return
        super().test_a_changed_immutable_argument_replaces_the_resource(immutable, stack, emulator)

    def test_changed_content_is_a_new_package_created_before_the_old_one_is_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        first_id = stack.state[SUBJECT].id
        emulator.clear()
        changed_program = self.program(source=OTHER)
        assert stack.preview(changed_program) == {SUBJECT: "replace"}
        assert stack.up(changed_program) == {SUBJECT: "replace"}
        assert [request["method"] for request in write_requests(emulator)] == ["POST", "PUT", "PUT", "DELETE"]
        assert stack.state[SUBJECT].id != first_id
        assert f"{stack.state['offer'].id}/{self.document(emulator, stack)['id']}" == stack.state[SUBJECT].id
        assert stack.up(changed_program) == {}

    def test_equal_package_content_from_another_source_is_no_change(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        copy = samples.FOLDER / "moved" / "elsewhere"
        shutil.copytree(CONTOSO, copy, dirs_exist_ok=True)
        for path in copy.iterdir():
            os.utime(path, (0, 0))
        archive_path = samples.FOLDER / "elsewhere.zip"
        with zipfile.ZipFile(archive_path, "w") as archive:
            for path in sorted(Path(CONTOSO).iterdir(), reverse=True):
                archive.write(path, path.name)
        emulator.clear()
        files = {path.name: pulumi.FileAsset(str(path)) for path in Path(CONTOSO).iterdir()}
        for source in (
            str(copy),
            str(archive_path),
            pulumi.FileArchive(str(copy)),
            pulumi.AssetArchive(files),
        ):
            assert stack.preview(self.program(source=source)) == {}
            assert stack.up(self.program(source=source)) == {}
        assert emulator.requests() == []

    def test_an_uploaded_package_is_recognised_under_any_name(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        package_id = stack.state[SUBJECT].id
        stack.forget()
        copy = samples.FOLDER / "renamed"
        shutil.copytree(CONTOSO, copy, dirs_exist_ok=True)
        emulator.clear()
        stack.up(self.program(source=str(copy)))
        assert write_requests(emulator) == []
        assert stack.state[SUBJECT].id == package_id

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("is_marked", [False, True], ids=["by the portal", "by runs"])
    def test_the_newest_of_equal_packages_is_adopted(
        self, is_marked: bool, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """If the same content was uploaded several times, the last package is in use."""
        stack.up(self.parents)
        rows = self.upload_three_times(stack, is_marked=is_marked)
        stack.up(self.program())
        assert stack.state[SUBJECT].id == f"{stack.state['offer'].id}/{rows[-1].id}"
        assert len(emulator.state()["packages"]) == len(rows)

    def test_the_newest_of_equal_packages_that_plans_use_is_adopted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(OTHER_PLAN)
        rows = self.upload_three_times(stack, is_marked=True)
        product = stack.state["offer"].id
        configurations = [row for row in emulator.state()["packageConfigurations"] if row.get("variantID")]
        for configuration, row in zip(configurations, rows, strict=False):
            path = f"/v1.0/ingestion/products/{product}/packageConfigurations/{configuration['id']}"
            emulator.portal(path, packageReferences=[{"type": APPLICATION, "value": row.id}])
        assert len(configurations) == 2
        stack.up({**OTHER_PLAN, **self.program()})
        assert stack.state[SUBJECT].id == f"{product}/{rows[1].id}"

    def upload_three_times(self, stack: Stack, *, is_marked: bool) -> list[Row]:
        """Upload the same content three times. Names of packages that a run uploads contain their digest."""
        offer = stack.state["offer"].id
        inputs = Plugin({}).check(Package, {}, {"offer": offer, "source": CONTOSO})
        arguments = PackageArguments.parse(
            {name: value for name, value in inputs.items() if name != "__provider"}
        )
        mark = f"-{arguments.digest.removeprefix('sha256:')[:12]}" if is_marked else ""
        with stack.operation(), open_upload(arguments) as package:
            api = shared_client(Settings.load(stack.config))
            return [
                api.packages.add(
                    offer,
                    Row(resource_type=APPLICATION, file_name=f"{name}{mark}.zip", state="PendingUpload"),
                    package,
                )
                for name in ("first", "second", "third")
            ]

    def test_a_rejected_package_is_reported_and_uploaded_again(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The rejected package is deleted."""
        app = samples.file("broken.app", build_app("Broken"))
        program = self.central_program(source=app)
        stack.up(program)
        package = self.document(emulator, stack)
        stack.forget()
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        findings = [{"errorCode": "Package-1", "severity": "Error", "message": "is bad"}]
        emulator.portal(path, state="InProcessing", validationItems=findings)
        emulator.fault(f"GET .*packages/{package['id']}", status=200, body={
            **{name: value for name, value in package.items() if not name.startswith("@file")},
            "state": "ProcessFailed", "validationItems": findings,
        })  # fmt: skip
        with pytest.raises(Rejected, match="Package-1: is bad") as rejection:
            stack.up(program)
        assert_readable(rejection.value)
        emulator.portal(path, state="ProcessFailed")
        stack.up(program)
        assert [package["state"] for package in emulator.state()["packages"]] == ["Processed"]
        assert self.document(emulator, stack)["id"] != package["id"]

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_package_upload_interrupted_at_any_block_is_completed_by_the_next_run(
        self, fault: str, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The uploaded bytes are a complete zip, and no second package exists."""
        monkeypatch.setattr(blobs, "MAX_SINGLE_BYTES", 256)
        monkeypatch.setattr(blobs, "BLOCK_BYTES", 200)
        stack.up(self.program())
        expected_content = stable_content(emulator)
        blob_requests = [request for request in emulator.requests() if request["service"] == "blob"]
        assert len(blob_requests) > 4
        for number in range(len(blob_requests)):
            emulator.reset()
            stack.forget()
            emulator.fault("/_blob", after=number, **FAULTS[fault])
            try:
                stack.up(self.program())
            except PartnerCenterError as error:
                assert_readable(error)
            emulator.unfault()
            stack.up(self.program())
            assert stable_content(emulator) == expected_content, f"block {number + 1} of {len(blob_requests)}"
            assert self.document(emulator, stack)["state"] == "Processed"

    def test_an_expired_upload_address_is_renewed(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.fault("PUT /_blob", status=403, times=1)
        with pytest.raises(PartnerCenterError, match=r"(?s)refused \(403\).*asks for a new address"):
            stack.up(self.program())
        assert self.document(emulator, stack)["state"] == "PendingUpload"
        emulator.advance(25 * 3600)
        stack.up(self.program())
        assert self.document(emulator, stack)["state"] == "Processed"

    def test_package_content_that_changes_during_a_run_is_not_uploaded(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        source = samples.application("changing")
        stack.up(self.parents)
        offer = stack.state["offer"].id
        with stack.operation() as plugin:
            inputs = plugin.check(Package, {}, {"offer": offer, "source": source})
            samples.file("changing/mainTemplate.json", samples.template(outputs={}))
            with pytest.raises(InputError, match="changed while it ran"):
                plugin.create(Package, inputs)
        assert emulator.state()["packages"] == []

    def test_a_package_in_use_is_kept_with_a_message(
        self, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(self.program())
        package = self.document(emulator, stack)
        emulator.fault(f"DELETE .*packages/{package['id']}", status=409, times=0)
        assert stack.up(self.parents) == {SUBJECT: "delete"}
        assert f"kept: package {package['productID']}/{package['id']}" in capsys.readouterr().out

    def test_a_template_without_usage_attribution_is_a_warning_for_new_content_only(
        self, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program = self.program(source=samples.application("uncounted", resources=[NETWORK]))
        assert stack.preview({**self.parents, **program})[SUBJECT] == "create"
        assert capsys.readouterr().out.count("customer usage attribution") == 1
        assert stack.up(program)[SUBJECT] == "create"
        assert capsys.readouterr().out.count("mainTemplate.json: customer usage attribution") == 1
        assert stack.up(program) == {}
        assert capsys.readouterr().out == ""
        changed_source = samples.application("uncounted-again", resources=[NETWORK], outputs={})
        assert stack.up(self.program(source=changed_source)) == {SUBJECT: "replace"}
        assert capsys.readouterr().out.count("mainTemplate.json: customer usage attribution") == 1

    def test_an_empty_template_is_no_warning(self, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
        assert stack.up(self.program(source=samples.application("plain", resources=[])))[SUBJECT] == "create"
        assert capsys.readouterr().out == ""

    def test_warnings_of_package_processing_are_printed_once(
        self, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program = self.program(source=samples.application("warned", resources=[NETWORK]))
        stack.up(program)
        (item,) = self.document(emulator, stack)["validationItems"]
        name = self.document(emulator, stack)["fileName"]
        warning = f"package {name}: Partner Center warns: {item['errorCode']}: {item['message']}"
        assert capsys.readouterr().out.splitlines().count(warning) == 1
        stack.forget()
        assert stack.up(program)[SUBJECT] == "create"  # adopted; the warning was printed at the creation
        assert warning not in capsys.readouterr().out

    @pytest.mark.parametrize("end", ["", ",", "// as in many templates\n"])
    def test_templates_with_comments_are_uploaded_unchanged(
        self, end: str, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
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
        ("files", "fragments"),
        [
            ({"mainTemplate.json": samples.template()}, ["createUiDefinition.json: is missing"]),
            (
                {"mainTemplate.json": b"{", "createUiDefinition.json": samples.dialog()},
                ["mainTemplate.json: must be JSON", "line 1"],
            ),
        ],
    )
    def test_an_invalid_package_fails_in_the_preview(
        self, files: dict[str, bytes], fragments: list[str], offline: None
    ) -> None:
        source = samples.folder(f"refused-{len(files)}", files)
        with pytest.raises(CheckFailed) as failure:
            Plugin({}).check(Package, {}, {**self.known_arguments(), "source": source})
        (reason,) = failure.value.reasons
        assert reason.startswith("source: ")
        assert not [fragment for fragment in fragments if fragment not in reason], reason

    def test_the_file_name_of_a_package_contains_its_digest(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        digest = stack.state[SUBJECT].outputs["digest"].removeprefix("sha256:")
        assert self.document(emulator, stack)["fileName"] == f"contoso-{digest[:12]}.zip"

    def test_equal_packages_created_concurrently_are_uploaded_once(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        offer = stack.state["offer"].id
        emulator.clear()
        with stack.operation() as plugin, ThreadPoolExecutor(4) as threads:
            inputs = plugin.check(Package, {}, {"offer": offer, "source": CONTOSO})
            ids = list(threads.map(lambda _: plugin.create(Package, inputs).id, range(4)))
        assert len(set(ids)) == 1
        assert [request["method"] for request in write_requests(emulator)] == ["POST", "PUT", "PUT"]

    def test_packages_that_swap_their_sources_are_not_uploaded(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        first, second = self.program()[SUBJECT], self.program(source=OTHER)[SUBJECT]
        stack.up({**self.parents, "one": first, "other": second})
        ids_before = {name: stack.state[name].id for name in ("one", "other")}
        emulator.clear()
        swapped_program = {**self.parents, "one": second, "other": first}
        assert stack.up(swapped_program) == {"one": "replace", "other": "replace"}
        assert write_requests(emulator) == []
        assert {name: stack.state[name].id for name in ids_before} == {
            "one": ids_before["other"],
            "other": ids_before["one"],
        }
        assert stack.refresh() == {}

    def test_an_unreadable_package_is_uploaded_again(self, stack: Stack, emulator: RunningEmulator) -> None:
        """The service returns neither address nor type of a processed package for Business Central."""
        program = self.central_program(source=samples.file("old.app", build_app()))
        stack.up(program)
        package = self.document(emulator, stack)
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        emulator.portal(path, fileName="uploaded-by-the-portal.app")
        stack.forget()
        stack.up(program)
        names_by_id = {row["id"]: row["fileName"] for row in emulator.state()["packages"]}
        assert len(names_by_id) == 2
        assert names_by_id.pop(stack.state[SUBJECT].id.split("/")[1]).startswith("old-")
        assert list(names_by_id) == [package["id"]]
        assert stack.refresh() == {}
        assert stack.up(program) == {}

    def test_the_kind_of_a_package_without_type_is_read_from_its_references(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        offer = Declaration(
            Offer,
            {"offer_id": "contoso-app", "offer_type": "AzureDynamics365BusinessCentral", "alias": "Contoso"},
        )
        program = {
            "offer": offer,
            SUBJECT: self.program(source=samples.file("part.app", build_app("Base")), kind=LIBRARY)[SUBJECT],
            "technical": Declaration(
                OfferTechnicalConfiguration,
                {"offer": Ref("offer"), "packages": [{"package": Ref(SUBJECT), "kind": LIBRARY}]},
            ),
        }
        stack.up(program)
        record = stack.state[SUBJECT]
        with stack.operation() as plugin:
            result = plugin.provider(record.outputs["__provider"]).read(record.id, {})
        assert result.outs["kind"] == LIBRARY

    def test_a_business_central_package_is_uploaded_as_a_file(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        app = samples.file("extension.app", build_app())
        program = self.central_program(source=app)
        stack.up(program)
        document = self.document(emulator, stack)
        assert document["fileName"].startswith("extension-")
        assert document["fileName"].endswith(".app")
        assert stack.refresh() == {}
        assert stack.up(program) == {}


def test_the_digest_is_no_argument_of_the_constructor() -> None:
    assert "digest" not in Package.__init__.__annotations__
