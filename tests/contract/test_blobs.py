"""The blob host: what an address allows, blocks, limits, faults, and where contents stay."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from provider.tools.emulators import TOKEN, Serving, in_process, serve
from tests.contract.submission import Submission
from tests.contract.test_command_line import started

from pulumi_partnercenter.emulator import uploads

BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}
PACKAGE = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


def package(api: Submission) -> tuple[str, dict]:
    product = api.offer()
    made = api.post(f"{product}/packages", PACKAGE, 201)
    return f"{product}/packages/{made['id']}", made


@pytest.fixture
def address(api: Submission) -> str:
    """One that can be written, and read."""
    return package(api)[1]["fileSasUri"]


def code(answer: httpx.Response) -> str:
    """The code of an error in Azure Storage's XML."""
    assert answer.headers["content-type"].startswith("application/xml")
    root = ET.fromstring(answer.content)
    assert root.tag == "Error"
    assert root.findtext("Message")
    assert answer.headers["x-ms-error-code"] == root.findtext("Code")
    return root.findtext("Code")


def changed(address: str, **query: str) -> str:
    return str(httpx.URL(address).copy_merge_params(query))


def block_id(number: int) -> str:
    return base64.b64encode(f"{number:08}".encode()).decode()


def block_list(*blocks: str, tag: str = "Latest") -> str:
    return f"<BlockList>{''.join(f'<{tag}>{block}</{tag}>' for block in blocks)}</BlockList>"


def test_what_is_put_can_be_read(api, address):
    put = api.blob("PUT", address, content=b"content", headers={**BLOCK_BLOB, "Content-Type": "image/png"})
    assert put.status_code == 201
    assert put.content == b""
    assert put.headers["x-ms-request-server-encrypted"] == "true"
    assert put.headers["x-ms-version"] == "2018-03-28"
    assert put.headers["x-ms-request-id"]
    assert parsedate_to_datetime(put.headers["last-modified"])
    got, head = api.blob("GET", address), api.blob("HEAD", address)
    assert got.status_code == head.status_code == 200
    assert got.content == b"content"
    assert head.content == b""
    for answer in (got, head):
        assert answer.headers["etag"] == put.headers["etag"]
        assert answer.headers["last-modified"] == put.headers["last-modified"]
        assert answer.headers["content-length"] == "7"
        assert answer.headers["content-type"] == "image/png"
        md5 = base64.b64encode(hashlib.md5(b"content").digest()).decode()
        assert answer.headers["content-md5"] == md5


def test_putting_again_replaces(api, address):
    api.upload(address, b"first, and longer")
    before = api.blob("HEAD", address).headers["etag"]
    api.upload(address, b"second")
    after = api.blob("GET", address)
    assert after.content == b"second"
    assert after.headers["etag"] != before
    once = api.blob("PUT", address, content=b"third", headers={**BLOCK_BLOB, "If-None-Match": "*"})
    assert once.status_code == 409
    assert code(once) == "BlobAlreadyExists"
    assert api.blob("GET", address).content == b"second"


def test_an_empty_content_is_a_content(api, address):
    assert api.blob("GET", address).status_code == 404
    api.upload(address, b"")
    assert api.blob("GET", address).content == b""


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-ms-blob-type": "PageBlob"}],
)
def test_the_type_of_the_blob_must_be_said(api, address, headers):
    answer = api.blob("PUT", address, content=b"content", headers=headers)
    assert answer.status_code == 400
    assert code(answer) == ("InvalidHeaderValue" if headers else "MissingRequiredHeader")
    missing = api.blob("GET", address)
    assert missing.status_code == 404
    assert code(missing) == "BlobNotFound"
    assert api.blob("HEAD", address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"sig": "AAAA"},
        {"sig": "ä"},
        {"se": "2999-01-01T00:00:00Z"},
        {"sp": "rwdl"},
        {"sr": "c"},
        {"sv": "2030-01-01"},
    ],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_a_signature_covers_the_whole_address(api, address, method, query):
    answer = api.blob(method, changed(address, **query), headers=BLOCK_BLOB)
    assert answer.status_code == 403
    assert method == "HEAD" or code(answer) == "AuthenticationFailed"


def test_a_signature_is_for_its_own_blob(api, address):
    other = package_of_another_offer(api)
    own, others = httpx.URL(address), httpx.URL(other)
    answer = api.blob("PUT", str(others.copy_with(query=own.query)), content=b"x", headers=BLOCK_BLOB)
    assert answer.status_code == 403
    bare = api.blob("GET", str(own.copy_with(query=None)))
    assert bare.status_code == 403
    assert code(bare) == "AuthenticationFailed"
    nowhere = api.blob("GET", str(own.copy_with(path="/_blob/file/pkgfile-nowhere")))
    assert nowhere.status_code == 403


def package_of_another_offer(api: Submission) -> str:
    product = api.offer("fabrikam-app")
    return api.post(f"{product}/packages", PACKAGE, 201)["fileSasUri"]


