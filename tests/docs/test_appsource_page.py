"""The programs of the page about AppSource offers go live with the real engine; a wrong argument is refused before."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import serve
from tests.docs.page_blocks import read_blocks
from tests.docs.programs import DOCS, OFFLINE, SECRETS, configure, create_combined_project
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

PROGRAMS = dict(
    zip(
        ("routes", "harvest", "decisions", "bridge"),
        (block.text for block in read_blocks(DOCS / "appsource.md") if block.kind == "python"),
        strict=True,
    )
)
"""By the name of their resources: an offer of Customer Engagement, of Operations, SaaS and Connect."""


def forget(project: Project) -> None:
    """Delete the stack and its state, and create it again; remote objects stay."""
    project.run("stack", "rm", "--force", "--yes").expect_success()
    project.select()
    configure(project, "--secret", SECRETS)
    configure(project, "--plaintext", {"target": "live"})


def test_the_programs_go_from_nothing_to_live_then_request_nothing_and_are_adopted(tmp_path: Path) -> None:
    with serve(seed=1) as emulator:
        project = create_combined_project(tmp_path / "project", PROGRAMS)
        project.endpoint = emulator.url
        configure(project, "--plaintext", {"target": "live"})
        output = project.up().expect_success().text
        output += project.up().expect_success().text
        state = project.state()
        assert {name: state[f"Submission {name}"]["outputs"]["state"] for name in PROGRAMS} == dict.fromkeys(
            PROGRAMS, "live"
        )
        emulator.clear()
        project.up("--expect-no-changes").expect_success()
        assert emulator.requests() == []
        output += project.refresh("--expect-no-changes").expect_success().text
        forget(project)
        emulator.clear()
        output += project.up().expect_success().text
        assert write_requests(emulator) == []
    stored = project.run("stack", "export").expect_success().text
    for secret in (SECRETS["packageUrl"], SECRETS["hideKey"]):
        assert secret not in output + stored


@pytest.mark.parametrize(
    ("name", "argument", "mistake", "message"),
    [
        (
            "routes",
            'package_url=config.require_secret("packageUrl")',
            'package_url="assets/package.zip"',
            "package_url: must be an address that begins with https://",
        ),
        (
            "harvest",
            "sells_through_microsoft=False",
            "sells_through_microsoft=True",
            "sells_through_microsoft: AzureDynamics365ForOperations offers are listed only; set it to False",
        ),
        ("decisions", 'markets=["CA", "US"]', 'markets=["CA", "UK"]', "markets[1]: 'UK' — is not a market"),
        (
            "bridge",
            'terms_of_use="https://contoso.example.com/terms"',
            "uses_standard_contract=True",
            "uses_standard_contract: AzureDynamics365BusinessCentral offers have own terms; give terms_of_use",
        ),
    ],
    ids=["customer-engagement", "operations", "saas", "connect"],
)
@pytest.mark.sample(1)
def test_a_wrong_argument_in_a_program_is_refused_in_the_preview(
    name: str, argument: str, mistake: str, message: str, tmp_path: Path
) -> None:
    program = PROGRAMS[name]
    assert program.count(argument) == 1
    project = create_combined_project(tmp_path / "project", {name: program.replace(argument, mistake)})
    output = project.preview(**OFFLINE).expect_failure().text
    assert message in output
    assert "Traceback" not in output
