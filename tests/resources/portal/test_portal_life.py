"""The life of an offer with three plans, thirty markets and two image versions a plan: to preview, live, and on."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import Operation, Subject
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.portal.portal_offers import GATEWAY, image, signed

from pulumi_partnercenter import AdoptionRefused, InputError, portal
from pulumi_partnercenter.api.portal.system import PORTAL

NEEDED = {
    "recommended_sizes": ["d2s-standard-v3"],
    "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
}
"""What a plan needs to be published."""
PLANS = [{**NEEDED, **plan} for plan in GATEWAY["plans"]]


def program(target: str = "live", *, wait_minutes: float = 60, **changes: Any) -> Program:
    arguments: Mapping[str, Any] = copy.deepcopy({**GATEWAY, "plans": PLANS, **changes})
    published = {"kind": "portal.Offer", "name": "gateway", "id": Ref("gateway")}
    publication = {
        "offer": Ref("gateway"),
        "publishes": [Ref("gateway", "fingerprint")],
        "sends": ["portal.Offer gateway"],
        "published": [published],
        "target": target,
        "wait_minutes": wait_minutes,
    }
    return {
        "gateway": Declaration(portal.Offer, arguments),
        "publication": Declaration(portal.Publication, publication),
    }


def writes(emulator: RunningEmulator) -> list[str]:
    """Methods and last parts of the paths of requests that change something."""
    return [
        f"{request['method']} {request['path'].split('?')[0].rpartition('/')[2]}"
        for request in emulator.requests()
        if request["method"] != "GET"
    ]


@pytest.fixture(params=[False, True], ids=["legacy", "migrated"], autouse=True)
def is_migrated(request: pytest.FixtureRequest, emulator: RunningEmulator) -> bool:
    """Offers have operations in either form of a location."""
    body = {"is_migrated": request.param}
    emulator.client.post("/_emulator/portal/behaviour", json=body).raise_for_status()
    emulator.clear()
    return bool(request.param)


def settle(stack: Stack, desired: Program) -> None:
    for _ in range(4):
        if not stack.up(desired):
            return
    raise AssertionError("it is not settled after four runs")


def test_repeated_runs_lead_from_nothing_to_live_and_then_send_nothing(
    stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program("preview"))
    requests = [f"{request['method']} {request['path'].split('?')[0]}" for request in emulator.requests()]
    creation = [text for text in requests if text.endswith("/offers/contoso-gateway")]
    assert len(creation) <= 3
    assert len(requests) <= len(creation) + 4
    assert stack.state["publication"].outputs["state"] == "preview"
    settle(stack, program())
    assert stack.state["publication"].outputs["state"] == "live"
    assert writes(emulator) == ["PUT contoso-gateway", "POST publish", "POST golive"]
    emulator.clear()
    assert stack.preview(program()) == {}
    assert stack.up(program()) == {}
    assert emulator.requests() == []


def test_a_refresh_reads_each_resource_once_and_finds_nothing(
    stack: Stack, emulator: RunningEmulator
) -> None:
    settle(stack, program())
    stack.refresh()  # the offer notices that it is live now
    emulator.clear()
    assert stack.refresh() == {}
    assert [request["method"] for request in emulator.requests()] == ["GET", "GET"]
    assert stack.up(program()) == {}


def test_a_second_state_adopts_the_live_offer_without_a_write(
    stack: Stack, emulator: RunningEmulator
) -> None:
    settle(stack, program())
    stack.forget()
    emulator.clear()
    assert stack.up(program()) == {"gateway": "create", "publication": "create"}
    assert writes(emulator) == []
    assert stack.state["publication"].outputs["state"] == "live"
    assert stack.up(program()) == {}


def test_a_preview_calls_an_offer_whose_id_is_unknown_a_new_one(
    stack: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    first = Declaration(portal.Offer, {"publisher": "contoso", "offer_id": "contoso-first"})
    leads = {"https": {"url": "https://leads.contoso.example.com"}}
    arguments = {"publisher": "contoso", "offer_id": Ref("first", "status"), "lead_destination": leads}
    stack.preview({"first": first, "second": Declaration(portal.Offer, arguments)})
    assert "a new offer: lead_destination: the service documents no form for it" in capfd.readouterr().out


def test_a_preview_of_a_replacement_publishes_the_replaced_offer(
    stack: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program("preview"))
    capfd.readouterr()
    replaced = program("preview", offer_id="contoso-router")
    assert stack.preview(replaced) == {"gateway": "replace", "publication": "replace"}
    assert "the replaced offer: will be published to preview" in capfd.readouterr().out


def test_generations_without_an_added_image_are_named(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Plans of core virtual machines have generations with images of their own, which stay as they are."""

    def core(plans: list[dict[str, Any]]) -> Program:
        return {"gateway": program(offer_type="microsoft-azure-corevm", plans=plans)["gateway"]}

    stack.up(core(PLANS))
    disks = {version: {"osVhdUrl": disks["os_disk"]} for version, disks in PLANS[0]["images"].items()}
    generations = [{"planId": "basic-gen2", "microsoft-azure-corevm.vmImagesPublicAzure": disks}]
    plans = {"basic": {"diskGenerations": generations}}
    edit = {"publisher": "contoso", "offer_id": "contoso-gateway", "plans": plans}
    emulator.client.post("/_emulator/portal/edit", json=edit).raise_for_status()
    stack.refresh()
    capfd.readouterr()
    stack.up(core([{**PLANS[0], "title": "Other"}, *PLANS[1:]]))
    assert "generation" not in capfd.readouterr().out
    stack.up(core(images_of_first_plan(newer=True)))
    assert (
        "plan 'basic': image versions 1.0.2 are not in its generation 'basic-gen2'" in capfd.readouterr().out
    )
    (offer,) = emulator.state()["portalOffers"]
    (basic,) = [plan for plan in offer["definition"]["plans"] if plan["planId"] == "basic"]
    assert basic["diskGenerations"] == generations
    assert stack.refresh() == {}


