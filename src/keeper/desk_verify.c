/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_verify - walks the whole journal, a tile's entries at a time, so that the house goes
 * on being written down meanwhile. What is added while it walks is not looked at.
 *
 * Of each window it reads the checkpoints, the cosignatures and the tiles first, then the
 * entries, and feeds them all to journal/walk.h in order; behind the last one it looks for
 * what reaches beyond the end.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "journal/walk.h"
#include "keeper/desk_inner.h"

enum {
	WINDOW = TILE_WIDTH,
	CHECKPOINT_BYTES_MAX = WINDOW * JOURNAL_CHECKPOINT_BYTES_MAX,
	COSIGNED_KEY_BYTES = 8 + PEOPLE_KEY_BYTES,
	COSIGNED_MAX = 65536, /* of one window */
	PROGRESS_MS = 250,
};
_Static_assert((int)WINDOW <= (int)STORE_RANGE_ROWS_MAX, "a window is one question");

struct cosigned {
	struct merkle_head head;
	char who[PEOPLE_NAME_BYTES];
};

struct verify_job {
	struct job job;
	struct walk walk;
	struct desk_incident_audit incidents;
	uint64_t limit; /* the size when it began */
	uint64_t from;  /* the window's first place */
	int64_t told_ms;
	uint64_t tile_total;
	uint64_t cosigned_total;
	size_t checkpoint_count;
	struct {
		uint64_t size;
		size_t at; /* in checkpoint_bytes */
		size_t bytes_size;
	} checkpoints[WINDOW];
	struct buf checkpoint_bytes;
	size_t cosigned_count;
	size_t cosigned_room;
	struct cosigned *cosigned; /* owned */
	size_t tile_count;         /* read of this window, from level 0 up */
	struct {
		bool is_there;
		struct buf bytes;
	} tiles[TILE_LEVELS];
	unsigned level; /* whose strays are looked for */
	struct store_range rest;
};

static void ask_checkpoints(struct desk *desk, struct verify_job *verify);
static void ask_entries(struct desk *desk, struct verify_job *verify);
static void ask_beyond(struct desk *desk, struct verify_job *verify);

static void drop_window(struct verify_job *verify)
{
	verify->checkpoint_count = 0;
	verify->cosigned_count = 0;
	verify->tile_count = 0;
	buf_clear(&verify->checkpoint_bytes);
}

static void verify_free(struct job *job)
{
	struct verify_job *verify = (struct verify_job *)job;

	buf_finish(&verify->checkpoint_bytes);
	for (size_t i = 0; i < TILE_LEVELS; i++)
		buf_finish(&verify->tiles[i].bytes);
	free(verify->cosigned);
	free(verify);
}

/* --- how it ends ------------------------------------------------------------------------ */

static void fill_in(struct wire_verified *verified, const struct verify_job *verify)
{
	const struct walk *walk = &verify->walk;

	verified->whole = walk->wrong == WALK_NOTHING;
	verified->from = walk->from;
	verified->to = walk->to;
	verified->tiles = verify->tile_total;
	verified->cosignatures = verify->cosigned_total;
	must(str_copy(verified->wrong, sizeof(verified->wrong),
		      walk_wrong_text(walk->wrong)));
	must(str_copy(verified->trouble, sizeof(verified->trouble), walk->words));
}

static void end_verify(struct verify_job *verify, enum err err)
{
	struct desk_link *link = verify->job.link;
	struct wire_verified verified = {.entries = verify->walk.size};
	uint8_t root[SEAL_HASH_BYTES];

	if (err == OK)
		err = walk_root(&verify->walk, root);
	if (err == OK) {
		str_to_hex(verified.root, root, sizeof(root));
	} else {
		verify->walk.wrong = WALK_NOTHING; /* it is not known */
		walk_is_wrong(&verify->walk, WALK_UNREADABLE, verify->walk.size + 1,
			      verify->walk.size + 1, "the journal cannot be read: %s",
			      err_words(err));
	}
	fill_in(&verified, verify);
	if (err == OK && !verified.whole)
		desk_incident_open(link->desk, INCIDENT_JOURNAL_NOT_WHOLE,
				   (struct record_id){{0}}, NULL);
	else if (err == OK)
		desk_incident_audit_end(link->desk, &verify->incidents);
	desk_job_end(link);
	desk_certificate_verify(link, &verified);
}

