// SPDX-License-Identifier: MIT
/*
 * text: lines for standard error, built in a buffer on the stack and written by one system call.
 */
#include "text.h"

#include "os.h"

static void put(struct text *text, char byte)
{
	if (text->length < sizeof(text->bytes))
		text->bytes[text->length++] = byte;
}

void text_string(struct text *text, const char *string)
{
	while (*string != '\0')
		put(text, *string++);
}

static unsigned int digits_of(char *digits, uint64_t number, unsigned int base)
{
	unsigned int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number != 0);
	return count;
}

static void put_reversed(struct text *text, const char *digits, unsigned int count)
{
	while (count > 0)
		put(text, digits[--count]);
}

void text_number(struct text *text, uint64_t number)
{
	char digits[20];

	put_reversed(text, digits, digits_of(digits, number, 10));
}

void text_hexadecimal(struct text *text, uint64_t number)
{
	char digits[20];

	text_string(text, "0x");
	put_reversed(text, digits, digits_of(digits, number, 16));
}

void text_column(struct text *text, size_t column)
{
	while (text->length < column && text->length < sizeof(text->bytes))
		put(text, ' ');
}

void text_number_to(struct text *text, uint64_t number, size_t column)
{
	char digits[20];
	unsigned int count = digits_of(digits, number, 10);

	text_column(text, column > count ? column - count : 0);
	put_reversed(text, digits, count);
}

void text_write_error(struct text *text)
{
	os_write_error(text->bytes, text->length);
	text->length = 0;
}
