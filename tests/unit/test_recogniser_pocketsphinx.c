/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser: the contract of the port against the fake and against PocketSphinx, and
 * what PocketSphinx makes of a synthetic voice.
 */
#include "unit/cmocka_all.h"
#include <math.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/lexicon.h"
#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/share.h"
#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"
#include "fake/recogniser_fake.h"

enum { WORDS_MAX = 64, STATES_MAX = 64, WAIT_MS = 30000 };

/* A grammar from whole sentences: a tree of words. */
struct tree {
	struct grammar grammar;
	bool finals[STATES_MAX];
	struct grammar_arc arcs[STATES_MAX];
	char text[1024];
	char *words[WORDS_MAX];
};

static const char *const SENTENCES[] = {
	"turn on the kitchen light",  "turn off the kitchen light",
	"turn on the bedroom light",  "set the heating to twenty one degrees",
	"turn on the köpenick light", "what time is it",
	"what time is it please",     "turn on the kitchen light in the hall",
};

static struct tree tree;
static struct voice voice;
static struct recogniser real; /* not in lockstep */

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static uint32_t word_index(const char *word)
{
	for (uint32_t i = 0; i < tree.grammar.word_count; i++) {
		if (str_equal(tree.words[i], word))
			return i;
	}
	must(false);
	return 0;
}

static void collect_words(void)
{
	char *at = tree.text;

	for (size_t i = 0; i < STR_COUNT(SENTENCES); i++) {
		char *save = NULL;
		strcpy(at, SENTENCES[i]);
		char *next = at + strlen(at) + 1;
		for (char *word = strtok_r(at, " ", &save); word;
		     word = strtok_r(NULL, " ", &save)) {
			bool known = false;
			for (size_t k = 0; k < tree.grammar.word_count; k++)
				known |= str_equal(tree.words[k], word);
			if (!known)
				tree.words[tree.grammar.word_count++] = word;
		}
		at = next;
	}
	qsort(tree.words, tree.grammar.word_count, sizeof(tree.words[0]), compare_words);
}

static uint32_t follow(uint32_t from, uint32_t word)
{
	for (size_t i = 0; i < tree.grammar.arc_count; i++) {
		if (tree.arcs[i].from == from && tree.arcs[i].word == word)
			return tree.arcs[i].to;
	}
	uint32_t to = (uint32_t)tree.grammar.state_count++;
	tree.arcs[tree.grammar.arc_count++] = (struct grammar_arc){from, to, word};
	return to;
}

static int compare_arcs(const void *a, const void *b)
{
	const struct grammar_arc *left = a;
	const struct grammar_arc *right = b;

	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	return left->word < right->word ? -1 : left->word > right->word;
}

