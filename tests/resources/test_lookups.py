"""Look-ups in a program: results, detection of changes, and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from provider.tools.emulators import TOKEN, RunningEmulator
from pulumi.runtime import config
from tests.contract.marketplace import Marketplace
from tests.resources.card import write_requests
from tests.resources.examples import OTHER_OFFER, OTHER_PLAN, emulator_config
from tests.resources.harness import Declaration, Stack

from pulumi_partnercenter import (
    AuthError,
    InputError,
    NotFound,
    Offer,
    OfferInfo,
    PartnerCenterError,
    PlanInfo,
    SettingsError,
    SubmissionInfo,
    Unavailable,
    get_offer,
    get_plan,
    get_submission,
    get_subscription,
    list_offers,
    list_subscriptions,
)

NOBODY = "0b6b7f5c-0000-4000-8000-000000000000"
SAAS = {
    "saas": Declaration(
        Offer, {"offer_id": "contoso-cloud", "offer_type": "SoftwareAsAService", "alias": "Contoso Cloud"}
    )
}
PROGRAM = {**OTHER_PLAN, **OTHER_OFFER, **SAAS}


@pytest.fixture(autouse=True)
def stack_configuration(emulator: RunningEmulator) -> Iterator[None]:
    """The stack's configuration, with a secret token."""
    config.set_all_config(emulator_config(emulator), ["partnercenter:accessToken"])
    yield
    config.set_all_config({}, [])


@pytest.fixture
def ids(stack: Stack, emulator: RunningEmulator) -> dict[str, str]:
    """Two offers with plans, and an offer of another type, by name."""
    stack.up(PROGRAM)
    emulator.clear()
    return {name: record.id for name, record in stack.state.items()}


def test_an_offer_is_found_by_its_offer_id(ids: dict[str, str], emulator: RunningEmulator) -> None:
    offer = get_offer("contoso-backup")
    assert offer == OfferInfo(ids["offer"], "contoso-backup", "AzureApplication", "Contoso Backup")
    assert len(emulator.requests()) == 1


def test_offers_are_listed_by_type(ids: dict[str, str]) -> None:
    assert [offer.offer_id for offer in list_offers()] == ["contoso-backup", "fabrikam-vault"]
    assert [offer.id for offer in list_offers("SoftwareAsAService")] == [ids["saas"]]
    assert list_offers("AzureContainer") == []


def test_a_plan_is_found_by_its_plan_id(ids: dict[str, str]) -> None:
    expected = PlanInfo(ids["plan"], "gold", "Gold", "managed-application", "Active", ("public-azure",))
    assert get_plan(ids["offer"], "gold") == expected


def test_an_offer_without_a_submission_is_a_draft(ids: dict[str, str]) -> None:
    assert get_submission(ids["offer"]) == SubmissionInfo(state="draft")


def test_the_newest_submission_is_returned_with_its_steps(
    ids: dict[str, str], emulator: RunningEmulator
) -> None:
    products = f"/v1.0/ingestion/products/{ids['offer']}/submissions"
    submission_row = {
        "id": "1152921504606846976",
        "state": "Published",
        "substate": "InStore",
        "releaseNumber": 3,
    }
    publish_option = {"certificationNotes": "Try the demo.\n[content 0123456789abcdef]"}
    step = {"name": "Certification", "state": "Success", "startDateTimeInUtc": "2026-11-02T10:00:00.0000000"}
    report = {"state": "Success", "targetEnvironment": "Live", "workflowSteps": [step]}
    emulator.fault(f"{products}/", status=200, body={"value": [report]})
    emulator.fault(
        f"{products}[?]", status=200, body={"value": [{**submission_row, "publishOption": publish_option}]}
    )
    submission = get_submission(ids["offer"])
    assert (submission.id, submission.state, submission.release_number) == ("1152921504606846976", "live", 3)
    assert submission.notes == "Try the demo."
    (step_info,) = submission.steps
    assert (step_info.environment, step_info.name, step_info.started) == (
        "Live",
        "Certification",
        "2026-11-02T10:00:00Z",
    )
    assert step_info.completed == ""


def test_look_ups_are_not_cached(ids: dict[str, str], emulator: RunningEmulator) -> None:
    """A program's process may live longer than an operation."""
    assert get_plan(ids["offer"], "gold").name == "Gold"
    variant = ids["plan"].split("/")[1]
    path = f"/v1.0/ingestion/products/{ids['offer']}/variants/{variant}"
    emulator.portal(path, friendlyName="Gold, renamed")
    assert get_plan(ids["offer"], "gold").name == "Gold, renamed"
    assert write_requests(emulator) == []


