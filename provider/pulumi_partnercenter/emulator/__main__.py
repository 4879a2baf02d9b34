"""`python -m pulumi_partnercenter.emulator`: see `command.py`."""

from __future__ import annotations

from .command import emulator

if __name__ == "__main__":
    emulator(prog_name="python -m pulumi_partnercenter.emulator")