static void make_tree(void)
{
	tree.grammar.finals = tree.finals;
	tree.grammar.arcs = tree.arcs;
	tree.grammar.words = tree.words;
	tree.grammar.state_count = 1;
	collect_words();
	for (size_t i = 0; i < STR_COUNT(SENTENCES); i++) {
		char copy[128];
		char *save = NULL;
		uint32_t state = 0;
		strcpy(copy, SENTENCES[i]);
		for (char *word = strtok_r(copy, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			state = follow(state, word_index(word));
		tree.finals[state] = true;
	}
	qsort(tree.arcs, tree.grammar.arc_count, sizeof(tree.arcs[0]), compare_arcs);
}

static int open_all(void **state)
{
	struct err_note note = {""};

	(void)state;
	make_tree();
	return voice_flite_create(&voice) != OK ||
	       recogniser_pocketsphinx_create(NULL, &real, &note) != OK ||
	       recogniser_load(&real, &tree.grammar, "jarvis", &note) != OK;
}

static int close_all(void **state)
{
	(void)state;
	recogniser_close(&real);
	voice_close(&voice);
	return 0;
}

static void feed_silence(struct recogniser *recogniser, int ms)
{
	struct audio_frame frame = {{0}};

	for (int at = 0; at < ms; at += AUDIO_FRAME_MS) {
		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			frame.samples[i] = (int16_t)((i * 7919 + (size_t)at) % 23);
		assert_int_equal(recogniser_feed(recogniser, &frame), OK);
	}
}

static void feed_text(struct recogniser *recogniser, const char *text)
{
	struct audio_span sound;

	assert_int_equal(voice_speak(&voice, text, &sound), OK);
	for (size_t at = 0; at < sound.count; at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame = {{0}};
		size_t count = sound.count - at;
		if (count > AUDIO_FRAME_SAMPLES)
			count = AUDIO_FRAME_SAMPLES;
		memcpy(frame.samples, sound.samples + at, count * sizeof(*sound.samples));
		assert_int_equal(recogniser_feed(recogniser, &frame), OK);
	}
}

/* The next report of that stage. */
static struct recogniser_report wait_for(struct recogniser *recogniser,
					 enum recogniser_stage stage)
{
	struct recogniser_report report;

	for (;;) {
		struct pollfd ready = {.fd = recogniser->fd, .events = POLLIN};
		recogniser_poll(recogniser, &report);
		if (report.stage == stage)
			return report;
		if (report.stage == RECOGNISER_NOTHING)
			assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
	}
}

static struct recogniser_report hear(struct recogniser *recogniser, const char *text)
{
	assert_int_equal(recogniser_begin(recogniser), OK);
	feed_silence(recogniser, 300);
	feed_text(recogniser, text);
	feed_silence(recogniser, 300);
	assert_int_equal(recogniser_end(recogniser), OK);
	return wait_for(recogniser, RECOGNISER_FINAL);
}

/* --- the contract, for every recogniser --- */

static void assert_nothing_more(struct recogniser *recogniser)
{
	struct recogniser_report report;

	recogniser_poll(recogniser, &report);
	assert_int_equal(report.stage, RECOGNISER_NOTHING);
}

static void contract(struct recogniser *recogniser)
{
	struct recogniser_report report;

	assert_nothing_more(recogniser);
	/* an end at once, and silence: one empty final result each */
	for (int ms = 0; ms <= 600; ms += 600) {
		assert_int_equal(recogniser_begin(recogniser), OK);
		feed_silence(recogniser, ms);
		assert_int_equal(recogniser_end(recogniser), OK);
		report = wait_for(recogniser, RECOGNISER_FINAL);
		assert_string_equal(report.text, "");
		assert_false(report.complete);
		assert_int_equal(report.word_count, 0);
		assert_nothing_more(recogniser);
	}
	/* hints change nothing, in any order */
	assert_int_equal(recogniser_begin(recogniser), OK);
	recogniser_suspect_end(recogniser, false);
	feed_silence(recogniser, 100);
	recogniser_suspect_end(recogniser, false);
	recogniser_suspect_end(recogniser, true);
	recogniser_suspect_end(recogniser, true);
	assert_int_equal(recogniser_end(recogniser), OK);
	report = wait_for(recogniser, RECOGNISER_FINAL);
	assert_string_equal(report.text, "");
	/* what nobody asked for in time is not told to the next utterance */
	assert_int_equal(recogniser_begin(recogniser), OK);
	feed_silence(recogniser, 200);
	assert_int_equal(recogniser_end(recogniser), OK);
	assert_int_equal(recogniser_begin(recogniser), OK);
	assert_int_equal(recogniser_end(recogniser), OK);
	report = wait_for(recogniser, RECOGNISER_FINAL);
	assert_nothing_more(recogniser);
	/* a begin drops what was unfinished */
	assert_int_equal(recogniser_begin(recogniser), OK);
	feed_silence(recogniser, 200);
	assert_int_equal(recogniser_begin(recogniser), OK);
	assert_int_equal(recogniser_end(recogniser), OK);
	report = wait_for(recogniser, RECOGNISER_FINAL);
	assert_nothing_more(recogniser);
}

static void test_contract_fake(void **state)
{
	struct recogniser_fake *fake = NULL;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(recogniser_fake_create(&fake), OK);
	struct recogniser port = recogniser_fake_port(fake);
	assert_int_equal(recogniser_load(&port, &tree.grammar, "jarvis", &note), OK);
	contract(&port);
	recogniser_close(&port);
	recogniser_fake_destroy(fake);
}

static void test_contract_pocketsphinx(void **state)
{
	(void)state;
	contract(&real);
}

/* --- what it hears --- */

static void test_hears_commands(void **state)
{
	static const char *const SAID[] = {"turn on the kitchen light",
					   "set the heating to twenty one degrees",
					   "what time is it"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(SAID); i++) {
		struct recogniser_report report = hear(&real, SAID[i]);
		assert_string_equal(report.text, SAID[i]);
		assert_true(report.complete);
		assert_true(report.ratio >
			    2); /* a clear voice; with phones left out it is not */
		assert_true(report.speech_frames > 40);
		assert_true(report.decode_ms > 0);
		assert_nothing_more(&real);
	}
}

static void test_wake_word_is_not_reported(void **state)
{
	struct recogniser_report with = hear(&real, "jarvis, turn on the bedroom light");
	struct recogniser_report without = hear(&real, "turn on the bedroom light");

	(void)state;
	assert_string_equal(with.text, "turn on the bedroom light");
	assert_int_equal(with.word_count, 5);
	assert_true(with.complete);
	assert_true(with.speech_frames < without.speech_frames + 40);
}

static void test_word_that_the_dictionary_lacks(void **state)
{
	struct recogniser_report report = hear(&real, "turn on the köpenick light");

	(void)state;
	assert_string_equal(report.text, "turn on the köpenick light");
}

static void write_words(const char *text, char path[32])
{
	strcpy(path, "/tmp/behest-words-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Whoever says "pantry" and means the kitchen is understood once a file says so. */
static void test_further_ways_to_say_a_word(void **state)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct recogniser taught = {0};
	struct err_note note = {""};
	char path[32];

	(void)state;
	write_words(";;; of this house\nkitchen P AE N T R IY\nkitchen\n", path);
	settings.words = path;
	assert_int_equal(recogniser_pocketsphinx_create(&settings, &taught, &note), OK);
	unlink(path);
	assert_int_equal(recogniser_load(&taught, &tree.grammar, "", &note), OK);
	struct recogniser_report untaught = hear(&real, "turn on the pantry light");
	struct recogniser_report report = hear(&taught, "turn on the pantry light");
	assert_string_equal(report.text, "turn on the kitchen light");
	assert_true(report.ratio > untaught.ratio + 5);
	report = hear(&taught, "turn on the kitchen light");
	assert_string_equal(report.text, "turn on the kitchen light");
	recogniser_close(&taught);
}

/* A line with a phone that is none would cost all sentences: it is passed over. */
static void test_phones_that_are_none(void **state)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct recogniser broken = {0};
	struct err_note note = {""};
	char path[32];

	(void)state;
	write_words("kitchen K IH QQ\nlight (L\n( L\n light L AY T\nlight\tL AY T\n",
		    path);
	settings.words = path;
	assert_int_equal(recogniser_pocketsphinx_create(&settings, &broken, &note), OK);
	unlink(path);
	assert_int_equal(recogniser_load(&broken, &tree.grammar, "", &note), OK);
	struct recogniser_report report = hear(&broken, "turn on the kitchen light");
	assert_string_equal(report.text, "turn on the kitchen light");
	recogniser_close(&broken);
}

static enum err count_if_same(void *context, size_t word, const char *phones)
{
	struct {
		const char *phones;
		size_t count;
	} *wanted = context;

	(void)word;
	wanted->count += str_equal(phones, wanted->phones);
	return OK;
}

/* Every line of what we ship is of the form, and stands there once. */
static void test_shipped_ways(void **state)
{
	char path[512];
	char line[256];
	size_t line_count = 0;
	struct lexicon *lexicon = NULL;

	(void)state;
	assert_int_equal(share_find("lang", "en/words.dict", path, sizeof(path), NULL),
			 OK);
	const char *paths[LEXICON_FILES] = {path, "/dev/null"};
	assert_int_equal(lexicon_open(paths, &lexicon, NULL), ERR_FORMAT); /* empty */
	char empty[32];
	write_words(";;;\n", empty);
	paths[1] = empty;
	assert_int_equal(lexicon_open(paths, &lexicon, NULL), OK);
	unlink(empty);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *space = strchr(line, ' ');
		if (str_starts(line, ";;;"))
			continue;
		assert_non_null(space);
		*space = '\0';
		str_trim(space + 1);
		struct {
			const char *phones;
			size_t count;
		} wanted = {space + 1, 0};
		const char *const word = line;
		assert_int_equal(lexicon_find(lexicon, &word, 1, count_if_same, &wanted,
					      NULL),
				 OK);
		assert_int_equal(wanted.count, 1);
		line_count++;
	}
	fclose(file);
	lexicon_close(lexicon);
	assert_true(line_count > 10);
}

/* A closed grammar makes a sentence of anything; the ratio tells. */
static void test_other_talk_has_a_low_ratio(void **state)
{
	struct recogniser_report right = hear(&real, "turn off the kitchen light");
	struct recogniser_report other =
		hear(&real, "we walked along the river until the museum opened at noon");

	(void)state;
	assert_true(other.text[0] == '\0' || other.ratio < right.ratio - 15);
}

/* While it is said: words appear, and the end is suspected, taken back, decided. */
static void test_partials(void **state)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct recogniser stepped = {0};
	struct recogniser_report report;
	struct err_note note = {""};
	bool complete = false;

	(void)state;
	settings.lockstep = true;
	assert_int_equal(recogniser_pocketsphinx_create(&settings, &stepped, &note), OK);
	assert_int_equal(recogniser_load(&stepped, &tree.grammar, "", &note), OK);
	assert_int_equal(recogniser_begin(&stepped), OK);
	feed_silence(&stepped, 300);
	feed_text(&stepped, "turn on the kitchen light");
	feed_silence(&stepped, 140);
	recogniser_suspect_end(&stepped, false);
	for (recogniser_poll(&stepped, &report); report.stage != RECOGNISER_NOTHING;
	     recogniser_poll(&stepped, &report)) {
		assert_int_equal(report.stage, RECOGNISER_PARTIAL);
		complete = report.complete;
		assert_true(!complete || report.follow); /* "in the hall" */
	}
	assert_true(complete);
	recogniser_suspect_end(&stepped, true);
	feed_text(&stepped, "in the hall");
	feed_silence(&stepped, 300);
	assert_int_equal(recogniser_end(&stepped), OK);
	report = wait_for(&stepped, RECOGNISER_FINAL);
	assert_string_equal(report.text, "turn on the kitchen light in the hall");
	recogniser_close(&stepped);
}

