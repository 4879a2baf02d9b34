"""The SaaS service under load: webhooks and pages a second on PostgreSQL, and many subscriptions.

Every rate is compared with an endpoint of the same server that does nothing, asked by the same clients.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.stack import scrubbed
from provider.tools.emulators import TOKEN, RunningEmulator
from provider.tools.engine.engine import CHECKOUT
from provider.tools.postgresql import Cluster, serve_cluster
from sqlalchemy import Engine, event, insert, select, text
from starlette.applications import Starlette

from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.emulator.server import listen
from pulumi_partnercenter.saas import ServiceSettings, create_app
from pulumi_partnercenter.saas.cookies import COOKIES
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.reconciliation import reconcile
from pulumi_partnercenter.saas.service import Service, read_clock
from pulumi_partnercenter.saas.tables import Session, Subscription

CLIENTS = 8
REPLICAS = (1, 4)
PAGE_SIZE = 100
COPIED_AT_ONCE = 5_000
PUBLISHERS = "55555555-5555-4555-8555-555555555555"
SESSION = "session-of-the-bench"
LONGEST_START_SECONDS = 600
SLOWEST_WEBHOOK_MS = 10_000
"""The marketplace waits so long for an answer."""
Request = Mapping[str, Any]


def open_service() -> Starlette:
    """What uvicorn serves: the service with the settings of the environment."""
    return create_app(ServiceSettings.load())


def open_pages() -> Starlette:
    """The service without its jobs, which would compare the subscriptions meanwhile."""
    return create_app(ServiceSettings.load(), runs_jobs=False)


# --- Webhooks and pages


@dataclass(frozen=True)
class Load:
    """What clients saw: answers a second, and the slowest but one in a hundred."""

    per_second: float
    p99_ms: float
    samples: Sequence[float]


def measured(folder: Path, show: Callable[[str], None], *, webhooks: int) -> Table:
    """Return rates and slowest answers of webhooks and pages, by the number of replicas."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, samples = list[Row](), dict[str, Any]()
    with emulation() as emulator, serve_cluster(folder, is_durable=True) as cluster:
        show(f"service: {webhooks} notifications")
        hooks = collect_notifications(emulator, webhooks)
        for replicas in REPLICAS:
            show(f"service: {replicas} replicas")
            with served(folder, cluster, emulator, replicas) as urls:
                nothing = drive(urls, [{"method": "GET", "url": "/healthz"}] * webhooks)
                received = drive(urls, hooks)
                landing = drive(urls, [visit(number) for number in range(webhooks)])
            row = {
                "replicas": replicas,
                "nothing, a second": nothing.per_second,
                "webhooks, a second": received.per_second,
                "nothing ÷ webhooks": nothing.per_second / received.per_second,
                "p99 of nothing, ms": nothing.p99_ms,
                "p99 of webhooks, ms": received.p99_ms,
                "p99 of landing page, ms": landing.p99_ms,
            }
            rows.append(judged(row, "p99 of webhooks, ms", SLOWEST_WEBHOOK_MS))
            samples[str(replicas)] = {
                "nothing": nothing.samples,
                "webhooks": received.samples,
                "landing": landing.samples,
            }
    note = f"{CLIENTS} clients, PostgreSQL that waits for its disk; clients, emulator and database share the machine"
    return Table("SaaS service on PostgreSQL", rows, samples, note)


def visit(number: int) -> Request:
    """Return a request of the landing page by one of many customers: each address has a limit."""
    return {"method": "GET", "url": "/", "headers": {"X-Forwarded-For": f"192.0.2.{number % 200 + 1}"}}


def collect_notifications(emulator: RunningEmulator, count: int) -> list[Request]:
    """Let so many subscriptions renew, and return what the marketplace sends to a webhook, with its token."""
    requests = list[Request]()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
            requests.append({"method": "POST", "url": "/webhook", "content": content, "headers": headers})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with serve_http(Receiver) as url:
        control(emulator, "offers", offer(f"{url}/webhook"))
        for _ in range(count):
            bought = control(emulator, "purchase", {"offer_id": "contoso-reports", "plan_id": "basic"})
            control(emulator, "renew", {"subscription": activate(emulator, bought["subscription"]["id"])})
    control(emulator, "offers", offer(""))
    return requests


def activate(emulator: RunningEmulator, id: str) -> str:
    path, version = f"/api/saas/subscriptions/{id}/activate", {"api-version": "2018-08-31"}
    emulator.client.post(path, params=version, json={"planId": "basic"}).raise_for_status()
    return id


def offer(webhook_url: str) -> dict[str, Any]:
    return {
        "offer_id": "contoso-reports",
        "landing_page_url": "https://saas.contoso.example/",
        "webhook_url": webhook_url,
        "plans": [{"plan_id": "basic"}],
    }


def control(emulator: RunningEmulator, name: str, body: Mapping[str, Any]) -> Any:
    answer = emulator.client.post(f"/_emulator/saas/{name}", json=body)
    answer.raise_for_status()
    return answer.json()


