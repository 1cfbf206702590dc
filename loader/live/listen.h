/* SPDX-License-Identifier: MIT */
/* Where the web server is to be reached: an address and port, or a Unix socket. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LISTEN_DEFAULT "127.0.0.1:9464"
#define LISTEN_ERROR   256
#define LISTEN_NAME    64 /* longer than every address */

struct listen_address {
	bool is_unix;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* of a Unix socket */
	char name[LISTEN_NAME]; /* else: as a Host header has it: "127.0.0.1", "[::1]" */
	uint16_t port;          /* 0: any that is free, until listen_open() */
	bool loopback;          /* only this machine reaches it */
	bool any;               /* every address of the machine */
	int guard;              /* of a Unix socket's name */
	struct sockaddr_storage address;
	socklen_t size;
};

/* "127.0.0.1:9464", "[::1]:9464", "localhost:9464", "unix:PATH". 0, or -1 with a line in `error`. */
int listen_parse(const char *text, struct listen_address *address, char error[LISTEN_ERROR]);

/* The socket, or -1 with a line in `error`. A Unix socket that nobody listens on any more is replaced. */
int listen_open(struct listen_address *address, char error[LISTEN_ERROR]);

/* A Unix socket's name goes, as it does when the process ends without. */
void listen_close(const struct listen_address *address, int descriptor);

/* What takes the name away, and is told to and waited for by listen_unguard(). -1: there is nothing. */
int listen_guard(const struct listen_address *address);
void listen_unguard(int guard);

#endif
