// SPDX-License-Identifier: MIT
/*
 * options: one table with each option's environment name, allowed values, default and help. A value that is not allowed
 * is reported in one line and the default stands. Reading needs no libc state, so it works before main and in the
 * dynamic loader. In a program that runs with more rights than its caller (AT_SECURE), only options that can neither
 * write anything nor waste memory on the caller's word are heard.
 */
#include "options.h"

#include <string.h>

#include "os.h"
#include "text.h"

struct choice {
	const char *name; /* NULL ends the list */
	long value;
};

struct option_entry {
	const char *name;
	const struct choice *choices; /* NULL: a number from minimum to maximum */
	long minimum;
	long maximum;
	long initial;
	bool path;   /* or a path, which begins with a slash: ASSIST_PATH */
	bool secure; /* heard under AT_SECURE */
	const char *allowed;
	const char *help;
};

static const struct choice prefault_choices[] = {
    {"0", PREFAULT_OFF},
    {"off", PREFAULT_OFF},
    {"1", PREFAULT_POPULATE},
    {"populate", PREFAULT_POPULATE},
    {"2", PREFAULT_TOUCH},
    {"touch", PREFAULT_TOUCH},
    {"3", PREFAULT_AUTO},
    {"auto", PREFAULT_AUTO},
    {NULL, 0},
};
static const struct choice huge_page_choices[] = {
    {"off", HUGE_PAGES_OFF}, {"auto", HUGE_PAGES_AUTO}, {"on", HUGE_PAGES_ON}, {NULL, 0}};
static const struct choice zero_choices[] = {
    {"eager", ZERO_EAGER}, {"lazy", ZERO_LAZY}, {"keep", ZERO_KEEP}, {NULL, 0}};
static const struct choice assist_choices[] = {{"off", ASSIST_OFF}, {"auto", ASSIST_AUTO}, {NULL, 0}};
static const struct choice switch_choices[] = {{"0", 0}, {"1", 1}, {NULL, 0}};

static const struct option_entry table[OPTION_COUNT] = {
    [OPTION_PREFAULT] = {.name = "HAKMEM_SS_PREFAULT",
        .choices = prefault_choices,
        .initial = PREFAULT_OFF,
        .allowed = "0|off, 1|populate, 2|touch, 3|auto",
        .help = "pages of a SuperSlab made present ahead of use (auto: batches that grow)"},
    [OPTION_HUGE_PAGES] = {.name = "HAKMEM_THP",
        .choices = huge_page_choices,
        .initial = HUGE_PAGES_AUTO,
        .allowed = "off, auto, on",
        .help = "transparent huge pages (auto: not where the system would force them)"},
    [OPTION_ZERO] = {.name = "HAKMEM_ZERO",
        .choices = zero_choices,
        .initial = ZERO_KEEP,
        .secure = true,
        .allowed = "eager, lazy, keep",
        .help = "what becomes of freed pages: returned at once, left to the kernel, kept for reuse"},
    [OPTION_DIRTY_MAX] = {.name = "HAKMEM_DIRTY_MAX",
        .minimum = 0,
        .maximum = 1 << 20,
        .initial = 1024,
        .secure = true,
        .allowed = "0 to 1048576 (MiB)",
        .help = "free memory kept for reuse at most, in MiB (64 without the helper, little in a small control group)"},
    [OPTION_HELPER] = {.name = "HAKMEM_HELPER",
        .choices = switch_choices,
        .initial = 1,
        .secure = true,
        .allowed = "0, 1",
        .help = "a thread, above 32 MiB of free memory, that returns what was not used for a second"},
    [OPTION_ASSIST] = {.name = "HAKMEM_ASSIST",
        .choices = assist_choices,
        .path = true,
        .initial = ASSIST_OFF,
        .allowed = "off, auto, or the path of a socket",
        .help = "what memory costs decides on prefaulting, huge pages and how long free memory is kept"},
    [OPTION_HARDENED] = {.name = "HAKMEM_HARDENED",
        .choices = switch_choices,
        .secure = true,
        .allowed = "0, 1",
        .help = "find every misuse that can be found, at the price of speed and memory"},
    [OPTION_STATS] = {.name = "HAKMEM_STATS",
        .choices = switch_choices,
        .allowed = "0, 1",
        .help = "print statistics to standard error at exit"},
    [OPTION_HELP] = {.name = "HAKMEM_HELP",
        .choices = switch_choices,
        .allowed = "0, 1",
        .help = "print this table to standard error at start"},
};

