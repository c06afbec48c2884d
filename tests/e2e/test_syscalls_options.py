# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that choose system calls: exactly those rows of an unfiltered run that match."""

import re

from harness import check, place
from harness.calls import arguments
from harness.compare import nothing_is_lost, returns
from harness.declare import shared, test
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

# A kernel of each of the two ways into a call; the others only with --full.
FEW = ("linux-5.10", "linux-7")
REST = tuple(kernel for kernel in KERNELS if kernel not in FEW)

ONLY = "-a", "syscalls"


def watched(kernel, *options):
    """The scenario does the same each time, and its memory is where it was."""
    result = run(Guest(kernel, "decoded", append="norandmaps"), *ONLY, *options).expect(0)
    finished(result.facts())
    nothing_is_lost(result)
    return [plain(row) for row in result.rows]


@shared
def unfiltered(kernel):
    return watched(kernel)


def plain(row):
    """A row with what is the same in each run: numbers in texts (times, ids) may not be."""
    texts = tuple((key, re.sub(r"0x[0-9a-f]+|\d+", "#", value))
                  for key, value in arguments(row).items())
    return row["Plugin"], row["ProcessName"], row["Method"], row["Syscall"], row.get("Type"), texts


PLUGIN, PROCESS, METHOD = 0, 1, 2


def same(kernel, rows, accept):
    expected = [row for row in unfiltered(kernel) if accept(row)]
    check.true(expected, "there are rows to expect")
    # who goes on first when a process makes another is different each time
    check.same_rows(rows, expected, "rows")


@test(kernel=FEW)
@test(full=True, kernel=REST)
def no_sysret(kernel):
    same(kernel, watched(kernel, "--no-sysret"), lambda row: row[PLUGIN] == "syscall")


def names_file(*lines):
    path = place.folder("names") / "names"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


# Lines of a file, and the calls that they stand for: by the name that programs know, and by that of
# the kernel's function.
NAMES = {
    "plain": (("openat", "write", "close"), {"openat", "write", "close"}),
    "blanks": (("", "  openat\t", "write  ", "", "nosuchcall"), {"openat", "write"}),
    "public": (("fstat", "stat", "umount2", "uname"), {"fstat", "stat", "umount2", "uname"}),
    "kernel": (("newfstat", "newstat", "umount", "newuname"), {"fstat", "stat", "umount2",
                                                              "uname"}),
    "none": (("nosuchcall",), set()),
}


@test(kernel=FEW, file=tuple(NAMES))
@test(full=True, kernel=REST, file=tuple(NAMES))
def syscalls_file(kernel, file):
    lines, methods = NAMES[file]
    rows = watched(kernel, "--syscalls-file", names_file(*lines))
    if methods:
        same(kernel, rows, lambda row: row[METHOD] in methods)
        check.equal({row[METHOD] for row in rows}, methods, "calls")
    else:
        check.equal(rows, [], "rows")


@test(kernel=FEW, name=("sendfile", "sendfile64"))
def two_names_of_one_call(kernel, name):
    """Whichever of both is asked for, the 64-bit call is told under the name that programs know."""
    result = run(Guest(kernel, "calls", ("files", "compat")), *ONLY, "--syscalls-file",
                 names_file(name)).expect(0)
    finished(result.facts())
    returns(result.rows)
    check.equal([(row["Plugin"], row["Method"], row["Syscall"]) for row in result.rows],
                [("syscall", "sendfile", 40), ("sysret", "sendfile", 40)] * 2, "rows")


@test(kernel=FEW)
@test(full=True, kernel=REST)
def process(kernel):
    same(kernel, watched(kernel, "--process", "helper"), lambda row: row[PROCESS] == "helper")


@test(kernel=FEW)
@test(full=True, kernel=REST)
def ignore_process(kernel):
    same(kernel, watched(kernel, "--ignore-process", "decoded"),
         lambda row: row[PROCESS] != "decoded")


@test(kernel=FEW)
@test(full=True, kernel=REST)
def all_at_once(kernel):
    rows = watched(kernel, "--process", "decoded", "--no-sysret", "--syscalls-file",
                   names_file("openat", "execve"))
    same(kernel, rows, lambda row: row[PLUGIN] == "syscall" and row[PROCESS] == "decoded"
         and row[METHOD] in ("openat", "execve"))


@test()
def configuration():
    """The same from a file."""
    config = place.folder("config") / "config"
    config.write_text(f"[wyvern]\nsyscalls_file={names_file('write')}\nno_sysret=true\n"
                      "buffer_preview=4\nprocess=decoded\n")
    result = run(Guest(scenario="decoded"), *ONLY, "-c", config).expect(0)
    rows = result.rows
    check.equal({(row["Plugin"], row["Method"], row["ProcessName"]) for row in rows},
                {("syscall", "write", "decoded")}, "rows")
    check.contains([row["buf"] for row in rows], '"sixt"...', "previews")


WRONG = {
    "no-file": (("--syscalls-file", "/absent/names"), "/absent/names"),
    "preview": (("--buffer-preview", "much"), "much"),
    "negative": (("--buffer-preview", "-1"), "-1"),
}


@test(name=tuple(WRONG))
def wrong(name):
    options, said = WRONG[name]
    result = run(Guest(None), *ONLY, *options).expect(2)
    check.contains(result.errors, said, "stderr")
