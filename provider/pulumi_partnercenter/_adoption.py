"""Taking over what exists: what is overwritten is told first, and without `adopt` it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._arguments import Inputs
from ._kind import Seen
from ._markers import Immutable, Secret
from ._words import differences
from .errors import AdoptionRefused

__all__ = ["overwritten"]


def overwritten(noun: str, found: Seen[Any], want: Inputs, differing: Sequence[str]) -> list[str]:
    """A remark with the values that a write replaces; none for what nobody has written yet.

    Raises AdoptionRefused, with both values of each argument, unless the program says `adopt` and all of it can change.
    """
    fixed = [name for name in differing if name in want.marked(Immutable)]
    values = {name: (found.inputs[name], want.plain()[name]) for name in differing}
    secret, what = want.marked(Secret), f"{noun} {found.id}"
    if not fixed and found.is_fresh:
        return []
    if not fixed and want.adopt:
        return [f"{what}: adopt: {differences(values, secret, 'was {}, becomes {}')}"]
    raise AdoptionRefused(
        f"{what} exists already and differs: {differences(values, secret, 'is {}, not {}')}",
        next=f"{', '.join(fixed)} cannot change in place: write the value that exists, or choose another name"
        if fixed
        else "write what exists into the program, or set adopt=True to overwrite it",
    )
