"""Pulumi's dynamic resources as a host: unknowns, assets, messages and the plugin's process.

Source: the engine's rules for Python dynamic resources (SDK 3.272, CLI 3.259).
"""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from collections.abc import Mapping
from typing import Any

import grpc
import pulumi
from pulumi import asset, dynamic
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from ..errors import SettingsError
from ..kind import Kind
from ..lifecycle import Lifecycle
from ..messages import shown
from ..operation import PROCESS
from ..registry import load_kind
from ..resources._base import DECLARED_IDS, DECLARED_NAME
from ..settings import CONFIG_KEYS, Settings
from ..values import UNKNOWN, Unknown

__all__ = ["DynamicProvider", "PluginHost", "load_provider", "value_from_engine"]


class PluginHost:
    """The engine, as seen from a plugin process."""

    def message(self, text: str) -> None:
        """Print a message. The engine shows a plugin's output as messages of the stack, even in previews.

        Text and line end are one write: resources print from several threads.
        """
        print(f"{shown(text)}\n", end="", flush=True)

    def progress(self, text: str) -> None:
        """Show a status line; do nothing outside of a plugin, or if the engine does not respond."""
        address = sys.argv[-1]  # address of the engine
        if re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\]):\d+", address):
            line = engine_pb2.LogRequest(severity=engine_pb2.INFO, message=shown(text), ephemeral=True)
            with contextlib.suppress(grpc.RpcError):
                _engine(address).Log(line, timeout=5)


@functools.cache
def _engine(address: str) -> engine_pb2_grpc.EngineStub:
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))


def load_provider(known_as: str) -> DynamicProvider:
    """Return the provider of a resource, by its name in states. Raises SettingsError for an unknown name."""
    try:
        return DynamicProvider(load_kind(known_as), known_as)
    except SettingsError:
        _hide_tracebacks()  # the engine does not configure a provider that fails to load
        raise


def _hide_tracebacks() -> None:
    """The SDK sends whole tracebacks as error messages, and offers no other way to shorten them."""
    sys.tracebacklimit = 0


class DynamicProvider(dynamic.ResourceProvider):
    """The engine's six methods, over the lifecycle of a kind."""

    def __init__(self, kind: Kind[Any, Any, Any], known_as: str) -> None:
        super().__init__()
        self._config: dict[str, str] = {}
        self.lifecycle = Lifecycle(kind, known_as, PluginHost(), PROCESS, lambda: Settings.load(self._config))

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        self._config = {key: value for key in CONFIG_KEYS if (value := req.config.get(key))}
        if not Settings.is_debugging(self._config):
            _hide_tracebacks()

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        name, ids = news.get(DECLARED_NAME), news.get(DECLARED_IDS)
        checked = self.lifecycle.check(
            _from_engine(_olds),
            _from_engine(news),
            name if isinstance(name, str) else "",
            ids if isinstance(ids, dict) else {},
        )
        failures = [dynamic.CheckFailure("", shown(problem)) for problem in checked.problems]
        return dynamic.CheckResult(dict(news) if failures else _to_engine(checked.inputs), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        difference = self.lifecycle.diff(_id, _from_engine(_olds), _from_engine(_news))
        return dynamic.DiffResult(
            changes=difference.changes,
            replaces=difference.replaces,
            delete_before_replace=difference.delete_before_replace,
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        state = self.lifecycle.create(_from_engine(props))
        return dynamic.CreateResult(state.id, state.outputs)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        state = self.lifecycle.read(id_, _from_engine(props))
        return (
            dynamic.ReadResult(state.id, state.outputs, state.inputs) if state else dynamic.ReadResult("", {})
        )

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult(
            self.lifecycle.update(_id, _from_engine(_news), _from_engine(_olds)).outputs
        )

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        self.lifecycle.delete(_id, _from_engine(_props))


def _from_engine(props: Mapping[str, Any]) -> dict[str, Any]:
    """Convert arguments and outputs to JSON values and `UNKNOWN`, without internal keys (`__provider`)."""
    return {
        name: value_from_engine(value)
        for name, value in props.items()
        if not name.startswith("__") and name not in (DECLARED_NAME, DECLARED_IDS)
    }


def value_from_engine(value: Any) -> Any:
    """Convert unknowns to `UNKNOWN`, and assets to the form that `content.sources` takes."""
    if isinstance(value, dict):
        return {key: value_from_engine(member) for key, member in value.items()}
    if isinstance(value, list):
        return [value_from_engine(element) for element in value]
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    return _describe_asset(value) if isinstance(value, pulumi.Asset | pulumi.Archive) else value


def _describe_asset(source: pulumi.Asset | pulumi.Archive) -> Any:
    match source:
        case asset.FileAsset(path=path):
            return path
        case asset.FileArchive(path=path):
            return {"archive": path}
        case asset.StringAsset(text=text):
            return {"text": text}
        case asset.AssetArchive(assets=files):
            return {"files": {name: value_from_engine(file) for name, file in files.items()}}
        case asset.RemoteAsset(uri=address) | asset.RemoteArchive(uri=address):
            return {"uri": address}
    return source


def _to_engine(value: Any) -> Any:
    match value:
        case dict():
            return {key: _to_engine(member) for key, member in value.items()}
        case list():
            return [_to_engine(element) for element in value]
        case Unknown():
            return pulumi.output.Unknown()  # type: ignore[no-untyped-call]
        case _:
            return value
