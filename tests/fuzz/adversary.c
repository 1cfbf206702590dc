/* SPDX-License-Identifier: MIT */
/*
 * A traced program that lies wherever hakmem-trace listens to it, for some seconds: in its address-range map, on the
 * cost socket, in the cost map that it is given there, and in its names. shared-map.sh looks at what comes of it.
 *
 *   adversary SEED SECONDS
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hakmem_map.h"

#define PAGE          4096UL
#define CHUNK         (1UL << HAKMEM_CHUNK_SHIFT)
#define CHUNKS        8
#define PR_SET_VMA_   0x53564d41
#define VMA_ANON_NAME 0

static struct hakmem_map own_map __attribute__((aligned(4096)));
static struct hakmem_map *map = &own_map;
static char *memory; /* CHUNKS chunks, which the map tells lies about */
static time_t until;

struct random {
	uint64_t state;
};

static uint64_t draw(struct random *r) /* xorshift64 */
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

static bool time_is_up(void)
{
	return time(NULL) >= until;
}

static void announce(const void *address, size_t size)
{
	prctl(PR_SET_VMA_, VMA_ANON_NAME, address, size, HAKMEM_MAP_NAME);
}

static void fill(struct random *r, void *where, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i += 8)
		memcpy((char *)where + i, &(uint64_t){draw(r)}, 8);
}

/* A slot for a chunk that is about to be touched, its kind and classes drawn at random. */
static void lie_in_slot(struct random *r)
{
	uint64_t chunk = (uintptr_t)(memory + draw(r) % CHUNKS * CHUNK) >> HAKMEM_CHUNK_SHIFT;
	struct hakmem_map_slot *slot = &map->slots[(chunk + draw(r) % HAKMEM_MAP_PROBES) % HAKMEM_MAP_SLOTS];

	fill(r, slot->slab_class, sizeof(slot->slab_class));
	slot->tag = HAKMEM_TAG(chunk, draw(r) % 3 ? HAKMEM_RANGE_SUPERSLAB : draw(r) % 256);
	map->class_size[draw(r) % HAKMEM_MAP_CLASSES] = draw(r) % 2 ? draw(r) : draw(r) % 4096;
}

static void lie(struct random *r)
{
	switch (draw(r) % 8) {
	case 0:
		fill(r, &map->extent[draw(r) % HAKMEM_MAP_EXTENTS], sizeof(map->extent[0]));
		break;
	case 1:
		map->extent[0] = (struct hakmem_map_extent){(uintptr_t)memory, draw(r) % 2 ? UINT64_MAX : 0};
		break;
	case 2:
		map->granules[draw(r) % HAKMEM_MAP_GRANULES] = draw(r);
		break;
	case 3:
		map->magic = draw(r) % 2 ? HAKMEM_MAP_MAGIC : draw(r);
		map->version = draw(r);
		map->size = draw(r);
		break;
	default:
		lie_in_slot(r);
	}
	map->generation = draw(r) % 4 ? map->generation + 1 : draw(r);
}

/* Maps where none can be: beyond the end of user space, unreadable, gone, half there. */
static void announce_nonsense(struct random *r)
{
	uint64_t *piece = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	piece[0] = HAKMEM_MAP_MAGIC;
	announce(piece, sizeof(struct hakmem_map));
	if (draw(r) % 2)
		munmap(piece, PAGE);
	else
		mprotect(piece, PAGE, PROT_NONE);
	announce((void *)(0x7ffffffff000UL - draw(r) % 2 * PAGE), sizeof(struct hakmem_map));
	announce((void *)(draw(r) | 1UL << 63), sizeof(struct hakmem_map));
	announce((void *)draw(r), draw(r));
}

static void *lie_and_touch(void *seed)
{
	struct random r = {(uintptr_t)seed * 0x9e3779b97f4a7c15UL + 1};

	while (!time_is_up()) {
		for (int i = 0; i < 64; i++)
			lie(&r);
		for (int i = 0; i < 64; i++)
			((volatile char *)memory)[draw(&r) % (CHUNKS * CHUNK)] = 1;
		madvise(memory + draw(&r) % CHUNKS * CHUNK, CHUNK, MADV_DONTNEED);
		if (draw(&r) % 16 == 0) {
			announce_nonsense(&r);
			map->magic = HAKMEM_MAP_MAGIC;
			announce(map, sizeof(*map));
		}
	}
	return NULL;
}

