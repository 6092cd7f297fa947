/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the HTML report. Everything from outside goes through html__text(). */
#ifndef OVLTRACE_HTML_H
#define OVLTRACE_HTML_H

#include "util/hist.h"
#include "sink/sink.h"
#include "sink/timeline.h"
#include "util/heavy.h"

/* Bytes from outside, harmless in text and in quoted attributes. */
void html__text(FILE *f, const char *s, size_t len);
void html__str(FILE *f, const char *s);
/* From the doctype to the begin of the body. */
void html__head(FILE *f);
void html__hist(FILE *f, const char *title, const struct hist *h);
void html__top(FILE *f, const char *title, const struct heavy *t);
/* A finding's interleaving as SVG, a lane for each task; nothing if nothing is known. */
void html__lanes(FILE *f, const struct timeline *t, const struct rec_finding *finding);

#endif
