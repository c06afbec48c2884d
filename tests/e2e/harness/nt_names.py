# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that Windows has for numbers, as the tests know them: not from Wyvern's tables."""

import functools

from .place import ROOT

# POOL_TYPE of wdm.h.
POOL_TYPES = {
    0: "NonPagedPool", 1: "PagedPool", 2: "NonPagedPoolMustSucceed", 3: "DontUseThisType",
    4: "NonPagedPoolCacheAligned", 5: "PagedPoolCacheAligned", 6: "NonPagedPoolCacheAlignedMustS",
    32: "NonPagedPoolSession", 33: "PagedPoolSession", 34: "NonPagedPoolMustSucceedSession",
    35: "DontUseThisTypeSession", 36: "NonPagedPoolCacheAlignedSession",
    37: "PagedPoolCacheAlignedSession", 38: "NonPagedPoolCacheAlignedMustSSession",
    512: "NonPagedPoolNx", 516: "NonPagedPoolNxCacheAligned", 544: "NonPagedPoolSessionNx",
}

# What callers add to them.
POOL_TYPE_FLAGS = {
    8: "POOL_QUOTA_FAIL_INSTEAD_OF_RAISE", 16: "POOL_RAISE_IF_ALLOCATION_FAILURE",
    256: "POOL_COLD_ALLOCATION", 512: "POOL_NX_ALLOCATION", 1024: "POOL_ZERO_ALLOCATION",
}

# POOL_FLAGS of ExAllocatePool2.
POOL_FLAGS = {
    0x1: "USE_QUOTA", 0x2: "UNINITIALIZED", 0x4: "SESSION", 0x8: "CACHE_ALIGNED",
    0x10: "RESERVED1", 0x20: "RAISE_ON_FAILURE", 0x40: "NON_PAGED", 0x80: "NON_PAGED_EXECUTE",
    0x100: "PAGED", 0x200: "RESERVED2", 0x400: "RESERVED3", 0x100000000: "SPECIAL_POOL",
}

# NTSTATUS, those that the guest has.
STATUS = {
    0x00000000: "STATUS_SUCCESS", 0x00000001: "STATUS_WAIT_1", 0x00000003: "STATUS_WAIT_3",
    0x00000102: "STATUS_TIMEOUT", 0x00000103: "STATUS_PENDING",
    0x00000106: "STATUS_NOT_ALL_ASSIGNED", 0x40000000: "STATUS_OBJECT_NAME_EXISTS",
    0x8000001a: "STATUS_NO_MORE_ENTRIES", 0xc0000002: "STATUS_NOT_IMPLEMENTED",
    0xc0000003: "STATUS_INVALID_INFO_CLASS", 0xc0000004: "STATUS_INFO_LENGTH_MISMATCH",
    0xc000000b: "STATUS_INVALID_CID", 0xc000000d: "STATUS_INVALID_PARAMETER",
    0xc0000018: "STATUS_CONFLICTING_ADDRESSES", 0xc0000022: "STATUS_ACCESS_DENIED",
    0xc0000033: "STATUS_OBJECT_NAME_INVALID", 0xc0000034: "STATUS_OBJECT_NAME_NOT_FOUND",
    0xc0000035: "STATUS_OBJECT_NAME_COLLISION", 0xc000003a: "STATUS_OBJECT_PATH_NOT_FOUND",
    0xc0000045: "STATUS_INVALID_PAGE_PROTECTION", 0xc000004b: "STATUS_THREAD_IS_TERMINATING",
    0xc000013a: "STATUS_CONTROL_C_EXIT", 0x80000003: "STATUS_BREAKPOINT",
    0x80000004: "STATUS_SINGLE_STEP", 0xc0000005: "STATUS_ACCESS_VIOLATION",
    0xc0000008: "STATUS_INVALID_HANDLE", 0xc000001d: "STATUS_ILLEGAL_INSTRUCTION",
    0xc0000024: "STATUS_OBJECT_TYPE_MISMATCH", 0xc0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xc0000095: "STATUS_INTEGER_OVERFLOW", 0xc0000096: "STATUS_PRIVILEGED_INSTRUCTION",
    0xc00000db: "STATUS_CANT_TERMINATE_SELF", 0xc000009a: "STATUS_INSUFFICIENT_RESOURCES", 0xc000010a: "STATUS_PROCESS_IS_TERMINATING",
}


def _flags(names, value, separator="|", nothing="0"):
    """The names of the bits that are set, then the others in hex."""
    found = [name for bit, name in names.items() if value & bit]
    rest = value & ~sum(names)
    return separator.join(found + ([f"{rest:#x}"] if rest else [])) or nothing


