/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper and what binds the household: devices are paired by an owner's code, a
 * proposal is shown to them, and only a signature over exactly it, by somebody who may,
 * makes an order for the gate. Forged, replayed, stale and crossed verdicts do nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/evidence.h"
#include "domain/proposal.h"
#include "fake/desk_house.h"

enum { TURN = 77 };

/* --- proposals and verdicts ------------------------------------------------------------- */

static struct action unlock_of(const char *entity)
{
	struct action action = {.kind = ACTION_UNLOCK, .room = "kitchen"};

	assert_true(str_copy(action.entity, sizeof(action.entity), entity));
	return action;
}

static struct proposal_id propose_unlock(struct house *house, const char *entity)
{
	const struct action action = unlock_of(entity);
	struct proposal_id id;
	char reason[32];

	house_propose(house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	assert_false(id_is_none(id.bytes));
	return id;
}

static struct verdict verdict_of(struct proposal_id id, const char *entity,
				 enum approval_verdict kind)
{
	return (struct verdict){id, id, unlock_of(entity), kind, kind};
}

/* --- tests ------------------------------------------------------------------------------ */

static void a_tap_makes_one_order(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal_id id;
	const struct wire_message *order;
	struct wire_carried carried = {.err = OK};
	struct action action;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	house_expect_state(phone.link, "asked");
	house_expect_no_order(&house);
	house_say_verdict(&house, &phone,
			  &(struct verdict){id, id, unlock_of("lock.front"),
					    APPROVAL_APPROVE, APPROVAL_APPROVE});
	assert_int_equal(house_expect(phone.link, WIRE_done)->done.token, 9);
	house_expect_state(phone.link, "ordered");
	house_expect_state(house.hub, "ordered");
	order = house_expect(house.gate, WIRE_order);
	assert_int_equal(action_read((const char *)order->order.action.bytes,
				     order->order.action.size, &action),
			 OK);
	assert_string_equal(action.entity, "lock.front");
	assert_memory_equal(order->order.id.bytes, id.bytes, ID_BYTES);
	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	house_say(&house, house.gate, WIRE_carried, &carried);
	house_expect_state(phone.link, "done");
	house_expect_state(house.hub, "done");
	/* And that is the end of it. */
	house_say_verdict(&house, &phone,
			  &(struct verdict){id, id, unlock_of("lock.front"),
					    APPROVAL_APPROVE, APPROVAL_APPROVE});
	house_expect_refused(phone.link, "UNKNOWN_PROPOSAL");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void nobody_to_approve_is_said_at_once(void **state)
{
	struct house house = house_make();
	const struct action action = unlock_of("lock.front");
	struct proposal_id id;
	char reason[32];

	(void)state;
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NO_APPROVER");
	assert_true(id_is_none(id.bytes));
	desk_bench_destroy(house.bench);
}

static void a_device_not_heard_lately_is_not_counted_on(void **state)
{
	struct house house = house_make();
	const struct action action = unlock_of("lock.front");
	struct phone phone;
	struct proposal_id id;
	char reason[32];

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_pass(&house, 11 * 60 * 1000);
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NO_APPROVER");
	house_say(&house, phone.link, WIRE_alive, &(struct wire_alive){0});
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	desk_bench_destroy(house.bench);
}

static void forged_and_crossed_verdicts_do_nothing(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone stranger;
	struct proposal_id front;
	struct proposal_id back;
	struct verdict verdict;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	front = propose_unlock(&house, "lock.front");
	back = propose_unlock(&house, "lock.back");
	house_forget(phone.link);
	/* for another action */
	verdict = verdict_of(front, "lock.back", APPROVAL_APPROVE);
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	/* for another proposal */
	verdict = verdict_of(front, "lock.front", APPROVAL_APPROVE);
	verdict.signed_id = back;
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	/* another verdict */
	verdict = verdict_of(front, "lock.front", APPROVAL_APPROVE);
	verdict.signed_as = APPROVAL_RECEIPT;
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	/* of another house */
	verdict = verdict_of(front, "lock.front", APPROVAL_APPROVE);
	phone.household.bytes[0] ^= 1;
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	phone.household.bytes[0] ^= 1;
	/* by a key that nobody paired */
	house_make_phone(&house, 2, &stranger);
	stranger.household = phone.household;
	house_say_verdict(&house, &stranger, &verdict);
	house_expect_refused(stranger.link, "UNKNOWN_DEVICE");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void a_stale_tap_is_too_late(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal_id id;
	struct verdict verdict;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	house_forget(phone.link);
	house_pass(&house, PROPOSAL_WAIT_MS - 1);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	house_pass(&house, 1);
	house_expect_state(phone.link, "expired");
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "UNKNOWN_PROPOSAL");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

/* The wall clock is anybody's; what is waited for goes by the other. */
static void a_clock_set_changes_no_time(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	(void)propose_unlock(&house, "lock.front");
	house_forget(phone.link);
	house.bench->clock.wall_ms += 86400 * 1000;
	house_pass(&house, 1000);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	house.bench->clock.wall_ms -= 2LL * 86400 * 1000;
	house_pass(&house, PROPOSAL_WAIT_MS - 1000);
	house_expect_state(phone.link, "expired");
	desk_bench_destroy(house.bench);
}

static void a_child_calls_off_and_approves_nothing(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone childs;
	uint8_t tom[ID_BYTES];
	struct proposal_id id;
	struct verdict verdict;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_person(&house, "Tom", "child", 0, tom);
	house_pair_phone(&house, 3, tom, &childs);
	id = propose_unlock(&house, "lock.front");
	assert_int_equal(house_expect(childs.link, WIRE_notice)->notice.may, 0);
	assert_int_equal(house_expect(phone.link, WIRE_notice)->notice.may, 1);
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &childs, &verdict);
	house_expect_refused(childs.link, "MAY_NOT_APPROVE");
	verdict = verdict_of(id, "lock.front", APPROVAL_CANCEL);
	house_say_verdict(&house, &childs, &verdict);
	(void)house_expect(childs.link, WIRE_done);
	house_expect_state(phone.link, "cancelled");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void a_childs_device_reaches_nobody_who_approves(void **state)
{
	struct house house = house_make();
	const struct action action = unlock_of("lock.front");
	struct phone childs;
	uint8_t tom[ID_BYTES];
	struct proposal_id id;
	char reason[32];

	(void)state;
	house_add_person(&house, "Tom", "child", 0, tom);
	house_pair_phone(&house, 3, tom, &childs);
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NO_APPROVER");
	desk_bench_destroy(house.bench);
}

static void the_keeper_looks_by_itself(void **state)
{
	static const struct {
		const char *room;
		enum action_kind kind;
		const char *reason;
	} rows[] = {
		{"kitchen", ACTION_TELL_TIME, "NO_ACTION"}, /* binds nobody */
		{"cellar", ACTION_UNLOCK, "NO_ACTION"},     /* no such room */
		{"nursery", ACTION_UNLOCK, "CAPABILITY_OFF"},
		{"nursery", ACTION_TURN_ON, "CAPABILITY_OFF"}, /* of unknown effect */
		{"nursery", ACTION_SEND_MESSAGE, "UNKNOWN_RECIPIENT"},
		{"bedroom", ACTION_UNLOCK, "MUTED"},
		{"hall", ACTION_UNLOCK, "THIN_ROOM"},
		{"attic", ACTION_UNLOCK, "NO_ACTION"}, /* its key is revoked */
	};
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_room(&house, "nursery", MAY_MOVE | MAY_TELL | MAY_MESSAGE);
	house_set_room(&house, "bedroom",
		       (struct wire_room_set){.capabilities = MAY_ALL, .muted = 1});
	house_set_room(&house, "hall",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_thin = 1});
	house_set_room(&house, "attic",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_revoked = 1});
	house_forget(house.hub);
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct action action = {.kind = rows[i].kind};
		struct proposal_id id;
		char reason[32];

		assert_true(str_copy(action.room, sizeof(action.room), rows[i].room));
		house_propose(&house, &action, TURN, &id, reason);
		assert_string_equal(reason, rows[i].reason);
	}
	desk_bench_destroy(house.bench);
}

