"""Templates: what the service refuses in a package, what is only remarked, each in one sentence that says where."""

from __future__ import annotations

import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.packed import folder, zipped

from pulumi_partnercenter.content.archives import Archive, package
from pulumi_partnercenter.content.template_json import read_template_json
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
        ("[]", DEFINITION, "mainTemplate.json: must be a JSON object"),
        (TEMPLATE, "7", "createUiDefinition.json: must be a JSON object"),
        (
            {name: value for name, value in TEMPLATE.items() if name != "$schema"},
            DEFINITION,
            f"mainTemplate.json: $schema: is missing; it is {SCHEMAS}/2019-04-01/deploymentTemplate.json#",
        ),
        (
            {name: value for name, value in TEMPLATE.items() if name != "contentVersion"},
            DEFINITION,
            "mainTemplate.json: contentVersion: is missing; it is a text such as 1.0.0.0",
        ),
        (
            TEMPLATE | {"resources": "none"},
            DEFINITION,
            "mainTemplate.json: resources: must be a list, or an object by symbolic names",
        ),
        (TEMPLATE | {"parameters": []}, DEFINITION, "mainTemplate.json: parameters: must be an object"),
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
    found = problems(archive({}, {})) + remarks(archive({}, {}))
    assert [each.split(": ")[:2] for each in found] == [
        ["mainTemplate.json", "$schema"],
        ["mainTemplate.json", "contentVersion"],
        ["mainTemplate.json", "resources"],
        ["createUiDefinition.json", "$schema"],
        ["createUiDefinition.json", "handler"],
        ["createUiDefinition.json", "version"],
        ["createUiDefinition.json", "parameters.outputs"],
    ]


@pytest.mark.parametrize(
    ("template", "definition", "words"),
    [
        (
            TEMPLATE | {"$schema": f"{SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"},
            DEFINITION,
            (
                f"mainTemplate.json: $schema: should be {SCHEMAS}/2019-04-01/deploymentTemplate.json#:"
                f' "{SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"'
            ),
        ),
        (
            TEMPLATE | {"contentVersion": 1},
            DEFINITION,
            "mainTemplate.json: contentVersion: should be a text such as 1.0.0.0",
        ),
        (
            TEMPLATE,
            DEFINITION | {"$schema": "https://example.com/schema.json"},
            (
                f"createUiDefinition.json: $schema: should be {SCHEMAS}/0.1.2-preview/"
                'CreateUIDefinition.MultiVm.json#: "https://example.com/schema.json"'
            ),
        ),
        (
            TEMPLATE,
            {name: value for name, value in DEFINITION.items() if name != "$schema"},
            (
                f"createUiDefinition.json: $schema: should be {SCHEMAS}/0.1.2-preview/"
                "CreateUIDefinition.MultiVm.json#: null"
            ),
        ),
        (
            TEMPLATE,
            DEFINITION | {"handler": "Contoso.UI"},
            'createUiDefinition.json: handler: should be Microsoft.Azure.CreateUIDef: "Contoso.UI"',
        ),
        (
            TEMPLATE,
            DEFINITION | {"version": None},
            "createUiDefinition.json: version: should be a text such as 0.1.2-preview: null",
        ),
        (
            TEMPLATE,
            DEFINITION | {"version": "0.1.1-preview"},
            'createUiDefinition.json: version: should be 0.1.2-preview, as in its $schema: "0.1.1-preview"',
        ),
        (
            parameters(size={"type": "string", "defaultValue": "S"}),
            DEFINITION | {"parameters": {"basics": []}},
            "createUiDefinition.json: parameters.outputs: should be an object with a member for each parameter",
        ),
        ("[" * 100_000, DEFINITION, "mainTemplate.json: is nested too deeply to be judged here"),
    ],
)
def test_what_only_the_test_kit_wants_is_a_remark(template: Any, definition: Any, words: str) -> None:
    assert problems(archive(template, definition)) == []
    assert remarks(archive(template, definition)) == [words]


