/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_inner - what the files of the desk share; nobody else includes it.
 *
 * desk.c opens, dispatches, closes. desk_load.c reads the store at start and after a
 * write whose end is unknown. desk_write.c is the queue. desk_seal.c takes recordings,
 * and desk_took.c knows whose device took part in them.
 * desk_attest.c verifies what rooms signed. desk_propose.c is asked for what binds the
 * house, desk_proposal.c holds it, desk_tell.c tells of it, and desk_device.c knows the
 * devices that approve it. desk_memo.c takes spoken messages, desk_message.c knows whose
 * they are, and desk_inbox.c hands them out. desk_peer.c exchanges parcels with other
 * houses through the gate: desk_letter.c for messages that go there, desk_inbound.c for
 * those that come. desk_fuse.c keeps rooms muted whose fuse blew. desk_owner.c makes owners
 * and signs them in. desk_policy.c changes the policy for owners (everyday things:
 * desk_day.c), desk_amend.c for devices,
 * and desk_news.c tells devices of both. desk_kek.c knows which key each owner's recordings
 * are under, and ends it; desk_keys.c changes the words that open an owner's own.
 * desk_erase.c destroys recordings for owners, desk_erasing.c some of them, desk_all.c all,
 * desk_forget.c those that somebody asked for aloud; desk_end.c ends the whole house. desk_chores.c does what nobody asks
 * for: desk_box_sweep.c clears the household's box, desk_audit.c looks whether incidents are missing, desk_sweep.c sweeps what was erased, desk_retention.c destroys what is old.
 * desk_certificate.c knows whose word stands behind each public key. desk_incident.c is the
 * breach desk, and desk_report.c what owners and strangers ask of it. desk_tiles.c keeps the
 * journal's tiles, and desk_proof.c makes proofs of them, which desk_cosign.c shows to
 * devices that witness it.
 * desk_backup.c copies the house while it goes on, under the key of desk_backup_key.c.
 * desk_book.c keeps the house book for the hub.
 * desk_job.c carries what reads the store: desk_history.c, desk_play.c, desk_why.c,
 * desk_verify.c, desk_export*.c.
 */
#ifndef KEEPER_DESK_INNER_H
#define KEEPER_DESK_INNER_H

#include "adapter/parcel_wire.h"
#include "base/hash_chain.h"
#include "domain/approval.h"
#include "domain/book.h"
#include "domain/event.h"
#include "domain/evidence.h"
#include "domain/hourly.h"
#include "domain/incident.h"
#include "domain/policy.h"
#include "domain/policy_effect.h"
#include "domain/proposal.h"
#include "domain/witness.h"
#include "journal/journal.h"
#include "keeper/desk.h"
#include "keeper/memo_row.h"
#include "keeper/proposal_row.h"
#include "tlog/cosignature.h"
#include "vault/backup.h"
#include "vault/certificate.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/recording.h"

enum {
	ITEM_ROWS_MAX = 16,
	DESK_BOX =
		DESK_OWNERS_MAX, /* whose what is nobody's is, where owners have an index */
	DESK_NOBODY,
	DESK_UNDECIDED, /* whose device it is that will approve what was asked for there */
	DESK_TOOK_MAX = 16,
	DESK_BOX_KEYS_MAX = 32,
	DESK_BOX_ENDED_MAX = 64,
	BOX_STORE_KEY_BYTES = 8 + ID_BYTES,
	DESK_PROPOSALS_MAX = 16384,
	RECOVERY_BYTES = OWNER_RECOVERY_TEXT_BYTES,
	DESK_TROUBLE_BYTES = 256,
	DESK_ATTESTED_MAX = 256, /* keys of rooms, with those of before */
	DESK_GONE_MAX = 256,     /* messages of other houses that are over */
	DESK_INCIDENTS_MAX =
		64, /* open ones, with refusals that owners have not heard of */
	DESK_KEY_WAIT_MS = 20000, /* for another house to give a message's key */
	DESK_WRAP_ROWS_MAX = 2 * OWNER_WRAPS_MAX, /* of one owner; more are not read */
	DESK_KEK_OTHERS_MAX = 3, /* rows of an owner's that are not the newest key's */
	DESK_KEK_GENERATIONS_MAX = 1 << 30, /* no honest house gets there */
};

/* An epoch with its row, which goes out with the first batch that needs it. Counted:
 * the owner's current one, each unfinished recording and each queued item hold it. */
struct desk_epoch {
	unsigned holders;
	bool stored;
	bool in_batch;
	struct epoch *epoch;
	uint8_t row[EPOCH_ROW_BYTES];
};

/* A public key of the house, and whose word that is: desk_certificate.c. */
struct desk_certificate {
	struct certificate now;
	uint8_t row[CERTIFICATE_ROW_BYTES];
};

struct item;
typedef void item_done_fn(struct desk *desk, struct item *item, enum err err,
			  uint64_t place);

struct item_row {
	enum store_act act;
	struct store_key key;
	uint8_t *value; /* owned; NULL: the row is to be destroyed */
	size_t size;
};

/* One thing to be made durable: rows, and the journal entry that tells of them. */
struct item {
	struct item *next;
	uint64_t link_id; /* who is answered; it may be gone by then */
	uint64_t token;
	item_done_fn *done; /* called once, with OK or why not */
	bool has_no_event;  /* rows alone, which tell nothing that happened */
	bool is_of_end;     /* desk_end.c: the house ends, and nothing else is written */
	struct event event;
	size_t row_count;
	struct item_row rows[ITEM_ROWS_MAX];
	size_t bytes;
	struct desk_epoch *epoch;
	uint64_t place; /* once in a batch; 0: it is quiet */
	/* For done(): */
	struct record_id record;
	struct owner owner;
	uint32_t
		readers; /* of the box's key that it begins, as bits by owners' indices */
	struct kek kek;  /* that it begins; generation 0: that it ends; owner 0: none */
	struct desk_certificate certificate; /* that it makes; kind 0: none */
	char recovery[RECOVERY_BYTES];
	struct policy *policy;      /* owned */
	uint64_t change_number;     /* of what it loosened; 0: nothing */
	struct owner_view *view;    /* owned */
	struct secret *sound;       /* owned */
	struct incident_step *step; /* owned */
	struct proposal_id proposal;
	int64_t kept_ms; /* desk_retention.c */
	struct backup_last backup;
};

/* Something that binds the household, from its asking to its end. */
/* What was said in a turn that may ask for something to be bought: for the card alone. */
enum { DESK_HEARD_BYTES = 256, DESK_HEARD_WORDS = 8 };
struct desk_words {
	struct turn_id turn; /* 0: none */
	char words[DESK_HEARD_BYTES];
};

struct desk_proposal {
	struct proposal now;  /* as it is written down; of a new one not yet */
	struct proposal next; /* what is being written, while is_writing */
	enum reason next_reason;
	struct memo_writer *memo; /* owned: of a message, until it is being written */
	struct buf letter;        /* the same of one that came from another house */
	bool is_writing;
	bool is_new;       /* nothing of it is written yet */
	bool must_restart; /* read from the store: first it is seen to as after a restart */
	int64_t retry_ms;       /* monotonic: not before, a step could not be written */
	bool was_called_off;    /* and that is not written yet */
	bool is_tapping;        /* a device's approval is being written */
	struct turn_id said_in; /* of a message: in which the phrase was said; or none */
	bool is_calling_off;    /* that is what is being written */
	struct desk_recall {    /* by a device, while something else was written */
		uint64_t link;  /* which is answered when it is settled; 0: none */
		uint64_t token;
		uint8_t key[PEOPLE_KEY_BYTES];
		uint8_t signature[SEAL_SIGNATURE_BYTES];
	} recall;
	/* desk_letter.c: its house asks for the key, and is answered when what is being written
	 * is settled. link 0: it does not. */
	struct desk_want {
		uint64_t link;
		uint64_t token;
	} want;
	/* desk_inbound.c */
	bool is_unwanted;  /* whom it came from, or whom it is for, is gone */
	bool has_key;      /* its key was given; not known of before the last restart */
	bool key_comes;    /* and is being written */
	bool is_amending;  /* the keeper is writing down what it does */
	bool is_forgotten; /* desk_forget.c: what was to be deleted is */
	uint8_t approval[SEAL_SIGNATURE_BYTES]; /* of who tapped it, since the start */
	bool is_quiet;      /* only its time is over: no news for the room */
	enum reason reason; /* of now.state */
	int64_t since_ms;   /* monotonic: since when it is in now.state */
	uint64_t asker;     /* link and token of the hub, or of the gate that brought what
			     * came, for the answer to what is being written */
	uint64_t asker_token;
	int64_t told_ms; /* monotonic: the gate was told of it; 0: not this one */
	char heard[DESK_HEARD_BYTES]; /* of what is to be bought: what was said; in memory
				       * only */
};

