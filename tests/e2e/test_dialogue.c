/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dialogue - what a room does while people talk, a television plays and prompts are
 * read out: no lease is kept beyond its limit, and of what sounded like the name and was
 * not believed nothing lies on the disk.
 *
 * Without more it is a synthetic conversation of less than a minute. tools/soak-dialogue
 * runs it for as long as it is told, over sound files, in several houses at once: each in
 * real time, so that nothing that is measured depends on the haste.
 * BEHEST_DIALOGUE_SECONDS: how much is played. BEHEST_DIALOGUE_LIST: a file with a path of
 * a sound file on each line; BEHEST_DIALOGUE_PART: "2/8", every eighth of them from the
 * third on. Once in a while the name is called, alone and with a request, and words that
 * are almost the name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "adapter/audio_file.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/lease.h"
#include "e2e/house_fixture.h"
#include "e2e/journal_reader.h"
#include "e2e/search.h"

enum {
	SECONDS = 44,
	SECONDS_MAX = 2 * 3600,
	ASIDE_SECONDS = 60, /* between two asides; in a short play a quarter of it */
	PROBE_SAMPLES = AUDIO_HZ / 10, /* of each second: what is searched for */
	LINE_BYTES = 1024,
	LIST_BYTES_MAX = 16 * 1024 * 1024,
	/* A lease is closed between two frames of sound, and told of after that. */
	SLACK_MS = 100,
	TOLD_SLACK_MS = 2000,
};

static const char *const talk[] = {
	"did you see the purple elephant last november?",
	"no, i was in the old harbour with my sister.",
	"nobody told the carpenter about the wooden umbrella.",
	"please hold the line. the next free agent will be with you shortly.",
	"your call may be recorded for quality and training.",
	"and now the weather. rain in the north, and strong winds at the coast.",
	"she commutes to the capital every day, and is tired in the evening.",
	"that computes, said the professor, and closed the book.",
};
static const char *const asides[] = {
	HOUSE_WORD ", turn on the bedroom light.",
	"commuter.",
	HOUSE_WORD ".",
	"come pewter. confuser.",
};

struct programme {
	struct buf list; /* paths, each ended by a zero */
	const char **paths;
	size_t count;
	size_t next;
	size_t step;
	struct audio_file *file;
};

struct counts {
	size_t wakes;
	size_t rejected;
	size_t leases;
	size_t beyond; /* kept open beyond their limit */
	size_t never_ended; /* the room was stopped in good order, and they were not told over */
	size_t recorded;
	size_t recorded_unasked; /* without a wake that was believed */
	size_t opened_unasked;
	size_t fuses;
};

static struct house house;
static struct programme programme;
static int16_t second[AUDIO_HZ];
static int16_t *probes;
static size_t probe_count;
static size_t seconds_played;
static size_t seconds_wanted = SECONDS;
static size_t turns;

/* --- what is played --------------------------------------------------------------------- */

static void open_list(const char *path, size_t first, size_t step)
{
	struct err_note note = {""};
	char *at;

	if (file_read(path, LIST_BYTES_MAX, &programme.list, &note))
		fail_msg("%s", note.text);
	at = (char *)programme.list.bytes;
	programme.paths = calloc(programme.list.size + 1, sizeof(*programme.paths));
	assert_non_null(programme.paths);
	for (char *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		if (end > at)
			programme.paths[programme.count++] = at;
	}
	programme.next = first;
	programme.step = step;
	assert_true(programme.count > 0);
}

/* The next second of the files; a broken one is passed over. */
static void read_second(void)
{
	size_t filled = 0;

	memset(second, 0, sizeof(second));
	while (filled + AUDIO_FRAME_SAMPLES <= AUDIO_HZ) {
		struct audio_frame frame;

		if (!programme.file) {
			const char *path =
				programme.paths[programme.next % programme.count];

			programme.next += programme.step;
			if (audio_file_open(path, &programme.file, NULL))
				fail_msg("%s: cannot be heard", path);
		}
		if (audio_file_read(programme.file, &frame, NULL)) {
			audio_file_close(programme.file);
			programme.file = NULL;
			return; /* the rest of the second is a pause */
		}
		memcpy(second + filled, frame.samples, sizeof(frame.samples));
		filled += AUDIO_FRAME_SAMPLES;
	}
}

