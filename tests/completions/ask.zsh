#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-2.0-only
# usage: ask.zsh DIR LINE...
# What an interactive zsh lists when Tab is pressed after each LINE, with the completions in DIR.
# After each listing comes a line "== ". The shell runs in a pseudo-terminal of its own.
zmodload zsh/zpty || exit

# until TEXT: what the shell prints up to that
until_text() {
	local text="" part i
	for ((i = 0; i < 400; i++)); do
		if zpty -r -t shell part 2> /dev/null; then
			text+=$part
		else
			sleep 0.05
		fi
		[[ $text != *$1* ]] || break
	done
	# where the cursor moves, a line ends; what is typed is no part of the listing
	print -r -- "${text%%$1*}" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]/\n/g' | tr '\r\b' '\n\n' |
		tr -d '\a' | grep -vE '^(.|o?ovltrace .*|p?print .*)$'
}

zpty shell env TERM=xterm zsh -f -i
zpty -w shell "PROMPT= PS2= RPS1=; unsetopt zle_bracketed_paste prompt_cr; stty -echo cols 150 rows 900"
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=100000"
zpty -w shell "bindkey '^I' complete-word; bindkey '^G' send-break; print RE''ADY"
until_text READY > /dev/null
shift
for line; do
	zpty -n -w shell "$line"$'\t'
	sleep 0.7
	zpty -n -w shell $'\x07'"print EN''D"$'\n'
	until_text END
	print "== "
done
zpty -d shell
