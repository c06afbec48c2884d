# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines and kernels that are set up in other ways: all events are there all the same."""

from harness import check, compare, place
from harness.declare import test
from harness.guest import Guest
from harness.place import KERNELS
from harness.qmp import Monitor
from harness.watch import Watch, run

# The oldest way and the newest; the others only with --full.
FEW = ("linux-6.1", "linux-7")
REST = tuple(kernel for kernel in KERNELS if kernel not in FEW)

PTI = "pti=on"
# RAM that is not shared memory, as users have it who do not ask for any.
PRIVATE_RAM = ("-object", "memory-backend-ram,id=r,size=512M", "-machine", "memory-backend=r")

CR4_LA57 = 1 << 12


def isolates_page_tables(result):
    check.matches(result.console(), "page tables isolation: (force )?enabled",
                  "the kernel's messages")


@test(kernel=FEW, cpus=(1, 2))
@test(full=True, kernel=REST, cpus=(1, 2))
def page_table_isolation(kernel, cpus):
    result = run(Guest(kernel, cpus=cpus, append=PTI, quiet=False)).expect(0)
    isolates_page_tables(result)
    compare.all_rows(result)


@test(kernel=FEW)
@test(full=True, kernel=REST)
def five_levels(kernel):
    """5-level paging, with the model of all that QEMU can do."""
    place.needs_kernel_option(kernel, "CONFIG_X86_5LEVEL")
    with Monitor() as monitor:
        guest = Guest(kernel, cpus=2, machine=("-cpu", "max", *monitor.arguments()))
        with Watch(guest) as watch:
            watch.until_fact("start")
            registers = monitor.ask("info registers")
            result = watch.wait().expect(0)
    cr4 = int(check.matches(registers, "CR4=([0-9a-f]+)", "registers")[1], 16)
    check.true(cr4 & CR4_LA57, f"the guest uses 5 levels: CR4 is {cr4:#x}")
    compare.all_rows(result)


@test(kernel=FEW)
@test(full=True, kernel=REST)
def five_levels_isolated(kernel):
    place.needs_kernel_option(kernel, "CONFIG_X86_5LEVEL")
    result = run(Guest(kernel, append=PTI, quiet=False, machine=("-cpu", "max"))).expect(0)
    isolates_page_tables(result)
    compare.all_rows(result)


@test()
@test(full=True, kernel=KERNELS)
def without_kaslr(kernel="linux-6.1"):
    compare.all_rows(run(Guest(kernel, cpus=2, append="nokaslr")).expect(0))


@test(machine=("pc", "q35"))
def much_memory(machine):
    """More than ends below 4 GiB: RAM is in two pieces, with devices between them."""
    result = run(Guest("linux-6.1", cpus=2, memory="5G", quiet=False,
                       machine=("-machine", machine))).expect(0)
    found = check.matches(result.console(), r"Memory: \d+K/(\d+)K available",
                          "the kernel's messages")
    check.true(int(found[1]) > 4.5 * 2 ** 20, f"{found[0]}")
    compare.all_rows(result)


@test(kernel=FEW, cpus=(1, 2))
@test(full=True, kernel=REST, cpus=(1, 2))
def private_ram(kernel, cpus):
    compare.all_rows(run(Guest(kernel, cpus=cpus, machine=PRIVATE_RAM)).expect(0))


@test(kernel=FEW)
@test(full=True, kernel=REST)
def private_ram_isolated(kernel):
    result = run(Guest(kernel, append=PTI, quiet=False, machine=PRIVATE_RAM)).expect(0)
    isolates_page_tables(result)
    compare.all_rows(result)


@test()
def private_ram_five_levels():
    compare.all_rows(run(Guest("linux-6.12", machine=("-cpu", "max", *PRIVATE_RAM))).expect(0))


@test()
def default_memory_backend_of_numa():
    """RAM in nodes is left as the user made it: not mapped, but seen."""
    nodes = [word for node in (0, 1) for word in (
        "-object", f"memory-backend-ram,id=m{node},size=256M", "-numa",
        f"node,nodeid={node},memdev=m{node}")]
    compare.all_rows(run(Guest("linux-6.1", cpus=2, machine=tuple(nodes))).expect(0))


@test(full=True, kernel=KERNELS)
def four_cpus(kernel):
    compare.all_rows(run(Guest(kernel, cpus=4)).expect(0))


@test()
def single_threaded():
    """QEMU runs all vCPUs in one thread when it is asked to."""
    compare.all_rows(run(Guest("linux-6.1", cpus=2,
                               machine=("-accel", "tcg,thread=single"))).expect(0))
