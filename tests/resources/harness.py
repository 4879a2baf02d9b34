"""The engine's part, small: operations over a program, each in a plugin process of its own, and the state between them.

Providers are called as the SDK's plugin calls them: unpickled from their payload, configured once, with property
dictionaries that went through `pulumi.runtime.rpc` (every number a float, None dropped, unknowns as objects) and carry
`__provider`. State is what JSON can hold. Source: the engine's call protocol (CLI 3.259, SDK 3.272).
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dill
from pulumi import Resource as AnyResource
from pulumi import dynamic
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import ConfigureRequest, serialize_provider
from pulumi.output import Unknown
from pulumi.runtime import rpc

from pulumi_partnercenter.api.submission.client import close_clients
from pulumi_partnercenter.hosts.dynamic import DynamicProvider
from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.registry import load_kind
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.resources._base import DECLARED_NAME, ProviderReference

UNKNOWN = Unknown()


@dataclass(frozen=True)
class Ref:
    """The `.id` of another resource of the program, or another output of it."""

    name: str
    output: str = "id"


@dataclass(frozen=True)
class Declared:
    """A resource as a program declares it; `arguments` may hold `Ref`s at any depth."""

    kind: type[AnyResource]
    arguments: Mapping[str, Any]


Program = Mapping[str, Declared]
"""By name, each after what it refers to."""


@dataclass
class Record:
    """A resource in the state."""

    kind: type[AnyResource]
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class CheckFailed(Exception):
    """`check` reported failures: nothing was done for this resource."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass
class Plugin:
    """One plugin process."""

    config: dict[str, str]
    operation: Operation = field(default_factory=Operation)
    _providers: dict[str, DynamicProvider] = field(default_factory=dict)

    def provider(self, payload: str) -> DynamicProvider:
        if payload not in self._providers:
            provider: DynamicProvider = dill.loads(base64.b64decode(payload))
            provider.configure(ConfigureRequest(Config(self.config, "project")))
            vars(sys).pop(
                "tracebacklimit", None
            )  # which it cuts for a whole process, here not the plugin's own
            provider.lifecycle.operation = (
                self.operation
            )  # which a process has one of, and here several share one
            self._providers[payload] = provider
        return self._providers[payload]

    def check(
        self,
        kind: type[AnyResource],
        olds: dict[str, Any],
        arguments: Mapping[str, Any],
        name: str = "subject",
    ) -> dict[str, Any]:
        """`name` is the resource's, which its constructor tells."""
        news = through_rpc({"adopt": False, **arguments, "__provider": payload_of(kind), DECLARED_NAME: name})
        result = self.provider(news["__provider"]).check(through_rpc(olds), news)
        if result.failures:
            raise CheckFailed([failure.reason for failure in result.failures])
        return through_rpc({**result.inputs, "__provider": news["__provider"]})

    def diff(self, record: Record, news: dict[str, Any]) -> dynamic.DiffResult:
        olds = through_rpc(record.outputs)
        return self.provider(news["__provider"]).diff(record.id, olds, news)

    def create(self, kind: type[AnyResource], checked: dict[str, Any]) -> Record:
        result = self.provider(checked["__provider"]).create(through_rpc(checked))
        return Record(kind, result.id, state_properties(checked), returned_properties(result.outs, checked))

    def update(self, record: Record, checked: dict[str, Any]) -> Record:
        provider = self.provider(checked["__provider"])
        result = provider.update(record.id, through_rpc(record.outputs), through_rpc(checked))
        return Record(
            record.kind, record.id, state_properties(checked), returned_properties(result.outs, checked)
        )

    def read(self, record: Record) -> Record | None:
        """None: gone."""
        provider = self.provider(record.outputs["__provider"])
        result = provider.read(record.id, through_rpc(record.outputs))
        if not result.id:
            assert result.outs == {}
            return None
        inputs = returned_properties(result.inputs, record.outputs)
        return Record(record.kind, result.id, inputs, returned_properties(result.outs, record.outputs))

    def delete(self, record: Record) -> None:
        provider = self.provider(record.outputs["__provider"])
        provider.delete(record.id, through_rpc(record.outputs))


