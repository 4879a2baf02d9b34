"""The diagram of a stack: nodes and edges of a preview's steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provider.tools.generate.diagram import draw, draw_summary

STACK = "urn:pulumi:rehearsal::contoso::pulumi:pulumi:Stack::contoso-rehearsal"
COMPONENT = "partnercenter:components:ManagedApplicationOffer"
GROUP, TRIAL = "azuread:index/group:Group", "azure-native:solutions:Application"
OFFER, PLAN, PLAN_PACKAGE = (
    f"pulumi-python:dynamic/partnercenter:{name}" for name in ("Offer", "Plan", "PlanPackage")
)


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:rehearsal::contoso::{kind}::{name}"


def step(
    kind: str,
    name: str,
    properties: Mapping[str, Sequence[str]] | None = None,
    *,
    waits_for: Sequence[str] = (),
    parent: str = STACK,
) -> dict[str, Any]:
    """A resource whose properties come from the resources with these URNs."""
    resource = {
        "urn": urn(kind, name),
        "type": kind,
        "parent": parent,
        "propertyDependencies": properties or {},
        "dependencies": [
            *waits_for,
            *(source for sources in (properties or {}).values() for source in sources),
        ],
    }
    return {"op": "create", "urn": resource["urn"], "newState": resource}


def edges(*steps: dict[str, Any]) -> list[str]:
    return [line.strip() for line in draw(steps).splitlines() if "->" in line]


def in_component(*arguments: Any, **options: Any) -> dict[str, Any]:
    return step(*arguments, **options, parent=urn(COMPONENT, "vault"))


ALL = [
    step(GROUP, "operators"),
    step(TRIAL, "trial", {"managedResourceGroupId": [urn(GROUP, "operators")]}),
    step(COMPONENT, "vault"),
    in_component(OFFER, "vault", waits_for=[urn(TRIAL, "trial")]),
    in_component(PLAN, "vault-gold", {"offer": [urn(OFFER, "vault")]}),
    in_component(PLAN, "vault-silver", {"offer": [urn(OFFER, "vault")]}),
    in_component(
        PLAN_PACKAGE,
        "vault-gold-package",
        {
            "plan": [urn(PLAN, "vault-gold")],
            "authorizations": [urn(GROUP, "operators")],
            "plan_id": [urn(PLAN, "vault-gold")],
        },
        waits_for=[urn(OFFER, "vault"), urn(TRIAL, "trial")],
    ),
]


def test_an_edge_is_left_out_where_a_longer_way_exists_and_values_from_azure_stay() -> None:
    """Properties that constructors add by themselves are no arguments."""
    assert edges(*ALL) == [
        "Azure_Application_trial -.-> vault_Offer",
        'Azure_Group_operators -->|"managed_resource_group_id"| Azure_Application_trial',
        'Azure_Group_operators -->|"authorizations"| vault_PlanPackage',
        'vault_Offer -->|"offer"| vault_Plan',
        'vault_Plan -->|"plan"| vault_PlanPackage',
    ]


def test_resources_of_a_class_in_an_offer_are_one_node_and_the_order_of_the_steps_does_not_count() -> None:
    text = draw(ALL)
    assert 'subgraph vault_["ManagedApplicationOffer vault"]' in text
    assert 'vault_Plan["Plan × 2"]' in text
    assert draw(ALL[::-1]) == text


def test_a_summary_has_what_goes_from_azure_into_an_offer() -> None:
    assert draw_summary(ALL).splitlines()[2:-1] == [
        '  Azure_Application_trial["Application trial"] -.-> vault_Offer["Offer of vault"]',
        '  Azure_Group_operators["Group operators"] -->|"authorizations"| vault_PlanPackage["PlanPackage of vault"]',
    ]
