"""Software of Customer Engagement and Operations offers: refused inputs, and remarks about addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import write_requests
from tests.resources.harness import UNKNOWN, CheckFailed, Declaration, Ref, Stack
from tests.resources.mocked import register_program
from tests.unit.app_files import build_app

from pulumi_partnercenter import Offer, OfferTechnicalConfiguration, Package

CENTRAL, ENGAGEMENT, OPERATIONS, SAAS = (
    "AzureDynamics365BusinessCentral",
    "AzureDynamics365ForCustomerEngagement",
    "AzureDynamics365ForOperations",
    "SoftwareAsAService",
)
PAGE = "https://contoso.example.com/welcome"
GUID = "11111111-2222-4333-8444-555555555555"
SIGNATURE = "c2VjcmV0b2ZDb250b3Nv"
ADDRESS = "https://contoso.blob.core.windows.net/crm/package.zip"


def signed_address(**parameters: str) -> str:
    query = {"sp": "r", "se": "2999-01-01T00:00:00Z", **parameters, "sig": SIGNATURE}
    return f"{ADDRESS}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def configuration(offer_type: str, **arguments: Any) -> dict[str, Declaration]:
    of_offer = {"offer": GUID, "offer_type": offer_type}
    return {"subject": Declaration(OfferTechnicalConfiguration, {**of_offer, **arguments})}


@pytest.mark.parametrize(
    ("offer_type", "arguments", "message"),
    [
        (ENGAGEMENT, {}, r"^package_url: is required for .*Engagement offers: the address of the package"),
        (ENGAGEMENT, {"package_url": "routes.zip"}, "^package_url: must be an address that begins with https://"),
        (ENGAGEMENT, {"package_url": signed_address().replace("https", "http")}, "^package_url: must be an address"),
        (ENGAGEMENT, {"package_url": signed_address(sp="wl")}, r"^package_url: .* lacks the permission to read \(r\)"),
        (ENGAGEMENT, {"package_url": signed_address(), "regions": [""]}, r"^regions\[0\].*must be a region such as"),
        (ENGAGEMENT, {"package_url": signed_address(), "solution_identifier": GUID}, "^solution_identifier: .*only$"),
        (ENGAGEMENT, {"package_url": signed_address(), "tenant": GUID, "application": GUID}, "^tenant, application: "),
        (ENGAGEMENT, {"package_url": signed_address(), "packages": [f"{GUID}/1"]}, "^packages: .* offers have base_l"),
        (OPERATIONS, {}, "^solution_identifier: is required for .*Operations offers: the GUID of the solution"),
        (OPERATIONS, {"solution_identifier": "harvest"}, "^solution_identifier: 'harvest' — must be a GUID such as"),
        (OPERATIONS, {"solution_identifier": GUID, "package_url": signed_address()}, "^package_url: .* solution_iden"),
        (SAAS, {"package_url": signed_address()}, "^package_url: SoftwareAsAService offers have tenant, application"),
        (SAAS, {"solution_identifier": GUID}, "^solution_identifier: SoftwareAsAService offers have tenant"),
        (CENTRAL, {"tenant": GUID}, "^tenant: AzureDynamics365BusinessCentral offers have package_type"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("offer", [GUID, UNKNOWN], ids=["existing", "new"])
def test_wrong_software_is_refused_in_the_preview_without_its_secret(
    offer: object, offer_type: str, arguments: dict[str, Any], message: str, stack: Stack, offline: None
) -> None:
    with pytest.raises(CheckFailed, match=message) as error:
        stack.preview(configuration(offer_type, **{**arguments, "offer": offer}))
    assert SIGNATURE not in str(error.value)
    assert "contoso" not in str(error.value)
    assert all(len(reason.splitlines()) == 1 for reason in error.value.reasons)


@pytest.mark.parametrize(
    ("offer_type", "kind", "message"),
    [
        (ENGAGEMENT, "AzureApplicationPackage", "^offer: .*Engagement offers upload no packages; .* package_url of"),
        (OPERATIONS, "app", "^offer: .*Operations offers upload no packages; .* solution_identifier of"),
        (SAAS, "AzureApplicationPackage", "^offer: SoftwareAsAService offers upload no packages"),
        (CENTRAL, "AzureApplicationPackage", "^kind: .*BusinessCentral offers have packages of the kinds app and lib"),
        ("AzureApplication", "library", "^kind: '.*LibraryExtensionPackage' — is for Business Central"),
    ],
)  # fmt: skip
def test_a_package_of_another_type_of_offer_is_refused_in_the_preview(
    offer_type: str, kind: str, message: str, stack: Stack, offline: None
) -> None:
    arguments = {"offer": UNKNOWN, "offer_type": offer_type, "kind": kind, "source": UNKNOWN}
    with pytest.raises(CheckFailed, match=message):
        stack.preview({"subject": Declaration(Package, arguments)})


def test_the_constructor_of_a_package_takes_the_offer_type_from_the_offer() -> None:
    def program() -> None:
        offer = Offer("offer", offer_id="contoso", offer_type=CENTRAL, alias="Contoso")
        source = samples.file("ledger.app", build_app())
        Package("made", offer=offer.id, source=source, kind="app")
        Package("other", offer=GUID, source=source, kind="app")

    registrations = register_program(program)
    assert registrations["made"].inputs["offer_type"] == CENTRAL
    assert registrations["other"].inputs["offer_type"] == ""


@pytest.mark.parametrize(
    ("address", "remarks"),
    [
        (ADDRESS, []),
        (signed_address(), []),
        (signed_address(se=in_days(31)), []),
        (signed_address(se=in_days(10)), ["package_url: its signature ends at 2"]),
        (signed_address(se="2001-09-11"), ["package_url: its signature expired at 2001-09-11T00:00Z"]),
        (signed_address(se="2001-09-11T00:00:00%2B02:00"), ["expired at 2001-09-10T22:00Z"]),
        (signed_address(se="soon"), []),
        (signed_address(sp="rl"), ["package_url: its signature allows more than to read"]),
        (f"{ADDRESS}?si=certification&sig={SIGNATURE}", []),
        (signed_address(sp="rw", se=in_days(-1)), ["expired at", "allows more than to read"]),
    ],
)
def test_a_preview_remarks_what_keeps_a_package_from_its_certification(
    address: str, remarks: list[str], stack: Stack, offline: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.preview(configuration(ENGAGEMENT, package_url=address)) == {"subject": "create"}
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(remarks)
    assert all(remark in line for remark, line in zip(remarks, lines, strict=True))
    assert SIGNATURE not in "".join(lines)


def test_a_preview_remarks_regions_and_addresses_that_publishers_leave_empty(
    stack: Stack, offline: None, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = [
        "Emea",
        "USDepartmentOfDefense",
        "chinasovereign",
        {"region": "TipSovereign", "is_available": False},
        "NorthAmerika",
    ]
    url = "https://contoso.example.com/configure"
    stack.preview(configuration(ENGAGEMENT, package_url="", regions=regions, configuration_url=url))
    output = capsys.readouterr().out
    sovereign = "ChinaSovereign, USDepartmentOfDefense"
    assert f"regions: {sovereign}: Microsoft asks publishers not to select sovereign regions" in output
    assert "configuration_url: is for future use" in output
    assert "'NorthAmerika' is not a region known to this provider; did you mean NorthAmerica?" in output


@pytest.mark.parametrize(
    ("offer_type", "arguments", "remark"),
    [
        (SAAS, {}, ""),
        (SAAS, {"tenant": GUID, "application": UNKNOWN, "landing_page_url": UNKNOWN}, "webhook_url: not given; an o"),
        (SAAS, {"tenant": GUID, "application": GUID, "landing_page_url": PAGE, "webhook_url": PAGE}, ""),
        ("AzureApplication", {"tenant": GUID}, "application: not given; metered usage needs tenant, application"),
        ("", {"tenant": GUID}, ""),
        (CENTRAL, {"package_type": "Connect"}, "installation_url: not given; a product of the type Connect needs it"),
        (CENTRAL, {"package_type": "Connect", "installation_url": PAGE}, ""),
        (CENTRAL, {"package_type": "Connect", "installation_url": UNKNOWN}, ""),
    ],
)  # fmt: skip
def test_a_preview_remarks_arguments_that_are_missing_beside_others(
    offer_type: str,
    arguments: dict[str, Any],
    remark: str,
    stack: Stack,
    offline: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack.preview(configuration(offer_type, **arguments))
    output = capsys.readouterr().out
    assert remark in output
    assert bool(remark) == bool(output)


def test_remarks_about_an_address_are_made_once_for_each_address(
    stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    offer = Declaration(Offer, {"offer_id": "contoso-routes", "offer_type": ENGAGEMENT, "alias": "Routes"})
    expired = signed_address(se="2001-09-11")
    arguments = {"offer": Ref("offer"), "package_url": expired, "offer_type": ENGAGEMENT}
    program = {"offer": offer, "subject": Declaration(OfferTechnicalConfiguration, arguments)}
    stack.up(program)
    assert capsys.readouterr().out.count("its signature expired") == 1
    other = {**arguments, "regions": ["Emea"]}
    stack.up({**program, "subject": Declaration(OfferTechnicalConfiguration, other)})
    assert "expired" not in capsys.readouterr().out
    (document,) = emulator.state()["packageConfigurations"]
    assert document["packageLocationUri"] == expired


def test_an_address_that_leaves_the_program_stays_in_the_service(
    stack: Stack, emulator: RunningEmulator
) -> None:
    """What a new resource needs is not asked of one that exists, perhaps since an older version."""
    offer = Declaration(Offer, {"offer_id": "contoso-routes", "offer_type": ENGAGEMENT, "alias": "Routes"})
    arguments = {"offer": Ref("offer"), "package_url": signed_address(), "offer_type": ENGAGEMENT}
    stack.up({"offer": offer, "subject": Declaration(OfferTechnicalConfiguration, arguments)})
    del arguments["package_url"]
    stack.up({"offer": offer, "subject": Declaration(OfferTechnicalConfiguration, arguments)})
    (document,) = emulator.state()["packageConfigurations"]
    assert document["packageLocationUri"] == signed_address()
    assert SIGNATURE not in json.dumps(stack.state["subject"].outputs)


def test_a_solution_identifier_keeps_the_spelling_of_the_portal(
    stack: Stack, emulator: RunningEmulator
) -> None:
    offer = Declaration(Offer, {"offer_id": "contoso-harvest", "offer_type": OPERATIONS, "alias": "Harvest"})
    identifier = "aaaaaaaa-2222-4333-8444-555555555555"
    arguments = {"offer": Ref("offer"), "offer_type": OPERATIONS, "solution_identifier": identifier}
    program = {"offer": offer, "subject": Declaration(OfferTechnicalConfiguration, arguments)}
    stack.up(program)
    (document,) = emulator.state()["packageConfigurations"]
    (product,) = emulator.state()["products"]
    path = f"/v1.0/ingestion/products/{product['id']}/packageconfigurations/{document['id']}"
    emulator.portal(path, solutionIdentifier=identifier.upper())
    assert stack.refresh() == {}
    stack.forget()
    emulator.clear()
    stack.up(program)
    assert write_requests(emulator) == []
    newer = Declaration(OfferTechnicalConfiguration, {**arguments, "release_version": "10.1"})
    assert stack.up({**program, "subject": newer}) == {"subject": "update"}
    (document,) = emulator.state()["packageConfigurations"]
    assert document["solutionIdentifier"] == identifier.upper()
    emulator.portal(path, solutionIdentifier="harvest")
    assert stack.refresh() == {"subject": ["solution_identifier"]}
    stack.up({**program, "subject": newer})
    (document,) = emulator.state()["packageConfigurations"]
    assert document["solutionIdentifier"] == identifier
