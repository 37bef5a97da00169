/* SPDX-License-Identifier: Apache-2.0 */
/* desk_bench - see the header. */
#include "fake/desk_bench.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/old_wrap.h"

enum { FRAMES_MAX = 16384, SETTLE_STEPS_MAX = 100000 };

struct frame {
	size_t size;
	uint8_t *bytes;
};

struct desk_bench_link {
	const struct desk_bench *bench;
	enum desk_side side;
	struct desk_link *link;
	size_t first;
	size_t count;
	struct frame frames[FRAMES_MAX];
	uint8_t taken[WIRE_FRAME_MAX];
	struct wire_message message;
};

static const struct {
	enum wire_link link;
	enum wire_party party;
} DOORS[] = {
	[DESK_HUB] = {WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB},
	[DESK_OWNER] = {WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER},
	[DESK_DEVICE] = {WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE},
	[DESK_GATE] = {WIRE_LINK_GATE_KEEPER, WIRE_PARTY_GATE},
};

bool desk_bench_is_inside;

static enum err keep_message(struct desk_bench_link *link, enum wire_type type,
			     const void *fields)
{
	static uint8_t bytes[WIRE_FRAME_MAX];
	struct frame *frame;
	size_t size = 0;

	must(wire_may(DOORS[link->side].link, WIRE_PARTY_KEEPER, type));
	if ((type == WIRE_reach || type == WIRE_waiting) && !link->bench->hears_counts)
		return OK;
	if ((type == WIRE_weather_place || type == WIRE_forecast) &&
	    !link->bench->hears_weather)
		return OK;
	if (type == WIRE_peer && !link->bench->hears_peers)
		return OK;
	if (type == WIRE_policy_news && !link->bench->hears_news)
		return OK;
	if (type == WIRE_alert && !link->bench->hears_alerts)
		return OK;
	must(wire_encode(type, fields, bytes, sizeof(bytes), &size) == OK);
	must(link->count < FRAMES_MAX);
	frame = &link->frames[link->count];
	frame->bytes = malloc(size);
	must(frame->bytes);
	memcpy(frame->bytes, bytes, size);
	frame->size = size;
	link->count++;
	return OK;
}

static enum err keep_frame(void *context, enum wire_type type, const void *fields)
{
	const bool was_inside = desk_bench_is_inside;
	enum err err;

	desk_bench_is_inside = false;
	err = keep_message(context, type, fields);
	desk_bench_is_inside = was_inside;
	return err;
}

static enum err ends(void *context, struct owner_id by)
{
	struct desk_bench_end *end = &((struct desk_bench *)context)->end;

	end->is_begun = end->begin_err == OK;
	end->by = by;
	return end->begin_err;
}

static enum err ended(void *context, const void *receipt, size_t size)
{
	struct desk_bench_end *end = &((struct desk_bench *)context)->end;

	if (end->keep_err != OK)
		return end->keep_err;
	must(size < sizeof(end->receipt));
	memcpy(end->receipt, receipt, size);
	end->receipt[size] = '\0';
	end->receipt_size = size;
	end->is_kept = true;
	return OK;
}

static void owner_made(void *context)
{
	((struct desk_bench *)context)->owners_made++;
}

static void open_desk(struct desk_bench *bench)
{
	const struct desk_parts parts = {
		.household = bench->household,
		.seed = bench->seed,
		.house_key = bench->house_key,
		.gate_seed = bench->gate_secret,
		.cost = {.memory_kib = 8, .passes = 1},
		.owner_made = owner_made,
		.ends = ends,
		.ended = ended,
		.ends_by = bench->end.is_begun ? &bench->end.by : NULL,
		.context = bench,
		.is_restored = bench->is_restored,
	};
	struct desk_parts filled = parts;
	struct clock_fake clock = bench->clock;
	struct rand_fake dice = bench->rand;
	struct store_listener listener;

	memcpy(filled.gate_key, bench->gate_key, sizeof(filled.gate_key));
	/* The ports anew, the time and the dice as they were. */
	filled.clock = clock_fake_init(&bench->clock);
	filled.rand = rand_fake_init(&bench->rand, 0);
	bench->clock = clock;
	bench->rand = dice;
	must(desk_create(&filled, &bench->desk) == OK);
	listener = desk_store_listener(bench->desk);
	desk_bench_is_inside = true;
	if (bench->open)
		bench->open_err =
			bench->open(bench->open_context, &listener, &bench->store);
	else
		must(store_fake_open(bench->rows, &listener, &bench->store) == OK);
	if (bench->open_err == OK)
		desk_start(bench->desk, &bench->store);
	else
		bench->store = (struct store){.fd = -1}; /* which nobody steps */
	desk_bench_is_inside = false;
}

