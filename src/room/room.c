/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room - devices on one side, the hub's link on the other, listen/ in between.
 *
 * Decides nothing about words: it carries frames under a lease and plays what it is told.
 *
 * A question that was heard is followed by what its say told: a lease for the answer, or a
 * voice message, whose sound goes to the hub only once it is over.
 *
 * Invariants: the microphone is open only while the hub is connected and not muting; the
 * light is a function of the state (light_now) and is shown after every event.
 */
#include "room/room.h"
#include "room/sent.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/indicator_terminal.h"
#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "listen/flat.h"
#include "listen/fuse.h"
#include "listen/listen.h"
#include "room/attest.h"
#include "room/capture.h"
#include "room/message.h"
#include "room/overheard.h"
#include "room/playing.h"
#include "room/reference.h"
#include "room/ringing.h"
#include "room/sequel.h"

enum {
	TROUBLE_BYTES = 256,
	SAY_SAMPLES = WIRE_PCM_BYTES / 2,
	OWN_VOICE_SPAN_MS = 1000,
	BLINK_MS = 1500,
};

#define FLAT_WORDS \
	"microphone: nothing but silence comes from it: is it muted or unplugged?"
/* The ears; and two minutes of sound with its Opus, while a message is recorded. */
#define MEMLOCK_WORDS                                                                    \
	"room: memory cannot be locked: it takes 2 MiB, and 5 MiB more while a message " \
	"is recorded; raise memlock (ulimit -l 8192)"

struct room {
	char name[LINK_NAME_BYTES];
	char hub_socket[FILE_PATH_BYTES];
	struct link_tls_place *place; /* NULL: the hub of this machine */
	const uint8_t *hub_key;
	struct attest attest;
	struct loop *loop;
	struct parts *parts;
	struct clock clock;
	struct rand rand;
	struct listen *listen;
	struct capture *capture;      /* NULL: no microphone */
	struct memo_encoder *encoder; /* of a message that is being spoken; NULL: none */
	struct playing *playing;
	struct reference *reference; /* NULL: no microphone */
	struct overheard *overheard; /* NULL: no microphone, or no music is told of */
	struct link *link;           /* NULL: not even trying */
	bool muted;                  /* until the hub says otherwise */
	bool is_held; /* something that was asked for here, and can be called off */
	uint32_t message_count; /* for whose private room this is */
	struct fuse wakes;
	bool blown; /* muted by the fuse: until the hub has said muted, and then not */
	bool mic_works;
	struct flat flat;
	bool is_flat;      /* mic_works is false, although frames come */
	bool is_one_sided; /* the frame under way: capture.h */
	char trouble[TROUBLE_BYTES];
	int retry_ms;
	uint64_t turn; /* of the lease, and until it is over; 0: none */
	uint32_t sequence;
	struct sent *sent;     /* of the lease */
	uint32_t heard_frames; /* of these, as the hub said; SENT_FRAMES_MAX: all */
	uint32_t lost_frames;  /* already told */
	struct ringing ringing;
	int volume_percent;      /* of what is said; -1: as the speaker was opened */
	bool is_loud;            /* the speaker is louder than that, for what rings */
	struct sequel collected; /* of the say whose pieces come */
	struct sequel asked;     /* of the answer that plays or was last played */
	enum indicator_light shown;
	uint64_t blink_timer; /* 0: the light does not blink */
	enum indicator_light blink;
	struct wire_room_state told; /* what the hub knows of us */
	bool has_told;
};

/* ---- light and state ---- */

static bool hub_is_there(const struct room *room)
{
	return room->link && link_is_open(room->link);
}

static enum indicator_light light_now(const struct room *room)
{
	const enum listen_state state = listen_state(room->listen);

	if (state == LISTEN_LEASED)
		return INDICATOR_LISTENING;
	if (state == LISTEN_RECORDING)
		return INDICATOR_RECORDING;
	if (playing_is_speaking(room->playing))
		return INDICATOR_SPEAKING;
	if (room->ringing.is_on)
		return INDICATOR_RINGING;
	if (!hub_is_there(room))
		return INDICATOR_DEAF;
	if (room->muted)
		return INDICATOR_MUTED;
	if (!room->mic_works)
		return INDICATOR_DEAF;
	if (state == LISTEN_RESTING)
		return INDICATOR_THINKING;
	if (room->blink_timer != 0)
		return room->blink;
	if (room->is_held)
		return INDICATOR_HELD;
	return room->message_count > 0 ? INDICATOR_MESSAGES : INDICATOR_WAITING;
}

static bool is_same_state(const struct wire_room_state *a,
			  const struct wire_room_state *b)
{
	return a->muted == b->muted && str_equal(a->light, b->light) &&
	       str_equal(a->trouble, b->trouble);
}

