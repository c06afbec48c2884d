# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading rows while the guest makes them, also slower than it could: then it has to wait."""

import os
import time

from . import check

SLOWER = 10  # times


def lines(pipe, rate=None):
    """A pipe's lines; rate: not more than so many a second."""
    started = time.monotonic()
    for number, line in enumerate(pipe, 1):
        yield line
        if rate and number % 1000 == 0:
            time.sleep(max(0, number / rate - (time.monotonic() - started)))


def run(start, take, rate=None):
    """Runs a guest under watch to its end.

    start(stdout): starts it, and returns its Watch. take(lines): reads what comes, to the end.
    Returns the result, and what take() gave.
    """
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as pipe:
        with os.fdopen(write_end, "wb") as stdout:
            watch = start(stdout)
        with watch:
            watch.begin()
            taken = take(lines(pipe, rate))
            return watch.wait().expect(0), taken


def guest_waited(result):
    """The reader was so slow that the guest had to wait for it."""
    waited = check.matches(result.errors, r"vCPUs waited for the reader (\d+) times", "stderr")
    check.true(int(waited[1]) > 0, "the guest had to wait")
