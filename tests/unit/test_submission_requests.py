"""The submission client over a service that is a table of answers: requests, cached reads, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_partnercenter import (
    ApiError,
    Conflict,
    ContractError,
    Invalid,
    JobTimeout,
    NotFound,
    Rejected,
    Stale,
)
from pulumi_partnercenter.api.http.client import JsonResponse
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.api.submission.absences import Gone, NoListing, NotVersioned
from pulumi_partnercenter.api.submission.client import (
    SubmissionApi,
    open_client,
    shared_client,
)
from pulumi_partnercenter.api.submission.models import (
    LeadConfiguration,
    Listing,
    ListingImage,
    Package,
    Property,
    Setup,
    Variant,
)
from pulumi_partnercenter.api.submission.submission_contents import contents_among
from pulumi_partnercenter.api.submission.submission_models import Contents, Submission
from pulumi_partnercenter.api.submission.system import NO_OFFER, SUBMISSION
from pulumi_partnercenter.settings import Settings

PRODUCT = {
    "id": "p",
    "resourceType": "AzureApplication",
    "name": "Contoso",
    "externalIDs": [{"type": "AzureOfferId", "value": "contoso"}],
}
PLAN = {"id": "v", "resourceType": "AzureSkuVariant", "externalID": "gold", "state": "Active"}
EXPAND = {"$expand": "FileSasUri"}
LOST = "the answer is lost"
"""Answer that gets lost: the creation then looks for the object that it may have created."""


def gone(message: str = "404") -> NotFound:
    return NotFound("read", said=message, status=404)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    action: str = ""
    body: Any = None
    etag: str = ""
    params: Mapping[str, str] | None = None


class Service:
    """Plays the JSON client. Each request has a list of answers: the last is repeated, an error is raised."""

    system = SUBMISSION

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.pauses: list[float] = []
        self._answers: dict[str, list[Any]] = {}

    def on(self, request: str, *answers: Any) -> None:
        self._answers[request] = list(answers)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def get(self, path: str, action: str, params: Mapping[str, str] | None = None) -> JsonResponse:
        return self._send(Request("GET", path, action, params=params))

    def put(
        self, path: str, action: str, body: Any, *, etag: str = "", params: Mapping[str, str] | None = None
    ) -> JsonResponse:
        return self._send(Request("PUT", path, action, body, etag, params or None))

    def upsert(self, path: str, action: str, body: Any) -> JsonResponse:
        return self._send(Request("POST", path, action, body))

    def create(self, path: str, action: str, body: Any, model: Any, find: Callable[[], Any]) -> Any:
        for _ in range(6):  # attempts of the client
            response = self._send(Request("POST", path, action, body))
            if response.body != LOST:
                return model.from_json(response.body, action)
            existing = find()
            if existing is not None:
                return existing
        raise AssertionError(f"{action}: the object of the lost answer was not looked for again")

    def delete(self, path: str, action: str) -> None:
        self._send(Request("DELETE", path, action))

    def list_items(self, path: str, action: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        yield from self._send(Request("GET", path, action, params=params or None)).body

    def close(self) -> None:
        self.requests.append(Request("CLOSE", ""))

    def _send(self, request: Request) -> JsonResponse:
        self.requests.append(request)
        answers = self._answers[f"{request.method} {request.path}"]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return JsonResponse(200, {}, answer)

    def lines(self) -> list[str]:
        """Return the requests without their details, and clear the log."""
        lines = [f"{request.method} {request.path}" for request in self.requests]
        self.requests.clear()
        return lines


class Host:
    """Plays the blob client."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    def upload(self, address: str, content: Any, action: str) -> None:
        self.calls.append(("upload", address, content, action))
        if self.error:
            raise self.error

    def digest(self, address: str, action: str, max_bytes: int) -> str:
        self.calls.append(("digest", address, action, max_bytes))
        return f"sha256:{address}"

    def download(self, address: str, path: Path, action: str, max_bytes: int) -> None:
        self.calls.append(("download", address, path, action, max_bytes))

    def close(self) -> None:
        self.calls.append(("close",))


