"""Recorded states of earlier versions of the provider, and functions that record them.

Every version has a folder. `program.py` is the program that wrote the state. `now.py` is the same program for this
version, where arguments have changed. `state.json` is the engine's export. `service.json` lists the emulator's
documents and files, one a line. No value in them depends on time, machine or chance.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.generate.pages import resources
from tests.stacks.cli import NOBODY, REMEMBERED_PIP, Project

from pulumi_partnercenter._resource import load
from pulumi_partnercenter.emulator.state import Clock, Document, Store

FOLDER = Path(__file__).parent
SEED = 1
NOW = 1_795_000_000.0
"""The emulator's fixed time, in seconds since the epoch."""
VOLATILE_MEMBERS = ("created", "modified", "sourcePosition", "stackTrace")
ANY_SALT = "v1:ix5Yn+6QNWk=:v1:6dJNCfhQvtElJk6H:a+wJVsNLmc46938KJsRUCA2DEOlfzA=="
"""An arbitrary salt of the empty passphrase."""
ANY_GUID = "00000000-0000-4000-8000-000000000000"

CLASSES = {resource.schema.known_as: resource for resource in resources()}
"""Classes of this version by their names in states, such as `Offer` or `portal.Offer`."""

State = dict[str, Any]
"""The output of `pulumi stack export`, normalised."""
ServiceDocuments = list[dict[str, Any]]
"""The emulator's documents, and its files as `{"name", "base64"}`."""


@dataclass(frozen=True)
class RecordedVersion:
    """The recorded state of a version."""

    folder: Path

    @property
    def version(self) -> Version:
        return Version(self.folder.name)

    @property
    def original_program(self) -> str:
        """The program that wrote the state."""
        return (self.folder / "program.py").read_text()

    @property
    def current_program(self) -> str:
        """The same program for this version."""
        now = self.folder / "now.py"
        return now.read_text() if now.exists() else self.original_program

    def state(self) -> State:
        state: State = json.loads((self.folder / "state.json").read_text())
        return state

    def service(self) -> ServiceDocuments:
        return [json.loads(line) for line in (self.folder / "service.json").read_text().splitlines()]

    def write(self, state: State, service: ServiceDocuments) -> None:
        (self.folder / "state.json").write_text(json.dumps(state, indent=1, ensure_ascii=False) + "\n")
        lines = [json.dumps(document, ensure_ascii=False) + "\n" for document in service]
        (self.folder / "service.json").write_text("".join(lines))


def recorded_versions() -> list[RecordedVersion]:
    """All recorded versions, oldest first."""
    versions = [RecordedVersion(program.parent) for program in FOLDER.glob("*/program.py")]
    return sorted(versions, key=lambda recorded: recorded.version)


def run_program(folder: Path, program: str, package: Path | None = None) -> tuple[State, ServiceDocuments]:
    """Run the first `up` of a program. Return state and documents. `package`: folder of another version's package."""
    with serve(seed=SEED, now=lambda: NOW) as emulator:
        emulator.legacy_test_drive()
        for _ in range(2):
            emulator.decide("validation", "pass")  # the offer of the release is incomplete
        project = create_project(folder, program, emulator.url)
        if package:
            project.env["PYTHONPATH"] = f"{REMEMBERED_PIP}{os.pathsep}{package}"
        project.up().expect_success()
        state = normalize(json.loads(project.run("stack", "export", "--show-secrets").expect_success().text))
        return state, _read_service(emulator)


def create_project(folder: Path, program: str, endpoint: str = NOBODY) -> Project:
    """Create a project and stack, with the files that the programs upload."""
    project = Project.of(folder, program, endpoint)
    shutil.copytree(FOLDER / "assets", folder / "assets")
    return project.select()


@contextmanager
def serve_service(folder: Path, service: ServiceDocuments) -> Iterator[RunningEmulator]:
    """Serve an emulator with these documents and files."""
    store = Store(folder, seed=SEED, clock=Clock(lambda: NOW))
    for document in service:
        if "base64" in document:
            (store.files / document["name"]).write_bytes(base64.b64decode(document["base64"]))
        else:
            store.save(_document(document))
    store.close()
    with serve(data=folder, seed=SEED, now=lambda: NOW) as emulator:
        yield emulator


def _document(document: dict[str, Any]) -> Document:
    """Return a document of the emulator. Earlier versions wrote three members in place of its scope."""
    if "scope" in document:
        return Document(**document)
    members = dict(document)
    owner = [members.pop(name) for name in ("product", "variant", "instance")]
    return Document(**members, scope="/".join(owner))


def _read_service(emulator: RunningEmulator) -> ServiceDocuments:
    assert emulator.store
    documents = [vars(document) for document in emulator.store.select()]
    files = sorted(file for file in emulator.store.files.iterdir() if file.is_file())
    return documents + [
        {"name": file.name, "base64": base64.b64encode(file.read_bytes()).decode()} for file in files
    ]


class NamedProvider:
    """Object whose pickle refers to the provider of this name."""

    def __init__(self, known_as: str) -> None:
        self._known_as = known_as

    def __reduce__(self) -> tuple[object, ...]:
        return load, (self._known_as,)


def build_payload(known_as: str) -> str:
    """Build the payload of a provider as a version with this class writes it."""
    return base64.b64encode(pickle.dumps(NamedProvider(known_as), protocol=4)).decode()


def normalize(state: State) -> State:
    """Return the state without members that differ between runs. Secrets are in plain text; an import encrypts them."""
    deployment = state["deployment"]
    deployment["manifest"]["time"] = "2026-01-01T00:00:00Z"
    deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": ANY_SALT}}
    (host,) = [
        resource["id"]
        for resource in deployment["resources"]
        if resource["type"].startswith("pulumi:providers:")
    ]
    for resource in deployment["resources"]:
        for name in VOLATILE_MEMBERS:
            resource.pop(name, None)
        for dependencies in (
            resource.get("dependencies", []),
            *resource.get("propertyDependencies", {}).values(),
        ):
            (dependencies or []).sort()
    normalized: State = json.loads(json.dumps(state).replace(host, ANY_GUID))
    return normalized
