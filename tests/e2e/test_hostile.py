# SPDX-License-Identifier: GPL-2.0-or-later
"""Files whose names are made to do harm, and very many files: all is told, nothing is broken."""

from collections import Counter

from harness import check, deleted, disks, files, formats, place, watch
from harness.compare import nothing_is_lost
from harness.declare import test
from harness.deleted import Dump
from harness.disks import MAIN
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import Watch

# What every one of the many files makes.
PER_FILE = {"filetracer": ("do_filp_open", "vfs_write", "filp_close", "vfs_unlink"),
            "filedelete": ("vfs_unlink",)}

MEMORY_MAX = 256 << 20  # bytes, of Wyvern's own process
PATIENCE = 1800


class Folder:
    """Where the contents go, with something beside it at which the names in the guest aim."""

    def __init__(self):
        self.top = place.folder("hostile-dump")
        self.dump = self.top / "a" / "b"
        self.victim = self.top / "etc" / "passwd"
        self.victim.parent.mkdir()
        self.victim.write_text("as it was")
        self.dump.parent.mkdir()

    def check(self):
        """Nothing is there but what was there, and what Wyvern made in its own folder."""
        check.equal(self.victim.read_text(), "as it was", "a file outside of the folder")
        outside = {path.relative_to(self.top).as_posix() for path in self.top.rglob("*")
                   if self.dump not in path.parents}
        check.equal(outside, {"a", "a/b", "etc", "etc/passwd"}, "what is outside of the folder")


def peak_memory(pid):
    """Bytes; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = [line.split() for line in file]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line[1]) << 10 for line in lines if line[0] == "VmHWM:"), 0)


def watched(guest, folder):
    """Runs it; returns the result, and the most memory that Wyvern had."""
    peak = 0
    with Watch(guest, "-a", "filetracer", "-a", "filedelete", "--dump", folder.dump) as running:
        def ended():
            nonlocal peak
            peak = max(peak, peak_memory(running.process.pid))
            return running.process.poll() is not None

        running.until(ended, "the guest has ended", PATIENCE)
        result = running.wait().expect(0)
    nothing_is_lost(result)
    return result, peak


def check_many(result):
    """The very many files: counted by the guest, and by their rows."""
    fact = next(fact for fact in result.facts() if fact["kind"] == "many")
    told = Counter((row["Plugin"], files.SAME.get(row["Method"], row["Method"]))
                   for row in result.rows if row["PID"] == fact["pid"]
                   and row["FileName"] not in files.OWN_DEVICES)
    check.equal(told, {(plugin, method): fact["count"] for plugin, methods in PER_FILE.items()
                       for method in methods}, "rows of very many files")
    return fact["count"]


def run(kernel, system, count):
    folder = Folder()
    guest = Guest(kernel, "hostile", (count, *disks.arguments((system,))), systems=(system,))
    result, peak = watched(guest, folder)
    names = next(iter(files.systems(result.facts())))
    check.true(len(names.facts) > 300, f"{len(names.facts)} operations")
    files.compare(names, result.rows, kernel, "hostile")
    dump = Dump(folder.dump)
    deleted.compare(deleted.of_system(result.facts(), "names"), result.rows, dump)
    deleted.check_numbers(result.rows, dump)
    dump.check_contents()
    folder.check()
    check.true(check_many(result) == count, "all of the many files were made")
    check.true(0 < peak < MEMORY_MAX, f"Wyvern's memory: {peak >> 20} MiB")


@test(kernel=KERNELS)
def names(kernel):
    run(kernel, "tmpfs", 1000)


@test(name=("csv", "default", "kv"))
def formats_of_names(name):
    """The bytes of each name are in every format, and rows are one line each."""
    guest = Guest(MAIN, "hostile", (0, "tmpfs"), systems=("tmpfs",))
    header = ["--csv-header"] if name == "csv" else []
    result = watch.run(guest, "-a", "filetracer", "-o", name, *header).expect(0)
    rows = getattr(formats, f"parse_{name}")(result.text())
    removed = [row["FileName"] for row in rows if row["Method"] == "vfs_unlink"]
    system = next(iter(files.systems(result.facts())))
    check.same_rows(removed, (files.path_bytes(fact["path"]) for fact in system.facts
                              if fact["op"] == "unlink"), "names of removed files")


@test(full=True, system=("tmpfs", "ext4"))
def hundred_thousand(system):
    run(MAIN, system, 100000)
