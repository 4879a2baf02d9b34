"""Search, download and build of the engine, on simulated machines without internet."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from provider.tools.engine.engine import CHECKOUT, FILES, OLDEST
from provider.tools.engine.progress import Status, watch
from provider.tools.engine.source import MODULES, engine_version

GO = f"""#!{sys.executable}
# A stand-in for Go: it writes the files of a build, and a line in `diary` a call.
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
    """A simulated machine: a home, a PATH with a single folder, an empty cache, no internet."""

    home: Path

    @property
    def path(self) -> Path:
        return self.home / "bin"

    @property
    def cached_files(self) -> list[Path]:
        return sorted(file for file in (self.home / ".cache").glob("*/engine/*/*") if file.is_file())

    @property
    def partial_files(self) -> list[Path]:
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

    def install_engine(self, folder: Path, version: str = "v3.300.0", missing_file: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            if name != missing_file:
                _write_script(folder / name, f"#!/bin/sh\necho {version}\n")
        return folder / "pulumi"

    def install_go(self, version: str = "go1.99.0") -> None:
        (self.home / "go-version").write_text(version)
        _write_script(self.path / "go", GO)
        for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            file = self.home / "sdk" / "python" / script
            file.parent.mkdir(parents=True)
            file.write_text("#!/bin/sh\n")

    def close_gate(self) -> None:
        """Make builds wait until `open_gate`."""
        os.mkfifo(self.home / "gate")
        os.mkfifo(self.home / "at-the-gate")

    def wait_for_build(self) -> None:
        (self.home / "at-the-gate").open().close()

    def open_gate(self) -> None:
        gate = self.home / "gate"
        writer = gate.open("w")
        gate.unlink()
        writer.close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "provider.tools.engine.engine", *arguments]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.env(), capture_output=True, text=True, check=False
        )

    @contextmanager
    def run_in_background(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [sys.executable, "-m", "provider.tools.engine.engine"],
            cwd=CHECKOUT,
            env=self.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_restore_sigint,  # noqa: PLW1509 - no other thread runs here
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _restore_sigint() -> None:
    """Restore the default of SIGINT: background processes of a shell, and their children, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    return Machine(tmp_path)


def test_the_engine_on_path_precedes_the_one_in_home_and_the_cached_one(machine: Machine) -> None:
    machine.install_go()
    first_run = machine.run()
    engine_in_home = machine.install_engine(machine.home / ".pulumi" / "bin")
    second_run = machine.run()
    engine_on_path = machine.install_engine(machine.path)
    third_run = machine.run()
    assert Path(first_run.stdout.strip()) in machine.cached_files
    assert second_run.stdout.strip() == str(engine_in_home)
    assert third_run.stdout.strip() == str(engine_on_path)


@pytest.mark.parametrize(
    "version", ["v3.215.9", "v2.900.0", "3.9.0", "", "no version"], ids=lambda version: version or "nothing"
)
def test_an_engine_that_is_too_old_or_has_no_version_is_skipped(machine: Machine, version: str) -> None:
    machine.install_engine(machine.path, version)
    engine = machine.install_engine(machine.home / ".pulumi" / "bin", "v3.216.0")
    assert machine.run().stdout.strip() == str(engine)


@pytest.mark.parametrize("missing", FILES[1:])
def test_an_engine_without_all_of_its_files_is_skipped(machine: Machine, missing: str) -> None:
    machine.install_engine(machine.path, missing_file=missing)
    result = machine.run()
    assert result.returncode == 1
    assert f"passed over: {machine.path}/pulumi has no complete Python support" in result.stderr


def test_an_engine_on_path_may_be_a_symbolic_link(machine: Machine) -> None:
    engine = machine.install_engine(machine.home / "opt")
    (machine.path / "pulumi").symlink_to(engine)
    assert machine.run().stdout.strip() == str(machine.path / "pulumi")


def test_our_own_wrapper_on_path_is_not_used_as_engine(machine: Machine) -> None:
    engine = machine.install_engine(machine.home / ".pulumi" / "bin")
    machine.run("--wrapper", str(machine.path / "pulumi"))
    assert machine.run().stdout.strip() == str(engine)


@pytest.mark.parametrize("version", [None, "go1.20.3", "devel"])
def test_without_a_suitable_go_the_error_says_what_to_install(machine: Machine, version: str | None) -> None:
    if version:
        machine.install_go(version)
    result = machine.run()
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "needs Go 1.25.11 or newer" in result.stderr
    assert "install Go from" in result.stderr
    assert (version or "none on PATH") in result.stderr
    assert not machine.builds


def test_a_build_of_the_engine_is_complete_stamped_pinned_and_cached(machine: Machine) -> None:
    machine.install_go()
    first = machine.run()
    assert first.returncode == 0, first.stderr
    assert sorted(file.name for file in machine.cached_files) == sorted(FILES)
    assert all(os.access(file, os.X_OK) for file in machine.cached_files)
    stamp = subprocess.run([first.stdout.strip(), "version"], capture_output=True, text=True, check=True)
    assert stamp.stdout.strip() == f"v{engine_version()}"
    assert all(" local -mod=readonly " in entry for entry in machine.diary)
    assert not machine.partial_files

    entries = len(machine.diary)
    assert machine.run().stdout == first.stdout
    assert len(machine.diary) == entries


def test_a_damaged_cached_engine_is_built_again(machine: Machine) -> None:
    machine.install_go()
    pulumi = Path(machine.run().stdout.strip())
    pulumi.write_text("")
    assert machine.run().returncode == 0
    assert sorted(file.name for file in machine.cached_files) == sorted(FILES)
    assert pulumi.read_text()


def test_a_failed_build_leaves_no_files_and_quotes_go(machine: Machine) -> None:
    machine.install_go()
    (machine.home / "broken").touch()
    result = machine.run()
    assert result.returncode == 1
    action, service_message, advice = result.stderr.splitlines()[-3:]
    assert "getting Pulumi's engine: `go build" in action
    assert "example.com/module: no such host" in service_message
    assert "next:" in advice
    assert not machine.cached_files
    assert not machine.partial_files


def test_a_killed_build_is_repeated_and_its_partial_files_are_deleted(machine: Machine) -> None:
    machine.install_go()
    machine.close_gate()
    with machine.run_in_background() as first:
        machine.wait_for_build()
        first.kill()
        first.wait()
    # the build's process outlives the killed command
    os.kill(int(machine.builds[0].split()[0]), signal.SIGKILL)
    assert machine.partial_files
    assert not machine.cached_files

    (machine.home / "gate").unlink()
    assert machine.run().returncode == 0
    assert not machine.partial_files
    assert sorted(file.name for file in machine.cached_files) == sorted(FILES)


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_interrupted_build_deletes_its_partial_files_and_ends_its_children(
    machine: Machine, stop_signal: signal.Signals
) -> None:
    machine.install_go()
    machine.close_gate()
    with machine.run_in_background() as first:
        machine.wait_for_build()
        first.send_signal(stop_signal)
        first.communicate()
    assert first.returncode == 128 + stop_signal
    assert not machine.partial_files
    with pytest.raises(ProcessLookupError):
        os.kill(int(machine.builds[0].split()[0]), 0)


def test_a_signal_right_after_the_start_of_a_command_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupt)
    endless_command = [sys.executable, "-c", "import signal; signal.pause()"]
    with pytest.raises(KeyboardInterrupt):
        watch(endless_command, str, Status(), env={}, cwd=tmp_path)


def test_two_simultaneous_builds_build_once(machine: Machine) -> None:
    machine.install_go()
    machine.close_gate()
    with machine.run_in_background() as first, machine.run_in_background() as second:
        machine.wait_for_build()
        # a process reports that it waits, the other that it builds
        lines = {_first_line(first), _first_line(second)}
        machine.open_gate()
        outputs = {first.communicate()[0], second.communicate()[0]}
    assert any("waiting" in line for line in lines)
    assert any("building" in line for line in lines)
    assert len(outputs) == 1
    assert len(machine.builds) == 2  # a build of the language host, and a build of the command line
    assert first.returncode == second.returncode == 0


@pytest.mark.parametrize("module_file", ["go", "lang"])
def test_every_pinned_go_module_has_its_checksum(module_file: str) -> None:
    required = re.findall(
        r"^\s*(?:require )?(\S+) (v\S+)", (MODULES / f"{module_file}.mod").read_text(), re.MULTILINE
    )
    sums = {tuple(line.split()[:2]) for line in (MODULES / f"{module_file}.sum").read_text().splitlines()}
    assert len(required) > 50
    assert [module for module in required if (module[0], f"{module[1]}/go.mod") not in sums] == []
    assert all(
        re.search(r" h1:\S{43}=$", line) for line in (MODULES / f"{module_file}.sum").read_text().splitlines()
    )


@pytest.mark.parametrize(
    ("file", "groups", "extras"),
    [
        ("requirements.lock", ["dev"], None),
        ("requirements.infrastructure.lock", ["infrastructure"], []),
        ("requirements.saas.lock", [], ["cli", "saas", "otel"]),
        ("requirements.mutation.lock", ["dev", "mutation"], None),
        ("requirements.browser.lock", ["browser"], "no package"),
        ("requirements.postgresql.lock", ["postgresql"], "no package"),
        ("requirements.image.lock", ["image"], "no package"),
        ("requirements.containerfile.lock", ["containerfile"], "no package"),
    ],
)
def test_every_lock_has_a_hash_for_every_package_and_names_no_index(
    file: str, groups: list[str], extras: list[str] | str | None
) -> None:
    """`extras` None means all of them."""
    lock = (CHECKOUT / "provider" / file).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n?", "", lock).strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"(?i)https?:|--index|--extra-index|find-links|file:", lock) == []

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    optional = project["project"]["optional-dependencies"]
    requirements = [project["dependency-groups"][group] for group in groups]
    if extras != "no package":
        requirements.append(project["project"]["dependencies"])
        requirements += [optional[extra] for extra in (optional if extras is None else extras)]
    names = {re.split(r"[\[<>=!~; ]", item)[0].lower() for group in requirements for item in group}
    assert names - {entry.partition("==")[0].partition("[")[0] for entry in entries} == set()


def test_pulumi_yaml_requires_the_oldest_supported_engine() -> None:
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text())
    assert project["requiredPulumiVersion"] == ">=" + ".".join(map(str, OLDEST))


def test_the_tools_for_environment_and_engine_import_the_standard_library_only() -> None:
    """Both tools run in a bare checkout, before any package is installed."""
    modules = ["engine.environment", "engine.engine", "engine.progress", "engine.source", "engine.wrapper"]
    program = "import " + ", ".join(f"provider.tools.{module}" for module in modules)
    result = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=CHECKOUT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


REPORT = f"""#!{sys.executable}
import json, os, signal, sys
if sys.argv[1:] == ["version"]:
    print("v3.300.0")
else:
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    print(json.dumps({{"env": dict(os.environ), "arguments": sys.argv[1:], "ignored": ignored}}))
"""


@pytest.fixture
def wrapped_machine(machine: Machine) -> Machine:
    """A machine whose engine reports its arguments and environment, with a wrapper `environment/bin/pulumi`."""
    _write_script(machine.install_engine(machine.home / ".pulumi" / "bin"), REPORT)
    environment = machine.home / "an environment" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to(sys.executable)
    assert machine.run("--wrapper", str(environment / "pulumi")).returncode == 0
    return machine


def _run_wrapper(machine: Machine, *arguments: str, **env: str) -> dict:
    wrapper = machine.home / "an environment" / "bin" / "pulumi"
    environment = machine.env() | env
    result = subprocess.run(
        [wrapper, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return yaml.safe_load(result.stdout)


def test_the_wrapper_keeps_state_in_the_checkout_and_puts_the_environment_first(
    wrapped_machine: Machine,
) -> None:
    report = _run_wrapper(wrapped_machine, "preview", "--config", "a b=c d")
    env = report["env"]
    assert report["arguments"] == ["preview", "--config", "a b=c d"]
    assert env["PULUMI_BACKEND_URL"] == f"file://{CHECKOUT}"
    assert env["PULUMI_HOME"] == f"{CHECKOUT}/.pulumi/home"
    assert env["PULUMI_CONFIG_PASSPHRASE"] == ""
    assert env["PATH"].split(":") == [
        str(wrapped_machine.home / "an environment" / "bin"),
        str(wrapped_machine.home / ".pulumi" / "bin"),
        str(wrapped_machine.path),
    ]


def test_environment_variables_precede_the_wrappers_defaults(wrapped_machine: Machine) -> None:
    variables = {
        "PULUMI_BACKEND_URL": "file:///elsewhere",
        "PULUMI_HOME": "/their/home",
        "PULUMI_CONFIG_PASSPHRASE": "theirs",
        "PULUMI_SKIP_UPDATE_CHECK": "false",
    }
    assert _run_wrapper(wrapped_machine, **variables)["env"].items() >= variables.items()
    assert (
        "PULUMI_CONFIG_PASSPHRASE"
        not in _run_wrapper(wrapped_machine, PULUMI_CONFIG_PASSPHRASE_FILE="/a/file")["env"]
    )


def test_the_wrapper_restores_an_ignored_sigint(wrapped_machine: Machine) -> None:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert _run_wrapper(wrapped_machine)["ignored"] is False
    finally:
        signal.signal(signal.SIGINT, handler)


def _write_script(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()
