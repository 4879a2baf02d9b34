"""`partnercenter saas`: subscriptions, operations and usage at the emulated marketplace."""

from __future__ import annotations

import io
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS
from tests.cli.command import Command, CommandResult
from tests.contract.marketplace import Marketplace

from pulumi_partnercenter.cli.confirmation import confirm
from pulumi_partnercenter.cli.saas.subscriptions import STATUSES
from pulumi_partnercenter.fulfillment import SubscriptionStatus

PLANTED = "planted%2B7f3a9c/secret"
THIS_HOUR = f"{datetime.now(UTC):%Y-%m-%dT%H}:00Z"  # the same in all tests, even if an hour ends meanwhile
WRITES = ("POST", "PATCH", "DELETE")
CHANGES = [
    ["subscriptions", "activate", "ID"],
    ["subscriptions", "change-plan", "ID", "--plan", "pro"],
    ["subscriptions", "change-quantity", "ID", "--quantity", "4"],
    ["subscriptions", "cancel", "ID"],
]
"""Commands that cost the customer, or cannot be undone. `ID` stands for a subscription."""


@pytest.fixture
def marketplace(emulator: RunningEmulator) -> Marketplace:
    marketplace = Marketplace(emulator)
    marketplace.sell()
    return marketplace


class Saas:
    """`partnercenter saas …`."""

    def __init__(self, partnercenter: Command) -> None:
        self.partnercenter = partnercenter

    def __call__(self, *arguments: str | Path, stdin: str = "", **env: str) -> CommandResult:
        return self.partnercenter("saas", *arguments, stdin=stdin, **env)

    def json(self, *arguments: str | Path, stdin: str = "") -> Any:
        return self(*arguments, "--json", stdin=stdin).expect_success().json()


@pytest.fixture
def saas(partnercenter: Command) -> Saas:
    return Saas(partnercenter)


def writes(emulator: RunningEmulator) -> list[str]:
    """Requests since the log was cleared that may have changed something."""
    return [
        f"{request['method']} {request['path'].split('?')[0]}"
        for request in emulator.requests()
        if request["method"] in WRITES
    ]


def write_usage(path: Path, *events: tuple[str, str, object]) -> Path:
    """Write a CSV file of events of this hour in the plan `pro`: subscription, dimension, quantity."""
    lines = ["resource_id,dimension,quantity,effective_start_time,plan_id"]
    lines += [f"{id},{dimension},{quantity},{THIS_HOUR},pro" for id, dimension, quantity in events]
    path.write_text("\n".join(lines))
    return path


