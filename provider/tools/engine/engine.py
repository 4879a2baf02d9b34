"""Find a usable engine of Pulumi, or install one.

    python3 -m provider.tools.engine.engine [--wrapper .venv/bin/pulumi]

prints the path of `pulumi`, and writes the wrapper that runs it (see `wrapper.py`). The search order is: `pulumi` on
PATH (except wrappers of this project), `~/.pulumi/bin`, the cache. If none is usable, the SDK's official installer
fills the cache, or, without internet, a build from source (`source.py`). A usable engine is new enough and complete:
it has four files, and the last three are on PATH or beside the first.

The cache is `${XDG_CACHE_HOME:-~/.cache}/pulumi-partnercenter/engine/<key>`; the key is a digest of the pinned
modules and the platform. A build happens in a folder beside the cache and is renamed at its end, so the cache is never
incomplete. Needs only the standard library, and Linux or macOS.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .progress import CommandFailed, Status, tidy_when_ended, watch
from .source import MODULES, PINS, NoGo, build, engine_version, go_command

CHECKOUT = MODULES.parents[2]
FILES = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
OLDEST = (3, 216, 0)
"""The first version whose Python SDK lets `read` return inputs; `Pulumi.yaml` requires the same version."""
WRAPPER = Path(__file__).with_name("wrapper.py")
REACHABLE = "import urllib.request as r; r.urlopen('https://get.pulumi.com/install.sh', timeout=4).close()"


@dataclass(frozen=True)
class Engine:
    """A usable engine."""

    pulumi: Path
    version: str
    origin: str
    """Place of the engine: `PATH`, `~/.pulumi/bin` or `cache`."""


class Unfit(Exception):
    """The engine is not usable; the message is a short reason."""


def find(env: Mapping[str, str]) -> tuple[Engine | None, list[str]]:
    """Return the first usable engine, and the reasons against each engine before it."""
    passed_over: list[str] = []
    for origin, pulumi in _candidates(env):
        try:
            return Engine(pulumi, _fitness(pulumi, env), origin), passed_over
        except Unfit as reason:
            passed_over.append(f"{pulumi} {reason}")
    return None, passed_over


def get(env: Mapping[str, str]) -> Engine:
    """Install an engine into the cache; concurrent calls install it once.

    Raises: NoGo if no engine can be downloaded or built, CommandFailed if the build fails.
    """
    place = cache_folder(env)
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place.with_suffix(".lock")):
        pulumi = place / "pulumi"
        try:
            return Engine(pulumi, _fitness(pulumi, env), "cache")
        except Unfit:
            shutil.rmtree(place, ignore_errors=True)
        for leftover in place.parent.glob(f"{place.name}.partial-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f"{place.name}.partial-", dir=place.parent) as partial:
            binaries = Path(partial, "bin")
            binaries.mkdir()
            if not _download(binaries, env):
                _build(binaries, place, env)
            binaries.rename(place)
        return Engine(pulumi, _fitness(pulumi, env), "cache")


def cache_folder(env: Mapping[str, str]) -> Path:
    """Return the cache folder of the pinned version on this machine."""
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for pin in PINS:
        digest.update((MODULES / pin).read_bytes())
    root = env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or Path.home(), ".cache")
    return Path(root, "pulumi-partnercenter", "engine", digest.hexdigest()[:16])


def write_wrapper(wrapper: Path, engine: Engine) -> bool:
    """Let `wrapper` run `engine` with the environment around it. Return whether the file changed."""
    python = wrapper.parent.absolute() / "python"
    command = shlex.join([str(python), "-IS", str(WRAPPER), str(engine.pulumi)])
    remark = "made by make: the engine in use, with the defaults of provider/tools/engine/wrapper.py"
    text = f'#!/bin/sh\n# {remark}\nexec {command} "$@"\n'
    if wrapper.is_file() and wrapper.read_text() == text:
        return False
    wrapper.unlink(missing_ok=True)
    wrapper.write_text(text)
    wrapper.chmod(0o755)
    return True


def _candidates(env: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        pulumi = Path(folder or ".", "pulumi").absolute()
        if os.access(pulumi, os.X_OK) and pulumi.is_file() and not _is_wrapper(pulumi):
            yield "PATH", pulumi
    at_home = Path(env.get("HOME") or Path.home(), ".pulumi", "bin", "pulumi")
    if at_home.is_file():
        yield "~/.pulumi/bin", at_home
    cached = cache_folder(env) / "pulumi"
    if cached.is_file():
        yield "cache", cached


def _is_wrapper(pulumi: Path) -> bool:
    with pulumi.open("rb") as file:
        return b"/engine/wrapper.py" in file.read(1000)  # the wrapper of any version of this project


def _fitness(pulumi: Path, env: Mapping[str, str]) -> str:
    """Return the version of `pulumi`, e.g. `3.259.0`. Raises: Unfit."""
    beside = {str(pulumi.parent), str(pulumi.resolve().parent)}
    path = os.pathsep.join([*env.get("PATH", os.defpath).split(os.pathsep), *beside])
    host = shutil.which("pulumi-language-python", path=path)
    # the language host looks for its script only in its own folder
    runs = host and os.access(Path(host).resolve().parent / "pulumi-language-python-exec", os.X_OK)
    if not runs or not shutil.which("pulumi-resource-pulumi-python", path=path):
        raise Unfit("has no complete Python support beside it or on PATH")
    quiet = {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": str(CHECKOUT / ".pulumi" / "home"), **env}
    try:
        asked = subprocess.run(
            [pulumi, "version"], env=quiet, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Unfit("does not run") from None
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", asked.stdout)
    if asked.returncode or not version:
        raise Unfit("does not say its version")
    if tuple(map(int, version.groups())) < OLDEST:
        raise Unfit(f"is {version[0]}, older than {'.'.join(map(str, OLDEST))}")
    return version[0].removeprefix("v")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold `lock`. A second process prints a message and waits. The lock ends with its process."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is getting Pulumi's engine already: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(binaries: Path, env: Mapping[str, str]) -> bool:
    """Let the SDK's official installer fill `binaries`. Return False, without a message, if it cannot."""
    python = CHECKOUT / ".venv" / "bin" / "python"
    root = binaries.with_name("official")
    try:
        subprocess.run([sys.executable, "-c", REACHABLE], env=env, capture_output=True, timeout=6, check=True)
        _say(f"no pulumi here: fetching {engine_version()} with its official installer (some seconds, once)")
        command = [str(python), "-m", "provider.tools.engine.official", str(root), engine_version()]
        watch(command, lambda _: "downloading", Status(), env=env, cwd=CHECKOUT, deadline_seconds=600)
        for name in FILES:
            (root / "bin" / name).rename(binaries / name)
        _fitness(binaries / "pulumi", env)
    except (OSError, subprocess.SubprocessError, CommandFailed, Unfit):
        return False
    return True


def _build(binaries: Path, place: Path, env: Mapping[str, str]) -> None:
    go = go_command(env)
    _say(
        f"no pulumi here: building its engine {engine_version()} from source into {place}"
        " (some minutes, once; 3 to 5 on two cores)"
    )
    build(go, binaries, env, Status())
    _fitness(binaries / "pulumi", env)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """End with exit code 1 and at most three lines on stderr if there is no usable engine."""
    parser = argparse.ArgumentParser(description="Find Pulumi's engine, or get one.")
    parser.add_argument("--wrapper", type=Path, help="also write this script, which runs the engine")
    options = parser.parse_args()
    tidy_when_ended()
    env = dict(os.environ)
    try:
        engine, passed_over = find(env)
        if not engine:
            for reason in passed_over:
                _say(f"passed over: {reason}")
            engine = get(env)
    except NoGo as error:
        sys.exit(str(error))
    except CommandFailed as error:
        sys.exit(f"getting Pulumi's engine: {error}\n  it said: {error.output}\n  next: {error.next}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.wrapper and write_wrapper(options.wrapper, engine):
        _say(f"engine: pulumi {engine.version} ({engine.origin}: {engine.pulumi})")
    print(engine.pulumi)


if __name__ == "__main__":
    main()
