"""Export of offers of AppSource that were made in the portal, and their adoption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, export_offers, group_by_class
from tests.contract.central_publisher import CentralPublisher
from tests.resources.card import write_requests
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.test_appsource_offers import (
    ENGAGEMENT,
    OPERATIONS,
    offer_program,
    saas_program,
    without_digests,
)

from pulumi_partnercenter import OfferProperties, OfferTechnicalConfiguration, ResellerChannel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "program"


def test_an_offer_of_business_central_is_exported_and_adopted_without_a_write(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CentralPublisher(emulator).create_live_offer()
    export_offers(emulator, folder, "contoso-ledger")
    text = (folder / "__main__.py").read_text()
    assert 'markets=["DK", "IT", "US"]' in text
    assert "sells_through_microsoft=False" in text
    assert 'package_type="AddOn"' in text
    assert "ResellerChannel" not in text
    assert 'target="live"' in text
    emulator.clear()
    stack = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (markets,) = group_by_class(stack)["OfferMarkets"]
    assert markets.outputs["markets"] == ["DK", "IT", "US"]
    (setup,) = group_by_class(stack)["OfferSetup"]
    assert setup.outputs["package_type"] == "AddOn"


def test_an_old_reference_to_a_package_of_dependencies_is_adopted_without_a_write(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = CentralPublisher(emulator)
    product = publisher.create_central_offer()
    dependency = "Dynamics365BusinessCentralAddOnDependencyPackage"
    row = publisher.add_file(
        f"{product}/packages", {"resourceType": dependency, "fileName": "Contoso_Base.app"}, b"NAVX"
    )
    references = publisher.read_draft(product, "Package", "packageConfigurations")["packageReferences"]
    references.append({"type": dependency, "value": row["id"]})
    publisher.edit_module(product, "Package", packageReferences=references)
    emulator.publish(product.rpartition("/")[2])
    export_offers(emulator, folder, "contoso-ledger")
    emulator.clear()
    stack = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (technical,) = group_by_class(stack)["OfferTechnicalConfiguration"]
    assert technical.outputs["packages"][1]["kind"] == dependency


def assert_complete_without_secret(folder: Path, output: str) -> None:
    assert "Left out" not in output
    for path in folder.rglob("*.*"):
        assert "c2VjcmV0" not in output + path.read_text(errors="ignore")


def whole_saas_program() -> dict[str, Declaration]:
    """Return a live SaaS offer of which the portal left the reseller channel as it was."""
    program = saas_program()
    (name,) = (name for name, declaration in program.items() if declaration.kind is ResellerChannel)
    return program | {name: Declaration(ResellerChannel, {"offer": Ref("offer"), "state": "Disabled"})}


@pytest.mark.parametrize(
    ("offer_id", "program"),
    [
        ("contoso-ledger", offer_program(ENGAGEMENT)),
        ("contoso-ledger", offer_program(OPERATIONS)),
        ("contoso-wiki", whole_saas_program()),
    ],
    ids=["customer-engagement", "operations", "saas"],
)
def test_a_live_offer_is_exported_and_adopted_with_its_submission_and_without_a_write(
    offer_id: str, program: Program, emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(emulator_config(emulator))
    emulator.decide("validation", "pass")
    stack.up(program)
    stack.up(program)
    without_digests(emulator)
    output = export_offers(emulator, folder, offer_id).stdout
    assert_complete_without_secret(folder, output)
    emulator.clear()
    adopted = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (submission,) = group_by_class(adopted)["Submission"]
    assert submission.outputs["state"] == "live"


@pytest.mark.parametrize("target", ["preview", "live"])
def test_an_offer_that_was_published_with_a_secret_is_adopted_with_its_submission(
    target: str, emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program cannot contain the secret address, so that its digest is not that of the submission."""
    stack, program = Stack(emulator_config(emulator)), offer_program(ENGAGEMENT, target=target)
    stack.up(program)
    stack.up(program)
    output = export_offers(emulator, folder, "contoso-ledger").stdout
    assert_complete_without_secret(folder, output)
    emulator.clear()
    adopted = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (submission,) = group_by_class(adopted)["Submission"]
    assert submission.outputs["state"] == target
    assert submission.outputs["undeclared_content"] == []
    assert len(emulator.state()["submissions"]) == 1


def read_submission(folder: Path) -> dict[str, Any]:
    """Return the outputs of the submission in `import.json`."""
    resources = json.loads((folder / "import.json").read_text())["resources"]
    (outputs,) = (resource["outputs"] for resource in resources if resource["type"].endswith(":Submission"))
    return outputs


@pytest.mark.parametrize("is_by_the_portal", [True, False])
def test_an_imported_submission_has_the_content_of_the_program_so_that_nothing_is_left_to_do(
    is_by_the_portal: bool, emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, program = Stack(emulator_config(emulator)), offer_program(ENGAGEMENT)
    stack.up(program)
    stack.up(program)
    if is_by_the_portal:
        without_digests(emulator)
    export_offers(emulator, folder, "contoso-ledger")
    imported = read_submission(folder)
    (adopted,) = group_by_class(adopt_program(emulator, folder, monkeypatch))["Submission"]
    assert imported["content"]
    assert {name: imported[name] for name in ("content", "state", "submission")} == {
        name: adopted.outputs[name] for name in ("content", "state", "submission")
    }


def test_an_offer_of_which_the_program_owned_a_part_is_adopted_with_its_submission(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Properties that the program left to Partner Center have no part in the digest of its submission."""
    stack, program = Stack(emulator_config(emulator)), offer_program(OPERATIONS)
    stack.up({name: part for name, part in program.items() if name != "submission"})
    version = Declaration(OfferProperties, {"offer": Ref("offer"), "app_version": "1.0.0.0"})
    for _ in range(2):
        stack.up({**program, "properties": version})
    output = export_offers(emulator, folder, "contoso-ledger").stdout
    assert "Left out" not in output
    assert "adopt=True" in (folder / "__main__.py").read_text()
    emulator.clear()
    adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []


def test_drafts_that_changed_since_the_submission_are_exported_without_one(
    emulator: RunningEmulator, folder: Path
) -> None:
    stack, program = Stack(emulator_config(emulator)), offer_program(ENGAGEMENT)
    stack.up(program)
    stack.up(program)
    product = emulator.state()["products"][0]["id"]
    CentralPublisher(emulator).edit_module(f"/products/{product}", "Property", appVersion="9.0.0.0")
    output = export_offers(emulator, folder, "contoso-ledger").stdout
    assert "the drafts differ from what is live: declare a Submission to publish them" in output
    assert "Submission(" not in (folder / "__main__.py").read_text()


def test_an_offer_without_the_software_that_it_needs_is_exported_with_a_note(
    emulator: RunningEmulator, folder: Path
) -> None:
    program = offer_program(OPERATIONS)
    needless = {"offer": Ref("offer"), "offer_type": OPERATIONS, "release_version": "10.0"}
    technical = Declaration(OfferTechnicalConfiguration, {**needless, "solution_identifier": ""})
    Stack(emulator_config(emulator)).up({"offer": program["offer"], "technical": technical})
    output = export_offers(emulator, folder, "contoso-ledger").stdout
    assert "solution_identifier: is required for AzureDynamics365ForOperations offers" in output
    assert "solution_identifier" not in (folder / "__main__.py").read_text()
