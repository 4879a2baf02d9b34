"""From an empty account to a live offer and on, through the real `pulumi`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving, serve
from tests.stacks.cli import Project

FAILED = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}


def archive(emulator: Serving) -> str:
    """Id of the product of Contoso Archive."""
    (product,) = [
        each for each in emulator.state()["products"] if each["name"] == "Contoso Archive (sandbox)"
    ]
    return str(product["id"])


def runs(emulator: Serving) -> list[tuple[int, str]]:
    """Release and substate of every submission of Contoso Archive, oldest first."""
    product = archive(emulator)
    return [
        (each["releaseNumber"], each["substate"])
        for each in emulator.state()["submissions"]
        if each["productID"] == product
    ]


def live(emulator: Serving) -> list[dict[str, Any]]:
    product = archive(emulator)
    return [
        each
        for each in emulator.state()["submissions"]
        if each["productID"] == product and (each["state"], each["substate"]) == ("Published", "InStore")
    ]


def test_the_whole_life_of_an_offer(tmp_path: Path, emulator: Serving) -> None:
    """Empty, preview, live, edited, live again, failed certification, mended, live, destroyed."""
    project = Project.shipped(tmp_path / "project", emulator.url).select()

    preview = project.preview().well()
    assert "a new offer: will be submitted to preview" in preview.text
    assert "2 Plan, Package, OfferSetup" in preview.text
    assert not emulator.requests()

    project.up().well()
    assert project.outputs()["state"] == "preview"
    assert runs(emulator) == [(1, "ReadyToPublish")]
    emulator.clear()
    project.up("--expect-no-changes").well()
    assert not emulator.requests()

    project.run("config", "set", "offer:target", "live").well()
    assert "goes live" in project.preview().well().text
    project.up().well()
    assert project.outputs()["state"] == "live"
    assert runs(emulator) == [(1, "InStore")]
    project.up("--expect-no-changes").well()

    text = project.folder / "stacks" / "assets" / "offer.html"
    text.write_text(text.read_text() + "<p>Now also for mail.</p>")
    preview = project.preview().well()
    assert "OfferListing archive changed: a new submission goes to preview, then live" in preview.text
    project.up().well()
    assert runs(emulator)[-1] == (2, "InStore")
    (published,) = live(emulator)

    emulator.decide(stage="certification", outcome="fail", items=[FAILED])
    text.write_text(text.read_text() + "<p>Now blue.</p>")
    failed = project.up().badly().text
    assert "failed in certification" in failed
    assert "Listing Policy-100: Too blue." in failed
    assert "OfferListing archive" in failed
    assert "report" in failed
    assert "Traceback" not in failed
    assert live(emulator) == [published]
    project.up().badly()
    assert len(runs(emulator)) == 3

    text.write_text(text.read_text().replace("<p>Now blue.</p>", "<p>Now green.</p>"))
    project.up().well()
    assert runs(emulator)[-1] == (4, "InStore")

    before = emulator.state()["submissions"]
    project.destroy().well()
    assert emulator.state()["submissions"] == before
    assert len(live(emulator)) == 1


@pytest.mark.soak
def test_a_run_that_publishes_nothing_new_stays_silent(tmp_path: Path, emulator: Serving) -> None:
    """Other checkout, other file times, other order of registration: nothing goes out."""
    project = Project.shipped(tmp_path / "project", emulator.url).select()
    project.up().well()
    for file in (project.folder / "stacks" / "assets").rglob("*"):
        file.touch()
    program = project.folder / "stacks" / "managed_application.py"
    program.write_text(program.read_text().replace('"archive-screenshot"', '"archive-shot"'))
    emulator.clear()
    project.up().well()
    assert [each for each in emulator.requests() if each["path"].endswith("/submissions")] == []
    assert not [each for each in emulator.requests() if each["method"] != "GET"]


@pytest.mark.soak
def test_each_up_goes_as_far_as_the_service_allows(tmp_path: Path) -> None:
    """At the service's real pace, by the emulator's clock: nobody waits for certification."""
    with serve(seed=1, pace="real") as emulator:
        project = Project.shipped(tmp_path / "project", emulator.url).select()
        shared = project.folder / "stacks" / "contoso.py"
        shared.write_text(shared.read_text().replace("target=target)\n", "target=target, wait_minutes=0)\n"))
        project.run("config", "set", "offer:target", "live").well()
        reached = []
        for seconds in (0, 300, 700, 0, 11_000):
            emulator.advance(seconds)
            project.up().well()
            outputs = project.outputs()
            reached.append((outputs["state"], outputs["starter"]["state"]))
        underway = "on the way to preview"
        certified = ("in certification", "preview")
        assert reached == [
            (underway, underway),
            (underway, underway),
            certified,
            certified,
            ("live", "preview"),
        ]
        project.up("--expect-no-changes").well()
        assert runs(emulator) == [(1, "InStore")]
