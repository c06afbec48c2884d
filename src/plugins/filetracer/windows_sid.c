/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: identifiers of users and groups (SID). */
#include "plugins/filetracer/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/** SID (winnt.h). */
struct sid {
	uint8_t revision, n_parts;
	uint8_t authority[6]; /* the highest byte first */
	uint32_t parts[15];
};

#define HEAD_SIZE offsetof(struct sid, parts)

/**
 * Identifiers that are the same everywhere, as Windows shows them. Source: MS-DTYP 2.4.2.4, winnt.h
 * (Windows SDK 10.0), and "Security identifiers" in Windows Server's documentation.
 */
static const struct {
	const char *sid, *name;
} known[] = {
	{ "S-1-0-0", "NULL SID" },
	{ "S-1-1-0", "Everyone" },
	{ "S-1-2-0", "LOCAL" },
	{ "S-1-2-1", "CONSOLE LOGON" },
	{ "S-1-3-0", "CREATOR OWNER" },
	{ "S-1-3-1", "CREATOR GROUP" },
	{ "S-1-3-2", "CREATOR OWNER SERVER" },
	{ "S-1-3-3", "CREATOR GROUP SERVER" },
	{ "S-1-3-4", "OWNER RIGHTS" },
	{ "S-1-5-1", "DIALUP" },
	{ "S-1-5-2", "NETWORK" },
	{ "S-1-5-3", "BATCH" },
	{ "S-1-5-4", "INTERACTIVE" },
	{ "S-1-5-6", "SERVICE" },
	{ "S-1-5-7", "ANONYMOUS LOGON" },
	{ "S-1-5-8", "PROXY" },
	{ "S-1-5-9", "ENTERPRISE DOMAIN CONTROLLERS" },
	{ "S-1-5-10", "SELF" },
	{ "S-1-5-11", "Authenticated Users" },
	{ "S-1-5-12", "RESTRICTED" },
	{ "S-1-5-13", "TERMINAL SERVER USER" },
	{ "S-1-5-14", "REMOTE INTERACTIVE LOGON" },
	{ "S-1-5-15", "This Organization" },
	{ "S-1-5-17", "IUSR" },
	{ "S-1-5-18", "SYSTEM" },
	{ "S-1-5-19", "LOCAL SERVICE" },
	{ "S-1-5-20", "NETWORK SERVICE" },
	{ "S-1-5-32-544", "Administrators" },
	{ "S-1-5-32-545", "Users" },
	{ "S-1-5-32-546", "Guests" },
	{ "S-1-5-32-547", "Power Users" },
	{ "S-1-5-32-548", "Account Operators" },
	{ "S-1-5-32-549", "Server Operators" },
	{ "S-1-5-32-550", "Print Operators" },
	{ "S-1-5-32-551", "Backup Operators" },
	{ "S-1-5-32-552", "Replicator" },
	{ "S-1-5-32-554", "Pre-Windows 2000 Compatible Access" },
	{ "S-1-5-32-555", "Remote Desktop Users" },
	{ "S-1-5-32-556", "Network Configuration Operators" },
	{ "S-1-5-32-558", "Performance Monitor Users" },
	{ "S-1-5-32-559", "Performance Log Users" },
	{ "S-1-5-32-562", "Distributed COM Users" },
	{ "S-1-5-32-568", "IIS_IUSRS" },
	{ "S-1-5-32-569", "Cryptographic Operators" },
	{ "S-1-5-32-573", "Event Log Readers" },
	{ "S-1-5-32-578", "Hyper-V Administrators" },
	{ "S-1-5-32-580", "Remote Management Users" },
	{ "S-1-5-33", "WRITE RESTRICTED" },
	{ "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", "TrustedInstaller" },
	{ "S-1-15-2-1", "ALL APPLICATION PACKAGES" },
	{ "S-1-15-2-2", "ALL RESTRICTED APPLICATION PACKAGES" },
	{ "S-1-16-0", "Untrusted Mandatory Level" },
	{ "S-1-16-4096", "Low Mandatory Level" },
	{ "S-1-16-8192", "Medium Mandatory Level" },
	{ "S-1-16-8448", "Medium Plus Mandatory Level" },
	{ "S-1-16-12288", "High Mandatory Level" },
	{ "S-1-16-16384", "System Mandatory Level" },
};

/** "S-1-5-18"; an authority of more than 32 bits is in hex (MS-DTYP 2.4.2.1). */
static void write_sid(const struct sid *sid, char text[FILETRACER_SID_SIZE])
{
	uint64_t authority = 0;
	int used;

	for (size_t i = 0; i < sizeof(sid->authority); i++)
		authority = authority << 8 | sid->authority[i];
	used = snprintf(text, FILETRACER_SID_SIZE,
			authority >> 32 ? "S-%u-0x%012" PRIx64 : "S-%u-%" PRIu64, sid->revision,
			authority);
	for (unsigned i = 0; i < sid->n_parts; i++)
		used += snprintf(text + used, FILETRACER_SID_SIZE - (size_t)used, "-%u",
				 sid->parts[i]);
}

static void name_if_known(char text[FILETRACER_SID_SIZE])
{
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (strcmp(known[i].sid, text) == 0) {
			g_strlcpy(text, known[i].name, FILETRACER_SID_SIZE);
			return;
		}
	}
}

bool filetracer_read_sid(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
			 uint32_t room, char text[FILETRACER_SID_SIZE])
{
	struct sid sid;
	size_t size;

	if (room < HEAD_SIZE || !filetracer_read(call, saved, place, &sid, HEAD_SIZE) ||
	    sid.n_parts > G_N_ELEMENTS(sid.parts))
		return false;
	size = sid.n_parts * sizeof(*sid.parts);
	if (room < HEAD_SIZE + size ||
	    (size && !filetracer_read(call, saved, place + HEAD_SIZE, sid.parts, size)))
		return false;
	write_sid(&sid, text);
	name_if_known(text);
	return true;
}
