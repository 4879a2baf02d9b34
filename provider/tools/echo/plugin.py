"""The provider of a plugin: checks inputs by the SDK's signatures, keeps them, and computes the catalogue's outputs.

The plugin has no state: `Read` returns the engine's state unchanged.
"""

# ruff: noqa: N802, ARG002 — methods and their arguments are named by the protocol
from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

from .catalogue import (
    FUNCTIONS,
    NOWHERE,
    ResourceType,
    build_id,
    compute_outputs,
    immutable_names,
    invent_name,
    resource_type,
)
from .signatures import SDKS, Problem, UnknownType, problems, resource_signature
from .values import UNKNOWN, comparable, holds_unknown, reveal

PLACE = {"azure-native": "subscriptionId", "azuread": "tenantId"}
"""Name of each provider's setting of the subscription or tenant; `random` has none."""
Properties = dict[str, Any]


class EchoProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one package: `azure-native`, `azuread` or `random`."""

    def __init__(self, package: str, engine: str) -> None:
        self._package = package
        self._engine = engine
        self._location = ""

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version(SDKS[self._package]))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse a real subscription or tenant, whose stack must never contain simulated resources."""
        name = PLACE.get(self._package, "")
        place = reveal(_read(request.news).get(name))
        failures = (
            []
            if not name or place == NOWHERE
            else [
                Problem(
                    name,
                    f"is {place or 'not set'}, but this plugin only plays {self._package}, in {NOWHERE}:"
                    f" pulumi config set {self._package}:{name} {NOWHERE}, or run without it",
                )
            ]
        )
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        self._location = str(reveal(_read(request.args).get("location", "")))
        with grpc.insecure_channel(self._engine) as channel:
            message = f"simulated: {self._package} is played by a plugin, nothing of it exists in Azure"
            engine_pb2_grpc.EngineStub(channel).Log(
                engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message)
            )
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Validate property names and required properties by the SDK. Set a missing name and location."""
        token = _type_token(request.urn)
        inputs = _read(request.news)
        entry = resource_type(token)
        if entry.name and entry.name not in inputs:
            inputs[entry.name] = _read(request.olds).get(entry.name) or invent_name(entry, request.urn)
        try:
            signature = resource_signature(token)
            if self._location and "location" in signature.members:
                inputs.setdefault("location", self._location)
            broken = list(problems(signature, inputs))
        except UnknownType as error:
            broken = [Problem("", str(error))]
        return provider_pb2.CheckResponse(inputs=_write(inputs), failures=_failures(broken))

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare inputs. A change of an input that is part of the id replaces."""
        olds, news = (comparable(_read(inputs)) for inputs in (request.old_inputs, request.news))
        changed = [
            name
            for name in sorted({*olds, *news} - {*request.ignoreChanges})
            if olds.get(name) != news.get(name)
        ]
        entry = resource_type(_type_token(request.urn))
        immutable = set(changed) if entry.is_immutable else immutable_names(entry)
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if changed else response.DIFF_NONE,
            diffs=changed,
            replaces=[name for name in changed if name in immutable],
            deleteBeforeReplace=True,
        )

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Create a resource. A preview returns neither id nor computed outputs: the engine shows them as unknown."""
        inputs = _read(request.properties)
        token = _type_token(request.urn)
        entry = resource_type(token)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_write(_without_extensions(inputs, entry)))
        name = str(reveal(inputs.get(entry.name)) or invent_name(entry, request.urn))
        outputs = {**inputs, **compute_outputs(token, inputs, name)}
        return provider_pb2.CreateResponse(
            id=build_id(token, entry, inputs, name), properties=_write(outputs)
        )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Update a resource: computed outputs stay, inputs that the program no longer has are removed."""
        olds, news = _read(request.olds), _read(request.news)
        old_inputs = _read(request.old_inputs)
        gone = old_inputs.keys() - news.keys()
        outputs = {name: value for name, value in olds.items() if name not in gone} | news
        token = _type_token(request.urn)
        entry = resource_type(token)
        if request.preview or holds_unknown(news):
            kept = {name for name in entry.extended if news.get(name) == old_inputs.get(name)}
            outputs = _without_extensions(outputs, entry) | {name: olds[name] for name in kept & olds.keys()}
        else:
            name = str(olds.get("name") or invent_name(entry, request.urn))
            outputs |= compute_outputs(token, news, name)
        return provider_pb2.UpdateResponse(properties=_write(outputs))

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Return the state of the resource. An imported resource does not exist."""
        if not request.properties.fields:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        function = FUNCTIONS.get(request.tok)
        if function is None:
            broken = [Problem("", f"{request.tok} is not played: add it to FUNCTIONS of the echo plugin")]
            return provider_pb2.InvokeResponse(failures=_failures(broken))
        return provider_pb2.InvokeResponse(**{"return": _write(function(_read(request.args)))})

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()


def _type_token(urn: str) -> str:
    """Return the type of a resource, without the types of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def _without_extensions(outputs: Properties, entry: ResourceType) -> Properties:
    return {name: UNKNOWN if name in entry.extended else value for name, value in outputs.items()}


def _read(properties: struct_pb2.Struct) -> Properties:
    read: Properties = json_format.MessageToDict(properties)
    return read


def _write(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def _failures(broken: Iterable[Problem]) -> list[provider_pb2.CheckFailure]:
    return [
        provider_pb2.CheckFailure(
            property=problem.path, reason=f"{problem.path}: {problem.reason}".lstrip(": ")
        )
        for problem in broken
    ]
