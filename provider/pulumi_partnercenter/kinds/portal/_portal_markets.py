"""Markets of the Cloud Partner Portal API, and the currencies of prices in them (its documentation, September 2020)."""

from __future__ import annotations

import re
from typing import Annotated

from ...markers import Accepts, Meaning
from .._rules import MARKETS
from .._vocabularies import CURRENCIES

__all__ = ["CURRENCY_BY_MARKET", "PORTAL_MARKETS", "Currency", "PortalMarket", "PortalMarkets"]

PORTAL_MARKETS = MARKETS | {"CN"}
"""The 142 markets of the service."""
_MARKETS_BY_CURRENCY = {
    "EUR": "AE AT BE CY DE EE ES FI FR GR IE IT LT LU LV ME MT NL PT SI SK",
    "USD": "BR DO EC LK PA PR SV US VE",
    "RUB": "BY RU",
    "CHF": "CH LI",
}
_ALONE = (
    "AR-ARS AU-AUD BG-BGN BH-BHD CA-CAD CL-CLP CO-COP CR-CRC CZ-CZK DK-DKK DZ-DZD EG-EGP GB-GBP GT-GTQ HK-HKD HR-HRK"
    " HU-HUF ID-IDR IL-ILS IN-INR IS-ISK JO-JOD JP-JPY KE-KES KR-KRW KW-KWD KZ-KZT MA-MAD MK-MKD MX-MXN MY-MYR NG-NGN"
    " NO-NOK NZ-NZD OM-OMR PE-PEN PH-PHP PK-PKR PL-PLN PY-PYG QA-QAR RO-RON RS-RSD SA-SAR SE-SEK SG-SGD TH-THB TN-TND"
    " TR-TRY TT-TTD TW-TWD UA-UAH UY-UYU ZA-ZAR"
)
CURRENCY_BY_MARKET = {
    **{market: currency for currency, markets in _MARKETS_BY_CURRENCY.items() for market in markets.split()},
    **dict(pair.split("-") for pair in _ALONE.split()),
}
"""Currency of prices by market, for the 88 markets that have prices of their own."""


def _market(value: str) -> str:
    if value.upper() not in PORTAL_MARKETS:
        raise ValueError("is not a market: two letters, among the service's 142 (US, CA, DE …)")
    return value.upper()


def _currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValueError("must be a currency code such as USD")
    return value


def _every_market(value: object) -> object:
    return sorted(PORTAL_MARKETS) if isinstance(value, str) and value.lower() == "all" else value


def _short_markets(codes: list[str]) -> list[str] | str:
    return "all" if set(codes) == PORTAL_MARKETS else codes


PortalMarket = Annotated[str, Meaning(_market)]
PortalMarkets = Annotated[
    list[PortalMarket],
    Meaning(lambda codes: sorted(set(codes)), accept=_every_market, dump=_short_markets),
    Accepts("str"),
]
"""A set of market codes, in upper case; `"all"` for every market."""
Currency = Annotated[str, Meaning(_currency), CURRENCIES]
