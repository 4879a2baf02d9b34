"""Pages in three languages: which language a visitor gets, and what a page does with values."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes
from provider.tools import translations

from pulumi_partnercenter.saas import ServiceSettings, create_app, pages
from pulumi_partnercenter.saas.languages import LANGUAGES

ENVIRONMENT = {
    "PARTNERCENTER_SAAS_PUBLIC_URL": "https://saas.contoso.example",
    "PARTNERCENTER_SAAS_TENANT_ID": "11111111-1111-1111-1111-111111111111",
    "PARTNERCENTER_SAAS_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
    "PARTNERCENTER_SAAS_CLIENT_SECRET": "fulfillment-secret",
    "PARTNERCENTER_SAAS_SIGN_IN_CLIENT_ID": "33333333-3333-3333-3333-333333333333",
    "PARTNERCENTER_SAAS_SIGN_IN_CLIENT_SECRET": "sign-in-secret",
    "PARTNERCENTER_SAAS_KEYS": "0123456789abcdef0123456789abcdef",
    "PARTNERCENTER_SAAS_PRODUCT_NAME": "<b>Contoso</b> Archive",
}


class Visitor:
    """A browser without cookies of its own, at a service with an empty database."""

    def __init__(self, folder: Path) -> None:
        environment = ENVIRONMENT | {"PARTNERCENTER_SAAS_DATABASE_URL": f"sqlite:///{folder}/saas.db"}
        self.app = create_app(ServiceSettings.load(environment))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, **headers: str) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="https://saas.contoso.example"
            ) as client:
                names = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers={"accept": "text/html"} | names)

        return asyncio.run(request())


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    visitor = Visitor(tmp_path)
    yield visitor
    visitor.app.state.service.close()


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/nothing", {}, "en"),
        ("/nothing", {"accept_language": "de-CH, en;q=0.8"}, "de"),
        ("/nothing", {"accept_language": "en;q=0.2, ja;q=0.9, de;q=0.5"}, "ja"),
        ("/nothing", {"accept_language": "de;q=0, ja;q=bad, fr"}, "en"),
        ("/nothing", {"accept_language": ",;=,q=," * 1000}, "en"),
        ("/nothing", {"accept_language": "de", "cookie": "__Host-language=ja"}, "ja"),
        ("/nothing?language=de", {"cookie": "__Host-language=ja"}, "de"),
        ("/nothing?language=../x", {"cookie": "__Host-language=%00"}, "en"),
    ],
)
def test_a_visitor_gets_the_language_of_the_address_of_the_cookie_or_of_the_browser(
    path, headers, language, visitor
):
    assert f'<html lang="{language}">' in visitor.get(path, **headers).text


def test_the_chosen_language_is_kept_in_a_cookie_that_only_this_host_gets(visitor):
    cookie = visitor.get("/nothing?language=de").headers["set-cookie"].lower()
    assert cookie.startswith("__host-language=de;")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= set(cookie.split("; "))
    assert "set-cookie" not in visitor.get("/nothing?language=xx").headers
    assert "set-cookie" not in visitor.get("/nothing").headers


def test_links_to_other_languages_keep_the_query_and_leave_out_what_is_secret(visitor):
    text = visitor.get("/nothing?search=a%26b&token=secret-1&code=secret-2&state=secret-3").text
    assert 'href="?search=a%26b&amp;language=de"' in text
    assert "secret-" not in text


def test_names_are_shown_as_text(visitor):
    text = visitor.get("/nothing").text
    assert "&lt;b&gt;Contoso&lt;/b&gt; Archive" in text
    assert "<b>" not in text


def test_a_missing_page_is_a_page_for_browsers_and_a_line_for_programs(visitor):
    page, line = visitor.get("/nothing"), visitor.get("/nothing", accept="*/*")
    assert (page.status_code, "There is no such page" in page.text) == (404, True)
    assert (line.status_code, line.text) == (404, "Not Found\n")
    assert visitor.send("POST", "/healthz").status_code == 405


def test_the_style_sheet_of_a_page_is_served_and_kept(visitor):
    text = visitor.get("/nothing").text
    address = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = visitor.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert "color-scheme" in answer.text


# --- Catalogues


def test_every_text_has_a_translation_in_every_language():
    assert [*translations.list_missing()] == []


def test_catalogues_have_the_texts_of_templates_and_code_and_no_others():
    for path, text in translations.generated().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m provider.tools.translations"


def test_a_translation_has_the_placeholders_of_its_text():
    placeholder = re.compile(r"%\(\w+\)s")
    for path in translations.generated():
        with path.open("rb") as file:
            for message in read_po(file, locale=path.stem):
                if message.id:
                    assert sorted(placeholder.findall(message.string)) == sorted(
                        placeholder.findall(message.id)
                    )
                    assert "<" not in message.string, "translations of templates are not escaped"


def test_templates_translate_constant_texts_only():
    """A value that is translated would be taken for a text of ours, and not be escaped."""
    environment = pages.create_environment()
    names = environment.list_templates(["html"])
    assert len(names) > 10
    for name in names:
        source, _, _ = environment.loader.get_source(environment, name)
        for call in environment.parse(source).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
                assert isinstance(call.args[0], nodes.Const), name
        assert not [*environment.parse(source).find_all(nodes.MarkSafe)], name
        assert "| safe" not in source, name


@pytest.mark.parametrize("language", ["de", "ja"])
def test_pages_are_in_the_language_that_they_say(language, visitor):
    texts = {"de": "Diese Seite gibt es nicht", "ja": "ページが見つかりません"}
    assert texts[language] in visitor.get(f"/nothing?language={language}").text


def test_dates_and_numbers_are_written_as_the_language_does():
    time = datetime(2026, 11, 26, 18, 30, 5, tzinfo=timezone(timedelta(hours=9)))
    shown = {}
    for language in LANGUAGES:
        template = pages.create_environment(language).from_string(
            "{{ t | time }}|{{ t | day }}|{{ n | number }}"
        )
        shown[language] = template.render(t=time, n=1234567.125)
    assert shown == {
        "en": "26 Nov 2026, 09:30:05 UTC|26 Nov 2026|1,234,567.125",
        "de": "26.11.2026, 09:30:05 UTC|26.11.2026|1.234.567,125",
        "ja": "2026/11/26 9:30:05 UTC|2026/11/26|1,234,567.125",
    }
