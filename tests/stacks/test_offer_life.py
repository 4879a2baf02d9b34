"""The life of an offer with the real `pulumi`, from an empty account to a live offer and further versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.stacks.cli import Project

FAILED = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}


def archive_product(emulator: RunningEmulator) -> str:
    """Return the id of Contoso Archive's product."""
    (product,) = [
        product for product in emulator.state()["products"] if product["name"] == "Contoso Archive (sandbox)"
    ]
    return str(product["id"])


def list_submissions(emulator: RunningEmulator) -> list[tuple[int, str]]:
    """Return release number and substate of every submission of Contoso Archive, oldest first."""
    product = archive_product(emulator)
    return [
        (submission["releaseNumber"], submission["substate"])
        for submission in emulator.state()["submissions"]
        if submission["productID"] == product
    ]


def live_submissions(emulator: RunningEmulator) -> list[dict[str, Any]]:
    product = archive_product(emulator)
    return [
        submission
        for submission in emulator.state()["submissions"]
        if submission["productID"] == product
        and (submission["state"], submission["substate"]) == ("Published", "InStore")
    ]


@pytest.mark.soak
def test_the_whole_life_of_an_offer(tmp_path: Path, emulator: RunningEmulator) -> None:
    """Preview, live, an edit, live again, failed certification, correction, live, destroy."""
    project = Project.shipped(tmp_path / "project", emulator.url).select()

    preview = project.preview().expect_success()
    assert "a new offer: will be submitted to preview" in preview.text
    assert "Package, 2 Plan, 2 PlanListing" in preview.text
    assert not emulator.requests()

    project.up().expect_success()
    assert project.outputs()["state"] == "preview"
    assert list_submissions(emulator) == [(1, "ReadyToPublish")]
    emulator.clear()
    project.up("--expect-no-changes").expect_success()
    assert not emulator.requests()

    project.run("config", "set", "offer:target", "live").expect_success()
    assert "goes live" in project.preview().expect_success().text
    project.up().expect_success()
    assert project.outputs()["state"] == "live"
    assert list_submissions(emulator) == [(1, "InStore")]
    project.up("--expect-no-changes").expect_success()

    text = project.folder / "stacks" / "assets" / "offer.html"
    text.write_text(text.read_text() + "<p>Now also for mail.</p>")
    preview = project.preview().expect_success()
    assert "OfferListing archive-listing changed: a new submission goes to preview, then live" in preview.text
    project.up().expect_success()
    assert list_submissions(emulator)[-1] == (2, "InStore")
    (published,) = live_submissions(emulator)

    emulator.decide(stage="certification", outcome="fail", items=[FAILED])
    text.write_text(text.read_text() + "<p>Now blue.</p>")
    failed = project.up().expect_failure().text
    assert "failed in certification" in failed
    assert "Listing Policy-100: Too blue." in failed
    assert "OfferListing archive-listing" in failed
    assert "report" in failed
    assert "Traceback" not in failed
    assert live_submissions(emulator) == [published]
    project.up().expect_failure()
    assert len(list_submissions(emulator)) == 3

    text.write_text(text.read_text().replace("<p>Now blue.</p>", "<p>Now green.</p>"))
    project.up().expect_success()
    assert list_submissions(emulator)[-1] == (4, "InStore")

    before = emulator.state()["submissions"]
    project.destroy().expect_success()
    assert emulator.state()["submissions"] == before
    assert len(live_submissions(emulator)) == 1


@pytest.mark.soak
def test_a_run_without_new_content_submits_nothing(tmp_path: Path, emulator: RunningEmulator) -> None:
    """Another checkout, other file times and another order of registration cause no submission."""
    project = Project.shipped(tmp_path / "project", emulator.url).select()
    project.up().expect_success()
    for file in (project.folder / "stacks" / "assets").rglob("*"):
        file.touch()
    program = project.folder / "stacks" / "managed_application.py"
    program.write_text(
        program.read_text()
        .replace('"screenshot": {', '"shot": {')
        .replace('"archive-image-screenshot": "archive-screenshot",', "")
    )
    emulator.clear()
    project.up().expect_success()
    assert [request for request in emulator.requests() if request["path"].endswith("/submissions")] == []
    assert not [request for request in emulator.requests() if request["method"] != "GET"]


@pytest.mark.soak
def test_each_up_goes_as_far_as_the_service_allows(tmp_path: Path) -> None:
    """The emulator runs at the real pace of the service; `up` does not wait for certification."""
    with serve(seed=1, pace="real") as emulator:
        project = Project.shipped(tmp_path / "project", emulator.url).select()
        for name in ("managed_application", "solution_template"):
            program = project.folder / "stacks" / f"{name}.py"
            target = 'target=config.require("target"),'
            program.write_text(
                program.read_text().replace(target, f'{target} submission={{"wait_minutes": 0}},')
            )
        project.run("config", "set", "offer:target", "live").expect_success()
        reached = []
        for seconds in (0, 300, 700, 0, 11_000):
            emulator.advance(seconds)
            project.up().expect_success()
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
        project.up("--expect-no-changes").expect_success()
        assert list_submissions(emulator) == [(1, "InStore")]
