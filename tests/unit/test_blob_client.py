"""The client of the file host: exact addresses, blocks, retries, and secrets that no message holds."""

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
from tests.unit.scripted_server import DROP, Answer, Script, serve_answers

from pulumi_partnercenter import ApiError, ContractError, InputError, PartnerCenterError, Unavailable
from pulumi_partnercenter.api.http import blobs as module
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.content.sources import Content, text_content
from pulumi_partnercenter.settings import Settings

ACTION = "package contoso.zip: upload"
QUERY = "sv=2018-03-28&sig=a%2bB%2F'|~c%3d%3D&se=2026-11-22T00%3A00:00Z&sp=rwl"
PATH = f"/pkg//a%2Fb/../c%7e;d=1/%C3%a4?{QUERY}"
STORED, REFUSED = Answer(201), Answer(403, b"<Error/>", {"x-ms-error-code": "AuthenticationFailed"})


class FileHost:
    def __init__(self, blobs: Blobs, script: Script, progress: list[str]) -> None:
        self.blobs, self.script, self.progress = blobs, script, progress

    def upload(self, data: bytes, path: str = PATH) -> None:
        self.blobs.upload(self.script.url + path, content(data), ACTION)

    def paths(self) -> list[str]:
        return [request.path for request in self.script.requests]


def content(data: bytes) -> Content:
    return Content("contoso.zip", len(data), lambda: io.BytesIO(data))


