/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk - opens and closes the keeper's core, and hands each message to the part that
 * knows it. Touches no socket and no file.
 *
 * Invariant: a message that needs an owner reaches its part only over a link whose
 * unlocked key is still open.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { STATUS_BYTES = 32768 };

static const struct {
	const char *reason;
	enum err err;
	const char *words;
} refusals[] = {
#define REFUSAL(name, err, words) [DESK_REFUSE_##name] = {#name, ERR_##err, words},
#include "keeper/refusals.def"
#undef REFUSAL
};

/* --- opening and closing ---------------------------------------------------------------- */

/* What is told over the desk's own link is for nobody. */
static enum err say_nobody(void *context, enum wire_type type, const void *fields)
{
	(void)context;
	(void)type;
	(void)fields;
	return OK;
}

enum err desk_create(const struct desk_parts *parts, struct desk **out_desk)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	const struct journal_keys keys = {.household = parts->household,
					  .seed = secret_view(parts->seed),
					  .house_key = secret_view(parts->house_key)};
	enum err err = ERR_MEMORY;

	if (!desk)
		return err;
	desk->parts = *parts;
	desk->started_ms = clock_now_ms(&parts->clock);
	seal_sign_pair(secret_view(parts->seed), desk->public_key);
	policy_init(&desk->policy);
	err = journal_create(&keys, &desk->journal);
	desk_make_code(desk, desk->code);
	if (err == OK)
		err = desk_open(desk, DESK_SELF, say_nobody, NULL, &desk->self);
	if (err == OK)
		*out_desk = desk;
	else
		desk_destroy(desk);
	return err;
}

void desk_destroy(struct desk *desk)
{
	if (!desk)
		return;
	desk->state = DESK_BROKEN; /* nothing is written any more */
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		desk_close(desk, desk->links[i]);
	desk_write_drop_all(desk);
	desk_proposal_drop_all(desk);
	desk_seal_drop_parked(desk);
	desk_letter_drop_all(desk);
	desk_peer_drop_all(desk);
	desk_proof_drop_all(desk);
	desk_tiles_drop(desk);
	desk_incident_drop_all(desk);
	desk_end_drop(desk);
	for (size_t i = 0; i <= DESK_BOX; i++)
		desk_epoch_release(desk->epochs[i]);
	desk_certificate_drop_all(desk);
	journal_destroy(desk->journal);
	seal_wipe(desk, sizeof(*desk));
	free(desk);
}

void desk_break(struct desk *desk, const char *trouble)
{
	if (desk->state != DESK_BROKEN)
		(void)str_format(desk->trouble, sizeof(desk->trouble), "%s", trouble);
	desk->state = DESK_BROKEN;
}

enum desk_state desk_state_of(const struct desk *desk)
{
	return desk->state;
}

const char *desk_trouble(const struct desk *desk)
{
	return desk->trouble;
}

bool desk_has_owner(const struct desk *desk)
{
	return desk->owner_count > 0;
}

const char *desk_code(const struct desk *desk)
{
	return desk->code;
}

bool desk_is_idle(const struct desk *desk)
{
	bool idle = desk->state != DESK_LOADING && !desk->batch && !desk->queue_first &&
		    !desk->key_jobs && !desk->tiles_making && !desk->proves;

	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		idle = idle && !(desk->links[i] && desk->links[i]->job);
	return idle;
}

/* --- small tools for the other files ---------------------------------------------------- */

uint64_t desk_next_id(struct desk *desk)
{
	return ++desk->last_id;
}

const struct owner *desk_owner_of_key(const struct desk *desk,
				      const uint8_t key[PEOPLE_KEY_BYTES])
{
	for (size_t i = 0; i < desk->owner_count; i++)
		if (memcmp(desk->owners[i].sign_public, key, PEOPLE_KEY_BYTES) == 0)
			return &desk->owners[i];
	return NULL;
}

struct person_id desk_person_of_key(const struct desk *desk,
				    const uint8_t key[PEOPLE_KEY_BYTES])
{
	const struct device *device = policy_device(&desk->policy, key);
	const struct owner *owner = desk_owner_of_key(desk, key);
	struct person_id person = {{0}};

	if (device)
		person = device->person;
	else if (owner)
		memcpy(person.bytes, owner->id.bytes, ID_BYTES);
	return person;
}

