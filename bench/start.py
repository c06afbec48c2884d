# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a sample takes to run: from the command to its first instruction, in a clone."""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

FIRST_LIMIT = 0.40  # seconds from the command to the sample's first instruction
OUTSIDE_LIMIT = 0.25  # of them outside of the guest
MEMORY_LIMIT = 70  # MB that a clone of a guest of 512 MB has for itself when its sample starts
TRIES = 20
PATIENCE = 20  # seconds


def wyvern(options, environment, *arguments, **more):
    return subprocess.run([options.wyvern, *arguments], env=environment, text=True,
                          capture_output=True, check=False, **more)


def make_template(options, environment):
    """Returns how long booting took."""
    started = time.time()
    made = wyvern(options, environment, "template", "create", "bench", "--kernel", options.kernel,
                  "--memory", "512M", "--qemu", options.qemu)
    if made.returncode:
        sys.exit("bench: no template\n" + made.stderr)
    return time.time() - started


def first_instruction(events, name):
    """When the sample made its first system call, which is its first instruction."""
    for line in events.read_text().splitlines():
        event = json.loads(line)
        if event["Plugin"] == "syscall" and event["ProcessName"] == name:
            return float(event["TimeStamp"])
    sys.exit("bench: no event of the sample")


def one_start(options, environment, folder):
    """Seconds from the command to the first instruction, and those outside of the guest."""
    shutil.rmtree(folder, ignore_errors=True)
    started = time.time()
    done = wyvern(options, environment, "analyze", "--template", "bench", "--qemu", options.qemu,
                  "--quiet", "--settle", "0", "--out", folder, options.samples / "tiny")
    if done.returncode:
        sys.exit("bench: no analysis\n" + done.stderr)
    spent = json.loads((folder / "summary.json").read_text())["durations"]
    first = first_instruction(folder / "events.jsonl", "tiny") - started
    return first, spent["clone"] + spent["arm"]


def qemu_of(pid):
    """The process with the guest below that of the command, whatever jail is between them."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if "qemu" in os.path.basename(os.readlink(f"/proc/{child}/exe")):
            return int(child)
        found = qemu_of(child)
        if found:
            return found
    return None


def private_memory(pid):
    """MB that would be free without the process: of file pages those that no other has mapped."""
    rows = dict(re.findall(r"^(\w+): +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(),
                           re.MULTILINE))
    return (int(rows["Private_Clean"]) + int(rows["Private_Dirty"])) / 1024


def clone_memory(options, environment, folder):
    """Of one of two clones: with one alone all that they share would count as its own."""
    commands = []
    for number in range(2):
        out = folder / f"memory{number}"
        commands.append((out, subprocess.Popen(
            [options.wyvern, "analyze", "--template", "bench", "--qemu", options.qemu, "--quiet",
             "--out", out, options.samples / "sleeper"], env=environment,
            stderr=subprocess.DEVNULL)))
    deadline = time.time() + PATIENCE
    for out, _ in commands:
        while "sleeping" not in ((out / "console.log").read_text()
                                 if (out / "console.log").exists() else ""):
            if time.time() > deadline:
                sys.exit("bench: the sample does not start")
            time.sleep(0.005)
    memory = [private_memory(qemu_of(command.pid)) for _, command in commands]
    for _, command in commands:
        command.terminate()
        command.wait()
    return max(memory)


def judge(name, value, limit, unit):
    good = value <= limit
    print(f"  {name}: {value:.3f} {unit}, limit {limit:.2f}: {'ok' if good else 'OVER'}",
          flush=True)
    return good


def measure(options, folder):
    """Whether all limits are kept."""
    environment = dict(os.environ, WYVERN_TEMPLATES=str(folder / "templates"))
    boot = make_template(options, environment)
    starts = [one_start(options, environment, folder / "start") for _ in range(TRIES)]
    first = statistics.median(one[0] for one in starts)
    outside = statistics.median(one[1] for one in starts)
    print(f"a sample's start (start), medians of {TRIES}; booting and saving the template took "
          f"{boot:.2f} s:")
    good = judge("from the command to the sample's first instruction", first, FIRST_LIMIT, "s")
    good &= judge("of it outside of the guest", outside, OUTSIDE_LIMIT, "s")
    good &= judge("private memory of a clone of 512 MB", clone_memory(options, environment, folder),
                  MEMORY_LIMIT, "MB")
    return good
