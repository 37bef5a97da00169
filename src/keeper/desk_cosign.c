/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_cosign - the journal as paired devices witness it: shows a device the newest
 * checkpoint and that it goes on from what the device knows, and keeps its cosignature; and
 * shows an owner single entries with their proofs.
 *
 * Invariants: a cosignature is kept only of what this link was shown, once for each device
 * and size; the keeper judges nobody by them: who compares is the device, and verify.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "keeper/desk_inner.h"

enum { KEY_BYTES = 8 + PEOPLE_KEY_BYTES };

/* One that a device has sent, and that may be there already. */
struct desk_cosigning {
	uint64_t request;
	uint64_t token;
	struct store_key key;
	uint8_t row[COSIGNATURE_ROW_BYTES];
};

static struct store_key row_key(const struct desk *desk, uint64_t size,
				const uint8_t device[PEOPLE_KEY_BYTES])
{
	uint8_t bytes[KEY_BYTES];
	struct pack pack;

	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, size);
	pack_bytes(&pack, device, PEOPLE_KEY_BYTES);
	must(pack_is_whole(&pack));
	return desk_key(desk, STORE_COSIGNATURE, bytes, sizeof(bytes));
}

void desk_cosign_closed(struct desk *desk, struct desk_link *link)
{
	desk_proof_forget(desk, link);
	free(link->cosigning);
	link->cosigning = NULL;
}

/* --- showing it ------------------------------------------------------------------------- */

static void refuse_proof(struct desk_link *link, enum err err)
{
	desk_refuse(link, err == ERR_BUSY || err == ERR_MEMORY
				  ? DESK_REFUSE_TOO_MUCH_WAITS
			  : err == ERR_MISSING ? DESK_REFUSE_UNKNOWN_ENTRY
					       : DESK_REFUSE_DAMAGED_JOURNAL);
}

static void shown(struct desk *desk, void *context, enum err err,
		  const struct desk_proven *proven)
{
	struct desk_link *link = context;
	struct wire_log_head head = {.checkpoint = {NULL, 0}};

	(void)desk;
	link->asks_proof = false;
	if (err != OK) {
		refuse_proof(link, err);
		return;
	}
	link->shown = proven->head;
	head.checkpoint = (struct wire_slice){(const uint8_t *)proven->checkpoint,
					      proven->checkpoint_size};
	head.proof = (struct wire_slice){proven->proof->hashes[0],
					 proven->proof->count * SEAL_HASH_BYTES};
	desk_say(link, WIRE_log_head, &head);
}

/* Who knows of more than there is sees that by what it is shown. */
void desk_log_get(struct desk *desk, struct desk_link *link,
		  const struct wire_log_get *get)
{
	const uint64_t size = journal_size(desk->journal);
	enum err err = ERR_BUSY;

	if (get->size > size)
		log_line("keeper: a device knows a longer journal than there is; see: "
			 "behest verify");
	if (!link->asks_proof)
		err = desk_proof_since(desk, get->size < size ? get->size : size, shown,
				       link);
	if (err != OK)
		refuse_proof(link, err);
	else
		link->asks_proof = true;
}

/* --- an owner's look at one entry ------------------------------------------------------- */

static void entry_shown(struct desk *desk, void *context, enum err err,
			const struct desk_proven *proven)
{
	struct desk_link *link = context;
	struct wire_entry entry = {.row = {NULL, 0}};

	(void)desk;
	link->asks_proof = false;
	if (err != OK) {
		refuse_proof(link, err);
		return;
	}
	entry.row = (struct wire_slice){proven->row, proven->row_size};
	entry.proof =
		(struct wire_slice){(const uint8_t *)proven->text, proven->text_size};
	desk_say(link, WIRE_entry, &entry);
}

void desk_entry_get(struct desk *desk, struct desk_link *link,
		    const struct wire_entry_get *get)
{
	enum err err = ERR_BUSY;

	if (!link->asks_proof)
		err = desk_proof_of_entry(desk, get->place, get->size, entry_shown, link);
	if (err != OK)
		refuse_proof(link, err);
	else
		link->asks_proof = true;
}

