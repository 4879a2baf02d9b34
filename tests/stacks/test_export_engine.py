"""Exports with the real engine: adopted in a new stack or imported, without a write and without a change."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.command import Command
from tests.resources.portal.portal_offers import GATEWAY
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

pytestmark = pytest.mark.soak

OFFERS = ["contoso-archive-sandbox", "contoso-archive-starter-sandbox"]
TENANT = "11111111-2222-4333-8444-555555555555"
FROM_OTHERS = {"plan_id", "package_digest", "published", "omitted", "offer_type"}
"""Outputs that constructors take from other resources, and no digest covers. An offer's own type is in its digest."""
SECRET = "AccountName=contoso;AccountKey=s3cret-one"
PORTAL = f"""
import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "offer", offer_id="contoso-test", offer_type="AzureApplication", alias="Contoso Test"
)
partnercenter.OfferListing("offer", offer=offer.id, title="Contoso Test", summary="Tests offers")
german = partnercenter.OfferListing("german", offer=offer.id, language="de-de", title="Contoso Test")
partnercenter.ListingImage(
    "logo", offer=offer.id, language=german.language, kind="AzureLogoSmall", source="small.png"
)
plan = partnercenter.Plan(
    "gold", offer=offer.id, plan_id="gold", subtype="managed-application", name="Gold"
)
partnercenter.PlanPricing(
    "gold", plan=plan.id, visibility="Private", markets="all", tenants=["{TENANT}"], prices=[{{"amount": 49.5}}]
)
partnercenter.LeadDestination(
    "leads", offer=offer.id, azure_blob={{"connection_string": "{SECRET}", "container": "leads"}}
)
partnercenter.TestDrive("drive", offer=offer.id, duration_hours=4, application_key="s3cret-two")
"""


GATEWAY_PROGRAM = f"""
import pulumi_partnercenter as partnercenter

leads = {{"azure_table": {{"connection_string": "AccountName=contoso;AccountKey=s3cret-one"}}}}
partnercenter.portal.Offer("gateway", **{GATEWAY!r}, lead_destination=leads)
"""


@pytest.fixture
def partnercenter(emulator: RunningEmulator, tmp_path: Path) -> Command:
    return Command(emulator.url, tmp_path)


def assert_unchanged(project: Project, emulator: RunningEmulator) -> None:
    project.preview("--expect-no-changes").expect_success()
    project.refresh("--expect-no-changes").expect_success()
    assert write_requests(emulator) == []


def test_the_shipped_offers_are_adopted_and_imported(
    tmp_path: Path, emulator: RunningEmulator, partnercenter: Command
) -> None:
    assert Project.shipped(tmp_path / "shipped", emulator.url).select().up().expect_success().counts == {
        "created": 41
    }
    emulator.clear()
    document = partnercenter("export", *OFFERS, "--output", "exported", "--json").expect_success().json()
    assert document["refused"] == document["leftOut"] == []
    number = sum(document["resources"].values())

    adopting_project = Project(tmp_path / "exported", emulator.url).select("dev")
    assert adopting_project.up().expect_success().counts == {"created": number + 1}
    assert_unchanged(adopting_project, emulator)

    partnercenter("export", *OFFERS, "--output", "imported").expect_success()
    importing_project = Project(tmp_path / "imported", emulator.url).select("dev")
    result = importing_project.run(*document["import"].split()[1:]).expect_success()
    assert result.counts["imported"] == number
    assert_unchanged(importing_project, emulator)
    assert importing_project.up().expect_success().counts == {"unchanged": number + 1}
    assert comparable_state(importing_project) == comparable_state(adopting_project)
    assert_unchanged(importing_project, emulator)
    importing_project.destroy().expect_success()
    assert write_requests(emulator) == [], "the drafts of what was published stay as they are"


def comparable_state(project: Project) -> dict[str, object]:
    """Return the state without values that constructors take from other resources: an import has no constructor."""
    return {
        name: [
            resource["id"],
            {key: resource["outputs"][key] for key in resource["outputs"].keys() - FROM_OTHERS},
        ]
        for name, resource in project.state().items()
    }


