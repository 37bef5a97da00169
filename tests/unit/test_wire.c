/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: every message there and back; strictness at each byte. With the argument
 * `--save FOLDER` it writes the fuzzer's first inputs instead.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "wire/wire.h"

static const int16_t samples[] = {0, 1, -1, INT16_MAX, INT16_MIN};

static struct event sample_event(void)
{
	struct event event = {
		.kind = EVENT_DECIDED,
		.turn = {0x1122334455667788},
		.room = {"kitchen"},
		.at_ms = -5,
		.field_count = 2,
		.fields = {{"decision", "act"}, {"reason", "NONE"}},
		.is_signed = true,
		.sequence = 9,
		.signature = {1, 2, [63] = 64},
	};
	return event;
}

static void sample_policy(struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->has_owner = true;
	policy->celsius_min = 5;
	policy->celsius_max = 30;
	policy->room_count = 2;
	policy->rooms[0] = (struct room_policy){.room = {"kitchen"}, .capabilities = 7};
	policy->rooms[1] = (struct room_policy){.room = {"k\xc3\xbc"
							 "che"},
						.muted = true,
						.is_private = true,
						.private_owner = {{1, 2, 3}},
						.has_key = true,
						.key = {7, [31] = 8},
						.is_thin = true,
						.is_revoked = true};
	policy->hold_s = 90;
	policy->person_count = 2;
	policy->people[0] = (struct person){.id = {{4}},
					    .name = "Tom",
					    .role = ROLE_CHILD,
					    .capabilities = MAY_MESSAGE};
	policy->contact_count = 2;
	policy->contacts[0] = (struct contact){.id = {{5}},
					       .name = "Anna Keller",
					       .kind = CONTACT_PEER,
					       .voice_allowed = true,
					       .address = "hub.example:7700",
					       .key = {6}};
	policy->device_count = 1;
	policy->harmless_count = 2;
	assert_true(
		str_copy(policy->harmless[0], sizeof(policy->harmless[0]), "switch.fan"));
}

/* Fills every field of a message with something that is not zero. */
static void fill(struct wire_message *message, enum wire_type type)
{
	memset(message, 0, sizeof(*message));
	message->type = type;
	switch (type) {
#define FILL_U8 1
#define FILL_U32 0x01020304
#define FILL_U64 0x0102030405060708
#define FILL_I64 -2
#define FILL_F64 -0.125
#define FILL_ID ((struct wire_id){{9, 8, 7}})
#define MESSAGE(name, number)                              \
	case WIRE_##name: {                                \
		struct wire_##name *self = &message->name; \
		self->unused = 0;
#define FIELD(type, name) self->name = FILL_##type;
#define TEXT(name, max) \
	assert_true(str_copy(self->name, sizeof(self->name), "t\xc3\xa4xt"));
#define BYTES(name, max) self->name = wire_from_samples((struct audio_span){samples, 5});
#define EVENT(name) self->name = sample_event();
#define POLICY(name) sample_policy(&self->name);
#define END(name) \
	break;    \
	}
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END
	}
}

static const enum wire_type all_types[] = {
#define MESSAGE(name, number) WIRE_##name,
#define FIELD(type, name)
#define TEXT(name, max)
#define BYTES(name, max)
#define EVENT(name)
#define POLICY(name)
#define END(name)
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END
};

static struct wire_message message;
static struct wire_message back;
static uint8_t frame[WIRE_FRAME_MAX];
static uint8_t again[WIRE_FRAME_MAX];

static size_t encode(enum wire_type type)
{
	size_t size = 0;
	fill(&message, type);
	assert_int_equal(wire_encode(type, &message.hello, frame, sizeof(frame), &size),
			 OK);
	return size;
}

static void every_message_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(all_types); i++) {
		size_t again_size = 0;
		size_t frame_size = 0;
		size_t size = encode(all_types[i]);
		assert_int_equal(wire_frame_size(frame, size, &frame_size), OK);
		assert_int_equal(frame_size, size);
		assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
		assert_int_equal(back.type, all_types[i]);
		assert_int_equal(wire_encode(back.type, &back.hello, again, sizeof(again),
					     &again_size),
				 OK);
		assert_int_equal(again_size, size);
		assert_memory_equal(again, frame, size);
		assert_string_not_equal(wire_type_name(all_types[i]), "unknown");
	}
	assert_string_equal(wire_type_name((enum wire_type)255), "unknown");
	assert_false(wire_type_is_known(0));
	assert_false(wire_type_is_known(65535));
}

