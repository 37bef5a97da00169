/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_seal - takes recordings in, piece by piece, and seals them as they come.
 *
 * Whose a recording is: the private owner of its room, where that room may record. What is
 * heard in any other room is theirs whose device approved what was asked for in it
 * (desk_took.c), or nobody's: that goes to the household's box, where that is on, and else
 * nothing is kept, and nothing is begun. The policy is looked at twice, at the first piece
 * and at the last. Invariant: plaintext lies here only in the writer's one chunk and in
 * locked memory: the transcript, and the sound of a turn in which somebody is still asked
 * for a tap, which waits for that as long as it may come.
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
	secret_destroy(slot->open);
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

void desk_seal_drop_parked(struct desk *desk)
{
	for (size_t i = 0; i < DESK_PARKED_MAX; i++)
		slot_finish(&desk->parked[i]);
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

		if (slot->link && slot->epoch &&
		    id_equal(epoch_owner(slot->epoch->epoch).bytes, id.bytes)) {
			desk_say_done(slot->link, slot->token, ERR_DENIED, 0, NO_RECORD);
			slot_finish(slot);
		}
	}
	desk_seal_end_epoch(desk, whose);
}

/* NULL: nothing is recorded there. */
static const struct room_policy *recording_room(const struct desk *desk,
						const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);

	return desk->policy.has_owner && room && !room->muted &&
			       (room->capabilities & MAY_RECORD)
		       ? room
		       : NULL;
}

/* Whose recordings this room's are: the index of an owner, DESK_BOX or DESK_NOBODY. */
static size_t whose_room(const struct desk *desk, const char *room_name)
{
	const struct room_policy *room = recording_room(desk, room_name);
	size_t owner;

	if (!room)
		return DESK_NOBODY;
	if (!room->is_private)
		return desk->policy.has_box ? DESK_BOX : DESK_NOBODY;
	owner = desk_owner_index(desk, room->private_owner);
	return owner == DESK_OWNERS_MAX ? DESK_NOBODY : owner;
}

/* In a room that is nobody's, something of that turn waits for a tap, or was approved. */
static bool may_be_a_devices(const struct desk *desk, const char *room_name,
			     struct turn_id turn)
{
	const struct room_policy *room = recording_room(desk, room_name);

	return room && !room->is_private && desk_took_any(desk, room, turn);
}

/* The same of a whole one. What began in a room that was nobody's then is not its owner's. */
static size_t whose_now(const struct desk *desk, struct seal_slot *slot)
{
	const struct room_policy *room = recording_room(desk, slot->room.text);
	size_t owner = DESK_NOBODY;

	if (!room || !slot->open)
		return whose_room(desk, slot->room.text);
	if (room->is_private)
		return DESK_NOBODY;
	if (slot->may_be_devices)
		owner = desk_took_owner(desk, room, slot->turn, &slot->is_session);
	return owner == DESK_NOBODY ? whose_room(desk, slot->room.text) : owner;
}

