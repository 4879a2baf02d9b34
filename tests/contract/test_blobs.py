"""The blob host: permissions of addresses, blocks, limits, faults, and lifetime of contents."""

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
from provider.tools.emulators import TOKEN, RunningEmulator, in_process, serve
from provider.tools.hangs import HANG_SECONDS
from tests.contract.raw_api import RawApi
from tests.contract.test_command_line import start_emulator

from pulumi_partnercenter.emulator import uploads

BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}
PACKAGE = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


def create_package(api: RawApi) -> tuple[str, dict]:
    product = api.create_offer()
    document = api.post(f"{product}/packages", PACKAGE, 201)
    return f"{product}/packages/{document['id']}", document


@pytest.fixture
def address(api: RawApi) -> str:
    """An address that can be written and read."""
    return create_package(api)[1]["fileSasUri"]


def error_code(answer: httpx.Response) -> str:
    """The code of an error in Azure Storage's XML."""
    assert answer.headers["content-type"].startswith("application/xml")
    root = ET.fromstring(answer.content)
    assert root.tag == "Error"
    assert root.findtext("Message")
    assert answer.headers["x-ms-error-code"] == root.findtext("Code")
    return root.findtext("Code")


def change_query(address: str, **query: str) -> str:
    return str(httpx.URL(address).copy_merge_params(query))


def block_id(number: int) -> str:
    return base64.b64encode(f"{number:08}".encode()).decode()


def block_list(*blocks: str, tag: str = "Latest") -> str:
    return f"<BlockList>{''.join(f'<{tag}>{block}</{tag}>' for block in blocks)}</BlockList>"


def test_an_uploaded_blob_can_be_read(api, address):
    upload = api.blob("PUT", address, content=b"content", headers={**BLOCK_BLOB, "Content-Type": "image/png"})
    assert upload.status_code == 201
    assert upload.content == b""
    assert upload.headers["x-ms-request-server-encrypted"] == "true"
    assert upload.headers["x-ms-version"] == "2018-03-28"
    assert upload.headers["x-ms-request-id"]
    assert parsedate_to_datetime(upload.headers["last-modified"])
    download, head = api.blob("GET", address), api.blob("HEAD", address)
    assert download.status_code == head.status_code == 200
    assert download.content == b"content"
    assert head.content == b""
    for answer in (download, head):
        assert answer.headers["etag"] == upload.headers["etag"]
        assert answer.headers["last-modified"] == upload.headers["last-modified"]
        assert answer.headers["content-length"] == "7"
        assert answer.headers["content-type"] == "image/png"
        md5 = base64.b64encode(hashlib.md5(b"content").digest()).decode()
        assert answer.headers["content-md5"] == md5


def test_a_second_upload_replaces_a_blob(api, address):
    api.upload(address, b"first, and longer")
    before = api.blob("HEAD", address).headers["etag"]
    api.upload(address, b"second")
    after = api.blob("GET", address)
    assert after.content == b"second"
    assert after.headers["etag"] != before
    conditional_upload = api.blob(
        "PUT", address, content=b"third", headers={**BLOCK_BLOB, "If-None-Match": "*"}
    )
    assert conditional_upload.status_code == 409
    assert error_code(conditional_upload) == "BlobAlreadyExists"
    assert api.blob("GET", address).content == b"second"


def test_an_empty_blob_exists(api, address):
    assert api.blob("GET", address).status_code == 404
    api.upload(address, b"")
    assert api.blob("GET", address).content == b""


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-ms-blob-type": "PageBlob"}],
)
def test_an_upload_without_a_blob_type_is_refused(api, address, headers):
    answer = api.blob("PUT", address, content=b"content", headers=headers)
    assert answer.status_code == 400
    assert error_code(answer) == ("InvalidHeaderValue" if headers else "MissingRequiredHeader")
    missing = api.blob("GET", address)
    assert missing.status_code == 404
    assert error_code(missing) == "BlobNotFound"
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
def test_a_changed_signed_address_is_refused(api, address, method, query):
    answer = api.blob(method, change_query(address, **query), headers=BLOCK_BLOB)
    assert answer.status_code == 403
    assert method == "HEAD" or error_code(answer) == "AuthenticationFailed"


