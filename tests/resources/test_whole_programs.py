"""What happens between resources: several of them in one operation, and people who change things meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from provider.tools.emulators import Serving, serve
from tests.resources.card import assert_readable, content, writes
from tests.resources.examples import MANAGED, OFFERS, TYPE, configured
from tests.resources.harness import Declared, Program, Record, Ref, Stack, payload_of

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

LISTED: Program = {
    "offer": OFFERS["offer"],
    "listing": Declared(
        OfferListing, {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Backs up."}
    ),
    "plan": Declared(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": MANAGED}),
    "plan_listing": Declared(PlanListing, {"plan": Ref("plan"), "title": "Gold", "summary": "For all."}),
}
PRICED: Program = {
    **LISTED,
    "pricing": Declared(
        PlanPricing, {"plan": Ref("plan"), "markets": ["US"], "prices": [{"amount": 49}], "subtype": MANAGED}
    ),
}
PRICED_TWICE: Program = {
    **PRICED,
    "silver": Declared(
        Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
    ),
    "silver_listing": Declared(PlanListing, {"plan": Ref("silver"), "title": "Silver"}),
    "silver_pricing": Declared(
        PlanPricing, {"plan": Ref("silver"), "markets": ["US"], "prices": [{"amount": 9}], "subtype": MANAGED}
    ),
}


def changed(program: Program, name: str, /, **arguments: Any) -> dict[str, Declared]:
    declared = program[name]
    return {**program, name: Declared(declared.kind, {**declared.arguments, **arguments})}


class TestRequests:
    def test_an_offer_with_listing_plan_and_plan_listing_takes_at_most_ten(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(LISTED)
        assert len(emulator.requests()) <= 10, emulator.requests()

    def test_a_second_up_takes_none(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED_TWICE)
        emulator.clear()
        assert stack.up(PRICED_TWICE) == {}
        assert emulator.requests() == []

    def test_a_refresh_shares_what_it_reads(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED_TWICE)
        emulator.clear()
        assert stack.refresh() == {}
        whether_published = 1  # for the whole offer
        assert len(emulator.requests()) <= 1.2 * len(PRICED_TWICE) + whether_published, emulator.requests()

    def test_nothing_is_shared_between_operations(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED)
        emulator.portal(
            f"/v1.0/ingestion/products/{stack.state['plan'].id.replace('/', '/variants/')}", friendlyName="Au"
        )
        assert stack.refresh() == {"plan": ["name"]}


class TestLateChildren:
    @pytest.fixture
    def late(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """An emulator whose children appear late; a pause of the client moves its clock."""
        with serve(seed=2, pace="real") as emulator:
            self.patience(monkeypatch, emulator.advance)
            yield emulator

    def patience(self, monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
        from pulumi_partnercenter.api.submission import client

        monkeypatch.setattr(
            client, "ApiClient", lambda *given, **named: ApiClient(*given, sleep=sleep, **named)
        )

    def test_creation_waits_for_them(self, late: Serving) -> None:
        stack = Stack(configured(late))
        assert stack.up(PRICED_TWICE) == dict.fromkeys(PRICED_TWICE, "create")
        assert stack.refresh() == {}
        assert stack.up(PRICED_TWICE) == {}

    def test_what_never_comes_ends_in_words_and_the_next_run_goes_on(
        self, late: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack, slept = Stack(configured(late)), list[float]()
        self.patience(monkeypatch, slept.append)
        with pytest.raises(JobTimeout, match="run the same command again") as ended:
            stack.up(LISTED)
        assert_readable(ended.value)
        assert sum(slept) >= 60
        assert stack.state.keys() == {"offer"}
        late.advance(10)
        self.patience(monkeypatch, late.advance)
        assert stack.up(LISTED) == dict.fromkeys(["listing", "plan", "plan_listing"], "create")


class TestNames:
    @pytest.mark.parametrize("name", list(LISTED))
    def test_a_rename_in_the_program_keeps_the_remote_object(
        self, name: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(LISTED)
        before = emulator.state()
        renamed: dict[str, Declared] = {}
        for key, declared in LISTED.items():
            arguments = {k: Ref("new") if v == Ref(name) else v for k, v in declared.arguments.items()}
            renamed["new" if key == name else key] = Declared(declared.kind, arguments)
        emulator.clear()
        assert stack.up(renamed) == {"new": "create", name: "delete"}
        assert emulator.state() == before
        assert writes(emulator) == []
        assert stack.up(renamed) == {}

    def test_a_rename_with_a_change_is_refused_before_anything_is_lost(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(LISTED)
        before = content(emulator)
        renamed = {key: value for key, value in LISTED.items() if key not in ("plan", "plan_listing")}
        renamed["new"] = changed(LISTED, "plan", name="Golden")["plan"]
        with pytest.raises(Exception, match="adopt=True"):
            stack.up(renamed)
        assert content(emulator) == before

    def test_a_replaced_offer_takes_its_parts_along(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED)
        moved = changed(PRICED, "offer", alias="Contoso Vault")
        assert stack.preview(moved) == dict.fromkeys(PRICED, "replace")
        assert stack.up(moved) == dict.fromkeys(PRICED, "replace")
        assert stack.refresh() == {}
        assert stack.up(moved) == {}
        assert len(emulator.state()["products"]) == 1

    def test_replacing_a_plan_by_its_id_leaves_no_old_one(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED)
        moved = changed(PRICED, "plan", plan_id="golden")
        assert stack.up(moved) == dict.fromkeys(["plan", "plan_listing", "pricing"], "replace")
        assert [each["externalID"] for each in emulator.state()["variants"]] == ["golden"]
        assert stack.up(moved) == {}


class TestSomebodyElse:
    """A draft that somebody changes between our reading and our writing it."""

    @pytest.fixture
    def meanwhile(self, monkeypatch: pytest.MonkeyPatch, emulator: Serving) -> Callable[..., None]:
        def order(**members: Any) -> None:
            put, calls = ApiClient.put, itertools.count()

            def late(door: ApiClient, path: str, *args: Any, **how: Any) -> Any:
                if not next(calls):
                    emulator.portal(f"/v1.0/ingestion/{path}", **members)
                return put(door, path, *args, **how)

            monkeypatch.setattr(ApiClient, "put", late)

        return order

    def test_a_change_of_what_we_manage_stops_the_write_and_is_named(
        self, stack: Stack, emulator: Serving, meanwhile: Callable[..., None]
    ) -> None:
        stack.up(LISTED)
        meanwhile(summary="By somebody else.")
        before = stack.state["listing"]
        with pytest.raises(Stale, match="summary") as stale:
            stack.up(changed(LISTED, "listing", title="Contoso Vault"))
        assert_readable(stale.value)
        assert stack.state["listing"] == before
        assert stack.refresh() == {"listing": ["summary"]}

    def test_a_change_of_anything_else_survives_our_write(
        self, stack: Stack, emulator: Serving, meanwhile: Callable[..., None]
    ) -> None:
        stack.up(LISTED)
        meanwhile(portalOnly="kept")
        program = changed(LISTED, "listing", title="Contoso Vault")
        assert stack.up(program) == {"listing": "update"}
        listing = next(each for each in emulator.state()["listings"] if each["title"] == "Contoso Vault")
        assert listing["portalOnly"] == "kept"
        assert stack.refresh() == {}

    def test_prices_of_somebody_else_are_not_overwritten(
        self, stack: Stack, emulator: Serving, meanwhile: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        meanwhile(priceSchedules=[])
        with pytest.raises(Stale, match=r"priceSchedules|prices"):
            stack.up(changed(PRICED, "pricing", is_hidden=True))
        assert stack.refresh() == {"pricing": ["prices"]}

    def test_a_plan_is_guarded_the_same_way(
        self, stack: Stack, emulator: Serving, meanwhile: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        meanwhile(leadGenID="by somebody else")
        with pytest.raises(Stale, match=r"leadGenID|lead_gen_id") as stale:
            stack.up(changed(PRICED, "plan", name="Golden"))
        assert_readable(stale.value)
        assert stack.refresh() == {"plan": ["lead_gen_id"]}

    def test_a_plan_keeps_what_the_portal_wrote_meanwhile(
        self, stack: Stack, emulator: Serving, meanwhile: Callable[..., None]
    ) -> None:
        stack.up(PRICED)
        meanwhile(portalOnly="kept")
        assert stack.up(changed(PRICED, "plan", name="Golden")) == {"plan": "update"}
        (variant,) = emulator.state()["variants"]
        assert (variant["friendlyName"], variant["portalOnly"]) == ("Golden", "kept")

    def test_publishing_meanwhile_gives_the_draft_another_id_and_the_write_finds_it(
        self, stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack.up(PRICED)
        put, calls = ApiClient.put, itertools.count()

        def late(door: ApiClient, *args: Any, **how: Any) -> Any:
            if not next(calls):
                emulator.publish(stack.state["offer"].id)
            return put(door, *args, **how)

        monkeypatch.setattr(ApiClient, "put", late)
        program = changed(PRICED, "listing", title="Contoso Vault")
        assert stack.up(program) == {"listing": "update"}
        assert stack.refresh() == {}


class TestParents:
    def test_a_plan_deleted_in_the_portal_takes_its_parts_along(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(PRICED)
        product, variant = stack.state["plan"].id.split("/")
        emulator.client.delete(f"/v1.0/ingestion/products/{product}/variants/{variant}").raise_for_status()
        assert stack.refresh() == {name: ["gone"] for name in ("plan", "plan_listing", "pricing")}
        assert stack.up(PRICED) == dict.fromkeys(["plan", "plan_listing", "pricing"], "create")
        assert stack.up(PRICED) == {}

    def test_destroy_copes_with_an_offer_that_is_gone(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED)
        emulator.client.delete(f"/v1.0/ingestion/products/{stack.state['offer'].id}").raise_for_status()
        stack.destroy()
        assert stack.state == {}

    def test_offers_of_other_people_are_left_alone(self, stack: Stack, emulator: Serving) -> None:
        others = Stack(stack.config)
        others.up(
            {"theirs": Declared(Offer, {"offer_id": "fabrikam-vault", "offer_type": TYPE, "alias": "Vault"})}
        )
        before = content(emulator)
        stack.up(PRICED)
        stack.destroy()
        assert content(emulator) == before


class TestLookingUp:
    """`opts.id`: a resource that is read and not managed."""

    def look_up(self, stack: Stack, name: str, id: str) -> Record | None:
        kind = PRICED[name].kind
        with stack.operation() as plugin:
            return plugin.read(Record(kind, id, {}, {"adopt": False, "__provider": payload_of(kind)}))

    @pytest.mark.parametrize("name", list(PRICED))
    def test_what_is_there_is_told_as_the_managed_one_is(
        self, name: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(PRICED)
        found = self.look_up(stack, name, stack.state[name].id)
        assert found
        never_told = {"subtype"} if name == "pricing" else set()
        managed = stack.state[name].outputs
        assert {key for key in managed if found.outputs[key] != managed[key]} <= never_told | {"fingerprint"}

    @pytest.mark.parametrize("name", list(PRICED))
    def test_what_is_not_there_fails(self, name: str, stack: Stack, emulator: Serving) -> None:
        stack.up(PRICED)
        missing = stack.state[name].id.replace(
            stack.state["offer"].id, "00000000-0000-4000-8000-000000000000"
        )
        with pytest.raises(NotFound):
            self.look_up(stack, name, missing)

    @pytest.mark.parametrize("name", list(PRICED))
    @pytest.mark.parametrize("id", ["nonsense", "a/b/c/d", "", "/", "a//b"])
    def test_what_is_no_id_is_told_in_words(
        self, id: str, name: str, stack: Stack, emulator: Serving
    ) -> None:
        with pytest.raises(PartnerCenterError) as told:
            self.look_up(stack, name, id)
        assert_readable(told.value)
