"""The diagram of the stack `rehearsal`: its resources, and the values between them.

Made from `pulumi preview --json`, with simulated Azure. It needs the engine and the SDKs of Azure resources, so
`make check` does not compare it; `tests/stacks/test_rehearsal.py` compares it with a preview.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provider.tools.echo.install import CHECKOUT, NoSdk, install
from provider.tools.engine.environment import INFRASTRUCTURE

import pulumi_partnercenter

PAGE = CHECKOUT / "provider" / "docs" / "environments-and-ci.md"
MARK = "diagram"
STACK = "rehearsal"
AZURE = "Azure"
"""Title of the group of all resources that belong to no component."""


class CannotPreview(Exception):
    """The engine or an SDK is missing, or the preview failed; the message names the cause."""


@dataclass(frozen=True, order=True)
class Node:
    """The resources of one class in a component, or a single resource of Azure."""

    group: str
    class_name: str
    name: str = ""
    """Name of a resource in Azure."""

    @property
    def id(self) -> str:
        return re.sub(
            r"\W", "_", "_".join(filter(None, (self.group.split()[-1], self.class_name, self.name)))
        )

    @property
    def label(self) -> str:
        return " ".join(filter(None, (self.class_name, self.name)))


@dataclass(frozen=True, order=True)
class Edge:
    """`properties` of `target` come from `source`; without properties, `target` only waits for `source`."""

    source: Node
    target: Node
    properties: tuple[str, ...]

    @property
    def arrow(self) -> str:
        return f'-->|"{", ".join(self.properties)}"|' if self.properties else "-.->"

    @property
    def is_crossing(self) -> bool:
        """Return whether a value goes from Azure into an offer."""
        return bool(self.properties) and self.source.group != self.target.group


def read_steps() -> list[dict[str, Any]]:
    """Return the steps of a first preview of the stack, in a separate folder. Raises: CannotPreview."""
    pulumi = INFRASTRUCTURE.folder / "bin" / "pulumi"
    if not pulumi.exists():
        raise CannotPreview(f"{pulumi.relative_to(CHECKOUT)} is missing: run `make infrastructure`")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        try:
            install(project / "home", INFRASTRUCTURE.folder)
        except NoSdk as error:
            raise CannotPreview(f"{error}: run `make infrastructure`") from error
        shutil.copy(CHECKOUT / "Pulumi.yaml", project)
        shutil.copytree(CHECKOUT / "stacks", project / "stacks")
        environment = os.environ | {
            "PULUMI_BACKEND_URL": f"file://{project}",
            "PULUMI_HOME": str(project / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(CHECKOUT / "provider"),
        }
        for arguments in (["stack", "init", STACK], ["preview", "--json", "--stack", STACK]):
            result = subprocess.run(
                [pulumi, *arguments],
                cwd=project,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if result.returncode:
                raise CannotPreview(f"pulumi {arguments[0]}: {(result.stderr + result.stdout).strip()}")
    steps: list[dict[str, Any]] = json.loads(result.stdout)["steps"]
    return steps


def draw(steps: Iterable[Mapping[str, Any]]) -> str:
    """Return a Mermaid flowchart for each set of connected resources that these steps create, as fenced blocks."""
    counts, edges = _read_graph(steps)
    return "\n\n".join(_draw_chart(nodes, counts, edges) for nodes in _list_connected(counts, edges))


def _draw_chart(nodes: set[Node], counts: Counter[Node], edges: Iterable[Edge]) -> str:
    lines = ["```mermaid", "flowchart LR"]
    for group in sorted({node.group for node in nodes}, key=lambda group: (group != AZURE, group)):
        lines.append(f'  subgraph {group.split()[-1]}_["{group}"]')
        for node in sorted(node for node in nodes if node.group == group):
            number = f" × {counts[node]}" if counts[node] > 1 else ""
            lines.append(f'    {node.id}["{node.label}{number}"]')
        lines.append("  end")
    lines += [f"  {edge.source.id} {edge.arrow} {edge.target.id}" for edge in edges if edge.source in nodes]
    return "\n".join([*lines, "```"])


def _list_connected(nodes: Iterable[Node], edges: Iterable[Edge]) -> list[set[Node]]:
    """Return the sets of nodes that edges connect, in the order of their offers."""
    sets = [{node} for node in nodes]
    for edge in edges:
        joined = [connected for connected in sets if edge.source in connected or edge.target in connected]
        sets = [connected for connected in sets if connected not in joined] + [set().union(*joined)]
    return sorted(sets, key=lambda connected: sorted((node.group == AZURE, node) for node in connected))


def draw_summary(steps: Iterable[Mapping[str, Any]]) -> str:
    """Return a flowchart of only the values that go from Azure into the offers."""
    _, edges = _read_graph(steps)
    lines = [
        f'  {source.id}["{source.label}"] {edge.arrow} {target.id}["{target.label} of {target.group.split()[-1]}"]'
        for edge in edges
        for source, target in [(edge.source, edge.target)]
        if source.group != target.group
    ]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def _read_graph(steps: Iterable[Mapping[str, Any]]) -> tuple[Counter[Node], list[Edge]]:
    """Return the nodes with the number of their resources, and the edges of the diagram."""
    resources = {
        step["urn"]: step["newState"]
        for step in steps
        if not step["newState"]["type"].startswith(("pulumi:providers:", "pulumi:pulumi:"))
    }
    nodes = {urn: _node(resource) for urn, resource in resources.items() if not _is_component(resource)}
    return Counter(nodes.values()), _reduce(_edges(resources, nodes))


def _is_component(resource: Mapping[str, Any]) -> bool:
    return ":components:" in resource["type"]


def _node(resource: Mapping[str, Any]) -> Node:
    class_name = resource["type"].rpartition(":")[2]
    parent = resource.get("parent", "")
    if ":components:" not in parent:
        return Node(AZURE, class_name, resource["urn"].rpartition("::")[2])
    return Node(" ".join(parent.rsplit(":components:", 1)[1].split("::")), class_name)


def _edges(resources: Mapping[str, Mapping[str, Any]], nodes: Mapping[str, Node]) -> list[Edge]:
    """Return an edge for each pair of nodes, with all properties that come from the source."""
    properties: dict[tuple[Node, Node], set[str]] = defaultdict(set)
    for urn, target in nodes.items():
        for source in resources[urn].get("dependencies") or []:
            if source in nodes:
                properties[nodes[source], target]
        for name, sources in (resources[urn].get("propertyDependencies") or {}).items():
            for source in sources or []:
                if source in nodes and _is_argument(target, _snake_case(name)):
                    properties[nodes[source], target].add(_snake_case(name))
    return [Edge(*pair, tuple(sorted(names))) for pair, names in properties.items() if pair[0] != pair[1]]


def _reduce(edges: list[Edge]) -> list[Edge]:
    """Drop an edge if a longer way exists, except for values that go from Azure into an offer."""
    following: dict[Node, set[Node]] = defaultdict(set)
    for edge in edges:
        following[edge.source].add(edge.target)

    def reachable(start: Node) -> set[Node]:
        nodes: set[Node] = set()
        waiting = [start]
        while waiting:
            new = following[waiting.pop()] - nodes
            nodes |= new
            waiting += new
        return nodes

    return sorted(
        edge
        for edge in edges
        if edge.is_crossing
        or not any(edge.target in reachable(node) for node in following[edge.source] - {edge.target})
    )


def _is_argument(node: Node, name: str) -> bool:
    """Return whether a program sets the property; constructors of this package add further properties."""
    if node.group == AZURE:
        return True
    return name in inspect.signature(getattr(pulumi_partnercenter, node.class_name).__init__).parameters


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
