// SPDX-License-Identifier: MIT
/*
 * hardened_marks: a word of marks is a hash of the secret and the word's address.
 */
#include "hardened_marks.h"

#include <string.h>

#define WORD sizeof(uint64_t)

/* 2^64 divided by the golden ratio: an odd number whose bits are evenly spread, the usual multiplier for a hash. */
#define MULTIPLIER 0x9e3779b97f4a7c15ULL
/* Makes every byte odd, so that none is zero. */
#define ODD_BYTES 0x0101010101010101ULL

static COMPACT uint64_t secret;

void marks_start(uint64_t value)
{
	secret = value;
}

static inline uint64_t mark_at(uintptr_t address)
{
	uint64_t hash = (secret ^ address) * MULTIPLIER;

	hash = (hash ^ hash >> 32) * MULTIPLIER;
	return (hash ^ hash >> 32) | ODD_BYTES;
}

/* Where the first whole word begins: before it, a part of a word may be left. */
static const char *first_word(const char *start, const char *end)
{
	const char *word = (const char *)round_up((uintptr_t)start, WORD);

	return word < end ? word : end;
}

/* Fewer bytes than a word, all of them in one. */
static const char *find_damaged_byte(const char *start, const char *end)
{
	uint64_t mark = mark_at(round_down((uintptr_t)start, WORD));

	for (; start < end; start++)
		if (*start != ((const char *)&mark)[(uintptr_t)start % WORD])
			return start;
	return NULL;
}

static void write_bytes(char *start, const char *end)
{
	uint64_t mark = mark_at(round_down((uintptr_t)start, WORD));

	memcpy(start, (const char *)&mark + (uintptr_t)start % WORD, (size_t)(end - start));
}

void marks_write(char *start, const char *end)
{
	char *word = (char *)first_word(start, end);

	if (start < word)
		write_bytes(start, word);
	for (; (size_t)(end - word) >= WORD; word += WORD) {
		uint64_t mark = mark_at((uintptr_t)word);

		memcpy(word, &mark, WORD);
	}
	if (word < end)
		write_bytes(word, end);
}

const char *marks_find_damage(const char *start, const char *end)
{
	const char *word = first_word(start, end);
	const char *damage = find_damaged_byte(start, word);
	uint64_t found;

	if (damage != NULL)
		return damage;
	for (; (size_t)(end - word) >= WORD; word += WORD) {
		memcpy(&found, word, WORD);
		if (UNLIKELY(found != mark_at((uintptr_t)word)))
			return find_damaged_byte(word, word + WORD);
	}
	return find_damaged_byte(word, end);
}

const char *marks_find_nonzero(const char *start, const char *end)
{
	uint64_t found = 0;

	for (; start < end && found == 0; start += WORD)
		memcpy(&found, start, WORD);
	if (found == 0)
		return NULL;
	for (start -= WORD; *start == 0; start++)
		continue;
	return start;
}
