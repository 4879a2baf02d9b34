"""Run an export and its program in this process: real providers, a real service, no engine."""

from __future__ import annotations

import operator
import runpy
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from click.testing import CliRunner, Result
from provider.tools.emulators import TOKEN, RunningEmulator
from pulumi.runtime import mocks, rpc
from tests.resources.card import write_requests
from tests.resources.examples import emulator_config
from tests.resources.harness import Plugin, Record, Stack, kind_of, through_rpc
from tests.resources.mocked import register_program

import pulumi_partnercenter
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.cli.commands import cli
from pulumi_partnercenter.markers import Implied, Local, Retained, Secret, WriteOnly
from pulumi_partnercenter.model import Arguments


def export_offers(emulator: RunningEmulator, folder: Path, *arguments: str) -> Result:
    """Export into `folder`; assert success and no write."""
    emulator.clear()
    result = run_export(emulator, folder, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    assert write_requests(emulator) == []
    return result


def run_export(emulator: RunningEmulator, folder: Path, *arguments: str) -> Result:
    env = {"PARTNERCENTER_ENDPOINT": emulator.url, "PARTNERCENTER_ACCESS_TOKEN": TOKEN}
    return CliRunner().invoke(cli, ["export", "--output", str(folder), *arguments], env=env)


@dataclass
class Engine(mocks.Mocks):
    """Mocks that create every registered resource, as the engine does for a new stack."""

    stack: Stack
    plugin: Plugin = field(init=False)

    def __post_init__(self) -> None:
        self.plugin = Plugin(self.stack.config)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        module, _, name = args.typ.partition("partnercenter")[2].partition(":")
        kind = operator.attrgetter(f"{module}.{name}".replace("/", ".").strip("."))(pulumi_partnercenter)
        arguments = {name: rpc.unwrap_rpc_secret(value) for name, value in args.inputs.items()}
        del arguments["__provider"]
        record = self.plugin.create(kind, self.plugin.check(kind, {}, arguments))
        self.stack.state[f"{kind.schema.known_as} {args.name}"] = record
        return record.id, record.outputs

    def call(self, args: mocks.MockCallArgs) -> Any:
        return {}


def adopt_program(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch, **config: str
) -> Stack:
    """Run an exported program in a new stack; assert that its state shows no change afterwards."""
    # Without this log, providers cut tracebacks, which the SDK needs to find user code.
    debugging = {"partnercenter:log": "debug"}
    stack = Stack(emulator_config(emulator) | debugging)
    before = set(sys.modules)
    with monkeypatch.context() as patch:
        patch.delattr(sys, "tracebacklimit", raising=False)
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        pulumi.runtime.set_all_config({f"project:{key}": value for key, value in config.items()})
        try:
            register_program(lambda: runpy.run_path("__main__.py"), answers=Engine(stack))
        finally:
            pulumi.runtime.set_all_config({})
            close_clients()
            for name in [name for name in set(sys.modules) - before if (folder / f"{name}.py").exists()]:
                del sys.modules[name]
        assert_settled(stack)
    return stack


def assert_settled(stack: Stack) -> None:
    """Assert that neither a refresh nor a preview shows a change."""
    assert stack.refresh() == {}
    with stack.operation() as plugin:
        for name, record in stack.state.items():
            assert not plugin.diff(record, through_rpc(record.inputs)).changes, name


def group_by_class(stack: Stack) -> dict[str, list[Record]]:
    records: dict[str, list[Record]] = {}
    for name, record in stack.state.items():
        records.setdefault(name.split()[0], []).append(record)
    return records


def comparable_outputs(record: Record) -> dict[str, Any]:
    """Outputs that the service returns, without local ones and unreadable secrets."""
    model: type[Arguments] = kind_of(record.kind).arguments
    unreadable = {name for name in model.marked(WriteOnly) if name in model.marked(Secret)}
    unreadable |= {*model.marked(Retained)}
    hidden = {"fingerprint", *model.marked(Local), *model.marked(Implied), *unreadable}
    outputs = {name: value for name, value in record.outputs.items() if name not in hidden}
    for name, members in [*model.unreadable().items(), *model.retained().items()]:
        outputs[name] = {key: value for key, value in outputs[name].items() if key not in members}
    return outputs
