"""Fenced blocks of all pages: programs are previewed, commands are checked or run, YAML is parsed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from provider.tools.emulators import serve
from provider.tools.generate.pages import PAGES, ROOT, example_of, page_of, resources
from tests.docs import page_blocks, shell_commands
from tests.docs.page_blocks import Block
from tests.docs.programs import OFFLINE, PACKAGE_PATH, create_combined_project, create_new_project
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.stacks.cli import CHECKOUT

from pulumi_partnercenter import Offer, OfferListing
from pulumi_partnercenter.saas.usage import Report
from pulumi_partnercenter.strict_json import read_json

KINDS = {"python", "console", "yaml", "json", "mermaid", "text", ""}
"""Kinds of blocks. `text` and blocks without a kind hold no code. `tests/stacks/test_rehearsal.py` has the diagram."""
IMPORT = "import pulumi_partnercenter as partnercenter"
CONTEXT = f"""
{IMPORT}

offer = partnercenter.Offer(
    "context", offer_id="contoso-context", offer_type="AzureApplication", alias="Contoso Context"
)
plan = partnercenter.Plan("context", offer=offer.id, plan_id="context", name="Context")
listing = partnercenter.OfferListing("context", offer=offer.id, title="Context")
plan_listing = partnercenter.PlanListing("context", plan=plan.id, title="Context")
pricing = partnercenter.PlanPricing("context", plan=plan.id)
package = partnercenter.Package("context", offer=offer.id, source="assets/app")
plan_package = partnercenter.PlanPackage("context", plan=plan.id, version="1.0.0", package=package.id)
audience = partnercenter.PreviewAudience("context", offer=offer.id)
reseller = partnercenter.ResellerChannel("context", offer=offer.id, state="Disabled")
"""
"""Resources that incomplete programs refer to."""


def is_test(block: Block) -> bool:
    return "def test_" in block.text


def is_back_end(block: Block) -> bool:
    """Whether a block is a program of a back end. `test_back_ends.py` runs it."""
    return "pulumi_partnercenter.fulfillment" in block.text


def parametrize_blocks(blocks: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=lambda block: block.name)


def test_every_block_has_a_tested_kind() -> None:
    assert {block.name: block.kind for block in page_blocks.find_blocks() if block.kind not in KINDS} == {}
    unmarked_code = [
        block
        for block in page_blocks.find_blocks("", "text")
        if re.search(r"^(\$|import |pulumi )", block.text)
    ]
    assert unmarked_code == []


def test_the_page_of_a_resource_has_its_example_as_only_block() -> None:
    for resource in resources():
        (block,) = page_blocks.read_blocks(page_of(resource))
        assert block.text == example_of(resource).read_text(encoding="utf-8")
    assert list(page_blocks.read_blocks(PAGES / "README.md")) == []


def test_programs_in_pages_can_be_previewed(tmp_path: Path) -> None:
    programs = {
        re.sub(r"\W", "_", block.name): block.text if IMPORT in block.text else CONTEXT + block.text
        for block in page_blocks.find_blocks("python")
        if not is_test(block) and not is_back_end(block)
    }
    assert len(programs) > 5
    output = create_combined_project(tmp_path / "project", programs).preview(**OFFLINE).expect_success().text
    for name in programs:
        assert f"::docs:index:{name}" in output


@pytest.mark.soak
@parametrize_blocks([block for block in page_blocks.find_blocks("python") if is_test(block)])
def test_tests_in_pages_pass_in_a_new_project(block: Block, tmp_path: Path) -> None:
    project = create_new_project(tmp_path)
    (project.folder / "test_block.py").write_text(block.text, encoding="utf-8")
    _, environment = project.command(**PACKAGE_PATH)
    del environment["PULUMI_BACKEND_URL"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_block.py"],
        cwd=project.folder,
        env=environment | {"PATH": f"{CHECKOUT / '.venv' / 'bin'}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.sample(8)
@parametrize_blocks(page_blocks.find_blocks("console"))
def test_commands_in_pages_exist(block: Block) -> None:
    assert [problem for line in block.commands() if (problem := shell_commands.find_problems(line))] == []


@pytest.mark.parametrize(
    "line",
    [
        "pulumi upp",
        "pulumi up --yess",
        "partnercenter exprot x",
        "partnercenter emulator --prot 1",
        "make upp",
        "make up && pulumi upp",
        "partnercenter --stack dev status x --wach",
        "partnercenter saas",
        "partnercenter saas subscriptions shwo x",
        "partnercenter saas subscriptions cancel x --yess",
        "foo",
    ],
)
def test_the_check_of_commands_reports_a_command_that_does_not_exist(line: str) -> None:
    assert shell_commands.find_problems(line)


EXISTING: Program = {
    "offer": Declaration(
        Offer,
        {"offer_id": "contoso-archive", "offer_type": "AzureApplication", "alias": "Contoso Archive"},
    ),
    "listing": Declaration(
        OfferListing, {"offer": Ref("offer"), "title": "Contoso Archive", "summary": "Finds it"}
    ),
}
"""Resources that exist before the page about existing offers begins."""
PAGES_TO_RUN = sorted({block.page for block in page_blocks.find_blocks("console") if block.mark})


@pytest.mark.sample(1)
@pytest.mark.parametrize("page", PAGES_TO_RUN, ids=lambda page: page.name)
def test_marked_blocks_of_a_page_run_in_order(page: Path, tmp_path: Path) -> None:
    with serve(seed=1) as emulator:
        if page.name == "existing-offers.md":
            Stack(emulator_config(emulator)).up(EXISTING)
            emulator.clear()
        output = _run(page, tmp_path, emulator.url)
        if page.name == "existing-offers.md":
            assert {block["method"] for block in emulator.requests()} == {"GET"}
    if page.name == "getting-started.md":
        assert output.splitlines()[-1] == "live"


def _run(page: Path, folder: Path, emulator: str) -> str:
    """Run the marked blocks of a page in a shell beside the checkout. Return their output."""
    marked_blocks = [block for block in page_blocks.read_blocks(page) if block.mark]
    script = "\n".join(
        block.text if block.mark == "run" else block.mark.removeprefix("instead: ") for block in marked_blocks
    )
    (folder / "pulumi-partnercenter").symlink_to(CHECKOUT)
    (folder / "state").mkdir()
    environment = {
        **PACKAGE_PATH,
        "PATH": f"{CHECKOUT / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "CHECKOUT": str(CHECKOUT),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PARTNERCENTER_ENDPOINT": emulator,
        "PARTNERCENTER_ACCESS_TOKEN": "emulator",
    }
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", re.sub(r"http://127\.0\.0\.1:40[12]0", emulator, script)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@parametrize_blocks(page_blocks.find_blocks("yaml"))
def test_yaml_in_pages_is_complete_and_its_commands_exist(block: Block) -> None:
    document = yaml.safe_load(block.text)
    assert isinstance(document, dict)
    problems = [problem for line in _scripts(document) if (problem := shell_commands.find_problems(line))]
    assert problems == []


@parametrize_blocks(page_blocks.find_blocks("json"))
def test_json_in_pages_is_an_object_and_a_report_is_accepted(block: Block) -> None:
    document = read_json(block.text)
    assert isinstance(document, dict)
    if "used_at" in document:
        assert Report.model_validate(document).id == document["id"]


def test_pipelines_in_the_guide_preview_apply_and_check_drift() -> None:
    """A preview comments without sign-in, an `up` runs in a protected environment, a nightly job checks for drift."""
    github, azure = (
        block
        for block in page_blocks.find_blocks("yaml")
        if block.page.name == "environments-and-ci.md"
        and {"jobs", "stages"} & yaml.safe_load(block.text).keys()
    )
    for block, preview in ((github, "preview"), (azure, "stage: preview")):
        text = block.text.partition(f"{preview}\n" if block is azure else "  preview:")[2]
        preview_part = re.split(r"\n  up:|- stage: up", text)[0]
        assert "command: preview" in preview_part
        assert re.search(r"(comment-on-pr|createPrComment): (true|\$)", preview_part)
        assert not re.search("id-token|AzureCLI|CLIENT_ID", preview_part)
        assert "environment: production" in block.text
        assert "--preview-only --diff --expect-no-changes" in block.text
    jobs = yaml.safe_load(github.text)["jobs"]
    assert {name for name, job in jobs.items() if "id-token" in job["permissions"]} == {"up", "drift"}
    assert {name for name, job in jobs.items() if "pull-requests" in job["permissions"]} == {"preview"}
    *_, notification = jobs["drift"]["steps"]
    assert notification["if"] == "failure()"
    assert jobs["drift"]["permissions"]["issues"] == "write"


def test_pages_name_only_example_hosts() -> None:
    allowed_host = re.compile(r"(^|\.)example\.com$|^127\.0\.0\.1$")
    for page in [
        *page_blocks.HAND_WRITTEN_PAGES,
        *PAGES.glob("*.md"),
        *(ROOT / "provider" / "template").glob("*.*"),
    ]:
        hosts = re.findall(r"[a-z+]+://([\w.-]+\.\w+)", page.read_text(encoding="utf-8"))
        assert [host for host in hosts if not allowed_host.search(host)] == [], page.name


def _scripts(node: object) -> list[str]:
    """Return the lines of every script in a pipeline."""
    if isinstance(node, list):
        return [line for item in node for line in _scripts(item)]
    if not isinstance(node, dict):
        return []
    scripts = [str(node[name]) for name in ("run", "script", "inlineScript") if name in node]
    return [line for text in scripts for line in text.splitlines() if line.strip()] + _scripts(
        list(node.values())
    )
