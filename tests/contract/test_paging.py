"""Pages of products, for any number of products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi


def pages(api: RawApi, first: str) -> Iterator[dict[str, Any]]:
    """Yield a page and all following pages; the service's links are relative to the host's root."""
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
    api = RawApi(emulator)
    created_ids = {
        api.create_offer(f"contoso-{number}").removeprefix("/products/") for number in range(count)
    }
    listed_ids = [product["id"] for page in pages(api, first) for product in page["value"]]
    assert len(listed_ids) == count
    assert set(listed_ids) == created_ids


def test_pages_of_products_differ_in_size_and_one_in_the_middle_is_empty(emulator: RunningEmulator):
    api = RawApi(emulator)
    for number in range(14):
        api.create_offer(f"contoso-{number}")
    sizes = [len(page["value"]) for page in pages(api, "v1.0/ingestion/products")]
    assert len(set(sizes)) > 2
    assert 0 in sizes[:-1]


def test_pages_of_a_filtered_list_of_products_respect_the_filter(emulator: RunningEmulator):
    api = RawApi(emulator)
    for number in range(12):
        api.create_offer(f"contoso-{number}", "AzureContainer" if number % 2 else "AzureApplication")
    first = "v1.0/ingestion/products?$filter=resourceType eq 'AzureContainer'"
    filtered_pages = list(pages(api, first))
    assert len(filtered_pages) > 1
    products = [product for page in filtered_pages for product in page["value"]]
    assert {product["resourceType"] for product in products} == {"AzureContainer"}
    assert len({product["id"] for product in products}) == len(products) == 6


@pytest.mark.parametrize("token", ["nonsense", "e30=", "bm9uc2Vuc2U=", "eyJMYXN0SWQiOiAiW10ifQ=="])
def test_an_unknown_skip_token_is_not_found(emulator, token):
    api = RawApi(emulator)
    assert api.call("GET", "/products", params={"$skipToken": token}).status_code == 404
