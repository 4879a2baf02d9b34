"""When a Submission is declared, what is kept, how much is asked, and what people are told."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from provider.tools.emulators import Serving
from tests.cli.adopting import adopted, by_class, export, exported
from tests.cli.command import CHECKOUT, Command
from tests.resources.card import writes
from tests.resources.complete import complete, files
from tests.resources.examples import MANAGED, OTHER_OFFER, configured
from tests.resources.harness import Declared, Program, Ref, Stack
from tests.resources.publications import Chosen, Shop, changed

from pulumi_partnercenter import (
    InputError,
    LeadDestination,
    NotFound,
    Offer,
    OfferListing,
    OfferTechnicalConfiguration,
    Package,
    PreviewAudience,
)
from pulumi_partnercenter import TestDrive as Drive
from pulumi_partnercenter.cli.commands import cli

OFFER = "contoso-archive"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "program"


@pytest.fixture
def stack(emulator: Serving) -> Stack:
    return Stack(configured(emulator))


def program_of(folder: Path) -> str:
    return (folder / "__main__.py").read_text(encoding="utf-8")


def as_constructed(program: Program) -> dict[str, Declared]:
    """With the arguments that constructors take from other resources."""
    for name, more in {
        "gold-pricing": {"subtype": MANAGED},
        "technical": {"offer_type": "AzureApplication"},
    }.items():
        program = changed(program, name, **more)
    return dict(program)


def without_submission(program: Program) -> Program:
    return {name: each for name, each in program.items() if name != "submission"}


class TestSubmission:
    @pytest.mark.parametrize("target", ["preview", "live"])
    def test_what_a_program_published_stays_published(
        self,
        target: str,
        stack: Stack,
        emulator: Serving,
        folder: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        program = as_constructed(complete(files(tmp_path / "files"), target=target, wait_minutes=1))
        stack.up(program)
        emulator.advance(10 * 24 * 3600)
        stack.up(program)
        assert stack.state["submission"].outputs["state"] == target
        exported(emulator, folder, OFFER)
        assert ('target="live"' in program_of(folder)) == (target == "live")
        emulator.clear()
        mine = adopted(emulator, folder, monkeypatch)
        assert writes(emulator) == []
        (submission,) = by_class(mine)["Submission"]
        assert submission.outputs["content"] == stack.state["submission"].outputs["content"]

    def test_what_the_portal_published_is_compared_and_stays_so_after_a_refresh(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack.up(without_submission(complete(files(tmp_path / "files"))))
        emulator.publish(stack.state["offer"].id)
        exported(emulator, folder, OFFER)
        emulator.clear()
        assert by_class(adopted(emulator, folder, monkeypatch))["Submission"]
        assert writes(emulator) == []

    def test_a_draft_has_none_and_is_told_why(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        stack.up(without_submission(complete(files(tmp_path / "files"))))
        told = exported(emulator, folder, OFFER).stdout
        assert "no Submission: the offer was never submitted" in told
        assert "partnercenter.Submission" not in program_of(folder)
        assert "retain_on_delete" not in program_of(folder)

    def test_what_failed_is_left_out(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        emulator.decide("validation", "fail")
        with pytest.raises(Exception, match="failed in validation"):
            stack.up(complete(files(tmp_path / "files"), wait_minutes=1))
        assert "no Submission: its newest submission is failed" in exported(emulator, folder, OFFER).stdout
        assert "partnercenter.Submission" not in program_of(folder)

    @pytest.mark.parametrize(
        ("stage", "told"), [("validation", "on the way to preview"), ("certification", "in certification")]
    )
    def test_what_is_on_its_way_is_left_out(
        self, stage: str, told: str, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        """Whether it ends well is not known: a program that adopts it might publish."""
        emulator.decide(stage, "hold")
        stack.up(complete(files(tmp_path / "files"), target="live"))
        assert stack.state["submission"].outputs["state"] == told
        assert f"no Submission: its newest submission is {told}" in exported(emulator, folder, OFFER).stdout
        assert "partnercenter.Submission" not in program_of(folder)

    @pytest.mark.parametrize(("state", "word"), [("Cancelled", "cancelled"), ("Archived", "archived")])
    def test_what_ended_without_a_publication_is_left_out(
        self, state: str, word: str, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        stack.up(complete(files(tmp_path / "files")))
        (run,) = emulator.state()["submissions"]
        emulator.portal(f"/v1.0/ingestion/products/{run['productID']}/submissions/{run['id']}", state=state)
        assert f"no Submission: its newest submission is {word}" in exported(emulator, folder, OFFER).stdout
        assert "partnercenter.Submission" not in program_of(folder)

    @pytest.mark.parametrize("is_ours", [True, False], ids=["ours", "the portal's"])
    def test_drafts_that_differ_from_what_is_published_are_left_out(
        self, is_ours: bool, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        shop = Shop(tmp_path / "files", emulator)
        program = shop.program(Chosen(), wait_minutes=1)
        stack.up(program if is_ours else without_submission(program))
        if not is_ours:
            emulator.publish(stack.state["offer"].id)
        stack.forget()
        later = without_submission(shop.program(Chosen(title="Contoso Vault")))
        stack.up({**later, "listing": Declared(OfferListing, {**later["listing"].arguments, "adopt": True})})
        told = exported(emulator, folder, OFFER).stdout
        assert "the drafts are not what is" in told
        assert "partnercenter.Submission" not in program_of(folder)
        assert "retain_on_delete=True" in program_of(folder)

    def test_another_class_that_nobody_changed_is_not_sent_along(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        """What the program sent of things at their defaults, and nothing else, is in it again."""
        stack.up(as_constructed(complete(files(tmp_path / "files"), wait_minutes=1)))
        exported(emulator, folder, OFFER)
        assert "partnercenter.OfferSetup(" in program_of(folder)
        assert "partnercenter.CosellListing(" not in program_of(folder)

    def test_a_plan_that_is_newer_than_the_publication_may_be_deleted(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        place = files(tmp_path / "files")
        stack.up(complete(place, wait_minutes=1))
        stack.up(without_submission(complete(place, "gold", "silver")))
        exported(emulator, folder, OFFER)
        plans = re.findall(r"Plan\(\n(.*?)\n\)", program_of(folder), re.DOTALL)
        kept = {re.search('plan_id="(.*?)"', each)[1]: "opts=kept" in each for each in plans}  # type: ignore[index]
        assert kept == {"gold": True, "silver": False}


class TestPackages:
    def test_one_that_the_portal_uploaded_is_found_by_its_content(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack.up(without_submission(complete(files(tmp_path / "files"))))
        (package,) = emulator.state()["packages"]
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        emulator.portal(path, fileName="Portal upload.zip")
        exported(emulator, folder, OFFER)
        emulator.clear()
        mine = adopted(emulator, folder, monkeypatch)
        assert writes(emulator) == []
        assert [each.id for each in by_class(mine)["Package"]] == [stack.state["package"].id]

    def test_one_of_two_with_the_same_content_is_named_by_its_id(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = files(tmp_path / "files")
        program = without_submission(complete(place))
        stack.up(program)
        (first,) = emulator.state()["packages"]
        path = f"/v1.0/ingestion/products/{first['productID']}/packages"
        emulator.portal(f"{path}/{first['id']}", fileName="app-000000000000.zip")
        Stack(stack.config).up({"offer": program["offer"], "package": program["package"]})
        for each in emulator.state()["packages"]:
            emulator.portal(f"{path}/{each['id']}", fileName="upload.zip")
        told = exported(emulator, folder, OFFER).stdout
        assert ("another one has the same content" in told) != (
            "partnercenter.Package(" in program_of(folder)
        )
        emulator.clear()
        mine = adopted(emulator, folder, monkeypatch)
        assert writes(emulator) == []
        (used,) = by_class(mine)["PlanPackage"]
        assert used.outputs["package"] == stack.state["package"].id

    def test_those_that_nothing_refers_to_are_counted(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        place = files(tmp_path / "files")
        shutil.copytree(place / "app", place / "other")
        (place / "other" / "more.txt").write_text("more")
        program = without_submission(complete(place))
        spare = Declared(program["package"].kind, {"offer": Ref("offer"), "source": str(place / "other")})
        stack.up({**program, "spare": spare})
        assert "1 Package: nothing refers to them" in exported(emulator, folder, OFFER).stdout
        assert program_of(folder).count("partnercenter.Package(") == 1
        with zipfile.ZipFile(folder / "assets" / "app.zip") as archive:
            assert sorted(archive.namelist()) == ["createUiDefinition.json", "mainTemplate.json"]


class TestSecrets:
    def test_what_nobody_tells_may_be_set_later(
        self, stack: Stack, emulator: Serving, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        emulator.legacy_test_drive()
        leads = {"connection_string": "AccountName=contoso;AccountKey=s3cret-one"}
        drive = {"offer": Ref("offer"), "duration_hours": 4, "application_key": "s3cret-two"}
        offer = without_submission(complete(files(tmp_path / "files")))
        stack.up({
            **offer,
            "leads": Declared(LeadDestination, {"offer": Ref("offer"), "azure_table": leads}),
            "drive": Declared(Drive, drive),
        })  # fmt: skip
        told = exported(emulator, folder, OFFER).stdout
        keys = re.findall("pulumi config set --secret (.*?) ", told)
        assert sorted(keys) == ["lead-destination-connection-string", "test-drive-application-key"]
        everything = "".join(path.read_text(errors="ignore") for path in folder.rglob("*.*"))
        assert "s3cret" not in everything
        before = secrets(emulator)
        emulator.clear()
        adopted(emulator, folder, monkeypatch)
        assert writes(emulator) == []
        assert secrets(emulator) == before == ["AccountName=contoso;AccountKey=s3cret-one", "s3cret-two"]
        changed = ["AccountName=contoso;AccountKey=n3w", "n3w"]
        adopted(emulator, folder, monkeypatch, **dict(zip(sorted(keys), changed, strict=True)))
        assert len(writes(emulator)) == 2
        assert secrets(emulator) == changed


ADDRESS = "https://prod-12.example.com/workflows/leads?api-version=2016-10-01&sig=s3cret-of-leads"
PACKAGE = "https://contoso.example.com/package?sv=2018-03-28&sig=s3cret-of-package"


def test_addresses_that_open_something_are_in_no_file_and_stay(
    stack: Stack, emulator: Serving, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of an HTTPS lead destination and of a Customer Engagement package, in the program and `import.json`."""
    offer = {"offer_id": "contoso-app", "offer_type": "AzureDynamics365ForCustomerEngagement", "alias": "app"}
    configuration = {
        "offer": Ref("offer"),
        "base_license_model": "User",
        "package_url": PACKAGE,
        "configuration_url": "https://contoso.example.com/configure",
    }
    stack.up({
        "offer": Declared(Offer, offer),
        "leads": Declared(LeadDestination, {"offer": Ref("offer"), "https": {"url": ADDRESS}}),
        "configuration": Declared(OfferTechnicalConfiguration, configuration),
    })  # fmt: skip
    told = exported(emulator, folder, "contoso-app").stdout
    keys = re.findall("pulumi config set --secret (.*?) ", told)
    assert sorted(keys) == ["lead-destination-url", "offer-technical-configuration-package-url"]
    everything = "".join(path.read_text(errors="ignore") for path in folder.rglob("*.*"))
    assert "configure" in everything
    for text in (told, everything):
        assert "s3cret" not in text
        assert "prod-12" not in text
    before = emulator.state()
    emulator.clear()
    adopted(emulator, folder, monkeypatch)
    assert writes(emulator) == []
    assert emulator.state()["leadConfigurations"] == before["leadConfigurations"]


