/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verifier_pocketsphinx - see the header. All of a decode happens inside verify().
 *
 * Does not decide when to ask. Invariants: no file is read after opening; cepstra are
 * wiped before verify() returns.
 */
#include "adapter/verifier_pocketsphinx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/lexicon.h"
#include "adapter/share.h"
#include "adapter/sphinx.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

#define MODEL_FOLDER "/usr/share/pocketsphinx/model/en-us/"

enum {
	CEP_MAX = VERIFIER_MS_MAX / 10 + 8,
	SAMPLES_MAX = VERIFIER_MS_MAX * (AUDIO_HZ / 1000),
	NAME_WORDS_MAX = 4,
	NAME_BYTES_MAX = 64,
	SAID_BYTES = 256, /* the phones of a word */
	FRAME_MS = 10,
};

/* Of what the detector nearly believes, and how much more it takes where it hardly does
 * (docs/why/wake.md). */
static const double STANDARD_FLOOR = -28.0;
static const double FLOOR_RISES = 35.0;

/* A sound outside the name must be dear, or the name shrinks to the few frames where it
 * fits best. */
static const double ANY_SOUND = 1e-8;

/* CMU's phones; each is a word of its own here, "+AA" and so on. */
static const char *const PHONES[] = {
	"AA", "AE", "AH", "AO", "AW", "AY", "B",  "CH", "D", "DH", "EH", "ER", "EY",
	"F",  "G",  "HH", "IH", "IY", "JH", "K",  "L",  "M", "N",  "NG", "OW", "OY",
	"P",  "R",  "S",  "SH", "T",  "TH", "UH", "UW", "V", "W",  "Y",  "Z",  "ZH",
};

struct name {
	size_t count;
	char words[NAME_WORDS_MAX][NAME_BYTES_MAX];
};

struct verifier_pocketsphinx {
	struct sphinx_search *name;
	struct sphinx_search *phones;
	struct sphinx_front *front;
	double floor;
	struct name said;
	size_t cep_count;
	struct sphinx_cep cep[CEP_MAX];
	float phone_scores[CEP_MAX];
	struct sphinx_word words[SPHINX_WORDS_MAX];
};

/* ---- sound to cepstra without their mean ---- */

static void take_mean_away(struct verifier_pocketsphinx *verifier)
{
	for (size_t k = 0; k < SPHINX_CEP; k++) {
		double sum = 0;
		for (size_t i = 0; i < verifier->cep_count; i++)
			sum += (double)verifier->cep[i].value[k];
		const float mean = (float)(sum / (double)verifier->cep_count);
		for (size_t i = 0; i < verifier->cep_count; i++)
			verifier->cep[i].value[k] -= mean;
	}
}

static void make_cepstra(struct verifier_pocketsphinx *verifier, struct audio_span sound)
{
	if (sound.count > SAMPLES_MAX) {
		sound.samples += sound.count - SAMPLES_MAX;
		sound.count = SAMPLES_MAX;
	}
	sphinx_front_begin(verifier->front);
	verifier->cep_count = sphinx_front_feed(verifier->front, sound.samples,
						sound.count, verifier->cep, CEP_MAX);
	verifier->cep_count +=
		sphinx_front_end(verifier->front, verifier->cep + verifier->cep_count,
				 CEP_MAX - verifier->cep_count);
	if (verifier->cep_count > 0)
		take_mean_away(verifier);
}

static enum err search(struct sphinx_search *search,
		       const struct verifier_pocketsphinx *verifier)
{
	enum err err = sphinx_begin(search);

	if (!err)
		err = sphinx_feed(search, verifier->cep, verifier->cep_count);
	sphinx_end(search);
	return err;
}

/* ---- what the searches found ---- */

static bool is_of_name(const struct sphinx_word *word)
{
	return word->text[0] != '+';
}

static void judge(struct verifier_pocketsphinx *verifier, size_t count, double doubt,
		  struct verifier_report *report)
{
	double sum = 0;
	size_t frames = 0;
	size_t first = verifier->cep_count;

	for (size_t i = 0; i < count; i++) {
		const struct sphinx_word *word = &verifier->words[i];
		if (!is_of_name(word))
			continue;
		sum += word->score;
		first = word->from < first ? word->from : first;
		for (size_t k = word->from; k <= word->to && k < CEP_MAX; k++)
			sum -= (double)verifier->phone_scores[k];
		frames += word->to - word->from + 1;
	}
	if (frames == 0)
		return;
	report->found = true;
	report->ratio = sum / (double)frames;
	report->name_ms = (uint32_t)(frames * FRAME_MS);
	report->back_ms = (uint32_t)((verifier->cep_count - first) * FRAME_MS);
	report->passed = report->ratio >= verifier->floor + FLOOR_RISES * doubt;
}

static void sphinx_verify(void *self, struct audio_span sound, double doubt,
			  struct verifier_report *out_report)
{
	struct verifier_pocketsphinx *verifier = self;

