"""`doctor`: every check reports its state, and every failed check the next step."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from provider.tools.emulators import RunningEmulator, serve
from tests.cli.command import COMMAND, Command, CommandResult

from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT

PLANTED = "planted-7f3a9c-secret"
AUDIENCE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
ROLE, PROBE = r"GET /v1.0/ingestion/products\?", "GET /v1.0/ingestion/products$"
"""Patterns of two requests: the read with a token has a query, the read without a token has none."""
CHECKS = [
    "sign-in",
    "role",
    "submission API",
    "clock",
    "engine",
    "Python",
    "plugin",
]


def write_executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def install_engine(folder: Path, version: str = "v3.259.0") -> Path:
    """Install a fake engine of this version, and this Python. Return the folder for PATH."""
    write_executable(folder / "bin" / "pulumi", f"echo {version}")
    write_executable(folder / "bin" / "python3", f'exec {sys.executable} "$@"')
    return folder / "bin"


def join_path(*folders: Path) -> str:
    return ":".join(map(str, [*folders, "/usr/bin", "/bin"]))


def find_check(result: CommandResult, name: str) -> dict[str, str]:
    (check,) = [check for check in result.json()["checks"] if check["what"] == name]
    return check


def failed_checks(result: CommandResult) -> list[str]:
    return [check["what"] for check in result.json()["checks"] if check["state"] == "failed"]


def build_token(**claims: Any) -> str:
    """Build a token shaped like Entra ID's, with an invalid signature."""
    segments = [json.dumps(segment).encode() for segment in ({"alg": "RS256"}, claims, PLANTED)]
    return ".".join(base64.urlsafe_b64encode(segment).decode().rstrip("=") for segment in segments)


class Doctor:
    """`doctor --json` with an engine and a Python on PATH."""

    def __init__(self, partnercenter: Command, path: str) -> None:
        self.partnercenter, self.path = partnercenter, path

    def __call__(self, **env: str) -> CommandResult:
        return self.partnercenter("doctor", "--json", **{"PATH": self.path, **env})


@pytest.fixture
def doctor(partnercenter: Command, tmp_path: Path) -> Doctor:
    return Doctor(partnercenter, join_path(install_engine(tmp_path)))


class TestNewcomer:
    def test_without_any_variable_three_lines_tell_what_to_do(self, tmp_path: Path) -> None:
        result = Command("", tmp_path)("doctor", PATH=join_path()).expect_failure()
        assert result.err == ""
        status_line, emulator_line, login_line = result.out.splitlines()
        assert status_line.startswith("not signed in: ")
        assert "partnercenter emulator" in emulator_line
        assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in emulator_line
        assert "AZURE_TENANT_ID" in login_line
        assert "az login" in login_line

    def test_json_names_the_failed_check_and_the_next_step(self, tmp_path: Path) -> None:
        result = Command("", tmp_path)("doctor", "--json", PATH=join_path()).expect_failure()
        assert result.json()["ok"] is False
        assert failed_checks(result) == ["sign-in"]
        assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in find_check(result, "sign-in")["next"]

    def test_half_a_login_names_the_missing_variables(self, doctor: Doctor) -> None:
        result = doctor(PARTNERCENTER_ACCESS_TOKEN="", AZURE_TENANT_ID=TENANT).expect_failure()
        assert "AZURE_CLIENT_ID" in find_check(result, "settings")["next"]
        assert find_check(result, "engine")["state"] == "ok"


