"""Check, diff, create, read, update and delete, over a kind whose service is a dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import pytest
from annotated_types import MaxLen

from pulumi_partnercenter import AdoptionRefused, ContractError, InputError, NotFound
from pulumi_partnercenter.kind import Current, Publishes
from pulumi_partnercenter.lifecycle import Checked, Difference, Lifecycle
from pulumi_partnercenter.markers import Immutable, Local, Secret, Unordered, Vocabulary, WriteOnly
from pulumi_partnercenter.messages import Host, redacted
from pulumi_partnercenter.model import Arguments, Outputs
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.values import UNKNOWN

Documents = dict[str, dict[str, Any]]
GONE = "read"


class BoxArguments(Arguments):
    offer: Annotated[str, Immutable]
    label: Annotated[str, Immutable] = "plain"
    colour: Annotated[str, Vocabulary("colour", ["red", "green"])] = "red"
    notes: Annotated[str, MaxLen(20)] = ""
    tags: Annotated[list[str], Unordered] = []
    password: Annotated[str, Secret] = ""
    key: Annotated[str, Secret, WriteOnly] = ""
    path: Annotated[str, Local] = ""
    origin: Annotated[str, Immutable, WriteOnly] = ""


class BoxOutputs(Outputs):
    place: str


class Boxes(Publishes[Documents, BoxArguments, BoxOutputs]):
    """Boxes of an offer. The service is a dictionary from `product/label` to members."""

    noun = "box"
    id_form = "<product>/<label>"
    arguments = BoxArguments
    outputs = BoxOutputs

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.calls: list[str] = []
        self.published: frozenset[str] = frozenset()
        self.fresh: set[str] = set()
        self.remarks: list[str] = []
        self.drift: dict[str, str] = {}
        self.is_done = True
        self.is_held = False

    def open_client(self, settings: Any, host: Host) -> Documents:
        self.calls.append(f"open {settings}")
        host.progress("opened")
        return self.documents

    def list_published(self, client: Documents, offer: str) -> frozenset[str]:
        assert client is self.documents
        self.calls.append(f"list published of {offer}")
        return self.published

    @contextmanager
    def hold(self, client: Documents, desired: BoxArguments) -> Iterator[None]:
        assert client is self.documents
        assert isinstance(desired, BoxArguments)
        self.is_held = True
        yield
        self.is_held = False

    def find(self, client: Documents, desired: BoxArguments) -> Current[BoxOutputs] | None:
        assert self.is_held
        id = f"{desired.offer}/{desired.label}"
        return self._current(client, id) if id in client else None

    def create(self, client: Documents, desired: BoxArguments) -> Current[BoxOutputs]:
        assert self.is_held
        if desired.offer not in {id.split("/")[0] for id in client}:
            raise NotFound(f"offer {desired.offer}: {GONE}", said="no such offer", status=404)
        return self._write("create", client, f"{desired.offer}/{desired.label}", desired)

    def read(self, client: Documents, id: str) -> Current[BoxOutputs]:
        self.calls.append("read")
        return self._current(client, id)

    def update(self, client: Documents, id: str, desired: BoxArguments) -> Current[BoxOutputs]:
        self._current(client, id)
        return self._write("update", client, id, desired)

    def remove(self, client: Documents, id: str, state: Mapping[str, Any]) -> None:
        self.calls.append(f"delete {id} {state.get('notes')}")
        if client.pop(id, None) is None:
            raise NotFound("gone", status=404)

    def locked_changes(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        return [f"locked: {old['notes']} to {desired['notes']}"]

    def irreparable_drift(self, state: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, str]:
        assert state["label"]
        assert desired["label"]
        return self.drift

    def is_settled(self, state: Mapping[str, Any]) -> bool:
        assert state["label"]
        return self.is_done

    def describe_change(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        return [f"change: {old.get('notes', 'nothing')} to {desired['notes']}"]

    def warnings(self, desired: Mapping[str, Any]) -> list[str]:
        assert desired["label"]
        return self.remarks

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        return {"notes" if name == "comment" else name: value for name, value in props.items()}

    def _write(self, verb: str, client: Documents, id: str, desired: BoxArguments) -> Current[BoxOutputs]:
        self.calls.append(verb)
        written = desired.to_json()
        client[id] = {
            name: written[name] for name in written if name not in ("adopt", "key", "path", "origin")
        }
        return self._current(client, id)

    def _current(self, client: Documents, id: str) -> Current[BoxOutputs]:
        if id not in client:
            raise NotFound(f"box {id}: {GONE}", said="no such box", status=404)
        arguments = self.arguments.canonical(client[id])
        return Current(id, arguments, BoxOutputs(place=f"shelf of {id}"), id in self.fresh)


class Screen:
    """A host that records messages and progress."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.progresses: list[str] = []

    def message(self, text: str, /) -> None:
        self.messages.append(text)

    def progress(self, text: str, /) -> None:
        self.progresses.append(text)


