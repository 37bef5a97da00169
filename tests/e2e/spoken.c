/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken - see the header. What a room says in each step, and in which order, is as
 * test_asked.c sees it from the real one.
 */
#include "e2e/spoken.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "base/key_text.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/people.h"
#include "domain/policy.h"

enum { WORDS_BYTES = 128, WORDS_SAMPLES_MAX = 8 * AUDIO_HZ };

static const double PI = 3.14159265358979323846;

/* --- the house -------------------------------------------------------------------------- */

static const struct wire_message *answer(struct link_client *client, enum wire_type type)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_wait(client, HOUSE_WAIT_MS, &message, NULL), OK);
	if (message->type == WIRE_refused)
		fail_msg("refused: %s", message->refused.reason);
	assert_int_equal(message->type, type);
	return message;
}

void spoken_house_add_room(struct link_client *owner, const struct wire_room *room)
{
	struct wire_room_set set = {.capabilities = MAY_ALL, .is_private = 1};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];

	wire_room_key(room, key);
	assert_int_equal(key_to_text(key, set.key), OK);
	assert_true(str_copy(set.room, sizeof(set.room), room->name));
	assert_int_equal(link_client_send_room_set(owner, &set, NULL), OK);
	(void)answer(owner, WIRE_done);
}

void spoken_house_add_contact(struct spoken_house *house, struct link_client *owner,
			      const struct wire_contact *set)
{
	assert_int_equal(link_client_send_contact(owner, set, NULL), OK);
	(void)answer(owner, WIRE_done);
	house->contacts += id_is_none(set->id.bytes);
}

void spoken_house_person(struct link_client *owner, const char *name,
			 uint8_t to[ID_BYTES])
{
	const struct wire_people_get get = {.unused = 0};
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send_people_get(owner, &get, NULL), OK);
	do {
		assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, NULL),
				 OK);
		if (message->type == WIRE_person && str_equal(message->person.name, name))
			memcpy(to, message->person.id.bytes, ID_BYTES);
	} while (message->type != WIRE_end);
}