def test_members_that_only_the_portal_writes_are_adopted_and_survive(
    tmp_path: Path, emulator: RunningEmulator, partnercenter: Command
) -> None:
    """Includes members without a model, a further language, a private plan, a test drive and leads with secrets."""
    emulator.legacy_test_drive()
    deployed = Project.of(tmp_path / "original", PORTAL, emulator.url).select()
    logo = Path(__file__).parents[2] / "stacks" / "assets" / "logos" / "small.png"
    (tmp_path / "original" / "small.png").write_bytes(logo.read_bytes())
    deployed.up().expect_success()
    for listing in emulator.state()["listings"]:
        path = f"/v1.0/ingestion/products/{listing['productID']}/listings/{listing['id']}"
        emulator.portal(path, writtenByThePortal={"deep": [1]})
    before = emulator.state()
    emulator.clear()
    result = partnercenter("export", "contoso-test").expect_success()
    program = (tmp_path / "contoso-test" / "__main__.py").read_text()
    assert re.search(r"language=\w+_offer_listing\.language", program)
    assert 'markets="all"' in program
    project = Project(tmp_path / "contoso-test", emulator.url).select("dev")
    project.up().expect_success()
    assert_unchanged(project, emulator)
    assert emulator.state() == before

    keys = re.findall("pulumi config set --secret ([a-z-]+)", result.out)
    assert keys == ["lead-destination-connection-string", "test-drive-application-key"]
    project.edit("duration_hours=4", "duration_hours=8")
    assert project.up().expect_success().counts == {"updated": 1, "unchanged": 8}
    assert list_secrets(emulator) == [SECRET, "s3cret-two"]
    new_secrets = [SECRET.replace("s3cret-one", "n3w"), "n3w"]
    for key, value in zip(keys, new_secrets, strict=True):
        project.run("config", "set", "--secret", key, value).expect_success()
    assert project.up().expect_success().counts == {"updated": 2, "unchanged": 7}
    assert list_secrets(emulator) == new_secrets
    state = json.loads(project.run("stack", "export").expect_success().text)
    assert "n3w" not in json.dumps(state)


def list_secrets(emulator: RunningEmulator) -> list[str]:
    """Return the secrets in the emulator's documents."""
    (leads,) = emulator.state()["leadConfigurations"]
    configurations = emulator.state()["packageConfigurations"]
    keys = [configuration.get("azureActiveDirectoryApplicationKey") for configuration in configurations]
    return [leads["connectionString"], *filter(None, keys)]


def test_a_live_offer_of_the_portal_is_adopted_and_imported(
    tmp_path: Path, emulator: RunningEmulator, partnercenter: Command
) -> None:
    Project.of(tmp_path / "original", GATEWAY_PROGRAM, emulator.url).select().up().expect_success()
    ids = {"publisher": "contoso", "offer_id": "contoso-gateway"}
    emulator._control("POST", "portal/publish", ids)
    emulator.clear()
    document = partnercenter("export", "contoso-gateway", "--json").expect_success().json()
    assert document["refused"] == document["plainSecrets"] == []
    assert document["resources"] == {"portal.Offer": 1, "portal.Publication": 1}
    adopting_project = Project(tmp_path / "contoso-gateway", emulator.url).select("dev")
    assert adopting_project.up().expect_success().counts == {"created": 3}
    assert_unchanged(adopting_project, emulator)

    partnercenter("export", "contoso/contoso-gateway", "--output", "imported").expect_success()
    importing_project = Project(tmp_path / "imported", emulator.url).select("dev")
    result = importing_project.run(*document["import"].split()[1:]).expect_success()
    assert result.counts["imported"] == 2
    assert_unchanged(importing_project, emulator)
    assert importing_project.up().expect_success().counts == {"unchanged": 3}
    importing_project.destroy().expect_success()
    assert write_requests(emulator) == []