class Desk:
    """A lifecycle of boxes, its service with an offer `p`, its host and its operation."""

    def __init__(self, kind: type[Boxes] = Boxes) -> None:
        self.documents: Documents = {"p/base": {"offer": "p", "label": "base"}}
        self.kind, self.screen, self.operation = kind(self.documents), Screen(), Operation()
        self.lifecycle = self.another("Box")

    def another(self, known_as: str) -> Lifecycle:
        """Return another lifecycle of the same operation."""
        settings: Any = lambda: "settings"  # noqa: E731
        return Lifecycle(self.kind, known_as, self.screen, self.operation, settings)

    def inputs(self, **arguments: Any) -> dict[str, Any]:
        return BoxArguments.canonical({"offer": "p", "label": "a", **arguments})

    def put(self, **arguments: Any) -> dict[str, Any]:
        """Create a box in a separate operation. Return its outputs."""
        other = Desk.__new__(Desk)
        other.kind, other.screen, other.operation = self.kind, Screen(), Operation()
        state = other.another("Box").create(self.inputs(**arguments))
        self.kind.calls.clear()
        return state.outputs


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestCheck:
    def test_defaults_are_filled_in_without_a_request(self, desk: Desk) -> None:
        checked = desk.lifecycle.check({}, {"offer": "p", "notes": None}, "box")
        assert checked == Checked(BoxArguments.canonical({"offer": "p"}), [])
        assert desk.kind.calls == []

    def test_broken_rules_are_named_and_leave_no_inputs(self, desk: Desk) -> None:
        checked = desk.lifecycle.check({}, {"offer": "p", "notes": "x" * 21}, "box")
        assert checked.inputs == {}
        assert [problem.split(":")[0] for problem in checked.problems] == ["notes"]
        assert desk.operation.checked == set()
        assert desk.screen.messages == []

    def test_a_rule_of_completion_is_a_problem(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
            raise ValueError(f"{props['notes']} after {olds['notes']}")

        monkeypatch.setattr(BoxArguments, "completed", refuse)
        checked = desk.lifecycle.check(
            {"offer": "p", "comment": "old"}, {"offer": "p", "notes": "new"}, "box"
        )
        assert checked == Checked({}, ["new after old"])

    def test_two_resources_of_one_remote_object_are_refused_by_both_names(self, desk: Desk) -> None:
        assert desk.lifecycle.check({}, desk.inputs(), "first").problems == []
        checked = desk.lifecycle.check({}, desk.inputs(notes="other"), "second")
        assert checked.inputs == {}
        (problem,) = checked.problems
        assert problem == (
            "'first' and 'second' are the same box (offer 'p', label 'a', origin ''): one remote object belongs to one"
            " resource; remove one of them"
        )

    def test_a_resource_is_checked_twice_and_objects_of_other_kinds_are_others(self, desk: Desk) -> None:
        assert desk.lifecycle.check({}, desk.inputs(), "box").problems == []
        assert desk.lifecycle.check({}, desk.inputs(), "box").problems == []
        assert desk.another("Crate").check({}, desk.inputs(), "crate").problems == []

    @pytest.mark.parametrize(("name", "offer"), [("", "p"), ("second", UNKNOWN)])
    def test_without_a_name_or_with_an_unknown_key_nothing_is_a_double(
        self, desk: Desk, name: str, offer: Any
    ) -> None:
        assert desk.lifecycle.check({}, desk.inputs(offer=offer), "first").problems == []
        assert desk.lifecycle.check({}, desk.inputs(offer=offer), name).problems == []

    def test_the_order_of_the_members_of_a_key_means_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = iter(
            [{"offer": "p", "label": "a"}, {"label": "a", "offer": "p"}, {"label": "b", "offer": "p"}]
        )
        monkeypatch.setattr(desk.kind, "natural_key", lambda _: next(keys))
        assert desk.lifecycle.check({}, desk.inputs(), "first").problems == []
        assert desk.lifecycle.check({}, desk.inputs(), "second").problems != []
        assert desk.lifecycle.check({}, desk.inputs(), "third").problems == []

    def test_a_new_resource_is_described_with_its_warnings_once(self, desk: Desk) -> None:
        desk.kind.remarks = ["mind the shelf"]
        expected = [
            "mind the shelf",
            "change: nothing to n",
            "box: colour: 'rad' is not a colour known to this provider; did you mean red?",
        ]
        desk.lifecycle.check({}, desk.inputs(notes="n", colour="rad"), "box")
        assert desk.screen.messages == expected
        desk.lifecycle.check({}, desk.inputs(notes="n", colour="rad"), "box")
        assert desk.screen.messages == expected

    def test_an_existing_resource_is_described_by_diff_and_not_here(self, desk: Desk) -> None:
        desk.kind.remarks = ["mind the shelf"]
        desk.lifecycle.check(desk.inputs(), desk.inputs(notes="n"), "box")
        assert desk.screen.messages == ["mind the shelf"]

    def test_no_message_shows_a_secret_of_the_program(self, desk: Desk) -> None:
        desk.lifecycle.check({}, desk.inputs(password="correct-horse-battery"), "box")
        assert "correct-horse-battery" not in redacted("it was correct-horse-battery")


class TestDiff:
    def diff(self, desk: Desk, olds: Mapping[str, Any], **arguments: Any) -> Difference:
        return desk.lifecycle.diff("p/a", olds, {**desk.inputs(), **arguments})

    def test_the_same_arguments_change_nothing(self, desk: Desk) -> None:
        olds = desk.put(tags=["x", "y"])
        assert self.diff(desk, olds, tags=["y", "x"]) == Difference(
            changes=False, replaces=[], delete_before_replace=False
        )
        assert desk.screen.messages == []
        assert desk.kind.calls == []

    def test_another_value_is_an_update_and_described(self, desk: Desk) -> None:
        olds = desk.put(notes="old")
        assert self.diff(desk, olds, notes="new", colour="rad") == Difference(
            changes=True, replaces=[], delete_before_replace=False
        )
        assert desk.screen.messages == [
            "change: old to new",
            "box: colour: 'rad' is not a colour known to this provider; did you mean red?",
        ]

    def test_only_words_that_changed_are_remarked(self, desk: Desk) -> None:
        olds = desk.put(colour="rad")
        self.diff(desk, olds, colour="rad", notes="new")
        assert desk.screen.messages == ["change:  to new"]

    def test_an_immutable_argument_replaces_and_the_old_one_goes_first(self, desk: Desk) -> None:
        assert self.diff(desk, desk.put(), label="b", notes="n") == Difference(
            changes=True, replaces=["label"], delete_before_replace=True
        )

    def test_a_kind_keyed_by_content_deletes_the_old_object_last(self) -> None:
        class Sealed(Boxes):
            is_keyed_by_content = True

        desk = Desk(Sealed)
        assert not self.diff(desk, desk.put(), label="b").delete_before_replace

    def test_an_unknown_is_a_change(self, desk: Desk) -> None:
        assert self.diff(desk, desk.put(), notes=UNKNOWN).changes

    def test_state_of_an_older_version_is_read(self, desk: Desk) -> None:
        olds = desk.put(notes="n")
        del olds["notes"]
        assert not self.diff(desk, {**olds, "comment": "n"}, notes="n").changes

    @pytest.mark.parametrize("output", ["place", "fingerprint"])
    def test_an_output_that_this_version_added_is_a_change(self, desk: Desk, output: str) -> None:
        olds = desk.put()
        del olds[output]
        assert self.diff(desk, olds).changes

    def test_an_object_that_is_not_settled_is_updated(self, desk: Desk) -> None:
        olds = desk.put()
        desk.kind.is_done = False
        assert self.diff(desk, olds) == Difference(changes=True, replaces=[], delete_before_replace=False)

    def test_drift_that_nothing_mends_is_a_warning_and_no_change(self, desk: Desk) -> None:
        olds = desk.put(notes="old")
        desk.kind.drift = {"notes": "somebody wrote notes"}
        assert not self.diff(desk, olds, notes="new").changes
        assert desk.screen.messages == ["somebody wrote notes"]

    def test_locked_changes_are_shown_inside_a_published_offer(self, desk: Desk) -> None:
        olds = desk.put(notes="old")
        self.diff(desk, olds, notes="new")
        assert not any(message.startswith("locked") for message in desk.screen.messages)
        desk.operation.published.add("p")
        self.diff(desk, olds, notes="old")
        assert not any(message.startswith("locked") for message in desk.screen.messages)
        self.diff(desk, olds, notes="new")
        assert "locked: old to new" in desk.screen.messages


class Racks(Boxes):
    """Boxes that cannot be deleted once they were published."""

    noun = "rack"
    stays_once_published = True


class TestReplacementOfWhatStays:
    @pytest.fixture
    def desk(self) -> Desk:
        return Desk(Racks)

    def test_a_published_one_is_not_replaced(self, desk: Desk) -> None:
        olds = {**desk.put(), "published": True}
        news = desk.inputs(label="b")
        desk.lifecycle.check(olds, news, "rack")
        with pytest.raises(InputError) as caught:
            desk.lifecycle.diff("p/a", olds, news)
        assert str(caught.value) == (
            "rack p/a was published and cannot be replaced: label is 'a', not 'b'\n"
            "  next: write the old label back; for another rack declare another resource, and keep this one in"
            " Partner Center with retain_on_delete=True"
        )

    def test_the_refusal_names_every_argument(self, desk: Desk) -> None:
        olds = {**desk.put(), "published": True}
        news = desk.inputs(offer="q", label="b")
        desk.lifecycle.check(olds, news, "rack")
        with pytest.raises(InputError, match="write the old offer and label back"):
            desk.lifecycle.diff("p/a", olds, news)

    def test_the_refusal_shows_no_secret(self) -> None:
        class CodedArguments(BoxArguments):
            code: Annotated[str, Immutable, Secret] = ""

        class Coded(Racks):
            arguments = CodedArguments

        desk = Desk(Coded)
        olds, news = (
            CodedArguments.canonical({"offer": "p", "code": code}) | {"published": True}
            for code in ("4711", "0815")
        )
        desk.lifecycle.check(olds, {"offer": "p", "code": "0815"}, "rack")
        with pytest.raises(InputError) as caught:
            desk.lifecycle.diff("p/a", olds, news)
        assert caught.value.doing == "rack p/a was published and cannot be replaced: code"

    @pytest.mark.parametrize("published", [True, False])
    def test_a_refresh_only_shows_what_it_read(self, desk: Desk, published: bool) -> None:
        olds = {**desk.put(), "published": published}
        assert desk.lifecycle.diff("p/a", olds, desk.inputs(label="b")).replaces == ["label"]

    def test_one_that_was_not_published_is_replaced_and_leaves(self, desk: Desk) -> None:
        olds = {**desk.put(), "published": False}
        news = desk.inputs(label="b")
        desk.lifecycle.check(olds, news, "rack")
        desk.operation.declare("p/a")
        assert desk.lifecycle.diff("p/a", olds, news).replaces == ["label"]
        assert not desk.operation.is_kept("p/a")
        assert desk.operation.published == set()

    def test_an_unknown_argument_defers_the_refusal(self, desk: Desk) -> None:
        olds = {**desk.put(), "published": True}
        news = desk.inputs(label=UNKNOWN)
        desk.lifecycle.check(olds, news, "rack")
        assert desk.lifecycle.diff("p/a", olds, news).replaces == ["label"]

    def test_one_that_goes_on_is_declared_and_known_to_be_published(self, desk: Desk) -> None:
        olds = {**desk.put(), "published": True}
        assert not desk.lifecycle.diff("p/a", olds, desk.inputs()).changes
        assert desk.operation.is_kept("p/a")
        assert desk.operation.published == {"p/a"}

    def test_a_new_one_is_declared(self, desk: Desk) -> None:
        desk.lifecycle.create(desk.inputs())
        assert desk.operation.is_kept("p/a")


class TestCreate:
    def test_an_object_that_does_not_exist_is_created(self, desk: Desk) -> None:
        state = desk.lifecycle.create(desk.inputs(notes="n", key="k", path="here"))
        assert state.id == "p/a"
        assert state.inputs == desk.inputs(notes="n", key="k", path="here")
        outputs = {"place": "shelf of p/a", "fingerprint": BoxArguments.fingerprint(state.inputs)}
        assert state.outputs == {**state.inputs, **outputs}
        assert desk.kind.calls == ["open settings", "create"]
        assert not desk.kind.is_held

    def test_the_client_is_opened_once_and_reports_progress_to_people(self, desk: Desk) -> None:
        desk.lifecycle.create(desk.inputs())
        desk.lifecycle.update("p/a", desk.inputs(notes="n"))
        assert [call for call in desk.kind.calls if call.startswith("open")] == ["open settings"]
        assert desk.screen.progresses == ["opened"]

    def test_an_identical_object_is_adopted_without_a_write(self, desk: Desk) -> None:
        desk.documents["p/a"] = {"offer": "p", "label": "a", "tags": ["x", "y"]}
        state = desk.lifecycle.create(desk.inputs(tags=["y", "x"]))
        assert state.id == "p/a"
        assert "create" not in desk.kind.calls
        assert "update" not in desk.kind.calls
        assert desk.screen.messages == []

    def test_secrets_that_cannot_be_compared_are_written(self, desk: Desk) -> None:
        desk.documents["p/a"] = {"offer": "p", "label": "a"}
        desk.lifecycle.create(desk.inputs(key="k"))
        assert desk.kind.calls[-1] == "update"

    def test_an_adoption_of_a_different_object_is_refused_with_its_differences(self, desk: Desk) -> None:
        desk.documents["p/a"] = {
            "offer": "p",
            "label": "a",
            "notes": "theirs",
            "password": "old-secret-value",
        }
        with pytest.raises(AdoptionRefused) as caught:
            desk.lifecycle.create(desk.inputs(notes="mine", password="new-secret-value"))
        assert str(caught.value) == (
            "box p/a exists already and differs: notes is 'theirs', not 'mine'; password\n"
            "  next: write what exists into the program, or set adopt=True to overwrite it"
        )
        assert desk.documents["p/a"]["notes"] == "theirs"

    def test_adopt_overwrites_and_says_what(self, desk: Desk) -> None:
        desk.documents["p/a"] = {"offer": "p", "label": "a", "notes": "theirs"}
        state = desk.lifecycle.create(desk.inputs(notes="mine", adopt=True))
        assert desk.documents["p/a"]["notes"] == "mine"
        assert desk.screen.messages == ["box p/a: adopt: notes was 'theirs', becomes 'mine'"]
        assert state.inputs["adopt"] is True

    def test_an_unchanged_new_object_is_adopted_without_a_message(self, desk: Desk) -> None:
        desk.documents["p/a"] = {"offer": "p", "label": "a", "notes": "made by the service"}
        desk.kind.fresh.add("p/a")
        desk.lifecycle.create(desk.inputs(notes="mine"))
        assert desk.documents["p/a"]["notes"] == "mine"
        assert desk.screen.messages == []

    @pytest.mark.parametrize("is_fresh", [True, False])
    def test_a_different_immutable_argument_is_never_adopted(self, is_fresh: bool) -> None:
        class ByOffer(Boxes):
            def find(self, client: Documents, desired: BoxArguments) -> Current[BoxOutputs] | None:
                return self._current(client, "p/base")

        desk = Desk(ByOffer)
        desk.kind.fresh.update({"p/base"} if is_fresh else ())
        with pytest.raises(AdoptionRefused) as caught:
            desk.lifecycle.create(desk.inputs(adopt=True))
        assert str(caught.value) == (
            "box p/base exists already and differs: label is 'base', not 'a'\n"
            "  next: label cannot change in place: write the value that exists, or choose another name"
        )

    def test_every_argument_that_cannot_change_is_named(self) -> None:
        class ByNothing(Boxes):
            def find(self, client: Documents, desired: BoxArguments) -> Current[BoxOutputs] | None:
                return self._current(client, "p/base")

        desk = Desk(ByNothing)
        with pytest.raises(AdoptionRefused) as caught:
            desk.lifecycle.create(desk.inputs(offer="q", adopt=True))
        assert caught.value.next.startswith("offer, label cannot change in place: ")

    def test_a_missing_parent_has_its_next_step(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as caught:
            desk.lifecycle.create(desk.inputs(offer="q"))
        assert str(caught.value) == (
            "offer q: read\n  service: no such offer\n"
            "  next: if its offer or plan was deleted, `pulumi refresh` notices, and `pulumi up` creates it again"
        )

    def test_advice_of_the_kind_stays(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(client: Documents, desired: BoxArguments) -> None:
            raise NotFound("offer q", next="ask Contoso", status=404)

        monkeypatch.setattr(desk.kind, "find", refuse)
        with pytest.raises(NotFound) as caught:
            desk.lifecycle.create(desk.inputs())
        assert caught.value.next == "ask Contoso"

    def test_broken_rules_send_nothing(self, desk: Desk) -> None:
        with pytest.raises(InputError, match="notes"):
            desk.lifecycle.create(desk.inputs(notes="x" * 21))
        assert desk.kind.calls == []

    def test_an_answer_with_another_immutable_value_is_refused(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer(client: Documents, desired: BoxArguments) -> Current[BoxOutputs]:
            return desk.kind._current(client, "p/base")

        monkeypatch.setattr(desk.kind, "create", answer)
        with pytest.raises(ContractError) as caught:
            desk.lifecycle.create(desk.inputs())
        assert str(caught.value).startswith(
            "box p/base: the answer has other values of what never changes: label 'base' instead of 'a'\n"
            "  next: the response was not used"
        )


class TestRead:
    def test_a_read_takes_the_services_values_and_keeps_unreadable_ones(self, desk: Desk) -> None:
        state = desk.put(key="k", path="here", origin="there", notes="old", adopt=True)
        desk.documents["p/a"]["notes"] = "theirs"
        read = desk.lifecycle.read("p/a", state)
        assert read is not None
        assert read.id == "p/a"
        assert read.inputs == desk.inputs(key="k", path="here", origin="there", notes="theirs", adopt=True)
        assert read.outputs["fingerprint"] == BoxArguments.fingerprint(read.inputs) != state["fingerprint"]

    def test_a_confirmed_absence_is_gone(self, desk: Desk) -> None:
        state = desk.put()
        del desk.documents["p/a"]
        assert desk.lifecycle.read("p/a", state) is None

    def test_a_look_up_of_nothing_is_an_error(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as caught:
            desk.lifecycle.read("p/zzz", {})
        assert str(caught.value) == (
            "box p/zzz: box p/zzz: read\n  service: no such box\n  next: check the id that `opts.id` names"
        )
        assert caught.value.status == 404

    def test_a_look_up_takes_what_the_service_has(self, desk: Desk) -> None:
        state = desk.lifecycle.read("p/base", {})
        assert state is not None
        assert state.inputs == BoxArguments.canonical({"offer": "p", "label": "base"})

    @pytest.mark.parametrize("id", ["p", "p/", "/a", "p/a/b", "", "p/\x1b[2J"])
    def test_an_id_of_another_form_is_refused_before_a_request(self, desk: Desk, id: str) -> None:
        with pytest.raises(InputError) as caught:
            desk.lifecycle.read(id, {})
        assert caught.value.doing.startswith("box ")
        assert str(caught.value).endswith(": its id has the form <product>/<label>")
        assert desk.kind.calls == []

    def test_another_immutable_value_is_no_drift(self, desk: Desk) -> None:
        state = desk.put()
        desk.documents["p/a"]["label"] = "z"
        with pytest.raises(ContractError, match="label 'z' instead of 'a'"):
            desk.lifecycle.read("p/a", state)

    def test_an_immutable_argument_that_the_portal_can_change_is_drift(self) -> None:
        class Loose(Boxes):
            may_drift = ("label",)

        desk = Desk(Loose)
        state = desk.put()
        desk.documents["p/a"]["label"] = "z"
        read = desk.lifecycle.read("p/a", state)
        assert read is not None
        assert read.inputs["label"] == "z"

    def test_an_immutable_argument_that_the_state_lacks_is_not_compared(self, desk: Desk) -> None:
        state = desk.put()
        del state["label"]
        assert desk.lifecycle.read("p/a", state) is not None

    def test_a_secret_that_cannot_change_is_not_shown(self) -> None:
        class LockedArguments(BoxArguments):
            code: Annotated[str, Immutable, Secret] = ""
            shelf: Annotated[str, Immutable, Local] = ""

        class Locked(Boxes):
            arguments = LockedArguments

        desk = Desk(Locked)
        desk.documents["p/a"] = {"offer": "p", "label": "a", "code": "4711"}
        state = LockedArguments.canonical({**desk.documents["p/a"], "code": "0815", "shelf": "left"})
        with pytest.raises(ContractError) as caught:
            desk.lifecycle.read("p/a", {**state, "fingerprint": "0"})
        assert caught.value.doing == "box p/a: the answer has other values of what never changes: code"

    def test_an_immutable_argument_of_the_program_alone_is_not_compared(self) -> None:
        class LocalArguments(BoxArguments):
            shelf: Annotated[str, Immutable, Local] = ""

        class Shelved(Boxes):
            arguments = LocalArguments

        desk = Desk(Shelved)
        state = LocalArguments.canonical({"offer": "p", "label": "base", "shelf": "left"})
        read = desk.lifecycle.read("p/base", {**state, "fingerprint": "0"})
        assert read is not None
        assert read.inputs["shelf"] == "left"


class TestUpdate:
    def test_it_writes_and_returns_the_new_state(self, desk: Desk) -> None:
        desk.put(notes="old")
        state = desk.lifecycle.update("p/a", desk.inputs(notes="new", key="k"))
        assert (state.id, state.inputs) == ("p/a", desk.inputs(notes="new", key="k"))
        assert desk.documents["p/a"]["notes"] == "new"

    def test_updating_an_object_that_is_gone_advises_a_refresh(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as caught:
            desk.lifecycle.update("p/a", desk.inputs())
        assert str(caught.value) == (
            "box p/a: box p/a: read\n  service: no such box\n"
            "  next: it was deleted: `pulumi refresh` removes it from the state, and `pulumi up` then creates it again"
        )
        assert caught.value.__suppress_context__

    def test_an_answer_with_another_immutable_value_is_refused(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.put()
        answer = Current("p/a", desk.inputs(label="b"), BoxOutputs(place=""))
        monkeypatch.setattr(desk.kind, "update", lambda *_: answer)
        with pytest.raises(ContractError, match="label 'b' instead of 'c'"):
            desk.lifecycle.update("p/a", desk.inputs(label="c"))

    def test_no_later_message_shows_a_secret_of_it(self, desk: Desk) -> None:
        desk.put()
        desk.lifecycle.update("p/a", desk.inputs(key="correct-horse-battery"))
        assert "correct-horse-battery" not in redacted("it was correct-horse-battery")


class TestDelete:
    def test_it_deletes_with_the_state_of_this_version(self, desk: Desk) -> None:
        state = desk.put(notes="n")
        del state["notes"]
        desk.lifecycle.delete("p/a", {**state, "comment": "n"})
        assert "p/a" not in desk.documents
        assert desk.kind.calls[-1] == "delete p/a n"

    def test_deleting_an_object_that_is_gone_succeeds(self, desk: Desk) -> None:
        state = desk.put()
        del desk.documents["p/a"]
        desk.lifecycle.delete("p/a", state)

    def test_another_name_in_the_program_keeps_it(self, desk: Desk) -> None:
        state = desk.put()
        desk.lifecycle.check(desk.inputs(), desk.inputs(), "another name")
        desk.lifecycle.delete("p/a", state)
        assert "p/a" in desk.documents

    def test_another_object_of_the_kind_keeps_nothing(self, desk: Desk) -> None:
        state = desk.put()
        desk.lifecycle.check(desk.inputs(label="b"), desk.inputs(label="b"), "other")
        desk.lifecycle.delete("p/a", state)
        assert "p/a" not in desk.documents

    def test_an_object_created_in_this_operation_is_not_deleted(self, desk: Desk) -> None:
        desk.lifecycle.create(desk.inputs())
        desk.lifecycle.delete("p/a", desk.inputs())
        assert "p/a" in desk.documents

    def test_a_forced_replacement_deletes_the_old_one(self, desk: Desk) -> None:
        state = desk.put()
        desk.lifecycle.check(desk.inputs(), desk.inputs(), "box")
        desk.lifecycle.check({}, desk.inputs(), "box")
        desk.lifecycle.delete("p/a", state)
        assert "p/a" not in desk.documents

    def test_another_kind_of_the_same_arguments_keeps_nothing(self, desk: Desk) -> None:
        state = desk.put()
        desk.another("Crate").check(desk.inputs(), desk.inputs(), "crate")
        desk.lifecycle.delete("p/a", state)
        assert "p/a" not in desk.documents

    def test_a_part_of_a_published_offer_that_goes_as_a_whole_stays(self, desk: Desk) -> None:
        state = desk.put()
        desk.kind.published = frozenset({"p"})
        desk.lifecycle.delete("p/a", state)
        assert "p/a" in desk.documents
        assert "list published of p" in desk.kind.calls
        assert desk.screen.messages == ["kept: the draft of offer p stays as it is, because it was published"]

    def test_a_part_that_was_taken_out_of_a_published_offer_goes(self, desk: Desk) -> None:
        state = desk.put()
        desk.kind.published = frozenset({"p"})
        desk.lifecycle.check({}, desk.inputs(label="other"), "other")
        desk.lifecycle.delete("p/a", state)
        assert "p/a" not in desk.documents
        assert not any(call.startswith("list published") for call in desk.kind.calls)

    def test_the_deletion_of_a_published_object_is_left_to_the_service(self, desk: Desk) -> None:
        state = desk.put()
        desk.kind.published = frozenset({"p", "p/a"})
        desk.lifecycle.delete("p/a", state)
        assert desk.kind.calls[-1].startswith("delete p/a")

    def test_a_kind_that_keeps_its_draft_is_deleted_even_in_a_published_offer(self) -> None:
        class Stamps(Boxes):
            keeps_draft = True

        desk = Desk(Stamps)
        state = desk.put()
        desk.kind.published = frozenset({"p"})
        desk.lifecycle.delete("p/a", state)
        assert "p/a" not in desk.documents
