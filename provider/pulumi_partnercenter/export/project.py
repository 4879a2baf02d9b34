"""Export of offers into a folder with a program, and a report about it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..api.portal.system import PORTAL
from ..api.submission.system import SUBMISSION
from ..directory.offers import FoundOffer
from .arguments import exposed_secrets, set_arguments
from .assets import Assets, check_resource, is_unreadable
from .collect import ExportedResource, ShowProgress, collect_resources
from .exporter import Exporter
from .import_file import build_import_file
from .names import Names, assign_names, kebab, module_name
from .portal_exporter import PortalExporter
from .program import OfferModule, format_source
from .submission_exporter import SubmissionExporter

__all__ = ["ExportReport", "export_project"]

EXPORTERS: dict[str, Callable[[Any], Exporter]] = {
    SUBMISSION.name: SubmissionExporter,
    PORTAL.name: PortalExporter,
}
"""By the name of a system: the export of its offers, made of its client."""
REQUIREMENTS = """\
# Made with version {version}.
# The package is on no index: whoever registers its name there must not run in your pipelines.
# PULUMI_PARTNERCENTER says where it comes from: git+ with a repository's address and a commit, or file:// and the path
# of a checkout.
pulumi-partnercenter @ ${{PULUMI_PARTNERCENTER}}
"""
"""Requirement with an address from the environment. Without the variable, pip refuses it and contacts no index."""


@dataclass
class ExportReport:
    """Content of the export, and remarks for the user."""

    offers: list[str] = field(default_factory=list)
    resources: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Problems that a preview or an `up` will refuse, each with the rule."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Optional configuration keys, with their purposes."""
    exposed_secrets: list[str] = field(default_factory=list)
    """Secrets that the service returns, so that the program contains them."""


class ProjectWriter:
    """Writes a project into an empty folder."""

    def __init__(
        self, folder: Path, show: ShowProgress, exporters: Mapping[str, Callable[[Any], Exporter]]
    ) -> None:
        self._folder, self._show, self._exporters = folder, show, exporters
        self._names, self._prefixes = defaultdict[type, Names](Names), Names()
        self.report, self._resources = ExportReport(), list[ExportedResource]()

    def export_offer(self, offer: FoundOffer, *, is_alone: bool) -> OfferModule:
        """Export an offer with its files. Return its module."""
        prefix = "" if is_alone else self._prefixes.unique(kebab(offer.offer_id), kebab(offer.label))
        assets = Assets(self._folder, f"assets/{prefix}" if prefix else "assets")
        resources, problems = self._read_resources(offer, assets)
        assign_names(resources, prefix, self._names)
        declared = [resource for resource in resources if not resource.current.is_fresh]
        defaults = [
            resource for resource in resources if resource.current.is_fresh and not problems[resource]
        ]
        exporter = self._exporters[offer.system.name](offer.system.client)
        exported = exporter.export_publication(offer.id, declared, defaults)
        declared += exported.defaults
        for resource in declared:
            set_arguments(resource, assets)
        for resource in exporter.kept(offer.id, declared):
            resource.is_kept = True
        self._report_problems(declared, problems)
        self._resources += declared
        if publication := exported.resource:
            names = self._names[publication.resource_class]
            publication.name = names.unique(kebab(offer.offer_id))
            self._resources.append(publication)
        else:
            self._leave_out(offer, f"no {exporter.publication}: {exported.reason}")
        for resource in declared:
            for member in resource.without_argument:
                self._leave_out(offer, f"{member}: no argument holds it; it stays as it is")
        self.report.offers.append(offer.label)
        return OfferModule(offer.offer_id, declared, assets, prefix, publication)

    def write_module(self, name: str, module: OfferModule, *, is_function: bool) -> None:
        self.write(name, format_source(module.source(is_function=is_function)))
        self.report.secrets |= module.secrets

    def write(self, name: str, text: str) -> None:
        (self._folder / name).write_bytes(text.encode())

    def finish(self, project: str) -> None:
        """Write the files of a project beside its program."""
        self.report.resources = Counter(
            resource.resource_class.schema.known_as for resource in self._resources
        )
        self.write("import.json", json.dumps(build_import_file(self._resources), indent=2) + "\n")
        self.write("requirements.txt", REQUIREMENTS.format(version=version("pulumi-partnercenter")))
        self.write(".gitignore", "__pycache__/\n.venv/\n")
        description = "description: Offers of the Microsoft commercial marketplace"
        name = json.dumps(project)  # quoted, because YAML reads a bare `123` as a number and `null` as null
        self.write(
            "Pulumi.yaml",
            f'name: {name}\n{description}\nruntime: python\nrequiredPulumiVersion: ">=3.216.0"\n',
        )

    def _read_resources(
        self, offer: FoundOffer, assets: Assets
    ) -> tuple[list[ExportedResource], dict[ExportedResource, list[str]]]:
        """Return resources of the offer with their files, and the problems of each in a preview."""
        system = offer.system
        resources = collect_resources(
            system.client, system.service, offer.id, lambda line: self._show(f"{offer.label}: {line}")
        )
        unused = _unused_uploads(resources)
        if unused:
            class_name = unused[0].resource_class.__name__
            self._leave_out(offer, f"{len(unused)} {class_name}: nothing refers to them")
        resources = [resource for resource in resources if resource not in unused]
        unreadable = [resource for resource in resources if is_unreadable(resource)]
        self._leave_out_each(
            offer,
            unreadable,
            "Partner Center gives no address to download it from; the program refers to it by its id",
        )
        problems = {
            resource: check_resource(resource, assets) for resource in resources if resource not in unreadable
        }
        duplicates = [
            resource
            for resource in problems
            if not problems[resource] and _has_duplicate(system.client, resource)
        ]
        self._leave_out_each(
            offer, duplicates, "another package has the same content; the program refers to it by its id"
        )
        return [resource for resource in problems if resource not in duplicates], problems

    def _leave_out(self, offer: FoundOffer, reason: str) -> None:
        self.report.left_out.append(f"{offer.label}: {reason}")

    def _leave_out_each(self, offer: FoundOffer, resources: Sequence[ExportedResource], reason: str) -> None:
        for resource in resources:
            self._leave_out(offer, f"{resource.resource_class.__name__} {resource.id}: {reason}")

    def _report_problems(
        self, resources: Sequence[ExportedResource], problems: dict[ExportedResource, list[str]]
    ) -> None:
        for resource in resources:
            refused = [*problems[resource]]
            if not refused and (names := _differing_arguments(resource)):
                refused = [
                    f"{', '.join(names)}: cannot be declared with the value that it has in Partner Center"
                ]
            self.report.refused += [f"{resource.label}: {problem}" for problem in refused]
            self.report.exposed_secrets += [f"{resource.label}: {name}" for name in exposed_secrets(resource)]


