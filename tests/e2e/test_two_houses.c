/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_two_houses - a voice message from one house to another: two keepers, two hubs, two
 * gates, each pair on an address of this machine of its own; and a third gate that is a relay.
 *
 * A message is spoken and held in the first house, lies in the second one's inbox when its
 * hold is over, and opens when somebody there listens and the first house gives the key:
 * recalled before, it never does. Rooms and phones are the test's own, on the wire. Prints how
 * long the way from the end of the hold to the other inbox took; nothing depends on it.
 */
#include "unit/cmocka_all.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "e2e/search.h"
#include "e2e/spoken.h"

enum { MESSAGES = 9, STEP_MS = 10, WAIT_MS = 90000 };

/* The one's name for the other. */
#define LISTENER "Bob Marsh"
#define SPEAKER "Alice Miller"

#define ADDRESS_OURS "127.0.0.2"
#define ADDRESS_THEIRS "127.0.0.3"
#define ADDRESS_RELAY "127.0.0.4"

struct neighbour {
	struct spoken_house house;
	pid_t gate;
	uint8_t key[PEOPLE_KEY_BYTES];
	uint8_t box_key[PEOPLE_KEY_BYTES];
};

static struct neighbour ours;
static struct neighbour theirs;
static struct house relay;
static pid_t relay_gate;
static uint8_t relay_key[PEOPLE_KEY_BYTES];
static uint16_t port;
static struct spoken messages[MESSAGES];
static size_t spoken_count;

/* --- gates and settings ----------------------------------------------------------------- */

static void write_settings(struct house *house, const char *more)
{
	char text[2048];
	char path[FILE_PATH_BYTES];
	struct buf before;

	assert_true(file_join(path, sizeof(path), house->data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text), &before, NULL), OK);
	/* What was written before is the fixture's, up to here. */
	char *end = strstr((char *)before.bytes, "[peer]");
	assert_true(str_format(text, sizeof(text), "%.*s[peer]\non = yes\nport = %u\n%s",
			       end ? (int)(end - (char *)before.bytes) : (int)before.size,
			       (const char *)before.bytes, port, more));
	buf_finish(&before);
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void start_gate(struct house *house, pid_t *gate)
{
	const char *words[] = {process_program("behest-gate"), "--data", house->data,
			       NULL};

	*gate = process_start(words, house->log);
}

static void restart_gate(struct neighbour *house)
{
	(void)process_end(&house->gate, SIGTERM);
	start_gate(&house->house.house, &house->gate);
}

static void listens_at(char *to, size_t size, const char *address)
{
	assert_true(str_format(to, size, "listen = %s:%u\n", address, port));
}

/* --- who knows whom --------------------------------------------------------------------- */

static const struct wire_message *answer(struct link_client *client, enum wire_type type)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_wait(client, HOUSE_WAIT_MS, &message, NULL), OK);
	if (message->type == WIRE_refused)
		fail_msg("refused: %s %s", message->refused.reason,
			 message->refused.words);
	assert_int_equal(message->type, type);
	return message;
}

static struct link_client *sign_in(struct house *house)
{
	struct link_client *owner = house_sign_in(house, HOUSE_OWNER, HOUSE_PASSPHRASE);

	assert_non_null(owner);
	return owner;
}

/* The id under which somebody of that name is listed there, as a person or a contact. */
static void find_id(struct link_client *owner, enum wire_type type, const char *name,
		    uint8_t to[ID_BYTES])
{
	const struct wire_people_get get = {.unused = 0};
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send_people_get(owner, &get, NULL), OK);
	do {
		assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, NULL),
				 OK);
		if (message->type != type)
			continue;
		if (type == WIRE_person && str_equal(message->person.name, name))
			memcpy(to, message->person.id.bytes, ID_BYTES);
		if (type == WIRE_contact && str_equal(message->contact.name, name))
			memcpy(to, message->contact.id.bytes, ID_BYTES);
	} while (message->type != WIRE_end);
}

/* What its owner would hand to the other house. */
static void read_card(struct house *house, uint8_t key[PEOPLE_KEY_BYTES],
		      uint8_t box_key[PEOPLE_KEY_BYTES])
{
	struct link_client *owner = sign_in(house);
	struct wire_card_get get = {.unused = 0};
	const struct wire_message *message;

	find_id(owner, WIRE_person, HOUSE_OWNER, get.person.bytes);
	assert_int_equal(link_client_send_card_get(owner, &get, NULL), OK);
	message = answer(owner, WIRE_card);
	assert_int_equal(message->card.key.size, PEOPLE_KEY_BYTES);
	assert_int_equal(message->card.box_key.size, PEOPLE_KEY_BYTES);
	memcpy(key, message->card.key.bytes, PEOPLE_KEY_BYTES);
	memcpy(box_key, message->card.box_key.bytes, PEOPLE_KEY_BYTES);
	link_client_close(owner);
}

