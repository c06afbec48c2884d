/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plugin may call: the call that it handles, and the event that it writes. */
#include "monitor/internal.h"

#define PAGE_SIZE 4096u

/** Thread objects are large: the bits below are alike. */
#define STACK_HASH_SHIFT 12

/* The call --------------------------------------------------------------------*/

const struct wv_identity *wv_call_caller(struct wv_call *call)
{
	if (!call->caller)
		call->caller = wv_monitor_identify(call->vcpu);
	return call->caller;
}

uint64_t wv_call_thread(const struct wv_call *call)
{
	return call->thread;
}

unsigned wv_call_index(const struct wv_call *call)
{
	return (unsigned)(call->hook->def - call->instance->on->traps);
}

unsigned wv_call_method(const struct wv_call *call)
{
	return call->hook->method;
}

/** Where arguments are: the first in registers, the others above the return address. */
static const struct convention {
	enum wv_reg registers[6];
	unsigned n_registers;
	unsigned word; /* bytes on the stack */
	unsigned home; /* words above the return address that belong to the registers */
} conventions[] = {
	/* System V ABI for x86-64, section 3.2.3 */
	[WV_CONVENTION_SYSV64] = { { WV_REG_RDI, WV_REG_RSI, WV_REG_RDX, WV_REG_RCX, WV_REG_R8,
				     WV_REG_R9 },
				   6,
				   8,
				   0 },
	/* Microsoft, "x64 calling convention": the callee may keep the four registers there */
	[WV_CONVENTION_WINDOWS64] = { { WV_REG_RCX, WV_REG_RDX, WV_REG_R8, WV_REG_R9 }, 4, 8, 4 },
	[WV_CONVENTION_STACK32] = { .word = 4 },
};

uint64_t wv_call_argument(struct wv_call *call, unsigned index)
{
	struct wv_vcpu *vcpu = call->vcpu;
	const struct convention *convention = &conventions[vcpu->monitor->guest->convention];
	uint64_t value = 0;

	if (index < convention->n_registers)
		return wv_cpu_register(&vcpu->cpu, convention->registers[index]);

	unsigned words = index - convention->n_registers + convention->home + 1;
	uint64_t place =
		wv_cpu_register(&vcpu->cpu, WV_REG_RSP) + (uint64_t)convention->word * words;

	return wv_space_read(&vcpu->space, place, &value, convention->word) ? value : 0;
}

uint64_t wv_call_stack_pointer(struct wv_call *call)
{
	return wv_cpu_register(&call->vcpu->cpu, WV_REG_RSP);
}

uint64_t wv_call_result(struct wv_call *call)
{
	return wv_cpu_register(&call->vcpu->cpu, WV_REG_RAX);
}

bool wv_call_result_is_stored(const struct wv_call *call)
{
	return call->result_stored;
}

void *wv_call_saved(struct wv_call *call)
{
	return call->saved;
}

static struct wv_pending *outer(const struct wv_call *call, unsigned trap)
{
	return wv_pending_innermost(call->vcpu->monitor->pending, call->thread,
				    &call->instance->hooks[trap]);
}

void *wv_call_outer(struct wv_call *call, unsigned trap)
{
	struct wv_pending *pending = outer(call, trap);

	return pending ? pending->saved : NULL;
}

bool wv_call_has_outer(const struct wv_call *call)
{
	return wv_pending_any(call->vcpu->monitor->pending, call->thread);
}

bool wv_call_act_for(struct wv_call *call, unsigned trap)
{
	struct wv_pending *pending = outer(call, trap);

	if (!pending || call->resumed)
		return false;
	call->resumed = pending;
	call->uid = pending->uid;
	call->caller = &pending->caller;
	call->saved = pending->saved;
	return true;
}

bool wv_call_resume(struct wv_call *call, unsigned trap)
{
	if (!wv_call_act_for(call, trap))
		return false;
	call->ends_resumed = true;
	return true;
}

const struct wv_space *wv_call_space(struct wv_call *call)
{
	return &call->vcpu->space;
}

