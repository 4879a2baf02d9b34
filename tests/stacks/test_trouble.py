"""Failures with the real `pulumi`: clear messages, no needless requests, and a next run that continues."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.stacks.cli import NOBODY, Project

LISTING = 'title="Contoso Test", summary="Tests offers"'
PRICING = 'markets=["US"], prices=[{"amount": 49.0, "per": "month"}]'
BAD = {
    "bad offer id": (
        'offer_id="contoso-test"',
        'offer_id="Contoso Test"',
        "offer_id: 'Contoso Test' — 3 to 50 lowercase",
    ),
    "title too long": (
        LISTING,
        f'title="{"x" * 201}"',
        "(201 characters) — must have at most 200 characters",
    ),
    "unknown market": ('markets=["US"]', 'markets=["US", "XX"]', "markets[1]: 'XX' — is not a market"),
    "price below zero": (
        '"amount": 49.0',
        '"amount": -1',
        "prices[0].amount: -1 — must be greater than or equal to 0",
    ),
    "private plan without audience": (
        PRICING,
        f'{PRICING}, visibility="Private"',
        "subscriptions: a private plan needs an audience",
    ),
    "trial on a solution template": (
        PRICING,
        'trial={"type": "TimedAccess", "duration": 1, "unit": "Months"}',
        "trial: a solution template has no prices",
    ),
    "misspelled member": (
        '"amount": 49.0',
        '"amuont": 49.0',
        "prices[0].amuont: no such argument; did you mean amount?",
    ),
    "misspelled argument": (
        'summary="Tests',
        'sumary="Tests',
        "OfferListing 'offer': sumary: no such argument; did you mean summary?",
    ),
    "missing argument": (', alias="Contoso Test"', "", "Offer 'offer': missing a required"),
    "wrong type": ('summary="Tests offers"', "summary=5", "summary: 5 — must be a string"),
}


@pytest.mark.soak
@pytest.mark.parametrize("case", BAD)
def test_bad_input_fails_the_preview_with_a_message(
    project: Project, emulator: RunningEmulator, case: str
) -> None:
    """The message names argument, rule and value, and no request is sent."""
    old, new, words = BAD[case]
    project.edit(old, new)
    if "template" in case:
        project.edit("managed-application", "solution-template")
    failed = project.preview().expect_failure()
    assert words in failed.text
    assert "Traceback" not in failed.text
    assert not emulator.requests()


def test_a_second_resource_for_an_object_of_a_new_offer_fails_the_first_preview(
    project: Project, emulator: RunningEmulator
) -> None:
    first = "listing = partnercenter.OfferListing("
    project.edit(first, f'partnercenter.OfferListing("again", offer=offer.id, title="Contoso Test")\n{first}')
    failed = project.preview().expect_failure()
    assert "are the same offer listing (offer 'offer.id', language 'en-us')" in failed.text
    assert "remove one of them" in failed.text
    project.edit('"again", offer=offer.id', '"again", offer=offer.id, language="de-de"')
    project.preview().expect_success()
    assert not emulator.requests()


@pytest.mark.soak
def test_a_different_offer_is_not_overwritten(project: Project, emulator: RunningEmulator) -> None:
    """Refused with both values. With adopt=True the offer is overwritten, and the old value is printed."""
    project.up().expect_success()
    listing = next(listing for listing in emulator.state()["listings"] if not listing.get("variantID"))
    path = f"/v1.0/ingestion/products/{listing['productID']}/listings/{listing['id']}"
    emulator.portal(path, summary="Somebody else's words")
    project.run(
        "state", "delete", "--yes", "--target-dependents", _urn(project, "OfferListing offer")
    ).expect_success()

    failed = project.up().expect_failure()
    assert "error: AdoptionRefused: offer listing" in failed.text
    assert "summary is \"Somebody else's words\", not 'Tests offers'" in failed.text
    assert "adopt=True" in failed.text
    assert "Traceback" not in failed.text
    assert "Traceback" in project.up(PARTNERCENTER_LOG="debug").expect_failure().text

    project.edit('title="Contoso Test",', 'title="Contoso Test", adopt=True,')
    taken = project.up().expect_success()
    assert taken.counts == {"created": 1, "unchanged": 5}
    assert (
        f'offer listing {listing["productID"]}/en-us: adopt: summary was "Somebody else\'s words"'
        in taken.text
    )
    assert "becomes 'Tests offers'" in taken.text
    project.edit(" adopt=True,", "")
    assert project.up().expect_success().counts == {"unchanged": 6}


def _urn(project: Project, name: str) -> str:
    return str(project.state()[name]["urn"])


@pytest.mark.soak
def test_debug_logs_one_redacted_line_a_request(project: Project, emulator: RunningEmulator) -> None:
    text = project.up(PARTNERCENTER_LOG="debug").expect_success().text
    for request in emulator.requests():
        assert f"{request['method']} {emulator.url}{request['path']} → {request['status']} " in text
    assert "Bearer" not in text


def test_without_a_login_preview_works_and_up_says_what_to_set(
    project: Project, emulator: RunningEmulator
) -> None:
    project.endpoint = ""
    nothing = {"PARTNERCENTER_ACCESS_TOKEN": "", "PATH": str(Path("/usr/bin"))}
    project.preview(**nothing).expect_success()
    failed = project.up(**nothing).expect_failure()
    assert "AZURE_TENANT_ID" in failed.text
    assert "Traceback" not in failed.text
    assert not emulator.requests()


@pytest.mark.soak
def test_a_closed_endpoint_is_an_error_with_its_address(project: Project) -> None:
    project.endpoint = NOBODY
    failed = project.up().expect_failure()
    assert "no answer from http://127.0.0.1:9" in failed.text
    assert "Traceback" not in failed.text


@pytest.mark.soak
@pytest.mark.parametrize(
    "fault",
    [
        {"match": "POST .*/variants", "status": 500},
        {"match": "POST .*/products", "status": 503, "headers": {"Retry-After": "0"}, "times": 9},
        {"match": "POST .*/products", "drop": "after", "times": 9},
        {"match": "PUT .*/listings", "drop": "after", "times": 9},
        {"match": "GET .*/featureAvailabilities", "status": 403},
    ],
    ids=lambda fault: f"{fault['match'].split('/')[-1]} {fault.get('status', 'lost')}",
)
def test_the_run_after_a_failed_run_continues(
    project: Project, emulator: RunningEmulator, fault: dict[str, object]
) -> None:
    """No object is created twice or lost."""
    emulator.fault(**fault)  # type: ignore[arg-type]
    project.up()
    emulator.unfault()
    project.up().expect_success()
    state = emulator.state()
    assert len(state["products"]) == len(state["variants"]) == 1
    assert len(state["listings"]) == 2
    project.refresh("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_the_run_after_a_killed_plugin_succeeds(project: Project, emulator: RunningEmulator) -> None:
    """The plugin is killed after the service processed a request and before the engine received the result."""
    emulator.fault("POST .*/variants", drop="after", times=0)
    emulator.fault("GET .*/variants", after=1, delay_seconds=600)
    command, env = project.command("up", "--yes", "--skip-preview")
    running = subprocess.Popen(
        command,
        cwd=project.folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not emulator.state()["variants"]:
        assert running.poll() is None
    os.kill(_plugin_of(running.pid), signal.SIGKILL)
    assert running.wait(HANG_SECONDS) != 0
    emulator.unfault()
    project.up().expect_success()
    assert len(emulator.state()["variants"]) == 1
    project.refresh("--expect-no-changes").expect_success()


def _plugin_of(engine: int) -> int:
    """Return the process id of the dynamic provider below an engine."""
    parents, plugins = {engine}, []
    for _ in range(6):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            pid, rest = int(stat.parent.name), _text(stat).rpartition(")")[2].split()
            if rest and int(rest[1]) in parents and pid not in parents:
                parents.add(pid)
                if "pulumi.dynamic" in _text(stat.parent / "cmdline"):
                    plugins.append(pid)
    (plugin,) = plugins
    return plugin


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # the process ended meanwhile
        return ""