/* Each of a house's keys is made of one byte; those of two houses never meet. */
enum { HOUSE_FIRST = 0x50, HOUSE_STEP = 8 };

static void make_keys(struct desk_bench *bench, uint8_t number)
{
	const uint8_t first = (uint8_t)(HOUSE_FIRST + number * HOUSE_STEP);
	uint8_t key[SEAL_KEY_BYTES];

	memset(bench->household.bytes, first, ID_BYTES);
	memset(key, first + 1, sizeof(key));
	must(secret_copy(key, sizeof(key), &bench->seed) == OK);
	memset(key, first + 2, sizeof(key));
	must(secret_copy(key, sizeof(key), &bench->house_key) == OK);
	memset(bench->gate_seed, first + 3, sizeof(bench->gate_seed));
	seal_sign_pair(bench->gate_seed, bench->gate_key);
	must(secret_copy(bench->gate_seed, sizeof(bench->gate_seed),
			 &bench->gate_secret) == OK);
}

static struct desk_bench *create(uint64_t seed, uint8_t number, desk_bench_open *open,
				 void *context)
{
	struct desk_bench *bench = calloc(1, sizeof(*bench));

	must(bench && seal_init() == OK);
	(void)clock_fake_init(&bench->clock);
	(void)rand_fake_init(&bench->rand, seed);
	bench->open = open;
	bench->open_context = context;
	must(open || store_fake_create(seed, &bench->rows) == OK);
	make_keys(bench, number);
	open_desk(bench);
	desk_bench_settle(bench);
	return bench;
}

struct desk_bench *desk_bench_create_on(uint64_t seed, desk_bench_open *open,
					void *context)
{
	return create(seed, 0, open, context);
}

struct desk_bench *desk_bench_create(uint64_t seed)
{
	return create(seed, 0, NULL, NULL);
}

struct desk_bench *desk_bench_create_house(uint64_t seed, uint8_t number)
{
	return create(seed, number, NULL, NULL);
}

static void free_link(struct desk_bench_link *link)
{
	if (!link)
		return;
	for (size_t i = link->first; i < link->count; i++)
		free(link->frames[i].bytes);
	free(link);
}

static void close_desk(struct desk_bench *bench)
{
	desk_destroy(bench->desk);
	store_close(&bench->store);
	for (size_t i = 0; i < DESK_BENCH_LINKS_MAX; i++) {
		free_link(bench->links[i]);
		bench->links[i] = NULL;
	}
}

void desk_bench_stop(struct desk_bench *bench)
{
	close_desk(bench);
	bench->desk = NULL;
}

void desk_bench_start(struct desk_bench *bench)
{
	open_desk(bench);
	desk_bench_settle(bench);
}

void desk_bench_destroy(struct desk_bench *bench)
{
	close_desk(bench);
	store_fake_destroy(bench->rows);
	secret_destroy(bench->seed);
	secret_destroy(bench->house_key);
	secret_destroy(bench->gate_secret);
	free(bench);
}

void desk_bench_begin_restart(struct desk_bench *bench)
{
	close_desk(bench);
	open_desk(bench);
}

void desk_bench_restart(struct desk_bench *bench)
{
	desk_bench_begin_restart(bench);
	desk_bench_settle(bench);
}

static bool store_waits(const struct desk_bench *bench)
{
	struct pollfd ready = {.fd = bench->store.fd, .events = POLLIN};

	return bench->rows ? store_fake_waiting(bench->rows) > 0
			   : poll(&ready, 1, 0) == 1;
}

void desk_bench_settle(struct desk_bench *bench)
{
	size_t steps = 0;

	while (store_waits(bench)) {
		desk_bench_is_inside = true;
		store_step(&bench->store);
		desk_bench_is_inside = false;
		steps++;
		must(steps < SETTLE_STEPS_MAX);
	}
}

void desk_bench_tick(struct desk_bench *bench, int64_t ms)
{
	clock_fake_pass(&bench->clock, ms);
	desk_bench_is_inside = true;
	desk_tick(bench->desk);
	desk_bench_is_inside = false;
	desk_bench_settle(bench);
}

struct desk_bench_link *desk_bench_link(struct desk_bench *bench, enum desk_side side)
{
	struct desk_bench_link *link = calloc(1, sizeof(*link));
	size_t at = 0;

