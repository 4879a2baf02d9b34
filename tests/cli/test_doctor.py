"""`doctor`: each line says how it is, each failing one what to do next."""

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
from provider.tools.emulators import Serving, serve
from tests.cli.command import COMMAND, Command, Ran

from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT

PLANTED = "planted-7f3a9c-secret"
ROLE, PROBE = r"GET /v1.0/ingestion/products\?", "GET /v1.0/ingestion/products$"
"""The read with a token, which has a query, and the request without one."""
CHECKS = [
    "sign-in",
    "role",
    "submission API",
    "clock",
    "engine",
    "Python",
    "plugin",
]


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def engine(folder: Path, version: str = "v3.259.0") -> Path:
    """A folder for PATH with an engine that tells a version, and this Python."""
    executable(folder / "bin" / "pulumi", f"echo {version}")
    executable(folder / "bin" / "python3", f'exec {sys.executable} "$@"')
    return folder / "bin"


def path_of(*folders: Path) -> str:
    return ":".join(map(str, [*folders, "/usr/bin", "/bin"]))


def check(ran: Ran, what: str) -> dict[str, str]:
    (found,) = [each for each in ran.json()["checks"] if each["what"] == what]
    return found


def failed(ran: Ran) -> list[str]:
    return [each["what"] for each in ran.json()["checks"] if each["state"] == "failed"]


def token(**claims: Any) -> str:
    """As Entra ID's, but signed by nobody."""
    parts = [json.dumps(each).encode() for each in ({"alg": "RS256"}, claims, PLANTED)]
    return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts)


class Doctor:
    """`doctor --json` on a machine that has all it needs."""

    def __init__(self, partnercenter: Command, path: str) -> None:
        self.partnercenter, self.path = partnercenter, path

    def __call__(self, **env: str) -> Ran:
        return self.partnercenter("doctor", "--json", **{"PATH": self.path, **env})


@pytest.fixture
def doctor(partnercenter: Command, tmp_path: Path) -> Doctor:
    return Doctor(partnercenter, path_of(engine(tmp_path)))


class TestNewcomer:
    def test_without_any_variable_three_lines_tell_what_to_do(self, tmp_path: Path) -> None:
        ran = Command("", tmp_path)("doctor", PATH=path_of()).badly()
        assert ran.err == ""
        signed_in, to_try, to_sign_in = ran.out.splitlines()
        assert signed_in.startswith("not signed in: ")
        assert "partnercenter emulator" in to_try
        assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in to_try
        assert "AZURE_TENANT_ID" in to_sign_in
        assert "az login" in to_sign_in

    def test_programs_get_a_document(self, tmp_path: Path) -> None:
        ran = Command("", tmp_path)("doctor", "--json", PATH=path_of()).badly()
        assert ran.json()["ok"] is False
        assert failed(ran) == ["sign-in"]
        assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in check(ran, "sign-in")["next"]

    def test_half_a_login_names_the_missing_variables(self, doctor: Doctor) -> None:
        ran = doctor(PARTNERCENTER_ACCESS_TOKEN="", AZURE_TENANT_ID=TENANT).badly()
        assert "AZURE_CLIENT_ID" in check(ran, "settings")["next"]
        assert check(ran, "engine")["state"] == "ok"


class TestWell:
    def test_everything_is_asked_and_answers(self, doctor: Doctor) -> None:
        ran = doctor().well()
        assert ran.json()["ok"] is True
        assert [(each["what"], each["state"]) for each in ran.json()["checks"]] == [
            (what, "ok") for what in CHECKS
        ]

    def test_it_writes_nothing_and_sends_the_token_to_the_submission_api_alone(
        self, emulator: Serving, doctor: Doctor
    ) -> None:
        before = emulator.state()
        emulator.clear()
        doctor().well()
        asked = emulator.requests()
        assert {each["method"] for each in asked} == {"GET"}
        assert [each["path"].split("?")[0] for each in asked if each["status"] == 200] == [
            "/v1.0/ingestion/products"
        ]
        assert emulator.state() == before

    def test_people_get_a_line_each(self, doctor: Doctor) -> None:
        lines = doctor.partnercenter("doctor", PATH=doctor.path).well().out.splitlines()
        assert [line.split("  ")[1].strip() for line in lines] == CHECKS
        assert {line[0] for line in lines} == {"✓"}
        assert not set("\x1b│─") & set("".join(lines))

    def test_colours_are_for_terminals(self, doctor: Doctor) -> None:
        shown = doctor.partnercenter.on_a_terminal("doctor", PATH=doctor.path).well().out
        assert "\x1b[32m✓" in shown
        plain = doctor.partnercenter.on_a_terminal("doctor", PATH=doctor.path, NO_COLOR="1").well().out
        assert "✓" in plain
        assert "\x1b[32m" not in plain

    def test_letters_that_the_locale_lacks_are_no_trouble(self, doctor: Doctor) -> None:
        env = {"PATH": doctor.path, "PYTHONIOENCODING": "latin-1"}
        assert "?  role" in doctor.partnercenter("doctor", **env).well().out


