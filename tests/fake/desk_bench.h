/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_bench - the keeper's desk with a fake clock, dice and store, and links that keep
 * what they are told. Messages pass through the real wire in both directions.
 *
 * Failures of the bench itself stop the test by must(). One thread.
 */
#ifndef FAKE_DESK_BENCH_H
#define FAKE_DESK_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "fake/store_fake.h"
#include "keeper/desk.h"
#include "wire/wire.h"

enum { DESK_BENCH_LINKS_MAX = 16 };

struct desk_bench_link;

/* Opens a store of the test's own for the desk, at each of its starts. */
typedef enum err desk_bench_open(void *context, const struct store_listener *listener,
				 struct store *out_store);

struct desk_bench {
	struct clock_fake clock;
	struct rand_fake rand;
	struct store_fake *rows; /* NULL: the test brought a store */
	desk_bench_open *open;
	void *open_context;
	enum err
		open_err; /* of the last open: then there is a desk, and nothing behind it */
	struct store store;
	struct desk *desk;
	struct secret *seed;
	struct secret *house_key;
	struct household_id household;
	uint8_t gate_seed[SEAL_SIGN_SEED_BYTES]; /* its gate's */
	struct secret *gate_secret;              /* the same, for backups */
	uint8_t gate_key[SEAL_SIGN_PUBLIC_BYTES];
	bool is_restored;    /* from its next start on: the rows come from a backup */
	uint64_t recordings; /* that desk_bench_record said */
	/* The house ends: what the program has written down of it. */
	struct desk_bench_end {
		bool is_begun; /* also at its next starts, then */
		struct owner_id by;
		bool is_kept;
		size_t receipt_size;
		char receipt[16384]; /* text */
		enum err begin_err;  /* what writing it down comes to */
		enum err keep_err;
	} end;
	unsigned owners_made; /* how often the desk said that the code is void */
	/* reach and waiting get to the hub's links; most tests do not look at these. */
	bool hears_counts;
	bool hears_news;   /* the same, of devices' links and policy_news */
	bool hears_alerts; /* the same, of the gate's links and alert */
	bool hears_peers;  /* and of peer */
	bool hears_weather; /* the same, of the gate's and the hub's, of what the weather takes */
	struct desk_bench_link *links[DESK_BENCH_LINKS_MAX];
};

/* While the desk or its store runs, and no code of a test: for tests in which memory ends. */
extern bool desk_bench_is_inside;

struct desk_bench *desk_bench_create(uint64_t seed);
/* On a store that is not the fake one. */
struct desk_bench *desk_bench_create_on(uint64_t seed, desk_bench_open *open,
					void *context);
/* Another household: all its keys are others. number 0 is the one of desk_bench_create. */
struct desk_bench *desk_bench_create_house(uint64_t seed, uint8_t number);
void desk_bench_destroy(struct desk_bench *bench);

/* As after kill -9: the desk and its links are gone, the rows are not. */
void desk_bench_restart(struct desk_bench *bench);
/* The same; it has read nothing yet. */
void desk_bench_begin_restart(struct desk_bench *bench);
/* The desk, its links and its store are gone; between the two the test may do to the rows
 * what it likes. The second has read all when it returns, or open_err says why not. */
void desk_bench_stop(struct desk_bench *bench);
void desk_bench_start(struct desk_bench *bench);
/* Steps the store until nothing waits. */
void desk_bench_settle(struct desk_bench *bench);
/* So much later the desk does what is due, and all of that settles. */
void desk_bench_tick(struct desk_bench *bench, int64_t ms);

struct desk_bench_link *desk_bench_link(struct desk_bench *bench, enum desk_side side);
void desk_bench_unlink(struct desk_bench *bench, struct desk_bench_link *link);
/* Says it, through the wire; does not settle. */
void desk_bench_say(struct desk_bench *bench, struct desk_bench_link *link,
		    enum wire_type type, const void *fields);
/* The oldest message told to the link and not yet taken, or NULL; borrowed until the next
 * take from this link. */
const struct wire_message *desk_bench_take(struct desk_bench_link *link);
size_t desk_bench_waiting(const struct desk_bench_link *link);

/* --- whole steps that most tests begin with; each settles --- */

/* Of every owner who is made below. */
#define DESK_BENCH_PASSPHRASE "correct horse"