_Static_assert((int)PEOPLE_KEY_BYTES == (int)SEAL_SIGN_PUBLIC_BYTES,
	       "owners and devices sign with keys of one kind");

size_t desk_owner_index(const struct desk *desk, struct owner_id id)
{
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (id_equal(desk->owners[i].id.bytes, id.bytes))
			return i;
	}
	return DESK_OWNERS_MAX;
}

struct store_key desk_key(const struct desk *desk, enum store_space space,
			  const void *bytes, size_t size)
{
	struct store_key key = {.household = desk->parts.household,
				.space = space,
				.size = size};

	must(size > 0 && size <= STORE_KEY_BYTES_MAX);
	memcpy(key.bytes, bytes, size);
	return key;
}

struct store_key desk_key_number(const struct desk *desk, enum store_space space,
				 uint64_t number)
{
	uint8_t bytes[8];
	struct pack pack;

	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, number);
	return desk_key(desk, space, bytes, sizeof(bytes));
}

bool desk_number_of(const struct store_key *key, uint64_t *out_number)
{
	struct unpack unpack;

	unpack_init(&unpack, key->bytes, key->size);
	*out_number = unpack_u64(&unpack);
	return unpack_is_whole(&unpack);
}

void desk_event(struct desk *desk, struct event *event, enum event_kind kind,
		const char *room)
{
	event_init(event, kind, (struct turn_id){0}, room,
		   clock_wall_ms(&desk->parts.clock));
}

void desk_event_add_id(struct event *event, const char *name, const uint8_t id[ID_BYTES])
{
	char text[ID_TEXT_BYTES];

	id_to_text(text, id);
	event_add(event, name, text);
}

/* --- links ------------------------------------------------------------------------------ */

static void greet_hub(struct desk *desk, struct desk_link *link)
{
	desk_device_tell_reach(desk, link);
	desk_inbox_tell(desk, link);
	if (desk->forecast_size > 0)
		desk_weather_tell_hub(desk, link);
	desk_tell_waiting(desk, link);
}

static void greet_gate(struct desk *desk, struct desk_link *link)
{
	desk_peer_tell(desk, link);
	desk_skills_tell(desk, link);
	desk_weather_tell_gate(desk, link);
	desk_tell_gate(desk, link);
}

enum err desk_open(struct desk *desk, enum desk_side side, desk_send_fn *send,
		   void *context, struct desk_link **out_link)
{
	size_t at = 0;
	struct desk_link *link;

	while (at < DESK_LINKS_MAX && desk->links[at])
		at++;
	if (at == DESK_LINKS_MAX)
		return ERR_LIMIT;
	link = calloc(1, sizeof(*link));
	if (!link)
		return ERR_MEMORY;
	link->desk = desk;
	link->id = desk_next_id(desk);
	link->side = side;
	link->send = send;
	link->context = context;
	desk->links[at] = link;
	*out_link = link;
	desk_tiles_begin(desk);
	if (side == DESK_DEVICE)
		desk_device_opened(desk, link);
	else if (side == DESK_GATE)
		greet_gate(desk, link);
	else if (side == DESK_HUB)
		greet_hub(desk, link);
	return OK;
}

void desk_close(struct desk *desk, struct desk_link *link)
{
	if (!link)
		return;
	desk_erasing_closed(desk, link);
	desk_seal_drop(desk, link);
	desk_memo_drop(desk, link);
	desk_job_end(link);
	desk_erase_closed(link);
	owner_view_destroy(link->view);
	desk_device_closed(link);
	desk_cosign_closed(desk, link);
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (desk->links[i] == link)
			desk->links[i] = NULL;
	}
	desk_peer_closed(desk, link);
	free(link);
}

struct desk_link *desk_link_by_id(struct desk *desk, uint64_t id)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (desk->links[i] && desk->links[i]->id == id)
			return desk->links[i];
	}
	return NULL;
}

void desk_say(struct desk_link *link, enum wire_type type, const void *fields)
{
	if (link && link->send(link->context, type, fields) != OK)
		log_line("keeper: a link does not take what it asked for");
}

void desk_say_done(struct desk_link *link, uint64_t token, enum err err, uint64_t place,
		   struct record_id record)
{
	struct wire_done done = {.token = token, .err = (uint32_t)err, .event = place};

