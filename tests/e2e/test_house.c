/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_house - from sound to light in a house of real programs, and who can read what is
 * kept of it: the owner's passphrase, and nothing else in the house.
 *
 * One house for all tests; they build on each other in their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/search.h"
#include "wire/wire.h"

enum { OTHER_STRETCH = 4096, EQUAL_SAMPLES_MIN = AUDIO_HZ };

#define REQUEST "turn on the kitchen light"
#define OTHER_OWNER "bob"
#define OTHER_PASSPHRASE "wet paint on the fence"

static struct house house;
static struct house_turn turn; /* of the spoken request */

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	house_up(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- the main job ----------------------------------------------------------------------- */

static void wait_toy(const char *device, const char *text)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!fixture_toy_printed(&house.fixture, device, text)) {
		if (loop_now_ms() > until_ms)
			fail_msg("the toy's %s never said %s", device, text);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void test_a_spoken_request_switches_the_light(void **state)
{
	(void)state;
	house_speak(&house, HOUSE_WORD ", " REQUEST ".");
	house_turn(&house, &turn);
	assert_int_equal(turn.token, 0);
	assert_string_equal(turn.text, REQUEST);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.reason, "NONE");
	assert_int_equal(turn.done, 1);
	assert_true(turn.record[0] != '\0');
	wait_toy("\"kitchen light\",",
		 "\"event\":\"command\",\"device\":\"kitchen light\","
		 "\"state\":\"ON\"");
}

static uint64_t place_of(const struct house_events *events, enum event_kind kind)
{
	uint64_t place = 0;

	if (!house_event(events, kind, &place))
		fail_msg("the journal has no %s of the turn", event_kind_text(kind));
	return place;
}

static void test_the_journal_says_why(void **state)
{
	static struct house_events events;
	struct link_client *owner;
	char parent[32];

	(void)state;
	house_wait_written(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	house_why(owner, turn.id, &events);
	const uint64_t wake = place_of(&events, EVENT_WAKE);
	const uint64_t opened = place_of(&events, EVENT_LEASE_OPENED);
	const uint64_t closed = place_of(&events, EVENT_LEASE_CLOSED);
	const uint64_t decided = place_of(&events, EVENT_DECIDED);
	const uint64_t done = place_of(&events, EVENT_DONE);
	const uint64_t spoken = place_of(&events, EVENT_SPOKEN);
	const uint64_t recorded = place_of(&events, EVENT_RECORDED);

	assert_true(wake < opened && opened < decided && decided < done && done < spoken);
	assert_true(closed > opened && recorded > decided);
	assert_true(str_format(parent, sizeof(parent), "%llu", (unsigned long long)done));
	assert_string_equal(event_value(house_event(&events, EVENT_SPOKEN, NULL),
					"parent"),
			    parent);
	assert_string_equal(event_value(house_event(&events, EVENT_DECIDED, NULL),
					"decision"),
			    "act");
	assert_string_equal(event_value(house_event(&events, EVENT_RECORDED, NULL),
					"record"),
			    turn.record);
	assert_true(house_verify(owner) >= spoken);
	link_client_close(owner);
}

static void test_no_words_are_in_the_journal(void **state)
{
	static struct house_events events;
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);

	(void)state;
	house_why(owner, turn.id, &events);
	for (size_t i = 0; i < events.count; i++) {
		for (size_t f = 0; f < events.events[i].field_count; f++) {
			const char *value = events.events[i].fields[f].value;

			assert_null(strstr(value, "turn on"));
		}
	}
	link_client_close(owner);
}

/* --- the recording ---------------------------------------------------------------------- */

