"""The handlers that the settings name: an entry point of Python, HTTP callbacks, or none."""

from __future__ import annotations

import difflib
import importlib
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from .callbacks import HttpHandlers
from .handlers import Handlers
from .metrics import Metrics
from .settings import ServiceSettings

__all__ = ["load_handlers"]

VARIABLE = "PARTNERCENTER_SAAS_HANDLERS"


def load_handlers(settings: ServiceSettings, *, now: Callable[[], datetime], metrics: Metrics) -> Handlers:
    """Return the handlers that the settings name; those that do nothing if they name none.

    Raises: SettingsError for an entry point that cannot be used.
    """
    if settings.callback_url:
        return HttpHandlers(settings.callback_url, settings.callback_secrets, now=now, metrics=metrics)
    return _load(settings.handlers) if settings.handlers else Handlers()


def _load(entry_point: str) -> Handlers:
    """Load `package.module:name`: a class, an instance, or a function that returns one."""
    match = re.fullmatch(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*(?:\.[^\W\d]\w*)*)", entry_point)
    if match is None:
        raise SettingsError(
            f"settings: {VARIABLE} is {entry_point!r}",
            next="set it to package.module:name, such as contoso.handlers:ContosoHandlers",
        )
    value: Any = _import(entry_point, match[1])
    for name in match[2].split("."):
        if not hasattr(value, name):
            close = difflib.get_close_matches(name, dir(value), 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SettingsError(
                f"settings: {VARIABLE} is {entry_point!r}, and {match[1]} has no {name}{hint}",
                next="name a class, an instance, or a function that returns one",
            )
        value = getattr(value, name)
    if isinstance(value, type) or (callable(value) and not isinstance(value, Handlers)):
        value = _call(entry_point, value)
    if not isinstance(value, Handlers):
        raise SettingsError(
            f"settings: {VARIABLE} is {entry_point!r}, which is of type {type(value).__name__}",
            next="derive it from pulumi_partnercenter.saas.Handlers",
        )
    return value


def _import(entry_point: str, module: str) -> Any:
    """Import a module, from the current directory as well."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            raise SettingsError(
                f"settings: {VARIABLE} is {entry_point!r}, and there is no module {error.name}",
                next="install its package, or start the service in the folder that has it",
            ) from None
        raise _broken(entry_point, "importing it", error) from error
    except Exception as error:
        raise _broken(entry_point, "importing it", error) from error


def _call(entry_point: str, make: Callable[[], object]) -> object:
    try:
        return make()
    except Exception as error:
        raise _broken(entry_point, "calling it without arguments", error) from error


def _broken(entry_point: str, action: str, error: Exception) -> SettingsError:
    """Return the error for an exception of the publisher's code."""
    return SettingsError(
        f"settings: {VARIABLE} is {entry_point!r}, and {action} failed with {type(error).__name__}: {error}",
        next="mend the module; `python -c 'import …'` shows the whole traceback",
    )
