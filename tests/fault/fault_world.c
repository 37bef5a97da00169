/* SPDX-License-Identifier: Apache-2.0 */
/* fault_world - see the header. */
#include "fault/fault_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/store_sqlite.h"
#include "base/file.h"
#include "base/key_text.h"
#include "base/must.h"
#include "base/str.h"
#include "folder.h"

enum {
	SAMPLES = 6000, /* 12 KB */
	EVENTS = 2,
	RECORDINGS = 2,
	ROWS_MAX = 512,
	MEMO_BYTES = 3000,
	HOLD_MS = POLICY_HOLD_S * 1000,
};

static const char PASSPHRASE[] = "correct horse battery"; /* house_make's */
static int16_t sound[SAMPLES];

/* --- the store -------------------------------------------------------------------------- */

static enum err open_store(void *context, const struct store_listener *listener,
			   struct store *out_store)
{
	struct fault_world *world = context;
	struct err_note note = {.text = ""};
	enum err err;

	if (world->stays_closed)
		return ERR_CLOSED;
	err = store_sqlite_open(world->folder, world->may_make, listener, out_store,
				&note);
	/* No failure without a line. */
	assert_true(err == OK || err == ERR_MEMORY || note.text[0]);
	return err;
}

/* Rows as an intruder has them: of one space, all. */
struct taken {
	struct store_row rows[ROWS_MAX];
	size_t count;
	bool is_over;
};

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	(void)err;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	struct taken *taken = context;

	(void)token;
	assert_int_equal(err, OK);
	assert_false(rows->more);
	for (size_t i = 0; i < rows->count; i++) {
		struct store_row *row = &taken->rows[taken->count++];
		uint8_t *copy = malloc(rows->rows[i].size + 1);

		assert_non_null(copy);
		memcpy(copy, rows->rows[i].value, rows->rows[i].size);
		*row = rows->rows[i];
		row->value = copy;
	}
	taken->is_over = true;
}

/* Nothing else may be open. */
static void take_rows(struct fault_world *world, enum store_space space,
		      struct taken *taken)
{
	const struct store_listener listener = {taken, on_done, on_rows};
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	struct store store = {.ops = NULL};

	memset(taken, 0, sizeof(*taken));
	memset(range.first.household.bytes, 0x50, ID_BYTES); /* the bench's */
	range.first.space = space;
	range.first.size = 1;
	range.last = range.first;
	range.last.size = STORE_KEY_BYTES_MAX;
	memset(range.last.bytes, 0xff, STORE_KEY_BYTES_MAX);
	assert_int_equal(open_store(world, &listener, &store), OK);
	assert_int_equal(store_range_get(&store, &range, 1), OK);
	while (!taken->is_over)
		store_step(&store);
	store_close(&store);
}

static void free_rows(struct taken *taken)
{
	for (size_t i = 0; i < taken->count; i++)
		free((void *)(uintptr_t)taken->rows[i].value);
}

static size_t count_rows(struct fault_world *world, enum store_space space)
{
	static struct taken taken;

	take_rows(world, space, &taken);
	free_rows(&taken);
	return taken.count;
}

/* --- opening and closing ---------------------------------------------------------------- */

bool fault_world_open(struct fault_world *world)
{
	struct desk_bench *bench = world->bench;

	if (!bench) {
		bench = desk_bench_create_on(7, open_store, world);
		world->bench = bench;
	} else {
		desk_bench_start(bench);
	}
	world->house = (struct house){.bench = bench};
	if (bench->open_err == OK)
		house_open_links(&world->house);
	return bench->open_err == OK;
}

void fault_world_close(struct fault_world *world)
{
	desk_bench_stop(world->bench);
}

