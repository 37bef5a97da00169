/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_wire - asks the keeper over its hub socket and matches answers to tokens.
 *
 * Keeps no event and no recording: what was not confirmed is the caller's to keep.
 * Invariants: every token that was taken is answered exactly once, never from inside the
 * call that took it.
 */
#include "adapter/keep_wire.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

enum { CHUNK_SAMPLES = WIRE_PCM_BYTES / (int)sizeof(int16_t), SWEEP_MS = 250 };

struct pending {
	uint64_t token;
	int64_t until_ms;
};

struct keep_wire {
	struct loop *loop;
	struct keep_listener listener;
	char path[FILE_PATH_BYTES];
	struct link *link; /* NULL while away */
	bool open;         /* greeted */
	bool has_begun;    /* the keeper was told that we are new */
	int64_t retry_ms;
	uint64_t retry_timer;
	uint64_t sweep_timer;
	struct policy policy;
	unsigned reach;
	bool has_forecast;
	struct forecast forecast;
	size_t pending_count;
	struct pending pending[KEEP_WIRE_PENDING_MAX];
};

static const struct event_id NO_EVENT = {0};
static const struct record_id NO_RECORD = {{0}};

static void keep_wire_connect(void *context);

/* Takes the token out; false when nobody waits for it (any more). */
static bool pending_take(struct keep_wire *keep, uint64_t token)
{
	for (size_t i = 0; i < keep->pending_count; i++) {
		if (keep->pending[i].token != token)
			continue;
		keep->pending[i] = keep->pending[--keep->pending_count];
		return true;
	}
	return false;
}

static enum err pending_add_for(struct keep_wire *keep, uint64_t token, int64_t most_ms)
{
	if (keep->pending_count == KEEP_WIRE_PENDING_MAX)
		return ERR_LIMIT;
	keep->pending[keep->pending_count++] =
		(struct pending){token, loop_now_ms() + most_ms};
	return OK;
}

static enum err pending_add(struct keep_wire *keep, uint64_t token)
{
	return pending_add_for(keep, token, KEEP_ANSWER_MS);
}

/* A question that could not be sent is not waited for. */
static enum err sent(struct keep_wire *keep, uint64_t token, enum err err)
{
	if (err)
		(void)pending_take(keep, token);
	return err;
}

/* A part of an answer has come: the rest may take as long again. */
static bool pending_again(struct keep_wire *keep, uint64_t token)
{
	return pending_take(keep, token) && pending_add(keep, token) == OK;
}

/* Ends those whose time is over; now_ms INT64_MAX ends all. Answers may ask again. */
static void pending_end(struct keep_wire *keep, int64_t now_ms, enum err err)
{
	uint64_t over[KEEP_WIRE_PENDING_MAX];
	size_t count = 0;

	for (size_t i = 0; i < keep->pending_count; i++)
		if (keep->pending[i].until_ms <= now_ms)
			over[count++] = keep->pending[i].token;
	for (size_t i = 0; i < count; i++)
		if (pending_take(keep, over[i]))
			keep->listener.done(keep->listener.context, over[i], err,
					    NO_EVENT, NO_RECORD);
}

static void keep_wire_sweep(void *context)
{
	struct keep_wire *keep = context;

	pending_end(keep, loop_now_ms(), ERR_TIMEOUT);
	if (loop_after(keep->loop, SWEEP_MS, keep_wire_sweep, keep, &keep->sweep_timer))
		log_line("keep: cannot set a timer");
}

static void keep_wire_retry(struct keep_wire *keep)
{
	int64_t delay_ms = keep->retry_ms;

	keep->retry_ms = delay_ms * 2 < KEEP_WIRE_RETRY_MAX_MS ? delay_ms * 2
							       : KEEP_WIRE_RETRY_MAX_MS;
	if (loop_after(keep->loop, delay_ms, keep_wire_connect, keep, &keep->retry_timer))
		log_line("keep: cannot set a timer");
}

static void on_opened(void *context, struct link *link)
{
	struct keep_wire *keep = context;

	keep->open = true;
	keep->retry_ms = KEEP_WIRE_RETRY_MS;
	log_line("keep: connected");
	if (link_send_policy_get(link, &(struct wire_policy_get){.unused = 0}))
		log_line("keep: could not ask for the policy");
	if (!keep->has_begun)
		keep->has_begun =
			link_send_begun(link, &(struct wire_begun){.unused = 0}) == OK;
}

