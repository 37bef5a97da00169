/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_pocketsphinx - a keyphrase decoder as the wake port.
 *
 * Loads the acoustic model and only the words of the name, each with the pronunciations
 * that the dictionary has for it, so that it is small enough for every room. One endless
 * utterance is decoded; it starts anew after each candidate, because the decoder keeps a
 * candidate until its utterance ends.
 *
 * A candidate that is not good enough at once may still grow while the last sounds of the
 * word come in, so it is called rejected only after SETTLE_FRAMES.
 */
#include "adapter/wake_pocketsphinx.h"

#include <math.h>
#include <pocketsphinx.h>
#include <sphinxbase/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

#define MODEL_FOLDER "/usr/share/pocketsphinx/model/en-us"

enum {
	LINE_BYTES = 512,
	VARIANTS_MAX = 4,
	SETTLE_FRAMES = 20, /* 20 ms each */
	DECODER_FRAME_MS = 10,
	DECODER_DELAY_MS = 160, /* from the word's last sound to the report */
	BACK_MS_MAX = 2000,
	SCORE_SHIFT = 1024,  /* the decoder counts in steps of 1024 ... */
	SCORE_OFFSET = 1500, /* ... and subtracts this from every keyphrase */
};

static const double SCORE_BASE = 1.0001;     /* ... of logarithms to this base */
static const double CANDIDATE_MARGIN = 12.0; /* below the floor: still told as rejected */
static const double STANDARD_FLOOR = -28.0;

/* Floors chosen where other words cost about 3 % of clips. */
static const struct {
	const char *word;
	double floor;
} FLOORS[] = {
	{"alexa", -24.5},
	{"computer", -42.0},
	{"jarvis", -28.5},
};

struct wake_pocketsphinx {
	ps_decoder_t *decoder;
	double floor;
	bool in_utterance;
	unsigned waiting; /* frames since a candidate first showed; 0: none */
};

/* ---- scores ---- */

static double score_of(int32_t decoder_score)
{
	return (double)(decoder_score + SCORE_OFFSET) * SCORE_SHIFT * log10(SCORE_BASE);
}

static double floor_of(const char *word)
{
	for (size_t i = 0; i < STR_COUNT(FLOORS); i++) {
		if (str_equal(FLOORS[i].word, word))
			return FLOORS[i].floor;
	}
	return STANDARD_FLOOR;
}

/* ---- the stream ---- */

static void start(struct wake_pocketsphinx *wake)
{
	if (wake->in_utterance)
		must(ps_end_utt(wake->decoder) == 0);
	must(ps_start_utt(wake->decoder) == 0);
	wake->in_utterance = true;
	wake->waiting = 0;
}

/* The best candidate of this utterance so far. */
static bool best_candidate(struct wake_pocketsphinx *wake, struct wake_report *out_report)
{
	bool found = false;
	int32 unused = 0;

	if (!ps_get_hyp(wake->decoder, &unused))
		return false;
	for (ps_seg_t *at = ps_seg_iter(wake->decoder); at; at = ps_seg_next(at)) {
		int32 acoustic = 0;
		int32 language = 0;
		int32 backoff = 0;
		int first = 0;
		int last = 0;
		const double score =
			score_of(ps_seg_prob(at, &acoustic, &language, &backoff));

		if (found && score <= out_report->score)
			continue;
		found = true;
		ps_seg_frames(at, &first, &last);
		out_report->score = score;
		out_report->back_ms =
			(uint32_t)((last > first ? last - first : 0) * DECODER_FRAME_MS) +
			DECODER_DELAY_MS;
	}
	if (out_report->back_ms > BACK_MS_MAX)
		out_report->back_ms = BACK_MS_MAX;
	return found;
}

static void sphinx_feed(void *self, const struct audio_frame *frame,
			struct wake_report *out_report)
{
	struct wake_pocketsphinx *wake = self;

