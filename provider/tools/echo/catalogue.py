"""Simulated outputs of Azure and of random values: tables of types and functions, for the programs of this repository.

A type that is not in the table has its inputs, its name and an id as outputs.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from .values import reveal

NOWHERE = "00000000-0000-0000-0000-000000000000"
"""Id of the only subscription and tenant that the plugins accept."""
DOMAIN = "simulated.example.com"
ACCOUNT_KEY = "c2ltdWxhdGVkIGtleSBvZiBhbiBhY2NvdW50"
"""Key of each storage account."""

Inputs = Mapping[str, Any]
Computed = Callable[[Inputs, str], Mapping[str, Any]]
"""Function of a resource's inputs and its name."""


def invent_guid(*seed: str) -> str:
    """Return a GUID that depends only on these strings."""
    return str(uuid.uuid5(uuid.UUID(NOWHERE), " ".join(seed)))


@dataclass(frozen=True)
class ResourceType:
    """Naming of a resource type in Azure, and its computed outputs."""

    path: str
    """`Microsoft.Storage/storageAccounts`, with `{}` for each parent's name; for Entra the collection, `groups`."""
    name: str = ""
    """Input with the resource's name."""
    parents: tuple[str, ...] = ()
    """Inputs with the names of its parents, except the resource group."""
    compute: Computed = lambda _inputs, _name: {}
    compact: bool = False
    """Names have lowercase letters and digits only, at most 24."""
    extended: tuple[str, ...] = ()
    """Inputs to which Azure adds members: as outputs they are unknown as long as the others are."""
    is_immutable: bool = False
    """A change of any input replaces the resource."""


def _endpoints(_: Inputs, name: str) -> dict[str, Any]:
    hosts = {service: f"https://{name}.{service}.{DOMAIN}/" for service in ("blob", "queue", "table", "file")}
    return {"primaryEndpoints": hosts, "provisioningState": "Succeeded"}


def _principal(_: Inputs, name: str) -> dict[str, Any]:
    return {
        "principalId": invent_guid("principal", name),
        "clientId": invent_guid("client", name),
        "tenantId": invent_guid("tenant"),
    }


def _blob(inputs: Inputs, name: str) -> dict[str, Any]:
    account, container = (reveal(inputs.get(key)) for key in ("accountName", "containerName"))
    return {"url": f"https://{account}.blob.{DOMAIN}/{container}/{name}"}


def _deployment(inputs: Inputs, _: str) -> dict[str, Any]:
    properties = reveal(inputs.get("properties")) or {}
    return {"properties": {**properties, "outputs": {}, "provisioningState": "Succeeded"}}


def _vault(inputs: Inputs, name: str) -> dict[str, Any]:
    properties = reveal(inputs.get("properties")) or {}
    return {"properties": {**properties, "vaultUri": f"https://{name}.vault.{DOMAIN}/"}}


def _secret(inputs: Inputs, name: str) -> dict[str, Any]:
    """Return the addresses of a secret. Azure does not return its value."""
    properties = reveal(inputs.get("properties")) or {}
    address = f"https://{reveal(inputs.get('vaultName'))}.vault.{DOMAIN}/secrets/{name}"
    version = hashlib.sha256(str(reveal(properties.get("value"))).encode()).hexdigest()[:32]
    kept = {key: value for key, value in properties.items() if key != "value"}
    return {"properties": {**kept, "secretUri": address, "secretUriWithVersion": f"{address}/{version}"}}


def _container(inputs: Inputs, name: str) -> dict[str, Any]:
    """Return what both kinds of containers have. Azure returns the identities as an object."""
    identity = reveal(inputs.get("identity"))
    given = (identity or {}).get("userAssignedIdentities") or []
    identities = {
        str(reveal(id)): {
            "clientId": invent_guid("client", str(id)),
            "principalId": invent_guid("principal", str(id)),
        }
        for id in given
    }
    extended = {"identity": {**identity, "userAssignedIdentities": identities}} if identity else {}
    return {"latestRevisionName": f"{name}--1", "provisioningState": "Succeeded", **extended}


