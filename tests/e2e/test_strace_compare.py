#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Unit tests of strace_parse and strace_compare, over lines that strace 6.1 wrote in guests."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import strace_compare  # noqa: E402
import strace_parse  # noqa: E402
from strace_parse import Unknown, split_arguments  # noqa: E402

# Recorded, and cut --------------------------------------------------------------------------------

START = """\
81    [  59] execve(0x7ffe44943ef0, 0x7ffe449453b0, 0x7ffe449453c0) = 0
81    [  12] brk(0)                     = 0x3b170000
81    [ 257] openat(0xffffff9c, 0x4b6e44, 0x80402) = 0x4
81    [ 318] getrandom(0x9987e8, 0x8, 0x1) = -1 EAGAIN (Resource temporarily unavailable)
81    [  95] umask(0x17)                = 0x12
"""
END = """\
81    [ 231] exit_group(0)              = ?
81    [ 231] +++ exited with 0 +++
"""

# The first thread waits while the third executes a program; the second only waits.
EXEC_FROM_THREAD = """\
81    [  56] clone(0x1200011, 0, 0, 0x2cb14690, 0) = 0x7a
81    [  61] wait4(0x7a, 0x7ffe76afe20c, 0x40000000, 0 <unfinished ...>
122   [ 435] clone3(0x7ffe76afe010, 0x58) = 0x7b
122   [ 435] clone3(0x7ffe76afe010, 0x58) = 0x7c
122   [  34] pause( <unfinished ...>
123   [  34] pause( <unfinished ...>
124   [ 230] clock_nanosleep(0, 0, 0x7fe2e8f15220, 0) = 0
124   [  59] execve(0x4b64b1, 0x4ecff0, 0x4b6538 <unfinished ...>
122   [  34] <... pause resumed>)       = ?
123   [  34] <... pause resumed>)       = ?
123   [  34] +++ exited with 0 +++
122   [  59] +++ superseded by execve in pid 124 +++
122   [  59] <... execve resumed>)      = 0
122   [  12] brk(0)                     = 0x22da9000
122   [ 231] exit_group(0x16)           = ?
122   [ 231] +++ exited with 22 +++
81    [  61] <... wait4 resumed>)       = 0x7a
81    [  61] --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=122, si_uid=0, si_status=22,\
 si_utime=0, si_stime=1 /* 0.01 s */} ---
"""

# The same, when the first thread has ended by itself.
EXEC_FROM_LAST_THREAD = """\
125   [ 435] clone3(0x7ffe76afe020, 0x58) = 0x7e
125   [  60] exit(0)                    = ?
126   [  59] execve(0x4b64b1, 0x4ecff0, 0x4b6538 <pid changed to 125 ...>
125   [  59] +++ superseded by execve in pid 126 +++
125   [  59] <... execve resumed>)      = 0
125   [ 231] exit_group(0x16)           = ?
125   [ 231] +++ exited with 22 +++
"""

RESTARTS = """\
81    [   0] read(0x8, 0x7ffe76afe260, 0x1) = -1 ERESTARTSYS (Unknown error 512)
81    [   0] --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---
81    [  15] rt_sigreturn()             = -1 EINTR (Interrupted system call)
81    [  35] nanosleep(0x4b9c10, 0)     = -1 ERESTART_RESTARTBLOCK (Unknown error 516)
81    [  35] --- stopped by SIGSTOP ---
81    [ 219] restart_syscall()          = 0
81    [  34] pause()                    = -1 ERESTARTNOHAND (Unknown error 514)
"""

SECCOMP = """\
129   [ 104] getgid()                   = -1 EDOM (Numerical argument out of domain)
129   [ 107] geteuid()                  = 0x6b
129   [ 107] --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x45ba19,\
 si_syscall=__NR_geteuid, si_arch=AUDIT_ARCH_X86_64} ---
129   [ 102] getuid()                   = 0x66
129   [ 102] +++ killed by SIGSYS +++
132   [ 102] getuid()                   = ?
132   [ 102] +++ killed by SIGSYS +++
133   [   1] write(0x9, 0x4bc8c0, 0x1 <unfinished ...>
133   [   1] <... write resumed>)       = 0x1
133   [   1] +++ killed by SIGKILL +++
"""

