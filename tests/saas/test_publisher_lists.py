"""The publisher's pages: who may open them, what they list, and what names of strangers do to them."""

from __future__ import annotations

import csv
import html
import io
import itertools
import re
import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from provider.tools.hangs import HANG_SECONDS
from sqlalchemy import event
from sqlalchemy import text as sql
from tests.saas.deployment import ON_SQLITE
from tests.saas.publisher import (
    OPERATOR,
    READER,
    PublisherPages,
    Visitors,
    add_everything,
    add_subscriptions,
    build_subscription,
    open_pages,
    sign_in,
    subscription_id,
)

from pulumi_partnercenter.saas.publisher.exports import write_csv
from pulumi_partnercenter.saas.publisher.list_pages import EXPORT_ROWS, PAGE_ROWS, Query, read_page, read_rows
from pulumi_partnercenter.saas.publisher.lists import SUBSCRIPTIONS
from pulumi_partnercenter.saas.tables import HistoryEntry, Job, Subscription

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}%(x)s"
LISTS = ("subscriptions", "webhooks", "jobs", "usage", "history")
SINGLE = (
    f"/subscriptions/{subscription_id(1)}",
    "/webhooks/operation-1",
    "/jobs/1",
    "/usage/1",
)
FORMS = (
    *(f"/subscriptions/{subscription_id(1)}/{name}" for name in ("activate", "plan", "quantity", "cancel")),
    "/usage/1/resend",
)
PAGES = ("", *(f"/{name}" for name in LISTS), *(f"/{name}.csv" for name in LISTS), *SINGLE, *FORMS)


@pytest.fixture
def visitors(database_url: str) -> Iterator[Visitors]:
    with open_pages(database_url) as visitors:
        yield visitors


@pytest.fixture
def reader(visitors: Visitors) -> PublisherPages:
    return visitors.sign_in(READER)


def names(page: str) -> list[str]:
    """Names in the rows of the list of subscriptions."""
    return [
        html.unescape(name) for name in re.findall(r'<span dir="auto">(Fabrikam[ \d]*)</span></a></th>', page)
    ]


@ON_SQLITE
def test_strangers_and_customers_are_sent_to_the_sign_in_which_leads_back(deployment):
    add_everything(deployment.service.database)
    customer = sign_in(deployment.service, OPERATOR, audience="customer")
    for cookie, paths in (("", PAGES), ("__Host-publisher=1", PAGES[:2]), (customer, PAGES[:2])):
        for path in paths:
            answer = httpx.get(
                f"{deployment.url}/publisher{path}",
                headers={"cookie": cookie},
                trust_env=False,
                timeout=HANG_SECONDS,
            )
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith(f"{deployment.emulator.url}/"), path
            assert "Fabrikam" not in answer.text
    deployment.use_account("alex@contoso.example")
    answer = deployment.http.get("/publisher/subscriptions?search=Fabrikam", follow_redirects=True)
    assert names(answer.text) == ["Fabrikam"]


@ON_SQLITE
def test_an_account_without_the_role_sees_nothing_and_a_group_counts_like_a_role(visitors):
    add_everything(visitors.service.database, "Fabrikam Secret")
    nobody = visitors.sign_in("Subscriptions.Other", groups=("77777777",))
    for path in PAGES:
        answer = nobody.get(path)
        assert answer.status_code == 403, path
        assert "Secret" not in answer.text, path
    assert visitors.sign_in(groups=(READER,)).get("/subscriptions").status_code == 200


@ON_SQLITE
def test_a_reader_sees_everything_and_is_offered_and_allowed_no_change(visitors, reader):
    add_everything(visitors.service.database)
    with visitors.service.database.transaction() as session:
        session.merge(build_subscription(1))
    for path in SINGLE:
        text = reader.get(path).text
        assert "<main" in text
        assert text.count('method="post"') == 1, "signing out"
        assert all(f'href="/publisher{form}"' not in text for form in FORMS), path
    for path in FORMS:
        assert reader.get(path).status_code == 403, path
        assert reader.post(path, confirmed="yes").status_code == 403, path
    assert reader.post("/jobs/1/replay", form_page="/jobs/1").status_code == 403
    with visitors.service.database.reading() as session:
        assert session.get(Job, 1).state == "dead"
        assert session.query(HistoryEntry).count() == 1


