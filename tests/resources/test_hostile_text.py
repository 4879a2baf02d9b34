"""Any text in any argument of any resource: a preview refuses it with a message, or the service returns it unchanged.

Texts are placed at every string in the examples of the cards, at any depth, including names of members. A test checks
that the examples have every string of the models. Lone surrogates and the engine's own sentinels never reach a plugin:
constructors refuse them.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import RunningEmulator
from tests.resources import cards, samples
from tests.resources.card import SUBJECT, Card, missing_child_id
from tests.resources.harness import (
    CheckFailed,
    Declaration,
    Plugin,
    Record,
    Ref,
    Stack,
    kind_of,
    payload_of,
    referenced_names,
    resolve,
)
from tests.resources.mocked import register_program
from tests.resources.portal.portal_offers import LISTING as PORTAL_LISTING
from tests.resources.portal.portal_offers import PLANS as PORTAL_PLANS
from tests.resources.test_bad_input import MINIMAL

import pulumi_partnercenter
from pulumi_partnercenter import (
    AppRelease,
    CosellListing,
    InputError,
    LeadDestination,
    ListingDocument,
    ListingImage,
    ListingVideo,
    Offer,
    OfferListing,
    OfferProperties,
    OfferTechnicalConfiguration,
    Package,
    PartnerCenterError,
    Plan,
    PlanPackage,
    PlanPricing,
    Submission,
    SupplementalContent,
    portal,
)
from pulumi_partnercenter import TestDrive as Drive
from pulumi_partnercenter.kinds._rules import new_offer_id_problem, new_plan_id_problem
from pulumi_partnercenter.markers import Derived, Secret
from pulumi_partnercenter.model import Part, _hints, _is_marked, _parts_in

TEXTS = {
    "empty": "",
    "blanks": "  \t ",
    "blanks around": "  Contoso  ",
    "HTML with script": "<p onload='x()'>A<script>alert(1)</script></p>",
    "control characters": "".join(map(chr, [*range(1, 32), *range(127, 160)])),
    "NUL": "a\0b",
    "lines": "one\r\ntwo\rthree\n\u2028four\u2029\x85",
    "terminal": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "right to left": "Con\u202etoso\u2066\u200f\u061c",
    "zero width": "Con\u200b\u200dto\ufeffso\u00ad",
    "emoji": "👩‍🔧🏳️‍🌈\U0001f1e9\U0001f1ea",
    "combining": "Zo\u0308e\u0301" + "\u0335" * 60,
    "composed and not": "\u00e9e\u0301",
    "beyond": "\U0010ffff\ue000\ufffe",
    "long": "Contoso " * 12_500,
    "parent": "../../products",
    "dots": "..",
    "path": "/etc/passwd",
    "drive": "C:\\Windows\\win.ini",
    "address": "https://contoso.example.com/?a=b&c=<d>#e\u202e",
    "shell": "$(reboot) `reboot` ${HOME} %PATH%",
    "interpolation": "${offer.id} ${{ secrets.x }}",
    "format": "%s %n {} {0.__class__} {{x}}",
    "JSON": '{"a": [1, null], "__proto__": {}}',
    "YAML": "!!python/object/apply:os.system ['true']\n- &a [*a]",
    "filter": "' or 1 eq 1 or name eq '",
    "engine's own member": "__provider",
    "percent": "%2e%2e%2f%00",
    "number": "1e400",
    "null": "null",
}
COMBINED_TEXTS = {
    "steering": TEXTS["terminal"] + TEXTS["right to left"] + TEXTS["zero width"] + "\x01\x1f\x7f\x85\u2028",
    "letters": "👩\u200d🔧\U0001f1e9e\u0301\u00e9\U0010ffff\ue000",
    "shapes": "%s {x} ${y} <b>&amp;</b> '\"\\ ../.. %2e",
    **{name: TEXTS[name] for name in ("empty", "blanks around", "lines", "long", "JSON", "dots", "address")},
}
"""Texts that are sent to the emulator: every kind above, combined to save runs."""
WRONG_TYPES = [
    5,
    1.5,
    True,
    [],
    {},
    ["a"],
    {"a": {"b": ["c"]}},
    {"\x1b[31m\u202e" * 2000: 1},
    [["\x1b"]],
    {"": ""},
]
UNTRANSPORTABLE = [
    "a\ud83d",
    "\udc00",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "{04DA6B54-80E4-46F7-96EC-B56FF0331BA9}",
    "4dabf18193072939515e22adb298388d",
]
BYSTANDER = {
    "bystander": Declaration(
        Offer, {"offer_id": "fabrikam-bystander", "offer_type": "AzureApplication", "alias": "By"}
    ),
    "bystander-listing": Declaration(OfferListing, {"offer": Ref("bystander"), "title": "Stands by"}),
}
Steps = tuple[Any, ...]


CARDS = {
    f"{card.kind.__name__} {card.__name__}": card for card in cards.CARDS if card.__name__.startswith("Test")
}


def example(kind: Any, **arguments: Any) -> type[Card]:
    """Return a card for an example that no resource's card has, for previews only."""
    return type("Example", (Card,), {"kind": kind, "first": {**MINIMAL[kind], **arguments}})