/* --- keeping a cosignature -------------------------------------------------------------- */

static void say_done(struct desk_link *link, uint64_t token, enum err err)
{
	desk_say_done(link, token, err, 0, (struct record_id){{0}});
}

/* What that device cosigned last, as far as is known since the start; NULL: no device. */
static struct desk_cosigned *cosigned_of(struct desk *desk, const uint8_t *key)
{
	const struct device *device = policy_device(&desk->policy, key);
	struct desk_cosigned *cosigned;

	if (!device || device->is_revoked)
		return NULL;
	cosigned = &desk->cosigned[device - desk->policy.devices];
	if (memcmp(cosigned->key, key, sizeof(cosigned->key)) != 0) {
		memcpy(cosigned->key, key, sizeof(cosigned->key));
		cosigned->size = 0;
	}
	return cosigned;
}

static void written(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct desk_cosigned *cosigned =
		cosigned_of(desk, item->rows[0].key.bytes + sizeof(uint64_t));

	(void)place;
	if (err != OK && cosigned)
		cosigned->size = 0;
	if (link)
		say_done(link, item->token, err);
}

static void keep(struct desk *desk, struct desk_link *link,
		 const struct desk_cosigning *cosigning)
{
	struct item *item = NULL;
	enum err err = item_create(link, cosigning->token, written, &item);

	if (err == OK) {
		item->has_no_event = true;
		err = item_add_row(item, &cosigning->key, cosigning->row,
				   sizeof(cosigning->row));
	}
	if (err == OK) {
		desk_write_take(desk, &item);
		return;
	}
	item_destroy(item);
	say_done(link, cosigning->token, err);
}

bool desk_cosign_rows(struct desk *desk, uint64_t request, enum err err,
		      const struct store_rows *rows)
{
	(void)rows;
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];
		struct desk_cosigning *cosigning = link ? link->cosigning : NULL;

		if (!cosigning || cosigning->request != request)
			continue;
		link->cosigning = NULL;
		if (err == ERR_MISSING)
			keep(desk, link, cosigning);
		else
			say_done(link, cosigning->token, err);
		free(cosigning);
		return true;
	}
	return false;
}

/* Is it there already? Of a restart before, or of another link of the device's. */
static enum err look_first(struct desk *desk, struct desk_link *link, uint64_t token,
			   const struct cosignature *cosignature)
{
	struct desk_cosigning *cosigning = calloc(1, sizeof(*cosigning));
	enum err err;

	if (!cosigning)
		return ERR_MEMORY;
	cosigning->token = token;
	cosigning->request = desk_next_id(desk);
	cosigning->key = row_key(desk, cosignature->head.size, link->key);
	cosignature_row(cosignature, cosigning->row);
	err = store_get(&desk->store, &cosigning->key, cosigning->request);
	if (err == OK)
		link->cosigning = cosigning;
	else
		free(cosigning);
	return err;
}

void desk_cosign(struct desk *desk, struct desk_link *link,
		 const struct wire_cosign *cosign)
{
	struct desk_cosigned *cosigned = cosigned_of(desk, link->key);
	struct cosignature read = {.head = link->shown, .at_s = cosign->at_s};
	enum err err = ERR_AUTH;

	if (cosigned && link->shown.size > 0 &&
	    cosign->signature.size == SEAL_SIGNATURE_BYTES) {
		memcpy(read.signature, cosign->signature.bytes, SEAL_SIGNATURE_BYTES);
		err = cosignature_check(desk->parts.household, link->key, &read);
	}
	if (err != OK) {
		desk_refuse(link, DESK_REFUSE_WRONG_SIGNATURE);
		return;
	}
	if (read.head.size <= cosigned->size) {
		say_done(link, cosign->token, OK);
		return;
	}
	err = link->cosigning ? ERR_BUSY : look_first(desk, link, cosign->token, &read);
	if (err == OK)
		cosigned->size = read.head.size;
	else
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
}
