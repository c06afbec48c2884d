# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading the truth channel: what the guest's own scenario says it did, a JSON object per line."""

import json

from .declare import Failed


def read(path):
    """All facts that are complete; the last line may still be on its way."""
    lines = path.read_bytes().split(b"\n")[:-1]
    try:
        return [json.loads(line) for line in lines]
    except ValueError as error:
        raise Failed(f"{path}: {error}") from None


def raw(text):
    """The bytes of a text in a fact: each is the character of the same number."""
    return text.encode("latin-1")


def finished(facts):
    """The facts of a scenario that ran to its end as it should; fails if it did not."""
    broken = [fact["what"] for fact in facts if fact["kind"] == "broken"]
    if broken:
        raise Failed("the scenario itself went wrong: " + "; ".join(broken))
    ends = [fact for fact in facts if fact["kind"] == "end"]
    if not ends or ends[-1]["status"] != 0:
        raise Failed(f"the scenario did not end well: {facts[-1] if facts else 'no facts'}")
    return facts


def root(facts):
    """The process id of the scenario."""
    return next(fact["root"] for fact in facts if fact["kind"] == "start")
