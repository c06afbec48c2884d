/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a template. */
#define _GNU_SOURCE
#include "sandbox/create.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "config.h"
#include "monitor/registry.h"
#include "monitor/settings.h"
#include "output/reader.h"
#include "sandbox/copy.h"
#include "sandbox/launch.h"
#include "sandbox/overlay.h"
#include "sandbox/root.h"
#include "sandbox/state.h"
#include "sandbox/store.h"
#include "sandbox/template.h"
#include "sandbox/watch.h"

/** How long a guest may take to become ready: a large root in a busy machine takes its time. */
#define READY_PATIENCE_S 300

/** For QEMU's end, when it is asked to. */
#define END_PATIENCE_S 30

#define MIB (UINT64_C(1) << 20)

/** Memory beside the root's own, and the least that a guest gets by itself. */
#define MEMORY_BESIDE (256 * MIB)
#define MEMORY_LEAST  (512 * MIB)

#define LOOK_US 10000
#define LINES	5 /* of the console, in an error's message */

struct creation {
	const struct wv_create_options *options;
	const char *folder; /* the new template's, until it is whole */
	struct wv_template template;
	struct wv_launched launched;
	bool ready;
	char *error; /* owned: what the monitor says is wrong, or NULL */
};

static void progress(const struct creation *creation, const char *step)
{
	if (creation->options->progress)
		creation->options->progress(step);
}

static bool fail(GError **error, const char *what)
{
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot make the template: %s", what);
	return false;
}

static bool interrupted(GError **error)
{
	return wv_watch_interrupted() && !fail(error, "interrupted");
}

/* Root ------------------------------------------------------------------------------------------*/

/** The disk's content, copied: the user's own image may change later. */
static bool make_disk(struct creation *creation, GError **error)
{
	g_autofree char *path = g_build_filename(creation->folder, WV_STORE_DISK, NULL);
	struct wv_vm *vm = &creation->template.vm;
	uint64_t size;

	vm->has_disk = true;
	progress(creation, "copying the disk");
	return wv_overlay_disk_size(creation->options->rootfs, &size, &vm->disk_is_qcow2, error) &&
	       wv_copy_sparse(creation->options->rootfs, path, error);
}

/** As much memory as was asked for, or as the root in it needs, in whole 64 MiB. */
static uint64_t choose_memory(const struct creation *creation, uint64_t root_size)
{
	/* the compressed or plain archive is in memory as well while it is unpacked */
	uint64_t needed = MAX(MEMORY_LEAST, MEMORY_BESIDE + 3 * root_size);

	if (creation->options->memory)
		return creation->options->memory;
	return (needed + 64 * MIB - 1) / (64 * MIB) * (64 * MIB);
}

static bool make_root(struct creation *creation, GError **error)
{
	const struct wv_create_options *options = creation->options;
	g_autofree char *initramfs = g_build_filename(creation->folder, WV_STORE_INITRAMFS, NULL);
	struct wv_root root = { .launcher = options->launcher, .modules = options->modules };
	enum wv_root_kind kind = WV_ROOT_FOLDER;
	uint64_t size;

	progress(creation, "reading the root file system");
	if (options->rootfs && !wv_root_kind(options->rootfs, &kind, error))
		return false;
	if (!options->rootfs)
		root.busybox = options->busybox;
	else if (kind == WV_ROOT_FOLDER || kind == WV_ROOT_TAR)
		root.rootfs = options->rootfs;
	else if (!make_disk(creation, error))
		return false;
	root.disk = creation->template.vm.has_disk;
	if (!wv_root_write(&root, initramfs, &size, error))
		return false;
	creation->template.vm.memory = choose_memory(creation, size);
	return true;
}

/* Booting ---------------------------------------------------------------------------------------*/

static void on_row(void *owner, const struct wv_row *row)
{
	(void)owner;
	(void)row;
}

static void on_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	(void)owner;
	(void)level;
	(void)text; /* what this kernel lacks is told when clones are watched */
}

/** Takes the kernel's release out of "Linux 6.1.0: 87182 symbols ...". */
static void keep_kernel(struct creation *creation, struct wv_bytes text)
{
	g_autofree char *line = g_strndup(text.data, text.size);
	const char *name = strchr(line, ' ') ? strchr(line, ' ') + 1 : line;

	creation->template.kernel = g_strndup(name, strcspn(name, ": "));
}

static void on_status(void *owner, const struct wv_status_note *note)
{
	struct creation *creation = owner;

	if (note->status == WV_STATUS_READY && !creation->ready) {
		creation->ready = true;
		keep_kernel(creation, note->text);
	} else if (note->status == WV_STATUS_FAILED && !creation->error) {
		creation->error = g_strndup(note->text.data, note->text.size);
	} else if (note->status == WV_STATUS_PROFILE_WANTED) {
		wv_session_answer(creation->launched.session, false,
				  "a template's kernel describes itself");
	}
}

/** The guest did not become ready: its own last words say more than we know. */
static bool fail_with_console(struct creation *creation, const char *what, GError **error)
{
	g_auto(GStrv) tail = wv_collect_tail(creation->launched.collects[0], LINES);
	g_autofree char *lines = g_strjoinv("\n  ", tail);

	g_set_error(error, WV_ERROR, WV_ERROR_GUEST, "the guest %s; its console ends with: %s",
		    what, *lines ? lines : "(nothing)");
	return false;
}

