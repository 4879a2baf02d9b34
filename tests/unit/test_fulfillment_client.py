"""Both fulfillment clients against a scripted server: requests, retries, errors, pages, waits, usage."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import quote

import httpx
import pytest
from tests.unit.fulfillment_clients import KINDS, TOKEN, Client, open_client, open_scripted, scripted_settings
from tests.unit.scripted_server import DROP, Answer, Script, serve_answers

from pulumi_partnercenter import (
    ApiError,
    AuthError,
    Conflict,
    ContractError,
    Forbidden,
    InputError,
    Invalid,
    JobTimeout,
    NotFound,
    PartnerCenterError,
    Rejected,
    Throttled,
    Unavailable,
)
from pulumi_partnercenter.api.fulfillment.system import FULFILLMENT
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.fulfillment import (
    AsyncFulfillmentClient,
    FulfillmentClient,
    Operation,
    Settings,
    UsageEvent,
)

ID, OPERATION = "3b0a6f52-6c1e-4f0e-9a57-0d8d1c9b7e11", "c4b7a9e0-2f6d-4f1c-8f53-77d0a1e2b333"
MARKETPLACE_TOKEN = "aB3+dEf/gH1jKlMnOpQrStUvWxYz012345=="
HOUR = datetime(2026, 5, 18, 8, tzinfo=UTC)
ACCEPTED = Answer(
    202,
    b"Accepted",
    {
        "Operation-Location": f"https://elsewhere.example.com/api/saas/subscriptions/{ID}/operations/{OPERATION}?api-version=x"
    },
)
LOST = [DROP, Answer(408), Answer(500, b"<html>"), Answer(502), Answer(503), Answer(504)]
NONE_OUTSTANDING = Answer(200, {"operations": []})

pytestmark = pytest.mark.parametrize("kind", KINDS)


def subscription(status: str = "Subscribed", **members: Any) -> Answer:
    return Answer(200, {"id": ID, "planId": "silver", "saasSubscriptionStatus": status, **members})


def operation(status: str = "Succeeded", **members: Any) -> dict[str, Any]:
    return {
        "id": OPERATION,
        "subscriptionId": ID,
        "action": "ChangePlan",
        "planId": "gold",
        "status": status,
    } | members


def usage(**members: Any) -> UsageEvent:
    values: dict[str, Any] = {"resource_id": ID, "dimension": "reports", "quantity": 37.0, "plan_id": "gold"}
    return UsageEvent(**{**values, "effective_start_time": HOUR, **members})


def message(event: UsageEvent, status: str = "Accepted", **members: Any) -> dict[str, Any]:
    return {"usageEventId": str(uuid.uuid4()), "status": status, **event.to_json(), **members}


def lines(script: Script) -> list[str]:
    """Method and the end of the path of each request."""
    return [
        f"{request.method} {request.path.partition('?')[0].rpartition('/')[2]}" for request in script.requests
    ]


CALLS: dict[str, tuple[Callable[[Client], Any], Answer]] = {
    "resolve": (lambda client: client.resolve(MARKETPLACE_TOKEN), Answer(200, {"id": ID, "planId": "gold"})),
    "list_subscriptions": (lambda client: client.list_subscriptions(), Answer(200, {"subscriptions": []})),
    "get_subscription": (lambda client: client.get_subscription(ID), subscription()),
    "list_available_plans": (lambda client: client.list_available_plans(ID), Answer(200, {"plans": []})),
    "list_operations": (lambda client: client.list_operations(ID), NONE_OUTSTANDING),
    "get_operation": (lambda client: client.get_operation(ID, OPERATION), Answer(200, operation())),
    "report_usage": (lambda client: client.report_usage(usage()), Answer(200, message(usage()))),
    "report_usage_batch": (
        lambda client: client.report_usage_batch([usage()]),
        Answer(200, {"count": 1, "result": [message(usage())]}),
    ),
    "list_usage": (lambda client: client.list_usage(HOUR), Answer(200, [])),
}
CHANGES: dict[str, tuple[Callable[[Client], Any], Answer]] = {
    "activate": (lambda client: client.activate(ID, "gold", 5), Answer(200, b"OK")),
    "change_plan": (lambda client: client.change_plan(ID, "gold"), ACCEPTED),
    "change_quantity": (lambda client: client.change_quantity(ID, 7), ACCEPTED),
    "cancel": (lambda client: client.cancel(ID), ACCEPTED),
    "update_operation": (
        lambda client: client.update_operation(ID, OPERATION, "Success"),
        Answer(200, b"OK"),
    ),
}
ALL = {**CALLS, **CHANGES}


class TestRequests:
    @pytest.mark.parametrize("name", ALL)
    def test_every_request_has_version_ids_and_token(self, kind: str, name: str):
        call, answer = ALL[name]
        with open_scripted(kind, answer) as (client, script):
            call(client)
        (request,) = script.requests
        assert "api-version=2018-08-31" in request.path.partition("?")[2]
        assert request.path.startswith("/api/saas/subscriptions") or "/api/" in request.path
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert uuid.UUID(request.headers["x-ms-requestid"]) != uuid.UUID(
            request.headers["x-ms-correlationid"]
        )
        assert request.headers["content-type"] == "application/json"

    def test_requests_of_one_operation_share_a_correlation_id_and_operations_do_not(self, kind: str):
        answers = (Answer(503), subscription(), subscription())
        with open_scripted(kind, *answers) as (client, script):
            client.get_subscription(ID)
            client.get_subscription(ID)
        first, second, third = (
            (r.headers["x-ms-requestid"], r.headers["x-ms-correlationid"]) for r in script.requests
        )
        assert first[1] == second[1] != third[1]
        assert len({first[0], second[0], third[0]}) == 3

    def test_a_correlation_id_of_the_caller_joins_all_operations(self, kind: str):
        with open_scripted(kind, subscription(), correlation_id=OPERATION) as (client, script):
            client.get_subscription(ID)
            client.get_subscription(ID)
        assert {request.headers["x-ms-correlationid"] for request in script.requests} == {OPERATION}

    @pytest.mark.parametrize(
        ("call", "body"),
        [
            (lambda client: client.activate(ID, "gold"), {"planId": "gold"}),
            (lambda client: client.activate(ID, "gold", 5), {"planId": "gold", "quantity": 5}),
            (lambda client: client.change_plan(ID, "gold"), {"planId": "gold"}),
            (lambda client: client.change_quantity(ID, 7), {"quantity": 7}),
            (lambda client: client.update_operation(ID, OPERATION, "Failure"), {"status": "Failure"}),
            (
                lambda client: client.report_usage(
                    usage(effective_start_time=HOUR.astimezone(timezone(timedelta(hours=2))))
                ),
                {
                    "resourceId": ID,
                    "quantity": 37.0,
                    "dimension": "reports",
                    "effectiveStartTime": "2026-05-18T08:00:00Z",
                    "planId": "gold",
                },
            ),
        ],
        ids=["activate", "activate-seats", "plan", "quantity", "answer", "usage"],
    )
    def test_bodies_hold_what_the_service_reads_and_no_more(self, kind: str, call: Any, body: dict[str, Any]):
        answer = Answer(200, message(usage())) if "dimension" in body else ACCEPTED
        with open_scripted(kind, answer) as (client, script):
            call(client)
        assert script.requests[0].body == body

    def test_the_marketplace_token_is_sent_as_it_is_and_a_space_as_plus(self, kind: str):
        with open_scripted(kind, CALLS["resolve"][1]) as (client, script):
            client.resolve("ab cd%2Fef")
            client.resolve("ab+cd/ef")
        sent = [request.headers["x-ms-marketplace-token"] for request in script.requests]
        assert sent == ["ab+cd%2Fef", "ab+cd/ef"]

    @pytest.mark.parametrize(
        "call",
        [
            lambda client: client.resolve(""),
            lambda client: client.resolve("line\r\nX-Evil: 1"),
            lambda client: client.resolve("a" * 8001),
            lambda client: client.get_subscription(""),
            lambda client: client.get_subscription("../../usageEvent"),
            lambda client: client.get_subscription("a?b=c"),
            lambda client: client.activate(ID, ""),
            lambda client: client.activate(ID, "gold", 0),
            lambda client: client.change_quantity(ID, True),
            lambda client: client.update_operation(ID, OPERATION, "Sucess"),
            lambda client: client.get_operation(ID, ".."),
            lambda client: client.list_usage(datetime(2026, 5, 18)),  # noqa: DTZ001 - that it has no zone is the point
            lambda client: client.wait_operation(ID, OPERATION, timeout_seconds=0),
        ],
    )
    def test_arguments_that_break_a_rule_are_refused_before_anything_is_sent(self, kind: str, call: Any):
        with open_scripted(kind, Answer()) as (client, script):
            with pytest.raises(InputError):
                call(client)
            assert script.requests == []


class TestRetry:
    @pytest.mark.sample(43)
    @pytest.mark.parametrize("name", CALLS)
    @pytest.mark.parametrize("failure", [*LOST, Answer(429)])
    def test_reads_resolve_and_usage_are_repeated(self, kind: str, name: str, failure: Answer):
        call, answer = CALLS[name]
        with open_scripted(kind, failure, failure, answer) as (client, script):
            call(client)
            assert len(script.requests) == 3
            assert all(0 <= pause <= 8 for pause in client.pauses)

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_change_that_was_turned_away_is_repeated_without_a_look(self, kind: str, name: str):
        call, answer = CHANGES[name]
        with open_scripted(kind, Answer(429, headers={"Retry-After": "7"}), answer) as (client, script):
            call(client)
            assert len({(request.method, request.path) for request in script.requests}) == 1
            assert len(script.requests) == 2
            assert client.pauses == [7.0]

    @pytest.mark.parametrize("failure", LOST)
    def test_an_activation_that_went_through_is_not_repeated(self, kind: str, failure: Answer):
        with open_scripted(kind, failure, subscription(planId="gold", quantity=5)) as (client, script):
            client.activate(ID, "gold", 5)
        assert lines(script) == ["POST activate", f"GET {ID}"]

    def test_an_activation_that_did_not_go_through_is_repeated_after_a_look(self, kind: str):
        pending = subscription("PendingFulfillmentStart", planId="gold", quantity=5)
        with open_scripted(kind, DROP, pending, DROP, pending, Answer(200, b"OK")) as (client, script):
            client.activate(ID, "gold", 5)
        assert lines(script) == ["POST activate", f"GET {ID}"] * 2 + ["POST activate"]

    def test_activating_what_is_active_is_success_only_with_this_plan_and_quantity(self, kind: str):
        refusal = Answer(400, {"code": "BadRequest", "message": "wrong state"})
        active = subscription(planId="gold", quantity=5)
        with open_scripted(kind, refusal, active) as (client, _):
            client.activate(ID, "gold", 5)
        for plan, quantity in (("silver", 5), ("gold", 6)):
            with open_scripted(kind, refusal, active) as (client, _), pytest.raises(Invalid):
                client.activate(ID, plan, quantity)

    @pytest.mark.parametrize("failure", LOST)
    @pytest.mark.parametrize("name", ["change_plan", "change_quantity", "cancel"])
    def test_a_change_that_is_outstanding_is_not_repeated(self, kind: str, name: str, failure: Answer):
        actions = {"change_plan": "ChangePlan", "change_quantity": "ChangeQuantity", "cancel": "Unsubscribe"}
        other = operation("InProgress", id="other", action=actions[name], planId="bronze", quantity=1)
        ours = operation("InProgress", action=actions[name], planId="gold", quantity=7)
        outstanding = [ours] if name == "cancel" else [other, ours]
        with open_scripted(kind, failure, Answer(200, {"operations": outstanding})) as (client, script):
            assert CHANGES[name][0](client).id == OPERATION
        assert [request.method for request in script.requests[1:]] == ["GET"]

    @pytest.mark.parametrize("name", ["change_plan", "change_quantity", "cancel"])
    def test_a_change_that_is_through_is_an_operation_that_has_succeeded(self, kind: str, name: str):
        done = {
            "change_plan": subscription(planId="gold"),
            "change_quantity": subscription(quantity=7),
            "cancel": subscription("Unsubscribed"),
        }[name]
        with open_scripted(kind, DROP, NONE_OUTSTANDING, done) as (client, script):
            result = CHANGES[name][0](client)
        assert (result.id, result.status) == ("", "Succeeded")
        assert [request.method for request in script.requests[1:]] == ["GET", "GET"]

    @pytest.mark.parametrize("name", ["change_plan", "change_quantity", "cancel"])
    def test_a_change_that_was_lost_is_repeated_after_a_look(self, kind: str, name: str):
        with open_scripted(kind, DROP, NONE_OUTSTANDING, subscription(quantity=5), ACCEPTED) as (
            client,
            script,
        ):
            assert CHANGES[name][0](client).id == OPERATION
        assert len([request for request in script.requests if request.method != "GET"]) == 2

    def test_a_repeated_change_that_is_refused_is_looked_for_again(self, kind: str):
        """The service shows an operation some seconds after it has accepted it."""
        locked = Answer(400, {"code": "Failed", "message": "locked due to pending operations"})
        shown = Answer(200, {"operations": [operation("InProgress")]})
        answers = (
            DROP,
            NONE_OUTSTANDING,
            subscription(),
            locked,
            NONE_OUTSTANDING,
            subscription(),
            shown,
        )
        with open_scripted(kind, *answers) as (client, _):
            assert client.change_plan(ID, "gold").id == OPERATION

    @pytest.mark.parametrize("status", [400, 409])
    def test_a_repeated_change_that_stays_refused_is_raised(self, kind: str, status: int):
        locked = Answer(status, {"message": "locked"})
        looks = [NONE_OUTSTANDING, subscription()]
        with open_scripted(kind, DROP, *looks, locked, *looks * 50) as (client, script):
            with pytest.raises(ApiError, match="locked") as caught:
                client.change_plan(ID, "gold")
            assert 10 <= sum(client.pauses) < 20
        assert caught.value.status == status
        assert lines(script).count(f"PATCH {ID}") == 2

    def test_a_change_that_is_refused_is_raised_at_once_when_nothing_was_lost(self, kind: str):
        with open_scripted(kind, Answer(400, {"message": "locked"})) as (client, script):
            with pytest.raises(Invalid, match="locked"):
                client.change_plan(ID, "gold")
            assert len(script.requests) == 1

    @pytest.mark.parametrize("failure", [DROP, Answer(502), Answer(503)])
    def test_an_answer_to_an_operation_is_repeated_and_409_is_done(self, kind: str, failure: Answer):
        with open_scripted(kind, failure, Answer(409, {"message": str(uuid.uuid4())})) as (client, script):
            client.update_operation(ID, OPERATION, "Success")
        assert [request.method for request in script.requests] == ["PATCH", "PATCH"]

    @pytest.mark.parametrize("name", ["operationRequestSource", "operationRequestedSource"])
    def test_an_operation_of_the_publisher_that_answers_500_is_not_answered_again(self, kind: str, name: str):
        source = Answer(200, operation("InProgress", **{name: "Partner"}))
        with (
            open_scripted(kind, Answer(500, b"no"), source) as (client, script),
            pytest.raises(Unavailable, match="needs no answer"),
        ):
            client.update_operation(ID, OPERATION, "Success")
        assert lines(script) == [f"PATCH {OPERATION}", f"GET {OPERATION}"]

    @pytest.mark.parametrize("answer", [Answer(200, operation("InProgress")), Answer(400), Answer(404)])
    def test_another_operation_that_answers_500_is_answered_again(self, kind: str, answer: Answer):
        with open_scripted(kind, Answer(500), answer, Answer(200, b"OK")) as (client, script):
            client.update_operation(ID, OPERATION, "Failure")
        assert [request.method for request in script.requests] == ["PATCH", "GET", "PATCH"]

    @pytest.mark.parametrize(
        ("failure", "error"), [(DROP, Unavailable), (Answer(500), Unavailable), (Answer(429), Throttled)]
    )
    @pytest.mark.parametrize("name", ["get_subscription", "report_usage"])
    def test_attempts_end_after_five(self, kind: str, name: str, failure: Answer, error: type[ApiError]):
        with open_scripted(kind, failure) as (client, script):
            with pytest.raises(error) as caught:
                CALLS[name][0](client)
            assert len(script.requests) == 5
        assert caught.value.request_id == script.requests[-1].headers["x-ms-requestid"]
        assert caught.value.correlation_id == script.requests[-1].headers["x-ms-correlationid"]

    @pytest.mark.sample(37)
    @pytest.mark.parametrize("name", ALL)
    @pytest.mark.parametrize("status", [404, 405, 412, 422])
    def test_a_lasting_refusal_is_raised_at_once(self, kind: str, name: str, status: int):
        with open_scripted(kind, Answer(status, {"message": "no"})) as (client, script):
            with pytest.raises(ApiError):
                ALL[name][0](client)
            assert len(script.requests) == 1
            assert client.pauses == []

    def test_a_silent_service_is_asked_again_by_the_next_operation(self, kind: str):
        """A back end lives long: nothing is remembered of an outage."""
        with open_scripted(kind, *[DROP] * 5, subscription()) as (client, _):
            with pytest.raises(Unavailable):
                client.get_subscription(ID)
            assert client.get_subscription(ID).id == ID


class TestSignIn:
    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_token_is_renewed_once(self, kind: str, status: int, monkeypatch: pytest.MonkeyPatch):
        with serve_answers(Answer(status), subscription()) as script:
            settings = sign_in_with_secret(script, monkeypatch)
            with open_client(kind, settings) as client:
                assert client.get_subscription(ID).id == ID
        assert [request.headers["authorization"] for request in script.requests] == ["Bearer t1", "Bearer t2"]

    @pytest.mark.parametrize(("status", "error"), [(401, AuthError), (403, Forbidden)])
    def test_a_token_that_is_refused_twice_is_an_error(
        self, kind: str, status: int, error: type[PartnerCenterError], monkeypatch: pytest.MonkeyPatch
    ):
        refusal = Answer(status, "The authorization token is invalid")
        with serve_answers(refusal) as script:
            settings = sign_in_with_secret(script, monkeypatch)
            with (
                open_client(kind, settings) as client,
                pytest.raises(error, match="technical configuration") as caught,
            ):
                client.get_subscription(ID)
        assert len(script.requests) == 2
        assert "authorization token is invalid" in caught.value.said

    def test_no_error_log_or_repr_shows_a_token(self, kind: str, capfd: pytest.CaptureFixture[str]):
        echo = Answer(
            400, {"code": "InvalidValue", "message": f"no: {MARKETPLACE_TOKEN} {TOKEN}", "target": "token"}
        )
        texts: list[str] = []
        with serve_answers(echo) as script:
            settings = scripted_settings(script.url, log="debug")
            with open_client(kind, settings) as client, pytest.raises(Invalid) as caught:
                client.resolve(MARKETPLACE_TOKEN)
        error: BaseException | None = caught.value
        while error:
            texts += [str(error), repr(error), repr(vars(error))]
            error = error.__cause__ or error.__context__
        texts += [repr(settings), *capfd.readouterr()]
        assert "POST" in texts[-1]
        assert script.requests[0].headers["x-ms-marketplace-token"] == MARKETPLACE_TOKEN
        assert not [text for text in texts if MARKETPLACE_TOKEN in text or TOKEN in text]

    def test_a_lost_request_keeps_no_token(self, kind: str):
        with open_scripted(kind, DROP) as (client, _), pytest.raises(Unavailable) as caught:
            client.resolve(MARKETPLACE_TOKEN)
        context = caught.value.__context__
        assert isinstance(context, httpx.RequestError)
        assert not {"authorization", "x-ms-marketplace-token"} & set(context.request.headers)


def sign_in_with_secret(script: Script, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose tokens are t1, t2 …; nothing is asked for them."""
    values = {"tenantId": "contoso", "clientId": OPERATION, "clientSecret": "s3cret-of-contoso"}
    config = {f"partnercenter:saas{name[0].upper()}{name[1:]}": value for name, value in values.items()}
    settings = Settings.load_fulfillment({"partnercenter:endpoint": script.url, **config}, {})
    numbers = iter(range(1, 9))

    class Ready:
        expires_at = float("inf")

        def __init__(self) -> None:
            self.text = f"t{next(numbers)}"

    source = TokenSource(settings, FULFILLMENT.audience, fetch=lambda *_: Ready())  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(TokenSource, "shared", lambda *_: source)
    return settings


