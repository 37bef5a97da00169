/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening - salt, record, epoch, in this order; then the vault decides whether they open.
 *
 * Keys are made of the signed-in owner's id, so that another owner's recording is not
 * even asked for.
 */
#include "keeper/opening.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"

struct opening *opening_of(struct job *job)
{
	return &((struct opening_job *)job)->opening;
}

void opening_finish(struct opening *opening)
{
	secret_destroy(opening->plain);
	epoch_opened_destroy(opening->opened);
	free(opening->row);
	seal_wipe(opening->salt, sizeof(opening->salt));
	opening->plain = NULL;
	opening->opened = NULL;
	opening->row = NULL;
}

/* Of whoever the last recording was. */
static void forget_keys(struct opening *opening)
{
	epoch_opened_destroy(opening->opened);
	opening->opened = NULL;
	opening->generation = 0;
}

static void end_opening(struct desk *desk, struct job *job, enum err err)
{
	struct opening *opening = opening_of(job);

	if (err == ERR_AUTH)
		desk_incident_open(desk, INCIDENT_DOES_NOT_OPEN, opening->record,
				   job->link);
	opening->err = err;
	opening->is_over = true;
	opening->over(desk, job);
}

static bool is_box(const struct desk *desk, const struct opening *opening)
{
	return id_equal(opening->owner.bytes, kek_box_owner(desk->parts.household).bytes);
}

static void open_now(struct desk *desk, struct job *job)
{
	struct opening *opening = opening_of(job);
	const struct recording_rows rows = {
		.salt = opening->salt,
		.salt_size = opening->salt_size,
		.record = opening->row,
		.record_size = opening->row_size,
	};

	end_opening(desk, job,
		    (is_box(desk, opening) ? recording_open_box : recording_open_under)(
			    job->link->view, desk->parts.household, opening->opened,
			    opening->record, opening->kind, &rows, &opening->about,
			    &opening->plain));
}

/* What is not as a keeper writes it was exchanged or changed. */
static enum err as_changed(enum err err)
{
	return err == ERR_FORMAT || err == ERR_VERSION ? ERR_AUTH : err;
}

static void open_epoch(struct desk *desk, struct job *job, bool has_kek)
{
	struct opening *opening = opening_of(job);
	const struct epoch_rows rows = {
		.epoch = opening->epoch,
		.epoch_size = opening->epoch_size,
		.kek = has_kek ? opening->kek : NULL,
		.kek_size = has_kek ? sizeof(opening->kek) : 0,
	};
	enum err err = ERR_AUTH;

	if (desk_certificate_holds(desk, owner_view_id(job->link->view)))
		err = epoch_open(job->link->view, desk->parts.household, desk->public_key,
				 opening->epoch_id, &rows, &opening->opened);
	if (err == OK)
		open_now(desk, job);
	else
		end_opening(desk, job, as_changed(err));
}

static void got_kek(struct desk *desk, struct job *job, enum err err,
		    const struct store_rows *rows)
{
	struct opening *opening = opening_of(job);

	if (err == OK && rows->rows[0].size != KEK_ROW_BYTES)
		err = ERR_AUTH;
	if (err != OK) {
		opening->generation = 0;
		end_opening(desk, job, err);
		return;
	}
	memcpy(opening->kek, rows->rows[0].value, KEK_ROW_BYTES);
	open_epoch(desk, job, true);
}

static void ask_kek(struct desk *desk, struct job *job, uint64_t generation)
{
	struct opening *opening = opening_of(job);
	struct store_key key;
	enum err err;

	if (opening->generation == generation) {
		open_epoch(desk, job, true);
		return;
	}
	opening->generation = generation;
	key = is_box(desk, opening)
		      ? desk_box_key(desk, generation, owner_view_id(job->link->view))
		      : desk_kek_key(desk, opening->owner, generation);
	err = desk_job_get(desk, job, &key, got_kek);
	if (err != OK) {
		opening->generation = 0;
		end_opening(desk, job, err);
	}
}

