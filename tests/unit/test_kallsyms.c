/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms: hand-made tables in every layout, damaged ones, and real kernels. The real ones come
 * from $WYVERN_KERNELS; their truth is the table of exported symbols, which each kernel carries
 * besides kallsyms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kallsyms_builder.h"
#include "profile/kallsyms.h"
#include "vmlinux.h"

#define LINK_BASE   UINT64_C(0xffffffff81000000)
#define KERNEL_HALF UINT64_C(0xffffffff80000000)

/* ---- hand-made tables ---- */

struct made {
	GArray *symbols;
	struct wv_image image;
	struct builder_places places;
};

static const struct builder_symbol *symbol_at(const struct made *made, guint i)
{
	return &g_array_index(made->symbols, struct builder_symbol, i);
}

static struct made make(const struct builder_layout *layout, uint64_t base)
{
	struct made made;
	/* Since 6.15, before place-relative came, no symbol is zero-based any more. */
	size_t zero_based = layout->encoding == WV_KALLSYMS_ABSOLUTE_PERCPU ? 40 : 0;

	made.symbols = builder_symbols(base, 3000, zero_based, layout->long_names);
	made.image = builder_image(layout, symbol_at(&made, 0), made.symbols->len, base, base,
				   &made.places);
	return made;
}

static void unmake(struct made *made)
{
	builder_symbols_free(made->symbols);
	g_free((void *)made->image.data);
}

static struct wv_symbols *find_or_fail(const struct wv_image *image)
{
	GError *error = NULL;
	struct wv_symbols *symbols = wv_kallsyms_find(image, &error);

	if (!symbols)
		fail_msg("%s", error->message);
	return symbols;
}

static void assert_symbol(struct wv_symbols *symbols, const char *name, uint64_t address)
{
	uint64_t found = 0;

	if (!symbols->find(symbols, name, &found))
		fail_msg("%s is not found", name);
	if (found != address)
		fail_msg("%s is at %lx, not at %lx", name, found, address);
}

static void assert_no_symbol(struct wv_symbols *symbols, const char *name)
{
	uint64_t found;

	if (symbols->find(symbols, name, &found))
		fail_msg("%s is found at %lx", name, found);
}

/* The address of the symbol of that name and type, from the list that the table was built from. */
static uint64_t built(const struct made *made, const char *name, char type)
{
	for (guint i = 0; i < made->symbols->len; i++) {
		if (!strcmp(symbol_at(made, i)->name, name) && symbol_at(made, i)->type == type)
			return symbol_at(made, i)->address;
	}
	fail_msg("the builder made no %s", name);
	return 0;
}

static void assert_all(const struct made *made, struct wv_symbols *symbols)
{
	assert_int_equal(symbols->count, made->symbols->len);
	assert_string_equal(symbols->origin, "kallsyms");
	for (guint i = 0; i < made->symbols->len; i++) {
		if (!g_str_has_prefix(symbol_at(made, i)->name, "twice_"))
			assert_symbol(symbols, symbol_at(made, i)->name,
				      symbol_at(made, i)->address);
	}
}

static void test_layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < builder_layout_count; i++) {
		struct made made = make(&builder_layouts[i], LINK_BASE);
		struct wv_symbols *symbols;

		print_message("layout of %s\n", builder_layouts[i].name);
		symbols = find_or_fail(&made.image);
		assert_all(&made, symbols);
		assert_no_symbol(symbols, "function_");
		assert_no_symbol(symbols, "Tfunction_1");
		assert_no_symbol(symbols, "");
		symbols->destroy(symbols);
		unmake(&made);
	}
}

/* The kernel moves itself: relative_base is relocated, place-relative offsets need no change. */
static void test_slides(void **state)
{
	const uint64_t slide = 0x1e200000;

	(void)state;
	for (size_t i = 0; i < builder_layout_count; i++) {
		struct made made = make(&builder_layouts[i], LINK_BASE);
		struct wv_symbols *symbols;

		made.image.address += slide;
		if (made.places.relative_base) {
			uint64_t base = LINK_BASE + slide;

			memcpy((uint8_t *)made.image.data + made.places.relative_base, &base,
			       sizeof(base));
		}
		for (guint j = 0; j < made.symbols->len; j++) {
			if (symbol_at(&made, j)->address >= LINK_BASE)
				((struct builder_symbol *)symbol_at(&made, j))->address += slide;
		}
		symbols = find_or_fail(&made.image);
		assert_all(&made, symbols);
		symbols->destroy(symbols);
		unmake(&made);
	}
}

