/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF: hand-made types in both encodings of bit fields, malformed ones, and real kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "btf_builder.h"
#include "profile/btf.h"
#include "profile_check.h"
#include "vmlinux.h"

#define IMAGE_BASE UINT64_C(0xffffffff81000000)

static struct wv_types *parse_or_fail(const GByteArray *btf)
{
	GError *error = NULL;
	struct wv_types *types = wv_btf_parse(btf->data, btf->len, &error);

	if (!types)
		fail_msg("%s", error->message);
	return types;
}

static void test_members(void **state)
{
	static const struct expected_member expected[] = {
		{ "task_struct", "state", { 0, 4, 0, 0 } },
		{ "task_struct", "one", { 4, 1, 0, 1 } },
		{ "task_struct", "five", { 4, 1, 1, 5 } },
		{ "task_struct", "across", { 7, 3, 6, 12 } },
		{ "task_struct", "pid", { 16, 4, 0, 0 } },
		{ "task_struct", "comm", { 20, 16, 0, 0 } },
		{ "task_struct", "raw", { 40, 8, 0, 0 } },
		{ "task_struct", "low", { 40, 4, 0, 0 } },
		{ "task_struct", "high", { 44, 4, 0, 0 } },
		{ "task_struct", "grid", { 48, 96, 0, 0 } },
		{ "task_struct", "grid.owner", { 56, 4, 0, 0 } },
		{ "task_struct", "grid.owner.val", { 56, 4, 0, 0 } },
		{ "task_struct", "mm", { 144, 8, 0, 0 } },
		{ "task_struct", "uid", { 152, 4, 0, 0 } },
		{ "task_struct", "uid.val", { 152, 4, 0, 0 } },
		{ "task_struct", "nested_bits", { 160, 1, 3, 2 } },
		{ "task_struct", "rest", { 256, 0, 0, 0 } },
		{ "task_alias", "pid", { 16, 4, 0, 0 } },
		{ "kuid_t", "val", { 0, 4, 0, 0 } },
		{ "link", "owner.val", { 8, 4, 0, 0 } },
		{ "some_union", "member", { 0, 4, 0, 0 } },
		{ "twice", "first", { 0, 4, 0, 0 } },
		{ "twice", "second", NO_MEMBER },
		{ "same", "in_struct", { 8, 4, 0, 0 } },
		{ "same", "in_union", NO_MEMBER },
		{ "task_struct", "parent.pid", NO_MEMBER }, /* behind a pointer */
		{ "task_struct", "one.val", NO_MEMBER },    /* within a bit field */
		{ "task_struct", "pid.val", NO_MEMBER },
		{ "task_struct", "nothing", NO_MEMBER },
		{ "task_struct", "pi", NO_MEMBER },
		{ "task_struct", "pidx", NO_MEMBER },
		{ "task_struct", "", NO_MEMBER },
		{ "task_struct", ".", NO_MEMBER },
		{ "task_struct", "uid.", NO_MEMBER },
		{ "task_struct", ".uid", NO_MEMBER },
		{ "task_struct", "uid..val", NO_MEMBER },
		{ "no_such", "pid", NO_MEMBER },
		{ "", "val", NO_MEMBER },
		{ "link()", "from", { 0, 4, 0, 0 } }, /* a function's parameters: their numbers */
		{ "link()", "to", { 1, 4, 0, 0 } },
		{ "link()", "to.val", { 1, 4, 0, 0 } },
		{ "link()", "owner", NO_MEMBER },
		{ "link()", "", NO_MEMBER },
		{ "link()", "t", NO_MEMBER },
		{ "link", "from", NO_MEMBER },
		{ "kuid_t()", "val", NO_MEMBER },
		{ "broken", "from", NO_MEMBER },
		{ "broken()", "from", NO_MEMBER },
		{ "()", "from", NO_MEMBER },
	};

	(void)state;
	for (int flags = 0; flags < 2; flags++) {
		g_autoptr(GByteArray) btf = btf_small_kernel(flags);
		struct wv_types *types = parse_or_fail(btf);

		assert_string_equal(types->origin, "btf");
		assert_members(types, expected, G_N_ELEMENTS(expected));
		types->destroy(types);
	}
}