	memcpy(done.record.bytes, record.bytes, ID_BYTES);
	desk_say(link, WIRE_done, &done);
}

void desk_refuse(struct desk_link *link, enum desk_refusal why)
{
	desk_refuse_token(link, 0, why);
}

void desk_refuse_token(struct desk_link *link, uint64_t token, enum desk_refusal why)
{
	struct wire_refused refused = {.token = token,
				       .err = (uint32_t)refusals[why].err};

	must(str_copy(refused.reason, sizeof(refused.reason), refusals[why].reason));
	must(str_copy(refused.words, sizeof(refused.words), refusals[why].words));
	desk_say(link, WIRE_refused, &refused);
}

void desk_say_policy(struct desk_link *link)
{
	struct wire_policy *message = calloc(1, sizeof(*message));

	if (!message) {
		log_line("keeper: out of memory; the policy was not told");
		return;
	}
	message->policy = link->desk->policy;
	desk_say(link, WIRE_policy, message);
	free(message);
}

void desk_say_policy_to_all(struct desk *desk)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (desk->links[i] && desk->links[i]->side == DESK_HUB)
			desk_say_policy(desk->links[i]);
	}
}

/* --- status ----------------------------------------------------------------------------- */

static const char *state_words(const struct desk *desk)
{
	switch (desk->state) {
	case DESK_LOADING:
		return "reading its data";
	case DESK_READY:
		return "ready";
	case DESK_BROKEN:
		return "broken";
	}
	return "";
}

static const char *trouble_words(const struct desk *desk)
{
	if (desk->trouble[0] || !desk->is_full)
		return desk->trouble;
	return "the disk is full: nothing new is written until there is space";
}

/* NULL for a room without one. */
static const char *room_key_text(const struct room_policy *room, char to[KEY_TEXT_BYTES])
{
	return room->has_key && key_to_text(room->key, to) == OK ? to : NULL;
}

/* What waits for a device's word about the room. */
static void status_asked(const struct desk *desk, const char *room,
			 struct json_write *write)
{
	json_open_array(write, "asked");
	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct proposal *now = &desk->proposals[i]->now;

		if (!desk_amend_is_own(&now->action) || desk_forget_is(&now->action) ||
		    desk->proposals[i]->is_new || !proposal_waits(now->state) ||
		    !str_equal_folded(now->action.entity, room))
			continue;
		json_open_object(write, NULL);
		json_add_text(write, "may", now->action.mode);
		json_add_bool(write, "on", now->action.kind == ACTION_ROOM_ALLOW);
		json_close(write, '}');
	}
	json_close(write, ']');
}

static void status_rooms(const struct desk *desk, struct json_write *write)
{
	const struct policy *policy = &desk->policy;
	char key[KEY_TEXT_BYTES];

	json_open_array(write, "rooms");
	for (size_t i = 0; i < policy->room_count; i++) {
		const struct room_policy *room = &policy->rooms[i];

		json_open_object(write, NULL);
		json_add_text(write, "name", room->room.text);
		json_add_int(write, "capabilities", room->capabilities);
		json_add_bool(write, "muted", room->muted);
		json_add_bool(write, "fuse_blown", desk->fuse_blown[i]);
		json_add_bool(write, "private", room->is_private);
		json_add_text(write, "key", room_key_text(room, key));
		json_add_bool(write, "thin", policy_room_is_thin(room));
		json_add_bool(write, "thin_set", room->is_thin);
		json_add_bool(write, "revoked", room->is_revoked);
		status_asked(desk, room->room.text, write);
		json_close(write, '}');
	}
	json_close(write, ']');
}

static void status_backup(const struct desk *desk, struct json_write *write)
{
	const struct backup_last *last = &desk->backup.last;

	json_open_object(write, "backup");
	json_add_bool(write, "is_there", last->made_ms != 0);
	if (last->made_ms != 0) {
		json_add_int(write, "made_ms", last->made_ms);
		json_add_int(write, "bytes", (int64_t)last->bytes);
		json_add_int(write, "journal_entries", (int64_t)last->entries);
		json_add_bool(write, "older_than_deletion", desk_backup_is_older(desk));
	}
	json_add_bool(write, "runs", desk->backup.job != NULL);
	json_close(write, '}');
}

