"""A server for tests of sign-in: Entra ID, GitHub's identity service and an API, over TLS."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import trustme
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
)
from jwt.algorithms import RSAAlgorithm
from provider.tools.hangs import HANG_SECONDS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pulumi_partnercenter.api.http.exchange import load_trust
from pulumi_partnercenter.api.http.tokens import (
    BearerTransport,
    TokenSource,
)
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT, Entra
from pulumi_partnercenter.emulator.errors import AccessDenied
from pulumi_partnercenter.settings import Settings

PLANTED = "planted-7f3a9c-secret"
RESOURCE = "https://api.partner.microsoft.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER = "https://token.actions.example.com"
SUBJECT = "repo:contoso/offers:ref:refs/heads/main"


def build_certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contoso")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    return builder.sign(KEY, SHA256())


CERTIFICATE = build_certificate()
CERTIFICATE_PEM = CERTIFICATE.public_bytes(Encoding.PEM)


def federated_token(subject: str = SUBJECT) -> str:
    claims = {"iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 4_000_000_000}
    return jwt.encode({**claims, "jti": str(uuid.uuid4())}, ISSUER_KEY, "RS256", headers={"kid": "one"})


class SignInServer:
    """The emulator's Entra ID, an API that takes its tokens, and GitHub's identity service; `log` lists the requests.

    `failure_status`: status of failing token requests, 0 for none. `token_body`: body of every token answer, if any.
    `is_foreign`: every path answers as an unrelated service.
    """

    def __init__(self, url: str, ca: Path) -> None:
        self.url, self.ca = url, str(ca)
        self.now, self.log, self.failure_status, self.is_foreign = 1_800_000_000.0, list[str](), 0, False
        self.token_body = b""
        self.entra = Entra(lambda: self.now, {}, seed=1)
        routes = [
            *self.entra.routes(),
            Route("/v1.0/ingestion/products", self.list_products, methods=["GET", "POST"]),
            Route("/uploads", self.echo, methods=["GET"]),
            Route("/github/id", self.issue_github_token, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.log.append(f"{scope['method']} {scope['path']}")
            if self.is_foreign:
                await JSONResponse({"hello": "world"})(scope, receive, send)
                return
            if self.token_body and scope["path"].endswith(("/token", "/github/id")):
                await Response(self.token_body, self.failure_status or 200, media_type="application/json")(
                    scope, receive, send
                )
                return
            if self.failure_status and scope["path"].endswith("/token"):
                await Response("<html>unavailable</html>", self.failure_status)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def list_products(self, request: Request) -> Response:
        try:
            self.entra.require_access(request.headers.get("authorization"), [RESOURCE])
        except AccessDenied as denied:
            return JSONResponse({"statusCode": denied.status, "message": str(denied)}, denied.status)
        return JSONResponse({"value": [], "sent": (await request.body()).decode()})

    async def echo(self, request: Request) -> Response:
        return JSONResponse({"authorization": request.headers.get("authorization")})

    async def issue_github_token(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"bearer {PLANTED}":
            return JSONResponse({"message": f"bad {request.headers.get('authorization')}"}, 401)
        is_valid = dict(request.query_params) == {
            "api-version": "2.0",
            "audience": "api://AzureADTokenExchange",
        }
        return JSONResponse({"value": federated_token()} if is_valid else {}, 200)

    def count_requests(self, ending: str) -> int:
        return sum(line.endswith(ending) for line in self.log)

    def register_application(self, **members: Any) -> dict[str, str]:
        """Register an application. Return the environment variables with its tenant and client."""
        with httpx.Client(
            verify=load_trust(self.settings()), trust_env=False, timeout=HANG_SECONDS
        ) as client:
            answer = client.post(f"{self.url}/_emulator/applications", json=members)
        assert answer.status_code == 201, answer.text
        self.log.clear()
        return {"AZURE_TENANT_ID": answer.json()["tenant"], "AZURE_CLIENT_ID": answer.json()["client"]}

    def register_federation(self) -> dict[str, str]:
        key = {**RSAAlgorithm.to_jwk(ISSUER_KEY.public_key(), as_dict=True), "kid": "one"}
        return self.register_application(
            federated={"issuer": ISSUER, "subject": SUBJECT, "keys": {"keys": [key]}}
        )

    def settings(self, **environ: str) -> Settings:
        connection = {
            "PARTNERCENTER_ENDPOINT": self.url,
            "SSL_CERT_FILE": self.ca,
            "PARTNERCENTER_TIMEOUT_SECONDS": "20",
        }
        return Settings.load({}, {**connection, **environ})

    def secret_settings(self, **environ: str) -> Settings:
        application = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
        return self.settings(**{**application, **environ})

    def open_client(self, tokens: TokenSource) -> httpx.Client:
        transport = httpx.HTTPTransport(verify=load_trust(tokens.settings))
        url = SUBMISSION.url(tokens.settings.endpoint)
        return httpx.Client(
            transport=BearerTransport(transport, tokens, url), base_url=url, timeout=HANG_SECONDS
        )

    def accepts(self, settings: Settings) -> bool:
        with self.open_client(TokenSource(settings, SUBMISSION.audience)) as client:
            return client.get("/products").status_code == 200


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignInServer]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    # The socket queues connections before the server starts.
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    server = SignInServer(f"https://localhost:{listener.getsockname()[1]}", folder / "ca.pem")
    config = uvicorn.Config(
        server,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,  # a client that a test did not close keeps its connection open
        ssl_certfile=folder / "server.pem",
        ssl_keyfile=folder / "server.pem",
    )
    web_server = uvicorn.Server(config)
    thread = threading.Thread(target=web_server.run, args=([listener],))
    thread.start()
    yield server
    web_server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def server(running_server: SignInServer) -> SignInServer:
    running_server.now, running_server.failure_status, running_server.is_foreign = 1_800_000_000.0, 0, False
    running_server.token_body = b""
    running_server.entra.reset()
    running_server.log.clear()
    return running_server


def github_environment(server: SignInServer, token: str = PLANTED) -> dict[str, str]:
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/github/id?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
    }
