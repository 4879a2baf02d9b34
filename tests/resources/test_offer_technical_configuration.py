from __future__ import annotations

import json
from typing import Any, ClassVar

import pulumi
import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import MISSING_OFFER, SUBJECT, Card, assert_readable, write_requests
from tests.resources.harness import CheckFailed, Declaration, Plugin, Ref, Stack
from tests.resources.mocked import register_program
from tests.unit.app_files import build_app

from pulumi_partnercenter import InputError, Offer, OfferTechnicalConfiguration, Package

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
APPLICATION = "bbbbbbbb-0000-4000-8000-000000000002"
ADD_ON = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"


def declare_offer(offer_type: str, offer_id: str = "contoso-app") -> Declaration:
    return Declaration(Offer, {"offer_id": offer_id, "offer_type": offer_type, "alias": offer_id})


class ConfigurationCard(Card):
    """Properties of every offer type with a technical configuration."""

    kind = OfferTechnicalConfiguration
    immutable_changes = {"offer": Ref("other_offer")}
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "packageReferences": ("value",),
        "packageRegionAvailabilities": ("region",),
    }
    collection = "packageConfigurations"
    is_singleton = True

    @classmethod
    def arguments_in(cls, group: str) -> list[str]:
        """Return only arguments that this type of offer has."""
        available_names = [*cls.first, "offer_type"] if group != "stored_argument" else list(cls.members)
        return [name for name in super().arguments_in(group) if name in available_names]

    def test_a_fresh_technical_configuration_is_adopted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]