/* Only what it does not know yet. Muting shows even where the light stays as it was: a
 * room that speaks may be muted. */
static void tell_hub(struct room *room)
{
	struct wire_room_state state = {.muted = room->muted};

	if (!hub_is_there(room))
		return;
	must(str_copy(state.light, sizeof(state.light),
		      indicator_light_word(room->shown)));
	must(str_copy(state.trouble, sizeof(state.trouble), room->trouble));
	if (room->has_told && is_same_state(&state, &room->told))
		return;
	room->has_told = link_send_room_state(room->link, &state) == OK;
	room->told = state;
}

/* Called after everything that can change the state. */
static void show(struct room *room)
{
	room->shown = light_now(room);
	indicator_show(&room->parts->indicator, room->shown);
	tell_hub(room);
}

static void set_trouble(struct room *room, const char *words)
{
	if (!str_copy(room->trouble, sizeof(room->trouble), words))
		must(str_copy(room->trouble, sizeof(room->trouble), "(see the log)"));
}

/* ---- what listening reports ---- */

static void sign(struct room *room, struct event *event)
{
	if (attest_send(&room->attest, event, room->link) != OK)
		log_line("room: what happened could not be signed");
}

static void sign_lease(struct room *room, enum lease_reason reason)
{
	struct event event;

	attest_begin(&room->attest, &event, EVENT_LEASE_OPENED, room->turn,
		     loop_now_ms());
	evidence_lease_opened(&event, reason);
	sign(room, &event);
}

static void sign_lease_over(struct room *room, uint32_t used_ms, const char *cause)
{
	uint8_t hash[SEAL_HASH_BYTES];
	uint32_t frames = 0;
	struct event event;

	attest_begin(&room->attest, &event, EVENT_LEASE_CLOSED, room->turn,
		     loop_now_ms());
	evidence_lease_closed(&event, used_ms, cause);
	if (sent_hash(room->sent, room->heard_frames, &frames, hash))
		evidence_sound(&event, frames, hash);
	sign(room, &event);
}

static void tell_lease_over(struct room *room, uint32_t used_ms, const char *cause)
{
	struct wire_lease_over over = {.turn = room->turn, .used_ms = used_ms};

	if (!hub_is_there(room))
		return;
	if (!str_copy(over.cause, sizeof(over.cause), cause))
		must(str_copy(over.cause, sizeof(over.cause), "ended"));
	sign_lease_over(room, used_ms, over.cause);
	if (link_send_lease_over(room->link, &over) != OK)
		log_line("room: the hub could not be told that a lease is over");
}

static void on_lease_over(struct room *room, const struct listen_report *report)
{
	tell_lease_over(room, report->used_ms, report->cause);
}

/* The hub cannot follow, or the sound is gone: waits for the name again. */
static void give_up_lease(struct room *room, const char *cause)
{
	struct listen_report report;

	listen_end(room->listen, cause, loop_now_ms(), &report);
	if (report.event == LISTEN_LEASE_OVER)
		on_lease_over(room, &report);
	listen_wait(room->listen);
}

/* Whether the newest of what is left still sounds like the music. Between the words of
 * somebody who speaks, little is left and all of it is music: only what is loud counts. */
static bool sounds_like_music(const struct room *room)
{
	return room->overheard && listen_is_loud(room->listen) &&
	       echo_path_match(overheard_path(room->overheard), OWN_VOICE_SPAN_MS).ours;
}

/* Whether the newest of what is left still sounds like ourselves. Under an answer lease we
 * are silent, and have asked just before: what dies away of that is not counted. */
static bool sounds_like_us(const struct room *room)
{
	enum lease_reason reason = LEASE_NAME;

	if (!room->reference)
		return false;
	if (listen_lease(room->listen, &reason) && reason == LEASE_ANSWER &&
	    !listen_is_loud(room->listen))
		return false;
	return echo_path_match(reference_path(room->reference), OWN_VOICE_SPAN_MS).ours;
}

static unsigned marks_of(const struct room *room)
{
	return (sounds_like_us(room) || sounds_like_music(room) ? SOUND_OWN_VOICE : 0U) |
	       (room->is_one_sided ? SOUND_ONE_SIDED : 0U);
}

static enum err send_frame(struct room *room, const struct audio_frame *frame,
			   unsigned marks)
{
	const struct wire_sound sound = {
		.turn = room->turn,
		.sequence = room->sequence++,
		.marks = (uint8_t)marks,
		.pcm = wire_from_samples(
			(struct audio_span){frame->samples, AUDIO_FRAME_SAMPLES}),
	};

	sent_add(room->sent, sound.pcm.bytes);
	return link_send_sound(room->link, &sound);
}