def test_a_signature_is_valid_for_its_own_blob_only(api, address):
    other = package_of_another_offer(api)
    own_url, other_url = httpx.URL(address), httpx.URL(other)
    answer = api.blob("PUT", str(other_url.copy_with(query=own_url.query)), content=b"x", headers=BLOCK_BLOB)
    assert answer.status_code == 403
    unsigned = api.blob("GET", str(own_url.copy_with(query=None)))
    assert unsigned.status_code == 403
    assert error_code(unsigned) == "AuthenticationFailed"
    unknown_blob = api.blob("GET", str(own_url.copy_with(path="/_blob/file/pkgfile-nowhere")))
    assert unknown_blob.status_code == 403


def package_of_another_offer(api: RawApi) -> str:
    product = api.create_offer("fabrikam-app")
    return api.post(f"{product}/packages", PACKAGE, 201)["fileSasUri"]


def test_a_blob_address_expires_by_the_emulators_clock(api):
    path, document = create_package(api)
    api.upload(document["fileSasUri"], b"content")
    api.emulator.advance(24 * 3600 + 14 * 60)
    assert api.blob("GET", document["fileSasUri"]).status_code == 200
    api.emulator.advance(2 * 60)
    late_upload = api.blob("PUT", document["fileSasUri"], content=b"late" * MEBIBYTE, headers=BLOCK_BLOB)
    assert late_upload.status_code == 403
    assert error_code(late_upload) == "AuthenticationFailed"
    assert api.blob("GET", api.get(path)["fileSasUri"]).content == b"content"


def test_a_blob_address_for_reading_cannot_write(api):
    path, document = create_package(api)
    api.upload(document["fileSasUri"], b"content")
    read_address = api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSasUri"]
    for query in ({}, {"comp": "block", "blockid": block_id(1)}, {"comp": "blocklist"}):
        answer = api.blob("PUT", change_query(read_address, **query), content=b"other", headers=BLOCK_BLOB)
        assert answer.status_code == 403
        assert error_code(answer) == "AuthenticationFailed"
    assert api.blob("DELETE", document["fileSasUri"]).status_code == 403
    assert api.blob("GET", read_address).content == b"content"
    api.emulator.advance(8 * 3600 + 16 * 60)
    assert api.blob("GET", read_address).status_code == 403


def test_a_request_to_the_blob_host_with_a_token_is_refused(api, address):
    answer = api.blob("PUT", address, bearer=True, content=b"content", headers=BLOCK_BLOB)
    assert answer.status_code == 400
    assert error_code(answer) == "InvalidAuthenticationInfo"
    assert api.blob("GET", address).status_code == 404


def test_blocks_become_a_blob_in_the_order_of_the_list(api, address):
    for number, content in ((2, b"second "), (1, b"first "), (3, b"not listed")):
        query = {"comp": "block", "blockid": block_id(number)}
        answer = api.blob("PUT", change_query(address, **query), content=content)
        assert answer.status_code == 201
        assert answer.headers["content-md5"] == base64.b64encode(hashlib.md5(content).digest()).decode()
    assert api.blob("GET", address).status_code == 404
    headers = {"x-ms-blob-content-type": "application/zip"}
    list_address = change_query(address, comp="blocklist")
    commit = api.blob("PUT", list_address, content=block_list(block_id(1), block_id(2)), headers=headers)
    assert commit.status_code == 201
    download = api.blob("GET", address)
    assert download.content == b"first second "
    assert download.headers["content-type"] == "application/zip"
    assert download.headers["etag"] == commit.headers["etag"]
    second_commit = api.blob("PUT", list_address, content=block_list(block_id(3)))
    assert second_commit.status_code == 400
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
def test_a_block_list_with_unknown_blocks_is_refused(api, address, body, expected):
    api.blob("PUT", change_query(address, comp="block", blockid=block_id(1)), content=b"content")
    answer = api.blob("PUT", change_query(address, comp="blocklist"), content=body)
    assert answer.status_code == 400
    assert error_code(answer) == expected
    assert api.blob("GET", address).status_code == 404


