"""The environment of a simulated container, read from a stack's state: variables, and secrets of Key Vault.

A reference to a secret is resolved as Azure does: by an identity of the container that may read the vault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .values import SECRET, SIGNATURE

__all__ = ["CannotRun", "list_applications", "list_containers", "read_environment", "reveal"]

Resource = Mapping[str, Any]

MAY_READ_SECRETS = "4633458b-17de-408a-b874-0445c86b69e6"
"""Azure's built-in role *Key Vault Secrets User*."""


class CannotRun(Exception):
    """Azure would not start the container; the message is one line."""


def list_containers(resources: Iterable[Resource]) -> list[str]:
    """Return the names of the container apps in Azure."""
    return [
        resource["inputs"]["containerAppName"]
        for resource in resources
        if resource["type"] == "azure-native:app:ContainerApp"
    ]


def read_environment(resources: Iterable[Resource], name: str) -> dict[str, str]:
    """Return the environment of the container app or job with this name in Azure.

    `resources` are those of `pulumi stack export --show-secrets`. Raises: CannotRun.
    """
    revealed = [reveal(resource) for resource in resources]
    apps = [
        resource
        for resource in revealed
        if resource["type"] in {"azure-native:app:ContainerApp", "azure-native:app:Job"}
        and name in {resource["inputs"].get("containerAppName"), resource["inputs"].get("jobName")}
    ]
    if len(apps) != 1:
        raise CannotRun(f"the stack has no container {name}")
    inputs = apps[0]["inputs"]
    (container,) = inputs["template"]["containers"]
    return _resolve(revealed, inputs, container)


def _resolve(resources: list[dict[str, Any]], inputs: Resource, container: Resource) -> dict[str, str]:
    secrets = {secret["name"]: secret for secret in inputs["configuration"].get("secrets", [])}
    environment = {}
    for variable in container.get("env", []):
        reference = variable.get("secretRef")
        if reference and reference not in secrets:
            raise CannotRun(f"{variable['name']}: the container has no secret {reference}")
        environment[variable["name"]] = (
            _read_secret(resources, inputs, secrets[reference]) if reference else str(variable["value"])
        )
    return environment


def _read_secret(resources: list[dict[str, Any]], inputs: Resource, reference: Resource) -> str:
    if "value" in reference:
        return str(reference["value"])
    url, identity = reference["keyVaultUrl"], reference.get("identity")
    if identity not in inputs.get("identity", {}).get("userAssignedIdentities", []):
        raise CannotRun(f"secret {reference['name']}: the container does not have the identity {identity}")
    principals = [
        resource["outputs"]["principalId"] for resource in resources if resource.get("id") == identity
    ]
    for secret in resources:
        properties = secret.get("outputs", {}).get("properties") or {}
        if secret["type"] != "azure-native:keyvault:Secret" or url not in {
            properties["secretUri"],
            properties["secretUriWithVersion"],
        }:
            continue
        vault = secret["id"].rpartition("/secrets/")[0]
        grants = [
            grant["inputs"]
            for grant in resources
            if grant["type"] == "azure-native:authorization:RoleAssignment"
            and grant["inputs"]["principalId"] in principals
            and f"{vault}/".startswith(f"{grant['inputs']['scope']}/")
        ]
        if not any(grant["roleDefinitionId"].endswith(f"/{MAY_READ_SECRETS}") for grant in grants):
            raise CannotRun(f"secret {reference['name']}: the identity may not read {vault}")
        return str(secret["inputs"]["properties"]["value"])
    raise CannotRun(f"secret {reference['name']}: there is no {url}")


def list_applications(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return the applications in Entra: `client`, `secret`, `redirect_uris`, `sign_in_audience`."""
    revealed = [reveal(resource) for resource in resources]
    secrets = {
        resource["inputs"]["applicationId"]: resource["outputs"]["value"]
        for resource in revealed
        if resource["type"] == "azuread:index/applicationPassword:ApplicationPassword"
    }
    return [
        {
            "client": resource["outputs"]["clientId"],
            "secret": secrets[resource["id"]],
            "redirect_uris": resource["inputs"].get("web", {}).get("redirectUris", []),
            "sign_in_audience": resource["inputs"].get("signInAudience", "AzureADMyOrg"),
        }
        for resource in revealed
        if resource["type"] == "azuread:index/application:Application" and resource["id"] in secrets
    ]


def reveal(value: Any) -> Any:
    """Return a value of an exported state with its secrets as plain values."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return json.loads(value["plaintext"])
        return {name: reveal(item) for name, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value