/* In lockstep the same sound gives the same words, and nearly the same frames and ratio,
 * whatever came before. (Live, the moment at which a mean is taken depends on how busy the
 * machine is.) */
static void test_utterances_are_independent(void **state)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct recogniser stepped = {0};
	struct err_note note = {""};

	(void)state;
	settings.lockstep = true;
	assert_int_equal(recogniser_pocketsphinx_create(&settings, &stepped, &note), OK);
	assert_int_equal(recogniser_load(&stepped, &tree.grammar, "", &note), OK);
	struct recogniser_report first = hear(&stepped, "what time is it");
	struct recogniser_report between = hear(&stepped, "turn off the kitchen light");
	struct recogniser_report again = hear(&stepped, "what time is it");

	assert_string_equal(between.text, "turn off the kitchen light");
	assert_string_equal(first.text, again.text);
	/* The library's fast choice of Gaussians starts from those of the last frame, and a
	 * word's soft end moves with it. */
	assert_in_range(again.speech_frames + 2 - first.speech_frames, 0, 4);
	assert_true(fabs(first.ratio - again.ratio) < 3);
	recogniser_close(&stepped);
}

/* --- bad input --- */

static void test_before_a_grammar(void **state)
{
	struct recogniser fresh = {0};
	struct err_note note = {""};

	(void)state;
	assert_int_equal(recogniser_pocketsphinx_create(NULL, &fresh, &note), OK);
	contract(&fresh);
	recogniser_close(&fresh);
	recogniser_close(&fresh); /* twice is fine */
}