def test_an_address_expires_by_the_emulators_clock(api):
    path, made = package(api)
    api.upload(made["fileSasUri"], b"content")
    api.emulator.advance(24 * 3600 + 14 * 60)
    assert api.blob("GET", made["fileSasUri"]).status_code == 200
    api.emulator.advance(2 * 60)
    late = api.blob("PUT", made["fileSasUri"], content=b"late" * MEBIBYTE, headers=BLOCK_BLOB)
    assert late.status_code == 403
    assert code(late) == "AuthenticationFailed"
    assert api.blob("GET", api.get(path)["fileSasUri"]).content == b"content"


def test_an_address_to_read_does_not_write(api):
    path, made = package(api)
    api.upload(made["fileSasUri"], b"content")
    reading = api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSasUri"]
    for query in ({}, {"comp": "block", "blockid": block_id(1)}, {"comp": "blocklist"}):
        answer = api.blob("PUT", changed(reading, **query), content=b"other", headers=BLOCK_BLOB)
        assert answer.status_code == 403
        assert code(answer) == "AuthenticationFailed"
    assert api.blob("DELETE", made["fileSasUri"]).status_code == 403
    assert api.blob("GET", reading).content == b"content"
    api.emulator.advance(8 * 3600 + 16 * 60)
    assert api.blob("GET", reading).status_code == 403


def test_a_token_is_refused_and_not_needed(api, address):
    answer = api.blob("PUT", address, bearer=True, content=b"content", headers=BLOCK_BLOB)
    assert answer.status_code == 400
    assert code(answer) == "InvalidAuthenticationInfo"
    assert api.blob("GET", address).status_code == 404


def test_blocks_become_a_blob_in_the_order_of_the_list(api, address):
    for number, content in ((2, b"second "), (1, b"first "), (3, b"not listed")):
        query = {"comp": "block", "blockid": block_id(number)}
        answer = api.blob("PUT", changed(address, **query), content=content)
        assert answer.status_code == 201
        assert answer.headers["content-md5"] == base64.b64encode(hashlib.md5(content).digest()).decode()
    assert api.blob("GET", address).status_code == 404
    headers = {"x-ms-blob-content-type": "application/zip"}
    listed = changed(address, comp="blocklist")
    done = api.blob("PUT", listed, content=block_list(block_id(1), block_id(2)), headers=headers)
    assert done.status_code == 201
    got = api.blob("GET", address)
    assert got.content == b"first second "
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["etag"] == done.headers["etag"]
    again = api.blob("PUT", listed, content=block_list(block_id(3)))
    assert again.status_code == 400
    assert api.blob("GET", address).content == b"first second "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (block_list(block_id(7)), "InvalidBlockList"),
        (block_list(block_id(1), tag="Committed"), "InvalidBlockList"),
        (f"<Blocks><Latest>{block_id(1)}</Latest></Blocks>", "InvalidBlockList"),
        ("<BlockList>", "InvalidXmlDocument"),
        ("", "InvalidXmlDocument"),
    ],
)
def test_a_list_names_blocks_that_are_there(api, address, body, expected):
    api.blob("PUT", changed(address, comp="block", blockid=block_id(1)), content=b"content")
    answer = api.blob("PUT", changed(address, comp="blocklist"), content=body)
    assert answer.status_code == 400
    assert code(answer) == expected
    assert api.blob("GET", address).status_code == 404


@pytest.mark.parametrize("id", ["", "no base64!", base64.b64encode(b"x" * 65).decode()])
def test_the_id_of_a_block_is_base64(api, address, id):
    answer = api.blob("PUT", changed(address, comp="block", blockid=id), content=b"content")
    assert answer.status_code == 400
    assert code(answer) == "InvalidQueryParameterValue"


def test_what_the_host_does_not_emulate_it_says(api, address):
    for method, query in (("PUT", {"comp": "metadata"}), ("GET", {"comp": "blocklist"}), ("POST", {})):
        answer = api.blob(method, changed(address, **query))
        assert answer.status_code == 501
        assert "not emulated" in answer.text


