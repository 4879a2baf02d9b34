"""`export`: submissions, packages, secrets, number of requests, output folder, messages."""

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
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.cli.adoption import adopt_program, export_offers, group_by_class, run_export
from tests.cli.command import CHECKOUT, Command
from tests.cli.publisher import Publisher
from tests.resources.card import write_requests
from tests.resources.complete import complete_program, write_files
from tests.resources.examples import MANAGED, OTHER_OFFER, emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.publications import Choice, ContentStore, changed
from tests.unit.app_files import build_app

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
def stack(emulator: RunningEmulator) -> Stack:
    return Stack(emulator_config(emulator))


def read_program(folder: Path) -> str:
    return (folder / "__main__.py").read_text(encoding="utf-8")


def with_implied_arguments(program: Program) -> dict[str, Declaration]:
    """Program with the arguments that constructors derive from other resources."""
    for name, arguments in {
        "gold-pricing": {"subtype": MANAGED},
        "technical": {"offer_type": "AzureApplication"},
    }.items():
        program = changed(program, name, **arguments)
    return dict(program)


def without_submission(program: Program) -> Program:
    return {name: declaration for name, declaration in program.items() if name != "submission"}


class TestSubmission:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize("target", ["preview", "live"])
    def test_an_offer_published_by_a_program_is_adopted_as_published(
        self,
        target: str,
        stack: Stack,
        emulator: RunningEmulator,
        folder: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        program = with_implied_arguments(
            complete_program(write_files(tmp_path / "files"), target=target, wait_minutes=1)
        )
        stack.up(program)
        emulator.advance(10 * 24 * 3600)
        stack.up(program)
        assert stack.state["submission"].outputs["state"] == target
        export_offers(emulator, folder, OFFER)
        assert ('target="live"' in read_program(folder)) == (target == "live")
        emulator.clear()
        adopted_stack = adopt_program(emulator, folder, monkeypatch)
        assert write_requests(emulator) == []
        (submission,) = group_by_class(adopted_stack)["Submission"]
        assert submission.outputs["content"] == stack.state["submission"].outputs["content"]

    @pytest.mark.soak
    def test_an_offer_published_in_the_portal_is_adopted_as_published(
        self,
        publisher: Publisher,
        emulator: RunningEmulator,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        emulator.publish(publisher.product)
        export_offers(emulator, folder, OFFER)
        emulator.clear()
        assert group_by_class(adopt_program(emulator, folder, monkeypatch))["Submission"]
        assert write_requests(emulator) == []

    def test_an_offer_never_submitted_is_exported_without_a_submission(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path
    ) -> None:
        output = export_offers(emulator, folder, OFFER).stdout
        assert "no Submission: the offer was never submitted" in output
        assert "partnercenter.Submission" not in read_program(folder)
        assert "retain_on_delete" not in read_program(folder)

    def test_a_failed_submission_is_left_out(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path
    ) -> None:
        emulator.decide("validation", "fail")
        publisher.change("submission", wait_minutes=1)
        with pytest.raises(Exception, match="failed in validation"):
            publisher.publish_preview()
        assert (
            "no Submission: its newest submission is failed" in export_offers(emulator, folder, OFFER).stdout
        )
        assert "partnercenter.Submission" not in read_program(folder)

    @pytest.mark.parametrize(
        ("stage", "state_text"),
        [("validation", "on the way to preview"), ("certification", "in certification")],
    )
    def test_a_submission_on_its_way_is_left_out(
        self,
        stage: str,
        state_text: str,
        publisher: Publisher,
        emulator: RunningEmulator,
        folder: Path,
    ) -> None:
        """The submission's outcome is open: a program that adopted it might publish."""
        emulator.decide(stage, "hold")
        publisher.change("submission", target="live")
        publisher.stack.up(publisher.program)
        assert publisher.stack.state["submission"].outputs["state"] == state_text
        assert (
            f"no Submission: its newest submission is {state_text}"
            in export_offers(emulator, folder, OFFER).stdout
        )
        assert "partnercenter.Submission" not in read_program(folder)

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(("state", "state_text"), [("Cancelled", "cancelled"), ("Archived", "archived")])
    def test_a_cancelled_or_archived_submission_is_left_out(
        self,
        state: str,
        state_text: str,
        publisher: Publisher,
        emulator: RunningEmulator,
        folder: Path,
    ) -> None:
        publisher.publish_preview()
        (submission,) = emulator.state()["submissions"]
        emulator.portal(
            f"/v1.0/ingestion/products/{submission['productID']}/submissions/{submission['id']}", state=state
        )
        assert (
            f"no Submission: its newest submission is {state_text}"
            in export_offers(emulator, folder, OFFER).stdout
        )
        assert "partnercenter.Submission" not in read_program(folder)

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("is_ours", [True, False], ids=["ours", "the portal's"])
    def test_the_submission_is_left_out_when_drafts_differ_from_the_publication(
        self, is_ours: bool, stack: Stack, emulator: RunningEmulator, folder: Path, tmp_path: Path
    ) -> None:
        shop = ContentStore(tmp_path / "files", emulator)
        program = shop.program(Choice(), wait_minutes=1)
        stack.up(program if is_ours else without_submission(program))
        if not is_ours:
            emulator.publish(stack.state["offer"].id)
        stack.forget()
        changed_program = without_submission(shop.program(Choice(title="Contoso Vault")))
        stack.up(
            {
                **changed_program,
                "listing": Declaration(OfferListing, {**changed_program["listing"].arguments, "adopt": True}),
            }
        )
        output = export_offers(emulator, folder, OFFER).stdout
        assert "the drafts differ from what is" in output
        assert "partnercenter.Submission" not in read_program(folder)
        assert "retain_on_delete=True" in read_program(folder)

    @pytest.mark.soak
    def test_published_defaults_are_exported_and_unpublished_defaults_are_not(
        self, stack: Stack, emulator: RunningEmulator, folder: Path, tmp_path: Path
    ) -> None:
        """An `OfferSetup` at its defaults was published, a `CosellListing` was not."""
        stack.up(with_implied_arguments(complete_program(write_files(tmp_path / "files"), wait_minutes=1)))
        export_offers(emulator, folder, OFFER)
        assert "partnercenter.OfferSetup(" in read_program(folder)
        assert "partnercenter.CosellListing(" not in read_program(folder)

    def test_only_published_plans_are_retained_on_delete(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path
    ) -> None:
        publisher.publish_preview()
        publisher.stack.up(without_submission(complete_program(publisher.assets, "gold", "silver")))
        export_offers(emulator, folder, OFFER)
        plan_calls = re.findall(r"Plan\(\n(.*?)\n\)", read_program(folder), re.DOTALL)
        retained_plans = {re.search('plan_id="(.*?)"', call)[1]: "opts=kept" in call for call in plan_calls}  # type: ignore[index]
        assert retained_plans == {"gold": True, "silver": False}


class TestPackages:
    def test_a_package_uploaded_in_the_portal_is_adopted_by_its_content(
        self,
        publisher: Publisher,
        emulator: RunningEmulator,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (package,) = emulator.state()["packages"]
        path = f"/v1.0/ingestion/products/{package['productID']}/packages/{package['id']}"
        emulator.portal(path, fileName="Portal upload.zip")
        export_offers(emulator, folder, OFFER)
        emulator.clear()
        adopted_stack = adopt_program(emulator, folder, monkeypatch)
        assert write_requests(emulator) == []
        assert [record.id for record in group_by_class(adopted_stack)["Package"]] == [
            publisher.stack.state["package"].id
        ]

    @pytest.mark.soak
    def test_a_package_with_the_content_of_another_is_named_by_its_id(
        self,
        publisher: Publisher,
        emulator: RunningEmulator,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        stack, program = publisher.stack, publisher.program
        (first,) = emulator.state()["packages"]
        path = f"/v1.0/ingestion/products/{first['productID']}/packages"
        emulator.portal(f"{path}/{first['id']}", fileName="app-000000000000.zip")
        Stack(stack.config).up({"offer": program["offer"], "package": program["package"]})
        for package in emulator.state()["packages"]:
            emulator.portal(f"{path}/{package['id']}", fileName="upload.zip")
        output = export_offers(emulator, folder, OFFER).stdout
        assert ("another package has the same content" in output) != (
            "partnercenter.Package(" in read_program(folder)
        )
        emulator.clear()
        adopted_stack = adopt_program(emulator, folder, monkeypatch)
        assert write_requests(emulator) == []
        (plan_package,) = group_by_class(adopted_stack)["PlanPackage"]
        assert plan_package.outputs["package"] == stack.state["package"].id

    def test_packages_without_a_reference_are_counted_and_left_out(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(publisher.assets / "app", tmp_path / "other")
        (tmp_path / "other" / "more.txt").write_text("more")
        unused_package = {"offer": Ref("offer"), "source": str(tmp_path / "other")}
        publisher.add("spare", Declaration(Package, unused_package))
        publisher.save_draft()
        assert "1 Package: nothing refers to them" in export_offers(emulator, folder, OFFER).stdout
        assert read_program(folder).count("partnercenter.Package(") == 1
        with zipfile.ZipFile(folder / "assets" / "app.zip") as archive:
            assert sorted(archive.namelist()) == ["createUiDefinition.json", "mainTemplate.json"]


class TestSecrets:
    def test_unreadable_secrets_are_left_to_configuration_and_can_be_set_later(
        self,
        stack: Stack,
        emulator: RunningEmulator,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        emulator.legacy_test_drive()
        leads = {"connection_string": "AccountName=contoso;AccountKey=s3cret-one"}
        drive = {"offer": Ref("offer"), "duration_hours": 4, "application_key": "s3cret-two"}
        offer = without_submission(complete_program(write_files(tmp_path / "files")))
        stack.up({
            **offer,
            "leads": Declaration(LeadDestination, {"offer": Ref("offer"), "azure_table": leads}),
            "drive": Declaration(Drive, drive),
        })  # fmt: skip
        output = export_offers(emulator, folder, OFFER).stdout
        keys = re.findall("pulumi config set --secret (.*?) ", output)
        assert sorted(keys) == ["lead-destination-connection-string", "test-drive-application-key"]
        written_text = "".join(path.read_text(errors="ignore") for path in folder.rglob("*.*"))
        assert "s3cret" not in written_text
        secrets_before = list_secrets(emulator)
        emulator.clear()
        adopt_program(emulator, folder, monkeypatch)
        assert write_requests(emulator) == []
        assert (
            list_secrets(emulator)
            == secrets_before
            == ["AccountName=contoso;AccountKey=s3cret-one", "s3cret-two"]
        )
        new_secrets = ["AccountName=contoso;AccountKey=n3w", "n3w"]
        adopt_program(emulator, folder, monkeypatch, **dict(zip(sorted(keys), new_secrets, strict=True)))
        assert len(write_requests(emulator)) == 2
        assert list_secrets(emulator) == new_secrets


ADDRESS = "https://prod-12.example.com/workflows/leads?api-version=2016-10-01&sig=s3cret-of-leads"
PACKAGE = "https://contoso.example.com/package?sv=2018-03-28&sig=s3cret-of-package"


def test_secret_addresses_are_in_no_file_and_unchanged_after_adoption(
    stack: Stack, emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses of an HTTPS lead destination and of a Customer Engagement package."""
    offer = {"offer_id": "contoso-app", "offer_type": "AzureDynamics365ForCustomerEngagement", "alias": "app"}
    configuration = {
        "offer": Ref("offer"),
        "base_license_model": "User",
        "package_url": PACKAGE,
        "configuration_url": "https://contoso.example.com/configure",
    }
    stack.up({
        "offer": Declaration(Offer, offer),
        "leads": Declaration(LeadDestination, {"offer": Ref("offer"), "https": {"url": ADDRESS}}),
        "configuration": Declaration(OfferTechnicalConfiguration, configuration),
    })  # fmt: skip
    output = export_offers(emulator, folder, "contoso-app").stdout
    keys = re.findall("pulumi config set --secret (.*?) ", output)
    assert sorted(keys) == ["lead-destination-url", "offer-technical-configuration-package-url"]
    written_text = "".join(path.read_text(errors="ignore") for path in folder.rglob("*.*"))
    assert "configure" in written_text
    for text in (output, written_text):
        assert "s3cret" not in text
        assert "prod-12" not in text
    before = emulator.state()
    emulator.clear()
    adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    assert emulator.state()["leadConfigurations"] == before["leadConfigurations"]


def test_a_signed_address_in_a_plain_argument_is_pointed_out(
    stack: Stack, emulator: RunningEmulator, folder: Path
) -> None:
    webhook_url = "https://contoso.example.com/hook?code=s3cret-of-hook"
    stack.up({
        "offer": Declaration(Offer, {"offer_id": "contoso-app", "offer_type": "SoftwareAsAService", "alias": "app"}),
        "configuration": Declaration(
            OfferTechnicalConfiguration,
            {
                "offer": Ref("offer"),
                "tenant": "11111111-2222-4333-8444-aaaaaaaaaaaa",
                "application": "11111111-2222-4333-8444-bbbbbbbbbbbb",
                "landing_page_url": "https://contoso.example.com/landing",
                "webhook_url": webhook_url,
            },
        ),
    })  # fmt: skip
    document = json.loads(export_offers(emulator, folder, "contoso-app", "--json").stdout)
    assert document["plainSecrets"] == ["OfferTechnicalConfiguration contoso-app: webhook_url"]


def test_a_readable_secret_is_pointed_out(stack: Stack, emulator: RunningEmulator, folder: Path) -> None:
    audience = Declaration(PreviewAudience, {"offer": Ref("other_offer"), "hide_key": "k3y-of-fabrikam"})
    stack.up({**OTHER_OFFER, "audience": audience})
    document = json.loads(export_offers(emulator, folder, "fabrikam-vault", "--json").stdout)
    assert document["plainSecrets"] == ["PreviewAudience fabrikam-vault: hide_key"]
    assert 'hide_key="k3y-of-fabrikam"' in read_program(folder)


def list_secrets(emulator: RunningEmulator) -> list[str]:
    state = emulator.state()
    (leads,) = state["leadConfigurations"]
    keys = [
        configuration.get("azureActiveDirectoryApplicationKey")
        for configuration in state["packageConfigurations"]
    ]
    return [leads["connectionString"], *filter(None, keys)]


class TestRequests:
    @pytest.mark.soak
    def test_the_export_of_a_hundred_plans_takes_less_than_four_hundred_requests(
        self, stack: Stack, emulator: RunningEmulator, folder: Path
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
        export_offers(emulator, folder, "fabrikam-vault")
        assert len(emulator.requests()) < 400
        assert read_program(folder).count("partnercenter.Plan(") == 100


class TestOutputFolder:
    def test_a_folder_that_is_not_empty_needs_force(
        self, stack: Stack, emulator: RunningEmulator, folder: Path
    ) -> None:
        stack.up(OTHER_OFFER)
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
        emulator.clear()
        result = run_export(emulator, folder, "fabrikam-vault")
        assert isinstance(result.exception, InputError)
        assert "is not empty" in str(result.exception)
        assert emulator.requests() == []
        (folder / "Pulumi.yaml").write_text("name: mine\nruntime: python\n")
        export_offers(emulator, folder, "fabrikam-vault", "--force")
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

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("offer_id", ["123", "null", "1e5", "true", "yes", "0x1f"])
    def test_the_engine_reads_the_project_name_as_text(
        self, offer_id: str, stack: Stack, emulator: RunningEmulator, folder: Path
    ) -> None:
        stack.up(
            {"offer": Declaration(Offer, {**OTHER_OFFER["other_offer"].arguments, "offer_id": offer_id})}
        )
        export_offers(emulator, folder, offer_id)
        backend = folder.parent / "backend"
        backend.mkdir()
        process = subprocess.run(
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
            timeout=HANG_SECONDS,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        assert [path.name for path in (backend / ".pulumi" / "stacks").iterdir()] == [offer_id]

    @pytest.mark.soak
    def test_a_symbolic_link_in_the_output_folder_is_not_followed(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        folder.mkdir()
        (folder / "assets").symlink_to(tmp_path / "elsewhere")
        result = run_export(emulator, folder, OFFER, "--force")
        assert isinstance(result.exception, InputError)
        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert [path.name for path in folder.iterdir()] == ["assets"]

    def test_a_failed_export_leaves_no_files(
        self, publisher: Publisher, emulator: RunningEmulator, folder: Path, tmp_path: Path
    ) -> None:
        emulator.fault("featureAvailabilities", status=403, times=0)
        assert run_export(emulator, folder, OFFER).exit_code
        assert not folder.exists()
        assert [*tmp_path.iterdir()] == []

    def test_a_missing_offer_or_argument_is_an_error_and_writes_nothing(
        self, emulator: RunningEmulator, folder: Path
    ) -> None:
        assert isinstance(run_export(emulator, folder, "fabrikam-nothing").exception, NotFound)
        assert isinstance(run_export(emulator, folder, "--all").exception, NotFound)
        assert run_export(emulator, folder).exit_code == 2
        assert run_export(emulator, folder, OFFER, "--all").exit_code == 2
        assert not folder.exists()

    def test_an_export_of_the_same_offers_writes_the_same_files(
        self, publisher: Publisher, emulator: RunningEmulator, tmp_path: Path
    ) -> None:
        program = without_submission(complete_program(publisher.assets, "gold", "silver"))
        publisher.stack.up({**program, **OTHER_OFFER})
        for name in ("one", "two"):
            export_offers(emulator, tmp_path / name, "--all")
        first_export, second_export = (
            {
                path.relative_to(tmp_path / folder_name): path.read_bytes()
                for path in (tmp_path / folder_name).rglob("*.*")
            }
            for folder_name in ("one", "two")
        )
        assert first_export == second_export
        assert (tmp_path / "one" / "contoso_archive.py").exists()

    def test_json_describes_the_export_in_a_single_document(
        self, stack: Stack, emulator: RunningEmulator, folder: Path
    ) -> None:
        stack.up(OTHER_OFFER)
        document: dict[str, Any] = json.loads(
            export_offers(emulator, folder, "fabrikam-vault", "--json").stdout
        )
        assert document["offers"] == ["fabrikam-vault"]
        assert document["resources"] == {"Offer": 1}
        assert document["leftOut"] == ["fabrikam-vault: no Submission: the offer was never submitted"]
        assert document["refused"] == document["plainSecrets"] == []
        assert document["secrets"] == {}


def test_the_help_of_export_has_its_example_on_separate_lines() -> None:
    output = CliRunner().invoke(cli, ["export", "--help"]).stdout
    assert "\n    partnercenter export contoso-archive\n    cd contoso-archive && pulumi" in output


def test_packages_that_cannot_be_downloaded_are_left_out_of_the_export(
    stack: Stack, emulator: RunningEmulator, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The technical configuration refers to them by id and kind."""
    kinds = {
        name: f"Dynamics365BusinessCentralAddOn{name}Package" for name in ("Extension", "LibraryExtension")
    }
    offer = {"offer_id": "contoso-app", "offer_type": "AzureDynamics365BusinessCentral", "alias": "Contoso"}
    program: Program = {"offer": Declaration(Offer, offer)}
    for name, kind in kinds.items():
        source = tmp_path / f"{name}.app"
        source.write_bytes(build_app(name))
        program[name] = Declaration(Package, {"offer": Ref("offer"), "source": str(source), "kind": kind})
    packages = [{"package": Ref(name), "kind": kind} for name, kind in kinds.items()]
    stack.up(
        {
            **program,
            "technical": Declaration(
                OfferTechnicalConfiguration,
                {"offer": Ref("offer"), "package_type": "AddOn", "packages": packages},
            ),
        }
    )
    output = export_offers(emulator, folder, "contoso-app").stdout
    assert output.count("Partner Center gives no address to download it from") == 2
    assert not (folder / "assets").exists()
    emulator.clear()
    adopted_stack = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (technical,) = group_by_class(adopted_stack)["OfferTechnicalConfiguration"]
    assert technical.outputs["packages"] == stack.state["technical"].outputs["packages"]
    assert "Package" not in group_by_class(adopted_stack)
