# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of the scenario "truth" against its facts."""

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


def all_rows(result):
    """The same, and nothing dropped."""
    tree_rows(result)
    check.equal(result.said()[-1], f"events: procmon {len(result.rows)}; dropped: 0",
                "the last line on stderr")
