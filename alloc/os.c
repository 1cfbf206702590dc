// SPDX-License-Identifier: MIT
/*
 * os: all system calls, but for those that only hardened mode makes while it starts (os_hardened.c). Every function
 * keeps errno, states its preconditions in os.h, and reports failure by its result. After start-up only mmap, munmap,
 * mremap, madvise, mprotect (in hardened mode) and futex are called, so that a program may put itself under a seccomp
 * filter.
 */
#include "os.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* Linux 4.17; older kernels take the address as a hint */
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* Where the next mapping is tried: just below the last one, so that chunks are neighbours and take one call each. */
static COMPACT uintptr_t next_hint;

#define READ_WRITE (PROT_READ | PROT_WRITE)

static void *map(void *address, size_t size, int protection, int flags)
{
	int saved = errno;
	void *result = mmap(address, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	errno = saved;
	return result == MAP_FAILED ? NULL : result;
}

void os_unmap(void *address, size_t size)
{
	int saved = errno;

	munmap(address, size);
	errno = saved;
}

static void *map_below_last(size_t size, size_t alignment, int protection)
{
	uintptr_t hint = __atomic_load_n(&next_hint, __ATOMIC_RELAXED);
	uintptr_t wanted;
	void *result;

	if (hint <= round_up(size, CHUNK_SIZE))
		return NULL;
	wanted = round_down(hint - round_up(size, CHUNK_SIZE), alignment);
	if (wanted == 0)
		return NULL;
	result = map((void *)wanted, size, protection, MAP_FIXED_NOREPLACE);
	if (result != NULL && (uintptr_t)result != wanted) {
		os_unmap(result, size);
		return NULL;
	}
	return result;
}

/* Takes more address space than asked for and gives the ends back. Nothing may ever populate the excess: that would
 * cost an alignment's worth of pages for each mapping. */
static void *map_and_trim(size_t size, size_t alignment, int protection)
{
	size_t excess = alignment - PAGE_SIZE;
	char *start;
	size_t head;

	if (size > SIZE_LIMIT - excess)
		return NULL;
	start = map(NULL, size + excess, protection, 0);
	if (start == NULL)
		return NULL;
	head = round_up((uintptr_t)start, alignment) - (uintptr_t)start;
	if (head != 0)
		os_unmap(start, head);
	if (head != excess)
		os_unmap(start + head + size, excess - head);
	return start + head;
}

static void *map_aligned(size_t size, size_t alignment, int protection)
{
	void *result = map_below_last(size, alignment, protection);

	if (result == NULL)
		result = map_and_trim(size, alignment, protection);
	if (result != NULL)
		__atomic_store_n(&next_hint, (uintptr_t)result, __ATOMIC_RELAXED);
	return result;
}

void *os_map_aligned(size_t size, size_t alignment)
{
	return map_aligned(size, alignment, READ_WRITE);
}

void *os_reserve_aligned(size_t size, size_t alignment)
{
	return map_aligned(size, alignment, PROT_NONE);
}

static bool protect(void *address, size_t size, int protection)
{
	int saved = errno;
	int result = mprotect(address, size, protection);

	errno = saved;
	return result == 0;
}

bool os_allow(void *address, size_t size)
{
	return protect(address, size, READ_WRITE);
}

bool os_forbid(void *address, size_t size)
{
	return protect(address, size, PROT_NONE);
}

enum os_resized os_resize(void *address, size_t old_size, size_t new_size)
{
	int saved = errno;
	void *result = mremap(address, old_size, new_size, 0);
	bool in_pieces = result == MAP_FAILED && errno == EFAULT;

	errno = saved;
	return result == address ? OS_RESIZED : in_pieces ? OS_IN_PIECES : OS_NO_ROOM;
}

bool os_move(void *address, size_t old_size, void *target, size_t new_size)
{
	int saved = errno;
	void *result = mremap(address, old_size, new_size, MREMAP_MAYMOVE | MREMAP_FIXED, target);

	errno = saved;
	return result == target;
}

static bool advise(void *address, size_t size, int advice)
{
	int saved = errno;
	int result = madvise(address, size, advice);

	errno = saved;
	return result == 0;
}

/* The kernel rounds a size up to its own pages, which may be larger than ours: what lies behind would go as well. */
static bool is_whole_pages(const void *address, size_t size)
{
	return (((uintptr_t)address | size) & (os_page_size() - 1)) == 0;
}

bool os_purge(void *address, size_t size)
{
	return is_whole_pages(address, size) && advise(address, size, MADV_DONTNEED);
}

bool os_purge_lazily(void *address, size_t size)
{
	return is_whole_pages(address, size) && advise(address, size, MADV_FREE);
}

bool os_populate(void *address, size_t size)
{
	return advise(address, size, MADV_POPULATE_WRITE);
}

void os_advise_huge(void *address, size_t size, bool huge)
{
	advise(address, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

void os_name_range(const void *address, size_t size, const char *name)
{
	int saved = errno;

	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)address, size, (unsigned long)name);
	errno = saved;
}

/* The dynamic loader's own note of where the stack began: the argument count, the arguments and the environment lie
 * there, also while libc has not yet set `environ`. */
extern void *__libc_stack_end __attribute__((weak));

char **os_environment(void)
{
	long *stack;

	if (environ != NULL)
		return environ;
	if (&__libc_stack_end == NULL || __libc_stack_end == NULL)
		return NULL;
	stack = __libc_stack_end;
	return (char **)(stack + 1 + *stack + 1);
}

bool os_is_secure(void)
{
	int saved = errno;
	bool secure = getauxval(AT_SECURE) != 0;

	errno = saved;
	return secure;
}

size_t os_page_size(void)
{
	int saved = errno;
	size_t size = getauxval(AT_PAGESZ);

	errno = saved;
	return size != 0 ? size : PAGE_SIZE;
}

uint64_t os_random(void)
{
	int saved = errno;
	const unsigned char *bytes = (const unsigned char *)getauxval(AT_RANDOM);
	uint64_t value = 0x9e3779b97f4a7c15ULL;

	if (bytes != NULL)
		memcpy(&value, bytes, sizeof(value));
	errno = saved;
	return value;
}

/* Asked for by the helper alone, of which sandboxed programs that allow little have none. */
bool os_barrier(void)
{
	int saved = errno;
	bool done = syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;

	if (!done && errno == EPERM)
		done = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0 &&
		       syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
	errno = saved;
	return done;
}

/* By futex, which sandboxed programs may call anyhow. */
void os_sleep(uint64_t nanoseconds)
{
	static const uint32_t nothing;
	struct timespec time = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
	int saved = errno;

	syscall(SYS_futex, &nothing, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &time, NULL, 0);
	errno = saved;
}

void os_wait(const uint32_t *word, uint32_t value)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
	errno = saved;
}

