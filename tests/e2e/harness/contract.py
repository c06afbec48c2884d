# SPDX-License-Identifier: GPL-2.0-or-later
"""What readers of the json rows insist on: which keys, in which order, of which kind, and in which
order rows come. Every row that a test reads is held against it.

The readers are capa, which takes each key of a `syscall` row behind the common ones for an argument
and wants it to be a text; and DRAKVUF Sandbox, which sorts rows by Plugin, makes a tree of
processes of procmon's rows (see lives.py), and looks up whose a row is by PID and EventUID.

An EventUID is the number of a guest's call, counted where the call is entered. So all rows of one
call share it; a `sysret` row, which is told later than calls that began later, is looked up at the
moment at which its call began, when its process was there; and a process whose creation is told
when that returns is known to have lived since before its first call.
"""

import functools
import re
from dataclasses import dataclass

from .declare import Failed

# Kinds ------------------------------------------------------------------------------------------

_is_hex = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,15})").fullmatch
# capa sorts calls by it as by a text, so it must not grow in length
_is_time = re.compile(r"[0-9]{10}\.[0-9]{6}").fullmatch


def _number(value):
    """What parsers with integers of 64 bits can take."""
    return type(value) is int and -(1 << 63) <= value < 1 << 64


def _natural(value):
    return type(value) is int and 0 <= value < 1 << 64


def _text(value):
    """A half of a pair of UTF-16 that stands alone is no text to strict parsers."""
    return type(value) is str and (value.isascii() or not re.search("[\ud800-\udfff]", value))


def _name(value):
    return _text(value) and value != ""


def _hex(value):
    return type(value) is str and _is_hex(value) is not None


def _time(value):
    return type(value) is str and _is_time(value) is not None


def _result(value):
    """A number, or the name of an error."""
    return _number(value) or _name(value)


def _list(value):
    """Of texts, or of pairs."""
    return type(value) is list and all(
        _text(item) or (type(item) is dict and len(item) == 1 and all(map(_text, item.values())))
        for item in value)


def _value(value):
    return value is None or _number(value) or _text(value) or _list(value)


KINDS = {"number": _number, "natural": _natural, "text": _text, "name": _name, "hex": _hex,
         "time": _time, "result": _result, "list": _list}


# Keys -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    kind: str
    null: bool = False  # it may be null: the guest may hide what it is made of
    optional: bool = False  # it may be absent

    def fits(self):
        """What tells whether a value will do."""
        kind = KINDS[self.kind]
        return (lambda value: value is None or kind(value)) if self.null else kind


def _keys(declared):
    """{name: Key} of "name=kind", "name=kind?" if it may be null, and "[name=kind]" if absent."""
    keys = {}
    for item in declared.split():
        name, _, kind = item.strip("[]").partition("=")
        keys[name] = Key(kind.removesuffix("?"), kind.endswith("?"), item.startswith("["))
    return keys


COMMON = _keys("Plugin=name TimeStamp=time PID=natural PPID=natural TID=natural UserName=name "
               "UserId=number ProcessName=text Method=name EventUID=hex")

LINUX, WINDOWS = "UID", "SessionID"  # UserName tells

_CALL = "Module=name vCPU=natural CR3=hex Syscall=natural "

SYSCALL = {LINUX: _keys(_CALL + "[Type=name] NArgs=natural"),
           WINDOWS: _keys(_CALL + "NArgs=natural [PreviousMode=name] [FromModule=text] "
                          "[Caller=name]")}
SYSRET = {LINUX: _keys(_CALL + "[Type=name] Ret=number [Info=name]"),
          WINDOWS: _keys(_CALL + "Ret=hex [Info=name]")}

_EXEC = _keys("ThreadName=text CommandLine=text? ImagePathName=text? ouid=number osuid=number "
              "oeuid=number suid=number? euid=number? [Environment=text?] [interp=text?] "
              "[fdpath=text?] [FileName=text?] PGID=number? [have_execfd=number?] "
              "[execfd=number?] [secureexec=number?]")
