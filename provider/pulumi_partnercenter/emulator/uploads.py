"""HTTP interface of the blob host: Put Blob, Put Block, Put Block List, Get Blob. Bodies are streamed.

Statuses, codes and headers are those of Azure Storage's public documentation of block blobs.
A block list names only uncommitted blocks: a committed blob does not keep its blocks.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from email.utils import formatdate
from pathlib import Path
from xml.etree import ElementTree as ET

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from . import errors
from .blobs import BASE, VERSION, Blobs, Part
from .state import Document

__all__ = ["Uploads"]

MEBIBYTE = 1024 * 1024
LARGEST_BLOB = 5000 * MEBIBYTE  # limit of a single Put Blob; blocks may be as large
LARGEST_BLOCK_LIST = 16 * MEBIBYTE
READERS = ("GET", "HEAD")


class Denied(Exception):
    """A refusal of Azure Storage: status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


TOO_LARGE = Denied(413, "RequestBodyTooLarge", "The request body is too large.")


class Uploads:
    """The routes of the blob host, over the blobs of an emulator."""

    def __init__(self, blobs: Blobs) -> None:
        self.blobs = blobs

    def routes(self) -> list[Route]:
        methods = ["GET", "HEAD", "PUT", "DELETE", "POST"]
        return [Route(f"{BASE}/{{container}}/{{id}}", self.serve, methods=methods)]

    async def serve(self, request: Request) -> Response:
        name = f"{request.path_params['container']}/{request.path_params['id']}"
        try:
            self._admit(request, name)
            answer = await self._work(request, name)
        except Denied as denied:
            if denied is not TOO_LARGE:
                await _drain(request)
            answer = _refused(denied, request.method)
        except ClientDisconnect:
            answer = Response(status_code=499)  # the client has gone
        answer.headers["x-ms-request-id"] = str(uuid.uuid4())
        answer.headers["x-ms-version"] = request.headers.get("x-ms-version", VERSION)
        return answer

    def _admit(self, request: Request, name: str) -> None:
        """Check the signed address, which is the only credential."""
        if "authorization" in request.headers:
            message = "Authentication information is not given in the correct format. Send no Authorization."
            raise Denied(400, "InvalidAuthenticationInfo", message)
        letter = {"GET": "r", "HEAD": "r", "DELETE": "d"}.get(request.method, "w")
        if not self.blobs.allows(name, request.query_params, letter):
            message = "Server failed to authenticate the request. The signature is wrong or expired."
            raise Denied(403, "AuthenticationFailed", message)
        self._require(name)

    def _require(self, name: str) -> None:
        """Refuse a blob that does not exist. Checked again after every body: its owner may be deleted meanwhile."""
        if self.blobs.find(name) is None:
            raise Denied(404, "BlobNotFound", "The specified blob does not exist.")

    async def _work(self, request: Request, name: str) -> Response:
        component = request.query_params.get("comp", "").lower()
        if request.method in READERS and not component:
            return self._read(name)
        if request.method == "PUT" and component == "block":
            return await self._put_block(request, name)
        if request.method == "PUT" and component == "blocklist":
            return await self._put_block_list(request, name)
        if request.method == "PUT" and not component:
            return await self._put_blob(request, name)
        refusal = errors.not_emulated(f"{request.method} of a blob{component and f' with comp={component}'}")
        return JSONResponse(refusal.body, refusal.status)

    def _read(self, name: str) -> Response:
        blob, path = self.blobs.find(name), self.blobs.content(name)
        if blob is None or path is None:
            raise Denied(404, "BlobNotFound", "The specified blob does not exist.")
        headers = {**_validators(blob), "content-md5": blob.body["md5"], "x-ms-blob-type": "BlockBlob"}
        return FileResponse(path, headers=headers, media_type=blob.body["type"])

    async def _put_blob(self, request: Request, name: str) -> Response:
        if "x-ms-blob-type" not in request.headers:
            raise Denied(400, "MissingRequiredHeader", "The header x-ms-blob-type is missing.")
        if request.headers["x-ms-blob-type"].lower() != "blockblob":
            raise Denied(400, "InvalidHeaderValue", "The header x-ms-blob-type must be BlockBlob.")
        self._refuse_existing(request, name)
        part = self.blobs.part()
        try:
            await _receive(request, part)
            return self._commit(request, name, part)
        finally:
            part.path.unlink(missing_ok=True)

    async def _put_block(self, request: Request, name: str) -> Response:
        block = _block_id(request.query_params.get("blockid", ""))
        part = self.blobs.part()
        try:
            await _receive(request, part)
            self._require(name)
            part.path.replace(self.blobs.block(name, block))
        finally:
            part.path.unlink(missing_ok=True)
        headers = {"content-md5": base64.b64encode(part.md5.digest()).decode()}
        return Response(status_code=201, headers={**headers, "x-ms-request-server-encrypted": "true"})

    async def _put_block_list(self, request: Request, name: str) -> Response:
        self._refuse_existing(request, name)
        blocks = [self.blobs.block(name, block) for block in _parse_block_list(await _small_body(request))]
        if not all(block.is_file() for block in blocks):
            raise Denied(400, "InvalidBlockList", "The specified block list is invalid.")
        part = self.blobs.part()
        try:
            await to_thread.run_sync(_join, blocks, part)
            return self._commit(request, name, part)
        finally:
            part.path.unlink(missing_ok=True)

    def _refuse_existing(self, request: Request, name: str) -> None:
        if request.headers.get("if-none-match") == "*" and self.blobs.content(name) is not None:
            raise Denied(409, "BlobAlreadyExists", "The specified blob already exists.")

    def _commit(self, request: Request, name: str, part: Part) -> Response:
        self._refuse_existing(request, name)
        if self.blobs.find(name) is None:  # its owner was deleted meanwhile
            raise Denied(404, "BlobNotFound", "The specified blob does not exist.")
        own_type = request.headers.get("content-type", "application/octet-stream")
        blob = self.blobs.commit(name, part, request.headers.get("x-ms-blob-content-type", own_type))
        headers = {**_validators(blob), "content-length": "0", "x-ms-request-server-encrypted": "true"}
        return Response(status_code=201, headers=headers)


