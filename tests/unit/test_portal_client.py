"""The client of the Cloud Partner Portal API: requests, documents, concurrent changes, operations, errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.unit.scripted_server import DROP, Answer, Script, serve_answers

from pulumi_partnercenter import (
    ApiError,
    AuthError,
    Conflict,
    ContractError,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
)
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.portal.client import PortalClient
from pulumi_partnercenter.api.portal.documents import OfferDocument, changed_paths, writable_body
from pulumi_partnercenter.api.portal.operation_models import (
    OfferStatus,
    Operation,
    OperationReference,
    OperationState,
    Stage,
    plain_text,
)
from pulumi_partnercenter.api.portal.system import PORTAL, parse_error
from pulumi_partnercenter.settings import AzureCli, Settings

VERSION = "api-version=2017-10-31"
OFFER_PATH = "/api/publishers/contoso/offers/gateway"
ETAG = "W/\"datetime'2020-06-03T16%3A21%3A51.6562051Z'\""
MIGRATED_LOCATION = f"{OFFER_PATH}/operations/11111111-2222-3333-4444-555555555555?{VERSION}"
LEGACY_LOCATION = f"/api/operations/contoso$gateway$2$preview?{VERSION}"
MISSING_PRODUCT = {
    "Product": {
        "serviceName": "Product",
        "error": "Example.Exceptions.Http404Exception: CPP product gateway not found.",
        "exceptionCode": "Http404Exception",
        "httpStatusCode": "NotFound",
    }
}


def offer_body(**members: Any) -> dict[str, Any]:
    """An offer as the service returns it, with a member that nobody models."""
    definition = {
        "displayText": "Gateway",
        "offer": {"microsoft-azure-marketplace.title": "Gateway", "contoso.unknown": [1, {"b": None}]},
        "plans": [{"planId": "small", "regions": ["US"]}, {"planId": "large", "regions": ["DE"]}],
    }
    return {
        "publisherId": "contoso",
        "offerTypeId": "microsoft-azure-virtualmachines",
        "id": "gateway",
        "version": 636576975611768314,
        "status": "neverPublished",
        "pcMigrationStatus": "migrated",
        "changedTime": "2022-06-01T05:41:25.9695742Z",
        "definition": definition,
    } | members


@dataclass
class Portal:
    """A client, and the server that answers it."""

    client: PortalClient
    script: Script
    pauses: list[float]

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.script.requests]


@contextmanager
def portal(*answers: Answer) -> Iterator[Portal]:
    pauses: list[float] = []
    with serve_answers(*answers) as script:
        settings = Settings(AzureCli(), endpoint=script.url, access_token="emulator")
        client = PortalClient(ApiClient(settings, PORTAL, sleep=pauses.append))
        try:
            yield Portal(client, script, pauses)
        finally:
            client.close()


def set_title(title: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(body: dict[str, Any]) -> dict[str, Any]:
        body["definition"]["offer"]["microsoft-azure-marketplace.title"] = title
        return body

    return change


# ---- Requests


def test_every_request_carries_the_version_and_the_filter_is_spelled_as_clients_spell_it() -> None:
    with portal(Answer(200, [])) as service:
        service.client.offers.list("contoso", "microsoft-azure-virtualmachines")
        service.client.publishers.list()
        service.client.offer_types.list()
    assert service.calls == [
        (
            f"GET /api/publishers/contoso/offers?{VERSION}"
            "&$filter=offerTypeId%20eq%20'microsoft-azure-virtualmachines'"
        ),
        f"GET /api/publishers?{VERSION}",
        f"GET /api/offerTypes?{VERSION}",
    ]
    assert {request.headers["authorization"] for request in service.script.requests} == {"Bearer emulator"}


def test_a_list_is_filtered_even_if_the_service_ignores_the_filter() -> None:
    other = {"id": "app", "offerTypeId": "microsoft-azure-applications"}
    with portal(Answer(200, [other, {"id": "gateway", "offerTypeId": "Microsoft-Azure-CoreVM"}])) as service:
        assert [item["id"] for item in service.client.offers.list("contoso", "microsoft-azure-corevm")] == [
            "gateway"
        ]
        assert len(service.client.offers.list("contoso")) == 2


@pytest.mark.parametrize("page", [{"value": []}, None, "text", [1], [{"offerTypeId": "x"}]])
def test_an_answer_that_is_no_list_of_offers_is_refused(page: Any) -> None:
    with portal(Answer(200, page)) as service, pytest.raises(ContractError):
        service.client.offers.list("contoso")


def test_drafts_and_slots_are_read_with_all_their_prices() -> None:
    with portal(Answer(200, offer_body(), {"ETag": ETAG})) as service:
        document = service.client.offers.get("contoso", "gateway")
        service.client.offers.slot("contoso", "gateway", "production")
        service.client.offers.version("contoso", "gateway", 3)
    assert service.calls == [
        f"GET {OFFER_PATH}?{VERSION}&includeAllPricing=true",
        f"GET {OFFER_PATH}/slot/production?{VERSION}&includeAllPricing=true",
        f"GET {OFFER_PATH}/versions/3?{VERSION}",
    ]
    assert document == OfferDocument(offer_body(), ETAG)
    assert (document.publisher, document.offer_id, document.version) == (
        "contoso",
        "gateway",
        636576975611768314,
    )
    assert document.is_migrated
    assert document.status == "neverPublished"
    assert "Gateway" not in repr(document)


@pytest.mark.parametrize(
    "body",
    [
        offer_body(id="other"),
        offer_body(publisherId="fabrikam"),
        offer_body(offerTypeId=None),
        offer_body(definition=[]),
        {},
        [],
        "text",
    ],
)
def test_an_answer_without_what_identifies_the_offer_is_refused(body: Any) -> None:
    with portal(Answer(200, body)) as service, pytest.raises(ContractError):
        service.client.offers.get("contoso", "gateway")


def test_an_offer_that_cannot_be_read_is_gone_only_if_the_list_lacks_it_too() -> None:
    missing = Answer(404, MISSING_PRODUCT)
    with portal(missing, Answer(200, [])) as service, pytest.raises(NotFound) as gone:
        service.client.offers.get("contoso", "gateway")
    assert "CPP product gateway not found" in str(gone.value)
    with portal(missing, Answer(200, [{"id": "Gateway"}])) as service, pytest.raises(ContractError):
        service.client.offers.get("contoso", "gateway")
    with portal(missing) as service:
        assert service.client.offers.find("contoso", "gateway") is None
        assert len(service.calls) == 1


# ---- Writes


def test_a_creation_sends_no_condition_and_only_members_that_can_be_written() -> None:
    with portal(Answer(201, offer_body(version=0), {"ETag": ETAG})) as service:
        document = service.client.offers.create(offer_body(eTag="old"))
    request = service.script.requests[0]
    assert (request.method, "if-match" in request.headers) == ("PUT", False)
    assert request.body == {
        name: offer_body()[name] for name in ("publisherId", "offerTypeId", "id", "definition")
    }
    assert document.etag == ETAG


def test_a_creation_of_an_offer_that_exists_is_a_conflict() -> None:
    refusal = {"error": {"code": "InvalidResourceId", "message": "Offer ID already exists."}}
    with portal(Answer(409, refusal)) as service, pytest.raises(Conflict) as error:
        service.client.offers.create(offer_body())
    assert error.value.code == "InvalidResourceId"
    assert "run the same command again" in str(error.value)


def test_a_creation_whose_answer_is_lost_is_found_and_not_repeated() -> None:
    with portal(DROP, Answer(200, offer_body(), {"ETag": ETAG})) as service:
        assert service.client.offers.create(offer_body()).etag == ETAG
    assert [call.split()[0] for call in service.calls] == ["PUT", "GET"]


def test_a_creation_that_the_service_never_did_is_repeated() -> None:
    with portal(DROP, Answer(404, MISSING_PRODUCT), Answer(201, offer_body())) as service:
        service.client.offers.create(offer_body())
    assert [call.split()[0] for call in service.calls] == ["PUT", "GET", "PUT"]


def test_an_update_sends_the_tag_verbatim_and_keeps_every_member() -> None:
    with portal(Answer(200, offer_body(), {"ETag": '"2"'})) as service:
        service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("New"))
    request = service.script.requests[0]
    assert request.headers["if-match"] == ETAG
    expected = set_title("New")(offer_body())
    assert request.body["definition"] == expected["definition"]
    assert not {"version", "status", "changedTime", "pcMigrationStatus"} & request.body.keys()


def test_without_a_tag_an_update_compares_the_time_of_the_last_change() -> None:
    with portal(Answer(200, offer_body())) as service:
        service.client.offers.replace(OfferDocument(offer_body()), set_title("New"))
    assert [call.split()[0] for call in service.calls] == ["GET", "PUT"]
    assert service.script.requests[1].headers["if-match"] == "*"

    theirs = set_title("Theirs")(offer_body(changedTime="2022-06-02T00:00:00"))
    with portal(Answer(200, theirs)) as service, pytest.raises(Stale):
        service.client.offers.replace(OfferDocument(offer_body()), set_title("New"))
    assert all(call.startswith("GET") for call in service.calls)


def test_a_change_of_something_else_meanwhile_survives_the_update() -> None:
    theirs = offer_body()
    theirs["definition"]["plans"][1]["regions"] = ["DE", "FR"]
    with portal(
        Answer(412), Answer(200, theirs, {"ETag": '"2"'}), Answer(200, offer_body(), {"ETag": '"3"'})
    ) as service:
        service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("New"))
    write = service.script.requests[2]
    assert write.headers["if-match"] == '"2"'
    assert write.body["definition"]["plans"][1]["regions"] == ["DE", "FR"]
    assert write.body["definition"]["offer"]["microsoft-azure-marketplace.title"] == "New"


def test_a_change_of_the_same_member_meanwhile_is_not_overwritten() -> None:
    theirs = set_title("Theirs")(offer_body())
    with portal(Answer(412), Answer(200, theirs, {"ETag": '"2"'})) as service, pytest.raises(Stale) as error:
        service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("New"))
    assert "microsoft-azure-marketplace.title" in str(error.value)
    assert [call.split()[0] for call in service.calls] == ["PUT", "GET"]


def test_an_update_whose_answer_is_lost_is_recognised_by_its_result() -> None:
    logo = "microsoft-azure-marketplace.smallLogo"

    def change(body: dict[str, Any]) -> dict[str, Any]:
        body["definition"]["offer"][logo] = "https://contoso.example.com/48.png?sig=a"
        return set_title("New")(body)

    stored = change(offer_body())
    stored["definition"]["offer"][logo] = "https://store.example.com/1.png?sig=b"  # the service's copy
    with portal(DROP, Answer(412), Answer(200, stored, {"ETag": '"2"'})) as service:
        document = service.client.offers.replace(OfferDocument(offer_body(), ETAG), change)
    assert document.etag == '"2"'
    assert [call.split()[0] for call in service.calls] == ["PUT", "PUT", "GET"]


def test_a_second_stale_tag_is_an_error() -> None:
    with (
        portal(Answer(412), Answer(200, offer_body(), {"ETag": '"2"'}), Answer(412)) as service,
        pytest.raises(Stale),
    ):
        service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("New"))
    assert len(service.calls) == 3


def test_a_write_that_answers_by_module_is_read_again_or_refused() -> None:
    done = {"Product": {"httpStatusCode": "OK"}, "Listing": {"httpStatusCode": "Created"}}
    with portal(Answer(200, done), Answer(200, offer_body(), {"ETag": '"9"'})) as service:
        assert service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("N")).etag == '"9"'
    failed = {
        "Product": {"httpStatusCode": "OK"},
        "Listing": {
            "error": "The summary is too long.",
            "exceptionCode": "E422",
            "httpStatusCode": "UnprocessableEntity",
        },
    }
    with portal(Answer(200, failed)) as service, pytest.raises(Invalid) as error:
        service.client.offers.replace(OfferDocument(offer_body(), ETAG), set_title("N"))
    assert (error.value.status, error.value.code) == (422, "E422")
    assert "The summary is too long." in str(error.value)


def test_members_that_the_service_refuses_are_not_sent() -> None:
    offer = {"microsoft-azure-corevm.legacyOfferId": "x", "microsoft-azure-corevm.title": "T"}
    body = {"id": "gateway", "definition": {"offer": offer, "plans": []}}
    assert writable_body(body) == {
        "id": "gateway",
        "definition": {"offer": {"microsoft-azure-corevm.title": "T"}, "plans": []},
    }
    assert "microsoft-azure-corevm.legacyOfferId" in offer


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        ({"a": 1}, {"a": 1.0}, set()),
        ({"a": ""}, {"b": None, "c": [], "d": {}}, set()),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {("a", "c")}),
        ({"plans": [{"planId": "x"}, {"planId": "y"}]}, {"plans": [{"planId": "y"}, {"planId": "x"}]}, set()),
        (
            {"plans": [{"planId": "x", "r": [1]}]},
            {"plans": [{"planId": "x", "r": [2]}, {"planId": "z"}]},
            {("plans", "x", "r"), ("plans", "z")},
        ),
        ({"l": [1, 2]}, {"l": [2, 1]}, {("l",)}),
        ({"n": 0}, {}, {("n",)}),
    ],
)
def test_documents_differ_in_the_smallest_places(left: Any, right: Any, paths: set[tuple[str, ...]]) -> None:
    assert changed_paths(left, right) == paths == changed_paths(right, left)


# ---- Operations


@pytest.mark.parametrize("header", ["Location", "Operation-Location"])
@pytest.mark.parametrize(
    ("location", "id"),
    [
        (MIGRATED_LOCATION, "11111111-2222-3333-4444-555555555555"),
        (LEGACY_LOCATION, "contoso$gateway$2$preview"),
    ],
)
def test_an_operation_is_read_at_the_address_of_its_start(header: str, location: str, id: str) -> None:
    with portal(Answer(202, b"", {header: location}), Answer(200, [{"status": "not started"}])) as service:
        reference = service.client.operations.publish("contoso", "gateway", "ops@contoso.example.com")
        operation = service.client.operations.resume(reference)
        service.client.operations.get("contoso", "gateway", reference.id)
    assert service.calls == [f"POST {OFFER_PATH}/publish?{VERSION}", *[f"GET {location}"] * 2]
    assert service.script.requests[0].body == {"metadata": {"notification-emails": "ops@contoso.example.com"}}
    assert reference.id == id
    assert operation.state is OperationState.PENDING


def test_requests_without_a_body_have_a_length() -> None:
    with portal(Answer(202, b"", {"Location": LEGACY_LOCATION})) as service:
        service.client.operations.go_live("contoso", "gateway")
        service.client.operations.cancel("contoso", "gateway")
    assert [request.headers["content-length"] for request in service.script.requests] == ["0", "0"]


@pytest.mark.parametrize(
    "location", ["https://example.com/api/operations/1", "/other/operations/1", "http://["]
)
def test_an_address_that_leads_away_from_the_service_gets_no_request(location: str) -> None:
    with portal(Answer(200, {"status": "running"})) as service, pytest.raises(ContractError):
        service.client.operations.resume(OperationReference(location))
    assert service.calls == []


def test_a_publication_whose_answer_is_lost_is_found_in_the_list_and_not_repeated() -> None:
    running = {"id": "op-1", "submissionState": "running", "submissionType": "publish"}
    with portal(DROP, Answer(200, [running])) as service:
        assert service.client.operations.publish("contoso", "gateway").id == "op-1"
    assert service.calls == [
        f"POST {OFFER_PATH}/publish?{VERSION}",
        f"GET {OFFER_PATH}/submissions?{VERSION}&status=running",
    ]


def test_a_publication_that_never_began_is_repeated_after_a_look_at_list_and_status() -> None:
    with portal(
        DROP,
        Answer(200, []),
        Answer(200, {"status": "neverPublished"}),
        Answer(202, b"", {"Location": MIGRATED_LOCATION}),
    ) as service:
        service.client.operations.publish("contoso", "gateway")
    assert [call.split()[0] for call in service.calls] == ["POST", "GET", "GET", "POST"]


def test_a_running_publication_is_found_where_the_service_has_no_list() -> None:
    with portal(DROP, Answer(404), Answer(200, {"status": "running"})) as service:
        assert service.client.operations.publish("contoso", "gateway").location == ""


def test_going_live_is_not_repeated_once_the_service_has_begun_it() -> None:
    signed = {"status": "running", "steps": [{"id": "publisher-signoff", "status": "complete"}]}
    with portal(DROP, Answer(200, signed), Answer(200, []), Answer(200, signed)) as service:
        service.client.operations.go_live("contoso", "gateway")
    assert [call.split()[0] for call in service.calls].count("POST") == 1


def test_an_operation_that_the_service_no_longer_knows_is_read_from_the_status() -> None:
    with portal(Answer(404), Answer(200, {"status": "succeeded"})) as service:
        status = service.client.operations.wait(
            "contoso",
            "gateway",
            OperationReference(MIGRATED_LOCATION),
            0,
            lambda _: True,
            lambda _: None,
        )
    assert isinstance(status, OfferStatus)
    assert status.stage is Stage.LIVE


def test_waiting_ends_with_the_first_accepted_answer_or_with_its_minutes() -> None:
    shown: list[str] = []
    with portal(
        Answer(200, {"status": "running"}),
        Answer(200, {"status": "running"}),
        Answer(200, {"status": "complete"}),
    ) as service:
        operation = service.client.operations.wait(
            "contoso",
            "gateway",
            OperationReference(LEGACY_LOCATION),
            1,
            lambda current: not current.is_running,
            lambda current: shown.append(current.status),
        )
    assert operation.stage is Stage.PREVIEW
    assert shown == ["running", "running", "complete"]
    with portal(Answer(200, {"status": "running"})) as service:
        operation = service.client.operations.wait(
            "contoso",
            "gateway",
            OperationReference(LEGACY_LOCATION),
            5,
            lambda current: not current.is_running,
            lambda _: None,
        )
    assert operation.is_running
    assert 300 <= sum(service.pauses) < 340


@pytest.mark.parametrize("refusal", [400, 404])
def test_cancelling_what_has_ended_is_no_error(refusal: int) -> None:
    with portal(Answer(refusal), Answer(200, {"status": "canceled"})) as service:
        service.client.operations.cancel("contoso", "gateway")
    with portal(Answer(refusal), Answer(200, {"status": "running"})) as service, pytest.raises(ApiError):
        service.client.operations.cancel("contoso", "gateway")


def test_operations_are_listed_newest_first() -> None:
    items = [
        {"id": "1", "changedTime": "2023-04-11T08:10:01.179948Z", "submissionState": "completed"},
        {"id": "2", "changedTime": "2023-05-11T08:10:01.1", "submissionState": "canceled", "version": None},
    ]
    with portal(Answer(200, items)) as service:
        assert [item.id for item in service.client.operations.list("contoso", "gateway")] == ["2", "1"]


@pytest.mark.parametrize("id", ["../../publishers", "a/b", "a?b", ""])
def test_an_operation_with_an_id_that_changes_a_path_is_refused(id: str) -> None:
    with portal(Answer(200, [{"id": id}])) as service, pytest.raises(ContractError):
        service.client.operations.list("contoso", "gateway")


def test_links_of_a_preview_are_addresses_without_signatures() -> None:
    links = [
        "https://preview.example.com/1",
        {"displayText": "Two", "uri": "https://preview.example.com/2"},
        "https://preview.example.com/3?sv=1&sig=c2VjcmV0",
        None,
        7,
    ]
    status = OfferStatus.from_json({"status": "running", "previewLinks": links}, "test")
    assert status.links() == ["https://preview.example.com/1", "https://preview.example.com/2"]


SIGN_OFF = {"id": "publisher-signoff", "stepName": "Publisher signoff", "status": "waitingForPublisherReview"}
LIVE = {"id": "live", "status": "notStarted"}


@pytest.mark.parametrize(
    ("status", "steps", "stage"),
    [
        ("neverPublished", [], Stage.DRAFT),
        ("notStarted", [], Stage.DRAFT),
        ("running", [], Stage.VALIDATING),
        ("SomethingNew", [], Stage.VALIDATING),
        ("running", [{"id": "displaycertify", "status": "waitingForApproval"}, LIVE], Stage.VALIDATING),
        ("running", [{"id": "displaycertify", "status": "blocked"}], Stage.FAILED),
        ("running", [{"id": "displaycertify", "status": "rejected"}], Stage.FAILED),
        ("running", [SIGN_OFF, LIVE], Stage.PREVIEW),
        (
            "running",
            [{"stepName": "Publisher-SignOff", "status": "WaitingForPublisherReview"}],
            Stage.PREVIEW,
        ),
        ("waitingForPublisherReview", [], Stage.PREVIEW),
        ("running", [SIGN_OFF | {"status": "complete"}, LIVE], Stage.GOING_LIVE),
        ("running", [LIVE | {"status": "inProgress"}], Stage.GOING_LIVE),
        ("Succeeded", [LIVE], Stage.LIVE),
        ("published", [], Stage.LIVE),
        ("canceled", [SIGN_OFF], Stage.CANCELLED),
        ("cancelled", [], Stage.CANCELLED),
        ("failed", [], Stage.FAILED),
    ],
)
def test_the_stage_of_an_offer_follows_from_its_status_and_steps(
    status: str, steps: list[dict[str, Any]], stage: Stage
) -> None:
    document = OfferStatus.from_json({"status": status, "steps": steps, "messages": None}, "test")
    assert document.stage is stage


@pytest.mark.parametrize(
    ("status", "steps", "stage"),
    [
        ("not started", [], Stage.VALIDATING),
        ("In Progress", [], Stage.VALIDATING),
        ("complete", [], Stage.PREVIEW),
        ("completed", [LIVE], Stage.PREVIEW),
        ("succeeded", [LIVE | {"status": "complete"}], Stage.LIVE),
        ("running", [SIGN_OFF], Stage.PREVIEW),
        ("failed", [SIGN_OFF], Stage.FAILED),
    ],
)
def test_a_publish_that_has_succeeded_has_made_a_preview(
    status: str, steps: list[dict[str, Any]], stage: Stage
) -> None:
    assert Operation.from_json({"status": status, "steps": steps}, "test").stage is stage


def test_problems_name_the_step_and_have_no_markup() -> None:
    status = OfferStatus.from_json(
        {
            "status": "failed",
            "messages": [{"messageHtml": "<b>Stopped</b>", "level": "Error"}],
            "steps": [
                {
                    "stepName": "Certification",
                    "status": "blocked",
                    "messages": [
                        {
                            "messageHtml": "<p>No image for plan&nbsp;<i>small</i>.<br>See docs</p>",
                            "level": "error",
                        },
                        {"messageHtml": "Began.", "level": "information"},
                    ],
                },
                {
                    "id": "live",
                    "status": "notStarted",
                    "messages": [{"messageHtml": "x", "level": "warning"}],
                },
                {"id": "displaypackage", "status": "rejected"},
            ],
        },
        "test",
    )
    assert status.problems() == [
        "Stopped",
        "Certification: No image for plan small. See docs",
        "displaypackage: rejected",
    ]
    assert plain_text("a < b & c") == "a < b & c"


# ---- Errors


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "BadRequest", "message": "No\r\ntype."}}, "BadRequest", "No type."),
        ({"Message": "Authorization has been denied."}, "", "Authorization has been denied."),
        (
            "Example.Exceptions.Http422Exception: no logo\r\n  in the listing",
            "Example.Exceptions.Http422Exception",
            "no logo in the listing",
        ),
        ("see: this", "see", "this"),
        ("No such: really", "", "No such: really"),
        (None, "", ""),
        ([], "", ""),
        ({"other": 1}, "", ""),
        ({"error": "text"}, "", ""),
    ],
)
def test_error_bodies_have_many_shapes(body: Any, code: str, message: str) -> None:
    error = parse_error(json.dumps(body))
    assert (error.code, error.message, error.fields) == (code, message, {})


def test_the_worst_module_gives_the_code_and_every_failed_module_its_text() -> None:
    body = {
        "A": {"error": "a", "exceptionCode": "E400", "httpStatusCode": "BadRequest"},
        "B": {"error": "b", "exceptionCode": "E422", "httpStatusCode": "UnprocessableEntity"},
        "C": {"httpStatusCode": "OK"},
    }
    error = parse_error(json.dumps(body))
    assert (error.code, error.fields) == ("E422", {"A": ["a"], "B": ["b"]})


@pytest.mark.parametrize(
    ("text", "message"), [("<html>Bad gateway", ""), ("", ""), ("plain\n text", "plain text")]
)
def test_texts_that_are_no_json_are_errors_too(text: str, message: str) -> None:
    assert parse_error(text).message == message


@pytest.mark.parametrize(
    ("status", "body", "error_type"),
    [
        (401, {"Message": "denied"}, AuthError),
        (403, {"error": {"code": "Forbidden", "message": "User lacks permissions"}}, Forbidden),
        (422, "Example.Http422Exception: no logo", Invalid),
        (400, {"error": {"code": "InvalidAPIVersion", "message": "Invalid api version."}}, Invalid),
    ],
)
def test_a_refusal_quotes_the_service(status: int, body: Any, error_type: type[Exception]) -> None:
    with portal(Answer(status, body)) as service, pytest.raises(error_type) as error:
        service.client.operations.publish("contoso", "gateway")
    quoted = body if isinstance(body, str) else (body.get("Message") or body["error"]["message"])
    assert quoted.partition(": ")[2] in str(error.value) or quoted in str(error.value)
    assert len(service.calls) == 1


def test_transient_failures_of_reads_are_repeated_and_a_slow_service_gets_five_times_the_timeout() -> None:
    with portal(Answer(500), Answer(429, None, {"Retry-After": "7"}), Answer(200, [])) as service:
        assert service.client.offers.list("contoso") == []
    assert service.pauses[1] == 7
    assert PORTAL.timeout_factor * Settings(AzureCli()).timeout_seconds == 300
