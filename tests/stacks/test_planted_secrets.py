"""Whole runs of the real `pulumi` with planted secrets: no readable text contains any of them.

Runs with and without `PARTNERCENTER_LOG=debug`: refused writes that echo the request, cut connections, a failed
validation whose reports have signed links, and (with the log) every kind of refused sign-in.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS
from tests.cli.command import COMMAND
from tests.resources import samples
from tests.stacks.cli import PACKAGE_PATH, Project
from tests.stacks.planted import Places
from tests.unit.sign_in_server import CERTIFICATE_PEM, KEY, federated_token

PROGRAM = """
import os

import pulumi
import pulumi_partnercenter as partnercenter

said = {name: pulumi.Output.secret(os.environ[name]) for name in ("TABLE", "PASSWORD", "KEY", "DRIVE")}


def offer(name):
    return partnercenter.Offer(name, offer_id=f"contoso-{name}", offer_type="AzureApplication", alias=name)


table, dynamics, sold = offer("table"), offer("dynamics"), offer("sold")
note = os.environ["NOTE"]
partnercenter.LeadDestination(
    "table", offer=table.id, azure_table={"connection_string": said["TABLE"]}, contact_email=note
)
partnercenter.LeadDestination(
    "dynamics",
    offer=dynamics.id,
    dynamics={
        "url": "https://contoso.example.com",
        "authentication": "Office365",
        "user_name": "leads",
        "password": said["PASSWORD"],
        "application_key": os.environ["KEY"],
    },
    contact_email=note,
)
drive = partnercenter.TestDrive(
    "sold", offer=sold.id, application_key=said["DRIVE"], duration_hours=len(note)
)
listing = partnercenter.OfferListing("sold", offer=sold.id, title=note, summary="Keeps secrets")
logo = partnercenter.ListingImage(
    "sold", offer=sold.id, kind="AzureLogoSmall", source=os.environ["LOGO"], language=listing.language
)
package = partnercenter.Package("sold", offer=sold.id, source=os.environ["PACKAGE"])
if os.environ.get("PUBLISHES"):
    partnercenter.Submission("sold", offer=sold.id, publishes=[listing, logo, package], notes=note, wait_minutes=0)
