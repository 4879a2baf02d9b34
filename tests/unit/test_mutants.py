"""The mutation score: which mutants count as noticed, and when the command fails."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest
from provider.tools import mutants
from provider.tools.mutants import Equivalent, Mutant, compare, read_functions, report, sample

CHANGE = ("- return price > 0", "+ return price >= 0")
KILLED = Mutant("model.py", "price", "killed")
SURVIVOR = Mutant("model.py", "price", "survived", CHANGE)
ENTRY = Equivalent("model.py", "price", CHANGE, "prices are never 0")


@pytest.mark.parametrize(
    ("killed", "survivors", "equivalents", "code"),
    [
        (17, 3, [], 0),
        (16, 4, [], 1),
        (1, 1, [ENTRY], 0),
        (20, 0, [ENTRY], 1),
    ],
)
def test_a_low_score_and_an_unused_entry_fail(
    killed: int, survivors: int, equivalents: list[Equivalent], code: int
) -> None:
    assert report([KILLED] * killed + [SURVIVOR] * survivors, equivalents, is_whole=True) == code


def test_an_unused_entry_is_no_failure_of_a_sample() -> None:
    assert report([KILLED], [ENTRY], is_whole=False) == 0


@pytest.mark.parametrize("status", ["no tests", "suspicious", "survived"])
def test_a_surviving_mutant_is_shown_with_its_change(status: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report([Mutant("model.py", "price", status, CHANGE)], [], is_whole=True) == 1
    assert capsys.readouterr().out.splitlines()[:3] == [
        f"model.py price: {status}",
        "  - return price > 0",
        "  + return price >= 0",
    ]


def test_an_entry_with_another_change_excuses_nothing() -> None:
    assert not Equivalent("model.py", "price", CHANGE[:1], "").matches(SURVIVOR)
    assert not Equivalent("model.py", "other", CHANGE, "").matches(SURVIVOR)
    assert not Equivalent("lifecycle.py", "price", CHANGE, "").matches(SURVIVOR)


def test_a_change_is_read_from_both_versions_of_a_function(tmp_path: Path) -> None:
    module = tmp_path / "model.py"
    module.write_text(
        "class Price:\n"
        "    def xǁPriceǁabove__mutmut_orig(self, least=0):\n        return self.amount > least\n\n"
        "    def xǁPriceǁabove__mutmut_1(self, least=1):\n        return self.amount > least\n"
    )
    functions = read_functions(module)
    assert compare(functions["xǁPriceǁabove__mutmut_orig"], functions["xǁPriceǁabove__mutmut_1"]) == (
        "- def (self, least=0):",
        "+ def (self, least=1):",
    )


def test_a_sample_is_the_same_for_a_seed_and_never_more_than_the_whole() -> None:
    names = [f"lifecycle.x_check__mutmut_{number}" for number in range(100)]
    sizes = [sum(fnmatch(name, sample(tenths, seed=3)) for name in names) for tenths in range(1, 11)]
    assert sizes == list(range(10, 110, 10))
    assert sample(2, seed=3) == sample(2, seed=3)


def test_every_area_has_modules_and_tests_that_exist() -> None:
    package = mutants.CHECKOUT / "provider" / mutants.PACKAGE
    for area in mutants.AREAS:
        assert all(list(package.glob(module)) for module in area.modules)
        assert all((mutants.CHECKOUT / test).is_file() for test in area.tests)


def test_every_entry_names_a_module_and_has_a_reason() -> None:
    for entry in mutants.read_equivalents():
        assert (mutants.CHECKOUT / "provider" / mutants.PACKAGE / entry.module).is_file()
        assert entry.change
        assert len(entry.reason) > 10
