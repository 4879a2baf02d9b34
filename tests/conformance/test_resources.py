"""What every exported resource has in common, read from its class and its file."""

from __future__ import annotations

import ast
import base64
import functools
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import dill
import pulumi
import pytest
from provider.tools.generate.readme import resources
from tests.resources.harness import kind_of, payload_of
from tests.resources.mocked import declared
from tests.resources.test_bad_input import MINIMAL

import pulumi_partnercenter
from pulumi_partnercenter import errors
from pulumi_partnercenter.hosts.dynamic import DynamicProvider
from pulumi_partnercenter.markers import Derived, Meaning
from pulumi_partnercenter.model import Part
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.resources._base import ProviderReference

ROOT = Path(pulumi_partnercenter.__file__).parents[2]
RESOURCES = resources()

pytestmark = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)


OBJECTS = {"publishes": "resources, whose fingerprints the constructor takes"}
"""Arguments that are given as objects of the program, and what becomes of them."""


def said(resource: type[Resource]) -> set[str]:
    """The arguments that a program says; the others follow from them."""
    inputs = kind_of(resource).arguments
    return set(inputs.arguments()) - set(inputs.marked(Derived))


@functools.cache
def payloads(seed: str) -> dict[str, str]:
    """Every provider's payload by its resource, from an interpreter with this hash seed."""
    program = "\n".join(
        [
            "import json",
            "from pulumi.dynamic.dynamic import serialize_provider",
            "from pulumi_partnercenter.resources._base import ProviderReference",
            f"names = {[resource.__name__ for resource in RESOURCES]}",
            "print(json.dumps({name: serialize_provider(ProviderReference(name)) for name in names}))",
        ]
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "provider")},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(ran.stdout)
    return found


def source_of(resource: type[Resource]) -> Path:
    """The file of its kind."""
    return Path(inspect.getfile(type(kind_of(resource))))


def test_it_is_exported(resource: type[Resource]) -> None:
    assert resource.__name__ in pulumi_partnercenter.__all__


def test_the_constructor_takes_what_the_model_has(resource: type[Resource]) -> None:
    _, name, *arguments = inspect.signature(resource.__init__).parameters.values()
    assert (name.name, name.kind) == ("resource_name", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in arguments)
    assert [each.name for each in arguments[-2:]] == ["adopt", "opts"]
    assert {each.name for each in arguments[:-2]} == said(resource)


def test_what_the_constructor_needs_is_what_the_model_needs(resource: type[Resource]) -> None:
    parameters = inspect.signature(resource.__init__).parameters
    needed = {
        name
        for name, each in parameters.items()
        if each.default is inspect.Parameter.empty and name not in ("self", "resource_name")
    }
    problems = kind_of(resource).arguments.problems({})
    missed = {
        problem.removesuffix(": is required") for problem in problems if problem.endswith(": is required")
    }
    assert missed == needed


def test_every_argument_is_typed_and_may_be_an_output(resource: type[Resource]) -> None:
    annotations = dict(resource.__init__.__annotations__)
    assert annotations.pop("return") == "None"
    assert annotations.pop("resource_name") == "str"
    assert annotations.pop("adopt") == "bool"
    assert annotations.pop("opts") == "pulumi.ResourceOptions | None"
    objects = {name for name in annotations if name in OBJECTS}
    assert {name for name, text in annotations.items() if not text.startswith("Input[")} == objects


def test_every_argument_reaches_the_engine(resource: type[Resource]) -> None:
    """None is lost on the way from the constructor to the registration."""
    given: dict[str, Any] = {name: f"value of {name}" for name in said(resource) - OBJECTS.keys()}
    objects = {name: [] for name in said(resource) & OBJECTS.keys()}
    made = declared(lambda: _any(resource)("made", **given, **objects))["made"].inputs
    assert {name: made.get(name) for name in given} == given