pulumi.export("offer", sold.id)
pulumi.export("key", drive.application_key)
pulumi.export("dynamics", said["PASSWORD"])
"""
ARGUMENTS = {
    "TABLE": "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=pl4ntedTable+/key&Q0NxYz09",
    "PASSWORD": 'pl4nted"Password\\with/odd&signs+',
    "KEY": "pl4nted-application-key-of-dynamics",
    "DRIVE": "pl4nted-test-drive-key-7Q",
}
"""Secret arguments: encrypted in the state, and shown only by `--show-secrets`."""
CREDENTIALS = {
    "client secret": "pl4nted~Client.Secret-8Q~value",
    "certificate password": "pl4nted certificate password",
    "ready token": "pl4nted-ready-token-of-nobody-0000",
}
"""Credentials of the sign-in, which no text or file may contain."""
ADDRESS = "https://files.example.com/a?sv=2018-03-28&sr=b&sig=pl4ntedSignature%2Fof%2Ba%3D&sp=r"


class Life:
    """A project, its emulator over TLS, and all texts that were read from both."""

    def __init__(self, folder: Path, emulator: RunningEmulator, ca: Path, log: str, extra: str) -> None:
        self.folder, self.emulator, self.log = folder, emulator, log
        self.places = Places({**ARGUMENTS, **CREDENTIALS})
        self.project = Project.of(folder / "project", PROGRAM, emulator.url)
        self.project.env = {
            **ARGUMENTS,
            **self.sign_in_variables(folder),
            "SSL_CERT_FILE": str(ca),
            "PARTNERCENTER_ACCESS_TOKEN": "",
            "PARTNERCENTER_LOG": log,
            "LOGO": samples.picture("planted.png", 48, 48),
            "PACKAGE": samples.application("planted"),
            "NOTE": "one@example.com",
            "PYTHONPATH": os.pathsep.join(filter(None, [extra, PACKAGE_PATH])),
        }
        self.project.select()

    def sign_in_variables(self, folder: Path) -> dict[str, str]:
        """Return the variables of a sign-in with a certificate whose key has a password."""
        key = KEY.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            BestAvailableEncryption(CREDENTIALS["certificate password"].encode()),
        )
        (folder / "login.pem").write_bytes(key + CERTIFICATE_PEM)
        plain = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.places.secrets["certificate key"] = "".join(plain.splitlines()[3:5])
        registered = self.register_application(certificate=CERTIFICATE_PEM.decode())
        return {
            **registered,
            "AZURE_CLIENT_CERTIFICATE_PATH": str(folder / "login.pem"),
            "AZURE_CLIENT_CERTIFICATE_PASSWORD": CREDENTIALS["certificate password"],
        }

    def register_application(self, **credential: Any) -> dict[str, str]:
        answer = self.emulator.client.post("/_emulator/applications", json=credential).json()
        return {"AZURE_TENANT_ID": answer["tenant"], "AZURE_CLIENT_ID": answer["client"]}

    def run(self, name: str, *arguments: str, succeeds: bool | None = True, **env: str) -> str:
        done = self.project.run(*arguments, **env)
        assert succeeds is None or (done.code == 0) == succeeds, f"{name}: {done.text}"
        self.places.add(name, done.text)
        return done.text

    def up(self, name: str, *arguments: str, succeeds: bool | None = True, **env: str) -> str:
        return self.run(name, "up", "--yes", "--skip-preview", *arguments, succeeds=succeeds, **env)

    def run_few(self) -> None:
        """Run what writes most: refused writes in an `up` with an event log, exports, files."""
        events = self.folder / "events.json"
        self.up("up", "--event-log", str(events), PULUMI_DEBUG_COMMANDS="true")
        self.places.add(str(events), events.read_text())
        self.run_with_refused_writes()
        self.run("stack export", "stack", "export")
        self.run("stack output", "stack", "output", "--json")
        self.command("show", "contoso-sold", "--json")
        self.read_files()

    def run_all(self) -> None:
        self.run_successfully()
        self.run_with_refused_writes()
        if self.log:
            self.run_with_refused_sign_ins()
        self.run_with_failed_validation()
        self.run_commands()
        self.run("destroy", "destroy", "--yes", "--skip-preview", succeeds=None)
        self.read_files()

    def run_successfully(self) -> None:
        plan, events = (str(self.folder / name) for name in ("plan.json", "events.json"))
        self.run("preview", "preview", "--diff", "--save-plan", plan)
        self.up("up", "--event-log", events, PULUMI_DEBUG_COMMANDS="true")
        self.run("preview --json", "preview", "--json", "--refresh", NOTE="two@example.com")
        self.up("up again", "--json")
        self.run("refresh", "refresh", "--yes", "--skip-preview", "--diff")
        for path in (plan, events):
            self.places.add(path, Path(path).read_text())

    def run_with_refused_writes(self) -> None:
        """Run `up` while the service refuses every write and quotes the request, whole and cut short."""
        echo = {
            name: f"{value} {value[:20]} Bearer {self.token()}"
            for name, value in {**ARGUMENTS, "address": ADDRESS}.items()
        }
        product_ids = {product["name"]: product["id"] for product in self.emulator.state()["products"]}
        for match, status in (
            (f"POST .*{product_ids['table']}/leadconfiguration", 400),
            (f"POST .*{product_ids['dynamics']}/leadconfiguration", 500),
            (f"PUT .*{product_ids['sold']}/packageConfigurations", 409),
            (f"PUT .*{product_ids['sold']}/listings", 403),
        ):
            body = {"message": " ".join(echo.values()), "data": {name: [text] for name, text in echo.items()}}
            self.emulator.fault(match, status=status, body=body, times=0)
        output = self.up("refused", "--continue-on-error", succeeds=False, NOTE="three@example.com")
        assert all(f"({status})" in output for status in (400, 403, 409, 500)), output
        self.emulator.unfault()
        text = f"no: {ARGUMENTS['TABLE']}" * 30
        self.emulator.fault(
            "leadconfiguration", status=401, body=text, times=0, headers={"content-type": "text/plain"}
        )
        self.emulator.fault("PUT .*listings", drop="after", times=2)
        self.up("unanswered and unwelcome", "--continue-on-error", succeeds=False, NOTE="four@example.com")
        self.emulator.unfault()

    def run_with_refused_sign_ins(self) -> None:
        certificate = {"AZURE_CLIENT_CERTIFICATE_PATH": "", "AZURE_CLIENT_CERTIFICATE_PASSWORD": ""}
        wrong = {
            **certificate,
            "AZURE_CLIENT_SECRET": CREDENTIALS["client secret"],
            **self.register_application(secret="another"),
        }
        refresh = ("refresh", "--yes", "--skip-preview")
        self.run("wrong client secret", *refresh, succeeds=False, **wrong)
        echo = {
            "error": "invalid_client",
            "error_description": f"AADSTS7000215: {CREDENTIALS['client secret']} is not",
        }
        self.emulator.fault("POST .*/token", status=401, body=echo, times=0)
        self.run("quoted client secret", *refresh, succeeds=False, **wrong)
        self.emulator.unfault()
        ready = {"PARTNERCENTER_ACCESS_TOKEN": CREDENTIALS["ready token"]}
        self.run("wrong ready token", *refresh, succeeds=False, **ready)
        token = self.folder / "token"
        token.write_text(federated_token())
        self.run(
            "refused federated token",
            *refresh,
            succeeds=False,
            **{**certificate, **self.register_application(), "AZURE_FEDERATED_TOKEN_FILE": str(token)},
        )

    def run_with_failed_validation(self) -> None:
        finding = {
            "errorCode": "1",
            "severity": "Error",
            "message": f"{ARGUMENTS['DRIVE']} is at {ADDRESS}",
            "resource": "Listing",
        }
        self.emulator.decide("validation", "fail", items=[finding])
        report = {"value": [{"status": "Failed", "fileUri": ADDRESS}]}
        self.emulator.fault("GET .*/reports", status=200, body=report, times=0)
        output = self.up("rejected", succeeds=False, PUBLISHES="yes")
        assert "failed in validation" in output
        assert "report (Failed): https://" in output
        self.emulator.unfault()

    def run_commands(self) -> None:
        self.run("stack export", "stack", "export")
        self.run("stack output", "stack", "output", "--json")
        self.run("stack history", "stack", "history", "--json")
        shown = self.project.run("stack", "export", "--show-secrets").expect_success().text
        plain = [json.loads(text) for text in _plaintexts(json.loads(shown))]
        held = json.dumps(plain)
        assert all(json.dumps(value)[1:-1] in held for value in ARGUMENTS.values())
        places = Places(CREDENTIALS, {"stack export --show-secrets": shown})
        assert places.findings() == []
        from pulumi_partnercenter.cli.commands import cli

        for name in sorted(set(cli.commands) - {"emulator", "completion"}):
            subjects = [] if name == "doctor" else ["contoso-sold"]
            for options in (["--json"], [])[: 2 if self.log else 1]:
                self.command(name, *subjects, *options)
        assert "contoso-sold" in self.places.texts["partnercenter show contoso-sold --json"]
        self.places.add("emulator's log", json.dumps(self.emulator.requests()))
        assert "/_blob/" in self.places.texts["emulator's log"]

    def command(self, *arguments: str) -> None:
        _, env = self.project.command()
        done = subprocess.run(
            [COMMAND, *arguments],
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        output = done.stdout + done.stderr
        # A finding quotes a key, and the service never returns it, so redaction does not know it.
        if arguments[0] == "status":
            output = output.replace(ARGUMENTS["DRIVE"], "")
        self.places.add(f"partnercenter {' '.join(arguments)}", output)

    def read_files(self) -> None:
        """Read the engine's state, backups and history, and the emulator's data; its documents may hold arguments."""
        skipped = {self.project.folder / "__main__.py"}
        for path in self.project.folder.rglob("*"):
            if path.is_file() and path not in skipped and "home" not in path.parts:
                self.places.add(
                    f"{path.relative_to(self.folder)}", path.read_bytes().decode("utf-8", "replace")
                )
        for path in (self.folder / "data").rglob("*"):
            if path.is_file():
                text = path.read_bytes().decode("utf-8", "replace").replace(ADDRESS, "")
                findings = Places(CREDENTIALS, {path.name: text}).findings()
                assert [finding for finding in findings if not finding.startswith("a private key")] == []

    def token(self) -> str:
        """Return a token that the emulator issues to an application with a secret."""
        mine = self.register_application(secret="s3cret-of-the-test")
        form = {
            "grant_type": "client_credentials",
            "client_id": mine["AZURE_CLIENT_ID"],
            "client_secret": "s3cret-of-the-test",
            "scope": "https://api.partner.microsoft.com/.default",
        }
        answer = self.emulator.client.post(f"/{mine['AZURE_TENANT_ID']}/oauth2/v2.0/token", data=form)
        return str(answer.json()["access_token"])


def _plaintexts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["plaintext"]] if "plaintext" in value else [])
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from _plaintexts(inner)


@contextmanager
def lived(folder: Path, log: str, extra: str = "") -> Iterator[Life]:
    with ExitStack() as stack:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        own = authority.issue_cert("127.0.0.1")
        own.private_key_pem.write_to_path(folder / "key.pem")
        own.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        emulator = stack.enter_context(
            serve(
                seed=1,
                data=folder / "data",
                certificate=folder / "certificate.pem",
                key=folder / "key.pem",
                verify=ssl.create_default_context(cafile=folder / "ca.pem"),
            )
        )
        emulator.legacy_test_drive()
        yield Life(folder, emulator, folder / "ca.pem", log, extra)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("log", "is_whole"), [("debug", False), ("", True), ("debug", True)], ids=["short", "silent", "debug"]
)
def test_no_secret_is_anywhere_in_a_whole_life(
    log: str, is_whole: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with lived(tmp_path, log) as life:
        if is_whole:
            life.run_all()
        else:
            life.run_few()
        life.places.add("emulator's output", "".join(capfd.readouterr()))
    findings = life.places.findings()
    with capfd.disabled():
        print(
            f"\nsecret scan ({log or 'no'} log): {len(findings)} findings in {len(life.places.texts)} places"
        )
    assert findings == []


BLIND = """
from pulumi_partnercenter import messages

messages._Secrets.stretches = lambda self, text: ()
messages._FORMS = ()
"""
"""Code that switches redaction off."""


@pytest.mark.soak
def test_without_redaction_the_search_reports_secrets(tmp_path: Path) -> None:
    (tmp_path / "blind").mkdir()
    (tmp_path / "blind" / "sitecustomize.py").write_text(BLIND)
    with lived(tmp_path, "debug", str(tmp_path / "blind")) as life:
        life.up("up")
        life.run_with_refused_writes()
    labels = {finding.partition(" in ")[0] for finding in life.places.findings()}
    assert labels & set(ARGUMENTS), "secrets of the program: of whichever resource was refused first"
    assert "a signature of an address" in labels
