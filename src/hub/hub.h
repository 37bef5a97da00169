/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub - the state of behest-hub, shared by its own files only.
 *
 * One loop owns everything here; the recogniser and the voice have threads of their own
 * and answer through queues. The hub holds no key, no stored recording and no way out.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include <stdbool.h>

#include "adapter/arranged_file.h"
#include "adapter/identity.h"
#include "adapter/link_tls.h"
#include "adapter/link_unix.h"
#include "adapter/music_duck.h"
#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/secret.h"
#include "domain/arranged.h"
#include "domain/book.h"
#include "domain/evidence.h"
#include "domain/follow.h"
#include "domain/quiet.h"
#include "domain/radio.h"
#include "domain/recent.h"
#include "domain/ring.h"
#include "domain/settings.h"
#include "listen/election.h"
#include "listen/fuse.h"
#include "port/bus.h"
#include "port/clock.h"
#include "port/keep.h"
#include "port/music.h"
#include "port/rand.h"
#include "port/recogniser.h"
#include "turn/session.h"
#include "turn/turn.h"

enum {
	HUB_ROOMS_MAX = ELECTION_ROOMS_MAX,
	HUB_WATCHERS_MAX = 8,
	HUB_GUESTS_MAX =
		2 * LINK_PEERS_MAX, /* one server for this machine, one for others */
	HUB_WAITING_MS = 4000, /* of sound kept while it is not yet decided who answers */
	HUB_IDENTITY_MS = 5000,
	HUB_LETTERS_MAX = 32,  /* messages played at one asking */
	HUB_PENDING_MAX = 32,  /* of a room, asked for and not over */
	HUB_CHANGES_MAX = 128, /* of the house book, under way: of two turns */
};

struct calendar;
struct hub;
struct hub_skills;
struct late;
struct speaking;
struct words;

/* A question that was asked aloud; turn 0: none. */
struct hub_ask {
	struct turn_id turn;
	uint64_t say; /* as the room knows it; 0: it was not sent yet */
	bool whole;   /* it was said to its end */
	uint64_t timer;
};

/* hub_dialogue.c: what goes on between the turns of one dialogue. */
struct hub_talk {
	struct dialogue dialogue;
	struct turn_id
		turn; /* in which it began; its prompts, leases and memo are of it */
	uint64_t timer;
	enum dialogue_event news; /* waits to become a turn; WORDS: none does */
	int64_t news_ms;
	bool is_heard; /* the room signed that it heard the prompt that asks for a memo */
	bool is_leased; /* and has told of a lease for it */
	bool has_memo;
	uint8_t memo[EVIDENCE_HASH_BYTES]; /* as the room signed it */
};

enum hub_intercom_state {
	INTERCOM_IDLE,
	INTERCOM_WORDS, /* they are being said, and that is all */
	INTERCOM_INTRODUCING,
	INTERCOM_PLAYING
};

/* hub_intercom.c: announcements; what was spoken here, and what is said or played here. */
struct hub_intercom {
	struct secret *spoken; /* owned; Ogg Opus; NULL: nothing */
	size_t spoken_size;
	enum hub_intercom_state state;
	struct turn_id turn; /* of the room that it comes from */
	struct event_id because;
	struct secret *opus; /* owned; to be played; NULL: nothing */
};

enum hub_inbox_state {
	INBOX_IDLE,
	INBOX_LISTING,
	INBOX_INTRODUCING,
	INBOX_FETCHING,
	INBOX_PLAYING,
	INBOX_EXCUSING /* says why one is not played */
};

/* hub_inbox.c: messages that are being played in a private room. */
struct hub_inbox {
	bool wanted; /* once the turn that asked for it is over */
	enum hub_inbox_state state;
	uint64_t token;      /* of what was asked of the keeper last */
	struct turn_id turn; /* that asked; and what is spoken is because of */
	struct event_id parent;
	size_t at;
	size_t count;
	struct keep_letter letters[HUB_LETTERS_MAX];
	struct secret *opus; /* owned; the one being fetched; NULL: none is */
	size_t opus_size;
};

/* hub_ring.c: what a room was told to ring. */
struct hub_room_ring {
	uint64_t ring; /* 0: it does not */
	enum ring_pattern pattern;
	struct book_id reminder; /* whose words follow; none: of nothing */
	bool tells;              /* they are being said */
};

