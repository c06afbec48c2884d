/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sample's analysis: a clone of a template, the sample in it, and its results in a folder. */
#ifndef WV_SANDBOX_ANALYSIS_H
#define WV_SANDBOX_ANALYSIS_H

#include "monitor/settings.h"
#include "sandbox/jail.h"
#include "sandbox/job_make.h"
#include "sandbox/launch.h"
#include "sandbox/template.h"
#include "sandbox/watch.h"

/** Files of a result folder. */
#define WV_RESULT_EVENTS  "events.jsonl"
#define WV_RESULT_CONSOLE "console.log"
#define WV_RESULT_SUMMARY "summary.json"
#define WV_RESULT_CAPTURE "capture.pcap"
#define WV_RESULT_FILES	  "files" /**< a folder: what the sample wrote or deleted */

/** What is to be done. */
struct wv_analysis {
	const struct wv_template *template;
	const struct wv_qemu *qemu;
	const struct wv_jail *jail; /**< NULL: none */
	const struct wv_job *job;
	const struct wv_settings *settings;
	const char *monitor_config;	    /**< the settings as the monitor is to have them */
	const char *sample;		    /**< the file, as the user named it */
	const char *folder;		    /**< of the results: there already */
	struct wv_printer *const *printers; /**< ended by NULL */
	struct wv_dump *dump;		    /**< for contents of files; NULL: none */
	const char *network_name;	    /**< as the user knows it */
	const char *capture;		    /**< of the network, a file; NULL: none */
	double settle, time_limit;	    /**< seconds; the limit 0: none */
	gint64 begun_us;		    /**< the command's start: microseconds since 1970 */
};

/** Runs it to its end and writes the summary. The verdict is the command's exit code. */
bool wv_analyze(const struct wv_analysis *analysis, enum wv_exit *verdict, GError **error);

#endif
