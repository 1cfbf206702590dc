// SPDX-License-Identifier: MIT
/* hakmem-trace assist: a daemon that tells processes on libhakmem what their memory costs (docs/assist.md). */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "live/listen.h"
#include "assist/assist.h"
#include "assist/confine.h"
#include "machine/privilege.h"

#define CLIENTS      "256"
#define CLIENTS_MOST 4096
#define OVERHEAD     "1"

struct wish {
	struct assist_options assist;
	const char *user;
};

static void help(void)
{
	puts("Usage: hakmem-trace assist [OPTION...]\n"
	     "\n"
	     "Serves every process that runs on libhakmem and asks at the socket: it is told what the kernel's\n"
	     "work for its memory costs, range by range, and adapts to that (HAKMEM_ASSIST, docs/assist.md).\n"
	     "Attaches once for the whole machine, and costs whoever does not ask next to nothing. Runs until\n"
	     "SIGTERM or Ctrl-C; processes that it served then run on without.\n"
	     "\n"
	     "      --socket PATH           where (default " HAKMEM_ASSIST_PATH ")\n"
	     "      --clients N             serve N processes at a time at most (default " CLIENTS "), half of them\n"
	     "                              one user's, other than root; 0.24 MiB of kernel memory each\n"
	     "      --max-overhead PERCENT  of their time, for counting and timing (default " OVERHEAD "): what\n"
	     "                              counting leaves of it goes to timing; 0: no times at all\n"
	     "      --user NAME             who to become once it serves (default: who called sudo, or nobody)\n"
	     "  -v, --verbose               say what it does\n"
	     "  -h, --help                  this text");
}

/* Digits alone, as strtoul() takes more. */
static int parse_clients(const char *text, size_t *clients)
{
	size_t digits = strspn(text, "0123456789");

	*clients = strtoul(text, NULL, 10);
	if (digits && digits < 6 && !text[digits] && *clients && *clients <= CLIENTS_MOST)
		return 0;
	complain("assist: --clients takes a number from 1 to %d, not '%s'", CLIENTS_MOST, text);
	return -1;
}

static int parse_overhead(const char *text, double *share)
{
	char *end;
	double percent = strtod(text, &end);

	if (end != text && !*end && percent >= 0 && percent <= 100) {
		*share = percent / 100;
		return 0;
	}
	complain(
	    "assist: --max-overhead takes a percentage such as 1, or 0 to measure no times at all, not '%s'", text);
	return -1;
}

static int take_option(int option, struct wish *wish)
{
	switch (option) {
	case 's':
		wish->assist.path = optarg;
		return 0;
	case 'c':
		return parse_clients(optarg, &wish->assist.clients);
	case 'm':
		return parse_overhead(optarg, &wish->assist.max_overhead);
	case 'u':
		wish->user = optarg;
		return 0;
	}
	wish->assist.verbose = true;
	return 0;
}

/* An exit status, or -1: go on. */
static int parse(int count, char **arguments, struct wish *wish)
{
	static const struct option options[] = {
	    {"socket", required_argument, NULL, 's'},
	    {"clients", required_argument, NULL, 'c'},
	    {"max-overhead", required_argument, NULL, 'm'},
	    {"user", required_argument, NULL, 'u'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {},
	};
	int option;

	*wish = (struct wish){.assist.path = HAKMEM_ASSIST_PATH};
	parse_clients(CLIENTS, &wish->assist.clients);
	parse_overhead(OVERHEAD, &wish->assist.max_overhead);
	opterr = 0;
	while ((option = getopt_long(count, arguments, ":vh", options, NULL)) >= 0) {
		if (option == 'h') {
			help();
			return 0;
		}
		if (option == '?' || option == ':') {
			complain_option("assist", option, arguments);
			return EXIT_USAGE;
		}
		if (take_option(option, wish))
			return EXIT_USAGE;
	}
	if (optind == count)
		return -1;
	complain("assist: '%s' is one word too many: it serves who asks, and starts nothing", arguments[optind]);
	return EXIT_USAGE;
}

/* Whose end is asked for with these. */
static int take_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int give_up_root(const struct wish *wish)
{
	struct confine_user user = {};
	char error[CONFINE_ERROR];
	bool filtered;

	if ((!geteuid() && confine_find_user(wish->user, &user, error)) ||
	    confine(&user, CONFINE_COUNTS, &filtered, error)) {
		complain("%s", error);
		return -1;
	}
	if (wish->assist.verbose)
		complain("goes on as user %u with CAP_BPF and CAP_PERFMON%s", geteuid(),
		    filtered ? ", and may write to nothing" : "; this kernel has no filters of system calls");
	return 0;
}

static void say_what_it_found(const struct assist *assist, const struct wish *wish)
{
	if (!assist->price.times)
		complain("this kernel tells no end of a fault: there are counts, and no times");
	else if (wish->assist.verbose)
		complain("adds %.0f ns to a client's fault, and %.0f ns more to one that is timed", assist->price.fault,
		    assist->price.timed);
	complain("serving at %s", wish->assist.path);
}

static void say_counts(const struct cost_counts *counts)
{
	complain("served %" PRIu64 "; refused %" PRIu64 ", had no room for %" PRIu64 ", failed for %" PRIu64
	         "; %" PRIu64 " said nonsense, %" PRIu64 " nothing",
	    counts->given, counts->refused, counts->full, counts->failed, counts->garbled, counts->late);
}

static int serve(struct assist *assist, const struct wish *wish)
{
	struct listen_address name = {.is_unix = true};
	int signals, status;

	/* Nobody can take the socket's name away once it is not root any more. */
	strncpy(name.path, wish->assist.path, sizeof(name.path) - 1);
	name.guard = listen_guard(&name);
	signals = take_signals();
	if (signals < 0 || give_up_root(wish)) {
		listen_unguard(name.guard);
		return EXIT_FAILED;
	}
	say_what_it_found(assist, wish);
	do
		status = assist_serve(assist, signals);
	while (!status);
	if (status < 0)
		complain("can't go on: %s", strerror(errno));
	say_counts(&assist->server.counts);
	assist_close(assist);
	listen_unguard(name.guard);
	return status < 0 ? EXIT_FAILED : 0;
}

int command_assist(int count, char **arguments)
{
	struct wish wish;
	struct assist assist;
	char error[ASSIST_ERROR];
	int status = parse(count, arguments, &wish);

	if (status >= 0)
		return status;
	if (privilege_missing()) {
		complain("assist needs %s: run it as root (sudo) or give it these capabilities", privilege_missing());
		return EXIT_FAILED;
	}
	if (assist_open(&assist, &wish.assist, error)) {
		complain("%s", error);
		assist_close(&assist);
		return EXIT_FAILED;
	}
	return serve(&assist, &wish);
}
