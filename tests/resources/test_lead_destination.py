from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, UnversionedCard, assert_readable, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Ref, Stack

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
SECRET_MEMBERS = {"connection_string", "password", "application_key"}
"""The members that hold secrets."""
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
WIRE_MEMBERS = {
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


def program_for(
    name: str, value: dict[str, Any] | None = None, **other_arguments: Any
) -> dict[str, Declaration]:
    """Return a program with this destination."""
    arguments = {"offer": Ref("offer"), name: value or DESTINATIONS[name], **other_arguments}
    return {**OFFERS, SUBJECT: Declaration(LeadDestination, arguments)}


class LeadCard(UnversionedCard):
    kind = LeadDestination
    parents = OFFERS
    other_parents = OTHER_OFFER
    immutable_changes = {"offer": Ref("other_offer")}
    collection, segment = "leadConfigurations", "leadconfiguration"

    @classmethod
    def arguments_in(cls, group: str) -> list[str]:
        """A resource has a single destination, so only the arguments of that destination change in place."""
        return list(cls.second) if group == "field" else super().arguments_in(group)


class TestHttps(LeadCard):
    required_arguments = ("https",)
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
    """A destination with secrets, which the service does not return."""

    required_arguments = ("dynamics",)
    further_members = {"dynamics": ("uri", "authentication", "applicationID", "directoryID")}
    drift_tests = {"azure_table": "test_another_kind_of_destination_is_drift_of_both_arguments"}

    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "dynamics": DYNAMICS,
        "contact_email": "ann@contoso.example.com",
    }
    second = {"dynamics": DYNAMICS | {"user_name": "others"}, "contact_email": ""}
    members = {"dynamics": ("userName", "eve"), "contact_email": ("contactEmail", "eve@contoso.example.com")}

    def test_another_kind_of_destination_is_drift_of_both_arguments(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for("azure_table"))
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        members = {"resourceType": "HttpsEndpointLeadConfiguration", "httpsEndpointUri": HTTPS["url"]}
        emulator.portal(path, **members, connectionString=None)
        assert stack.refresh() == {SUBJECT: ["azure_table", "https"]}
        assert stack.up(program_for("azure_table")) == {SUBJECT: "update"}
        assert stack.refresh() == {}


class LeadExample(LeadCard):
    """Card of a destination for properties of all examples; the two cards above run the whole card."""


class AzureBlobLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = {
        **program_for("azure_blob")[SUBJECT].arguments,
        "contact_email": "ann@contoso.example.com",
    }
    second = {"contact_email": ""}
    required_arguments = ("azure_blob",)
    members = {
        "azure_blob": ("containerName", "portal"),
        "contact_email": ("contactEmail", "eve@contoso.example.com"),
    }


class MarketoLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = program_for("marketo")[SUBJECT].arguments
    second = {"marketo": {"server_id": "app-02", "munchkin_account_id": "111-BBB-111", "form_id": "8"}}
    required_arguments = ("marketo",)
    members = {"marketo": ("serverID", "portal")}
    further_members = {"marketo": ("munchkinAccountID", "formID")}


class SalesforceLeads(LeadExample):
    first: ClassVar[dict[str, Any]] = program_for("salesforce")[SUBJECT].arguments
    second = {"salesforce": {"object_identifier": "00D000000000001"}}
    required_arguments = ("salesforce",)
    members = {"salesforce": ("objectIdentifier", "portal")}


