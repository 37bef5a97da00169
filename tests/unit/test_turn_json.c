/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_turn_json - a turn's object as docs/FORMATS.md promises it: programs outside may
 * read it by place.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "decide/floor.h"
#include "turn/turn.h"

static int set_up(void **state)
{
	struct turn *turn = calloc(1, sizeof(*turn));

	assert_non_null(turn);
	turn->id.value = 0x18f00000001;
	must(str_copy(turn->room, sizeof(turn->room), "kitchen"));
	must(str_copy(turn->heard.text, sizeof(turn->heard.text), "turn on the light"));
	must(str_copy(turn->said, sizeof(turn->said), "Turned on the light."));
	turn->understanding.confidence = 1;
	must(str_copy(turn->understanding.intent.name,
		      sizeof(turn->understanding.intent.name), "HassTurnOn"));
	turn->decision.kind = DECISION_ACT;
	turn->decision.class_of = CLASS_B;
	turn->acted = 1;
	turn->times = (struct turn_times){
		.listen = -1,
		.recognise = -1,
		.understand = 0.5,
		.decide = -1,
		.journal = -1,
		.act = -1,
		.publish = -1,
		.total = 2,
	};
	*state = turn;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void told(const struct turn *turn, const char *file, const char *expected)
{
	struct buf json;
	char text[2048];

	buf_init(&json, sizeof(text));
	assert_int_equal(turn_to_json(turn, file, 2, &json), OK);
	assert_true(
		str_copy_bytes(text, sizeof(text), (const char *)json.bytes, json.size));
	buf_finish(&json);
	assert_string_equal(text, expected);
}

static void typed(void **state)
{
	told(*state, NULL,
	     "{\"turn\":2,\"wake\":null,\"text\":\"turn on the light\","
	     "\"confidence\":1.000,\"intent\":\"HassTurnOn\",\"slots\":{},"
	     "\"class\":\"B\",\"decision\":\"act\",\"reason\":\"NONE\","
	     "\"ms\":{\"understand\":0.500,\"total\":2.000},"
	     "\"id\":\"t-0000018f00000001\",\"room\":\"kitchen\","
	     "\"said\":\"Turned on the light.\",\"done\":1}");
}

/* Everything that can be there is there. */
static void spoken(void **state)
{
	struct turn *turn = *state;
	char expected[1024];

	turn->heard.spoken = true;
	turn->heard.woke = true;
	turn->heard.wake_at_ms = 1240;
	turn->heard.wake_score = -3.25;
	turn->heard.ratio = -12.5;
	turn->heard.decode_ms = 7;
	turn->heard.speech_frames = 100;
	turn->decision.kind = DECISION_REFUSE;
	turn->decision.reason = REASON_NOT_ADDRESSED;
	memset(turn->record.bytes, 0xab, sizeof(turn->record.bytes));
	assert_true(str_format(
		expected, sizeof(expected),
		"{\"file\":\"a.wav\",\"turn\":2,"
		"\"wake\":{\"at_ms\":1240,\"score\":-3.250},"
		"\"text\":\"turn on the light\",\"confidence\":%.3f,\"intent\":null,"
		"\"slots\":{},\"class\":null,\"decision\":\"refuse\","
		"\"reason\":\"NOT_ADDRESSED\","
		"\"ms\":{\"understand\":0.500,\"total\":2.000,\"decode\":7.000},"
		"\"id\":\"t-0000018f00000001\",\"room\":\"kitchen\","
		"\"said\":\"Turned on the light.\",\"done\":1,\"ratio\":-12.50,"
		"\"floor\":%.2f,\"record\":\"abababababababababababababababab\"}",
		turn_confidence(turn), floor_for_class(CLASS_B, 100)));
	told(turn, "a.wav", expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(typed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spoken, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
