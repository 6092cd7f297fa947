/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts and histograms as metrics, in OpenMetrics or in Prometheus's older
 * text format. Labels are bounded: no path, inode, task or name is one.
 */
#ifndef OVLTRACE_METRICS_H
#define OVLTRACE_METRICS_H

#include "util/hist.h"
#include "sink/sink.h"

enum metrics_form {
	METRICS_OPENMETRICS,
	METRICS_PROMETHEUS, /* node exporter's textfile collector reads only this one */
};

enum {
	METRICS_MOUNTS = 16, /* with samples of their own */
};

/* The impure caches of one mount. */
struct metrics_mount {
	uint32_t dev;
	uint64_t rebuilds, rebuild_ns;
	uint64_t held_ns; /* of rebuild_ns: with the directory's lock */
};

/* One trace's numbers. */
struct metrics {
	char host[200]; /* host="..." of all its samples, or empty */
	unsigned int number; /* of the recording; 0 if there is only one */
	char session[800]; /* its own labels */
	struct rec_counts counts;
	struct hist rebuild, window, wait;
	/* the first mounts with a rebuild, and behind them all others together */
	struct metrics_mount mount[METRICS_MOUNTS + 1];
	size_t nmounts;
	enum provider provider[EVENTS];
	bool merged; /* includes the events of merged caches */
	double seconds;
	enum verdict verdict;
	bool complete, damaged;
	bool running; /* there is no verdict yet */
};

void metrics__begin(struct metrics *m, const struct rec_session *s, unsigned int number);
void metrics__rebuild(struct metrics *m, const struct rec_rebuild *r);
void metrics__end(struct metrics *m, const struct rec_summary *s);
void metrics__write(FILE *f, const struct metrics *m, size_t n, enum metrics_form form);

#endif
