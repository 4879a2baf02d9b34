"""States that versions of the provider wrote, kept beside the programs that made them, and how they are written.

A folder a version: `program.py` wrote it; `now.py`, where the language of programs has changed since, is the same
program as this version reads it; `state.json` is the engine's export; `service.json` is what the emulator held then,
a document or file a line. Nothing in them depends on time, machine or chance.
"""

from __future__ import annotations

import base64
import json
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version
from provider.tools.emulators import Serving, serve
from tests.stacks.cli import NOBODY, Project

from pulumi_partnercenter._resource import load
from pulumi_partnercenter.emulator.state import Clock, Document, Store

FOLDER = Path(__file__).parent
SEED = 1
NOW = 1_795_000_000.0
"""The emulator's time, in which nothing passes; seconds since the epoch."""
OF_THE_DAY = ("created", "modified", "sourcePosition", "stackTrace")
ANY_SALT = "v1:ix5Yn+6QNWk=:v1:6dJNCfhQvtElJk6H:a+wJVsNLmc46938KJsRUCA2DEOlfzA=="
"""Of the empty passphrase."""
ANY_GUID = "00000000-0000-4000-8000-000000000000"

State = dict[str, Any]
"""As `pulumi stack export` has it, normalised."""
Service = list[dict[str, Any]]
"""The emulator's documents, and its files as `{"name", "base64"}`."""


@dataclass(frozen=True)
class Kept:
    """What a version wrote."""

    folder: Path

    @property
    def version(self) -> Version:
        return Version(self.folder.name)

    @property
    def wrote(self) -> str:
        """The program that wrote it."""
        return (self.folder / "program.py").read_text()

    @property
    def program(self) -> str:
        """The same program as this version reads it."""
        now = self.folder / "now.py"
        return now.read_text() if now.exists() else self.wrote

    def state(self) -> State:
        found: State = json.loads((self.folder / "state.json").read_text())
        return found

    def service(self) -> Service:
        return [json.loads(line) for line in (self.folder / "service.json").read_text().splitlines()]

    def keep(self, state: State, service: Service) -> None:
        (self.folder / "state.json").write_text(json.dumps(state, indent=1, ensure_ascii=False) + "\n")
        lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in service]
        (self.folder / "service.json").write_text("".join(lines))


def kept() -> list[Kept]:
    """Oldest first."""
    every = [Kept(program.parent) for program in FOLDER.glob("*/program.py")]
    return sorted(every, key=lambda each: each.version)


def written(folder: Path, program: str, package: Path | None = None) -> tuple[State, Service]:
    """What a program writes from nothing. `package`: where another version's `pulumi_partnercenter` is."""
    with serve(seed=SEED, now=lambda: NOW) as emulator:
        emulator.legacy_test_drive()
        project = project_of(folder, program, emulator.url)
        if package:
            project.env["PYTHONPATH"] = str(package)
        project.up().well()
        state = normal(json.loads(project.run("stack", "export", "--show-secrets").well().text))
        return state, _held(emulator)


def project_of(folder: Path, program: str, endpoint: str = NOBODY) -> Project:
    """A stack of its own, with the files that the programs upload."""
    project = Project.of(folder, program, endpoint)
    shutil.copytree(FOLDER / "assets", folder / "assets")
    return project.select()


@contextmanager
def serving(folder: Path, service: Service) -> Iterator[Serving]:
    """An emulator that holds these documents and files."""
    store = Store(folder, seed=SEED, clock=Clock(lambda: NOW))
    for each in service:
        if "base64" in each:
            (store.files / each["name"]).write_bytes(base64.b64decode(each["base64"]))
        else:
            store.save(_document(each))
    store.close()
    with serve(data=folder, seed=SEED, now=lambda: NOW) as emulator:
        yield emulator


def _document(each: dict[str, Any]) -> Document:
    """A document of the emulator; those that earlier versions wrote have three members in place of a scope."""
    if "scope" in each:
        return Document(**each)
    members = dict(each)
    owner = [members.pop(name) for name in ("product", "variant", "instance")]
    return Document(**members, scope="/".join(owner))


def _held(emulator: Serving) -> Service:
    assert emulator.store
    documents = [vars(each) for each in emulator.store.select()]
    files = sorted(each for each in emulator.store.files.iterdir() if each.is_file())
    return documents + [
        {"name": each.name, "base64": base64.b64encode(each.read_bytes()).decode()} for each in files
    ]


class _Calling:
    """Pickled as a provider is, of any name."""

    def __init__(self, known_as: str) -> None:
        self._known_as = known_as

    def __reduce__(self) -> tuple[object, ...]:
        return load, (self._known_as,)


def payload(known_as: str) -> str:
    """What a version that has this class writes for its provider."""
    return base64.b64encode(pickle.dumps(_Calling(known_as), protocol=4)).decode()


def normal(state: State) -> State:
    """Without what differs from run to run. Secrets are readable: the engine encrypts them when it imports them."""
    deployment = state["deployment"]
    deployment["manifest"]["time"] = "2026-01-01T00:00:00Z"
    deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": ANY_SALT}}
    (host,) = [each["id"] for each in deployment["resources"] if each["type"].startswith("pulumi:providers:")]
    for each in deployment["resources"]:
        for name in OF_THE_DAY:
            each.pop(name, None)
        for dependencies in (each.get("dependencies", []), *each.get("propertyDependencies", {}).values()):
            (dependencies or []).sort()
    found: State = json.loads(json.dumps(state).replace(host, ANY_GUID))
    return found
