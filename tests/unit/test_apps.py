"""Business Central apps: manifests, libraries, and files that are none."""

from __future__ import annotations

import re
import shutil
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from random import Random

import pytest
from tests.unit.app_files import LEDGER, build_app, build_header, name_id
from tests.unit.package_files import create_folder, create_zip

from pulumi_partnercenter.content.apps import (
    App,
    AppPackage,
    Dependency,
    find_app,
    libraries,
    main_app,
    version_of,
)


def write(folder: Path, data: bytes, name: str = "ledger.app") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def uploaded_bytes(package: AppPackage) -> bytes:
    with package.zipped() as content, content.open() as stream:
        return stream.read()


def test_the_manifest_of_an_app_is_read(tmp_path: Path) -> None:
    package = main_app(write(tmp_path, build_app("Ledger", "2.1.0.4")))
    assert package.apps == (App(LEDGER, "Ledger", "Contoso", "2.1.0.4"),)
    assert uploaded_bytes(package) == build_app("Ledger", "2.1.0.4")


def test_the_dependencies_of_an_app_are_read(tmp_path: Path) -> None:
    (app,) = main_app(write(tmp_path, build_app(needs={"Base": "1.2.0.0"}))).apps
    assert app.dependencies == (Dependency(name_id("Base"), "Base", "Contoso", "1.2.0.0"),)


MANIFEST = (
    f'<Package xmlns="http://schemas.microsoft.com/navx/2015/manifest"><App Id="{LEDGER}" Name="Bücher 簿"'
    ' Publisher="Contoso" Version="1.0.0.0"/></Package>'
)


@pytest.mark.parametrize(
    "manifest",
    [
        MANIFEST.encode(),
        MANIFEST.encode("utf-8-sig"),
        *(MANIFEST.encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
        *(
            f'<?xml version="1.0" encoding="utf-16"?>{MANIFEST}'.encode(encoding)
            for encoding in ("utf-16", "utf-16-le", "utf-16-be")
        ),
        MANIFEST.replace(' xmlns="http://schemas.microsoft.com/navx/2015/manifest"', "").encode(),
        MANIFEST.replace("navx/2015", "navx/2031").encode(),
        MANIFEST.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns", "xmlns:x").encode(),
        MANIFEST.replace("1.0.0.0", "01.0.00.0").encode(),
    ],
)
def test_a_manifest_may_have_any_encoding_and_namespace(manifest: bytes, tmp_path: Path) -> None:
    (app,) = main_app(write(tmp_path, build_app(manifest=manifest))).apps
    assert (app.name, app.version) == ("Bücher 簿", "1.0.0.0")


def test_names_may_be_long(tmp_path: Path) -> None:
    package = main_app(write(tmp_path, build_app("Ü" * 250), "ü" * 120 + ".app"))
    assert package.apps[0].name == "Ü" * 250


def test_a_signature_may_follow_the_zip(tmp_path: Path) -> None:
    assert main_app(write(tmp_path, build_app() + b"NXSB" + b"\xff" * 9000)).apps[0].name == "Ledger"


def test_an_app_of_symbols_has_a_manifest_like_any_other(tmp_path: Path) -> None:
    path = create_zip(tmp_path / "symbols.zip", {"NavxManifest.xml": MANIFEST.encode()})
    assert main_app(write(tmp_path, build_header(path.read_bytes()))).apps[0].id == LEDGER


class TestPattern:
    @pytest.fixture
    def build(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for path in ("main.app", "out/release/ledger.app", "out/debug/other.app"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(b"")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        ("pattern", "file"),
        [
            ("*.app", "main.app"),
            ("**/ledger.app", "out/release/ledger.app"),
            ("out/**/ledger.app", "out/release/ledger.app"),
            ("**/main.app", "main.app"),
            ("missing.app", "missing.app"),
        ],
    )
    def test_a_pattern_stands_for_the_one_file_that_it_matches(
        self, pattern: str, file: str, build: Path
    ) -> None:
        assert find_app(pattern) == file

    @pytest.mark.parametrize(
        ("pattern", "rule"),
        [
            (
                "**/*.app",
                "must match one file: main.app, out/debug/other.app, out/release/ledger.app match it",
            ),
            ("out/*.app", "must match one file: nothing matches it (relative to "),
        ],
    )
    def test_a_pattern_of_none_or_several_files_breaks_a_rule(
        self, pattern: str, rule: str, build: Path
    ) -> None:
        with pytest.raises(ValueError, match="must match one file") as caught:
            find_app(pattern)
        assert rule in str(caught.value)

    def test_libraries_take_a_list_in_place_of_a_pattern(self, build: Path) -> None:
        with pytest.raises(ValueError, match=r"a pattern is a list: glob\.glob\('out/\*/\*\.app'\)"):
            libraries("out/*/*.app")


def test_an_app_is_recognised_by_its_content_whatever_its_name_is(tmp_path: Path) -> None:
    assert main_app(write(tmp_path, build_app(), "build.bin")).apps[0].name == "Ledger"


def test_a_runtime_package_does_not_show_its_app(tmp_path: Path) -> None:
    assert main_app(write(tmp_path, build_header(b".NEA" + b"\x00" * 90))).apps == ()


DOCTYPE = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(1, 9)
)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04", "it is a zip"),
        (b"XVAN" + build_app()[4:], "does not begin with NAVX"),
        (b"NAVX\x29\x00\x00\x00" + build_app()[8:], "its header is not complete"),
        (b"NAVX\x00\x00\x00\x00" + build_app()[8:], "its header is not complete"),
        (b"NAVX", "its header is not complete"),
        (b"NAVX\x28\x00\x00\x00", "its header is not complete"),
        (b"NAVX\xff\xff\xff\xff" + b"NAVX" * 20, "its header is not complete"),
        (build_header(b"no zip"), "is not a zip that can be read"),
        (build_app()[:-30], "is not a zip that can be read"),
        (build_app(manifest=b"<Package"), "NavxManifest.xml is no XML"),
        (build_app(manifest=b"<Package/>"), "has no id, name, publisher of the app"),
        (build_app(version="1.0"), "version '1.0' must have four numbers"),
        (build_app(version="1.0.0.-1"), "must have four numbers"),
        (build_app(version="1.0.0.0.0"), "must have four numbers"),
        (build_app(version="1.0.0.2147483648"), "must have four numbers"),
        (build_app(version="1.0.0.٣"), "must have four numbers"),
        (build_app(manifest=b'<?xml version="1.0" encoding="nonsense"?><a/>'), "is no XML that can be read"),
        (build_app(manifest=b'<?xml version="1.0" encoding="shift_jis"?><a/>'), "is no XML that can be read"),
        (build_app(manifest=b"<!DOCTYPE Package><Package/>"), "it has a document type"),
        (
            build_app(
                manifest='<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'.encode("utf-16")
            ),
            "it has a document type",
        ),
        (build_app(manifest=b" " * (1 << 21)), "must have at most 1048576 bytes"),
        (build_app(manifest=DOCTYPE + b"]><Package>&i;</Package>"), "it has a document type"),
    ],
)
def test_a_file_that_is_no_app_breaks_a_rule(data: bytes, rule: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r".app|zip") as caught:
        main_app(write(tmp_path, data))
    assert rule in str(caught.value)