static int connect_costs(void)
{
	const char *name = getenv(HAKMEM_COSTS_ENV);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int peer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (!name || peer < 0 || strlen(name) + 1 > sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path + 1, name, strlen(name));
	if (connect(peer, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) {
		close(peer);
		return -1;
	}
	return peer;
}

/* The table that came with a reply. */
static void scribble(struct random *r, int descriptor, const struct hakmem_costs_reply *reply)
{
	size_t size = reply->offset + reply->size;
	char *areas = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

	if (areas == MAP_FAILED)
		return;
	for (int i = 0; i < 4096; i++)
		memcpy(areas + (draw(r) % size & ~7UL), &(uint64_t){draw(r)}, 8);
	munmap(areas, size);
}

static void receive(struct random *r, int peer)
{
	struct hakmem_costs_reply reply = {0};
	struct iovec part = {.iov_base = &reply, .iov_len = sizeof(reply)};
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct timeval patience = {.tv_usec = 20000};
	struct cmsghdr *header;
	int descriptor;

	setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (recvmsg(peer, &message, MSG_CMSG_CLOEXEC) != sizeof(reply) || !(header = CMSG_FIRSTHDR(&message)))
		return;
	memcpy(&descriptor, CMSG_DATA(header), sizeof(descriptor));
	scribble(r, descriptor, &reply);
	close(descriptor);
}

static void *talk(void *seed)
{
	struct random r = {(uintptr_t)seed * 0xbf58476d1ce4e5b9UL + 1};
	static char noise[4096];

	while (!time_is_up()) {
		struct hakmem_costs_request request = {.magic = HAKMEM_COSTS_MAGIC,
		    .version = draw(&r) % 4 ? HAKMEM_MAP_VERSION : draw(&r),
		    .map = draw(&r) % 2 ? (uintptr_t)map : draw(&r)};
		int peer = connect_costs();

		if (peer < 0) {
			usleep(1000);
			continue;
		}
		fill(&r, noise, sizeof(noise));
		switch (draw(&r) % 4) {
		case 0:
			send(peer, noise, draw(&r) % sizeof(noise), MSG_NOSIGNAL);
			break;
		case 1:
			send(peer, &request, draw(&r) % sizeof(request), MSG_NOSIGNAL);
			break;
		case 2: /* says nothing */
			break;
		default:
			send(peer, &request, sizeof(request), MSG_NOSIGNAL);
			receive(&r, peer);
		}
		close(peer);
	}
	return NULL;
}

/* Names that would be markup, escape sequences or broken UTF-8 if they were printed as they are. */
static void *rename_often(void *seed)
{
	static const char *const names[] = {
	    "\"},{\"", "\033[2J\033[31m", "a,b\nregion,x", "\xff\xfe\xc3(", "%s%n%x", ""};
	struct random r = {(uintptr_t)seed * 0x94d049bb133111ebUL + 1};

	while (!time_is_up()) {
		int file = memfd_create(names[draw(&r) % 6], MFD_CLOEXEC);
		volatile char *page;

		prctl(PR_SET_NAME, names[draw(&r) % 6]);
		if (!ftruncate(file, PAGE)) {
			page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
			page[0] = 1;
			munmap((void *)page, PAGE);
		}
		close(file);
		usleep(500);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	uintptr_t seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	pthread_t threads[3];
	void *published;

	until = time(NULL) + (argc > 2 ? atol(argv[2]) : 2);
	memory = mmap(NULL, (CHUNKS + 1) * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	memory = (char *)(((uintptr_t)memory + CHUNK - 1) & ~(CHUNK - 1));
	/* libhakmem's own, if it is there; its pages are writable, for the allocator writes them. */
	published = dlsym(RTLD_DEFAULT, "hakmem_map");
	if (published && seed % 2)
		map = published;
	own_map.magic = HAKMEM_MAP_MAGIC;
	own_map.version = HAKMEM_MAP_VERSION;
	own_map.size = sizeof(own_map);
	announce(map, sizeof(*map));
	if (pthread_create(&threads[0], NULL, lie_and_touch, (void *)seed) ||
	    pthread_create(&threads[1], NULL, talk, (void *)seed) ||
	    pthread_create(&threads[2], NULL, rename_often, (void *)seed))
		return 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
