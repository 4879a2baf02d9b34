"""Arguments that constructors take from other resources of the program.

A constructor calls `imply_<module>` of here, where there is one, with the arguments that it was given; the result is
what the engine gets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import pulumi

from ._base import Resource, find_declared, list_declared

__all__ = [
    "imply_offer_markets",
    "imply_offer_properties",
    "imply_offer_setup",
    "imply_offer_technical_configuration",
    "imply_package",
    "imply_plan",
    "imply_plan_package",
    "imply_plan_pricing",
    "imply_portal_publication",
    "imply_preview_audience",
    "imply_reseller_channel",
    "imply_submission",
]

NOT_PUBLISHED = ("Offer", "Submission", "AppRelease")
"""Resources that a submission does not send."""


def imply_plan_pricing(name: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return _with_subtype(given)


def imply_plan_package(name: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {
        **_with_subtype(given),
        "plan_id": _find_output("Plan", "plan_id", given["plan"]),
        "package_digest": _find_output("Package", "digest", given["package"]),
    }


def _with_offer_type(given: dict[str, Any]) -> dict[str, Any]:
    if given["offer_type"] is not None:
        return given
    return {**given, "offer_type": _find_output("Offer", "offer_type", given["offer"])}


def _imply_offer_type(name: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return _with_offer_type(given)


imply_offer_markets = _imply_offer_type
imply_offer_properties = _imply_offer_type
imply_offer_setup = _imply_offer_type
imply_package = _imply_offer_type
imply_plan = _imply_offer_type
imply_preview_audience = _imply_offer_type
imply_reseller_channel = _imply_offer_type


def imply_offer_technical_configuration(name: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    packages = given["packages"]
    return {
        **_with_offer_type(given),
        "packages": None if packages is None else _with_kinds(packages),
    }


def imply_submission(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Raises RunError for a member of `publishes` that is no resource of this package."""
    publishes = _require_resources(f"Submission {name!r}", given["publishes"])

    async def find_omitted() -> list[str]:
        """Run once the program has, so that it sees what is declared after the submission."""
        return _list_omitted(given["offer"], publishes)

    return {
        **_with_published(_with_offer_type(given), publishes),
        "omitted": _output_of(find_omitted),
        "app_packages": _find_app_packages(publishes),
        "app_version": next(
            (
                resource.given_arguments["app_version"]
                for resource in publishes
                if resource.schema.known_as == "OfferProperties"
            ),
            None,
        ),
    }


