#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: zsh.sh BUILD_DIR
# The completions in a real zsh: what Tab lists is what `--help` has.
set -uo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"

if ! command -v zsh > /dev/null; then
	skip "completions in zsh" "zsh is not installed"
	finish
fi

# words PATTERN: those that a listing has, sorted, on a line
words() {
	grep -oE -- "$1" | sort -u | tr '\n' ' '
}

mapfile -t commands < <("$build/ovltrace" --help | sed -nE '/^commands:/,/^$/s/^  ([a-z]+)( .*|$)/\1/p')
lines=("ovltrace ")
for command in "${commands[@]}"; do
	lines+=("ovltrace $command --")
done
lines+=("ovltrace check --format " "ovltrace report --format " "ovltrace run --without " "ovltrace help ")
zsh -f "$here/ask.zsh" "$build/completions" "${lines[@]}" > "$work/all" 2> "$work/stderr"
is "zsh: silent on standard error" "" "$(cat "$work/stderr")"
awk -v dir="$work" '/^== $/ { n++; next } { print > (dir "/" n + 0) }' "$work/all"

# listed N PATTERN: words that the N-th line's listing has
listed() {
	[ ! -e "$work/$1" ] || words "$2" < "$work/$1"
}

# described N: those with a description
described() {
	sed -nE 's/^([a-z]+) +-- .*/\1/p' "$work/$1" | words '[a-z]+'
}

is "zsh: commands" "$(printf '%s\n' "${commands[@]}" help | sort -u | tr '\n' ' ')" \
	"$(described 0)"
n=0
for command in "${commands[@]}"; do
	n=$((n + 1))
	is "zsh: options of $command" "$("$build/ovltrace" "$command" --help | sed -nE 's/^  (-., |    )?(--[a-z-]+).*/\2/p' | words '--[a-z-]+')" \
		"$(sed -nE 's/^(--[a-z-]+) .*/\1/p' "$work/$n" | words '--[a-z-]+')"
done
is "zsh: formats of check" "json junit ktap " "$(listed $((n + 1)) '[a-z]+')"
is "zsh: formats of report" "html json openmetrics perfetto text " "$(listed $((n + 2)) '[a-z]+')"
is "zsh: what run can do without" "call-site kprobe trampoline " "$(listed $((n + 3)) '[a-z-]+')"
is "zsh: commands of help" "$(printf '%s\n' "${commands[@]}" help | sort -u | tr '\n' ' ')" \
	"$(described $((n + 4)))"
finish
