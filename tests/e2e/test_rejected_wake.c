/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rejected_wake - what was not addressed to the house leaves nothing behind.
 *
 * Talk without the name, and sounds that the wake detector reports but does not believe,
 * are played to a real room. Afterwards every file of the house is searched for what would
 * have been written. Which sounds are almost the name is found out with the detector
 * itself, so that the test holds when its floors move.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/ears.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/journal_reader.h"
#include "e2e/search.h"
#include "listen/listen.h"

enum {
	PAUSE_SAMPLES = AUDIO_HZ * 3 / 2,
	ALMOST_MARGIN = 2,
	LOUDEST = 8000,
	TRIES_MAX = 8,
	WRITTEN_FRACTION = 4, /* of the sound's bytes: more than that was not written */
};

static const char *const talk[] = {
	"the purple elephant dances every november in the old harbour.",
	"nobody told the carpenter about the wooden umbrella.",
};
static const char *const secret_words[] = {"elephant",  "november", "harbour",
					   "carpenter", "umbrella", "purple"};

/* What may be kept of it: figures, and which question it failed. */
static const char *const kept[] = {"score", "floor", "level", "accepted", "ratio", "why"};

static const double ALMOST_RATIO = -36; /* the verifier's floor is -30 */

static struct house house;
static int16_t sound[HOUSE_SOUND_MAX];
static size_t sound_count;
static size_t almost_count;

/* --- the sound -------------------------------------------------------------------------- */

static void add_sound(const int16_t *samples, size_t count)
{
	assert_true(sound_count + count + PAUSE_SAMPLES <= HOUSE_SOUND_MAX);
	memcpy(sound + sound_count, samples, count * sizeof(*samples));
	sound_count += count + PAUSE_SAMPLES; /* static: the pause is silent */
}

static void add_talk(const char *words)
{
	struct audio_span said = {0};

	assert_int_equal(voice_speak(&house.voice, words, &said), OK);
	add_sound(said.samples, said.count);
}

/* A small generator, so that the noise is the same each time and nowhere else. */
static int16_t noise(uint32_t *state, int loudness)
{
	*state = *state * 1664525u + 1013904223u;
	return (int16_t)((int)(*state >> 16 & 0xffff) % (2 * loudness + 1) - loudness);
}

/* The name in that much noise. */
static size_t make_almost(const char *word, int loudness, int16_t *to)
{
	struct audio_span name = {0};
	uint32_t state = 20180524u + (uint32_t)loudness;

	assert_int_equal(voice_speak(&house.voice, word, &name), OK);
	for (size_t i = 0; i < name.count; i++) {
		const int sum = name.samples[i] / 2 + noise(&state, loudness);

		to[i] = (int16_t)(sum > INT16_MAX   ? INT16_MAX
				  : sum < INT16_MIN ? INT16_MIN
						    : sum);
	}
	return name.count;
}

enum effect { NOT_REPORTED, REJECTED, BELIEVED };

/* Not by so little that the pipe's other timing could turn it. */
static bool is_clearly_rejected(const struct listen_report *report)
{
	return report->score < report->floor - ALMOST_MARGIN &&
	       (report->ratio == 0.0 || report->ratio < ALMOST_RATIO);
}

/* What a room's ears make of it behind the sound that is there already. */
static enum effect effect_of(const int16_t *samples, size_t count)
{
	const struct ears_settings settings = {.engine = "net",
					       .word = HOUSE_WORD,
					       .model = ""};
	const size_t end = sound_count + count + PAUSE_SAMPLES;
	enum effect effect = NOT_REPORTED;
	struct listen *listen = NULL;
	struct ears ears;
	struct audio_frame frame;