static uint64_t make_turn(struct room *room)
{
	uint16_t random = 0;

	rand_fill(&room->rand, (uint8_t *)&random, sizeof(random));
	/* The hub's time: our own clock may be anything. */
	return (uint64_t)attest_hub_ms(&room->attest, loop_now_ms(),
				       clock_wall_ms(&room->clock))
		       << 16 |
	       random;
}

static enum err send_wake(struct room *room, const struct listen_report *report,
			  uint64_t turn)
{
	struct wire_wake wake = {
		.turn = turn,
		.score = report->score,
		.floor = report->floor,
		.accepted = report->event == LISTEN_WOKE,
		.level_db = report->level_db,
		.ratio = report->ratio,
	};

	must(str_copy(wake.why, sizeof(wake.why), report->why));
	return link_send_wake(room->link, &wake);
}

/* Woken too often: whatever it hears is not its name. It stays muted, by policy as soon
 * as the keeper knows, until the owner unmutes it. The microphone is closed by
 * on_captured, which all wakes come from. */
static void blow_fuse(struct room *room)
{
	struct wire_fuse_blown blown;

	must(str_format(blown.what, sizeof(blown.what), "more than %d wakes in an hour",
			FUSE_WAKES_MAX));
	log_line("room: muted by its fuse: %s", blown.what);
	listen_wait(room->listen); /* of this lease nobody was told */
	room->blown = true;
	room->muted = true;
	if (hub_is_there(room) && link_send_fuse_blown(room->link, &blown) != OK)
		log_line("room: the hub could not be told of the fuse");
}

/* The next lease's sound is counted anew. */
static enum err send_lease(struct room *room, enum lease_reason reason, size_t lead)
{
	struct wire_lease lease = {
		.turn = room->turn,
		.max_ms = (uint32_t)lease_reason_max_ms(reason),
		.lead_ms = (uint32_t)lead * AUDIO_FRAME_MS,
	};

	must(str_copy(lease.reason, sizeof(lease.reason), lease_reason_text(reason)));
	room->sequence = 0;
	room->heard_frames = SENT_FRAMES_MAX;
	sent_clear(room->sent);
	sign_lease(room, reason);
	return link_send_lease(room->link, &lease);
}

static void on_woke(struct room *room, const struct listen_report *report)
{
	enum err err = OK;

	if (report->cause) /* a message that was being spoken */
		on_lease_over(room, report);

	if (fuse_count(&room->wakes, loop_now_ms())) {
		blow_fuse(room);
		return;
	}
	playing_stop(room->playing); /* whoever says the name is listened to */
	room->turn = make_turn(room);
	err = hub_is_there(room) ? send_wake(room, report, room->turn) : ERR_CLOSED;
	if (!err)
		err = send_lease(room, LEASE_REQUEST, report->replay_count);
	for (size_t i = 0; !err && i < report->replay_count; i++)
		err = send_frame(room, listen_replay(room->listen, i), false);
	if (err)
		give_up_lease(room, "hub away");
	else
		(void)playing_tone(room->playing, INDICATOR_TONE_WAKE);
}

/* ---- a voice message ---- */

/* Its sound was signed for what it is before a piece of it leaves. */
static void send_message(struct room *room, const struct message *message)
{
	enum err err = OK;

	if (!hub_is_there(room))
		return;
	err = attest_message(&room->attest, message, room->turn, loop_now_ms(),
			     room->link);
	if (!err)
		err = message_send(message, room->turn, room->link);
	if (err)
		log_line("room: a voice message could not be handed to the hub: %s",
			 err_words(err));
}

static void on_recorded(struct room *room, const struct listen_report *report)
{
	struct message *message = NULL;
	struct err_note note = {{0}};
	enum err err = OK;

	(void)playing_tone(room->playing, INDICATOR_TONE_DONE);
	err = message_create(report->memo, &room->encoder, &message, &note);
	if (err)
		log_line("room: %s", note.text[0] ? note.text : err_words(err));
	tell_lease_over(room, report->used_ms,
			err ? "could not be encoded" : report->cause);
	if (!err)
		send_message(room, message);
	message_destroy(message);
}

/* ---- what rings ---- */

static void set_loudness(struct room *room, int percent)
{
	speaker_set_volume(&room->parts->speaker, percent);
}

static void end_ringing(struct room *room)
{
	if (!room->ringing.is_on)
		return;
	ringing_end(&room->ringing);
	listen_ring(room->listen, false, loop_now_ms());
	if (!playing_is_speaking(room->playing))
		playing_stop(room->playing);
}

/* It falls silent by itself; the hub knows what rang. */
static void stop_ringing(struct room *room, const char *cause)
{
	struct wire_rang rang = {.ring = room->ringing.ring};

	if (!room->ringing.is_on)
		return;
	rang.sounded_ms = ringing_ms(&room->ringing, loop_now_ms());
	must(str_copy(rang.cause, sizeof(rang.cause), cause));
	end_ringing(room);
	if (hub_is_there(room) && link_send_rang(room->link, &rang) != OK)
		log_line("room: the hub could not be told that it rings no more");
}

