// SPDX-License-Identifier: MIT
/*
 * os_hardened: the system calls that only hardened mode makes, all of them while the library starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os.h"

uint64_t os_secret(void)
{
	int saved = errno;
	uint64_t value = 0;

	/* What stands in when the kernel has no randomness yet is known to the C library's own guards only. */
	if (syscall(SYS_getrandom, &value, sizeof(value), GRND_NONBLOCK) != sizeof(value))
		value = os_random() * 0x9e3779b97f4a7c15ULL; /* an odd number: no bit gets lost */
	errno = saved;
	return value;
}

/* vm.max_map_count, if /proc can be read; else what it is by default. */
size_t os_ranges_most(void)
{
	int saved = errno;
	int file = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t length = file >= 0 ? read(file, text, sizeof(text)) : 0;
	size_t value = 0;

	for (ssize_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		value = value * 10 + (size_t)(text[i] - '0');
	if (file >= 0)
		close(file);
	errno = saved;
	return value != 0 ? value : 65530;
}

static COMPACT void (*fault_look)(const char *address);

/* The default action is in force again (SA_RESETHAND). The access is tried once more and ends the program; what someone
 * sent must be sent again. */
static void handle_fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code > 0)
		fault_look(info->si_addr);
	else
		raise(signal);
}

void os_on_fault(void (*look)(const char *address))
{
	int saved = errno;
	struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_RESETHAND | SA_ONSTACK};
	struct sigaction before;

	fault_look = look;
	if (sigaction(SIGSEGV, NULL, &before) == 0 && !(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_DFL)
		sigaction(SIGSEGV, &action, NULL);
	errno = saved;
}
