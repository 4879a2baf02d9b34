"""Serve the emulator on a socket until a signal ends it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from .app import create_app
from .gate import is_local
from .server import Server, listen
from .service import Pace

__all__ = ["serve"]


def serve(
    *,
    host: str,
    port: int,
    data: Path | None,
    seed: int | None,
    pace: Pace,
    strict: bool,
    saas_behaviour: str | None,
    names: Sequence[str],
    certificate: Path | None,
    key: Path | None,
) -> int:
    """Serve until a signal. Return the exit code: 0, or 1 with a line on stderr if it cannot start."""
    try:
        listener = listen(host, port)
        app = create_app(
            data=data,
            seed=seed,
            pace=pace,
            strict=strict,
            saas_behaviour=saas_behaviour,
            host=host,
            names=names,
        )
        server = Server(app, listener, certificate=certificate, key=key, ready=_announce)
    except (OSError, OverflowError, sqlite3.Error) as error:
        place = f"{host}:{port}" + (f", data {data}" if data else "")
        print(f"emulator: cannot start on {place}: {error}", file=sys.stderr)
        return 1
    if not is_local(bound := listener.getsockname()[0]):
        print(
            f"emulator: warning: {bound} can be reached by other machines, and whoever reaches it may read and"
            " change all its data",
            file=sys.stderr,
        )
    server.tame_signals()
    server.serve_forever()
    app.state.store.close()
    return 0


def _announce(address: str) -> None:
    print(f"listening on {address}", flush=True)
