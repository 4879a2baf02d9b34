"""Templates of packages: problems, which the service refuses, and remarks, each as a sentence with its place."""

from __future__ import annotations

import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.package_files import create_folder, create_zip

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


def archive(template: Any = TEMPLATE, definition: Any = DEFINITION, **other_files: str) -> Archive:
    """Build a package of template and definition, as JSON or as text. None leaves the file out."""
    files = {"mainTemplate.json": template, "createUiDefinition.json": definition}
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in files.items()
        if value is not None
    } | other_files
    return package({"files": {name: {"text": text} for name, text in texts.items()}})


def outputs(*names: str) -> dict[str, Any]:
    return DEFINITION | {"parameters": {"outputs": dict.fromkeys(names, "[location()]")}}


def parameters(**definitions: dict[str, Any]) -> dict[str, Any]:
    return TEMPLATE | {"parameters": definitions}


def test_a_valid_package_has_no_problems_and_no_remarks() -> None:
    assert problems(archive()) == []
    assert remarks(archive()) == []


@pytest.mark.parametrize(
    "valid_archive",
    [
        archive(
            TEMPLATE
            | {"$schema": "http://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json"}
        ),
        archive(TEMPLATE | {"resources": {"usage": attribution()}, "languageVersion": "2.0"}),
        archive({name: value for name, value in TEMPLATE.items() if name != "parameters"}, outputs()),
        archive(TEMPLATE, DEFINITION | {"$schema": f"{SCHEMAS}/0.1.2-preview/createUIDefinition.json#"}),
        archive(TEMPLATE, DEFINITION | {"handler": "Microsoft.Compute.MultiVm"}),
        archive(TEMPLATE, outputs("LOCATION", "Size", "note")),
        archive(TEMPLATE, outputs("location", "managedIdentity", "jitAccessPolicy")),
        archive("\ufeff" + json.dumps(TEMPLATE)),
    ],
)
def test_variants_that_azure_accepts_are_no_problem(valid_archive: Archive) -> None:
    assert problems(valid_archive) == []


@pytest.mark.parametrize(
    ("template", "definition", "message"),
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
            "mainTemplate.json: contentVersion: is missing; it is a string such as 1.0.0.0",
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
def test_a_problem_of_a_template_is_one_sentence(template: Any, definition: Any, message: str) -> None:
    assert problems(archive(template, definition)) == [message]


def test_every_problem_and_remark_is_reported() -> None:
    sentences = problems(archive({}, {})) + remarks(archive({}, {}))
    assert [sentence.split(": ")[:2] for sentence in sentences] == [
        ["mainTemplate.json", "$schema"],
        ["mainTemplate.json", "contentVersion"],
        ["mainTemplate.json", "resources"],
        ["createUiDefinition.json", "$schema"],
        ["createUiDefinition.json", "handler"],
        ["createUiDefinition.json", "version"],
        ["createUiDefinition.json", "parameters.outputs"],
    ]


@pytest.mark.parametrize(
    ("template", "definition", "message"),
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
            "mainTemplate.json: contentVersion: should be a string such as 1.0.0.0",
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
            "createUiDefinition.json: version: should be a string such as 0.1.2-preview: null",
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
        ("[" * 100_000, DEFINITION, "mainTemplate.json: is nested too deeply to be checked here"),
    ],
)
def test_a_rule_of_azures_test_kit_alone_is_a_remark(template: Any, definition: Any, message: str) -> None:
    assert problems(archive(template, definition)) == []
    assert remarks(archive(template, definition)) == [message]


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


