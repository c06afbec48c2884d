# SPDX-License-Identifier: GPL-2.0-or-later
"""Where events go: files and pipes, those that are full, closed, or slow."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager

from harness import check, compare, expect, formats, place
from harness.declare import Skip, test
from harness.facts import root
from harness.guest import Guest
from harness.watch import Watch, is_running, is_sleeping, run

import test_storm

STORM = test_storm.storm("linux-6.1")
# More events than there is room for between the guest and a reader: the rings of two vCPUs.
BIG_STORM = test_storm.storm("linux-6.1", 45000, 2000)
PROCMON = "-a", "procmon"


class Pipe:
    """A run whose events go into a pipe, which is not read before finish()."""

    def __init__(self, guest, *options):
        read_end, write_end = os.pipe()
        self.pipe = os.fdopen(read_end, "rb")
        with os.fdopen(write_end, "wb") as stdout:
            self.watch = Watch(guest, *options, stdout=stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watch.__exit__()
        self.pipe.close()

    def finish(self):
        """Reads to the end; returns the result, with its output."""
        output = self.pipe.read()
        result = self.watch.wait()
        result.output = output
        return result


@test()
def to_stdout():
    """Events alone: what QEMU prints there goes to stderr."""
    with Pipe(Guest(cpus=2, machine=("-monitor", "stdio"))) as pipe:
        result = pipe.finish().expect(0)
    compare.all_rows(result)
    check.contains(result.errors, "QEMU 1", "stderr")


def until_it_waits(watch):
    """Waits until a vCPU of the guest waits, again and again, for there is no room for its events.
    """
    qemu = watch.qemu()
    watch.until_fact("start")
    sleeping = 0
    while sleeping < 20:
        time.sleep(0.05)
        sleeping = sleeping + 1 if is_sleeping(qemu) else 0
        check.true(is_running(qemu), "the guest went on to its end though nobody read its events")


@test()
def reader_is_slow():
    """The guest waits, and no event is lost."""
    with Pipe(BIG_STORM, *PROCMON, "--timing") as pipe:
        until_it_waits(pipe.watch)
        result = pipe.finish().expect(0)
    waited = check.matches(result.errors, r"vCPUs waited for the reader (\d+) times", "stderr")
    check.true(int(waited[1]) > 0, "the guest had to wait")
    test_storm.compare(result)


@test()
def reader_is_slow_and_events_are_dropped():
    """With --drop-when-slow the guest does not wait; how much is missing is told exactly."""
    with Pipe(BIG_STORM, *PROCMON, "--drop-when-slow") as pipe:
        pipe.watch.until_fact("end")  # it gets there though nobody reads
        result = pipe.finish().expect(0)
    told = check.matches(result.errors, r"events: procmon (\d+); dropped: (\d+)", "stderr")
    dropped = int(told[2])
    check.equal(int(told[1]), len(result.rows), "events told")
    top, totals = test_storm.totals(result.facts())
    # whose child a process is can not be told when rows are missing, but the storm's are the last
    missing = totals.total() - sum(row["PID"] >= top for row in result.rows)
    check.true(dropped > 1000, f"{dropped} events were dropped")
    check.true(missing <= dropped <= missing + 200,
               f"{missing} of the storm's events are missing, {dropped} were dropped")


@test(full=True)
def stopped_while_reader_stalls():
    """Asked to stop, the command still hands over all that it has, when the reader wants it."""
    with Pipe(BIG_STORM, *PROCMON) as pipe:
        until_it_waits(pipe.watch)
        pipe.watch.signal(signal.SIGTERM)
        time.sleep(1)
        result = pipe.finish().expect(0)
    compare.nothing_is_lost(result)


@test()
def pipe_is_closed():
    with Pipe(STORM) as pipe:
        lines = [pipe.pipe.readline() for _ in range(100)]
        pipe.pipe.close()
        result = pipe.watch.wait(30).expect(1)
    check.contains(result.said(), "cannot write to standard output: Broken pipe", "stderr")
    check.equal(len(formats.parse_json(b"".join(lines))), 100, "rows before")


@contextmanager
def small_disk(size):
    """A folder with so much room and no more."""
    path = place.folder("disk") / "mount"
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path],
                          capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"a small disk can not be mounted here: {done.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


@test(size=("64k", "1m"))
def disk_is_full(size):
    """The file holds whole lines, as many as fit."""
    with small_disk(size) as disk:
        path = disk / "events"
        result = run(STORM, output=path, patience=60).expect(1)
        data = path.read_bytes()
    check.contains(result.said(), f"cannot write to {path}: No space left on device", "stderr")
    rows = formats.parse_json(data)
    room = {"64k": 64 << 10, "1m": 1 << 20}[size]
    check.true(len(data) > room - 8192, f"{len(data)} of {room} bytes are used")
    check.true(rows, "there are rows")


@test()
def device_is_full():
    """The same where it can not be cut back to whole lines."""
    result = run(STORM, output="/dev/full", patience=60).expect(1)
    check.contains(result.said(), "cannot write to /dev/full: No space left on device", "stderr")


@test()
def file_is_replaced():
    """An older file's content does not stay."""
    path = place.folder("old") / "events"
    path.write_bytes(b"old\n" * 100000)
    result = run(Guest(arguments=("namespace",)), output=path).expect(0)
    rows = formats.parse_json(path.read_bytes())
    top = root(result.facts())
    check.true(len(expect.rows_of_tree(rows, top)) > 10, "the scenario's rows")