# 32-bit calls, calls that strace does not know, and calls that this kernel does not have.
ODD = """\
81    [ 452] syscall_0x1c4(0xffffff9c, 0x4b8396, 0x1ed, 0, 0x90000, 0x90000) = 0
81    [ ???] syscall_0xffffffffffffffff(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not\
 implemented)
81    [1073741863] getpid()             = -1 ENOSYS (Function not implemented)
81    [ 156] _sysctl(0)                 = -1 ENOSYS (Function not implemented)
81    [   4] write(0x8, 0x4b62e0, 0xabcd00000002) = 0x2
81    [ 102] socketpair(0x1, 0x1, 0, 0x804c004) = 0
81    [ 117] shmget(0, 0x1000, 0x180)   = 0x1
81    [ 192] mmap2(0, 0x2000, 0x3, 0x22, 0xffffffff, 0) = 0xf7f6d000
"""

DECODED = r"""
81    [  59] execve("\x2f\x62\x69\x6e", ["\x78", "\x22\x2c"], []) = 0
81    [  83] mkdir("\x61\x20\x62\x22\x80\x0a", 0700) = 0
81    [  95] umask(027)                 = 022
81    [  72] fcntl(3, 0x3)              = 0x8c02 (flags O_RDWR|O_APPEND|O_NONBLOCK|O_LARGEFILE)
81    [   7] poll([{fd=6, events=0x1}], 1, 1000) = 1 ([{fd=6, revents=0x1}])
81    [ 201] time(NULL)                 = 1795233798 (2026-11-21T04:03:18+0000)
81    [  23] select(7, [5], [6], NULL, {tv_sec=0, tv_usec=1000}) = 1 (out [6], left {tv_sec=0,\
 tv_usec=176})
81    [   5] fstat(3, {st_mode=0100644, st_mtime=1 /* 1970-01-01T00:00:01+0000 (x, y */}) = 0
81    [  34] pause()                    = ? ERESTARTNOHAND (To be restarted if no handler)
81    [ 219] restart_syscall(<... resuming interrupted nanosleep ...> <unfinished ...>
81    [ 219] <... restart_syscall resumed>) = 0
""".replace("\\\n", "")[1:]


def lines_of(*texts):
    return "".join(texts).splitlines()


def parse(*texts):
    return strace_parse.parse(lines_of(*texts))


