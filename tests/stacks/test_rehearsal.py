"""An offer with the Azure resources that it delivers, with the real engine and plugins that simulate Azure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from provider.tools.browser import Look, NoBrowser, Observation, look
from provider.tools.echo.values import UNKNOWN
from provider.tools.emulators import RunningEmulator
from provider.tools.engine.rehearsed_service import RehearsedService
from provider.tools.generate import diagram
from provider.tools.generate.readme import README
from tests.saas.deployment import service_environment
from tests.stacks.cli import NOBODY, Project
from tests.stacks.clone import PUBLISHED_AGAIN, cloned
from tests.unit.scripted_server import Answer, serve_answers

from pulumi_partnercenter.saas import settings as service_settings

RESOURCES, COMPONENTS, AZURE = 120, 3, 59
"""Numbers of the stack rehearsal: of all resources, of the components among them, of the resources in Azure."""


def deletions(text: str) -> list[str]:
    """Return the resources that a destroy deleted, in order, as `Package archive`."""
    return re.findall(r"^ -  \S+:(\w+ \S+) deleted", text, re.MULTILINE)


def visit_as_customer_and_publisher(marketplace: str, service: str) -> list[Observation]:
    """Buy a subscription on the marketplace's page, follow it to the service, and look at it as the publisher."""
    customer = [
        ["fill", "form:has-text('Buy Team') input[name=name]", "Fabrikam Reports"],
        ["click", "button:has-text('Buy Team')"],
        ["click", "button:has-text('Configure account now')"],
        ["click", "button:has-text('Dana Fabrikam')"],
        ["click", "button:has-text('Confirm and activate')"],
        ["wait_for_selector", "a:has-text('Change plan')"],  # the page of an active subscription
    ]
    publisher = [
        ["click", "button:has-text('Olga Contoso')"],
        ["click", "a:has-text('Fabrikam Reports')"],
        ["wait_for_url", "**/publisher/subscriptions/*"],
    ]
    reading = {"text": "() => document.body.innerText"}
    return look(
        Look(f"{marketplace}/offers/contoso-analytics-rehearsal", reading, steps=customer),
        Look(f"{service}/publisher", reading, steps=publisher),
    )


def test_a_rehearsal_from_a_clean_clone(tmp_path: Path) -> None:
    """Created and deleted: offers before the resources they refer to.

    In between a customer buys the SaaS offer, and becomes a subscriber of the service that the stack deploys.
    """
    no_browser = ""
    with cloned(tmp_path / "checkout", infrastructure=True) as clone:
        rehearse = "STACK=rehearsal"
        quick = "ARGS=--skip-preview --non-interactive"
        first = clone.make("up", rehearse, quick).expect_success()
        assert first.text.index("simulated: Azure is played") < first.text.index("Updating (rehearsal)")
        assert first.counts == {"created": RESOURCES}
        assert "from $PATH" not in first.text
        assert clone.written()

        service, marketplace = re.findall(
            r"http://\S+:\d+\S*", first.text.rpartition("the SaaS service runs")[2]
        )
        try:
            bought, administered = visit_as_customer_and_publisher(marketplace, service)
        except NoBrowser as error:
            no_browser = str(error)
        else:
            assert bought.address.startswith(f"{service}/account/")
            assert administered.address.startswith(f"{service}/publisher/")
            assert "Fabrikam Reports" in administered.values["text"]
            assert [*bought.violations, *administered.violations] == []
            (subscription,) = clone.emulator_state()["saasSubscriptions"]
            assert subscription["offerId"] == "contoso-analytics-rehearsal"
            assert subscription["saasSubscriptionStatus"] == "Subscribed"
            assert "POST activate" in clone.written()

        gone = clone.make("down", rehearse, quick).expect_success()
        assert not clone.emulator.lives()
    order = deletions(gone.text)
    assert len(order) == RESOURCES - COMPONENTS
    for earlier, later in (
        ("PlanPackage archive-standard-package", "Package archive-package"),
        ("Package archive-package", "Application trial"),
        ("Package starter-package", "Deployment starter-trial"),
        ("PlanPackage archive-standard-package", "Group operators"),
        ("OfferTechnicalConfiguration archive-technical-configuration", "Application metering"),
        ("StorageAccount artifacts", "ResourceGroup archive"),
        ("OfferTechnicalConfiguration analytics-technical-configuration", "ManagedEnvironment service"),
        ("ContainerApp service", "Server service"),
    ):
        assert order.index(earlier) < order.index(later), f"{earlier} was deleted after {later}"
    if no_browser:
        pytest.skip(no_browser)


