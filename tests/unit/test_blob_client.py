"""The blob host's side of the client: addresses as they were given, blocks, patience, and what is never told."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.unit.scripted import CUT, Answer, Script, serving

from pulumi_partnercenter import ApiError, ContractError, InputError, PartnerCenterError, Unavailable
from pulumi_partnercenter.api.http import blobs as module
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.content.sources import Content, text_content
from pulumi_partnercenter.settings import Settings

DOING = "package contoso.zip: upload"
QUERY = "sv=2018-03-28&sig=a%2bB%2F'|~c%3d%3D&se=2026-11-22T00%3A00:00Z&sp=rwl"
ODD = f"/pkg//a%2Fb/../c%7e;d=1/%C3%a4?{QUERY}"
STORED, REFUSED = Answer(201), Answer(403, b"<Error/>", {"x-ms-error-code": "AuthenticationFailed"})


class Opened:
    def __init__(self, blobs: Blobs, script: Script) -> None:
        self.blobs, self.script = blobs, script
        self.told: list[str] = []

    def upload(self, data: bytes, path: str = ODD) -> None:
        self.blobs.upload(self.script.url + path, content(data), DOING)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.script.asked]


def content(data: bytes) -> Content:
    return Content("contoso.zip", len(data), lambda: io.BytesIO(data))


@contextmanager
def opened(*answers: Answer, log: str = "") -> Iterator[Opened]:
    with serving(*answers) as script:
        config = {"partnercenter:endpoint": script.url, "partnercenter:accessToken": "t0ken"}
        settings = Settings.load({**config, "partnercenter:log": log}, {})
        told: list[str] = []
        blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=told.append)
        found = Opened(blobs, script)
        found.told = told
        try:
            yield found
        finally:
            blobs.close()


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten bytes above twenty-five, sent by threes."""
    monkeypatch.setattr(module, "MAX_SINGLE_BYTES", 25)
    monkeypatch.setattr(module, "BLOCK_BYTES", 10)
    monkeypatch.setattr(module, "CHUNK_BYTES", 3)


def test_an_address_is_used_exactly_as_it_was_given() -> None:
    with opened(STORED) as host:
        host.upload(b"bytes")
        (asked,) = host.script.asked
        assert asked.path == ODD
        assert asked.method == "PUT"
        assert asked.body == b"bytes"
        assert asked.headers["x-ms-blob-type"] == "BlockBlob"
        assert asked.headers["content-length"] == "5"
        assert "transfer-encoding" not in asked.headers
        assert "authorization" not in asked.headers


def test_what_is_read_is_asked_for_at_the_same_address() -> None:
    with opened(Answer(200, b"bytes")) as host:
        digest = host.blobs.digest(host.script.url + ODD, DOING)
        assert digest == f"sha256:{hashlib.sha256(b'bytes').hexdigest()}"
        assert digest == content(b"bytes").digest
        assert host.paths() == [ODD]
        assert "authorization" not in host.script.asked[0].headers


READS: dict[str, Callable[[Opened, Path, int], object]] = {
    "digest": lambda host, path, largest: host.blobs.digest(host.script.url + ODD, DOING, largest),
    "download": lambda host, path, largest: host.blobs.download(host.script.url + ODD, path, DOING, largest),
}


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "br, gzip"}])
@pytest.mark.parametrize("how", READS)
def test_what_is_read_has_a_bound_and_is_never_unpacked(
    how: str, headers: dict[str, str], tmp_path: Path
) -> None:
    """A megabyte of gzip holds a gigabyte: its own bytes are what counts, and what is kept."""
    packed = gzip.compress(bytes(50 << 20))
    with opened(Answer(200, packed, headers)) as host:
        READS[how](host, tmp_path / "file", len(packed))
        assert how == "digest" or (tmp_path / "file").read_bytes() == packed
        with pytest.raises(ContractError, match="more than 0 MiB"):
            READS[how](host, tmp_path / "file", len(packed) - 1)
        assert len(host.script.asked) == 2
        assert {asked.headers["accept-encoding"] for asked in host.script.asked} == {"identity"}


def test_a_file_that_says_it_is_too_large_is_not_begun(tmp_path: Path) -> None:
    with opened(Answer(200, b"x", {"Content-Length": str(1 << 40)})) as host:
        with pytest.raises(ContractError, match="more than 1 MiB"):
            host.blobs.download(host.script.url + ODD, tmp_path / "file", DOING, 1 << 20)
        assert len(host.script.asked) == 1
        assert (tmp_path / "file").read_bytes() == b""


def test_nothing_has_no_digest() -> None:
    with opened(Answer(404)) as host:
        assert host.blobs.digest(host.script.url + ODD, DOING) == ""


@pytest.mark.parametrize("data", [b"", b"x" * 25])
def test_what_is_small_is_one_request(data: bytes, blocks: None) -> None:
    with opened(STORED) as host:
        host.upload(data)
        assert [asked.body or b"" for asked in host.script.asked] == [data]
        assert host.told == []