class Parsing(unittest.TestCase):
    def results(self, *texts):
        return [(call.tid, call.name, call.result) for call in parse(*texts).calls]

    def test_whole_calls(self):
        trace = parse(START, END)
        self.assertEqual([(call.name, call.number, call.result) for call in trace.calls], [
            ("execve", 59, 0), ("brk", 12, 0x3b170000), ("openat", 257, 4),
            ("getrandom", 318, -11), ("umask", 95, 0x12), ("exit_group", 231, None)])
        self.assertEqual(trace.root, 81)
        self.assertEqual(trace.threads[81].end, "exited")
        self.assertEqual(split_arguments(trace.calls[2].arguments),
                         ["0xffffff9c", "0x4b6e44", "0x80402"])

    def test_exec_from_thread(self):
        trace = parse(EXEC_FROM_THREAD)
        self.assertEqual([(call.name, call.result) for call in trace.threads[124].calls],
                         [("clock_nanosleep", 0), ("execve", 0)])
        self.assertEqual([(call.name, call.result) for call in trace.threads[122].calls],
                         [("clone3", 123), ("clone3", 124), ("pause", None), ("brk", 0x22da9000),
                          ("exit_group", None)])
        self.assertEqual(trace.threads[124].end, "superseded")
        self.assertEqual(trace.threads[122].end, "exited")
        self.assertEqual(trace.threads[81].calls[-1].result, 0x7a)
        self.assertEqual(trace.threads[81].signals, ["SIGCHLD"])
        self.assertEqual([call.end for call in trace.threads[122].calls],
                         ["", "", "superseded", "", "exited"])

    def test_exec_from_last_thread(self):
        trace = parse(EXEC_FROM_LAST_THREAD)
        self.assertEqual([(call.name, call.result) for call in trace.threads[126].calls],
                         [("execve", 0)])
        self.assertEqual([call.name for call in trace.threads[125].calls],
                         ["clone3", "exit", "exit_group"])

    def test_leader_superseded_within_a_call(self):
        text = EXEC_FROM_THREAD.replace("122   [  34] <... pause resumed>)       = ?\n", "")
        self.assertEqual([(call.name, call.result) for call in parse(text).threads[122].calls][2:4],
                         [("pause", None), ("brk", 0x22da9000)])

    def test_restarts(self):
        self.assertEqual(self.results(RESTARTS), [
            (81, "read", -512), (81, "rt_sigreturn", -4), (81, "nanosleep", -516),
            (81, "restart_syscall", 0), (81, "pause", -514)])
        self.assertEqual(parse(RESTARTS).threads[81].signals, ["SIGALRM", "SIGSTOP"])

    def test_seccomp(self):
        trace = parse(SECCOMP)
        self.assertEqual(self.results(SECCOMP)[:3],
                         [(129, "getgid", -33), (129, "geteuid", 107), (129, "getuid", 102)])
        self.assertEqual(trace.threads[129].end, "killed by SIGSYS")
        self.assertEqual(trace.threads[132].calls[-1].end, "killed by SIGSYS")
        self.assertEqual([(call.name, call.result, call.is_last)
                          for call in trace.threads[133].calls], [("write", 1, True)])

    def test_odd_calls(self):
        self.assertEqual([(call.number, call.name) for call in parse(ODD).calls][:3], [
            (452, "syscall_0x1c4"), (None, "syscall_0xffffffffffffffff"), (0x40000027, "getpid")])

    def test_decoded(self):
        self.assertEqual([call.result for call in parse(DECODED).calls],
                         [0, 0, 0o22, 0x8c02, 1, 1795233798, 1, 0, -514, 0])
        self.assertEqual(split_arguments(parse(DECODED).calls[0].arguments),
                         [r'"\x2f\x62\x69\x6e"', r'["\x78", "\x22\x2c"]', "[]"])

    def test_arguments(self):
        for text, arguments in (
            ("", []), ("0", ["0"]), ("1, -2", ["1", "-2"]),
            ('"a, \\"b", {x=[1, 2], y=f(3, 4)}, "c"...',
             ['"a, \\"b"', "{x=[1, 2], y=f(3, 4)}", '"c"...']),
            ("{a=1 /* (, */, b=2}, 3", ["{a=1 /* (, */, b=2}", "3"]),
            ("~[1 2], NULL", ["~[1 2]", "NULL"]),
        ):
            self.assertEqual(split_arguments(text), arguments)

    def test_killed_while_strace_looks(self):
        text = """\
5     [  39] getpid()                   = 5
5     [  34] pause( <unfinished ...>
5     [  34] <... pause resumed>)       = ? <unavailable>
5     [  34] +++ killed by SIGKILL +++
6     [  39] getpid()                   = 6
6     [  39] ????( <unfinished ...>
6     [  39] +++ killed by SIGKILL +++
7     [  39] ????( <unfinished ...>
7     [  34] <... ???? resumed>)        = ? <unavailable>
7     [  34] +++ exited with 3 +++
"""
        self.assertEqual(self.results(text), [(5, "getpid", 5), (5, "pause", None),
                                              (6, "getpid", 6)])
        self.assertEqual(parse(text).threads[6].calls[-1].end, "killed by SIGKILL")

    def test_killed_with_core(self):
        text = ("5     [   1] write(1, 2, 3)     = 3\n"
                "5     [   1] +++ killed by SIGSEGV (core dumped) +++\n")
        self.assertEqual(parse(text).threads[5].end, "killed by SIGSEGV")

    def test_what_is_not_understood(self):
        for text in (
            "", "81 brk(0) = 0", "81    [  12] brk(0)", "81    [  12] brk(0) = x",
            "81    [  12] brk(0) = -1 ENONSENSE (Unknown)", "81    [  12] hello",
            "81    [  12] <... brk resumed>) = 0", "81    [  12] +++ gone +++",
            "81    [  12] --- ? ---", "81    [  59] +++ superseded by execve in pid 5 +++",
            "81    [  12] brk( <unfinished ...>\n81    [  12] brk(0) = 0",
            "81    [  12] brk( <unfinished ...>\n81    [  13] <... brk resumed>) = 0",
            "81    [  12] brk( <unfinished ...>\n81    [  12] <... mmap resumed>) = 0",
        ):
            with self.assertRaises(Unknown, msg=text):
                strace_parse.parse(text.split("\n"))


# Rows that fit a trace ---------------------------------------------------------------------------


