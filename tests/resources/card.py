"""The acceptance card: properties of every resource, tested through its provider and the emulator over HTTP.

The test module of a resource subclasses `Card` and sets its attributes. Pytest runs every test below for the subclass.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from pulumi import Resource
from tests.resources.harness import (
    UNKNOWN,
    Declaration,
    Plugin,
    Program,
    Record,
    Ref,
    Stack,
    kind_of,
    through_rpc,
)

from pulumi_partnercenter import AdoptionRefused, PartnerCenterError
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.api.system import System
from pulumi_partnercenter.markers import Derived, Immutable, Local, Secret

VOLATILE = frozenset(
    {
        "id",
        "assetID",
        "productID",
        "variantID",
        "instanceID",
        "currentDraftInstanceID",
        "@odata.etag",
        "submissionVersion",
        "@file",
        "ticks",
        "history",
        "cancelAt",
    }
)
SCOPE_MEMBERS = ("productID", "variantID", "module", "stage")
"""Members that identify documents without an id."""
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?"
PORTAL_MEMBER = "writtenByThePortal"
SUBJECT = "subject"

MISSING_OFFER = "0b6b7f5c-0000-4000-8000-000000000000"


def missing_child_id(name: str) -> str:
    """Return the id of a missing child, below the offer `NOBODY`, in the format of the service."""
    return f"{MISSING_OFFER}/{uuid.uuid5(uuid.UUID(MISSING_OFFER), name)}"


"""Id of an offer that does not exist."""


@dataclass(frozen=True)
class Operation:
    """An operation to test, with the resources that exist before it."""

    before: Callable[[Stack], object]
    act: Callable[[Stack], object]

    @classmethod
    def between(cls, before: Program, after: Program) -> Operation:
        return cls(lambda stack: stack.up(before), lambda stack: stack.up(after))


class Subject:
    """Subject of fault injection (`faults.py`)."""

    kind: ClassVar[type[Resource]]
    system: ClassVar[System] = SUBMISSION
    unconditional_operations: ClassVar[Collection[str]] = ()
    """Operations whose writes carry no condition, so that a 412 has no meaning."""

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        """Prepare the emulator before any resource is created."""

    def operations(self) -> dict[str, Operation]:
        """Subjects of fault injection, by name."""
        raise NotImplementedError


@pytest.mark.sample(1)
class Card(Subject):
    """A resource with its examples. `first` and `second` differ in every argument that can change in place."""

    parents: ClassVar[Program] = {}
    other_parents: ClassVar[Program] = {}
    """Parents of `others`."""
    first: ClassVar[Mapping[str, Any]]
    second: ClassVar[Mapping[str, Any]] = {}
    companions: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Further arguments that must change together with an argument, because a rule involves both."""
    immutable_changes: ClassVar[Mapping[str, Any]]
    """Another accepted value of each immutable argument."""
    members: ClassVar[Mapping[str, tuple[str, Any]]] = {}
    """Member of the document for each stored argument, with a value as the portal writes it."""
    unreadable: ClassVar[Mapping[str, str]] = {}
    """Member of the document for each write-only argument."""
    collection: ClassVar[str]
    """Collection of the documents in the emulator's state, and in paths below their product."""
    derived: ClassVar[Mapping[str, list[str]]] = {}
    """Derived arguments that are unknown in a preview while this argument is unknown."""
    is_singleton: ClassVar[bool] = False
    """Whether the service creates the document with its parent and deletes it with its parent."""
    map_members: ClassVar[Collection[str]] = ()
    """Members that are objects whose keys are data."""
    ordered_members: ClassVar[Collection[str]] = ()
    """Members that are ordered lists."""
    further_members: ClassVar[Mapping[str, Collection[str]]] = {}
    """Further members for an argument."""
    element_keys: ClassVar[Mapping[str, Collection[str]]] = {}
    """Members that identify an element of a list: with another value, it is another element."""
    fixed_members: ClassVar[Collection[str]] = ()
    """Read-only members, at any depth."""
    required_arguments: ClassVar[Collection[str]] = ()
    """Arguments that rules require in the example, in addition to those that are always required."""
    drift_tests: ClassVar[Mapping[str, str]] = {}
    """Compared arguments without their own member, and the test that covers their drift."""
    side_effects: ClassVar[Mapping[str, str]] = {}
    """Members of other documents that change when this document is written, by collection."""

    # ---- create, no change, update, replacement

    def test_a_refresh_after_creation_finds_no_drift(self, stack: Stack, emulator: RunningEmulator) -> None:
        assert stack.up(self.program())[SUBJECT] == "create"
        state_after_creation = copy.deepcopy(stack.state)
        assert stack.refresh() == {}
        assert stack.state == state_after_creation
        computed_names = kind_of(self.kind).computed()
        outputs = stack.state[SUBJECT].outputs
        assert outputs == stack.state[SUBJECT].inputs | {name: outputs[name] for name in computed_names}

    def test_a_second_up_changes_and_sends_nothing(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        before = emulator.state()
        emulator.clear()
        assert stack.preview(self.program()) == {}
        assert stack.up(self.program()) == {}
        assert emulator.requests() == []
        assert emulator.state() == before

    def test_a_changed_argument_is_a_single_write_of_its_members(
        self, field: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        changed_program = self.program(**self.change(field))
        stack.up(self.program())
        before = index_documents(emulator)
        emulator.clear()
        assert stack.preview(changed_program) == {SUBJECT: "update"}
        assert stack.up(changed_program) == {SUBJECT: "update"}
        assert len(write_requests(emulator)) == 1
        moved_members = changed_members(before, index_documents(emulator))
        etag = {"@odata.etag"} & self.document(emulator, stack).keys()
        own_members = moved_members.pop(self.document_key(emulator, stack), set())
        assert own_members == etag | self.written_members(field)
        assert {document_key[0]: arguments_in for document_key, arguments_in in moved_members.items()} == {
            collection: {member} for collection, member in self.side_effects.items()
        }
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_a_changed_immutable_argument_replaces_the_resource(
        self, immutable: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        changed_program = {
            **self.other_parents,
            **self.program(**{immutable: self.immutable_changes[immutable]}),
        }
        stack.up({**self.other_parents, **self.program()})
        assert stack.preview(changed_program) == {SUBJECT: "replace"}
        assert stack.up(changed_program) == {SUBJECT: "replace"}
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    # ---- drift and deletion outside of Pulumi

    def test_a_change_in_the_portal_is_drift_by_name_and_repaired(
        self, stored_argument: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        before = stable_content(emulator)
        member, value = self.members[stored_argument]
        emulator.portal(self.path(emulator, stack), **{member: value})
        assert stack.refresh() == {SUBJECT: [stored_argument]}
        assert stack.preview(self.program()) == {SUBJECT: "update"}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert stable_content(emulator) == before
        assert stack.refresh() == {}

    def test_unmodelled_members_survive_every_write(
        self, field: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        portal_document = with_portal_members(self.document(emulator, stack), self.map_members)
        emulator.portal(self.path(emulator, stack), **portal_document)
        stack.up(self.program(**self.change(field)))
        document = self.document(emulator, stack)
        own_members = self.written_members(field)
        assert {name: document[name] for name in portal_document if name not in own_members} == {
            name: value for name, value in portal_document.items() if name not in own_members
        }

    def test_a_resource_deleted_in_the_portal_is_noticed_and_created_again(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        self.skip_undeletable()
        stack.up(self.program())
        before = stable_content(emulator)
        self.delete_remotely(emulator, stack)
        assert stack.refresh() == {SUBJECT: ["gone"]}
        assert stack.up(self.program()) == {SUBJECT: "create"}
        assert stable_content(emulator) == before

    def test_a_resource_deleted_in_the_portal_can_be_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        self.skip_undeletable()
        stack.up(self.program())
        self.delete_remotely(emulator, stack)
        assert stack.up(self.parents) == {SUBJECT: "delete"}

    def test_a_resource_deleted_with_its_parent_is_noticed(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if not self.parents:
            pytest.skip("has no parent")
        stack.up(self.program())
        for product in emulator.state()["products"]:
            assert emulator.client.delete(f"/v1.0/ingestion/products/{product['id']}").status_code == 204
        assert stack.refresh() == {name: ["gone"] for name in self.program()}
        assert stack.up(self.program()) == dict.fromkeys(self.program(), "create")

    # ---- adoption of existing objects

    def test_an_identical_object_is_adopted_without_a_write(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        before = stack.state[SUBJECT]
        stack.forget()
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert len(write_requests(emulator)) == int(self.has_unreadable_secrets())
        assert stack.state[SUBJECT] == before

    def test_a_different_object_is_refused_with_both_values(
        self, changed_argument: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        stack.forget()
        emulator.clear()
        before = emulator.state()
        with pytest.raises(AdoptionRefused) as refusal:
            stack.up(self.program(**self.change(changed_argument)))
        is_secret = changed_argument in kind_of(self.kind).arguments.marked(Secret)
        assert re.search(
            changed_argument if is_secret else rf"{changed_argument}\S* is .*, not ", str(refusal.value)
        )
        assert "adopt=True" in str(refusal.value)
        assert_readable(refusal.value)
        assert write_requests(emulator) == []
        assert emulator.state() == before

    def test_a_different_object_is_adopted_with_adopt(
        self, field: str, stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """The output reports the previous value before it is overwritten, unless it is a secret."""
        stack.up(self.program())
        stack.forget()
        capfd.readouterr()
        changed_program = self.program(**self.change(field), adopt=True)
        assert stack.up(changed_program)[SUBJECT] == "create"
        output, model = capfd.readouterr().out, kind_of(self.kind).arguments
        if field in self.members and field in model.marked(Secret):
            assert re.search(rf": adopt: .*\b{field}(;|$)", output, re.MULTILINE)
        elif field in self.members:
            assert re.search(rf": adopt: .*\b{field}\S* was .*, becomes ", output)
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}
        assert stack.up(self.program(**self.change(field))) == {}

    # ---- previews

    def test_any_argument_may_be_unknown(self, argument: str, stack: Stack, offline: None) -> None:
        self.assert_preview({**self.known_arguments(), argument: UNKNOWN}, argument)

    def test_any_part_of_an_argument_may_be_unknown(self, argument: str, stack: Stack, offline: None) -> None:
        for value in values_with_one_unknown(self.known_arguments().get(argument)):
            self.assert_preview({**self.known_arguments(), argument: value}, argument)

    # ---- deletion

    def test_destroy_deletes_everything(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        stack.destroy()
        state = emulator.state()
        state.pop("applications", None)
        assert not any(state.values())

    # ---- description of the resource for the tests

    @classmethod
    def program(cls, **changes: Any) -> dict[str, Declaration]:
        return {**cls.parents, SUBJECT: Declaration(cls.kind, {**cls.first, **changes})}

    @classmethod
    def known_arguments(cls) -> dict[str, Any]:
        """Return the first example with ids of nonexistent objects in place of references."""
        forms = {name: kind_of(declaration.kind).id_form for name, declaration in cls.parents.items()}
        ids = {name: missing_child_id(name) if "/" in form else MISSING_OFFER for name, form in forms.items()}
        return {key: ids[value.name] if isinstance(value, Ref) else value for key, value in cls.first.items()}

    @classmethod
    def arguments_in(cls, group: str) -> list[str]:
        """Return the arguments with which a test is parametrized."""
        model = kind_of(cls.kind).arguments
        arguments = [name for name in model.arguments() if name not in model.marked(Derived)]
        immutable = [name for name in arguments if name in model.marked(Immutable)]
        groups = {
            "argument": arguments,
            "immutable": immutable,
            "field": [name for name in arguments if name not in [*immutable, *model.marked(Local)]],
            "stored_argument": list(cls.members),
            "changed_argument": [name for name in cls.members if name in cls.second],
        }
        return groups[group]

    @classmethod
    def change(cls, argument: str) -> dict[str, Any]:
        return {argument: cls.second[argument], **cls.companions.get(argument, {})}

    def written_members(self, argument: str) -> set[str]:
        """Return the members of the document that a change of an argument writes."""
        members = {name: member for name, (member, _) in self.members.items()} | dict(self.unreadable)
        return {members[name] for name in self.change(argument) if name in members}

    def has_unreadable_secrets(self) -> bool:
        """Return whether the example has a write-only secret, which is written without comparing it."""
        model = kind_of(self.kind).arguments
        return model.parse(self.known_arguments()).holds_unreadable_secrets()

    def significant_value(self, member: str, value: Any) -> Any:
        """Return the part of a member's value that an argument sets."""
        return value

    def skip_undeletable(self) -> None:
        if self.is_singleton:
            pytest.skip("stays as long as its parent")

    def operations(self) -> dict[str, Operation]:
        full, changed_program = self.program(), self.program(**self.second)
        update = {"update": Operation.between(full, changed_program)} if self.second else {}
        return {
            "create": Operation.between(self.parents, full),
            **update,
            "read": Operation(lambda stack: stack.up(full), Stack.refresh),
            "delete": Operation.between(full, self.parents),
        }

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        """Return the document of the resource. Overridden for resources with several candidates."""
        product, _, variant = stack.state[SUBJECT].id.partition("/")
        (row,) = [
            row
            for row in emulator.state()[self.collection]
            if row.get("productID", row["id"]) == product and row.get("variantID", "") == variant
        ]
        return row

    def document_key(self, emulator: RunningEmulator, stack: Stack) -> tuple[str, str]:
        document = self.document(emulator, stack)
        return next(key for key, row in index_documents(emulator).items() if row == document)

    def path(self, emulator: RunningEmulator, stack: Stack) -> str:
        document = self.document(emulator, stack)
        return f"/v1.0/ingestion/products/{document['productID']}/{self.collection}/{document['id']}"

    def delete_remotely(self, emulator: RunningEmulator, stack: Stack) -> None:
        assert emulator.client.delete(self.path(emulator, stack)).status_code == 204

    def assert_preview(self, arguments: Mapping[str, Any], argument: str) -> None:
        """Assert that, without settings and service, `check` accepts unknowns and `diff` counts them as changes."""
        plugin = Plugin({})
        kind = kind_of(self.kind)
        old = plugin.check(self.kind, {}, self.known_arguments())
        record = Record(self.kind, MISSING_OFFER, old, {**old, "fingerprint": "0" * 32})
        checked = plugin.check(self.kind, old, arguments)
        result = plugin.diff(record, through_rpc(checked))
        moving = {argument, *self.derived.get(argument, [])}
        assert result.changes or moving <= {*kind.arguments.marked(Local)}
        assert set(result.replaces) == moving & set(kind.arguments.marked(Immutable))
        assert plugin.check(self.kind, {}, arguments).keys() == old.keys()


def write_requests(emulator: RunningEmulator) -> list[dict[str, Any]]:
    return [request for request in emulator.requests() if request["method"] != "GET"]


def stable_content(emulator: RunningEmulator) -> dict[str, list[str]]:
    """Return the emulator's documents without values that differ between runs; references become `<id>`."""
    return content_without_ids(emulator.state())


def comparable_content(state: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return `stable_content` without times, ids of draft instances, and the digests that identify submissions."""
    instances = {row["instanceID"] for row in itertools.chain(*state.values()) if "instanceID" in row}

    def replace_volatile(text: str) -> str:
        text = re.sub(GUID, lambda match: "<id>" if match[0] in instances else match[0], text)
        text = re.sub(rf"(?<=/){GUID}(?=\.\w+\")", "<id>", text)  # names of the service's copies of files
        return re.sub(rf"{TIME}|(?<=\[content )\w+", "<…>", text)

    return {name: sorted(map(replace_volatile, texts)) for name, texts in content_without_ids(state).items()}


def content_without_ids(state: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    def serialize(document: Mapping[str, Any]) -> str:
        return replace_ids(json.dumps(_without_volatile_members(document), sort_keys=True), state)

    return {name: sorted(map(serialize, documents)) for name, documents in state.items()}


def replace_ids(text: str, state: Mapping[str, list[dict[str, Any]]]) -> str:
    """Replace the ids of all documents in the emulator by `<id>`."""
    ids = {row["id"] for documents in state.values() for row in documents if "id" in row}
    return re.sub(GUID, lambda match: "<id>" if match[0] in ids else match[0], text)


def _without_volatile_members(document: Any) -> Any:
    if isinstance(document, dict):
        return {
            name: _without_volatile_members(value) for name, value in document.items() if name not in VOLATILE
        }
    return (
        [_without_volatile_members(element) for element in document]
        if isinstance(document, list)
        else document
    )


def index_documents(emulator: RunningEmulator) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (name, row.get("id") or json.dumps({key: row[key] for key in SCOPE_MEMBERS if key in row})): row
        for name, documents in emulator.state().items()
        for row in documents
    }


def changed_members(
    before: Mapping[tuple[str, str], Mapping[str, Any]], after: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[tuple[str, str], set[str]]:
    """Return the names of changed members, by document. A created or deleted document has all its members."""
    changes = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        if arguments_in := {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}:
            changes[key] = arguments_in
    return changes


def with_portal_members(document: Mapping[str, Any], map_members: Collection[str]) -> dict[str, Any]:
    """Return the writable members; the document and each object in it have an additional member without a model."""
    plain = {name: value for name, value in document.items() if name not in {*VOLATILE, "stage"}}
    return {
        **{
            name: value if name in map_members else _with_portal_member(value)
            for name, value in plain.items()
        },
        PORTAL_MEMBER: "kept",
    }


def _with_portal_member(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: element if name in VOLATILE else _with_portal_member(element)
            for name, element in value.items()
        } | {PORTAL_MEMBER: "kept"}
    if isinstance(value, list):
        return [_with_portal_member(element) for element in value]
    return value


def values_with_one_unknown(value: Any) -> Iterator[Any]:
    """Yield the value with each of its inner values unknown, in turn."""
    if isinstance(value, Mapping):
        for key, element in value.items():
            yield {**value, key: UNKNOWN}
            yield from ({**value, key: inner} for inner in values_with_one_unknown(element))
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield [*value[:number], UNKNOWN, *value[number + 1 :]]
            for inner in values_with_one_unknown(element):
                yield [*value[:number], inner, *value[number + 1 :]]


def assert_readable(error: PartnerCenterError) -> None:
    """Assert at most three lines without a class name of the package: the engine prints the type itself."""
    assert len(str(error).splitlines()) <= 3
    assert str(error).strip()


class UnversionedCard(Card):
    """Card of a document without id and etag. `segment` is its path below the product."""

    segment: ClassVar[str]
    is_singleton = True

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        product = stack.state[SUBJECT].id
        (row,) = [row for row in emulator.state()[self.collection] if row["productID"] == product]
        return row

    def path(self, emulator: RunningEmulator, stack: Stack) -> str:
        return f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/{self.segment}"
