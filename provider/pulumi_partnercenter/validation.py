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

    An `Output` counts as unknown, so that rules about it are not judged; so do arguments of `None` as not given.
    Raises InputError with a clause for each broken rule.
    """
    # Programs that validate nothing do not import what a plugin needs.
    hosts = importlib.import_module(f"{__package__}.hosts.dynamic")
    registry = importlib.import_module(f"{__package__}.registry")
    given = {name: _describe(value) for name, value in arguments.items() if value is not None}
    transport = [
        f"{name}: {reason}" for name, value in given.items() if (reason := untransportable_reason(value))
    ]
    model = registry.load_kind(resource_class.schema.known_as).arguments
    problems = transport or model.problems(hosts.value_from_engine(given))
    if problems:
        raise InputError(f"{resource_class.__name__}: {'; '.join(problems)}")


def _describe(value: Any) -> Any:
    """A value as a plugin gets it; outputs and resources, whose fingerprints are outputs, are unknown there."""
    if isinstance(value, pulumi.Output | Resource):
        return pulumi.output.Unknown()  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        return {key: _describe(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_describe(element) for element in value]
    return to_transportable(value)
