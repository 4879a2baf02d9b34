"""Workflows, issue forms and commit hooks can be parsed, and every command in them exists."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from provider.tools.release import ReleaseError, release_notes

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
HOOKS = ROOT / ".pre-commit-config.yaml"
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
TARGETS = set(re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
PINNED = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
TRIGGERS = True
"""YAML 1.1 parses the key `on` as a boolean."""

workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def load(path: Path) -> dict[Any, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return load(path)["jobs"]


def scripts(path: Path) -> Iterator[str]:
    """Every command line that a workflow runs."""
    for job in jobs(path).values():
        for step in job["steps"]:
            yield from step.get("run", "").splitlines()


def make_targets(command: str) -> list[str]:
    words = command.split()
    return [word for word in words[1:] if "=" not in word] if words[:1] == ["make"] else []


def test_workflows_exist_for_changes_and_for_releases() -> None:
    assert [path.stem for path in WORKFLOWS] == ["ci", "release"]
    assert {"check", "test", "soak", "generate"} <= TARGETS


@workflow
def test_every_make_target_of_a_workflow_exists(workflow: Path) -> None:
    targets = [target for command in scripts(workflow) for target in make_targets(command)]
    assert "check" in targets
    assert set(targets) <= TARGETS


@workflow
def test_every_action_is_pinned_to_a_commit(workflow: Path) -> None:
    lines = [line for line in workflow.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert [line for line in lines if not PINNED.match(line)] == []
    assert len(lines) == sum("uses" in step for job in jobs(workflow).values() for step in job["steps"])


@workflow
def test_every_job_has_a_timeout_and_read_permissions_only(workflow: Path) -> None:
    write_permissions = [value for value in (load(workflow)["permissions"] or {}).values() if value != "read"]
    assert write_permissions == []
    for name, job in jobs(workflow).items():
        assert isinstance(job["timeout-minutes"], int), name
        for step in job["steps"]:
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name


def test_the_tests_run_on_every_python_that_the_package_names() -> None:
    classifiers = tomllib.loads(PROJECT)["project"]["classifiers"]
    prefix = "Programming Language :: Python :: 3."
    versions = [classifier.rpartition(" ")[2] for classifier in classifiers if classifier.startswith(prefix)]
    assert jobs(GITHUB / "workflows" / "ci.yml")["test"]["strategy"]["matrix"]["python"] == versions
    assert tomllib.loads(PROJECT)["project"]["requires-python"] == f">={versions[0]}"


def test_the_long_tables_run_every_night_and_never_for_a_change() -> None:
    workflow = load(GITHUB / "workflows" / "ci.yml")
    assert re.fullmatch(r"\d+ \d+ \* \* \*", workflow[TRIGGERS]["schedule"][0]["cron"])
    soak_jobs = {name for name, job in workflow["jobs"].items() if {"run": "make soak"} in job["steps"]}
    assert soak_jobs == {"soak"}
    assert "github.event_name == 'schedule'" in workflow["jobs"]["soak"]["if"]


def test_the_lock_is_audited_for_vulnerabilities_and_licences() -> None:
    steps = jobs(GITHUB / "workflows" / "ci.yml")["audit"]["steps"]
    commands = [shlex.split(step["run"]) for step in steps if "run" in step]
    tools = {re.sub(r"==[\d.]+$", "", words[2]): words for words in commands if words[:2] == ["pipx", "run"]}
    assert set(tools) == {"pip-audit", "pip-licenses"}
    assert all(re.search(r"==\d", words[2]) for words in tools.values())
    assert (ROOT / tools["pip-audit"][tools["pip-audit"].index("--requirement") + 1]).is_file()


def test_a_release_is_tested_attested_and_published_without_a_stored_token() -> None:
    workflow = load(GITHUB / "workflows" / "release.yml")
    assert workflow[TRIGGERS] == {"push": {"tags": ["v*"]}}
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in build["steps"]]
    order = [
        "make check",
        "make test",
        "make dist",
        "actions/attest-build-provenance",
        "actions/upload-artifact",
    ]
    assert [step for step in dict.fromkeys(steps) if step in order] == order
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}
    assert "secrets." not in (GITHUB / "workflows" / "release.yml").read_text()


def test_ci_of_the_checkout_runs_check_and_test() -> None:
    commands = [line.split("</dev/null")[0] for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    targets = [word for line in commands for word in make_targets(line.removeprefix("exec "))]
    assert {"check", "test"} <= set(targets) <= TARGETS


def test_no_file_for_contributors_names_a_host() -> None:
    for path in [*GITHUB.rglob("*.*"), HOOKS]:
        assert "://" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_complete(form: Path) -> None:
    document = load(form)
    assert all(document[key] for key in ("name", "description", "labels"))
    fields = [item for item in document["body"] if item["type"] != "markdown"]
    ids = [item["id"] for item in fields]
    assert len(set(ids)) == len(ids)
    assert all(item["attributes"]["label"] for item in fields)
    assert any(item["validations"]["required"] for item in fields)


def test_an_issue_begins_with_a_form() -> None:
    assert [path.stem for path in FORMS] == ["bug", "feature"]
    assert load(GITHUB / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": False}


def test_commit_hooks_run_the_tools_of_the_environment() -> None:
    (repository,) = load(HOOKS)["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program, *arguments = shlex.split(hook["entry"])
        assert hook["language"] == "system"
        assert (ROOT / program).is_file(), program
        if arguments[:1] == ["-m"]:
            assert (ROOT / arguments[1].replace(".", "/")).exists()


CHANGELOG = """# Changelog

## 1.2.0 (2026-11-20)

### Added

- Offer: a thing.

## 1.1.0 (2026-10-01)

## 1.0.0

- First.
"""


def project_text(version: str) -> str:
    return f'[project]\nversion = "{version}"\n'


def test_release_notes_are_the_section_of_the_version() -> None:
    notes = release_notes("v1.2.0", project_text("1.2.0"), CHANGELOG)
    assert notes == "### Added\n\n- Offer: a thing.\n"
    assert release_notes("v1.0.0", project_text("1.0.0"), CHANGELOG) == "- First.\n"


@pytest.mark.parametrize(
    ("tag", "version", "message"),
    [
        ("v1.2.1", "1.2.0", "tag v1.2.1 is not v1.2.0"),
        ("1.2.0", "1.2.0", "tag 1.2.0 is not v1.2.0"),
        ("v1.2", "1.2", "has no section 1.2"),
        ("v1.1.0", "1.1.0", "section 1.1.0 is empty"),
    ],
)
def test_a_tag_without_its_version_or_its_section_is_refused(tag: str, version: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=re.escape(message)):
        release_notes(tag, project_text(version), CHANGELOG)


def test_every_released_section_of_the_changelog_makes_notes() -> None:
    changelog = (ROOT / "provider" / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d\S+) \(\d{4}-\d\d-\d\d\)$", changelog, re.MULTILINE)
    assert versions
    for version in versions:
        assert release_notes(f"v{version}", project_text(version), changelog).count("\n- ") > 1
