/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoders for Windows share besides format.h, and the formats of data/nt/decoders.tsv. */
#ifndef WV_PLUGINS_SYSCALLS_NT_FORMAT_H
#define WV_PLUGINS_SYSCALLS_NT_FORMAT_H

#include "plugins/syscalls/format.h"
#include "plugins/syscalls/nt.h"

/** "TRUE", "FALSE", or what else is there in hex. */
void wv_append_boolean(GString *out, uint64_t value);

/** An NTSTATUS by its name, or in hex. */
void wv_append_status(GString *out, uint32_t status);

/** A handle: hex, NULL, or what a pseudo handle stands for. */
void wv_append_handle(const struct wv_arg *arg, GString *out, uint64_t handle);

/** Text in double quotes; a quote inside is doubled, backslashes stay as they are. */
void wv_append_quoted_text(GString *out, const uint8_t *text, size_t size);

/** A point in time, from its count of 100 ns since 1601, as UTC; 0 and what is negative as number.
 */
void wv_append_nt_time(GString *out, int64_t time);

/** "name=0x1000": a pointer or word of the guest's. */
void wv_append_word_member(const struct wv_arg *arg, GString *out, const char *name, size_t offset);

/** The members of a CLIENT_ID: "UniqueProcess=4, UniqueThread=8". */
void wv_append_client_id(const struct wv_arg *arg, GString *out, size_t offset);

/* decode_nt_value.c */
void wv_decode_boolean(const struct wv_arg *arg, GString *out);
void wv_decode_status(const struct wv_arg *arg, GString *out);
void wv_decode_unsigned_at(const struct wv_arg *arg, GString *out);
void wv_decode_signed_at(const struct wv_arg *arg, GString *out);
void wv_decode_hex_at(const struct wv_arg *arg, GString *out);
void wv_decode_boolean_at(const struct wv_arg *arg, GString *out);
void wv_decode_status_at(const struct wv_arg *arg, GString *out);
void wv_decode_flags_at(const struct wv_arg *arg, GString *out);
void wv_decode_value_at(const struct wv_arg *arg, GString *out);

/* decode_nt_object.c */
void wv_decode_handle(const struct wv_arg *arg, GString *out);
void wv_decode_handle_at(const struct wv_arg *arg, GString *out);
void wv_decode_handles(const struct wv_arg *arg, GString *out);
void wv_decode_unicode_string(const struct wv_arg *arg, GString *out);
void wv_decode_wide_text(const struct wv_arg *arg, GString *out);
void wv_decode_object_attributes(const struct wv_arg *arg, GString *out);

/* decode_nt_io.c */
void wv_decode_io_status_block(const struct wv_arg *arg, GString *out);
void wv_decode_control_code(const struct wv_arg *arg, GString *out);
void wv_decode_byte_offset(const struct wv_arg *arg, GString *out);
void wv_decode_file_basic_information(const struct wv_arg *arg, GString *out);
void wv_decode_file_network_open_information(const struct wv_arg *arg, GString *out);
void wv_decode_port_message(const struct wv_arg *arg, GString *out);

/* decode_nt_process.c */
void wv_decode_client_id(const struct wv_arg *arg, GString *out);
void wv_decode_process_parameters(const struct wv_arg *arg, GString *out);
void wv_decode_attribute_list(const struct wv_arg *arg, GString *out);
void wv_decode_create_info(const struct wv_arg *arg, GString *out);
void wv_decode_exception_record(const struct wv_arg *arg, GString *out);
void wv_decode_initial_teb(const struct wv_arg *arg, GString *out);
void wv_decode_memory_ranges(const struct wv_arg *arg, GString *out);
void wv_decode_processor_number(const struct wv_arg *arg, GString *out);

/* decode_nt_security.c */
void wv_decode_luid(const struct wv_arg *arg, GString *out);
void wv_decode_guid(const struct wv_arg *arg, GString *out);
void wv_decode_sid(const struct wv_arg *arg, GString *out);
void wv_decode_privileges(const struct wv_arg *arg, GString *out);
void wv_decode_privilege_set(const struct wv_arg *arg, GString *out);
void wv_decode_token_source(const struct wv_arg *arg, GString *out);
void wv_decode_security_qos(const struct wv_arg *arg, GString *out);
void wv_decode_generic_mapping(const struct wv_arg *arg, GString *out);

/* decode_nt_time.c */
void wv_decode_timeout(const struct wv_arg *arg, GString *out);
void wv_decode_time(const struct wv_arg *arg, GString *out);

#endif
