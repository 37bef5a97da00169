/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_owner - makes owners and signs them in. What they decide is desk_policy.c.
 *
 * Invariants: one change of owners is under way at a time; a wrong passphrase and an
 * unknown owner take the same time and get the same answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { CODE_LETTERS = 16, CODE_GROUP = 4 };

/* --- the first owner's code ------------------------------------------------------------- */

/* 80 bits as four groups of four letters, without those that are misread. */
void desk_make_code(struct desk *desk, char to[DESK_CODE_BYTES])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t bytes[CODE_LETTERS];
	size_t at = 0;

	rand_fill(&desk->parts.rand, bytes, sizeof(bytes));
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			to[at++] = '-';
		to[at++] = letters[bytes[i] & 31];
	}
	to[at] = '\0';
	must(at < DESK_CODE_BYTES);
	seal_wipe(bytes, sizeof(bytes));
}

static bool code_is_right(const struct desk *desk, const char *given)
{
	char code[DESK_CODE_BYTES] = "";

	return str_copy(code, sizeof(code), given) &&
	       seal_equal(code, desk->code, sizeof(code)) && desk->owner_count == 0;
}

/* --- wrong tries ------------------------------------------------------------------------ */

static bool must_wait(const struct desk *desk)
{
	int64_t wait_ms = DESK_TRIES_WAIT_MS;

	if (desk->wrong_tries < DESK_TRIES_FREE)
		return false;
	for (unsigned i = DESK_TRIES_FREE;
	     i < desk->wrong_tries && wait_ms < DESK_TRIES_WAIT_MAX_MS; i++)
		wait_ms *= 2;
	if (wait_ms > DESK_TRIES_WAIT_MAX_MS)
		wait_ms = DESK_TRIES_WAIT_MAX_MS;
	return clock_now_ms(&desk->parts.clock) - desk->wrong_at_ms < wait_ms;
}

static void wrong_try_written(struct desk *desk, struct item *item, enum err err,
			      uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	(void)err; /* whoever tried is told no in any case */
	(void)place;
	if (link)
		desk_refuse(link, item->token ? DESK_REFUSE_WRONG_CODE
					      : DESK_REFUSE_WRONG_PASSPHRASE);
}

/* Counts it, writes it down, then says no. */
static void wrong_try(struct desk *desk, struct desk_link *link, bool is_code)
{
	struct item *item = NULL;

	desk->wrong_tries++;
	desk->wrong_at_ms = clock_now_ms(&desk->parts.clock);
	if (item_create(link, is_code, wrong_try_written, &item) != OK) {
		desk_refuse(link, DESK_REFUSE_WRONG_PASSPHRASE);
		return;
	}
	desk_event(desk, &item->event, EVENT_SIGN_IN_FAILED, "");
	desk_write_take(desk, &item);
}

/* --- making owners ---------------------------------------------------------------------- */