/* A spoken message on its way in: desk_memo.c. */
struct memo_slot {
	struct desk_link *link; /* NULL: free */
	struct turn_id turn;
	int64_t since_ms;
	struct memo_writer *memo; /* owned; NULL: something was wrong with it */
};

struct seal_slot {
	struct desk_link *link; /* NULL: free */
	uint64_t token;
	int64_t since_ms;
	struct turn_id turn;
	struct room_name room;
	int64_t at_ms;
	size_t size;                    /* of all of the sound */
	struct recording_writer *sound; /* NULL until it is known whose it is */
	struct desk_epoch *epoch;
	struct secret
		*open;    /* the sound, of what may be some device's; NULL: of another */
	size_t open_size; /* of it, so far */
	struct secret *transcript; /* RECORDING_TRANSCRIPT_BYTES */
	struct hash_chain chain;   /* of what came */
	bool is_whole;             /* it waits for what its room signed, */
	int64_t whole_ms;          /* monotonic: since then */
	/* Once it is whole: */
	const char *attested; /* whether its room vouches for it, in words */
	uint64_t sequence;    /* of the room's word; 0: none */
	bool may_be_devices;  /* it does, and nobody answered a question there */
	bool is_session;      /* whose it is approved it by being signed in */
};

/* Somebody's device approved what was asked for in a turn: desk_took.c. */
struct desk_took {
	struct turn_id turn; /* none: a free place */
	struct room_name room;
	struct owner_id owner;
	int64_t at_ms;    /* monotonic */
	bool is_disputed; /* another owner's did, too */
	bool is_used;     /* something was filed by it */
	bool is_session;  /* by being signed in, and by no device */
};

/* What a room signed of the sound of its newest lease: desk_attest.c. */
struct desk_heard_sound {
	struct turn_id turn; /* none: nothing yet */
	uint64_t sequence;
	uint32_t frames; /* 0: it signed no hash */
	uint8_t hash[SEAL_HASH_BYTES];
};

/* What an owner's epochs are sealed to: desk_kek.c. */
struct desk_kek {
	bool is_known;    /* now is durable, and this keeper's */
	bool is_changing; /* until that is written nothing is recorded for its owner */
	bool is_over;     /* for ever */
	struct kek now;
	uint64_t last_generation; /* of all rows, also of those that are not believed */
	size_t other_count;       /* rows that are destroyed with it */
	uint64_t others[DESK_KEK_OTHERS_MAX];
};

struct job; /* a request that reads the store: desk_job.c */
struct receipt;

/* What a job does with the answer to its one outstanding request; rows is NULL unless
 * OK. It asks the next one or ends the job. */
typedef void job_rows_fn(struct desk *desk, struct job *job, enum err err,
			 const struct store_rows *rows);
typedef void job_free_fn(struct job *job);

/* The head of every job; they are larger. */
struct job {
	struct desk_link *link;
	uint64_t request;   /* the store's token; 0: none out */
	job_rows_fn *rows;  /* gets the next answer */
	job_free_fn *free_; /* frees it, with its head */
};

struct desk_link {
	struct desk *desk;
	uint64_t id;
	enum desk_side side;
	desk_send_fn *send;
	void *context;
	struct owner_view *view; /* NULL until signed in */
	/* A device: */
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
	bool has_key; /* it has shown that it holds key, which is paired */
	uint8_t key[PEOPLE_KEY_BYTES];
	uint64_t said_number; /* of its newest word about a mute */
	/* desk_cosign.c: what it was shown of the journal; zeros: nothing */
	struct merkle_head shown;
	bool asks_proof;                  /* and waits for it */
	struct desk_cosigning *cosigning; /* owned; NULL: none */
	/* An owner who pairs one: */
	struct desk_pairing *pairing; /* owned; NULL: none */
	struct job *job;              /* NULL: none */
	/* An owner, or the desk itself, who has recordings destroyed: */
	struct desk_erasing *erasing; /* borrowed from who does; NULL: nobody */
	struct desk_erase *erase;     /* desk_erase.c; owned; NULL: nothing was asked */
	struct desk_all {             /* desk_all.c */
		struct owner_id owner;
		const char *why;     /* of ERASED */
		struct turn_id turn; /* in which it was asked for; or none */
		void (*over)(struct desk *desk, struct desk_link *link, enum err err,
			     const struct receipt *receipt);
	} all;
	/* A gate: */
	struct parcel_in parcel;
};

/* How far the desk has come with what it does for an owner unasked: chores_row.h. */
struct desk_chores {
	uint64_t
		kept_from; /* retention: the first place that is not dealt with; 0: none was */
	int64_t kept_ms;   /* the newest time in front of it that can be */
	int64_t looked_ms; /* monotonic: when retention was looked at; 0: not yet */
	uint32_t looked_days;
	bool must_sweep;
	bool is_sweeping;
	uint64_t sweep_from; /* the next place to be looked at */
	uint64_t sweep_size; /* the journal's when it was erased: ERASED is behind it */
	uint64_t swept;      /* recordings, so far */
};

/* Whether the wall clock can be believed: desk_retention.c. */
struct desk_clock {
	int64_t even_ms;  /* so long has it run evenly, across restarts */
	int64_t wall_ms;  /* when it was looked at last; 0: never */
	int64_t now_ms;   /* the same of the monotonic clock */
	int64_t saved_ms; /* monotonic: when that was written down */
};

/* desk_end.c */
enum desk_end_state {
	DESK_END_NOT,
	DESK_END_WAITS,    /* for what is being written to be written */
	DESK_END_DESTROYS, /* the keys; then the journal's last entry is written */
	DESK_END_PROVES,   /* the receipt is being made */
	DESK_END_KEEPS,    /* and to be kept */
	DESK_END_OVER,
};

/* desk_tiles.c */
enum desk_tiles_state {
	DESK_TILES_UNKNOWN, /* which there are: they are read soon */
	DESK_TILES_MADE,    /* those that are missing are being made */
	DESK_TILES_KEPT,    /* each is written with the entries that complete it */
	DESK_TILES_WRONG,   /* what is stored does not fit the journal */
};

struct desk {
	struct desk_parts parts;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct store store; /* borrowed */
	enum desk_state state;
	char trouble[DESK_TROUBLE_BYTES];
	char code[DESK_CODE_BYTES];
	int64_t started_ms;

	struct journal *journal;
	size_t owner_count;
	struct owner owners[DESK_OWNERS_MAX];
	struct desk_epoch *epochs[DESK_OWNERS_MAX +
				  1]; /* the current ones, the box's last; NULL: none */
	struct desk_kek keks[DESK_OWNERS_MAX];
	/* desk_certificate.c */
	bool has_certificates; /* else it is a house of before: nobody has one */
	bool is_certifying;    /* one is being written for such a house */
	size_t certificate_count;
	size_t certificate_room;
	struct desk_certificate *certificates; /* owned */
	/* desk_box.c */
	struct desk_box {
		bool is_changing;
		bool must_sweep; /* keys have ended: what they opened is cleared away */
		bool is_known;   /* there is one to write under: */
		struct kek now;  /* the newest */
		/* Keys that have ended, and under which something may lie yet: until that is
		 * cleared away none of these numbers is free. */
		bool is_crowded; /* there are more of them */
		size_t ended_count;
		uint64_t ended[DESK_BOX_ENDED_MAX];
		size_t key_count;
		struct desk_box_key {
			uint64_t generation; /* the minute in which it was made */
			uint32_t readers;    /* bits by owners' indices */
		} keys[DESK_BOX_KEYS_MAX];
	} box;
	/* desk_book.c: the entries that there are, or may be */
	size_t book_count;
	struct book_id book_ids[BOOK_ENTRIES_MAX];
	uint64_t policy_version;
	struct policy policy;
	bool fuse_blown
		[POLICY_ROOMS_MAX]; /* of the policy's rooms, and not unmuted since */
	bool owner_changing;        /* a change is queued: one at a time */
	bool policy_changing;
	/* desk_attest.c: the newest number of each room, by its key, and how far what it
	 * signed of a message has come. */
	size_t attested_count;
	struct desk_attested {
		uint8_t key[POLICY_KEY_BYTES];
		uint64_t sequence;
		struct witness witness;
		struct turn_id answered_in; /* its newest lease, for an answer */
		struct desk_heard_sound heard;
	} attested[DESK_ATTESTED_MAX];

