/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is needed of every Windows kernel: names as public symbols have them. */
#include "guest/windows/internal.h"

const struct wv_want wv_windows_wants[WINDOWS_WANT_COUNT] = {
	[SYM_ACTIVE_PROCESSES] = WV_SYMBOL("PsActiveProcessHead", "the list of running processes"),
	[SYM_TYPE_TABLE] = WV_SYMBOL("ObTypeIndexTable", "object types"),
	/* Windows 10 and newer hide the index of an object's type with it */
	[SYM_HEADER_COOKIE] = WV_SYMBOL_IF_ANY("ObHeaderCookie"),
	[SYM_SYSTEM_PROCESS] = WV_SYMBOL("PsInitialSystemProcess", "handles of the kernel"),

	[KPCR_PRCB] = WV_MEMBER("_KPCR", "Prcb|PrcbData", NULL), /* 64 and 32 bits */
	[KPRCB_CURRENT_THREAD] = WV_MEMBER("_KPRCB", "CurrentThread", NULL),
	[KTHREAD_PROCESS] = WV_MEMBER("_KTHREAD", "Process|ApcState.Process", NULL),
	[ETHREAD_TID] = WV_MEMBER("_ETHREAD", "Cid.UniqueThread", NULL),
	[KPROCESS_TABLE] = WV_MEMBER("_KPROCESS", "DirectoryTableBase", "CR3 of running processes"),
	[EPROCESS_PID] = WV_MEMBER("_EPROCESS", "UniqueProcessId", NULL),
	[EPROCESS_PPID] = WV_MEMBER("_EPROCESS", "InheritedFromUniqueProcessId", "PPID"),
	[EPROCESS_LINKS] =
		WV_MEMBER("_EPROCESS", "ActiveProcessLinks", "the list of running processes"),
	[EPROCESS_SHORT_NAME] = WV_MEMBER("_EPROCESS", "ImageFileName", "image names"),
	[EPROCESS_AUDIT_NAME] = WV_MEMBER("_EPROCESS", "SeAuditProcessCreationInfo.ImageFileName",
					  "whole image names"),
	[EPROCESS_SESSION] = WV_MEMBER("_EPROCESS", "Session", "SessionID"),
	[EPROCESS_PEB] = WV_MEMBER("_EPROCESS", "Peb", "SessionID"),
	[EPROCESS_WOW64] = WV_MEMBER_IF_ANY("_EPROCESS", "WoW64Process|Wow64Process"),
	[EPROCESS_HANDLES] = WV_MEMBER("_EPROCESS", "ObjectTable", "handles"),
	/* its type is not among every kernel's; the PEB has the number as well */
	[SESSION_ID] = WV_MEMBER_IF_ANY("_MM_SESSION_SPACE", "SessionId"),
	[PEB_SESSION_ID] = WV_MEMBER("_PEB", "SessionId", "SessionID"),
	[NAME_INFORMATION_NAME] =
		WV_MEMBER("_OBJECT_NAME_INFORMATION", "Name", "whole image names"),
	[UNICODE_LENGTH] = WV_MEMBER("_UNICODE_STRING", "Length", NULL),
	[UNICODE_BUFFER] = WV_MEMBER("_UNICODE_STRING", "Buffer", NULL),
	[HANDLE_TABLE_CODE] = WV_MEMBER("_HANDLE_TABLE", "TableCode", "handles"),
	/* up to 7 an entry is a pointer with flags in its low bits; since 8 it is a bit field */
	[HANDLE_ENTRY_OBJECT] = WV_MEMBER_IF_ANY("_HANDLE_TABLE_ENTRY", "Object"),
	[HANDLE_ENTRY_BITS] = WV_MEMBER_IF_ANY("_HANDLE_TABLE_ENTRY", "ObjectPointerBits"),
	[SIZE_HANDLE_ENTRY] = WV_SIZE("_HANDLE_TABLE_ENTRY", "handles"),
	[HEADER_BODY] = WV_MEMBER("_OBJECT_HEADER", "Body", "object types"),
	[HEADER_TYPE_INDEX] = WV_MEMBER("_OBJECT_HEADER", "TypeIndex", "object types"),
	[TYPE_NAME] = WV_MEMBER("_OBJECT_TYPE", "Name", "names of object types"),
	[TYPE_KEY] = WV_MEMBER("_OBJECT_TYPE", "Key", "keys of object types"),
};
