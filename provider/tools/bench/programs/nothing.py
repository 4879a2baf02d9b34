"""A resource that does nothing: the costs of the engine and its SDK with any dynamic provider.

It is pickled by reference as the product's providers, and has ids and properties of the same length.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import dynamic

FINGERPRINT = "0" * 32


class NothingProvider(dynamic.ResourceProvider):
    """Every method returns at once. `diff` has an answer, so that the engine computes none."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        return dynamic.CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        return dynamic.DiffResult(changes=False, replaces=[], stables=[], delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult(_id(props), {**props, "fingerprint": FINGERPRINT})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        return dynamic.ReadResult(id_, props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do nothing: no remote object exists."""


class Nothing(dynamic.Resource, module="floor", name="Nothing"):
    """Resource with arbitrary properties and the output `fingerprint`."""

    fingerprint: pulumi.Output[str]

    def __init__(self, name: str, props: Mapping[str, Any]) -> None:
        super().__init__(NothingProvider(), name, {**props, "fingerprint": None})


def _id(props: Mapping[str, Any]) -> str:
    """Return an id like the product's: `<offer>`, `<offer>/<language>`, `<offer>/<plan>` or `<plan>/<language>`."""
    parent = props.get("plan") or props.get("offer") or ""
    own = props.get("language") or ("" if "plan" in props else str(uuid.uuid4()))
    return "/".join(part for part in (parent, own) if part)
