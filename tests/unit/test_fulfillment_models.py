"""Models of the SaaS services: what odd answers mean, marketplace tokens, settings of the second application."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_partnercenter import ContractError, InputError, SettingsError
from pulumi_partnercenter.fulfillment import (
    AvailablePlan,
    Operation,
    Settings,
    Subscription,
    UsageEvent,
    UsageRecord,
    WebhookEvent,
    read_token,
)
from pulumi_partnercenter.settings import (
    AzureCli,
    ClientCertificate,
    ClientSecret,
    FederatedToken,
    GitHubIdentity,
)

ID = "3b0a6f52-6c1e-4f0e-9a57-0d8d1c9b7e11"
DOCUMENT = {"id": ID, "saasSubscriptionStatus": "Subscribed"}


def read(**members: Any) -> Subscription:
    return Subscription.from_json({**DOCUMENT, **members}, "subscription: look-up")


class TestMembers:
    @pytest.mark.parametrize(
        ("value", "quantity"),
        [(None, None), ("", None), ("  ", None), ("20", 20), (" 20 ", 20), (20, 20), (20.0, 20), (0, 0)],
    )
    def test_a_quantity_is_a_number_or_none(self, value: Any, quantity: int | None):
        assert read(quantity=value).quantity == quantity

    @pytest.mark.parametrize("value", ["many", True, 1.5, {}, []])
    def test_a_quantity_that_is_no_number_is_refused(self, value: Any):
        with pytest.raises(ContractError, match="quantity"):
            read(quantity=value)

    @pytest.mark.parametrize(
        ("value", "time"),
        [
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00Z", None),
            ("", None),
            (None, None),
            ("soon", None),
            ([], None),
            ("2026-05-18", datetime(2026, 5, 18, tzinfo=UTC)),
            ("2026-05-18T09:12:44", datetime(2026, 5, 18, 9, 12, 44, tzinfo=UTC)),
            ("2026-05-18T11:12:44+02:00", datetime(2026, 5, 18, 9, 12, 44, tzinfo=UTC)),
            ("2026-05-18T09:12:44.4449937Z", datetime(2026, 5, 18, 9, 12, 44, 444993, tzinfo=UTC)),
        ],
    )
    def test_a_time_has_a_zone_and_a_placeholder_is_none(self, value: Any, time: datetime | None):
        assert read(created=value).created == time
        if time:
            assert read(created=value).created.tzinfo  # type: ignore[union-attr]

    def test_padded_and_oddly_typed_members_survive(self):
        document = {
            "id  ": f" {ID}",
            "SaasSubscriptionStatus": " Subscribed ",
            "name": 7,
            "planId": None,
            "offerId": {"odd": True},
            "beneficiary": None,
            "purchaser": {"emailId": " dana@fabrikam.example ", "puid": 1003200112233445},
            "term": "P1M",
            "autoRenew": "true",
            "isFreeTrial": None,
            "isTest": "",
            "allowedCustomerOperations": None,
        }
        subscription = Subscription.from_json(document, "look-up")
        assert (subscription.id, subscription.status, subscription.name) == (ID, "Subscribed", "7")
        assert (subscription.plan_id, subscription.offer_id) == ("", "")
        assert subscription.beneficiary.email == ""
        assert (subscription.purchaser.email, subscription.purchaser.puid) == (
            "dana@fabrikam.example",
            "1003200112233445",
        )
        assert (subscription.auto_renew, subscription.is_free_trial, subscription.is_test) == (
            True,
            False,
            False,
        )
        assert subscription.allowed_customer_operations == []
        assert subscription.term.start is None

    @pytest.mark.parametrize("value", [True, False, None])
    def test_renewal_is_the_default(self, value: bool | None):
        assert read(autoRenew=value).auto_renew is (value is not False)
        assert read().auto_renew

    def test_new_values_and_members_survive(self):
        subscription = read(
            saasSubscriptionStatus="Paused",
            sessionMode="Rehearsal",
            fulfillmentId="f",
            term={"termUnit": "P4Y", "x": 1},
        )
        assert (subscription.status, subscription.session_mode, subscription.term.unit) == (
            "Paused",
            "Rehearsal",
            "P4Y",
        )
        assert subscription.model_extra == {"fulfillmentId": "f"}
        assert subscription.term.model_extra == {"x": 1}

    @pytest.mark.parametrize("missing", ["id", "saasSubscriptionStatus"])
    @pytest.mark.parametrize("value", [None, "", "  ", {}])
    def test_a_subscription_without_id_or_status_is_refused(self, missing: str, value: Any):
        with pytest.raises(ContractError, match=missing):
            Subscription.from_json({**DOCUMENT, missing: value}, "look-up")

    def test_a_plan_has_its_prices_and_meters(self):
        plan = AvailablePlan.from_json(
            {
                "planId": "pro",
                "hasFreeTrials": None,
                "maxQuantity": "",
                "planComponents": {
                    "recurrentBillingTerms": [
                        {
                            "currency": "USD",
                            "price": 250,
                            "termUnit": "P1M",
                            "meteredQuantityIncluded": [{"dimensionId": "reports", "units": 1000}],
                        }
                    ],
                    "meteringDimensions": [{"id": "reports", "pricePerUnit": "0.05", "currency": "USD"}],
                },
            },
            "look-up",
        )
        assert (plan.has_free_trials, plan.max_quantity) == (False, None)
        assert plan.billing_terms[0].price == 250
        assert plan.billing_terms[0].included_quantities[0].units == "1000"
        assert plan.metering_dimensions[0].price_per_unit == 0.05
        assert (
            AvailablePlan.from_json({"planId": "pro", "planComponents": None}, "look-up").billing_terms == []
        )

    @pytest.mark.parametrize("name", ["operationRequestSource", "operationRequestedSource"])
    def test_the_source_of_an_operation_is_read_under_both_names(self, name: str):
        assert Operation.from_json({"id": "1", name: "Partner"}, "look-up").source == "Partner"

    def test_objects_cannot_be_changed(self):
        with pytest.raises(ValueError, match="frozen"):
            read().status = "Unsubscribed"

    @given(
        st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "term",
                    "beneficiary",
                    "created",
                    "autoRenew",
                    "allowedCustomerOperations",
                    "Name ",
                    "x",
                ]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                lambda part: st.lists(part) | st.dictionaries(st.text(), part),
                max_leaves=4,
            ),
        )
    )
    def test_any_json_is_a_subscription_or_a_contract_error(self, members: dict[str, Any]):
        with contextlib.suppress(ContractError):
            assert read(**members).id == ID


class TestWebhooks:
    def test_the_minimal_form_is_read(self):
        body = {
            "id": "o",
            "activityId": "a",
            "operationRequestSource": "Azure",
            "subscriptionId": ID,
            "timeStamp": "2026-05-18T09:12:44",
            "action": "Subscribe",
        }
        event = WebhookEvent.from_json(body, "webhook")
        assert (event.id, event.action, event.subscription, event.is_revert) == (
            "o",
            "Subscribe",
            None,
            False,
        )

    def test_the_obsolete_form_is_read(self):
        event = WebhookEvent.from_json({"subscriptionId": ID, "operationType": "Reinstate"}, "webhook")
        assert (event.subscription_id, event.action) == (ID, "Reinstate")

    @pytest.mark.parametrize("body", [{}, {"id": "o", "action": "Renew"}, [], None, "text"])
    def test_a_body_without_a_subscription_is_refused(self, body: Any):
        with pytest.raises(ContractError):
            WebhookEvent.from_json(body, "webhook")

    @pytest.mark.parametrize(
        ("action", "plan", "quantity", "is_revert"),
        [
            ("ChangePlan", "silver", 5, True),
            ("ChangePlan", "gold", 5, False),
            ("ChangeQuantity", "silver", 5, True),
            ("ChangeQuantity", "silver", 7, False),
            ("Renew", "silver", 5, False),
        ],
    )
    def test_a_change_to_what_is_current_reverts_a_refused_one(
        self, action: str, plan: str, quantity: int, is_revert: bool
    ):
        body = {
            "subscriptionId": ID,
            "action": action,
            "planId": plan,
            "quantity": quantity,
            "subscription": {**DOCUMENT, "planId": "silver", "quantity": "5"},
        }
        assert WebhookEvent.from_json(body, "webhook").is_revert is is_revert


class TestUsage:
    @pytest.mark.parametrize(
        "members",
        [
            {"resource_id": ""},
            {"resource_uri": "/subscriptions/x"},
            {"dimension": " "},
            {"plan_id": ""},
            {"plan_id": None},
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": True},
            {"quantity": "5"},
            {"quantity": float("nan")},
            {"quantity": float("inf")},
            {"effective_start_time": datetime(2026, 5, 18)},  # noqa: DTZ001 - that it has no zone is the point
            {"effective_start_time": "2026-05-18T08:00:00Z"},
        ],
    )
    def test_an_event_that_breaks_a_rule_is_refused(self, members: dict[str, Any]):
        values: dict[str, Any] = {"resource_id": ID, "dimension": "reports", "quantity": 1, "plan_id": "pro"}
        values |= {"effective_start_time": datetime(2026, 5, 18, 8, 59, tzinfo=UTC)}
        assert UsageEvent(**values).hour == datetime(2026, 5, 18, 8, tzinfo=UTC)
        with pytest.raises(InputError, match="usage event"):
            UsageEvent(**values | members)

    def test_a_record_without_numbers_counts_nothing(self):
        record = UsageRecord.from_json(
            {"submittedQuantity": None, "processedQuantity": "", "usageDate": ""}, "look-up"
        )
        assert (record.submitted_quantity, record.processed_quantity, record.date) == (0, 0, None)


class TestMarketplaceTokens:
    @pytest.mark.parametrize(
        ("address", "token"),
        [
            ("https://contoso.example/signup?token=ab%2Bcd%2Fef%3D%3D", "ab+cd/ef=="),
            ("https://contoso.example/signup?token=ab+cd/ef==", "ab+cd/ef=="),
            ("https://contoso.example/signup?token=ab%20cd/ef", "ab+cd/ef"),
            ("https://contoso.example/signup?lang=en&Token=a%252Bb#top", "a%2Bb"),
            ("?token=abc", "abc"),
            ("token=abc&x=1", "abc"),
        ],
    )
    def test_a_token_is_decoded_once_and_keeps_its_plus_signs(self, address: str, token: str):
        assert read_token(address) == token

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "https://contoso.example/signup",
            "?token=",
            "?xtoken=s3cret-token",
            "https://[?token",
            "?token=s3cret%0Dtoken",
            "?token=s3cret-" + "t" * 9000,
        ],
    )
    def test_an_address_without_a_usable_token_is_refused_without_quoting_it(self, address: str):
        with pytest.raises(InputError) as caught:
            read_token(address)
        assert "s3cret" not in str(caught.value)

    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
    def test_any_token_survives_its_way_through_an_address(self, token: str):
        assert read_token(f"https://contoso.example/?token={quote(token, safe='')}") == token


class TestSettings:
    FIRST = {"AZURE_TENANT_ID": "contoso", "AZURE_CLIENT_ID": "first", "AZURE_CLIENT_SECRET": "first-secret"}
    SECOND = {
        "PARTNERCENTER_SAAS_TENANT_ID": "fabrikam",
        "PARTNERCENTER_SAAS_CLIENT_ID": "second",
        "PARTNERCENTER_SAAS_CLIENT_SECRET": "second-secret",
    }
    READY = {"PARTNERCENTER_ACCESS_TOKEN": "ready-token"}

    def test_without_a_second_application_the_settings_are_the_usual_ones(self):
        for environ in (
            {},
            self.FIRST,
            {**self.FIRST, **self.READY},
            {"PARTNERCENTER_ENDPOINT": "http://127.0.0.1:1"},
        ):
            assert Settings.load_fulfillment({}, environ) == Settings.load({}, environ)

    def test_the_second_application_wins_here_and_only_here(self):
        environ = {**self.FIRST, **self.SECOND, **self.READY}
        login = Settings.load_fulfillment({}, environ).login
        assert login == ClientSecret(
            "fabrikam", "second", "PARTNERCENTER_SAAS_CLIENT_SECRET", secret="second-secret"
        )
        assert Settings.load_fulfillment({}, environ).access_token == ""
        assert Settings.load({}, environ).access_token == "ready-token"

    def test_a_second_access_token_wins_over_everything(self):
        environ = {
            **self.FIRST,
            **self.SECOND,
            **self.READY,
            "PARTNERCENTER_SAAS_ACCESS_TOKEN": "second-token",
        }
        settings = Settings.load_fulfillment({}, environ)
        assert settings.access_token == "second-token"
        assert settings.source == "the access token (PARTNERCENTER_SAAS_ACCESS_TOKEN)"
        assert "second-token" not in repr(settings)

    def test_the_stack_names_the_second_application_too(self, tmp_path: Path):
        keys = {"saasTenantId": "fabrikam", "saasClientId": "second"}
        config = {f"partnercenter:{name}": value for name, value in keys.items()}
        file = tmp_path / "login"
        file.write_text("x")
        secret = Settings.load_fulfillment(
            {**config, "partnercenter:saasClientSecret": "s"}, self.FIRST
        ).login
        token = Settings.load_fulfillment(
            {**config, "partnercenter:saasFederatedTokenFile": str(file)}, {}
        ).login
        certificate = Settings.load_fulfillment(
            {
                **config,
                "partnercenter:saasClientCertificatePath": str(file),
                "partnercenter:saasClientCertificatePassword": "p",
            },
            {},
        ).login
        assert [type(login) for login in (secret, token, certificate)] == [
            ClientSecret,
            FederatedToken,
            ClientCertificate,
        ]
        assert {
            login.client for login in (secret, token, certificate) if not isinstance(login, AzureCli)
        } == {"second"}

    def test_no_credential_is_used_with_the_id_of_another_application(self):
        environ = {
            **self.FIRST,
            "PARTNERCENTER_SAAS_CLIENT_ID": "second",
            "PARTNERCENTER_SAAS_TENANT_ID": "fabrikam",
        }
        with pytest.raises(SettingsError, match="PARTNERCENTER_SAAS_CLIENT_SECRET"):
            Settings.load_fulfillment({}, environ)

    def test_github_signs_in_the_second_application(self):
        github = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
        }
        environ = {
            **github,
            "PARTNERCENTER_SAAS_CLIENT_ID": "second",
            "PARTNERCENTER_SAAS_TENANT_ID": "fabrikam",
        }
        login = Settings.load_fulfillment({}, environ).login
        assert isinstance(login, GitHubIdentity)
        assert (login.client, login.tenant) == ("second", "fabrikam")

    @pytest.mark.parametrize("absent", SECOND)
    def test_half_a_login_names_what_is_missing(self, absent: str):
        environ = {name: value for name, value in self.SECOND.items() if name != absent}
        with pytest.raises(SettingsError, match=absent):
            Settings.load_fulfillment({}, environ)