class TestExtendedJson:
    @pytest.mark.parametrize("commas", [("", ""), (",", ""), (", // one", ",  /* two */ ")])
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_comments_and_trailing_commas_in_a_template_are_a_remark(
        self, commas: tuple[str, str], line_end: str
    ) -> None:
        text = (COMMENTED % commas).replace("\n", line_end)
        commented = archive(text, outputs())
        assert problems(commented) == []
        (remark,) = remarks(commented)
        assert remark.startswith(
            "mainTemplate.json: has comments or trailing commas, first at line 1, column 1:"
        )
        assert commented.read("mainTemplate.json") == text.encode()
        with commented.zipped() as content, content.open() as stream, zipfile.ZipFile(stream) as zip_:
            assert zip_.read("mainTemplate.json") == text.encode()

    def test_comments_and_trailing_commas_in_a_definition_are_a_remark(self) -> None:
        commented = archive(TEMPLATE, json.dumps(DEFINITION)[:-1] + ",} // end")
        assert problems(commented) == []
        assert [remark.partition(",")[0] for remark in remarks(commented)] == [
            "createUiDefinition.json: has comments or trailing commas"
        ]

    def test_comment_signs_in_strings_are_no_comments(self) -> None:
        value = {"a": "https://x/*y*/ //", "b": '\\"', "c": ",}", "d": ",]", "e": "//"}
        plain = json.dumps(value)
        assert read_template_json(plain.encode()) == (value, [])
        parsed, json_remarks = read_template_json(f"/**/{plain}//".encode())
        assert (parsed, len(json_remarks)) == (value, 1)

    @pytest.mark.parametrize(
        ("text", "message"),
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
    def test_other_malformed_json_is_refused_with_its_position(self, text: str, message: str) -> None:
        with pytest.raises(ValueError) as error:
            read_template_json(text.encode())
        assert str(error.value) == message

    def test_strings_with_line_breaks_are_accepted(self) -> None:
        text = json.dumps(TEMPLATE | {"metadata": {"note": "one@two"}}).replace("@", "\n")
        assert problems(archive(text)) == remarks(archive(text)) == []

    def test_a_repeated_member_name_is_a_remark(self) -> None:
        repeated = archive('{"contentVersion": "1", ' + json.dumps(TEMPLATE)[1:])
        assert problems(repeated) == []
        assert remarks(repeated) == [
            "mainTemplate.json: has 'contentVersion' twice in one object: the last one counts"
        ]

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
    def test_an_encoding_other_than_utf_8_is_named(self, encoding: str, tmp_path: Path) -> None:
        files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        for mark, sentences in (("\ufeff", remarks), ("", problems)):
            data = (mark + json.dumps(TEMPLATE)).encode(encoding)
            path = create_folder(tmp_path / encoding, files | {"mainTemplate.json": data})
            (sentence,) = sentences(package(str(path)))
            assert encoding[:6].upper() in sentence
            assert "save it as UTF-8" in sentence
            assert (remarks if sentences is problems else problems)(package(str(path))) == []
            assert package(str(path)).read("mainTemplate.json") == data

    def test_a_template_in_another_encoding_is_checked(self, tmp_path: Path) -> None:
        files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        path = create_folder(tmp_path, files | {"mainTemplate.json": b"\xff\xfe" + "{}".encode("utf-16-le")})
        assert "mainTemplate.json: contentVersion: is missing" in str(problems(package(str(path))))

    def test_a_byte_order_mark_in_a_template_is_a_remark(self) -> None:
        (remark,) = remarks(archive("\ufeff" + json.dumps(TEMPLATE)))
        assert remark == (
            "mainTemplate.json: begins with a byte order mark, which not every reader skips; save it as UTF-8"
            " without one"
        )


class TestOtherFiles:
    def test_older_packages_in_a_package_are_a_remark(self, tmp_path: Path) -> None:
        inner = create_zip(tmp_path / "inner.zip", {"app/mainTemplate.json": b"{}"}).read_bytes()
        files = {"mainTemplate.json": json.dumps(TEMPLATE).encode()}
        files |= {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
        old = {"1.0.0.zip": b"", "old/v2.1.zip": b"", "backup.zip": inner, "packages/contoso.zip": inner}
        assert remarks(package(str(create_folder(tmp_path / "a", files | old)))) == [
            (
                "1.0.0.zip, backup.zip, old/v2.1.zip and 1 more: looks like an older package; customers get it with"
                " this one"
            )
        ]
        code = create_zip(tmp_path / "code.zip", {"index.js": b""}).read_bytes()
        other_zips = {"artifacts/function.zip": code, "artifacts/app-1.2.zip": code, "broken.zip": b"PK"}
        assert remarks(package(str(create_folder(tmp_path / "b", files | other_zips)))) == []

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
    def test_test_files_in_a_package_are_a_remark(self, name: str) -> None:
        assert remarks(archive(**{name: ""})) == [
            f"{name}: looks like a test; customers get it with the package"
        ]

    @pytest.mark.parametrize("name", ["latest.json", "scripts/attest.sh", "nested/webTest.json", "contest/a"])
    def test_files_whose_names_contain_test_are_no_remark(self, name: str) -> None:
        assert remarks(archive(**{name: ""})) == []

    @pytest.mark.parametrize(
        ("name", "right_name"),
        [
            ("azuredeploy.json", "mainTemplate.json"),
            ("main.json", "mainTemplate.json"),
            ("main.bicep", "mainTemplate.bicep"),
            ("azureDeploy.bicep", "mainTemplate.bicep"),
            ("MainTemplate.bicep", "mainTemplate.bicep"),
        ],
    )
    def test_a_template_under_another_name_is_reported_with_the_right_name(
        self, name: str, right_name: str
    ) -> None:
        assert problems(archive(None, **{name: "{}"})) == [
            f"mainTemplate.json: is missing; {name} has to be named {right_name}"
        ]

    def test_a_definition_in_another_case_is_reported_with_the_right_name(self) -> None:
        assert problems(archive(TEMPLATE, None, **{"createUIDefinition.json": "{}"})) == [
            (
                "createUiDefinition.json: must be at the root of the package under exactly this name: found"
                " createUIDefinition.json"
            )
        ]

    def test_entry_names_that_are_too_long_for_some_systems_are_a_remark(self) -> None:
        assert remarks(archive(**{"a/" * 600 + "b": ""})) == [
            f"{'a/' * 60}…: has 1201 characters, which not every system unpacks"
        ]


@pytest.mark.parametrize("name", ["package/mainTemplate.json", "MainTemplate.json", "a/b/maintemplate.JSON"])
def test_a_template_in_another_folder_or_case_is_named(name: str) -> None:
    assert problems(archive(None, **{name: "{}"})) == [
        f"mainTemplate.json: must be at the root of the package under exactly this name: found {name}"
    ]


def test_a_template_that_is_not_utf_8_is_reported_with_its_position(tmp_path: Path) -> None:
    files = {"createUiDefinition.json": json.dumps(DEFINITION).encode()}
    for data, position in [
        (b'{"a": "\xfc"}', "byte 7 is not"),
        (b"\xff\xfe{\x00}", "it begins as UTF-16, and byte 4 is not"),
    ]:
        path = create_folder(tmp_path / "a", files | {"mainTemplate.json": data})
        assert problems(package(str(path))) == [f"mainTemplate.json: must be UTF-8: {position}"]


def test_a_damaged_zip_entry_is_reported(tmp_path: Path) -> None:
    path = create_zip(tmp_path / "a.zip", {"mainTemplate.json": b'{"salt": 12345678}'}, method=0)
    path.write_bytes(path.read_bytes().replace(b"12345678", b"12345679"))
    assert problems(package(str(path)))[0].startswith("is a damaged zip: ")


def test_bicep_in_a_zip_is_reported_as_not_compiled(tmp_path: Path) -> None:
    files = {"mainTemplate.bicep": b"", "createUiDefinition.json": json.dumps(DEFINITION).encode()}
    assert problems(package(str(create_zip(tmp_path / "a.zip", files)))) == [
        "mainTemplate.json: is missing; mainTemplate.bicep is compiled only in a folder, not in a zip"
    ]


def test_bicep_beside_a_template_is_a_remark() -> None:
    assert remarks(archive(**{"mainTemplate.bicep": ""})) == [
        "mainTemplate.bicep: is not compiled, because mainTemplate.json exists; it is uploaded as it is"
    ]


def test_problems_can_always_be_encoded_as_utf_8() -> None:
    """JSON may contain lone surrogates, which UTF-8 cannot encode."""
    definition = '{"parameters": {"outputs": {"\\ud800": ""}}, "handler": "\\udc00", "$schema": "\\udc00"}'
    sentences = problems(archive(TEMPLATE, definition))
    assert (
        "createUiDefinition.json: parameters.outputs.\\ud800: is not a parameter of mainTemplate.json"
        in sentences
    )
    assert "\n".join(sentences).encode()


OTHER_DEPLOYMENT = attribution("network")
"""A deployment without a tracking id. Partner Center adds no id to a template with deployments."""
SITE = {"type": "Microsoft.Web/sites", "name": "site"}
VARIABLE_ID = {"variables": {"usage": f"pid-{GUID}-partnercenter"}}


class TestAttribution:
    @pytest.mark.parametrize(
        "resources",
        [
            [],
            {},
            [SITE],
            {"site": SITE},
            [attribution() | {"type": "Microsoft.Resources/deploymentScripts"}],
            {"other": OTHER_DEPLOYMENT | {"existing": True}},
            [None, 7, {"name": None}, {"properties": {"template": {"resources": 1}}}],
        ],
    )
    def test_a_template_without_deployments_needs_no_tracking_id(self, resources: Any) -> None:
        assert remarks(archive(TEMPLATE | {"resources": resources})) == []

    @pytest.mark.parametrize(
        "resources",
        [
            [OTHER_DEPLOYMENT, attribution()],
            {"other": OTHER_DEPLOYMENT, "usage": attribution()},
            [OTHER_DEPLOYMENT, attribution() | {"type": "microsoft.resources/DEPLOYMENTS"}],
            [OTHER_DEPLOYMENT, attribution(f"PID-{GUID}-PartnerCenter")],
            [OTHER_DEPLOYMENT, attribution("pid-contoso-myoffer-partnercenter")],
            [OTHER_DEPLOYMENT, attribution("pid-1234-partnercenter")],
            [OTHER_DEPLOYMENT, SITE | {"resources": [attribution()]}],
            [attribution(f"pid-{uuid.UUID(int=0)}-partnercenter"), attribution()],
        ],
    )
    def test_a_literal_tracking_id_is_accepted(self, resources: Any) -> None:
        assert remarks(archive(TEMPLATE | {"resources": resources})) == []

    @pytest.mark.parametrize(
        ("members", "reason"),
        [
            ({"resources": [attribution("[variables('usage')]")]}, "stands behind [variables('usage')]"),
            (
                {"resources": {"a": OTHER_DEPLOYMENT, "b": attribution("[Variables( 'usage' )]")}},
                "stands behind",
            ),
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
    def test_an_unreadable_tracking_id_is_a_remark_with_the_reason(self, members: Any, reason: str) -> None:
        unreadable = archive(TEMPLATE | VARIABLE_ID | {"parameters": {}} | members, outputs())
        assert problems(unreadable) == []
        (remark,) = remarks(unreadable)
        assert remark.startswith("mainTemplate.json: customer usage attribution: no usage is counted")
        assert reason in remark

    @pytest.mark.parametrize(
        "resources",
        [
            [OTHER_DEPLOYMENT],
            {"other": OTHER_DEPLOYMENT},
            [SITE | {"resources": [OTHER_DEPLOYMENT]}],
            [attribution(f"pid-{GUID}")],
            [attribution("[variables('other')]")],
            [attribution("[[concat('pid-a-partnercenter')]")],
            [attribution() | {"name": None}],
            [OTHER_DEPLOYMENT, SITE | {"name": f"pid-{GUID}-partnercenter"}],
        ],
    )
    def test_deployments_without_a_tracking_id_are_a_remark_with_a_snippet(self, resources: Any) -> None:
        template = TEMPLATE | {"resources": resources}
        assert problems(archive(template)) == []
        (remark,) = remarks(archive(template))
        reason, snippet = remark.split("add to its resources: ")
        assert reason.endswith("it has deployments, and none with the tracking id; ")
        deployment = json.loads(snippet)
        assert deployment["name"] == "pid-<id that Partner Center shows>-partnercenter"
        deployment["name"] = f"pid-{GUID}-partnercenter"
        assert remarks(archive(TEMPLATE | {"resources": [OTHER_DEPLOYMENT, deployment]})) == []


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
def test_any_json_gives_sentences_with_a_file_name(template: Any, definition: Any) -> None:
    for package_archive in (
        archive(json.dumps(template), json.dumps(definition)),
        archive(TEMPLATE | {"parameters": template}),
    ):
        sentences = problems(package_archive) + remarks(package_archive)
        assert all(
            sentence.startswith(("mainTemplate.json: ", "createUiDefinition.json: "))
            for sentence in sentences
        )
