// SPDX-License-Identifier: MIT
/*
 * misuse: corruption must never go on quietly. Each kind has its own fixed wording, which tests pin.
 */
#include "misuse.h"

#include "os.h"
#include "text.h"

static _Noreturn void end(struct text *text)
{
	text_string(text, "\n");
	text_write_error(text);
	os_abort();
}

static void begin(struct text *text, const char *call)
{
	text_string(text, "hakmem: ");
	text_string(text, call);
}

void misuse_invalid_pointer(const char *call, const void *pointer)
{
	struct text text = {.length = 0};

	begin(&text, call);
	text_string(&text, "(): invalid pointer ");
	text_hexadecimal(&text, (uintptr_t)pointer);
	end(&text);
}

void misuse_double_free(const char *call, const void *pointer)
{
	struct text text = {.length = 0};

	begin(&text, call);
	text_string(&text, "(): double free of ");
	text_hexadecimal(&text, (uintptr_t)pointer);
	end(&text);
}

/* "WORDS 0x..., byte 104 of the WHOSE100 bytes at 0x..." */
static void say_byte(struct text *text, const struct misuse *misuse, const char *words, const char *whose)
{
	text_string(text, words);
	text_hexadecimal(text, (uintptr_t)misuse->where);
	text_string(text, ", byte ");
	text_number(text, (uint64_t)(misuse->where - misuse->block));
	text_string(text, whose);
	text_number(text, misuse->size);
	text_string(text, " bytes at ");
	text_hexadecimal(text, (uintptr_t)misuse->block);
}

/* "WORDS 0x..., a block of 100 bytes" */
static void say_block(struct text *text, const struct misuse *misuse, const char *words)
{
	text_string(text, words);
	text_hexadecimal(text, (uintptr_t)misuse->block);
	text_string(text, ", a block of ");
	text_number(text, misuse->size);
	text_string(text, " bytes");
}

/* "wrong size 90 for 0x..., a block of 100 bytes" */
static void say_given(struct text *text, const struct misuse *misuse, const char *words)
{
	text_string(text, words);
	text_number(text, misuse->given);
	say_block(text, misuse, " for ");
}

static void say_underflow(struct text *text, const struct misuse *misuse)
{
	text_string(text, "underflow at ");
	text_hexadecimal(text, (uintptr_t)misuse->where);
	text_string(text, ", ");
	text_number(text, (uint64_t)(misuse->block - misuse->where));
	text_string(text, " bytes before the block of ");
	text_number(text, misuse->size);
	text_string(text, " bytes at ");
	text_hexadecimal(text, (uintptr_t)misuse->block);
}

void misuse_report(const char *call, const struct misuse *misuse)
{
	struct text text = {.length = 0};

	begin(&text, call != NULL ? call : "");
	text_string(&text, call != NULL ? "(): " : "");
	switch (misuse->kind) {
	case MISUSE_NONE:
	case MISUSE_INVALID_POINTER:
		misuse_invalid_pointer(call, misuse->where);
	case MISUSE_INTERIOR:
		say_byte(&text, misuse, "invalid pointer ", " of the block of ");
		break;
	case MISUSE_INTERIOR_FREED:
		say_byte(&text, misuse, "invalid pointer ", " of the freed block of ");
		break;
	case MISUSE_DOUBLE_FREE:
		say_block(&text, misuse, "double free of ");
		break;
	case MISUSE_USE_AFTER_FREE:
		say_block(&text, misuse, "use after free of ");
		break;
	case MISUSE_OVERFLOW:
		say_byte(&text, misuse, "overflow at ", " of the block of ");
		break;
	case MISUSE_UNDERFLOW:
		say_underflow(&text, misuse);
		break;
	case MISUSE_WRITE_AFTER_FREE:
		say_byte(&text, misuse, "write after free at ", " of the freed block of ");
		break;
	case MISUSE_STRAY_WRITE:
		say_byte(&text, misuse, "stray write at ", " of an unused block of ");
		break;
	case MISUSE_ACCESS_AFTER_FREE:
		say_byte(&text, misuse, "use after free at ", " of the freed block of ");
		break;
	case MISUSE_STRAY_ACCESS:
		text_string(&text, "stray access at ");
		text_hexadecimal(&text, (uintptr_t)misuse->where);
		text_string(&text, ", where no block is");
		break;
	case MISUSE_WRONG_SIZE:
		say_given(&text, misuse, "wrong size ");
		break;
	case MISUSE_WRONG_ALIGNMENT:
		say_given(&text, misuse, "wrong alignment ");
		break;
	}
	end(&text);
}

void misuse_fatal(const char *what)
{
	struct text text = {.length = 0};

	begin(&text, what);
	end(&text);
}
