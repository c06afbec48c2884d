/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#ifndef WV_MONITOR_INTERNAL_H
#define WV_MONITOR_INTERNAL_H

#include "base/clock.h"
#include "monitor/filter.h"
#include "monitor/monitor.h"
#include "monitor/pending.h"
#include "monitor/plugin.h"
#include "monitor/ttl.h"

/** Places inside of functions that one plugin traps. */
#define PLACES_MAX 16

/** A plugin in use. */
struct wv_instance {
	const struct wv_plugin *plugin;
	void *state;			  /* from plugin->configure */
	unsigned first_type;		  /* of its event types in the schema */
	const struct wv_plugin_guest *on; /* the guest that was found; NULL: not usable with it */
	struct wv_place *places;	  /* by the want's index */
	struct wv_hook *hooks;		  /* by the trap's index */
	struct wv_hook *place_hooks;	  /* PLACES_MAX, of traps inside of functions */
	unsigned n_places;
	GPtrArray *found_hooks; /* owned: of functions that prepare() has found; NULL: none */
	void *guest_data;	/* from on->prepare */
};

/** One trap of one plugin, or one of the monitor's own, at one address. */
struct wv_hook {
	const struct wv_trap_def *def;
	struct wv_instance *instance; /* NULL: the monitor's own */
	const char *name;	      /* the function's */
	unsigned method;	      /* which of the trap's functions was found */
	bool by_thread;		      /* its returns are told apart by the thread alone */
	struct wv_ttl ttl;
	struct wv_hook *next; /* at the same address */
};

/** The event that a vCPU writes. */
struct wv_event {
	struct wv_call *call;
	struct wv_writer writer;
};

/** The content of a file that a vCPU sends. */
struct wv_content {
	struct wv_vcpu *vcpu;
	struct wv_writer writer;
	uint64_t end;  /* of what is taken of the file, bytes */
	uint64_t next; /* what is told next is not before it */
	char *room;    /* for the piece that is put together; NULL: there is none */
	size_t room_size, used;
	bool over; /* the reader takes no more */
};

struct wv_call {
	struct wv_vcpu *vcpu;
	struct wv_hook *hook;
	struct wv_instance *instance;
	uint64_t thread;
	const struct wv_identity *caller; /* NULL: not asked for yet */
	uint64_t uid;
	uint64_t cr3;
	void *saved;
	bool result_stored;	    /* at return: the result is in memory by now */
	struct wv_pending *resumed; /* the outer call that this one acts for, or NULL */
	bool ends_resumed;	    /* which ends here */
};

/** Where a thread's kernel stack is, as it was found by a walk of the page tables. */
struct stack_page {
	uint64_t thread, page;
	const uint8_t *host;
	uint64_t
		changes; /* wv_guest.changes at that time: of no use any more when that has risen */
};

#define STACK_PAGES 16

/** One vCPU's own things: written by its thread alone. */
struct wv_vcpu {
	_Alignas(64) struct wv_monitor *monitor;
	unsigned index;
	struct wv_counters *counters;
	struct wv_cpu cpu;
	struct wv_space space;
	struct wv_event event;
	struct wv_content content;
	uint8_t *buffer; /* WV_RECORD_MAX bytes, for a record that the ring has no place for */
	struct wv_identity identity;
	uint64_t thread; /* whose event this is */
	bool identified; /* identity is this thread's */
	_Alignas(16) uint8_t saved[WV_CALL_SAVED_MAX];
	struct stack_page stacks[STACK_PAGES];
	uint64_t stage_start; /* of the time stamp counter, with timing on */
};

/** Where the monitor stands. */
enum monitor_state {
	STATE_SEARCHING, /* no user code has run yet */
	STATE_FINDING,	 /* a vCPU looks for the kernel */
	STATE_ARMED,
	STATE_FAILED,
};

/** How far the launcher's guest has come. */
enum door_phase {
	DOOR_NONE,    /* there is no launcher */
	DOOR_WAITING, /* for the launcher, and then with it */
	DOOR_STARTED, /* the sample is about to be executed */
	DOOR_RUNNING, /* it was: nobody is listened to any more */
	DOOR_CLOSED,  /* nothing more comes: it ended, or could not be executed, or is a template */
};

struct door {
	enum door_phase phase;
	struct wv_door_setup setup;
	bool resumed; /* the launcher has asked for the job, which was told */
	size_t given; /* bytes of the job */
	uint32_t pid; /* the sample's process */
};

/** The monitor's own traps. */
enum own_trap {
	OWN_THREAD_EXIT,
	OWN_CRASH,
	OWN_EXEC,	  /* with a launcher: the sample is executed */
	OWN_PROCESS_EXIT, /* likewise: it ends */
	OWN_CHANGE,	  /* several functions, each with a hook of its own */
	OWN_TRAPS
};

