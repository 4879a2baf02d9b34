"""An offer in an emulator, published by its resources to the stage that a test needs."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from provider.tools.emulators import RunningEmulator
from tests.resources.complete import complete_program, write_files
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import ListingImage, OfferListing
from pulumi_partnercenter.emulator.state import Snapshot

OFFER = "contoso-archive"
TITLE, SECOND_TITLE, VAULT = "Contoso Archive", "Contoso Archive, the second", "Contoso Vault"


@dataclass
class Publisher:
    """The program of a complete offer, its stack and the folder of its files."""

    stack: Stack
    program: Program
    assets: Path

    @classmethod
    def create(cls, emulator: RunningEmulator, folder: Path, *plans: str) -> Publisher:
        assets = write_files(folder / "assets")
        return cls(Stack(emulator_config(emulator)), complete_program(assets, *plans), assets)

    @property
    def product(self) -> str:
        return self.stack.state["offer"].id

    def change(self, name: str, **arguments: Any) -> None:
        declaration = self.program[name]
        changed_declaration = replace(declaration, arguments={**declaration.arguments, **arguments})
        self.program = {**self.program, name: changed_declaration}

    def add(self, name: str, declaration: Declaration) -> None:
        """Add a declaration before the submission, and keep the submission's arguments."""
        declarations = dict(self.program)
        submission = declarations.pop("submission")
        self.program = {**declarations, name: declaration, "submission": submission}

    def remove(self, name: str) -> None:
        self.program = {other: declaration for other, declaration in self.program.items() if other != name}

    def save_draft(self) -> None:
        """Apply everything except the submission."""
        self.stack.up(
            {name: declaration for name, declaration in self.program.items() if name != "submission"}
        )

    def publish_preview(self) -> None:
        self.stack.up(self.program)

    def publish_live(self) -> None:
        """Publish to preview, then live; the second `up` records the certified submission."""
        self.change("submission", target="live")
        self.stack.up(self.program)
        self.stack.up(self.program)
        self.change("submission", target="preview")


@dataclass(frozen=True)
class SavedPublisher:
    """A publisher, and the documents of its emulator: what many tests begin with."""

    publisher: Publisher
    documents: Snapshot

    def restore(self, emulator: RunningEmulator) -> Publisher:
        emulator.restore(self.documents)
        return deepcopy(self.publisher)


def publish_stages(emulator: RunningEmulator, folder: Path) -> Publisher:
    """Publish an offer whose stages differ in titles, a language, an image and the terms of a plan."""
    publisher = Publisher.create(emulator, folder)
    Image.new("RGB", (1280, 720), "navy").save(folder / "screen.png")
    offer = {"offer": Ref("offer")}
    screen = {**offer, "kind": "AzureLogoScreenshot", "source": str(folder / "screen.png")}
    publisher.add("screen", Declaration(ListingImage, screen))
    publisher.publish_live()
    publisher.change("listing", title=SECOND_TITLE)
    german = {**offer, "language": "de-de", "title": "Contoso Archiv"}
    publisher.add("german", Declaration(OfferListing, german))
    emulator.decide("validation", "pass")  # the listing has only a title, which automated validation refuses
    publisher.publish_preview()
    publisher.remove("screen")
    publisher.change("listing", title=VAULT)
    publisher.change("gold-pricing", is_hidden=True)
    publisher.change("reseller", state="Disabled")
    publisher.save_draft()
    return publisher