	/* desk_propose.c */
	size_t proposal_count;
	struct desk_proposal *proposals[DESK_PROPOSALS_MAX]; /* owned; by their ids */
	struct hourly hourly;                                /* what was asked for */
	/* desk_tell.c */
	size_t order_at;  /* of the proposals: the last whose order was told again */
	bool orders_wait; /* more are to be told again than were */
	/* desk_order.c: in memory only, until it is asked for */
	struct desk_words heard_words[DESK_HEARD_WORDS];
	size_t heard_words_at;
	/* desk_weather.c: in memory only */
	struct wire_weather_place place; /* as it was told to the gate */
	size_t forecast_size;            /* 0: none */
	uint8_t forecast[FORECAST_BYTES_MAX];
	/* desk_inbox.c */
	bool counts_stale; /* a proposal has changed since they were told */
	bool is_full;      /* the disk: the last batch found no space */
	uint32_t waiting[POLICY_ROOMS_MAX]; /* as told, of the policy's rooms */
	char inboxes[POLICY_ROOMS_MAX]
		    [NAME_BYTES]; /* the rooms that were told of; "": none */
	/* desk_peer.c */
	uint8_t peers_told[SEAL_HASH_BYTES]; /* of the rows that the gate was told */
	struct desk_parcel *parcels;   /* to the gate; the first one is on its way */
	struct desk_key_job *key_jobs; /* desk_letter.c: keys that are being read */
	struct desk_sender {           /* desk_inbound.c: how often they came */
		uint8_t key[PEOPLE_KEY_BYTES];
		struct hourly_times times;
	} senders[POLICY_CONTACTS_MAX];
	size_t gone_count; /* ever; the newest of them: */
	struct desk_gone { /* what came and is over: a letter of it brings nothing back */
		struct proposal_id id;
		int64_t until_ms; /* monotonic: by then no letter of it is believed */
	} gone[DESK_GONE_MAX];
	/* desk_device.c */
	unsigned reach; /* as told */
	struct desk_heard {
		uint8_t key[PEOPLE_KEY_BYTES];
		int64_t at_ms; /* monotonic; 0: never */
	} heard[POLICY_DEVICES_MAX];

	/* desk_incident.c */
	size_t incident_count;
	struct desk_incident *incidents[DESK_INCIDENTS_MAX]; /* owned; as they came */
	bool incidents_due[INCIDENT_CAUSE_COUNT];            /* found while loading */
	uint64_t incidents_more;                             /* than were opened */
	uint64_t incident_closings;                          /* since the start */
	struct hourly_times reports[2];                      /* of owners; of strangers */
	struct incident_id incident_closed; /* the last one that was loaded */

	unsigned wrong_tries;
	int64_t wrong_at_ms;

	uint64_t last_id; /* links and store tokens */
	struct desk_link *links[DESK_LINKS_MAX];
	struct seal_slot seals[DESK_SEALS_MAX];
	struct seal_slot parked[DESK_PARKED_MAX]; /* whole; link NULL; open NULL: free */
	size_t took_count;                        /* ever */
	struct desk_took took[DESK_TOOK_MAX];
	struct memo_slot memos[DESK_MEMOS_MAX];

	/* desk_backup_key.c */
	struct desk_backup {
		uint64_t number; /* of the backup key; 0: there is none yet */
		uint64_t next;   /* of the one that the batch under way begins; 0: none */
		struct backup_last last; /* the newest that was kept; all zero: none */
		struct backup_job *job;  /* the one being made, or NULL */
		bool is_held;            /* nothing is written until its end is read */
	} backup;

	/* desk_load.c */
	uint64_t load_request;
	void (*load_next)(struct desk *desk, enum err err, const struct store_rows *rows);
	uint64_t load_from; /* owners: index of the next; entries: size */
	bool policy_counts; /* the newest row of it */

	/* desk_end.c */
	struct desk_end {
		enum desk_end_state state;
		struct owner_id by;
		uint64_t link;     /* who is told; it may be gone */
		bool is_looked_at; /* whether the last entry says that it has ended */
		uint64_t keys;     /* rows that were destroyed */
		uint64_t place;    /* of HOUSE_ENDED */
		enum err receipt_err;
		struct buf receipt;
	} end;

	/* desk_tiles.c */
	enum desk_tiles_state tiles;
	struct tiles_making *tiles_making; /* owned; NULL but in DESK_TILES_MADE */
	bool tiles_hold;                   /* no batch begins */
	/* desk_proof.c */
	struct prove *proves; /* owned: that are being made */
	/* desk_cosign.c */
	struct desk_cosigned {
		uint8_t key[PEOPLE_KEY_BYTES];
		uint64_t
			size; /* of the newest since the start, also if not yet written */
	} cosigned[POLICY_DEVICES_MAX];

	/* desk_write.c */
	size_t queue_count;
	size_t queue_bytes;
	struct item *queue_first; /* waiting, oldest first */
	struct item *queue_last;
	struct item *batch; /* under way, oldest first; NULL: none */
	uint64_t batch_request;
	uint64_t batch_count; /* that were written since the start */
	struct batch
		*batch_space; /* owned; what a batch is put together in; NULL: none yet */
	bool is_ending;       /* a batch's items are being answered */
	bool is_flushing;     /* desk_flush is on the stack */

	/* What the desk does without being asked: desk_chores.c */
	struct desk_link *self; /* it hears nothing; closed with the others */
	bool chores_known;      /* their rows were read */
	size_t sweep_owner;     /* whose epochs are being cleared away */
	bool is_audited;        /* desk_audit.c: since the start */
	struct {
		bool is_asked;  /* a hub began anew */
		uint64_t below; /* what it left in the middle lies before this place */
	} broken_off;
	struct desk_chores chores[DESK_OWNERS_MAX];
	struct desk_clock clock_watch;
	/* desk_erasing.c: the link whose recordings are being destroyed; 0: none */
	uint64_t erasing;
	size_t erasing_left; /* of a link that is gone: under way still */
};

/* desk.c */
void desk_break(struct desk *desk, const char *trouble);
struct desk_link *desk_link_by_id(struct desk *desk, uint64_t id);
uint64_t desk_next_id(struct desk *desk);
void desk_say(struct desk_link *link, enum wire_type type, const void *fields);
void desk_say_done(struct desk_link *link, uint64_t token, enum err err, uint64_t place,
		   struct record_id record);
enum desk_refusal {
#define REFUSAL(name, err, words) DESK_REFUSE_##name,
#include "keeper/refusals.def"
#undef REFUSAL
};
void desk_refuse(struct desk_link *link, enum desk_refusal why);
void desk_refuse_token(struct desk_link *link, uint64_t token, enum desk_refusal why);
void desk_say_policy(struct desk_link *link);
void desk_say_policy_to_all(struct desk *desk);
void desk_event(struct desk *desk, struct event *event, enum event_kind kind,
		const char *room);
void desk_event_add_id(struct event *event, const char *name, const uint8_t id[ID_BYTES]);
/* Who approved with that key, a device's or an owner's own; none: nobody known. */
struct person_id desk_person_of_key(const struct desk *desk,
				    const uint8_t key[PEOPLE_KEY_BYTES]);
/* The owner whose own key that is, or NULL. */
const struct owner *desk_owner_of_key(const struct desk *desk,
				      const uint8_t key[PEOPLE_KEY_BYTES]);
