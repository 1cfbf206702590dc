// SPDX-License-Identifier: MIT
#include "assist/assist_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Whatever the mask is: everybody is to find the socket. */
static void make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *end;

	strcpy(folder, path);
	end = strrchr(folder, '/');
	if (!end || end == folder)
		return;
	*end = '\0';
	if (!mkdir(folder, 0755))
		chmod(folder, 0755);
}

/* True: it is a socket that nobody listens at, and gone now. */
static bool remove_stale(const struct sockaddr_un *address)
{
	struct stat status;
	int descriptor;
	bool stale;

	if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode))
		return false;
	descriptor = open_socket();
	stale = descriptor >= 0 && connect(descriptor, (const struct sockaddr *)address, sizeof(*address)) &&
	        errno == ECONNREFUSED;
	if (descriptor >= 0)
		close(descriptor);
	return stale && !unlink(address->sun_path);
}

static int bind_to(const struct sockaddr_un *address, int descriptor)
{
	mode_t mask = umask(0111);
	int result = bind(descriptor, (const struct sockaddr *)address, sizeof(*address));

	if (result && errno == EADDRINUSE && remove_stale(address))
		result = bind(descriptor, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	return result;
}

int assist_socket_open(const char *path, char error[ASSIST_SOCKET_ERROR])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor;

	if (path[0] != '/' || strlen(path) >= sizeof(address.sun_path)) {
		snprintf(error, ASSIST_SOCKET_ERROR, "a socket's path begins with a slash and has at most %zu bytes",
		    sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	make_folder(path);
	descriptor = open_socket();
	if (descriptor >= 0 && !bind_to(&address, descriptor) && !listen(descriptor, ASSIST_WAITING))
		return descriptor;
	snprintf(error, ASSIST_SOCKET_ERROR, "can't listen at %s: %s", path,
	    errno == EADDRINUSE ? "another one listens there already, or it is no socket" : strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	return -1;
}
