/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern profile show`: what a profile or an image is, and what is in it. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/json.h"
#include "cli/profile.h"
#include "profile/load.h"
#include "profile/symbols.h"

struct options {
	gboolean json, missing;
	char *symbol_path;
};

/* JSON, which is also where text comes from -----------------------------------------------------*/

static void add_number(json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static void add_hex(json_object *object, const char *key, uint64_t number)
{
	g_autofree char *text = g_strdup_printf("0x%" PRIx64, number);

	cli_json_text(object, key, text);
}

static void add_seconds(json_object *object, const char *key, double seconds)
{
	g_autofree char *text = g_strdup_printf("%.3f", seconds);

	json_object_object_add(object, key, json_object_new_double_s(seconds, text));
}

/** A line for each value that is there, named by its key; what is inside of others is left out. */
static void append_facts(GString *out, json_object *facts)
{
	json_object_object_foreach(facts, key, value)
	{
		g_autofree char *name = g_strdelimit(g_strdup(key), "_", ' ');

		if (!value || json_object_is_type(value, json_type_array))
			continue;

		g_autofree char *text = wv_printable(json_object_get_string(value));

		g_string_append_printf(out, "%-14s %s\n", name, text);
	}
}

/* What is needed --------------------------------------------------------------------------------*/

static json_object *need_object(const struct cli_need *need)
{
	json_object *object = json_object_new_object();

	cli_json_text(object, "plugin", need->by);
	cli_json_text(object, "kind", need->kind);
	cli_json_text(object, "name", need->name);
	cli_json_text(object, "state", cli_need_states[need->state]);
	if (need->state == CLI_NEED_FOUND)
		add_hex(object, "value", need->place.value);
	if (need->state == CLI_NEED_FOUND && need->found)
		cli_json_text(object, "found", need->found);
	json_object_object_add(object, "essential", json_object_new_boolean(!need->cost));
	if (need->cost && *need->cost)
		cli_json_text(object, "cost", need->cost);
	return object;
}

static char *need_text(const struct cli_need *need)
{
	switch (need->state) {
	case CLI_NEED_FOUND:
		if (need->found && strcmp(need->found, need->name) != 0)
			return g_strdup_printf("0x%" PRIx64 " (%s)", need->place.value,
					       need->found);
		return g_strdup_printf("0x%" PRIx64, need->place.value);
	case CLI_NEED_MISSING:
		return g_strdup_printf("MISSING, and with it: %s", need->cost ? need->cost
								   : need->by ? "the plugin"
									      : "everything");
	case CLI_NEED_ABSENT:
		return g_strdup("this kernel has none, and nothing is lost");
	case CLI_NEED_UNUSED:
	case CLI_NEED_STATES:
		break;
	}
	return g_strdup("used in other kernels only");
}

static void append_needs(GString *out, const GArray *needs, bool missing_only)
{
	unsigned counts[CLI_NEED_STATES] = { 0 };
	const char *by = "";

	for (guint i = 0; i < needs->len; i++) {
		const struct cli_need *need = &g_array_index(needs, struct cli_need, i);
		g_autofree char *text = need_text(need);

		counts[need->state]++;
		if (missing_only && need->state != CLI_NEED_MISSING)
			continue;
		if (g_strcmp0(by, need->by) != 0)
			g_string_append_printf(out, "\n%s\n",
					       need->by ? need->by : "needed of every kernel");
		by = need->by;
		g_string_append_printf(out, "    %-10s  %-52s  %s\n", need->kind, need->name, text);
	}
	g_string_append_printf(out,
			       "\nOf what this build of Wyvern looks for: %u found, %u missing, %u "
			       "not in this kernel and not missed.\n",
			       counts[CLI_NEED_FOUND], counts[CLI_NEED_MISSING],
			       counts[CLI_NEED_ABSENT] + counts[CLI_NEED_UNUSED]);
}

static json_object *needs_array(const GArray *needs, bool missing_only)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < needs->len; i++) {
		const struct cli_need *need = &g_array_index(needs, struct cli_need, i);

		if (!missing_only || need->state == CLI_NEED_MISSING)
			json_object_array_add(array, need_object(need));
	}
	return array;
}

/* Names -----------------------------------------------------------------------------------------*/

static json_object *add_answer(json_object *answers, const char *name, const char *kind)
{
	json_object *answer = json_object_new_object();

	cli_json_text(answer, "name", name);
	cli_json_text(answer, "kind", kind);
	json_object_array_add(answers, answer);
	return answer;
}

static void find_member(json_object *answers, const struct wv_profile *profile, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", 2);
	struct wv_member member;
	json_object *answer;

	if (!parts[0] || !parts[1] || !wv_profile_member(profile, parts[0], parts[1], &member))
		return;
	answer = add_answer(answers, name, "member");
	add_hex(answer, "offset", member.offset);
	add_number(answer, "size", member.size);
	if (!member.bit_count)
		return;
	add_number(answer, "first_bit", member.bit_shift);
	add_number(answer, "bits", member.bit_count);
}

/** Adds what the name is in the profile: nothing, or one or more of the kinds. */
static void find_name(json_object *answers, const struct wv_profile *profile, const char *name)
{
	uint64_t number;
	int64_t value;

	if (wv_profile_symbol(profile, name, &number))
		add_hex(add_answer(answers, name, "symbol"), "address", number);
	if (wv_profile_size(profile, name, &number))
		add_hex(add_answer(answers, name, "type"), "size", number);
	if (wv_profile_enumerator(profile, name, &value))
		json_object_object_add(add_answer(answers, name, "enumerator"), "value",
				       json_object_new_int64(value));
	find_member(answers, profile, name);
}

static void append_answers(GString *out, json_object *answers)
{
	for (size_t i = 0; i < json_object_array_length(answers); i++) {
		const char *separator = "";

		json_object_object_foreach(json_object_array_get_idx(answers, i), key, value)
		{
			const char *text = json_object_get_string(value);

			if (strcmp(key, "name") == 0 || strcmp(key, "kind") == 0)
				g_string_append_printf(out, "%s%s", separator, text);
			else
				g_string_append_printf(out, "%s%s %s", separator, key, text);
			separator = "  ";
		}
		g_string_append_c(out, '\n');
	}
}

static enum wv_exit show_names(const struct wv_profile *profile, char *const *names, bool json)
{
	json_object *answers = json_object_new_array();
	enum wv_exit code = WV_EXIT_OK, printed;

	for (; *names; names++) {
		size_t before = json_object_array_length(answers);

		find_name(answers, profile, *names);
		if (json_object_array_length(answers) > before)
			continue;
		wv_say("the profile has no %s", *names);
		code = WV_EXIT_INTERNAL;
	}
	if (json) {
		printed = cli_print_json(answers);
	} else {
		g_autoptr(GString) out = g_string_new(NULL);

		append_answers(out, answers);
		printed = cli_print(out->str);
	}
	json_object_put(answers);
	return printed != WV_EXIT_OK ? printed : code;
}

/* A profile, an image ---------------------------------------------------------------------------*/

/** What the sources call themselves. */
static const char *form_name(const struct wv_profile *profile)
{
	static const struct {
		const char *origin, *name;
	} forms[] = {
		{ "pdb", "PDB" },
		{ "isf", "Volatility 3 ISF" },
		{ "rekall", "Rekall profile" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
		if (strcmp(profile->symbols->origin, forms[i].origin) == 0)
			return forms[i].name;
	return profile->symbols->origin;
}

static json_object *profile_facts(const struct wv_profile *profile, const char *path,
				  double seconds)
{
	json_object *facts = json_object_new_object();

	cli_json_text(facts, "file", path);
	cli_json_text(facts, "form", form_name(profile));
	if (cli_profile_os(profile) == WV_OS_WINDOWS) {
		cli_json_text(facts, "PDB", profile->pdb_name);
		cli_json_text(facts, "key", profile->pdb_key);
		cli_json_text(facts, "machine", cli_machine_name(profile->pdb_machine));
	} else {
		cli_json_text(facts, "banner", profile->banner);
	}
	add_number(facts, "symbols", profile->symbols->count);
	add_number(facts, "types", profile->types->count);
	add_seconds(facts, "load_seconds", seconds);
	return facts;
}

static enum wv_exit show_profile(const struct wv_profile *profile, const char *path, double seconds,
				 const struct options *options)
{
	json_object *facts = profile_facts(profile, path, seconds);
	g_autoptr(GArray) needs = cli_needs(profile);
	enum wv_exit code;

	if (options->json) {
		json_object_object_add(facts, "needs", needs_array(needs, options->missing));
		code = cli_print_json(facts);
	} else {
		g_autoptr(GString) out = g_string_new(NULL);

		append_facts(out, facts);
		append_needs(out, needs, options->missing);
		code = cli_print(out->str);
	}
	json_object_put(facts);
	return code;
}

static json_object *image_facts(const struct cli_image *image, const char *path,
				const char *symbol_path)
{
	const struct wv_symbols_setup setup = { .path = symbol_path };
	json_object *facts = json_object_new_object();

	cli_json_text(facts, "file", path);
	cli_json_text(facts, "form", image->pe.is_64 ? "PE32+ image" : "PE32 image");
	cli_json_text(facts, "machine", cli_machine_name(image->pe.machine));
	add_hex(facts, "base", image->pe.image_base);
	add_hex(facts, "size", image->pe.size_of_image);
	add_hex(facts, "entry", image->pe.entry_point);
	add_hex(facts, "timestamp", image->pe.timestamp);
	add_number(facts, "sections", image->pe.n_sections);
	if (image->has_pdb) {
		g_autofree char *at = wv_symbols_get(&setup, image->pdb, image->key, NULL);

		cli_json_text(facts, "PDB", image->pdb);
		cli_json_text(facts, "key", image->key);
		cli_json_text(facts, "PDB_is", at);
	}
	return facts;
}

static enum wv_exit show_image(const char *path, const struct options *options, GError **error)
{
	g_autoptr(cli_image) image = cli_image_load(path, error);
	g_autoptr(GString) out = g_string_new(NULL);
	json_object *facts;
	enum wv_exit code;

	if (!image)
		return WV_EXIT_INTERNAL;
	facts = image_facts(image, path, options->symbol_path);
	if (options->json) {
		code = cli_print_json(facts);
	} else {
		append_facts(out, facts);
		if (!image->has_pdb)
			g_string_append(out, "It does not say which PDB belongs to it.\n");
		else if (!json_object_object_get(facts, "PDB_is"))
			g_string_append_printf(out,
					       "The PDB is in no folder of the search path; wyvern "
					       "profile fetch gets it.\n");
		code = cli_print(out->str);
	}
	json_object_put(facts);
	return code;
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum wv_exit show(int argc, char **argv, const struct options *options, GError **error)
{
	g_autoptr(wv_profile) profile = NULL;
	double start = cpu_seconds();

	if (argc == 1) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "which file? (see %s --help)",
			    g_get_prgname());
		return WV_EXIT_USAGE;
	}
	if (cli_is_image(argv[1])) {
		if (argc == 2)
			return show_image(argv[1], options, error);
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s: an image has no types: its PDB has them", argv[1]);
		return WV_EXIT_USAGE;
	}
	profile = wv_profile_load(argv[1], error);
	if (!profile)
		return WV_EXIT_INTERNAL;
	if (argc > 2)
		return show_names(profile, argv + 2, options->json);
	return show_profile(profile, argv[1], cpu_seconds() - start, options);
}

enum wv_exit cli_profile_show(int argc, char **argv)
{
	static const struct cli_help help = {
		.usage = "[OPTIONS] FILE [NAME...]",
		.summary = "Shows what a profile is of, and what of that which Wyvern looks for is "
			   "in it and what is missing. With names of symbols, types (_EPROCESS), "
			   "members (_EPROCESS.Peb) or enumerators, where they are and how large.",
		.description = "FILE is a PDB, a Volatility 3 ISF or a Rekall profile, plain or "
			       ".xz; or the\nimage of a Windows kernel: then, which PDB belongs to "
			       "it.\n",
	};
	struct options options = { 0 };
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print JSON", NULL },
		{ "missing", 0, 0, G_OPTION_ARG_NONE, &options.missing,
		  "of what Wyvern looks for, show only what is missing", NULL },
		{ "symbol-path", 0, 0, G_OPTION_ARG_FILENAME, &options.symbol_path,
		  "where an image's PDB may be (default: $" WV_SYMBOL_PATH ")", "PATH" },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;
	enum wv_exit code = WV_EXIT_USAGE;

	if (cli_parse(&help, entries, &argc, &argv, &error))
		code = show(argc, argv, &options, &error);
	g_free(options.symbol_path);
	return error ? wv_fail(error) : code;
}
