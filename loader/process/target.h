/* SPDX-License-Identifier: MIT */
/*
 * The command: started as the user would have started it, held until the tracer is ready, passed every signal, waited
 * for. It goes on when its tracer is killed; it never starts when its tracer dies before target_go().
 */
#ifndef TARGET_H
#define TARGET_H

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How we were started: what the command is to find, whatever we have made of it since. */
struct target_signals {
	sigset_t mask;
	void (*child)(int); /* of SIGCHLD */
	void (*pipe)(int);  /* of SIGPIPE */
};

struct target_options {
	char *const *command;                 /* NULL-terminated */
	const char *file;                     /* what to exec, NULL: command[0], searched in PATH */
	char *const *environment;             /* "NAME=VALUE" set in its environment, NULL-terminated; or NULL */
	const char *preload;                  /* path put in front of LD_PRELOAD, or NULL */
	const char *costs_socket;             /* value for HAKMEM_COSTS_ENV, or NULL */
	const cpu_set_t *cpus;                /* it may run on, or NULL */
	const int *streams;                   /* three descriptors to be its stdin, stdout and stderr, or NULL: ours */
	const struct target_signals *signals; /* NULL: as they are now */
	bool own_session;                     /* without a terminal, in a process group of its own */
	bool as_root;                         /* don't go back to the user who called sudo */
	bool bare;                            /* with an empty environment */
};

struct target {
	pid_t pid;
	int start_descriptor;    /* a byte here lets it go */
	int error_descriptor;    /* errno of a failed exec comes here */
	uint64_t held_rss_bytes; /* what the child had before exec: a floor of usage.ru_maxrss */
	uint64_t held_minor;     /* faults that it had before exec: usage counts them too */
	uint64_t held_major;
	uint64_t start_ns;
	uint64_t wall_ns;
	int status; /* as wait4 gave it */
	bool lost;  /* somebody else has waited for it: its status is not known */
	struct rusage usage;
};

#define TARGET_ERROR 512

/* Fork the child; it waits, ready to exec. 0, or -1 with a line in error. */
int target_start(struct target *target, const struct target_options *options, char error[TARGET_ERROR]);

/* Let it exec. Returns 0, or the errno value with which exec failed (it is then reaped). */
int target_go(struct target *target);

/* Collect it if it has ended; true when it has. */
bool target_reap(struct target *target);

/* Wait until it has ended, however many signals come. */
void target_wait(struct target *target);

/* End a child that was started and never let go. */
void target_abandon(struct target *target);

#endif
