// SPDX-License-Identifier: MIT
#include "stack/site_frames.h"

#include <string.h>

#include "symbol/hakmem_functions.h"

static const struct frame *frame_at(const struct site_frames *site, size_t number)
{
	return &site->frames[site->stack[number]];
}

size_t site_frames_call(const struct site_frames *site, size_t from)
{
	size_t at = from;

	while (at < site->count && frame_at(site, at)->inlined)
		at++;
	return at < site->count ? at + 1 - from : site->count - from;
}

/* C++ operators are known by other names than the linker's. */
static bool is_operator(const char *function)
{
	return !strncmp(function, "operator new", 12) || !strncmp(function, "operator delete", 15);
}

static bool is_hakmem(const struct site_frames *site, const struct frame *frame)
{
	const char *slash = strrchr(frame->source, '/');
	const struct elf_function function = {
	    .name = frame->function, .source = slash ? slash + 1 : frame->source, .local = true};
	bool whole;

	if (frame->kernel || !site->object(site->context, frame->object, &whole))
		return false;
	return whole || is_operator(frame->function) || hakmem_has_function(&function);
}

/* From there on; inlined functions are whose they are inlined in. */
static size_t inside_from(const struct site_frames *site, size_t from)
{
	size_t at = from;

	while (at < site->count) {
		size_t next = at + site_frames_call(site, at);

		if (!is_hakmem(site, frame_at(site, next - 1)))
			break;
		at = next;
	}
	return at;
}

size_t site_frames_inside(const struct site_frames *site)
{
	return inside_from(site, 0);
}

static bool frees(const struct frame *frame)
{
	return strstr(frame->function, "free") || strstr(frame->function, "delete") ||
	       strstr(frame->function, "dallocx");
}

size_t site_frames_own(const struct site_frames *touched)
{
	size_t first = 0, end;

	while (first < touched->count && frame_at(touched, first)->kernel)
		first++;
	end = inside_from(touched, first);
	/* memset or memcpy */
	if (end == first && first < touched->count) {
		first += site_frames_call(touched, first);
		end = inside_from(touched, first);
	}
	if (end == first || end == touched->count || frees(frame_at(touched, end - 1)))
		return 0;
	return touched->count - end;
}
