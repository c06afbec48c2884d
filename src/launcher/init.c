/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process 1: makes the guest ready, starts the runner, and serves as its init from then on. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/launcher.h"

/* What the guest is called, where its root does not say. */
#define HOST_NAME "debian"

static void set_host_name(void)
{
	FILE *file = fopen("/etc/hostname", "re");
	char name[65] = ""; /* HOST_NAME_MAX and a zero */

	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, " \t\r\n#")] = '\0';
		fclose(file);
	}
	if (!*name)
		strcpy(name, HOST_NAME);
	sethostname(name, strlen(name));
}

static bool set_up(struct wv_why *why)
{
	if (!wv_mount_first(why) || !wv_load_modules("load", why))
		return false;
	if (wv_is_disk()) {
		if (!wv_switch_to_disk(why))
			return false;
	} else {
		wv_remove_traces();
		/* The kernel makes the root that it unpacks into like a /tmp. */
		chmod("/", 0755);
	}
	wv_mount_rest();
	wv_network_loopback();
	set_host_name();
	return true;
}

int main(void)
{
	struct wv_why why = { "" };
	pid_t runner;

	if (getpid() != 1) {
		wv_say("it runs as the first process of a guest, and nowhere else");
		return 1;
	}
	umask(022);
	wv_block_signals();
	if (!set_up(&why)) {
		wv_say(why.text);
		wv_power_off();
	}
	runner = fork();
	if (runner == 0)
		_exit(wv_run());
	if (runner < 0) {
		wv_say("can not fork");
		wv_power_off();
	}
	wv_forget_door();
	prctl(PR_SET_NAME, "init");
	wv_serve();
}