class TestErrors:
    @pytest.mark.sample(51)
    @pytest.mark.parametrize(
        ("body", "code", "target", "quote"),
        [
            ({"code": "BadRequest", "message": "wrong", "target": "update"}, "BadRequest", "update", "wrong"),
            ({"message": "wrong"}, "", "", "wrong"),
            (
                {
                    "code": "A",
                    "message": "wrong",
                    "details": [{"code": "B", "message": "seats", "target": "quantity"}],
                },
                "A",
                "",
                "quantity: seats",
            ),
            (
                {
                    "code": "A",
                    "message": "wrong",
                    "details": {"code": "B", "message": "a plan", "target": "plan id"},
                },
                "A",
                "",
                "plan id: a plan",
            ),
            (
                {"Error": {"Code": "UnsupportedApiVersion", "Message": "wrong"}},
                "UnsupportedApiVersion",
                "",
                "wrong",
            ),
            ({"error": {"code": "Internal", "message": "wrong"}}, "Internal", "", "wrong"),
            ("The authorization token is wrong", "", "", "token is wrong"),
            (b"wrong, as text", "", "", "wrong, as text"),
            (b"<!DOCTYPE html><pre>secret page</pre>", "", "", ""),
            (b"", "", "", ""),
            ([], "", "", ""),
            (b'{"code":', "", "", '{"code":'),
            ({"message": None, "code": 7, "details": ["x", None]}, "7", "", ""),
        ],
    )
    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, Invalid),
            (403, Forbidden),
            (404, NotFound),
            (409, Conflict),
            (500, Unavailable),
            (418, ApiError),
        ],
    )
    def test_every_shape_of_an_error_body_is_one_error(
        self, kind: str, body: Any, code: str, target: str, quote: str, status: int, error: type[ApiError]
    ):
        ids = {"x-ms-requestid": str(uuid.uuid4()), "x-ms-correlationid": str(uuid.uuid4())}
        with open_scripted(kind, Answer(status, body, ids)) as (client, _), pytest.raises(error) as caught:
            client.get_subscription(ID)
        raised = caught.value
        assert (raised.status, raised.code, raised.target) == (status, code, target)
        assert (raised.request_id, raised.correlation_id) == tuple(ids.values())
        assert quote in raised.said
        assert "secret page" not in str(raised)
        assert all(id in str(raised) for id in ids.values())
        assert len(str(raised).splitlines()) <= 3

    @pytest.mark.parametrize("name", ["get_subscription", "get_operation", "resolve"])
    @pytest.mark.parametrize("body", [b"", b"<html>", {}, [], None, {"id": "other", "status": "x"}, b"\xff"])
    def test_an_answer_that_is_none_is_a_contract_error(self, kind: str, name: str, body: Any):
        with open_scripted(kind, Answer(200, body)) as (client, _), pytest.raises(ContractError):
            CALLS[name][0](client)

    def test_a_redirection_is_not_followed(self, kind: str):
        with open_scripted(kind, Answer(302, headers={"Location": "http://127.0.0.1:9/"})) as (
            client,
            script,
        ):
            with pytest.raises(ApiError, match="redirected"):
                client.get_subscription(ID)
            assert len(script.requests) == 1

    def test_an_accepted_change_without_an_operation_is_no_success(self, kind: str):
        with (
            open_scripted(kind, Answer(202, b"Accepted")) as (client, _),
            pytest.raises(ContractError, match="accepted"),
        ):
            client.change_plan(ID, "gold")


