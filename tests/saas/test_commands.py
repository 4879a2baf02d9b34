"""`partnercenter saas demo`, as it is installed; `migrate`, and why `demo` and `serve` do not start."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from provider.tools.hangs import HANG_SECONDS, wait_until
from tests.cli.command import COMMAND, Command
from tests.saas.deployment import open_visitor, service_environment


@contextmanager
def demo(data: Path, *arguments: str) -> Iterator[dict[str, str]]:
    """Run the demo; its addresses. At the end it has to stop without an error."""
    command = [
        str(COMMAND),
        "saas",
        "demo",
        "--data",
        str(data),
        "--port",
        "0",
        "--marketplace-port",
        "0",
        *arguments,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(7)]
        yield dict(zip(("purchase", "marketplace", "publisher"), lines[1:7:2], strict=True))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=HANG_SECONDS)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()


def press(visitor: httpx.Client, page: httpx.Response, text: str, **fields: str) -> httpx.Response:
    """Press the button with this text, in its form."""
    (form,) = [
        form
        for form in re.findall(r"<form method=\"post\".*?</form>", page.text, re.DOTALL)
        if text in re.sub(r"<[^>]+>", "", form)
    ]
    buttons = re.findall(r"<button([^>]*)>(.*?)</button>", form, re.DOTALL)
    (button,) = [attributes for attributes, label in buttons if re.sub(r"<[^>]+>", "", label) == text]
    values = dict(re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', form))
    values |= dict(re.findall(r'name="([^"]*)" value="([^"]*)"', button))
    address = re.search(r'^<form[^>]* action="([^"]*)"', form)
    target = str(page.url.join(address[1])) if address else str(page.url)
    return visitor.post(target, data={**values, **fields}, follow_redirects=True)


def test_a_demo_leads_from_a_purchase_to_an_active_account_and_goes_on_after_a_restart(tmp_path):
    folder = tmp_path / "demo"
    with demo(folder) as addresses:
        url = addresses["purchase"].partition("/?")[0]
        with open_visitor(url) as visitor:
            page = visitor.get(addresses["purchase"], follow_redirects=True)
            page = press(visitor, page, "Sign in as Dana Fabrikam")
            assert "Fabrikam, just bought" in page.text
            page = press(visitor, page, "Confirm and activate")
            assert wait_until(lambda: "Your subscription" in visitor.get(str(page.url)).text)
            assert (
                httpx.get(addresses["marketplace"], trust_env=False, timeout=HANG_SECONDS).status_code == 200
            )
            publisher = visitor.get(addresses["publisher"], follow_redirects=True)
            page = press(visitor, publisher, "Sign in as Alex Contoso")
            assert "Fabrikam, just bought" in page.text
    with demo(folder) as addresses, open_visitor("http://127.0.0.1") as visitor:
        page = visitor.get(addresses["purchase"], follow_redirects=True)
        assert "Your subscription" in press(visitor, page, "Sign in as Dana Fabrikam").text
    assert (folder / "demo.json").stat().st_mode & 0o077 == 0
    assert "token=" not in (folder / "service.log").read_text()


def test_a_folder_has_one_demo_at_a_time_and_is_not_deleted_under_it(tmp_path):
    folder = tmp_path / "demo"
    with demo(folder) as addresses:
        command = ("saas", "demo", "--data", folder, "--port", "0", "--marketplace-port", "0")
        for arguments in ((), ("--reset",)):
            assert "belongs to a demo that runs" in Command()(*command, *arguments).expect_failure().err
        assert httpx.get(addresses["publisher"], trust_env=False, timeout=HANG_SECONDS).status_code == 303
    assert (folder / "service.db").is_file()


def test_a_demo_leaves_a_folder_of_others_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    command = ("saas", "demo", "--data", tmp_path, "--port", "0", "--marketplace-port", "0")
    for arguments in ((), ("--reset",)):
        assert "has other files" in Command()(*command, *arguments).expect_failure().err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_migrate_makes_the_tables_once_and_finds_nothing_to_do_again(tmp_path):
    path = tmp_path / "saas.db"
    for _ in range(2):
        result = Command()("saas", "migrate", PARTNERCENTER_SAAS_DATABASE_URL=f"sqlite:///{path}")
        assert result.expect_success().out == "the tables are current\n"
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from subscriptions").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "PARTNERCENTER_SAAS_"),
        (
            {"PARTNERCENTER_SAAS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "connecting to the database",
        ),
    ],
)
def test_serve_says_in_three_lines_why_it_does_not_start(environment, message, tmp_path):
    complete = service_environment(
        "http://127.0.0.1:1", "http://127.0.0.1:2", f"sqlite:///{tmp_path / 'a.db'}"
    )
    settings = {**complete, **environment} if environment else {}
    result = Command()("saas", "serve", "--port", "0", **settings).expect_failure()
    assert message in result.err
    assert len(result.err.splitlines()) <= 3


def test_serve_refuses_tables_of_another_version(cluster, tmp_path):
    url = cluster.create("unmigrated")
    environment = service_environment("http://127.0.0.1:1", "http://127.0.0.1:2", url)
    try:
        result = Command()("saas", "serve", "--port", "0", **environment)
    finally:
        cluster.drop("unmigrated")
    assert "saas migrate" in result.expect_failure().err
