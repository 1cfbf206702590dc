// SPDX-License-Identifier: MIT
/* Capabilities, by the system call: libcap would be a library for one bit test. */
#include "machine/privilege.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool has(uint64_t set, int capability)
{
	return set >> capability & 1;
}

const char *privilege_missing(void)
{
	uint64_t set = effective_capabilities();
	bool all = has(set, CAP_SYS_ADMIN); /* stands for both, as it did before 5.8 */
	bool bpf = all || has(set, CAP_BPF), perfmon = all || has(set, CAP_PERFMON);

	if (!bpf && !perfmon)
		return "CAP_BPF and CAP_PERFMON";
	if (!bpf)
		return "CAP_BPF";
	return perfmon ? NULL : "CAP_PERFMON";
}
