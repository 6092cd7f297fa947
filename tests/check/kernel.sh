#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: kernel.sh BUILD_DIR KERNEL [MODULES] [OPTION OF CHECK]...
# Runs `ovltrace check` in a small machine on a kernel of your own: KERNEL is a
# bzImage, MODULES a directory that has overlay.ko somewhere in it (none where
# overlayfs is built in). The report goes to standard output, the console to
# BUILD_DIR/check-kernel.log; the exit status is the check's, 125 if the machine
# was lost. OVLTRACE_ACCEL=kvm: with KVM.
# TIMEOUT: seconds until the machine is lost (600).
set -euo pipefail

die() {
	echo "kernel.sh: $*" >&2
	exit 125
}

build=$1 kernel=$2 modules=${3:-}
shift 2
[ $# -eq 0 ] || shift
[ -r "$kernel" ] || die "kernel '$kernel': not readable"
log=$build/check-kernel.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,mnt,tmp}
install "$(command -v busybox)" "$root/bin/busybox"
install "$build/ovltrace-static" "$root/bin/ovltrace"
if [ -n "$modules" ]; then
	ko=$(find "$modules" -name 'overlay.ko*' | head -n 1)
	case $ko in
	*.xz) xz -dc "$ko" > "$root/overlay.ko" ;;
	*.zst) zstd -qdc "$ko" > "$root/overlay.ko" ;;
	*.ko) cp "$ko" "$root/overlay.ko" ;;
	*) die "modules '$modules': no overlay.ko in it" ;;
	esac
fi
: > "$root/options"
[ $# -eq 0 ] || printf '%q ' "$@" > "$root/options" # of no argument it makes an empty one
cat > "$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t debugfs debug /sys/kernel/debug
mount -t tracefs trace /sys/kernel/tracing
[ ! -e /overlay.ko ] || insmod /overlay.ko
eval "set -- $(cat /options)"
ovltrace check "$@" > /report 2> /errors
status=$?
stty -F /dev/ttyS1 raw 2> /dev/null
{ cat /report; echo "status $status"; sed 's/^/error /' /errors; } > /dev/ttyS1
poweroff -f
END
chmod 755 "$root/init"
(cd "$root" && find . -print0 | cpio --null --quiet -o -H newc -R 0:0) > "$work/initramfs"
accel=tcg,thread=single # multi crashes guests in which probes are being armed
# /dev/kvm may exist and not work, so it is used only on request
[ "${OVLTRACE_ACCEL:-tcg}" != kvm ] || accel=kvm
timeout -k 5 "${TIMEOUT:-600}" qemu-system-x86_64 -accel $accel -machine q35 -cpu max,-cx16 -smp 2 -m 2G \
	-nodefaults -display none -no-reboot -kernel "$kernel" -initrd "$work/initramfs" \
	-append "console=ttyS0 panic=-1 oops=panic" -serial "file:$log" -serial "file:$work/report" \
	< /dev/null || die "the machine was lost, see $log"
tr -d '\r' < "$work/report" > "$work/text"
sed -n 's/^error //p' "$work/text" >&2
grep -vE '^(error |status [0-9]+$)' "$work/text" || true
status=$(sed -n 's/^status //p' "$work/text")
[ -n "$status" ] || die "the machine ended without a status, see $log"
exit "$status"
