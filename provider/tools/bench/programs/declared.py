"""Declare the real resources of `declared.json`: the `__main__.py` of a measured project."""

import json
from pathlib import Path
from typing import Any

import pulumi_partnercenter as partnercenter

resources: dict[str, Any] = {}
for declaration in json.loads(Path(__file__).with_name("declared.json").read_text(encoding="utf-8")):
    references = {argument: resources[name].id for argument, name in declaration["references"].items()}
    resources[declaration["name"]] = getattr(partnercenter, declaration["kind"])(
        declaration["name"], **declaration["arguments"], **references
    )