def test_what_is_large_goes_in_blocks_and_is_put_together_in_their_order(blocks: None) -> None:
    data = bytes(range(36))
    with opened(STORED) as host:
        host.upload(data)
        *parts, listed = host.script.asked
        assert b"".join(asked.body for asked in parts) == data
        assert [len(asked.body) for asked in parts] == [10, 10, 10, 6]
        assert all(asked.path.startswith(f"{ODD}&comp=block&blockid=") for asked in parts)
        ids = [asked.path.rpartition("=")[2].replace("%3D", "=") for asked in parts]
        assert len({len(base64.b64decode(each)) for each in ids}) == 1
        assert listed.path == f"{ODD}&comp=blocklist"
        assert re.findall("<Latest>(.*?)</Latest>", listed.body.decode()) == ids
        assert all("authorization" not in asked.headers for asked in host.script.asked)
        assert host.told[-1] == "contoso.zip: 0 MiB uploaded"
        assert [line.split(" %")[0] for line in host.told[:-1]] == [
            f"contoso.zip: {percent}" for percent in (0, 27, 55, 83)
        ]


@pytest.mark.parametrize(
    "trouble", [CUT, Answer(503), Answer(500), Answer(408)], ids=["cut", "503", "500", "408"]
)
def test_each_block_is_tried_again_and_only_that(trouble: Answer, blocks: None) -> None:
    with opened(STORED, trouble, STORED) as host:
        host.upload(bytes(30))
        numbers = [
            base64.b64decode(path.rpartition("=")[2].replace("%3D", "=")) for path in host.paths()[:-1]
        ]
        assert numbers == [b"00000000", b"00000001", b"00000001", b"00000002"]


def test_the_list_of_blocks_is_tried_again(blocks: None) -> None:
    with opened(STORED, STORED, STORED, CUT, STORED) as host:
        host.upload(bytes(30))
        assert [path.partition("comp=")[2][:9] for path in host.paths()[3:]] == ["blocklist"] * 2


def test_a_refusal_is_told_without_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    with opened(REFUSED, log="debug") as host:
        with pytest.raises(ApiError) as refused:
            host.upload(b"bytes")
        assert len(host.script.asked) == 1
    told = str(refused.value)
    assert told.startswith(f"{DOING}: the file host refused (403)")
    assert "AuthenticationFailed" in told
    assert "asks for a new address" in told
    assert len(told.splitlines()) == 3
    assert "B%2F" not in told + capsys.readouterr().err


def test_trouble_that_stays_is_told_without_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    with opened(CUT, log="debug") as host, pytest.raises(Unavailable) as lost:
        host.upload(b"bytes")
    assert "no answer from http://127.0.0.1" in str(lost.value)
    assert "B%2F" not in str(lost.value) + capsys.readouterr().err


def test_no_redirect_is_followed() -> None:
    with (
        serving(STORED) as elsewhere,
        opened(Answer(307, headers={"Location": f"{elsewhere.url}/x"})) as host,
    ):
        with pytest.raises(PartnerCenterError, match="307"):
            host.upload(b"bytes")
        with pytest.raises(PartnerCenterError, match="307"):
            host.blobs.digest(host.script.url + ODD, DOING)
        assert elsewhere.asked == []


def test_a_file_that_became_shorter_is_told() -> None:
    with opened(STORED) as host, pytest.raises(InputError, match="became shorter"):
        host.blobs.upload(host.script.url + ODD, Content("a.zip", 9, lambda: io.BytesIO(b"short")), DOING)


def test_texts_are_contents_as_well() -> None:
    with opened(STORED) as host:
        host.blobs.upload(host.script.url + ODD, text_content("ä"), DOING)
        assert host.script.asked[0].body == "ä".encode()


GROWTH = """
import io, os, resource, sys
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.content.sources import file_on_disk
from pulumi_partnercenter.settings import Settings

url, path = sys.argv[1:]
config = {"partnercenter:endpoint": url.partition("/pkg")[0], "partnercenter:accessToken": "t"}
blobs = Blobs(Settings.load(config, {}), SUBMISSION, progress=lambda _: None)
small = path + ".small"
open(small, "wb").write(bytes(1 << 20))
blobs.upload(url, file_on_disk(small), "warm-up")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
content = file_on_disk(path)
blobs.upload(url, content, "upload")
content.digest
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_flat_for_a_gigabyte(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    provider = str(Path(module.__file__).parents[2])
    with swallowing() as host:
        ran = subprocess.run(
            [sys.executable, "-c", GROWTH, f"{host.url}/pkg?sig=x", str(path)],
            env={"PYTHONPATH": provider},
            capture_output=True,
            text=True,
            check=True,
        )
    assert int(ran.stdout) < 100 * 1024, f"grew by {ran.stdout} KiB"
    assert host.swallowed > 1 << 30


class Swallowing:
    def __init__(self, url: str) -> None:
        self.url, self.swallowed = url, 0


@contextmanager
def swallowing() -> Iterator[Swallowing]:
    """A host that takes everything and keeps nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            left = int(self.headers["content-length"])
            while left and (chunk := self.rfile.read(min(left, 1 << 20))):
                left -= len(chunk)
                host.swallowed += len(chunk)
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: stderr is what the tests look at."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = Swallowing(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
