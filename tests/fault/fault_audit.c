/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_audit - see the header. The journal is read with its own code, the rest of the rows
 * by their keys alone.
 */
#include "fault/fault_audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/pack.h"
#include "base/str.h"
#include "fault/fault_rows.h"
#include "journal/journal.h"
#include "vault/kek.h"
#include "vault/recording.h"

enum {
	AUDIT_RECORDS_MAX = 32,
	AUDIT_OWNERS_MAX = 4,
	AUDIT_BOX_KEYS_MAX = 8,
	ROWS_OF_ONE = 4, /* salt and record, of sound and transcript */
};

struct audit_record {
	struct record_id id;
	struct owner_id owner;
	uint64_t box_key; /* of the day that it is under; 0: it is an owner's */
	bool is_deleted;
	bool is_erased; /* with its owner's key, or its day's */
	bool is_swept;
};

struct audit_owner {
	struct owner_id id;
	size_t wraps;
	uint64_t generation; /* 0: ended */
};

/* What the journal says. */
struct audit {
	size_t record_count;
	struct audit_record records[AUDIT_RECORDS_MAX];
	size_t owner_count;
	struct audit_owner owners[AUDIT_OWNERS_MAX];
	size_t box_key_count;
	uint64_t box_keys[AUDIT_BOX_KEYS_MAX];
	uint64_t box_newest;
	size_t incident_steps;
};

/* --- what the journal says -------------------------------------------------------------- */

static struct owner_id owner_in(const struct event *event)
{
	struct owner_id owner;

	assert_true(id_from_text(owner.bytes, event_value(event, "owner")));
	return owner;
}

static struct audit_owner *owner_of(struct audit *audit, const struct event *event)
{
	const struct owner_id id = owner_in(event);

	for (size_t i = 0; i < audit->owner_count; i++)
		if (id_equal(audit->owners[i].id.bytes, id.bytes))
			return &audit->owners[i];
	fail_msg("the journal tells of an owner who was never added");
	return NULL;
}

static uint64_t number_in(const struct event *event, const char *name)
{
	return strtoull(event_value(event, name), NULL, 10);
}

static void owner_added(struct audit *audit, const struct event *event)
{
	assert_true(audit->owner_count < AUDIT_OWNERS_MAX);
	audit->owners[audit->owner_count++] =
		(struct audit_owner){.id = owner_in(event),
				     .wraps = OWNER_WRAP_COUNT,
				     .generation = 1};
}

static void recorded(struct audit *audit, const struct event *event)
{
	struct audit_record *record = &audit->records[audit->record_count++];

	assert_true(audit->record_count <= AUDIT_RECORDS_MAX);
	*record = (struct audit_record){.owner = owner_in(event)};
	if (str_equal(event_value(event, "by"), "box"))
		record->box_key = audit->box_newest;
	assert_true(id_from_text(record->id.bytes, event_value(event, "record")));
}

static void deleted(struct audit *audit, const struct event *event)
{
	struct record_id id;

	assert_true(id_from_text(id.bytes, event_value(event, "record")));
	for (size_t i = 0; i < audit->record_count; i++) {
		if (!id_equal(audit->records[i].id.bytes, id.bytes))
			continue;
		/* Nothing is deleted twice. */
		assert_false(audit->records[i].is_deleted);
		audit->records[i].is_deleted = true;
		return;
	}
	fail_msg("the journal tells of the end of what never began");
}

static void end_records(struct audit *audit, struct owner_id owner)
{
	for (size_t i = 0; i < audit->record_count; i++)
		if (id_equal(audit->records[i].owner.bytes, owner.bytes))
			audit->records[i].is_erased = true;
}

static void erased(struct audit *audit, const struct event *event)
{
	struct audit_owner *owner = owner_of(audit, event);

	assert_int_equal(owner->generation, number_in(event, "generation"));
	owner->generation++;
	end_records(audit, owner->id);
}

static void swept(struct audit *audit, const struct event *event)
{
	const struct owner_id owner = owner_in(event);

	for (size_t i = 0; i < audit->record_count; i++)
		if (id_equal(audit->records[i].owner.bytes, owner.bytes) &&
		    audit->records[i].is_erased)
			audit->records[i].is_swept = true;
}

