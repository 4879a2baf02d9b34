"""The test drive of an old Azure application. Source: submission API 5.13, 5.14.

The service withdrew test drives in 2025: offers that have one keep it, and no offer gets one any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import pulumi
from annotated_types import Ge, MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Outputs, Provider, Resource, Secret, Seen, Unordered, WriteOnly
from ..errors import NotFound
from ._drafts import Document, DraftKind
from ._rules import OfferReference, OptionalGuid, Word

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.configuration_models import PackageConfiguration

__all__ = ["TestDrive"]

_PSEUDO_PLAN = "testdrive"
Count = Annotated[int, Ge(0)]


class TestDriveInputs(Inputs):
    """What a program may set. The deployment itself, an ARM template, is uploaded in Partner Center only."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of an offer that has a test drive."""
    subscription: OptionalGuid = ""
    """Azure subscription, a GUID, that test drives are deployed to."""
    tenant: OptionalGuid = ""
    """Tenant, a GUID, of the application that deploys them."""
    application: OptionalGuid = ""
    """That application, a GUID."""
    application_key: Annotated[str, Secret, WriteOnly] = ""
    """Its key."""
    duration_hours: Count = 0
    """How long a customer may try it."""
    regions: Annotated[list[Annotated[Word, MinLen(1)]], Unordered] = []
    """Azure regions that it is deployed to."""
    hot_instances: Count = 0
    """Running ones, ready at once, in each region."""
    warm_instances: Count = 0
    """Deployed ones that are stopped, in each region."""
    cold_instances: Count = 0
    """Ones that are deployed when a customer asks, in each region."""


class TestDriveOutputs(Outputs):
    """What the service decides: only the `id`."""


TestDriveSeen = Seen[TestDriveOutputs]
_MEMBERS = {
    "subscription": "azure_subscription_id",
    "tenant": "tenant_id",
    "application": "application_id",
    "duration_hours": "test_drive_duration",
    "regions": "regions",
    "hot_instances": "hot_instances",
    "warm_instances": "warm_instances",
    "cold_instances": "cold_instances",
}
"""The document's member behind each argument that the service tells."""


class TestDriveKind(DraftKind[TestDriveInputs, TestDriveOutputs, "PackageConfiguration"]):
    noun, id_form, parent = "test drive", "<product>", "offer"
    inputs, outputs = TestDriveInputs, TestDriveOutputs

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return _OfTestDrive(api)

    def seen(self, id: str, draft: PackageConfiguration) -> TestDriveSeen:
        told = {name: getattr(draft, member) for name, member in _MEMBERS.items()}
        return self.as_seen(id, told, {"offer": id})

    def wanted(self, want: TestDriveInputs, draft: PackageConfiguration) -> PackageConfiguration:
        from ..api.submission.configuration_models import PackageConfiguration

        members = {member: getattr(want, name) for name, member in _MEMBERS.items()}
        if want.application_key:
            members["application_key"] = want.application_key
        return PackageConfiguration(resource_type=draft.resource_type, **members)

    def find(self, api: SubmissionApi, want: TestDriveInputs) -> TestDriveSeen | None:
        """The one that an old offer has. Raises NotFound where there is none."""
        from ..api.submission.drafts import Gone

        try:
            api.plans.confirm(want.offer, _PSEUDO_PLAN)
        except Gone as error:
            api.offers.get(want.offer)
            raise NotFound(
                f"test drive {want.offer}: the offer has none",
                said="test drives are withdrawn: since 2025 no offer gets one",
                next="leave out the TestDrive; a free trial of your own goes into the listing's links",
            ) from error
        return super().find(api, want)


class _OfTestDrive:
    """The technical configuration of the pseudo plan that stands for a test drive."""

    def __init__(self, api: SubmissionApi) -> None:
        self._configurations = api.configurations

    def is_there(self, product: str, /) -> bool:
        return self._configurations.is_there(product, _PSEUDO_PLAN)

    def get(self, product: str, /) -> PackageConfiguration:
        return self._configurations.get(product, _PSEUDO_PLAN)

    def write(
        self, change: Callable[[PackageConfiguration], PackageConfiguration], product: str, /
    ) -> PackageConfiguration:
        return self._configurations.write(change, product, _PSEUDO_PLAN)


class TestDriveProvider(Provider):
    kind, known_as = TestDriveKind(), "TestDrive"


class TestDrive(Resource, module="partnercenter", name="TestDrive"):
    """The test drive that an old application still has; its `id` is the offer's. Deleting it leaves it.
    Arguments: `TestDriveInputs`.
    """

    provider = TestDriveProvider

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
