"""Run part of a program against Pulumi's mocks and return the registered resources."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pulumi
from pulumi.runtime import get_root_resource, mocks, rpc
from tests.resources.harness import Plugin

from pulumi_partnercenter.resources._base import DECLARED_RESOURCES


@dataclass(frozen=True)
class Registration:
    """Registration of a resource. `inputs` are as a plugin receives them, with secrets unwrapped."""

    type: str
    inputs: dict[str, Any]
    secret_inputs: frozenset[str]
    secret_outputs: frozenset[str]
    delete_before_replace: bool = False
    parent: str = ""
    dependencies: frozenset[str] = frozenset()
    """URNs of its dependencies."""
    aliases: tuple[str, ...] = ()
    """Aliases: names of resources without a parent; otherwise URNs."""
    retain_on_delete: bool = False
    protect: bool = False


class Monitor(mocks.MockMonitor):
    """Mocks that record the registrations."""

    def __init__(self, answers: mocks.Mocks) -> None:
        super().__init__(answers)
        self.registrations: dict[str, Registration] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        if request.custom:
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            secret_names = {name for name, value in inputs.items() if rpc.is_rpc_secret(value)}
            self.registrations[request.name] = Registration(
                request.type,
                {name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items()},
                frozenset(secret_names),
                frozenset(request.additionalSecretOutputs),
                request.deleteBeforeReplace,
                request.parent,
                frozenset(request.dependencies),
                tuple(
                    alias.urn or f"{'' if alias.spec.noParent else 'child '}{alias.spec.name}"
                    for alias in request.aliases
                ),
                request.retainOnDelete,
                request.protect,
            )
        return super().RegisterResource(request)


class _EngineMocks(mocks.Mocks):
    """Answer as the engine: checked inputs, without an id in a preview, otherwise with a GUID for each part."""

    def __init__(self, *, preview: bool) -> None:
        self._preview, self._plugin = preview, Plugin({})

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if "__provider" not in args.inputs:
            return args.name, {}  # this resource is a component
        provider = self._plugin.provider(args.inputs["__provider"])
        id = "/".join(str(uuid5(NAMESPACE_OID, part)) for part in args.name.split("/"))
        return None if self._preview else id, provider.check({}, args.inputs).inputs

    def call(self, args: mocks.MockCallArgs) -> Any:
        return {}


class _RecordingLoopPolicy(asyncio.DefaultEventLoopPolicy):
    """Event loop policy that records its loops, because the SDK does not close them."""

    def __init__(self) -> None:
        super().__init__()
        self.loops: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        self.loops.append(super().new_event_loop())
        return self.loops[-1]


def register_program(
    program: Callable[[], object], *, preview: bool = False, answers: mocks.Mocks | None = None
) -> dict[str, Registration]:
    """Run `program` until all that it started has ended. Return its registrations by name."""
    # The SDK needs tracebacks to register resources; a provider in this process cuts them.
    vars(sys).pop("tracebacklimit", None)
    if (root := get_root_resource()) is not None:
        vars(root).pop(DECLARED_RESOURCES, None)  # registrations of an earlier program in this process
    answers = answers or _EngineMocks(preview=preview)
    monitor, loop_policy, policy_before = (
        Monitor(answers),
        _RecordingLoopPolicy(),
        asyncio.get_event_loop_policy(),
    )
    asyncio.set_event_loop_policy(loop_policy)
    try:
        asyncio.set_event_loop(asyncio.new_event_loop())
        mocks.set_mocks(answers, preview=preview, monitor=monitor)
        pulumi.runtime.test(lambda: program() and None)()
    finally:
        for loop in loop_policy.loops:
            loop.close()
        asyncio.set_event_loop_policy(policy_before)
    return monitor.registrations