/* Enrols the other house, or changes how it is reached. */
static void enrol(struct neighbour *house, const struct neighbour *other,
		  const char *name, const char *address, struct contact_id *id)
{
	struct link_client *owner = sign_in(&house->house.house);
	struct wire_contact set = {.kind = "peer", .voice_allowed = 1};

	memcpy(set.id.bytes, id->bytes, ID_BYTES);
	assert_true(str_copy(set.name, sizeof(set.name), name));
	assert_true(str_copy(set.address, sizeof(set.address), address));
	assert_int_equal(key_to_text(other->key, set.key), OK);
	assert_int_equal(key_to_text(other->box_key, set.box_key), OK);
	spoken_house_add_contact(&house->house, owner, &set);
	find_id(owner, WIRE_contact, name, id->bytes);
	link_client_close(owner);
	spoken_house_wait_hub(&house->house);
}

static struct contact_id listener_id;
static struct contact_id speaker_id;

static void direct(const char *address, char to[PEOPLE_ADDRESS_BYTES])
{
	assert_true(str_format(to, PEOPLE_ADDRESS_BYTES, "%s:%u", address, port));
}

static void through_relay(char to[PEOPLE_ADDRESS_BYTES])
{
	char key[KEY_TEXT_BYTES];

	assert_int_equal(key_to_text(relay_key, key), OK);
	assert_true(str_format(to, PEOPLE_ADDRESS_BYTES, "%s:%u/%s", ADDRESS_RELAY, port,
			       key));
}

/* --- beginning and end ------------------------------------------------------------------ */

static void begin_house(struct neighbour *house, const char *address)
{
	char listen[64];

	listens_at(listen, sizeof(listen), address);
	spoken_house_begin(&house->house);
	write_settings(&house->house.house, listen);
	/* The hub has read its settings without it. */
	wire_room_close(&house->house.room);
	house_stop_hub(&house->house.house);
	house_start_hub(&house->house.house);
	spoken_house_wait_hub(&house->house);
	wire_room_open(&house->house.room, house->house.rooms_socket);
	read_card(&house->house.house, house->key, house->box_key);
	start_gate(&house->house.house, &house->gate);
}

static int set_up(void **state)
{
	char address[PEOPLE_ADDRESS_BYTES];

	(void)state;
	port = loopback_free_port();
	assert_int_not_equal(port, 0);
	begin_house(&ours, ADDRESS_OURS);
	begin_house(&theirs, ADDRESS_THEIRS);
	direct(ADDRESS_THEIRS, address);
	enrol(&ours, &theirs, LISTENER, address, &listener_id);
	direct(ADDRESS_OURS, address);
	enrol(&theirs, &ours, SPEAKER, address, &speaker_id);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&ours.gate, SIGTERM);
	(void)process_end(&theirs.gate, SIGTERM);
	(void)process_end(&relay_gate, SIGTERM);
	spoken_house_end(&ours.house);
	spoken_house_end(&theirs.house);
	if (relay.data[0])
		house_end(&relay);
	return 0;
}

/* --- speaking and looking --------------------------------------------------------------- */

static struct wire_phone *our_phone(void)
{
	return &ours.house.phone;
}

static struct wire_phone *their_phone(void)
{
	return &theirs.house.phone;
}

static const char *state_of(const struct spoken *message)
{
	const struct wire_phone_told *told = wire_phone_find(our_phone(), message->body);

	return told ? told->state : "";
}

static void step(void)
{
	assert_true(wire_phone_poll(our_phone()));
	assert_int_equal(loop_run_once(ours.house.loop, STEP_MS), OK);
	assert_int_equal(loop_run_once(theirs.house.loop, 0), OK);
}

static void wait_state(const struct spoken *message, const char *state)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (!str_equal(state_of(message), state)) {
		step();
		if (loop_now_ms() > until_ms)
			fail_msg("it is \"%s\" and not %s", state_of(message), state);
	}
}

/* Spoken to its end: it is held from the moment in which our phone has said its receipt. */
static struct spoken *speak(void)
{
	struct spoken *message = &messages[spoken_count];

	assert_true(spoken_count < MESSAGES);
	spoken_make(message, &ours.house, LISTENER, (unsigned)spoken_count);
	spoken_count++;
	for (enum spoken_step at = 0; at < SPOKEN_STEP_COUNT; at++)
		if (!spoken_go(message, at))
			fail_msg("%s: the hub goes another way", spoken_step_text(at));
	wait_state(message, "held");
	return message;
}