static bool wait_until_ready(struct creation *creation, struct wv_reader *reader, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + READY_PATIENCE_S * G_USEC_PER_SEC;

	while (!creation->ready) {
		bool ended = wv_child_ended(&creation->launched.child);

		wv_reader_poll(reader, ended);
		wv_collect_poll(creation->launched.collects[0], NULL);
		if (creation->error)
			return fail(error, creation->error);
		if (interrupted(error))
			return false;
		if (ended && !creation->ready)
			return fail_with_console(creation, "ended before it was ready", error);
		if (g_get_monotonic_time() > deadline)
			return fail_with_console(creation, "did not become ready", error);
		progress(creation, "booting the guest");
		g_usleep(LOOK_US);
	}
	return true;
}

/** The monitor's settings: all plugins, so that the profile has what any of them looks up. */
static char *monitor_config(const struct wv_create_options *options)
{
	struct wv_settings settings;

	wv_settings_init(&settings);
	if (options->profile) {
		g_autofree char *path = g_canonicalize_filename(options->profile, NULL);

		wv_settings_set(&settings, "profile", path);
	}

	char *text = wv_settings_text(&settings);

	wv_settings_deinit(&settings);
	return text;
}

static bool boot(struct creation *creation, GError **error)
{
	static const struct wv_reader_events events = { .row = on_row,
							.message = on_message,
							.status = on_status };
	const struct wv_create_options *options = creation->options;
	g_autofree char *profile = g_build_filename(creation->folder, WV_STORE_PROFILE, NULL);
	g_autofree char *initramfs = g_build_filename(creation->folder, WV_STORE_INITRAMFS, NULL);
	char *const arguments[] = { (char *)"-kernel",
				    (char *)options->kernel,
				    (char *)"-initrd",
				    initramfs,
				    (char *)"-append",
				    creation->template.append,
				    NULL };
	g_autofree char *config = monitor_config(options);
	int profile_fd = open(profile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (profile_fd < 0)
		return fail(error, g_strerror(errno));

	const struct wv_launch_options launch = {
		.qemu = options->qemu,
		.vm = &creation->template.vm,
		.folder = creation->folder,
		.arguments = arguments,
		.config = config,
		.job_fd = -1,
		.profile_fd = profile_fd,
		.overlay_fd = -1,
	};
	bool started = wv_launch(&creation->launched, &launch, error);

	close(profile_fd);
	if (!started)
		return false;

	struct wv_reader *reader =
		wv_reader_new(creation->launched.session, wv_plugins_schema(), &events, creation);
	bool ready = wait_until_ready(creation, reader, error);

	wv_reader_free(reader);
	return ready;
}

/* Saving ----------------------------------------------------------------------------------------*/

static bool save(struct creation *creation, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + END_PATIENCE_S * G_USEC_PER_SEC;
	g_autofree char *state = g_build_filename(creation->folder, WV_STORE_STATE, NULL);

	progress(creation, "saving the guest");
	if (!wv_state_save(creation->launched.qmp, state, error))
		return false;
	/* QEMU keeps it to itself; all that may use the template need it */
	if (chmod(state, 0644) < 0)
		return fail(error, g_strerror(errno));
	/* an orderly end: all that is cached of the disk is in its file then */
	wv_qmp_send_quit(creation->launched.qmp);
	while (!wv_child_ended(&creation->launched.child)) {
		if (g_get_monotonic_time() > deadline)
			return fail(error, "QEMU does not end");
		g_usleep(LOOK_US);
	}
	return true;
}

/** Removes what only the booting needed, and writes down what the template is. */
static bool describe(struct creation *creation, GError **error)
{
	g_autofree char *initramfs = g_build_filename(creation->folder, WV_STORE_INITRAMFS, NULL);

	unlink(initramfs);
	return wv_template_save(&creation->template, creation->folder, error);
}

static void fill_template(struct creation *creation)
{
	const struct wv_create_options *options = creation->options;
	struct wv_template *template = &creation->template;
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	template->vm.vcpus = options->vcpus;
	template->needs_profile = options->profile != NULL;
	template->qemu_version = g_strdup(options->qemu->version);
	template->wyvern_version = g_strdup(WV_VERSION);
	template->kernel_file = g_canonicalize_filename(options->kernel, NULL);
	template->root = options->rootfs ? g_canonicalize_filename(options->rootfs, NULL)
					 : g_strdup("busybox");
	template->created = g_date_time_format_iso8601(now);
}

static void fill_append(struct creation *creation)
{
	const char *more = creation->options->append;

	/* a kernel that panics restarts at once, and QEMU ends instead */
	creation->template.append = g_strdup_printf("console=ttyS0 quiet panic=-1%s%s",
						    more ? " " : "", more ? more : "");
}

/** What would only be noticed after much work. */
static bool check(const struct wv_create_options *options, GError **error)
{
	if (access(options->kernel, R_OK) < 0)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot read the kernel %s: %s",
			    options->kernel, g_strerror(errno));
	else if (!wv_store_check_name(options->name, error))
		return false;
	else if (!options->replace && wv_store_has(options->name))
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "there is a template %s already: --force replaces it", options->name);
	else
		return true;
	return false;
}

bool wv_template_create(const struct wv_create_options *options, GError **error)
{
	struct creation creation = { .options = options, .launched = WV_LAUNCHED_NONE };
	struct wv_store_new *new = NULL;

	if (!check(options, error) || !(new = wv_store_begin(options->name, error)))
		return false;
	creation.folder = wv_store_new_folder(new);
	fill_template(&creation);

	bool made = make_root(&creation, error) && !interrupted(error);

	if (made) {
		fill_append(&creation);
		creation.template.machine = wv_vm_machine(&creation.template.vm);
		made = boot(&creation, error) && save(&creation, error) &&
		       describe(&creation, error) && !interrupted(error);
	}
	wv_launched_end(&creation.launched);
	wv_template_clear(&creation.template);
	g_free(creation.error);
	if (made)
		return wv_store_commit(new, options->replace, error);
	wv_store_abort(new);
	return false;
}
