"""Pages of `show --html`, and previews of programs as its input."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.command import Command
from tests.cli.publisher import OFFER

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""An unknown string, as the engine prints it."""
TYPE_PREFIX = "pulumi-python:dynamic/partnercenter:"


def text_of(page: str) -> str:
    """Text of a page without tags, with single spaces."""
    body = page.partition("<body>")[2]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", body)).split())


def write_page(partnercenter: Command, *options: str | Path, offer: str = OFFER, **env: str) -> str:
    path = partnercenter.folder / "listing.html"
    result = partnercenter("show", offer, "--html", path, *options, **env).expect_success()
    assert result.out == f"Written to {path}\n"
    return path.read_text(encoding="utf-8")


@dataclass
class ProgramPreview:
    """Output of `pulumi preview --json --show-sames`, as the engine writes it."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)

    def add(
        self,
        type: str,
        label: str,
        /,
        op: str = "create",
        before: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> None:
        """Add a step. `offer` and `plan` are names of resources. `before`: changed inputs with their old values."""
        references = {
            argument: [self.urn(owner, inputs[argument])]
            for argument, owner in (("offer", "Offer"), ("plan", "Plan"))
            if argument in inputs
        }
        inputs |= dict.fromkeys(
            references, UNKNOWN if op == "create" else "11111111-1111-4111-8111-111111111111"
        )
        state = {"type": f"{TYPE_PREFIX}{type}", "inputs": inputs, "propertyDependencies": references}
        old_state = {**state, "inputs": inputs | (before or {})}
        states = {"create": {"newState": state}, "delete": {"oldState": old_state}}
        both = {"newState": state, "oldState": old_state}
        self.steps.append({"op": op, "urn": self.urn(type, label), **states.get(op, both)})

    def urn(self, type: str, label: str) -> str:
        return f"urn:pulumi:dev::contoso::{TYPE_PREFIX}{type}::{label}"

    def write(self, folder: Path) -> Path:
        path = folder / "preview.json"
        summary: dict[str, int] = {}
        for step in self.steps:
            summary[step["op"]] = summary.get(step["op"], 0) + 1
        path.write_text(json.dumps({"steps": self.steps, "changeSummary": summary, **self.document}))
        return path


def offer_preview(op: str = "create", **listing: Any) -> ProgramPreview:
    """Preview of a program with an offer and its listing."""
    preview = ProgramPreview()
    preview.add(
        "Offer", "archive", op, offer_id=OFFER, offer_type="AzureApplication", alias="Contoso Archive"
    )
    preview.add("OfferListing", "archive", op, **{"offer": "archive", "title": "Contoso Archive", **listing})
    return preview
