"""A release of a Business Central app, in a program that owns nothing else."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import Operation, Subject, assert_readable, write_requests
from tests.resources.harness import UNKNOWN, CheckFailed, Declaration, Program, Record, Ref, Stack
from tests.unit.app_files import build_app, build_header

from pulumi_partnercenter import AppRelease, InputError, JobTimeout, NotFound, Offer, Rejected
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

API = "/v1.0/ingestion/products"
MAIN = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"


def add_offer(emulator: RunningEmulator) -> str:
    """Make an offer, as people do in Partner Center. Return its id."""
    body = {
        "resourceType": "AzureDynamics365BusinessCentral",
        "name": "Contoso Ledger",
        "externalIDs": [{"type": "AzureOfferId", "value": "contoso-ledger"}],
    }
    answer = emulator.client.post(API, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def add_live_offer(emulator: RunningEmulator) -> str:
    """Make a live offer with version 1.0.0.0, as people do in Partner Center. Return its id."""
    product = add_offer(emulator)
    properties = instance(emulator, product, "Property")
    emulator.portal(f"{API}/{product}/properties/{properties}", appVersion="1.0.0.0")
    emulator.publish(product)
    emulator.clear()
    return product


@pytest.fixture
def offer(emulator: RunningEmulator) -> str:
    product = add_live_offer(emulator)
    emulator.decide("validation", "pass")  # the listing is incomplete
    return product


def instance(emulator: RunningEmulator, product: str, module: str) -> str:
    (branch,) = [
        branch
        for branch in emulator.state()["branches"]
        if branch["module"] == module and branch["productID"] == product and "variantID" not in branch
    ]
    return str(branch["currentDraftInstanceID"])


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Folder of a build: version 2.0.0.0."""
    (tmp_path / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.0.0.0"))
    return tmp_path


def release(offer: str | Ref, build: Path, **arguments: Any) -> Program:
    return {"release": Declaration(AppRelease, {"offer": offer, "app": f"{build}/*.app", **arguments})}


def read(emulator: RunningEmulator, collection: str) -> list[dict[str, Any]]:
    return emulator.state()[collection]


def newest(emulator: RunningEmulator) -> dict[str, Any]:
    return max(read(emulator, "submissions"), key=lambda submission: submission["releaseNumber"])


def outputs(stack: Stack) -> Any:
    return stack.state["release"].outputs


class TestRelease:
    def test_a_build_goes_live_by_repeated_runs(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        program = release(offer, build, target="live")
        stack.up(program)
        assert "Ledger 2.0.0.0: " in capsys.readouterr().out
        while outputs(stack)["state"] != "live":
            assert stack.up(program) == {"release": "update"}
        emulator.clear()
        assert stack.up(program) == {}
        assert emulator.requests() == []
        assert stack.refresh() == {}
        assert outputs(stack)["version"] == "2.0.0.0"

    def test_it_sends_package_and_version_and_nothing_else(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        earlier = {resource["value"] for resource in newest(emulator)["resources"]}
        stack.up(release(offer, build))
        sent = [resource for resource in newest(emulator)["resources"] if resource["value"] not in earlier]
        assert sorted(resource["type"] for resource in sent) == ["Package", "Property"]

    def test_a_release_to_live_needs_twelve_requests_besides_look_up_and_upload_of_its_package(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(release(offer, build, target="live"))
        paths = [request["path"].partition("?")[0] for request in emulator.requests()]
        uploads = [path for path in paths if "/packages" in path or "/_blob/" in path]
        assert (len(paths) - len(uploads), len(uploads)) == (12, 5), paths

    def test_an_offer_of_another_type_is_refused_before_anything_is_uploaded(
        self, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        body = {"resourceType": "SoftwareAsAService", "name": "Team", "externalIDs": []}
        body["externalIDs"] = [{"type": "AzureOfferId", "value": "contoso-team"}]
        product = emulator.client.post(API, json=body).json()["id"]
        emulator.clear()
        with pytest.raises(InputError, match="offer: is no AzureDynamics365BusinessCentral"):
            stack.up(release(product, build))
        assert write_requests(emulator) == []

    def test_an_id_of_no_offer_is_refused_with_the_place_where_it_stands(
        self, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        with pytest.raises(NotFound, match="address of the offer in Partner Center") as error:
            stack.up(release("11111111-2222-4333-8444-555555555555", build))
        assert "creates it again" not in str(error.value)
        assert_readable(error.value)
        assert write_requests(emulator) == []

    def test_a_run_without_its_state_uploads_and_submits_nothing_again(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(release(offer, build))
        stack.forget()
        emulator.clear()
        stack.up(release(offer, build))
        assert write_requests(emulator) == []

    def test_a_newer_build_is_another_submission(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        stack.up(release(offer, build))
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.1.0.0"))
        capsys.readouterr()
        stack.preview(release(offer, build))
        assert "Ledger 2.1.0.0 by Contoso: goes to preview" in capsys.readouterr().out
        first = outputs(stack)["submission"]
        emulator.decide("validation", "pass")
        stack.up(release(offer, build))
        assert outputs(stack)["submission"] != first

    def test_a_preview_says_how_a_release_goes_on(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        emulator.decide("certification", "hold")
        stack.up(release(offer, build))
        capsys.readouterr()
        stack.preview(release(offer, build, target="live"))
        assert "goes live" in capsys.readouterr().out
        stack.up(release(offer, build, target="live"))
        capsys.readouterr()
        stack.preview(release(offer, build, target="live"))
        assert "is in certification: continues to live" in capsys.readouterr().out
        stack.destroy()
        assert "is in certification and cannot be cancelled" in capsys.readouterr().out

    @pytest.mark.parametrize("refreshes", [True, False])
    def test_a_release_that_was_cancelled_in_partner_center_is_never_called_live_and_is_submitted_again(
        self,
        refreshes: bool,
        offer: str,
        build: Path,
        stack: Stack,
        emulator: RunningEmulator,
        capsys: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=lambda _: None))
        emulator.client.delete("/_emulator/decide").raise_for_status()
        emulator.decide("validation", "hold")
        program = release(offer, build, target="live", wait_minutes=0)
        stack.up(program)
        cancelled = newest(emulator)["id"]
        assert emulator.client.delete(f"{API}/{offer}/submissions/{cancelled}").status_code == 204
        capsys.readouterr()
        if refreshes:
            stack.refresh()
            assert (outputs(stack)["state"], outputs(stack)["submission"]) == ("cancelled", cancelled)
            stack.preview(program)
            assert f"submission {cancelled} was cancelled: a new one is submitted" in capsys.readouterr().out
        emulator.decide("validation", "pass")
        stack.up(program)
        is_named = f"submission {cancelled}, which this stack sent, was cancelled" in capsys.readouterr().out
        assert is_named is not refreshes
        assert outputs(stack)["submission"] not in ("", cancelled)
        stack.up(program)
        assert outputs(stack)["state"] == "live"

    def test_destroy_deletes_nothing_that_is_in_preview(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(release(offer, build))
        emulator.clear()
        stack.destroy()
        assert write_requests(emulator) == []

    def test_a_look_up_by_id_reads_the_newest_submission(self, offer: str, build: Path, stack: Stack) -> None:
        stack.up(release(offer, build))
        record = stack.state["release"]
        blank = Record(AppRelease, offer, {}, {"__provider": record.outputs["__provider"]})
        with stack.operation() as plugin:
            read = plugin.read(blank)
        assert read
        assert {name: read.outputs[name] for name in ("offer", "submission", "state")} == {
            "offer": offer,
            "submission": record.outputs["submission"],
            "state": "preview",
        }


class TestVersions:
    def properties(self, emulator: RunningEmulator, offer: str) -> dict[str, Any]:
        id = instance(emulator, offer, "Property")
        answer = emulator.client.get(f"{API}/{offer}/properties/getByInstanceID(instanceID={id})")
        (document,) = answer.json()["value"]
        return document

    def test_only_the_version_of_the_properties_changes(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        id = instance(emulator, offer, "Property")
        emulator.portal(f"{API}/{offer}/properties/{id}", writtenByThePortal="x", categories=["a"])
        before = self.properties(emulator, offer)
        stack.up(release(offer, build))
        after = self.properties(emulator, offer)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert changed <= {"appVersion", "id", "@odata.etag"}
        assert after["appVersion"] == "2.0.0.0"

    def test_a_lower_version_is_refused_before_anything_is_uploaded(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "0.9.0.0"))
        with pytest.raises(
            InputError, match=r"0\.9\.0\.0 is below 1\.0\.0\.0, which customers see"
        ) as refusal:
            stack.up(release(offer, build))
        assert "keeps_version=True" in str(refusal.value)
        assert_readable(refusal.value)
        assert write_requests(emulator) == []

    def test_the_version_of_a_failed_release_is_no_limit(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.client.delete("/_emulator/decide")
        emulator.decide("validation", "fail")
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "20.0.0.0"))
        with pytest.raises(Rejected):
            stack.up(release(offer, build))
        emulator.decide("validation", "pass")
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "0.9.0.0"))
        with pytest.raises(InputError, match=r"0\.9\.0\.0 is below 1\.0\.0\.0, which customers see"):
            stack.up(release(offer, build))
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.0.0.0"))
        stack.up(release(offer, build))
        assert self.properties(emulator, offer)["appVersion"] == "2.0.0.0"

    def test_a_hotfix_of_an_older_release_keeps_the_version(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "0.9.0.0"))
        stack.up(release(offer, build, keeps_version=True))
        assert self.properties(emulator, offer)["appVersion"] == "1.0.0.0"
        assert len(read(emulator, "packages")) == 1

    def test_a_hotfix_becomes_the_version_that_customers_see_only_if_it_may(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        for _ in range(2):
            emulator.decide("validation", "pass")
        stack.up(release(offer, build, keeps_version=True))
        assert stack.up(release(offer, build)) == {"release": "update"}
        assert self.properties(emulator, offer)["appVersion"] == "2.0.0.0"
        assert stack.up(release(offer, build, keeps_version=True)) == {}

    def test_another_version_of_a_runtime_package_is_published(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        (build / "Contoso_Ledger.app").write_bytes(build_header(b".NEA"))
        for version in ("2.0.0.0", "2.0.1.0"):
            emulator.decide("validation", "pass")
            stack.up(release(offer, build, version=version))
            assert self.properties(emulator, offer)["appVersion"] == version
            assert stack.up(release(offer, build, version=version)) == {}


class TestLibraries:
    def references(self, emulator: RunningEmulator, offer: str) -> list[str]:
        id = instance(emulator, offer, "Package")
        answer = emulator.client.get(f"{API}/{offer}/packageConfigurations/getByInstanceID(instanceID={id})")
        (document,) = answer.json()["value"]
        return sorted(reference["type"] for reference in document["packageReferences"])

    def test_libraries_stay_until_an_empty_list_removes_them(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        (build / "dependencies").mkdir()
        for name in ("Base", "Common"):
            (build / "dependencies" / f"{name}.app").write_bytes(build_app(name))
        stack.up(release(offer, build, libraries=f"{build}/dependencies"))
        assert self.references(emulator, offer) == [MAIN, LIBRARY]
        assert [app["name"] for app in outputs(stack)["apps"]] == ["Ledger", "Base", "Common"]
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.1.0.0"))
        emulator.decide("validation", "pass")
        stack.up(release(offer, build))
        assert self.references(emulator, offer) == [MAIN, LIBRARY]
        emulator.decide("validation", "pass")
        stack.up(release(offer, build, libraries=[]))
        assert self.references(emulator, offer) == [MAIN]

    def test_libraries_that_are_not_given_any_more_publish_nothing(
        self, offer: str, build: Path, stack: Stack
    ) -> None:
        (build / "dependencies").mkdir()
        (build / "dependencies" / "Base.app").write_bytes(build_app("Base"))
        with_libraries = release(offer, build, libraries=f"{build}/dependencies")
        stack.up(with_libraries)
        assert stack.up(release(offer, build)) == {}
        assert stack.up(with_libraries) == {}

    def test_a_list_of_files_is_one_package(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, tmp_path: Path
    ) -> None:
        folder = tmp_path / "libraries"
        folder.mkdir()
        files = [folder / "base.app", folder / "common.app"]
        for file in files:
            file.write_bytes(build_app(file.stem))
        stack.up(release(offer, build, libraries=[str(file) for file in files]))
        assert len(read(emulator, "packages")) == 2
        assert stack.up(release(offer, build, libraries=[str(file) for file in files])) == {}


class TestUnknowns:
    @pytest.mark.parametrize("argument", ["app", "libraries", "version", "keeps_version", "target"])
    def test_an_unknown_argument_passes_the_preview(
        self, argument: str, offer: str, build: Path, stack: Stack
    ) -> None:
        assert stack.preview(release(offer, build, **{argument: UNKNOWN})) == {"release": "create"}
        stack.up(release(offer, build))
        assert "release" in stack.preview(release(offer, build, **{argument: UNKNOWN}))


class TestEnds:
    def test_the_first_release_is_submitted_again_once_the_offer_was_completed_in_partner_center(
        self, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        product = add_offer(emulator)
        for _ in range(2):
            with pytest.raises(Rejected, match="failed in validation"):
                stack.up(release(product, build))
        assert len(read(emulator, "submissions")) == 1
        properties = instance(emulator, product, "Property")
        emulator.portal(
            f"{API}/{product}/properties/{properties}", termsOfUse="https://contoso.example.com/terms"
        )
        emulator.decide("validation", "pass")
        stack.up(release(product, build))
        assert outputs(stack)["state"] == "preview"
        assert len(read(emulator, "submissions")) == 2

    def test_a_failed_validation_fails_the_run_until_the_build_changes(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.client.delete("/_emulator/decide")
        emulator.decide("validation", "fail")
        for _ in range(2):
            with pytest.raises(Rejected, match="failed in validation"):
                stack.up(release(offer, build))
        assert len(read(emulator, "submissions")) == 2
        emulator.decide("validation", "pass")
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.0.1.0"))
        stack.up(release(offer, build))
        assert outputs(stack)["state"] == "preview"

    def test_a_newer_build_replaces_the_running_release_only_if_it_may(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        emulator.client.delete("/_emulator/decide")
        for _ in range(2):
            emulator.decide("validation", "hold")
        stack.up(release(offer, build, wait_minutes=0))
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.1.0.0"))
        with pytest.raises(JobTimeout):
            stack.up(release(offer, build, wait_minutes=0))
        assert "is cancelled for it" not in capsys.readouterr().out
        stack.preview(release(offer, build, wait_minutes=0, replaces_running=True))
        assert f"submission {outputs(stack)['submission']}, if it is still" in capsys.readouterr().out
        stack.up(release(offer, build, wait_minutes=0, replaces_running=True))
        assert [submission["state"] for submission in read(emulator, "submissions")][1:] == [
            "Cancelled",
            "InProgress",
        ]


class TestBadInput:
    @pytest.mark.parametrize(
        ("files", "arguments", "message"),
        [
            ({}, {}, "must match one file: nothing matches it"),
            ({"a.app": build_app(), "b.app": build_app()}, {}, "must match one file"),
            ({"a.app": b"text"}, {}, "app: a.app: is no Business Central app"),
            (
                {"a.app": build_app()},
                {"version": "9.0.0.0"},
                "version: 9.0.0.0 is not that of the app, 1.0.0.0",
            ),
            ({"a.app": build_app()}, {"libraries": "missing"}, "libraries: no such file"),
            *(
                (
                    {"a.app": build_header(b".NEA")},
                    {"version": version},
                    f"{version!r} must have four numbers",
                )
                for version in ("3.0", "1.2.3.4.5", "01.2.3.4", "1.2.3.-4", "1.2.3.2147483648", "1.2.3.٤")
            ),
            ({"a.app": build_header(b".NEA")}, {}, "version: is required: a runtime package"),
            ({"a.app": b""}, {}, "app: a.app: is no Business Central app: it is empty"),
            (
                {"a.app": b"PK\3\4"},
                {},
                "app: a.app: is no Business Central app: it is a zip, as a build's artifact",
            ),
            (
                {"a.app": build_app(), "b/c.txt": b"text"},
                {"libraries": "b"},
                "c.txt: libraries are .app files",
            ),
        ],
    )
    def test_a_wrong_input_is_refused_in_the_preview(
        self,
        files: dict[str, bytes],
        arguments: dict[str, Any],
        message: str,
        offer: str,
        tmp_path: Path,
        stack: Stack,
    ) -> None:
        for name, data in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(data)
        arguments = {
            name: str(tmp_path / value) if name == "libraries" else value for name, value in arguments.items()
        }
        with pytest.raises(CheckFailed) as refusal:
            stack.preview(release(offer, tmp_path, **arguments))
        assert message in str(refusal.value)


class Releasing(Subject):
    """Subject of fault injection. A release takes several runs, so operations repeat runs until nothing changes."""

    kind = AppRelease

    def __init__(self) -> None:
        self.builds = {}
        for version in ("2.0.0.0", "2.1.0.0"):
            self.builds[version] = samples.FOLDER / "releases" / version
            (self.builds[version] / "libraries").mkdir(parents=True, exist_ok=True)
            for name in ("Ledger.app", "libraries/Base.app", "libraries/Common.app"):
                (self.builds[version] / name).write_bytes(build_app(Path(name).stem, version))

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        add_live_offer(emulator)
        for _ in range(8):
            emulator.decide("validation", "pass")

    def operations(self) -> dict[str, Operation]:
        return {
            "create": self.between(None, "2.0.0.0"),
            "live": self.between("2.0.0.0", "2.0.0.0", target="live"),
            "newer build": self.between("2.0.0.0", "2.1.0.0"),
            "read": Operation(lambda stack: stack.up(self.program("2.0.0.0")), Stack.refresh),
            "delete": self.between("2.0.0.0", None),
        }

    def program(self, version: str | None, **arguments: Any) -> Program:
        """Return a program with the offer, which it takes over, and a release of this version if there is one."""
        offer = {
            "offer_id": "contoso-ledger",
            "offer_type": "AzureDynamics365BusinessCentral",
            "alias": "Contoso Ledger",
        }
        program: Program = {"offer": Declaration(Offer, offer)}
        if version is None:
            return program
        folder = self.builds[version]
        return {**program, **release(Ref("offer"), folder, libraries=f"{folder}/libraries", **arguments)}

    def between(self, before: str | None, after: str | None, **arguments: Any) -> Operation:
        def run_until_settled(stack: Stack) -> None:
            while stack.up(self.program(after, **arguments)):
                pass

        return Operation(lambda stack: stack.up(self.program(before)), run_until_settled)