@dataclass
class Stack:
    """A stack: its configuration and state. Every method is one operation; an error keeps what was reached."""

    config: dict[str, str]
    state: dict[str, Record] = field(default_factory=dict)
    pending_deletions: list[Record] = field(default_factory=list)
    """What has a successor already and is to be deleted once all others know it."""

    @contextmanager
    def operation(self) -> Iterator[Plugin]:
        try:
            yield Plugin(self.config)
        finally:
            close_clients()

    def up(
        self, program: Program, replace: Collection[str] = (), targets: Collection[str] | None = None
    ) -> dict[str, str]:
        """Changes by resource: `create`, `update`, `replace`, `delete`; unchanged resources are absent.

        `replace` are replaced whatever their `diff` would say, which nobody asks then; only `targets` take part.
        """
        changes: dict[str, str] = {}
        with self.operation() as plugin:
            self._delete_pending(plugin)  # what an earlier operation did not come to
            for name, declaration in program.items():
                if targets is None or name in targets:
                    arguments = resolve(declaration.arguments, self._value)
                    self._converge(plugin, program, name, arguments, changes, is_forced=name in replace)
            self._delete_pending(plugin)
            removed_names = [name for name in reversed(self.state) if name not in program]
            for name in (
                removed_names if targets is None else [name for name in removed_names if name in targets]
            ):
                self._delete(plugin, name)
                changes[name] = "delete"
        return changes

    def preview(self, program: Program) -> dict[str, str]:
        """The same without doing it; ids of what is new or replaced are unknown."""
        plan: dict[str, str] = {}

        def value_of(ref: Ref) -> Any:
            """An id lasts as long as its resource; other outputs may be others after any change."""
            if (step := plan.get(ref.name)) in ("create", "replace") or (step and ref.output != "id"):
                return UNKNOWN
            return self._value(ref)

        with self.operation() as plugin:
            for name, declaration in program.items():
                record = self.state.get(name)
                arguments = resolve(declaration.arguments, value_of)
                checked = plugin.check(declaration.kind, record.inputs if record else {}, arguments, name)
                if record is None:
                    plan[name] = "create"
                elif (result := plugin.diff(record, checked)).changes:
                    plan[name] = "replace" if result.replaces else "update"
        return plan | {name: "delete" for name in self.state if name not in program}

    def refresh(self) -> dict[str, list[str]]:
        """Names of changed inputs by resource; `["gone"]` for a resource that was deleted."""
        drift: dict[str, list[str]] = {}
        with self.operation() as plugin:
            for name, record in list(self.state.items()):
                current = plugin.read(record)
                if current is None:
                    del self.state[name]
                    drift[name] = ["gone"]
                    continue
                kind = kind_of(record.kind)
                names = kind.arguments.differing(record.inputs, current.inputs)
                is_pending = bool(set(names) - {*kind.irreparable_drift(current.outputs, record.inputs)})
                is_pending = is_pending or not kind.is_settled(current.outputs)
                assert plugin.diff(current, through_rpc(record.inputs)).changes == is_pending
                self.state[name] = current
                if names:
                    drift[name] = names
        return drift

    def destroy(self, retained: Collection[str] = ()) -> None:
        """`retained` have `retain_on_delete`: they leave the state and nobody else hears of it."""
        with self.operation() as plugin:
            self._delete_pending(plugin)
            for name in reversed(list(self.state)):
                if name in retained:
                    del self.state[name]
                else:
                    self._delete(plugin, name)

    def forget(self) -> None:
        """Lose the state; remote objects stay."""
        self.state.clear()
        self.pending_deletions.clear()

    def _value(self, ref: Ref) -> Any:
        record = self.state[ref.name]
        return record.id if ref.output == "id" else record.outputs[ref.output]

    def _converge(
        self,
        plugin: Plugin,
        program: Program,
        name: str,
        arguments: dict[str, Any],
        changes: dict[str, str],
        *,
        is_forced: bool = False,
    ) -> None:
        kind, record = program[name].kind, self.state.get(name)
        olds = record.inputs if record and not is_forced else {}
        checked = plugin.check(kind, olds, arguments, name)
        if record is None:
            self.state[name] = plugin.create(kind, checked)
            changes.setdefault(name, "create")
            return
        deletes_first = not kind_of(kind).is_keyed_by_content  # the constructors' `delete_before_replace`
        result = (
            dynamic.DiffResult(changes=True, replaces=["id"], delete_before_replace=deletes_first)
            if is_forced
            else plugin.diff(record, checked)
        )
        if not result.changes:
            self.state[name] = Record(kind, record.id, state_properties(checked), record.outputs)
        elif not result.replaces:
            self.state[name] = plugin.update(record, checked)
            changes[name] = "update"
        elif not result.delete_before_replace:
            assert kind_of(kind).is_keyed_by_content, "this would delete what it has just made"
            self.state[name] = plugin.create(kind, plugin.check(kind, {}, arguments, name))
            self.pending_deletions.append(record)
            changes[name] = "replace"
        else:
            checked = plugin.check(kind, {}, arguments, name)
            for dependent in self._dependents_to_replace(plugin, program, name):
                self._delete(plugin, dependent)
                changes[dependent] = "replace"
            self._delete(plugin, name)
            self.state[name] = plugin.create(kind, checked)
            changes[name] = "replace"

    def _dependents_to_replace(self, plugin: Plugin, program: Program, name: str) -> list[str]:
        """Dependents in the state that an unknown id of this resource replaces, last one first."""
        replaced_names = [name]
        for other, declaration in program.items():
            if other not in self.state or not set(referenced_names(declaration.arguments)) & set(
                replaced_names
            ):
                continue
            record = self.state[other]
            arguments = resolve(
                declaration.arguments, lambda ref: UNKNOWN if ref.name in replaced_names else self._value(ref)
            )
            result = plugin.diff(record, through_rpc({**record.inputs, **arguments}))  # and no `check`
            if result.changes and result.replaces:
                replaced_names.append(other)
        return list(reversed(replaced_names[1:]))

    def _delete_pending(self, plugin: Plugin) -> None:
        while self.pending_deletions:
            plugin.delete(self.pending_deletions[-1])
            self.pending_deletions.pop()

    def _delete(self, plugin: Plugin, name: str) -> None:
        plugin.delete(self.state[name])
        del self.state[name]


