"""Measure the costs of the product: requests, time in comparison with the engine's own floor, imports, state, service.

    python -m provider.tools.bench [--only ROW …] [--quick]

Prints tables and writes `.bench/<UTC time>.json`, which also has every sample. No time makes the command fail; a
column of the tables shows the targets. A complete run takes some ten minutes on two cores; other programs disturb it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from provider.tools.bench import exports, growth, imports, requests, service, state, wall
from provider.tools.bench.report import Table, show
from provider.tools.bench.stack import PULUMI, Failed
from provider.tools.engine.engine import CHECKOUT
from provider.tools.engine.progress import Status, tidy_when_ended
from rich.console import Console

ROWS = ("requests", "export", "wall", "growth", "imports", "state", "service", "subscriptions")
WIDTH = 130
ShowProgress = Callable[[str], None]


def main() -> None:
    tidy_when_ended()
    options = _options()
    if not PULUMI.exists():
        sys.exit("bench: there is no .venv/bin/pulumi\n  next: make bench, which makes it")
    console, status = _console(), Status()
    taken: dict[str, Table] = {}
    failure = ""
    began, load, sources = datetime.now(UTC), os.getloadavg(), _sources()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for row in options.only:
                for name, table in _take(row, Path(folder, row), options, status.show):
                    taken[name] = table
                    status.clear()
                    show(table, console)
    except Failed as error:
        failure = f"bench: a measured command failed\n  it was: {error}\n  next: repair it; what went before is kept"
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        status.clear()
    print(f"written to {_write(taken, options, began, load, sources)}")
    if sources != _sources():
        print("provider/ or stacks/ changed meanwhile: the numbers are of several versions", file=sys.stderr)
    sys.exit(failure or 0)


def _console() -> Console:
    """Console as wide as the terminal; without a terminal, wide enough for every table."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)


def _take(
    row: str, folder: Path, options: argparse.Namespace, show: ShowProgress
) -> Iterator[tuple[str, Table]]:
    """Yield the name of each table and the table, as soon as it is measured."""
    folder.mkdir()
    match row:
        case "requests":
            yield row, requests.counted(folder, show)
        case "export":
            yield row, exports.counted(folder, show, plans=3 if options.quick else 100)
        case "wall":
            for size in options.sizes:
                at_once, late = wall.measured(folder / str(size), show, size=size, rounds=options.rounds)
                yield f"{row}, {size}", at_once
                yield f"{row}, {size}, late", late
        case "growth":
            sizes = (5, 10) if options.quick else (10, 200)
            yield row, growth.measured(folder, show, sizes=sizes, rounds=options.rounds)
        case "imports":
            yield row, imports.measured(folder, show, rounds=3 * options.rounds)
        case "state":
            yield row, state.weighed(folder, show, size=10 if options.quick else 50)
        case "service":
            yield row, service.measured(folder, show, webhooks=40 if options.quick else 1000)
        case "subscriptions":
            sizes = (200, 1000) if options.quick else (1_000, 100_000)
            yield row, service.counted(folder, show, sizes=sizes)


def _sources() -> str:
    """Return a digest of the measured files, to detect an edit during the run."""
    files = sorted(file for top in ("provider", "stacks") for file in (CHECKOUT / top).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m provider.tools.bench", description="Measure what the product costs."
    )
    parser.add_argument(
        "--only", nargs="+", choices=ROWS, default=ROWS, metavar="ROW", help=f"of {', '.join(ROWS)}"
    )
    parser.add_argument("--quick", action="store_true", help="one round, ten resources: to see that it works")
    parser.add_argument(
        "--rounds", type=int, help="of every measurement of time (3; imports: three times as many)"
    )
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="resources of a stack (10 50 200)")
    parser.add_argument(
        "--output", type=Path, default=CHECKOUT / ".bench", metavar="DIR", help="where the file goes (.bench)"
    )
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.sizes = options.sizes or ([10] if options.quick else [10, 50, 200])
    return options


def _write(
    taken: dict[str, Table],
    options: argparse.Namespace,
    began: datetime,
    load: tuple[float, float, float],
    sources: str,
) -> Path:
    """Write the machine, and each table with its samples. Return the file's path."""
    options.output.mkdir(parents=True, exist_ok=True)
    file: Path = options.output / f"{began:%Y%m%dT%H%M%SZ}.json"
    about = {
        "began_at": began.isoformat(),
        "took_seconds": (datetime.now(UTC) - began).total_seconds(),
        "load_average": {"before": load, "after": os.getloadavg()},
        "sources": {"before": sources, "after": _sources()},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "pulumi": version("pulumi"),
        "is_quick": options.quick,
        "rounds": options.rounds,
    }
    tables = {name: asdict(table) for name, table in taken.items()}
    file.write_text(json.dumps({**about, "tables": tables}, indent=2, ensure_ascii=False) + "\n")
    return file


if __name__ == "__main__":
    main()
