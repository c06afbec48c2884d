/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each format prints, by example: every kind of field with every tag of value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "output/encode.h"
#include "rows.h"

enum { NUMBER, HEX, STRING, NAME, FLAGS, RESULT, LIST };

static GString *encode(const char *format, const struct wv_row *row)
{
	const struct wv_encoder *encoder = wv_encoder_find(format);
	GString *out = g_string_new("kept:");

	assert_non_null(encoder);
	encoder->row(row, out);
	assert_int_equal(strlen(out->str), out->len);
	assert_true(g_str_has_prefix(out->str, "kept:"));
	g_string_erase(out, 0, 5);
	return out;
}

static void assert_encoded(const char *format, const struct wv_row *row, const char *expected)
{
	g_autoptr(GString) out = encode(format, row);

	assert_string_equal(out->str, expected);
}

static void test_find(void **state)
{
	static const char *const names[] = { "default", "csv", "kv", "json" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		assert_ptr_equal(wv_encoder_find(names[i]), wv_encoders[i]);
		assert_string_equal(wv_encoders[i]->name, names[i]);
		assert_non_null(wv_encoders[i]->row);
		assert_true(strlen(wv_encoders[i]->meaning) > 0);
	}
	assert_null(wv_encoders[G_N_ELEMENTS(names)]);
	assert_null(wv_encoder_find("JSON"));
	assert_null(wv_encoder_find(""));
	assert_null(wv_encoder_find("xml"));
}

static void test_no_fields(void **state)
{
	struct wv_row row;

	(void)state;
	row_start(&row, &all_kinds);
	assert_encoded("default", &row,
		       "[PROCMON] TIME:1234567890.123456 VCPU:0 CR3:0x1aa000 "
		       "\"bash\":begin_new_exec UID:1000 PID:12 PPID:1\n");
	assert_encoded("csv", &row,
		       "\"procmon\",1234567890.123456,0,0x1aa000,1000,12,1,13,\"bash\","
		       "\"begin_new_exec\",0x2a,,,,,,,\n");
	assert_encoded("kv", &row,
		       "procmon Time=1234567890.123456,PID=12,PPID=1,TID=13,ProcessName=\"bash\","
		       "Method=begin_new_exec,EventUID=0x2a\n");
	assert_encoded("json", &row,
		       "{\"Plugin\":\"procmon\",\"TimeStamp\":\"1234567890.123456\",\"PID\":12,"
		       "\"PPID\":1,\"TID\":13,\"UserName\":\"UID\",\"UserId\":1000,"
		       "\"ProcessName\":\"bash\",\"Method\":\"begin_new_exec\","
		       "\"EventUID\":\"0x2a\"}\n");
}

static void test_windows(void **state)
{
	struct wv_row row;

	(void)state;
	row_start(&row, &all_kinds);
	row.os = WV_OS_WINDOWS;
	row.user_id = -1;
	row.vcpu = 3;
	row.time_us = 5;
	row.process = BYTES("explorer.exe");
	assert_encoded("default", &row,
		       "[PROCMON] TIME:0.000005 VCPU:3 CR3:0x1aa000 "
		       "\"explorer.exe\":begin_new_exec SessionID:-1 PID:12 PPID:1\n");
	assert_encoded("json", &row,
		       "{\"Plugin\":\"procmon\",\"TimeStamp\":\"0.000005\",\"PID\":12,\"PPID\":1,"
		       "\"TID\":13,\"UserName\":\"SessionID\",\"UserId\":-1,"
		       "\"ProcessName\":\"explorer.exe\",\"Method\":\"begin_new_exec\","
		       "\"EventUID\":\"0x2a\"}\n");
}

