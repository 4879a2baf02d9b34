"""A small replacement of the engine: operations over a program, each in a separate plugin, and the state between them.

Providers are called as the SDK's plugin calls them: unpickled from their payload, configured once, with property
dictionaries that went through `pulumi.runtime.rpc` (every number a float, None dropped, unknowns as objects) and have
a member `__provider`. State holds only JSON values. Source: the engine's call protocol (CLI 3.259, SDK 3.272);
`tests/stacks/test_harness.py` compares the calls of harness and engine.
"""

from __future__ import annotations

import base64
import functools
import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import dill
from pulumi import Resource as AnyResource
from pulumi import dynamic
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import ConfigureRequest, serialize_provider
from pulumi.output import Unknown
from pulumi.runtime import rpc

from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.hosts.dynamic import DynamicProvider
from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.registry import load_kind
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.resources._base import DECLARED_IDS, DECLARED_NAME, ProviderReference

UNKNOWN = Unknown()


@dataclass(frozen=True)
class Ref:
    """Reference to the `.id` or another output of a resource of the program."""

    name: str
    output: str = "id"


@dataclass(frozen=True)
class Declaration:
    """A resource as a program declares it. `arguments` may hold `Ref`s at any depth; other fields are its options."""

    kind: type[AnyResource]
    arguments: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    is_protected: bool = False
    is_retained: bool = False


Program = Mapping[str, Declaration]
"""Declarations by name. A declaration follows those that it refers to."""


@dataclass
class Record:
    """A resource in the state. `references` are names of other resources, by argument.

    `is_pending`: a replacement has deleted it and not created it again.
    """

    kind: type[AnyResource]
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    references: dict[str, set[str]] = field(default_factory=dict)
    is_protected: bool = False
    is_retained: bool = False
    is_pending: bool = False


class CheckFailed(Exception):
    """`check` reported failures; the operation skipped the resource."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


class Protected(Exception):
    """The operation would delete or replace a protected resource. `words` is the engine's message."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}")
        self.words = words


@dataclass(frozen=True)
class Plan:
    """Plan for a resource in a run: `same`, `create`, `update`, `replace`.

    `deleted_first` are resources in the state that a replacement deletes before it creates: dependents, then itself.
    """

    action: str
    checked: dict[str, Any]
    deleted_first: tuple[str, ...] = ()


@dataclass
class Plugin:
    """A plugin process."""

    config: dict[str, str]
    operation: Operation = field(default_factory=Operation)
    _providers: dict[str, DynamicProvider] = field(default_factory=dict)

    def provider(self, payload: str) -> DynamicProvider:
        if payload not in self._providers:
            provider: DynamicProvider = dill.loads(base64.b64decode(payload))
            provider.configure(ConfigureRequest(Config(self.config, "project")))
            # `configure` cuts tracebacks for the whole process, but this process is not only a plugin.
            vars(sys).pop("tracebacklimit", None)
            # A plugin process has a single operation, but several plugins share this process.
            provider.lifecycle.operation = self.operation
            self._providers[payload] = provider
        return self._providers[payload]

    def check(
        self,
        kind: type[AnyResource],
        olds: dict[str, Any],
        arguments: Mapping[str, Any],
        name: str = "subject",
    ) -> dict[str, Any]:
        """Call `check`. `name` is the resource's name, as its constructor passes it."""
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
        return replace(
            record, inputs=state_properties(checked), outputs=returned_properties(result.outs, checked)
        )

    def read(self, record: Record) -> Record | None:
        """Call `read`; None if the object does not exist."""
        provider = self.provider(record.outputs["__provider"])
        result = provider.read(record.id, through_rpc(record.outputs))
        if not result.id:
            assert result.outs == {}
            return None
        inputs = returned_properties(result.inputs, record.outputs)
        return replace(
            record, id=result.id, inputs=inputs, outputs=returned_properties(result.outs, record.outputs)
        )

    def delete(self, record: Record) -> None:
        provider = self.provider(record.outputs["__provider"])
        provider.delete(record.id, through_rpc(record.outputs))