void fault_world_rewind(struct fault_world *world, uint64_t seed)
{
	if (world->bench)
		desk_bench_destroy(world->bench);
	vfs_power_put_back(world->power, world->begin);
	vfs_power_seed(world->power, seed);
	memset(&world->ledger, 0, sizeof(world->ledger));
	world->may_make = true;
	/* The clock must not go back, and no id may come again. */
	world->stays_closed = true;
	world->bench = desk_bench_create_on(seed + 100, open_store, world);
	world->stays_closed = false;
	desk_bench_stop(world->bench);
	clock_fake_pass(&world->bench->clock, world->begin_ms);
}

static struct fault_world *make_world(void)
{
	struct fault_world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	(void)str_copy(world->folder, sizeof(world->folder), "/tmp/behest-fault-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->power = vfs_power_create(1);
	world->may_make = true;
	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	return world;
}

struct fault_world *fault_world_create(const struct story *story)
{
	struct fault_world *world = make_world();

	if (story->set_up)
		story->set_up(world);
	if (world->bench)
		desk_bench_destroy(world->bench);
	world->bench = NULL;
	world->begin = vfs_power_keep(world->power);
	return world;
}

void fault_world_destroy(struct fault_world *world)
{
	if (world->bench)
		desk_bench_destroy(world->bench);
	vfs_power_image_destroy(world->begin);
	vfs_power_destroy(world->power);
	(void)folder_remove(world->folder);
	free(world);
}

/* --- steps, each of which may fail ------------------------------------------------------ */

static void say(struct fault_world *world, struct desk_bench_link *link,
		enum wire_type type, const void *fields)
{
	house_say(&world->house, link, type, fields);
}

/* How the request went; ERR_CLOSED: nobody was told. What came before is left out. */
static enum err take_done(struct desk_bench_link *link, uint64_t token,
			  struct record_id *out_record)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_refused && message->refused.token == token) {
			assert_true(message->refused.err != OK);
			assert_true(message->refused.words[0]);
			return (enum err)message->refused.err;
		}
		if (message->type != WIRE_done || message->done.token != token)
			continue;
		if (out_record)
			memcpy(out_record->bytes, message->done.record.bytes, ID_BYTES);
		return (enum err)message->done.err;
	}
	return ERR_CLOSED;
}

static uint64_t turn_at(const struct fault_world *world, uint64_t number)
{
	return (uint64_t)world->bench->clock.wall_ms << 16 | number;
}

static bool unlock(struct fault_world *world)
{
	return desk_bench_unlock(world->bench, world->house.alice, "alice", PASSPHRASE);
}

static void append(struct fault_world *world, uint64_t token)
{
	const uint64_t turn = turn_at(world, token);
	struct ledger *ledger = &world->ledger;

	desk_bench_append(world->bench, world->house.hub, token, EVENT_DECIDED, turn,
			  "kitchen");
	desk_bench_settle(world->bench);
	if (take_done(world->house.hub, token, NULL) == OK)
		ledger->turns[ledger->event_count++] = turn;
}

static void seal(struct fault_world *world, uint64_t token)
{
	struct ledger *ledger = &world->ledger;

	desk_bench_seal(world->bench, world->house.hub, token, turn_at(world, token),
			"kitchen", "words", sound, SAMPLES);
	desk_bench_settle(world->bench);
	if (take_done(world->house.hub, token, &ledger->records[ledger->record_count]) ==
	    OK)
		ledger->record_count++;
}

/* --- what must be there ----------------------------------------------------------------- */

static bool has_event(struct fault_world *world, uint64_t turn)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message;
	bool has;

	say(world, world->house.alice, WIRE_why_get, &get);
	message = desk_bench_take(world->house.alice);
	has = message && message->type == WIRE_why_row;
	house_forget(world->house.alice);
	return has;
}

static bool has_sound(struct fault_world *world, struct record_id record)
{
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get = {0};
	bool has;

	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	say(world, world->house.alice, WIRE_play_get, &get);
	message = desk_bench_take(world->house.alice);
	has = message && message->type == WIRE_play_sound;
	if (has) {
		assert_int_equal(wire_to_samples(message->play_sound.pcm, heard, SAMPLES),
				 SAMPLES);
		assert_memory_equal(heard, sound, sizeof(sound));
	}
	house_forget(world->house.alice);
	return has;
}