	assert_true(end <= HOUSE_SOUND_MAX);
	memcpy(sound + sound_count, samples, count * sizeof(*samples));
	assert_int_equal(ears_open(&settings, &ears, NULL), OK);
	assert_int_equal(listen_create(&ears.wake, &listen), OK);
	if (ears.verifier.ops)
		assert_int_equal(listen_use_verifier(listen, &ears.verifier), OK);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= end; at += AUDIO_FRAME_SAMPLES) {
		struct listen_report report;

		memcpy(frame.samples, sound + at, sizeof(frame.samples));
		listen_feed(listen, &frame, audio_ms(at), &report);
		if (report.event == LISTEN_WOKE)
			listen_wait(listen);
		if (at < sound_count)
			continue;
		if (report.event == LISTEN_WOKE)
			effect = BELIEVED;
		else if (report.event == LISTEN_REJECTED && effect == NOT_REPORTED)
			effect = is_clearly_rejected(&report) ? REJECTED : BELIEVED;
	}
	listen_destroy(listen);
	ears_close(&ears);
	memset(sound + sound_count, 0, count * sizeof(*samples));
	return effect;
}

/* Somewhere between no noise and so much that nothing is left lies what is reported and
 * not believed. */
static void add_almost(const char *word)
{
	static int16_t name[HOUSE_SOUND_MAX];
	int least = 0;
	int most = LOUDEST;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		const int loudness = (least + most) / 2;
		const size_t count = make_almost(word, loudness, name);
		const enum effect effect = effect_of(name, count);

		if (effect == REJECTED) {
			add_sound(name, count);
			almost_count++;
			return;
		}
		least = effect == BELIEVED ? loudness : least;
		most = effect == NOT_REPORTED ? loudness : most;
	}
}

static int set_up(void **state)
{
	static const char *const words[] = {"commuter.", "computing.", "confuser.",
					    "come pewter."};

	(void)state;
	house_begin(&house);
	sound_count = PAUSE_SAMPLES;
	for (size_t i = 0; i < STR_COUNT(words); i++)
		add_almost(words[i]);
	print_message("%zu sounds are almost the name\n", almost_count);
	assert_true(almost_count > 0);
	for (size_t i = 0; i < STR_COUNT(talk); i++)
		add_talk(talk[i]);
	house_up(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- what is searched for --------------------------------------------------------------- */

static struct search *everything_that_was_heard(void)
{
	struct search *search = search_create();

	search_add_sound(search, (struct audio_span){sound, sound_count});
	for (size_t i = 0; i < STR_COUNT(secret_words); i++)
		search_add_words(search, secret_words[i]);
	return search;
}

static void must_be_clean(struct search *search)
{
	char where[SEARCH_WHERE_BYTES] = "";

	if (search_folder(search, house.fixture.folder, where))
		fail_msg("it lies there: %s", where);
	print_message("searched %zu files, %zu bytes, for %zu stretches\n",
		      search_files(search), search_read(search), search_size(search));
}

/* Bytes that a program has handed to write() so far, wherever to. */
static uint64_t written(pid_t pid)
{
	char path[64];
	char line[128];
	unsigned long long bytes = 0;
	FILE *file;

	assert_true(str_format(path, sizeof(path), "/proc/%d/io", (int)pid));
	file = fopen(path, "re");
	if (!file)
		return UINT64_MAX;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "wchar: %llu", &bytes) == 1)
			break;
	}
	assert_int_equal(fclose(file), 0);
	return bytes;
}

/* --- tests ------------------------------------------------------------------------------ */

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

static void test_it_hears_and_writes_nothing_of_it(void **state)
{
	struct search *search = everything_that_was_heard();
	const pid_t programs[] = {house.room, house.hub, house.keeper};
	const char *const names[] = {"room", "hub", "keeper"};
	uint64_t before[STR_COUNT(programs)];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(programs); i++)
		before[i] = written(programs[i]);
	house_play(&house, (struct audio_span){sound, sound_count});
	wait_until_heard();
	must_be_clean(search);
	for (size_t i = 0; i < STR_COUNT(programs); i++) {
		const uint64_t more = written(programs[i]) - before[i];

		if (before[i] == UINT64_MAX) {
			print_message("the kernel does not tell what programs write\n");
			break;
		}
		print_message("the %s wrote %" PRIu64 " bytes, of %zu heard\n", names[i],
			      more, sound_count * sizeof(*sound));
		/* In whatever form: so little cannot hold the sound or its features. */
		assert_true(more < sound_count * sizeof(*sound) / WRITTEN_FRACTION);
	}
	search_destroy(search);
}