class TestSubscriptions:
    def test_a_purchase_is_resolved_activated_changed_and_cancelled(
        self, saas: Saas, marketplace: Marketplace
    ) -> None:
        purchase = marketplace.buy("basic", name="Fabrikam reports")
        id = purchase["subscription"]["id"]
        resolved = saas.json("resolve", stdin=purchase["landing_page"])
        assert (resolved["id"], resolved["plan_id"], resolved["status"]) == (
            id,
            "basic",
            "PendingFulfillmentStart",
        )
        assert saas.json("subscriptions", "activate", id, "--yes")["status"] == "Subscribed"
        changed = saas.json("subscriptions", "change-plan", id, "--plan", "pro", "--yes")
        assert (changed["action"], changed["status"]) == ("ChangePlan", "Succeeded")
        text = saas("subscriptions", "show", id).expect_success().out
        assert "pro" in text
        assert "dana@fabrikam.example" in text
        assert saas.json("subscriptions", "cancel", id, "--yes")["status"] == "Succeeded"
        assert marketplace.status(id) == "Unsubscribed"

    def test_a_list_is_chosen_by_offer_and_status(self, saas: Saas, marketplace: Marketplace) -> None:
        active, seats = marketplace.subscribe("basic"), marketplace.subscribe("team", quantity=3)
        marketplace.buy("basic")
        chosen = saas.json("subscriptions", "list", "--offer", "contoso-reports", "--status", "subscribed")
        assert [subscription["id"] for subscription in chosen["subscriptions"]] == [active]
        header, *lines = saas("subscriptions", "list").expect_success().out.splitlines()
        assert header.split()[:4] == ["ID", "STATUS", "OFFER", "PLAN"]
        assert len(lines) == 3
        (line,) = [line for line in lines if line.startswith(seats)]
        assert line.split()[1:5] == ["Subscribed", "contoso-seats", "team", "3"]

    @pytest.mark.soak
    def test_a_list_follows_every_page(self, saas: Saas, marketplace: Marketplace) -> None:
        marketplace.behave(page_size=2)
        bought = {marketplace.buy("basic")["subscription"]["id"] for _ in range(5)}
        listed = saas.json("subscriptions", "list")["subscriptions"]
        assert {subscription["id"] for subscription in listed} == bought

    def test_statuses_that_can_be_chosen_are_those_that_are_documented(self) -> None:
        assert sorted(STATUSES) == sorted(SubscriptionStatus)

    def test_plans_are_listed_with_prices_and_meters(self, saas: Saas, marketplace: Marketplace) -> None:
        out = saas("subscriptions", "plans", marketplace.subscribe("basic")).expect_success().out
        (line,) = [line for line in out.splitlines() if line.startswith("basic ")]
        assert "50 USD P1M, 500 USD P1Y" in line
        assert "reports 0.5 USD" in line

    def test_what_was_not_bought_is_not_activated(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace
    ) -> None:
        """The service does not compare the plan: this command does."""
        id = marketplace.buy("basic")["subscription"]["id"]
        emulator.clear()
        result = saas("subscriptions", "activate", id, "--plan", "pro", "--yes").expect_failure()
        assert "plan pro was not bought, but basic" in result.err
        assert writes(emulator) == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        "arguments",
        [["activate"], ["change-plan", "--plan", "basic"], ["cancel"]],
        ids=lambda arguments: arguments[0],
    )
    def test_repeating_a_change_that_is_made_succeeds_and_sends_nothing(
        self, arguments: list[str], emulator: RunningEmulator, saas: Saas, marketplace: Marketplace
    ) -> None:
        id = marketplace.subscribe("basic")
        if arguments == ["cancel"]:
            assert marketplace.call("DELETE", f"/{id}").status_code == 202
        before = emulator.state()["saasOperations"]
        command, *options = arguments
        result = saas("subscriptions", command, id, *options, "--yes").expect_success()
        assert "already" in result.out
        operations = emulator.state()["saasOperations"]
        assert [item["status"] for item in operations[len(before) :]] in ([], ["Succeeded"])

    def test_a_refused_change_names_the_command_that_lists_the_plans(
        self, saas: Saas, marketplace: Marketplace
    ) -> None:
        id = marketplace.subscribe("basic")
        result = saas("subscriptions", "change-plan", id, "--plan", "nonsense", "--yes").expect_failure()
        assert f"partnercenter saas subscriptions plans {id}" in result.err
        assert len(result.err.splitlines()) == 3