/* --- where something is wrong, among several -------------------------------------------- */

static void ask_suspects(struct desk *desk, struct verify_job *verify);

static void got_suspects(struct desk *desk, struct job *job, enum err err,
			 const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	uint64_t place = 0;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		if (desk_number_of(&rows->rows[i].key, &place))
			walk_suspect(&verify->walk, place, rows->rows[i].value,
				     rows->rows[i].size);
	}
	verify->from = place + 1;
	if (err == OK && verify->walk.has_suspects && rows->more && rows->count > 0) {
		ask_suspects(desk, verify);
		return;
	}
	walk_settle(&verify->walk);
	end_verify(verify, err);
}

static void ask_suspects(struct desk *desk, struct verify_job *verify)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, verify->from),
		.last = desk_key_number(desk, STORE_JOURNAL, verify->walk.to),
		.limit = STORE_RANGE_ROWS_MAX,
	};
	const enum err err = desk_job_range(desk, &verify->job, &range, got_suspects);

	if (err != OK)
		end_verify(verify, err);
}

static void got_next(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	uint64_t next = 0;

	(void)desk;
	if (err == OK && rows->count > 0 && desk_number_of(&rows->rows[0].key, &next) &&
	    next > verify->walk.from)
		walk_missing(&verify->walk, verify->walk.from, next - 1);
	else if (err == OK)
		walk_missing(&verify->walk, verify->walk.from, verify->limit);
	end_verify(verify, err);
}

/* How far do those that are missing go? */
static void ask_next(struct desk *desk, struct verify_job *verify)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, verify->walk.from),
		.last = desk_key_number(desk, STORE_JOURNAL, verify->limit),
		.limit = 1,
	};
	const enum err err = desk_job_range(desk, &verify->job, &range, got_next);

	if (err != OK)
		end_verify(verify, err);
}

/* Something is wrong: nothing more is read, but for what says where. */
static void name_it(struct desk *desk, struct verify_job *verify)
{
	verify->from = verify->walk.from;
	if (verify->walk.has_suspects)
		ask_suspects(desk, verify);
	else if (verify->walk.wrong == WALK_ENTRY_MISSING)
		ask_next(desk, verify);
	else
		end_verify(verify, OK);
}

/* --- a window --------------------------------------------------------------------------- */

static uint64_t window_end(const struct verify_job *verify)
{
	uint64_t left = verify->limit - verify->from;

	return left < WINDOW ? verify->limit : verify->from + WINDOW - 1;
}

static void tell_progress(struct desk *desk, struct verify_job *verify)
{
	const struct wire_verify_progress progress = {.done = verify->walk.size,
						      .of = verify->limit};
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	if (now_ms - verify->told_ms < PROGRESS_MS)
		return;
	verify->told_ms = now_ms;
	desk_say(verify->job.link, WIRE_verify_progress, &progress);
}

static void feed_checkpoint(const struct desk *desk, struct verify_job *verify,
			    size_t which)
{
	const uint64_t size = verify->checkpoints[which].size;
	const uint8_t *bytes =
		verify->checkpoint_bytes.bytes + verify->checkpoints[which].at;
	const size_t bytes_size = verify->checkpoints[which].bytes_size;
	struct journal_stated stated;

	/* On the last one all others rest: its signature counts, not its seal alone. */
	if (size == verify->limit &&
	    journal_read_checkpoint(desk->journal, bytes, bytes_size, &stated) != OK)
		bytes = (const uint8_t *)"";
	walk_checkpoint(&verify->walk, size, bytes, bytes_size);
}

/* What stands behind the entry at place. */
static void feed_signed(const struct desk *desk, struct verify_job *verify,
			uint64_t place, size_t *next_checkpoint, size_t *next_cosigned)
{
	while (*next_checkpoint < verify->checkpoint_count &&
	       verify->checkpoints[*next_checkpoint].size <= place)
		feed_checkpoint(desk, verify, (*next_checkpoint)++);
	for (; *next_cosigned < verify->cosigned_count &&
	       verify->cosigned[*next_cosigned].head.size <= place;
	     (*next_cosigned)++) {
		const struct cosigned *at = &verify->cosigned[*next_cosigned];

		walk_cosigned(&verify->walk, at->head.size, at->head.root, at->who);
	}
}