static void test_largest_numbers(void **state)
{
	struct wv_row row;

	(void)state;
	row_start(&row, &all_kinds);
	row.time_us = UINT64_MAX;
	row.uid = UINT64_MAX;
	row.cr3 = UINT64_MAX;
	row.vcpu = UINT32_MAX;
	row.pid = row.ppid = row.tid = UINT32_MAX;
	row.user_id = INT64_MIN;
	assert_encoded("csv", &row,
		       "\"procmon\",18446744073709.551615,4294967295,0xffffffffffffffff,"
		       "-9223372036854775808,4294967295,4294967295,4294967295,\"bash\","
		       "\"begin_new_exec\",0xffffffffffffffff,,,,,,,\n");
}

/* One value of one kind, and its text in default (and kv), csv and json. */
struct example {
	unsigned field;
	struct wv_value value;
	const char *plain, *csv, *json;
};

static void check_example(const struct example *example)
{
	const char *name = all_kinds.fields[example->field].name;
	g_autofree char *plain = g_strdup_printf(" PPID:1 %s:%s\n", name, example->plain);
	g_autofree char *kv = g_strdup_printf(",EventUID=0x2a,%s=%s\n", name, example->plain);
	g_autofree char *json = g_strdup_printf(",\"%s\":%s}\n", name, example->json);
	g_autoptr(GString) csv = g_string_new(",0x2a");
	struct wv_row row;
	struct {
		const char *format, *expected;
	} formats[] = { { "default", plain }, { "kv", kv }, { "json", json }, { "csv", NULL } };

	for (unsigned i = 0; i < all_kinds.n_fields; i++) {
		g_string_append_c(csv, ',');
		if (i == example->field)
			g_string_append(csv, example->csv);
	}
	g_string_append_c(csv, '\n');
	formats[3].expected = csv->str;

	row_start(&row, &all_kinds);
	*row_field(&row, example->field) = example->value;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		g_autoptr(GString) out = encode(formats[i].format, &row);
		size_t length = strlen(formats[i].expected);

		assert_true(out->len > length);
		assert_string_equal(out->str + out->len - length, formats[i].expected);
	}
}

#define INT(number)                                                                                \
	{                                                                                          \
		.tag = WV_VALUE_INT, .i = (number)                                                 \
	}
#define UINT(number)                                                                               \
	{                                                                                          \
		.tag = WV_VALUE_UINT, .u = (number)                                                \
	}
#define TEXT(literal)                                                                              \
	{                                                                                          \
		.tag = WV_VALUE_BYTES, .bytes = {(literal), sizeof(literal) - 1 }                  \
	}
#define CUT(literal)                                                                               \
	{                                                                                          \
		.tag = WV_VALUE_BYTES, .truncated = true, .bytes = {                               \
			(literal),                                                                 \
			sizeof(literal) - 1                                                        \
		}                                                                                  \
	}
#define NOTHING                                                                                    \
	{                                                                                          \
		.tag = WV_VALUE_NULL                                                               \
	}

