"""Concurrency control of writes, in its three profiles, and the etags of answers."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.portal.cpp import CppApi, definition, envelope

ETAG = re.compile(r"""W/"datetime'\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d\.\d{7}Z'\"""")
PROFILES = ("strict", "observed2020", "clients2022")
MATRIX = [
    (False, "absent", (201, 201, 200)),
    (False, "*", (201, 201, 200)),
    (False, "etag", (412, 412, 412)),
    (True, "absent", (400, 409, 200)),
    (True, "*", (200, 200, 200)),
    (True, "equal", (200, 200, 200)),
    (True, "different", (412, 412, 412)),
]


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


@pytest.mark.parametrize(("profile", "column"), [(name, place) for place, name in enumerate(PROFILES)])
@pytest.mark.parametrize(("exists", "match", "statuses"), MATRIX)
def test_a_write_is_answered_by_the_matrix(cpp, profile, column, exists, match, statuses):
    cpp.set(profile=profile)
    body, tag = envelope("gateway-vm", definition()), ""
    if exists:
        tag = cpp.put("gateway-vm", body).headers["etag"]
    if_match = {"absent": None, "*": "*", "equal": tag}.get(
        match, "W/\"datetime'2020-06-03T16%3A21%3A51.6562051Z'\""
    )
    body["definition"]["displayText"] = "Changed"
    answer = cpp.put("gateway-vm", body, if_match)
    assert answer.status_code == statuses[column], answer.text
    assert ("etag" in answer.headers) is answer.is_success
    stored = cpp.offer("GET", "gateway-vm")
    changed = stored.status_code == 200 and stored.json()["definition"]["displayText"] == "Changed"
    assert changed is answer.is_success


@pytest.mark.parametrize(
    "damage", [lambda tag: tag[2:], lambda tag: tag.replace("%3A", ":"), lambda tag: tag.strip("W/")]
)
def test_an_etag_is_compared_byte_for_byte(cpp, damage):
    tag = cpp.put("gateway-vm", envelope("gateway-vm", definition())).headers["etag"]
    assert ETAG.fullmatch(tag)
    assert cpp.put("gateway-vm", envelope("gateway-vm", definition()), damage(tag)).status_code == 412


def test_every_write_has_an_etag_of_its_own_however_fast_they_follow():
    with in_process(now=lambda: 1_800_000_000.0) as emulator:
        cpp, body = CppApi(emulator), envelope("gateway-vm", definition())
        tags = [cpp.put("gateway-vm", body, "*").headers["etag"] for _ in range(20)]
        assert len(set(tags)) == 20
        assert sorted(tags) == tags
        times = {cpp.read("gateway-vm")["changedTime"] for _ in range(2)}
        assert len(times) == 1


@pytest.mark.parametrize(
    ("setting", "legacy", "migrated"),
    [("legacy", True, False), ("always", True, True), ("never", False, False)],
)
def test_a_setting_says_which_reads_have_an_etag(cpp, setting, legacy, migrated):
    cpp.set(etag_on_get=setting)
    for is_migrated, expected in ((False, legacy), (True, migrated)):
        name = f"offer-{is_migrated}".lower()
        cpp.make(name, is_migrated=is_migrated, definition=definition())
        tag = cpp.put(name, cpp.read(name), "*").headers["etag"]
        for below in ("", "/slot/draft"):
            assert cpp.offer("GET", name, below).headers.get("etag") == (tag if expected else None)
        cpp.publish(name)
        assert "etag" not in cpp.offer("GET", name, "/slot/preview").headers


def test_a_change_in_the_portal_makes_an_etag_stale(cpp):
    cpp.make("gateway-vm", definition=definition())
    answer = cpp.offer("GET", "gateway-vm")
    cpp.control("edit", {"publisher": "fabrikam-labs", "offer_id": "gateway-vm", "display_text": "Renamed"})
    assert cpp.put("gateway-vm", answer.json(), answer.headers["etag"]).status_code == 412
    assert cpp.read("gateway-vm")["definition"]["displayText"] == "Renamed"
    assert cpp.read("gateway-vm")["changedTime"] > answer.json()["changedTime"]


def test_version_and_etag_in_the_body_are_ignored(cpp):
    tag = cpp.put("gateway-vm", envelope("gateway-vm", definition())).headers["etag"]
    body = {**envelope("gateway-vm", definition()), "eTag": 'W/"old"', "version": 77, "status": "succeeded"}
    answer = cpp.put("gateway-vm", body, tag)
    assert answer.status_code == 200
    assert (answer.json()["version"], answer.json()["status"]) == (0, "neverPublished")
    assert "eTag" not in answer.json()


def test_a_migrated_offer_may_answer_a_write_by_module(cpp):
    cpp.set(put_returns_module_map=True)
    for is_migrated in (False, True):
        name = f"offer-{is_migrated}".lower()
        cpp.make(name, is_migrated=is_migrated, definition=definition())
        answer = cpp.put(name, cpp.read(name), "*")
        assert answer.status_code == 200
        assert ("offerTypeId" in answer.json()) is not is_migrated
        assert ("Product" in answer.json()) is is_migrated