def test_other_addresses_with_a_signature_are_pointed_out(
    stack: Stack, emulator: Serving, folder: Path
) -> None:
    signed = "https://contoso.example.com/hook?code=s3cret-of-hook"
    stack.up({
        "offer": Declared(Offer, {"offer_id": "contoso-app", "offer_type": "SoftwareAsAService", "alias": "app"}),
        "configuration": Declared(
            OfferTechnicalConfiguration,
            {
                "offer": Ref("offer"),
                "tenant": "11111111-2222-4333-8444-aaaaaaaaaaaa",
                "application": "11111111-2222-4333-8444-bbbbbbbbbbbb",
                "landing_page_url": "https://contoso.example.com/landing",
                "webhook_url": signed,
            },
        ),
    })  # fmt: skip
    document = json.loads(exported(emulator, folder, "contoso-app", "--json").stdout)
    assert document["plainSecrets"] == ["OfferTechnicalConfiguration contoso-app: webhook_url"]


def test_a_secret_that_the_service_tells_is_pointed_out(
    stack: Stack, emulator: Serving, folder: Path
) -> None:
    audience = Declared(PreviewAudience, {"offer": Ref("other_offer"), "hide_key": "k3y-of-fabrikam"})
    stack.up({**OTHER_OFFER, "audience": audience})
    document = json.loads(exported(emulator, folder, "fabrikam-vault", "--json").stdout)
    assert document["plainSecrets"] == ["PreviewAudience fabrikam-vault: hide_key"]
    assert 'hide_key="k3y-of-fabrikam"' in program_of(folder)


