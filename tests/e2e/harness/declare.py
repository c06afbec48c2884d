# SPDX-License-Identifier: GPL-2.0-or-later
"""Declaring tests: functions, each run once per combination of its parameters."""

import contextvars
import functools
import itertools
import threading
from dataclasses import dataclass, field
from typing import Callable

tests: list["Test"] = []

# The folders that the running test has made for itself.
folders = contextvars.ContextVar("folders")


class Skip(Exception):
    """The test can not be run here; the text says why."""


class Failed(Exception):
    """The test found something wrong; the text says what."""


@dataclass
class Test:
    name: str
    function: Callable[..., None]
    parameters: dict = field(default_factory=dict)
    full: bool = False

    def run(self):
        self.function(**self.parameters)


def test(full=False, **matrix):
    """Declares a test.

    full: only with --full, for what takes long.
    matrix: a sequence of values per parameter; the test is run for all combinations.
    """

    def declare(function):
        module = function.__module__.removeprefix("test_")
        for values in itertools.product(*matrix.values()):
            suffix = f"[{','.join(map(str, values))}]" if values else ""
            tests.append(Test(f"{module}.{function.__name__}{suffix}", function,
                              dict(zip(matrix, values)), full))
        return function

    return declare


def shared(function):
    """Makes a function run once per arguments, whoever asks first; all get its result, or its
    exception. For guests that several tests look at."""
    results = {}
    guard = threading.Lock()

    @functools.wraps(function)
    def once(*arguments):
        with guard:
            lock, result = results.setdefault(arguments, (threading.Lock(), []))
        with lock:
            if not result:
                own = folders.set([])  # its files are not the first asker's own
                try:
                    result.append((function(*arguments), None))
                except (Failed, Skip) as error:
                    result.append((None, error))
                finally:
                    folders.reset(own)
        value, error = result[0]
        if error:
            raise error
        return value

    return once
