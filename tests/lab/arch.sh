# SPDX-License-Identifier: GPL-2.0-only
# The architecture of the laboratory's machines, as the kernel's sources name it:
# OVLTRACE_ARCH, or this machine's own. To be sourced by bash, as lib.sh does. Everything else in the
# laboratory asks these variables.
# shellcheck shell=bash disable=SC2034 # used by those who source this

case $(uname -m) in
aarch64) LAB_HOST_ARCH=arm64 ;;
*) LAB_HOST_ARCH=x86 ;;
esac
LAB_ARCH=${OVLTRACE_ARCH:-$LAB_HOST_ARCH}
LAB_KCFLAGS="" # for modules

case $LAB_ARCH in
x86)
	LAB_DEBIAN=amd64
	LAB_CROSS=x86_64-linux-gnu-
	LAB_QEMU=(qemu-system-x86_64 qemu-system-x86) # the program and its package
	LAB_MACHINE=pc LAB_CPU=max,-cx16 LAB_CONSOLE=ttyS0
	;;
arm64)
	LAB_DEBIAN=arm64
	LAB_CROSS=aarch64-linux-gnu-
	# else counters are calls of functions in libgcc, which the kernel has not
	LAB_KCFLAGS=-mno-outline-atomics
	LAB_QEMU=(qemu-system-aarch64 qemu-system-arm)
	# QEMU computes the architected pointer authentication in software: it takes most of the time
	LAB_MACHINE=virt LAB_CPU=max,pauth-impdef=on LAB_CONSOLE=ttyAMA0
	;;
*)
	echo "the architecture '$LAB_ARCH' is unknown: OVLTRACE_ARCH is x86 or arm64" >&2
	exit 125
	;;
esac
[ "$LAB_ARCH" != "$LAB_HOST_ARCH" ] || LAB_CROSS=""
