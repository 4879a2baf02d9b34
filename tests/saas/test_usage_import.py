"""`partnercenter saas usage import`: a file is reported to the service, once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.cli.command import Command
from tests.saas.deployment import ON_SQLITE, SECRETS, Deployment
from tests.saas.usage_lab import UsageLab

from pulumi_partnercenter.cli.saas.usage_files import read_report_file
from pulumi_partnercenter.errors import InputError
from pulumi_partnercenter.saas.tables import UsageReport

HEADER = "id,subscription_id,dimension,quantity,used_at"
KEY = {"PARTNERCENTER_SAAS_USAGE_KEY": SECRETS["USAGE_KEYS"]}


@ON_SQLITE
def test_a_file_is_imported_once_and_what_is_wrong_is_shown_by_its_line(
    deployment: Deployment, tmp_path: Path
) -> None:
    lab, command = UsageLab(deployment), Command(folder=tmp_path)
    id, used_at = lab.subscribe(), deployment.now().isoformat()
    file = tmp_path / "usage.csv"
    rows = [f"row-{number},{id},reports,0.5,{used_at}" for number in range(700)]
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    arguments = ("saas", "usage", "import", file, "--service", deployment.url)
    assert "700 reports: 700 accepted" in command(*arguments, **KEY).expect_success().out
    rows[650] = f"row-650,{id},reports,-1,{used_at}"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    again = command(*arguments, "--json", **KEY).expect_failure().json()
    assert again["counts"] == {"repeated": 699, "invalid": 1}
    [wrong] = [result for result in again["results"] if result["outcome"] == "invalid"]
    assert (wrong["line"], wrong["id"]) == (652, "row-650")
    [record] = lab.records(id)
    assert record.quantity == 350
    assert {report.source for report in deployment.rows(UsageReport)} == {"file"}


@ON_SQLITE
def test_lines_of_json_are_imported_from_standard_input(deployment: Deployment, tmp_path: Path) -> None:
    lab = UsageLab(deployment)
    report = lab.build(lab.subscribe(), 2)
    command = Command(folder=tmp_path)
    result = command(
        "saas", "usage", "import", "-", "--service", deployment.url, stdin=json.dumps(report), **KEY
    )
    assert "1 reports: 1 accepted" in result.expect_success().out
    assert [row.id for row in deployment.rows(UsageReport)] == [report["id"]]


@ON_SQLITE
@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("service", "key", "problem"),
    [
        ("{url}", "wrong-key-of-the-usage", "PARTNERCENTER_SAAS_USAGE_KEYS"),
        ("{url}", "", "PARTNERCENTER_SAAS_USAGE_KEY is not set"),
        ("{url}/landing", SECRETS["USAGE_KEYS"], "no answer of the usage API"),
        ("http://saas.contoso.example", SECRETS["USAGE_KEYS"], "no https address"),
    ],
)
def test_an_import_that_cannot_be_made_says_why(
    deployment: Deployment, tmp_path: Path, service: str, key: str, problem: str
) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(f"{HEADER}\na,b,c,1,2026-05-18T08:00Z\n", encoding="utf-8")
    arguments = ("saas", "usage", "import", file, "--service", service.format(url=deployment.url))
    result = Command(folder=tmp_path)(*arguments, PARTNERCENTER_SAAS_USAGE_KEY=key).expect_failure()
    assert problem in result.err
    assert "key-of-the-usage" not in result.err
    assert deployment.rows(UsageReport) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "has no report"),
        (HEADER, "has no report"),
        (f"{HEADER}\na,b,c,1", "line 2: has 4 cells"),
        (f"{HEADER}\na,b,c,,2026-05-18T08:00Z", "line 2: quantity is required"),
        (f"{HEADER},plan_id\na,b,c,1,2026-05-18T08:00Z,pro", "line 2: 'plan_id' is no member"),
        (f"{HEADER}\na,b,c,1,now\n\na,b,c,2,now", "line 4: has the id of line 2"),
        ('{"id": "a"', "line 1: is no JSON"),
        (f'{HEADER}\n"a', "unexpected end of data"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_before_anything_is_sent(content: str, problem: str) -> None:
    file = io.StringIO(content)
    file.name = "usage.csv"  # type: ignore[misc]
    with pytest.raises(InputError, match=problem):
        read_report_file(file)
