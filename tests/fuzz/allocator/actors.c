// SPDX-License-Identifier: MIT
/*
 * actors: a thread each, with a semaphore to go and one to say that it is done.
 */
#include "actors.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static struct actor {
	pthread_t thread;
	sem_t go, done;
	bool exists;
	void (*body)(void); /* NULL: end */
} actors[ACTORS];

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) != 0) /* interrupted */
		continue;
}

static void *act(void *argument)
{
	struct actor *actor = argument;

	for (wait_for(&actor->go); actor->body != NULL; wait_for(&actor->go)) {
		actor->body();
		sem_post(&actor->done);
	}
	return NULL;
}

static void begin(struct actor *actor)
{
	sem_init(&actor->go, 0, 0);
	sem_init(&actor->done, 0, 0);
	if (pthread_create(&actor->thread, NULL, act, actor) != 0)
		abort();
	actor->exists = true;
}

void actors_run(unsigned int number, void (*body)(void))
{
	struct actor *actor = &actors[number];

	if (number == 0) {
		body();
		return;
	}
	if (!actor->exists)
		begin(actor);
	actor->body = body;
	sem_post(&actor->go);
	wait_for(&actor->done);
}

void actors_end(unsigned int number)
{
	struct actor *actor = &actors[number];

	if (!actor->exists)
		return;
	actor->body = NULL;
	sem_post(&actor->go);
	pthread_join(actor->thread, NULL);
	actor->exists = false;
}

void actors_end_all(void)
{
	for (unsigned int i = 0; i < ACTORS; i++)
		actors_end(i);
}

void actors_forget(void)
{
	for (unsigned int i = 0; i < ACTORS; i++)
		actors[i].exists = false;
}
