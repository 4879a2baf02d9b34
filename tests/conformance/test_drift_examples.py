"""Every argument that makes a difference has an example of somebody changing it in the portal."""

from __future__ import annotations

import inspect
import sys

import pytest
from provider.tools.generate.readme import resources
from tests.resources.cards import CARDS
from tests.resources.harness import kind_of

from pulumi_partnercenter import Submission
from pulumi_partnercenter.markers import Immutable, WriteOnly
from pulumi_partnercenter.resources import Resource

RESOURCES = resources()
CARDLESS = {
    Submission: "has no document of its own: `tests/resources/test_publication.py` publishes beside it"
}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)
def test_drift_of_every_argument_is_shown(resource: type[Resource]) -> None:
    model = kind_of(resource).arguments
    cards = [card for card in CARDS if card.kind is resource]
    shown = {name for card in cards for name in (*card.members, *card.shown_by)}
    told = set(model.compared()) - {*model.marked(Immutable), *model.marked(WriteOnly)}
    assert told <= shown
    assert bool(cards) != (resource in CARDLESS)


@pytest.mark.parametrize("card", CARDS, ids=lambda each: each.__name__)
def test_what_an_example_says_of_itself_holds(card: type) -> None:
    names = kind_of(card.kind).arguments.names()
    assert {*card.members, *card.shown_by, *card.further, *card.needed} <= {*names}
    beside = [each for each in vars(sys.modules[card.__module__]).values() if inspect.isclass(each)]
    for test in card.shown_by.values():
        assert any(callable(getattr(each, test, None)) for each in (card, *beside)), test