static void test_sizes(void **state)
{
	g_autoptr(GByteArray) btf = btf_small_kernel(true);
	struct wv_types *types = parse_or_fail(btf);
	uint64_t size;

	(void)state;
	assert_true(types->size(types, "task_struct", &size));
	assert_int_equal(size, 256);
	assert_true(types->size(types, "task_alias", &size));
	assert_int_equal(size, 256);
	assert_true(types->size(types, "same", &size));
	assert_int_equal(size, 12);
	assert_true(types->size(types, "pid_t", &size));
	assert_int_equal(size, 4);
	assert_true(types->size(types, "link()", &size));
	assert_int_equal(size, 3);
	assert_false(types->size(types, "no_such", &size));
	assert_false(types->size(types, "broken()", &size));
	assert_false(types->size(types, "pid_t()", &size));
	types->destroy(types);
}

static void assert_value(const struct wv_types *types, const char *name, int64_t expected)
{
	int64_t value = 0;

	if (!types->enumerator(types, name, &value) || value != expected)
		fail_msg("%s is %ld", name, value);
}

static void test_enumerators(void **state)
{
	(void)state;
	for (int flags = 0; flags < 2; flags++) {
		g_autoptr(GByteArray) btf = btf_small_kernel(flags);
		struct wv_types *types = parse_or_fail(btf);
		int64_t value;

		assert_value(types, "PIDTYPE_PID", 0);
		assert_value(types, "PIDTYPE_TGID", 1);
		assert_value(types, "NEGATIVE", -1);
		/* Without the flag anywhere, all are signed: as kernels before 6.0 write them. */
		assert_value(types, "HIGH_BIT", flags ? INT64_C(0x80000000) : INT32_MIN);
		assert_value(types, "LARGE", INT64_C(0x10000000002));
		assert_value(types, "LARGE_NEGATIVE", -5);
		assert_false(types->enumerator(types, "PIDTYPE", &value));
		assert_false(types->enumerator(types, "", &value));
		types->destroy(types);
	}
}

/* A longer header, and a kind that is not known but described by the layout section. */
static void test_newer_format(void **state)
{
	static const uint8_t new_kind[] = { 4, 8, 0, 0 }; /* info_sz, elem_sz, flags */
	const uint32_t words[] = { 1, 2, 3, 4, 5 };
	g_autoptr(GByteArray) btf = NULL;
	struct btf_builder b;
	struct wv_types *types;
	uint32_t number;
	uint64_t size;

	(void)state;
	btf_builder_init(&b);
	number = btf_add_int(&b, "unsigned int", 4);
	btf_add(&b, "future", 100, true, 2, 0);
	btf_words(&b, 5, words);
	btf_add(&b, "wide", WV_BTF_STRUCT, false, 70000, 280000);
	for (uint32_t i = 0; i < 70000; i++)
		btf_add_member(&b, i == 69999 ? "last" : "m", number, i * 32);
	b.header_size = 40;
	g_byte_array_set_size(b.layout, 100 * 4);
	memset(b.layout->data, 0, b.layout->len);
	g_byte_array_append(b.layout, new_kind, sizeof(new_kind));
	btf = btf_finish(&b);
	types = parse_or_fail(btf);
	assert_int_equal(types->count, 3);
	assert_true(types->size(types, "wide", &size));
	assert_int_equal(size, 280000);
	assert_members(types,
		       (const struct expected_member[]){
			       { "wide", "last", { 279996, 4, 0, 0 } },
			       { "future", "m", NO_MEMBER },
		       },
		       2);
	types->destroy(types);
	btf_builder_deinit(&b);
}

/* ---- malformed ---- */

static void assert_refused(const GByteArray *btf, const char *message)
{
	GError *error = NULL;
	struct wv_types *types = wv_btf_parse(btf->data, btf->len, &error);

	assert_null(types);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	if (!strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
	g_error_free(error);
}

static void test_malformed_headers(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *message;
	} damages[] = {
		{ 0, 0x0002eb9f, "header" },  { 0, 0x00019feb, "header" },
		{ 4, 20, "header" },	      { 4, 0xffffffff, "header" },
		{ 4, 26, "header" },	      { 8, 0xfffffff0, "header" },
		{ 12, 0xffffffff, "header" }, { 16, 0x7fffffff, "header" },
		{ 20, 0xffffffff, "header" }, { 20, 0, "string section" },
		{ 16, 4, "string section" },  { 20, 5, "string section" },
		{ 12, 13, "runs past" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GByteArray) btf = btf_small_kernel(true);

		memcpy(btf->data + damages[i].at, &damages[i].value, 4);
		assert_refused(btf, damages[i].message);
	}
	for (guint size = 0; size < 200; size++) {
		g_autoptr(GByteArray) btf = btf_small_kernel(true);

		g_byte_array_set_size(btf, size);
		assert_refused(btf, "header");
	}
}

