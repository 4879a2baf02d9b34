"""How an engine is found or got, tried on machines made of folders and scripts; nothing leaves the loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from provider.tools.engine.engine import CHECKOUT, FILES, OLDEST
from provider.tools.engine.source import MODULES, engine_version

GO = f"""#!{sys.executable}
# A Go that builds nothing: it writes what a build would leave, and a diary of how it was called.
import os, pathlib, sys
home, arguments = pathlib.Path(os.environ["HOME"]), sys.argv[1:]
with (home / "diary").open("a") as diary:
    print(os.getpid(), os.environ["GOTOOLCHAIN"], os.environ["GOFLAGS"], *arguments, file=diary)
if arguments[0] == "env":
    print((home / "go-version").read_text())
elif arguments[:2] == ["list", "-m"]:
    print(home / "sdk")
elif arguments[0] == "list":
    print("go: downloading example.com/module v1.0.0", file=sys.stderr)
    print("one/package")
elif arguments[0] == "build":
    if (home / "gate").exists():
        (home / "at-the-gate").open("w").close()
        (home / "gate").open().close()
    if (home / "broken").exists():
        sys.exit("go: example.com/module: no such host")
    built = pathlib.Path(arguments[arguments.index("-o") + 1], arguments[-1].rpartition("/")[2])
    built.write_text("#!/bin/sh\\necho " + arguments[arguments.index("-ldflags") + 1].rpartition("=")[2])
    built.chmod(0o755)
