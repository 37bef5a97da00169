/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_export - an archive by the keeper's messages: that it holds what one link's owner
 * recorded and nothing else, that it leaves only after all was opened, and that whatever
 * somebody with the rows exchanges, removes or edits, before or while it is made, ends it and
 * opens an incident.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/pack.h"
#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"
#include "port/keep.h"
#include "vault/epoch.h"
#include "vault/recording.h"

enum {
	SEED = 42,
	OWNERS = 2,
	EACH = 5,
	SAMPLES = 3000,
	MARK = 4, /* samples that come again and again in one owner's sound */
	STREAM_BYTES_MAX = 64 * 1024 * 1024,
	STEPS_MAX = 100000,
};

static const char *const NAMES[OWNERS] = {"alice", "bob"};
static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *links[OWNERS]; /* signed in */
	struct owner_id owners[OWNERS];
	struct record_id records[OWNERS][EACH];
};

static void mark_of(size_t owner, int16_t to[MARK])
{
	for (size_t i = 0; i < MARK; i++)
		to[i] = (int16_t)(5000 * (int)(owner + 1) + 31 * (int)i + 7);
}

enum told { AS_IT_IS, WITHOUT_HASH, BY_DEVICE };

/* What waits to be written is told of as before version 6, without the rows' hash, or as what
 * a device approved. */
static void change_the_next(struct house *house, enum told told)
{
	struct item *item = house->bench->desk->queue_first;
	const char *name = told == WITHOUT_HASH ? "sealed" : "by";
	size_t at = 0;

	assert_non_null(item);
	assert_int_equal(item->event.kind, EVENT_RECORDED);
	while (!str_equal(item->event.fields[at].name, name))
		assert_true(++at < item->event.field_count);
	item->event.field_count--;
	memmove(&item->event.fields[at], &item->event.fields[at + 1],
		(item->event.field_count - at) * sizeof(item->event.fields[0]));
	if (told == BY_DEVICE)
		event_add(&item->event, name, "device");
}

static void record(struct house *house, size_t owner, size_t number, enum told told)
{
	const uint64_t token = owner * EACH + number + 1;
	const uint64_t turn = (uint64_t)house->bench->clock.wall_ms << 16 | token;
	int16_t samples[SAMPLES];
	int16_t mark[MARK];

	mark_of(owner, mark);
	for (size_t i = 0; i < SAMPLES; i++)
		samples[i] = mark[i % MARK];
	desk_bench_append(house->bench, house->hub, 1000 + token, EVENT_DECIDED, turn,
			  NAMES[owner]); /* behind which the other one waits */
	desk_bench_seal(house->bench, house->hub, token, turn, NAMES[owner], NAMES[owner],
			samples, SAMPLES);
	if (told != AS_IT_IS)
		change_the_next(house, told);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, 1000 + token, NULL, NULL), OK);
	assert_int_equal(desk_bench_done(house->hub, token, NULL,
					 &house->records[owner][number]),
			 OK);
	house->bench->clock.wall_ms += 1000;
}

static struct house make_house_of(enum told told)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	for (size_t i = 0; i < OWNERS; i++) {
		house.links[i] = desk_bench_link(house.bench, DESK_OWNER);
		assert_true(desk_bench_make_owner(house.bench, house.links[i > 0 ? 0 : i],
						  NAMES[i], PASSPHRASE, &house.owners[i],
						  NULL));
		assert_true(desk_bench_unlock(house.bench, house.links[i], NAMES[i],
					      PASSPHRASE));
		assert_true(desk_bench_add_room(house.bench, house.links[i], NAMES[i]));
	}
	while (desk_bench_take(house.hub))
		;
	for (size_t n = 0; n < EACH; n++) {
		for (size_t i = 0; i < OWNERS; i++)
			record(&house, i, n, told);
	}
	for (size_t i = 0; i < OWNERS; i++) {
		while (desk_bench_take(house.links[i]))
			;
	}
	return house;
}

static struct house make_house(void)
{
	return make_house_of(AS_IT_IS);
}

/* --- an archive ------------------------------------------------------------------------- */

struct archive {
	bool was_refused;
	bool was_planned;
	uint32_t recordings;
	struct buf stream;
	uint32_t err;
	char reason[32]; /* of the refusal, or of its end */
};

static void ask(struct house *house, size_t owner)
{
	const struct wire_export_begin begin = {.by_room = 1};

	desk_bench_say(house->bench, house->links[owner], WIRE_export_begin, &begin);
}

static void acknowledge(struct house *house, size_t owner, uint32_t bytes)
{
	const struct wire_export_more more = {.bytes = bytes};

	desk_bench_say(house->bench, house->links[owner], WIRE_export_more, &more);
	desk_bench_settle(house->bench);
}

/* Until it is over; the caller finishes the stream. */
static struct archive take(struct house *house, size_t owner)
{
	struct archive archive = {.was_refused = false};
	const struct wire_message *message;

	buf_init(&archive.stream, STREAM_BYTES_MAX);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(house->links[owner]))) {
		if (message->type == WIRE_export_plan) {
			assert_int_equal(archive.stream.size, 0);
			archive.was_planned = true;
			archive.recordings = message->export_plan.recordings;
		} else if (message->type == WIRE_export_data) {
			const size_t size = message->export_data.bytes.size;

			assert_true(archive.was_planned);
			assert_int_equal(buf_add(&archive.stream,
						 message->export_data.bytes.bytes, size),
					 OK);
			acknowledge(house, owner, (uint32_t)size);
		} else if (message->type == WIRE_export_over) {
			archive.err = message->export_over.err;
			assert_true(str_copy(archive.reason, sizeof(archive.reason),
					     message->export_over.reason));
		} else {
			assert_int_equal(message->type, WIRE_refused);
			archive.was_refused = true;
			assert_true(str_copy(archive.reason, sizeof(archive.reason),
					     message->refused.reason));
		}
	}
	return archive;
}

static size_t count_bytes(const struct archive *archive, const void *bytes, size_t size)
{
	const uint8_t *at = archive->stream.bytes;
	const uint8_t *end = at + archive->stream.size;
	size_t count = 0;

	while (at && (at = memmem(at, (size_t)(end - at), bytes, size))) {
		count++;
		at += size;
	}
	return count;
}