/* The longest stretch of a that stands in b. Quadratic in the worst case only. */
static size_t longest_equal(struct audio_span a, struct audio_span b)
{
	size_t longest = 0;

	for (size_t shift = 0; shift < a.count + b.count; shift++) {
		size_t from_a = shift < b.count ? 0 : shift - b.count;
		size_t from_b = shift < b.count ? b.count - shift : 0;
		size_t run = 0;

		for (; from_a < a.count && from_b < b.count; from_a++, from_b++) {
			run = a.samples[from_a] == b.samples[from_b] ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
	}
	return longest;
}

static void test_the_owner_hears_what_was_said(void **state)
{
	static int16_t heard[HOUSE_SOUND_MAX];
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	size_t count = 0;

	(void)state;
	assert_non_null(owner);
	assert_int_equal(house_listen(owner, turn.record, heard, HOUSE_SOUND_MAX, &count),
			 OK);
	link_client_close(owner);
	/* The name, or a little before it, to the end of the request. */
	const size_t equal =
		longest_equal((struct audio_span){house.spoken, house.spoken_count},
			      (struct audio_span){heard, count});

	print_message("recorded %zu ms, of which %zu ms are as they were spoken\n",
		      (size_t)audio_ms(count), (size_t)audio_ms(equal));
	assert_true(equal >= EQUAL_SAMPLES_MIN);
}

static void test_a_wrong_passphrase_opens_nothing(void **state)
{
	(void)state;
	assert_null(house_sign_in(&house, HOUSE_OWNER, "correct horse batterx"));
	assert_null(house_sign_in(&house, HOUSE_OWNER, ""));
	assert_null(house_sign_in(&house, "carol", HOUSE_PASSPHRASE));
}

static void test_without_signing_in_nothing_is_told(void **state)
{
	static int16_t heard[HOUSE_SOUND_MAX];
	struct link_client *nobody = house_owner_socket(&house);
	size_t count = 0;

	(void)state;
	assert_int_equal(house_listen(nobody, turn.record, heard, HOUSE_SOUND_MAX,
				      &count),
			 ERR_DENIED);
	assert_int_equal(count, 0);
	link_client_close(nobody);
}

/* Rows of history that the owner is shown. */
static size_t history_count(struct link_client *owner)
{
	const struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 100};
	const struct wire_message *message = NULL;
	size_t count = 0;

	assert_int_equal(link_client_send_history_get(owner, &get, NULL), OK);
	do {
		assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, NULL),
				 OK);
		count += message->type == WIRE_history_row;
	} while (message->type == WIRE_history_row);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	return count;
}

static void test_another_owner_reads_nothing(void **state)
{
	static int16_t heard[HOUSE_SOUND_MAX];
	static struct house_events events;
	struct link_client *alice = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	struct link_client *bob;
	size_t count = 0;
	enum err err;

	(void)state;
	house_add_owner(alice, OTHER_OWNER, OTHER_PASSPHRASE);
	assert_int_equal(history_count(alice), 1);
	link_client_close(alice);
	bob = house_sign_in(&house, OTHER_OWNER, OTHER_PASSPHRASE);
	assert_non_null(bob);
	err = house_listen(bob, turn.record, heard, HOUSE_SOUND_MAX, &count);
	assert_true(err == ERR_MISSING || err == ERR_DENIED || err == ERR_AUTH);
	assert_int_equal(count, 0);
	assert_int_equal(history_count(bob), 0);
	house_why(bob, turn.id, &events); /* a private room is nobody else's business */
	assert_int_equal(events.count, 0);
	link_client_close(bob);
	assert_null(house_sign_in(&house, HOUSE_OWNER, OTHER_PASSPHRASE));
}

/* --- what the hub could do if somebody else were in it ---------------------------------- */

static int connect_as(const char *socket_name, const char *role)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct wire_hello hello = {.version = WIRE_VERSION};
	uint8_t frame[WIRE_FRAME_MAX];
	size_t size = 0;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(file_join(address.sun_path, sizeof(address.sun_path), house.run,
			      socket_name));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(str_copy(hello.role, sizeof(hello.role), role));
	assert_true(str_copy(hello.name, sizeof(hello.name), "hub"));
	assert_int_equal(wire_encode(WIRE_hello, &hello, frame, sizeof(frame), &size),
			 OK);
	assert_int_equal(write(fd, frame, size), (ssize_t)size);
	return fd;
}

/* What the keeper tells every hub that comes, before it has asked for anything. */
static bool is_greeting(enum wire_type type)
{
	return type == WIRE_forecast || type == WIRE_hello || type == WIRE_reach ||
	       type == WIRE_waiting;
}