class TestCollections:
    @pytest.mark.parametrize(
        "name", ["list_subscriptions", "list_available_plans", "list_operations", "list_usage"]
    )
    @pytest.mark.parametrize(
        "body", [b"", {}, [], None, {"subscriptions": [], "plans": [], "operations": []}]
    )
    def test_nothing_at_all_is_an_empty_collection(self, kind: str, name: str, body: Any):
        with open_scripted(kind, Answer(200, body)) as (client, _):
            assert CALLS[name][0](client) == []

    @pytest.mark.parametrize(
        ("name", "body"),
        [
            ("list_subscriptions", {"subscriptions": {}}),
            ("list_operations", 7),
            ("list_usage", "none"),
            ("list_operations", {"operations": "x"}),
        ],
    )
    def test_what_is_no_collection_is_a_contract_error(self, kind: str, name: str, body: Any):
        with open_scripted(kind, Answer(200, body)) as (client, _), pytest.raises(ContractError):
            CALLS[name][0](client)

    def test_pages_are_read_from_the_configured_service_whatever_host_the_link_names(self, kind: str):
        token = '[{"token":"+RID:QkM","range":{"min":"%41"}}]'
        link = f"https:// https://elsewhere.example.com/?continuationToken={quote(token)}&api-version=1"
        item = {"id": ID, "saasSubscriptionStatus": "Subscribed"}
        pages = [
            Answer(200, {"subscriptions": [item], "@nextLink": link}),
            Answer(200, {"subscriptions": [], "@nextLink": link.replace("&api", "2&api")}),
        ]
        with open_scripted(kind, *pages, Answer(200, {"subscriptions": [item], "@nextLink": ""})) as (
            client,
            script,
        ):
            assert [subscription.id for subscription in client.list_subscriptions()] == [ID, ID]
        queries = [httpx.URL(request.path).params for request in script.requests]
        assert queries[1]["continuationToken"] == token
        assert [query.get_list("api-version") for query in queries] == [["2018-08-31"]] * 3

    @pytest.mark.parametrize("link", ["https://x.example.com/?continuationToken=1", "no query", 7, {"a": 1}])
    def test_pages_that_do_not_end_are_a_contract_error(self, kind: str, link: Any):
        with open_scripted(kind, Answer(200, {"subscriptions": [], "@nextLink": link})) as (client, script):
            with pytest.raises(ContractError):
                client.list_subscriptions()
            assert len(script.requests) <= 2


