"""Alerts of the SaaS service: by metrics of Azure, and by what the service logs."""

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import app, dbforpostgresql, monitor, operationalinsights, resources


def declare(
    group: resources.ResourceGroup,
    addresses: Sequence[str],
    service: app.ContainerApp,
    server: dbforpostgresql.Server,
    logs: operationalinsights.Workspace,
) -> None:
    """Who hears of problems, and of which."""
    receivers = monitor.ActionGroup(
        "service",
        resource_group_name=group.name,
        location="global",
        group_short_name="saas",
        enabled=True,
        email_receivers=[
            {"name": address, "email_address": address, "use_common_alert_schema": True}
            for address in addresses
        ],
    )
    failures = [{"name": "statusCodeCategory", "operator": "Include", "values": ["5xx"]}]
    for name, resource, metric, aggregation, operator, threshold, dimensions in (
        ("failures", service, "Requests", "Total", "GreaterThan", 5, failures),
        ("restarts", service, "RestartCount", "Maximum", "GreaterThan", 3, []),
        ("replicas", service, "Replicas", "Maximum", "LessThan", 1, []),
        ("database-storage", server, "storage_percent", "Average", "GreaterThan", 80, []),
        ("database-down", server, "is_db_alive", "Maximum", "LessThan", 1, []),
    ):
        monitor.MetricAlert(
            f"service-{name}",
            resource_group_name=group.name,
            location="global",
            scopes=[resource.id],
            severity=1,
            enabled=True,
            evaluation_frequency="PT5M",
            window_size="PT15M",
            criteria={
                "odata_type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "all_of": [
                    {
                        "criterion_type": "StaticThresholdCriterion",
                        "name": name,
                        "metric_name": metric,
                        "time_aggregation": aggregation,
                        "operator": operator,
                        "threshold": threshold,
                        "dimensions": dimensions,
                    }
                ],
            },
            actions=[{"action_group_id": receivers.id}],
        )
    lines = pulumi.Output.concat(
        "ContainerAppConsoleLogs | where ContainerAppName == '",
        service.name,
        "' | extend line = parse_json(Log)",
    )
    for name, condition in (
        ("errors", "line.level in ('error', 'critical')"),
        # Microsoft takes each refusal as final: a change that it made is not known here.
        ("refused-webhooks", "line.route == '/webhook' and toint(line.status) >= 400"),
    ):
        monitor.ScheduledQueryRule(
            f"service-{name}",
            resource_group_name=group.name,
            display_name=f"SaaS service: {name.replace('-', ' ')}",
            scopes=[logs.id],
            severity=1,
            enabled=True,
            evaluation_frequency="PT15M",
            window_size="PT15M",
            criteria={
                "all_of": [
                    {
                        "query": pulumi.Output.concat(lines, f" | where {condition}"),
                        "time_aggregation": "Count",
                        "operator": "GreaterThan",
                        "threshold": 0,
                    }
                ]
            },
            actions={"action_groups": [receivers.id]},
        )
