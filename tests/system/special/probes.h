/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What probes.bpf.c tells probes.c: a probe that was hit, and its arguments. */
#ifndef PROBES_H
#define PROBES_H

enum { SEEN_ADD, SEEN_DEL, SEEN_MARK, SEEN_FRESH, SEEN_REUSED };

struct seen {
	unsigned int what;
	char name[64]; /* SEEN_MARK */
	unsigned long argument[4];
};

#endif
