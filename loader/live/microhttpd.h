/* SPDX-License-Identifier: MIT */
/*
 * libmicrohttpd, of which this header has what we use. It is loaded when a server is started and not before: it brings
 * nine more libraries along (TLS among them), which would double the memory and the start-up time of every traced run,
 * and show in the memory of the commands that are started. Its functions
 * are called through this: http.MHD_start_daemon().
 */
#ifndef LIVE_HTTP_H
#define LIVE_HTTP_H

#include <microhttpd.h>

#define HTTP_FUNCTIONS(EACH)                                                                                           \
	EACH(MHD_add_response_header)                                                                                  \
	EACH(MHD_create_response_from_buffer)                                                                          \
	EACH(MHD_create_response_from_buffer_with_free_callback_cls)                                                   \
	EACH(MHD_create_response_from_callback)                                                                        \
	EACH(MHD_destroy_response)                                                                                     \
	EACH(MHD_get_connection_info)                                                                                  \
	EACH(MHD_lookup_connection_value)                                                                              \
	EACH(MHD_queue_response)                                                                                       \
	EACH(MHD_resume_connection)                                                                                    \
	EACH(MHD_start_daemon)                                                                                         \
	EACH(MHD_stop_daemon)                                                                                          \
	EACH(MHD_suspend_connection)

struct http_library {
#define HTTP_POINTER(name) __typeof__(name) *name;
	HTTP_FUNCTIONS(HTTP_POINTER)
#undef HTTP_POINTER
};

/* All are there once http_load() has been called. */
extern struct http_library http;

/* 0, or -1 with a line in `error`. */
#define HTTP_ERROR 200
int http_load(char error[HTTP_ERROR]);

#endif
