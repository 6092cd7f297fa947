// SPDX-License-Identifier: GPL-2.0-only
/* One phase: threads that start together, run, and are added up. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "workload.h"

static atomic_bool stop_flag, signal_flag;

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

bool stopped(void)
{
	return atomic_load_explicit(&stop_flag, memory_order_relaxed);
}

bool interrupted(void)
{
	return atomic_load(&signal_flag);
}

static void on_signal(int signo)
{
	(void)signo;
	atomic_store(&signal_flag, true);
	atomic_store(&stop_flag, true);
}

void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

void worker_list(struct worker *worker, const struct directory *dir)
{
	list_directory(worker->run->area, dir, &worker->lister, &worker->tally);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct run *run = worker->run;
	const struct mode *mode = run->opt->mode;
	char comm[COMM_BYTES + 1];

	name_of_thread(run->opt, worker->role, worker->index, comm);
	prctl(PR_SET_NAME, comm);
	if (mode->prepare && worker->role == ROLE_READER) {
		mode->prepare(worker);
		worker->tally = (struct tally){ .errors = worker->tally.errors,
						.first_errno = worker->tally.first_errno,
						.first_call = worker->tally.first_call };
	}
	pthread_barrier_wait(&run->gate);
	worker->tally.start_ns = now_ns();
	if (worker->role == ROLE_READER)
		mode->reader(worker);
	else
		mode->renamer(worker);
	worker->tally.end_ns = now_ns();
	if (mode->finish && worker->role == ROLE_READER)
		mode->finish(worker);
	return NULL;
}

static int worker_start(struct run *run, unsigned int n)
{
	struct worker *worker = &run->workers[n];
	unsigned int readers = run->opt->readers;
	int err;

	worker->run = run;
	worker->role = n < readers ? ROLE_READER : ROLE_RENAMER;
	worker->index = n < readers ? n : n - readers;
	rng_seed(&worker->rng, run->opt->seed, (run->phase << 16) + n);
	worker->lister.size = run->opt->buffer_bytes;
	worker->lister.buffer = malloc(worker->lister.size);
	if (!worker->lister.buffer)
		return ENOMEM;
	err = pthread_create(&worker->thread, NULL, worker_main, worker);
	worker->started = !err;
	return err;
}

/* Without a gap in which a signal could be missed: it is let in by ppoll alone. */
static void sleep_until(uint64_t deadline_ns, const sigset_t *open_mask)
{
	uint64_t now;

	while (!stopped() && (now = now_ns()) < deadline_ns) {
		struct timespec left = { (time_t)((deadline_ns - now) / 1000000000ull),
					 (long)((deadline_ns - now) % 1000000000ull) };

		ppoll(NULL, 0, &left, open_mask);
	}
	atomic_store(&stop_flag, true);
}

static void add_up(struct run *run, struct tally *sum)
{
	*sum = (struct tally){ .start_ns = UINT64_MAX };
	for (unsigned int n = 0; n < run->nr_workers; n++) {
		const struct tally *one = &run->workers[n].tally;

		sum->ops += one->ops;
		sum->rounds += one->rounds;
		sum->listings += one->listings;
		sum->entries += one->entries;
		sum->renames += one->renames;
		if (!sum->errors) {
			sum->first_errno = one->first_errno;
			sum->first_call = one->first_call;
		}
		sum->errors += one->errors;
		if (one->start_ns < sum->start_ns)
			sum->start_ns = one->start_ns;
		if (one->end_ns > sum->end_ns)
			sum->end_ns = one->end_ns;
	}
}

/* Threads that could not all be started never pass the gate: there is no way on from here. */
static int start_all(struct run *run)
{
	for (unsigned int n = 0; n < run->nr_workers; n++) {
		int err = worker_start(run, n);

		if (!err)
			continue;
		errno = err;
		complain_errno("start", "thread");
		return STATUS_NO_SYSTEM;
	}
	return STATUS_OK;
}

int run_phase(struct run *run, struct tally *sum)
{
	const struct options *opt = run->opt;
	sigset_t blocked, open_mask;

	run->nr_workers = opt->readers + opt->renamers;
	run->workers = calloc(run->nr_workers, sizeof(*run->workers));
	run->last_round = false;
	atomic_store(&stop_flag, interrupted());
	pthread_barrier_init(&run->gate, NULL, run->nr_workers + 1);
	pthread_barrier_init(&run->round, NULL, opt->readers ? opt->readers : 1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &blocked, &open_mask);
	if (!run->workers || start_all(run))
		return STATUS_NO_SYSTEM;
	pthread_barrier_wait(&run->gate);
	if (opt->duration_ns)
		sleep_until(now_ns() + opt->duration_ns, &open_mask);
	pthread_sigmask(SIG_SETMASK, &open_mask, NULL);
	for (unsigned int n = 0; n < run->nr_workers; n++) {
		pthread_join(run->workers[n].thread, NULL);
		free(run->workers[n].lister.buffer);
	}
	add_up(run, sum);
	free(run->workers);
	pthread_barrier_destroy(&run->gate);
	pthread_barrier_destroy(&run->round);
	return STATUS_OK;
}
