"""Comparison of harness and engine: the observable results of the same runs through both.

Each has its own emulator, with equal ids and a fixed clock. Provider calls, requests, documents of the service and
states have to be identical.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock

from provider.tools.emulators import RunningEmulator, serve
from pulumi import dynamic
from pulumi.output import Unknown
from tests.resources.examples import emulator_config
from tests.resources.harness import (
    CheckFailed,
    Declaration,
    Program,
    Protected,
    Ref,
    Stack,
    class_name,
    kind_of,
)
from tests.stacks.cli import CommandResult, Project, class_of_type
from tests.stacks.scenarios import Run, Scenario

from pulumi_partnercenter import PartnerCenterError
from pulumi_partnercenter.hosts.dynamic import DynamicProvider
from pulumi_partnercenter.markers import Derived
from pulumi_partnercenter.resources._base import ENGINE_SENTINELS

__all__ = ["Engine", "first_difference", "harness_results"]

NOW = 1_790_000_000.0
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = "4dabf18193072939515e22adb298388d"
METHODS = ("Check", "Diff", "Create", "Read", "Update", "Delete")
LINES = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
"""Lines of the engine's summary, by the harness's action."""
PROGRAM = """
import json
from operator import attrgetter
from pathlib import Path

import pulumi
import pulumi_partnercenter as partnercenter

declared = {}


def resolved(value):
    if isinstance(value, dict) and "ref" in value:
        resource = declared[value["ref"]]
        return getattr(resource, value["output"]) if value["output"] != "fingerprint" else resource
    if isinstance(value, dict):
        return {key: resolved(member) for key, member in value.items()}
    return [resolved(element) for element in value] if isinstance(value, list) else value


for resource in json.loads(Path("program.json").read_text()):
    options = pulumi.ResourceOptions(
        depends_on=list(declared.values())[-1:],  # a single order, that of the harness
        aliases=[pulumi.Alias(name=name) for name in resource["aliases"]],
        protect=resource["is_protected"],
        retain_on_delete=resource["is_retained"],
    )
    declared[resource["name"]] = attrgetter(resource["class"])(partnercenter)(
        resource["name"], **resolved(resource["arguments"]), opts=options
    )
"""
"""Program that declares the resources in a JSON file beside it. A reference to a fingerprint, which only resources that
publish have, is the resource itself.
"""


@dataclass(frozen=True)
class Call:
    """A call of a provider's method, with class and id of the resource, without its name."""

    method: str
    class_name: str
    id: str
    olds: Mapping[str, Any]
    news: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """Observable results of a run. The harness's `lines` must be among the engine's."""

    failed: bool
    lines: Sequence[str]
    calls: Sequence[Call]
    requests: Sequence[str]
    documents: Mapping[str, Any]
    state: Mapping[str, Any]
    counts: Mapping[str, int]


def first_difference(engine: Sequence[Result], harness: Sequence[Result]) -> str:
    """Return the first difference, with both values; empty if the results are equal."""
    for number, (expected, actual) in enumerate(zip(engine, harness, strict=True), 1):
        for place, left, right in _differences(vars(expected), vars(actual)):
            if not place.startswith("lines"):
                return f"run {number}, {place}: the engine {left!r}, the harness {right!r}"
        shown = "\n".join(expected.lines)
        for line in actual.lines:
            if line not in shown:
                return f"run {number}: the harness shows {line!r}, the engine {shown}"
    return ""