def test_a_content_that_is_too_large_is_refused(api, address, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_BLOB", 10)
    fits = api.blob("PUT", address, content=b"x" * 10, headers=BLOCK_BLOB)
    assert fits.status_code == 201
    for content in (b"x" * 11, iter([b"x" * 6, b"x" * 5])):  # with its length said, and without
        answer = api.blob("PUT", address, content=content, headers=BLOCK_BLOB)
        assert answer.status_code == 413
        assert code(answer) == "RequestBodyTooLarge"
    monkeypatch.undo()
    assert api.blob("GET", address).content == b"x" * 10


def test_a_length_beyond_the_limit_is_refused_before_a_byte_is_read():
    with in_process() as emulator:
        api = Submission(emulator)
        headers = {**BLOCK_BLOB, "Content-Length": str(5000 * MEBIBYTE + 1)}
        answer = api.blob("PUT", package(api)[1]["fileSasUri"], content=iter([b"x"]), headers=headers)
    assert answer.status_code == 413


def test_an_upload_that_breaks_off_leaves_nothing():
    with serve() as emulator:
        api = Submission(emulator)
        address = httpx.URL(package(api)[1]["fileSasUri"])
        with socket.create_connection((address.host, address.port)) as client:
            target = address.raw_path.decode()
            head = ["Host: localhost", "x-ms-blob-type: BlockBlob", "Content-Length: 100"]
            client.sendall("\r\n".join([f"PUT {target} HTTP/1.1", *head, "", ""]).encode() + b"only this")
            client.shutdown(socket.SHUT_WR)
            client.settimeout(30)
            while client.recv(4096):  # until the emulator has noticed
                pass
        assert api.blob("GET", str(address)).status_code == 404
        assert [entry["service"] for entry in emulator.requests()] == ["submission"] * 2 + ["blob"] * 2


def test_faults_and_the_log_know_the_blob_host(api, address):
    api.emulator.clear()
    api.emulator.fault("^PUT /_blob/", status=503, headers={"Retry-After": "1"}, body="busy")
    assert api.blob("PUT", address, content=b"content", headers=BLOCK_BLOB).status_code == 503
    assert api.blob("GET", address).status_code == 404
    api.upload(address, b"content")
    log = api.emulator.requests()
    assert [entry["service"] for entry in log] == ["blob"] * 3
    assert [entry["status"] for entry in log] == [503, 404, 201]


@pytest.mark.parametrize(("drop", "kept"), [("before", False), ("after", True)])
def test_a_cut_connection_did_all_of_the_work_or_none(api, address, drop, kept):
    api.emulator.fault("^PUT /_blob/", drop=drop)
    with pytest.raises((httpx.TransportError, ConnectionResetError)):
        api.blob("PUT", address, content=b"content" * MEBIBYTE, headers=BLOCK_BLOB)
    assert (api.blob("GET", address).status_code == 200) is kept


def test_the_address_is_on_the_host_that_the_client_used():
    with in_process(names=["emulator.example"]) as emulator:
        api = Submission(emulator)
        product = api.offer()
        headers = {"Host": "emulator.example:4010"}
        made = api.call("POST", f"{product}/packages", json=PACKAGE, headers=headers).json()
    assert made["fileSasUri"].startswith("http://emulator.example:4010/_blob/")


def test_reset_removes_what_was_uploaded(api, address):
    api.upload(address, b"content")
    api.emulator.reset()
    answer = api.blob("GET", address)
    assert answer.status_code == 404
    assert code(answer) == "BlobNotFound"
    assert api.blob("PUT", address, content=b"late", headers=BLOCK_BLOB).status_code == 404


@pytest.mark.parametrize("query", [{}, {"comp": "block", "blockid": block_id(1)}])
def test_an_upload_that_a_reset_overtakes_finds_nothing(api, address, query):
    def content() -> Iterator[bytes]:
        yield b"before"
        api.emulator.reset()
        yield b"after"

    answer = api.blob("PUT", changed(address, **query), content=content(), headers=BLOCK_BLOB)
    assert answer.status_code == 404
    assert api.blob("GET", address).status_code == 404


def test_a_content_goes_with_its_product(api):
    path, made = package(api)
    api.upload(made["fileSasUri"], b"content")
    assert api.call("DELETE", path.partition("/packages")[0]).status_code == 204
    assert api.blob("GET", made["fileSasUri"]).status_code == 404


def test_a_folder_keeps_contents_and_signatures_over_a_restart(tmp_path: Path):
    with in_process(data=tmp_path) as emulator:
        api = Submission(emulator)
        (path, kept), gone = package(api), package_of_another_offer(api)
        api.upload(kept["fileSasUri"], b"content")
        api.upload(gone, b"content")
        block = {"comp": "block", "blockid": block_id(1)}
        api.blob("PUT", changed(kept["fileSasUri"], **block), content=b"uncommitted")
        other = next(one for one in emulator.state()["products"] if one["name"].startswith("fabrikam"))
        api.call("DELETE", f"/products/{other['id']}")
    with in_process(data=tmp_path) as emulator:
        api = Submission(emulator)
        assert api.blob("GET", kept["fileSasUri"]).content == b"content"
        assert api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSize"] == 7
        assert len(list(tmp_path.glob("files/*"))) == 1
        emulator.reset()
        assert list(tmp_path.glob("files/*")) == []


def test_without_a_folder_nothing_is_left_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with in_process() as emulator:
        assert list(tmp_path.iterdir()) == []
        Submission(emulator).upload(package(Submission(emulator))[1]["fileSasUri"], b"content")
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def peak_kilobytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of a process from /proc")
def test_a_large_content_needs_no_memory(tmp_path: Path):
    def content() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * MEBIBYTE

    with started("--data", tmp_path) as (process, url):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
            api = Submission(Serving(url, client))
            path, made = package(api)
            api.upload(made["fileSasUri"], b"content")
            before = peak_kilobytes(process.pid)
            api.upload(made["fileSasUri"], content())
            block = {"comp": "block", "blockid": block_id(1)}
            api.blob("PUT", changed(made["fileSasUri"], **block), content=content())
            listed = changed(made["fileSasUri"], comp="blocklist")
            assert api.blob("PUT", listed, content=block_list(block_id(1))).status_code == 201
            assert api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSize"] == 64 * MEBIBYTE
            assert peak_kilobytes(process.pid) - before < 24 * 1024
