// SPDX-License-Identifier: MIT
#include "output/protobuf.h"

#include <stdlib.h>
#include <string.h>

/* How a field's value is written. */
enum wire_type {
	WIRE_VARINT = 0,
	WIRE_LENGTH = 2, /* and then so many bytes */
};

static void append(struct message *message, const void *bytes, size_t size)
{
	size_t room = message->room ? message->room : 256;
	uint8_t *larger;

	while (room - message->size < size)
		room *= 2;
	if (room != message->room) {
		larger = realloc(message->bytes, room);
		if (!larger) {
			message->failed = true;
			return;
		}
		message->bytes = larger;
		message->room = room;
	}
	if (size)
		memcpy(message->bytes + message->size, bytes, size);
	message->size += size;
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void append_varint(struct message *message, uint64_t number)
{
	uint8_t bytes[10];
	size_t size = 0;

	for (; number >= 0x80; number >>= 7)
		bytes[size++] = number | 0x80;
	bytes[size++] = number;
	append(message, bytes, size);
}

static void append_key(struct message *message, unsigned int field, enum wire_type type)
{
	append_varint(message, field << 3 | type);
}

void message_number(struct message *message, unsigned int field, uint64_t number)
{
	append_key(message, field, WIRE_VARINT);
	append_varint(message, number);
}

void message_numbers(struct message *message, unsigned int field, const uint64_t *numbers, size_t count)
{
	struct message packed = {};

	for (size_t i = 0; i < count; i++)
		append_varint(&packed, numbers[i]);
	message_message(message, field, &packed);
	message_free(&packed);
}

void message_bytes(struct message *message, unsigned int field, const void *bytes, size_t size)
{
	append_key(message, field, WIRE_LENGTH);
	append_varint(message, size);
	append(message, bytes, size);
}

void message_message(struct message *message, unsigned int field, struct message *inner)
{
	message_bytes(message, field, inner->bytes, inner->size);
	message->failed |= inner->failed;
	inner->size = 0;
}

void message_free(struct message *message)
{
	free(message->bytes);
	*message = (struct message){};
}