def _differences(expected: Any, actual: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield path and both values of every difference, at any depth."""
    if isinstance(expected, Call) and isinstance(actual, Call):
        yield from _differences(vars(expected), vars(actual), place)
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in dict.fromkeys([*expected, *actual]):
            yield from _differences(expected.get(key), actual.get(key), f"{place} {key}".strip())
    elif isinstance(expected, list) and isinstance(actual, list):
        for number, pair in enumerate(zip_longest(expected, actual), 1):
            yield from _differences(*pair, f"{place} {number}")
    elif expected != actual:
        yield place, expected, actual


def harness_results(scenario: Scenario) -> list[Result]:
    with serve(seed=1, now=lambda: NOW) as emulator:
        stack = Stack(emulator_config(emulator))
        return [_run_harness(run, program, stack, emulator) for run, program in _with_programs(scenario)]


def _with_programs(scenario: Scenario) -> Iterator[tuple[Run, Program]]:
    program: Program = {}
    for run in scenario:
        program = program if run.program is None else run.program
        yield run, program


def _run_harness(run: Run, program: Program, stack: Stack, emulator: RunningEmulator) -> Result:
    if run.loses_state:
        stack.forget()
    _prepare(run, emulator)
    output, error, actions = StringIO(), "", list[str]()
    with _recorded() as calls, redirect_stdout(output):
        try:
            actions = _harness_actions(run, program, stack)
        except Protected as failure:
            error = failure.words
        except (PartnerCenterError, CheckFailed) as failure:
            error = str(failure)
    words = {action: action for action in LINES} if run.verb == "preview" else LINES
    return Result(
        failed=bool(error),
        lines=[*output.getvalue().splitlines(), *error.splitlines()[:1]],
        calls=calls,
        requests=_take_requests(emulator),
        documents=emulator.state(),
        state=_harness_state(stack),
        counts={words[action]: actions.count(action) for action in LINES if action in actions},
    )


def _prepare(run: Run, emulator: RunningEmulator) -> None:
    if run.before:
        run.before(emulator)
    emulator.clear()


def _take_requests(emulator: RunningEmulator) -> list[str]:
    """Return the requests of the run, and remove its faults."""
    emulator.unfault()
    return [f"{request['method']} {request['path']} {request['status']}" for request in emulator.requests()]


def _harness_actions(run: Run, program: Program, stack: Stack) -> list[str]:
    match run.verb:
        case "up":
            return list(stack.up(program, run.replace, run.targets or None).values())
        case "preview":
            return list(stack.preview(program).values())
        case "refresh":
            return ["delete" if names == ["gone"] else "update" for names in stack.refresh().values()]
        case "destroy":
            actions = ["delete"] * len(stack.state)
            stack.destroy()
            return actions


def _harness_state(stack: Stack) -> dict[str, Any]:
    records = {f"{class_name(record.kind)} {name}": record for name, record in stack.state.items()}
    records |= {f"replaced {number}": record for number, record in enumerate(stack.pending_deletions)}
    return {
        name: {
            "id": record.id,
            "inputs": record.inputs,
            "outputs": record.outputs,
            "pending": record.is_pending,
        }
        for name, record in records.items()
    }


@contextmanager
def _recorded() -> Iterator[list[Call]]:
    """Record the calls of the providers in this process, in order."""
    calls: list[Call] = []

    class RecordingProvider(DynamicProvider):
        def check(self, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
            self._note("Check", "", olds, news)
            return super().check(olds, news)

        def diff(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
            self._note("Diff", id, olds, news)
            return super().diff(id, olds, news)

        def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
            self._note("Create", "", {}, props)
            return super().create(props)

        def read(self, id: str, props: dict[str, Any]) -> dynamic.ReadResult:
            self._note("Read", id, props, {})
            return super().read(id, props)

        def update(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
            self._note("Update", id, olds, news)
            return super().update(id, olds, news)

        def delete(self, id: str, props: dict[str, Any]) -> None:
            self._note("Delete", id, props, {})
            super().delete(id, props)

        def _note(self, method: str, id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> None:
            calls.append(Call(method, self.lifecycle.known_as, id, _as_sent(olds), _as_sent(news)))

    with mock.patch("pulumi_partnercenter.hosts.dynamic.DynamicProvider", RecordingProvider):
        yield calls


def _as_sent(value: Any) -> Any:
    """Replace unknowns of every kind by one string."""
    if isinstance(value, Mapping):
        return {key: _as_sent(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_sent(element) for element in value]
    return UNKNOWN if isinstance(value, Unknown) or value in ENGINE_SENTINELS else value


class Engine:
    """The real `pulumi` over a project whose program and state change from scenario to scenario."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.of(folder, PROGRAM).select()
        self.project.env = {
            "PULUMI_STACK": "sandbox",
            "PULUMI_DEBUG_GRPC": str(folder / "calls.json"),
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        }
        (self._state_file,) = folder.glob(".pulumi/stacks/*/sandbox.json")
        self._empty_state = self._state_file.read_bytes()

    def results(self, scenario: Scenario) -> list[Result]:
        self._forget()
        with serve(seed=1, now=lambda: NOW) as emulator:
            self.project.endpoint = emulator.url
            return [self._run(run, program, emulator) for run, program in _with_programs(scenario)]

    def _forget(self) -> None:
        self._state_file.write_bytes(self._empty_state)

    def _run(self, run: Run, program: Program, emulator: RunningEmulator) -> Result:
        if run.loses_state:
            self._forget()
        _prepare(run, emulator)
        (self.project.folder / "program.json").write_text(json.dumps(_described(program)))
        had_stack = self._has_stack()
        result = self.project.run(run.verb, *self._options(run))
        return Result(
            failed=bool(result.code),
            lines=result.text.splitlines(),
            calls=self._take_calls(),
            requests=_take_requests(emulator),
            documents=emulator.state(),
            state=self._state(),
            counts={} if result.code else _counts(result, with_stack=had_stack == (run.verb == "destroy")),
        )

    def _options(self, run: Run) -> list[str]:
        """Return the options of the command. Names are those of resources in the state."""
        urns = {_name(resource): resource["urn"] for resource in self._resources()}
        replace = [word for name in run.replace for word in ("--replace", urns[name])]
        targets = [word for name in run.targets for word in ("--target", urns[name])]
        at_once = [] if run.verb == "preview" else ["--yes", "--skip-preview"]
        return [*at_once, "--parallel", "1", *replace, *targets]

    def _take_calls(self) -> list[Call]:
        log = Path(self.project.env["PULUMI_DEBUG_GRPC"])
        entries = [json.loads(line) for line in log.read_text().splitlines()]
        log.unlink()
        return [
            _call(entry["method"].rpartition("/")[2], entry["request"])
            for entry in entries
            if entry["method"].startswith("/pulumirpc.ResourceProvider/")
            and entry["method"].endswith(METHODS)
            and entry["progress"] == "response_completed"
        ]

    def _resources(self) -> list[dict[str, Any]]:
        text = self._state_file.read_text()
        if '"ciphertext"' in text:
            text = self.project.run("stack", "export", "--show-secrets").expect_success().text
            return list(json.loads(text)["deployment"].get("resources", []))
        return list((json.loads(text)["checkpoint"]["latest"] or {}).get("resources", []))

    def _has_stack(self) -> bool:
        return any(resource["type"] == "pulumi:pulumi:Stack" for resource in self._resources())

    def _state(self) -> dict[str, Any]:
        ours = [resource for resource in self._resources() if "partnercenter" in resource["type"]]
        replaced = [resource for resource in ours if resource.get("delete")]
        by_name = {
            f"{class_of_type(resource['type'])} {_name(resource)}": resource
            for resource in ours
            if resource not in replaced
        }
        by_name |= {f"replaced {number}": resource for number, resource in enumerate(replaced)}
        return {
            name: {key: _decrypted(resource[key]) for key in ("id", "inputs", "outputs")}
            | {"pending": resource.get("pendingReplacement", False)}
            for name, resource in by_name.items()
        }


def _described(program: Program) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "class": class_name(declared.kind),
            "arguments": _with_references(_constructor_arguments(declared)),
            "aliases": declared.aliases,
            "is_protected": declared.is_protected,
            "is_retained": declared.is_retained,
        }
        for name, declared in program.items()
    ]


