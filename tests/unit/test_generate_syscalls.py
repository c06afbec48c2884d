#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""data/generate_syscalls.py: what it makes of small tables, and which it refuses."""

import unittest

from generator import check_refused, check_sets, generate

SCRIPT = "generate_syscalls.py"

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


class Generate(unittest.TestCase):
    """All tables at a time."""

    def test_tables(self):
        code, text, deps, said = generate(SCRIPT, TABLES)
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
        check_refused(self, SCRIPT, TABLES, (
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
        ))

    def test_own_tables(self):
        check_sets(self, "syscalls", "wv_constants_", "src/plugins/syscalls")


if __name__ == "__main__":
    unittest.main()
