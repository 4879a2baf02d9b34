"""The access token is in no state, no message and no log."""

from __future__ import annotations

import json

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.harness import Stack
from tests.resources.test_whole_programs import PRICED, changed

from pulumi_partnercenter import PartnerCenterError
from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT


@pytest.fixture
def token(emulator: RunningEmulator) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": "https://api.partner.microsoft.com/.default",
    }
    return str(emulator.client.post(f"/{TENANT}/oauth2/v2.0/token", data=form).json()["access_token"])


@pytest.mark.parametrize("log", ["", "debug"])
def test_the_token_is_in_no_state_message_or_log(
    log: str, token: str, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    config = {"partnercenter:endpoint": emulator.url, "partnercenter:accessToken": token}
    stack = Stack({**config, "partnercenter:log": log})
    stack.up(PRICED)
    stack.refresh()
    error_texts = []
    for status in (400, 401, 403, 404, 409, 412, 500):
        emulator.fault("listings", status=status, times=0, body={"message": f"Bearer {token}"})
        with pytest.raises(PartnerCenterError) as error:
            stack.up(changed(PRICED, "listing", title="Contoso Vault"))
        error_texts.append(f"{error.value} {error.value!r}")
        emulator.unfault()
    state = json.dumps([[record.inputs, record.outputs] for record in stack.state.values()])
    output = capfd.readouterr()
    for text in (state, output.out, output.err, *error_texts):
        assert token not in text
        assert token[-20:] not in text
    assert ("/v1.0/ingestion/products" in output.err) == bool(log)