	while (at < DESK_BENCH_LINKS_MAX && bench->links[at])
		at++;
	must(link && at < DESK_BENCH_LINKS_MAX);
	link->bench = bench;
	link->side = side;
	must(desk_open(bench->desk, side, keep_frame, link, &link->link) == OK);
	bench->links[at] = link;
	return link;
}

void desk_bench_unlink(struct desk_bench *bench, struct desk_bench_link *link)
{
	desk_close(bench->desk, link->link);
	for (size_t i = 0; i < DESK_BENCH_LINKS_MAX; i++) {
		if (bench->links[i] == link)
			bench->links[i] = NULL;
	}
	free_link(link);
}

void desk_bench_say(struct desk_bench *bench, struct desk_bench_link *link,
		    enum wire_type type, const void *fields)
{
	static uint8_t bytes[WIRE_FRAME_MAX];
	static struct wire_message message;
	size_t size = 0;

	must(wire_may(DOORS[link->side].link, DOORS[link->side].party, type));
	must(wire_encode(type, fields, bytes, sizeof(bytes), &size) == OK);
	must(wire_decode(bytes, size, &message, NULL) == OK);
	desk_bench_is_inside = true;
	desk_receive(bench->desk, link->link, &message);
	desk_bench_is_inside = false;
}

const struct wire_message *desk_bench_take(struct desk_bench_link *link)
{
	struct frame *frame = &link->frames[link->first];

	if (link->first == link->count)
		return NULL;
	memcpy(link->taken, frame->bytes, frame->size);
	free(frame->bytes);
	frame->bytes = NULL;
	link->first++;
	must(wire_decode(link->taken, frame->size, &link->message, NULL) == OK);
	if (link->first == link->count) {
		link->first = 0;
		link->count = 0;
	}
	return &link->message;
}

size_t desk_bench_waiting(const struct desk_bench_link *link)
{
	return link->count - link->first;
}

/* --- whole steps ------------------------------------------------------------------------ */

bool desk_bench_make_owner(struct desk_bench *bench, struct desk_bench_link *link,
			   const char *name, const char *passphrase,
			   struct owner_id *out_id, char recovery[128])
{
	struct wire_owner_create create = {.code = ""};
	const struct wire_message *message;

	must(str_copy(create.code, sizeof(create.code), desk_code(bench->desk)));
	must(str_copy(create.name, sizeof(create.name), name));
	must(str_copy(create.passphrase, sizeof(create.passphrase), passphrase));
	desk_bench_say(bench, link, WIRE_owner_create, &create);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	if (!message || message->type != WIRE_owner_created)
		return false;
	if (out_id)
		memcpy(out_id->bytes, message->owner_created.owner.bytes, ID_BYTES);
	if (recovery)
		must(str_copy(recovery, 128, message->owner_created.recovery));
	return true;
}

bool desk_bench_unlock(struct desk_bench *bench, struct desk_bench_link *link,
		       const char *name, const char *passphrase)
{
	struct wire_unlock unlock = {.owner = ""};
	const struct wire_message *message;

	must(str_copy(unlock.owner, sizeof(unlock.owner), name));
	must(str_copy(unlock.passphrase, sizeof(unlock.passphrase), passphrase));
	desk_bench_say(bench, link, WIRE_unlock, &unlock);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	return message && message->type == WIRE_unlocked;
}

const char *desk_bench_change(struct desk_bench *bench, struct desk_bench_link *link,
			      enum wire_type type, const void *fields)
{
	static char reason[sizeof(((struct wire_refused *)NULL)->reason)];
	const struct wire_message *message;

	desk_bench_say(bench, link, type, fields);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	must(message);
	if (message->type == WIRE_done && message->done.err == OK)
		return "";
	if (message->type != WIRE_refused)
		return wire_type_name(message->type);
	must(message->refused.words[0]);
	must(str_copy(reason, sizeof(reason), message->refused.reason));
	return reason;
}

bool desk_bench_add_room(struct desk_bench *bench, struct desk_bench_link *link,
			 const char *room)
{
	struct wire_room_set set = {.capabilities = MAY_ALL, .is_private = 1};
	const struct wire_message *message;

	must(str_copy(set.room, sizeof(set.room), room));
	desk_bench_say(bench, link, WIRE_room_set, &set);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	return message && message->type == WIRE_done && message->done.err == OK;
}

