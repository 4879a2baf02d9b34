"""What the bridge does for every resource, seen with one that has every marker and no service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import ConfigureRequest
from tests.resources.harness import (
    UNKNOWN,
    CheckFailed,
    Declared,
    Plugin,
    Record,
    Stack,
    payload_of,
    through_rpc,
)
from tests.resources.mocked import declared
from tests.unit import safe
from tests.unit.safe import REMOTE, WRITES, Safe

from pulumi_partnercenter import AdoptionRefused, InputError, NotFound
from pulumi_partnercenter.resources._base import DECLARED_NAME

CONFIG = {"partnercenter:endpoint": "http://127.0.0.1:9", "partnercenter:accessToken": "unused"}
KEY, PASSWORD = "k3y-of-contoso", "pa55word-of-contoso"
FULL: dict[str, Any] = {
    "name": "gold",
    "label": "Gold",
    "key": KEY,
    "password": PASSWORD,
    "owners": ["ann", "bob"],
    "size": 3,
}


@pytest.fixture(autouse=True)
def empty_service() -> Iterator[None]:
    REMOTE.clear()
    WRITES.clear()
    yield
    REMOTE.clear()


@pytest.fixture
def stack() -> Stack:
    return Stack(CONFIG)


def program(**changes: Any) -> dict[str, Declared]:
    return {"safe": Declared(Safe, {**FULL, **changes})}


class TestState:
    def test_outputs_hold_every_input_every_output_and_the_digest(self, stack: Stack) -> None:
        stack.up(program())
        outputs = stack.state["safe"].outputs
        assert outputs.keys() == {*FULL, "adopt", "address", "fingerprint", "__provider"}
        assert outputs["size"] == 3

    def test_the_digest_moves_with_the_content_only(self, stack: Stack) -> None:
        def digest(**changes: Any) -> str:
            REMOTE.clear()
            stack.forget()
            stack.up(program(**changes))
            return str(stack.state["safe"].outputs["fingerprint"])

        assert digest() == digest(owners=["bob", "ann"]) == digest(adopt=True) == digest(size=3.0)
        assert len({digest(), digest(label="Au"), digest(key="other"), digest(size=4)}) == 4

    def test_an_output_that_an_older_version_did_not_know_is_filled_in(self, stack: Stack) -> None:
        stack.up(program())
        del stack.state["safe"].outputs["address"]
        assert stack.preview(program()) == {"safe": "update"}
        assert stack.up(program()) == {"safe": "update"}
        assert stack.state["safe"].outputs["address"] == "https://gold.example.com"
        assert stack.up(program()) == {}

    def test_an_argument_that_an_older_version_did_not_know_has_its_default(self, stack: Stack) -> None:
        same = program(size=1)
        stack.up(same)
        for props in (stack.state["safe"].outputs, stack.state["safe"].inputs):
            del props["size"]
        assert stack.up(same) == {}

    def test_state_of_an_older_version_is_upgraded(self, stack: Stack) -> None:
        stack.up(program())
        record = stack.state["safe"]
        for props in (record.outputs, record.inputs):
            props["caption"] = props.pop("label")
        assert stack.up(program()) == {}
        assert stack.refresh() == {}
        assert stack.up(program(label="Au")) == {"safe": "update"}
        assert "caption" not in stack.state["safe"].outputs

    def test_old_inputs_are_upgraded_for_a_check_and_for_a_refresh(
        self, stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A refresh diffs what the service has now with the inputs that the state holds."""
        stack.up(program())
        record, plugin = stack.state["safe"], Plugin(CONFIG)
        older = {**record.inputs, "caption": record.inputs["label"]}
        del older["label"]
        assert not plugin.diff(record, through_rpc(older)).changes
        met: list[dict[str, Any]] = []

        def completed(_: type, props: dict[str, Any], olds: dict[str, Any]) -> dict[str, Any]:
            met.append(dict(olds))
            return dict(props)

        monkeypatch.setattr(safe.SafeArguments, "completed", classmethod(completed))
        plugin.check(Safe, older, FULL)
        assert met[0]["label"] == record.inputs["label"]
        assert "caption" not in met[0]

    def test_state_that_breaks_todays_rules_can_be_diffed_read_and_deleted(self, stack: Stack) -> None:
        stack.up(program())
        REMOTE["gold"]["size"] = "large"
        stack.state["safe"].outputs["size"] = "large"
        stack.state["safe"].inputs["size"] = "large"
        assert stack.preview(program()) == {"safe": "update"}
        assert stack.refresh() == {}
        assert stack.state["safe"].outputs["size"] == "large"
        stack.destroy()
        assert not REMOTE

    def test_a_returned_dictionary_is_never_shared(self) -> None:
        """The plugin writes `__provider` into what it gets."""
        provider = Plugin(CONFIG).provider(payload_of(Safe))
        created = provider.create(through_rpc(FULL))
        assert created.outs
        created.outs["__provider"] = created.outs["owners"] = "overwritten"
        seen = provider.read("safe/gold", through_rpc({**FULL, "fingerprint": ""}))
        assert seen.outs
        assert seen.outs["owners"] == ["ann", "bob"]
        assert seen.inputs is not seen.outs
        news = {**FULL, "owners": ["ann"]}
        provider.check({}, news).inputs["__provider"] = "x"
        assert "__provider" not in news


