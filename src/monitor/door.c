/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door's outer side: what the launcher in the guest asks for, and what becomes of its sample.
 */
#include "monitor/door.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/write.h"
#include "monitor/internal.h"
#include "profile/extract.h"

/** What the launcher asked for. */
struct request {
	struct wv_space space; /* the launcher's own */
	uint64_t address, size;
};

static void tell_status(struct wv_vcpu *vcpu, enum wv_status status, uint32_t detail)
{
	wv_monitor_tell_status(vcpu, status, detail, "");
}

/* A template's guest is ready -------------------------------------------------------------------*/

/** Writes what was looked up while arming. */
static bool write_profile(struct wv_monitor *monitor, GError **error)
{
	int fd = monitor->door.setup.profile_fd;

	if (fd < 0)
		return true;

	g_autofree char *text = wv_profile_extract(monitor->guest->profile, monitor->guest->banner);
	bool written = wv_write_all(fd, text, strlen(text));

	if (!written)
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT,
			    "cannot write the kernel's profile: %s", g_strerror(errno));
	close(fd);
	monitor->door.setup.profile_fd = -1;
	return written;
}

/** The guest is as its clones are to be: looks at its kernel, and lets go of it again. */
static void make_ready(struct wv_monitor *monitor, struct wv_vcpu *vcpu)
{
	g_autoptr(GError) error = NULL;
	bool again = false;

	monitor->door.phase = DOOR_CLOSED;
	if (wv_monitor_arm(monitor, vcpu, &again, &error) && write_profile(monitor, &error))
		wv_monitor_tell_status(vcpu, WV_STATUS_READY, 0, monitor->guest->summary);
	else
		wv_monitor_tell_failed(vcpu, error);
	wv_monitor_disarm(monitor);
}

/* The requests ----------------------------------------------------------------------------------*/

/** Copies the next bytes of the job into the launcher's memory. */
static void give(struct wv_monitor *monitor, const struct request *request)
{
	struct door *door = &monitor->door;
	uint64_t room = request->size - sizeof(struct wv_door_reply);
	size_t size = MIN(room, door->setup.job_size - door->given);
	const uint8_t *data = (const uint8_t *)door->setup.job + door->given;
	struct wv_door_reply reply = { .state = WV_DOOR_NOTHING };

	reply.size = wv_space_write(&request->space, request->address + sizeof(reply), data, size);
	if (!reply.size)
		return; /* it asks again */
	reply.state =
		door->given + reply.size == door->setup.job_size ? WV_DOOR_LAST : WV_DOOR_MORE;
	if (wv_space_write(&request->space, request->address, &reply, sizeof(reply)) ==
	    sizeof(reply))
		door->given += reply.size;
}

static void on_wait(struct wv_monitor *monitor, struct wv_vcpu *vcpu, const struct request *request)
{
	if (!monitor->door.setup.job) {
		make_ready(monitor, vcpu);
		return;
	}
	if (!monitor->door.resumed)
		tell_status(vcpu, WV_STATUS_RESUMED, 0);
	monitor->door.resumed = true;
	if (request->size > sizeof(struct wv_door_reply))
		give(monitor, request);
}

static void on_start(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
		     const struct request *request)
{
	monitor->door.pid = (uint32_t)request->address;
	tell_status(vcpu, WV_STATUS_STARTING, monitor->door.pid);
	monitor->door.phase = DOOR_STARTED;
	wv_monitor_take_up(monitor, vcpu);
}

static void on_failed(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
		      const struct request *request)
{
	size_t size = MIN(request->size, WV_DOOR_TEXT_MAX);
	char text[WV_DOOR_TEXT_MAX + 1];

	if (!wv_space_read(&request->space, request->address, text, size))
		size = 0;
	text[size] = '\0';
	monitor->door.phase = DOOR_CLOSED;
	wv_monitor_tell_status(vcpu, WV_STATUS_NOT_STARTED, 0, text);
}

void wv_monitor_knock(void *owner, unsigned vcpu_index)
{
	static const struct {
		enum door_phase latest; /* in which it is listened to */
		void (*handle)(struct wv_monitor *monitor, struct wv_vcpu *vcpu,
			       const struct request *request);
	} requests[] = {
		[WV_DOOR_WAIT] = { DOOR_WAITING, on_wait },
		[WV_DOOR_START] = { DOOR_WAITING, on_start },
		[WV_DOOR_FAILED] = { DOOR_STARTED, on_failed },
	};
	struct wv_monitor *monitor = owner;
	struct wv_machine *machine = monitor->machine;
	struct wv_vcpu *vcpu = &monitor->vcpus[vcpu_index];
	struct wv_cpu *cpu = &vcpu->cpu;

	wv_cpu_start(cpu, machine, vcpu_index);

	uint64_t number = wv_cpu_register(cpu, WV_REG_RDI);

	if (number >= G_N_ELEMENTS(requests) || !requests[number].handle ||
	    monitor->door.phase == DOOR_NONE || monitor->door.phase > requests[number].latest)
		return;
	if (!machine->n_ram && machine->ops->map_ram)
		machine->ops->map_ram(machine, vcpu_index);

	struct request request = {
		.space = { .machine = machine,
			   .vcpu = vcpu_index,
			   .paging = wv_paging_of(cpu),
			   .current = true },
		.address = wv_cpu_register(cpu, WV_REG_RSI),
		.size = wv_cpu_register(cpu, WV_REG_RDX),
	};

	requests[number].handle(monitor, vcpu, &request);
	if (monitor->door.phase == DOOR_CLOSED)
		__atomic_store_n(&machine->watch_place, 0, __ATOMIC_RELEASE);
}

/* What becomes of the sample --------------------------------------------------------------------*/

/** Whether the sample's process is calling. */
static bool is_sample(struct wv_call *call)
{
	return wv_call_caller(call)->pid == call->vcpu->monitor->door.pid;
}

void wv_door_executed(struct wv_call *call)
{
	struct wv_monitor *monitor = call->vcpu->monitor;

	if (monitor->door.phase != DOOR_STARTED || !is_sample(call))
		return;
	monitor->door.phase = DOOR_RUNNING;
	__atomic_store_n(&monitor->machine->watch_place, 0, __ATOMIC_RELEASE);
	tell_status(call->vcpu, WV_STATUS_RUNNING, monitor->door.pid);
}

void wv_door_exited(struct wv_call *call)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_monitor *monitor = vcpu->monitor;
	struct wv_guest *guest = monitor->guest;
	uint32_t status;

	if ((monitor->door.phase != DOOR_STARTED && monitor->door.phase != DOOR_RUNNING) ||
	    !is_sample(call) ||
	    !guest->ops->exit_status(guest, &vcpu->space, call->thread, &status))
		return;
	monitor->door.phase = DOOR_CLOSED;
	tell_status(vcpu, WV_STATUS_EXITED, status);
}

void wv_monitor_open_door(struct wv_monitor *monitor, const struct wv_door_setup *setup)
{
	monitor->door = (struct door){ .phase = DOOR_WAITING, .setup = *setup };
	monitor->machine->watch_place = WV_DOOR_ADDRESS;
	__atomic_store_n(&monitor->machine->watch, WV_WATCH_NOTHING, __ATOMIC_RELEASE);
}
