"""Objects deleted in the portal: a run without a refresh names them; after a refresh it creates them again."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, stable_content, write_requests
from tests.resources.cards import CARDS
from tests.resources.harness import Ref, Stack, referenced_names

from pulumi_partnercenter import NotFound, Plan

PRODUCTS = "/v1.0/ingestion/products"
CARDS_WITH_PARENTS = [card_class for card_class in CARDS if card_class.parents]
CHANGEABLE_CARDS = [card_class for card_class in CARDS_WITH_PARENTS if card_class.arguments_in("field")]
CARDS_OF_PLANS = [
    card_class for card_class in CARDS if card_class.parents.get("plan") and card_class.kind is not Plan
]


def delete_products(emulator: RunningEmulator) -> None:
    for product in emulator.state()["products"]:
        emulator.client.delete(f"{PRODUCTS}/{product['id']}").raise_for_status()


def assert_recovery(
    card: Card, stack: Stack, before: dict[str, list[str]], emulator: RunningEmulator
) -> None:
    card.prepare_emulator(emulator)
    stack.refresh()
    stack.up(card.program())
    assert stable_content(emulator) == before
    assert stack.refresh() == {}
    assert stack.up(card.program()) == {}


@pytest.mark.sample(6)
@pytest.mark.parametrize("card_class", CHANGEABLE_CARDS, ids=lambda card_class: card_class.__name__)
def test_updating_a_deleted_resource_advises_a_refresh(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator, pauses: list[float]
) -> None:
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    before = stable_content(emulator)
    delete_products(emulator)
    emulator.clear()
    pauses.clear()
    with pytest.raises(NotFound, match="it was deleted: `pulumi refresh` removes it") as error:
        stack.up(card.program(**card.change(card.arguments_in("field")[0])))
    assert_readable(error.value)
    assert write_requests(emulator) == []
    assert sum(pauses) < 1, "nobody waits for what is gone"
    assert_recovery(card, stack, before, emulator)


@pytest.mark.sample(6)
@pytest.mark.parametrize("card_class", CARDS_WITH_PARENTS, ids=lambda card_class: card_class.__name__)
def test_creating_below_a_deleted_parent_advises_a_refresh(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator, pauses: list[float]
) -> None:
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    before = stable_content(emulator)
    emulator.reset()
    stack.forget()
    card.prepare_emulator(emulator)
    stack.up(card.parents)
    delete_products(emulator)
    emulator.clear()
    pauses.clear()
    with pytest.raises(NotFound, match="`pulumi refresh`") as error:
        stack.up(card.program())
    assert_readable(error.value)
    assert emulator.state()["products"] == []
    assert sum(pauses) < 1, "nobody waits for what is gone"
    assert_recovery(card, stack, before, emulator)


@pytest.mark.parametrize("card_class", CARDS_OF_PLANS, ids=lambda card_class: card_class.__name__)
def test_resources_of_a_deleted_plan_are_noticed_and_created_again(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator
) -> None:
    card = card_class()
    stack.up(card.program())
    before = stable_content(emulator)
    emulator.client.delete(
        f"{PRODUCTS}/{stack.state['plan'].id.replace('/', '/variants/')}"
    ).raise_for_status()
    children = [
        name
        for name, declaration in card.program().items()
        if "plan" in referenced_names(declaration.arguments)
    ]
    with pytest.raises(NotFound, match="`pulumi refresh`"):
        stack.up(card.program(**card.change(card.arguments_in("field")[0])))
    assert stack.refresh() == {name: ["gone"] for name in ["plan", *children]}
    assert stack.up(card.program()) == dict.fromkeys(["plan", *children], "create")
    assert stable_content(emulator) == before
    assert Ref("plan") in card.first.values()
    assert SUBJECT in children
