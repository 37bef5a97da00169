/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_receipt - tells whoever had something destroyed what it was: the receipt, then, one
 * after the other, the proofs that the journal holds the entries it names.
 *
 * A proof that cannot be made is left out, and whoever checks the receipt sees that: what it
 * says of was done by then.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"
#include "tlog/tree.h"

enum {
	PIECE = 60000,
	PROOFS_MAX = 1000, /* of more, those of the first and the last */
};

struct receipt_job {
	struct job job;
	enum err err;  /* how what it tells of went */
	uint64_t size; /* of the journal that they are proved in; 0: not known yet */
	size_t next;
	size_t count;
	uint64_t places[PROOFS_MAX];
	uint8_t leaf[SEAL_HASH_BYTES]; /* of places[next] */
};

static void free_job(struct job *job)
{
	desk_proof_forget(job->link->desk, job);
	free(job);
}

static void say_text(struct desk_link *link, const uint8_t *text, size_t size)
{
	for (size_t at = 0; at < size; at += PIECE) {
		const struct wire_receipt piece = {
			.text = {text + at, size - at < PIECE ? size - at : PIECE}};

		desk_say(link, WIRE_receipt, &piece);
	}
}

static void say_end(struct desk_link *link, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};

	desk_say(link, WIRE_end, &end);
}

/* --- the proofs ------------------------------------------------------------------------- */

static void ask_next(struct desk *desk, struct receipt_job *job);

static void left_out(struct desk *desk, struct receipt_job *job, enum err err)
{
	log_line("keeper: a receipt goes without a proof of entry %" PRIu64 ": %s",
		 job->places[job->next], err_words(err));
	job->next++;
	ask_next(desk, job);
}

static void got_proof(struct desk *desk, void *context, enum err err,
		      const struct desk_proven *proven)
{
	struct receipt_job *job = context;
	char hash[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];
	char line[64 + sizeof(hash)];

	if (err != OK) {
		left_out(desk, job, err);
		return;
	}
	seal_base64(hash, sizeof(hash), job->leaf, sizeof(job->leaf));
	must(str_format(line, sizeof(line), "\nentry %" PRIu64 " %s\n",
			job->places[job->next], hash));
	say_text(job->job.link, (const uint8_t *)line, strlen(line));
	say_text(job->job.link, (const uint8_t *)proven->text, proven->text_size);
	job->size = proven->head.size;
	job->next++;
	ask_next(desk, job);
}

static void got_entry(struct desk *desk, struct job *head, enum err err,
		      const struct store_rows *rows)
{
	struct receipt_job *job = (struct receipt_job *)head;

	if (err == OK)
		err = tree_leaf_hash(rows->rows[0].value, rows->rows[0].size, job->leaf);
	if (err == OK)
		err = desk_proof_of_entry(desk, job->places[job->next], job->size,
					  got_proof, job);
	if (err != OK)
		left_out(desk, job, err);
}

static void ask_next(struct desk *desk, struct receipt_job *job)
{
	struct desk_link *link = job->job.link;
	struct store_key key;
	enum err err = job->err;

	if (job->next < job->count) {
		key = desk_key_number(desk, STORE_JOURNAL, job->places[job->next]);
		if (desk_job_get(desk, &job->job, &key, got_entry) == OK)
			return;
		log_line("keeper: a receipt goes without all of its proofs");
	}
	desk_job_end(link);
	say_end(link, err);
}

/* --- the receipt ------------------------------------------------------------------------ */

static void add_places(struct receipt_job *job, const struct recorded_set *set)
{
	uint64_t first = 0;
	uint64_t last = 0;

	for (size_t i = 0; i < set->count; i++) {
		const uint64_t place = set->list[i].deleted;

		if (place == 0)
			continue;
		if (job->count < PROOFS_MAX)
			job->places[job->count++] = place;
		first = first == 0 || place < first ? place : first;
		last = place > last ? place : last;
	}
	if (job->count == PROOFS_MAX) {
		job->places[0] = first;
		job->places[1] = last;
		job->count = 2;
	}
}

static enum err begin(struct desk *desk, struct desk_link *link, enum err err,
		      const struct receipt *receipt)
{
	struct receipt_job *job = calloc(1, sizeof(*job));

	if (!job)
		return ERR_MEMORY;
	job->job.free_ = free_job;
	job->err = err;
	if (receipt->ended > 0)
		job->places[job->count++] = receipt->ended;
	else if (receipt->erased > 0)
		job->places[job->count++] = receipt->erased;
	else
		add_places(job, receipt->set);
	desk_job_begin(link, &job->job);
	ask_next(desk, job);
	return OK;
}

void desk_receipt(struct desk *desk, struct desk_link *link, enum err err,
		  const struct receipt *receipt)
{
	struct buf text;
	enum err written = OK;

	if (receipt->count == 0 && receipt->erased == 0 && receipt->ended == 0) {
		say_end(link, err);
		return;
	}
	buf_init(&text, RECEIPT_BYTES_MAX);
	written = receipt_write(desk, receipt, &text);
	if (written == OK)
		say_text(link, text.bytes, text.size);
	buf_finish(&text);
	if (written == OK)
		written = begin(desk, link, err, receipt);
	if (written != OK)
		say_end(link, err == OK ? written : err);
}
