/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input and output of Windows: what became of it, control codes, files, messages of ports. */
#include "plugins/syscalls/nt_format.h"

/* CTL_CODE() of winioctl.h and its parts. */
#define CODE_DEVICE(code)   ((code) >> 16)
#define CODE_ACCESS(code)   ((code) >> 14 & 3)
#define CODE_FUNCTION(code) ((code) >> 2 & 0xfff)
#define CODE_METHOD(code)   ((code)&3)

/* Of NtReadFile and NtWriteFile, ntifs.h: FILE_WRITE_TO_END_OF_FILE and the like, as 64 bits. */
#define TO_END_OF_FILE	      (-1)
#define FILE_POINTER_POSITION (-2)

/* IO_STATUS_BLOCK: Status, or a pointer instead; Information, which may have names. */
void wv_decode_io_status_block(const struct wv_arg *arg, GString *out)
{
	uint64_t information = wv_word(arg, wv_word_size(arg));

	wv_append_char(out, '{');
	wv_append_member(out, "Status");
	wv_append_status(out, wv_u32(arg, 0));
	wv_append_member(out, "Information");
	if (arg->decoder->names)
		wv_append_name(out, arg->decoder->names, information);
	else
		wv_append_u64(out, information);
	wv_append_char(out, '}');
}

/* A control code by its name, or else in hex and by its parts. */
void wv_decode_control_code(const struct wv_arg *arg, GString *out)
{
	static const char *const methods[] = { "METHOD_BUFFERED", "METHOD_IN_DIRECT",
					       "METHOD_OUT_DIRECT", "METHOD_NEITHER" };
	static const char *const accesses[] = { "FILE_ANY_ACCESS", "FILE_READ_ACCESS",
						"FILE_WRITE_ACCESS",
						"FILE_READ_ACCESS|FILE_WRITE_ACCESS" };
	uint32_t code = (uint32_t)arg->number;
	const char *name = wv_constant_find(arg->decoder->names, code);

	if (name) {
		wv_append_string(out, name);
		return;
	}
	wv_append_hex(out, code);
	WV_APPEND(out, "=CTL_CODE(");
	wv_append_hex(out, CODE_DEVICE(code));
	WV_APPEND(out, ", ");
	wv_append_hex(out, CODE_FUNCTION(code));
	WV_APPEND(out, ", ");
	wv_append_string(out, methods[CODE_METHOD(code)]);
	WV_APPEND(out, ", ");
	wv_append_string(out, accesses[CODE_ACCESS(code)]);
	wv_append_char(out, ')');
}

void wv_decode_byte_offset(const struct wv_arg *arg, GString *out)
{
	int64_t offset = (int64_t)wv_u64(arg, 0);

	if (offset == TO_END_OF_FILE)
		WV_APPEND(out, "FILE_WRITE_TO_END_OF_FILE");
	else if (offset == FILE_POINTER_POSITION)
		WV_APPEND(out, "FILE_USE_FILE_POINTER_POSITION");
	else
		wv_append_i64(out, offset);
}

/* Files -----------------------------------------------------------------------------------------*/

/* What both structures of a file start with. */
static void append_file_times(const struct wv_arg *arg, GString *out)
{
	static const char *const names[] = { "CreationTime", "LastAccessTime", "LastWriteTime",
					     "ChangeTime" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		wv_append_member(out, names[i]);
		wv_append_nt_time(out, (int64_t)wv_u64(arg, 8 * i));
	}
}

static void append_file_attributes(const struct wv_arg *arg, GString *out, size_t offset)
{
	wv_append_member(out, "FileAttributes");
	wv_append_flags(out, arg->decoder->names, wv_u32(arg, offset));
}

void wv_decode_file_basic_information(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	append_file_times(arg, out);
	append_file_attributes(arg, out, 32);
	wv_append_char(out, '}');
}

void wv_decode_file_network_open_information(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	append_file_times(arg, out);
	wv_append_member(out, "AllocationSize");
	wv_append_i64(out, (int64_t)wv_u64(arg, 32));
	wv_append_member(out, "EndOfFile");
	wv_append_i64(out, (int64_t)wv_u64(arg, 40));
	append_file_attributes(arg, out, 48);
	wv_append_char(out, '}');
}

/* Ports -----------------------------------------------------------------------------------------*/

/* PORT_MESSAGE: lengths and type of 16 bits, the sender, the message's number. */
void wv_decode_port_message(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "DataLength");
	wv_append_u64(out, wv_u16(arg, 0));
	wv_append_member(out, "TotalLength");
	wv_append_u64(out, wv_u16(arg, 2));
	wv_append_member(out, "Type");
	wv_append_hex(out, wv_u16(arg, 4));
	wv_append_client_id(arg, out, 8);
	wv_append_member(out, "MessageId");
	wv_append_hex(out, wv_u32(arg, 8 + 2 * wv_word_size(arg)));
	wv_append_char(out, '}');
}
