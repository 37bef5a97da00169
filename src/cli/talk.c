/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes sound into a pipe at the pace of speech, and watches turns.
 *
 * Invariant: never more than LEAD_MS ahead of real time, so the room hears it as it
 * would a person; a room that is not there yet is waited for.
 */
#include "cli/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

enum { TICK_MS = 10, LEAD_MS = 60, RETRY_MS = 200, SECONDS_MAX = 30 };

struct talk {
	struct loop *loop;
	struct talk_listener listener;
	char pipe[FILE_PATH_BYTES];
	char hub[FILE_PATH_BYTES];
	struct link *link; /* NULL while it is away */
	int fd;            /* -1 while nobody reads */
	uint64_t tick;
	uint64_t retry;
	int64_t begun_ms;
	size_t count;
	size_t written;
	int16_t samples[SECONDS_MAX * AUDIO_HZ];
};

static void connect_hub(void *context);

static void retry_later(struct talk *talk)
{
	if (talk->retry)
		return;
	must(loop_after(talk->loop, RETRY_MS, connect_hub, talk, &talk->retry) == OK);
}

static void hub_opened(void *context, struct link *link)
{
	static const struct wire_watch watch;

	must(context);
	if (link_send_watch(link, &watch))
		link_close(link);
}

static void hub_message(void *context, struct link *link,
			const struct wire_message *message)
{
	struct talk *talk = context;

	must(link == talk->link);
	if (message->type == WIRE_turn)
		talk->listener.turn(talk->listener.context, message->turn.json);
}

static void hub_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct talk *talk = context;

	must(link == talk->link && err < ERR_COUNT && why);
	talk->link = NULL;
	retry_later(talk);
}

static void connect_hub(void *context)
{
	struct talk *talk = context;
	struct link_listener listener = {.context = talk,
					 .opened = hub_opened,
					 .message = hub_message,
					 .closed = hub_closed};
	struct err_note note = {""};

	talk->retry = 0;
	if (link_connect(talk->loop, talk->hub, WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI,
			 "behest", &listener, &talk->link, &note))
		retry_later(talk);
}

enum err talk_create(struct loop *loop, const char *pipe, const char *hub_socket,
		     const struct talk_listener *listener, struct talk **out_talk)
{
	struct talk *talk = calloc(1, sizeof(*talk));

	must(listener->turn && listener->spoken);
	if (!talk)
		return ERR_MEMORY;
	talk->loop = loop;
	talk->listener = *listener;
	talk->fd = -1;
	if (!str_copy(talk->pipe, sizeof(talk->pipe), pipe) ||
	    !str_copy(talk->hub, sizeof(talk->hub), hub_socket)) {
		free(talk);
		return ERR_LIMIT;
	}
	connect_hub(talk);
	*out_talk = talk;
	return OK;
}

void talk_destroy(struct talk *talk)
{
	if (!talk)
		return;
	loop_cancel(talk->loop, talk->tick);
	loop_cancel(talk->loop, talk->retry);
	link_close(talk->link);
	if (talk->fd >= 0)
		close(talk->fd);
	free(talk);
}

bool talk_watches(const struct talk *talk)
{
	return talk->link && link_is_open(talk->link);
}

/* As much as is due and the pipe takes. False: nobody reads it. */
static bool write_due(struct talk *talk)
{
	int64_t due_ms = loop_now_ms() - talk->begun_ms + LEAD_MS;
	size_t due = (size_t)due_ms * AUDIO_HZ / 1000;
	ssize_t wrote;

	due = due < talk->count ? due : talk->count;
	if (due <= talk->written)
		return true;
	wrote = write(talk->fd, talk->samples + talk->written,
		      (due - talk->written) * sizeof(int16_t));
	if (wrote < 0)
		return errno == EAGAIN || errno == EINTR;
	talk->written += (size_t)wrote / sizeof(int16_t);
	return true;
}

static void tick(void *context)
{
	struct talk *talk = context;
	bool was_away = talk->fd < 0;

	talk->tick = 0;
	if (was_away) {
		talk->fd = open(talk->pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		talk->begun_ms = loop_now_ms();
	}
	if (talk->fd >= 0 && !write_due(talk)) {
		close(talk->fd);
		talk->fd = -1;
		talk->written = 0; /* said again from the start when somebody listens */
	}
	if (talk->written == talk->count) {
		talk->listener.spoken(talk->listener.context);
		return;
	}
	must(loop_after(talk->loop, talk->fd >= 0 ? TICK_MS : RETRY_MS, tick, talk,
			&talk->tick) == OK);
}

enum err talk_speak(struct talk *talk, struct audio_span sound)
{
	if (talk->tick)
		return ERR_BUSY;
	if (sound.count > STR_COUNT(talk->samples))
		return ERR_LIMIT;
	memcpy(talk->samples, sound.samples, sound.count * sizeof(int16_t));
	talk->count = sound.count;
	talk->written = 0;
	talk->begun_ms = loop_now_ms();
	return loop_after(talk->loop, 0, tick, talk, &talk->tick);
}