static size_t inbox_count(void)
{
	assert_int_equal(wire_phone_list(their_phone()), OK);
	return their_phone()->row_count;
}

static void wait_inbox(size_t count)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (inbox_count() < count) {
		step();
		if (loop_now_ms() > until_ms)
			fail_msg("only %zu lie there", their_phone()->row_count);
	}
	assert_int_equal(their_phone()->row_count, count);
}

/* How it ended; OK: exactly that message's sound came. */
static enum err listen_to(struct proposal_id id, const struct spoken *message)
{
	struct buf sound;
	enum err err;

	assert_true(wire_phone_ask_sound(their_phone(), id));
	err = wire_phone_take_sound(their_phone(), &sound);
	if (!err) {
		assert_int_equal(sound.size, message->size);
		assert_memory_equal(sound.bytes, message->opus, sound.size);
	} else {
		assert_int_equal(sound.size, 0);
	}
	buf_finish(&sound);
	return err;
}

/* Of the row-th in their list. */
static struct proposal_id row_id(size_t row)
{
	struct proposal_id id;

	assert_int_equal(wire_phone_list(their_phone()), OK);
	assert_true(row < their_phone()->row_count);
	memcpy(id.bytes, their_phone()->rows[row].id.bytes, ID_BYTES);
	return id;
}

static enum err recall(const struct spoken *message)
{
	assert_true(wire_phone_say(our_phone(),
				   wire_phone_find(our_phone(), message->body),
				   APPROVAL_CANCEL));
	return wire_phone_wait_answer(our_phone());
}

/* --- two houses ------------------------------------------------------------------------- */

static void it_lies_in_the_other_inbox_when_its_hold_is_over(void **state)
{
	const struct wire_inbox_row *row;
	struct spoken *message;
	int64_t ordered_ms;

	(void)state;
	message = speak();
	assert_int_equal(inbox_count(), 0);
	while (!str_equal(state_of(message), "ordered") &&
	       !str_equal(state_of(message), "sent"))
		step();
	ordered_ms = loop_now_ms();
	wait_inbox(1);
	print_message("from the end of the hold to the other inbox: %d ms\n",
		      (int)(loop_now_ms() - ordered_ms));
	wait_state(message, "sent");
	row = &their_phone()->rows[0];
	assert_string_equal(row->from, SPEAKER);
	assert_int_equal(row->sound_ms, SPOKEN_MS);
	assert_false(row->is_heard);
}

static void it_opens_when_somebody_listens(void **state)
{
	const struct proposal_id id = row_id(0);

	(void)state;
	assert_int_equal(listen_to(id, &messages[0]), OK);
	wait_state(&messages[0], "fetched");
	assert_int_equal(recall(&messages[0]), ERR_DENIED); /* honestly: too late */
	assert_int_equal(listen_to(id, &messages[0]), OK);  /* once more is fine */
	assert_int_equal(inbox_count(), 1);
	assert_true(their_phone()->rows[0].is_heard);
}

static void recalled_before_it_never_opens(void **state)
{
	struct spoken *message = speak();
	struct proposal_id id;

	(void)state;
	wait_state(message, "sent");
	wait_inbox(2);
	id = row_id(1);
	assert_int_equal(recall(message), OK);
	wait_state(message, "recalled");
	assert_int_equal(listen_to(id, message), ERR_MISSING);
	assert_int_equal(inbox_count(), 1); /* and is no longer there */
	assert_int_equal(listen_to(id, message), ERR_MISSING);
}

/* The other house cannot ask meanwhile; then it can. Both gates die without a word. */
static void it_waits_for_a_house_that_is_away(void **state)
{
	struct spoken *message = speak();
	struct proposal_id id;

	(void)state;
	(void)process_end(&theirs.gate, SIGKILL);
	while (!str_equal(state_of(message), "ordered"))
		step();
	for (unsigned i = 0; i < 50; i++)
		step();
	assert_string_equal(state_of(message), "ordered");
	assert_int_equal(inbox_count(), 1);
	(void)process_end(&ours.gate, SIGKILL);
	start_gate(&theirs.house.house, &theirs.gate);
	start_gate(&ours.house.house, &ours.gate);
	wait_inbox(2);
	wait_state(message, "sent");
	id = row_id(1);
	(void)process_end(&ours.gate, SIGKILL);
	assert_int_not_equal(listen_to(id, message), OK);
	assert_string_equal(state_of(message), "sent");
	start_gate(&ours.house.house, &ours.gate);
	for (unsigned tries = 0; listen_to(id, message) != OK; tries++) {
		assert_true(tries < 20);
		for (unsigned i = 0; i < 50; i++)
			step();
	}
	wait_state(message, "fetched");
	assert_int_equal(inbox_count(), 2);
}