bool fault_world_is_all_there(struct fault_world *world)
{
	const struct wire_verify_get verify = {.unused = 0};
	const struct ledger *ledger = &world->ledger;
	const struct wire_message *message;
	bool all = unlock(world);

	house_forget(world->house.alice);
	for (size_t i = 0; all && i < ledger->event_count; i++)
		all = has_event(world, ledger->turns[i]);
	for (size_t i = 0; all && i < ledger->record_count; i++)
		all = has_sound(world, ledger->records[i]);
	if (!all)
		return false;
	say(world, world->house.alice, WIRE_verify_get, &verify);
	message = desk_bench_take(world->house.alice);
	return message && message->type == WIRE_verified && message->verified.whole;
}

static void expect_whole_journal(struct fault_world *world)
{
	const struct wire_message *message;

	say(world, world->house.alice, WIRE_verify_get,
	    &(struct wire_verify_get){.unused = 0});
	message = desk_bench_take(world->house.alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	if (!message->verified.whole)
		fail_msg("the journal: %s", message->verified.trouble);
}

/* Rows that belong together are there together; the desk is closed. */
static void expect_nothing_half(struct fault_world *world)
{
	assert_int_equal(count_rows(world, STORE_WRAP),
			 2 * count_rows(world, STORE_OWNER));
	assert_int_equal(count_rows(world, STORE_SALT), count_rows(world, STORE_RECORD));
	assert_int_equal(count_rows(world, STORE_RECORD) % 2, 0);
	assert_true(count_rows(world, STORE_RECORD) == 0 ||
		    count_rows(world, STORE_EPOCH) > 0);
	assert_true(count_rows(world, STORE_CHECKPOINT) <=
		    count_rows(world, STORE_JOURNAL));
	assert_int_equal(count_rows(world, STORE_MEMO),
			 count_rows(world, STORE_MEMO_KEY));
}

static void expect_gone(const struct fault_world *world)
{
	for (size_t i = 0; i < world->ledger.gone_count; i++)
		assert_int_equal(vfs_power_find(world->power, world->ledger.gone[i].bytes,
						world->ledger.gone[i].size),
				 0);
}

static void expect_ledger(struct fault_world *world)
{
	const struct ledger *ledger = &world->ledger;

	if (!desk_has_owner(world->bench->desk)) {
		assert_false(ledger->has_owner);
		return;
	}
	/* An owner whose making was not confirmed may be there: the passphrase is known. */
	assert_true(unlock(world));
	for (size_t i = 0; i < ledger->event_count; i++)
		assert_true(has_event(world, ledger->turns[i]));
	for (size_t i = 0; i < ledger->record_count; i++)
		assert_true(has_sound(world, ledger->records[i]));
	expect_whole_journal(world);
}

void fault_world_check(struct fault_world *world, const struct story *story)
{
	/* Before anything of ours touches the disk again. */
	expect_gone(world);
	assert_true(fault_world_open(world));
	if (desk_state_of(world->bench->desk) != DESK_READY)
		fail_msg("the keeper does not start: %s",
			 desk_trouble(world->bench->desk));
	expect_ledger(world);
	if (story->check)
		story->check(world);
	fault_world_close(world);
	expect_gone(world);
	expect_nothing_half(world);
}

/* --- a house begins --------------------------------------------------------------------- */

static void live_begin(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;
	uint64_t token = 10;

	ledger->has_owner = desk_bench_make_owner(world->bench, world->house.alice,
						  "alice", PASSPHRASE, NULL, NULL);
	if (unlock(world))
		ledger->has_room =
			desk_bench_add_room(world->bench, world->house.alice, "kitchen");
	house_forget(world->house.hub);
	for (size_t i = 0; i < EVENTS; i++)
		append(world, ++token);
	for (size_t i = 0; i < RECORDINGS; i++)
		seal(world, ++token);
}

/* The room that was acknowledged takes recordings. */
static void check_begin(struct fault_world *world)
{
	const size_t before = world->ledger.record_count;

	if (!world->ledger.has_room)
		return;
	house_forget(world->house.hub);
	seal(world, 99);
	assert_int_equal(world->ledger.record_count, before + 1);
}

/* --- messages --------------------------------------------------------------------------- */

static uint8_t memo[MEMO_BYTES];
static uint8_t memo_hash[SEAL_HASH_BYTES];

static struct event event_of(enum event_kind kind, uint64_t turn)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){turn}, "kitchen", 1);
	return event;
}