class TestWaiting:
    def test_an_operation_is_read_until_it_ends(self, kind: str):
        answers = [
            Answer(200, operation("InProgress")),
            Answer(200, operation("NotStarted")),
            Answer(200, operation("Succeed")),
        ]
        with open_scripted(kind, *answers) as (client, script):
            assert client.wait_operation(ID, OPERATION).has_succeeded
            assert len(script.requests) == 3
            assert len(client.pauses) == 2

    @pytest.mark.parametrize("status", ["Failed", "Conflict", "Succeeded"])
    def test_whatever_ends_an_operation_is_returned(self, kind: str, status: str):
        with open_scripted(kind, Answer(200, operation(status))) as (client, _):
            assert client.wait_operation(ID, OPERATION).status == status

    @pytest.mark.parametrize("missing", [Answer(400, {"message": "no"}), Answer(404)])
    def test_an_operation_that_is_not_visible_yet_is_waited_for(self, kind: str, missing: Answer):
        with open_scripted(kind, missing, missing, Answer(200, operation())) as (client, _):
            assert client.wait_operation(ID, OPERATION).status == "Succeeded"

    @pytest.mark.parametrize(("missing", "error"), [(Answer(400), Invalid), (Answer(404), NotFound)])
    def test_an_operation_that_stays_unknown_is_an_error(
        self, kind: str, missing: Answer, error: type[ApiError]
    ):
        with open_scripted(kind, missing) as (client, _):
            with pytest.raises(error):
                client.wait_operation(ID, OPERATION)
            assert 10 <= sum(client.pauses) < 20

    def test_waiting_ends_with_its_deadline(self, kind: str):
        with open_scripted(kind, Answer(200, operation("InProgress"))) as (client, script):
            with pytest.raises(JobTimeout, match="InProgress after 60 s"):
                client.wait_operation(ID, OPERATION, timeout_seconds=60)
            assert sum(client.pauses) == pytest.approx(60)
            assert all(pause <= 3.3 for pause in client.pauses)
            assert len(script.requests) > 20

    def test_a_service_that_stays_away_until_the_deadline_is_a_timeout(self, kind: str):
        with open_scripted(
            kind, Answer(200, operation("InProgress")), Answer(503, headers={"Retry-After": "20"})
        ) as (client, _):
            with pytest.raises((JobTimeout, Unavailable)):
                client.wait_operation(ID, OPERATION, timeout_seconds=30)
            assert sum(client.pauses) <= 30

    def test_a_change_and_its_operation_are_one_call(self, kind: str):
        with open_scripted(
            kind, ACCEPTED, Answer(200, operation("InProgress")), Answer(200, operation())
        ) as (client, script):
            assert client.change_plan_and_wait(ID, "gold").status == "Succeeded"
        assert lines(script) == [f"PATCH {ID}", f"GET {OPERATION}", f"GET {OPERATION}"]
        assert len({request.headers["x-ms-correlationid"] for request in script.requests}) == 1

    @pytest.mark.parametrize("status", ["Failed", "Conflict"])
    @pytest.mark.parametrize(
        "call",
        [
            lambda client: client.change_plan_and_wait(ID, "gold"),
            lambda client: client.change_quantity_and_wait(ID, 7),
            lambda client: client.cancel_and_wait(ID),
        ],
        ids=["plan", "quantity", "cancel"],
    )
    def test_a_change_that_does_not_succeed_is_rejected(self, kind: str, call: Any, status: str):
        ended = Answer(200, operation(status, errorMessage="the card was declined", errorStatusCode=402))
        with (
            open_scripted(kind, ACCEPTED, ended) as (client, _),
            pytest.raises(Rejected, match="the card was declined 402"),
        ):
            call(client)

    def test_cancelling_what_is_cancelled_has_succeeded(self, kind: str):
        with open_scripted(kind, Answer(200, b"")) as (client, script):
            ended = client.cancel_and_wait(ID)
            assert (ended.id, ended.status, len(script.requests)) == ("", "Succeeded", 1)


