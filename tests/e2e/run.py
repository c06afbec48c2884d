#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the end-to-end tests: guests under `wyvern run`, compared with what they say of themselves.

Prints one line per test, and at the end "N passed, N failed, N skipped". Exit code: 1 if any test
failed. Files of failed tests stay in BUILD/e2e.
"""

import argparse
import fnmatch
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from harness import place, runner  # noqa: E402
from harness.declare import tests  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build", default=place.build, help="the build folder (default: build)")
    parser.add_argument("--wyvern", help="the command, if not the build folder's")
    parser.add_argument("--full", action="store_true", help="also what takes long")
    parser.add_argument("--jobs", type=int, default=2, help="tests at once (default: 2)")
    parser.add_argument("--list", action="store_true", help="only print the tests' names")
    parser.add_argument("pattern", nargs="*", default=["*"],
                        help="names of tests, with * and ?; without [...], whatever it is")
    return parser.parse_args()


def wanted(test, arguments):
    short = test.name.partition("[")[0]
    if test.full and not arguments.full:
        return False
    return any(fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
               for pattern in arguments.pattern for name in (test.name, short))


def main():
    arguments = parse_arguments()
    for module in sorted(HERE.glob("test_*.py")):
        importlib.import_module(module.stem)
    chosen = [test for test in tests if wanted(test, arguments)]
    if arguments.list:
        print("\n".join(test.name for test in chosen))
        return 0
    place.start(arguments.build, arguments.wyvern)
    passed, failed, skipped = runner.run_all(chosen, arguments.jobs)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