@pytest.mark.soak
def test_the_end_of_a_rehearsal_leaves_a_deployed_sandbox_its_emulator(tmp_path: Path) -> None:
    with cloned(tmp_path / "checkout", infrastructure=True) as clone:
        quick = "ARGS=--skip-preview --non-interactive"
        clone.make("up", quick).expect_success()
        clone.make("up", "STACK=rehearsal", quick).expect_success()
        first = clone.make("down", "STACK=rehearsal", quick).expect_success()
        assert "the emulator goes on, for stack sandbox" in first.text
        assert clone.emulator.lives()
        clone.make("up", "ARGS=--skip-preview --expect-no-changes").expect_success()
        assert "the emulator has been stopped" in clone.make("down", quick).expect_success().text
        assert not clone.emulator.lives()


@pytest.mark.soak
def test_a_second_rehearsal_changes_nothing_and_a_changed_template_is_published_again(tmp_path: Path) -> None:
    """`make test` shows the same of the stack sandbox (`test_make.py`)."""
    with cloned(tmp_path / "checkout", infrastructure=True) as clone:
        rehearse = "STACK=rehearsal"
        quick = "ARGS=--skip-preview --non-interactive"
        clone.make("up", rehearse, quick).expect_success()
        assert clone.written()
        again = clone.make("up", rehearse, f"{quick} --expect-no-changes").expect_success()
        assert again.text.startswith("simulated: Azure is played")
        assert again.counts == {"unchanged": RESOURCES}
        clone.make("preview", rehearse, "ARGS=--expect-no-changes").expect_success()
        assert not clone.written()
        clone.change_template()
        clone.make("up", rehearse, quick).expect_success()
        assert set(clone.written()) == PUBLISHED_AGAIN


