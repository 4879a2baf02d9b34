"""Attacks on the SaaS service: what strangers try with its webhook, its sign-in, and its pages.

    python -m tests.saas.attacks

plays all of them against a service and its emulated marketplace, and prints a table: attack, against what, the answer,
and whether it was let in. The last line is `let in: 0 of N`; one that was let in makes the exit code 1. The tests in
`test_attacks.py` play the same groups.

A group yields its results one by one. Where it can, it ends with the same request as its owner sends it: one that the
service refused to everybody would show nothing.
"""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from provider.tools.emulators import serve
from provider.tools.hangs import HANG_SECONDS
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import func, select
from tests.saas.deployment import Deployment, MovableClock, open_visitor
from tests.saas.notifications import act, issue, open_directory, post, serve_recording, settle, subscribe
from tests.saas.publisher import OPERATOR, READER, PublisherPages, add_everything, sign_in, subscription_id
from tests.saas.visitors import arrive, confirm, find_confirmation, read_form

from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.emulator.fulfillment.webhook_tokens import MARKETPLACE, VARIANTS
from pulumi_partnercenter.emulator.user_sign_in import ID_TOKENS
from pulumi_partnercenter.saas import sessions, tables, webhook
from pulumi_partnercenter.saas.cookies import COOKIES
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.languages import LANGUAGES

__all__ = ["GROUPS", "SETTINGS", "Result"]

ALEX = "alex@contoso.example"
DANA, LEE, ROBIN = "dana@fabrikam.example", "lee@fabrikam.example", "robin@example.com"
OTHER = "99999999-9999-4999-8999-999999999999"
ATTACKER = "https://attacker.example"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}%(x)s"
NAME = f"Fabrikam {HOSTILE}"
SETTINGS = {"PRODUCT_NAME": HOSTILE, "CONTACT_FIELDS": "Company size"}
"""Settings of a service that is attacked."""
PAGES = {"customer": "/account", "publisher": "/publisher/subscriptions"}
"""A page for which its audience has to sign in."""
LISTS = ("subscriptions", "webhooks", "jobs", "usage", "history")
SUBSCRIPTION = f"/subscriptions/{subscription_id(1)}"
SINGLE = (SUBSCRIPTION, "/webhooks/operation-1", "/jobs/1", "/usage/1")
ACTIONS: Mapping[str, Mapping[str, str]] = {
    f"{SUBSCRIPTION}/activate": {},
    f"{SUBSCRIPTION}/plan": {"plan_id": "pro", "former": "basic"},
    f"{SUBSCRIPTION}/quantity": {"quantity": "7", "former": "5"},
    f"{SUBSCRIPTION}/cancel": {"confirmed": "yes"},
    "/jobs/1/replay": {},
    "/usage/1/resend": {"way": "later"},
}
"""Forms of the publisher's pages, by their addresses."""
FORGERIES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "without its proof": ({"form_token": ""}, {}),
    "with a guessed proof": ({"form_token": "0" * 64}, {}),
    "from another site": ({}, {"origin": ATTACKER}),
    "from another site's frame": ({}, {"origin": "null", "sec-fetch-site": "cross-site"}),
}
"""Fields and headers of a form that another site sends in the victim's browser."""


@dataclass(frozen=True)
class Result:
    """What became of an attack."""

    attack: str
    against: str
    answer: str
    is_let_in: bool


def judge(
    attack: str, against: str, answer: httpx.Response, status: int, *, has_effect: bool = False
) -> Result:
    """Judge an attack that has to be refused with this status, and to have no effect."""
    return Result(attack, against, describe(answer), has_effect or answer.status_code != status)


def describe(answer: httpx.Response) -> str:
    assert answer.status_code != 429, "a limit answers in the place of the service"
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    if answer.is_redirect:
        address = urlsplit(answer.headers["location"])
        place = "the sign-in" if address.path.endswith("/authorize") else address.netloc + address.path
        return f"{answer.status_code} to {place}"
    text = html.unescape(heading[1]) if heading else answer.text.strip()
    return f"{answer.status_code} {' '.join(text.split())[:70]}"


def count(deployment: Deployment, table: type[tables.Base]) -> int:
    with deployment.service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# --- Webhook