static void feed_tiles(struct verify_job *verify)
{
	for (size_t i = 0; i < verify->tile_count; i++) {
		const struct tile_id id = {
			(unsigned)i, tile_full_count((unsigned)i, verify->walk.size) - 1};

		walk_tile(&verify->walk, id,
			  verify->tiles[i].is_there ? verify->tiles[i].bytes.bytes : NULL,
			  verify->tiles[i].bytes.size);
		verify->tile_total += verify->walk.wrong == WALK_NOTHING;
	}
}

static void got_entries(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	struct walk *walk = &verify->walk;
	const uint64_t end = window_end(verify);
	size_t checkpoint = 0;
	size_t cosigned = 0;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		uint64_t place = 0;

		(void)desk_number_of(&rows->rows[i].key,
				     &place); /* else 0: out of order */
		walk_entry(walk, place, rows->rows[i].value, rows->rows[i].size);
		desk_incident_audit_row(desk, &verify->incidents, &rows->rows[i]);
		if (walk->wrong != WALK_NOTHING)
			break;
		if (place == end)
			feed_tiles(verify);
		feed_signed(desk, verify, place, &checkpoint, &cosigned);
	}
	if (err == OK && walk->size < end)
		walk_missing(walk, walk->size + 1, end);
	drop_window(verify);
	tell_progress(desk, verify);
	if (err != OK) {
		end_verify(verify, err);
	} else if (walk->wrong != WALK_NOTHING) {
		name_it(desk, verify);
	} else if (end == verify->limit) {
		ask_beyond(desk, verify);
	} else {
		verify->from = end + 1;
		ask_checkpoints(desk, verify);
	}
}

static struct store_range window_of(struct desk *desk, const struct verify_job *verify,
				    enum store_space space)
{
	return (struct store_range){
		.first = desk_key_number(desk, space, verify->from),
		.last = desk_key_number(desk, space, window_end(verify)),
		.limit = WINDOW,
	};
}

static void ask_entries(struct desk *desk, struct verify_job *verify)
{
	const struct store_range range = window_of(desk, verify, STORE_JOURNAL);
	const enum err err = desk_job_range(desk, &verify->job, &range, got_entries);

	if (err != OK)
		end_verify(verify, err);
}

/* --- its tiles -------------------------------------------------------------------------- */

static void ask_tile(struct desk *desk, struct verify_job *verify);

static void got_tile(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	const size_t level = verify->tile_count;

	if (err != OK && err != ERR_MISSING) {
		end_verify(verify, err);
		return;
	}
	buf_clear(&verify->tiles[level].bytes);
	verify->tiles[level].is_there = err == OK;
	/* Until they are all made, none is missing. */
	if (err == ERR_MISSING && desk->tiles != DESK_TILES_KEPT &&
	    desk->tiles != DESK_TILES_WRONG) {
		ask_entries(desk, verify);
		return;
	}
	if (err == OK)
		err = buf_add(&verify->tiles[level].bytes, rows->rows[0].value,
			      rows->rows[0].size);
	if (err == ERR_MEMORY) {
		end_verify(verify, err);
		return;
	}
	if (err == ERR_LIMIT)
		buf_clear(&verify->tiles[level].bytes); /* too long to be one */
	verify->tile_count++;
	ask_tile(desk, verify);
}

/* The next level's that ends where the window does, or the entries. */
static void ask_tile(struct desk *desk, struct verify_job *verify)
{
	const unsigned level = (unsigned)verify->tile_count;
	const uint64_t end = window_end(verify);
	struct store_key key;
	enum err err;

	if (level == TILE_LEVELS || end % TILE_WIDTH != 0 ||
	    (level > 0 && tile_partial_width(level, end) != 0) ||
	    tile_full_count(level, end) == 0) {
		ask_entries(desk, verify);
		return;
	}
	key = desk_tile_key(desk,
			    (struct tile_id){level, tile_full_count(level, end) - 1});
	err = desk_job_get(desk, &verify->job, &key, got_tile);
	if (err != OK)
		end_verify(verify, err);
}

/* --- its cosignatures ------------------------------------------------------------------- */

