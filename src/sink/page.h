/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the HTML report. Untrusted text goes through html__text(). */
#ifndef OVLTRACE_HTML_H
#define OVLTRACE_HTML_H

#include "util/hist.h"
#include "sink/sink.h"
#include "sink/timeline.h"
#include "util/heavy.h"

enum {
	HTML_DIRS = 8, /* directories by which findings can be filtered */
};

/* Escapes untrusted bytes for text and quoted attributes. */
void html__text(FILE *f, const char *s, size_t len);
void html__str(FILE *f, const char *s);
/* From the doctype to the start tag of body. */
void html__head(FILE *f);
void html__hist(FILE *f, const char *title, const struct hist *h);
void html__top(FILE *f, const char *title, const struct heavy *t);
void html__coverage(FILE *f, const struct rec_session *rs);
/* Date and command line. */
void html__began(FILE *f, const struct rec_session *rs);
/* A finding's interleaving as SVG, one lane per task; nothing if no evidence is kept. */
void html__lanes(FILE *f, const struct timeline *t, const struct rec_finding *finding);

#endif