static void owner_created(struct desk *desk, struct item *item, enum err err,
			  uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct wire_owner_created created = {.recovery = ""};

	(void)place;
	desk->owner_changing = false;
	if (err != OK) {
		if (link)
			desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	must(desk->owner_count < DESK_OWNERS_MAX);
	desk->owners[desk->owner_count] = item->owner;
	desk->owner_count++;
	desk_kek_written(desk, item, OK);
	desk_certificate_written(desk, item);
	desk_policy_settle(desk);
	seal_wipe(desk->code, sizeof(desk->code));
	if (desk->owner_count == 1 && desk->parts.owner_made)
		desk->parts.owner_made(desk->parts.context);
	memcpy(created.owner.bytes, item->owner.id.bytes, ID_BYTES);
	must(str_copy(created.recovery, sizeof(created.recovery), item->recovery));
	desk_say(link, WIRE_owner_created, &created);
	seal_wipe(&created, sizeof(created));
	desk_say_policy_to_all(desk);
	desk_news_owner(desk, &item->owner);
}

static enum err add_owner_rows(struct desk *desk, struct item *item,
			       const struct owner_made *made)
{
	uint8_t bytes[ID_BYTES + 1];
	struct store_key key =
		desk_key(desk, STORE_OWNER, made->owner.id.bytes, ID_BYTES);
	enum err err = item_add_row(item, &key, made->row, made->row_size);

	memcpy(bytes, made->owner.id.bytes, ID_BYTES);
	for (size_t i = 0; err == OK && i < OWNER_WRAP_COUNT; i++) {
		bytes[ID_BYTES] = (uint8_t)(i + 1);
		key = desk_key(desk, STORE_WRAP, bytes, sizeof(bytes));
		err = item_add_row(item, &key, made->wraps[i], OWNER_WRAP_BYTES);
	}
	return err;
}

/* The journal keeps a print of the public keys, to tell a row that was exchanged. */
static enum err tell_of_owner(struct desk *desk, struct item *item,
			      const struct owner_made *made)
{
	const struct seal_part parts[] = {
		{made->owner.box_public, SEAL_BOX_PUBLIC_BYTES},
		{made->owner.sign_public, SEAL_SIGN_PUBLIC_BYTES},
	};
	uint8_t hash[SEAL_HASH_BYTES];
	char text[2 * SEAL_HASH_BYTES + 1];
	enum err err = seal_sha256(parts, 2, hash);

	desk_event(desk, &item->event, EVENT_OWNER_ADDED, "");
	desk_event_add_id(&item->event, "owner", made->owner.id.bytes);
	str_to_hex(text, hash, sizeof(hash));
	event_add(&item->event, "keys", text);
	return err;
}

/* The first owner certifies themselves, with the key that was just made; whoever comes later
 * is certified by the owner who lets them in. */
static enum err certify(struct desk *desk, const struct desk_link *link,
			struct item *item, const struct wire_owner_create *create,
			const struct owner_made *made)
{
	struct owner_view *own = NULL;
	enum err err = OK;

	if (desk->owner_count == 0)
		err = owner_unlock(&made->owner, OWNER_WRAP_PASSPHRASE,
				   made->wraps[OWNER_WRAP_PASSPHRASE - 1],
				   OWNER_WRAP_BYTES, create->passphrase,
				   &desk->parts.clock, &own);
	if (err == OK)
		err = desk_certificate_add_owner(desk, own ? own : link->view, item,
						 &made->owner);
	owner_view_destroy(own);
	return err;
}

static enum err make_owner(struct desk *desk, struct desk_link *link,
			   const struct wire_owner_create *create)
{
	const struct owner_request request = {
		.household = desk->parts.household,
		.name = create->name,
		.passphrase = create->passphrase,
		.cost = desk->parts.cost,
		.created_ms = clock_wall_ms(&desk->parts.clock),
		.keeper_seed = secret_view(desk->parts.seed),
	};
	struct owner_made made;
	struct item *item = NULL;
	enum err err = owner_create(&request, &desk->parts.rand, &made);

	if (err != OK)
		return err;
	err = item_create(link, 0, owner_created, &item);
	if (err == OK)
		err = add_owner_rows(desk, item, &made);
	if (err == OK)
		err = desk_kek_add_first(desk, &made.owner, item);
	if (err == OK)
		err = tell_of_owner(desk, item, &made);
	if (err == OK)
		err = certify(desk, link, item, create, &made);
	if (err == OK) {
		item->owner = made.owner;
		memcpy(item->recovery, made.recovery, sizeof(item->recovery));
		desk->owner_changing = true;
		desk_write_take(desk, &item);
	}
	item_destroy(item);
	owner_made_wipe(&made);
	return err;
}

/* By an owner, also one who was removed: they still sign in by it. Or by anybody else of
 * the house. */
static bool name_is_taken(const struct desk *desk, const char *name)
{
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (str_equal_folded(desk->owners[i].name, name))
			return true;
	}
	for (size_t i = 0; i < desk->policy.person_count; i++) {
		if (str_equal_folded(desk->policy.people[i].name, name))
			return true;
	}
	return false;
}

