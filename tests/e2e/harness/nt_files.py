# SPDX-License-Identifier: GPL-2.0-or-later
"""From the NT guest's facts to the events of filetracer, field by field."""

import struct

from . import check, nt, nt_file_names as names
from .nt_expect import number, text_of
from .nt_procmon import ABSENT, argument, behind, compare_calls, succeeded
from .nt_security import security
from .nt_values import common, fields, flags_of, plain, rows_of, text

# FILETIME counts from 1601, in units of 100 ns.
TO_1970 = 11644473600
UNITS = 10 ** 7


def word_of(fact, index):
    return argument(fact, index) & 0xffffffff


# Structures --------------------------------------------------------------------------------------


def times(raw):
    """The four that these structures begin with."""
    for name, value in zip(("CreationTime", "LastAccessTime", "LastWriteTime", "ChangeTime"),
                           struct.unpack("<4q", raw[:32])):
        yield name, value // UNITS - TO_1970 if value > 0 else ABSENT


def raw_of(told):
    """Bytes that were told as characters; None: they could not be read."""
    return told["bytes"].encode("latin-1") if "bytes" in told else None


def missing(keys):
    return tuple((key, None) for key in keys)


TIMES = ("CreationTime", "LastAccessTime", "LastWriteTime", "ChangeTime")


def basic(raw):
    """FILE_BASIC_INFORMATION."""
    if raw is None or len(raw) < 36:
        return missing((*TIMES, "FileAttributes"))
    attributes, = struct.unpack_from("<I", raw, 32)
    return (*times(raw), ("FileAttributes", flags_of(attributes, names.ATTRIBUTES)))


def with_sizes(raw, sizes, attributes):
    """Structures that have two sizes more, and where these are."""
    if raw is None or len(raw) < max(sizes + 16, attributes + 4):
        return missing((*TIMES, "AllocationSize", "EndOfFile", "FileAttributes"))
    value, = struct.unpack_from("<I", raw, attributes)
    return (*times(raw), *zip(("AllocationSize", "EndOfFile"),
                              map("{:#x}".format, struct.unpack_from("<2Q", raw, sizes))),
            ("FileAttributes", flags_of(value, names.ATTRIBUTES)))


ANSWERS = {4: basic, 18: lambda raw: with_sizes(raw, 40, 32),
           34: lambda raw: with_sizes(raw, 32, 48)}


# Objects ----------------------------------------------------------------------------------------


def by_id(fact):
    """Whether the name is a number of the file."""
    option = {"NtCreateFile": 8, "NtOpenFile": 5}.get(fact["function"])
    return option is not None and word_of(fact, option) & 0x2000


def given_name(fact, index):
    """The name in OBJECT_ATTRIBUTES, behind its root's."""
    told = behind(fact, index)
    if "attributes" not in told:
        return None
    root = text_of(told["root_object"].get("name", "")) if "root_object" in told else ""
    if "object_name" not in told:
        return root
    name = told["object_name"]
    before = root + "\\" * bool(root and not root.endswith("\\"))
    if name is None:  # the string itself can not be read
        return (lambda got: got is not None and got.startswith(root)) if root else None
    if by_id(fact) and name["length"] in (8, 16) and name["whole"]:
        units = name["text"].encode("utf-16-le", "surrogatepass")
        return f"{before}0x{int.from_bytes(units, 'little'):0{2 * name['length']}x}"
    return text({**name, "text": before + name["text"]})


def object_flags(fact, index):
    told = behind(fact, index)
    return flags_of(int(told["attributes"], 16), names.OBJECT_FLAGS) if "attributes" in told \
        else None


# Calls -------------------------------------------------------------------------------------------


def status(fact):
    return ("Status", number(fact["result"]))


def handle(fact, index):
    return ("FileHandle", number(fact["arguments"][index]))


def open_name(fact, index=0):
    """Of an open file."""
    told = behind(fact, index)
    return plain(told["name"]) if told.get("name") else None


def information(fact, index):
    """Of an IO_STATUS_BLOCK, if the call has filled it in."""
    block = behind(fact, index, "out")
    if not succeeded(fact) or block.get("status") != fact["result"]:
        return ABSENT
    return int(block["information"], 16)


def new_handle(fact):
    told = behind(fact, 0, "out") if succeeded(fact) else {}
    return ("FileHandle", number(told["value"]) if told else None)


def rights(fact, options):
    return ("DesiredAccess", flags_of(word_of(fact, 1), names.FOLDER_RIGHTS
                                      if word_of(fact, options) & 1 else names.FILE_RIGHTS))


def create(fact):
    disposition = word_of(fact, 7)
    return (("FileName", given_name(fact, 2)), new_handle(fact),
            ("ObjectAttributes", object_flags(fact, 2)),
            ("IoStatusBlock", information(fact, 3)), ("SecurityDescriptor", security(fact, 2)),
            rights(fact, 8),
            ("FileAttributes", flags_of(word_of(fact, 5), names.ATTRIBUTES)),
            ("ShareAccess", flags_of(word_of(fact, 6), names.SHARE)),
            ("CreateDisposition", names.DISPOSITIONS[disposition]
             if disposition < len(names.DISPOSITIONS) else f"{disposition:#x}"),
            ("CreateOptions", flags_of(word_of(fact, 8), names.OPTIONS)), status(fact))


def open_file(fact):
    return (("FileName", given_name(fact, 2)), new_handle(fact),
            ("ObjectAttributes", object_flags(fact, 2)),
            ("IoStatusBlock", information(fact, 3)), rights(fact, 5),
            ("ShareAccess", flags_of(word_of(fact, 4), names.SHARE)),
            ("OpenOptions", flags_of(word_of(fact, 5), names.OPTIONS)), status(fact))


