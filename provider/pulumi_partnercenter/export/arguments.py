"""Arguments of an exported resource in a program's form: without defaults, with shorthands and plain numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from ..markers import Derived, Implied, Local, Retained, Secret, Unordered, WriteOnly
from ..messages import is_signed
from ..model import Arguments, Part
from .assets import Assets, check_arguments
from .collect import ExportedResource
from .hidden_members import replace_hidden

__all__ = ["HiddenValue", "exposed_secrets", "set_arguments"]


@dataclass(frozen=True)
class HiddenValue:
    """Placeholder of a value that the service does not return: of an argument, or of the member at a path in one."""

    path: tuple[str, ...]


def set_arguments(resource: ExportedResource, assets: Assets) -> None:
    """Fill in `arguments` from `checked`."""
    model = resource.kind.arguments
    omitted = {"adopt", *model.marked(Derived), *model.marked(Implied)}
    full = {
        name: value for name, value in resource.checked.items() if name not in omitted and value is not None
    }
    for name in list(full):
        if model.default(name) is not None and _is_redundant(resource, full, name, assets):
            del full[name]
    resource.arguments = {name: _shorten(model, name, value) for name, value in full.items()}
    for name in model.marked(Local):
        if name in resource.arguments:
            resource.arguments[name] = _drop_derived_members(resource, full, name, assets)
    _hide_values(model, resource)


def exposed_secrets(resource: ExportedResource) -> list[str]:
    """Return arguments with a secret that the service returns to every reader of the offer."""
    model, arguments = resource.kind.arguments, resource.arguments
    # Secrets in a part are its hidden members.
    names = [name for name in model.marked(Secret) if model.part_in(name) is None]
    names += [
        name
        for name, value in arguments.items()
        if name not in names and is_signed(json.dumps(value, default=str))
    ]
    return [name for name in names if name in arguments and not isinstance(arguments[name], HiddenValue)]


def _is_redundant(resource: ExportedResource, full: dict[str, Any], name: str, assets: Assets) -> bool:
    """Return whether an argument is its default, or a check fills in the same value."""
    model = resource.kind.arguments
    if model.default(name) == full[name]:
        return True
    if name in model.marked(Local) or not model.marked(Derived):
        return False
    return _is_equivalent(resource, {key: value for key, value in full.items() if key != name}, assets)


def _is_equivalent(resource: ExportedResource, arguments: dict[str, Any], assets: Assets) -> bool:
    """Return whether a check completes these arguments to those of the resource."""
    model = resource.kind.arguments
    derived, problems = check_arguments(model, arguments, assets)
    return not problems and not model.differing(model.canonical({**arguments, **derived}), resource.checked)


def _drop_derived_members(resource: ExportedResource, full: dict[str, Any], name: str, assets: Assets) -> Any:
    """Return the list of files without names that can be derived from their sources."""
    files = resource.arguments[name]
    if not isinstance(files, list):
        return files
    for number, file in enumerate(files):
        for member in list(file) if isinstance(file, dict) else []:
            candidate = [{**element} for element in files]
            del candidate[number][member]
            if _is_equivalent(resource, {**full, name: candidate}, assets):
                files = candidate
    return files


def _shorten(model: type[Arguments], name: str, value: Any) -> Any:
    """Return the shortest value that a check completes to the same."""
    is_set = name in model.marked(Unordered) and isinstance(value, list)
    if is_set and all(isinstance(element, str) for element in value):
        value = sorted(value)
    short = _without_defaults(model, name, value)
    for candidate in (_shorthand(short), short):
        if _canonical_json(model, name, candidate) == _canonical_json(model, name, value):
            return candidate
    return value


def _canonical_json(model: type[Arguments], name: str, value: Any) -> str:
    return json.dumps(model.canonical({name: value})[name], sort_keys=True)


def _without_defaults(part: type[Part], name: str, value: Any) -> Any:
    """Return the value without members at their defaults, with numbers for money."""
    inner = part.part_in(name)
    if isinstance(value, list):
        return [_without_defaults(part, name, element) for element in value]
    if isinstance(value, dict) and inner and set(value) <= set(inner.names()):
        return {
            key: _without_defaults(inner, key, member)
            for key, member in value.items()
            if member is not None and member != inner.default(key)
        } or value
    if isinstance(value, dict):
        return {key: _without_defaults(part, name, member) for key, member in value.items()}
    if isinstance(value, str) and _has_type(Decimal, part.hint(name)):
        return _exact_number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _exact_number(text: str) -> Any:
    """Return a Python number of exactly this amount; the text if there is none."""
    try:
        amount = Decimal(text)
    except ArithmeticError:
        return text
    if amount == amount.to_integral_value():
        return int(amount)
    return float(text) if Decimal(repr(float(text))) == amount else text


def _has_type(type_: type, hint: Any) -> bool:
    return hint is type_ or any(_has_type(type_, argument) for argument in get_args(hint))


def _shorthand(value: Any) -> Any:
    """Return the list with a plain value for every object with a single remaining member."""
    return [_only_member(element) for element in value] if isinstance(value, list) else value


def _only_member(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def _hide_values(model: type[Arguments], resource: ExportedResource) -> None:
    """Set a placeholder for each secret that the service does not return, and for each retained secret."""
    arguments = resource.arguments
    for name in model.marked(Secret):
        is_retained = name in model.marked(Retained) and resource.declared.get(name)
        if model.part_in(name) is None and (is_retained or name in model.marked(WriteOnly)):
            arguments[name] = HiddenValue((name,))
    for name, value in arguments.items():
        if (part := model.part_in(name)) and isinstance(value, dict):
            arguments[name] = replace_hidden(part, value, _hide, (name,))


def _hide(_: type[Part], path: tuple[str, ...]) -> HiddenValue:
    return HiddenValue(path)