GUID = "11111111-2222-4333-8444-555555555555"
WHO = [{"id": GUID, "description": "Fabrikam"}]
POLICY = {"name": "Tags", "definition": "/providers/tags", "parameters": "{}", "sku": "Free"}
CONNECTION = "AccountName=contoso;AccountKey=YWJj"
TABLE, BLOB = {"connection_string": CONNECTION}, {"connection_string": CONNECTION, "container": "leads"}
PREVIEWED = CARDS | {
    "Submission": example(Submission, notes="For the team", offer_type="AzureApplication"),
    "AppRelease": example(AppRelease, notes="For the team", version="1.0.0.0"),
    "package": example(Package, offer_type="AzureApplication"),
    "leads to a table": example(LeadDestination, https=None, azure_table=TABLE),
    "leads to blobs": example(LeadDestination, https=None, azure_blob=BLOB),
    "leads to Marketo": example(
        LeadDestination, https=None, marketo={"server_id": "a", "munchkin_account_id": "b", "form_id": "c"}
    ),
    "leads to Salesforce": example(LeadDestination, https=None, salesforce={"object_identifier": "a"}),
    "plan like another": example(Plan, reference_plan=f"{GUID}/{GUID}"),
    "document": example(ListingDocument, language="en-us", file_name="one.pdf"),
    "picture": example(ListingImage, language="en-us", file_name="one.png"),
    "video": example(ListingVideo, language="en-us"),
    "amendments": example(
        OfferProperties,
        uses_standard_contract=True,
        custom_amendments=[{"name": "Fabrikam", "terms": "Thirty days", "tenants": WHO}],
    ),
    "own terms": example(OfferProperties, terms_of_use="<p>Pay first.</p>"),
    "policies": example(
        PlanPackage,
        subtype="managed-application",
        tenant=GUID,
        authorizations=[{"principal": GUID, "role": "Owner"}],
        allowed_data_actions=["Contoso/read"],
        allows_customer_actions=True,
        policies=[POLICY],
        government_tenant=GUID,
        government_authorizations=[{"principal": GUID, "role": "Owner"}],
    ),
    "prices by time": example(
        PlanPricing,
        prices=[{"amount": 1, "starts_at": "2026-12-01T00:00:00Z", "ends_at": "2027-12-01T00:00:00Z"}],
        visibility="Private",
        subscriptions=WHO,
        tenants=WHO,
    ),
    "prices by use": example(
        PlanPricing, prices=[{"amount": 1, "per": "use", "units": [{"name": "sharedcore", "unit_type": "a"}]}]
    ),
    "regions": example(
        OfferTechnicalConfiguration,
        offer_type="AzureDynamics365ForCustomerEngagement",
        package_url="",
        regions=[{"region": "Emea", "configuration_url": "https://contoso.example.com"}],
    ),
    "sellers": example(CosellListing, segments=["Enterprise"]),
    "portal offer": example(
        portal.Offer,
        alias="Gateway",
        terms_of_use="Pay first.",
        listing={**PORTAL_LISTING, "logos": {"small": "https://contoso.example.com/small.png"}},
        lead_destination={"azure_table": TABLE},
        test_drive={"enabled": True, "description": "One hour."},
        plans=[
            {
                **PORTAL_PLANS[0],
                "subscriptions": WHO,
                "open_ports": [{"portRange": "443"}],
                "markets": ["DE"],
                "pricing": {"per_market": {"DE": {"1core": "1"}}, "currencies": {"DE": "USD"}},
                "images": {"1.0.0": {"os_disk": "https://contoso.example.com/one.vhd", "label": "One"}},
            }
        ],
    ),
    "certified": example(
        SupplementalContent,
        documents=[{"kind": "a", "file_name": "one.pdf", "source": samples.pdf("one.pdf", "one")}],
    ),
}


