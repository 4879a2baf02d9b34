"""Run Pulumi on a stack of this checkout; for `sandbox` and `rehearsal` with an emulator in the background.

    .venv/bin/python -m provider.tools.engine.sandbox up|preview|down [--stack sandbox] [--infrastructure] [arguments…]

`up` starts the emulator or reuses it. `down` stops it after destroying all resources, unless the other stack of the
emulator has resources. `preview` needs no emulator. The emulator belongs to the checkout: data, log, process id and
address are in `.emulator/`. `PARTNERCENTER_ENDPOINT` replaces it if set. Other stacks never get an emulator or an
address. Further arguments go to Pulumi.

With `--infrastructure` program and plugins run in `.infrastructure`, which has the SDKs of Azure resources. Azure is
simulated only for `rehearsal`, by plugins in a Pulumi home that no other stack uses. The SaaS service of that stack
runs on this machine, beside the emulator: `rehearsed_service.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provider.tools.echo.containers import CannotRun
from provider.tools.echo.install import NoSdk, install

from .background import Background, DidNotStart, answers, is_free
from .environment import INFRASTRUCTURE, LOCKED
from .rehearsed_service import MARKETPLACE_PAGE, RehearsedService

CHECKOUT = Path(__file__).parents[3]
STACK = "sandbox"
REHEARSAL = "rehearsal"
SERVICE = CHECKOUT / ".emulator" / "service"
REHEARSAL_HOME = CHECKOUT / ".pulumi" / "rehearsal"
PORT = 4010
"""Port at which `stacks/Pulumi.sandbox.yaml` and `stacks/Pulumi.rehearsal.yaml` expect the emulator."""
ENDPOINT = "PARTNERCENTER_ENDPOINT"


class Emulator(Background):
    """The emulator of a checkout."""

    def start(self) -> str:
        """Start the emulator unless it runs and answers. Return its address. Raises: DidNotStart."""
        if self.lives():
            if answers(f"{self.address()}/_emulator/"):
                return self.address()
            self.stop()
        # Another checkout may take the port after the check.
        address = (self._start_on(PORT) if is_free(PORT) else "") or self._start_on(0)
        if not address:
            raise DidNotStart("the emulator", self.last_line(), ".emulator/log")
        return address

    def _start_on(self, port: int) -> str:
        """Start a process on a port. Return the address that it announces, or "" if there is none."""
        command = [sys.executable, "-m", "pulumi_partnercenter.emulator", "--port", str(port)]
        if not self.launch([*command, "--data", str(self.folder)], lambda: bool(self._announced())):
            return ""
        return self.keep_address(self._announced())

    def _announced(self) -> str:
        first = self.log.read_text().partition("\n")[0]
        return first.removeprefix("listening on ") if first.startswith("listening on ") else ""


def run(verb: str, stack: str, arguments: list[str], *, infrastructure: bool = False) -> int:
    """Run `up`, `preview` or `down` on `stack`. Return Pulumi's exit code.

    Raises: DidNotStart, CannotRun, NoSdk.
    """
    pulumi = (INFRASTRUCTURE if infrastructure else LOCKED).folder / "bin" / "pulumi"
    ours = stack in {STACK, REHEARSAL} and not os.environ.get(ENDPOINT)
    emulator = Emulator(CHECKOUT / ".emulator")
    env = dict(os.environ)
    if stack == REHEARSAL:
        env |= play_azure(REHEARSAL_HOME)
    if ours:
        env |= {
            ENDPOINT: "",
            "PARTNERCENTER_ACCESS_TOKEN": "emulator",
        }  # the emulator must not receive a real token
        address = emulator.address() if verb == "preview" else emulator.start()
        if address and address != f"http://127.0.0.1:{PORT}":
            env[ENDPOINT] = address

    selected = _pulumi(pulumi, ["stack", "select", "--create", stack, "--non-interactive"], env, quiet=True)
    if selected:
        return selected
    commands = {"up": ["up", "--yes"], "preview": ["preview"], "down": ["destroy", "--yes"]}
    code = _pulumi(pulumi, [*commands[verb], "--stack", stack, *arguments], env)
    if ours and code == 0 and verb == "down":
        _stop_servers(emulator, other_deployed_stacks(pulumi, stack, env), is_rehearsal=stack == REHEARSAL)
    elif ours and verb == "up":
        print(
            f"the emulator serves at {emulator.address()} (log: .emulator/log); `make down` destroys and stops"
        )
        if env[ENDPOINT]:
            print(f"port {PORT} is taken; for plain `pulumi`: export {ENDPOINT}={env[ENDPOINT]}")
        if code == 0 and stack == REHEARSAL:
            _start_service(_read_resources(pulumi, env), emulator.address())
    return code


def _stop_servers(emulator: Emulator, deployed: Sequence[str], *, is_rehearsal: bool) -> None:
    """Stop what no deployed stack needs."""
    if is_rehearsal:
        RehearsedService(SERVICE).stop()
    if deployed:
        print(f"the emulator goes on, for stack {' and '.join(deployed)}")
    else:
        emulator.stop()
        print("the emulator has been stopped; its data stays in .emulator/")


def _start_service(resources: list[dict[str, Any]], emulator: str) -> None:
    """Start the SaaS service that the stack deploys, if it deploys one. Raises: DidNotStart, CannotRun."""
    if address := RehearsedService(SERVICE).start(resources, emulator):
        print(
            f"the SaaS service runs at {address} (log: .emulator/service/log): buy at {emulator}{MARKETPLACE_PAGE}"
        )


def _read_resources(pulumi: Path, env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the resources of the state, secrets included."""
    exported = subprocess.run(
        [pulumi, "stack", "export", "--show-secrets", "--stack", REHEARSAL],
        cwd=CHECKOUT,
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    )
    resources: list[dict[str, Any]] = json.loads(exported.stdout)["deployment"].get("resources", [])
    return resources


