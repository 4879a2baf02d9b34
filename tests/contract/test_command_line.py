"""The command `python -m pulumi_partnercenter.emulator`: start, end, data folder, `kill -9`, TLS."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme
from provider.tools.emulators import TOKEN
from provider.tools.hangs import HANG_SECONDS

PRODUCTS = "/v1.0/ingestion/products"
COMMAND = [sys.executable, "-m", "pulumi_partnercenter.emulator"]


@contextmanager
def start_emulator(*arguments: object, **options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start an emulator and yield its process and address. Kill it at the end if it still runs."""
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on http"), line + process.stderr.read()
            yield process, line.removeprefix("listening on ").rstrip("\n")
        finally:
            process.kill()


def open_client(url: str, **options: object) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
        timeout=HANG_SECONDS,
        **options,
    )


def create(api: httpx.Client, number: int) -> str:
    body = {
        "resourceType": "AzureApplication",
        "name": f"contoso {number}",
        "externalIDs": [{"type": "AzureOfferId", "value": f"contoso-{number}"}],
    }
    answer = api.post(PRODUCTS, json=body)
    assert answer.status_code == 201
    return answer.json()["id"]


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_ignored", [False, True])
def test_a_signal_ends_the_emulator_with_exit_code_0_and_no_output(number, is_ignored):
    """The result is the same if the process inherits the signal as ignored, as background jobs of a shell do."""

    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    with start_emulator(preexec_fn=ignore if is_ignored else None) as (process, url):
        with open_client(url) as api:
            assert api.get(PRODUCTS).json() == {"value": []}
            process.send_signal(number)
            output, error = process.communicate(timeout=HANG_SECONDS)
        assert (process.returncode, output, error) == (0, "", "")


def test_every_answered_write_survives_kill_9(tmp_path: Path):
    answered_ids: list[str] = []
    has_written, has_stopped = threading.Event(), threading.Event()

    def write(url: str, first: int) -> None:
        with open_client(url) as api:
            for number in range(first, first + 10_000):
                try:
                    answered_ids.append(create(api, number))
                except httpx.TransportError:
                    return
                if len(answered_ids) >= 20:
                    has_written.set()

    with start_emulator("--data", tmp_path) as (process, url):
        writers = [threading.Thread(target=write, args=(url, first)) for first in (0, 10_000)]
        for writer in writers:
            writer.start()
        assert has_written.wait(HANG_SECONDS)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for writer in writers:
            writer.join()
        has_stopped.set()
    with start_emulator("--data", tmp_path) as (_, url), open_client(url) as api:
        state = api.get("/_emulator/state").json()
        stored_ids = {product["id"] for product in state["products"]}
        assert set(answered_ids) <= stored_ids
        # No product is partly stored: each has its setup and its listing.
        assert {setup["productID"] for setup in state["setups"]} == stored_ids
        assert {listing["productID"] for listing in state["listings"]} == stored_ids
        assert create(api, 99_999) not in stored_ids


@pytest.mark.soak
def test_the_moved_time_of_the_emulator_survives_a_restart(tmp_path: Path):
    with start_emulator("--data", tmp_path) as (_, url), open_client(url) as api:
        moved_time = api.post("/_emulator/clock", json={"advance_seconds": 1_000_000}).json()["now"]
    with start_emulator("--data", tmp_path) as (_, url), open_client(url) as api:
        assert api.post("/_emulator/clock", json={"advance_seconds": 0}).json()["now"] >= moved_time


@pytest.mark.soak
def test_a_restarted_emulator_with_the_same_seed_does_not_repeat_ids(tmp_path: Path):
    ids = []
    for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        with start_emulator("--data", folder, "--seed", 7) as (_, url), open_client(url) as api:
            ids.append(create(api, len(ids)))
    assert ids[0] == ids[2] != ids[1]


def test_the_emulator_serves_https_with_a_certificate(tmp_path: Path):
    authority = trustme.CA()
    server_certificate = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in server_certificate.cert_chain_pems))
    server_certificate.private_key_pem.write_to_path(str(key))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with (
        start_emulator("--tls-certificate", certificate, "--tls-key", key) as (_, url),
        open_client(url, verify=context) as api,
    ):
        assert url.startswith("https://127.0.0.1:")
        answer = api.post(
            PRODUCTS,
            json={
                "resourceType": "AzureContainer",
                "name": "a",
                "externalIDs": [{"type": "AzureOfferId", "value": "a"}],
            },
        )
        assert answer.headers["location"].startswith(f"{url}{PRODUCTS}/")
        api.post("/_emulator/faults", json={"match": "products", "drop": "before"}).raise_for_status()
        with pytest.raises(httpx.TransportError):
            api.get(PRODUCTS)


