"""Each resource's example is a whole program: previewed without network, made on the emulator, unchanged after that."""

from __future__ import annotations

from pathlib import Path

from provider.tools.emulators import serve
from provider.tools.generate.pages import EXAMPLES, example_of, module
from provider.tools.generate.readme import resources
from tests.docs.programs import OFFLINE, together


def test_every_resource_has_one_and_shows_itself() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {module(each) for each in resources()}
    for each in resources():
        assert f"partnercenter.{each.__name__}(" in example_of(each).read_text(encoding="utf-8")


def test_all_of_them_are_previewed_made_and_unchanged_after_that(tmp_path: Path) -> None:
    programs = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py")}
    project = together(tmp_path / "project", programs)
    planned = project.preview(**OFFLINE).well().counts["create"]
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        emulator.legacy_test_drive()  # for the one that only old offers have
        assert project.up().well().counts == {"created": planned}
        emulator.clear()
        project.up("--expect-no-changes").well()
        assert emulator.requests() == []
        project.refresh("--expect-no-changes").well()
        assert len(emulator.state()["submissions"]) == 1
