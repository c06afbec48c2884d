# SPDX-License-Identifier: GPL-2.0-or-later
"""Security descriptors in the NT guest's facts, and what a row has to say of them."""

import re
import struct

from . import nt_file_names as names
from .nt_procmon import ABSENT, behind
from .nt_values import Wanted, flags_of


def sid_text(raw):
    """None: it is none, or not whole."""
    if len(raw) < 8 or raw[1] > 15 or len(raw) < 8 + 4 * raw[1]:
        return None
    authority = int.from_bytes(raw[2:8], "big")
    parts = struct.unpack_from(f"<{raw[1]}I", raw, 8)
    shown = f"0x{authority:012x}" if authority >> 32 else authority
    sid = "-".join(map(str, ("S", raw[0], shown, *parts)))
    return names.KNOWN_SIDS.get(sid, sid)


def acl_entries(raw):
    """(type, flags, mask, whose) of each; None: the list is damaged."""
    size, count = struct.unpack_from("<HH", raw, 2)
    if size != len(raw):
        return None
    entries, at = [], 8
    for _ in range(count):
        if at + 8 > size:
            return None
        kind, flag, length, mask = struct.unpack_from("<BBHI", raw, at)
        sid = sid_text(raw[at + 8:at + length])
        if length < 8 or at + length > size or sid is None:
            return None
        entries.append((kind, flag, mask, sid))
        at += length
    return entries


_ENTRY = re.compile(r"\(([^,]*), ([^,]*), ([^,]*), ([^()]*)\)")


def is_acl(got, entries):
    found = _ENTRY.findall(got)
    return _ENTRY.sub("", got) == "" and len(found) == len(entries) and all(
        kind == names.ACE_TYPES[wanted[0]]
        and flags_of(wanted[1], names.ACE_FLAGS)(flag)
        and flags_of(wanted[2], names.FILE_RIGHTS)(mask)
        and sid == wanted[3]
        for (kind, flag, mask, sid), wanted in zip(found, entries))


def parts_of(told):
    """{name: a function that tells whether its text will do}; None: a part is damaged."""
    control = int(told["control"], 16)
    parts = {"Control": flags_of(control, names.CONTROL)}
    for name, key in (("Owner", "owner"), ("Group", "group")):
        if key not in told:
            continue
        sid = sid_text(told[key].encode("latin-1")) if told[key] is not None else None
        if sid is None:
            return None
        parts[name] = lambda got, sid=sid: got == sid
    for name, key, bit in (("Sacl", "sacl", 0x10), ("Dacl", "dacl", 4)):
        if key in told and control & bit:
            entries = acl_entries(told[key].encode("latin-1")) if told[key] is not None else None
            if entries is None:
                return None
            parts[name] = lambda got, entries=entries: is_acl(got, entries)
        elif control & bit:
            parts[name] = lambda got: got == "NO_ACCESS_CONTROL"
    return parts


def security(fact, index):
    """What a row has to say of a security descriptor; of a damaged one it may say less."""
    told = behind(fact, index)
    if "attributes" not in told:
        return None
    if "descriptor_at" not in told:
        return ABSENT
    if "descriptor" not in told:
        return None
    parts = parts_of(told["descriptor"])

    def will_do(got):
        if not isinstance(got, list):
            return False
        pairs = [pair for item in got if isinstance(item, dict) for pair in item.items()]
        if parts is None:
            return not pairs or pairs[0][0] == "Control"
        return [name for name, _ in pairs] == list(parts) and all(
            parts[name](value) for name, value in pairs)
    return Wanted(told["descriptor"], will_do)
