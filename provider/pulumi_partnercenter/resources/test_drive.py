"""TestDrive: see `kinds/test_drive.py`."""

# Made by `make generate` from kinds/test_drive.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class TestDrive(Resource, module="partnercenter", name="TestDrive"):
    """The test drive of an older application; its `id` is the offer's. Deleting the resource keeps it."""

    schema = Schema(
        known_as="TestDrive",
        arguments=(
            "adopt",
            "offer",
            "subscription",
            "tenant",
            "application",
            "application_key",
            "duration_hours",
            "regions",
            "hot_instances",
            "warm_instances",
            "cold_instances",
        ),
        computed=("fingerprint",),
        secrets=("application_key",),
    )

    offer: pulumi.Output[str]
    """`.id` of an offer that has a test drive."""
    subscription: pulumi.Output[str]
    """Azure subscription for the deployments, a GUID."""
    tenant: pulumi.Output[str]
    """Tenant of the deploying application, a GUID."""
    application: pulumi.Output[str]
    """Id of the deploying application, a GUID."""
    application_key: pulumi.Output[str]
    """Key of the deploying application."""
    duration_hours: pulumi.Output[int]
    """Duration of a test drive, in hours."""
    regions: pulumi.Output[list[str]]
    """Azure regions of the deployments."""
    hot_instances: pulumi.Output[int]
    """Number of running test drives in every region, ready at once."""
    warm_instances: pulumi.Output[int]
    """Number of deployed and stopped test drives in every region."""
    cold_instances: pulumi.Output[int]
    """Number of test drives that are deployed on demand, in every region."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        subscription: Input[str] | None = None,
        tenant: Input[str] | None = None,
        application: Input[str] | None = None,
        application_key: Input[str] | None = None,
        duration_hours: Input[int] | None = None,
        regions: Input[Sequence[Input[str]]] | None = None,
        hot_instances: Input[int] | None = None,
        warm_instances: Input[int] | None = None,
        cold_instances: Input[int] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of an offer that has a test drive.
            subscription: Azure subscription for the deployments, a GUID.
            tenant: Tenant of the deploying application, a GUID.
            application: Id of the deploying application, a GUID.
            application_key: Key of the deploying application.
            duration_hours: Duration of a test drive, in hours.
            regions: Azure regions of the deployments.
            hot_instances: Number of running test drives in every region, ready at once.
            warm_instances: Number of deployed and stopped test drives in every region.
            cold_instances: Number of test drives that are deployed on demand, in every region.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "subscription": subscription,
            "tenant": tenant,
            "application": application,
            "application_key": application_key,
            "duration_hours": duration_hours,
            "regions": regions,
            "hot_instances": hot_instances,
            "warm_instances": warm_instances,
            "cold_instances": cold_instances,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