static void fields_arrive(void **state)
{
	(void)state;
	size_t size = encode(WIRE_policy);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	assert_true(back.policy.policy.has_owner);
	assert_true(back.policy.policy.celsius_max == 30);
	assert_int_equal(back.policy.policy.room_count, 2);
	assert_string_equal(back.policy.policy.rooms[0].room.text, "kitchen");
	assert_true(back.policy.policy.rooms[1].muted);
	assert_int_equal(back.policy.policy.rooms[1].private_owner.bytes[2], 3);
	assert_string_equal(back.policy.policy.harmless[0], "switch.fan");
	assert_int_equal(back.policy.policy.hold_s, 90);
	assert_int_equal(back.policy.policy.people[0].role, ROLE_CHILD);
	assert_int_equal(back.policy.policy.people[0].capabilities, MAY_MESSAGE);
	assert_string_equal(back.policy.policy.people[0].name, "Tom");
	assert_string_equal(back.policy.policy.contacts[0].name, "Anna Keller");
	assert_int_equal(back.policy.policy.contacts[0].id.bytes[0], 5);
	assert_true(back.policy.policy.contacts[0].voice_allowed);
	/* What the hub has no need of does not travel. */
	assert_string_equal(back.policy.policy.contacts[0].address, "");
	assert_int_equal(back.policy.policy.contacts[0].key[0], 0);
	assert_int_equal(back.policy.policy.device_count, 0);
	assert_false(back.policy.policy.rooms[0].has_key);
	assert_true(back.policy.policy.rooms[1].has_key);
	assert_int_equal(back.policy.policy.rooms[1].key[31], 8);
	assert_true(back.policy.policy.rooms[1].is_thin);
	assert_true(back.policy.policy.rooms[1].is_revoked);
	size = encode(WIRE_append);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	assert_int_equal(back.append.event.kind, EVENT_DECIDED);
	assert_true(back.append.event.at_ms == -5);
	assert_true(back.append.event.turn.value == 0x1122334455667788);
	assert_string_equal(back.append.event.fields[1].value, "NONE");
	assert_true(back.append.event.is_signed);
	assert_int_equal(back.append.event.sequence, 9);
	assert_int_equal(back.append.event.signature[63], 64);
	size = encode(WIRE_sound);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	int16_t sound[8];
	assert_int_equal(wire_to_samples(back.sound.pcm, sound, 8), 5);
	assert_memory_equal(sound, samples, sizeof(samples));
	assert_int_equal(wire_to_samples(back.sound.pcm, sound, 2), 2);
	assert_int_equal(wire_to_samples((struct wire_slice){frame, 3}, sound, 8), 0);
	assert_int_equal(wire_to_samples((struct wire_slice){frame, 0}, sound, 8), 0);
	size = encode(WIRE_wake);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	assert_true(back.wake.score == -0.125);
	assert_true(back.wake.level_db == -0.125);
	assert_int_equal(back.wake.age_ms, 0x01020304);
}

/* docs/FORMATS.md promises these bytes. */
static void bytes_are_as_documented(void **state)
{
	(void)state;
	static const uint8_t expected[] = {
		0x12, 0,   0,   0,   1, 0, 1,   0,   0,   0,   3,
		0,    'h', 'u', 'b', 5, 0, 'h', 'o', 'u', 's', 'e',
	};
	size_t size = 0;
	struct wire_hello hello = {.version = 1, .role = "hub", .name = "house"};
	assert_int_equal(wire_encode(WIRE_hello, &hello, frame, sizeof(frame), &size),
			 OK);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(frame, expected, sizeof(expected));
}

