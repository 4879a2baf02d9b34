"""For the sign-in tests: Entra ID and an API over TLS, with an authority made for the occasion."""

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


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contoso")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    return builder.sign(KEY, SHA256())


CERTIFICATE = certificate()
CERTIFICATE_PEM = CERTIFICATE.public_bytes(Encoding.PEM)


def federated(subject: str = SUBJECT) -> str:
    claims = {"iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 4_000_000_000}
    return jwt.encode({**claims, "jti": str(uuid.uuid4())}, ISSUER_KEY, "RS256", headers={"kid": "one"})


class World:
    """The emulator's Entra ID, an API behind it, GitHub's identity service, and a log of what was asked."""

    def __init__(self, url: str, ca: Path) -> None:
        self.url, self.ca = url, str(ca)
        self.now, self.log, self.failing, self.strange = 1_800_000_000.0, list[str](), 0, False
        self.broken = b""
        self.entra = Entra(lambda: self.now, {}, seed=1)
        routes = [
            *self.entra.routes(),
            Route("/v1.0/ingestion/products", self.products, methods=["GET", "POST"]),
            Route("/uploads", self.echo, methods=["GET"]),
            Route("/github/id", self.github, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.log.append(f"{scope['method']} {scope['path']}")
            if self.strange:
                await JSONResponse({"hello": "world"})(scope, receive, send)
                return
            if self.broken and scope["path"].endswith(("/token", "/github/id")):
                await Response(self.broken, self.failing or 200, media_type="application/json")(
                    scope, receive, send
                )
                return
            if self.failing and scope["path"].endswith("/token"):
                await Response("<html>unavailable</html>", self.failing)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def products(self, request: Request) -> Response:
        try:
            self.entra.require_access(request.headers.get("authorization"), [RESOURCE])
        except AccessDenied as denied:
            return JSONResponse({"statusCode": denied.status, "message": str(denied)}, denied.status)
        return JSONResponse({"value": [], "sent": (await request.body()).decode()})

    async def echo(self, request: Request) -> Response:
        return JSONResponse({"authorization": request.headers.get("authorization")})

    async def github(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"bearer {PLANTED}":
            return JSONResponse({"message": f"bad {request.headers.get('authorization')}"}, 401)
        right = dict(request.query_params) == {"api-version": "2.0", "audience": "api://AzureADTokenExchange"}
        return JSONResponse({"value": federated()} if right else {}, 200)

    def asked(self, ending: str) -> int:
        return sum(line.endswith(ending) for line in self.log)

    def application(self, **members: Any) -> dict[str, str]:
        """Register one; its tenant and client under the names of the environment."""
        with httpx.Client(verify=load_trust(self.settings()), trust_env=False) as client:
            answer = client.post(f"{self.url}/_emulator/applications", json=members)
        assert answer.status_code == 201, answer.text
        self.log.clear()
        return {"AZURE_TENANT_ID": answer.json()["tenant"], "AZURE_CLIENT_ID": answer.json()["client"]}

    def federation(self) -> dict[str, str]:
        key = {**RSAAlgorithm.to_jwk(ISSUER_KEY.public_key(), as_dict=True), "kid": "one"}
        return self.application(federated={"issuer": ISSUER, "subject": SUBJECT, "keys": {"keys": [key]}})

    def settings(self, **environ: str) -> Settings:
        here = {
            "PARTNERCENTER_ENDPOINT": self.url,
            "SSL_CERT_FILE": self.ca,
            "PARTNERCENTER_TIMEOUT_SECONDS": "20",
        }
        return Settings.load({}, {**here, **environ})

    def secret(self, **environ: str) -> Settings:
        named = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
        return self.settings(**{**named, **environ})

    def client(self, tokens: TokenSource) -> httpx.Client:
        wire = httpx.HTTPTransport(verify=load_trust(tokens.settings))
        url = SUBMISSION.url(tokens.settings.endpoint)
        return httpx.Client(transport=BearerTransport(wire, tokens, url), base_url=url)

    def accepts(self, settings: Settings) -> bool:
        with self.client(TokenSource(settings, SUBMISSION.audience)) as client:
            return client.get("/products").status_code == 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)  # it queues connections from here on
    world = World(f"https://localhost:{listener.getsockname()[1]}", folder / "ca.pem")
    config = uvicorn.Config(
        world,
        log_level="critical",
        lifespan="off",
        ssl_certfile=folder / "server.pem",
        ssl_keyfile=folder / "server.pem",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield world
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def world(served: World) -> World:
    served.now, served.failing, served.strange = 1_800_000_000.0, 0, False
    served.broken = b""
    served.entra.reset()
    served.log.clear()
    return served


def github(world: World, token: str = PLANTED) -> dict[str, str]:
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{world.url}/github/id?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
    }
