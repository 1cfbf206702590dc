/* SPDX-License-Identifier: MIT */
/*
 * Loading the BPF programs in two halves side by side. The kernel's verifier takes most of a start; it walks a program
 * on one processor, and several at once if it is asked to. So another thread loads some of them, by an object of its
 * own that has the first one's maps. With one processor, where that would only be more work, all are in the first.
 */
#ifndef HALVES_H
#define HALVES_H

struct bpf_program;
struct trace; /* the skeleton */

#define HALVES_NAME 64

/*
 * Loads an object that is open and set up; it is used afterwards as if it had been loaded by itself, but that programs
 * which attach themselves may be in *beside instead: NULL, or another object to close. 0, or a negative errno with the
 * program that the kernel did not load, "" if it was something else.
 */
int halves_load(struct trace *object, struct trace **beside, char refused[HALVES_NAME]);

/* The one that is loaded of a program of the first and its like beside; itself if neither is. */
struct bpf_program *halves_loaded(struct trace *beside, struct bpf_program *program);

/* For who gets libbpf's log, which alone says what program could not be loaded. On any thread. */
void halves_note(const char *line);

#endif