static void every_shorter_frame_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(all_types); i++) {
		size_t size = encode(all_types[i]);
		for (size_t cut = 0; cut < size; cut++) {
			struct err_note note = {0};
			assert_int_not_equal(wire_decode(frame, cut, &back, &note), OK);
			assert_true(note.text[0] != '\0');
			assert_int_equal(back.type, 0);
			/* The same with a length that claims to be right. */
			if (cut < WIRE_HEAD_BYTES + 2)
				continue;
			memcpy(again, frame, cut);
			again[0] = (uint8_t)(cut - WIRE_HEAD_BYTES);
			again[1] = (uint8_t)((cut - WIRE_HEAD_BYTES) >> 8);
			assert_int_not_equal(wire_decode(again, cut, &back, NULL), OK);
		}
		frame[size] = 0;
		uint32_t longer = (uint32_t)(size + 1 - WIRE_HEAD_BYTES);
		memcpy(frame, &longer, sizeof(longer));
		struct err_note note = {0};
		assert_int_equal(wire_decode(frame, size + 1, &back, &note), ERR_FORMAT);
		if (size > WIRE_HEAD_BYTES + 2)
			assert_non_null(strstr(note.text, wire_type_name(all_types[i])));
	}
}

static void impossible_heads(void **state)
{
	(void)state;
	size_t size = 77;
	assert_int_equal(wire_frame_size((const uint8_t *)"\1\0\0", 3, &size), ERR_BUSY);
	assert_int_equal(wire_frame_size((const uint8_t *)"\1\0\0\0", 4, &size),
			 ERR_FORMAT);
	assert_int_equal(wire_frame_size((const uint8_t *)"\0\0\0\0", 4, &size),
			 ERR_FORMAT);
	assert_int_equal(wire_frame_size((const uint8_t *)"\xff\xff\xff\xff", 4, &size),
			 ERR_LIMIT);
	assert_int_equal(size, 77);
	assert_int_equal(wire_frame_size((const uint8_t *)"\2\0\0\0", 4, &size), OK);
	assert_int_equal(size, 6);
	assert_int_equal(wire_decode((const uint8_t *)"\2\0\0\0\xff\xff", 6, &back, NULL),
			 ERR_FORMAT);
}

static enum err encode_words(const char *words)
{
	size_t size = 0;
	struct wire_text text = {.token = 1, .room = "kitchen"};
	strncpy(text.words, words, sizeof(text.words) - 1);
	return wire_encode(WIRE_text, &text, frame, sizeof(frame), &size);
}

static void bad_text_neither_leaves_nor_arrives(void **state)
{
	(void)state;
	static const char *const bad[] = {"a\nb",     "\x1b[2J", "\x7f",
					  "\xc2\x85", "\xff",    "\xed\xa0\x80"};
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		assert_int_equal(encode_words(bad[i]), ERR_FORMAT);
	assert_int_equal(encode_words("caf\xc3\xa9 \xc2\xa3 \xf0\x9f\x92\xa1"), OK);
	struct wire_text text = {.token = 1};
	size_t size = 0;
	memset(text.words, 'x', sizeof(text.words)); /* without its end */
	assert_int_equal(wire_encode(WIRE_text, &text, frame, sizeof(frame), &size),
			 ERR_LIMIT);
	text.words[sizeof(text.words) - 1] = '\0';
	assert_int_equal(wire_encode(WIRE_text, &text, frame, sizeof(frame), &size), OK);
	frame[size - 1] = '\n';
	assert_int_equal(wire_decode(frame, size, &back, NULL), ERR_FORMAT);
	frame[size - 1] = '\0';
	assert_int_equal(wire_decode(frame, size, &back, NULL), ERR_FORMAT);
	frame[size - 1] = 'x';
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
}

