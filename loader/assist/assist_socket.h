/* SPDX-License-Identifier: MIT */
/* Where `hakmem-trace assist` listens: a socket in the file system that every user may connect to. */
#ifndef ASSIST_SOCKET_H
#define ASSIST_SOCKET_H

#define ASSIST_SOCKET_ERROR 256
#define ASSIST_WAITING      64 /* connections not accepted yet; who finds so many goes on without */

/*
 * Makes the socket's folder, if only that is missing, and replaces a socket that nobody listens at any more. A
 * descriptor that doesn't block, or -1 with a line in error.
 */
int assist_socket_open(const char *path, char error[ASSIST_SOCKET_ERROR]);

#endif