static void test_malformed_types(void **state)
{
	g_autoptr(GByteArray) unknown = btf_small_kernel(true), vlen = btf_small_kernel(true);

	(void)state;
	unknown->data[WV_BTF_HEADER_MIN + 7] = 21;
	assert_refused(unknown, "unknown kind 21");
	unknown->data[WV_BTF_HEADER_MIN + 7] = 0;
	assert_refused(unknown, "unknown kind 0");
	vlen->data[WV_BTF_HEADER_MIN + 7] = WV_BTF_STRUCT;
	vlen->data[WV_BTF_HEADER_MIN + 6] = 0xff;
	assert_refused(vlen, "type 1 runs past");
}

/* Types that contain themselves: lookups end, and find nothing. */
static void test_endless_types(void **state)
{
	struct btf_builder b;
	g_autoptr(GByteArray) btf = NULL;
	struct wv_types *types;
	struct wv_member member;
	uint64_t size;

	(void)state;
	btf_builder_init(&b);
	btf_add_int(&b, "unsigned int", 4);
	btf_add(&b, "loop", WV_BTF_TYPEDEF, false, 0, 3);
	btf_add(&b, "back", WV_BTF_CONST, false, 0, 2);
	assert_int_equal(btf_add_array(&b, 4, 1000000000), 4);
	btf_add_array(&b, 1, 0xffffffff);
	assert_int_equal(btf_add(&b, "nest", WV_BTF_STRUCT, false, 102, 8), 6);
	for (int i = 0; i < 99; i++)
		btf_add_member(&b, "", 6, 0);
	btf_add_member(&b, "array_of_itself", 4, 0);
	btf_add_member(&b, "large", 5, 0);
	btf_add_member(&b, "wild", 0xffffffff, 0xffffffff);
	btf = btf_finish(&b);
	btf_builder_deinit(&b);

	types = parse_or_fail(btf);
	assert_false(types->member(types, "nest", "nothing", &member));
	assert_false(types->member(types, "loop", "nothing", &member));
	assert_false(types->size(types, "loop", &size));
	assert_false(types->member(types, "nest", "array_of_itself.x", &member));
	types->destroy(types);
}

/* Numbers that no type has: absurd, but not wrong. */
static void test_absurd_numbers(void **state)
{
	static const struct expected_member expected[] = {
		{ "absurd", "large", { 0, 0, 0, 0 } }, /* its size fits nowhere */
		{ "absurd", "wild", { 0x1fffffff, 0, 7, 0 } },
		{ "absurd", "wild.x", NO_MEMBER },
		{ "absurd", "itself", { 0, 0, 0, 0 } },
	};
	struct btf_builder b;
	g_autoptr(GByteArray) btf = NULL;
	struct wv_types *types;

	(void)state;
	btf_builder_init(&b);
	btf_add_int(&b, "unsigned int", 4);
	btf_add_array(&b, 1, 0xffffffff);
	assert_int_equal(btf_add_array(&b, 3, 1000000000), 3);
	btf_add(&b, "absurd", WV_BTF_STRUCT, false, 3, 8);
	btf_add_member(&b, "large", 2, 0);
	btf_add_member(&b, "wild", 0xffffffff, 0xffffffff);
	btf_add_member(&b, "itself", 3, 0);
	btf = btf_finish(&b);
	btf_builder_deinit(&b);
	types = parse_or_fail(btf);
	assert_members(types, expected, G_N_ELEMENTS(expected));
	types->destroy(types);
}

/* ---- in an image ---- */

/* Symbols that tell where BTF is, as kallsyms would. */
struct fake_symbols {
	struct wv_symbols base;
	uint64_t start, stop;
};

static bool fake_find(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	const struct fake_symbols *self = (const struct fake_symbols *)base;

	if (strcmp(name, "__start_BTF") != 0 && strcmp(name, "__stop_BTF") != 0)
		return false;
	*address = strcmp(name, "__start_BTF") == 0 ? self->start : self->stop;
	return true;
}

static struct wv_image image_around(const GByteArray *btf, size_t at)
{
	struct wv_image image = { .size = 1 << 16, .address = IMAGE_BASE };
	uint8_t *data = g_malloc0(image.size);

