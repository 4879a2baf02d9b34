"""The test drive of an old Azure application. Source: Partner Center submission API.

The service withdrew test drives in 2025: offers that have one keep it, and no offer gets one any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from annotated_types import Ge, MinLen

from ..api.submission.absences import Gone
from ..api.submission.configuration_models import PackageConfiguration
from ..errors import NotFound
from ..kind import Current
from ..markers import Immutable, Integer, Secret, Unordered, Wire, WriteOnly
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind, build_document
from ._rules import OfferReference, OptionalGuid, Word
from ._submission_api import SubmissionApi

_PSEUDO_PLAN = "testdrive"
Count = Annotated[Integer, Ge(0)]


class TestDriveArguments(Arguments):
    """Arguments of a test drive. Its deployment, an ARM template, can only be uploaded in Partner Center."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of an offer that has a test drive."""
    subscription: Annotated[OptionalGuid, Wire("azure_subscription_id")] = ""
    """Azure subscription for the deployments, a GUID."""
    tenant: Annotated[OptionalGuid, Wire("tenant_id")] = ""
    """Tenant of the deploying application, a GUID."""
    application: Annotated[OptionalGuid, Wire("application_id")] = ""
    """Id of the deploying application, a GUID."""
    application_key: Annotated[str, Secret, WriteOnly, Wire("application_key")] = ""
    """Key of the deploying application."""
    duration_hours: Annotated[Count, Wire("test_drive_duration")] = 0
    """Duration of a test drive, in hours."""
    regions: Annotated[list[Annotated[Word, MinLen(1)]], Unordered, Wire("regions")] = []
    """Azure regions of the deployments."""
    hot_instances: Annotated[Count, Wire("hot_instances")] = 0
    """Number of running test drives in every region, ready at once."""
    warm_instances: Annotated[Count, Wire("warm_instances")] = 0
    """Number of deployed and stopped test drives in every region."""
    cold_instances: Annotated[Count, Wire("cold_instances")] = 0
    """Number of test drives that are deployed on demand, in every region."""


class TestDriveKind(DraftKind[TestDriveArguments, PackageConfiguration]):
    """The test drive of an older application; its `id` is the offer's. Deleting the resource keeps it."""

    noun, id_form, parent = "test drive", "<product>", "offer"
    arguments = TestDriveArguments

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return _OfTestDrive(api)

    def build_document(
        self, desired: TestDriveArguments, draft: PackageConfiguration
    ) -> PackageConfiguration:
        return build_document(desired, draft, resource_type=draft.resource_type)

    def find(self, api: SubmissionApi, desired: TestDriveArguments) -> Current[Outputs] | None:
        """The test drive of an old offer. Raises NotFound for an offer without one."""
        try:
            api.plans.confirm(desired.offer, _PSEUDO_PLAN)
        except Gone as error:
            api.offers.get(desired.offer)
            raise NotFound(
                f"test drive {desired.offer}: the offer has none",
                said="test drives are deprecated: since 2025 no new offer has one",
                next="leave out the TestDrive; a free trial of your own goes into the listing's links",
            ) from error
        return super().find(api, desired)


class _OfTestDrive:
    """The technical configuration of the pseudo plan of a test drive."""

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
