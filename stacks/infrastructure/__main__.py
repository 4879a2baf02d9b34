"""Contoso's Azure resources as a project of their own, for offers that read its outputs (`infrastructure:stack`)."""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).parents[1]))

from infrastructure import archive, service, starter

declared = archive.declare()
pulumi.export("tenant", declared.tenant)
pulumi.export("metering_application", declared.metering_application)
pulumi.export("operators", declared.operators)
pulumi.export("notification_endpoint", declared.notification_endpoint)
starter.declare()
if pulumi.Config("service").get("image"):
    saas = service.declare()
    pulumi.export(
        "service",
        {
            "tenant": saas.tenant,
            "application": saas.application,
            "landing_page_url": saas.landing_page_url,
            "webhook_url": saas.webhook_url,
        },
    )
