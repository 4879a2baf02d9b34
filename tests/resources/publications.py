"""Content of a program, and the same content read from an emulator's submissions and drafts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from provider.tools.emulators import RunningEmulator
from tests.resources.complete import LOGOS, TEMPLATE, complete_program, submission_declaration, write_files
from tests.resources.harness import Declaration, Program

from pulumi_partnercenter.emulator.state import Store
from pulumi_partnercenter.emulator.submission.scopes import instance_of, variant_of

__all__ = [
    "LOGO",
    "Choice",
    "ContentStore",
    "PublishedContent",
    "is_active",
    "is_busy",
    "is_failed",
    "is_live",
    "is_over",
    "was_promoted",
]

LOGO = "AzureLogoLarge"
FAILED = ("Failed", "FailedInCertification")
OVER = ("Archived", "Cancelled")
LIVE, READY = ("Published", "InStore"), ("Published", "ReadyToPublish")


def state_pair(submission: Mapping[str, Any]) -> tuple[str, str]:
    return submission["state"], submission["substate"]


def is_live(submission: Mapping[str, Any]) -> bool:
    return state_pair(submission) == LIVE


def was_promoted(submission: Mapping[str, Any]) -> bool:
    return submission["targets"] == [{"type": "Scope", "value": "Live"}]


def is_failed(submission: Mapping[str, Any]) -> bool:
    return submission["substate"] in FAILED


def is_over(submission: Mapping[str, Any]) -> bool:
    """Return whether the submission failed or was cancelled, so that its content must be submitted again."""
    return is_failed(submission) or submission["state"] == "Cancelled"


def is_active(submission: Mapping[str, Any]) -> bool:
    """Return whether the submission is in progress, in preview or live."""
    return not is_over(submission) and submission["state"] not in OVER


def is_busy(submission: Mapping[str, Any]) -> bool:
    """Return whether clients treat the submission as in progress."""
    return is_active(submission) and state_pair(submission) not in (LIVE, READY)


@dataclass(frozen=True)
class Choice:
    """Content of a program: the values in which the programs of these tests differ."""

    title: str = "Contoso Archive"
    plan: str = "Gold"
    amount: int = 49
    color: str = "navy"
    package: str = "one"
    version: str = "1.0.0"


def _next(values: Sequence[str], value: str) -> str:
    return values[(values.index(value) + 1) % len(values)]


def _other_package(chosen: Choice) -> Choice:
    """Return the choice with another package and a higher version."""
    version = f"1.0.{int(chosen.version.rpartition('.')[2]) + 1}"
    return replace(chosen, package=_next(["one", "two", "three"], chosen.package), version=version)


EDITS: Mapping[str, Callable[[Choice], Choice]] = {
    "logo": lambda chosen: replace(chosen, color=_next(["navy", "teal", "olive"], chosen.color)),
    "none": lambda chosen: chosen,
    "package": _other_package,
    "plan": lambda chosen: replace(chosen, plan=_next(["Gold", "Au"], chosen.plan)),
    "title": lambda chosen: replace(chosen, title=_next(["Contoso Archive", "Contoso Vault"], chosen.title)),
}


@dataclass(frozen=True)
class PublishedContent:
    """The same content in the service. Files are identified by their bytes, a package by a name with its digest."""

    title: str
    plan: str
    amount: float
    logo: str
    package: str
    version: str


class ContentStore:
    """Files and programs to choose from, and the emulator's content for comparison."""

    def __init__(self, folder: Path, emulator: RunningEmulator) -> None:
        assert emulator.store is not None, "the emulator runs in this process"
        self.folder, self.emulator = write_files(folder), emulator
        self.store: Store = emulator.store

    def program(self, chosen: Choice, **submission: Any) -> Program:
        """Return the program of a choice. `submission` are arguments of its submission."""
        parts = complete_program(self.folder)
        for name, arguments in {
            "listing": {"title": chosen.title},
            "gold-listing": {"title": chosen.plan},
            "gold-pricing": {"prices": [{"amount": chosen.amount, "per": "month"}]},
            LOGO: {"source": str(self.logo(chosen.color))},
            "package": {"source": str(self.application(chosen.package))},
            "gold-package": {"version": chosen.version},
        }.items():
            parts = changed(parts, name, **arguments)
        del parts["submission"]
        return parts | {"submission": submission_declaration(parts, **submission)}

    def logo(self, color: str) -> Path:
        path = self.folder / f"{color}.png"
        if not path.exists():
            Image.new("RGB", LOGOS[LOGO], color).save(path)
        return path

    def application(self, name: str) -> Path:
        """Return the package's folder, whose last part is the same for every content."""
        path = self.folder / name / "app"
        if not path.exists():
            path.mkdir(parents=True)
            outputs = {"edition": {"type": "string", "value": name}}
            (path / "mainTemplate.json").write_text(json.dumps({**TEMPLATE, "outputs": outputs}))
            form = self.folder / "app" / "createUiDefinition.json"
            (path / form.name).write_bytes(form.read_bytes())
        return path

    def desired_content(self, chosen: Choice, package: str) -> PublishedContent:
        """Return the expected content. `package` is the digest of the chosen package."""
        logo = _md5(self.logo(chosen.color).read_bytes())
        name = f"app-{package.removeprefix('sha256:')[:12]}.zip"
        return PublishedContent(chosen.title, chosen.plan, chosen.amount, logo, name, chosen.version)

    def drafts(self) -> PublishedContent:
        return self._content_of_instances(
            {(variant_of(row), row.natural_key): instance_of(row) for row in self._all("branch")}
        )

    def published_content(self, submission: Mapping[str, Any]) -> PublishedContent:
        """Return the content of a submission: the frozen documents that it names."""
        instances = {("", reference["type"]): reference["value"] for reference in submission["resources"]}
        for plan in submission.get("variantResources", []):
            instances |= {
                (plan["variantID"], reference["type"]): reference["value"] for reference in plan["resources"]
            }
        return self._content_of_instances(instances)

    def draft_images(self) -> list[dict[str, Any]]:
        """Return every image of the listing's present draft."""
        (listing,) = [
            instance_of(row)
            for row in self._all("branch")
            if (variant_of(row), row.natural_key) == ("", "Listing")
        ]
        return [row.body for row in self._all("listingimage") if instance_of(row) == listing]

    def _content_of_instances(self, instances: Mapping[tuple[str, str], str]) -> PublishedContent:
        (plan,) = {variant for variant, _ in instances if variant}
        configuration = self._document("packageconfiguration", instances[plan, "Package"])
        (reference,) = configuration["packageReferences"]
        package = self.store.find("package", reference["value"])
        (schedule,) = self._document("featureavailability", instances[plan, "Availability"])["priceSchedules"]
        logos = [
            self._hash(row.body)
            for row in self._all("listingimage")
            if instance_of(row) == instances["", "Listing"] and row.body["type"] == LOGO
        ]
        return PublishedContent(
            self._document("listing", instances["", "Listing"])["title"],
            self._document("listing", instances[plan, "Listing"])["title"],
            schedule["schedules"][0]["retailPrice"]["openPrice"],
            "+".join(sorted(logos)),
            package.body["fileName"] if package else "lost",
            configuration["version"],
        )

    def _document(self, kind: str, instance: str) -> dict[str, Any]:
        (body,) = [row.body for row in self._all(kind) if instance_of(row) == instance]
        return body

    def _hash(self, image: Mapping[str, Any]) -> str:
        blob = self.store.find("blob", image["@file"]["blob"])
        return blob.body.get("md5", "empty") if blob else "lost"

    def _all(self, kind: str) -> list[Any]:
        return self.store.select(kind)


def changed(program: Program, name: str, **arguments: Any) -> dict[str, Declaration]:
    declaration = program[name]
    return {**program, name: replace(declaration, arguments={**declaration.arguments, **arguments})}


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