/* ERR_AUTH: walk says why. */
static enum err read_cosigned(const struct desk *desk, struct walk *walk,
			      const struct store_row *row, struct cosigned *out_cosigned)
{
	const struct device *device = NULL;
	struct cosignature read;
	struct unpack unpack;
	uint64_t size;

	unpack_init(&unpack, row->key.bytes, row->key.size);
	size = unpack_u64(&unpack);
	if (row->key.size == COSIGNED_KEY_BYTES)
		device = policy_device(&desk->policy, row->key.bytes + 8);
	if (!device) {
		walk_is_wrong(walk, WALK_COSIGNATURE_CHANGED, size, size,
			      "the cosignature at %" PRIu64
			      " is of no device of this house",
			      size);
		return ERR_AUTH;
	}
	if (cosignature_read_row(desk->parts.household, device->key, size, row->value,
				 row->size, &read) != OK) {
		walk_is_wrong(walk, WALK_COSIGNATURE_CHANGED, size, size,
			      "the cosignature of device %s at %" PRIu64 " was changed",
			      device->name, size);
		return ERR_AUTH;
	}
	out_cosigned->head = read.head;
	must(str_copy(out_cosigned->who, sizeof(out_cosigned->who), device->name));
	return OK;
}

static enum err keep_cosigned(const struct desk *desk, struct verify_job *verify,
			      const struct store_row *row)
{
	if (verify->cosigned_count == verify->cosigned_room) {
		const size_t room = verify->cosigned_room * 2 + 64;
		struct cosigned *more = NULL;

		if (room <= COSIGNED_MAX)
			more = reallocarray(verify->cosigned, room, sizeof(*more));
		if (!more)
			return ERR_MEMORY;
		verify->cosigned = more;
		verify->cosigned_room = room;
	}
	const enum err err = read_cosigned(desk, &verify->walk, row,
					   &verify->cosigned[verify->cosigned_count]);
	verify->cosigned_count += err == OK;
	verify->cosigned_total += err == OK;
	return err;
}

static void ask_cosigned(struct desk *desk, struct verify_job *verify);

static void got_cosigned(struct desk *desk, struct job *job, enum err err,
			 const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = keep_cosigned(desk, verify, &rows->rows[i]);
	if (err == ERR_AUTH) {
		end_verify(verify, OK);
	} else if (err != OK) {
		end_verify(verify, err);
	} else if (rows->more && rows->count > 0) {
		verify->rest.first = rows->rows[rows->count - 1].key;
		must(verify->rest.first.size < STORE_KEY_BYTES_MAX);
		verify->rest.first.bytes[verify->rest.first.size++] = 0;
		ask_cosigned(desk, verify);
	} else {
		ask_tile(desk, verify);
	}
}

static void ask_cosigned(struct desk *desk, struct verify_job *verify)
{
	const enum err err =
		desk_job_range(desk, &verify->job, &verify->rest, got_cosigned);

	if (err != OK)
		end_verify(verify, err);
}

/* Of all devices that cosigned from that size to that one. */
static struct store_range cosigned_range(const struct desk *desk, uint64_t from,
					 uint64_t to)
{
	struct store_range range = {
		.first = desk_key_number(desk, STORE_COSIGNATURE, from),
		.last = desk_key_number(desk, STORE_COSIGNATURE, to),
		.limit = WINDOW,
	};

	memset(range.last.bytes + range.last.size, 0xff, PEOPLE_KEY_BYTES);
	range.last.size += PEOPLE_KEY_BYTES;
	return range;
}

/* --- its checkpoints -------------------------------------------------------------------- */

static enum err keep_checkpoints(struct verify_job *verify, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		uint64_t size = 0;
		enum err err;

		if (!desk_number_of(&row->key, &size))
			return ERR_FORMAT;
		verify->checkpoints[i].size = size;
		verify->checkpoints[i].at = verify->checkpoint_bytes.size;
		verify->checkpoints[i].bytes_size = row->size;
		/* One that is too long is none: its place stays. */
		if (row->size > JOURNAL_CHECKPOINT_BYTES_MAX)
			verify->checkpoints[i].bytes_size = 0;
		err = buf_add(&verify->checkpoint_bytes, row->value,
			      verify->checkpoints[i].bytes_size);
		if (err != OK)
			return err;
		verify->checkpoint_count = i + 1;
	}
	return OK;
}

