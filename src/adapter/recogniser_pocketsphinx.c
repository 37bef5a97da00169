/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser_pocketsphinx - see the header.
 *
 * The caller's side copies frames into a queue; the thread turns them into cepstra and
 * runs two passes over them, grammar and phone loop, in short slices between which it
 * looks at the queue. A pass takes the mean away that was known when it began. When the
 * mean has moved too far the pass begins again from the first frame; at a suspected end
 * "too far" is strict, so the words are as good as those of a decode of the whole
 * utterance, and mostly ready before the end is decided.
 *
 * Does not decide what is believed. Invariants: the thread owns hearing, searches and
 * passes; reports carry the utterance they belong to, and poll() drops older ones;
 * one FINAL per end().
 */
#include "adapter/recogniser_pocketsphinx.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/cleaner.h"
#include "adapter/hearing.h"
#include "adapter/language.h"
#include "adapter/lexicon.h"
#include "adapter/share.h"
#include "adapter/sphinx.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/queue.h"
#include "base/str.h"

#define MODEL_FOLDER "/usr/share/pocketsphinx/model/en-us/"

enum {
	REQUESTS_MAX = 2048, /* more than one session's frames */
	REPORTS_MAX = 32,
	SLICE = 16, /* frames between two looks at the queue, about 5 ms of work */
	REPORT_FRAMES = 30, /* between two partials */
	SUSPECT_FRAMES = 8, /* the same, once the end is suspected */
	/* Each search scores against the best of the states it looks at, so the difference
	 * of a clear sentence is not 0; this makes it so (docs/why/floors.md). */
	RATIO_ZERO = 16,
	VOICED_FRAMES = 30, /* in words, for a sentence to be called complete */
	ANSWER_FRAMES = 15, /* for a short answer */
};

enum { FIRST_FRAMES = 120 }; /* before the first pass begins: a mean of less is no mean */
/* How far the mean may have moved before a pass begins again: while the person speaks,
 * and once the end is suspected, for each search. The phone loop only normalises. */
static const double DRIFT_RUNNING = 8.0;
static const double DRIFT_GRAMMAR = 4.0;
static const double DRIFT_PHONES = 14.0;
/* While the person speaks the grammar's pass begins again only after growing by that
 * much; the phones', which nobody asks for before a suspected end, never. */
static const double GROW = 1.8;
/* A last word that fits no better was made of silence; those that were said lie at -13
 * and above, the made up ones mostly at -16 and below. */
static const double LAST_RATIO = -14;
/* What fits no better is not even the beginning of a sentence. */
static const double BEGUN_RATIO = -30;

enum request_kind {
	REQUEST_LOAD,
	REQUEST_BEGIN,
	REQUEST_FRAME,
	REQUEST_SUSPECT,
	REQUEST_RESUME,
	REQUEST_END,
	REQUEST_CLOSE,
};

struct request {
	enum request_kind kind;
	uint32_t utterance;
	struct language *language; /* LOAD: the thread's from here on */
	double asked_ms;           /* END: monotonic */
	struct audio_frame frame;  /* FRAME */
};

struct answer {
	uint32_t utterance;
	struct recogniser_report report;
};

enum phase { PHASE_IDLE, PHASE_SPEAKING, PHASE_SUSPECT, PHASE_ENDED };

struct pass {
	struct sphinx_search *search;
	struct hearing_way way;
	bool begun;
	size_t fed;        /* frames */
	size_t begun_with; /* frames that its mean was taken of */
};

struct adapter {
	/* both sides */
	struct queue *requests;
	struct queue *answers;
	struct queue *idle; /* lockstep: one byte per request that was seen through */
	struct recogniser_pocketsphinx_settings settings;
	/* the caller's */
	pthread_t thread;
	struct lexicon *lexicon;
	uint32_t utterance_asked;
	/* the thread's */
	struct language *language;
	struct cleaner *cleaner;
	struct hearing *hearing;
	struct pass grammar;
	struct pass phones;
	enum phase phase;
	uint32_t utterance;
	size_t reported; /* frames at the newest partial */
	bool report_due; /* after a suspected end: as soon as all is fed */
	double cpu_ms;   /* spent before this slice */
	double ended_ms;
	float phone_scores[HEARING_FRAMES_MAX];
	struct sphinx_word words[SPHINX_WORDS_MAX];
};

