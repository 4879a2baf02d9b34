"""Compilation of Bicep sources to a template with the `bicep` command."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["SOURCES", "compile_template"]

SOURCES = (".bicep", ".bicepparam")
"""Suffixes of sources that a compiled package leaves out."""
TIMEOUT_SECONDS = 120
QUOTED = 2000
"""Maximum length of the compiler's output in a message."""

_templates: dict[tuple[str, Path | None], bytes] = {}
"""Templates that this process has compiled: the engine checks the same package several times."""


def compile_template(source: str, digest: str, folder: Path | None, lay_out: Callable[[Path], None]) -> bytes:
    """Return the template of a Bicep file. Raises ValueError with the compiler's messages, or with what to install.

    It is compiled in `folder`, where it may refer to modules outside of it. Without a folder, `lay_out` writes the
    sources
    into a temporary one. `digest` is the digest of the sources.
    """
    if (digest, folder) not in _templates:
        if folder:
            _templates[digest, folder] = _build(source, folder)
        else:
            with tempfile.TemporaryDirectory() as temporary:
                lay_out(Path(temporary))
                _templates[digest, folder] = _build(source, Path(temporary))
    return _templates[digest, folder]


def _build(source: str, folder: Path) -> bytes:
    command = shutil.which("bicep")
    if not command:
        raise ValueError(
            f"{source}: needs the `bicep` command on PATH: install it (https://aka.ms/bicep-install), or build the "
            "template yourself with `az bicep build` and put it beside it as mainTemplate.json"
        )
    try:
        done = subprocess.run(  # noqa: S603 - the user's own compiler on the user's own file
            [command, "build", "--stdout", source],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"{source}: `bicep build` took more than {TIMEOUT_SECONDS} seconds") from None
    except OSError as error:
        raise ValueError(f"{source}: {command} cannot be run ({error.strerror})") from None
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip()[:QUOTED]
        raise ValueError(f"{source}: `bicep build` failed: {message or f'exit code {done.returncode}'}")
    return done.stdout
