"""Contoso's SaaS service in Azure: landing page, webhook, publisher's pages and usage, with everything that they need.

Configured under `service:` in `Pulumi.<stack>.yaml`:

| Setting         | Meaning                                                                                   |
|-----------------|-------------------------------------------------------------------------------------------|
| `image`         | image of `provider/saas.Containerfile`, or one with Contoso's handlers FROM it             |
| `registry`      | resource id of the Azure container registry that has it; none for a public image           |
| `address`       | address for customers and marketplace, if another one than the container app's own         |
| `certificate`   | resource id of the environment's certificate for that address, if the container app serves it |
| `expires`       | when the secrets of the applications expire; another value makes new ones                  |
| `keys`          | numbers of the encryption keys, newest first: `[2, 1]` adds a key and still reads the old  |
| `replicas`      | how many run at least, default 1                                                           |
| `alerts`        | e-mail addresses that hear of problems                                                     |
| `callback`      | address of Contoso's HTTP handlers, if the image has none in Python                        |
| `settings`      | further settings by their names without `PARTNERCENTER_SAAS_`                              |
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_azuread as azuread
import pulumi_random as random
from pulumi_azure_native import (
    app,
    authorization,
    dbforpostgresql,
    keyvault,
    managedidentity,
    monitor,
    network,
    operationalinsights,
    privatedns,
    resources,
)

from . import service_alerts
from .service_applications import (
    declare_customer_sign_in,
    declare_publisher_sign_in,
    declare_registration,
)

PORT = 8080
"""Port of the image."""
INGRESS = ("10.0.0.0/8", "100.64.0.0/10")
"""Networks of the platform's own proxies: nothing else reaches the container."""
KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
"""Built-in roles of Azure."""


@dataclass(frozen=True)
class Service:
    """What the offer takes from the service."""

    address: pulumi.Output[str]
    tenant: pulumi.Output[str]
    application: pulumi.Output[str]
    """Client id of the application that calls the fulfillment API."""

    @property
    def landing_page_url(self) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.address, "/")

    @property
    def webhook_url(self) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.address, "/webhook")


@dataclass(frozen=True)
class _Foundation:
    """What all parts share."""

    config: pulumi.Config
    group: resources.ResourceGroup
    kept: pulumi.ResourceOptions
    """Options of what holds data, or an identity that others know."""


def declare() -> Service:
    config = pulumi.Config("service")
    protect = pulumi.Config("infrastructure").get_bool("protect") or False
    kept = pulumi.ResourceOptions(protect=protect)
    foundation = _Foundation(config, resources.ResourceGroup("service", opts=kept), kept)

    tenant = azuread.get_client_config_output().tenant_id
    logs = operationalinsights.Workspace(
        "service",
        resource_group_name=foundation.group.name,
        sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
        retention_in_days=30,
    )
    subnets = _declare_network(foundation)
    environment = _declare_environment(foundation, subnets["containers"], logs)
    name = f"contoso-saas-{pulumi.get_stack()}"[:32]
    # Known before the container app exists: the applications name it, and the container app names the applications.
    own = pulumi.Output.concat("https://", name, ".", environment.default_domain)
    address = pulumi.Output.from_input(config.get("address") or own)
    server, database_url = _declare_database(foundation, subnets)
    expires = config.require("expires")
    fulfillment = declare_registration(kept, expires, "fulfillment", sign_in_audience="AzureADMyOrg")
    customers = declare_customer_sign_in(kept, expires, address)
    publisher = declare_publisher_sign_in(kept, expires, address)

    settings: dict[str, pulumi.Input[str]] = {
        "PUBLIC_URL": address,
        "TENANT_ID": tenant,
        "CLIENT_ID": fulfillment.client_id,
        "SIGN_IN_CLIENT_ID": customers.client_id,
        "PUBLISHER_TENANT_ID": tenant,
        "PUBLISHER_CLIENT_ID": publisher.client_id,
        "SECRET_EXPIRES_AT": expires,
        "TRUSTED_PROXIES": ",".join(INGRESS),
        **(config.get_object("settings") or {}),
    }
    secrets: dict[str, pulumi.Input[str]] = {
        "CLIENT_SECRET": fulfillment.secret,
        "SIGN_IN_CLIENT_SECRET": customers.secret,
        "PUBLISHER_CLIENT_SECRET": publisher.secret,
        "DATABASE_URL": database_url,
        "KEYS": _encryption_keys(config),
        "USAGE_KEYS": _password("usage-key"),
        "METRICS_KEY": _password("metrics-key"),
    }
    if callback := config.get("callback"):
        settings["CALLBACK_URL"] = callback
        secrets["CALLBACK_SECRETS"] = _password("callback-secret")
    service = _declare_containers(foundation, name, environment, settings, secrets, tenant)
    service_alerts.declare(foundation.group, config.get_object("alerts") or [], service, server, logs)
    return Service(address, tenant, fulfillment.client_id)


