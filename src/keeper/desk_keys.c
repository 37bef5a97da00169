/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_keys - owners change the words that open what is theirs: another passphrase, a further
 * one, one less, a new recovery code, and, for somebody who left the house, the end of all.
 *
 * Invariants: the keys behind the words stay the same, so nothing is sealed anew; a row that
 * is void was destroyed before anybody is told so; whoever can sign in never loses the last
 * row that lets them, but by ending all; a change signs out whoever else is signed in as that
 * owner.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

/* One of an owner's wraps; kind 0: it cannot be read. */
struct key {
	uint8_t number;
	bool is_damaged;
	struct owner_wrap_about about;
};

struct keys {
	size_t count;
	struct key of[DESK_WRAP_ROWS_MAX];
};

struct keys_job {
	struct job job;
	enum wire_type asked;
	uint8_t number;
	char name[OWNER_WRAP_NAME_BYTES];
	struct secret *words; /* a passphrase, or NULL */
};

/* What a change comes to: the rows of one item. */
struct change {
	struct desk *desk;
	struct desk_link *link;
	size_t owner;
	const struct keys *keys;
	const struct keys_job *job;
	struct item *item;
	enum desk_refusal why; /* when it is refused */
};

/* Adds rows and the event to the item; false: refused, with its why. */
typedef bool change_fn(struct change *change);

static void job_free(struct job *job)
{
	struct keys_job *keys = (struct keys_job *)job;

	secret_destroy(keys->words);
	free(keys);
}

/* --- what there is ---------------------------------------------------------------------- */

static void read_keys(const struct owner *owner, const struct store_rows *rows,
		      struct keys *to)
{
	struct owner_wrap_row wraps[DESK_WRAP_ROWS_MAX];

	to->count = desk_wraps_of(rows, wraps);
	for (size_t i = 0; i < to->count; i++) {
		to->of[i] = (struct key){.number = wraps[i].number};
		to->of[i].is_damaged =
			owner_wrap_read(owner, &wraps[i], &to->of[i].about) != OK;
	}
}

static const struct key *key_of_number(const struct keys *keys, uint8_t number)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->of[i].number == number)
			return &keys->of[i];
	}
	return NULL;
}

static bool is_passphrase(const struct key *key)
{
	return !key->is_damaged && key->about.kind == OWNER_WRAP_PASSPHRASE;
}

static const struct key *passphrase_of_name(const struct keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (is_passphrase(&keys->of[i]) &&
		    str_equal_folded(keys->of[i].about.name, name))
			return &keys->of[i];
	}
	return NULL;
}

/* A passphrase whose salt a further one shares. */
static const struct owner_wrap_about *passphrase_but(const struct keys *keys,
						     const struct key *but)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (&keys->of[i] != but && is_passphrase(&keys->of[i]))
			return &keys->of[i].about;
	}
	return NULL;
}

/* Numbers of rows that are being destroyed in the same batch are not used either. */
static uint8_t free_number(const struct keys *keys)
{
	uint8_t number = OWNER_WRAP_COUNT + 1;

	while (key_of_number(keys, number))
		number++;
	return number;
}

static const char *kind_words(const struct key *key)
{
	if (key->is_damaged)
		return "damaged";
	return key->about.kind == OWNER_WRAP_RECOVERY ? "recovery code" : "passphrase";
}

static void say_keys(struct desk_link *link, const struct keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->of[i];
		struct wire_key_row row = {.number = key->number,
					   .at_ms = key->about.created_ms};

		must(str_copy(row.kind, sizeof(row.kind), kind_words(key)));
		must(str_copy(row.name, sizeof(row.name), key->about.name));
		desk_say(link, WIRE_key_row, &row);
	}
	desk_say(link, WIRE_end, &(struct wire_end){.err = OK});
}

/* --- what a change is made of ----------------------------------------------------------- */

static bool refuse(struct change *change, enum desk_refusal why)
{
	change->why = why;
	return false;
}

static struct store_key wrap_key(const struct change *change, uint8_t number)
{
	uint8_t bytes[ID_BYTES + 1];

