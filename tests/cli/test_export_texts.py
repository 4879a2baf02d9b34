"""Export of hostile names and texts: arguments are exact, and files stay in the output folder."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, comparable_outputs, export_offers, group_by_class
from tests.resources import samples
from tests.resources.card import write_requests
from tests.resources.examples import MANAGED, OFFERS, OTHER_OFFER, emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.test_plan_package import TestPlanPackage as PlanPackageCard

from pulumi_partnercenter import ListingDocument, ListingImage, OfferListing, Plan, PlanListing
from pulumi_partnercenter.export.names import file_name, kebab, module_name

TEXTS = [
    """a "quoted" 'text' with \"\"\"three\"\"\" and a backslash \\ and \\n and \\N{BULLET}""",
    "lines\r\nand\rlines\nand\u2028separators\u2029and\x85more",
    "right\u202eto\u2066left\u2069 and zero\u200bwidth, e\u0301, \U0001f600",
    "#{x} ${x} {x} %s %(x)s {{x}} <b>bold</b> <script>alert(1)</script>",
    "<p>" + "One sentence of many.\n" * 40 + "</p>",
    "<p>" + "One sentence of many.\r\n" * 40 + "</p>",
    "no spaces: " + "x" * 900,
    "many words " * 60 + "and tabs\t\tand  two spaces",
    "\ufeffbegins with a mark " * 20,
]
NAMES = [
    "../../escape.png",
    "..\\..\\escape.png",
    "/etc/passwd.png",
    "nul.png",
    "COM1.png",
    "a" * 300 + ".png",
    "screen.png",
    "SCREEN.png",
    "sc\u202egnp.reen.png",
    "\u622a\u56fe.png",
    ".hidden.png",
    "x\x00y.png",
    "two  spaces 'and' \"quotes\".png",
    ".png",
    "..",
]
LISTED: Program = {
    **OFFERS,
    "listing": Declaration(OfferListing, {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Backs up"}),
}  # fmt: skip


@pytest.fixture
def stack(emulator: RunningEmulator) -> Stack:
    return Stack(emulator_config(emulator))


def document_path(stack: Stack, collection: str, id: str) -> str:
    return f"/v1.0/ingestion/products/{stack.state['offer'].id}/{collection}/{id}"


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_text_is_adopted_unchanged(
    text: str, stack: Stack, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.up(LISTED)
    (listing,) = emulator.state()["listings"]
    contact = {"type": "Engineering", "name": text, "email": "", "phone": "", "uri": ""}
    emulator.portal(
        document_path(stack, "listings", listing["id"]), description=text, listingContacts=[contact]
    )
    stack.refresh()
    export_offers(emulator, tmp_path / "program", "contoso-backup")
    emulator.clear()
    (adopted_listing,) = group_by_class(adopt_program(emulator, tmp_path / "program", monkeypatch))[
        "OfferListing"
    ]
    assert write_requests(emulator) == []
    assert comparable_outputs(adopted_listing) == comparable_outputs(stack.state["listing"])
    source = (tmp_path / "program" / "__main__.py").read_text(encoding="utf-8")
    assert not {"\u202e", "\u2066", "\u2028", "\x85", "\u200b"} & set(source)


def test_files_with_hostile_names_stay_in_the_assets_folder(
    stack: Stack, emulator: RunningEmulator, tmp_path: Path
) -> None:
    pictures = [
        samples.picture(f"hostile-{number}.png", 1280, 720, f"#0000{number:02x}")
        for number in range(len(NAMES))
    ]
    arguments = {"offer": Ref("offer"), "kind": "AzureLogoScreenshot"}
    stack.up({
        **LISTED,
        **{picture: Declaration(ListingImage, {**arguments, "source": picture}) for picture in pictures},
    })  # fmt: skip
    (listing,) = emulator.state()["listings"]
    for row, name in zip(emulator.state()["listingImages"], NAMES, strict=True):
        emulator.portal(
            f"{document_path(stack, 'listings', listing['id'])}/images/{row['id']}", fileName=name
        )
    folder = tmp_path / "deep" / "program"
    output = export_offers(emulator, folder, "contoso-backup").stdout
    files = sorted(path.name for path in (folder / "assets").iterdir())
    assert len({name.casefold() for name in files}) == len(files) == len(NAMES)
    assert all(len(name) <= 100 and name.isascii() and name.isprintable() for name in files)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    exported_arguments = read_arguments(folder, "ListingImage")
    assert {
        call_arguments.get("file_name", Path(call_arguments["source"]).name)
        for call_arguments in exported_arguments
    } == set(NAMES)
    assert all((folder / call_arguments["source"]).is_file() for call_arguments in exported_arguments)
    assert "will refuse" in output
    names = [call_arguments[""] for call_arguments in exported_arguments]
    assert len(set(names)) == len(names)


def test_invalid_values_of_the_portal_are_exported_and_reported(
    stack: Stack, emulator: RunningEmulator, tmp_path: Path
) -> None:
    stack.up(LISTED)
    (listing,) = emulator.state()["listings"]
    emulator.portal(document_path(stack, "listings", listing["id"]), keywords=["a", "b", "c", "d"])
    document = json.loads(export_offers(emulator, tmp_path / "program", "contoso-backup", "--json").stdout)
    (refusal,) = document["refused"]
    assert refusal.startswith("OfferListing contoso-backup: keywords: ")
    (exported_arguments,) = read_arguments(tmp_path / "program", "OfferListing")
    assert exported_arguments["keywords"] == ["a", "b", "c", "d"]


def test_an_invalid_package_is_exported_and_reported(
    stack: Stack, emulator: RunningEmulator, tmp_path: Path
) -> None:
    stack.up(PlanPackageCard.program())
    emulator.fault("GET /_blob/file/pkgfile", status=200, body={"no": "zip"}, times=0)
    folder = tmp_path / "program"
    document = json.loads(export_offers(emulator, folder, "contoso-backup", "--json").stdout)
    (refusal,) = document["refused"]
    assert refusal.startswith("Package contoso: ")
    assert "zip" in refusal
    assert str(tmp_path) not in refusal
    (exported_arguments,) = read_arguments(folder, "Package")
    assert (folder / str(exported_arguments["source"])).read_bytes().startswith(b'{"no"')


@pytest.mark.parametrize("name", [*NAMES, "con", "AUX.tar.gz", "-rf", "a/../b", "~", "\U0001f600"])
def test_file_names_are_valid_on_every_system(name: str) -> None:
    safe = file_name(name, "picture")
    assert safe.isascii()
    assert not set(safe) & set('/\\:*?"<>|\x00 ')
    assert 0 < len(safe) <= 100
    assert not safe.startswith((".", "-"))
    assert safe.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1"}


@pytest.mark.parametrize("offer_id", ["json", "class", "3d-models", "pulumi", "click", "contoso_x-y", "grpc"])
def test_module_names_shadow_no_other_module(offer_id: str) -> None:
    name = module_name(offer_id)
    assert name.isidentifier()
    assert name not in {"json", "class", "pulumi", "click", "grpc"}


def test_kebab_case_separates_words() -> None:
    assert kebab("AzureLogoLarge") == "azure-logo-large"
    assert kebab("../../ \u202e\U0001f600") == ""


def read_arguments(folder: Path, class_: str) -> list[dict[str, object]]:
    """Read the literal arguments of each call of a class in the program; the key `""` holds the resource name."""
    tree = ast.parse((folder / "__main__.py").read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    argument_lists = []
    for call in calls:
        if call.func.attr != class_:  # type: ignore[attr-defined]
            continue
        arguments: dict[str, object] = {"": ast.literal_eval(call.args[0])}
        for keyword in call.keywords:
            try:
                arguments[str(keyword.arg)] = ast.literal_eval(keyword.value)
            except ValueError:
                continue  # the value is a reference, not a literal
        argument_lists.append(arguments)
    return argument_lists


def test_similar_plan_ids_are_exported_as_different_resources(
    stack: Stack, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["a-b", "a_b", "a-b-plan", "a_b_plan_2", "class", "3d", "offer"]
    plans = {
        f"plan {plan_id}": Declaration(
            Plan, {"offer": Ref("offer"), "plan_id": plan_id, "name": plan_id, "subtype": MANAGED}
        )
        for plan_id in ids
    }
    listings = {
        f"{plan_id} text": Declaration(
            PlanListing, {"plan": Ref(f"plan {plan_id}"), "title": plan_id, "summary": "One"}
        )
        for plan_id in ids
    }
    stack.up({**OFFERS, **plans, **listings})
    export_offers(emulator, tmp_path / "program", "contoso-backup")
    emulator.clear()
    records = group_by_class(adopt_program(emulator, tmp_path / "program", monkeypatch))
    assert write_requests(emulator) == []
    assert {record.outputs["plan"] for record in records["PlanListing"]} == {
        stack.state[f"plan {plan_id}"].id for plan_id in ids
    }


def test_exported_documents_keep_their_file_names(
    stack: Stack, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = samples.pdf("the sheet.pdf", "Contoso")
    stack.up(
        {
            **LISTED,
            "sheet": Declaration(ListingDocument, {"offer": Ref("offer"), "title": "S", "source": pdf}),
        }
    )
    export_offers(emulator, tmp_path / "program", "contoso-backup")
    (exported_arguments,) = read_arguments(tmp_path / "program", "ListingDocument")
    assert exported_arguments["file_name"] == "the sheet.pdf"
    assert exported_arguments["source"] == "assets/the-sheet.pdf"
    emulator.clear()
    adopt_program(emulator, tmp_path / "program", monkeypatch)
    assert write_requests(emulator) == []


@pytest.mark.sample(1)
@pytest.mark.parametrize("ids", ["--all", "contoso-backup"])
def test_exported_programs_pass_black_ruff_and_mypy(
    ids: str, stack: Stack, emulator: RunningEmulator, tmp_path: Path
) -> None:
    stack.up(
        {
            **LISTED,
            **{
                name: declaration
                for name, declaration in PlanPackageCard.program().items()
                if name != "offer"
            },
        }
    )
    listing = next(row for row in emulator.state()["listings"] if row["title"] == "Contoso Backup")
    emulator.portal(
        document_path(stack, "listings", listing["id"]),
        description=TEXTS[4],
        gettingStartedInstructions=TEXTS[1],
        summary="ASSETS / pulumi.Config()",
    )
    Stack(stack.config).up(OTHER_OFFER)
    export_offers(emulator, tmp_path / "program", ids)
    for command in (["black", "--check", "-l", "100"], ["ruff", "check", "--isolated"], ["mypy", "--strict"]):
        result = subprocess.run(
            [sys.executable, "-m", *command, "."],
            cwd=tmp_path / "program",
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