@dataclass
class Stack:
    """A stack: its configuration and state. Every method is an operation, and errors keep its results."""

    config: dict[str, str]
    state: dict[str, Record] = field(default_factory=dict)
    pending_deletions: list[Record] = field(default_factory=list)
    """Replaced resources, to be deleted at the end of the operation."""

    @contextmanager
    def operation(self) -> Iterator[Plugin]:
        try:
            yield Plugin(self.config)
        finally:
            close_clients()

    def up(
        self, program: Program, replace: Collection[str] = (), targets: Collection[str] | None = None
    ) -> dict[str, str]:
        """Return the changes by resource: `create`, `update`, `replace`, `delete`. Unchanged resources are absent.

        Resources in `replace` are replaced without a call of `diff`. Only `targets` take part.
        """
        changes: dict[str, str] = {}
        self._rename(program)
        with self.operation() as plugin:
            self._delete_pending(plugin)  # deletions that an earlier operation did not reach
            for name, declaration in program.items():
                if targets is None or name in targets:
                    arguments = resolve(declaration.arguments, self._value)
                    plan = self._plan(plugin, program, name, arguments, changes, is_forced=name in replace)
                    self._apply(plugin, declaration, name, plan, changes)
            self._delete_pending(plugin)
            removed_names = [name for name in reversed(self.state) if name not in program]
            for name in (
                removed_names if targets is None else [name for name in removed_names if name in targets]
            ):
                self._delete(plugin, name)
                changes[name] = "delete"
        self.state = {name: self.state[name] for name in [*program, *self.state] if name in self.state}
        return changes

    def preview(self, program: Program) -> dict[str, str]:
        """Return the changes of an `up`. Ids of new or replaced resources and outputs of changed ones are unknown."""
        planned: dict[str, Plan] = {}
        changes: dict[str, str] = {}

        def value_of(ref: Ref) -> Any:
            """Return the checked input of a changed resource, or unknown. The id of an update is known."""
            plan = planned.get(ref.name)
            if plan is None or plan.action == "same" or (plan.action == "update" and ref.output == "id"):
                return self._value(ref)
            return plan.checked.get(ref.output, UNKNOWN)

        self._rename(program)
        with self.operation() as plugin:
            for name, declaration in program.items():
                plan = self._plan(plugin, program, name, resolve(declaration.arguments, value_of), changes)
                planned[name] = plan
                changes |= dict.fromkeys(plan.deleted_first, "replace")
                if plan.action != "same":
                    changes.setdefault(name, plan.action)
        return changes | {name: "delete" for name in self.state if name not in program}

    def refresh(self) -> dict[str, list[str]]:
        """Return the names of changed inputs by resource; `["gone"]` for a resource that was deleted."""
        drift: dict[str, list[str]] = {}
        with self.operation() as plugin:
            for name, record in list(self.state.items()):
                if record.is_pending:
                    continue
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

    def destroy(self) -> None:
        with self.operation() as plugin:
            self._delete_pending(plugin)
            for name in reversed(list(self.state)):
                self._delete(plugin, name)

    def forget(self) -> None:
        """Delete the state; remote objects stay."""
        self.state.clear()
        self.pending_deletions.clear()

    def _value(self, ref: Ref) -> Any:
        record = self.state[ref.name]
        return record.id if ref.output == "id" else record.outputs[ref.output]

    def _rename(self, program: Program) -> None:
        """Rename resources in the state by their aliases."""
        names = {
            alias: name
            for name, declaration in program.items()
            for alias in declaration.aliases
            if alias in self.state and alias not in program and name not in self.state
        }
        self.state = {names.get(name, name): record for name, record in self.state.items()}
        for record in self.state.values():
            record.references = {
                argument: {names.get(name, name) for name in references}
                for argument, references in record.references.items()
            }

    def _plan(
        self,
        plugin: Plugin,
        program: Program,
        name: str,
        arguments: dict[str, Any],
        changes: Mapping[str, str],
        *,
        is_forced: bool = False,
    ) -> Plan:
        """Plan an action. `changes` are earlier actions of the run, which may have deleted this resource."""
        kind, record = program[name].kind, self.state.get(name)
        if ids := name_ids(program[name].arguments):
            arguments = {**arguments, DECLARED_IDS: ids}
        if record is None or changes.get(name) == "replace":
            return Plan("create", plugin.check(kind, {}, arguments, name))
        checked = plugin.check(kind, {} if is_forced else record.inputs, arguments, name)
        # Constructors set `delete_before_replace` like this.
        deletes_first = not kind_of(kind).is_keyed_by_content
        if not is_forced:
            result = plugin.diff(record, checked)
            if not record.is_pending and not (result.changes and result.replaces):
                return Plan("update" if result.changes else "same", checked)
            if result.replaces:
                assert result.delete_before_replace == deletes_first, "the constructor says otherwise"
        if record.is_protected:
            raise Protected(name, "unable to replace resource")
        if not is_forced:
            checked = plugin.check(kind, {}, arguments, name)
        itself = () if record.is_pending else (name,)
        return Plan(
            "replace", checked, (*self._dependents_to_replace(plugin, name), *itself) if deletes_first else ()
        )

    def _apply(
        self, plugin: Plugin, declaration: Declaration, name: str, plan: Plan, changes: dict[str, str]
    ) -> None:
        kind, record = declaration.kind, self.state.get(name)
        for other in plan.deleted_first:
            self._delete_remote(plugin, self.state[other])
            self.state[other].is_pending = True
            changes[other] = "replace"
        if plan.action == "same":
            assert record
            new = replace(record, inputs=state_properties(plan.checked))
        elif plan.action == "update":
            assert record
            new = plugin.update(record, plan.checked)
        else:
            new = plugin.create(kind, plan.checked)
            if record and not record.is_pending:
                self.pending_deletions.append(record)
        new.references = {
            argument: {*referenced_names(value)} for argument, value in declaration.arguments.items()
        }
        new.is_protected, new.is_retained = declaration.is_protected, declaration.is_retained
        self.state[name] = new
        if plan.action != "same":
            changes.setdefault(name, plan.action)

    def _dependents_to_replace(self, plugin: Plugin, name: str) -> list[str]:
        """Return the resources in the state whose `diff` replaces them if the id of `name` is unknown, last first.

        Their arguments come from the state, not from the program.
        """
        replaced_names = {name: None}
        for other, record in self.state.items():
            unknown = [argument for argument, names in record.references.items() if names & {*replaced_names}]
            if unknown:
                result = plugin.diff(
                    record, through_rpc({**record.inputs, **dict.fromkeys(unknown, UNKNOWN)})
                )
                if result.changes and result.replaces:
                    replaced_names[other] = None
        return list(reversed(replaced_names))[:-1]

    def _delete_pending(self, plugin: Plugin) -> None:
        while self.pending_deletions:
            self._delete_remote(plugin, self.pending_deletions[-1])
            self.pending_deletions.pop()

    def _delete(self, plugin: Plugin, name: str) -> None:
        if self.state[name].is_protected:
            raise Protected(name, "cannot be deleted")
        if not self.state[name].is_pending:
            self._delete_remote(plugin, self.state[name])
        del self.state[name]

    def _delete_remote(self, plugin: Plugin, record: Record) -> None:
        """Delete the object, unless it is retained."""
        if not record.is_retained:
            plugin.delete(record)