	*out_report = (struct verifier_report){.found = false};
	make_cepstra(verifier, sound);
	if (verifier->cep_count > 0 && search(verifier->name, verifier) == OK &&
	    search(verifier->phones, verifier) == OK) {
		memset(verifier->phone_scores, 0, sizeof(verifier->phone_scores));
		(void)sphinx_phone_scores(verifier->phones, verifier->phone_scores,
					  CEP_MAX);
		judge(verifier, sphinx_words(verifier->name, verifier->words), doubt,
		      out_report);
	}
	explicit_bzero(verifier->cep, sizeof(verifier->cep));
	explicit_bzero(verifier->words, sizeof(verifier->words));
}

static void sphinx_close(void *self)
{
	struct verifier_pocketsphinx *verifier = self;

	if (!verifier)
		return;
	sphinx_front_destroy(verifier->front);
	sphinx_search_destroy(verifier->name);
	sphinx_search_destroy(verifier->phones);
	free(verifier);
}

static const struct verifier_ops OPS = {sphinx_verify, sphinx_close};

/* ---- opening ---- */

static enum err read_name(const char *text, struct name *out_name, struct err_note *note)
{
	char copy[NAME_WORDS_MAX * NAME_BYTES_MAX];
	char *rest = NULL;

	*out_name = (struct name){.count = 0};
	if (!str_copy(copy, sizeof(copy), text))
		return err_say(ERR_LIMIT, note, "wake word: longer than %zu bytes",
			       sizeof(copy) - 1);
	for (char *word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (out_name->count == NAME_WORDS_MAX ||
		    !str_copy(out_name->words[out_name->count], NAME_BYTES_MAX, word))
			return err_say(ERR_LIMIT, note,
				       "wake word '%s': more than %d words", text,
				       NAME_WORDS_MAX);
		out_name->count++;
	}
	if (out_name->count == 0)
		return err_say(ERR_FORMAT, note, "wake word: it is empty");
	return OK;
}

struct adding {
	struct sphinx_net *net;
	const char *word;
	size_t said; /* pronunciations */
};

static enum err add_said(void *context, size_t word, const char *phones)
{
	struct adding *adding = context;

	(void)word;
	adding->said++;
	return sphinx_net_word(adding->net, adding->word, phones);
}

static enum err add_name(const struct name *name, const struct lexicon *lexicon,
			 struct sphinx_net *net, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < name->count; i++) {
		const char *const words[] = {name->words[i]};
		struct adding adding = {.net = net, .word = name->words[i]};

		err = lexicon_find(lexicon, words, 1, add_said, &adding, note);
		if (!err && adding.said == 0)
			err = err_say(ERR_MISSING, note,
				      "wake word: how '%s' is said is not known",
				      name->words[i]);
		sphinx_net_arc(net, (uint32_t)i, (uint32_t)i + 1, name->words[i]);
	}
	return err;
}

static enum err add_any_sounds(struct sphinx_net *net, uint32_t state)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(PHONES); i++) {
		char word[8];

		must(str_format(word, sizeof(word), "+%s", PHONES[i]));
		err = sphinx_net_word(net, word, PHONES[i]);
		sphinx_net_arc_likely(net, state, state, word, ANY_SOUND);
	}
	return err;
}

static enum err use_name(struct verifier_pocketsphinx *made,
			 const struct lexicon *lexicon, struct err_note *note)
{
	const uint32_t last = (uint32_t)made->said.count;
	struct sphinx_net *net = NULL;
	enum err err = sphinx_net_create(made->name, last + 1, &net);

	if (!err)
		err = add_name(&made->said, lexicon, net, note);
	if (!err)
		err = add_any_sounds(net, 0);
	if (!err)
		err = add_any_sounds(net, last);
	if (!err)
		err = sphinx_net_use_take(&net, 0, last);
	sphinx_net_destroy(net);
	return err;
}

static enum err open_all(struct verifier_pocketsphinx *made, struct err_note *note)
{
	char extra[FILE_PATH_BYTES];
	const char *const dictionaries[LEXICON_FILES] = {MODEL_FOLDER
							 "cmudict-en-us.dict",
							 extra};
	struct lexicon *lexicon = NULL;
	enum err err = share_find("lang", "en/words.dict", extra, sizeof(extra), note);

	if (!err)
		err = lexicon_open(dictionaries, &lexicon, note);
	if (!err)
		err = sphinx_grammar_create(MODEL_FOLDER "en-us", true, &made->name,
					    note);
	if (!err)
		err = sphinx_phones_create(MODEL_FOLDER "en-us",
					   MODEL_FOLDER "en-us-phone.lm.bin",
					   &made->phones, note);
	if (!err)
		err = sphinx_front_create(made->name, SPHINX_FRONT_KEPT, &made->front);
	if (!err)
		err = use_name(made, lexicon, note);
	lexicon_close(lexicon);
	return err;
}

enum err verifier_pocketsphinx_open(const struct verifier_pocketsphinx_settings *settings,
				    struct verifier *out_verifier, struct err_note *note)
{
	struct verifier_pocketsphinx *made = calloc(1, sizeof(*made));
	enum err err;

	if (!made)
		return err_say(ERR_MEMORY, note, "wake word: %s", err_words(ERR_MEMORY));
	made->floor = settings->floor < 0.0 ? settings->floor : STANDARD_FLOOR;
	err = read_name(settings->word, &made->said, note);
	if (!err)
		err = open_all(made, note);
	if (err) {
		sphinx_close(made);
		return err;
	}
	*out_verifier = (struct verifier){&OPS, made};
	return OK;
}