struct recogniser_pocketsphinx_settings recogniser_pocketsphinx_defaults(void)
{
	return (struct recogniser_pocketsphinx_settings){
		.model = MODEL_FOLDER "en-us",
		.dictionary = MODEL_FOLDER "cmudict-en-us.dict",
		.phone_model = MODEL_FOLDER "en-us-phone.lm.bin",
		.complete_ratio = -18,
	};
}

static double clock_ms(clockid_t clock)
{
	struct timespec now;

	must(clock_gettime(clock, &now) == 0);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* --- the thread: passes --- */

static void pass_drop(struct pass *pass)
{
	if (pass->begun)
		sphinx_end(pass->search);
	pass->begun = false;
	pass->fed = 0;
}

static void pass_begin(struct adapter *adapter, struct pass *pass)
{
	pass_drop(pass);
	pass->way = hearing_way(adapter->hearing);
	pass->begun_with = hearing_count(adapter->hearing);
	pass->begun = sphinx_begin(pass->search) == OK;
}

/* How far the mean has moved since the pass began. */
static double drift_of(const struct adapter *adapter, const struct pass *pass)
{
	const struct hearing_way now = hearing_way(adapter->hearing);
	double sum = 0;

	if (now.in_noise != pass->way.in_noise)
		return INFINITY; /* other frames altogether */
	for (size_t k = 0; k < SPHINX_CEP; k++) {
		double drift = now.mean[k] - pass->way.mean[k];
		sum += drift * drift;
	}
	return sqrt(sum);
}

static bool pass_is_stale(const struct adapter *adapter, const struct pass *pass,
			  double drift_max)
{
	bool at_once = adapter->settings.plain || adapter->settings.at_once;

	if (!pass->search || (at_once && adapter->phase != PHASE_ENDED))
		return false;
	if (!pass->begun)
		return adapter->phase == PHASE_ENDED || adapter->phase == PHASE_SUSPECT ||
		       hearing_count(adapter->hearing) >= FIRST_FRAMES;
	const double drift = drift_of(adapter, pass);
	switch (adapter->phase) {
	case PHASE_IDLE:
		return false;
	case PHASE_SPEAKING:
		return pass == &adapter->grammar && drift > DRIFT_RUNNING &&
		       (double)hearing_count(adapter->hearing) >
			       GROW * (double)pass->begun_with;
	case PHASE_SUSPECT:
	case PHASE_ENDED:
		return drift > drift_max;
	}
	return false;
}

/* One slice; true when there was something to do. */
static bool pass_work(struct adapter *adapter, struct pass *pass)
{
	struct sphinx_cep slice[SLICE];
	size_t count;

	if (!pass->begun)
		return false;
	count = hearing_read(adapter->hearing, &pass->way, pass->fed, slice, SLICE);
	if (count == 0)
		return false;
	if (sphinx_feed(pass->search, slice, count))
		pass_drop(pass);
	else
		pass->fed += count;
	return true;
}

/* --- the thread: reports --- */

static void push_answer(struct adapter *adapter, const struct recogniser_report *report)
{
	struct answer answer = {adapter->utterance, *report};
	struct answer oldest;

	while (queue_push(adapter->answers, &answer) == ERR_LIMIT)
		(void)!queue_pop(adapter->answers, &oldest);
}

/* How much better than the phones the word fits, summed over its frames. */
static double word_gain(const struct adapter *adapter, const struct sphinx_word *word)
{
	double gain = word->score;

	for (size_t k = word->from; k <= word->to && k < HEARING_FRAMES_MAX; k++)
		gain -= (double)adapter->phone_scores[k];
	return gain;
}

/* How well a word fits on its own, a frame. */
static double word_ratio(const struct adapter *adapter, const struct sphinx_word *word)
{
	return word_gain(adapter, word) / (word->to - word->from + 1) + RATIO_ZERO;
}

/* The words without politeness at the end that was made of silence: nothing hangs on it,
 * so it need not be waited for. */
static size_t without_courtesies(const struct adapter *adapter, size_t count)
{
	size_t polite = language_courtesy_at_end(adapter->words, count);

	while (polite > 0 && polite < count &&
	       word_ratio(adapter, &adapter->words[count - 1]) < LAST_RATIO) {
		count -= polite;
		polite = language_courtesy_at_end(adapter->words, count);
	}
	return count;
}

/* The words without an "it" or "that" at the end that was made of silence, where they
 * are the same sentence without: of "cancel" the search makes "cancel that", and the word
 * that nobody said would have the other not believed. */
static size_t without_pointing(const struct adapter *adapter, size_t count)
{
	const struct sphinx_word *words = adapter->words;
	const bool needless =
		language_points_at_end(words, count) &&
		word_ratio(adapter, &words[count - 1]) < LAST_RATIO &&
		language_judge(adapter->language, words, count - 1).complete;

	return needless ? count - 1 : count;
}

/* Also tells how well the last of the words fits on its own. */
static void fill_words(const struct adapter *adapter, size_t count,
		       struct recogniser_report *report, double *out_last)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sphinx_word *word = &adapter->words[i];
		uint32_t frames = word->to - word->from + 1;
		if (language_is_wake(word->text))
			continue;
		if (!str_append(report->text, sizeof(report->text), "%s%s",
				report->text[0] ? " " : "", word->text))
			break;
		report->word_count++;
		report->speech_frames += frames;
		sum += word_gain(adapter, word);
		*out_last = word_ratio(adapter, word);
	}
	if (adapter->settings.plain)
		*out_last = 0;
	else if (report->speech_frames > 0)
		report->ratio = sum / report->speech_frames + RATIO_ZERO;
}