# PAGE_... of winnt.h.
PROTECTIONS = {
    0x1: "NOACCESS", 0x2: "READONLY", 0x4: "READWRITE", 0x8: "WRITECOPY", 0x10: "EXECUTE",
    0x20: "EXECUTE_READ", 0x40: "EXECUTE_READWRITE", 0x80: "EXECUTE_WRITECOPY", 0x100: "GUARD",
    0x200: "NOCACHE", 0x400: "WRITECOMBINE", 0x800: "GRAPHICS_NOACCESS",
    0x1000: "GRAPHICS_READONLY", 0x2000: "GRAPHICS_READWRITE", 0x4000: "GRAPHICS_EXECUTE",
    0x8000: "GRAPHICS_EXECUTE_READ", 0x10000: "GRAPHICS_EXECUTE_READWRITE",
    0x20000: "GRAPHICS_COHERENT", 0x40000: "GRAPHICS_NOCACHE", 0x20000000: "ENCLAVE_UNVALIDATED",
    0x40000000: "TARGETS_INVALID", 0x80000000: "REVERT_TO_FILE_MAP",
}

# Privileges by their numbers, from 2 on.
PRIVILEGES = dict(enumerate((
    "CREATE_TOKEN", "ASSIGNPRIMARYTOKEN", "LOCK_MEMORY", "INCREASE_QUOTA", "MACHINE_ACCOUNT", "TCB",
    "SECURITY", "TAKE_OWNERSHIP", "LOAD_DRIVER", "SYSTEM_PROFILE", "SYSTEMTIME",
    "PROF_SINGLE_PROCESS", "INC_BASE_PRIORITY", "CREATE_PAGEFILE", "CREATE_PERMANENT", "BACKUP",
    "RESTORE", "SHUTDOWN", "DEBUG", "AUDIT", "SYSTEM_ENVIRONMENT", "CHANGE_NOTIFY",
    "REMOTE_SHUTDOWN", "UNDOCK", "SYNC_AGENT", "ENABLE_DELEGATION", "MANAGE_VOLUME", "IMPERSONATE",
    "CREATE_GLOBAL", "TRUSTED_CREDMAN_ACCESS", "RELABEL", "INC_WORKING_SET", "TIME_ZONE",
    "CREATE_SYMBOLIC_LINK", "DELEGATE_SESSION_USER_IMPERSONATE"), 2))
PRIVILEGE_FLAGS = {
    0x1: "SE_PRIVILEGE_ENABLED_BY_DEFAULT", 0x2: "SE_PRIVILEGE_ENABLED",
    0x4: "SE_PRIVILEGE_REMOVED", 0x80000000: "SE_PRIVILEGE_USED_FOR_ACCESS",
}

# PS_ATTRIBUTE_NUM, those that the guest has.
PROCESS_ATTRIBUTES = {0: "PsAttributeParentProcess", 3: "PsAttributeClientId",
                      4: "PsAttributeTebAddress", 5: "PsAttributeImageName"}


def protection(value):
    return _flags({bit: f"PAGE_{name}" for bit, name in PROTECTIONS.items()}, value, ";", "NONE")


def privilege(value):
    return f"SE_{PRIVILEGES[value]}_PRIVILEGE" if value in PRIVILEGES else f"{value:#x}"


def privilege_flags(value):
    return _flags(PRIVILEGE_FLAGS, value)


def pool_type(value):
    """A kind of pool, the one that says most of it, and flags that all have a name."""
    for bit in sorted(POOL_TYPES, key=lambda kind: (kind.bit_count(), kind), reverse=True):
        flags = value & ~bit
        if bit & ~value or flags & ~sum(POOL_TYPE_FLAGS):
            continue
        return "|".join([POOL_TYPES[bit]] + ([_flags(POOL_TYPE_FLAGS, flags)] if flags else []))
    return "unknown_pool_type"


def pool_flags(value):
    return _flags({bit: f"POOL_FLAG_{name}" for bit, name in POOL_FLAGS.items()}, value)


def tag_text(tag):
    """Four characters: what is no printable ASCII is a question mark."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7f else "?" for byte in tag)


def _read_tags():
    """The rows of data/pooltags.tsv, by tag."""
    rows = {}
    for line in (ROOT / "data" / "pooltags.tsv").read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            tag, source, description = line.split("\t")
            rows[tag] = source, description
    return rows


TAGS = _read_tags()


def _pattern(tag):
    """What a row's tag says of each of the four bytes: that one, or None for any."""
    star = tag.endswith("*")
    known = [None if character == "?" else ord(character) for character in tag.rstrip("*")]
    return tuple(known + [None if star else 0x20] * (4 - len(known)))


def _rank(pattern):
    """Of the rows that match, the first in this order is meant."""
    own = sum(byte is not None for byte in pattern)
    return -own, [byte is None for byte in pattern]


PATTERNS = sorted(((_pattern(tag), row) for tag, row in TAGS.items()),
                  key=lambda item: _rank(item[0]))


@functools.cache
def known_tag(tag):
    """Who uses a tag, and what for: two texts, empty where that is not known.

    tag: four bytes as they are in memory: the top bit of the last one marks protected pool, and
    NULs at the end are taken for the blanks that pad it.
    """
    plain = bytes([*tag[:3], tag[3] & 0x7f])
    plain = plain.rstrip(b"\0 ").ljust(4)
    for pattern, row in PATTERNS:
        if all(wanted in (None, byte) for wanted, byte in zip(pattern, plain)):
            return row
    return "", ""