def error_output(*arguments: object) -> str:
    result = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert result.returncode != 0
    assert result.stdout == ""
    return result.stderr


def test_a_port_in_use_is_reported_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        message = error_output("--port", port)
    assert message.startswith(f"emulator: cannot start on 127.0.0.1:{port}: ")
    assert message.count("\n") == 1


def test_the_emulator_without_its_extra_says_in_one_line_what_to_install():
    run = f"import runpy; runpy.run_module({COMMAND[2]!r}, run_name='__main__')"
    code = f"import sys; sys.modules['uvicorn'] = None; {run}"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    message = "Error: the emulator needs uvicorn: install the extra 'emulator' of this package\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message)


@pytest.mark.soak
def test_the_emulator_has_the_same_options_under_both_names():
    commands = [COMMAND, [str(Path(sys.executable).parent / "partnercenter"), "emulator"]]
    helps = [
        subprocess.run(
            [*command, "--help"], capture_output=True, text=True, timeout=HANG_SECONDS, check=True
        ).stdout
        for command in commands
    ]
    assert helps[0].partition("\n")[2] == helps[1].partition("\n")[2]
    assert "--tls-certificate" in helps[0]


def test_a_data_folder_in_use_or_of_another_kind_is_refused(tmp_path: Path):
    with start_emulator("--data", tmp_path):
        assert "locked" in error_output("--data", tmp_path)
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    (other_folder / "emulator.sqlite3").write_bytes(
        b"this is no database at all, and long enough to show it" * 20
    )
    assert "not a database" in error_output("--data", other_folder)


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path):
    assert "go together" in error_output("--tls-key", tmp_path / "key.pem")
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.touch()
    assert "missing.pem is not a file" in error_output("--tls-certificate", missing, "--tls-key", missing)
    assert "cannot start" in error_output("--tls-certificate", empty, "--tls-key", empty)


def test_the_option_pace_sets_the_pace():
    with start_emulator("--pace", "real") as (_, url), open_client(url) as api:
        branches = f"{PRODUCTS}/{create(api, 1)}/branches/getByModule(module=Listing)"
        assert api.get(branches).json() == {"value": []}
        api.post("/_emulator/clock", json={"advance_seconds": 2}).raise_for_status()
        assert len(api.get(branches).json()["value"]) == 1


def test_the_data_folder_is_created(tmp_path: Path):
    folder = tmp_path / "some" / "where"
    with start_emulator("--data", folder):
        assert any(folder.iterdir())


@pytest.mark.soak
def test_unknown_members_are_ignored_without_the_option_strict():
    body = {"resourceType": "AzureApplication", "name": "a", "colour": "red"}
    body["externalIDs"] = [{"type": "AzureOfferId", "value": "contoso-a"}]
    for arguments, status in ((), 201), (("--strict",), 501):
        with start_emulator(*arguments) as (_, url), open_client(url) as api:
            assert api.post(PRODUCTS, json=body).status_code == status


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_an_emulator_beyond_the_loopback_warns(host: str):
    with start_emulator("--host", host, "--allow-host", "emulator") as (process, url):
        port = url.rpartition(":")[2]
        with open_client(f"http://127.0.0.1:{port}") as api:
            assert api.get(PRODUCTS, headers={"Host": f"emulator:{port}"}).status_code == 200
            assert api.get(PRODUCTS, headers={"Host": f"contoso.example.com:{port}"}).status_code == 403
            process.terminate()
            _, error = process.communicate(timeout=HANG_SECONDS)
    has_warning = "emulator: warning: 0.0.0.0 can be reached by other machines" in error
    assert has_warning == (host == "0.0.0.0")
    assert error.count("\n") == has_warning


def read_modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.mark.soak
def test_the_data_folder_is_readable_by_its_owner_only(tmp_path: Path):
    """The folder contains the signing key and the secrets of registered applications."""
    folder = tmp_path / "data"
    for number in (1, 2):
        with (
            start_emulator("--data", folder, preexec_fn=lambda: os.umask(0)) as (_, url),
            open_client(url) as api,
        ):
            create(api, number)
            file_modes = read_modes(folder)
            assert {"emulator.sqlite3", "emulator.sqlite3-wal"} <= set(file_modes)
            assert set(file_modes.values()) <= {0o600, 0o700}
            assert file_modes["emulator.sqlite3"] == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        for file in folder.glob("emulator.sqlite3*"):
            file.chmod(0o644)  # earlier versions created the file with this mode


@pytest.mark.soak
def test_an_existing_data_folder_keeps_its_mode(tmp_path: Path):
    tmp_path.chmod(0o755)
    with start_emulator("--data", tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert read_modes(tmp_path)["emulator.sqlite3"] == 0o600
