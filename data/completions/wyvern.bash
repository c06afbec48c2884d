# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of the wyvern command for bash; options are taken from the command's own help.

_wyvern_options()
{
	"$1" "$2" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p'
}

_wyvern_plugins()
{
	"$1" plugins 2>/dev/null | sed -n 's/^\([a-z][a-z0-9_]*\): .*/\1/p'
}

_wyvern()
{
	local wyvern=$1 word=$2 previous=$3 command=${COMP_WORDS[1]} i

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "run plugins doctor --help --version" -- "$word")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		# behind it are QEMU's arguments: files, by bash's default
		[ "${COMP_WORDS[i]}" != -- ] || return
	done
	case $previous in
	-o | --format)
		mapfile -t COMPREPLY < <(compgen -W "default csv kv json" -- "$word")
		;;
	-a | --plugin | -x | --no-plugin)
		mapfile -t COMPREPLY < <(compgen -W "$(_wyvern_plugins "$wyvern")" -- "$word")
		;;
	-c | --config | -r | --profile | --output | --qemu | *-file) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$(_wyvern_options "$wyvern" "$command") --" \
			-- "$word")
		;;
	esac
}

complete -o default -F _wyvern wyvern
