"""Submissions: accepted and refused requests, answers, and new drafts after a submission."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.publisher import MODULES, PLAN_MODULES, Publisher
from tests.contract.raw_api import error_document

NOWHERE = "99999999-2222-4333-8444-555555555555"
COLLECTIONS = ("listings", "featureAvailabilities", "properties", "packageConfigurations")


@pytest.fixture
def api(emulator: RunningEmulator) -> Publisher:
    return Publisher(emulator)


def test_a_new_submission_has_exactly_the_documented_members(api):
    product = api.create_complete_offer()
    request = api.build_request(product)
    answer = api.send(product, request)
    assert answer.status_code == 201
    submission = answer.json()
    assert list(submission.items()) == [
        ("resourceType", "Submission"),
        ("state", "InProgress"),
        ("substate", "Submitted"),
        ("targets", [{"type": "Scope", "value": "Preview"}]),
        ("resources", request["resources"]),
        ("variantResources", request["variantResources"]),
        ("publishedTimeInUtc", "1601-01-01T00:00:00Z"),
        ("pendingUpdateInfo", {"updateType": "Create", "status": "Completed"}),
        ("releaseNumber", 1),
        ("friendlyName", "Submission 1"),
        ("areResourcesReady", False),
        ("id", submission["id"]),
    ]
    assert int(submission["id"]) >= 1152921505690000000
    location = f"{api.emulator.api}{product}/submissions/{submission['id']}"
    assert answer.headers["location"] == location
    assert "etag" not in answer.headers


def test_the_publish_option_of_a_submission_shows_only_when_expanded(api):
    product = api.create_complete_offer()
    option = {"isManualPublish": True, "isAutoPromote": False, "certificationNotes": "Please call first."}
    path = api.submit(
        product, api.build_request(product) | {"publishOption": {**option, "releaseTimeInUtc": None}}
    )
    assert "publishOption" not in api.get(path)
    assert api.get(path, params={"$expand": "PublishOption"})["publishOption"] == option
    (listed_submission,) = api.get(f"{product}/submissions", params={"$expand": "publishoption"})["value"]
    assert listed_submission["publishOption"] == option
    assert api.call("GET", path, params={"$expand": "Reports"}).status_code == 501


def test_submissions_are_listed_oldest_first_and_can_be_filtered_by_state(api):
    product = api.create_complete_offer()
    assert api.get(f"{product}/submissions") == {"value": []}
    paths = [api.go_live(product), api.submit(product)]
    listed_submissions = api.get(f"{product}/submissions")["value"]
    assert [f"{product}/submissions/{submission['id']}" for submission in listed_submissions] == paths
    assert [submission["releaseNumber"] for submission in listed_submissions] == [1, 2]
    api.emulator.decide("validation", "hold")
    running = api.submit(product)
    running_submissions = api.get(f"{product}/submissions", params={"$filter": "state eq 'InProgress'"})[
        "value"
    ]
    assert [f"{product}/submissions/{submission['id']}" for submission in running_submissions] == [running]
    assert api.call("GET", f"{product}/submissions", params={"$filter": "id gt 5"}).status_code == 501


def test_release_numbers_are_counted_by_product_and_ids_by_service(api):
    ids = []
    for product in (api.create_complete_offer("contoso-one"), api.create_complete_offer("contoso-two")):
        for number in (1, 2):
            submission = api.send(product).json()
            assert (submission["releaseNumber"], submission["friendlyName"]) == (
                number,
                f"Submission {number}",
            )
            ids.append(int(submission["id"]))
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("target", ["preview", "Preview", "PREVIEW"])
def test_the_target_of_a_submission_is_read_in_any_case(api, target):
    product = api.create_complete_offer()
    request = api.build_request(product) | {"targets": [{"type": "scope", "value": target}]}
    assert api.send(product, request).json()["targets"] == [{"type": "Scope", "value": "Preview"}]


def remove_module(module):
    return lambda api, product, body: (
        body | {"resources": [resource for resource in body["resources"] if resource["type"] != module]}
    )


def set_members(**members):
    return lambda api, product, body: body | members


def set_resource(module, value):
    return lambda api, product, body: body | {"resources": [{"type": module, "value": value}]}


def repeat_resource(api, product, body):
    return body | {"resources": [body["resources"][0], *body["resources"]]}


def repeat_plan(api, product, body):
    return body | {"variantResources": body["variantResources"] * 2}


def use_instance_of_plan(api, product, body):
    (entry,) = body["variantResources"]
    return body | {
        "resources": [resource for resource in entry["resources"] if resource["type"] == "Listing"]
    }


def use_instance_of_offer(api, product, body):
    (entry,) = body["variantResources"]
    return body | {"variantResources": [{**entry, "resources": body["resources"][:1]}]}


def deactivate_plan(api, product, body):
    (plan,) = [entry["variantID"] for entry in body["variantResources"]]
    variant = api.get(f"{product}/variants/{plan}")
    assert api.put(f"{product}/variants/{plan}", variant | {"state": "Inactive"}).status_code == 200
    return body


def use_request_of_another_product(api, product, body):
    return api.build_request(api.create_complete_offer("fabrikam-other"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_members(targets=[{"type": "Scope", "value": "live"}]), "Targets"),
        (set_members(targets=[]), "Targets"),
        (set_members(targets=[{"type": "Scope", "value": "preview"}] * 2), "Targets"),
        (set_members(targets=[{}]), "Targets"),
        (set_members(resources=[], variantResources=[]), "Resources"),
        (set_members(resourceType="Submission"), "ResourceType"),
        (set_members(resources="all"), "Resources"),
        (set_members(resources=[None]), "Resources"),
        (set_members(variantResources=[{"variantID": NOWHERE, "resources": []}]), NOWHERE),
        (set_members(variantResources=[{}]), "was not found"),
        (set_members(publishOption={"isManualPublish": "perhaps"}), "PublishOption.IsManualPublish"),
        (set_resource("Property", NOWHERE), NOWHERE),
        (set_resource("Weather", NOWHERE), "Weather"),
        (set_resource("SupplementalContent", NOWHERE), "SupplementalContent"),
        (set_resource("ResellerConfiguration", f"{NOWHERE}-ResellerInstance"), NOWHERE),
        (set_members(resources=[{}]), "current draft"),
        (repeat_resource, "twice"),
        (repeat_plan, "twice"),
        (use_instance_of_plan, "current draft"),
        (use_instance_of_offer, "current draft"),
        (deactivate_plan, "not active"),
        (use_request_of_another_product, "current draft"),
    ],
)
def test_an_invalid_submission_is_refused_and_changes_nothing(api, change, message):
    product = api.create_complete_offer()
    body = change(api, product, api.build_request(product))
    state = api.emulator.state()
    answer = api.send(product, body)
    assert answer.status_code == 400
    assert message in str(error_document(answer))
    assert api.emulator.state() == state


@pytest.mark.parametrize("body", [{"colour": "red"}, {"publishOption": {"soon": True}}])
def test_an_unknown_member_of_a_submission_is_not_emulated(api, body):
    product = api.create_complete_offer()
    assert api.send(product, api.build_request(product) | body).status_code == 501


@pytest.mark.parametrize("spelling", ["{product}-ResellerInstance", "{product}-resellerinstance"])
def test_the_reseller_instance_of_a_submission_may_have_its_literal_name(api, spelling):
    product = api.create_complete_offer()
    value = spelling.format(product=product.rpartition("/")[2])
    request = api.build_request(product, [module for module in MODULES if module != "ResellerConfiguration"])
    request["resources"].append({"type": "ResellerConfiguration", "value": value})
    path = api.submit(product, request)
    assert api.get(path)["resources"] == request["resources"]
    assert api.read_state(path) == ("Published", "ReadyToPublish")


def test_drafts_after_a_submission_have_new_ids_and_the_same_content(api):
    product = api.create_complete_offer()
    before = api.emulator.state()
    plan = before["variants"][0]["id"]
    instances = {module: api.read_instance_id(product, module) for module in MODULES}
    plan_instances = {module: api.read_instance_id(product, module, plan) for module in PLAN_MODULES}
    api.submit(product)
    for module, instance in instances.items():
        assert api.read_instance_id(product, module) != instance
    for module, instance in plan_instances.items():
        assert api.read_instance_id(product, module, plan) != instance
    after = api.emulator.state()
    for collection in COLLECTIONS:
        old = {document["id"]: comparable(document) for document in before[collection]}
        new = {
            document["id"]: comparable(document)
            for document in after[collection]
            if document["stage"] == "draft" and document["productID"] in product
        }
        assert not old.keys() & new.keys()
        assert sorted(map(str, new.values())) == sorted(map(str, old.values()))


def comparable(document):
    ids = ("id", "@odata.etag", "instanceID", "stage")
    return {name: value for name, value in document.items() if name not in ids}


def test_submitted_documents_can_be_read_and_not_written(api):
    product = api.create_complete_offer()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    listing, availability = api.read_listing(product), api.read_availability(product, plan)
    instance = api.read_instance_id(product, "Listing")
    request = api.build_request(product)
    api.submit(product, request)
    assert api.get(f"{product}/listings/getByInstanceID(instanceID={instance})") == {"value": [listing]}
    assert api.get(f"{product}/listings/{listing['id']}") == listing
    assert api.put(f"{product}/listings/{listing['id']}", listing).status_code == 409
    assert api.put(f"{product}/featureavailabilities/{availability['id']}", availability).status_code == 409
    answer = api.send(product, request)
    assert answer.status_code == 400
    assert request["resources"][0]["value"] in str(error_document(answer))


def test_a_second_submission_is_refused_while_the_first_runs(api):
    product = api.create_complete_offer()
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    assert api.send(product).status_code == 409
    api.emulator.decide("validation", "pass")
    assert api.read_state(path) == ("Published", "ReadyToPublish")
    assert api.send(product).status_code == 201


def test_a_cancelled_submission_and_the_present_drafts_stay(api):
    product = api.create_complete_offer()
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    listing = api.read_listing(product)
    assert api.call("DELETE", path).status_code == 204
    assert api.read_state(path) == ("Cancelled", "Cancelled")
    assert api.read_listing(product) == listing
    assert api.call("DELETE", path).status_code == 409
    assert api.promote(path).status_code == 409
    assert api.get(f"{path}/validations") == {"value": []}
    assert api.go_live(product) != path


def fail_validation(api, product):
    api.emulator.decide("validation", "fail")
    return api.submit(product)


def hold_certification(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "hold")
    assert api.promote(path).status_code == 200
    return path


def fail_certification(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "fail")
    assert api.promote(path).status_code == 200
    return path


def hold_validation(api, product):
    api.emulator.decide("validation", "hold")
    return api.submit(product)


MATRIX = [
    # columns: state, then the statuses of POST, cancel, promote, DELETE product, DELETE variant
    (hold_validation, 409, 204, 409, 409, 409),
    (fail_validation, 201, 409, 409, 204, 204),
    (Publisher.submit, 201, 409, 200, 409, 409),
    (hold_certification, 409, 409, 409, 409, 409),
    (fail_certification, 201, 409, 409, 409, 409),
    (Publisher.go_live, 201, 409, 409, 409, 409),
]


@pytest.mark.parametrize("row", MATRIX, ids=[row[0].__name__ for row in MATRIX])
@pytest.mark.parametrize("column", range(1, 6), ids=["create", "cancel", "promote", "product", "variant"])
def test_requests_are_accepted_by_the_state_of_a_submission(api, row, column):
    product = api.create_complete_offer()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    path = row[0](api, product)
    calls = [
        lambda: api.send(product),
        lambda: api.call("DELETE", path),
        lambda: api.promote(path),
        lambda: api.call("DELETE", product),
        lambda: api.call("DELETE", f"{product}/variants/{plan}"),
    ]
    assert calls[column - 1]().status_code == row[column]


def test_a_plan_that_was_never_submitted_can_be_deleted_beside_published_ones(api):
    product = api.create_complete_offer()
    api.go_live(product)
    plan = api.create_plan(product, "silver")["id"]
    assert api.call("DELETE", f"{product}/variants/{plan}").status_code == 204


def test_submissions_are_deleted_with_their_product(api):
    product = api.create_complete_offer()
    path = fail_validation(api, product)
    assert api.read_state(path) == ("InProgress", "Failed")
    assert api.call("DELETE", product).status_code == 204
    assert api.call("GET", path).status_code == 404
    assert not any(api.emulator.state().values())


@pytest.mark.parametrize("tail", ["", "/reports", "/validations", "/workflowdetails"])
def test_an_unknown_submission_of_a_product_is_not_found(api, tail):
    product, other = api.create_complete_offer(), api.create_complete_offer("fabrikam-other")
    path = api.submit(other).rpartition("/")[2]
    for id in ("1152921505699999999", "x", path):
        assert api.call("GET", f"{product}/submissions/{id}{tail}").status_code == 404
        assert api.call("DELETE", f"{product}/submissions/{id}").status_code == 404
        assert api.promote(f"{product}/submissions/{id}").status_code == 404
