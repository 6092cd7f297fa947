// SPDX-License-Identifier: GPL-2.0-only
#include "sink/answer.h"

#include <inttypes.h>

static bool has(uint64_t count)
{
	return count && count != COUNT_UNSEEN;
}

/* Nothing whose cache could have been wrong was rebuilt. */
static bool untested(const struct rec_summary *sum)
{
	return !has(sum->counts.rebuilds) &&
	       !(sum->counts.has_merged && has(sum->counts.merged_stores));
}

static void findings(FILE *f, const struct rec_counts *c)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];

		if (def->kind < 0 || !counts__has(c, def->group) || !has(count__get(c, def)))
			continue;
		fprintf(f, "%s%s %" PRIu64, comma, def->label, count__get(c, def));
		comma = ", ";
	}
	fputs("; ", f);
}

/* The sum of the findings that are reported. */
static uint64_t all(const struct rec_counts *c)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < FINDING_KINDS; i++)
		if (finding_kind__reported(c, i) && has(c->finding[i]))
			sum += c->finding[i];
	return sum;
}

/* Which of them are COMMAND's, if it is known. */
static void whose(FILE *f, const struct rec_summary *sum)
{
	uint64_t n = all(&sum->counts);

	if (!sum->told_apart)
		return;
	if (sum->command_findings == COUNT_UNSEEN)
		fputs("it is not known which are the command's; ", f);
	else if (n == 1)
		fprintf(f, "%s; ",
			sum->command_findings ? "it is the command's" : "it is by another task");
	else
		fprintf(f, "%" PRIu64 " of %" PRIu64 " are the command's; ", sum->command_findings,
			n);
}

static void reason(FILE *f, const struct rec_session *session, const struct rec_summary *sum)
{
	enum logical_event gap;

	if (sum->nremarks && sum->remarks[0].damage)
		fputs("the recording is incomplete or damaged; ", f);
	else if (sum->counts.lost)
		fputs("records were lost; ", f);
	else if (sum->counts.inconsistencies)
		fputs("a cross-check failed; ", f);
	else if (!rec_session__complete(session, &gap))
		fputs("this kernel hides something that the verdict needs; ", f);
	else if (rec_session__lacks_rebuilds(session, &sum->counts))
		fprintf(f, "fewer rebuilds than the %" PRIu64 " that are required; ",
			session->require_rebuilds);
	else
		fputs("the reason is below; ", f);
}

void answer__line(FILE *f, const struct rec_session *session, const struct rec_summary *sum)
{
	fprintf(f, "%s: ", verdict__name(sum->verdict));
	if (sum->verdict == VERDICT_FINDINGS) {
		findings(f, &sum->counts);
		whose(f, sum);
	} else if (sum->verdict == VERDICT_INCONCLUSIVE)
		reason(f, session, sum);
	else if (untested(sum) && session->follow)
		fputs("no rebuild of a cache with the command in it was seen, so nothing was "
		      "judged; ",
		      f);
	else if (untested(sum))
		fputs("no rebuild of a cache was seen, so nothing was judged; ", f);
	else if (sum->order == COPY_UP_WRONG)
		fputs("no finding, but this kernel has a known defect; ", f);
	else
		fputs("no finding; ", f);
	if (sum->counts.rebuilds == COUNT_UNSEEN)
		fputs("rebuilds cannot be seen", f);
	else
		fprintf(f, "%" PRIu64 " rebuild%s", sum->counts.rebuilds,
			sum->counts.rebuilds == 1 ? "" : "s");
	fprintf(f, " in %.1f s", (double)sum->duration_ns / 1e9);
}

/* What a user of the directory notices. */
static const char *const means[FINDING_KINDS] = {
	[FINDING_STALE_STORE] =
		"stale store: until the directory changes again, listings show it as it was before: "
		"names may be missing, or be gone, or have wrong inode numbers",
	[FINDING_UNFREED_CACHE] =
		"unfreed cache: the memory of the cache is lost until the machine boots again",
	[FINDING_STALE_IMPURE_CLEAR] =
		"stale impure clear: the directory is listed without its cache from now on, so "
		"entries moved in show other inode numbers than stat()",
	[FINDING_KIND_MIX] =
		"kind mix: a cache in use is freed or served in the wrong way: memory of the kernel "
		"may be corrupted, and the machine should boot a fixed kernel",
	[FINDING_BAD_RETURN] =
		"bad return: a listing failed, or a program was given a wrong count of bytes",
	[FINDING_LOCK_HAZARD] =
		"lock hazard: the task hangs for good as soon as the name is not cached, and every "
		"user of the directory with it",
	[FINDING_MISSED_INVALIDATION] =
		"missed invalidation: listings lack the entry, or show it with a wrong inode "
		"number, until the directory changes otherwise; all released kernels so far do this "
		"for hard links to copied-up files",
	[FINDING_MERGED_LEAK] =
		"merged leak: the memory of the cache is lost until the machine boots again",
	[FINDING_MERGED_STALE_CACHE] =
		"merged stale cache: programs that opened the directory afterwards saw old content",
	[FINDING_MERGED_REFCOUNT] =
		"merged refcount: a cache is freed while it is used: memory of the kernel may be "
		"corrupted, and the machine should boot a fixed kernel",
};

static const char *clean(const struct rec_session *session, const struct rec_summary *sum)
{
	const struct rec_counts *c = &sum->counts;

	if (untested(sum))
		return "a cache is rebuilt when an impure directory (one with copied-up entries) is "
		       "listed, and none was in this time: list the directories while the trace "
		       "runs, or let 'ovltrace check' make its own";
	if (session->lock_drop == LOCK_DROP_ABSENT)
		return "this kernel holds the directory's lock during the whole rebuild, so nothing "
		       "can change it then: no stale store can happen here";
	if (session->lock_drop == LOCK_DROP_PRESENT && !has(c->mods))
		return "this kernel drops the directory's lock during rebuilds, but no directory "
		       "was modified inside such a window: the races were possible and not tried; "
		       "'ovltrace check' provokes them";
	if (session->lock_drop == LOCK_DROP_PRESENT)
		return "directories were modified while their lock was dropped, and this kernel "
		       "handled each such race";
	return "each rebuild was judged";
}

/* What is true of the kernel whatever the verdict is. */
static const char *of_kernel(const struct rec_summary *sum)
{
	if (sum->order != COPY_UP_WRONG)
		return NULL;
	return "this kernel publishes a copied-up directory before it sets OVL_WHITEOUTS, so "
	       "kinds of caches can be mixed: fixed by cbec8610ec5a \"ovl: set OVL_WHITEOUTS before "
	       "publishing the upper dir\"; see kind_mix";
}

static const char *nth_kind(const struct rec_counts *c, size_t *i)
{
	int kind;

	for (kind = 0; kind < FINDING_KINDS; kind++)
		if (finding_kind__reported(c, kind) && has(c->finding[kind]) && !(*i)--)
			return means[kind];
	return NULL;
}

const char *answer__meaning(const struct rec_session *session, const struct rec_summary *sum,
			    size_t i)
{
	const char *text = NULL;

	if (sum->verdict == VERDICT_FINDINGS)
		text = nth_kind(&sum->counts, &i);
	else if (!i)
		text = sum->verdict == VERDICT_CLEAN ?
			       clean(session, sum) :
			       "this trace neither shows a defect nor rules one out: remove the "
			       "cause that is named above, and trace again";
	else
		i--;
	return text ? text : i ? NULL : of_kernel(sum);
}
