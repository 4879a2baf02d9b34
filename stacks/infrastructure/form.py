"""What a customer would deploy who changes nothing: the outputs of `createUiDefinition.json`, at their defaults."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi

BASICS = re.compile(r"basics\('(?P<element>\w+)'\)")
STEP = re.compile(r"steps\('(?P<step>\w+)'\)\.(?P<element>\w+)")
NUMBER = re.compile(r"int\((?P<text>.+)\)")


def default_parameters(package: Path, location: pulumi.Input[str]) -> dict[str, Any]:
    """Parameters of the package's template, as Azure takes them: `{"namePrefix": {"value": "archive"}}`."""
    form = json.loads((package / "createUiDefinition.json").read_text(encoding="utf-8"))["parameters"]
    defaults = dict(_defaults(form))
    return {
        name: {"value": _evaluate(expression, defaults, location)}
        for name, expression in form["outputs"].items()
    }


def _defaults(form: dict[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Default of each element by step and name; the step of the basics is the empty name."""
    for step, elements in [
        ("", form["basics"]),
        *((step["name"], step["elements"]) for step in form["steps"]),
    ]:
        for element in elements:
            labels = {
                choice["label"]: choice["value"]
                for choice in element.get("constraints", {}).get("allowedValues", [])
            }
            # tags have no default: nobody sets any
            value = element.get("defaultValue", {})
            yield (step, element["name"]), labels.get(value, value) if isinstance(value, str) else value


def _evaluate(expression: str, defaults: dict[tuple[str, str], Any], location: pulumi.Input[str]) -> Any:
    inner = expression.removeprefix("[").removesuffix("]")
    if inner == expression:
        return expression
    if inner == "location()":
        return location
    if number := NUMBER.fullmatch(inner):
        return int(_evaluate(f"[{number['text']}]", defaults, location))
    if basics := BASICS.fullmatch(inner):
        return defaults["", basics["element"]]
    if step := STEP.fullmatch(inner):
        return defaults[step["step"], step["element"]]
    raise pulumi.RunError(f"createUiDefinition.json: {expression} is no expression that form.py evaluates")