void os_wake(const uint32_t *word)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
	errno = saved;
}

/* High, so that the program's own descriptors are numbered as ever. */
#define KEPT_DESCRIPTOR_MIN 500

static COMPACT int kept_error_output = -1;

void os_keep_error_output(void)
{
	int saved = errno;

	kept_error_output = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_DESCRIPTOR_MIN);
	errno = saved;
}

void os_write_error(const char *text, size_t length)
{
	int saved = errno;
	int descriptor = STDERR_FILENO;

	while (length > 0) {
		ssize_t written = write(descriptor, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EBADF && descriptor != kept_error_output) {
			descriptor = kept_error_output;
			continue;
		}
		if (written <= 0)
			break;
		text += written;
		length -= (size_t)written;
	}
	errno = saved;
}

_Noreturn void os_abort(void)
{
	abort();
}

static int receive_descriptor(int connection, void *reply, size_t reply_size)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {.iov_base = reply, .iov_len = reply_size};
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	long length = syscall(SYS_recvmsg, connection, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
	int descriptor = -1;

	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&descriptor, CMSG_DATA(header), sizeof(descriptor));
	if (descriptor >= 0 && (size_t)length != reply_size) {
		syscall(SYS_close, descriptor);
		descriptor = -1;
	}
	return descriptor;
}

/*
 * Whoever binds the name of a tracer that has ended could hand us memory that it then cuts short: only root and our own
 * user are believed.
 */
static bool is_trusted(int connection)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

bool os_file_exists(const char *path)
{
	int saved = errno;
	bool exists = access(path, F_OK) == 0;

	errno = saved;
	return exists;
}

bool os_is_sandboxed(void)
{
	int saved = errno;
	int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
	bool sandboxed = mode > 0 || (mode < 0 && errno != EINVAL); /* that: the kernel has no filters */

	errno = saved;
	return sandboxed;
}

static int request_descriptor(
    const char *socket_name, const void *request, size_t request_size, void *reply, size_t reply_size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	bool abstract = socket_name[0] != '/';
	/* Connecting waits as long as sending: only while so many others wait that no more are let in. */
	struct timeval answer = {.tv_sec = abstract, .tv_usec = abstract ? 0 : 50000};
	struct timeval entrance = {.tv_sec = abstract, .tv_usec = abstract ? 0 : 1};
	size_t length = strlen(socket_name);
	int descriptor = -1;
	int connection;

	if (length == 0 || length > sizeof(address.sun_path) - 1)
		return -1;
	memcpy(address.sun_path + abstract, socket_name, length); /* a leading zero byte makes it abstract */
	connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connection >= 0) {
		setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &answer, sizeof(answer));
		setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &entrance, sizeof(entrance));
		if (!syscall(SYS_connect, connection, &address, offsetof(struct sockaddr_un, sun_path) + 1 + length) &&
		    is_trusted(connection) &&
		    syscall(SYS_sendto, connection, request, request_size, MSG_NOSIGNAL, NULL, 0) == (long)request_size)
			descriptor = receive_descriptor(connection, reply, reply_size);
		syscall(SYS_close, connection);
	}
	return descriptor;
}

/* What of libc's lets a thread be cancelled is called by number, as below. */
int os_request_descriptor(
    const char *socket_name, const void *request, size_t request_size, void *reply, size_t reply_size)
{
	int saved = errno, descriptor;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	descriptor = request_descriptor(socket_name, request, request_size, reply, reply_size);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return descriptor;
}

void *os_map_descriptor(int descriptor, uint64_t offset, size_t size)
{
	int saved = errno;
	void *result = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, (off_t)offset);

	syscall(SYS_close, descriptor);
	errno = saved;
	return result == MAP_FAILED ? NULL : result;
}

int os_process_id(void)
{
	return (int)getpid();
}

/* libc's open, read and close would let a thread be cancelled here, and free is no place for that. */
bool os_read_file(const char *path, char *text, size_t size)
{
	int saved = errno;
	long length = -1, descriptor = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	if (descriptor >= 0) {
		length = syscall(SYS_read, descriptor, text, size - 1);
		syscall(SYS_close, descriptor);
	}
	if (length >= 0)
		text[length] = '\0';
	errno = saved;
	return length >= 0;
}