def knock(
    deployment: Deployment, attack: str, payload: Any, status: int, token: str | None = None, **headers: str
) -> Result:
    """Send a notification that must be refused, and that must leave no row."""
    before = count(deployment, tables.Webhook)
    answer = post(deployment, payload, token, **headers)
    return judge(attack, "webhook", answer, status, has_effect=count(deployment, tables.Webhook) != before)


def build_notice() -> dict[str, str]:
    return {"id": OTHER, "subscriptionId": OTHER, "action": "Unsubscribe"}


def forge_tokens(deployment: Deployment) -> Iterator[Result]:
    """Tokens of webhooks, each with one fault."""
    for version in (1, 2):
        for variant in VARIANTS:
            if variant != "valid":
                token = issue(deployment, variant, version)
                yield knock(deployment, f"token of version {version}: {variant}", build_notice(), 401, token)
    yield from forge_headers(deployment)
    directory = open_directory(deployment)
    for changes in ODD_CLAIMS:
        token = directory.sign(change_claims(deployment, **changes))
        yield knock(deployment, f"token whose claims are {changes}", build_notice(), 401, token)
    nested = base64.urlsafe_b64encode(b"[" * 10_000).decode().rstrip("=")
    for text in ("x", "a.b", "a.b.c", "a.b.c.d", f"{nested}.x.x", "e30.e30.", "x" * 20_000):
        yield knock(deployment, f"token that is none: {text[:12]}", build_notice(), 401, text)
    valid = issue(deployment)
    for authorization in ("", "Basic YTpi", valid, f"Token {valid}"):
        attack = f"header Authorization: {authorization[:9] or 'empty'}"
        yield knock(deployment, attack, build_notice(), 401, "", Authorization=authorization)
    deployment.advance(seconds=3700)
    yield knock(deployment, "token that was valid an hour ago", build_notice(), 401, valid)
    assert post(deployment, build_notice()).is_success, "the marketplace's own token passes"