static void limits_hold_on_both_sides(void **state)
{
	(void)state;
	static uint8_t pcm[WIRE_PCM_BYTES + 2];
	size_t size = 0;
	struct wire_sound sound = {.turn = 1, .pcm = {pcm, WIRE_PCM_BYTES}};
	assert_int_equal(wire_encode(WIRE_sound, &sound, frame, sizeof(frame), &size),
			 OK);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	assert_int_equal(wire_encode(WIRE_sound, &sound, frame, size - 1, &size),
			 ERR_LIMIT);
	sound.pcm.size = WIRE_PCM_BYTES + 2;
	assert_int_equal(wire_encode(WIRE_sound, &sound, frame, sizeof(frame), &size),
			 ERR_LIMIT);
	assert_int_equal(wire_encode(WIRE_sound, &sound, frame, WIRE_HEAD_BYTES, &size),
			 ERR_LIMIT);
	struct wire_wake wake = {.score = (double)NAN, .floor = (double)NAN};
	assert_int_equal(wire_encode(WIRE_wake, &wake, frame, sizeof(frame), &size),
			 ERR_RANGE);
	wake.score = (double)INFINITY;
	assert_int_equal(wire_encode(WIRE_wake, &wake, frame, sizeof(frame), &size),
			 ERR_RANGE);
	fill(&message, WIRE_append);
	message.append.event.kind = EVENT_KIND_COUNT;
	assert_int_equal(wire_encode(WIRE_append, &message.append, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	fill(&message, WIRE_append);
	message.append.event.field_count = EVENT_FIELDS_MAX + 1;
	assert_int_equal(wire_encode(WIRE_append, &message.append, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	fill(&message, WIRE_policy);
	message.policy.policy.rooms[0].capabilities = MAY_ALL + 1;
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	fill(&message, WIRE_policy);
	message.policy.policy.rooms[0].private_owner.bytes[0] = 1;
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	fill(&message, WIRE_policy);
	message.policy.policy.room_count = POLICY_ROOMS_MAX + 1;
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	fill(&message, WIRE_policy);
	message.policy.policy.hold_s = POLICY_HOLD_S_MIN - 1;
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
	message.policy.policy.hold_s = POLICY_HOLD_S_MAX + 1;
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 ERR_RANGE);
}

/* What only a frame of somebody else's making holds: one field of a small message changed,
 * at its place in the frame. */
static void odd_fields_are_refused(void **state)
{
	enum {
		/* Places in a policy that has nothing, and in one that has one of a kind,
		 * without a name. */
		ROOMS = 23,
		ROOM_MAY = ROOMS + 4,
		ROOM_OWNER = ROOM_MAY + 4,
		MARKS = 25,
		HOLD = 27,
		PEOPLE = 31,
		PERSON_ROLE = PEOPLE + 2 + ID_BYTES + 2,
		CONTACTS = 33,
		CONTACT_KIND = CONTACTS + 2 + ID_BYTES + 2,
		EVENT_KIND = WIRE_HEAD_BYTES + 2 + 8,
		EVENT_FIELDS = EVENT_KIND + 1 + 8 + 2 + 8,
		SOUND_SIZE = WIRE_HEAD_BYTES + 2 + 8 + 4 + 1,
	};
	enum of { APPEND, SOUND, POLICY, ROOM, PERSON, CONTACT };
	static const struct {
		enum of of;
		size_t at;
		uint8_t byte;
		enum err err;
		const char *words;
	} rows[] = {
		{APPEND, EVENT_KIND, EVENT_KIND_COUNT, ERR_RANGE, "kind of event"},
		{APPEND, EVENT_FIELDS, EVENT_FIELDS_MAX + 1, ERR_LIMIT,
		 "too many fields"},
		{SOUND, SOUND_SIZE + 3, 1, ERR_LIMIT, "too many bytes"},
		{POLICY, ROOMS + 1, 1, ERR_LIMIT, "too many rooms"},
		{POLICY, MARKS + 1, 2, ERR_LIMIT, "too many marks"},
		{POLICY, HOLD, POLICY_HOLD_S_MIN - 1, ERR_RANGE, "hold"},
		{POLICY, HOLD + 2, 1, ERR_RANGE, "hold"},
		{POLICY, PEOPLE + 1, 1, ERR_LIMIT, "too many people"},
		{POLICY, CONTACTS + 1, 2, ERR_LIMIT, "too many contacts"},
		{ROOM, ROOM_MAY + 1, (MAY_ALL + 1) >> 8, ERR_RANGE, "capabilities"},
		{ROOM, ROOM_OWNER, 1, ERR_RANGE, "not private"},
		{PERSON, PERSON_ROLE, ROLE_COUNT, ERR_RANGE, "role"},
		{PERSON, PERSON_ROLE + 2, (MAY_ALL + 1) >> 8, ERR_RANGE, "capabilities"},
		{CONTACT, CONTACT_KIND, CONTACT_KIND_COUNT, ERR_RANGE, "contact"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const enum of of = rows[i].of;
		const enum wire_type type = of == APPEND  ? WIRE_append
					    : of == SOUND ? WIRE_sound
							  : WIRE_policy;
		struct err_note note = {0};
		size_t size = 0;

		memset(&message, 0, sizeof(message));
		message.policy.policy.hold_s = type == WIRE_policy ? POLICY_HOLD_S : 0;
		message.policy.policy.room_count = of == ROOM;
		message.policy.policy.person_count = of == PERSON;
		message.policy.policy.contact_count = of == CONTACT;
		assert_int_equal(wire_encode(type, &message.hello, frame, sizeof(frame),
					     &size),
				 OK);
		assert_int_equal(wire_decode(frame, size, &back, &note), OK);
		frame[rows[i].at] = rows[i].byte;
		assert_int_equal(wire_decode(frame, size, &back, &note), rows[i].err);
		assert_non_null(strstr(note.text, rows[i].words));
	}
}

static void the_largest_policy_fits(void **state)
{
	(void)state;
	size_t size = 0;
	fill(&message, WIRE_policy);
	struct policy *policy = &message.policy.policy;
	policy->room_count = POLICY_ROOMS_MAX;
	policy->harmless_count = POLICY_HARMLESS_MAX;
	for (size_t i = 0; i < POLICY_ROOMS_MAX; i++)
		memset(policy->rooms[i].room.text, 'r', NAME_BYTES - 1);
	for (size_t i = 0; i < POLICY_HARMLESS_MAX; i++)
		memset(policy->harmless[i], 'h', sizeof(policy->harmless[i]) - 1);
	policy->contact_count = POLICY_CONTACTS_MAX;
	for (size_t i = 0; i < POLICY_CONTACTS_MAX; i++)
		memset(policy->contacts[i].name, 'c', PEOPLE_NAME_BYTES - 1);
	policy->person_count = STR_COUNT(policy->people);
	for (size_t i = 0; i < policy->person_count; i++)
		memset(policy->people[i].name, 'p', PEOPLE_NAME_BYTES - 1);
	policy->day.exposure_count = EXPOSURES_MAX;
	for (size_t i = 0; i < EXPOSURES_MAX; i++) {
		memset(policy->day.exposures[i].entity, 'e', EXPOSURE_ENTITY_BYTES - 1);
		memset(policy->day.exposures[i].room.text, 'r', NAME_BYTES - 1);
	}
	memset(policy->day.shop.webhook, 'w', SHOP_URL_BYTES - 1);
	assert_int_equal(wire_encode(WIRE_policy, &message.policy, frame, sizeof(frame),
				     &size),
			 OK);
	assert_int_equal(wire_decode(frame, size, &back, NULL), OK);
	assert_int_equal(back.policy.policy.harmless_count, POLICY_HARMLESS_MAX);
	assert_int_equal(back.policy.policy.day.exposure_count, EXPOSURES_MAX);
	/* The hub need not know where orders go. */
	assert_string_equal(back.policy.policy.day.shop.webhook, "");
}

static void secrets_are_wiped(void **state)
{
	(void)state;
	static struct wire_message zero;
	fill(&message, WIRE_unlock);
	wire_wipe(&message);
	assert_memory_equal(&message, &zero, sizeof(message));
	wire_wipe(&message); /* once more is fine */
	assert_memory_equal(&message, &zero, sizeof(message));
}

static int save(const char *folder)
{
	for (size_t i = 0; i < STR_COUNT(all_types); i++) {
		char path[FILE_PATH_BYTES];
		size_t size = encode(all_types[i]);
		if (!file_join(path, sizeof(path), folder,
			       wire_type_name(all_types[i])) ||
		    file_write(path, frame, size, 0644, NULL) != OK)
			return 1;
	}
	return 0;
}

int main(int count, char **arguments)
{
	if (count == 3 && str_equal(arguments[1], "--save"))
		return save(arguments[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_there_and_back),
		cmocka_unit_test(fields_arrive),
		cmocka_unit_test(bytes_are_as_documented),
		cmocka_unit_test(every_shorter_frame_is_refused),
		cmocka_unit_test(impossible_heads),
		cmocka_unit_test(bad_text_neither_leaves_nor_arrives),
		cmocka_unit_test(limits_hold_on_both_sides),
		cmocka_unit_test(the_largest_policy_fits),
		cmocka_unit_test(odd_fields_are_refused),
		cmocka_unit_test(secrets_are_wiped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
