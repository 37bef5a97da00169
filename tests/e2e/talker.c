/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talker - see the header.
 */
#include "e2e/talker.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "adapter/speaker_alsa.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/pulse.h"

enum { POLL_MS = 20, SAID_MAX = 60 * AUDIO_HZ, HUM_SAMPLES = 5 * AUDIO_HZ };

static struct house *house;
static struct pulse *pulse;
static struct speaker mouth;
static struct speaker air;
static pthread_t hums;
static atomic_bool is_over;

static void light(char to[32])
{
	struct json *json = house_status(house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);

	assert_true(str_copy(to, 32, json_text(json_get(room, "light"), "")));
	json_destroy(json);
}

/* Whatever else it tells: it listens for its name. */
static bool is_idle(const char *word)
{
	return str_equal(word, "waiting") || str_equal(word, "held") ||
	       str_equal(word, "messages");
}

void talker_wait_idle(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char now[32];

	for (light(now); !is_idle(now); light(now)) {
		if (loop_now_ms() > until_ms)
			fail_msg("the light stays at %s", now);
		(void)poll(NULL, 0, POLL_MS);
	}
}

void talker_wait_light(const char *word)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char now[32];

	for (light(now); !str_equal(now, word); light(now)) {
		if (loop_now_ms() > until_ms)
			fail_msg("the light is %s, and never %s", now, word);
		(void)poll(NULL, 0, POLL_MS);
	}
}

/* No room is as still as a cable: what gives nothing but zeros is a microphone that is
 * unplugged. */
static void *hum(void *context)
{
	static int16_t noise[HUM_SAMPLES];
	struct speaker *speaker = context;
	uint32_t dice = 1;

	for (size_t i = 0; i < HUM_SAMPLES; i++) {
		dice = dice * 1664525U + 1013904223U;
		noise[i] = (int16_t)((int)(dice >> 27) - 16);
	}
	while (!atomic_load(&is_over)) {
		struct speaker_played played = {.finished = false};

		if (speaker_play(speaker, (struct audio_span){noise, HUM_SAMPLES},
				 (struct event_id){1}))
			return NULL;
		while (!played.finished && !atomic_load(&is_over)) {
			if (speaker_poll(speaker, &played))
				return NULL;
			(void)poll(NULL, 0, POLL_MS);
		}
	}
	return NULL;
}

static uint64_t person_samples;
static uint64_t house_samples;

void talker_count_anew(void)
{
	person_samples = 0;
	house_samples = 0;
}

void talker_seconds(double *out_person_s, double *out_house_s)
{
	*out_person_s = (double)person_samples / AUDIO_HZ;
	*out_house_s = (double)house_samples / AUDIO_HZ;
}

static void count_answer(const char *said)
{
	struct audio_span sound = {0};

	if (said[0] == '\0')
		return;
	assert_int_equal(voice_speak(&house->voice, said, &sound), OK);
	house_samples += sound.count;
}

void talker_say(const char *words)
{
	static int16_t sound[SAID_MAX];
	struct speaker_played played = {.finished = false};
	struct audio_span spoken;

	assert_int_equal(voice_speak(&house->voice, words, &spoken), OK);
	assert_true(spoken.count < SAID_MAX);
	memcpy(sound, spoken.samples, spoken.count * sizeof(*sound));
	person_samples += spoken.count;
	assert_int_equal(speaker_play(&mouth, (struct audio_span){sound, spoken.count},
				      (struct event_id){1}),
			 OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&mouth, &played), OK);
		(void)poll(NULL, 0, POLL_MS);
	}
}

void talker_turn(struct house_turn *turn, const char *decision, const char *reason)
{
	house_turn(house, turn);
	if (!str_equal(turn->decision, decision) || !str_equal(turn->reason, reason))
		fail_msg("\"%s\": %s %s, expected %s %s; said \"%s\"", turn->text,
			 turn->decision, turn->reason, decision, reason, turn->said);
	count_answer(turn->said);
}

void talker_begin(struct house *of)
{
	house = of;
	pulse = pulse_start();
	house_begin(house);
}

void talker_start_room(void)
{
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &air), OK);
	assert_int_equal(pthread_create(&hums, NULL, hum, &air), 0);
	house_start_room_with(house, (const char *const[]){"alsa", PULSE_MIC},
			      (const char *const[]){"alsa", PULSE_SPEAKER});
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &mouth), OK);
}

void talker_end(void)
{
	atomic_store(&is_over, true);
	(void)pthread_join(hums, NULL);
	speaker_close(&air);
	speaker_close(&mouth);
	house_end(house);
	pulse_stop(pulse);
}
