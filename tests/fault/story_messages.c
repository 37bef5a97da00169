/* SPDX-License-Identifier: Apache-2.0 */
/* story_messages - a spoken message is asked for and held, another one is recalled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/must.h"
#include "fault/fault_stories.h"

enum { MEMO_BYTES = 3000, HOLD_MS = POLICY_HOLD_S * 1000 };

static uint8_t memo[MEMO_BYTES];
static uint8_t memo_hash[SEAL_HASH_BYTES];

static struct phone phone;
static uint8_t contact[ID_BYTES];
static uint64_t sequence; /* of what the room signed */
static uint64_t begin_sequence;
static struct proposal_id sent;  /* on its way before */
static struct proposal_id asked; /* that the story asks for */
enum { TOLD_HELD, TOLD_RECALLED };

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
	event.sequence = ++sequence;
	house_room_seed("kitchen", seed);
	must(evidence_bytes(&event, event.sequence, bytes, &size) == OK);
	must(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size, event.signature) ==
	     OK);
	said.event = event;
	house_forget(world->house.hub);
	fault_say(world, world->house.hub, WIRE_append, &said);
	return fault_take_done(world->house.hub, 3, NULL) == OK;
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
	fault_say(world, world->house.hub, WIRE_memo, &piece);
	return true;
}

static struct action message_to_alice(void)
{
	struct action action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};

	id_to_text(action.entity, contact);
	memcpy(action.body, memo_hash, sizeof(action.body));
	return action;
}

/* False: there is no such proposal. */
static bool ask(struct fault_world *world, uint64_t turn, struct proposal_id *out_id)
{
	const struct action action = message_to_alice();
	struct wire_propose propose = {.token = 5, .turn = turn};
	char bytes[ACTION_BYTES_MAX];
	const struct wire_message *answer;
	size_t size = 0;

	if (!speak(world, turn))
		return false;
	must(action_bytes(&action, bytes, &size) == OK);
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	house_forget(world->house.hub);
	fault_say(world, world->house.hub, WIRE_propose, &propose);
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
	const struct verdict given = {id, id, message_to_alice(), verdict, verdict};

	house_forget(phone.link);
	house_say_verdict(&world->house, &phone, &given);
	return fault_take_done(phone.link, 9, NULL) == OK;
}

static void come_back(struct fault_world *world)
{
	house_come_back(&world->house, &phone);
	house_forget(phone.link);
}

static void add_contact(struct fault_world *world)
{
	static struct desk_bench_people people;
	struct wire_contact set = {.name = "Alice",
				   .kind = "house",
				   .voice_allowed = true};

	memcpy(set.person.bytes, world->house.alice_id.bytes, ID_BYTES);
	fault_say(world, world->house.alice, WIRE_contact, &set);
	assert_int_equal(house_expect(world->house.alice, WIRE_done)->done.err, OK);
	desk_bench_people(world->bench, world->house.alice, &people);
	memcpy(contact, desk_bench_contact(&people, "Alice")->id.bytes, ID_BYTES);
}

/* A message is on its way. */
static void set_up(struct fault_world *world)
{
	for (size_t i = 0; i < MEMO_BYTES; i++)
		memo[i] = (uint8_t)(i * 31 % 251);
	must(seal_sha256(&(struct seal_part){memo, sizeof(memo)}, 1, memo_hash) == OK);
	sequence = 0;
	world->house = house_make_on(world->bench);
	world->ledger.has_owner = true;
	house_pair_phone(&world->house, 1, world->house.alice_id.bytes, &phone);
	house_set_room(&world->house, "bedroom",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	add_contact(world);
	assert_true(ask(world, 100, &sent));
	assert_true(give(world, sent, APPROVAL_APPROVE));
	house_pass(&world->house, HOLD_MS);
	world->begin_ms = HOLD_MS + 1000;
	begin_sequence = sequence;
}

/* One message is asked for and held, the one that was on its way is recalled. */
static void live(struct fault_world *world)
{
	bool *told = world->ledger.told;
	struct proposal_id id;

	sequence = begin_sequence;
	come_back(world);
	if (ask(world, 200 + sequence, &id)) {
		asked = id;
		told[TOLD_HELD] = give(world, id, APPROVAL_APPROVE);
	}
	told[TOLD_RECALLED] = give(world, sent, APPROVAL_CANCEL);
	if (told[TOLD_RECALLED])
		fault_is_gone(world, STORE_MEMO_KEY, sent.bytes);
	fault_append(world, 50);
}

/* Whether that message can be listened to, in full. */
static bool can_listen(struct fault_world *world, struct proposal_id id)
{
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};
	const struct wire_message *message;
	size_t size = 0;

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	house_forget(world->house.hub);
	fault_say(world, world->house.hub, WIRE_memo_get, &get);
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

static void check(struct fault_world *world)
{
	const bool *told = world->ledger.told;

	come_back(world);
	/* After a restart the hold waits for a new receipt. */
	if (told[TOLD_HELD])
		assert_true(give(world, asked, APPROVAL_RECEIPT));
	house_pass(&world->house, HOLD_MS);
	if (told[TOLD_HELD])
		assert_true(can_listen(world, asked));
	if (told[TOLD_RECALLED])
		assert_false(can_listen(world, sent));
}

const struct story STORY_MESSAGES = {"messages", set_up, live, check, NULL};