/* Index of the owner, or DESK_OWNERS_MAX. */
size_t desk_owner_index(const struct desk *desk, struct owner_id id);
struct store_key desk_key(const struct desk *desk, enum store_space space,
			  const void *bytes, size_t size);
struct store_key desk_key_number(const struct desk *desk, enum store_space space,
				 uint64_t number);
/* The number in such a key, or false. */
bool desk_number_of(const struct store_key *key, uint64_t *out_number);

/* desk_load.c */
void desk_load(struct desk *desk);
/* Of a row that was read: whether it counts. What there is no memory for is not said to be
 * somebody else's, and not left out: the desk breaks, and is started again. */
bool desk_load_counts(struct desk *desk, enum err err);
void desk_load_after_doubt(struct desk *desk); /* was the batch written? */
void desk_loaded(struct desk *desk, enum err err, const struct store_rows *rows);

/* desk_write.c */
MUST_CHECK enum err item_create(struct desk_link *link, uint64_t token,
				item_done_fn *done, struct item **out_item);
void item_destroy_row(struct item *item, const struct store_key *key);
/* The same of one that may be gone already. */
void item_clear_row(struct item *item, const struct store_key *key);
/* A copy of the value. */
MUST_CHECK enum err item_add_row(struct item *item, const struct store_key *key,
				 const void *value, size_t size);
/* The same, in place of what is there. */
MUST_CHECK enum err item_put_row(struct item *item, const struct store_key *key,
				 const void *value, size_t size);
void item_destroy(struct item *item); /* wipes what is secret; NULL is fine */
/* Queues it; its done() follows, now (with an error) or later. */
void desk_write_take(struct desk *desk, struct item **taken);
/* The same, before all that waits. */
void desk_write_take_first(struct desk *desk, struct item **taken);
void desk_write_next(struct desk *desk); /* starts a batch if one can start */
void desk_written(struct desk *desk, enum err err);
void desk_write_settled(struct desk *desk, bool was_written); /* after doubt */
void desk_write_drop_all(struct desk *desk);

/* desk_backup_key.c */
/* Whether these writes, which make a batch, end the backup key: they destroy a key, or put
 * one in place of another, or there is none yet. Then to is the row of the next one, whose
 * number is desk->backup.next. */
bool desk_backup_rotates(struct desk *desk, const struct store_write *writes,
			 size_t count, uint8_t to[BACKUP_KEY_ROW_BYTES]);
/* The batch was written, or was not. */
void desk_backup_rotated(struct desk *desk, enum err err);
struct store_range desk_backup_range(const struct desk *desk);
void desk_backup_loaded(struct desk *desk, const struct store_rows *rows);
/* A key was destroyed since the newest backup was made: whoever has that one and its key
 * can still open what was deleted. False where there was never one. */
bool desk_backup_is_older(const struct desk *desk);
/* Among these rows is the key that was to begin with the batch that is under way. */
bool desk_backup_has_next(const struct desk *desk, const struct store_rows *rows);

/* desk_backup.c */
void desk_backup(struct desk *desk, struct desk_link *link);
/* False for a message that is none of a backup which that link makes. */
bool desk_backup_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message);
/* These writes make a batch that begins; and how it ended. */
void desk_backup_note(struct desk *desk, const struct store_write *writes, size_t count);
void desk_backup_settled(struct desk *desk, enum err err);
void desk_backup_tick(struct desk *desk);

/* desk_restored.c: the rows come from a backup. Writes down of which recordings the journal
 * tells that are not there, as deleted, and that the house was restored; then `end`. */
struct desk_restored {
	int64_t made_ms; /* of the backup */
	uint64_t recordings;
	struct owner_id by;
};
void desk_restored(struct desk *desk, struct desk_link *link,
		   const struct desk_restored *about);

/* desk_seal.c */
enum { DESK_SEALED_TEXT_BYTES = 2 * SEAL_HASH_BYTES + 1 };
struct record_id desk_seal_new_id(const struct desk *desk);
/* What RECORDED says of the two rows, from their hashes: "sealed". */
MUST_CHECK enum err desk_sealed_text(const uint8_t sound[SEAL_HASH_BYTES],
				     const uint8_t transcript[SEAL_HASH_BYTES],
				     char to[DESK_SEALED_TEXT_BYTES]);
struct desk_epoch *desk_epoch_hold(struct desk_epoch *epoch);
void desk_epoch_release(struct desk_epoch *epoch); /* NULL is fine */
/* No more is sealed under the current epoch of that owner, or of DESK_BOX. */
void desk_seal_end_epoch(struct desk *desk, size_t whose);
/* Of what was asked for something has become: a sound that waited for that is filed. */
void desk_seal_settle(struct desk *desk);
void desk_seal_drop_parked(struct desk *desk);
/* A room signed what it sent of a turn: whoever waits for that goes on. */
void desk_seal_signed(struct desk *desk, struct turn_id turn);
/* Until a sound has waited long enough, or most_ms. */
int64_t desk_seal_next_ms(const struct desk *desk, int64_t most_ms);
void desk_seal_begin(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_begin *begin);
void desk_seal_sound(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_sound *sound);
void desk_seal_end(struct desk *desk, struct desk_link *link,
		   const struct wire_seal_end *end);
void desk_seal_drop(struct desk *desk,
		    const struct desk_link *link); /* NULL: the overdue */
/* Forgets an owner's current epoch, and their unfinished recordings, which are refused. */
void desk_seal_drop_whose(struct desk *desk, size_t whose);
void desk_seal_tick(struct desk *desk);

/* desk_took.c: which owner's device took part in a turn */
/* Its approval is written down. */
void desk_took_note(struct desk *desk, const struct desk_proposal *proposal);
/* Was something asked for there in that turn that a tap can still take further? */
bool desk_took_waits(const struct desk *desk, const struct room_policy *room,
		     struct turn_id turn);
bool desk_took_any(const struct desk *desk, const struct room_policy *room,
		   struct turn_id turn); /* that does, or was approved of late */
/* The index of the one owner, and whether that was without a device; DESK_NOBODY: no owner's
 * did, or those of several. */
size_t desk_took_owner(const struct desk *desk, const struct room_policy *room,
		       struct turn_id turn, bool *out_is_session);
void desk_took_use(struct desk *desk, struct turn_id turn); /* for one recording */

/* desk_certificate.c */
struct store_range desk_certificate_range(const struct desk *desk);
void desk_certificate_loaded(struct desk *desk, const struct store_rows *rows);
/* All rows are loaded, and the owners. False: the desk is broken. */
bool desk_certificate_owners_hold(struct desk *desk);
/* Devices and rooms whose keys have none count as revoked. */
void desk_certificate_judge_policy(struct desk *desk);
/* Whether the keys in the owner's row are still the certified ones: looked at when something
 * is sealed to them or opened with them. */
bool desk_certificate_holds(const struct desk *desk, struct owner_id owner);
/* Each adds a row, and its hash to the event, to an item whose done() calls
 * desk_certificate_written when it is written. A key that has one gets no other. */
MUST_CHECK enum err desk_certificate_add_owner(struct desk *desk, struct owner_view *view,
					       struct item *item,
					       const struct owner *owner);
MUST_CHECK enum err desk_certificate_add_key(struct desk *desk, struct owner_view *view,
					     struct item *item,
					     enum certificate_kind kind,
					     const uint8_t key[SEAL_SIGN_PUBLIC_BYTES]);
void desk_certificate_written(struct desk *desk, const struct item *item);
/* In a house of before: the link's owner, signed in by a wrap of before (is_old), certifies
 * all there is. By another wrap it is none, and the desk breaks. */
void desk_certificate_signed_in(struct desk *desk, struct desk_link *link, bool is_old);
/* Where the journal is whole: looks whether they fit it, and says what was found. */
void desk_certificate_verify(struct desk_link *link,
			     const struct wire_verified *verified);
void desk_certificate_drop_all(struct desk *desk);
/* desk_box.c */
struct store_key desk_box_key(const struct desk *desk, uint64_t generation,
			      struct owner_id reader);
