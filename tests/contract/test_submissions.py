"""Submissions: what is taken and refused, how drafts rotate, what is answered."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.complete import MODULES, PLAN_MODULES, Publisher
from tests.contract.submission import fault

NOWHERE = "99999999-2222-4333-8444-555555555555"
COLLECTIONS = ("listings", "featureAvailabilities", "properties", "packageConfigurations")


@pytest.fixture
def api(emulator: Serving) -> Publisher:
    return Publisher(emulator)


def test_what_a_new_submission_looks_like(api):
    product = api.complete()
    request = api.request(product)
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
    where = f"{api.emulator.api}{product}/submissions/{submission['id']}"
    assert answer.headers["location"] == where
    assert "etag" not in answer.headers


def test_the_publish_option_shows_only_when_expanded(api):
    product = api.complete()
    option = {"isManualPublish": True, "isAutoPromote": False, "certificationNotes": "Please call first."}
    path = api.submit(product, api.request(product) | {"publishOption": {**option, "releaseTimeInUtc": None}})
    assert "publishOption" not in api.get(path)
    assert api.get(path, params={"$expand": "PublishOption"})["publishOption"] == option
    (listed,) = api.get(f"{product}/submissions", params={"$expand": "publishoption"})["value"]
    assert listed["publishOption"] == option
    assert api.call("GET", path, params={"$expand": "Reports"}).status_code == 501


def test_the_list_is_oldest_first_and_can_be_filtered_by_state(api):
    product = api.complete()
    assert api.get(f"{product}/submissions") == {"value": []}
    paths = [api.go_live(product), api.submit(product)]
    listed = api.get(f"{product}/submissions")["value"]
    assert [f"{product}/submissions/{one['id']}" for one in listed] == paths
    assert [one["releaseNumber"] for one in listed] == [1, 2]
    api.emulator.decide("validation", "hold")
    busy = api.submit(product)
    filtered = api.get(f"{product}/submissions", params={"$filter": "state eq 'InProgress'"})["value"]
    assert [f"{product}/submissions/{one['id']}" for one in filtered] == [busy]
    assert api.call("GET", f"{product}/submissions", params={"$filter": "id gt 5"}).status_code == 501


def test_numbers_of_releases_are_the_products_and_ids_are_everybodys(api):
    ids = []
    for product in (api.complete("contoso-one"), api.complete("contoso-two")):
        for number in (1, 2):
            submission = api.send(product).json()
            assert (submission["releaseNumber"], submission["friendlyName"]) == (
                number,
                f"Submission {number}",
            )
            ids.append(int(submission["id"]))
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("target", ["preview", "Preview", "PREVIEW"])
def test_the_target_ignores_case(api, target):
    product = api.complete()
    request = api.request(product) | {"targets": [{"type": "scope", "value": target}]}
    assert api.send(product, request).json()["targets"] == [{"type": "Scope", "value": "Preview"}]


def without(module):
    return lambda api, product, body: (
        body | {"resources": [one for one in body["resources"] if one["type"] != module]}
    )


def changed(**members):
    return lambda api, product, body: body | members


def resource(module, value):
    return lambda api, product, body: body | {"resources": [{"type": module, "value": value}]}


def twice(api, product, body):
    return body | {"resources": [body["resources"][0], *body["resources"]]}


def same_plan_twice(api, product, body):
    return body | {"variantResources": body["variantResources"] * 2}


def the_plans_instance(api, product, body):
    (entry,) = body["variantResources"]
    return body | {"resources": [one for one in entry["resources"] if one["type"] == "Listing"]}


def the_offers_instance(api, product, body):
    (entry,) = body["variantResources"]
    return body | {"variantResources": [{**entry, "resources": body["resources"][:1]}]}


def inactive(api, product, body):
    (plan,) = [entry["variantID"] for entry in body["variantResources"]]
    variant = api.get(f"{product}/variants/{plan}")
    assert api.put(f"{product}/variants/{plan}", variant | {"state": "Inactive"}).status_code == 200
    return body


def another_products(api, product, body):
    return api.request(api.complete("fabrikam-other"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(targets=[{"type": "Scope", "value": "live"}]), "Targets"),
        (changed(targets=[]), "Targets"),
        (changed(targets=[{"type": "Scope", "value": "preview"}] * 2), "Targets"),
        (changed(targets=[{}]), "Targets"),
        (changed(resources=[], variantResources=[]), "Resources"),
        (changed(resourceType="Submission"), "ResourceType"),
        (changed(resources="all"), "Resources"),
        (changed(resources=[None]), "Resources"),
        (changed(variantResources=[{"variantID": NOWHERE, "resources": []}]), NOWHERE),
        (changed(variantResources=[{}]), "was not found"),
        (changed(publishOption={"isManualPublish": "perhaps"}), "PublishOption.IsManualPublish"),
        (resource("Property", NOWHERE), NOWHERE),
        (resource("Weather", NOWHERE), "Weather"),
        (resource("SupplementalContent", NOWHERE), "SupplementalContent"),
        (resource("ResellerConfiguration", f"{NOWHERE}-ResellerInstance"), NOWHERE),
        (changed(resources=[{}]), "current draft"),
        (twice, "twice"),
        (same_plan_twice, "twice"),
        (the_plans_instance, "current draft"),
        (the_offers_instance, "current draft"),
        (inactive, "not active"),
        (another_products, "current draft"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_and_changes_nothing(api, change, words):
    product = api.complete()
    body = change(api, product, api.request(product))
    held = api.emulator.state()
    answer = api.send(product, body)
    assert answer.status_code == 400
    assert words in str(fault(answer))
    assert api.emulator.state() == held


@pytest.mark.parametrize("body", [{"colour": "red"}, {"publishOption": {"soon": True}}])
def test_an_unknown_member_is_not_emulated(api, body):
    product = api.complete()
    assert api.send(product, api.request(product) | body).status_code == 501


@pytest.mark.parametrize("spelling", ["{product}-ResellerInstance", "{product}-resellerinstance"])
def test_the_literal_name_of_the_resellers_instance_is_taken(api, spelling):
    product = api.complete()
    value = spelling.format(product=product.rpartition("/")[2])
    request = api.request(product, [module for module in MODULES if module != "ResellerConfiguration"])
    request["resources"].append({"type": "ResellerConfiguration", "value": value})
    path = api.submit(product, request)
    assert api.get(path)["resources"] == request["resources"]
    assert api.stands(path) == ("Published", "ReadyToPublish")


def test_every_instance_and_entity_gets_a_new_id_and_keeps_its_content(api):
    product = api.complete()
    before = api.emulator.state()
    plan = before["variants"][0]["id"]
    sent = {module: api.instance(product, module) for module in MODULES}
    planned = {module: api.instance(product, module, plan) for module in PLAN_MODULES}
    api.submit(product)
    for module, instance in sent.items():
        assert api.instance(product, module) != instance
    for module, instance in planned.items():
        assert api.instance(product, module, plan) != instance
    after = api.emulator.state()
    for collection in COLLECTIONS:
        old = {one["id"]: content(one) for one in before[collection]}
        new = {
            one["id"]: content(one)
            for one in after[collection]
            if one["stage"] == "draft" and one["productID"] in product
        }
        assert not old.keys() & new.keys()
        assert sorted(map(str, new.values())) == sorted(map(str, old.values()))


def content(document):
    ids = ("id", "@odata.etag", "instanceID", "stage")
    return {name: value for name, value in document.items() if name not in ids}


def test_what_was_sent_stays_readable_and_is_read_only(api):
    product = api.complete()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    listing, availability = api.listing(product), api.availability(product, plan)
    instance = api.instance(product, "Listing")
    request = api.request(product)
    api.submit(product, request)
    assert api.get(f"{product}/listings/getByInstanceID(instanceID={instance})") == {"value": [listing]}
    assert api.get(f"{product}/listings/{listing['id']}") == listing
    assert api.put(f"{product}/listings/{listing['id']}", listing).status_code == 409
    assert api.put(f"{product}/featureavailabilities/{availability['id']}", availability).status_code == 409
    stale = api.send(product, request)
    assert stale.status_code == 400
    assert request["resources"][0]["value"] in str(fault(stale))


def test_a_second_submission_waits_for_the_first(api):
    product = api.complete()
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    assert api.send(product).status_code == 409
    api.emulator.decide("validation", "pass")
    assert api.stands(path) == ("Published", "ReadyToPublish")
    assert api.send(product).status_code == 201


def test_a_cancelled_submission_stays_in_the_list_and_its_drafts_stay_too(api):
    product = api.complete()
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    listing = api.listing(product)
    assert api.call("DELETE", path).status_code == 204
    assert api.stands(path) == ("Cancelled", "Cancelled")
    assert api.listing(product) == listing
    assert api.call("DELETE", path).status_code == 409
    assert api.promote(path).status_code == 409
    assert api.get(f"{path}/validations") == {"value": []}
    assert api.go_live(product) != path


def failed(api, product):
    api.emulator.decide("validation", "fail")
    return api.submit(product)


def certifying(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "hold")
    assert api.promote(path).status_code == 200
    return path


def rejected(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "fail")
    assert api.promote(path).status_code == 200
    return path


def validating(api, product):
    api.emulator.decide("validation", "hold")
    return api.submit(product)


MATRIX = [
    # stands at, POST, cancel, promote, DELETE product, DELETE variant (reference 6.2)
    (validating, 409, 204, 409, 409, 409),
    (failed, 201, 409, 409, 204, 204),
    (Publisher.submit, 201, 409, 200, 409, 409),
    (certifying, 409, 409, 409, 409, 409),
    (rejected, 201, 409, 409, 409, 409),
    (Publisher.go_live, 201, 409, 409, 409, 409),
]


@pytest.mark.parametrize("row", MATRIX, ids=[row[0].__name__ for row in MATRIX])
@pytest.mark.parametrize("column", range(1, 6), ids=["create", "cancel", "promote", "product", "variant"])
def test_what_may_be_done_when(api, row, column):
    product = api.complete()
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


def test_a_plan_that_was_never_sent_may_go_while_others_are_published(api):
    product = api.complete()
    api.go_live(product)
    plan = api.plan(product, "silver")["id"]
    assert api.call("DELETE", f"{product}/variants/{plan}").status_code == 204


def test_a_deleted_products_submissions_go_with_it(api):
    product = api.complete()
    path = failed(api, product)
    assert api.stands(path) == ("InProgress", "Failed")
    assert api.call("DELETE", product).status_code == 204
    assert api.call("GET", path).status_code == 404
    assert not any(api.emulator.state().values())


@pytest.mark.parametrize("tail", ["", "/reports", "/validations", "/workflowdetails"])
def test_an_unknown_submission_is_not_found(api, tail):
    product, other = api.complete(), api.complete("fabrikam-other")
    path = api.submit(other).rpartition("/")[2]
    for id in ("1152921505699999999", "x", path):
        assert api.call("GET", f"{product}/submissions/{id}{tail}").status_code == 404
        assert api.call("DELETE", f"{product}/submissions/{id}").status_code == 404
        assert api.promote(f"{product}/submissions/{id}").status_code == 404