@pytest.mark.parametrize(
    ("look_up", "fragments"),
    [
        (lambda _: get_offer("contoso-nothing"), ["'contoso-nothing'", "no such offer", "next: check"]),
        (lambda ids: get_plan(ids["offer"], "bronze"), ["'bronze'", "no such plan", "gold, silver"]),
        (lambda _: get_plan(NOBODY, "gold"), [NOBODY, "get_offer"]),
        (lambda _: get_submission(NOBODY), [NOBODY, "get_offer"]),
    ],
    ids=["offer", "plan", "offer of a plan", "offer of a submission"],
)
def test_a_missing_object_is_a_short_error_that_can_be_caught(
    look_up: Callable[[dict[str, str]], object], fragments: list[str], ids: dict[str, str]
) -> None:
    with pytest.raises(NotFound) as error:
        look_up(ids)
    assert isinstance(error.value, pulumi.RunError)  # the engine prints such an error without a traceback
    assert not [fragment for fragment in fragments if fragment not in str(error.value)], str(error.value)
    assert len(str(error.value).splitlines()) <= 3


@pytest.mark.parametrize("invalid_id", ["", "it's", "a/b", "a b", 5, None])
def test_an_invalid_id_is_refused_without_a_request(invalid_id: Any, emulator: RunningEmulator) -> None:
    for look_up in (get_offer, list_offers, get_submission, lambda offer: get_plan(offer, "gold")):
        with pytest.raises(InputError):
            look_up(invalid_id)
    with pytest.raises(InputError, match="plan_id"):
        get_plan(NOBODY, invalid_id)
    assert emulator.requests() == []


def test_an_output_as_an_id_is_refused_with_a_hint(emulator: RunningEmulator) -> None:
    with pytest.raises(InputError, match=r"\.apply"):
        # Created without the constructor: at its end a program would wait for an output of any event loop.
        get_submission(object.__new__(pulumi.Output))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"partnercenter:accessToken": "wrong"}, AuthError),
        ({"partnercenter:endpoint": "contoso"}, SettingsError),
        ({"partnercenter:endpoint": "http://127.0.0.1:9"}, Unavailable),
    ],
    ids=["token", "endpoint", "nobody there"],
)
def test_a_failed_connection_is_an_error_that_can_be_caught(
    settings: dict[str, str], kind: type[PartnerCenterError], emulator: RunningEmulator
) -> None:
    config.set_all_config(emulator_config(emulator) | settings, ["partnercenter:accessToken"])
    with pytest.raises(kind) as error:
        get_offer("contoso-backup")
    assert isinstance(error.value, pulumi.RunError)
    assert "wrong" not in str(error.value)


def test_the_environment_overrides_stack_configuration_for_look_ups(
    ids: dict[str, str], emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.set_all_config({"partnercenter:endpoint": "http://127.0.0.1:9"}, [])
    monkeypatch.setenv("PARTNERCENTER_ENDPOINT", emulator.url)
    monkeypatch.setenv("PARTNERCENTER_ACCESS_TOKEN", TOKEN)
    assert get_offer("contoso-backup").id == ids["offer"]


def test_subscriptions_are_listed_by_offer_and_status(emulator: RunningEmulator) -> None:
    marketplace = Marketplace(emulator)
    marketplace.sell()
    seats, reports = marketplace.subscribe("team", quantity=3), marketplace.subscribe("basic")
    pending = marketplace.buy("basic", name="Fabrikam reports")["subscription"]["id"]
    assert [subscription.id for subscription in list_subscriptions("contoso-seats")] == [seats]
    assert [subscription.id for subscription in list_subscriptions(status="PendingFulfillmentStart")] == [
        pending
    ]
    assert {subscription.id for subscription in list_subscriptions()} == {seats, reports, pending}


def test_a_subscription_is_found_by_its_id(emulator: RunningEmulator) -> None:
    marketplace = Marketplace(emulator)
    marketplace.sell()
    subscription = get_subscription(marketplace.subscribe("team", quantity=3, name="Fabrikam seats"))
    assert (subscription.name, subscription.offer_id, subscription.plan_id) == (
        "Fabrikam seats",
        "contoso-seats",
        "team",
    )
    assert (subscription.status, subscription.quantity) == ("Subscribed", 3)
    assert subscription.customer_email == "dana@fabrikam.example"
    assert subscription.term_start < subscription.term_end
    with pytest.raises(NotFound, match="list_subscriptions"):
        get_subscription(NOBODY)