/* One room: its link while there is one, its session and its line. */
struct hub_room {
	struct hub *hub;
	char name[NAME_BYTES];
	struct link *link; /* NULL while it is away */
	struct session *session;
	struct turn_line *line;
	struct recent recent;
	struct follow follow; /* what was done or asked here last */
	int volume_percent;
	char light[16]; /* as the room last told */
	char trouble[256];
	bool muted;
	struct turn_id turn; /* the lease's; none when no lease is open */
	enum lease_reason leased_for;
	double wake_score;
	struct fuse proposals; /* class C, not followed up */
	bool woke;
	uint64_t saying; /* the say the room is playing; 0 none */
	struct turn_id speaks_for;
	int64_t say_ms;
	uint64_t say_timer;
	enum evidence_then say_then;
	struct turn_id say_turn;
	struct hub_ask ask;
	struct hub_talk talk;
	struct hub_inbox inbox;
	struct hub_intercom intercom;
	struct hub_room_ring ring;
	size_t message_count; /* that wait for whose private room this is */
	struct wire_standing told;
	bool has_told;        /* told is what the room knows */
	size_t pending_count; /* what was asked for here and can be called off */
	struct proposal_id pending[HUB_PENDING_MAX];
	struct hub_guest *guest; /* hub_links.c: its link's other half; NULL while away */
	struct event
		evidence;    /* the newest thing it signed and that awaits its message */
	uint32_t own_frames; /* of the lease's sound that match what the room plays */
	uint32_t
		one_sided_frames; /* of it that came through one microphone of two alone */
	uint32_t next_frame;      /* of the lease's sound */
	uint32_t frames_refused;  /* repeated or out of order, since the hub's start */
	uint32_t frames_refused_told;
	uint32_t frames_missing;
	int64_t heard_ms; /* monotonic: its last message; 0 never */
	/* hub_elect.c */
	bool stands; /* for election: its sound is kept */
	bool lease_is_over;
	uint32_t lead_ms;
	double level_db;
	int64_t woke_ms; /* monotonic, ours */
	struct buf waiting;
	struct link *asker; /* the command line that typed the running turn; NULL */
	uint64_t asker_token;
};

/* A connection of a room, from its greeting on. */
struct hub_guest {
	struct hub *hub; /* NULL: this place is free */
	struct link *link;
	struct hub_room *room; /* NULL until it has shown who it is */
	uint64_t timer;
	bool is_remote;
	bool has_key; /* and has shown that it holds it */
	uint8_t key[POLICY_KEY_BYTES];
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
};

/* A change of the house book that the keeper is asked to write. */
struct hub_change {
	uint64_t token;        /* 0: this place is free */
	struct hub_room *room; /* whose turn waits for it; NULL: nobody does */
	uint64_t asked;        /* the turn's token */
	bool is_remove;
	struct book_entry entry; /* of one that is removed its id alone */
};

/* hub_book.c: the house book as it is known here. What is asked for in a turn is changed once
 * it is durable; what follows from the clock at once, and written when it can be. */
struct hub_book {
	bool is_known; /* the keeper has told all of it, once */
	bool is_asking;
	uint64_t get_token;
	uint64_t tokens;
	struct book *now;    /* owned */
	struct book *coming; /* owned: what is being told */
	struct hub_change changes[HUB_CHANGES_MAX];
	/* Where the keeper's row may be another than what is here: it is written again. */
	size_t unwritten_count;
	struct book_id unwritten[BOOK_ENTRIES_MAX];
	/* The even clock: wall time when it was set, and the monotonic one of then. */
	bool has_clock;
	int64_t wall_ms;
	int64_t now_ms;
	uint64_t timer;
	/* hub_ring.c */
	uint64_t rings;  /* so many; each has a number */
	int64_t next_ms; /* by the even clock: nothing is due before */
	int64_t looked_ms;
	size_t round_count;
	struct hub_round { /* of a reminder: so often it was said */
		struct book_id id;
		int rounds;
	} rounds[BOOK_REMINDERS_MAX];
};

