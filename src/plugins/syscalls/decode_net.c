/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets: addresses, types, protocols, options and messages. */
#include <arpa/inet.h>
#include <string.h>

#include "plugins/syscalls/format.h"

/* Linux, include/linux/socket.h. */
#define FAMILY_UNIX    1
#define FAMILY_INET    2
#define FAMILY_INET6   10
#define FAMILY_NETLINK 16
#define FAMILY_PACKET  17
#define FAMILY_VSOCK   40

/* include/linux/socket.h: SOL_SOCKET; include/uapi/linux/in.h: the protocols. */
#define LEVEL_SOCKET  1
#define LEVEL_IP      0
#define LEVEL_TCP     6
#define LEVEL_UDP     17
#define LEVEL_IPV6    41
#define LEVEL_PACKET  263
#define LEVEL_NETLINK 270

/* Options of SOL_SOCKET whose value has a structure (include/uapi/asm-generic/socket.h). */
#define OPTION_LINGER	    13
#define OPTION_RCVTIMEO_OLD 20
#define OPTION_SNDTIMEO_OLD 21
#define OPTION_BINDTODEVICE 25
#define OPTION_PEERCRED	    17

#define OPTION_PREVIEW 64

extern const struct wv_constants wv_constants_socket_family;
extern const struct wv_constants wv_constants_ip_protocol;
extern const struct wv_constants wv_constants_netlink_protocol;
extern const struct wv_constants wv_constants_ethernet_protocol;
extern const struct wv_constants wv_constants_socket_level;
extern const struct wv_constants wv_constants_socket_option;
extern const struct wv_constants wv_constants_ip_option;
extern const struct wv_constants wv_constants_ipv6_option;
extern const struct wv_constants wv_constants_tcp_option;
extern const struct wv_constants wv_constants_udp_option;
extern const struct wv_constants wv_constants_packet_option;
extern const struct wv_constants wv_constants_netlink_option;
extern const struct wv_constants wv_constants_message_flags;

/* Addresses -------------------------------------------------------------------------------------*/

static uint16_t port(const struct wv_arg *arg, size_t offset)
{
	return ntohs(wv_u16(arg, offset));
}

/* struct sockaddr_in: port, address. */
static void append_inet(const struct wv_arg *arg, GString *out)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, arg->bytes + 4, text, sizeof(text));
	wv_append_string(out, text);
	wv_append_char(out, ':');
	wv_append_u64(out, port(arg, 2));
}

/* struct sockaddr_in6: port, flow, address, scope; the scope is there since RFC 2553. */
static void append_inet6(const struct wv_arg *arg, GString *out)
{
	char text[INET6_ADDRSTRLEN];
	uint32_t scope = wv_u32(arg, 24);

	inet_ntop(AF_INET6, arg->bytes + 8, text, sizeof(text));
	wv_append_char(out, '[');
	wv_append_string(out, text);
	if (scope) {
		wv_append_char(out, '%');
		wv_append_u64(out, scope);
	}
	WV_APPEND(out, "]:");
	wv_append_u64(out, port(arg, 2));
}

/* A path up to its NUL, or a name in the abstract name space: all bytes after a first NUL. */
static void append_unix(const struct wv_arg *arg, GString *out)
{
	const uint8_t *path = arg->bytes + 2;
	size_t size = arg->size - 2;

	if (size == 0) {
		WV_APPEND(out, "unix unnamed");
	} else if (path[0] == '\0') {
		/* the rest of a buffer that was captured whole */
		while (size > 1 && path[size - 1] == '\0')
			size--;
		wv_append_char(out, '@');
		wv_append_bytes(out, path + 1, size - 1);
	} else {
		const uint8_t *end = memchr(path, '\0', size);

		wv_append_bytes(out, path, end ? (size_t)(end - path) : size);
	}
}

/* struct sockaddr_nl: a pad, the port's id, the groups. */
static void append_netlink(const struct wv_arg *arg, GString *out)
{
	WV_APPEND(out, "netlink pid=");
	wv_append_u64(out, wv_u32(arg, 4));
	WV_APPEND(out, " groups=");
	wv_append_hex(out, wv_u32(arg, 8));
}

