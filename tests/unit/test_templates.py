"""Templates: what the service refuses in a package, what is only remarked, each in one sentence that says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.packed import folder, zipped

from pulumi_partnercenter.content.archives import Archive, package
from pulumi_partnercenter.content.templates import problems, remarks

GUID = "11111111-2222-4333-8444-555555555555"
SCHEMAS = "https://schema.management.azure.com/schemas"


def attribution(name: str = f"pid-{GUID}-partnercenter", template: Any = None) -> dict[str, Any]:
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": name,
        "properties": {"mode": "Incremental", "template": template or {"resources": []}},
    }


TEMPLATE: dict[str, Any] = {
    "$schema": f"{SCHEMAS}/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {
        "location": {"type": "string"},
        "size": {"type": "string", "defaultValue": "S"},
        "note": {"type": "string", "nullable": True},
    },
    "resources": [attribution()],
}
DEFINITION: dict[str, Any] = {
    "$schema": f"{SCHEMAS}/0.1.2-preview/CreateUIDefinition.MultiVm.json#",
    "handler": "Microsoft.Azure.CreateUIDef",
    "version": "0.1.2-preview",
    "parameters": {"basics": [], "steps": [], "outputs": {"location": "[location()]"}},
}


def archive(template: Any = TEMPLATE, definition: Any = DEFINITION, **more: str) -> Archive:
    """A package of these two, as JSON or as text; None leaves one out."""
    both = {"mainTemplate.json": template, "createUiDefinition.json": definition}
    texts = {n: v if isinstance(v, str) else json.dumps(v) for n, v in both.items() if v is not None} | more
    return package({"files": {name: {"text": text} for name, text in texts.items()}})


def outputs(*names: str) -> dict[str, Any]:
    return DEFINITION | {"parameters": {"outputs": dict.fromkeys(names, "[location()]")}}


def parameters(**each: dict[str, Any]) -> dict[str, Any]:
    return TEMPLATE | {"parameters": each}


def test_a_whole_package_has_nothing_to_tell() -> None:
    assert problems(archive()) == []
    assert remarks(archive()) == []


@pytest.mark.parametrize(
    "same",
    [
        archive(
            TEMPLATE
            | {"$schema": "http://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json"}
        ),
        archive(TEMPLATE | {"resources": {"usage": attribution()}, "languageVersion": "2.0"}),
        archive({k: v for k, v in TEMPLATE.items() if k != "parameters"}, outputs()),
        archive(TEMPLATE, DEFINITION | {"$schema": f"{SCHEMAS}/0.1.2-preview/createUIDefinition.json#"}),
        archive(TEMPLATE, DEFINITION | {"handler": "Microsoft.Compute.MultiVm"}),
        archive(TEMPLATE, outputs("LOCATION", "Size", "note")),
        archive(TEMPLATE, outputs("location", "managedIdentity", "jitAccessPolicy")),
        archive("\ufeff" + json.dumps(TEMPLATE)),
    ],
)
def test_what_azure_takes_for_the_same_is_taken(same: Archive) -> None:
    assert problems(same) == []


@pytest.mark.parametrize(
    ("template", "definition", "words"),
    [
        (None, DEFINITION, "mainTemplate.json: is missing; it must be at the root of the package"),
        (TEMPLATE, None, "createUiDefinition.json: is missing; it must be at the root of the package"),
        (
            '{"a": 1,\n "b" 2}',
            DEFINITION,
            "mainTemplate.json: must be JSON: Expecting ':' delimiter at line 2, column 6",
        ),
        ("", DEFINITION, "mainTemplate.json: must be JSON: Expecting value at line 1, column 1"),
        ('{"a": NaN}', DEFINITION, "mainTemplate.json: must be JSON: NaN is no JSON number"),
        ("[" * 100_000, DEFINITION, "mainTemplate.json: must be JSON that is not nested as deeply"),
        ("[]", DEFINITION, "mainTemplate.json: must be a JSON object"),
        (TEMPLATE, "7", "createUiDefinition.json: must be a JSON object"),
        (
            TEMPLATE | {"$schema": f"{SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"},
            DEFINITION,
            (
                f"mainTemplate.json: $schema: must be {SCHEMAS}/2019-04-01/deploymentTemplate.json#:"
                f' "{SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"'
            ),
        ),
        (
            TEMPLATE | {"contentVersion": 1},
            DEFINITION,
            "mainTemplate.json: contentVersion: must be a text such as 1.0.0.0",
        ),
        (
            TEMPLATE | {"resources": "none"},
            DEFINITION,
            "mainTemplate.json: resources: must be a list, or an object by symbolic names",
        ),
        (TEMPLATE | {"parameters": []}, DEFINITION, "mainTemplate.json: parameters: must be an object"),
        (
            TEMPLATE,
            DEFINITION | {"$schema": "https://example.com/schema.json"},
            (
                f"createUiDefinition.json: $schema: must be {SCHEMAS}/0.1.2-preview/"
                'CreateUIDefinition.MultiVm.json#: "https://example.com/schema.json"'
            ),
        ),
        (
            TEMPLATE,
            DEFINITION | {"handler": "Contoso.UI"},
            'createUiDefinition.json: handler: must be Microsoft.Azure.CreateUIDef: "Contoso.UI"',
        ),
        (
            TEMPLATE,
            DEFINITION | {"version": None},
            "createUiDefinition.json: version: must be a text such as 0.1.2-preview",
        ),
        (
            TEMPLATE,
            DEFINITION | {"parameters": {"basics": []}},
            "createUiDefinition.json: parameters.outputs: must be an object with a member for each parameter",
        ),
        (
            TEMPLATE,
            outputs("location", "sise"),
            "createUiDefinition.json: parameters.outputs.sise: is not a parameter of mainTemplate.json",
        ),
        (
            parameters(location={"type": "string"}, size={"type": "string"}),
            DEFINITION,
            (
                "mainTemplate.json: parameters.size: needs a defaultValue, or an output of that name in"
                " createUiDefinition.json"
            ),
        ),
    ],
)
def test_one_mistake_is_one_sentence(template: Any, definition: Any, words: str) -> None:
    assert problems(archive(template, definition)) == [words]


def test_every_mistake_is_told() -> None:
    found = problems(archive({}, {}))
    assert [each.split(": ")[:2] for each in found] == [
        ["mainTemplate.json", "$schema"],
        ["mainTemplate.json", "contentVersion"],
        ["mainTemplate.json", "resources"],
        ["createUiDefinition.json", "$schema"],
        ["createUiDefinition.json", "handler"],
        ["createUiDefinition.json", "version"],
        ["createUiDefinition.json", "parameters.outputs"],
    ]


@pytest.mark.parametrize("near", ["package/mainTemplate.json", "MainTemplate.json", "a/b/maintemplate.JSON"])
def test_a_near_miss_is_named(near: str) -> None:
    assert problems(archive(None, **{near: "{}"})) == [
        f"mainTemplate.json: must be at the root of the package under exactly this name: found {near}"
    ]


def test_other_encodings_are_told(tmp_path: Path) -> None:
    files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
    for data, at in [(json.dumps(TEMPLATE).encode("utf-16"), 0), (b'{"a": "\xfc"}', 7)]:
        path = folder(tmp_path / "a", files | {"mainTemplate.json": data})
        assert problems(package(str(path))) == [f"mainTemplate.json: must be UTF-8: byte {at} is not"]


def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"mainTemplate.json": b'{"salt": 12345678}'}, method=0)
    path.write_bytes(path.read_bytes().replace(b"12345678", b"12345679"))
    assert problems(package(str(path)))[0].startswith("is a damaged zip: ")


def test_bicep_in_a_zip_is_not_compiled_and_says_so(tmp_path: Path) -> None:
    files = {"mainTemplate.bicep": b"", "createUiDefinition.json": json.dumps(DEFINITION).encode()}
    assert problems(package(str(zipped(tmp_path / "a.zip", files)))) == [
        "mainTemplate.json: is missing; only in a folder, not in a zip, is mainTemplate.bicep compiled"
    ]


def test_bicep_beside_a_template_is_remarked() -> None:
    assert remarks(archive(**{"mainTemplate.bicep": ""})) == [
        "mainTemplate.bicep: is not compiled, because mainTemplate.json is there; it travels as it is"
    ]


def test_sentences_can_always_be_sent() -> None:
    """JSON may name characters that no UTF-8 can hold."""
    definition = '{"parameters": {"outputs": {"\\ud800": ""}}, "handler": "\\udc00", "$schema": "\\udc00"}'
    told = problems(archive(TEMPLATE, definition))
    assert (
        "createUiDefinition.json: parameters.outputs.\\ud800: is not a parameter of mainTemplate.json" in told
    )
    assert "\n".join(told).encode()


class TestAttribution:
    @pytest.mark.parametrize(
        "resources",
        [
            [attribution()],
            {"usage": attribution()},
            [attribution() | {"type": "microsoft.resources/DEPLOYMENTS"}],
            [attribution(f"PID-{GUID}-PartnerCenter")],
            [attribution(f"[concat('pid-{GUID}-partnercenter')]")],
            [attribution("[variables('usage')]")],
            [attribution("main", {"resources": [attribution()]})],
            [attribution("main", {"resources": [attribution("[variables('usage')]")]})],
            [
                attribution(
                    "main",
                    {
                        "variables": {"inner": f"pid-{GUID}-partnercenter"},
                        "resources": [attribution("[variables('inner')]")],
                    },
                )
            ],
            [attribution("main", {"resources": {"a": attribution("b", {"resources": [attribution()]})}})],
            [{"type": "Microsoft.Web/sites", "name": "site", "resources": [attribution()]}],
        ],
    )
    def test_is_found_wherever_it_is(self, resources: Any) -> None:
        template = TEMPLATE | {"resources": resources, "variables": {"usage": f"pid-{GUID}-partnercenter"}}
        assert remarks(archive(template)) == []

    @pytest.mark.parametrize(
        "resources",
        [
            [],
            {},
            [attribution(f"pid-{GUID}")],
            [attribution("pid-1234-partnercenter")],
            [attribution("[variables('other')]")],
            [attribution() | {"type": "Microsoft.Web/sites"}],
            [None, 7, {"name": None}, {"properties": {"template": {"resources": 1}}}],
        ],
    )
    def test_is_missed_with_what_to_add(self, resources: Any) -> None:
        template = TEMPLATE | {"resources": resources}
        assert problems(archive(template)) == []
        (remark,) = remarks(archive(template))
        said, snippet = remark.split("add to its resources: ")
        assert said.startswith("mainTemplate.json: has no customer-usage-attribution resource")
        added = json.loads(snippet)
        assert added["name"] == "pid-<GUID that Partner Center shows>-partnercenter"
        added["name"] = f"pid-{GUID}-partnercenter"
        assert remarks(archive(TEMPLATE | {"resources": [added]})) == []


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resources",
                    "properties",
                    "template",
                    "parameters",
                    "outputs",
                    "variables",
                    "$schema",
                    "type",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(template=ANY, definition=ANY)
def test_any_json_leads_to_sentences(template: Any, definition: Any) -> None:
    for each in (
        archive(json.dumps(template), json.dumps(definition)),
        archive(TEMPLATE | {"parameters": template}),
    ):
        told = problems(each) + remarks(each)
        assert all(
            sentence.startswith(("mainTemplate.json: ", "createUiDefinition.json: ")) for sentence in told
        )
