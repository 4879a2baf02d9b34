"""Base of the components: an offer with all its resources as a single resource of a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NotRequired, TypedDict, TypeVar

import pulumi
from pulumi import Input

from .. import resources
from ..messages import no_such, shown
from ..resources import Offer, OfferListing, Package, Plan, Resource, Submission
from . import resource_arguments as arguments

__all__ = [
    "ApplicationOfferArgs",
    "ApplicationPlanArgs",
    "ApplicationPlanPackageArgs",
    "ListingArgs",
    "LogosArgs",
    "OfferArgs",
    "OfferComponent",
    "PlanArgs",
]

R = TypeVar("R", bound=Resource)

SINGLETONS: Mapping[str, type[Resource]] = {
    "setup": resources.OfferSetup,
    "properties": resources.OfferProperties,
    "preview_audience": resources.PreviewAudience,
    "markets": resources.OfferMarkets,
    "reseller_channel": resources.ResellerChannel,
    "lead_destination": resources.LeadDestination,
    "technical_configuration": resources.OfferTechnicalConfiguration,
    "cosell_listing": resources.CosellListing,
    "supplemental_content": resources.SupplementalContent,
    "test_drive": resources.TestDrive,
}
"""Resources of which an offer has one, by argument."""
FILES: Mapping[str, type[Resource]] = {
    "images": resources.ListingImage,
    "videos": resources.ListingVideo,
    "documents": resources.ListingDocument,
}
"""Resources of which a listing has several, by argument."""
DEFAULT_LANGUAGE = "en-us"
"""Language whose resources have no language in their names."""
TARGETS = ("draft", "preview", "live")
RETENTIONS = ("delete", "retain", "protect")


class LogosArgs(TypedDict):
    """Logos of a listing, by size: paths or assets."""

    small: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """48×48."""
    medium: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """90×90."""
    large: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """216 to 350 square."""
    wide: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """255×115."""


class ListingArgs(arguments.OfferListingArgsDict):
    """Listing in a language: texts, and files by names that the program chooses."""

    logos: NotRequired[LogosArgs]
    """Logos of this language; the default are those of the offer."""
    images: NotRequired[Mapping[str, arguments.ListingImageArgsDict]]
    """Screenshots and other pictures, by name."""
    videos: NotRequired[Mapping[str, arguments.ListingVideoArgsDict]]
    """Videos, by name."""
    documents: NotRequired[Mapping[str, arguments.ListingDocumentArgsDict]]
    """Documents, by name."""


class PlanArgs(arguments.PlanArgsDict):
    """A plan with its listings and its price."""

    listings: Mapping[str, arguments.PlanListingArgsDict]
    """Listing of the plan, by language code."""
    pricing: NotRequired[arguments.PlanPricingArgsDict]
    """Prices, markets and audience."""


class ApplicationPlanPackageArgs(arguments.PlanPackageArgsDict):
    """The package that a plan deploys, and the management of its deployments."""

    source: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """Folder, zip or archive of this plan alone; the default is the package of the offer."""


class ApplicationPlanArgs(PlanArgs):
    """A plan of an Azure application."""

    package: NotRequired[ApplicationPlanPackageArgs]
    """Package and its management."""


class OfferArgs(arguments.OfferArgsDict):
    """Arguments of every kind of offer. Resources without arguments are not declared; Partner Center keeps them."""

    listings: Mapping[str, ListingArgs]
    """Listing of the offer, by language code: `{"en-us": {"title": …}}`."""
    logos: NotRequired[LogosArgs]
    """Logos of every language without its own."""
    setup: NotRequired[arguments.OfferSetupArgsDict]
    """How the offer is sold."""
    properties: NotRequired[arguments.OfferPropertiesArgsDict]
    """Categories and terms."""
    preview_audience: NotRequired[arguments.PreviewAudienceArgsDict]
    """Who sees the preview."""
    reseller_channel: NotRequired[arguments.ResellerChannelArgsDict]
    """Who may resell."""
    lead_destination: NotRequired[arguments.LeadDestinationArgsDict]
    """Where leads go."""
    cosell_listing: NotRequired[arguments.CosellListingArgsDict]
    """What Microsoft's sellers read."""
    test_drive: NotRequired[arguments.TestDriveArgsDict]
    """Test drive of an old offer."""
    target: NotRequired[str]
    """How far the offer is published: `draft` (the default, not at all), `preview` or `live`."""
    submission: NotRequired[arguments.SubmissionArgsDict]
    """Further arguments of the submission."""
    also_publishes: NotRequired[Callable[[Any], Sequence[Resource]]]
    """Function that gets the component, declares further resources of the offer, and returns them to be published."""
    retention: NotRequired[str]
    """Offer, plans and packages that leave the program: `delete` (default of a draft), `retain` (keep in Partner
    Center,
    default of a published offer), or `protect` (refuse to remove them, or the submission).
    """
    former_names: NotRequired[Mapping[str, str]]
    """Names of these resources in an earlier program without the component, by their present names; `{}` if they are
    equal.
    A value may be a whole URN. The resources keep their state.
    """