/* Nobody speaks and nothing sounds; a muted room rings as well, but hears no "stop". */
static bool may_ring(const struct room *room)
{
	const enum listen_state state = listen_state(room->listen);

	return (state == LISTEN_WAITING || state == LISTEN_MUTED) &&
	       playing_is_quiet(room->playing);
}

/* Louder than answers where the hub wants it: who sleeps is to wake. */
static void sound_ring(struct room *room)
{
	const int volume = room->volume_percent;

	room->is_loud = volume >= 0 && volume < room->ringing.percent;
	if (room->is_loud)
		set_loudness(room, room->ringing.percent);
	if (playing_ring(room->playing, room->ringing.pattern, room->ringing.parent))
		ringing_sounds(&room->ringing, loop_now_ms());
	else
		ringing_waits(&room->ringing, loop_now_ms());
}

static void follow_ringing(struct room *room)
{
	const int64_t now_ms = loop_now_ms();

	if (ringing_is_over(&room->ringing, now_ms))
		stop_ringing(room, "time");
	else if (!may_ring(room))
		ringing_waits(&room->ringing, now_ms);
	else if (ringing_is_due(&room->ringing, now_ms))
		sound_ring(room);
}

/* In a room without a loudspeaker the light is all there is. */
static void on_ring(struct room *room, const struct wire_ring *asked)
{
	const int64_t now_ms = loop_now_ms();

	if (!ringing_begin(&room->ringing, asked, now_ms)) {
		log_line("room: refused to ring without a reason on record");
		return;
	}
	listen_ring(room->listen, false, now_ms);
	listen_ring(room->listen, true, now_ms);
	follow_ringing(room);
}

static void on_ring_over(struct room *room, const struct wire_ring_over *over)
{
	if (over->ring == 0 || over->ring == room->ringing.ring)
		end_ringing(room);
}

/* A row in the journal, and silence if it was believed: nothing else comes of it. */
static void on_stop(struct room *room, const struct listen_report *report)
{
	struct wire_stop stop = {
		.turn = make_turn(room),
		.score = report->score,
		.floor = report->floor,
		.accepted = report->event == LISTEN_STOPPED,
		.level_db = report->level_db,
	};

	must(str_copy(stop.why, sizeof(stop.why), report->why));
	if (stop.accepted)
		playing_stop(room->playing);
	if (hub_is_there(room) && link_send_stop(room->link, &stop) != OK)
		log_line("room: the hub could not be told of the stop word");
	if (stop.accepted)
		stop_ringing(room, "stopped");
}

static void act_on(struct room *room, const struct listen_report *report)
{
	switch (report->event) {
	case LISTEN_NOTHING:
		break;
	case LISTEN_WOKE:
		on_woke(room, report);
		break;
	case LISTEN_REJECTED:
		/* A number of its own, so that its owner finds it in the history. */
		if (hub_is_there(room) && send_wake(room, report, make_turn(room)) != OK)
			log_line("room: the hub could not be told of a rejected name");
		break;
	case LISTEN_LEASED_FRAME:
		break; /* feed_frame has the frame */
	case LISTEN_LEASE_OVER:
		on_lease_over(room, report);
		break;
	case LISTEN_RECORDED:
		on_recorded(room, report);
		break;
	case LISTEN_STOPPED:
	case LISTEN_STOP_REJECTED:
		on_stop(room, report);
		break;
	}
}

/* Tells of it, if one was open. */
static void end_lease(struct room *room, const char *cause)
{
	struct listen_report report;

	listen_end(room->listen, cause, loop_now_ms(), &report);
	act_on(room, &report);
}

/* ---- the microphone ---- */

/* What was not played whole asked for nothing. */
static void sign_prompt(struct room *room, const struct audible_measured *measured)
{
	struct event event;

	attest_begin(&room->attest, &event, EVENT_PROMPT_HEARD, room->asked.turn,
		     loop_now_ms());
	evidence_prompt_heard(&event, sequel_then(&room->asked), measured->level_db,
			      measured->correlation);
	sign(room, &event);
}

static void tell_proof(struct room *room, const struct reference_proof *proof)
{
	const struct wire_prompt_measured told = {
		.say = proof->say,
		.heard = proof->measured.heard,
		.correlation = proof->measured.correlation,
		.level_db = proof->measured.level_db,
	};

	if (hub_is_there(room) && proof->measured.heard && proof->say == room->asked.say)
		sign_prompt(room, &proof->measured);
	if (hub_is_there(room) && link_send_prompt_measured(room->link, &told) != OK)
		log_line("room: the hub could not be told what was heard of an answer");
}

