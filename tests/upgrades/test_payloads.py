"""What state says of its providers: a few bytes that every later version understands."""

from __future__ import annotations

import base64
import pickle
import pickletools

import dill
import pytest
from tests.resources.harness import kind_of, payload_of
from tests.upgrades.states import Kept, kept, payload

import pulumi_partnercenter
from pulumi_partnercenter import SettingsError
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.resources._base import ProviderReference

PAYLOADS = sorted(
    {
        (version.folder.name, each["type"].rpartition(":")[2], held["__provider"])
        for version in kept()
        for each in version.state()["deployment"]["resources"]
        if "partnercenter" in each["type"]
        for held in (each["inputs"], each["outputs"])
    }
)
CLASSES = [
    name
    for name in pulumi_partnercenter.__all__
    if isinstance(each := getattr(pulumi_partnercenter, name), type)
    and issubclass(each, Resource)
    and each is not Resource
]


@pytest.mark.parametrize(("version", "name", "written"), PAYLOADS)
class TestKept:
    def test_it_loads_to_the_class_of_its_name(self, version: str, name: str, written: str) -> None:
        provider = dill.loads(base64.b64decode(written))
        assert provider.lifecycle.kind is kind_of(getattr(pulumi_partnercenter, name))

    def test_it_needs_nothing_but_one_function_and_a_name(
        self, version: str, name: str, written: str
    ) -> None:
        """No byte code, no class of dill's or Python's own, so that no release of theirs changes its meaning."""
        raw = base64.b64decode(written)
        assert len(raw) < 100
        steps = [(step.name, said) for step, said, _ in pickletools.genops(raw)]
        texts = [said for _, said in steps if isinstance(said, str)]
        assert texts == ["pulumi_partnercenter._resource", "load", name]
        assert [
            step for step, _ in steps if step in ("STACK_GLOBAL", "GLOBAL", "REDUCE", "BUILD", "NEWOBJ")
        ] == [
            "STACK_GLOBAL",
            "REDUCE",
        ]
        assert type(pickle.loads(raw)) is type(dill.loads(raw))


@pytest.mark.parametrize("name", CLASSES)
class TestPresent:
    def test_it_is_what_every_process_writes(self, name: str) -> None:
        """Python 3.14 writes another number of protocol; the steps stay."""
        resource = getattr(pulumi_partnercenter, name)
        written = base64.b64decode(payload_of(resource))
        expected = base64.b64decode(payload(name))
        assert written[2:] == expected[2:]
        assert payload_of(resource) == payload_of(resource)

    def test_every_protocol_loads(self, name: str) -> None:
        kind = kind_of(getattr(pulumi_partnercenter, name))
        loaded = [pickle.loads(pickle.dumps(ProviderReference(name), protocol)) for protocol in (4, 5)]
        assert {provider.lifecycle.kind for provider in loaded} == {kind}


@pytest.mark.parametrize("version", kept(), ids=lambda each: each.folder.name)
def test_an_upgrade_is_made_once_and_leaves_this_versions_state_alone(version: Kept) -> None:
    for each in version.state()["deployment"]["resources"]:
        name = each["type"].rpartition(":")[2]
        if name not in CLASSES:
            continue
        kind = kind_of(getattr(pulumi_partnercenter, name))
        for props in (each["inputs"], each["outputs"]):
            upgraded = kind.upgrade_state(dict(props))
            assert kind.upgrade_state(dict(upgraded)) == upgraded
            assert upgraded == props or version.folder != kept()[-1].folder


def test_a_class_that_is_gone_ends_in_words() -> None:
    with pytest.raises(SettingsError, match="the state holds a Badge, which this version") as refused:
        dill.loads(base64.b64decode(payload("Badge")))
    assert "next: install the version that wrote it, or a newer one" in str(refused.value)
