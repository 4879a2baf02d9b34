"""What refers to what: found by ids among the arguments, and by ids that lie below others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._resource import Immutable
from .reading import Piece, texts

__all__ = ["Links"]


class Links:
    """Of the pieces of one offer."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        found = {piece: set(texts(piece.declared)) for piece in pieces}
        self.owners = {piece.id: piece for piece in pieces if piece.id not in found[piece]}
        """By id: those whose id is their own, and not that of what they belong to."""
        self.referred = {
            piece: [self.owners[each] for each in sorted(found[piece]) if each in self.owners]
            for piece in pieces
        }
        """By piece: the ones whose `.id` it names."""
        self.parent = {piece: self._parent(piece) for piece in pieces}
        """By piece: the plan or offer that it belongs to."""

    def holder(self, piece: Piece) -> Piece | None:
        """What it lies in without naming its `.id`: the listing of a picture."""
        nearest = next(self._above(piece), None)
        return nearest if nearest and nearest is not self.parent.get(piece) else None

    def shared(self, piece: Piece, holder: Piece) -> list[str]:
        """The arguments by which it lies there, as far as both say them."""
        fixed = set(piece.kind.inputs.marked(Immutable)) & set(holder.kind.inputs.marked(Immutable))
        return [
            name
            for name, value in piece.said.items()
            if name in fixed and value == holder.said.get(name) and value not in self.owners
        ]

    def needed(self) -> set[Piece]:
        """Those that another one names."""
        named = {each for referred in self.referred.values() for each in referred}
        for piece in self.referred:
            holder = self.holder(piece)
            if holder and self.shared(piece, holder):
                named.add(holder)
        return named

    def groups(self) -> list[list[Piece]]:
        """What others name, each after what it names itself; what belongs to the offer; each plan's own."""
        needed = self.needed()
        first = self._in_order(
            [each for each in self.owners.values() if each in needed or each in self._roots()]
        )
        by_parent: dict[Piece | None, list[Piece]] = {each: [] for each in [None, *first]}
        for piece in self.referred:
            if piece not in by_parent:
                by_parent[self.parent[piece]].append(piece)
        return [first, *(sorted(each, key=_by_class) for each in by_parent.values() if each)]

    def _roots(self) -> list[Piece]:
        return [piece for piece in self.owners.values() if not self.referred[piece]]

    def _parent(self, piece: Piece) -> Piece | None:
        return next((each for each in self._above(piece) if each in self.referred[piece]), None)

    def _above(self, piece: Piece) -> Iterator[Piece]:
        """The nearest first."""
        id = piece.id
        while id:
            owner = self.owners.get(id)
            if owner and owner is not piece:
                yield owner
            id = id.rpartition("/")[0]

    def _in_order(self, pieces: Sequence[Piece]) -> list[Piece]:
        left, done = sorted(pieces, key=_by_class), list[Piece]()
        while left:
            free = (each for each in left if not set(self.referred[each]) & set(left))
            ready = next(free, left[0])
            left.remove(ready)
            done.append(ready)
        return done


def _by_class(piece: Piece) -> tuple[str, str]:
    return piece.resource.__name__, piece.name