	memcpy(bytes, change->desk->owners[change->owner].id.bytes, ID_BYTES);
	bytes[ID_BYTES] = number;
	return desk_key(change->desk, STORE_WRAP, bytes, sizeof(bytes));
}

static void destroy_key(struct change *change, uint8_t number)
{
	const struct store_key key = wrap_key(change, number);

	item_destroy_row(change->item, &key);
}

static void begin_event(struct change *change, enum event_kind kind, uint8_t number)
{
	desk_event(change->desk, &change->item->event, kind, "");
	desk_event_add_id(&change->item->event, "owner",
			  change->desk->owners[change->owner].id.bytes);
	if (number > 0)
		event_add_int(&change->item->event, "number", number);
}

static bool add_wrap(struct change *change, struct owner_wrap_request *request)
{
	struct desk *desk = change->desk;
	uint8_t row[OWNER_WRAP_BYTES];
	const struct store_key key = wrap_key(change, request->number);
	enum err err;

	request->cost = desk->parts.cost;
	request->created_ms = clock_wall_ms(&desk->parts.clock);
	request->keeper_seed = secret_view(desk->parts.seed);
	err = owner_wrap_make(change->link->view, &desk->owners[change->owner], request,
			      &desk->parts.rand, row);
	if (err == OK)
		err = item_add_row(change->item, &key, row, sizeof(row));
	if (err != OK)
		return refuse(change, err == ERR_RANGE ? DESK_REFUSE_OUT_OF_RANGE
						       : DESK_REFUSE_NOT_WRITTEN);
	return true;
}

static const char *words_of(const struct change *change)
{
	return (const char *)secret_view(change->job->words);
}

/* --- the changes ------------------------------------------------------------------------ */

static bool add(struct change *change)
{
	struct owner_wrap_request request = {.kind = OWNER_WRAP_PASSPHRASE,
					     .number = free_number(change->keys),
					     .name = change->job->name,
					     .words = words_of(change),
					     .like = passphrase_but(change->keys, NULL)};

	if (change->job->name[0] == '\0')
		return refuse(change, DESK_REFUSE_OUT_OF_RANGE);
	if (passphrase_of_name(change->keys, change->job->name))
		return refuse(change, DESK_REFUSE_NAME_TAKEN);
	if (change->keys->count >= OWNER_WRAPS_MAX)
		return refuse(change, DESK_REFUSE_KEYS_LIMIT);
	begin_event(change, EVENT_KEY_ADDED, request.number);
	return add_wrap(change, &request);
}

static bool set(struct change *change)
{
	const struct key *before =
		change->job->number > 0 ? key_of_number(change->keys, change->job->number)
					: passphrase_of_name(change->keys, "");
	struct owner_wrap_request request = {.kind = OWNER_WRAP_PASSPHRASE,
					     .number = free_number(change->keys),
					     .name = "",
					     .words = words_of(change)};

	if (before ? !is_passphrase(before) : change->job->number > 0)
		return refuse(change, DESK_REFUSE_UNKNOWN_KEY);
	if (!before && change->keys->count >= OWNER_WRAPS_MAX)
		return refuse(change, DESK_REFUSE_KEYS_LIMIT);
	request.like = passphrase_but(change->keys, before);
	begin_event(change, before ? EVENT_KEY_CHANGED : EVENT_KEY_ADDED, request.number);
	if (before) {
		request.name = before->about.name;
		event_add_int(&change->item->event, "before", before->number);
		destroy_key(change, before->number);
	}
	return add_wrap(change, &request);
}

static bool remove_one(struct change *change)
{
	const struct key *key = key_of_number(change->keys, change->job->number);
	size_t left = 0;

	if (!key)
		return refuse(change, DESK_REFUSE_UNKNOWN_KEY);
	for (size_t i = 0; i < change->keys->count; i++)
		left += !change->keys->of[i].is_damaged && &change->keys->of[i] != key;
	if (left == 0)
		return refuse(change, DESK_REFUSE_LAST_KEY);
	begin_event(change, EVENT_KEY_REMOVED, key->number);
	destroy_key(change, key->number);
	return true;
}

