/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is needed of every Windows kernel: names as public symbols have them. */
#include "guest/windows/internal.h"

const struct wv_want wv_windows_wants[WINDOWS_WANT_COUNT] = {
	[SYM_ACTIVE_PROCESSES] = WV_SYMBOL("PsActiveProcessHead", "the list of running processes"),
	[SYM_TYPE_TABLE] = WV_SYMBOL("ObTypeIndexTable", "object types"),
	/* Windows 10 and newer hide the index of an object's type with it */
	[SYM_HEADER_COOKIE] = WV_SYMBOL_IF_ANY("ObHeaderCookie"),
	[SYM_SYSTEM_PROCESS] = WV_SYMBOL("PsInitialSystemProcess", "handles of the kernel"),
	[SYM_FILE_TYPE] = WV_SYMBOL("IoFileObjectType", "names of open files"),
	[SYM_KEY_TYPE] = WV_SYMBOL("CmKeyObjectType", "names of registry keys"),
	[SYM_PROCESS_TYPE] = WV_SYMBOL("PsProcessType", "processes that handles lead to"),
	[SYM_THREAD_TYPE] = WV_SYMBOL("PsThreadType", "threads that handles lead to"),
	[SYM_IDS] = WV_SYMBOL("PspCidTable", "names of processes that are opened"),

	/* on 32 bits Prcb is a pointer to PrcbData, on 64 it is the structure */
	[KPCR_PRCB] = WV_MEMBER("_KPCR", "PrcbData|Prcb", NULL),
	[KPRCB_CURRENT_THREAD] = WV_MEMBER("_KPRCB", "CurrentThread", NULL),
	/* the process that it acts in: another one than its own while it is attached to that */
	[KTHREAD_PROCESS] = WV_MEMBER("_KTHREAD", "ApcState.Process", NULL),
	[KTHREAD_OWNER] = WV_MEMBER("_KTHREAD", "Process", "processes of threads"),
	[ETHREAD_TID] = WV_MEMBER("_ETHREAD", "Cid.UniqueThread", NULL),
	[ETHREAD_PID] = WV_MEMBER("_ETHREAD", "Cid.UniqueProcess", "processes of threads"),
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
	[PARAMETERS_FLAGS] = WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "Flags", "command lines"),
	[PARAMETERS_IMAGE_PATH] =
		WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "ImagePathName", "ImagePathName"),
	[PARAMETERS_COMMAND_LINE] =
		WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "CommandLine", "CommandLine"),
	[PARAMETERS_DLL_PATH] = WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "DllPath", "DllPath"),
	[PARAMETERS_CURRENT_DIRECTORY] =
		WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "CurrentDirectory.DosPath", "CWD"),
	[PARAMETERS_DIRECTORY_HANDLE] =
		WV_MEMBER("_RTL_USER_PROCESS_PARAMETERS", "CurrentDirectory.Handle", "CWD"),
	[PEB_LOADER] = WV_MEMBER("_PEB", "Ldr", "modules of programs"),
	[LOADER_MODULES] =
		WV_MEMBER("_PEB_LDR_DATA", "InLoadOrderModuleList", "modules of programs"),
	[MODULE_LINKS] =
		WV_MEMBER("_LDR_DATA_TABLE_ENTRY", "InLoadOrderLinks", "modules of programs"),
	[MODULE_BASE] = WV_MEMBER("_LDR_DATA_TABLE_ENTRY", "DllBase", "modules of programs"),
	[MODULE_SIZE] = WV_MEMBER("_LDR_DATA_TABLE_ENTRY", "SizeOfImage", "modules of programs"),
	[MODULE_NAME] = WV_MEMBER("_LDR_DATA_TABLE_ENTRY", "BaseDllName", "modules of programs"),
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
	[HEADER_INFO_MASK] = WV_MEMBER("_OBJECT_HEADER", "InfoMask", "names of objects"),
	[HEADER_HANDLES] = WV_MEMBER("_OBJECT_HEADER", "HandleCount", "files that are closed"),
	[SIZE_CREATOR_INFO] = WV_SIZE("_OBJECT_HEADER_CREATOR_INFO", "names of objects"),
	[SIZE_NAME_INFO] = WV_SIZE("_OBJECT_HEADER_NAME_INFO", "names of objects"),
	[NAME_INFO_NAME] = WV_MEMBER("_OBJECT_HEADER_NAME_INFO", "Name", "names of objects"),
	[NAME_INFO_DIRECTORY] =
		WV_MEMBER("_OBJECT_HEADER_NAME_INFO", "Directory", "folders of objects"),
	[FILE_NAME] = WV_MEMBER("_FILE_OBJECT", "FileName", "names of open files"),
	[FILE_DEVICE] = WV_MEMBER("_FILE_OBJECT", "DeviceObject", "volumes of open files"),
	[FILE_FLAGS] = WV_MEMBER("_FILE_OBJECT", "Flags", "deleted files"),
	[FILE_DELETE_PENDING] = WV_MEMBER("_FILE_OBJECT", "DeletePending", "deleted files"),
	[FILE_CONTEXT] = WV_MEMBER("_FILE_OBJECT", "FsContext", "sizes of files"),
	[FILE_SECTIONS] = WV_MEMBER("_FILE_OBJECT", "SectionObjectPointer", "contents of files"),
	[SECTIONS_DATA] =
		WV_MEMBER("_SECTION_OBJECT_POINTERS", "DataSectionObject", "contents of files"),
	[SECTIONS_CACHE] =
		WV_MEMBER("_SECTION_OBJECT_POINTERS", "SharedCacheMap", "contents of files"),
	[SECTIONS_IMAGE] =
		WV_MEMBER("_SECTION_OBJECT_POINTERS", "ImageSectionObject", "contents of programs"),
	/* what a file's FsContext begins with, in each file system that caches files */
	[FCB_SIZE] = WV_MEMBER("_FSRTL_ADVANCED_FCB_HEADER", "FileSize",
			       "sizes of files that are not cached"),
	[FCB_VALID] = WV_MEMBER("_FSRTL_ADVANCED_FCB_HEADER", "ValidDataLength",
				"sizes of files that are not cached"),
	[CACHE_SIZE] = WV_MEMBER("_SHARED_CACHE_MAP", "FileSize", "sizes of files"),
	[CACHE_VALID] = WV_MEMBER("_SHARED_CACHE_MAP", "ValidDataLength", "sizes of files"),
	[CACHE_SECTION_SIZE] = WV_MEMBER("_SHARED_CACHE_MAP", "SectionSize", "sizes of files"),
	[CACHE_VACBS] = WV_MEMBER("_SHARED_CACHE_MAP", "Vacbs", "cached views of files"),
	[VACB_BASE] = WV_MEMBER("_VACB", "BaseAddress", "cached views of files"),
	[VACB_CACHE] = WV_MEMBER("_VACB", "SharedCacheMap", "cached views of files"),
	[VACB_OFFSET] = WV_MEMBER("_VACB", "Overlay.FileOffset", "cached views of files"),
	[CONTROL_SEGMENT] = WV_MEMBER("_CONTROL_AREA", "Segment", "contents of files"),
	[SIZE_CONTROL] = WV_SIZE("_CONTROL_AREA", "contents of files"),
	[SEGMENT_CONTROL] = WV_MEMBER("_SEGMENT", "ControlArea", "contents of files"),
	[SEGMENT_PTES] = WV_MEMBER("_SEGMENT", "TotalNumberOfPtes", "contents of files"),
	[SEGMENT_SIZE] = WV_MEMBER("_SEGMENT", "SizeOfSegment", "contents of files"),
	[SUBSECTION_CONTROL] = WV_MEMBER("_SUBSECTION", "ControlArea", "contents of files"),
	[SUBSECTION_BASE] = WV_MEMBER("_SUBSECTION", "SubsectionBase", "contents of files"),
	[SUBSECTION_NEXT] = WV_MEMBER("_SUBSECTION", "NextSubsection", "contents of files"),
	[SUBSECTION_PTES] = WV_MEMBER("_SUBSECTION", "PtesInSubsection", "contents of files"),
	[SUBSECTION_SECTOR] = WV_MEMBER("_SUBSECTION", "StartingSector", "contents of programs"),
	[SUBSECTION_FULL_SECTORS] =
		WV_MEMBER("_SUBSECTION", "NumberOfFullSectors", "contents of programs"),
	[SUBSECTION_LAST_BYTES] = WV_MEMBER("_SUBSECTION", "u.SubsectionFlags.SectorEndOffset",
					    "contents of programs"),
	[SIZE_PTE] = WV_SIZE("_MMPTE", "contents of files"),
	[PTE_VALID] = WV_MEMBER("_MMPTE_HARDWARE", "Valid", "contents of files"),
	[PTE_PAGE] = WV_MEMBER("_MMPTE_HARDWARE", "PageFrameNumber", "contents of files"),
	[PTE_TRANSITION] = WV_MEMBER("_MMPTE_TRANSITION", "Transition", "contents of files"),
	[PTE_PROTOTYPE] = WV_MEMBER("_MMPTE_TRANSITION", "Prototype", "contents of files"),
	[PTE_TRANSITION_PAGE] =
		WV_MEMBER("_MMPTE_TRANSITION", "PageFrameNumber", "contents of files"),
	/* kernels that hide what is not present from the processor's guesses (CVE-2018-3620) */
	[PTE_SWIZZLE] = WV_MEMBER_IF_ANY("_MMPTE_TRANSITION", "SwizzleBit"),
	[SYM_INVALID_PTE_MASK] = WV_SYMBOL_IF_ANY("MiInvalidPteMask"),
	[SYM_MEMORY_STATE] = WV_SYMBOL_IF_ANY("MiState"),
	[STATE_INVALID_PTE_MASK] =
		WV_MEMBER_IF_ANY("_MI_SYSTEM_INFORMATION", "Hardware.InvalidPteMask"),
	[KEY_CONTROL] = WV_MEMBER("_CM_KEY_BODY", "KeyControlBlock", "names of registry keys"),
	[KEY_PARENT] = WV_MEMBER("_CM_KEY_CONTROL_BLOCK", "ParentKcb", "names of registry keys"),
	[KEY_NAME_BLOCK] =
		WV_MEMBER("_CM_KEY_CONTROL_BLOCK", "NameBlock", "names of registry keys"),
	[NAME_BLOCK_COMPRESSED] =
		WV_MEMBER("_CM_NAME_CONTROL_BLOCK", "Compressed", "names of registry keys"),
	[NAME_BLOCK_LENGTH] =
		WV_MEMBER("_CM_NAME_CONTROL_BLOCK", "NameLength", "names of registry keys"),
	[NAME_BLOCK_NAME] = WV_MEMBER("_CM_NAME_CONTROL_BLOCK", "Name", "names of registry keys"),
	[TYPE_NAME] = WV_MEMBER("_OBJECT_TYPE", "Name", "names of object types"),
	[TYPE_KEY] = WV_MEMBER("_OBJECT_TYPE", "Key", "keys of object types"),
};

const struct wv_want *wv_windows_needs(unsigned *count)
{
	*count = WINDOWS_WANT_COUNT;
	return wv_windows_wants;
}
