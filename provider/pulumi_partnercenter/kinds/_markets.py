"""Markets of an offer or plan, as arguments and as states. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Collection

from ..api.submission.pricing_models import FeatureAvailability, MarketState
from ._rules import MARKETS

__all__ = ["enabled_markets", "market_states"]


def enabled_markets(draft: FeatureAvailability) -> list[str]:
    """Return the codes of the markets of a document."""
    return [market.market_code for market in draft.market_states if market.state == "Enabled"]


def market_states(markets: Collection[str], draft: FeatureAvailability) -> list[MarketState]:
    """Return the states of all markets of the service, and of those that only the draft has."""
    states = {market.market_code: market.state for market in draft.market_states}
    unsold = {code: state if state != "Enabled" else "Disabled" for code, state in states.items()}
    everywhere = dict.fromkeys(sorted(MARKETS), "Disabled") | unsold | dict.fromkeys(markets, "Enabled")
    return [MarketState(market_code=code, state=state) for code, state in everywhere.items()]