class TestHealthyMachine:
    def test_every_check_passes_on_a_healthy_machine(self, doctor: Doctor) -> None:
        result = doctor().expect_success()
        assert result.json()["ok"] is True
        assert [(check["what"], check["state"]) for check in result.json()["checks"]] == [
            (name, "ok") for name in CHECKS
        ]

    def test_doctor_writes_nothing_and_sends_the_token_only_to_the_submission_api(
        self, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        before = emulator.state()
        emulator.clear()
        doctor().expect_success()
        requests = emulator.requests()
        assert {request["method"] for request in requests} == {"GET"}
        assert [request["path"].split("?")[0] for request in requests if request["status"] == 200] == [
            "/v1.0/ingestion/products"
        ]
        assert emulator.state() == before

    def test_text_output_has_one_plain_line_for_each_check(self, doctor: Doctor) -> None:
        lines = doctor.partnercenter("doctor", PATH=doctor.path).expect_success().out.splitlines()
        assert [line.split("  ")[1].strip() for line in lines] == CHECKS
        assert {line[0] for line in lines} == {"✓"}
        assert not set("\x1b│─") & set("".join(lines))

    @pytest.mark.soak
    def test_colours_are_for_terminals(self, doctor: Doctor) -> None:
        output = doctor.partnercenter.run_on_terminal("doctor", PATH=doctor.path).expect_success().out
        assert "\x1b[32m✓" in output
        output_without_color = (
            doctor.partnercenter.run_on_terminal("doctor", PATH=doctor.path, NO_COLOR="1")
            .expect_success()
            .out
        )
        assert "✓" in output_without_color
        assert "\x1b[32m" not in output_without_color

    @pytest.mark.soak
    def test_letters_that_the_locale_lacks_are_replaced(self, doctor: Doctor) -> None:
        env = {"PATH": doctor.path, "PYTHONIOENCODING": "latin-1"}
        assert "?  role" in doctor.partnercenter.run_process("doctor", **env).expect_success().out


class TestSigningIn:
    @pytest.fixture(scope="class")
    @classmethod
    def tls_emulator(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningEmulator, Path]]:
        """An emulator over TLS, and the certificate file of its authority."""
        folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        ssl_context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        with serve(
            seed=1, certificate=folder / "certificate.pem", key=folder / "key.pem", verify=ssl_context
        ) as emulator:
            yield emulator, folder / "ca.pem"

    @pytest.fixture
    def login(self, tls_emulator: tuple[RunningEmulator, Path]) -> dict[str, str]:
        emulator, authority = tls_emulator
        emulator.reset()
        return {
            "PARTNERCENTER_ENDPOINT": emulator.url,
            "PARTNERCENTER_ACCESS_TOKEN": "",
            "SSL_CERT_FILE": str(authority),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
        }

    def test_sign_in_names_application_tenant_and_expiry(self, doctor: Doctor, login: dict[str, str]) -> None:
        sign_in = find_check(doctor(**login).expect_success(), "sign-in")
        assert f"client secret of application {CLIENT} (AZURE_CLIENT_SECRET)" in sign_in["how"]
        assert "token until 2" in sign_in["how"]
        assert f"tenant {TENANT}" in sign_in["how"]

    @pytest.mark.soak
    def test_entra_id_is_checked_only_when_a_login_uses_it(
        self, doctor: Doctor, login: dict[str, str]
    ) -> None:
        assert find_check(doctor(**login).expect_success(), "Entra ID")["state"] == "ok"
        names = [check["what"] for check in doctor().expect_success().json()["checks"]]
        assert "Entra ID" not in names

    def test_a_wrong_client_secret_fails_the_sign_in_and_is_never_printed(
        self, doctor: Doctor, login: dict[str, str]
    ) -> None:
        result = doctor(
            **{**login, "AZURE_CLIENT_SECRET": PLANTED, "PARTNERCENTER_LOG": "debug"}
        ).expect_failure()
        assert failed_checks(result) == ["sign-in"]
        assert "AADSTS7000215" in find_check(result, "sign-in")["how"]
        assert "AZURE_CLIENT_SECRET" in find_check(result, "sign-in")["next"]
        assert find_check(result, "role")["state"] == "idle"
        assert PLANTED not in result.out + result.err

    @pytest.mark.soak
    def test_an_untrusted_certificate_authority_is_named(self, doctor: Doctor, login: dict[str, str]) -> None:
        result = doctor(
            **{**login, "SSL_CERT_FILE": "", "PARTNERCENTER_ACCESS_TOKEN": "emulator"}
        ).expect_failure()
        assert failed_checks(result) == ["submission API"]
        assert "not trusted" in find_check(result, "submission API")["how"]
        assert "SSL_CERT_FILE" in find_check(result, "submission API")["next"]

    def test_a_clock_that_is_behind_is_reported(
        self, doctor: Doctor, login: dict[str, str], tls_emulator: tuple[RunningEmulator, Path]
    ) -> None:
        tls_emulator[0].fault(
            "GET /v1.0/ingestion/products$", status=401, headers={"Date": "Fri, 01 Jan 2100 00:00:00 GMT"}
        )
        result = doctor(**login).expect_failure()
        assert failed_checks(result) == ["clock"]
        assert "behind" in find_check(result, "clock")["how"]