void desk_bench_seal(struct desk_bench *bench, struct desk_bench_link *link,
		     uint64_t token, uint64_t turn, const char *room,
		     const char *transcript, const int16_t *samples, size_t count)
{
	enum { PIECE = WIRE_PCM_BYTES / sizeof(int16_t) };
	struct wire_seal_begin begin = {.token = token,
					.turn = turn,
					.at_ms = 1000,
					.samples = (uint32_t)count};

	must(str_copy(begin.room, sizeof(begin.room), room));
	must(str_copy(begin.transcript, sizeof(begin.transcript), transcript));
	desk_bench_say(bench, link, WIRE_seal_begin, &begin);
	for (size_t at = 0; at < count; at += PIECE) {
		size_t part = count - at < PIECE ? count - at : PIECE;
		const struct wire_seal_sound sound = {
			.token = token,
			.pcm = wire_from_samples(
				(struct audio_span){samples + at, part})};

		desk_bench_say(bench, link, WIRE_seal_sound, &sound);
	}
	desk_bench_say(bench, link, WIRE_seal_end,
		       &(struct wire_seal_end){.token = token});
}

void desk_bench_append(struct desk_bench *bench, struct desk_bench_link *link,
		       uint64_t token, enum event_kind kind, uint64_t turn,
		       const char *room)
{
	struct wire_append append = {.token = token};

	event_init(&append.event, kind, (struct turn_id){turn}, room,
		   bench->clock.wall_ms);
	event_add(&append.event, "action", "light.on");
	event_add(&append.event, "decision", "act");
	event_add(&append.event, "reason", "NONE");
	desk_bench_say(bench, link, WIRE_append, &append);
}

enum err desk_bench_done(struct desk_bench_link *link, uint64_t token,
			 uint64_t *out_place, struct record_id *out_record)
{
	const struct wire_message *message = desk_bench_take(link);

	must(message && message->type == WIRE_done);
	must(message->done.token == token && message->done.err < ERR_COUNT);
	if (out_place)
		*out_place = message->done.event;
	if (out_record)
		memcpy(out_record->bytes, message->done.record.bytes, ID_BYTES);
	return (enum err)message->done.err;
}

void desk_bench_forget(struct desk_bench_link *link)
{
	while (desk_bench_take(link))
		continue;
}

struct desk_bench_link *desk_bench_sign_in(struct desk_bench *bench, const char *name)
{
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);

	must(desk_bench_unlock(bench, link, name, DESK_BENCH_PASSPHRASE));
	return link;
}

struct desk_bench_link *desk_bench_add_owner(struct desk_bench *bench,
					     struct desk_bench_link *by, const char *name,
					     const char *room)
{
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);

	must(desk_bench_make_owner(bench, by ? by : link, name, DESK_BENCH_PASSPHRASE,
				   NULL, NULL));
	must(desk_bench_unlock(bench, link, name, DESK_BENCH_PASSPHRASE));
	must(!room || desk_bench_add_room(bench, link, room));
	return link;
}

enum err desk_bench_record(struct desk_bench *bench, struct desk_bench_link *hub,
			   const struct desk_bench_said *said,
			   struct record_id *out_record)
{
	const uint64_t number = ++bench->recordings;

	desk_bench_forget(hub);
	desk_bench_seal(bench, hub, number, (uint64_t)bench->clock.wall_ms << 16 | number,
			said->room, said->words, said->samples, said->count);
	desk_bench_settle(bench);
	return desk_bench_done(hub, number, NULL, out_record);
}

enum err desk_bench_play(struct desk_bench *bench, struct desk_bench_link *link,
			 struct record_id record)
{
	const struct wire_message *message;
	struct wire_play_get get;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	desk_bench_forget(link);
	desk_bench_say(bench, link, WIRE_play_get, &get);
	desk_bench_settle(bench);
	while ((message = desk_bench_take(link)))
		if (message->type == WIRE_end)
			return (enum err)message->end.err;
	return ERR_TIMEOUT;
}

/* --- what is there ---------------------------------------------------------------------- */

void desk_bench_people(struct desk_bench *bench, struct desk_bench_link *link,
		       struct desk_bench_people *out_people)
{
	static const struct wire_people_get get;
	const struct wire_message *message;

	memset(out_people, 0, sizeof(*out_people));
	desk_bench_say(bench, link, WIRE_people_get, &get);
	while ((message = desk_bench_take(link)) && message->type != WIRE_end) {
		if (message->type == WIRE_person)
			out_people->people[out_people->person_count++] = message->person;
		else if (message->type == WIRE_contact)
			out_people->contacts[out_people->contact_count++] =
				message->contact;
		else if (message->type == WIRE_device)
			out_people->devices[out_people->device_count++] = message->device;
		else if (message->type == WIRE_hold_set)
			out_people->hold_s = message->hold_set.hold_s;
	}
	must(message);
}

