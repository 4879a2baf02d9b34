"""Sign-in of users at the emulator: authorization code with PKCE, ID tokens, refusals, forged tokens."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from provider.tools.emulators import RunningEmulator, in_process

CLIENT = "88888888-8888-8888-8888-888888888888"
FABRIKAM = "33333333-3333-3333-3333-333333333333"
CONTOSO = "11111111-1111-1111-1111-111111111111"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
DANA, ROBIN, ALEX = "dana@fabrikam.example", "robin@example.com", "alex@contoso.example"
ALEX_ID = "77777777-7777-7777-7777-777777777771"
CALLBACK = "https://saas.contoso.example/sign-in/customer/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
QUERY = {
    "client_id": CLIENT,
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile email",
    "state": "s t+a/t=e",
    "nonce": "a nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
FORM = {
    "grant_type": "authorization_code",
    "client_id": CLIENT,
    "client_secret": "landing page",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}


class Directory:
    """An emulator with an application for users."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator, self.http = emulator, emulator.client
        self.register()

    def register(self, **members: Any) -> None:
        application = {
            "client": CLIENT,
            "secret": "landing page",
            "redirect_uris": [CALLBACK],
            "sign_in_audience": "AzureADandPersonalMicrosoftAccount",
            **members,
        }
        self.http.post("/_emulator/applications", json=application).raise_for_status()

    def configure(self, **settings: Any) -> None:
        self.http.post("/_emulator/sign-in", json=settings).raise_for_status()

    def authorize(self, tenant: str = "common", **changes: str) -> httpx.Response:
        query = {name: value for name, value in {**QUERY, **changes}.items() if value}
        return self.http.get(f"/{tenant}/oauth2/v2.0/authorize", params=query)

    def choose(self, user: str, tenant: str = "common", **changes: str) -> dict[str, str]:
        """Press the button of a user, and return the query of the address that the browser is sent to."""
        page = self.authorize(tenant, **changes)
        assert page.status_code == 200, page.text
        buttons = dict(
            re.findall(r'<br>\s*<span dir="auto">([^<]+)</span>.*?value="([^"]+)"', page.text, re.DOTALL)
        )
        return read_redirect(self.http.post(str(page.url), data={"user": buttons[user]}))

    def redeem(self, code: str, tenant: str = "common", **changes: str) -> httpx.Response:
        form = {name: value for name, value in {**FORM, "code": code, **changes}.items() if value}
        return self.http.post(f"/{tenant}/oauth2/v2.0/token", data=form)

    def sign_in(self, user: str, **changes: str) -> str:
        """Return the ID token of a user."""
        self.configure(user=user)
        code = read_redirect(self.authorize(**changes))["code"]
        return str(self.redeem(code).raise_for_status().json()["id_token"])

    def read_claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the directory's keys verify."""
        (key,) = self.http.get("/common/discovery/v2.0/keys").json()["keys"]
        return jwt.decode(
            token,
            jwt.PyJWK(key).key,
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False},
        )


