# SPDX-License-Identifier: GPL-2.0-or-later
"""The NT test guest: its builds, its QEMU arguments, and running it under watch.

Its scenario begins when the command has said that the kernel is found and its traps are set: so
every call is seen, and none has to be left out of a comparison.
"""

import json
import os
import re
from dataclasses import dataclass, replace

from . import place, watch
from .command import PATIENCE
from .declare import Failed

LAYOUTS = {}  # of the builds by what tests call them: the build's number and the architecture
for _path in sorted((place.ROOT / "tests" / "guests" / "nt" / "layouts").glob("nt-*.json")):
    _found = re.fullmatch(r"nt-\d+\.\d+\.(\d+)\.\d+-(x\d+)\.json", _path.name)
    LAYOUTS[f"{_found[1]}-{_found[2]}"] = _path

BUILDS = tuple(LAYOUTS)

TRUTH_MAX = 8 << 20  # bytes of facts: more than any scenario has

# What the command says once for each kernel that it has found, with the traps set.
FOUND = "wyvern: Windows ("


@dataclass(frozen=True)
class Pdb:
    """What a symbol server knows of a kernel's PDB."""

    name: str
    key: str  # GUID and age


def is_64(build):
    return build.endswith("x64")


def pdb(build):
    """As the layout, a Volatility 3 profile, says it."""
    told = json.loads(LAYOUTS[build].read_text())["metadata"]["windows"]["pdb"]
    return Pdb(told["database"], f"{told['GUID']}{told['age']:x}".upper())


def pdb_file(build):
    return place.nt_guest(LAYOUTS[build]) / pdb(build).name


@dataclass(frozen=True)
class Guest:
    build: str = "19041-x64"
    scenario: str = "all"
    arguments: tuple = ()  # more for the guest's command line
    seed: int = 1
    cpus: int = 1
    machine: str = "pc"
    reboots: bool = False  # QEMU goes on when the guest restarts
    more: tuple = ()  # more QEMU arguments

    def command_line(self):
        return " ".join([f"scenario={self.scenario}", f"seed={self.seed}", *self.arguments])

    def qemu_arguments(self, console, truth):
        """truth: the file that the guest's facts are in, NULs behind them. There is no console."""
        del console
        arguments = ["-machine", self.machine, "-m", "128", "-smp", self.cpus, "-display", "none",
                     "-nodefaults", "-no-user-config",
                     "-kernel", place.nt_guest(LAYOUTS[self.build]) / "guest",
                     "-append", self.command_line(),
                     "-object", f"memory-backend-file,id=truth,share=on,size={TRUTH_MAX},"
                     f"mem-path={truth}",
                     "-device", "ivshmem-plain,memdev=truth"]
        if not self.reboots:
            arguments.append("-no-reboot")
        return [str(word) for word in [*arguments, *self.more]]


class Signal:
    """A pipe to the guest's first serial port: what comes out of it there begins the scenario."""

    def __init__(self):
        self.path = place.folder("signal") / "serial"
        for end in ("in", "out"):
            os.mkfifo(self.path.with_suffix(f".{end}"))

    def arguments(self):
        return "-chardev", f"pipe,id=signal,path={self.path}", "-serial", "chardev:signal"

    def give(self):
        # QEMU has it open for both ways, so this does not wait for anybody
        self.path.with_suffix(".in").write_bytes(b"!")


# What a run without a choice of its own is about: the plugins that need no scenario of their own.
PLUGINS = ("poolmon", "objmon", "exmon")


def chosen(options):
    """The options, with a choice of plugins."""
    return options if "-a" in options else (*options, *(word for name in PLUGINS
                                                        for word in ("-a", name)))


class Watch(watch.Watch):
    """A `wyvern run` of the guest whose scenario waits for begin()."""

    def __init__(self, guest: Guest, *options, **channels):
        self._signal = Signal()
        super().__init__(replace(guest, arguments=(*guest.arguments, "signal=1"),
                                 more=(*guest.more, *self._signal.arguments())),
                         *chosen(options), **channels)

    def begin(self, life=1):
        """life: which of the guest's, if it restarts."""
        self.until(lambda: self.errors().count(FOUND) >= life, "it found the kernel")
        self._signal.give()


def to_the_end(running: Watch, patience=PATIENCE) -> watch.Result:
    with running:
        running.begin()
        return running.wait(patience)


def run(guest: Guest, *options, **channels) -> watch.Result:
    """Runs a guest under watch to its end."""
    return to_the_end(Watch(guest, *options, **channels))


class WatchIn(Watch):
    """The same, with other variables in the command's environment."""

    def __init__(self, environment, guest: Guest, *options):
        self._events = place.folder("events") / "events"
        super().__init__(guest, command=[
            "env", *(f"{name}={value}" for name, value in environment.items()), place.wyvern(),
            "run", "--qemu", place.qemu(), "-o", "json", "--output", self._events,
            *chosen(options), "--"])

    def wait(self, patience=PATIENCE):
        result = super().wait(patience)
        result.output = self._events.read_bytes() if self._events.exists() else b""
        return result


def profile(guest: Guest):
    """The option that gives the command the guest's layout."""
    return "-r", LAYOUTS[guest.build]


def finished(told):
    """The facts of a scenario that ran to its end as it should; fails if it did not."""
    broken = [fact["what"] for fact in told if fact["kind"] == "broken"]
    if broken:
        raise Failed("the guest itself went wrong: " + "; ".join(broken))
    if not told or told[-1]["kind"] != "end":
        raise Failed(f"the scenario did not end: {told[-1] if told else 'no facts'}")
    return told


def calls(told, functions=None):
    """The facts about calls, in the order in which they began; of these functions, or of all."""
    return sorted((fact for fact in told if fact["kind"] == "call"
                   and (functions is None or fact["function"] in functions)),
                  key=lambda fact: fact["sequence"])
