"""The submission client: look-ups that an operation shares, and answers that break the API's contract."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from provider.tools.emulators import TOKEN, RunningEmulator, serve
from tests.unit.scripted_server import Answer, serve_answers

from pulumi_partnercenter import ContractError, Forbidden, JobTimeout, NotFound
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.api.submission.client import SubmissionApi, shared_client
from pulumi_partnercenter.api.submission.models import Listing, Package, Variant
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.settings import Settings


def load_settings(url: str) -> Settings:
    return Settings.load({"partnercenter:endpoint": url, "partnercenter:accessToken": TOKEN}, {})


@contextmanager
def open_client(url: str) -> Iterator[SubmissionApi]:
    settings = load_settings(url)
    api_client = ApiClient(
        settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), sleep=lambda _: None
    )
    blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
    client = SubmissionApi(api_client, blobs)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[RunningEmulator]:
    with serve(seed=3) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: RunningEmulator) -> RunningEmulator:
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def api(emulator: RunningEmulator) -> Iterator[SubmissionApi]:
    with open_client(emulator.url) as client:
        yield client


def create_offer_with_plan(api: SubmissionApi) -> tuple[str, str]:
    product = api.offers.create("contoso-backup", "AzureApplication", "Contoso").id
    plan = Variant(resource_type="AzureSkuVariant", external_id="gold", friendly_name="Gold")
    return product, api.plans.create(product, plan).id


class TestSharedLookUps:
    def test_the_plans_of_an_offer_are_listed_once(
        self, api: SubmissionApi, emulator: RunningEmulator
    ) -> None:
        product, variant = create_offer_with_plan(api)
        emulator.clear()
        with open_client(emulator.url) as other_client:
            for _ in range(3):
                assert other_client.plans.get(product, variant).external_id == "gold"
                assert other_client.plans.find(product, "gold")
        assert len(emulator.requests()) == 1

    def test_threads_with_the_same_look_up_send_one_request(
        self, api: SubmissionApi, emulator: RunningEmulator
    ) -> None:
        product, variant = create_offer_with_plan(api)
        emulator.clear()
        barrier = threading.Barrier(4)

        def read(_: int) -> str:
            barrier.wait()
            return other_client.plans.get(product, variant).external_id

        with open_client(emulator.url) as other_client, ThreadPoolExecutor(4) as pool:
            assert list(pool.map(read, range(4))) == ["gold"] * 4
        assert len(emulator.requests()) == 1

    def test_a_failed_look_up_is_not_shared(self, api: SubmissionApi, emulator: RunningEmulator) -> None:
        product, variant = create_offer_with_plan(api)
        with open_client(emulator.url) as other_client:
            emulator.fault("variants", status=403)
            with pytest.raises(Forbidden):
                other_client.plans.all(product)
            assert other_client.plans.get(product, variant).external_id == "gold"

    def test_a_single_404_does_not_mean_that_a_plan_is_gone(
        self, api: SubmissionApi, emulator: RunningEmulator
    ) -> None:
        """After a 404 the client reads the product, then its variants again."""
        product, variant = create_offer_with_plan(api)
        with open_client(emulator.url) as other_client:
            emulator.fault("variants", status=404)
            assert other_client.plans.get(product, variant).external_id == "gold"

    @pytest.mark.parametrize("read", ["product", "variant", "listing", "availability", "delete"])
    def test_a_404_to_every_request_is_a_contract_error(
        self, read: str, api: SubmissionApi, emulator: RunningEmulator
    ) -> None:
        """A service whose token was issued for another service answers like this."""
        product, variant = create_offer_with_plan(api)
        look_ups: dict[str, Callable[[SubmissionApi], object]] = {
            "product": lambda api: api.offers.get(product),
            "variant": lambda api: api.plans.get(product, variant),
            "listing": lambda api: api.listings.get(product, "en-us", variant),
            "availability": lambda api: api.pricing.get(product, variant),
            "delete": lambda api: api.offers.delete(product),
        }
        with open_client(emulator.url) as other_client:
            emulator.fault("", status=404, times=0)
            with pytest.raises(ContractError, match="answers every request with 404"):
                look_ups[read](other_client)

    def test_look_ups_reflect_the_clients_own_writes(self, api: SubmissionApi) -> None:
        product, variant = create_offer_with_plan(api)
        api.plans.all(product)
        api.plans.update(product, variant, lambda _: Variant(friendly_name="Golden"))
        assert api.plans.get(product, variant).friendly_name == "Golden"
        api.plans.create(
            product, Variant(resource_type="AzureSkuVariant", external_id="silver", friendly_name="S")
        )
        assert {plan.external_id for plan in api.plans.all(product)} == {"gold", "silver"}
        api.plans.delete(product, variant)
        assert [plan.external_id for plan in api.plans.all(product)] == ["silver"]

    def test_a_listing_that_was_read_is_written_without_reading_it_again(
        self, api: SubmissionApi, emulator: RunningEmulator
    ) -> None:
        product, _ = create_offer_with_plan(api)
        api.listings.get(product, "en-us")
        emulator.clear()
        api.listings.write(product, "en-us", lambda _: Listing(title="Contoso Backup"))
        assert [request["method"] for request in emulator.requests()] == ["PUT"]
        assert api.listings.get(product, "en-us").title == "Contoso Backup"

    def test_a_client_is_shared_by_the_same_settings_until_it_is_closed(
        self, emulator: RunningEmulator
    ) -> None:
        first = shared_client(load_settings(emulator.url))
        assert shared_client(load_settings(emulator.url)) is first
        assert shared_client(load_settings("http://127.0.0.1:9")) is not first
        close_clients()
        assert shared_client(load_settings(emulator.url)) is not first
        close_clients()


class TestLookUps:
    def test_an_offer_is_looked_up_by_its_exact_id(self, api: SubmissionApi) -> None:
        create_offer_with_plan(api)
        offer = api.offers.find("contoso-backup")
        assert offer
        assert offer.offer_id == "contoso-backup"
        assert api.offers.find("contoso-backu") is None
        assert api.offers.find("CONTOSO-BACKUP") is None

    def test_a_plan_of_another_offer_is_not_returned(self, api: SubmissionApi) -> None:
        _, variant = create_offer_with_plan(api)
        other = api.offers.create("fabrikam-vault", "AzureApplication", "Fabrikam").id
        assert api.plans.find(other, "gold") is None
        with pytest.raises(NotFound):
            api.plans.get(other, variant)

    def test_a_missing_language_is_none_and_a_missing_offer_an_error(self, api: SubmissionApi) -> None:
        product, variant = create_offer_with_plan(api)
        assert api.listings.find(product, "fr-fr") is None
        assert api.listings.find(product, "EN-US")
        with pytest.raises(NotFound):
            api.listings.find("00000000-0000-4000-8000-000000000000", "en-us")
        with pytest.raises(NotFound):
            api.listings.find(product, "en-us", "00000000-0000-4000-8000-000000000000")
        with pytest.raises(NotFound):
            api.pricing.get(product, "00000000-0000-4000-8000-000000000000")
        assert api.pricing.get(product, variant).visibility == "Public"

    def test_a_legacy_test_drive_variant_is_not_a_plan(self) -> None:
        plans = [
            {"resourceType": "AzureTestDriveVariant", "id": "1"},
            {"resourceType": "AzureSkuVariant", "id": "2", "externalID": "gold", "state": "Active"},
        ]
        with serve_answers(Answer(200, {"value": plans})) as script, open_client(script.url) as client:
            assert [plan.id for plan in client.plans.all("p")] == ["2"]

    def test_two_offers_with_the_same_id_are_a_contract_error(self) -> None:
        offer = {
            "resourceType": "AzureApplication",
            "name": "A",
            "externalIDs": [{"type": "AzureOfferId", "value": "a-b"}],
        }
        offers = [offer | {"id": "1"}, offer | {"id": "2"}]
        with (
            serve_answers(Answer(200, {"value": offers})) as script,
            open_client(script.url) as client,
            pytest.raises(ContractError, match="1, 2"),
        ):
            client.offers.find("a-b")


@pytest.mark.soak
def test_waiting_for_a_package_has_a_deadline() -> None:
    package = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip", "id": "7"}
    busy = {**package, "state": "InProcessing"}
    with (
        serve_answers(Answer(200, busy)) as script,
        open_client(script.url) as client,
        pytest.raises(JobTimeout, match=r"app\.zip: processing: not finished within 15 min") as error,
    ):
        client.packages.wait_processed("p", Package.model_validate(busy))
    assert "continues to wait" in str(error.value)
    assert len(script.requests) > 100


INVALID_ANSWERS: dict[str, tuple[Callable[[SubmissionApi], Any], Any]] = {
    "product without type": (lambda api: api.offers.get("p"), {"id": "1"}),
    "product that is a list": (lambda api: api.offers.get("p"), []),
    "product among text": (lambda api: api.offers.find("a-b"), {"value": ["text"]}),
    "plan with a number for a name": (lambda api: api.plans.all("p"), {"value": [{"friendlyName": {}}]}),
    "branch without draft": (
        lambda api: api.listings.get("p", "en-us"),
        {"value": [{"resourceType": "Branch"}]},
    ),
}


@pytest.mark.parametrize("case", INVALID_ANSWERS)
def test_an_invalid_answer_is_a_contract_error(case: str) -> None:
    call, body = INVALID_ANSWERS[case]
    with (
        serve_answers(Answer(200, body)) as script,
        open_client(script.url) as client,
        pytest.raises(ContractError) as error,
    ):
        call(client)
    assert len(str(error.value).splitlines()) <= 3