/* Frames that were captured before now and come later, the one in the making included. */
static unsigned late_frames(const struct room *room)
{
	return capture_waiting_frames(room->capture) + 1;
}

/* No tone: the question that everybody heard is the sign, and the light. A tone would fall
 * on the first word of who answers at once. */
static void open_answer(struct room *room, const struct audible_measured *prompt)
{
	const enum err err =
		listen_answer(room->listen, prompt, late_frames(room), loop_now_ms());

	if (err)
		log_line("room: no answer is listened for: %s", err_words(err));
	else if (send_lease(room, LEASE_ANSWER, 0) != OK)
		give_up_lease(room, "hub away");
}

/* Nobody could tell a message without a signature from one that the hub made up. */
static void open_memo(struct room *room, const struct audible_measured *prompt)
{
	enum err err = attest_has_key(&room->attest) ? OK : ERR_DENIED;

	if (!err)
		err = listen_record(room->listen, prompt, loop_now_ms());
	if (err)
		log_line("room: no message is recorded: %s", err_words(err));
	else if (send_lease(room, LEASE_MEMO, 0) != OK)
		give_up_lease(room, "hub away");
	else if (!playing_tone(room->playing, INDICATOR_TONE_RECORD))
		end_lease(room, "no tone");
}

static void follow_up(struct room *room, const struct reference_proof *proof)
{
	if (!hub_is_there(room) || !proof->measured.heard ||
	    proof->say != room->asked.say)
		return;
	switch (sequel_due(&room->asked, room->turn)) {
	case THEN_ANSWER:
		open_answer(room, &proof->measured);
		break;
	case THEN_MEMO:
		open_memo(room, &proof->measured);
		break;
	case THEN_NOTHING:
	case THEN_CONFIRM: /* by the name */
	case THEN_COUNT:
		break;
	}
}

static void take_ourselves_out(struct room *room, const struct audio_frame *heard,
			       struct audio_frame *out_rest)
{
	struct speaker_played played;
	const bool plays = playing_now(room->playing, &played);
	struct audio_frame without = *heard;

	if (room->overheard)
		overheard_feed(room->overheard, heard, &without);
	reference_feed(room->reference, &without, plays ? &played : NULL, loop_now_ms(),
		       out_rest);
	explicit_bzero(&without, sizeof(without));
}

/* After the frame that brought it: that one was captured before any lease. */
static void look_for_proof(struct room *room)
{
	struct reference_proof proof;

	if (!reference_proved(room->reference, &proof))
		return;
	tell_proof(room, &proof);
	follow_up(room, &proof);
}

/* Also when there is none any more: then nothing of it stays. */
static void follow_message(struct room *room)
{
	message_follow(&room->encoder, listen_memo(room->listen));
}

static void feed_frame(struct room *room, const struct audio_frame *frame)
{
	struct listen_report report;
	struct audio_frame rest;

	take_ourselves_out(room, frame, &rest);
	listen_feed(room->listen, &rest, loop_now_ms(), &report);
	if (report.event == LISTEN_LEASED_FRAME &&
	    send_frame(room, &rest, marks_of(room)) != OK)
		give_up_lease(room, "hub away");
	else
		act_on(room, &report);
	explicit_bzero(&rest, sizeof(rest));
	follow_message(room);
	look_for_proof(room);
}

static void on_mic_gone(struct room *room, const char *words)
{
	if (!str_equal(room->trouble, words)) /* once, not with every try */
		log_line("room: deaf: %s", words);
	room->mic_works = false;
	set_trouble(room, words);
	give_up_lease(room, "microphone gone");
}

/* Frames alone do not mean that anything is heard. */
static void watch_flat(struct room *room, const struct audio_frame *frame)
{
	const bool is_flat = room->parts->mic_is_live && flat_feed(&room->flat, frame);

	if (is_flat == room->is_flat)
		return;
	room->is_flat = is_flat;
	if (is_flat) {
		on_mic_gone(room, FLAT_WORDS);
	} else {
		room->mic_works = true;
		set_trouble(room, "");
	}
}

/* Opens or closes the microphone as the hub's word and its presence demand. */
static void apply_mute(struct room *room)
{
	const bool deaf = room->muted || !hub_is_there(room);
	struct listen_report report;

	listen_mute(room->listen, deaf, loop_now_ms(), &report);
	act_on(room, &report);
	if (deaf)
		room->asked = (struct sequel){0}; /* nothing follows any more */
	if (!room->capture)
		return;
	if (deaf) {
		capture_stop(room->capture);
		room->mic_works = false;
	} else if (capture_start(room->capture) != OK) {
		on_mic_gone(room, "microphone: no thread could be made for it");
	}
}

