"""A service that is broken, or somebody else's: every answer of it ends in words, and the token goes nowhere else."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest
from tests.unit.scripted import Answer, serving
from tests.unit.test_blob_client import opened as opened_blobs
from tests.unit.test_transport import CALLS, DOING, OK, TOKEN, opened, page

from pulumi_partnercenter import ApiError, AuthError, ContractError, PartnerCenterError
from pulumi_partnercenter.api.http import client, hardening
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.sign_in import Token
from pulumi_partnercenter.api.submission.models import Branch, Listing, Product, Variant
from pulumi_partnercenter.api.submission.submission_models import Submission
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.content.sources import text_content
from pulumi_partnercenter.settings import Settings

REDIRECTS = [301, 302, 303, 307, 308]


def in_words(error: PartnerCenterError) -> str:
    """Its text, once it is fit for a terminal: up to three lines, of bounded length, nothing that steers."""
    text = str(error)
    assert len(text.splitlines()) <= 3
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text) < 5000
    assert TOKEN not in text
    return text


class TestRedirects:
    @pytest.mark.parametrize("method", CALLS)
    @pytest.mark.parametrize("status", REDIRECTS)
    def test_the_token_follows_none(self, status: int, method: str) -> None:
        with serving(OK) as elsewhere:
            for place in (
                f"{elsewhere.url}/v1.0/ingestion/a",
                "/elsewhere",
                "//127.0.0.1:9/",
                "https://[",
                "",
            ):
                with opened(Answer(status, {}, {"Location": place}), OK) as way:
                    with pytest.raises(ApiError, match=f"sent elsewhere .{status}") as told:
                        CALLS[method](way.door)
                    assert len(way.script.asked) == 1
                in_words(told.value)
            assert elsewhere.asked == []

    @pytest.mark.parametrize(
        "link",
        [
            "http://127.0.0.1:9/v1.0/ingestion/products",
            "https://fabrikam.example.com/v1.0/ingestion/products",
            "//fabrikam.example.com/v1.0/ingestion/products",
            "http://contoso@127.0.0.1/v1.0/ingestion/products",
            "file:///etc/passwd",
            "_blob/file/1",
            "v1.0/ingestion/../../metadata/identity",
            "v1.0/ingestionist/products",
            "http://[",
            "http://\u202e",
            "\x1b]0;x\x07",
            5,
            ["v1.0/ingestion/products"],
            {"href": "v1.0/ingestion/products"},
            "a" * 70000,
        ],
        ids=lambda link: ascii(link)[:40],
    )
    def test_neither_does_it_follow_a_page(self, link: Any) -> None:
        with opened(page([1], link), page([2])) as way:
            with pytest.raises(ContractError) as told:
                list(way.door.list_items("products", DOING))
            assert len(way.script.asked) == 1
        in_words(told.value)

    @pytest.mark.parametrize("status", REDIRECTS)
    def test_a_file_host_sends_nobody_on(self, status: int) -> None:
        with serving(Answer(200)) as elsewhere:
            with opened_blobs(Answer(status, b"", {"Location": f"{elsewhere.url}/a"})) as host:
                with pytest.raises(PartnerCenterError, match=str(status)):
                    host.upload(b"bytes")
                with pytest.raises(PartnerCenterError, match=str(status)):
                    host.blobs.digest(f"{host.script.url}/a?sig=b", DOING)
            assert elsewhere.asked == []


NESTED = b'{"a":' * 100_000
ANSWERS = {
    "page": b"<!doctype html><html><script>alert(1)</script></html>",
    "half": b'{"value": [{"id": "1',
    "nothing": b"",
    "nested": NESTED,
    "nested and whole": b"[" * 500 + b"]" * 500,
    "not a number": b'{"a": NaN}',
    "endless number": b'{"a": 1e999}',
    "long number": b'{"a": ' + b"9" * 5000 + b"}",
    "half a character": rb'{"a": "\ud83d"}',
    "half a character for a name": rb'{"\udc00": 1}',
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "control characters": b"\x1b[2J\x9b\x00 \xe2\x80\xae",
}
TYPES = [
    "application/json",
    "text/html; charset=zlib_codec",
    "text/plain; charset=idna",
    "a/b; charset=\x7f",
    "",
]


class TestAnswers:
    @pytest.mark.parametrize("type_", TYPES)
    @pytest.mark.parametrize("body", ANSWERS)
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_each_is_told(self, status: int, body: str, type_: str) -> None:
        with opened(Answer(status, ANSWERS[body], {"Content-Type": type_})) as way:
            with pytest.raises(PartnerCenterError) as told:
                CALLS["GET"](way.door)
            assert isinstance(told.value, ContractError) == (status == 200)
        in_words(told.value)

    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize(
        ("body", "encoding"),
        [
            (b" " * 2_000_000, ""),
            (gzip.compress(bytes(100 << 20), mtime=0), "gzip"),
            (gzip.compress(gzip.compress(bytes(100 << 20), mtime=0), mtime=0), "gzip, gzip"),
            (b"not packed", "gzip"),
            (b"{}", "br"),
            (b"{}", "zstd"),
            (b"{}", "x-\x7f"),
        ],
    )
    def test_none_unpacks_to_more_than_a_bound(
        self, body: bytes, encoding: str, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hardening, "MAX_BODY_BYTES", 1_000_000)
        with opened(Answer(status, body, {"Content-Encoding": encoding})) as way:
            with pytest.raises(ContractError, match="cannot be read") as told:
                CALLS["GET"](way.door)
            assert way.script.asked[0].headers["accept-encoding"] == "gzip"
        in_words(told.value)

    def test_what_was_asked_for_is_unpacked(self) -> None:
        packed = gzip.compress(json.dumps({"fine": True}).encode())
        with opened(Answer(200, packed, {"Content-Encoding": "gzip"})) as way:
            assert CALLS["GET"](way.door).body == {"fine": True}

    @pytest.mark.parametrize("status", [200, 400, 503])
    def test_a_header_that_is_not_ascii_is_a_header(self, status: int) -> None:
        """As the wire has it: a name of a server, a request id."""
        odd = {"Server": "K\u00f6ln", "request-id": "4711-\u00e9", "Retry-After": "\u00b2"}
        with opened(Answer(status, {"fine": True}, odd)) as way:
            if status == 200:
                assert CALLS["GET"](way.door).body == {"fine": True}
                return
            with pytest.raises(ApiError, match="4711-") as told:
                CALLS["GET"](way.door)
        in_words(told.value)

    def test_cookies_are_not_kept(self) -> None:
        crumbs = Answer(200, {}, {"Set-Cookie": "session=1; Path=/"})
        with opened(crumbs) as way:
            for call in CALLS.values():
                call(way.door)
            assert not [asked for asked in way.script.asked if "cookie" in asked.headers]
        with opened_blobs(crumbs) as host:
            host.upload(b"1")
            host.upload(b"2")
            assert not [asked for asked in host.script.asked if "cookie" in asked.headers]

    @pytest.mark.parametrize(
        "asked",
        [
            *("31536000", "9" * 400, "-1", "1e9", "nan"),
            *(
                "Fri, 31 Dec 9999 23:59:59 GMT",
                "Mon, 01 Jan 0001 00:00:00 +2359",
                "Mon, 01 Jan 0001 00:00:00 -0000",
            ),
            *("Fri, 31 Dec 99999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "; DROP TABLE"),
        ],
    )
    def test_nobody_waits_longer_than_the_deadline(self, asked: str) -> None:
        with opened(Answer(429, "busy", {"Retry-After": asked})) as way:
            with pytest.raises(ApiError) as told:
                CALLS["GET"](way.door)
            assert sum(way.slept) <= 120
            assert len(way.script.asked) <= 6
        in_words(told.value)


class TestPages:
    def test_ever_new_ones_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "MAX_PAGES", 30)
        pages = [page([number], f"v1.0/ingestion/products?$skipToken={number}") for number in range(100)]
        with opened(*pages) as way:
            with pytest.raises(ContractError, match="do not end"):
                list(way.door.list_items("products", DOING))
            assert len(way.script.asked) <= 31

    def test_they_have_a_bound_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "MAX_BODY_BYTES", 1000)
        pages = [page([1] * 100, f"v1.0/ingestion/products?$skipToken={number}") for number in range(100)]
        with opened(*pages) as way:
            with pytest.raises(ContractError, match="do not end"):
                list(way.door.list_items("products", DOING))
            assert len(way.script.asked) <= 6


LEADS_AWAY = [
    "..",
    ".",
    "a/b",
    "../../products",
    "%2e%2e",
    "a%2fb",
    "a?$filter=b",
    "a#b",
    "a\\b",
    "a b",
    "a\r\nHost: fabrikam.example.com",
    "a\0",
    "\u202e1",
    "1)/products(2",
]


class TestIds:
    @pytest.mark.parametrize("id", LEADS_AWAY, ids=ascii)
    @pytest.mark.parametrize(
        ("model", "member", "rest"),
        [
            (Product, "id", {"resourceType": "a", "name": "a"}),
            (Variant, "id", {}),
            (Listing, "ID", {}),
            (Submission, "id", {}),
            (Branch, "currentDraftInstanceID", {}),
            (Branch, "variantID", {"currentDraftInstanceID": "1"}),
        ],
    )
    def test_no_answer_leads_a_request_elsewhere(self, model: Any, member: str, rest: Any, id: str) -> None:
        with pytest.raises(ContractError) as told:
            model.from_json({**rest, member: id}, DOING)
        in_words(told.value)

    @pytest.mark.parametrize(
        "id", [each for each in LEADS_AWAY if each not in ("a/b", "a b", "1)/products(2")], ids=ascii
    )
    @pytest.mark.parametrize("method", ["get", "delete"])
    def test_no_id_leads_out_of_its_place(self, id: str, method: str) -> None:
        with opened(OK) as way:
            with pytest.raises(ContractError) as told:
                getattr(way.door, method)(f"products/{id}/variants", DOING)
            assert way.script.asked == []
        in_words(told.value)

    @pytest.mark.parametrize("etag", ['"1"\r\nX-Evil: 1', '"é"', '"1\0"', '"\u202e"'], ids=ascii)
    def test_an_etag_is_no_header_of_its_own(self, etag: str) -> None:
        with pytest.raises(ContractError):
            Listing.from_json({"id": "1", "@odata.etag": etag}, DOING)

    @pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "ü", "", "a b", "{}"[:0] + "\x7f"], ids=ascii)
    def test_a_token_is_no_header_of_its_own(self, token: str) -> None:
        with pytest.raises(AuthError) as told:
            Token(token, 0)
        assert token.strip() not in in_words(told.value) or not token


PUBLIC = "https://api.partner.microsoft.com"
USELESS = [
    "",
    "a",
    "file:///etc/passwd",
    "ftp://files.example.com/a?sig=b",
    "https://",
    "https:///a?sig=b",
    "https://[/a?sig=b",
    "https://files.example.com:99999999/a",
    "https://contoso@files.example.com/a?sig=b",
    "https://files.example.com/a?sig=b\r\nX-Evil: 1",
    "https://files.example.com/a b",
    "https://files.example.com/ä?sig=b",
    "https://files.example.com/\u202e",
]
UNSAFE = {
    "http://files.example.com/a?sig=b": "not protected",
    **dict.fromkeys(
        [
            f"https://{host}/a?sig=b"
            for host in (
                *(
                    "127.0.0.1",
                    "localhost",
                    "a.localhost",
                    "[::1]",
                    "0.0.0.0",
                    "127.1",
                    "2130706433",
                    "0x7f000001",
                ),
                *(
                    "169.254.169.254",
                    "10.0.0.1",
                    "192.168.1.1",
                    "[fe80::1]",
                    "[::ffff:127.0.0.1]",
                    "[fc00::1]",
                ),
            )
        ],
        "private network",
    ),
}


class TestAddresses:
    @pytest.mark.parametrize("address", [*USELESS, *UNSAFE], ids=ascii)
    def test_bytes_go_to_no_address_that_the_service_cannot_mean(self, address: str) -> None:
        settings = Settings.load({"partnercenter:accessToken": TOKEN}, {})
        blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
        for act in (
            lambda: blobs.upload(address, text_content("bytes"), DOING),
            lambda: blobs.digest(address, DOING),
        ):
            with pytest.raises(ContractError, match=UNSAFE.get(address, "cannot be used")) as told:
                act()
            assert "sig=b" not in in_words(told.value)
        blobs.close()

    def test_a_service_on_this_machine_may_have_its_files_there(self) -> None:
        with opened_blobs(Answer(200, b"bytes")) as host:
            host.blobs.digest(f"{host.script.url.replace('127.0.0.1', 'localhost')}/a", DOING)

    def test_a_file_without_end_has_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pulumi_partnercenter.api.http.blobs.MAX_BYTES", 1 << 20)
        with (
            opened_blobs(Answer(200, bytes(3 << 20))) as host,
            pytest.raises(ContractError, match="more than"),
        ):
            host.blobs.digest(f"{host.script.url}/a", DOING)

    def test_bytes_count_as_they_are_not_as_they_unpack(self) -> None:
        packed = gzip.compress(b"bytes")
        content = text_content(packed)
        with opened_blobs(Answer(200, packed, {"Content-Encoding": "gzip"})) as host:
            assert host.blobs.digest(f"{host.script.url}/a", DOING) == content.digest
            assert io.BytesIO(packed).read() == content.open().read()