static bool renew_recovery(struct change *change)
{
	struct owner_wrap_request request = {.kind = OWNER_WRAP_RECOVERY,
					     .number = free_number(change->keys),
					     .name = "",
					     .words = change->item->recovery};
	size_t before = 0;

	if (owner_recovery_make(&change->desk->parts.rand, change->item->recovery) != OK)
		return refuse(change, DESK_REFUSE_NOT_WRITTEN);
	begin_event(change, EVENT_RECOVERY_RENEWED, request.number);
	for (size_t i = 0; i < change->keys->count; i++) {
		const struct key *key = &change->keys->of[i];

		if (key->is_damaged || key->about.kind != OWNER_WRAP_RECOVERY ||
		    before == ITEM_ROWS_MAX - 1)
			continue;
		destroy_key(change, key->number);
		before++;
	}
	if (before == 0 && change->keys->count >= OWNER_WRAPS_MAX)
		return refuse(change, DESK_REFUSE_KEYS_LIMIT);
	return add_wrap(change, &request);
}

/* --- writing it ------------------------------------------------------------------------- */

/* Whoever else is signed in as that owner may have been let in by what is void now. */
static void sign_out_others(struct desk *desk, struct owner_id owner, uint64_t but)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (!link || link->id == but || !link->view ||
		    !id_equal(owner_view_id(link->view).bytes, owner.bytes))
			continue;
		if (link->job)
			desk_refuse(link, DESK_REFUSE_NOT_SIGNED_IN);
		desk_job_end(link);
		owner_view_destroy(link->view);
		link->view = NULL;
	}
}

static void written(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct wire_recovery_made made = {.recovery = ""};

	desk->owner_changing = false;
	if (err == OK)
		sign_out_others(desk, item->owner.id, item->link_id);
	if (!link)
		return;
	if (err != OK) {
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
	} else if (item->event.kind == EVENT_RECOVERY_RENEWED) {
		must(str_copy(made.recovery, sizeof(made.recovery), item->recovery));
		desk_say(link, WIRE_recovery_made, &made);
		seal_wipe(&made, sizeof(made));
	} else {
		desk_say_done(link, 0, OK, place, (struct record_id){{0}});
	}
}