/* What the words are, as far as they can be believed. Of a pause in mid-sentence the
 * search makes the word that would end the sentence; that word then fits badly. */
static void judge(const struct adapter *adapter, struct language_place place,
		  double last_ratio, struct recogniser_report *report)
{
	bool final = report->stage == RECOGNISER_FINAL;
	/* In the middle of speech nobody needs to know how well the words fit. */
	bool known = adapter->phase != PHASE_SPEAKING;
	uint32_t frames = place.answer ? ANSWER_FRAMES : VOICED_FRAMES;
	bool fits = known && report->ratio >= adapter->settings.complete_ratio &&
		    last_ratio >= LAST_RATIO && report->speech_frames >= frames;

	if (!known)
		report->ratio = 0;
	report->complete = place.complete && (fits || final);
	report->answer = report->complete && place.answer;
	if (fits || (known && !place.complete && report->ratio >= BEGUN_RATIO))
		report->follow = place.follow;
}

/* Words and ratio of the passes as they stand. */
static void make_report(struct adapter *adapter, enum recogniser_stage stage,
			struct recogniser_report *report)
{
	struct language_place place = {.complete = false};
	double last_ratio = 0;
	size_t count = 0;

	memset(report, 0, sizeof(*report));
	report->stage = stage;
	if (adapter->grammar.fed > 0 &&
	    (adapter->phones.fed > 0 || adapter->settings.plain)) {
		memset(adapter->phone_scores, 0, sizeof(adapter->phone_scores));
		if (adapter->phase != PHASE_SPEAKING && adapter->phones.fed > 0)
			(void)sphinx_phone_scores(adapter->phones.search,
						  adapter->phone_scores,
						  HEARING_FRAMES_MAX);
		count = sphinx_words(adapter->grammar.search, adapter->words);
		if (adapter->phase != PHASE_SPEAKING && adapter->phones.fed > 0)
			count = without_pointing(adapter,
						 without_courtesies(adapter, count));
		place = language_judge(adapter->language, adapter->words, count);
		fill_words(adapter, count, report, &last_ratio);
	}
	judge(adapter, place, last_ratio, report);
	report->decode_ms = clock_ms(CLOCK_THREAD_CPUTIME_ID) - adapter->cpu_ms;
}