COMMENTED = """// what customers deploy
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", /* the
     newest */
  "contentVersion": "1.0.0.0",
  "variables": {
    "address": "https://contoso.example.com//a/*b*/", // "quoted" in a comment
    "backslash": "C:\\\\", "quote": "\\"//", "commas": ",} ,]"
  },
  "resources": [
    {"type": "Microsoft.Web/sites", "name": "[variables('address')]"}%s
  ]%s
}
/* the end */ // indeed"""


class TestBeyondPlainJson:
    @pytest.mark.parametrize("commas", [("", ""), (",", ""), (", // one", ",  /* two */ ")])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_comments_and_trailing_commas_are_a_remark(self, commas: tuple[str, str], end: str) -> None:
        text = (COMMENTED % commas).replace("\n", end)
        commented = archive(text, outputs())
        assert problems(commented) == []
        (remark,) = remarks(commented)
        assert remark.startswith(
            "mainTemplate.json: has comments or trailing commas, first at line 1, column 1:"
        )
        assert commented.read("mainTemplate.json") == text.encode()
        with commented.zipped() as content, content.open() as stream, zipfile.ZipFile(stream) as zip_:
            assert zip_.read("mainTemplate.json") == text.encode()

    def test_the_definition_may_have_them_too(self) -> None:
        commented = archive(TEMPLATE, json.dumps(DEFINITION)[:-1] + ",} // end")
        assert problems(commented) == []
        assert [each.partition(",")[0] for each in remarks(commented)] == [
            "createUiDefinition.json: has comments or trailing commas"
        ]

    def test_text_in_strings_is_neither(self) -> None:
        value = {"a": "https://x/*y*/ //", "b": '\\"', "c": ",}", "d": ",]", "e": "//"}
        plain = json.dumps(value)
        assert read_template_json(plain.encode()) == (value, [])
        read, told = read_template_json(f"/**/{plain}//".encode())
        assert (read, len(told)) == (value, 1)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('{"a": 1 // c\n "b": 2}', 'must be JSON: Expecting \',\' delimiter at "\\"b\\": 2}"'),
            ('{"a": /* c */', "must be JSON: Expecting value at its end"),
            ('{"a": 1 /* c }', "must be JSON: Expecting ',' delimiter at line 1, column 9"),
            ('{"a": 1 / 2}', "must be JSON: Expecting ',' delimiter at line 1, column 9"),
            (
                "{'a': 1}",
                "must be JSON: Expecting property name enclosed in double quotes at line 1, column 2",
            ),
            ("[1,,2]", "must be JSON: Expecting value at line 1, column 4"),
            ('{"a": 1} # c', "must be JSON: Extra data at line 1, column 10"),
        ],
    )
    def test_what_is_neither_is_refused_where_it_is(self, text: str, words: str) -> None:
        with pytest.raises(ValueError) as refused:
            read_template_json(text.encode())
        assert str(refused.value) == words

    def test_texts_of_several_lines_are_taken(self) -> None:
        text = json.dumps(TEMPLATE | {"metadata": {"note": "one@two"}}).replace("@", "\n")
        assert problems(archive(text)) == remarks(archive(text)) == []

    def test_a_name_that_comes_twice_is_a_remark(self) -> None:
        twice = archive('{"contentVersion": "1", ' + json.dumps(TEMPLATE)[1:])
        assert problems(twice) == []
        assert remarks(twice) == [
            "mainTemplate.json: has 'contentVersion' twice in one object: the last one counts"
        ]

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
    def test_another_encoding_is_named(self, encoding: str, tmp_path: Path) -> None:
        files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        for mark, sentences in (("\ufeff", remarks), ("", problems)):
            data = (mark + json.dumps(TEMPLATE)).encode(encoding)
            path = folder(tmp_path / encoding, files | {"mainTemplate.json": data})
            (sentence,) = sentences(package(str(path)))
            assert encoding[:6].upper() in sentence
            assert "save it as UTF-8" in sentence
            assert (remarks if sentences is problems else problems)(package(str(path))) == []
            assert package(str(path)).read("mainTemplate.json") == data

    def test_what_another_encoding_holds_is_judged(self, tmp_path: Path) -> None:
        files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        path = folder(tmp_path, files | {"mainTemplate.json": b"\xff\xfe" + "{}".encode("utf-16-le")})
        assert "mainTemplate.json: contentVersion: is missing" in str(problems(package(str(path))))

    def test_a_byte_order_mark_is_a_remark(self) -> None:
        (remark,) = remarks(archive("\ufeff" + json.dumps(TEMPLATE)))
        assert remark == (
            "mainTemplate.json: begins with a byte order mark, which not every reader skips; save it as UTF-8"
            " without one"
        )