_SIGNAL = _keys("ThreadName=text TargetPID=number? TargetTID=number? TargetPPID=number? "
                "TargetProcessName=text? TargetThreadName=text? Signal=number SignalStr=name")

PROCMON = {
    LINUX: {
        "RunningProcess": _keys("RunningProcess=text"),
        "begin_new_exec": _EXEC, "do_execveat_common": _EXEC,
        "do_exit": _keys("ThreadName=text ExitStatus=number ExitStatusStr=name"),
        "do_send_sig_info": _SIGNAL, "send_signal_locked": _SIGNAL, "send_signal": _SIGNAL,
        "kernel_clone": _keys("Flags=text? Signal=number? SignalStr=name? NewPid=result"),
    },
    WINDOWS: {
        "RunningProcess": _keys("RunningProcess=text Bitness=number"),
        "NtCreateUserProcess": _keys(
            "Status=hex NewProcessHandle=hex? NewPid=natural? NewThreadHandle=hex? NewTid=natural? "
            "CommandLine=text? ImagePathName=text? DllPath=text? CWD=text? Bitness=number?"),
        "NtCreateProcessEx": _keys(
            "Status=hex ProcessHandle=hex? DesiredAccess=hex ObjectAttributes=hex "
            "ParentProcess=hex Flags=hex SectionHandle=hex DebugPort=hex ExceptionPort=hex "
            "JobMemberLevel=number NewPid=natural? Bitness=number?"),
        "NtTerminateProcess": _keys("ExitPid=natural? ExitStatus=hex ExitStatusStr=name"),
        "MmCleanProcessAddressSpace": _keys("ExitPid=natural?"),
        "NtOpenProcess": _keys("ProcessHandle=hex? DesiredAccess=hex ObjectAttributes=hex "
                               "ClientID=natural? ClientName=text?"),
        "NtOpenThread": _keys("ThreadHandle=hex? DesiredAccess=hex ObjectAttributes=hex "
                              "ClientID=natural? ClientName=text? UniqueThread=natural?"),
        "NtProtectVirtualMemory": _keys("ProcessHandle=hex NewProtectWin32=name"),
        "NtAdjustPrivilegesToken": _keys("ProcessHandle=number DisableAll=number "
                                         "[NewState=list?]"),
    },
}

# What all of filetracer's have on Linux, before their own keys and behind them.
_FILE = "[Permissions=name] ThreadName=text FileName=text? [Mode=name] [Flag=name] [UID=number] " \
        "[GID=number] "
_RESULT = " Result=result"


def _of_file(*methods, own="", result=_RESULT):
    return dict.fromkeys(methods, _keys(_FILE + own + result))


FILETRACER = {
    LINUX: {
        **_of_file("do_filp_open", "do_file_open", "do_file_open_root", "filp_close", "filp_flush",
                   "vfs_rmdir", "vfs_unlink"),
        **_of_file("vfs_read", "vfs_write", own="count=number [pos=number]"),
        **_of_file("vfs_readv", "vfs_writev", own="[count=number] [pos=number]"),
        **_of_file("rw_verify_area", own="access=name count=number [pos=number]", result=""),
        **_of_file("vfs_llseek", "ksys_lseek", own="offset=number whence=name"),
        **_of_file("vm_mmap_pgoff",
                   own="[addr=hex] flags=name length=number offset=number prot=name"),
        **_of_file("do_truncate", own="length=number"),
        **_of_file("vfs_fallocate", own="length=number mode=name offset=number"),
        **_of_file("__do_sys_memfd_create", own="[FileHandle=number]"),
        **_of_file("vfs_create", "vfs_mkdir", own="new_mode=name new_permissions=name"),
        **_of_file("vfs_mknod", own="dev=name new_mode=name new_permissions=name"),
        **_of_file("vfs_rename", own="[flags=name] old_name=text?"),
        **_of_file("vfs_link", own="link_name=text?"),
        **_of_file("vfs_symlink", own="oldname=text?"),
        **_of_file("vfs_readlink", own="buflen=number"),
        **_of_file("do_faccessat", own="mode=name"),
        **_of_file("set_fs_pwd", "set_fs_root", result=""),
        **_of_file("chmod_common", own="[new_mode=name] new_permissions=name"),
        **_of_file("chown_common", own="[new_gid=number] [new_uid=number]"),
        **_of_file("vfs_utimes", own="atime=name? mtime=name?"),
        **_of_file("vfs_setxattr", own="[flags=name] name=text? size=number value=text?"),
        **_of_file("vfs_removexattr", "vfs_set_acl", "vfs_remove_acl", own="name=text?"),
        **_of_file("path_mount", own="[device=text?] [filesystem=text?] flags=name"),
        **_of_file("do_move_mount", "__do_sys_move_mount", own="old_name=text?"),
        **_of_file("path_umount", own="[flags=name]"),
    },
}

