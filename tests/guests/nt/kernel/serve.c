// SPDX-License-Identifier: GPL-2.0-or-later
/* A system service, from its function's entry to its return: its work, and the fact about it. */
#include "service.h"
#include "capture.h"
#include "cpu.h"
#include "pool.h"
#include "process.h"

static const struct wv_handler *const families[] = {
	wv_basic_handlers,     wv_exception_handlers, wv_object_handlers, wv_process_handlers,
	wv_thread_handlers,    wv_token_handlers,     wv_memory_handlers, wv_file_handlers,
	wv_file_info_handlers, wv_key_handlers,	      wv_named_handlers,  wv_query_handlers,
	wv_open_handlers,
};

#define SERVICES_MAX 0x400

static const struct wv_handler *handlers[SERVICES_MAX]; /* by service */

static const struct wv_handler *find_handler(const struct wv_service *service)
{
	for (unsigned i = 0; i < COUNT_OF(families); i++)
		for (const struct wv_handler *handler = families[i]; handler->name; handler++)
			if (wv_same(handler->name, service->name))
				return handler;
	return NULL;
}

void wv_serve_init(void)
{
	for (unsigned i = 0; i < wv_service_count && i < SERVICES_MAX; i++)
		handlers[i] = find_handler(&wv_services[i]);
}

static void tell(const struct wv_request *request, bool returns, word result)
{
	struct wv_json *json;

	if (!request->in.room)
		return;
	wv_fact_call(&request->call);
	json = wv_fact_json();
	wv_fact_int("service", request->service - wv_services);
	if (request->from)
		wv_fact_hex("from", request->from);
	wv_json_open(json, "arguments", '[');
	for (unsigned i = 0; i < request->service->arguments; i++)
		wv_json_hex(json, NULL, request->arguments[i]);
	wv_json_close(json, ']');
	wv_json_value(json, "in", &request->in);
	if (returns) {
		wv_fact_hex("result", (u32)result);
		wv_fact_int("return_cpu", wv_cpu_number());
	}
}

static void tell_end(const struct wv_request *request, bool returns, word result)
{
	struct wv_json out = { .room = 0 };

	if (!request->in.room)
		return;
	/* Reading may fault, and so has to be done before the fact begins. */
	if (returns)
		wv_capture(&out, request, WV_RETURN);
	if (wv_is_told()) {
		tell(request, returns, result);
		if (returns)
			wv_json_value(wv_fact_json(), "out", &out);
		wv_fact_end();
	}
	if (out.room)
		wv_pool_give(out.text);
	wv_pool_give(request->in.text);
}

word wv_serve(unsigned number, const word *arguments)
{
	struct wv_thread_info *info = wv_thread_info(wv_current_thread());
	struct wv_request request = { .arguments = arguments, .outer = info->requests };
	word result;

	/* Of several services that are one function it is the one that was asked for. */
	if (info->asked_for)
		number = info->asked_for - 1;
	info->asked_for = 0;
	request.service = &wv_services[number];
	request.handler = handlers[number];
	request.call = wv_enter(request.service->name);
	request.from = info->called_from;
	info->called_from = 0;
	if (wv_is_told())
		wv_capture(&request.in, &request, WV_ENTRY);
	info->requests = &request;
	result = request.handler ? request.handler->serve(&request) : STATUS_NOT_IMPLEMENTED;
	info->requests = request.outer;
	tell_end(&request, true, result);
	return result;
}

void wv_serve_never_returns(void)
{
	struct wv_thread_info *info = wv_thread_info(wv_current_thread());

	for (; info->requests; info->requests = info->requests->outer)
		tell_end(info->requests, false, 0);
}
