// SPDX-License-Identifier: MIT
/* From keys to what is shown. See dashboard.h. */
#include "live/dashboard.h"

#include <string.h>

void dashboard_start(struct dashboard *dashboard)
{
	*dashboard = (struct dashboard){0};
	for (enum page page = 0; page < PAGE_COUNT; page++)
		dashboard->tables[page].sort = table_first_sort(&(struct table){.page = page});
	dashboard->functions.sort = table_first_sort(&(struct table){.page = PAGE_STACKS, .functions = true});
}

struct table_state *dashboard_table(struct dashboard *dashboard)
{
	if (dashboard->page == PAGE_STACKS && dashboard->by_function)
		return &dashboard->functions;
	return &dashboard->tables[dashboard->page];
}

struct table dashboard_table_of(const struct dashboard *dashboard, uint64_t slice_ns)
{
	return (struct table){.page = dashboard->page, .functions = dashboard->by_function, .slice_ns = slice_ns};
}

static void erase_character(char *text)
{
	size_t length = strlen(text);

	while (length && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
		text[--length] = '\0';
	if (length)
		text[length - 1] = '\0';
}

static void append_character(char *text, int character)
{
	size_t length = strlen(text);
	char bytes[5] = "";

	if (character < 0x80) {
		bytes[0] = character;
	} else if (character < 0x800) {
		bytes[0] = 0xc0 | character >> 6;
		bytes[1] = 0x80 | (character & 0x3f);
	} else if (character < 0x10000) {
		bytes[0] = 0xe0 | character >> 12;
		bytes[1] = 0x80 | (character >> 6 & 0x3f);
		bytes[2] = 0x80 | (character & 0x3f);
	} else {
		bytes[0] = 0xf0 | character >> 18;
		bytes[1] = 0x80 | (character >> 12 & 0x3f);
		bytes[2] = 0x80 | (character >> 6 & 0x3f);
		bytes[3] = 0x80 | (character & 0x3f);
	}
	if (length + strlen(bytes) < FILTER_SIZE)
		strcat(text, bytes);
}

static void type(struct dashboard *dashboard, int key)
{
	switch (key) {
	case PRESSED_ENTER:
		dashboard->typing = false;
		break;
	case PRESSED_ESCAPE:
	case PRESSED_INTERRUPT:
		strcpy(dashboard->filter, dashboard->before);
		dashboard->typing = false;
		break;
	case PRESSED_BACKSPACE:
		erase_character(dashboard->filter);
		break;
	default:
		if (key >= ' ' && key < PRESSED_UP && key != 0x7f)
			append_character(dashboard->filter, key);
	}
	dashboard_table(dashboard)->chosen = 0;
}

static enum wish answer(struct dashboard *dashboard, int key)
{
	dashboard->asking = false;
	switch (key) {
	case 'e':
	case PRESSED_INTERRUPT:
		return WISH_END_COMMAND;
	case 'l':
		return WISH_LEAVE;
	default:
		return WISH_NONE;
	}
}

/* Once more the same column: the other way round. */
static void sort_by(struct dashboard *dashboard, size_t column, size_t columns)
{
	struct table_state *state = dashboard_table(dashboard);
	struct table table = dashboard_table_of(dashboard, 0);

	if (column >= table_columns(&table, columns))
		return;
	column = table_shown_column(&table, columns, column);
	state->reversed = state->sort == column && !state->reversed;
	state->sort = column;
}

static void sort_beside(struct dashboard *dashboard, int step, size_t columns)
{
	struct table table = dashboard_table_of(dashboard, 0);
	size_t count = table_columns(&table, columns), at = 0;

	while (at + 1 < count && table_shown_column(&table, columns, at) != dashboard_table(dashboard)->sort)
		at++;
	sort_by(dashboard, (at + count + step) % count, columns);
}

static void move(struct dashboard *dashboard, int key)
{
	struct table_state *state = dashboard_table(dashboard);
	size_t page = dashboard->lines > 1 ? dashboard->lines - 1 : 1;

	switch (key) {
	case PRESSED_UP:
	case 'k':
		state->chosen -= state->chosen > 0;
		break;
	case PRESSED_DOWN:
	case 'j':
		state->chosen++;
		break;
	case PRESSED_PAGE_UP:
		state->chosen -= state->chosen < page ? state->chosen : page;
		break;
	case PRESSED_PAGE_DOWN:
		state->chosen += page;
		break;
	case PRESSED_HOME:
		state->chosen = 0;
		break;
	case PRESSED_END:
		state->chosen = dashboard->rows;
		break;
	}
	if (state->chosen >= dashboard->rows)
		state->chosen = dashboard->rows ? dashboard->rows - 1 : 0;
}

/* Keys that change what is shown. False: it is none of them. */
static bool show(struct dashboard *dashboard, int key, size_t columns)
{
	static const struct {
		int key;
		enum page page;
	} pages[] = {{'r', PAGE_REGIONS}, {'c', PAGE_CLASSES}, {'s', PAGE_STACKS}, {'p', PAGE_PROCESSES},
	    {'a', PAGE_SPACES}, {'o', PAGE_OUTPUT}};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (pages[i].key == key) {
			dashboard->page = pages[i].page;
			return true;
		}
	}
	if (key >= '1' && key <= '9') {
		sort_by(dashboard, key - '1', columns);
		return true;
	}
	switch (key) {
	case '?':
	case 'h':
		dashboard->help = true;
		return true;
	case '[':
	case ']':
		sort_beside(dashboard, key == '[' ? -1 : 1, columns);
		return true;
	case 'n':
		dashboard->process += dashboard->page == PAGE_SPACES;
		return true;
	case 'd':
		dashboard->folded ^= dashboard->page == PAGE_REGIONS;
		return true;
	case 'f':
		dashboard->by_function ^= dashboard->page == PAGE_STACKS;
		return true;
	case PRESSED_ENTER:
		dashboard->opened = !dashboard->opened && dashboard->page == PAGE_STACKS;
		return true;
	case '/':
		strcpy(dashboard->before, dashboard->filter);
		dashboard->typing = true;
		return true;
	case PRESSED_ESCAPE:
		dashboard->filter[0] = '\0';
		dashboard->opened = false;
		return true;
	}
	return false;
}

