# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests, some at once, and prints a line for each: result, seconds, name, and the reason."""

import shutil
import sys
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from .declare import Failed, Skip, folders

_printing = threading.Lock()


def _print(result, seconds, name, reason):
    with _printing:
        print(f"{result:<4} {seconds:7.2f} s  {name}")
        for line in reason.splitlines():
            print(f"       {line}")
        sys.stdout.flush()


def _run(test):
    own = []
    folders.set(own)
    started = time.monotonic()
    result, reason = "ok", ""
    try:
        test.run()
    except Skip as skip:
        result, reason = "skip", str(skip)
    except Failed as failed:
        result, reason = "FAIL", str(failed)
    except Exception:  # the test itself is wrong
        result, reason = "FAIL", traceback.format_exc()
    if result == "ok":
        for folder in own:
            shutil.rmtree(folder, ignore_errors=True)
    elif own:
        reason += f"\nfiles: {' '.join(map(str, own))}"
    _print(result, time.monotonic() - started, test.name, reason)
    return result


def run_all(tests, jobs):
    """Returns how many passed, failed and were skipped."""
    with ThreadPoolExecutor(jobs) as pool:
        results = Counter(pool.map(_run, tests))
    return results["ok"], results["FAIL"], results["skip"]
