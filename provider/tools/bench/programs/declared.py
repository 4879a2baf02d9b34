"""What `declared.json` says, with the real resources. Becomes the `__main__.py` of a measured project."""

import json
from pathlib import Path
from typing import Any

import pulumi_partnercenter as partnercenter

made: dict[str, Any] = {}
for each in json.loads(Path(__file__).with_name("declared.json").read_text(encoding="utf-8")):
    references = {argument: made[name].id for argument, name in each["references"].items()}
    made[each["name"]] = getattr(partnercenter, each["kind"])(each["name"], **each["arguments"], **references)
