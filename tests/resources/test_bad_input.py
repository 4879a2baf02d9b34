"""Invalid arguments fail in `check`, before any request. The message names argument, value and rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from tests.resources import samples
from tests.resources.harness import UNKNOWN, CheckFailed, Plugin
from tests.unit.app_files import build_app

from pulumi_partnercenter import (
    AppRelease,
    CosellListing,
    LeadDestination,
    ListingDocument,
    ListingImage,
    ListingVideo,
    Offer,
    OfferListing,
    OfferMarkets,
    OfferProperties,
    OfferSetup,
    OfferTechnicalConfiguration,
    Package,
    Plan,
    PlanListing,
    PlanPackage,
    PlanPricing,
    PreviewAudience,
    ResellerChannel,
    Submission,
    SupplementalContent,
    portal,
)
from pulumi_partnercenter import TestDrive as Drive

GUID = "11111111-2222-4333-8444-555555555555"
OTHER = "22222222-2222-4333-8444-555555555555"
OFFER = {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
LISTING = {"offer": GUID, "title": "Contoso Backup"}
PLAN = {"offer": GUID, "plan_id": "gold", "name": "Gold"}
PLAN_LISTING = {"plan": f"{GUID}/{GUID}", "title": "Gold"}
PRICING = {"plan": f"{GUID}/{GUID}", "markets": ["US", "CA"], "prices": [{"amount": 49}]}
PACKAGE = {"offer": GUID, "source": samples.application("minimal")}
PLAN_PACKAGE = {"plan": f"{GUID}/{GUID}", "version": "1.0.0", "package": f"{GUID}/{GUID}"}
CONFIGURATION = {"offer": GUID}
LARGE = samples.picture("minimal.png", 216, 216)
IMAGE = {"offer": GUID, "kind": "AzureLogoLarge", "source": LARGE}
DOCUMENT = {"offer": GUID, "title": "Datasheet", "source": samples.pdf("minimal.pdf", "minimal")}
VIDEO = {"offer": GUID, "url": "https://video.example.com/watch?v=1"}
MINIMAL: dict[Any, dict[str, Any]] = {
    ListingDocument: DOCUMENT,
    ListingImage: IMAGE,
    ListingVideo: VIDEO,
    Offer: OFFER,
    OfferListing: LISTING,
    OfferTechnicalConfiguration: CONFIGURATION,
    Package: PACKAGE,
    Plan: PLAN,
    PlanListing: PLAN_LISTING,
    PlanPackage: PLAN_PACKAGE,
    PlanPricing: PRICING,
    OfferSetup: {"offer": GUID},
    OfferMarkets: {"offer": GUID, "markets": ["US"]},
    OfferProperties: {"offer": GUID},
    PreviewAudience: {"offer": GUID},
    ResellerChannel: {"offer": GUID, "state": "Enabled"},
    Submission: {"offer": GUID, "publishes": ["0" * 32]},
    AppRelease: {"offer": GUID, "app": samples.file("ledger.app", build_app())},
    Drive: {"offer": GUID},
    CosellListing: {"offer": GUID},
    SupplementalContent: {"offer": GUID},
    LeadDestination: {"offer": GUID, "https": {"url": "https://contoso.example.com"}},
    portal.Offer: {"publisher": "contoso", "offer_id": "contoso-gateway"},
    portal.Publication: {"offer": "contoso/gateway", "publishes": ["0" * 32], "target": "preview"},
}
METER = {"id": "gb", "name": "GB", "unit": "GB", "price_in_usd": 0.1}

INVALID: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "live without audience and reseller channel": (
        Submission,
        {"target": "live", "offer_type": "AzureApplication", "sends": ["OfferListing archive"]},
        ["target", "'live'", "a PreviewAudience and a ResellerChannel"],
    ),
    "live without reseller channel, fingerprints unknown": (
        Submission,
        {
            "target": "live",
            "offer_type": "AzureApplication",
            "publishes": [UNKNOWN],
            "sends": ["PreviewAudience archive"],
        },
        ["target", "'live'", "needs a ResellerChannel in publishes"],
    ),
    "live by another word": (Submission, {"target": "prod"}, ["target", "'prod'", "'preview' or 'live'"]),
    "nothing to publish": (Submission, {"publishes": []}, ["publishes", "[]"]),
    "waiting backwards": (Submission, {"wait_minutes": -1}, ["wait_minutes", "-1"]),
    "offer id with blank and capitals": (
        Offer,
        {"offer_id": "Contoso Backup"},
        ["offer_id", "'Contoso Backup'", "lowercase"],
    ),
    "offer id too short": (Offer, {"offer_id": "ab"}, ["offer_id", "'ab'", "3 to 50"]),
    "offer id too long": (Offer, {"offer_id": "a" * 51}, ["offer_id", "3 to 50"]),
    "offer id with a line break": (Offer, {"offer_id": "contoso\n"}, ["offer_id", "lowercase"]),
    "offer id with a quote": (Offer, {"offer_id": "o'neill"}, ["offer_id", "lowercase"]),
    "alias too long": (Offer, {"alias": "a" * 51}, ["alias", "50"]),
    "no offer type": (Offer, {"offer_type": ""}, ["offer_type"]),
    "misspelled argument": (
        Offer,
        {"offerId": "contoso"},
        ["offerId", "no such argument", "did you mean offer_id?"],
    ),
    "wrong type": (Offer, {"alias": 5}, ["alias", "5", "string"]),
    "list for text": (Offer, {"alias": ["a"]}, ["alias", "['a']", "string"]),
    "missing beside unknown": (Offer, {"offer_id": UNKNOWN, "alias": None}, ["alias", "required"]),
    "title too long": (OfferListing, {"title": "a" * 201}, ["title", "200", "201 characters"]),
    "title empty": (OfferListing, {"title": ""}, ["title", "''"]),
    "summary too long": (OfferListing, {"summary": "a" * 101}, ["summary", "100"]),
    "short description too long": (
        OfferListing,
        {"short_description": "a" * 257},
        ["short_description", "256"],
    ),
    "description too long": (OfferListing, {"description": "a" * 5001}, ["description", "5000"]),
    "four keywords": (OfferListing, {"keywords": ["a", "b", "c", "d"]}, ["keywords", "3"]),
    "language": (OfferListing, {"language": "english please"}, ["language", "'english please'", "en-us"]),
    "offer is no id": (OfferListing, {"offer": "a/b"}, ["offer", "'a/b'", ".id"]),
    "contact of an unknown type": (
        OfferListing,
        {"contacts": [{"type": "Boss"}]},
        ["contacts[0].type", "'Boss'", "Engineering"],
    ),
    "misspelled member": (
        OfferListing,
        {"contacts": [{"type": "Engineering", "mail": "x"}]},
        ["contacts[0].mail", "did you mean email?"],
    ),
    "link without address": (OfferListing, {"links": [{"type": "PrivacyUri"}]}, ["links[0].uri", "required"]),
    "link to nowhere": (
        OfferListing,
        {"links": [{"type": "PrivacyUri", "uri": "contoso"}]},
        ["links[0].uri", "'contoso'", "https://"],
    ),
    "link text too long": (
        OfferListing,
        {"links": [{"type": "A", "uri": "https://a.example.com", "text": "a" * 256}]},
        ["links[0].text", "255"],
    ),
    "no cloud": (Plan, {"clouds": []}, ["clouds", "at least 1"]),
    "no conversion path": (Plan, {"conversion_paths": ""}, ["conversion_paths", "at least 1"]),
    "more digits than the service keeps": (
        PlanPricing,
        {"prices": [{"amount": "0.12345678901234567891"}]},
        ["prices[0].amount", "15 digits"],
    ),
    "an amount beyond numbers": (
        PlanPricing,
        {"prices": [{"amount": "1e400"}]},
        ["prices[0].amount", "money"],
    ),
    "a price once, every third": (
        PlanPricing,
        {"prices": [{"amount": 1, "per": "once", "every": 3}]},
        ["prices[0].every: 3", "leave out every"],
    ),
    "no trial, for a month": (
        PlanPricing,
        {"trial": {"duration": 1, "unit": "Months"}},
        ["trial.duration, unit: ", "the others have none"],
    ),
    "a trial without an end": (
        PlanPricing,
        {"trial": {"type": "TimedAccess"}},
        ["trial.duration, unit: ", "have a duration"],
    ),
    "infinite and five": (
        PlanPricing,
        {"meters": [{**METER, "included": [{"per": "month", "is_infinite": True, "quantity": 5}]}]},
        ["meters[0].included[0].quantity: 5", "infinite"],
    ),
    "before the first day": (
        PlanPricing,
        {"prices": [{"amount": 1, "starts_at": "0001-01-01T00:00:00+05:00"}]},
        ["starts_at", "2026-12-01"],
    ),
    "plan id": (Plan, {"plan_id": "Gold Plan"}, ["plan_id", "'Gold Plan'", "lowercase"]),
    "plan name too long": (Plan, {"name": "a" * 51}, ["name", "50"]),
    "subtype": (Plan, {"subtype": "managed"}, ["subtype", "'managed'", "managed-application"]),
    "state": (Plan, {"state": "Asleep"}, ["state", "'Asleep'", "Inactive"]),
    "plan summary too long": (PlanListing, {"summary": "a" * 101}, ["summary", "100"]),
    "plan description too long": (PlanListing, {"description": "a" * 2001}, ["description", "2000"]),
    "plan is no id": (PlanListing, {"plan": "gold"}, ["plan", "'gold'", "<product>/<variant>"]),
    "unknown market": (PlanPricing, {"markets": ["US", "XX"]}, ["markets[1]", "'XX'", "market"]),
    "all misspelled": (PlanPricing, {"markets": "every"}, ["markets", "'every'"]),
    "price below zero": (
        PlanPricing,
        {"prices": [{"amount": -1}]},
        ["prices[0].amount", "-1", "greater than or equal to 0"],
    ),
    "price that is no number": (
        PlanPricing,
        {"prices": [{"amount": "much"}]},
        ["prices[0].amount", "'much'"],
    ),
    "price without amount": (
        PlanPricing,
        {"prices": [{"currency": "USD"}]},
        ["prices[0].amount", "required"],
    ),
    "misspelled member of a price": (
        PlanPricing,
        {"prices": [{"amount": 1, "curency": "EUR"}]},
        ["prices[0].curency", "did you mean currency?"],
    ),
    "currency": (
        PlanPricing,
        {"prices": [{"amount": 1, "currency": "euro"}]},
        ["prices[0].currency", "'euro'"],
    ),
    "two prices for one period": (
        PlanPricing,
        {"prices": [{"amount": 1}, {"amount": 2}]},
        ["prices[1]", "[0]", "two prices for the same period"],
    ),
    "two prices for one period in a market": (
        PlanPricing,
        {"prices": [{"amount": 1, "markets": ["US", "CA"]}, {"amount": 2, "markets": ["CA"]}]},
        ["prices[1]", "[0]", "two prices for the same period", "CA"],
    ),
    "override where it is not sold": (
        PlanPricing,
        {"prices": [{"amount": 1}, {"amount": 2, "markets": ["DE"]}]},
        ["prices[1].markets", "DE", "not among"],
    ),
    "override where it is not sold, plan unknown": (
        PlanPricing,
        {"plan": UNKNOWN, "prices": [{"amount": 1}, {"amount": 2, "markets": ["DE"]}]},
        ["prices[1].markets", "DE", "not among"],
    ),
    "private without audience": (PlanPricing, {"visibility": "Private"}, ["private plan needs an audience"]),
    "private without audience, plan unknown": (
        PlanPricing,
        {"plan": UNKNOWN, "visibility": "Private", "prices": UNKNOWN},
        ["private plan needs an audience"],
    ),
    "audience that is no GUID": (
        PlanPricing,
        {"subscriptions": ["contoso"]},
        ["subscriptions[0]", "'contoso'", "GUID"],
    ),
    "prices of a solution template": (
        PlanPricing,
        {"subtype": "solution-template", "plan": UNKNOWN},
        ["prices", "solution template"],
    ),
    "trial of a solution template": (
        PlanPricing,
        {
            "subtype": "solution-template",
            "prices": [],
            "trial": {"type": "TimedAccess", "duration": 1, "unit": "Months"},
        },
        ["trial", "solution template"],
    ),
    "trial of an unknown kind": (
        PlanPricing,
        {"trial": {"type": "Forever"}},
        ["trial.type", "'Forever'", "TimedAccess"],
    ),
    "nineteen meters": (
        PlanPricing,
        {"meters": [METER | {"id": str(n)} for n in range(19)]},
        ["meters", "18"],
    ),
    "meter below zero": (
        PlanPricing,
        {"meters": [METER | {"price_in_usd": -0.1}]},
        ["meters[0].price_in_usd", "-0.1"],
    ),
    "no such folder": (
        Package,
        {"source": "assets/nowhere"},
        ["source", "assets/nowhere", "relative to", str(Path.cwd())],
    ),
    "source of a wrong type": (Package, {"source": 5}, ["source", "5", "FileAsset"]),
    "source that is empty": (Package, {"source": ""}, ["source", "''", "empty"]),
    "source that is elsewhere": (
        Package,
        {"source": pulumi.RemoteArchive("https://contoso.example.com/a.zip")},
        ["source", "local"],
    ),
    "kind of package": (Package, {"kind": "Zip"}, ["kind", "'Zip'", "AzureApplicationPackage"]),
    "version of two numbers": (PlanPackage, {"version": "1.0"}, ["version", "'1.0'", "three numbers"]),
    "version with a line break": (PlanPackage, {"version": "1.0.0\n"}, ["version", "three numbers"]),
    "package is no id": (
        PlanPackage,
        {"package": "app.zip"},
        ["package", "'app.zip'", "<product>/<package>"],
    ),
    "package of another offer": (PlanPackage, {"package": f"{OTHER}/{GUID}"}, ["package", "another offer"]),
    "managed by nobody": (
        PlanPackage,
        {"subtype": "managed-application", "package": UNKNOWN},
        ["tenant, authorizations", "needs a tenant"],
    ),
    "managed without authorizations": (
        PlanPackage,
        {"subtype": "managed-application", "tenant": GUID},
        ["authorizations", "at least one"],
    ),
    "template that is managed": (
        PlanPackage,
        {"subtype": "solution-template", "tenant": GUID, "allows_jit_access": True, "plan": UNKNOWN},
        ["tenant, allows_jit_access", "solution template"],
    ),
    "principal": (
        PlanPackage,
        {"authorizations": [{"principal": "me", "role": "Owner"}]},
        ["authorizations[0].principal", "'me'", "GUID"],
    ),
    "hundred and one authorizations": (
        PlanPackage,
        {"authorizations": [{"principal": GUID, "role": "Owner"}] * 101},
        ["authorizations", "100"],
    ),
    "six policies": (
        PlanPackage,
        {"policies": [{"name": str(n), "definition": "d"} for n in range(6)]},
        ["policies", "5"],
    ),
    "policy's long name": (
        PlanPackage,
        {"policies": [{"name": "a" * 51, "definition": "d"}]},
        ["policies[0].name", "50"],
    ),
    "policy's parameters": (
        PlanPackage,
        {"policies": [{"name": "a", "definition": "d", "parameters": "{"}]},
        ["policies[0].parameters", "must be JSON"],
    ),
    "policy's list of parameters": (
        PlanPackage,
        {"policies": [{"name": "a", "definition": "d", "parameters": "[1]"}]},
        ["policies[0].parameters", "JSON object"],
    ),
    "deployment mode": (PlanPackage, {"deployment_mode": "Full"}, ["deployment_mode", "'Full'", "Complete"]),
    "landing page of an application": (
        OfferTechnicalConfiguration,
        {"offer": UNKNOWN, "offer_type": "AzureApplication", "landing_page_url": "https://a.example.com"},
        ["landing_page_url", "AzureApplication", "tenant, application only"],
    ),
    "configuration of a machine": (
        OfferTechnicalConfiguration,
        {"offer_type": "AzureThirdPartyVirtualMachine"},
        ["AzureThirdPartyVirtualMachine", "no technical configuration"],
    ),
    "webhook without https": (
        OfferTechnicalConfiguration,
        {"webhook_url": "http://contoso.example.com"},
        ["webhook_url", "https://"],
    ),
    "package of a foreign offer": (
        OfferTechnicalConfiguration,
        {"packages": [f"{OTHER}/package"]},
        ["packages", f"{OTHER}/package", "another offer"],
    ),
    "no such picture": (ListingImage, {"source": "large.png"}, ["source", "large.png", str(Path.cwd())]),
    "no such picture of an unknown kind": (
        ListingImage,
        {"source": "large.png", "kind": UNKNOWN},
        ["source", "large.png", str(Path.cwd())],
    ),
    "picture of a wrong size": (
        ListingImage,
        {"source": samples.picture("small.png", 200, 200)},
        ["source", "200×200", "AzureLogoLarge"],
    ),
    "picture of a wrong format": (
        ListingImage,
        {"source": samples.file("jpeg.png", bytes.fromhex("ffd8ffe000104a464946"))},
        ["source", "JPEG", "PNG"],
    ),
    "picture that is a text": (ListingImage, {"source": pulumi.StringAsset("text")}, ["source", "PNG"]),
    "folder for a picture": (ListingImage, {"source": PACKAGE["source"]}, ["source", "is a folder"]),
    "kind of image": (ListingImage, {"kind": "azure logo"}, ["kind", "'azure logo'", "AzureLogoLarge"]),
    "order below zero": (ListingImage, {"order": -1}, ["order", "-1"]),
    "file name in a folder": (ListingImage, {"file_name": "a/b.png"}, ["file_name", "'a/b.png'", "folders"]),
    "document that is no PDF": (ListingDocument, {"source": LARGE}, ["source", "PDF"]),
    "document without a name": (
        ListingDocument,
        {"source": pulumi.StringAsset("%PDF-1.4")},
        ["file_name", "is required"],
    ),
    "video without an address": (ListingVideo, {"url": ""}, ["url", "''"]),
    "title without a picture": (ListingVideo, {"title": "Tour"}, ["title", "name its source"]),
    "picture of a video": (ListingVideo, {"source": LARGE}, ["source", "216×216", "1280×720"]),
    "hidden is no word": (PlanPricing, {"is_hidden": "perhaps"}, ["is_hidden", "'perhaps'", "True or False"]),
    "yes for a boolean": (PlanPricing, {"is_hidden": "yes"}, ["is_hidden", "'yes'", "True or False"]),
    "true of configuration": (OfferSetup, {"sells_through_microsoft": "true"}, ["'true'", "get_bool"]),
    "a number for a boolean": (OfferSetup, {"sells_through_microsoft": 1}, ["sells_through_microsoft", "1"]),
    "a boolean in a meter": (
        PlanPricing,
        {"meters": [METER | {"is_enabled": "on"}]},
        ["meters[0].is_enabled", "'on'", "True or False"],
    ),
    "the offer_id for the offer": (
        OfferListing,
        {"offer": "contoso-backup"},
        ["offer", "'contoso-backup'", "not its offer_id", ".id"],
    ),
    "the plan_id for the plan": (PlanPricing, {"plan": "gold"}, ["plan", "'gold'", ".id"]),
    "ids by name for the plan": (PlanPricing, {"plan": "contoso-backup/gold"}, ["plan", ".id"]),
    "the plan_id behind the offer's id": (
        PlanPricing,
        {"plan": f"{GUID}/gold"},
        ["plan", f"'{GUID}/gold'", "two GUIDs, and not its plan_id", ".id"],
    ),
    "the plan_id of the plan to reuse": (
        Plan,
        {"reference_plan": f"{GUID}/gold"},
        ["reference_plan", f"'{GUID}/gold'", ".id"],
    ),
    "an offer type behind a blank": (
        Offer,
        {"offer_type": " AzureApplication"},
        ["offer_type", "' AzureApplication'", "an offer type such as", "without blanks"],
    ),
    "an offer type with a line end": (
        Offer,
        {"offer_type": "AzureApplication\n"},
        ["offer_type", "AzureApplication\\n", "without blanks"],
    ),
    "a cloud by its title": (
        Plan,
        {"clouds": ["public-azure", "Azure Global"]},
        ["clouds[1]", "'Azure Global'", "a cloud such as public-azure", "without blanks"],
    ),
    "an empty cloud": (Plan, {"clouds": [""]}, ["clouds[0]", "''", "a cloud such as"]),
    "a file for the package": (PlanPackage, {"package": "app.zip"}, ["package", "'app.zip'", ".id"]),
    "a title for a category": (
        OfferProperties,
        {"categories": {"Storage and backup": []}},
        ["categories", "Storage and backup", "storage-azure-apps"],
    ),
    "a title for a subcategory": (
        OfferProperties,
        {"categories": {"storage-azure-apps": ["Backup and recovery"]}},
        ["categories", "'Backup and recovery'", "a key such as"],
    ),
    "a role by another name": (
        PlanPackage,
        {"authorizations": [{"principal": GUID, "role": "Reader"}]},
        ["authorizations[0].role", "'Reader'", "Owner, Contributor", "GUID"],
    ),
    "actions with a comma": (
        PlanPackage,
        {"allowed_actions": ["Microsoft.Compute/*, Microsoft.Network/*"], "allows_customer_actions": True},
        ["allowed_actions", "Microsoft.Network/*", "an element of the list"],
    ),
    "an action without a provider": (
        PlanPackage,
        {"allowed_actions": ["read"], "allows_customer_actions": True},
        ["allowed_actions[0]", "'read'", "an action such as Microsoft.Compute/*"],
    ),
    "actions in lines": (
        PlanPackage,
        {"allowed_data_actions": ["Microsoft.A/*\nMicrosoft.B/*"], "allows_customer_actions": True},
        ["allowed_data_actions", "an element of the list"],
    ),
    "actions that nobody may do": (
        PlanPackage,
        {"allowed_actions": ["Microsoft.Compute/*"]},
        ["allowed_actions", "allows_customer_actions=True"],
    ),
    "a version with a leading zero": (PlanPackage, {"version": "1.02.0"}, ["version", "'1.02.0'", "leading"]),
    "an e-mail address without a domain": (
        PreviewAudience,
        {"emails": ["ada@contoso"]},
        ["emails[0]", "'ada@contoso'", "e-mail address"],
    ),
    "two e-mail addresses in one": (
        LeadDestination,
        {"contact_email": "a@contoso.example.com;b@contoso.example.com"},
        ["contact_email", "one e-mail address"],
    ),
    "a contact with a name in its address": (
        OfferListing,
        {"contacts": [{"type": "Engineering", "email": "Team <team@contoso.example.com>"}]},
        ["contacts[0].email", "one e-mail address"],
    ),
    "an address for a connection string": (
        LeadDestination,
        {"https": None, "azure_table": {"connection_string": "https://contoso.table.core.windows.net"}},
        ["azure_table.connection_string", "with AccountName and AccountKey"],
    ),
    "a connection string with an empty key": (
        LeadDestination,
        {"https": None, "azure_table": {"connection_string": "AccountName=contoso;AccountKey="}},
        ["azure_table.connection_string", "with AccountName and AccountKey"],
    ),
    "a connection string with its line end": (
        LeadDestination,
        {"https": None, "azure_table": {"connection_string": "AccountName=contoso;AccountKey=YWJj\n"}},
        ["azure_table.connection_string", "no blanks or line ends around it"],
    ),
    "half a connection string": (
        LeadDestination,
        {"https": None, "azure_blob": {"connection_string": "AccountName=contoso", "container": "leads"}},
        ["azure_blob.connection_string", "AccountKey"],
    ),
    "a currency by its name": (
        PlanPricing,
        {"prices": [{"amount": 49, "currency": "Dollar"}]},
        ["prices[0].currency", "'Dollar'", "USD"],
    ),
    "a price with half a cent": (
        PlanPricing,
        {"prices": [{"amount": 0.125}]},
        ["prices[0].amount: 0.125", "USD", "(2)"],
    ),
    "a price with half a yen": (
        PlanPricing,
        {"prices": [{"amount": 49.5, "currency": "JPY", "per": "year"}]},
        ["prices[0].amount: 49.5", "JPY", "(0)"],
    ),
    "a period of seven months": (
        PlanPricing,
        {"prices": [{"amount": 49, "every": 7}]},
        ["prices[0].every: 7", "one month", "per: year"],
    ),
    "a price for the list of prices": (PlanPricing, {"prices": {"amount": 49}}, ["prices: ", "list"]),
    "a list for a trial": (PlanPricing, {"trial": [{"type": "NoTrial"}]}, ["trial: ", "NoTrial"]),
    "a price with half a yen, beside an unknown one": (
        PlanPricing,
        {"prices": [UNKNOWN, {"amount": 49.5, "currency": "JPY", "per": "year"}]},
        ["prices[1].amount: 49.5", "JPY", "(0)"],
    ),
    "a period of seven months, of an unknown price": (
        PlanPricing,
        {"prices": [{"amount": UNKNOWN, "every": 7}]},
        ["prices[0].every: 7", "one month"],
    ),
    "an end before its start, of an unknown price": (
        PlanPricing,
        {"prices": [{"amount": UNKNOWN, "starts_at": "2027-01-01", "ends_at": "2026-01-01"}]},
        ["prices[0].ends_at: '2026-01-01T00:00:00Z'", "has to end later"],
    ),
    "two unknown prices for one period": (
        PlanPricing,
        {"prices": [{"amount": UNKNOWN}, UNKNOWN, {"amount": 2}]},
        ["prices[2]", "[0]", "two prices for the same period in the base schedule"],
    ),
    "override where it is not sold, another price unknown": (
        PlanPricing,
        {"prices": [UNKNOWN, {"amount": 2, "markets": ["DE"]}]},
        ["prices[1].markets", "DE", "not among"],
    ),
    "an unknown price of a solution template": (
        PlanPricing,
        {"subtype": "solution-template", "prices": [UNKNOWN], "trial": UNKNOWN},
        ["prices", "solution template"],
    ),
    "no trial, for an unknown time": (
        PlanPricing,
        {"trial": {"type": "NoTrial", "duration": UNKNOWN, "unit": "Months"}},
        ["trial.unit: ", "the others have none"],
    ),
    "one meter twice, its price unknown": (
        PlanPricing,
        {"meters": [METER | {"price_in_usd": UNKNOWN}, METER]},
        ["meters[1].id", "'gb'", "twice", "[0]"],
    ),
    "infinite and five, of an unknown meter": (
        PlanPricing,
        {
            "meters": [
                METER | {"name": UNKNOWN, "included": [{"per": "month", "is_infinite": True, "quantity": 5}]}
            ]
        },
        ["meters[0].included[0].quantity: 5", "infinite"],
    ),
    "twenty meters, one of them unknown": (
        PlanPricing,
        {"meters": [*(METER | {"id": str(n)} for n in range(19)), UNKNOWN]},
        ["meters", "18"],
    ),
    "one subscription twice, beside an unknown one": (
        PlanPricing,
        {"subscriptions": [GUID, UNKNOWN, {"id": GUID.upper()}]},
        ["subscriptions[2].id", f"'{GUID}'", "twice", "[0]"],
    ),
    "actions with a comma, beside an unknown one": (
        PlanPackage,
        {"allowed_actions": [UNKNOWN, "Microsoft.A/*, Microsoft.B/*"], "allows_customer_actions": True},
        ["allowed_actions[1]", "an element of the list"],
    ),
    "actions that nobody may do, others unknown": (
        PlanPackage,
        {"allowed_actions": UNKNOWN, "allowed_data_actions": ["Microsoft.Compute/*"]},
        ["allowed_data_actions", "allows_customer_actions=True"],
    ),
    "managed by nobody, tenant unknown": (
        PlanPackage,
        {"subtype": "managed-application", "tenant": UNKNOWN},
        ["tenant, authorizations", "at least one"],
    ),
    "a role by another name, beside an unknown one": (
        PlanPackage,
        {"authorizations": [UNKNOWN, {"principal": UNKNOWN, "role": "Reader"}]},
        ["authorizations[1].role", "'Reader'"],
    ),
    "package of a foreign offer, beside an unknown one": (
        OfferTechnicalConfiguration,
        {"packages": [UNKNOWN, f"{OTHER}/package"]},
        ["packages", f"{OTHER}/package", "another offer"],
    ),
    "two main apps, not known yet": (
        OfferTechnicalConfiguration,
        {"packages": [{"package": UNKNOWN}, {"package": UNKNOWN}]},
        ["packages: [0], [1]", "one main app"],
    ),
    "two packages of libraries, not known yet": (
        OfferTechnicalConfiguration,
        {
            "packages": [
                {"package": UNKNOWN, "kind": "library"},
                {"package": UNKNOWN, "kind": "library"},
            ]
        },
        ["packages: [0], [1]", "one package of libraries"],
    ),
    "a contact's address, beside an unknown contact": (
        OfferListing,
        {"contacts": [UNKNOWN, {"type": "Engineering", "name": UNKNOWN, "email": "ada"}]},
        ["contacts[1].email", "'ada'"],
    ),
    "a link in the clear, beside an unknown one": (
        OfferListing,
        {"links": [UNKNOWN, {"type": UNKNOWN, "uri": "contoso"}]},
        ["links[1].uri", "'contoso'"],
    ),
    "a number in quotes": (Drive, {"duration_hours": "4"}, ["duration_hours", "'4'", "must be a number"]),
    "true for a number": (ListingImage, {"order": True}, ["order", "True", "must be a number"]),
    "waiting for ever": (Submission, {"wait_minutes": float("inf")}, ["wait_minutes", "finite"]),
    "years in quotes": (
        PlanPricing,
        {"prices": [{"amount": 49, "per": "year", "every": "2"}]},
        ["prices[0].every", "'2'", "must be a number"],
    ),
    "an amount with an underscore": (
        PlanPricing,
        {"prices": [{"amount": "1_000"}]},
        ["prices[0].amount", "'1_000'", "such as 49.90"],
    ),
    "an amount between blanks": (
        PlanPricing,
        {"prices": [{"amount": " 49 "}]},
        ["prices[0].amount", "' 49 '", "such as 49.90"],
    ),
    "units below zero": (
        PlanPricing,
        {"prices": [{"amount": 1, "per": "use", "units": [{"name": "sharedcore", "lower": -1}]}]},
        ["prices[0].units[0].lower", "-1"],
    ),
    "units that end before they begin": (
        PlanPricing,
        {"prices": [{"amount": 1, "per": "use", "units": [{"name": "sharedcore", "lower": 5, "upper": 2}]}]},
        ["prices[0].units[0].upper: 2", "at least the lower one, 5"],
    ),
    "a month included twice": (
        PlanPricing,
        {"meters": [METER | {"included": [{"per": "month"}, {"per": "month", "quantity": 5}]}]},
        ["meters[0].included[1].per", "'month'", "twice"],
    ),
    "an address without a host": (
        OfferListing,
        {"links": [{"type": "PrivacyUri", "uri": "https://?page=privacy"}]},
        ["links[0].uri", "'https://?page=privacy'", "a host"],
    ),
    "an address with a port beyond all": (
        OfferTechnicalConfiguration,
        {"landing_page_url": "https://contoso.example.com:99999/"},
        ["landing_page_url", "https://"],
    ),
    "an address with an open bracket": (ListingVideo, {"url": "https://[::1"}, ["url", "'https://[::1'"]),
    "an address with a blank": (
        OfferSetup,
        {"trial_url": "https://contoso.example.com/a trial"},
        ["trial_url", "without blanks"],
    ),
    "an e-mail address with two dots": (
        OfferListing,
        {"contacts": [{"type": "Engineering", "email": "ada..l@contoso.example.com"}]},
        ["contacts[0].email", "one e-mail address"],
    ),
    "an e-mail address of a domain that begins with a hyphen": (
        PreviewAudience,
        {"emails": ["ada@-contoso.example.com"]},
        ["emails[0]", "e-mail address"],
    ),
    "a link's type behind a blank": (
        OfferListing,
        {"links": [{"type": " PrivacyUri", "uri": "https://contoso.example.com"}]},
        ["links[0].type", "' PrivacyUri'", "without blanks around"],
    ),
    "an empty keyword": (OfferListing, {"keywords": [" "]}, ["keywords[0]", "at least 1"]),
    "two policies of one name": (
        PlanPackage,
        {"policies": [{"name": "a", "definition": "d"}, {"name": "a", "definition": "e"}]},
        ["policies[1].name", "'a'", "twice"],
    ),
    "a container by its title": (
        LeadDestination,
        {
            "https": None,
            "azure_blob": {
                "connection_string": "AccountName=contoso;AccountKey=YWJj",
                "container": "Our Leads",
            },
        },
        ["azure_blob.container", "lowercase"],
    ),
    "a period of six years": (
        PlanPricing,
        {"prices": [{"amount": 49, "per": "year", "every": 6}]},
        ["prices[0].every: 6", "1 to 5 years"],
    ),
}

VALID: dict[str, tuple[Any, dict[str, Any]]] = {
    "an amount as text": (PlanPricing, {"prices": [{"amount": "49.90"}]}),
    "an address with a port and a query": (
        OfferSetup,
        {"trial_url": "https://contoso.example.com:8443/trial?plan=gold"},
    ),
    "roles by name in any case": (PlanPackage, {"authorizations": [{"principal": GUID, "role": "owner"}]}),
    "actions with semicolons": (
        PlanPackage,
        {"allowed_actions": ["Microsoft.Compute/*; Microsoft.Network/*"], "allows_customer_actions": True},
    ),
    "a solution template with what its constructor adds": (
        PlanPackage,
        {"subtype": "solution-template", "plan_id": "gold", "package_digest": "sha256:0"},
    ),
    "a version with a zero": (PlanPackage, {"version": "0.10.0"}),
    "an e-mail address with a plus": (PreviewAudience, {"emails": ["ada+preview@mail.contoso.example.com"]}),
    "a contact without an e-mail address": (OfferListing, {"contacts": [{"type": "Engineering"}]}),
    "a price per use with many decimals": (PlanPricing, {"prices": [{"amount": 0.00125, "per": "use"}]}),
    "three decimals of a dinar": (PlanPricing, {"prices": [{"amount": 1.125, "currency": "KWD"}]}),
    "three years": (PlanPricing, {"prices": [{"amount": 490, "per": "year", "every": 3}]}),
    "decimals of a currency that is not listed": (
        PlanPricing,
        {"prices": [{"amount": 1.12345, "currency": "XTS"}]},
    ),
    "a connection string with a signature": (
        LeadDestination,
        {
            "https": None,
            "azure_table": {
                "connection_string": "TableEndpoint=https://contoso.example.com;SharedAccessSignature=sv=1&sig=a"
            },
        },
    ),
}

UNUSUAL_WORDS: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "an offer type": (
        Offer,
        {"offer_type": "AzureAplication"},
        ["offer: offer_type", "'AzureAplication' is not an offer type", "did you mean AzureApplication?"],
    ),
    "an offer type like no other": (
        Offer,
        {"offer_type": "Xyz"},
        [
            "offer_type",
            "'Xyz' is not an offer type",
            "it knows 14, such as AzureApplication, AzureConsulting",
        ],
    ),
    "a cloud like no other": (
        Plan,
        {"clouds": ["china"]},
        ["clouds[0]", "'china' is not a cloud", "it knows public-azure, azure-government"],
    ),
    "a category like no other": (
        OfferProperties,
        {"categories": {"zzz": []}},
        ["categories", "'zzz' is not a category", "it knows 21, such as ai-plus-machine-learning, analytics"],
    ),
    "a subcategory like no other": (
        OfferProperties,
        {"categories": {"web": ["zzz"]}},
        ["categories.web", "'zzz' is not a subcategory of web", "it knows blogs-and-cms, ecommerce"],
    ),
    "a customer's access": (
        PlanPackage,
        {"customer_access": "yes"},
        ["customer_access", "'yes' is not a state of customer access", "it knows Enabled, Disabled"],
    ),
    "a cloud": (Plan, {"clouds": ["azure-goverment"]}, ["clouds[0]", "did you mean azure-government?"]),
    "a language": (OfferListing, {"language": "en-uk"}, ["language", "'en-uk'"]),
    "a kind of image": (ListingImage, {"kind": "AzureLogoLarg"}, ["kind", "did you mean AzureLogoLarge?"]),
    "a currency": (
        PlanPricing,
        {"prices": [{"amount": 49, "currency": "USB"}]},
        ["prices[0].currency", "'USB'", "known to this provider"],
    ),
    "a category": (
        OfferProperties,
        {"categories": {"storage-azure-app": []}},
        ["categories", "did you mean storage-azure-apps?"],
    ),
    "a subcategory": (
        OfferProperties,
        {"categories": {"storage-azure-apps": ["backup-and-recover"]}},
        ["categories", "did you mean backup-and-recovery?"],
    ),
}
"""Values outside of vocabularies that may grow."""


@pytest.mark.parametrize("case", VALID)
def test_valid_values_pass(offline: None, case: str) -> None:
    kind, change = VALID[case]
    assert Plugin({}).check(kind, {}, {**MINIMAL[kind], **change})


@pytest.mark.parametrize("case", UNUSUAL_WORDS)
def test_an_unknown_word_of_a_vocabulary_is_a_warning(
    offline: None, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The warning suggests the nearest value. A program with usual values has no warning."""
    kind, change, words = UNUSUAL_WORDS[case]
    plugin = Plugin({})
    plugin.check(kind, {}, MINIMAL[kind])
    assert "known to this provider" not in capsys.readouterr().out
    assert plugin.check(kind, {}, {**MINIMAL[kind], **change})
    (line,) = capsys.readouterr().out.splitlines()
    assert not [word for word in words if word not in line], line