static void on_done(struct keep_wire *keep, const struct wire_done *done)
{
	struct record_id record;
	enum err err = done->err < ERR_COUNT ? (enum err)done->err : ERR_FORMAT;

	memcpy(record.bytes, done->record.bytes, sizeof(record.bytes));
	if (pending_take(keep, done->token))
		keep->listener.done(keep->listener.context, done->token, err,
				    (struct event_id){done->event}, record);
}

static void on_refused(struct keep_wire *keep, const struct wire_refused *refused)
{
	enum err err = refused->err > 0 && refused->err < ERR_COUNT
			       ? (enum err)refused->err
			       : ERR_DENIED;

	if (pending_take(keep, refused->token))
		keep->listener.done(keep->listener.context, refused->token, err, NO_EVENT,
				    NO_RECORD);
	else
		log_line("keep: refused reason=%s", refused->reason);
}

static void on_proposal(struct keep_wire *keep, const struct wire_proposal *told)
{
	struct action action;
	struct keep_news news = {.turn = {told->turn},
				 .action = &action,
				 .state = told->state};

	memcpy(news.id.bytes, told->id.bytes, ID_BYTES);
	if (!reason_from_code(told->reason, &news.reason))
		news.reason = REASON_NO_ACTION;
	if (told->token != 0 && !pending_take(keep, told->token))
		return;
	if (action_read((const char *)told->action.bytes, told->action.size, &action))
		news.action = NULL; /* a refusal tells of none */
	keep->listener.proposed(keep->listener.context, told->token, &news);
}

static void on_inbox_row(struct keep_wire *keep, const struct wire_inbox_row *row)
{
	struct keep_letter letter = {
		.at_ms = row->at_ms,
		.sound_ms = row->sound_ms,
		.is_heard = row->is_heard != 0,
	};

	memcpy(letter.id.bytes, row->id.bytes, ID_BYTES);
	must(str_copy(letter.from, sizeof(letter.from), row->from));
	if (keep->listener.letter && pending_again(keep, row->token))
		keep->listener.letter(keep->listener.context, row->token, &letter);
}

static void on_memo_sound(struct keep_wire *keep, const struct wire_memo_sound *piece)
{
	if (keep->listener.sound && pending_again(keep, piece->token))
		keep->listener.sound(keep->listener.context, piece->token,
				     piece->opus.bytes, piece->opus.size);
}

static void on_book_row(struct keep_wire *keep, const struct wire_book_row *told)
{
	struct keep_book_row row = {.body = told->body.bytes, .size = told->body.size};

	if (told->kind >= BOOK_KIND_COUNT) {
		log_line("keep: an entry of the book is of no kind that is known here");
		return;
	}
	row.kind = (enum book_kind)told->kind;
	memcpy(row.id.bytes, told->id.bytes, ID_BYTES);
	if (keep->listener.book_row && pending_again(keep, told->token))
		keep->listener.book_row(keep->listener.context, told->token, &row);
}