def _constructor_arguments(declared: Declaration) -> dict[str, Any]:
    """Return the arguments that a program gives. The constructor derives the others."""
    derived = kind_of(declared.kind).arguments.marked(Derived)
    return {name: value for name, value in declared.arguments.items() if name not in derived}


def _with_references(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"ref": value.name, "output": value.output}
    if isinstance(value, Mapping):
        return {key: _with_references(member) for key, member in value.items()}
    return [_with_references(element) for element in value] if isinstance(value, list) else value


def _call(method: str, request: Mapping[str, Any]) -> Call:
    """Return the call of an entry in the engine's log. The log leaves out empty values."""
    properties = request.get("properties", {})
    return Call(
        method,
        class_name=class_of_type(request["urn"].split("::")[2]),
        id=request.get("id", ""),
        olds=_as_sent(request.get("olds", {} if method == "Create" else properties)),
        news=_as_sent(request.get("news", properties if method == "Create" else {})),
    )


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"].rpartition("::")[2])


def _decrypted(value: Any) -> Any:
    if isinstance(value, dict) and SECRET in value:
        return _decrypted(json.loads(value["plaintext"]))
    if isinstance(value, dict):
        return {key: _decrypted(member) for key, member in value.items()}
    return [_decrypted(element) for element in value] if isinstance(value, list) else value


def _counts(result: CommandResult, *, with_stack: bool) -> dict[str, int]:
    """Return the summary without `unchanged`. `with_stack`: do not count the stack, which was created or deleted."""
    counts = {line: number for line, number in result.counts.items() if line != "unchanged"}
    if with_stack:
        (line,) = counts.keys() & {"created", "create", "deleted"}
        counts[line] -= 1
    return {line: number for line, number in counts.items() if number}