class TestMarkers:
    def test_unordered_is_compared_as_a_set(self, stack: Stack) -> None:
        stack.up(program())
        assert stack.up(program(owners=["bob", "ann"])) == {}
        assert stack.up(program(owners=["bob"])) == {"safe": "update"}

    def test_immutable_replaces_and_deletes_first(self, stack: Stack) -> None:
        stack.up(program())
        checked = Plugin(CONFIG).check(Safe, {}, program(name="silver")["safe"].arguments)
        result = Plugin(CONFIG).diff(stack.state["safe"], checked)
        assert (result.changes, result.replaces, result.delete_before_replace) == (True, ["name"], True)
        assert stack.up(program(name="silver")) == {"safe": "replace"}
        assert list(REMOTE) == ["silver"]

    def test_a_forced_replacement_deletes_the_old_one_and_makes_a_new_one(self, stack: Stack) -> None:
        """As `pulumi up --replace` asks for it: the engine decides alone, and nothing differs."""
        stack.up(program())
        REMOTE["gold"]["label"] = "of the old one"
        WRITES.clear()
        assert stack.up(program(label="of the old one"), replace={"safe"}) == {"safe": "replace"}
        assert WRITES == ["gold"]
        assert REMOTE["gold"]["owners"] == FULL["owners"]
        assert stack.up(program(label="of the old one")) == {}

    def test_a_forced_replacement_is_asked_for_by_the_constructor(self) -> None:
        """The engine makes the new one first, unless the resource's options say otherwise."""
        assert declared(lambda: Safe("safe", **FULL))["safe"].delete_before_replace
        opts = pulumi.ResourceOptions(delete_before_replace=False)
        assert declared(lambda: Safe("safe", opts=opts, **FULL))["safe"].delete_before_replace

    def test_adopt_is_the_programs_word_and_a_refresh_keeps_it(self, stack: Stack) -> None:
        stack.up(program(adopt=True))
        assert stack.refresh() == {}
        assert stack.state["safe"].inputs["adopt"] is stack.state["safe"].outputs["adopt"] is True
        assert stack.up(program(adopt=True)) == {}

    def test_write_only_is_kept_by_refresh_and_a_new_value_updates(self, stack: Stack) -> None:
        stack.up(program())
        assert stack.refresh() == {}
        assert stack.state["safe"].outputs["password"] == PASSWORD
        assert stack.up(program()) == {}
        assert stack.up(program(password="another")) == {"safe": "update"}
        assert REMOTE["gold"]["password"] == "another"

    @pytest.mark.parametrize("adopt", [False, True])
    def test_a_refresh_keeps_adopt(self, adopt: bool, stack: Stack) -> None:
        stack.up(program(adopt=adopt))
        REMOTE["gold"]["label"] = "of somebody else"
        assert stack.refresh() == {"safe": ["label"]}
        record = stack.state["safe"]
        assert record.inputs["adopt"] is record.outputs["adopt"] is adopt

    def test_a_secret_that_nobody_can_compare_is_written_at_adoption(self, stack: Stack) -> None:
        stack.up(program())
        stack.forget()
        REMOTE["gold"]["password"] = "of-somebody-else"
        WRITES.clear()
        assert stack.up(program()) == {"safe": "create"}
        assert stack.state["safe"].outputs["password"] == REMOTE["gold"]["password"] == PASSWORD
        assert WRITES == ["gold"]
        stack.forget()
        assert stack.up(program(password=None)) == {"safe": "create"}
        assert WRITES == ["gold"]

    def test_the_payload_of_the_provider_is_no_change(self, stack: Stack) -> None:
        stack.up(program())
        stack.state["safe"].outputs["__provider"] = "an older one"
        assert stack.up(program()) == {}