/* What does not read, as nothing does not, is none. */
static void on_forecast(struct keep_wire *keep, const struct wire_forecast *told)
{
	keep->has_forecast =
		forecast_read(told->bytes.bytes, told->bytes.size, &keep->forecast) == OK;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct keep_wire *keep = context;

	(void)link;
	if (message->type == WIRE_done) {
		on_done(keep, &message->done);
	} else if (message->type == WIRE_policy) {
		keep->policy = message->policy.policy;
		keep->listener.changed(keep->listener.context);
	} else if (message->type == WIRE_proposal) {
		on_proposal(keep, &message->proposal);
	} else if (message->type == WIRE_inbox_row) {
		on_inbox_row(keep, &message->inbox_row);
	} else if (message->type == WIRE_memo_sound) {
		on_memo_sound(keep, &message->memo_sound);
	} else if (message->type == WIRE_book_row) {
		on_book_row(keep, &message->book_row);
	} else if (message->type == WIRE_waiting) {
		if (keep->listener.waiting)
			keep->listener.waiting(keep->listener.context,
					       message->waiting.room,
					       message->waiting.count);
	} else if (message->type == WIRE_forecast) {
		on_forecast(keep, &message->forecast);
	} else if (message->type == WIRE_reach) {
		keep->reach = message->reach.capabilities;
	} else if (message->type == WIRE_refused) {
		on_refused(keep, &message->refused);
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct keep_wire *keep = context;
	bool was_open = keep->open;

	(void)link;
	(void)err;
	keep->link = NULL;
	keep->open = false;
	keep->reach = 0;
	keep->has_forecast = false; /* the owner may choose another place meanwhile */
	if (was_open)
		log_line("keep: the keeper is gone why=\"%s\"", why);
	keep_wire_retry(keep);
	pending_end(keep, INT64_MAX, ERR_CLOSED);
	if (was_open)
		keep->listener.changed(keep->listener.context);
}

static void keep_wire_connect(void *context)
{
	struct keep_wire *keep = context;
	const struct link_listener listener = {
		.context = keep,
		.opened = on_opened,
		.message = on_message,
		.closed = on_closed,
	};

	keep->retry_timer = 0;
	if (link_connect(keep->loop, keep->path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB,
			 "hub", &listener, &keep->link, NULL))
		keep_wire_retry(keep);
}

static enum err wire_append(void *self, const struct event *event, uint64_t token)
{
	struct keep_wire *keep = self;
	const struct wire_append append = {.token = token, .event = *event};

	if (!keep->open)
		return ERR_CLOSED;
	enum err err = pending_add(keep, token);
	if (err)
		return err;
	return sent(keep, token, link_send_append(keep->link, &append));
}

static enum err send_sound(struct keep_wire *keep, uint64_t token,
			   struct audio_span sound)
{
	enum err err = OK;

	for (size_t at = 0; !err && at < sound.count; at += CHUNK_SAMPLES) {
		size_t count = sound.count - at;
		const struct wire_seal_sound chunk = {
			.token = token,
			.pcm = wire_from_samples((struct audio_span){
				sound.samples + at,
				count < CHUNK_SAMPLES ? count : CHUNK_SAMPLES}),
		};
		err = link_send_seal_sound(keep->link, &chunk);
	}
	return err;
}

static enum err wire_seal(void *self, const struct keep_recording *recording,
			  uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_seal_begin begin = {
		.token = token,
		.turn = recording->turn.value,
		.at_ms = recording->at_ms,
		.samples = (uint32_t)recording->sound.count,
	};
	const struct wire_seal_end end = {.token = token};

	if (!keep->open)
		return ERR_CLOSED;
	if (recording->sound.count > (size_t)KEEP_SECONDS_MAX * AUDIO_HZ ||
	    !str_copy(begin.room, sizeof(begin.room), recording->room) ||
	    !str_copy(begin.transcript, sizeof(begin.transcript), recording->transcript))
		return ERR_LIMIT;
	enum err err = pending_add(keep, token);
	if (err)
		return err;
	err = link_send_seal_begin(keep->link, &begin);
	if (!err)
		err = send_sound(keep, token, recording->sound);
	if (!err)
		err = link_send_seal_end(keep->link, &end);
	if (err)
		(void)pending_take(keep, token);
	explicit_bzero(&begin, sizeof(begin));
	return err;
}

static enum err wire_propose(void *self, const struct action *action, struct turn_id turn,
			     uint64_t token)
{
	struct keep_wire *keep = self;
	char bytes[ACTION_BYTES_MAX];
	struct wire_propose propose = {.token = token, .turn = turn.value};
	size_t size = 0;
	enum err err = keep->open ? OK : ERR_CLOSED;

	if (!err)
		err = action_bytes(action, bytes, &size);
	if (!err)
		err = pending_add(keep, token);
	if (err)
		return err;
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	return sent(keep, token, link_send_propose(keep->link, &propose));
}

static enum err wire_memo(void *self, struct turn_id turn, const uint8_t *opus,
			  size_t size, bool last)
{
	struct keep_wire *keep = self;
	const struct wire_memo memo = {.turn = turn.value,
				       .last = last,
				       .opus = {opus, size}};

	return keep->open ? link_send_memo(keep->link, &memo) : ERR_CLOSED;
}

static enum err wire_confirm(void *self, struct proposal_id id, struct turn_id turn,
			     uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_confirm confirm = {.token = token, .turn = turn.value};
	enum err err = keep->open ? pending_add(keep, token) : ERR_CLOSED;

	if (err)
		return err;
	memcpy(confirm.proposal.bytes, id.bytes, ID_BYTES);
	return sent(keep, token, link_send_confirm(keep->link, &confirm));
}

static enum err wire_call_off(void *self, struct proposal_id id)
{
	struct keep_wire *keep = self;
	struct wire_call_off call_off = {.unused = 0};

	memcpy(call_off.proposal.bytes, id.bytes, ID_BYTES);
	return keep->open ? link_send_call_off(keep->link, &call_off) : ERR_CLOSED;
}

static enum err wire_inbox(void *self, const char *room, uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_inbox_get get = {.token = token};
	enum err err = keep->open ? OK : ERR_CLOSED;

	if (!err && !str_copy(get.room, sizeof(get.room), room))
		err = ERR_LIMIT;
	if (!err)
		err = pending_add(keep, token);
	if (err)
		return err;
	return sent(keep, token, link_send_inbox_get(keep->link, &get));
}

static enum err wire_fetch(void *self, struct proposal_id id, const char *room,
			   uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_memo_get get = {.token = token};
	enum err err = keep->open ? OK : ERR_CLOSED;

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	if (!err && !str_copy(get.room, sizeof(get.room), room))
		err = ERR_LIMIT;
	if (!err)
		err = pending_add_for(keep, token, KEEP_FETCH_MS);
	if (err)
		return err;
	return sent(keep, token, link_send_memo_get(keep->link, &get));
}

static enum err wire_book_get(void *self, uint64_t token)
{
	struct keep_wire *keep = self;
	const struct wire_book_get get = {.token = token};
	enum err err = keep->open ? pending_add(keep, token) : ERR_CLOSED;

	return err ? err : sent(keep, token, link_send_book_get(keep->link, &get));
}

static enum err wire_book_put(void *self, const struct keep_book_row *row, uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_book_put put = {.token = token,
				    .kind = (uint8_t)row->kind,
				    .body = {row->body, row->size}};
	enum err err = keep->open ? pending_add(keep, token) : ERR_CLOSED;

	memcpy(put.id.bytes, row->id.bytes, ID_BYTES);
	return err ? err : sent(keep, token, link_send_book_put(keep->link, &put));
}

static enum err wire_book_remove(void *self, struct book_id id, uint64_t token)
{
	struct keep_wire *keep = self;
	struct wire_book_remove remove = {.token = token};
	enum err err = keep->open ? pending_add(keep, token) : ERR_CLOSED;

	memcpy(remove.id.bytes, id.bytes, ID_BYTES);
	return err ? err : sent(keep, token, link_send_book_remove(keep->link, &remove));
}

static unsigned wire_reach(void *self)
{
	return ((const struct keep_wire *)self)->reach;
}

/* Lost, the card says that it is not known; what is longer is cut. */
static void wire_tell_heard(void *self, struct turn_id turn, const char *words)
{
	struct keep_wire *keep = self;
	struct wire_heard heard = {.turn = turn.value};

	(void)str_copy_bytes(heard.words, sizeof(heard.words), words,
			     strnlen(words, sizeof(heard.words) - 1));
	str_clean(heard.words);
	if (keep->open && link_send_heard(keep->link, &heard))
		log_line("keep: what was heard could not be told");
	explicit_bzero(&heard, sizeof(heard));
}

static const struct forecast *wire_newest_forecast(void *self)
{
	const struct keep_wire *keep = self;

	return keep->has_forecast ? &keep->forecast : NULL;
}

static const struct policy *wire_policy(void *self)
{
	const struct keep_wire *keep = self;
	return &keep->policy;
}

static bool wire_is_up(void *self)
{
	const struct keep_wire *keep = self;
	return keep->open;
}

static void wire_close(void *self)
{
	struct keep_wire *keep = self;

	loop_cancel(keep->loop, keep->retry_timer);
	loop_cancel(keep->loop, keep->sweep_timer);
	link_close(keep->link);
	free(keep);
}

enum err keep_wire_create(struct loop *loop, const char *path,
			  const struct keep_listener *listener, struct keep *out_keep,
			  struct err_note *note)
{
	static const struct keep_ops ops = {
		.append = wire_append,
		.seal = wire_seal,
		.propose = wire_propose,
		.memo = wire_memo,
		.confirm = wire_confirm,
		.call_off = wire_call_off,
		.inbox = wire_inbox,
		.fetch = wire_fetch,
		.book_get = wire_book_get,
		.book_put = wire_book_put,
		.book_remove = wire_book_remove,
		.reach = wire_reach,
		.policy = wire_policy,
		.forecast = wire_newest_forecast,
		.heard = wire_tell_heard,
		.is_up = wire_is_up,
		.close = wire_close,
	};
	struct keep_wire *keep = calloc(1, sizeof(*keep));

	if (!keep)
		return ERR_MEMORY;
	if (!str_copy(keep->path, sizeof(keep->path), path)) {
		free(keep);
		return err_say(ERR_LIMIT, note, "%.100s...: the path is too long", path);
	}
	keep->loop = loop;
	keep->listener = *listener;
	keep->retry_ms = KEEP_WIRE_RETRY_MS;
	policy_init(&keep->policy);
	keep_wire_sweep(keep);
	keep_wire_connect(keep);
	*out_keep = (struct keep){.ops = &ops, .self = keep};
	return OK;
}