# Of these flags there may be none: then they are an empty text.
_OBJECT = "FileName=text? ObjectAttributes=text? "
_SECURITY = "[SecurityDescriptor=list?] "
_TIMES = "[CreationTime=number?] [LastAccessTime=number?] [LastWriteTime=number?] " \
         "[ChangeTime=number?] "
_SIZES = "[AllocationSize=hex?] [EndOfFile=hex?] "
_ATTRIBUTES = "[FileAttributes=text?] "
_STATUS = "Status=hex"
_OPENED = "FileName=text? FileHandle=hex? ObjectAttributes=text? [IoStatusBlock=number] "
_TRANSFER = "FileName=text? FileHandle=hex [ByteOffset=number?] Length=number " \
            "[Information=number] "
_DISPOSED = "Operation=name FileName=text? FileHandle=hex [DeleteFile=number?] [Flags=text?] "
_RENAMED = "Operation=name FileSrc=text? FileDst=text? FileHandle=hex " \
           "[ReplaceIfExists=number?] [Flags=text?] "

FILETRACER[WINDOWS] = {name: _keys(declared + _STATUS) for name, declared in {
    "NtCreateFile": _OPENED + _SECURITY + "DesiredAccess=text FileAttributes=text "
                    "ShareAccess=text CreateDisposition=name CreateOptions=text ",
    "NtOpenFile": _OPENED + "DesiredAccess=text ShareAccess=text OpenOptions=text ",
    "NtOpenDirectoryObject": _OBJECT + _SECURITY,
    "NtQueryAttributesFile": _OBJECT + _SECURITY + _TIMES + _ATTRIBUTES,
    "NtQueryFullAttributesFile": _OBJECT + _SECURITY + _TIMES + _SIZES + _ATTRIBUTES,
    "NtQueryInformationFile": "Operation=name FileHandle=hex FileName=text? " + _TIMES + _SIZES +
                              _ATTRIBUTES,
    "NtReadFile": _TRANSFER, "NtWriteFile": _TRANSFER,
    # what it changes decides
    "NtSetInformationFile FileBasicInformation":
        "Operation=name FileHandle=hex FileName=text? " + _TIMES + _ATTRIBUTES,
    "NtSetInformationFile FileDispositionInformation": _DISPOSED,
    "NtSetInformationFile FileDispositionInformationEx": _DISPOSED,
    "NtSetInformationFile FileEndOfFileInformation":
        "Operation=name FileHandle=hex FileName=text? FileSize=natural? ",
    "NtSetInformationFile FileRenameInformation": _RENAMED,
    "NtSetInformationFile FileRenameInformationEx": _RENAMED,
}.items()}

_DELETED = _keys("FileName=text? Size=number? [Flags=hex] [FlagsExpanded=name] SeqNum=natural "
                 "Reason=name")

FILEDELETE = {
    LINUX: dict.fromkeys(("vfs_unlink", "vfs_rename", "evict", "__fput"), _DELETED),
    WINDOWS: dict.fromkeys(("IopCloseFile", "NtClose", "NtDeleteFile", "NtSetInformationFile",
                            "NtCreateFile", "NtOpenFile"), _DELETED),
}

METHODS = {"procmon": PROCMON, "filetracer": FILETRACER, "filedelete": FILEDELETE}