class TestConfirmation:
    @pytest.mark.sample(2)
    @pytest.mark.parametrize("arguments", CHANGES, ids=lambda arguments: arguments[1])
    def test_without_a_terminal_and_without_yes_nothing_is_sent(
        self, arguments: list[str], emulator: RunningEmulator, saas: Saas, marketplace: Marketplace
    ) -> None:
        id = marketplace.buy("basic")["subscription"]["id"]
        emulator.clear()
        command = [id if argument == "ID" else argument for argument in arguments]
        result = saas(*command, stdin="y\n").expect_failure(2)
        assert "--yes" in result.err
        assert writes(emulator) == []

    def test_usage_is_not_sent_without_a_terminal_and_without_yes(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace, tmp_path: Path
    ) -> None:
        file = write_usage(tmp_path / "usage.csv", (marketplace.subscribe("pro"), "reports", 1))
        emulator.clear()
        assert "--yes" in saas("usage", "send", "--file", file).expect_failure(2).err
        assert emulator.requests() == []

    @pytest.mark.sample(2)
    @pytest.mark.parametrize(
        ("keys", "code", "status"),
        [
            ("y\n", 0, "Subscribed"),
            ("\n", 1, "PendingFulfillmentStart"),
            ("\x04", 1, "PendingFulfillmentStart"),
        ],
        ids=["yes", "enter", "end of input"],
    )
    def test_the_answer_on_a_terminal_decides(
        self, keys: str, code: int, status: str, partnercenter: Command, marketplace: Marketplace
    ) -> None:
        id = marketplace.buy("basic", name="Fabrikam reports")["subscription"]["id"]
        result = partnercenter.run_on_terminal("saas", "subscriptions", "activate", id, keys=keys)
        assert result.code == code, result.out
        assert "Fabrikam reports: contoso-reports, plan basic" in result.out
        assert marketplace.status(id) == status

    def test_ctrl_c_while_the_question_is_written_is_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The screen has the question before the write of it has ended: who is fast, or a busy machine, hits that."""

        class Screen(io.StringIO):
            def flush(self) -> None:
                if self.getvalue().endswith("[y/N]: ") and not keyboard.tell():
                    signal.raise_signal(signal.SIGINT)

        keyboard = io.StringIO("\n")
        monkeypatch.setattr(keyboard, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", keyboard)
        monkeypatch.setattr(sys, "stderr", Screen())
        # Background jobs of a script, such as these tests on a server, ignore SIGINT.
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                confirm("Fabrikam", "Cancel it?", yes=False)
        finally:
            signal.signal(signal.SIGINT, handler)

    @pytest.mark.soak
    def test_ctrl_c_at_the_question_ends_with_130_and_sends_nothing(
        self, partnercenter: Command, marketplace: Marketplace
    ) -> None:
        id = marketplace.buy("basic")["subscription"]["id"]
        result = partnercenter.run_on_terminal("saas", "subscriptions", "cancel", id, interrupt_at="[y/N]")
        assert (result.code, result.out.split()[-1]) == (130, "interrupted")
        assert marketplace.status(id) == "PendingFulfillmentStart"


class TestOperations:
    def test_a_change_of_the_customer_is_listed_and_answered(self, tmp_path: Path) -> None:
        """The clock stands still: a busy machine may take longer than the ten seconds for an answer."""
        with serve(seed=1, now=lambda: 2e9) as emulator:
            marketplace = Marketplace(emulator)
            marketplace.sell()
            self.answer_a_change(marketplace, Saas(Command(emulator.url, tmp_path)))

    def answer_a_change(self, marketplace: Marketplace, saas: Saas) -> None:
        id = marketplace.subscribe("basic")
        operation = marketplace.control("change", {"subscription": id, "plan_id": "pro"})["id"]
        (listed,) = saas.json("operations", "list", id)["operations"]
        assert (listed["id"], listed["action"], listed["plan_id"]) == (operation, "ChangePlan", "pro")
        saas("operations", "update", id, operation, "--status", "failure").expect_success()
        shown = saas("operations", "show", id, operation).expect_success().out
        assert "Failed" in shown
        assert marketplace.read(id)["planId"] == "basic"

    def test_without_waiting_the_command_names_the_operation(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace
    ) -> None:
        marketplace.behave(delay_seconds=60)
        id = marketplace.subscribe("basic")
        result = saas(
            "subscriptions", "change-plan", id, "--plan", "pro", "--yes", "--no-wait"
        ).expect_success()
        (operation,) = emulator.state()["saasOperations"]
        assert f"partnercenter saas operations show {id} {operation['id']}" in result.out

    def test_the_end_of_the_longest_wait_is_an_error_that_names_the_operation(
        self,
        emulator: RunningEmulator,
        saas: Saas,
        marketplace: Marketplace,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The client counts its pauses as time, and here they take none."""

        async def skip(_wire: object, _seconds: float) -> None:
            return

        monkeypatch.setattr("pulumi_partnercenter.api.http.async_client.BlockingWire.sleep", skip)
        marketplace.behave(delay_seconds=3600)
        id = marketplace.subscribe("basic")
        result = saas("subscriptions", "cancel", id, "--yes", "--timeout", "9").expect_failure()
        (operation,) = emulator.state()["saasOperations"]
        assert f"partnercenter saas operations show {id} {operation['id']}" in result.err

    @pytest.mark.soak
    def test_an_interrupted_wait_ends_with_130_and_names_the_operation(
        self, partnercenter: Command, emulator: RunningEmulator, marketplace: Marketplace
    ) -> None:
        marketplace.behave(delay_seconds=3600)
        id = marketplace.subscribe("basic")
        emulator.clear()
        with partnercenter.start("saas", "subscriptions", "cancel", id, "--yes") as process:
            while not any("/operations/" in request["path"] for request in emulator.requests()):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=HANG_SECONDS)
        assert (process.returncode, out) == (130, "")
        assert f"partnercenter saas operations show {id} " in err
        assert err.splitlines()[-1] == "interrupted"


