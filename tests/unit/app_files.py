"""Business Central apps for tests: a NAVX header, then a zip with a manifest."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from uuid import UUID, uuid5

__all__ = ["LEDGER", "build_app", "build_header", "name_id"]

LEDGER = "11111111-2222-4333-8444-555555555555"
NAMESPACE = "http://schemas.microsoft.com/navx/2015/manifest"


def build_header(content: bytes) -> bytes:
    package_id = uuid5(UUID(LEDGER), "package").bytes_le
    return struct.pack("<4sII16sQ4s", b"NAVX", 40, 2, package_id, len(content), b"NAVX") + content


def name_id(name: str) -> str:
    """Return the id of the apps of a name."""
    return LEDGER if name == "Ledger" else str(uuid5(UUID(LEDGER), name))


def build_app(
    name: str = "Ledger",
    version: str = "1.0.0.0",
    *,
    publisher: str = "Contoso",
    id: str = "",
    needs: Mapping[str, str] | None = None,
    needs_publisher: str = "Contoso",
    manifest: bytes | None = None,
) -> bytes:
    """Return an app. Without `id`, apps of one name have one id; `manifest` replaces the XML.

    `needs`: minimum versions of the apps of `needs_publisher` that it depends on, by name.
    """
    app = f'<App Id="{id or name_id(name)}" Name="{name}" Publisher="{publisher}" Version="{version}" Runtime="13.0"/>'
    dependencies = "".join(
        f'<Dependency Id="{name_id(other).upper()}" Name="{other}" Publisher="{needs_publisher}"'
        f' MinVersion="{minimum}" CompatibilityId="0.0.0.0"/>'
        for other, minimum in (needs or {}).items()
    )
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><Package xmlns="{NAMESPACE}">{app}'
        f"<Dependencies>{dependencies}</Dependencies></Package>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in {
            "NavxManifest.xml": text.encode() if manifest is None else manifest,
            "SymbolReference.json": b"{}",
        }.items():
            archive.writestr(zipfile.ZipInfo(entry, (2026, 1, 2, 3, 4, 6)), data)
    return build_header(stream.getvalue())
