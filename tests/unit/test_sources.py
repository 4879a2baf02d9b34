"""Sources: the canonical form of paths and assets, and the identity of files, which is their bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_partnercenter.content import listing_documents, sources
from pulumi_partnercenter.content.sources import CHUNK, Source, file_content
from pulumi_partnercenter.hosts.dynamic import value_from_engine
from pulumi_partnercenter.markers import Meaning
from pulumi_partnercenter.model import Arguments
from pulumi_partnercenter.values import UNKNOWN

PROVIDER = Path(__file__).parents[2] / "provider"


def plain(source: Any) -> Source:
    """Return the form in which state holds a path or an asset."""
    return sources.plain(value_from_engine(source))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""State holds no NUL characters and no lone surrogates."""
PATHS = TEXTS.filter(bool)
ASSETS = PATHS.map(pulumi.FileAsset) | TEXTS.map(pulumi.StringAsset)
ARCHIVES = st.recursive(
    st.sampled_from(["web", "./web/", "C:\\web"]).map(pulumi.FileArchive),
    lambda inner: st.dictionaries(TEXTS, ASSETS | inner).map(pulumi.AssetArchive),
)


@given(PATHS)
def test_the_plain_form_of_a_path_is_the_path(path: str) -> None:
    assert plain(path) == plain(pulumi.FileAsset(path)) == plain(pulumi.FileArchive(path)) == path


@given(ASSETS | ARCHIVES)
def test_the_plain_form_of_a_plain_form_is_itself(source: Any) -> None:
    assert plain(plain(source)) == plain(source)


class Picture(Arguments):
    source: Annotated[Source, Meaning(accept=sources.plain)]


@given(ASSETS | ARCHIVES)
def test_an_argument_for_a_source_holds_its_plain_form(source: Any) -> None:
    assert Picture.problems({"source": value_from_engine(source)}) == []
    state = Picture.canonical({"source": value_from_engine(source)})
    assert json.loads(json.dumps(state)) == state == Picture.canonical(state)
    assert state["source"] == plain(source)


def test_an_argument_refuses_a_remote_source_and_accepts_an_unknown() -> None:
    (problem,) = Picture.problems(
        {"source": value_from_engine(pulumi.RemoteAsset("https://example.com/logo.png"))}
    )
    assert problem.startswith("source: ")
    assert problem.endswith(" — must be local content: download it, and give its path")
    assert Picture.problems({"source": UNKNOWN}) == []


def test_every_local_source_has_a_plain_form() -> None:
    source = pulumi.AssetArchive(
        {
            "a.txt": pulumi.StringAsset("hello"),
            "web": pulumi.FileArchive("build/web"),
            "more": pulumi.AssetArchive({"b.bin": pulumi.FileAsset(Path("data") / "b.bin")}),
        }
    )
    assert plain(source) == {
        "files": {
            "a.txt": {"text": "hello"},
            "web": "build/web",
            "more": {"files": {"b.bin": str(Path("data", "b.bin"))}},
        }
    }
    assert plain(Path("logo.png")) == "logo.png"


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (pulumi.RemoteAsset("https://example.com/logo.png"), "must be local content"),
        (pulumi.RemoteArchive("https://example.com/app.zip"), "must be local content"),
        (pulumi.AssetArchive({"a": pulumi.RemoteAsset("https://example.com/a")}), "must be local content"),
        (pulumi.AssetArchive({"in": pulumi.FileArchive("app.ZIP")}), "in: an archive inside of an archive"),
        ("", "it is empty"),
        (pulumi.FileAsset(""), "it is empty"),
        (None, "must be a path, a FileAsset"),
        (5.0, "must be a path, a FileAsset"),
        (["a.png"], "must be a path, a FileAsset"),
        ({"text": "a", "files": {}}, "must be a path, a FileAsset"),
        ({"text": 1}, "must be a path, a FileAsset"),
        ({"files": {"a": None}}, "must be a path, a FileAsset"),
    ],
)
def test_a_source_that_is_not_local_content_is_refused_with_the_rule(source: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        plain(source)


@settings(deadline=None)
@given(data=st.binary())
def test_a_file_is_its_name_size_and_bytes(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("file") / "logo.png"
    path.write_bytes(data)
    content = file_content(str(path))
    assert (content.name, content.size) == ("logo.png", len(data))
    assert content.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_every_stream_of_a_content_begins_at_the_first_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    for source in (str(tmp_path / "a"), {"text": "abc"}):
        content = file_content(source)
        with content.open() as first, content.open() as second:
            assert first.read() == second.read() == b"abc"


def test_the_digest_of_a_file_depends_on_its_bytes_only(tmp_path: Path) -> None:
    data = os.urandom(2 * CHUNK + 1)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / "b.png", (1, 1))
    (tmp_path / "b.png").chmod(0o600)
    (tmp_path / "c.png").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    digest, digest_of_copy, digest_of_change = (
        file_content(str(tmp_path / name)).digest for name in ("a.png", "b.png", "c.png")
    )
    assert digest == digest_of_copy != digest_of_change


def test_a_text_has_the_digest_of_a_file_with_that_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Grüße\n", encoding="utf-8", newline="")
    assert file_content({"text": "Grüße\n"}).digest == file_content(str(tmp_path / "a")).digest


def test_a_content_is_read_from_its_folder_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    content = file_content("a")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with content.open() as stream:
        assert stream.read() == b"abc"


def test_a_source_that_is_not_a_file_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("file").write_bytes(b"")
    Path("nowhere").symlink_to("missing")
    missing = str(tmp_path / "gone.png")
    for source, message in [
        ("assets/x.png", f"no such file: assets/x.png (relative to {tmp_path})"),
        (missing, f"no such file: {missing}"),
        ("nowhere", f"no such file: nowhere (relative to {tmp_path})"),
        ("file/x", f"no such file: file/x (relative to {tmp_path})"),
        (".", "is a folder, not a file: ."),
        ("pipe", "is not a regular file: pipe"),
        ("x" * 5000, f"cannot be read: {'x' * 5000} (File name too long)"),
        ("a\0b", "must be a path: it contains a character that no path may contain"),
        ({"files": {}}, "must be one file, not an archive of several"),
    ]:
        with pytest.raises(ValueError) as error:
            file_content(source)
        assert str(error.value) == message


def test_an_unreadable_file_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is simulated: root, which may run the tests, can read every file."""
    path = tmp_path / "logo.png"
    path.write_bytes(b"")

    def refuse(*args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ValueError, match=r"cannot be read: .*logo.png \(Permission denied\)"):
        file_content(str(path))


@pytest.mark.parametrize(
    ("text", "is_fine"), [("%PDF-1.7\n", True), ("", False), ("%PD", False), (" %PDF-", False)]
)
def test_a_listing_document_must_begin_as_a_pdf(text: str, is_fine: bool) -> None:
    assert listing_documents.problem(file_content({"text": text})) == (
        None if is_fine else "is not a PDF; documents must be"
    )


def test_importing_content_modules_loads_no_library() -> None:
    modules = "archives, bicep, entry_names, listing_documents, pictures, sources, templates, zips"
    script = (
        "import sys, pulumi\nbefore = set(sys.modules)\n"
        f"from pulumi_partnercenter.content import {modules}\nprint(*(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(PROVIDER)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert not loaded & {"PIL", "httpx", "pydantic"}
