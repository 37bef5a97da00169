/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_seal - takes recordings in, piece by piece, and seals them as they come.
 *
 * Whose a recording is: the private owner of its room, where that room may record. What is
 * heard in any other room is nobody's: it goes to the household's box, where that is on, and
 * else nothing is kept, and nothing is begun. The policy is looked at twice,
 * at the first piece and at the last. Invariant: plaintext lies here only in the writer's
 * one chunk and in the transcript's locked memory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { RECORD_ID_TIME_BYTES = 6 };

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

/* What the epochs of an owner, or of the box, are sealed to. */
static enum err current_kek(struct desk *desk, size_t whose, const struct kek **out_kek)
{
	if (whose != DESK_BOX)
		return desk_kek_current(desk, whose, out_kek);
	*out_kek = desk_box_current(desk);
	return *out_kek ? OK : ERR_BUSY;
}

/* The current epoch of an owner or of the box, made when there is none or its time is over. */
static enum err current_epoch(struct desk *desk, size_t whose,
			      struct desk_epoch **out_epoch)
{
	struct desk_epoch *epoch = desk->epochs[whose];
	const struct kek *kek = NULL;
	enum err err = current_kek(desk, whose, &kek);

	if (err != OK)
		return err;
	if (epoch && epoch_is_fresh(epoch->epoch)) {
		*out_epoch = epoch;
		return OK;
	}
	if (whose != DESK_BOX && !desk_certificate_holds(desk, desk->owners[whose].id))
		return ERR_AUTH;
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
	desk_seal_end_epoch(desk, whose);
	desk->epochs[whose] = epoch;
	*out_epoch = epoch;
	return OK;
}

/* --- slots ------------------------------------------------------------------------------ */

static void slot_finish(struct seal_slot *slot)
{
	recording_writer_destroy(slot->sound);
	secret_destroy(slot->transcript);
	desk_epoch_release(slot->epoch);
	hash_chain_finish(&slot->chain);
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

void desk_seal_end_epoch(struct desk *desk, size_t whose)
{
	desk_epoch_release(desk->epochs[whose]);
	desk->epochs[whose] = NULL;
}

static struct owner_id id_of(const struct desk *desk, size_t whose)
{
	return whose == DESK_BOX ? desk_box_owner(desk) : desk->owners[whose].id;
}

void desk_seal_drop_whose(struct desk *desk, size_t whose)
{
	const struct owner_id id = id_of(desk, whose);

	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		struct seal_slot *slot = &desk->seals[i];

		if (slot->link &&
		    id_equal(epoch_owner(slot->epoch->epoch).bytes, id.bytes)) {
			desk_say_done(slot->link, slot->token, ERR_DENIED, 0, NO_RECORD);
			slot_finish(slot);
		}
	}
	desk_seal_end_epoch(desk, whose);
}

