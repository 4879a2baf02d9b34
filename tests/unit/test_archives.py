"""Packages: the same digest and zip for the same files, hostile archives refused, bounded memory."""

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
from tests.unit.package_files import create_folder, create_zip, install_bicep

from pulumi_partnercenter.content import archives, zips
from pulumi_partnercenter.content.archives import package

PROVIDER = Path(__file__).parents[2] / "provider"
TREE = {
    "mainTemplate.json": b"{}",
    "createUiDefinition.json": b"{}",
    "nested/more.json": b"[1]",
    "ä/ü.txt": b"\xff",
}

NAMES = st.text("abcxyz0189-_.ü", min_size=1, max_size=8).map(lambda text: f"f{text}g")
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), min_size=1, max_size=6
)


def is_possible(tree: dict[str, bytes]) -> bool:
    """Whether a folder can hold the tree on every system: no name is both a file and a folder, and none is junk."""
    parents = {"/".join(name.split("/")[:depth]) for name in tree for depth in range(1, name.count("/") + 1)}
    return not parents & set(tree) and not {name.rpartition("/")[2] for name in tree} & archives.JUNK


def zipped_bytes(source: Any) -> bytes:
    with package(source).zipped() as content, content.open() as stream:
        return stream.read()


def refusal_message(source: Any) -> str:
    with pytest.raises(ValueError) as error:
        package(source)
    return str(error.value)


class TestIdentity:
    @settings(deadline=None)
    @given(
        tree=TREES, random=st.randoms(), method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    )
    def test_a_digest_does_not_depend_on_place_order_or_compression(
        self, tree: dict[str, bytes], random: Any, method: int
    ) -> None:
        assume(is_possible(tree))
        shuffled = list(tree.items())
        random.shuffle(shuffled)
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            first = create_folder(root / "one", tree)
            second = create_folder(root / "elsewhere" / "other", dict(shuffled))
            for path in second.rglob("*"):
                os.utime(path, (86400, 86400))
                path.chmod(0o700)
            zip_path = create_zip(root / "x.zip", dict(shuffled), method=method)
            # `make_archive` writes entries for folders.
            archive_with_folders = shutil.make_archive(str(root / "whole"), "zip", first)
            files_by_name = {"files": {file: str(first / file) for file, _ in shuffled}}
            archives_of_tree = [
                package(source)
                for source in (str(first), str(second), str(zip_path), archive_with_folders, files_by_name)
            ]
            assert len({archive.digest for archive in archives_of_tree}) == 1
            assert [archive.entries for archive in archives_of_tree] == [archives_of_tree[0].entries] * 5
            assert zipped_bytes(str(first)) == zipped_bytes(str(second)) == zipped_bytes(files_by_name)

    @settings(deadline=None)
    @given(tree=TREES, other_tree=TREES)
    def test_packages_have_the_same_digest_only_for_the_same_files(
        self, tree: dict[str, bytes], other_tree: dict[str, bytes]
    ) -> None:
        assume(is_possible(tree) and is_possible(other_tree))
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            first, second = (
                package(str(create_folder(root / str(number), files)))
                for number, files in enumerate((tree, other_tree))
            )
            assert (first.digest == second.digest) == (tree == other_tree)

    @pytest.mark.parametrize(
        "changed_tree",
        [
            TREE | {"mainTemplate.json": b"{ }"},
            TREE | {"mainTemplate.json": b"{\0"},
            TREE | {"empty": b""},
            {name.replace("more", "mord"): data for name, data in TREE.items()},
            {name.replace("/", "-"): data for name, data in TREE.items()},
            {"mainTemplate.json": b"{}createUiDefinition.json{}"},
        ],
    )
    def test_a_small_change_of_a_file_changes_digest_and_zip(
        self, tmp_path: Path, changed_tree: dict[str, bytes]
    ) -> None:
        first, second = create_folder(tmp_path / "one", TREE), create_folder(tmp_path / "two", changed_tree)
        assert package(str(first)).digest != package(str(second)).digest
        assert zipped_bytes(str(first)) != zipped_bytes(str(second))

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"a": b"bc"}, {"ab": b"c"}),
            ({"a": b"", "b": b""}, {"ab": b""}),
            ({"a": b"x1:b"}, {"a": b"x", "b": b""}),
            ({"a": b"x1:b0:"}, {"a": b"x", "b": b""}),
            # Without the lengths of contents, the digests would be equal.
            ({"a": b"x1:b:"}, {"a": b"x", "b": b""}),
            # Without the lengths of names, the digests would be equal.
            ({"a": b"xb7:1234567"}, {"a1": b"x", "b": b"1234567"}),
        ],
    )
    def test_a_digest_separates_names_and_contents(
        self, first: dict[str, bytes], second: dict[str, bytes]
    ) -> None:
        packages = [
            package({"files": {name: {"text": data.decode()} for name, data in tree.items()}})
            for tree in (first, second)
        ]
        assert packages[0].digest != packages[1].digest

    def test_junk_files_of_a_folder_are_not_packed(self, tmp_path: Path) -> None:
        clean_folder = create_folder(tmp_path / "clean", TREE)
        junk = {
            ".DS_Store": b"1",
            "nested/Thumbs.db": b"2",
            "__MACOSX/a": b"3",
            ".git/config": b"4",
            "desktop.ini": b"",
        }
        folder_with_junk = create_folder(tmp_path / "used", TREE | junk)
        assert package(str(clean_folder)).digest == package(str(folder_with_junk)).digest
        assert [name for name, _ in package(str(folder_with_junk)).entries] == sorted(TREE)

    def test_empty_folders_do_not_change_the_digest(self, tmp_path: Path) -> None:
        root = create_folder(tmp_path / "a", TREE)
        digest = package(str(root)).digest
        (root / "empty" / "within").mkdir(parents=True)
        assert package(str(root)).digest == digest
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.mkdir("empty")
            for name, data in TREE.items():
                archive.writestr(name, data)
        assert package(str(tmp_path / "a.zip")).digest == digest


