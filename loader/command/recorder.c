// SPDX-License-Identifier: MIT
/* A file, a thread, and a few snapshots between them and the run. See recorder.h. */
#include "command/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/machine.h"
#include "command/record_options.h"
#include "command/report.h"
#include "recording/run_write.h"

#define WAITING_MOST 8
#define NICENESS     10

struct recorder {
	struct run_recording *recording;
	char path[PATH_MAX];
	bool created; /* by us, and nothing is in it yet */
	bool running, ending;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct waiting {
		struct snapshot *snapshot;
		uint64_t end_ns;
	} waiting[WAITING_MOST];
	size_t count;
	uint64_t slices;
	char error[DATABASE_ERROR];
	bool complained;
};

/* A new file, the caller's under sudo. 0, or an error number. */
static int make_file(const char *path)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (descriptor < 0)
		return errno;
	report_give_away(descriptor);
	close(descriptor);
	return 0;
}

static int choose_file(struct recorder *recorder, const struct options *options)
{
	const struct recording_options *recording = &options->recording;
	int problem;

	if (recording->path) {
		snprintf(recorder->path, sizeof(recorder->path), "%s", recording->path);
		problem = make_file(recorder->path);
	} else {
		unsigned int number = 1;

		do {
			record_default_name(options, number++, recorder->path);
			problem = make_file(recorder->path);
		} while (problem == EEXIST && number < 10000);
	}
	recorder->created = !problem;
	if (!problem || (problem == EEXIST && recording->append))
		return 0;
	if (problem == EEXIST)
		complain(
		    "%s is there already: --append records behind what it has, -o gives another name", recorder->path);
	else
		complain("can't record into %s: %s", recorder->path, strerror(problem));
	return -1;
}

struct recorder *recorder_open(const struct options *options)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	struct machine machine;
	struct run_about about = {
	    .arguments = options->recording.arguments,
	    .slice_ns = options->interval_ns,
	    .began = time(NULL),
	};

	if (!recorder) {
		complain("out of memory");
		return NULL;
	}
	if (choose_file(recorder, options)) {
		free(recorder);
		return NULL;
	}
	machine_look(&machine);
	about.host = machine.host;
	about.machine = machine.architecture;
	about.processor = machine.processor[0] ? machine.processor : NULL;
	about.processors = machine.processors;
	about.memory_bytes = machine.memory_bytes;
	about.page_bytes = machine.page_bytes;
	recorder->recording = run_recording_open(recorder->path, &about, recorder->error);
	if (!recorder->recording) {
		complain("can't record into %s: %s", recorder->path, recorder->error);
		recorder_close(recorder);
		return NULL;
	}
	return recorder;
}

static void write_one(struct recorder *recorder, const struct waiting *one)
{
	char error[DATABASE_ERROR] = "";
	int failed = run_recording_add(recorder->recording, one->snapshot, one->end_ns, error);

	pthread_mutex_lock(&recorder->lock);
	if (failed)
		strcpy(recorder->error, error);
	else
		recorder->slices++;
	pthread_mutex_unlock(&recorder->lock);
}

static void *write_slices(void *context)
{
	struct recorder *recorder = context;

	/* What is traced comes first. */
	setpriority(PRIO_PROCESS, gettid(), NICENESS);
	pthread_mutex_lock(&recorder->lock);
	while (recorder->count || !recorder->ending) {
		struct waiting one;

		if (!recorder->count) {
			pthread_cond_wait(&recorder->changed, &recorder->lock);
			continue;
		}
		one = recorder->waiting[0];
		memmove(recorder->waiting, recorder->waiting + 1, --recorder->count * sizeof(one));
		pthread_mutex_unlock(&recorder->lock);
		if (!recorder->error[0])
			write_one(recorder, &one);
		snapshot_free(one.snapshot);
		pthread_mutex_lock(&recorder->lock);
	}
	pthread_mutex_unlock(&recorder->lock);
	return NULL;
}

int recorder_start(struct recorder *recorder)
{
	int problem;

	pthread_mutex_init(&recorder->lock, NULL);
	pthread_cond_init(&recorder->changed, NULL);
	problem = pthread_create(&recorder->thread, NULL, write_slices, recorder);
	recorder->running = !problem;
	errno = problem;
	return problem ? -1 : 0;
}

/* Once. */
static int complain_once(struct recorder *recorder)
{
	if (!recorder->complained)
		complain("can't record into %s: %s", recorder->path, recorder->error);
	recorder->complained = true;
	return -1;
}

int recorder_slice(struct recorder *recorder, struct snapshot *snapshot, uint64_t end_ns)
{
	bool failed;

	pthread_mutex_lock(&recorder->lock);
	/* A slice that nobody has begun to write may as well end later. */
	if (recorder->count == WAITING_MOST)
		snapshot_free(recorder->waiting[--recorder->count].snapshot);
	recorder->waiting[recorder->count++] = (struct waiting){snapshot, end_ns};
	failed = recorder->error[0];
	pthread_cond_signal(&recorder->changed);
	pthread_mutex_unlock(&recorder->lock);
	return failed ? complain_once(recorder) : 0;
}

static void stop(struct recorder *recorder)
{
	if (!recorder->running)
		return;
	pthread_mutex_lock(&recorder->lock);
	recorder->ending = true;
	pthread_cond_signal(&recorder->changed);
	pthread_mutex_unlock(&recorder->lock);
	pthread_join(recorder->thread, NULL);
	recorder->running = false;
}

int recorder_end(struct recorder *recorder, const struct snapshot *snapshot, uint64_t end_ns)
{
	struct run_recording *recording = recorder->recording;

	stop(recorder);
	if (recorder->error[0] || run_recording_add(recording, snapshot, end_ns, recorder->error))
		return complain_once(recorder);
	recorder->created = false;
	recorder->recording = NULL;
	if (run_recording_end(recording, snapshot, recorder->error))
		return complain_once(recorder);
	complain("recorded %llu slice%s: hakmem-trace report %s", (unsigned long long)recorder->slices + 1,
	    recorder->slices ? "s" : "", recorder->path);
	return 0;
}

void recorder_close(struct recorder *recorder)
{
	if (!recorder)
		return;
	stop(recorder);
	if (recorder->recording)
		run_recording_drop(recorder->recording);
	if (recorder->created && !recorder->slices)
		unlink(recorder->path);
	free(recorder);
}
