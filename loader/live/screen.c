// SPDX-License-Identifier: MIT
/* See screen.h. */
#include "live/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "live/dashboard.h"
#include "live/terminal_guard.h"
#include "live/terminal_type.h"

#define ESCAPE_MS 25 /* how long to wait for what may follow an escape: a key's other bytes come together */

struct screen {
	int descriptor; /* of the terminal */
	FILE *in, *out;
	SCREEN *curses;
	int poll; /* epoll of it and of resizes */
	int resizes;
	struct termios modes; /* before */
	struct terminal_guard guard;
	bool ascii;
	bool colours;
};

static const char *terminal_name(void)
{
	const char *name = getenv("TERM");

	return name ? name : "";
}

bool screen_usable(char error[SCREEN_ERROR])
{
	int descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC);
	const char *problem;

	if (descriptor < 0) {
		snprintf(error, SCREEN_ERROR,
		    "top needs a terminal, and there is none (%s): hakmem-trace without top writes a report",
		    strerror(errno));
		return false;
	}
	problem = terminal_type_problem(terminal_name(), descriptor);
	if (problem)
		snprintf(error, SCREEN_ERROR, "the terminal '%.60s' (TERM) %s: set TERM to what it is, such as xterm",
		    terminal_name(), problem);
	close(descriptor);
	return !problem;
}

/* -- colours -- */

/* Of the first eight, which every terminal with colours has; -1 is the terminal's own. */
static const signed char colour_of[LOOK_COUNT] = {
    [LOOK_PLAIN] = -1,
    [LOOK_TITLE] = COLOR_CYAN,
    [LOOK_FAINT] = -1,
    [LOOK_WARN] = COLOR_RED,
    [LOOK_GOOD] = COLOR_GREEN,
    [LOOK_HEAD] = -1,
    [LOOK_SORTED] = -1,
    [LOOK_CHOSEN] = -1,
    [LOOK_KEY] = COLOR_CYAN,
    [LOOK_FAULTS] = COLOR_CYAN,
    [LOOK_ZEROED] = COLOR_MAGENTA,
    [LOOK_TIME] = COLOR_YELLOW,
    [LOOK_REGION + REGION_ALLOCATOR] = COLOR_GREEN,
    [LOOK_REGION + REGION_TLS] = COLOR_BLUE,
    [LOOK_REGION + REGION_STACK] = COLOR_BLUE,
    [LOOK_REGION + REGION_LIBC] = COLOR_YELLOW,
    [LOOK_REGION + REGION_PROGRAM] = COLOR_CYAN,
    [LOOK_REGION + REGION_LIBRARY] = COLOR_CYAN,
    [LOOK_REGION + REGION_FILE] = COLOR_MAGENTA,
    [LOOK_REGION + REGION_ANON] = COLOR_GREEN,
    [LOOK_REGION + REGION_KERNEL] = COLOR_RED,
    [LOOK_REGION + REGION_UNSEEN] = COLOR_RED,
};

/* What tells looks apart where there are no colours, too. */
static attr_t attributes_of(enum look look)
{
	switch (look) {
	case LOOK_TITLE:
	case LOOK_WARN:
	case LOOK_KEY:
		return A_BOLD;
	case LOOK_FAINT:
		return A_DIM;
	case LOOK_HEAD:
	case LOOK_CHOSEN:
		return A_REVERSE;
	case LOOK_SORTED:
		return A_REVERSE | A_BOLD | A_UNDERLINE;
	default:
		return A_NORMAL;
	}
}

static void start_colours(struct screen *screen)
{
	const char *unwanted = getenv("NO_COLOR");
	short own = COLOR_BLACK;

	screen->colours =
	    !(unwanted && *unwanted) && has_colors() && start_color() == OK && COLORS >= 8 && COLOR_PAIRS > LOOK_COUNT;
	if (!screen->colours)
		return;
	if (use_default_colors() == OK)
		own = -1;
	for (short look = 0; look < LOOK_COUNT; look++)
		init_pair(look + 1, colour_of[look] < 0 && own >= 0 ? COLOR_WHITE : colour_of[look], own);
}

/* -- open and close -- */

static int open_streams(struct screen *screen)
{
	int other;

	screen->descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (screen->descriptor < 0)
		return -1;
	other = fcntl(screen->descriptor, F_DUPFD_CLOEXEC, 3);
	screen->in = fdopen(screen->descriptor, "r");
	screen->out = other < 0 ? NULL : fdopen(other, "w");
	return screen->in && screen->out ? tcgetattr(screen->descriptor, &screen->modes) : -1;
}

static int add(int poll, int descriptor)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

	return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

static int open_events(struct screen *screen)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	screen->resizes = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	screen->poll = epoll_create1(EPOLL_CLOEXEC);
	if (screen->resizes < 0 || screen->poll < 0)
		return -1;
	return add(screen->poll, screen->descriptor) || add(screen->poll, screen->resizes) ? -1 : 0;
}

static void prepare_screen(struct screen *screen)
{
	set_term(screen->curses);
	set_escdelay(ESCAPE_MS);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	start_colours(screen);
}

struct screen *screen_open(char error[SCREEN_ERROR])
{
	struct screen *screen;
	char tidying[256];

