"""The acceptance card: what is true of every resource, asked of each through its provider and the emulator over HTTP.

A resource's test subclasses `Card` and says what it is about; pytest collects the subclass with every property below.
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
from provider.tools.emulators import Serving
from pulumi import Resource
from tests.resources.harness import (
    UNKNOWN,
    Declared,
    Plugin,
    Program,
    Record,
    Ref,
    Stack,
    kind_of,
    through_rpc,
)

from pulumi_partnercenter import AdoptionRefused, PartnerCenterError
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
    }
)
PLACE = ("productID", "variantID", "module", "stage")
"""Members that tell documents without an id from each other."""
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?"
PORTAL = "writtenByThePortal"
SUBJECT = "subject"

NOBODY = "0b6b7f5c-0000-4000-8000-000000000000"


def id_within_nobody(name: str) -> str:
    """An id below `NOBODY` for a resource of this name, as the service would number it."""
    return f"{NOBODY}/{uuid.uuid5(uuid.UUID(NOBODY), name)}"


"""The id of an offer that is not there."""


@dataclass(frozen=True)
class Operation:
    """What is there before, and what is done then."""

    before: Callable[[Stack], object]
    act: Callable[[Stack], object]

    @classmethod
    def between(cls, before: Program, after: Program) -> Operation:
        return cls(lambda stack: stack.up(before), lambda stack: stack.up(after))


class Subject:
    """A resource as trouble meets it (`faults.py`)."""

    kind: ClassVar[type[Resource]]

    def account(self, emulator: Serving) -> None:
        """Make the emulator what it has to be before anything is made."""

    def operations(self) -> dict[str, Operation]:
        """What trouble is tried on, by name."""
        raise NotImplementedError


@pytest.mark.sample(2)
class Card(Subject):
    """`first` and `second` differ in every argument that can change in place."""

    parents: ClassVar[Program] = {}
    beside: ClassVar[Program] = {}
    """What `others` refer to."""
    first: ClassVar[Mapping[str, Any]]
    second: ClassVar[Mapping[str, Any]] = {}
    together: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """What has to change with an argument, because a rule is about both."""
    others: ClassVar[Mapping[str, Any]]
    """Another value of each immutable argument, where the service takes it."""
    members: ClassVar[Mapping[str, tuple[str, Any]]] = {}
    """The document's member behind each argument that the service stores, and what the portal writes there."""
    untold: ClassVar[Mapping[str, str]] = {}
    """The member behind each argument that the service stores and never tells."""
    collection: ClassVar[str]
    """Where the emulator's state keeps the documents, which is also the path of a document below its product."""
    follows: ClassVar[Mapping[str, list[str]]] = {}
    """Derived arguments that a preview cannot know as long as it does not know this one."""
    is_singleton: ClassVar[bool] = False
    """The service makes it and keeps it as long as its parent."""
    maps: ClassVar[Collection[str]] = ()
    """Members whose keys are data, so that nobody can write one beside them."""
    ordered: ClassVar[Collection[str]] = ()
    """Members that are lists whose order means something."""
    further: ClassVar[Mapping[str, Collection[str]]] = {}
    """Further members behind an argument."""
    keys: ClassVar[Mapping[str, Collection[str]]] = {}
    """What tells the elements of a member from each other: with another one it is another element."""
    fixed: ClassVar[Collection[str]] = ()
    """Members, inner ones too, that nobody but the service changes."""
    needed: ClassVar[Collection[str]] = ()
    """Arguments that rules ask of the example, beside those that every program has to say."""
    shown_by: ClassVar[Mapping[str, str]] = {}
    """Compared arguments without a member of their own, each with the property that shows its drift."""
    ripples: ClassVar[Mapping[str, str]] = {}
    """Members of other documents that follow when this one is written, by collection."""

    # ---- 1, 2, 3, 4: create, no change, update, replacement

    def test_what_was_created_is_what_the_service_has(self, stack: Stack, emulator: Serving) -> None:
        assert stack.up(self.program())[SUBJECT] == "create"
        created = copy.deepcopy(stack.state)
        assert stack.refresh() == {}
        assert stack.state == created
        decided = kind_of(self.kind).computed()
        outputs = stack.state[SUBJECT].outputs
        assert outputs == stack.state[SUBJECT].inputs | {name: outputs[name] for name in decided}

    def test_applying_again_changes_and_writes_nothing(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        before = emulator.state()
        emulator.clear()
        assert stack.preview(self.program()) == {}
        assert stack.up(self.program()) == {}
        assert emulator.requests() == []
        assert emulator.state() == before

    def test_one_argument_is_one_write_and_nothing_else_moves(
        self, field: str, stack: Stack, emulator: Serving
    ) -> None:
        changed = self.program(**self.change(field))
        stack.up(self.program())
        before = by_document(emulator)
        emulator.clear()
        assert stack.preview(changed) == {SUBJECT: "update"}
        assert stack.up(changed) == {SUBJECT: "update"}
        assert len(writes(emulator)) == 1
        moved = differing(before, by_document(emulator))
        etag = {"@odata.etag"} & self.document(emulator, stack).keys()
        own = moved.pop(self.address(emulator, stack), set())
        assert own == etag | self.behind(field)
        assert {address[0]: names for address, names in moved.items()} == {
            collection: {member} for collection, member in self.ripples.items()
        }
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    def test_an_immutable_argument_replaces(self, immutable: str, stack: Stack, emulator: Serving) -> None:
        changed = {**self.beside, **self.program(**{immutable: self.others[immutable]})}
        stack.up({**self.beside, **self.program()})
        assert stack.preview(changed) == {SUBJECT: "replace"}
        assert stack.up(changed) == {SUBJECT: "replace"}
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    # ---- 5, 6: drift and loss

    def test_a_change_in_the_portal_is_shown_by_name_and_repaired(
        self, stored: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        before = content(emulator)
        member, value = self.members[stored]
        emulator.portal(self.path(emulator, stack), **{member: value})
        assert stack.refresh() == {SUBJECT: [stored]}
        assert stack.preview(self.program()) == {SUBJECT: "update"}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert content(emulator) == before
        assert stack.refresh() == {}

    def test_members_that_only_the_portal_knows_survive_every_write(
        self, field: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        marked = with_portal_members(self.document(emulator, stack), self.maps)
        emulator.portal(self.path(emulator, stack), **marked)
        stack.up(self.program(**self.change(field)))
        after = self.document(emulator, stack)
        ours = self.behind(field)
        assert {name: after[name] for name in marked if name not in ours} == {
            name: value for name, value in marked.items() if name not in ours
        }

    def test_lost_out_of_band_is_noticed_and_made_again(self, stack: Stack, emulator: Serving) -> None:
        self.needs_deletion()
        stack.up(self.program())
        before = content(emulator)
        self.lose(emulator, stack)
        assert stack.refresh() == {SUBJECT: ["gone"]}
        assert stack.up(self.program()) == {SUBJECT: "create"}
        assert content(emulator) == before

    def test_lost_out_of_band_is_no_obstacle_to_deletion(self, stack: Stack, emulator: Serving) -> None:
        self.needs_deletion()
        stack.up(self.program())
        self.lose(emulator, stack)
        assert stack.up(self.parents) == {SUBJECT: "delete"}

    def test_lost_with_its_parent_is_noticed(self, stack: Stack, emulator: Serving) -> None:
        if not self.parents:
            pytest.skip("has no parent")
        stack.up(self.program())
        for product in emulator.state()["products"]:
            assert emulator.client.delete(f"/v1.0/ingestion/products/{product['id']}").status_code == 204
        assert stack.refresh() == {name: ["gone"] for name in self.program()}
        assert stack.up(self.program()) == dict.fromkeys(self.program(), "create")

    # ---- 7: exists before we come

    def test_identical_is_adopted_without_a_write(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        before = stack.state[SUBJECT]
        stack.forget()
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert len(writes(emulator)) == int(self.is_untold())
        assert stack.state[SUBJECT] == before

    def test_different_is_refused_by_name_with_both_values(
        self, told: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        stack.forget()
        emulator.clear()
        before = emulator.state()
        with pytest.raises(AdoptionRefused) as refused:
            stack.up(self.program(**self.change(told)))
        is_secret = told in kind_of(self.kind).arguments.marked(Secret)
        assert re.search(told if is_secret else rf"{told}\S* is .*, not ", str(refused.value))
        assert "adopt=True" in str(refused.value)
        assert_readable(refused.value)
        assert writes(emulator) == []
        assert emulator.state() == before

    def test_different_is_adopted_when_told_so(
        self, field: str, stack: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """And what it was is told before it goes, as far as anybody but the service may know."""
        stack.up(self.program())
        stack.forget()
        capfd.readouterr()
        changed = self.program(**self.change(field), adopt=True)
        assert stack.up(changed)[SUBJECT] == "create"
        told, model = capfd.readouterr().out, kind_of(self.kind).arguments
        if field in self.members and field in model.marked(Secret):
            assert re.search(rf": adopt: .*\b{field}(;|$)", told, re.MULTILINE)
        elif field in self.members:
            assert re.search(rf": adopt: .*\b{field}\S* was .*, becomes ", told)
        assert stack.refresh() == {}
        assert stack.up(changed) == {}
        assert stack.up(self.program(**self.change(field))) == {}

    # ---- 8: previews

    def test_any_argument_may_be_unknown(self, argument: str, stack: Stack, offline: None) -> None:
        self.previews_with({**self.known(), argument: UNKNOWN}, argument)

    def test_any_part_of_an_argument_may_be_unknown(self, argument: str, stack: Stack, offline: None) -> None:
        for value in with_one_unknown(self.known().get(argument)):
            self.previews_with({**self.known(), argument: value}, argument)

    # ---- 9: the end

    def test_destroy_leaves_nothing(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        stack.destroy()
        held = emulator.state()
        held.pop("applications", None)
        assert not any(held.values())

    # ---- what the card is told

    @classmethod
    def program(cls, **changes: Any) -> dict[str, Declared]:
        return {**cls.parents, SUBJECT: Declared(cls.kind, {**cls.first, **changes})}

    @classmethod
    def known(cls) -> dict[str, Any]:
        """The first example with ids in place of references, which nobody looks up."""
        forms = {name: kind_of(each.kind).id_form for name, each in cls.parents.items()}
        ids = {name: id_within_nobody(name) if "/" in form else NOBODY for name, form in forms.items()}
        return {key: ids[value.name] if isinstance(value, Ref) else value for key, value in cls.first.items()}

    @classmethod
    def names(cls, group: str) -> list[str]:
        """The arguments that a property is asked of."""
        model = kind_of(cls.kind).arguments
        said = [name for name in model.arguments() if name not in model.marked(Derived)]
        immutable = [name for name in said if name in model.marked(Immutable)]
        groups = {
            "argument": said,
            "immutable": immutable,
            "field": [name for name in said if name not in [*immutable, *model.marked(Local)]],
            "stored": list(cls.members),
            "told": [name for name in cls.members if name in cls.second],
        }
        return groups[group]

    @classmethod
    def change(cls, argument: str) -> dict[str, Any]:
        return {argument: cls.second[argument], **cls.together.get(argument, {})}

    def behind(self, argument: str) -> set[str]:
        """The members of the document that a change of an argument writes."""
        told = {name: member for name, (member, _) in self.members.items()}
        return {(told | self.untold)[name] for name in self.change(argument) if name in told | self.untold}

    def is_untold(self) -> bool:
        """Whether the example holds a secret that the service never tells: then it is written rather than compared."""
        model = kind_of(self.kind).arguments
        return model.parse(self.known()).holds_unreadable_secrets()

    def meaning(self, member: str, value: Any) -> Any:
        """What of a member's value an argument says."""
        return value

    def needs_deletion(self) -> None:
        if self.is_singleton:
            pytest.skip("stays as long as its parent")

    def operations(self) -> dict[str, Operation]:
        full, changed = self.program(), self.program(**self.second)
        update = {"update": Operation.between(full, changed)} if self.second else {}
        return {
            "create": Operation.between(self.parents, full),
            **update,
            "read": Operation(lambda stack: stack.up(full), Stack.refresh),
            "delete": Operation.between(full, self.parents),
        }

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        """The document behind the resource. Overridden where more than one could be meant."""
        product, _, variant = stack.state[SUBJECT].id.partition("/")
        (found,) = [
            each
            for each in emulator.state()[self.collection]
            if each.get("productID", each["id"]) == product and each.get("variantID", "") == variant
        ]
        return found

    def address(self, emulator: Serving, stack: Stack) -> tuple[str, str]:
        document = self.document(emulator, stack)
        return next(key for key, each in by_document(emulator).items() if each == document)

    def path(self, emulator: Serving, stack: Stack) -> str:
        document = self.document(emulator, stack)
        return f"/v1.0/ingestion/products/{document['productID']}/{self.collection}/{document['id']}"

    def lose(self, emulator: Serving, stack: Stack) -> None:
        assert emulator.client.delete(self.path(emulator, stack)).status_code == 204

    def previews_with(self, arguments: Mapping[str, Any], argument: str) -> None:
        """Nothing configured, nobody there: check passes the unknown on, diff counts it as a change."""
        plugin = Plugin({})
        kind = kind_of(self.kind)
        old = plugin.check(self.kind, {}, self.known())
        record = Record(self.kind, NOBODY, old, {**old, "fingerprint": "0" * 32})
        checked = plugin.check(self.kind, old, arguments)
        result = plugin.diff(record, through_rpc(checked))
        assert result.changes
        moving = {argument, *self.follows.get(argument, [])}
        assert set(result.replaces) == moving & set(kind.arguments.marked(Immutable))
        assert plugin.check(self.kind, {}, arguments).keys() == old.keys()


def writes(emulator: Serving) -> list[dict[str, Any]]:
    return [each for each in emulator.requests() if each["method"] != "GET"]


def content(emulator: Serving) -> dict[str, list[str]]:
    """What the emulator holds, without what differs from run to run; where a document names another, `<id>`."""
    return content_of(emulator.state())


def timeless(held: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """The same, also without times, ids of draft instances, and the digests by which submissions are recognised."""
    instances = {each["instanceID"] for each in itertools.chain(*held.values()) if "instanceID" in each}

    def told(text: str) -> str:
        text = re.sub(GUID, lambda found: "<id>" if found[0] in instances else found[0], text)
        return re.sub(rf"{TIME}|(?<=\[content )\w+", "<…>", text)

    return {name: sorted(map(told, texts)) for name, texts in content_of(held).items()}


def content_of(held: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    def told(document: Mapping[str, Any]) -> str:
        return nameless(json.dumps(_lasting(document), sort_keys=True), held)

    return {name: sorted(map(told, documents)) for name, documents in held.items()}


def nameless(text: str, held: Mapping[str, list[dict[str, Any]]]) -> str:
    """The text with `<id>` in place of the id of anything that an emulator holds."""
    ids = {each["id"] for documents in held.values() for each in documents if "id" in each}
    return re.sub(GUID, lambda found: "<id>" if found[0] in ids else found[0], text)


def _lasting(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _lasting(value) for name, value in document.items() if name not in VOLATILE}
    return [_lasting(each) for each in document] if isinstance(document, list) else document


def by_document(emulator: Serving) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (name, each.get("id") or json.dumps({key: each[key] for key in PLACE if key in each})): each
        for name, documents in emulator.state().items()
        for each in documents
    }


def differing(
    before: Mapping[tuple[str, str], Mapping[str, Any]], after: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[tuple[str, str], set[str]]:
    """Names of the members that moved, by document; a document that came or went counts with all of them."""
    moved = {}
    for key in before.keys() | after.keys():
        one, other = before.get(key, {}), after.get(key, {})
        if names := {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}:
            moved[key] = names
    return moved


def with_portal_members(document: Mapping[str, Any], maps: Collection[str]) -> dict[str, Any]:
    """The members that can be written, each object among them and the document itself with one that nobody models."""
    plain = {name: value for name, value in document.items() if name not in {*VOLATILE, "stage"}}
    return {
        **{name: value if name in maps else _marked(value) for name, value in plain.items()},
        PORTAL: "kept",
    }


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: each if n in VOLATILE else _marked(each) for n, each in value.items()} | {PORTAL: "kept"}
    if isinstance(value, list):
        return [_marked(each) for each in value]
    return value


def with_one_unknown(value: Any) -> Iterator[Any]:
    """The value with each of its inner values unknown, in turn."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield {**value, key: UNKNOWN}
            yield from ({**value, key: inner} for inner in with_one_unknown(each))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield [*value[:number], UNKNOWN, *value[number + 1 :]]
            for inner in with_one_unknown(each):
                yield [*value[:number], inner, *value[number + 1 :]]


def assert_readable(error: PartnerCenterError) -> None:
    """At most three lines, and no class name of ours where the engine shows the type."""
    assert len(str(error).splitlines()) <= 3
    assert str(error).strip()


class UnversionedCard(Card):
    """Of a document that has neither id nor etag; `segment` is its path below the product."""

    segment: ClassVar[str]
    is_singleton = True

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        product = stack.state[SUBJECT].id
        (found,) = [each for each in emulator.state()[self.collection] if each["productID"] == product]
        return found

    def path(self, emulator: Serving, stack: Stack) -> str:
        return f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/{self.segment}"