/** The host's view of a page of the thread's stack; NULL where RAM is not mapped. */
static const uint8_t *stack_page(struct wv_call *call, uint64_t page)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_machine *machine = vcpu->monitor->machine;
	struct stack_page *known = &vcpu->stacks[(call->thread >> STACK_HASH_SHIFT) % STACK_PAGES];
	uint64_t changes = __atomic_load_n(&vcpu->monitor->guest->changes, __ATOMIC_ACQUIRE);
	uint64_t physical, contiguous;

	if (known->thread == call->thread && known->page == page && known->changes == changes)
		return known->host;
	if (!wv_space_translate(&vcpu->space, page, &physical, &contiguous))
		return NULL;
	*known = (struct stack_page){ call->thread, page,
				      wv_machine_ram(machine, physical, PAGE_SIZE), changes };
	return known->host;
}

const void *wv_call_stack(struct wv_call *call, uint64_t address, size_t size, void *buffer)
{
	size_t offset = address & (PAGE_SIZE - 1);
	const uint8_t *page =
		size <= PAGE_SIZE - offset ? stack_page(call, address - offset) : NULL;

	if (page)
		return page + offset;
	return wv_space_read(&call->vcpu->space, address, buffer, size) ? buffer : NULL;
}

struct wv_guest *wv_call_guest(struct wv_call *call)
{
	return call->vcpu->monitor->guest;
}

bool wv_call_identify(struct wv_call *call, uint64_t thread, struct wv_identity *identity)
{
	struct wv_guest *guest = call->vcpu->monitor->guest;

	return guest->ops->identify(guest, &call->vcpu->space, thread, identity);
}

void *wv_call_guest_data(const struct wv_call *call)
{
	return call->instance->guest_data;
}

const void *wv_call_state(const struct wv_call *call)
{
	return call->instance->state;
}

const struct wv_place *wv_call_place(const struct wv_call *call, unsigned want)
{
	return &call->instance->places[want];
}

bool wv_call_read_u32(struct wv_call *call, uint64_t object, unsigned want, uint32_t *value)
{
	const struct wv_place *place = &call->instance->places[want];

	return place->found && wv_space_read_u32(&call->vcpu->space, object + place->value, value);
}

bool wv_call_read_u64(struct wv_call *call, uint64_t object, unsigned want, uint64_t *value)
{
	const struct wv_place *place = &call->instance->places[want];

	return place->found && wv_space_read_u64(&call->vcpu->space, object + place->value, value);
}

bool wv_call_read_bits(struct wv_call *call, uint64_t object, unsigned want, uint64_t *value)
{
	return wv_guest_read_bits(&call->vcpu->space, &call->instance->places[want], object, value);
}

/* The event
 * ----------------------------------------------------------------------------------------*/

static struct wv_event *open_record(struct wv_call *call, enum wv_record_kind kind, unsigned type,
				    unsigned method)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_event *event = &vcpu->event;
	const struct wv_identity *caller = wv_call_caller(call);

	event->call = call;
	start_record(vcpu, kind);

	struct wv_record_head *head = wv_writer_head(&event->writer);

	if (kind == WV_RECORD_EVENT) /* a definition is no event */
		head->uid = call_uid(call);
	head->cr3 = call->cr3;
	head->type = call->instance->first_type + type;
	head->method = method;
	head->os = vcpu->monitor->guest->ops->os;
	head->pid = caller->pid;
	head->ppid = caller->ppid;
	head->tid = caller->tid;
	head->user_id = caller->user_id;
	return event;
}

struct wv_event *wv_event_open_defined(struct wv_call *call, unsigned type, unsigned definition)
{
	const struct wv_identity *caller = wv_call_caller(call);
	struct wv_event *event = open_record(call, WV_RECORD_EVENT, type, definition);

	wv_writer_bytes(&event->writer, WV_FIELD_PROCESS, caller->name, caller->name_size,
			caller->name_truncated);
	return event;
}

struct wv_event *wv_event_open(struct wv_call *call, unsigned type)
{
	return wv_event_open_defined(call, type, call->hook ? call->hook->method : 0);
}

