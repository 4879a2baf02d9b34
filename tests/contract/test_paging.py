"""Pages of products: golden test 6 of the reference's appendix D, for any number of products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import Serving
from tests.contract.submission import Submission


def pages(api: Submission, first: str) -> Iterator[dict[str, Any]]:
    """A page and all that follow, by the service's own links, which are relative to the host's root."""
    link = first
    for _ in range(200):
        page = api.emulator.client.get(f"/{link}").json()
        yield page
        link = page.get("nextLink")
        if not link:
            return
        assert link.startswith("v1.0/ingestion/products?")
    pytest.fail("the pages do not end")


@pytest.mark.parametrize("first", ["v1.0/ingestion/products", "v1.0/ingestion/products?$skipToken="])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(count=st.integers(0, 45))
def test_every_product_is_on_exactly_one_page(emulator, first, count):
    emulator.reset()
    api = Submission(emulator)
    made = {api.offer(f"contoso-{number}").removeprefix("/products/") for number in range(count)}
    found = [product["id"] for page in pages(api, first) for product in page["value"]]
    assert len(found) == count
    assert set(found) == made


def test_pages_are_uneven_and_one_in_the_middle_is_empty(emulator: Serving):
    api = Submission(emulator)
    for number in range(14):
        api.offer(f"contoso-{number}")
    sizes = [len(page["value"]) for page in pages(api, "v1.0/ingestion/products")]
    assert len(set(sizes)) > 2
    assert 0 in sizes[:-1]


def test_pages_of_a_filtered_list_keep_to_the_filter(emulator: Serving):
    api = Submission(emulator)
    for number in range(12):
        api.offer(f"contoso-{number}", "AzureContainer" if number % 2 else "AzureApplication")
    first = "v1.0/ingestion/products?$filter=resourceType eq 'AzureContainer'"
    listed = list(pages(api, first))
    assert len(listed) > 1
    found = [product for page in listed for product in page["value"]]
    assert {product["resourceType"] for product in found} == {"AzureContainer"}
    assert len({product["id"] for product in found}) == len(found) == 6


@pytest.mark.parametrize("token", ["nonsense", "e30=", "bm9uc2Vuc2U=", "eyJMYXN0SWQiOiAiW10ifQ=="])
def test_a_token_that_nobody_was_given_is_not_found(emulator, token):
    api = Submission(emulator)
    assert api.call("GET", "/products", params={"$skipToken": token}).status_code == 404
