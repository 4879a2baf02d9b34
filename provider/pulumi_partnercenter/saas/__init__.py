"""The service that the publisher of a SaaS offer runs: landing page, webhook, publisher's pages and usage.

    from pulumi_partnercenter.saas import Handlers, ServiceSettings, create_app

    class ContosoHandlers(Handlers):
        def provision(self, event):
            create_workspace(event.subscription.id, event.subscription.plan_id)

    app = create_app(ServiceSettings.load(), ContosoHandlers())

Its libraries are in the extra `saas`.
"""

from __future__ import annotations

from .app import create_app
from .callbacks import verify_signature
from .handlers import Decision, Event, Handlers, Person, Refused, SubscriptionSnapshot
from .settings import ServiceSettings, SignIn

__all__ = [
    "Decision",
    "Event",
    "Handlers",
    "Person",
    "Refused",
    "ServiceSettings",
    "SignIn",
    "SubscriptionSnapshot",
    "create_app",
    "verify_signature",
]
