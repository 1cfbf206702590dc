// SPDX-License-Identifier: MIT
/*
 * Users and capabilities. glibc makes setresuid() one of all threads; capabilities are each thread's own, and a thread
 * that becomes another user than root keeps none unless it asked to (PR_SET_KEEPCAPS).
 */
#include "assist/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assist/call_filter.h"

#define BIT(capability) (UINT64_C(1) << (capability))

static int fail(char error[CONFINE_ERROR], const char *what)
{
	snprintf(error, CONFINE_ERROR, "%s: %s", what, strerror(errno));
	return -1;
}

/* Who called sudo; false: nobody did, or root. */
static bool invoking_user(struct confine_user *user)
{
	const char *uid_text = getenv("SUDO_UID"), *gid_text = getenv("SUDO_GID");
	char *uid_end, *gid_end;

	if (!uid_text || !gid_text)
		return false;
	user->uid = strtoul(uid_text, &uid_end, 10);
	user->gid = strtoul(gid_text, &gid_end, 10);
	return *uid_text && !*uid_end && *gid_text && !*gid_end && user->uid;
}

int confine_find_user(const char *name, struct confine_user *user, char error[CONFINE_ERROR])
{
	struct passwd *entry;

	if (!name && invoking_user(user))
		return 0;
	entry = getpwnam(name ? name : "nobody");
	if (!entry) {
		snprintf(error, CONFINE_ERROR, "there is no user '%s'%s", name ? name : "nobody",
		    name ? "" : " to become once tracing goes on: name one with --user");
		return -1;
	}
	*user = (struct confine_user){.uid = entry->pw_uid, .gid = entry->pw_gid};
	return 0;
}

static int set_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return -1;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(kept >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data);
}

/* Nothing that is started, if anything ever is, can have more again. */
static int drop_bounds(uint64_t kept)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (!(kept & BIT(capability)) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			return -1;
	return 0;
}

static int become(const struct confine_user *user, uint64_t kept, char error[CONFINE_ERROR])
{
	if (drop_bounds(kept))
		return fail(error, "can't bound capabilities");
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(1, &user->gid) ||
	    setresgid(user->gid, user->gid, user->gid) || setresuid(user->uid, user->uid, user->uid))
		return fail(error, "can't become another user");
	return 0;
}

struct call {
	int (*function)(void *context);
	void *context;
	int result;
};

static void *call_without(void *context)
{
	struct call *call = context;

	call->result = set_capabilities(0) ? -1 : call->function(call->context);
	return NULL;
}

int confine_call(int (*function)(void *context), void *context)
{
	struct call call = {.function = function, .context = context};
	pthread_t thread;

	errno = pthread_create(&thread, NULL, call_without, &call);
	if (errno)
		return -1;
	pthread_join(thread, NULL);
	return call.result;
}

int confine(const struct confine_user *user, unsigned int keep, bool *filtered, char error[CONFINE_ERROR])
{
	uint64_t kept = keep & CONFINE_KILLS ? BIT(CAP_KILL) : 0;

	if (keep & CONFINE_COUNTS)
		kept |= BIT(CAP_BPF) | BIT(CAP_PERFMON);
	if (keep & CONFINE_READS)
		kept |= BIT(CAP_SYS_PTRACE);
	if (!geteuid() && become(user, kept, error))
		return -1;
	if (set_capabilities(kept) || prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
		return fail(error, "can't give up capabilities");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(error, "can't give up privileges");
	*filtered = !call_filter_install();
	if (!*filtered && errno != ENOSYS && errno != EINVAL)
		return fail(error, "can't filter system calls");
	return 0;
}