static void desk_status(struct desk *desk, struct desk_link *link)
{
	struct wire_status status = {.json = ""};
	struct json_write write;
	struct buf json;
	enum err err;

	buf_init(&json, STATUS_BYTES - 1);
	json_write_init(&write, &json);
	json_open_object(&write, NULL);
	json_add_text(&write, "state", state_words(desk));
	json_add_text(&write, "trouble", trouble_words(desk));
	json_add_int(&write, "up_s",
		     (clock_now_ms(&desk->parts.clock) - desk->started_ms) / 1000);
	json_add_int(&write, "owners", (int64_t)desk->owner_count);
	json_add_bool(&write, "exports_frozen", desk_incident_freezes(desk));
	status_rooms(desk, &write);
	json_add_int(&write, "journal_entries", (int64_t)journal_size(desk->journal));
	json_add_int(&write, "batches", (int64_t)desk->batch_count);
	json_add_int(&write, "waiting", (int64_t)desk->queue_count);
	status_backup(desk, &write);
	json_add_bool(&write, "unlocked", owner_view_is_open(link->view));
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (err == OK &&
	    str_copy(status.json, sizeof(status.json), (const char *)json.bytes))
		desk_say(link, WIRE_status, &status);
	buf_finish(&json);
}

/* --- messages --------------------------------------------------------------------------- */

/* Kinds that only the keeper itself writes: whoever has the hub cannot forge them. */
static bool hub_may_write(enum event_kind kind)
{
	switch (kind) {
	case EVENT_WAKE:
	case EVENT_WAKE_REJECTED:
	case EVENT_LEASE_OPENED:
	case EVENT_LEASE_CLOSED:
	case EVENT_DECIDED:
	case EVENT_DONE:
	case EVENT_FAILED:
	case EVENT_SPOKEN:
	case EVENT_NOT_RECORDED:
	case EVENT_ANNOUNCEMENT_REFUSED:
	case EVENT_FUSE_BLOWN:
	case EVENT_WAKE_LOST:
	case EVENT_PROMPT_HEARD:
	case EVENT_STOPPED:
	case EVENT_STOP_REJECTED:
	case EVENT_QUESTION_OVER:
	case EVENT_MEMO:
	case EVENT_RANG:
	case EVENT_RING_OVER:
	case EVENT_RING_MISSED:
	case EVENT_SKILL:
		return true;
	case EVENT_STARTED:
	case EVENT_OWNER_ADDED:
	case EVENT_BOX_KEY_BEGUN:
	case EVENT_BOX_KEY_OVER:
	case EVENT_BOX_OPENED:
	case EVENT_KEK_BEGUN:
	case EVENT_CERTIFIED:
	case EVENT_KEY_ADDED:
	case EVENT_KEY_CHANGED:
	case EVENT_KEY_REMOVED:
	case EVENT_RECOVERY_RENEWED:
	case EVENT_OWNER_ENDED:
	case EVENT_ROOM_ADDED:
	case EVENT_ROOM_REVOKED:
	case EVENT_POLICY_CHANGED:
	case EVENT_PROPOSAL:
	case EVENT_INBOUND:
	case EVENT_DEVICE_PAIRED:
	case EVENT_RECORDED:
	case EVENT_PLAYED:
	case EVENT_SIGNED_IN:
	case EVENT_SIGN_IN_FAILED:
	case EVENT_BACKED_UP:
	case EVENT_DELETED:
	case EVENT_ERASED:
	case EVENT_HOUSE_ENDED:
	case EVENT_RESTORED:
	case EVENT_EXPORT_BEGUN:
	case EVENT_EXPORT_DONE:
	case EVENT_EXPORT_ABORTED:
	case EVENT_SWEPT:
	case EVENT_CLOCK_CHANGED:
	case EVENT_INCIDENT:
	case EVENT_INCIDENTS_MORE:
	case EVENT_AUTHORITY:
	case EVENT_KIND_COUNT:
		break;
	}
	return false;
}

static void append_done(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	desk_fuse_done(desk, item, err);
	if (err != OK)
		desk_attest_lost(desk, &item->event);
	desk_say_done(desk_link_by_id(desk, item->link_id), item->token, err, place,
		      (struct record_id){{0}});
}