static void test_missing_files(void **state)
{
	struct recogniser none = {0};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct recogniser_pocketsphinx_settings settings =
			recogniser_pocketsphinx_defaults();
		struct err_note note = {""};
		if (i == 0)
			settings.model = "/nonexistent/model";
		else if (i == 1)
			settings.dictionary = "/nonexistent/dictionary";
		else if (i == 2)
			settings.words = "/nonexistent/words";
		else if (i == 3)
			settings.cleaner = "/nonexistent/cleaner";
		else
			settings.phone_model = "/nonexistent/phones";
		assert_int_equal(recogniser_pocketsphinx_create(&settings, &none, &note),
				 ERR_MISSING);
		assert_non_null(strstr(note.text, "/nonexistent/"));
		assert_null(strchr(note.text, '\n'));
	}
}

static void test_files_of_another_kind(void **state)
{
	struct recogniser none = {0};
	struct err_note note = {""};
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();

	(void)state;
	settings.phone_model = settings.dictionary;
	assert_int_equal(recogniser_pocketsphinx_create(&settings, &none, &note),
			 ERR_FORMAT);
	assert_non_null(strstr(note.text, settings.dictionary));
}

/* One word; finals and arcs as given. */
static enum err load_word(const char *word, struct err_note *note)
{
	char copy[128];
	char *words[] = {copy};
	bool finals[] = {false, true};
	struct grammar_arc arcs[] = {{0, 1, 0}};
	struct grammar grammar = {2, finals, 1, arcs, 1, words};