static void key_added(struct audit *audit, const struct event *event)
{
	owner_of(audit, event)->wraps++;
}

static void key_removed(struct audit *audit, const struct event *event)
{
	owner_of(audit, event)->wraps--;
}

static void owner_ended(struct audit *audit, const struct event *event)
{
	struct audit_owner *owner = owner_of(audit, event);

	owner->wraps = 0;
	owner->generation = 0;
	end_records(audit, owner->id);
}

static void box_key_begun(struct audit *audit, const struct event *event)
{
	assert_true(audit->box_key_count < AUDIT_BOX_KEYS_MAX);
	audit->box_newest = number_in(event, "generation");
	audit->box_keys[audit->box_key_count++] = audit->box_newest;
}

static void box_key_over(struct audit *audit, const struct event *event)
{
	const uint64_t over = number_in(event, "generation");

	for (size_t i = 0; i < audit->record_count; i++)
		audit->records[i].is_erased |= audit->records[i].box_key == over;
	for (size_t i = 0; i < audit->box_key_count; i++) {
		if (audit->box_keys[i] != over)
			continue;
		audit->box_keys[i] = audit->box_keys[--audit->box_key_count];
		return;
	}
	fail_msg("the journal tells of the end of a box's key that never began");
}

static void incident_step(struct audit *audit, const struct event *event)
{
	(void)event;
	audit->incident_steps++;
}

static const struct {
	enum event_kind kind;
	void (*take)(struct audit *audit, const struct event *event);
} TAKES[] = {
	{EVENT_OWNER_ADDED, owner_added},
	{EVENT_RECORDED, recorded},
	{EVENT_DELETED, deleted},
	{EVENT_ERASED, erased},
	{EVENT_SWEPT, swept},
	{EVENT_KEY_ADDED, key_added},
	{EVENT_KEY_REMOVED, key_removed},
	{EVENT_OWNER_ENDED, owner_ended},
	{EVENT_BOX_KEY_BEGUN, box_key_begun},
	{EVENT_BOX_KEY_OVER, box_key_over},
	{EVENT_INCIDENT, incident_step},
	{EVENT_AUTHORITY, incident_step},
};

static void take_entry(struct audit *audit, const struct journal *journal,
		       const struct store_row *row)
{
	struct event event;
	struct unpack unpack;
	uint64_t place;

	unpack_init(&unpack, row->key.bytes, row->key.size);
	place = unpack_u64(&unpack);
	assert_int_equal(journal_read(journal, place, row->value, row->size, &event), OK);
	for (size_t i = 0; i < STR_COUNT(TAKES); i++)
		if (TAKES[i].kind == event.kind)
			TAKES[i].take(audit, &event);
}

static void read_journal(const struct fault_world *world, const struct fault_rows *rows,
			 struct audit *audit)
{
	const struct journal_keys keys = {.household = world->bench->household,
					  .seed = secret_view(world->bench->seed),
					  .house_key =
						  secret_view(world->bench->house_key)};
	struct journal *journal = NULL;

	*audit = (struct audit){.record_count = 0};
	assert_int_equal(journal_create(&keys, &journal), OK);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].key.space == STORE_JOURNAL)
			take_entry(audit, journal, &rows->rows[i]);
	journal_destroy(journal);
}

/* --- recordings ------------------------------------------------------------------------- */

static const struct store_row *row_of(const struct fault_world *world,
				      const struct fault_rows *rows,
				      enum store_space space,
				      const struct audit_record *record,
				      enum recording_kind kind)
{
	struct store_key key = {.household = world->bench->household,
				.space = space,
				.size = RECORDING_KEY_BYTES};

	recording_key(record->owner, record->id, kind, key.bytes);
	return fault_rows_find(rows, &key);
}

static size_t rows_of(const struct fault_world *world, const struct fault_rows *rows,
		      const struct audit_record *record)
{
	static const enum store_space spaces[] = {STORE_SALT, STORE_RECORD};
	static const enum recording_kind kinds[] = {RECORDING_SOUND,
						    RECORDING_TRANSCRIPT};
	size_t count = 0;

	for (size_t i = 0; i < STR_COUNT(spaces); i++)
		for (size_t k = 0; k < STR_COUNT(kinds); k++)
			count += row_of(world, rows, spaces[i], record, kinds[k]) != NULL;
	return count;
}