class TestResolve:
    @pytest.mark.sample(2)
    @pytest.mark.parametrize("form", ["address", "value", "decoded value"])
    def test_a_token_is_read_in_every_form_in_which_people_have_it(
        self, form: str, saas: Saas, marketplace: Marketplace
    ) -> None:
        purchase = marketplace.buy("basic")
        address = purchase["landing_page"]
        texts = {
            "address": address,
            "value": address.partition("token=")[2].partition("&")[0],
            "decoded value": purchase["token"],
        }
        out = saas("resolve", stdin=f"{texts[form]}\n").expect_success().out
        assert purchase["subscription"]["id"] in out
        assert "partnercenter saas subscriptions activate" in out

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        "text",
        [PLANTED, f"https://saas.contoso.example/landing?token={PLANTED}", f"{PLANTED}\nsecond line", ""],
        ids=["token", "address", "two lines", "nothing"],
    )
    def test_a_refused_token_is_never_printed(self, text: str, saas: Saas, marketplace: Marketplace) -> None:
        result = saas("resolve", stdin=text, PARTNERCENTER_LOG="debug").expect_failure()
        assert "planted" not in result.out + result.err
        assert "7f3a9c" not in result.out + result.err
        assert "next: " in result.err


class TestUsage:
    def test_the_result_of_each_event_of_a_file_is_printed(
        self, saas: Saas, marketplace: Marketplace, tmp_path: Path
    ) -> None:
        id = marketplace.subscribe("pro")
        file = write_usage(tmp_path / "usage.csv", (id, "reports", 37), (id, "nonsense", 2))
        result = saas("usage", "send", "--file", file, "--yes").expect_failure()
        _, accepted, refused = result.out.splitlines()
        assert accepted.split()[:2] == ["Accepted", id]
        assert refused.split()[:2] == ["InvalidDimension", id]

    def test_repeating_a_command_charges_nothing_twice(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace
    ) -> None:
        event = ["--subscription", marketplace.subscribe("pro"), "--plan", "pro", "--dimension", "reports"]
        event += ["--hour", THIS_HOUR, "--yes"]
        statuses = []
        for quantity, code in (("37", 0), ("37", 0), ("38", 1)):
            result = saas("usage", "send", *event, "--quantity", quantity, "--json")
            assert result.code == code, result.err
            statuses += [
                (item["status"], item["is_delivered"], item["accepted_quantity"])
                for item in result.json()["results"]
            ]
        assert statuses == [("Accepted", True, 37), ("Duplicate", True, 37), ("Duplicate", False, 37)]
        assert [event["quantity"] for event in emulator.state()["usageEvents"]] == [37]

    def test_a_file_is_sent_in_batches_and_an_outage_leaves_the_results_before_it(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace, tmp_path: Path
    ) -> None:
        ids = [marketplace.subscribe("pro") for _ in range(30)]
        file = write_usage(tmp_path / "usage.csv", *((id, "reports", 1) for id in ids))
        emulator.fault("POST /api/batchUsageEvent", status=400, body={"message": "Out of order"}, after=1)
        result = saas("usage", "send", "--file", file, "--yes").expect_failure()
        assert len(result.out.splitlines()) == 1 + 25
        assert "25 of 30 events were sent" in result.err
        assert "Out of order" in result.err
        assert len(saas.json("usage", "send", "--file", file, "--yes")["results"]) == 30
        assert len(emulator.state()["usageEvents"]) == 30

    @pytest.mark.sample(3)
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "has no event"),
            ("\x00\xff", "is no text in UTF-8"),
            ("resource_id,dimension\na", "line 2: has 1 cells, not 2"),
            (
                "dimension,quantity,effective_start_time\nreports,1,2026-05-18T08:00Z",
                "line 2: plan_id is required",
            ),
            ("{}", "line 1: dimension is required"),
            ("{", "line 1: is no JSON"),
            ('{"dimension": "reports"}\n\n[]', "line 3: is no JSON object"),
            ("{GOOD, QUANTITY: 0}", "line 1: quantity is a number above zero"),
            ('{GOOD, QUANTITY: "much"}', "line 1: quantity is a number: 'much'"),
            ('{GOOD, QUANTITY: "nan"}', "line 1: quantity is a number above zero"),
            ("{GOOD, QUANTITY: NaN}", "line 1: is no JSON"),
            ("{GOOD, QUANTITY: true}", "line 1: quantity is a number above zero"),
            ('{GOOD, "quantiy": 1}', "line 1: 'quantiy' is no member of a usage event"),
            ('{GOOD, "effectiveStartTime": "2026-05-18T08:00"}', "has no time zone"),
            ('{GOOD, "effectiveStartTime": "yesterday"}', "is no time such as"),
            ("{GOOD}\n{GOOD}", "line 2: has the resource, dimension and hour of line 1"),
        ],
        ids=lambda text: "" if "line" in text else None,
    )
    def test_a_file_that_breaks_a_rule_is_not_sent_at_all(
        self, text: str, problem: str, emulator: RunningEmulator, saas: Saas, tmp_path: Path
    ) -> None:
        good = '"resourceId": "a", "dimension": "b", "planId": "c", "quantity": 1'
        good += ', "effectiveStartTime": "2026-05-18T08:00Z"'
        text = text.replace("GOOD", good).replace("QUANTITY", '"quantity"')
        path = tmp_path / "usage"
        path.write_bytes(text.encode("latin-1"))
        result = saas("usage", "send", "--file", path, "--yes").expect_failure()
        assert problem in result.err
        assert result.err.startswith(f"error: {path}: ")
        assert len(result.err.splitlines()) <= 3
        assert emulator.requests() == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ([], "--dimension, --quantity, --hour, --plan"),
            (
                ["--dimension", "a", "--quantity", "1", "--plan", "b", "--hour", "2026-05-18T08:00Z"],
                "--subscription",
            ),
            (["--file", "-", "--plan", "b"], "leave out"),
        ],
    )
    def test_half_an_event_is_wrong_usage(self, arguments: list[str], problem: str, saas: Saas) -> None:
        assert problem in saas("usage", "send", *arguments, "--yes").expect_failure(2).err

    def test_what_was_sent_is_reconciled_with_what_the_service_has(
        self, emulator: RunningEmulator, saas: Saas, marketplace: Marketplace, tmp_path: Path
    ) -> None:
        first, second = marketplace.subscribe("pro"), marketplace.subscribe("pro")
        sent = write_usage(tmp_path / "sent.csv", (first, "reports", 37), (second, "reports", 5))
        saas("usage", "send", "--file", sent, "--yes").expect_success()
        first_states = {day["state"] for day in saas.json("usage", "reconcile", "--file", sent)["usage"]}
        # Accepted only if the day of THIS_HOUR has ended meanwhile.
        assert first_states in ({"pending"}, {"accepted"})
        emulator.advance(86400)
        assert {day["state"] for day in saas.json("usage", "reconcile", "--file", sent)["usage"]} == {
            "accepted"
        }
        other = write_usage(tmp_path / "other.csv", (first, "reports", 38), (second, "exports", 5))
        result = saas("usage", "reconcile", "--file", other, "--json").expect_failure()
        assert result.json()["ok"] is False
        states = {(day["resource"], day["dimension"]): day["state"] for day in result.json()["usage"]}
        assert states == {
            (first, "reports"): "different",
            (second, "exports"): "missing",
            (second, "reports"): "not in file",
        }
        assert len(saas.json("usage", "list", "--start", THIS_HOUR[:10])["usage"]) == 2
