# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin in a QEMU that was not started by the command: libvirt's, or one started by hand."""

import signal
import subprocess

from harness import check, compare, formats, place
from harness.declare import test
from harness.expect import Tree, as_json, of_row
from harness.facts import finished
from harness.guest import Guest
from harness.watch import Watch, run


def qemu(*arguments):
    """How QEMU is started with the plugin."""
    return [place.qemu(), "-accel", "tcg,thread=multi", "-nic", "none", "-plugin",
            ",".join(map(str, [place.plugin(), *arguments]))]


def alone(guest, *arguments, name="events"):
    """Runs a guest; the events go to a file of their own."""
    path = place.folder("output") / name
    result = run(guest, command=qemu(f"output={path}", *arguments)).expect(0)
    result.output = path.read_bytes()
    return result


@test(kernel=("linux-6.1", "linux-7"), cpus=(1, 2))
def same_events(kernel, cpus):
    result = alone(Guest(kernel, cpus=cpus), "format=json")
    compare.tree_rows(result)
    compare.returns(result.rows)
    compare.counts(result.said()[-1], result.rows)


@test()
def isolated_page_tables():
    compare.tree_rows(alone(Guest("linux-6.1", append="pti=on"), "format=json"))


@test()
def shared_ram():
    ram = ("-object", "memory-backend-memfd,id=r,share=on,size=512M", "-machine",
           "memory-backend=r")
    compare.tree_rows(alone(Guest("linux-6.1", machine=ram), "format=json"))


@test()
def to_stdout():
    """Without output= the events go there, in json unless told otherwise."""
    path = place.folder("stdout") / "events"
    with open(path, "wb") as stdout:
        result = run(Guest(arguments=("exec",)), command=qemu(), stdout=stdout).expect(0)
    result.output = path.read_bytes()
    compare.tree_rows(result)


@test()
def configuration():
    config = place.folder("config") / "config"
    config.write_text("[wyvern]\nplugin=procmon\nprocess=helper\n")
    result = alone(Guest(cpus=2), "format=json", f"config={config}")
    tree = Tree(finished(result.facts()))
    check.same_rows(map(of_row, result.rows),
                    [as_json(event) for event in tree.events() if event.process == b"helper"],
                    "events")


@test()
def other_format():
    result = alone(Guest(arguments=("clone",)), "format=kv")
    rows = formats.parse_kv(result.output)
    check.true(len(rows) > 50, f"{len(rows)} rows")


@test()
def asked_to_stop():
    """QEMU ends on SIGTERM; the events are written."""
    path = place.folder("output") / "events"
    with Watch(Guest(scenario="hang"), command=qemu(f"output={path}")) as watch:
        watch.until_fact("hang")
        watch.signal(signal.SIGTERM)
        result = watch.wait(20)
    rows = formats.parse_json(path.read_bytes())
    check.true(any(row.get("FileName") == "/scenarios/hang" for row in rows),
               f"the scenario's exec is there; stderr:\n{result.errors}")


@test()
def kernel_without_btf():
    """The guest runs on unwatched, and it is said why."""
    result = alone(Guest(place.kernel_without_btf(), arguments=("clone",)))
    finished(result.facts())
    check.equal(result.output, b"", "events")
    check.contains(result.errors, "it does not describe its types", "stderr")


WRONG = {
    "name": ("colour=red", "unknown plugin argument"),
    "format": ("format=xml", "xml"),
    "output": ("output=/absent/events", "/absent/events"),
    "config": ("config=/absent/config", "/absent/config"),
}


@test(name=tuple(WRONG))
def wrong_argument(name):
    """QEMU does not start, and says why."""
    argument, said = WRONG[name]
    done = subprocess.run([*qemu(argument), "-display", "none", "-nodefaults"], timeout=30,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check.true(done.returncode != 0, "QEMU has failed")
    check.contains(done.stderr, said, "stderr")
