// SPDX-License-Identifier: MIT
/*
 * CAP_SYS_PTRACE, which reading another user's /proc/PID/maps takes, would also allow to take a process over. A filter
 * takes that part away again: what is left is reading. It is a list of what is refused, for what libraries need is
 * theirs to know; seccomp compares numbers of calls and their arguments, never memory, so nothing can change in
 * between.
 */
#include "assist/call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#define FOREIGN_CALLS     0x40000000u /* and above: x32's */
#elif defined(__aarch64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#define FOREIGN_CALLS     0xffffffffu
#endif

static const uint32_t refused[] = {
    SYS_ptrace,
    SYS_process_vm_writev,
#ifdef SYS_process_madvise
    SYS_process_madvise,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
    SYS_execve,
    SYS_execveat,
    SYS_openat2, /* its flags are in memory: callers fall back to openat */
    SYS_open_by_handle_at,
    SYS_truncate,
    SYS_linkat,
    SYS_symlinkat,
    SYS_mknodat,
    SYS_mkdirat,
    SYS_renameat2,
    SYS_fchmodat,
    SYS_fchownat,
    SYS_setxattr,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_init_module,
    SYS_finit_module,
    SYS_kexec_load,
    SYS_add_key,
    SYS_keyctl,
    SYS_io_uring_setup, /* whose requests no filter sees */
#ifdef __x86_64__
    SYS_open,
    SYS_creat,
    SYS_link,
    SYS_symlink,
    SYS_mknod,
    SYS_mkdir,
    SYS_rename,
    SYS_renameat,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
#endif
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
};

#define REFUSED (sizeof(refused) / sizeof(refused[0]))

#define FIELD(field)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action)  BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE          RETURN(SECCOMP_RET_ERRNO | EPERM)
#define WRITING         (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define LOW_HALF(index) (offsetof(struct seccomp_data, args) + (index) * sizeof(uint64_t))

/* Jumps count instructions from the next one. */
static size_t fill(struct sock_filter *filter)
{
	const struct sock_filter head[] = {
	    FIELD(arch),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCHITECTURE, 1, 0),
	    REFUSE,
	    FIELD(nr),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALLS, 0, 1),
	    REFUSE,
	};
	const struct sock_filter tail[] = {
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(2)),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 0, 1),
	    REFUSE,
	    RETURN(SECCOMP_RET_ALLOW),
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		filter[count++] = head[i];
	for (size_t i = 0; i < REFUSED; i++) {
		filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], 0, 1);
		filter[count++] = (struct sock_filter)REFUSE;
	}
	for (size_t i = 0; i < sizeof(tail) / sizeof(tail[0]); i++)
		filter[count++] = tail[i];
	return count;
}

int call_filter_install(void)
{
	struct sock_filter filter[2 * REFUSED + 16];
	struct sock_fprog program = {.len = fill(filter), .filter = filter};
	long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);

	/* More than 0: a thread that it can't be made one of. */
	if (result > 0)
		errno = EBUSY;
	return result ? -1 : 0;
}