static void desk_append(struct desk *desk, struct desk_link *link,
			const struct wire_append *append)
{
	struct item *item = NULL;
	enum err err = ERR_DENIED;

	if (hub_may_write(append->event.kind) && desk_attest_may(&append->event))
		err = item_create(link, append->token, append_done, &item);
	if (err == OK) {
		item->event = append->event;
		if (item->event.kind == EVENT_FUSE_BLOWN)
			err = desk_fuse_add(desk, item);
	}
	if (err == OK)
		err = desk_attest(desk, item);
	if (err != OK) {
		item_destroy(item);
		desk_say_done(link, append->token, err, 0, (struct record_id){{0}});
		return;
	}
	const bool is_end = item->event.kind == EVENT_LEASE_CLOSED;
	const struct turn_id turn = item->event.turn;

	desk_write_take(desk, &item);
	if (is_end)
		desk_seal_signed(desk, turn);
}

/* Of spoken messages. */
static void receive_of_message(struct desk *desk, struct desk_link *link,
			       const struct wire_message *message)
{
	if (message->type == WIRE_memo)
		desk_memo(desk, link, &message->memo);
	else if (message->type == WIRE_confirm)
		desk_confirm(desk, link, &message->confirm);
	else if (message->type == WIRE_inbox_get)
		desk_inbox(desk, link, &message->inbox_get);
	else if (message->type == WIRE_memo_get)
		desk_memo_get(desk, link, &message->memo_get);
}

static void receive_from_hub(struct desk *desk, struct desk_link *link,
			     const struct wire_message *message)
{
	if (message->type == WIRE_append)
		desk_append(desk, link, &message->append);
	else if (message->type == WIRE_seal_begin)
		desk_seal_begin(desk, link, &message->seal_begin);
	else if (message->type == WIRE_seal_sound)
		desk_seal_sound(desk, link, &message->seal_sound);
	else if (message->type == WIRE_seal_end)
		desk_seal_end(desk, link, &message->seal_end);
	else if (message->type == WIRE_policy_get)
		desk_say_policy(link);
	else if (message->type == WIRE_propose)
		desk_propose(desk, link, &message->propose);
	else if (message->type == WIRE_heard)
		desk_order_heard(desk, &message->heard);
	else if (message->type == WIRE_call_off)
		desk_call_off(desk, link, &message->call_off);
	else if (message->type == WIRE_book_put)
		desk_book_put(desk, link, &message->book_put);
	else if (message->type == WIRE_book_remove)
		desk_book_remove(desk, link, &message->book_remove);
	else if (message->type == WIRE_book_get)
		desk_book_get(desk, link, &message->book_get);
	else if (message->type == WIRE_begun)
		desk_broken_off_ask(desk);
	else
		receive_of_message(desk, link, message);
}

static void receive_signed_in(struct desk *desk, struct desk_link *link,
			      const struct wire_message *message)
{
	if (message->type == WIRE_history_get)
		desk_history(desk, link, &message->history_get);
	else if (message->type == WIRE_play_get)
		desk_play(desk, link, &message->play_get);
	else if (message->type == WIRE_why_get)
		desk_why(desk, link, &message->why_get);
	else if (message->type == WIRE_verify_get)
		desk_verify(desk, link);
	else if (message->type == WIRE_export_begin)
		desk_export(desk, link, &message->export_begin);
	else if (message->type == WIRE_entry_get)
		desk_entry_get(desk, link, &message->entry_get);
	else if (message->type == WIRE_pair_begin)
		desk_pair_begin(desk, link, &message->pair_begin);
	else if (message->type == WIRE_people_get)
		desk_policy_list(desk, link);
	else if (message->type == WIRE_day_get)
		desk_day_list(desk, link);
	else if (message->type == WIRE_keeping_get)
		desk_policy_keeping(desk, link);
	else if (message->type == WIRE_card_get)
		desk_card(desk, link, &message->card_get);
	else if (message->type == WIRE_backup_get)
		desk_backup(desk, link);
	else if (!desk_keys_receive(desk, link, message) &&
		 !desk_report_receive(desk, link, message) &&
		 !desk_erase_receive(desk, link, message) &&
		 !desk_forget_receive(desk, link, message) &&
		 !desk_end_receive(desk, link, message))
		(void)desk_policy_receive(desk, link, message);
}