/* The last sounds of a word take shape in the silence after it, so a suspected end is
 * reported more often. */
static void report_partial(struct adapter *adapter)
{
	struct recogniser_report report;
	size_t wanted = adapter->phase == PHASE_SUSPECT ? SUSPECT_FRAMES : REPORT_FRAMES;

	if (!adapter->report_due &&
	    hearing_count(adapter->hearing) < adapter->reported + wanted)
		return;
	adapter->reported = hearing_count(adapter->hearing);
	adapter->report_due = false;
	make_report(adapter, RECOGNISER_PARTIAL, &report);
	push_answer(adapter, &report);
}

static void report_final(struct adapter *adapter)
{
	struct recogniser_report report;

	if (adapter->grammar.begun)
		sphinx_end(adapter->grammar.search);
	if (adapter->phones.begun)
		sphinx_end(adapter->phones.search);
	make_report(adapter, RECOGNISER_FINAL, &report);
	report.wait_ms = clock_ms(CLOCK_MONOTONIC) - adapter->ended_ms;
	push_answer(adapter, &report);
	pass_drop(&adapter->grammar);
	pass_drop(&adapter->phones);
	explicit_bzero(adapter->words, sizeof(adapter->words));
	hearing_begin(adapter->hearing);
	adapter->phase = PHASE_IDLE;
}

/* --- the thread: requests --- */

static void start(struct adapter *adapter, uint32_t utterance)
{
	pass_drop(&adapter->grammar);
	pass_drop(&adapter->phones);
	hearing_begin(adapter->hearing);
	adapter->utterance = utterance;
	adapter->reported = 0;
	adapter->report_due = false;
	adapter->cpu_ms = clock_ms(CLOCK_THREAD_CPUTIME_ID);
	adapter->phase = PHASE_SPEAKING;
}

static void load(struct adapter *adapter, struct language *language)
{
	pass_drop(&adapter->grammar);
	language_destroy(adapter->language);
	adapter->language = language;
	if (language_use(language, adapter->grammar.search)) {
		language_destroy(language);
		adapter->language = NULL;
	}
}

static void finish(struct adapter *adapter, double asked_ms)
{
	if (adapter->phase == PHASE_IDLE)
		return;
	hearing_end(adapter->hearing);
	hearing_fix(adapter->hearing);
	adapter->ended_ms = asked_ms;
	adapter->phase = PHASE_ENDED;
}

static void handle(struct adapter *adapter, const struct request *request)
{
	switch (request->kind) {
	case REQUEST_LOAD:
		load(adapter, request->language);
		break;
	case REQUEST_BEGIN:
		start(adapter, request->utterance);
		break;
	case REQUEST_FRAME:
		if (adapter->phase == PHASE_SPEAKING || adapter->phase == PHASE_SUSPECT)
			hearing_feed(adapter->hearing, request->frame.samples,
				     AUDIO_FRAME_SAMPLES);
		break;
	case REQUEST_SUSPECT:
		if (adapter->phase == PHASE_SPEAKING) {
			adapter->phase = PHASE_SUSPECT;
			hearing_fix(adapter->hearing);
			adapter->report_due = true;
		}
		break;
	case REQUEST_RESUME:
		if (adapter->phase == PHASE_SUSPECT) {
			adapter->phase = PHASE_SPEAKING;
			hearing_unfix(adapter->hearing);
		}
		break;
	case REQUEST_END:
		finish(adapter, request->asked_ms);
		break;
	case REQUEST_CLOSE:
		break;
	}
}

