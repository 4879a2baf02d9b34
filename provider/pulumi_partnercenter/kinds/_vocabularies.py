"""Vocabularies of the service, and the decimals of currencies.

The service's lists may grow: another word gives a warning with the nearest listed word, never a refusal.
Currencies are from ISO 4217, languages from Windows' culture names.
"""

from __future__ import annotations

import locale

from ..api.submission.models import PRODUCT_TYPES
from ..markers import Vocabulary

__all__ = [
    "CATEGORIES",
    "CLOUDS",
    "CURRENCIES",
    "CUSTOMER_ACCESS",
    "IMAGE_KINDS",
    "LANGUAGES",
    "OFFER_TYPES",
    "REGIONS",
    "SOVEREIGN_REGIONS",
    "decimals_of",
    "subcategory_remarks",
]

OFFER_TYPES = Vocabulary("offer type", PRODUCT_TYPES)
CUSTOMER_ACCESS = Vocabulary("state of customer access", ["Enabled", "Disabled"])
CLOUDS = Vocabulary("cloud", ["public-azure", "azure-government"])
SOVEREIGN_REGIONS = (
    "GermanySovereign",
    "USGovSovereign",
    "USGovHighSovereign",
    "ChinaSovereign",
    "TipSovereign",
    "USDepartmentOfDefense",
)
"""Regions that publishers of Customer Engagement packages are asked not to select."""
REGIONS = Vocabulary(
    "region",
    [
        "NorthAmerica",
        "SouthAmerica",
        "Canada",
        "Emea",
        "India",
        "Japan",
        "Apac",
        "Australia",
        "UnitedKingdom",
        "France",
        *SOVEREIGN_REGIONS,
    ],
)
IMAGE_KINDS = Vocabulary(
    "kind of image",
    [
        "AzureLogoSmall",
        "AzureLogoMedium",
        "AzureLogoLarge",
        "AzureLogoWide",
        "AzureLogoHero",
        "AzureLogoScreenshot",
        "Screenshot",
    ],
)
LANGUAGES = Vocabulary(
    "language", sorted({name.replace("_", "-").lower() for name in locale.windows_locale.values()})
)
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP"
        " CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR"
        " IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN"
        " NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP"
        " STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
    ),
    3: "BHD IQD JOD KWD LYD OMN TND",
}
_DECIMALS_BY_CURRENCY = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}
CURRENCIES = Vocabulary("currency", sorted(_DECIMALS_BY_CURRENCY))


def decimals_of(currency: str) -> int | None:
    """Return the number of decimals of a currency; None for an unlisted currency."""
    return _DECIMALS_BY_CURRENCY.get(currency)


_SUBCATEGORIES = {
    "ai-plus-machine-learning": (
        "automated-ml bot-services business-robotic-process-automation cognitive-services data-labeling"
        " data-preparation knowledge-mining ml-operations ml-service other"
    ),
    "analytics": "",
    "analytics-azure-apps": (
        "big-data data-analytics data-insights predictive-analytics real-time-streaming-analytics other-analytics"
    ),
    "blockchain": "app-accelerators multi-node-ledger single-node-leder single-node-ledger tools other",
    "compute-azure-apps": "application-infrastructure cache operating-systems other-compute",
    "containers": "container-apps container-images get-started-with-containers other",
    "database": (
        "data-lakes data-warehouse ledger-blockchain-databases nosql-databases relational-databases other-databases"
    ),
    "developer-tools-azure-apps": (
        "developer-service devService scripts tools-developer-tools other-developer-tools"
    ),
    "devops": "other",
    "identity": "access-management other",
    "integration": "messaging other",
    "internet-of-things-azure-apps": (
        "iot-analytics-and-data iot-connectivity iot-edge-modules iot-and-iiot-platforms iot-security iot-solutions"
        " other-azure-apps"
    ),
    "it-and-management-tools": "business-applications management-solutions other",
    "media": "content-protection live-and-on-demand-streaming media-services other",
    "migration": "data-migration other",
    "mixed-reality": "other",
    "monitoring-and-diagnostics": "other",
    "networking": "appliance-managers connectivity firewalls load-balancers other",
    "security": "identity-and-access-management information-protection threat-protection other",
    "storage-azure-apps": (
        "backup-and-recovery data-ingest-slash-etl data-management enterprise-hybrid-storage"
        " block-file-and-object-sharing other-storage"
    ),
    "web": "blogs-and-cms ecommerce smarter-web-apps web-apps web-apps-framework other",
}
CATEGORIES = Vocabulary("category", sorted(_SUBCATEGORIES))


def subcategory_remarks(categories: object) -> list[str]:
    """Return a remark for each subcategory that its category does not list. `categories` may hold unknowns."""
    if not isinstance(categories, dict):
        return []
    remarks = []
    for category, subcategories in categories.items():
        words = _SUBCATEGORIES.get(str(category), "").split()
        if words and isinstance(subcategories, list):
            vocabulary = Vocabulary(f"subcategory of {category}", words)
            warnings = (vocabulary.remark(word) for word in subcategories if isinstance(word, str))
            remarks += [f"categories.{category}: {warning}" for warning in warnings if warning]
    return remarks
