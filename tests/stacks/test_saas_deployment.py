"""The SaaS service and its offer in one program, with the real engine and simulated Azure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from provider.tools.echo.containers import read_environment, reveal
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

from pulumi_partnercenter.saas import ServiceSettings
from pulumi_partnercenter.saas import settings as service_settings


def read_state(project: Project) -> list[dict[str, Any]]:
    exported = project.run("stack", "export", "--show-secrets").expect_success().text
    resources: list[dict[str, Any]] = json.loads(exported)["deployment"]["resources"]
    return [reveal(resource) for resource in resources]


def find(state: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    (match,) = [resource for resource in state if resource["urn"].endswith(f":{kind}::{name}")]
    return match


@pytest.mark.soak
def test_the_whole_life_of_the_stack_saas(tmp_path: Path, emulator: RunningEmulator) -> None:
    """From the first preview to the end: what the container gets is what the service reads and the offer names."""
    project = Project.shipped(tmp_path / "project", emulator.url).play_azure("saas").select("saas")
    first = project.preview().expect_success()
    assert not emulator.requests()
    assert project.up().expect_success().counts == {"created": first.counts["create"]}

    state = read_state(project)
    environment = read_environment(state, "contoso-saas-saas")
    assert read_environment(state, "contoso-saas-saas-migrate") == environment
    documented = (service_settings.__doc__ or "").split()
    assert [name for name in environment if name not in documented] == [
        "SECRETS_VERSION",
        # documented with the fulfillment client
        "PARTNERCENTER_SAAS_TENANT_ID",
        "PARTNERCENTER_SAAS_CLIENT_ID",
        "PARTNERCENTER_SAAS_CLIENT_SECRET",
    ]
    settings = ServiceSettings.load(environment)
    configuration = find(state, "OfferTechnicalConfiguration", "analytics-technical-configuration")["outputs"]
    assert configuration["tenant"] == settings.tenant_id
    assert configuration["application"] == settings.client_id
    assert configuration["landing_page_url"] == f"{settings.public_url}/"
    assert configuration["webhook_url"] == f"{settings.public_url}/webhook"
    customers = find(state, "Application", "service-customers")["inputs"]
    assert customers["web"]["redirectUris"] == [f"{settings.public_url}/sign-in/customer/callback"]
    assert len({settings.client_id, settings.customers.client_id, settings.publisher.client_id}) == 3

    container = find(state, "ContainerApp", "service")["inputs"]
    assert container["template"]["scale"]["minReplicas"] >= 1
    assert settings.public_url.startswith(f"https://{container['containerAppName']}.")
    plain = [variable for variable in container["template"]["containers"][0]["env"] if "value" in variable]
    secrets = {value for value in settings.secrets() if value}
    assert len(secrets) == 7
    assert not [variable for variable in plain if any(secret in variable["value"] for secret in secrets)]

    emulator.clear()
    unchanged = project.up("--expect-no-changes").expect_success()
    assert unchanged.counts == {"unchanged": first.counts["create"]}
    project.refresh("--expect-no-changes").expect_success()
    assert write_requests(emulator) == []

    # Other secrets: a new version of each in the vault, a new revision of the containers, nothing at Partner Center.
    project.run("config", "set", "service:expires", "2028-01-01T00:00:00Z").expect_success()
    project.run("config", "set", "--path", "service:keys[0]", "2").expect_success()
    project.run("config", "set", "--path", "service:keys[1]", "1").expect_success()
    project.up().expect_success()
    renewed = read_environment(read_state(project), "contoso-saas-saas")
    assert renewed["SECRETS_VERSION"] != environment["SECRETS_VERSION"]  # or Azure would begin no revision
    rotated = ServiceSettings.load(renewed)
    assert rotated.keys[1:] == settings.keys
    assert rotated.customers.client_secret != settings.customers.client_secret
    assert rotated.client_id == settings.client_id
    assert write_requests(emulator) == []

    # A domain of its own, and handlers behind HTTP.
    for name, value in (
        ("address", "https://saas.contoso.example"),
        ("certificate", "/subscriptions/x/certificates/saas"),
        ("callback", "https://handlers.contoso.example/events"),
    ):
        project.run("config", "set", f"service:{name}", value).expect_success()
    project.up().expect_success()
    state = read_state(project)
    moved = ServiceSettings.load(read_environment(state, "contoso-saas-saas"))
    assert (moved.public_url, moved.callback_url) == (
        "https://saas.contoso.example",
        "https://handlers.contoso.example/events",
    )
    assert len(moved.callback_secrets) == 1
    configuration = find(state, "OfferTechnicalConfiguration", "analytics-technical-configuration")["outputs"]
    assert configuration["webhook_url"] == "https://saas.contoso.example/webhook"
    (domain,) = find(state, "ContainerApp", "service")["inputs"]["configuration"]["ingress"]["customDomains"]
    assert domain["name"] == "saas.contoso.example"

    assert "protect" in project.destroy().expect_failure().text
    project.run("config", "set", "infrastructure:protect", "false").expect_success()
    project.run("config", "set", "analytics:protect", "false").expect_success()
    project.up().expect_success()
    assert project.destroy().expect_success().counts["deleted"] > 50