def imply_portal_publication(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Raises RunError for a member of `publishes` that is no resource of this package."""
    return _with_published(given, _require_resources(f"Publication {name!r}", given["publishes"]))


def _find_app_packages(publishes: Sequence[Resource]) -> pulumi.Output[list[dict[str, Any]]]:
    """Kind and apps of the packages that a technical configuration refers to, if the program has all of them."""
    references = [
        resource.given_arguments["packages"]
        for resource in publishes
        if resource.schema.known_as == "OfferTechnicalConfiguration"
    ]

    async def find() -> pulumi.Output[list[dict[str, Any]]]:
        packages: list[Any] = [
            package for reference in references for package in await _list_origins(reference, "Package")
        ]
        is_complete = all(
            len(reference) == len(packages) for reference in references if isinstance(reference, Sequence)
        )
        packages.sort(key=lambda package: str(package.pulumi_resource_name))
        members = [  # the state of older versions has no apps
            {"kind": package.kind, "apps": package.apps.apply(lambda apps: apps or [])}
            for package in packages
        ]
        return pulumi.Output.from_input(members if is_complete else [])

    return _output_of(find)


def _require_resources(label: str, publishes: Any) -> list[Resource]:
    if isinstance(publishes, str | Mapping | pulumi.Output) or not isinstance(publishes, Iterable):
        raise pulumi.RunError(f"{label}: publishes: {_described(publishes)} — must be a list of resources")
    resources: list[Resource] = []
    for number, resource in enumerate(publishes):
        if not isinstance(resource, Resource):
            raise pulumi.RunError(
                f"{label}: publishes[{number}]: {_described(resource)} — must be a resource of this package itself"
            )
        resources.append(resource)
    return resources


def _described(value: Any) -> str:
    """A value for a message; its type, where Python's representation means nothing to a reader."""
    if isinstance(value, pulumi.Output):
        return "an output, such as an `.id`,"
    if isinstance(value, pulumi.Resource):
        return f"{type(value).__name__} {value.pulumi_resource_name!r}"
    return repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"


def _with_published(given: dict[str, Any], publishes: Sequence[Resource]) -> dict[str, Any]:
    return {
        **given,
        "publishes": [resource.fingerprint for resource in publishes],
        "sends": [_label(resource) for resource in publishes],
        "published": [
            {
                "kind": resource.schema.known_as,
                "name": resource.pulumi_resource_name,
                "id": resource.id,
            }
            for resource in publishes
        ],
    }


def _with_subtype(given: dict[str, Any]) -> dict[str, Any]:
    subtype = _find_subtype(given["plan"]) if given["subtype"] is None else given["subtype"]
    return {**given, "subtype": subtype}


def _find_subtype(plan: Any) -> pulumi.Output[str]:
    """The subtype of the Plan whose `.id` is given, if it belongs to an Azure application; else ""."""

    async def find() -> pulumi.Output[str]:
        for resource in await _list_origins(plan, "Plan"):
            offer_type = _find_output("Offer", "offer_type", resource.given_arguments["offer"])
            subtype = pulumi.Output.from_input(getattr(resource, "subtype", ""))
            return pulumi.Output.all(offer_type, subtype).apply(
                lambda values: str(values[1]) if values[0] == "AzureApplication" else ""
            )
        return pulumi.Output.from_input("")

    return _output_of(find)


def _find_output(known_as: str, name: str, reference: Any) -> pulumi.Output[str]:
    """An output of the resource of this name whose `.id` is given; "" where the program has none."""

    async def find() -> pulumi.Output[str]:
        for resource in await _list_origins(reference, known_as):
            return pulumi.Output.from_input(getattr(resource, name))
        return pulumi.Output.from_input("")

    return _output_of(find)


def _output_of(find: Callable[[], Awaitable[Any]]) -> pulumi.Output[Any]:
    """An output that waits for a coroutine, and for the output that it returns."""
    awaitable: Any = find()
    return pulumi.Output.from_input(awaitable)


def _by_id(reference: Any) -> Any:
    """The `.id` of a resource that is given itself, which the engine takes too; any other reference as it is."""
    return reference.id if isinstance(reference, Resource) else reference


async def _list_origins(reference: Any, known_as: str) -> list[Resource]:
    """The resources of this kind that a value depends on."""
    resources = await pulumi.Output.from_input(_by_id(reference)).resources()
    return [
        resource
        for resource in resources
        if isinstance(resource, Resource) and resource.schema.known_as == known_as
    ]


def _with_kinds(packages: Any) -> Any:
    """The packages with the kind of each, from its Package where the program has it."""
    if isinstance(packages, Sequence) and not isinstance(packages, str):
        return [_with_kind_of_its_package(element) for element in packages]

    def complete(values: Sequence[Any]) -> Any:
        elements, kinds = values
        return (
            [_with_kind(element, kinds) for element in elements] if isinstance(elements, list) else elements
        )

    return pulumi.Output.all(packages, _find_kinds(packages)).apply(complete)


def _with_kind_of_its_package(element: Any) -> Any:
    """An element with the kind of its Package. A kind that the program states is known in a preview, when no id is."""
    members = element if isinstance(element, Mapping) else {"package": element}
    kind, package = members.get("kind"), _find_declared_package(members.get("package"))
    members = {name: _by_id(value) for name, value in members.items()}
    if package and kind is None:
        return {**members, "kind": package.kind}
    if isinstance(kind, str):
        return members
    part = members if isinstance(element, Mapping) else members["package"]
    if not _holds_output(part):
        return part
    return pulumi.Output.all(part, _find_kinds(part)).apply(lambda values: _with_kind(values[0], values[1]))


def _find_declared_package(reference: Any) -> Any:
    """The Package that is given itself or by its `.id`; None for any other reference, one made of an `.id` too."""
    resource = reference if isinstance(reference, Resource) else find_declared(reference)
    return resource if resource and resource.schema.known_as == "Package" else None


def _find_kinds(value: Any) -> pulumi.Output[dict[str, str]]:
    """The kinds of the packages of this program whose `.id` a value is made of, by that `.id`."""

    async def find() -> pulumi.Output[dict[str, str]]:
        packages: list[Any] = list(await _list_origins(value, "Package"))
        pairs = [pulumi.Output.all(package.id, package.kind) for package in packages]
        return pulumi.Output.all(*pairs).apply(
            lambda values: {id: kind for id, kind in values if isinstance(kind, str)}
        )

    return _output_of(find)


def _holds_output(element: Any) -> bool:
    values = element.values() if isinstance(element, Mapping) else [element]
    return any(isinstance(value, pulumi.Output | Awaitable) for value in values)


def _with_kind(element: Any, kinds: Mapping[str, str]) -> Any:
    """An element whose kind is not given, and whose Package the program has, gets its kind."""
    package = element.get("package") if isinstance(element, Mapping) else element
    is_given = isinstance(element, Mapping) and element.get("kind") is not None
    if is_given or not isinstance(package, str) or package not in kinds:
        return element
    members = element if isinstance(element, Mapping) else {"package": package}
    return {**members, "kind": kinds[package]}


def _label(resource: Resource) -> str:
    return f"{resource.schema.known_as} {resource.pulumi_resource_name}"


def _list_omitted(offer: Any, publishes: Sequence[Resource]) -> list[str]:
    """Class and name of the program's resources of this offer that are not in `publishes`.

    References are compared by identity, because nothing here may wait for a resource.
    """
    declared = list_declared()
    parents = {
        id(reference): plan.given_arguments.get("offer")
        for plan in declared
        if (reference := vars(plan).get("id")) is not None
    }
    names = []
    for resource in declared:
        if resource.schema.known_as in NOT_PUBLISHED or any(resource is sent for sent in publishes):
            continue
        reference = resource.given_arguments.get("offer")
        if reference is None:
            plan = resource.given_arguments.get("plan")
            reference = plan.split("/")[0] if isinstance(plan, str) else parents.get(id(plan))
        if reference is offer or (isinstance(reference, str) and reference == offer):
            names.append(_label(resource))
    return names
