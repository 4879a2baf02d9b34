"""Arguments of a resource, read from the constructors of its SDK: names and required names, also inside objects.

A type token names module and class: `azure-native:storage:StorageAccount` is `StorageAccount` in
`pulumi_azure_native.storage`, `azuread:index/group:Group` is `Group` in `pulumi_azuread`.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

import pulumi
from pulumi import _types

from .values import UNKNOWN, is_opaque, reveal

SDKS = {"azure-native": "pulumi_azure_native", "azuread": "pulumi_azuread", "random": "pulumi_random"}


class UnknownType(Exception):
    """The SDK has no such class; the message is one line."""


@dataclass(frozen=True)
class Signature:
    """Arguments of a resource or members of an object, with their names in the engine's protocol."""

    members: Mapping[str, Any]
    """Annotated type of each argument."""
    required: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """A broken rule; `path` is `sku.nmae`, as Pulumi writes paths."""

    path: str
    reason: str


def resource_signature(token: str) -> Signature:
    """Return the arguments of a resource type. Raises: UnknownType."""
    package, module, name = token.split(":")
    names = [SDKS[package], *module.partition("/")[0].split(".")]
    names = names[:1] if names[1:] == ["index"] else names
    try:
        sdk_module = importlib.import_module(".".join(names).lower())
        resource = getattr(sdk_module, name)
    except (ImportError, AttributeError):
        raise UnknownType(f"{'.'.join(names)} has no {name}") from None
    home = inspect.getmodule(resource)
    arguments = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args")
    return _signature(arguments)


def problems(signature: Signature, given: Mapping[str, Any], path: str = "") -> Iterator[Problem]:
    """Yield broken rules: names that do not exist, and required names that are absent."""
    for name, value in given.items():
        if name in signature.members:
            yield from _value_problems(signature.members[name], value, f"{path}{name}")
        else:
            near = get_close_matches(name, signature.members, 1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Problem(f"{path}{name}", f"there is no such property{hint}")
    for name in sorted(signature.required - given.keys()):
        yield Problem(f"{path}{name}", "is required")


@cache
def _signature(arguments: type) -> Signature:
    """Return the members of a class `…Args` of an SDK."""
    wire = _types.input_type_py_to_pulumi_names(arguments)
    initializer: Any = inspect.getattr_static(arguments, "__init__")
    # the annotations write `Input[…]` with these two names
    hints = typing.get_type_hints(initializer, localns={"Output": pulumi.Output, "T": Any})
    parameters = inspect.signature(initializer).parameters.values()
    required = [
        wire[parameter.name]
        for parameter in parameters
        if parameter.name in wire and parameter.default is parameter.empty
    ]
    return Signature({wire[name]: hints[name] for name in wire}, frozenset(required))


def _value_problems(annotation: Any, value: Any, path: str) -> Iterator[Problem]:
    value = reveal(value)
    if value == UNKNOWN or is_opaque(value):
        return
    if isinstance(value, Mapping):
        classes = [option for option in _options(annotation) if _is_object(option)]
        if len(classes) == 1:
            yield from problems(_signature(classes[0]), value, f"{path}.")
        for item_type in _item_types(annotation, Mapping):
            for name, item in value.items():
                yield from _value_problems(item_type, item, f"{path}{_key(name)}")
    elif isinstance(value, list):
        for item_type in _item_types(annotation, Sequence):
            for number, item in enumerate(value):
                yield from _value_problems(item_type, item, f"{path}[{number}]")


def _options(annotation: Any) -> Iterator[Any]:
    """Yield the types that an annotation allows, without unions, `Input` and `Output` around them."""
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        for option in typing.get_args(annotation):
            yield from _options(option)
    else:
        yield annotation


def _item_types(annotation: Any, container: type) -> list[Any]:
    """Return the types of the items if the annotation allows a list, or of the values if it allows a map."""
    return [
        typing.get_args(option)[-1]
        for option in _options(annotation)
        if typing.get_origin(option) is container and typing.get_args(option)
    ]


def _is_object(option: Any) -> bool:
    return isinstance(option, type) and _types.is_input_type(option)


def _key(name: str) -> str:
    return f".{name}" if re.fullmatch(r"\w+", name) else f'["{name}"]'