static void take_turns(void)
{
	struct house_turn turn;

	while (house_turn_within(&house, 0, &turn))
		turns++;
}

/* Keeps a tenth of it: whatever holds a second of what was heard holds that. */
static void play(struct audio_span sound)
{
	for (size_t at = 0; at + AUDIO_HZ <= sound.count; at += AUDIO_HZ) {
		memcpy(probes + probe_count, sound.samples + at,
		       PROBE_SAMPLES * sizeof(*probes));
		probe_count += PROBE_SAMPLES;
	}
	house_play(&house, sound);
	seconds_played += sound.count / AUDIO_HZ;
	take_turns();
}

/* Whole seconds, so that the count is right. */
static void say(const char *words)
{
	static int16_t said[HOUSE_SOUND_MAX];
	struct audio_span span = {0};
	size_t count;

	assert_int_equal(voice_speak(&house.voice, words, &span), OK);
	assert_true(span.count + 2 * (size_t)AUDIO_HZ <= HOUSE_SOUND_MAX);
	memset(said, 0, sizeof(said));
	memcpy(said, span.samples, span.count * sizeof(*said));
	count = (span.count / AUDIO_HZ + 2) * AUDIO_HZ;
	play((struct audio_span){said, count});
}

static void play_all(void)
{
	const size_t pause = seconds_wanted < 4 * (size_t)ASIDE_SECONDS
				     ? seconds_wanted / STR_COUNT(asides)
				     : ASIDE_SECONDS;
	size_t aside = 0;
	size_t line = 0;
	size_t due = pause / 2;

	while (seconds_played < seconds_wanted) {
		if (seconds_played >= due) {
			say(asides[aside++ % STR_COUNT(asides)]);
			due += pause;
		} else if (programme.count > 0) {
			read_second();
			play((struct audio_span){second, AUDIO_HZ});
		} else {
			say(talk[line++ % STR_COUNT(talk)]);
		}
	}
}