ODD_CLAIMS: tuple[dict[str, object], ...] = (
    {"aud": None},
    {"iss": None},
    {"exp": None},
    {"tid": None},
    {"azp": None},
    {"azp": None, "appid": CLIENT},
    {"azp": CLIENT, "appid": MARKETPLACE},
    {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0/"},
    {"iss": f"https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"},
    {"aud": [OTHER]},
    {"exp": "soon"},
    {"exp": True},
    {"exp": ["9999999999"]},
    {"nbf": "now"},
    {"tid": [TENANT]},
)


def change_claims(deployment: Deployment, **changes: object) -> dict[str, object]:
    """Claims of a valid token with other values; None leaves a claim out."""
    values = {**jwt.decode(issue(deployment), options={"verify_signature": False}), **changes}
    return {name: value for name, value in values.items() if value is not None}


def forge_headers(deployment: Deployment) -> Iterator[Result]:
    """Sign with a key of the attacker's, which a header names by a key id that exists, by addresses and by files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_id, claims = open_directory(deployment).key_id, change_claims(deployment)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    address = f"{deployment.url}/static/style.css"
    headers: dict[str, dict[str, Any]] = {
        "the marketplace's kid": {"kid": key_id},
        "a jwk of its own": {"kid": key_id, "jwk": public},
        "jku and x5u of its own": {"kid": key_id, "jku": address, "x5u": address},
        "a kid that is a file": {"kid": "../../../../dev/null"},
        "a kid that is SQL": {"kid": "' or 1=1 --"},
        "an empty kid": {"kid": ""},
        "a kid with a NUL": {"kid": f"{key_id}\u0000"},
        "a critical extension": {"crit": ["kid"], "kid": key_id},
    }
    for name, header in headers.items():
        token = jwt.encode(claims, key, "RS256", headers=header)
        yield knock(deployment, f"foreign key with {name}", build_notice(), 401, token)


NO_NOTIFICATIONS = (
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"5",
    b"[" * 50_000,
    b'{"subscriptionId": "x"}',
    b'{"action": "Renew"}',
    b'{"subscriptionId": "../x", "action": "Renew"}',
    b'{"subscriptionId": "x", "id": "a/../../b", "action": "Renew"}',
    b'{"subscriptionId": "%s", "action": "Renew"}' % (b"x" * 65),
    b'{"subscriptionId": "x", "action": "\\ud800"}',
    b"\xff\xfe",
)


def send_nonsense(deployment: Deployment) -> Iterator[Result]:
    """Bodies that are no notifications, from somebody with the marketplace's token."""
    for body in NO_NOTIFICATIONS:
        yield knock(deployment, f"body: {body[:40].decode(errors='replace') or 'empty'}", body, 400)
    yield knock(deployment, "body that is too large", b" " * (webhook.MOST_BYTES + 1), 400)
    fitting = {**build_notice(), "rest": "x" * (webhook.MOST_BYTES - 200)}
    assert len(json.dumps(fitting)) <= webhook.MOST_BYTES
    assert post(deployment, fitting).is_success, "the largest body passes"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    yield knock(deployment, "form instead of JSON", b"action=Unsubscribe&subscriptionId=x", 400, **form)


def forge_operations(deployment: Deployment) -> Iterator[Result]:
    """Notifications of somebody with the marketplace's token, about what did not happen, or happened before."""
    id, other = subscribe(deployment, quantity=10), subscribe(deployment, quantity=10)
    deployment.marketplace.control("change", {"subscription": other, "quantity": 12})
    [operation] = deployment.marketplace.list_operations(other)
    settle(deployment)
    change = {"subscriptionId": id, "planId": "company", "quantity": 50}
    cases = {
        "operation that does not exist": {**change, "id": OTHER, "action": "ChangeQuantity"},
        "operation of another subscription": {**change, "id": operation["id"], "action": "ChangeQuantity"},
        "change without an operation": {**change, "action": "ChangePlan"},
        "cancellation that did not happen": {**change, "id": OTHER, "action": "Unsubscribe"},
        "suspension that did not happen": {**change, "id": f"{OTHER[:-1]}1", "action": "Suspend"},
        "renewal of an unknown subscription": {
            "id": f"{OTHER[:-1]}2",
            "subscriptionId": OTHER,
            "action": "Renew",
        },
    }
    for name, payload in cases.items():
        yield pretend(deployment, id, name, payload)
    payload = act(deployment, "suspend", id)["payload"]
    settle(deployment)
    act(deployment, "reinstate", id)
    settle(deployment)
    yield pretend(deployment, id, "suspension that was sent before", payload)


def pretend(deployment: Deployment, id: str, attack: str, payload: Mapping[str, Any]) -> Result:
    """Send a notification five times; only what it changes counts."""

    def look() -> object:
        row = deployment.row(id)
        assert row is not None
        state = (row.status, row.plan_id, row.quantity, row.access)
        return state, deployment.history(id), count(deployment, tables.Subscription)

    before = look()
    answers = [post(deployment, payload) for _ in range(5)]
    settle(deployment)
    return Result(attack, "webhook", describe(answers[-1]), look() != before)


# --- Sign-in


def is_signed_in(visitor: httpx.Client, audience: str = "customer") -> bool:
    answer = visitor.get(PAGES[audience])
    return answer.status_code == 200 or answer.headers.get("location") == "/"


def begin_sign_in(visitor: httpx.Client, audience: str = "customer", **headers: str) -> str:
    """Return the address with which Entra ID sends the browser back."""
    authorize = visitor.get(PAGES[audience], headers=headers).headers["location"]
    return str(httpx.get(authorize, trust_env=False, timeout=HANG_SECONDS).headers["location"])


def forge_id_tokens(deployment: Deployment) -> Iterator[Result]:
    """ID tokens, each with one fault, for the pages of customers and of the publisher."""
    for audience, path in PAGES.items():
        for kind in ID_TOKENS:
            if kind == "valid" or (kind, audience) == ("other_tenant", "customer"):
                continue
            deployment.use_account(ALEX, token=kind)
            with open_visitor(deployment.url) as visitor:
                answer = visitor.get(path, follow_redirects=True)
                yield judge(
                    f"ID token: {kind}",
                    f"sign-in of a {audience}",
                    answer,
                    400,
                    has_effect=is_signed_in(visitor, audience),
                )
        deployment.use_account(ALEX)
        with open_visitor(deployment.url) as visitor:
            visitor.get(path, follow_redirects=True)
            assert is_signed_in(visitor, audience), "a valid ID token passes"


def steal_states(deployment: Deployment) -> Iterator[Result]:
    """Ways back from Entra ID that belong to somebody else, or to nobody."""
    against = "sign-in"
    deployment.use_account(LEE)
    with open_visitor(deployment.url) as attacker, open_visitor(deployment.url) as victim:
        callback = begin_sign_in(attacker)
        for name in ("a browser without a session", "a browser with a sign-in of its own"):
            answer = victim.get(callback)
            attack = f"state of another session, to {name}"
            yield judge(attack, against, answer, 400, has_effect=is_signed_in(victim))
        assert attacker.get(callback).status_code == 303, "its own session has it"
        yield judge("state that was used", against, attacker.get(callback), 400)
    for change in ("state=forged", "code=forged", "error=access_denied&error_description=no", ""):
        with open_visitor(deployment.url) as visitor:
            address, _, query = begin_sign_in(visitor).partition("?")
            values = {name: texts[0] for name, texts in parse_qs(query).items()}
            kept = "code" if change.startswith("state") else "state"
            changed = "&".join(filter(None, [f"{kept}={values[kept]}" if change else "", change]))
            answer = visitor.get(f"{address}?{changed}")
            attack = f"callback with {change or 'nothing'}"
            yield judge(attack, against, answer, 400, has_effect=is_signed_in(visitor))


def fix_sessions(deployment: Deployment) -> Iterator[Result]:
    """Ids of sessions that an attacker knows: planted before the sign-in, or of the other pages."""
    against, name = "session", COOKIES["customer"]
    deployment.use_account(DANA)
    planted = "planted-by-an-attacker"
    answer = httpx.get(
        f"{deployment.url}/account",
        headers={"cookie": f"{name}={planted}"},
        trust_env=False,
        timeout=HANG_SECONDS,
    )
    is_used = planted in answer.headers["set-cookie"] or sessions.digest(planted) in [
        row.id_hash for row in deployment.rows(tables.Session)
    ]
    yield Result("id that an attacker made up", against, describe(answer), is_used)
    with open_visitor(deployment.url) as attacker, open_visitor(deployment.url) as victim:
        begin_sign_in(attacker)
        headers = {"cookie": f"{name}={attacker.cookies[name]}"}
        done = victim.get(begin_sign_in(victim, **headers), headers=headers)
        assert done.status_code == 303, "the victim signs in with the attacker's session"
        answer = attacker.get("/account")
        attack = "id of the attacker's session, with which the victim signed in"
        yield Result(attack, against, describe(answer), is_signed_in(attacker))
        assert is_signed_in(victim), "the victim has another session"
        own = victim.cookies[name]
    crossed = {"cookie": f"{COOKIES['publisher']}={own}"}
    answer = httpx.get(
        f"{deployment.url}{PAGES['publisher']}", headers=crossed, trust_env=False, timeout=HANG_SECONDS
    )
    attack = "session of a customer, in the cookie of the publisher's pages"
    yield Result(attack, against, describe(answer), not answer.is_redirect)


REDIRECTS = (
    "//attacker.example/account",
    "/account?back=https://attacker.example/",
    "/account?language=//attacker.example",
    "/?next=//attacker.example",
    "/sign-out?next=//attacker.example",
    "/account//attacker.example",
    "/account/%2f%2fattacker.example",
    "/account/%5c%5cattacker.example?done=//attacker.example",
    "/landing/..%2f..%2f%2fattacker.example",
    "/publisher//attacker.example",
    "/publisher/subscriptions?after=//attacker.example",
    "/sign-in/customer/callback?state=//attacker.example&code=1",
)


def lead_astray(deployment: Deployment) -> Iterator[Result]:
    """Addresses that should lead to another site, before and after the sign-in."""
    deployment.use_account(ALEX)
    own = {urlsplit(url).netloc for url in (deployment.url, deployment.emulator.url)}
    for path in REDIRECTS:
        with open_visitor(deployment.url) as visitor:
            for when in ("before", "after"):
                request = visitor.build_request("GET", f"{deployment.url}{path}")
                answer = visitor.send(request)
                is_astray = False
                while answer.next_request is not None and not is_astray:
                    is_astray = answer.next_request.url.netloc.decode() not in own
                    answer = answer if is_astray else visitor.send(answer.next_request)
                is_astray |= "attacker.example" in answer.headers.get("refresh", "")
                yield Result(f"{path} {when} the sign-in", "redirects", describe(answer), is_astray)
                visitor.get(PAGES["customer"], follow_redirects=True)


# --- Forms


def forge_forms_of_customers(deployment: Deployment) -> Iterator[Result]:
    """Forms of other sites, in the browser of a customer who is signed in."""
    deployment.use_account(DANA)
    visitor = deployment.http
    purchase = deployment.marketplace.buy("team", quantity=5)
    id = purchase["subscription"]["id"]
    page = arrive(deployment, purchase)
    address, own = find_confirmation(page)

    def has_begun() -> bool:
        row = deployment.row(id)
        return row is None or row.access != tables.Access.NONE

    for name, answer in submit(visitor, address, own):
        yield judge(f"confirmation {name}", "landing page", answer, 403, has_effect=has_begun())
    assert confirm(deployment, page).status_code == 303
    assert has_begun(), "its own form passes"
    deployment.run_jobs()
    forms = {"change": {"quantity": "7"}, "cancel": {}, "retry": {}}
    for action, fields in forms.items():
        for name, answer in submit(visitor, f"/account/{id}/{action}", own | fields):
            has_effect = bool(deployment.rows(tables.Job, kind="change"))
            yield judge(f"{action} {name}", "account", answer, 403, has_effect=has_effect)
    for name, answer in submit(visitor, "/sign-out", own):
        yield judge(f"sign-out {name}", "account", answer, 403, has_effect=not is_signed_in(visitor))
    answer = visitor.post(f"/account/{id}/change", data=own | forms["change"])
    assert len(deployment.rows(tables.Job, kind="change")) == 1, answer.text


def submit(
    visitor: httpx.Client, address: str, fields: Mapping[str, str], **own: str
) -> Iterator[tuple[str, httpx.Response]]:
    """Send a form in every way in which another site can. `own` are headers of the victim's browser."""
    for name, (changes, headers) in FORGERIES.items():
        yield name, visitor.post(address, data={**fields, **changes}, headers={**own, **headers})


def forge_forms_of_operators(deployment: Deployment) -> Iterator[Result]:
    """Forms of other sites, in the browser of an operator, and forms with the proof of another session."""
    service, against = deployment.service, "publisher's pages"
    add_everything(service.database, status="Subscribed", plan_id="basic", quantity=5)
    with open_visitor(deployment.url) as visitor:
        cookie = sign_in(service, OPERATOR)
        operator = PublisherPages(visitor, service, cookie)
        stranger = PublisherPages(visitor, service, sign_in(service, OPERATOR, groups=("another session",)))
        own = {"form_token": operator.token("/subscriptions")}
        foreign = {"form_token": stranger.token("/subscriptions")}
        before = look_at_work(deployment)
        for path, fields in ACTIONS.items():
            action = path.rpartition("/")[2]
            answers = [*submit(visitor, f"/publisher{path}", own | fields, cookie=cookie)]
            answers.append(("with the proof of another session", operator.send(path, **foreign, **fields)))
            for name, answer in answers:
                has_effect = look_at_work(deployment) != before
                yield judge(f"{action} {name}", against, answer, 403, has_effect=has_effect)
            answer = operator.get(path, **fields)
            name = f"{action} by a link"
            yield Result(name, against, describe(answer), look_at_work(deployment) != before)
        assert operator.send("/jobs/1/replay", **own).status_code == 303
        assert look_at_work(deployment) != before, "its own form passes"


def look_at_work(deployment: Deployment) -> object:
    """What the actions of the publisher's pages change."""
    return (
        [(job.id, job.state) for job in deployment.rows(tables.Job)],
        [record.state for record in deployment.rows(tables.UsageRecord)],
        count(deployment, tables.HistoryEntry),
    )


# --- What belongs to others


def open_what_is_others(deployment: Deployment) -> Iterator[Result]:
    """Visits and accounts of a customer, for others who know their addresses."""
    deployment.use_account(DANA)
    waiting = deployment.marketplace.buy("basic")
    page = arrive(deployment, waiting)
    address, fields = find_confirmation(page)
    purchase = deployment.marketplace.buy("team", quantity=5)
    confirm(deployment, arrive(deployment, purchase))
    deployment.run_jobs()
    id = purchase["subscription"]["id"]

    def has_effect() -> bool:
        row = deployment.row(waiting["subscription"]["id"])
        is_begun = row is None or row.access != tables.Access.NONE
        return is_begun or bool(deployment.rows(tables.Job, kind="change"))

    with open_visitor(deployment.url) as other:
        yield judge("visit, without a session", "landing page", other.get(str(page.url)), 404)
    for account in (LEE, ROBIN):
        who = {LEE: "a colleague", ROBIN: "a stranger"}[account]
        deployment.use_account(account)
        with open_visitor(deployment.url) as other:
            other.get("/account", follow_redirects=True)
            assert is_signed_in(other)
            own = {"form_token": read_form(other.get("/"))[1]["form_token"]}
            yield judge(f"visit, as {who}", "landing page", other.get(str(page.url)), 404)
            proofs = (("the owner's proof", fields, 403), ("a proof of its own", fields | own, 404))
            for name, proof, status in proofs:
                answer = other.post(address, data=proof)
                attack = f"confirmation with {name}, as {who}"
                yield judge(attack, "landing page", answer, status, has_effect=has_effect())
            for path in ("", "/change", "/cancel"):
                yield judge(f"GET {path or '/'} as {who}", "account", other.get(f"/account/{id}{path}"), 404)
            for path in ("/retry", "/change", "/cancel"):
                answer = other.post(f"/account/{id}{path}", data=own | {"quantity": "7"})
                yield judge(f"POST {path} as {who}", "account", answer, 404, has_effect=has_effect())
            start = other.get("/")
            yield Result(f"start page as {who}", "account", describe(start), id in start.text)
    assert deployment.http.get(f"/account/{id}").is_success
    assert confirm(deployment, page).status_code == 303
    assert has_effect(), "its owner may"


def open_the_publishers_pages(deployment: Deployment) -> Iterator[Result]:
    """The publisher's pages, for customers, for employees without a role, and actions for readers."""
    service, against = deployment.service, "publisher's pages"
    secret = "Fabrikam Secret"
    add_everything(service.database, secret, status="Subscribed", plan_id="basic", quantity=5)
    before = look_at_work(deployment)
    pages = [*(f"/{name}{ending}" for name in LISTS for ending in ("", ".csv")), *SINGLE]
    customer = sign_in(service, OPERATOR, audience="customer")
    cookies = {
        "nobody": "",
        "a guessed session": f"{COOKIES['publisher']}=1",
        "a customer": customer,
        "a customer's session in the other cookie": customer.replace(
            COOKIES["customer"], COOKIES["publisher"]
        ),
        "an employee without a role": sign_in(service, "Subscriptions.Other", groups=("77777777",)),
    }
    with open_visitor(deployment.url) as visitor:
        for who, cookie in cookies.items():
            person = PublisherPages(visitor, service, cookie)
            for path in (*pages, *ACTIONS):
                answer = person.get(path)
                is_let_in = secret in answer.text or answer.is_success
                yield Result(f"GET {path} as {who}", against, describe(answer), is_let_in)
                visitor.cookies.clear()
        reader = PublisherPages(visitor, service, sign_in(service, READER))
        own = {"form_token": reader.token("/subscriptions")}
        for path, fields in ACTIONS.items():
            answer = reader.send(path, **own, **fields)
            has_effect = look_at_work(deployment) != before
            yield judge(f"POST {path} as a reader", against, answer, 403, has_effect=has_effect)
        assert secret in reader.get("/subscriptions").text, "a reader reads"


# --- Names that are code


def inject_names(deployment: Deployment) -> Iterator[Result]:
    """Names of people, products and purchases that are HTML or templates, on the customer's pages."""
    user = {
        "preferred_username": "h@fabrikam.example",
        "name": HOSTILE,
        "email": HOSTILE,
        "object_id": "55555555-5555-5555-5555-555555555558",
    }
    deployment.emulator.client.post("/_emulator/users", json=user).raise_for_status()
    deployment.use_account(user["preferred_username"])
    name = NAME
    identity = {"email": HOSTILE, "object_id": user["object_id"]}
    purchase = deployment.marketplace.buy("basic", name=name, beneficiary=identity, purchaser=identity)
    id, visitor = purchase["subscription"]["id"], deployment.http
    page = arrive(deployment, purchase)
    yield look_for_code("name of customer and purchase", "landing page", page, name)
    wrong = confirm(deployment, page, **{"contact-1": HOSTILE, "contact-2": name})
    yield look_for_code("contact that is refused", "landing page", wrong, name)
    kept = {"contact-1": "a@b.example", "contact-2": name}
    assert confirm(deployment, page, **kept).status_code == 303
    row = deployment.row(id)
    assert row is not None
    assert row.contact["Company size"] == name
    yield look_for_code("names, while it is set up", "account", visitor.get(f"/account/{id}"))
    deployment.run_jobs()
    for path in (f"/account/{id}", f"/account/{id}/change", f"/account/{id}/cancel", "/"):
        yield look_for_code(f"names, {path.replace(id, '…')}", "account", visitor.get(path))


def inject_rows(deployment: Deployment) -> Iterator[Result]:
    """Names in every row that the publisher's pages show, in every language."""
    service, name = deployment.service, NAME
    add_everything(service.database, name)
    with open_visitor(deployment.url) as browser:
        operator = PublisherPages(browser, service, sign_in(service, OPERATOR))
        for language in LANGUAGES:
            for path in (*(f"/{listed}" for listed in LISTS), *SINGLE, *ACTIONS):
                if path != "/jobs/1/replay":
                    answer = operator.get(path, language=language)
                    shown = "" if path == "/webhooks" else name
                    attack = f"names, {path} ({language})"
                    yield look_for_code(attack, "publisher's pages", answer, shown)
        queries = {"search": name, "status": name, "offer": name}
        yield look_for_code("search", "publisher's pages", operator.get("/subscriptions", **queries), name)


def look_for_code(attack: str, against: str, answer: httpx.Response, shown: str = "") -> Result:
    """Judge a page that shows hostile names, the one that is given among them: they are text."""
    assert (shown or HOSTILE) in html.unescape(answer.text), answer.text
    after = answer.text.partition("alert(2)")[2]
    is_code = any(sign in answer.text for sign in ("<script", "<img")) or "{{ 7 * 7 }}" not in after
    return Result(attack, against, describe(answer), is_code)


GROUPS: Mapping[str, Callable[[Deployment], Iterator[Result]]] = {
    function.__name__: function
    for function in (
        forge_tokens,
        send_nonsense,
        forge_operations,
        forge_id_tokens,
        steal_states,
        fix_sessions,
        lead_astray,
        forge_forms_of_customers,
        forge_forms_of_operators,
        open_what_is_others,
        open_the_publishers_pages,
        inject_names,
        inject_rows,
    )
}


def main() -> None:
    clock, results = MovableClock(), list[Result]()
    with tempfile.TemporaryDirectory() as folder, serve(now=clock) as emulator:
        for name, play in GROUPS.items():
            url = f"sqlite:///{Path(folder, name)}.db"
            database = Database(url)
            database.migrate()
            database.close()
            emulator.reset()
            clock.offset_seconds = 0.0
            with serve_recording(emulator, clock, url, **SETTINGS) as deployment:
                results += play(deployment)
    print_results(results)
    sys.exit(any(result.is_let_in for result in results))


def print_results(results: list[Result]) -> None:
    table = Table(title="Attacks on the SaaS service", title_justify="left")
    for column in ("attack", "against", "answer", "let in"):
        table.add_column(column, no_wrap=True)
    for result in results:
        values = (result.attack.replace(subscription_id(1), "…"), result.against, result.answer)
        table.add_row(*(escape(value) for value in values), "yes" if result.is_let_in else "no")
    (Console() if sys.stdout.isatty() else Console(width=170)).print(table)
    print(f"let in: {sum(result.is_let_in for result in results)} of {len(results)}")


if __name__ == "__main__":
    main()
