"""The dynamic-provider host and the lifecycle, with a resource that has every marker and no service."""

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
    Declaration,
    Plugin,
    Record,
    Stack,
    payload_of,
    through_rpc,
)
from tests.resources.mocked import register_program
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


def program(**changes: Any) -> dict[str, Declaration]:
    return {"safe": Declaration(Safe, {**FULL, **changes})}


class TestState:
    def test_state_holds_every_input_every_output_and_the_fingerprint(self, stack: Stack) -> None:
        stack.up(program())
        outputs = stack.state["safe"].outputs
        assert outputs.keys() == {*FULL, "adopt", "address", "fingerprint", "__provider"}
        assert outputs["size"] == 3

    def test_the_fingerprint_changes_with_the_arguments_only(self, stack: Stack) -> None:
        def digest(**changes: Any) -> str:
            REMOTE.clear()
            stack.forget()
            stack.up(program(**changes))
            return str(stack.state["safe"].outputs["fingerprint"])

        assert digest() == digest(owners=["bob", "ann"]) == digest(adopt=True) == digest(size=3.0)
        assert len({digest(), digest(label="Au"), digest(key="other"), digest(size=4)}) == 4

    def test_an_output_missing_in_older_state_is_added(self, stack: Stack) -> None:
        stack.up(program())
        del stack.state["safe"].outputs["address"]
        assert stack.preview(program()) == {"safe": "update"}
        assert stack.up(program()) == {"safe": "update"}
        assert stack.state["safe"].outputs["address"] == "https://gold.example.com"
        assert stack.up(program()) == {}

    def test_an_argument_missing_in_older_state_has_its_default(self, stack: Stack) -> None:
        declarations = program(size=1)
        stack.up(declarations)
        for props in (stack.state["safe"].outputs, stack.state["safe"].inputs):
            del props["size"]
        assert stack.up(declarations) == {}

    def test_state_of_an_older_version_is_upgraded(self, stack: Stack) -> None:
        stack.up(program())
        record = stack.state["safe"]
        for props in (record.outputs, record.inputs):
            props["caption"] = props.pop("label")
        assert stack.up(program()) == {}
        assert stack.refresh() == {}
        assert stack.up(program(label="Au")) == {"safe": "update"}
        assert "caption" not in stack.state["safe"].outputs

    def test_older_inputs_are_upgraded_for_check_and_refresh(
        self, stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A refresh compares the service's current values with the inputs in state."""
        stack.up(program())
        record, plugin = stack.state["safe"], Plugin(CONFIG)
        older_inputs = {**record.inputs, "caption": record.inputs["label"]}
        del older_inputs["label"]
        assert not plugin.diff(record, through_rpc(older_inputs)).changes
        old_inputs: list[dict[str, Any]] = []

        def record_old_inputs(
            _: type, props: dict[str, Any], old_arguments: dict[str, Any]
        ) -> dict[str, Any]:
            old_inputs.append(dict(old_arguments))
            return dict(props)

        monkeypatch.setattr(safe.SafeArguments, "completed", classmethod(record_old_inputs))
        plugin.check(Safe, older_inputs, FULL)
        assert old_inputs[0]["label"] == record.inputs["label"]
        assert "caption" not in old_inputs[0]

    def test_state_that_breaks_a_rule_can_be_diffed_read_and_deleted(self, stack: Stack) -> None:
        stack.up(program())
        REMOTE["gold"]["size"] = "large"
        stack.state["safe"].outputs["size"] = "large"
        stack.state["safe"].inputs["size"] = "large"
        assert stack.preview(program()) == {"safe": "update"}
        assert stack.refresh() == {}
        assert stack.state["safe"].outputs["size"] == "large"
        stack.destroy()
        assert not REMOTE

    def test_returned_dictionaries_are_never_shared(self) -> None:
        """The SDK's plugin adds `__provider` to returned dictionaries."""
        provider = Plugin(CONFIG).provider(payload_of(Safe))
        created = provider.create(through_rpc(FULL))
        assert created.outs
        created.outs["__provider"] = created.outs["owners"] = "overwritten"
        current = provider.read("safe/gold", through_rpc({**FULL, "fingerprint": ""}))
        assert current.outs
        assert current.outs["owners"] == ["ann", "bob"]
        assert current.inputs is not current.outs
        news = {**FULL, "owners": ["ann"]}
        provider.check({}, news).inputs["__provider"] = "x"
        assert "__provider" not in news


class TestMarkers:
    def test_an_unordered_argument_is_compared_as_a_set(self, stack: Stack) -> None:
        stack.up(program())
        assert stack.up(program(owners=["bob", "ann"])) == {}
        assert stack.up(program(owners=["bob"])) == {"safe": "update"}

    def test_a_change_of_an_immutable_argument_replaces_and_deletes_first(self, stack: Stack) -> None:
        stack.up(program())
        inputs = Plugin(CONFIG).check(Safe, {}, program(name="silver")["safe"].arguments)
        result = Plugin(CONFIG).diff(stack.state["safe"], inputs)
        assert (result.changes, result.replaces, result.delete_before_replace) == (True, ["name"], True)
        assert stack.up(program(name="silver")) == {"safe": "replace"}
        assert list(REMOTE) == ["silver"]

    def test_a_forced_replacement_deletes_the_old_resource_and_creates_a_new(self, stack: Stack) -> None:
        """`pulumi up --replace` replaces a resource without a difference."""
        stack.up(program())
        REMOTE["gold"]["label"] = "of the old plan"
        WRITES.clear()
        assert stack.up(program(label="of the old plan"), replace={"safe"}) == {"safe": "replace"}
        assert WRITES == ["gold"]
        assert REMOTE["gold"]["owners"] == FULL["owners"]
        assert stack.up(program(label="of the old plan")) == {}

    def test_the_constructor_sets_delete_before_replace(self) -> None:
        """Without this resource option the engine would create first and then delete."""
        assert register_program(lambda: Safe("safe", **FULL))["safe"].delete_before_replace
        opts = pulumi.ResourceOptions(delete_before_replace=False)
        assert register_program(lambda: Safe("safe", opts=opts, **FULL))["safe"].delete_before_replace

    def test_a_refresh_of_an_unchanged_resource_keeps_adopt(self, stack: Stack) -> None:
        stack.up(program(adopt=True))
        assert stack.refresh() == {}
        assert stack.state["safe"].inputs["adopt"] is stack.state["safe"].outputs["adopt"] is True
        assert stack.up(program(adopt=True)) == {}

    def test_a_write_only_argument_survives_a_refresh_and_its_change_updates(self, stack: Stack) -> None:
        stack.up(program())
        assert stack.refresh() == {}
        assert stack.state["safe"].outputs["password"] == PASSWORD
        assert stack.up(program()) == {}
        assert stack.up(program(password="another")) == {"safe": "update"}
        assert REMOTE["gold"]["password"] == "another"

    @pytest.mark.parametrize("adopt", [False, True])
    def test_a_refresh_of_a_changed_resource_keeps_adopt(self, adopt: bool, stack: Stack) -> None:
        stack.up(program(adopt=adopt))
        REMOTE["gold"]["label"] = "of somebody else"
        assert stack.refresh() == {"safe": ["label"]}
        record = stack.state["safe"]
        assert record.inputs["adopt"] is record.outputs["adopt"] is adopt

    def test_an_unreadable_secret_is_written_at_adoption(self, stack: Stack) -> None:
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

    def test_another_provider_payload_is_no_change(self, stack: Stack) -> None:
        stack.up(program())
        stack.state["safe"].outputs["__provider"] = "an older payload"
        assert stack.up(program()) == {}


class TestSecrets:
    def test_a_refused_adoption_names_the_secret_argument_and_hides_both_values(self, stack: Stack) -> None:
        stack.up(program())
        stack.forget()
        with pytest.raises(AdoptionRefused) as error:
            stack.up(program(key="k3y-of-fabrikam", size=4))
        message = str(error.value)
        assert "key" in message
        assert "size is 3, not 4" in message
        assert KEY not in message
        assert "fabrikam" not in message

    def test_an_adoption_reports_overwritten_values_and_hides_secrets(
        self, stack: Stack, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program())
        stack.forget()
        stack.up(program(key="k3y-of-fabrikam", size=4, owners=["ann", "eve"], adopt=True))
        message = capfd.readouterr().out
        assert message.startswith("safe safe/gold: adopt: ")
        assert len(message.splitlines()) == 1
        assert {"key", "size was 3, becomes 4", "owners[1] was 'bob', becomes 'eve'"} == set(
            message.removeprefix("safe safe/gold: adopt: ").rstrip().split("; ")
        )
        assert KEY not in message
        assert "fabrikam" not in message

    @pytest.mark.parametrize("value", [KEY * 3, [KEY], {"in": KEY}])
    def test_a_check_failure_hides_the_value_of_a_secret(self, value: Any) -> None:
        with pytest.raises(CheckFailed) as check_error:
            Plugin({}).check(Safe, {}, {**FULL, "key": value})
        assert KEY not in str(check_error.value)
        assert "key" in str(check_error.value)
        with pytest.raises(InputError) as input_error:
            safe.SafeArguments.parse({**FULL, "key": value})
        assert KEY not in repr(input_error.value)

    def test_check_failures_name_no_property(self) -> None:
        """The engine prints the value of a failure's property."""
        result = Plugin({}).provider(payload_of(Safe)).check({}, {**FULL, "key": 5, "size": "x"})
        assert [failure.property for failure in result.failures] == ["", ""]

    def test_secret_arguments_are_secret_inputs_and_outputs(self) -> None:
        resource = register_program(lambda: Safe("safe", **FULL))["safe"]
        assert resource.type == "pulumi-python:dynamic/partnercenter:Safe"
        assert resource.secret_inputs == {"key", "password"}
        assert resource.secret_outputs == {"key", "password", "fingerprint"}
        assert resource.inputs == {**FULL, "__provider": payload_of(Safe), DECLARED_NAME: "safe"}

    def test_additional_secret_outputs_of_the_program_are_added(self) -> None:
        opts = pulumi.ResourceOptions(additional_secret_outputs=["label"])
        resource = register_program(lambda: Safe("safe", opts=opts, **FULL))["safe"]
        assert resource.secret_outputs == {"key", "password", "fingerprint", "label"}


class TestPreviews:
    def test_a_rule_over_several_arguments_is_deferred_until_all_are_set(self) -> None:
        plugin = Plugin({})
        plugin.check(Safe, {}, {**FULL, "label": UNKNOWN, "key": "k" * 60})
        with pytest.raises(CheckFailed, match="together at most 40"):
            plugin.check(Safe, {}, {**FULL, "label": "", "key": "k" * 60, "owners": UNKNOWN})

    def test_rules_are_checked_again_before_a_creation(self, stack: Stack) -> None:
        with pytest.raises(InputError, match="together at most 40"):
            Plugin(CONFIG).provider(payload_of(Safe)).create({**FULL, "label": "a" * 40})
        assert not WRITES

    def test_an_unknown_immutable_argument_previews_a_replacement(self, stack: Stack) -> None:
        stack.up(program())
        plugin = Plugin({})
        inputs = plugin.check(Safe, {}, {**FULL, "name": UNKNOWN, "size": UNKNOWN})
        assert plugin.diff(stack.state["safe"], inputs).replaces == ["name"]


class TestDuplicates:
    """A program declares a remote object once."""

    def test_a_second_resource_for_the_same_object_is_refused_and_both_are_named(self, stack: Stack) -> None:
        for other in (program()["safe"], Declaration(Safe, {**FULL, "label": "Au"})):
            with pytest.raises(CheckFailed, match=r"'safe' and 'again' are the same safe \(name 'gold'\)"):
                stack.preview({**program(), "again": other})
        assert not WRITES

    def test_resources_with_other_or_unknown_keys_are_no_duplicates(self, stack: Stack) -> None:
        plugin = Plugin(CONFIG)
        for name, key in (("one", "gold"), ("two", "silver"), ("three", UNKNOWN), ("four", UNKNOWN)):
            plugin.check(Safe, {}, {**FULL, "name": key}, name)

    def test_a_resource_that_is_checked_twice_is_no_duplicate(self, stack: Stack) -> None:
        """The engine checks a replacement twice. An import has no name from the constructor."""
        plugin = Plugin(CONFIG)
        for old_arguments in ({}, FULL, {}):
            plugin.check(Safe, old_arguments, FULL, "one")
        provider = plugin.provider(payload_of(Safe))
        assert not provider.check({}, through_rpc(FULL)).failures

    def test_another_operation_may_declare_the_same_object(self, stack: Stack) -> None:
        Plugin(CONFIG).check(Safe, {}, FULL, "one")
        Plugin(CONFIG).check(Safe, {}, FULL, "two")

    def test_resources_are_named_with_their_components(self) -> None:
        def declare_resources() -> None:
            for shop in ("north", "south"):
                parent = pulumi.ComponentResource("contoso:Shop", shop)
                Safe(f"safe-{shop}", opts=pulumi.ResourceOptions(parent=parent), **FULL)

        resources = register_program(declare_resources)
        assert [resources[f"safe-{shop}"].inputs[DECLARED_NAME] for shop in ("north", "south")] == [
            "north/safe-north",
            "south/safe-south",
        ]

    def test_a_resource_with_a_name_argument_can_be_a_parent(self) -> None:
        """Arguments become attributes; `name` must not hide the attribute of the SDK."""
        names: list[object] = []

        def declare_resources() -> None:
            parent = Safe("outer", **FULL)
            Safe("inner", opts=pulumi.ResourceOptions(parent=parent), **{**FULL, "name": "inner"})
            names.append(parent.pulumi_resource_name)

        assert register_program(declare_resources)["inner"].inputs[DECLARED_NAME] == "outer/inner"
        assert names == ["outer"]


class TestReading:
    def test_a_look_up_of_a_missing_object_fails(self) -> None:
        """The engine takes an empty answer to `opts.id` as success."""
        with pytest.raises(NotFound):
            Plugin(CONFIG).provider(payload_of(Safe)).read("safe/none", {"name": "none", "adopt": False})

    def test_a_look_up_of_an_object_returns_all_outputs(self, stack: Stack) -> None:
        stack.up(program())
        record = Plugin(CONFIG).read(
            Record(Safe, "safe/gold", {}, {"name": "gold", "__provider": payload_of(Safe)})
        )
        assert record
        assert record.outputs["address"] == "https://gold.example.com"
        assert record.outputs["owners"] == ["ann", "bob"]


class TestTracebacks:
    def configure_provider(self, config: dict[str, str]) -> None:
        provider = Plugin({}).provider(payload_of(Safe))
        provider.configure(ConfigureRequest(Config(config, "project")))

    def test_errors_are_printed_without_tracebacks(self) -> None:
        self.configure_provider(CONFIG)
        assert sys.tracebacklimit == 0

    def test_errors_are_printed_with_tracebacks_when_debugging(self) -> None:
        self.configure_provider({**CONFIG, "partnercenter:log": "debug"})
        assert getattr(sys, "tracebacklimit", 1000) > 0
