"""What every page of the SaaS service has to be in a browser: accessible, in its language, without a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from provider.tools.browser import Look, Observation, look
from provider.tools.emulators import serve
from tests.saas.deployment import Deployment, MovableClock, serve_deployment

from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.languages import COOKIE, LANGUAGES

SCRIPTS = """() => [...document.querySelectorAll('*')].flatMap(element => [
    ...element.getAttributeNames().filter(name => name.startsWith('on') || name === 'style'),
    ...(element.matches('script, iframe, object, embed, base, style') ? [element.tagName] : []),
])"""
TABLES = "() => [...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope]'))"
READING = {
    "scripts": SCRIPTS,
    "tables": TABLES,
    "language": "() => document.documentElement.lang",
    "text": "() => document.body.innerText",
    "wide": "() => document.documentElement.scrollWidth > document.documentElement.clientWidth",
}
SIZES = {"en": (1000, False), "de": (360, False), "ja": (700, True)}
"""Width of the window and whether it is dark, by language: German has the longest words."""
OTHER_PROBLEMS = "status of"
"""The browser's message about an answer that is an error on purpose."""


@contextmanager
def serve_pages(folder: Path) -> Iterator[Deployment]:
    """Serve a service with an empty database, whose jobs do not run by themselves."""
    clock, url = MovableClock(), f"sqlite:///{folder}/saas.db"
    database = Database(url)
    database.migrate()
    database.close()
    with serve(now=clock) as emulator, serve_deployment(emulator, clock, url, runs_jobs=False) as deployment:
        yield deployment


def read_cookie(header: str) -> dict[str, str]:
    """Return name and value of a cookie that `sign_in` wrote."""
    name, _, value = header.partition("=")
    return {name: value}


def look_at(pages: Sequence[tuple[str, str, Mapping[str, str]]]) -> list[Observation]:
    """Look at pages, each by address, language and cookies; one start of the browser for all."""
    return look(
        *[
            Look(
                address,
                READING,
                width=SIZES[language][0],
                is_dark=SIZES[language][1],
                cookies={**cookies, COOKIE: language},
            )
            for address, language, cookies in pages
        ]
    )


def list_languages(number: int) -> list[str]:
    """Return a language for each of some pages, in turn."""
    return [[*LANGUAGES][index % len(LANGUAGES)] for index in range(number)]


def check(observation: Observation, language: str) -> None:
    """Check what is true of every page."""
    address = observation.address
    assert observation.violations == [], address
    messages = [text for text in observation.console if OTHER_PROBLEMS not in text]
    assert (observation.requests, observation.dialogs, messages) == ([], [], []), address
    assert observation.values["scripts"] == [], address
    assert observation.values["tables"], address
    assert observation.values["language"] == language, address
    assert not observation.values["wide"], address
