/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs of the guest: each is one name of the same static binary. */
#ifndef WV_GUEST_SCENARIOS_H
#define WV_GUEST_SCENARIOS_H

/* The first process: mounts, runs the scenario that the kernel's command line names, powers off. */
int wv_init_main(int argc, char **argv);

/* Everything that procmon watches, each thing once and written down exactly. */
int wv_truth_main(int argc, char **argv);

/* Very many different system calls. */
int wv_calls_main(int argc, char **argv);

/* Calls with what a tracer has to print of them. */
int wv_decoded_main(int argc, char **argv);

/* All that can be done to files. */
int wv_files_main(int argc, char **argv);

/* Files that end, and their content with them. */
int wv_deleted_main(int argc, char **argv);

/* Files with names that do harm, and very many files. */
int wv_hostile_main(int argc, char **argv);

/* A scenario several times at once. */
int wv_several_main(int argc, char **argv);

/* A scenario under strace. */
int wv_straced_main(int argc, char **argv);

/* Many forks and execs at once, counted. */
int wv_storm_main(int argc, char **argv);

/* Fixed work, timed. */
int wv_cpuloop_main(int argc, char **argv);
int wv_forkexec_main(int argc, char **argv);
int wv_getppid_main(int argc, char **argv);
int wv_compile_main(int argc, char **argv);

/* What happens to the machine as a whole. */
int wv_panic_main(int argc, char **argv);
int wv_reboot_main(int argc, char **argv);
int wv_spin_main(int argc, char **argv);
int wv_hang_main(int argc, char **argv);

/* The groups of "truth". */
void wv_truth_clone(void);
void wv_truth_exec(void);
void wv_truth_exec_thread(void);
void wv_truth_exit(void);
void wv_truth_signal(void);
void wv_truth_namespace(void);

#endif