static bool is_alive(const struct audit_record *record)
{
	return !record->is_deleted && !record->is_erased;
}

/* Returns how many rows it has. */
static size_t expect_record(const struct fault_world *world,
			    const struct fault_rows *rows,
			    const struct audit_record *record)
{
	const size_t count = rows_of(world, rows, record);

	if (is_alive(record))
		assert_int_equal(count, ROWS_OF_ONE);
	else if (record->is_deleted || record->is_swept)
		assert_int_equal(count, 0);
	else
		assert_true(count == 0 || count == ROWS_OF_ONE);
	return count;
}

static void expect_records(const struct fault_world *world, const struct fault_rows *rows,
			   const struct audit *audit)
{
	size_t count = 0;
	size_t alive = 0;

	for (size_t i = 0; i < audit->record_count; i++) {
		count += expect_record(world, rows, &audit->records[i]);
		alive += is_alive(&audit->records[i]);
	}
	assert_int_equal(fault_rows_count(rows, STORE_SALT) +
				 fault_rows_count(rows, STORE_RECORD),
			 count);
	assert_true(alive == 0 || fault_rows_count(rows, STORE_EPOCH) > 0);
}

/* What was said to be gone is so in the journal, and what plays is not. Of the box the key
 * says that, which the story looks at. */
static void expect_ledger(const struct fault_world *world, const struct audit *audit)
{
	const struct owner_id box = kek_box_owner(world->bench->household);
	const struct ledger *ledger = &world->ledger;

	for (size_t i = 0; i < ledger->record_count; i++) {
		const struct audit_record *record = audit->records;

		while (record < audit->records + audit->record_count &&
		       !id_equal(record->id.bytes, ledger->records[i].id.bytes))
			record++;
		assert_true(record < audit->records + audit->record_count);
		if (!id_equal(record->owner.bytes, box.bytes))
			assert_int_equal(is_alive(record), ledger->records[i].plays);
	}
}

/* --- keys ------------------------------------------------------------------------------- */

static size_t rows_beginning(const struct fault_rows *rows, enum store_space space,
			     const uint8_t *bytes, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += rows->rows[i].key.space == space &&
			 memcmp(rows->rows[i].key.bytes, bytes, size) == 0;
	return count;
}

static void expect_owner(const struct fault_world *world, const struct fault_rows *rows,
			 const struct audit_owner *owner)
{
	struct store_key kek = {.household = world->bench->household,
				.space = STORE_KEK,
				.size = KEK_STORE_KEY_BYTES};

	assert_int_equal(rows_beginning(rows, STORE_WRAP, owner->id.bytes, ID_BYTES),
			 owner->wraps);
	assert_int_equal(rows_beginning(rows, STORE_KEK, owner->id.bytes, ID_BYTES),
			 owner->generation > 0);
	kek_store_key(owner->id, owner->generation, kek.bytes);
	assert_true(owner->generation == 0 || fault_rows_find(rows, &kek));
}

static void expect_keys(const struct fault_world *world, const struct fault_rows *rows,
			const struct audit *audit)
{
	size_t wraps = 0;
	size_t keks = 0;

	assert_int_equal(fault_rows_count(rows, STORE_OWNER), audit->owner_count);
	for (size_t i = 0; i < audit->owner_count; i++) {
		expect_owner(world, rows, &audit->owners[i]);
		wraps += audit->owners[i].wraps;
		keks += audit->owners[i].generation > 0;
	}
	assert_int_equal(fault_rows_count(rows, STORE_WRAP), wraps);
	assert_int_equal(fault_rows_count(rows, STORE_KEK), keks);
	/* One that backups are under, once anything was written. */
	assert_int_equal(fault_rows_count(rows, STORE_BACKUP),
			 fault_rows_count(rows, STORE_JOURNAL) > 0);
}

/* A row for each owner of the house; stories with a box have one. */
static void expect_box(const struct fault_rows *rows, const struct audit *audit)
{
	assert_int_equal(fault_rows_count(rows, STORE_BOX), audit->box_key_count);
	for (size_t i = 0; i < audit->box_key_count; i++) {
		uint8_t bytes[8];
		struct pack pack;

		pack_init(&pack, bytes, sizeof(bytes));
		pack_u64(&pack, audit->box_keys[i]);
		assert_int_equal(rows_beginning(rows, STORE_BOX, bytes, sizeof(bytes)),
				 1);
	}
}

