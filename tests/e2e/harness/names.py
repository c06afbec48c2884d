# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of numbers, from sources that are not Wyvern's own tables: bash, and Python's library."""

import os
import subprocess

# linux/sched.h
CLONE_FLAGS = {
    0x100: "VM", 0x200: "FS", 0x400: "FILES", 0x800: "SIGHAND", 0x1000: "PIDFD",
    0x2000: "PTRACE", 0x4000: "VFORK", 0x8000: "PARENT", 0x10000: "THREAD", 0x20000: "NEWNS",
    0x40000: "SYSVSEM", 0x80000: "SETTLS", 0x100000: "PARENT_SETTID", 0x200000: "CHILD_CLEARTID",
    0x400000: "DETACHED", 0x800000: "UNTRACED", 0x1000000: "CHILD_SETTID", 0x2000000: "NEWCGROUP",
    0x4000000: "NEWUTS", 0x8000000: "NEWIPC", 0x10000000: "NEWUSER", 0x20000000: "NEWPID",
    0x40000000: "NEWNET", 0x80000000: "IO", 0x100000000: "CLEAR_SIGHAND",
}

EXIT_CODES = {getattr(os, name): name for name in dir(os)
              if name.startswith("EX_") and name != "EX_NOTFOUND"}
EXIT_CODES |= {1: "EXIT_FAILURE", 2: "incorrect usage", 126: "not executable",
               127: "command not found"}

# As `kill -l` of bash names them, but 32 and 33, which it does not name.
SIGNALS = {32: "SIG32", 33: "SIG33"}
for _line in subprocess.run(
        ["bash", "-c", "for i in {1..64}; do echo $i $(kill -l $i); done"], text=True,
        env={**os.environ, "LC_ALL": "C"}, check=True, capture_output=True).stdout.splitlines():
    _number, _name = (_line.split() + [""])[:2]
    if _name and not _name.isdigit():
        SIGNALS[int(_number)] = "SIG" + _name.removeprefix("SIG")


def clone_flags(flags):
    return "|".join("CLONE_" + name for bit, name in CLONE_FLAGS.items() if flags & bit) or "0"


def signal(number):
    return SIGNALS.get(number, str(number))


def exit_status(status):
    """The number and the text of what wait() tells."""
    killer = status & 0x7f
    if killer:
        return 128 + killer, signal(killer) + (" (core dumped)" if status & 0x80 else "")
    code = status >> 8
    if code in EXIT_CODES:
        return code, EXIT_CODES[code]
    return code, "128+" + SIGNALS[code - 128] if 128 < code <= 192 else str(code)
