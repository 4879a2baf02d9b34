"""The HTTP client against a scripted server: retries, errors, pages, headers and the log."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
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
    PartnerCenterError,
    Stale,
    Throttled,
    Unavailable,
)
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.api.submission.models import Variant
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.settings import Settings

TOKEN = "t0ken-of-contoso"
OK = Answer(200, {"fine": True})
ACTION = "offer 'contoso': look-up"


class ScriptedApi:
    def __init__(self, client: ApiClient, script: Script, pauses: list[float]) -> None:
        self.client, self.script, self.pauses = client, script, pauses

    def methods(self) -> list[str]:
        return [request.method for request in self.script.requests]


@contextmanager
def open_scripted_api(*answers: Answer, log: str = "") -> Iterator[ScriptedApi]:
    with serve_answers(*answers) as script:
        config = {
            "partnercenter:endpoint": script.url,
            "partnercenter:accessToken": TOKEN,
            "partnercenter:log": log,
        }
        settings = Settings.load(config, {})
        pauses: list[float] = []
        client = ApiClient(
            settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), sleep=pauses.append
        )
        try:
            yield ScriptedApi(client, script, pauses)
        finally:
            client.close()


CALLS: dict[str, Callable[[ApiClient], Any]] = {
    "GET": lambda client: client.get("products/a", ACTION),
    "PUT": lambda client: client.put("products/a", ACTION, {"a": 1}, etag='"1"'),
    "DELETE": lambda client: client.delete("products/a", ACTION),
    "POST": lambda client: client.post("products", ACTION, {"a": 1}),
}


class TestRetry:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize(
        "failure", [DROP, Answer(408), Answer(429), Answer(502), Answer(503), Answer(504)]
    )
    def test_a_temporary_failure_is_retried(self, method: str, failure: Answer) -> None:
        with open_scripted_api(failure, failure, OK) as api:
            CALLS[method](api.client)
            assert api.methods() == [method] * 3
            assert len(api.pauses) == 2

    @pytest.mark.parametrize("failure", [DROP, Answer(408), Answer(502), Answer(503), Answer(504)])
    def test_a_post_without_an_answer_is_not_retried(self, failure: Answer) -> None:
        with open_scripted_api(failure, OK) as api:
            with pytest.raises(Unavailable):
                CALLS["POST"](api.client)
            assert api.methods() == ["POST"]

    @pytest.mark.parametrize("is_repeatable", [True, False])
    def test_a_patch_is_retried_only_if_its_caller_allows_it(self, is_repeatable: bool) -> None:
        with open_scripted_api(DROP, OK) as api:
            if is_repeatable:
                assert api.client.patch("a", ACTION, {"a": 1}, is_repeatable=True).body == {"fine": True}
            else:
                with pytest.raises(Unavailable):
                    api.client.patch("a", ACTION, {"a": 1})
            assert api.methods() == ["PATCH"] * (2 if is_repeatable else 1)

    def test_a_retried_creation_waits_as_long_as_the_service_asks(self) -> None:
        with open_scripted_api(Answer(503, headers={"Retry-After": "11"}), Answer(201, VARIANT)) as api:
            assert api.client.create("variants", ACTION, {}, Variant, find=lambda: None).id == "1"
            assert api.pauses == [11.0]

    def test_a_throttled_post_is_retried(self) -> None:
        with open_scripted_api(Answer(429, headers={"Retry-After": "7"}), OK) as api:
            assert CALLS["POST"](api.client).body == {"fine": True}
            assert api.pauses == [7.0]

    @pytest.mark.parametrize("status", [400, 404, 409, 412, 422, 500, 501])
    def test_a_lasting_failure_is_raised_at_once(self, status: int) -> None:
        with open_scripted_api(Answer(status, "no"), OK) as api:
            with pytest.raises(ApiError):
                CALLS["GET"](api.client)
            assert api.methods() == ["GET"]
            assert api.pauses == []

    def test_a_retry_waits_as_long_as_the_service_asks(self) -> None:
        with open_scripted_api(Answer(503, headers={"Retry-After": "11"}), OK) as api:
            CALLS["GET"](api.client)
            assert api.pauses == [11.0]

    def test_retry_after_may_be_a_date(self) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=50), usegmt=True)
        with open_scripted_api(Answer(429, headers={"Retry-After": date}), OK) as api:
            CALLS["GET"](api.client)
            (pause,) = api.pauses
            assert 0 < pause <= 50

    @pytest.mark.parametrize("retry_after", ["soon", "-5", "1.5", "Sat, 99 Foo 2026"])
    def test_an_invalid_retry_after_is_ignored(self, retry_after: str) -> None:
        with open_scripted_api(Answer(429, headers={"Retry-After": retry_after}), OK) as api:
            assert CALLS["GET"](api.client).body == {"fine": True}
            assert len(api.pauses) == 1

    def test_retries_end_after_six_attempts(self) -> None:
        with open_scripted_api(Answer(503, "busy")) as api:
            with pytest.raises(Unavailable, match=r"refused \(503\)"):
                CALLS["GET"](api.client)
            assert len(api.methods()) == 6

    def test_retries_end_at_their_deadline(self) -> None:
        with open_scripted_api(Answer(429, "busy", {"Retry-After": "50"})) as api:
            with pytest.raises(Throttled):
                CALLS["GET"](api.client)
            assert sum(api.pauses) <= 170

    def test_a_pause_beyond_the_deadline_is_not_started(self) -> None:
        """The client raises the error at once; it does not wait for an hour without output."""
        with open_scripted_api(Answer(429, "busy", {"Retry-After": "3600"})) as api:
            with pytest.raises(Throttled):
                CALLS["GET"](api.client)
            assert api.pauses == []

    def test_an_unreachable_service_is_reported_with_its_address(self) -> None:
        with open_scripted_api(DROP) as api:
            with pytest.raises(Unavailable, match=r"no answer from http://127\.0\.0\.1") as error:
                CALLS["GET"](api.client)
            assert str(error.value).startswith(ACTION)
            assert "run the same command again" in str(error.value)


VARIANT = {"id": "1", "resourceType": "AzureSkuVariant", "externalID": "gold", "state": "Active"}


class TestCreations:
    """A POST that creates: after a lost answer, a look-up precedes the second attempt."""

    @pytest.mark.parametrize("failure", [DROP, Answer(502), Answer(503), Answer(504)])
    def test_an_object_created_before_the_answer_was_lost_is_not_created_twice(self, failure: Answer) -> None:
        variant = Variant(id="7")
        with open_scripted_api(failure, OK) as api:
            assert api.client.create("variants", ACTION, {}, Variant, find=lambda: variant) is variant
            assert api.methods() == ["POST"]

    def test_an_object_that_was_not_created_is_created_by_the_retry(self) -> None:
        with open_scripted_api(DROP, Answer(201, VARIANT)) as api:
            assert api.client.create("variants", ACTION, {}, Variant, find=lambda: None).id == "1"
            assert api.methods() == ["POST", "POST"]

    def test_no_look_up_happens_without_a_lost_answer(self) -> None:
        def look_up() -> None:
            raise AssertionError("a look-up")

        with open_scripted_api(Answer(201, VARIANT)) as api:
            assert api.client.create("variants", ACTION, {}, Variant, find=look_up).id == "1"
        with open_scripted_api(Answer(400, "no")) as api, pytest.raises(Invalid):
            api.client.create("variants", ACTION, {}, Variant, find=look_up)


STATUSES = {
    400: Invalid,
    401: AuthError,
    403: Forbidden,
    404: NotFound,
    405: ApiError,
    409: Conflict,
    412: Stale,
    422: Invalid,
    429: Throttled,
    500: Unavailable,
    501: Unavailable,
    503: Unavailable,
}
BODIES = {
    "fault": 'ICH50400 - Unable to complete request. {"faultCode":50400,"reasonPhrase":"Request validation failed.",'
    '"data":{"Title":["Too long.","Too loud."]}}',
    "sentence": "Value cannot be null.\r\nParameter name: IfMatch",
    "page": b"<html>\n<head><title>502</title></head>\n<body>\n"
    + b"<p>Bad gateway</p>\n" * 99
    + b"</body></html>",
    "object": {"statusCode": 400, "message": "Line one.\nLine two.\nLine three."},
    "number": 5,
    "nothing": b"",
    "half": b'"ICH50400 - Unable {',
}


class TestErrors:
    @pytest.mark.parametrize("status", STATUSES)
    def test_every_error_status_has_its_error_class(self, status: int) -> None:
        answer = Answer(status, BODIES["fault"], {"request-id": "4711"})
        with open_scripted_api(answer) as api, pytest.raises(STATUSES[status]) as error:
            CALLS["GET"](api.client)
        assert type(error.value) is STATUSES[status]
        assert str(error.value).startswith(ACTION)
        assert "Request validation failed." in str(error.value)
        assert "Title: Too long. Too loud." in str(error.value)
        assert "4711" in str(error.value)
        if isinstance(error.value, ApiError):
            assert error.value.status == status
            assert error.value.request_id == "4711"
            assert (error.value.method, error.value.path) == ("GET", "/v1.0/ingestion/products/a")

    @pytest.mark.parametrize("body", BODIES)
    @pytest.mark.parametrize("status", [400, 401, 403, 500])
    def test_an_error_message_has_three_lines_at_most(self, status: int, body: str) -> None:
        with (
            open_scripted_api(Answer(status, BODIES[body])) as api,
            pytest.raises(PartnerCenterError) as error,
        ):
            CALLS["GET"](api.client)
        assert len(str(error.value).splitlines()) <= 3
        assert len(str(error.value)) < 1500

    @pytest.mark.parametrize("status", STATUSES)
    def test_no_error_message_contains_the_token(self, status: int) -> None:
        echo = {"message": f"Bearer {TOKEN} is not welcome", "data": {"Authorization": [f"Bearer {TOKEN}"]}}
        with open_scripted_api(Answer(status, echo)) as api, pytest.raises(PartnerCenterError) as error:
            CALLS["GET"](api.client)
        assert TOKEN not in str(error.value) + repr(error.value)

    @pytest.mark.parametrize("body", [b"", b"<html></html>", b"{"])
    def test_an_answer_that_is_not_json_is_a_contract_error(self, body: bytes) -> None:
        with open_scripted_api(Answer(200, body)) as api, pytest.raises(ContractError, match="not JSON"):
            CALLS["GET"](api.client)

    def test_an_answer_to_a_deletion_may_be_empty(self) -> None:
        with open_scripted_api(Answer(204, b"")) as api:
            CALLS["DELETE"](api.client)

    def test_a_redirect_is_not_followed(self) -> None:
        with open_scripted_api(Answer(302, b"", {"Location": "/elsewhere"}), OK) as api:
            with pytest.raises(ApiError, match=r"redirected \(302\)") as error:
                CALLS["GET"](api.client)
            assert len(api.script.requests) == 1
        assert "refused" not in str(error.value)
        assert "PARTNERCENTER_ENDPOINT" in error.value.next

    def test_an_unknown_request_is_not_retried_and_repetition_not_advised(self) -> None:
        """The emulator answers 501 to requests that it does not emulate."""
        with open_scripted_api(Answer(501, {"message": "not emulated"}), OK) as api:
            with pytest.raises(Unavailable, match=r"does not know this request \(501\)") as error:
                CALLS["GET"](api.client)
            assert len(api.script.requests) == 1
        assert "again later" not in error.value.next
        assert "not emulated" in error.value.said


FULL = {"message": "Title is too long.", "code": "A1", "data": {"title": ["too long"]}}
AGAIN_LATER = "the service is not available: run the same command again later, it continues from there"


@pytest.mark.parametrize(
    ("status", "problem", "next_step"),
    [
        (400, "refused (400)", ""),
        (404, "refused (404)", ""),
        (405, "refused (405)", ""),
        (409, "refused (409)", ""),
        (
            412,
            "refused (412)",
            "somebody else is changing it: run `pulumi refresh` to see the change, then run `pulumi up` again",
        ),
        (422, "refused (422)", ""),
        (429, "refused (429)", "wait some minutes, then run the same command again: it continues from there"),
        (408, "refused (408)", AGAIN_LATER),
        (500, "refused (500)", AGAIN_LATER),
        (503, "refused (503)", AGAIN_LATER),
        (
            302,
            "redirected (302), and no token is sent to another address",
            "set PARTNERCENTER_ENDPOINT to the service's own address: a proxy or a sign-in page answers at this one",
        ),
        (
            501,
            "the service does not know this request (501)",
            "check PARTNERCENTER_ENDPOINT; the emulator says what it does not emulate: repeating it does not help",
        ),
    ],
)
def test_an_error_states_problem_answer_and_next_step(status: int, problem: str, next_step: str) -> None:
    with (
        open_scripted_api(Answer(status, FULL, {"request-id": "4711"})) as api,
        pytest.raises(ApiError) as error,
    ):
        CALLS["PUT"](api.client)
    assert error.value.doing == f"{ACTION}: {problem}"
    assert error.value.said == '"Title is too long." title: too long (A1) request 4711'
    assert error.value.next == next_step
    assert (error.value.code, error.value.fields) == ("A1", {"title": ["too long"]})
    assert (error.value.method, error.value.status) == ("PUT", status)


def test_a_lost_connection_is_reported_with_its_request() -> None:
    with open_scripted_api(DROP) as api, pytest.raises(Unavailable) as error:
        CALLS["POST"](api.client)
    assert error.value.doing.startswith(f"{ACTION}: no answer from {api.script.url} (RemoteProtocolError: ")
    assert error.value.next == (
        "check the network and PARTNERCENTER_ENDPOINT, then run the same command again: it continues from there"
    )
    assert (error.value.method, error.value.path) == ("POST", "/v1.0/ingestion/products")


def test_a_conflict_of_a_creation_names_the_next_step() -> None:
    with open_scripted_api(Answer(409, "no")) as api, pytest.raises(Conflict) as error:
        api.client.create("variants", ACTION, {}, Variant, find=lambda: None)
    assert error.value.next == (
        "if somebody else made it at the same time, run the same command again: it finds what is there"
    )


@pytest.mark.parametrize(
    "path", ["a/../b", "a//b", "a/./b", "a?b", "a#b", "a%2fb", "a\\b", "a\nb", "x" * 4001, ""]
)
def test_a_path_that_leads_elsewhere_is_not_requested(path: str) -> None:
    with open_scripted_api(OK) as api:
        with pytest.raises(ContractError, match=f"^{ACTION}: an id changes the path of the request: "):
            api.client.get(path, ACTION)
        assert api.script.requests == []


def test_an_answer_that_is_not_json_is_quoted() -> None:
    with open_scripted_api(Answer(200, b"<html>" + b"x" * 500)) as api, pytest.raises(ContractError) as error:
        CALLS["GET"](api.client)
    assert str(error.value) == f"{ACTION}: the answer (200) is not JSON\n  service: <html>{'x' * 114}"


def test_an_answer_without_content_has_no_body() -> None:
    with open_scripted_api(Answer(204, b"")) as api:
        assert CALLS["GET"](api.client).body is None


def test_every_method_sends_what_it_was_given() -> None:
    with open_scripted_api(OK) as api:
        api.client.get("a", ACTION, {"$expand": "b"})
        api.client.put("a", ACTION, {"a": 1}, params={"$expand": "b"})
        api.client.patch("a", ACTION, {"a": 2})
        api.client.post("a", ACTION, {"a": 3})
        api.client.upsert("a", ACTION, {"a": 4})
        api.client.delete("a", ACTION)
        requests = api.script.requests
    assert [(request.method, request.path, request.body) for request in requests] == [
        ("GET", "/v1.0/ingestion/a?%24expand=b", None),
        ("PUT", "/v1.0/ingestion/a?%24expand=b", {"a": 1}),
        ("PATCH", "/v1.0/ingestion/a", {"a": 2}),
        ("POST", "/v1.0/ingestion/a", {"a": 3}),
        ("POST", "/v1.0/ingestion/a", {"a": 4}),
        ("DELETE", "/v1.0/ingestion/a", None),
    ]
    assert {request.headers["accept"] for request in requests} == {"application/json"}
    assert {request.headers["accept-encoding"] for request in requests} == {"gzip"}


@pytest.mark.parametrize("failure", [DROP, Answer(503)])
def test_a_whole_document_is_posted_again(failure: Answer) -> None:
    with open_scripted_api(failure, OK) as api:
        assert api.client.upsert("a", ACTION, {"a": 1}).body == {"fine": True}
        assert api.methods() == ["POST", "POST"]


def test_a_client_without_retries_makes_one_attempt() -> None:
    with serve_answers(Answer(503), OK) as script:
        settings = Settings.load(
            {"partnercenter:endpoint": script.url, "partnercenter:accessToken": TOKEN}, {}
        )
        client = ApiClient(settings, SUBMISSION, retries=False)
        with pytest.raises(Unavailable):
            client.get("a", ACTION)
        client.close()
        assert len(script.requests) == 1


class TestResponses:
    def test_a_response_has_status_headers_and_body(self) -> None:
        with open_scripted_api(
            Answer(202, {"id": "1"}, {"Operation-Location": "https://example.com/1"})
        ) as api:
            response = api.client.post("products", ACTION, {})
        assert (response.status, response.body) == (202, {"id": "1"})
        assert response.headers["operation-location"] == "https://example.com/1"


class TestRequests:
    def test_a_patch_without_an_etag_has_no_if_match_header(self) -> None:
        with open_scripted_api(OK) as api:
            api.client.patch("a", ACTION, {}, etag='"1"')
            api.client.patch("a", ACTION, {})
            assert [request.headers.get("if-match") for request in api.script.requests] == ['"1"', None]

    def test_every_request_has_its_own_id_and_the_token(self) -> None:
        with open_scripted_api(OK) as api:
            for call in CALLS.values():
                call(api.client)
            ids = [uuid.UUID(request.headers["client-request-id"]) for request in api.script.requests]
            assert len(set(ids)) == len(CALLS)
            assert {request.headers["authorization"] for request in api.script.requests} == {
                f"Bearer {TOKEN}"
            }

    def test_a_put_sends_the_etag_unchanged(self) -> None:
        with open_scripted_api(OK) as api:
            api.client.put("a", ACTION, {}, etag='W/"0x8D"')
            api.client.put("a", ACTION, {}, etag="")
            assert [request.headers["if-match"] for request in api.script.requests] == ['W/"0x8D"', "*"]

    def test_a_body_may_contain_non_ascii_text(self) -> None:
        with open_scripted_api(OK) as api:
            api.client.put("a", ACTION, {"title": "Überall – 日本"}, etag="")
            assert api.script.requests[0].body == {"title": "Überall – 日本"}


def page(items: list[int], link: str | None = None, name: str = "nextLink") -> Answer:
    return Answer(200, {"value": items} | ({name: link} if link else {}))


class TestPages:
    def test_page_links_are_followed_also_after_an_empty_page(self) -> None:
        link = "v1.0/ingestion/products?$skipToken=a%2Bb"
        with open_scripted_api(
            page([1], link), page([], "v1.0/ingestion/products?$skipToken=c"), page([2, 3])
        ) as api:
            assert list(api.client.list_items("products", ACTION, {"$filter": "x eq 'y'"})) == [1, 2, 3]
            assert [request.path for request in api.script.requests][1] == f"/{link}"
            assert "$filter" not in api.script.requests[1].path

    @pytest.mark.parametrize("name", ["nextLink", "@odata.nextLink"])
    def test_a_page_link_has_either_of_two_names(self, name: str) -> None:
        with open_scripted_api(page([1], "v1.0/ingestion/products?$skipToken=a", name), page([2])) as api:
            assert list(api.client.list_items("products", ACTION)) == [1, 2]

    @pytest.mark.parametrize("link", ["https://fabrikam.example.com/v1.0", "//fabrikam.example.com/v1.0"])
    def test_a_page_link_to_another_host_is_not_followed(self, link: str) -> None:
        with open_scripted_api(page([1], link), page([2])) as api:
            with pytest.raises(ContractError, match="another host"):
                list(api.client.list_items("products", ACTION))
            assert len(api.script.requests) == 1

    def test_a_page_that_links_to_itself_is_a_contract_error(self) -> None:
        endless = page([1], "v1.0/ingestion/products?$skipToken=a")
        with open_scripted_api(endless) as api, pytest.raises(ContractError, match="do not end"):
            list(api.client.list_items("products", ACTION))

    @pytest.mark.parametrize("body", [[], {}, {"value": None}, "text", None])
    def test_a_list_without_a_collection_is_a_contract_error(self, body: Any) -> None:
        with open_scripted_api(Answer(200, body)) as api, pytest.raises(ContractError, match="collection"):
            list(api.client.list_items("products", ACTION))


class TestLog:
    def test_requests_are_not_logged_by_default(self, capfd: pytest.CaptureFixture[str]) -> None:
        with open_scripted_api(OK) as api:
            CALLS["GET"](api.client)
        assert capfd.readouterr().err == ""

    def test_the_debug_log_has_a_line_a_request_and_no_secret(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with open_scripted_api(Answer(200, {"a": "b0dy"}, {"request-id": "4711"}), log="debug") as api:
            api.client.get("blobs/a", ACTION, {"sv": "2026", "sig": "s1gnature"})
            api.client.put("products/a", ACTION, {"key": "b0dy"}, etag="")
        first, second = capfd.readouterr().err.splitlines()
        assert first.startswith("GET http://127.0.0.1")
        assert "sv=2026" in first
        assert "200 4711" in first
        assert second.startswith("PUT ")
        for secret in ("s1gnature", TOKEN, "b0dy", "Bearer"):
            assert secret not in first + second

    def test_a_pause_of_more_than_a_second_is_reported(self, capfd: pytest.CaptureFixture[str]) -> None:
        with open_scripted_api(Answer(503, headers={"Retry-After": "11"}), OK) as api:
            CALLS["GET"](api.client)
        assert capfd.readouterr().err == "GET /v1.0/ingestion/products/a: 503; again in 11 s\n"