/* One slice of decoding; false when there is nothing to do until a request comes. */
static bool work(struct adapter *adapter)
{
	if (adapter->phase == PHASE_IDLE)
		return false;
	if (!adapter->language) {
		if (adapter->phase != PHASE_ENDED)
			return false;
		report_final(adapter);
		return true;
	}
	if (pass_is_stale(adapter, &adapter->grammar, DRIFT_GRAMMAR))
		pass_begin(adapter, &adapter->grammar);
	if (pass_is_stale(adapter, &adapter->phones, DRIFT_PHONES))
		pass_begin(adapter, &adapter->phones);
	if (pass_work(adapter, &adapter->grammar) || pass_work(adapter, &adapter->phones))
		return true;
	if (adapter->phase == PHASE_ENDED) {
		report_final(adapter);
		return true;
	}
	if (adapter->grammar.begun)
		report_partial(adapter);
	return false;
}

static void *run(void *context)
{
	struct adapter *adapter = context;
	struct request request;
	size_t unanswered = 0;

	for (bool busy = false;;) {
		enum err err = busy ? queue_pop(adapter->requests, &request)
				    : queue_wait(adapter->requests, -1, &request);
		if (!err) {
			if (request.kind == REQUEST_CLOSE)
				return NULL;
			handle(adapter, &request);
			unanswered++;
			busy = true;
			continue; /* all requests first: the newest may make work needless */
		}
		busy = work(adapter);
		for (; !busy && adapter->settings.lockstep && unanswered > 0;
		     unanswered--)
			must(queue_push(adapter->idle, &(char){0}) == OK);
	}
}

/* --- the caller's side --- */

static enum err ask(struct adapter *adapter, const struct request *request)
{
	char idle;
	enum err err = queue_push(adapter->requests, request);

	if (!err && adapter->settings.lockstep)
		must(queue_wait(adapter->idle, -1, &idle) == OK);
	return err;
}

static enum err port_load(void *self, const struct grammar *grammar,
			  const char *wake_word, struct err_note *note)
{
	struct adapter *adapter = self;
	struct request request = {.kind = REQUEST_LOAD};
	enum err err = language_create(grammar, wake_word, adapter->lexicon,
				       &request.language, note);

	if (err)
		return err;
	err = ask(adapter, &request);
	if (err)
		language_destroy(request.language);
	return err;
}

static enum err port_begin(void *self)
{
	struct adapter *adapter = self;
	struct request request = {.kind = REQUEST_BEGIN};

	request.utterance = ++adapter->utterance_asked;
	return ask(adapter, &request);
}

static enum err port_feed(void *self, const struct audio_frame *frame)
{
	struct request request = {.kind = REQUEST_FRAME, .frame = *frame};

	return ask(self, &request);
}

static void port_suspect_end(void *self, bool resumed)
{
	struct request request = {.kind = resumed ? REQUEST_RESUME : REQUEST_SUSPECT};

	(void)!ask(self, &request); /* only a hint */
}

static enum err port_end(void *self)
{
	struct request request = {.kind = REQUEST_END,
				  .asked_ms = clock_ms(CLOCK_MONOTONIC)};

	return ask(self, &request);
}

static void port_poll(void *self, struct recogniser_report *out_report)
{
	struct adapter *adapter = self;
	struct answer answer;

	memset(out_report, 0, sizeof(*out_report));
	while (queue_pop(adapter->answers, &answer) == OK) {
		if (answer.utterance == adapter->utterance_asked) {
			*out_report = answer.report;
			return;
		}
	}
}

