"""The SaaS service of the stack `rehearsal`, on this machine: what Azure would run, with the container's environment.

Beside that it gets what is different here: the emulator as marketplace and Entra, a local address, a file as database.
The emulator learns the applications of the stack, and that the address in the offer is served here.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from provider.tools.echo.containers import list_applications, list_containers, read_environment

from .background import Background, DidNotStart, answers, is_free

PORT = 4011
PREFIX = "PARTNERCENTER_SAAS_"
MARKETPLACE_PAGE = "/_emulator/marketplace"
OPERATOR = "77777777-7777-4777-8777-777777777790"
"""Object id of the user who may open the publisher's pages."""
FOREIGN = ("PARTNERCENTER_", "AZURE_", "ARM_", "PULUMI_")
"""Beginnings of variables that the service must not get from the caller."""


class RehearsedService(Background):
    """The service of a checkout. Its data stays in the folder."""

    def start(self, resources: Iterable[Mapping[str, Any]], emulator: str) -> str:
        """Start the service anew, with the state's resources. Return its address; "" if the stack has no service.

        Raises: DidNotStart, CannotRun.
        """
        self.stop()
        resources = list(resources)
        environments = [read_environment(resources, name) for name in list_containers(resources)]
        environment = next((given for given in environments if f"{PREFIX}PUBLIC_URL" in given), None)
        if environment is None:
            return ""
        for port in (PORT if is_free(PORT) else _choose_port(), _choose_port()):
            address = f"http://127.0.0.1:{port}"
            self._prepare(emulator, environment, list_applications(resources), address)
            if self._start_on(port, environment, emulator):
                return self.keep_address(address)
        raise DidNotStart("the SaaS service", self.last_line(), ".emulator/service/log")

    def _start_on(self, port: int, environment: Mapping[str, str], emulator: str) -> bool:
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        address = f"http://127.0.0.1:{port}"
        tenant, client = environment[f"{PREFIX}TENANT_ID"], environment[f"{PREFIX}CLIENT_ID"]
        here = {
            "PARTNERCENTER_ENDPOINT": emulator,
            f"{PREFIX}ACCESS_TOKEN": f"emulator:{tenant}:{client}",  # no secret goes over plain http
            f"{PREFIX}PUBLIC_URL": address,
            f"{PREFIX}DATABASE_URL": f"sqlite:///{self.folder / 'saas.db'}",
        }
        program = "from pulumi_partnercenter.cli import main; main()"
        command = [sys.executable, "-c", program, "saas", "serve", "--host", "127.0.0.1", "--port", str(port)]

        def is_ready() -> bool:
            """A service of another checkout may answer at this address: this process is then unable to listen."""
            return f"listening on {address}" in self.log.read_text() and answers(f"{address}/healthz")

        return self.launch(command, is_ready, {**own, **environment, **here})

    def _prepare(
        self,
        emulator: str,
        environment: Mapping[str, str],
        applications: Iterable[Mapping[str, Any]],
        address: str,
    ) -> None:
        """Tell the emulator who signs in with which secret, and where the service is."""
        import httpx

        public, tenant = environment[f"{PREFIX}PUBLIC_URL"], environment[f"{PREFIX}TENANT_ID"]
        operator = {
            "object_id": OPERATOR,
            "tenant": tenant,
            "name": "Olga Contoso",
            "preferred_username": "olga@contoso.example",
        }
        with httpx.Client(base_url=f"{emulator}/_emulator", trust_env=False) as control:
            control.post("/users", json=operator).raise_for_status()
            for application in applications:
                moved = [uri.replace(public, address, 1) for uri in application["redirect_uris"]]
                is_publisher = application["client"] == environment.get(f"{PREFIX}PUBLISHER_CLIENT_ID")
                roles = {OPERATOR: ["Subscriptions.Manage"]} if is_publisher else {}
                registration = {
                    **application,
                    "redirect_uris": moved,
                    "tenant": tenant,
                    "user_roles": roles,
                }
                control.post("/applications", json=registration).raise_for_status()
            pair = {"address": public, "local": address}
            control.post("/saas/addresses", json=pair).raise_for_status()


def _choose_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
