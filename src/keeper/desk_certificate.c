/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_certificate - whose word stands behind each public key of the house.
 *
 * Every owner, and every key of a device or room that counts, has a certificate by somebody
 * who was an owner then; the chain ends with the one owner who certified themselves. A house
 * of before has none: the first owner who signs in certifies what there is, themselves last,
 * so that a beginning that was cut short is begun again. They sign in by a wrap of before: no
 * other was made until there were certificates, so whoever removes those makes no house old.
 *
 * Invariants: with the certificate of that one owner a house has all; an owner without one
 * breaks the desk, since theirs is what everything of theirs is sealed to; a device or room
 * without one is not let in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "journal/walk.h"
#include "keeper/desk_inner.h"

enum {
	CERTIFICATES_MAX = 4096, /* with those of keys that were replaced */
	ON_THEIR_WAY = 16,       /* that are being written, at most */
	ENTRIES_MAX = 4 * DESK_QUEUE_ITEMS_MAX, /* looked through for one's hash */
};

/* --- which there are -------------------------------------------------------------------- */

struct store_range desk_certificate_range(const struct desk *desk)
{
	uint8_t last[CERTIFICATE_STORE_KEY_BYTES_MAX];

	memset(last, 0xff, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_CERTIFICATE, (const uint8_t[1]){0}, 1),
		.last = desk_key(desk, STORE_CERTIFICATE, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

void desk_certificate_drop_all(struct desk *desk)
{
	free(desk->certificates);
	desk->certificates = NULL;
	desk->certificate_count = 0;
	desk->certificate_room = 0;
}

static struct store_key key_of(const struct desk *desk,
			       const struct certificate *certificate)
{
	uint8_t bytes[CERTIFICATE_STORE_KEY_BYTES_MAX];
	size_t size = certificate_store_key(certificate, bytes);

	return desk_key(desk, STORE_CERTIFICATE, bytes, size);
}

static bool is_of(const struct certificate *a, const struct certificate *b)
{
	uint8_t one[CERTIFICATE_STORE_KEY_BYTES_MAX];
	uint8_t other[CERTIFICATE_STORE_KEY_BYTES_MAX];
	size_t size = certificate_store_key(a, one);

	return size == certificate_store_key(b, other) && memcmp(one, other, size) == 0;
}

static struct desk_certificate *find(const struct desk *desk,
				     const struct certificate *of)
{
	for (size_t i = 0; i < desk->certificate_count; i++) {
		if (is_of(&desk->certificates[i].now, of))
			return &desk->certificates[i];
	}
	return NULL;
}

/* For so many more than there are. */
static enum err make_room(struct desk *desk, size_t more)
{
	const size_t room = desk->certificate_room * 2 + 32;
	struct desk_certificate *larger;

	if (desk->certificate_count >= CERTIFICATES_MAX)
		return ERR_LIMIT;
	if (desk->certificate_count + more <= desk->certificate_room)
		return OK;
	larger = realloc(desk->certificates, room * sizeof(*larger));
	if (!larger)
		return ERR_MEMORY;
	desk->certificates = larger;
	desk->certificate_room = room;
	return OK;
}

/* A copy, in place of one of the same. */
static enum err keep(struct desk *desk, const struct certificate *certificate,
		     const uint8_t row[CERTIFICATE_ROW_BYTES])
{
	struct desk_certificate *at = find(desk, certificate);
	enum err err = at ? OK : make_room(desk, 1);

	if (err != OK)
		return err;
	if (!at)
		at = &desk->certificates[desk->certificate_count++];
	at->now = *certificate;
	memcpy(at->row, row, CERTIFICATE_ROW_BYTES);
	return OK;
}

void desk_certificate_loaded(struct desk *desk, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct certificate certificate;
		struct store_key key;
		enum err err = certificate_read(desk->parts.household, desk->public_key,
						row->value, row->size, &certificate);

		if (err == OK) {
			key = key_of(desk, &certificate);
			if (key.size != row->key.size ||
			    memcmp(key.bytes, row->key.bytes, key.size) != 0)
				err = ERR_AUTH;
		}
		if (err == OK)
			err = keep(desk, &certificate, row->value);
		/* What there was no memory for was not removed. */
		if (!desk_load_counts(desk, err) && desk->state != DESK_BROKEN)
			log_line("keeper: a certificate is not one of this keeper's: %s",
				 err_words(err));
	}
}

/* --- which count ------------------------------------------------------------------------ */

static const struct desk_certificate *of_owner(const struct desk *desk, size_t owner)
{
	const struct certificate of = certificate_of_owner(&desk->owners[owner]);

	return find(desk, &of);
}

/* By somebody who is an owner here: signed with the key that their row has. */
static bool is_signed(const struct desk *desk, const struct desk_certificate *certificate,
		      size_t *out_by)
{
	size_t by = desk_owner_index(desk, certificate->now.by);

	*out_by = by;
	return by < DESK_OWNERS_MAX &&
	       certificate_check(&desk->owners[by], certificate->row,
				 CERTIFICATE_ROW_BYTES) == OK;
}

/* The first: who certified themselves. DESK_OWNERS_MAX: none, or more than one. */
static size_t first_owner(const struct desk *desk, size_t *out_count)
{
	size_t first = DESK_OWNERS_MAX;

	*out_count = 0;
	for (size_t i = 0; i < desk->owner_count; i++) {
		const struct desk_certificate *of = of_owner(desk, i);

		if (!of || !id_equal(of->now.by.bytes, desk->owners[i].id.bytes))
			continue;
		first = i;
		(*out_count)++;
	}
	return *out_count == 1 ? first : DESK_OWNERS_MAX;
}

/* Each step has one more owner whose certifier is known to be good. */
static bool all_owners_hold(const struct desk *desk, size_t first)
{
	bool holds[DESK_OWNERS_MAX] = {false};
	size_t count = 0;
	bool grew = true;

	while (grew) {
		grew = false;
		for (size_t i = 0; i < desk->owner_count; i++) {
			const struct desk_certificate *of = of_owner(desk, i);
			size_t by = DESK_OWNERS_MAX;

			if (holds[i] || !of ||
			    !certificate_is_of_owner(&of->now, &desk->owners[i]) ||
			    !is_signed(desk, of, &by))
				continue;
			holds[i] = by == i ? i == first : holds[by];
			count += holds[i];
			grew = grew || holds[i];
		}
	}
	return count == desk->owner_count;
}

bool desk_certificate_owners_hold(struct desk *desk)
{
	size_t count = 0;
	size_t first = first_owner(desk, &count);

	desk->has_certificates = count > 0;
	if (desk->owner_count == 0 || count == 0 || all_owners_hold(desk, first))
		return true;
	desk_break(desk, "an owner is not certified by an owner of this house;"
			 " restore keeper.db from a backup");
	return false;
}

bool desk_certificate_holds(const struct desk *desk, struct owner_id owner)
{
	size_t at = desk_owner_index(desk, owner);
	const struct desk_certificate *of;
	size_t by = DESK_OWNERS_MAX;

	if (!desk->has_certificates)
		return true;
	of = at < DESK_OWNERS_MAX ? of_owner(desk, at) : NULL;
	return of && certificate_is_of_owner(&of->now, &desk->owners[at]) &&
	       is_signed(desk, of, &by);
}

static struct certificate of_key(const struct desk *desk, enum certificate_kind kind,
				 const uint8_t key[SEAL_SIGN_PUBLIC_BYTES])
{
	struct certificate certificate = {.kind = kind,
					  .household = desk->parts.household};

	memcpy(certificate.sign_public, key, SEAL_SIGN_PUBLIC_BYTES);
	return certificate;
}

static bool key_holds(const struct desk *desk, enum certificate_kind kind,
		      const uint8_t key[SEAL_SIGN_PUBLIC_BYTES])
{
	const struct certificate wanted = of_key(desk, kind, key);
	const struct desk_certificate *of = find(desk, &wanted);
	size_t by = DESK_OWNERS_MAX;

	return of && is_signed(desk, of, &by);
}

static void not_let_in(struct desk *desk, const char *what, const char *name)
{
	(void)str_format(desk->trouble, sizeof(desk->trouble),
			 "the key of the %s %.63s is not certified by an owner of this "
			 "house, and does not count; %s",
			 what, name,
			 str_equal(what, "room") ? "name it again: behest rooms"
						 : "pair it again: behest pair");
	log_line("keeper: %s", desk->trouble);
}

void desk_certificate_judge_policy(struct desk *desk)
{
	struct policy *policy = &desk->policy;

	if (!desk->has_certificates)
		return;
	for (size_t i = 0; i < policy->device_count; i++) {
		struct device *device = &policy->devices[i];

		if (device->is_revoked ||
		    key_holds(desk, CERTIFICATE_DEVICE, device->key))
			continue;
		device->is_revoked = true;
		not_let_in(desk, "device", device->name);
	}
	for (size_t i = 0; i < policy->room_count; i++) {
		struct room_policy *room = &policy->rooms[i];

		if (room->is_revoked || !room->has_key ||
		    key_holds(desk, CERTIFICATE_ROOM, room->key))
			continue;
		room->is_revoked = true;
		not_let_in(desk, "room", room->room.text);
	}
}

/* --- new ones --------------------------------------------------------------------------- */

static enum err add(struct desk *desk, struct owner_view *view, struct item *item,
		    struct certificate certificate)
{
	const struct store_key key = key_of(desk, &certificate);
	uint8_t hash[SEAL_HASH_BYTES];
	char text[2 * SEAL_HASH_BYTES + 1];
	enum err err;