#define OWN_HOOKS (OWN_CHANGE + WV_CHANGES_MAX)

struct wv_monitor {
	struct wv_machine *machine;
	struct wv_session *session;
	struct wv_settings settings;
	struct wv_filter filter;
	struct wv_instance *instances;
	unsigned n_instances;
	struct wv_vcpu *vcpus;
	unsigned n_vcpus;
	struct wv_pending_table *pending;
	struct wv_guest *guest;
	struct wv_hook own_hooks[OWN_HOOKS];
	GMutex traps_lock; /* for adding return sites that were not foreseen */
	char *profile_path;
	struct door door;
	uint64_t ttl;
	uint64_t content_limit; /* bytes of a file; 0: contents are not wanted */
	uint32_t contents;	/* atomic: how many there were */
	bool drop_when_slow;
	bool timing;
	bool full_paths;
	unsigned attempts;	  /* at finding a kernel, beyond the first */
	enum monitor_state state; /* atomic */
	struct wv_vcpu *finder;	  /* atomic: it has set traps that are not honoured yet; or NULL */
};

/** The call's EventUID, which it gets with its first event, or when its return is to be awaited. */
static inline uint64_t call_uid(struct wv_call *call)
{
	if (!call->uid)
		call->uid = wv_session_next_uid(call->vcpu->monitor->session);
	return call->uid;
}

/** Timing of the event path: nothing but a test where it is off. */
static inline void stage_begin(struct wv_vcpu *vcpu)
{
	if (G_UNLIKELY(vcpu->monitor->timing))
		vcpu->stage_start = wv_ticks();
}

/** Books the time since the last stage's end to this stage. */
static inline void stage_end(struct wv_vcpu *vcpu, enum wv_stage stage)
{
	if (G_UNLIKELY(vcpu->monitor->timing)) {
		uint64_t now = wv_ticks();

		vcpu->counters->cycles[stage] += now - vcpu->stage_start;
		vcpu->stage_start = now;
	}
}

/** Where the vCPU's next record is put together: in the ring itself where that can be. */
static inline void place_record(struct wv_vcpu *vcpu, struct wv_writer *writer)
{
	writer->data = wv_session_place(vcpu->monitor->session, vcpu->index);
	if (!writer->data)
		writer->data = vcpu->buffer;
}

/** Starts its next record, of an event or a message. */
static inline void start_record(struct wv_vcpu *vcpu, enum wv_record_kind kind)
{
	struct wv_writer *writer = &vcpu->event.writer;

	place_record(vcpu, writer);
	wv_writer_start(writer, kind);
	wv_writer_head(writer)->vcpu = (uint16_t)vcpu->index;
}

/* arm.c: from a found kernel to set traps. *@again: a later try, in kernel mode, may succeed */
bool wv_monitor_arm(struct wv_monitor *monitor, struct wv_vcpu *vcpu, bool *again, GError **error);
void wv_monitor_disarm(struct wv_monitor *monitor);

/* monitor.c: finds the kernel, sets the traps, tells so. False: it failed, or is to be tried again
 */
bool wv_monitor_take_up(struct wv_monitor *monitor, struct wv_vcpu *vcpu);

/* door.c: the launcher in the guest asks for something; the sample becomes another program, ends */
void wv_monitor_knock(void *owner, unsigned vcpu);
void wv_door_executed(struct wv_call *call);
void wv_door_exited(struct wv_call *call);

/* calls.c: the event path */
/** Who the vCPU's thread is: read once per event. */
const struct wv_identity *wv_monitor_identify(struct wv_vcpu *vcpu);
void wv_monitor_trap(void *owner, unsigned vcpu, struct wv_trap *trap);
void wv_monitor_list_processes(struct wv_monitor *monitor, struct wv_vcpu *vcpu);

/* event.c: closes an event. False: it was dropped, or nobody reads any more */
bool wv_event_commit(struct wv_event *event);

/* own.c: the monitor's own traps */
extern const struct wv_trap_def wv_own_traps[OWN_TRAPS];

/* tell.c: messages and states for the reader, through the vCPU's ring */
void wv_monitor_tell(struct wv_vcpu *vcpu, enum wv_level level, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
void wv_monitor_tell_status(struct wv_vcpu *vcpu, enum wv_status status, uint32_t detail,
			    const char *text);
void wv_monitor_tell_failed(struct wv_vcpu *vcpu, const GError *error);
void wv_monitor_tell_suppressed(struct wv_vcpu *vcpu, const struct wv_hook *hook,
				uint64_t suppressed);

#endif
