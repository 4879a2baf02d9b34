"""What an emulator's publications and drafts hold of a program's content, read from its state."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from provider.tools.emulators import Serving
from tests.resources.complete import LOGOS, TEMPLATE, complete, files, publishing
from tests.resources.harness import Declared, Program

from pulumi_partnercenter.emulator.state import Store
from pulumi_partnercenter.emulator.submission.scopes import instance_of, variant_of

__all__ = [
    "LOGO",
    "Chosen",
    "Held",
    "Shop",
    "counts",
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


def pair(submission: Mapping[str, Any]) -> tuple[str, str]:
    return submission["state"], submission["substate"]


def is_live(submission: Mapping[str, Any]) -> bool:
    return pair(submission) == LIVE


def was_promoted(submission: Mapping[str, Any]) -> bool:
    return submission["targets"] == [{"type": "Scope", "value": "Live"}]


def is_failed(submission: Mapping[str, Any]) -> bool:
    return submission["substate"] in FAILED


def is_over(submission: Mapping[str, Any]) -> bool:
    """Whether its content has to be submitted anew: it failed, or somebody cancelled it."""
    return is_failed(submission) or submission["state"] == "Cancelled"


def counts(submission: Mapping[str, Any]) -> bool:
    """On its way, in preview or live."""
    return not is_over(submission) and submission["state"] not in OVER


def is_busy(submission: Mapping[str, Any]) -> bool:
    """The clients' predicate (reference 6.1), for any of a product's submissions."""
    return counts(submission) and pair(submission) not in (LIVE, READY)


@dataclass(frozen=True)
class Chosen:
    """What a program says, where programs of these tests differ."""

    title: str = "Contoso Archive"
    plan: str = "Gold"
    amount: int = 49
    color: str = "navy"
    package: str = "one"
    version: str = "1.0.0"


def _next(known: Sequence[str], value: str) -> str:
    return known[(known.index(value) + 1) % len(known)]


def _other_package(chosen: Chosen) -> Chosen:
    """A version grows with its package."""
    version = f"1.0.{int(chosen.version.rpartition('.')[2]) + 1}"
    return replace(chosen, package=_next(["one", "two", "three"], chosen.package), version=version)


EDITS: Mapping[str, Callable[[Chosen], Chosen]] = {
    "logo": lambda chosen: replace(chosen, color=_next(["navy", "teal", "olive"], chosen.color)),
    "none": lambda chosen: chosen,
    "package": _other_package,
    "plan": lambda chosen: replace(chosen, plan=_next(["Gold", "Au"], chosen.plan)),
    "title": lambda chosen: replace(chosen, title=_next(["Contoso Archive", "Contoso Vault"], chosen.title)),
}


@dataclass(frozen=True)
class Held:
    """The same as the service has it; files by their bytes, a package by the name that tells its content."""

    title: str
    plan: str
    amount: float
    logo: str
    package: str
    version: str


class Shop:
    """Files and programs to choose from; and what an emulator holds in their place."""

    def __init__(self, folder: Path, emulator: Serving) -> None:
        assert emulator.store is not None, "the emulator runs in this process"
        self.folder, self.emulator = files(folder), emulator
        self.store: Store = emulator.store

    def program(self, chosen: Chosen, **submission: Any) -> Program:
        """`submission` are arguments of the publication."""
        parts = complete(self.folder)
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
        return parts | {"submission": publishing(parts, **submission)}

    def logo(self, color: str) -> Path:
        path = self.folder / f"{color}.png"
        if not path.exists():
            Image.new("RGB", LOGOS[LOGO], color).save(path)
        return path

    def application(self, name: str) -> Path:
        """The same folder's name for every content, as in a checkout that moves on."""
        path = self.folder / name / "app"
        if not path.exists():
            path.mkdir(parents=True)
            outputs = {"edition": {"type": "string", "value": name}}
            (path / "mainTemplate.json").write_text(json.dumps({**TEMPLATE, "outputs": outputs}))
            form = self.folder / "app" / "createUiDefinition.json"
            (path / form.name).write_bytes(form.read_bytes())
        return path

    def wanted(self, chosen: Chosen, package: str) -> Held:
        """What the service has to hold; `package` is the digest of the chosen package."""
        logo = _md5(self.logo(chosen.color).read_bytes())
        name = f"app-{package.removeprefix('sha256:')[:12]}.zip"
        return Held(chosen.title, chosen.plan, chosen.amount, logo, name, chosen.version)

    def drafts(self) -> Held:
        return self._held(
            {(variant_of(each), each.natural_key): instance_of(each) for each in self._all("branch")}
        )

    def held(self, submission: Mapping[str, Any]) -> Held:
        """What a publication shows: the frozen documents that it names."""
        sent = {("", each["type"]): each["value"] for each in submission["resources"]}
        for plan in submission.get("variantResources", []):
            sent |= {(plan["variantID"], each["type"]): each["value"] for each in plan["resources"]}
        return self._held(sent)

    def draft_images(self) -> list[dict[str, Any]]:
        """Every row of the listing's present draft."""
        (listing,) = [
            instance_of(each)
            for each in self._all("branch")
            if (variant_of(each), each.natural_key) == ("", "Listing")
        ]
        return [each.body for each in self._all("listingimage") if instance_of(each) == listing]

    def _held(self, instances: Mapping[tuple[str, str], str]) -> Held:
        (plan,) = {variant for variant, _ in instances if variant}
        configuration = self._document("packageconfiguration", instances[plan, "Package"])
        (reference,) = configuration["packageReferences"]
        package = self.store.find("package", reference["value"])
        (schedule,) = self._document("featureavailability", instances[plan, "Availability"])["priceSchedules"]
        logos = [
            self._hash(each.body)
            for each in self._all("listingimage")
            if instance_of(each) == instances["", "Listing"] and each.body["type"] == LOGO
        ]
        return Held(
            self._document("listing", instances["", "Listing"])["title"],
            self._document("listing", instances[plan, "Listing"])["title"],
            schedule["schedules"][0]["retailPrice"]["openPrice"],
            "+".join(sorted(logos)),
            package.body["fileName"] if package else "lost",
            configuration["version"],
        )

    def _document(self, kind: str, instance: str) -> dict[str, Any]:
        (found,) = [each.body for each in self._all(kind) if instance_of(each) == instance]
        return found

    def _hash(self, image: Mapping[str, Any]) -> str:
        blob = self.store.find("blob", image["@file"]["blob"])
        return blob.body.get("md5", "empty") if blob else "lost"

    def _all(self, kind: str) -> list[Any]:
        return self.store.select(kind)


def changed(program: Program, name: str, **arguments: Any) -> dict[str, Declared]:
    declared = program[name]
    return {**program, name: replace(declared, arguments={**declared.arguments, **arguments})}


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
