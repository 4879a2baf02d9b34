"""The way of a request, against a scripted server: what is repeated, what is told, what is never told."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from tests.unit.scripted import CUT, Answer, Script, serving

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
DOING = "offer 'contoso': look-up"


class Opened:
    def __init__(self, door: ApiClient, script: Script, slept: list[float]) -> None:
        self.door, self.script, self.slept = door, script, slept

    def methods(self) -> list[str]:
        return [asked.method for asked in self.script.asked]


@contextmanager
def opened(*answers: Answer, log: str = "") -> Iterator[Opened]:
    with serving(*answers) as script:
        config = {
            "partnercenter:endpoint": script.url,
            "partnercenter:accessToken": TOKEN,
            "partnercenter:log": log,
        }
        settings = Settings.load(config, {})
        slept: list[float] = []
        door = ApiClient(settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), sleep=slept.append)
        try:
            yield Opened(door, script, slept)
        finally:
            door.close()


CALLS: dict[str, Callable[[ApiClient], Any]] = {
    "GET": lambda door: door.get("products/a", DOING),
    "PUT": lambda door: door.put("products/a", DOING, {"a": 1}, etag='"1"'),
    "DELETE": lambda door: door.delete("products/a", DOING),
    "POST": lambda door: door.post("products", DOING, {"a": 1}),
}


class TestRetry:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize(
        "trouble", [CUT, Answer(408), Answer(429), Answer(502), Answer(503), Answer(504)]
    )
    def test_what_may_pass_is_repeated(self, method: str, trouble: Answer) -> None:
        with opened(trouble, trouble, OK) as way:
            CALLS[method](way.door)
            assert way.methods() == [method] * 3
            assert len(way.slept) == 2

    @pytest.mark.parametrize("trouble", [CUT, Answer(408), Answer(502), Answer(503), Answer(504)])
    def test_a_post_that_may_have_made_something_is_not(self, trouble: Answer) -> None:
        with opened(trouble, OK) as way:
            with pytest.raises(Unavailable):
                CALLS["POST"](way.door)
            assert way.methods() == ["POST"]

    @pytest.mark.parametrize("is_repeatable", [True, False])
    def test_a_patch_is_repeated_only_where_its_caller_allows_that(self, is_repeatable: bool) -> None:
        with opened(CUT, OK) as way:
            if is_repeatable:
                assert way.door.patch("a", DOING, {"a": 1}, is_repeatable=True).body == {"fine": True}
            else:
                with pytest.raises(Unavailable):
                    way.door.patch("a", DOING, {"a": 1})
            assert way.methods() == ["PATCH"] * (2 if is_repeatable else 1)

    def test_a_creation_that_is_repeated_keeps_the_pause_that_the_service_asks_for(self) -> None:
        with opened(Answer(503, headers={"Retry-After": "11"}), Answer(201, MADE)) as way:
            assert way.door.create("variants", DOING, {}, Variant, find=lambda: None).id == "1"
            assert way.slept == [11.0]

    def test_a_post_that_was_turned_away_is_repeated(self) -> None:
        with opened(Answer(429, headers={"Retry-After": "7"}), OK) as way:
            assert CALLS["POST"](way.door).body == {"fine": True}
            assert way.slept == [7.0]

    @pytest.mark.parametrize("status", [400, 404, 409, 412, 422, 500, 501])
    def test_what_will_not_pass_is_told_at_once(self, status: int) -> None:
        with opened(Answer(status, "no"), OK) as way:
            with pytest.raises(ApiError):
                CALLS["GET"](way.door)
            assert way.methods() == ["GET"]
            assert way.slept == []

    def test_the_pause_that_the_service_asks_for_is_kept(self) -> None:
        with opened(Answer(503, headers={"Retry-After": "11"}), OK) as way:
            CALLS["GET"](way.door)
            assert way.slept == [11.0]

    def test_a_date_will_do_for_it(self) -> None:
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=50), usegmt=True)
        with opened(Answer(429, headers={"Retry-After": later}), OK) as way:
            CALLS["GET"](way.door)
            (pause,) = way.slept
            assert 0 < pause <= 50

    @pytest.mark.parametrize("asked", ["soon", "-5", "1.5", "Sat, 99 Foo 2026"])
    def test_nonsense_is_no_pause_that_was_asked_for(self, asked: str) -> None:
        with opened(Answer(429, headers={"Retry-After": asked}), OK) as way:
            assert CALLS["GET"](way.door).body == {"fine": True}
            assert len(way.slept) == 1

    def test_it_ends_after_some_attempts(self) -> None:
        with opened(Answer(503, "busy")) as way:
            with pytest.raises(Unavailable, match=r"refused \(503\)"):
                CALLS["GET"](way.door)
            assert len(way.methods()) == 6

    def test_it_ends_at_its_deadline(self) -> None:
        with opened(Answer(429, "busy", {"Retry-After": "50"})) as way:
            with pytest.raises(Throttled):
                CALLS["GET"](way.door)
            assert sum(way.slept) <= 170

    def test_a_pause_beyond_the_deadline_is_not_begun(self) -> None:
        """An hour of silence helps nobody: the message says how to go on."""
        with opened(Answer(429, "busy", {"Retry-After": "3600"})) as way:
            with pytest.raises(Throttled):
                CALLS["GET"](way.door)
            assert way.slept == []

    def test_nobody_there_is_told_with_the_address(self) -> None:
        with opened(CUT) as way:
            with pytest.raises(Unavailable, match=r"no answer from http://127\.0\.0\.1") as told:
                CALLS["GET"](way.door)
            assert str(told.value).startswith(DOING)
            assert "run the same command again" in str(told.value)


MADE = {"id": "1", "resourceType": "AzureSkuVariant", "externalID": "gold", "state": "Active"}


class TestMaking:
    """POST that makes something: after a lost answer it looks before it repeats."""

    @pytest.mark.parametrize("lost", [CUT, Answer(502), Answer(503), Answer(504)])
    def test_what_was_made_is_found_and_not_made_twice(self, lost: Answer) -> None:
        found = Variant(id="7")
        with opened(lost, OK) as way:
            assert way.door.create("variants", DOING, {}, Variant, find=lambda: found) is found
            assert way.methods() == ["POST"]

    def test_what_was_not_made_is_made(self) -> None:
        with opened(CUT, Answer(201, MADE)) as way:
            assert way.door.create("variants", DOING, {}, Variant, find=lambda: None).id == "1"
            assert way.methods() == ["POST", "POST"]

    def test_nobody_looks_when_nothing_was_lost(self) -> None:
        def look() -> None:
            raise AssertionError("looked")

        with opened(Answer(201, MADE)) as way:
            assert way.door.create("variants", DOING, {}, Variant, find=look).id == "1"
        with opened(Answer(400, "no")) as way, pytest.raises(Invalid):
            way.door.create("variants", DOING, {}, Variant, find=look)


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
    def test_each_status_has_its_error(self, status: int) -> None:
        answer = Answer(status, BODIES["fault"], {"request-id": "4711"})
        with opened(answer) as way, pytest.raises(STATUSES[status]) as told:
            CALLS["GET"](way.door)
        assert type(told.value) is STATUSES[status]
        assert str(told.value).startswith(DOING)
        assert "Request validation failed." in str(told.value)
        assert "Title: Too long. Too loud." in str(told.value)
        assert "4711" in str(told.value)
        if isinstance(told.value, ApiError):
            assert told.value.status == status
            assert told.value.request_id == "4711"
            assert (told.value.method, told.value.path) == ("GET", "/v1.0/ingestion/products/a")

    @pytest.mark.parametrize("body", BODIES)
    @pytest.mark.parametrize("status", [400, 401, 403, 500])
    def test_a_message_has_at_most_three_lines(self, status: int, body: str) -> None:
        with opened(Answer(status, BODIES[body])) as way, pytest.raises(PartnerCenterError) as told:
            CALLS["GET"](way.door)
        assert len(str(told.value).splitlines()) <= 3
        assert len(str(told.value)) < 1500

    @pytest.mark.parametrize("status", STATUSES)
    def test_no_message_has_the_token_in_it(self, status: int) -> None:
        echo = {"message": f"Bearer {TOKEN} is not welcome", "data": {"Authorization": [f"Bearer {TOKEN}"]}}
        with opened(Answer(status, echo)) as way, pytest.raises(PartnerCenterError) as told:
            CALLS["GET"](way.door)
        assert TOKEN not in str(told.value) + repr(told.value)

    @pytest.mark.parametrize("body", [b"", b"<html></html>", b"{"])
    def test_an_answer_that_is_no_json_breaks_the_contract(self, body: bytes) -> None:
        with opened(Answer(200, body)) as way, pytest.raises(ContractError, match="not JSON"):
            CALLS["GET"](way.door)

    def test_an_answer_to_a_deletion_may_be_empty(self) -> None:
        with opened(Answer(204, b"")) as way:
            CALLS["DELETE"](way.door)

    def test_a_redirect_is_not_followed(self) -> None:
        with opened(Answer(302, b"", {"Location": "/elsewhere"}), OK) as way:
            with pytest.raises(ApiError, match=r"sent elsewhere \(302\)") as told:
                CALLS["GET"](way.door)
            assert len(way.script.asked) == 1
        assert "refused" not in str(told.value)
        assert "PARTNERCENTER_ENDPOINT" in told.value.next

    def test_what_the_service_does_not_know_is_not_to_be_repeated(self) -> None:
        """501, as the emulator says of what it does not emulate."""
        with opened(Answer(501, {"message": "not emulated"}), OK) as way:
            with pytest.raises(Unavailable, match=r"does not know this request \(501\)") as told:
                CALLS["GET"](way.door)
            assert len(way.script.asked) == 1
        assert "again later" not in told.value.next
        assert "not emulated" in told.value.said


class TestResponses:
    def test_status_headers_and_body_come_together(self) -> None:
        with opened(Answer(202, {"id": "1"}, {"Operation-Location": "https://example.com/1"})) as way:
            response = way.door.post("products", DOING, {})
        assert (response.status, response.body) == (202, {"id": "1"})
        assert response.headers["operation-location"] == "https://example.com/1"


class TestRequests:
    def test_a_patch_carries_an_etag_only_where_there_is_one(self) -> None:
        with opened(OK) as way:
            way.door.patch("a", DOING, {}, etag='"1"')
            way.door.patch("a", DOING, {})
            assert [asked.headers.get("if-match") for asked in way.script.asked] == ['"1"', None]

    def test_each_has_an_id_of_its_own_and_the_token(self) -> None:
        with opened(OK) as way:
            for call in CALLS.values():
                call(way.door)
            ids = [uuid.UUID(asked.headers["client-request-id"]) for asked in way.script.asked]
            assert len(set(ids)) == len(CALLS)
            assert {asked.headers["authorization"] for asked in way.script.asked} == {f"Bearer {TOKEN}"}

    def test_a_write_carries_the_etag_as_it_came(self) -> None:
        with opened(OK) as way:
            way.door.put("a", DOING, {}, etag='W/"0x8D"')
            way.door.put("a", DOING, {}, etag="")
            assert [asked.headers["if-match"] for asked in way.script.asked] == ['W/"0x8D"', "*"]

    def test_words_that_are_not_ascii_travel(self) -> None:
        with opened(OK) as way:
            way.door.put("a", DOING, {"title": "Überall – 日本"}, etag="")
            assert way.script.asked[0].body == {"title": "Überall – 日本"}


def page(items: list[int], link: str | None = None, name: str = "nextLink") -> Answer:
    return Answer(200, {"value": items} | ({name: link} if link else {}))


class TestPages:
    def test_links_are_followed_below_the_host_also_behind_empty_pages(self) -> None:
        link = "v1.0/ingestion/products?$skipToken=a%2Bb"
        with opened(page([1], link), page([], "v1.0/ingestion/products?$skipToken=c"), page([2, 3])) as way:
            assert list(way.door.list_items("products", DOING, {"$filter": "x eq 'y'"})) == [1, 2, 3]
            assert [asked.path for asked in way.script.asked][1] == f"/{link}"
            assert "$filter" not in way.script.asked[1].path

    @pytest.mark.parametrize("name", ["nextLink", "@odata.nextLink"])
    def test_both_names_of_the_link_count(self, name: str) -> None:
        with opened(page([1], "v1.0/ingestion/products?$skipToken=a", name), page([2])) as way:
            assert list(way.door.list_items("products", DOING)) == [1, 2]

    @pytest.mark.parametrize("link", ["https://fabrikam.example.com/v1.0", "//fabrikam.example.com/v1.0"])
    def test_the_token_goes_to_no_other_host(self, link: str) -> None:
        with opened(page([1], link), page([2])) as way:
            with pytest.raises(ContractError, match="another host"):
                list(way.door.list_items("products", DOING))
            assert len(way.script.asked) == 1

    def test_pages_that_do_not_end_are_told(self) -> None:
        endless = page([1], "v1.0/ingestion/products?$skipToken=a")
        with opened(endless) as way, pytest.raises(ContractError, match="do not end"):
            list(way.door.list_items("products", DOING))

    @pytest.mark.parametrize("body", [[], {}, {"value": None}, "text", None])
    def test_what_is_no_collection_breaks_the_contract(self, body: Any) -> None:
        with opened(Answer(200, body)) as way, pytest.raises(ContractError, match="collection"):
            list(way.door.list_items("products", DOING))


class TestLog:
    def test_it_is_silent_unless_asked(self, capfd: pytest.CaptureFixture[str]) -> None:
        with opened(OK) as way:
            CALLS["GET"](way.door)
        assert capfd.readouterr().err == ""

    def test_one_line_a_request_and_nothing_secret(self, capfd: pytest.CaptureFixture[str]) -> None:
        with opened(Answer(200, {"a": "b0dy"}, {"request-id": "4711"}), log="debug") as way:
            way.door.get("blobs/a", DOING, {"sv": "2026", "sig": "s1gnature"})
            way.door.put("products/a", DOING, {"key": "b0dy"}, etag="")
        first, second = capfd.readouterr().err.splitlines()
        assert first.startswith("GET http://127.0.0.1")
        assert "sv=2026" in first
        assert "200 4711" in first
        assert second.startswith("PUT ")
        for secret in ("s1gnature", TOKEN, "b0dy", "Bearer"):
            assert secret not in first + second

    def test_a_long_pause_is_told(self, capfd: pytest.CaptureFixture[str]) -> None:
        with opened(Answer(503, headers={"Retry-After": "11"}), OK) as way:
            CALLS["GET"](way.door)
        assert capfd.readouterr().err == "GET /v1.0/ingestion/products/a: 503; again in 11 s\n"
