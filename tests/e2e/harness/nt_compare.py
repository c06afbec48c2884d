# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of the NT guest against its facts: every call is told once, as it was; nothing else is."""

from collections import defaultdict

from . import check, nt
from .nt_expect import FUNCTIONS, Expected
from .nt_rows import as_json, of_json

PLUGINS = tuple(FUNCTIONS)


def number_of(row):
    return int(row["EventUID"], 16)


def by_thread(items, thread_of):
    threads = defaultdict(list)
    for item in items:
        threads[thread_of(item)].append(item)
    return threads


def in_order(actual, expected, cpus):
    """Compares pairs of a thread and a row, each in the order in which the calls began.

    The order is known of one thread's calls, and, where only one CPU ran, of all.
    """
    check.same_rows((row for _, row in actual), (row for _, row in expected), "events")
    threads = by_thread(actual, lambda item: item[0])
    for thread, rows in by_thread(expected, lambda item: item[0]).items():
        check.same_order([row for _, row in threads[thread]], [row for _, row in rows],
                         f"events of the thread {thread}")
    if cpus == 1:
        check.same_order(actual, expected, "events of all threads")


def expected_rows(told, plugins=PLUGINS, expected=Expected()):
    """The rows that a run of these plugins has to have, in the order in which the calls began."""
    functions = expected.functions(plugins)
    return [expected.row(functions[fact["function"]], fact)
            for fact in nt.calls(told, functions)]


def rows_of_json(result):
    """All rows, in the order in which the calls began; the numbers are those of calls."""
    rows = sorted(result.rows, key=number_of)
    numbers = [row["EventUID"] for row in rows]
    check.equal(len(set(numbers)), len(numbers), "calls that are told once")
    times = [float(row["TimeStamp"]) for row in result.rows]
    check.true(times == sorted(times), "the times never fall")
    return rows


def summary(result, plugins):
    """The last line on stderr: all rows are counted, none was dropped, nothing went wrong."""
    counts = [sum(row["Plugin"] == plugin for row in result.rows) for plugin in plugins]
    told = ", ".join(f"{plugin} {count}" for plugin, count in zip(plugins, counts))
    check.equal(result.said()[-1], f"events: {told}; dropped: 0", "the last line on stderr")


def all_rows(result, guest, plugins=PLUGINS, expected=Expected()):
    """All that these plugins have to tell of a run that has ended well."""
    rows = expected_rows(nt.finished(result.facts()), plugins, expected)
    check.true(rows, "there are facts")
    in_order([(row["TID"], of_json(row)) for row in rows_of_json(result)],
             [(row.tid, as_json(row)) for row in rows], guest.cpus)
    summary(result, sorted(plugins))