static void adapter_destroy(struct adapter *adapter)
{
	if (!adapter)
		return;
	hearing_destroy(adapter->hearing);
	cleaner_destroy(adapter->cleaner);
	sphinx_search_destroy(adapter->grammar.search);
	sphinx_search_destroy(adapter->phones.search);
	language_destroy(adapter->language);
	lexicon_close(adapter->lexicon);
	queue_destroy(adapter->requests);
	queue_destroy(adapter->answers);
	queue_destroy(adapter->idle);
	explicit_bzero(adapter, sizeof(*adapter));
	free(adapter);
}

static void port_close(void *self)
{
	struct adapter *adapter = self;
	struct request request = {.kind = REQUEST_CLOSE};
	struct request oldest;

	while (queue_push(adapter->requests, &request) == ERR_LIMIT) {
		if (queue_pop(adapter->requests, &oldest) == OK &&
		    oldest.kind == REQUEST_LOAD)
			language_destroy(oldest.language);
	}
	must(pthread_join(adapter->thread, NULL) == 0);
	while (queue_pop(adapter->requests, &oldest) == OK) {
		if (oldest.kind == REQUEST_LOAD)
			language_destroy(oldest.language);
	}
	adapter_destroy(adapter);
}

static const struct recogniser_ops OPS = {port_load,        port_begin, port_feed,
					  port_suspect_end, port_end,   port_poll,
					  port_close};

static enum err open_lexicon(struct adapter *adapter, struct err_note *note)
{
	const struct recogniser_pocketsphinx_settings *settings = &adapter->settings;
	char shipped[FILE_PATH_BYTES] = "";
	enum err err = OK;

	if (!settings->words)
		err = share_find("lang", "en/words.dict", shipped, sizeof(shipped), note);
	if (err)
		return err;
	const char *paths[LEXICON_FILES] = {settings->dictionary,
					    settings->words ? settings->words : shipped};
	return lexicon_open(paths, &adapter->lexicon, note);
}

static enum err open_cleaner(struct adapter *adapter, struct err_note *note)
{
	char shipped[FILE_PATH_BYTES] = "";
	const char *path = adapter->settings.cleaner;
	enum err err = OK;

	if (adapter->settings.plain)
		return OK;
	if (!path)
		err = share_find("models", "en-us.cleaner", shipped, sizeof(shipped),
				 note);
	return err ? err : cleaner_load(path ? path : shipped, &adapter->cleaner, note);
}

static enum err open_parts(struct adapter *adapter, struct err_note *note)
{
	const struct recogniser_pocketsphinx_settings *settings = &adapter->settings;
	enum err err =
		queue_create(sizeof(struct request), REQUESTS_MAX, &adapter->requests);

	if (!err)
		err = queue_create(sizeof(struct answer), REPORTS_MAX, &adapter->answers);
	if (!err)
		err = queue_create(1, REQUESTS_MAX, &adapter->idle);
	if (!err)
		err = open_lexicon(adapter, note);
	if (!err)
		err = sphinx_grammar_create(settings->model, !settings->plain,
					    &adapter->grammar.search, note);
	if (!err && !settings->plain)
		err = sphinx_phones_create(settings->model, settings->phone_model,
					   &adapter->phones.search, note);
	if (!err)
		err = open_cleaner(adapter, note);
	if (!err)
		err = hearing_create(adapter->grammar.search, adapter->cleaner,
				     &adapter->hearing);
	return err;
}

enum err recogniser_pocketsphinx_create(
	const struct recogniser_pocketsphinx_settings *settings,
	struct recogniser *out_recogniser, struct err_note *note)
{
	struct adapter *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		goto out;
	made->settings = settings ? *settings : recogniser_pocketsphinx_defaults();
	err = open_parts(made, note);
	if (err)
		goto out;
	if (pthread_create(&made->thread, NULL, run, made) != 0) {
		err = err_say(ERR_LIMIT, note,
			      "the recogniser's thread cannot be started");
		goto out;
	}
	*out_recogniser = (struct recogniser){&OPS, made, queue_fd(made->answers)};
	made = NULL;
out:
	adapter_destroy(made);
	return err;
}