/* An image need not start at a page, nor the buffer at an aligned address. */
static void test_unaligned_image(void **state)
{
	(void)state;
	for (size_t i = 0; i < builder_layout_count; i++) {
		for (size_t shift = 1; shift < 8; shift++) {
			struct made made = make(&builder_layouts[i], LINK_BASE);
			struct wv_image image = { .data = made.image.data + shift,
						  .size = made.image.size - shift,
						  .address = made.image.address + shift };
			struct wv_symbols *symbols = find_or_fail(&image);

			assert_all(&made, symbols);
			symbols->destroy(symbols);
			unmake(&made);
		}
	}
}

static void test_table_at_both_ends_of_image(void **state)
{
	struct made made = make(&builder_layouts[0], LINK_BASE);
	size_t start = made.places.offsets;
	struct wv_image image = { .data = made.image.data + start,
				  .size = made.places.end - start,
				  .address = made.image.address + start };
	struct wv_symbols *symbols = find_or_fail(&image);

	(void)state;
	assert_all(&made, symbols);
	symbols->destroy(symbols);
	unmake(&made);
}

static void test_duplicates_and_clones(void **state)
{
	struct made made = make(&builder_layouts[3], LINK_BASE);
	struct wv_symbols *symbols = find_or_fail(&made.image);

	(void)state;
	assert_symbol(symbols, "twice_local_first", built(&made, "twice_local_first", 'T'));
	assert_symbol(symbols, "twice_object_first", built(&made, "twice_object_first", 't'));
	assert_symbol(symbols, "twice_global", built(&made, "twice_global", 'T'));
	assert_symbol(symbols, "cloned_isra", built(&made, "cloned_isra.isra.0", 't'));
	assert_symbol(symbols, "cloned_constprop",
		      built(&made, "cloned_constprop.constprop.3", 't'));
	assert_symbol(symbols, "both", built(&made, "both", 't'));
	assert_no_symbol(symbols, "only_cold");
	assert_no_symbol(symbols, "only_part");
	symbols->destroy(symbols);
	unmake(&made);
}

static void test_names_of_any_length_are_asked_for(void **state)
{
	struct made made = make(&builder_layouts[5], LINK_BASE);
	struct wv_symbols *symbols = find_or_fail(&made.image);
	g_autofree char *missing = g_strnfill(301, 'q'), *huge = g_strnfill(100000, 'q');

	(void)state;
	assert_no_symbol(symbols, missing);
	assert_no_symbol(symbols, huge);
	symbols->destroy(symbols);
	unmake(&made);
}

/* ---- damage ---- */

static void assert_fails(const struct wv_image *image, const char *message)
{
	GError *error = NULL;
	struct wv_symbols *symbols = wv_kallsyms_find(image, &error);

	assert_null(symbols);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	if (!strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
	g_error_free(error);
}

static void test_no_tables(void **state)
{
	static uint8_t zeros[1 << 20];
	struct wv_image image = { .data = zeros, .size = sizeof(zeros), .address = LINK_BASE };

	(void)state;
	assert_fails(&image, "no token table");
	image.size = 0;
	assert_fails(&image, "no token table");
}

static void damage(struct made *made, size_t at, uint32_t value)
{
	memcpy((uint8_t *)made->image.data + at, &value, sizeof(value));
}

static void test_damage_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < builder_layout_count; i++) {
		const struct builder_layout *layout = &builder_layouts[i];
		struct made made = make(layout, LINK_BASE);
		uint32_t saved;

		memcpy(&saved, made.image.data + made.places.markers + 4, sizeof(saved));
		damage(&made, made.places.token_index + 100, 0x12341234);
		assert_fails(&made.image, "no token table");
		unmake(&made);

		made = make(layout, LINK_BASE);
		damage(&made, made.places.markers, 1);
		assert_fails(&made.image, "no markers");
		unmake(&made);

		made = make(layout, LINK_BASE);
		damage(&made, made.places.markers + 4, saved + 1);
		assert_fails(&made.image, "no names that fit");
		unmake(&made);

		made = make(layout, LINK_BASE);
		damage(&made, made.places.num_syms, 1);
		assert_fails(&made.image, "no names that fit");
		unmake(&made);

		made = make(layout, LINK_BASE);
		damage(&made, made.places.offsets + 4 * 1000, 0x01000000);
		damage(&made, made.places.offsets + 4 * 1001, 0x00800000);
		assert_fails(&made.image, "no table of ascending addresses");
		unmake(&made);

		made = make(layout, LINK_BASE);
		made.image.size = made.places.token_index + 200;
		assert_fails(&made.image, "no token table");
		unmake(&made);
	}
}