/* Whose recordings these are wants none of them. What is nobody's goes by the box's rule. */
static bool keeps_nothing(const struct desk *desk, size_t whose)
{
	return whose < DESK_OWNERS_MAX &&
	       policy_retention_days(&desk->policy, desk->owners[whose].id) == 0;
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

/* Under the current epoch of whose it is. */
static enum err begin_sealing(struct desk *desk, struct seal_slot *slot, size_t whose)
{
	struct recording_about about = {
		.household = desk->parts.household,
		.owner = id_of(desk, whose),
		.record = desk_seal_new_id(desk),
		.kind = RECORDING_SOUND,
		.turn = slot->turn,
		.room = slot->room,
		.at_ms = slot->at_ms,
		.size = slot->size,
	};
	struct desk_epoch *epoch = NULL;
	enum err err = current_epoch(desk, whose, &epoch);

	if (err != OK)
		return err;
	slot->epoch = desk_epoch_hold(epoch);
	about.epoch = epoch_id_of(epoch->epoch);
	return recording_begin(&about, epoch->epoch, &desk->parts.rand, &slot->sound);
}

static enum err fill_slot(struct desk *desk, struct seal_slot *slot, size_t whose,
			  const struct wire_seal_begin *begin)
{
	enum err err;

	slot->turn = (struct turn_id){begin->turn};
	slot->at_ms = begin->at_ms;
	slot->size = (size_t)begin->samples * sizeof(int16_t);
	must(str_copy(slot->room.text, sizeof(slot->room.text), begin->room));
	hash_chain_init(&slot->chain);
	err = keep_transcript(slot, begin->transcript);
	if (err == OK)
		err = whose == DESK_UNDECIDED ? secret_create(slot->size, &slot->open)
					      : begin_sealing(desk, slot, whose);
	return err;
}

void desk_seal_begin(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_begin *begin)
{
	const size_t whose =
		may_be_a_devices(desk, begin->room, (struct turn_id){begin->turn})
			? DESK_UNDECIDED
			: whose_room(desk, begin->room);
	struct seal_slot *slot;
	enum err err = OK;

	desk_seal_drop(desk, NULL);
	slot = slot_free(desk);
	if (desk->state == DESK_BROKEN)
		err = ERR_IO;
	else if (whose == DESK_NOBODY)
		err = ERR_DENIED;
	else if (keeps_nothing(desk, whose))
		err = ERR_UNSUPPORTED;
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

/* Sealed as it comes, or kept until it is known for whom. */
static enum err take_piece(struct seal_slot *slot, const struct wire_slice *piece)
{
	if (!slot->open)
		return recording_add(slot->sound, piece->bytes, piece->size);
	if (piece->size > slot->size - slot->open_size)
		return ERR_RANGE;
	memcpy(secret_bytes(slot->open) + slot->open_size, piece->bytes, piece->size);
	slot->open_size += piece->size;
	return OK;
}

void desk_seal_sound(struct desk *desk, struct desk_link *link,
		     const struct wire_seal_sound *sound)
{
	struct seal_slot *slot = slot_find(desk, link, sound->token);
	enum err err;

	if (!slot) /* it was refused, and the rest of it is still coming */
		return;
	err = take_piece(slot, &sound->pcm);
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
static void judge_sound(struct desk *desk, struct seal_slot *slot)
{
	const struct desk_heard_sound *heard =
		desk_attest_heard(desk, slot->room.text, slot->turn);
	const struct room_policy *room = policy_room(&desk->policy, slot->room.text);

	slot->sequence = 0;
	if (!heard || heard->frames == 0) {
		slot->attested = room && policy_room_is_thin(room)
					 ? "no: the room is marked thin or has no key"
					 : "no: the room signed nothing of it";
	} else if (heard->frames != slot->chain.blocks || slot->chain.rest_size > 0 ||
		   memcmp(heard->hash, slot->chain.hash, sizeof(heard->hash)) != 0) {
		slot->attested = "no: the room signed another sound";
	} else {
		slot->attested = "yes";
		slot->sequence = heard->sequence;
	}
	/* Anybody may have answered a question: nobody said the name. */
	slot->may_be_devices = heard && str_equal(slot->attested, "yes") &&
			       !desk_attest_is_answer(desk, slot->room.text, slot->turn);
}

/* How it came to be whose it is. */
static const char *filed_by(const struct desk *desk, const struct seal_slot *slot,
			    struct owner_id owner)
{
	if (id_equal(owner.bytes, desk_box_owner(desk).bytes))
		return "box";
	if (!slot->open)
		return "room";
	return slot->is_session ? "session" : "device";
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
	event_add(&item->event, "by", filed_by(desk, slot, about->owner));
	event_add(&item->event, "sealed", sealed);
	event_add(&item->event, "attested", slot->attested);
	if (slot->sequence != 0)
		event_add_int(&item->event, "sequence", (int64_t)slot->sequence);
	item->record = about->record;
}

/* All of it at once, now that it is known whose it is. */
static enum err seal_open(struct desk *desk, struct seal_slot *slot, size_t whose)
{
	enum err err = slot->open_size == slot->size ? OK : ERR_RANGE;

	if (err == OK)
		err = begin_sealing(desk, slot, whose);
	if (err == OK)
		err = recording_add(slot->sound, secret_view(slot->open),
				    slot->open_size);
	return err;
}

static enum err finish_recording(struct desk *desk, struct seal_slot *slot,
				 struct item *item)
{
	const size_t whose = whose_now(desk, slot);
	uint8_t sound[SEAL_HASH_BYTES];
	uint8_t transcript[SEAL_HASH_BYTES];
	char sealed_as[DESK_SEALED_TEXT_BYTES];
	enum err err = OK;

	if (whose == DESK_NOBODY)
		return ERR_DENIED;
	if (keeps_nothing(desk, whose))
		return ERR_UNSUPPORTED;
	if (slot->open)
		err = seal_open(desk, slot, whose);
	else if (!id_equal(id_of(desk, whose).bytes,
			   recording_writer_about(slot->sound)->owner.bytes))
		err = ERR_DENIED;
	if (err == OK)
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

/* Says why not, to the hub, or in the journal where the hub was answered when it began to
 * wait. */
static void not_filed(struct desk *desk, const struct seal_slot *slot, enum err err)
{
	struct item *item = NULL;

	if (slot->link) {
		desk_say_done(slot->link, slot->token, err, 0, NO_RECORD);
		return;
	}
	if (item_create(NULL, 0, sealed, &item) != OK)
		return;
	event_init(&item->event, EVENT_NOT_RECORDED, slot->turn, slot->room.text,
		   clock_wall_ms(&desk->parts.clock));
	event_add(&item->event, "reason",
		  reason_code(err == ERR_UNSUPPORTED ? REASON_KEEPS_NOTHING
			      : err == ERR_DENIED    ? REASON_CAPABILITY_OFF
						     : REASON_JOURNAL_UNAVAILABLE));
	desk_write_take(desk, &item);
}

/* It becomes durable as whose it is by now, or is forgotten. */
static void file_it(struct desk *desk, struct seal_slot *slot)
{
	struct item *item = NULL;
	enum err err = item_create(slot->link, slot->token, sealed, &item);

	if (err == OK)
		err = finish_recording(desk, slot, item);
	if (err != OK)
		not_filed(desk, slot, err);
	else if (slot->open && slot->may_be_devices)
		desk_took_use(desk, slot->turn);
	slot_finish(slot);
	if (err == OK)
		desk_write_take(desk, &item);
	else
		item_destroy(item);
}

static bool must_park(const struct desk *desk, const struct seal_slot *slot)
{
	const struct room_policy *room = recording_room(desk, slot->room.text);

	return slot->open && slot->open_size == slot->size && slot->may_be_devices &&
	       room && desk_took_waits(desk, room, slot->turn);
}

/* The hub does not wait with it. False: there is no place. */
static bool park(struct desk *desk, struct seal_slot *slot)
{
	for (size_t i = 0; i < DESK_PARKED_MAX; i++) {
		struct seal_slot *parked = &desk->parked[i];

		if (parked->open)
			continue;
		desk_say_done(slot->link, slot->token, OK, 0, NO_RECORD);
		*parked = *slot;
		*slot = (struct seal_slot){.link = NULL};
		parked->link = NULL;
		parked->since_ms = clock_now_ms(&desk->parts.clock);
		return true;
	}
	return false;
}

/* All of it is there, and what can be said of it. */
static void conclude(struct desk *desk, struct seal_slot *slot)
{
	judge_sound(desk, slot);
	if (must_park(desk, slot) && park(desk, slot))
		return;
	file_it(desk, slot);
}

void desk_seal_settle(struct desk *desk)
{
	for (size_t i = 0; i < DESK_PARKED_MAX; i++) {
		struct seal_slot *parked = &desk->parked[i];
		const int64_t waited_ms =
			clock_now_ms(&desk->parts.clock) - parked->since_ms;

		if (parked->open &&
		    (!must_park(desk, parked) || waited_ms >= DESK_PARKED_MS))
			file_it(desk, parked);
	}
}

/* The room's word for it comes over the same link, and may come a moment later. */
static bool must_wait(struct desk *desk, const struct seal_slot *slot)
{
	const struct room_policy *room = policy_room(&desk->policy, slot->room.text);

	return room && !policy_room_is_thin(room) &&
	       !desk_attest_heard(desk, slot->room.text, slot->turn);
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

		if (slot->link && slot->is_whole && slot->turn.value == turn.value)
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
	desk_seal_settle(desk);
	desk_seal_drop(desk, NULL);
	for (size_t i = 0; i <= DESK_BOX; i++) {
		if (desk->epochs[i] && !epoch_is_fresh(desk->epochs[i]->epoch))
			desk_seal_end_epoch(desk, i);
	}
}
