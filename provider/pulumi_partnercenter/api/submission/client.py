"""The client of the Partner Center submission API: a noun each, over one floor.

In domain words and durable ids: drafts, instance ids, etags and pages end here. Source: the submission API's reference.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...settings import Settings
from ..http.blobs import Blobs, Tell
from ..http.client import Door
from ..http.tokens import SUBMISSION_RESOURCE, TokenSource
from .configuration_models import CosellListing, PackageConfiguration, SupplementalContent
from .drafts import Drafts
from .files import CosellAssets, Files, ListingFiles, Packages
from .listings import Listings
from .models import (
    CosellAsset,
    LeadConfiguration,
    ListingAsset,
    ListingImage,
    ListingVideo,
    ProductAvailability,
    Property,
    ResellerConfiguration,
    Setup,
)
from .modules import Module, Unversioned
from .offers import Offers
from .plans import Plans
from .pricing_models import FeatureAvailability
from .read_only import Frozen, Looking, Versionless
from .submission_models import Submission
from .submissions import Submissions
from .supplemental_content import Supplements

__all__ = ["SubmissionApi", "connect", "connected", "disconnect"]

PRICES = {"$expand": "MarketStates,PriceSchedules,Trial"}

_connected: dict[Settings, SubmissionApi] = {}
_connecting = threading.Lock()


def connect(settings: Settings, tell: Tell = lambda _: None) -> SubmissionApi:
    """The one client of these settings in this process; made at first use, contacts nobody yet."""
    with _connecting:
        if settings not in _connected:
            _connected[settings] = _opened(settings, tell)
        return _connected[settings]


@contextmanager
def connected(settings: Settings, *, patient: bool = True) -> Iterator[SubmissionApi]:
    """A client of its own, which shares nothing with others and is closed at the end.

    `patient=False`: the first answer counts, for those who rather hear of trouble than wait.
    """
    api = _opened(settings, lambda _: None, patient=patient)
    try:
        yield api
    finally:
        api.close()


def _opened(settings: Settings, tell: Tell, *, patient: bool = True) -> SubmissionApi:
    source = TokenSource.of(settings, SUBMISSION_RESOURCE)
    door = Door(settings, source, settings.submission_url, patient=patient)
    return SubmissionApi(door, Blobs(settings, tell=tell), tell)


def disconnect() -> None:
    """Close every client; what was shared within the operation is forgotten."""
    with _connecting:
        for api in _connected.values():
            api.close()
        _connected.clear()


class SubmissionApi:
    """Thread-safe. Products and variants go by their durable GUIDs; `variant=""` means the offer's own level."""

    def __init__(self, door: Door, blobs: Blobs, tell: Tell, drafts: Drafts | None = None) -> None:
        self._door, self._blobs, self._tell = door, blobs, tell
        drafts = drafts or Drafts(door)
        self.offers, self.plans = Offers(drafts), Plans(drafts)
        self.listings = Listings(drafts, self.plans)

        self.setup = Unversioned(drafts, "offer setup", "setup", Setup)
        self.resellers = Unversioned(
            drafts, "reseller channel", "resellerConfiguration", ResellerConfiguration
        )
        self.leads = Unversioned(
            drafts, "lead destination", "leadconfiguration", LeadConfiguration, may_be_unset=True
        )

        plans = self.plans
        self.properties = Module(drafts, plans, "offer properties", "Property", "properties", Property)
        self.audiences = Module(
            drafts, plans, "preview audience", "Availability", "productAvailabilities", ProductAvailability
        )
        self.pricing = Module(
            drafts, plans, "pricing", "Availability", "featureAvailabilities", FeatureAvailability, PRICES
        )
        self.configurations = Module(
            drafts, plans, "technical configuration", "Package", "packageConfigurations", PackageConfiguration
        )
        self.cosell = Module(drafts, plans, "co-sell listing", "Cosell", "cosellListing", CosellListing)
        self.supplements = Supplements(
            drafts,
            plans,
            "supplemental content",
            "SupplementalContent",
            "supplementalContents",
            SupplementalContent,
            blobs=blobs,
        )

        self.images, self.videos, self.documents = _media(drafts, blobs, self.listings)
        self.cosell_assets = CosellAssets(drafts, blobs, "co-sell document", "cosellAssets", CosellAsset)
        self.packages = Packages(drafts, blobs)
        self.submissions = Submissions(drafts, self, tell)

    def looking(self) -> SubmissionApi:
        """The same for looking only: what is not there is Gone at once, nothing is waited for."""
        return SubmissionApi(self._door, self._blobs, self._tell, Looking(self._door))

    def submitted(self, product: str, submission: Submission) -> SubmissionApi:
        """What a submission shows, through the same nouns; what has no versions raises NotVersioned. To read only."""
        contents = self.submissions.contents(product, submission)
        found = SubmissionApi(self._door, self._blobs, self._tell, Frozen(self._door, contents))
        nothing: Any = Versionless(submission.id)
        found.offers = found.plans = found.packages = nothing
        found.setup = found.resellers = found.leads = nothing
        return found

    def close(self) -> None:
        self._door.close()
        self._blobs.close()


def _media(
    drafts: Drafts, blobs: Blobs, listings: Listings
) -> tuple[ListingFiles[ListingImage], ListingFiles[ListingVideo], ListingFiles[ListingAsset]]:
    return (
        ListingFiles(Files(drafts, blobs, "image", "images", ListingImage), listings),
        ListingFiles(Files(drafts, blobs, "video", "videos", ListingVideo), listings),
        ListingFiles(Files(drafts, blobs, "document", "assets", ListingAsset), listings),
    )