/* Reads until the other side closes; how many answers came. */
static unsigned read_to_the_end(int fd, bool *out_refused)
{
	static uint8_t bytes[4 * WIRE_FRAME_MAX];
	static struct wire_message message;
	size_t size = 0;
	size_t frame = 0;
	unsigned others = 0;

	*out_refused = false;
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (poll(&ready, 1, HOUSE_WAIT_MS) == 0)
			fail_msg("the keeper did not close the link");
		got = read(fd, bytes + size, sizeof(bytes) - size);
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	for (size_t at = 0;
	     wire_frame_size(bytes + at, size - at, &frame) == OK && frame <= size - at;
	     at += frame) {
		assert_int_equal(wire_decode(bytes + at, frame, &message, NULL), OK);
		*out_refused = *out_refused || message.type == WIRE_refused;
		others += message.type != WIRE_refused && !is_greeting(message.type);
	}
	return others;
}

static size_t fill_message(enum wire_type type, uint8_t frame[WIRE_FRAME_MAX])
{
	static union {
#define MESSAGE(name, number) struct wire_##name name;
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
	} fields;
	size_t size = 0;

	memset(&fields, 0, sizeof(fields));
	if (type == WIRE_unlock) {
		assert_true(str_copy(fields.unlock.owner, sizeof(fields.unlock.owner),
				     HOUSE_OWNER));
		assert_true(str_copy(fields.unlock.passphrase,
				     sizeof(fields.unlock.passphrase), HOUSE_PASSPHRASE));
	} else if (type == WIRE_play_get) {
		assert_true(id_from_text(fields.play_get.record.bytes, turn.record));
	} else if (type == WIRE_why_get) {
		fields.why_get.turn = turn.id;
	} else if (type == WIRE_history_get) {
		fields.history_get.before_ms = INT64_MAX;
		fields.history_get.limit = 100;
	}
	assert_int_equal(wire_encode(type, &fields, frame, WIRE_FRAME_MAX, &size), OK);
	return size;
}

/* Even with the owner's passphrase: whoever comes over the hub's socket is the hub, and
 * neither an owner nor a device nor the gate. */
static void test_the_hub_cannot_be_an_owner(void **state)
{
	static const enum wire_type types[] = {
#define RIGHT(link, sender, message) RIGHT_##link(sender, WIRE_##message)
#define RIGHT_ROOM_HUB(sender, type)
#define RIGHT_CLI_HUB(sender, type)
#define RIGHT_PEER_GATE(sender, type)
#define RIGHT_HUB_KEEPER(sender, type)
#define RIGHT_SKILLS_GATE(sender, type)
#define RIGHT_SKILLS_HUB(sender, type)
#define RIGHT_DEVICE_KEEPER(sender, type) RIGHT_OF_##sender(type)
#define RIGHT_GATE_KEEPER(sender, type) RIGHT_OF_##sender(type)
#define RIGHT_OWNER_KEEPER(sender, type) RIGHT_OF_##sender(type)
#define RIGHT_OF_OWNER(type) type,
#define RIGHT_OF_DEVICE(type) type,
#define RIGHT_OF_GATE(type) type,
#define RIGHT_OF_KEEPER(type)
#include "wire/rights.def"
#undef RIGHT
	};
	uint8_t frame[WIRE_FRAME_MAX];
	unsigned tried = 0;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(types); i++) {
		bool refused = false;
		size_t size;
		int fd;

		if (types[i] == WIRE_hello ||
		    wire_may(WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, types[i]))
			continue;
		fd = connect_as("keeper/hub.sock", "hub");
		size = fill_message(types[i], frame);
		assert_int_equal(write(fd, frame, size), (ssize_t)size);
		if (read_to_the_end(fd, &refused) > 0)
			fail_msg("the keeper answered %s", wire_type_name(types[i]));
		if (!refused)
			fail_msg("the keeper closed on %s without a word",
				 wire_type_name(types[i]));
		close(fd);
		tried++;
	}
	print_message("%u kinds of message were refused\n", tried);
	assert_true(tried >= 8);
}

static void test_nobody_is_an_owner_on_the_hubs_socket(void **state)
{
	bool refused = false;
	const int fd = connect_as("keeper/hub.sock", "owner");

	(void)state;
	assert_int_equal(read_to_the_end(fd, &refused), 0);
	close(fd);
}

/* --- on the disk ------------------------------------------------------------------------ */

static struct search *everything_that_is_secret(void)
{
	struct search *search = search_create();

