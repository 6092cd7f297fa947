// SPDX-License-Identifier: GPL-2.0-only
/* Prototypes that drifted: no event is seen through an argument that is another. */
#include <stdlib.h>

#include "kern.h"
#include "test.h"

#define RACY                                                                              \
	"ovl_dir_cache kfree ovl_set_dir_cache ovl_path_upper ovl_path_open iterate_dir " \
	"up_write dput down_write vfs_removexattr kfree ovl_set_dir_cache"

static struct kern *k;
static struct plan *plan;

/* "FUNCTION N TYPE" whose prototype says something else; the rest is as it should be */
static const char *drifted;
static int known; /* what is said of all others: 1 or -1 */

static int arg_is(void *ctx, const char *func, int n, const char *type)
{
	char text[80];

	CHECK(ctx == &drifted);
	snprintf(text, sizeof(text), "%s %d %s", func, n, type);
	return drifted && !strcmp(text, drifted) ? 0 : known;
}

static void make(const char *root_code, bool fexit, const char *drift)
{
	struct kfunc funcs[] = {
		{ "ovl_iterate", "ovl_iterate_real" },
		{ "ovl_iterate_real", root_code },
		{ "ovl_dir_read_impure", strstr(root_code, "ovl_dir_read_impure") ?
						 "ovl_path_upper ovl_path_open iterate_dir" :
						 NULL },
		{ NULL, NULL },
	};
	struct plan_input in = { .code.read = kern__read,
				 .code.arch = &insn_x86,
				 .fexit = fexit,
				 .hits = true,
				 .arg_is = arg_is,
				 .btf_ctx = &drifted };

	k = calloc(1, sizeof(*k));
	plan = calloc(1, sizeof(*plan));
	kern__make(k, funcs);
	in.code.ks = &k->ks;
	in.code.ctx = k;
	drifted = drift;
	plan__make(plan, &in);
}

static void end(void)
{
	kern__deinit(k);
	free(k);
	free(plan);
}

static int probes_of(enum logical_event ev)
{
	size_t i;
	int n = 0;

	for (i = 0; i < plan->nprobes; i++)
		n += plan->probe[i].event == ev;
	return n;
}

/* With that drift there is no provider for ev, and all others are as without it. */
static void drift_takes(const char *root_code, bool fexit, const char *drift, enum logical_event ev,
			const char *evidence)
{
	enum provider before[EVENTS];
	int probes[EVENTS], i;

	make(root_code, fexit, NULL);
	for (i = 0; i < EVENTS; i++) {
		before[i] = plan->cover[i].provider;
		probes[i] = probes_of(i);
	}
	CHECK(before[ev] != PROVIDER_NONE && probes[ev]);
	end();
	make(root_code, fexit, drift);
	for (i = 0; i < EVENTS; i++) {
		/* its probe is on the function that listings are counted at */
		if (i == EVENT_READDIR_RETURNED && ev == EVENT_READDIR)
			continue;
		CHECK_EQ(plan->cover[i].provider, i == (int)ev ? PROVIDER_NONE : before[i]);
		/* what counts listings looks at others' places, too */
		if (i != EVENT_READDIR || i == (int)ev)
			CHECK_EQ(probes_of(i), i == (int)ev ? 0 : probes[i]);
	}
	CHECK(strstr(plan->cover[ev].evidence, evidence));
	end();
}

/* The same, but there is another provider, which does not read that argument. */
static void drift_moves(const char *root_code, const char *drift, enum logical_event ev,
			const char *target)
{
	make(root_code, true, drift);
	CHECK(plan->cover[ev].provider != PROVIDER_NONE);
	CHECK_STR(plan->cover[ev].target, target);
	end();
}

static void each_argument(void)
{
	known = 1;
	drift_takes(RACY, true, "ovl_path_upper 0 dentry", EVENT_REBUILD_BEGIN,
		    "prototype of ovl_path_upper: argument 1 is not a struct dentry *");
	drift_moves("kfree ovl_dir_read_impure vfs_removexattr ovl_set_dir_cache",
		    "ovl_dir_read_impure 0 path", EVENT_REBUILD_BEGIN, "ovl_path_upper");
	drift_takes(RACY, true, "ovl_set_dir_cache 0 inode", EVENT_CACHE_STORED,
		    "prototype of ovl_set_dir_cache: argument 1 is not a struct inode *");
	drift_takes(RACY, false, "ovl_set_dir_cache 1 ovl_dir_cache", EVENT_CACHE_STORED,
		    "prototype of ovl_set_dir_cache: argument 2 is not a struct ovl_dir_cache *");
	drift_takes(RACY, true, "ovl_dir_modified 0 dentry", EVENT_DIR_MODIFIED,
		    "prototype of ovl_dir_modified: argument 1 is not a struct dentry *");
	drift_takes(RACY, false, "ovl_dir_modified 0 dentry", EVENT_DIR_MODIFIED,
		    "prototype of ovl_dir_modified: argument 1 is not a struct dentry *");
	drift_moves(RACY, "ovl_dir_cache_free 0 inode", EVENT_INODE_DESTROYED, "ovl_destroy_inode");
	drift_takes(RACY " ovl_dir_cache_free", true, "up_write 0 rw_semaphore", EVENT_LOCK_DROPPED,
		    "prototype of up_write: argument 1 is not a struct rw_semaphore *");
	drift_takes(RACY, true, "ovl_iterate 0 file", EVENT_READDIR,
		    "prototype of ovl_iterate: argument 1 is not a struct file *");
	drift_takes(RACY, false, "ovl_iterate 1 dir_context", EVENT_READDIR,
		    "prototype of ovl_iterate: argument 2 is not a struct dir_context *");
}

/* Where nothing is known, nothing is taken away. */
static void unknown(void)
{
	enum logical_event missing;

	known = -1;
	make(RACY, true, NULL);
	CHECK(plan__complete(plan, &missing));
	end();
}

/* The frees go, and what was concluded from them. */
static void concluded(void)
{
	known = 1;
	make("ovl_dir_cache_free ovl_path_upper ovl_path_open up_write down_write ovl_set_dir_cache "
	     "kfree",
	     true, "ovl_dir_cache_free 0 inode");
	CHECK_EQ(plan->cover[EVENT_CACHE_FREED].provider, PROVIDER_NONE);
	CHECK_EQ(plan->cover[EVENT_IMPURE_CLEARED].provider, PROVIDER_NONE);
	CHECK_EQ(plan->cover[EVENT_INODE_DESTROYED].provider, PROVIDER_ENTRY);
	CHECK_EQ(probes_of(EVENT_CACHE_FREED), 0);
	CHECK_EQ(plan->lock_drop, LOCK_DROP_PRESENT);
	end();
}

int main(void)
{
	TEST(each_argument);
	TEST(unknown);
	TEST(concluded);
	return test_done();
}
