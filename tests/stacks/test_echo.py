"""The plugins that simulate Azure, started and called as the engine does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from provider.tools.echo.catalogue import NOWHERE
from provider.tools.echo.install import PACKAGES, install
from provider.tools.echo.values import UNKNOWN
from provider.tools.engine.environment import INFRASTRUCTURE
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

ACCOUNT = "urn:pulumi:test::test::azure-native:storage:StorageAccount::artifacts"
GROUP = "urn:pulumi:test::test::azuread:index/group:Group::operators"
GIVEN = {"resourceGroupName": "archive", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hidden"}


class Engine(engine_pb2_grpc.EngineServicer):
    """Engine service that collects the messages of plugins."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def Log(self, request, context):  # noqa: N802 — the protocol names it
        self.messages.append(request.message)
        return empty_pb2.Empty()


class Plugin:
    """Client of a started plugin; properties are dictionaries."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub, engine: Engine) -> None:
        self.stub, self.engine = stub, engine

    def check(self, urn: str, news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the checked inputs; assert that none is invalid."""
        answer = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=pack(news), olds=pack(olds or {})))
        assert not answer.failures, answer.failures
        return unpack(answer.inputs)

    def failures(self, urn: str, news: dict[str, Any]) -> list[str]:
        answer = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=pack(news)))
        return [failure.reason for failure in answer.failures]

    def create(
        self, urn: str, inputs: dict[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(urn=urn, properties=pack(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, unpack(answer.properties)

    def update(
        self,
        urn: str,
        state: dict[str, Any],
        olds: dict[str, Any],
        news: dict[str, Any],
        *,
        preview: bool = False,
    ) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            urn=urn, olds=pack(state), old_inputs=pack(olds), news=pack(news), preview=preview
        )
        return unpack(self.stub.Update(request).properties)

    def diff(self, urn: str, olds: dict[str, Any], news: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Return the changed inputs, and those that replace."""
        answer = self.stub.Diff(provider_pb2.DiffRequest(urn=urn, old_inputs=pack(olds), news=pack(news)))
        assert bool(answer.diffs) == (answer.changes == provider_pb2.DiffResponse.DIFF_SOME)
        return list(answer.diffs), list(answer.replaces)


def pack(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def unpack(properties: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(properties)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    install(home, INFRASTRUCTURE.folder)
    return home


def _start(home: Path, package: str) -> Iterator[Plugin]:
    (script,) = home.glob(f"plugins/resource-{package}-v*/pulumi-resource-{package}")
    engine = Engine()
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with subprocess.Popen(
        [script, f"127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True, cwd="/"
    ) as process:
        assert process.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
                yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel), engine)
        finally:
            process.kill()
            server.stop(None)


@pytest.fixture(scope="module")
def azure(home: Path) -> Iterator[Plugin]:
    yield from _start(home, "azure-native")


@pytest.fixture(scope="module")
def entra(home: Path) -> Iterator[Plugin]:
    yield from _start(home, "azuread")


@pytest.fixture(scope="module")
def passwords(home: Path) -> Iterator[Plugin]:
    yield from _start(home, "random")


def test_the_plugins_are_installed_at_the_version_of_their_sdk(
    home: Path, azure: Plugin, entra: Plugin, passwords: Plugin
) -> None:
    folders = {folder.name for folder in (home / "plugins").iterdir()}
    versions = [plugin.stub.GetPluginInfo(empty_pb2.Empty()).version for plugin in (azure, entra, passwords)]
    assert folders == {
        f"resource-{package}-v{version}" for package, version in zip(PACKAGES, versions, strict=True)
    }


def _configure(azure: Plugin, **args: str) -> None:
    azure.stub.Configure(provider_pb2.ConfigureRequest(args=pack({"subscriptionId": NOWHERE, **args})))


def test_a_simulated_plugin_reports_that_it_is_simulated(azure: Plugin) -> None:
    azure.engine.messages.clear()
    _configure(azure)
    (message,) = azure.engine.messages
    assert message.startswith("simulated: azure-native")


@pytest.mark.parametrize("config", [{}, {"subscriptionId": "11111111-1111-4111-8111-111111111111"}])
def test_a_real_subscription_is_not_played(azure: Plugin, config: dict[str, str]) -> None:
    def check(news: dict[str, str]) -> list[str]:
        answer = azure.stub.CheckConfig(provider_pb2.CheckRequest(news=pack(news)))
        return [failure.reason for failure in answer.failures]

    (reason,) = check(config)
    assert reason.startswith(f"subscriptionId: is {config.get('subscriptionId', 'not set')}, but")
    assert check({"subscriptionId": NOWHERE}) == []


def test_valid_inputs_pass_and_get_a_generated_name(azure: Plugin) -> None:
    inputs = azure.check(ACCOUNT, {**GIVEN, "location": UNKNOWN, "tags": {"any": "thing"}})
    name = inputs.pop("accountName")
    assert inputs == {**GIVEN, "location": UNKNOWN, "tags": {"any": "thing"}}
    assert name.startswith("artifacts")
    assert azure.check(ACCOUNT, GIVEN, {"accountName": "older"})["accountName"] == "older"


def test_a_resource_without_location_gets_the_configured_location(azure: Plugin) -> None:
    _configure(azure, location="westeurope")
    located = [
        azure.check(ACCOUNT, {**GIVEN, **given})["location"] for given in ({}, {"location": "uksouth"})
    ]
    _configure(azure)
    assert located == ["westeurope", "uksouth"]
    assert "location" not in azure.check(ACCOUNT, GIVEN)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"accesTier": "Cool"}, "accesTier: there is no such property; did you mean accessTier?"),
        (
            {"sku": {"name": "Standard_LRS", "nmae": 1}},
            "sku.nmae: there is no such property; did you mean name?",
        ),
        ({"sku": {}}, "sku.name: is required"),
        (
            {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow"}]}},
            "networkRuleSet.ipRules[0].iPAddressOrRange: is required",
        ),
    ],
)
def test_a_wrong_property_fails_wherever_it_is(azure: Plugin, change: dict[str, Any], reason: str) -> None:
    assert azure.failures(ACCOUNT, {**GIVEN, **change}) == [reason]


def test_a_missing_property_and_an_unknown_type_fail(azure: Plugin, entra: Plugin) -> None:
    assert entra.failures(GROUP, {}) == ["displayName: is required"]
    assert azure.failures(ACCOUNT.replace("Account", "Acount"), {}) == [
        "pulumi_azure_native.storage has no StorageAcount"
    ]


def test_a_preview_invents_nothing(azure: Plugin, entra: Plugin) -> None:
    inputs = azure.check(ACCOUNT, GIVEN)
    assert azure.create(ACCOUNT, inputs, preview=True) == ("", inputs)
    assert entra.create(GROUP, {"displayName": "Operators"}, preview=True) == (
        "",
        {"displayName": "Operators"},
    )


def test_a_created_resource_has_its_inputs_and_the_computed_outputs(azure: Plugin, entra: Plugin) -> None:
    inputs = azure.check(ACCOUNT, {**GIVEN, "accountName": "contoso", "location": SECRET})
    id, outputs = azure.create(ACCOUNT, inputs)
    assert id == (
        f"/subscriptions/{NOWHERE}/resourceGroups/archive/providers/Microsoft.Storage/storageAccounts/contoso"
    )
    assert outputs.items() >= {**inputs, "name": "contoso"}.items()
    assert outputs["primaryEndpoints"]["blob"] == "https://contoso.blob.simulated.example.com/"

    id, outputs = entra.create(GROUP, {"displayName": "Operators"})
    assert id == f"/groups/{outputs['objectId']}"


def test_an_update_forgets_nothing_but_what_the_program_took_out(azure: Plugin) -> None:
    olds = azure.check(ACCOUNT, {**GIVEN, "accessTier": "Cool", "tags": {"a": "b"}})
    _, state = azure.create(ACCOUNT, olds)
    news = azure.check(ACCOUNT, {**GIVEN, "accessTier": "Hot"}, olds)
    expected = {
        **{name: value for name, value in state.items() if name != "tags"},
        "accessTier": "Hot",
    }
    assert azure.update(ACCOUNT, state, olds, news) == expected
    assert azure.update(ACCOUNT, state, olds, news, preview=True) == expected


def test_a_diff_has_the_changed_inputs_and_a_name_replaces(azure: Plugin) -> None:
    olds = azure.check(ACCOUNT, {**GIVEN, "tags": {"a": "b"}})
    assert azure.diff(ACCOUNT, olds, olds) == ([], [])
    assert azure.diff(ACCOUNT, olds, {**olds, "tags": {"a": "c"}}) == (["tags"], [])
    moved = {**olds, "resourceGroupName": "other"}
    assert azure.diff(ACCOUNT, olds, moved) == (["resourceGroupName"], ["resourceGroupName"])


def test_a_refresh_returns_the_state_and_an_import_finds_nothing(azure: Plugin) -> None:
    inputs = azure.check(ACCOUNT, GIVEN)
    id, state = azure.create(ACCOUNT, inputs)
    request = provider_pb2.ReadRequest(urn=ACCOUNT, id=id, properties=pack(state), inputs=pack(inputs))
    answer = azure.stub.Read(request)
    assert (answer.id, unpack(answer.properties), unpack(answer.inputs)) == (id, state, inputs)
    assert not azure.stub.Read(provider_pb2.ReadRequest(urn=ACCOUNT, id=id)).id


def test_a_function_outside_the_catalogue_fails(entra: Plugin) -> None:
    token = "azuread:index/getClientConfig:getClientConfig"
    played = entra.stub.Invoke(provider_pb2.InvokeRequest(tok=token))
    assert "tenantId" in unpack(getattr(played, "return"))
    refused = entra.stub.Invoke(provider_pb2.InvokeRequest(tok="azuread:index/getUser:getUser"))
    assert "getUser is not played" in refused.failures[0].reason


def test_a_random_password_stays_until_its_keepers_change(passwords: Plugin) -> None:
    urn = "urn:pulumi:sandbox::test::random:index/randomPassword:RandomPassword::key"
    olds = passwords.check(urn, {"length": 70, "keepers": {"rotation": "1"}})
    news = {**olds, "keepers": {"rotation": "2"}}
    results = [passwords.create(urn, inputs)[1]["result"] for inputs in (olds, olds, news)]
    assert [len(result) for result in results] == [70, 70, 70]
    assert results[0] == results[1] != results[2]
    assert passwords.diff(urn, olds, news) == (["keepers"], ["keepers"])
