/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_grammar_alone - see the header. The mean is that of the whole sound, so nothing
 * is searched twice.
 */
#include "cli/bench_grammar_alone.h"

#include <stdlib.h>
#include <time.h>

#include "adapter/language.h"
#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/share.h"
#include "adapter/sphinx.h"
#include "base/file.h"

enum { CEP_MAX = 6000, CHUNK = 64 };

struct alone {
	struct sphinx_search *grammar;
	struct sphinx_search *phones;
	struct sphinx_front *front;
	struct lexicon *lexicon;
	struct language *language;
	size_t count;
	struct sphinx_cep cep[CEP_MAX];
};

static double cpu_ms(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (double)spent.tv_sec * 1e3 + (double)spent.tv_nsec * 1e-6;
}

static enum err open_words(struct alone *alone, const struct grammar *grammar,
			   const char *dictionary, struct err_note *note)
{
	char shipped[FILE_PATH_BYTES];
	const char *paths[LEXICON_FILES] = {dictionary, shipped};
	enum err err =
		share_find("lang", "en/words.dict", shipped, sizeof(shipped), note);

	if (!err)
		err = lexicon_open(paths, &alone->lexicon, note);
	if (!err)
		err = language_create(grammar, "", alone->lexicon, &alone->language,
				      note);
	return err ? err : language_use(alone->language, alone->grammar);
}

enum err alone_open(const struct grammar *grammar, struct alone **out_alone,
		    struct err_note *note)
{
	const struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct alone *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err)
		err = sphinx_grammar_create(settings.model, true, &made->grammar, note);
	if (!err)
		err = sphinx_phones_create(settings.model, settings.phone_model,
					   &made->phones, note);
	if (!err)
		err = sphinx_front_create(made->grammar, SPHINX_FRONT_KEPT, &made->front);
	if (!err)
		err = open_words(made, grammar, settings.dictionary, note);
	if (err) {
		alone_close(made);
		return err;
	}
	*out_alone = made;
	return OK;
}

void alone_close(struct alone *alone)
{
	if (!alone)
		return;
	sphinx_front_destroy(alone->front);
	sphinx_search_destroy(alone->grammar);
	sphinx_search_destroy(alone->phones);
	language_destroy(alone->language);
	lexicon_close(alone->lexicon);
	free(alone);
}

static void make_cepstra(struct alone *alone, struct audio_span sound)
{
	alone->count = 0;
	sphinx_front_begin(alone->front);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= sound.count;
	     at += AUDIO_FRAME_SAMPLES)
		alone->count +=
			sphinx_front_feed(alone->front, sound.samples + at,
					  AUDIO_FRAME_SAMPLES, alone->cep + alone->count,
					  CEP_MAX - alone->count);
	alone->count += sphinx_front_end(alone->front, alone->cep + alone->count,
					 CEP_MAX - alone->count);
}

static void take_mean_away(struct alone *alone)
{
	for (size_t k = 0; k < SPHINX_CEP; k++) {
		double sum = 0;

		for (size_t i = 0; i < alone->count; i++)
			sum += (double)alone->cep[i].value[k];
		for (size_t i = 0; i < alone->count; i++)
			alone->cep[i].value[k] -= (float)(sum / (double)alone->count);
	}
}

static enum err search(const struct alone *alone, struct sphinx_search *with)
{
	enum err err = sphinx_begin(with);

	for (size_t at = 0; at < alone->count && !err; at += CHUNK)
		err = sphinx_feed(with, alone->cep + at,
				  alone->count - at < CHUNK ? alone->count - at : CHUNK);
	sphinx_end(with);
	return err;
}

enum err alone_decode(struct alone *alone, struct audio_span sound,
		      struct alone_cost *out_cost)
{
	const double begun = cpu_ms();
	enum err err;

	make_cepstra(alone, sound);
	take_mean_away(alone);
	const double with_cepstra = cpu_ms();
	err = search(alone, alone->grammar);
	const double with_grammar = cpu_ms();
	if (!err)
		err = search(alone, alone->phones);
	if (err)
		return err;
	*out_cost = (struct alone_cost){with_cepstra - begun, with_grammar - with_cepstra,
					cpu_ms() - with_grammar};
	return OK;
}
