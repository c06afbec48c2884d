/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: values of calls, as they go into fields. */
#include "plugins/filetracer/linux.h"

#define PAGE_SHIFT 12

void linux_put_i64(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_number(telling->event, field, (int64_t)value);
}

void linux_put_u64(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_unsigned(telling->event, field, value);
}

void linux_put_i32(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_number(telling->event, field, (int32_t)value);
}

void linux_put_u32(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_unsigned(telling->event, field, (uint32_t)value);
}

void linux_put_any_u32(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	if ((uint32_t)value)
		linux_put_u32(telling, field, value);
}

void linux_put_id(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	if ((uint32_t)value != UINT32_MAX)
		linux_put_u32(telling, field, value);
}

void linux_put_pages(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_unsigned(telling->event, field, value << PAGE_SHIFT);
}

void linux_put_permissions(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	wv_event_unsigned(telling->event, field, (uint16_t)value);
}

void linux_put_type(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	uint32_t type = value & WV_LINUX_S_IFMT;

	wv_event_unsigned(telling->event, field, type ? type : telling->operation->makes);
}

void linux_put_own_type(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	(void)value;
	if (telling->saved->has_inode)
		wv_event_unsigned(telling->event, field, telling->saved->mode);
}

void linux_put_string(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	if (value)
		wv_event_string(telling->event, field, wv_call_space(telling->call), value);
}
