#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What monitoring costs a guest.

Runs each workload in the same QEMU and guest without and with the monitor, in turns, and prints
the ratios of the medians. The workload says by the guest's clock how long it took; the CPU time
that QEMU's process took meanwhile is read from outside, and is what the limits are about: on a
machine that others use as well, elapsed time says little.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# (name, scenario, its arguments, options of wyvern run, the limit of the ratio)
WORKLOADS = [
    ("CPU loop", "cpuloop", "600000000", ["-a", "procmon"], 1.02),
    ("fork and exec loop, procmon", "forkexec", "3000", ["-a", "procmon"], 1.10),
]

# What `wyvern run` adds to a command line of its own accord: the plain runs have it as well.
SAME = ["-accel", "tcg,thread=multi",
        "-object", "memory-backend-memfd,id=wyvern-ram,share=on,size=512M",
        "-machine", "memory-backend=wyvern-ram", "-nic", "none",
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]


def guest_arguments(options, scenario, arguments, truth):
    return ["-m", "512", "-smp", "1", "-kernel", options.kernel, "-initrd", options.initrd,
            "-append", f"quiet panic=-1 wyvern.scenario={scenario} wyvern.args={arguments}",
            "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot",
            "-serial", "null", "-chardev", f"file,id=truth,path={truth}",
            "-serial", "chardev:truth"]


def cpu_ns(pid):
    """The CPU time of all threads of a process, in nanoseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def child_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def watch(process, truth, is_parent):
    """CPU time (seconds) between the scenario's first and its timing line, and the guest's time."""
    begin = end = pid = None
    facts = []
    while process.poll() is None:
        pid = pid or (child_of(process.pid) if is_parent else process.pid)
        kinds = [json.loads(line)["kind"] for line in truth.read_text().splitlines(True)
                 if line.endswith("\n")] if truth.exists() else []
        try:
            if begin is None and "start" in kinds:
                begin = cpu_ns(pid)
            if end is None and "timing" in kinds:
                end = cpu_ns(pid)
        except FileNotFoundError:
            pass
        time.sleep(0.002)
    for line in truth.read_text().splitlines():
        facts.append(json.loads(line))
    timing = [fact for fact in facts if fact["kind"] == "timing"]
    if process.returncode or not timing:
        sys.exit(f"bench: the guest did not finish (exit code {process.returncode})")
    guest = timing[0]["elapsed_ns"] / 1e9
    return ((end - begin) / 1e9 if begin and end else guest), guest


def run(options, folder, scenario, arguments, monitor):
    truth = folder / "truth"
    truth.unlink(missing_ok=True)
    guest = guest_arguments(options, scenario, arguments, truth)
    log = open(folder / "log", "w+", encoding="utf-8", errors="replace")
    if monitor is None:
        command = [options.qemu, *SAME, *guest]
    else:
        command = [options.wyvern, "run", "--qemu", options.qemu, "-o", "json", "--output",
                   str(folder / "events"), *monitor, "--", *guest]
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    cpu, elapsed = watch(process, truth, monitor is not None)
    log.seek(0)
    return cpu, elapsed, log.read()


def compare(options, folder, name, scenario, arguments, monitor, limit):
    plain, watched = [], []
    for _ in range(options.runs):
        plain.append(run(options, folder, scenario, arguments, None)[:2])
        watched.append(run(options, folder, scenario, arguments, monitor)[:2])
    medians = [[statistics.median(row[i] for row in rows) for i in (0, 1)]
               for rows in (plain, watched)]
    cpu = medians[1][0] / medians[0][0]
    elapsed = medians[1][1] / medians[0][1]
    verdict = "ok" if cpu <= limit else "OVER"
    print(f"{name}: CPU time {medians[0][0]:.3f} s without, {medians[1][0]:.3f} s with the "
          f"monitor: ratio {cpu:.3f} (limit {limit:.2f}: {verdict}); elapsed in the guest "
          f"{medians[0][1]:.3f} and {medians[1][1]:.3f} s: ratio {elapsed:.3f}", flush=True)
    return cpu <= limit


def stages(options, folder):
    """What one trapped call costs on the vCPU's thread, and encoding on the reader's."""
    log = run(options, folder, "forkexec", "3000", ["-a", "procmon", "--timing"])[2]
    for line in log.splitlines():
        if "timing:" in line or "events:" in line:
            print(line.removeprefix("wyvern: "), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wyvern", required=True)
    parser.add_argument("--qemu", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default: 5)")
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="wyvern-bench-") as name:
        for workload in WORKLOADS:
            good &= compare(options, Path(name), *workload)
        stages(options, Path(name))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
