# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # used by run.sh
# The rows of the matrix: name, kernel as vm.sh has it, variant of overlayfs, and options
# of vm.sh. `debian` is Debian's own module.
SLOW='--mem 2G --timeout 1800' # lockdep and KASAN, or KCOV, on an emulated processor
RT='--timeout 600' # each attaching and detaching waits for RCU, for seconds
ROWS=(
	"debian-6.1      6.1     debian"
	"debian-6.12.95  6.12.95 debian"
	"debian-6.12     6.12    debian"
	"debian-7.3      7.3     debian"
	"debian-6.1-rt   6.1+rt  debian $RT"
	"debian-6.12-rt  6.12+rt debian $RT"
	"racy-6.1        6.1     racy"
	"racy-6.12       6.12    racy"
	"racy-7.3        7.3     racy"
	"racy-6.1-rt     6.1+rt  racy $RT"
	"racy-6.12-rt    6.12+rt racy $RT"
	"fixed-6.1       6.1     fixed"
	"fixed-6.12      6.12    fixed"
	"fixed-7.3       7.3     fixed"
	"fixed-6.1-rt    6.1+rt  fixed $RT"
	"fixed-6.12-rt   6.12+rt fixed $RT"
	"noinline        6.12    racy-noinline"
	"outline         6.12    racy-outline"
	"nobtf           6.12    racy-nobtf"
	"full            6.12    racy --append preempt=full"
	# A processor that needs the mitigation, so that the kernel uses it. This one has
	# cmpxchg16b: without, this kernel's substitute for it breaks under the mitigation.
	"stuff           6.12    racy --cpu Skylake-Server-v1 --append retbleed=stuff"
	# Whole kernels of other configurations, which linux.sh builds
	"debug-stock     6.12-debug stock $SLOW"
	"debug-racy      6.12-debug racy $SLOW --leaks"
	"debug-fixed     6.12-debug fixed $SLOW"
	"rt-stock        6.12-rt stock $RT"
	"rt-racy         6.12-rt racy $RT"
	"rt-fixed        6.12-rt fixed $RT"
	"clang-stock     6.12-clang stock"
	"clang-racy      6.12-clang racy"
	"clang-fixed     6.12-clang fixed"
	"kcov-stock      6.12-kcov stock $SLOW"
	"kcov-racy       6.12-kcov racy $SLOW"
	"kcov-fixed      6.12-kcov fixed $SLOW"
)

# Of arm64: OVLTRACE_ARCH
ARM='--timeout 900' # an emulated processor of another kind
[ "$LAB_ARCH" != arm64 ] || ROWS=(
	"arm64-debian-6.1   6.1  debian $ARM"
	"arm64-debian-6.12  6.12 debian $ARM"
	"arm64-debian-7.3   7.3  debian $ARM"
	"arm64-stock-6.12   6.12 stock  $ARM"
	"arm64-racy-6.12    6.12 racy   $ARM"
	"arm64-fixed-6.12   6.12 fixed  $ARM"
	"arm64-stock-7.3    7.3  stock  $ARM"
	"arm64-racy-7.3     7.3  racy   $ARM"
	"arm64-fixed-7.3    7.3  fixed  $ARM"
)
