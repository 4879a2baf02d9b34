"""Declare resources that do nothing for those in `declared.json`: the `__main__.py` of a measured project."""

import json
from pathlib import Path

from nothing import Nothing

resources: dict[str, Nothing] = {}
for declaration in json.loads(Path(__file__).with_name("declared.json").read_text(encoding="utf-8")):
    references = {argument: resources[name].id for argument, name in declaration["references"].items()}
    resources[declaration["name"]] = Nothing(declaration["name"], {**declaration["canonical"], **references})
