from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, assert_readable, writes
from tests.resources.harness import Declared, Ref, Stack
from tests.resources.mocked import declared
from tests.serving import Serving

from pulumi_partnercenter import InputError, Offer, OfferTechnicalConfiguration, Package

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
APPLICATION = "bbbbbbbb-0000-4000-8000-000000000002"
ADD_ON = "Dynamics365BusinessCentralAddOnExtensionPackage"


def offer_of(offer_type: str, offer_id: str = "contoso-app") -> Declared:
    return Declared(Offer, {"offer_id": offer_id, "offer_type": offer_type, "alias": offer_id})


class ConfigurationCard(Card):
    """What is true of every type of offer that has one."""

    kind = OfferTechnicalConfiguration
    others = {"offer": Ref("other_offer")}
    keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "packageReferences": ("value",),
        "packageRegionAvailabilities": ("region",),
    }
    collection = "packageConfigurations"
    is_singleton = True

    @classmethod
    def names(cls, group: str) -> list[str]:
        """Of the arguments, those that this type of offer has."""
        mine = [*cls.first, "offer_type"] if group != "stored" else list(cls.members)
        return [name for name in super().names(group) if name in mine]

    def test_a_fresh_one_is_taken_over_unasked(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [each["method"] for each in writes(emulator)] == ["PUT"]


class TestSoftware(ConfigurationCard):
    parents = {"offer": offer_of("SoftwareAsAService")}
    beside = {"other_offer": offer_of("SoftwareAsAService", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "tenant": TENANT.upper(),
        "application": APPLICATION,
        "landing_page_url": "https://contoso.example.com/landing?from=marketplace#top",
        "webhook_url": "https://contoso.example.com/hook",
    }
    second = {
        "tenant": APPLICATION,
        "application": TENANT,
        "landing_page_url": "https://fabrikam.example.com/",
        "webhook_url": "",
        "offer_type": "SoftwareAsAService",
    }
    members = {
        "tenant": ("azureActiveDirectoryTenantID", APPLICATION),
        "application": ("azureActiveDirectoryApplicationID", None),
        "landing_page_url": ("landingPageUri", "https://portal.example.com"),
        "webhook_url": ("connectionWebhook", "https://portal.example.com"),
    }

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (
                {"release_version": "10"},
                "release_version: SoftwareAsAService offers have tenant, application",
            ),
            ({"packages": ["{offer}/p"], "multiple_packages": True}, "packages, multiple_packages: "),
        ],
    )
    def test_what_its_type_does_not_have_is_refused_by_name(
        self, arguments: dict[str, Any], words: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.parents)
        offer = stack.state["offer"].id
        said = {
            name: [each.format(offer=offer) for each in value] if isinstance(value, list) else value
            for name, value in arguments.items()
        }
        with pytest.raises(InputError, match=words) as wrong:
            stack.up(self.program(**said))
        assert_readable(wrong.value)
        stack.up(self.program())
        with pytest.raises(InputError, match=words):
            stack.up(self.program(**said))

    @pytest.mark.parametrize("offer_type", ["AzureThirdPartyVirtualMachine", "AzureContainer"])
    def test_offers_without_one_are_told_at_once(
        self, offer_type: str, stack: Stack, emulator: Serving, pauses: list[float]
    ) -> None:
        program = {"offer": offer_of(offer_type)}
        stack.up(program)
        pauses.clear()
        least = Declared(OfferTechnicalConfiguration, {"offer": Ref("offer")})
        with pytest.raises(InputError, match=f"{offer_type} offers have no technical configuration") as wrong:
            stack.up({**program, SUBJECT: least})
        assert_readable(wrong.value)
        assert pauses == []


