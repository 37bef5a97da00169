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

struct desk_bench {
	struct clock_fake clock;
	struct rand_fake rand;
	struct store_fake *rows;
	struct store store;
	struct desk *desk;
	struct secret *seed;
	struct secret *house_key;
	struct household_id household;
	unsigned owners_made; /* how often the desk said that the code is void */
	struct desk_bench_link *links[DESK_BENCH_LINKS_MAX];
};

struct desk_bench *desk_bench_create(uint64_t seed);
void desk_bench_destroy(struct desk_bench *bench);

/* As after kill -9: the desk and its links are gone, the rows are not. */
void desk_bench_restart(struct desk_bench *bench);
/* Steps the store until nothing waits. */
void desk_bench_settle(struct desk_bench *bench);

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

/* Makes an owner; the first by the code, others over an unlocked link. Returns whether it
 * was made; recovery may be NULL. */
bool desk_bench_make_owner(struct desk_bench *bench, struct desk_bench_link *link,
			   const char *name, const char *passphrase,
			   struct owner_id *out_id, char recovery[128]);
bool desk_bench_unlock(struct desk_bench *bench, struct desk_bench_link *link,
		       const char *name, const char *passphrase);
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

#endif
