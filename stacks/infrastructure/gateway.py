"""Contoso Gateway in Azure: the storage account with the files that the offer names by their addresses.

The build of an image puts its disk into the container `disks`; the logos come from this repository. Configured under
`gateway:` in `Pulumi.<stack>.yaml`: `expires` is when the signatures of the addresses end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi_azure_native import resources, storage

LOGOS = Path(__file__).parents[1] / "assets" / "logos"
SIZES = ("small", "medium", "large", "wide")


@dataclass(frozen=True)
class Files:
    """Addresses of files, with signatures, and the account in which customers' requests are stored."""

    disk: Callable[[str], pulumi.Output[str]]
    """Function from a disk's name to its address."""
    logos: dict[str, pulumi.Output[str]]
    """Addresses by size."""
    connection_string: pulumi.Output[str]


def declare() -> Files:
    config = pulumi.Config("infrastructure")
    kept = pulumi.ResourceOptions(protect=config.get_bool("protect") or False)
    group = resources.ResourceGroup("gateway", opts=kept)
    account = storage.StorageAccount(
        "gateway",
        resource_group_name=group.name,
        kind=storage.Kind.STORAGE_V2,
        sku={"name": storage.SkuName.STANDARD_LRS},
        allow_blob_public_access=False,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        opts=kept,
    )
    disks, pictures = (
        storage.BlobContainer(
            name, resource_group_name=group.name, account_name=account.name, container_name=name, opts=kept
        )
        for name in ("disks", "pictures")
    )
    # The service copies a disk only if it may also list the container.
    may_read_disks = _sign(group, account, disks, "rl")
    may_read_pictures = _sign(group, account, pictures, "r")
    logos = {
        size: storage.Blob(
            f"logo-{size}",
            resource_group_name=group.name,
            account_name=account.name,
            container_name=pictures.name,
            blob_name=f"{size}.png",
            content_type="image/png",
            source=pulumi.FileAsset(str(LOGOS / f"{size}.png")),
        )
        for size in SIZES
    }

    def disk(name: str) -> pulumi.Output[str]:
        return _address(
            pulumi.Output.concat(account.primary_endpoints.blob, disks.name, "/", name), may_read_disks
        )

    return Files(
        disk=disk,
        logos={size: _address(blob.url, may_read_pictures) for size, blob in logos.items()},
        connection_string=_connection_string(group, account),
    )


def _sign(
    group: resources.ResourceGroup,
    account: storage.StorageAccount,
    container: storage.BlobContainer,
    permissions: str,
) -> pulumi.Output[str]:
    """Return a signature for all files of the container."""
    signed = storage.list_storage_account_service_sas_output(
        account_name=account.name,
        resource_group_name=group.name,
        protocols=storage.HttpProtocol.HTTPS,
        shared_access_expiry_time=pulumi.Config("gateway").require("expires"),
        resource=storage.SignedResource.C,
        permissions=permissions,
        canonicalized_resource=pulumi.Output.concat("/blob/", account.name, "/", container.name),
    )
    token: pulumi.Output[str] = signed.service_sas_token
    return token


def _address(file: pulumi.Input[str], signature: pulumi.Output[str]) -> pulumi.Output[str]:
    address: pulumi.Output[str] = pulumi.Output.concat(file, "?", signature)
    return pulumi.Output.secret(address)


def _connection_string(group: resources.ResourceGroup, account: storage.StorageAccount) -> pulumi.Output[str]:
    listed = storage.list_storage_account_keys_output(
        account_name=account.name, resource_group_name=group.name
    )
    text: pulumi.Output[str] = pulumi.Output.format(
        "DefaultEndpointsProtocol=https;AccountName={0};AccountKey={1};EndpointSuffix=core.windows.net",
        account.name,
        listed.keys.apply(lambda keys: keys[0].value),
    )
    return pulumi.Output.secret(text)
