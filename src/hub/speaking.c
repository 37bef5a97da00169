/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaking - turns sentences into sound on a thread, so that the loop never waits for a
 * voice. Answers come back in order through a queue that the loop watches.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/voice_flite.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/str.h"
#include "hub/hub.h"

enum { SPEAKING_QUEUE = 16 };

struct speaking_job {
	bool last; /* the thread is to end */
	char room[NAME_BYTES];
	struct turn_id turn;
	struct event_id parent;
	char text[SAYING_SPOKEN_BYTES];
	int16_t *sound; /* the answer's; owned by whoever popped it */
	size_t sample_count;
};

struct speaking {
	struct hub *hub;
	struct voice voice;
	struct queue *jobs;
	struct queue *answers;
	pthread_t thread;
	bool started;
};

static void speaking_do(struct speaking *speaking, struct speaking_job *job)
{
	struct audio_span sound = {NULL, 0};
	enum err err = voice_speak(&speaking->voice, job->text, &sound);

	if (err)
		log_line("voice: could not speak err=\"%s\"", err_words(err));
	if (!err && sound.count > 0)
		job->sound = malloc(sound.count * sizeof(*sound.samples));
	if (job->sound) {
		memcpy(job->sound, sound.samples, sound.count * sizeof(*sound.samples));
		job->sample_count = sound.count;
	}
	explicit_bzero(job->text, sizeof(job->text));
}

static void *speaking_thread(void *context)
{
	struct speaking *speaking = context;
	struct speaking_job job;

	while (queue_wait(speaking->jobs, -1, &job) == OK && !job.last) {
		speaking_do(speaking, &job);
		if (queue_push(speaking->answers, &job)) {
			log_line("voice: an answer found no place");
			free(job.sound);
		}
	}
	return NULL;
}

static void speaking_answers(void *context, int fd, unsigned ready)
{
	struct speaking *speaking = context;
	struct speaking_job job;

	(void)fd;
	(void)ready;
	while (queue_pop(speaking->answers, &job) == OK) {
		hub_room_voice(speaking->hub, job.room, job.turn, job.parent,
			       (struct audio_span){job.sound, job.sample_count});
		free(job.sound);
	}
}

enum err speaking_create(struct hub *hub, struct speaking **out_speaking)
{
	enum err err = ERR_MEMORY;
	struct speaking *speaking = calloc(1, sizeof(*speaking));

	if (!speaking)
		goto out;
	speaking->hub = hub;
	err = voice_flite_create(&speaking->voice);
	if (!err)
		err = queue_create(sizeof(struct speaking_job), SPEAKING_QUEUE,
				   &speaking->jobs);
	if (!err)
		err = queue_create(sizeof(struct speaking_job), SPEAKING_QUEUE,
				   &speaking->answers);
	if (!err)
		err = loop_watch(hub->loop, queue_fd(speaking->answers), LOOP_READ,
				 speaking_answers, speaking);
	if (err)
		goto out;
	speaking->started =
		pthread_create(&speaking->thread, NULL, speaking_thread, speaking) == 0;
	err = speaking->started ? OK : ERR_MEMORY;
	if (err)
		goto out;
	*out_speaking = speaking;
	speaking = NULL;
out:
	speaking_destroy(speaking);
	return err;
}

void speaking_destroy(struct speaking *speaking)
{
	struct speaking_job job = {.last = true};

	if (!speaking)
		return;
	if (speaking->started) {
		struct speaking_job dropped;
		while (queue_push(speaking->jobs, &job) == ERR_LIMIT)
			if (queue_pop(speaking->jobs, &dropped) == OK)
				log_line("voice: an answer was dropped at the end");
		(void)pthread_join(speaking->thread, NULL);
	}
	if (speaking->answers) {
		loop_forget(speaking->hub->loop, queue_fd(speaking->answers));
		while (queue_pop(speaking->answers, &job) == OK)
			free(job.sound);
	}
	queue_destroy(speaking->jobs);
	queue_destroy(speaking->answers);
	voice_close(&speaking->voice);
	free(speaking);
}

bool speaking_add(struct speaking *speaking, const char *room, struct turn_id turn,
		  struct event_id parent, const char *text)
{
	struct speaking_job job = {.turn = turn, .parent = parent};

	return str_copy(job.room, sizeof(job.room), room) &&
	       str_copy(job.text, sizeof(job.text), text) &&
	       queue_push(speaking->jobs, &job) == OK;
}
