/* SPDX-License-Identifier: MIT */
/*
 * Messages in Protocol Buffers' wire format, field by field: as much of it as pprof's profiles need. By hand, as
 * compilers of .proto files (protobuf-c) want a tree of all messages in memory first, and their library wherever
 * hakmem-trace runs, to save the hundred lines here.
 */
#ifndef PROTOBUF_H
#define PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeroes is an empty one. */
struct message {
	uint8_t *bytes;
	size_t size, room;
	bool failed; /* out of memory: something is missing */
};

void message_number(struct message *message, unsigned int field, uint64_t number); /* int64, uint64, bool */
void message_numbers(struct message *message, unsigned int field, const uint64_t *numbers, size_t count); /* packed */
void message_bytes(struct message *message, unsigned int field, const void *bytes, size_t size); /* string, bytes */

/* The inner one is empty afterwards. */
void message_message(struct message *message, unsigned int field, struct message *inner);

void message_free(struct message *message);

#endif