	if (!screen_usable(error))
		return NULL;
	setlocale(LC_CTYPE, ""); /* wcwidth() and ncurses ask it */
	screen = calloc(1, sizeof(*screen));
	if (screen) {
		screen->descriptor = screen->poll = screen->resizes = screen->guard.pipe = -1;
		screen->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	}
	if (!screen || open_streams(screen) || open_events(screen)) {
		snprintf(error, SCREEN_ERROR, "can't use the terminal: %s", strerror(errno));
		screen_close(screen);
		return NULL;
	}
	terminal_guard_start(&screen->guard, screen->descriptor, &screen->modes, tidying,
	    terminal_type_tidying(tidying, sizeof(tidying)));
	screen->curses = newterm(terminal_name(), screen->out, screen->in);
	if (!screen->curses) {
		snprintf(error, SCREEN_ERROR, "can't use the terminal '%.60s' (TERM)", terminal_name());
		screen_close(screen);
		return NULL;
	}
	prepare_screen(screen);
	return screen;
}

static void close_descriptor(int descriptor)
{
	if (descriptor >= 0)
		close(descriptor);
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->curses) {
		endwin();
		delscreen(screen->curses);
	}
	terminal_guard_dismiss(&screen->guard);
	close_descriptor(screen->poll);
	close_descriptor(screen->resizes);
	if (screen->out)
		fclose(screen->out);
	if (screen->in)
		fclose(screen->in);
	else
		close_descriptor(screen->descriptor);
	free(screen);
}

int screen_descriptor(const struct screen *screen)
{
	return screen->poll;
}

void screen_size(const struct screen *screen, size_t *lines, size_t *columns)
{
	(void)screen;
	*lines = LINES > 0 ? LINES : 0;
	*columns = COLS > 0 ? COLS : 0;
}

bool screen_ascii(const struct screen *screen)
{
	return screen->ascii;
}

/* -- keys -- */

static void take_resizes(struct screen *screen)
{
	struct signalfd_siginfo information;
	struct winsize size;

	if (read(screen->resizes, &information, sizeof(information)) != sizeof(information))
		return;
	while (read(screen->resizes, &information, sizeof(information)) == sizeof(information))
		;
	if (!ioctl(screen->descriptor, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

static int key_of(wint_t code)
{
	static const struct {
		wint_t code;
		int key;
	} keys[] = {
	    {KEY_UP, PRESSED_UP},
	    {KEY_DOWN, PRESSED_DOWN},
	    {KEY_LEFT, PRESSED_LEFT},
	    {KEY_RIGHT, PRESSED_RIGHT},
	    {KEY_PPAGE, PRESSED_PAGE_UP},
	    {KEY_NPAGE, PRESSED_PAGE_DOWN},
	    {KEY_HOME, PRESSED_HOME},
	    {KEY_END, PRESSED_END},
	    {KEY_BACKSPACE, PRESSED_BACKSPACE},
	    {KEY_ENTER, PRESSED_ENTER},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].code == code)
			return keys[i].key;
	return 0;
}

static int character_of(wint_t character)
{
	switch (character) {
	case 3:
		return PRESSED_INTERRUPT;
	case 8:
	case 0x7f:
		return PRESSED_BACKSPACE;
	case '\f':
		return PRESSED_REDRAW;
	case '\r':
	case '\n':
		return PRESSED_ENTER;
	case 27:
		return PRESSED_ESCAPE;
	default:
		return (int)character;
	}
}

/* Whether nobody is at the other end any more: reading says so, and polling would never sleep again. */
static bool is_gone(const struct screen *screen)
{
	struct termios modes;

	return tcgetattr(screen->descriptor, &modes) != 0;
}

int screen_key(struct screen *screen)
{
	wint_t code;
	int result;

	take_resizes(screen);
	/* The other keys of a terminal mean nothing here. */
	do
		result = wget_wch(stdscr, &code);
	while (result == KEY_CODE_YES && !key_of(code));
	if (result == ERR)
		return is_gone(screen) ? -2 : -1;
	return result == KEY_CODE_YES ? key_of(code) : character_of(code);
}

/* -- the screen -- */

/* The cells from `column` on that look the same: one string, for fewer escape sequences than cells. */
static size_t show_run(const struct screen *screen, const struct canvas *canvas, size_t line, size_t column)
{
	const struct cell *cells = &canvas->cells[line * canvas->columns];
	enum look look = cells[column].look;
	size_t end = column;

	attr_set(attributes_of(look), screen->colours ? look + 1 : 0, NULL);
	move(line, column);
	for (; end < canvas->columns && cells[end].look == look; end++)
		addstr(cells[end].text);
	return end;
}

void screen_show(struct screen *screen, const struct canvas *canvas)
{
	erase();
	for (size_t line = 0; line < canvas->lines; line++)
		for (size_t column = 0; column < canvas->columns;)
			column = show_run(screen, canvas, line, column);
	refresh();
}

void screen_redraw(struct screen *screen)
{
	(void)screen;
	clearok(stdscr, TRUE);
}

void screen_forget(const struct screen *screen)
{
	tcflush(screen->descriptor, TCOFLUSH);
}