def test_every_argument_output_and_member_can_be_read_about(resource: type[Resource]) -> None:
    """A string below a field is its documentation; arguments need one, members of values have their value's."""
    tree = ast.parse(source_of(resource).read_text())
    model = kind_of(resource).arguments
    told = _documented(next(each for each in tree.body if _is_class(each, model.__name__)))
    assert {name for name, text in told.items() if text} == set(model.arguments())
    outputs = kind_of(resource).outputs
    told = _documented(next(each for each in tree.body if _is_class(each, outputs.__name__)))
    assert {name for name, text in told.items() if text} == set(outputs.names())
    assert all(each.__doc__ for each in (resource, model, outputs))


def test_arguments_and_outputs_are_declared_as_attributes(resource: type[Resource]) -> None:
    names = {*kind_of(resource).arguments.arguments(), *kind_of(resource).outputs.names()}
    assert names == {name for name in inspect.get_annotations(resource) if not name.startswith("_")}


def test_booleans_and_numbers_are_strict(resource: type[Resource]) -> None:
    """Pydantic alone takes "yes" for a boolean and "5" for a number."""
    model = kind_of(resource).arguments
    for part in [model, *_parts_of(model)]:
        bare = [name for name in part.names() if _is_lenient(part.hint(name))]
        assert bare == []


def test_its_type_is_part_of_everybodys_state(resource: type[Resource]) -> None:
    given = {name: [] if name in OBJECTS else value for name, value in MINIMAL[resource].items()}
    made = declared(lambda: _any(resource)("made", **given))["made"]
    assert made.type == f"pulumi-python:dynamic/partnercenter:{resource.__name__}"


def test_the_provider_travels_by_reference(resource: type[Resource]) -> None:
    payload = payload_of(resource)
    pickled = base64.b64decode(payload)
    assert len(pickled) < 100
    assert ProviderReference.serialize_as_secret_always is False
    provider = dill.loads(pickled)
    assert isinstance(provider, DynamicProvider)
    assert provider.lifecycle.kind is kind_of(resource)


def test_the_payload_is_the_same_in_every_process(resource: type[Resource]) -> None:
    expected = payload_of(resource)
    assert [payloads(seed)[resource.__name__] for seed in ("1", "2")] == [expected, expected]


def test_the_readme_lists_it(resource: type[Resource]) -> None:
    text = (ROOT / "README.md").read_text()
    table = text.partition("<!-- resources -->")[2].partition("<!-- /resources -->")[0]
    (row,) = [line for line in table.splitlines() if f"`{resource.__name__}`" in line]
    assert f"(provider/docs/resources/{source_of(resource).stem}.md)" in row


def test_its_words_for_people_are_there(resource: type[Resource]) -> None:
    """The noun in messages is the class's name in words."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", resource.__name__).lower()
    assert kind_of(resource).noun == words
    assert {"PartnerCenterError", "AdoptionRefused"} <= set(errors.__all__)


def test_it_is_a_custom_resource_of_the_engine(resource: type[Resource]) -> None:
    assert issubclass(resource, pulumi.CustomResource)


def _any(resource: type[Resource]) -> Any:
    """The class, whose own constructor the base's type does not tell."""
    return resource


def _is_lenient(hint: Any) -> bool:
    """Whether a boolean or number has no rule of its own about what it takes."""
    marks = getattr(hint, "__metadata__", ())
    base = get_args(hint)[0] if marks else hint
    return base in (bool, int, float) and not any(isinstance(mark, Meaning) for mark in marks)


def _parts_of(part: type[Part]) -> list[type[Part]]:
    """The parts in a part's members, at any depth."""
    inner = [found for name in part.names() if (found := part.part_in(name))]
    return [*inner, *(below for found in inner for below in _parts_of(found))]


def _is_class(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ClassDef) and node.name == name


def _documented(node: ast.stmt) -> dict[str, str]:
    """The fields of a class, each with the string below it, or ""."""
    assert isinstance(node, ast.ClassDef)
    found = {}
    for each, below in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            found[each.target.id] = str(below.value.value) if is_text else ""  # type: ignore[union-attr]
    return found