def kind_of(resource: type[AnyResource]) -> Kind[Any, Any, Any]:
    """The kind of a resource's class."""
    return load_kind(_kind_name(resource))


def payload_of(resource: type[AnyResource]) -> str:
    payload: str = serialize_provider(ProviderReference(_kind_name(resource)))
    return payload


def _kind_name(resource: type[AnyResource]) -> str:
    assert issubclass(resource, Resource)
    return resource.schema.known_as


def through_rpc(props: Mapping[str, Any]) -> dict[str, Any]:
    """Properties after the way between engine and plugin."""
    serializing = rpc.serialize_properties(dict(props), {})
    try:
        serializing.send(None)  # plain values wait for nothing, so that no event loop is needed
    except StopIteration as stop:
        properties: dict[str, Any] = rpc.deserialize_properties(stop.value, keep_unknowns=True)
        return properties
    raise AssertionError("a plugin's property is never awaited")


def state_properties(props: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as the state file stores them."""
    properties: dict[str, Any] = json.loads(json.dumps(props))
    return properties


def returned_properties(outs: Mapping[str, Any] | None, props: Mapping[str, Any]) -> dict[str, Any]:
    """What a method returned, as the state file keeps it. An output that is None would be unknown in every preview."""
    assert outs is not None
    assert not [name for name, value in outs.items() if value is None]
    return state_properties(through_rpc({**outs, "__provider": props["__provider"]}))


def resolve(value: Any, value_of: Callable[[Ref], Any]) -> Any:
    """The value with every `Ref` replaced."""
    if isinstance(value, Ref):
        return value_of(value)
    if isinstance(value, Mapping):
        return {key: resolve(element, value_of) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(element, value_of) for element in value]
    return value


def referenced_names(value: Any) -> Iterator[str]:
    """Names of the resources that `value` refers to."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from referenced_names(element)
    elif isinstance(value, list | tuple):
        for element in value:
            yield from referenced_names(element)