def text_paths(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Yield the paths of strings. A step that is a tuple with one element stands for the name of that member."""
    if isinstance(value, str):
        yield steps
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield (*steps, (name,))
            yield from text_paths(inner, (*steps, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from text_paths(inner, (*steps, number))


def replace_at(value: Any, steps: Steps, text: Any) -> Any:
    if not steps:
        return text
    step, *rest = steps
    if isinstance(step, tuple):
        return {text if name == step[0] else name: inner for name, inner in value.items()}
    if isinstance(value, list):
        return [
            replace_at(element, tuple(rest), text) if number == step else element
            for number, element in enumerate(value)
        ]
    return {**value, step: replace_at(value[step], tuple(rest), text)}


@cache
def examples(card: type[Card]) -> dict[str, Any]:
    """Return an example with many arguments: those of `second` if the rules allow them, otherwise of `first`."""
    model = kind_of(card.kind).arguments
    arguments = {name: value for name, value in card.first.items() if name not in model.marked(Derived)}
    for name, value in card.second.items():
        candidate = {**arguments, name: value}
        if (
            value
            and name not in model.marked(Derived)
            and not check_reasons(card, with_example_ids(card, candidate))
        ):
            arguments = candidate
    return arguments


@cache
def argument_paths(card: type[Card]) -> list[Steps]:
    """Return the paths of all strings, including references."""
    paths = text_paths(with_example_ids(card, examples(card)))
    return [steps for steps in paths if len(steps) > 1 or not isinstance(steps[0], tuple)]


def accepted_argument_paths(card: type[Card], text: Any) -> list[Steps]:
    """Return the paths where a preview accepts this text, without references, which would not exist."""
    arguments = examples(card)
    paths = [path for path in accepted_paths(card, text) if not list(referenced_names(arguments[path[0]]))]
    return [path for path in paths if path != ("offer_type",)]  # the emulator accepts only some types


def check_reasons(card: type[Card], arguments: Mapping[str, Any]) -> list[str]:
    """Return the failures of a preview; assert that each is printable, short and not empty."""
    try:
        Plugin({}).check(card.kind, {}, arguments)
    except CheckFailed as failure:
        for reason in failure.reasons:
            assert reason.isprintable(), reason
            assert len(reason) <= 4100
            assert reason
        return failure.reasons
    return []


def with_example_ids(card: type[Card], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Replace references by ids of nonexistent objects; references inside of other values are ids of packages."""
    ids = card.known_arguments()
    values = {
        name: ids.get(name, value) if isinstance(value, Ref) else value for name, value in arguments.items()
    }
    return {name: resolve(value, lambda ref: missing_child_id(ref.name)) for name, value in values.items()}


def accepted_paths(card: type[Card], text: Any) -> list[Steps]:
    """Return the paths where a preview accepts this text."""
    arguments = with_example_ids(card, examples(card))
    assert check_reasons(card, arguments) == []
    return [
        steps for steps in argument_paths(card) if not check_reasons(card, replace_at(arguments, steps, text))
    ]


def assert_lifecycle(
    card: type[Card], arguments: Mapping[str, Any], stack: Stack, emulator: RunningEmulator
) -> None:
    """Assert that the service keeps exactly these texts, and that another offer stays unchanged."""
    if card.kind is Drive:
        emulator.legacy_test_drive()
    program = {**BYSTANDER, **card.parents, SUBJECT: Declaration(card.kind, arguments)}
    stack.up({**BYSTANDER, **card.parents})
    before = bystander_documents(emulator, stack)
    stack.up(program)
    assert stack.refresh() == {}
    assert stack.up(program) == {}
    assert bystander_documents(emulator, stack) == before


def bystander_documents(emulator: RunningEmulator, stack: Stack) -> str:
    """Return the documents of the other offer."""
    product = stack.state["bystander"].id
    rows = [
        row
        for collection in emulator.state().values()
        for row in collection
        if product in (row.get("productID"), row.get("id"))
    ]
    return json.dumps(rows, sort_keys=True)


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", PREVIEWED)
def test_a_preview_refuses_a_text_or_keeps_it_canonical(name: str, offline: None) -> None:
    card = PREVIEWED[name]
    for label, text in TEXTS.items():
        paths = accepted_paths(card, text)
        assert not (paths and "\0" in text), label
        for steps in paths:
            given = replace_at(with_example_ids(card, examples(card)), steps, text)
            canonical = Plugin({}).check(card.kind, {}, given)
            respelled = {name: value for name, value in canonical.items() if name in {*given, "__provider"}}
            assert Plugin({}).check(card.kind, canonical, respelled) == canonical
            record = Record(card.kind, "a/b", canonical, {**canonical, "fingerprint": ""})
            # Resources with other outputs need a real state for `diff`.
            if kind_of(card.kind).computed() == ["fingerprint"]:
                assert not Plugin({}).diff(record, canonical).changes


@pytest.mark.sample(6)
@pytest.mark.parametrize("label", COMBINED_TEXTS)
@pytest.mark.parametrize("name", CARDS)
def test_a_text_accepted_by_a_preview_returns_unchanged_from_the_service(
    name: str, label: str, stack: Stack, emulator: RunningEmulator
) -> None:
    card, text = CARDS[name], COMBINED_TEXTS[label]
    arguments = examples(card)
    for steps in accepted_argument_paths(card, text):
        # The path no longer exists if the name of a member on it was replaced before.
        with contextlib.suppress(KeyError):
            candidate = replace_at(arguments, steps, text)
            # An empty address keeps the existing address.
            is_empty_address = not text and steps == ("https", "url")
            if not is_empty_address and not check_reasons(card, with_example_ids(card, candidate)):
                arguments = candidate
    assert_lifecycle(card, arguments, stack, emulator)


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", PREVIEWED)
def test_values_of_wrong_types_have_printable_messages(name: str, offline: None) -> None:
    card = PREVIEWED[name]
    arguments = with_example_ids(card, examples(card))
    for value in WRONG_TYPES:
        for steps in argument_paths(card):
            if not isinstance(steps[-1], tuple):
                check_reasons(card, replace_at(arguments, steps, value))


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", PREVIEWED)
def test_constructors_refuse_texts_that_the_engine_cannot_transport(name: str, offline: None) -> None:
    card = PREVIEWED[name]
    arguments = with_example_ids(card, examples(card)) | (
        {"publishes": []} if card.kind is Submission else {}
    )

    def program() -> None:
        for text in UNTRANSPORTABLE:
            # `publishes` takes no strings.
            for steps in [path for path in argument_paths(card) if path[0] != "publishes"]:
                invalid_arguments = replace_at(arguments, steps, text)
                with pytest.raises(pulumi.RunError) as refusal:
                    card.kind("hostile", **invalid_arguments)
                assert f"{card.kind.__name__} 'hostile': {steps[0]}: " in str(refusal.value)
                assert str(refusal.value).isprintable()
                assert kind_of(card.kind).arguments.problems(invalid_arguments) or text.isprintable()

    assert register_program(program) == {}


ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
NEW_ID_PROBLEMS: dict[Steps, Callable[[str], str]] = {
    ("offer_id",): new_offer_id_problem,
    ("plan_id",): new_plan_id_problem,
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", CARDS)
@given(data=st.data())
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # every example runs a whole lifecycle, so shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_texts_are_refused_or_return_unchanged_from_the_service(
    name: str, data: st.DataObject, stack: Stack, emulator: RunningEmulator
) -> None:
    emulator.reset()
    stack.forget()
    card = CARDS[name]
    arguments = examples(card)
    for steps in accepted_argument_paths(card, "x"):
        with contextlib.suppress(KeyError):
            text = data.draw(ANY)
            candidate = replace_at(arguments, steps, text)
            # `up` refuses some ids that a preview accepts: only existing offers and plans can have them.
            id_problem = NEW_ID_PROBLEMS[steps](text) if steps in NEW_ID_PROBLEMS else ""
            if not id_problem and not check_reasons(card, with_example_ids(card, candidate)):
                arguments = candidate
    assert_lifecycle(card, arguments, stack, emulator)


def text_members(part: type[Part]) -> Iterator[str]:
    """Yield the string members of a model, at any depth."""
    for member in [member for member in part.names() if not _is_marked(part, member, Derived)]:
        hint = _hints(part)[member]
        inner = [
            f"{member}.{inner_member}" for nested in _parts_in(hint) for inner_member in text_members(nested)
        ]
        yield from inner
        if not inner and "str" in str(hint):
            yield member


def test_the_examples_contain_every_text_member_of_every_model() -> None:
    members_by_kind: dict[Any, set[str]] = {}
    for card in PREVIEWED.values():
        members = (
            ".".join(str(step) for step in steps if isinstance(step, str)) for steps in argument_paths(card)
        )
        members_by_kind.setdefault(card.kind, set()).update(members)
    public_objects = [
        getattr(pulumi_partnercenter, public_name) for public_name in pulumi_partnercenter.__all__
    ]
    kinds = [
        public_object
        for public_object in public_objects
        if inspect.isclass(public_object)
        and issubclass(public_object, pulumi.Resource)
        and public_object is not pulumi_partnercenter.Resource
    ]
    missing_texts = {
        f"{kind.__name__}.{text_member}"
        for kind in kinds
        for text_member in text_members(kind_of(kind).arguments)
        if not any(
            member == text_member or member.startswith(f"{text_member}.")
            for member in members_by_kind.get(kind, ())
        )
    }
    assert missing_texts == set()


IDS = [
    "..",
    ".",
    "../..",
    "a/../b",
    "%2e%2e/%2e%2e",
    "a?b",
    "a#b/c",
    "a\\b",
    "a b",
    "\x1b[31m",
    "\u202e",
    "a\0",
    "a" * 100_000,
]


@pytest.mark.sample(12)
@pytest.mark.parametrize("id", IDS, ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("kind", MINIMAL)
def test_a_hostile_id_reaches_no_other_path(
    kind: Any, id: str, emulator: RunningEmulator, stack: Stack
) -> None:
    form = kind_of(kind).id_form
    with stack.operation() as plugin:
        provider = plugin.provider(payload_of(kind))
        for resource_id in (id, "/".join([id] * len(form.split("/")))):
            with pytest.raises(PartnerCenterError) as error:
                provider.read(resource_id, {})
            assert all(line.isprintable() for line in str(error.value).split("\n"))
            assert len(str(error.value)) < 5000
    assert all(
        ".." not in request["path"] and "%5C" not in request["path"] for request in emulator.requests()
    )
    if set(id) & set("?#\\ \x1b\u202e\0"):
        assert isinstance(error.value, InputError)
        assert emulator.requests() == []


@pytest.mark.parametrize("kind", MINIMAL)
def test_a_message_about_an_invalid_secret_does_not_show_it(kind: Any) -> None:
    for name in kind_of(kind).arguments.marked(Secret):
        for value in ("pl4nted-secret\0", ["pl4nted-secret", 5], {"connection_string": ["pl4nted-secret"]}):
            with pytest.raises(CheckFailed) as failure:
                Plugin({}).check(kind, {}, {**MINIMAL[kind], name: value})
            assert "pl4nted" not in str(failure.value)