/* Every file that a program could have written to lies where it is searched. */
static void check_open_files(pid_t pid)
{
	char folder[64];
	DIR *list;

	assert_true(str_format(folder, sizeof(folder), "/proc/%d/fd", (int)pid));
	list = opendir(folder);
	if (!list)
		return; /* the program shields itself from us */
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
		char path[FILE_PATH_BYTES];
		char target[FILE_PATH_BYTES] = "";
		struct stat about;

		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
		    lstat(path, &about) != 0 || !(about.st_mode & S_IWUSR))
			continue;
		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		if (!str_starts(target, house.fixture.folder) ||
		    str_ends(target, " (deleted)"))
			fail_msg("a file that is not searched is open: %s", target);
	}
	closedir(list);
}

static void test_no_other_file_is_open(void **state)
{
	(void)state;
	check_open_files(house.room);
	check_open_files(house.hub);
	check_open_files(house.keeper);
}

/* It was listening all the time, and what it believed is kept, sealed. */
static void test_the_name_still_works(void **state)
{
	struct search *search = everything_that_was_heard();
	struct house_turn turn;

	(void)state;
	house_speak(&house, HOUSE_WORD ", turn on the bedroom light.");
	do {
		house_turn(&house, &turn);
	} while (!str_equal(turn.text, "turn on the bedroom light"));
	assert_string_equal(turn.reason, "NONE");
	house_wait_written(&house);
	must_be_clean(search);
	house_stop_room(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	must_be_clean(search);
	search_destroy(search);
}

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(kept); i++)
		if (str_equal(kept[i], name))
			return true;
	return false;
}

static void test_only_the_scores_are_kept(void **state)
{
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];
	size_t rejected;

	(void)state;
	assert_true(file_join(folder, sizeof(folder), house.data, "keeper"));
	journal_copy_read(&journal, folder);
	rejected = journal_copy_count(&journal, 0, EVENT_WAKE_REJECTED);
	print_message("%zu rejected, %zu believed\n", rejected,
		      journal_copy_count(&journal, 0, EVENT_WAKE));
	assert_true(rejected > 0);
	for (size_t i = 0; i < journal.count; i++) {
		const struct event *event = &journal.events[i];
		double score = 0;
		double floor = 0;

		if (event->kind != EVENT_WAKE_REJECTED)
			continue;
		assert_true(event->turn.value != 0);
		assert_true(
			str_to_double(event_value(event, "score"), -1000, 1000, &score));
		assert_true(
			str_to_double(event_value(event, "floor"), -1000, 1000, &floor));
		assert_true(score < floor); /* both have two decimals */
		for (size_t f = 0; f < event->field_count; f++)
			assert_true(is_kept(event->fields[f].name));
		assert_int_equal(journal_copy_count(&journal, event->turn.value,
						    EVENT_LEASE_OPENED),
				 0);
		assert_int_equal(journal_copy_count(&journal, event->turn.value,
						    EVENT_RECORDED),
				 0);
	}
	assert_int_equal(journal_copy_count(&journal, 0, EVENT_RECORDED), 1);
	journal_copy_finish(&journal);
}

/* The same search, with something to find: in the keeper's own file, between its pages. */
static void test_the_search_can_fail(void **state)
{
	struct search *search = everything_that_was_heard();
	char where[SEARCH_WHERE_BYTES] = "";
	char path[FILE_PATH_BYTES];
	const size_t middle = sound_count / 2;
	size_t at = middle;
	int fd;

	(void)state;
	while (at < sound_count && sound[at] < 1000 && sound[at] > -1000)
		at++;
	assert_true(at + SEARCH_STRETCH < sound_count);
	assert_true(file_join(path, sizeof(path), house.data, "keeper/keeper.db"));
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "\x01\x02\x03", 3), 3);
	assert_int_equal(write(fd, sound + at, SEARCH_STRETCH + 1), SEARCH_STRETCH + 1);
	close(fd);
	assert_true(search_folder(search, house.fixture.folder, where));
	assert_non_null(strstr(where, "keeper.db: sound"));
	search_destroy(search);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_hears_and_writes_nothing_of_it),
		cmocka_unit_test(test_no_other_file_is_open),
		cmocka_unit_test(test_the_name_still_works),
		cmocka_unit_test(test_only_the_scores_are_kept),
		cmocka_unit_test(test_the_search_can_fail),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
