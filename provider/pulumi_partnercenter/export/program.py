"""Source code of an exported offer, with variables for references and files for long texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..markers import Immutable
from .arguments import HiddenValue
from .assets import Assets
from .collect import ExportedResource
from .exported_publication import order_publication
from .names import Names, kebab, variable
from .references import References

__all__ = ["OfferModule", "format_source"]

FILE_LENGTH = 200
"""Minimum length of a text that goes into a file."""
LINE_LENGTH = 76
"""Maximum length of a text on a line."""
HTML = re.compile(r"</?[a-zA-Z][^<>]*>")
RESERVED = ("assets", "config", "declare", "kept", "partnercenter", "path", "pulumi")
"""Names that the program itself uses."""


@dataclass(frozen=True)
class _Code:
    """An expression of the program."""

    text: str


@dataclass
class OfferModule:
    """Program of an offer. `key` is the prefix of its configuration keys in a program with several offers."""

    offer_id: str
    resources: Sequence[ExportedResource]
    assets: Assets
    key: str = ""
    publication: ExportedResource | None = None
    references: References = field(init=False)
    secrets: dict[str, str] = field(default_factory=dict)
    """Optional configuration keys, with their purposes."""

    def __post_init__(self) -> None:
        self.references = References(self.resources)
        self._groups, self._reads_files = self.references.groups(), False
        if self.publication:
            order_publication(self.publication, [resource for group in self._groups for resource in group])

    def source(self, *, is_function: bool) -> str:
        """Return the source code, not formatted."""
        self._assign_variables()
        groups, referenced = self._groups, self.references.referenced()
        if self.publication:
            groups = [*groups, [self.publication]]
            referenced |= set(self.publication.arguments["publishes"])
        blocks = [
            "\n".join(self._statement(resource, resource in referenced) for resource in group)
            for group in groups
        ]
        if any(resource.is_kept for resource in self.resources):
            comment = (
                "# The service does not delete these once published, so that `pulumi destroy` keeps them."
            )
            blocks.insert(0, f"{comment}\nkept = pulumi.ResourceOptions(retain_on_delete=True)")
        if self.secrets:
            blocks.insert(0, "config = pulumi.Config()")
        body = "\n\n".join(blocks)
        if is_function:
            body = "def declare() -> None:\n" + "\n".join(f"    {line}" for line in body.split("\n"))
        return f"{self._header()}{body}\n"

    def _header(self) -> str:
        docstring = f'"""Offer {kebab(self.offer_id)}, as Partner Center has it."""'
        uses_pulumi = self.secrets or any(resource.is_kept for resource in self.resources)
        packages = ["import pulumi"] if uses_pulumi else []
        packages += ["import pulumi_partnercenter as partnercenter"]
        imports = [*(["from pathlib import Path"] if self._reads_files else []), "\n".join(packages)]
        parts = "".join(f' / "{part}"' for part in self.assets.path.split("/"))
        folder = f"ASSETS = Path(__file__).parent{parts}\n\n" if self._reads_files else ""
        return f"{docstring}\n\n" + "\n\n".join(imports) + f"\n\n{folder}"

    def _assign_variables(self) -> None:
        classes = [resource.resource_class for resource in self.resources]
        names = Names(*RESERVED, joint="_")
        for resource in self.resources:
            is_only = classes.count(resource.resource_class) == 1
            resource.variable = names.unique(variable(resource, self.key, is_only=is_only))

    def _statement(self, resource: ExportedResource, is_referenced: bool) -> str:
        holder = self.references.holder(resource) if resource is not self.publication else None
        shared = self.references.shared_arguments(resource, holder) if holder else []
        arguments = [
            f"{name}={holder.variable}.{name}"
            if holder and name in shared
            else f"{name}={_literal(self._with_code(resource, value, [name]))}"
            for name, value in resource.arguments.items()
        ]
        options = ["opts=kept"] if resource.is_kept else []
        assignment = f"{resource.variable} = " if is_referenced else ""
        call = ", ".join([_literal(resource.name), *arguments, *options])
        return f"{assignment}partnercenter.{resource.resource_class.schema.known_as}({call})"

    def _with_code(self, resource: ExportedResource, value: Any, path: list[str]) -> Any:
        """Return the value with code in place of references, secrets and long texts."""
        if isinstance(value, HiddenValue):
            return self._secret(resource, value)
        if isinstance(value, ExportedResource):
            return _Code(value.variable)
        if isinstance(value, dict):
            return {
                key: self._with_code(resource, member, [*path, str(key)]) for key, member in value.items()
            }
        if isinstance(value, list):
            return [self._with_code(resource, element, path) for element in value]
        return self._string(resource, value, path) if isinstance(value, str) else value

    def _string(self, resource: ExportedResource, text: str, path: list[str]) -> str | _Code:
        """Return the string, or code in place of a resource's id or of a text that goes into a file."""
        owner = self.references.owners.get(text)
        if owner and owner is not resource:
            return _Code(f"{owner.variable}.id")
        is_html = bool(HTML.search(text))
        if path[0] in resource.kind.arguments.marked(Immutable):
            return text  # a name stays in the program at any length
        if len(text) < (LINE_LENGTH if is_html or "\n" in text else FILE_LENGTH):
            return text
        candidate = f"{'-'.join([resource.name, *map(kebab, path)])}{'.html' if is_html else '.txt'}"
        name = self.assets.write(candidate, text)
        if name is None:
            return text
        self._reads_files = True
        return _Code(f'(ASSETS / "{name}").read_text(encoding="utf-8")')

    def _secret(self, resource: ExportedResource, hidden: HiddenValue) -> _Code:
        """Return code that reads a configuration key, and record the key in `secrets`."""
        words = [resource.resource_class.__name__, hidden.path[-1]]
        key = "-".join(word.replace("_", "-") for word in [self.key, *map(kebab, words)] if word)
        self.secrets[key] = f"{resource.label}: {'.'.join(hidden.path)}"
        return _Code(f"config.get_secret({_literal(key)}, '')")


def _literal(value: Any) -> str:
    if isinstance(value, _Code):
        return value.text
    if isinstance(value, dict):
        members = (f"{_literal(key)}: {_literal(member)}" for key, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str) and len(value) > LINE_LENGTH:
        return "(" + " ".join(map(repr, _split_lines(value))) + ")"
    return repr(value)


def _split_lines(text: str) -> list[str]:
    """Split a text before words, so that the joined lines are the text again."""
    lines = [""]
    for word in re.findall(r"\S+\s*|\s+", text):
        if len(lines[-1]) + len(word) > LINE_LENGTH and lines[-1]:
            lines.append("")
        lines[-1] += word
    return lines


def format_source(text: str) -> str:
    import black

    return black.format_str(text, mode=black.Mode(line_length=100))