static size_t count_marks(const struct archive *archive, size_t owner)
{
	int16_t mark[MARK];

	mark_of(owner, mark);
	return count_bytes(archive, mark, sizeof(mark));
}

static void an_archive_holds_what_its_owner_recorded(void **state)
{
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < OWNERS; i++) {
		struct archive archive;

		ask(&house, i);
		archive = take(&house, i);
		assert_int_equal(archive.err, OK);
		assert_int_equal(archive.recordings, EACH);
		assert_int_equal(count_marks(&archive, i), EACH * (SAMPLES / MARK));
		assert_int_equal(count_marks(&archive, 1 - i), 0);
		assert_int_equal(count_bytes(&archive, "RIFF", 4), EACH);
		assert_true(count_bytes(&archive, "\"kind\":\"recorded\"", 17) == EACH ||
			    count_bytes(&archive, "\"kind\": \"recorded\"", 18) == EACH);
		for (size_t n = 0; n < EACH; n++) {
			char id[ID_TEXT_BYTES];

			id_to_text(id, house.records[1 - i][n].bytes);
			assert_int_equal(count_bytes(&archive, id, strlen(id)), 0);
			id_to_text(id, house.records[i][n].bytes);
			assert_true(count_bytes(&archive, id, strlen(id)) > 0);
		}
		buf_finish(&archive.stream);
	}
	desk_bench_destroy(house.bench);
}

static void private_rooms_are_left_out_unless_asked_for(void **state)
{
	const struct wire_export_begin begin = {.by_room = 0};
	struct house house = make_house();
	struct archive archive;

	(void)state;
	desk_bench_say(house.bench, house.links[0], WIRE_export_begin, &begin);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(archive.recordings, 0);
	assert_int_equal(count_marks(&archive, 0), 0);
	assert_int_equal(count_bytes(&archive, "RIFF", 4), 0);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* They are among the others, and in no folder of their own. */
static void what_a_device_approved_is_in_it(void **state)
{
	const struct wire_export_begin begin = {.by_room = 0};
	struct house house = make_house_of(BY_DEVICE);
	struct archive archive;

	(void)state;
	desk_bench_say(house.bench, house.links[0], WIRE_export_begin, &begin);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(archive.recordings, EACH);
	assert_int_equal(count_marks(&archive, 0), EACH * (SAMPLES / MARK));
	assert_int_equal(count_bytes(&archive, "by-room/", 8), 0);
	assert_true(count_bytes(&archive, "\"by\":\"device\"", 13) >= EACH);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* --- what somebody with the rows can do ------------------------------------------------- */

/* The index of a row in the store, by its space and, where given, owner, record and kind. */
static size_t find_row(const struct house *house, enum store_space space,
		       const struct owner_id *owner, const struct record_id *record,
		       uint8_t kind)
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_key *key =
			&store_fake_row(house->bench->rows, i, NULL)->key;

		if (key->space != space ||
		    (owner && !id_equal(key->bytes, owner->bytes)) ||
		    (record && !id_equal(key->bytes + ID_BYTES, record->bytes)) ||
		    (kind && key->bytes[2 * ID_BYTES] != kind))
			continue;
		return i;
	}
	fail_msg("no such row");
	return 0;
}

static size_t row_of(const struct house *house, enum store_space space, size_t owner,
		     size_t number, uint8_t kind)
{
	return find_row(house, space, &house->owners[owner],
			&house->records[owner][number], kind);
}

static void flip(const struct house *house, size_t index, size_t from_end)
{
	uint8_t *value = NULL;
	const struct store_row *row = store_fake_row(house->bench->rows, index, &value);

	value[row->size - 1 - from_end] ^= 4;
}

static void swap(struct house *house, size_t a, size_t b)
{
	store_fake_swap_values(house->bench->rows, a, b);
}

static void swap_sounds_of_owners(struct house *house)
{
	swap(house, row_of(house, STORE_RECORD, 0, 2, RECORDING_SOUND),
	     row_of(house, STORE_RECORD, 1, 2, RECORDING_SOUND));
}

static void swap_all_of_owners(struct house *house)
{
	for (uint8_t kind = RECORDING_SOUND; kind <= RECORDING_TRANSCRIPT; kind++) {
		swap(house, row_of(house, STORE_RECORD, 0, 3, kind),
		     row_of(house, STORE_RECORD, 1, 3, kind));
		swap(house, row_of(house, STORE_SALT, 0, 3, kind),
		     row_of(house, STORE_SALT, 1, 3, kind));
	}
}

static void swap_sounds_of_one(struct house *house)
{
	swap(house, row_of(house, STORE_RECORD, 0, 0, RECORDING_SOUND),
	     row_of(house, STORE_RECORD, 0, 1, RECORDING_SOUND));
}

static void swap_sound_and_words(struct house *house)
{
	swap(house, row_of(house, STORE_RECORD, 0, 4, RECORDING_SOUND),
	     row_of(house, STORE_RECORD, 0, 4, RECORDING_TRANSCRIPT));
}

static void swap_salts(struct house *house)
{
	swap(house, row_of(house, STORE_SALT, 0, 4, RECORDING_SOUND),
	     row_of(house, STORE_SALT, 1, 4, RECORDING_SOUND));
}

static void flip_sound(struct house *house)
{
	flip(house, row_of(house, STORE_RECORD, 0, 2, RECORDING_SOUND), 100);
}

static void flip_words(struct house *house)
{
	flip(house, row_of(house, STORE_RECORD, 0, 2, RECORDING_TRANSCRIPT), 0);
}

static void flip_salt(struct house *house)
{
	flip(house, row_of(house, STORE_SALT, 0, 1, RECORDING_TRANSCRIPT), 5);
}

static void remove_sound(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  row_of(house, STORE_RECORD, 0, 4, RECORDING_SOUND));
}

static void remove_words(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  row_of(house, STORE_RECORD, 0, 0, RECORDING_TRANSCRIPT));
}

static void remove_salt(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  row_of(house, STORE_SALT, 0, 2, RECORDING_SOUND));
}

static void remove_all_of_one(struct house *house)
{
	for (uint8_t kind = RECORDING_SOUND; kind <= RECORDING_TRANSCRIPT; kind++) {
		store_fake_remove(house->bench->rows,
				  row_of(house, STORE_RECORD, 0, 4, kind));
		store_fake_remove(house->bench->rows,
				  row_of(house, STORE_SALT, 0, 4, kind));
	}
}