	for (size_t i = 0; i < image.size; i++)
		data[i] = i % 3 ? (uint8_t)i : 0x9f;
	memcpy(data + 100, "\x9f\xeb\x01\x00\x18\x00\x00\x00", 8);
	if (btf->len)
		memcpy(data + at, btf->data, btf->len);
	memcpy(data + image.size - 4, "\x9f\xeb\x01\x00", 4);
	image.data = data;
	return image;
}

static void assert_found(const struct wv_image *image, const struct wv_symbols *symbols)
{
	GError *error = NULL;
	struct wv_types *types = wv_btf_find(image, symbols, &error);
	struct wv_member member;

	if (!types)
		fail_msg("%s", error->message);
	assert_true(types->member(types, "task_struct", "comm", &member));
	assert_int_equal(member.offset, 20);
	types->destroy(types);
}

static void test_find_in_image(void **state)
{
	g_autoptr(GByteArray) btf = btf_small_kernel(true);
	struct wv_image image = image_around(btf, 7001);
	struct fake_symbols symbols = { .base.find = fake_find,
					.start = IMAGE_BASE + 7001,
					.stop = IMAGE_BASE + 7001 + btf->len };

	(void)state;
	assert_found(&image, &symbols.base);
	assert_found(&image, NULL);
	/* Symbols that lie: the search finds it all the same. */
	symbols.start += 4;
	assert_found(&image, &symbols.base);
	symbols.stop = symbols.start = 0;
	assert_found(&image, &symbols.base);
	symbols.start = 0x1000;
	symbols.stop = UINT64_MAX;
	assert_found(&image, &symbols.base);
	g_free((void *)image.data);
}

