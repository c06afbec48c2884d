#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What monitoring costs a guest.

Runs each workload in the same QEMU and guest without and with the monitor, in turns, and prints
the ratios of the medians. The workload says by the guest's clock how long it took; the CPU time
that QEMU's process took meanwhile is read from outside, and is what the limits are about: on a
machine that others use as well, elapsed time says little. Where elapsed time grows by more than
CPU time does, the guest waited for the reader of its events.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import limit
import start
from guest import Linux, Nt, run


ATTEMPTS = 3


@dataclass
class Workload:
    name: str
    what: str
    scenario: str
    arguments: str
    monitor: list  # options of wyvern run
    limit: float  # of the ratio of CPU times
    empty: bool = False  # compare with empty callbacks
    dump: bool = False  # with the contents of deleted files
    guest: type = Linux


WORKLOADS = [
    Workload("cpuloop", "CPU loop", "cpuloop", "2000000000", ["-a", "procmon"], 1.02),
    Workload("forkexec", "fork and exec loop, procmon", "forkexec", "3000", ["-a", "procmon"],
             1.10),
    Workload("forkexec-syscalls", "fork and exec loop, syscalls and procmon", "forkexec", "3000",
             ["-a", "procmon", "-a", "syscalls"], 1.30),
    Workload("compile", "compiling a C file with tcc, syscalls and procmon", "compile", "50",
             ["-a", "procmon", "-a", "syscalls"], 1.20),
    Workload("unpack", "unpacking and deleting a source tree, filetracer, and filedelete with dump",
             "unpack", "10", ["-a", "filetracer", "-a", "filedelete"], 1.30, dump=True),
    Workload("getppid", "getppid loop, syscalls", "getppid", "1000000", ["-a", "syscalls"], 1.60,
             empty=True),
    Workload("pool", "pool allocations and releases, poolmon", "storm", "count=1000000",
             ["-a", "poolmon"], 1.80, guest=Nt),
    Workload("callstorm", "NtYieldExecution loop, syscalls", "callstorm", "count=500000",
             ["-a", "syscalls"], 2.20, guest=Nt),
    Workload("callstorm-entries", "the same loop, syscalls without returns", "callstorm",
             "count=500000", ["-a", "syscalls", "--no-sysret"], 2.00, guest=Nt),
    Workload("namedhandle", "NtWaitForSingleObject loop on a named event, syscalls", "callstorm",
             "count=500000 call=NtWaitForSingleObject", ["-a", "syscalls"], 3.60, guest=Nt),
    Workload("procmon-storm", "NtProtectVirtualMemory loop, procmon", "callstorm",
             "count=500000 call=NtProtectVirtualMemory", ["-a", "procmon"], 1.50, guest=Nt),
]


@dataclass
class Medians:
    """Of the runs of one side."""

    cpu: float
    reader: float
    elapsed: float
    count: int
    rows: int


def rows_of(log):
    """How many events were written: `wyvern run` tells at its end."""
    events = re.search(r"events: (.*); dropped: (\d+)", log)
    if not events or int(events[2]):
        sys.exit("bench: not every event was written\n" + log)
    return sum(int(number) for number in re.findall(r" (\d+)", events[1]))


def median(runs, watched):
    return Medians(statistics.median(one.cpu for one in runs),
                   statistics.median(one.reader for one in runs),
                   statistics.median(one.elapsed for one in runs), runs[0].count,
                   rows_of(runs[0].log) if watched else 0)


def duration(ns):
    return f"{ns:+.0f} ns" if abs(ns) < 10000 else f"{ns / 1000:+.0f} us"


def describe(plain, other):
    more = (other.cpu - plain.cpu) * 1e9
    text = f"CPU time {other.cpu:.3f} s, ratio {other.cpu / plain.cpu:.3f}, " \
        f"{duration(more / other.count)} a turn; elapsed in the guest {other.elapsed:.3f} s, " \
        f"ratio {other.elapsed / plain.elapsed:.3f}"
    if other.rows >= other.count:
        text += f"; {other.rows} rows, {duration(more / other.rows)} a row, and in the reader " \
            f"{other.reader * 1e9 / other.rows:.0f} ns"
    return text


def timed_run(options, folder, workload, how):
    """On a busy machine the guest may be gone before its CPU time was read: then once more."""
    for _ in range(ATTEMPTS):
        one = run(options, folder, workload.scenario, workload.arguments, **how,
                  guest=workload.guest)
        if one.cpu and one.elapsed:
            return one
    sys.exit(f"bench: {workload.name}: the times of {ATTEMPTS} runs could not be read\n{one.log}")


def compare(options, folder, workload):
    """Whether the workload keeps to its limit."""
    sides = {"without": {},
             "with the monitor": {"monitor": workload.monitor, "dump": workload.dump}}
    if workload.empty:
        places = limit.places(options, folder)
        sides["empty callbacks"] = {"plugin": places}
        sides["the same, unable to read registers"] = {"plugin": places + ",registers=off"}
    runs = {name: [] for name in sides}
    for _ in range(options.runs):
        for name, how in sides.items():
            runs[name].append(timed_run(options, folder, workload, how))
    medians = {name: median(side, "monitor" in sides[name]) for name, side in runs.items()}
    plain = medians.pop("without")
    ratio = medians["with the monitor"].cpu / plain.cpu
    print(f"{workload.what} ({workload.name}), {plain.count} turns:\n"
          f"  without: CPU time {plain.cpu:.3f} s; elapsed in the guest {plain.elapsed:.3f} s")
    for name, other in medians.items():
        print(f"  {name}: {describe(plain, other)}")
    print(f"  limit {workload.limit:.2f}: {'ok' if ratio <= workload.limit else 'OVER'}",
          flush=True)
    return ratio <= workload.limit


def stages(options, folder, workload):
    """What one trapped call costs on the vCPU's thread, and encoding on the reader's. A run of its
    own: to look at the clock so often costs time, too."""
    log = run(options, folder, workload.scenario, workload.arguments,
              [*workload.monitor, "--timing"], dump=workload.dump, guest=workload.guest).log
    for line in log.splitlines():
        if "timing:" in line or "events:" in line or "files:" in line:
            print("  " + line.removeprefix("wyvern: "), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wyvern", required=True)
    parser.add_argument("--qemu", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--nt-guest", help="the NT test guest; without it, none of its workloads")
    parser.add_argument("--nt-profile", help="the profile of its kernel")
    parser.add_argument("--samples", required=True, type=Path, help="the folder with the samples")
    parser.add_argument("--empty-callback", required=True, help="the plugin that does nothing")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default: 5)")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD",
                        help="only these: " + " ".join([one.name for one in WORKLOADS] +
                                                       ["start"]))
    options = parser.parse_args()
    workloads = [one for one in WORKLOADS if one.guest is not Nt or options.nt_guest]
    known = {one.name for one in workloads} | {"start"}
    for name in options.workloads:
        if name not in known:
            parser.error(f"there is no workload \"{name}\": {', '.join(sorted(known))}")
    wanted = [one for one in workloads if not options.workloads or one.name in options.workloads]
    good = True
    # in memory, where it can be: what is written must not wait for a disk that others use as well
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="wyvern-bench-", dir=memory) as folder:
        for workload in wanted:
            good &= compare(options, Path(folder), workload)
            stages(options, Path(folder), workload)
        if not options.workloads or "start" in options.workloads:
            good &= start.measure(options, Path(folder))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