static void make_change(struct change *change, change_fn *make)
{
	enum err err = item_create(change->link, 0, written, &change->item);

	if (err != OK || !make(change)) {
		item_destroy(change->item);
		desk_refuse(change->link,
			    err == OK ? change->why : DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	change->item->owner = change->desk->owners[change->owner];
	change->desk->owner_changing = true;
	desk_write_take(change->desk, &change->item);
}

/* --- the end of all --------------------------------------------------------------------- */

static void ended(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	desk_kek_written(desk, item, err);
	if (item->token == 0) /* more rows are to go */
		return;
	desk->owner_changing = false;
	if (link && err != OK)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
	else if (link)
		desk_say_done(link, 0, OK, place, (struct record_id){{0}});
	if (err == OK)
		sign_out_others(desk, item->owner.id, 0);
}

/* The key of the recordings first: with that everything is closed. Then wraps, as many as fit
 * the item; the rest in items of their own, which are queued behind it at once. */
static bool begin_end(struct change *change, size_t *from)
{
	bool is_first = *from == 0;
	enum err err = item_create(change->link, 0, ended, &change->item);

	if (err == OK && is_first)
		err = desk_kek_end(change->desk, change->owner, change->item);
	if (err != OK)
		return false;
	begin_event(change, is_first ? EVENT_OWNER_ENDED : EVENT_KEY_REMOVED,
		    is_first ? 0 : change->keys->of[*from].number);
	while (*from < change->keys->count && change->item->row_count < ITEM_ROWS_MAX)
		destroy_key(change, change->keys->of[(*from)++].number);
	change->item->token = *from == change->keys->count;
	change->item->owner = change->desk->owners[change->owner];
	return true;
}

static void end_all(struct change *change)
{
	size_t from = 0;

	if (desk_owner_is_active(change->desk, change->desk->owners[change->owner].id)) {
		desk_refuse(change->link, DESK_REFUSE_STILL_OWNER);
		return;
	}
	if (!str_equal_folded(change->job->name,
			      change->desk->owners[change->owner].name)) {
		desk_refuse(change->link, DESK_REFUSE_NAME_DIFFERS);
		return;
	}
	change->desk->owner_changing = true;
	do {
		if (!begin_end(change, &from)) {
			item_destroy(change->item);
			change->desk->owner_changing = false;
			desk_refuse(change->link, DESK_REFUSE_NOT_WRITTEN);
			return;
		}
		desk_write_take(change->desk, &change->item);
	} while (from < change->keys->count);
}

/* --- what is asked for ------------------------------------------------------------------ */

static change_fn *change_of(enum wire_type asked)
{
	static const struct {
		enum wire_type asked;
		change_fn *make;
	} changes[] = {
		{WIRE_key_add, add},
		{WIRE_key_set, set},
		{WIRE_key_remove, remove_one},
		{WIRE_recovery_new, renew_recovery},
	};

	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		if (changes[i].asked == asked)
			return changes[i].make;
	}
	return NULL;
}

static void answer(struct change *change)
{
	change_fn *make = change_of(change->job->asked);

	if (!owner_view_is_open(change->link->view))
		desk_refuse(change->link, DESK_REFUSE_NOT_SIGNED_IN);
	else if (change->job->asked == WIRE_keys_get)
		say_keys(change->link, change->keys);
	else if (!change->desk->has_certificates) /* they are written first */
		desk_refuse(change->link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (change->desk->owner_changing)
		desk_refuse(change->link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (make)
		make_change(change, make);
	else
		end_all(change);
}

static void keys_rows(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct desk_link *link = job->link;
	struct keys keys = {.count = 0};
	struct change change = {.desk = desk,
				.link = link,
				.keys = &keys,
				.job = (const struct keys_job *)job,
				.why = DESK_REFUSE_NOT_WRITTEN};

	if (err != OK) {
		desk_job_end(link);
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	change.owner = desk_owner_index(desk, owner_view_id(link->view));
	must(change.owner < DESK_OWNERS_MAX);
	read_keys(&desk->owners[change.owner], rows, &keys);
	link->job = NULL; /* what it leads to may end the link's next one */
	answer(&change);
	job_free(job);
}

static bool read_asked(const struct wire_message *message, struct keys_job *job,
		       const char **out_words)
{
	const char *name = "";

	if (message->type == WIRE_key_add) {
		name = message->key_add.name;
		*out_words = message->key_add.passphrase;
	} else if (message->type == WIRE_key_set) {
		job->number = message->key_set.number;
		*out_words = message->key_set.passphrase;
	} else if (message->type == WIRE_key_remove) {
		job->number = message->key_remove.number;
	} else if (message->type == WIRE_owner_end) {
		name = message->owner_end.name;
	} else if (message->type != WIRE_keys_get && message->type != WIRE_recovery_new) {
		return false;
	}
	job->asked = message->type;
	must(str_copy(job->name, sizeof(job->name), name));
	str_trim(job->name);
	return true;
}

bool desk_keys_receive(struct desk *desk, struct desk_link *link,
		       const struct wire_message *message)
{
	struct keys_job asked = {.job = {.free_ = job_free}};
	struct keys_job *job = NULL;
	const char *words = NULL;
	struct store_range range;
	enum err err = OK;

	if (!read_asked(message, &asked, &words))
		return false;
	job = malloc(sizeof(*job));
	if (!job) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return true;
	}
	*job = asked;
	desk_job_begin(link, &job->job);
	if (words)
		err = secret_copy(words, strlen(words) + 1, &job->words);
	range = desk_wraps_range(desk, owner_view_id(link->view).bytes);
	if (err == OK)
		err = desk_job_range(desk, &job->job, &range, keys_rows);
	if (err != OK) {
		desk_job_end(link);
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	}
	return true;
}
