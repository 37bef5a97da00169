/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep - what the hub may ask of the keeper: write an event, seal a recording, read the
 * policy, hand over a voice message, and ask for what binds the household. There is no way
 * to read a recording or an event back through this port, and none to approve anything.
 *
 * Runs in the caller's loop and calls back on its thread. done(OK) means durable.
 */
#ifndef PORT_KEEP_H
#define PORT_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/action.h"
#include "domain/audio.h"
#include "domain/event.h"
#include "domain/forecast.h"
#include "domain/policy.h"
#include "domain/reason.h"

enum {
	KEEP_ANSWER_MS = 2000, /* after that, done(ERR_TIMEOUT) */
	KEEP_FETCH_MS = 30000, /* for a message: another house may be asked for its key */
	KEEP_SECONDS_MAX = 60, /* longest recording of a turn */
};

/* A recording to be sealed for the owner of its room. */
struct keep_recording {
	struct turn_id turn;
	const char *room;
	int64_t at_ms; /* wall clock at its first sample */
	struct audio_span sound;
	const char *transcript; /* what was understood; sealed beside the sound */
};

/* What became of something that binds the household; borrowed. */
struct keep_news {
	struct proposal_id id; /* none: it was refused */
	struct turn_id turn;
	const struct action *action; /* NULL with a refusal */
	const char *state;           /* domain/proposal.def: "asked"; "" with a refusal */
	enum reason reason;
};

/* A voice message in an inbox. */
struct keep_letter {
	struct proposal_id id;
	int64_t at_ms;
	char from[NAME_BYTES]; /* the room it was spoken in, or the contact */
	uint32_t sound_ms;
	bool is_heard;
};

struct keep_listener {
	void *context;
	/* event is the place of what was written: of the event for append, and for seal of
	 * the RECORDED event, which the keeper writes in one breath with the recording (so
	 * the hub does not). record is set for seal (none when the household keeps no
	 * recording for this room: then err is ERR_DENIED and nothing was written;
	 * ERR_UNSUPPORTED where whose they are wants none to be kept). */
	void (*done)(void *context, uint64_t token, enum err err, struct event_id event,
		     struct record_id record);
	/* The connection or the policy changed. */
	void (*changed)(void *context);
	/* The answer to propose (token), or what became of one later (token 0). */
	void (*proposed)(void *context, uint64_t token, const struct keep_news *news);
	/* Of an inbox, newest last; done() follows behind the last. Borrowed. May be NULL
	 * where none is asked for, as may the next two. */
	void (*letter)(void *context, uint64_t token, const struct keep_letter *letter);
	/* A piece of a message's sound, Ogg Opus; done() follows behind the last. */
	void (*sound)(void *context, uint64_t token, const uint8_t *opus, size_t size);
	/* So many messages wait for whose private room that is. */
	void (*waiting)(void *context, const char *room, size_t count);
};

struct keep_ops {
	/* done() follows, always. ERR_CLOSED at once when the keeper is away, and then done()
	 * does not follow. */
	enum err (*append)(void *self, const struct event *event, uint64_t token);
	enum err (*seal)(void *self, const struct keep_recording *recording,
			 uint64_t token);
	/* Asks for what binds the household. proposed() or done() with an error follows,
	 * always; but as for the others not after an error at once. NULL: there is nobody
	 * who could hold it (a dry run). */
	enum err (*propose)(void *self, const struct action *action, struct turn_id turn,
			    uint64_t token);
	/* A piece of a voice message that a room recorded in that turn, in order. Nothing is
	 * answered: what is missing, propose is refused for. */
	enum err (*memo)(void *self, struct turn_id turn, const uint8_t *opus,
			 size_t size, bool last);
	/* The phrase was said in that turn: proposed() or done() follows as for propose. */
	enum err (*confirm)(void *self, struct proposal_id id, struct turn_id turn,
			    uint64_t token);
	/* Somebody does not want it any more; proposed() tells of it later. */
	enum err (*call_off)(void *self, struct proposal_id id);
	/* The messages for whose private room this is, and the sound of one of them: letter()
	 * or sound(), then done(). ERR_DENIED: the room is not private. */
	enum err (*inbox)(void *self, const char *room, uint64_t token);
	enum err (*fetch)(void *self, struct proposal_id id, const char *room,
			  uint64_t token);
	/* What the devices that the keeper heard lately may approve, together. NULL: there
	 * is nobody who could hold anything, so nobody need be reached. */
	unsigned (*reach)(void *self);
	/* The newest policy; never NULL: before the first answer it permits nothing. */
	const struct policy *(*policy)(void *self);
	/* The newest forecast for the owner's place; NULL: none came. NULL function: never. */
	const struct forecast *(*forecast)(void *self);
	bool (*is_up)(void *self);
	void (*close)(void *self);
};

struct keep {
	const struct keep_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err keep_append(struct keep *keep,
					      const struct event *event, uint64_t token)
{
	return keep->ops->append(keep->self, event, token);
}

MUST_CHECK static inline enum err keep_seal(struct keep *keep,
					    const struct keep_recording *recording,
					    uint64_t token)
{
	return keep->ops->seal(keep->self, recording, token);
}

static inline bool keep_can_propose(const struct keep *keep)
{
	return keep->ops->propose != NULL;
}

MUST_CHECK static inline enum err keep_propose(struct keep *keep,
					       const struct action *action,
					       struct turn_id turn, uint64_t token)
{
	return keep->ops->propose(keep->self, action, turn, token);
}

MUST_CHECK static inline enum err keep_memo(struct keep *keep, struct turn_id turn,
					    const uint8_t *opus, size_t size, bool last)
{
	return keep->ops->memo(keep->self, turn, opus, size, last);
}

MUST_CHECK static inline enum err keep_confirm(struct keep *keep, struct proposal_id id,
					       struct turn_id turn, uint64_t token)
{
	return keep->ops->confirm(keep->self, id, turn, token);
}

MUST_CHECK static inline enum err keep_call_off(struct keep *keep, struct proposal_id id)
{
	return keep->ops->call_off(keep->self, id);
}

MUST_CHECK static inline enum err keep_inbox(struct keep *keep, const char *room,
					     uint64_t token)
{
	return keep->ops->inbox(keep->self, room, token);
}

MUST_CHECK static inline enum err keep_fetch(struct keep *keep, struct proposal_id id,
					     const char *room, uint64_t token)
{
	return keep->ops->fetch(keep->self, id, room, token);
}

static inline unsigned keep_reach(const struct keep *keep)
{
	return keep->ops->reach ? keep->ops->reach(keep->self) : MAY_ALL;
}

static inline const struct policy *keep_policy(struct keep *keep)
{
	return keep->ops->policy(keep->self);
}

static inline const struct forecast *keep_forecast(struct keep *keep)
{
	return keep->ops->forecast ? keep->ops->forecast(keep->self) : NULL;
}

static inline bool keep_is_up(struct keep *keep)
{
	return keep->ops->is_up(keep->self);
}

static inline void keep_close(struct keep *keep)
{
	if (keep->ops)
		keep->ops->close(keep->self);
	keep->ops = 0;
}

#endif
