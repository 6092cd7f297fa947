#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs shell commands in a virtual machine on a Debian kernel, or on one that
# linux.sh builds; see README.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/packages.sh"

KERNEL=6.12 OVERLAY=stock SMP=2 MEM=1G TIMEOUT=300 ICOUNT="" APPEND="" CPU=$LAB_CPU GET_DIR="" KEEP_LOG="" SCRIPT="" DISK="" SYSTEMD=""
PUTS=() SPLAT_FLAGS=()
MACHINE=$LAB_MACHINE
STATUS_SPLAT=124
STATUS_MAX=123
MODULES=0
WORK="" QEMU_PID="" TIMER_PID="" CAT_PIDS=()

usage() {
	cat >&2 <<-END
		usage: $LAB_NAME [OPTION]… -- 'COMMANDS'
		  --kernel VERSION    Debian kernel line ($KERNEL); LINE-CONFIG of linux.sh; or a
		                      directory that linux.sh printed
		  --overlay VARIANT   overlay.ko to load, or none ($OVERLAY)
		  --smp N, --mem SIZE processors and memory ($SMP, $MEM)
		  --timeout SECONDS   kill the machine then ($TIMEOUT)
		  --leaks             leaks that kmemleak reports are no complaint, nor is kmemleak=off
		  --oom               a report that a control group is out of memory is no complaint
		  --icount            one instruction is one nanosecond of guest time
		  --append TEXT       more kernel parameters
		  --cpu MODEL         processor, as QEMU names it ($CPU)
		  --disk IMAGE        a disk, /dev/vda; what the guest writes to it is forgotten
		  --systemd           the machine is booted from that disk by systemd, and runs
		                      COMMANDS as a service
		  --put SRC[:DST]     copy a file or directory in (to /lab), with its libraries
		  --get-dir DIR       copy what COMMANDS leave in /out to DIR
		  --keep-log FILE     keep the kernel's console log there
	END
	exit 2
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--icount) ICOUNT=1 && shift && continue ;;
		--systemd) SYSTEMD=1 && shift && continue ;;
		--leaks | --oom) SPLAT_FLAGS+=("$1") && shift && continue ;;
		--) shift && break ;;
		esac
		[ $# -ge 2 ] || usage
		case $1 in
		--kernel) KERNEL=$2 ;;
		--overlay) OVERLAY=$2 ;;
		--smp) SMP=$2 ;;
		--mem) MEM=$2 ;;
		--timeout) TIMEOUT=$2 ;;
		--append) APPEND=$2 ;;
		--cpu) CPU=$2 ;;
		--put) PUTS+=("$2") ;;
		--disk) DISK=$2 ;;
		--get-dir) GET_DIR=$2 ;;
		--keep-log) KEEP_LOG=$2 ;;
		*) usage ;;
		esac
		shift 2
	done
	[ $# -eq 1 ] || usage
	SCRIPT=$1
}

# --- the guest's files --------------------------------------------------------

# Copies the shared libraries of an ELF file, and its loader, to where it will
# look for them.
put_libraries() {
	local file=$1 root=$2 lib
	[ "$(head -c 4 "$file" | od -An -c | tr -d ' ')" = '177ELF' ] || return 0
	{ ldd "$file" 2>/dev/null || true; } >"$WORK/ldd"
	if grep 'not found' "$WORK/ldd" >&2; then
		die "program" "$file" "a shared library of it is missing on this machine"
	fi
	for lib in $(grep -oE '(^|[[:space:]])/[^ ]+' "$WORK/ldd" || true); do
		[ -e "$root$lib" ] || install -D "$lib" "$root$lib"
	done
}

put() {
	local src=${1%%:*} dst="" root=$2 file
	case $1 in
	*:*) dst=${1#*:} ;;
	esac
	[ -e "$src" ] || die "file" "$src" "cannot be put into the guest: it does not exist"
	case $dst in
	"") dst=/lab/$(basename "$src") ;;
	*/) dst=$dst$(basename "$src") ;;
	esac
	mkdir -p "$root$(dirname "$dst")"
	cp -rL "$src" "$root$dst"
	while IFS= read -r -d '' file; do
		put_libraries "$file" "$root"
	done < <(find "$root$dst" -type f -perm /111 -print0)
}

