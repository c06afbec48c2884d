/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who and what may do something in Windows: identifiers, privileges, tokens. */
#include <string.h>

#include "plugins/syscalls/nt_format.h"

extern const struct wv_constants wv_constants_nt_access_mask;
extern const struct wv_constants wv_constants_nt_privilege;

/* SID: revision, count of its last parts, six bytes of authority; winnt.h. */
#define SID_HEAD_SIZE 8
#define SID_PARTS_MAX 15

#define SOURCE_NAME_SIZE 8 /* TOKEN_SOURCE_LENGTH, winnt.h */

/* Identifiers -----------------------------------------------------------------------------------*/

void wv_decode_luid(const struct wv_arg *arg, GString *out)
{
	wv_append_hex(out, wv_u64(arg, 0));
}

/* "{1fe38ddd-dd72-4cca-a6fc-1c63e0dc8c1b}": the first three parts are numbers, the others bytes. */
void wv_decode_guid(const struct wv_arg *arg, GString *out)
{
	const uint8_t *bytes = arg->bytes + 8;
	char text[40];

	g_snprintf(text, sizeof(text), "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}",
		   wv_u32(arg, 0), wv_u16(arg, 4), wv_u16(arg, 6), bytes[0], bytes[1], bytes[2],
		   bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
	wv_append_string(out, text);
}

/* "S-1-5-18"; an authority of more than 32 bits is in hex (MS-DTYP 2.4.2.1). */
void wv_decode_sid(const struct wv_arg *arg, GString *out)
{
	uint64_t authority = 0;

	if (!wv_has(arg, 0, SID_HEAD_SIZE) || arg->bytes[1] > SID_PARTS_MAX) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	for (unsigned i = 2; i < SID_HEAD_SIZE; i++)
		authority = authority << 8 | arg->bytes[i];
	WV_APPEND(out, "S-");
	wv_append_u64(out, arg->bytes[0]);
	wv_append_char(out, '-');
	if (authority >> 32)
		wv_append_hex(out, authority);
	else
		wv_append_u64(out, authority);
	for (unsigned i = 0; i < arg->bytes[1] && wv_has(arg, SID_HEAD_SIZE + 4 * i, 4); i++) {
		wv_append_char(out, '-');
		wv_append_u64(out, wv_u32(arg, SID_HEAD_SIZE + 4 * i));
	}
	wv_append_more(arg, out);
}

/* Privileges ------------------------------------------------------------------------------------*/

/* LUID_AND_ATTRIBUTES. */
static void append_privilege(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_name(out, &wv_constants_nt_privilege, wv_u64(arg, at));
	wv_append_char(out, '=');
	wv_append_flags(out, arg->decoder->names, wv_u32(arg, at + 8));
}

/* TOKEN_PRIVILEGES: a count, then the privileges. */
void wv_decode_privileges(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 4, 12, append_privilege);
}

/* PRIVILEGE_SET: a count, whether all of them are necessary, then the privileges. */
void wv_decode_privilege_set(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "Control");
	wv_append_hex(out, wv_u32(arg, 4));
	wv_append_member(out, "Privilege");
	wv_append_array(arg, out, 8, 12, append_privilege);
	wv_append_char(out, '}');
}

/* Tokens ----------------------------------------------------------------------------------------*/

void wv_decode_token_source(const struct wv_arg *arg, GString *out)
{
	const uint8_t *end = memchr(arg->bytes, '\0', SOURCE_NAME_SIZE);
	size_t size = end ? (size_t)(end - arg->bytes) : SOURCE_NAME_SIZE;

	wv_append_char(out, '{');
	wv_append_member(out, "SourceName");
	wv_append_quoted(out, arg->bytes, size);
	wv_append_member(out, "SourceIdentifier");
	wv_append_hex(out, wv_u64(arg, 8));
	wv_append_char(out, '}');
}

/* SECURITY_QUALITY_OF_SERVICE: its length, a level, two booleans. */
void wv_decode_security_qos(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "ImpersonationLevel");
	wv_append_name(out, arg->decoder->names, wv_u32(arg, 4));
	wv_append_member(out, "ContextTrackingMode");
	wv_append_boolean(out, arg->bytes[8]);
	wv_append_member(out, "EffectiveOnly");
	wv_append_boolean(out, arg->bytes[9]);
	wv_append_char(out, '}');
}

void wv_decode_generic_mapping(const struct wv_arg *arg, GString *out)
{
	static const char *const names[] = { "GenericRead", "GenericWrite", "GenericExecute",
					     "GenericAll" };

	wv_append_char(out, '{');
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		wv_append_member(out, names[i]);
		wv_append_flags(out, &wv_constants_nt_access_mask, wv_u32(arg, 4 * i));
	}
	wv_append_char(out, '}');
}