void wv_event_define(struct wv_call *call, unsigned type, unsigned definition, const char *name,
		     unsigned flags, char *const *arguments, char *const *types,
		     unsigned n_arguments)
{
	struct wv_vcpu *vcpu = call->vcpu;
	struct wv_event *event = open_record(call, WV_RECORD_DEFINITION, type, definition);
	struct wv_writer *writer = &event->writer;

	wv_writer_head(writer)->pid = flags;
	wv_writer_bytes(writer, 0, name, strlen(name), false);
	for (unsigned i = 0; i < n_arguments && i < WV_DEFINITION_ARGS; i++) {
		wv_writer_bytes(writer, (uint16_t)(1 + 2 * i), arguments[i], strlen(arguments[i]),
				false);
		wv_writer_bytes(writer, (uint16_t)(2 + 2 * i), types[i], strlen(types[i]), false);
	}
	wv_writer_finish(writer);
	wv_session_commit(vcpu->monitor->session, vcpu->index, writer, false);
}

bool wv_event_commit(struct wv_event *event)
{
	struct wv_vcpu *vcpu = event->call->vcpu;
	bool committed;

	wv_writer_finish(&event->writer);
	if (event->writer.overflow)
		vcpu->counters->overflowed++;
	stage_end(vcpu, WV_STAGE_FIELDS);
	committed = wv_session_commit(vcpu->monitor->session, vcpu->index, &event->writer,
				      vcpu->monitor->drop_when_slow);
	stage_end(vcpu, WV_STAGE_COMMIT);
	return committed;
}

void wv_event_close(struct wv_event *event)
{
	wv_event_commit(event);
}

void wv_event_drop(struct wv_event *event)
{
	event->call = NULL;
}

void wv_event_number(struct wv_event *event, unsigned field, int64_t value)
{
	wv_writer_int(&event->writer, (uint16_t)field, value);
}

void wv_event_unsigned(struct wv_event *event, unsigned field, uint64_t value)
{
	wv_writer_uint(&event->writer, (uint16_t)field, value);
}

void wv_event_unreadable(struct wv_event *event, unsigned field)
{
	wv_writer_null(&event->writer, (uint16_t)field);
}

void wv_event_text(struct wv_event *event, unsigned field, const char *text, size_t size,
		   bool truncated)
{
	wv_writer_bytes(&event->writer, (uint16_t)field, text, size, truncated);
}

void wv_event_string(struct wv_event *event, unsigned field, const struct wv_space *space,
		     uint64_t address)
{
	size_t size = WV_TEXT_MAX, length;
	char *text = wv_writer_text_begin(&event->writer, (uint16_t)field, &size);

	if (!text)
		return;

	enum wv_string_end end = wv_space_read_string(space, address, text, size, &length);

	if (end == WV_STRING_UNREADABLE && !length)
		wv_writer_null(&event->writer, (uint16_t)field);
	else
		wv_writer_text_end(&event->writer, length, end != WV_STRING_WHOLE);
}

char *wv_event_text_begin(struct wv_event *event, unsigned field, size_t *size)
{
	return wv_writer_text_begin(&event->writer, (uint16_t)field, size);
}

void wv_event_text_end(struct wv_event *event, size_t size, bool truncated)
{
	wv_writer_text_end(&event->writer, size, truncated);
}

void wv_event_list_begin(struct wv_event *event, unsigned field)
{
	wv_writer_list_begin(&event->writer, (uint16_t)field);
}

void wv_event_list_item(struct wv_event *event, const char *name, const char *text, size_t size)
{
	wv_writer_list_item(&event->writer, name, text, size);
}

void wv_event_list_end(struct wv_event *event, bool truncated)
{
	wv_writer_list_end(&event->writer, truncated);
}

void wv_event_raw(struct wv_event *event, unsigned argument, uint64_t number)
{
	wv_writer_raw(&event->writer, argument, number);
}

char *wv_event_raw_begin(struct wv_event *event, unsigned argument, uint64_t number, size_t *size)
{
	return wv_writer_raw_begin(&event->writer, argument, number, size);
}

void wv_event_raw_end(struct wv_event *event, size_t size, bool truncated)
{
	wv_writer_raw_end(&event->writer, size, truncated);
}