def check_service(inputs: Mapping[str, dict[str, Any]]) -> None:
    """The SaaS service gets settings that it has, never sleeps, and is what the offer names."""
    (container,) = [given for urn, given in inputs.items() if urn.endswith(":ContainerApp::service")]
    variables = {variable["name"] for variable in container["template"]["containers"][0]["env"]}
    documented = set(re.findall(r"PARTNERCENTER_SAAS_\w+", str(service_settings.__doc__)))
    of_the_client = {f"PARTNERCENTER_SAAS_{name}" for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")}
    assert variables - documented - of_the_client == {"SECRETS_VERSION"}
    assert of_the_client <= variables
    assert container["template"]["scale"]["minReplicas"] >= 1
    (configuration,) = [
        given
        for urn, given in inputs.items()
        if urn.endswith(":OfferTechnicalConfiguration::analytics-technical-configuration")
    ]
    of_azure = [configuration[name] for name in ("application", "landing_page_url", "webhook_url")]
    assert of_azure == [UNKNOWN] * 3


def first_preview(project: Project, stack: str) -> dict[str, Any]:
    """Check the offer, and its plan's audience and markets, in a preview where all values of Azure are unknown."""
    config = (project.folder / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    assert ("partnercenter:" in config) == (stack in {"sandbox", "rehearsal"})
    assert ("azure-native:" in config) == (stack != "sandbox")
    project.play_azure(stack).select(stack)
    text = project.run("preview", "--json").expect_success().text
    steps = json.loads(text[text.index("{") :])["steps"]
    if stack == diagram.STACK:
        assert diagram.draw(steps) in diagram.PAGE.read_text(), "run `make generate`"
        assert diagram.draw_summary(steps) in README.read_text(), "run `make generate`"
    inputs = {step["urn"].split("::", 2)[2]: step["newState"].get("inputs", {}) for step in steps}
    if stack == "rehearsal":
        check_service(inputs)
    (offer,) = [given for urn, given in inputs.items() if urn.endswith(":Offer::archive")]
    (pricing,) = [
        given for urn, given in inputs.items() if urn.endswith(":PlanPricing::archive-standard-pricing")
    ]
    (package,) = [
        given for urn, given in inputs.items() if urn.endswith(":PlanPackage::archive-standard-package")
    ]
    assert any("solutions:Application::" in urn for urn in inputs) == (stack in {"rehearsal", "dev"})
    principal = package["authorizations"][0]["principal"]
    assert (principal == UNKNOWN) == (stack != "sandbox")
    kept = re.compile(":(ResourceGroup|Offer|Plan|Package|Submission)::")
    protected = {step["newState"].get("protect", False) for step in steps if kept.search(step["urn"])}
    assert protected <= {stack == "prod"}
    return {**offer, "audience": pricing["subscriptions"], "markets": pricing["markets"]}


@pytest.mark.soak
def test_every_stack_has_an_id_an_alias_and_an_audience_of_its_own(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    project = Project.shipped(tmp_path / "project", emulator.url)
    stacks = ("sandbox", "rehearsal", "dev", "staging", "prod")
    offers = {stack: first_preview(project, stack) for stack in stacks}
    assert not emulator.requests()
    for name in ("offer_id", "alias"):
        assert len({offer[name] for offer in offers.values()}) == len(offers)
    assert offers["dev"]["audience"] != offers["staging"]["audience"] != []
    assert (offers["prod"]["audience"], offers["prod"]["markets"]) == ([], "all")


WRITTEN_TEMPLATE = """
import json
import pulumi
import pulumi_partnercenter as partnercenter
from pulumi_azure_native import resources, storage

group = resources.ResourceGroup("archive")
account = storage.StorageAccount(
    "artifacts", resource_group_name=group.name, kind="StorageV2", sku={"name": "Standard_LRS"}
)

def template(address):
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    attribution = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "pid-44444444-4444-4444-8444-444444444444-partnercenter",
        "properties": {
            "mode": "Incremental",
            "template": {"$schema": schema, "contentVersion": "1.0.0.0", "resources": []},
        },
    }
    return json.dumps({
        "$schema": schema,
        "contentVersion": "1.0.0.0",
        "parameters": {"location": {"type": "string"}},
        "resources": [attribution],
        "outputs": {"artifacts": {"type": "string", "value": address}},
    })

def files(address):
    return pulumi.AssetArchive({
        "mainTemplate.json": pulumi.StringAsset(template(address)),
        "createUiDefinition.json": pulumi.FileAsset("form.json"),
    })

offer = partnercenter.Offer("offer", offer_id="contoso-test", offer_type="AzureApplication", alias="Contoso Test")
package = partnercenter.Package("app", offer=offer.id, source=account.primary_endpoints.blob.apply(files))
pulumi.export("package", package.id)
"""
FORM = {
    "$schema": "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#",
    "handler": "Microsoft.Azure.CreateUIDef",
    "version": "0.1.2-preview",
    "parameters": {"basics": [], "steps": [], "outputs": {"location": "[location()]"}},
}


@pytest.fixture
def written(tmp_path: Path, emulator: RunningEmulator) -> Project:
    """A project whose package contains outputs of Azure resources."""
    project = Project.of(tmp_path / "project", WRITTEN_TEMPLATE, emulator.url)
    (project.folder / "form.json").write_text(json.dumps(FORM))
    return project.play_azure().select()


@pytest.mark.soak
def test_a_package_with_outputs_of_azure_is_uploaded_once(
    written: Project, emulator: RunningEmulator
) -> None:
    """Unknown at first, uploaded once with the outputs of Azure, then unchanged. A wrong property of Azure fails."""
    written.edit('"name": "Standard_LRS"', '"nmae": "Standard_LRS"')
    wrong = written.preview().expect_failure().text
    assert "sku.nmae: there is no such property; did you mean name?" in wrong
    assert "sku.name: is required" in wrong

    written.edit('"nmae": "Standard_LRS"', '"name": "Standard_LRS"')
    assert written.preview().expect_success().counts == {"create": 5}
    assert not emulator.requests()
    assert written.up().expect_success().counts == {"created": 5}
    (package,) = emulator.state()["packages"]
    assert written.outputs()["package"].endswith(package["id"])
    written.preview("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_an_offer_reads_the_infrastructure_of_another_stack(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    """The same program, with `infrastructure:stack` instead of `infrastructure:own`."""
    offers = Project.shipped(tmp_path / "project", emulator.url)
    infrastructure = Project(
        offers.folder / "stacks" / "infrastructure",
        emulator.url,
        {
            "PULUMI_BACKEND_URL": f"file://{offers.folder}",
        },
    )
    infrastructure.play_azure("rehearsal").select("rehearsal")
    assert infrastructure.up().expect_success().counts == {"created": AZURE + 1}

    settings = offers.folder / "stacks" / "Pulumi.rehearsal.yaml"
    reference = "infrastructure:stack: organization/contoso-infrastructure/rehearsal"
    settings.write_text(settings.read_text().replace('infrastructure:own: "true"', reference))
    text = offers.select("rehearsal").run("preview", "--json").expect_success().text
    steps = json.loads(text[text.index("{") :])["steps"]
    (package,) = [step for step in steps if step["urn"].endswith(":PlanPackage::archive-standard-package")]
    operators = infrastructure.outputs()["operators"]
    assert package["newState"]["inputs"]["authorizations"][0]["principal"] == operators
    assert not any("azure" in step["urn"] for step in steps)


def test_a_service_of_another_checkout_at_the_same_port_is_not_taken_for_the_rehearsed_one(
    tmp_path: Path,
) -> None:
    """The other service takes the port after the rehearsed one has chosen it."""
    service = RehearsedService(tmp_path / "service")
    with serve_answers(Answer(200, "ok")) as other:
        port = int(other.url.rpartition(":")[2])
        assert not service._start_on(port, service_environment(NOBODY, other.url, ""), NOBODY)
    assert f"cannot listen on 127.0.0.1:{port}" in service.log.read_text()
    assert not service.lives()
