/* SPDX-License-Identifier: MIT */
/* The page that the browser shows: web/built/live.html, within the binary, with the policy that goes with it. */
#ifndef PAGE_H
#define PAGE_H

#include "live/microhttpd.h"

struct server;

/* GET / */
enum MHD_Result page_answer(struct server *server, struct MHD_Connection *connection);

#endif