class TestZips:
    def test_a_zip_holds_the_files_without_dates_and_modes_of_the_machine(self, tmp_path: Path) -> None:
        with package(str(create_folder(tmp_path / "app", TREE))).zipped() as content:
            assert content.name == "app.zip"
            with content.open() as stream, zipfile.ZipFile(stream) as archive:
                assert archive.testzip() is None
                assert archive.namelist() == sorted(TREE)
                assert {name: archive.read(name) for name in archive.namelist()} == TREE
                assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}

    def test_a_zip_is_the_same_in_every_process(self, tmp_path: Path) -> None:
        script = (
            "import os, sys, time\nos.umask(int(sys.argv[2], 8)); time.tzset()\n"
            "from pulumi_partnercenter.content.archives import package\n"
            "with package(sys.argv[1]).zipped() as content: print(content.size, content.digest)"
        )
        results = set()
        for folder_name, umask, zone, seconds in [
            ("one", "077", "Asia/Tokyo", 10**9),
            ("two/deep", "000", "UTC0", 1),
        ]:
            root = create_folder(tmp_path / folder_name, TREE)
            for path in root.rglob("*"):
                os.utime(path, (seconds, seconds))
            environment = {
                "PYTHONPATH": str(PROVIDER),
                "TZ": zone,
                "PYTHONHASHSEED": umask.lstrip("0") or "0",
            }
            command = [sys.executable, "-c", script, str(root), umask]
            results.add(
                subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
            )
        assert len(results) == 1

    def test_the_temporary_zip_is_deleted_even_after_an_error(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(create_folder(tmp_path / "temporary", {})))
        root = create_folder(tmp_path / "app", TREE)
        with contextlib.suppress(KeyError), package(str(root)).zipped() as content:
            assert content.size > 0
            assert list((tmp_path / "temporary").iterdir())
            raise KeyError
        assert not list((tmp_path / "temporary").iterdir())

    def test_a_zip_as_source_is_uploaded_unchanged(self, tmp_path: Path) -> None:
        path = create_zip(tmp_path / "mine.zip", TREE, method=zipfile.ZIP_STORED)
        assert zipped_bytes(str(path)) == path.read_bytes()

    def test_a_zip_can_be_read_twice(self, tmp_path: Path) -> None:
        with package(str(create_folder(tmp_path / "app", TREE))).zipped() as content:
            with content.open() as stream:
                first = stream.read()
            with content.open() as stream:
                assert stream.read() == first
            assert content.size == len(first)