/* The distance from the default, so that the array is all zero (bss) until an option is set. */
static COMPACT long difference[OPTION_COUNT];
static COMPACT uint32_t given; /* a bit an option */

long option_value(enum option option)
{
	return table[option].initial + difference[option];
}

bool option_is_set(enum option option)
{
	return difference[option] != 0;
}

bool option_is_given(enum option option)
{
	return given >> option & 1;
}

const char *options_find(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; environment != NULL && *environment != NULL; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

static bool parse_number(const char *text, long maximum, long *value)
{
	long number = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (*text - '0');
		if (number > maximum)
			return false;
	}
	*value = number;
	return true;
}

static bool parse(const struct option_entry *entry, const char *text, long *value)
{
	if (entry->choices == NULL)
		return parse_number(text, entry->maximum, value) && *value >= entry->minimum;
	if (entry->path && text[0] == '/') {
		*value = ASSIST_PATH;
		return true;
	}
	for (const struct choice *choice = entry->choices; choice->name != NULL; choice++) {
		if (strcmp(choice->name, text) == 0) {
			*value = choice->value;
			return true;
		}
	}
	return false;
}

static const char *name_of(const struct option_entry *entry, long value)
{
	const char *name = entry->path ? "a path" : NULL;

	/* The last name of a value is the spelled-out one. */
	for (const struct choice *choice = entry->choices; choice->name != NULL; choice++)
		if (choice->value == value)
			name = choice->name;
	return name;
}

static void append_value(struct text *text, const struct option_entry *entry, long value)
{
	if (entry->choices != NULL)
		text_string(text, name_of(entry, value));
	else
		text_number(text, (uint64_t)value);
}

static void report_bad_value(const struct option_entry *entry, const char *value)
{
	struct text text = {.length = 0};

	text_string(&text, "hakmem: ");
	text_string(&text, entry->name);
	text_string(&text, "=");
	for (size_t i = 0; value[i] != '\0' && i < 64; i++)
		text_string(&text, (const char[]){value[i] >= ' ' && value[i] <= '~' ? value[i] : '?', '\0'});
	text_string(&text, " is not allowed (allowed: ");
	text_string(&text, entry->allowed);
	text_string(&text, "); using ");
	append_value(&text, entry, entry->initial);
	text_string(&text, "\n");
	text_write_error(&text);
}

static void print_help(void)
{
	struct text text = {.length = 0};

	text_string(&text, "hakmem " HAKMEM_VERSION ": options, read from the environment at start\n");
	text_write_error(&text);
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_entry *entry = &table[i];

		text_string(&text, "  ");
		text_string(&text, entry->name);
		text_column(&text, 22);
		append_value(&text, entry, option_value((enum option)i));
		text_column(&text, 31);
		text_string(&text, entry->help);
		text_string(&text, "; ");
		text_string(&text, entry->allowed);
		text_string(&text, "; default ");
		append_value(&text, entry, entry->initial);
		text_string(&text, "\n");
		text_write_error(&text);
	}
}

static void read_one(int index, char **environment, bool secure)
{
	const struct option_entry *entry = &table[index];
	const char *text = options_find(environment, entry->name);
	long value = entry->initial;

	if (text == NULL || (secure && !entry->secure))
		return;
	if (!parse(entry, text, &value)) {
		if (!secure)
			report_bad_value(entry, text);
		return;
	}
	difference[index] = value - entry->initial;
	given |= 1u << index;
}

void options_read(char **environment, bool secure)
{
	bool any = false;

	/* Nearly every process has none: one pass over the environment then decides it. */
	for (char **variable = environment; variable != NULL && *variable != NULL; variable++)
		any |= strncmp(*variable, "HAKMEM_", 7) == 0;
	if (!any)
		return;
	for (int i = 0; i < OPTION_COUNT; i++)
		read_one(i, environment, secure);
	if (option_value(OPTION_HELP) != 0)
		print_help();
}