@pytest.mark.parametrize("id", ["", "no base64!", base64.b64encode(b"x" * 65).decode()])
def test_a_block_id_must_be_base64(api, address, id):
    answer = api.blob("PUT", change_query(address, comp="block", blockid=id), content=b"content")
    assert answer.status_code == 400
    assert error_code(answer) == "InvalidQueryParameterValue"


def test_an_unknown_request_to_the_blob_host_is_not_emulated(api, address):
    for method, query in (("PUT", {"comp": "metadata"}), ("GET", {"comp": "blocklist"}), ("POST", {})):
        answer = api.blob(method, change_query(address, **query))
        assert answer.status_code == 501
        assert "not emulated" in answer.text


def test_a_blob_larger_than_the_limit_is_refused(api, address, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_BLOB", 10)
    answer_at_limit = api.blob("PUT", address, content=b"x" * 10, headers=BLOCK_BLOB)
    assert answer_at_limit.status_code == 201
    for content in (b"x" * 11, iter([b"x" * 6, b"x" * 5])):  # with and without Content-Length
        answer = api.blob("PUT", address, content=content, headers=BLOCK_BLOB)
        assert answer.status_code == 413
        assert error_code(answer) == "RequestBodyTooLarge"
    monkeypatch.undo()
    assert api.blob("GET", address).content == b"x" * 10


def test_a_content_length_beyond_the_limit_is_refused_before_reading():
    with in_process() as emulator:
        api = RawApi(emulator)
        headers = {**BLOCK_BLOB, "Content-Length": str(5000 * MEBIBYTE + 1)}
        answer = api.blob("PUT", create_package(api)[1]["fileSasUri"], content=iter([b"x"]), headers=headers)
    assert answer.status_code == 413


def test_an_aborted_upload_stores_nothing():
    with serve() as emulator:
        api = RawApi(emulator)
        address = httpx.URL(create_package(api)[1]["fileSasUri"])
        with socket.create_connection((address.host, address.port)) as client:
            target = address.raw_path.decode()
            head = ["Host: localhost", "x-ms-blob-type: BlockBlob", "Content-Length: 100"]
            client.sendall("\r\n".join([f"PUT {target} HTTP/1.1", *head, "", ""]).encode() + b"only this")
            client.shutdown(socket.SHUT_WR)
            client.settimeout(HANG_SECONDS)
            while client.recv(4096):  # until the emulator closes the connection
                pass
        assert api.blob("GET", str(address)).status_code == 404
        assert [entry["service"] for entry in emulator.requests()] == ["submission"] * 2 + ["blob"] * 2


def test_faults_and_the_log_include_the_blob_host(api, address):
    api.emulator.clear()
    api.emulator.fault("^PUT /_blob/", status=503, headers={"Retry-After": "1"}, body="busy")
    assert api.blob("PUT", address, content=b"content", headers=BLOCK_BLOB).status_code == 503
    assert api.blob("GET", address).status_code == 404
    api.upload(address, b"content")
    log = api.emulator.requests()
    assert [entry["service"] for entry in log] == ["blob"] * 3
    assert [entry["status"] for entry in log] == [503, 404, 201]


@pytest.mark.parametrize(("drop", "is_stored"), [("before", False), ("after", True)])
def test_a_dropped_upload_is_stored_whole_or_not_at_all(api, address, drop, is_stored):
    api.emulator.fault("^PUT /_blob/", drop=drop)
    with pytest.raises((httpx.TransportError, ConnectionResetError)):
        api.blob("PUT", address, content=b"content" * MEBIBYTE, headers=BLOCK_BLOB)
    assert (api.blob("GET", address).status_code == 200) is is_stored


def test_a_blob_address_has_the_host_of_the_request():
    with in_process(names=["emulator.example"]) as emulator:
        api = RawApi(emulator)
        product = api.create_offer()
        headers = {"Host": "emulator.example:4010"}
        document = api.call("POST", f"{product}/packages", json=PACKAGE, headers=headers).json()
    assert document["fileSasUri"].startswith("http://emulator.example:4010/_blob/")


def test_a_reset_deletes_blobs(api, address):
    api.upload(address, b"content")
    api.emulator.reset()
    answer = api.blob("GET", address)
    assert answer.status_code == 404
    assert error_code(answer) == "BlobNotFound"
    assert api.blob("PUT", address, content=b"late", headers=BLOCK_BLOB).status_code == 404


@pytest.mark.parametrize("query", [{}, {"comp": "block", "blockid": block_id(1)}])
def test_an_upload_during_a_reset_stores_nothing(api, address, query):
    def content() -> Iterator[bytes]:
        yield b"before"
        api.emulator.reset()
        yield b"after"

    answer = api.blob("PUT", change_query(address, **query), content=content(), headers=BLOCK_BLOB)
    assert answer.status_code == 404
    assert api.blob("GET", address).status_code == 404


def test_a_blob_is_deleted_with_its_product(api):
    path, document = create_package(api)
    api.upload(document["fileSasUri"], b"content")
    assert api.call("DELETE", path.partition("/packages")[0]).status_code == 204
    assert api.blob("GET", document["fileSasUri"]).status_code == 404


def test_a_data_folder_keeps_blobs_and_signatures_after_a_restart(tmp_path: Path):
    with in_process(data=tmp_path) as emulator:
        api = RawApi(emulator)
        (path, document), other_address = create_package(api), package_of_another_offer(api)
        api.upload(document["fileSasUri"], b"content")
        api.upload(other_address, b"content")
        block = {"comp": "block", "blockid": block_id(1)}
        api.blob("PUT", change_query(document["fileSasUri"], **block), content=b"uncommitted")
        other_product = next(
            product for product in emulator.state()["products"] if product["name"].startswith("fabrikam")
        )
        api.call("DELETE", f"/products/{other_product['id']}")
    with in_process(data=tmp_path) as emulator:
        api = RawApi(emulator)
        assert api.blob("GET", document["fileSasUri"]).content == b"content"
        assert api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSize"] == 7
        assert len(list(tmp_path.glob("files/*"))) == 1
        emulator.reset()
        assert list(tmp_path.glob("files/*")) == []


def test_an_emulator_without_a_data_folder_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with in_process() as emulator:
        assert list(tmp_path.iterdir()) == []
        RawApi(emulator).upload(create_package(RawApi(emulator))[1]["fileSasUri"], b"content")
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

    with start_emulator("--data", tmp_path) as (process, url):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=HANG_SECONDS) as client:
            api = RawApi(RunningEmulator(url, client))
            path, document = create_package(api)
            api.upload(document["fileSasUri"], b"content")
            before = peak_kilobytes(process.pid)
            api.upload(document["fileSasUri"], content())
            block = {"comp": "block", "blockid": block_id(1)}
            api.blob("PUT", change_query(document["fileSasUri"], **block), content=content())
            list_address = change_query(document["fileSasUri"], comp="blocklist")
            assert api.blob("PUT", list_address, content=block_list(block_id(1))).status_code == 201
            assert api.put(path, {**PACKAGE, "state": "Uploaded"}).json()["fileSize"] == 64 * MEBIBYTE
            assert peak_kilobytes(process.pid) - before < 24 * 1024