static void what_is_no_action_is_refused(void **state)
{
	static const char garbage[] = "behest-action-v2\nlock.unlock\n";
	struct house house = house_make();
	const struct wire_propose propose = {.token = 5,
					     .action = {(const uint8_t *)garbage,
							sizeof(garbage) - 1}};

	(void)state;
	house_say(&house, house.hub, WIRE_propose, &propose);
	assert_string_equal(house_expect(house.hub, WIRE_proposal)->proposal.reason,
			    "NO_ACTION");
	desk_bench_destroy(house.bench);
}

static void too_many_within_the_hour(void **state)
{
	struct house house = house_make();
	const struct action action = unlock_of("lock.front");
	const unsigned limit = action_per_hour(ACTION_UNLOCK);
	struct phone phone;
	struct proposal_id id;
	char reason[32];

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	for (unsigned i = 0; i < limit; i++)
		(void)propose_unlock(&house, "lock.front");
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "TOO_MANY");
	house_pass(&house, 3600 * 1000);
	house_say(&house, phone.link, WIRE_alive, &(struct wire_alive){0});
	house_forget(house.hub);
	house_propose(&house, &action, TURN, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	desk_bench_destroy(house.bench);
}

static void a_code_serves_once_and_for_ten_minutes(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone second;
	char code[DESK_CODE_BYTES];

	(void)state;
	house_make_phone(&house, 1, &phone);
	house_make_phone(&house, 2, &second);
	house_say_pair(&house, &phone, "0000-0000-0000-0000");
	house_expect_refused(phone.link, "WRONG_PAIR_CODE");
	house_begin_pairing(&house, house.alice_id.bytes, code);
	house_say_pair(&house, &phone, code);
	house_expect_welcome(&phone);
	house_say_pair(&house, &second, code);
	house_expect_refused(second.link, "WRONG_PAIR_CODE");
	house_forget(house.alice);
	house_begin_pairing(&house, house.alice_id.bytes, code);
	house_pass(&house, 10 * 60 * 1000);
	house_say_pair(&house, &second, code);
	house_expect_refused(second.link, "WRONG_PAIR_CODE");
	desk_bench_destroy(house.bench);
}