struct owner_id desk_box_owner(const struct desk *desk);
struct store_range desk_box_range(const struct desk *desk);
void desk_box_loaded(struct desk *desk, const struct store_rows *rows);
void desk_box_tick(struct desk *desk); /* also when the policy or the owners changed */
/* What the box's epochs are sealed to; NULL: nothing can be kept there now. */
const struct kek *desk_box_current(const struct desk *desk);
bool desk_box_has_key(const struct desk *desk, uint64_t generation);
/* Of all its epochs, and the rows that were found there. */
struct store_range desk_box_epoch_range(const struct desk *desk);
void desk_box_epochs_loaded(struct desk *desk, const struct store_rows *rows);
/* No epoch is left of a key that had ended when the clearing began. */
void desk_box_cleared(struct desk *desk);
/* desk_box_sweep.c. False: there is nothing to be done. */
bool desk_box_sweep_begin(struct desk *desk);

/* desk_kek.c */
struct store_key desk_kek_key(const struct desk *desk, struct owner_id owner,
			      uint64_t generation);
struct store_range desk_kek_range(const struct desk *desk);
/* False: the desk is broken. */
bool desk_kek_loaded(struct desk *desk, const struct store_rows *rows);
void desk_kek_ready(struct desk *desk); /* all is loaded, and may be written */
/* What the owner's next epoch is sealed to. ERR_BUSY: not now, it is being made. ERR_DENIED:
 * nothing is recorded for them any more. */
MUST_CHECK enum err desk_kek_current(struct desk *desk, size_t owner,
				     const struct kek **out_kek);
/* Each adds rows to an item that has an event of its own, and whose done() calls
 * desk_kek_written; an item that fails before it is taken must call it too. item->kek says
 * which generation begins.
 *
 * A new owner's first: one row. */
MUST_CHECK enum err desk_kek_add_first(struct desk *desk, const struct owner *owner,
				       struct item *item);
/* Destroys what the owner's recordings so far are under, and begins the next generation: with
 * the item written, nothing recorded before its place in the journal opens ever again. The
 * current epoch and unfinished recordings end at once. At most 2 + DESK_KEK_OTHERS_MAX rows,
 * of which an honest house uses 2. Epochs of layout 1, of a house of before, are not under any
 * generation: who erases everything destroys their rows as well. ERR_BUSY: another change of
 * it is being written. */
MUST_CHECK enum err desk_kek_renew(struct desk *desk, size_t owner, struct item *item);
/* The same without a next one: nothing is recorded for that owner any more. */
MUST_CHECK enum err desk_kek_end(struct desk *desk, size_t owner, struct item *item);
void desk_kek_written(struct desk *desk, const struct item *item, enum err err);

/* desk_attest.c */
/* False when the hub gave fields that only the keeper writes, or too many to judge. */
bool desk_attest_may(const struct event *event);
/* Verifies what a room signed, in the item's event, and adds the verdict, and the row that
 * keeps its number; for other kinds nothing. */
MUST_CHECK enum err desk_attest(struct desk *desk, struct item *item);
/* What such an event was to prove is not written down: it proves nothing. */
void desk_attest_lost(struct desk *desk, const struct event *event);
/* Was the room's microphone open for an answer in that turn, and for nothing since? */
bool desk_attest_is_answer(struct desk *desk, const char *room, struct turn_id turn);
/* What that room signed of the sound of that turn; NULL: nothing, or not yet. */
const struct desk_heard_sound *desk_attest_heard(struct desk *desk, const char *room,
						 struct turn_id turn);
/* What the room attested of its newest message; NULL: nothing. */
struct witness *desk_witness(struct desk *desk, const char *room);
struct store_range desk_attest_range(const struct desk *desk);
void desk_attest_loaded(struct desk *desk, const struct store_rows *rows);

/* desk_fuse.c: item's event is FUSE_BLOWN */
MUST_CHECK enum err desk_fuse_add(struct desk *desk, struct item *item);
void desk_fuse_done(struct desk *desk, const struct item *item, enum err err);
void desk_fuse_policy_changed(struct desk *desk);
/* A device ends the room's mute: with that goes the fuse. */
void desk_fuse_clear(const struct desk *desk, struct item *item, const char *room);
struct store_range desk_fuse_range(const struct desk *desk);
void desk_fuse_loaded(struct desk *desk, const struct store_rows *rows);

/* desk_owner.c */
void desk_owner_create(struct desk *desk, struct desk_link *link,
		       const struct wire_owner_create *create);
void desk_unlock(struct desk *desk, struct desk_link *link,
		 const struct wire_unlock *request);
/* A code that nobody guesses, for showing on one screen and typing on another. */
void desk_make_code(struct desk *desk, char to[DESK_CODE_BYTES]);

/* The rows of all wraps of an owner. */
struct store_range desk_wraps_range(const struct desk *desk, const uint8_t id[ID_BYTES]);
/* Of such a range's answer; to has room for DESK_WRAP_ROWS_MAX. */
size_t desk_wraps_of(const struct store_rows *rows, struct owner_wrap_row *to);

/* desk_keys.c: False for a message that is not about an owner's own keys. */
bool desk_keys_receive(struct desk *desk, struct desk_link *link,
		       const struct wire_message *message);

/* desk_day.c; its changes: keeper/desk_edit.h */
void desk_day_list(struct desk *desk, struct desk_link *link);

/* desk_policy.c */
/* An owner of this house, and not removed. */
bool desk_owner_is_active(const struct desk *desk, struct owner_id id);
/* Completes the policy by what rows do not tell: the owners. */
void desk_policy_settle(struct desk *desk);
/* Another policy holds: who is concerned hears of it. */
void desk_policy_is_new(struct desk *desk);
/* False for a message that asks for no change; the link is signed in. */
bool desk_policy_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message);
void desk_policy_list(struct desk *desk, struct desk_link *link);
void desk_policy_keeping(struct desk *desk, struct desk_link *link);
/* Records a new device, as a change by the owner of that link. When it is refused both
 * links are told why. */
void desk_policy_pair(struct desk *desk, struct desk_link *owner, struct desk_link *link,
		      const struct device *device);

/* desk_amend.c */
void desk_amend_mute(struct desk *desk, struct desk_link *link,
		     const struct wire_room_mute *said);
/* Something that the keeper itself carries out. */
bool desk_amend_is_own(const struct action *action);
/* Whether such a thing may be asked for; who can approve it is asked for elsewhere. */
enum reason desk_amend_may_ask(const struct desk *desk, const struct action *action);
bool desk_amend_may_approve(const struct desk *desk, const struct device *device,
			    const struct action *action);
/* Carries it out, where it is ordered and nothing stands against it by now. */
void desk_amend_carry(struct desk *desk, struct desk_proposal *proposal);
/* It is ordered, and the policy is as it asks. */
bool desk_amend_is_done(const struct desk *desk, const struct proposal *now);
struct store_range desk_amend_range(const struct desk *desk); /* of this version */
void desk_amend_loaded(struct desk *desk, const struct store_rows *rows);

struct desk_asker;
/* desk_forget.c: recordings that are to be deleted, asked for aloud */
bool desk_forget_is(const struct action *action);
enum reason desk_forget_may_ask(const struct desk *desk, const struct action *action);
bool desk_forget_may_approve(const struct desk *desk, const struct device *device,
			     const struct action *action);
/* What is asked for, its owner approves with the passphrase. False for a message that is none
 * of these; the link is signed in. */
bool desk_forget_may_owner(const struct desk *desk, const struct desk_link *link,
			   const struct desk_proposal *proposal);
bool desk_forget_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message);
/* Counts what is asked for, and says so to desk_propose_counted, once, maybe from inside.
 * ERR_UNSUPPORTED: there it cannot be counted, and is asked for as it is. */
MUST_CHECK enum err desk_forget_count(struct desk *desk, const struct proposal *asked,
				      const struct desk_asker *asker);
void desk_forget_carry(struct desk *desk, struct desk_proposal *proposal);

/* desk_news.c */
/* By whom and by what a change was made, for people and for the journal. */
struct desk_change {
	const char *by;     /* "the owner alice" */
	const char *factor; /* "owner's signature" */
	const char *how;    /* "; signed by an owner" */
};
/* Says in the event whether policy loosens what holds now, and remembers in policy what
 * does: its number, or 0. */
uint64_t desk_news_note(struct desk *desk, struct policy *policy, struct event *event,
			const struct desk_change *made);
