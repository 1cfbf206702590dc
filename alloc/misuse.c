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

void misuse_fatal(const char *what)
{
	struct text text = {.length = 0};

	begin(&text, what);
	end(&text);
}
