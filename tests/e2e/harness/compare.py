# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of the scenario "truth" against its facts; and what holds for every run."""

import re
from collections import Counter

from . import check
from .expect import Tree, as_json, of_row, rows_of_tree
from .facts import finished

METHODS = ("kernel_clone", "begin_new_exec", "do_exit", "do_send_sig_info")


def method(result, name):
    """The rows of one method in the scenario's tree: none missing, none invented."""
    tree = Tree(finished(result.facts()))
    expected = [as_json(event) for event in tree.events() if event.method == name]
    actual = [of_row(row) for row in rows_of_tree(result.rows, tree.root)
              if row["Method"] == name]
    check.true(expected, f"there is a fact about {name}")
    check.same_rows(actual, expected, name)


def tree_rows(result):
    """All rows of the scenario's tree."""
    tree = Tree(finished(result.facts()))
    check.same_rows([of_row(row) for row in rows_of_tree(result.rows, tree.root)],
                    [as_json(event) for event in tree.events()], "events")


def counts(line, rows):
    """The summary tells how many rows there are of each name in the column Plugin."""
    check.true(re.fullmatch(r"events: \w+ \d+(, \w+ \d+)*(; dropped: 0)?", line),
               f"the last line on stderr: {line}")
    told = {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", line)}
    check.equal(told, dict.fromkeys(told, 0) | Counter(row["Plugin"] for row in rows),
                "the rows that are told of")


def nothing_is_lost(result):
    """The last line on stderr, but for that about files: all rows are counted, none was dropped,
    nothing went wrong."""
    lines = result.said()
    line = lines[-2 if lines[-1].startswith("files: ") else -1]
    counts(line, result.rows)
    check.contains(line, "; dropped: 0", "the last line on stderr")


def returns(rows):
    """Every row of a return belongs to exactly one entry before it, of the same call."""
    entries = {}
    for row in rows:
        if row["Plugin"] == "syscall":
            check.true(row["EventUID"] not in entries, f"EventUID is there twice: {row}")
            entries[row["EventUID"]] = row["PID"], row["Method"], row["Syscall"]
        elif row["Plugin"] == "sysret":
            check.equal((row["PID"], row["Method"], row["Syscall"]),
                        entries.get(row["EventUID"]), f"the entry of {row}")
            entries[row["EventUID"]] = None


def all_rows(result):
    """The same, and nothing lost; system calls, where they are told, are told in pairs."""
    tree_rows(result)
    returns(result.rows)
    nothing_is_lost(result)