void desk_news_changed(struct desk *desk, uint64_t number); /* it holds; 0: no news */
void desk_news_owner(struct desk *desk, const struct owner *owner); /* was made */
void desk_news_tell(struct desk *desk, struct desk_link *link);     /* one has come */

/* desk_propose.c */
void desk_propose(struct desk *desk, struct desk_link *link,
		  const struct wire_propose *propose);
/* What was asked for, with what was counted of it; the link may be gone. ERR_MISSING: there is
 * nothing of it. */
void desk_propose_counted(struct desk *desk, struct proposal *asked, uint64_t asker,
			  uint64_t token, enum err err);
void desk_confirm(struct desk *desk, struct desk_link *link,
		  const struct wire_confirm *confirm);
void desk_call_off(struct desk *desk, struct desk_link *link,
		   const struct wire_call_off *call_off);
void desk_carried(struct desk *desk, const struct wire_carried *carried);

/* desk_proposal.c */
/* Who is answered once it is written. */
struct desk_asker {
	struct desk_link *link;
	uint64_t token;
};
/* Writes down that it is asked for. Takes the memo, if there is one, unless it fails at
 * once. */
MUST_CHECK enum err desk_proposal_begin(struct desk *desk, const struct proposal *asked,
					struct memo_writer **memo,
					const struct desk_asker *asker);
/* Writes down that one came from another house; its proposal says all of it. Takes the row
 * of its sound. Whoever asks is answered by parcel_taken when it is written. */
MUST_CHECK enum err desk_proposal_arrive(struct desk *desk, const struct proposal *come,
					 struct buf *row, const struct desk_asker *asker);
/* For qsort of pointers to them: oldest first, as people have them before their eyes. */
int desk_proposal_by_age(const void *one, const void *other);
/* NULL: none that is open. */
struct desk_proposal *desk_proposal_find(struct desk *desk, struct proposal_id id);
/* The same of what was asked for here: what came from another house is none of anybody's to
 * bring on. */
struct desk_proposal *desk_proposal_own(struct desk *desk, struct proposal_id id);
/* The journal's row of one that came from another house. */
void desk_proposal_inbound_event(struct desk *desk, struct event *event,
				 const struct proposal *now, const char *words,
				 enum reason reason);
/* What happened, verified; key and signature are a device's, or NULL. The link is answered
 * when it is written; sound, which is taken, goes with that answer. ERR_DENIED: not in
 * this state. ERR_BUSY: something else is being written; what is called off meanwhile is
 * so afterwards, and a device is answered then. */
struct desk_signed {
	struct desk_link *link;
	uint64_t token;
	const uint8_t *key;
	const uint8_t *signature;
	struct turn_id said_in; /* of a phrase: the turn; else none */
	struct secret **sound;  /* or NULL */
};
MUST_CHECK enum err desk_proposal_happens(struct desk *desk,
					  struct desk_proposal *proposal,
					  enum proposal_event event,
					  const struct desk_signed *by);
/* Why it cannot be called off any more. */
enum desk_refusal desk_proposal_too_late(const struct desk_proposal *proposal);
/* The capability that asking for it and approving it take. */
unsigned desk_action_needs(const struct action *action);
unsigned desk_proposal_needs(const struct desk_proposal *proposal);
/* Of the state it is in; 0: no end, or it is over. */
int64_t desk_proposal_left_ms(const struct desk *desk,
			      const struct desk_proposal *proposal);
void desk_proposal_tick(struct desk *desk);
/* Until the next one has lasted as long as it may, or most_ms. */
int64_t desk_proposal_next_ms(const struct desk *desk, int64_t most_ms);
void desk_proposal_drop_all(struct desk *desk);
struct store_range desk_proposal_range(const struct desk *desk);
void desk_proposal_loaded(struct desk *desk, const struct store_rows *rows);
void desk_proposal_ready(struct desk *desk); /* all are loaded, and may be written */
void desk_proposal_policy_changed(struct desk *desk);

/* desk_tell.c */
/* To a device, or to an owner who is signed in. */
void desk_tell_notice(struct desk *desk, struct desk_link *link,
		      const struct desk_proposal *proposal);
void desk_tell_all(struct desk *desk, struct desk_proposal *proposal);
void desk_tell_hub(struct desk_link *link, const struct desk_proposal *proposal,
		   uint64_t token, enum reason reason);
/* There is none: it was refused. */
void desk_tell_refusal(struct desk_link *link, uint64_t token, enum reason reason);
/* What can still be called off, to a hub that has come and knows of nothing. */
void desk_tell_waiting(struct desk *desk, struct desk_link *link);
/* One has come: tells it all that is its concern. */
void desk_tell_device(struct desk *desk, struct desk_link *link);
/* The messages on their way, or waiting for their listener; then done. */
void desk_tell_outbox(struct desk *desk, struct desk_link *link, uint64_t token);
void desk_tell_gate(struct desk *desk, struct desk_link *link);
void desk_tell_orders(struct desk *desk); /* those that are to be told again by now */
int64_t desk_tell_next_ms(const struct desk *desk, int64_t most_ms);

/* desk_memo.c */
void desk_memo(struct desk *desk, struct desk_link *link, const struct wire_memo *memo);
/* What came whole for that turn; the caller destroys it. NULL: nothing did. */
struct memo_writer *desk_memo_take(struct desk *desk, const struct desk_link *link,
				   struct turn_id turn);
void desk_memo_drop(struct desk *desk,
		    const struct desk_link *link); /* NULL: the overdue */
MUST_CHECK enum err desk_memo_add_rows(const struct desk *desk, struct item *item,
				       const struct memo_writer *memo);
void desk_memo_destroy_rows(const struct desk *desk, struct item *item,
			    struct proposal_id id);
struct store_key desk_memo_key(const struct desk *desk, enum store_space space,
			       struct proposal_id id);

/* desk_message.c */
/* Whom it was asked for; NULL: they are gone. Whether it still goes there is another
 * question. */
const struct contact *desk_message_asked(const struct desk *desk,
					 const struct proposal *now);
/* Whether the message may be asked for: completes what the proposal says of it. memo is
 * what came in that turn, or NULL. */
enum reason desk_message_judge(struct desk *desk, struct proposal *asked,
			       const struct memo_writer *memo);
/* Whom it goes to; NULL: nobody, or not where it was going when it was asked for. */
const struct contact *desk_message_contact(const struct desk *desk,
					   const struct proposal *now);
/* Can it still get to, or be heard by, whom it is for? */
bool desk_message_has_way(const struct desk *desk, const struct proposal *now);

/* desk_peer.c */
/* The X25519 secret of somebody who lives here; the caller wipes it. */
void desk_box_secret(const struct desk *desk, struct person_id person,
		     uint8_t to[SEAL_BOX_SECRET_BYTES]);
void desk_card(struct desk *desk, struct desk_link *link,
	       const struct wire_card_get *get);
/* The first contact in the house of that gate's key, or NULL. */
const struct contact *desk_peer_contact(const struct desk *desk,
					const uint8_t key[PEOPLE_KEY_BYTES]);
void desk_peer_receive(struct desk *desk, struct desk_link *link,
		       const struct wire_message *message);
void desk_peer_closed(struct desk *desk, struct desk_link *link);
void desk_peer_tick(struct desk *desk);
void desk_peer_drop_all(struct desk *desk);
/* The houses, told to a gate that has come; or, where something of it has changed, to all. */
void desk_peer_tell(struct desk *desk, struct desk_link *link);
void desk_peer_changed(struct desk *desk);
void desk_parcel_taken(struct desk *desk, uint64_t link, uint64_t token, enum err err);
/* Hands it to the gate. of: the message here that it asks
 * the key of, which hears when that fails; none of a key. ERR_CLOSED: there is no gate. */
struct desk_post {
	struct proposal_id id; /* the parcel's */
	enum parcel_kind kind;
	const uint8_t *to;
	const uint8_t *body;
	size_t size;
	struct proposal_id of;
};
MUST_CHECK enum err desk_parcel_post(struct desk *desk, const struct desk_post *post);
/* A whole parcel of an enrolled house, verified and of these days; contact is of that house. */
struct desk_came {
	struct desk_asker asker;
	const struct parcel *parcel;
	const struct contact *contact;
	struct buf *body;
};
/* OK, and *out_later: it will be answered; else it is answered with what they return. */
typedef enum err desk_came_fn(struct desk *desk, const struct desk_came *came,
			      bool *out_later);

