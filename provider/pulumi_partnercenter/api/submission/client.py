"""Client of the Partner Center submission API: an attribute for each kind of object, over the drafts of a product.

Arguments and results are models and durable ids: instance ids, etags and pages are internal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...messages import SILENT, Host
from ...settings import Settings
from ..http.blobs import Blobs
from ..http.client import ApiClient
from ..shared_clients import SharedClients
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
from .read_only import ImmediateDrafts, SubmittedDrafts, Versionless
from .submission_contents import PublishedModules, SubmissionContents, contents_among
from .submission_models import Submission
from .submission_requests import SubmissionRequests
from .submissions import Submissions
from .supplemental_content import Supplements
from .system import SUBMISSION

__all__ = ["SubmissionApi", "open_client", "shared_client"]

PRICES = {"$expand": "MarketStates,PriceSchedules,Trial"}


def shared_client(settings: Settings, host: Host = SILENT) -> SubmissionApi:
    """Return the process's client for these settings. It has sent nothing yet."""
    return _shared.get(settings, host)


@contextmanager
def open_client(settings: Settings, *, retries: bool = True) -> Iterator[SubmissionApi]:
    """Open a separate client, and close it at the end.

    `retries=False`: the first failure raises, for callers who prefer an error to a wait.
    """
    client = _create_client(settings, SILENT, retries=retries)
    try:
        yield client
    finally:
        client.close()


def _create_client(settings: Settings, host: Host, *, retries: bool = True) -> SubmissionApi:
    client = ApiClient(settings, SUBMISSION, retries=retries)
    return SubmissionApi(client, Blobs(settings, SUBMISSION, progress=host.progress), host)


_shared = SharedClients(_create_client)


class SubmissionApi:
    """Thread-safe. Products and variants are identified by durable GUIDs; `variant=""` means the offer itself."""

    def __init__(
        self, client: ApiClient, blobs: Blobs, host: Host = SILENT, drafts: Drafts | None = None
    ) -> None:
        self._client, self._blobs, self.host = client, blobs, host
        drafts = drafts or Drafts(client)
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
        availability = ("Availability", "featureAvailabilities", FeatureAvailability, PRICES)
        self.pricing = Module(drafts, plans, "pricing", *availability)
        self.markets = Module(drafts, plans, "offer markets", *availability)
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

        self.images = ListingFiles(Files(drafts, blobs, "image", "images", ListingImage), self.listings)
        self.videos = ListingFiles(Files(drafts, blobs, "video", "videos", ListingVideo), self.listings)
        self.documents = ListingFiles(Files(drafts, blobs, "document", "assets", ListingAsset), self.listings)
        self.cosell_assets = CosellAssets(drafts, blobs, "co-sell document", "cosellAssets", CosellAsset)
        self.packages = Packages(drafts, blobs)
        requests = SubmissionRequests(drafts, plans)
        self.submissions = Submissions(drafts, requests, host.progress)
        self.contents = SubmissionContents(requests, drafts, self._published_modules())

    def _published_modules(self) -> PublishedModules:
        common: dict[str, Module[Any]] = {"Package": self.configurations, "Listing": self.listings.module}
        return PublishedModules(
            offer=common | {"Availability": self.audiences, "Property": self.properties},
            plan=common | {"Availability": self.pricing},
            markets=self.markets,
            files=(self.images, self.videos, self.documents),
        )

    def without_waiting(self) -> SubmissionApi:
        """Return a read-only view without waits: a missing draft raises Gone at once."""
        return SubmissionApi(self._client, self._blobs, self.host, ImmediateDrafts(self._client))

    def submission_view(self, product: str, submission: Submission) -> SubmissionApi:
        """Return a read-only view of the contents of a submission; documents without versions raise NotVersioned."""
        contents = contents_among(self.submissions.all(product), submission)
        view = SubmissionApi(self._client, self._blobs, self.host, SubmittedDrafts(self._client, contents))
        versionless: Any = Versionless(submission.id)
        view.offers = view.plans = view.packages = versionless
        view.setup = view.resellers = view.leads = versionless
        return view

    def close(self) -> None:
        self._client.close()
        self._blobs.close()