/* Signed with the room's key. */
static bool attest(struct fault_world *world, struct event event)
{
	struct wire_append said = {.token = 3};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	event.is_signed = true;
	event.sequence = ++world->sequence;
	house_room_seed("kitchen", seed);
	must(evidence_bytes(&event, event.sequence, bytes, &size) == OK);
	must(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size, event.signature) ==
	     OK);
	said.event = event;
	house_forget(world->house.hub);
	say(world, world->house.hub, WIRE_append, &said);
	return take_done(world->house.hub, 3, NULL) == OK;
}

static bool speak(struct fault_world *world, uint64_t turn)
{
	struct event prompt = event_of(EVENT_PROMPT_HEARD, turn);
	struct event lease = event_of(EVENT_LEASE_OPENED, turn);
	struct event spoken = event_of(EVENT_MEMO, turn);
	const struct wire_memo piece = {.turn = turn,
					.last = true,
					.opus = {memo, MEMO_BYTES}};

	evidence_prompt_heard(&prompt, THEN_MEMO, 12, 0.9);
	evidence_lease_opened(&lease, LEASE_MEMO);
	evidence_memo(&spoken, 4200, MEMO_BYTES, memo_hash);
	if (!attest(world, prompt) || !attest(world, lease) || !attest(world, spoken))
		return false;
	say(world, world->house.hub, WIRE_memo, &piece);
	return true;
}

static struct action message_to_alice(const struct fault_world *world)
{
	struct action action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};

	id_to_text(action.entity, world->contact);
	memcpy(action.body, memo_hash, sizeof(action.body));
	return action;
}

/* False: there is no such proposal. */
static bool ask(struct fault_world *world, uint64_t turn, struct proposal_id *out_id)
{
	const struct action action = message_to_alice(world);
	struct wire_propose propose = {.token = 5, .turn = turn};
	char bytes[ACTION_BYTES_MAX];
	const struct wire_message *answer;
	size_t size = 0;

	if (!speak(world, turn))
		return false;
	must(action_bytes(&action, bytes, &size) == OK);
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	house_forget(world->house.hub);
	say(world, world->house.hub, WIRE_propose, &propose);
	while ((answer = desk_bench_take(world->house.hub))) {
		if (answer->type != WIRE_proposal || answer->proposal.token != 5)
			continue;
		memcpy(out_id->bytes, answer->proposal.id.bytes, ID_BYTES);
		return !id_is_none(out_id->bytes);
	}
	return false;
}

/* Whether the phone was told that its word counts. */
static bool give(struct fault_world *world, struct proposal_id id,
		 enum approval_verdict verdict)
{
	const struct verdict given = {id, id, message_to_alice(world), verdict, verdict};

	house_forget(world->phone.link);
	house_say_verdict(&world->house, &world->phone, &given);
	return take_done(world->phone.link, 9, NULL) == OK;
}

static void come_back(struct fault_world *world)
{
	house_come_back(&world->house, &world->phone);
	house_forget(world->phone.link);
}

