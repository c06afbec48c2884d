/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network interfaces, set up by ioctl (netdevice(7), rtentry). The addresses are those of QEMU's
 * user network (QEMU's invocation page, -netdev user): a guest at 10.0.2.15 of 10.0.2.0/24, the way
 * out at .2, a name server at .3.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define ADDRESS 0x0a00020fu /* 10.0.2.15 */
#define NETMASK 0xffffff00u
#define GATEWAY 0x0a000202u /* 10.0.2.2 */
#define RESOLVE "/etc/resolv.conf"

static struct ifreq request_for(const char *name)
{
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return request;
}

static bool bring_up(int fd, const char *name)
{
	struct ifreq request = request_for(name);

	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return false;
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

static void put_address(struct sockaddr *where, uint32_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address) };

	memcpy(where, &in, sizeof(in));
}

static bool set_address(int fd, const char *name, unsigned long what, uint32_t address)
{
	struct ifreq request = request_for(name);

	put_address(&request.ifr_addr, address);
	return ioctl(fd, what, &request) == 0;
}

static bool add_route(int fd)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };

	put_address(&route.rt_dst, 0);
	put_address(&route.rt_genmask, 0);
	put_address(&route.rt_gateway, GATEWAY);
	return ioctl(fd, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

static int index_of_card(int fd, const char *name)
{
	struct ifreq request;

	if (*name == '.' || strlen(name) >= IFNAMSIZ)
		return 0;
	request = request_for(name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return 0;
	request = request_for(name);
	return ioctl(fd, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

/* The Ethernet interface that the kernel found first. */
static bool find_card(int fd, char *found)
{
	DIR *folder = opendir("/sys/class/net");
	const struct dirent *entry;
	int lowest = 0;

	if (!folder)
		return false;
	while ((entry = readdir(folder))) {
		int index = index_of_card(fd, entry->d_name);

		if (index <= 0 || (lowest && index > lowest))
			continue;
		lowest = index;
		snprintf(found, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, entry->d_name);
	}
	closedir(folder);
	return lowest != 0;
}

static void name_a_server(void)
{
	static const char text[] = "nameserver 10.0.2.3\n";
	struct stat info;
	int fd;

	if (stat(RESOLVE, &info) == 0 && (!S_ISREG(info.st_mode) || info.st_size != 0))
		return;
	mkdir("/etc", 0755);
	/* It may be a link to what a resolver that does not run here would have written. */
	unlink(RESOLVE);
	fd = open(RESOLVE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		wv_say("can not write " RESOLVE);
	if (fd >= 0)
		close(fd);
}

void wv_network_loopback(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	bring_up(fd, "lo");
	close(fd);
}

bool wv_network_user(struct wv_why *why)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char card[IFNAMSIZ];
	bool ok = true;

	if (fd < 0)
		return wv_why(why, "the guest's kernel has no network: %s", strerror(errno));
	if (!find_card(fd, card))
		ok = wv_why(why, "the guest's kernel found no network card");
	else if (!set_address(fd, card, SIOCSIFADDR, ADDRESS) ||
		 !set_address(fd, card, SIOCSIFNETMASK, NETMASK) || !bring_up(fd, card) ||
		 !add_route(fd))
		ok = wv_why(why, "can not set up %s: %s", card, strerror(errno));
	close(fd);
	if (ok)
		name_a_server();
	return ok;
}