static const struct example examples[] = {
	{ NUMBER, INT(-5), "-5", "-5", "-5" },
	{ NUMBER, INT(INT64_MIN), "-9223372036854775808", "-9223372036854775808",
	  "-9223372036854775808" },
	{ NUMBER, UINT(UINT64_MAX), "18446744073709551615", "18446744073709551615",
	  "18446744073709551615" },
	{ NUMBER, TEXT("a b"), "\"a b\"", "\"a b\"", "\"a b\"" },
	{ NUMBER, NOTHING, "null", "", "null" },

	{ HEX, UINT(0x1A4), "0x1a4", "0x1a4", "\"0x1a4\"" },
	{ HEX, UINT(0), "0x0", "0x0", "\"0x0\"" },
	{ HEX, INT(-1), "0xffffffffffffffff", "0xffffffffffffffff", "\"0xffffffffffffffff\"" },
	{ HEX, TEXT("x"), "\"x\"", "\"x\"", "\"x\"" },
	{ HEX, NOTHING, "null", "", "null" },

	{ STRING, TEXT("ls -l \"a\""), "\"ls -l \\\"a\\\"\"", "\"ls -l \"\"a\"\"\"",
	  "\"ls -l \\\"a\\\"\"" },
	{ STRING, TEXT(""), "\"\"", "\"\"", "\"\"" },
	{ STRING, TEXT("a\nb\\"), "\"a\\nb\\\\\"", "\"a\\nb\\\\\"", "\"a\\nb\\\\\"" },
	{ STRING, TEXT("\xff"), "\"\\xff\"", "\"\\xff\"", "\"\xef\xbf\xbd\"" },
	{ STRING, CUT("long"), "\"long...\"", "\"long...\"", "\"long...\"" },
	{ STRING, CUT(""), "\"...\"", "\"...\"", "\"...\"" },
	{ STRING, INT(-7), "-7", "-7", "-7" },
	{ STRING, UINT(7), "7", "7", "7" },
	{ STRING, NOTHING, "null", "", "null" },

	{ NAME, UINT(11), "\"SIGSEGV\"", "\"SIGSEGV\"", "\"SIGSEGV\"" },
	{ NAME, INT(36), "\"SIGRTMIN+2\"", "\"SIGRTMIN+2\"", "\"SIGRTMIN+2\"" },
	{ NAME, INT(-1), "\"18446744073709551615\"", "\"18446744073709551615\"",
	  "\"18446744073709551615\"" },
	{ NAME, TEXT("x"), "\"x\"", "\"x\"", "\"x\"" },
	{ NAME, NOTHING, "null", "", "null" },

	{ FLAGS, UINT(0x10100), "\"CLONE_VM|CLONE_THREAD\"", "\"CLONE_VM|CLONE_THREAD\"",
	  "\"CLONE_VM|CLONE_THREAD\"" },
	{ FLAGS, INT(0), "\"0\"", "\"0\"", "\"0\"" },
	{ FLAGS, CUT("x"), "\"x...\"", "\"x...\"", "\"x...\"" },
	{ FLAGS, NOTHING, "null", "", "null" },

	{ RESULT, INT(-11), "\"EAGAIN\"", "\"EAGAIN\"", "\"EAGAIN\"" },
	{ RESULT, INT(-512), "\"ERESTARTSYS\"", "\"ERESTARTSYS\"", "\"ERESTARTSYS\"" },
	{ RESULT, INT(-520), "-520", "-520", "-520" },
	{ RESULT, INT(-4096), "-4096", "-4096", "-4096" },
	{ RESULT, INT(INT64_MIN), "-9223372036854775808", "-9223372036854775808",
	  "-9223372036854775808" },
	{ RESULT, INT(4711), "4711", "4711", "4711" },
	{ RESULT, INT(11), "11", "11", "11" },
	{ RESULT, UINT(UINT64_MAX), "18446744073709551615", "18446744073709551615",
	  "18446744073709551615" },
	{ RESULT, TEXT("x"), "\"x\"", "\"x\"", "\"x\"" },
	{ RESULT, NOTHING, "null", "", "null" },

	{ LIST, INT(-5), "-5", "-5", "-5" },
	{ LIST, UINT(5), "5", "5", "5" },
	{ LIST, TEXT("x;y"), "\"x;y\"", "\"x;y\"", "\"x;y\"" },
	{ LIST, NOTHING, "null", "", "null" },
};

static void test_kinds_and_tags(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(examples); i++)
		check_example(&examples[i]);
}

static void test_unknown_tag(void **state)
{
	struct example example = { NUMBER, { 0 }, "null", "", "null" };

	(void)state;
	for (unsigned field = 0; field < all_kinds.n_fields; field++) {
		example.field = field;
		example.value.tag = (enum wv_value_tag)0x7f;
		example.value.u = UINT64_MAX;
		check_example(&example);
	}
}