static void assert_not_found(const struct wv_image *image, const struct wv_symbols *symbols,
			     const char *message)
{
	GError *error = NULL;

	assert_null(wv_btf_find(image, symbols, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	if (!strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
	g_error_free(error);
}

static void test_not_in_image(void **state)
{
	g_autoptr(GByteArray) btf = btf_small_kernel(true), none = g_byte_array_new();
	struct wv_image image = image_around(none, 7000);
	struct fake_symbols symbols = { .base.find = fake_find,
					.start = IMAGE_BASE + 7000,
					.stop = IMAGE_BASE + 7000 + btf->len };
	struct btf_builder b;

	(void)state;
	assert_not_found(&image, NULL, "carries no BTF");
	g_free((void *)image.data);

	btf->data[WV_BTF_HEADER_MIN + 7] = 99;
	image = image_around(btf, 7000);
	assert_not_found(&image, NULL, "unknown kind 99");
	assert_not_found(&image, &symbols.base, "unknown kind 99");
	g_free((void *)image.data);

	btf_builder_init(&b);
	btf_add_int(&b, "int", 4);
	g_byte_array_unref(g_steal_pointer(&btf));
	btf = btf_finish(&b);
	btf_builder_deinit(&b);
	image = image_around(btf, 7000);
	assert_not_found(&image, NULL, "not the kernel's");
	g_free((void *)image.data);
}

/* ---- real kernels ---- */

static GPtrArray *kernels;

/*
 * What `bpftool btf dump` prints of these very kernels. A kernel that is not in the list is still
 * held to what is true of all.
 */
static const struct {
	const char *release;
	uint64_t size, mm, pid, tgid, comm;
} known[] = {
	{ "5.10.0-32-cloud-amd64", 9344, 2056, 2232, 2236, 2736 },
	{ "6.1.0-50-cloud-amd64", 9728, 2272, 2416, 2420, 2976 },
	{ "6.12.95+deb12-cloud-amd64", 9792, 2304, 2432, 2436, 2976 },
	{ "7.2.13+deb14-cloud-amd64", 6080, 2680, 2808, 2812, 3344 },
};

static struct wv_member member_of(const struct wv_types *types, const char *structure,
				  const char *path)
{
	struct wv_member member;

	if (!types->member(types, structure, path, &member))
		fail_msg("%s.%s is not found", structure, path);
	return member;
}

static void assert_task(const struct vmlinux *kernel, const struct wv_symbols *symbols,
			const struct wv_types *types)
{
	uint64_t size, mm = member_of(types, "task_struct", "mm").offset;
	uint64_t pid = member_of(types, "task_struct", "pid").offset;
	uint64_t tgid = member_of(types, "task_struct", "tgid").offset;
	uint64_t comm = member_of(types, "task_struct", "comm").offset, at;
	const char *text;

	assert_true(types->size(types, "task_struct", &size));
	assert_int_equal(tgid, pid + 4);
	assert_true(comm + 16 < size);
	/* The first task is in the file: its name must be where BTF says. */
	assert_true(symbols->find(symbols, "init_task", &at));
	text = (const char *)vmlinux_at(kernel, at + comm, 16);
	assert_non_null(text);
	assert_string_equal(text, "swapper");
	assert_true(symbols->find(symbols, "linux_banner", &at));
	text = (const char *)vmlinux_at(kernel, at, 256);
	assert_non_null(text);
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		g_autofree char *start = g_strdup_printf("Linux version %s ", known[i].release);

		if (!g_str_has_prefix(text, start))
			continue;
		assert_int_equal(size, known[i].size);
		assert_int_equal(mm, known[i].mm);
		assert_int_equal(pid, known[i].pid);
		assert_int_equal(tgid, known[i].tgid);
		assert_int_equal(comm, known[i].comm);
	}
}

/*
 * Where functions of the kernel have their parameters, by its sources: fs/namei.c, open.c. What the
 * mount's ids are mapped by came before the others in 5.12.
 */
static const struct {
	const char *function, *parameter;
	uint64_t last_5_10, since;
} parameters[] = {
	{ "vfs_unlink()", "dentry", 1, 2 }, { "vfs_unlink()", "dir", 0, 1 },
	{ "vfs_rename()", "rd", 0, 0 },	    { "do_truncate()", "length", 1, 2 },
	{ "__fput()", "file", 0, 0 },	    { "vfs_read()", "pos", 3, 3 },
	{ "evict()", "inode", 0, 0 },
};

static void assert_parameters(const struct wv_types *types)
{
	struct wv_member member;
	bool is_5_10 = !types->member(types, "vfsmount", "mnt_userns", &member) &&
		       !types->member(types, "vfsmount", "mnt_idmap", &member);

	for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++) {
		const char *function = parameters[i].function;
		uint64_t expected = is_5_10 ? parameters[i].last_5_10 : parameters[i].since;

		member = member_of(types, function, parameters[i].parameter);
		if (member.offset != expected || member.size != 8)
			fail_msg("%s.%s: %lu", function, parameters[i].parameter, member.offset);
	}
	assert_false(types->member(types, "vfs_unlink()", "inode", &member));
	assert_false(types->member(types, "vfs_unlink", "dentry", &member));
}

static void test_kernels(void **state)
{
	(void)state;
	if (!kernels)
		skip();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_symbols *symbols = wv_kallsyms_find(&kernel->image, NULL);
		gint64 start = g_get_monotonic_time(), end;
		struct wv_types *types = wv_btf_find(&kernel->image, symbols, NULL), *searched;
		struct wv_member member;
		int64_t value;

		end = g_get_monotonic_time();
		assert_non_null(symbols);
		assert_non_null(types);
		searched = wv_btf_find(&kernel->image, NULL, NULL);
		assert_non_null(searched);
		assert_int_equal(searched->count, types->count);
		searched->destroy(searched);
		print_message("%s: %.1f ms for %zu types\n", kernel->name,
			      (double)(end - start) / 1000, types->count);
		assert_true(types->count > 50000);

		assert_task(kernel, symbols, types);
		assert_parameters(types);
		member = member_of(types, "task_struct", "comm");
		assert_int_equal(member.size, 16);
		member = member_of(types, "task_struct", "mm");
		assert_int_equal(member.size, 8);
		member = member_of(types, "linux_binprm", "secureexec");
		assert_int_equal(member.bit_count, 1);
		assert_int_equal(member_of(types, "cred", "uid.val").size, 4);
		assert_int_equal(member_of(types, "pid", "numbers.nr").size, 4);
		assert_int_equal(member_of(types, "file", "f_path.dentry").offset,
				 member_of(types, "file", "f_path").offset +
					 member_of(types, "path", "dentry").offset);
		assert_true(types->enumerator(types, "PIDTYPE_TGID", &value));
		assert_int_equal(value, 1);
		types->destroy(types);
		symbols->destroy(symbols);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),		  cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_enumerators),	  cmocka_unit_test(test_newer_format),
		cmocka_unit_test(test_malformed_headers), cmocka_unit_test(test_malformed_types),
		cmocka_unit_test(test_endless_types),	  cmocka_unit_test(test_absurd_numbers),
		cmocka_unit_test(test_find_in_image),	  cmocka_unit_test(test_not_in_image),
		cmocka_unit_test(test_kernels),
	};
	int failed;

	kernels = vmlinux_load_all();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (kernels)
		g_ptr_array_unref(kernels);
	return failed;
}
