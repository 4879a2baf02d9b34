"""What is shown holds no secret in any spelling, and nothing that steers a terminal."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stacks.planted import Places

from pulumi_partnercenter import Invalid, NotFound, PartnerCenterError, Rejected, messages
from pulumi_partnercenter.messages import LONGEST, escaped, is_harmless, keep_secret, redacted, shown

SECRET = 'pl4nted/Secret+with"odd\\signs&=7'
SPELLED = {
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


@pytest.mark.parametrize("spelling", SPELLED)
def test_a_secret_is_not_shown_however_it_is_spelled(spelling: str) -> None:
    text = f"before {SPELLED[spelling]} after"
    assert Places({"it": SECRET}, {"text": text}).findings()
    keep_secret(SECRET)
    assert Places({"it": SECRET}, {"text": shown(text)}).findings() == []
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
def test_some_are_known_by_their_form(text: str) -> None:
    assert "abcdefgh" not in redacted(text).replace("abc%2Bdef", "abcdefgh")
    assert "…" in redacted(text)


def test_what_is_public_stays() -> None:
    keep_secret("emulator", "short", "")
    for text in ("PARTNERCENTER_ACCESS_TOKEN=emulator", "short", "signature of …", "offer contoso (400)"):
        assert shown(text) == text


@given(st.text())
def test_nothing_that_is_shown_steers_a_terminal(text: str) -> None:
    assert shown(text).isprintable()
    assert escaped(text) == text or not text.isprintable()


@given(st.text(), st.text(), st.text())
def test_no_message_does(doing: str, said: str, following: str) -> None:
    for error in (
        PartnerCenterError(doing, said=said, next=following),
        NotFound(doing, said=said).advise(following),
        Rejected(doing, [said, following]),
    ):
        assert all(line.isprintable() for line in str(error).split("\n"))
        assert len(str(error).split("\n")) <= 3


def test_no_error_holds_what_it_does_not_show() -> None:
    keep_secret(SECRET)
    error = Invalid(f"offer {SECRET}: write", said=f"no {SECRET}", next=SECRET)
    rejected = Rejected("package: processing", [f"1: {SECRET}"])
    for text in (str(error), repr(error), str(error.args), str(vars(rejected)), str(rejected)):
        assert Places({"it": SECRET}, {"text": text}).findings() == []


def test_long_texts_are_cut_in_a_time_that_grows_with_them() -> None:
    for text in ("a" * 1_000_000, "sig=" * 250_000, "a." * 500_000, "ab-" * 300_000):
        assert len(shown(text)) <= LONGEST + 1


@pytest.mark.parametrize("id", ["a", "a/b", "1152921505688848905", "a/en-us/Logo/one%20two.png", "a/b..c"])
def test_ids_are_harmless(id: str) -> None:
    assert is_harmless(id)


@pytest.mark.parametrize("id", ["..", "a/..", "./a", "a?b", "a#b", "a\\b", "a b", "a\nb", "a\u202e", "f(x)"])
def test_what_leads_elsewhere_is_not(id: str) -> None:
    assert not is_harmless(id)


def test_the_search_itself_is_not_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_secrets", messages._Secrets())
    assert Places({"it": SECRET}, {"text": shown(f"said {SECRET}")}).findings()