def test_pages_of_a_list_have_every_row_once_newest_first(visitors, reader):
    count = 2 * PAGE_ROWS + 7
    with visitors.service.database.transaction() as session:
        # Several rows of one time: the order continues within them.
        session.add_all(
            build_subscription(number, first_read_at=build_subscription(number // 9).first_read_at)
            for number in range(count)
        )
    path, listed, pages = "/subscriptions", [], 0
    while path:
        text = reader.get(path).text
        listed += names(text)
        pages += 1
        following = re.search(r'href="(\?[^"]*)" rel="next"', text)
        path = f"/subscriptions{html.unescape(following[1])}" if following else ""
    assert pages == 3
    assert sorted(listed) == sorted(f"Fabrikam {number}" for number in range(count))
    assert listed == sorted(
        listed, key=lambda name: (int(name.split()[1]) // 9, int(name.split()[1])), reverse=True
    )


def test_filters_and_search_pick_rows_and_stay_on_the_next_page(visitors, reader):
    with visitors.service.database.transaction() as session:
        session.add(build_subscription(1, status="Suspended", access="restricted", plan_id="gold"))
        session.add(build_subscription(2, name="Fabrikam 2", beneficiary_email="100%_@Contoso.example"))
        session.add_all(build_subscription(number, offer_id="contoso-reports") for number in range(3, 60))
    assert names(reader.get("/subscriptions", status="Suspended").text) == ["Fabrikam 1"]
    assert names(reader.get("/subscriptions", access="restricted", plan="gold").text) == ["Fabrikam 1"]
    assert names(reader.get("/subscriptions", search="100%_@contoso").text) == ["Fabrikam 2"]
    assert names(reader.get("/subscriptions", search=subscription_id(2).upper()).text) == ["Fabrikam 2"]
    assert names(reader.get("/subscriptions", search="%").text) == ["Fabrikam 2"]
    assert names(reader.get("/subscriptions", offer="contoso-reports", status="Suspended").text) == []
    first = reader.get("/subscriptions", offer="contoso-reports").text
    following = html.unescape(re.search(r'href="(\?[^"]*)" rel="next"', first)[1])
    second = names(reader.get(f"/subscriptions{following}").text)
    assert len(names(first)) + len(second) == 57
    assert '<option value="contoso-seats">' in first


@ON_SQLITE
def test_failed_jobs_are_announced_on_the_first_page_and_listed_together(visitors, reader):
    assert "Failed jobs" not in reader.get("/subscriptions").text
    add_everything(visitors.service.database)
    text = reader.get("/subscriptions").text
    assert "Failed jobs: 1" in text
    assert 'href="/publisher/jobs?state=dead"' in text
    assert 'href="/publisher/jobs/1"' in reader.get("/jobs", state="dead").text
    assert 'href="/publisher/jobs/1"' not in reader.get("/jobs", state="waiting").text


BAD_PLACES = (
    "/subscriptions?after=x",
    "/subscriptions?after=WzFd",
    "/subscriptions?after=WyIyMDI2LTExLTAyVDA4OjMwOjAwIiwgIngiXQ",
    "/jobs?after=WzFlOTk5XQ",
    "/jobs?after=WzE4NDQ2NzQ0MDczNzA5NTUxNjE2XQ",
    "/jobs?after=W3RydWVd",
    "/subscriptions?after=WyIyMDI2LTExLTAyVDA4OjMwOjAwKzAwOjAwIiwgIlx1MDAwMCJd",
    "/subscriptions?after=WyIyMDI2LTExLTAyVDA4OjMwOjAwKzAwOjAwIiwgIlx1ZDgwMCJd",
    "/subscriptions?after=%C3%A4",
    "/webhooks?after=" + "W1tb" * 3000,
)


def test_a_place_that_no_page_wrote_is_refused(visitors, reader):
    for address in BAD_PLACES:
        assert reader.get(address).status_code == 400, address


NOTHING = (
    "/subscriptions/%00",
    "/subscriptions/%ff",
    "/subscriptions/" + "a" * 65,
    "/subscriptions/..%2f..",
    "/webhooks/%F0%9F%98%80",
    "/jobs/0",
    "/jobs/-1",
    "/jobs/1e3",
    "/jobs/" + "9" * 19,
    "/jobs/" + "9" * 40,
    "/jobs/%D9%A1",
    "/usage/99",
    "/nothing",
)


def test_an_address_of_nothing_is_a_page_that_says_so(visitors, reader):
    for path in NOTHING:
        answer = reader.get(path)
        assert answer.status_code == 404, path
        assert "There is no such page" in answer.text, path


def test_odd_characters_in_a_search_find_nothing_and_break_nothing(visitors, reader):
    add_everything(visitors.service.database)
    for text in (
        "\0",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "'; drop table jobs; --",
        "\\",
        "x" * 1000,
    ):
        for path in LISTS:
            parameters = dict.fromkeys(("search", "status", "subscription", "state", "kind", "plan"), text)
            assert reader.get(f"/{path}", **parameters).status_code == 200, (path, text)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "  =1")
STARTS = tuple("=+-@\t\r\n＝＋－＠")


@ON_SQLITE
def test_no_cell_of_an_export_is_a_formula(visitors, reader):
    for number, formula in enumerate(FORMULAS):
        add_everything(visitors.service.database, formula, number=number)
    for name in LISTS:
        answer = reader.get(f"/{name}.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
        titles, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))
        assert len(rows) == len(FORMULAS), name
        for row in rows:
            assert len(row) == len(titles)
            assert not [cell for cell in row if cell.lstrip(" ").startswith(STARTS)], name
        for formula in FORMULAS:
            assert f"'{formula}" in itertools.chain(*rows), (name, formula)


def test_an_export_has_the_filtered_rows_and_reads_them_in_parts(visitors, reader):
    count = EXPORT_ROWS + 3
    with visitors.service.database.transaction() as session:
        session.add_all(build_subscription(number) for number in range(count))
        session.add(build_subscription(count, status="Suspended", name='Quote " and\nline'))
    everything = [
        *csv.DictReader(io.StringIO(reader.get("/subscriptions.csv").text.removeprefix("\ufeff"), newline=""))
    ]
    assert [row["id"] for row in everything] == [subscription_id(number) for number in range(count, -1, -1)]
    suspended = reader.get("/subscriptions.csv", status="Suspended").text.removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(suspended, newline=""))
    assert (row["name"], row["quantity"], row["contact"]) == ('Quote " and\nline', "5", "{}")
    assert row["first_read_at"].endswith("+00:00")


