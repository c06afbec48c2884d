# SPDX-License-Identifier: GPL-2.0-or-later
"""filetracer on Linux: what the scenario "files" says that it did, against the rows, field by
field."""

import difflib
import errno
import os
import stat
from collections import defaultdict
from dataclasses import dataclass, field

from . import check, flags
from .declare import Failed
from .facts import finished, raw

# The devices that facts and messages are written to, which no fact tells of.
OWN_DEVICES = ("/dev/console", "/dev/ttyS0", "/dev/ttyS1")

# The same operation by the functions that older and newer kernels have for it.
SAME = {"do_file_open": "do_filp_open", "filp_flush": "filp_close", "ksys_lseek": "vfs_llseek",
        "__do_sys_move_mount": "do_move_mount"}

# Kernels that have functions of their own for access control lists.
WITH_ACL_FUNCTIONS = ("linux-6.12", "linux-7")

# Kernels of which only the system call is seen, with names that are not looked up yet.
ONLY_MOVE_MOUNT_CALL = ("linux-6.12", "linux-7")

# So long is a path at most, in bytes.
PATH_MAX = 4096

# So much of an extended attribute's value is told.
XATTR_SHOWN = 256

_OPEN = ("Flag", flags.OPEN)
_FLAGS = {
    "__do_sys_memfd_create": (("Flag", flags.MEMFD),),
    "vm_mmap_pgoff": (_OPEN, ("prot", flags.PROTECTION), ("flags", flags.MAP)),
    "vfs_fallocate": (_OPEN, ("mode", flags.FALLOCATE)),
    "vfs_rename": (("flags", flags.RENAME),),
    "vfs_setxattr": (("flags", flags.XATTR),),
    "path_mount": (("flags", flags.MOUNT),),
    "path_umount": (("flags", flags.UMOUNT),),
    "do_faccessat": (("mode", flags.ACCESS),),
    "vfs_llseek": (_OPEN, ("whence", flags.WHENCE)),
}


def of_row(row):
    """A row with one name for each operation, and numbers for flags; without time and number."""
    found = {key: value for key, value in row.items() if key not in ("TimeStamp", "EventUID")}
    found["Method"] = SAME.get(row["Method"], row["Method"])
    for key, names in _FLAGS.get(found["Method"], (_OPEN,)):
        if found.get(key) is not None:
            found[key] = flags.number(found[key], names)
    return found


def text(value):
    """As json shows the bytes of a fact's text."""
    return raw(value).decode("utf-8", "replace")


def path_bytes(value):
    """Of a fact's path what is told: of one that is too long, as many of its last parts as there is
    room for."""
    path = raw(value)
    if len(path) <= PATH_MAX:
        return path
    return path[path.index(b"/", len(path) - PATH_MAX):] + b"..."


def path_text(value):
    """The same as json shows it."""
    return path_bytes(value).decode("utf-8", "replace")


# Python has another name for this one.
_ERRORS = errno.errorcode | {errno.EOPNOTSUPP: "EOPNOTSUPP"}


def _result(fact):
    result = fact["result"]
    return result if result >= 0 else _ERRORS[-result]


def _type(mode):
    """S_IFREG and the like."""
    return next(name for name in dir(stat) if name.startswith("S_IF") and name != "S_IFMT"
                and getattr(stat, name) == stat.S_IFMT(mode))


# From facts to rows -----------------------------------------------------------------------------


