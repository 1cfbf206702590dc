/* SPDX-License-Identifier: MIT */
/*
 * Actors: the threads that a run of the fuzzer plays on, of which one runs at a time, so that a run is the same each
 * time. Actor 0 is the calling thread; the others begin when they are first wanted and end when told.
 */
#ifndef HAKMEM_FUZZ_ACTORS_H
#define HAKMEM_FUZZ_ACTORS_H

#define ACTORS 4

/* Runs `body` on an actor and waits for it to return. */
void actors_run(unsigned int actor, void (*body)(void));
/* Actors other than 0 end as threads do, and the next body begins a new thread. */
void actors_end(unsigned int actor);
void actors_end_all(void);
/* For a forked child, in which the other threads do not exist. */
void actors_forget(void);

#endif