/* --- a relay ---------------------------------------------------------------------------- */

static void begin_relay(void)
{
	const struct neighbour *const both[] = {&ours, &theirs};
	uint8_t box_key[PEOPLE_KEY_BYTES];
	char key[KEY_TEXT_BYTES];
	char text[4 * KEY_TEXT_BYTES] = "";
	char path[FILE_PATH_BYTES];
	char more[FILE_PATH_BYTES + 128];

	house_begin(&relay);
	for (size_t i = 0; i < STR_COUNT(both); i++) {
		assert_int_equal(key_to_text(both[i]->key, key), OK);
		assert_true(str_append(text, sizeof(text), "%s\n", key));
	}
	assert_true(file_join(path, sizeof(path), relay.data, "houses"));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	assert_true(str_format(more, sizeof(more), "listen = %s:%u\ncarries_for = %s\n",
			       ADDRESS_RELAY, port, path));
	write_settings(&relay, more);
	house_start_keeper(&relay);
	house_settle(&relay);
	read_card(&relay, relay_key, box_key);
	start_gate(&relay, &relay_gate);
}

/* From now on nobody can connect to either of them. */
static void go_behind(struct neighbour *house)
{
	char way[PEOPLE_ADDRESS_BYTES];
	char more[PEOPLE_ADDRESS_BYTES + 16];

	through_relay(way);
	assert_true(str_format(more, sizeof(more), "relay = %s\n", way));
	write_settings(&house->house.house, more);
	restart_gate(house);
}

static unsigned spooled(void)
{
	char path[FILE_PATH_BYTES];
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	assert_true(file_join(path, sizeof(path), relay.data, "gate/spool"));
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return count;
}

static void wait_spooled(unsigned count)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (spooled() != count) {
		step();
		if (loop_now_ms() > until_ms)
			fail_msg("%u parcels lie at the relay, not %u", spooled(), count);
	}
}

static bool lies_at_the_relay(const uint8_t *bytes, size_t size)
{
	struct search *search = search_create();
	char where[SEARCH_WHERE_BYTES];
	bool found;

	search_add_bytes(search, "it", bytes, size, 1);
	assert_true(search_size(search) > 0);
	found = search_folder(search, relay.data, where);
	search_destroy(search);
	return found;
}

static void a_relay_keeps_what_it_cannot_read(void **state)
{
	char way[PEOPLE_ADDRESS_BYTES];
	struct spoken *message;
	struct proposal_id id;

	(void)state;
	begin_relay();
	through_relay(way);
	enrol(&ours, &theirs, LISTENER, way, &listener_id);
	enrol(&theirs, &ours, SPEAKER, way, &speaker_id);
	go_behind(&ours);
	go_behind(&theirs);
	(void)process_end(&theirs.gate, SIGTERM);
	message = speak();
	wait_state(message, "sent"); /* the relay has it */
	wait_spooled(1);
	assert_int_equal(inbox_count(), 2);
	/* Nothing of the sound lies there as it is; whose it is can be seen. */
	assert_false(lies_at_the_relay(message->opus, message->size));
	assert_true(lies_at_the_relay(ours.key, sizeof(ours.key)));
	/* The relay dies, and knows it still. */
	(void)process_end(&relay_gate, SIGKILL);
	start_gate(&relay, &relay_gate);
	start_gate(&theirs.house.house, &theirs.gate);
	wait_inbox(3);
	wait_spooled(0);
	id = row_id(2);
	assert_int_equal(listen_to(id, message), OK); /* there and back through it */
	wait_state(message, "fetched");
}

static void recalled_behind_a_relay_it_never_opens(void **state)
{
	struct spoken *message;
	struct proposal_id id;

	(void)state;
	message = speak();
	wait_state(message, "sent");
	wait_inbox(4);
	id = row_id(3);
	assert_int_equal(recall(message), OK);
	assert_int_equal(listen_to(id, message), ERR_MISSING);
	assert_int_equal(inbox_count(), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lies_in_the_other_inbox_when_its_hold_is_over),
		cmocka_unit_test(it_opens_when_somebody_listens),
		cmocka_unit_test(recalled_before_it_never_opens),
		cmocka_unit_test(it_waits_for_a_house_that_is_away),
		cmocka_unit_test(a_relay_keeps_what_it_cannot_read),
		cmocka_unit_test(recalled_behind_a_relay_it_never_opens),
	};

	return cmocka_run_group_tests_name("two_houses", tests, set_up, tear_down);
}
