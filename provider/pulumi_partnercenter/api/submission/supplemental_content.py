"""Certification documents of a Dynamics 365 offer. Source: submission API 5.18; the flow is inferred there.

A PUT names new documents and answers where their bytes go; once they are there, `commit` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..http.blobs import Blobs, Content
from .configuration_models import SupplementalAsset, SupplementalContent
from .files import FILE_BYTES
from .modules import Module

__all__ = ["Supplements"]


@dataclass(frozen=True, kw_only=True)
class Supplements(Module[SupplementalContent]):
    """The supplemental content of an offer, in its present draft."""

    blobs: Blobs

    def digest(self, asset: SupplementalAsset) -> str:
        """`sha256:…` of what is there, "" of nothing."""
        doing = f"{self.noun} {asset.file_name}: read"
        return self.blobs.digest(asset.file_sas_uri, doing, FILE_BYTES) if asset.file_sas_uri else ""

    def save(self, asset: SupplementalAsset, path: Path) -> None:
        doing = f"{self.noun} {asset.file_name}: download"
        self.blobs.download(asset.file_sas_uri, path, doing, FILE_BYTES)

    def upload(self, asset: SupplementalAsset, content: Content) -> None:
        self.blobs.upload(asset.file_sas_uri, content, f"{self.noun} {asset.file_name}: upload")

    def commit(self, product: str, content: SupplementalContent) -> SupplementalContent:
        """May be repeated."""
        doing = f"{self.noun} {product}: commit"
        path = f"products/{product}/{self.collection}/{content.id}/commit"
        return SupplementalContent.told(self.drafts.door.upsert(path, doing, None), doing)
