"""Certification documents of a Dynamics 365 offer.

A PUT names new documents, and its response has the addresses for their bytes; after the upload, `commit` publishes
them. The service's description does not document this flow: it is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..http.blobs import Blobs, Content
from .configuration_models import SupplementalAsset, SupplementalContent
from .files import MAX_FILE_BYTES
from .modules import Module

__all__ = ["Supplements"]


@dataclass(frozen=True, kw_only=True)
class Supplements(Module[SupplementalContent]):
    """The supplemental content of an offer, in its current draft."""

    blobs: Blobs

    def digest(self, asset: SupplementalAsset) -> str:
        """Return `sha256:…` of the document; "" without bytes."""
        action = f"{self.noun} {asset.file_name}: read"
        if not asset.file_sas_uri:
            return ""
        return self.blobs.digest(asset.file_sas_uri, action, MAX_FILE_BYTES)

    def save(self, asset: SupplementalAsset, path: Path) -> None:
        action = f"{self.noun} {asset.file_name}: download"
        self.blobs.download(asset.file_sas_uri, path, action, MAX_FILE_BYTES)

    def upload(self, asset: SupplementalAsset, content: Content) -> None:
        self.blobs.upload(asset.file_sas_uri, content, f"{self.noun} {asset.file_name}: upload")

    def commit(self, product: str, content: SupplementalContent) -> SupplementalContent:
        """Confirm the uploads. May be repeated."""
        action = f"{self.noun} {product}: commit"
        path = f"products/{product}/{self.collection}/{content.id}/commit"
        return SupplementalContent.from_json(self.drafts.client.upsert(path, action, None).body, action)
