"""Messages hold no secret in any encoding, and no control characters; each is a line of its own."""

from __future__ import annotations

import base64
import io
import json
import sys
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stacks.planted import Places

from pulumi_partnercenter import Invalid, NotFound, PartnerCenterError, Rejected, messages
from pulumi_partnercenter.hosts.dynamic import PluginHost
from pulumi_partnercenter.messages import LONGEST, escaped, is_harmless, keep_secret, redacted, shown

SECRET = 'pl4nted/Secret+with"odd\\signs&=7'
ENCODED = {
    "itself": SECRET,
    "its beginning": SECRET[:12],
    "half of it": SECRET[:20],
    "JSON": json.dumps(SECRET),
    "JSON in JSON": json.dumps(json.dumps({"a": SECRET})),
    "JSON of the service": json.dumps(SECRET).replace("+", "\\u002B").replace("&", "\\u0026"),
    "address": f"https://example.com/?a={quote(SECRET, safe='')}",
    "form": f"a={quote_plus(SECRET)}&b=c",
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 behind a name": base64.b64encode(f"contoso:{SECRET}".encode()).decode(),
    "base64 of addresses": base64.urlsafe_b64encode(f"12{SECRET}".encode()).decode(),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_secret_is_redacted_in_every_encoding(encoding: str) -> None:
    text = f"before {ENCODED[encoding]} after"
    assert Places({"secret": SECRET}, {"text": text}).findings()
    keep_secret(SECRET)
    assert Places({"secret": SECRET}, {"text": shown(text)}).findings() == []
    assert shown(text).startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "https://files.example.com/a?sv=1&sig=abc%2Bdef%3D&sp=r",
        "https%3A%2F%2Ffiles.example.com%3Fsv%3D1%26sig%3Dabcdefgh",
        "AccountName=contoso;AccountKey=abcdefgh==;EndpointSuffix=example.com",
        '{"url":"https://a.example.com/?sv=1\\u0026sig=abcdefgh"}',
        "client_secret=abcdefgh&grant_type=x",
        f"Bearer {'abcdefgh' * 3}.{'i' * 20}.{'j' * 20}",
    ],
)
def test_keys_signatures_and_tokens_are_redacted_by_their_form(text: str) -> None:
    assert "abcdefgh" not in redacted(text).replace("abc%2Bdef", "abcdefgh")
    assert "…" in redacted(text)


def test_public_and_short_values_are_not_redacted() -> None:
    keep_secret("emulator", "short", "")
    for text in ("PARTNERCENTER_ACCESS_TOKEN=emulator", "short", "signature of …", "offer contoso (400)"):
        assert shown(text) == text


@given(st.text())
def test_a_shown_text_is_printable(text: str) -> None:
    assert shown(text).isprintable()
    assert escaped(text) == text or not text.isprintable()


@given(st.text(), st.text(), st.text())
def test_every_error_message_is_printable_and_has_three_lines_at_most(
    action: str, service_message: str, advice: str
) -> None:
    for error in (
        PartnerCenterError(action, said=service_message, next=advice),
        NotFound(action, said=service_message).advise(advice),
        Rejected(action, [service_message, advice]),
    ):
        assert all(line.isprintable() for line in str(error).split("\n"))
        assert len(str(error).split("\n")) <= 3


def test_no_attribute_of_an_error_holds_a_secret() -> None:
    keep_secret(SECRET)
    error = Invalid(f"offer {SECRET}: write", said=f"no {SECRET}", next=SECRET)
    rejected = Rejected("package: processing", [f"1: {SECRET}"])
    for text in (str(error), repr(error), str(error.args), str(vars(rejected)), str(rejected)):
        assert Places({"secret": SECRET}, {"text": text}).findings() == []


def test_long_texts_are_cut() -> None:
    for text in ("a" * 1_000_000, "sig=" * 250_000, "a." * 500_000, "ab-" * 300_000):
        assert len(shown(text)) <= LONGEST + 1


@pytest.mark.parametrize("id", ["a", "a/b", "1152921505688848905", "a/en-us/Logo/one%20two.png", "a/b..c"])
def test_ids_of_the_service_are_harmless(id: str) -> None:
    assert is_harmless(id)


@pytest.mark.parametrize("id", ["..", "a/..", "./a", "a?b", "a#b", "a\\b", "a b", "a\nb", "a\u202e", "f(x)"])
def test_ids_that_change_an_address_are_not_harmless(id: str) -> None:
    assert not is_harmless(id)


def test_the_search_for_secrets_finds_an_unredacted_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_secrets", messages._Secrets())
    assert Places({"secret": SECRET}, {"text": shown(f"said {SECRET}")}).findings()


def test_a_message_and_its_line_end_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources print from several threads, and another message between the two would be on the same line."""
    writes: list[str] = []

    class Output(io.StringIO):
        def write(self, text: str) -> int:
            writes.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Output())
    PluginHost().message("offer markets: adopt")
    assert [text for text in writes if text] == ["offer markets: adopt\n"]
