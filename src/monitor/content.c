/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contents of files, on their way to the reader: pieces of guest memory, copied into the vCPU's
 * ring where events are. Pages that follow each other go into one piece.
 */
#include "monitor/internal.h"

uint32_t wv_content_number(struct wv_call *call)
{
	struct wv_monitor *monitor = call->vcpu->monitor;

	if (!monitor->content_limit)
		return 0;
	return __atomic_add_fetch(&monitor->contents, 1, __ATOMIC_RELAXED);
}

uint64_t wv_content_limit(const struct wv_call *call)
{
	return call->vcpu->monitor->content_limit;
}

struct wv_content *wv_content_open(struct wv_event *event, uint32_t number, uint64_t size)
{
	struct wv_vcpu *vcpu = event->call->vcpu;
	struct wv_content *content = &vcpu->content;

	*content = (struct wv_content){
		.vcpu = vcpu,
		.end = MIN(size, vcpu->monitor->content_limit),
	};
	wv_writer_content(&event->writer, number, size);
	content->over = !wv_event_commit(event);
	return content;
}

static void start_content(struct wv_content *content, enum wv_content_step step, uint64_t offset)
{
	place_record(content->vcpu, &content->writer);
	wv_writer_start_content(&content->writer, step, offset);
	wv_writer_head(&content->writer)->vcpu = (uint16_t)content->vcpu->index;
}

static void commit(struct wv_content *content)
{
	struct wv_vcpu *vcpu = content->vcpu;
	bool drop = vcpu->monitor->drop_when_slow;

	wv_writer_finish(&content->writer);
	if (!wv_session_commit(vcpu->monitor->session, vcpu->index, &content->writer, drop) &&
	    !drop)
		content->over = true;
}

static void send_piece(struct wv_content *content)
{
	if (!content->room)
		return;
	wv_writer_text_end(&content->writer, content->used, false);
	if (content->used)
		commit(content);
	content->room = NULL;
}

/** Room for bytes at an offset: behind what was told before, if it follows that. */
static size_t make_room(struct wv_content *content, uint64_t offset)
{
	if (content->room && offset == content->next && content->used < content->room_size)
		return content->room_size - content->used;
	send_piece(content);
	if (content->over)
		return 0;
	start_content(content, WV_CONTENT_PIECE, offset);
	content->room_size = WV_TEXT_MAX;
	content->room = wv_writer_text_begin(&content->writer, 0, &content->room_size);
	content->used = 0;
	content->next = offset;
	return content->room ? content->room_size : 0;
}

bool wv_content_page(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	struct wv_content *content = owner;
	struct wv_machine *machine = content->vcpu->monitor->machine;

	if (content->over || offset >= content->end)
		return false;
	if (offset < content->next)
		return true;
	size = (size_t)MIN(size, content->end - offset);
	while (size) {
		size_t part = MIN(size, make_room(content, offset));

		if (!part)
			return false;
		if (wv_machine_read_physical(machine, physical, content->room + content->used,
					     part)) {
			content->used += part;
			content->next = offset + part;
		}
		offset += part;
		physical += part;
		size -= part;
	}
	return true;
}

void wv_content_close(struct wv_content *content)
{
	send_piece(content);
	if (content->over)
		return;
	start_content(content, WV_CONTENT_END, 0);
	commit(content);
}