/* Whoever sees the code cannot pair a key that is not theirs. */
static void a_key_is_paired_by_its_holder(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone thief;
	char code[DESK_CODE_BYTES];

	(void)state;
	house_make_phone(&house, 1, &phone);
	house_make_phone(&house, 2, &thief);
	memcpy(thief.key, phone.key, sizeof(thief.key));
	house_begin_pairing(&house, house.alice_id.bytes, code);
	house_say_pair(&house, &thief, code);
	house_expect_refused(thief.link, "WRONG_SIGNATURE");
	desk_bench_destroy(house.bench);
}

/* A pairing that is refused leaves a link nobody's: not who it was, and not who it would
 * have become. */
static void a_refused_pairing_leaves_nobody(void **state)
{
	struct house house = house_make();
	struct wire_person gone = {.is_gone = 1};
	struct phone phone;
	struct phone other;
	struct proposal_id id;
	struct verdict verdict;
	char code[DESK_CODE_BYTES];

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	house_add_person(&house, "Tom", "child", 0, gone.id.bytes);
	house_begin_pairing(&house, gone.id.bytes, code);
	house_say(&house, house.alice, WIRE_person, &gone);
	(void)house_expect(house.alice, WIRE_done);
	house_make_phone(&house, 2, &other);
	other.link = phone.link;
	other.household = phone.household;
	house_forget(phone.link);
	house_say_pair(&house, &other, code);
	house_expect_refused(house.alice, "UNKNOWN_PERSON");
	house_expect_refused(phone.link, "UNKNOWN_PERSON");
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &other, &verdict);
	house_expect_refused(phone.link, "UNKNOWN_DEVICE");
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "UNKNOWN_DEVICE");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void it_survives_a_restart(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal_id id;
	struct verdict verdict;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	desk_bench_restart(house.bench);
	house_open_links(&house);
	house_expect_no_order(&house);
	house_come_back(&house, &phone);
	(void)house_expect(phone.link, WIRE_paired);
	assert_memory_equal(house_expect(phone.link, WIRE_notice)->notice.id.bytes,
			    id.bytes, ID_BYTES);
	(void)house_expect(phone.link, WIRE_end);
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &phone, &verdict);
	(void)house_expect(phone.link, WIRE_done);
	(void)house_expect(house.gate, WIRE_order);
	/* Ordered and not yet carried out: another gate is told again, but not another keeper's
	 * day: a door that opens hours after it was asked for frightens people. */
	house.gate = desk_bench_link(house.bench, DESK_GATE);
	(void)house_expect(house.gate, WIRE_order);
	desk_bench_restart(house.bench);
	house_open_links(&house);
	house_expect_no_order(&house);
	house_come_back(&house, &phone);
	(void)house_expect(phone.link, WIRE_paired);
	(void)house_expect(phone.link, WIRE_end);
	desk_bench_destroy(house.bench);
}