	must(str_copy(copy, sizeof(copy), word));
	return recogniser_load(&real, &grammar, "", note);
}

static void test_words_that_cannot_be(void **state)
{
	struct err_note note = {""};

	(void)state;
	assert_int_equal(load_word("<sil>", &note), ERR_FORMAT);
	assert_int_equal(load_word("", &note), ERR_FORMAT);
	assert_int_equal(load_word("two words", &note), ERR_FORMAT);
	note.text[0] = '\0';
	assert_int_equal(load_word("厨房", &note), OK); /* left out */
	assert_non_null(strstr(note.text, "厨房"));
	struct recogniser_report report = hear(&real, "turn on the kitchen light");
	assert_string_equal(report.text, "");
	assert_int_equal(recogniser_load(&real, &tree.grammar, "jarvis", &note), OK);
	report = hear(&real, "turn on the kitchen light");
	assert_string_equal(report.text, "turn on the kitchen light");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract_fake),
		cmocka_unit_test(test_contract_pocketsphinx),
		cmocka_unit_test(test_hears_commands),
		cmocka_unit_test(test_wake_word_is_not_reported),
		cmocka_unit_test(test_word_that_the_dictionary_lacks),
		cmocka_unit_test(test_further_ways_to_say_a_word),
		cmocka_unit_test(test_phones_that_are_none),
		cmocka_unit_test(test_shipped_ways),
		cmocka_unit_test(test_other_talk_has_a_low_ratio),
		cmocka_unit_test(test_partials),
		cmocka_unit_test(test_utterances_are_independent),
		cmocka_unit_test(test_before_a_grammar),
		cmocka_unit_test(test_missing_files),
		cmocka_unit_test(test_files_of_another_kind),
		cmocka_unit_test(test_words_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}
