"""Packages: one digest for one tree, one zip for one tree, nothing hostile taken, nothing large in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.packed import bicep, folder, zipped

from pulumi_partnercenter.content import archives, zips
from pulumi_partnercenter.content.archives import package

SRC = Path(__file__).parents[2] / "provider"
TREE = {
    "mainTemplate.json": b"{}",
    "createUiDefinition.json": b"{}",
    "nested/more.json": b"[1]",
    "ä/ü.txt": b"\xff",
}

names = st.text("abcxyz0189-_.ü", min_size=1, max_size=8).map(lambda text: f"f{text}g")
trees = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), min_size=1, max_size=6
)


def is_possible(tree: dict[str, bytes]) -> bool:
    """Whether a folder can hold it on every system: no file is a folder too, no two names differ by case only."""
    parents = {"/".join(name.split("/")[:depth]) for name in tree for depth in range(1, name.count("/") + 1)}
    return not parents & set(tree) and not {name.rpartition("/")[2] for name in tree} & archives.JUNK


def bytes_of(source: Any) -> bytes:
    with package(source).zipped() as content, content.open() as stream:
        return stream.read()


def refusal(source: Any) -> str:
    with pytest.raises(ValueError) as caught:
        package(source)
    return str(caught.value)


class TestIdentity:
    @settings(deadline=None)
    @given(tree=trees, again=st.randoms(), method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    def test_neither_place_nor_order_nor_packing_counts(
        self, tree: dict[str, bytes], again: Any, method: int
    ) -> None:
        assume(is_possible(tree))
        shuffled = list(tree.items())
        again.shuffle(shuffled)
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            one = folder(root / "one", tree)
            other = folder(root / "elsewhere" / "other", dict(shuffled))
            for path in other.rglob("*"):
                os.utime(path, (86400, 86400))
                path.chmod(0o700)
            packed = zipped(root / "x.zip", dict(shuffled), method=method)
            whole = shutil.make_archive(str(root / "whole"), "zip", one)  # with entries for folders
            by_name = {"files": {each: str(one / each) for each, _ in shuffled}}
            found = [package(each) for each in (str(one), str(other), str(packed), whole, by_name)]
            assert len({each.digest for each in found}) == 1
            assert [each.entries for each in found] == [found[0].entries] * 5
            assert bytes_of(str(one)) == bytes_of(str(other)) == bytes_of(by_name)

    @settings(deadline=None)
    @given(tree=trees, other=trees)
    def test_other_names_or_bytes_are_another_package(
        self, tree: dict[str, bytes], other: dict[str, bytes]
    ) -> None:
        assume(is_possible(tree) and is_possible(other))
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            one, two = (package(str(folder(root / str(i), each))) for i, each in enumerate((tree, other)))
            assert (one.digest == two.digest) == (tree == other)

    @pytest.mark.parametrize(
        "other",
        [
            TREE | {"mainTemplate.json": b"{ }"},
            TREE | {"mainTemplate.json": b"{\0"},
            TREE | {"empty": b""},
            {name.replace("more", "mord"): data for name, data in TREE.items()},
            {name.replace("/", "-"): data for name, data in TREE.items()},
            {"mainTemplate.json": b"{}createUiDefinition.json{}"},
        ],
    )
    def test_each_small_change_is_seen(self, tmp_path: Path, other: dict[str, bytes]) -> None:
        one, two = folder(tmp_path / "one", TREE), folder(tmp_path / "two", other)
        assert package(str(one)).digest != package(str(two)).digest
        assert bytes_of(str(one)) != bytes_of(str(two))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"a": b"bc"}, {"ab": b"c"}),
            ({"a": b"", "b": b""}, {"ab": b""}),
            ({"a": b"x1:b"}, {"a": b"x", "b": b""}),
            ({"a": b"x1:b0:"}, {"a": b"x", "b": b""}),
            ({"a": b"x1:b:"}, {"a": b"x", "b": b""}),  # one, if lengths of contents did not count
            ({"a": b"xb7:1234567"}, {"a1": b"x", "b": b"1234567"}),  # one, if lengths of names did not
        ],
    )
    def test_names_and_bytes_do_not_run_together(
        self, one: dict[str, bytes], other: dict[str, bytes]
    ) -> None:
        said = [
            package({"files": {name: {"text": data.decode()} for name, data in tree.items()}})
            for tree in (one, other)
        ]
        assert said[0].digest != said[1].digest

    def test_junk_is_left_out_of_folders(self, tmp_path: Path) -> None:
        clean = folder(tmp_path / "clean", TREE)
        junk = {
            ".DS_Store": b"1",
            "nested/Thumbs.db": b"2",
            "__MACOSX/a": b"3",
            ".git/config": b"4",
            "desktop.ini": b"",
        }
        used = folder(tmp_path / "used", TREE | junk)
        assert package(str(clean)).digest == package(str(used)).digest
        assert [name for name, _ in package(str(used)).entries] == sorted(TREE)

    def test_folders_without_files_do_not_count(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "a", TREE)
        before = package(str(root)).digest
        (root / "empty" / "within").mkdir(parents=True)
        assert package(str(root)).digest == before
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.mkdir("empty")
            for name, data in TREE.items():
                archive.writestr(name, data)
        assert package(str(tmp_path / "a.zip")).digest == before


class TestZipped:
    def test_holds_the_tree_and_nothing_of_the_machine(self, tmp_path: Path) -> None:
        with package(str(folder(tmp_path / "app", TREE))).zipped() as content:
            assert content.name == "app.zip"
            with content.open() as stream, zipfile.ZipFile(stream) as archive:
                assert archive.testzip() is None
                assert archive.namelist() == sorted(TREE)
                assert {name: archive.read(name) for name in archive.namelist()} == TREE
                assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}

    def test_is_the_same_in_every_process(self, tmp_path: Path) -> None:
        script = (
            "import os, sys, time\nos.umask(int(sys.argv[2], 8)); time.tzset()\n"
            "from pulumi_partnercenter.content.archives import package\n"
            "with package(sys.argv[1]).zipped() as content: print(content.size, content.digest)"
        )
        told = set()
        for place, umask, zone, seconds in [
            ("one", "077", "Asia/Tokyo", 10**9),
            ("two/deep", "000", "UTC0", 1),
        ]:
            root = folder(tmp_path / place, TREE)
            for path in root.rglob("*"):
                os.utime(path, (seconds, seconds))
            environment = {"PYTHONPATH": str(SRC), "TZ": zone, "PYTHONHASHSEED": umask.lstrip("0") or "0"}
            command = [sys.executable, "-c", script, str(root), umask]
            told.add(
                subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
            )
        assert len(told) == 1

    def test_leaves_nothing_behind_even_when_its_user_fails(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(folder(tmp_path / "temporary", {})))
        root = folder(tmp_path / "app", TREE)
        with contextlib.suppress(KeyError), package(str(root)).zipped() as content:
            assert content.size > 0
            assert list((tmp_path / "temporary").iterdir())
            raise KeyError
        assert not list((tmp_path / "temporary").iterdir())

    def test_a_zip_travels_as_it_is(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "mine.zip", TREE, method=zipfile.ZIP_STORED)
        assert bytes_of(str(path)) == path.read_bytes()

    def test_can_be_sent_twice(self, tmp_path: Path) -> None:
        with package(str(folder(tmp_path / "app", TREE))).zipped() as content:
            with content.open() as stream:
                first = stream.read()
            with content.open() as stream:
                assert stream.read() == first
            assert content.size == len(first)


class TestFilesByName:
    def test_texts_files_folders_and_archives_take_their_places(self, tmp_path: Path) -> None:
        folder(tmp_path / "web", {"index.html": b"<p>", "js/a.js": b"1"})
        inner = {"files": {"x": {"text": "1"}, ".": str(tmp_path / "web" / "js")}}
        source = {"files": {".": str(tmp_path / "web"), "site": str(tmp_path / "web"), "a/b": inner}}
        assert [name for name, _ in package(source).entries] == [
            "a/b/a.js",
            "a/b/x",
            "index.html",
            "js/a.js",
            "site/index.html",
            "site/js/a.js",
        ]
        assert package(source).read("a/b/x") == b"1"

    def test_a_zip_by_name_stays_whole(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "inner.zip", TREE)
        assert package({"files": {"inner.zip": str(path)}}).read("inner.zip") == path.read_bytes()

    def test_two_sources_may_not_fill_one_place(self, tmp_path: Path) -> None:
        root = str(folder(tmp_path / "web", {"a.txt": b""}))
        assert "A.TXT and a.txt: two entries of one name" in refusal(
            {"files": {".": root, "A.TXT": {"text": ""}}}
        )
        assert "two entries of one name" in refusal({"files": {".": root, "a.txt": {"text": ""}}})

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ({"text": "a"}, "must be a folder, a .zip file, or files by name"),
            ({"files": {".": {"text": "a"}}}, "must be a folder, a .zip file, or files by name"),
            ({"files": {"a": "missing.txt"}}, "no such file: missing.txt"),
            ("missing", "no such file: missing"),
        ],
    )
    def test_what_is_no_package_is_told(self, source: Any, words: str) -> None:
        assert words in refusal(source)


HOSTILE = {
    "../up.json": "must not lead out of a folder with ..",
    "a/../../up.json": "must not lead out of a folder with ..",
    "/etc/a.json": "must be a relative path",
    "//host/a.json": "must be a relative path",
    "C:/a.json": "must be a relative path",
    "c:a.json": "must be a relative path",
    "a\\b.json": "must have / between its parts",
    "..\\up.json": "must have / between its parts",
    "a//b.json": "must be a plain path",
    "./a.json": "must be a plain path",
    "a/./b.json": "must be a plain path",
    "mainTemplate.json:hidden": "must be one for Windows too",
    "a.json.": "must be one for Windows too",
    "a /b.json": "must be one for Windows too",
    "a\nb.json": "must have no control characters",
    "a\x9fb.json": "must have no control characters",
}


class TestHostile:
    @pytest.mark.parametrize(("name", "rule"), HOSTILE.items(), ids=ascii)
    def test_names_that_lead_elsewhere(self, tmp_path: Path, name: str, rule: str) -> None:
        assert rule in refusal(str(zipped(tmp_path / "x.zip", {name: b"{}"})))
        assert rule in refusal({"files": {name: {"text": "{}"}}})

    def test_a_zip_of_an_old_powershell_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        names = [f"nested\\part{number}.json" for number in range(30)]
        message = refusal(
            str(zipped(tmp_path / "x.zip", dict.fromkeys(["mainTemplate.json", *names], b"{}")))
        )
        assert message.startswith("nested\\part0.json: must have / between its parts, and no backslash; ")
        for words in ("Windows PowerShell 5.1", "PowerShell 7", "tar -a", "folder itself to source="):
            assert words in message

    def test_long_names_are_taken(self, tmp_path: Path) -> None:
        name = "a/" * 600 + "b"
        assert package(str(zipped(tmp_path / "x.zip", {name: b""}))).entries[0].name == name

    def test_names_that_only_folders_can_have(self, tmp_path: Path) -> None:
        assert "must have /" in refusal(str(folder(tmp_path / "a", {"a\\b": b""})))
        with open(os.fsencode(folder(tmp_path / "b", {})) + b"/\xff", "wb"):  # noqa: PTH123 - bytes are no Path
            pass
        message = refusal(str(tmp_path / "b"))
        assert message.encode() == rb"'\udcff': must have no control characters, and be UTF-8"

    def test_a_name_that_zip_readers_cut(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "x.zip", {"a.jsonXb": b"{}"})
        path.write_bytes(path.read_bytes().replace(b"a.jsonXb", b"a.json\0b"))
        assert "must have no control characters" in refusal(str(path))

    @pytest.mark.parametrize(
        "pair", [("a.json", "A.json"), ("ß.json", "SS.json"), ("d/a", "D/A"), ("\u00e9.json", "E\u0301.json")]
    )
    def test_names_that_differ_by_case_only(self, tmp_path: Path, pair: tuple[str, str]) -> None:
        words = "{} and {}: two entries of one name".format(*sorted(pair))
        assert words in refusal(str(zipped(tmp_path / "x.zip", dict.fromkeys(pair, b""))))
        assert words in refusal(str(folder(tmp_path / "x", dict.fromkeys(pair, b""))))

    def test_names_that_come_twice(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "x.zip", {"a.json": b"1", "b.json": b"2"})
        path.write_bytes(path.read_bytes().replace(b"b.json", b"a.json"))
        assert "a.json and a.json: two entries of one name" in refusal(str(path))

    def test_a_file_that_is_a_folder_too(self, tmp_path: Path) -> None:
        for name, other in (("a", "A/b"), ("a", "A/"), ("n/a", "n/A/b/c")):
            path = zipped(tmp_path / "x.zip", {name: b"", other: b""})
            assert refusal(str(path)) == f"{name}: is a file and a folder"

    def test_a_name_that_is_empty(self, tmp_path: Path) -> None:
        path = patched(tmp_path, 28, "<H", 0)
        path.write_bytes(path.read_bytes().replace(b"a.jsonPK\x05\x06", b"PK\x05\x06"))
        data = bytearray(path.read_bytes())
        struct.pack_into("<L", data, data.index(b"PK\x05\x06") + 12, 46)
        path.write_bytes(data)
        assert refusal(str(path)) == "'': must be a plain path: no empty part, and no ."

    def test_a_folder_whose_name_leads_elsewhere(self, tmp_path: Path) -> None:
        assert "must not lead out" in refusal(str(zipped(tmp_path / "x.zip", {"../": b""})))

    def test_names_in_any_language_are_taken(self, tmp_path: Path) -> None:
        named = [
            "Übersicht.md",
            "説明\u3000書.md",
            "9.41\u202fAM.md",
            "👩\u200d🔧.md",
            "a b.md",
            ".hidden",
            "a..b",
        ]
        one, other = (each(tmp_path / each.__name__, dict.fromkeys(named, b"")) for each in (folder, zipped))
        assert [name for name, _ in package(str(one)).entries] == sorted(named)
        assert package(str(one)).digest == package(str(other)).digest

    @pytest.mark.parametrize("leads_to", ["mainTemplate.json", "/etc/passwd", "nested", "missing"])
    def test_links_in_folders(self, tmp_path: Path, leads_to: str) -> None:
        root = folder(tmp_path / "a", TREE)
        (root / "link").symlink_to(leads_to)
        assert refusal(str(root)) == "link: is a link; put in the file that it leads to"

    def test_a_folder_may_be_reached_by_a_link(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "a", TREE)
        (tmp_path / "link").symlink_to(root)
        assert package(str(tmp_path / "link")).digest == package(str(root)).digest

    def test_what_is_no_file_in_folders(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "a", TREE)
        os.mkfifo(root / "pipe")
        assert refusal(str(root)) == "pipe: is not a regular file"

    @pytest.mark.parametrize(
        ("mode", "rule"), [(0o120777, "a: is a link"), (0o010644, "a: is not a regular file")]
    )
    def test_links_and_pipes_in_zips(self, tmp_path: Path, mode: int, rule: str) -> None:
        info = zipfile.ZipInfo("a")
        info.external_attr = mode << 16
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        assert rule in refusal(str(tmp_path / "x.zip"))

    def test_another_name_beside_the_name(self, tmp_path: Path) -> None:
        info = zipfile.ZipInfo("a.json")
        named = struct.pack("<BL", 1, zlib.crc32(b"a.json")) + b"../b.json"
        info.extra = struct.pack("<HH", 0x7075, len(named)) + named
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(info, "{}")
        assert "a.json: has another name beside its own" in refusal(str(tmp_path / "x.zip"))

    def test_a_name_that_the_entry_itself_does_not_have(self, tmp_path: Path) -> None:
        """What reads the list and what reads the entries would unpack different files."""
        path = zipped(tmp_path / "x.zip", {"a.json": b"{}"})
        path.write_bytes(path.read_bytes().replace(b"a.json", b"b.json", 1))
        archive = package(str(path))
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.digest  # noqa: B018 - reads

    def test_entries_that_share_their_bytes(self, tmp_path: Path) -> None:
        """A bomb without nesting: many entries of the list lead to one and the same packed stream."""
        path = zipped(tmp_path / "x.zip", {"a.json": bytes(5 << 20)})
        data = path.read_bytes()
        at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
        entry, closing = data[at:end], bytearray(data[end:])
        listed = b"".join(entry.replace(b"a.json", b"%06d" % number) for number in range(40))
        struct.pack_into("<HHLL", closing, 8, 40, 40, len(listed), at)
        path.write_bytes(data[:at] + listed + closing)
        assert "must not unpack to more than 100 times its size" in refusal(str(path))

    def test_a_claim_of_more_than_any_disk_holds(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive, archive.open("a.json", "w", force_zip64=True) as target:
            target.write(b"{}")
        with zipfile.ZipFile(path, "a") as archive:
            archive.infolist()[0].file_size = 1 << 62
            archive.comment = b"."
        assert "must unpack to at most 4 GB" in refusal(str(path))

    def test_a_folder_that_holds_itself(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "a", TREE)
        (root / "nested" / "round").symlink_to(root, target_is_directory=True)
        assert refusal(str(root)) == "nested/round: is a link; put in the file that it leads to"

    def test_a_device_is_no_package(self) -> None:
        assert "folder" in refusal("/dev/zero") or "regular file" in refusal("/dev/zero")
        assert "is not a regular file" in refusal({"files": {"a": "/dev/zero"}})

    def test_encrypted_entries(self, tmp_path: Path) -> None:
        assert "a.json: is encrypted" in refusal(str(patched(tmp_path, 8, "<H", 1)))

    def test_methods_that_few_know(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "x.zip", {"a.json": b"{}"}, method=zipfile.ZIP_LZMA)
        assert "a.json: is compressed by method 14" in refusal(str(path))
        assert "a.json: is compressed by method 9" in refusal(str(patched(tmp_path, 10, "<H", 9)))

    def test_more_bytes_than_the_list_tells_are_not_read(self, tmp_path: Path) -> None:
        archive = package(str(patched(tmp_path, 24, "<L", 1)))
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.digest  # noqa: B018 - reads
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.read("a.json")

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda data: b"",
            lambda data: b"PK\x03\x04" + bytes(100),
            lambda data: data[: len(data) // 2],
            lambda data: b"\x1f\x8b" + data[:20],
            lambda data: data[:-22] + data[-22:].replace(b"PK\x05\x06", b"PK\x05\x07"),
        ],
    )
    def test_what_is_no_zip(self, tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
        path = zipped(tmp_path / "x.zip", TREE)
        path.write_bytes(spoil(path.read_bytes()))
        assert refusal(str(path)).startswith("is not a zip that can be read: ")

    @settings(deadline=None)
    @given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
    def test_any_damage_is_told_in_words_or_harmless(self, at: int, bit: int) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = zipped(Path(name, "x.zip"), TREE)
            data = bytearray(path.read_bytes())
            data[at % len(data)] ^= 1 << bit
            path.write_bytes(data)
            try:
                assert package(str(path)).digest.startswith("sha256:")
            except ValueError as error:
                assert type(error) is ValueError  # noqa: PT017 - a decoding error is one too, and not in words


def patched(root: Path, at: int, form: str, value: int) -> Path:
    """A zip of `a.json` with another number in the list of entries."""
    path = zipped(root / "patched.zip", {"a.json": b"{}"})
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(b"PK\x01\x02") + at, value)
    path.write_bytes(data)
    return path


class TestLimits:
    def test_a_bomb_is_known_by_its_ratio(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("zeros", "w") as target,
        ):
            for _ in range(101):
                target.write(bytes(1 << 20))
        assert "must not unpack to more than 100 times its size" in refusal(str(path))

    def test_entries_are_counted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zips, "ENTRIES", 3)
        for source in (folder(tmp_path / "a", TREE), zipped(tmp_path / "a.zip", TREE)):
            assert refusal(str(source)) == "must have at most 3 entries: it has 4"

    def test_a_list_of_entries_is_not_read_at_any_length(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(zips, "LIST_BYTES", 200)
        assert "its list of entries has" in refusal(str(zipped(tmp_path / "a.zip", TREE)))

    def test_unpacked_bytes_are_counted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zips, "UNPACKED_BYTES", 1 << 30)
        root = folder(tmp_path / "a", {})
        with (root / "big").open("wb") as stream:
            stream.truncate((1 << 30) + 1)
        assert refusal(str(root)) == "must unpack to at most 1 GB: it has 1073741825 bytes"
        assert "must unpack to at most 1 GB: it has 2147483648 bytes" in refusal(
            str(patched(tmp_path, 24, "<L", 1 << 31))
        )

    def test_zipped_bytes_are_counted_before_an_upload(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noise = {"noise": os.urandom(5000)}
        root, path = folder(tmp_path / "a", noise), zipped(tmp_path / "a.zip", noise)
        zeros = folder(tmp_path / "b", {"zeros": bytes(5000)})
        monkeypatch.setattr(zips, "ZIPPED_BYTES", 4000)
        for source in (root, path):
            assert "must be at most 4000 bytes when zipped" in refusal(str(source))
        assert package(str(zeros)).entries == [("zeros", 5000)]

    def test_what_is_read_into_memory_is_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        archive = package(str(folder(tmp_path / "a", {"a": b"12345"})))
        monkeypatch.setattr(archives, "READ_BYTES", 4)
        with pytest.raises(ValueError, match=r"^a: must have at most"):
            archive.read("a")
        with pytest.raises(ValueError, match=r"^b: is not in the package"):
            archive.read("b")

    def test_many_broken_rules_make_a_short_message(self) -> None:
        message = refusal({"files": {f"../{number}": {"text": ""} for number in range(1000)}})
        assert message.count("must not lead out") == 10
        assert message.endswith("; and 990 more")

    def test_memory_stays_flat(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "a", TREE)
        with (root / "big.bin").open("wb") as stream:
            stream.truncate(300 << 20)
        script = (
            "import resource, sys, zipfile, PIL\nfrom pulumi_partnercenter.content.archives import package\n"
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\narchive = package(sys.argv[1])\narchive.digest\n"
            "with archive.zipped() as content: content.digest\n"
            "print(peak() - before)"
        )
        command = [sys.executable, "-c", script, str(root)]
        environment = {"PYTHONPATH": str(SRC)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert int(done.stdout) < 100 << 10  # kilobytes


class TestBicep:
    SOURCES = {"mainTemplate.bicep": b"param a string", "m/n.bicep": b"", "createUiDefinition.json": b"{}"}

    def test_the_template_takes_the_place_of_the_sources(self, tmp_path: Path, monkeypatch: Any) -> None:
        bicep(monkeypatch, tmp_path / "bin", 'echo "$@"; cat "$3"')
        root = folder(tmp_path / "app", self.SOURCES)
        by_name = {
            "files": {
                "m/n.bicep": {"text": "// 2"},
                **{n: str(root / n) for n in self.SOURCES if "/" not in n},
            }
        }
        for source in (str(root), by_name):
            archive = package(source)
            assert [name for name, _ in archive.entries] == ["createUiDefinition.json", "mainTemplate.json"]
            text = archive.read("mainTemplate.json")
            assert text == b"build --stdout mainTemplate.bicep\nparam a string"
            with archive.zipped() as content, content.open() as stream, zipfile.ZipFile(stream) as zip_file:
                assert zip_file.read("mainTemplate.json") == text
                assert zip_file.namelist() == ["createUiDefinition.json", "mainTemplate.json"]

    def test_each_state_of_the_sources_is_compiled_once(self, tmp_path: Path, monkeypatch: Any) -> None:
        where = bicep(monkeypatch, tmp_path / "bin", 'cat "$3" m/n.bicep')
        root = folder(tmp_path / "app", self.SOURCES)
        assert package(str(root)).digest == package(str(root)).digest
        assert (where / "runs").read_text() == "run\n"
        before = package(str(root)).digest
        (root / "m" / "n.bicep").write_text("// other")
        assert package(str(root)).digest != before
        assert (where / "runs").read_text() == "run\n" * 2

    def test_a_template_that_is_there_is_taken(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setenv("PATH", "")
        root = folder(tmp_path / "app", self.SOURCES | {"mainTemplate.json": b"{}"})
        assert package(str(root)).read("mainTemplate.json") == b"{}"

    def test_without_the_command_it_says_what_to_install(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        message = refusal(str(folder(tmp_path / "app", self.SOURCES)))
        assert message.startswith("mainTemplate.bicep: needs the `bicep` command on PATH: install it")

    @pytest.mark.parametrize(
        ("script", "words"),
        [
            ("echo 'main(1,2) : Error BCP018' >&2; exit 1", "`bicep build` failed: main(1,2) : Error BCP018"),
            ("exit 7", "`bicep build` failed: exit code 7"),
        ],
    )
    def test_what_the_compiler_says_is_quoted(
        self, tmp_path: Path, monkeypatch: Any, script: str, words: str
    ) -> None:
        bicep(monkeypatch, tmp_path / "bin", script)
        root = folder(tmp_path / "app", self.SOURCES | {"salt": os.urandom(16)})
        for _ in range(2):
            assert refusal(str(root)) == f"mainTemplate.bicep: {words}"

    def test_a_compiler_that_hangs_or_cannot_run_is_told(self, tmp_path: Path, monkeypatch: Any) -> None:
        where = bicep(monkeypatch, tmp_path / "bin", "exec sleep 60")
        monkeypatch.setattr("pulumi_partnercenter.content.bicep.TIMEOUT_SECONDS", 0.05)
        root = folder(tmp_path / "app", self.SOURCES)
        assert refusal(str(root)) == "mainTemplate.bicep: `bicep build` took more than 0.05 seconds"
        (where / "bicep").write_bytes(b"\x7fELF")
        assert refusal(str(root)) == f"mainTemplate.bicep: {where}/bicep cannot be run (Exec format error)"