class TestFilesBeside:
    def test_older_packages_are_remarked(self, tmp_path: Path) -> None:
        inner = zipped(tmp_path / "inner.zip", {"app/mainTemplate.json": b"{}"}).read_bytes()
        files = {"mainTemplate.json": json.dumps(TEMPLATE).encode()}
        files |= {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        old = {"1.0.0.zip": b"", "old/v2.1.zip": b"", "backup.zip": inner, "packages/contoso.zip": inner}
        assert remarks(package(str(folder(tmp_path / "a", files | old)))) == [
            (
                "1.0.0.zip, backup.zip, old/v2.1.zip and 1 more: looks like an older package; customers get it with"
                " this one"
            )
        ]
        code = zipped(tmp_path / "code.zip", {"index.js": b""}).read_bytes()
        fine = {"artifacts/function.zip": code, "artifacts/app-1.2.zip": code, "broken.zip": b"PK"}
        assert remarks(package(str(folder(tmp_path / "b", files | fine)))) == []

    @pytest.mark.parametrize(
        "name",
        [
            "tests/run.ps1",
            "a/Test/a.json",
            "main.test.json",
            "Contoso.Tests.ps1",
            "test.json",
            "test_main.py",
        ],
    )
    def test_tests_are_remarked(self, name: str) -> None:
        assert remarks(archive(**{name: ""})) == [
            f"{name}: looks like a test; customers get it with the package"
        ]

    @pytest.mark.parametrize("name", ["latest.json", "scripts/attest.sh", "nested/webTest.json", "contest/a"])
    def test_what_only_sounds_like_one_is_not(self, name: str) -> None:
        assert remarks(archive(**{name: ""})) == []

    @pytest.mark.parametrize(
        ("name", "right"),
        [
            ("azuredeploy.json", "mainTemplate.json"),
            ("main.json", "mainTemplate.json"),
            ("main.bicep", "mainTemplate.bicep"),
            ("azureDeploy.bicep", "mainTemplate.bicep"),
            ("MainTemplate.bicep", "mainTemplate.bicep"),
        ],
    )
    def test_another_name_of_the_template_is_told_the_right_one(self, name: str, right: str) -> None:
        assert problems(archive(None, **{name: "{}"})) == [
            f"mainTemplate.json: is missing; {name} has to be named {right}"
        ]

    def test_another_spelling_of_the_definition_is_told_the_right_one(self) -> None:
        assert problems(archive(TEMPLATE, None, **{"createUIDefinition.json": "{}"})) == [
            (
                "createUiDefinition.json: must be at the root of the package under exactly this name: found"
                " createUIDefinition.json"
            )
        ]

    def test_names_that_not_every_system_unpacks_are_remarked(self) -> None:
        assert remarks(archive(**{"a/" * 600 + "b": ""})) == [
            f"{'a/' * 60}…: has 1201 characters, which not every system unpacks"
        ]


@pytest.mark.parametrize("near", ["package/mainTemplate.json", "MainTemplate.json", "a/b/maintemplate.JSON"])
def test_a_near_miss_is_named(near: str) -> None:
    assert problems(archive(None, **{near: "{}"})) == [
        f"mainTemplate.json: must be at the root of the package under exactly this name: found {near}"
    ]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
    for data, words in [
        (b'{"a": "\xfc"}', "byte 7 is not"),
        (b"\xff\xfe{\x00}", "it begins as UTF-16, and byte 4 is not"),
    ]:
        path = folder(tmp_path / "a", files | {"mainTemplate.json": data})
        assert problems(package(str(path))) == [f"mainTemplate.json: must be UTF-8: {words}"]


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


OTHER = attribution("network")
"""A deployment that counts no usage: with it, Partner Center adds no tracking id."""
SITE = {"type": "Microsoft.Web/sites", "name": "site"}
BEHIND = {"variables": {"usage": f"pid-{GUID}-partnercenter"}}


class TestAttribution:
    @pytest.mark.parametrize(
        "resources",
        [
            [],
            {},
            [SITE],
            {"site": SITE},
            [attribution() | {"type": "Microsoft.Resources/deploymentScripts"}],
            {"other": OTHER | {"existing": True}},
            [None, 7, {"name": None}, {"properties": {"template": {"resources": 1}}}],
        ],
    )
    def test_partner_center_adds_it_where_nothing_is_deployed_otherwise(self, resources: Any) -> None:
        assert remarks(archive(TEMPLATE | {"resources": resources})) == []

    @pytest.mark.parametrize(
        "resources",
        [
            [OTHER, attribution()],
            {"other": OTHER, "usage": attribution()},
            [OTHER, attribution() | {"type": "microsoft.resources/DEPLOYMENTS"}],
            [OTHER, attribution(f"PID-{GUID}-PartnerCenter")],
            [OTHER, attribution("pid-contoso-myoffer-partnercenter")],
            [OTHER, attribution("pid-1234-partnercenter")],
            [OTHER, SITE | {"resources": [attribution()]}],
            [attribution(f"pid-{uuid.UUID(int=0)}-partnercenter"), attribution()],
        ],
    )
    def test_a_literal_name_is_enough(self, resources: Any) -> None:
        assert remarks(archive(TEMPLATE | {"resources": resources})) == []

    @pytest.mark.parametrize(
        ("members", "words"),
        [
            ({"resources": [attribution("[variables('usage')]")]}, "stands behind [variables('usage')]"),
            ({"resources": {"a": OTHER, "b": attribution("[Variables( 'usage' )]")}}, "stands behind"),
            ({"resources": [attribution(f"[concat('pid-{GUID}-partnercenter')]")]}, "stands behind"),
            (
                {
                    "parameters": {"id": {"type": "string", "defaultValue": "pid-a-partnercenter"}},
                    "resources": [attribution("[parameters('id')]")],
                },
                "stands behind [parameters('id')]",
            ),
            (
                {"resources": [attribution("main", {"resources": [attribution()]})]},
                "only in a nested template",
            ),
            (
                {
                    "resources": {
                        "a": attribution(
                            "b", {"resources": {"c": attribution("d", {"resources": [attribution()]})}}
                        )
                    }
                },
                "only in a nested template",
            ),
            (
                {"resources": [attribution(f"pid-{uuid.UUID(int=0)}-partnercenter")]},
                f"pid-{uuid.UUID(int=0)}-partnercenter is no tracking id",
            ),
        ],
    )
    def test_an_id_that_is_not_read_is_remarked_with_why(self, members: Any, words: str) -> None:
        unread = archive(TEMPLATE | BEHIND | {"parameters": {}} | members, outputs())
        assert problems(unread) == []
        (remark,) = remarks(unread)
        assert remark.startswith("mainTemplate.json: customer usage attribution: no usage is counted")
        assert words in remark

    @pytest.mark.parametrize(
        "resources",
        [
            [OTHER],
            {"other": OTHER},
            [SITE | {"resources": [OTHER]}],
            [attribution(f"pid-{GUID}")],
            [attribution("[variables('other')]")],
            [attribution("[[concat('pid-a-partnercenter')]")],
            [attribution() | {"name": None}],
            [OTHER, SITE | {"name": f"pid-{GUID}-partnercenter"}],
        ],
    )
    def test_other_deployments_alone_are_remarked_with_what_to_add(self, resources: Any) -> None:
        template = TEMPLATE | {"resources": resources}
        assert problems(archive(template)) == []
        (remark,) = remarks(archive(template))
        said, snippet = remark.split("add to its resources: ")
        assert said.endswith("it has deployments, and none with the tracking id; ")
        added = json.loads(snippet)
        assert added["name"] == "pid-<id that Partner Center shows>-partnercenter"
        added["name"] = f"pid-{GUID}-partnercenter"
        assert remarks(archive(TEMPLATE | {"resources": [OTHER, added]})) == []


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


@settings(deadline=None)
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
