"""What a look at a page observes."""

from __future__ import annotations

import pytest
from provider.tools.browser import Look, look
from tests.unit.scripted_server import Answer, serve_answers

pytestmark = pytest.mark.usefixtures("browser")
HTML = {"Content-Type": "text/html"}
PICTURES = 60


def test_a_page_that_a_step_opens_has_loaded_before_it_is_observed():
    """Once, a step that followed a link ended before the page had a body."""
    linking = Answer(body=b"<!DOCTYPE html><a href=/next>Next</a>", headers=HTML)
    pictures = b"".join(b"<img src=/%d.svg>" % number for number in range(PICTURES))
    next_page = Answer(body=b"<!DOCTYPE html><script src=/script.js></script>" + pictures, headers=HTML)
    empty = Answer(body=b"", headers={"Content-Type": "text/javascript"})
    with serve_answers(linking, next_page, empty) as server:
        (observation,) = look(
            Look(server.url, {"state": "() => document.readyState"}, steps=[["click", "text=Next"]])
        )
    assert observation.address == f"{server.url}/next"
    assert observation.values["state"] == "complete"