# Puts a module after those that it needs, numbered in the order of loading.
put_module() {
	local tree=$1 name=$2 root=$3 dep
	! compgen -G "$root/modules/*-$name.ko" >/dev/null || return 0
	unpack_module "$tree" "$name" "$WORK/$name.ko" || return 0
	for dep in $(modinfo -F depends "$WORK/$name.ko" | tr ',' ' '); do
		put_module "$tree" "$dep" "$root"
	done
	MODULES=$((MODULES + 1))
	mv "$WORK/$name.ko" "$root/modules/$(printf '%02d' $MODULES)-$name.ko"
}

# A shell for the guest: this machine's, or one of the guest's architecture from the cache.
guest_busybox() {
	local dir=$LAB_CACHE/busybox-$LAB_DEBIAN temp version
	[ "$LAB_ARCH" != "$LAB_HOST_ARCH" ] || { command -v busybox && return; }
	with_lock "busybox-$LAB_DEBIAN"
	if [ ! -e "$dir" ] || ! stamp_ok "$dir"; then
		rm -rf "$dir" "$dir".new.*
		temp=$(mktemp -d "$dir.new.XXXXXX")
		version=$(apt_field "busybox-static:$LAB_DEBIAN" Version)
		download "busybox-static:$LAB_DEBIAN=$version" "$temp"
		stamp_write "$temp"
		mv "$temp" "$dir"
	fi
	echo "$dir/root/bin/busybox"
}

make_initramfs() {
	local root=$WORK/root tree=$1 module=$2 item
	mkdir -p "$root"/{bin,dev,proc,sys,lab,modules,lib,usr/lib,etc}
	ln -s /tmp "$root/var"
	install "$(guest_busybox)" "$root/bin/busybox"
	put_libraries "$root/bin/busybox" "$root"
	ln -s busybox "$root/bin/sh"
	install "$LAB_DIR/guest-init" "$root/init"
	echo 'root:x:0:0:root:/lab:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	printf '%s\n' "$SCRIPT" >"$root/script"
	put_module "$tree" virtio_pci "$root"
	put_module "$tree" virtio_console "$root"
	[ -z "$DISK" ] || put_module "$tree" virtio_blk "$root"
	[ -z "$SYSTEMD" ] || install -m 644 "$LAB_DIR/guest-disk" "$root/guest-disk"
	[ -z "$module" ] || cp "$module" "$root/overlay.ko"
	[ -z "$ICOUNT" ] || touch "$root/settle"
	echo "stdout stderr status ${GET_DIR:+files}" >"$root/ports"
	for item in "${PUTS[@]}"; do
		put "$item" "$root"
	done
	(cd "$root" && find . -print0 | cpio --null --quiet -o -H newc -R 0:0) >"$WORK/initramfs" ||
		die "initramfs" "$WORK/initramfs" "cannot be written" "is the disk full?"
	rm -rf "$root"
}

# --- the machine --------------------------------------------------------------

# Whether KVM really runs a kernel. /dev/kvm may exist, open, and then fail at
# the first instruction that it has to emulate, so a kernel is booted until it
# finds no root; the answer holds for as long as the host is up.
kvm_usable() {
	local kernel=$1 boot answer log
	[ -w /dev/kvm ] && [ "$LAB_ARCH" = "$LAB_HOST_ARCH" ] || return 1
	boot=$(cat /proc/sys/kernel/random/boot_id)
	answer=$LAB_CACHE/kvm-$boot
	if [ ! -e "$answer" ]; then
		log=$(mktemp)
		if timeout -k 1 20 "${LAB_QEMU[0]}" -accel kvm -cpu "$LAB_CPU" -machine "$LAB_MACHINE" -m 256M -nodefaults \
			-display none -no-reboot -kernel "$kernel" -append "console=$LAB_CONSOLE panic=-1" \
			-serial "file:$log" </dev/null >/dev/null 2>&1 && grep -aq 'Kernel panic' "$log"; then
			echo yes >"$answer"
		else
			note "KVM does not work here: using the emulator"
			echo no >"$answer"
		fi
		rm -f "$log"
	fi
	[ "$(cat "$answer")" = yes ]
}