class TestSigningIn:
    @pytest.fixture(scope="class")
    @classmethod
    def secure(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Path]]:
        """An emulator over TLS, and the authority that signs for it."""
        folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        with serve(
            seed=1, certificate=folder / "certificate.pem", key=folder / "key.pem", verify=trusted
        ) as emulator:
            yield emulator, folder / "ca.pem"

    @pytest.fixture
    def login(self, secure: tuple[Serving, Path]) -> dict[str, str]:
        emulator, authority = secure
        emulator.reset()
        return {
            "PARTNERCENTER_ENDPOINT": emulator.url,
            "PARTNERCENTER_ACCESS_TOKEN": "",
            "SSL_CERT_FILE": str(authority),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
        }

    def test_it_says_who_signed_in_and_until_when(self, doctor: Doctor, login: dict[str, str]) -> None:
        told = check(doctor(**login).well(), "sign-in")
        assert f"client secret of application {CLIENT} (AZURE_CLIENT_SECRET)" in told["how"]
        assert "token until 2" in told["how"]
        assert f"tenant {TENANT}" in told["how"]

    def test_the_sign_in_service_is_asked_for_when_it_is_used(
        self, doctor: Doctor, login: dict[str, str]
    ) -> None:
        assert check(doctor(**login).well(), "Entra ID")["state"] == "ok"
        names = [line["what"] for line in doctor().well().json()["checks"]]
        assert "Entra ID" not in names

    def test_a_wrong_secret_is_told_and_never_shown(self, doctor: Doctor, login: dict[str, str]) -> None:
        ran = doctor(**{**login, "AZURE_CLIENT_SECRET": PLANTED, "PARTNERCENTER_LOG": "debug"}).badly()
        assert failed(ran) == ["sign-in"]
        assert "AADSTS7000215" in check(ran, "sign-in")["how"]
        assert "AZURE_CLIENT_SECRET" in check(ran, "sign-in")["next"]
        assert check(ran, "role")["state"] == "idle"
        assert PLANTED not in ran.out + ran.err

    def test_an_authority_that_is_not_trusted(self, doctor: Doctor, login: dict[str, str]) -> None:
        ran = doctor(**{**login, "SSL_CERT_FILE": "", "PARTNERCENTER_ACCESS_TOKEN": "emulator"}).badly()
        assert failed(ran) == ["submission API"]
        assert "not trusted" in check(ran, "submission API")["how"]
        assert "SSL_CERT_FILE" in check(ran, "submission API")["next"]

    def test_a_clock_that_is_behind(
        self, doctor: Doctor, login: dict[str, str], secure: tuple[Serving, Path]
    ) -> None:
        secure[0].fault(
            "GET /v1.0/ingestion/products$", status=401, headers={"Date": "Fri, 01 Jan 2100 00:00:00 GMT"}
        )
        ran = doctor(**login).badly()
        assert failed(ran) == ["clock"]
        assert "behind" in check(ran, "clock")["how"]


