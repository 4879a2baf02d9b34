"""The life of an offer with three plans, prices in thirty markets and two image versions a plan, as one program."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.portal.portal_offers import GATEWAY, PLANS, image

from pulumi_partnercenter import InputError, portal


def program(target: str, **changes: Any) -> Program:
    published = [{"kind": "portal.Offer", "name": "offer", "id": Ref("offer")}]
    return {
        "offer": Declaration(portal.Offer, {**GATEWAY, **changes}),
        "publication": Declaration(
            portal.Publication,
            {
                "offer": Ref("offer"),
                "publishes": [Ref("offer", "fingerprint")],
                "sends": ["portal.Offer offer"],
                "published": published,
                "target": target,
                "wait_minutes": 0,
            },
        ),
    }


def up_until(stack: Stack, emulator: RunningEmulator, given: Program, state: str) -> int:
    """Run `up` until the publication has this state. Return the number of runs."""
    for number in range(1, 20):
        stack.up(given)
        if stack.state["publication"].outputs["state"] == state:
            return number
        emulator.advance(86_400)
    raise AssertionError(stack.state["publication"].outputs)


def requests(emulator: RunningEmulator) -> dict[str, int]:
    counts = Counter(request["method"] for request in emulator.requests() if request["service"] == "portal")
    emulator.clear()
    return dict(counts)


@pytest.mark.parametrize("is_migrated", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_an_offer_goes_live_by_repeated_runs_is_edited_and_adopted(
    stack: Stack, emulator: RunningEmulator, is_migrated: bool
) -> None:
    emulator._control("POST", "portal/publishers", {"publisher": "contoso"})
    emulator._control("POST", "portal/behaviour", {"is_migrated": is_migrated})
    up_until(stack, emulator, program("preview"), "preview")
    up_until(stack, emulator, program("live"), "live")
    assert stack.refresh() == {}
    assert stack.state["offer"].outputs["published"] is True
    assert set(stack.state["offer"].outputs["published_plans"]) == {"basic", "branch", "licensed"}
    requests(emulator)
    assert stack.up(program("live")) == {}
    assert requests(emulator) == {}
    dearer = [{**PLANS[0], "pricing": {"per_core": 1, "trial_months": 1}}, *PLANS[1:]]
    with pytest.raises(InputError, match="may fall, and not rise"):
        stack.preview(program("live", plans=dearer))
    newer = [{**PLANS[0], "images": {**PLANS[0]["images"], "1.0.2": image("1.0.2")}}, *PLANS[1:]]
    up_until(stack, emulator, program("live", plans=newer), "live")
    assert stack.refresh() == {}
    images = stack.state["offer"].outputs["published_plans"]["basic"]["images"]
    assert set(images) == {"1.0.0", "1.0.1", "1.0.2"}
    stack.forget()
    requests(emulator)
    stack.up(program("live", plans=newer))
    assert requests(emulator).keys() == {"GET"}
    assert stack.refresh() == {}
    assert stack.up(program("live", plans=newer)) == {}
