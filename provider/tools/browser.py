"""Load a local page in a headless browser and observe its requests, its errors and its appearance.

    .browser/bin/python -m provider.tools.browser --find
    .browser/bin/python -m provider.tools.browser < looks.json

`--find` prints the path of the browser, or ends with exit code 3. Otherwise stdin holds a JSON list of `Look` and
stdout
receives a JSON list of `Observation`. Runs in the environment `.browser` (`make browser`); `look` starts it from
other environments.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from provider.tools.engine.environment import BROWSER, CHECKOUT
from provider.tools.hangs import HANG_SECONDS

PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")
ADVICE = (
    "install Debian's chromium-headless-shell, Chromium or Chrome, name one in CHROME,"
    " or run `.browser/bin/playwright install chromium`"
)
NO_BROWSER = 3
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class NoBrowser(Exception):
    """The browser or its driver is missing. The message says what to install."""


@dataclass(frozen=True)
class Look:
    """A page, and expressions to evaluate in it. `actions`: JavaScript that runs first, as a visitor's actions.

    The page is a file, or an address of a server on this machine.
    """

    page: str
    expressions: Mapping[str, str] = field(default_factory=dict)
    actions: str = ""
    steps: Sequence[Sequence[str]] = ()
    """What a visitor does before `actions`: methods of Playwright's page, `["fill", "#name", "Dana"]`."""
    screenshot: str = ""
    """Path of a PNG to write, with the first screen."""
    width: int = 1000
    height: int = 800
    is_dark: bool = False
    media: str = "screen"
    cookies: Mapping[str, str] = field(default_factory=dict)
    """Cookies of the page's server, by name."""


@dataclass(frozen=True)
class Observation:
    """Observed behaviour of a page. `violations` are rules of axe; `address` is the page at the end.

    `requests` are addresses except the page itself, its server and `data:`.
    """

    address: str
    requests: list[str]
    dialogs: list[str]
    console: list[str]
    violations: list[str]
    values: dict[str, Any]


def find_browser() -> str:
    """Return the path of the browser that tests use. Raises: NoBrowser."""
    if not BROWSER.python.exists():
        raise NoBrowser("`.browser` is missing: run `make browser`")
    if path := _path_of_program():
        return path
    process = _run(["--find"])
    if process.returncode:
        raise NoBrowser(process.stderr.strip())
    return process.stdout.strip()


def look(*looks: Look) -> list[Observation]:
    """Load pages in a browser and observe them. Raises: NoBrowser."""
    process = _run([], json.dumps([asdict(request) for request in looks]))
    if process.returncode == NO_BROWSER:
        raise NoBrowser(process.stderr.strip())
    if process.returncode:
        raise RuntimeError(process.stderr)
    return [Observation(**observation) for observation in json.loads(process.stdout)]


def _run(arguments: list[str], request: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER.python), "-m", "provider.tools.browser", *arguments]
    return subprocess.run(
        command,
        cwd=CHECKOUT,
        input=request,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )


def _path_of_program() -> str:
    """Return CHROME or a browser on PATH; "" if there is none."""
    programs = filter(None, [os.environ.get("CHROME"), *PROGRAMS])
    return next(filter(None, map(shutil.which, programs)), "")


def _path(playwright: Any) -> str:
    """Return a browser on PATH or Playwright's own; "" if there is none."""
    own = Path(playwright.chromium.executable_path)
    return _path_of_program() or (str(own) if own.exists() else "")


def _observe(browser: Any, request: Look) -> Observation:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(
        viewport={"width": request.width, "height": request.height},
        color_scheme="dark" if request.is_dark else "light",
    )
    page.set_default_timeout(HANG_SECONDS * 1000)
    is_served = request.page.startswith("http://127.0.0.1:")
    address = request.page if is_served else Path(request.page).absolute().as_uri()
    server = "/".join(address.split("/")[:3]) + "/"
    requests, dialogs, console = list[str](), list[str](), list[str]()

    def note_dialog(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.context.on("request", lambda sent: requests.append(sent.url))
    page.on("dialog", note_dialog)
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": server.replace("http:", "https:"), "secure": True}
            for name, value in request.cookies.items()
        ]
    )
    page.emulate_media(media=request.media)
    page.goto(address)
    for name, *arguments in request.steps:
        functools.reduce(getattr, name.split("."), page)(*arguments)
    page.wait_for_load_state()  # a step that follows a link ends before the page has a body
    if request.actions:
        page.evaluate(request.actions)
    values = {name: page.evaluate(expression) for name, expression in request.expressions.items()}
    if request.screenshot:
        page.screenshot(path=request.screenshot)
    violations = [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    final_address = page.url
    page.close()
    others = [
        url
        for url in requests
        if url.partition("#")[0] != address
        and not url.startswith("data:")
        and not (is_served and url.startswith(server))
    ]
    return Observation(final_address, others, dialogs, console, violations, values)


def main() -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = _path(playwright)
        if not path:
            print(f"no browser: {ADVICE}", file=sys.stderr)
            sys.exit(NO_BROWSER)
        if "--find" in sys.argv:
            print(path)
            return
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS, timeout=HANG_SECONDS * 1000)
        observations = [_observe(browser, Look(**request)) for request in json.load(sys.stdin)]
        browser.close()
    print(json.dumps([asdict(observation) for observation in observations]))


if __name__ == "__main__":
    main()
