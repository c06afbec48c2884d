# SPDX-License-Identifier: GPL-2.0-or-later
"""From the NT guest's facts to the events of filedelete, and to the files of a dump."""

import hashlib

from . import check, nt, nt_file_names as names
from .declare import Failed
from .nt_expect import number
from .nt_procmon import compare_calls
from .nt_values import common, fields, flags_of, plain, rows_of

# Events -----------------------------------------------------------------------------------------


def reason(fact, written):
    """Why the end of a FILE_OBJECT is told; None: it is not."""
    if fact["asked"]:
        return "DeleteFile"
    return "WriteFile" if written and fact["written"] else None


class Deleted:
    """What is expected of one run of filedelete.

    sizes: whether the guest knows them; not those that damaged structures pretend.
    """

    def __init__(self, dumped, written, sizes=True):
        self.dumped, self.written, self.sizes = dumped, written, sizes

    def pairs(self, fact):
        value = int(fact["flags"], 16)
        return common("filedelete", fact) + fields((
            ("FileName", plain(fact["name"])),
            ("Size", fact["size"] if self.sizes else lambda got: True),
            ("Flags", number(fact["flags"])),
            ("FlagsExpanded", flags_of(value, names.FILE_OBJECT)),
            ("SeqNum", lambda got: (got > 0) == self.dumped or not self.sizes),
            ("Reason", reason(fact, self.written))))

    def ends(self, told):
        """The facts about FILE_OBJECTs whose last handle was closed, of those that are told."""
        return [fact for fact in nt.calls(told, {"IopCloseFile"})
                if reason(fact, self.written)]


def ends(result, guest):
    """Which files ended, of a run with a dump; of their sizes and contents nothing is known."""
    expected = Deleted(True, False, sizes=False)
    compare_calls(rows_of(result, "filedelete"), expected.ends(nt.finished(result.facts())),
                  expected.pairs, guest.cpus)


def deleted(result, guest, dump=None, limit=None, written=False):
    """All that filedelete has to tell of a run that has ended well.

    dump: what is in the folder of --dump. limit: bytes of a file that are taken at most.
    written: with --dump-written.
    """
    told = nt.finished(result.facts())
    expected = Deleted(dump is not None, written)
    facts, rows = expected.ends(told), rows_of(result, "filedelete")
    check.true(facts, "there are facts")
    pairs = compare_calls(rows, facts, expected.pairs, guest.cpus)
    if dump is None:
        return
    check.equal(sorted(dump.metadata), sorted(row["SeqNum"] for row in rows), "files in the dump")
    wrong = [f"{check.brief(fact['name'])} of {fact['pid']}, {fact['size']} bytes, "
             f"{len(fact['runs'])} runs: {difference}"
             for row, fact in pairs for difference in content_differences(row, fact, dump, limit)]
    if wrong:
        raise Failed("\n".join([f"{len(wrong)} differences in {len(pairs)} files:", *wrong[:20]]))


# Contents ---------------------------------------------------------------------------------------


def runs_of(fact, limit):
    """What was in memory: (first, end, SHA-256); of one that goes beyond the limit the rest is not
    wanted, and so its hash is not known."""
    for first, end, sha256 in fact["runs"]:
        if limit is None or end <= limit:
            yield first, end, sha256
        elif first < limit:
            yield first, limit, None


def holes(runs, size):
    """What is between, as the metadata has it."""
    at, found = 0, []
    for first, end, _ in runs:
        if at < first:
            found.append([at, first])
        at = end
    return found + ([[at, size]] if at < size else [])


def disk_bytes(fact, first, end):
    """What the guest's disk has of a file that nobody has written: see the guest's content.c."""
    start = first - first % 4
    words = ((int(fact["number"], 16) * 0x9e3779b1 + at) & 0xffffffff
             for at in range(start, end, 4))
    return b"".join(word.to_bytes(4, "little") for word in words)[first - start:end - start]


KNOWN_MAX = 1 << 16  # bytes of a run that are computed here, too


def run_differences(file, fact, first, end, sha256):
    file.seek(first)
    content = file.read(end - first)
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        yield f"bytes {first} to {end}"
    if not fact["touched"] and end - first <= KNOWN_MAX and \
            content != disk_bytes(fact, first, end):
        yield f"bytes {first} to {end}, as they were made"


def content_differences(row, fact, dump, limit):
    content = dump.check_row(row)
    runs = list(runs_of(fact, limit))
    if content["Missing"] != holes(runs, fact["size"]):
        yield f"missing is {check.brief(content['Missing'])}"
        return
    if content["Truncated"] != (limit is not None and fact["size"] > limit):
        yield f"Truncated is {content['Truncated']}"
    if not runs:
        if fact["size"] and content["SHA256"] is not None:
            yield "there is a content"
        return
    path = dump.contents[content["SHA256"]]
    if path.stat().st_size != min(fact["size"], limit or fact["size"]):
        yield f"the content has {path.stat().st_size} bytes"
    with open(path, "rb") as file:
        for first, end, sha256 in runs:
            yield from run_differences(file, fact, first, end, sha256)