class TestTokens:
    @pytest.mark.parametrize(
        ("claims", "words"),
        [
            ({"exp": 1_000_000_000}, "this token is over"),
            ({"exp": 4_000_000_000, "aud": "https://management.azure.com/"}, "https://management.azure.com/"),
        ],
        ids=["over", "for another service"],
    )
    def test_a_ready_token_that_cannot_work_is_told_by_what_it_says(
        self, claims: dict[str, Any], words: str, doctor: Doctor
    ) -> None:
        ready = token(**claims, appid=CLIENT, tid=TENANT, roles=["Manager"])
        ran = doctor(PARTNERCENTER_ACCESS_TOKEN=ready).badly()
        assert failed(ran) == ["sign-in"]
        assert words in check(ran, "sign-in")["next"]
        assert f"application {CLIENT}, tenant {TENANT}" in check(ran, "sign-in")["how"]
        assert ready not in ran.out + ran.err
        assert ready.split(".")[1] not in ran.out + ran.err

    @pytest.mark.parametrize(
        "said",
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
    def test_a_token_may_hold_anything(self, said: str, doctor: Doctor) -> None:
        middle = base64.urlsafe_b64encode(said.encode("latin-1")).decode().rstrip("=")
        ran = doctor(PARTNERCENTER_ACCESS_TOKEN=f"{PLANTED}.{middle or 'A'}.{PLANTED}").badly()
        assert failed(ran) == ["role"]
        assert PLANTED not in ran.out + ran.err


class TestTrouble:
    @pytest.mark.parametrize(
        ("fault", "how", "following"),
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
    def test_what_is_wrong_with_the_role(
        self, fault: dict[str, Any], how: str, following: str, emulator: Serving, doctor: Doctor
    ) -> None:
        emulator.fault(ROLE, **fault)
        ran = doctor().badly()
        assert failed(ran) == ["role"]
        assert how in check(ran, "role")["how"]
        assert following in check(ran, "role")["next"]

    @pytest.mark.parametrize(
        ("status", "state", "how"),
        [
            (200, "ok", "answers (200)"),
            (302, "failed", "sent elsewhere (302)"),
            (403, "ok", "asks for a token (403)"),
            (404, "idle", "nothing is there (404)"),
            (501, "failed", "does not have this service (501)"),
            (503, "failed", "refused (503)"),
        ],
    )
    def test_each_answer_to_a_request_without_a_token_is_told_as_what_it_is(
        self, status: int, state: str, how: str, emulator: Serving, doctor: Doctor
    ) -> None:
        emulator.fault(PROBE, status=status)
        service = check(doctor(), "submission API")
        assert (service["state"], how in service["how"]) == (state, True)
        assert bool(service["next"]) == (state == "failed")

    def test_a_service_that_asks_for_a_token_is_said_to(self, doctor: Doctor) -> None:
        assert "asks for a token (401)" in check(doctor().well(), "submission API")["how"]

    def test_the_next_step_stands_below_a_failing_line(self, emulator: Serving, doctor: Doctor) -> None:
        emulator.fault(ROLE, status=403)
        lines = doctor.partnercenter("doctor", PATH=doctor.path).badly().out.splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.startswith("✗")]
        assert "role Manager" in lines[at + 1].split("→")[1]

    def test_nobody_listens(self, doctor: Doctor) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        ran = doctor(PARTNERCENTER_ENDPOINT=f"http://127.0.0.1:{port}").badly()
        assert failed(ran) == ["submission API"]
        assert "connection refused" in check(ran, "submission API")["how"]
        assert "partnercenter emulator" in check(ran, "submission API")["next"]

    def test_a_proxy_that_is_not_there_is_named_without_its_password(self, doctor: Doctor) -> None:
        proxy = f"http://contoso:{PLANTED}@127.0.0.1:9"
        env = {"PARTNERCENTER_ENDPOINT": "http://partner.example.com", "http_proxy": proxy}
        ran = doctor(**env).badly()
        assert failed(ran) == ["submission API"]
        assert "through the proxy 127.0.0.1" in check(ran, "submission API")["how"]
        assert "HTTPS_PROXY" in check(ran, "submission API")["next"]
        assert PLANTED not in ran.out + ran.err

    def test_a_login_is_not_sent_over_plain_http(self, doctor: Doctor) -> None:
        login = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": PLANTED}
        ran = doctor(PARTNERCENTER_ACCESS_TOKEN="", **login).badly()
        assert failed(ran) == ["sign-in"]
        assert PLANTED not in ran.out + ran.err


class TestMachine:
    def test_no_engine(self, doctor: Doctor) -> None:
        ran = doctor(PATH=path_of()).badly()
        assert failed(ran) == ["engine"]
        assert check(ran, "engine")["next"].startswith(("install Pulumi", "run `source "))

    @pytest.mark.parametrize("version", ["v3.215.9", "v2.25.2", "nonsense"])
    def test_an_engine_that_is_too_old(self, version: str, doctor: Doctor, tmp_path: Path) -> None:
        ran = doctor(PATH=path_of(engine(tmp_path / "old", version))).badly()
        assert failed(ran) == ["engine"]
        assert "3.216" in check(ran, "engine")["next"]

    @pytest.mark.parametrize("version", ["v3.216.0", "3.259.0", "v4.0.0-beta.1+dirty"])
    def test_an_engine_that_is_new_enough(self, version: str, doctor: Doctor, tmp_path: Path) -> None:
        ran = doctor(PATH=path_of(engine(tmp_path / "new", version))).well()
        assert version in check(ran, "engine")["how"]

    def test_it_says_which_python_the_plugin_runs_in(self, doctor: Doctor, tmp_path: Path) -> None:
        assert str(tmp_path / "bin" / "python3") in check(doctor().well(), "plugin")["how"]
        assert str(COMMAND.resolve().parent) in check(doctor(), "Python")["how"]

    def test_a_python_that_lacks_the_package(self, doctor: Doctor, tmp_path: Path) -> None:
        executable(tmp_path / "bin" / "python3", "exit 1")
        ran = doctor().badly()
        assert failed(ran) == ["plugin"]
        assert "lacks pulumi-partnercenter" in check(ran, "plugin")["how"]

    def test_a_project_with_an_environment_of_its_own_counts(self, doctor: Doctor, tmp_path: Path) -> None:
        """Relative to the program's folder: that is where the engine starts the plugin."""
        runtime = {"name": "python", "options": {"virtualenv": "own"}}
        project = {"name": "test", "runtime": runtime, "main": "stacks"}
        (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
        ran = doctor().badly()
        assert failed(ran) == ["plugin"]
        python = tmp_path / "stacks" / "own" / "bin" / "python"
        assert str(python) in check(ran, "plugin")["how"]
        executable(python, f'exec {sys.executable} "$@"')
        assert str(python) in check(doctor().well(), "plugin")["how"]

    @pytest.mark.parametrize(
        "text", ["", "[]", "runtime: [", "\tname: x", "runtime: {options: 7}", "main: 7"]
    )
    def test_a_project_file_may_hold_anything(self, text: str, doctor: Doctor, tmp_path: Path) -> None:
        (tmp_path / "Pulumi.yaml").write_text(text)
        doctor().well()