@contextmanager
def open_file_host(*answers: Answer, log: str = "") -> Iterator[FileHost]:
    with serve_answers(*answers) as script:
        config = {"partnercenter:endpoint": script.url, "partnercenter:accessToken": "t0ken"}
        settings = Settings.load({**config, "partnercenter:log": log}, {})
        progress: list[str] = []
        blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=progress.append)
        host = FileHost(blobs, script, progress)

        try:
            yield host
        finally:
            blobs.close()


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten bytes for files above twenty-five bytes, sent in pieces of three."""
    monkeypatch.setattr(module, "MAX_SINGLE_BYTES", 25)
    monkeypatch.setattr(module, "BLOCK_BYTES", 10)
    monkeypatch.setattr(module, "CHUNK_BYTES", 3)


def test_an_upload_uses_the_address_unchanged() -> None:
    with open_file_host(STORED) as host:
        host.upload(b"bytes")
        (request,) = host.script.requests
        assert request.path == PATH
        assert request.method == "PUT"
        assert request.body == b"bytes"
        assert request.headers["x-ms-blob-type"] == "BlockBlob"
        assert request.headers["content-length"] == "5"
        assert "transfer-encoding" not in request.headers
        assert "authorization" not in request.headers


def test_a_digest_is_read_from_the_address_unchanged() -> None:
    with open_file_host(Answer(200, b"bytes")) as host:
        digest = host.blobs.digest(host.script.url + PATH, ACTION)
        assert digest == f"sha256:{hashlib.sha256(b'bytes').hexdigest()}"
        assert digest == content(b"bytes").digest
        assert host.paths() == [PATH]
        assert "authorization" not in host.script.requests[0].headers


READS: dict[str, Callable[[FileHost, Path, int], object]] = {
    "digest": lambda host, path, max_bytes: host.blobs.digest(host.script.url + PATH, ACTION, max_bytes),
    "download": lambda host, path, max_bytes: host.blobs.download(
        host.script.url + PATH, path, ACTION, max_bytes
    ),
}


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "br, gzip"}])
@pytest.mark.parametrize("method", READS)
def test_a_read_is_limited_in_size_and_never_decompressed(
    method: str, headers: dict[str, str], tmp_path: Path
) -> None:
    """The limit applies to the compressed bytes: a megabyte of gzip may hold a gigabyte."""
    compressed = gzip.compress(bytes(50 << 20))
    with open_file_host(Answer(200, compressed, headers)) as host:
        READS[method](host, tmp_path / "file", len(compressed))
        assert method == "digest" or (tmp_path / "file").read_bytes() == compressed
        with pytest.raises(ContractError, match="more than 0 MiB"):
            READS[method](host, tmp_path / "file", len(compressed) - 1)
        assert len(host.script.requests) == 2
        assert {request.headers["accept-encoding"] for request in host.script.requests} == {"identity"}


def test_a_file_whose_content_length_is_too_large_is_not_downloaded(tmp_path: Path) -> None:
    with open_file_host(Answer(200, b"x", {"Content-Length": str(1 << 40)})) as host:
        with pytest.raises(ContractError, match="more than 1 MiB"):
            host.blobs.download(host.script.url + PATH, tmp_path / "file", ACTION, 1 << 20)
        assert len(host.script.requests) == 1
        assert (tmp_path / "file").read_bytes() == b""


def test_a_missing_file_has_no_digest() -> None:
    with open_file_host(Answer(404)) as host:
        assert host.blobs.digest(host.script.url + PATH, ACTION) == ""


@pytest.mark.parametrize("data", [b"", b"x" * 25])
def test_a_small_file_is_uploaded_in_one_request(data: bytes, blocks: None) -> None:
    with open_file_host(STORED) as host:
        host.upload(data)
        assert [request.body or b"" for request in host.script.requests] == [data]
        assert host.progress == []


def test_a_large_file_is_uploaded_in_blocks_and_committed_in_their_order(blocks: None) -> None:
    data = bytes(range(36))
    with open_file_host(STORED) as host:
        host.upload(data)
        *parts, commit = host.script.requests
        assert b"".join(request.body for request in parts) == data
        assert [len(request.body) for request in parts] == [10, 10, 10, 6]
        assert all(request.path.startswith(f"{PATH}&comp=block&blockid=") for request in parts)
        ids = [request.path.rpartition("=")[2].replace("%3D", "=") for request in parts]
        assert len({len(base64.b64decode(block_id)) for block_id in ids}) == 1
        assert commit.path == f"{PATH}&comp=blocklist"
        assert re.findall("<Latest>(.*?)</Latest>", commit.body.decode()) == ids
        assert all("authorization" not in request.headers for request in host.script.requests)
        assert host.progress[-1] == "contoso.zip: 0 MiB uploaded"
        assert [line.split(" %")[0] for line in host.progress[:-1]] == [
            f"contoso.zip: {percent}" for percent in (0, 27, 55, 83)
        ]


@pytest.mark.parametrize(
    "failure", [DROP, Answer(503), Answer(500), Answer(408)], ids=["dropped", "503", "500", "408"]
)
def test_only_the_failed_block_is_uploaded_again(failure: Answer, blocks: None) -> None:
    with open_file_host(STORED, failure, STORED) as host:
        host.upload(bytes(30))
        numbers = [
            base64.b64decode(path.rpartition("=")[2].replace("%3D", "=")) for path in host.paths()[:-1]
        ]
        assert numbers == [b"00000000", b"00000001", b"00000001", b"00000002"]


def test_the_commit_of_blocks_is_retried(blocks: None) -> None:
    with open_file_host(STORED, STORED, STORED, DROP, STORED) as host:
        host.upload(bytes(30))
        assert [path.partition("comp=")[2][:9] for path in host.paths()[3:]] == ["blocklist"] * 2


def test_a_refused_upload_is_reported_without_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    with open_file_host(REFUSED, log="debug") as host:
        with pytest.raises(ApiError) as error:
            host.upload(b"bytes")
        assert len(host.script.requests) == 1
    message = str(error.value)
    assert message.startswith(f"{ACTION}: the file host refused (403)")
    assert "AuthenticationFailed" in message
    assert "asks for a new address" in message
    assert len(message.splitlines()) == 3
    assert "B%2F" not in message + capsys.readouterr().err


def test_an_unreachable_file_host_is_reported_without_the_signed_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_file_host(DROP, log="debug") as host, pytest.raises(Unavailable) as error:
        host.upload(b"bytes")
    assert "no answer from http://127.0.0.1" in str(error.value)
    assert "B%2F" not in str(error.value) + capsys.readouterr().err


def test_the_file_host_is_not_followed_to_another_address() -> None:
    with (
        serve_answers(STORED) as elsewhere,
        open_file_host(Answer(307, headers={"Location": f"{elsewhere.url}/x"})) as host,
    ):
        with pytest.raises(PartnerCenterError, match="307"):
            host.upload(b"bytes")
        with pytest.raises(PartnerCenterError, match="307"):
            host.blobs.digest(host.script.url + PATH, ACTION)
        assert elsewhere.requests == []


def test_a_file_that_became_shorter_during_its_upload_is_reported() -> None:
    with open_file_host(STORED) as host, pytest.raises(InputError, match="became shorter"):
        host.blobs.upload(host.script.url + PATH, Content("a.zip", 9, lambda: io.BytesIO(b"short")), ACTION)


def test_a_text_is_uploaded_as_utf_8() -> None:
    with open_file_host(STORED) as host:
        host.blobs.upload(host.script.url + PATH, text_content("ä"), ACTION)
        assert host.script.requests[0].body == "ä".encode()


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


@pytest.mark.soak
def test_an_upload_of_a_gigabyte_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    provider = str(Path(module.__file__).parents[2])
    with serve_byte_counter() as host:
        result = subprocess.run(
            [sys.executable, "-c", GROWTH, f"{host.url}/pkg?sig=x", str(path)],
            env={"PYTHONPATH": provider},
            capture_output=True,
            text=True,
            check=True,
        )
    assert int(result.stdout) < 100 * 1024, f"grew by {result.stdout} KiB"
    assert host.byte_count > 1 << 30


class ByteCounter:
    def __init__(self, url: str) -> None:
        self.url, self.byte_count = url, 0


@contextmanager
def serve_byte_counter() -> Iterator[ByteCounter]:
    """A file host that counts the bytes of its uploads and stores none."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            remaining = int(self.headers["content-length"])
            while remaining and (chunk := self.rfile.read(min(remaining, 1 << 20))):
                remaining -= len(chunk)
                host.byte_count += len(chunk)
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: tests read stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = ByteCounter(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
