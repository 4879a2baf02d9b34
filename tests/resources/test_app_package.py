"""A package whose content is Business Central apps: what a preview shows, and what is uploaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import write_requests
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.unit.app_files import build_app

from pulumi_partnercenter import Offer, Package


@pytest.fixture
def offer() -> Declaration:
    arguments = {
        "offer_id": "contoso-ledger",
        "offer_type": "AzureDynamics365BusinessCentral",
        "alias": "Contoso",
    }
    return Declaration(Offer, arguments)


def package_program(offer: Declaration, source: object, kind: str = "app") -> Program:
    return {
        "offer": offer,
        "app": Declaration(Package, {"offer": Ref("offer"), "source": source, "kind": kind}),
    }


def test_a_package_shows_its_app_before_anything_is_uploaded(
    offer: Declaration, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"offer": offer})
    program = package_program(offer, samples.file("ledger.app", build_app(version="2.0.0.0")))
    emulator.clear()
    stack.preview(program)
    assert "Ledger 2.0.0.0 by Contoso" in capsys.readouterr().out
    assert write_requests(emulator) == []
    stack.up(program)
    outputs = stack.state["app"].outputs
    assert outputs["app_version"] == "2.0.0.0"
    assert [app["name"] for app in outputs["apps"]] == ["Ledger"]
    assert stack.refresh() == {}
    assert stack.up(program) == {}


@pytest.mark.parametrize(
    ("kind", "type"),
    [
        ("app", "Dynamics365BusinessCentralAddOnExtensionPackage"),
        ("library", "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"),
    ],
)
def test_a_short_kind_is_the_type_of_the_service(
    kind: str, type: str, offer: Declaration, stack: Stack, emulator: RunningEmulator
) -> None:
    source = samples.file("ledger.app", build_app())
    stack.up(package_program(offer, source, kind))
    assert [package["resourceType"] for package in emulator.state()["packages"]] == [type]
    assert stack.state["app"].outputs["kind"] == type
    assert stack.up(package_program(offer, source, type)) == {}


@pytest.mark.parametrize(
    ("name", "data", "kind", "file_name"),
    [
        ("Bücher 簿.app", build_app(), "app", "B-cher--"),
        ("ledger", build_app(), "app", "ledger-"),
        ("ledger.äpp", build_app(), "app", "ledger-"),
        ("l" * 251 + ".app", build_app(), "app", "l" * 80 + "-"),
        ("ledger.zip", build_app(), "library", "ledger-"),
    ],
)
def test_the_name_in_the_service_is_ascii_and_ends_as_the_content_does(
    name: str,
    data: bytes,
    kind: str,
    file_name: str,
    offer: Declaration,
    stack: Stack,
    emulator: RunningEmulator,
    tmp_path: Path,
) -> None:
    (tmp_path / name).write_bytes(data)
    stack.up(package_program(offer, str(tmp_path / name), kind))
    (package,) = emulator.state()["packages"]
    assert re.fullmatch(re.escape(file_name) + r"[0-9a-f]{12}\.app", package["fileName"])


def test_libraries_in_a_folder_are_uploaded_as_one_zip(
    offer: Declaration, stack: Stack, emulator: RunningEmulator, tmp_path: Path
) -> None:
    for name in ("Base", "Common"):
        (tmp_path / f"{name}.app").write_bytes(build_app(name))
    program = package_program(offer, str(tmp_path), "library")
    stack.up(program)
    (package,) = emulator.state()["packages"]
    assert package["fileName"].endswith(".zip")
    assert [app["name"] for app in stack.state["app"].outputs["apps"]] == ["Base", "Common"]
    assert stack.state["app"].outputs["app_version"] == ""
    assert stack.up(program) == {}


@pytest.mark.parametrize(
    ("newer", "remark"),
    [
        (build_app(version="1.9.0.0"), "version 1.9.0.0 is below 2.0.0.0: for a hotfix"),
        (build_app(version="2.1.0.0", publisher="Fabrikam"), "the publisher was Contoso"),
        (build_app("Other"), "this is another app than before (Ledger)"),
        (build_app("Other", publisher="Fabrikam"), "the publisher was Contoso"),
    ],
)
def test_a_preview_warns_of_what_a_release_does_not_change(
    newer: bytes, remark: str, offer: Declaration, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(package_program(offer, samples.file("ledger.app", build_app(version="2.0.0.0"))))
    capsys.readouterr()
    stack.preview(package_program(offer, samples.file("ledger.app", newer)))
    assert f"warning: {remark}" in capsys.readouterr().out


def test_libraries_may_become_others_and_a_lower_version_is_remarked(
    offer: Declaration, stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "base.app"
    file.write_bytes(build_app("Base", "2.0.0.0"))
    stack.up(package_program(offer, str(file), "library"))
    capsys.readouterr()
    for app, warning in {
        build_app("Common"): "warning: library Base 2.0.0.0 was there before, and no manifest has it now",
        build_app("Base", "1.9.0.0"): "warning: library Base: version 1.9.0.0 is below 2.0.0.0",
    }.items():
        file.write_bytes(app)
        stack.preview(package_program(offer, str(file), "library"))
        output = capsys.readouterr().out
        assert warning in output
        assert output.count("warning") == 1


def test_a_new_package_of_a_type_without_use_is_remarked_once_and_uploaded(
    offer: Declaration,
    stack: Stack,
    emulator: RunningEmulator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An old offer of the portal may have one, and the service's refusal is not known."""
    for name in ("Base", "Common"):
        (tmp_path / f"{name}.app").write_bytes(build_app(name))
    program = package_program(offer, str(tmp_path), "Dynamics365BusinessCentralAddOnDependencyPackage")
    stack.preview(program)
    assert capsys.readouterr().out.count("warning: kind: Microsoft no longer uses Dynamics365Business") == 1
    stack.up(program)
    assert emulator.state()["packages"][0]["fileName"].endswith(".zip")
    capsys.readouterr()
    assert stack.up(program) == {}
    assert capsys.readouterr().out == ""