class TestReadyTokens:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("claims", "advice"),
        [
            ({"exp": 1_000_000_000}, "this token has expired"),
            ({"exp": 4_000_000_000, "aud": "https://management.azure.com/"}, "https://management.azure.com/"),
        ],
        ids=["over", "for another service"],
    )
    def test_an_expired_or_foreign_token_fails_the_sign_in_by_its_claims(
        self, claims: dict[str, Any], advice: str, doctor: Doctor
    ) -> None:
        access_token = build_token(**claims, appid=CLIENT, tid=TENANT, roles=["Manager"])
        result = doctor(PARTNERCENTER_ACCESS_TOKEN=access_token).expect_failure()
        assert failed_checks(result) == ["sign-in"]
        assert advice in find_check(result, "sign-in")["next"]
        assert f"application {CLIENT}, tenant {TENANT}" in find_check(result, "sign-in")["how"]
        assert access_token not in result.out + result.err
        assert access_token.split(".")[1] not in result.out + result.err

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        "payload",
        [
            "",
            "{",
            "[]",
            "null",
            '{"exp": "soon", "aud": 7, "roles": {}}',
            '{"exp": 1e400}',
            '{"exp": NaN}',
            "\xff",
        ],
    )
    def test_a_token_with_any_payload_is_handled(self, payload: str, doctor: Doctor) -> None:
        segment = base64.urlsafe_b64encode(payload.encode("latin-1")).decode().rstrip("=")
        result = doctor(PARTNERCENTER_ACCESS_TOKEN=f"{PLANTED}.{segment or 'A'}.{PLANTED}").expect_failure()
        assert failed_checks(result) == ["role"]
        assert PLANTED not in result.out + result.err