class TestLeadDestination:
    @pytest.mark.parametrize("name", DESTINATIONS)
    def test_each_lead_destination_is_stored_completely_and_unchanged_afterwards(
        self, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for(name))
        (document,) = emulator.state()["leadConfigurations"]
        assert document.keys() - {"productID", "resourceType", "stage"} == WIRE_MEMBERS[name]
        assert stack.refresh() == {}
        assert stack.up(program_for(name)) == {}

    @pytest.mark.sample(5)
    @pytest.mark.parametrize("after", DESTINATIONS)
    @pytest.mark.parametrize("before", ["https", "azure_blob", "dynamics"])
    def test_another_lead_destination_removes_every_member_of_the_previous(
        self, before: str, after: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for(before))
        expected_changes = {} if before == after else {SUBJECT: "update"}
        assert stack.up(program_for(after)) == expected_changes
        (document,) = emulator.state()["leadConfigurations"]
        assert document.keys() - {"productID", "resourceType", "stage"} == WIRE_MEMBERS[after]
        assert stack.refresh() == {}
        assert stack.up(program_for(after)) == {}

    def test_a_changed_secret_of_a_lead_destination_is_written(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for("dynamics"))
        assert stack.up(program_for("dynamics", DYNAMICS | {"password": "n3w"})) == {SUBJECT: "update"}
        (document,) = emulator.state()["leadConfigurations"]
        assert (document["password"], document["applicationKey"]) == ("n3w", KEY)
        assert stack.refresh() == {}

    def test_drift_beside_a_secret_is_repaired_together_with_the_secret(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for("azure_blob"))
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        emulator.portal(path, containerName="elsewhere", connectionString="AccountName=eve")
        assert stack.refresh() == {SUBJECT: ["azure_blob"]}
        destination = stack.state[SUBJECT].outputs["azure_blob"]
        assert destination == {"connection_string": CONNECTION, "container": "elsewhere"}
        assert stack.up(program_for("azure_blob")) == {SUBJECT: "update"}
        (document,) = emulator.state()["leadConfigurations"]
        assert (document["containerName"], document["connectionString"]) == ("leads", CONNECTION)

    @pytest.mark.parametrize("name", ["azure_table", "azure_blob", "dynamics"])
    def test_an_absent_secret_stays_as_the_service_has_it(
        self, name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for(name))
        (before,) = emulator.state()["leadConfigurations"]
        stack.forget()
        emulator.clear()
        destination_without_secret = {
            member: DESTINATIONS[name][member]
            for member in DESTINATIONS[name]
            if member not in SECRET_MEMBERS
        }
        destination_without_secret |= dict.fromkeys(set(DESTINATIONS[name]) & SECRET_MEMBERS, "")
        stack.up(program_for(name, destination_without_secret))
        assert write_requests(emulator) == []
        assert stack.refresh() == {}
        assert stack.up(
            program_for(name, destination_without_secret, contact_email="ann@contoso.example.com")
        ) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert after == before | {"contactEmail": "ann@contoso.example.com"}
        secret = "n3w" if name == "dynamics" else CONNECTION.replace("s3cret-one", "n3w")
        destination_with_secret = {
            **DESTINATIONS[name],
            **{member: secret for member in DESTINATIONS[name] if member in SECRET_MEMBERS},
        }
        assert stack.up(
            program_for(name, destination_with_secret, contact_email="ann@contoso.example.com")
        ) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert {value for key, value in after.items() if before.get(key) != value} == {
            secret,
            "ann@contoso.example.com",
        }

    @pytest.mark.sample(5)
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
    @pytest.mark.parametrize("removal", ["emptied", "left out"])
    def test_an_empty_member_of_a_lead_destination_is_written_alone(
        self, removal: str, argument: str, member: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """No other member changes."""
        other_arguments: dict[str, Any] = {
            "contact_email": "ann@contoso.example.com",
            "daily_digest": ["bob@contoso.example.com"],
        }
        stack.up(program_for("dynamics", **other_arguments))
        (before,) = emulator.state()["leadConfigurations"]
        assert before[member]
        empty: Any = [] if argument == "daily_digest" else ""
        value: dict[str, Any] = {**DYNAMICS, **other_arguments, argument: empty}
        if removal == "left out":
            del value[argument]
        remaining_arguments = {name: value.pop(name) for name in other_arguments if name in value}
        changed_program = program_for("dynamics", value, **remaining_arguments)
        assert stack.up(changed_program) == {SUBJECT: "update"}
        assert emulator.state()["leadConfigurations"] == [before | {member: empty}]
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_an_absent_https_address_stays_and_a_given_one_shows_drift(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The address of an HTTPS destination is a credential, which the service returns."""
        stack.up(program_for("https"))
        (before,) = emulator.state()["leadConfigurations"]
        path = f"/v1.0/ingestion/products/{stack.state[SUBJECT].id}/leadconfiguration"
        portal_members = {
            "resourceType": before["resourceType"],
            "httpsEndpointUri": "https://eve.example.com/leads",
        }
        emulator.portal(path, **portal_members)
        assert stack.refresh() == {SUBJECT: ["https"]}
        assert stack.up(program_for("https")) == {SUBJECT: "update"}
        assert emulator.state()["leadConfigurations"] == [before]

        stack.forget()
        emulator.clear()
        program_without_address = program_for("https", {"url": ""})
        stack.up(program_without_address)
        assert write_requests(emulator) == []
        assert "s3cret" not in json.dumps(stack.state[SUBJECT].outputs)
        emulator.portal(path, **portal_members)
        assert stack.refresh() == {}
        assert stack.up(program_for("https", {"url": ""}, contact_email="ann@contoso.example.com")) == {
            SUBJECT: "update"
        }
        (after,) = emulator.state()["leadConfigurations"]
        assert after["httpsEndpointUri"] == "https://eve.example.com/leads"
        assert stack.up(program_for("https", contact_email="ann@contoso.example.com")) == {SUBJECT: "update"}
        (after,) = emulator.state()["leadConfigurations"]
        assert after == before | {"contactEmail": "ann@contoso.example.com"}

    def test_a_state_with_a_plain_https_address_shows_no_change(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Older versions wrote the address in plain text; making it secret is no change."""
        stack.up(program_for("https"))
        record = stack.state[SUBJECT]
        assert record.inputs["https"] == record.outputs["https"] == HTTPS
        emulator.clear()
        assert stack.preview(program_for("https")) == {}
        assert stack.refresh() == {}
        assert stack.up(program_for("https")) == {}
        assert write_requests(emulator) == []

    def test_a_new_https_destination_needs_its_address(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(OFFERS)
        emulator.clear()
        with pytest.raises(InputError, match=r"https\.url: is required"):
            stack.up(program_for("https", {"url": ""}, adopt=True))
        assert write_requests(emulator) == []

    @pytest.mark.parametrize("before", [None, "https"])
    @pytest.mark.parametrize("name", ["azure_table", "azure_blob"])
    def test_a_new_azure_destination_needs_its_secret(
        self, name: str, before: str | None, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for(before) if before else OFFERS)
        emulator.clear()
        destination_without_secret = DESTINATIONS[name] | {"connection_string": ""}
        with pytest.raises(InputError, match=f"{name}.connection_string: is required") as refusal:
            stack.up(program_for(name, destination_without_secret, adopt=True))
        assert_readable(refusal.value)
        assert write_requests(emulator) == []

    def test_deletion_leaves_the_lead_destination_in_the_service(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_for("https"))
        before = emulator.state()
        assert stack.up(OFFERS) == {SUBJECT: "delete"}
        assert emulator.state() == before

    def test_no_message_shows_a_secret_of_a_lead_destination(
        self, stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stack.config["partnercenter:log"] = "debug"
        stack.up(program_for("dynamics"))
        stack.forget()
        with pytest.raises(AdoptionRefused, match="dynamics") as refusal:
            stack.up(program_for("dynamics", DYNAMICS | {"user_name": "others"}))
        assert_readable(refusal.value)
        emulator.fault("POST .*leadconfiguration", status=400, body={"message": "The field is invalid."})
        with pytest.raises(Invalid) as invalid_error:
            stack.up(program_for("dynamics", DYNAMICS | {"user_name": "others"}, adopt=True))
        output = capfd.readouterr()
        for secret in (PASSWORD, KEY):
            assert secret not in f"{refusal.value!r} {invalid_error.value!r} {output.out} {output.err}"

    def test_a_masked_secret_returned_by_the_service_is_no_drift(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Whether the service masks secrets is unknown. In both cases the program's value counts."""
        stack.up(program_for("azure_table"))
        masked_document = {"resourceType": "AzureTableLeadConfiguration", "connectionString": "*****"}
        emulator.fault("GET .*leadconfiguration", status=200, body=masked_document)
        assert stack.refresh() == {}
        assert json.dumps(stack.state[SUBJECT].outputs).count(CONNECTION) == 1
        emulator.clear()
        assert stack.up(program_for("azure_table")) == {}
        assert write_requests(emulator) == []