def open_directory(fact):
    return (("FileName", given_name(fact, 2)), ("ObjectAttributes", object_flags(fact, 2)),
            ("SecurityDescriptor", security(fact, 2)), status(fact))


def _attributes(fact, answer):
    return (("FileName", given_name(fact, 0)), ("ObjectAttributes", object_flags(fact, 0)),
            ("SecurityDescriptor", security(fact, 0)),
            *(answer(raw_of(behind(fact, 1, "out"))) if succeeded(fact) else ()), status(fact))


def attributes(fact):
    return _attributes(fact, ANSWERS[4])


def full_attributes(fact):
    return _attributes(fact, ANSWERS[34])


def query(fact):
    kind = word_of(fact, 4)
    return (("Operation", names.OPERATIONS[kind]), handle(fact, 0), ("FileName", open_name(fact)),
            *(ANSWERS[kind](raw_of(behind(fact, 2, "out"))) if succeeded(fact) else ()),
            status(fact))


def transfer(fact):
    offset = int(behind(fact, 7)["value"], 16) if "value" in behind(fact, 7) else None
    if offset is not None:
        offset -= (offset >> 63) << 64
    return (("FileName", open_name(fact)), handle(fact, 0),
            ("ByteOffset", ABSENT if not argument(fact, 7) or offset == -2 else offset),
            ("Length", word_of(fact, 6)), ("Information", information(fact, 4)), status(fact))


def _value(fact, size):
    """What the buffer begins with; None: the call can not have read it."""
    raw = raw_of(behind(fact, 2))
    return raw[:size] if raw is not None and len(raw) >= size else None


def set_basic(fact):
    return (handle(fact, 0), ("FileName", open_name(fact)), *basic(_value(fact, 36)))


def disposition(fact):
    value = _value(fact, 1)
    return (("FileName", open_name(fact)), handle(fact, 0),
            ("DeleteFile", None if value is None else int(value[0] != 0)))


def _flags_value(fact, known):
    value = _value(fact, 4)
    return None if value is None else flags_of(int.from_bytes(value, "little"), known)


def disposition_flags(fact):
    return (("FileName", open_name(fact)), handle(fact, 0),
            ("Flags", _flags_value(fact, names.DISPOSITION_FLAGS)))


def end_of_file(fact):
    value = _value(fact, 8)
    return (handle(fact, 0), ("FileName", open_name(fact)),
            ("FileSize", None if value is None else int.from_bytes(value, "little")))


def new_name(fact, bits):
    """FILE_RENAME_INFORMATION's, behind the folder's that it is meant to be in."""
    told, head = behind(fact, 2), 20 if bits == 64 else 12
    if "root" not in told or word_of(fact, 3) < head:
        return None
    most = min(told["name_length"], word_of(fact, 3) - head) // 2
    name = {"text": told["name"]["text"][:most],
            "whole": told["name"]["whole"] or len(told["name"]["text"]) >= most}
    if name["text"].startswith("\\"):
        return text(name)
    if int(told["root"], 16):
        folder = told["root_object"].get("name", "") + "\\" if "root_object" in told else ""
    else:
        source = behind(fact, 0).get("name", "")
        folder = source[:source.rfind("\\") + 1]
    return text({**name, "text": folder + name["text"]})


def rename(fact, bits):
    value = _value(fact, 1)
    return (("FileSrc", open_name(fact)), ("FileDst", new_name(fact, bits)), handle(fact, 0),
            ("ReplaceIfExists", None if value is None else int(value[0] != 0)))


def rename_flags(fact, bits):
    return (("FileSrc", open_name(fact)), ("FileDst", new_name(fact, bits)), handle(fact, 0),
            ("Flags", _flags_value(fact, names.RENAME_FLAGS)))


CHANGES = {4: set_basic, 13: disposition, 20: end_of_file, 64: disposition_flags}
RENAMES = {10: rename, 65: rename_flags}


class Files:
    """What is expected of one run of filetracer."""

    def __init__(self, told):
        self.bits = next(fact["bits"] for fact in told if fact["kind"] == "start")

    def change(self, fact):
        kind = word_of(fact, 4)
        own = RENAMES[kind](fact, self.bits) if kind in RENAMES else CHANGES[kind](fact)
        return (("Operation", names.OPERATIONS[kind]), *own, status(fact))

    MAKERS = {"NtCreateFile": create, "NtOpenFile": open_file,
              "NtOpenDirectoryObject": open_directory, "NtQueryAttributesFile": attributes,
              "NtQueryFullAttributesFile": full_attributes, "NtQueryInformationFile": query,
              "NtReadFile": transfer, "NtWriteFile": transfer, "NtSetInformationFile": None}

    @classmethod
    def calls(cls, told):
        """The facts about calls that are told: others are of classes that nobody wants."""
        classes = {"NtSetInformationFile": {*CHANGES, *RENAMES}, "NtQueryInformationFile": ANSWERS}
        return [fact for fact in nt.calls(told, cls.MAKERS)
                if fact["function"] not in classes
                or word_of(fact, 4) in classes[fact["function"]]]

    def pairs(self, fact):
        """The pairs of key and wanted value of a row, from the common ones on."""
        maker = self.MAKERS[fact["function"]] or self.change
        return common("filetracer", fact) + fields(maker(fact))


def traced(result, guest):
    """All that filetracer has to tell of a run that has ended well."""
    told = nt.finished(result.facts())
    calls, rows = Files.calls(told), rows_of(result, "filetracer")
    check.true(calls, "there are facts")
    compare_calls(rows, calls, Files(told).pairs, guest.cpus)
