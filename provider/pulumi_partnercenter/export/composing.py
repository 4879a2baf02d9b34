"""From offers in the service to a folder with a program, and what people should read about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .engine import import_file
from .naming import Names, kebab, module_name, name_pieces
from .publication import publication, published_plans
from .reading import Piece, Tell, pieces_of, resources
from .saying import say, secrets_in
from .storing import Assets, complete, is_unreadable
from .writing import Module, formatted

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Product

__all__ = ["Exported", "compose"]

REQUIREMENTS = """\
# Made with version {version}.
# The package is on no index: whoever registers its name there must not run in your pipelines.
# PULUMI_PARTNERCENTER says where it comes from: git+ with a repository's address and a commit, or file:// and the path
# of a checkout.
pulumi-partnercenter @ ${{PULUMI_PARTNERCENTER}}
"""
"""An address, which pip takes from the environment; without the variable it refuses the line and asks no index."""


@dataclass
class Exported:
    """What was written, and what people should know."""

    offers: list[str] = field(default_factory=list)
    resources: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What a preview or an `up` will refuse, each with the rule."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Configuration keys that may be set, and what each is for."""
    plain: list[str] = field(default_factory=list)
    """Secrets that the service tells, so that they stand in the program."""


class Composer:
    """Writes into `folder`, which nobody else knows yet."""

    def __init__(self, api: SubmissionApi, folder: Path, tell: Tell) -> None:
        self._api, self._folder, self._tell = api, folder, tell
        self._taken = {each: Names() for each in resources()}
        self.exported, self._pieces = Exported(), list[Piece]()

    def offer(self, product: Product, *, is_alone: bool) -> Module:
        """The module of an offer; its files are in the folder afterwards."""
        prefix = "" if is_alone else kebab(product.offer_id)
        assets = Assets(self._folder, f"assets/{prefix}" if prefix else "assets")
        pieces, refusals = self._read(product, assets)
        name_pieces(pieces, prefix, self._taken)
        told = [each for each in pieces if not each.seen.is_fresh]
        fresh = [each for each in pieces if each.seen.is_fresh and not refusals[each]]
        published = publication(self._api, product.id, told, fresh)
        told += published.also
        for each in told:
            say(each, assets)
        self._keep(product.id, told)
        self._tell_of(told, refusals)
        self._pieces += told
        if submission := published.submission:
            submission.name = self._taken[submission.resource].unique(kebab(product.offer_id))
            self._pieces.append(submission)
        else:
            self._leave_out(product, f"no Submission: {published.reason}")
        self.exported.offers.append(product.offer_id)
        return Module(product.offer_id, told, assets, prefix, submission)

    def write(self, name: str, text: str) -> None:
        (self._folder / name).write_bytes(text.encode())

    def finish(self, project: str) -> None:
        """What a project has beside its program."""
        self.exported.resources = Counter(each.resource.__name__ for each in self._pieces)
        self.write("import.json", json.dumps(import_file(self._pieces), indent=2) + "\n")
        self.write("requirements.txt", REQUIREMENTS.format(version=_version()))
        self.write(".gitignore", "__pycache__/\n.venv/\n")
        described = "description: Offers of the Microsoft commercial marketplace"
        name = json.dumps(project)  # quoted: bare, YAML reads `123` as a number and `null` as nothing
        self.write(
            "Pulumi.yaml",
            f'name: {name}\n{described}\nruntime: python\nrequiredPulumiVersion: ">=3.216.0"\n',
        )

    def _read(self, product: Product, assets: Assets) -> tuple[list[Piece], dict[Piece, list[str]]]:
        """What the offer has, its files fetched, and what a preview will refuse of each."""
        found = pieces_of(self._api, product.id, lambda line: self._tell(f"{product.offer_id}: {line}"))
        unused = _unused(found)
        if unused:
            self._leave_out(product, f"{len(unused)} {unused[0].resource.__name__}: nothing refers to them")
        unreadable = [piece for piece in found if piece not in unused and is_unreadable(piece)]
        for piece in unreadable:
            words = "Partner Center gives no address to read its content from; what refers to it names its id"
            self._leave_out(product, f"{piece.resource.__name__} {piece.id}: {words}")
        refusals = {each: complete(each, assets) for each in found if each not in [*unused, *unreadable]}
        doubles = [each for each in refusals if not refusals[each] and self._has_a_double(each)]
        for each in doubles:
            words = "another one has the same content; it is named by its id"
            self._leave_out(product, f"{each.resource.__name__} {each.id}: {words}")
        return [each for each in refusals if each not in doubles], refusals

    def _has_a_double(self, piece: Piece) -> bool:
        """Whether an adoption by content would take another one."""
        if not piece.kind.is_keyed_by_content:
            return False
        found = piece.kind.find(self._api, piece.kind.inputs.parse(piece.checked))
        return found is None or found.id != piece.id

    def _leave_out(self, product: Product, words: str) -> None:
        self.exported.left_out.append(f"{product.offer_id}: {words}")

    def _keep(self, offer: str, pieces: Sequence[Piece]) -> None:
        """What was published is never deleted; a plan may be newer than the publication."""
        published = published_plans(self._api, offer) if pieces else set()
        plans = {f"{offer}/{each.id}" for each in self._api.plans.all(offer)}
        for each in pieces:
            is_draft = each.id in plans - published
            each.is_kept = each.kind.stays_once_published and offer in published and not is_draft

    def _tell_of(self, pieces: Sequence[Piece], refusals: dict[Piece, list[str]]) -> None:
        for each in pieces:
            self.exported.refused += [f"{each.label}: {words}" for words in refusals[each]]
            if not refusals[each] and (differing := _differing(each)):
                self.exported.refused.append(
                    f"{each.label}: {', '.join(differing)}: cannot be said as it is there"
                )
            self.exported.plain += [f"{each.label}: {name}" for name in secrets_in(each)]