	search_add_sound(search, (struct audio_span){house.spoken, house.spoken_count});
	search_add_words(search, REQUEST);
	search_add_words(search, "turn on the");
	search_add_words(search, HOUSE_PASSPHRASE);
	search_add_words(search, OTHER_PASSPHRASE);
	return search;
}

static void must_be_clean(struct search *search)
{
	char where[SEARCH_WHERE_BYTES] = "";

	if (search_folder(search, house.fixture.folder, where))
		fail_msg("it lies there: %s", where);
	print_message("searched %zu files, %zu bytes, for %zu stretches\n",
		      search_files(search), search_read(search), search_size(search));
	assert_true(search_files(search) >= 5);
}

/* A file with a little of what is looked for, at an odd place. */
static void plant(const char *path, const void *bytes, size_t size)
{
	static const uint8_t before[13] = {1, 2, 3};
	struct buf buf;

	buf_init(&buf, 2 * OTHER_STRETCH);
	assert_int_equal(buf_add(&buf, before, sizeof(before)), OK);
	assert_int_equal(buf_add(&buf, bytes, size), OK);
	assert_int_equal(file_write(path, buf.bytes, buf.size, 0600, NULL), OK);
	buf_finish(&buf);
}

static void must_find(struct search *search, const void *bytes, size_t size)
{
	char where[SEARCH_WHERE_BYTES] = "";
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.data, "keeper/planted"));
	plant(path, bytes, size);
	assert_true(search_folder(search, house.fixture.folder, where));
	assert_non_null(strstr(where, "keeper/planted"));
	assert_int_equal(unlink(path), 0);
}

/* In the middle of the sound, where somebody speaks. */
static const int16_t *loud_part(void)
{
	const int16_t *at = house.spoken + house.spoken_count / 2;

	while (*at < 2000 && at + SEARCH_STRETCH < house.spoken + house.spoken_count)
		at++;
	return at;
}

static void test_the_search_finds_what_is_planted(void **state)
{
	struct search *search = everything_that_is_secret();
	float floats[SEARCH_STRETCH];
	char hex[2 * SEARCH_STRETCH + 1];

	(void)state;
	must_find(search, loud_part(), SEARCH_STRETCH);
	for (size_t i = 0; i < SEARCH_STRETCH; i++)
		floats[i] = (float)loud_part()[i] / 32768.0F;
	must_find(search, floats, SEARCH_STRETCH);
	str_to_hex(hex, (const uint8_t *)loud_part(), SEARCH_STRETCH);
	must_find(search, hex, sizeof(hex) - 1);
	must_find(search, REQUEST, strlen(REQUEST));
	must_find(search, "TURN ON THE", 11);
	must_find(search, HOUSE_PASSPHRASE, strlen(HOUSE_PASSPHRASE));
	search_destroy(search);
}

static void test_nothing_readable_lies_in_the_house(void **state)
{
	struct search *search = everything_that_is_secret();

	(void)state;
	must_be_clean(search);
	house_stop_room(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	must_be_clean(search);
	search_destroy(search);
}

static void test_after_a_restart_it_is_still_there(void **state)
{
	static int16_t heard[HOUSE_SOUND_MAX];
	struct link_client *owner;
	size_t count = 0;

	(void)state;
	house_start_keeper(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	assert_int_equal(house_listen(owner, turn.record, heard, HOUSE_SOUND_MAX, &count),
			 OK);
	assert_true(count >= EQUAL_SAMPLES_MIN);
	(void)house_verify(owner);
	link_client_close(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_spoken_request_switches_the_light),
		cmocka_unit_test(test_the_journal_says_why),
		cmocka_unit_test(test_no_words_are_in_the_journal),
		cmocka_unit_test(test_the_owner_hears_what_was_said),
		cmocka_unit_test(test_a_wrong_passphrase_opens_nothing),
		cmocka_unit_test(test_without_signing_in_nothing_is_told),
		cmocka_unit_test(test_another_owner_reads_nothing),
		cmocka_unit_test(test_the_hub_cannot_be_an_owner),
		cmocka_unit_test(test_nobody_is_an_owner_on_the_hubs_socket),
		cmocka_unit_test(test_the_search_finds_what_is_planted),
		cmocka_unit_test(test_nothing_readable_lies_in_the_house),
		cmocka_unit_test(test_after_a_restart_it_is_still_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
