from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, UnversionedCard, assert_readable, writes
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declared, Ref, Stack

from pulumi_partnercenter import AdoptionRefused, InputError, Invalid, LeadDestination

CONNECTION = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=s3cret-one"
PASSWORD, KEY = "s3cret-two", "s3cret-three"
DIRECTORY = "11111111-2222-4333-8444-aaaaaaaaaaaa"
DYNAMICS = {
    "url": "https://contoso.example.com",
    "authentication": "AzureAD",
    "user_name": "leads",
    "password": PASSWORD,
    "application_id": DIRECTORY.upper(),
    "application_key": KEY,
    "directory_id": DIRECTORY,
}
SAID = {"connection_string", "password", "application_key"}
"""The secrets among the members."""
HTTPS = {
    "url": "https://prod-12.contoso.example.com/workflows/leads?api-version=2016-10-01&sp=%2Frun&sig=s3cret-four"
}
DESTINATIONS: dict[str, dict[str, Any]] = {
    "azure_table": {"connection_string": CONNECTION},
    "azure_blob": {"connection_string": CONNECTION, "container": "leads"},
    "dynamics": DYNAMICS,
    "https": HTTPS,
    "marketo": {"server_id": "app-01", "munchkin_account_id": "000-AAA-000", "form_id": "7"},
    "salesforce": {"object_identifier": "00D000000000000"},
}
SENT = {
    "azure_table": {"connectionString"},
    "azure_blob": {"connectionString", "containerName"},
    "dynamics": {
        "uri",
        "authentication",
        "userName",
        "password",
        "applicationID",
        "applicationKey",
        "directoryID",
    },
    "https": {"httpsEndpointUri"},
    "marketo": {"serverID", "munchkinAccountID", "formID"},
    "salesforce": {"objectIdentifier"},
}


def to(name: str, value: dict[str, Any] | None = None, **more: Any) -> dict[str, Declared]:
    """A program whose leads go there."""
    arguments = {"offer": Ref("offer"), name: value or DESTINATIONS[name], **more}
    return {**OFFERS, SUBJECT: Declared(LeadDestination, arguments)}


class LeadCard(UnversionedCard):
    kind = LeadDestination
    parents = OFFERS
    beside = OTHER_OFFER
    others = {"offer": Ref("other_offer")}
    collection, segment = "leadConfigurations", "leadconfiguration"

    @classmethod
    def names(cls, group: str) -> list[str]:
        """One destination excludes the others, so only its own arguments change in place."""
        return list(cls.second) if group == "field" else super().names(group)


class TestHttps(LeadCard):
    needed = ("https",)
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "https": HTTPS,
        "contact_email": "ann@contoso.example.com",
        "daily_digest": ["bob@contoso.example.com", "Ann@contoso.example.com"],
    }
    second = {
        "https": {"url": "https://fabrikam.example.com"},
        "contact_email": "",
        "daily_digest": ["bob@contoso.example.com"],
    }
    members = {
        "https": ("httpsEndpointUri", "https://eve.example.com"),
        "contact_email": ("contactEmail", "eve@contoso.example.com"),
        "daily_digest": ("dailyDigestEmailContacts", []),
    }


class TestDynamics(LeadCard):
    """A destination with secrets, which the service does not tell."""

    needed = ("dynamics",)
    further = {"dynamics": ("uri", "authentication", "applicationID", "directoryID")}
    shown_by = {"azure_table": "test_another_kind_is_drift_in_both"}

    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "dynamics": DYNAMICS,
        "contact_email": "ann@contoso.example.com",
    }
    second = {"dynamics": DYNAMICS | {"user_name": "others"}, "contact_email": ""}
    members = {"dynamics": ("userName", "eve"), "contact_email": ("contactEmail", "eve@contoso.example.com")}

    def test_another_kind_is_drift_in_both(self, stack: Stack, emulator: Serving) -> None:
        stack.up(to("azure_table"))
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        members = {"resourceType": "HttpsEndpointLeadConfiguration", "httpsEndpointUri": HTTPS["url"]}
        emulator.portal(path, **members, connectionString=None)
        assert stack.refresh() == {SUBJECT: ["azure_table", "https"]}
        assert stack.up(to("azure_table")) == {SUBJECT: "update"}
        assert stack.refresh() == {}


class LeadExample(LeadCard):
    """For properties that are asked of every example; the rest is asked of two destinations above."""


class AzureBlobLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = {
        **to("azure_blob")[SUBJECT].arguments,
        "contact_email": "ann@contoso.example.com",
    }
    second = {"contact_email": ""}
    needed = ("azure_blob",)
    members = {
        "azure_blob": ("containerName", "portal"),
        "contact_email": ("contactEmail", "eve@contoso.example.com"),
    }


class MarketoLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = to("marketo")[SUBJECT].arguments
    second = {"marketo": {"server_id": "app-02", "munchkin_account_id": "111-BBB-111", "form_id": "8"}}
    needed = ("marketo",)
    members = {"marketo": ("serverID", "portal")}
    further = {"marketo": ("munchkinAccountID", "formID")}


class SalesforceLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = to("salesforce")[SUBJECT].arguments
    second = {"salesforce": {"object_identifier": "00D000000000001"}}
    needed = ("salesforce",)
    members = {"salesforce": ("objectIdentifier", "portal")}


class TestLeadDestination:
    @pytest.mark.parametrize("name", DESTINATIONS)
    def test_each_destination_is_stored_whole_and_stays(
        self, name: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(to(name))
        (document,) = emulator.state()["leadConfigurations"]
        assert document.keys() - {"productID", "resourceType", "stage"} == SENT[name]
        assert stack.refresh() == {}
        assert stack.up(to(name)) == {}

    @pytest.mark.parametrize("after", DESTINATIONS)
    @pytest.mark.parametrize("before", ["https", "azure_blob", "dynamics"])
    def test_another_destination_leaves_nothing_of_the_last(
        self, before: str, after: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(to(before))
        expected = {} if before == after else {SUBJECT: "update"}
        assert stack.up(to(after)) == expected
        (document,) = emulator.state()["leadConfigurations"]
        assert document.keys() - {"productID", "resourceType", "stage"} == SENT[after]
        assert stack.refresh() == {}
        assert stack.up(to(after)) == {}

    def test_another_secret_is_a_change_and_is_written(self, stack: Stack, emulator: Serving) -> None:
        stack.up(to("dynamics"))
        assert stack.up(to("dynamics", DYNAMICS | {"password": "n3w"})) == {SUBJECT: "update"}
        (document,) = emulator.state()["leadConfigurations"]
        assert (document["password"], document["applicationKey"]) == ("n3w", KEY)
        assert stack.refresh() == {}

    def test_a_change_beside_a_secret_is_drift_and_writes_the_secret_too(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(to("azure_blob"))
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        emulator.portal(path, containerName="elsewhere", connectionString="AccountName=eve")
        assert stack.refresh() == {SUBJECT: ["azure_blob"]}
        seen = stack.state[SUBJECT].outputs["azure_blob"]
        assert seen == {"connection_string": CONNECTION, "container": "elsewhere"}
        assert stack.up(to("azure_blob")) == {SUBJECT: "update"}
        (document,) = emulator.state()["leadConfigurations"]
        assert (document["containerName"], document["connectionString"]) == ("leads", CONNECTION)

    @pytest.mark.parametrize("name", ["azure_table", "azure_blob", "dynamics"])
    def test_a_secret_that_is_not_said_stays_as_the_service_has_it(
        self, name: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(to(name))
        (before,) = emulator.state()["leadConfigurations"]
        stack.forget()
        emulator.clear()
        silent = {member: DESTINATIONS[name][member] for member in DESTINATIONS[name] if member not in SAID}
        silent |= dict.fromkeys(set(DESTINATIONS[name]) & SAID, "")
        stack.up(to(name, silent))
        assert writes(emulator) == []
        assert stack.refresh() == {}
        assert stack.up(to(name, silent, contact_email="ann@contoso.example.com")) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert after == before | {"contactEmail": "ann@contoso.example.com"}
        secret = "n3w" if name == "dynamics" else CONNECTION.replace("s3cret-one", "n3w")
        said = {**DESTINATIONS[name], **{member: secret for member in DESTINATIONS[name] if member in SAID}}
        assert stack.up(to(name, said, contact_email="ann@contoso.example.com")) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert {value for key, value in after.items() if before.get(key) != value} == {
            secret,
            "ann@contoso.example.com",
        }

    @pytest.mark.parametrize(
        ("argument", "member"),
        {
            "authentication": "authentication",
            "user_name": "userName",
            "application_id": "applicationID",
            "directory_id": "directoryID",
            "contact_email": "contactEmail",
            "daily_digest": "dailyDigestEmailContacts",
        }.items(),
    )
    @pytest.mark.parametrize("way", ["emptied", "left out"])
    def test_emptying_a_member_is_written(
        self, way: str, argument: str, member: str, stack: Stack, emulator: Serving
    ) -> None:
        """And nothing else changes."""
        besides: dict[str, Any] = {
            "contact_email": "ann@contoso.example.com",
            "daily_digest": ["bob@contoso.example.com"],
        }
        stack.up(to("dynamics", **besides))
        (before,) = emulator.state()["leadConfigurations"]
        assert before[member]
        empty: Any = [] if argument == "daily_digest" else ""
        value: dict[str, Any] = {**DYNAMICS, **besides, argument: empty}
        if way == "left out":
            del value[argument]
        more = {name: value.pop(name) for name in besides if name in value}
        after = to("dynamics", value, **more)
        assert stack.up(after) == {SUBJECT: "update"}
        assert emulator.state()["leadConfigurations"] == [before | {member: empty}]
        assert stack.refresh() == {}
        assert stack.up(after) == {}

    def test_an_address_that_is_not_given_stays_and_one_that_is_shows_drift(
        self, stack: Stack, emulator: Serving
    ) -> None:
        """The address of an HTTPS destination is a credential, which the service tells."""
        stack.up(to("https"))
        (before,) = emulator.state()["leadConfigurations"]
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        elsewhere = {
            "resourceType": before["resourceType"],
            "httpsEndpointUri": "https://eve.example.com/leads",
        }
        emulator.portal(path, **elsewhere)
        assert stack.refresh() == {SUBJECT: ["https"]}
        assert stack.up(to("https")) == {SUBJECT: "update"}
        assert emulator.state()["leadConfigurations"] == [before]

        stack.forget()
        emulator.clear()
        silent = to("https", {"url": ""})
        stack.up(silent)
        assert writes(emulator) == []
        assert "s3cret" not in json.dumps(stack.state[SUBJECT].outputs)
        emulator.portal(path, **elsewhere)
        assert stack.refresh() == {}
        assert stack.up(to("https", {"url": ""}, contact_email="ann@contoso.example.com")) == {
            SUBJECT: "update"
        }
        (after,) = emulator.state()["leadConfigurations"]
        assert after["httpsEndpointUri"] == "https://eve.example.com/leads"
        assert stack.up(to("https", contact_email="ann@contoso.example.com")) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert after == before | {"contactEmail": "ann@contoso.example.com"}

    def test_a_state_that_has_the_address_in_clear_goes_on(self, stack: Stack, emulator: Serving) -> None:
        """As older versions wrote it: the same values, secret from now on, are no change."""
        stack.up(to("https"))
        record = stack.state[SUBJECT]
        assert record.inputs["https"] == record.outputs["https"] == HTTPS
        emulator.clear()
        assert stack.preview(to("https")) == {}
        assert stack.refresh() == {}
        assert stack.up(to("https")) == {}
        assert writes(emulator) == []

    def test_an_https_destination_that_is_not_there_yet_needs_its_address(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(OFFERS)
        emulator.clear()
        with pytest.raises(InputError, match=r"https\.url: is required"):
            stack.up(to("https", {"url": ""}, adopt=True))
        assert writes(emulator) == []

    @pytest.mark.parametrize("before", [None, "https"])
    @pytest.mark.parametrize("name", ["azure_table", "azure_blob"])
    def test_a_destination_that_is_not_there_yet_needs_its_secret(
        self, name: str, before: str | None, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(to(before) if before else OFFERS)
        emulator.clear()
        silent = DESTINATIONS[name] | {"connection_string": ""}
        with pytest.raises(InputError, match=f"{name}.connection_string: is required") as refused:
            stack.up(to(name, silent, adopt=True))
        assert_readable(refused.value)
        assert writes(emulator) == []

    def test_deletion_leaves_it(self, stack: Stack, emulator: Serving) -> None:
        stack.up(to("https"))
        before = emulator.state()
        assert stack.up(OFFERS) == {SUBJECT: "delete"}
        assert emulator.state() == before

    def test_no_secret_is_in_any_message(
        self, stack: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stack.config["partnercenter:log"] = "debug"
        stack.up(to("dynamics"))
        stack.forget()
        with pytest.raises(AdoptionRefused, match="dynamics") as refused:
            stack.up(to("dynamics", DYNAMICS | {"user_name": "others"}))
        assert_readable(refused.value)
        emulator.fault("POST .*leadconfiguration", status=400, body={"message": "The field is invalid."})
        with pytest.raises(Invalid) as invalid:
            stack.up(to("dynamics", DYNAMICS | {"user_name": "others"}, adopt=True))
        told = capfd.readouterr()
        for secret in (PASSWORD, KEY):
            assert secret not in f"{refused.value!r} {invalid.value!r} {told.out} {told.err}"

    def test_the_service_that_tells_the_secret_is_no_drift(self, stack: Stack, emulator: Serving) -> None:
        """Whether it does is not known (reference 5.16); masked or not, the program's word counts."""
        stack.up(to("azure_table"))
        masked = {"resourceType": "AzureTableLeadConfiguration", "connectionString": "*****"}
        emulator.fault("GET .*leadconfiguration", status=200, body=masked)
        assert stack.refresh() == {}
        assert json.dumps(stack.state[SUBJECT].outputs).count(CONNECTION) == 1
        emulator.clear()
        assert stack.up(to("azure_table")) == {}
        assert writes(emulator) == []
