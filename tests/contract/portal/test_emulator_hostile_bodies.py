"""Bodies that no client of good will sends: 400, never 500, and the offer stays as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.portal.cpp import (
    CORE_VM,
    MARKETPLACE,
    PUBLISHER,
    VERSION,
    VM,
    CppApi,
    definition,
    envelope,
    image,
    plan,
)

OFFER = "gateway-vm"
HEADERS = {"If-Match": "*", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningEmulator]:
    """An emulator that keeps unknown members, so that more of a body is stored."""
    with in_process(strict=False) as emulator:
        yield emulator


@pytest.fixture
def cpp(shared: RunningEmulator) -> CppApi:
    shared.reset()
    cpp = CppApi(shared)
    cpp.make(OFFER, definition=definition())
    return cpp


WHOLE = json.dumps(envelope(OFFER, definition()))
TEXTS = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"1",
    b"{",
    b"\xff\xfe",
    b'{"id": "\\ud800"}',
    WHOLE.replace("0.12", "NaN").encode(),
    WHOLE.replace("0.12", "1e999").encode(),
    WHOLE.replace("0.12", "9" * 5000).encode(),
    WHOLE.replace("0.12", '"0.12"').encode(),
    *(
        WHOLE[:-1].encode() + b', "deep": ' + b"[" * depth + b"]" * depth + b"}"
        for depth in (70, 900, 990, 100_000)
    ),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12].decode("latin-1"))
def test_a_text_that_is_no_document_is_400_and_changes_nothing(cpp, text):
    before = cpp.emulator.state()
    answer = cpp.offer("PUT", OFFER, content=text, headers=HEADERS)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"
    assert cpp.emulator.state() == before


@pytest.mark.parametrize(
    "amount", ["9" * 4000, "1e308", "1e-320", "-0.0", "0.1000000000000000055511151231257827"]
)
def test_an_extreme_price_is_stored_read_compared_and_published(cpp, amount):
    for text in (WHOLE.replace("0.12", amount), WHOLE):
        assert cpp.offer("PUT", OFFER, content=text.encode(), headers=HEADERS).status_code == 200
        assert cpp.read(OFFER)["id"] == OFFER
        assert cpp.offer("POST", OFFER, "/publish").status_code in (202, 422)
        cpp.offer("POST", OFFER, "/golive")
        assert cpp.status(OFFER) == "succeeded"


def rich_document(offer_type: str) -> dict[str, Any]:
    """A document with a member of nearly every kind."""
    content = definition()
    content["offer"] |= {
        f"{MARKETPLACE}.screenshots": [
            "https://files.fabrikam.example/1.png",
            {"name": "2", "uri": "https://a.example"},
        ],
        f"{MARKETPLACE}.videos": [{"name": "Tour", "thumbnail": "https://files.fabrikam.example/t.png"}],
        f"{MARKETPLACE}.tableLeadConfiguration": {"storageAccountConnectionString": "abc"},
        f"{MARKETPLACE}-testdrive.enabled": True,
    }
    content["plans"][0] |= {
        "restrictedAudience": {
            "manualEntries": [{"type": "subscriptionId", "id": "x", "description": None}],
            "uploadedCsvUri": "https://files.fabrikam.example/list.csv",
        },
        "virtualMachinePricing": {
            "isByol": False,
            "freeTrialDurationInMonths": 1,
            "coreMultiplier": {"currency": "USD", "individually": {"1core": 1}},
            "regionPrices": {"DE": {"currency": "EUR", "price": {"1core": 1}}},
        },
        "virtualMachinePricingV2": {"spreadSheetPricing": {"uri": "https://files.fabrikam.example/p.xlsx"}},
        "microsoft-azure-applications.package": {
            "1.0.0": {"packageVersion": {"packageFile": "https://a.example"}}
        },
        "diskGenerations": [{"planId": "std-gen2"}],
        f"{VM}.openPorts": [{"label": "web"}],
        f"{VM}.vmImages": {"1.0.0": image("a", disks=1)},
        f"{CORE_VM}.vmImagesPublicAzure": {"1.0.0": image("a")},
    }
    return envelope(OFFER, content, offer_type)


def list_places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*place, name)
        yield from list_places(item, (*place, name))


def replaced(document: Any, place: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


WRONG = [None, 1, -1.5, "x", "", True, [], {}, [None], [[1]], [{}], {"a": None}, {"": []}]


@pytest.mark.sample(1)
@pytest.mark.parametrize("value", WRONG, ids=repr)
@pytest.mark.parametrize("offer_type", [VM, CORE_VM, "microsoft-azure-applications"])
def test_a_value_of_any_type_at_any_place_is_taken_or_refused_and_everything_can_still_be_read(
    cpp, offer_type, value
):
    document = rich_document(offer_type)
    cpp.make("other", offer_type=offer_type, definition=plan_with(offer_type), published="live")
    cpp.set(async_cancel=False)
    document |= {"id": "other"}
    for place in list_places(document):
        answer = cpp.put("other", replaced(document, place, value), "*")
        assert answer.status_code in (200, 400), (place, answer.text)
        whole = {**VERSION, "includeAllPricing": "true"}
        assert cpp.offer("GET", "other", params=whole).status_code == 200, place
        if answer.status_code == 200:
            assert cpp.offer("POST", "other", "/publish").status_code in (202, 422), place
            assert cpp.offer("GET", "other", "/status").status_code == 200, place
            cpp.offer("POST", "other", "/cancel")
    assert cpp.call("GET", f"/publishers/{PUBLISHER}/offers").status_code == 200


def plan_with(offer_type: str) -> dict[str, Any]:
    return definition("Gateway", plan("std")) if offer_type == VM else {"plans": [{"planId": "std"}]}


@pytest.mark.parametrize("name", ["%00", "%FF", "%20", "a$b", "%F0%9F%98%80", "x" * 3000, "$$$", "%2e%2e"])
def test_an_odd_name_in_a_path_is_refused(cpp, name):
    offer = f"/publishers/{PUBLISHER}/offers/{OFFER}"
    for path in (
        f"/publishers/{name}/offers",
        f"/publishers/{PUBLISHER}/offers/{name}",
        f"{offer}/versions/{name}",
        f"{offer}/slot/{name}",
        f"{offer}/operations/{name}",
        f"/operations/{name}",
        f"/operations/{PUBLISHER}${OFFER}${name}$preview",
    ):
        assert cpp.call("GET", path).status_code in (400, 404, 501), path
    answer = cpp.call("PUT", f"/publishers/{PUBLISHER}/offers/{name}", json=envelope(name, {}))
    assert answer.status_code in (400, 501)


def test_a_deep_definition_is_refused_by_the_control_plane_too(cpp):
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    content = {"offer": {"deep": deep}}
    body = {"publisher": PUBLISHER, "offer_id": "deep", "offer_type": "other", "definition": content}
    assert "nested too deeply" in cpp.control("offers", body, status=400)["error"]