def open_flags(fact):
    """What the kernel makes of the flags of an open (fs/open.c, build_open_flags)."""
    asked = int(fact["flags"], 16)
    if asked & os.O_PATH:
        return asked & (os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    large = 0 if fact.get("small") else flags.O_LARGEFILE
    return (asked | large) & ~os.O_CLOEXEC


class Expected:
    """The rows that a fact makes."""

    def __init__(self, kernel, scenario):
        self.kernel = kernel
        self.scenario = scenario

    def _row(self, fact, method, own, file_flags=None, result=True):
        row = {"Plugin": "filetracer", "PID": fact["pid"], "PPID": fact["ppid"],
               "TID": fact["tid"], "UserName": "UID", "UserId": fact["user"],
               "ProcessName": self.scenario, "Method": method,
               "ThreadName": text(fact["thread"]),
               "FileName": path_text(fact["path"])}
        if "st_mode" in fact:
            row |= {"Permissions": f"{stat.S_IMODE(fact['st_mode']):o}",
                    "Mode": _type(fact["st_mode"]), "UID": fact["st_uid"], "GID": fact["st_gid"]}
        if file_flags is None and "f_flags" in fact:
            file_flags = int(fact["f_flags"], 16)
        if file_flags is not None:
            row["Flag"] = file_flags
        row |= own
        if result:
            row["Result"] = _result(fact)
        return row

    def open(self, fact):
        rows = [self._row(fact, "do_filp_open", {}, file_flags=open_flags(fact))]
        truncates = int(fact["flags"], 16) & os.O_TRUNC and fact["existed"]
        if truncates and fact["result"] >= 0:
            rows.append(self._row(fact, "do_truncate", {"length": 0}))
        return rows

    def close(self, fact):
        return [self._row(fact, "filp_close", {})]

    def _io(self, fact, method):
        own = {"count": fact["count"]}
        if "pos" in fact:
            own["pos"] = fact["pos"]
        return [self._row(fact, method, own)]

    def read(self, fact):
        return self._io(fact, "vfs_read")

    def write(self, fact):
        return self._io(fact, "vfs_write")

    def readv(self, fact):
        return self._io(fact, "vfs_readv")

    def writev(self, fact):
        return self._io(fact, "vfs_writev")

    def lseek(self, fact):
        return [self._row(fact, "vfs_llseek",
                          {"offset": fact["offset"], "whence": fact["whence"]})]

    def mmap(self, fact):
        own = {"flags": int(fact["flags"], 16), "length": fact["length"],
               "offset": fact["offset"], "prot": fact["prot"]}
        if "addr" in fact:
            own["addr"] = fact["addr"]
        return [self._row(fact, "vm_mmap_pgoff", own)]

    def truncate(self, fact):
        return [self._row(fact, "do_truncate", {"length": fact["length"]})]

    def fallocate(self, fact):
        return [self._row(fact, "vfs_fallocate", {
            "length": fact["length"], "mode": fact["mode"], "offset": fact["offset"]})]

    def rename(self, fact):
        own = {"old_name": path_text(fact["old_path"])}
        if fact["flags"]:
            own["flags"] = fact["flags"]
        return [self._row(fact, "vfs_rename", own)]

    def link(self, fact):
        return [self._row(fact, "vfs_link", {"link_name": path_text(fact["link_path"])})]

    def symlink(self, fact):
        return [self._row(fact, "vfs_symlink", {"oldname": text(fact["text"])})]

    def readlink(self, fact):
        return [self._row(fact, "vfs_readlink", {"buflen": fact["room"]})]

    def unlink(self, fact):
        return [self._row(fact, "vfs_unlink", {})]

    def rmdir(self, fact):
        return [self._row(fact, "vfs_rmdir", {})]

    def mkdir(self, fact):
        return [self._row(fact, "vfs_mkdir", {"new_mode": "S_IFDIR",
                                              "new_permissions": f"{fact['mode']:o}"})]

    def mknod(self, fact):
        kind = _type(fact["mode"])
        own = {"new_mode": kind, "new_permissions": f"{stat.S_IMODE(fact['mode']):o}"}
        if kind == "S_IFREG":
            return [self._row(fact, "vfs_create", own)]
        return [self._row(fact, "vfs_mknod", own | {"dev": f"{fact['major']}:{fact['minor']}"})]

    def chmod(self, fact):
        return [self._row(fact, "chmod_common", {"new_mode": _type(fact["st_mode"]),
                                                 "new_permissions": f"{fact['mode']:o}"})]

    def chown(self, fact):
        return [self._row(fact, "chown_common", {
            f"new_{name}": fact[name] for name in ("gid", "uid") if name in fact})]

    def utimes(self, fact):
        return [self._row(fact, "vfs_utimes",
                          {name: str(fact[name]) for name in ("atime", "mtime")})]

    def _has_acl_function(self, fact):
        return fact["name"].startswith("system.posix_acl") and self.kernel in WITH_ACL_FUNCTIONS

    def setxattr(self, fact):
        if self._has_acl_function(fact):
            return [self._row(fact, "vfs_set_acl", {"name": fact["name"]})]
        value = bytes.fromhex(fact["value"])[:XATTR_SHOWN]
        shown = value.decode("latin-1") if all(0x20 <= byte < 0x7f for byte in value) \
            else value.hex()
        own = {"name": fact["name"], "size": fact["size"],
               "value": shown + ("..." if fact["size"] > XATTR_SHOWN else "")}
        if fact["flags"]:
            own["flags"] = fact["flags"]
        return [self._row(fact, "vfs_setxattr", own)]

    def removexattr(self, fact):
        method = "vfs_remove_acl" if self._has_acl_function(fact) else "vfs_removexattr"
        return [self._row(fact, method, {"name": fact["name"]})]

    def access(self, fact):
        return [self._row(fact, "do_faccessat", {"mode": fact["mode"]})]

    def chdir(self, fact):
        return [self._row(fact, "set_fs_pwd", {}, result=False)]

    def chroot(self, fact):
        return [self._row(fact, "set_fs_root", {}, result=False)]

    def mount(self, fact):
        own = {"device": text(fact["device"]), "flags": int(fact["flags"], 16)}
        if fact["type"]:
            own["filesystem"] = text(fact["type"])
        return [self._row(fact, "path_mount", own)]

    def umount(self, fact):
        return [self._row(fact, "path_umount", {"flags": fact["flags"]} if fact["flags"] else {})]

    def move_mount(self, fact):
        if self.kernel in ONLY_MOVE_MOUNT_CALL:
            fact = {key: value for key, value in fact.items() if not key.startswith("st_")}
        return [self._row(fact, "do_move_mount", {"old_name": path_text(fact["old_path"])})]

    def memfd(self, fact):
        return [self._row(fact, "__do_sys_memfd_create", {"FileHandle": fact["result"]},
                          file_flags=int(fact["flags"], 16))]

    def transfer(self, fact):
        return [Transfer(fact)]

    def rows(self, fact):
        return getattr(self, fact["op"])(fact)


# Transfers --------------------------------------------------------------------------------------

AREA = "rw_verify_area"


@dataclass
class Transfer:
    """Bytes that went between files in steps of which only their sum is known."""

    fact: dict

    def sides(self):
        """What is read and what is written: its path, where, and what its rows have of it."""
        for side, access in (("in", "read"), ("out", "write")):
            if f"{side}_path" in self.fact:
                yield access, side

    def differences(self, rows):
        """What the rows say otherwise."""
        wrong = [f"it is no step of {self.fact}: {row}" for row in rows
                 if not any(self._is_step(row, access, side) for access, side in self.sides())]
        for access, side in self.sides():
            start = self.fact[f"{side}_at"]
            steps = sorted((row["pos"], row["pos"] + row["count"]) for row in rows
                           if row["access"] == access)
            for first, end in steps:
                if first <= start:
                    start = max(start, end)
            if start < self.fact[f"{side}_at"] + self.fact["result"]:
                wrong.append(f"{access} is told up to {start} of {self.fact}")
        return wrong

    def _is_step(self, row, access, side):
        fact = self.fact
        first, end = fact[f"{side}_at"], fact[f"{side}_at"] + fact["asked"]
        mode = fact[f"{side}_mode"]
        return (row["access"] == access and first <= row["pos"]
                and row["pos"] + row["count"] <= end
                and row["FileName"] == path_text(fact[f"{side}_path"])
                and row["Flag"] == int(fact[f"{side}_flags"], 16)
                and row["Mode"] == _type(mode)
                and row["Permissions"] == f"{stat.S_IMODE(mode):o}"
                and (row["UID"], row["GID"]) == (fact[f"{side}_uid"], fact[f"{side}_gid"]))


# Comparing --------------------------------------------------------------------------------------


@dataclass
class System:
    """What was done on one file system."""

    name: str
    facts: list = field(default_factory=list)


def systems(facts):
    """The facts of each file system."""
    found = []
    for fact in finished(facts):
        if fact["kind"] == "files":
            found.append(System(fact["system"]))
        elif fact["kind"] == "file":
            found[-1].facts.append(fact)
    return found


def _threads(items, key):
    threads = defaultdict(list)
    for item in items:
        threads[key(item)].append(item)
    return threads


def _group(rows):
    groups = []
    for row in rows:
        if row["Method"] != AREA:
            groups.append(row)
        elif groups and isinstance(groups[-1], list):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _key(item):
    """By which rows and what is expected are found to belong together."""
    if isinstance(item, (list, Transfer)):
        return AREA
    return item["Method"], item["FileName"]


def _difference(row, wanted):
    if isinstance(wanted, Transfer):
        return wanted.differences(row)
    return [f"{row['Method']} {check.brief(row['FileName'])}: {name} is {row.get(name)!r}, "
            f"not {wanted.get(name)!r}"
            for name in wanted.keys() | row.keys() if row.get(name) != wanted.get(name)]


def _compare_thread(rows, wanted):
    """All differences of what one thread did."""
    rows = _group(rows)
    wrong = []
    matcher = difflib.SequenceMatcher(None, list(map(_key, rows)), list(map(_key, wanted)), False)
    for kind, first, end, wanted_first, wanted_end in matcher.get_opcodes():
        if kind == "equal":
            for row, expected in zip(rows[first:end], wanted[wanted_first:wanted_end]):
                wrong += _difference(row, expected)
        else:
            wrong += [f"invented: {row}" for row in rows[first:end]]
            wrong += [f"missing: {item}" for item in wanted[wanted_first:wanted_end]]
    return wrong


def _by_any_thread(fact):
    """Whether the kernel chooses who does it."""
    return "any_thread" in fact or fact.get("how") == "ring"


def _compare_ring(rows, facts, expected):
    """What io_uring did: by the paths, which nothing else uses."""
    wrong = []
    for fact in facts:
        for wanted in expected.rows(fact):
            if isinstance(wanted, Transfer):
                steps = [row for row in rows if row["Method"] == AREA
                         and row["FileName"] in (fact.get("in_path"), fact.get("out_path"))]
                rows = [row for row in rows if row not in steps]
                wrong += wanted.differences(steps)
                continue
            same = [row for row in rows if _key(row) == _key(wanted)]
            rows = [row for row in rows if row not in same]
            # by a worker, whose process and name are the kernel's matter
            told = [{key: value for key, value in row.items()
                     if key not in ("PID", "PPID", "TID", "ThreadName", "ProcessName")}
                    for row in same]
            if len(told) != 1 or not told[0].items() <= wanted.items():
                wrong.append(f"told: {same}, not {wanted}")
    return wrong + [f"invented: {row}" for row in rows]


def compare(system, rows, kernel, scenario="files"):
    """Fails with all that is told otherwise than the guest says."""
    expected = Expected(kernel, scenario)
    facts = [fact for fact in system.facts if not _by_any_thread(fact)]
    ring_facts = [fact for fact in system.facts if _by_any_thread(fact)]
    pids = {fact["pid"] for fact in system.facts}
    rows = [of_row(row) for row in sorted(rows, key=lambda row: int(row["EventUID"], 16))
            if row["Plugin"] == "filetracer" and row["PID"] in pids
            and row["FileName"] not in OWN_DEVICES]
    ring = [row for row in rows if "/ring/ring" in (row["FileName"] or "") and row["Method"] == AREA
            or "/ring-" in (row["FileName"] or "")]
    rows = [row for row in rows if row not in ring]
    wrong = _compare_ring(ring, ring_facts, expected)
    told = _threads(rows, lambda row: (row["PID"], row["TID"]))
    done = _threads(facts, lambda fact: (fact["pid"], fact["tid"]))
    for thread in told.keys() | done.keys():
        wanted = [row for fact in done.get(thread, []) for row in expected.rows(fact)]
        wrong += _compare_thread(told.get(thread, []), wanted)
    if wrong:
        raise Failed("\n".join([f"{system.name}: {len(wrong)} differences in {len(system.facts)} "
                                "operations:", *map(check.brief, wrong[:12])]))