static void got_epoch(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct opening *opening = opening_of(job);
	uint64_t generation = 0;

	if (err == OK && rows->rows[0].size > EPOCH_ROW_BYTES)
		err = ERR_AUTH;
	if (err == OK)
		err = as_changed(
			epoch_peek(rows->rows[0].value, rows->rows[0].size, &generation));
	if (err != OK) {
		end_opening(desk, job, err);
		return;
	}
	opening->epoch_size = rows->rows[0].size;
	memcpy(opening->epoch, rows->rows[0].value, opening->epoch_size);
	if (generation == 0)
		open_epoch(desk, job, false);
	else
		ask_kek(desk, job, generation);
}

static void ask_epoch(struct desk *desk, struct job *job, struct epoch_id id)
{
	struct opening *opening = opening_of(job);
	uint8_t bytes[2 * ID_BYTES];
	struct store_key key;
	enum err err;

	if (opening->opened && id_equal(opening->epoch_id.bytes, id.bytes)) {
		open_now(desk, job);
		return;
	}
	epoch_opened_destroy(opening->opened);
	opening->opened = NULL;
	opening->epoch_id = id;
	memcpy(bytes, opening->owner.bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, id.bytes, ID_BYTES);
	key = desk_key(desk, STORE_EPOCH, bytes, sizeof(bytes));
	err = desk_job_get(desk, job, &key, got_epoch);
	if (err != OK)
		end_opening(desk, job, err);
}

static void got_record(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct opening *opening = opening_of(job);
	struct recording_about about;

	if (err == OK &&
	    recording_peek(rows->rows[0].value, rows->rows[0].size, &about) != OK)
		err = ERR_AUTH;
	if (err == OK) {
		free(opening->row);
		opening->row_size = rows->rows[0].size;
		opening->row = malloc(opening->row_size);
		if (!opening->row)
			err = ERR_MEMORY;
	}
	if (err != OK) {
		end_opening(desk, job, err);
		return;
	}
	memcpy(opening->row, rows->rows[0].value, opening->row_size);
	ask_epoch(desk, job, about.epoch);
}

static struct store_key record_key(struct desk *desk, struct job *job,
				   enum store_space space)
{
	struct opening *opening = opening_of(job);
	uint8_t bytes[RECORDING_KEY_BYTES];

	recording_key(opening->owner, opening->record, opening->kind, bytes);
	return desk_key(desk, space, bytes, sizeof(bytes));
}

static void got_salt(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct opening *opening = opening_of(job);
	struct store_key key = record_key(desk, job, STORE_RECORD);

	if (err == OK && rows->rows[0].size != RECORDING_SALT_ROW_BYTES)
		err = ERR_AUTH;
	if (err == OK) {
		memcpy(opening->salt, rows->rows[0].value, RECORDING_SALT_ROW_BYTES);
		opening->salt_size = RECORDING_SALT_ROW_BYTES;
		err = desk_job_get(desk, job, &key, got_record);
	}
	if (err != OK)
		end_opening(desk, job, err);
}

static void begin(struct desk *desk, struct job *job, struct owner_id owner)
{
	struct opening *opening = opening_of(job);
	struct store_key key;
	enum err err;

	must(!opening->plain);
	if (!id_equal(opening->owner.bytes, owner.bytes))
		forget_keys(opening);
	opening->owner = owner;
	key = record_key(desk, job, STORE_SALT);
	err = desk_job_get(desk, job, &key, got_salt);
	if (err != OK)
		end_opening(desk, job, err);
}

static bool may_begin(struct desk *desk, struct job *job, struct record_id record,
		      enum recording_kind kind,
		      void (*over)(struct desk *desk, struct job *job))
{
	struct opening *opening = opening_of(job);

	opening->record = record;
	opening->kind = kind;
	opening->is_over = false;
	opening->over = over;
	if (owner_view_is_open(job->link->view))
		return true;
	end_opening(desk, job, ERR_DENIED);
	return false;
}

void opening_begin(struct desk *desk, struct job *job, struct record_id record,
		   enum recording_kind kind,
		   void (*over)(struct desk *desk, struct job *job))
{
	if (may_begin(desk, job, record, kind, over))
		begin(desk, job, owner_view_id(job->link->view));
}

void opening_begin_box(struct desk *desk, struct job *job, struct record_id record,
		       enum recording_kind kind,
		       void (*over)(struct desk *desk, struct job *job))
{
	if (may_begin(desk, job, record, kind, over))
		begin(desk, job, desk_box_owner(desk));
}
