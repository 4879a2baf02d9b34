"""Payloads of providers in state are short references, which every later version can load."""

from __future__ import annotations

import base64
import pickle
import pickletools

import dill
import pytest
from tests.resources.harness import kind_of, payload_of
from tests.stacks.cli import class_of_type
from tests.upgrades.states import CLASSES, RecordedVersion, build_payload, recorded_versions

from pulumi_partnercenter import SettingsError
from pulumi_partnercenter.resources._base import ProviderReference

PAYLOADS = sorted(
    {
        (version.folder.name, class_of_type(resource["type"]), props["__provider"])
        for version in recorded_versions()
        for resource in version.state()["deployment"]["resources"]
        if "partnercenter" in resource["type"]
        for props in (resource["inputs"], resource["outputs"])
    }
)


@pytest.mark.parametrize(("version", "name", "payload"), PAYLOADS)
class TestRecordedPayloads:
    def test_a_recorded_payload_loads_as_the_class_of_its_name(
        self, version: str, name: str, payload: str
    ) -> None:
        provider = dill.loads(base64.b64decode(payload))
        assert provider.lifecycle.kind is kind_of(CLASSES[name])

    def test_a_recorded_payload_refers_to_one_function_and_a_name_only(
        self, version: str, name: str, payload: str
    ) -> None:
        """It has no byte code and no classes of dill or Python, so their releases cannot change its meaning."""
        pickled = base64.b64decode(payload)
        assert len(pickled) < 100
        steps = [(step.name, argument) for step, argument, _ in pickletools.genops(pickled)]
        texts = [argument for _, argument in steps if isinstance(argument, str)]
        assert texts == ["pulumi_partnercenter._resource", "load", name]
        assert [
            step for step, _ in steps if step in ("STACK_GLOBAL", "GLOBAL", "REDUCE", "BUILD", "NEWOBJ")
        ] == [
            "STACK_GLOBAL",
            "REDUCE",
        ]
        assert type(pickle.loads(pickled)) is type(dill.loads(pickled))


@pytest.mark.parametrize("name", CLASSES)
class TestPresentPayloads:
    def test_a_payload_is_the_same_in_every_process(self, name: str) -> None:
        """Python 3.14 writes another protocol number; the rest is equal."""
        resource = CLASSES[name]
        payload = base64.b64decode(payload_of(resource))
        expected = base64.b64decode(build_payload(name))
        assert payload[2:] == expected[2:]
        assert payload_of(resource) == payload_of(resource)

    def test_a_payload_of_any_pickle_protocol_loads(self, name: str) -> None:
        kind = kind_of(CLASSES[name])
        providers = [pickle.loads(pickle.dumps(ProviderReference(name), protocol)) for protocol in (4, 5)]
        assert {provider.lifecycle.kind for provider in providers} == {kind}


@pytest.mark.parametrize("version", recorded_versions(), ids=lambda version: version.folder.name)
def test_upgrading_state_is_idempotent_and_leaves_this_versions_state_unchanged(
    version: RecordedVersion,
) -> None:
    for resource in version.state()["deployment"]["resources"]:
        name = class_of_type(resource["type"])
        if name not in CLASSES:
            continue
        kind = kind_of(CLASSES[name])
        for props in (resource["inputs"], resource["outputs"]):
            upgraded = kind.upgrade_state(dict(props))
            assert kind.upgrade_state(dict(upgraded)) == upgraded
            assert upgraded == props or version.folder != recorded_versions()[-1].folder


def test_a_payload_of_an_unknown_class_is_an_error_that_names_it() -> None:
    with pytest.raises(SettingsError, match="the state holds a Badge, which this version") as error:
        dill.loads(base64.b64decode(build_payload("Badge")))
    assert "next: install the version that wrote it or a newer one" in str(error.value)