/* Whose recordings this room's are: the index of an owner, DESK_BOX or DESK_NOBODY. */
static size_t whose_room(const struct desk *desk, const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	size_t owner;

	if (!desk->policy.has_owner || !room || room->muted ||
	    !(room->capabilities & MAY_RECORD))
		return DESK_NOBODY;
	if (!room->is_private)
		return desk->policy.has_box ? DESK_BOX : DESK_NOBODY;
	owner = desk_owner_index(desk, room->private_owner);
	return owner == DESK_OWNERS_MAX ? DESK_NOBODY : owner;
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

/* 48 bits of the wall clock's milliseconds, then 80 random ones: an owner's rows lie in the
 * order of time, so that a stretch of time is a stretch of keys. */
struct record_id desk_seal_new_id(const struct desk *desk)
{
	uint64_t ms = (uint64_t)clock_wall_ms(&desk->parts.clock);
	struct record_id id;

	rand_fill(&desk->parts.rand, id.bytes, ID_BYTES);
	for (size_t i = 0; i < RECORD_ID_TIME_BYTES; i++)
		id.bytes[i] = (uint8_t)(ms >> 8 * (RECORD_ID_TIME_BYTES - 1 - i));
	return id;
}

static enum err fill_slot(struct desk *desk, struct seal_slot *slot, size_t whose,
			  const struct wire_seal_begin *begin)
{
	struct recording_about about = {
		.household = desk->parts.household,
		.owner = id_of(desk, whose),
		.kind = RECORDING_SOUND,
		.turn = {begin->turn},
		.at_ms = begin->at_ms,
		.size = (uint64_t)begin->samples * sizeof(int16_t),
	};
	struct desk_epoch *epoch = NULL;
	enum err err = current_epoch(desk, whose, &epoch);

	if (err != OK)
		return err;
	slot->epoch = desk_epoch_hold(epoch);
	hash_chain_init(&slot->chain);
	about.epoch = epoch_id_of(epoch->epoch);
	about.record = desk_seal_new_id(desk);
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
	const size_t whose = whose_room(desk, begin->room);
	struct seal_slot *slot;
	enum err err = OK;

	desk_seal_drop(desk, NULL);
	slot = slot_free(desk);
	if (desk->state == DESK_BROKEN)
		err = ERR_IO;
	else if (whose == DESK_NOBODY)
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
		err = fill_slot(desk, slot, whose, begin);
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
	if (err == OK)
		err = hash_chain_add(&slot->chain, sound->pcm.bytes, sound->pcm.size);
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

/* The salt and the recording, under the same key in their two spaces, and the recording's
 * hash, by which the journal knows it again. */
static enum err add_rows(struct desk *desk, struct item *item,
			 const struct recording_writer *writer,
			 uint8_t out_hash[SEAL_HASH_BYTES])
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
	err = item_add_row(item, &key, row, size);
	return err == OK ? seal_sha256(&(struct seal_part){row, size}, 1, out_hash) : err;
}

static enum err add_transcript(struct desk *desk, struct item *item,
			       struct seal_slot *slot, uint8_t out_hash[SEAL_HASH_BYTES])
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
		err = add_rows(desk, item, writer, out_hash);
	recording_writer_destroy(writer);
	return err;
}