static void lose_frames(struct room *room, uint32_t frames)
{
	reference_lost(room->reference, frames);
	if (room->overheard)
		overheard_lost(room->overheard, frames);
}

static void on_captured(void *context, int fd, unsigned ready)
{
	struct room *room = context;
	struct capture_item item;
	const uint32_t lost = capture_lost_frames(room->capture);

	(void)fd;
	(void)ready;
	if (lost != room->lost_frames)
		log_line("room: was too slow for its microphone frames=%u", lost);
	if (lost > room->lost_frames)
		lose_frames(room, lost - room->lost_frames);
	room->lost_frames = lost;
	if (capture_next(room->capture, &item) != OK)
		return;
	switch (item.kind) {
	case CAPTURE_FRAME:
		room->is_one_sided = item.one_sided;
		watch_flat(room, &item.frame);
		feed_frame(room, &item.frame);
		break;
	case CAPTURE_OPENED:
		reference_reset(room->reference);
		if (room->overheard)
			overheard_reset(room->overheard);
		flat_init(&room->flat);
		room->is_flat = false;
		room->mic_works = true;
		set_trouble(room, "");
		break;
	case CAPTURE_LOST:
		on_mic_gone(room, item.note.text);
		break;
	case CAPTURE_ENDED:
		on_mic_gone(room, "microphone: its sound is over");
		break;
	}
	explicit_bzero(&item, sizeof(item));
	if (room->muted && capture_is_running(room->capture))
		apply_mute(room); /* the fuse */
	show(room);
}

/* ---- our own voice ---- */

static void on_sounding(void *context, bool sounding)
{
	struct room *room = context;

	listen_own_voice(room->listen, sounding, loop_now_ms());
	if (!sounding && room->is_loud)
		set_loudness(room, room->volume_percent);
	room->is_loud = room->is_loud && sounding;
	show(room);
}

static void on_answering(void *context, uint64_t say)
{
	struct room *room = context;

	room->asked = room->collected;
	if (listen_state(room->listen) == LISTEN_RECORDING)
		end_lease(room, "own voice"); /* what we say is nobody's message */
	if (room->reference)
		reference_begin(room->reference, say);
}

static void on_toned(void *context, enum indicator_tone tone, bool whole)
{
	struct room *room = context;

	if (tone != INDICATOR_TONE_RECORD ||
	    listen_state(room->listen) != LISTEN_RECORDING)
		return;
	if (whole)
		listen_tone_was_played(room->listen, late_frames(room));
	else
		end_lease(room, "no tone");
}

static void on_played(void *context, uint64_t say, int64_t played_ms, bool whole)
{
	struct room *room = context;
	const struct wire_played played = {
		.say = say,
		.played_ms = (uint32_t)played_ms,
		.whole = whole,
	};

	sequel_was_played(&room->asked, say, whole);
	if (hub_is_there(room) && link_send_played(room->link, &played) != OK)
		log_line("room: the hub could not be told that it was said");
}

static void on_say(struct room *room, const struct wire_say *say)
{
	static int16_t samples[SAY_SAMPLES];
	const size_t count = wire_to_samples(say->pcm, samples, SAY_SAMPLES);

	if (!sequel_add(&room->collected, say->say, say->turn, say->then, say->last != 0))
		log_line("room: nothing follows a prompt whose pieces do not say what");

	playing_add(room->playing, say->say, (struct event_id){say->parent},
		    (struct audio_span){samples, count}, say->last != 0);
	explicit_bzero(samples, sizeof(samples));
}

/* ---- the hub ---- */

static void on_end_lease(struct room *room, const struct wire_end_lease *end)
{
	if (end->turn != room->turn)
		return; /* of a lease that is long over */
	room->heard_frames = end->frames;
	end_lease(room, end->cause);
}

static void on_blinked(void *context)
{
	struct room *room = context;

	room->blink_timer = 0;
	show(room);
}

/* In the quiet hours the light answers. */
static void blink(struct room *room, enum indicator_light light)
{
	loop_cancel(room->loop, room->blink_timer);
	room->blink_timer = 0;
	room->blink = light;
	if (loop_after(room->loop, BLINK_MS, on_blinked, room, &room->blink_timer))
		log_line("room: cannot set a timer");
}

static void sound_tone(struct room *room, const char *tone)
{
	if (str_equal(tone, "blink-done"))
		blink(room, INDICATOR_DONE);
	else if (str_equal(tone, "blink-refused"))
		blink(room, INDICATOR_REFUSED);
	else if (str_equal(tone, "done"))
		(void)playing_tone(room->playing, INDICATOR_TONE_DONE);
	else if (str_equal(tone, "refused"))
		(void)playing_tone(room->playing, INDICATOR_TONE_REFUSED);
}

