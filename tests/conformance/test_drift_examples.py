"""Every argument that can drift has an example of a change in the portal."""

from __future__ import annotations

import inspect
import sys

import pytest
from provider.tools.generate.pages import resources
from tests.resources.cards import CARDS
from tests.resources.harness import kind_of

from pulumi_partnercenter import AppRelease, Submission, portal
from pulumi_partnercenter.markers import Immutable, WriteOnly
from pulumi_partnercenter.resources import Resource

RESOURCES = resources()
WITHOUT_CARD = {
    Submission: "has no document of its own: `tests/resources/test_publication.py` publishes beside it",
    AppRelease: "has no document of its own: `tests/resources/test_app_release.py` releases beside it",
    portal.Publication: "has no document of its own: `tests/resources/portal/` publishes beside it",
    portal.Offer: "is one document with many parts: `tests/resources/portal/` changes each of them",
}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.__name__)
def test_every_argument_that_can_drift_has_an_example(resource: type[Resource]) -> None:
    model = kind_of(resource).arguments
    cards = [card for card in CARDS if card.kind is resource]
    arguments_with_example = {name for card in cards for name in (*card.members, *card.drift_tests)}
    arguments_that_can_drift = set(model.compared()) - {*model.marked(Immutable), *model.marked(WriteOnly)}
    assert arguments_that_can_drift <= arguments_with_example or resource is portal.Offer
    assert bool(cards) != (resource in WITHOUT_CARD)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.__name__)
def test_a_card_names_existing_arguments_and_tests(card: type) -> None:
    names = kind_of(card.kind).arguments.names()
    assert {*card.members, *card.drift_tests, *card.further_members, *card.required_arguments} <= {*names}
    classes_of_module = [
        value for value in vars(sys.modules[card.__module__]).values() if inspect.isclass(value)
    ]
    for test in card.drift_tests.values():
        assert any(callable(getattr(test_class, test, None)) for test_class in (card, *classes_of_module)), (
            test
        )
