"""The client in domain words: what it shares within an operation, and answers that fit nothing that is known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from provider.tools.emulators import TOKEN, Serving, serve
from tests.unit.scripted import Answer, serving

from pulumi_partnercenter import ContractError, Forbidden, JobTimeout, NotFound
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.api.submission import SubmissionApi, close_clients, shared_client
from pulumi_partnercenter.api.submission.models import Listing, Package, Variant
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.settings import Settings


def settings_of(url: str) -> Settings:
    return Settings.load({"partnercenter:endpoint": url, "partnercenter:accessToken": TOKEN}, {})


@contextmanager
def client_of(url: str) -> Iterator[SubmissionApi]:
    settings = settings_of(url)
    door = ApiClient(settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), sleep=lambda _: None)
    blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
    client = SubmissionApi(door, blobs, progress=lambda _: None)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with serve(seed=3) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Serving) -> Serving:
    served.reset()
    return served


@pytest.fixture
def api(emulator: Serving) -> Iterator[SubmissionApi]:
    with client_of(emulator.url) as client:
        yield client


def gold(api: SubmissionApi) -> tuple[str, str]:
    product = api.offers.create("contoso-backup", "AzureApplication", "Contoso").id
    wanted = Variant(resource_type="AzureSkuVariant", external_id="gold", friendly_name="Gold")
    return product, api.plans.create(product, wanted).id


class TestSharing:
    def test_the_plans_of_an_offer_are_listed_once(self, api: SubmissionApi, emulator: Serving) -> None:
        product, variant = gold(api)
        emulator.clear()
        with client_of(emulator.url) as again:
            for _ in range(3):
                assert again.plans.get(product, variant).external_id == "gold"
                assert again.plans.find(product, "gold")
        assert len(emulator.requests()) == 1

    def test_several_threads_that_want_the_same_ask_once(self, api: SubmissionApi, emulator: Serving) -> None:
        product, variant = gold(api)
        emulator.clear()
        together = threading.Barrier(4)

        def read(_: int) -> str:
            together.wait()
            return again.plans.get(product, variant).external_id

        with client_of(emulator.url) as again, ThreadPoolExecutor(4) as pool:
            assert list(pool.map(read, range(4))) == ["gold"] * 4
        assert len(emulator.requests()) == 1

    def test_a_failed_look_is_not_shared(self, api: SubmissionApi, emulator: Serving) -> None:
        product, variant = gold(api)
        with client_of(emulator.url) as again:
            emulator.fault("variants", status=403)
            with pytest.raises(Forbidden):
                again.plans.all(product)
            assert again.plans.get(product, variant).external_id == "gold"

    def test_a_passing_404_is_not_taken_for_gone(self, api: SubmissionApi, emulator: Serving) -> None:
        """The product is asked for first, and what it has is looked at again."""
        product, variant = gold(api)
        with client_of(emulator.url) as again:
            emulator.fault("variants", status=404)
            assert again.plans.get(product, variant).external_id == "gold"

    @pytest.mark.parametrize("read", ["product", "variant", "listing", "availability", "delete"])
    def test_a_404_to_everything_says_nothing_is_gone(
        self, read: str, api: SubmissionApi, emulator: Serving
    ) -> None:
        """As with a token for another service."""
        product, variant = gold(api)
        look: dict[str, Callable[[SubmissionApi], object]] = {
            "product": lambda api: api.offers.get(product),
            "variant": lambda api: api.plans.get(product, variant),
            "listing": lambda api: api.listings.get(product, "en-us", variant),
            "availability": lambda api: api.pricing.get(product, variant),
            "delete": lambda api: api.offers.delete(product),
        }
        with client_of(emulator.url) as again:
            emulator.fault("", status=404, times=0)
            with pytest.raises(ContractError, match="404 to everything"):
                look[read](again)

    def test_our_own_writes_are_seen(self, api: SubmissionApi) -> None:
        product, variant = gold(api)
        api.plans.all(product)
        api.plans.update(product, variant, lambda _: Variant(friendly_name="Golden"))
        assert api.plans.get(product, variant).friendly_name == "Golden"
        api.plans.create(
            product, Variant(resource_type="AzureSkuVariant", external_id="silver", friendly_name="S")
        )
        assert {each.external_id for each in api.plans.all(product)} == {"gold", "silver"}
        api.plans.delete(product, variant)
        assert [each.external_id for each in api.plans.all(product)] == ["silver"]

    def test_a_listing_that_was_read_is_written_without_reading_it_again(
        self, api: SubmissionApi, emulator: Serving
    ) -> None:
        product, _ = gold(api)
        api.listings.get(product, "en-us")
        emulator.clear()
        api.listings.write(product, "en-us", lambda _: Listing(title="Contoso Backup"))
        assert [each["method"] for each in emulator.requests()] == ["PUT"]
        assert api.listings.get(product, "en-us").title == "Contoso Backup"

    def test_clients_are_one_for_the_same_settings_until_disconnected(self, emulator: Serving) -> None:
        first = shared_client(settings_of(emulator.url))
        assert shared_client(settings_of(emulator.url)) is first
        assert shared_client(settings_of("http://127.0.0.1:9")) is not first
        close_clients()
        assert shared_client(settings_of(emulator.url)) is not first
        close_clients()


class TestLookingUp:
    def test_an_offer_is_found_by_its_exact_id_only(self, api: SubmissionApi) -> None:
        gold(api)
        found = api.offers.find("contoso-backup")
        assert found
        assert found.offer_id == "contoso-backup"
        assert api.offers.find("contoso-backu") is None
        assert api.offers.find("CONTOSO-BACKUP") is None

    def test_a_plan_of_another_offer_is_not_found(self, api: SubmissionApi) -> None:
        _, variant = gold(api)
        other = api.offers.create("fabrikam-vault", "AzureApplication", "Fabrikam").id
        assert api.plans.find(other, "gold") is None
        with pytest.raises(NotFound):
            api.plans.get(other, variant)

    def test_a_language_that_is_not_there_is_none_and_an_offer_that_is_not_there_is_an_error(
        self, api: SubmissionApi
    ) -> None:
        product, variant = gold(api)
        assert api.listings.find(product, "fr-fr") is None
        assert api.listings.find(product, "EN-US")
        with pytest.raises(NotFound):
            api.listings.find("00000000-0000-4000-8000-000000000000", "en-us")
        with pytest.raises(NotFound):
            api.listings.find(product, "en-us", "00000000-0000-4000-8000-000000000000")
        with pytest.raises(NotFound):
            api.pricing.get(product, "00000000-0000-4000-8000-000000000000")
        assert api.pricing.get(product, variant).visibility == "Public"

    def test_the_historic_test_drive_plan_is_none(self) -> None:
        plans = [
            {"resourceType": "AzureTestDriveVariant", "id": "1"},
            {"resourceType": "AzureSkuVariant", "id": "2", "externalID": "gold", "state": "Active"},
        ]
        with serving(Answer(200, {"value": plans})) as script, client_of(script.url) as client:
            assert [each.id for each in client.plans.all("p")] == ["2"]

    def test_two_offers_of_one_id_are_a_broken_contract(self) -> None:
        one = {
            "resourceType": "AzureApplication",
            "name": "A",
            "externalIDs": [{"type": "AzureOfferId", "value": "a-b"}],
        }
        two = [one | {"id": "1"}, one | {"id": "2"}]
        with (
            serving(Answer(200, {"value": two})) as script,
            client_of(script.url) as client,
            pytest.raises(ContractError, match="1, 2"),
        ):
            client.offers.find("a-b")


def test_a_package_is_waited_for_within_a_deadline() -> None:
    package = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip", "id": "7"}
    busy = {**package, "state": "InProcessing"}
    with (
        serving(Answer(200, busy)) as script,
        client_of(script.url) as client,
        pytest.raises(JobTimeout, match=r"app\.zip: processing: not finished within 15 min") as told,
    ):
        client.packages.wait_processed("p", Package.model_validate(busy))
    assert "goes on waiting" in str(told.value)
    assert len(script.asked) > 100


STRANGE: dict[str, tuple[Callable[[SubmissionApi], Any], Any]] = {
    "product without type": (lambda api: api.offers.get("p"), {"id": "1"}),
    "product that is a list": (lambda api: api.offers.get("p"), []),
    "product among text": (lambda api: api.offers.find("a-b"), {"value": ["text"]}),
    "plan with a number for a name": (lambda api: api.plans.all("p"), {"value": [{"friendlyName": {}}]}),
    "branch without draft": (
        lambda api: api.listings.get("p", "en-us"),
        {"value": [{"resourceType": "Branch"}]},
    ),
}


@pytest.mark.parametrize("case", STRANGE)
def test_an_answer_that_fits_nothing_known_is_told_as_such(case: str) -> None:
    call, body = STRANGE[case]
    with (
        serving(Answer(200, body)) as script,
        client_of(script.url) as client,
        pytest.raises(ContractError) as told,
    ):
        call(client)
    assert len(str(told.value).splitlines()) <= 3