static void on_turn_over(struct room *room, const struct wire_turn_over *over)
{
	if (over->turn != room->turn)
		return;
	end_lease(room, "turn over");
	listen_wait(room->listen);
	room->turn = 0;
	sound_tone(room, over->tone);
}

/* Somebody speaks, or we do: then the light and the devices must do. */
static void on_tone(struct room *room, const struct wire_tone *told)
{
	if (listen_state(room->listen) == LISTEN_WAITING &&
	    !playing_is_speaking(room->playing))
		sound_tone(room, told->tone);
}

static void on_standing(struct room *room, const struct wire_standing *standing)
{
	room->is_held = standing->is_held != 0;
	room->message_count = standing->messages;
}

static void on_volume(struct room *room, const struct wire_volume *volume)
{
	room->volume_percent = volume->percent <= 100 ? (int)volume->percent : 100;
	if (!room->is_loud)
		set_loudness(room, room->volume_percent);
}

/* A policy from before the fuse blew does not unmute. */
static void on_mute(struct room *room, bool on)
{
	room->retry_ms = ROOM_RETRY_MS; /* we were let in */
	if (on)
		room->blown = false;
	room->muted = on || room->blown;
	apply_mute(room);
}

/* The hub must know who we are before it hears us; then also how we are. */
static void on_challenge(struct room *room, const struct wire_challenge *challenge)
{
	if (attest_answer(&room->attest, challenge, loop_now_ms(), room->link) != OK)
		log_line("room: could not show the hub its key");
	room->has_told = false;
}

static void on_refused(struct room *room, const struct wire_refused *refused)
{
	if (!str_equal(room->trouble, refused->words)) /* once, not with every try */
		log_line("room: deaf: the hub refuses: %s", refused->words);
	set_trouble(room, refused->words);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct room *room = context;

	(void)link;
	/* The table of rights lets nothing else through. */
	if (message->type == WIRE_end_lease)
		on_end_lease(room, &message->end_lease);
	else if (message->type == WIRE_turn_over)
		on_turn_over(room, &message->turn_over);
	else if (message->type == WIRE_tone)
		on_tone(room, &message->tone);
	else if (message->type == WIRE_standing)
		on_standing(room, &message->standing);
	else if (message->type == WIRE_say)
		on_say(room, &message->say);
	else if (message->type == WIRE_ring)
		on_ring(room, &message->ring);
	else if (message->type == WIRE_ring_over)
		on_ring_over(room, &message->ring_over);
	else if (message->type == WIRE_volume)
		on_volume(room, &message->volume);
	else if (message->type == WIRE_mute)
		on_mute(room, message->mute.on != 0);
	else if (message->type == WIRE_challenge)
		on_challenge(room, &message->challenge);
	else if (message->type == WIRE_refused)
		on_refused(room, &message->refused);
	show(room);
}

static void on_opened(void *context, struct link *link)
{
	struct room *room = context;

	(void)link;
	log_line("room: connected to the hub");
	room->has_told = false;
	show(room);
}

static void try_hub(void *context);

static void try_later(struct room *room)
{
	must(loop_after(room->loop, room->retry_ms, try_hub, room, NULL) == OK);
	room->retry_ms = room->retry_ms * 2 < ROOM_RETRY_MAX_MS ? room->retry_ms * 2
								: ROOM_RETRY_MAX_MS;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct room *room = context;

	(void)link;
	(void)err;
	log_line("room: deaf: the hub is gone why=\"%s\"", why);
	room->link = NULL;
	room->muted = true; /* until it says otherwise again */
	room->turn = 0;
	apply_mute(room);
	playing_stop(room->playing);
	ringing_alone(&room->ringing, loop_now_ms());
	show(room);
	try_later(room);
}

static enum err connect_to_hub(struct room *room, const struct link_listener *listener)
{
	const struct link_tls_side side = {
		.kind = WIRE_LINK_ROOM_HUB,
		.self = WIRE_PARTY_ROOM,
		.name = room->name,
		.seed = room->place ? secret_view(room->attest.identity->seed) : NULL,
	};

	if (room->place)
		return link_tls_connect(room->loop, room->place, &side, room->hub_key,
					listener, &room->link, NULL);
	return link_connect(room->loop, room->hub_socket, WIRE_LINK_ROOM_HUB,
			    WIRE_PARTY_ROOM, room->name, listener, &room->link, NULL);
}

static void try_hub(void *context)
{
	struct room *room = context;
	const struct link_listener listener = {
		.context = room,
		.opened = on_opened,
		.message = on_message,
		.closed = on_closed,
	};
	const enum err err = connect_to_hub(room, &listener);

	if (err) {
		room->link = NULL;
		try_later(room);
	}
	show(room);
}

/* ---- opening and closing ---- */

