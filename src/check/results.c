// SPDX-License-Identifier: GPL-2.0-only
/* The words of a report: names of results, how scenarios ended. */
#include "check/check.h"
#include "util/exit_status.h"

const struct check_def check_defs[CHECK_RESULTS] = {
#define RESULT(id, name, kind, known) { #name, kind, known },
#include "check/results.def"
};

const char *check_id__name(enum check_id id)
{
	return check_defs[id].name;
}

enum check_id check_id__of(enum finding_kind kind)
{
	int id;

	for (id = 0; id < CHECK_RESULTS && check_defs[id].kind != (int)kind; id++)
		;
	return id;
}

const char *check__answer(const struct check_report *r)
{
	int id;

	switch (r->status) {
	case EXIT_FINDINGS:
		return "findings: this kernel has the defects that are not ok above";
	case EXIT_INCONCLUSIVE:
		return "inconclusive: something that a result needs could not be seen or run";
	case EXIT_UNTRACEABLE:
		return "untraceable: see 'ovltrace doctor'";
	case EXIT_CLEAN:
		break;
	default:
		return "error";
	}
	for (id = 0; id < CHECK_RESULTS; id++)
		if (r->result[id].state == CHECK_FAIL)
			return "clean, but for the known defects that are TODO above";
	return "clean: all results are ok";
}

const char *scenario_phase__text(enum scenario_phase phase)
{
	static const char *const texts[] = {
		[SCENARIO_NOT_RUN] = "did not run",
		[SCENARIO_PREPARING] = "did not get ready",
		[SCENARIO_UNFIT] = "cannot be made on this system",
		[SCENARIO_READY] = "had no time left",
		[SCENARIO_RUNNING] = "was still running",
		[SCENARIO_DONE] = "done",
		[SCENARIO_HUNG] = "hangs in the kernel, and could not be killed",
		[SCENARIO_DIED] = "died",
	};

	return texts[phase];
}