static void test_lists(void **state)
{
	const struct wv_bytes none = { NULL, 0 };
	g_autoptr(GByteArray) texts = g_byte_array_new();
	g_autoptr(GByteArray) pairs = g_byte_array_new();
	g_autoptr(GByteArray) empty = g_byte_array_new();
	struct wv_value cut;

	(void)state;
	pack_item(texts, none, BYTES("a;b"));
	pack_item(texts, none, BYTES(""));
	pack_item(texts, none, BYTES("c\""));
	pack_item(pairs, BYTES("SE:x"), BYTES("on"));
	pack_item(pairs, BYTES(""), BYTES("=\n"));

	for (unsigned field = 0; field < all_kinds.n_fields; field++) {
		check_example(&(struct example){ field, value_list(texts), "\"a;b\";\"\";\"c\\\"\"",
						 "\"a\\x3bb;;c\"\"\"",
						 "[\"a;b\",\"\",\"c\\\"\"]" });
	}
	check_example(&(struct example){ LIST, value_list(pairs), "SE\\x3ax:\"on\";:\"=\\n\"",
					 "\"SE\\x3ax:on;:=\\n\"",
					 "[{\"SE:x\":\"on\"},{\"\":\"=\\n\"}]" });
	check_example(&(struct example){ LIST, value_list(empty), "", "\"\"", "[]" });

	cut = value_list(texts);
	cut.truncated = true;
	check_example(&(struct example){ LIST, cut, "\"a;b\";\"\";\"c\\\"\";\"...\"",
					 "\"a\\x3bb;;c\"\";...\"",
					 "[\"a;b\",\"\",\"c\\\"\",\"...\"]" });
	cut = value_list(pairs);
	cut.truncated = true;
	check_example(&(struct example){ LIST, cut, "SE\\x3ax:\"on\";:\"=\\n\";...:\"...\"",
					 "\"SE\\x3ax:on;:=\\n;...:...\"",
					 "[{\"SE:x\":\"on\"},{\"\":\"=\\n\"},{\"...\":\"...\"}]" });
}

/* A list whose bytes end in the middle of an item: what is whole is shown, and that it was cut. */
static void test_malformed_lists(void **state)
{
	const struct wv_bytes none = { NULL, 0 };
	g_autoptr(GByteArray) packed = g_byte_array_new();
	struct wv_value list;
	struct wv_list_item item;
	size_t whole, cursor = 0;

	(void)state;
	pack_item(packed, none, BYTES("one"));
	whole = packed->len;
	pack_item(packed, BYTES("nm"), BYTES("two"));
	list = value_list(packed);
	for (size_t size = whole + 1; size < packed->len; size++) {
		/* A copy of exactly that size, for the sanitizers. */
		g_autofree char *copy = g_memdup2(packed->data, size);

		list.bytes = (struct wv_bytes){ copy, size };
		check_example(&(struct example){ LIST, list, "\"one\";\"...\"", "\"one;...\"",
						 "[\"one\",\"...\"]" });
	}
	list = value_uint(7);
	assert_false(wv_list_next(&list, &cursor, &item));
	assert_int_equal(cursor, 0);
}

