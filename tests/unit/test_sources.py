"""Sources: one plain form of everything a program may say, and files whose identity is their bytes."""

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

SRC = Path(__file__).parents[2] / "provider"


def plain(source: Any) -> Source:
    """What state keeps of a path or an asset of the program."""
    return sources.plain(value_from_engine(source))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""No state holds NUL characters and lone surrogates."""
paths = texts.filter(bool)
assets = paths.map(pulumi.FileAsset) | texts.map(pulumi.StringAsset)
archives = st.recursive(
    st.sampled_from(["web", "./web/", "C:\\web"]).map(pulumi.FileArchive),
    lambda inner: st.dictionaries(texts, assets | inner).map(pulumi.AssetArchive),
)


@given(paths)
def test_paths_stay_as_they_are_written(path: str) -> None:
    assert plain(path) == plain(pulumi.FileAsset(path)) == plain(pulumi.FileArchive(path)) == path


@given(assets | archives)
def test_what_is_plain_stays_the_same(source: Any) -> None:
    assert plain(plain(source)) == plain(source)


class Picture(Arguments):
    source: Annotated[Source, Meaning(accept=sources.plain)]


@given(assets | archives)
def test_an_argument_keeps_the_plain_form(source: Any) -> None:
    assert Picture.problems({"source": value_from_engine(source)}) == []
    state = Picture.canonical({"source": value_from_engine(source)})
    assert json.loads(json.dumps(state)) == state == Picture.canonical(state)
    assert state["source"] == plain(source)


def test_an_argument_tells_the_rule_once_it_is_known() -> None:
    (told,) = Picture.problems(
        {"source": value_from_engine(pulumi.RemoteAsset("https://example.com/logo.png"))}
    )
    assert told.startswith("source: ")
    assert told.endswith(" — must be local content: download it, and give its path")
    assert Picture.problems({"source": UNKNOWN}) == []


def test_everything_local_has_a_plain_form() -> None:
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
def test_other_sources_are_refused_in_words(source: Any, rule: str) -> None:
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


def test_each_stream_begins_at_the_first_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    for source in (str(tmp_path / "a"), {"text": "abc"}):
        content = file_content(source)
        with content.open() as first, content.open() as second:
            assert first.read() == second.read() == b"abc"


def test_the_digest_looks_at_bytes_only(tmp_path: Path) -> None:
    data = os.urandom(2 * CHUNK + 1)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / "b.png", (1, 1))
    (tmp_path / "b.png").chmod(0o600)
    (tmp_path / "c.png").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    one, same, other = (file_content(str(tmp_path / name)).digest for name in ("a.png", "b.png", "c.png"))
    assert one == same != other


def test_a_text_equals_the_file_that_holds_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Grüße\n", encoding="utf-8", newline="")
    assert file_content({"text": "Grüße\n"}).digest == file_content(str(tmp_path / "a")).digest


def test_a_content_outlives_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    content = file_content("a")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with content.open() as stream:
        assert stream.read() == b"abc"


def test_what_is_no_file_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("file").write_bytes(b"")
    Path("nowhere").symlink_to("missing")
    gone = str(tmp_path / "gone.png")
    for source, words in [
        ("assets/x.png", f"no such file: assets/x.png (relative to {tmp_path})"),
        (gone, f"no such file: {gone}"),
        ("nowhere", f"no such file: nowhere (relative to {tmp_path})"),
        ("file/x", f"no such file: file/x (relative to {tmp_path})"),
        (".", "is a folder, not a file: ."),
        ("pipe", "is not a regular file: pipe"),
        ("x" * 5000, f"cannot be read: {'x' * 5000} (File name too long)"),
        ("a\0b", "must be a path: it holds a character that no path can hold"),
        ({"files": {}}, "must be one file, not an archive of several"),
    ]:
        with pytest.raises(ValueError) as caught:
            file_content(source)
        assert str(caught.value) == words


def test_what_may_not_be_read_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a refusal that is made up: permissions do not bind the root that tests may run as."""
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
def test_documents_begin_as_pdf_do(text: str, is_fine: bool) -> None:
    assert listing_documents.problem(file_content({"text": text})) == (
        None if is_fine else "is not a PDF; documents must be"
    )


def test_importing_loads_no_library() -> None:
    modules = "archives, bicep, entry_names, listing_documents, pictures, sources, templates, zips"
    script = (
        "import sys, pulumi\nbefore = set(sys.modules)\n"
        f"from pulumi_partnercenter.content import {modules}\nprint(*(set(sys.modules) - before))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert not loaded & {"PIL", "zipfile", "httpx", "pydantic"}
