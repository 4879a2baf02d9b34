"""Pieces as Python, as a person would write it: a variable for what is referred to, long texts beside the program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .._resource import Immutable
from .links import Links
from .naming import Names, kebab, variable
from .publication import put_in_order
from .reading import Piece
from .saying import Hidden
from .storing import Assets

__all__ = ["Module", "formatted"]

LONG = 200
"""Characters of a text that is better off in a file."""
WIDE = 76
"""Characters of a text that still stand on one line."""
HTML = re.compile(r"</?[a-zA-Z][^<>]*>")
RESERVED = ("assets", "config", "declare", "kept", "partnercenter", "path", "pulumi")


@dataclass(frozen=True)
class _Code:
    """Python, to be put in as it is."""

    text: str


@dataclass
class Module:
    """The program of one offer. `key` goes before its configuration keys where it is one of several."""

    offer_id: str
    pieces: Sequence[Piece]
    assets: Assets
    key: str = ""
    submission: Piece | None = None
    links: Links = field(init=False)
    secrets: dict[str, str] = field(default_factory=dict)
    """Configuration keys that may be set, and what each is for."""

    def __post_init__(self) -> None:
        self.links = Links(self.pieces)
        self._groups, self._reads_files = self.links.groups(), False
        if self.submission:
            put_in_order(self.submission, [piece for group in self._groups for piece in group])

    def text(self, *, is_function: bool) -> str:
        """Not formatted yet."""
        self._give_variables()
        groups, needed = self._groups, self.links.needed()
        if self.submission:
            groups, needed = [*groups, [self.submission]], needed | set(self.submission.said["publishes"])
        blocks = ["\n".join(self._statement(each, each in needed) for each in group) for group in groups]
        if any(piece.is_kept for piece in self.pieces):
            told = "# The service deletes none of these once it was published: destroying lets go of them."
            blocks.insert(0, f"{told}\nkept = pulumi.ResourceOptions(retain_on_delete=True)")
        if self.secrets:
            blocks.insert(0, "config = pulumi.Config()")
        body = "\n\n".join(blocks)
        if is_function:
            body = "def declare() -> None:\n" + "\n".join(f"    {line}" for line in body.split("\n"))
        return f"{self._head()}{body}\n"

    def _head(self) -> str:
        docstring = f'"""Offer {kebab(self.offer_id)}, as Partner Center has it."""'
        packages = ["import pulumi"] if self.secrets or any(piece.is_kept for piece in self.pieces) else []
        packages += ["import pulumi_partnercenter as partnercenter"]
        imports = [*(["from pathlib import Path"] if self._reads_files else []), "\n".join(packages)]
        parts = "".join(f' / "{each}"' for each in self.assets.place.split("/"))
        folder = f"ASSETS = Path(__file__).parent{parts}\n\n" if self._reads_files else ""
        return f"{docstring}\n\n" + "\n\n".join(imports) + f"\n\n{folder}"

    def _give_variables(self) -> None:
        classes = [piece.resource for piece in self.pieces]
        names = Names(*RESERVED, joint="_")
        for piece in self.pieces:
            wish = variable(piece, self.key, is_only=classes.count(piece.resource) == 1)
            piece.variable = names.unique(wish)

    def _statement(self, piece: Piece, is_needed: bool) -> str:
        holder = self.links.holder(piece) if piece is not self.submission else None
        shared = self.links.shared(piece, holder) if holder else []
        arguments = [
            f"{name}={holder.variable}.{name}"
            if holder and name in shared
            else f"{name}={_literal(self._told(piece, value, [name]))}"
            for name, value in piece.said.items()
        ]
        kept = ["opts=kept"] if piece.is_kept else []
        class_, start = piece.resource.__name__, f"{piece.variable} = " if is_needed else ""
        return f"{start}partnercenter.{class_}({', '.join([_literal(piece.name), *arguments, *kept])})"

    def _told(self, piece: Piece, value: Any, place: list[str]) -> Any:
        """The value with code for what is elsewhere: references, secrets, long texts."""
        if isinstance(value, Hidden):
            return self._secret(piece, value)
        if isinstance(value, Piece):
            return _Code(value.variable)
        if isinstance(value, dict):
            return {key: self._told(piece, each, [*place, str(key)]) for key, each in value.items()}
        if isinstance(value, list):
            return [self._told(piece, each, place) for each in value]
        if isinstance(value, str):
            owner = self.links.owners.get(value)
            is_other = owner is not None and owner is not piece
            return _Code(f"{owner.variable}.id") if owner and is_other else self._text(piece, value, place)
        return value

    def _text(self, piece: Piece, text: str, place: list[str]) -> Any:
        is_html = bool(HTML.search(text))
        if place[0] in piece.kind.inputs.marked(Immutable):
            return text  # a name, however long
        if len(text) < (WIDE if is_html or "\n" in text else LONG):
            return text
        wish = f"{'-'.join([piece.name, *map(kebab, place)])}{'.html' if is_html else '.txt'}"
        name = self.assets.write(wish, text)
        if name is None:
            return text
        self._reads_files = True
        return _Code(f'(ASSETS / "{name}").read_text(encoding="utf-8")')

    def _secret(self, piece: Piece, hidden: Hidden) -> _Code:
        words = [piece.resource.__name__, hidden.member or hidden.argument]
        key = "-".join(each.replace("_", "-") for each in [self.key, *map(kebab, words)] if each)
        place = ".".join(each for each in (hidden.argument, hidden.member) if each)
        self.secrets[key] = f"{piece.label}: {place}"
        return _Code(f"config.get_secret({_literal(key)}, '')")


def _literal(value: Any) -> str:
    if isinstance(value, _Code):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str) and len(value) > WIDE:
        return "(" + " ".join(map(repr, _lines(value))) + ")"
    return repr(value)


def _lines(text: str) -> list[str]:
    """Cut before words; together they are the text again."""
    lines = [""]
    for word in re.findall(r"\S+\s*|\s+", text):
        if len(lines[-1]) + len(word) > WIDE and lines[-1]:
            lines.append("")
        lines[-1] += word
    return lines


def formatted(text: str) -> str:
    import black

    return black.format_str(text, mode=black.Mode(line_length=100))
