/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the monitor has to say besides events, through the same rings and so in the same order. */
#include "base/error.h"
#include "monitor/internal.h"

static void tell(struct wv_vcpu *vcpu, enum wv_record_kind kind, uint32_t type, uint32_t detail,
		 const char *text)
{
	struct wv_writer *writer = &vcpu->event.writer;

	start_record(vcpu, kind);

	struct wv_record_head *head = wv_writer_head(writer);

	head->type = type;
	head->method = detail;
	wv_writer_bytes(writer, 0, text, strlen(text), false);
	wv_writer_finish(writer);
	wv_session_commit(vcpu->monitor->session, vcpu->index, writer, false);
}

void wv_monitor_tell(struct wv_vcpu *vcpu, enum wv_level level, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell(vcpu, WV_RECORD_MESSAGE, level, 0, text);
}

void wv_monitor_tell_status(struct wv_vcpu *vcpu, enum wv_status status, uint32_t detail,
			    const char *text)
{
	tell(vcpu, WV_RECORD_STATUS, status, detail, text);
}

void wv_monitor_tell_failed(struct wv_vcpu *vcpu, const GError *error)
{
	wv_monitor_tell_status(vcpu, WV_STATUS_FAILED,
			       error->domain == WV_ERROR ? (uint32_t)error->code
							 : WV_ERROR_INTERNAL,
			       error->message);
}

void wv_monitor_tell_suppressed(struct wv_vcpu *vcpu, const struct wv_hook *hook,
				uint64_t suppressed)
{
	if (suppressed)
		wv_monitor_tell(vcpu, WV_LEVEL_WARNING,
				"%s: %s: %" G_GUINT64_FORMAT
				" calls suppressed in a window of 10 s (--traps-ttl)",
				hook->instance->plugin->name, hook->name, suppressed);
}
