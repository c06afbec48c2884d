# SPDX-License-Identifier: GPL-2.0-or-later
"""What readers of DRAKVUF's json rows insist on: names and kinds of keys, plugin by plugin.

They are DRAKVUF Sandbox, which makes a process tree of procmon's rows, and capa, which takes every
key of a `syscall` row that it does not know for an argument, and wants it to be a text.
"""

import re

from .declare import Failed

HEX = re.compile(r"0x[0-9a-f]+")
TIME = re.compile(r"[0-9]+\.[0-9]{6}")

INTEGER, TEXT = int, str

COMMON = {"Plugin": TEXT, "TimeStamp": TIME, "PID": INTEGER, "PPID": INTEGER, "TID": INTEGER,
          "UserName": re.compile("UID|SessionID"), "UserId": INTEGER, "ProcessName": TEXT,
          "Method": TEXT, "EventUID": HEX}

SYSCALL = {"Module": TEXT, "vCPU": INTEGER, "CR3": HEX, "Syscall": INTEGER, "NArgs": INTEGER}

# What stands beside the arguments: capa drops these, or takes them for arguments, too.
BESIDE = {"PreviousMode", "FromModule", "Type"}

PROCMON = {
    "RunningProcess": {"RunningProcess": TEXT},
    "NtCreateUserProcess": {"Status": HEX, "NewPid": INTEGER, "ImagePathName": TEXT,
                            "CommandLine": TEXT},
    "NtCreateProcessEx": {"Status": HEX, "NewPid": INTEGER},
    "MmCleanProcessAddressSpace": {"ExitPid": INTEGER},
    "NtTerminateProcess": {"ExitPid": INTEGER, "ExitStatus": HEX, "ExitStatusStr": TEXT},
}


def _fits(value, kind):
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.fullmatch(value) is not None
    return isinstance(value, kind) and not isinstance(value, bool)


def _check(row, keys, lenient=False):
    """lenient: a value that the guest hid may be null."""
    for name, kind in keys.items():
        if name not in row:
            raise Failed(f"a row lacks {name}: {row}")
        if not (_fits(row[name], kind) or (lenient and row[name] is None)):
            raise Failed(f"{name} is {row[name]!r}: {row}")


def _check_syscall(row):
    _check(row, SYSCALL)
    arguments = [name for name in row
                 if name not in COMMON and name not in SYSCALL and name not in BESIDE]
    if row["Plugin"] == "syscall" and len(arguments) != row["NArgs"]:
        raise Failed(f"NArgs is {row['NArgs']}, there are {len(arguments)}: {row}")
    for name in row.keys() - COMMON.keys() - SYSCALL.keys():
        if not isinstance(row[name], str):
            raise Failed(f"{name} is no text: {row}")


def check_rows(rows, hostile=False):
    """Fails at the first row that a reader would not take.

    hostile: the guest hides what rows are made of.
    """
    if not rows:
        raise Failed("there are no rows to check")
    for row in rows:
        _check(row, COMMON)
        if row["Plugin"] == "syscall":
            _check_syscall(row)
        elif row["Plugin"] == "procmon" and row["Method"] in PROCMON:
            _check(row, PROCMON[row["Method"]], lenient=hostile)