static void test_own_names(void **state)
{
	const struct wv_bytes none = { NULL, 0 };
	g_autoptr(GByteArray) packed = g_byte_array_new();
	struct wv_row row;

	(void)state;
	pack_item(packed, none, BYTES("a;b"));
	pack_item(packed, BYTES("n"), BYTES("t"));
	row_start(&row, &open_type);
	*row_field(&row, NUMBER) = value_uint(4);
	*row_own_field(&row, BYTES("filename")) = value_bytes(BYTES("/tmp/a;b"));
	*row_own_field(&row, BYTES("flags")) = value_int(-3);
	*row_own_field(&row, BYTES("mode")) = value_uint(UINT64_MAX);
	*row_own_field(&row, BYTES("buf")) = value_null();
	*row_own_field(&row, BYTES("a b=c")) = value_bytes(BYTES("\"q\""));
	*row_own_field(&row, BYTES("list")) = value_list(packed);
	assert_encoded("default", &row,
		       "[SYSCALL] TIME:1234567890.123456 VCPU:0 CR3:0x1aa000 \"bash\":openat "
		       "UID:1000 PID:12 PPID:1 Number:4 filename:\"/tmp/a;b\" flags:-3 "
		       "mode:18446744073709551615 buf:null a\\x20b\\x3dc:\"\\\"q\\\"\" "
		       "list:\"a;b\";n:\"t\"\n");
	assert_encoded("kv", &row,
		       "syscall Time=1234567890.123456,PID=12,PPID=1,TID=13,ProcessName=\"bash\","
		       "Method=openat,EventUID=0x2a,Number=4,filename=\"/tmp/a;b\",flags=-3,"
		       "mode=18446744073709551615,buf=null,a\\x20b\\x3dc=\"\\\"q\\\"\","
		       "list=\"a;b\";n:\"t\"\n");
	assert_encoded("csv", &row,
		       "\"syscall\",1234567890.123456,0,0x1aa000,1000,12,1,13,\"bash\",\"openat\","
		       "0x2a,4,,,,,,,\"filename=/tmp/a\\x3bb;flags=-3;mode=18446744073709551615;"
		       "buf=;a b\\x3dc=\"\"q\"\";list=a\\x3bb\\x3bn:t\"\n");
	assert_encoded("json", &row,
		       "{\"Plugin\":\"syscall\",\"TimeStamp\":\"1234567890.123456\",\"PID\":12,"
		       "\"PPID\":1,\"TID\":13,\"UserName\":\"UID\",\"UserId\":1000,"
		       "\"ProcessName\":\"bash\",\"Method\":\"openat\",\"EventUID\":\"0x2a\","
		       "\"Number\":4,\"filename\":\"/tmp/a;b\",\"flags\":\"-3\","
		       "\"mode\":\"18446744073709551615\",\"buf\":null,"
		       "\"a b=c\":\"\\\"q\\\"\",\"list\":\"a;b;n:t\"}\n");
}

/** A text whose readers of json undo escapes in it: in json they are there, elsewhere not. */
static void test_escaped(void **state)
{
	static const struct wv_field fields[] = {
		{ .name = "Line", .kind = WV_KIND_STRING, .escaped = true, .meaning = "a line" },
	};
	static const struct wv_event_type type = {
		.plugin = "p",
		.methods = { "m" },
		.os = WV_OS_WINDOWS,
		.fields = fields,
		.n_fields = 1,
		.meaning = "M.",
	};
	static const struct {
		struct wv_value value;
		const char *plain, *json;
	} rows[] = {
		{ TEXT("C:\\new"), "Line:\"C:\\\\new\"\n", ",\"Line\":\"C:\\\\\\\\new\"}\n" },
		{ CUT("\"\xc3\xa9\n"), "Line:\"\\\"\xc3\xa9\\n...\"\n",
		  ",\"Line\":\"\\\\\\\"\\\\u00e9\\\\n...\"}\n" },
		{ NOTHING, "Line:null\n", ",\"Line\":null}\n" },
	};
	struct wv_row row;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) plain = NULL, json = NULL;

		row_start(&row, &type);
		*row_field(&row, 0) = rows[i].value;
		plain = encode("default", &row);
		json = encode("json", &row);
		assert_true(g_str_has_suffix(plain->str, rows[i].plain));
		assert_true(g_str_has_suffix(json->str, rows[i].json));
	}
}