/* Nobody knows what has become of it since the backup was made. */
static void what_was_open_in_a_backup_is_called_off(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	(void)propose_unlock(&house, "lock.front");
	house.bench->is_restored = true;
	desk_bench_restart(house.bench);
	house_open_links(&house);
	house_expect_no_order(&house);
	house_come_back(&house, &phone);
	(void)house_expect(phone.link, WIRE_paired);
	(void)house_expect(phone.link, WIRE_end); /* nothing waits */
	desk_bench_destroy(house.bench);
}

static struct proposal stored_proposal(unsigned number, enum proposal_state state)
{
	struct proposal proposal = {.turn = {77}, .state = state, .asked_ms = 1};

	proposal.id.bytes[0] = (uint8_t)(number >> 8);
	proposal.id.bytes[1] = (uint8_t)number;
	proposal.id.bytes[2] = 1;
	proposal.action = unlock_of("lock.front");
	return proposal;
}

static size_t come_back_and_count(struct house *house, struct phone *phone)
{
	size_t notices = 0;

	desk_bench_restart(house->bench);
	house_open_links(house);
	house_come_back(house, phone);
	(void)house_expect(phone->link, WIRE_paired);
	while (desk_bench_waiting(phone->link) > 1) {
		(void)house_expect(phone->link, WIRE_notice);
		notices++;
	}
	(void)house_expect(phone->link, WIRE_end);
	return notices;
}

static void many_are_read_page_by_page(void **state)
{
	enum { MANY = 2 * STORE_RANGE_ROWS_MAX + 5 };
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	for (unsigned i = 0; i < MANY; i++) {
		struct proposal proposal = stored_proposal(i, PROPOSAL_ASKED);

		proposal.asked_ms = house.bench->clock.wall_ms;
		proposal.since_ms = proposal.asked_ms;
		house_put_row(&house, &proposal, false);
	}
	assert_int_equal(come_back_and_count(&house, &phone), MANY);
	house_pass(&house, PROPOSAL_WAIT_MS);
	assert_int_equal(come_back_and_count(&house, &phone), 0); /* all expired */
	desk_bench_destroy(house.bench);
}