class Screen:
    """Records the progress."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, text: str, /) -> None:
        raise AssertionError(text)

    def progress(self, text: str, /) -> None:
        self.lines.append(text)


class Desk:
    def __init__(self) -> None:
        self.service, self.host = Service(), Host()
        self.screen = Screen()
        service: Any = self.service
        host: Any = self.host
        self.api = SubmissionApi(service, host, self.screen)
        self.service.on("GET products/p", PRODUCT)
        self.service.on("GET products/p/variants", [PLAN])
        self.service.on("GET products", [])


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestOffers:
    LIST = "GET products"

    def test_an_offer_is_read_once(self, desk: Desk) -> None:
        assert desk.api.offers.get("p").name == "Contoso"
        assert desk.api.offers.get("p").name == "Contoso"
        assert desk.service.requests == [Request("GET", "products/p", "offer p: read")]

    def test_an_absent_offer_is_gone_while_the_account_answers(self, desk: Desk) -> None:
        desk.service.on("GET products/p", gone("no product"))
        with pytest.raises(Gone) as caught:
            desk.api.offers.get("p")
        assert (caught.value.said, caught.value.status) == ("no product", 404)
        assert [request.path for request in desk.service.requests] == ["products/p", "products", "products/p"]
        assert desk.service.requests[1] == Request("GET", "products", "offer p: read", params=NO_OFFER)

    def test_an_offer_that_one_answer_lacks_is_read(self, desk: Desk) -> None:
        desk.service.on("GET products/p", gone("no product"), PRODUCT)
        assert desk.api.offers.get("p").name == "Contoso"

    def test_an_absent_offer_proves_nothing_where_everything_is_absent(self, desk: Desk) -> None:
        desk.service.on("GET products/p", gone("no product"))
        desk.service.on("GET products", gone("nothing"))
        with pytest.raises(ContractError) as caught:
            desk.api.offers.get("p")
        assert str(caught.value) == (
            "offer p: read: the service answers every request with 404, so no object is treated as deleted\n"
            "  service: nothing\n"
            "  next: check PARTNERCENTER_ENDPOINT, and that the token is for https://api.partner.microsoft.com"
        )

    def test_an_offer_is_found_by_its_exact_id(self, desk: Desk) -> None:
        other = {**PRODUCT, "id": "q", "externalIDs": [{"type": "AzureOfferId", "value": "Contoso"}]}
        desk.service.on("GET products", [other, PRODUCT])
        product = desk.api.offers.find("contoso")
        assert product is not None
        assert product.id == "p"
        query = "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'contoso')"
        assert desk.service.requests == [
            Request("GET", "products", "offer 'contoso': look-up", params={"$filter": query})
        ]
        assert desk.api.offers.get("p") is product
        assert desk.api.offers.find("fabrikam") is None

    def test_two_offers_of_one_id_are_refused(self, desk: Desk) -> None:
        desk.service.on("GET products", [PRODUCT, {**PRODUCT, "id": "q"}])
        with pytest.raises(ContractError) as caught:
            desk.api.offers.find("contoso")
        assert str(caught.value) == "offer 'contoso': look-up: 2 products have this id: p, q"

    def test_the_offers_of_a_type_are_filtered(self, desk: Desk) -> None:
        desk.service.on("GET products", [PRODUCT])
        assert [product.id for product in desk.api.offers.of_type("AzureContainer")] == ["p"]
        assert desk.service.requests == [
            Request(
                "GET",
                "products",
                "offers of type AzureContainer: list",
                params={"$filter": "resourceType eq 'AzureContainer'"},
            )
        ]
        desk.service.requests.clear()
        assert len(desk.api.offers.all()) == len(desk.service.requests) == 14

    def test_a_created_offer_has_nothing_yet(self, desk: Desk) -> None:
        desk.service.on("POST products", PRODUCT)
        assert desk.api.offers.create("contoso", "AzureApplication", "Contoso").id == "p"
        assert desk.service.requests == [
            Request(
                "POST",
                "products",
                "offer 'contoso': create",
                {
                    "resourceType": "AzureApplication",
                    "name": "Contoso",
                    "externalIDs": [{"type": "AzureOfferId", "value": "contoso"}],
                    "isModularPublishing": True,
                },
            )
        ]
        desk.service.requests.clear()
        assert desk.api.offers.get("p").name == "Contoso"
        assert desk.api.plans.all("p") == []
        assert desk.api.packages.all("p") == []
        assert desk.api.submissions.published("p") == frozenset()
        assert desk.api.offers.is_new("p")
        assert not desk.api.offers.is_new("q")
        assert desk.service.requests == []

    def test_an_offer_of_a_lost_answer_may_be_somebody_elses(self, desk: Desk) -> None:
        desk.service.on("POST products", LOST)
        desk.service.on("GET products", [PRODUCT])
        assert desk.api.offers.create("contoso", "AzureApplication", "Contoso").id == "p"
        assert not desk.api.offers.is_new("p")
        assert len(desk.api.plans.all("p")) == 1

    def test_an_offer_that_the_lost_answer_did_not_create_is_created(self, desk: Desk) -> None:
        desk.service.on("POST products", LOST, PRODUCT)
        assert desk.api.offers.create("contoso", "AzureApplication", "Contoso").id == "p"
        assert desk.service.lines() == ["POST products", "GET products", "POST products"]
        assert desk.api.offers.is_new("p")

    def test_a_deleted_offer_is_read_again(self, desk: Desk) -> None:
        desk.api.offers.get("p")
        desk.service.on("DELETE products/p", None)
        desk.api.offers.delete("p")
        assert desk.service.requests[-1] == Request("DELETE", "products/p", "offer p: delete")
        desk.service.on("GET products/p", gone())
        with pytest.raises(Gone):
            desk.api.offers.get("p")

    def test_a_deletion_of_nothing_is_confirmed(self, desk: Desk) -> None:
        desk.api.offers.get("p")
        desk.service.on("DELETE products/p", gone("not there"))
        with pytest.raises(ContractError) as caught:
            desk.api.offers.delete("p")
        assert str(caught.value) == (
            "offer p: delete: it exists and cannot be deleted (404)\n  service: not there"
        )
        desk.service.on("GET products/p", gone())
        with pytest.raises(Gone):
            desk.api.offers.delete("p")


class TestPlans:
    def test_plans_are_listed_once_and_the_test_drive_is_none(self, desk: Desk) -> None:
        drive = {"id": "testdrive", "resourceType": "TestDrive"}
        desk.service.on("GET products/p/variants", [PLAN, drive])
        assert [plan.id for plan in desk.api.plans.all("p")] == ["v"]
        assert [plan.id for plan in desk.api.plans.variants("p")] == ["v", "testdrive"]
        assert desk.service.requests == [Request("GET", "products/p/variants", "offer p: list of plans")]
        assert desk.api.plans.get("p", "testdrive").id == "testdrive"

    def test_a_plan_is_found_by_its_id(self, desk: Desk) -> None:
        plan = desk.api.plans.find("p", "gold")
        assert plan is not None
        assert plan.id == "v"
        assert desk.api.plans.find("p", "Gold") is None

    def test_a_list_without_the_plan_is_read_again(self, desk: Desk) -> None:
        desk.service.on("GET products/p/variants", [], [PLAN])
        assert desk.api.plans.get("p", "v").external_id == "gold"
        assert desk.service.lines() == ["GET products/p/variants"] * 2

    def test_a_plan_that_two_lists_lack_is_gone(self, desk: Desk) -> None:
        with pytest.raises(Gone) as caught:
            desk.api.plans.get("p", "w")
        assert (str(caught.value), caught.value.status) == (
            "plan p/w: not among the plans of the offer",
            404,
        )

    def test_a_confirmation_reads_the_list_again(self, desk: Desk) -> None:
        desk.api.plans.confirm("p", "")
        assert desk.service.requests == []
        desk.api.plans.all("p")
        desk.api.plans.confirm("p", "v")
        assert desk.service.lines() == ["GET products/p/variants"] * 2

    def test_a_created_plan_is_in_the_list(self, desk: Desk) -> None:
        desk.api.plans.all("p")
        desk.service.on("POST products/p/variants", {**PLAN, "id": "w", "externalID": "silver"})
        desired = Variant(resource_type="AzureSkuVariant", external_id="silver", friendly_name="")
        assert desk.api.plans.create("p", desired).id == "w"
        assert desk.service.requests[-1] == Request(
            "POST",
            "products/p/variants",
            "plan 'silver' of offer p: create",
            {"resourceType": "AzureSkuVariant", "externalID": "silver"},
        )
        assert [plan.id for plan in desk.api.plans.all("p")] == ["v", "w"]
        assert len(desk.service.requests) == 2

    def test_a_plan_of_a_lost_answer_is_looked_for_in_a_new_list(self, desk: Desk) -> None:
        desk.service.on("GET products/p/variants", [], [PLAN])
        desk.api.plans.all("p")
        desk.service.on("POST products/p/variants", LOST)
        plan = desk.api.plans.create("p", Variant(resource_type="AzureSkuVariant", external_id="gold"))
        assert plan.id == "v"
        assert [plan.id for plan in desk.api.plans.all("p")] == ["v"]

    def test_a_plan_is_written_over_what_the_service_has(self, desk: Desk) -> None:
        desk.api.plans.all("p")
        stored = {**PLAN, "@odata.etag": '"1"', "friendlyName": "Gold", "portal": 1}
        desk.service.on("GET products/p/variants/v", stored)
        desk.service.on("PUT products/p/variants/v", stored)
        desk.api.plans.update("p", "v", lambda draft: Variant(friendly_name=f"{draft.friendly_name}!"))
        assert desk.service.requests[1:] == [
            Request("GET", "products/p/variants/v", "plan p/v: write"),
            Request(
                "PUT", "products/p/variants/v", "plan p/v: write", {**stored, "friendlyName": "Gold!"}, '"1"'
            ),
        ]
        desk.api.plans.all("p")
        assert len(desk.service.requests) == 4

    def test_an_answer_about_another_plan_is_refused(self, desk: Desk) -> None:
        desk.service.on("GET products/p/variants/v", {**PLAN, "id": "w"})
        with pytest.raises(ContractError, match="about another object, with the id w"):
            desk.api.plans.update("p", "v", lambda draft: draft)

    def test_a_plan_is_deleted(self, desk: Desk) -> None:
        desk.service.on("DELETE products/p/variants/v", None)
        desk.api.plans.delete("p", "v")
        assert desk.service.requests == [Request("DELETE", "products/p/variants/v", "plan p/v: delete")]
        desk.service.on("DELETE products/p/variants/v", gone())
        with pytest.raises(ContractError, match="plan p/v: delete: it exists"):
            desk.api.plans.delete("p", "v")
        desk.service.on("GET products/p/variants", [])
        with pytest.raises(Gone):
            desk.api.plans.delete("p", "v")

    def test_a_list_of_an_absent_offer_is_gone(self, desk: Desk) -> None:
        desk.service.on("GET products/p", gone())
        desk.service.on("GET products/p/variants", gone())
        with pytest.raises(Gone):
            desk.api.plans.all("p")

    def test_a_404_for_a_list_of_an_existing_offer_is_a_contract_error(self, desk: Desk) -> None:
        desk.service.on("GET products/p/variants", gone("no list"))
        with pytest.raises(ContractError) as caught:
            desk.api.plans.all("p")
        assert str(caught.value) == (
            "offer p: list of plans: the offer exists, but this object does not (404)\n  service: no list"
        )
        lines = desk.service.lines()
        assert lines.count("GET products/p/variants") == 2
        assert lines.count("GET products/p") == 2  # cached parts of the offer are read again


BRANCHES = "GET products/p/branches/getByModule(module=Property)"
PROPERTIES = "GET products/p/properties/getByInstanceID(instanceID=i)"
STORED = {"id": "d", "@odata.etag": '"1"', "appVersion": "1", "portal": "kept"}


def branch(instance: str, variant: str = "", **members: Any) -> dict[str, Any]:
    return {"currentDraftInstanceID": instance, **({"variantID": variant} if variant else {}), **members}


class TestDrafts:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.service.on(BRANCHES, [branch("j", "v"), branch("i")])
        desk.service.on(PROPERTIES, [STORED])
        return desk

    def write(self, desk: Desk, **members: Any) -> Property:
        return desk.api.properties.write(lambda _: Property(**members), "p")

    def test_a_draft_is_read_from_its_current_instance(self, desk: Desk) -> None:
        assert desk.api.properties.get("p").app_version == "1"
        action = "offer properties p: read"
        assert desk.service.requests == [
            Request("GET", BRANCHES.removeprefix("GET "), action),
            Request("GET", PROPERTIES.removeprefix("GET "), action),
        ]

    def test_a_plans_draft_has_the_query_of_its_module(self, desk: Desk) -> None:
        desk.service.on(
            "GET products/p/branches/getByModule(module=Availability)", [branch("i"), branch("j", "v")]
        )
        path = "products/p/featureAvailabilities"
        desk.service.on(f"GET {path}/getByInstanceID(instanceID=j)", [{"id": "d", "@odata.etag": '"1"'}])
        desk.service.on(f"PUT {path}/d", {"id": "d"})
        draft = desk.api.pricing.get("p", "v")
        desk.api.pricing.write(lambda _: draft, "p", "v")
        prices = {"$expand": "MarketStates,PriceSchedules,Trial"}
        assert desk.service.requests[1:] == [
            Request("GET", f"{path}/getByInstanceID(instanceID=j)", "pricing p/v: read", params=prices),
            Request("PUT", f"{path}/d", "pricing p/v: write", draft.to_json(), '"1"', prices),
        ]

    def test_a_module_exists_where_it_has_a_branch(self, desk: Desk) -> None:
        assert desk.api.properties.exists("p")
        assert desk.api.properties.exists("p", "v")
        assert not desk.api.properties.exists("p", "w")
        assert desk.service.requests[0].action == "offer properties p: look-up"
        assert len(desk.service.requests) == 1

    def test_a_draft_that_was_read_is_written_without_another_read(self, desk: Desk) -> None:
        desk.api.properties.get("p")
        desk.service.lines()
        desk.service.on("PUT products/p/properties/d", {**STORED, "appVersion": "2"})
        assert self.write(desk, app_version="2").app_version == "2"
        assert desk.service.requests == [
            Request(
                "PUT",
                "products/p/properties/d",
                "offer properties p: write",
                {**STORED, "appVersion": "2"},
                '"1"',
            )
        ]
        self.write(desk, app_version="3")  # the client reads the document again after its own write
        assert desk.service.lines()[1:] == [PROPERTIES, "PUT products/p/properties/d"]

    def test_an_empty_member_is_written_only_where_the_draft_has_it(self, desk: Desk) -> None:
        desk.service.on("PUT products/p/properties/d", STORED)
        self.write(desk, app_version="", terms_of_use="", industries=[])
        assert desk.service.requests[-1].body == {**STORED, "appVersion": ""}

    def test_a_stale_etag_is_forgiven_where_nobody_changed_the_members(self, desk: Desk) -> None:
        desk.service.on(PROPERTIES, [STORED], [{**STORED, "@odata.etag": '"2"', "portal": "new"}])
        desk.service.on(
            "PUT products/p/properties/d", Stale("put", status=412), {**STORED, "appVersion": "2"}
        )
        self.write(desk, app_version="2")
        assert desk.service.requests[-1].etag == '"2"'
        assert desk.service.requests[-1].body == {
            **STORED,
            "@odata.etag": '"2"',
            "portal": "new",
            "appVersion": "2",
        }
        assert desk.service.lines().count(BRANCHES) == 2

    @pytest.mark.parametrize("error", [Stale("put", status=412), Conflict("put", status=409), gone()])
    def test_a_write_whose_answer_was_lost_is_recognised(self, desk: Desk, error: Exception) -> None:
        desk.service.on(PROPERTIES, [STORED], [{**STORED, "@odata.etag": '"2"', "appVersion": "2"}])
        desk.service.on("PUT products/p/properties/d", error)
        assert self.write(desk, app_version="2").etag == '"2"'
        assert [request.method for request in desk.service.requests].count("PUT") == 1

    def test_a_member_that_somebody_else_changed_is_refused_by_name(self, desk: Desk) -> None:
        theirs = {**STORED, "appVersion": "9", "termsOfUse": "theirs", "portal": "new"}
        desk.service.on(PROPERTIES, [STORED], [theirs])
        desk.service.on("PUT products/p/properties/d", Stale("put", status=412))
        with pytest.raises(Stale) as caught:
            self.write(desk, app_version="2", terms_of_use="mine")
        assert str(caught.value) == (
            "offer properties p: write: somebody else changed appVersion, termsOfUse meanwhile\n"
            "  next: run `pulumi refresh` to see the change, then decide and run `pulumi up` again"
        )
        assert caught.value.status == 412

    def test_a_part_of_our_write_is_not_our_write(self, desk: Desk) -> None:
        desk.service.on(PROPERTIES, [STORED], [{**STORED, "appVersion": "2"}])
        desk.service.on("PUT products/p/properties/d", Stale("put", status=412))
        with pytest.raises(Stale, match="somebody else changed appVersion meanwhile"):
            self.write(desk, app_version="2", terms_of_use="mine")

    def test_three_refusals_end_the_write(self, desk: Desk) -> None:
        desk.service.on("PUT products/p/properties/d", Stale("refused", status=412))
        with pytest.raises(Stale, match="refused"):
            self.write(desk, app_version="2")
        assert [request.method for request in desk.service.requests].count("PUT") == 3

    @pytest.mark.parametrize(
        ("stored", "is_ours"),
        [
            ([{"name": "a", "terms": "t", "id": "7"}], True),
            ([{"name": "a", "terms": "t", "assetId": "7", "@odata.type": "x", "note": ""}], True),
            ([{"name": "a", "terms": "t", "note": "theirs"}], False),
            ([{"name": "a", "terms": "t"}, {"name": "b"}], False),
            ([{"name": "a", "terms": "u"}], False),
            ([{"name": "a"}], False),
        ],
    )
    def test_a_written_value_is_recognised_beside_what_the_service_adds(
        self, desk: Desk, stored: list[dict[str, Any]], is_ours: bool
    ) -> None:
        desk.service.on(PROPERTIES, [STORED], [{**STORED, "customAmendments": stored}])
        desk.service.on("PUT products/p/properties/d", Stale("put", status=412))
        amendments = Property.from_json({"id": "d", "customAmendments": [{"name": "a", "terms": "t"}]}, "")
        write = lambda: self.write(desk, custom_amendments=amendments.custom_amendments)  # noqa: E731
        if is_ours:
            assert write().id == "d"
        else:
            with pytest.raises(Stale, match="customAmendments"):
                write()

    def test_two_branches_of_one_place_are_refused(self, desk: Desk) -> None:
        desk.service.on(BRANCHES, [branch("i"), branch("k")])
        with pytest.raises(ContractError) as caught:
            desk.api.properties.get("p")
        assert str(caught.value).startswith(
            "offer properties p: read: the answer has two drafts of the Property module instead of one\n"
            "  next: the response was not used"
        )
        desk.service.on(BRANCHES, [branch("k", type="Private"), branch("i")])
        assert desk.api.properties.exists("p")

    def test_a_branch_that_is_missing_is_waited_for_once_the_plan_is_confirmed(self, desk: Desk) -> None:
        desk.service.on(BRANCHES, [branch("i")], [], [], [branch("i"), branch("j", "v")])
        desk.service.on("GET products/p/properties/getByInstanceID(instanceID=j)", [STORED])
        assert desk.api.properties.get("p", "v").id == "d"
        lines = desk.service.lines()
        assert lines[2:4] == ["GET products/p/variants", BRANCHES]
        assert lines.count(BRANCHES) == 4
        assert len(desk.service.pauses) == 1

    def test_a_branch_of_an_absent_plan_is_gone(self, desk: Desk) -> None:
        with pytest.raises(Gone, match="plan p/w"):
            desk.api.properties.get("p", "w")
        assert desk.service.pauses == []

    def test_waiting_for_a_branch_has_a_deadline(self, desk: Desk) -> None:
        desk.service.on(BRANCHES, [])
        with pytest.raises(JobTimeout) as caught:
            desk.api.properties.get("p")
        assert str(caught.value) == (
            "offer properties p: read: the service has not created it within 60 s\n"
            "  next: run the same command again: it finds what exists and continues from there"
        )
        assert 50 <= sum(desk.service.pauses) <= 70

    def test_an_instance_that_was_submitted_meanwhile_is_looked_up_again(self, desk: Desk) -> None:
        desk.service.on(BRANCHES, [branch("old")], [branch("i")])
        desk.service.on("GET products/p/properties/getByInstanceID(instanceID=old)", gone())
        assert desk.api.properties.get("p").id == "d"


class TestUnversioned:
    PATH = "products/p/setup"
    SETUP = {"resourceType": "AzureApplicationSetup", "trialUri": "https://example.com", "portal": 1}

    def test_a_document_is_read_once_for_its_write(self, desk: Desk) -> None:
        desk.service.on(f"GET {self.PATH}", self.SETUP)
        desk.service.on(f"POST {self.PATH}", self.SETUP)
        assert desk.api.setup.get("p").trial_uri == "https://example.com"
        desk.api.setup.write(lambda _: Setup(call_to_action="GetItNow", selling_option=""), "p")
        assert desk.service.requests == [
            Request("GET", self.PATH, "offer setup p: read"),
            Request("POST", self.PATH, "offer setup p: write", {**self.SETUP, "callToAction": "GetItNow"}),
        ]
        desk.api.setup.write(lambda _: Setup(), "p")
        assert desk.service.lines()[2:] == [f"GET {self.PATH}", f"POST {self.PATH}"]

    def test_every_offer_has_it(self, desk: Desk) -> None:
        assert desk.api.setup.exists("p")
        assert desk.service.lines() == ["GET products/p"]

    def test_an_absent_document_of_an_offer_that_is_there_is_refused(self, desk: Desk) -> None:
        desk.service.on(f"GET {self.PATH}", gone())
        with pytest.raises(
            ContractError, match="offer setup p: read: the offer exists, but this object does not"
        ):
            desk.api.setup.get("p")
        desk.service.on(f"GET {self.PATH}", {})
        with pytest.raises(ContractError, match="lacks resourceType"):
            desk.api.setup.get("p")

    @pytest.mark.parametrize("answer", [gone(), None, {}])
    def test_a_lead_destination_may_be_unset(self, desk: Desk, answer: Any) -> None:
        desk.service.on("GET products/p/leadconfiguration", answer)
        assert desk.api.leads.get("p").to_json() == {}

    def test_a_lead_destination_of_an_absent_offer_is_gone(self, desk: Desk) -> None:
        desk.service.on("GET products/p", gone())
        desk.service.on("GET products/p/leadconfiguration", gone())
        with pytest.raises(Gone):
            desk.api.leads.get("p")

    def test_another_type_of_destination_replaces_all_members(self, desk: Desk) -> None:
        path = "products/p/leadconfiguration"
        desk.service.on(f"GET {path}", {"resourceType": "AzureTableLead", "contactEmail": "a@example.com"})
        desk.service.on(f"POST {path}", {"resourceType": "HttpsLead"})
        desk.api.leads.write(lambda _: LeadConfiguration(resource_type="HttpsLead"), "p")
        assert desk.service.requests[-1].body == {"resourceType": "HttpsLead"}
        desk.api.leads.write(lambda _: LeadConfiguration(resource_type="AzureTableLead"), "p")
        assert desk.service.requests[-1].body == {
            "resourceType": "AzureTableLead",
            "contactEmail": "a@example.com",
        }


LISTINGS = "GET products/p/listings/getByInstanceID(instanceID=i)"
ENGLISH = {"id": "l", "languageCode": "en-us", "title": "Contoso", "@odata.etag": '"1"'}


class TestListings:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.service.on(
            "GET products/p/branches/getByModule(module=Listing)", [branch("i"), branch("j", "v")]
        )
        desk.service.on(LISTINGS, [ENGLISH])
        return desk

    def test_listings_are_read_once_and_languages_compare_without_case(self, desk: Desk) -> None:
        assert desk.api.listings.get("p", "EN-US").id == "l"
        assert desk.api.listings.languages("p") == ["en-us"]
        assert desk.api.listings.find("p", "de-de") is None
        assert [request.action for request in desk.service.requests] == ["listings p: read"] * 2

    def test_languages_are_in_lower_case_and_sorted(self, desk: Desk) -> None:
        desk.service.on(
            LISTINGS, [{**ENGLISH, "languageCode": "fr-FR"}, {**ENGLISH, "languageCode": "de-DE"}]
        )
        assert desk.api.listings.languages("p") == ["de-de", "fr-fr"]

    def test_an_offer_without_listings_has_no_languages(self, desk: Desk) -> None:
        desk.service.on("GET products/p/branches/getByModule(module=Listing)", [])
        assert desk.api.listings.languages("p") == []
        assert desk.service.pauses == []

    def test_a_list_without_the_language_is_read_again(self, desk: Desk) -> None:
        desk.service.on(LISTINGS, [{**ENGLISH, "languageCode": "de-de"}], [ENGLISH])
        assert desk.api.listings.get("p", "en-us").id == "l"

    @pytest.mark.parametrize(
        ("variant", "subject"), [("", "offer listing p/de-de"), ("v", "plan listing p/v/de-de")]
    )
    def test_a_missing_language_is_named(self, desk: Desk, variant: str, subject: str) -> None:
        desk.service.on("GET products/p/listings/getByInstanceID(instanceID=j)", [ENGLISH])
        with pytest.raises(NoListing) as caught:
            desk.api.listings.get("p", "de-de", variant)
        assert (str(caught.value), caught.value.status) == (
            f"{subject}: there is no listing in this language",
            404,
        )

    def test_listings_of_a_new_offer_are_waited_for(self, desk: Desk) -> None:
        desk.service.on(LISTINGS, [], [], [ENGLISH])
        assert [listing.id for listing in desk.api.listings.all("p")] == ["l"]
        assert len(desk.service.pauses) == 2

    def test_a_language_is_created_in_the_current_instance(self, desk: Desk) -> None:
        desk.api.listings.all("p")
        path = "products/p/listings/createWithInstanceID(instanceID=i)"
        desk.service.on(f"POST {path}", {**ENGLISH, "id": "m", "languageCode": "de-DE"})
        assert desk.api.listings.create("p", "de-DE", Listing(title="Contoso", summary="")).id == "m"
        assert desk.service.requests[-1] == Request(
            "POST",
            path,
            "offer listing p/de-DE: create",
            {"title": "Contoso", "resourceType": "AzureListing", "languageCode": "de-DE"},
        )
        assert [listing.id for listing in desk.api.listings.all("p")] == ["l", "m"]

    def test_a_language_of_a_lost_answer_is_looked_for_in_a_new_list(self, desk: Desk) -> None:
        desk.api.listings.all("p")
        desk.service.on("POST products/p/listings/createWithInstanceID(instanceID=i)", LOST)
        desk.service.on(LISTINGS, [ENGLISH, {**ENGLISH, "id": "m", "languageCode": "de-de"}])
        assert desk.api.listings.create("p", "de-DE", Listing()).id == "m"
        assert [listing.id for listing in desk.api.listings.all("p")] == ["l", "m"]

    def test_a_listing_is_written_and_kept(self, desk: Desk) -> None:
        desk.service.on("PUT products/p/listings/l", {**ENGLISH, "title": "New", "@odata.etag": '"2"'})
        written = desk.api.listings.write("p", "EN-us", lambda draft: Listing(title=f"{draft.title}!"))
        assert written.title == "New"
        assert desk.service.requests[-1] == Request(
            "PUT",
            "products/p/listings/l",
            "offer listing p/EN-us: write",
            {**ENGLISH, "title": "Contoso!"},
            '"1"',
        )
        desk.service.lines()
        assert desk.api.listings.get("p", "en-us").title == "New"
        assert desk.service.requests == []

    def test_a_stale_listing_is_read_again(self, desk: Desk) -> None:
        desk.service.on(LISTINGS, [ENGLISH], [{**ENGLISH, "id": "m", "@odata.etag": '"2"'}])
        desk.service.on("PUT products/p/listings/l", gone())
        desk.service.on("PUT products/p/listings/m", {**ENGLISH, "id": "m"})
        assert desk.api.listings.write("p", "en-us", lambda _: Listing(title="New")).id == "m"

    def test_a_listing_is_deleted(self, desk: Desk) -> None:
        desk.service.on("DELETE products/p/listings/l", None)
        desk.api.listings.delete("p", "en-us")
        assert desk.service.requests[-1] == Request(
            "DELETE", "products/p/listings/l", "offer listing p/en-us: delete"
        )
        desk.service.on("DELETE products/p/listings/l", gone())
        with pytest.raises(ContractError, match="offer listing p/en-us: delete: it exists"):
            desk.api.listings.delete("p", "en-us")


IMAGES = "products/p/listings/l/images"
ROW = {
    "id": "f",
    "fileName": "logo.png",
    "type": "AzureLogoLarge",
    "state": "PendingUpload",
    "@odata.etag": '"1"',
}
UPLOADED = {**ROW, "state": "Uploaded", "fileSasUri": "https://files.example.com/f?sig=1"}


class TestFiles:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.service.on("GET products/p/branches/getByModule(module=Listing)", [branch("i")])
        desk.service.on(LISTINGS, [ENGLISH])
        desk.service.on(f"GET {IMAGES}", [UPLOADED])
        desk.api.listings.all("p")
        desk.service.lines()
        return desk

    def image(self) -> ListingImage:
        return ListingImage(file_name="logo.png", type="AzureLogoLarge", order=1)

    def test_rows_are_listed_once_with_their_addresses(self, desk: Desk) -> None:
        assert [row.id for row in desk.api.images.all("p", "en-us")] == ["f"]
        assert [row.id for row in desk.api.images.all("p", "EN-US")] == ["f"]
        assert desk.service.requests == [Request("GET", IMAGES, "images of p: list", params=EXPAND)]
        assert [row.id for row in desk.api.images.in_listing("p", "l")] == ["f"]
        assert len(desk.service.requests) == 1

    def test_a_current_list_is_read_again_and_cached(self, desk: Desk) -> None:
        desk.api.images.all("p", "en-us")
        desk.service.on(f"GET {IMAGES}", [])
        assert desk.api.images.list_current("p", "en-us") == []
        assert desk.api.images.all("p", "en-us") == []
        assert desk.service.requests[1:] == [Request("GET", IMAGES, "images of p: list", params=EXPAND)]

    def test_a_file_is_a_row_then_bytes_then_uploaded(self, desk: Desk) -> None:
        desk.api.images.all("p", "en-us")
        desk.service.lines()
        row = {**ROW, "id": "g", "fileSasUri": "https://files.example.com/g?sig=2"}
        desk.service.on(f"POST {IMAGES}", row)
        desk.service.on(f"PUT {IMAGES}/g", {**row, "state": "Uploaded"})
        content: Any = "bytes"
        assert desk.api.images.add("p", "en-us", self.image(), content).state == "Uploaded"
        action = "image logo.png: upload"
        assert desk.service.requests == [
            Request("POST", IMAGES, action, {"fileName": "logo.png", "type": "AzureLogoLarge", "order": 1}),
            Request("PUT", f"{IMAGES}/g", "image g: write", {**row, "order": 1, "state": "Uploaded"}, '"1"'),
        ]
        assert desk.host.calls == [("upload", "https://files.example.com/g?sig=2", content, action)]
        desk.service.lines()
        assert [image.id for image in desk.api.images.all("p", "en-us")] == ["f", "g"]
        assert desk.service.requests == []

    def test_a_row_without_an_address_is_refused(self, desk: Desk) -> None:
        desk.service.on(f"POST {IMAGES}", ROW)
        content: Any = "bytes"
        with pytest.raises(ContractError) as caught:
            desk.api.images.add("p", "en-us", self.image(), content)
        assert str(caught.value) == "image logo.png: upload: the service gave no address to write to"

    def test_a_row_without_bytes_needs_no_address(self, desk: Desk) -> None:
        desk.service.on(f"POST {IMAGES}", ROW)
        desk.service.on(f"PUT {IMAGES}/f", ROW)
        desk.api.images.add("p", "en-us", ListingImage(type="AzureLogoLarge"), None)
        assert desk.service.requests[0].action == "image p: upload"
        assert desk.host.calls == []

    def test_a_row_of_a_lost_answer_is_created_again_and_the_list_read_again(self, desk: Desk) -> None:
        desk.api.images.all("p", "en-us")
        desk.service.lines()
        desk.service.on(f"POST {IMAGES}", LOST, UPLOADED)
        desk.service.on(f"PUT {IMAGES}/f", UPLOADED)
        content: Any = "bytes"
        desk.api.images.add("p", "en-us", self.image(), content)
        assert desk.service.lines() == [f"POST {IMAGES}", f"POST {IMAGES}", f"PUT {IMAGES}/f"]
        desk.api.images.all("p", "en-us")
        assert desk.service.lines() == [f"GET {IMAGES}"]

    def test_a_row_that_somebody_removed_meanwhile_is_stale(self, desk: Desk) -> None:
        desk.service.on(f"POST {IMAGES}", UPLOADED)
        desk.host.error = ApiError("upload", said="no container", status=404)
        content: Any = "bytes"
        with pytest.raises(Stale) as caught:
            desk.api.images.add("p", "en-us", self.image(), content)
        assert str(caught.value) == (
            "image logo.png: upload: somebody else removed it meanwhile, as a second run on the same offer does\n"
            "  service: no container\n"
            "  next: run the same command again, when nobody else works on the offer"
        )
        assert caught.value.status == 404
        desk.host.error = ApiError("upload", status=403)
        with pytest.raises(ApiError, match=r"^upload$"):
            desk.api.images.add("p", "en-us", self.image(), content)

    def test_a_changed_row_replaces_that_of_the_list(self, desk: Desk) -> None:
        desk.api.images.all("p", "en-us")
        desk.service.on(f"GET {IMAGES}/f", UPLOADED)
        desk.service.on(f"PUT {IMAGES}/f", {**UPLOADED, "order": 2})
        desk.api.images.change("p", "en-us", "f", lambda row: ListingImage(order=len(row.file_name)))
        assert desk.service.requests[1:] == [
            Request("GET", f"{IMAGES}/f", "image f: write", params=EXPAND),
            Request("PUT", f"{IMAGES}/f", "image f: write", {**UPLOADED, "order": 8}, '"1"'),
        ]
        assert [row.order for row in desk.api.images.all("p", "en-us")] == [2]

    def test_an_answer_about_another_row_is_refused(self, desk: Desk) -> None:
        desk.service.on(f"GET {IMAGES}/f", {**UPLOADED, "id": "g"})
        with pytest.raises(ContractError, match="about another object"):
            desk.api.images.change("p", "en-us", "f", lambda row: row)

    @pytest.mark.parametrize("answer", [None, gone()])
    def test_a_removed_row_is_no_longer_listed(self, desk: Desk, answer: Any) -> None:
        desk.service.on(f"GET {IMAGES}", [UPLOADED, {**UPLOADED, "id": "g"}])
        desk.api.images.all("p", "en-us")
        desk.service.on(f"DELETE {IMAGES}/f", answer)
        desk.api.images.remove("p", "en-us", "f")
        assert desk.service.requests[-1] == Request("DELETE", f"{IMAGES}/f", "image f: delete")
        assert [row.id for row in desk.api.images.all("p", "en-us")] == ["g"]

    @pytest.mark.parametrize(
        ("current", "is_removed", "requests"),
        [
            (UPLOADED, True, 2),
            ({**UPLOADED, "@odata.etag": '"2"'}, False, 1),
            ({**UPLOADED, "state": "Processed"}, False, 1),
            (gone(), True, 1),
        ],
    )
    def test_a_row_is_removed_only_as_it_was_listed(
        self, desk: Desk, current: Any, is_removed: bool, requests: int
    ) -> None:
        (row,) = desk.api.images.all("p", "en-us")
        desk.service.lines()
        desk.service.on(f"GET {IMAGES}/f", current)
        desk.service.on(f"DELETE {IMAGES}/f", None)
        assert desk.api.images.remove_unchanged("p", "en-us", row) is is_removed
        assert desk.service.requests[0] == Request("GET", f"{IMAGES}/f", "image f: delete", params=EXPAND)
        assert len(desk.service.requests) == requests
        assert desk.api.images.all("p", "en-us") == ([] if is_removed else [row])

    def test_a_digest_is_read_once_and_a_pending_row_has_none(self, desk: Desk) -> None:
        row, pending = (ListingImage.from_json(document, "") for document in (UPLOADED, ROW))
        address = "https://files.example.com/f?sig=1"
        assert desk.api.images.digest(row) == desk.api.images.digest(row) == f"sha256:{address}"
        assert desk.host.calls == [("digest", address, "image logo.png: read", 256 << 20)]
        assert desk.api.images.digest(pending) == ""
        without_address = ListingImage.from_json({**ROW, "state": "Uploaded"}, "")
        with pytest.raises(ContractError) as caught:
            desk.api.images.digest(without_address)
        assert str(caught.value).startswith(
            "image logo.png: read: the service gave no address to read it from\n  next: the response was not used"
        )

    def test_a_file_is_saved_within_a_size(self, desk: Desk) -> None:
        row = ListingImage.from_json(UPLOADED, "")
        desk.api.images.save(row, Path("logo.png"))
        assert desk.host.calls == [
            ("download", row.address, Path("logo.png"), "image logo.png: download", 256 << 20)
        ]


PACKAGE = {
    "id": "K",
    "fileName": "app.zip",
    "type": "AzureApplication",
    "state": "Processed",
    "@odata.etag": '"1"',
}
SOLD = "GET products/p/branches/getByModule(module=Package)"
CONFIGURATIONS = "GET products/p/packageConfigurations/getByInstanceID(instanceID=i)"


class TestPackages:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.service.on("GET products/p/packages", [PACKAGE])
        desk.service.on(SOLD, [branch("i")])
        configuration = {
            "id": "c",
            "resourceType": "AzureManagedApplication",
            "packageReferences": [{"type": "AzureApplication", "value": "k"}],
        }
        desk.service.on(CONFIGURATIONS, [configuration])
        return desk

    def package(self, **members: Any) -> Package:
        return Package.from_json({**PACKAGE, **members}, "")

    def test_a_package_is_read_from_the_list(self, desk: Desk) -> None:
        assert desk.api.packages.get("p", "K").file_name == "app.zip"
        assert desk.service.requests == [Request("GET", "products/p/packages", "packages of p: list")]
        with pytest.raises(Gone) as caught:
            desk.api.packages.get("p", "L")
        assert (str(caught.value), caught.value.status) == (
            "package p/L: not among the packages of the offer",
            404,
        )
        desk.service.on("GET products/p/packages", [{**PACKAGE, "id": "L"}])
        assert desk.api.packages.get("p", "L").id == "L"
        assert [row.id for row in desk.api.packages.list_current("p")] == ["L"]

    def test_references_of_configurations_are_read_each_time(self, desk: Desk) -> None:
        assert desk.api.packages.referenced("p") == desk.api.packages.referenced("p") == {"k"}
        assert {request.action for request in desk.service.requests} == {"packages of p: references"}
        assert desk.service.lines().count(SOLD) == 2

    def test_a_referenced_package_is_kept(self, desk: Desk) -> None:
        assert not desk.api.packages.remove("p", "K")
        assert not any(line.startswith("DELETE") for line in desk.service.lines())

    @pytest.mark.parametrize(
        ("answer", "is_removed"),
        [
            (None, True),
            (Conflict("no", status=409), False),
            (Invalid("no", status=400), False),
            (ApiError("no", status=405), False),
        ],
    )
    def test_a_package_goes_unless_the_service_keeps_it(
        self, desk: Desk, answer: Any, is_removed: bool
    ) -> None:
        desk.service.on("DELETE products/p/packages/M", answer)
        assert desk.api.packages.remove("p", "M") is is_removed

    def test_another_refusal_is_an_error(self, desk: Desk) -> None:
        desk.service.on("DELETE products/p/packages/M", ApiError("no", status=403))
        with pytest.raises(ApiError, match="no"):
            desk.api.packages.remove("p", "M")

    def test_a_new_package_is_processed_before_it_is_returned(self, desk: Desk) -> None:
        row = {**PACKAGE, "state": "PendingUpload", "fileSasUri": "https://files.example.com/k"}
        desk.service.on("POST products/p/packages", row)
        desk.service.on("PUT products/p/packages/K", {**row, "state": "Uploaded"})
        desk.service.on("GET products/p/packages/K", {**row, "state": "InProcessing"}, PACKAGE)
        content: Any = "bytes"
        desired = Package(file_name="app.zip", type="AzureApplication")
        assert desk.api.packages.add("p", desired, content).state == "Processed"
        assert (
            desk.service.requests[2:]
            == [Request("GET", "products/p/packages/K", "package app.zip: processing")] * 2
        )
        assert len(desk.service.pauses) == 1

    def test_a_processed_package_is_not_read_again(self, desk: Desk) -> None:
        assert desk.api.packages.wait_processed("p", self.package()).id == "K"
        assert desk.service.requests == []

    def test_findings_of_a_rejected_package_are_shown(self, desk: Desk) -> None:
        findings = [{"errorCode": "E1", "message": "no template"}, {"errorCode": "E2", "message": "no view"}]
        failed = self.package(state="ProcessFailed", validationItems=findings)
        with pytest.raises(Rejected) as caught:
            desk.api.packages.wait_processed("p", failed)
        text = str(caught.value)
        assert text.startswith("package app.zip: processing: Partner Center rejects it\n")
        assert "E1: no template" in text
        assert "E2: no view" in text
        assert text.endswith("next: correct the package's source")

    def test_processing_has_a_deadline(self, desk: Desk) -> None:
        desk.service.on("GET products/p/packages/K", {**PACKAGE, "state": "InProcessing"})
        with pytest.raises(JobTimeout) as caught:
            desk.api.packages.wait_processed("p", self.package(state="Uploaded"))
        assert str(caught.value) == (
            "package app.zip: processing: not finished within 15 min\n"
            "  next: run the same command again: it continues to wait"
        )
        assert 800 <= sum(desk.service.pauses) <= 1000

    def test_an_answer_about_another_package_is_refused(self, desk: Desk) -> None:
        desk.service.on("GET products/p/packages/K", {**PACKAGE, "id": "L"})
        with pytest.raises(ContractError, match="about another object"):
            desk.api.packages.wait_processed("p", self.package(state="Uploaded"))

    def test_a_content_is_uploaded_and_digested_once(self, desk: Desk) -> None:
        results = iter([self.package(), self.package(id="L")])
        for _ in range(2):
            assert desk.api.packages.upload_once("p", ("a", "zip"), lambda: next(results)).id == "K"
        assert desk.api.packages.upload_once("p", ("b", "zip"), lambda: next(results)).id == "L"
        digests = iter(["1", "2"])
        for _ in range(2):
            assert desk.api.packages.cached_digest(self.package(), lambda: next(digests)) == "1"
        assert desk.api.packages.cached_digest(self.package(id="L"), lambda: next(digests)) == "2"

    def test_a_package_is_saved_within_the_services_limit(self, desk: Desk) -> None:
        package = self.package(fileSasUri="https://files.example.com/k")
        desk.api.packages.save(package, Path("app.zip"))
        assert desk.host.calls[0][-2:] == ("package app.zip: download", 1 << 30)

    def test_documents_for_sellers_are_listed_in_the_current_draft(self, desk: Desk) -> None:
        desk.service.on("GET products/p/branches/getByModule(module=Cosell)", [branch("i")])
        path = "products/p/cosellAssets/getByInstanceID(instanceID=i)"
        desk.service.on(f"GET {path}", [{**ROW, "id": "s"}])
        assert [row.id for row in desk.api.cosell_assets.all("p")] == ["s"]
        assert desk.service.requests[-1] == Request("GET", path, "co-sell documents of p: list")


RUNS = "products/p/submissions"


def run(id: str, release: int = 1, **members: Any) -> dict[str, Any]:
    return {"id": id, "state": "Published", "substate": "ReadyToPublish", "releaseNumber": release, **members}


class TestSubmissions:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        for module, instance in (
            ("Availability", "a"),
            ("Property", "r"),
            ("Package", "k"),
            ("Listing", "l"),
        ):
            branches = (
                [branch(instance)]
                if module == "Property"
                else [branch(instance), branch(f"{instance}v", "v")]
            )
            desk.service.on(f"GET products/p/branches/getByModule(module={module})", branches)
        desk.service.on(f"GET {RUNS}", [])
        return desk

    def submission(self, id: str = "7", **members: Any) -> Submission:
        return Submission.from_json(run(id, **members), "")

    def test_submissions_are_listed_oldest_first_each_time(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}", [run("10", 2), run("9", 2), run("8", 2), run("99", 1)])
        assert [submission.id for submission in desk.api.submissions.all("p")] == ["99", "8", "9", "10"]
        newest = desk.api.submissions.newest("p")
        assert newest is not None
        assert newest.id == "10"
        assert (
            desk.service.requests
            == [Request("GET", RUNS, "submissions of p: list", params={"$expand": "PublishOption"})] * 2
        )

    def test_an_empty_list_is_read_again(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}", [], [run("1")])
        assert desk.api.submissions.published("p") == {"p"}
        desk.service.on(f"GET {RUNS}", [], [run("1")])
        assert [submission.id for submission in desk.api.submissions.all("p")] == ["1"]

    def test_a_list_that_lacks_a_submission_is_completed_by_the_next_one(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}", [run("1"), run("2", 2)], [run("3", 3)])
        assert [submission.id for submission in desk.api.submissions.all("p", "3")] == ["1", "2", "3"]
        assert len(desk.service.pauses) == 1
        desk.service.on(f"GET {RUNS}", [run("1"), run("2", 2)], [])
        assert [submission.id for submission in desk.api.submissions.all("p", "3")] == ["1", "2"]

    def test_an_offer_without_submissions_has_no_newest_and_no_published_ids(self, desk: Desk) -> None:
        assert desk.api.submissions.newest("p") is None
        assert desk.api.submissions.published("p") == frozenset()

    def test_the_offer_and_the_plans_of_a_preview_are_published(self, desk: Desk) -> None:
        plans = [{"variantID": "v", "resources": []}]
        others = [{"variantID": "w", "resources": []}]
        desk.service.on(
            f"GET {RUNS}",
            [
                run("1", variantResources=plans),
                run("2", state="InProgress", substate="", variantResources=others),
            ],
        )
        assert desk.api.submissions.published("p") == desk.api.submissions.published("p") == {"p", "p/v"}
        assert len(desk.service.requests) == 1

    @pytest.mark.parametrize(
        ("state", "substate", "is_published"),
        [
            ("Published", "ReadyToPublish", True),
            ("Published", "InStore", True),
            ("Archived", "InStore", True),
            ("RolledBack", "InStore", True),
            ("InProgress", "FailedInCertification", True),
            ("InProgress", "Failed", False),
            ("InProgress", "Submitted", False),
            ("Cancelled", "Cancelled", False),
        ],
    )
    def test_an_offer_that_was_ever_in_a_preview_is_published(
        self, desk: Desk, state: str, substate: str, is_published: bool
    ) -> None:
        desk.service.on(f"GET {RUNS}", [run("1", state=state, substate=substate)])
        assert ("p" in desk.api.submissions.published("p")) is is_published

    def test_a_submission_is_read_with_its_notes(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", run("7"))
        assert desk.api.submissions.get("p", "7").id == "7"
        assert desk.service.requests == [
            Request("GET", f"{RUNS}/7", "submission 7: read", params={"$expand": "PublishOption"})
        ]
        desk.service.on(f"GET {RUNS}/7", run("8"))
        with pytest.raises(ContractError, match="about another object"):
            desk.api.submissions.get("p", "7")

    def test_the_list_decides_whether_a_submission_is_gone(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", gone())
        assert desk.api.submissions.current("p", "7") is None
        desk.service.on(f"GET {RUNS}", [run("6"), run("7")])
        current = desk.api.submissions.current("p", "7")
        assert current is not None
        assert current.id == "7"

    def test_a_submission_has_an_instance_of_every_module(self, desk: Desk) -> None:
        draft = {**PLAN, "id": "w", "externalID": "silver", "state": "Inactive"}
        desk.service.on("GET products/p/variants", [PLAN, draft])
        desk.service.on("GET products/p/branches/getByModule(module=Cosell)", [branch("c")])
        desk.service.on(f"POST {RUNS}", run("7"))
        desk.api.submissions.submit("p", [], "0123456789abcdef", "for Contoso", ["Cosell"], {})
        (request,) = (request for request in desk.service.requests if request.method == "POST")
        assert request.action == "submission of p: create"
        assert request.body == {
            "resourceType": "SubmissionCreationRequest",
            "targets": [{"type": "Scope", "value": "preview"}],
            "resources": [
                {"type": "Availability", "value": "a"},
                {"type": "Property", "value": "r"},
                {"type": "Package", "value": "k"},
                {"type": "Listing", "value": "l"},
                {"type": "Cosell", "value": "c"},
                {"type": "ResellerConfiguration", "value": "p-ResellerInstance"},
            ],
            "variantResources": [
                {
                    "variantID": "v",
                    "resources": [
                        {"type": "Availability", "value": "av"},
                        {"type": "Package", "value": "kv"},
                        {"type": "Listing", "value": "lv"},
                    ],
                }
            ],
            "publishOption": {
                "isManualPublish": True,
                "certificationNotes": "for Contoso\n[content 0123456789abcdef]",
            },
        }
        desk.service.lines()
        desk.api.properties.exists("p")
        assert len(desk.service.requests) == 1  # every draft has a new id after a submission

    def test_instances_that_were_submitted_already_are_looked_up_again(self, desk: Desk) -> None:
        path = "GET products/p/branches/getByModule(module=Property)"
        desk.service.on(path, [branch("old")], [branch("r")])
        desk.service.on(f"POST {RUNS}", run("7"))
        before = [self.submission("6", resources=[{"type": "Property", "value": "old"}])]
        desk.api.submissions.submit("p", before, "0123456789abcdef", "", [], {})
        (request,) = (request for request in desk.service.requests if request.method == "POST")
        assert {"type": "Property", "value": "r"} in request.body["resources"]

    @pytest.mark.parametrize(
        ("members", "is_ours"),
        [
            ({"publishOption": {"certificationNotes": "[content 0123456789abcdef]"}}, True),
            ({"publishOption": {"certificationNotes": "[content fedcba9876543210]"}}, False),
            ({}, False),
        ],
    )
    def test_a_submission_of_a_lost_answer_is_known_by_its_content(
        self, desk: Desk, members: dict[str, Any], is_ours: bool
    ) -> None:
        desk.service.on(f"POST {RUNS}", LOST, run("9"))
        desk.service.on(
            f"GET {RUNS}",
            [
                run("6", publishOption={"certificationNotes": "[content 0123456789abcdef]"}),
                run("7", 2, **members),
            ],
        )
        submitted = desk.api.submissions.submit("p", [self.submission("6")], "0123456789abcdef", "", [], {})
        assert submitted.id == ("7" if is_ours else "9")

    def test_a_submission_of_a_lost_answer_is_known_by_its_instances(self, desk: Desk) -> None:
        def answer(request: Request) -> list[Any]:
            return [
                {"type": item["type"], "value": item["value"]} for item in reversed(request.body["resources"])
            ]

        desk.service.on(f"POST {RUNS}", LOST)
        send = desk.service._send

        def keep(request: Request) -> JsonResponse:
            if request.method == "POST":
                variants = request.body["variantResources"]
                desk.service.on(
                    f"GET {RUNS}", [run("7", resources=answer(request), variantResources=variants)]
                )
            return send(request)

        desk.service._send = keep  # type: ignore[method-assign]
        assert desk.api.submissions.submit("p", [], "0123456789abcdef", "", [], {}).id == "7"

    @pytest.mark.parametrize(
        ("runs", "advice"),
        [([], ""), ([run("7")], "somebody else submitted it meanwhile: run the same command again")],
    )
    def test_a_conflict_with_another_submission_has_its_next_step(
        self, desk: Desk, runs: list[Any], advice: str
    ) -> None:
        desk.service.on(f"GET {RUNS}", runs)
        desk.service.on(f"POST {RUNS}", Conflict("no", status=409))
        with pytest.raises(Conflict) as caught:
            desk.api.submissions.submit("p", [], "0123456789abcdef", "", [], {})
        assert caught.value.next == advice

    def test_waiting_ends_when_the_preview_is_there_and_reports_each_step(self, desk: Desk) -> None:
        under_way = run("7", state="InProgress", substate="", friendlyName="Submission 1")
        desk.service.on(f"GET {RUNS}/7", under_way, run("7"))
        submission = desk.api.submissions.wait("p", self.submission(), 5)
        assert submission.standing.value == "preview"
        assert desk.screen.lines == ["Submission 1: on the way to preview", "7: preview"]
        assert len(desk.service.pauses) == 1

    def test_waiting_has_a_deadline_and_pauses_of_half_a_minute(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", run("7", state="InProgress", substate=""))
        assert desk.api.submissions.wait("p", self.submission(), 5).standing.value == "on the way to preview"
        assert 250 <= sum(desk.service.pauses) <= 340
        assert max(desk.service.pauses) == 30

    def test_a_submission_that_no_list_contains_was_cancelled(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", gone())
        assert desk.api.submissions.wait("p", self.submission(), 5).standing.value == "cancelled"
        assert desk.service.lines() == [f"GET {RUNS}/7", f"GET {RUNS}", f"GET {RUNS}"]
        assert len(desk.service.pauses) == 1

    def test_a_submission_that_one_list_lacks_was_not_cancelled(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", gone())
        desk.service.on(f"GET {RUNS}", [], [run("7")])
        assert desk.api.submissions.wait("p", self.submission(), 5).standing.value == "preview"

    def test_a_submission_that_one_list_lacks_is_cancelled(self, desk: Desk) -> None:
        """A cancellation that the service refuses has not happened because one list lacks the submission."""
        desk.service.on(f"DELETE {RUNS}/7", gone("none"))
        desk.service.on(f"GET {RUNS}/7", gone())
        desk.service.on(f"GET {RUNS}", [], [run("7", state="InProgress", substate="")])
        with pytest.raises(ContractError, match="it exists and cannot be cancelled"):
            desk.api.submissions.cancel("p", "7")

    def test_a_preview_goes_live_once(self, desk: Desk) -> None:
        desk.service.on(f"POST {RUNS}/7/promote", {})
        desk.api.submissions.promote("p", "7")
        assert desk.service.requests == [Request("POST", f"{RUNS}/7/promote", "submission 7: go live")]

    @pytest.mark.parametrize(("substate", "is_promoted"), [("InStore", True), ("ReadyToPublish", False)])
    def test_a_conflict_of_a_promoted_preview_is_no_error(
        self, desk: Desk, substate: str, is_promoted: bool
    ) -> None:
        desk.service.on(f"POST {RUNS}/7/promote", Conflict("no", status=409))
        desk.service.on(f"GET {RUNS}/7", run("7", substate=substate))
        if is_promoted:
            desk.api.submissions.promote("p", "7")
        else:
            with pytest.raises(Conflict):
                desk.api.submissions.promote("p", "7")

    @pytest.mark.parametrize(
        ("substate", "posts"),
        [("InStore", 1), ("Publishing", 1), ("FailedInCertification", 1), ("ReadyToPublish", 2)],
    )
    def test_a_promotion_of_a_lost_answer_is_repeated_unless_it_happened(
        self, desk: Desk, substate: str, posts: int
    ) -> None:
        desk.service.on(f"POST {RUNS}/7/promote", LOST, {})
        desk.service.on(f"GET {RUNS}/7", run("7", substate=substate))
        desk.api.submissions.promote("p", "7")
        assert desk.service.lines().count(f"POST {RUNS}/7/promote") == posts

    def test_a_submission_is_cancelled(self, desk: Desk) -> None:
        desk.service.on(f"DELETE {RUNS}/7", None)
        desk.api.submissions.cancel("p", "7")
        assert desk.service.requests == [Request("DELETE", f"{RUNS}/7", "submission 7: cancel")]

    @pytest.mark.parametrize("error", [gone("none"), Conflict("busy", status=409)])
    def test_a_submission_that_has_ended_needs_no_cancellation(self, desk: Desk, error: Exception) -> None:
        desk.service.on(f"DELETE {RUNS}/7", error)
        desk.service.on(f"GET {RUNS}/7", run("7"))
        desk.api.submissions.cancel("p", "7")
        desk.service.on(f"GET {RUNS}/7", gone())
        desk.api.submissions.cancel("p", "7")

    def test_a_busy_submission_that_cannot_be_cancelled_is_an_error(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7", run("7", state="InProgress", substate=""))
        desk.service.on(f"DELETE {RUNS}/7", gone("none"))
        with pytest.raises(ContractError) as odd:
            desk.api.submissions.cancel("p", "7")
        assert str(odd.value) == (
            "submission 7: cancel: it exists and cannot be cancelled (404)\n  service: none"
        )
        desk.service.on(f"DELETE {RUNS}/7", Conflict("busy", status=409))
        with pytest.raises(Conflict) as caught:
            desk.api.submissions.cancel("p", "7")
        assert caught.value.next == "wait until it has ended, then run the same command again"

    def test_details_are_listed_and_may_be_absent(self, desk: Desk) -> None:
        desk.service.on(f"GET {RUNS}/7/validations", [{"errorCode": "E1"}])
        desk.service.on(f"GET {RUNS}/7/reports", [{"status": "Failed"}])
        desk.service.on(f"GET {RUNS}/7/workflowdetails", gone())
        submissions = desk.api.submissions
        assert [finding.error_code for finding in submissions.findings("p", "7")] == ["E1"]
        assert [report.status for report in submissions.reports("p", "7")] == ["Failed"]
        assert submissions.workflows("p", "7") == []
        assert [request.action for request in desk.service.requests] == [
            "submission 7: validations",
            "submission 7: reports",
            "submission 7: workflowdetails",
        ]

    def test_contents_are_completed_by_earlier_previews(self) -> None:
        def resources(**instances: str) -> list[dict[str, str]]:
            return [{"type": module, "value": instance} for module, instance in instances.items()]

        earlier = [
            run("1", 1, resources=resources(Property="r1", Listing="l1", Package="k1")),
            run("2", 2, resources=resources(Listing="l2")),
            run("3", 3, state="Cancelled", resources=resources(Package="k3")),
            run("5", 5, resources=resources(Package="k5")),
        ]
        submission = self.submission(
            "4",
            release=4,
            resources=resources(Property="r4"),
            variantResources=[{"variantID": "v", "resources": resources(Listing="lv")}],
        )
        assert contents_among([Submission.from_json(document, "") for document in earlier], submission) == {
            ("", "Property"): "r4",
            ("", "Listing"): "l2",
            ("", "Package"): "k1",
            ("v", "Listing"): "lv",
        }

    def test_a_digest_decides_without_a_request(self, desk: Desk) -> None:
        notes = {"certificationNotes": "[content 0123456789abcdef]"}
        submission = self.submission(publishOption=notes)
        for content, holds in (("0123456789abcdef", True), ("fedcba9876543210", False)):
            assert desk.api.contents.holds("p", submission, content, frozenset(), [submission]) is holds
        assert desk.service.requests == []


class TestComparison:
    """A submission without a digest holds the drafts if all documents and bytes are equal."""

    INSTANCES = ("Availability", "Property", "Package", "Listing")
    COLLECTIONS: Mapping[str, str] = {
        "Availability": "productAvailabilities",
        "Property": "properties",
        "Package": "packageConfigurations",
        "Listing": "listings",
    }

    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.service.on("GET products/p/variants", [])
        for module in self.INSTANCES:
            desk.service.on(
                f"GET products/p/branches/getByModule(module={module})", [branch(f"{module}-draft")]
            )
            for instance in ("draft", "submitted"):
                self.put(desk, module, instance)
        for instance in ("draft", "submitted"):
            for files in ("images", "videos", "assets"):
                desk.service.on(f"GET products/p/listings/Listing-{instance}/{files}", [])
        return desk

    def put(self, desk: Desk, module: str, instance: str, **members: Any) -> None:
        document = {
            "id": f"{module}-{instance}",
            "@odata.etag": instance,
            "resourceType": module,
            "languageCode": "en-us",
            **members,
        }
        path = f"products/p/{self.COLLECTIONS[module]}/getByInstanceID(instanceID={module}-{instance})"
        desk.service.on(f"GET {path}", [document])

    def submitted(self, *plans: str) -> dict[str, Any]:
        resources = [{"type": module, "value": f"{module}-submitted"} for module in self.INSTANCES]
        resources.append({"type": "ResellerConfiguration", "value": "p-ResellerInstance"})
        return run(
            "7",
            resources=resources,
            variantResources=[{"variantID": plan, "resources": resources} for plan in plans],
        )

    def holds(self, desk: Desk, document: dict[str, Any] | None = None, only: Contents = frozenset()) -> bool:
        submission = Submission.from_json(document or self.submitted(), "")
        return desk.api.contents.holds("p", submission, "0", only, [submission])

    def test_ids_and_etags_make_no_difference(self, desk: Desk) -> None:
        assert self.holds(desk)
        desk.service.lines()
        assert self.holds(desk)
        assert desk.service.requests == []

    @pytest.mark.parametrize("module", INSTANCES)
    def test_a_member_of_any_module_makes_a_difference(self, desk: Desk, module: str) -> None:
        self.put(desk, module, "draft", note="new")
        assert not self.holds(desk)

    def test_an_instance_that_is_still_the_draft_is_not_read(self, desk: Desk) -> None:
        desk.service.on(
            "GET products/p/branches/getByModule(module=Property)", [branch("Property-submitted")]
        )
        self.put(desk, "Property", "draft", note="new")
        assert self.holds(desk)
        assert not any("/properties/" in line for line in desk.service.lines())

    def test_another_set_of_plans_makes_a_difference(self, desk: Desk) -> None:
        assert not self.holds(desk, self.submitted("v"))

    def test_a_module_that_was_never_submitted_makes_a_difference(self, desk: Desk) -> None:
        submission = self.submitted()
        del submission["resources"][1]
        assert not self.holds(desk, submission)

    def test_only_the_chosen_modules_are_compared_and_each_choice_has_its_own_result(
        self, desk: Desk
    ) -> None:
        self.put(desk, "Property", "draft", note="new")
        assert self.holds(desk, only=frozenset({("", "Listing")}))
        assert not self.holds(desk, only=frozenset({("", "Property")}))
        assert not any("/availabilit" in line.lower() for line in desk.service.lines())

    def test_a_list_without_drafts_of_a_chosen_module_makes_a_difference(self, desk: Desk) -> None:
        desk.service.on("GET products/p/branches/getByModule(module=Property)", [])
        assert not self.holds(desk, only=frozenset({("", "Property"), ("", "Listing")}))

    def test_files_are_not_listed_once_a_document_differs(self, desk: Desk) -> None:
        self.put(desk, "Listing", "draft", title="new")
        assert not self.holds(desk, only=frozenset({("", "Listing")}))
        assert not any("/images" in line for line in desk.service.lines())

    @pytest.mark.parametrize("files", ["images", "assets"])
    def test_bytes_of_files_make_a_difference(self, desk: Desk, files: str) -> None:
        def row(instance: str, address: str) -> list[dict[str, Any]]:
            return [{**UPLOADED, "id": instance, "@odata.etag": instance, "fileSasUri": address}]

        for instance in ("draft", "submitted"):
            path = f"GET products/p/listings/Listing-{instance}/{files}"
            desk.service.on(path, row(instance, "https://files.example.com/same"))
        assert self.holds(desk)
        desk.api.contents._drafts.cache.forget("p")
        desk.service.on(
            f"GET products/p/listings/Listing-draft/{files}", row("changed", "https://files.example.com/new")
        )
        assert not self.holds(desk)


class TestViews:
    def test_a_view_without_waiting_finds_a_missing_draft_gone(self, desk: Desk) -> None:
        desk.service.on(BRANCHES, [branch("i")])
        desk.service.on(PROPERTIES, [])
        view = desk.api.without_waiting()
        with pytest.raises(Gone) as plan:
            view.properties.get("p", "v")
        assert (str(plan.value), plan.value.status) == ("offer properties p/v: read: there is none", 404)
        with pytest.raises(Gone) as document:
            view.properties.get("p")
        assert (str(document.value), document.value.status) == (
            "offer properties p: read: there is none",
            404,
        )
        desk.service.on(PROPERTIES, [STORED])
        assert view.properties.get("p").app_version == "1"
        assert desk.service.pauses == []

    def test_a_view_of_a_submission_reads_its_instances(self, desk: Desk) -> None:
        resources = [{"type": "Property", "value": "i"}, {"type": "Listing", "value": "l"}]
        submission = Submission.from_json(run("7", resources=resources), "")
        desk.service.on(f"GET {RUNS}", [run("7", resources=resources)])
        desk.service.on(PROPERTIES, [STORED])
        view = desk.api.submission_view("p", submission)
        assert view.properties.get("p").app_version == "1"
        assert not any("branches" in line for line in desk.service.lines())
        with pytest.raises(NotVersioned) as drive:
            view.pricing.get("p", "testdrive")
        assert (str(drive.value), drive.value.status) == (
            "pricing p/testdrive: read: no submission has it",
            404,
        )
        with pytest.raises(Gone):
            view.pricing.get("p", "v")
        for collection in (view.offers, view.plans, view.packages, view.setup, view.resellers, view.leads):
            with pytest.raises(NotVersioned) as absent:
                collection.get("p")  # type: ignore[call-arg]
            assert (str(absent.value), absent.value.status) == ("submission 7: has no versions of it", 404)

    def test_a_closed_client_closes_both_connections(self, desk: Desk) -> None:
        desk.api.close()
        assert desk.service.requests == [Request("CLOSE", "")]
        assert desk.host.calls == [("close",)]


class TestSupplements:
    def test_documents_are_uploaded_read_and_committed(self, desk: Desk) -> None:
        content = desk.api.supplements.model.from_json(
            {
                "id": "s",
                "assets": [{"fileName": "a.pdf", "type": "t", "fileSasUri": "https://files.example.com/a"}],
            },
            "",
        )
        (asset,) = content.assets
        data: Any = "bytes"
        desk.api.supplements.upload(asset, data)
        desk.api.supplements.save(asset, Path("a.pdf"))
        assert desk.api.supplements.digest(asset) == "sha256:https://files.example.com/a"
        noun, address, limit = "supplemental content a.pdf", "https://files.example.com/a", 256 << 20
        assert desk.host.calls == [
            ("upload", address, data, f"{noun}: upload"),
            ("download", address, Path("a.pdf"), f"{noun}: download", limit),
            ("digest", address, f"{noun}: read", limit),
        ]
        assert desk.api.supplements.digest(type(asset)(file_name="b.pdf", type="t")) == ""
        path = "products/p/supplementalContents/s/commit"
        desk.service.on(f"POST {path}", {"id": "s"})
        assert desk.api.supplements.commit("p", content).id == "s"
        assert desk.service.requests == [Request("POST", path, "supplemental content p: commit")]


class TestClients:
    @pytest.fixture(autouse=True)
    def closed_afterwards(self) -> Iterator[None]:
        yield
        close_clients()

    def test_equal_settings_share_a_client_until_all_are_closed(self) -> None:
        host: Any = Desk().screen
        first, same, other = (
            shared_client(Settings.load({"partnercenter:endpoint": f"http://127.0.0.1:{port}"}, {}), host)
            for port in (4010, 4010, 4011)
        )
        assert first is same
        assert first is not other
        close_clients()
        assert first._client._client.is_closed
        assert first._blobs._client.is_closed
        settings = Settings.load({"partnercenter:endpoint": "http://127.0.0.1:4010"}, {})
        assert shared_client(settings) is not first

    @pytest.mark.parametrize(("options", "attempts"), [({}, 6), ({"retries": False}, 1)])
    def test_an_opened_client_is_shared_by_nobody_and_closed_at_the_end(
        self, options: dict[str, bool], attempts: int
    ) -> None:
        settings = Settings.load({"partnercenter:endpoint": "http://127.0.0.1:4010"}, {})
        with open_client(settings, **options) as client:
            assert client is not shared_client(settings)
            assert client._client._attempts == attempts
            assert client._client.system is SUBMISSION
            assert not client._client._client.is_closed
        assert client._client._client.is_closed
        assert client._blobs._client.is_closed