def _declare_network(foundation: _Foundation) -> dict[str, pulumi.Output[str]]:
    """A network, in which the database has no public address; ids of its subnets and its zone of names."""
    declared = network.VirtualNetwork(
        "service",
        resource_group_name=foundation.group.name,
        address_space={"address_prefixes": ["10.20.0.0/16"]},
    )
    subnets = {
        name: network.Subnet(
            f"service-{name}",
            resource_group_name=foundation.group.name,
            virtual_network_name=declared.name,
            address_prefix=prefix,
            delegations=[{"name": name, "service_name": service}],
        )
        for name, prefix, service in (
            ("containers", "10.20.0.0/23", "Microsoft.App/environments"),
            ("database", "10.20.2.0/28", "Microsoft.DBforPostgreSQL/flexibleServers"),
        )
    }
    zone = privatedns.PrivateZone(
        "service",
        resource_group_name=foundation.group.name,
        location="global",
        private_zone_name="contoso-saas.private.postgres.database.azure.com",
    )
    link = privatedns.VirtualNetworkLink(
        "service",
        resource_group_name=foundation.group.name,
        location="global",
        private_zone_name=zone.name,
        registration_enabled=False,
        virtual_network={"id": declared.id},
    )
    # The database needs the zone, and that the network knows it.
    zone_id: pulumi.Output[str] = pulumi.Output.all(zone.id, link.id).apply(lambda ids: ids[0])
    return {**{name: subnet.id for name, subnet in subnets.items()}, "zone": zone_id}


def _declare_environment(
    foundation: _Foundation, subnet: pulumi.Output[str], logs: operationalinsights.Workspace
) -> app.ManagedEnvironment:
    """The environment of the containers, whose logs go to the workspace."""
    environment = app.ManagedEnvironment(
        "service",
        resource_group_name=foundation.group.name,
        app_logs_configuration={"destination": "azure-monitor"},
        vnet_configuration={"infrastructure_subnet_id": subnet, "internal": False},
        workload_profiles=[{"name": "Consumption", "workload_profile_type": "Consumption"}],
        opts=foundation.kept,  # its domain is random: another one would be another address
    )
    monitor.DiagnosticSetting(
        "service",
        resource_uri=environment.id,
        workspace_id=logs.id,
        logs=[{"category_group": "allLogs", "enabled": True}],
    )
    return environment


def _declare_database(
    foundation: _Foundation, subnets: Mapping[str, pulumi.Output[str]]
) -> tuple[dbforpostgresql.Server, pulumi.Output[str]]:
    """PostgreSQL without a public address, and the URL of the database."""
    password = _password("database-password")
    server = dbforpostgresql.Server(
        "service",
        resource_group_name=foundation.group.name,
        version="17",
        # The smallest whose connections are enough for every replica: a replica has up to 30.
        sku={"name": "Standard_B2s", "tier": dbforpostgresql.SkuTier.BURSTABLE},
        storage={"storage_size_gb": 32, "auto_grow": dbforpostgresql.StorageAutoGrow.ENABLED},
        backup={"backup_retention_days": 14},
        network={
            "delegated_subnet_resource_id": subnets["database"],
            "private_dns_zone_arm_resource_id": subnets["zone"],
        },
        administrator_login="service",
        administrator_login_password=password,
        opts=foundation.kept,
    )
    database = dbforpostgresql.Database(
        "service",
        resource_group_name=foundation.group.name,
        server_name=server.name,
        database_name="saas",
        charset="UTF8",
        opts=foundation.kept,
    )
    host = server.fully_qualified_domain_name
    url = pulumi.Output.concat(
        "postgresql://service:", password, "@", host, ":5432/", database.name, "?sslmode=require"
    )
    return server, pulumi.Output.secret(url)


def _password(name: str) -> pulumi.Output[str]:
    password: pulumi.Output[str] = random.RandomPassword(f"service-{name}", length=40, special=False).result
    return password


def _encryption_keys(config: pulumi.Config) -> pulumi.Output[str]:
    """Keys, newest first, separated by commas."""
    numbers = config.get_object("keys") or [1]
    keys = pulumi.Output.all(*[_password(f"encryption-key-{number}") for number in numbers])
    return keys.apply(",".join)


