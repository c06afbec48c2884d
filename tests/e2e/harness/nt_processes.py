# SPDX-License-Identifier: GPL-2.0-or-later
"""Who had a PID when, by the NT guest's facts: it is used again when its process is deleted."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Process:
    """One that there was from a call to another one, by their sequence."""

    fact: dict
    gone: int | None = None  # None: it was not deleted
    modules: list = field(default_factory=list)  # facts, too
    modules_lost: bool = False

    def is_there(self, sequence):
        """It is so from the call on that makes it."""
        return self.fact["born"] <= sequence and (self.gone is None or sequence < self.gone)


class Processes:
    """All that there were."""

    def __init__(self, told):
        self._by_pid = defaultdict(list)
        for fact in told:
            self.KINDS.get(fact["kind"], lambda *_: None)(self, fact)

    def _born(self, fact):
        self._by_pid[fact["pid"]].append(Process(fact))

    def _module(self, fact):
        self._by_pid[fact["pid"]][-1].modules.append(fact)

    def _modules_lost(self, fact):
        self._by_pid[fact["pid"]][-1].modules_lost = True

    def _call(self, fact):
        if fact["function"] == "PspProcessDelete":
            self._by_pid[fact["process_pid"]][-1].gone = fact["sequence"]

    KINDS = {"process": _born, "module": _module, "modules_lost": _modules_lost, "call": _call}

    def at(self, pid, call):
        """Whose a PID is in a call; None: nobody's. The one that the call makes is there, too."""
        return next((process for process in reversed(self._by_pid.get(pid, []))
                     if process.is_there(call["sequence"])), None)

    def used_again(self):
        """PIDs that more than one process had."""
        return {pid for pid, processes in self._by_pid.items() if len(processes) > 1}
