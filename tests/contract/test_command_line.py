"""`python -m pulumi_partnercenter.emulator`, really started: start, end, persistence, `kill -9`, TLS."""

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

PRODUCTS = "/v1.0/ingestion/products"
COMMAND = [sys.executable, "-m", "pulumi_partnercenter.emulator"]


@contextmanager
def started(*arguments: object, **how: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address; killed at the end if it still runs."""
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on http"), line + process.stderr.read()
            yield process, line.removeprefix("listening on ").rstrip("\n")
        finally:
            process.kill()


def client(url: str, **how: object) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, **how)


def create(api: httpx.Client, number: int) -> str:
    body = {
        "resourceType": "AzureApplication",
        "name": f"contoso {number}",
        "externalIDs": [{"type": "AzureOfferId", "value": f"contoso-{number}"}],
    }
    answer = api.post(PRODUCTS, json=body)
    assert answer.status_code == 201
    return answer.json()["id"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("ignored", [False, True])
def test_a_signal_ends_it_with_status_0_and_without_a_word(number, ignored):
    """Also where the signal was inherited as ignored, as background jobs of a shell inherit SIGINT."""

    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    with started(preexec_fn=ignore if ignored else None) as (process, url):
        with client(url) as api:
            assert api.get(PRODUCTS).json() == {"value": []}
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


def test_what_was_answered_survives_kill_9_in_the_middle_of_writes(tmp_path: Path):
    answered: list[str] = []
    half, stopped = threading.Event(), threading.Event()

    def write(url: str, first: int) -> None:
        with client(url) as api:
            for number in range(first, first + 10_000):
                try:
                    answered.append(create(api, number))
                except httpx.TransportError:
                    return
                if len(answered) >= 20:
                    half.set()

    with started("--data", tmp_path) as (process, url):
        writers = [threading.Thread(target=write, args=(url, first)) for first in (0, 10_000)]
        for writer in writers:
            writer.start()
        assert half.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for writer in writers:
            writer.join()
        stopped.set()
    with started("--data", tmp_path) as (_, url), client(url) as api:
        state = api.get("/_emulator/state").json()
        held = {product["id"] for product in state["products"]}
        assert set(answered) <= held
        # Nothing is half there: each product that is there has its setup and its listing.
        assert {setup["productID"] for setup in state["setups"]} == held
        assert {listing["productID"] for listing in state["listings"]} == held
        assert create(api, 99_999) not in held


def test_moved_time_survives_too(tmp_path: Path):
    with started("--data", tmp_path) as (_, url), client(url) as api:
        before = api.post("/_emulator/clock", json={"advance_seconds": 1_000_000}).json()["now"]
    with started("--data", tmp_path) as (_, url), client(url) as api:
        assert api.post("/_emulator/clock", json={"advance_seconds": 0}).json()["now"] >= before


def test_a_seed_gives_ids_that_differ_after_a_restart(tmp_path: Path):
    ids = []
    for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        with started("--data", folder, "--seed", 7) as (_, url), client(url) as api:
            ids.append(create(api, len(ids)))
    assert ids[0] == ids[2] != ids[1]


def test_it_serves_https(tmp_path: Path):
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with (
        started("--tls-certificate", certificate, "--tls-key", key) as (_, url),
        client(url, verify=context) as api,
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


def refused(*arguments: object) -> str:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert done.stdout == ""
    return done.stderr


def test_a_port_that_is_taken_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("--port", port)
    assert told.startswith(f"emulator: cannot start on 127.0.0.1:{port}: ")
    assert told.count("\n") == 1


def test_without_its_extra_it_says_in_one_line_what_to_install():
    run = f"import runpy; runpy.run_module({COMMAND[2]!r}, run_name='__main__')"
    code = f"import sys; sys.modules['uvicorn'] = None; {run}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    message = "Error: the emulator needs uvicorn: install the extra 'emulator' of this package\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


def test_both_names_are_one_command():
    commands = [COMMAND, [str(Path(sys.executable).parent / "partnercenter"), "emulator"]]
    helps = [
        subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
        for command in commands
    ]
    assert helps[0].partition("\n")[2] == helps[1].partition("\n")[2]
    assert "--tls-certificate" in helps[0]


def test_a_folder_is_for_one_process_and_one_layout(tmp_path: Path):
    with started("--data", tmp_path):
        assert "locked" in refused("--data", tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "emulator.sqlite3").write_bytes(b"this is no database at all, and long enough to show it" * 20)
    assert "not a database" in refused("--data", other)


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path):
    assert "go together" in refused("--tls-key", tmp_path / "key.pem")
    absent, empty = tmp_path / "absent.pem", tmp_path / "empty.pem"
    empty.touch()
    assert "absent.pem is not a file" in refused("--tls-certificate", absent, "--tls-key", absent)
    assert "cannot start" in refused("--tls-certificate", empty, "--tls-key", empty)


def test_the_pace_is_an_option():
    with started("--pace", "real") as (_, url), client(url) as api:
        branches = f"{PRODUCTS}/{create(api, 1)}/branches/getByModule(module=Listing)"
        assert api.get(branches).json() == {"value": []}
        api.post("/_emulator/clock", json={"advance_seconds": 2}).raise_for_status()
        assert len(api.get(branches).json()["value"]) == 1


def test_the_data_folder_is_made(tmp_path: Path):
    folder = tmp_path / "some" / "where"
    with started("--data", folder):
        assert any(folder.iterdir())


def test_members_that_are_not_known_are_ignored_without_strict():
    body = {"resourceType": "AzureApplication", "name": "a", "colour": "red"}
    body["externalIDs"] = [{"type": "AzureOfferId", "value": "contoso-a"}]
    for arguments, status in ((), 201), (("--strict",), 501):
        with started(*arguments) as (_, url), client(url) as api:
            assert api.post(PRODUCTS, json=body).status_code == status


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_beyond_loopback_it_warns(host: str):
    with started("--host", host, "--allow-host", "emulator") as (process, url):
        port = url.rpartition(":")[2]
        with client(f"http://127.0.0.1:{port}") as api:
            assert api.get(PRODUCTS, headers={"Host": f"emulator:{port}"}).status_code == 200
            assert api.get(PRODUCTS, headers={"Host": f"contoso.example.com:{port}"}).status_code == 403
            process.terminate()
            _, err = process.communicate(timeout=30)
    warned = "emulator: warning: 0.0.0.0 can be reached by other machines" in err
    assert warned == (host == "0.0.0.0")
    assert err.count("\n") == warned


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_nobody_else_reads_what_it_keeps(tmp_path: Path):
    """Its signing key is in there, and the secrets of registered applications."""
    folder = tmp_path / "data"
    for number in (1, 2):
        with started("--data", folder, preexec_fn=lambda: os.umask(0)) as (_, url), client(url) as api:
            create(api, number)
            kept = modes(folder)
            assert {"emulator.sqlite3", "emulator.sqlite3-wal"} <= set(kept)
            assert set(kept.values()) <= {0o600, 0o700}
            assert kept["emulator.sqlite3"] == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        for file in folder.glob("emulator.sqlite3*"):
            file.chmod(0o644)  # as an earlier version left it


def test_a_folder_of_somebodys_own_keeps_its_mode(tmp_path: Path):
    tmp_path.chmod(0o755)
    with started("--data", tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert modes(tmp_path)["emulator.sqlite3"] == 0o600
