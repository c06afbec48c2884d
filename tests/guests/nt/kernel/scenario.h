/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest does once it runs. */
#ifndef WV_NT_SCENARIO_H
#define WV_NT_SCENARIO_H

#include "nt.h"
#include "../user/scenario.h"

/* Makes the processes and threads of the scenario that the command line names. */
void wv_scenario_start(void);
/* What a program calls until it may begin; the last one's call begins the scenario. */
word wv_scenario_ready(void);

/* One step of a scenario, by number; false when there is no such step. */
bool wv_pool_step(word step);
bool wv_object_step(word step);
bool wv_exception_step(word step);
bool wv_service_step(word step);
bool wv_process_step(word step);
bool wv_file_step(word step);
/* Makes a file for a program; NO_MORE_STEPS when there is no such row. */
word wv_planned_file(word what);
/* Services called by the kernel for a program, while its thread is in another process. */
word wv_attached_calls(void);
/* count pairs of allocation and release, of which only their sum is told. */
void wv_storm(word count);

#endif