def compose(
    api: SubmissionApi, products: Sequence[Product], folder: Path, project: str, tell: Tell
) -> Exported:
    """Writes the whole project into an empty folder. Sends no write to the service."""
    composer = Composer(api, folder, tell)
    if len(products) == 1:
        module = composer.offer(products[0], is_alone=True)
        composer.write("__main__.py", _source(module, composer.exported, is_function=False))
    else:
        names, modules = Names(joint="_"), list[str]()
        for product in products:
            module = composer.offer(product, is_alone=False)
            modules.append(names.unique(module_name(product.offer_id)))
            composer.write(f"{modules[-1]}.py", _source(module, composer.exported, is_function=True))
        composer.write("__main__.py", formatted(_main(modules)))
    composer.finish(project)
    return composer.exported


def _source(module: Module, exported: Exported, *, is_function: bool) -> str:
    text = formatted(module.text(is_function=is_function))
    exported.secrets |= module.secrets
    return text


def _main(modules: Sequence[str]) -> str:
    imports = "\n".join(f"import {each}" for each in sorted(modules))
    calls = "\n".join(f"{each}.declare()" for each in modules)
    return f'"""Every offer of this project."""\n\n{imports}\n\n{calls}\n'


def _unused(pieces: Sequence[Piece]) -> list[Piece]:
    """Uploads that nothing refers to: what was replaced long ago, mostly."""
    keyed = [each for each in pieces if each.kind.is_keyed_by_content]
    return [each for each in keyed if not any(other.refers_to(each.id) for other in pieces)]


def _differing(piece: Piece) -> list[str]:
    """What an adoption would find different, in spite of all."""
    names: list[str] = piece.kind.inputs.differing(piece.inputs(), piece.checked)
    return names


def _version() -> str:
    from importlib.metadata import version

    return version("pulumi-partnercenter")