accelerator() {
	if [ -n "$ICOUNT" ]; then
		# 2^0 ns an instruction; the clock never waits for the host.
		echo "-accel tcg,thread=single -icount shift=0,sleep=off"
	elif [ "${OVLTRACE_ACCEL:-kvm}" = kvm ] && kvm_usable "$1"; then
		echo "-accel kvm"
	else
		# thread=multi crashes guests in which probes are being armed.
		echo "-accel tcg,thread=single"
	fi
}

# port NAME FILE: a channel from the guest into a file or pipe.
port() {
	echo "-chardev file,id=$1,path=$WORK/$2 -device virtserialport,chardev=$1,name=$1"
}

# Starts QEMU as a direct child that dies with this shell, whatever ends it. The
# inner shell closes the gap: a parent that died before the signal was set.
start_qemu() {
	local kernel=$1 accel files="" disk=""
	accel=$(accelerator "$kernel/vmlinuz")
	[ -z "$DISK" ] || disk="-drive if=none,id=disk,format=raw,snapshot=on,file=$DISK -device virtio-blk-pci,drive=disk"
	[ -z "$GET_DIR" ] || files=$(port files files)
	# shellcheck disable=SC2016,SC2046,SC2086 # lists of words; expanded by the inner shell
	setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"' sh $$ \
		"${LAB_QEMU[0]}" $accel -cpu "$CPU" -smp "$SMP" -m "$MEM" \
		-machine "$MACHINE" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$kernel/vmlinuz" -initrd "$WORK/initramfs" \
		-append "console=$LAB_CONSOLE panic=-1 oops=panic printk.time=1 loglevel=7 $APPEND" \
		-serial "file:$WORK/console" -device virtio-serial-pci \
		$(port stdout stdout) $(port stderr stderr) $(port status status) $files $disk \
		</dev/null >"$WORK/qemu" 2>&1 5>&- 6>&- &
	QEMU_PID=$!
}

# Runs the machine to its end. Prints nothing; what the guest writes passes through.
run_machine() {
	local ended=""
	mkfifo "$WORK/stdout" "$WORK/stderr"
	# The write ends are held open here, so that the readers end when the machine
	# has, and only then; the read ends, so that no open waits for the other end.
	# shellcheck disable=SC2094 # these are pipes
	exec 5<>"$WORK/stdout" 6<>"$WORK/stderr" 7<"$WORK/stdout" 8<"$WORK/stderr"
	cat <&7 5>&- 6>&- 7>&- 8>&- &
	CAT_PIDS=($!)
	cat <&8 >&2 5>&- 6>&- 7>&- 8>&- &
	CAT_PIDS+=($!)
	exec 7>&- 8>&-
	start_qemu "$1"
	setpriv --pdeathsig KILL sleep "$TIMEOUT" 5>&- 6>&- &
	TIMER_PID=$!
	QEMU_STATUS=0
	wait -n -p ended "$QEMU_PID" "$TIMER_PID" || QEMU_STATUS=$?
	if [ "$ended" = "$TIMER_PID" ]; then
		QEMU_STATUS=timeout
		kill -KILL "$QEMU_PID" 2>/dev/null || true
		wait "$QEMU_PID" 2>/dev/null || true
		QEMU_PID=""
	else
		QEMU_PID=""
		kill "$TIMER_PID" 2>/dev/null || true
		wait "$TIMER_PID" 2>/dev/null || true
	fi
	TIMER_PID=""
	exec 5>&- 6>&-
	wait "${CAT_PIDS[@]}" || true
	CAT_PIDS=()
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	local pid
	trap - EXIT
	for pid in $QEMU_PID $TIMER_PID "${CAT_PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	[ -z "$WORK" ] || rm -rf "$WORK"
}