def assert_rule_message(kind: Any, change: dict[str, Any], words: list[str]) -> None:
    """Assert that the minimal program with this change breaks one rule, whose one-line message has these words."""
    with pytest.raises(CheckFailed) as failure:
        Plugin({}).check(kind, {}, {**MINIMAL[kind], **change})
    (reason,) = failure.value.reasons
    assert not [word for word in words if word not in reason], reason
    assert len(reason) < 300
    assert "pydantic" not in reason
    assert "\n" not in reason


@pytest.mark.parametrize("case", INVALID)
def test_a_broken_rule_is_named_in_a_short_message(case: str, offline: None) -> None:
    assert_rule_message(*INVALID[case])


@pytest.mark.parametrize("kind", MINIMAL)
def test_the_required_arguments_are_enough(kind: Any, offline: None) -> None:
    assert Plugin({}).check(kind, {}, MINIMAL[kind])


@pytest.mark.parametrize("kind", MINIMAL)
def test_each_required_argument_is_missed(kind: Any, offline: None) -> None:
    required_arguments = {Offer: list(OFFER), OfferListing: list(LISTING), Plan: list(PLAN)} | {
        PlanListing: list(PLAN_LISTING),
        PlanPricing: ["plan"],
        ResellerChannel: ["offer", "state"],
        Submission: ["offer", "publishes"],
        AppRelease: ["offer", "app"],
        Package: list(PACKAGE),
        ListingDocument: list(DOCUMENT),
        ListingImage: list(IMAGE),
        ListingVideo: list(VIDEO),
        PlanPackage: list(PLAN_PACKAGE),
        OfferTechnicalConfiguration: list(CONFIGURATION),
        portal.Offer: ["publisher", "offer_id"],
        portal.Publication: ["offer", "publishes", "target"],
    }
    for name in required_arguments.get(kind, ["offer"]):
        with pytest.raises(CheckFailed, match=f"^{name}: is required$"):
            Plugin({}).check(kind, {}, {**MINIMAL[kind], name: None})


def test_all_broken_rules_are_reported_together(offline: None) -> None:
    with pytest.raises(CheckFailed) as failure:
        Plugin({}).check(Offer, {}, {"offer_id": "A B", "alias": "a" * 51, "tpye": "x"})
    assert len(failure.value.reasons) == 4
