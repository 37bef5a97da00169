/* SPDX-License-Identifier: Apache-2.0 */
/* What a turn writes, and what sound it may keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "record/record.h"

/* Promise 5: what was not addressed to us is not kept. */
static void test_what_may_be_kept(void **state)
{
	static const enum reason NEVER[] = {
		REASON_NOT_ADDRESSED, REASON_LOW_CONFIDENCE,
		REASON_NOTHING_HEARD, REASON_MUTED,
		REASON_NO_OWNER,      REASON_WAKE_REJECTED,
		REASON_MEDIA_MATCH,   REASON_LEASE_OVER,
		REASON_FUSE_BLOWN,    REASON_UNTRUSTED_SOURCE,
	};
	struct decision decision = {.kind = DECISION_REFUSE};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(NEVER); i++) {
		decision.reason = NEVER[i];
		assert_false(record_may_keep(&decision));
	}
	decision.reason = REASON_NONE;
	assert_true(record_may_keep(&decision));
	decision.reason = REASON_NEEDS_TAP;
	assert_true(record_may_keep(&decision));
}

static void test_decision_says_why(void **state)
{
	struct event event;
	struct decision decision = {
		.kind = DECISION_REFUSE,
		.reason = REASON_NEEDS_TAP,
		.class_of = CLASS_C,
		.action = ACTION_UNLOCK,
	};
	struct record_heard heard = {.spoken = true,
				     .ratio = -7.5,
				     .floor = -18,
				     .confidence = 1,
				     .intent = "BehestUnlock"};

	(void)state;
	event_init(&event, EVENT_DECIDED, (struct turn_id){1}, "hall", 5);
	record_decided(&event, &decision, &heard);
	assert_string_equal(event_value(&event, "decision"), "refuse");
	assert_string_equal(event_value(&event, "action"), "lock.unlock");
	assert_string_equal(event_value(&event, "class"), "C");
	assert_string_equal(event_value(&event, "reason"), "NEEDS_TAP");
	assert_string_equal(event_value(&event, "ratio"), "-7.50");
	assert_string_equal(event_value(&event, "floor"), "-18.00");
}

static void test_typed_has_no_ratio(void **state)
{
	struct event event;
	struct decision decision = {.kind = DECISION_REFUSE, .reason = REASON_NO_MATCH};
	struct record_heard heard = {.intent = ""};

	(void)state;
	event_init(&event, EVENT_DECIDED, (struct turn_id){1}, "hall", 5);
	record_decided(&event, &decision, &heard);
	assert_string_equal(event_value(&event, "source"), "typed");
	assert_string_equal(event_value(&event, "ratio"), "");
	assert_string_equal(event_value(&event, "action"), "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_may_be_kept),
		cmocka_unit_test(test_decision_says_why),
		cmocka_unit_test(test_typed_has_no_ratio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
