"""Validation of arguments without an engine, for unit tests of programs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import pulumi

from .errors import InputError
from .resources import Resource
from .resources._base import to_transportable, untransportable_reason

__all__ = ["validate"]


def validate(resource_class: type[Resource], **arguments: Any) -> None:
    """Check the arguments of a resource as a preview does: no engine, no network, no credentials.

    Sources are read, relative to the current folder. An `Output` counts as unknown, which defers the rules about it,
    and
    `None` as not given. Raises InputError with a clause for each broken rule.
    """
    # Programs without a call of `validate` do not import what a plugin needs.
    hosts, lifecycle, registry = (
        importlib.import_module(f"{__package__}.{name}")
        for name in ("hosts.dynamic", "lifecycle", "registry")
    )
    given, problems = {}, list[str]()
    for name, value in arguments.items():
        try:
            given[name] = _describe(value)
        except ValueError as error:
            problems.append(f"{name}: {error}")
        else:
            problems += [f"{name}: {reason}"] if (reason := untransportable_reason(given[name])) else []
    if not problems:
        model = registry.load_kind(resource_class.schema.known_as).arguments
        props = {name: value for name, value in hosts.value_from_engine(given).items() if value is not None}
        problems = lifecycle.check_arguments(model, props, {}).problems
    if problems:
        raise InputError(f"{resource_class.__name__}: {'; '.join(problems)}")


def _describe(value: Any) -> Any:
    """Return the value as a plugin receives it: outputs, and resources with their fingerprints, are unknown."""
    if isinstance(value, pulumi.Output | Resource):
        return pulumi.output.Unknown()  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        return {key: _describe(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_describe(element) for element in value]
    return to_transportable(value)
