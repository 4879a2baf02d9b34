"""`python -m pip` for projects of tests: it remembers the list of packages that the engine asks for in every command.

It takes pip a second, and an environment does not change while tests run. Everything else runs the real pip.
"""

import hashlib
import os
import runpy
import subprocess
import sys
from pathlib import Path

OWN_FOLDER = str(Path(__file__).parents[1])


def run_pip():
    sys.path[:] = [folder for folder in sys.path if folder and os.path.realpath(folder) != OWN_FOLDER]
    sys.modules.pop("pip", None)
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def list_packages():
    """Print what pip printed for the same packages: a change of one of them changes the folder's time."""
    folders = [folder for folder in sys.path if folder.endswith("site-packages")]
    times = [Path(folder).stat().st_mtime_ns for folder in folders]
    key = hashlib.sha256(repr((sys.argv[1:], folders, times)).encode()).hexdigest()[:16]
    remembered = Path(sys.prefix) / f".packages-{key}.json"
    if not remembered.exists():
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(_other_folders())}
        command = [sys.executable, "-m", "pip", *sys.argv[1:]]
        output = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE).stdout
        written = remembered.with_suffix(f".{os.getpid()}")
        written.write_bytes(output)
        written.replace(remembered)
    sys.stdout.buffer.write(remembered.read_bytes())


def _other_folders():
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [folder for folder in folders if folder and os.path.realpath(folder) != OWN_FOLDER]


if sys.argv[1:2] == ["list"] and sys.prefix != sys.base_prefix:
    list_packages()
else:
    run_pip()
