// SPDX-License-Identifier: MIT
#include "output/gzip.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

#define GZIP_WINDOW (MAX_WBITS + 16) /* how zlib is told to write gzip's head and tail */
#define CHUNK       (64 * 1024)

/* Zlib counts in unsigned int: a large piece goes in parts. */
static size_t next_part(size_t left)
{
	return left < UINT_MAX ? left : UINT_MAX;
}

static int compress_all(z_stream *stream, size_t size, FILE *file)
{
	unsigned char chunk[CHUNK];
	int status;

	do {
		if (!stream->avail_in) {
			stream->avail_in = next_part(size);
			size -= stream->avail_in;
		}
		stream->next_out = chunk;
		stream->avail_out = sizeof(chunk);
		status = deflate(stream, size ? Z_NO_FLUSH : Z_FINISH);
		if (fwrite(chunk, 1, sizeof(chunk) - stream->avail_out, file) != sizeof(chunk) - stream->avail_out)
			return -1;
	} while (status == Z_OK || status == Z_BUF_ERROR);
	return status == Z_STREAM_END ? 0 : -1;
}

int gzip_write(const void *bytes, size_t size, FILE *file)
{
	z_stream stream = {.next_in = (unsigned char *)bytes};
	int failed;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	failed = compress_all(&stream, size, file);
	deflateEnd(&stream);
	return failed;
}
