#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""data/generate_nt.py: what it makes of small tables, and which it refuses."""

import unittest

from generator import check_refused, check_sets, generate

SCRIPT = "generate_nt.py"

TABLES = {
    "flags/colours.tsv": "# Source: x\nvalue\tname\n0x5\tDIM\n0x1\tRED\n0x4\tDARK\n",
    "values/shape.tsv": "# Source: x\nvalue\tname\n1\tROUND\n2\tFLAT\n",
    "decoders.tsv": "# Source: x\n"
    "name\tcapture\tlength\tsize\tcompat\tlimit\twhen\tformat\tnames\n"
    "hex\tnone\t-\t-\t-\t-\t-\thex\t-\n"
    "status\tnone\t-\t-\t-\t-\t-\tstatus\t-\n"
    "handle\thandle\t-\t-\t-\t64\tentry\thandle\t-\n"
    "word_at\tbytes\tfixed\t8\t4\t-\tdir\tunsigned_at\t-\n"
    "data\tbuffer\tinformation\t1\t1\t-\treturn\tbuffer\t-\n"
    "list\tbytes\tnext\t4\t4\t64\tdir\tflags_at\tcolours\n"
    "foreign\tforeign_handle\t-\t-\t-\t64\tentry\thandle\t-\n"
    "foreign_at\tforeign_handle_at\t-\t-\t-\t64\tdir\thandle_at\t-\n",
    "types.tsv": "# Source: x\ntype\tbits\tcompat\tdecoder\n"
    "HANDLE\t64\t32\thandle\nNTSTATUS\t32\t32\tstatus\n"
    "NTSTATUS_IF_FAILED\t32\t32\tstatus\nPHANDLE\t64\t32\tword_at\n"
    "PROCESSCLASS\t32\t32\tshape\nPIO_STATUS_BLOCK\t64\t32\tword_at\n"
    "PVOID\t64\t32\tword_at\nVOID*\t64\t32\tword_at\nULONG\t32\t32\thex\nULONG_PTR\t64\t32\thex\n",
    "arguments.tsv": "# Source: x\nfunction\targument\tkind\tdecoder\n"
    "*\tBuffer\tp\tlist\nNtMove\tFrom\tn\tforeign\nNtMove\tTo\tp\tforeign_at\n"
    "NtPaint\tColour\tULONG\tcolours\n"
    "NtRead\tBuffer\tPVOID\tdata\n",
    "prototypes.tsv": "# Source: x\nname\treturn\n"
    "NtDry\tULONG_PTR\n"
    "NtMove\tNTSTATUS\tin:HANDLE:House\tin:HANDLE:From\tout:PHANDLE:To\n"
    "NtPaint\tNTSTATUS\tin:HANDLE:Wall\tin?:const VOID*:Buffer\tin:ULONG:Length\t"
    "out:PHANDLE:Paint\tin:ULONG:Colour\tin:PROCESSCLASS:Class\tin:ULONG_PTR:Hint\n"
    "NtRead\tNTSTATUS\tout:PIO_STATUS_BLOCK:Block\tinout:PVOID:Buffer\tin:ULONG:Length\n"
    "NtTaste\tNTSTATUS_IF_FAILED\tin:HANDLE:Colour\tinout:PHANDLE:Other\n",
}


