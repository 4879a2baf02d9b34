"""Pictures of pages for the guides, `partnercenter show --html` and the emulated marketplace: `make screenshot`.

    .venv/bin/python -m provider.tools.screenshot

For the first, publishes the stack `sandbox` to preview with a separate emulator, then changes the summary in the draft,
so that the page shows a difference. Those of the SaaS service are the pages of `partnercenter saas demo`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from provider.tools.browser import Look, NoBrowser, look
from provider.tools.emulators import TOKEN, RunningEmulator, serve
from provider.tools.engine.environment import CHECKOUT, LOCKED

PICTURES = CHECKOUT / "provider" / "docs" / "images"
LISTING, MARKETPLACE = "listing-page.png", "marketplace-page.png"
LANDING, SUBSCRIPTION = "landing-page.png", "publisher-page.png"
SAMPLE = "Fabrikam seats"
STACK = "sandbox"
OFFER = "contoso-archive-sandbox"
SUMMARY = "Move what nobody opens to cold storage: found again within minutes"
COLOURS = 96
WIDTH, HEIGHT, MARKETPLACE_HEIGHT, LANDING_HEIGHT = 960, 1180, 1000, 820
DEMO_LINES = 7
"""Lines that `partnercenter saas demo` prints when it serves."""
WITHOUT_LANGUAGES = ["evaluate", "document.querySelector('header > nav:last-child').remove()"]
"""Their names need fonts that this machine may not have."""


def write_page(emulator: RunningEmulator, folder: Path) -> Path:
    """Write the page of the stack's offer, whose draft differs from the preview."""
    env = os.environ | {
        "PULUMI_BACKEND_URL": folder.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PARTNERCENTER_ENDPOINT": emulator.url,
        "PARTNERCENTER_ACCESS_TOKEN": TOKEN,
    }
    programs, page = LOCKED.folder / "bin", folder / "listing.html"
    _run([programs / "pulumi", "stack", "select", "--create", STACK, "--non-interactive"], env)
    _run([programs / "pulumi", "up", "--yes", "--skip-preview", "--stack", STACK], env)
    (offer,) = _documents(emulator, "products", OFFER)
    (listing,) = [
        document
        for document in _documents(emulator, "listings", offer["id"])
        if document["stage"] == "draft" and "variantID" not in document
    ]
    path = f"/v1.0/ingestion/products/{offer['id']}/listings/{listing['id']}"
    emulator.portal(path, summary=SUMMARY)
    _run([programs / "partnercenter", "show", OFFER, "--html", page], env)
    return page


def _documents(emulator: RunningEmulator, collection: str, text: str) -> list[dict[str, Any]]:
    """Return the documents that contain a text."""
    return [document for document in emulator.state()[collection] if text in json.dumps(document)]


def _run(command: list[str | Path], env: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def marketplace_page(emulator: RunningEmulator) -> str:
    """Address of a subscription of the sample data, whose plan is about to change."""
    emulator.client.post("/_emulator/saas/sample").raise_for_status()
    (subscription,) = _documents(emulator, "saasSubscriptions", SAMPLE)
    change = {"subscription": subscription["id"], "plan_id": "company"}
    emulator.client.post("/_emulator/saas/change", json=change).raise_for_status()
    return f"{emulator.url}/_emulator/marketplace/subscriptions/{subscription['id']}"


@contextmanager
def serve_demo(folder: Path) -> Iterator[list[str]]:
    """Run `partnercenter saas demo`; yield the addresses of the landing page, the marketplace and the publisher."""
    program = LOCKED.folder / "bin" / "partnercenter"
    options = ["--data", str(folder / "demo"), "--port", "0", "--marketplace-port", "0"]
    with subprocess.Popen([program, "saas", "demo", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(DEMO_LINES)]
        try:
            yield [line for line in lines if line.startswith("http")]
        finally:
            process.terminate()


def look_at_service(folder: Path) -> None:
    """Take pictures of a purchase to confirm and, once it is confirmed, of the publisher's page about it."""
    with serve_demo(folder) as (landing, _, publisher):
        look(
            Look(
                landing,
                steps=[
                    ["click", "text=Sign in as Dana"],
                    ["wait_for_selector", "text=What was bought"],
                    WITHOUT_LANGUAGES,
                ],
                screenshot=str(folder / LANDING),
                width=WIDTH,
                height=LANDING_HEIGHT,
            ),
            Look(
                landing,
                steps=[
                    ["click", "text=Sign in as Dana"],
                    ["click", "text=Confirm and activate"],
                    ["wait_for_selector", "text=Change plan or seats"],
                    ["goto", publisher],
                    ["click", "text=Sign in as Alex"],
                    ["click", "table >> text=Fabrikam, just bought"],
                    ["wait_for_selector", "text=Outstanding operations"],
                    WITHOUT_LANGUAGES,
                ],
                screenshot=str(folder / SUBSCRIPTION),
                width=WIDTH,
                height=HEIGHT,
            ),
        )


def main() -> None:
    with TemporaryDirectory() as name, serve(seed=1) as emulator:
        folder = Path(name)
        page, address = write_page(emulator, folder), marketplace_page(emulator)
        try:
            look(
                Look(str(page), screenshot=str(folder / LISTING), width=WIDTH, height=HEIGHT),
                Look(address, screenshot=str(folder / MARKETPLACE), width=WIDTH, height=MARKETPLACE_HEIGHT),
            )
            look_at_service(folder)
        except NoBrowser as error:
            sys.exit(str(error))
        PICTURES.mkdir(exist_ok=True)
        for file_name in (LISTING, MARKETPLACE, LANDING, SUBSCRIPTION):
            path = PICTURES / file_name
            with Image.open(folder / file_name) as picture:
                picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
            print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