static void receive_from_owner(struct desk *desk, struct desk_link *link,
			       const struct wire_message *message)
{
	if (!desk_end_is_going_on(desk) && desk_backup_receive(desk, link, message))
		return;
	if (message->type == WIRE_status_get)
		desk_status(desk, link);
	else if (message->type == WIRE_export_more)
		desk_export_more(desk, link, &message->export_more);
	else if (desk->state == DESK_BROKEN)
		desk_refuse(link, DESK_REFUSE_DAMAGED);
	else if (desk_end_is_going_on(desk))
		desk_refuse(link, DESK_REFUSE_HOUSE_ENDS);
	else if (desk->state == DESK_LOADING || link->job)
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (message->type == WIRE_owner_create)
		desk_owner_create(desk, link, &message->owner_create);
	else if (message->type == WIRE_unlock)
		desk_unlock(desk, link, &message->unlock);
	else if (message->type == WIRE_incident_report)
		desk_report(desk, link, &message->incident_report);
	else if (owner_view_is_open(link->view))
		receive_signed_in(desk, link, message);
	else
		desk_refuse(link, DESK_REFUSE_NOT_SIGNED_IN);
}

void desk_receive(struct desk *desk, struct desk_link *link,
		  const struct wire_message *message)
{
	if (desk_end_is_going_on(desk) && link->side != DESK_OWNER)
		return; /* it is nobody's hub, device or gate any more */
	switch (link->side) {
	case DESK_HUB:
		receive_from_hub(desk, link, message);
		break;
	case DESK_OWNER:
		receive_from_owner(desk, link, message);
		break;
	case DESK_DEVICE:
		desk_device_receive(desk, link, message);
		break;
	case DESK_SELF:
		break;
	case DESK_GATE:
		if (message->type == WIRE_carried)
			desk_carried(desk, &message->carried);
		else if (message->type == WIRE_forecast)
			desk_weather_take(desk, &message->forecast);
		else if (message->type == WIRE_memo_get)
			desk_memo_get(desk, link, &message->memo_get);
		else
			desk_peer_receive(desk, link, message);
		break;
	}
}

/* --- the store's answers ---------------------------------------------------------------- */

static void on_done(void *context, uint64_t token, enum err err)
{
	struct desk *desk = context;

	if (token == desk->batch_request && desk->batch)
		desk_written(desk, err);
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	struct desk *desk = context;

	if (token == desk->load_request) {
		desk_loaded(desk, err, rows);
		return;
	}
	if (desk_letter_rows(desk, token, err, rows) ||
	    desk_tiles_rows(desk, token, err, rows) ||
	    desk_proof_rows(desk, token, err, rows) ||
	    desk_cosign_rows(desk, token, err, rows))
		return;
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct job *job = desk->links[i] ? desk->links[i]->job : NULL;

		if (job && job->request == token) {
			job->request = 0;
			job->rows(desk, job, err, rows);
			return;
		}
	}
	/* Its link is gone. */
}

struct store_listener desk_store_listener(struct desk *desk)
{
	return (struct store_listener){.context = desk, .done = on_done, .rows = on_rows};
}

void desk_start(struct desk *desk, const struct store *store)
{
	desk->store = *store;
	desk_load(desk);
}

static void tick_all(struct desk *desk)
{
	desk_seal_tick(desk);
	desk_box_tick(desk);
	desk_memo_drop(desk, NULL);
	desk_device_tick(desk);
	desk_proposal_tick(desk);
	desk_tell_orders(desk);
	desk_inbox_tick(desk);
	desk_peer_tick(desk);
	desk_chores_tick(desk);
	desk_backup_tick(desk);
	desk_incident_tick(desk);
}

void desk_tick(struct desk *desk)
{
	if (desk_end_is_going_on(desk))
		desk_end_tick(desk);
	else
		tick_all(desk);
	desk_tiles_begin(desk);
	desk_proof_tick(desk);
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (desk->links[i])
			(void)owner_view_is_open(desk->links[i]->view); /* wipes */
	}
	desk_write_next(desk);
}

int64_t desk_tick_in_ms(const struct desk *desk)
{
	return desk_seal_next_ms(
		desk, desk_tell_next_ms(desk, desk_proposal_next_ms(desk, DESK_TICK_MS)));
}