struct hub {
	struct loop *loop;
	struct settings settings;
	const char *data; /* the household's folder, and where its sockets are */
	const char *run;
	struct clock clock;
	struct rand rand;
	struct keep keep;
	struct bus bus;
	struct calendar *calendar; /* NULL: none is set */
	struct music music;        /* ops NULL: there is no player */
	struct radio radio;
	struct music_duck duck;
	struct recogniser recogniser;
	struct hub_room
		*hears; /* the room that uses the recogniser; NULL when it is free */
	struct words *words;
	/* hub_routines.c: by the household. Another takes its place between turns' steps. */
	struct arranged *arranged; /* owned; never NULL once open */
	struct arranged_seen arranged_seen;
	uint64_t arranged_version;        /* grows with each that was read */
	struct err_note arranged_trouble; /* why the newest is not; "": it is */
	struct phrasebook *phrasebook;    /* what it says */
	struct speaking *speaking;        /* NULL: no voice */
	struct late *late;
	struct hub_book book;
	struct event_id newest;
	uint64_t inbox_tokens;
	uint64_t says; /* so many were said: each has a number of its own */
	struct link_server *rooms_server;
	struct link_server *remote_server; /* NULL: not asked to listen */
	struct link_tls_place place;
	struct identity identity; /* seed NULL: not needed */
	struct hub_guest guests[HUB_GUESTS_MAX];
	struct election election;
	uint64_t election_timer;
	struct link_server *command_server;
	struct hub_skills *skills;
	struct quiet quiet; /* when rooms answer by their light alone */
	size_t room_count;
	struct hub_room rooms[HUB_ROOMS_MAX];
	size_t watcher_count;
	struct link *watchers[HUB_WATCHERS_MAX];
};

/* hub_links.c: who is let in as which room */
MUST_CHECK enum err hub_links_open(struct hub *hub, struct err_note *note);
void hub_links_close(struct hub *hub);
/* Lets go of whom the owner no longer lets in. */
void hub_links_policy_changed(struct hub *hub);

/* hub_music.c: the player, and how loud it is */
/* What its files hold: before the sandbox closes the data folder. */
MUST_CHECK enum err hub_music_read(struct hub *hub, struct err_note *note);
MUST_CHECK enum err hub_music_open(struct hub *hub, struct err_note *note);
void hub_music_close(struct hub *hub);
/* Softer while somebody speaks or is spoken to where it sounds, and then as before. */
void hub_music_follow(struct hub *hub);
/* A station has a new address, or none. */
MUST_CHECK enum err hub_music_set_station(struct hub *hub, const char *name,
					  const char *url, struct err_note *note);
bool hub_music_is_set(const struct hub *hub);

/* hub_elect.c: which room answers */
/* A lease has begun; its sound is kept until it is decided, here or later. */
void hub_elect_stand(struct hub_room *room, uint32_t lead_ms);
/* Keeps sound of a room that stands. */
void hub_elect_sound(struct hub_room *room, struct wire_slice pcm);
void hub_elect_drop(struct hub_room *room);

/* hub_rooms.c: the rooms' side */
void hub_rooms_close(struct hub *hub);
void hub_room_attach(struct hub_room *room, struct hub_guest *guest);
void hub_room_detach(struct hub_room *room, const char *why);
void hub_room_message(struct hub_room *room, const struct wire_message *message);
/* For hub_elect.c. */
void hub_room_listen(struct hub_room *room); /* it answers: the recogniser is its own */
void hub_room_leave(struct hub_room *room, const char *cause, const char *tone);
void hub_room_feed(struct hub_room *room, struct wire_slice pcm);
void hub_room_sound_over(struct hub_room *room); /* its lease ended */
/* The room of that name, made when new; "" is the first of the policy. NULL: none. */
struct hub_room *hub_room_find(struct hub *hub, const char *name);
void hub_rooms_policy_changed(struct hub *hub);
/* The recogniser has something. */
void hub_rooms_heard(struct hub *hub);
/* What was asked for in the room of that name is over; "" is silence. */
void hub_room_tone(struct hub *hub, const char *name, const char *tone);
/* Says text aloud in the room; turn_spoken follows, always. */
void hub_room_say(struct hub_room *room, const struct turn *turn, const char *text,
		  struct event_id parent);
/* Somebody speaks or is spoken to there, or nobody can be. */
bool hub_room_is_engaged(const struct hub_room *room);
/* Tells the room what its light shows of that, if it does not know. */
void hub_room_tell_standing(struct hub_room *room);
/* Nobody followed up what was asked for there: too often, and it is muted. */
void hub_room_count_proposal(struct hub_room *room);
/* The quiet hours are now. */
bool hub_is_quiet(const struct hub *hub);
/* Says or plays what belongs to no turn that is under way; hub_inbox_said and
 * hub_intercom_said follow. */