def _password(inputs: Inputs, name: str) -> dict[str, Any]:
    """Return letters and digits that depend on name and inputs, as many as `length` asks for."""
    seed, length = f"{name} {sorted(inputs.items())}", int(reveal(inputs.get("length", 32)))
    digits = "".join(
        hashlib.sha256(f"{number} {seed}".encode()).hexdigest() for number in range(length // 64 + 1)
    )
    return {"result": digits[:length], "bcryptHash": f"simulated-{digits[:8]}"}


ARM: dict[str, ResourceType] = {
    "resources:ResourceGroup": ResourceType("", "resourceGroupName"),
    "resources:Deployment": ResourceType(
        "Microsoft.Resources/deployments", "deploymentName", (), _deployment, extended=("properties",)
    ),
    "storage:StorageAccount": ResourceType(
        "Microsoft.Storage/storageAccounts", "accountName", (), _endpoints, compact=True
    ),
    "storage:BlobContainer": ResourceType(
        "Microsoft.Storage/storageAccounts/{}/blobServices/default/containers",
        "containerName",
        ("accountName",),
    ),
    "storage:Blob": ResourceType(
        "Microsoft.Storage/storageAccounts/{}/blobServices/default/containers/{}/blobs",
        "blobName",
        ("accountName", "containerName"),
        _blob,
    ),
    "managedidentity:UserAssignedIdentity": ResourceType(
        "Microsoft.ManagedIdentity/userAssignedIdentities", "resourceName", (), _principal
    ),
    "app:ManagedEnvironment": ResourceType(
        "Microsoft.App/managedEnvironments",
        "environmentName",
        (),
        lambda _, name: {"defaultDomain": f"{name}.{DOMAIN}", "provisioningState": "Succeeded"},
    ),
    "app:ContainerApp": ResourceType(
        "Microsoft.App/containerApps", "containerAppName", (), _container, extended=("identity",)
    ),
    "app:Job": ResourceType("Microsoft.App/jobs", "jobName", (), _container, extended=("identity",)),
    "authorization:RoleAssignment": ResourceType(
        "Microsoft.Authorization/roleAssignments", "roleAssignmentName", is_immutable=True
    ),
    "dbforpostgresql:Database": ResourceType(
        "Microsoft.DBforPostgreSQL/flexibleServers/{}/databases", "databaseName", ("serverName",)
    ),
    "dbforpostgresql:Server": ResourceType(
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "serverName",
        (),
        lambda _, name: {"fullyQualifiedDomainName": f"{name}.postgres.{DOMAIN}", "state": "Ready"},
    ),
    "keyvault:Secret": ResourceType(
        "Microsoft.KeyVault/vaults/{}/secrets",
        "secretName",
        ("vaultName",),
        _secret,
        extended=("properties",),
    ),
    "keyvault:Vault": ResourceType(
        "Microsoft.KeyVault/vaults", "vaultName", (), _vault, compact=True, extended=("properties",)
    ),
    "monitor:ActionGroup": ResourceType("Microsoft.Insights/actionGroups", "actionGroupName"),
    "monitor:MetricAlert": ResourceType("Microsoft.Insights/metricAlerts", "ruleName"),
    "monitor:ScheduledQueryRule": ResourceType("Microsoft.Insights/scheduledQueryRules", "ruleName"),
    "network:Subnet": ResourceType(
        "Microsoft.Network/virtualNetworks/{}/subnets", "subnetName", ("virtualNetworkName",)
    ),
    "network:VirtualNetwork": ResourceType("Microsoft.Network/virtualNetworks", "virtualNetworkName"),
    "operationalinsights:Workspace": ResourceType(
        "Microsoft.OperationalInsights/workspaces",
        "workspaceName",
        (),
        lambda _, name: {"customerId": invent_guid("workspace", name)},
    ),
    "privatedns:PrivateZone": ResourceType("Microsoft.Network/privateDnsZones", "privateZoneName"),
    "privatedns:VirtualNetworkLink": ResourceType(
        "Microsoft.Network/privateDnsZones/{}/virtualNetworkLinks",
        "virtualNetworkLinkName",
        ("privateZoneName",),
    ),
    "solutions:ApplicationDefinition": ResourceType(
        "Microsoft.Solutions/applicationDefinitions", "applicationDefinitionName"
    ),
    "solutions:Application": ResourceType(
        "Microsoft.Solutions/applications",
        "applicationName",
        (),
        lambda _, _name: {"outputs": {}, "provisioningState": "Succeeded"},
    ),
}
ENTRA: dict[str, ResourceType] = {
    "Group": ResourceType("groups", compute=lambda _, name: {"objectId": invent_guid("object", name)}),
    "Application": ResourceType(
        "applications",
        compute=lambda _, name: {
            "objectId": invent_guid("object", name),
            "clientId": invent_guid("client", name),
        },
    ),
    "ApplicationPassword": ResourceType(
        "applications",
        compute=lambda inputs, name: {
            "keyId": invent_guid("key", name, str(sorted(inputs.items()))),
            "value": invent_guid("secret", name, str(sorted(inputs.items()))),
        },
        is_immutable=True,
    ),
    "ServicePrincipal": ResourceType(
        "servicePrincipals", compute=lambda _, name: {"objectId": invent_guid("object", name)}
    ),
}
RANDOM: dict[str, ResourceType] = {
    "RandomPassword": ResourceType("passwords", compute=_password, is_immutable=True),
}


def _client_config(_: Inputs) -> dict[str, Any]:
    names = ("clientId", "objectId", "tenantId")
    return {"id": invent_guid("client"), **{name: invent_guid(name.removesuffix("Id")) for name in names}}


def _account_keys(_: Inputs) -> dict[str, Any]:
    return {"keys": [{"keyName": "key1", "permissions": "FULL", "value": ACCOUNT_KEY}]}


def _service_signature(inputs: Inputs) -> dict[str, Any]:
    parameters = {
        "sv": "simulated",
        "sr": inputs.get("resource"),
        "sp": inputs.get("permissions"),
        "se": inputs.get("sharedAccessExpiryTime"),
        "sig": "simulated",
    }
    return {"serviceSasToken": urlencode({name: value for name, value in parameters.items() if value})}


FUNCTIONS: dict[str, Callable[[Inputs], Mapping[str, Any]]] = {
    "azure-native:authorization:getClientConfig": lambda inputs: {
        **_client_config(inputs),
        "subscriptionId": NOWHERE,
    },
    "azure-native:storage:listStorageAccountKeys": _account_keys,
    "azure-native:storage:listStorageAccountServiceSAS": _service_signature,
    "azuread:index/getClientConfig:getClientConfig": _client_config,
}


def resource_type(token: str) -> ResourceType:
    """Return the entry of a type token, or a default entry."""
    package, module, name = token.split(":")
    if package == "azuread":
        return ENTRA.get(name) or ResourceType(f"{name[0].lower()}{name[1:]}s")
    if package == "random":
        return RANDOM.get(name) or ResourceType(f"{name[0].lower()}{name[1:]}s")
    module = module.partition("/")[0]  # the module's API version does not matter here
    return ARM.get(f"{module}:{name}") or ResourceType(f"Simulated.{module}/{name}")


def invent_name(entry: ResourceType, urn: str) -> str:
    """Return the program's name with eight more characters, as Pulumi generates names."""
    name = f"{urn.rpartition('::')[2]}{hashlib.sha256(urn.encode()).hexdigest()[:8]}"
    return "".join(filter(str.isalnum, name.lower()))[-24:] if entry.compact else name


def immutable_names(entry: ResourceType) -> set[str]:
    """Return the inputs that are part of the id: a change replaces the resource."""
    return {entry.name, *entry.parents, "resourceGroupName"} - {""}


def build_id(token: str, entry: ResourceType, inputs: Inputs, name: str) -> str:
    """Return an id in the format of Azure or Entra."""
    if not token.startswith("azure-native:"):
        return f"/{entry.path}/{invent_guid('object', name)}"
    if not entry.path:
        return f"/subscriptions/{NOWHERE}/resourceGroups/{name}"
    group = reveal(inputs.get("resourceGroupName", "none"))
    parents = [str(reveal(inputs[parent])) for parent in entry.parents]
    path = f"{entry.path}/{{}}".format(*parents, name)
    return f"/subscriptions/{NOWHERE}/resourceGroups/{group}/providers/{path}"


def compute_outputs(token: str, inputs: Inputs, name: str) -> dict[str, Any]:
    """Return the computed outputs of the resource."""
    entry = resource_type(token)
    computed = dict(entry.compute(inputs, name))
    return {"name": name, **computed} if token.startswith("azure-native:") else computed