	certificate.at_ms = clock_wall_ms(&desk->parts.clock);
	certificate.after = journal_size(desk->journal);
	/* Before it is written: what is told to be done counts at once. */
	err = find(desk, &certificate) ? OK : make_room(desk, ON_THEIR_WAY);
	if (err == OK)
		err = certificate_make(view, secret_view(desk->parts.seed), &certificate,
				       item->certificate.row);
	if (err == OK)
		err = certificate_hash(item->certificate.row, CERTIFICATE_ROW_BYTES,
				       hash);
	/* In place of what was cut short, or was of the same key before. */
	if (err == OK)
		err = item_put_row(item, &key, item->certificate.row,
				   CERTIFICATE_ROW_BYTES);
	if (err != OK)
		return err;
	item->certificate.now = certificate;
	str_to_hex(text, hash, sizeof(hash));
	event_add(&item->event, "cert", text);
	return OK;
}

enum err desk_certificate_add_owner(struct desk *desk, struct owner_view *view,
				    struct item *item, const struct owner *owner)
{
	return add(desk, view, item, certificate_of_owner(owner));
}

enum err desk_certificate_add_key(struct desk *desk, struct owner_view *view,
				  struct item *item, enum certificate_kind kind,
				  const uint8_t key[SEAL_SIGN_PUBLIC_BYTES])
{
	if (desk->has_certificates && key_holds(desk, kind, key))
		return OK;
	return add(desk, view, item, of_key(desk, kind, key));
}

void desk_certificate_written(struct desk *desk, const struct item *item)
{
	const struct desk_certificate *made = &item->certificate;

	if (made->now.kind == CERTIFICATE_NONE)
		return;
	if (keep(desk, &made->now, made->row) != OK)
		log_line("keeper: out of memory; a certificate counts after a restart");
	if (made->now.kind == CERTIFICATE_OWNER &&
	    id_equal(made->now.owner.bytes, made->now.by.bytes))
		desk->has_certificates = true;
}

/* --- a house of before ------------------------------------------------------------------ */

static void certify_next(struct desk *desk, struct desk_link *link);

static void certified(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	(void)place;
	desk->is_certifying = false;
	if (err != OK) {
		log_line("keeper: a certificate could not be written down: %s",
			 err_words(err));
		return;
	}
	desk_certificate_written(desk, item);
	if (link && owner_view_is_open(link->view))
		certify_next(desk, link);
}

/* What has none yet: keys first, then owners, and whoever certifies last. */
static bool next_of(const struct desk *desk, struct owner_id by,
		    struct certificate *out_certificate)
{
	const struct policy *policy = &desk->policy;

