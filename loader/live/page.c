// SPDX-License-Identifier: MIT
/* See page.h. Browsers get it packed, which is done once. */
#include "live/page.h"

#include <stdio.h>
#include <string.h>

#include "live/server_state.h"
#include "output/gzip.h"

#define INCLUDE(name, file)                                                                                            \
	__asm__(".pushsection .rodata\n"                                                                               \
	        ".global " #name "\n"                                                                                  \
	        ".type " #name ", %object\n" #name ":\n"                                                               \
	        ".incbin \"" file "\"\n"                                                                               \
	        ".byte 0\n"                                                                                            \
	        ".size " #name ", . - " #name "\n"                                                                     \
	        ".popsection\n")

INCLUDE(live_page, LIVE_PAGE);
INCLUDE(live_policy, LIVE_POLICY);
extern const char live_page[], live_policy[];

static char *packed;
static size_t packed_size; /* 0: there is none */

static void pack(void)
{
	FILE *file = open_memstream(&packed, &packed_size);
	bool failed = !file || gzip_write(live_page, strlen(live_page), file);

	failed |= file && fclose(file);
	if (failed)
		packed_size = 0;
}

/* Of the list in Accept-Encoding. */
static bool takes_gzip(const char *accept)
{
	const char *gzip = accept ? strstr(accept, "gzip") : NULL;

	return gzip && strncmp(gzip + 4, ";q=0", 4) != 0;
}

enum MHD_Result page_answer(struct server *server, struct MHD_Connection *connection)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct MHD_Response *response;
	enum MHD_Result result;
	char policy[2048];
	bool gzip;

	(void)server;
	pthread_once(&once, pack);
	gzip = packed_size && takes_gzip(http.MHD_lookup_connection_value(
	                          connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING));
	response =
	    gzip ? http.MHD_create_response_from_buffer(packed_size, packed, MHD_RESPMEM_PERSISTENT)
	         : http.MHD_create_response_from_buffer(strlen(live_page), (void *)live_page, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	/* frame-ancestors works in a header alone. */
	snprintf(policy, sizeof(policy), "%s; frame-ancestors 'none'", live_policy);
	server_add_headers(response, "text/html; charset=utf-8");
	http.MHD_add_response_header(response, "Content-Security-Policy", policy);
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	if (gzip)
		http.MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	result = http.MHD_queue_response(connection, MHD_HTTP_OK, response);
	http.MHD_destroy_response(response);
	return result;
}
