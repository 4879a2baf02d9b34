"""Files of an offer in `assets/`, and the arguments after a check."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from ..kind import StoredFile
from ..markers import Derived, Retained, Secret
from ..model import Arguments, Part
from .collect import ExportedResource
from .hidden_members import replace_hidden
from .names import Names, file_name, kebab

__all__ = ["Assets", "check_arguments", "check_resource", "is_unreadable"]


class Assets:
    """Folder of an offer's files: `path` in the program, `folder` on disk during the export."""

    def __init__(self, root: Path, path: str) -> None:
        self.folder, self.path = root / path, path
        self._root, self._names, self._paths_by_digest = root, Names(), dict[str, str]()

    def on_disk(self, path: str) -> Path:
        """Return the path of a program's file during the export."""
        return self._root / path

    def without_root(self, message: str) -> str:
        """Return the message with the program's paths."""
        return message.replace(f"{self._root}/", "")

    def save(self, stored: StoredFile, resource: ExportedResource) -> str:
        """Download a file and return its path in the program; equal bytes share a file.

        Raises ValueError if the service gives no address for a download.
        """
        if stored.save is None:
            raise ValueError(f"{stored.name}: cannot be read")
        self.folder.mkdir(parents=True, exist_ok=True)
        fetched = self.folder / ".fetched"  # no exported file has a name that begins with a dot
        stored.save(fetched)
        with fetched.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest in self._paths_by_digest:
            fetched.unlink()
            return self._paths_by_digest[digest]
        candidate = file_name(stored.name, kebab(resource.resource_class.__name__))
        language = _other_language(resource)
        name = self._names.unique(candidate, f"{kebab(language)}-{candidate}" if language else candidate)
        shutil.move(fetched, self.folder / name)
        self._paths_by_digest[digest] = f"{self.path}/{name}"
        return self._paths_by_digest[digest]

    def write(self, candidate: str, text: str) -> str | None:
        """Write a text and return the file's name; None if reading the file would not return the same text."""
        try:
            data = text.encode()
        except UnicodeEncodeError:
            return None
        if "\r" in text or text.startswith("\ufeff"):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        name = self._names.unique(candidate)
        (self.folder / name).write_bytes(data)
        return name


def _other_language(resource: ExportedResource) -> str:
    """Return the language of a listing, "" for the default language."""
    language = resource.declared.get("language", "")
    is_default = "language" in resource.declared and language == resource.kind.arguments.default("language")
    return "" if is_default else str(language)


def is_unreadable(resource: ExportedResource) -> bool:
    """Return whether the service gives no address for the bytes of the resource."""
    return any(isinstance(value, StoredFile) and value.save is None for value in resource.declared.values())


def check_resource(resource: ExportedResource, assets: Assets) -> list[str]:
    """Download the files of a resource and fill in `checked`. Return the problems that a preview will refuse."""
    model = resource.kind.arguments
    arguments = {
        name: _with_paths(_without_masks(model, name, value), resource, assets)
        for name, value in resource.declared.items()
        if name not in model.marked(Derived) and value is not None
    }
    derived, problems = check_arguments(model, arguments, assets)
    resource.checked = model.canonical({**resource.current.arguments, **arguments, **derived})
    return problems


def check_arguments(
    model: type[Arguments], arguments: dict[str, Any], assets: Assets
) -> tuple[dict[str, Any], list[str]]:
    """Return arguments that a check adds or changes, and its problems; with problems it adds no arguments."""
    on_disk = _with_disk_paths(arguments, assets)
    if problems := model.problems(on_disk):
        return {}, problems
    try:
        completed = model.completed(on_disk, {})
    except ValueError as error:
        return {}, [assets.without_root(str(error))]
    return {name: value for name, value in completed.items() if value != on_disk.get(name)}, []


def _without_masks(model: type[Arguments], name: str, value: Any) -> Any:
    """Return the value with defaults in place of masks for members that the service does not return."""
    part = model.part_in(name)
    if part is None:
        is_masked = name in model.marked(Retained) and name in model.marked(Secret)
        return model.default(name) if is_masked else value
    return replace_hidden(part, value, _default) if isinstance(value, dict) and value else value


def _default(part: type[Part], path: tuple[str, ...]) -> Any:
    return part.default(path[-1])


def _with_paths(value: Any, resource: ExportedResource, assets: Assets) -> Any:
    """Return the value with the path of a file in place of each stored content."""
    if isinstance(value, StoredFile):
        return assets.save(value, resource)
    if isinstance(value, dict):
        return {name: _with_paths(member, resource, assets) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_paths(element, resource, assets) for element in value]
    return value


def _with_disk_paths(value: Any, assets: Assets, name: str = "") -> Any:
    """Return the value with each source's path during the export."""
    if isinstance(value, dict):
        return {key: _with_disk_paths(member, assets, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_disk_paths(element, assets) for element in value]
    return str(assets.on_disk(value)) if name == "source" and isinstance(value, str) and value else value
