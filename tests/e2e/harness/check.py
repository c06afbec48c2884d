# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that fail a test with a text that says what was expected and what was there."""

import re
from collections import Counter

from .declare import Failed

TEXT_MAX = 400


def brief(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}... ({len(text)} characters)"


def true(condition, what):
    if not condition:
        raise Failed(what)


def equal(actual, expected, what):
    if actual != expected:
        raise Failed(f"{what}: expected {brief(expected)}, got {brief(actual)}")


def contains(text, part, what):
    if part not in text:
        raise Failed(f"{what}: {brief(part)} is not in {brief(text)}")


def matches(text, pattern, what):
    """Finds a regular expression in a text; returns the match."""
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise Failed(f"{what}: nothing matches {pattern!r} in {brief(text)}")
    return found


def same_rows(actual, expected, what):
    """Compares as multisets."""
    actual, expected = Counter(actual), Counter(expected)
    missing = expected - actual
    invented = actual - expected
    if not missing and not invented:
        return
    lines = [f"{what}: {missing.total()} missing, {invented.total()} invented"]
    for title, rows in (("missing", missing), ("invented", invented)):
        lines += [f"  {title}: {brief(row)}" for row in list(rows.elements())[:3]]
    raise Failed("\n".join(lines))


def same_order(actual, expected, what):
    """Compares as sequences; says where they part."""
    for number, (got, wanted) in enumerate(zip(actual, expected)):
        equal(got, wanted, f"{what}, number {number + 1}")
    equal(len(actual), len(expected), f"{what}: how many")


def fails(compare, *arguments, what):
    """A comparison with what is not as it should be must say so."""
    try:
        compare(*arguments)
    except Failed:
        return
    raise Failed(f"{what} is not found")