class Work:
    """Statements of the pages, and the rows of subscriptions that were read, from its creation on."""

    def __init__(self, visitors: Visitors) -> None:
        self.database = visitors.service.database
        self.statements: list[tuple[str, Any]] = []
        self.rows = 0
        event.listen(self.database._reading_engine, "before_cursor_execute", self._note_statement)
        event.listen(Subscription, "load", self._note_row)

    def _note_statement(self, _connection, _cursor, statement, parameters, *_others) -> None:
        if statement != "BEGIN":
            self.statements.append((statement, parameters))

    def _note_row(self, *_arguments) -> None:
        self.rows += 1

    def stop(self) -> None:
        event.remove(self.database._reading_engine, "before_cursor_execute", self._note_statement)
        event.remove(Subscription, "load", self._note_row)

    def explain(self) -> str:
        """What the database says how it reads the subscriptions of these statements."""
        prefix = "explain query plan" if self.database.is_sqlite else "explain"
        with self.database.reading() as session:
            connection = session.connection()
            return "\n".join(
                str(line[-1])
                for statement, parameters in self.statements
                for line in connection.exec_driver_sql(f"{prefix} {statement}", parameters)
            )


@pytest.mark.soak
def test_a_page_of_a_hundred_thousand_subscriptions_is_read_like_one_of_fifty(visitors, reader):
    database, count = visitors.service.database, 100_000
    add_subscriptions(
        database,
        count,
        lambda number: {
            "plan_id": f"plan-{number % 7}",
            "offer_id": "contoso-seats" if number % 50 else "contoso-reports",
            "status": "Suspended" if number % 1_000 == 0 else "Subscribed",
            "access": "failed" if number % 10_000 == 0 else "active",
        },
    )
    with database.transaction() as session:
        session.execute(sql("analyze"))
    with database.reading() as session:
        deep = read_page(session, SUBSCRIPTIONS, Query(), limit=count - PAGE_ROWS - 10).after
    for parameters, shown in [
        ({}, PAGE_ROWS),
        ({"after": deep}, PAGE_ROWS),
        ({"status": "Suspended"}, PAGE_ROWS),
        ({"access": "failed"}, 10),
        ({"offer": "contoso-reports"}, PAGE_ROWS),
        ({"plan": "plan-3"}, PAGE_ROWS),
        ({"plan": "plan-3", "after": deep}, 9),
        ({"status": "Unknown"}, 0),
    ]:
        work = Work(visitors)
        page = reader.get("/subscriptions", **parameters).text
        work.stop()
        assert len(names(page)) == shown, parameters
        assert work.rows <= PAGE_ROWS + 1, parameters
        assert len(work.statements) <= 6, "the session and its form, the rows, offers, plans"
        plan = work.explain()
        assert "TEMP B-TREE" not in plan, plan
        assert not re.search(r"SCAN subscriptions$|Seq Scan on subscriptions", plan, re.MULTILINE), plan


@pytest.mark.soak
@ON_SQLITE
def test_an_export_of_many_rows_takes_the_memory_of_some(visitors):
    database, count = visitors.service.database, 5_000
    add_subscriptions(database, count)

    def export(query: Query) -> tuple[int, int]:
        """Lines of an export, and the most memory that it took."""
        tracemalloc.start()
        parts = write_csv(SUBSCRIPTIONS.exported, read_rows(database, SUBSCRIPTIONS, query))
        lines = sum(part.count(b"\r\n") for part in parts)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return lines, peak

    with database.reading() as session:
        last = read_page(session, SUBSCRIPTIONS, Query(), limit=count - EXPORT_ROWS - 1).after
    export(Query(after=last))  # whatever is imported and kept at the first time
    some, memory = export(Query(after=last))
    many, more = export(Query())
    assert (some, many) == (EXPORT_ROWS + 2, count + 1)
    assert more < memory * 3, "two parts, not ten"