void desk_owner_create(struct desk *desk, struct desk_link *link,
		       const struct wire_owner_create *create)
{
	enum err err;

	if (desk->owner_changing) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	} else if (desk->owner_count > 0 && !owner_view_is_open(link->view)) {
		desk_refuse(link, DESK_REFUSE_NOT_SIGNED_IN);
	} else if (desk->owner_count > 0 &&
		   !desk_owner_is_active(desk, owner_view_id(link->view))) {
		desk_refuse(link, DESK_REFUSE_REMOVED);
	} else if (desk->owner_count == 0 && must_wait(desk)) {
		desk_refuse(link, DESK_REFUSE_TOO_MANY_TRIES);
	} else if (desk->owner_count == 0 && !code_is_right(desk, create->code)) {
		wrong_try(desk, link, true);
	} else if (desk->owner_count == DESK_OWNERS_MAX) {
		desk_refuse(link, DESK_REFUSE_OWNER_LIMIT);
	} else if (desk->owner_count > 0 && !desk->has_certificates) {
		desk_refuse(link,
			    DESK_REFUSE_TOO_MUCH_WAITS); /* they are written first */
	} else if (name_is_taken(desk, create->name)) {
		desk_refuse(link, DESK_REFUSE_NAME_TAKEN);
	} else {
		err = make_owner(desk, link, create);
		if (err == ERR_RANGE)
			desk_refuse(link, DESK_REFUSE_OUT_OF_RANGE);
		else if (err != OK)
			desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
	}
}

/* --- signing in ------------------------------------------------------------------------- */

struct unlock_job {
	struct job job;
	size_t owner; /* index, or DESK_OWNERS_MAX for nobody */
	struct secret *passphrase;
};

static void unlock_free(struct job *job)
{
	struct unlock_job *unlock = (struct unlock_job *)job;

	secret_destroy(unlock->passphrase);
	free(unlock);
}

