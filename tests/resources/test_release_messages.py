"""What the runs of a release say: true, and about one offer."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.harness import Stack
from tests.resources.test_app_release import add_live_offer, build, offer, release
from tests.unit.app_files import build_app

from pulumi_partnercenter import JobTimeout

__all__ = ["build", "offer"]

OTHER = "11111111-2222-4333-8444-555555555555"


def test_equal_apps_of_two_offers_are_told_apart(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {
        "austria": release(offer, build)["release"],
        "denmark": release(OTHER, build)["release"],
    }
    stack.preview(both)
    end = "Ledger 2.0.0.0 by Contoso: goes to preview, unless the service has it already"
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == sorted(f"offer {product}: {end}" for product in (offer, OTHER))
    stack.up(release(offer, build))
    assert f"offer {offer}: Ledger 2.0.0.0: preview\n" in capsys.readouterr().out


def test_a_release_that_moves_to_another_offer_says_nothing_of_the_former_submission(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(release(offer, build))
    capsys.readouterr()
    stack.preview(release(OTHER, build))
    end = "Ledger 2.0.0.0 by Contoso: goes to preview, unless the service has it already"
    assert capsys.readouterr().out == f"offer {OTHER}: {end}\n"


def test_the_end_of_a_hotfix_is_remarked_with_what_becomes_of_the_version(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(release(offer, build, keeps_version=True))
    remark = "without keeps_version, customers see version {}: `up` refuses it if they see a higher one"
    for version in ("2.0.0.0", "2.1.0.0"):
        (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", version))
        capsys.readouterr()
        stack.preview(release(offer, build))
        assert f"warning: {remark.format(version)}\n" in capsys.readouterr().out


def test_a_version_with_other_content_than_the_released_one_is_remarked(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "libraries").mkdir()
    (build / "libraries/Base.app").write_bytes(build_app("Base"))
    stack.up(release(offer, build))
    capsys.readouterr()
    stack.preview(release(offer, build, libraries=[str(build / "libraries/Base.app")]))
    assert "warning" not in capsys.readouterr().out
    (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.0.0.0", needs={"Microsoft": "1.0.0.0"}))
    stack.preview(release(offer, build))
    assert "warning: version 2.0.0.0 was released before, with other content\n" in capsys.readouterr().out


def test_a_refresh_reports_that_a_release_is_live_and_reports_it_once(
    offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.decide("certification", "hold")
    stack.up(release(offer, build, target="live"))
    emulator.decide("certification", "pass")
    capsys.readouterr()
    stack.refresh()
    assert capsys.readouterr().out == f"offer {offer}: Ledger 2.0.0.0: live\n"
    stack.refresh()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("libraries", "headline", "missing"),
    [
        (
            [],
            "Ledger 2.0.0.0 by Contoso without libraries: goes to preview",
            ["Base 1.0.0.0", "Common 1.0.0.0"],
        ),
        (
            ["Base"],
            "Ledger 2.0.0.0 by Contoso with Base 1.0.0.0 by Contoso: goes to preview",
            ["Common 1.0.0.0"],
        ),
    ],
)
def test_libraries_that_a_release_loses_are_named(
    libraries: list[str],
    headline: str,
    missing: list[str],
    offer: str,
    build: Path,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (build / "libraries").mkdir()
    files = {name: build / "libraries" / f"{name}.app" for name in ("Base", "Common")}
    for name, file in files.items():
        file.write_bytes(build_app(name))
    stack.up(release(offer, build, libraries=list(map(str, files.values()))))
    capsys.readouterr()
    stack.preview(release(offer, build, libraries=[str(files[name]) for name in libraries]))
    loss = "warning: library {} was there before, and no manifest has it now"
    assert capsys.readouterr().out.splitlines() == [
        f"offer {offer}: {headline}",
        *(f"offer {offer}: Ledger 2.0.0.0: {loss.format(library)}" for library in missing),
    ]


@pytest.mark.parametrize(
    ("stage", "arguments", "end"),
    [
        ("validation", {}, "if it is still on the way to preview, has to end first"),
        (
            "validation",
            {"replaces_running": True},
            "if it is still on the way to preview, is cancelled for it",
        ),
        ("certification", {"replaces_running": True}, "if it is still in certification, has to end first"),
    ],
)
def test_a_preview_says_what_a_newer_build_does_about_the_former_one_on_its_way(
    stage: str,
    arguments: dict[str, bool],
    end: str,
    build: Path,
    stack: Stack,
    emulator: RunningEmulator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    product = add_live_offer(emulator)
    emulator.decide(stage, "hold")
    if stage == "certification":
        emulator.decide("validation", "pass")
    stack.up(release(product, build, target="live", wait_minutes=0))
    (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.1.0.0"))
    capsys.readouterr()
    stack.preview(release(product, build, target="live", wait_minutes=0, **arguments))
    submission = stack.state["release"].outputs["submission"]
    head = f"offer {product}: Ledger 2.1.0.0 by Contoso: goes to preview, then live"
    assert capsys.readouterr().out == f"{head}; submission {submission}, {end}\n"


@pytest.mark.parametrize(
    ("is_own", "advice"),
    [
        (True, "wait, or set replaces_running=True, which cancels it;"),
        (False, "wait, or cancel it in Partner Center;"),
    ],
)
def test_a_running_submission_is_cancelled_by_the_program_only_if_it_sent_it(
    is_own: bool, advice: str, build: Path, stack: Stack, emulator: RunningEmulator
) -> None:
    product, arguments = add_live_offer(emulator), {"wait_minutes": 0, "replaces_running": not is_own}
    emulator.decide("validation", "hold")
    stack.up(release(product, build, **arguments))
    if not is_own:
        stack.forget()
    (build / "Contoso_Ledger.app").write_bytes(build_app("Ledger", "2.1.0.0"))
    with pytest.raises(JobTimeout) as error:
        stack.up(release(product, build, **arguments))
    assert advice in str(error.value)
