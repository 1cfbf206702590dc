/* SPDX-License-Identifier: MIT */
/*
 * Children by the hundred, children that are traced by ptrace, and one that dumps its core. See truth.h.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "truth.h"

#define CHILDREN 100L
#define PIECE    8L

static void wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		fail("child");
}

static void run_children(long pages)
{
	char *memory = map(PIECE, 0);

	for (long i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (!child) {
			touch(memory, pages);
			touch(map(PIECE, 0), pages);
			_exit(0);
		}
		wait_for(child);
	}
}

static void idle_children(long pages)
{
	(void)pages;
	run_children(0);
}

static void fork_churn(long pages)
{
	(void)pages;
	run_children(PIECE);
	expect("anon", TRUTH_NAME, CHILDREN * 2 * PIECE);
	report_line("varies\n"); /* which of the pages that parent and child share are copied, and by whom */
}

/* argv[0] of what vfork's children exec: touches as many pages as argv[1] says. */
#define TOUCHER "truth-toucher"

static void run_vforks(const char *pages)
{
	for (long i = 0; i < CHILDREN; i++) {
		pid_t child = vfork();

		if (child < 0)
			fail("vfork");
		if (!child) {
			execl("/proc/self/exe", TOUCHER, pages, NULL);
			_exit(127);
		}
		wait_for(child);
	}
}

static void idle_vforks(long pages)
{
	(void)pages;
	run_vforks("0");
}

static void vfork_churn(long pages)
{
	(void)pages;
	run_vforks("8");
	expect("anon", TRUTH_NAME, CHILDREN * 8);
}

/* A tracee stopped before it touches its memory. In the first half of it the tracer writes then. */
static void run_tracee(long pages, long written)
{
	char *memory = map(2 * pages, 0);
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork");
	if (!child) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(1);
		raise(SIGSTOP);
		touch(memory, 2 * written);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		fail("tracee");
	for (long page = 0; page < written; page++)
		if (ptrace(PTRACE_POKEDATA, child, memory + page * PAGE, 1L))
			fail("PTRACE_POKEDATA");
	do
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL))
			fail("PTRACE_SYSCALL");
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status));
	if (status)
		fail("tracee's end");
}

static void idle_tracee(long pages)
{
	run_tracee(pages, 0);
}

static void tracee(long pages)
{
	run_tracee(pages, pages);
	/* The kernel charges the tracer for pages of somebody else's memory. */
	expect("kernel", "other", pages);
	expect("anon", TRUTH_NAME, pages);
}

static char directory[4000];

/* Shared anonymous memory that nobody touched is looked at, and so filled, by the dump. */
static void run_dumper(long pages)
{
	const char *parent = getenv("TMPDIR");
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	pid_t child;
	int status;

	snprintf(directory, sizeof(directory), "%s/truth-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(directory) || chdir(directory))
		fail(directory);
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		if (setrlimit(RLIMIT_CORE, &unlimited))
			_exit(1);
		if (mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			_exit(1);
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		_exit(1);
	}
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		fail("child that dumps core");
	if (chdir("/"))
		fail("/");
	snprintf(directory + strlen(directory), 100, "/core");
	unlink(directory);
	*strrchr(directory, '/') = 0;
	if (!WCOREDUMP(status))
		report_line("skip no core was dumped\n");
	if (rmdir(directory))
		report_line("skip the core has another name than `core'\n");
}

static void small_dump(long pages)
{
	(void)pages;
	run_dumper(1);
}

static void core_dump(long pages)
{
	run_dumper(pages + 1);
	expect("kernel", "core-dump", pages);
	/* The tables of the dumper's pages. */
	allow("program", 8);
	allow("libc", 8);
}

static const struct truth_case cases[] = {
    {"baseline-fork", NULL, idle_children, false},
    {"baseline-vfork", NULL, idle_vforks, false},
    {"baseline-tracee", NULL, idle_tracee, false},
    {"baseline-dump", NULL, small_dump, false},
    {"fork-churn", "baseline-fork", fork_churn, false},
    {"vfork-churn", "baseline-vfork", vfork_churn, false},
    {"ptrace", "baseline-tracee", tracee, false},
    {"core-dump", "baseline-dump", core_dump, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], TOUCHER)) {
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		touch(map(PIECE, 0), argc > 1 ? atol(argv[1]) : 0);
		return 0;
	}
	return truth_main(argc, argv, cases);
}