class ApplicationOfferArgs(OfferArgs):
    """Arguments of an Azure application."""

    plans: Mapping[str, ApplicationPlanArgs]
    """Plans, by plan id."""
    package: NotRequired[arguments.PackageArgsDict]
    """Package of every plan without its own."""


class OfferComponent(pulumi.ComponentResource):
    """An offer with all its resources. A subclass defines the kind of offer, and its resources."""

    component_type: ClassVar[str]
    offer_type: ClassVar[str]
    subtype: ClassVar[str | None] = None
    """Subtype of the plans, if the kind of offer has several."""
    args_type: ClassVar[type]
    plan_args_type: ClassVar[type] = PlanArgs

    offer: Offer
    plans: dict[str, Plan]
    """By plan id."""
    listings: dict[str, OfferListing]
    """By language code."""
    publishes: list[Resource]
    """All that a submission of the offer sends."""
    submission: Submission | None
    """None for a draft."""

    offer_id: pulumi.Output[str]
    """Id in the public address."""
    plan_ids: pulumi.Output[dict[str, str]]
    """`.id` of each plan, by plan id."""
    state: pulumi.Output[str]
    """`draft`, or the state of the submission."""
    preview_links: pulumi.Output[list[str]]
    """Addresses of the preview, if the service returns them."""

    def __init__(
        self, resource_name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        place = f"{type(self).__name__} {resource_name!r}"
        given = _members(args, place, self.args_type)
        target = _choice(given.get("target", "draft"), f"{place}: target", TARGETS)
        default = "delete" if target == "draft" else "retain"
        retention = _choice(given.get("retention", default), f"{place}: retention", RETENTIONS)
        super().__init__(self.component_type, resource_name, None, opts)
        children = _Children(
            self,
            place,
            kept=pulumi.ResourceOptions(
                retain_on_delete=retention != "delete", protect=retention == "protect" or None
            ),
            depends_on=opts.depends_on if opts else None,
            adopt=bool(given.get("adopt")),
            former_names=given.get("former_names"),
        )
        named: dict[str, Any] = {name: given[name] for name in ("offer_id", "alias") if name in given}
        self.offer = children.declare(Offer, [], named, offer_type=self.offer_type, opts=children.kept)
        self._declare_singletons(children, given)
        self.listings = {
            language: _declare_listing(children, self.offer, language, members, given.get("logos"))
            for language, members in _objects(given.get("listings"), f"{place}: listings").items()
        }
        package = None
        if "package" in given:
            members = _members(given["package"], f"{place}: package", arguments.PackageArgsDict)
            package = children.declare(Package, ["package"], members, offer=self.offer.id, opts=children.kept)
        self.plans = {
            plan_id: self._declare_plan(children, plan_id, members, package)
            for plan_id, members in _objects(given.get("plans", {}), f"{place}: plans").items()
        }
        self.publishes = [child for child in children.declared if child is not self.offer]
        self._declare_additions(place, given.get("also_publishes"))
        self.submission = self._declare_submission(children, target, given.get("submission", {}))
        children.require_known_names()
        self._set_outputs()

    def _declare_singletons(self, children: _Children, given: Mapping[str, Any]) -> None:
        for argument, resource_class in SINGLETONS.items():
            if argument in given:
                members = _members(
                    given[argument], f"{children.place}: {argument}", _args_type(resource_class)
                )
                children.declare(resource_class, [argument.replace("_", "-")], members, offer=self.offer.id)

    def _declare_additions(self, place: str, declare: Any) -> None:
        if declare is None:
            return
        additions = declare(self) if callable(declare) else None
        if not isinstance(additions, list | tuple):
            raise pulumi.RunError(
                f"{place}: also_publishes: must be a function that returns a list of resources"
            )
        self.publishes += additions

    def _declare_plan(self, children: _Children, plan_id: str, given: Any, package: Package | None) -> Plan:
        """Declare a plan, its listings, its price and its package."""
        place = f"{children.place}: plans.{plan_id}"
        members = _members(given, place, self.plan_args_type)
        listings = _objects(members.pop("listings", None), f"{place}.listings")
        pricing, plan_package = members.pop("pricing", None), members.pop("package", None)
        plan = children.declare(
            Plan,
            [plan_id],
            members,
            offer=self.offer.id,
            plan_id=plan_id,
            subtype=self.subtype,
            opts=children.kept,
        )
        for language, listing in listings.items():
            children.declare(
                resources.PlanListing,
                [plan_id, "listing", *_language_suffix(language)],
                _members(listing, f"{place}.listings.{language}", arguments.PlanListingArgsDict),
                plan=plan.id,
                language=language,
            )
        if pricing is not None:
            pricing = _members(pricing, f"{place}.pricing", arguments.PlanPricingArgsDict)
            children.declare(resources.PlanPricing, [plan_id, "pricing"], pricing, plan=plan.id)
        if plan_package is not None:
            plan_package = _members(plan_package, f"{place}.package", ApplicationPlanPackageArgs)
            if (source := plan_package.pop("source", None)) is not None:
                package = children.declare(
                    Package,
                    ["package", plan_id],
                    {"source": source},
                    offer=self.offer.id,
                    opts=children.kept,
                )
            if package is None:
                raise pulumi.RunError(
                    shown(f"{place}.package: source: missing, and the offer has no package for all its plans")
                )
            children.declare(
                resources.PlanPackage,
                [plan_id, "package"],
                plan_package,
                plan=plan.id,
                package=package.id,
            )
        return plan

    def _declare_submission(self, children: _Children, target: str, given: Any) -> Submission | None:
        members = _members(given, f"{children.place}: submission", arguments.SubmissionArgsDict)
        if target == "draft":
            return None
        return children.declare(
            Submission,
            ["submission"],
            members,
            offer=self.offer.id,
            publishes=self.publishes,
            target=target,
            # The other resources are deleted after the submission: if it stays, a refused destroy deletes nothing
            opts=pulumi.ResourceOptions(protect=children.kept.protect),
        )

    def _set_outputs(self) -> None:
        self.offer_id = self.offer.offer_id
        plan_ids: Any = {plan_id: plan.id for plan_id, plan in self.plans.items()}
        self.plan_ids = pulumi.Output.from_input(plan_ids)
        submission = self.submission
        self.state = submission.state if submission else pulumi.Output.from_input("draft")
        self.preview_links = submission.preview_links if submission else pulumi.Output.from_input([])
        self.register_outputs(
            {
                "offer": self.offer.id,
                "offer_id": self.offer_id,
                "plan_ids": self.plan_ids,
                "state": self.state,
                "preview_links": self.preview_links,
            }
        )


@dataclass
class _Children:
    """The resources of a component: their names, their parent, and their former names as aliases."""

    component: OfferComponent
    place: str
    kept: pulumi.ResourceOptions
    """Options of resources that cannot be deleted after publishing."""
    depends_on: Any
    """Option of the component, which Pulumi does not pass on to its children."""
    adopt: bool
    former_names: Mapping[str, str] | None
    declared: list[Resource] = field(default_factory=list)

    def declare(
        self,
        resource_class: Callable[..., R],
        suffixes: Sequence[str],
        given: Mapping[str, Any],
        *,
        opts: pulumi.ResourceOptions | None = None,
        **own: Any,
    ) -> R:
        """Declare a child with the given arguments, and with those that its place determines."""
        name = "-".join([self.component.pulumi_resource_name, *suffixes])
        options = pulumi.ResourceOptions(
            parent=self.component, aliases=self._aliases(name), depends_on=self.depends_on
        )
        if opts:
            options = pulumi.ResourceOptions.merge(opts, options)
        adopt = {} if resource_class is Submission else {"adopt": given.get("adopt", self.adopt)}
        resource = resource_class(name, **{**given, **own, **adopt}, opts=options)
        self.declared.append(resource)
        return resource

    def _aliases(self, name: str) -> list[str | pulumi.Alias]:
        if self.former_names is None:
            return []
        former = self.former_names.get(name, name)
        is_urn = former.startswith("urn:pulumi:")
        return [former if is_urn else pulumi.Alias(name=former, parent=pulumi.ROOT_STACK_RESOURCE)]

    def require_known_names(self) -> None:
        """Raises RunError for a former name of a child that does not exist: its state would be orphaned.

        A draft may have a former name of the submission: the target depends on the environment.
        """
        names = [child.pulumi_resource_name for child in self.declared]
        submission = f"{self.component.pulumi_resource_name}-submission"
        names += [submission] if submission not in names else []
        for name in self.former_names or ():
            if name not in names:
                raise pulumi.RunError(
                    shown(f"{self.place}: former_names: {name!r} — must be one of {', '.join(names)}")
                )


def _declare_listing(
    children: _Children, offer: Offer, language: str, given: Any, default_logos: Any
) -> OfferListing:
    """Declare the listing in a language, and its files after it."""
    place, suffix = f"{children.place}: listings.{language}", _language_suffix(language)
    members = _members(given, place, ListingArgs)
    logos = _members(members.pop("logos", default_logos or {}), f"{place}.logos", LogosArgs)
    files = {argument: _objects(members.pop(argument, {}), f"{place}.{argument}") for argument in FILES}
    listing = children.declare(OfferListing, ["listing", *suffix], members, offer=offer.id, language=language)
    after_listing = pulumi.ResourceOptions(depends_on=[listing])
    for size, source in logos.items():
        children.declare(
            resources.ListingImage,
            ["logo", size, *suffix],
            {"kind": f"AzureLogo{size.capitalize()}", "source": source},
            offer=offer.id,
            language=language,
            opts=after_listing,
        )
    for argument, named in files.items():
        for name, file in named.items():
            children.declare(
                FILES[argument],
                [argument.removesuffix("s"), name, *suffix],
                _members(file, f"{place}.{argument}.{name}", _args_type(FILES[argument])),
                offer=offer.id,
                language=language,
                opts=after_listing,
            )
    return listing


def _language_suffix(language: str) -> list[str]:
    return [] if language.casefold() == DEFAULT_LANGUAGE else [language]


def _args_type(resource_class: type[Resource]) -> type:
    args_type: type = getattr(arguments, f"{resource_class.__name__}ArgsDict")
    return args_type


def _members(value: Any, place: str, args_type: Any) -> dict[str, Any]:
    """Return the members of an object that are set. Raises RunError for a member that its type does not have."""
    members = _objects(value, place)
    names = args_type.__required_keys__ | args_type.__optional_keys__
    for name in members:
        if name not in names:
            raise pulumi.RunError(shown(f"{place}: {no_such(name, sorted(names))}"))
    return {name: member for name, member in members.items() if member is not None}


def _objects(value: Any, place: str) -> dict[str, Any]:
    """Return an object with names as keys. Raises RunError for another value."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        problem = "is required" if value is None else f"must be an object by name, not {type(value).__name__}"
        raise pulumi.RunError(shown(f"{place}: {problem}"))
    return dict(value)


def _choice(value: Any, place: str, choices: Sequence[str]) -> str:
    """Raises RunError for a value that is none of the choices."""
    if value not in choices:
        raise pulumi.RunError(shown(f"{place}: {value!r} — must be {' or '.join(map(repr, choices))}"))
    return str(value)
