"""Contoso Archive Starter in Azure: its template, deployed as a customer would who changes nothing in the form."""

import json
from pathlib import Path

import pulumi
from pulumi_azure_native import resources

from .form import default_parameters

PACKAGE = Path(__file__).parents[1] / "assets" / "archive-template"
"""What the offer ships."""


def declare() -> list[pulumi.Resource]:
    """What has to work before anything goes to Partner Center; empty without `infrastructure:trial`."""
    if not pulumi.Config("infrastructure").get_bool("trial"):
        return []
    group = resources.ResourceGroup("starter-trial")
    deployment = resources.Deployment(
        "starter-trial",
        resource_group_name=group.name,
        properties={
            "mode": resources.DeploymentMode.INCREMENTAL,
            "template": json.loads((PACKAGE / "mainTemplate.json").read_text(encoding="utf-8")),
            "parameters": default_parameters(PACKAGE, group.location),
        },
    )
    return [deployment]