def read_redirect(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert address.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def directory() -> Iterator[Directory]:
    with in_process(seed=1) as emulator:
        yield Directory(emulator)


def test_a_chosen_user_gets_an_id_token_of_version_2(directory: Directory) -> None:
    answer = directory.choose(DANA)
    assert answer["state"] == QUERY["state"]
    tokens = directory.redeem(answer["code"]).json()
    claims = directory.read_claims(tokens["id_token"])
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"
    expected = {
        "aud": CLIENT,
        "iss": f"{directory.emulator.url}/{FABRIKAM}/v2.0",
        "tid": FABRIKAM,
        "nonce": QUERY["nonce"],
        "name": "Dana Fabrikam",
        "preferred_username": DANA,
        "email": DANA,
        "ver": "2.0",
    }
    assert {name: claims[name] for name in expected} == expected
    assert claims["exp"] - claims["iat"] == 3600
    assert "refresh_token" not in tokens
    assert "roles" not in claims


def test_claims_follow_the_scopes_and_the_applications_roles(directory: Directory) -> None:
    directory.register(user_roles={ALEX_ID: ["Subscriptions.Manage"]})
    claims = directory.read_claims(directory.sign_in(ALEX, scope="openid"))
    assert claims["roles"] == ["Subscriptions.Manage"]
    assert claims["tid"] == CONTOSO
    assert not {"name", "email", "preferred_username"} & set(claims)


def test_an_added_user_signs_in_with_its_groups(directory: Directory) -> None:
    group = "99999999-9999-9999-9999-999999999999"
    user = {"preferred_username": "new@fabrikam.example", "groups": [group]}
    directory.http.post("/_emulator/users", json=user).raise_for_status()
    claims = directory.read_claims(directory.sign_in("new@fabrikam.example"))
    assert claims["groups"] == [group]
    assert claims["tid"] == FABRIKAM
    assert [user["groups"] for user in directory.emulator.state()["users"]] == [[group]]
    directory.emulator.reset()
    assert directory.emulator.state()["users"] == []


@pytest.mark.parametrize(
    ("audience", "tenant", "users"),
    [
        ("AzureADandPersonalMicrosoftAccount", "common", {"fabrikam", "contoso", "reseller", "personal"}),
        ("AzureADandPersonalMicrosoftAccount", "organizations", {"fabrikam", "contoso", "reseller"}),
        ("AzureADandPersonalMicrosoftAccount", "consumers", {"personal"}),
        ("AzureADandPersonalMicrosoftAccount", FABRIKAM, {"fabrikam"}),
        ("AzureADMultipleOrgs", "common", {"fabrikam", "contoso", "reseller"}),
        ("AzureADMyOrg", CONTOSO, {"contoso"}),
    ],
)
def test_the_page_has_the_users_that_audience_and_tenant_admit(
    directory: Directory, audience: str, tenant: str, users: set[str]
) -> None:
    directory.register(sign_in_audience=audience)
    text = directory.authorize(tenant).text
    words = {
        "fabrikam": "dana@fabrikam",
        "contoso": "alex@contoso",
        "reseller": "orders@reseller",
        "personal": "robin@",
    }
    assert {name for name, word in words.items() if word in text} == users


@pytest.mark.parametrize(
    ("tenant", "changes", "number"),
    [
        ("common", {"redirect_uri": "https://attacker.example/callback"}, 50011),
        ("common", {"redirect_uri": f"{CALLBACK}/"}, 50011),
        ("common", {"redirect_uri": ""}, 900144),
        ("common", {"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
        ("common", {"scope": ""}, 900144),
    ],
)
def test_a_request_without_a_valid_redirect_address_gets_a_page(
    directory: Directory, tenant: str, changes: dict[str, str], number: int
) -> None:
    answer = directory.authorize(tenant, **changes)
    assert answer.status_code == 400
    assert f"AADSTS{number}:" in answer.text


def test_an_application_of_a_single_tenant_is_refused_elsewhere(directory: Directory) -> None:
    directory.register(sign_in_audience="AzureADMyOrg")
    assert "AADSTS50194" in directory.authorize("common").text
    assert "AADSTS700016" in directory.authorize(FABRIKAM).text
    directory.configure(user=DANA)
    assert "AADSTS50020" in read_redirect(directory.authorize(CONTOSO))["error_description"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "MD5"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_another_refusal_is_sent_to_the_application(
    directory: Directory, changes: dict[str, str], error: str
) -> None:
    answer = read_redirect(directory.authorize(**changes))
    assert answer["error"] == error
    assert answer["state"] == QUERY["state"]


def test_a_user_can_decline(directory: Directory) -> None:
    page = directory.authorize()
    answer = read_redirect(directory.http.post(str(page.url), data={"user": ""}))
    assert answer["error"] == "access_denied"
    assert "code" not in answer


def test_a_user_who_is_signed_in_sees_no_page_unless_the_application_asks_for_it(
    directory: Directory,
) -> None:
    directory.configure(user=ROBIN)
    assert "code" in read_redirect(directory.authorize())
    assert directory.authorize(prompt="select_account").status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "number"),
    [
        ({"code_verifier": "w" * 64}, 400, 501481),
        ({"code_verifier": ""}, 400, 501481),
        ({"redirect_uri": "https://saas.contoso.example/other"}, 400, 500112),
        ({"client_secret": "guessed"}, 401, 7000215),
        ({"code": "guessed"}, 400, 70000),
        ({"code": ""}, 400, 900144),
    ],
)
def test_a_code_is_redeemed_only_by_its_application_with_its_verifier(
    directory: Directory, changes: dict[str, str], status: int, number: int
) -> None:
    code = directory.choose(DANA)["code"]
    answer = directory.redeem(**{"code": code, **changes})
    assert (answer.status_code, answer.json()["error_codes"]) == (status, [number])
    assert directory.redeem(code).status_code == 200


def test_a_code_is_redeemed_once_and_in_time(directory: Directory) -> None:
    code = directory.choose(DANA)["code"]
    assert directory.redeem(code).status_code == 200
    assert directory.redeem(code).json()["error_codes"] == [54005]
    late = directory.choose(DANA)["code"]
    directory.emulator.advance(600)
    assert directory.redeem(late).json()["error_codes"] == [70008]


def test_a_code_of_another_application_is_refused(directory: Directory) -> None:
    other = "99999999-8888-8888-8888-888888888888"
    directory.register(client=other)
    code = directory.choose(DANA)["code"]
    assert directory.redeem(code, client_id=other).json()["error_codes"] == [70000]


def test_forged_tokens_break_a_rule_so_often_as_ordered(directory: Directory) -> None:
    directory.configure(token="wrong_audience", times=2)
    audiences = [
        jwt.decode(directory.sign_in(DANA), options={"verify_signature": False})["aud"] for _ in range(3)
    ]
    assert audiences.count(CLIENT) == 1
    assert audiences[2] == CLIENT


@pytest.mark.parametrize("kind", ["unsigned", "hs256", "unknown_key", "foreign_key"])
def test_forged_signatures_do_not_fit_the_directorys_key(directory: Directory, kind: str) -> None:
    directory.configure(token=kind)
    with pytest.raises((jwt.InvalidSignatureError, jwt.InvalidAlgorithmError)):
        directory.read_claims(directory.sign_in(DANA))


def test_tokens_of_users_open_no_api(directory: Directory) -> None:
    code = directory.choose(DANA)["code"]
    tokens = directory.redeem(code).json()
    for name in ("id_token", "access_token"):
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        assert directory.http.get("/v1.0/ingestion/products", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users", {}),
        ("users", []),
        ("users", {"preferred_username": 7}),
        ("users", {"preferred_username": "x", "tenant": "contoso"}),
        ("users", {"preferred_username": "x", "groups": ["admins"]}),
        ("users", {"preferred_username": "x", "colour": "blue"}),
        ("sign-in", []),
        ("sign-in", {"token": "golden"}),
        ("sign-in", {"user": "nobody@fabrikam.example"}),
        ("sign-in", {"times": -1}),
        ("sign-in", {"colour": "blue"}),
        ("applications", {"redirect_uris": ["http://saas.contoso.example/"]}),
        ("applications", {"redirect_uris": ["https://*.contoso.example/"]}),
        ("applications", {"redirect_uris": "https://saas.contoso.example/"}),
        ("applications", {"sign_in_audience": "everybody"}),
        ("applications", {"user_roles": {"alex": ["Subscriptions.Read"]}}),
        ("applications", {"user_roles": {ALEX_ID: "Subscriptions.Read"}}),
    ],
)
def test_bad_input_of_the_control_plane_is_refused(directory: Directory, path: str, body: object) -> None:
    answer = directory.http.post(f"/_emulator/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert directory.choose(DANA)["code"]


def test_names_of_users_and_applications_are_text_on_the_page(directory: Directory) -> None:
    user = {"preferred_username": "x", "name": "<script>alert(1)</script>"}
    directory.http.post("/_emulator/users", json=user).raise_for_status()
    page = directory.authorize()
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("form-action 'self' https://saas.contoso.example")
