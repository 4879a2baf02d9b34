"""Refusal of requests that come from web pages of other sites.

A browser on this machine reaches the emulator, and so do the pages that it shows. A page can let a name of its own
resolve to 127.0.0.1 (DNS rebinding): a `Host` that is not the emulator's is refused everywhere. A page can also send
forms to 127.0.0.1, and the control plane needs no token: there, requests are refused if the browser's headers say that
they come from another site. The API needs no such rule: pages may send its token only after a preflight, and the
emulator allows none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .traffic import CONTROL

__all__ = ["Gate", "is_local"]

OWN_SITE = ("same-origin", "none")
"""Values of browsers' headers for requests from a page of the emulator, or from no page."""


def is_local(host: str) -> bool:
    """Return whether a host name or address is this machine's own and cannot be reached by others."""
    if host.lower() in ("localhost", "localhost."):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """ASGI middleware around everything: 403 with `{"error": …}`; refused requests are not logged.

    `host` is the address that the emulator is bound to. Beyond loopback, every address is accepted as `Host`, but
    names only
    if they are `host` or in `names`: a page can let a name resolve to this machine, but cannot do so with an address.
    """

    def __init__(self, app: ASGIApp, *, host: str, names: Collection[str] = ()) -> None:
        self.app = app
        self.names = {name.lower() for name in (host, *names)}
        self.takes_addresses = not is_local(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else ""
        app = JSONResponse({"error": refusal}, 403) if refusal else self.app
        await app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if any(not self._is_own(host) for host in hosts):
            return "Host: not a name of this emulator; see --allow-host"
        if not scope["path"].startswith(CONTROL):
            return ""
        own = [f"{scope['scheme']}://{host}".lower() for host in hosts]
        if any(origin.lower() not in own for origin in origins):
            return "Origin: the control plane takes no requests from web pages of others"
        if headers.get("sec-fetch-site", "none").lower() not in OWN_SITE:
            return "Sec-Fetch-Site: the control plane takes no requests from web pages of others"
        return ""

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_local(name) or name in self.names or (self.takes_addresses and _is_address(name))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
