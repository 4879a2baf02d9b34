"""An offer in an emulator, brought as far as a test needs it by the resources themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provider.tools.emulators import Serving
from tests.resources.complete import complete, files
from tests.resources.examples import configured
from tests.resources.harness import Declared, Program, Stack

OFFER = "contoso-archive"


@dataclass
class Publisher:
    """Declares an offer that lacks nothing; each method is an `up`."""

    stack: Stack
    program: Program

    @classmethod
    def of(cls, emulator: Serving, folder: Path, *plans: str) -> Publisher:
        return cls(Stack(configured(emulator)), complete(files(folder / "assets"), *plans))

    @property
    def product(self) -> str:
        return self.stack.state["offer"].id

    def change(self, name: str, **arguments: Any) -> None:
        declared = self.program[name]
        changed = replace(declared, arguments={**declared.arguments, **arguments})
        self.program = {**self.program, name: changed}

    def add(self, name: str, declared: Declared) -> None:
        """In front of the submission, which names what it had from the start."""
        parts = dict(self.program)
        submission = parts.pop("submission")
        self.program = {**parts, name: declared, "submission": submission}

    def remove(self, name: str) -> None:
        self.program = {each: declared for each, declared in self.program.items() if each != name}

    def draft(self) -> None:
        """Everything but the submission."""
        self.stack.up({name: each for name, each in self.program.items() if name != "submission"})

    def preview(self) -> None:
        self.stack.up(self.program)

    def live(self) -> None:
        """Once in preview: promoted, certified at once and seen."""
        self.change("submission", target="live")
        self.stack.up(self.program)
        self.stack.up(self.program)
        self.change("submission", target="preview")
