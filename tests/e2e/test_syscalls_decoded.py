# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows of system calls say, against what the guest itself says that they must; in all
formats."""

from collections import Counter

from harness import check, formats, place
from harness.calls import arguments, compare, number_of, text_of
from harness.declare import shared, test
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

# The scenario's facts count on previews of this length.
PREVIEW = "--buffer-preview", 16
ONLY = "-a", "syscalls"

KINDS = ("paths", "exec", "constants", "flags", "descriptors", "addresses", "times", "buffers",
         "outputs", "absent", "int80", "x32", "unknown")


@shared
def decoded(kernel, cpus, *options):
    return run(Guest(kernel, "decoded", cpus=cpus), *ONLY, *options).expect(0)


def facts_of(result, *kinds):
    return [fact for fact in finished(result.facts())
            if fact["kind"] == "call" and (not kinds or fact["what"] in kinds)]


@test(kernel=KERNELS, kind=KINDS)
def texts(kernel, kind):
    """Every argument of every call of a kind, as the call is entered and as it returns."""
    result = decoded(kernel, 1, *PREVIEW)
    compare(facts_of(result, kind), result.rows)


@test()
def kinds():
    """There is a test of each kind that the guest knows."""
    check.equal({fact["what"] for fact in facts_of(decoded("linux-6.1", 1, *PREVIEW))},
                set(KINDS), "kinds")


@test()
def x32():
    """The stock kernels for clouds have no x32; this one has, where it is asked for."""
    place.needs_kernel_option("linux-6.1-full", "CONFIG_X86_X32_ABI")
    guest = Guest("linux-6.1-full", "decoded", append="syscall.x32=y", cpus=2)
    result = run(guest, *ONLY, *PREVIEW).expect(0)
    facts = facts_of(result, "x32")
    check.equal([fact.get("error") for fact in facts], [None, "ENOENT", None, None],
                "what x32 calls do")
    compare(facts_of(result), result.rows)


@test(kernel=KERNELS)
def with_a_profile(kernel):
    """The same where symbols and types come from a file."""
    result = decoded(kernel, 2, *PREVIEW, "-r", place.profile(kernel))
    compare(facts_of(result), result.rows)


# Formats ----------------------------------------------------------------------------------------

@test(name=("csv", "kv", "default"))
def formats_agree(name):
    """Each format, read back by its own rules, says the same of each call."""
    header = ["--csv-header"] if name == "csv" else []
    result = decoded("linux-6.1", 2, *PREVIEW, "-o", name, *header)
    rows = getattr(formats, f"parse_{name}")(result.text())
    for row in rows:
        if name == "csv":
            check.equal(row.pop("CR3_2"), row["CR3"], "CR3, the common and the plugin's own")
            row.update(formats.pairs_of_csv(row.pop("Arguments", b"")))
        # csv does not tell numbers from texts
        row.update({key: number_of(row[key]) for key in ("PID", "Syscall", "NArgs") if key in row})
        check.equal(text_of(row["Module"]), "linux", f"Module of {row}")
        if "VCPU" in row:  # as a common column, and as a field of the plugin's own
            check.equal(number_of(row["VCPU"]), number_of(row["vCPU"]), f"vCPU of {row}")
    compare(facts_of(result), rows)
    told = Counter(row["Plugin"] for row in rows)
    check.equal(result.said()[-1], f"events: syscall {told['syscall']}, sysret {told['sysret']}; "
                "dropped: 0", "the last line on stderr")


@test()
def without_preview():
    """Buffers are addresses, and nothing of them is read."""
    result = decoded("linux-6.1", 1)
    facts = facts_of(result)
    for fact in facts:
        if fact["name"] in ("read", "pread64"):
            fact["out"] = []
    marks = {fact["mark"]: fact for fact in facts if fact["what"] == "buffers"}
    check.true(len(marks) > 5, "there are calls with buffers")
    for row in result.rows:
        for key in ("buf", "buff", "ubuf"):
            if row["Method"] in ("read", "write", "pread64", "pwrite64", "sendto", "recvfrom"):
                value = arguments(row).get(key, "NULL")
                check.true(value == "NULL" or value.startswith("0x"), f"{key} of {row}")