# A runner that was killed could not clean up: the next one does.
remove_leftovers() {
	local dir pid
	for dir in "${TMPDIR:-/tmp}"/ovltrace-vm.*.*; do
		pid=${dir##*/ovltrace-vm.}
		pid=${pid%%.*}
		[ ! -d "$dir" ] || [ -d "/proc/$pid" ] || rm -rf "$dir"
	done
}

# --- the verdict --------------------------------------------------------------

keep_console() {
	local kept=$KEEP_LOG
	if [ -z "$kept" ]; then
		kept=$(mktemp "${TMPDIR:-/tmp}/vm-console.XXXXXX")
	fi
	cp "$WORK/console" "$kept" 2>/dev/null || return 0
	note "the last lines of the console, all of it in $kept:"
	tail -n 25 "$kept" | sed 's/^/  | /' >&2
}

# infra WHAT: the laboratory failed, not what was tested.
infra() {
	note "$1"
	[ ! -s "$WORK/qemu" ] || sed 's/^/  qemu: /' "$WORK/qemu" >&2
	keep_console
	exit "$LAB_INFRA"
}

get_files() {
	mkdir -p "$GET_DIR"
	tar -C "$GET_DIR" --no-same-owner -xf "$WORK/files" ||
		infra "files out of the guest: the archive is damaged"
}

verdict() {
	local splat=0 word status
	"$LAB_DIR/splats.sh" "${SPLAT_FLAGS[@]}" "$WORK/console" >"$WORK/splats" || splat=$?
	if [ "$splat" -eq 1 ]; then
		note "the kernel complained:"
		sed 's/^/  | /' "$WORK/splats" >&2
		# What the guest could still send helps to find out why.
		[ -z "$GET_DIR" ] || [ ! -s "$WORK/files" ] || (get_files) || true
		keep_console
		exit "$STATUS_SPLAT"
	fi
	[ "$QEMU_STATUS" != timeout ] || infra "timeout: the machine was killed after $TIMEOUT seconds"
	[ "$QEMU_STATUS" -eq 0 ] || infra "qemu died with status $QEMU_STATUS"
	[ "$splat" -eq 0 ] || infra "console log: $(cat "$WORK/splats")"
	read -r word status <"$WORK/status" || infra "status lost: the guest ended without saying how"
	case $word in
	status) ;;
	insmod) infra "guest: $status was refused" ;;
	files) infra "guest: /out could not be sent" ;;
	*) infra "guest: '$word $status' failed" ;;
	esac
	[ -z "$GET_DIR" ] || get_files
	[ -z "$KEEP_LOG" ] || cp "$WORK/console" "$KEEP_LOG"
	if [ "$status" -gt "$STATUS_MAX" ]; then
		note "the guest's status was $status, given as $STATUS_MAX"
		status=$STATUS_MAX
	fi
	exit "$status"
}

# Finds KERNEL: its directory, and the MODULE to load. What linux.sh builds has
# overlayfs in it.
find_kernel() {
	local variant=$OVERLAY
	MODULE=""
	case $KERNEL in
	*/*)
		[ -e "$KERNEL/vmlinuz" ] || die "kernel" "$KERNEL" "has no vmlinuz"
		KERNEL_DIR=$KERNEL MACHINE=q35
		;;
	*-*)
		[ "$LAB_ARCH" = x86 ] || die "kernel" "$KERNEL" "linux.sh builds kernels for x86 only"
		[ "$variant" != none ] || variant=untouched
		# In pc's ACPI tables a loop finds the interrupts. With KASAN and kmemleak it takes
		# half a minute, and ACPI gives up.
		MACHINE=q35
		KERNEL_DIR=$("$LAB_DIR/linux.sh" --line "${KERNEL%%-*}" "${KERNEL#*-}" "$variant")
		;;
	*)
		KERNEL_DIR=$("$LAB_DIR/kernel.sh" fetch "$KERNEL")
		[ "$OVERLAY" = none ] ||
			MODULE=$("$LAB_DIR/overlay.sh" --tree "$KERNEL_DIR" "$KERNEL" "$OVERLAY")
		;;
	esac
}

main() {
	parse "$@"
	need "${LAB_QEMU[@]}" busybox busybox-static cpio cpio \
		setpriv util-linux xz xz-utils modinfo kmod
	find_kernel
	remove_leftovers
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/ovltrace-vm.$$.XXXXXX")
	trap cleanup EXIT
	trap 'exit 125' HUP INT TERM
	make_initramfs "$KERNEL_DIR" "$MODULE"
	run_machine "$KERNEL_DIR"
	verdict
}

main "$@"
