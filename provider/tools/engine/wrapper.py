"""The script behind `.venv/bin/pulumi`: runs the engine with this checkout's defaults.

Called as `python -IS wrapper.py <engine> <arguments…>`. The process becomes the engine, so that signals, terminal and
exit code are the engine's. A variable that is already set has precedence over the default here. Only the environment's
`bin` always comes first on PATH: program and plugin must run in the same environment, also with a language host that
ignores the project's `virtualenv`. The environment is the one whose Python runs this file.

Imports only `os`, `signal` and `sys`, because it runs before every command (about 20 ms).
"""

# ruff: noqa: PTH100, PTH118, PTH120 — pathlib would double the time this takes
from __future__ import annotations

import os
import signal
import sys

CHECKOUT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))


def with_defaults(env: dict[str, str], engine: str) -> dict[str, str]:
    """Return `env` with defaults: state and Pulumi's home in the checkout, an empty passphrase, no update check."""
    done = {
        "PULUMI_BACKEND_URL": f"file://{CHECKOUT}",
        "PULUMI_HOME": os.path.join(CHECKOUT, ".pulumi", "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **env,
    }
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in env:
        done.setdefault("PULUMI_CONFIG_PASSPHRASE", "")

    environment, beside = os.path.dirname(sys.executable), os.path.dirname(engine)
    rest = [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if folder != environment]
    # The engine searches PATH for its helpers before its own folder: helpers of another engine must not win.
    ours = [environment] if beside in rest else [environment, beside]
    done["PATH"] = os.pathsep.join([*ours, *rest])
    return done


def main() -> None:
    engine, *arguments = sys.argv[1:]
    # A background job of a script ignores SIGINT, and plugins would inherit that. The engine ends plugins by SIGINT
    # and would wait five seconds for each.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        os.execve(engine, ["pulumi", *arguments], with_defaults(dict(os.environ), engine))
    except OSError as error:
        sys.exit(f"pulumi: {engine}: {error.strerror}; run `make preview` to find or get an engine again")


if __name__ == "__main__":
    main()