class TestFilesByName:
    def test_texts_files_folders_and_archives_are_packed_under_their_names(self, tmp_path: Path) -> None:
        create_folder(tmp_path / "web", {"index.html": b"<p>", "js/a.js": b"1"})
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

    def test_a_zip_among_files_by_name_is_not_unpacked(self, tmp_path: Path) -> None:
        path = create_zip(tmp_path / "inner.zip", TREE)
        assert package({"files": {"inner.zip": str(path)}}).read("inner.zip") == path.read_bytes()

    def test_two_sources_with_the_same_name_are_refused(self, tmp_path: Path) -> None:
        root = str(create_folder(tmp_path / "web", {"a.txt": b""}))
        assert "A.TXT and a.txt: two entries with the same name" in refusal_message(
            {"files": {".": root, "A.TXT": {"text": ""}}}
        )
        assert "two entries with the same name" in refusal_message(
            {"files": {".": root, "a.txt": {"text": ""}}}
        )

    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ({"text": "a"}, "must be a folder, a .zip file, or files by name"),
            ({"files": {".": {"text": "a"}}}, "must be a folder, a .zip file, or files by name"),
            ({"files": {"a": "missing.txt"}}, "no such file: missing.txt"),
            ("missing", "no such file: missing"),
        ],
    )
    def test_a_source_that_is_no_package_is_refused(self, source: Any, reason: str) -> None:
        assert reason in refusal_message(source)


HOSTILE_NAMES = {
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
    "mainTemplate.json:hidden": "must be a valid name on Windows too",
    "a.json.": "must be a valid name on Windows too",
    "a /b.json": "must be a valid name on Windows too",
    "a\nb.json": "must have no control characters",
    "a\x9fb.json": "must have no control characters",
}