@pytest.mark.parametrize("cut", range(0, len(build_app()), 7))
def test_a_file_that_was_cut_off_is_a_broken_rule(cut: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"empty|NAVX|header|zip"):
        main_app(write(tmp_path, build_app()[:cut]))


def test_the_reason_for_a_damaged_zip_is_short(tmp_path: Path) -> None:
    path = create_zip(tmp_path / "all.zip", {"a.app": build_app("A"), "b.app": build_app("B")})
    data = bytearray(path.read_bytes())
    data[26:28] = b"\xff\x02"  # the length of the first name
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is a damaged zip: File name in directory") as caught:
        libraries(str(path))
    assert len(str(caught.value)) < 300


class TestLibraries:
    def test_a_single_library_goes_as_it_is(self, tmp_path: Path) -> None:
        data = build_app("Base")
        folder = create_folder(tmp_path / "dependencies", {"base.app": data})
        assert uploaded_bytes(libraries(str(folder))) == data
        assert libraries(str(folder)).digest == libraries(str(folder / "base.app")).digest

    def test_several_become_one_zip_with_the_same_bytes_each_time(self, tmp_path: Path) -> None:
        files = {"base.app": build_app("Base"), "common.app": build_app("Common", "3.0.0.0")}
        first = libraries(str(create_folder(tmp_path / "a", files)))
        second = libraries(str(create_folder(tmp_path / "b", dict(reversed(files.items())))))
        assert [app.name for app in first.apps] == ["Base", "Common"]
        assert uploaded_bytes(first) == uploaded_bytes(second)
        assert first.digest == second.digest

    def test_a_list_of_files_is_as_good_as_their_folder(self, tmp_path: Path) -> None:
        files = {"base.app": build_app("Base"), "common.app": build_app("Common")}
        folder = create_folder(tmp_path / "a", files)
        named = {"files": {name: str(folder / name) for name in files}}
        assert libraries(named).digest == libraries(str(folder)).digest

    def test_a_zip_goes_as_it_is(self, tmp_path: Path) -> None:
        path = create_zip(
            tmp_path / "all.zip", {"base.app": build_app("Base"), "common.app": build_app("Common")}
        )
        package = libraries(str(path))
        assert [app.name for app in package.apps] == ["Base", "Common"]
        assert uploaded_bytes(package) == path.read_bytes()

    def test_libraries_may_need_each_other_and_apps_of_others(self, tmp_path: Path) -> None:
        files = {
            "a.app": build_app("A", needs={"B": "1.0.0.0", "C": "1.0.0.0", "Elsewhere": "9.0.0.0"}),
            "b.app": build_app("B", needs={"C": "1.0.0.0"}),
            "C.APP": build_app("C"),
        }
        package = libraries(str(create_folder(tmp_path / "dependencies", files)))
        assert {app.name for app in package.apps} == {"A", "B", "C"}

    @pytest.mark.parametrize(
        ("names", "rule"),
        [
            (["../x.app"], "must not lead out of a folder"),
            (["base.app", "BASE.app"], "two entries with the same name"),
            (["base.app", "base.app"], "two entries with the same name"),
            (["folder/base.app"], "libraries are .app files, without folders"),
            (["base.app", "read.me"], "read.me: libraries are .app files"),
            ([], "has no .app file"),
        ],
    )
    def test_a_zip_of_something_else_breaks_a_rule(self, names: list[str], rule: str, tmp_path: Path) -> None:
        path = tmp_path / "all.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")  # of the second entry of a name
            for name in names:
                archive.writestr(name, build_app("Base"))
        with pytest.raises(ValueError, match=re.escape(rule)):
            libraries(str(path))

    @pytest.mark.soak
    def test_memory_does_not_grow_with_the_libraries(self, tmp_path: Path) -> None:
        random = Random(16)
        noise = [random.randbytes(1 << 20) for _ in range(8)]
        sizes = {"a.app": 200, "b.app": 100}
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for name, megabytes in sizes.items():
                inner = tmp_path / "inner.zip"
                with zipfile.ZipFile(inner, "w") as app:
                    app.writestr("NavxManifest.xml", MANIFEST.replace(LEDGER, name_id(name)))
                    with app.open("Code.al", "w", force_zip64=True) as entry:
                        for number in range(megabytes):
                            entry.write(noise[number % 8])
                with archive.open(name, "w", force_zip64=True) as entry, inner.open("rb") as stream:
                    entry.write(build_header(b""))
                    shutil.copyfileobj(stream, entry, 1 << 20)
        tracemalloc.start()
        package = libraries(str(tmp_path / "all.zip"))
        assert package.digest
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(package.apps) == 2
        assert peak < 16 << 20

    @pytest.mark.parametrize(
        ("files", "rule"),
        [
            ({}, "has no .app file"),
            ({"readme.txt": b"", "base.app": build_app("Base")}, "readme.txt: libraries are .app files"),
            (
                {"inner/base.app": build_app("Base")},
                "inner/base.app: libraries are .app files, without folders",
            ),
            (
                {"base_1.app": build_app("Base", "1.0.0.0"), "base_2.app": build_app("Base", "2.0.0.0")},
                "Base 1.0.0.0 and Base 2.0.0.0: an app can be in a release once",
            ),
            (
                {
                    "base.app": build_app("Base", needs={"Common": "2.0.0.1"}),
                    "common.app": build_app("Common", "2.0.0.0"),
                },
                "Base 1.0.0.0 needs Common 2.0.0.1 or later: it is 2.0.0.0 here",
            ),
            (
                {
                    "a.app": build_app("A", needs={"B": "1.0.0.0"}),
                    "b.app": build_app("B", needs={"C": "1.0.0.0"}),
                    "c.app": build_app("C", needs={"A": "1.0.0.0"}),
                },
                "apps that need each other can never be installed",
            ),
            (
                {"a.app": build_app("A", needs={"A": "1.0.0.0"})},
                "A needs A: apps that need each other can never be installed",
            ),
            ({"base.app": b"text", "other.app": build_app()}, "base.app: is no Business Central app"),
        ],
    )
    def test_a_folder_of_something_else_breaks_a_rule(
        self, files: dict[str, bytes], rule: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match=re.escape(rule)):
            libraries(str(create_folder(tmp_path / "dependencies", files)))


def test_versions_are_compared_by_number() -> None:
    assert version_of("10.0.0.0") > version_of("9.9.9.9")
    assert version_of("1.0") == version_of("") == version_of("1.2.3.2147483648") == ()
    assert version_of("01.0.0.0") == version_of("1.0.0.0")
