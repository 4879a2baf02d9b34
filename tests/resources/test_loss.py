"""What somebody deleted in the portal: without a refresh the next run says so, after one it is all made again."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, Card, assert_readable, content, writes
from tests.resources.cards import CARDS
from tests.resources.harness import Ref, Stack, refs

from pulumi_partnercenter import NotFound, Plan

PRODUCTS = "/v1.0/ingestion/products"
BELOW = [card for card in CARDS if card.parents]
CHANGING = [card for card in BELOW if card.names("field")]
OF_PLANS = [card for card in CARDS if card.parents.get("plan") and card.kind is not Plan]


def without_products(emulator: Serving) -> None:
    for product in emulator.state()["products"]:
        emulator.client.delete(f"{PRODUCTS}/{product['id']}").raise_for_status()


def converges(here: Card, stack: Stack, before: dict[str, list[str]], emulator: Serving) -> None:
    here.account(emulator)
    stack.refresh()
    stack.up(here.program())
    assert content(emulator) == before
    assert stack.refresh() == {}
    assert stack.up(here.program()) == {}


@pytest.mark.sample(6)
@pytest.mark.parametrize("card", CHANGING, ids=lambda each: each.__name__)
def test_a_change_of_what_is_gone_says_to_refresh(
    card: type[Card], stack: Stack, emulator: Serving, pauses: list[float]
) -> None:
    here = card()
    here.account(emulator)
    stack.up(here.program())
    before = content(emulator)
    without_products(emulator)
    emulator.clear()
    pauses.clear()
    with pytest.raises(NotFound, match="it is gone: `pulumi refresh` notices") as gone:
        stack.up(here.program(**here.change(here.names("field")[0])))
    assert_readable(gone.value)
    assert writes(emulator) == []
    assert sum(pauses) < 1, "nobody waits for what is gone"
    converges(here, stack, before, emulator)


@pytest.mark.sample(6)
@pytest.mark.parametrize("card", BELOW, ids=lambda each: each.__name__)
def test_something_new_below_what_is_gone_says_to_refresh(
    card: type[Card], stack: Stack, emulator: Serving, pauses: list[float]
) -> None:
    here = card()
    here.account(emulator)
    stack.up(here.program())
    before = content(emulator)
    emulator.reset()
    stack.forget()
    here.account(emulator)
    stack.up(here.parents)
    without_products(emulator)
    emulator.clear()
    pauses.clear()
    with pytest.raises(NotFound, match="`pulumi refresh`") as gone:
        stack.up(here.program())
    assert_readable(gone.value)
    assert emulator.state()["products"] == []
    assert sum(pauses) < 1, "nobody waits for what is gone"
    converges(here, stack, before, emulator)


@pytest.mark.parametrize("card", OF_PLANS, ids=lambda each: each.__name__)
def test_a_plan_takes_along_what_is_below_it(card: type[Card], stack: Stack, emulator: Serving) -> None:
    here = card()
    stack.up(here.program())
    before = content(emulator)
    emulator.client.delete(
        f"{PRODUCTS}/{stack.state['plan'].id.replace('/', '/variants/')}"
    ).raise_for_status()
    below = [name for name, each in here.program().items() if "plan" in refs(each.arguments)]
    with pytest.raises(NotFound, match="`pulumi refresh`"):
        stack.up(here.program(**here.change(here.names("field")[0])))
    assert stack.refresh() == {name: ["gone"] for name in ["plan", *below]}
    assert stack.up(here.program()) == dict.fromkeys(["plan", *below], "create")
    assert content(emulator) == before
    assert Ref("plan") in here.first.values()
    assert SUBJECT in below
