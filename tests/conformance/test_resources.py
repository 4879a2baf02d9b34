"""Properties of every exported resource, read from its class and its file."""

from __future__ import annotations

import ast
import base64
import functools
import inspect
import json
import operator
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import dill
import pulumi
import pytest
from provider.tools.generate.pages import page_of, resources
from tests.resources.harness import kind_of, payload_of
from tests.resources.mocked import register_program
from tests.resources.test_bad_input import MINIMAL

import pulumi_partnercenter
from pulumi_partnercenter import Offer, Submission, errors
from pulumi_partnercenter.hosts.dynamic import DynamicProvider
from pulumi_partnercenter.markers import Derived, Implied, Meaning
from pulumi_partnercenter.model import Part
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.resources._base import ProviderReference

ROOT = Path(pulumi_partnercenter.__file__).parents[2]
RESOURCES = resources()

pytestmark = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.__name__)


OBJECTS = {"publishes": "resources, whose fingerprints the constructor takes"}
"""Arguments whose values are objects of the program, and their use."""


def constructor_arguments(resource: type[Resource]) -> set[str]:
    """The constructor's own arguments. The other arguments are derived from them."""
    inputs = kind_of(resource).arguments
    return set(inputs.arguments()) - set(inputs.marked(Derived))


@functools.cache
def payloads(seed: str) -> dict[str, str]:
    """The payloads of all providers, by resource, from an interpreter with this hash seed."""
    program = "\n".join(
        [
            "import json",
            "from pulumi.dynamic.dynamic import serialize_provider",
            "from pulumi_partnercenter.resources._base import ProviderReference",
            f"names = {[resource.schema.known_as for resource in RESOURCES]}",
            "print(json.dumps({name: serialize_provider(ProviderReference(name)) for name in names}))",
        ]
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "provider")},
        capture_output=True,
        text=True,
        check=True,
    )
    payloads_by_name: dict[str, str] = json.loads(result.stdout)
    return payloads_by_name


def source_of(resource: type[Resource]) -> Path:
    """The file of the resource's kind."""
    return Path(inspect.getfile(type(kind_of(resource))))


def test_every_resource_is_exported(resource: type[Resource]) -> None:
    assert operator.attrgetter(resource.schema.known_as)(pulumi_partnercenter) is resource


