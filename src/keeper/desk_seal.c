/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_seal - takes recordings in, piece by piece, and seals them as they come.
 *
 * Whose a recording is: the private owner of its room, where that room may record. For
 * any other room nothing is kept, and nothing is begun. The policy is looked at twice,
 * at the first piece and at the last. Invariant: plaintext lies here only in the writer's
 * one chunk and in the transcript's locked memory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

static const struct record_id NO_RECORD = {{0}};

/* --- epochs ----------------------------------------------------------------------------- */

struct desk_epoch *desk_epoch_hold(struct desk_epoch *epoch)
{
	must(epoch->holders > 0);
	epoch->holders++;
	return epoch;
}

void desk_epoch_release(struct desk_epoch *epoch)
{
	if (!epoch)
		return;
	must(epoch->holders > 0);
	epoch->holders--;
	if (epoch->holders > 0)
		return;
	epoch_destroy(epoch->epoch);
	free(epoch);
}

/* The owner's current epoch, made when there is none or its time is over. */
static enum err current_epoch(struct desk *desk, size_t owner,
			      struct desk_epoch **out_epoch)
{
	struct desk_epoch *epoch = desk->epochs[owner];
	const struct kek *kek = NULL;
	enum err err = desk_kek_current(desk, owner, &kek);

	if (err != OK)
		return err;

	if (epoch && epoch_is_fresh(epoch->epoch)) {
		*out_epoch = epoch;
		return OK;
	}
	epoch = calloc(1, sizeof(*epoch));
	if (!epoch)
		return ERR_MEMORY;
	err = epoch_create(kek, secret_view(desk->parts.seed), &desk->parts.rand,
			   &desk->parts.clock, epoch->row, &epoch->epoch);
	if (err != OK) {
		free(epoch);
		return err;
	}
	epoch->holders = 1;
	desk_epoch_release(desk->epochs[owner]);
	desk->epochs[owner] = epoch;
	*out_epoch = epoch;
	return OK;
}

/* --- slots ------------------------------------------------------------------------------ */

static void slot_finish(struct seal_slot *slot)
{
	recording_writer_destroy(slot->sound);
	secret_destroy(slot->transcript);
	desk_epoch_release(slot->epoch);
	*slot = (struct seal_slot){.link = NULL};
}

static struct seal_slot *slot_find(struct desk *desk, const struct desk_link *link,
				   uint64_t token)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		if (desk->seals[i].link == link && desk->seals[i].token == token)
			return &desk->seals[i];
	}
	return NULL;
}

static struct seal_slot *slot_free(struct desk *desk)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		if (!desk->seals[i].link)
			return &desk->seals[i];
	}
	return NULL;
}

void desk_seal_drop(struct desk *desk, const struct desk_link *link)
{
	int64_t now_ms = clock_now_ms(&desk->parts.clock);

	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		struct seal_slot *slot = &desk->seals[i];

		if (!slot->link)
			continue;
		if (link ? slot->link == link : now_ms - slot->since_ms >= DESK_SEAL_MS)
			slot_finish(slot);
	}
}

void desk_seal_drop_owner(struct desk *desk, size_t owner)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		struct seal_slot *slot = &desk->seals[i];

		if (slot->link && id_equal(epoch_owner(slot->epoch->epoch).bytes,
					   desk->owners[owner].id.bytes)) {
			desk_say_done(slot->link, slot->token, ERR_DENIED, 0, NO_RECORD);
			slot_finish(slot);
		}
	}
	desk_epoch_release(desk->epochs[owner]);
	desk->epochs[owner] = NULL;
}

void desk_seal_tick(struct desk *desk)
{
	desk_seal_drop(desk, NULL);
	for (size_t i = 0; i < DESK_OWNERS_MAX; i++) {
		struct desk_epoch *epoch = desk->epochs[i];

		if (epoch && !epoch_is_fresh(epoch->epoch)) {
			desk_epoch_release(epoch);
			desk->epochs[i] = NULL;
		}
	}
}

/* Index of the owner whose recordings this room's are, or DESK_OWNERS_MAX. */
static size_t owner_of_room(const struct desk *desk, const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);

	if (!desk->policy.has_owner || !room || !room->is_private || room->muted ||
	    !(room->capabilities & MAY_RECORD))
		return DESK_OWNERS_MAX;
	return desk_owner_index(desk, room->private_owner);
}

/* --- the three messages ----------------------------------------------------------------- */

static enum err keep_transcript(struct seal_slot *slot, const char *transcript)
{
	enum err err = secret_create(RECORDING_TRANSCRIPT_BYTES, &slot->transcript);

	if (err == OK)
		must(str_copy((char *)secret_bytes(slot->transcript),
			      RECORDING_TRANSCRIPT_BYTES, transcript));
	return err;
}

static enum err fill_slot(struct desk *desk, struct seal_slot *slot, size_t owner,
			  const struct wire_seal_begin *begin)
{
	struct recording_about about = {
		.household = desk->parts.household,
		.owner = desk->owners[owner].id,
		.kind = RECORDING_SOUND,
		.turn = {begin->turn},
		.at_ms = begin->at_ms,
		.size = (uint64_t)begin->samples * sizeof(int16_t),
	};
	struct desk_epoch *epoch = NULL;
	enum err err = current_epoch(desk, owner, &epoch);

	if (err != OK)
		return err;
	slot->epoch = desk_epoch_hold(epoch);
	about.epoch = epoch_id_of(epoch->epoch);
	rand_fill(&desk->parts.rand, about.record.bytes, ID_BYTES);
	must(str_copy(about.room.text, sizeof(about.room.text), begin->room));
	err = keep_transcript(slot, begin->transcript);
	if (err == OK)
		err = recording_begin(&about, epoch->epoch, &desk->parts.rand,
				      &slot->sound);
	return err;
}