"""


@dataclass
class Machine:
    """A home, a PATH of one folder, an empty cache, and no internet."""

    home: Path

    @property
    def path(self) -> Path:
        return self.home / "bin"

    @property
    def cached(self) -> list[Path]:
        return sorted(file for file in (self.home / ".cache").glob("*/engine/*/*") if file.is_file())

    @property
    def leftovers(self) -> list[Path]:
        return list((self.home / ".cache").glob("*/engine/*.partial-*"))

    @property
    def diary(self) -> list[str]:
        diary = self.home / "diary"
        return diary.read_text().splitlines() if diary.exists() else []

    @property
    def builds(self) -> list[str]:
        return [entry for entry in self.diary if " build " in entry]

    def env(self) -> dict[str, str]:
        nowhere = "http://127.0.0.1:9"
        return {"HOME": str(self.home), "PATH": str(self.path), "https_proxy": nowhere, "GOFLAGS": "-mod=mod"}

    def engine(self, folder: Path, says: str = "v3.300.0", without: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            if name != without:
                _script(folder / name, f"#!/bin/sh\necho {says}\n")
        return folder / "pulumi"

    def go(self, version: str = "go1.99.0") -> None:
        (self.home / "go-version").write_text(version)
        _script(self.path / "go", GO)
        for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            file = self.home / "sdk" / "python" / script
            file.parent.mkdir(parents=True)
            file.write_text("#!/bin/sh\n")

    def gate(self) -> None:
        """From now on a build stops until `opened`."""
        os.mkfifo(self.home / "gate")
        os.mkfifo(self.home / "at-the-gate")

    def reached(self) -> None:
        (self.home / "at-the-gate").open().close()

    def opened(self) -> None:
        gate = self.home / "gate"
        passing = gate.open("w")
        gate.unlink()
        passing.close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "provider.tools.engine.engine", *arguments]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.env(), capture_output=True, text=True, check=False
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [sys.executable, "-m", "provider.tools.engine.engine"],
            cwd=CHECKOUT,
            env=self.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - no other thread runs here
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _hears_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and so does everything below."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    return Machine(tmp_path)


def test_path_comes_before_home_and_home_before_the_cache(machine: Machine) -> None:
    machine.go()
    built = machine.run()
    in_home = machine.engine(machine.home / ".pulumi" / "bin")
    from_home = machine.run()
    on_path = machine.engine(machine.path)
    from_path = machine.run()
    assert Path(built.stdout.strip()) in machine.cached
    assert from_home.stdout.strip() == str(in_home)
    assert from_path.stdout.strip() == str(on_path)


@pytest.mark.parametrize(
    "says", ["v3.215.9", "v2.900.0", "3.9.0", "", "no version"], ids=lambda says: says or "nothing"
)
def test_an_engine_that_is_too_old_or_has_no_version_is_passed_over(machine: Machine, says: str) -> None:
    machine.engine(machine.path, says)
    fit = machine.engine(machine.home / ".pulumi" / "bin", "v3.216.0")
    assert machine.run().stdout.strip() == str(fit)


@pytest.mark.parametrize("missing", FILES[1:])
def test_an_engine_without_all_of_its_files_is_passed_over(machine: Machine, missing: str) -> None:
    machine.engine(machine.path, without=missing)
    asked = machine.run()
    assert asked.returncode == 1
    assert f"passed over: {machine.path}/pulumi has no complete Python support" in asked.stderr


def test_the_files_of_an_engine_may_lie_behind_a_link(machine: Machine) -> None:
    elsewhere = machine.engine(machine.home / "opt")
    (machine.path / "pulumi").symlink_to(elsewhere)
    assert machine.run().stdout.strip() == str(machine.path / "pulumi")


def test_a_wrapper_of_ours_on_path_is_not_taken_for_an_engine(machine: Machine) -> None:
    fit = machine.engine(machine.home / ".pulumi" / "bin")
    machine.run("--wrapper", str(machine.path / "pulumi"))
    assert machine.run().stdout.strip() == str(fit)


@pytest.mark.parametrize("version", [None, "go1.20.3", "devel"])
def test_without_a_go_that_will_do_one_line_says_what_to_install(
    machine: Machine, version: str | None
) -> None:
    if version:
        machine.go(version)
    asked = machine.run()
    assert asked.returncode == 1
    assert asked.stdout == ""
    assert asked.stderr.count("\n") == 1
    assert "needs Go 1.25.11 or newer" in asked.stderr
    assert "install Go from" in asked.stderr
    assert (version or "none on PATH") in asked.stderr
    assert not machine.builds


def test_a_build_is_complete_stamped_pinned_and_kept(machine: Machine) -> None:
    machine.go()
    first = machine.run()
    assert first.returncode == 0, first.stderr
    assert sorted(file.name for file in machine.cached) == sorted(FILES)
    assert all(os.access(file, os.X_OK) for file in machine.cached)
    stamp = subprocess.run([first.stdout.strip(), "version"], capture_output=True, text=True, check=True)
    assert stamp.stdout.strip() == f"v{engine_version()}"
    assert all(" local -mod=readonly " in entry for entry in machine.diary)
    assert not machine.leftovers

    entries = len(machine.diary)
    assert machine.run().stdout == first.stdout
    assert len(machine.diary) == entries


def test_a_damaged_cache_is_built_again(machine: Machine) -> None:
    machine.go()
    pulumi = Path(machine.run().stdout.strip())
    pulumi.write_text("")
    assert machine.run().returncode == 0
    assert sorted(file.name for file in machine.cached) == sorted(FILES)
    assert pulumi.read_text()


def test_a_failed_build_leaves_nothing_and_says_what_go_said(machine: Machine) -> None:
    machine.go()
    (machine.home / "broken").touch()
    asked = machine.run()
    assert asked.returncode == 1
    doing, said, following = asked.stderr.splitlines()[-3:]
    assert "getting Pulumi's engine: `go build" in doing
    assert "example.com/module: no such host" in said
    assert "next:" in following
    assert not machine.cached
    assert not machine.leftovers


def test_a_killed_build_is_redone_and_its_leftovers_go(machine: Machine) -> None:
    machine.go()
    machine.gate()
    with machine.running() as first:
        machine.reached()
        first.kill()
        first.wait()
    os.kill(int(machine.builds[0].split()[0]), signal.SIGKILL)  # what it had started lives on
    assert machine.leftovers
    assert not machine.cached

    (machine.home / "gate").unlink()
    assert machine.run().returncode == 0
    assert not machine.leftovers
    assert sorted(file.name for file in machine.cached) == sorted(FILES)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_build_that_is_asked_to_end_takes_all_of_it_away(machine: Machine, how: signal.Signals) -> None:
    machine.go()
    machine.gate()
    with machine.running() as first:
        machine.reached()
        first.send_signal(how)
        first.communicate()
    assert first.returncode == 128 + how
    assert not machine.leftovers
    with pytest.raises(ProcessLookupError):
        os.kill(int(machine.builds[0].split()[0]), 0)


def test_two_at_the_same_time_build_once(machine: Machine) -> None:
    machine.go()
    machine.gate()
    with machine.running() as first, machine.running() as second:
        machine.reached()
        # whichever came second says so; the other is at the gate, or has said that it builds
        lines = {_first_line(first), _first_line(second)}
        machine.opened()
        answers = {first.communicate()[0], second.communicate()[0]}
    assert any("waiting" in line for line in lines)
    assert any("building" in line for line in lines)
    assert len(answers) == 1
    assert len(machine.builds) == 2  # the language host and the command line, once each
    assert first.returncode == second.returncode == 0


@pytest.mark.parametrize("pins", ["go", "lang"])
def test_every_pinned_module_has_its_checksum(pins: str) -> None:
    required = re.findall(
        r"^\s*(?:require )?(\S+) (v\S+)", (MODULES / f"{pins}.mod").read_text(), re.MULTILINE
    )
    sums = {tuple(line.split()[:2]) for line in (MODULES / f"{pins}.sum").read_text().splitlines()}
    assert len(required) > 50
    assert [module for module in required if (module[0], f"{module[1]}/go.mod") not in sums] == []
    assert all(
        re.search(r" h1:\S{43}=$", line) for line in (MODULES / f"{pins}.sum").read_text().splitlines()
    )


@pytest.mark.parametrize(
    ("file", "groups"),
    [("requirements.lock", ["dev"]), ("requirements.infrastructure.lock", ["infrastructure"])],
)
def test_the_lock_has_a_hash_for_everything_and_names_no_place(file: str, groups: list[str]) -> None:
    lock = (CHECKOUT / "provider" / file).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n?", "", lock).strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"(?i)https?:|--index|--extra-index|find-links|file:", lock) == []

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values() if "dev" in groups else []
    groups_wanted = [project["dependency-groups"][group] for group in groups]
    wanted = [project["project"]["dependencies"], *groups_wanted, *extras]
    names = {re.split(r"[\[<>=!~; ]", item)[0].lower() for group in wanted for item in group}
    assert names - {entry.partition("==")[0].partition("[")[0] for entry in entries} == set()


def test_pulumi_yaml_asks_for_the_version_that_is_looked_for() -> None:
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    assert project["requiredPulumiVersion"] == ">=" + ".".join(map(str, OLDEST))


def test_environment_and_engine_need_nothing_but_python() -> None:
    """A bare checkout has no package yet when they run."""
    modules = ["engine.environment", "engine.engine", "engine.progress", "engine.source", "engine.wrapper"]
    program = "import " + ", ".join(f"provider.tools.{module}" for module in modules)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=CHECKOUT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


REPORT = f"""#!{sys.executable}
import json, os, signal, sys
if sys.argv[1:] == ["version"]:
    print("v3.300.0")
