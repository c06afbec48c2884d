# SPDX-License-Identifier: GPL-2.0-or-later
"""`wyvern analyze` of samples that harm the guest, and of a `wyvern` that is killed: clear ends,
all events until then, and nothing left behind."""

import os
import random
import signal
import time

from harness import check
from harness.analyze import (HARM, Analysis, analyze, guests, no_guest_is_left, nothing_is_left,
                             own_template, results_are_sound, state, template_files)
from harness.declare import test
from harness.place import KERNELS

CONSOLE_MAX = 16 << 20


# Samples that harm the guest --------------------------------------------------------------------


@test()
def forks_without_end():
    result = analyze("forkbomb", HARM, options=("-t", "3", "--quiet"))
    check.true((result.code, result.summary["end"]) in ((3, "time-limit"), (5, "guest-crashed")),
               f"how it ended: {result.code}, {result.summary['end']}")
    check.true(result.seconds < 40, f"it took {result.seconds:.1f} s")
    results_are_sound(result, durations=False)
    made = [row["NewPid"] for row in result.of("procmon", "kernel_clone")
            if isinstance(row["NewPid"], int)]
    check.true(len(made) > 50, f"{len(made)} processes")
    check.equal(len(set(made)), len(made), "process ids that are told once")
    # who acts was made before: nothing is missing in between
    seen = {result.of("procmon", "begin_new_exec")[0]["PID"], *made}
    actors = {row["PID"] for row in result.of("syscall", "fork") + result.of("syscall", "clone")}
    check.true(len(actors - seen) <= 2, f"processes of unknown origin: {sorted(actors - seen)[:10]}")


@test()
def fills_the_disk():
    result = analyze("filldisk", HARM, options=("--quiet",)).expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 7, "its exit status")
    found = check.matches(result.console(), r"^(\d+) files: No space left on device$", "the console")
    files = {row["filename"] for row in result.rows
             if str(row.get("filename", "")).startswith("/tmp/filled-")}
    check.equal(len(files), int(found[1]) + 1, "files that are told, with the last one")
    results_are_sound(result)


@test(kernel=KERNELS)
def crashes_the_kernel(kernel):
    result = analyze("panic", HARM, kernel=kernel).expect(5, "guest-crashed")
    check.contains(result.summary["error"] or "", "sysrq triggered crash", "error")
    opened = [row for row in result.rows if row.get("filename") == "/proc/sysrq-trigger"]
    check.true(opened, "the open of /proc/sysrq-trigger is told")
    last = [row["Method"] for row in result.of("syscall")][-1]
    check.equal(last, "write", "the last call")
    results_are_sound(result, durations=False)


@test(what=("poweroff", "restart"))
def ends_the_guest(what):
    words = [HARM] if what == "poweroff" else [HARM, "restart"]
    result = analyze("poweroff", *words).expect(0, "guest-ended")
    check.equal(result.of("syscall")[-1]["Method"], "reboot", "the last call")
    results_are_sound(result, durations=False)


@test()
def kills_init():
    result = analyze("killinit", HARM).expect(5, "guest-crashed")
    check.contains(result.summary["error"] or "", "Attempted to kill init", "error")
    requests = [row["request"] for row in result.of("syscall", "ptrace")]
    check.equal(requests, ["PTRACE_SEIZE", "PTRACE_INTERRUPT", "PTRACE_GETREGS", "PTRACE_SETREGS",
                           "PTRACE_DETACH"], "what it did")
    results_are_sound(result, durations=False)


def prints_for(seconds):
    """100 MB on a serial console, as much of it as goes out in the time: some 0.5 MB a second."""
    result = analyze("printer", options=("--quiet", "-a", "procmon", "-t", str(seconds)))
    check.true((result.code, result.summary["end"]) in ((0, "sample-ended"), (3, "time-limit")),
               f"how it ended: {result.code}, {result.summary['end']}")
    size = (result.folder / "console.log").stat().st_size
    summary = result.summary["console"]
    check.equal(size, min(summary["bytes"], CONSOLE_MAX), "bytes of console.log")
    check.equal(summary["truncated"], summary["bytes"] > CONSOLE_MAX, "truncated")
    lines = result.console().split("\n")[:1000]
    check.same_order(lines, [f"{number:098}" for number in range(1000)], "the first lines")
    results_are_sound(result, durations=result.code == 0)
    return summary


@test()
def prints_much():
    check.true(prints_for(10)["bytes"] > 500000, "bytes that were printed")


@test(full=True)
def prints_too_much():
    """What does not fit is not in the file, and the guest is not held up by that."""
    check.equal(prints_for(170)["truncated"], True, "truncated")


# A wyvern that is killed ------------------------------------------------------------------------


def killed_at(seconds, templates):
    with Analysis("daemon", "5000", options=("--settle", "10"), templates=templates) as analysis:
        time.sleep(seconds)
        analysis.kill()
    no_guest_is_left(templates)


def killed(times, longest):
    """At random moments, from the start to well into the sample's life."""
    templates = own_template()
    files, before = template_files(templates), state()
    moments = [random.uniform(0, longest) for _ in range(times)]
    for seconds in moments:
        killed_at(seconds, templates)
    check.equal(template_files(templates), files, f"the template's files, after {moments}")
    nothing_is_left(templates, before)
    analyze("exit7", options=("--settle", "0"), templates=templates).expect(0, "sample-ended")


@test()
def wyvern_is_killed():
    killed(5, 0.6)


@test(full=True)
def wyvern_is_killed_often():
    killed(20, 0.6)
    killed(20, 0.1)


@test()
def qemu_is_killed():
    """The results until then are whole."""
    templates = own_template()
    with Analysis("sleeper", options=("-t", "0"), templates=templates) as analysis:
        analysis.until_printed("sleeping")
        victims = [pid for pid in guests(templates) if pid != analysis.process.pid]
        check.true(victims, "there is a QEMU")
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it has ended with another of them
                pass
        result = analysis.wait(20).expect(5, "qemu-died")
    check.true(result.of("procmon", "begin_new_exec"), "the sample's exec is told")
    results_are_sound(result, durations=False)


@test()
def nothing_is_left_behind():
    """After ends of all kinds."""
    templates = own_template()
    analyze("exit7", options=("--settle", "0"), templates=templates)
    before = state()
    analyze("exit7", options=("--settle", "0"), templates=templates).expect(0, "sample-ended")
    analyze("panic", HARM, templates=templates).expect(5, "guest-crashed")
    analyze("sleeper", options=("-t", "1"), templates=templates).expect(3, "time-limit")
    analyze("missing-interpreter", templates=templates).expect(6, "sample-not-started")
    nothing_is_left(templates, before)
