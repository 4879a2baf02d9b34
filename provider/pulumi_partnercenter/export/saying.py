"""What a program says of a resource: no defaults, shorthands where they exist, numbers as people write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from .._resource import Derived, Implied, Inputs, Local, Part, Retained, Secret, Unordered, WriteOnly
from .._shown import is_signed
from .reading import Piece
from .storing import Assets, judged

__all__ = ["Hidden", "say", "secrets_in"]


@dataclass(frozen=True)
class Hidden:
    """The place of a secret that the service does not tell: the argument, and the member where it is a part."""

    argument: str
    member: str = ""


def say(piece: Piece, assets: Assets) -> None:
    """Fills in `said` from `checked`."""
    model = piece.kind.inputs
    unsaid = {"adopt", *model.marked(Derived), *model.marked(Implied)}
    full = {name: value for name, value in piece.checked.items() if name not in unsaid and value is not None}
    for name in list(full):
        if model.usual(name) is not None and _follows(piece, full, name, assets):
            del full[name]
    piece.said = {name: _said(model, name, value) for name, value in full.items()}
    for name in model.marked(Local):
        if name in piece.said:
            piece.said[name] = _shorter(piece, full, name, assets)
    _hide(model, piece)


def secrets_in(piece: Piece) -> list[str]:
    """Arguments of the program that hold a secret which the service tells to everybody who may read the offer."""
    model = piece.kind.inputs
    closed = {**model.untold(), **model.retained()}
    names = [name for name in model.marked(Secret) if name not in closed]
    names += [
        name
        for name in piece.said
        if name not in names and is_signed(json.dumps(piece.said[name], default=str))
    ]
    return [name for name in names if name in piece.said and not isinstance(piece.said[name], Hidden)]


def _follows(piece: Piece, full: dict[str, Any], name: str, assets: Assets) -> bool:
    """Whether an argument is its default, or a check fills in the same."""
    model = piece.kind.inputs
    if model.usual(name) == full[name]:
        return True
    if name in model.marked(Local) or not model.marked(Derived):
        return False
    return _comes_to_the_same(piece, {key: value for key, value in full.items() if key != name}, assets)


def _comes_to_the_same(piece: Piece, said: dict[str, Any], assets: Assets) -> bool:
    model = piece.kind.inputs
    derived, refused = judged(model, said, assets)
    return not refused and not model.differing(model.canonical({**said, **derived}), piece.checked)


def _shorter(piece: Piece, full: dict[str, Any], name: str, assets: Assets) -> Any:
    """A list of files without the names that follow from their sources."""
    value = piece.said[name]
    if not isinstance(value, list):
        return value
    for number, element in enumerate(value):
        for member in list(element) if isinstance(element, dict) else []:
            fewer = [{**each} for each in value]
            del fewer[number][member]
            if _comes_to_the_same(piece, {**full, name: fewer}, assets):
                value = fewer
    return value


def _said(model: type[Inputs], name: str, value: Any) -> Any:
    """As short as it can be said: what a check makes the same of."""
    if name in model.marked(Unordered) and isinstance(value, list) and all(isinstance(e, str) for e in value):
        value = sorted(value)
    short = _short(model, name, value)
    for candidate in (_shorthand(short), short):
        if _as_checked(model, name, candidate) == _as_checked(model, name, value):
            return candidate
    return value


def _as_checked(model: type[Inputs], name: str, value: Any) -> str:
    return json.dumps(model.canonical({name: value})[name], sort_keys=True)


def _short(part: type[Part], name: str, value: Any) -> Any:
    """Without what is at its default; numbers for money."""
    inner = part.part_in(name)
    if isinstance(value, list):
        return [_short(part, name, each) for each in value]
    if isinstance(value, dict) and inner and set(value) <= set(inner.names()):
        return {
            key: _short(inner, key, each)
            for key, each in value.items()
            if each is not None and each != inner.usual(key)
        }
    if isinstance(value, str) and _is(Decimal, part.hint(name)):
        return _number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(text: str) -> Any:
    """What Python takes for exactly this amount."""
    try:
        amount = Decimal(text)
    except ArithmeticError:
        return text
    if amount == amount.to_integral_value():
        return int(amount)
    return float(text) if Decimal(repr(float(text))) == amount else text


def _is(kind: type, hint: Any) -> bool:
    return hint is kind or any(_is(kind, each) for each in get_args(hint))


def _shorthand(value: Any) -> Any:
    """A text alone where a part has only one member left."""
    return [_alone(each) for each in value] if isinstance(value, list) else value


def _alone(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def _hide(model: type[Inputs], piece: Piece) -> None:
    """A place for each secret that the service keeps to itself, whether it has one or not, and for each that stays."""
    said = piece.said
    for name in model.marked(Retained):
        if piece.declared.get(name):
            said[name] = Hidden(name)
    for name in model.marked(WriteOnly):
        if name in model.marked(Secret):
            said[name] = Hidden(name)
    for name in {**model.untold(), **model.retained()}:
        if isinstance(said.get(name), dict):
            members = [*model.untold().get(name, []), *model.retained().get(name, [])]
            said[name] = said[name] | {each: Hidden(name, each) for each in members}
