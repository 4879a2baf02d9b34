"""Reachability of a host. Sends no token and follows no redirect; any HTTP response counts."""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass

import httpx

from ...errors import Unavailable
from ...settings import Settings
from .exchange import ExchangeTransport, proxy_for

__all__ = ["ProbeResult", "probe"]

HINTS = {
    "certificate": "point SSL_CERT_FILE or REQUESTS_CA_BUNDLE at the authority that signs here (a proxy's, perhaps)",
    "proxy": "check HTTPS_PROXY, and add the host to NO_PROXY if it needs no proxy",
    "name": "check the network and its name service (DNS)",
    "refused": "check the address; to start an emulator: `partnercenter emulator`",
    "silent": "check the network: a firewall may drop the connection",
}


@dataclass(frozen=True)
class ProbeResult:
    """Status of the response, and the seconds by which this machine's clock is ahead of the server's, 0 if unknown."""

    status: int
    ahead_seconds: float


def probe(settings: Settings, url: str, timeout_seconds: float) -> ProbeResult:
    """Send a GET. Raises Unavailable with the problem and the next step."""
    target = httpx.URL(url)
    transport = ExchangeTransport(settings, seconds=timeout_seconds)
    try:
        with (
            httpx.Client(transport=transport, timeout=timeout_seconds, trust_env=False) as client,
            client.stream("GET", target) as response,
        ):
            return ProbeResult(response.status_code, _clock_lead(response.headers.get("date", "")))
    except httpx.RequestError as error:
        problem, hint = _describe(error, timeout_seconds)
        route = f" through the proxy {httpx.URL(proxy).host}" if (proxy := proxy_for(target)) else ""
        raise Unavailable(f"{problem}{route}", next=HINTS["proxy" if route else hint]) from None


def _describe(error: httpx.RequestError, timeout_seconds: float) -> tuple[str, str]:
    """Return the description of the problem, and the key of its hint."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted", "certificate"
    if "SSL" in text:
        return f"no TLS connection ({text[:80]})", "certificate"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout_seconds:g} s", "silent"
    if "Name or service" in text or "name resolution" in text or "nodename" in text:
        return "its host name is not known", "name"
    if "refused" in text:
        return "nothing listens at this address (connection refused)", "refused"
    return f"no answer ({text[:80] or type(error).__name__})", "silent"


def _clock_lead(date: str) -> float:
    try:
        return time.time() - email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:  # the header is absent, or not in HTTP's format
        return 0.0