void hub_room_tell(struct hub_room *room, struct turn_id turn, struct event_id parent,
		   const char *text);
void hub_room_play(struct hub_room *room, struct turn_id turn, struct event_id parent,
		   struct audio_span sound);
/* A voice is ready (or failed: sound.count 0). */
void hub_room_voice(struct hub *hub, const char *name, struct turn_id turn,
		    struct event_id parent, struct audio_span sound);

/* hub_dialogue.c: what is waited for between the turns of a dialogue */
bool hub_dialogue_is_open(const struct hub_room *room);
bool hub_dialogue_keeps_turn(const struct hub_room *room);
bool hub_dialogue_waits(const struct hub *hub); /* any room's is open */
/* A turn has decided where the dialogue stands. */
void hub_dialogue_follow(struct hub_room *room, const struct turn *turn);
void hub_dialogue_heard(struct hub_room *room); /* its prompt was */
/* Something came of it that is no words. */
void hub_dialogue_news(struct hub_room *room, enum dialogue_event news);
/* False: nobody waits for such a lease. */
bool hub_dialogue_lease(struct hub_room *room, enum lease_reason reason);
void hub_dialogue_lease_over(struct hub_room *room, struct turn_id turn,
			     const char *cause);
void hub_dialogue_evidence(struct hub_room *room, const struct event *event);
void hub_dialogue_memo(struct hub_room *room, const struct wire_memo *memo);
/* It ends without a word, if one is open. */
void hub_dialogue_drop(struct hub_room *room, enum reason reason);
bool hub_dialogue_can_call_off(const struct hub_room *room);
void hub_dialogue_call_off(struct hub_room *room);
void hub_dialogue_forget_pending(struct hub *hub);
void hub_dialogue_proposed(struct hub *hub, const struct keep_news *news);

/* hub_inbox.c: messages, played */
void hub_inbox_want(struct hub_room *room); /* once the turn is over */
void hub_inbox_begin(struct hub_room *room, const struct turn *turn);
void hub_inbox_stop(struct hub_room *room);
void hub_inbox_said(struct hub_room *room, bool whole);
void hub_inbox_letter(struct hub *hub, uint64_t token, const struct keep_letter *letter);
void hub_inbox_sound(struct hub *hub, uint64_t token, const uint8_t *opus, size_t size);
/* True when the answer was one of the inbox's. */
bool hub_inbox_done(struct hub *hub, uint64_t token, enum err err);
void hub_inbox_waiting(struct hub *hub, const char *name, size_t count);

/* hub_intercom.c: announcements in other rooms */
/* Sound of a memo that is spoken for one, in its order. */
MUST_CHECK enum err hub_intercom_add(struct hub_room *room, struct wire_slice opus);
/* It is all there, and is what the room signed. */
bool hub_intercom_is_signed(const struct hub_room *room, const uint8_t *memo);
void hub_intercom_forget(struct hub_room *room); /* what was spoken; NULLs are fine */
void hub_intercom_stop(struct hub_room *room);   /* that, and what is played there */
/* The turn_parts' announce; context is the room that it is asked for in. */
enum reason hub_intercom_announce(void *context, const struct act_announcement *what,
				  size_t *out_rooms);
void hub_intercom_said(struct hub_room *room, int64_t sound_ms, bool whole);

/* hub_book.c: the house book */
MUST_CHECK enum err hub_book_open(struct hub *hub);
void hub_book_close(struct hub *hub);
/* For the rooms' lines; its context is the room. */
extern const struct act_book hub_book_parts;
/* Wall time that runs evenly: what counts down goes by it, whatever is done to the clock. */
int64_t hub_book_now(const struct hub *hub);
void hub_book_row(struct hub *hub, uint64_t token, const struct keep_book_row *row);
/* True when the answer was one of the book's. */
bool hub_book_done(struct hub *hub, uint64_t token, enum err err);
void hub_book_keeper_changed(struct hub *hub);
/* Changed here, or gone, by the clock alone: written as soon as it can be. */
void hub_book_write(struct hub *hub, const struct book_entry *entry);
void hub_book_forget(struct hub *hub, struct book_id id);
void hub_book_tick(struct hub *hub); /* what is due; also called by a timer */
/* Puts a thing on a list because of what was decided in that turn; turn_act_done(token) of
 * the room's line follows, unless it fails at once. list "" is the shopping list. */
