from __future__ import annotations

import json
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import NOBODY, SUBJECT, Card, assert_readable, writes
from tests.resources.harness import CheckFailed, Declared, Plugin, Ref, Stack
from tests.resources.mocked import declared

from pulumi_partnercenter import InputError, Offer, OfferTechnicalConfiguration, Package

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
APPLICATION = "bbbbbbbb-0000-4000-8000-000000000002"
ADD_ON = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"


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
        return {**super().known(), "packages": [f"{NOBODY}/package"]}

    def test_an_immutable_argument_replaces(self, immutable: str, stack: Stack, emulator: Serving) -> None:
        pytest.skip("its packages are of one offer")

    def test_two_main_apps_are_refused_before_anything_is_written(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.parents)
        emulator.clear()
        with pytest.raises(CheckFailed) as refused:
            stack.up(self.program(packages=[Ref("package"), Ref("library")]))
        (reason,) = refused.value.reasons
        assert stack.state["package"].id in reason
        assert stack.state["library"].id in reason
        assert "an offer has one main app; the kind of a library is" in reason
        assert LIBRARY in reason
        assert writes(emulator) == []

    def test_a_library_by_its_id_alone_is_not_sent_as_a_main_app(
        self, stack: Stack, emulator: Serving
    ) -> None:
        library = Declared(Package, {**self.parents["library"].arguments, "kind": LIBRARY})
        stack.up({**self.parents, "library": library})
        emulator.clear()
        rows = [{**row, "@file": None} for row in emulator.state()["packages"]]  # whose types the list tells
        emulator.fault("GET .*/packages$", status=200, times=0, body={"value": rows})
        program = {**self.program(packages=[Ref("library")]), "library": library}
        with pytest.raises(InputError, match=f"is a {LIBRARY}") as refused:
            stack.up(program)
        assert_readable(refused.value)
        assert writes(emulator) == []
        emulator.unfault()
        said = [Ref("package"), {"package": Ref("library"), "kind": LIBRARY}]
        stack.up({**program, **self.program(packages=said), "library": library})
        (configuration,) = [
            each for each in emulator.state()["packageConfigurations"] if each["packageReferences"]
        ]
        assert [each["type"] for each in configuration["packageReferences"]] == [ADD_ON, LIBRARY]

    def test_an_application_is_refused(self) -> None:
        said = [{"package": f"{NOBODY}/package", "kind": "AzureApplicationPackage"}]
        with pytest.raises(CheckFailed, match="is an AzureApplicationPackage; give its Package the kind"):
            Plugin({}).check(OfferTechnicalConfiguration, {}, {**self.known(), "packages": said})


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
        OfferTechnicalConfiguration("other", offer=NOBODY)

    made = declared(program)
    assert made["made"].inputs["offer_type"] == "SoftwareAsAService"
    assert made["other"].inputs["offer_type"] == ""


def test_the_kind_of_each_package_is_its_own() -> None:
    def program() -> None:
        offer = Offer(
            "offer", offer_id="contoso", offer_type="AzureDynamics365BusinessCentral", alias="Contoso"
        )
        source = samples.file("main.app", b"NAVX")
        main = Package("main", offer=offer.id, source=source, kind=ADD_ON)
        library = Package("library", offer=offer.id, source=source, kind=LIBRARY)
        for name, packages in {
            "listed": [main.id, library.id, f"{NOBODY}/other"],
            "parts": [{"package": library.id}, {"package": main.id, "kind": LIBRARY}],
            "output": pulumi.Output.all(library.id, main.id),
            "none": None,
        }.items():
            OfferTechnicalConfiguration(name, offer=offer.id, packages=packages)

    made = declared(program)

    def kinds(name: str) -> list[Any]:
        elements = made[name].inputs["packages"]
        return [element if isinstance(element, str) else element["kind"] for element in elements]

    assert made["none"].inputs.get("packages") is None
    assert kinds("listed") == [ADD_ON, LIBRARY, f"{NOBODY}/other"]
    assert kinds("parts") == [LIBRARY, LIBRARY]
    assert kinds("output") == [LIBRARY, ADD_ON]
