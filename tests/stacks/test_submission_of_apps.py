"""A program with the resources of a Business Central offer: the real engine previews what validation refuses."""

from __future__ import annotations

from pathlib import Path

from tests.docs.programs import OFFLINE, create_combined_project
from tests.unit.app_files import build_app

PROGRAM = """
import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "ledger", offer_id="contoso-ledger", offer_type="AzureDynamics365BusinessCentral", alias="Contoso Ledger"
)
app = partnercenter.Package("app", offer=offer.id, source="ledger.app", kind="app")
base = partnercenter.Package("base", offer=offer.id, source="base.app", kind="library")
configuration = partnercenter.OfferTechnicalConfiguration("ledger", offer=offer.id, packages=[app.id, base.id])
properties = partnercenter.OfferProperties("ledger", offer=offer.id, app_version=VERSION)
partnercenter.Submission("ledger", offer=offer.id, publishes=[app, base, configuration, properties])
"""


def test_an_app_above_the_version_of_the_offer_is_refused_before_anything_exists(tmp_path: Path) -> None:
    programs = {"ledger": PROGRAM.replace("VERSION", '"1.0.0.0"')}
    project = create_combined_project(tmp_path / "project", programs)
    project.env.update(OFFLINE)
    (tmp_path / "project" / "ledger.app").write_bytes(build_app(version="2.0.0.0", needs={"Base": "1.0.0.0"}))
    (tmp_path / "project" / "base.app").write_bytes(build_app("Base"))
    result = project.preview()
    assert result.code != 0
    assert "publishes: Ledger 2.0.0.0 is above app_version of the OfferProperties, 1.0.0.0" in result.text
    program = tmp_path / "project" / "programs" / "ledger.py"
    program.write_text(PROGRAM.replace("VERSION", "app.app_version"), encoding="utf-8")
    project.preview().expect_success()


def test_two_main_apps_of_a_new_stack_are_refused_before_anything_exists(tmp_path: Path) -> None:
    program = PROGRAM.replace("VERSION", "app.app_version").replace('kind="library"', 'kind="app"')
    project = create_combined_project(tmp_path / "project", {"ledger": program})
    project.env.update(OFFLINE)
    (tmp_path / "project" / "ledger.app").write_bytes(build_app())
    (tmp_path / "project" / "base.app").write_bytes(build_app("Base"))
    result = project.preview()
    assert result.code != 0
    assert "packages: [0], [1]: an offer has one main app" in result.text