void desk_seal_begin(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_begin *begin)
{
	size_t owner = owner_of_room(desk, begin->room);
	struct seal_slot *slot;
	enum err err = OK;

	desk_seal_drop(desk, NULL);
	slot = slot_free(desk);
	if (desk->state == DESK_BROKEN)
		err = ERR_IO;
	else if (owner == DESK_OWNERS_MAX)
		err = ERR_DENIED;
	else if (begin->samples == 0 ||
		 begin->samples > (uint32_t)KEEP_SECONDS_MAX * AUDIO_HZ)
		err = ERR_RANGE;
	else if (!slot || slot_find(desk, link, begin->token))
		err = ERR_BUSY;
	if (err == OK) {
		slot->link = link;
		slot->token = begin->token;
		slot->since_ms = clock_now_ms(&desk->parts.clock);
		err = fill_slot(desk, slot, owner, begin);
		if (err != OK)
			slot_finish(slot);
	}
	if (err != OK)
		desk_say_done(link, begin->token, err, 0, NO_RECORD);
}

void desk_seal_sound(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_sound *sound)
{
	struct seal_slot *slot = slot_find(desk, link, sound->token);
	enum err err;

	if (!slot) /* it was refused, and the rest of it is still coming */
		return;
	err = recording_add(slot->sound, sound->pcm.bytes, sound->pcm.size);
	if (err != OK) {
		slot_finish(slot);
		desk_say_done(link, sound->token, err, 0, NO_RECORD);
	}
}

static void sealed(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	desk_say_done(desk_link_by_id(desk, item->link_id), item->token, err, place,
		      err == OK ? item->record : NO_RECORD);
}

/* The salt and the recording, under the same key in their two spaces. */
static enum err add_rows(struct desk *desk, struct item *item,
			 const struct recording_writer *writer)
{
	const struct recording_about *about = recording_writer_about(writer);
	uint8_t bytes[RECORDING_KEY_BYTES];
	struct store_key key;
	const uint8_t *row;
	size_t size;
	enum err err;

	recording_key(about->owner, about->record, about->kind, bytes);
	key = desk_key(desk, STORE_SALT, bytes, sizeof(bytes));
	err = item_add_row(item, &key, recording_salt_row(writer),
			   RECORDING_SALT_ROW_BYTES);
	if (err != OK)
		return err;
	key.space = STORE_RECORD;
	row = recording_row(writer, &size);
	return item_add_row(item, &key, row, size);
}

static enum err add_transcript(struct desk *desk, struct item *item,
			       struct seal_slot *slot)
{
	struct recording_about about = *recording_writer_about(slot->sound);
	struct recording_writer *writer = NULL;
	enum err err;

	about.kind = RECORDING_TRANSCRIPT;
	about.size = RECORDING_TRANSCRIPT_BYTES;
	err = recording_begin(&about, slot->epoch->epoch, &desk->parts.rand, &writer);
	if (err == OK)
		err = recording_add(writer, secret_view(slot->transcript),
				    RECORDING_TRANSCRIPT_BYTES);
	if (err == OK)
		err = recording_end(writer);
	if (err == OK)
		err = add_rows(desk, item, writer);
	recording_writer_destroy(writer);
	return err;
}

static void tell_of(struct desk *desk, struct item *item,
		    const struct recording_about *about)
{
	event_init(&item->event, EVENT_RECORDED, about->turn, about->room.text,
		   clock_wall_ms(&desk->parts.clock));
	desk_event_add_id(&item->event, "record", about->record.bytes);
	desk_event_add_id(&item->event, "owner", about->owner.bytes);
	event_add_int(&item->event, "ms",
		      audio_ms((size_t)about->size / sizeof(int16_t)));
	event_add(&item->event, "by", "room");
	item->record = about->record;
}

static enum err finish_recording(struct desk *desk, struct seal_slot *slot,
				 struct item *item)
{
	const struct recording_about *about = recording_writer_about(slot->sound);
	size_t owner = owner_of_room(desk, about->room.text);
	enum err err;

	if (owner == DESK_OWNERS_MAX ||
	    !id_equal(desk->owners[owner].id.bytes, about->owner.bytes))
		return ERR_DENIED;
	err = recording_end(slot->sound);
	if (err == OK)
		err = add_rows(desk, item, slot->sound);
	if (err == OK)
		err = add_transcript(desk, item, slot);
	if (err == OK) {
		item->epoch = desk_epoch_hold(slot->epoch);
		tell_of(desk, item, about);
	}
	return err;
}

void desk_seal_end(struct desk *desk, struct desk_link *link,
		   const struct wire_seal_end *end)
{
	struct seal_slot *slot = slot_find(desk, link, end->token);
	struct item *item = NULL;
	enum err err;

	if (!slot)
		return;
	err = item_create(link, end->token, sealed, &item);
	if (err == OK)
		err = finish_recording(desk, slot, item);
	slot_finish(slot);
	if (err == OK) {
		desk_write_take(desk, &item);
	} else {
		item_destroy(item);
		desk_say_done(link, end->token, err, 0, NO_RECORD);
	}
}
