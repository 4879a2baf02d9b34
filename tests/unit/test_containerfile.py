"""The Containerfile of the SaaS service. `make check` lints it; these are the promises that a linter does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n", " ", (CHECKOUT / "provider" / "saas.Containerfile").read_text()).splitlines()
INSTRUCTIONS = [
    (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in LINES if line and line[0] != "#"
]


def arguments(instruction: str, instructions: list[tuple[str, str]] = INSTRUCTIONS) -> list[str]:
    return [value for name, value in instructions if name == instruction]


def last_stage() -> list[tuple[str, str]]:
    start = max(number for number, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM")
    return INSTRUCTIONS[start:]


def test_both_stages_begin_with_the_base_that_the_builder_may_name() -> None:
    assert next(name for name, _ in INSTRUCTIONS) == "ARG"
    assert arguments("FROM") == ["${BASE} AS build", "${BASE}"]


def test_the_service_runs_without_root_and_without_a_shell() -> None:
    (user,) = arguments("USER", last_stage())
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    (entry,), (command,) = (arguments(name, last_stage()) for name in ("ENTRYPOINT", "CMD"))
    assert [*json.loads(entry), json.loads(command)[0]] == [
        "/opt/service/bin/partnercenter",
        "saas",
        "serve",
    ]


def test_every_package_is_one_of_a_lock() -> None:
    """What an installation names is a lock with hashes, or the wheel of this checkout without its dependencies."""
    installations = [
        command.split() for run in arguments("RUN") for command in run.split("&&") if "pip install" in command
    ]
    assert len(installations) == 3
    copied = {Path(name).name for value in arguments("COPY") for name in value.split()[:-1]}
    for installation in installations:
        if "--require-hashes" in installation:
            assert installation[installation.index("--requirement") + 1] in copied
        else:
            assert {"--no-deps", "--no-index"} <= set(installation)


def test_what_is_copied_exists_and_is_part_of_the_build_context() -> None:
    allowed = (CHECKOUT / ".dockerignore").read_text()
    names = [name for value in arguments("COPY") if "--from" not in value for name in value.split()[:-1]]
    assert names
    for name in names:
        assert (CHECKOUT / name).exists(), name
        assert f"\n!{name.partition('/')[0]}\n" in allowed, name
        assert f"\n{name}\n" not in allowed, name
