// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens: opened, and their privileges. */
#include "process.h"
#include "reach.h"
#include "service.h"

#define PRIVILEGES_MAX 36u /* more are refused: there are no more */
#define FAST_REFERENCE ((word)(WV_POINTER == 8 ? 15 : 7))
#define ENABLED	       2u

static ntstatus open_process_token(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	word none = 0;
	void *process;
	ntstatus status;

	if (!wv_store(mode, arguments[2], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_reach(arguments[0], WV_PROCESS, mode, &process);
	if (status)
		return status;
	return wv_give_handle(
		arguments[2],
		(void *)((word)((struct _EPROCESS *)process)->Token.Object & ~FAST_REFERENCE),
		(u32)arguments[1], 0, mode);
}

/* Does what one row says. False: the token has no such privilege. */
static bool adjust(struct _TOKEN *token, const u32 *row)
{
	u64 bit = row[0] < 64 && !row[1] ? 1ull << row[0] : 0;

	if (!(token->Privileges.Present & bit))
		return false;
	if (row[2] & ENABLED)
		token->Privileges.Enabled |= bit;
	else
		token->Privileges.Enabled &= ~bit;
	return true;
}

static ntstatus adjust_privileges(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode, count, row[3];
	ntstatus status;
	void *object;
	bool all = true;

	if (!(u8)arguments[1] && !arguments[2])
		return STATUS_INVALID_PARAMETER;
	status = wv_reach(arguments[0], WV_TOKEN, mode, &object);
	if (status)
		return status;
	if ((u8)arguments[1]) {
		((struct _TOKEN *)object)->Privileges.Enabled = 0;
		return STATUS_SUCCESS;
	}
	if (!wv_fetch(mode, &count, arguments[2], sizeof(count)))
		return STATUS_ACCESS_VIOLATION;
	if (count > PRIVILEGES_MAX)
		return STATUS_INVALID_PARAMETER;
	for (u32 i = 0; i < count; i++) {
		if (!wv_fetch(mode, row, arguments[2] + 4 + i * sizeof(row), sizeof(row)))
			return STATUS_ACCESS_VIOLATION;
		all &= adjust(object, row);
	}
	return all ? STATUS_SUCCESS : STATUS_NOT_ALL_ASSIGNED;
}

const struct wv_handler wv_token_handlers[] = {
	{ "NtOpenProcessToken", open_process_token, "H.h" },
	{ "NtAdjustPrivilegesToken", adjust_privileges, "H.T..d" },
	{ .name = NULL },
};