/* The other owner's row and salt, under this owner's name: the job rows of 2018. */
static void put_as_theirs(struct house *house, const struct record_id *record)
{
	static const enum store_space spaces[] = {STORE_RECORD, STORE_SALT};

	for (size_t i = 0; i < STR_COUNT(spaces); i++) {
		for (uint8_t kind = RECORDING_SOUND; kind <= RECORDING_TRANSCRIPT;
		     kind++) {
			uint8_t value[64 * 1024];
			struct store_row row =
				*store_fake_row(house->bench->rows,
						row_of(house, spaces[i], 1, 1, kind),
						NULL);

			assert_true(row.size <= sizeof(value));
			memcpy(value, row.value, row.size);
			row.value = value;
			memcpy(row.key.bytes, house->owners[0].bytes, ID_BYTES);
			if (record)
				memcpy(row.key.bytes + ID_BYTES, record->bytes, ID_BYTES);
			assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
		}
	}
}

static void file_a_foreign_one(struct house *house)
{
	put_as_theirs(house, NULL);
}

static void file_foreign_ones_over_theirs(struct house *house)
{
	put_as_theirs(house, &house->records[0][1]);
}

static void edit_journal(struct house *house)
{
	flip(house, find_row(house, STORE_JOURNAL, NULL, NULL, 0), 3);
}

/* The last of its rows is the newest. */
static size_t newest_entry(const struct house *house)
{
	size_t found = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		if (store_fake_row(house->bench->rows, i, NULL)->key.space ==
		    STORE_JOURNAL)
			found = i;
	}
	return found;
}

static void remove_an_entry(struct house *house)
{
	store_fake_remove(house->bench->rows, newest_entry(house) - 3);
}

static void swap_entries(struct house *house)
{
	const size_t newest = newest_entry(house);

	swap(house, newest - 3, newest - 4);
}

static void swap_epochs(struct house *house)
{
	swap(house, find_row(house, STORE_EPOCH, &house->owners[0], NULL, 0),
	     find_row(house, STORE_EPOCH, &house->owners[1], NULL, 0));
}

static void remove_epoch(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  find_row(house, STORE_EPOCH, &house->owners[0], NULL, 0));
}

static void swap_keks(struct house *house)
{
	swap(house, find_row(house, STORE_KEK, &house->owners[0], NULL, 0),
	     find_row(house, STORE_KEK, &house->owners[1], NULL, 0));
}

static void remove_kek(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  find_row(house, STORE_KEK, &house->owners[0], NULL, 0));
}