/* desk_letter.c */
/* What the gate hands over to another house: says it, as pieces of sound. */
MUST_CHECK enum err desk_letter_say(struct desk *desk, struct desk_link *link,
				    uint64_t token, const struct proposal *now,
				    const struct store_row *row);
desk_came_fn desk_letter_wanted;
/* What was being written is: who waited for that is answered. */
void desk_letter_settled(struct desk *desk, struct desk_proposal *proposal, enum err err);
/* True: it was the answer to a question of these. */
bool desk_letter_rows(struct desk *desk, uint64_t request, enum err err,
		      const struct store_rows *rows);
void desk_letter_drop_all(struct desk *desk);

/* desk_inbound.c */
desk_came_fn desk_inbound_letter;
desk_came_fn desk_inbound_key;
/* It is written that this one came; that it is over. */
void desk_inbound_written(struct desk *desk, const struct proposal *now);
void desk_inbound_over(struct desk *desk, struct proposal_id id);
/* Whom it came from, for people. */
void desk_inbound_from(const struct desk *desk, const struct proposal *now, char *to,
		       size_t size);
/* Asks for its key. ERR_CLOSED: there is no gate. */
MUST_CHECK enum err desk_inbound_ask(struct desk *desk, const struct proposal *now);
/* Can it still be asked for, and heard? */
bool desk_inbound_has_way(const struct desk *desk, const struct proposal *now);

/* desk_book.c */
void desk_book_put(struct desk *desk, struct desk_link *link,
		   const struct wire_book_put *message);
void desk_book_remove(struct desk *desk, struct desk_link *link,
		      const struct wire_book_remove *message);
void desk_book_get(struct desk *desk, struct desk_link *link,
		   const struct wire_book_get *message);
struct store_range desk_book_range(const struct desk *desk);
void desk_book_loaded(struct desk *desk, const struct store_rows *rows);

/* desk_inbox.c */
/* Whoever waits for that message's key: it is there, or, with an error, will not be. */
void desk_inbox_key(struct desk *desk, struct proposal_id id, enum err err);
void desk_inbox_tick(struct desk *desk);
/* Says the bytes, as pieces of sound. */
void desk_message_say(struct desk_link *link, uint64_t token, const uint8_t *from,
		      size_t left);
void desk_inbox(struct desk *desk, struct desk_link *link,
		const struct wire_inbox_get *get);
void desk_memo_get(struct desk *desk, struct desk_link *link,
		   const struct wire_memo_get *get);
/* How many wait in each private room, told to a hub that has come; or, where that has
 * changed, to all. */
void desk_inbox_tell(struct desk *desk, struct desk_link *link);
void desk_inbox_changed(struct desk *desk);
void desk_inbox_policy_changed(struct desk *desk);

/* desk_order.c */
bool desk_order_is(const struct action *action);
void desk_order_heard(struct desk *desk, const struct wire_heard *heard);
/* Takes what was heard in its turn into a new one. */
void desk_order_take_heard(struct desk *desk, struct desk_proposal *proposal);
enum reason desk_order_may_ask(const struct desk *desk, const struct action *action);
/* By whose device it is; false with why not. */
bool desk_order_may_tap(const struct desk *desk, const struct device *device,
			const struct desk_proposal *proposal, enum desk_refusal *out_why);
/* Where the gate hands it over, as a contact that the order is signed with; false: that way
 * is not set up. */
bool desk_order_goes_to(const struct desk *desk, const struct action *action,
			struct contact *out_contact);
void desk_order_tell_card(struct desk *desk, struct desk_link *link,
			  const struct desk_proposal *proposal);

/* desk_skills.c */
void desk_skills_tell(struct desk *desk, struct desk_link *link);
void desk_skills_policy_changed(struct desk *desk); /* or is read */
/* desk_weather.c */
void desk_weather_tell_gate(struct desk *desk, struct desk_link *link);
void desk_weather_tell_hub(struct desk *desk, struct desk_link *link);
/* What the gate fetched. */
void desk_weather_take(struct desk *desk, const struct wire_forecast *told);
void desk_weather_policy_changed(struct desk *desk); /* or is read */

/* desk_device.c */
/* May whose device this is approve it? */
bool desk_device_may_approve(const struct desk *desk, const struct device *device,
			     const struct desk_proposal *proposal);
/* What the devices heard lately may approve, together. */
void desk_device_tell_reach(struct desk *desk, struct desk_link *link);
void desk_device_opened(struct desk *desk,
			struct desk_link *link); /* says the challenge */
void desk_device_closed(struct desk_link *link); /* also an owner's */
void desk_device_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message);
void desk_pair_begin(struct desk *desk, struct desk_link *link,
		     const struct wire_pair_begin *begin);
void desk_device_policy_changed(struct desk *desk);
/* Was a device of somebody who may approve it heard lately? */
bool desk_device_reaches(const struct desk *desk, unsigned capability);
/* Would its word take the message back, also once it was delivered, until somebody has
 * listened to it? device may be NULL: nobody's. */
bool desk_device_can_recall(const struct desk *desk, const struct device *device,
			    const struct desk_proposal *proposal);
void desk_device_tick(struct desk *desk);

/* desk_erasing.c */
struct recorded_set;
struct desk_erasing {
	struct recorded_set *set; /* borrowed; whole */
	const char *why;          /* of each DELETED */
	struct turn_id turn;      /* in which it was asked for; or none */
	size_t next;              /* the first that was not taken */
	size_t under_way;
	size_t done;
	bool is_taking;
	bool waits; /* for another list to end */
	enum err err;
	void (*step)(struct desk *desk, struct desk_link *link); /* may be NULL */
	void (*over)(struct desk *desk, struct desk_link *link); /* called once */
};
/* Destroys what is in link->erasing->set, but for what was deleted since the place set->last,
 * when its turn has come. The link has a job, which reads. step() follows now and then, and
 * over() once. */
void desk_erasing_begin(struct desk *desk, struct desk_link *link);
void desk_erasing_closed(struct desk *desk, const struct desk_link *link);
/* All that there is of one recording, to be destroyed with the item. */
void desk_erasing_add_rows(const struct desk *desk, struct item *item,
			   struct owner_id owner, struct record_id record);

/* desk_all.c: what ends an owner's recordings at once, with their key. link->all is `all`
 * until its over() is called, once, which has a receipt when something was written, or was
 * to be. Of a house of before, the link has no job meanwhile. */
void desk_all_begin(struct desk *desk, struct desk_link *link,
		    const struct desk_all *all);
/* There is something of that owner's that no such key ends. */
bool desk_all_is_of_before(const struct desk *desk, struct owner_id owner);
void desk_erase_all(struct desk *desk, struct desk_link *link);

/* desk_epochs.c */
typedef void desk_epochs_over(struct desk *desk, struct desk_link *link, enum err err);
/* As the link's job, destroys the rows of all epochs of the owner that are under a key of
 * before that generation; then over. */
MUST_CHECK enum err desk_epochs_clear(struct desk *desk, struct desk_link *link,
				      struct owner_id owner, uint64_t generation,
				      desk_epochs_over *over);
/* The same of the household's box, under keys that it does not have. */
MUST_CHECK enum err desk_epochs_clear_box(struct desk *desk, struct desk_link *link,
					  desk_epochs_over *over);

/* desk_chores.c */
void desk_chores_tick(struct desk *desk);
/* Adds how far it has come with that owner's to an item. */
MUST_CHECK enum err desk_chores_add(const struct desk *desk, struct item *item,
				    size_t owner, const struct desk_chores *chores);
MUST_CHECK enum err desk_clock_add(const struct desk *desk, struct item *item);

/* desk_broken_off.c: a hub began anew. The second: false: there is nothing to be done. */
void desk_broken_off_ask(struct desk *desk);
bool desk_broken_off_begin(struct desk *desk);

/* desk_audit.c. False: there is nothing to be done. */
bool desk_audit_begin(struct desk *desk);

