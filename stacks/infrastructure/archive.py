"""Contoso Archive in Azure: who operates what customers deploy, where its events go, and a trial of it.

Configured under `infrastructure:` in `Pulumi.<stack>.yaml`: `trial` deploys the package as a customer would, and
`protect` keeps `pulumi destroy` away.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_azuread as azuread
from pulumi_azure_native import app, resources, solutions, storage

import contoso

from .form import default_parameters

PACKAGE = Path(__file__).parents[1] / "assets" / "archive-app"
"""What the offer ships."""
NOTIFIER = "mcr.microsoft.com/k8se/quickstart:latest"
"""Answers every request; `infrastructure:notifier` names Contoso's own image."""


@dataclass(frozen=True)
class Archive:
    """What the offer takes from Azure."""

    tenant: pulumi.Output[str]
    metering_application: pulumi.Output[str]
    """Its client id."""
    operators: pulumi.Output[str]
    """Object id of their group."""
    notification_endpoint: pulumi.Output[str]
    """Where Azure tells of customers' deployments: it adds `/resource`."""
    trial: list[pulumi.Resource]
    """What has to work before anything goes to Partner Center; empty without `infrastructure:trial`."""


def declare() -> Archive:
    config = pulumi.Config("infrastructure")
    stack = pulumi.get_stack()
    kept = pulumi.ResourceOptions(protect=config.get_bool("protect") or False)

    group = resources.ResourceGroup("archive", opts=kept)
    operators = azuread.Group(
        "operators", display_name=f"Contoso Archive operators ({stack})", security_enabled=True, opts=kept
    )
    metering = azuread.Application("metering", display_name=f"Contoso Archive metering ({stack})", opts=kept)
    azuread.ServicePrincipal("metering", client_id=metering.client_id, opts=kept)

    environment = app.ManagedEnvironment("notifications", resource_group_name=group.name)
    notifier = app.ContainerApp(
        "notifications",
        resource_group_name=group.name,
        managed_environment_id=environment.id,
        configuration={"ingress": {"external": True, "allow_insecure": False, "target_port": 80}},
        template={
            "containers": [{"name": "notifier", "image": config.get("notifier") or NOTIFIER}],
            "scale": {"min_replicas": 0, "max_replicas": 1},
        },
    )
    endpoint = pulumi.Output.concat("https://", notifier.name, ".", environment.default_domain, "/api")

    account = storage.StorageAccount(
        "artifacts",
        resource_group_name=group.name,
        kind=storage.Kind.STORAGE_V2,
        sku={"name": storage.SkuName.STANDARD_LRS},
        allow_blob_public_access=False,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
    )
    container = storage.BlobContainer(
        "packages", resource_group_name=group.name, account_name=account.name, container_name="packages"
    )
    trial = (
        _trial(group, account, container, operators.object_id, endpoint) if config.get_bool("trial") else []
    )
    tenant = azuread.get_client_config_output().tenant_id
    return Archive(tenant, metering.client_id, operators.object_id, endpoint, trial)


def _trial(
    group: resources.ResourceGroup,
    account: storage.StorageAccount,
    container: storage.BlobContainer,
    operators: pulumi.Input[str],
    endpoint: pulumi.Input[str],
) -> list[pulumi.Resource]:
    """The package in Contoso's own service catalog, and one deployment of it: anew with each change of the package."""
    version = _digest(PACKAGE)
    package = storage.Blob(
        "trial",
        resource_group_name=group.name,
        account_name=account.name,
        container_name=container.name,
        blob_name=f"archive-app-{version}.zip",
        source=pulumi.FileArchive(str(PACKAGE)),
    )
    definition = solutions.ApplicationDefinition(
        "trial",
        resource_group_name=group.name,
        lock_level=solutions.ApplicationLockLevel.READ_ONLY,
        display_name="Contoso Archive (trial)",
        package_file_uri=_readable(group, account, container, package),
        authorizations=[{"principal_id": operators, "role_definition_id": contoso.CONTRIBUTOR}],
        notification_policy={"notification_endpoints": [{"uri": endpoint}]},
    )
    name = f"archive-trial-{version}"
    subscription = group.id.apply(lambda address: address.partition("/resourceGroups/")[0])
    application = solutions.Application(
        "trial",
        application_name=name,
        resource_group_name=group.name,
        kind="ServiceCatalog",
        application_definition_id=definition.id,
        managed_resource_group_id=pulumi.Output.concat(subscription, "/resourceGroups/", name),
        parameters=default_parameters(PACKAGE, group.location),
    )
    return [definition, application]


def _readable(
    group: resources.ResourceGroup,
    account: storage.StorageAccount,
    container: storage.BlobContainer,
    package: storage.Blob,
) -> pulumi.Output[str]:
    """The package's address with a permission to read it: Azure fetches it when the definition is written."""
    permission = storage.list_storage_account_service_sas_output(
        account_name=account.name,
        resource_group_name=group.name,
        protocols=storage.HttpProtocol.HTTPS,
        shared_access_expiry_time="2099-01-01",
        resource=storage.SignedResource.C,
        permissions=storage.Permissions.R,
        canonicalized_resource=pulumi.Output.concat("/blob/", account.name, "/", container.name),
    )
    address: pulumi.Output[str] = pulumi.Output.concat(package.url, "?", permission.service_sas_token)
    return pulumi.Output.secret(address)


def _digest(folder: Path) -> str:
    """Of names and contents: eight characters."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