COREVM_IMAGES = "microsoft-azure-corevm.vmImagesPublicAzure"


def core_program(**members: Any) -> Program:
    """An offer of core virtual machines with one plan."""
    plan = {"plan_id": "basic", "title": "Basic", "images": PLANS[0]["images"], **members}
    return {"gateway": program(offer_type="microsoft-azure-corevm", plans=[plan])["gateway"]}


def add_generation(emulator: RunningEmulator, version: str) -> None:
    """Add a generation to the plan, as people do in the portal."""
    disks = {version: {"osVhdUrl": signed(f"disks/gen2-{version}.vhd"), "showInGui": True}}
    generation = {"planId": "basic-gen2", "generation": "2", COREVM_IMAGES: disks}
    plans = {"basic": {"diskGenerations": [generation]}}
    edit = {"publisher": "contoso", "offer_id": "contoso-gateway", "plans": plans}
    emulator.client.post("/_emulator/portal/edit", json=edit).raise_for_status()


def find_generation(emulator: RunningEmulator) -> dict[str, Any]:
    (offer,) = emulator.state()["portalOffers"]
    (plan,) = offer["definition"]["plans"]
    (generation,) = plan["diskGenerations"]
    return dict(generation)


def test_images_of_a_generation_are_added_hidden_and_repaired(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(core_program())
    add_generation(emulator, "1.0.0")
    versions = {version: image(f"gen2-{version}") for version in ("1.0.0", "1.0.1")}
    given = core_program(generations={"basic-gen2": versions})
    capfd.readouterr()
    assert stack.up(given) == {"gateway": "update"}
    assert "are not in its generation" not in capfd.readouterr().out
    assert find_generation(emulator)[COREVM_IMAGES].keys() == {"1.0.0", "1.0.1"}
    assert find_generation(emulator)["generation"] == "2"
    assert stack.up(given) == {}
    assert stack.refresh() == {}
    add_generation(emulator, "1.0.0")
    assert stack.refresh() == {"gateway": ["plans"]}
    assert stack.up(given) == {"gateway": "update"}
    newest = core_program(generations={"basic-gen2": {"1.0.1": versions["1.0.1"]}})
    stack.up(newest)
    assert find_generation(emulator)[COREVM_IMAGES]["1.0.0"]["showInGui"] is False
    assert stack.refresh() == {}
    emulator.clear()
    assert stack.up(core_program()) == {"gateway": "update"}
    assert (writes(emulator), stack.refresh()) == ([], {})
    stack.forget()
    emulator.clear()
    assert stack.up(newest) == {"gateway": "create"}
    assert writes(emulator) == []


def test_a_generation_that_does_not_exist_is_refused_before_a_write(
    stack: Stack, emulator: RunningEmulator
) -> None:
    given = core_program(generations={"basic-gen2": {"1.0.0": image("gen2")}})
    with pytest.raises(InputError, match="plan 'basic': generations: it has no generation basic-gen2"):
        stack.up(given)
    assert writes(emulator) == []
    stack.up(core_program())
    emulator.clear()
    with pytest.raises(InputError, match="it has none"):
        stack.up(given)
    assert writes(emulator) == []


def test_disks_of_a_live_generation_are_fixed(stack: Stack, emulator: RunningEmulator) -> None:
    stack.up(core_program())
    add_generation(emulator, "1.0.0")
    given = core_program(generations={"basic-gen2": {"1.0.0": image("gen2-1.0.0")}})
    stack.up(given)
    offer = {"publisher": "contoso", "offer_id": "contoso-gateway"}
    emulator.client.post("/_emulator/portal/publish", json=offer).raise_for_status()
    stack.refresh()
    moved = core_program(generations={"basic-gen2": {"1.0.0": image("moved")}})
    with pytest.raises(InputError, match=r"basic-gen2\.1\.0\.0: the disks of a live version are fixed"):
        stack.preview(moved)
    expired = image("gen2-1.0.1")["os_disk"].replace("2999", "2020")
    further = {"1.0.0": image("gen2-1.0.0"), "1.0.1": {"os_disk": expired}}
    with pytest.raises(
        InputError, match=r"generations\.basic-gen2\.1\.0\.1\.os_disk: its signature has expired"
    ):
        stack.up(core_program(generations={"basic-gen2": further}))


def test_an_offer_with_another_plan_is_refused_with_the_name_of_the_plan(
    stack: Stack, emulator: RunningEmulator
) -> None:
    offer = {"gateway": program()["gateway"]}
    stack.up(offer)
    stack.forget()
    with pytest.raises(AdoptionRefused) as refusal:
        stack.up({"gateway": program(plans=[{**PLANS[0], "title": "Other"}, PLANS[1]])["gateway"]})
    assert "plans[basic].title is 'Basic', not 'Other'" in str(refusal.value)
    assert "plans[licensed] is {'plan_id': 'licensed'" in str(refusal.value)
    assert "plans[branch]" not in str(refusal.value)


def test_new_categories_are_written_in_alphabetical_order(stack: Stack, emulator: RunningEmulator) -> None:
    """The engine hands over the members of objects in any order, and the document has a list of them."""
    names = ["analytics", "compute", "devops", "identity", "migration", "networking", "storage", "web"]
    listing = {**GATEWAY["listing"], "categories": {name: [] for name in names}}
    stack.up({"gateway": program(listing=listing)["gateway"]})
    (offer,) = emulator.state()["portalOffers"]
    categories = offer["definition"]["offer"]["microsoft-azure-marketplace.categoryMap"]
    assert [category["categoryL1"] for category in categories] == names


def test_an_edited_offer_goes_live_again_and_a_failed_publish_is_mended(
    stack: Stack, emulator: RunningEmulator
) -> None:
    settle(stack, program())
    emulator.clear()
    emulator.decide("portal_certification", "fail", messages=["No image."])
    edited = program(alias="Quick Gateway")
    with pytest.raises(Exception, match="No image"):
        stack.up(edited)
    emulator.advance(60)
    mended = program(alias="Quicker Gateway")
    settle(stack, mended)
    assert writes(emulator) == [
        "PUT contoso-gateway",
        "POST publish",
        "PUT contoso-gateway",
        "POST publish",
        "POST golive",
    ]
    path = "/api/publishers/contoso/offers/contoso-gateway/slot/production?api-version=2017-10-31"
    assert emulator.client.get(path).json()["definition"]["displayText"] == "Quicker Gateway"


class LivePortalOffer(Subject):
    """An offer and its publication as subject of fault injection: on the way to live, and changed once live."""

    kind, system = portal.Offer, PORTAL

    def operations(self) -> dict[str, Operation]:
        with_image, without_image = images_of_first_plan(newer=True), images_of_first_plan(older=False)
        return {
            "live": self.from_preview(program()),
            "edit": self.from_live(program(alias="Quick Gateway", csp_opt_in="Disabled")),
            "add an image": self.from_live(program(plans=with_image)),
            "deprecate an image": self.from_live(program(plans=without_image)),
            "read": Operation(lambda stack: settle(stack, program()), Stack.refresh),
            "adopt": Operation(self.go_live_and_forget, lambda stack: settle(stack, program())),
            "delete": self.from_live({}),
            "cancel": Operation(self.begin, Stack.destroy),
        }

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator

    def from_preview(self, after: Program) -> Operation:
        return Operation(lambda stack: settle(stack, program("preview")), lambda stack: settle(stack, after))

    def from_live(self, after: Program) -> Operation:
        return Operation(lambda stack: settle(stack, program()), lambda stack: settle(stack, after))

    def go_live_and_forget(self, stack: Stack) -> None:
        settle(stack, program())
        stack.forget()

    def begin(self, stack: Stack) -> None:
        """Begin a publication that stays on its way to the preview."""
        self.emulator.decide("portal_certification", "hold")
        stack.up(program(wait_minutes=0))


def images_of_first_plan(*, older: bool = True, newer: bool = False) -> list[dict[str, Any]]:
    """Return the plans with other image versions of the first one."""
    images = {version: disks for version, disks in PLANS[0]["images"].items() if older or version != "1.0.0"}
    return [{**PLANS[0], "images": images | ({"1.0.2": image("1.0.2")} if newer else {})}, *PLANS[1:]]