/* struct sockaddr_ll: protocol, interface, hardware type, packet type, address with its length. */
static void append_packet(const struct wv_arg *arg, GString *out)
{
	WV_APPEND(out, "packet protocol=");
	wv_append_name(out, &wv_constants_ethernet_protocol, port(arg, 2));
	WV_APPEND(out, " interface=");
	wv_append_i64(out, (int32_t)wv_u32(arg, 4));
}

/* struct sockaddr_vm: a reserved short, port, context id. */
static void append_vsock(const struct wv_arg *arg, GString *out)
{
	WV_APPEND(out, "vsock ");
	wv_append_u64(out, wv_u32(arg, 8));
	wv_append_char(out, ':');
	wv_append_u64(out, wv_u32(arg, 4));
}

static const struct family {
	uint16_t number;
	uint8_t least; /* bytes without which there is no address */
	void (*append)(const struct wv_arg *arg, GString *out);
} families[] = {
	{ FAMILY_UNIX, 2, append_unix },     { FAMILY_INET, 8, append_inet },
	{ FAMILY_INET6, 24, append_inet6 },  { FAMILY_NETLINK, 12, append_netlink },
	{ FAMILY_PACKET, 8, append_packet }, { FAMILY_VSOCK, 12, append_vsock },
};

static void append_unknown_address(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_name(out, &wv_constants_socket_family, wv_u16(arg, 0));
	WV_APPEND(out, ", ");
	wv_append_quoted(out, arg->bytes + 2, arg->size - 2);
	wv_append_more(arg, out);
	wv_append_char(out, '}');
}

void wv_decode_sockaddr(const struct wv_arg *arg, GString *out)
{
	uint16_t number = wv_u16(arg, 0);

	if (arg->size < 2) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
		if (families[i].number == number && arg->size >= families[i].least) {
			families[i].append(arg, out);
			wv_append_more(arg, out);
			return;
		}
	}
	append_unknown_address(arg, out);
}

/* Making sockets --------------------------------------------------------------------------------*/

/* The third argument of socket(2) and socketpair(2) means what the first one says. */
void wv_decode_protocol(const struct wv_arg *arg, GString *out)
{
	uint32_t protocol = (uint32_t)arg->number;

	switch ((uint32_t)wv_sibling(arg, 0, 0)) {
	case FAMILY_INET:
	case FAMILY_INET6:
		wv_append_signed_name(out, &wv_constants_ip_protocol, (int32_t)protocol);
		break;
	case FAMILY_NETLINK:
		wv_append_signed_name(out, &wv_constants_netlink_protocol, (int32_t)protocol);
		break;
	case FAMILY_PACKET:
		wv_append_name(out, &wv_constants_ethernet_protocol, ntohs((uint16_t)protocol));
		break;
	default:
		wv_append_i64(out, (int32_t)protocol);
	}
}

/* Options ---------------------------------------------------------------------------------------*/

static const struct {
	uint32_t level;
	const struct wv_constants *names;
} option_sets[] = {
	{ LEVEL_SOCKET, &wv_constants_socket_option },
	{ LEVEL_IP, &wv_constants_ip_option },
	{ LEVEL_TCP, &wv_constants_tcp_option },
	{ LEVEL_UDP, &wv_constants_udp_option },
	{ LEVEL_IPV6, &wv_constants_ipv6_option },
	{ LEVEL_PACKET, &wv_constants_packet_option },
	{ LEVEL_NETLINK, &wv_constants_netlink_option },
};

/* The argument before is the level. */
void wv_decode_socket_option(const struct wv_arg *arg, GString *out)
{
	uint32_t level = arg->index > 0 ? (uint32_t)wv_sibling(arg, arg->index - 1u, ~0u) : ~0u;

	for (size_t i = 0; i < G_N_ELEMENTS(option_sets); i++) {
		if (option_sets[i].level == level) {
			wv_append_signed_name(out, option_sets[i].names, (int32_t)arg->number);
			return;
		}
	}
	wv_append_i64(out, (int32_t)arg->number);
}