CALLS = {"syscall": SYSCALL, "sysret": SYSRET}  # behind these keys there are arguments


def variant(row):
    """The method; where its keys depend on what it is asked to do, with that."""
    method = row.get("Method")
    with_operation = f"{method} {row.get('Operation')}"
    methods = METHODS.get(row.get("Plugin"), {}).get(row.get("UserName"), {})
    return with_operation if with_operation in methods else method


def declared(plugin, system, method):
    """The plugin's own keys, in their order; none where they are not known here.

    method: see variant().
    """
    if system not in PROCMON:
        raise Failed(f"UserName is {system!r}")
    if plugin in CALLS:
        return CALLS[plugin][system]
    if plugin not in METHODS:
        return {}
    if method not in METHODS[plugin][system]:
        raise Failed(f"{plugin} has no method {method!r} there")
    return METHODS[plugin][system][method]


@functools.lru_cache(maxsize=1 << 14)
def _fits(plugin, system, method, names):
    """What a row's values must be, in their order."""
    fits, at = [], 0
    for name, key in (COMMON | declared(plugin, system, method)).items():
        if names[at:at + 1] == (name,):
            fits.append(key.fits())
            at += 1
        elif not key.optional:
            raise Failed(f"{name} is missing, or not in its place")
    if plugin in METHODS and at < len(names):
        raise Failed(f"nobody knows {names[at]}")
    return (*fits, *[_text if plugin in CALLS else _value] * (len(names) - at))


# Rows -------------------------------------------------------------------------------------------


@functools.cache
def _own(plugin, system):
    return COMMON.keys() | CALLS[plugin][system].keys()


def arguments(row):
    """Of a system call: all that stands behind the keys of the call itself."""
    own = _own(row["Plugin"], row["UserName"])
    return {name: value for name, value in row.items() if name not in own}


def check_row(row):
    """Fails if a reader would not take the row, or would misunderstand it."""
    plugin = row.get("Plugin")
    # which methods there are of system calls, the guest says
    method = None if plugin in CALLS else variant(row)
    for (name, value), fits in zip(row.items(),
                                   _fits(plugin, row.get("UserName"), method, tuple(row))):
        if not fits(value):
            raise Failed(f"{name} is {value!r}")
    if plugin == "syscall" and len(arguments(row)) != row["NArgs"]:
        raise Failed(f"NArgs is {row['NArgs']}, the arguments are {list(arguments(row))}")


class Order:
    """In which order rows may come: check() is called with each."""

    def __init__(self):
        self._time = ""
        self._first = {}  # the number of each thread's first call
        self._last = {}
        self._open = {}  # calls that have not returned, by number

    def check(self, row):
        if row["TimeStamp"] < self._time:
            raise Failed(f"TimeStamp falls from {self._time}")
        self._time = row["TimeStamp"]
        if row["Plugin"] == "syscall":
            self._enter(row)
        elif row["Plugin"] == "sysret":
            self._return(row)

    def _enter(self, row):
        thread = row["PID"], row["TID"]
        number = int(row["EventUID"], 16)
        if number <= self._last.get(thread, -1):
            raise Failed(f"EventUID does not rise from {self._last[thread]:#x}")
        self._first.setdefault(thread, number)
        self._last[thread] = number
        self._open[number] = row

    def _return(self, row):
        number = int(row["EventUID"], 16)
        entry = self._open.pop(number, None)
        if entry:
            for name in ("PID", "Method", "Module", "Syscall"):
                if entry[name] != row[name]:
                    raise Failed(f"it returns from {name} {entry[name]!r}")
        elif number >= self._first.get((row["PID"], row["TID"]), number + 1):
            raise Failed("it returns twice, or was never entered")


def check_rows(rows):
    """Fails at the first row that a reader would not take; rows may begin and end anywhere."""
    order = Order()
    for number, row in enumerate(rows, 1):
        try:
            check_row(row)
            order.check(row)
        except Failed as failed:
            raise Failed(f"row {number}: {failed}: {row}") from None
