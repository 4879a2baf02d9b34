"""The blocking client of the SaaS services, from the coroutines of its operations: same arguments, same texts."""

from __future__ import annotations

import ast
from pathlib import Path

from provider.tools.generate.constructors import HEADER, format_module

from pulumi_partnercenter.api.fulfillment import client, metering

SOURCES = {"Operations": Path(client.__file__), "UsageOperations": Path(metering.__file__)}
MODULE = Path(client.__file__).with_name("blocking_client.py")
HEAD = '''"""Blocking client of the SaaS services: the operations of client.py, without an event loop."""

{header}
from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from ...settings import Settings
from ..http.async_client import AsyncApiClient, BlockingWire, iterate_blocking, run_blocking
from ..http.tokens import TokenSource
from .client import Operations
from .models import AvailablePlan, Operation, ResolvedSubscription, Subscription
from .system import FULFILLMENT
from .usage import UsageEvent, UsageRecord, UsageResult

__all__ = ["FulfillmentClient"]


class FulfillmentClient:
    """Client of the SaaS fulfillment and metering services. Thread-safe, one connection pool.

    `settings`: those of `Settings.load_fulfillment()` if None. `correlation_id` joins all calls on the service's side;
    empty: each call has a fresh one. Close it, or use it as a context manager.
    """

    def __init__(self, settings: Settings | None = None, *, correlation_id: str = "") -> None:
        settings = settings or Settings.load_fulfillment()
        tokens = TokenSource.shared(settings, FULFILLMENT.audience)
        wire = BlockingWire(settings, FULFILLMENT, tokens)
        self._api = AsyncApiClient(settings, FULFILLMENT, tokens, wire)
        self._operations = Operations(self._api, correlation_id)

    def close(self) -> None:
        """Close all connections."""
        run_blocking(self._api.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
'''


def generated() -> dict[Path, str]:
    """The generated module and its text."""
    methods = [method for name, path in SOURCES.items() for method in _methods(name, path)]
    head = HEAD.replace("{header}", HEADER.format("client.py and metering.py"))
    return {MODULE: format_module(MODULE, "\n".join([head, *methods]))}


def _methods(class_name: str, path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    operations = next(
        node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == class_name
    )
    return [
        _method(node, source)
        for node in operations.body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]


def _method(function: ast.AsyncFunctionDef, source: str) -> str:
    docstring = ast.get_source_segment(source, function.body[0])
    returned = ast.unparse(function.returns) if function.returns else "None"
    positional = [argument.arg for argument in function.args.args[1:]]
    arguments = ", ".join([*positional, *(f"{name.arg}={name.arg}" for name in function.args.kwonlyargs)])
    call = f"self._operations.{function.name}({arguments})"
    run, keyword = "run_blocking", "return " if returned != "None" else ""
    if returned.startswith("AsyncIterator"):
        run, returned = "iterate_blocking", returned.removeprefix("Async")
    return (
        f"    def {function.name}({ast.unparse(function.args)}) -> {returned}:\n"
        f"        {docstring}\n        {keyword}{run}({call})\n"
    )
