/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What text.bpf.c and the loader agree on. */
#ifndef HAKMEM_BPF_TEXT_H
#define HAKMEM_BPF_TEXT_H

#define TEXT_PAGE  4096
#define TEXT_PAGES 256

struct text_copy {
	char page[TEXT_PAGES][TEXT_PAGE];
};

#endif