/* The hash over the two rows' hashes, as the journal has it. */
enum err desk_sealed_text(const uint8_t sound[SEAL_HASH_BYTES],
			  const uint8_t transcript[SEAL_HASH_BYTES],
			  char to[DESK_SEALED_TEXT_BYTES])
{
	const struct seal_part parts[] = {{sound, SEAL_HASH_BYTES},
					  {transcript, SEAL_HASH_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, 2, hash);

	if (err == OK)
		str_to_hex(to, hash, sizeof(hash));
	return err;
}

/* Whether its room vouches for the sound, by what it signed at the end of the lease. */
static void tell_attested(struct desk *desk, struct event *event,
			  const struct seal_slot *slot)
{
	const struct recording_about *about = recording_writer_about(slot->sound);
	const struct desk_heard_sound *heard =
		desk_attest_heard(desk, about->room.text, about->turn);
	const struct room_policy *room = policy_room(&desk->policy, about->room.text);

	if (!heard || heard->frames == 0) {
		event_add(event, "attested",
			  room && policy_room_is_thin(room)
				  ? "no: the room is marked thin or has no key"
				  : "no: the room signed nothing of it");
	} else if (heard->frames != slot->chain.blocks || slot->chain.rest_size > 0 ||
		   memcmp(heard->hash, slot->chain.hash, sizeof(heard->hash)) != 0) {
		event_add(event, "attested", "no: the room signed another sound");
	} else {
		event_add(event, "attested", "yes");
		event_add_int(event, "sequence", (int64_t)heard->sequence);
	}
}

static void tell_of(struct desk *desk, struct item *item, const struct seal_slot *slot,
		    const char sealed[DESK_SEALED_TEXT_BYTES])
{
	const struct recording_about *about = recording_writer_about(slot->sound);

	event_init(&item->event, EVENT_RECORDED, about->turn, about->room.text,
		   clock_wall_ms(&desk->parts.clock));
	desk_event_add_id(&item->event, "record", about->record.bytes);
	desk_event_add_id(&item->event, "owner", about->owner.bytes);
	event_add_int(&item->event, "ms",
		      audio_ms((size_t)about->size / sizeof(int16_t)));
	event_add(&item->event, "by",
		  id_equal(about->owner.bytes, desk_box_owner(desk).bytes) ? "box"
									   : "room");
	event_add(&item->event, "sealed", sealed);
	tell_attested(desk, &item->event, slot);
	item->record = about->record;
}

static enum err finish_recording(struct desk *desk, struct seal_slot *slot,
				 struct item *item)
{
	const struct recording_about *about = recording_writer_about(slot->sound);
	const size_t whose = whose_room(desk, about->room.text);
	uint8_t sound[SEAL_HASH_BYTES];
	uint8_t transcript[SEAL_HASH_BYTES];
	char sealed_as[DESK_SEALED_TEXT_BYTES];
	enum err err;

	if (whose == DESK_NOBODY ||
	    !id_equal(id_of(desk, whose).bytes, about->owner.bytes))
		return ERR_DENIED;
	err = recording_end(slot->sound);
	if (err == OK)
		err = add_rows(desk, item, slot->sound, sound);
	if (err == OK)
		err = add_transcript(desk, item, slot, transcript);
	if (err == OK)
		err = desk_sealed_text(sound, transcript, sealed_as);
	if (err == OK) {
		item->epoch = desk_epoch_hold(slot->epoch);
		tell_of(desk, item, slot, sealed_as);
	}
	return err;
}

/* All of it is there, and what can be said of it: becomes durable. */
static void conclude(struct desk *desk, struct seal_slot *slot)
{
	struct desk_link *link = slot->link;
	const uint64_t token = slot->token;
	struct item *item = NULL;
	enum err err = item_create(link, token, sealed, &item);

	if (err == OK)
		err = finish_recording(desk, slot, item);
	slot_finish(slot);
	if (err == OK) {
		desk_write_take(desk, &item);
	} else {
		item_destroy(item);
		desk_say_done(link, token, err, 0, NO_RECORD);
	}
}

/* The room's word for it comes over the same link, and may come a moment later. */
static bool must_wait(struct desk *desk, const struct seal_slot *slot)
{
	const struct recording_about *about = recording_writer_about(slot->sound);
	const struct room_policy *room = policy_room(&desk->policy, about->room.text);

	return room && !policy_room_is_thin(room) &&
	       !desk_attest_heard(desk, about->room.text, about->turn);
}

void desk_seal_end(struct desk *desk, struct desk_link *link,
		   const struct wire_seal_end *end)
{
	struct seal_slot *slot = slot_find(desk, link, end->token);

	if (!slot || slot->is_whole)
		return;
	if (must_wait(desk, slot)) {
		slot->is_whole = true;
		slot->whole_ms = clock_now_ms(&desk->parts.clock);
	} else {
		conclude(desk, slot);
	}
}

void desk_seal_signed(struct desk *desk, struct turn_id turn)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		struct seal_slot *slot = &desk->seals[i];

		if (slot->link && slot->is_whole &&
		    recording_writer_about(slot->sound)->turn.value == turn.value)
			conclude(desk, slot);
	}
}

static int64_t left_ms(const struct desk *desk, const struct seal_slot *slot)
{
	return slot->whole_ms + DESK_SIGNED_WAIT_MS - clock_now_ms(&desk->parts.clock);
}

int64_t desk_seal_next_ms(const struct desk *desk, int64_t most_ms)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		const struct seal_slot *slot = &desk->seals[i];

		if (slot->link && slot->is_whole && left_ms(desk, slot) < most_ms)
			most_ms = left_ms(desk, slot);
	}
	return most_ms > 1 ? most_ms : 1;
}

/* What waited long enough is sealed without its room's word. */
static void conclude_overdue(struct desk *desk)
{
	for (size_t i = 0; i < DESK_SEALS_MAX; i++) {
		struct seal_slot *slot = &desk->seals[i];

		if (slot->link && slot->is_whole && left_ms(desk, slot) <= 0)
			conclude(desk, slot);
	}
}

void desk_seal_tick(struct desk *desk)
{
	conclude_overdue(desk);
	desk_seal_drop(desk, NULL);
	for (size_t i = 0; i <= DESK_BOX; i++) {
		if (desk->epochs[i] && !epoch_is_fresh(desk->epochs[i]->epoch))
			desk_seal_end_epoch(desk, i);
	}
}
