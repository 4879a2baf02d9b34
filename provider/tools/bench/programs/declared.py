"""What `declared.json` says, with the real resources. Becomes the `__main__.py` of a measured project."""

import json
from pathlib import Path
from typing import Any

import pulumi_partnercenter as partnercenter

made: dict[str, Any] = {}
for declaration in json.loads(Path(__file__).with_name("declared.json").read_text(encoding="utf-8")):
    references = {argument: made[name].id for argument, name in declaration["references"].items()}
    made[declaration["name"]] = getattr(partnercenter, declaration["kind"])(
        declaration["name"], **declaration["arguments"], **references
    )
