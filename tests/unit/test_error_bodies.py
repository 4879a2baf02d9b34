"""Error bodies of the submission API in every form in which it sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_partnercenter.api.submission.error_bodies import parse_error
from pulumi_partnercenter.api.system import ServiceError

FAULT = {
    "faultCode": 50400,
    "reasonPhrase": "Validation failed.",
    "data": {"Title": ["Too long.", 5], "Name": "Odd."},
}
FIELDS = {"Title": ["Too long.", "5"], "Name": ["Odd."]}


def parsed(text: str) -> tuple[str, str, dict[str, list[str]]]:
    error = parse_error(text)
    assert isinstance(error, ServiceError)
    return error.code, error.message, error.fields


@pytest.mark.parametrize(
    ("body", "code", "message", "fields"),
    [
        (f"ICH50400 - Cannot complete. {json.dumps(FAULT)}", "ICH50400", "Validation failed.", FIELDS),
        ("ICH50400 - Cannot complete. {}", "ICH50400", "Cannot complete.", {}),
        ("ICH50400 - Cannot complete.\n", "ICH50400", "Cannot complete.", {}),
        ("ICH50400 - Cannot complete. {half}", "ICH50400", "Cannot complete.", {}),
        ("ICH50400 - {half}", "ICH50400", "ICH50400 - {half}", {}),
        (f"Conflict, ResponseContent = {json.dumps(FAULT)}", "50400", "Validation failed.", FIELDS),
        ('Conflict, ResponseContent = {"statusCode": 409}', "409", "Conflict", {}),
        ('The plan exists = {"code": "A"}', "A", "The plan exists", {}),
        ("  Value cannot be null.\r\n", "", "Value cannot be null.", {}),
        ("see {this", "", "see {this", {}),
        ("see [1]", "", "see [1]", {}),
        (f"ICH1 - Two\nlines {json.dumps({'title': 'T'})}", "ICH1", "T", {}),
    ],
)
@pytest.mark.parametrize("is_quoted", [True, False], ids=["JSON string", "plain text"])
def test_a_text_may_hold_a_code_a_sentence_and_an_object(
    body: str, is_quoted: bool, code: str, message: str, fields: dict[str, list[str]]
) -> None:
    assert parsed(json.dumps(body) if is_quoted else body) == (code, message, fields)


@pytest.mark.parametrize(
    ("body", "code", "message", "fields"),
    [
        ({"code": "A", "statusCode": 400, "message": "M", "title": "T"}, "A", "M", {}),
        ({"statusCode": 400, "reasonPhrase": "R", "title": "T"}, "400", "R", {}),
        ({"faultCode": 7, "title": "T", "errors": {"a": ["b"]}}, "7", "T", {"a": ["b"]}),
        ({"data": ["x"], "details": {"a": 1}}, "", "", {"a": ["1"]}),
        ({"error": {"code": "I", "message": "inner"}, "code": "O", "message": "outer"}, "I", "inner", {}),
        ({"error": "no object", "message": "M"}, "", "M", {}),
        ({}, "", "", {}),
    ],
)
def test_an_object_is_read_by_its_members(
    body: dict[str, Any], code: str, message: str, fields: dict[str, list[str]]
) -> None:
    assert parsed(json.dumps(body)) == (code, message, fields)


@pytest.mark.parametrize("text", ["5", " [1, 2] ", "null", "true"])
def test_any_other_json_is_its_own_message(text: str) -> None:
    assert parsed(text) == ("", text.strip(), {})


def test_a_body_that_is_nested_too_deep_is_a_text() -> None:
    text = "[" * 100_000
    assert parsed(text) == ("", text, {})
