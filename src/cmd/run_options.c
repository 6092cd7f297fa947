// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/run_options.h"

#include "cmd/address_option.h"
#include "cmd/color_option.h"
#include "cmd/commands.h"
#include "cmd/trace_options.h"
#include "session/window_hold.h"
#include "util/exit_status.h"
#include "util/outfile.h"

#define AT(member) offsetof(struct run_opts, member)

static const struct option_spec options[] = {
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write JSON Lines to FILE, '-' for standard output",
	  .details = "A new FILE, readable only by its owner, replaces an older one when the "
		     "trace starts. With '-', human-readable text goes to standard error.",
	  .offset = AT(output) },
	{ .name = "rotate-size",
	  .type = OPTION_BYTES,
	  .arg = "BYTES",
	  .help = "begin another FILE when it would have more than BYTES",
	  .details = "FILE becomes FILE.1, the former FILE.1 becomes FILE.2 and so on. No record "
		     "is split. An older recording in FILE is kept as FILE.1. 'ovltrace report "
		     "FILE' reads all parts of a recording. BYTES is at least 16384.",
	  .offset = AT(rotate_size),
	  .min = 16384,
	  .max = 1ULL << 50 },
	{ .name = "rotate-files",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "keep N files in all (default 10), with --rotate-size",
	  .details = "Older ones are removed. N is at most 100. A recording whose first part was "
		     "removed is never clean.",
	  .offset = AT(rotate_files),
	  .min = 1,
	  .max = OUTFILE_MAX_PARTS },
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_SECONDS,
	  .arg = "SECONDS",
	  .help = "stop after SECONDS",
	  .details = "Fractions are allowed. A COMMAND that still runs is sent SIGTERM. The trace "
		     "ends two seconds later even if COMMAND does not.",
	  .offset = AT(seconds) },
	TRACE_OPTION_MOUNT(struct run_opts),
	{ .name = "pid",
	  .type = OPTION_PIDS,
	  .arg = "PID",
	  .help = "report only rebuilds by process PID and its descendants (repeatable)",
	  .details = "All threads are included, and what the processes fork later, also after "
		     "their parent has ended. Up to 64 processes can be given. Modifications are "
		     "reported regardless of which process makes them.",
	  .offset = AT(pids) },
	{ .name = "follow",
	  .letter = 'f',
	  .type = OPTION_FLAG,
	  .help = "report only what COMMAND and its descendants take part in",
	  .details = "These are the rebuilds by COMMAND and what it forks, daemons included, and "
		     "those in whose windows one of them modifies the directory. Without the "
		     "option the trace is system-wide, and findings say whether they are "
		     "COMMAND's.",
	  .offset = AT(follow) },
	TRACE_OPTIONS_TASKS(struct run_opts, "report only rebuilds by"),
	{ .name = "hits",
	  .type = OPTION_FLAG,
	  .help = "also count listings, hits and rebuilds of each directory; this puts probes on "
		  "the cached path",
	  .details = "For each directory, impure and merged, the trace also shows what rebuilds "
		     "cost, how long the directory's lock was held during them, what the cache "
		     "holds, which tasks rebuild it, and which tasks invalidate it by which "
		     "operation.",
	  .offset = AT(hits) },
	{ .name = "merged",
	  .type = OPTION_FLAG,
	  .help = "also trace the caches of merged directories; each open directory then hits a "
		  "probe",
	  .details = "The probe runs when a directory is listed and when it is closed.",
	  .offset = AT(merged) },
	{ .name = "stacks",
	  .type = OPTION_FLAG,
	  .help = "show the kernel stacks of a finding's tasks",
	  .details = "Each store of a cache, each clear of the impure flag, each modification in a "
		     "window and each violated invariant then records by which functions the task "
		     "came there, and findings show it. This makes a traced rebuild more "
		     "expensive, and a recording larger.",
	  .offset = AT(stacks) },
	{ .name = "quiet",
	  .letter = 'q',
	  .type = OPTION_FLAG,
	  .help = "print no text; only the exit status and -o report the result",
	  .details = "Diagnostics still go to standard error. Without -o there are no records "
		     "either. Names, lock waits and entry counts are then not collected, which is "
		     "cheaper.",
	  .offset = AT(quiet) },
	{ .name = "allow-partial",
	  .type = OPTION_FLAG,
	  .help = "trace even if this kernel hides something that the verdict needs",
	  .details = "The exit status is then never 0.",
	  .offset = AT(allow_partial) },
	{ .name = "costly",
	  .type = OPTION_FLAG,
	  .help = "allow system-wide probes where call sites cannot be probed",
	  .details = "These are up_write(), down_write() and the tracepoint kfree for every task, "
		     "and each listing of an overlay. They are used only for events that cannot "
		     "be seen otherwise. The session record names them.",
	  .offset = AT(costly) },
	TRACE_OPTION_WITHOUT(struct run_opts),
	TRACE_OPTION_BTF(struct run_opts),
	{ .name = "metrics",
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "keep metrics in FILE for node exporter's textfile collector",
	  .details =
		  "FILE, readable by all users, is replaced every five seconds and at the end. To "
		  "'-', standard output, and to a FIFO they are written once, at the end.",
	  .offset = AT(metrics) },
	{ .name = "proof",
	  .type = OPTION_FLAG,
	  .help = "prove the probes on a private mount first (default without COMMAND)",
	  .details = "A process with its own mount namespace performs a few known operations on "
		     "an overlay of its own. Each event must then be seen exactly as often as it "
		     "occurs. The proof takes a fraction of a second and leaves nothing behind. "
		     "An event that the proof contradicts counts as not seen. If the proof cannot "
		     "be run, the trace runs without it; the text and the session record say why.",
	  .offset = AT(proof) },
	{ .name = "no-proof",
	  .type = OPTION_FLAG,
	  .help = "do not prove the probes first (default with COMMAND)",
	  .details = "With COMMAND the proof is off by default, because its three rebuilds would "
		     "show up in any counters that you keep in the kernel for comparison.",
	  .offset = AT(no_proof) },
	TRACE_OPTION_USER(struct run_opts),
	{ .name = "command-user",
	  .type = OPTION_USER,
	  .arg = "NAME",
	  .help = "start COMMAND as user NAME",
	  .details =
		  "NAME, or a number, is that of a user in /etc/passwd; COMMAND gets the groups of "
		  "this user. Without the option, COMMAND has the privileges with which ovltrace "
		  "was started, also under sudo: tests of file systems need them.",
	  .offset = AT(command_user) },
	TRACE_OPTION_KEEP(struct run_opts),
	{ .name = "ktap",
	  .type = OPTION_FLAG,
	  .help = "read the KTAP that COMMAND prints and name the running test in findings",
	  .details = "The output of COMMAND passes through a pipe and is written unchanged. Tests "
		     "of fstests are known without this option: they are in the kernel log.",
	  .offset = AT(ktap) },
	{ .name = "widen",
	  .type = OPTION_USEC,
	  .arg = "USEC",
	  .help = "delay COMMAND's tasks inside lock-drop windows by up to USEC, to provoke races",
	  .details = "The delay ends as soon as the directory is modified. USEC is at most 50000. "
		     "Only COMMAND and its descendants are delayed, so the option requires "
		     "COMMAND. It has no effect on a kernel that never drops the lock. It costs "
		     "processor time and changes the timing of COMMAND.",
	  .offset = AT(widen_us),
	  .max = WIDEN_MAX_US },
	{ .name = "ring-bytes",
	  .type = OPTION_BYTES,
	  .arg = "BYTES",
	  .help = "size of each CPU's ring buffer, a power of two",
	  .details = "BYTES is from 4096 to 1073741824. The default divides 8 MiB among the CPUs, "
		     "with 128 KiB to 2 MiB for each.",
	  .offset = AT(ring_bytes),
	  .min = 4096,
	  .max = 1 << 30 },
	{ .name = "require-rebuilds",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "exit with 3 if there is no finding, but fewer than N rebuilds were seen",
	  .details = "A trace without a single rebuild has tested nothing, and is clean without "
		     "this option.",
	  .offset = AT(require_rebuilds),
	  .min = 1,
	  .max = UINT64_MAX - 1 },
	{ .name = "text",
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write human-readable text to FILE, '-' for standard output",
	  .details = "FILE is made like that of -o. Findings are written to it as they come. "
		     "Without this option and with COMMAND, the text is written to standard error "
		     "when COMMAND has ended.",
	  .offset = AT(text) },
	OPTION_COLOR(struct run_opts),
	OPTION_HASH_ADDRESSES(struct run_opts),
	{ .name = "no-paths",
	  .type = OPTION_FLAG,
	  .help = "leave out paths, names of entries and cgroups, and the host's name",
	  .details = "The same holds for the command line in the session record. Names of tasks "
		     "and the numbers of inodes and devices stay. The verdict is the same.",
	  .offset = AT(no_paths) },
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "traced completely, no finding" },
	{ EXIT_FINDINGS, "at least one finding" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, a COMMAND that cannot be "
		      "started, or an internal error" },
	{ EXIT_INCONCLUSIVE,
	  "inconclusive, no finding: records were lost, a cross-check failed, or this kernel hides "
	  "something that the verdict needs" },
	{ EXIT_UNTRACEABLE, "this system cannot be traced" },
	{ EXIT_COMMAND_FAILED, "traced completely, no finding, but COMMAND failed" },
	{ 0 },
};

const struct command_spec command_run = {
	.name = "run",
	.synopsis = "[OPTION]... [-- COMMAND [ARG]...]",
	.summary = "trace rebuilds of impure overlayfs directory caches and judge them",
	.details = "Runs until COMMAND exits, SECONDS have passed, or SIGINT or SIGTERM arrives. "
		   "COMMAND starts when every probe is attached. With COMMAND, human-readable text "
		   "goes to standard error, after its end.",
	.options = options,
	.exits = exits,
	.operands = OPERANDS_COMMAND,
};