async def _receive(request: Request, part: Part) -> None:
    """Write the body into the part. Raises: Denied as soon as it is too large."""
    if int(request.headers.get("content-length", 0)) > LARGEST_BLOB:
        raise TOO_LARGE
    with part.path.open("wb") as file:
        async for chunk in request.stream():
            part.write(file, chunk)
            if part.size > LARGEST_BLOB:
                raise TOO_LARGE


async def _small_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BLOCK_LIST:
            raise TOO_LARGE
    return body


async def _drain(request: Request) -> None:
    """Read the rest of a refused body: a client that still sends would see a cut instead of the answer."""
    try:
        async for _ in request.stream():
            pass
    except (ClientDisconnect, RuntimeError):
        pass  # the client has gone, or the body was read already


def _block_id(text: str) -> str:
    try:
        valid = 0 < len(base64.b64decode(text.replace(" ", "+"), validate=True)) <= 64
    except (binascii.Error, ValueError):
        valid = False
    if not valid:
        raise Denied(400, "InvalidQueryParameterValue", "Value for blockid is not a valid base64 string.")
    return text.replace(" ", "+")


def _parse_block_list(body: bytes) -> list[str]:
    try:
        root = ET.fromstring(body)  # noqa: S314 - expat itself bounds the expansion of entities
    except ET.ParseError:
        raise Denied(400, "InvalidXmlDocument", "The specified XML is not syntactically valid.") from None
    if root.tag != "BlockList" or any(entry.tag not in ("Latest", "Uncommitted") for entry in root):
        raise Denied(400, "InvalidBlockList", "The specified block list is invalid.")
    return [(entry.text or "").strip() for entry in root]


def _join(blocks: list[Path], part: Part) -> None:
    with part.path.open("wb") as file:
        for block in blocks:
            with block.open("rb") as source:
                while chunk := source.read(MEBIBYTE):
                    part.write(file, chunk)


def _validators(blob: Document) -> dict[str, str]:
    return {
        "etag": blob.body["etag"],
        "last-modified": formatdate(blob.body["modified"], usegmt=True),
    }


def _refused(denied: Denied, method: str) -> Response:
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{denied.code}</Code><Message>{denied.message}</Message></Error>"
    )
    body = "" if method == "HEAD" else text
    headers = {"x-ms-error-code": denied.code}
    return Response(body, denied.status, headers=headers, media_type="application/xml")