static void enrol(struct spoken_house *house)
{
	struct link_client *owner =
		house_sign_in(&house->house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	const struct wire_hold_set hold = {.hold_s = SPOKEN_HOLD_S};

	assert_non_null(owner);
	spoken_house_person(owner, HOUSE_OWNER, house->owner);
	spoken_house_add_room(owner, &house->room);
	assert_int_equal(link_client_send_hold_set(owner, &hold, NULL), OK);
	(void)answer(owner, WIRE_done);
	wire_phone_pair(&house->phone, &house->house, 1, owner, house->owner);
	link_client_close(owner);
}

void spoken_house_wait_hub(struct spoken_house *house)
{
	house_wait_flag(&house->house, "keeper", true);
	house_wait_flag(&house->house, "has_owner", true);
	house_wait_count(&house->house, "contacts", (int64_t)house->contacts);
	house_wait_flag(&house->house, "words_current", true);
}

void spoken_house_begin(struct spoken_house *house)
{
	house_begin(&house->house);
	spoken_house_up(house);
}

void spoken_house_up(struct spoken_house *house)
{
	char hub[FILE_PATH_BYTES];

	assert_int_equal(seal_init(), OK);
	house->contacts = 0;
	assert_true(file_join(hub, sizeof(hub), house->house.run, "hub"));
	assert_true(file_join(house->rooms_socket, sizeof(house->rooms_socket), hub,
			      "rooms.sock"));
	assert_int_equal(loop_create(&house->loop), OK);
	wire_room_init(&house->room, house->loop, HOUSE_ROOM);
	house_start_keeper(&house->house);
	house_settle(&house->house);
	enrol(house);
	house_start_hub(&house->house);
	wire_phone_open(&house->phone);
	spoken_house_wait_hub(house);
	wire_room_open(&house->room, house->rooms_socket);
}

void spoken_house_end(struct spoken_house *house)
{
	wire_phone_close(&house->phone);
	wire_room_close(&house->room);
	loop_destroy(house->loop);
	house_end(&house->house);
}

/* --- a message -------------------------------------------------------------------------- */

/* A tone of its own. */
void spoken_make(struct spoken *spoken, struct spoken_house *house, const char *to,
		 unsigned number)
{
	static int16_t samples[SPOKEN_MS * (AUDIO_HZ / 1000)];
	const double hz = 200.0 + 23.0 * number;
	struct err_note note = {""};
	struct buf opus;

	for (size_t i = 0; i < STR_COUNT(samples); i++)
		samples[i] =
			(int16_t)(8000.0 * sin(2.0 * PI * hz * (double)i / AUDIO_HZ));
	*spoken = (struct spoken){.room = &house->room,
				  .voice = &house->house.voice,
				  .to = to};
	buf_init(&opus, SPOKEN_OPUS_MAX);
	if (memo_opus_encode((struct audio_span){samples, STR_COUNT(samples)}, &opus,
			     &note))
		fail_msg("%s", note.text);
	memcpy(spoken->opus, opus.bytes, opus.size);
	spoken->size = opus.size;
	buf_finish(&opus);
	assert_int_equal(seal_sha256(&(struct seal_part){spoken->opus, spoken->size}, 1,
				     spoken->body),
			 OK);
}

void spoken_request(struct wire_room *room, struct voice *voice, const char *words)
{
	static int16_t samples[WORDS_SAMPLES_MAX];
	struct audio_span sound;

	assert_int_equal(voice_speak(voice, words, &sound), OK);
	assert_true(sound.count <= WORDS_SAMPLES_MAX);
	memcpy(samples, sound.samples, sound.count * sizeof(*samples));
	wire_room_request(room, (struct audio_span){samples, sound.count});
}

static void request(struct spoken *spoken, const char *before)
{
	char words[WORDS_BYTES];

	assert_true(str_format(words, sizeof(words), "%s %s.", before, spoken->to));
	spoken_request(spoken->room, spoken->voice, words);
}

static bool go_ask(struct spoken *spoken)
{
	request(spoken, "send a message to");
	return wire_room_wait_say(spoken->room) &&
	       str_equal(spoken->room->say_then, "memo");
}

static bool go_prompt(struct spoken *spoken)
{
	wire_room_heard(spoken->room);
	wire_room_lease_memo(spoken->room);
	return spoken->room->link != NULL;
}

static bool go_half(struct spoken *spoken)
{
	wire_room_end_memo(spoken->room, SPOKEN_MS);
	wire_room_sign_memo(spoken->room, SPOKEN_MS, spoken->opus, spoken->size);
	wire_room_send_memo(spoken->room, spoken->opus, spoken->size / 2, false);
	return spoken->room->link != NULL;
}

static bool go_rest(struct spoken *spoken)
{
	const size_t half = spoken->size / 2;

	wire_room_send_memo(spoken->room, spoken->opus + half, spoken->size - half, true);
	return spoken->room->link != NULL;
}

static bool go_propose(struct spoken *spoken)
{
	if (!wire_room_wait_say(spoken->room) ||
	    !str_equal(spoken->room->say_then, "confirm"))
		return false;
	wire_room_heard(spoken->room);
	return wire_room_wait_over(spoken->room);
}

static bool go_phrase(struct spoken *spoken)
{
	request(spoken, "send it to");
	return spoken->room->link != NULL;
}

static bool go_answer(struct spoken *spoken)
{
	if (!wire_room_wait_say(spoken->room))
		return false;
	wire_room_heard(spoken->room);
	return wire_room_wait_over(spoken->room);
}

static const struct {
	const char *text;
	bool (*go)(struct spoken *spoken);
} STEPS[SPOKEN_STEP_COUNT] = {
	[SPOKEN_ASKED_FOR] = {"asked for", go_ask},
	[SPOKEN_PROMPTED] = {"prompted", go_prompt},
	[SPOKEN_HALF] = {"half sent", go_half},
	[SPOKEN_SENT] = {"memo sent", go_rest},
	[SPOKEN_PROPOSED] = {"proposed", go_propose},
	[SPOKEN_SAID] = {"phrase said", go_phrase},
	[SPOKEN_ANSWERED] = {"answered", go_answer},
};

const char *spoken_step_text(enum spoken_step step)
{
	return STEPS[step].text;
}

bool spoken_go(struct spoken *spoken, enum spoken_step step)
{
	return STEPS[step].go(spoken);
}
