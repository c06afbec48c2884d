/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps for tests: files that come out of a guest, and what is in the folder then. */
#ifndef WV_TESTS_DUMP_FIXTURE_H
#define WV_TESTS_DUMP_FIXTURE_H

#include <json-c/json.h>

#include "output/dump.h"
#include "rows.h"

#define DUMP_MIB UINT64_C(1048576)

/* SHA-256 of nothing (FIPS 180-4). */
#define DUMP_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/** Why the fixture's files are told; their names are those of filedelete. */
enum dump_reason { DUMP_DELETED, DUMP_WRITTEN };

/** A file that comes. */
struct dump_file {
	unsigned ring;
	uint32_t number;
	uint64_t size;
	struct wv_bytes name; /**< without one: "/tmp/x" */
	enum dump_reason reason;
};

void dump_begin(struct wv_dump *dump, const struct dump_file *file);
void dump_piece(struct wv_dump *dump, unsigned ring, uint64_t offset, const void *data,
		size_t size);
void dump_end(struct wv_dump *dump, unsigned ring);

/** All of it: what is at @data, in pieces. */
void dump_whole(struct wv_dump *dump, const struct dump_file *file, const void *data);

/** Bytes without a pattern, others for each seed. To be freed. */
uint8_t *dump_bytes(size_t size, uint32_t seed);

/** The names in a folder, sorted, with a blank behind each. To be freed. */
char *dump_names(const char *folder);

/** The metadata of a file. The test fails unless it is JSON as RFC 8259 has it. */
struct json_object *dump_metadata(const char *folder, uint32_t number);

/** What it says of the content: {"Size": ...}, without blanks. */
char *dump_content_text(const char *folder, uint32_t number);

/** The SHA-256 of a file, as sha256sum(1) computes it. To be freed. */
char *dump_sha256(const char *folder, const char *name);

/* A dump of a test ------------------------------------------------------------------------------*/

struct dump_fixture {
	char *folder; /* in the test's temp_folder; not there yet */
	struct wv_dump *dump;
};

/** Set-up and tear-down of a test whose state is a struct dump_fixture. */
int dump_set_up(void **state);
int dump_tear_down(void **state);

/** Opens the dump, or the test fails. */
void dump_open(struct dump_fixture *fixture, uint64_t max_size, uint64_t max_total);

/** Ends the dump: another one is to be opened, in another folder. */
void dump_next(struct dump_fixture *fixture);

struct wv_dump_counts dump_counts(const struct dump_fixture *fixture);

/** A file of that size; each seed gives another content. */
void dump_seeded(struct dump_fixture *fixture, uint32_t number, uint64_t size, uint32_t seed);

/** The name of the content that is stored of a file; NULL: none is. To be freed. */
char *dump_stored_name(const struct dump_fixture *fixture, uint32_t number);

void dump_assert_counts(const struct dump_fixture *fixture, uint64_t files, uint64_t contents,
			uint64_t bytes, uint64_t partial, uint64_t refused);
void dump_assert_good(const struct dump_fixture *fixture);
void dump_assert_names(const struct dump_fixture *fixture, const char *expected);

/** What the metadata says of a content whose name is @name. @missing: "[0,1],[2,3]". */
void dump_assert_said(const struct dump_fixture *fixture, uint32_t number, const char *name,
		      uint64_t size, const char *missing, bool truncated);

/** A file's content is stored, with exactly these bytes, and that is said of it. */
void dump_assert_stored(const struct dump_fixture *fixture, uint32_t number, uint64_t size,
			const void *bytes, uint64_t stored_size, const char *missing,
			bool truncated);

#endif
