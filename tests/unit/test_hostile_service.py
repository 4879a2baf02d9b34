"""A broken or foreign service: every answer ends in an error message, and the token is sent to no other host."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest
from tests.unit.scripted_server import Answer, serve_answers
from tests.unit.test_blob_client import open_file_host
from tests.unit.test_transport import ACTION, CALLS, OK, TOKEN, open_scripted_api, page

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


def checked_message(error: PartnerCenterError) -> str:
    """Return the message of an error; assert that it has at most three short, printable lines without the token."""
    text = str(error)
    assert len(text.splitlines()) <= 3
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text) < 5000
    assert TOKEN not in text
    return text


class TestRedirects:
    @pytest.mark.parametrize("method", CALLS)
    @pytest.mark.parametrize("status", REDIRECTS)
    def test_a_redirect_of_the_service_is_not_followed(self, status: int, method: str) -> None:
        with serve_answers(OK) as elsewhere:
            for location in (
                f"{elsewhere.url}/v1.0/ingestion/a",
                "/elsewhere",
                "//127.0.0.1:9/",
                "https://[",
                "",
            ):
                with open_scripted_api(Answer(status, {}, {"Location": location}), OK) as api:
                    with pytest.raises(ApiError, match=f"redirected .{status}") as error:
                        CALLS[method](api.client)
                    assert len(api.script.requests) == 1
                checked_message(error.value)
            assert elsewhere.requests == []

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
    def test_a_page_link_outside_the_service_is_not_followed(self, link: Any) -> None:
        with open_scripted_api(page([1], link), page([2])) as api:
            with pytest.raises(ContractError) as error:
                list(api.client.list_items("products", ACTION))
            assert len(api.script.requests) == 1
        checked_message(error.value)

    @pytest.mark.parametrize("status", REDIRECTS)
    def test_a_redirect_of_the_file_host_is_not_followed(self, status: int) -> None:
        with serve_answers(Answer(200)) as elsewhere:
            with open_file_host(Answer(status, b"", {"Location": f"{elsewhere.url}/a"})) as host:
                with pytest.raises(PartnerCenterError, match=str(status)):
                    host.upload(b"bytes")
                with pytest.raises(PartnerCenterError, match=str(status)):
                    host.blobs.digest(f"{host.script.url}/a?sig=b", ACTION)
            assert elsewhere.requests == []


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
PACKED_ZEROS = gzip.compress(bytes(100 << 20), compresslevel=1, mtime=0)
TYPES = [
    "application/json",
    "text/html; charset=zlib_codec",
    "text/plain; charset=idna",
    "a/b; charset=\x7f",
    "",
]


class TestAnswers:
    @pytest.mark.sample(40)
    @pytest.mark.parametrize("content_type", TYPES)
    @pytest.mark.parametrize("body", ANSWERS)
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_every_malformed_answer_has_an_error_message(
        self, status: int, body: str, content_type: str
    ) -> None:
        with open_scripted_api(Answer(status, ANSWERS[body], {"Content-Type": content_type})) as api:
            with pytest.raises(PartnerCenterError) as error:
                CALLS["GET"](api.client)
            assert isinstance(error.value, ContractError) == (status == 200)
        checked_message(error.value)

    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize(
        ("body", "encoding"),
        [
            (b" " * 2_000_000, ""),
            (PACKED_ZEROS, "gzip"),
            (gzip.compress(PACKED_ZEROS, mtime=0), "gzip, gzip"),
            (b"not packed", "gzip"),
            (b"{}", "br"),
            (b"{}", "zstd"),
            (b"{}", "x-\x7f"),
        ],
    )
    def test_a_compressed_answer_is_limited_in_size(
        self, body: bytes, encoding: str, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hardening, "MAX_BODY_BYTES", 1_000_000)
        with open_scripted_api(Answer(status, body, {"Content-Encoding": encoding})) as api:
            with pytest.raises(ContractError, match="cannot be read") as error:
                CALLS["GET"](api.client)
            assert api.script.requests[0].headers["accept-encoding"] == "gzip"
        checked_message(error.value)

    def test_a_gzip_answer_is_decompressed(self) -> None:
        compressed = gzip.compress(json.dumps({"fine": True}).encode())
        with open_scripted_api(Answer(200, compressed, {"Content-Encoding": "gzip"})) as api:
            assert CALLS["GET"](api.client).body == {"fine": True}

    @pytest.mark.parametrize("status", [200, 400, 503])
    def test_a_header_with_non_ascii_text_is_read(self, status: int) -> None:
        """For example, the name of a server or a request id."""
        headers = {"Server": "K\u00f6ln", "request-id": "4711-\u00e9", "Retry-After": "\u00b2"}
        with open_scripted_api(Answer(status, {"fine": True}, headers)) as api:
            if status == 200:
                assert CALLS["GET"](api.client).body == {"fine": True}
                return
            with pytest.raises(ApiError, match="4711-") as error:
                CALLS["GET"](api.client)
        checked_message(error.value)

    def test_cookies_are_not_sent_back(self) -> None:
        answer_with_cookie = Answer(200, {}, {"Set-Cookie": "session=1; Path=/"})
        with open_scripted_api(answer_with_cookie) as api:
            for call in CALLS.values():
                call(api.client)
            assert not [request for request in api.script.requests if "cookie" in request.headers]
        with open_file_host(answer_with_cookie) as host:
            host.upload(b"1")
            host.upload(b"2")
            assert not [request for request in host.script.requests if "cookie" in request.headers]

    @pytest.mark.parametrize(
        "retry_after",
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
    def test_retry_after_never_extends_the_deadline(self, retry_after: str) -> None:
        with open_scripted_api(Answer(429, "busy", {"Retry-After": retry_after})) as api:
            with pytest.raises(ApiError) as error:
                CALLS["GET"](api.client)
            assert sum(api.pauses) <= 120
            assert len(api.script.requests) <= 6
        checked_message(error.value)


class TestPages:
    def test_endless_pages_are_a_contract_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "MAX_PAGES", 30)
        pages = [page([number], f"v1.0/ingestion/products?$skipToken={number}") for number in range(100)]
        with open_scripted_api(*pages) as api:
            with pytest.raises(ContractError, match="do not end"):
                list(api.client.list_items("products", ACTION))
            assert len(api.script.requests) <= 31

    def test_pages_are_limited_in_their_total_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "MAX_BODY_BYTES", 1000)
        pages = [page([1] * 100, f"v1.0/ingestion/products?$skipToken={number}") for number in range(100)]
        with open_scripted_api(*pages) as api:
            with pytest.raises(ContractError, match="do not end"):
                list(api.client.list_items("products", ACTION))
            assert len(api.script.requests) <= 6


UNSAFE_IDS = [
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
    @pytest.mark.parametrize("id", UNSAFE_IDS, ids=ascii)
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
    def test_an_id_in_an_answer_that_changes_the_address_is_refused(
        self, model: Any, member: str, rest: Any, id: str
    ) -> None:
        with pytest.raises(ContractError) as error:
            model.from_json({**rest, member: id}, ACTION)
        checked_message(error.value)

    @pytest.mark.parametrize(
        "id", [id for id in UNSAFE_IDS if id not in ("a/b", "a b", "1)/products(2")], ids=ascii
    )
    @pytest.mark.parametrize("method", ["get", "delete"])
    def test_an_id_that_changes_the_address_is_not_requested(self, id: str, method: str) -> None:
        with open_scripted_api(OK) as api:
            with pytest.raises(ContractError) as error:
                getattr(api.client, method)(f"products/{id}/variants", ACTION)
            assert api.script.requests == []
        checked_message(error.value)

    @pytest.mark.parametrize("etag", ['"1"\r\nX-Evil: 1', '"é"', '"1\0"', '"\u202e"'], ids=ascii)
    def test_an_etag_with_a_line_break_or_non_ascii_text_is_refused(self, etag: str) -> None:
        with pytest.raises(ContractError):
            Listing.from_json({"id": "1", "@odata.etag": etag}, ACTION)

    @pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "ü", "", "a b", "\x7f"], ids=ascii)
    def test_a_token_that_is_no_header_value_is_refused_without_quoting_it(self, token: str) -> None:
        with pytest.raises(AuthError) as error:
            Token(token, 0)
        assert token.strip() not in checked_message(error.value) or not token


PUBLIC = "https://api.partner.microsoft.com"
INVALID_ADDRESSES = [
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
UNSAFE_ADDRESSES = {
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
    @pytest.mark.parametrize("address", [*INVALID_ADDRESSES, *UNSAFE_ADDRESSES], ids=ascii)
    def test_an_unsafe_address_of_a_file_is_refused(self, address: str) -> None:
        settings = Settings.load({"partnercenter:accessToken": TOKEN}, {})
        blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
        for transfer in (
            lambda: blobs.upload(address, text_content("bytes"), ACTION),
            lambda: blobs.digest(address, ACTION),
        ):
            with pytest.raises(ContractError, match=UNSAFE_ADDRESSES.get(address, "cannot be used")) as error:
                transfer()
            assert "sig=b" not in checked_message(error.value)
        blobs.close()

    def test_a_service_on_the_loopback_may_have_its_files_there(self) -> None:
        with open_file_host(Answer(200, b"bytes")) as host:
            host.blobs.digest(f"{host.script.url.replace('127.0.0.1', 'localhost')}/a", ACTION)

    def test_a_file_larger_than_the_limit_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pulumi_partnercenter.api.http.blobs.MAX_BYTES", 1 << 20)
        with (
            open_file_host(Answer(200, bytes(3 << 20))) as host,
            pytest.raises(ContractError, match="more than"),
        ):
            host.blobs.digest(f"{host.script.url}/a", ACTION)

    def test_a_digest_is_of_the_compressed_bytes(self) -> None:
        compressed = gzip.compress(b"bytes")
        content = text_content(compressed)
        with open_file_host(Answer(200, compressed, {"Content-Encoding": "gzip"})) as host:
            assert host.blobs.digest(f"{host.script.url}/a", ACTION) == content.digest
            assert io.BytesIO(compressed).read() == content.open().read()
