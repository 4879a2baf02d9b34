"""`python -m pulumi_partnercenter.emulator`: serves every emulated API on one port of this machine.

The first line on stdout is `listening on http://HOST:PORT`, once connections are accepted. There is no other output but
a warning on stderr where other machines can reach it. SIGINT and SIGTERM end it with status 0.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from .app import create_app
from .gate import is_local
from .server import Server, listen

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. Returns 0, or 1 with one line on stderr when it cannot start."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.tls_certificate is None) != (options.tls_key is None):
        parser.error("--tls-certificate and --tls-key go together")
    for file in (options.tls_certificate, options.tls_key):
        if file is not None and not file.is_file():
            parser.error(f"{file} is not a file")
    try:
        listener = listen(options.host, options.port)
        app = create_app(
            data=options.data,
            seed=options.seed,
            pace=options.pace,
            strict=options.strict,
            host=options.host,
            names=options.allow_host,
        )
        server = Server(
            app, listener, certificate=options.tls_certificate, key=options.tls_key, ready=_announce
        )
    except (OSError, OverflowError, sqlite3.Error) as error:
        where = f"{options.host}:{options.port}" + (f", data {options.data}" if options.data else "")
        print(f"emulator: cannot start on {where}: {error}", file=sys.stderr)
        return 1
    if not is_local(bound := listener.getsockname()[0]):
        print(
            f"emulator: warning: {bound} can be reached by other machines, and whoever reaches it may read and"
            " change all that it holds",
            file=sys.stderr,
        )
    server.tame_signals()
    server.serve_forever()
    app.state.store.close()
    return 0


def _announce(address: str) -> None:
    print(f"listening on {address}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_partnercenter.emulator",
        description="Serves every emulated API of Partner Center on one port of this machine.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder that keeps its state; memory without"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="makes ids repeat from run to run")
    parser.add_argument(
        "--pace",
        choices=("instant", "real"),
        default="instant",
        help="whether children appear at once or late",
    )
    parser.add_argument(
        "--strict", action="store_true", help="refuse members that the service ignores: 501, not emulated"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name that it may be reached by, e.g. of a container; may be repeated",
    )
    parser.add_argument(
        "--tls-certificate", type=Path, metavar="FILE", help="PEM certificate chain: serve https"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="PEM private key of the certificate")
    return parser


if __name__ == "__main__":
    sys.exit(main())