/* Tables whose addresses do not reach the place where they lie are a stale copy. */
static void test_copy_from_elsewhere(void **state)
{
	struct made made = make(&builder_layouts[0], LINK_BASE);

	(void)state;
	made.image.address += 0x10000000;
	assert_fails(&made.image, "a copy from elsewhere");
	unmake(&made);
}

/* A stale copy in front of the true tables is passed over. */
static void test_true_table_behind_a_copy(void **state)
{
	struct made stale = make(&builder_layouts[1], LINK_BASE + 0x10000000);
	struct made made = make(&builder_layouts[1], LINK_BASE);
	struct wv_image image = { .size = stale.image.size + made.image.size,
				  .address = made.image.address - stale.image.size };
	uint8_t *data = g_malloc(image.size);
	struct wv_symbols *symbols;

	(void)state;
	assert_int_equal(stale.image.size % 8, made.image.size % 8);
	/* Keep the tables' alignment. */
	image.address &= ~UINT64_C(7);
	memcpy(data, stale.image.data, stale.image.size);
	memcpy(data + (made.image.address - image.address), made.image.data,
	       image.size - (made.image.address - image.address));
	image.data = data;
	symbols = find_or_fail(&image);
	assert_all(&made, symbols);
	symbols->destroy(symbols);
	g_free(data);
	unmake(&made);
	unmake(&stale);
}

/* Any single damaged byte gives tables or an error, never anything else. */
static void test_every_byte_damaged(void **state)
{
	struct made made = make(&builder_layouts[5], LINK_BASE);
	uint8_t *data = (uint8_t *)made.image.data;
	unsigned int refused = 0;

	(void)state;
	for (size_t at = made.places.num_syms; at < made.places.end; at += 37) {
		GError *error = NULL;
		struct wv_symbols *symbols;
		uint64_t address;

		data[at] ^= 0xff;
		symbols = wv_kallsyms_find(&made.image, &error);
		data[at] ^= 0xff;
		assert_true(!symbols == !!error);
		if (symbols) {
			symbols->find(symbols, "function_1", &address);
			symbols->destroy(symbols);
		} else {
			refused++;
		}
		g_clear_error(&error);
	}
	assert_true(refused > 0);
	unmake(&made);
}

struct scribbler {
	uint8_t *data;
	size_t size;
	gint stop;
};

static gpointer scribble(gpointer argument)
{
	struct scribbler *scribbler = argument;
	g_autoptr(GRand) random = g_rand_new_with_seed(3);

	while (!g_atomic_int_get(&scribbler->stop)) {
		volatile uint8_t *byte =
			scribbler->data + g_rand_int_range(random, 0, (gint32)scribbler->size);
		uint8_t saved = *byte;

		*byte = (uint8_t)g_rand_int(random);
		for (int i = 0; i < 200; i++)
			(void)*byte;
		*byte = saved;
	}
	return NULL;
}

/* The guest runs on while its memory is read. */
static void test_image_changes_meanwhile(void **state)
{
	struct made made = make(&builder_layouts[1], LINK_BASE);
	struct scribbler scribbler = {
		.data = (uint8_t *)made.image.data + made.places.offsets,
		.size = made.places.end - made.places.offsets,
	};
	GThread *thread = g_thread_new("guest", scribble, &scribbler);

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		struct wv_symbols *symbols = wv_kallsyms_find(&made.image, NULL);
		uint64_t address;

		if (!symbols)
			continue;
		assert_int_equal(symbols->count, made.symbols->len);
		symbols->find(symbols, "function_1", &address);
		symbols->find(symbols, "no_such_function", &address);
		symbols->destroy(symbols);
	}
	g_atomic_int_set(&scribbler.stop, 1);
	g_thread_join(thread);
	unmake(&made);
}

