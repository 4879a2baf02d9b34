"""Both fulfillment clients behind one face, against scripted answers: a test says its property once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal
from tests.unit.scripted_server import Answer, Script, serve_answers

from pulumi_partnercenter.api.http.async_client import Wire
from pulumi_partnercenter.fulfillment import AsyncFulfillmentClient, FulfillmentClient, Settings

TOKEN = "t0ken-of-fabrikam"
KINDS = ["blocking", "asynchronous"]


class Client:
    """Operations of either client, by name; `pauses` are the seconds that it would have slept."""

    def __init__(self, call: Callable[..., Any], pauses: list[float]) -> None:
        self._call, self.pauses = call, pauses

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments, **options: self._call(name, *arguments, **options)


@contextmanager
def open_client(
    kind: str,
    settings: Settings,
    *,
    on_pause: Callable[[float], object] = lambda _: None,
    wrap: Callable[[Wire], Wire] = lambda wire: wire,
    **options: Any,
) -> Iterator[Client]:
    """The client of this kind, which notes its pauses and does not make them. `wrap` may disturb its wire."""
    pauses: list[float] = []

    def note(seconds: float) -> None:
        pauses.append(seconds)
        on_pause(seconds)

    if kind == "blocking":
        with FulfillmentClient(settings, **options) as client:
            client._api.wire.pause = note
            client._api.wire = wrap(client._api.wire)

            def call(name: str, *arguments: Any, **keywords: Any) -> Any:
                result = getattr(client, name)(*arguments, **keywords)
                return list(result) if name == "list_subscriptions" else result

            yield Client(call, pauses)
        return
    with start_blocking_portal() as portal:

        async def pause(seconds: float) -> None:
            note(seconds)

        async def open_async() -> AsyncFulfillmentClient:
            client = AsyncFulfillmentClient(settings, **options)
            client._api.wire.pause = pause
            client._api.wire = wrap(client._api.wire)
            return client

        async def call_async(name: str, arguments: Any, keywords: Any) -> Any:
            result = getattr(client, name)(*arguments, **keywords)
            return [item async for item in result] if name == "list_subscriptions" else await result

        client = portal.call(open_async)
        try:
            yield Client(
                lambda name, *arguments, **keywords: portal.call(call_async, name, arguments, keywords),
                pauses,
            )
        finally:
            portal.call(client.aclose)


def scripted_settings(url: str, **config: str) -> Settings:
    values = {"endpoint": url, "accessToken": TOKEN, **config}
    return Settings.load_fulfillment({f"partnercenter:{name}": value for name, value in values.items()}, {})


@contextmanager
def open_scripted(kind: str, *answers: Answer, **options: Any) -> Iterator[tuple[Client, Script]]:
    """A client of this kind, and the server that sends it these answers in their order."""
    with (
        serve_answers(*answers) as script,
        open_client(kind, scripted_settings(script.url), **options) as client,
    ):
        yield client, script