class TestUsage:
    def conflict(self, quantity: float) -> Answer:
        accepted = message(usage(quantity=quantity), "Duplicate")
        return Answer(
            409, {"code": "Conflict", "message": "exists", "additionalInfo": {"acceptedMessage": accepted}}
        )

    def test_usage_that_the_service_has_already_is_delivered(self, kind: str):
        with open_scripted(kind, DROP, self.conflict(37)) as (client, _):
            result = client.report_usage(usage())
        assert (result.status, result.is_delivered, result.accepted_quantity) == ("Duplicate", True, 37)
        assert result.usage_event_id

    @pytest.mark.parametrize(
        "body", [None, {"code": "Conflict"}, b"text", {"additionalInfo": {"acceptedMessage": 7}}]
    )
    def test_usage_that_was_reported_with_another_or_no_quantity_is_a_conflict(self, kind: str, body: Any):
        answers = [self.conflict(36), Answer(409, body)]
        for answer in answers:
            with open_scripted(kind, answer) as (client, script):
                with pytest.raises(Conflict) as caught:
                    client.report_usage(usage())
                assert len(script.requests) == 1
        assert caught.value.status == 409

    def test_batches_have_25_events_and_results_come_in_the_order_of_the_events(self, kind: str):
        events = [usage(resource_id=str(uuid.uuid4()), quantity=number + 1) for number in range(60)]
        batches = [events[start : start + 25] for start in (0, 25, 50)]
        answers = [
            Answer(200, {"count": len(batch), "result": [message(event) for event in reversed(batch)]})
            for batch in batches
        ]
        with open_scripted(kind, *answers) as (client, script):
            results = client.report_usage_batch(iter(events))
        assert [len(request.body["request"]) for request in script.requests] == [25, 25, 10]
        assert [result.event for result in results] == events
        assert [result.accepted_quantity for result in results] == [event.quantity for event in events]
        assert all(result.is_delivered for result in results)

    def test_every_event_of_a_batch_has_its_own_outcome(self, kind: str):
        events = [usage(dimension=name) for name in ("a", "b", "c", "d", "e")]
        error = {"code": "Conflict", "message": "exists"}
        duplicate = error | {"additionalInfo": {"acceptedMessage": message(events[1], quantity=1)}}
        answer = [
            message(events[0]),
            message(events[1], "Duplicate", error=duplicate, messageTime="0001-01-01T00:00:00"),
            message(events[2], "Expired", error={"code": "BadArgument", "message": "late"}),
            message(events[3], "NewStatus"),
        ]
        with open_scripted(kind, Answer(200, {"result": answer})) as (client, _):
            results = client.report_usage_batch(events)
        assert [result.status for result in results] == [
            "Accepted",
            "Duplicate",
            "Expired",
            "NewStatus",
            "Error",
        ]
        assert [result.is_delivered for result in results] == [True, False, False, False, False]
        assert results[1].accepted_quantity == 1
        assert (results[2].error_code, results[2].error_message) == ("BadArgument", "late")
        assert "report it again" in results[4].error_message

    def test_equal_events_of_a_batch_have_a_result_each(self, kind: str):
        documents = [message(usage()), message(usage(), "Duplicate")]
        with open_scripted(kind, Answer(200, {"result": documents})) as (client, _):
            results = client.report_usage_batch([usage(), usage()])
        assert [result.status for result in results] == ["Accepted", "Duplicate"]

    def test_nothing_to_report_sends_nothing(self, kind: str):
        with open_scripted(kind, Answer()) as (client, script):
            assert client.report_usage_batch([]) == []
            assert script.requests == []

    def test_usage_is_looked_up_by_what_is_asked_for(self, kind: str):
        record = {
            "usageDate": "2026-05-18T00:00:00Z",
            "usageResourceId": ID,
            "reconStatus": "New",
            "submittedQuantity": "5.5",
        }
        with open_scripted(kind, Answer(200, [record])) as (client, script):
            (result,) = client.list_usage(
                HOUR, HOUR + timedelta(hours=1), offer_id="contoso", status="Accepted"
            )
        assert (result.resource_id, result.status, result.submitted_quantity) == (ID, "New", 5.5)
        assert dict(httpx.URL(script.requests[0].path).params) == {
            "usageStartDate": "2026-05-18T08:00:00Z",
            "usageEndDate": "2026-05-18T09:00:00Z",
            "offerId": "contoso",
            "reconStatus": "Accepted",
            "api-version": "2018-08-31",
        }