static void unlock_written(struct desk *desk, struct item *item, enum err err,
			   uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct wire_unlocked unlocked = {.name = ""};
	struct owner_id id = owner_view_id(item->view);

	(void)place;
	if (!link)
		return;
	if (err != OK) {
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	owner_view_destroy(link->view);
	link->view = item->view;
	item->view = NULL;
	memcpy(unlocked.owner.bytes, id.bytes, ID_BYTES);
	must(str_copy(unlocked.name, sizeof(unlocked.name), owner_view_name(link->view)));
	desk_incident_tell(desk, id, &unlocked.incidents, &unlocked.requests);
	desk_say(link, WIRE_unlocked, &unlocked);
	desk_certificate_signed_in(desk, link, item->token != 0);
}

/* token 1: by a wrap of before there were certificates. */
static void signed_in(struct desk *desk, struct desk_link *link, struct owner_view *view,
		      bool is_old)
{
	struct item *item = NULL;

	desk->wrong_tries = 0;
	if (item_create(link, is_old, unlock_written, &item) != OK) {
		owner_view_destroy(view);
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	item->view = view;
	desk_event(desk, &item->event, EVENT_SIGNED_IN, "");
	desk_event_add_id(&item->event, "owner", owner_view_id(view).bytes);
	desk_write_take(desk, &item);
}

/* ERR_AUTH: nobody is let in by these words. */
static enum err open_view(struct desk *desk, const struct unlock_job *unlock,
			  const struct store_rows *rows, struct owner_view **out_view,
			  bool *out_is_old)
{
	const char *words = (const char *)secret_view(unlock->passphrase);
	struct owner_wrap_row wraps[DESK_WRAP_ROWS_MAX];
	const size_t count = desk_wraps_of(rows, wraps);
	uint8_t number = 0;
	enum err err;

	/* Who ended their keys has no wrap, and costs what others do. */
	if (unlock->owner == DESK_OWNERS_MAX || count == 0) {
		owner_unlock_nobody(words, desk->parts.cost);
		return ERR_AUTH;
	}
	err = owner_unlock_any(&desk->owners[unlock->owner], wraps, count, words,
			       &desk->parts.clock, out_view, &number);
	for (size_t i = 0; err == OK && i < count; i++)
		*out_is_old = *out_is_old ||
			      (wraps[i].number == number && owner_wrap_is_old(&wraps[i]));
	return err;
}

/* A store that cannot be read, and memory that is missing, say nothing of the words: they do
 * not count as a wrong try. That is so for owners who do not exist as well. */
static void unlock_rows(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct desk_link *link = job->link;
	const bool is_read = err == OK;
	struct owner_view *view = NULL;
	bool is_old = false;

	if (err == OK)
		err = open_view(desk, (struct unlock_job *)job, rows, &view, &is_old);
	desk_job_end(link);
	if (err == OK)
		signed_in(desk, link, view, is_old);
	else if (err == ERR_MEMORY || err == ERR_BUSY)
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (is_read)
		wrong_try(desk, link, false);
	else
		desk_refuse(link, DESK_REFUSE_DAMAGED);
}

static size_t owner_by_name(const struct desk *desk, const char *name)
{
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (str_equal_folded(desk->owners[i].name, name))
			return i;
	}
	return DESK_OWNERS_MAX;
}

struct store_range desk_wraps_range(const struct desk *desk, const uint8_t id[ID_BYTES])
{
	uint8_t bytes[ID_BYTES + 1];
	struct store_range range = {.limit = DESK_WRAP_ROWS_MAX};

	memcpy(bytes, id, ID_BYTES);
	bytes[ID_BYTES] = 0;
	range.first = desk_key(desk, STORE_WRAP, bytes, sizeof(bytes));
	bytes[ID_BYTES] = 0xff;
	range.last = desk_key(desk, STORE_WRAP, bytes, sizeof(bytes));
	return range;
}

size_t desk_wraps_of(const struct store_rows *rows, struct owner_wrap_row *to)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count && count < DESK_WRAP_ROWS_MAX; i++) {
		const struct store_row *row = &rows->rows[i];

		if (row->key.size == ID_BYTES + 1)
			to[count++] = (struct owner_wrap_row){row->key.bytes[ID_BYTES],
							      row->value, row->size};
	}
	return count;
}

/* Nobody's wraps are looked for as well, under an id that nobody has. */
static enum err ask_for_wraps(struct desk *desk, struct unlock_job *unlock)
{
	uint8_t id[ID_BYTES];
	struct store_range range;

	rand_fill(&desk->parts.rand, id, ID_BYTES);
	if (unlock->owner < DESK_OWNERS_MAX)
		memcpy(id, desk->owners[unlock->owner].id.bytes, ID_BYTES);
	range = desk_wraps_range(desk, id);
	return desk_job_range(desk, &unlock->job, &range, unlock_rows);
}

void desk_unlock(struct desk *desk, struct desk_link *link,
		 const struct wire_unlock *request)
{
	struct unlock_job *unlock = NULL;
	enum err err;

	if (must_wait(desk)) {
		desk_refuse(link, DESK_REFUSE_TOO_MANY_TRIES);
		return;
	}
	unlock = calloc(1, sizeof(*unlock));
	if (!unlock) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	unlock->job.free_ = unlock_free;
	unlock->owner = owner_by_name(desk, request->owner);
	desk_job_begin(link, &unlock->job);
	err = secret_copy(request->passphrase, sizeof(request->passphrase),
			  &unlock->passphrase);
	if (err == OK)
		err = ask_for_wraps(desk, unlock);
	if (err != OK) {
		desk_job_end(link);
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	}
}