static void tick(void *context)
{
	struct room *room = context;
	struct listen_report report;

	listen_tick(room->listen, loop_now_ms(), &report);
	act_on(room, &report);
	follow_message(room);
	follow_ringing(room);
	show(room);
	must(loop_after(room->loop, ROOM_TICK_MS, tick, room, NULL) == OK);
}

/* What the music player plays here, when somebody has told where it comes from. */
static enum err open_overheard(struct room *room)
{
	enum err err = OK;

	if (!room->parts->music || room->parts->music[0] == '\0')
		return OK;
	err = overheard_create(room->parts->music, &room->parts->music_echo,
			       &room->overheard);
	if (err)
		return err;
	if (room->parts->ears.music.ops)
		overheard_use_wake(room->overheard, &room->parts->ears.music);
	listen_use_music(room->listen, overheard_path(room->overheard));
	return OK;
}

static enum err open_ears(struct room *room, struct err_note *note)
{
	struct listen_report report;
	struct ears *ears = &room->parts->ears;
	enum err err = listen_create(ears->wake.ops ? &ears->wake : NULL, &room->listen);

	if (!err && ears->verifier.ops)
		err = listen_use_verifier(room->listen, &ears->verifier);
	if (err == ERR_LIMIT)
		return err_say(err, note, MEMLOCK_WORDS);
	if (err)
		return err;
	listen_mute(room->listen, true, loop_now_ms(), &report);
	if (!room->parts->mic.ops) {
		set_trouble(room, "this room has no microphone");
		return OK;
	}
	if (room->parts->deaf.text[0] != '\0') {
		log_line("room: deaf: %s", room->parts->deaf.text);
		set_trouble(room, room->parts->deaf.text);
		return OK;
	}
	err = reference_create(&room->parts->echo, &room->reference);
	if (err)
		return err == ERR_LIMIT ? err_say(err, note, MEMLOCK_WORDS) : err;
	if (ears->own.ops)
		reference_use_wake(room->reference, &ears->own);
	if (ears->stop.ops) {
		listen_use_stop(room->listen, &ears->stop);
		reference_use_wake(room->reference, &ears->own_stop);
	}
	listen_use_echo(room->listen, reference_path(room->reference));
	err = open_overheard(room);
	if (err)
		return err == ERR_LIMIT ? err_say(err, note, MEMLOCK_WORDS) : err;
	err = capture_create(&room->parts->mic, &room->capture);
	if (err)
		return err;
	return loop_watch(room->loop, capture_fd(room->capture), LOOP_READ, on_captured,
			  room);
}

enum err room_create(const struct room_settings *settings, struct room **out_room,
		     struct err_note *note)
{
	struct room *made = calloc(1, sizeof(*made));
	enum err err = ERR_LIMIT;

	if (!made)
		return err_say(ERR_MEMORY, note, "room: %s", err_words(ERR_MEMORY));
	made->loop = settings->loop;
	made->parts = settings->parts;
	made->clock = settings->clock;
	made->rand = settings->rand;
	made->muted = true;
	made->volume_percent = -1;
	fuse_init(&made->wakes, FUSE_WAKES_MAX);
	made->retry_ms = ROOM_RETRY_MS;
	made->shown = INDICATOR_OFF;
	if (!str_copy(made->name, sizeof(made->name), settings->name) ||
	    !str_copy(made->hub_socket, sizeof(made->hub_socket), settings->hub_socket)) {
		err_say(err, note, "room: its name or the path of the hub is too long");
		goto out;
	}
	attest_init(&made->attest, settings->identity, made->name);
	made->place = settings->place;
	made->hub_key = settings->hub_key;
	must(!made->place || (made->attest.identity && made->hub_key));
	err = sent_create(&made->sent);
	if (err)
		err_say(err, note, "room: %s", err_words(err));
	if (!err)
		err = open_ears(made, note);
	if (!err)
		err = playing_create(made->loop, &made->parts->speaker,
				     (struct playing_listener){made, on_sounding,
							       on_answering, on_played,
							       on_toned},
				     &made->playing);
	if (!err)
		err = loop_after(made->loop, 0, try_hub, made, NULL);
	if (!err)
		err = loop_after(made->loop, ROOM_TICK_MS, tick, made, NULL);
	if (err) {
		err_say(err, note, "room: cannot start: %s", err_words(err));
		goto out;
	}
	*out_room = made;
	made = NULL;
out:
	room_destroy(made);
	return err;
}

void room_destroy(struct room *room)
{
	if (!room)
		return;
	link_close(room->link);
	if (room->capture)
		loop_forget(room->loop, capture_fd(room->capture));
	capture_destroy(room->capture);
	playing_destroy(room->playing);
	message_follow(&room->encoder, NULL);
	listen_destroy(room->listen);
	overheard_destroy(room->overheard);
	reference_destroy(room->reference);
	sent_destroy(room->sent);
	free(room);
}