class Generate(unittest.TestCase):
    """All tables at a time."""

    def test_tables(self):
        code, text, deps, said = generate(SCRIPT, TABLES)
        self.assertEqual((code, said), (0, ""))
        self.assertIn("const struct wv_constants wv_constants_nt_colours = {", text)
        # all the bits of a row of several must be there
        self.assertIn('\t{ 0x5, 0x5, "DIM" },\n\t{ 0x1, 0x1, "RED" },\n', text)
        self.assertIn('{ "list", wv_decode_flags_at, &wv_constants_nt_colours, 4, 4, 64, '
                      "WV_CAPTURE_BYTES, WV_LENGTH_NEXT, 3, 5 },", text)
        self.assertIn("static const struct wv_nt_argument NtPaint[] = {\n"
                      '\t{ "Wall", "HANDLE", &decoders[2], 64, 32, 1 },\n'
                      # any function's row for the name, at the time that the direction says
                      '\t{ "Buffer", "const VOID*", &decoders[5], 64, 32, 1 },\n'
                      '\t{ "Length", "ULONG", &decoders[0], 32, 32, 0 },\n'
                      '\t{ "Paint", "PHANDLE", &decoders[3], 64, 32, 2 },\n'
                      '\t{ "Colour", "ULONG", &decoders[8], 32, 32, 0 },\n'
                      # no pointer, for all its P
                      '\t{ "Class", "PROCESSCLASS", &decoders[9], 32, 32, 0 },\n'
                      '\t{ "Hint", "ULONG_PTR", &decoders[0], 64, 32, 0 },\n};', text)
        # of the process whose handle is before
        self.assertIn('{ "foreign", wv_decode_handle, NULL, 0, 0, 64, '
                      "WV_CAPTURE_FOREIGN_HANDLE, WV_LENGTH_FIXED, 1, 6 },", text)
        self.assertIn('\t{ "From", "HANDLE", &decoders[6], 64, 32, 1 },\n'
                      '\t{ "To", "PHANDLE", &decoders[7], 64, 32, 2 },\n', text)
        # the function's own row goes first; `return` whatever the direction
        self.assertIn('\t{ "Buffer", "PVOID", &decoders[4], 64, 32, 2 },', text)
        self.assertIn('\t{ "Other", "PHANDLE", &decoders[3], 64, 32, 3 },', text)
        self.assertIn("wv_nt_table[] = {\n"
                      '\t{ "NtDry", NULL, 0, 17, false, false },\n'
                      '\t{ "NtMove", NtMove, 3, 17, true, false },\n'
                      '\t{ "NtPaint", NtPaint, 7, 17, true, false },\n'
                      '\t{ "NtRead", NtRead, 3, 0, true, false },\n'
                      '\t{ "NtTaste", NtTaste, 2, 17, true, true },\n', text)
        self.assertIn('\t{ "Arg16", "ULONG_PTR", &decoders[0], 64, 32, 0 },\n};', text)
        self.assertTrue(deps.startswith("out.c: "))
        self.assertIn("colours.tsv", deps)
        self.assertIn("argument_tables.py", deps)

    def test_refused(self):
        many = "".join(f"\tin:ULONG:A{number}" for number in range(18))
        check_refused(self, SCRIPT, TABLES, (
            ("flags/colours.tsv", "0x4\tDARK", "0x1\tDARK", "never be seen"),
            ("flags/colours.tsv", "0x4\tDARK", "0x5\tDARK", "never be seen"),
            ("flags/colours.tsv", "0x4\tDARK", "0x4\tDARK\n0x3\tMURKY", "never be seen"),
            ("flags/colours.tsv", "DARK", "RED", "twice"),
            ("values/shape.tsv", "FLAT", "ROUND", "twice"),
            ("decoders.tsv", "dir\tunsigned_at", "entry,return\tunsigned_at", "time"),
            ("decoders.tsv", "handle\thandle", "handle\tfd", "capture"),
            ("decoders.tsv", "information\t", "result\t", "length"),
            ("decoders.tsv", "word_at\t", "spare\tnone\t-\t-\t-\t-\t-\thex\t-\nword_at\t", "nowhere"),
            ("decoders.tsv", "handle\t-\t-\t-\t64", "handle\t-\t-\t-\t-", "no limit"),
            ("types.tsv", "ULONG\t32", "LONG\t32\t32\thex\nULONG\t32", "nowhere"),
            ("types.tsv", "PVOID\t64\t32\tword_at\n", "", "no row for the type PVOID"),
            ("types.tsv", "PHANDLE\t64\t32\tword_at", "PHANDLE\t64\t32\tshape", "set of names"),
            ("types.tsv", "PHANDLE\t64\t32\tword_at", "PHANDLE\t64\t32\thandle", "no handle"),
            ("types.tsv", "ULONG_PTR\t64\t32\thex", "ULONG_PTR\t64\t32\tword_at", "no pointer"),
            ("arguments.tsv", "NtPaint", "NtPant", "fits no argument"),
            ("arguments.tsv", "From\tn\tforeign", "House\tn\tforeign", "no handle of a process"),
            ("arguments.tsv", "From\tn\tforeign", "From\tn\tforeign_at", "no pointer"),
            ("arguments.tsv", "To\tp\tforeign_at", "To\tp\tforeign", "no handle"),
            ("prototypes.tsv", "in:HANDLE:House\t", "in:ULONG:House\t", "no handle of a process"),
            ("arguments.tsv", "Colour\tULONG", "Colour\tp", "fits no argument"),
            ("prototypes.tsv", "NtDry", "ZwDry", "no service"),
            ("prototypes.tsv", "NtDry", "NtRye", "does not rise"),
            ("prototypes.tsv", "in:HANDLE:Wall", "into:HANDLE:Wall", "no argument"),
            ("prototypes.tsv", "in:HANDLE:Wall", "in:HANDLE:Paint", "one name"),
            ("prototypes.tsv", "in:HANDLE:Wall", "in:HWALL:Wall", "no row for the type HWALL"),
            ("prototypes.tsv", "NtDry\tULONG_PTR", "NtDry\tHDRY", "no row for the type HDRY"),
            ("prototypes.tsv", "NtDry\tULONG_PTR", "NtDry\tULONG_PTR" + many, "more than 17"),
            ("prototypes.tsv", "\tin:ULONG:Length\tout:PHANDLE:Paint",
             "\tout:PHANDLE:Paint\tin:ULONG:Length", "neighbour"),
            ("prototypes.tsv", "out:PIO_STATUS_BLOCK:Block", "out:PHANDLE:Block",
             "no IO_STATUS_BLOCK"),
        ), names_file=False)

    def test_own_tables(self):
        check_sets(self, "nt", "wv_constants_nt_", "src/plugins/syscalls")


if __name__ == "__main__":
    unittest.main()
