"""Install the plugins in a Pulumi home of the rehearsals, so that other stacks cannot take them for the real ones."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
PACKAGES = ("azure-native", "azuread", "random")


class NoSdk(Exception):
    """The environment lacks the SDK of a package; the message is one line."""


def install(home: Path, environment: Path) -> None:
    """Install the plugins in `home`, with the versions of the SDKs in `environment`. Raises: NoSdk."""
    for package in PACKAGES:
        version = _sdk_version(package, environment)
        folder = home / "plugins" / f"resource-{package}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        plugin = folder / f"pulumi-resource-{package}"
        command = shlex.join(
            [str(environment / "bin" / "python"), "-P", "-m", "provider.tools.echo", package]
        )
        path = shlex.quote(str(CHECKOUT))
        text = f'#!/bin/sh\n# made by make: plays {package}\nPYTHONPATH={path} exec {command} "$@"\n'
        if not plugin.is_file() or plugin.read_text() != text:
            plugin.write_text(text)
            plugin.chmod(0o755)


def _sdk_version(package: str, environment: Path) -> str:
    name = f"pulumi_{package.replace('-', '_')}"
    for description in environment.glob(f"lib/python*/site-packages/{name}/pulumi-plugin.json"):
        version: str = json.loads(description.read_text())["version"]
        return version
    raise NoSdk(f"{environment} has no {name}")