static bool append_known_option(const struct wv_arg *arg, GString *out, uint32_t option)
{
	switch (option) {
	case OPTION_LINGER:
		if (arg->size < 8)
			return false;
		WV_APPEND(out, "{onoff=");
		wv_append_i64(out, (int32_t)wv_u32(arg, 0));
		WV_APPEND(out, ", linger=");
		wv_append_i64(out, (int32_t)wv_u32(arg, 4));
		break;
	case OPTION_PEERCRED:
		if (arg->size < 12)
			return false;
		WV_APPEND(out, "{pid=");
		wv_append_i64(out, (int32_t)wv_u32(arg, 0));
		WV_APPEND(out, ", uid=");
		wv_append_u64(out, wv_u32(arg, 4));
		WV_APPEND(out, ", gid=");
		wv_append_u64(out, wv_u32(arg, 8));
		break;
	case OPTION_RCVTIMEO_OLD:
	case OPTION_SNDTIMEO_OLD:
		if (arg->size < 2 * wv_word_size(arg))
			return false;
		wv_append_char(out, '{');
		wv_append_seconds(out, wv_signed_word(arg, 0),
				  wv_signed_word(arg, wv_word_size(arg)), 6);
		break;
	default:
		return false;
	}
	wv_append_char(out, '}');
	return true;
}

/* The value of a socket's option: an int, but for a few. Level and option are the two before. */
void wv_decode_socket_value(const struct wv_arg *arg, GString *out)
{
	bool of_socket =
		arg->index > 1 && (uint32_t)wv_sibling(arg, arg->index - 2u, 0) == LEVEL_SOCKET;
	uint32_t option = arg->index > 0 ? (uint32_t)wv_sibling(arg, arg->index - 1u, 0) : 0;

	if (of_socket && append_known_option(arg, out, option))
		return;
	if (arg->size == 4 && !arg->truncated && !(of_socket && option == OPTION_BINDTODEVICE)) {
		wv_append_char(out, '[');
		wv_append_i64(out, (int32_t)wv_u32(arg, 0));
		wv_append_char(out, ']');
		return;
	}
	wv_append_quoted(out, arg->bytes, MIN(arg->size, OPTION_PREVIEW));
	if (arg->truncated || arg->size > OPTION_PREVIEW)
		WV_APPEND(out, "...");
}

/* Messages --------------------------------------------------------------------------------------*/

/* struct user_msghdr at @offset; what its pointers lead to is not captured. */
static void append_message(const struct wv_arg *arg, GString *out, size_t offset)
{
	size_t word = wv_word_size(arg);
	uint64_t name = wv_word(arg, offset);
	uint64_t control = wv_word(arg, offset + 4 * word);

	wv_append_char(out, '{');
	if (name) {
		wv_append_member(out, "name");
		wv_append_hex(out, name);
		wv_append_member(out, "namelen");
		wv_append_i64(out, (int32_t)wv_u32(arg, offset + word));
	}
	wv_append_member(out, "iov");
	wv_append_address(out, wv_word(arg, offset + 2 * word));
	wv_append_member(out, "iovlen");
	wv_append_u64(out, wv_word(arg, offset + 3 * word));
	if (control) {
		wv_append_member(out, "control");
		wv_append_hex(out, control);
		wv_append_member(out, "controllen");
		wv_append_u64(out, wv_word(arg, offset + 5 * word));
	}
	wv_append_member(out, "flags");
	wv_append_flags(out, &wv_constants_message_flags, wv_u32(arg, offset + 6 * word));
	wv_append_char(out, '}');
}

void wv_decode_msghdr(const struct wv_arg *arg, GString *out)
{
	append_message(arg, out, 0);
}

/* struct mmsghdr: a message, and the number of bytes that were sent or received. */
void wv_decode_mmsghdrs(const struct wv_arg *arg, GString *out)
{
	size_t size = arg->compat ? arg->decoder->size_compat : arg->decoder->size;
	size_t at = 0;

	wv_append_char(out, '[');
	for (; size > 0 && wv_has(arg, at, size); at += size) {
		if (at > 0)
			WV_APPEND(out, ", ");
		append_message(arg, out, at);
		if (arg->returned) {
			WV_APPEND(out, " len=");
			wv_append_u64(out, wv_u32(arg, at + 7 * wv_word_size(arg)));
		}
	}
	wv_append_closing(arg, out, ']');
}
