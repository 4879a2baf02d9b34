"""No output shows a secret: every secret, in every encoding, in every kind of message."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from tests.resources.harness import kind_of
from tests.unit.scripted_server import Answer, serve_answers

import pulumi_partnercenter
from pulumi_partnercenter import (
    ContractError,
    InputError,
    Invalid,
    JobTimeout,
    PartnerCenterError,
    Rejected,
    messages,
)
from pulumi_partnercenter.api.http import sign_in
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.http.retry import report
from pulumi_partnercenter.api.http.sign_in import Token
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.markers import Secret
from pulumi_partnercenter.messages import keep_secret, shown
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.settings import Settings

KEY = 'pL4+nted/Key&of<Contoso>"Qx7\\Zz==tail'
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey={KEY}"
SIGNATURE = "pL4nted-Signature_of.Leads~0123456789"
ADDRESS = f"https://prod-12.example.com/workflows/leads?api-version=2016-10-01&sig={SIGNATURE}"
ARGUMENTS: dict[str, tuple[Any, str]] = {
    "LeadDestination.azure_table": ({"connection_string": CONNECTION}, KEY),
    "LeadDestination.azure_blob": ({"connection_string": CONNECTION, "container": "leads"}, KEY),
    "LeadDestination.dynamics": ({"url": "https://contoso.example.com", "password": KEY}, KEY),
    "LeadDestination.https": ({"url": ADDRESS}, SIGNATURE),
    "OfferTechnicalConfiguration.package_url": (ADDRESS, SIGNATURE),
    "OfferProperties.hide_keys": ([KEY], KEY),
    "PreviewAudience.hide_key": (KEY, KEY),
    "TestDrive.application_key": (KEY, KEY),
}
"""Each secret argument with a value, and the part of the value that must be hidden."""


def _keep_argument_secrets(name: str) -> None:
    resource, _, argument = name.partition(".")
    inputs = kind_of(getattr(pulumi_partnercenter, resource)).arguments
    keep_secret(*inputs.secrets({argument: ARGUMENTS[name][0]}))


def _keep_login_secrets() -> None:
    environ = {"AZURE_TENANT_ID": "contoso.example.com", "AZURE_CLIENT_ID": "a", "AZURE_CLIENT_SECRET": KEY}
    Settings.load({}, environ)


TOKEN = "pL4nted-opaque.token~of_nobody+and/more=0123456789"
SECRETS: dict[str, tuple[Callable[[], object], str]] = {
    **{name: (partial(_keep_argument_secrets, name), secret) for name, (_, secret) in ARGUMENTS.items()},
    "client secret": (_keep_login_secrets, KEY),
    "ready token": (lambda: Settings.load({"partnercenter:accessToken": TOKEN}, {}).secrets(), TOKEN),
    "fetched token": (lambda: Token(TOKEN, 0), TOKEN),
    "signature of an upload": (
        lambda: None,  # not registered, but recognised by its form
        SIGNATURE,
    ),
}


def _encode_characters(text: str, form: str) -> str:
    return "".join(form.format(ord(character)) for character in text)


def _base64(text: str, prefix: str = "") -> str:
    return base64.b64encode(f"{prefix}{text} and more".encode()).decode()


def _escape_json(secret: str) -> str:
    text = json.dumps(secret)[1:-1]
    for character in "+&<>/":
        text = text.replace(character, f"\\u{ord(character):04X}")
    return text


SPELLINGS: dict[str, Callable[[str], str]] = {
    "itself": lambda secret: secret,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON of the service": _escape_json,
    "all JSON escapes": lambda secret: _encode_characters(secret, "\\u{:04X}"),
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"a": _escape_json(secret)})),
    "HTML": html.escape,
    "HTML numbers": lambda secret: _encode_characters(secret, "&#{};"),
    "HTML hexadecimal": lambda secret: _encode_characters(secret, "&#x{:X};"),
    "HTML in HTML": lambda secret: html.escape(html.escape(secret)),
    "address": lambda secret: quote(secret, safe=""),
    "address in small letters": lambda secret: _lower_percent_escapes(quote(secret, safe="")),
    "address in an address": lambda secret: quote(quote(secret, safe=""), safe=""),
    "form": quote_plus,
    "all of it in percent": lambda secret: _encode_characters(secret, "%{:02X}"),
    "address in JSON in HTML": lambda secret: html.escape(json.dumps(quote(secret, safe=""))),
    "base64": _base64,
    "base64 behind one": lambda secret: _base64(secret, "-"),
    "base64 behind two": lambda secret: _base64(secret, "--"),
    "base64 of addresses": lambda secret: _base64(secret).translate(str.maketrans("+/", "-_")),
    "lines": lambda secret: "\n".join(textwrap.wrap(secret, 7)),
    "lines of base64": lambda secret: "\r\n  ".join(textwrap.wrap(_base64(secret), 20)),
    "its beginning": lambda secret: secret[:20],
    "its middle, escaped": lambda secret: _escape_json(secret[6:30]),
    "its end": lambda secret: secret[-20:],
    "often, cut off": lambda secret: secret * 400,
}


def _lower_percent_escapes(text: str) -> str:
    segments = text.split("%")
    return segments[0] + "".join(f"%{segment[:2].lower()}{segment[2:]}" for segment in segments[1:])


def findings(text: str, secret: str, spelling: str) -> list[str]:
    """Return visible parts of a secret: ten characters in a row, also decoded, or a large part of the spelling."""
    fragments, decoded_text = [], text
    for _ in range(6):
        text_without_spaces = "".join(decoded_text.split())
        fragments += [fragment for fragment in _substrings(secret, 10) if fragment in text_without_spaces]
        decoded_text = html.unescape(unquote_plus(_unescape_json(decoded_text)))
    size = max(20, len(spelling) // 3) if len(spelling) < 400 else 60
    return fragments + [
        fragment
        for fragment in _substrings("".join(spelling.split()), size)
        if fragment in "".join(text.split())
    ]


def _unescape_json(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/")


def _substrings(text: str, size: int) -> Iterator[str]:
    yield from (text[start : start + size] for start in range(max(1, len(text) - size + 1)))


DOING = "lead destination of offer contoso: write"


def error_text(call: Callable[[], object]) -> str:
    with pytest.raises(PartnerCenterError) as error:
        call()
    exception = error.value
    return f"{exception}\n{exception!r}\n{vars(exception)}"


def http_error_texts(spelling: str) -> Iterator[str]:
    """Yield error messages of HTTP: bodies of several forms, with every status that has its own message."""
    data = f'{{"{spelling}":["{spelling}"]}}'
    legacy_body = f'ICH50400 - no {{"faultCode":50400,"reasonPhrase":"{spelling}","data":{data}}}'
    bodies = [
        legacy_body.encode(),
        spelling.encode(),
        {"message": spelling, "code": spelling, "data": {"a": [spelling]}},
    ]
    with serve_answers(Answer(404)) as script:
        config = {"partnercenter:endpoint": script.url, "partnercenter:accessToken": "t0ken-of-contoso"}
        settings = Settings.load(config, {})
        api_client = ApiClient(
            settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), sleep=lambda _: None
        )
        with contextlib.closing(api_client):
            # After an answered request, a 401 does not count as an outage.
            first_error = error_text(lambda: api_client.get("a", DOING))
            assert "404" in first_error
            for body in bodies:
                for status in (400, 401, 403, 404, 409, 412, 500):
                    script.answers = [Answer(status, body)]
                    yield error_text(lambda: api_client.post("a", DOING, {}))
            script.answers = [Answer(200, f"<p>{spelling}".encode())]
            yield error_text(lambda: api_client.get("a", DOING))
            script.answers = [Answer(200, {"value": spelling})]
            yield error_text(lambda: list(api_client.list_items("a", DOING)))


def error_texts(spelling: str) -> Iterator[str]:
    """Yield error messages without HTTP: findings, waits, rules, sign-in, warnings."""
    text = f"before {spelling} after"
    for error in (
        Invalid(text, said=text, next=text, code=text, fields={text: [text]}),
        ContractError(DOING, said=text),
        InputError(text),
        JobTimeout(text),
        Rejected(DOING, [text, text], next=text),
        InputError(DOING).advise(text),
    ):
        yield f"{error}\n{error!r}\n{vars(error)}"
    settings = Settings.load({}, {})
    yield str(
        sign_in._refusal_error(settings, {"error": "invalid_client", "error_description": f"AADSTS7: {text}"})
    )
    yield sign_in.first_line(text)
    yield shown(text)


@pytest.fixture
def without_registered_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_secrets", messages._Secrets())


def test_every_secret_argument_has_an_example() -> None:
    resources = [getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__]
    kinds = [
        resource
        for resource in resources
        if isinstance(resource, type) and issubclass(resource, Resource) and resource is not Resource
    ]
    assert set(ARGUMENTS) == {
        f"{kind.__name__}.{argument}" for kind in kinds for argument in kind_of(kind).arguments.marked(Secret)
    }


@pytest.mark.sample(6)
@pytest.mark.usefixtures("without_registered_secrets")
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", SECRETS)
def test_no_message_shows_a_secret_in_any_spelling(
    name: str, spelling: str, capfd: pytest.CaptureFixture[str]
) -> None:
    register_secret, secret = SECRETS[name]
    register_secret()
    if name == "signature of an upload":
        if spelling not in ("itself", "address", "address in an address", "JSON", "HTML"):
            return
        spelling_text = SPELLINGS[spelling](secret)
        texts = list(error_texts(f"https://files.example.com/a?sv=1&sig={spelling_text}&sp=r"))
    else:
        spelling_text = SPELLINGS[spelling](secret)
        texts = list(error_texts(spelling_text))
    if name in ("LeadDestination.azure_table", "fetched token") and spelling != "often, cut off":
        texts += http_error_texts(spelling_text)
    report(f"PUT https://files.example.com/a?sig={spelling_text} → 500")
    texts.append(capfd.readouterr().err)
    visible_fragments = [fragment for text in texts for fragment in findings(text, secret, spelling_text)]
    assert visible_fragments == []


@pytest.mark.usefixtures("without_registered_secrets")
def test_the_search_for_secrets_recognises_every_spelling() -> None:
    """Without redaction, the search reports every spelling."""
    for spelling, encode in SPELLINGS.items():
        assert findings(f"before {encode(KEY)} after", KEY, encode(KEY)), spelling


@pytest.mark.usefixtures("without_registered_secrets")
def test_public_parts_of_addresses_and_connection_strings_stay_visible() -> None:
    keep_secret(CONNECTION, ADDRESS)
    for text in (
        "AccountName=contoso",
        "no answer from https://prod-12.example.com",
        "api-version=2016-10-01",
    ):
        assert shown(text) == text


@pytest.mark.usefixtures("without_registered_secrets")
def test_short_secrets_are_hidden_only_as_whole_words() -> None:
    """A secret of seven characters may be part of an ordinary word."""
    keep_secret("s3cr3t7")
    assert shown("password s3cr3t7 is wrong, 's3cr3t7'") == "password … is wrong, '…'"
    assert shown("s3cr3t78") == "s3cr3t78"


@pytest.mark.usefixtures("without_registered_secrets")
def test_the_number_of_registered_secrets_is_limited() -> None:
    """A token that every operation uses stays registered; secrets of old operations are dropped."""
    for operation in range(2 * messages.MOST):
        keep_secret(TOKEN, f"t0ken-of-operation-{operation:06}")
        if operation == messages.MOST:
            size_after_limit = len(messages._secrets._places)
    assert len(messages._secrets) == messages.MOST
    assert len(messages._secrets._places) <= 1.1 * size_after_limit
    assert TOKEN not in shown(f"no {TOKEN}")
