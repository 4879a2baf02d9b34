"""`partnercenter saas demo`: the SaaS service beside an emulated marketplace, with a purchase to confirm."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from ...errors import SettingsError
from .serving import listen_or_fail, require_libraries

__all__ = ["demo"]

MARK = "demo.json"
"""File of the demo's folder: its secrets. Its presence allows `--reset` to delete the folder."""
PUBLISHER_ROLES = {
    "77777777-7777-7777-7777-777777777771": ["Subscriptions.Manage"],
    "77777777-7777-7777-7777-777777777772": ["Subscriptions.Read"],
}
"""Alex operates, Kim reads."""
OFFER, PLAN, SEATS = "contoso-seats", "team", 5


@click.command()
@click.option(
    "--data",
    default=".partnercenter-saas-demo",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps everything.",
)
@click.option("--reset", is_flag=True, help="Delete the folder first, and begin anew.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port of the service.",
)
@click.option(
    "--marketplace-port",
    default=4010,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port of the emulated marketplace.",
)
@click.option("--handlers", default="", metavar="MODULE:NAME", help="Your own handlers, to try them out.")
def demo(data: Path, reset: bool, port: int, marketplace_port: int, handlers: str) -> None:
    """Run the SaaS service beside an emulated marketplace, with a purchase to confirm. Needs no settings.

    You are the customer, and the publisher too: open the printed addresses. Ctrl-C ends it; run again, it goes on.
    """
    require_libraries()
    from ...saas import ServiceSettings, create_app
    from ...saas.database import Database
    from ...saas.logs import configure_logging
    from .serving import Server

    state = _open_folder(data, reset=reset)
    with (
        (data / "service.log").open("a", encoding="utf-8") as log,
        _serve_marketplace(data, marketplace_port) as marketplace,
    ):
        configure_logging(log)
        listener = listen_or_fail("127.0.0.1", port)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = ServiceSettings.load(_environment(data, state, marketplace, url, handlers))
        database = Database(settings.database_url)
        database.migrate()
        database.close()
        app = create_app(settings)
        landing_page = _prepare_marketplace(marketplace, url, state)
        _write(data / MARK, state)
        _announce(data, marketplace, url, landing_page)
        Server(app, listener).serve_forever()


def _open_folder(data: Path, *, reset: bool) -> dict[str, str]:
    """Return the secrets of the folder, which is made if necessary.

    Raises: SettingsError for a folder of others, and for one that another demo uses.
    """
    mark = data / MARK
    if data.exists() and any(data.iterdir()) and not mark.is_file():
        raise SettingsError(
            f"demo: {data} has other files, and no {MARK}", next="choose an empty or a new folder with --data"
        )
    if _is_in_use(data):
        raise SettingsError(
            f"demo: {data} belongs to a demo that runs",
            next="end that one, or choose another folder with --data",
        )
    if reset and data.exists():
        shutil.rmtree(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not mark.is_file():
        state = {
            name: secrets.token_hex(24) for name in ("keys", "customer", "publisher", "usage", "metrics")
        }
        state |= {name: str(uuid.uuid4()) for name in ("customer_client", "publisher_client")}
        _write(mark, state)
    try:
        document: dict[str, str] = json.loads(mark.read_text(encoding="utf-8"))
    except ValueError:
        raise SettingsError(f"demo: {mark} is damaged", next=f"delete the folder {data}") from None
    return document


def _is_in_use(data: Path) -> bool:
    """Return whether the marketplace of another demo has locked its database."""
    database = data / "marketplace" / "emulator.sqlite3"
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return error.sqlite_errorname == "SQLITE_BUSY"
    return False


def _write(path: Path, state: dict[str, str]) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
    new.replace(path)


def _environment(
    data: Path, state: dict[str, str], marketplace: str, url: str, handlers: str
) -> dict[str, str]:
    """Return the settings of the service, as an environment gives them."""
    from ...emulator.applications import CLIENT, TENANT

    values = {
        "ACCESS_TOKEN": "emulator",
        "TENANT_ID": TENANT,
        "CLIENT_ID": CLIENT,
        "PUBLIC_URL": url,
        "DATABASE_URL": f"sqlite:///{(data / 'service.db').absolute()}",
        "KEYS": state["keys"],
        "SIGN_IN_CLIENT_ID": state["customer_client"],
        "SIGN_IN_CLIENT_SECRET": state["customer"],
        "PUBLISHER_CLIENT_ID": state["publisher_client"],
        "PUBLISHER_CLIENT_SECRET": state["publisher"],
        "USAGE_KEYS": state["usage"],
        "METRICS_KEY": state["metrics"],
        "PRODUCT_NAME": "Contoso",
        "HANDLERS": handlers,
    }
    return {
        "PARTNERCENTER_ENDPOINT": marketplace,
        **{f"PARTNERCENTER_SAAS_{name}": value for name, value in values.items()},
    }


@contextmanager
def _serve_marketplace(data: Path, port: int) -> Iterator[str]:
    """Serve the emulator in a thread of this process. Yield its address."""
    from ...emulator.app import create_app
    from ...emulator.server import Server

    listener = listen_or_fail("127.0.0.1", port, "--marketplace-port")
    app, ready = create_app(data=data / "marketplace"), threading.Event()
    server = Server(app, listener, ready=lambda _: ready.set())
    thread = threading.Thread(target=server.serve_forever, name="marketplace", daemon=True)
    thread.start()
    try:
        if not ready.wait(30):
            raise SettingsError("demo: the emulated marketplace does not start", next="run it again")
        yield server.address
    finally:
        server.stop()
        thread.join(10)
        app.state.store.close()


def _prepare_marketplace(marketplace: str, url: str, state: dict[str, str]) -> str:
    """Register the applications, and buy a subscription in a new folder. Return its landing page with a fresh token."""
    import httpx

    with httpx.Client(base_url=f"{marketplace}/_emulator/", trust_env=False, timeout=30) as client:

        def send(path: str, body: dict[str, Any]) -> Any:
            return client.post(path, json=body).raise_for_status().json()

        for audience, members in (
            ("customer", {"sign_in_audience": "AzureADandPersonalMicrosoftAccount"}),
            ("publisher", {"user_roles": PUBLISHER_ROLES}),
        ):
            application = {
                "client": state[f"{audience}_client"],
                "secret": state[audience],
                "redirect_uris": [f"{url}/sign-in/{audience}/callback"],
            }
            send("applications", {**application, **members})
        addresses = {"landing_page_url": f"{url}/", "webhook_url": f"{url}/webhook"}
        if "subscription" not in state:
            send("saas/sample", addresses)
            order = {"offer_id": OFFER, "plan_id": PLAN, "quantity": SEATS, "name": "Fabrikam, just bought"}
            state["subscription"] = send("saas/purchase", order)["subscription"]["id"]
        else:
            for offer in client.get("saas/offers").raise_for_status().json():
                send("saas/offers", {**offer, **addresses})
        return str(send("saas/token", {"subscription": state["subscription"]})["landing_page"])


def _announce(data: Path, marketplace: str, url: str, landing_page: str) -> None:
    click.echo(
        f"""A purchase to confirm; sign in as Dana:
  {landing_page}
The marketplace, where you buy, change and cancel as the customer:
  {marketplace}/_emulator/marketplace
The publisher's pages; sign in as Alex (operates) or Kim (reads):
  {url}/publisher
Everything is in {data}. Ctrl-C ends it; --reset begins anew."""
    )
