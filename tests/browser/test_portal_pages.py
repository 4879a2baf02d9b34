"""Pages of the emulated portal in a real browser."""

from __future__ import annotations

import pytest
from provider.tools.browser import Look, look
from provider.tools.emulators import serve
from tests.browser.test_marketplace_page import HOSTILE, READING
from tests.contract.portal.cpp import PUBLISHER, CppApi, definition, plan

pytestmark = pytest.mark.usefixtures("browser")


@pytest.mark.soak
def test_every_page_is_accessible_runs_nothing_and_shows_hostile_names_as_they_are():
    with serve() as emulator:
        cpp, root = CppApi(emulator), f"{emulator.url}/_emulator/offers"
        hostile = {**definition("Gateway", plan("std"), plan("pro")), "displayText": HOSTILE}
        cpp.make("gateway-vm", definition=hostile, published="live")
        cpp.emulator.decide("portal_certification", "reject", messages=[HOSTILE])
        cpp.publish("gateway-vm")
        observations = look(
            Look(root, READING),
            Look(f"{root}/{PUBLISHER}/gateway-vm", READING, width=360),
            Look(f"{root}/{PUBLISHER}/gateway-vm", READING, is_dark=True),
            Look(f"{root}/{PUBLISHER}/nothing", READING),
        )
    for observation in observations:
        assert observation.violations == [], observation.address
        messages = [text for text in observation.console if "status of 4" not in text]
        assert (observation.requests, observation.dialogs, messages) == ([], [], [])
        assert observation.values["scripts"] == [], observation.address
        assert not observation.values["wide"], observation.address
    for observation in observations[:3]:
        assert HOSTILE in observation.values["text"], observation.address
