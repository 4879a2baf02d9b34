"""The asynchronous fulfillment client and many calls at once, against a served emulator."""

from __future__ import annotations

import anyio
from provider.tools.emulators import TOKEN, serve
from tests.contract.marketplace import Marketplace

from pulumi_partnercenter.fulfillment import AsyncFulfillmentClient, Settings, Subscription


def test_two_hundred_calls_at_once_share_one_client():
    with serve() as emulator:
        market = Marketplace(emulator)
        market.sell()
        ids = [market.subscribe("team", quantity=number + 2) for number in range(5)] * 40
        config = {"partnercenter:endpoint": emulator.url, "partnercenter:accessToken": TOKEN}

        async def run() -> list[Subscription | None]:
            results: list[Subscription | None] = [None] * len(ids)
            async with AsyncFulfillmentClient(Settings.load_fulfillment(config, {})) as client:

                async def read(number: int) -> None:
                    results[number] = await client.get_subscription(ids[number])

                async with anyio.create_task_group() as group:
                    for number in range(len(ids)):
                        group.start_soon(read, number)
            return results

        emulator.clear()
        results = anyio.run(run)
        assert [result.id if result else "" for result in results] == ids
        assert [entry["status"] for entry in emulator.requests()] == [200] * 200