static void got_checkpoints(struct desk *desk, struct job *job, enum err err,
			    const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;

	if (err == OK)
		err = keep_checkpoints(verify, rows);
	if (err != OK) {
		end_verify(verify, err);
		return;
	}
	verify->rest = cosigned_range(desk, verify->from, window_end(verify));
	ask_cosigned(desk, verify);
}

static void ask_checkpoints(struct desk *desk, struct verify_job *verify)
{
	const struct store_range range = window_of(desk, verify, STORE_CHECKPOINT);
	const enum err err = desk_job_range(desk, &verify->job, &range, got_checkpoints);

	if (err != OK)
		end_verify(verify, err);
}

/* --- behind the end --------------------------------------------------------------------- */

static void ask_strays(struct desk *desk, struct verify_job *verify);

static void got_strays(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	char path[TILE_PATH_BYTES];
	struct tile_id id;

	if (err == OK && rows->count > 0) {
		if (tile_from_key(rows->rows[0].key.bytes, rows->rows[0].key.size, &id) !=
		    OK)
			id = (struct tile_id){verify->level, 0};
		tile_path(id, TILE_WIDTH, path);
		walk_is_wrong(&verify->walk, WALK_TILE_STRAY, verify->limit + 1,
			      verify->limit + 1,
			      "%s is of entries behind the journal's end", path);
	}
	if (err != OK || verify->walk.wrong != WALK_NOTHING) {
		end_verify(verify, err);
		return;
	}
	verify->level++;
	ask_strays(desk, verify);
}

static void ask_strays(struct desk *desk, struct verify_job *verify)
{
	struct store_range range = {.limit = 1};
	enum err err;

	if (verify->level == TILE_LEVELS) {
		end_verify(verify, OK);
		return;
	}
	range.first = desk_tile_key(
		desk,
		(struct tile_id){verify->level,
				 tile_full_count(verify->level,
						 journal_pending_size(desk->journal))});
	range.last = desk_tile_key(desk, (struct tile_id){verify->level, UINT64_MAX});
	err = desk_job_range(desk, &verify->job, &range, got_strays);
	if (err != OK)
		end_verify(verify, err);
}

/* A device that has seen more than there is. */
static void got_beyond(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct verify_job *verify = (struct verify_job *)job;
	const uint64_t size = journal_size(desk->journal);
	struct cosigned cosigned;

	if (err == OK && rows->count > 0 &&
	    read_cosigned(desk, &verify->walk, &rows->rows[0], &cosigned) == OK &&
	    cosigned.head.size > size)
		walk_is_wrong(&verify->walk, WALK_CUT_SHORT, size + 1, cosigned.head.size,
			      "the journal ends at %" PRIu64
			      ", but device %s cosigned %" PRIu64 ": it was cut short",
			      size, cosigned.who, cosigned.head.size);
	if (err != OK || verify->walk.wrong != WALK_NOTHING)
		end_verify(verify, err);
	else
		ask_strays(desk, verify);
}

static void ask_beyond(struct desk *desk, struct verify_job *verify)
{
	struct store_range range = cosigned_range(desk, verify->limit + 1, UINT64_MAX);
	enum err err;

	walk_end(&verify->walk, verify->limit);
	if (verify->walk.wrong != WALK_NOTHING) {
		name_it(desk, verify);
		return;
	}
	range.backwards = true;
	range.limit = 1;
	err = desk_job_range(desk, &verify->job, &range, got_beyond);
	if (err != OK)
		end_verify(verify, err);
}

void desk_verify(struct desk *desk, struct desk_link *link)
{
	struct verify_job *verify = calloc(1, sizeof(*verify));

	if (!verify) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	verify->job.free_ = verify_free;
	verify->limit = journal_size(desk->journal);
	verify->from = 1;
	verify->told_ms = clock_now_ms(&desk->parts.clock);
	buf_init(&verify->checkpoint_bytes, CHECKPOINT_BYTES_MAX);
	for (size_t i = 0; i < TILE_LEVELS; i++)
		buf_init(&verify->tiles[i].bytes, TILE_BYTES);
	walk_begin(&verify->walk, desk->journal);
	desk_incident_audit_begin(desk, &verify->incidents);
	desk_job_begin(link, &verify->job);
	if (verify->limit == 0)
		ask_beyond(desk, verify);
	else
		ask_checkpoints(desk, verify);
}
