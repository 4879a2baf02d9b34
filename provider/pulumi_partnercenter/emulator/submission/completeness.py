"""Automated validation: the parts that a submission lacks for publishing.

Only `Resell-20007` is a recorded code; the others, and every message, are inferred. A rule applies only to the types of
offers for which it is documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from ..state import Document, Store
from . import files
from .configurations import BUSINESS_CENTRAL_TYPES, GUID
from .document_types import BUSINESS_CENTRAL, CUSTOMER_ENGAGEMENT, DYNAMICS, OPERATIONS
from .scopes import product_of, scope, variant_of, within_product

__all__ = ["REFUSED", "lacks_modules", "problems"]

Item: TypeAlias = dict[str, str]
Content: TypeAlias = Mapping[str, Mapping[str, str]]

APPLICATION, MACHINE, CONTAINER = "AzureApplication", "AzureThirdPartyVirtualMachine", "AzureContainer"
SAAS = "SoftwareAsAService"
WITH_SUBSCRIPTIONS = (APPLICATION, MACHINE, CONTAINER)
MANAGED = "AzureManagedApplicationPackageConfiguration"
VERSION = re.compile(r"\d+\.\d+\.\d+")
APP_VERSION = re.compile(r"\d+(\.\d+){1,3}")
SCREENSHOTS = ("AzureLogoScreenshot", "Screenshot")
FEWEST_SCREENSHOTS, MOST_SCREENSHOTS, MOST_DOCUMENTS = 3, 5, 3
HIDE_KEY = re.compile(r"[a-z0-9]*")
# Required texts of the listings of an offer and of a plan, with the number of their code.
LISTING_TEXTS = {"title": 20001, "summary": 20002, "shortDescription": 20003, "description": 20004}
CONTACTS = {"CustomerSupport": 20005, "Engineering": 20006}
LOGOS = {"AzureLogoLarge": 20008, "AzureLogoSmall": 20009}
SAAS_TEXTS = (
    "landingPageUri",
    "connectionWebhook",
    "azureActiveDirectoryTenantID",
    "azureActiveDirectoryApplicationID",
)
METERING_TEXTS = ("azureActiveDirectoryTenantID", "azureActiveDirectoryApplicationID")


def _item(resource: str, number: int, message: str) -> Item:
    return {
        "errorCode": f"{resource}-{number}",
        "severity": "Error",
        "message": message,
        "resource": resource,
    }


REFUSED = _item("Submission", 20000, "Automated validation failed.")
"""The item of a failure that the control plane decided, for a submission without problems."""


def problems(
    store: Store, product: Document, content: Content, published: Content, when: float
) -> Iterator[Item]:
    """Return validation items of severity Error; none for a complete submission.

    `content` and `published` are instance ids by module, by variant id ("" for the offer): the content to publish, and
    the content that was published before. `when` is the time of the validation.
    """
    offer = _Offer(store, product, content, published, when)
    yield from offer.modules()
    yield from offer.properties()
    yield from offer.audience()
    yield from offer.listings()
    yield from offer.configuration()
    yield from offer.reseller()
    yield from offer.plans()


def lacks_modules(store: Store, product: Document, content: Content) -> bool:
    """Return whether content lacks a module of the offer, as a submission of a part of a new offer does."""
    return any(_Offer(store, product, content, {}, 0).modules())


@dataclass(frozen=True)
class _Offer:
    store: Store
    product: Document
    content: Content
    published: Content
    when: float

    @property
    def type(self) -> str:
        return str(self.product.body["resourceType"])

    def sent(self, kind: str, module: str, variant: str = "") -> list[Document]:
        """Return the documents of a kind in the submitted instances of a module."""
        instance = self.content.get(variant, {}).get(module)
        return self.store.select(kind, scope=scope(self.product.id, variant, instance)) if instance else []

    def modules(self) -> Iterator[Item]:
        """Yield modules of the offer that neither this submission nor an earlier one has."""
        has_configuration = any(
            not variant_of(configuration)
            for configuration in self.store.select("packageconfiguration", **within_product(self.product.id))
        )
        needed = ["Availability", "Property", "Listing", *(["Package"] if has_configuration else [])]
        for module in needed:
            if module not in self.content.get("", {}):
                yield _item(module, 20000, f"{module} module is missing")
        if self.type == APPLICATION and "ResellerConfiguration" not in self.content.get("", {}):
            yield _item("Resell", 20007, "ResellerConfiguration module is missing")

    def properties(self) -> Iterator[Item]:
        categories = ("leveledCategories", "categories", "leveledIndustries", "industries")
        for document in self.sent("property", "Property"):
            body = document.body
            # An object with keys, or a list of items.
            if not any(_filled(list(body.get(name) or [])) for name in categories):
                yield _item("Property", 20001, "At least one category is needed.")
            if self.type == BUSINESS_CENTRAL:
                yield from self._central_properties(body)
            elif not body.get("useEnterpriseContract") and not _filled(body.get("termsOfUse")):
                yield _item("Property", 20002, "The standard contract or terms of use are needed.")

    def _central_properties(self, body: Mapping[str, Any]) -> Iterator[Item]:
        """Require own terms (documented) and, for an app, a version that is not below the published one (reported)."""
        if not _filled(body.get("termsOfUse")):
            yield _item("Property", 20002, "Terms of use are needed: there is no standard contract.")
        if self._connects():
            return
        if not _filled(body.get("appVersion")):
            yield _item("Property", 20003, "The app version is needed.")
            return
        instance = self.published.get("", {}).get("Property", "")
        before = self.store.select("property", scope=scope(self.product.id, "", instance)) if instance else []
        for earlier in before:
            old, new = str(earlier.body.get("appVersion", "")), str(body["appVersion"])
            if APP_VERSION.fullmatch(old) and APP_VERSION.fullmatch(new) and _numbers(new) < _numbers(old):
                message = (
                    f"{new} is not the latest version of this app: {old} must remain the latest version."
                )
                yield _item("Property", 20004, message)

    def _connects(self) -> bool:
        """Return whether a Business Central offer is a service that connects, without an app of its own."""
        return self._setup().get("packageType") == "Connect"

    def audience(self) -> Iterator[Item]:
        members = ["audiences", "subscriptionAudiences"]
        if self.type not in WITH_SUBSCRIPTIONS:
            members += ["emailAudiences", "hideKeyAudience"]
        for document in self.sent("productavailability", "Availability"):
            if not any(_filled(document.body.get(name)) for name in members):
                yield _item("Availability", 20001, "At least one preview audience is needed.")
            hide_key = str(document.body.get("hideKeyAudience", ""))
            if self.type == BUSINESS_CENTRAL and not HIDE_KEY.fullmatch(hide_key):
                yield _item("Availability", 20007, "The hide key may have lowercase letters and digits only.")
        if self.type in DYNAMICS:
            for document in self.sent("featureavailability", "Availability"):
                if not _sold_markets(document.body):
                    yield _item("Availability", 20006, "At least one enabled market is needed.")

    def listings(self) -> Iterator[Item]:
        """Check the listings of the offer, one for each language."""
        listings = self.sent("listing", "Listing")
        if self.type == BUSINESS_CENTRAL and len(listings) > 1:
            languages = ", ".join(listing.natural_key for listing in listings)
            yield _item("Listing", 20012, f"The listing can be in one language, not in {languages}.")
        for listing in listings:
            body, where = listing.body, f" ({listing.natural_key})"
            yield from _missing_texts(body, LISTING_TEXTS, "Listing", where)
            contacts = {contact.get("type") for contact in body.get("listingContacts", [])}
            for contact, number in CONTACTS.items():
                if contact not in contacts:
                    yield _item("Listing", number, f"The contact {contact} is missing{where}.")
            links = body.get("listingUris", [])
            if not any(link.get("type") == "PrivacyUri" and link.get("uri") for link in links):
                yield _item("Listing", 20007, f"The privacy policy's address is missing{where}.")
            uploaded = {image.body.get("type") for image in self._uploaded("listingimage", listing)}
            for logo in list(LOGOS)[: 2 if self.type in (MACHINE, CONTAINER) else 1]:
                if logo not in uploaded:
                    yield _item("Listing", LOGOS[logo], f"The logo {logo} is missing{where}.")
            if self.type == BUSINESS_CENTRAL:
                yield from self._central_files(listing, where)

    def _central_files(self, listing: Document, where: str) -> Iterator[Item]:
        """Require the documented numbers of screenshots and documents."""
        images = self._uploaded("listingimage", listing)
        screenshots = [image for image in images if image.body.get("type") in SCREENSHOTS]
        if len(screenshots) < FEWEST_SCREENSHOTS:
            yield _item("Listing", 20010, f"At least {FEWEST_SCREENSHOTS} screenshots are needed{where}.")
        if len(screenshots) > MOST_SCREENSHOTS:
            yield _item("Listing", 20013, f"At most {MOST_SCREENSHOTS} screenshots are possible{where}.")
        documents = self._uploaded("listingasset", listing)
        if not documents:
            yield _item("Listing", 20011, f"At least one document is needed{where}.")
        if len(documents) > MOST_DOCUMENTS:
            yield _item("Listing", 20014, f"At most {MOST_DOCUMENTS} documents are possible{where}.")

    def _uploaded(self, kind: str, listing: Document) -> list[Document]:
        documents = self.store.select(kind, natural_key=listing.id)
        return [document for document in documents if document.body.get("state") == files.UPLOADED]

    def configuration(self) -> Iterator[Item]:
        """Check the offer's own technical configuration, if the type needs one."""
        for document in self.sent("packageconfiguration", "Package"):
            if self.type == SAAS and self._sells():
                for name in SAAS_TEXTS:
                    if not _filled(document.body.get(name)):
                        yield _item("Package", 20001, f"{name} is missing.")
            if self.type == CUSTOMER_ENGAGEMENT:
                yield from self._package_location(str(document.body.get("packageLocationUri") or ""))
            if self.type == OPERATIONS and not GUID.fullmatch(document.body.get("solutionIdentifier") or ""):
                yield _item("Package", 20013, "The solution identifier, a GUID, is missing.")
            if self.type == BUSINESS_CENTRAL:
                yield from self._central_configuration(document)

    def _central_configuration(self, document: Document) -> Iterator[Item]:
        if self._connects():
            if not _filled(document.body.get("applicationInstallationUri")):
                yield _item("Package", 20010, "The address for the installation is missing: the offer.")
            return
        yield from self._packages(document, "the offer")
        references = document.body.get("packageReferences") or []
        if references and not any(pair.get("type") == BUSINESS_CENTRAL_TYPES[0] for pair in references):
            yield _item("Package", 20011, "No main app is referenced: the offer.")
        yield from self._apps(references)

    def _apps(self, references: Sequence[Mapping[str, str]]) -> Iterator[Item]:
        """Compare the manifests of apps: with the offer's version, and with each other (both reported).

        An older app is a hotfix of an earlier release. What cannot be read is not compared.
        """
        versions = [
            str(document.body.get("appVersion", "")) for document in self.sent("property", "Property")
        ]
        for reference in references:
            package = self.store.find("package", reference.get("value", ""))
            apps = package.body[files.FILE].get(files.APPS, []) if package is not None else []
            if len({id for id, _ in apps}) < len({(id, version) for id, version in apps}):
                yield _item("Package", 20016, "The libraries have two versions of one app: the offer.")
            if reference.get("type") != BUSINESS_CENTRAL_TYPES[0]:
                continue
            for app, offer in [(version, offer) for _, version in apps for offer in versions]:
                is_comparable = APP_VERSION.fullmatch(app) and APP_VERSION.fullmatch(offer)
                if is_comparable and _numbers(app) > _numbers(offer):
                    message = f"The app has version {app}, and the offer {offer}: they do not match."
                    yield _item("Package", 20015, message)

    def _package_location(self, address: str) -> Iterator[Item]:
        """Require an address whose signature has not expired (documented as a block of the publication)."""
        if not address.strip():
            yield _item("Package", 20012, "The URL of the package location is missing.")
        expiry = dict(parse_qsl(urlsplit(address).query)).get("se", "")
        with suppress(ValueError):
            end = datetime.fromisoformat(expiry)
            if (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp() <= self.when:
                yield _item("Package", 20014, "The URL of the package location has expired.")

    def reseller(self) -> Iterator[Item]:
        """Require that it was written once, with any value."""
        for document in self.sent("resellerconfiguration", "ResellerConfiguration"):
            if self.type == APPLICATION and document.natural_key != "posted":
                yield _item("Resell", 20008, "The reseller channel was never decided.")

    def plans(self) -> Iterator[Item]:
        variants = [self.store.find("variant", variant) for variant in self.content if variant]
        active = [
            variant for variant in variants if variant is not None and variant.body.get("state") == "Active"
        ]
        needed = self.type in WITH_SUBSCRIPTIONS or (self.type == SAAS and self._sells())
        if needed and not active:
            yield _item("Variant", 20001, "At least one active plan is needed.")
        for variant in active:
            yield from self._plan(variant)

    def _sells(self) -> bool:
        return self._setup().get("sellingOption") == "ListAndSell"

    def _setup(self) -> Mapping[str, Any]:
        setup = self.store.find("setup", self.product.id)
        return setup.body if setup is not None else {}

    def _plan(self, variant: Document) -> Iterator[Item]:
        plan = f"plan {variant.natural_key}"
        configured = self.type == APPLICATION
        for module in ("Availability", "Listing", *(["Package"] if configured else [])):
            if module not in self.content[variant.id]:
                yield _item(module, 20000, f"{module} module is missing: {plan}")
        for listing in self.sent("listing", "Listing", variant.id):
            texts = {name: number for name, number in LISTING_TEXTS.items() if name != "summary"}
            yield from _missing_texts(listing.body, texts, "Listing", f" ({plan}, {listing.natural_key})")
        for availability in self.sent("featureavailability", "Availability", variant.id):
            yield from self._availability(availability.body, variant.body.get("subType", ""), plan)
        for configuration in self.sent("packageconfiguration", "Package", variant.id):
            yield from self._packages(configuration, plan)
            yield from self._version(configuration, plan)
            if configuration.body["resourceType"] == MANAGED:
                yield from _management(configuration.body, plan)

    def _availability(self, body: Mapping[str, Any], sub_type: str, plan: str) -> Iterator[Item]:
        audiences = ("subscriptionAudiences", "tenantAudiences")
        if body.get("visibility") not in ("Public", "Private"):
            yield _item("Availability", 20002, f"The visibility is missing: {plan}.")
        if body.get("visibility") == "Private" and not any(_filled(body.get(name)) for name in audiences):
            yield _item("Availability", 20003, f"A private plan needs an audience: {plan}.")
        if sub_type != "solution-template":
            sold = _sold_markets(body)
            if not sold:
                yield _item("Availability", 20004, f"At least one enabled market is needed: {plan}.")
            unpriced = [market for market in sold if not _has_price(body, market)]
            if unpriced and (sub_type == "managed-application" or self.type == SAAS):
                yield _item("Availability", 20005, f"No price in {', '.join(unpriced)}: {plan}.")
        if any(meter.get("isEnabled") for meter in body.get("customMeters", [])) and self.type == APPLICATION:
            offer = self.sent("packageconfiguration", "Package")
            if not any(
                all(_filled(document.body.get(name)) for name in METERING_TEXTS) for document in offer
            ):
                yield _item("Package", 20007, f"Metering needs the offer's tenant and application: {plan}.")

    def _packages(self, configuration: Document, whose: str) -> Iterator[Item]:
        references = configuration.body.get("packageReferences") or []
        if not references:
            yield _item("Package", 20002, f"No package is referenced: {whose}.")
        for reference in references:
            package = self.store.find("package", str(reference.get("value")))
            if package is None or product_of(package) != self.product.id:
                yield _item("Package", 20003, f"Package {reference.get('value')} does not exist: {whose}.")
            elif (state := files.state_of(package, self.when)) != "Processed":
                yield _item("Package", 20004, f"Package {package.id} is {state}, not Processed: {whose}.")

    def _version(self, configuration: Document, plan: str) -> Iterator[Item]:
        """Require three integers, and a higher version than the published one if the package is another."""
        version = str(configuration.body.get("version", ""))
        if not VERSION.fullmatch(version):
            yield _item("Package", 20005, f"The version must be three numbers, not '{version}': {plan}.")
            return
        variant = variant_of(configuration)
        instance = self.published.get(variant, {}).get("Package", "")
        published = scope(self.product.id, variant, instance)
        before = self.store.select("packageconfiguration", scope=published) if instance else []
        for earlier in before:
            old = str(earlier.body.get("version", ""))
            references = configuration.body.get("packageReferences")
            changed = references and references != earlier.body.get("packageReferences")
            if changed and VERSION.fullmatch(old) and _numbers(version) <= _numbers(old):
                message = f"The version must be higher than {old} for another package: {plan}."
                yield _item("Package", 20006, message)


def _management(body: Mapping[str, Any], plan: str) -> Iterator[Item]:
    if not _filled(body.get("publicAzureTenantID")):
        yield _item("Package", 20008, f"The managing tenant is missing: {plan}.")
    if not body.get("publicAzureAuthorizations"):
        yield _item("Package", 20009, f"At least one authorization is needed: {plan}.")


def _sold_markets(body: Mapping[str, Any]) -> list[str]:
    states = body.get("marketStates", [])
    return [market["marketCode"] for market in states if market.get("state") == "Enabled"]


def _missing_texts(
    body: Mapping[str, Any], texts: Mapping[str, int], resource: str, where: str
) -> Iterator[Item]:
    for name, number in texts.items():
        if not _filled(body.get(name)):
            yield _item(resource, number, f"The {name} is missing{where}.")


def _has_price(body: Mapping[str, Any], market: str) -> bool:
    return any(
        schedule.get("retailPrice", {}).get("openPrice") is not None
        for schedule_set in body.get("priceSchedules", [])
        if schedule_set.get("isBaseSchedule") or market in schedule_set.get("marketCodes", [])
        for schedule in schedule_set.get("schedules", [])
    )


def _filled(value: object) -> bool:
    """Return whether a value has any content at any depth: `[{"values": []}]` and a blank string do not."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_filled(item) for name, item in value.items() if name != "type")
    if isinstance(value, list):
        return any(_filled(item) for item in value)
    return value is not None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
