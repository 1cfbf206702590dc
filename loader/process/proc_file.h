/* SPDX-License-Identifier: MIT */
/* Files of /proc/PID that are read as a whole. */
#ifndef PROC_FILE_H
#define PROC_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* A fresh string of about `most` bytes at most; NULL with errno: it can't be read. "" of who has ended. */
char *proc_file_read(pid_t process, const char *name, size_t most);

#endif