/* A restart gives nobody five minutes more, and an order of before is not given again. */
static void a_restart_prolongs_nothing(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal proposal = stored_proposal(1, PROPOSAL_ASKED);

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	proposal.since_ms = house.bench->clock.wall_ms - PROPOSAL_WAIT_MS;
	house_put_row(&house, &proposal, false);
	proposal = stored_proposal(2, PROPOSAL_ORDERED);
	house_put_row(&house, &proposal, false);
	assert_int_equal(come_back_and_count(&house, &phone), 0);
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

/* The tick may be late: a tap after its time is too late all the same. */
static void a_tap_after_its_time_is_refused_without_a_tick(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal_id id;
	struct verdict verdict;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	house_forget(phone.link);
	clock_fake_pass(&house.bench->clock, PROPOSAL_WAIT_MS);
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "TOO_LATE");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

/* What cannot be written is tried again after a pause, not at once and for ever. */
static void what_cannot_be_written_is_tried_later(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	(void)propose_unlock(&house, "lock.front");
	house_forget(phone.link);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	house_pass(&house, PROPOSAL_WAIT_MS);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	assert_true(desk_tick_in_ms(house.bench->desk) > 0);
	store_fake_heal(house.bench->rows);
	house_pass(&house, 0);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	house_pass(&house, 1000);
	house_expect_state(phone.link, "expired");
	desk_bench_destroy(house.bench);
}

static void what_moves_by_its_device_alone_is_limited_too(void **state)
{
	struct house house = house_make();
	struct action action = {.kind = ACTION_TURN_ON, .room = "kitchen"};
	struct phone phone;
	struct proposal_id id;
	char reason[32] = "NEEDS_TAP";
	unsigned count = 0;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	while (str_equal(reason, "NEEDS_TAP") && count < 1000) {
		action.kind = count++ % 2 ? ACTION_TURN_ON : ACTION_TURN_OFF;
		house_propose(&house, &action, TURN, &id, reason);
	}
	assert_string_equal(reason, "TOO_MANY");
	assert_true(count <= 21);
	desk_bench_destroy(house.bench);
}

static void what_the_keeper_did_not_sign_is_not_read(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal proposal = stored_proposal(1, PROPOSAL_ORDERED);

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_put_row(&house, &proposal, true);
	assert_int_equal(come_back_and_count(&house, &phone), 0);
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void a_revoked_device_says_nothing_any_more(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct proposal_id id;
	struct verdict verdict;
	struct wire_device set = {.name = "phone", .is_revoked = 1};

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = propose_unlock(&house, "lock.front");
	house_forget(phone.link);
	memcpy(set.person.bytes, house.alice_id.bytes, ID_BYTES);
	assert_int_equal(key_to_text(phone.key, set.key), OK);
	house_say(&house, house.alice, WIRE_device, &set);
	(void)house_expect(house.alice, WIRE_done);
	verdict = verdict_of(id, "lock.front", APPROVAL_APPROVE);
	house_say_verdict(&house, &phone, &verdict);
	house_expect_refused(phone.link, "UNKNOWN_DEVICE");
	house_come_back(&house, &phone);
	house_expect_refused(phone.link, "UNKNOWN_DEVICE");
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tap_makes_one_order),
		cmocka_unit_test(nobody_to_approve_is_said_at_once),
		cmocka_unit_test(a_device_not_heard_lately_is_not_counted_on),
		cmocka_unit_test(forged_and_crossed_verdicts_do_nothing),
		cmocka_unit_test(a_stale_tap_is_too_late),
		cmocka_unit_test(a_clock_set_changes_no_time),
		cmocka_unit_test(a_child_calls_off_and_approves_nothing),
		cmocka_unit_test(a_childs_device_reaches_nobody_who_approves),
		cmocka_unit_test(the_keeper_looks_by_itself),
		cmocka_unit_test(what_is_no_action_is_refused),
		cmocka_unit_test(too_many_within_the_hour),
		cmocka_unit_test(a_code_serves_once_and_for_ten_minutes),
		cmocka_unit_test(a_key_is_paired_by_its_holder),
		cmocka_unit_test(a_refused_pairing_leaves_nobody),
		cmocka_unit_test(it_survives_a_restart),
		cmocka_unit_test(many_are_read_page_by_page),
		cmocka_unit_test(what_was_open_in_a_backup_is_called_off),
		cmocka_unit_test(a_restart_prolongs_nothing),
		cmocka_unit_test(a_tap_after_its_time_is_refused_without_a_tick),
		cmocka_unit_test(what_cannot_be_written_is_tried_later),
		cmocka_unit_test(what_moves_by_its_device_alone_is_limited_too),
		cmocka_unit_test(what_the_keeper_did_not_sign_is_not_read),
		cmocka_unit_test(a_revoked_device_says_nothing_any_more),
	};

	return cmocka_run_group_tests_name("desk_propose", tests, NULL, NULL);
}
