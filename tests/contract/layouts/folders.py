"""Data folders of earlier versions, with the answers of their own version.

`emulator.sql` is the database as text, `files.json` the contents of blobs, `answers.json` the requests of `answers`
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

from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.contents import APPLICATION, GUIDE
from tests.contract.publisher import Publisher

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
def open_emulator(data: Path) -> Iterator[RunningEmulator]:
    """An emulator over a data folder, with the seed and the time of the recorded answers."""
    with in_process(data=data, seed=SEED, now=lambda: NOW) as emulator:
        yield emulator


def fill(emulator: RunningEmulator) -> None:
    """Store one document of nearly every kind, at nearly every stage."""
    emulator.advance(12_345)
    emulator.legacy_test_drive()
    api = Publisher(emulator)
    live = api.create_complete_offer("contoso-live", gold="managed-application", bronze="solution-template")
    for plan in api.get(f"{live}/variants")["value"]:
        if plan.get("externalID"):
            api.price(live, plan["id"], 20)
    api.post(f"{live}/leadconfiguration", LEAD, 200)
    api.go_live(live)
    api.submit(live)
    draft = api.create_offer("contoso-draft", "AzureContainer")
    api.post(f"{draft}/packages", APPLICATION, 201)
    listing = f"{draft}/listings/{api.read_listing(draft)['id']}"
    api.add_file(f"{listing}/assets", GUIDE, b"a guide")
    instance = api.read_instance_id(draft, "Listing")
    api.post(f"{draft}/listings/createWithInstanceID(instanceID={instance})", FRENCH, 201)
    emulator.decide(
        "certification", "fail", product=live.rpartition("/")[2], report="The logo is hard to read."
    )


class Recorder:
    """Sends requests to an emulator and records its answers."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator, self.answers = emulator, list[dict[str, Any]]()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.emulator.client.request(method, path, json=body, headers={"If-Match": "*"})
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        value = json.loads(CORRELATION.sub("…", answer.text)) if is_json else answer.text
        self.answers.append({"request": f"{method} {path}", "status": answer.status_code, "body": value})
        return value

    def read(self, state: dict[str, list[dict[str, Any]]], product: str) -> None:
        """Read every document of a product, on every route."""
        path = f"{INGESTION}/products/{product}"
        for single in SINGLE:
            self.send("GET", f"{path}/{single}")
        for name in INSTANCES:
            for row in state[name]:
                if row["productID"] == product:
                    self.send("GET", f"{path}/{name}/getByInstanceID(instanceID={row['instanceID']})")
        for listing in state["listings"]:
            if listing["productID"] == product:
                self.send("GET", f"{path}/listings/{listing['id']}/images?$expand=FileSasUri")
                self.send("GET", f"{path}/listings/{listing['id']}/assets?$expand=FileSasUri")


def record_answers(emulator: RunningEmulator) -> list[dict[str, Any]]:
    """Read every document, then change a document of every owner and read the state again."""
    recorder = Recorder(emulator)
    send = recorder.send
    state = send("GET", "/_emulator/state")
    send("GET", "/_emulator/decide")
    send("GET", f"{INGESTION}/products")
    live, draft = (product["id"] for product in state["products"])
    for product in (live, draft):
        recorder.read(state, product)
    waiting = state["submissions"][-1]["id"]
    send("POST", f"{INGESTION}/products/{live}/submissions/{waiting}/promote")
    send("GET", f"/_emulator/reports/{waiting}")
    plan = send("POST", f"{INGESTION}/products/{live}/variants", SILVER)
    send("DELETE", f"{INGESTION}/products/{live}/variants/{plan['id']}")
    (french,) = [listing for listing in state["listings"] if listing["languageCode"] == "fr-fr"]
    send("DELETE", f"{INGESTION}/products/{draft}/listings/{french['id']}")
    send("POST", "/_emulator/publish", {"product": live})
    send("GET", "/_emulator/state")
    send("DELETE", f"{INGESTION}/products/{draft}")
    send("GET", "/_emulator/state")
    return recorder.answers


def restore_folder(record: Path, data: Path) -> None:
    """Restore a recorded data folder."""
    with closing(sqlite3.connect(data / DATABASE)) as database:
        database.executescript((record / "emulator.sql").read_text())
    files = data / "files"
    files.mkdir()
    for name, content in json.loads((record / "files.json").read_text()).items():
        (files / name).write_bytes(base64.b64decode(content))


def write_folder(record: Path) -> None:
    """Record a data folder in the present layout."""
    record.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with open_emulator(data) as emulator:
            fill(emulator)
        with closing(sqlite3.connect(data / DATABASE)) as database:
            layout = database.execute("PRAGMA user_version").fetchone()[0]
            lines = [*database.iterdump(), f"PRAGMA user_version = {layout};"]
        (record / "emulator.sql").write_text("\n".join(lines) + "\n")
        contents = {
            file.name: base64.b64encode(file.read_bytes()).decode() for file in (data / "files").iterdir()
        }
        (record / "files.json").write_text(json.dumps(contents, indent=1, sort_keys=True) + "\n")
        with open_emulator(data) as emulator:
            recorded_answers = record_answers(emulator)
    lines = [json.dumps(answer, ensure_ascii=False, separators=(",", ":")) for answer in recorded_answers]
    (record / "answers.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
