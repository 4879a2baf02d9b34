"""Interactions of resources: several resources in an operation, and concurrent changes by other people."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.resources.card import assert_readable, stable_content, write_requests
from tests.resources.examples import MANAGED, OFFERS, TYPE, emulator_config
from tests.resources.harness import Declaration, Program, Record, Ref, Stack, payload_of

from pulumi_partnercenter import (
    JobTimeout,
    NotFound,
    Offer,
    OfferListing,
    PartnerCenterError,
    Plan,
    PlanListing,
    PlanPricing,
    Stale,
)
from pulumi_partnercenter.api.http.client import ApiClient

LISTING_PROGRAM: Program = {
    "offer": OFFERS["offer"],
    "listing": Declaration(
        OfferListing, {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Backs up."}
    ),
    "plan": Declaration(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": MANAGED}),
    "plan_listing": Declaration(PlanListing, {"plan": Ref("plan"), "title": "Gold", "summary": "For all."}),
}
PRICED: Program = {
    **LISTING_PROGRAM,
    "pricing": Declaration(
        PlanPricing, {"plan": Ref("plan"), "markets": ["US"], "prices": [{"amount": 49}], "subtype": MANAGED}
    ),
}
PRICED_TWICE: Program = {
    **PRICED,
    "silver": Declaration(
        Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
    ),
    "silver_listing": Declaration(PlanListing, {"plan": Ref("silver"), "title": "Silver"}),
    "silver_pricing": Declaration(
        PlanPricing, {"plan": Ref("silver"), "markets": ["US"], "prices": [{"amount": 9}], "subtype": MANAGED}
    ),
}


def changed(program: Program, name: str, /, **arguments: Any) -> dict[str, Declaration]:
    declaration = program[name]
    return {**program, name: Declaration(declaration.kind, {**declaration.arguments, **arguments})}


class TestRequests:
    def test_a_small_offer_is_created_with_at_most_ten_requests(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(LISTING_PROGRAM)
        assert len(emulator.requests()) <= 10, emulator.requests()

    def test_a_second_up_sends_no_request(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(PRICED_TWICE)
        emulator.clear()
        assert stack.up(PRICED_TWICE) == {}
        assert emulator.requests() == []

    def test_a_refresh_shares_responses_between_resources(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED_TWICE)
        emulator.clear()
        assert stack.refresh() == {}
        requests_for_published = 2  # for the whole offer: an empty list of submissions is read again
        assert len(emulator.requests()) <= 1.2 * len(PRICED_TWICE) + requests_for_published, (
            emulator.requests()
        )

    def test_responses_are_not_shared_between_operations(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED)
        emulator.portal(
            f"/v1.0/ingestion/products/{stack.state['plan'].id.replace('/', '/variants/')}", friendlyName="Au"
        )
        assert stack.refresh() == {"plan": ["name"]}


class TestSlowService:
    @pytest.fixture
    def slow_emulator(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """An emulator whose new objects appear with a delay; only a pause of the client advances its clock."""
        start = time.time()
        with serve(seed=2, pace="real", now=lambda: start) as emulator:
            self.set_sleep(monkeypatch, emulator.advance)
            yield emulator

    def set_sleep(self, monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
        from pulumi_partnercenter.api.submission import client

        monkeypatch.setattr(
            client, "ApiClient", lambda *args, **kwargs: ApiClient(*args, sleep=sleep, **kwargs)
        )

    def test_creation_waits_for_documents_that_appear_later(self, slow_emulator: RunningEmulator) -> None:
        stack = Stack(emulator_config(slow_emulator))
        assert stack.up(PRICED_TWICE) == dict.fromkeys(PRICED_TWICE, "create")
        assert stack.refresh() == {}
        assert stack.up(PRICED_TWICE) == {}

    def test_a_document_that_does_not_appear_is_a_timeout_and_the_next_run_continues(
        self, slow_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack, pauses = Stack(emulator_config(slow_emulator)), list[float]()
        self.set_sleep(monkeypatch, pauses.append)
        with pytest.raises(JobTimeout, match="run the same command again") as error:
            stack.up(LISTING_PROGRAM)
        assert_readable(error.value)
        assert sum(pauses) >= 60
        assert stack.state.keys() == {"offer"}
        slow_emulator.advance(10)
        self.set_sleep(monkeypatch, slow_emulator.advance)
        assert stack.up(LISTING_PROGRAM) == dict.fromkeys(["listing", "plan", "plan_listing"], "create")


class TestNames:
    @pytest.mark.parametrize("name", list(LISTING_PROGRAM))
    def test_a_rename_in_the_program_keeps_the_remote_object(
        self, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(LISTING_PROGRAM)
        before = emulator.state()
        renamed_program: dict[str, Declaration] = {}
        for key, declaration in LISTING_PROGRAM.items():
            arguments = {
                argument: Ref("new") if value == Ref(name) else value
                for argument, value in declaration.arguments.items()
            }
            renamed_program["new" if key == name else key] = Declaration(declaration.kind, arguments)
        emulator.clear()
        assert stack.up(renamed_program) == {"new": "create", name: "delete"}
        assert emulator.state() == before
        assert write_requests(emulator) == []
        assert stack.up(renamed_program) == {}

    def test_a_rename_with_a_change_is_refused_and_deletes_nothing(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(LISTING_PROGRAM)
        before = stable_content(emulator)
        renamed_program = {
            key: declaration
            for key, declaration in LISTING_PROGRAM.items()
            if key not in ("plan", "plan_listing")
        }
        renamed_program["new"] = changed(LISTING_PROGRAM, "plan", name="Golden")["plan"]
        with pytest.raises(Exception, match="adopt=True"):
            stack.up(renamed_program)
        assert stable_content(emulator) == before

    def test_replacing_an_offer_replaces_its_parts(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(PRICED)
        changed_program = changed(PRICED, "offer", alias="Contoso Vault")
        assert stack.preview(changed_program) == dict.fromkeys(PRICED, "replace")
        assert stack.up(changed_program) == dict.fromkeys(PRICED, "replace")
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}
        assert len(emulator.state()["products"]) == 1

    def test_replacing_a_plan_deletes_the_old_one(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(PRICED)
        changed_program = changed(PRICED, "plan", plan_id="golden")
        assert stack.up(changed_program) == dict.fromkeys(["plan", "plan_listing", "pricing"], "replace")
        assert [variant["externalID"] for variant in emulator.state()["variants"]] == ["golden"]
        assert stack.up(changed_program) == {}


class TestConcurrentChanges:
    """A draft that another person changes between the provider's read and its write."""

    @pytest.fixture
    def change_before_put(
        self, monkeypatch: pytest.MonkeyPatch, emulator: RunningEmulator
    ) -> Callable[..., None]:
        def order(**members: Any) -> None:
            put, calls = ApiClient.put, itertools.count()

            def put_after_change(api_client: ApiClient, path: str, *args: Any, **kwargs: Any) -> Any:
                if not next(calls):
                    emulator.portal(f"/v1.0/ingestion/{path}", **members)
                return put(api_client, path, *args, **kwargs)

            monkeypatch.setattr(ApiClient, "put", put_after_change)

        return order

    def test_a_concurrent_change_of_a_managed_argument_stops_the_write(
        self, stack: Stack, emulator: RunningEmulator, change_before_put: Callable[..., None]
    ) -> None:
        stack.up(LISTING_PROGRAM)
        change_before_put(summary="By somebody else.")
        before = stack.state["listing"]
        with pytest.raises(Stale, match="summary") as error:
            stack.up(changed(LISTING_PROGRAM, "listing", title="Contoso Vault"))
        assert_readable(error.value)
        assert stack.state["listing"] == before
        assert stack.refresh() == {"listing": ["summary"]}

    def test_a_concurrent_change_of_an_unmanaged_member_survives_the_write(
        self, stack: Stack, emulator: RunningEmulator, change_before_put: Callable[..., None]
    ) -> None:
        stack.up(LISTING_PROGRAM)
        change_before_put(portalOnly="kept")
        program = changed(LISTING_PROGRAM, "listing", title="Contoso Vault")
        assert stack.up(program) == {"listing": "update"}
        listing = next(
            listing for listing in emulator.state()["listings"] if listing["title"] == "Contoso Vault"
        )
        assert listing["portalOnly"] == "kept"
        assert stack.refresh() == {}

    def test_a_concurrent_change_of_prices_stops_the_write(
        self, stack: Stack, emulator: RunningEmulator, change_before_put: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        change_before_put(priceSchedules=[])
        with pytest.raises(Stale, match=r"priceSchedules|prices"):
            stack.up(changed(PRICED, "pricing", is_hidden=True))
        assert stack.refresh() == {"pricing": ["prices"]}

    def test_a_concurrent_change_of_a_plan_stops_the_write(
        self, stack: Stack, emulator: RunningEmulator, change_before_put: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        change_before_put(leadGenID="by somebody else")
        with pytest.raises(Stale, match=r"leadGenID|lead_gen_id") as error:
            stack.up(changed(PRICED, "plan", name="Golden"))
        assert_readable(error.value)
        assert stack.refresh() == {"plan": ["lead_gen_id"]}

    def test_a_concurrent_change_of_an_unmanaged_member_of_a_plan_survives(
        self, stack: Stack, emulator: RunningEmulator, change_before_put: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        change_before_put(portalOnly="kept")
        assert stack.up(changed(PRICED, "plan", name="Golden")) == {"plan": "update"}
        (variant,) = emulator.state()["variants"]
        assert (variant["friendlyName"], variant["portalOnly"]) == ("Golden", "kept")

    def test_a_write_after_a_concurrent_publication_reaches_the_new_draft(
        self, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack.up(PRICED)
        put, calls = ApiClient.put, itertools.count()

        def put_after_publication(api_client: ApiClient, *args: Any, **kwargs: Any) -> Any:
            if not next(calls):
                emulator.publish(stack.state["offer"].id)
            return put(api_client, *args, **kwargs)

        monkeypatch.setattr(ApiClient, "put", put_after_publication)
        program = changed(PRICED, "listing", title="Contoso Vault")
        assert stack.up(program) == {"listing": "update"}
        assert stack.refresh() == {}


class TestParents:
    def test_a_plan_deleted_in_the_portal_is_noticed_with_its_parts(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED)
        product, variant = stack.state["plan"].id.split("/")
        emulator.client.delete(f"/v1.0/ingestion/products/{product}/variants/{variant}").raise_for_status()
        assert stack.refresh() == {name: ["gone"] for name in ("plan", "plan_listing", "pricing")}
        assert stack.up(PRICED) == dict.fromkeys(["plan", "plan_listing", "pricing"], "create")
        assert stack.up(PRICED) == {}

    def test_destroy_accepts_an_offer_that_is_already_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED)
        emulator.client.delete(f"/v1.0/ingestion/products/{stack.state['offer'].id}").raise_for_status()
        stack.destroy()
        assert stack.state == {}

    def test_offers_of_other_stacks_are_unchanged(self, stack: Stack, emulator: RunningEmulator) -> None:
        other_stack = Stack(stack.config)
        other_stack.up(
            {
                "theirs": Declaration(
                    Offer, {"offer_id": "fabrikam-vault", "offer_type": TYPE, "alias": "Vault"}
                )
            }
        )
        before = stable_content(emulator)
        stack.up(PRICED)
        stack.destroy()
        assert stable_content(emulator) == before


class TestUnmanagedResources:
    """Resources with `opts.id` are read and not managed."""

    def look_up(self, stack: Stack, name: str, id: str) -> Record | None:
        kind = PRICED[name].kind
        with stack.operation() as plugin:
            return plugin.read(Record(kind, id, {}, {"adopt": False, "__provider": payload_of(kind)}))

    @pytest.mark.parametrize("name", list(PRICED))
    def test_an_unmanaged_resource_is_read_like_a_managed_one(
        self, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED)
        record = self.look_up(stack, name, stack.state[name].id)
        assert record
        unreadable = {"subtype"} if name == "pricing" else set()
        outputs = stack.state[name].outputs
        assert {key for key in outputs if record.outputs[key] != outputs[key]} <= unreadable | {"fingerprint"}

    @pytest.mark.parametrize("name", list(PRICED))
    def test_reading_a_missing_unmanaged_resource_fails(
        self, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PRICED)
        missing_id = stack.state[name].id.replace(
            stack.state["offer"].id, "00000000-0000-4000-8000-000000000000"
        )
        with pytest.raises(NotFound):
            self.look_up(stack, name, missing_id)

    @pytest.mark.parametrize("name", list(PRICED))
    @pytest.mark.parametrize("id", ["nonsense", "a/b/c/d", "", "/", "a//b"])
    def test_reading_an_unmanaged_resource_by_an_invalid_id_is_a_short_error(
        self, id: str, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        with pytest.raises(PartnerCenterError) as error:
            self.look_up(stack, name, id)
        assert_readable(error.value)