/* A copy of a row under another key, or with another size. */
static void put_copy(struct house *house, size_t index, size_t key_size, uint8_t last,
		     size_t size)
{
	struct store_row row = *store_fake_row(house->bench->rows, index, NULL);
	uint8_t value[64 * 1024] = {0};

	assert_true(row.size <= sizeof(value) && size <= sizeof(value));
	memcpy(value, row.value, row.size);
	row.value = value;
	row.size = size > 0 ? size : row.size;
	row.key.size = key_size;
	row.key.bytes[key_size - 1] = last;
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static void put_long_record_key(struct house *house)
{
	put_copy(house, row_of(house, STORE_RECORD, 0, 2, RECORDING_SOUND),
		 RECORDING_KEY_BYTES + 1, 7, 0);
}

static void put_unknown_kind(struct house *house)
{
	put_copy(house, row_of(house, STORE_RECORD, 0, 2, RECORDING_SOUND),
		 RECORDING_KEY_BYTES, 9, 0);
}

static void put_long_salt_key(struct house *house)
{
	put_copy(house, row_of(house, STORE_SALT, 0, 2, RECORDING_SOUND),
		 RECORDING_KEY_BYTES + 1, 7, 0);
}

static void put_long_salt(struct house *house)
{
	put_copy(house, row_of(house, STORE_SALT, 0, 2, RECORDING_SOUND),
		 RECORDING_KEY_BYTES, 9, RECORDING_SALT_ROW_BYTES + 1);
}

/* Behind all others of theirs, and nothing belongs to it. */
static void put_lone_salt(struct house *house)
{
	struct store_row row =
		*store_fake_row(house->bench->rows,
				row_of(house, STORE_SALT, 0, 2, RECORDING_SOUND), NULL);
	uint8_t value[RECORDING_SALT_ROW_BYTES];

	memcpy(value, row.value, sizeof(value));
	row.value = value;
	memset(row.key.bytes + ID_BYTES, 0xff, ID_BYTES);
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

/* More than it keeps in mind, of salts alone and of rows. */
static void put_thousands(struct house *house, enum store_space space, uint8_t first,
			  size_t longer)
{
	enum { MORE = 4200 };
	struct store_row row =
		*store_fake_row(house->bench->rows,
				row_of(house, space, 0, 2, RECORDING_SOUND), NULL);
	uint8_t value[64 * 1024];

	memcpy(value, row.value, row.size);
	row.value = value;
	if (space == STORE_RECORD)
		row.size = 100;
	row.key.size += longer;
	for (size_t i = 0; i < MORE; i++) {
		row.key.bytes[2 * ID_BYTES - 2] = (uint8_t)i;
		row.key.bytes[2 * ID_BYTES - 1] = (uint8_t)(i >> 8);
		row.key.bytes[ID_BYTES] = first;
		assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
	}
}

static void put_thousands_of_salts(struct house *house)
{
	put_thousands(house, STORE_SALT, 0xfe, 0);
}

static void put_thousands_of_salts_before(struct house *house)
{
	put_thousands(house, STORE_SALT, 0, 0);
}

static void put_thousands_of_records(struct house *house)
{
	put_thousands(house, STORE_RECORD, 0xfe, 0);
}

static void put_thousands_of_long_keys(struct house *house)
{
	put_thousands(house, STORE_RECORD, 0xfe, 1);
}

static void remove_last_salt(struct house *house)
{
	store_fake_remove(house->bench->rows,
			  row_of(house, STORE_SALT, 0, 4, RECORDING_TRANSCRIPT));
}

static size_t epoch_of(const struct house *house)
{
	return find_row(house, STORE_EPOCH, &house->owners[0], NULL, 0);
}

static void put_long_epoch(struct house *house)
{
	put_copy(house, epoch_of(house), 2 * ID_BYTES, 0xfe, EPOCH_ROW_BYTES + 1);
}

static void put_short_epoch_key(struct house *house)
{
	put_copy(house, epoch_of(house), 2 * ID_BYTES - 1, 0xfe, 0);
}

static void cut_epoch(struct house *house)
{
	struct store_row row = *store_fake_row(house->bench->rows, epoch_of(house), NULL);
	const uint8_t value[1] = {0};

	store_fake_remove(house->bench->rows, epoch_of(house));
	row.value = value;
	row.size = 1;
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static size_t kek_of(const struct house *house)
{
	return find_row(house, STORE_KEK, &house->owners[0], NULL, 0);
}

static void put_long_kek(struct house *house)
{
	put_copy(house, kek_of(house), KEK_STORE_KEY_BYTES, 2, KEK_ROW_BYTES + 1);
}

static void put_many_keks(struct house *house)
{
	for (uint8_t i = 2; i < 12; i++)
		put_copy(house, kek_of(house), KEK_STORE_KEY_BYTES, i, 0);
}

static void rename_kek(struct house *house)
{
	put_copy(house, kek_of(house), KEK_STORE_KEY_BYTES, 2, 0);
	remove_kek(house);
}

static void put_long_entry_key(struct house *house)
{
	put_copy(house, newest_entry(house) - 2, 9, 1, 0);
}

static void cut_journal(struct house *house)
{
	for (size_t i = 0; i < 3; i++)
		store_fake_remove(house->bench->rows, newest_entry(house));
}

static const struct {
	void (*act)(struct house *house);
	const char *reason;
	const char *between; /* NULL: it has no effect then: it was read already */
} ATTACKS[] = {
	{swap_sounds_of_owners, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{swap_all_of_owners, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{swap_sounds_of_one, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{swap_sound_and_words, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{swap_salts, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{flip_sound, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{flip_words, "ROW_CHANGED", "ROW_DOES_NOT_OPEN"},
	{flip_salt, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{remove_sound, "ROW_MISSING", "ROW_MISSING"},
	{remove_words, "ROW_MISSING", "ROW_MISSING"},
	{remove_salt, "ROW_MISSING", "ROW_MISSING"},
	{remove_all_of_one, "ROW_MISSING", "ROW_MISSING"},
	{file_a_foreign_one, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{file_foreign_ones_over_theirs, "ROW_DOES_NOT_OPEN", "ROW_DOES_NOT_OPEN"},
	{edit_journal, "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
	{remove_an_entry, "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
	{swap_entries, "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
	{swap_epochs, "ROW_DOES_NOT_OPEN", NULL},
	{remove_epoch, "ROW_DOES_NOT_OPEN", NULL},
	{swap_keks, "ROW_DOES_NOT_OPEN", NULL},
	{remove_kek, "ROW_DOES_NOT_OPEN", NULL},
	{put_long_record_key, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_unknown_kind, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_long_salt_key, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_long_salt, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_lone_salt, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_thousands_of_salts, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_thousands_of_salts_before, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_thousands_of_records, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{put_thousands_of_long_keys, "ROW_UNKNOWN", "ROW_UNKNOWN"},
	{remove_last_salt, "ROW_MISSING", "ROW_MISSING"},
	{put_long_epoch, "ROW_UNKNOWN", NULL},
	{put_short_epoch_key, "ROW_UNKNOWN", NULL},
	{cut_epoch, "ROW_DOES_NOT_OPEN", NULL},
	{put_long_kek, "ROW_UNKNOWN", NULL},
	{put_many_keks, "ROW_UNKNOWN", NULL},
	{rename_kek, "ROW_DOES_NOT_OPEN", NULL},
	{put_long_entry_key, "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
	{cut_journal, "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
};

/* It was stopped with that reason, nothing foreign left, and the house is frozen. */
static void expect_stopped(struct house *house, struct archive *archive, size_t attack,
			   const char *reason)
{
	if (archive->err == OK || !str_equal(archive->reason, reason))
		fail_msg("attack %zu: %s, not %s", attack, archive->reason, reason);
	assert_int_equal(count_marks(archive, 1), 0);
	buf_finish(&archive->stream);
	ask(house, 0);
	*archive = take(house, 0);
	assert_true(archive->was_refused);
	assert_string_equal(archive->reason, "EXPORT_FROZEN");
	buf_finish(&archive->stream);
}

static void what_is_done_to_rows_before_ends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++) {
		struct house house = make_house();
		struct archive archive;

		ATTACKS[i].act(&house);
		ask(&house, 0);
		archive = take(&house, 0);
		assert_int_equal(archive.stream.size, 0); /* not one byte left */
		assert_false(archive.was_planned);
		expect_stopped(&house, &archive, i, ATTACKS[i].reason);
		desk_bench_destroy(house.bench);
	}
}

/* A house of before version 6 says of no recording what its rows' hash is: its owner has them
 * in the archive and in the history all the same, the journal is whole, and whatever is done
 * to the rows is found by opening them. */
static void recordings_of_before_there_was_a_hash(void **state)
{
	static const struct wire_history_get get = {.limit = 2 * EACH,
						    .before_ms = INT64_MAX};
	static const struct wire_verify_get verify;
	struct house house = make_house_of(WITHOUT_HASH);
	const struct wire_message *message;
	struct archive archive;
	size_t rows = 0;

	(void)state;
	ask(&house, 0);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(archive.recordings, EACH);
	assert_int_equal(count_marks(&archive, 0), EACH * (SAMPLES / MARK));
	assert_int_equal(count_bytes(&archive, "\"sealed\"", 8), 0);
	buf_finish(&archive.stream);
	desk_bench_say(house.bench, house.links[0], WIRE_history_get, &get);
	desk_bench_settle(house.bench);
	while ((message = desk_bench_take(house.links[0])) &&
	       message->type == WIRE_history_row) {
		if (id_is_none(message->history_row.record.bytes))
			continue;
		assert_string_equal(message->history_row.transcript, NAMES[0]);
		assert_int_equal(message->history_row.is_gone, 0);
		rows++;
	}
	assert_int_equal(rows, EACH);
	desk_bench_say(house.bench, house.links[0], WIRE_verify_get, &verify);
	desk_bench_settle(house.bench);
	do {
		message = desk_bench_take(house.links[0]);
		assert_non_null(message);
	} while (message->type != WIRE_verified);
	assert_int_equal(message->verified.whole, 1);
	assert_string_equal(message->verified.trouble, "");
	desk_bench_destroy(house.bench);
}

static void what_is_done_to_rows_of_before_ends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++) {
		struct house house = make_house_of(WITHOUT_HASH);
		struct archive archive;

		ATTACKS[i].act(&house);
		ask(&house, 0);
		archive = take(&house, 0);
		assert_int_equal(archive.stream.size, 0);
		expect_stopped(&house, &archive, i,
			       str_equal(ATTACKS[i].reason, "ROW_CHANGED")
				       ? "ROW_DOES_NOT_OPEN"
				       : ATTACKS[i].reason);
		desk_bench_destroy(house.bench);
	}
}

/* Steps until the first pass is over: the plan was told. */
static void step_to_plan(struct house *house, size_t owner)
{
	size_t steps = 0;

	while (desk_bench_waiting(house->links[owner]) == 0) {
		assert_true(steps++ < STEPS_MAX);
		store_step(&house->bench->store);
	}
}

static void what_is_done_to_rows_between_the_passes_ends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++) {
		struct house house = make_house();
		struct archive archive;

		ask(&house, 0);
		step_to_plan(&house, 0);
		ATTACKS[i].act(&house);
		archive = take(&house, 0);
		assert_true(archive.was_planned);
		if (ATTACKS[i].between) {
			expect_stopped(&house, &archive, i, ATTACKS[i].between);
		} else {
			assert_int_equal(archive.err, OK);
			assert_int_equal(count_marks(&archive, 0),
					 EACH * (SAMPLES / MARK));
			assert_int_equal(count_marks(&archive, 1), 0);
			buf_finish(&archive.stream);
		}
		desk_bench_destroy(house.bench);
	}
}

static void what_is_recorded_meanwhile_is_not_in_it(void **state)
{
	struct house house = make_house();
	struct record_id later;
	struct archive archive;
	char id[ID_TEXT_BYTES];
	int16_t samples[SAMPLES] = {1, 2, 3};

	(void)state;
	ask(&house, 0);
	step_to_plan(&house, 0);
	desk_bench_seal(house.bench, house.hub, 77,
			(uint64_t)house.bench->clock.wall_ms << 16 | 77, NAMES[0],
			"meanwhile", samples, SAMPLES);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(desk_bench_done(house.hub, 77, NULL, &later), OK);
	id_to_text(id, later.bytes);
	assert_int_equal(count_bytes(&archive, id, strlen(id)), 0);
	assert_int_equal(count_marks(&archive, 0), EACH * (SAMPLES / MARK));
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

static void no_more_is_taken_than_was_sent(void **state)
{
	struct house house = make_house();
	struct archive archive;

	(void)state;
	ask(&house, 0);
	acknowledge(&house, 0, 1);
	archive = take(&house, 0);
	assert_string_equal(archive.reason, "PROTOCOL");
	assert_int_equal(archive.stream.size, 0);
	buf_finish(&archive.stream);
	ask(&house, 0); /* which is no incident */
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

static void who_goes_away_ends_it_at_any_moment(void **state)
{
	(void)state;
	for (size_t steps = 0; steps < 40; steps++) {
		struct house house = make_house();
		struct archive archive;

		ask(&house, 0);
		for (size_t i = 0; i < steps; i++)
			store_step(&house.bench->store);
		desk_bench_unlink(house.bench, house.links[0]);
		desk_bench_settle(house.bench);
		ask(&house, 1);
		archive = take(&house, 1);
		assert_int_equal(archive.err, OK);
		buf_finish(&archive.stream);
		desk_bench_destroy(house.bench);
	}
}

static void it_takes_an_unlocked_key(void **state)
{
	struct house house = make_house();
	struct archive archive;

	(void)state;
	desk_bench_unlink(house.bench, house.links[0]);
	house.links[0] = desk_bench_link(house.bench, DESK_OWNER);
	ask(&house, 0);
	archive = take(&house, 0);
	assert_true(archive.was_refused);
	assert_string_equal(archive.reason, "NOT_SIGNED_IN");
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

enum { MANY = 300, LARGE = 70000, QUARTER_MS = 16 * 60 * 1000 };

/* --- what happens meanwhile -------------------------------------------------------------- */

static struct desk_bench_link *again(struct house *house)
{
	struct desk_bench_link *link = desk_bench_link(house->bench, DESK_OWNER);

	assert_true(desk_bench_unlock(house->bench, link, NAMES[0], PASSPHRASE));
	return link;
}

static void be_told_of_one(struct house *house, struct desk_bench_link *link)
{
	struct wire_erase_ask what = {.what = ERASURE_RECORD};

	memcpy(what.record.bytes, house->records[0][2].bytes, ID_BYTES);
	desk_bench_say(house->bench, link, WIRE_erase_ask, &what);
	desk_bench_settle(house->bench);
}

static void erase_it(struct house *house, struct desk_bench_link *link)
{
	desk_bench_say(house->bench, link, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
}

static void erase_all(struct house *house, struct desk_bench_link *link)
{
	desk_bench_say(house->bench, link, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
}

static void report(struct house *house, struct desk_bench_link *link)
{
	const struct wire_incident_report what = {.turn = 5, .words = "not mine"};

	desk_bench_say(house->bench, link, WIRE_incident_report, &what);
}

static void lock(struct house *house, struct desk_bench_link *link)
{
	(void)link;
	clock_fake_pass(&house->bench->clock, 3600 * (int64_t)1000);
}

static void damage_entry(struct house *house, struct desk_bench_link *link)
{
	(void)link;
	edit_journal(house);
}

/* The last entries that it proves, which it reads last. */
static void damage_last(struct house *house, struct desk_bench_link *link)
{
	size_t last = newest_entry(house);

	(void)link;
	while (last > 0 &&
	       store_fake_row(house->bench->rows, last, NULL)->key.space == STORE_JOURNAL)
		flip(house, last--, 3);
}

static void name_entries_wrongly(struct house *house, struct desk_bench_link *link)
{
	(void)link;
	put_long_entry_key(house);
}

static void lose_journal(struct house *house, struct desk_bench_link *link)
{
	size_t last = newest_entry(house);

	(void)link;
	while (last > 0 &&
	       store_fake_row(house->bench->rows, last, NULL)->key.space == STORE_JOURNAL)
		store_fake_remove(house->bench->rows, last--);
}

static void lose_sound(struct house *house, struct desk_bench_link *link)
{
	(void)link;
	remove_sound(house);
}

static void go_on_recording(struct house *house, struct desk_bench_link *link)
{
	static uint64_t token = 5000;
	const int16_t samples[100] = {1, 2, 3};

	(void)link;
	token++;
	desk_bench_seal(house->bench, house->hub, token,
			(uint64_t)house->bench->clock.wall_ms << 16 | token, NAMES[0],
			"meanwhile", samples, STR_COUNT(samples));
}

static const struct meanwhile {
	const char *name;
	void (*before)(struct house *house, struct desk_bench_link *link);
	void (*act)(struct house *house, struct desk_bench_link *link);
	const char *reason; /* the only one that it may end with, but for none */
	bool is_incident;
} MEANWHILE[] = {
	{"one is erased", be_told_of_one, erase_it, "CHANGED_MEANWHILE", false},
	{"all are erased", NULL, erase_all, "CHANGED_MEANWHILE", false},
	{"one is recorded", NULL, go_on_recording, "", false},
	{"something is reported", NULL, report, "FROZEN", true},
	{"the key is locked", NULL, lock, "LOCKED", false},
	{"an entry is edited", NULL, damage_entry, "JOURNAL_CHANGED", true},
	{"all entries are edited", NULL, damage_last, "JOURNAL_CHANGED", true},
	{"an entry's key is no number", NULL, name_entries_wrongly, "JOURNAL_CHANGED",
	 true},
	{"the journal is gone", NULL, lose_journal, "JOURNAL_CHANGED", true},
	{"a sound is gone", NULL, lose_sound, "ROW_MISSING", true},
};

/* A step of the store at a time; what happens, happens before the at-th. True: it came to
 * that. */
static bool take_with(struct house *house, const struct meanwhile *meanwhile,
		      struct desk_bench_link *link, size_t at, struct archive *archive)
{
	const struct wire_message *message;
	size_t step = 0;

	*archive = (struct archive){.was_refused = false};
	buf_init(&archive->stream, STREAM_BYTES_MAX);
	ask(house, 0);
	for (;; step++) {
		while ((message = desk_bench_take(house->links[0]))) {
			struct wire_export_more more = {.bytes = 0};

			if (message->type == WIRE_export_over) {
				archive->err = message->export_over.err;
				assert_true(str_copy(archive->reason,
						     sizeof(archive->reason),
						     message->export_over.reason));
				return step > at;
			}
			if (message->type == WIRE_export_plan)
				archive->was_planned = true;
			if (message->type != WIRE_export_data)
				continue;
			more.bytes = (uint32_t)message->export_data.bytes.size;
			desk_bench_say(house->bench, house->links[0], WIRE_export_more,
				       &more);
		}
		if (step == at)
			meanwhile->act(house, link);
		assert_true(step < STEPS_MAX);
		store_step(&house->bench->store);
	}
}

/* Whenever it is: the archive is whole, or there is none, and its reason is the true one. */
static void whatever_happens_meanwhile_is_called_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(MEANWHILE); i++) {
		const struct meanwhile *meanwhile = &MEANWHILE[i];
		bool goes_on = true;
		size_t ended = 0;

		for (size_t at = 0; goes_on; at++) {
			struct house house = make_house();
			struct desk_bench_link *link = again(&house);
			struct archive archive;

			if (meanwhile->before)
				meanwhile->before(&house, link);
			goes_on = take_with(&house, meanwhile, link, at, &archive);
			if (archive.err != OK &&
			    !str_equal(archive.reason, meanwhile->reason))
				fail_msg("%s at %zu: %s", meanwhile->name, at,
					 archive.reason);
			ended += archive.err != OK;
			if (archive.err != OK && !meanwhile->is_incident)
				assert_false(desk_incident_freezes(house.bench->desk));
			buf_finish(&archive.stream);
			desk_bench_destroy(house.bench);
		}
		if ((ended > 0) != (meanwhile->reason[0] != 0))
			fail_msg("%s ended it %zu times", meanwhile->name, ended);
	}
}

static void step_often(struct house *house)
{
	for (size_t i = 0; i < 100; i++)
		store_step(&house->bench->store);
}

/* Not a byte leaves before it is written down who asked. */
static void nothing_leaves_before_its_beginning_is_written(void **state)
{
	(void)state;
	for (unsigned fails = 0; fails < 2; fails++) {
		struct house house = make_house();
		struct archive archive;

		store_fake_hold_writes(house.bench->rows, true);
		ask(&house, 0);
		step_often(&house);
		assert_int_equal(desk_bench_waiting(house.links[0]), 0);
		if (fails)
			store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
		store_fake_hold_writes(house.bench->rows, false);
		archive = take(&house, 0);
		assert_int_equal(archive.was_planned, !fails);
		assert_string_equal(archive.reason, fails ? "FAILED" : "");
		assert_false(desk_incident_freezes(house.bench->desk));
		buf_finish(&archive.stream);
		desk_bench_destroy(house.bench);
	}
}

/* Who ends one at once and asks again waits for the second one's, which is not written. */
static void the_beginning_of_another_is_not_enough(void **state)
{
	const struct wire_export_more more = {.bytes = 1}; /* that were never sent */
	struct house house = make_house();
	struct archive archive;

	(void)state;
	store_fake_hold_writes(house.bench->rows, true);
	ask(&house, 0);
	step_often(&house);
	desk_bench_say(house.bench, house.links[0], WIRE_export_more, &more);
	assert_string_equal(desk_bench_take(house.links[0])->export_over.reason,
			    "PROTOCOL");
	ask(&house, 0);
	step_often(&house);
	assert_int_equal(desk_bench_waiting(house.links[0]), 0);
	store_fake_fail_after(house.bench->rows, 1, ERR_LIMIT, false);
	store_fake_hold_writes(house.bench->rows, false);
	archive = take(&house, 0);
	assert_true(store_fake_has_failed(house.bench->rows));
	assert_false(archive.was_planned);
	assert_string_equal(archive.reason, "FAILED");
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* It ends before its beginning is written: that is written all the same. */
static void one_that_ends_early_is_written_down_as_well(void **state)
{
	struct house house = make_house();
	struct archive archive;
	uint64_t size;

	(void)state;
	size = journal_size(house.bench->desk->journal);
	remove_kek(&house);
	store_fake_hold_writes(house.bench->rows, true);
	ask(&house, 0);
	step_often(&house);
	store_fake_hold_writes(house.bench->rows, false);
	archive = take(&house, 0);
	assert_string_equal(archive.reason, "ROW_DOES_NOT_OPEN");
	assert_true(journal_size(house.bench->desk->journal) >= size + 3);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* Why a row is missing stands in the journal; that it cannot be read is no incident. */
static void what_came_since_is_read_to_its_end_or_it_failed(void **state)
{
	bool has_failed = true;

	(void)state;
	for (size_t n = 0; has_failed; n++) {
		struct house house = make_house();
		struct archive archive;

		ask(&house, 0);
		remove_sound(&house);
		for (uint64_t i = 0; i < MANY; i++)
			desk_bench_append(house.bench, house.hub, 9, EVENT_DECIDED, i,
					  NAMES[0]);
		store_fake_fail_question(house.bench->rows, n / 2, ERR_IO, n % 2);
		archive = take(&house, 0);
		has_failed = store_fake_has_failed(house.bench->rows) || n % 2 == 0;
		assert_string_equal(archive.reason,
				    store_fake_has_failed(house.bench->rows)
					    ? "FAILED"
					    : "ROW_MISSING");
		assert_int_equal(desk_incident_freezes(house.bench->desk),
				 !store_fake_has_failed(house.bench->rows));
		buf_finish(&archive.stream);
		desk_bench_destroy(house.bench);
	}
}

/* Among what came since lies what the keeper never wrote: it is passed over. */
static void a_later_key_that_is_no_number_explains_nothing(void **state)
{
	struct house house = make_house();
	const size_t newest = newest_entry(&house);
	struct store_row row = *store_fake_row(house.bench->rows, newest, NULL);
	uint8_t value[64 * 1024];
	struct archive archive;

	(void)state;
	remove_sound(&house);
	assert_true(row.size <= sizeof(value));
	memcpy(value, row.value, row.size);
	row.value = value;
	row.key.bytes[row.key.size - 1]++; /* the place of what comes next, */
	row.key.bytes[row.key.size++] = 7; /* and more */
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	ask(&house, 0);
	archive = take(&house, 0);
	assert_string_equal(archive.reason, "ROW_MISSING");
	assert_false(archive.was_planned);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* --- of before ---------------------------------------------------------------------------- */

/* The same key, sealed to the owner's own one, as houses of before have it. */
static void make_old_epoch(const struct house *house, const struct owner *owner,
			   struct store_row *row, uint8_t to[EPOCH_ROW_OLD_BYTES])
{
	const struct store_row *kek =
		store_fake_row(house->bench->rows,
			       find_row(house, STORE_KEK, &owner->id, NULL, 0), NULL);
	const struct epoch_rows rows = {.epoch = row->value,
					.epoch_size = row->size,
					.kek = kek->value,
					.kek_size = kek->size};
	struct owner_view *view = desk_bench_view(house->bench, NAMES[0], PASSPHRASE);
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct epoch_opened *opened = NULL;
	struct epoch_id id;
	const struct seal_part parts[] = {{house->bench->household.bytes, ID_BYTES},
					  {owner->id.bytes, ID_BYTES},
					  {id.bytes, ID_BYTES}};
	const uint8_t *key;
	struct pack pack;

	memcpy(id.bytes, row->key.bytes + ID_BYTES, ID_BYTES);
	assert_int_equal(epoch_open(view, house->bench->household,
				    house->bench->desk->public_key, id, &rows, &opened),
			 OK);
	key = secret_view(
		epoch_opened_key(opened, house->bench->household, owner->id, id));
	seal_derive(key, "behest epoch commitment v1", parts, STR_COUNT(parts), commit);
	assert_int_equal(seal_box_close(owner->box_public, key, SEAL_KEY_BYTES, box), OK);
	pack_init(&pack, to, EPOCH_ROW_OLD_BYTES);
	pack_u8(&pack, 1);
	for (size_t i = 0; i < STR_COUNT(parts); i++)
		pack_bytes(&pack, parts[i].bytes, ID_BYTES);
	pack_i64(&pack, house->bench->clock.wall_ms);
	pack_bytes(&pack, commit, sizeof(commit));
	pack_bytes(&pack, box, sizeof(box));
	assert_int_equal(seal_sign_labelled(secret_view(house->bench->seed),
					    "behest epoch row v1", to, pack.size,
					    signature),
			 OK);
	pack_bytes(&pack, signature, sizeof(signature));
	assert_int_equal(pack.size, EPOCH_ROW_OLD_BYTES);
	epoch_opened_destroy(opened);
	owner_view_destroy(view);
}

static void epochs_of_before_there_were_keks_are_in_it(void **state)
{
	struct house house = make_house();
	const size_t at = find_row(&house, STORE_EPOCH, &house.owners[0], NULL, 0);
	struct store_row row = *store_fake_row(house.bench->rows, at, NULL);
	uint8_t old[EPOCH_ROW_OLD_BYTES];
	struct archive archive;

	(void)state;
	make_old_epoch(&house, &house.bench->desk->owners[0], &row, old);
	row.value = old;
	row.size = sizeof(old);
	store_fake_remove(house.bench->rows, at);
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	ask(&house, 0);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(count_marks(&archive, 0), EACH * (SAMPLES / MARK));
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* --- many -------------------------------------------------------------------------------- */

/* Each in an epoch of its own, in two rooms, some of them long, some without words. */
static void record_many(struct house *house)
{
	static int16_t samples[LARGE];
	static const char *const rooms[] = {"alice", "study"};

	for (uint64_t i = 0; i < MANY; i++) {
		const size_t count = i % 20 == 7 ? LARGE : 50;

		desk_bench_seal(house->bench, house->hub, i,
				(uint64_t)house->bench->clock.wall_ms << 16 | i,
				rooms[i % 3 == 2],
				i % 5 ? "words & <more> 'of' \"it\"" : "", samples,
				count);
		desk_bench_settle(house->bench);
		assert_int_equal(desk_bench_done(house->hub, i, NULL, NULL), OK);
		clock_fake_pass(&house->bench->clock, QUARTER_MS);
	}
}

static void sign_in_again(struct house *house)
{
	desk_bench_unlink(house->bench, house->links[0]);
	house->links[0] = again(house);
	while (desk_bench_take(house->links[0]))
		;
}

/* What lies there is not sent when the key is locked by then. */
static void lock_while_bytes_fly(struct house *house)
{
	const struct wire_message *message;
	struct wire_export_more more;

	ask(house, 0);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->links[0]);
	assert_int_equal(message->type, WIRE_export_plan);
	message = desk_bench_take(house->links[0]);
	assert_int_equal(message->type, WIRE_export_data);
	more.bytes = (uint32_t)message->export_data.bytes.size;
	clock_fake_pass(&house->bench->clock, 3600 * (int64_t)1000);
	desk_bench_say(house->bench, house->links[0], WIRE_export_more, &more);
	desk_bench_settle(house->bench);
	do {
		message = desk_bench_take(house->links[0]);
		assert_non_null(message);
	} while (message->type == WIRE_export_data);
	assert_int_equal(message->type, WIRE_export_over);
	assert_string_equal(message->export_over.reason, "LOCKED");
	acknowledge(house, 0, 1); /* nobody minds what comes late */
	assert_int_equal(desk_bench_waiting(house->links[0]), 0);
}

/* Nothing is taken at first: no more is sent than may lie there. */
static void many_of_many_epochs_rooms_and_days(void **state)
{
	struct house house = make_house();
	struct archive archive;

	(void)state;
	assert_true(desk_bench_add_room(house.bench, house.links[0], "study"));
	while (desk_bench_take(house.hub))
		;
	record_many(&house);
	sign_in_again(&house);
	lock_while_bytes_fly(&house);
	sign_in_again(&house);
	ask(&house, 0);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(archive.recordings, EACH + MANY);
	assert_int_equal(count_bytes(&archive, "RIFF", 4), EACH + MANY);
	assert_true(count_bytes(&archive, "no words were understood", 24) >= MANY / 5);
	assert_true(count_bytes(&archive, "words &amp; &lt;more&gt; &#39;of&#39; &quot;",
				39) >= MANY / 2);
	buf_finish(&archive.stream);
	/* What is dead is in none, though its rows may lie there. */
	erase_all(&house, house.links[0]);
	desk_bench_settle(house.bench);
	while (desk_bench_take(house.links[0]))
		;
	record(&house, 0, 0, AS_IT_IS);
	ask(&house, 0);
	archive = take(&house, 0);
	assert_int_equal(archive.err, OK);
	assert_int_equal(archive.recordings, 1);
	assert_int_equal(count_bytes(&archive, "RIFF", 4), 1);
	assert_int_equal(count_marks(&archive, 0), SAMPLES / MARK);
	buf_finish(&archive.stream);
	desk_bench_destroy(house.bench);
}

/* The bytes that were sent and not taken yet; *out_over: it is over, and went well. */
static size_t under_way(struct house *house, bool *out_over)
{
	const struct wire_message *message;
	size_t bytes = 0;

	while ((message = desk_bench_take(house->links[0]))) {
		if (message->type == WIRE_export_data)
			bytes += message->export_data.bytes.size;
		*out_over = message->type == WIRE_export_over;
		if (*out_over)
			assert_int_equal(message->export_over.err, OK);
	}
	return bytes;
}

/* The rest waits until that was taken. */
static void no_more_is_sent_than_may_be_under_way(void **state)
{
	enum { MOST = 2 * 1024 * 1024, FILLING = MOST / (2 * LARGE) + 4 };
	static int16_t samples[LARGE];
	struct house house = make_house();
	bool is_over = false;
	size_t all = 0;

	(void)state;
	for (uint64_t i = 0; i < FILLING; i++) {
		desk_bench_seal(house.bench, house.hub, i,
				(uint64_t)house.bench->clock.wall_ms << 16 | i, NAMES[0],
				"words", samples, LARGE);
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.hub, i, NULL, NULL), OK);
	}
	ask(&house, 0);
	desk_bench_settle(house.bench);
	while (!is_over) {
		const size_t bytes = under_way(&house, &is_over);

		assert_true(bytes > 0 && bytes <= MOST);
		all += bytes;
		acknowledge(&house, 0, (uint32_t)bytes);
	}
	assert_true(all > FILLING * LARGE * sizeof(samples[0]));
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_archive_holds_what_its_owner_recorded),
		cmocka_unit_test(private_rooms_are_left_out_unless_asked_for),
		cmocka_unit_test(what_a_device_approved_is_in_it),
		cmocka_unit_test(what_is_done_to_rows_before_ends_it),
		cmocka_unit_test(what_is_done_to_rows_between_the_passes_ends_it),
		cmocka_unit_test(recordings_of_before_there_was_a_hash),
		cmocka_unit_test(what_is_done_to_rows_of_before_ends_it),
		cmocka_unit_test(what_is_recorded_meanwhile_is_not_in_it),
		cmocka_unit_test(no_more_is_taken_than_was_sent),
		cmocka_unit_test(who_goes_away_ends_it_at_any_moment),
		cmocka_unit_test(it_takes_an_unlocked_key),
		cmocka_unit_test(whatever_happens_meanwhile_is_called_what_it_is),
		cmocka_unit_test(nothing_leaves_before_its_beginning_is_written),
		cmocka_unit_test(the_beginning_of_another_is_not_enough),
		cmocka_unit_test(one_that_ends_early_is_written_down_as_well),
		cmocka_unit_test(what_came_since_is_read_to_its_end_or_it_failed),
		cmocka_unit_test(a_later_key_that_is_no_number_explains_nothing),
		cmocka_unit_test(epochs_of_before_there_were_keks_are_in_it),
		cmocka_unit_test(many_of_many_epochs_rooms_and_days),
		cmocka_unit_test(no_more_is_sent_than_may_be_under_way),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