/* --- bytes ------------------------------------------------------------------------------ */

static void know_piece(struct fault_world *world, struct known *known,
		       const struct store_row *row, size_t offset)
{
	const uint8_t *bytes = row->value + offset;

	/* What lies in two pages, and what other rows have too, is found not once. */
	if (known->piece_count < KNOWN_PIECES &&
	    vfs_power_find(world->power, bytes, known->piece_size) == 1)
		memcpy(known->pieces[known->piece_count++], bytes, known->piece_size);
}

static void know_row(struct fault_world *world, const struct store_row *row)
{
	static const size_t eighths[] = {8, 4, 6, 3, 5, 2, 1, 7, 0};
	struct known *known = &world->known[world->known_count++];
	size_t last;

	assert_true(world->known_count <= KNOWN_MAX);
	*known = (struct known){.key = row->key, .size = row->size};
	known->piece_size = row->size < KNOWN_PIECE_BYTES ? row->size : KNOWN_PIECE_BYTES;
	last = row->size - known->piece_size;
	for (size_t i = 0; i < STR_COUNT(eighths); i++)
		know_piece(world, known, row, last * eighths[i] / 8);
	assert_true(known->piece_count > 0);
}

void fault_know(struct fault_world *world)
{
	static const enum store_space spaces[] = {
		STORE_BACKUP,   STORE_BOX,    STORE_EPOCH, STORE_KEK,  STORE_MEMO,
		STORE_MEMO_KEY, STORE_RECORD, STORE_SALT,  STORE_WRAP,
	};
	static struct fault_rows rows;

	fault_rows_take(world, spaces, STR_COUNT(spaces), &rows);
	for (size_t i = 0; i < rows.count; i++)
		know_row(world, &rows.rows[i]);
	fault_rows_free(&rows);
}

/* Under its key there may be another one by now. */
static bool is_there(const struct fault_rows *rows, const struct known *known)
{
	const struct store_row *row = fault_rows_find(rows, &known->key);

	return row && memmem(row->value, row->size, known->pieces[0], known->piece_size);
}

/* What was told to be gone is, and of what is no byte is left. */
static void expect_gone(const struct fault_world *world, const struct fault_rows *rows)
{
	for (size_t i = 0; i < world->ledger.gone_count; i++)
		assert_false(is_there(rows, world->ledger.gone[i]));
	for (size_t i = 0; i < world->known_count; i++) {
		const struct known *known = &world->known[i];

		if (is_there(rows, known))
			continue;
		for (size_t k = 0; k < known->piece_count; k++)
			assert_int_equal(vfs_power_find(world->power, known->pieces[k],
							known->piece_size),
					 0);
	}
}

void fault_audit(struct fault_world *world)
{
	static const enum store_space spaces[] = {
		STORE_BACKUP, STORE_BOX,  STORE_CHECKPOINT, STORE_EPOCH, STORE_INCIDENT,
		STORE_KEK,    STORE_MEMO, STORE_MEMO_KEY,   STORE_OWNER, STORE_RECORD,
		STORE_SALT,   STORE_WRAP, STORE_JOURNAL,
	};
	static struct fault_rows rows;
	static struct audit audit;

	fault_rows_take(world, spaces, STR_COUNT(spaces), &rows);
	read_journal(world, &rows, &audit);
	expect_records(world, &rows, &audit);
	expect_ledger(world, &audit);
	expect_keys(world, &rows, &audit);
	expect_box(&rows, &audit);
	assert_int_equal(fault_rows_count(&rows, STORE_INCIDENT), audit.incident_steps);
	assert_true(fault_rows_count(&rows, STORE_CHECKPOINT) <=
		    fault_rows_count(&rows, STORE_JOURNAL));
	assert_int_equal(fault_rows_count(&rows, STORE_MEMO),
			 fault_rows_count(&rows, STORE_MEMO_KEY));
	expect_gone(world, &rows);
	fault_rows_free(&rows);
}
