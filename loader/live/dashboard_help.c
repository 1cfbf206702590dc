// SPDX-License-Identifier: MIT
/* What keys do and columns mean. See dashboard.h. */
#include "live/dashboard_pages.h"

static const char *const help[][2] = {
    {"r c s p", "regions, size classes, stacks, processes"},
    {"a, n", "address spaces: how touched, SuperSlabs how full; the next one"},
    {"o", "the end of the command's own output"},
    {"1 to 9", "sort by that column, again: the other way; [ ]: one beside it"},
    {"/ text", "only rows with this text (Esc: all)"},
    {"d, f", "regions without their details; functions instead of stacks"},
    {"Enter", "the chosen stack, frame by frame"},
    {"space", "pause the screen, or go on; tracing never pauses"},
    {"< >", "back and forward in time by a slice; { }: the oldest, the newest"},
    {"- +", "slices of less or more time"},
    {"z", "let totals begin here"},
    {"w", "write the totals into a JSON file"},
    {"q", "quit; Ctrl-C goes to the command while it runs"},
    {"/s, %", "of the slice: a second's; the share of all"},
    {"ZERO%", "the share of all bytes that the kernel zeroed in the slice"},
    {"other columns", "since the start or reset: FAULTS, ZEROED, TIME, p50, p99"},
    {"FIRST, AGAIN", "faults on memory new to the program; on memory it gave back"},
    {"YOURS?", "can whoever runs the program change how many there are?"},
    {"in faults", "the share of the program's running time"},
    {"own, lost", "what tracing costs it; what could not be accounted"},
};

void dashboard_help(struct canvas *canvas, size_t line, size_t lines)
{
	for (size_t i = 0; i < lines && i < sizeof(help) / sizeof(help[0]); i++) {
		canvas_put(canvas, line + i, 1, 13, LOOK_KEY, help[i][0]);
		canvas_put(canvas, line + i, 15, canvas->columns, LOOK_PLAIN, help[i][1]);
	}
}
