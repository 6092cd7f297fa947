#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/package/container.sh BUILD_DIR
# Follows docs/examples/Dockerfile without a builder of images: each stage is a tree of Debian's
# minimal base. What comes out is run in a chroot, and as daemonset.yaml runs it in a machine. The
# last line is "N passed, N failed, N skipped".
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(realpath "$here/../..")
build=$(realpath "$1")
work=$build/container
passed=0 failed=0

# is NAME WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		echo "ok container: $1"
		passed=$((passed + 1))
	else
		echo "not ok container: $1: wanted '$2', got '$3'"
		failed=$((failed + 1))
	fi
}

# A kernel's file systems, and this machine's network, for as long as COMMAND runs.
# inside TREE DIR COMMAND...
inside() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --pid --fork sh -ec '
		tree=$1 dir=$2
		shift 2
		mount -t proc proc "$tree/proc"
		mount -t sysfs sysfs "$tree/sys"
		mount --rbind /dev "$tree/dev"
		touch "$tree/etc/resolv.conf"
		mount --bind /etc/resolv.conf "$tree/etc/resolv.conf"
		cd "$tree"
		exec chroot "$tree" env -i -C "$dir" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
		sh "$@"
}

# from_base TREE: what the image debian:bookworm-slim has, and documentation
from_base() {
	rm -rf --one-file-system "$1"
	mkdir "$1"
	debugfs -R "rdump / $1" "$("$top/tests/lab/image.sh")" > "$1.log" 2>&1
	[ -x "$1/usr/bin/apt-get" ]
}

# copy TREE [--from=STAGE] SRC DST
copy() {
	local tree=$1 src=$work/context
	shift
	case $1 in
	--from=*) src=$work/${1#--from=} && shift ;;
	esac
	mkdir -p "$(dirname "$tree/$2")"
	cp -aT "$src/$1" "$tree/$2"
}

# shellcheck disable=SC2086 # words of COPY
# follow DOCKERFILE: the last stage is in $tree, its program in $entry, its arguments in $arguments
follow() {
	local word rest dir=/
	while read -r word rest; do
		case $word in
		'' | '#'*) continue ;;
		FROM)
			case $rest in
			'debian:bookworm-slim AS '*) tree=$work/${rest##* } ;;
			debian:bookworm-slim) tree=$work/last ;;
			*) return 1 ;;
			esac
			dir=/
			from_base "$tree" || return 1
			;;
		WORKDIR) dir=$rest ;;
		COPY) copy "$tree" $rest || return 1 ;;
		RUN) inside "$tree" "$dir" sh -c "$rest" >> "$work/log" 2>&1 || return 1 ;;
		ENTRYPOINT) entry=$(tr -d '[],"' <<< "$rest") ;;
		CMD) arguments=$(tr -d '[],"' <<< "$rest") ;;
		*) return 1 ;;
		esac
	done < "$1"
}

if [ "$(id -u)" != 0 ]; then
	echo "container: only root can make trees" >&2
	exit 1
fi
rm -rf --one-file-system "$work"
mkdir -p "$work/context"
git -C "$top" ls-files -co --exclude-standard -z |
	tar -C "$top" --null -T - --ignore-failed-read -cf - | tar -C "$work/context" -xf -
tree='' entry='' arguments=''
follow "$top/docs/examples/Dockerfile"
is "each step of the Dockerfile" 0 $?
rm -rf --one-file-system "$work/build" "$work/context"
is "its program" /usr/bin/ovltrace "$entry"
echo "# $(du -k "$tree$entry" | cut -f 1) KiB: the program"
is "it runs in the tree" "$(sed -n 's/.*OVLTRACE_VERSION "\(.*\)"/\1/p' "$top/src/util/version.h")" \
	"$(inside "$tree" / "$entry" --version | awk '{ print $2 }')"
# shellcheck disable=SC2086 # words
inside "$tree" / "$entry" $arguments --json > "$work/doctor.json" 2> "$work/doctor.err"
is "its default, doctor, has a report" 0 \
	"$(python3 "$top/tests/schema/validate_doctor.py" "$work/doctor.json" > "$work/valid" 2>&1; echo $?)"
mke2fs -q -t ext4 -d "$tree" "$work/disk" 2G > "$work/log.disk" 2>&1
is "a disk of the tree" 0 $?
# the command of daemonset.yaml, a word a line
sed -n '/^ *command:$/,/^ *[a-z][A-Za-z]*:/s/^ *- //p' "$top/docs/examples/daemonset.yaml" > "$work/command"
OVLTRACE_CONTAINER=$work "$top/tests/vm/run.sh" "$build" container > "$work/vm"
grep -vE '^[0-9]+ passed' "$work/vm"
read -r more _ less _ < <(tail -n 1 "$work/vm")
passed=$((passed + ${more:-0})) failed=$((failed + ${less:-1}))
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
