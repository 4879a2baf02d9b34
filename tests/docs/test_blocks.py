"""Every fenced block of every page: programs are previewed, commands exist or are run, YAML is parsed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from provider.tools.emulators import serve
from provider.tools.generate.pages import PAGES, ROOT, example_of, page_of
from provider.tools.generate.readme import resources
from tests.docs import blocks, shell
from tests.docs.blocks import Block
from tests.docs.programs import OFFLINE, OWN, new_project, together
from tests.resources.examples import configured
from tests.resources.harness import Declared, Program, Ref, Stack
from tests.stacks.cli import CHECKOUT

from pulumi_partnercenter import Offer, OfferListing

KINDS = {"python", "console", "yaml", "text", ""}
"""Of text and of what has no kind nothing is promised but that it is no code."""
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
"""What parts of programs refer to."""


def is_test(block: Block) -> bool:
    return "def test_" in block.text


def named(found: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", found, ids=lambda block: block.name)


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {each.name: each.kind for each in blocks.written() if each.kind not in KINDS} == {}
    untold = [each for each in blocks.written("", "text") if re.search(r"^(\$|import |pulumi )", each.text)]
    assert untold == []


def test_a_page_of_a_resource_shows_its_example_and_no_other_block() -> None:
    for resource in resources():
        (block,) = blocks.of(page_of(resource))
        assert block.text == example_of(resource).read_text(encoding="utf-8")
    assert list(blocks.of(PAGES / "README.md")) == []


def test_programs_and_parts_of_programs_can_be_previewed(tmp_path: Path) -> None:
    programs = {
        re.sub(r"\W", "_", each.name): each.text if IMPORT in each.text else CONTEXT + each.text
        for each in blocks.written("python")
        if not is_test(each)
    }
    assert len(programs) > 5
    previewed = together(tmp_path / "project", programs).preview(**OFFLINE).well().text
    for name in programs:
        assert f"::docs:index:{name}" in previewed


@pytest.mark.soak
@named([each for each in blocks.written("python") if is_test(each)])
def test_tests_pass_in_a_new_project(block: Block, tmp_path: Path) -> None:
    project = new_project(tmp_path)
    (project.folder / "test_block.py").write_text(block.text, encoding="utf-8")
    _, environment = project.command(**OWN)
    del environment["PULUMI_BACKEND_URL"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_block.py"],
        cwd=project.folder,
        env=environment | {"PATH": f"{CHECKOUT / '.venv' / 'bin'}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@named(blocks.written("console"))
def test_commands_exist(block: Block) -> None:
    assert [found for line in block.commands() if (found := shell.problem(line))] == []


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
        "foo",
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    assert shell.problem(line)


EXISTING: Program = {
    "offer": Declared(
        Offer,
        {"offer_id": "contoso-archive", "offer_type": "AzureApplication", "alias": "Contoso Archive"},
    ),
    "listing": Declared(
        OfferListing, {"offer": Ref("offer"), "title": "Contoso Archive", "summary": "Finds it"}
    ),
}
"""What the portal's user has made before the page on existing offers begins."""
PAGES_TO_RUN = sorted({each.page for each in blocks.written("console") if each.mark})


@pytest.mark.sample(1)
@pytest.mark.parametrize("page", PAGES_TO_RUN, ids=lambda page: page.name)
def test_marked_blocks_run_one_after_the_other(page: Path, tmp_path: Path) -> None:
    with serve(seed=1) as emulator:
        if page.name == "existing-offers.md":
            Stack(configured(emulator)).up(EXISTING)
            emulator.clear()
        told = _run(page, tmp_path, emulator.url)
        if page.name == "existing-offers.md":
            assert {each["method"] for each in emulator.requests()} == {"GET"}
    if page.name == "getting-started.md":
        assert told.splitlines()[-1] == "live"


def _run(page: Path, folder: Path, emulator: str) -> str:
    """What the marked blocks of a page print, run in one shell beside the checkout."""
    marked = [each for each in blocks.of(page) if each.mark]
    script = "\n".join(
        each.text if each.mark == "run" else each.mark.removeprefix("instead: ") for each in marked
    )
    (folder / "pulumi-partnercenter").symlink_to(CHECKOUT)
    (folder / "state").mkdir()
    environment = {
        **OWN,
        "PATH": f"{CHECKOUT / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "CHECKOUT": str(CHECKOUT),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PARTNERCENTER_ENDPOINT": emulator,
        "PARTNERCENTER_ACCESS_TOKEN": "emulator",
    }
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", re.sub(r"http://127\.0\.0\.1:40[12]0", emulator, script)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@named(blocks.written("yaml"))
def test_yaml_is_whole_and_its_commands_exist(block: Block) -> None:
    document = yaml.safe_load(block.text)
    assert isinstance(document, dict)
    wrong = [found for line in _scripts(document) if (found := shell.problem(line))]
    assert wrong == []


def test_pipelines_do_what_the_guide_says() -> None:
    """A preview without sign-in, an `up` behind an environment, a nightly look for drift."""
    github, azure = (
        each for each in blocks.written("yaml") if {"jobs", "stages"} & yaml.safe_load(each.text).keys()
    )
    for block, preview in ((github, "preview"), (azure, "stage: preview")):
        text = block.text.partition(f"{preview}\n" if block is azure else "  preview:")[2]
        first = re.split(r"\n  up:|- stage: up", text)[0]
        assert "pulumi preview" in first
        assert not re.search("id-token|AzureCLI|CLIENT_ID", first)
        assert "environment: production" in block.text
        assert "--preview-only --diff --expect-no-changes" in block.text
    jobs = yaml.safe_load(github.text)["jobs"]
    assert {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})} == {"up", "drift"}


def test_pages_name_no_hosts_but_examples() -> None:
    allowed = re.compile(r"(^|\.)example\.com$|^127\.0\.0\.1$")
    for page in [*blocks.WRITTEN, *PAGES.glob("*.md"), *(ROOT / "provider" / "template").glob("*.*")]:
        hosts = re.findall(r"[a-z+]+://([\w.-]+\.\w+)", page.read_text(encoding="utf-8"))
        assert [host for host in hosts if not allowed.search(host)] == [], page.name


def _scripts(node: object) -> list[str]:
    """The lines of every script in a pipeline."""
    if isinstance(node, list):
        return [line for each in node for line in _scripts(each)]
    if not isinstance(node, dict):
        return []
    own = [str(node[name]) for name in ("run", "script", "inlineScript") if name in node]
    return [line for text in own for line in text.splitlines() if line.strip()] + _scripts(
        list(node.values())
    )