	*out_report = (struct wake_report){.floor = wake->floor};
	must(ps_process_raw(wake->decoder, frame->samples, AUDIO_FRAME_SAMPLES, FALSE,
			    FALSE) >= 0);
	if (!best_candidate(wake, out_report))
		return;
	wake->waiting++;
	out_report->accepted = out_report->score >= wake->floor;
	out_report->candidate = out_report->accepted || wake->waiting >= SETTLE_FRAMES;
	if (out_report->candidate)
		start(wake);
}

static void sphinx_reset(void *self)
{
	start(self);
}

static void sphinx_close(void *self)
{
	struct wake_pocketsphinx *wake = self;

	if (!wake)
		return;
	if (wake->decoder)
		ps_free(wake->decoder);
	free(wake);
}

static const struct wake_ops OPS = {sphinx_feed, sphinx_reset, sphinx_close};

/* ---- the words of the name ---- */

struct name {
	char text[WAKE_WORD_BYTES];
	size_t count;
	char words[WAKE_WORDS_MAX][WAKE_WORD_BYTES];
	size_t variants[WAKE_WORDS_MAX];
};

static enum err read_name(const char *text, struct name *out_name, struct err_note *note)
{
	struct name name = {.count = 0};
	char *rest = NULL;
	char copy[WAKE_WORD_BYTES];

	if (!str_copy(name.text, sizeof(name.text), text))
		return err_say(ERR_FORMAT, note, "wake word: longer than %d letters",
			       WAKE_WORD_BYTES - 1);
	str_fold(name.text);
	str_trim(name.text);
	if (name.text[strspn(name.text, "abcdefghijklmnopqrstuvwxyz' ")] != '\0' ||
	    name.text[0] == '\0')
		return err_say(
			ERR_FORMAT, note,
			"wake word '%s': expected letters, with spaces between words",
			text);
	must(str_copy(copy, sizeof(copy), name.text));
	for (char *word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (name.count == WAKE_WORDS_MAX)
			return err_say(ERR_FORMAT, note,
				       "wake word '%s': more than %d words", text,
				       WAKE_WORDS_MAX);
		must(str_copy(name.words[name.count], sizeof(name.words[0]), word));
		name.count++;
	}
	*out_name = name;
	return OK;
}

/* "jarvis", then "jarvis(2)" and so on, as the dictionary writes variants. */
static void variant_name(char to[LINE_BYTES], const char *word, size_t variant)
{
	if (variant == 0)
		must(str_format(to, LINE_BYTES, "%s", word));
	else
		must(str_format(to, LINE_BYTES, "%s(%zu)", word, variant + 1));
}

/* ERR_MEMORY also when a phone is unknown: the library does not say which it was. */
static enum err add_variant(ps_decoder_t *decoder, struct name *name, size_t index,
			    const char *phones)
{
	char word[LINE_BYTES];

	if (name->variants[index] == VARIANTS_MAX)
		return OK;
	variant_name(word, name->words[index], name->variants[index]);
	if (ps_add_word(decoder, word, phones, TRUE) < 0)
		return ERR_FORMAT;
	name->variants[index]++;
	return OK;
}

/* One line of the dictionary: "jarvis(2) JH AA R V IH S". Adds it when it is ours. */
static enum err take_line(ps_decoder_t *decoder, struct name *name, char *line)
{
	char *phones = strchr(line, ' ');

	if (!phones)
		return OK;
	*phones = '\0';
	phones++;
	str_trim(phones);
	line[strcspn(line, "(")] = '\0';
	for (size_t i = 0; i < name->count; i++) {
		if (str_equal(name->words[i], line))
			return add_variant(decoder, name, i, phones);
	}
	return OK;
}

static enum err add_from_dictionary(ps_decoder_t *decoder, struct name *name,
				    struct err_note *note)
{
	static const char PATH[] = MODEL_FOLDER "/cmudict-en-us.dict";
	enum err err = OK;
	char line[LINE_BYTES];
	FILE *file = fopen(PATH, "re");

	if (!file)
		return err_say(ERR_IO, note, "%s: the dictionary cannot be opened", PATH);
	while (!err && fgets(line, sizeof(line), file))
		err = take_line(decoder, name, line);
	if (ferror(file))
		err = ERR_IO;
	must(fclose(file) == 0);
	return err ? err_say(err, note, "%s: cannot be used: %s", PATH, err_words(err))
		   : OK;
}

