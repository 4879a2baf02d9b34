"""The environment of a simulated container: secrets are read as Azure reads them, or the container does not start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from provider.tools.echo.containers import CannotRun, list_applications, read_environment
from provider.tools.echo.values import SECRET, SIGNATURE

VAULT, IDENTITY = "/groups/saas/vaults/first", "/groups/saas/identities/service"
URL = "https://v.vault.example.com/secrets/key/1"
READER = "/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"


def secret(text: str) -> dict[str, str]:
    return {SIGNATURE: SECRET, "plaintext": f'"{text}"'}


def resource(kind: str, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"azure-native:{kind}", "id": id, "inputs": inputs, "outputs": outputs}


def build_state() -> list[dict[str, Any]]:
    variables = [
        {"name": "ADDRESS", "value": "https://saas.example.com"},
        {"name": "KEY", "secretRef": "key"},
    ]
    container = {
        "containerAppName": "saas",
        "identity": {"userAssignedIdentities": [IDENTITY]},
        "configuration": {"secrets": [{"name": "key", "keyVaultUrl": URL, "identity": IDENTITY}]},
        "template": {"containers": [{"name": "service", "env": variables}]},
    }
    addresses = {"properties": {"secretUri": URL.removesuffix("/1"), "secretUriWithVersion": URL}}
    grant = {"principalId": "p", "scope": VAULT, "roleDefinitionId": READER}
    return [
        {"type": "pulumi:pulumi:Stack"},
        resource(
            "keyvault:Secret", f"{VAULT}/secrets/key", {"properties": {"value": secret("k1")}}, addresses
        ),
        resource("managedidentity:UserAssignedIdentity", IDENTITY, {}, {"principalId": "p"}),
        resource("authorization:RoleAssignment", "/grants/1", grant, {}),
        resource("app:ContainerApp", "/apps/saas", container, {}),
    ]


def test_a_container_gets_its_values_and_the_secrets_of_the_vault() -> None:
    environment = read_environment(build_state(), "saas")
    assert environment == {"ADDRESS": "https://saas.example.com", "KEY": "k1"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda state: state[3]["inputs"].update(scope="/groups/saas/vaults/other"), "may not read"),
        (lambda state: state[3]["inputs"].update(scope=VAULT[:-2]), "may not read"),
        (lambda state: state[3]["inputs"].update(principalId="another"), "may not read"),
        (lambda state: state[3]["inputs"].update(roleDefinitionId="/roleDefinitions/x"), "may not read"),
        (lambda state: state[4]["inputs"].update(identity={}), "does not have the identity"),
        (lambda state: state[4]["inputs"]["configuration"].update(secrets=[]), "KEY: the container has no"),
        (
            lambda state: state[1]["outputs"].update(
                properties={"secretUri": "", "secretUriWithVersion": ""}
            ),
            URL,
        ),
        (lambda state: state[4]["inputs"].update(containerAppName="other"), "no container saas"),
    ],
)
def test_a_container_whose_secret_azure_would_not_give_does_not_start(
    fault: Callable[[list[dict[str, Any]]], None], message: str
) -> None:
    state = build_state()
    fault(state)
    with pytest.raises(CannotRun, match=message):
        read_environment(state, "saas")


def test_applications_have_the_secret_that_belongs_to_them() -> None:
    def application(name: str, **inputs: Any) -> dict[str, Any]:
        return {
            "type": "azuread:index/application:Application",
            "id": f"/applications/{name}",
            "inputs": inputs,
            "outputs": {"clientId": name},
        }

    password = {
        "type": "azuread:index/applicationPassword:ApplicationPassword",
        "id": "/applications/password",
        "inputs": {"applicationId": "/applications/one"},
        "outputs": {"value": secret("s1")},
    }
    web = {"redirectUris": ["https://saas.example.com/callback"]}
    (listed,) = list_applications([application("one", web=web), application("other"), password])
    assert listed == {
        "client": "one",
        "secret": "s1",
        "redirect_uris": ["https://saas.example.com/callback"],
        "sign_in_audience": "AzureADMyOrg",
    }