class TestFaults:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("fault", "explanation", "next_step"),
        [
            ({"status": 401}, "not accepted (401)", "PARTNERCENTER_ACCESS_TOKEN"),
            ({"status": 403}, "lacks the role", "role Manager"),
            ({"status": 404}, "refused (404)", "https://api.partner.microsoft.com"),
            ({"status": 503}, "refused (503)", "again later"),
            (
                {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"},
                "not JSON",
                "answers instead",
            ),
            ({"drop": "before"}, "no answer", "check the network"),
        ],
        ids=["401", "403", "404", "503", "HTML", "cut"],
    )
    def test_a_failed_role_check_says_why_and_what_to_do(
        self,
        fault: dict[str, Any],
        explanation: str,
        next_step: str,
        emulator: RunningEmulator,
        doctor: Doctor,
    ) -> None:
        emulator.fault(ROLE, **fault)
        result = doctor().expect_failure()
        assert failed_checks(result) == ["role"]
        assert explanation in find_check(result, "role")["how"]
        assert next_step in find_check(result, "role")["next"]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("status", "state", "explanation"),
        [
            (200, "ok", "answers (200)"),
            (302, "failed", "redirected (302)"),
            (403, "ok", "asks for a token (403)"),
            (404, "idle", "nothing is there (404)"),
            (501, "failed", "does not have this service (501)"),
            (503, "failed", "refused (503)"),
        ],
    )
    def test_each_status_without_a_token_is_explained(
        self, status: int, state: str, explanation: str, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        emulator.fault(PROBE, status=status)
        service = find_check(doctor(), "submission API")
        assert (service["state"], explanation in service["how"]) == (state, True)
        assert bool(service["next"]) == (state == "failed")

    @pytest.mark.soak
    def test_a_service_that_requires_a_token_is_healthy(self, doctor: Doctor) -> None:
        assert "asks for a token (401)" in find_check(doctor().expect_success(), "submission API")["how"]

    @pytest.mark.soak
    def test_the_next_step_stands_below_a_failing_line(
        self, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        emulator.fault(ROLE, status=403)
        lines = doctor.partnercenter("doctor", PATH=doctor.path).expect_failure().out.splitlines()
        (index,) = [index for index, line in enumerate(lines) if line.startswith("✗")]
        assert "role Manager" in lines[index + 1].split("→")[1]

    def test_a_refused_connection_suggests_the_emulator(self, doctor: Doctor) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        result = doctor(PARTNERCENTER_ENDPOINT=f"http://127.0.0.1:{port}").expect_failure()
        assert failed_checks(result) == ["submission API"]
        assert "connection refused" in find_check(result, "submission API")["how"]
        assert "partnercenter emulator" in find_check(result, "submission API")["next"]

    @pytest.mark.soak
    def test_an_unreachable_proxy_is_named_without_its_password(self, doctor: Doctor) -> None:
        proxy = f"http://contoso:{PLANTED}@127.0.0.1:9"
        env = {"PARTNERCENTER_ENDPOINT": "http://partner.example.com", "http_proxy": proxy}
        result = doctor(**env).expect_failure()
        assert failed_checks(result) == ["submission API"]
        assert "through the proxy 127.0.0.1" in find_check(result, "submission API")["how"]
        assert "HTTPS_PROXY" in find_check(result, "submission API")["next"]
        assert PLANTED not in result.out + result.err

    def test_a_login_is_not_sent_over_plain_http(self, doctor: Doctor) -> None:
        login = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": PLANTED}
        result = doctor(PARTNERCENTER_ACCESS_TOKEN="", **login).expect_failure()
        assert failed_checks(result) == ["sign-in"]
        assert PLANTED not in result.out + result.err


class TestFulfillment:
    """The SaaS fulfillment API, which may have another application than the submission API."""

    def test_a_setting_of_the_fulfillment_application_adds_its_checks(
        self, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        before = emulator.state()
        result = doctor(PARTNERCENTER_SAAS_ACCESS_TOKEN="emulator").expect_success()
        assert [check["what"] for check in result.json()["checks"]] == [
            "sign-in at submission API",
            "role at submission API",
            "sign-in at SaaS fulfillment API",
            "role at SaaS fulfillment API",
            "submission API",
            "SaaS fulfillment API",
            *CHECKS[3:],
        ]
        assert {check["state"] for check in result.json()["checks"]} == {"ok"}
        assert emulator.state() == before

    def test_a_back_end_is_checked_without_engine_and_without_the_submission_api(
        self, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.clear()
        result = partnercenter("doctor", "--saas", "--json", PATH=join_path()).expect_success()
        assert [check["what"] for check in result.json()["checks"]] == [
            "sign-in",
            "role",
            "SaaS fulfillment API",
            "clock",
            "Python",
        ]
        assert {request["path"].split("?")[0] for request in emulator.requests()} == {
            "/api/saas/subscriptions"
        }

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("status", [401, 403])
    @pytest.mark.parametrize(
        ("claims", "check", "advice"),
        [
            ({}, "role", f"has to name application {CLIENT} and tenant {TENANT}, and has to be published"),
            ({"oid": None}, "role", f"`az ad sp create --id {CLIENT}`"),
            ({"aud": "https://api.partner.microsoft.com"}, "sign-in", f"get one for {AUDIENCE}"),
            ({"aud": "62d94f6c-d599-489b-a797-3e10e42fbe22"}, "sign-in", f"get one for {AUDIENCE}"),
            ({"exp": 1_000_000_000}, "sign-in", "this token has expired"),
        ],
        ids=["another application", "no service principal", "submission API", "retired API", "expired"],
    )
    def test_a_refusal_is_explained_by_the_token(
        self,
        claims: dict[str, Any],
        check: str,
        advice: str,
        status: int,
        emulator: RunningEmulator,
        partnercenter: Command,
    ) -> None:
        emulator.fault(
            r"GET /api/saas/subscriptions\?", status=status, body='"The token is invalid"', times=0
        )
        token = {"aud": AUDIENCE, "exp": 4_000_000_000, "appid": CLIENT, "tid": TENANT, "oid": TENANT}
        access_token = build_token(**{name: value for name, value in (token | claims).items() if value})
        result = partnercenter("doctor", "--saas", "--json", PARTNERCENTER_SAAS_ACCESS_TOKEN=access_token)
        assert failed_checks(result.expect_failure()) == [check]
        assert advice in find_check(result, check)["next"]
        assert access_token.split(".")[1] not in result.out + result.err

    @pytest.mark.soak
    def test_half_a_login_of_the_fulfillment_application_leaves_the_other_checks(
        self, doctor: Doctor
    ) -> None:
        result = doctor(PARTNERCENTER_SAAS_CLIENT_SECRET="planted").expect_failure()
        assert failed_checks(result) == ["settings"]
        assert "PARTNERCENTER_SAAS_CLIENT_ID" in find_check(result, "settings")["next"]
        assert find_check(result, "role at submission API")["state"] == "ok"


class TestPortal:
    """The Cloud Partner Portal API is checked on request, because few publishers use it."""

    def test_it_is_checked_on_request_with_a_read_of_the_publishers(
        self, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        emulator.client.post("/_emulator/portal/sample").raise_for_status()
        emulator.clear()
        assert "Portal" not in doctor().expect_success().out
        result = doctor.partnercenter("doctor", "--portal", "--json", PATH=doctor.path).expect_success()
        name = "Cloud Partner Portal API"
        assert find_check(result, f"sign-in at {name}")["state"] == "ok"
        assert (
            find_check(result, f"role at {name}")["how"] == "this login may use the Cloud Partner Portal API"
        )
        assert "asks for a token (401)" in find_check(result, name)["how"]
        paths = [request["path"] for request in emulator.requests() if request["service"] == "portal"]
        assert paths == ["/api/publishers", "/api/publishers?api-version=2017-10-31"]

    def test_a_login_that_belongs_to_no_publisher_is_told_the_next_step(
        self, emulator: RunningEmulator, doctor: Doctor
    ) -> None:
        for publisher in emulator.client.get("/api/publishers?api-version=2017-10-31").json():
            body = {"publisher": publisher["id"], "has_rights": False}
            emulator.client.post("/_emulator/portal/publishers", json=body).raise_for_status()
        result = doctor.partnercenter("doctor", "--portal", "--json", PATH=doctor.path).expect_failure()
        role = find_check(result, "role at Cloud Partner Portal API")
        assert role["how"] == "this login sees nothing there"
        assert "add the application to the account of a publisher" in role["next"]

    def test_half_a_login_is_reported_once(self, doctor: Doctor) -> None:
        variables = {"PARTNERCENTER_ACCESS_TOKEN": "", "AZURE_TENANT_ID": TENANT, "PATH": doctor.path}
        result = doctor.partnercenter("doctor", "--portal", "--json", **variables).expect_failure()
        assert failed_checks(result) == ["settings"]


class TestEngineAndPython:
    def test_a_missing_engine_fails_the_engine_check(self, doctor: Doctor) -> None:
        result = doctor(PATH=join_path()).expect_failure()
        assert failed_checks(result) == ["engine"]
        assert find_check(result, "engine")["next"].startswith(("install Pulumi", "run `source "))

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("version", ["v3.215.9", "v2.25.2", "nonsense"])
    def test_an_engine_that_is_too_old_fails_with_the_lowest_version(
        self, version: str, doctor: Doctor, tmp_path: Path
    ) -> None:
        result = doctor(PATH=join_path(install_engine(tmp_path / "old", version))).expect_failure()
        assert failed_checks(result) == ["engine"]
        assert "3.216" in find_check(result, "engine")["next"]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("version", ["v3.216.0", "3.259.0", "v4.0.0-beta.1+dirty"])
    def test_an_engine_that_is_new_enough_passes(self, version: str, doctor: Doctor, tmp_path: Path) -> None:
        result = doctor(PATH=join_path(install_engine(tmp_path / "new", version))).expect_success()
        assert version in find_check(result, "engine")["how"]

    def test_the_python_of_the_plugin_is_named(self, doctor: Doctor, tmp_path: Path) -> None:
        result = doctor().expect_success()
        assert str(tmp_path / "bin" / "python3") in find_check(result, "plugin")["how"]
        assert str(COMMAND.resolve().parent) in find_check(result, "Python")["how"]

    def test_a_python_without_the_package_fails_the_plugin_check(
        self, doctor: Doctor, tmp_path: Path
    ) -> None:
        write_executable(tmp_path / "bin" / "python3", "exit 1")
        result = doctor().expect_failure()
        assert failed_checks(result) == ["plugin"]
        assert "lacks pulumi-partnercenter" in find_check(result, "plugin")["how"]

    def test_the_virtual_environment_of_the_project_is_checked(self, doctor: Doctor, tmp_path: Path) -> None:
        """The path is relative to the program's folder, where the engine starts the plugin."""
        runtime = {"name": "python", "options": {"virtualenv": "own"}}
        project = {"name": "test", "runtime": runtime, "main": "stacks"}
        (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
        result = doctor().expect_failure()
        assert failed_checks(result) == ["plugin"]
        python = tmp_path / "stacks" / "own" / "bin" / "python"
        assert str(python) in find_check(result, "plugin")["how"]
        write_executable(python, f'exec {sys.executable} "$@"')
        assert str(python) in find_check(doctor().expect_success(), "plugin")["how"]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        "text", ["", "[]", "runtime: [", "\tname: x", "runtime: {options: 7}", "main: 7"]
    )
    def test_a_malformed_project_file_is_no_failure(self, text: str, doctor: Doctor, tmp_path: Path) -> None:
        (tmp_path / "Pulumi.yaml").write_text(text)
        doctor().expect_success()
