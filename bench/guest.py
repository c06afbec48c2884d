# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of a guest: its command line, what it says, and the CPU time that it takes."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# What `wyvern run` adds to a command line of its own accord: the other runs have it as well.
SAME = ["-accel", "tcg,thread=multi",
        "-object", "memory-backend-memfd,id=wyvern-ram,share=on,size=512M",
        "-machine", "memory-backend=wyvern-ram", "-nic", "none",
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]


@dataclass
class Run:
    """What one run gave. The times are those between the facts "start" and "timing"."""

    cpu: float  # seconds of CPU time of QEMU's threads
    reader: float  # seconds of CPU time of `wyvern`, which reads and writes the events
    elapsed: float  # seconds by the guest's clock
    count: int  # how often the scenario did its work
    facts: list
    log: str


def guest_arguments(options, scenario, arguments, truth):
    # nokaslr: addresses are the same in every run, and so is the code that they share pages with.
    return ["-m", "512", "-smp", "1", "-kernel", options.kernel, "-initrd", options.initrd,
            "-append", f"quiet panic=-1 nokaslr wyvern.scenario={scenario} "
            f"wyvern.args={arguments}",
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


def read_facts(truth):
    if not truth.exists():
        return []
    return [json.loads(line) for line in truth.read_text().splitlines(True)
            if line.endswith("\n")]


def cpu_between(process, truth, is_parent):
    """Seconds of CPU time, QEMU's and the reader's, between the facts "start" and "timing"."""
    times = {}
    pids = None
    size = 0
    while process.poll() is None:
        time.sleep(0.002)
        if not truth.exists() or truth.stat().st_size == size:
            continue
        size = truth.stat().st_size
        kinds = [fact["kind"] for fact in read_facts(truth)]
        try:
            pids = pids or ([child_of(process.pid), process.pid] if is_parent else [process.pid])
            for kind in ("start", "timing"):
                if kind in kinds and kind not in times:
                    times[kind] = [cpu_ns(pid) for pid in pids]
        except FileNotFoundError:
            pass
    if len(times) < 2:
        return 0, 0
    spent = [(end - begin) / 1e9 for begin, end in zip(times["start"], times["timing"])]
    return spent[0], sum(spent[1:])


def run(options, folder, scenario, arguments, monitor=None, plugin=None):
    """Boots the guest: watched with these options of `wyvern run`, or plain, or with a plugin."""
    truth = folder / "truth"
    truth.unlink(missing_ok=True)
    (folder / "events").unlink(missing_ok=True)
    guest = guest_arguments(options, scenario, arguments, truth)
    if monitor is None:
        command = [options.qemu, *SAME, *(["-plugin", plugin] if plugin else []), *guest]
    else:
        command = [options.wyvern, "run", "--qemu", options.qemu, "-o", "json", "--output",
                   str(folder / "events"), *monitor, "--", *guest]
    with open(folder / "log", "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        cpu, reader = cpu_between(process, truth, monitor is not None)
        log.seek(0)
        text = log.read()
    facts = read_facts(truth)
    if process.returncode:
        sys.exit(f"bench: the guest did not finish (exit code {process.returncode})\n{text}")
    timing = [fact for fact in facts if fact["kind"] == "timing"] or [{}]
    return Run(cpu, reader, timing[0].get("elapsed_ns", 0) / 1e9, timing[0].get("count", 0), facts,
               text)
