"""A broken Cloud Partner Portal API: whatever it answers to any call, the user gets a message and no traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.scripted_server import Answer, serve_answers
from tests.unit.test_hostile_service import ANSWERS, REDIRECTS, checked_message
from tests.unit.test_portal_client import portal

from pulumi_partnercenter import ApiError, ContractError, PartnerCenterError
from pulumi_partnercenter.api.portal.client import PortalClient
from pulumi_partnercenter.api.portal.documents import OfferDocument

OFFER = ("contoso", "gateway")
BODY = {"publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "gateway"}
CALLS: dict[str, Callable[[PortalClient], Any]] = {
    "list offers": lambda client: client.offers.list("contoso"),
    "find an offer": lambda client: client.offers.find(*OFFER),
    "read an offer": lambda client: client.offers.get(*OFFER),
    "read a slot": lambda client: client.offers.slot(*OFFER, "preview"),
    "read a version": lambda client: client.offers.version(*OFFER, 1),
    "create an offer": lambda client: client.offers.create({**BODY}),
    "replace an offer": lambda client: client.offers.replace(
        OfferDocument({**BODY}, '"etag"'), lambda body: {**body, "definition": {"displayText": "Gateway"}}
    ),
    "status": lambda client: client.operations.status(*OFFER),
    "list operations": lambda client: client.operations.list(*OFFER),
    "read an operation": lambda client: client.operations.get(*OFFER, "contoso$gateway$1$preview"),
    "publish": lambda client: client.operations.publish(*OFFER),
    "go live": lambda client: client.operations.go_live(*OFFER),
    "cancel": lambda client: client.operations.cancel(*OFFER),
    "publishers": lambda client: client.publishers.list(),
    "offer types": lambda client: client.offer_types.list(),
}
READ_BODIES: dict[str, Any] = {
    "null": None,
    "a number": 7,
    "a text": "text",
    "a list of numbers": [1, [2]],
    "an object of another kind": {"value": {"a": [1]}},
    "modules of numbers": {"Product": {"httpStatusCode": 422, "error": 5, "exceptionCode": []}},
    "modules of nothing": {"Product": None},
    "nothing in lists": {"status": "running", "steps": [None], "messages": [7], "id": None},
}


@pytest.mark.sample(40)
@pytest.mark.parametrize("body", ANSWERS)
@pytest.mark.parametrize("status", [200, 202, 400, 404, 409, 500])
@pytest.mark.parametrize("call", CALLS)
def test_answers_that_are_no_json_are_errors_with_a_message(call: str, status: int, body: str) -> None:
    answer = Answer(status, ANSWERS[body], {"Content-Type": "application/json"})
    with portal(answer) as service:
        if status == 404 and call == "find an offer":
            assert CALLS[call](service.client) is None
            return
        with pytest.raises(PartnerCenterError) as error:
            CALLS[call](service.client)
    checked_message(error.value)
    assert status >= 400 or isinstance(error.value, ContractError)


@pytest.mark.sample(30)
@pytest.mark.parametrize("body", READ_BODIES)
@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize("call", CALLS)
def test_answers_of_another_shape_are_values_or_errors_with_a_message(
    call: str, status: int, body: str
) -> None:
    with portal(Answer(status, READ_BODIES[body])) as service:
        try:
            CALLS[call](service.client)
        except PartnerCenterError as error:
            checked_message(error)
        else:
            assert status == 200


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.sample(15)
def test_a_redirect_is_an_error_and_nothing_is_sent_elsewhere(call: str, status: int) -> None:
    with serve_answers(Answer(200, {})) as elsewhere:
        location = {"Location": f"{elsewhere.url}/api/publishers/contoso/offers/gateway"}
        with (
            portal(Answer(status, {}, location)) as service,
            pytest.raises(ApiError, match=f"redirected .{status}") as error,
        ):
            CALLS[call](service.client)
        assert elsewhere.requests == []
    checked_message(error.value)
