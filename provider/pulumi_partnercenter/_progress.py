"""Progress of something long, as a status line of the engine: shown while it lasts, gone from the final output.

Source: the engine's rules for Python dynamic resources; a plugin process has the engine's address as its last argument.
"""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from typing import Any

from ._shown import shown

__all__ = ["status"]


def status(line: str) -> None:
    """Show `line`, which the next one replaces. Outside a plugin, and when the engine does not listen: nothing."""
    address = sys.argv[-1]
    if re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\]):\d+", address):
        import grpc
        from pulumi.runtime.proto import engine_pb2

        message = engine_pb2.LogRequest(severity=engine_pb2.INFO, message=shown(line), ephemeral=True)
        with contextlib.suppress(grpc.RpcError):
            _engine(address).Log(message, timeout=5)


@functools.cache
def _engine(address: str) -> Any:
    import grpc
    from pulumi.runtime.proto import engine_pb2_grpc

    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