class TestHostileArchives:
    @pytest.mark.parametrize(("name", "rule"), HOSTILE_NAMES.items(), ids=ascii)
    def test_unsafe_names_are_refused(self, tmp_path: Path, name: str, rule: str) -> None:
        assert rule in refusal_message(str(create_zip(tmp_path / "x.zip", {name: b"{}"})))
        assert rule in refusal_message({"files": {name: {"text": "{}"}}})

    def test_a_zip_of_an_old_powershell_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        part_names = [f"nested\\part{number}.json" for number in range(30)]
        message = refusal_message(
            str(create_zip(tmp_path / "x.zip", dict.fromkeys(["mainTemplate.json", *part_names], b"{}")))
        )
        assert message.startswith("nested\\part0.json: must have / between its parts, and no backslash; ")
        for advice in ("Windows PowerShell 5.1", "PowerShell 7", "tar -a", "folder itself to source="):
            assert advice in message

    def test_long_names_are_accepted(self, tmp_path: Path) -> None:
        name = "a/" * 600 + "b"
        assert package(str(create_zip(tmp_path / "x.zip", {name: b""}))).entries[0].name == name

    def test_names_of_files_in_folders_that_no_zip_can_hold_are_refused(self, tmp_path: Path) -> None:
        assert "must have /" in refusal_message(str(create_folder(tmp_path / "a", {"a\\b": b""})))
        with open(os.fsencode(create_folder(tmp_path / "b", {})) + b"/\xff", "wb"):  # noqa: PTH123 - bytes are no Path
            pass
        message = refusal_message(str(tmp_path / "b"))
        assert message.encode() == rb"'\udcff': must have no control characters, and be UTF-8"

    def test_a_name_with_a_nul_character_is_refused(self, tmp_path: Path) -> None:
        path = create_zip(tmp_path / "x.zip", {"a.jsonXb": b"{}"})
        path.write_bytes(path.read_bytes().replace(b"a.jsonXb", b"a.json\0b"))
        assert "must have no control characters" in refusal_message(str(path))

    @pytest.mark.parametrize(
        "pair", [("a.json", "A.json"), ("ß.json", "SS.json"), ("d/a", "D/A"), ("\u00e9.json", "E\u0301.json")]
    )
    def test_names_that_differ_by_case_only_are_refused(self, tmp_path: Path, pair: tuple[str, str]) -> None:
        message = "{} and {}: two entries with the same name".format(*sorted(pair))
        assert message in refusal_message(str(create_zip(tmp_path / "x.zip", dict.fromkeys(pair, b""))))
        assert message in refusal_message(str(create_folder(tmp_path / "x", dict.fromkeys(pair, b""))))

    def test_a_repeated_name_is_refused(self, tmp_path: Path) -> None:
        path = create_zip(tmp_path / "x.zip", {"a.json": b"1", "b.json": b"2"})
        path.write_bytes(path.read_bytes().replace(b"b.json", b"a.json"))
        assert "a.json and a.json: two entries with the same name" in refusal_message(str(path))

    def test_a_name_that_is_a_file_and_a_folder_is_refused(self, tmp_path: Path) -> None:
        for name, other in (("a", "A/b"), ("a", "A/"), ("n/a", "n/A/b/c")):
            path = create_zip(tmp_path / "x.zip", {name: b"", other: b""})
            assert refusal_message(str(path)) == f"{name}: is a file and a folder"

    def test_an_empty_name_is_refused(self, tmp_path: Path) -> None:
        path = create_patched_zip(tmp_path, 28, "<H", 0)
        path.write_bytes(path.read_bytes().replace(b"a.jsonPK\x05\x06", b"PK\x05\x06"))
        data = bytearray(path.read_bytes())
        struct.pack_into("<L", data, data.index(b"PK\x05\x06") + 12, 46)
        path.write_bytes(data)
        assert refusal_message(str(path)) == "'': must be a plain path: no empty part, and no ."

    def test_an_unsafe_name_of_a_folder_is_refused(self, tmp_path: Path) -> None:
        assert "must not lead out" in refusal_message(str(create_zip(tmp_path / "x.zip", {"../": b""})))

    def test_names_in_any_language_are_accepted(self, tmp_path: Path) -> None:
        file_names = [
            "Übersicht.md",
            "説明\u3000書.md",
            "9.41\u202fAM.md",
            "👩\u200d🔧.md",
            "a b.md",
            ".hidden",
            "a..b",
        ]
        root, zip_path = (
            create(tmp_path / create.__name__, dict.fromkeys(file_names, b""))
            for create in (create_folder, create_zip)
        )
        assert [name for name, _ in package(str(root)).entries] == sorted(file_names)
        assert package(str(root)).digest == package(str(zip_path)).digest

    @pytest.mark.parametrize("target", ["mainTemplate.json", "/etc/passwd", "nested", "missing"])
    def test_symbolic_links_in_folders_are_refused(self, tmp_path: Path, target: str) -> None:
        root = create_folder(tmp_path / "a", TREE)
        (root / "link").symlink_to(target)
        assert refusal_message(str(root)) == "link: is a link; replace it by the file that it points to"

    def test_a_source_may_be_a_symbolic_link_to_a_folder(self, tmp_path: Path) -> None:
        root = create_folder(tmp_path / "a", TREE)
        (tmp_path / "link").symlink_to(root)
        assert package(str(tmp_path / "link")).digest == package(str(root)).digest

    def test_special_files_in_folders_are_refused(self, tmp_path: Path) -> None:
        root = create_folder(tmp_path / "a", TREE)
        os.mkfifo(root / "pipe")
        assert refusal_message(str(root)) == "pipe: is not a regular file"

    @pytest.mark.parametrize(
        ("mode", "rule"), [(0o120777, "a: is a link"), (0o010644, "a: is not a regular file")]
    )
    def test_links_and_special_files_in_zips_are_refused(self, tmp_path: Path, mode: int, rule: str) -> None:
        info = zipfile.ZipInfo("a")
        info.external_attr = mode << 16
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        assert rule in refusal_message(str(tmp_path / "x.zip"))

    def test_an_entry_with_a_second_name_is_refused(self, tmp_path: Path) -> None:
        info = zipfile.ZipInfo("a.json")
        unicode_name = struct.pack("<BL", 1, zlib.crc32(b"a.json")) + b"../b.json"
        info.extra = struct.pack("<HH", 0x7075, len(unicode_name)) + unicode_name
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(info, "{}")
        assert "a.json: has a second name" in refusal_message(str(tmp_path / "x.zip"))

    def test_an_entry_that_differs_from_the_central_directory_is_refused(self, tmp_path: Path) -> None:
        """Such a zip unpacks to different files, by its central directory or by its entries."""
        path = create_zip(tmp_path / "x.zip", {"a.json": b"{}"})
        path.write_bytes(path.read_bytes().replace(b"a.json", b"b.json", 1))
        archive = package(str(path))
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.digest  # noqa: B018 - reads

    def test_entries_that_share_their_bytes_are_refused(self, tmp_path: Path) -> None:
        """A zip bomb without nesting: many entries of the central directory share a compressed stream."""
        path = create_zip(tmp_path / "x.zip", {"a.json": bytes(5 << 20)})
        data = path.read_bytes()
        position, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
        entry, end_record = data[position:end], bytearray(data[end:])
        entries = b"".join(entry.replace(b"a.json", b"%06d" % number) for number in range(40))
        struct.pack_into("<HHLL", end_record, 8, 40, 40, len(entries), position)
        path.write_bytes(data[:position] + entries + end_record)
        assert "must not unpack to more than 100 times its size" in refusal_message(str(path))

    def test_an_entry_with_a_huge_claimed_size_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive, archive.open("a.json", "w", force_zip64=True) as target:
            target.write(b"{}")
        with zipfile.ZipFile(path, "a") as archive:
            archive.infolist()[0].file_size = 1 << 62
            archive.comment = b"."
        assert "must unpack to at most 4 GB" in refusal_message(str(path))

    def test_a_link_from_a_folder_to_itself_is_refused(self, tmp_path: Path) -> None:
        root = create_folder(tmp_path / "a", TREE)
        (root / "nested" / "round").symlink_to(root, target_is_directory=True)
        assert (
            refusal_message(str(root)) == "nested/round: is a link; replace it by the file that it points to"
        )

    def test_a_device_is_refused(self) -> None:
        assert "folder" in refusal_message("/dev/zero") or "regular file" in refusal_message("/dev/zero")
        assert "is not a regular file" in refusal_message({"files": {"a": "/dev/zero"}})

    def test_encrypted_entries_are_refused(self, tmp_path: Path) -> None:
        assert "a.json: is encrypted" in refusal_message(str(create_patched_zip(tmp_path, 8, "<H", 1)))

    def test_uncommon_compression_methods_are_refused(self, tmp_path: Path) -> None:
        path = create_zip(tmp_path / "x.zip", {"a.json": b"{}"}, method=zipfile.ZIP_LZMA)
        assert "a.json: is compressed by method 14" in refusal_message(str(path))
        assert "a.json: is compressed by method 9" in refusal_message(
            str(create_patched_zip(tmp_path, 10, "<H", 9))
        )

    def test_an_entry_larger_than_its_claimed_size_is_refused(self, tmp_path: Path) -> None:
        archive = package(str(create_patched_zip(tmp_path, 24, "<L", 1)))
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.digest  # noqa: B018 - reads
        with pytest.raises(ValueError, match="is a damaged zip"):
            archive.read("a.json")

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"",
            lambda data: b"PK\x03\x04" + bytes(100),
            lambda data: data[: len(data) // 2],
            lambda data: b"\x1f\x8b" + data[:20],
            lambda data: data[:-22] + data[-22:].replace(b"PK\x05\x06", b"PK\x05\x07"),
        ],
    )
    def test_a_file_that_is_not_a_zip_is_refused(
        self, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        path = create_zip(tmp_path / "x.zip", TREE)
        path.write_bytes(damage(path.read_bytes()))
        assert refusal_message(str(path)).startswith("is not a zip that can be read: ")

    @settings(deadline=None)
    @given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
    def test_a_changed_bit_in_a_zip_gives_a_message_or_is_harmless(self, position: int, bit: int) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = create_zip(Path(name, "x.zip"), TREE)
            data = bytearray(path.read_bytes())
            data[position % len(data)] ^= 1 << bit
            path.write_bytes(data)
            try:
                assert package(str(path)).digest.startswith("sha256:")
            except ValueError as error:
                assert type(error) is ValueError  # noqa: PT017 - a decoding error is a subclass, without a message of ours


def create_patched_zip(root: Path, position: int, number_format: str, value: int) -> Path:
    """A zip of `a.json` with another number in its central directory."""
    path = create_zip(root / "patched.zip", {"a.json": b"{}"})
    data = bytearray(path.read_bytes())
    struct.pack_into(number_format, data, data.index(b"PK\x01\x02") + position, value)
    path.write_bytes(data)
    return path


class TestLimits:
    def test_a_zip_bomb_is_refused_by_its_ratio(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("zeros", "w") as target,
        ):
            for _ in range(101):
                target.write(bytes(1 << 20))
        assert "must not unpack to more than 100 times its size" in refusal_message(str(path))

    def test_the_number_of_entries_is_limited(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zips, "ENTRIES", 3)
        for source in (create_folder(tmp_path / "a", TREE), create_zip(tmp_path / "a.zip", TREE)):
            assert refusal_message(str(source)) == "must have at most 3 entries: it has 4"

    def test_the_size_of_the_central_directory_is_limited(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(zips, "LIST_BYTES", 200)
        assert "its list of entries has" in refusal_message(str(create_zip(tmp_path / "a.zip", TREE)))

    def test_the_unpacked_size_is_limited(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zips, "UNPACKED_BYTES", 1 << 30)
        root = create_folder(tmp_path / "a", {})
        with (root / "big").open("wb") as stream:
            stream.truncate((1 << 30) + 1)
        assert refusal_message(str(root)) == "must unpack to at most 1 GB: it has 1073741825 bytes"
        assert "must unpack to at most 1 GB: it has 2147483648 bytes" in refusal_message(
            str(create_patched_zip(tmp_path, 24, "<L", 1 << 31))
        )

    def test_the_zipped_size_is_limited_before_an_upload(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noise = {"noise": os.urandom(5000)}
        root, path = create_folder(tmp_path / "a", noise), create_zip(tmp_path / "a.zip", noise)
        zeros = create_folder(tmp_path / "b", {"zeros": bytes(5000)})
        monkeypatch.setattr(zips, "ZIPPED_BYTES", 4000)
        for source in (root, path):
            assert "must be at most 4000 bytes when zipped" in refusal_message(str(source))
        assert package(str(zeros)).entries == [("zeros", 5000)]

    def test_the_size_of_a_file_that_is_read_into_memory_is_limited(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        archive = package(str(create_folder(tmp_path / "a", {"a": b"12345"})))
        monkeypatch.setattr(archives, "READ_BYTES", 4)
        with pytest.raises(ValueError, match=r"^a: must have at most"):
            archive.read("a")
        with pytest.raises(ValueError, match=r"^b: is not in the package"):
            archive.read("b")

    def test_many_broken_rules_make_a_short_message(self) -> None:
        message = refusal_message({"files": {f"../{number}": {"text": ""} for number in range(1000)}})
        assert message.count("must not lead out") == 10
        assert message.endswith("; and 990 more")

    @pytest.mark.soak
    def test_packing_a_large_file_needs_little_memory(self, tmp_path: Path) -> None:
        root = create_folder(tmp_path / "a", TREE)
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
        environment = {"PYTHONPATH": str(PROVIDER)}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert int(result.stdout) < 100 << 10  # kilobytes


class TestBicep:
    SOURCES = {"mainTemplate.bicep": b"param a string", "m/n.bicep": b"", "createUiDefinition.json": b"{}"}

    def test_the_compiled_template_replaces_the_bicep_sources(self, tmp_path: Path, monkeypatch: Any) -> None:
        install_bicep(monkeypatch, tmp_path / "bin", 'echo "$@"; cat "$3"')
        root = create_folder(tmp_path / "app", self.SOURCES)
        files_by_name = {
            "files": {
                "m/n.bicep": {"text": "// 2"},
                **{name: str(root / name) for name in self.SOURCES if "/" not in name},
            }
        }
        for source in (str(root), files_by_name):
            archive = package(source)
            assert [name for name, _ in archive.entries] == ["createUiDefinition.json", "mainTemplate.json"]
            text = archive.read("mainTemplate.json")
            assert text == b"build --stdout mainTemplate.bicep\nparam a string"
            with archive.zipped() as content, content.open() as stream, zipfile.ZipFile(stream) as zip_file:
                assert zip_file.read("mainTemplate.json") == text
                assert zip_file.namelist() == ["createUiDefinition.json", "mainTemplate.json"]

    def test_bicep_sources_are_compiled_once_a_change(self, tmp_path: Path, monkeypatch: Any) -> None:
        command_folder = install_bicep(monkeypatch, tmp_path / "bin", 'cat "$3" m/n.bicep')
        root = create_folder(tmp_path / "app", self.SOURCES)
        assert package(str(root)).digest == package(str(root)).digest
        assert (command_folder / "runs").read_text() == "run\n"
        digest = package(str(root)).digest
        (root / "m" / "n.bicep").write_text("// other")
        assert package(str(root)).digest != digest
        assert (command_folder / "runs").read_text() == "run\n" * 2

    def test_an_existing_template_is_used_without_compiling(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setenv("PATH", "")
        root = create_folder(tmp_path / "app", self.SOURCES | {"mainTemplate.json": b"{}"})
        assert package(str(root)).read("mainTemplate.json") == b"{}"

    def test_a_missing_bicep_command_is_reported_with_what_to_install(
        self, tmp_path: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        message = refusal_message(str(create_folder(tmp_path / "app", self.SOURCES)))
        assert message.startswith("mainTemplate.bicep: needs the `bicep` command on PATH: install it")

    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            ("echo 'main(1,2) : Error BCP018' >&2; exit 1", "`bicep build` failed: main(1,2) : Error BCP018"),
            ("exit 7", "`bicep build` failed: exit code 7"),
        ],
    )
    def test_an_error_of_the_bicep_compiler_is_quoted(
        self, tmp_path: Path, monkeypatch: Any, script: str, reason: str
    ) -> None:
        install_bicep(monkeypatch, tmp_path / "bin", script)
        root = create_folder(tmp_path / "app", self.SOURCES | {"salt": os.urandom(16)})
        for _ in range(2):
            assert refusal_message(str(root)) == f"mainTemplate.bicep: {reason}"

    def test_a_compiler_that_hangs_or_cannot_run_is_reported(self, tmp_path: Path, monkeypatch: Any) -> None:
        command_folder = install_bicep(monkeypatch, tmp_path / "bin", "exec sleep 60")
        monkeypatch.setattr("pulumi_partnercenter.content.bicep.TIMEOUT_SECONDS", 0.05)
        root = create_folder(tmp_path / "app", self.SOURCES)
        assert refusal_message(str(root)) == "mainTemplate.bicep: `bicep build` took more than 0.05 seconds"
        (command_folder / "bicep").write_bytes(b"\x7fELF")
        assert (
            refusal_message(str(root))
            == f"mainTemplate.bicep: {command_folder}/bicep cannot be run (Exec format error)"
        )