static enum wish wish_of(int key)
{
	static const struct {
		int key;
		enum wish wish;
	} wishes[] = {
	    {' ', WISH_PAUSE},
	    {'<', WISH_BACK},
	    {',', WISH_BACK},
	    {PRESSED_LEFT, WISH_BACK},
	    {'>', WISH_FORWARD},
	    {'.', WISH_FORWARD},
	    {PRESSED_RIGHT, WISH_FORWARD},
	    {'{', WISH_OLDEST},
	    {'}', WISH_NEWEST},
	    {'z', WISH_RESET},
	    {'+', WISH_SLOWER},
	    {'=', WISH_SLOWER},
	    {'-', WISH_FASTER},
	    {'w', WISH_SAVE},
	    {PRESSED_REDRAW, WISH_REDRAW},
	};

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (wishes[i].key == key)
			return wishes[i].wish;
	return WISH_NONE;
}

enum wish dashboard_key(struct dashboard *dashboard, int key, size_t columns, bool runs)
{
	dashboard->message[0] = '\0';
	if (dashboard->typing) {
		type(dashboard, key);
		return WISH_NONE;
	}
	if (dashboard->asking)
		return answer(dashboard, key);
	if (key == PRESSED_INTERRUPT)
		return runs ? WISH_INTERRUPT : WISH_QUIT;
	if (dashboard->help) {
		dashboard->help = false;
		return key == PRESSED_REDRAW ? WISH_REDRAW : WISH_NONE;
	}
	if (key == 'q') {
		dashboard->asking = runs;
		return runs ? WISH_NONE : WISH_QUIT;
	}
	if (!show(dashboard, key, columns))
		move(dashboard, key);
	return wish_of(key);
}
