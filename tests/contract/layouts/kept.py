"""Data folders of earlier versions, each with the answers that its own version gave.

`emulator.sql` is the database as text, `files.json` the contents of blobs, `answers.json` the requests of `requests`
in their order, each with status and body. Seed and time are fixed, so ids, etags and signatures repeat.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from provider.tools.emulators import Serving, in_process
from tests.contract.complete import Publisher
from tests.contract.contents import APPLICATION, GUIDE

SEED, NOW = 1, 1_800_000_000.0
DATABASE = "emulator.sqlite3"
INGESTION = "/v1.0/ingestion"
SINGLE = ("setup", "resellerConfiguration", "leadconfiguration", "variants", "packages", "submissions")
INSTANCES = (
    "listings",
    "properties",
    "productAvailabilities",
    "featureAvailabilities",
    "packageConfigurations",
)
CORRELATION = re.compile(r'(?<=Id\\":\\")[0-9a-f-]{32,36}')
LEAD = {"resourceType": "HttpsEndpointLeadConfiguration", "httpsEndpointUri": "https://example.com/leads"}
FRENCH = {"resourceType": "AzureListing", "languageCode": "fr-fr"}
SILVER = {"resourceType": "AzureSkuVariant", "friendlyName": "Silver", "externalID": "silver"}


@contextmanager
def opened(data: Path) -> Iterator[Serving]:
    """An emulator over a data folder, with the seed and the time of the kept answers."""
    with in_process(data=data, seed=SEED, now=lambda: NOW) as emulator:
        yield emulator


def fill(emulator: Serving) -> None:
    """Store one document of nearly every kind, at nearly every stage."""
    emulator.advance(12_345)
    emulator.legacy_test_drive()
    api = Publisher(emulator)
    live = api.complete("contoso-live", gold="managed-application", bronze="solution-template")
    for plan in api.get(f"{live}/variants")["value"]:
        if plan.get("externalID"):
            api.price(live, plan["id"], 20)
    api.post(f"{live}/leadconfiguration", LEAD, 200)
    api.go_live(live)
    api.submit(live)
    draft = api.offer("contoso-draft", "AzureContainer")
    api.post(f"{draft}/packages", APPLICATION, 201)
    listing = f"{draft}/listings/{api.listing(draft)['id']}"
    api.add_file(f"{listing}/assets", GUIDE, b"a guide")
    instance = api.instance(draft, "Listing")
    api.post(f"{draft}/listings/createWithInstanceID(instanceID={instance})", FRENCH, 201)
    emulator.decide(
        "certification", "fail", product=live.rpartition("/")[2], report="The logo is hard to read."
    )


class Asker:
    """Sends requests to an emulator and keeps what it answered."""

    def __init__(self, emulator: Serving) -> None:
        self.emulator, self.given = emulator, list[dict[str, Any]]()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.emulator.client.request(method, path, json=body, headers={"If-Match": "*"})
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        value = json.loads(CORRELATION.sub("…", answer.text)) if is_json else answer.text
        self.given.append({"request": f"{method} {path}", "status": answer.status_code, "body": value})
        return value

    def read(self, state: dict[str, list[dict[str, Any]]], product: str) -> None:
        """Everything of a product, by every way that leads to it."""
        path = f"{INGESTION}/products/{product}"
        for single in SINGLE:
            self.ask("GET", f"{path}/{single}")
        for name in INSTANCES:
            for row in state[name]:
                if row["productID"] == product:
                    self.ask("GET", f"{path}/{name}/getByInstanceID(instanceID={row['instanceID']})")
        for listing in state["listings"]:
            if listing["productID"] == product:
                self.ask("GET", f"{path}/listings/{listing['id']}/images?$expand=FileSasUri")
                self.ask("GET", f"{path}/listings/{listing['id']}/assets?$expand=FileSasUri")


def answers(emulator: Serving) -> list[dict[str, Any]]:
    """Read everything, then change something of every owner and read the state again."""
    asker = Asker(emulator)
    ask = asker.ask
    state = ask("GET", "/_emulator/state")
    ask("GET", "/_emulator/decide")
    ask("GET", f"{INGESTION}/products")
    live, draft = (product["id"] for product in state["products"])
    for product in (live, draft):
        asker.read(state, product)
    waiting = state["submissions"][-1]["id"]
    ask("POST", f"{INGESTION}/products/{live}/submissions/{waiting}/promote")
    ask("GET", f"/_emulator/reports/{waiting}")
    plan = ask("POST", f"{INGESTION}/products/{live}/variants", SILVER)
    ask("DELETE", f"{INGESTION}/products/{live}/variants/{plan['id']}")
    (french,) = [listing for listing in state["listings"] if listing["languageCode"] == "fr-fr"]
    ask("DELETE", f"{INGESTION}/products/{draft}/listings/{french['id']}")
    ask("POST", "/_emulator/publish", {"product": live})
    ask("GET", "/_emulator/state")
    ask("DELETE", f"{INGESTION}/products/{draft}")
    ask("GET", "/_emulator/state")
    return asker.given


def restored(kept: Path, data: Path) -> None:
    """Make the data folder that was kept."""
    with closing(sqlite3.connect(data / DATABASE)) as database:
        database.executescript((kept / "emulator.sql").read_text())
    files = data / "files"
    files.mkdir()
    for name, content in json.loads((kept / "files.json").read_text()).items():
        (files / name).write_bytes(base64.b64decode(content))


def write(kept: Path) -> None:
    """Keep a folder of the present layout."""
    kept.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with opened(data) as emulator:
            fill(emulator)
        with closing(sqlite3.connect(data / DATABASE)) as database:
            layout = database.execute("PRAGMA user_version").fetchone()[0]
            lines = [*database.iterdump(), f"PRAGMA user_version = {layout};"]
        (kept / "emulator.sql").write_text("\n".join(lines) + "\n")
        contents = {
            file.name: base64.b64encode(file.read_bytes()).decode() for file in (data / "files").iterdir()
        }
        (kept / "files.json").write_text(json.dumps(contents, indent=1, sort_keys=True) + "\n")
        with opened(data) as emulator:
            given = answers(emulator)
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in given]
    (kept / "answers.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