/* desk_sweep.c. False: there is nothing to be done. */
bool desk_sweep_begin(struct desk *desk, size_t owner);

/* desk_retention.c */
void desk_clock_tick(struct desk *desk);
bool desk_retention_begin(struct desk *desk, size_t owner);

/* desk_receipt.c: says the receipt of what is durable by now, its proofs, and the end with
 * that error. Nothing of the receipt is needed afterwards. The link has no job. */
void desk_receipt(struct desk *desk, struct desk_link *link, enum err err,
		  const struct receipt *receipt);

/* desk_end.c: the household ends, with all that is kept for its owners */
bool desk_end_receive(struct desk *desk, struct desk_link *link,
		      const struct wire_message *message);
bool desk_end_is_going_on(const struct desk *desk);
bool desk_end_may_write(const struct desk *desk, const struct item *item);
/* Whether anything may be kept for that owner, so that it is destroyed. */
bool desk_end_concerns(const struct desk *desk, size_t owner);
void desk_end_resume(struct desk *desk); /* it was ending when it stopped */
void desk_end_tick(struct desk *desk);
void desk_end_drop(struct desk *desk);

/* desk_receipts.c */
void desk_receipts(struct desk *desk, struct desk_link *link,
		   const struct wire_receipts_get *get);

/* desk_erase.c */
bool desk_erase_receive(struct desk *desk, struct desk_link *link,
			const struct wire_message *message);
void desk_erase_closed(struct desk_link *link);
/* desk_tiles.c */
void desk_tiles_begin(struct desk *desk); /* where that is not done yet */
void desk_tiles_go_on(struct desk *desk); /* no batch is under way */
/* True: it was the answer to a question of these. */
bool desk_tiles_rows(struct desk *desk, uint64_t request, enum err err,
		     const struct store_rows *rows);
void desk_tiles_clash(struct desk *desk); /* one was there already */
void desk_tiles_drop(struct desk *desk);
struct store_key desk_tile_key(const struct desk *desk, struct tile_id id);

/* desk_proof.c: what is in the journal, proven against a checkpoint of it. */
struct desk_proven {
	struct merkle_head head; /* of the checkpoint */
	const char *checkpoint;  /* its text, a signed note; borrowed, as all here */
	size_t checkpoint_size;
	const struct merkle_proof *proof;
	/* Of inclusion: the entry, and the whole of it as a C2SP tlog-proof. */
	const uint8_t *row;
	size_t row_size;
	const char *text;
	size_t text_size;
};
/* OK, or why there is none, and proven is NULL: ERR_MISSING (no such place, no checkpoint at
 * that size), ERR_AUTH (what is stored does not fit together), ERR_BUSY. */
typedef void desk_proven_fn(struct desk *desk, void *context, enum err err,
			    const struct desk_proven *proven);
/* The entry at place is in the journal of that size, one that ended a batch; 0: as long as
 * it is. The answer follows later, once, unless it is forgotten. It waits for tiles that
 * are being made. */
MUST_CHECK enum err desk_proof_of_entry(struct desk *desk, uint64_t place, uint64_t size,
					desk_proven_fn *proven, void *context);
/* The journal as long as it is goes on from the one of that size, if that is not longer;
 * ERR_RANGE. */
MUST_CHECK enum err desk_proof_since(struct desk *desk, uint64_t size,
				     desk_proven_fn *proven, void *context);
void desk_proof_forget(struct desk *desk, const void *context);
bool desk_proof_rows(struct desk *desk, uint64_t request, enum err err,
		     const struct store_rows *rows);
void desk_proof_go_on(struct desk *desk); /* it is known what the tiles are */
void desk_proof_tick(struct desk *desk);
void desk_proof_drop_all(struct desk *desk);

/* desk_cosign.c */
void desk_log_get(struct desk *desk, struct desk_link *link,
		  const struct wire_log_get *get);
void desk_cosign(struct desk *desk, struct desk_link *link,
		 const struct wire_cosign *cosign);
void desk_entry_get(struct desk *desk, struct desk_link *link,
		    const struct wire_entry_get *get);
bool desk_cosign_rows(struct desk *desk, uint64_t request, enum err err,
		      const struct store_rows *rows);
void desk_cosign_closed(struct desk *desk, struct desk_link *link);

/* desk_incident.c */
/* Something is wrong with that recording, or, where there is none, with what is stored: opens
 * an incident, unless one of the same cause and recording is open. link: whose it is; NULL:
 * it may be anybody's. Needs nothing of the caller, and cannot fail: from now on exports are
 * refused. */
void desk_incident_open(struct desk *desk, enum incident_cause cause,
			struct record_id record, const struct desk_link *link);
/* Is one open? Then nothing is exported. */
bool desk_incident_freezes(const struct desk *desk);
/* What this owner is told of at signing in, which is written down: how many are open that
 * concern them, and how many requests for disclosure are new to them. */
void desk_incident_tell(struct desk *desk, struct owner_id owner, uint32_t *out_open,
			uint32_t *out_requests);
void desk_incident_tell_device(struct desk *desk, struct desk_link *link); /* has come */
/* Its first step; false: it is closed, or there is none. */
bool desk_incident_look(const struct desk *desk, struct incident_id id,
			struct incident_step *out_first);
/* Each answers the link once it is written, or says why not. first has no id yet. */
void desk_incident_report(struct desk *desk, struct desk_link *link,
			  struct incident_step *first);
void desk_incident_refuse(struct desk *desk, struct desk_link *link,
			  struct incident_step *first);
void desk_incident_step(struct desk *desk, struct desk_link *link,
			const struct incident_step *step);
void desk_incident_drafted(struct desk *desk, struct incident_id id);
/* While somebody walks the whole journal from its first entry: whether each incident that it
 * knows as open is open here, too. Rows that somebody took away are missed so. */
struct desk_incident_audit {
	uint64_t closings; /* when it began */
	bool is_full;      /* more than can be open here: some are missing */
	size_t count;
	struct incident_id open[2 * DESK_INCIDENTS_MAX];
};
void desk_incident_audit_begin(const struct desk *desk,
			       struct desk_incident_audit *audit);
void desk_incident_audit_row(struct desk *desk, struct desk_incident_audit *audit,
			     const struct store_row *row);
/* The same of an event that was read. */
void desk_incident_audit_event(struct desk_incident_audit *audit,
			       const struct event *event);
/* Opens an incident of the cause FOREIGN_ROW where one is missing. */
void desk_incident_audit_end(struct desk *desk, const struct desk_incident_audit *audit);
void desk_incident_tick(struct desk *desk);
void desk_incident_drop_all(struct desk *desk);
struct store_range desk_incident_range(const struct desk *desk);
void desk_incident_loaded(struct desk *desk, const struct store_rows *rows);
void desk_incident_ready(struct desk *desk);

/* desk_report.c */
/* The one message of these that needs no sign-in. */
void desk_report(struct desk *desk, struct desk_link *link,
		 const struct wire_incident_report *report);
/* False for a message that is none of these; the link is signed in. */
bool desk_report_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message);

/* desk_job.c */
void desk_job_begin(struct desk_link *link, struct job *job); /* takes it */
void desk_job_end(struct desk_link *link);                    /* frees it; none is fine */
MUST_CHECK enum err desk_job_get(struct desk *desk, struct job *job,
				 const struct store_key *key, job_rows_fn *rows);
MUST_CHECK enum err desk_job_range(struct desk *desk, struct job *job,
				   const struct store_range *range, job_rows_fn *rows);
/* desk_export.c: of the link's owner; see desk_export_inner.h why no argument says whose */
void desk_export(struct desk *desk, struct desk_link *link,
		 const struct wire_export_begin *begin);
void desk_export_more(struct desk *desk, struct desk_link *link,
		      const struct wire_export_more *more);

/* desk_history.c, desk_play.c, desk_why.c, desk_verify.c */
void desk_history(struct desk *desk, struct desk_link *link,
		  const struct wire_history_get *get);
void desk_play(struct desk *desk, struct desk_link *link,
	       const struct wire_play_get *get);
void desk_why(struct desk *desk, struct desk_link *link, const struct wire_why_get *get);
void desk_verify(struct desk *desk, struct desk_link *link);

#endif