def rows_of(trace, pids=None):
    """What the plugin would print if it saw just what strace did."""
    rows, uid = [], 0
    for tid, thread in trace.threads.items():
        pid = (pids or {}).get(tid, tid)
        for call in thread.calls:
            uid += 1
            number = -1 if call.number is None else call.number
            common = {"Plugin": "syscall", "TimeStamp": "1.000000", "PID": pid, "TID": tid,
                      "Method": call.name, "EventUID": hex(uid), "Module": "linux", "vCPU": 0,
                      "CR3": "0x1000", "Syscall": number}
            arguments = split_arguments(call.arguments)
            named = {f"argument{at}": text for at, text in enumerate(arguments)}
            rows.append(common | {"NArgs": len(arguments), "Type": "x64"} | named)
            if call.result is not None:
                name = strace_parse.NAMES.get(-call.result, "") if call.result < 0 else ""
                moved = thread.end == "superseded" and call is thread.calls[-1]
                rows.append(common | {"Plugin": "sysret", "Ret": str(call.result), "Info": name,
                                      "TID": pid if moved else tid})
    return rows


class Comparing(unittest.TestCase):
    everything = (START, RESTARTS, EXEC_FROM_THREAD, EXEC_FROM_LAST_THREAD, SECCOMP, END)
    pids = {123: 122, 124: 122, 126: 125, 132: 131}

    def setUp(self):
        self.lines = lines_of(*self.everything)
        self.rows = rows_of(strace_parse.parse(self.lines), self.pids)

    def use(self, *texts):
        self.lines = lines_of(*texts)
        self.rows = rows_of(strace_parse.parse(self.lines), self.pids)

    def entry(self, name, number=0):
        return [row for row in self.rows
                if (row["Plugin"], row["Method"]) == ("syscall", name)][number]

    def back(self, name, number=0):
        return [row for row in self.rows
                if (row["Plugin"], row["Method"]) == ("sysret", name)][number]

    def compare(self):
        return strace_compare.compare(self.lines, self.rows)

    def same(self, **explained):
        """Nothing differs but what is known, this many times each."""
        comparison = self.compare()
        self.assertEqual([str(difference) for difference in comparison.unexplained], [])
        self.assertEqual({name.replace(" ", "_"): count
                          for name, count in comparison.explained.items()}, explained)
        return comparison

    def differs(self, *whats):
        comparison = self.compare()
        self.assertEqual([difference.what for difference in comparison.unexplained], list(whats))
        self.assertTrue(all(str(difference) for difference in comparison.unexplained))

    def test_the_same(self):
        comparison = self.same()
        self.assertEqual(comparison.calls, len(comparison.trace.calls))
        self.assertGreater(comparison.numbers, 30)
        self.assertEqual(comparison.not_compared, 0)

    def test_report(self):
        self.back("brk")["Ret"] = "1"
        report = "\n".join(self.compare().report())
        self.assertIn("1 other differences\n  thread 81, result", report)

    # What has to be found

    def test_missing_call(self):
        for name in ("brk", "openat", "read", "exit_group", "execve"):
            self.setUp()
            self.rows.remove(self.entry(name, -1))
            # its return, if there is one, has lost its call, too
            self.assertIn("missing", [d.what for d in self.compare().unexplained])

    def test_invented_call(self):
        self.rows.append(self.entry("brk") | {"EventUID": "0x1000", "Syscall": 39,
                                              "Method": "getpid"})
        self.differs("extra")

    def test_call_that_is_there_twice(self):
        self.rows.append(self.entry("openat") | {"EventUID": "0x1000"})
        self.differs("extra")

    def test_wrong_order(self):
        one, two = self.entry("brk"), self.entry("openat")
        one["EventUID"], two["EventUID"] = two["EventUID"], one["EventUID"]
        self.assertIn("missing", [d.what for d in self.compare().unexplained])

    def test_wrong_thread(self):
        self.entry("clock_nanosleep")["TID"] = 123
        self.back("clock_nanosleep")["TID"] = 123
        self.differs("extra", "missing")

    def test_thread_that_strace_does_not_know(self):
        self.rows.append(self.entry("brk") | {"EventUID": "0x1000", "TID": 99})
        self.differs("thread")

    def test_process_that_is_not_traced(self):
        self.rows.append(self.entry("brk") | {"EventUID": "0x1000", "TID": 99, "PID": 99})
        self.rows.append({"Plugin": "procmon", "PID": 81, "TID": 81, "Method": "do_exit"})
        self.same()

    def test_wrong_name(self):
        self.entry("brk")["Method"] = "sys_brk"
        self.differs("name")

    def test_wrong_number(self):
        self.entry("brk")["Syscall"] = 13
        self.differs("missing", "extra")

    def test_wrong_result(self):
        for value in ("0", 5, None, "18446744073709551605"):
            self.setUp()
            self.back("getrandom")["Ret"] = value
            self.differs("result")

    def test_missing_return(self):
        self.rows.remove(self.back("openat"))
        self.differs("result")

    def test_return_that_is_there_twice(self):
        self.rows.append(dict(self.back("openat")))
        self.differs("stray")

    def test_return_without_a_call(self):
        self.rows.append(self.back("openat") | {"EventUID": "0x1000"})
        self.differs("stray")

    def test_return_in_another_thread(self):
        self.back("openat")["TID"] = 124
        self.differs("result", "stray")

    def test_return_of_what_can_not_return(self):
        self.rows.append(self.entry("exit_group") | {"Plugin": "sysret", "Ret": "0"})
        self.differs("result")

    def test_wrong_error_name(self):
        self.back("getrandom")["Info"] = "EPERM"
        self.differs("info")

    def test_error_name_of_a_success(self):
        self.back("openat")["Info"] = "EPERM"
        self.differs("info")

    def test_wrong_argument(self):
        for value in ("0x4b6e45", "0x1004b6e44", "0"):
            self.setUp()
            self.entry("openat")["argument1"] = value
            self.differs("argument")

    def test_too_few_arguments(self):
        del self.entry("openat")["argument2"]
        self.differs("count")

    # What may differ

    def test_forms_of_numbers(self):
        row = self.entry("openat")
        row |= {"argument0": "-100", "argument1": "4943428 (x)", "argument2": "O_APPEND|O_RDWR"}
        self.back("openat")["Ret"] = "0x4"
        self.assertEqual(self.same().not_compared, 1)
        row["argument0"] = "4294967196</tmp>"
        self.same()
        row["argument0"] = "AT_FDCWD"
        self.assertEqual(self.same().not_compared, 2)

    def test_before_the_first_execve(self):
        self.rows.insert(0, self.entry("brk") | {"EventUID": "0x0", "Method": "rt_sigprocmask"})
        self.same(before_the_first_execve=1)

    def test_died_within_a_call(self):
        row = self.entry("pause", -1)
        self.rows.append(row | {"Plugin": "sysret", "Ret": "-514", "Info": "ERESTARTNOHAND"})
        self.same(died_within_a_call=1)
        self.rows[-1]["Ret"] = "0"
        self.differs("result")

    def test_killed_on_its_way_out(self):
        text = ("5     [  34] pause( <unfinished ...>\n"
                "5     [  34] <... pause resumed>)       = 0\n"
                "5     [  34] +++ killed by SIGKILL +++\n")
        self.use(text)
        self.back("pause").update(Ret="-514", Info="ERESTARTNOHAND")
        self.same(killed_on_its_way_out=1)
        self.back("pause").update(Ret="-9", Info="EBADF")
        self.differs("result")
        self.use(text.replace("killed by SIGKILL", "exited with 0"))
        self.back("pause").update(Ret="-514", Info="ERESTARTNOHAND")
        self.differs("result")

    def test_killed_on_entry(self):
        self.rows.append(self.entry("write") | {"EventUID": "0x1000", "Method": "pause",
                                                "Syscall": 34})
        self.same(killed_on_entry=1)
        self.rows.append(self.entry("pause", -1) | {"Plugin": "sysret", "Ret": "0"})
        self.differs("extra")

    def test_superseded_on_entry(self):
        self.lines = [line for line in self.lines if not line.startswith("122   [  34]")]
        self.same(killed_on_entry=1)

    def test_two_killed_on_entry(self):
        for uid in ("0x1000", "0x1001"):
            self.rows.append(self.entry("write") | {"EventUID": uid, "Method": "pause",
                                                    "Syscall": 34})
        self.differs("extra")

    def test_killed_by_seccomp(self):
        self.rows.remove(self.back("getuid"))
        self.same(killed_by_seccomp=1)
        self.rows.remove(self.back("getgid"))
        self.differs("result")

    def test_calls_within_a_call(self):
        self.use(START, ODD, END)
        for name, multiplexer in (("socketpair", "socketcall"), ("shmget", "ipc")):
            row = self.entry(name)
            arguments = {key: row.pop(key) for key in list(row) if key.startswith("argument")}
            row |= {"Method": multiplexer, "Type": "ia32", "call": "8", "args": "0xffc22120"}
            row |= {"third": "0"} if len(arguments) == 3 else {}
        self.same(calls_within_a_call=3)
        self.entry("ipc")["Method"] = "socketcall"
        self.differs("name", "argument", "argument", "argument")

    def test_unknown_to_strace(self):
        self.use(START, ODD, END)
        row = self.entry("syscall_0x1c4")
        for at in (4, 5):
            del row[f"argument{at}"]
        row["Method"] = "fchmodat2"
        self.entry("syscall_0xffffffffffffffff")["Syscall"] = 0xffffffff
        self.same(unknown_to_strace=2)
        row["argument1"] = "0x1"
        self.differs("argument")

    def test_not_in_this_kernel(self):
        self.use(START, ODD, END)
        self.entry("getpid")["Method"] = "1073741863"
        row = self.entry("_sysctl")
        del row["argument0"]
        self.same(not_in_this_kernel=2)
        self.back("_sysctl")["Ret"] = "0"
        self.differs("count", "result")

    def test_kernel_names(self):
        text = "81    [  40] sendfile(0x4, 0x3, 0, 0) = 0\n"
        self.use(START, text, END)
        self.same()
        self.entry("sendfile")["Method"] = "sendfile64"
        self.differs("name")

    def test_no_call_at_all(self):
        self.use(START, ODD, END)
        for row in (self.entry("syscall_0xffffffffffffffff"),
                    self.back("syscall_0xffffffffffffffff")):
            self.rows.remove(row)
        self.same(no_call_at_all=1)
        for row in (self.entry("_sysctl"), self.back("_sysctl")):
            self.rows.remove(row)
        self.differs("missing")

    def test_x32(self):
        self.use(START, ODD, END)
        row = self.entry("getpid")
        row |= {"Syscall": 39, "Type": "x32"}
        self.same()
        row["Type"] = "ia32"
        self.differs("missing", "extra")

    def test_more_arguments_in_the_kernel(self):
        text = "81    [ 296] pwritev(0x5, 0x7ffe3ec76ac0, 0x2, 0x1000) = 12\n"
        self.use(START, text, END)
        row = self.entry("pwritev")
        row["last"] = "0"
        self.same(more_arguments_in_the_kernel=1)
        del row["last"], row["argument3"]
        self.differs("count")

    def test_mode_that_means_nothing(self):
        text = ("81    [   2] open(0x4b6e44, 0x80402, 0x45ba99) = 0x4\n"
                "81    [ 257] openat(0x3, 0x4b6e44, 0x40, 0x45ba99) = 0x4\n")
        self.use(START, text, END)
        self.entry("open")["argument2"] = "0"
        self.same(a_mode_that_means_nothing=1)
        self.entry("open")["argument2"] = "1"
        self.differs("argument")
        self.entry("open")["argument2"] = "0"
        self.entry("openat", -1)["argument3"] = "0"
        self.differs("argument")

    def test_child_that_returns(self):
        row = self.back("clone")
        self.rows.insert(0, row | {"EventUID": "0x2000", "TID": 122, "PID": 122, "Ret": "0",
                                   "Info": ""})
        self.differs("stray")

    def test_upper_half(self):
        self.use(START, ODD, END)
        row = self.entry("write")
        row |= {"argument2": "2", "Type": "ia32"}
        self.same(the_upper_half_of_a_register=1)
        row["argument2"] = "3"
        self.differs("argument")

    # In the other mode

    def decoded_rows(self):
        self.use(DECODED)
        self.entry("execve").update({"argument0": "/bin", "argument1": "x \",",
                                     "argument2": "0x7ffe1000"})
        self.entry("mkdir").update({"argument0": "a b\"\ufffd\n", "argument1": "0x1c0"})
        for row in self.rows:
            row.pop("argument4", None)

    def test_decoded(self):
        self.decoded_rows()
        self.assertEqual(self.same().texts, 2)

    def test_text_that_comes_with_the_return(self):
        self.decoded_rows()
        self.entry("mkdir")["argument0"] = "0x1000"
        self.assertEqual(self.same().texts, 1)
        self.back("mkdir")["argument0"] = "a b\"\ufffd\n"
        self.assertEqual(self.same().texts, 2)
        self.back("mkdir")["argument0"] = "a b"
        self.differs("argument")

    def test_preview_of_a_buffer(self):
        self.decoded_rows()
        self.entry("mkdir")["argument0"] = '"a b"'
        self.assertEqual(self.same().texts, 1)

    def test_text_that_is_cut(self):
        self.decoded_rows()
        self.entry("mkdir")["argument0"] = "a b..."
        self.same()

    def test_wrong_text(self):
        self.decoded_rows()
        for text in ("a b", "a b\"", "b..."):
            self.entry("mkdir")["argument0"] = text
            self.differs("argument")


if __name__ == "__main__":
    unittest.main()
