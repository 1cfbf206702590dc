// SPDX-License-Identifier: MIT
/* hakmem-trace serve: what is traced, or was recorded, in a browser (docs/live.md). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/complain.h"
#include "command/live.h"
#include "live/guard.h"
#include "live/server.h"
#include "output/spaces_output.h"

struct serve {
	struct server_options options;
	struct server *server;
	char token[TOKEN_LONGEST + 2]; /* and a line's end */
};

static void help(void)
{
	puts("Usage: hakmem-trace serve [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace serve [OPTION...] -p PID[,PID...] | --comm NAME | --cgroup PATH | -a\n"
	     "       hakmem-trace serve [OPTION...] RECORDING.hkt\n"
	     "\n"
	     "Traces as hakmem-trace does without `serve`, and shows it as it happens in a browser: a page, the\n"
	     "data as JSON, and metrics for Prometheus (docs/live.md). When COMMAND has ended, what was counted\n"
	     "stays until Ctrl-C or SIGTERM; the exit status is COMMAND's.\n"
	     "\n"
	     "      --listen ADDRESS:PORT  where (default " LISTEN_DEFAULT "; port 0: any that is free), or\n"
	     "      --listen unix:PATH     at a Unix socket, which only its owner and root can use\n"
	     "      --token-file FILE      ask for the token in FILE; needed where others than this machine can\n"
	     "                             reach the address\n"
	     "      --user NAME            who to become once tracing goes on (default: who called sudo, or nobody)\n"
	     "      --interval SEC         the length of the slices (default 1); older ones are merged\n"
	     "  -o, --output FILE          write a report at the end, too, as --format says\n"
	     "\n"
	     "and every option of hakmem-trace itself; see hakmem-trace --help.");
}

/* The first line is the token. 0, or -1 after complaining. */
static int read_token(const char *path, char token[TOKEN_LONGEST + 2])
{
	FILE *file = fopen(path, "re");
	const char *problem;

	if (!file) {
		complain("can't read the token file %s: %s", path, strerror(errno));
		return -1;
	}
	if (!fgets(token, TOKEN_LONGEST + 2, file))
		token[0] = '\0';
	fclose(file);
	token[strcspn(token, "\r\n")] = '\0';
	problem = guard_token_problem(token);
	if (problem)
		complain("the token file %s can't be used: %s", path, problem);
	return problem ? -1 : 0;
}

static int listen_to(struct serve *serve, const char *text)
{
	struct listen_address *address = &serve->options.address;
	char error[LISTEN_ERROR];

	if (listen_parse(text, address, error)) {
		complain("--listen: %s", error);
		return -1;
	}
	if (!address->loopback && !serve->options.token) {
		complain("%s can be reached from elsewhere: that needs --token-file FILE, or listen on 127.0.0.1 or a "
		         "Unix socket",
		    text);
		return -1;
	}
	serve->options.socket = listen_open(address, error);
	if (serve->options.socket >= 0)
		return 0;
	complain("%s", error);
	return -1;
}

static int open_serve(struct live *live, const struct options *options)
{
	struct serve *serve = calloc(1, sizeof(*serve));

	live->state = serve;
	if (!serve) {
		complain("out of memory");
		return -1;
	}
	serve->options.socket = -1;
	serve->options.history = live->history;
	serve->options.metrics.series = options->output_options.metrics_series;
	serve->options.metrics.pids = options->output_options.metrics_pids;
	serve->options.metrics.budget = options->max_overhead;
	if (options->token_file) {
		if (read_token(options->token_file, serve->token))
			return -1;
		serve->options.token = serve->token;
	}
	return listen_to(serve, options->listen ? options->listen : LISTEN_DEFAULT);
}

/* Where it is, for people and for scripts. */
static void say_where(const struct serve *serve)
{
	const struct listen_address *address = &serve->options.address;

	if (address->is_unix)
		complain("serving at the Unix socket %s", address->path);
	else
		complain("serving at http://%s:%u/%s", address->any ? "localhost" : address->name, address->port,
		    serve->options.token ? "?token=..." : "");
}

static int start(struct live *live)
{
	struct serve *serve = live->state;
	char error[SERVER_ERROR];

	serve->options.began = live->began;
	serve->options.spaces = live->tracer && live->tracer->skeleton;
	serve->server = server_start(&serve->options, error);
	if (!serve->server) {
		complain("can't start the web server: %s", error);
		return -1;
	}
	live->descriptor = server_descriptor(serve->server);
	say_where(serve);
	return 0;
}

static void ready(struct live *live)
{
	struct serve *serve = live->state;
	const struct spaces *spaces;

	if (!server_wants_spaces(serve->server))
		return;
	spaces = live_spaces(live);
	server_put_spaces(serve->server, spaces ? spaces_json_processes(spaces) : NULL);
}

static void changed(struct live *live)
{
	struct serve *serve = live->state;

	server_notify(serve->server);
}

static void stays(struct live *live)
{
	(void)live;
	complain("what was traced has ended; what was counted stays until Ctrl-C or SIGTERM");
}

static void close_serve(struct live *live)
{
	struct serve *serve = live->state;

	if (!serve)
		return;
	server_stop(serve->server);
	listen_close(&serve->options.address, serve->options.socket);
	free(serve);
}

static const struct live_view view = {
    .name = "serve",
    .help = help,
    .confined = true,
    .takes_recordings = true,
    .open = open_serve,
    .start = start,
    .ready = ready,
    .added = changed,
    .ended = changed,
    .stays = stays,
    .close = close_serve,
};

int command_serve(int count, char **arguments)
{
	return live_command(&view, count, arguments);
}