static void wait_until_heard(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	int left = 1;

	while (left > 0) {
		assert_int_equal(ioctl(house.pipe_fd, FIONREAD, &left), 0);
		if (loop_now_ms() > until_ms)
			fail_msg("the room does not listen any more");
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* --- what the journal says -------------------------------------------------------------- */

static int64_t number_of(const struct event *event, const char *name)
{
	int64_t number = -1;

	assert_true(str_to_int(event_value(event, name), 0, INT64_MAX, &number));
	return number;
}

/* What it may take at most: the maximum, and its renewals. */
static int64_t limit_of(const struct event *opened)
{
	for (int i = 0; i < LEASE_REASON_COUNT; i++) {
		const enum lease_reason reason = (enum lease_reason)i;

		if (str_equal(event_value(opened, "lease"), lease_reason_text(reason)))
			return number_of(opened, "max_ms") *
			       (1 + (int64_t)lease_reason_renewals(reason));
	}
	fail_msg("an unknown lease: %s", event_value(opened, "lease"));
	return 0;
}

static void check_lease(const struct journal_copy *journal, size_t at,
			struct counts *counts)
{
	const struct event *opened = &journal->events[at];
	const int64_t limit_ms = limit_of(opened);

	counts->leases++;
	if (journal_copy_find(journal, opened->turn.value, EVENT_WAKE) == 0)
		counts->opened_unasked++;
	for (size_t i = at + 1; i < journal->count; i++) {
		const struct event *closed = &journal->events[i];

		if (closed->kind != EVENT_LEASE_CLOSED ||
		    closed->turn.value != opened->turn.value)
			continue;
		/* By the room's own clock, and by the hub's. */
		if (number_of(closed, "used_ms") > limit_ms + SLACK_MS ||
		    closed->at_ms - opened->at_ms > limit_ms + TOLD_SLACK_MS)
			counts->beyond++;
		return;
	}
	counts->never_ended++;
}

static void count_events(const struct journal_copy *journal, struct counts *counts)
{
	counts->wakes = journal_copy_count(journal, 0, EVENT_WAKE);
	counts->rejected = journal_copy_count(journal, 0, EVENT_WAKE_REJECTED);
	counts->recorded = journal_copy_count(journal, 0, EVENT_RECORDED);
	counts->fuses = journal_copy_count(journal, 0, EVENT_FUSE_BLOWN);
	for (size_t i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];

		if (event->kind == EVENT_LEASE_OPENED)
			check_lease(journal, i, counts);
		if (event->kind == EVENT_RECORDED &&
		    journal_copy_find(journal, event->turn.value, EVENT_WAKE) == 0)
			counts->recorded_unasked++;
	}
}

static void print_counts(const struct counts *counts)
{
	printf("{\"seconds\":%zu,\"turns\":%zu,\"wakes\":%zu,\"rejected\":%zu,"
	       "\"leases\":%zu,\"beyond\":%zu,\"never_ended\":%zu,\"recorded\":%zu,"
	       "\"recorded_unasked\":%zu,\"opened_unasked\":%zu,\"fuses\":%zu}\n",
	       seconds_played, turns, counts->wakes, counts->rejected, counts->leases,
	       counts->beyond, counts->never_ended, counts->recorded,
	       counts->recorded_unasked, counts->opened_unasked, counts->fuses);
}

/* --- the test --------------------------------------------------------------------------- */

static void read_environment(void)
{
	const char *list = getenv("BEHEST_DIALOGUE_LIST");
	const char *part = getenv("BEHEST_DIALOGUE_PART");
	const char *seconds = getenv("BEHEST_DIALOGUE_SECONDS");
	unsigned first = 0;
	unsigned step = 1;
	int64_t number = SECONDS;

	if (seconds && !str_to_int(seconds, 4, SECONDS_MAX, &number))
		fail_msg("BEHEST_DIALOGUE_SECONDS=%s: expected 4 to %d", seconds,
			 SECONDS_MAX);
	if (part && (sscanf(part, "%u/%u", &first, &step) != 2 || step == 0))
		fail_msg("BEHEST_DIALOGUE_PART=%s: expected for instance 2/8", part);
	seconds_wanted = (size_t)number;
	if (list)
		open_list(list, first, step);
}

static int set_up(void **state)
{
	(void)state;
	read_environment();
	probes = calloc((seconds_wanted + 60) * PROBE_SAMPLES, sizeof(*probes));
	assert_non_null(probes);
	house_begin(&house);
	house_up(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	audio_file_close(programme.file);
	free(programme.paths);
	buf_finish(&programme.list);
	free(probes);
	return 0;
}

static void must_be_clean(struct search *search)
{
	char where[SEARCH_WHERE_BYTES] = "";

	if (search_folder(search, house.fixture.folder, where))
		fail_msg("it lies there: %s", where);
	print_message("searched %zu files, %zu bytes, for %zu stretches\n",
		      search_files(search), search_read(search), search_size(search));
}

static void test_nothing_is_kept_beyond_its_time(void **state)
{
	struct search *search = search_create();
	struct journal_copy journal;
	struct counts counts = {0};
	char folder[FILE_PATH_BYTES];

	(void)state;
	play_all();
	wait_until_heard();
	take_turns();
	search_add_sound(search, (struct audio_span){probes, probe_count});
	must_be_clean(search);
	house_stop_room(&house); /* ends its lease, if there is one */
	house_wait_written(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	must_be_clean(search);
	search_destroy(search);
	assert_true(file_join(folder, sizeof(folder), house.data, "keeper"));
	journal_copy_read(&journal, folder);
	count_events(&journal, &counts);
	journal_copy_finish(&journal);
	print_counts(&counts);
	assert_int_equal(counts.beyond, 0);
	assert_int_equal(counts.never_ended, 0);
	assert_int_equal(counts.opened_unasked, 0);
	assert_int_equal(counts.recorded_unasked, 0);
	assert_int_equal(counts.fuses, 0);
	/* It listened. */
	assert_true(counts.wakes > 0 && counts.leases > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_kept_beyond_its_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
