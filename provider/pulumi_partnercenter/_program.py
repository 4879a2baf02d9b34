"""The resources of this package that a running program has declared so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import get_root_resource

__all__ = ["Declaration", "declarations", "record_declaration"]

ATTRIBUTE = "_partnercenter_declarations"
"""Of the stack's root resource, which lives as long as one run of the program."""


@dataclass(frozen=True)
class Declaration:
    """A resource and the arguments that its constructor was given."""

    resource: pulumi.Resource
    arguments: Mapping[str, Any]


def record_declaration(resource: pulumi.Resource, arguments: Mapping[str, Any]) -> None:
    """Remember a resource for the rest of the run. Without an engine there is no run."""
    if (root := get_root_resource()) is not None:
        vars(root).setdefault(ATTRIBUTE, []).append(Declaration(resource, dict(arguments)))


def declarations() -> list[Declaration]:
    """All of this run, in the order of the program."""
    root = get_root_resource()
    return list(vars(root).get(ATTRIBUTE, [])) if root is not None else []