def drive(urls: Sequence[str], requests: Sequence[Request]) -> Load:
    """Send requests from several clients, to the replicas in turn. Raises: RuntimeError for a refusal."""
    pending, lock = iter(zip(itertools.cycle(urls), requests)), threading.Lock()
    seconds = list[float]()

    def ask(_: int) -> None:
        with httpx.Client(trust_env=False, timeout=60) as client:
            while True:
                with lock:
                    target = next(pending, None)
                if target is None:
                    return
                url, request = target
                begin = time.perf_counter()
                answer = client.request(**{**request, "url": url + request["url"]})
                seconds.append(time.perf_counter() - begin)
                if answer.status_code != 200:
                    raise RuntimeError(f"{request['url']}: {answer.status_code} {answer.text[:200]}")

    begin = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(ask, range(CLIENTS)))
    took = time.perf_counter() - begin
    ordered = sorted(second * 1000 for second in seconds)
    return Load(len(ordered) / took, ordered[max(0, len(ordered) * 99 // 100 - 1)], ordered)


@contextmanager
def served(folder: Path, cluster: Cluster, emulator: RunningEmulator, replicas: int) -> Iterator[list[str]]:
    """Serve replicas, a process each, over a database of their own."""
    database_url = cluster.create(f"replicas_{replicas}")
    migrate(database_url)
    with ExitStack() as stack:
        urls = [serve_replica(stack, folder, database_url, emulator.url) for _ in range(replicas)]
        for url in urls:
            wait_until_ready(url)
        yield urls


def serve_replica(
    stack: ExitStack, folder: Path, database_url: str, endpoint: str, factory: str = "open_service"
) -> str:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", f"provider.tools.bench.service:{factory}"]
    log = stack.enter_context((folder / f"log-{port}").open("wb"))
    process = subprocess.Popen(
        [*command, "--port", str(port), "--no-access-log"],
        cwd=CHECKOUT,
        env=scrubbed() | environment(url, database_url, endpoint),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return url


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/readyz", trust_env=False, timeout=60).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not start")


def environment(url: str, database_url: str, endpoint: str) -> dict[str, str]:
    values = {
        "PUBLIC_URL": url,
        "DATABASE_URL": database_url,
        "KEYS": "key-that-encrypts-what-is-kept",
        "SIGN_IN_CLIENT_ID": "44444444-4444-4444-8444-444444444444",
        "SIGN_IN_CLIENT_SECRET": "secret-of-the-landing-page",
        "PUBLISHER_CLIENT_ID": PUBLISHERS,
        "PUBLISHER_CLIENT_SECRET": "secret-of-the-publishers-pages",
        "ACCESS_TOKEN": TOKEN,
        "TENANT_ID": TENANT,
        "CLIENT_ID": CLIENT,
    }
    names = {f"PARTNERCENTER_SAAS_{name}": value for name, value in values.items()}
    paths = f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'provider'}"
    return {**names, "PARTNERCENTER_ENDPOINT": endpoint, "PYTHONPATH": paths}


def migrate(database_url: str) -> None:
    database = Database(database_url)
    database.migrate()
    database.close()


@contextmanager
def serve_http(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# --- Many subscriptions


def counted(folder: Path, show: Callable[[str], None], *, sizes: Sequence[int]) -> Table:
    """Return cost of a reconciliation and of the publisher's list on both databases, by subscriptions."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list[Row]()
    with emulation() as emulator, serve_cluster(folder, is_durable=True) as cluster:
        control(emulator, "offers", offer(""))
        bought = control(emulator, "purchase", {"offer_id": "contoso-reports", "plan_id": "basic"})
        for database in ("SQLite", "PostgreSQL"):
            smallest: Row = {}
            for size in sizes:
                show(f"subscriptions: {size} on {database}")
                name = f"subscriptions_{size}"
                url = cluster.create(name) if database == "PostgreSQL" else f"sqlite:///{folder / name}.db"
                values = count_one(folder, emulator, bought["subscription"], url, size)
                smallest = smallest or values
                ratio = values["list, ms"] / smallest["list, ms"]
                rows.append({"database": database, "subscriptions": size, **values, "× smallest": ratio})
    note = "rows and statements of the first page of the list; × smallest: its time, as ratio"
    return Table("Many subscriptions", rows, None, note)


def count_one(
    folder: Path, emulator: RunningEmulator, subscription: Mapping[str, Any], url: str, size: int
) -> Row:
    """Return the cost with so many subscriptions in an empty database."""
    migrate(url)
    with serve_marketplace(subscription, 1) as marketplace:
        run_reconciliation(url, marketplace)
    copy_subscription(url, size)
    with serve_marketplace(subscription, size) as marketplace:
        compared = run_reconciliation(url, marketplace)
    with ExitStack() as stack:
        address = serve_replica(stack, folder, url, emulator.url, "open_pages")
        wait_until_ready(address)
        milliseconds, kilobytes = read_list(address, sign_in(url))
    statements, read = count_statements(url, emulator.url)
    return {
        "pages": -(-size // PAGE_SIZE),
        "reconciliation, s": compared["seconds"],
        "its memory, MB": compared["megabytes"],
        "list, ms": milliseconds,
        "list, KB": kilobytes,
        "rows": read,
        "statements": statements,
    }


def copy_subscription(database_url: str, size: int) -> None:
    """Copy the only subscription until there are so many, with the ids of `serve_marketplace`."""
    database = Database(database_url)
    with database.transaction() as session:
        row = session.scalars(select(Subscription)).one()
        columns = {column.key: getattr(row, column.key) for column in Subscription.__mapper__.column_attrs}
        for begin in range(1, size, COPIED_AT_ONCE):
            numbers = range(begin, min(begin + COPIED_AT_ONCE, size))
            session.execute(
                insert(Subscription), [{**columns, "id": str(uuid.UUID(int=n + 1))} for n in numbers]
            )
    if not database.is_sqlite:
        with database.transaction() as session:
            session.execute(text("analyze subscriptions"))
    database.close()


def count_statements(database_url: str, endpoint: str) -> tuple[int, int]:
    """Return the statements of the publisher's list, and the subscriptions that it reads."""
    app = create_app(ServiceSettings.load(environment("http://127.0.0.1", database_url, endpoint)))
    counts = {"statements": 0, "rows": 0}

    def note_statement(*_: object) -> None:
        counts["statements"] += 1

    def note_row(*_: object) -> None:
        counts["rows"] += 1

    async def ask() -> None:
        headers = {"cookie": f"{COOKIES['publisher']}={SESSION}", "accept": "text/html"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.get("/publisher/subscriptions", headers=headers)
            answer.raise_for_status()

    event.listen(Engine, "before_cursor_execute", note_statement)
    event.listen(Subscription, "load", note_row)
    try:
        asyncio.run(ask())
    finally:
        event.remove(Engine, "before_cursor_execute", note_statement)
        event.remove(Subscription, "load", note_row)
        app.state.service.close()
    return counts["statements"], counts["rows"]


@contextmanager
def serve_marketplace(subscription: Mapping[str, Any], size: int) -> Iterator[str]:
    """Serve the list of so many subscriptions, which differ in their ids: the emulator would be the slow one."""

    class Marketplace(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            start = int(parse_qs(address.query).get("continuationToken", ["0"])[0])
            end = min(start + PAGE_SIZE, size)
            page: dict[str, Any] = {
                "subscriptions": [
                    {**subscription, "id": str(uuid.UUID(int=n + 1))} for n in range(start, end)
                ]
            }
            if end < size:
                query = f"continuationToken={end}&api-version=2018-08-31"
                page["@nextLink"] = f"http://{self.headers['Host']}{address.path}?{query}"
            content = json.dumps(page).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with serve_http(Marketplace) as url:
        yield url


def run_reconciliation(database_url: str, endpoint: str) -> dict[str, float]:
    """Reconcile in a process of its own. Return its seconds, and its peak memory in megabytes."""
    result = subprocess.run(
        [sys.executable, "-m", "provider.tools.bench.service"],
        cwd=CHECKOUT,
        env=scrubbed() | environment(endpoint, database_url, endpoint),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome: dict[str, float] = json.loads(result.stdout)
    return outcome


def sign_in(database_url: str) -> str:
    """Return the cookie of a reader of the publisher's pages."""
    database, now = Database(database_url), read_clock()
    user = {
        "tenant_id": TENANT,
        "object_id": str(uuid.UUID(int=1)),
        "name": "Kim",
        "email": "",
        "roles": ["Subscriptions.Read"],
        "groups": [],
    }
    with database.transaction() as session:
        session.add(
            Session(
                id_hash=hashlib.sha256(SESSION.encode()).hexdigest(),
                audience="publisher",
                user=user,
                data={},
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    database.close()
    return f"{COOKIES['publisher']}={SESSION}"


def read_list(url: str, cookie: str) -> tuple[float, float]:
    """Return milliseconds (the middle of several) and kilobytes of the publisher's list."""
    milliseconds, size = list[float](), 0
    with httpx.Client(
        trust_env=False, timeout=60, headers={"cookie": cookie, "accept": "text/html"}
    ) as client:
        for _ in range(9):
            begin = time.perf_counter()
            answer = client.get(f"{url}/publisher/subscriptions")
            milliseconds.append((time.perf_counter() - begin) * 1000)
            answer.raise_for_status()
            size = len(answer.content)
    return sorted(milliseconds)[4], size / 1000


def main() -> None:
    """Reconcile once, with the settings of the environment."""
    import resource

    service: Service = open_service().state.service
    begin = time.perf_counter()
    reconcile(service)
    seconds = time.perf_counter() - begin
    service.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    print(json.dumps({"seconds": seconds, "megabytes": peak / unit}))


if __name__ == "__main__":
    main()