def other_deployed_stacks(pulumi: Path, stack: str, env: Mapping[str, str]) -> list[str]:
    """Return the other stacks of the emulator that have resources; all other stacks if Pulumi cannot list them."""
    others = {STACK, REHEARSAL} - {stack}
    listed = subprocess.run(
        [pulumi, "stack", "ls", "--json"], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, check=False
    )
    if listed.returncode:
        return sorted(others)
    counts = {other["name"]: other.get("resourceCount", 0) for other in json.loads(listed.stdout)}
    return sorted(name for name in others if counts.get(name))


def play_azure(home: Path) -> dict[str, str]:
    """Install the plugins that simulate Azure, print a message, and return the environment for them. Raises: NoSdk."""
    install(home, INFRASTRUCTURE.folder)
    print("simulated: Azure is played by plugins, nothing of it is real", flush=True)
    return {"PULUMI_HOME": str(home), "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}


def _pulumi(pulumi: Path, arguments: list[str], env: Mapping[str, str], *, quiet: bool = False) -> int:
    done = subprocess.run(
        [pulumi, *arguments], cwd=CHECKOUT, env=env, capture_output=quiet, text=True, check=False
    )
    if quiet and done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr, end="")
    return done.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description="Run Pulumi on a stack of this checkout.")
    parser.add_argument("verb", choices=["up", "preview", "down"])
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--infrastructure", action="store_true", help="with the SDKs of Azure's resources")
    options, arguments = parser.parse_known_args()
    try:
        sys.exit(run(options.verb, options.stack, arguments, infrastructure=options.infrastructure))
    except DidNotStart as error:
        sys.exit(f"{error.name} did not start\n  it said: {error}\n  next: see {error.log}")
    except CannotRun as error:
        sys.exit(
            f"the SaaS service would not start in Azure\n  why: {error}\n  next: correct stacks/infrastructure"
        )
    except NoSdk as error:
        sys.exit(f"Azure cannot be played\n  why: {error}\n  next: make infrastructure")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
