"""The apps of a release beside each other, and beside those of the former release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.resources.harness import CheckFailed, Program, Stack
from tests.resources.test_app_release import build, offer, release
from tests.unit.app_files import build_app, build_header

__all__ = ["build", "offer"]


def read_warnings(output: str) -> list[str]:
    """Return the warnings of a preview, each without the name of its release."""
    return [line.partition("warning: ")[2] for line in output.splitlines() if "warning: " in line]


def write_apps(build: Path, app: bytes, **libraries: bytes) -> None:
    (build / "Contoso_Ledger.app").write_bytes(app)
    (build / "dependencies").mkdir(exist_ok=True)
    for name, data in libraries.items():
        (build / "dependencies" / f"{name}.app").write_bytes(data)


def release_with_libraries(offer: str, build: Path, **arguments: Any) -> Program:
    return release(offer, build, **{"libraries": f"{build}/dependencies", **arguments})


@pytest.mark.parametrize(
    ("app", "base", "message"),
    [
        (
            build_app(version="2.0.0.0", needs={"Base": "3.0.0.1"}),
            build_app("Base", "3.0.0.0"),
            "libraries: Ledger 2.0.0.0 needs Base 3.0.0.1 or later: it is 3.0.0.0 here",
        ),
        (
            build_app(version="2.0.0.0", needs={"Base": "1.0.0.0"}),
            build_app("Base", needs={"Ledger": "1.0.0.0"}),
            "apps that need each other can never be installed",
        ),
        (
            build_app(version="2.0.0.0"),
            build_app(version="1.0.0.0"),
            "libraries: Ledger 2.0.0.0 and Ledger 1.0.0.0: an app can be in a release once",
        ),
        (
            build_app(version="2.0.0.0"),
            build_app(version="2.0.0.0"),
            "libraries: Ledger 2.0.0.0 and Ledger 2.0.0.0: an app can be in a release once",
        ),
    ],
)
def test_apps_that_cannot_be_installed_are_refused_in_the_preview(
    app: bytes, base: bytes, message: str, offer: str, build: Path, stack: Stack
) -> None:
    write_apps(build, app, Base=base)
    with pytest.raises(CheckFailed) as refusal:
        stack.preview(release_with_libraries(offer, build))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("needed", "publisher", "is_remarked"),
    [("Base", "Contoso", False), ("Other", "Contoso", True), ("Other", "Fabrikam", False)],
)
def test_an_app_of_the_publisher_that_no_library_is_is_remarked(
    needed: str,
    publisher: str,
    is_remarked: bool,
    offer: str,
    build: Path,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = build_app(version="2.0.0.0", needs={needed: "1.0.0.0"}, needs_publisher=publisher)
    write_apps(build, app, Base=build_app("Base"))
    stack.preview(release_with_libraries(offer, build))
    remark = f"warning: Ledger 2.0.0.0 needs {needed} 1.0.0.0, which is not among its libraries"
    assert (remark in capsys.readouterr().out) == is_remarked


def test_an_app_of_microsoft_needs_no_library(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    app = build_app(publisher="Microsoft", needs={"Base": "1.0.0.0"}, needs_publisher="Microsoft")
    write_apps(build, app, Common=build_app("Common"))
    stack.preview(release_with_libraries(offer, build))
    assert "warning" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("newer", "warnings"),
    [
        (
            build_app(version="2.1.0.0", needs={"Base": "4.0.0.0"}),
            ["Ledger 2.1.0.0 needs Base 4.0.0.0, and the libraries of the former release have 3.0.0.0"],
        ),
        (
            build_app("Base", "3.1.0.0"),
            [
                "this is another app than before (Ledger); the app of a published offer cannot change",
                "Base is also among the libraries of the former release, which stay",
            ],
        ),
        (build_app(version="2.1.0.0", needs={"Base": "3.0.0.0"}), []),
    ],
)
def test_an_app_is_compared_with_the_libraries_that_stay(
    newer: bytes,
    warnings: list[str],
    offer: str,
    build: Path,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_apps(build, build_app(version="2.0.0.0"), Base=build_app("Base", "3.0.0.0"))
    stack.up(release_with_libraries(offer, build))
    assert stack.up(release(offer, build)) == {}
    write_apps(build, newer)
    capsys.readouterr()
    stack.preview(release(offer, build))
    output = capsys.readouterr().out
    assert read_warnings(output) == warnings
    assert " with Base 3.0.0.0 by Contoso: goes to preview" in output
    stack.preview(release(offer, build, libraries=[]))
    assert "Base is also" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("newer", "base", "warnings"),
    [
        (
            build_app(version="2.1.0.0", publisher="Fabrikam"),
            build_app("Base", "3.0.0.0"),
            ["the publisher was Contoso"],
        ),
        (
            build_app("Payroll", "2.1.0.0"),
            build_app("Base", "3.0.0.0"),
            ["this is another app than before (Ledger); the app of a published offer cannot change"],
        ),
        (
            build_app(version="2.1.0.0"),
            build_app("Base", "2.9.0.0"),
            ["library Base: version 2.9.0.0 is below 3.0.0.0"],
        ),
        (
            build_app(version="2.1.0.0"),
            build_app("Base", "3.0.0.0", publisher="Fabrikam"),
            ["library Base: the publisher was Contoso"],
        ),
        (
            build_app(version="2.1.0.0"),
            build_app("Common"),
            ["library Base 3.0.0.0 was there before, and no manifest has it now"],
        ),
    ],
)
def test_main_app_and_libraries_are_compared_with_the_former_ones(
    newer: bytes,
    base: bytes,
    warnings: list[str],
    offer: str,
    build: Path,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_apps(build, build_app(version="2.0.0.0"), Base=build_app("Base", "3.0.0.0"))
    stack.up(release_with_libraries(offer, build))
    write_apps(build, newer, Base=base)
    capsys.readouterr()
    stack.preview(release_with_libraries(offer, build))
    assert read_warnings(capsys.readouterr().out) == warnings


def test_a_runtime_package_is_not_compared(
    offer: str, build: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    write_apps(build, build_header(b".NEA"), Base=build_app("Base", "3.0.0.0"))
    stack.up(release_with_libraries(offer, build, version="2.0.0.0"))
    assert f"offer {offer}: app 2.0.0.0: " in capsys.readouterr().out
    write_apps(build, build_app(version="2.1.0.0", needs={"Base": "3.0.0.0"}))
    capsys.readouterr()
    stack.preview(release(offer, build))
    assert "warning" not in capsys.readouterr().out