def test_a_constructor_has_the_arguments_of_the_model(resource: type[Resource]) -> None:
    _, name, *arguments = inspect.signature(resource.__init__).parameters.values()
    assert (name.name, name.kind) == ("resource_name", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert all(argument.kind is inspect.Parameter.KEYWORD_ONLY for argument in arguments)
    assert [argument.name for argument in arguments[-2:]] == ["adopt", "opts"]
    assert {argument.name for argument in arguments[:-2]} == constructor_arguments(resource)


def test_required_arguments_of_a_constructor_are_those_of_the_model(resource: type[Resource]) -> None:
    parameters = inspect.signature(resource.__init__).parameters
    required = {
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and name not in ("self", "resource_name")
    }
    problems = kind_of(resource).arguments.problems({})
    reported = {
        problem.removesuffix(": is required") for problem in problems if problem.endswith(": is required")
    }
    assert reported == required


def test_every_argument_is_typed_and_may_be_an_output(resource: type[Resource]) -> None:
    annotations = dict(resource.__init__.__annotations__)
    assert annotations.pop("return") == "None"
    assert annotations.pop("resource_name") == "str"
    assert annotations.pop("adopt") == "bool"
    assert annotations.pop("opts") == "pulumi.ResourceOptions | None"
    objects = {name for name in annotations if name in OBJECTS}
    assert {name for name, text in annotations.items() if not text.startswith("Input[")} == objects


def test_every_argument_reaches_the_engine(resource: type[Resource]) -> None:
    """No argument is lost between the constructor and the registration."""
    arguments: dict[str, Any] = {
        name: f"value of {name}" for name in constructor_arguments(resource) - OBJECTS.keys()
    }
    objects = {name: [] for name in constructor_arguments(resource) & OBJECTS.keys()}
    registration = register_program(lambda: _any(resource)("name", **arguments, **objects))["name"].inputs
    assert {name: registration.get(name) for name in arguments} == arguments


def test_the_type_of_an_offer_is_taken_from_the_offer_whose_id_is_given(resource: type[Resource]) -> None:
    if "offer_type" not in kind_of(resource).arguments.marked(Implied):
        return
    arguments = {**MINIMAL[resource], **({"publishes": []} if resource is Submission else {})}

    def program() -> None:
        offer = Offer("offer", offer_id="contoso-wiki", offer_type="SoftwareAsAService", alias="Contoso")
        _any(resource)("name", **{**arguments, "offer": offer.id})

    assert register_program(program)["name"].inputs["offer_type"] == "SoftwareAsAService"


def test_every_argument_and_output_is_documented(resource: type[Resource]) -> None:
    """The string below a field is its documentation."""
    tree = ast.parse(source_of(resource).read_text())
    model = kind_of(resource).arguments
    documentation = _documented(next(node for node in tree.body if _is_class(node, model.__name__)))
    documented = {name for name, text in documentation.items() if text}
    assert documented - {"adopt"} == set(model.arguments())
    outputs = kind_of(resource).outputs
    if outputs.names():  # resources without outputs share a class
        documentation = _documented(next(node for node in tree.body if _is_class(node, outputs.__name__)))
        assert {name for name, text in documentation.items() if text} == set(outputs.names())
    assert all(documented_class.__doc__ for documented_class in (resource, model, outputs))


def test_arguments_and_outputs_are_declared_as_attributes(resource: type[Resource]) -> None:
    names = {*kind_of(resource).arguments.arguments(), *kind_of(resource).outputs.names()}
    assert names == {name for name in inspect.get_annotations(resource) if not name.startswith("_")}


def test_booleans_and_numbers_of_a_model_are_strict(resource: type[Resource]) -> None:
    """Pydantic's default accepts "yes" as a boolean and "5" as a number."""
    model = kind_of(resource).arguments
    for part in [model, *_parts_of(model)]:
        lenient = [name for name in part.names() if _is_lenient(part.hint(name))]
        assert lenient == []


def test_the_type_token_of_a_resource_is_fixed(resource: type[Resource]) -> None:
    arguments = {name: [] if name in OBJECTS else value for name, value in MINIMAL[resource].items()}
    registration = register_program(lambda: _any(resource)("name", **arguments))["name"]
    service, _, name = resource.schema.known_as.rpartition(".")
    module = f"partnercenter/{service}" if service else "partnercenter"
    assert registration.type == f"pulumi-python:dynamic/{module}:{name}"


def test_a_provider_is_pickled_by_reference(resource: type[Resource]) -> None:
    payload = payload_of(resource)
    pickled = base64.b64decode(payload)
    assert len(pickled) < 100
    assert ProviderReference.serialize_as_secret_always is False
    provider = dill.loads(pickled)
    assert isinstance(provider, DynamicProvider)
    assert provider.lifecycle.kind is kind_of(resource)


def test_the_payload_of_a_provider_is_the_same_in_every_process(resource: type[Resource]) -> None:
    expected = payload_of(resource)
    assert [payloads(seed)[resource.schema.known_as] for seed in ("1", "2")] == [expected, expected]


def test_the_readme_lists_every_resource(resource: type[Resource]) -> None:
    text = (ROOT / "README.md").read_text()
    table = text.partition("<!-- resources -->")[2].partition("<!-- /resources -->")[0]
    (row,) = [line for line in table.splitlines() if f"`{resource.schema.known_as}`" in line]
    assert f"({page_of(resource).relative_to(ROOT).as_posix()})" in row


def test_the_noun_of_a_resource_is_its_name_in_words(resource: type[Resource]) -> None:
    """The noun is the class's name in lower-case words."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", resource.__name__).lower()
    assert kind_of(resource).noun == words
    assert {"PartnerCenterError", "AdoptionRefused"} <= set(errors.__all__)


def test_every_resource_is_a_custom_resource_of_the_engine(resource: type[Resource]) -> None:
    assert issubclass(resource, pulumi.CustomResource)


def _any(resource: type[Resource]) -> Any:
    """Return the class untyped: constructors of subclasses differ from the base class's."""
    return resource


def _is_lenient(hint: Any) -> bool:
    """Whether a boolean or number has no strictness of its own."""
    marks = getattr(hint, "__metadata__", ())
    base = get_args(hint)[0] if marks else hint
    return base in (bool, int, float) and not any(isinstance(mark, Meaning) for mark in marks)


def _parts_of(part: type[Part]) -> list[type[Part]]:
    """All parts among the members of a part, at any depth."""
    inner = [member for name in part.names() if (member := part.part_in(name))]
    return [*inner, *(nested for member in inner for nested in _parts_of(member))]


def _is_class(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ClassDef) and node.name == name


def _documented(node: ast.stmt) -> dict[str, str]:
    """The fields of a class, with the documentation string below each; "" if there is none."""
    assert isinstance(node, ast.ClassDef)
    texts = {}
    for field, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            texts[field.target.id] = str(following.value.value) if is_text else ""  # type: ignore[union-attr]
    return texts
