# SPDX-License-Identifier: GPL-2.0-or-later
"""Which QEMU it is: a newer one with another plugin interface, and mistakes in its arguments."""

from harness import check, compare, place
from harness.declare import test
from harness.guest import Guest
from harness.watch import run


def with_new_qemu(guest):
    compare.all_rows(run(guest, "--qemu", place.new_qemu()).expect(0))


@test(cpus=(1, 2))
def new(cpus):
    with_new_qemu(Guest("linux-6.12", cpus=cpus))


@test()
def new_with_private_ram():
    with_new_qemu(Guest("linux-6.1", append="pti=on", machine=(
        "-object", "memory-backend-ram,id=r,size=512M", "-machine", "memory-backend=r")))


@test()
def new_restart():
    result = run(Guest("linux-6.1", "reboot", reboots=True), "--qemu",
                 place.new_qemu()).expect(0)
    check.equal(result.said().count("the guest restarts"), 1, "restarts")


@test()
def new_alone():
    path = place.folder("output") / "events"
    result = run(Guest("linux-6.1"), command=[
        place.new_qemu(), "-accel", "tcg,thread=multi", "-nic", "none", "-plugin",
        f"{place.plugin()},output={path},format=json"]).expect(0)
    result.output = path.read_bytes()
    compare.tree_rows(result)


MISTAKES = {
    "kernel": (("-kernel", "/absent/vmlinuz"), "could not open kernel file '/absent/vmlinuz'"),
    "machine": (("-machine", "nothing"), "unsupported machine type"),
    "option": (("-no-such-option",), "invalid option"),
    "memory": (("-m", "much"), "much"),
}


@test(name=tuple(MISTAKES))
def mistakes(name):
    """QEMU's own message is passed on, and the exit code is that of wrong usage."""
    arguments, said = MISTAKES[name]
    result = run(Guest(None, machine=arguments)).expect(2)
    check.contains(result.errors, said, "QEMU's own message")
    check.matches(result.errors, "^wyvern: QEMU ended with exit status 1 ", "stderr")