/* ---- real kernels ---- */

static GPtrArray *kernels;

static void need_kernels(void)
{
	if (!kernels)
		skip();
}

/* Struct kernel_symbol with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS; the third word is a namespace. */
struct exported {
	int32_t value;
	int32_t name;
	int32_t namespace;
};

typedef void (*export_check)(struct wv_symbols *symbols, const char *name, uint64_t address);

static unsigned int each_export(const struct vmlinux *kernel, struct wv_symbols *symbols,
				const char *section, export_check check)
{
	uint64_t start, size, at;
	unsigned int count = 0;

	if (!vmlinux_section(kernel, section, &start, &size))
		return 0;
	for (at = start; at < start + size; at += sizeof(struct exported)) {
		struct exported exported;
		const uint8_t *bytes = vmlinux_at(kernel, at, sizeof(exported));
		const char *name;

		assert_non_null(bytes);
		memcpy(&exported, bytes, sizeof(exported));
		name = (const char *)vmlinux_at(
			kernel,
			at + offsetof(struct exported, name) + (uint64_t)(int64_t)exported.name, 1);
		assert_non_null(name);
		check(symbols, name, at + (uint64_t)(int64_t)exported.value);
		count++;
	}
	return count;
}

static void test_kernels_exports(void **state)
{
	(void)state;
	need_kernels();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_symbols *symbols = find_or_fail(&kernel->image);
		unsigned int count;

		count = each_export(kernel, symbols, "__ksymtab", assert_symbol);
		count += each_export(kernel, symbols, "__ksymtab_gpl", assert_symbol);
		print_message("%s: %zu symbols; all %u exported ones agree\n", kernel->name,
			      symbols->count, count);
		assert_true(count > 5000);
		symbols->destroy(symbols);
	}
}

static uint64_t address_of(struct wv_symbols *symbols, const char *name)
{
	uint64_t address = 0;

	if (!symbols->find(symbols, name, &address))
		fail_msg("%s is not found", name);
	return address;
}

static void test_kernels_relations(void **state)
{
	static const char *const functions[] = {
		"begin_new_exec",     "do_exit",       "kernel_clone", "do_send_sig_info",
		"finish_task_switch", "do_syscall_64",
	};

	(void)state;
	need_kernels();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_symbols *symbols = find_or_fail(&kernel->image);
		uint64_t text = address_of(symbols, "_text"), end = address_of(symbols, "_end");
		uint64_t text_end = address_of(symbols, "_etext"), percpu, start, size, found;
		const char *banner;

		assert_int_equal(text, kernel->image.address);
		assert_true(text <= address_of(symbols, "_stext"));
		assert_true(address_of(symbols, "_stext") < text_end);
		assert_true(text_end < end && end <= text + kernel->image.size);
		for (size_t j = 0; j < G_N_ELEMENTS(functions); j++) {
			assert_true(address_of(symbols, functions[j]) > text);
			assert_true(address_of(symbols, functions[j]) < text_end);
		}
		assert_in_range(address_of(symbols, "init_task"), text_end, end);
		assert_in_range(address_of(symbols, "phys_base"), text_end, end);
		assert_in_range(address_of(symbols, "page_offset_base"), text_end, end);

		banner = (const char *)vmlinux_at(kernel, address_of(symbols, "linux_banner"), 64);
		assert_non_null(banner);
		assert_true(g_str_has_prefix(banner, "Linux version "));
		print_message("%s: %.60s\n", kernel->name, banner);

		assert_true(vmlinux_section(kernel, ".BTF", &start, &size));
		assert_int_equal(address_of(symbols, "__start_BTF"), start);
		assert_int_equal(address_of(symbols, "__stop_BTF"), start + size);
		assert_true(vmlinux_section(kernel, ".data..percpu", &start, &size));
		percpu = address_of(symbols, "__per_cpu_start");
		assert_int_equal(percpu, start);
		if (!symbols->find(symbols, "pcpu_hot", &found))
			found = address_of(symbols, "current_task");
		assert_in_range(found, percpu, percpu + size);
		symbols->destroy(symbols);
	}
}

