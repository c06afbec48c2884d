# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of the wyvern command for bash; options are taken from the command's own help.

_wyvern_options()
{
	# shellcheck disable=SC2086
	"$1" $2 --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p'
}

_wyvern_plugins()
{
	"$1" plugins 2>/dev/null | sed -n 's/^\([a-z][a-z0-9_]*\): .*/\1/p'
}

_wyvern_templates()
{
	"$1" template list 2>/dev/null | sed '1d; s/ .*//'
}

_wyvern()
{
	local wyvern=$1 word=$2 previous=$3 command=${COMP_WORDS[1]} actions='' i

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "run analyze template tree profile plugins doctor --help --version" -- "$word")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		# behind it are QEMU's arguments: files, by bash's default
		[ "${COMP_WORDS[i]}" != -- ] || return
	done
	case $command in
	template) actions="create list show delete" ;;
	profile) actions="show convert fetch" ;;
	esac
	if [ "$actions" ] && [ "$COMP_CWORD" = 2 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$actions" -- "$word")
		return
	fi
	[ ! "$actions" ] || command="$command ${COMP_WORDS[2]}"
	# the names of files, by bash's default
	[[ $command != profile* ]] || [[ $word == -* ]] || return
	case $command:$previous in
	*:--template | template*:show | template*:delete)
		mapfile -t COMPREPLY < <(compgen -W "$(_wyvern_templates "$wyvern")" -- "$word")
		;;
	*:-o | *:--format)
		mapfile -t COMPREPLY < <(compgen -W "default csv kv json" -- "$word")
		;;
	*:-a | *:--plugin | *:-x | *:--no-plugin)
		mapfile -t COMPREPLY < <(compgen -W "$(_wyvern_plugins "$wyvern")" -- "$word")
		;;
	*:--kernel | *:--rootfs | *:--modules | *:--out | *:-c | *:--config | *:-r | *:--profile | \
	*:--output | *:--qemu | *:--symbol-path | *:--symbol-server | *-file) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$(_wyvern_options "$wyvern" "$command") --" \
			-- "$word")
		;;
	esac
}

complete -o default -F _wyvern wyvern
