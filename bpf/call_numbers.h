/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Numbers of the system calls that request, move or populate memory. */
#ifndef HAKMEM_BPF_CALL_NUMBERS_H
#define HAKMEM_BPF_CALL_NUMBERS_H

#ifdef __TARGET_ARCH_x86
/* arch/x86/entry/syscalls/syscall_64.tbl */
#define CALL_READ              0
#define CALL_WRITE             1
#define CALL_MMAP              9
#define CALL_MPROTECT          10
#define CALL_MUNMAP            11
#define CALL_BRK               12
#define CALL_PREAD             17
#define CALL_PWRITE            18
#define CALL_READV             19
#define CALL_WRITEV            20
#define CALL_MREMAP            25
#define CALL_MADVISE           28
#define CALL_SHMAT             30
#define CALL_CLONE             56
#define CALL_FORK              57
#define CALL_VFORK             58
#define CALL_EXECVE            59
#define CALL_EXIT              60
#define CALL_PTRACE            101
#define CALL_SIGALTSTACK       131
#define CALL_MLOCK             149
#define CALL_PRCTL             157
#define CALL_ARCH_PRCTL        158
#define CALL_FUTEX             202
#define CALL_REMAP_FILE_PAGES  216
#define CALL_EXIT_GROUP        231
#define CALL_PROCESS_VM_READV  310
#define CALL_PROCESS_VM_WRITEV 311
#define CALL_EXECVEAT          322
#define CALL_MLOCK2            325
#define CALL_PKEY_MPROTECT     329
#define CALL_CLONE3            435
#define CALL_PROCESS_MADVISE   440
#define ARCH_SET_FS            0x1002
#endif

#endif
