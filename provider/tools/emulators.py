"""A running emulator: listening on a port (`serve`), or called in-process without a socket (`in_process`).

with serve(seed=7) as emulator:
    emulator.client.get("/v1.0/ingestion/products")
"""

from __future__ import annotations

import asyncio
import faulthandler
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
from provider.tools.hangs import HANG_SECONDS

from pulumi_partnercenter.emulator.app import create_app
from pulumi_partnercenter.emulator.server import Server, listen
from pulumi_partnercenter.emulator.state import Snapshot, Store

TOKEN = "emulator"


class RunningEmulator:
    """An emulator and its control plane. `url` is the root of every system, `api` the submission API's base.

    `store` holds the documents if the emulator runs in this process; tests read it and never write to it.
    `client` sends the token and resolves paths from the root: `client.get("/v1.0/ingestion/products")`.
    """

    def __init__(self, url: str, client: httpx.Client, store: Store | None = None) -> None:
        self.url, self.client, self.store, self.api = url, client, store, f"{url}/v1.0/ingestion"

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Return all documents, by collection; an empty emulator has empty lists."""
        state: dict[str, list[dict[str, Any]]] = self._control("GET", "state")
        return state

    def requests(self) -> list[dict[str, Any]]:
        """Return `{"method", "path", "status", "service"}` of each request since the last `clear`, oldest first."""
        requests: list[dict[str, Any]] = self._control("GET", "requests")
        return requests

    def clear(self) -> None:
        """Clear the log."""
        self._control("DELETE", "requests")

    def fault(self, match: str, **how: Any) -> None:
        """Add a fault: `status`, `headers`, `body`, `times`, `after`, `delay_seconds`, `drop`."""
        self._control("POST", "faults", {"match": match, **how})

    def unfault(self) -> None:
        """Remove all faults."""
        self._control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that have not been used up."""
        faults: list[dict[str, Any]] = self._control("GET", "faults")
        return faults

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._control("POST", "clock", {"advance_seconds": seconds})

    def reset(self) -> None:
        """Remove all documents and faults and the log, and reset the clock."""
        self._control("POST", "reset")

    def snapshot(self) -> Snapshot:
        """Return a snapshot for `restore`. Only for an emulator in this process, while it handles no request."""
        assert self.store is not None
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the documents of a snapshot; clear log and faults."""
        assert self.store is not None
        self.store.restore(snapshot)
        self.clear()
        self.unfault()

    def portal(self, path: str, **members: Any) -> dict[str, Any]:
        """Change members of a stored document as the portal would; None removes. Returns the document."""
        document: dict[str, Any] = self._control("POST", "portal", {"path": path, "members": members})
        return document

    def portal_nulls(self, path: str, *names: str) -> dict[str, Any]:
        """Make members of a stored document null. Returns the document."""
        change = {"path": path, "members": {}, "nulls": names}
        document: dict[str, Any] = self._control("POST", "portal", change)
        return document

    def legacy_test_drive(self) -> None:
        """From now on, create offers of applications with a test drive."""
        self._control("POST", "legacy_test_drive")

    def publish(self, product: str) -> None:
        """Publish the current drafts of a product at once, as the portal would."""
        self._control("POST", "publish", {"product": product})

    def decide(self, stage: str, outcome: str, **how: Any) -> None:
        """Decide a `validation` or `certification`: `pass`, `fail`, `hold`. Optional: `product`, `items`, `report`."""
        self._control("POST", "decide", {"stage": stage, "outcome": outcome, **how})

    def _control(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.client.request(method, f"/_emulator/{name}", json=body)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def serve(
    *,
    data: Path | None = None,
    seed: int | None = None,
    pace: Literal["instant", "real"] = "instant",
    strict: bool = True,
    saas_behaviour: str | None = None,
    now: Callable[[], float] = time.time,
    certificate: Path | None = None,
    key: Path | None = None,
    verify: Any = True,
) -> Iterator[RunningEmulator]:
    """Serve an emulator on a free port of 127.0.0.1, in a thread of this process, until the context ends.

    Unknown members are refused unless `strict` is False. `certificate` and `key` (PEM files) switch to https;
    `verify` is
    then the client's SSL context.
    """
    app = create_app(data=data, seed=seed, pace=pace, strict=strict, saas_behaviour=saas_behaviour, now=now)
    listening = threading.Event()
    server = Server(
        app, listen("127.0.0.1", 0), certificate=certificate, key=key, ready=lambda _: listening.set()
    )
    thread = threading.Thread(target=server.serve_forever, name="emulator", daemon=True)
    thread.start()
    try:
        assert listening.wait(HANG_SECONDS), "the emulator did not start"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(
            base_url=server.address,
            headers=headers,
            timeout=HANG_SECONDS,
            verify=verify,
            trust_env=False,
        ) as client:
            yield RunningEmulator(server.address, client, app.state.store)
    finally:
        server.stop()
        thread.join(HANG_SECONDS)
        if thread.is_alive():  # The thread ends with the process; all requests have been answered
            print(f"the emulator did not stop within {HANG_SECONDS:.0f} s:", file=sys.stderr, flush=True)
            faulthandler.dump_traceback()
        else:
            app.state.store.close()


@contextmanager
def in_process(**options: Any) -> Iterator[RunningEmulator]:
    """Run an emulator without a socket, with options of `create_app`. Cut connections raise ConnectionResetError."""
    app = create_app(**{"strict": True, **options})
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        with (
            _InProcess(app) as transport,
            httpx.Client(base_url="http://127.0.0.1", headers=headers, transport=transport) as client,
        ):
            yield RunningEmulator("http://127.0.0.1", client, app.state.store)
    finally:
        app.state.store.close()


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: Any) -> None:
        self._runner, self._inner = asyncio.Runner(), httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()  # reads a streamed body, which the inner transport does not accept
        return self._runner.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        self._runner.close()