static char *decode(const struct wv_kallsyms_tables *tables, size_t *at)
{
	GString *text = g_string_new(NULL);
	uint32_t length = 0;

	assert_true(wv_kallsyms_name_length(tables->names, tables->names_size, at, &length));
	for (; length > 0; length--, (*at)++)
		g_string_append(text, tables->tokens + tables->starts[tables->names[*at]]);
	return g_string_free(text, FALSE);
}

/* Every name is text, addresses never fall, and looking a name up gives one of its addresses. */
static void test_kernels_every_symbol(void **state)
{
	(void)state;
	need_kernels();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_symbols *symbols = find_or_fail(&kernel->image);
		struct wv_kallsyms_tables tables;
		uint64_t previous = 0;
		size_t at = 0;

		assert_true(wv_kallsyms_tables_init(&tables, &kernel->image, NULL));
		assert_int_equal(tables.count, symbols->count);
		for (uint32_t j = 0; j < tables.count; j++) {
			uint64_t address = wv_kallsyms_address(&tables, j), found;
			g_autofree char *name = decode(&tables, &at);
			bool ok = symbols->find(symbols, name + 1, &found);

			if (!g_ascii_isalpha(*name) || !name[1])
				fail_msg("symbol %u has no type or name: %s", j, name);
			for (const char *c = name; *c; c++) {
				if (!g_ascii_isgraph(*c))
					fail_msg("symbol %u is no text: %s", j, name);
			}
			if (address < previous || !ok)
				fail_msg("%s: %lx after %lx", name, address, previous);
			/* The one found may be another of the same name, but not lie nowhere. */
			if (found != address && g_ascii_isupper(*name) && found > address)
				fail_msg("%s: %lx, found %lx", name, address, found);
			previous = address;
		}
		assert_int_equal(at, tables.names_size);
		wv_kallsyms_tables_deinit(&tables);
		symbols->destroy(symbols);
	}
}

static const uint64_t slide = 0x2d000000;

static void assert_slid(struct wv_symbols *symbols, const char *name, uint64_t address)
{
	assert_symbol(symbols, name, address >= KERNEL_HALF ? address + slide : address);
}

/* As the kernel does at boot: every 8-byte pointer into the kernel is moved. */
static void test_kernels_slid(void **state)
{
	(void)state;
	need_kernels();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_image image = kernel->image;
		uint64_t *words = g_memdup2(image.data, image.size & ~(size_t)7);
		struct wv_symbols *symbols;

		for (size_t j = 0; j < image.size / 8; j++) {
			if (words[j] - image.address < image.size)
				words[j] += slide;
		}
		image.data = (uint8_t *)words;
		image.size &= ~(size_t)7;
		image.address += slide;
		symbols = find_or_fail(&image);
		assert_true(each_export(kernel, symbols, "__ksymtab", assert_slid) > 1000);
		assert_slid(symbols, "_text", kernel->image.address);
		symbols->destroy(symbols);
		g_free(words);
	}
}

/* For people: how long it takes. Tables in the middle of a large and mostly empty image. */
static void test_kernels_time(void **state)
{
	(void)state;
	need_kernels();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		gint64 start = g_get_monotonic_time();
		struct wv_symbols *symbols = find_or_fail(&kernel->image);

		print_message("%s: %.1f ms for %zu symbols\n", kernel->name,
			      (double)(g_get_monotonic_time() - start) / 1000, symbols->count);
		symbols->destroy(symbols);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_slides),
		cmocka_unit_test(test_unaligned_image),
		cmocka_unit_test(test_table_at_both_ends_of_image),
		cmocka_unit_test(test_duplicates_and_clones),
		cmocka_unit_test(test_names_of_any_length_are_asked_for),
		cmocka_unit_test(test_no_tables),
		cmocka_unit_test(test_damage_is_named),
		cmocka_unit_test(test_copy_from_elsewhere),
		cmocka_unit_test(test_true_table_behind_a_copy),
		cmocka_unit_test(test_every_byte_damaged),
		cmocka_unit_test(test_image_changes_meanwhile),
		cmocka_unit_test(test_kernels_exports),
		cmocka_unit_test(test_kernels_relations),
		cmocka_unit_test(test_kernels_every_symbol),
		cmocka_unit_test(test_kernels_slid),
		cmocka_unit_test(test_kernels_time),
	};
	int failed;

	kernels = vmlinux_load_all();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (kernels)
		g_ptr_array_unref(kernels);
	return failed;
}