static void add_contact(struct fault_world *world)
{
	static struct desk_bench_people people;
	struct wire_contact set = {.name = "Alice",
				   .kind = "house",
				   .voice_allowed = true};

	memcpy(set.person.bytes, world->house.alice_id.bytes, ID_BYTES);
	say(world, world->house.alice, WIRE_contact, &set);
	assert_int_equal(house_expect(world->house.alice, WIRE_done)->done.err, OK);
	desk_bench_people(world->bench, world->house.alice, &people);
	memcpy(world->contact, desk_bench_contact(&people, "Alice")->id.bytes, ID_BYTES);
}

/* A message is on its way, and its key is known to us. */
static void set_up_messages(struct fault_world *world)
{
	static struct taken taken;

	for (size_t i = 0; i < MEMO_BYTES; i++)
		memo[i] = (uint8_t)(i * 31 % 251);
	must(seal_sha256(&(struct seal_part){memo, sizeof(memo)}, 1, memo_hash) == OK);
	assert_true(fault_world_open(world));
	world->house = house_make_on(world->bench);
	house_pair_phone(&world->house, 1, world->house.alice_id.bytes, &world->phone);
	house_set_room(&world->house, "bedroom",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	add_contact(world);
	assert_true(ask(world, 100, &world->sent));
	assert_true(give(world, world->sent, APPROVAL_APPROVE));
	house_pass(&world->house, HOLD_MS);
	world->begin_ms = HOLD_MS + 1000;
	fault_world_close(world);
	take_rows(world, STORE_MEMO_KEY, &taken);
	assert_int_equal(taken.count, 1);
	assert_true(taken.rows[0].size <= LEDGER_BYTES);
	world->sent_key_size = taken.rows[0].size;
	memcpy(world->sent_key, taken.rows[0].value, taken.rows[0].size);
	free_rows(&taken);
	assert_true(vfs_power_find(world->power, world->sent_key, world->sent_key_size) >
		    0);
}

static void ledger_gone(struct ledger *ledger, const void *bytes, size_t size)
{
	ledger->gone[ledger->gone_count].size = size;
	memcpy(ledger->gone[ledger->gone_count].bytes, bytes, size);
	ledger->gone_count++;
}

/* One message is asked for and held, the one that was on its way is recalled. */
static void live_messages(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;
	struct proposal_id id;

	come_back(world);
	if (ask(world, 200 + world->sequence, &id)) {
		world->asked = id;
		ledger->is_held = give(world, id, APPROVAL_APPROVE);
	}
	ledger->is_recalled = give(world, world->sent, APPROVAL_CANCEL);
	if (ledger->is_recalled)
		ledger_gone(ledger, world->sent_key, world->sent_key_size);
	append(world, 50);
}

/* Whether that message can be listened to, in full. */
static bool can_listen(struct fault_world *world, struct proposal_id id)
{
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};
	const struct wire_message *message;
	size_t size = 0;

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	house_forget(world->house.hub);
	say(world, world->house.hub, WIRE_memo_get, &get);
	while ((message = desk_bench_take(world->house.hub))) {
		if (message->type == WIRE_memo_sound) {
			assert_memory_equal(message->memo_sound.opus.bytes, memo + size,
					    message->memo_sound.opus.size);
			size += message->memo_sound.opus.size;
		} else if (message->type == WIRE_done && message->done.token == 8) {
			assert_int_equal(size, message->done.err == OK ? MEMO_BYTES : 0);
			return message->done.err == OK;
		}
	}
	return false;
}

static void check_messages(struct fault_world *world)
{
	come_back(world);
	/* After a restart the hold waits for a new receipt. */
	if (world->ledger.is_held)
		assert_true(give(world, world->asked, APPROVAL_RECEIPT));
	house_pass(&world->house, HOLD_MS);
	if (world->ledger.is_held)
		assert_true(can_listen(world, world->asked));
	if (world->ledger.is_recalled)
		assert_false(can_listen(world, world->sent));
}

const struct story fault_stories[] = {
	{"a house begins", NULL, live_begin, check_begin},
	{"messages", set_up_messages, live_messages, check_messages},
};
const size_t fault_story_count = STR_COUNT(fault_stories);