def test_both_clients_have_the_same_operations(kind: str):
    """Same names, arguments, defaults and texts; a coroutine or an asynchronous iterator in the place of a result."""
    if kind == "asynchronous":
        pytest.skip("one comparison covers both")

    def operations(owner: type) -> dict[str, Callable[..., Any]]:
        functions = inspect.getmembers(owner, inspect.isfunction)
        return {name: function for name, function in functions if not name.startswith("_")}

    blocking, asynchronous = operations(FulfillmentClient), operations(AsyncFulfillmentClient)
    assert blocking.pop("close")
    assert asynchronous.pop("aclose")
    assert blocking.keys() == asynchronous.keys()
    assert len(blocking) == 18
    for name, function in blocking.items():
        twin = asynchronous[name]
        assert inspect.signature(function).parameters == inspect.signature(twin).parameters, name
        assert inspect.getdoc(function) == inspect.getdoc(twin), name
        assert "Raises:" in str(function.__doc__), name
        assert "Source:" in str(function.__doc__) or "wait" in name, name
        returned, awaited = get_type_hints(function)["return"], get_type_hints(twin)["return"]
        if get_origin(returned) is Iterator:
            assert (get_origin(awaited), get_args(awaited)) == (AsyncIterator, get_args(returned))
        else:
            assert inspect.iscoroutinefunction(twin)
            assert returned == awaited


