# SPDX-License-Identifier: GPL-2.0-or-later
"""filedelete on Linux: what the scenario "deleted" says of its files, against the rows and the
folder of --dump. What is in a file, both sides make of the same few numbers."""

import functools
import hashlib
import json
import re
from collections import Counter

from . import check, flags
from .declare import Failed
from .facts import finished
from .files import path_text

PAGE = 4096

# All that may be in the folder.
_NAMES = re.compile(r"file\.[0-9]{6,}\.json|[0-9a-f]{64}").fullmatch


def piece(length, seed):
    """The first bytes of a seed's text: see tests/guests/linux/deleted.h."""
    pages = (b"%016x %014x\n" % (seed, page) * (PAGE // 32) for page in range(-(-length // PAGE)))
    return b"".join(pages)[:length]


@functools.lru_cache(maxsize=256)
def _hash(size, pieces, missing, limit):
    content = bytearray(size)
    for at, length, seed in pieces:
        content[at:at + length] = piece(length, seed)[:max(0, size - at)]
    for start, end in missing:
        content[start:end] = bytes(end - start)
    return hashlib.sha256(content[:limit]).hexdigest()


def _missing(fact):
    """What the guest did not have in memory: pairs of bytes."""
    return tuple(tuple(map(int, part.split("-"))) for part in fact["missing"].split(",") if part)


def sha256(fact, limit=None):
    """Of the file as it can be known from outside, up to a limit; None if all of it is missing."""
    missing = _missing(fact)
    if missing == ((0, fact["size"]),):
        return None
    pieces = tuple(tuple(map(int, part.split())) for part in fact["pieces"])
    return _hash(fact["size"], pieces, missing, limit)


class Dump:
    """A folder of --dump, read strictly."""

    def __init__(self, folder):
        self.metadata = {}
        self.contents = {}
        for path in folder.iterdir():
            check.true(_NAMES(path.name) and path.is_file() and not path.is_symlink(),
                       f"what Wyvern made: {path}")
            if path.suffix == ".json":
                number = int(path.name.split(".")[1])
                self.metadata[number] = json.loads(path.read_bytes())
            else:
                self.contents[path.name] = path

    def check_contents(self):
        """Each is what its name says, and belongs to a file."""
        named = {meta["Content"]["SHA256"] for meta in self.metadata.values()} - {None}
        check.equal(set(self.contents), named, "contents in the folder, and in the metadata")
        for name, path in self.contents.items():
            with open(path, "rb") as file:
                check.equal(hashlib.file_digest(file, "sha256").hexdigest(), name, "content")

    def check_summary(self, line):
        """What the command said of it at its end."""
        found = re.match(r"files: (\d+); different contents: (\d+) \(", line)
        check.true(found, f"the last line on stderr: {line}")
        check.equal(tuple(map(int, found.groups())), (len(self.metadata), len(self.contents)),
                    "files and contents")

    def check_row(self, row):
        """The metadata has what the row has, and more."""
        meta = dict(self.metadata[row["SeqNum"]])
        content = meta.pop("Content")
        check.equal(meta, row, "metadata of an event")
        check.equal(content["Size"], row["Size"], "length of a content")
        check.equal(content["File"], content["SHA256"], "the content's file")
        return content


def _key_of_fact(fact):
    return fact["pid"], path_text(fact["path"]), fact["reason"]


def _key_of_row(row):
    return row["PID"], row["FileName"], row["Reason"]


def _differences(fact, row, dump):
    if row["Size"] != fact["size"]:
        yield f"Size is {row['Size']}"
    if fact["reason"] == "Close":
        expected = int(fact["f_flags"], 16)
        if int(row["Flags"], 16) != expected or \
           flags.number(row["FlagsExpanded"], flags.OPEN) != expected:
            yield f"Flags are {row['Flags']} ({row['FlagsExpanded']})"
    elif "Flags" in row:
        yield "it has Flags"
    if not fact["content"]:
        if row["SeqNum"]:
            yield f"SeqNum is {row['SeqNum']}"
        return
    content = dump.check_row(row)
    missing = tuple(map(tuple, content["Missing"]))
    if missing != _missing(fact):
        yield f"missing are {check.brief(missing)}"
    elif content["SHA256"] != sha256(fact):
        yield f"SHA256 is {content['SHA256']}, not {sha256(fact)}"
    if content["Truncated"]:
        yield "it is truncated"


def of_system(facts, name):
    """The facts of the files of one file system."""
    found, current = [], None
    for fact in finished(facts):
        if fact["kind"] == "files":
            current = fact["system"]
        elif fact["kind"] == "deleted" and current == name:
            found.append(fact)
    return found


def compare(facts, rows, dump):
    """Fails with all that is told otherwise than the guest says."""
    pids = {fact["pid"] for fact in facts}
    rows = [row for row in rows if row["Plugin"] == "filedelete" and row["PID"] in pids]
    check.same_rows(map(_key_of_row, rows), map(_key_of_fact, facts), "files that ended")
    # of those with the same name and reason, in the order of their ends
    told = {}
    for row in rows:
        told.setdefault(_key_of_row(row), []).append(row)
    wrong = [f"{fact['path']} ({fact['reason']}, {check.brief(fact)}): {difference}"
             for fact in facts
             for difference in _differences(fact, told[_key_of_fact(fact)].pop(0), dump)]
    if wrong:
        raise Failed("\n".join([f"{len(wrong)} differences in {len(facts)} files:", *wrong[:12]]))


def check_numbers(rows, dump):
    """Every number is given once, and has its metadata."""
    numbers = Counter(row["SeqNum"] for row in rows if row["Plugin"] == "filedelete")
    numbers.pop(0, None)
    check.equal(sorted(numbers.elements()), sorted(dump.metadata), "numbers of contents")