/* What was told and is not looked at. */
void desk_bench_forget(struct desk_bench_link *link);
/* A new link on which that owner is signed in. */
struct desk_bench_link *desk_bench_sign_in(struct desk_bench *bench, const char *name);
/* A new owner, signed in on a link of their own; further ones are made over `by`, the first
 * one's. With a room that is private to them, unless room is NULL. */
struct desk_bench_link *desk_bench_add_owner(struct desk_bench *bench,
					     struct desk_bench_link *by, const char *name,
					     const char *room);

struct desk_bench_said {
	const char *room;
	const char *words;
	const int16_t *samples;
	size_t count;
};
/* Says a whole recording of now, and how it went; what waited at the hub is dropped. */
enum err desk_bench_record(struct desk_bench *bench, struct desk_bench_link *hub,
			   const struct desk_bench_said *said,
			   struct record_id *out_record);
/* How playing it ends; what waited there is dropped. */
enum err desk_bench_play(struct desk_bench *bench, struct desk_bench_link *link,
			 struct record_id record);

/* Makes an owner; the first by the code, others over an unlocked link. Returns whether it
 * was made; recovery may be NULL. */
bool desk_bench_make_owner(struct desk_bench *bench, struct desk_bench_link *link,
			   const char *name, const char *passphrase,
			   struct owner_id *out_id, char recovery[128]);
bool desk_bench_unlock(struct desk_bench *bench, struct desk_bench_link *link,
		       const char *name, const char *passphrase);
/* Asks for a change and says how it went: "" for done, else the refusal's code, or the
 * name of another answer; static storage. */
const char *desk_bench_change(struct desk_bench *bench, struct desk_bench_link *link,
			      enum wire_type type, const void *fields);
/* A room with all capabilities, private to the link's owner. */
bool desk_bench_add_room(struct desk_bench *bench, struct desk_bench_link *link,
			 const char *room);
/* Says a whole recording; answers come as `done`. */
void desk_bench_seal(struct desk_bench *bench, struct desk_bench_link *link,
		     uint64_t token, uint64_t turn, const char *room,
		     const char *transcript, const int16_t *samples, size_t count);
void desk_bench_append(struct desk_bench *bench, struct desk_bench_link *link,
		       uint64_t token, enum event_kind kind, uint64_t turn,
		       const char *room);
/* The next message must be `done` for token. */
enum err desk_bench_done(struct desk_bench_link *link, uint64_t token,
			 uint64_t *out_place, struct record_id *out_record);

/* What people_get tells a signed-in owner. */
struct desk_bench_people {
	size_t person_count;
	struct wire_person people[POLICY_PEOPLE_MAX + POLICY_OWNERS_MAX];
	size_t contact_count;
	struct wire_contact contacts[POLICY_CONTACTS_MAX];
	size_t device_count;
	struct wire_device devices[POLICY_DEVICES_MAX];
	uint32_t hold_s;
};
void desk_bench_people(struct desk_bench *bench, struct desk_bench_link *link,
		       struct desk_bench_people *out_people);
/* By name, or NULL. */
const struct wire_person *desk_bench_person(const struct desk_bench_people *people,
					    const char *name);
const struct wire_contact *desk_bench_contact(const struct desk_bench_people *people,
					      const char *name);

/* The newest policy as the hub's link is told it; what waited there before is dropped. */
void desk_bench_policy(struct desk_bench *bench, struct desk_bench_link *hub,
		       struct policy *out_policy);

/* --- rows, as an intruder has them ------------------------------------------------------ */

/* An owner's unlocked key, made of the rows and the passphrase; the caller destroys it. */
struct owner_view *desk_bench_view(struct desk_bench *bench, const char *name,
				   const char *passphrase);
/* Makes the house one of before there were certificates, which has none and whose owner of
 * that name has a wrap of layout 1 for the passphrase. */
void desk_bench_age(struct desk_bench *bench, const char *name, const char *passphrase);
/* The version of the newest policy row; 0: none. */
uint64_t desk_bench_policy_version(struct desk_bench *bench);
/* Puts the bytes there as that version of the policy. */
void desk_bench_put_policy(struct desk_bench *bench, uint64_t version, const uint8_t *row,
			   size_t size);

#endif
