"""Business Central apps: manifests, libraries, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.app_files import LEDGER, build_app, build_header
from tests.unit.package_files import create_folder, create_zip

from pulumi_partnercenter.content.apps import App, AppPackage, libraries, main_app, version_of


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
        (b"", "does not begin with NAVX"),
        (b"PK\x03\x04", "does not begin with NAVX"),
        (b"NAVX", "its header is not complete"),
        (b"NAVX\x28\x00\x00\x00", "its header is not complete"),
        (b"NAVX\xff\xff\xff\xff" + b"NAVX" * 20, "its header is not complete"),
        (build_header(b"no zip"), "is not a zip that can be read"),
        (build_app()[:-30], "is not a zip that can be read"),
        (build_app(manifest=b"<Package"), "NavxManifest.xml is no XML"),
        (build_app(manifest=b"<Package/>"), "has no id, name, publisher of the app"),
        (build_app(version="1.0"), "version '1.0' must have four numbers"),
        (build_app(version="1.0.0.-1"), "must have four numbers"),
        (build_app(manifest=b" " * (1 << 21)), "must have at most 1048576 bytes"),
        (build_app(manifest=DOCTYPE + b"]><Package>&i;</Package>"), "is no XML"),
    ],
)
def test_a_file_that_is_no_app_breaks_a_rule(data: bytes, rule: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r".app|zip") as caught:
        main_app(write(tmp_path, data))
    assert rule in str(caught.value)


@pytest.mark.parametrize("cut", range(0, len(build_app()), 7))
def test_a_file_that_was_cut_off_is_a_broken_rule(cut: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"NAVX|header|zip"):
        main_app(write(tmp_path, build_app()[:cut]))


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
                "Base 1.0.0.0 and Base 2.0.0.0: an app can be in the package once",
            ),
            ({"base.app": b"text", "other.app": build_app()}, "base.app: is no Business Central app"),
        ],
    )
    def test_a_folder_of_something_else_breaks_a_rule(
        self, files: dict[str, bytes], rule: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match="app") as caught:
            libraries(str(create_folder(tmp_path / "dependencies", files)))
        assert rule in str(caught.value)


def test_versions_are_compared_by_number() -> None:
    assert version_of("10.0.0.0") > version_of("9.9.9.9")
    assert version_of("1.0") == version_of("") == ()