class TestSecrets:
    def test_refusing_to_adopt_names_the_argument_and_hides_both_values(self, stack: Stack) -> None:
        stack.up(program())
        stack.forget()
        with pytest.raises(AdoptionRefused) as refused:
            stack.up(program(key="k3y-of-fabrikam", size=4))
        told = str(refused.value)
        assert "key" in told
        assert "size is 3, not 4" in told
        assert KEY not in told
        assert "fabrikam" not in told

    def test_what_adoption_overwrites_is_told_in_the_same_way(
        self, stack: Stack, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program())
        stack.forget()
        stack.up(program(key="k3y-of-fabrikam", size=4, owners=["ann", "eve"], adopt=True))
        told = capfd.readouterr().out
        assert told.startswith("safe safe/gold: adopt: ")
        assert len(told.splitlines()) == 1
        assert {"key", "size was 3, becomes 4", "owners[1] was 'bob', becomes 'eve'"} == set(
            told.removeprefix("safe safe/gold: adopt: ").rstrip().split("; ")
        )
        assert KEY not in told
        assert "fabrikam" not in told

    @pytest.mark.parametrize("value", [KEY * 3, [KEY], {"in": KEY}])
    def test_a_broken_rule_hides_the_value(self, value: Any) -> None:
        with pytest.raises(CheckFailed) as failed:
            Plugin({}).check(Safe, {}, {**FULL, "key": value})
        assert KEY not in str(failed.value)
        assert "key" in str(failed.value)
        with pytest.raises(InputError) as wrong:
            safe.SafeArguments.parse({**FULL, "key": value})
        assert KEY not in repr(wrong.value)

    def test_failures_name_no_property(self) -> None:
        """For a property the engine would print its value."""
        result = Plugin({}).provider(payload_of(Safe)).check({}, {**FULL, "key": 5, "size": "x"})
        assert [failure.property for failure in result.failures] == ["", ""]

    def test_they_are_secret_on_the_way_in_and_on_the_way_out(self) -> None:
        made = declared(lambda: Safe("safe", **FULL))["safe"]
        assert made.type == "pulumi-python:dynamic/partnercenter:Safe"
        assert made.secret_inputs == {"key", "password"}
        assert made.secret_outputs == {"key", "password", "fingerprint"}
        assert made.inputs == {**FULL, "__provider": payload_of(Safe), DECLARED_NAME: "safe"}

    def test_secrets_of_the_program_are_not_the_users_to_forget(self) -> None:
        opts = pulumi.ResourceOptions(additional_secret_outputs=["label"])
        made = declared(lambda: Safe("safe", opts=opts, **FULL))["safe"]
        assert made.secret_outputs == {"key", "password", "fingerprint", "label"}


class TestPreviews:
    def test_a_rule_over_several_arguments_waits_for_the_last_of_them(self) -> None:
        plugin = Plugin({})
        plugin.check(Safe, {}, {**FULL, "label": UNKNOWN, "key": "k" * 60})
        with pytest.raises(CheckFailed, match="together at most 40"):
            plugin.check(Safe, {}, {**FULL, "label": "", "key": "k" * 60, "owners": UNKNOWN})

    def test_rules_are_judged_again_before_anything_is_made(self, stack: Stack) -> None:
        with pytest.raises(InputError, match="together at most 40"):
            Plugin(CONFIG).provider(payload_of(Safe)).create({**FULL, "label": "a" * 40})
        assert not WRITES

    def test_an_unknown_immutable_argument_may_replace(self, stack: Stack) -> None:
        stack.up(program())
        plugin = Plugin({})
        checked = plugin.check(Safe, {}, {**FULL, "name": UNKNOWN, "size": UNKNOWN})
        assert plugin.diff(stack.state["safe"], checked).replaces == ["name"]


