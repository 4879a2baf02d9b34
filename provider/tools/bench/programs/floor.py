"""What `declared.json` says, with resources that do nothing. Becomes the `__main__.py` of a measured project."""

import json
from pathlib import Path

from nothing import Nothing

made: dict[str, Nothing] = {}
for each in json.loads(Path(__file__).with_name("declared.json").read_text(encoding="utf-8")):
    references = {argument: made[name].id for argument, name in each["references"].items()}
    made[each["name"]] = Nothing(each["name"], {**each["canonical"], **references})