	for (size_t i = 0; i < policy->device_count; i++) {
		*out_certificate =
			of_key(desk, CERTIFICATE_DEVICE, policy->devices[i].key);
		if (!policy->devices[i].is_revoked && !find(desk, out_certificate))
			return true;
	}
	for (size_t i = 0; i < policy->room_count; i++) {
		*out_certificate = of_key(desk, CERTIFICATE_ROOM, policy->rooms[i].key);
		if (policy->rooms[i].has_key && !policy->rooms[i].is_revoked &&
		    !find(desk, out_certificate))
			return true;
	}
	for (size_t i = 0; i < desk->owner_count; i++) {
		*out_certificate = certificate_of_owner(&desk->owners[i]);
		if (!id_equal(desk->owners[i].id.bytes, by.bytes) &&
		    !find(desk, out_certificate))
			return true;
	}
	*out_certificate =
		certificate_of_owner(&desk->owners[desk_owner_index(desk, by)]);
	return !find(desk, out_certificate);
}

static void certify_next(struct desk *desk, struct desk_link *link)
{
	struct owner_id by = owner_view_id(link->view);
	struct certificate certificate;
	struct item *item = NULL;
	enum err err;

	if (!next_of(desk, by, &certificate))
		return;
	err = item_create(link, 0, certified, &item);
	if (err == OK) {
		desk_event(desk, &item->event, EVENT_CERTIFIED, "");
		desk_event_add_id(&item->event, "owner", by.bytes);
		err = add(desk, link->view, item, certificate);
	}
	if (err != OK) {
		log_line("keeper: no certificate: %s", err_words(err));
		item_destroy(item);
		return;
	}
	desk->is_certifying = true;
	desk_write_take(desk, &item);
}

/* A beginning by somebody else does not count: theirs are made anew. */
static void forget_others(struct desk *desk, struct owner_id by)
{
	size_t kept = 0;

	for (size_t i = 0; i < desk->certificate_count; i++) {
		if (id_equal(desk->certificates[i].now.by.bytes, by.bytes))
			desk->certificates[kept++] = desk->certificates[i];
	}
	desk->certificate_count = kept;
}

void desk_certificate_signed_in(struct desk *desk, struct desk_link *link, bool is_old)
{
	struct owner_id by = owner_view_id(link->view);

	if (desk->has_certificates)
		return;
	if (!is_old) {
		desk_break(desk, "the certificates of this house were removed;"
				 " restore keeper.db from a backup");
		log_line("keeper: %s", desk->trouble);
		return;
	}
	if (desk->is_certifying || !desk_owner_is_active(desk, by))
		return;
	forget_others(desk, by);
	certify_next(desk, link);
}

/* --- do they fit the journal? ----------------------------------------------------------- */

struct check_job {
	struct job job;
	struct wire_verified verified; /* what the walk found */
	size_t at;                     /* of the certificates */
	uint64_t place;                /* the next to be read */
	uint64_t read;                 /* entries, for this one */
};

static void check_next(struct desk *desk, struct check_job *check);
static void look_on(struct desk *desk, struct check_job *check);

static void check_free(struct job *job)
{
	free(job);
}

static void end_check(struct check_job *check)
{
	struct desk_link *link = check->job.link;
	const struct wire_verified verified = check->verified;

	desk_job_end(link);
	desk_say(link, WIRE_verified, &verified);
}

static void say_wrong(struct check_job *check, enum walk_wrong wrong, const char *what)
{
	check->verified.whole = 0;
	must(str_copy(check->verified.trouble, sizeof(check->verified.trouble), what));
	must(str_copy(check->verified.wrong, sizeof(check->verified.wrong),
		      walk_wrong_text(wrong)));
	end_check(check);
}

static void say_changed(struct desk *desk, struct check_job *check, const char *what)
{
	desk_incident_open(desk, INCIDENT_JOURNAL_NOT_WHOLE, (struct record_id){{0}},
			   NULL);
	say_wrong(check, WALK_CERTIFICATE, what);
}

/* It is not known whether anything is wrong: no incident. */
static void say_unreadable(struct check_job *check, enum err err)
{
	char what[sizeof(check->verified.trouble)];

	must(str_format(what, sizeof(what), "a certificate cannot be checked: %s",
			err_words(err)));
	say_wrong(check, WALK_UNREADABLE, what);
}

/* *out_err: it could not be read for another reason than what it is. */
static bool has_hash(const struct desk *desk, const struct store_row *row,
		     const char *wanted, enum err *out_err)
{
	struct event event;
	uint64_t place = 0;
	enum err err = ERR_FORMAT;

	if (desk_number_of(&row->key, &place))
		err = journal_read(desk->journal, place, row->value, row->size, &event);
	if (err == ERR_MEMORY)
		*out_err = err;
	if (err != OK)
		return false;
	for (size_t i = 0; i < event.field_count; i++) {
		if (str_equal(event.fields[i].name, "cert") &&
		    str_equal(event.fields[i].value, wanted))
			return true;
	}
	return false;
}

static void check_rows(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct check_job *check = (struct check_job *)job;
	char text[2 * SEAL_HASH_BYTES + 1];
	uint8_t hash[SEAL_HASH_BYTES];

	if (err == OK)
		err = certificate_hash(desk->certificates[check->at].row,
				       CERTIFICATE_ROW_BYTES, hash);
	if (err != OK) {
		say_unreadable(check, err);
		return;
	}
	str_to_hex(text, hash, sizeof(hash));
	for (size_t i = 0; err == OK && i < rows->count; i++) {
		if (has_hash(desk, &rows->rows[i], text, &err)) {
			check->at++;
			check_next(desk, check);
			return;
		}
	}
	if (err != OK) {
		say_unreadable(check, err);
		return;
	}
	check->read += STORE_RANGE_ROWS_MAX;
	check->place += STORE_RANGE_ROWS_MAX;
	look_on(desk, check);
}

static void look_on(struct desk *desk, struct check_job *check)
{
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	enum err err;

	if (check->read > ENTRIES_MAX || check->place > journal_size(desk->journal)) {
		say_changed(desk, check,
			    "a certificate is not the one that the journal tells of");
		return;
	}
	range.first = desk_key_number(desk, STORE_JOURNAL, check->place);
	range.last = desk_key_number(desk, STORE_JOURNAL,
				     check->place + STORE_RANGE_ROWS_MAX - 1);
	err = desk_job_range(desk, &check->job, &range, check_rows);
	if (err != OK)
		say_unreadable(check, err);
}

/* It is the row that was believed at the start, or was written since. */
static void got_certificate(struct desk *desk, struct job *job, enum err err,
			    const struct store_rows *rows)
{
	struct check_job *check = (struct check_job *)job;
	const struct desk_certificate *of = &desk->certificates[check->at];

	if (err != OK && err != ERR_MISSING) {
		say_unreadable(check, err);
		return;
	}
	if (err != OK || rows->rows[0].size != CERTIFICATE_ROW_BYTES ||
	    memcmp(rows->rows[0].value, of->row, CERTIFICATE_ROW_BYTES) != 0) {
		say_changed(desk, check, "a certificate was changed or removed");
		return;
	}
	check->place = of->now.after + 1;
	check->read = 0;
	look_on(desk, check);
}

static void check_next(struct desk *desk, struct check_job *check)
{
	struct store_key key;
	enum err err;

	if (check->at >= desk->certificate_count) {
		end_check(check);
		return;
	}
	key = key_of(desk, &desk->certificates[check->at].now);
	err = desk_job_get(desk, &check->job, &key, got_certificate);
	if (err != OK)
		say_unreadable(check, err);
}

void desk_certificate_verify(struct desk_link *link, const struct wire_verified *verified)
{
	struct check_job *check = verified->whole ? calloc(1, sizeof(*check)) : NULL;

	if (!check) { /* nor is a walk that found something made better by this */
		if (verified->whole)
			desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		else
			desk_say(link, WIRE_verified, verified);
		return;
	}
	check->job.free_ = check_free;
	check->verified = *verified;
	desk_job_begin(link, &check->job);
	check_next(link->desk, check);
}
