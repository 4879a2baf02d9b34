"""Build the engine from source: Pulumi's own Go modules, pinned and checksummed in this folder.

`go.mod` and `go.sum` pin the command line; `lang.mod` and `lang.sum` pin the newest Python language host that is still
part of the SDK's module, because the newer SDK of the command line has none. Two scripts of that SDK complete an
installation. A build resolves no versions: modules without a checksum are refused.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .progress import CommandFailed, Status, watch

MODULES = Path(__file__).parent
PINS = ("go.mod", "go.sum", "lang.mod", "lang.sum")
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LANGUAGE_HOST = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


class NoGo(Exception):
    """Go is missing on PATH or too old; the message is a line with what to install."""


def engine_version() -> str:
    """Return the version of the command line that `go.mod` pins, e.g. `3.259.0`."""
    pin = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (MODULES / "go.mod").read_text())
    assert pin, "go.mod pins github.com/pulumi/pulumi/pkg/v3"
    return pin[1]


def go_command(env: Mapping[str, str]) -> str:
    """Return the path of a Go that can build the modules. Raises: NoGo."""
    needed = re.search(r"^go (\S+)$", (MODULES / "go.mod").read_text(), re.MULTILINE)
    assert needed, "go.mod has a go line"
    go = shutil.which("go", path=env.get("PATH", os.defpath))
    version = _go_version(go, env) if go else ""
    if go and _numbers(version) >= _numbers(needed[1]):
        return go
    present = f"{go} is {version or 'not working'}" if go else "there is none on PATH"
    raise NoGo(
        f"building Pulumi's engine needs Go {needed[1]} or newer and {present}: "
        "install Go from https://go.dev/dl, or Pulumi itself from https://pulumi.com/docs/install, and run make again"
    )


def build(go: str, into: Path, env: Mapping[str, str], status: Status) -> None:
    """Put the four files of an engine into the folder `into`. Raises: CommandFailed.

    Takes three to five minutes on two cores with empty caches of Go, and seconds with filled ones.
    """
    env = _go_environment(env)
    version = f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{engine_version()}"
    _build_one(go, LANGUAGE_HOST, "language host", "lang.mod", "-s -w", into, env, status)
    _build_one(go, CLI, "engine", "go.mod", f"-s -w -X {version}", into, env, status)
    sdk = _run(go, ["list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"], env, status)[-1]
    for script in SCRIPTS:
        copied = Path(shutil.copyfile(Path(sdk) / script, into / Path(script).name))
        copied.chmod(0o755)


def _build_one(
    go: str, package: str, name: str, pins: str, link: str, into: Path, env: Mapping[str, str], status: Status
) -> None:
    def fetched(lines: Sequence[str]) -> str:
        return f"{name}: {sum(line.startswith('go: downloading') for line in lines)} modules fetched"

    def compiled(lines: Sequence[str]) -> str:
        return f"{name}: {len(lines)} of at most {len(packages)} packages compiled"

    chosen = f"-modfile={pins}"
    listed = watch([go, "list", chosen, "-deps", package], fetched, status, env=env, cwd=MODULES)
    packages = [line for line in listed if not line.startswith("go: ")]
    command = [go, "build", chosen, "-v", "-ldflags", link, "-o", f"{into}{os.sep}", package]
    watch(command, compiled, status, env=env, cwd=MODULES)


def _run(go: str, arguments: list[str], env: Mapping[str, str], status: Status) -> list[str]:
    lines = watch([go, *arguments], lambda _: "looking up a folder", status, env=env, cwd=MODULES)
    if not lines:
        raise CommandFailed([go, *arguments], MODULES, "said nothing", lines)
    return lines


def _go_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment without variables that change target, toolchain or pinned versions."""
    kept = {name: value for name, value in env.items() if name not in {"GOOS", "GOARCH", "GOEXPERIMENT"}}
    return kept | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly -buildvcs=false"}


def _go_version(go: str, env: Mapping[str, str]) -> str:
    try:
        asked = subprocess.run(
            [go, "env", "GOVERSION"],
            env=_go_environment(env),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version such as `go1.26.8`, `1.25.11` or `go1.27rc1` as comparable numbers; () for other texts."""
    numbers = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in numbers.groups()) if numbers else ()
