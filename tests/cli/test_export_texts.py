"""Names and texts of the service are untrusted: a program says exactly them, and files stay where they belong."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from provider.tools.emulators import Serving
from tests.cli.adopting import adopted, by_class, comparable, exported
from tests.resources import samples
from tests.resources.card import writes
from tests.resources.examples import MANAGED, OFFERS, OTHER_OFFER, configured
from tests.resources.harness import Declared, Program, Ref, Stack
from tests.resources.test_plan_package import TestPlanPackage as Packaged

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
    "listing": Declared(OfferListing, {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Backs up"}),
}  # fmt: skip


@pytest.fixture
def stack(emulator: Serving) -> Stack:
    return Stack(configured(emulator))


def at(stack: Stack, collection: str, id: str) -> str:
    return f"/v1.0/ingestion/products/{stack.state['offer'].id}/{collection}/{id}"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_exactly_itself_again(
    text: str, stack: Stack, emulator: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.up(LISTED)
    (listing,) = emulator.state()["listings"]
    contact = {"type": "Engineering", "name": text, "email": "", "phone": "", "uri": ""}
    emulator.portal(at(stack, "listings", listing["id"]), description=text, listingContacts=[contact])
    stack.refresh()
    exported(emulator, tmp_path / "program", "contoso-backup")
    emulator.clear()
    (found,) = by_class(adopted(emulator, tmp_path / "program", monkeypatch))["OfferListing"]
    assert writes(emulator) == []
    assert comparable(found) == comparable(stack.state["listing"])
    source = (tmp_path / "program" / "__main__.py").read_text(encoding="utf-8")
    assert not {"\u202e", "\u2066", "\u2028", "\x85", "\u200b"} & set(source)


def test_whatever_files_are_called_they_stay_inside(stack: Stack, emulator: Serving, tmp_path: Path) -> None:
    pictures = [samples.picture(f"hostile-{n}.png", 1280, 720, f"#0000{n:02x}") for n in range(len(NAMES))]
    arguments = {"offer": Ref("offer"), "kind": "AzureLogoScreenshot"}
    stack.up({
        **LISTED,
        **{each: Declared(ListingImage, {**arguments, "source": each}) for each in pictures},
    })  # fmt: skip
    (listing,) = emulator.state()["listings"]
    for row, name in zip(emulator.state()["listingImages"], NAMES, strict=True):
        emulator.portal(f"{at(stack, 'listings', listing['id'])}/images/{row['id']}", fileName=name)
    folder = tmp_path / "deep" / "program"
    told = exported(emulator, folder, "contoso-backup").stdout
    files = sorted(path.name for path in (folder / "assets").iterdir())
    assert len({name.casefold() for name in files}) == len(files) == len(NAMES)
    assert all(len(name) <= 100 and name.isascii() and name.isprintable() for name in files)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    said = arguments_of(folder, "ListingImage")
    assert {each.get("file_name", Path(each["source"]).name) for each in said} == set(NAMES)
    assert all((folder / each["source"]).is_file() for each in said)
    assert "will refuse" in told
    names = [each[""] for each in said]
    assert len(set(names)) == len(names)


def test_portal_texts_that_our_rules_refuse_are_written_and_told(
    stack: Stack, emulator: Serving, tmp_path: Path
) -> None:
    stack.up(LISTED)
    (listing,) = emulator.state()["listings"]
    emulator.portal(at(stack, "listings", listing["id"]), keywords=["a", "b", "c", "d"])
    document = json.loads(exported(emulator, tmp_path / "program", "contoso-backup", "--json").stdout)
    (refused,) = document["refused"]
    assert refused.startswith("OfferListing contoso-backup: keywords: ")
    (said,) = arguments_of(tmp_path / "program", "OfferListing")
    assert said["keywords"] == ["a", "b", "c", "d"]


def test_a_package_that_our_rules_refuse_is_written_and_told(
    stack: Stack, emulator: Serving, tmp_path: Path
) -> None:
    stack.up(Packaged.program())
    emulator.fault("GET /_blob/file/pkgfile", status=200, body={"no": "zip"}, times=0)
    folder = tmp_path / "program"
    document = json.loads(exported(emulator, folder, "contoso-backup", "--json").stdout)
    (refused,) = document["refused"]
    assert refused.startswith("Package contoso: ")
    assert "zip" in refused
    assert str(tmp_path) not in refused
    (said,) = arguments_of(folder, "Package")
    assert (folder / str(said["source"])).read_bytes().startswith(b'{"no"')


@pytest.mark.parametrize("name", [*NAMES, "con", "AUX.tar.gz", "-rf", "a/../b", "~", "\U0001f600"])
def test_a_file_name_is_one_that_every_system_takes(name: str) -> None:
    safe = file_name(name, "picture")
    assert safe.isascii()
    assert not set(safe) & set('/\\:*?"<>|\x00 ')
    assert 0 < len(safe) <= 100
    assert not safe.startswith((".", "-"))
    assert safe.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1"}


@pytest.mark.parametrize("offer_id", ["json", "class", "3d-models", "pulumi", "click", "contoso_x-y", "grpc"])
def test_a_module_hides_no_other(offer_id: str) -> None:
    name = module_name(offer_id)
    assert name.isidentifier()
    assert name not in {"json", "class", "pulumi", "click", "grpc"}


def test_words_of_names_are_told_apart() -> None:
    assert kebab("AzureLogoLarge") == "azure-logo-large"
    assert kebab("../../ \u202e\U0001f600") == ""


def arguments_of(folder: Path, class_: str) -> list[dict[str, object]]:
    """The literal arguments of each call of a class in a program that Python parses; its name as ``""``."""
    tree = ast.parse((folder / "__main__.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    found = []
    for call in calls:
        if call.func.attr != class_:  # type: ignore[attr-defined]
            continue
        literal: dict[str, object] = {"": ast.literal_eval(call.args[0])}
        for each in call.keywords:
            try:
                literal[str(each.arg)] = ast.literal_eval(each.value)
            except ValueError:
                continue  # a reference
        found.append(literal)
    return found


def test_ids_that_are_nearly_the_same_are_told_apart(
    stack: Stack, emulator: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["a-b", "a_b", "a-b-plan", "a_b_plan_2", "class", "3d", "offer"]
    plans = {
        f"plan {each}": Declared(
            Plan, {"offer": Ref("offer"), "plan_id": each, "name": each, "subtype": MANAGED}
        )
        for each in ids
    }
    texts = {
        f"{each} text": Declared(PlanListing, {"plan": Ref(f"plan {each}"), "title": each, "summary": "One"})
        for each in ids
    }
    stack.up({**OFFERS, **plans, **texts})
    exported(emulator, tmp_path / "program", "contoso-backup")
    emulator.clear()
    found = by_class(adopted(emulator, tmp_path / "program", monkeypatch))
    assert writes(emulator) == []
    assert {each.outputs["plan"] for each in found["PlanListing"]} == {
        stack.state[f"plan {each}"].id for each in ids
    }


def test_documents_keep_names_and_kinds(
    stack: Stack, emulator: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = samples.pdf("the sheet.pdf", "Contoso")
    stack.up(
        {**LISTED, "sheet": Declared(ListingDocument, {"offer": Ref("offer"), "title": "S", "source": pdf})}
    )
    exported(emulator, tmp_path / "program", "contoso-backup")
    (said,) = arguments_of(tmp_path / "program", "ListingDocument")
    assert said["file_name"] == "the sheet.pdf"
    assert said["source"] == "assets/the-sheet.pdf"
    emulator.clear()
    adopted(emulator, tmp_path / "program", monkeypatch)
    assert writes(emulator) == []


def test_what_is_written_passes_the_usual_checks(stack: Stack, emulator: Serving, tmp_path: Path) -> None:
    stack.up({**LISTED, **{name: each for name, each in Packaged.program().items() if name != "offer"}})
    listing = next(each for each in emulator.state()["listings"] if each["title"] == "Contoso Backup")
    emulator.portal(
        at(stack, "listings", listing["id"]),
        description=TEXTS[4],
        gettingStartedInstructions=TEXTS[1],
        summary="ASSETS / pulumi.Config()",
    )
    Stack(stack.config).up(OTHER_OFFER)
    for name, ids in {"one": ["contoso-backup"], "several": ["--all"]}.items():
        exported(emulator, tmp_path / name, *ids)
        for command in (
            ["black", "--check", "-l", "100"],
            ["ruff", "check", "--isolated"],
            ["mypy", "--strict"],
        ):
            ran = subprocess.run(
                [sys.executable, "-m", *command, "."],
                cwd=tmp_path / name,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