static void test_json_keys_that_repeat(void **state)
{
	struct wv_row row;

	(void)state;
	row_start(&row, &open_type);
	*row_field(&row, NUMBER) = value_uint(1);
	*row_own_field(&row, BYTES("PID")) = value_uint(2);
	*row_own_field(&row, BYTES("PID")) = value_uint(3);
	*row_own_field(&row, BYTES("PID_2")) = value_uint(4);
	*row_own_field(&row, BYTES("Number")) = value_uint(5);
	*row_own_field(&row, BYTES("Hex")) = value_uint(6); /* declared, though absent here */
	*row_own_field(&row, BYTES("List")) = value_uint(6);
	*row_own_field(&row, BYTES("")) = value_uint(7);
	*row_own_field(&row, BYTES("")) = value_uint(8);
	*row_own_field(&row, BYTES("\x80")) = value_uint(9);
	*row_own_field(&row, BYTES("\xff")) = value_uint(10);
	*row_own_field(&row, BYTES("\xef\xbf\xbd")) = value_uint(11);
	*row_own_field(&row, BYTES("\0")) = value_uint(12);
	*row_field(&row, NUMBER) = value_uint(13); /* a second time */
	assert_encoded(
		"json", &row,
		"{\"Plugin\":\"syscall\",\"TimeStamp\":\"1234567890.123456\",\"PID\":12,"
		"\"PPID\":1,\"TID\":13,\"UserName\":\"UID\",\"UserId\":1000,"
		"\"ProcessName\":\"bash\",\"Method\":\"openat\",\"EventUID\":\"0x2a\","
		"\"Number\":1,\"PID_2\":\"2\",\"PID_3\":\"3\",\"PID_2_2\":\"4\","
		"\"Number_2\":\"5\",\"Hex_2\":\"6\",\"List_2\":\"6\",\"\":\"7\",\"_2\":\"8\","
		"\"\xef\xbf\xbd\":\"9\",\"\xef\xbf\xbd_2\":\"10\","
		"\"\xef\xbf\xbd_3\":\"11\",\"\xef\xbf\xbd_4\":\"12\",\"Number_3\":13}\n");
}

/* Columns stay where they are, in whatever order and however often fields come. */
static void test_csv_columns_are_fixed(void **state)
{
	struct wv_row row;

	(void)state;
	row_start(&row, &all_kinds);
	*row_field(&row, RESULT) = value_int(6);
	*row_own_field(&row, BYTES("stray")) = value_uint(9);
	*row_field(&row, NUMBER) = value_uint(1);
	*row_field(&row, NUMBER) = value_uint(2);
	assert_encoded("csv", &row,
		       "\"procmon\",1234567890.123456,0,0x1aa000,1000,12,1,13,\"bash\","
		       "\"begin_new_exec\",0x2a,1,,,,,6,\n");
}

static void test_csv_header(void **state)
{
	static const struct wv_field repeating[] = {
		{ .name = "VCPU", .kind = WV_KIND_NUMBER, .meaning = "the virtual CPU" },
		{ .name = "vCPU", .kind = WV_KIND_NUMBER, .meaning = "the virtual CPU" },
	};
	struct wv_event_type type = all_kinds;
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	wv_encoder_find("csv")->header(&all_kinds, out);
	wv_encoder_find("csv")->header(&open_type, out);
	type.fields = repeating;
	type.n_fields = G_N_ELEMENTS(repeating);
	wv_encoder_find("csv")->header(&type, out);
	assert_string_equal(out->str,
			    "Plugin,TimeStamp,VCPU,CR3,UserId,PID,PPID,TID,ProcessName,Method,"
			    "EventUID,Number,Hex,String,Name,Flags,Result,List\n"
			    "Plugin,TimeStamp,VCPU,CR3,UserId,PID,PPID,TID,ProcessName,Method,"
			    "EventUID,Number,Hex,String,Name,Flags,Result,List,Arguments\n"
			    "Plugin,TimeStamp,VCPU,CR3,UserId,PID,PPID,TID,ProcessName,Method,"
			    "EventUID,VCPU_2,vCPU\n");
	assert_null(wv_encoder_find("default")->header);
	assert_null(wv_encoder_find("kv")->header);
	assert_null(wv_encoder_find("json")->header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_no_fields),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_largest_numbers),
		cmocka_unit_test(test_kinds_and_tags),
		cmocka_unit_test(test_unknown_tag),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_malformed_lists),
		cmocka_unit_test(test_own_names),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_json_keys_that_repeat),
		cmocka_unit_test(test_csv_columns_are_fixed),
		cmocka_unit_test(test_csv_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
