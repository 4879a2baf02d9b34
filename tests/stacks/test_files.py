"""Files with the real `pulumi`: paths from the program's folder, assets, and other checkouts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.stacks.cli import Project

PROGRAM = """
import pulumi
import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "offer", offer_id="contoso-files", offer_type="AzureApplication", alias="Contoso Files"
)
plan = partnercenter.Plan(
    "gold", offer=offer.id, plan_id="gold", subtype="managed-application", name="Gold"
)
package = partnercenter.Package("package", offer=offer.id, source="assets/package")
partnercenter.PlanPackage(
    "gold",
    plan=plan.id,
    version="1.0.0",
    package=package.id,
    tenant="11111111-2222-4333-8444-555555555555",
    authorizations=[{"principal": "22222222-3333-4444-8555-666666666666", "role": "Owner"}],
)
for kind in ("AzureLogoSmall", "AzureLogoMedium", "AzureLogoLarge", "AzureLogoWide"):
    partnercenter.ListingImage(kind, offer=offer.id, kind=kind, source=f"assets/{kind}.png")
partnercenter.ListingDocument(
    "datasheet", offer=offer.id, title="Datasheet", source=pulumi.FileAsset("assets/datasheet.pdf")
)
partnercenter.ListingVideo(
    "tour", offer=offer.id, url="https://video.example.com/1", title="Tour", source="assets/tour.png"
)
partnercenter.OfferTechnicalConfiguration("metering", offer=offer.id)
"""
ASSETS = {
    "AzureLogoSmall.png": (48, 48),
    "AzureLogoMedium.png": (90, 90),
    "AzureLogoLarge.png": (216, 216),
    "AzureLogoWide.png": (255, 115),
    "tour.png": (1280, 720),
}
BY_FILES = """pulumi.AssetArchive({
    name: pulumi.FileAsset(f"assets/package/{name}") for name in ("mainTemplate.json", "createUiDefinition.json")
})"""


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    folder.mkdir()
    for name, size in ASSETS.items():
        shutil.copy(samples.picture(name, *size), folder)
    shutil.copy(samples.pdf("datasheet.pdf", "Contoso"), folder)
    shutil.copytree(samples.application("package"), folder / "package")
    return folder


@pytest.fixture
def project(project: Project, assets: Path) -> Project:
    project.write(PROGRAM)
    shutil.copytree(assets, project.folder / "assets")
    return project


def count_uploads(emulator: RunningEmulator) -> int:
    blobs = [request for request in emulator.requests() if request["service"] == "blob"]
    return len([request for request in blobs if request["method"] == "PUT"])


@pytest.mark.soak
def test_files_live_their_whole_life(project: Project, emulator: RunningEmulator, tmp_path: Path) -> None:
    """Preview, up, a moved folder, another kind of source, other content, refresh, destroy."""
    project.preview().expect_success()
    assert not emulator.requests()
    project.up().expect_success()
    assert count_uploads(emulator) == 7
    emulator.clear()
    project.up("--expect-no-changes").expect_success()

    moved_project = Project(tmp_path / "elsewhere", project.endpoint)
    shutil.copytree(project.folder, moved_project.folder)
    for path in (moved_project.folder / "assets").rglob("*"):
        path.touch()
    moved_project.select().up("--expect-no-changes").expect_success()
    project.edit('"assets/package"', BY_FILES)
    project.up("--expect-no-changes").expect_success()
    assert not emulator.requests()

    (project.folder / "assets" / "package" / "mainTemplate.json").write_bytes(samples.template(outputs={}))
    shutil.copy(samples.picture("gold.png", 48, 48, "gold"), project.folder / "assets" / "AzureLogoSmall.png")
    before = {package["id"] for package in emulator.state()["packages"]}
    preview = project.preview().expect_success()
    assert "has to grow with the new package" in preview.text
    project.up().expect_success()
    assert count_uploads(emulator) == 2
    (package,) = emulator.state()["packages"]
    assert package["id"] not in before
    project.refresh("--expect-no-changes").expect_success()
    project.up("--expect-no-changes").expect_success()

    project.destroy().expect_success()
    assert not any(emulator.state().values())


@pytest.mark.soak
@pytest.mark.parametrize(
    ("file_name", "message"),
    [
        ("AzureLogoLarge.png", "source: is 48×48 pixels; AzureLogoLarge must be square, 216 to 350"),
        ("tour.png", "source: no such file: assets/tour.png (relative to {folder})"),
        ("package/createUiDefinition.json", "source: createUiDefinition.json: is missing"),
    ],
)
def test_a_file_that_is_wrong_fails_in_the_preview(
    file_name: str, message: str, project: Project, emulator: RunningEmulator
) -> None:
    path = project.folder / "assets" / file_name
    path.unlink()
    if file_name == "AzureLogoLarge.png":
        shutil.copy(path.with_name("AzureLogoSmall.png"), path)
    text = project.preview().expect_failure().text
    assert message.format(folder=project.folder) in text
    assert "Traceback" not in text
    assert not emulator.requests()
