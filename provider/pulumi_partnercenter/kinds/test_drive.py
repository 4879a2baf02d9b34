"""The test drive of an old Azure application. Source: Partner Center submission API.

The service withdrew test drives in 2025: offers that have one keep it, and no offer gets one any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from annotated_types import Ge, MinLen

from ..api.submission import SubmissionApi
from ..api.submission.configuration_models import PackageConfiguration
from ..api.submission.drafts import Gone
from ..errors import NotFound
from ..kind import Current
from ..markers import Immutable, Integer, Secret, Unordered, WriteOnly
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind
from ._rules import OfferReference, OptionalGuid, Word

_PSEUDO_PLAN = "testdrive"
Count = Annotated[Integer, Ge(0)]


class TestDriveArguments(Arguments):
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


TestDriveCurrent = Current[TestDriveOutputs]
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
"""Member of the document behind each argument that the service returns."""


class TestDriveKind(DraftKind[TestDriveArguments, TestDriveOutputs, "PackageConfiguration"]):
    """The test drive that an old application still has; its `id` is the offer's. Deleting it leaves it."""

    noun, id_form, parent = "test drive", "<product>", "offer"
    arguments, outputs = TestDriveArguments, TestDriveOutputs

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return _OfTestDrive(api)

    def current(self, id: str, draft: PackageConfiguration) -> TestDriveCurrent:
        arguments = {name: getattr(draft, member) for name, member in _MEMBERS.items()}
        return self.build_current(id, arguments, {"offer": id})

    def wanted(self, desired: TestDriveArguments, draft: PackageConfiguration) -> PackageConfiguration:
        members = {member: getattr(desired, name) for name, member in _MEMBERS.items()}
        if desired.application_key:
            members["application_key"] = desired.application_key
        return PackageConfiguration(resource_type=draft.resource_type, **members)

    def find(self, api: SubmissionApi, desired: TestDriveArguments) -> TestDriveCurrent | None:
        """The one that an old offer has. Raises NotFound where there is none."""
        try:
            api.plans.confirm(desired.offer, _PSEUDO_PLAN)
        except Gone as error:
            api.offers.get(desired.offer)
            raise NotFound(
                f"test drive {desired.offer}: the offer has none",
                said="test drives are withdrawn: since 2025 no offer gets one",
                next="leave out the TestDrive; a free trial of your own goes into the listing's links",
            ) from error
        return super().find(api, desired)


class _OfTestDrive:
    """The technical configuration of the pseudo plan that stands for a test drive."""

    def __init__(self, api: SubmissionApi) -> None:
        self._configurations = api.configurations

    def exists(self, product: str, /) -> bool:
        return self._configurations.exists(product, _PSEUDO_PLAN)

    def get(self, product: str, /) -> PackageConfiguration:
        return self._configurations.get(product, _PSEUDO_PLAN)

    def write(
        self, change: Callable[[PackageConfiguration], PackageConfiguration], product: str, /
    ) -> PackageConfiguration:
        return self._configurations.write(change, product, _PSEUDO_PLAN)
