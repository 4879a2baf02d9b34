"""The real `pulumi` command line for a project in its own folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from provider.tools.echo.catalogue import NOWHERE
from provider.tools.echo.install import install
from provider.tools.engine.environment import INFRASTRUCTURE
from provider.tools.hangs import HANG_SECONDS

CHECKOUT = Path(__file__).parents[2]
PULUMI = CHECKOUT / ".venv" / "bin" / "pulumi"
REMEMBERED_PIP = Path(__file__).parent / "remembered_pip"
"""The engine asks pip for the packages in every command: a third of the time of a short one."""
PACKAGE_PATH = f"{REMEMBERED_PIP}{os.pathsep}{CHECKOUT / 'provider'}"
"""PYTHONPATH with which program and plugin import the package of this checkout."""
NOBODY = "http://127.0.0.1:9"
"""An endpoint where nothing listens (the discard port)."""


def class_of_type(type: str) -> str:
    """Return the class of a resource or component of this package by its type in a state: `Offer`, `portal.Offer`."""
    return type.rpartition("partnercenter")[2].strip("/:").replace(":", ".")


@dataclass(frozen=True)
class CommandResult:
    """Exit code of a command, and `text`, its output on both streams."""

    code: int
    text: str

    @property
    def counts(self) -> dict[str, int]:
        """Lines of the summary: `{"created": 9}` or `{"unchanged": 9}`."""
        return {
            kind: int(number)
            for number, kind in re.findall(r"^ +\W*(\d+) (?:to )?(\w+)$", self.text, re.MULTILINE)
        }

    def expect_success(self) -> CommandResult:
        assert self.code == 0, self.text
        return self

    def expect_failure(self, code: int | None = None) -> CommandResult:
        assert self.code == code if code is not None else self.code != 0, self.text
        return self


@dataclass
class Project:
    """A program and its stack `sandbox`. Commands inherit the caller's paths and `env`, and no other variables."""

    folder: Path
    endpoint: str = NOBODY
    env: dict[str, str] = field(default_factory=dict)
    pulumi: Path = PULUMI

    @classmethod
    def shipped(cls, folder: Path, endpoint: str = NOBODY) -> Project:
        """Create a project with a copy of this repository's program and stacks."""
        folder.mkdir(parents=True)
        shutil.copy(CHECKOUT / "Pulumi.yaml", folder)
        shutil.copytree(CHECKOUT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder, endpoint)

    @classmethod
    def of(cls, folder: Path, program: str, endpoint: str = NOBODY) -> Project:
        """Create a project with this program."""
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        return cls(folder, endpoint)

    def play_azure(self, stack: str = "sandbox") -> Project:
        """Use Azure's SDKs, and plugins that stand in for Azure."""
        self.pulumi = INFRASTRUCTURE.folder / "bin" / "pulumi"
        install(self.folder / "home", INFRASTRUCTURE.folder)
        stacks = self.folder / "stacks"
        settings = (stacks if stacks.is_dir() else self.folder) / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(settings.read_text()) if settings.exists() else {}
        azure_settings = {
            "azure-native:subscriptionId": NOWHERE,
            "azure-native:location": "westeurope",
            "azuread:tenantId": NOWHERE,
        }
        document["config"] = document.get("config", {}) | azure_settings
        settings.write_text(yaml.safe_dump(document))
        return self

    def without_azure(self) -> Project:
        """Remove the Azure resources from the selected stack's configuration."""
        self.run("config", "rm", "infrastructure:own").expect_success()
        return self

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(program)

    def edit(self, old: str, new: str) -> None:
        """Replace a part of the program's text."""
        program = self.folder / "__main__.py"
        text = program.read_text()
        assert old in text, f"{old!r} is not in the program"
        program.write_text(text.replace(old, new))

    def command(self, *arguments: str, **env: str) -> tuple[list[str], dict[str, str]]:
        """Return the command and environment of `run`. The environment inherits only paths and language."""
        assert self.pulumi.exists(), f"{self.pulumi} is not there: run `make engine infrastructure`"
        caller_variables = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ
        }
        variables = {
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": PACKAGE_PATH,
            "PARTNERCENTER_ENDPOINT": self.endpoint,
            "PARTNERCENTER_ACCESS_TOKEN": "emulator",
        }
        merged = caller_variables | variables | self.env | env
        return [str(self.pulumi), *arguments], {name: value for name, value in merged.items() if value}

    def run(self, *arguments: str, **env: str) -> CommandResult:
        """Run `pulumi`. An empty value in `env` unsets the variable."""
        command, environment = self.command(*arguments, **env)
        process = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * HANG_SECONDS,  # installing packages takes minutes on a busy machine
            check=False,
        )
        return CommandResult(process.returncode, process.stdout)

    def select(self, stack: str = "sandbox") -> Project:
        self.run("stack", "select", "--create", stack).expect_success()
        return self

    def preview(self, *arguments: str, **env: str) -> CommandResult:
        return self.run("preview", "--diff", *arguments, **env)

    def up(self, *arguments: str, **env: str) -> CommandResult:
        return self.run("up", "--yes", "--skip-preview", *arguments, **env)

    def refresh(self, *arguments: str, **env: str) -> CommandResult:
        return self.run("refresh", "--yes", "--skip-preview", "--diff", *arguments, **env)

    def destroy(self, **env: str) -> CommandResult:
        return self.run("destroy", "--yes", "--skip-preview", **env)

    def state(self) -> dict[str, dict[str, Any]]:
        """Return this provider's resources in the stack's state, by `Class name`."""
        deployment = json.loads(self.run("stack", "export", "--show-secrets").expect_success().text)
        resources = deployment["deployment"].get("resources", [])
        return {
            f"{class_of_type(resource['type'])} {resource['urn'].rsplit('::', 1)[1]}": resource
            for resource in resources
            if "partnercenter" in resource["type"]
        }

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self.run("stack", "output", "--json").expect_success().text)
        return outputs


OFFER = """
import pulumi
import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "offer", offer_id="contoso-test", offer_type="AzureApplication", alias="Contoso Test"
)
listing = partnercenter.OfferListing("offer", offer=offer.id, title="Contoso Test", summary="Tests offers")
plan = partnercenter.Plan(
    "gold", offer=offer.id, plan_id="gold", subtype="managed-application", name="Gold"
)
partnercenter.PlanListing("gold", plan=plan.id, title="Gold", summary="For all")
partnercenter.PlanPricing("gold", plan=plan.id, markets=["US"], prices=[{"amount": 49.0, "per": "month"}])
pulumi.export("offer", offer.id)
pulumi.export("plan", plan.id)
"""
"""Program with five resources, each of another class."""
