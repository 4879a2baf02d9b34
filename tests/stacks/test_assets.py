"""Assets of the example offers: forms fit their templates, storage is closed, pictures have the right size."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from PIL import Image
from tests.stacks.cli import CHECKOUT

STACKS = CHECKOUT / "stacks"
ASSETS = STACKS / "assets"
PACKAGES = [path.parent for path in sorted(ASSETS.glob("*/mainTemplate.json"))]
SIZES = {
    "logos/small.png": (48, 48),
    "logos/medium.png": (90, 90),
    "logos/large.png": (216, 216),
    "logos/wide.png": (255, 115),
    "screenshot.png": (1280, 720),
}

package = pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)


def _json(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _resources(template: dict[str, Any], type: str) -> list[dict[str, Any]]:
    return [resource for resource in template["resources"] if resource["type"] == type]


def test_the_example_offers_have_two_packages() -> None:
    assert [folder.name for folder in PACKAGES] == ["archive-app", "archive-template"]


@package
def test_the_form_gives_what_the_template_takes(folder: Path) -> None:
    """Form and template have the same names, and each control the same choices, limits and default."""
    taken = _json(folder / "mainTemplate.json")["parameters"]
    form = _json(folder / "createUiDefinition.json")["parameters"]
    assert set(form["outputs"]) == set(taken)

    controls = {f"basics('{control['name']}')": control for control in form["basics"]} | {
        f"steps('{step['name']}').{control['name']}": control
        for step in form["steps"]
        for control in step["elements"]
    }
    for name, expression in form["outputs"].items():
        if expression == "[location()]":
            continue
        (control,) = (control for place, control in controls.items() if place in expression)
        choices = {
            choice["label"]: choice["value"]
            for choice in control.get("constraints", {}).get("allowedValues", [])
        }
        assert sorted(choices.values()) == sorted(taken[name].get("allowedValues", []))
        if "defaultValue" in taken[name] and "defaultValue" in control:
            default = choices.get(control["defaultValue"], control["defaultValue"])
            assert str(default) == str(taken[name]["defaultValue"])
        if "min" in control:
            assert (control["min"], control["max"]) == (taken[name]["minValue"], taken[name]["maxValue"])


@package
def test_a_template_uses_all_that_it_declares_and_nothing_else(folder: Path) -> None:
    template = _json(folder / "mainTemplate.json")
    for kind in ("parameters", "variables"):
        assert set(re.findall(rf"\b{kind}\('(\w+)'\)", json.dumps(template))) == set(template[kind])


@package
def test_storage_is_closed_and_use_is_attributed(folder: Path) -> None:
    template = _json(folder / "mainTemplate.json")
    (account,) = _resources(template, "Microsoft.Storage/storageAccounts")
    closed = {
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
    }
    assert closed.items() <= account["properties"].items()
    (attribution,) = _resources(template, "Microsoft.Resources/deployments")
    assert re.fullmatch(r"pid-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-partnercenter", attribution["name"])


def test_pictures_have_the_sizes_that_the_marketplace_takes() -> None:
    """The files are also small enough for a repository."""
    assert {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.png")} == set(SIZES)
    for name, size in SIZES.items():
        with Image.open(ASSETS / name) as picture:
            assert (picture.format, picture.size) == ("PNG", size)
        assert (ASSETS / name).stat().st_size < 20_000


def test_only_prod_goes_live() -> None:
    """The stacks configure the same offers, with different ids. A rehearsal sells its service at the emulator."""
    stacks = {
        path.suffixes[0][1:]: yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
        for path in STACKS.glob("Pulumi.*.yaml")
    }
    services = {
        name: config["analytics:target"] for name, config in stacks.items() if "analytics:id" in config
    }
    assert services == {"rehearsal": "live", "saas": "preview"}
    assert stacks["gateway"]["gateway:target"] == "preview"
    del stacks["saas"], stacks["gateway"]
    targets = {name: {config["offer:target"], config["starter:target"]} for name, config in stacks.items()}
    assert targets == {
        "dev": {"draft"},
        "sandbox": {"preview"},
        "rehearsal": {"preview"},
        "staging": {"preview"},
        "prod": {"live"},
    }
    ids = [config[f"{offer}:id"] for config in stacks.values() for offer in ("offer", "starter")]
    assert len(set(ids)) == len(ids)


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load the module that fills in a package's form for a trial."""
    monkeypatch.syspath_prepend(str(STACKS))
    return importlib.import_module("infrastructure.form")


@package
def test_a_form_that_nobody_changes_gives_what_the_template_takes(form: Any, folder: Path) -> None:
    template = _json(folder / "mainTemplate.json")["parameters"]
    filled = form.default_parameters(folder, "westeurope")
    assert {name for name, parameter in template.items() if "defaultValue" not in parameter} <= filled.keys()
    types = {"string": str, "int": int, "object": dict}
    for name, given in filled.items():
        parameter, value = template[name], given["value"]
        assert isinstance(value, types[parameter["type"]]), name
        assert value in parameter.get("allowedValues", [value]), name
        if isinstance(value, int):
            assert parameter.get("minValue", value) <= value <= parameter.get("maxValue", value), name
    assert filled["location"] == {"value": "westeurope"}


def test_an_expression_of_a_form_that_nobody_evaluates_is_an_error(form: Any, tmp_path: Path) -> None:
    outputs = {"key": "[guid(basics('name'))]"}
    document = {"parameters": {"basics": [], "steps": [], "outputs": outputs}}
    (tmp_path / "createUiDefinition.json").write_text(json.dumps(document))
    with pytest.raises(pulumi.RunError, match="guid"):
        form.default_parameters(tmp_path, "westeurope")