def secrets(emulator: Serving) -> list[str]:
    state = emulator.state()
    (leads,) = state["leadConfigurations"]
    keys = [each.get("azureActiveDirectoryApplicationKey") for each in state["packageConfigurations"]]
    return [leads["connectionString"], *filter(None, keys)]


class TestRequests:
    def test_a_hundred_plans_take_less_than_four_hundred(
        self, stack: Stack, emulator: Serving, folder: Path
    ) -> None:
        stack.up(OTHER_OFFER)
        product = stack.state["other_offer"].id
        for number in range(100):
            plan = {
                "resourceType": "AzureSkuVariant",
                "externalID": f"plan-{number}",
                "friendlyName": f"Plan {number}",
                "subType": "managed-application",
            }
            path = f"/v1.0/ingestion/products/{product}/variants"
            assert emulator.client.post(path, json=plan).status_code == 201
        exported(emulator, folder, "fabrikam-vault")
        assert len(emulator.requests()) < 400
        assert program_of(folder).count("partnercenter.Plan(") == 100


class TestPlace:
    def test_it_goes_nowhere_that_is_not_empty(self, stack: Stack, emulator: Serving, folder: Path) -> None:
        stack.up(OTHER_OFFER)
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
        emulator.clear()
        ran = export(emulator, folder, "fabrikam-vault")
        assert isinstance(ran.exception, InputError)
        assert "is not empty" in str(ran.exception)
        assert emulator.requests() == []
        (folder / "Pulumi.yaml").write_text("name: mine\nruntime: python\n")
        exported(emulator, folder, "fabrikam-vault", "--force")
        assert (folder / "mine.txt").read_text() == "mine"
        assert (folder / "Pulumi.yaml").read_text() == "name: mine\nruntime: python\n"
        assert sorted(path.name for path in folder.iterdir()) == [
            ".gitignore",
            "Pulumi.yaml",
            "__main__.py",
            "import.json",
            "mine.txt",
            "requirements.txt",
        ]

    @pytest.mark.parametrize("offer_id", ["123", "null", "1e5", "true", "yes", "0x1f"])
    def test_the_engine_reads_the_name_of_the_project_as_text(
        self, offer_id: str, stack: Stack, emulator: Serving, folder: Path
    ) -> None:
        stack.up({"offer": Declared(Offer, {**OTHER_OFFER["other_offer"].arguments, "offer_id": offer_id})})
        exported(emulator, folder, offer_id)
        backend = folder.parent / "backend"
        backend.mkdir()
        done = subprocess.run(
            [CHECKOUT / ".venv" / "bin" / "pulumi", "stack", "init", "dev", "--non-interactive"],
            cwd=folder,
            env=Command().environment(
                PULUMI_HOME=str(folder.parent / "home"),
                PULUMI_BACKEND_URL=backend.as_uri(),
                PULUMI_CONFIG_PASSPHRASE="emulator",
                PULUMI_SKIP_UPDATE_CHECK="true",
            ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert [path.name for path in (backend / ".pulumi" / "stacks").iterdir()] == [offer_id]

    def test_a_link_leads_nowhere_else(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        stack.up(without_submission(complete(files(tmp_path / "files"))))
        (tmp_path / "elsewhere").mkdir()
        folder.mkdir()
        (folder / "assets").symlink_to(tmp_path / "elsewhere")
        ran = export(emulator, folder, OFFER, "--force")
        assert isinstance(ran.exception, InputError)
        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert [path.name for path in folder.iterdir()] == ["assets"]

    def test_what_goes_wrong_leaves_nothing(
        self, stack: Stack, emulator: Serving, folder: Path, tmp_path: Path
    ) -> None:
        stack.up(without_submission(complete(files(tmp_path / "files"))))
        emulator.fault("featureAvailabilities", status=403, times=0)
        assert export(emulator, folder, OFFER).exit_code
        assert not folder.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["files"]

    def test_an_offer_that_is_not_there_is_told(self, emulator: Serving, folder: Path) -> None:
        assert isinstance(export(emulator, folder, "fabrikam-nothing").exception, NotFound)
        assert isinstance(export(emulator, folder, "--all").exception, NotFound)
        assert export(emulator, folder).exit_code == 2
        assert export(emulator, folder, OFFER, "--all").exit_code == 2
        assert not folder.exists()

    def test_the_same_offer_gives_the_same_files(
        self, stack: Stack, emulator: Serving, tmp_path: Path
    ) -> None:
        stack.up({**without_submission(complete(files(tmp_path / "files"), "gold", "silver")), **OTHER_OFFER})
        for name in ("one", "two"):
            exported(emulator, tmp_path / name, "--all")
        one, two = (
            {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")}
            for n in ("one", "two")
        )
        assert one == two
        assert (tmp_path / "one" / "contoso_archive.py").exists()

    def test_programs_get_the_same_as_one_document(
        self, stack: Stack, emulator: Serving, folder: Path
    ) -> None:
        stack.up(OTHER_OFFER)
        document: dict[str, Any] = json.loads(exported(emulator, folder, "fabrikam-vault", "--json").stdout)
        assert document["offers"] == ["fabrikam-vault"]
        assert document["resources"] == {"Offer": 1}
        assert document["leftOut"] == ["fabrikam-vault: no Submission: the offer was never submitted"]
        assert document["refused"] == document["plainSecrets"] == []
        assert document["secrets"] == {}


def test_its_help_has_an_example_on_lines_of_its_own() -> None:
    told = CliRunner().invoke(cli, ["export", "--help"]).stdout
    assert "\n    partnercenter export contoso-archive\n    cd contoso-archive && pulumi" in told


def test_packages_without_an_address_are_left_out_and_the_rest_is_written(
    stack: Stack, emulator: Serving, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration names them by their ids, with the kinds that its references have."""
    kinds = {
        name: f"Dynamics365BusinessCentralAddOn{name}Package" for name in ("Extension", "LibraryExtension")
    }
    offer = {"offer_id": "contoso-app", "offer_type": "AzureDynamics365BusinessCentral", "alias": "Contoso"}
    program: Program = {"offer": Declared(Offer, offer)}
    for name, kind in kinds.items():
        source = tmp_path / f"{name}.app"
        source.write_bytes(f"NAVX {name}".encode())
        program[name] = Declared(Package, {"offer": Ref("offer"), "source": str(source), "kind": kind})
    packages = [{"package": Ref(name), "kind": kind} for name, kind in kinds.items()]
    stack.up(
        {
            **program,
            "technical": Declared(
                OfferTechnicalConfiguration,
                {"offer": Ref("offer"), "package_type": "AddOn", "packages": packages},
            ),
        }
    )
    told = exported(emulator, folder, "contoso-app").stdout
    assert told.count("Partner Center gives no address to read its content from") == 2
    assert not (folder / "assets").exists()
    emulator.clear()
    mine = adopted(emulator, folder, monkeypatch)
    assert writes(emulator) == []
    (technical,) = by_class(mine)["OfferTechnicalConfiguration"]
    assert technical.outputs["packages"] == stack.state["technical"].outputs["packages"]
    assert "Package" not in by_class(mine)
