"""Whether a host answers at all. Sends no token and follows no redirect: any HTTP answer counts."""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass

import httpx

from ...errors import Unavailable
from ...settings import Settings
from .exchange import ExchangeTransport, proxy_for

__all__ = ["Answer", "reach"]

NEXT = {
    "certificate": "point SSL_CERT_FILE or REQUESTS_CA_BUNDLE at the authority that signs here (a proxy's, perhaps)",
    "proxy": "check HTTPS_PROXY, and except the host in NO_PROXY if it needs none",
    "name": "check the network and its name service (DNS)",
    "refused": "check the address; to start an emulator: `partnercenter emulator`",
    "silent": "check the network: a firewall may drop the connection",
}


@dataclass(frozen=True)
class Answer:
    """Its status, and by how many seconds this machine's clock is ahead of the server's; 0 where it tells no time."""

    status: int
    ahead_seconds: float


def reach(settings: Settings, url: str, timeout_seconds: float) -> Answer:
    """Raises Unavailable, in words and with the next step."""
    target = httpx.URL(url)
    transport = ExchangeTransport(settings, seconds=timeout_seconds)
    try:
        with (
            httpx.Client(transport=transport, timeout=timeout_seconds, trust_env=False) as client,
            client.stream("GET", target) as answer,
        ):
            return Answer(answer.status_code, _ahead(answer.headers.get("date", "")))
    except httpx.RequestError as error:
        words, following = _in_words(error, timeout_seconds)
        through = f" through the proxy {httpx.URL(proxy).host}" if (proxy := proxy_for(target)) else ""
        raise Unavailable(f"{words}{through}", next=NEXT["proxy" if through else following]) from None


def _in_words(error: httpx.RequestError, timeout_seconds: float) -> tuple[str, str]:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted", "certificate"
    if "SSL" in text:
        return f"no TLS connection ({text[:80]})", "certificate"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout_seconds:g} s", "silent"
    if "Name or service" in text or "name resolution" in text or "nodename" in text:
        return "its name is not known", "name"
    if "refused" in text:
        return "nobody listens there (connection refused)", "refused"
    return f"no answer ({text[:80] or type(error).__name__})", "silent"


def _ahead(date: str) -> float:
    try:
        return time.time() - email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:  # not told, or not as HTTP writes it
        return 0.0
