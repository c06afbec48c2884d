#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what `meson test` found, from its testlog.json: name, ok|FAIL|skip and seconds, separated
by tabs. What each test that is not ok has printed goes to a file of its own.

usage: unit-results.py TESTLOG.json OUTPUT-PREFIX
"""

import json
import sys

RESULTS = {"OK": "ok", "EXPECTEDFAIL": "ok", "SKIP": "skip"}


def main():
    log, prefix = sys.argv[1:]
    with open(log, encoding="utf-8") as lines:
        for test in map(json.loads, lines):
            name = test["name"].rpartition(" / ")[2].rpartition(":")[2].strip()
            result = RESULTS.get(test["result"], "FAIL")
            with open(prefix + name, "w", encoding="utf-8") as out:
                if result != "ok":
                    out.write(f"{test['result']}\n{test.get('stdout', '')}{test.get('stderr', '')}")
            print(f"{name}\t{result}\t{test['duration']:.2f}")


if __name__ == "__main__":
    main()