class TestApplication(ConfigurationCard):
    parents = {"offer": offer_of("AzureApplication")}
    beside = {"other_offer": offer_of("AzureApplication", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {"offer": Ref("offer"), "tenant": TENANT, "application": APPLICATION}
    second = {"tenant": APPLICATION, "application": "", "offer_type": "AzureApplication"}
    members = {
        "tenant": ("azureActiveDirectoryTenantID", None),
        "application": ("azureActiveDirectoryApplicationID", None),
    }


class TestBusinessCentral(ConfigurationCard):
    parents = {
        "offer": offer_of("AzureDynamics365BusinessCentral"),
        "package": Declared(
            Package, {"offer": Ref("offer"), "source": samples.file("a.app", b"NAVX a"), "kind": ADD_ON}
        ),
        "library": Declared(
            Package, {"offer": Ref("offer"), "source": samples.file("b.app", b"NAVX b"), "kind": ADD_ON}
        ),
    }
    beside = {"other_offer": offer_of("AzureDynamics365BusinessCentral", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "package_type": "AddOn",
        "installation_url": "https://contoso.example.com/install",
        "packages": [Ref("package")],
    }
    second: ClassVar[dict[str, Any]] = {
        "package_type": "Connect",
        "installation_url": "https://fabrikam.example.com/install",
        "packages": [
            Ref("package"),
            {"package": Ref("library"), "kind": "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"},
        ],
        "offer_type": "AzureDynamics365BusinessCentral",
    }
    members: ClassVar[dict[str, Any]] = {
        "package_type": ("packageType", "Connect"),
        "installation_url": ("applicationInstallationUri", None),
        "packages": ("packageReferences", []),
    }

    @classmethod
    def known(cls) -> dict[str, Any]:
        return {**super().known(), "packages": ["0b6b7f5c/package"]}

    def test_an_immutable_argument_replaces(self, immutable: str, stack: Stack, emulator: Serving) -> None:
        pytest.skip("its packages are of one offer")


class TestCustomerEngagement(ConfigurationCard):
    parents = {"offer": offer_of("AzureDynamics365ForCustomerEngagement")}
    beside = {"other_offer": offer_of("AzureDynamics365ForCustomerEngagement", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "base_license_model": "User",
        "requires_s2s_and_secure_store": True,
        "configuration_url": "https://contoso.example.com/configure",
        "package_url": "https://contoso.example.com/package?sv=2018-03-28&sig=pl4ntedOf%2BContoso%3D",
        "regions": [
            "NorthAmerica",
            {
                "region": "Emea",
                "is_available": False,
                "configuration_url": "https://contoso.example.com/emea",
            },
        ],
        "multiple_packages": True,
    }
    second: ClassVar[dict[str, Any]] = {
        "base_license_model": "Resource",
        "requires_s2s_and_secure_store": False,
        "configuration_url": "https://fabrikam.example.com/configure",
        "package_url": "https://fabrikam.example.com/package?sv=2018-03-28&sig=pl4ntedOf%2BFabrikam%3D",
        "regions": ["Canada"],
        "multiple_packages": False,
        "offer_type": "AzureDynamics365ForCustomerEngagement",
    }
    members: ClassVar[dict[str, Any]] = {
        "base_license_model": ("baseLicenseModel", "Resource"),
        "requires_s2s_and_secure_store": ("requireS2SOutboundAndCrmSecureStoreAccess", False),
        "configuration_url": ("applicationConfigurationUri", None),
        "package_url": ("packageLocationUri", None),
        "regions": ("packageRegionAvailabilities", []),
        "multiple_packages": ("multiplePackagesInPackageFile", False),
    }

    def test_a_package_address_that_is_not_given_stays(self, stack: Stack, emulator: Serving) -> None:
        """It holds a signature, so that an exported program does not say it."""
        stack.up(self.program())
        silent = self.program(package_url="")
        stack.forget()
        emulator.clear()
        stack.up(silent)
        assert writes(emulator) == []
        assert stack.refresh() == {}
        assert stack.up(
            {**silent, SUBJECT: Declared(self.kind, {**silent[SUBJECT].arguments, "regions": ["Canada"]})}
        )
        (document,) = emulator.state()["packageConfigurations"]
        assert document["packageLocationUri"] == self.first["package_url"]
        assert "pl4nted" not in json.dumps(stack.state[SUBJECT].outputs)


class TestOperations(ConfigurationCard):
    parents = {"offer": offer_of("AzureDynamics365ForOperations")}
    beside = {"other_offer": offer_of("AzureDynamics365ForOperations", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "release_version": "10.0",
        "solution_identifier": "contoso",
    }
    second = {
        "release_version": "10.1",
        "solution_identifier": "",
        "offer_type": "AzureDynamics365ForOperations",
    }
    members = {
        "release_version": ("releaseVersion", "9"),
        "solution_identifier": ("solutionIdentifier", None),
    }


def test_the_type_is_the_offers() -> None:
    def program() -> None:
        offer = Offer("offer", offer_id="contoso", offer_type="SoftwareAsAService", alias="Contoso")
        OfferTechnicalConfiguration("made", offer=offer.id)
        OfferTechnicalConfiguration("other", offer="0b6b7f5c")

    made = declared(program)
    assert made["made"].inputs["offer_type"] == "SoftwareAsAService"
    assert made["other"].inputs["offer_type"] == ""