else:
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    print(json.dumps({{"env": dict(os.environ), "arguments": sys.argv[1:], "ignored": ignored}}))
"""


@pytest.fixture
def wrapped(machine: Machine) -> Machine:
    """A machine whose engine reports how it was run, and `environment/bin/pulumi` that runs it."""
    _script(machine.engine(machine.home / ".pulumi" / "bin"), REPORT)
    environment = machine.home / "an environment" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to(sys.executable)
    assert machine.run("--wrapper", str(environment / "pulumi")).returncode == 0
    return machine


def _report(machine: Machine, *arguments: str, **env: str) -> dict:
    wrapper = machine.home / "an environment" / "bin" / "pulumi"
    kept = machine.env() | env
    done = subprocess.run([wrapper, *arguments], env=kept, capture_output=True, text=True, check=True)
    return yaml.safe_load(done.stdout)


def test_the_wrapper_keeps_state_in_the_checkout_and_puts_the_environment_first(wrapped: Machine) -> None:
    report = _report(wrapped, "preview", "--config", "a b=c d")
    env = report["env"]
    assert report["arguments"] == ["preview", "--config", "a b=c d"]
    assert env["PULUMI_BACKEND_URL"] == f"file://{CHECKOUT}"
    assert env["PULUMI_HOME"] == f"{CHECKOUT}/.pulumi/home"
    assert env["PULUMI_CONFIG_PASSPHRASE"] == ""
    assert env["PATH"].split(":") == [
        str(wrapped.home / "an environment" / "bin"),
        str(wrapped.home / ".pulumi" / "bin"),
        str(wrapped.path),
    ]


def test_what_the_environment_sets_wins_over_the_wrapper(wrapped: Machine) -> None:
    theirs = {
        "PULUMI_BACKEND_URL": "file:///elsewhere",
        "PULUMI_HOME": "/their/home",
        "PULUMI_CONFIG_PASSPHRASE": "theirs",
        "PULUMI_SKIP_UPDATE_CHECK": "false",
    }
    assert _report(wrapped, **theirs)["env"].items() >= theirs.items()
    assert "PULUMI_CONFIG_PASSPHRASE" not in _report(wrapped, PULUMI_CONFIG_PASSPHRASE_FILE="/a/file")["env"]


def test_the_wrapper_undoes_an_inherited_ignored_sigint(wrapped: Machine) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert _report(wrapped)["ignored"] is False
    finally:
        signal.signal(signal.SIGINT, before)


def _script(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()
