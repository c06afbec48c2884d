#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""data/generate_syscalls.py: what it makes of small tables, and which it refuses."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"

TABLES = {
    "flags/colours.tsv": "# Source: x\nvalue\tname\tmask\n0x0\tNONE\t0x3\n0x1\tRED\t0x3\n0x4\tDARK\t-\n",
    "values/shape.tsv": "# Source: x\nvalue\tname\n1\tROUND\n2\tFLAT\n",
    "decoders.tsv": "# Source: x\n"
    "name\tcapture\tlength\tsize\tcompat\tlimit\twhen\tformat\tnames\n"
    "signed\tnone\t-\t-\t-\t-\t-\tsigned\t-\n"
    "hex\tnone\t-\t-\t-\t-\t-\thex\t-\n"
    "address\tnone\t-\t-\t-\t-\t-\taddress\t-\n"
    "pair\tbytes\tfixed\t8\t8\t-\tentry,return\ti32s\tcolours\n",
    "types.tsv": "# Source: x\ntype\tbits\tcompat\tdecoder\nlong\t64\t32\tsigned\n",
    "arguments.tsv": "# Source: x\nsyscall\targument\tkind\tdecoder\n"
    "paint\tcolour\tn\tcolours\npaint\tcolour\tlong\tshape\n*\tshape\t*\tshape\n",
    "x86_64.tsv": "# Source: x\nnumber\tname\tfunction\n"
    "0\tpaint\tnewpaint\tlong\tcolour\tint\tshape\n7\tdry\tdry\n",
    "i386.tsv": "# Source: x\nnumber\tname\tfunction\n3\tpaint\tnewpaint\t=\n4\toldpaint\tpaint\tint\ta\n",
}


def generate(**changes):
    """Runs the generator on the tables above with some exchanged; (code, C text, depfile, said)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**TABLES, **changes}.items():
            path = Path(folder, "syscalls", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        output, depfile = Path(folder, "out.c"), Path(folder, "out.d")
        run = subprocess.run(
            [sys.executable, DATA / "generate_syscalls.py", output, depfile, Path(folder, "syscalls")],
            capture_output=True,
            text=True,
            check=False,
        )
        texts = [path.read_text(encoding="utf-8") if path.exists() else None
                 for path in (output, depfile)]
        return run.returncode, *texts, run.stderr


class Generate(unittest.TestCase):
    """All tables at a time."""

    def test_tables(self):
        code, text, deps, said = generate()
        self.assertEqual((code, said), (0, ""))
        self.assertIn('\t{ 0x1, 0x3, "RED" },\n\t{ 0x4, 0x4, "DARK" },\n', text)
        self.assertIn('\t{ 0x2, 0xffffffffffffffff, "FLAT" },\n', text)
        self.assertIn('{ "pair", wv_decode_i32s, &wv_constants_colours, 8, 8, 0, '
                      "WV_CAPTURE_BYTES, WV_LENGTH_FIXED, 3, 3 },", text)
        self.assertIn('{ "colours", wv_decode_flags, &wv_constants_colours, 0, 0, 0, '
                      "WV_CAPTURE_NONE, WV_LENGTH_FIXED, 0, 4 },", text)
        self.assertIn('{ "shape", wv_decode_value, ', text)
        # types before kinds
        self.assertLess(text.index('{ "paint", "colour", "long", 5 }'),
                        text.index('{ "paint", "colour", "n", 4 }'))
        self.assertIn('{ { "long", "colour" }, { "int", "shape" } };', text)
        self.assertIn('{ 3, 2, true, "paint", "newpaint", i386_3 },', text)
        self.assertIn('{ 7, 0, false, "dry", "dry", NULL },', text)
        # `paint` of the kernel is `oldpaint` of i386, but a call of users' too
        self.assertIn('aliases[] = {\n\t{ "newpaint", "paint" },\n};', text)
        self.assertTrue(deps.startswith("out.c: "))
        self.assertIn("colours.tsv", deps)

    def test_refused(self):
        for name, old, new, reason in (
            ("flags/colours.tsv", "# Source: x\n", "", "Source"),
            ("flags/colours.tsv", "0x1\tRED\t0x3", "0x8\tRED\t0x3", "inside its mask"),
            ("flags/colours.tsv", "0x4\tDARK\t-", "0x4\tDARK", "columns"),
            ("flags/colours.tsv", "DARK", '"', "cell"),
            ("values/shape.tsv", "2\tFLAT", "1\tFLAT", "rise"),
            ("values/shape.tsv", "2\tFLAT", "-2\tFLAT", "not a number"),
            ("values/shape.tsv", "2\tFLAT", "0x10000000000000000\tFLAT", "64 bits"),
            ("decoders.tsv", "pair\t", "signed\t", "twice"),
            ("decoders.tsv", "pair\t", "shape\t", "twice"),
            ("decoders.tsv", "\tfixed\t", "\tlong\t", "length"),
            ("decoders.tsv", "bytes\t", "bites\t", "capture"),
            ("decoders.tsv", "entry,return", "-", "some time"),
            ("decoders.tsv", "\tcolours\n", "\tcolors\n", "no set"),
            ("types.tsv", "signed", "sined", "no decoder"),
            ("arguments.tsv", "long\tshape", "n\tshape", "twice"),
            ("arguments.tsv", "long\tshape", "*\tshape", "two kinds"),
            ("x86_64.tsv", "\tint\tshape", "\tint", "pairs"),
            ("x86_64.tsv", "7\tdry", "0\tdry", "rise"),
            ("i386.tsv", "3\tpaint", "3\tprint", "no call"),
        ):
            changed = TABLES[name].replace(old, new, 1)
            self.assertNotEqual(changed, TABLES[name])
            code, text, _, said = generate(**{name: changed})
            self.assertEqual((code, text), (1, None), (name, new))
            self.assertIn(reason, said)
            self.assertIn(Path(name).name, said)

    def test_own_tables(self):
        """The project's own tables: each set of names is used by something."""
        text = "".join(path.read_text(encoding="utf-8") for path in
                       [*DATA.glob("syscalls/*.tsv"),
                        *(DATA.parent / "src/plugins/syscalls").glob("*.c")])
        for path in [*DATA.glob("syscalls/flags/*.tsv"), *DATA.glob("syscalls/values/*.tsv")]:
            self.assertRegex(text, rf"(\t|wv_constants_){path.stem}\b", path.stem)


if __name__ == "__main__":
    unittest.main()
