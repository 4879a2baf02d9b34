"""Schemathesis drives every operation of the service's OpenAPI description: no undocumented status or shape.

Requests combine generated values with existing ids and valid bodies, so that every operation is also accepted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import in_process
from tests.contract.full_emulator import STAGES, FullEmulator
from tests.contract.openapi import ABSENT, FILE, assert_waived, list_differences, list_operations
from tests.contract.raw_api import EXPAND
from tests.contract.waivers import NEVER_SUCCESSFUL, SHAPES, STATUSES

if TYPE_CHECKING:
    import schemathesis

FILTERS = [
    "resourceType eq 'AzureApplication' or resourceType eq 'SoftwareAsAService'",
    "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'contoso-app')",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Driver:
    """Sends requests of an operation and records the answers.

    `statuses` counts the statuses by operation, `differences` has an example of every difference from the description.
    """

    def __init__(self, api: FullEmulator) -> None:
        self.api, self.stage = api, ""
        self.statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self.differences: dict[str, str] = {}

    def walk(self, operation: Any) -> None:
        """Send valid requests for every existing document, then invalid ones. The differences of all waivers occur."""
        for stage in STAGES if _depends_on_stage(operation) else ["previewed"]:
            self.prepare(stage)
            for number in range(len(self.api.parameter_values(operation.path))):
                self.prepare(stage)
                path = operation.path.format_map(self.api.parameter_values(operation.path)[number])
                for query in ({}, _valid_query(operation, FILTERS[0]))[: 2 if operation.query else 1]:
                    self.send(operation, path, params=query, **self.valid_request(operation, path))
        self.prepare("previewed")
        values = (self.api.parameter_values(operation.path) or [defaultdict(lambda: "nothing")])[0]
        path, options = operation.path.format_map(values), self.valid_request(operation, path)
        self.send(operation, path, headers={"Authorization": "Bearer nobody's"})
        self.send(operation, path, **options, params={"colour": "red"})
        if operation.body:
            self.send(operation, path, **{**options, "json": {}})
        self.send(operation, path, **{**options, "headers": {"If-Match": '"stale"'}})
        self.send(operation, operation.path.format_map(defaultdict(lambda: "nothing")), **options)

    def fuzz(self, operation: Any) -> None:
        @settings(SETTINGS, max_examples=settings().max_examples // 10)
        @given(case=operation.as_strategy(), data=st.data())
        def send(case: schemathesis.Case, data: st.DataObject) -> None:
            stages = STAGES if _depends_on_stage(operation) else ("previewed",)
            self.prepare(data.draw(st.sampled_from(stages)))
            values = self.api.parameter_values(operation.path)
            path = operation.path.format_map(
                data.draw(st.sampled_from(values)) if values else case.path_parameters
            )
            if data.draw(st.integers(0, 9)) == 9:
                path = case.formatted_path
            options = {"params": _query(operation, case, data), "headers": self.headers(path, case, data)}
            if operation.body:
                options |= self.generate_body(operation, path, case, data)
            self.send(operation, path, **options)

        send()

    def prepare(self, stage: str) -> None:
        """Fill the emulator for this stage, unless it is unchanged since the last fill."""
        if stage != self.stage:
            self.api.fill(stage)
            self.stage = stage

    def valid_request(self, operation: Any, path: str) -> dict[str, Any]:
        """Headers and body of a valid request."""
        body = self.api.build_body(operation.method.upper(), operation.path, path) if operation.body else None
        return {"headers": {"If-Match": "*"}, **({"json": body} if body is not None else {})}

    def headers(self, path: str, case: schemathesis.Case, data: st.DataObject) -> dict[str, str]:
        headers = {name: value for name, value in case.headers.items() if name != "If-Match"}
        choice = data.draw(st.sampled_from(["*", "*", "current", "none", "generated"]))
        if choice == "*":
            return {**headers, "If-Match": "*"}
        if choice == "generated":
            return {**headers, **case.headers}
        answer = self.api.call("GET", path)
        body = answer.json() if choice == "current" and answer.status_code == 200 else {}
        return {**headers, "If-Match": body["@odata.etag"]} if "@odata.etag" in body else headers

    def generate_body(
        self, operation: Any, path: str, case: schemathesis.Case, data: st.DataObject
    ) -> dict[str, Any]:
        """Return a valid body, with none, some or all generated members, or a random value; or the generated body."""
        valid_body = self.api.build_body(operation.method.upper(), operation.path, path) or {}
        generated = case.body if isinstance(case.body, dict) else {}
        generated = {name: value for name, value in generated.items() if name not in ("id", "resourceType")}
        choice = data.draw(st.integers(0, 6))
        if choice == 6:
            return {"json": case.body} if isinstance(case.body, dict) else {}
        if choice == 1:
            return {"json": {**valid_body, **generated}}
        if choice in (2, 3) and generated:
            name = data.draw(st.sampled_from(sorted(generated)))
            return {"json": {**valid_body, name: generated[name]}}
        if choice == 4 and valid_body:
            return {"json": {**valid_body, data.draw(st.sampled_from(sorted(valid_body))): data.draw(JUNK)}}
        return {"json": valid_body}

    def send(self, operation: Any, path: str, **options: Any) -> None:
        answer = self.api.call(operation.method.upper(), path, **options)
        self.statuses[operation.label][str(answer.status_code)] += 1
        if answer.is_success and _changes_state(operation):
            self.stage = ""
        for difference in self.find_differences(operation, answer):
            self.differences.setdefault(difference, f"{operation.label}: {answer.text[:300]}")

    def find_differences(self, operation: Any, answer: Any) -> list[str]:
        documented = operation.definition.raw["responses"].get(str(answer.status_code))
        if documented is None:
            return [f"{answer.status_code} of {operation.label}"]
        content = documented.get("content", {}).get("application/json")
        if content is None:
            return [f"a body of {answer.status_code}"] if answer.content else []
        if answer.headers["content-type"].partition(";")[0] != "application/json":
            return [f"content type of {answer.status_code}"]
        return list(list_differences(content["schema"], answer.json(), str(answer.status_code)))


def _depends_on_stage(operation: Any) -> bool:
    """Whether the result depends on the stage of a submission."""
    endings = ("/{productID}", "/variants/{variantID}", "/packages/{packageID}")
    return "/submissions" in operation.path or (
        operation.method == "delete" and operation.path.endswith(endings)
    )


def _changes_state(operation: Any) -> bool:
    """Whether the operation changes what later requests can do."""
    endings = (
        "/products",
        "/variants",
        "/submissions",
        "/promote",
        "/listings/createWithInstanceID(instanceID={instanceID})",
    )
    return operation.method == "delete" or (operation.method == "post" and operation.path.endswith(endings))


def _query(operation: Any, case: schemathesis.Case, data: st.DataObject) -> dict[str, Any]:
    choice = data.draw(st.integers(0, 5))
    if choice == 5:
        return dict(case.query)
    return _valid_query(operation, data.draw(st.sampled_from(FILTERS))) if choice % 2 else {}


def _valid_query(operation: Any, filter: str) -> dict[str, str]:
    query = {"$filter": filter, "$skipToken": "", "$expand": "FileSasUri"}
    if "/submissions" in operation.path:
        query |= {"$filter": "state eq 'Published'", "$expand": "PublishOption"}
    if "/featureavailabilities" in operation.path.lower():
        query |= EXPAND
    return {parameter.name: query[parameter.name] for parameter in operation.query if parameter.name in query}


def test_every_operation_answers_as_described():
    if not FILE.parent.is_dir():
        pytest.skip(ABSENT)
    operations = list_operations()
    with in_process(seed=1, now=lambda: 1_800_000_000.0) as emulator:
        driver = Driver(FullEmulator(emulator))
        for operation in operations:
            driver.walk(operation)
            driver.fuzz(operation)
    for label, statuses in driver.statuses.items():
        print(f"{label}: {dict(sorted(statuses.items()))}")
    assert_waived(driver.differences, STATUSES, SHAPES)
    never_successful = {
        operation.label
        for operation in operations
        if not _documented_successes(operation) & driver.statuses[operation.label].keys()
    }
    assert len(operations) == 78
    assert never_successful == NEVER_SUCCESSFUL.keys()


def _documented_successes(operation: Any) -> set[str]:
    return {status for status in operation.definition.raw["responses"] if status.startswith("2")}