class TestDoubles:
    """One remote object belongs to one resource of a program."""

    def test_a_second_resource_is_refused_and_both_are_named(self, stack: Stack) -> None:
        for other in (program()["safe"], Declared(Safe, {**FULL, "label": "Au"})):
            with pytest.raises(CheckFailed, match=r"'safe' and 'again' are the same safe \(name 'gold'\)"):
                stack.preview({**program(), "again": other})
        assert not WRITES

    def test_another_key_or_an_unknown_one_is_none(self, stack: Stack) -> None:
        plugin = Plugin(CONFIG)
        for name, key in (("one", "gold"), ("two", "silver"), ("three", UNKNOWN), ("four", UNKNOWN)):
            plugin.check(Safe, {}, {**FULL, "name": key}, name)

    def test_what_is_checked_twice_is_one(self, stack: Stack) -> None:
        """A replacement is; a program without the constructor's word, an import for one, tells no name."""
        plugin = Plugin(CONFIG)
        for olds in ({}, FULL, {}):
            plugin.check(Safe, olds, FULL, "one")
        provider = plugin.provider(payload_of(Safe))
        assert not provider.check({}, through_rpc(FULL)).failures

    def test_every_operation_begins_anew(self, stack: Stack) -> None:
        Plugin(CONFIG).check(Safe, {}, FULL, "one")
        Plugin(CONFIG).check(Safe, {}, FULL, "two")

    def test_names_below_components_are_told_apart(self) -> None:
        def two() -> None:
            for shop in ("north", "south"):
                parent = pulumi.ComponentResource("contoso:Shop", shop)
                Safe(f"safe-{shop}", opts=pulumi.ResourceOptions(parent=parent), **FULL)

        made = declared(two)
        assert [made[f"safe-{each}"].inputs[DECLARED_NAME] for each in ("north", "south")] == [
            "north/safe-north",
            "south/safe-south",
        ]

    def test_a_resource_is_a_parent_by_its_own_name(self) -> None:
        """Arguments become attributes: one that the SDK has already would be lost."""
        names: list[object] = []

        def two() -> None:
            parent = Safe("outer", **FULL)
            Safe("inner", opts=pulumi.ResourceOptions(parent=parent), **{**FULL, "name": "inner"})
            names.append(parent.pulumi_resource_name)

        assert declared(two)["inner"].inputs[DECLARED_NAME] == "outer/inner"
        assert names == ["outer"]


class TestReading:
    def test_a_look_up_of_what_is_not_there_fails(self) -> None:
        """An empty answer to `opts.id` would count as success."""
        with pytest.raises(NotFound):
            Plugin(CONFIG).provider(payload_of(Safe)).read("safe/none", {"name": "none", "adopt": False})

    def test_a_look_up_of_what_is_there_tells_all_of_it(self, stack: Stack) -> None:
        stack.up(program())
        got = Plugin(CONFIG).read(
            Record(Safe, "safe/gold", {}, {"name": "gold", "__provider": payload_of(Safe)})
        )
        assert got
        assert got.outputs["address"] == "https://gold.example.com"
        assert got.outputs["owners"] == ["ann", "bob"]


class TestTracebacks:
    def configured(self, config: dict[str, str]) -> None:
        provider = Plugin({}).provider(payload_of(Safe))
        provider.configure(ConfigureRequest(Config(config, "project")))

    def test_errors_are_told_without_them(self) -> None:
        self.configured(CONFIG)
        assert sys.tracebacklimit == 0

    def test_except_when_debugging(self) -> None:
        self.configured({**CONFIG, "partnercenter:log": "debug"})
        assert getattr(sys, "tracebacklimit", 1000) > 0
