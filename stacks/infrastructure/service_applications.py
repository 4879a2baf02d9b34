"""Applications of the SaaS service in Entra: who calls the fulfillment API, and who signs in."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azuread as azuread

CALLBACKS = {"customer": "/sign-in/customer/callback", "publisher": "/sign-in/publisher/callback"}
"""Addresses to which a sign-in returns, below the service's own."""
GRAPH, USER_READ = "00000003-0000-0000-c000-000000000000", "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
"""Microsoft Graph, and its permission to read the profile of who signs in. It needs no consent of an administrator."""
ROLES = {
    "Subscriptions.Read": (
        "00000000-0000-4000-8000-000000000001",
        "Read subscriptions, webhooks, jobs and usage",
    ),
    "Subscriptions.Manage": (
        "00000000-0000-4000-8000-000000000002",
        "Activate, change and cancel subscriptions",
    ),
}
"""Roles in the publisher's pages: id, unique in their application, and description."""


@dataclass(frozen=True)
class Registration:
    """An application in Entra with its service principal and a secret."""

    client_id: pulumi.Output[str]
    secret: pulumi.Output[str]
    principal: azuread.ServicePrincipal


def declare_registration(
    kept: pulumi.ResourceOptions, expires: str, name: str, **arguments: Any
) -> Registration:
    """An application, its service principal, and a secret.

    Without the service principal the marketplace refuses the application's tokens. A secret that expires is replaced:
    the new one is in use before the old one goes.
    """
    application = azuread.Application(
        f"service-{name}",
        display_name=f"Contoso SaaS {name} ({pulumi.get_stack()})",
        opts=kept,
        **arguments,
    )
    is_guarded = bool(arguments.get("app_roles"))
    principal = azuread.ServicePrincipal(
        f"service-{name}",
        client_id=application.client_id,
        app_role_assignment_required=is_guarded,
        opts=kept,
    )
    secret = azuread.ApplicationPassword(
        f"service-{name}",
        application_id=application.id,
        display_name="SaaS service",
        end_date=expires,
    )
    return Registration(application.client_id, secret.value, principal)


def declare_customer_sign_in(
    kept: pulumi.ResourceOptions, expires: str, address: pulumi.Output[str]
) -> Registration:
    """The application of the landing page: work accounts of every tenant, and personal ones."""
    return declare_registration(
        kept,
        expires,
        "customers",
        sign_in_audience="AzureADandPersonalMicrosoftAccount",
        api={"requested_access_token_version": 2},
        web={"redirect_uris": [pulumi.Output.concat(address, CALLBACKS["customer"])]},
        required_resource_accesses=[
            {"resource_app_id": GRAPH, "resource_accesses": [{"id": USER_READ, "type": "Scope"}]}
        ],
    )


def declare_publisher_sign_in(
    kept: pulumi.ResourceOptions, expires: str, address: pulumi.Output[str]
) -> Registration:
    """The application of the publisher's pages, for Contoso's own people, and the group that may change things.

    It is not the one that calls the fulfillment API: that one is used for nothing else.
    """
    registration = declare_registration(
        kept,
        expires,
        "publisher",
        sign_in_audience="AzureADMyOrg",
        api={"requested_access_token_version": 2},
        web={"redirect_uris": [pulumi.Output.concat(address, CALLBACKS["publisher"])]},
        app_roles=[
            {
                "id": id,
                "value": role,
                "display_name": role,
                "description": description,
                "allowed_member_types": ["User"],
            }
            for role, (id, description) in ROLES.items()
        ],
    )
    operators = azuread.Group(
        "service-operators",
        display_name=f"Contoso SaaS operators ({pulumi.get_stack()})",
        security_enabled=True,
        opts=kept,
    )
    azuread.AppRoleAssignment(
        "service-operators",
        app_role_id=ROLES["Subscriptions.Manage"][0],
        principal_object_id=operators.object_id,
        resource_object_id=registration.principal.object_id,
    )
    return registration