def test_the_client_needs_neither_the_engine_nor_a_login_library(kind: str):
    """The public module and a call load no `pulumi`, `grpc` or `msal`."""
    with serve_answers(Answer(200, operation("Succeeded"))) as script:
        call = f"client.get_operation('{ID}', '{OPERATION}')"
        program = {
            "blocking": f"with FulfillmentClient() as client: {call}",
            "asynchronous": "async def main():\n"
            f"    async with AsyncFulfillmentClient() as client: await {call}\n"
            "anyio.run(main)",
        }[kind]
        code = (
            "import anyio, json, sys\nfrom pulumi_partnercenter.fulfillment import *\n"
            f"from pulumi_partnercenter import NotFound\n{program}\nprint(json.dumps(sorted(sys.modules)))"
        )
        environment = {"PARTNERCENTER_ENDPOINT": script.url, "PARTNERCENTER_ACCESS_TOKEN": TOKEN}
        output = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert output.returncode == 0, output.stderr
        assert len(script.requests) == 1
    modules = set(json.loads(output.stdout))
    assert "pulumi_partnercenter.fulfillment" in modules
    loaded = [
        module
        for module in modules
        if re.match(r"(pulumi|grpc|msal|pulumi_partnercenter\.resources)(\.|$)", module)
    ]
    assert loaded == []


def test_an_operation_shows_nothing_about_persons(kind: str):
    beneficiary = {"emailId": "dana@fabrikam.example", "tenantId": OPERATION}
    with open_scripted(kind, subscription(beneficiary=beneficiary)) as (client, _):
        result = client.get_subscription(ID)
    assert result.beneficiary.email == "dana@fabrikam.example"
    assert "dana" not in repr(result)
    assert ID in repr(result)
    assert "gold" not in repr(Operation(plan_id="gold"))
