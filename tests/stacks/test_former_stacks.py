"""Stacks of this repository that were deployed when their programs declared resources instead of components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import Project

LOGOS = ("small", "medium", "large", "wide")
BOTH, PLANS = ("archive", "starter"), ("standard", "enterprise", "starter")
FORMER_NAMES: dict[str, tuple[str, ...]] = {
    "Offer": BOTH,
    "OfferListing": BOTH,
    "OfferProperties": BOTH,
    "OfferSetup": BOTH,
    "OfferTechnicalConfiguration": ("archive",),
    "Package": BOTH,
    "PreviewAudience": BOTH,
    "ResellerChannel": BOTH,
    "Submission": BOTH,
    "ListingImage": (*(f"{offer}-{size}" for offer in BOTH for size in LOGOS), "archive-screenshot"),
    "Plan": PLANS,
    "PlanListing": PLANS,
    "PlanPackage": PLANS,
    "PlanPricing": PLANS,
}
"""Names of the resources in a former stack `sandbox`: all resources of Partner Center, without parents."""


def former_name(class_name: str, name: str) -> str:
    """Return the former name of a present resource."""
    component, *parts = name.split("-")
    if class_name == "ListingImage":
        return f"{component}-{parts[-1]}"
    return parts[0] if class_name.startswith("Plan") else component


def without_components(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state as the former program wrote it."""
    deployment = state["deployment"]
    components = [entry for entry in deployment["resources"] if ":components:" in entry["type"]]
    deployment["resources"] = [entry for entry in deployment["resources"] if entry not in components]
    former: dict[str, list[str]] = {}
    text = json.dumps(state)
    for entry in deployment["resources"]:
        prefix, types, name = entry["urn"].rsplit("::", 2)
        class_name = entry["type"].rpartition(":")[2]
        if "$" in types:
            was = former_name(class_name, name)
            former.setdefault(class_name, []).append(was)
            for now, then in (
                (entry["urn"], f"{prefix}::{entry['type']}::{was}"),
                (f"{class_name} {name}", f"{class_name} {was}"),
            ):
                text = text.replace(f'"{now}"', f'"{then}"')
            published = f'"kind": "{class_name}", "name": '
            text = text.replace(f'{published}"{name}"', f'{published}"{was}"')
    assert {name: sorted(names) for name, names in former.items()} == {
        name: sorted(names) for name, names in FORMER_NAMES.items()
    }
    (stack,) = [entry["urn"] for entry in deployment["resources"] if entry["type"] == "pulumi:pulumi:Stack"]
    for component in components:
        text = text.replace(f'"parent": "{component["urn"]}"', f'"parent": "{stack}"')
    former_state: dict[str, Any] = json.loads(text)
    return former_state


@pytest.mark.soak
def test_a_deployed_sandbox_keeps_every_object_and_asks_for_nothing(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    project = Project.shipped(tmp_path / "project", emulator.url).select()
    project.up().expect_success()
    before, outputs = emulator.state(), project.outputs()
    state = without_components(
        json.loads(project.run("stack", "export", "--show-secrets").expect_success().text)
    )
    assert "archive-listing" not in json.dumps(state)
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state))
    project.run("stack", "import", "--file", str(file)).expect_success()
    emulator.clear()

    assert project.up().expect_success().counts == {"created": 2, "unchanged": 39}, (
        "only the components are new"
    )
    assert not emulator.requests()
    assert (emulator.state(), project.outputs()) == (before, outputs)
    project.preview("--expect-no-changes").expect_success()