def kind_of(resource: type[AnyResource]) -> Kind[Any, Any, Any]:
    """Return the kind of a resource class."""
    return load_kind(class_name(resource))


def payload_of(resource: type[AnyResource]) -> str:
    return _serialize_reference(class_name(resource))


@functools.cache
def _serialize_reference(known_as: str) -> str:
    payload: str = serialize_provider(ProviderReference(known_as))
    return payload


def class_name(resource: type[AnyResource]) -> str:
    assert issubclass(resource, Resource)
    return resource.schema.known_as


def through_rpc(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties after their serialization between engine and plugin.

    Tests serialize the same values thousands of times, so the results for plain JSON are kept.
    """
    try:
        text = json.dumps(props)
    except TypeError:  # an unknown or a secret
        return _serialize(props)
    result = _serialize_text(text) if json.loads(text) == props else ""
    properties: dict[str, Any] = json.loads(result) if result else _serialize(props)
    return properties


@functools.lru_cache(maxsize=2000)
def _serialize_text(text: str) -> str:
    """Serialize properties in JSON; "" if the SDK reads something in them that is no JSON."""
    try:
        return json.dumps(_serialize(json.loads(text)))
    except TypeError:
        return ""


def _serialize(props: Mapping[str, Any]) -> dict[str, Any]:
    serializing = rpc.serialize_properties(dict(props), {})
    try:
        serializing.send(None)  # plain values need no event loop
    except StopIteration as stop:
        properties: dict[str, Any] = rpc.deserialize_properties(stop.value, keep_unknowns=True)
        return properties
    raise AssertionError("a plugin's property is never awaited")


def state_properties(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as the state file stores them."""
    properties: dict[str, Any] = json.loads(json.dumps(props))
    return properties


def returned_properties(outs: Mapping[str, Any] | None, props: Mapping[str, Any]) -> dict[str, Any]:
    """Return a method's result as the state file stores it. None is dropped: it would be unknown in previews."""
    assert outs is not None
    assert not [name for name, value in outs.items() if value is None]
    return state_properties(through_rpc({**outs, "__provider": props["__provider"]}))


def name_ids(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return names of the arguments that are ids, as constructors pass them."""
    return {
        argument: f"{value.name}.id"
        for argument, value in arguments.items()
        if isinstance(value, Ref) and value.output == "id"
    }


def resolve(value: Any, value_of: Callable[[Ref], Any]) -> Any:
    """Replace every `Ref` in the value."""
    if isinstance(value, Ref):
        return value_of(value)
    if isinstance(value, Mapping):
        return {key: resolve(element, value_of) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(element, value_of) for element in value]
    return value


def referenced_names(value: Any) -> Iterator[str]:
    """Yield the names of the resources that `value` refers to."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from referenced_names(element)
    elif isinstance(value, list | tuple):
        for element in value:
            yield from referenced_names(element)
