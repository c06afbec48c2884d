# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of a guest: its command line, what it says, and the CPU time that it takes."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


def same(memory):
    """What `wyvern run` adds to a command line by itself: the other runs have it as well."""
    return ["-accel", "tcg,thread=multi",
            "-object", f"memory-backend-memfd,id=wyvern-ram,share=on,size={memory}M",
            "-machine", "memory-backend=wyvern-ram", "-nic", "none", "-sandbox",
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]


@dataclass
class Run:
    """What one run gave. The times are those between the fact "start" and the guest's last one."""

    cpu: float  # seconds of CPU time of QEMU's threads
    reader: float  # seconds of CPU time of `wyvern`, which reads and writes the events
    elapsed: float  # seconds by the guest's clock
    count: int  # how often the scenario did its work
    facts: list
    log: str


class Linux:
    """tests/guests/linux."""

    memory = 512  # MiB
    done = "timing"  # the fact that says how long it took

    @staticmethod
    def monitor(_options):
        """Options of `wyvern run`: none, the kernel describes itself."""
        return []

    @staticmethod
    def arguments(options, scenario, arguments, truth):
        # nokaslr: addresses are the same in every run, and so is the code that they share pages
        # with
        return ["-kernel", options.kernel, "-initrd", options.initrd,
                "-append", f"quiet panic=-1 nokaslr wyvern.scenario={scenario} "
                f"wyvern.args={arguments}",
                "-serial", "null", "-chardev", f"file,id=truth,path={truth}",
                "-serial", "chardev:truth"]

    @staticmethod
    def took(fact):
        """Seconds by the guest's clock, and how often the scenario did its work."""
        return fact["elapsed_ns"] / 1e9, fact["count"]


class Nt:
    """tests/guests/nt. It waits, so that its kernel is found before the scenario begins."""

    memory = 128
    done = "storm"

    @staticmethod
    def monitor(options):
        return ["-r", options.nt_profile]

    @staticmethod
    def arguments(options, scenario, arguments, truth):
        return ["-kernel", options.nt_guest,
                "-append", f"scenario={scenario} seed=1 wait=1000 {arguments}",
                "-chardev", f"file,id=truth,path={truth}",
                "-device", "isa-debugcon,iobase=0xe9,chardev=truth"]

    @staticmethod
    def took(fact):
        return fact["elapsed_ticks"] / fact["ticks_per_second"], fact["count"]


def guest_arguments(options, guest, scenario, arguments, truth):
    return ["-m", str(guest.memory), "-smp", "1", "-display", "none", "-nodefaults",
            "-no-user-config", "-no-reboot",
            *guest.arguments(options, scenario, arguments, truth)]


def cpu_ns(pid):
    """The CPU time of a process and all its threads, those that have ended too, in nanoseconds."""
    try:
        return time.clock_gettime_ns(~pid << 3 | 2)  # what clock_getcpuclockid(3) gives
    except OSError as error:
        raise FileNotFoundError(f"process {pid} is gone") from error


def child_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def read_facts(truth):
    if not truth.exists():
        return []
    return [json.loads(line) for line in truth.read_text().splitlines(True)
            if line.endswith("\n")]


def cpu_between(process, truth, last, is_parent):
    """Seconds of CPU time, QEMU's and the reader's, from the fact "start" to the last one."""
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
            for kind in ("start", last):
                if kind in kinds and kind not in times:
                    times[kind] = [cpu_ns(pid) for pid in pids]
        except FileNotFoundError:
            pass
    if len(times) < 2:
        return 0, 0
    spent = [(end - begin) / 1e9 for begin, end in zip(times["start"], times[last])]
    return spent[0], sum(spent[1:])


def run(options, folder, scenario, arguments, monitor=None, plugin=None, dump=False, guest=Linux):
    """Boots a guest: watched with these options of `wyvern run`, or plain, or with a plugin."""
    truth = folder / "truth"
    truth.unlink(missing_ok=True)
    (folder / "events").unlink(missing_ok=True)
    shutil.rmtree(folder / "files", ignore_errors=True)
    machine = guest_arguments(options, guest, scenario, arguments, truth)
    if monitor is None:
        command = [options.qemu, *same(guest.memory), *(["-plugin", plugin] if plugin else []),
                   *machine]
    else:
        command = [options.wyvern, "run", "--qemu", options.qemu, "-o", "json", "--output",
                   str(folder / "events"), *guest.monitor(options), *monitor,
                   *(["--dump", str(folder / "files")] if dump else []), "--", *machine]
    with open(folder / "log", "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        cpu, reader = cpu_between(process, truth, guest.done, monitor is not None)
        log.seek(0)
        text = log.read()
    facts = read_facts(truth)
    if process.returncode:
        sys.exit(f"bench: the guest did not finish (exit code {process.returncode})\n{text}")
    elapsed, count = next((guest.took(fact) for fact in facts if fact["kind"] == guest.done),
                          (0, 0))
    return Run(cpu, reader, elapsed, count, facts, text)
