"""Every operation of the service's OpenAPI description, driven by Schemathesis: no status and no shape is our own.

Requests are what Schemathesis makes of the description, mixed with what exists and with bodies that are right, so
that every operation is also done and not only refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import in_process
from tests.contract.described import ABSENT, FILE, description, undocumented
from tests.contract.inhabited import STAGES, Inhabited
from tests.contract.submission import EXPAND
from tests.contract.waivers import NEVER_DONE, SHAPES, STATUSES

FEW, MANY = 8, 20  # examples of what only reads, and of what changes something
FILTERS = [
    "resourceType eq 'AzureApplication' or resourceType eq 'SoftwareAsAService'",
    "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'contoso-app')",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
DRIVEN = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Driver:
    """Sends requests of an operation and keeps what was answered.

    `done` counts the statuses of each operation, `found` has an example of each difference from the description.
    """

    def __init__(self, api: Inhabited) -> None:
        self.api, self.stage = api, ""
        self.done: dict[str, Counter[str]] = defaultdict(Counter)
        self.found: dict[str, str] = {}

    def walk(self, operation: Any) -> None:
        """Once everywhere, as it should be done; then what every operation refuses. Reaches all that is waived."""
        for stage in STAGES if _depends_on_stage(operation) else ["previewed"]:
            self.prepare(stage)
            for number in range(len(self.api.places(operation.path))):
                self.prepare(stage)
                path = operation.path.format_map(self.api.places(operation.path)[number])
                for query in ({}, _right_query(operation, FILTERS[0]))[: 2 if operation.query else 1]:
                    self.send(operation, path, params=query, **self.right(operation, path))
        self.prepare("previewed")
        place = (self.api.places(operation.path) or [defaultdict(lambda: "nothing")])[0]
        path, how = operation.path.format_map(place), self.right(operation, path)
        self.send(operation, path, headers={"Authorization": "Bearer nobody's"})
        self.send(operation, path, **how, params={"colour": "red"})
        if operation.body:
            self.send(operation, path, **{**how, "json": {}})
        self.send(operation, path, **{**how, "headers": {"If-Match": '"stale"'}})
        self.send(operation, operation.path.format_map(defaultdict(lambda: "nothing")), **how)

    def fuzz(self, operation: Any) -> None:
        @settings(DRIVEN, max_examples=FEW if operation.method == "get" else MANY)
        @given(case=operation.as_strategy(), data=st.data())
        def send(case: schemathesis.Case, data: st.DataObject) -> None:
            stages = STAGES if _depends_on_stage(operation) else ("previewed",)
            self.prepare(data.draw(st.sampled_from(stages)))
            places = self.api.places(operation.path)
            path = operation.path.format_map(
                data.draw(st.sampled_from(places)) if places else case.path_parameters
            )
            if data.draw(st.integers(0, 9)) == 9:
                path = case.formatted_path
            how = {"params": _query(operation, case, data), "headers": self.headers(path, case, data)}
            if operation.body:
                how |= self.content(operation, path, case, data)
            self.send(operation, path, **how)

        send()

    def prepare(self, stage: str) -> None:
        """What exists, as it was made, unless it is so still."""
        if stage != self.stage:
            self.api.settle(stage)
            self.stage = stage

    def right(self, operation: Any, path: str) -> dict[str, Any]:
        """Headers and body of a request that should be done."""
        body = self.api.body(operation.method.upper(), operation.path, path) if operation.body else None
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

    def content(
        self, operation: Any, path: str, case: schemathesis.Case, data: st.DataObject
    ) -> dict[str, Any]:
        """A right body, with none, one or all of the generated members in it; or the generated one; or junk."""
        right = self.api.body(operation.method.upper(), operation.path, path) or {}
        generated = case.body if isinstance(case.body, dict) else {}
        generated = {name: value for name, value in generated.items() if name not in ("id", "resourceType")}
        choice = data.draw(st.integers(0, 6))
        if choice == 6:
            return {"json": case.body} if isinstance(case.body, dict) else {}
        if choice == 1:
            return {"json": {**right, **generated}}
        if choice in (2, 3) and generated:
            name = data.draw(st.sampled_from(sorted(generated)))
            return {"json": {**right, name: generated[name]}}
        if choice == 4 and right:
            return {"json": {**right, data.draw(st.sampled_from(sorted(right))): data.draw(JUNK)}}
        return {"json": right}

    def send(self, operation: Any, path: str, **how: Any) -> None:
        answer = self.api.call(operation.method.upper(), path, **how)
        self.done[operation.label][str(answer.status_code)] += 1
        if answer.is_success and _uses_up(operation):
            self.stage = ""
        for difference in self.differences(operation, answer):
            self.found.setdefault(difference, f"{operation.label}: {answer.text[:300]}")

    def differences(self, operation: Any, answer: Any) -> list[str]:
        documented = operation.definition.raw["responses"].get(str(answer.status_code))
        if documented is None:
            return [f"{answer.status_code} of {operation.label}"]
        content = documented.get("content", {}).get("application/json")
        if content is None:
            return [f"a body of {answer.status_code}"] if answer.content else []
        if answer.headers["content-type"].partition(";")[0] != "application/json":
            return [f"content type of {answer.status_code}"]
        return list(undocumented(content["schema"], answer.json(), str(answer.status_code)))


def _depends_on_stage(operation: Any) -> bool:
    """Whether it matters where a submission stands; frozen drafts there are at every stage but one."""
    whole = ("/{productID}", "/variants/{variantID}", "/packages/{packageID}")
    return "/submissions" in operation.path or (
        operation.method == "delete" and operation.path.endswith(whole)
    )


def _uses_up(operation: Any) -> bool:
    """Whether it cannot be done again, or other things cannot."""
    once = (
        "/products",
        "/variants",
        "/submissions",
        "/promote",
        "/listings/createWithInstanceID(instanceID={instanceID})",
    )
    return operation.method == "delete" or (operation.method == "post" and operation.path.endswith(once))


def _query(operation: Any, case: schemathesis.Case, data: st.DataObject) -> dict[str, Any]:
    choice = data.draw(st.integers(0, 5))
    if choice == 5:
        return dict(case.query)
    return _right_query(operation, data.draw(st.sampled_from(FILTERS))) if choice % 2 else {}


def _right_query(operation: Any, filter: str) -> dict[str, str]:
    right = {"$filter": filter, "$skipToken": "", "$expand": "FileSasUri"}
    if "/submissions" in operation.path:
        right |= {"$filter": "state eq 'Published'", "$expand": "PublishOption"}
    if "/featureavailabilities" in operation.path.lower():
        right |= EXPAND
    return {one.name: right[one.name] for one in operation.query if one.name in right}


def test_every_operation_answers_as_described():
    if not FILE.parent.is_dir():
        pytest.skip(ABSENT)
    operations = [found.ok() for found in schemathesis.openapi.from_dict(description()).get_all_operations()]
    with in_process(seed=1, now=lambda: 1_800_000_000.0) as emulator:
        driver = Driver(Inhabited(emulator))
        for operation in operations:
            driver.walk(operation)
            driver.fuzz(operation)
    for label, statuses in driver.done.items():
        print(f"{label}: {dict(sorted(statuses.items()))}")
    waived = {difference: _waiver(difference) for difference in driver.found}
    found = [
        f"{difference}\n    {driver.found[difference]}" for difference, waiver in waived.items() if not waiver
    ]
    assert not found, "\n".join(found)
    assert STATUSES.keys() | SHAPES.keys() == set(waived.values()), "a waiver that nothing needs"
    undone = {
        one.label for one in operations if not _documented_successes(one) & driver.done[one.label].keys()
    }
    assert len(operations) == 78
    assert undone == NEVER_DONE.keys()


def _waiver(difference: str) -> str:
    """The entry of the tables that allows for a difference, empty if there is none."""
    status = difference.partition(" of ")[0]
    return next((key for key in (difference, status) if key in STATUSES or key in SHAPES), "")


def _documented_successes(operation: Any) -> set[str]:
    return {status for status in operation.definition.raw["responses"] if status.startswith("2")}
