# SPDX-License-Identifier: GPL-2.0-only
# bash completion for ovltrace

_ovltrace()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i
	local options="--output --duration --mount --pid --hits --merged --quiet --allow-partial --costly --without --btf --proof --no-proof --metrics --ktap --widen --ring-bytes --help"

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "run top check report audit doctor --help --version" -- "$cur")
		return
	fi
	if [ "${COMP_WORDS[1]}" = audit ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -W "--json --help" -- "$cur"; compgen -d -- "$cur")
		return
	fi
	if [ "${COMP_WORDS[1]}" = doctor ]; then
		mapfile -t COMPREPLY < <(compgen -W "--json --proof --help" -- "$cur")
		return
	fi
	if [ "${COMP_WORDS[1]}" = report ]; then
		case $prev in
		-f | --format)
			mapfile -t COMPREPLY < <(compgen -W "text json perfetto html openmetrics" -- "$cur")
			;;
		*)
			if [[ $cur == -* ]]; then
				mapfile -t COMPREPLY < <(compgen -W "--format --output --help" -- "$cur")
			else
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			fi
			;;
		esac
		return
	fi
	if [ "${COMP_WORDS[1]}" = check ]; then
		case $prev in
		--format) mapfile -t COMPREPLY < <(compgen -W "ktap junit json" -- "$cur") ;;
		--scenario)
			mapfile -t COMPREPLY < <(compgen -W "impure-race impure-sparse impure-empties removed
				copy-up merged nested xino-on xino-off" -- "$cur")
			;;
		-o | --output)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		-d | --duration | --widen | --seed) ;;
		*)
			mapfile -t COMPREPLY < <(compgen -W "--duration --format --scenario --widen --provoke
				--seed --output --help -d -o -h" -- "$cur")
			;;
		esac
		return
	fi
	if [ "${COMP_WORDS[1]}" = top ]; then
		case $prev in
		--mount) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
		--without) mapfile -t COMPREPLY < <(compgen -W "call-site kprobe trampoline" -- "$cur") ;;
		--btf)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		-i | --interval | -n | --lines | -d | --duration | --iterations) ;;
		*)
			mapfile -t COMPREPLY < <(compgen -W "--interval --lines --duration --iterations --once
				--mount --without --btf --help -i -n -d -h" -- "$cur")
			;;
		esac
		return
	fi
	[ "${COMP_WORDS[1]}" = run ] || return
	# after "--" it is another command's line
	for ((i = 2; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" = -- ] || continue
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
		elif [ "$COMP_CWORD" -eq $((i + 1)) ]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		return
	done
	case $prev in
	-o | --output | --metrics)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	--mount)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	--pid)
		mapfile -t COMPREPLY < <(cd /proc && compgen -G '[0-9]*' | grep "^$cur")
		;;
	-d | --duration | --widen | --ring-bytes) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$options -- -o -d -q -h" -- "$cur")
		;;
	esac
}

complete -F _ovltrace ovltrace
