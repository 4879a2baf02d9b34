"""Apps of a submission: those of its packages beside each other, and beside the version of the offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from tests.resources.harness import CheckFailed, Declaration, Program, Stack
from tests.resources.mocked import register_program
from tests.unit.app_files import build_app

from pulumi_partnercenter import OfferProperties, OfferTechnicalConfiguration, Package, Submission

OFFER = "11111111-2222-4333-8444-555555555555"


def register_submission(
    folder: Path,
    app: bytes,
    library: bytes | None,
    app_version: str | None,
    *,
    preview: bool = True,
    answers: pulumi.runtime.Mocks | None = None,
) -> dict[str, Any]:
    """Return the inputs of a submission with these apps, as the constructor makes them."""

    def program() -> None:
        packages = []
        for kind, data in {"app": app, "library": library}.items():
            if data is not None:
                (folder / f"{kind}.app").write_bytes(data)
                packages.append(Package(kind, offer=OFFER, source=str(folder / f"{kind}.app"), kind=kind))
        configuration = OfferTechnicalConfiguration(
            "configuration", offer=OFFER, packages=[package.id for package in packages]
        )
        properties = OfferProperties("properties", offer=OFFER, app_version=app_version)
        Submission("submission", offer=OFFER, publishes=[*packages, configuration, properties])

    return register_program(program, preview=preview, answers=answers)["submission"].inputs


def submission_program(inputs: dict[str, Any]) -> Program:
    return {"submission": Declaration(Submission, {**inputs, "publishes": ["a", "b"]})}


@pytest.mark.parametrize("preview", [True, False])
def test_the_constructor_knows_the_apps_and_the_version(preview: bool, tmp_path: Path) -> None:
    inputs = register_submission(
        tmp_path, build_app(version="2.0.0.0"), build_app("Base"), "2.0.0.0", preview=preview
    )
    assert inputs["app_version"] == "2.0.0.0"
    versions = {package["kind"]: package["apps"][0]["version"] for package in inputs["app_packages"]}
    assert versions == {
        "Dynamics365BusinessCentralAddOnExtensionPackage": "2.0.0.0",
        "Dynamics365BusinessCentralAddOnLibraryExtensionPackage": "1.0.0.0",
    }


class _WithoutApps(pulumi.runtime.Mocks):
    """Answers from the state of an older version, which has no apps."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        return f"{OFFER}/{OFFER}", {name: value for name, value in args.inputs.items() if name != "apps"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {}


def test_packages_of_older_versions_have_no_apps(tmp_path: Path) -> None:
    inputs = register_submission(
        tmp_path, build_app(), None, "2.0.0.0", preview=False, answers=_WithoutApps()
    )
    assert [package["apps"] for package in inputs["app_packages"]] == [[]]


def test_packages_that_are_given_by_id_are_not_judged() -> None:
    def program() -> None:
        packages = [f"{OFFER}/{OFFER}"]
        configuration = OfferTechnicalConfiguration("configuration", offer=OFFER, packages=packages)
        Submission("submission", offer=OFFER, publishes=[configuration])

    assert register_program(program)["submission"].inputs["app_packages"] == []


@pytest.mark.parametrize(
    ("app", "library", "app_version", "message"),
    [
        (
            build_app(version="2.0.0.0"),
            None,
            "1.0.0.0",
            "publishes: Ledger 2.0.0.0 is above app_version of the OfferProperties, 1.0.0.0",
        ),
        (
            build_app(version="2.0.0.0", needs={"Base": "3.0.0.0"}),
            build_app("Base", "2.0.0.0"),
            "2.0.0.0",
            "publishes: Ledger 2.0.0.0 needs Base 3.0.0.0 or later: it is 2.0.0.0 here",
        ),
        (
            build_app(version="2.0.0.0"),
            build_app(version="1.0.0.0"),
            "2.0.0.0",
            "publishes: Ledger 2.0.0.0 and Ledger 1.0.0.0: an app can be in a release once",
        ),
    ],
)
def test_apps_that_validation_refuses_are_refused_in_the_preview(
    app: bytes, library: bytes | None, app_version: str, message: str, tmp_path: Path, stack: Stack
) -> None:
    inputs = register_submission(tmp_path, app, library, app_version)
    with pytest.raises(CheckFailed) as refusal:
        stack.preview(submission_program(inputs))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("app", "app_version", "warning"),
    [
        (build_app(version="2.0.0.0"), "2.0.0.0", ""),
        (build_app(version="2.0.0.0"), None, ""),
        (build_app(version="2.0.0.0"), "", ""),
        (build_app(version="2.0.0.0"), "two", ""),
        (
            build_app(version="1.9.0.0"),
            "2.0.0.0",
            "warning: Ledger 1.9.0.0 is below app_version of the OfferProperties, 2.0.0.0",
        ),
        (
            build_app(version="2.0.0.0", needs={"Common": "1.0.0.0"}),
            "2.0.0.0",
            "warning: Ledger 2.0.0.0 needs Common 1.0.0.0, which is not among its libraries",
        ),
    ],
)
def test_what_is_unusual_is_remarked_in_the_preview(
    app: bytes,
    app_version: str | None,
    warning: str,
    tmp_path: Path,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    inputs = register_submission(tmp_path, app, build_app("Base"), app_version)
    capsys.readouterr()  # the constructors' own previews
    stack.preview(submission_program(inputs))
    output = capsys.readouterr().out
    assert warning in output
    assert output.count("warning") == bool(warning)