class TestSoftware(ConfigurationCard):
    parents = {"offer": declare_offer("SoftwareAsAService")}
    other_parents = {"other_offer": declare_offer("SoftwareAsAService", "fabrikam-app")}
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
        ("arguments", "message"),
        [
            (
                {"release_version": "10"},
                "release_version: SoftwareAsAService offers have tenant, application",
            ),
            ({"packages": ["{offer}/p"], "multiple_packages": True}, "packages, multiple_packages: "),
        ],
    )
    def test_arguments_of_another_offer_type_are_refused_by_name(
        self, arguments: dict[str, Any], message: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        offer = stack.state["offer"].id
        formatted_arguments = {
            name: [element.format(offer=offer) for element in value] if isinstance(value, list) else value
            for name, value in arguments.items()
        }
        with pytest.raises(InputError, match=message) as error:
            stack.up(self.program(**formatted_arguments))
        assert_readable(error.value)
        stack.up(self.program())
        with pytest.raises(InputError, match=message):
            stack.up(self.program(**formatted_arguments))

    @pytest.mark.parametrize("offer_type", ["AzureThirdPartyVirtualMachine", "AzureContainer"])
    def test_an_offer_type_without_technical_configuration_is_refused_immediately(
        self, offer_type: str, stack: Stack, emulator: RunningEmulator, pauses: list[float]
    ) -> None:
        program = {"offer": declare_offer(offer_type)}
        stack.up(program)
        pauses.clear()
        configuration = Declaration(OfferTechnicalConfiguration, {"offer": Ref("offer")})
        with pytest.raises(InputError, match=f"{offer_type} offers have no technical configuration") as error:
            stack.up({**program, SUBJECT: configuration})
        assert_readable(error.value)
        assert pauses == []


class TestApplication(ConfigurationCard):
    parents = {"offer": declare_offer("AzureApplication")}
    other_parents = {"other_offer": declare_offer("AzureApplication", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {"offer": Ref("offer"), "tenant": TENANT, "application": APPLICATION}
    second = {"tenant": APPLICATION, "application": "", "offer_type": "AzureApplication"}
    members = {
        "tenant": ("azureActiveDirectoryTenantID", None),
        "application": ("azureActiveDirectoryApplicationID", None),
    }


class TestBusinessCentral(ConfigurationCard):
    parents = {
        "offer": declare_offer("AzureDynamics365BusinessCentral"),
        "package": Declaration(
            Package, {"offer": Ref("offer"), "source": samples.file("a.app", build_app()), "kind": ADD_ON}
        ),
        "library": Declaration(
            Package,
            {"offer": Ref("offer"), "source": samples.file("b.app", build_app("Base")), "kind": ADD_ON},
        ),
    }
    other_parents = {"other_offer": declare_offer("AzureDynamics365BusinessCentral", "fabrikam-app")}
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
    def known_arguments(cls) -> dict[str, Any]:
        return {**super().known_arguments(), "packages": [f"{MISSING_OFFER}/package"]}

    def test_a_changed_immutable_argument_replaces_the_resource(
        self, immutable: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        pytest.skip("its packages are of one offer")

    def test_two_main_apps_are_refused_before_anything_is_written(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        emulator.clear()
        with pytest.raises(CheckFailed) as refusal:
            stack.up(self.program(packages=[Ref("package"), Ref("library")]))
        (reason,) = refusal.value.reasons
        assert stack.state["package"].id in reason
        assert stack.state["library"].id in reason
        assert (
            'an offer has one main app; give a library kind="library", at its Package or beside its id'
            in reason
        )
        assert write_requests(emulator) == []

    def test_a_library_given_by_id_alone_is_not_sent_as_a_main_app(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        library = Declaration(Package, {**self.parents["library"].arguments, "kind": LIBRARY})
        stack.up({**self.parents, "library": library})
        emulator.clear()
        # Only the list returns the types of these packages.
        rows = [{**row, "@file": None} for row in emulator.state()["packages"]]
        emulator.fault("GET .*/packages$", status=200, times=0, body={"value": rows})
        program = {**self.program(packages=[Ref("library")]), "library": library}
        with pytest.raises(InputError, match=f"is a {LIBRARY}") as refusal:
            stack.up(program)
        assert_readable(refusal.value)
        assert write_requests(emulator) == []
        emulator.unfault()
        packages = [Ref("package"), {"package": Ref("library"), "kind": LIBRARY}]
        stack.up({**program, **self.program(packages=packages), "library": library})
        (configuration,) = [
            configuration
            for configuration in emulator.state()["packageConfigurations"]
            if configuration["packageReferences"]
        ]
        assert [reference["type"] for reference in configuration["packageReferences"]] == [ADD_ON, LIBRARY]

    def test_an_application_package_is_refused_in_a_technical_configuration(self) -> None:
        packages = [{"package": f"{MISSING_OFFER}/package", "kind": "AzureApplicationPackage"}]
        with pytest.raises(CheckFailed, match="is an AzureApplicationPackage; give its Package the kind"):
            Plugin({}).check(
                OfferTechnicalConfiguration, {}, {**self.known_arguments(), "packages": packages}
            )


class TestCustomerEngagement(ConfigurationCard):
    parents = {"offer": declare_offer("AzureDynamics365ForCustomerEngagement")}
    other_parents = {"other_offer": declare_offer("AzureDynamics365ForCustomerEngagement", "fabrikam-app")}
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

    def test_an_absent_package_address_stays_in_the_service(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """An exported program omits the address, because it holds a signature."""
        stack.up(self.program())
        program_without_address = self.program(package_url="")
        stack.forget()
        emulator.clear()
        stack.up(program_without_address)
        assert write_requests(emulator) == []
        assert stack.refresh() == {}
        assert stack.up(
            {
                **program_without_address,
                SUBJECT: Declaration(
                    self.kind, {**program_without_address[SUBJECT].arguments, "regions": ["Canada"]}
                ),
            }
        )
        (document,) = emulator.state()["packageConfigurations"]
        assert document["packageLocationUri"] == self.first["package_url"]
        assert "pl4nted" not in json.dumps(stack.state[SUBJECT].outputs)


class TestOperations(ConfigurationCard):
    parents = {"offer": declare_offer("AzureDynamics365ForOperations")}
    other_parents = {"other_offer": declare_offer("AzureDynamics365ForOperations", "fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "release_version": "10.0",
        "solution_identifier": "11111111-2222-4333-8444-555555555555",
    }
    second = {
        "release_version": "10.1",
        "solution_identifier": "22222222-3333-4444-8555-666666666666",
        "offer_type": "AzureDynamics365ForOperations",
    }
    members = {
        "release_version": ("releaseVersion", "9"),
        "solution_identifier": ("solutionIdentifier", None),
    }


def test_the_constructor_takes_the_offer_type_from_the_offer() -> None:
    def program() -> None:
        offer = Offer("offer", offer_id="contoso", offer_type="SoftwareAsAService", alias="Contoso")
        OfferTechnicalConfiguration("made", offer=offer.id)
        named: Any = offer
        OfferTechnicalConfiguration("named", offer=named)
        OfferTechnicalConfiguration("other", offer=MISSING_OFFER)

    registrations = register_program(program)
    assert registrations["made"].inputs["offer_type"] == "SoftwareAsAService"
    assert registrations["named"].inputs["offer_type"] == "SoftwareAsAService"
    assert registrations["other"].inputs["offer_type"] == ""


def test_the_constructor_takes_the_kind_of_each_package_from_the_package() -> None:
    def program() -> None:
        offer = Offer(
            "offer", offer_id="contoso", offer_type="AzureDynamics365BusinessCentral", alias="Contoso"
        )
        source = samples.file("main.app", build_app())
        main = Package("main", offer=offer.id, source=source, kind=ADD_ON)
        library = Package("library", offer=offer.id, source=source, kind="library")
        for name, packages in {
            "listed": [main.id, library.id, f"{MISSING_OFFER}/other"],
            "parts": [{"package": library.id}, {"package": main.id, "kind": LIBRARY}],
            "output": pulumi.Output.all(library.id, main.id),
            "resources": [library, main],
            "parts of resources": [{"package": library}, {"package": main}],
            "none": None,
        }.items():
            OfferTechnicalConfiguration(name, offer=offer.id, packages=packages)

    registrations = register_program(program)

    def kinds(name: str) -> list[Any]:
        elements = registrations[name].inputs["packages"]
        return [element if isinstance(element, str) else element["kind"] for element in elements]

    assert registrations["none"].inputs.get("packages") is None
    assert kinds("listed") == [ADD_ON, LIBRARY, f"{MISSING_OFFER}/other"]
    assert kinds("parts") == [LIBRARY, LIBRARY]
    assert kinds("output") == kinds("resources") == kinds("parts of resources") == [LIBRARY, ADD_ON]


@pytest.mark.parametrize("form", ["ids", "resources", "parts", "kinds beside ids"])
def test_two_main_apps_are_refused_in_the_preview_before_their_ids_are_known(form: str) -> None:
    def program() -> None:
        packages: list[Any] = [
            Package(name, offer=MISSING_OFFER, source=samples.file(f"{name}.app", build_app()), kind="app")
            for name in ("main", "other")
        ]
        forms: dict[str, Any] = {
            "ids": [package.id for package in packages],
            "resources": packages,
            "parts": [{"package": package.id} for package in packages],
            "kinds beside ids": [{"package": package.id, "kind": "app"} for package in packages],
        }
        OfferTechnicalConfiguration("subject", offer=MISSING_OFFER, packages=forms[form])

    inputs = register_program(program, preview=True)["subject"].inputs
    with pytest.raises(CheckFailed, match=r"packages: \[0\], \[1\]: an offer has one main app"):
        Plugin({}).check(OfferTechnicalConfiguration, {}, inputs)


def test_a_kind_beside_an_id_or_inside_an_output_is_not_that_of_the_package() -> None:
    """Neither a preview nor `up` takes such a package for a second main app."""

    def program() -> None:
        main, other = (
            Package(name, offer=MISSING_OFFER, source=samples.file(f"{name}.app", build_app()), kind="app")
            for name in ("main", "other")
        )
        beside = [main.id, {"package": other.id, "kind": "library"}]
        OfferTechnicalConfiguration("beside", offer=MISSING_OFFER, packages=beside)
        inside: list[Any] = [main.id, other.id.apply(lambda package: {"package": package, "kind": "library"})]
        OfferTechnicalConfiguration("inside", offer=MISSING_OFFER, packages=inside)

    registrations = register_program(program, preview=True)
    for name in ("beside", "inside"):
        Plugin({}).check(OfferTechnicalConfiguration, {}, registrations[name].inputs)
