"""The ground of these tests: what a test may rely on."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools import postgresql
from provider.tools.hangs import wait_until
from sqlalchemy.engine import make_url

from pulumi_partnercenter.saas import tables


def test_a_purchase_leads_to_the_service_and_both_have_one_clock(deployment):
    purchase = deployment.marketplace.buy("team", quantity=5)
    assert purchase["landing_page"].startswith(f"{deployment.url}/?")
    assert deployment.http.get("/healthz").text == "ok\n"
    start = deployment.now()
    deployment.advance(days=2)
    before, marketplace, after = (
        deployment.now().timestamp(),
        deployment.emulator.store.clock(),
        deployment.now().timestamp(),
    )
    microsecond = 1e-6  # the service's clock has no smaller parts
    assert start.timestamp() + 2 * 86400 <= before <= marketplace + microsecond
    assert marketplace <= after + microsecond


def test_every_test_begins_with_empty_tables(database):
    with database.transaction() as session:
        for table in tables.Base.metadata.sorted_tables:
            assert session.execute(table.select()).first() is None


def test_the_service_reads_the_subscriptions_of_its_marketplace(deployment):
    purchase = deployment.marketplace.buy("basic")
    (subscription,) = deployment.service.client.list_subscriptions()
    assert subscription.id == purchase["subscription"]["id"]


@pytest.mark.soak
def test_a_server_of_postgresql_ends_with_the_last_process_that_uses_it(tmp_path):
    try:
        with postgresql.serve_cluster(tmp_path) as cluster, postgresql.serve_cluster(tmp_path) as same:
            assert same == cluster
            (folder,) = make_url(cluster.url).query.values()
            assert Path(folder).is_dir()
    except postgresql.NoPostgresql as error:
        pytest.skip(str(error))
    assert wait_until(lambda: not Path(folder).exists()), "the guard, which deletes it, is no child process"
    with postgresql.serve_cluster(tmp_path) as cluster:
        cluster.create("again")