def _declare_containers(
    foundation: _Foundation,
    name: str,
    environment: app.ManagedEnvironment,
    settings: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    tenant: pulumi.Input[str],
) -> app.ContainerApp:
    """The service, and the job that migrates its database.

    Both read secrets from Key Vault by an identity of their own. Azure begins no revision when only secrets changed: a
    variable with the digest of their versions does.
    """
    identity = managedidentity.UserAssignedIdentity("service", resource_group_name=foundation.group.name)
    vault = keyvault.Vault(
        "service",
        resource_group_name=foundation.group.name,
        properties={
            "tenant_id": tenant,
            "sku": {"family": "A", "name": keyvault.SkuName.STANDARD},
            "enable_rbac_authorization": True,
            "enable_purge_protection": True,
        },
        opts=foundation.kept,
    )
    may_read = _assign(foundation, "service-secrets", identity, KEY_VAULT_SECRETS_USER, vault.id)
    references = []
    for setting, value in secrets.items():
        secret_name = setting.lower().replace("_", "-")
        secret = keyvault.Secret(
            f"service-{secret_name}",
            resource_group_name=foundation.group.name,
            vault_name=vault.name,
            secret_name=secret_name,
            properties={"value": value},
        )
        references.append(
            {
                "name": secret_name,
                "key_vault_url": secret.properties.secret_uri_with_version,
                "identity": identity.id,
            }
        )
    versions = pulumi.Output.all(*[reference["key_vault_url"] for reference in references]).apply(_digest)
    needs: list[pulumi.Resource] = [may_read]
    registries = []
    if registry := foundation.config.get("registry"):
        needs.append(_assign(foundation, "service-image", identity, ACR_PULL, registry))
        registries = [{"server": f"{registry.rpartition('/')[2]}.azurecr.io", "identity": identity.id}]

    image = foundation.config.require("image")
    variables = [
        {"name": "SECRETS_VERSION", "value": versions},
        *({"name": f"PARTNERCENTER_SAAS_{setting}", "value": value} for setting, value in settings.items()),
        *(
            {"name": f"PARTNERCENTER_SAAS_{setting}", "secret_ref": setting.lower().replace("_", "-")}
            for setting in secrets
        ),
    ]
    migration = {
        "name": "migrate",
        "image": image,
        "args": ["migrate"],
        "env": variables,
        "resources": {"cpu": 0.5, "memory": "1Gi"},
    }
    whose = {"type": app.ManagedServiceIdentityType.USER_ASSIGNED, "user_assigned_identities": [identity.id]}
    after_access = pulumi.ResourceOptions(depends_on=needs)
    app.Job(
        "service-migration",
        resource_group_name=foundation.group.name,
        job_name=f"{name[:24]}-migrate",
        environment_id=environment.id,
        identity=whose,
        configuration={
            "trigger_type": app.TriggerType.MANUAL,
            "replica_timeout": 3600,
            "replica_retry_limit": 0,
            "manual_trigger_config": {"parallelism": 1, "replica_completion_count": 1},
            "secrets": references,
            "registries": registries,
        },
        template={"containers": [migration]},
        opts=after_access,
    )
    replicas = foundation.config.get_int("replicas") or 1
    return app.ContainerApp(
        "service",
        resource_group_name=foundation.group.name,
        container_app_name=name,
        managed_environment_id=environment.id,
        workload_profile_name="Consumption",
        identity=whose,
        configuration={
            "active_revisions_mode": app.ActiveRevisionsMode.SINGLE,
            "ingress": {
                "external": True,
                "allow_insecure": False,
                "target_port": PORT,
                "transport": app.IngressTransportMethod.HTTP,
                "custom_domains": _custom_domains(foundation.config),
            },
            "secrets": references,
            "registries": registries,
        },
        template={
            # Small migrations happen here, before a replica serves; the second replica finds nothing to do.
            "init_containers": [migration],
            "containers": [
                {
                    "name": "service",
                    "image": image,
                    "env": variables,
                    "resources": {"cpu": 0.5, "memory": "1Gi"},
                    "probes": [
                        _probe(app.Type.STARTUP, "/healthz", period_seconds=6, failure_threshold=10),
                        _probe(app.Type.LIVENESS, "/healthz", period_seconds=10, failure_threshold=3),
                        _probe(app.Type.READINESS, "/readyz", period_seconds=5, failure_threshold=3),
                    ],
                }
            ],
            # The marketplace waits ten seconds for an answer to a webhook: never zero replicas.
            "scale": {
                "min_replicas": replicas,
                "max_replicas": max(4, replicas),
                "rules": [{"name": "http", "http": {"metadata": {"concurrentRequests": "40"}}}],
            },
            "termination_grace_period_seconds": 60,
        },
        opts=after_access,
    )


def _custom_domains(config: pulumi.Config) -> list[dict[str, Any]]:
    """The domain of `address`. Not naming it here would take it away from the container app."""
    certificate = config.get("certificate")
    if not certificate:
        return []
    host = urlsplit(config.require("address")).hostname
    return [{"name": host, "certificate_id": certificate, "binding_type": app.BindingType.SNI_ENABLED}]


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _probe(kind: str, path: str, **arguments: int) -> dict[str, Any]:
    return {"type": kind, "http_get": {"path": path, "port": PORT}, "timeout_seconds": 2, **arguments}


def _assign(
    foundation: _Foundation,
    name: str,
    identity: managedidentity.UserAssignedIdentity,
    role: str,
    scope: pulumi.Input[str],
) -> authorization.RoleAssignment:
    subscription = foundation.group.id.apply(lambda group: group.partition("/resourceGroups/")[0])
    return authorization.RoleAssignment(
        name,
        scope=scope,
        principal_id=identity.principal_id,
        principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
        role_definition_id=pulumi.Output.concat(
            subscription, "/providers/Microsoft.Authorization/roleDefinitions/", role
        ),
    )