const struct wire_person *desk_bench_person(const struct desk_bench_people *people,
					    const char *name)
{
	for (size_t i = 0; i < people->person_count; i++)
		if (str_equal(people->people[i].name, name))
			return &people->people[i];
	return NULL;
}

const struct wire_contact *desk_bench_contact(const struct desk_bench_people *people,
					      const char *name)
{
	for (size_t i = 0; i < people->contact_count; i++)
		if (str_equal(people->contacts[i].name, name))
			return &people->contacts[i];
	return NULL;
}

void desk_bench_policy(struct desk_bench *bench, struct desk_bench_link *hub,
		       struct policy *out_policy)
{
	static const struct wire_policy_get get;
	const struct wire_message *message;

	while (desk_bench_take(hub))
		continue;
	desk_bench_say(bench, hub, WIRE_policy_get, &get);
	message = desk_bench_take(hub);
	must(message && message->type == WIRE_policy);
	*out_policy = message->policy.policy;
}

/* --- rows ------------------------------------------------------------------------------- */

/* The index of the first row of that space whose key begins so, or the count. */
static size_t find_row(const struct desk_bench *bench, enum store_space space,
		       const uint8_t *begin, size_t size)
{
	const size_t count = store_fake_row_count(bench->rows);

	for (size_t i = 0; i < count; i++) {
		const struct store_key *key = &store_fake_row(bench->rows, i, NULL)->key;

		if (key->space == space && memcmp(key->bytes, begin, size) == 0)
			return i;
	}
	return count;
}

static bool owner_of_name(struct desk_bench *bench, const char *name,
			  struct owner *out_owner)
{
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

	seal_sign_pair(secret_view(bench->seed), public_key);
	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++) {
		const struct store_row *row = store_fake_row(bench->rows, i, NULL);

		if (row->key.space == STORE_OWNER &&
		    owner_read(bench->household, public_key, row->value, row->size,
			       out_owner) == OK &&
		    str_equal(out_owner->name, name))
			return true;
	}
	return false;
}

struct owner_view *desk_bench_view(struct desk_bench *bench, const char *name,
				   const char *passphrase)
{
	static struct clock_fake ticks;
	const struct clock clock = clock_fake_init(&ticks);
	const struct store_row *wrap;
	struct owner_view *view = NULL;
	struct owner owner;

	must(owner_of_name(bench, name, &owner));
	wrap = store_fake_row(bench->rows,
			      find_row(bench, STORE_WRAP, owner.id.bytes, ID_BYTES),
			      NULL);
	must(owner_unlock(&owner, OWNER_WRAP_PASSPHRASE, wrap->value, wrap->size,
			  passphrase, &clock, &view) == OK);
	return view;
}

void desk_bench_age(struct desk_bench *bench, const char *name, const char *passphrase)
{
	uint8_t old[OWNER_WRAP_OLD_BYTES];
	struct store_row row;
	struct owner owner;
	size_t at;

	must(owner_of_name(bench, name, &owner));
	at = find_row(bench, STORE_WRAP, owner.id.bytes, ID_BYTES);
	row = *store_fake_row(bench->rows, at, NULL);
	if (row.size == OWNER_WRAP_BYTES) {
		old_wrap_of(&owner, row.value, passphrase, old);
		store_fake_remove(bench->rows, at);
		row.value = old;
		row.size = sizeof(old);
		must(store_fake_put(bench->rows, &row) == OK);
	}
	for (size_t i = store_fake_row_count(bench->rows); i-- > 0;) {
		if (store_fake_row(bench->rows, i, NULL)->key.space == STORE_CERTIFICATE)
			store_fake_remove(bench->rows, i);
	}
}

uint64_t desk_bench_policy_version(struct desk_bench *bench)
{
	uint64_t version = 0;

	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++) {
		const struct store_key *key = &store_fake_row(bench->rows, i, NULL)->key;
		struct unpack unpack;

		unpack_init(&unpack, key->bytes, key->size);
		if (key->space == STORE_POLICY)
			version = unpack_u64(&unpack);
	}
	return version;
}

void desk_bench_put_policy(struct desk_bench *bench, uint64_t version, const uint8_t *row,
			   size_t size)
{
	struct store_row put = {
		.key = {.household = bench->household, .space = STORE_POLICY},
		.value = row,
		.size = size,
	};
	struct pack pack;

	pack_init(&pack, put.key.bytes, sizeof(put.key.bytes));
	pack_u64(&pack, version);
	put.key.size = pack.size;
	must(store_fake_put(bench->rows, &put) == OK);
}