def export_project(
    offers: Sequence[FoundOffer],
    folder: Path,
    project: str,
    show: ShowProgress,
    exporters: Mapping[str, Callable[[Any], Exporter]] = EXPORTERS,
) -> ExportReport:
    """Write a project into an empty folder. Sends no write to the service."""
    writer = ProjectWriter(folder, show, exporters)
    if len(offers) == 1:
        module = writer.export_offer(offers[0], is_alone=True)
        writer.write_module("__main__.py", module, is_function=False)
    else:
        names, modules = Names(joint="_"), list[str]()
        for offer in offers:
            module = writer.export_offer(offer, is_alone=False)
            modules.append(names.unique(module_name(offer.offer_id)))
            writer.write_module(f"{modules[-1]}.py", module, is_function=True)
        writer.write("__main__.py", format_source(_main_source(modules)))
    writer.finish(project)
    return writer.report


def _main_source(modules: Sequence[str]) -> str:
    imports = "\n".join(f"import {module}" for module in sorted(modules))
    calls = "\n".join(f"{module}.declare()" for module in modules)
    return f'"""Every offer of this project."""\n\n{imports}\n\n{calls}\n'


def _unused_uploads(resources: Sequence[ExportedResource]) -> list[ExportedResource]:
    """Return uploads without a reference, most of which were replaced long ago."""
    uploads = [resource for resource in resources if resource.kind.is_keyed_by_content]
    return [upload for upload in uploads if not any(resource.refers_to(upload.id) for resource in resources)]


def _has_duplicate(client: Any, resource: ExportedResource) -> bool:
    """Return whether an adoption by content would find another object."""
    if not resource.kind.is_keyed_by_content:
        return False
    current = resource.kind.find(client, resource.kind.arguments.parse(resource.checked))
    return current is None or current.id != resource.id


def _differing_arguments(resource: ExportedResource) -> list[str]:
    """Return arguments that an adoption would still find different."""
    names: list[str] = resource.kind.arguments.differing(resource.inputs(), resource.checked)
    return names
