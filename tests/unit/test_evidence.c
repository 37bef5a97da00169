/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_evidence - what a room signs: every byte counts, and nothing passes for another
 * thing. Random events; prints its seed and takes $BEHEST_SEED.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "fake/rand_fake.h"

enum { CASES = 300 };

static struct rand_fake dice;
static uint8_t seed[SEAL_SIGN_SEED_BYTES];
static uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

static int start(void **state)
{
	struct rand rand = rand_fake_init(&dice, rand_fake_seed());

	(void)state;
	rand_fill(&rand, seed, sizeof(seed));
	if (seal_init() != OK)
		return 1;
	seal_sign_pair(seed, public_key);
	return 0;
}

static struct event make_event(void)
{
	static const enum event_kind kinds[] = {EVENT_LEASE_OPENED, EVENT_LEASE_CLOSED,
						EVENT_PROMPT_HEARD, EVENT_MEMO};
	struct event event;
	const size_t fields = rand_fake_below(&dice, EVIDENCE_FIELDS_MAX);

	event_init(&event, kinds[rand_fake_below(&dice, 4)],
		   (struct turn_id){1 + rand_fake_below(&dice, 1000)},
		   rand_fake_below(&dice, 2) ? "kitchen" : "attic", 5);
	for (size_t i = 0; i < fields; i++) {
		char name[EVENT_FIELD_NAME_BYTES];

		assert_true(str_format(name, sizeof(name), "f%zu", i));
		event_add_int(&event, name, rand_fake_below(&dice, 1000));
	}
	return event;
}

static void sign(struct event *event, uint64_t sequence)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(evidence_bytes(event, sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	event->is_signed = true;
	event->sequence = sequence;
}

static bool is_right(const struct event *event)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	return evidence_bytes(event, event->sequence, bytes, &size) == OK &&
	       seal_verify_labelled(public_key, EVIDENCE_LABEL, bytes, size,
				    event->signature) == OK;
}

static void any_changed_byte_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct event event = make_event();
		uint8_t bytes[EVIDENCE_BYTES_MAX];
		size_t size = 0;

		sign(&event, 1 + rand_fake_below(&dice, 100000));
		assert_true(is_right(&event));
		assert_int_equal(evidence_bytes(&event, event.sequence, bytes, &size),
				 OK);
		for (size_t at = 0; at < size; at++) {
			bytes[at] ^= (uint8_t)(1u << rand_fake_below(&dice, 8));
			assert_int_equal(seal_verify_labelled(public_key, EVIDENCE_LABEL,
							      bytes, size,
							      event.signature),
					 ERR_AUTH);
			assert_int_equal(evidence_bytes(&event, event.sequence, bytes,
							&size),
					 OK);
		}
		event.signature[rand_fake_below(&dice, EVENT_SIGNATURE_BYTES)] ^= 1;
		assert_false(is_right(&event));
	}
}

static void nothing_passes_for_another(void **state)
{
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct event event = make_event();
		struct event other;

		sign(&event, 77);
		other = event;
		other.turn.value++;
		assert_false(is_right(&other));
		other = event;
		other.sequence++;
		assert_false(is_right(&other));
		other = event;
		other.kind = event.kind == EVENT_MEMO ? EVENT_PROMPT_HEARD : EVENT_MEMO;
		assert_false(is_right(&other));
		other = event;
		(void)str_copy(other.room.text, sizeof(other.room.text), "hall");
		assert_false(is_right(&other));
		other = event;
		event_add(&other, "more", "1");
		assert_false(is_right(&other));
		other = event;
		other.at_ms = -1; /* the hub's own */
		assert_true(is_right(&other));
	}
}

/* The same letters, cut elsewhere, are another thing. */
static void texts_do_not_run_together(void **state)
{
	struct event one;
	struct event other;
	uint8_t first[EVIDENCE_BYTES_MAX];
	uint8_t second[EVIDENCE_BYTES_MAX];
	size_t first_size = 0;
	size_t second_size = 0;

	(void)state;
	event_init(&one, EVENT_MEMO, (struct turn_id){1}, "kitchen", 0);
	other = one;
	event_add(&one, "ab", "c");
	event_add(&other, "a", "bc");
	assert_int_equal(evidence_bytes(&one, 1, first, &first_size), OK);
	assert_int_equal(evidence_bytes(&other, 1, second, &second_size), OK);
	assert_int_equal(first_size, second_size);
	assert_memory_not_equal(first, second, first_size);
}

static void only_what_a_room_witnesses(void **state)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;
	struct event event;

	(void)state;
	for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		event_init(&event, (enum event_kind)kind, (struct turn_id){1}, "kitchen",
			   0);
		assert_int_equal(evidence_bytes(&event, 1, bytes, &size) == OK,
				 evidence_is_kind((enum event_kind)kind));
	}
	event_init(&event, EVENT_MEMO, (struct turn_id){0}, "kitchen", 0);
	assert_int_equal(evidence_bytes(&event, 1, bytes, &size), ERR_RANGE);
	event_init(&event, EVENT_MEMO, (struct turn_id){1}, "", 0);
	assert_int_equal(evidence_bytes(&event, 1, bytes, &size), ERR_RANGE);
	event_init(&event, EVENT_MEMO, (struct turn_id){1}, "kitchen", 0);
	event_add(&event, "attested", "yes");
	assert_int_equal(evidence_bytes(&event, 1, bytes, &size), ERR_RANGE);
}

static void covering(void **state)
{
	struct event signed_event;
	struct event event;

	(void)state;
	event_init(&event, EVENT_LEASE_CLOSED, (struct turn_id){4}, "kitchen", 0);
	evidence_lease_closed(&event, 1200, "end of speech");
	signed_event = event;
	event_add(&signed_event, "room_ms", "77");
	assert_false(evidence_covers(&signed_event, &event)); /* not signed */
	sign(&signed_event, 3);
	assert_true(evidence_covers(&signed_event, &event));
	event.turn.value++;
	assert_false(evidence_covers(&signed_event, &event));
	event.turn.value--;
	(void)str_copy(event.fields[0].value, EVENT_FIELD_VALUE_BYTES, "1201");
	assert_false(evidence_covers(&signed_event, &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(nothing_passes_for_another),
		cmocka_unit_test(texts_do_not_run_together),
		cmocka_unit_test(only_what_a_room_witnesses),
		cmocka_unit_test(covering),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