static enum err add_words(ps_decoder_t *decoder, struct name *name, const char *phones,
			  struct err_note *note)
{
	enum err err = OK;

	if (phones && name->count == 1) {
		err = add_variant(decoder, name, 0, phones);
		if (err)
			err_say(err, note, "wake word '%s': '%s' are not phones",
				name->text, phones);
		return err;
	}
	err = add_from_dictionary(decoder, name, note);
	for (size_t i = 0; !err && i < name->count; i++) {
		if (name->variants[i] == 0)
			err = err_say(
				ERR_MISSING, note,
				"wake word '%s': '%s' is not in the dictionary, so how it "
				"sounds is not known; expected an English word",
				name->text, name->words[i]);
	}
	return err;
}

/* ---- the search ---- */

/* One line per pronunciation: "jarvis(2)/1e-40/". The library reads it only from a file,
 * so it gets one that lives in memory. */
static enum err write_keyphrases(int fd, const struct name *name, double candidate_floor)
{
	char line[LINE_BYTES];
	size_t lines = 1;

	for (size_t i = 0; i < name->count; i++)
		lines = name->variants[i] > lines ? name->variants[i] : lines;
	for (size_t v = 0; v < lines; v++) {
		line[0] = '\0';
		for (size_t i = 0; i < name->count; i++) {
			char word[LINE_BYTES];

			variant_name(word, name->words[i], v < name->variants[i] ? v : 0);
			if (!str_append(line, sizeof(line), "%s%s", i > 0 ? " " : "",
					word))
				return ERR_LIMIT;
		}
		if (!str_append(line, sizeof(line), " /1e%d/\n",
				(int)floor(candidate_floor)))
			return ERR_LIMIT;
		if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
			return ERR_IO;
	}
	return OK;
}

static enum err set_search(struct wake_pocketsphinx *wake, const struct name *name)
{
	enum err err = OK;
	char path[64];
	const int fd = memfd_create("keyphrases", MFD_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	err = write_keyphrases(fd, name, wake->floor - CANDIDATE_MARGIN);
	if (err)
		goto out;
	must(str_format(path, sizeof(path), "/proc/self/fd/%d", fd));
	if (ps_set_kws(wake->decoder, "name", path) < 0 ||
	    ps_set_search(wake->decoder, "name") < 0)
		err = ERR_IO;
out:
	close(fd);
	return err;
}

static enum err open_decoder(ps_decoder_t **out_decoder)
{
	cmd_ln_t *config = NULL;
	ps_decoder_t *decoder = NULL;

	err_set_logfp(NULL);
	config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", MODEL_FOLDER "/en-us",
			     "-logfn", "/dev/null", NULL);
	if (!config)
		return ERR_IO;
	decoder = ps_init(config);
	cmd_ln_free_r(config);
	if (!decoder)
		return ERR_IO;
	*out_decoder = decoder;
	return OK;
}

enum err wake_pocketsphinx_open(const struct wake_pocketsphinx_settings *settings,
				struct wake *out_wake, struct err_note *note)
{
	struct name name = {.count = 0};
	struct wake_pocketsphinx *made = NULL;
	enum err err = read_name(settings->word, &name, note);

	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return err_say(ERR_MEMORY, note, "wake word: %s", err_words(ERR_MEMORY));
	made->floor = settings->floor < 0.0 ? settings->floor : floor_of(name.text);
	err = open_decoder(&made->decoder);
	if (err) {
		err_say(err, note, "%s/en-us: the acoustic model cannot be loaded",
			MODEL_FOLDER);
		goto out;
	}
	err = add_words(made->decoder, &name, settings->phones, note);
	if (err)
		goto out;
	err = set_search(made, &name);
	if (err) {
		err_say(err, note, "wake word '%s': the search cannot be made",
			name.text);
		goto out;
	}
	start(made);
	*out_wake = (struct wake){&OPS, made};
	made = NULL;
out:
	sphinx_close(made);
	return err;
}
