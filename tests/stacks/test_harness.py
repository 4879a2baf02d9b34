"""The harness behaves as the engine: the same programs run through both.

A new feature of the harness needs a run in a scenario before tests of resources use it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.resources import harness
from tests.resources.harness import Plugin, Program, Record, Stack
from tests.stacks.comparison import Engine, Result, first_difference, harness_results
from tests.stacks.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("engine") / "project")


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", SCENARIOS)
def test_harness_and_engine_make_the_same_of_a_program(name: str, engine: Engine) -> None:
    """Provider calls and their values, requests, documents, states, counts and errors are equal."""
    expected = engine.results(SCENARIOS[name])
    assert [result.failed for result in expected] == [run.fails for run in SCENARIOS[name]]
    assert first_difference(expected, harness_results(SCENARIOS[name])) == ""


def wrapped(owner: type, method: str, change: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """Return a patch that calls `change` in place of a method; its first argument is the original method."""
    original = getattr(owner, method)

    def replacement(*arguments: Any, **named: Any) -> Any:
        return change(original, *arguments, **named)

    return lambda monkeypatch: monkeypatch.setattr(owner, method, replacement)


def read_nothing_new(read: Callable[..., object], plugin: Plugin, record: Record) -> Record:
    read(plugin, record)
    return record


def up_without_options(up: Callable[..., object], stack: Stack, program: Program, *options: Any) -> object:
    bare = {name: replace(declared, is_protected=False) for name, declared in program.items()}
    return up(stack, bare, *options)


def up_all_or_nothing(up: Callable[..., object], stack: Stack, *arguments: Any) -> object:
    before = dict(stack.state)
    try:
        return up(stack, *arguments)
    except BaseException:
        stack.state = before
        raise


FAULTS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "deletes in the order of creation": (
        "changed arguments",
        lambda monkeypatch: monkeypatch.setattr(harness, "reversed", list, raising=False),
    ),
    "check gets no old arguments": (
        "changed arguments",
        wrapped(Plugin, "check", lambda check, plugin, kind, olds, *rest: check(plugin, kind, {}, *rest)),
    ),
    "dependents stay": (
        "immutable argument with dependents",
        wrapped(Stack, "_dependents_to_replace", lambda *_: []),
    ),
    "aliases are ignored": (
        "renamed with an alias and without",
        wrapped(Stack, "_rename", lambda *_: None),
    ),
    "--replace is ignored": (
        "forced replacement",
        wrapped(Stack, "up", lambda up, stack, program, forced, targets: up(stack, program, (), targets)),
    ),
    "the old one stays": (
        "replaced before it is deleted",
        wrapped(Stack, "_delete_pending", lambda *_: None),
    ),
    "refresh keeps what is gone": (
        "deleted in the portal",
        wrapped(Plugin, "read", lambda read, plugin, record: read(plugin, record) or record),
    ),
    "--target is ignored": (
        "targets",
        wrapped(Stack, "up", lambda up, stack, program, forced, targets: up(stack, program, forced)),
    ),
    "an error undoes the run": (
        "failed and resumed",
        wrapped(Stack, "up", up_all_or_nothing),
    ),
    "protection is ignored": (
        "protected and retained",
        wrapped(Stack, "up", up_without_options),
    ),
    "refresh keeps what was": (
        "drift",
        wrapped(Plugin, "read", read_nothing_new),
    ),
    "previews know ids": (
        "unknowns in previews",
        lambda monkeypatch: monkeypatch.setattr(harness, "UNKNOWN", "11111111-2222-4333-8444-555555555555"),
    ),
    "create stores no arguments": (
        "adopted, with a secret",
        wrapped(Plugin, "create", lambda create, *rest: replace(create(*rest), inputs={})),
    ),
}
"""Faults of the harness, each with the scenario that detects it."""


@functools.cache
def right_results(name: str) -> Sequence[Result]:
    return harness_results(SCENARIOS[name])


@pytest.mark.sample(1)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_notices_a_harness_that_does_something_else(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, break_harness = FAULTS[fault]
    expected = right_results(name)
    break_harness(monkeypatch)
    assert first_difference(expected, harness_results(SCENARIOS[name])) != ""
