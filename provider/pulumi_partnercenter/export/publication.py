"""Whether a Submission can be declared whose adoption publishes nothing. Source: reference 5.19, 6."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, islice
from typing import TYPE_CHECKING, Any

from ..resources._publishing import FURTHER, digest
from ..resources.offer import Offer
from ..resources.submission import Submission
from .reading import Piece

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.submission_models import Submission as Run

__all__ = ["Publication", "publication", "published_plans", "put_in_order"]

TRIED = 4096
"""How many selections are compared with what was published."""


@dataclass
class Publication:
    """`submission` in the program, or the reason why it is left out. `also` is what nobody changed and it sends."""

    submission: Piece | None = None
    also: list[Piece] = field(default_factory=list)
    reason: str = ""


def published_plans(api: SubmissionApi, offer: str) -> set[str]:
    """Ids of the offer and of each plan that was in a preview, or is."""
    return set(api.submissions.published(offer))


def publication(
    api: SubmissionApi, offer: str, pieces: Sequence[Piece], fresh: Sequence[Piece]
) -> Publication:
    """`pieces` go into the program; `fresh` are those that nobody has written since the service made them."""
    from ..api.submission.submissions import Standing

    run = api.submissions.newest(offer)
    if run is None:
        return Publication(reason="the offer was never submitted")
    if run.standing not in (Standing.PREVIEW, Standing.LIVE):
        return Publication(reason=f"its newest submission is {run.standing.value}")
    sent = _sent(api, offer, run, pieces, fresh)
    if sent is None:
        return Publication(
            reason=f"the drafts are not what is {run.standing.value}: publishing them is up to you"
        )
    said = {"offer": offer, "publishes": sent}
    if run.standing is Standing.LIVE:
        said["target"] = "live"
    return _judged(api, offer, said, [each for each in sent if each in fresh])


def _sent(
    api: SubmissionApi, offer: str, run: Run, pieces: Sequence[Piece], fresh: Sequence[Piece]
) -> list[Piece] | None:
    """The resources that it holds as they are now. Its mark tells whether a selection is right; where it has none, the
    drafts are compared.
    """
    own = [each for each in pieces if each.resource is not Offer]
    if not run.content:
        return own if api.submissions.holds(offer, run, "") else None
    modules = {each.type for each in run.resources}
    perhaps = [
        each
        for each in [*fresh, *pieces]
        if (each in fresh and FURTHER.get(each.resource.__name__, "") in ("", *modules))
        or each.resource is Offer
    ]
    for more in islice(_selections(perhaps), TRIED):
        if digest([each.fingerprint() for each in (*own, *more)]) == run.content:
            return [*own, *more]
    return None


def _selections(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Also of many plans: none, all of some classes, then any."""
    classes = sorted({each.resource.__name__ for each in pieces})
    by_class = chain.from_iterable(combinations(classes, number) for number in range(len(classes) + 1))
    whole = (tuple(each for each in pieces if each.resource.__name__ in names) for names in by_class)
    any_ = chain.from_iterable(combinations(pieces, number) for number in range(len(pieces) + 1))
    return chain(whole, any_)


def _judged(api: SubmissionApi, offer: str, said: dict[str, Any], also: list[Piece]) -> Publication:
    """Left out where a preview would refuse it, or where adopting what nobody changed would write."""
    for each in also:
        if each.kind.find(api, each.kind.inputs.parse(each.checked)) is None:
            return Publication(
                reason=f"it sends the {each.kind.noun}, and nobody can tell whether it was chosen"
            )
    kind, plain = Submission.provider.kind, {**said, **_told(said["publishes"])}
    if refused := kind.inputs.problems(plain):
        return Publication(reason="; ".join(refused))
    seen = kind.read(api, offer)
    last = {"submission": seen.outputs.submission, "content": digest(plain["publishes"])}
    checked = kind.inputs.canonical(plain)
    piece = Piece(Submission, kind.recalled(seen, last), said, checked, said)
    return Publication(piece, also)


def put_in_order(submission: Piece, pieces: Sequence[Piece]) -> None:
    """Sends the same in the order of the program, where a constructor takes it from."""
    sent = [each for each in pieces if each in submission.said["publishes"]]
    submission.said["publishes"] = sent
    submission.checked |= _told(sent)


def _told(sent: Sequence[Piece]) -> dict[str, list[str]]:
    """As the constructor tells it."""
    return {"publishes": [each.fingerprint() for each in sent], "sends": [each.label for each in sent]}