MUST_CHECK enum err hub_book_add_item(struct hub_room *room, struct turn_id turn,
				      struct event_id because, const char *list,
				      const char *text, uint64_t token);

/* hub_ring.c: what is due, and the rooms that ring */
void hub_ring_due(struct hub *hub);
void hub_ring_changed(struct hub *hub); /* the book, the clock or a room has */
void hub_ring_room_came(struct hub_room *room);
void hub_ring_told(struct hub_room *room, const struct wire_rang *rang);
void hub_ring_said(struct hub_room *room, struct turn_id turn, int64_t sound_ms);
/* That rings, and a turn takes it out or changes it so that it rings no more. */
void hub_ring_taken(struct hub *hub, const struct book_entry *entry);
/* What rings in that room, or NULL: anywhere, is over. */
void hub_ring_stop(struct hub *hub, const struct hub_room *room, const char *cause);
/* hub_skills.c: what skills are asked, and what they are told */
MUST_CHECK enum err hub_skills_open(struct hub *hub, struct err_note *note);
void hub_skills_close(struct hub *hub);
void hub_skills_policy_changed(struct hub *hub);
/* The turn_parts' ask_skill; context is the room that it is asked in. */
enum reason hub_skills_ask(void *context, const struct action *action, uint64_t token);
/* How each stands, for the status: docs/FORMATS.md. */
void hub_skills_to_json(const struct hub *hub, struct json_write *write);

/* hub_ask.c: was a question heard that was asked aloud? */
void hub_ask_begin(struct hub_room *room, struct turn_id turn); /* it will be said */
void hub_ask_sent(struct hub_room *room, uint64_t say);
void hub_ask_said(struct hub_room *room, struct turn_id turn, bool whole);
void hub_ask_measured(struct hub_room *room, const struct wire_prompt_measured *told);
void hub_ask_drop(struct hub_room *room); /* nobody will measure it any more */

/* hub_commands.c: the command line's side */
MUST_CHECK enum err hub_commands_open(struct hub *hub, struct err_note *note);
void hub_commands_close(struct hub *hub);
void hub_commands_turn_over(struct hub *hub, struct hub_room *room,
			    const struct turn *turn);

/* hub_keep.c: what the keeper and the bus call back */
struct keep_listener hub_keep_listener(struct hub *hub);
struct bus_listener hub_bus_listener(struct hub *hub);

/* hub_routines.c: what the household arranged by itself */
/* Reads it, and again when it is another; what is wrong in it is told by status, and then
 * what was arranged before holds. */
MUST_CHECK enum err hub_routines_open(struct hub *hub);
void hub_routines_close(struct hub *hub);
/* So many have a line of which nothing would become now, as of a device that is gone. */
size_t hub_routines_broken(struct hub *hub);
/* Each routine with what would become of its lines if they were typed in the room now;
 * behind the last an empty one. */
void hub_routines_tell(struct hub *hub, struct link *link);

/* late.c: events that wait for the keeper, in order, none lost up to its limit */
enum { LATE_EVENTS_MAX = 512 };
MUST_CHECK enum err late_create(struct keep *keep, struct late **out_late);
void late_destroy(struct late *late);
void late_push(struct late *late, const struct event *event);
void late_flush(struct late *late);
/* True when the answer was one of late's. */
bool late_done(struct late *late, uint64_t token, enum err err);
size_t late_count(const struct late *late);

/* speaking.c: text to sound on a thread of its own */
MUST_CHECK enum err speaking_create(struct hub *hub, struct speaking **out_speaking);
void speaking_destroy(struct speaking *speaking);
/* False when it has too much to say already. */
MUST_CHECK bool speaking_add(struct speaking *speaking, const char *room,
			     struct turn_id turn, struct event_id parent,
			     const char *text);

/* words.c: sentences, compiled again when names change */
MUST_CHECK enum err words_create(struct hub *hub, struct words **out_words,
				 struct err_note *note);
void words_destroy(struct words *words);
/* Compiles again if the home's names changed and nobody is being listened to. */
void words_refresh(struct words *words);
/* The recogniser listens for what may be said in that step of the dialogue. Not while it
 * is in use. */
MUST_CHECK enum err words_use(struct words *words, const struct dialogue *dialogue,
			      enum dialogue_step step);
const struct understand *words_compiled(struct words *words, enum dialogue_step step);
size_t words_grammar_states(const struct words *words);
/* False while names that the home has told of wait to be compiled. */
bool words_are_current(const struct words *words);

#endif
