/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sphinx - see the header. The only file that knows PocketSphinx's types.
 *
 * Knows nothing of utterances' ends, rejection or threads. Invariants: a search has one
 * decoder and one search in it; the decoder never normalises (cmn none), the caller
 * does; no file is read after creation.
 */
#include "adapter/sphinx.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pocketsphinx.h>

#include <sphinxbase/ckd_alloc.h>
#include <sphinxbase/err.h>
#include <sphinxbase/fe.h>
#include <sphinxbase/feat.h>
#include <sphinxbase/fsg_model.h>
#include <sphinxbase/ngram_model.h>

#include "base/must.h"
#include "base/str.h"

enum { PATH_BYTES = 4096, FRONT_FRAMES = 64, PRONUNCIATIONS_MAX = 9 };

struct sphinx_search {
	ps_decoder_t *decoder;
	mfcc_t **frame; /* one, in the library's layout */
	bool begun;
	bool phones;
};

struct sphinx_net {
	struct sphinx_search *search;
	fsg_model_t *fsg;
};

struct sphinx_front {
	fe_t *front;
	mfcc_t **frames; /* [FRONT_FRAMES] */
};

static const char SEARCH_NAME[] = "one";

static void say_nothing(void *user_data, err_lvl_t level, const char *format, ...)
{
	(void)user_data;
	(void)level;
	(void)format;
}

struct option {
	const char *name;
	const char *value;
};

/* Wide beams: the stock ones often never reach the end of a grammar in noise. */
static const struct option GRAMMAR[] = {
	{"-beam", "1e-80"},  {"-pbeam", "1e-80"}, {"-wbeam", "1e-60"},
	{"-maxhmmpf", "-1"}, {"-wip", "0.2"},
};

static const struct option PHONES[] = {
	{"-beam", "1e-20"},
	{"-pbeam", "1e-20"},
	{"-lw", "2.0"},
	{"-allphone_ci", "yes"},
};

static void set_option(cmd_ln_t *config, const struct option *option)
{
	for (const arg_t *known = ps_args(); known->name; known++) {
		if (!str_equal(known->name, option->name))
			continue;
		if (known->type & ARG_BOOLEAN)
			cmd_ln_set_boolean_r(config, known->name,
					     option->value[0] == 'y');
		else if (known->type & ARG_INTEGER)
			cmd_ln_set_int_r(config, known->name,
					 strtol(option->value, NULL, 10));
		else if (known->type & ARG_FLOATING)
			cmd_ln_set_float_r(config, known->name,
					   strtod(option->value, NULL));
		else
			cmd_ln_set_str_r(config, known->name, option->value);
		return;
	}
	must(false); /* the library lacks an option */
}

static void set_options(cmd_ln_t *config, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		set_option(config, &options[i]);
}

/* The library says only "failed" for a file that it cannot read. */
static enum err check_file(const char *folder, const char *name, struct err_note *note)
{
	char path[PATH_BYTES];

	if (!str_format(path, sizeof(path), "%s%s%s", folder, name ? "/" : "",
			name ? name : ""))
		return err_say(ERR_LIMIT, note,
			       "the recogniser's model has too long a path");
	if (access(path, R_OK) != 0)
		return err_say(ERR_MISSING, note,
			       "%s: the recogniser's model cannot be read "
			       "(Debian: apt-get install pocketsphinx-en-us)",
			       path);
	return OK;
}

static enum err check_model(const char *model, struct err_note *note)
{
	static const char *const FILES[] = {
		"feat.params",         "mdef",     "means", "noisedict",
		"transition_matrices", "variances"};
	enum err err = OK;

	for (size_t i = 0; i < STR_COUNT(FILES) && !err; i++)
		err = check_file(model, FILES[i], note);
	return err;
}

static enum err search_create(const char *model, const struct option *options,
			      size_t count, struct sphinx_search **out_search,
			      struct err_note *note)
{
	struct sphinx_search *made = NULL;
	cmd_ln_t *config = NULL;
	enum err err = check_model(model, note);

	if (err)
		return err;
	err_set_callback(say_nothing, NULL);
	err_set_logfp(NULL); /* what it prints without asking the callback */
	made = calloc(1, sizeof(*made));
	config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", model, NULL);
	err = ERR_MEMORY;
	if (!made || !config)
		goto out;
	made->frame = (mfcc_t **)ckd_calloc_2d(1, SPHINX_CEP, sizeof(mfcc_t));
	set_options(config, options, count);
	made->decoder = ps_init(config);
	if (!made->decoder) {
		err = err_say(ERR_FORMAT, note,
			      "%s: not an acoustic model for PocketSphinx", model);
		goto out;
	}
	/* The model's own parameters would overrule an option. */
	ps_get_feat(made->decoder)->cmn = CMN_NONE;
	*out_search = made;
	made = NULL;
	err = OK;
out:
	cmd_ln_free_r(config); /* the decoder holds its own reference */
	sphinx_search_destroy(made);
	return err;
}

enum err sphinx_grammar_create(const char *model, bool wide,
			       struct sphinx_search **out_search, struct err_note *note)
{
	return search_create(model, GRAMMAR, wide ? STR_COUNT(GRAMMAR) : 0, out_search,
			     note);
}

enum err sphinx_phones_create(const char *model, const char *phone_model,
			      struct sphinx_search **out_search, struct err_note *note)
{
	struct sphinx_search *made = NULL;
	ngram_model_t *phones = NULL;
	enum err err = check_file(phone_model, NULL, note);

	if (!err)
		err = search_create(model, PHONES, STR_COUNT(PHONES), &made, note);
	if (err)
		return err;
	must(made);
	phones = ngram_model_read(ps_get_config(made->decoder), phone_model, NGRAM_AUTO,
				  ps_get_logmath(made->decoder));
	if (!phones || ps_set_allphone(made->decoder, SEARCH_NAME, phones) < 0 ||
	    ps_set_search(made->decoder, SEARCH_NAME) < 0) {
		err = err_say(ERR_FORMAT, note, "%s: not a phone model for PocketSphinx",
			      phone_model);
		goto out;
	}
	made->phones = true;
	*out_search = made;
	made = NULL;
out:
	ngram_model_free(phones); /* the search holds its own reference */
	sphinx_search_destroy(made);
	return err;
}

/* The library does not free the newest path of a phone loop with the search, but with the
 * next path: ask for that of an utterance without sound. */
static void forget_phones(struct sphinx_search *search)
{
	if (!search->phones || sphinx_begin(search))
		return;
	ps_seg_t *path = ps_seg_iter(search->decoder);
	if (path)
		ps_seg_free(path);
	sphinx_end(search);
}

void sphinx_search_destroy(struct sphinx_search *search)
{
	if (!search)
		return;
	sphinx_end(search);
	forget_phones(search);
	if (search->decoder)
		ps_free(search->decoder);
	if (search->frame)
		ckd_free_2d(search->frame);
	free(search);
}

enum err sphinx_net_create(struct sphinx_search *search, uint32_t states,
			   struct sphinx_net **out_net)
{
	struct sphinx_net *made = calloc(1, sizeof(*made));
	cmd_ln_t *config = ps_get_config(search->decoder);

	must(states > 0 && states < INT32_MAX);
	if (!made)
		return ERR_MEMORY;
	made->search = search;
	made->fsg = fsg_model_init(SEARCH_NAME, ps_get_logmath(search->decoder),
				   (float32)cmd_ln_float_r(config, "-lw"), (int32)states);
	if (!made->fsg) {
		free(made);
		return ERR_MEMORY;
	}
	*out_net = made;
	return OK;
}

void sphinx_net_destroy(struct sphinx_net *net)
{
	if (!net)
		return;
	fsg_model_free(net->fsg);
	free(net);
}

/* The dictionary keeps what earlier grammars brought; a further pronunciation is called
 * "word(2)" and so on. */
enum err sphinx_net_word(struct sphinx_net *net, const char *word, const char *phones)
{
	ps_decoder_t *decoder = net->search->decoder;
	char name[SPHINX_WORD_BYTES + 8];

	for (int i = 1; i <= PRONUNCIATIONS_MAX; i++) {
		bool named = i == 1 ? str_copy(name, sizeof(name), word)
				    : str_format(name, sizeof(name), "%s(%d)", word, i);
		char *known = named ? ps_lookup_word(decoder, name) : NULL;
		bool same = known && str_equal(known, phones);
		if (!named)
			return ERR_LIMIT;
		if (same) {
			ckd_free(known);
			return OK;
		}
		if (!known)
			return ps_add_word(decoder, name, phones, FALSE) < 0 ? ERR_FORMAT
									     : OK;
		ckd_free(known);
	}
	return OK; /* enough of them */
}

void sphinx_net_arc(struct sphinx_net *net, uint32_t from, uint32_t to, const char *word)
{
	sphinx_net_arc_likely(net, from, to, word, 1.0);
}

void sphinx_net_arc_likely(struct sphinx_net *net, uint32_t from, uint32_t to,
			   const char *word, double probability)
{
	const int32 score = logmath_log(net->fsg->lmath, probability);

	must(probability > 0 && probability <= 1);
	must(from < (uint32_t)net->fsg->n_state && to < (uint32_t)net->fsg->n_state);
	if (word)
		fsg_model_trans_add(net->fsg, (int32)from, (int32)to,
				    (int32)((float32)score * net->fsg->lw),
				    fsg_model_word_add(net->fsg, word));
	else
		(void)fsg_model_null_trans_add(net->fsg, (int32)from, (int32)to,
					       (int32)((float32)score * net->fsg->lw));
}

enum err sphinx_net_use_take(struct sphinx_net **net, uint32_t start, uint32_t final)
{
	enum err err = OK;
	struct sphinx_search *search = (*net)->search;
	fsg_model_t *fsg = (*net)->fsg;

	must(!search->begun);
	fsg->start_state = (int32)start;
	fsg->final_state = (int32) final;
	glist_free(fsg_model_null_trans_closure(fsg, NULL));
	/* It keeps a reference, and replaces and frees the one of the same name. */
	if (ps_set_fsg(search->decoder, SEARCH_NAME, fsg) < 0 ||
	    ps_set_search(search->decoder, SEARCH_NAME) < 0)
		err = ERR_FORMAT;
	sphinx_net_destroy(*net);
	*net = NULL;
	return err;
}

enum err sphinx_begin(struct sphinx_search *search)
{
	sphinx_end(search);
	if (ps_start_utt(search->decoder) < 0)
		return ERR_FORMAT;
	search->begun = true;
	return OK;
}

enum err sphinx_feed(struct sphinx_search *search, const struct sphinx_cep *frames,
		     size_t count)
{
	must(search->begun);
	for (size_t i = 0; i < count; i++) {
		memcpy(search->frame[0], frames[i].value, sizeof(frames[i].value));
		if (ps_process_cep(search->decoder, search->frame, 1, FALSE, FALSE) < 0)
			return ERR_FORMAT;
	}
	return OK;
}

void sphinx_end(struct sphinx_search *search)
{
	if (!search->begun)
		return;
	(void)ps_end_utt(search->decoder);
	search->begun = false;
}

/* Fillers: <sil>, [NOISE], ++SMACK++; "(NULL)": no word was said. */
static bool is_filler(const char *word)
{
	return strchr("<[+(", word[0]) != NULL;
}

static void take_word(ps_seg_t *segment, struct sphinx_word *to)
{
	const char *text = ps_seg_word(segment);
	int from = 0;
	int until = 0;
	int32 score = 0;

	(void)str_copy_bytes(to->text, sizeof(to->text), text, strcspn(text, "("));
	ps_seg_frames(segment, &from, &until);
	(void)ps_seg_prob(segment, &score, NULL, NULL);
	to->from = (uint32_t)from;
	to->to = (uint32_t)until;
	to->score = score;
}

size_t sphinx_words(struct sphinx_search *search, struct sphinx_word *out_words)
{
	size_t count = 0;
	int32 score = 0;

	if (!ps_get_hyp(search->decoder, &score))
		return 0;
	for (ps_seg_t *at = ps_seg_iter(search->decoder); at; at = ps_seg_next(at)) {
		if (is_filler(ps_seg_word(at)))
			continue;
		if (count == SPHINX_WORDS_MAX) {
			ps_seg_free(at);
			break;
		}
		take_word(at, &out_words[count++]);
	}
	return count;
}

size_t sphinx_phone_scores(struct sphinx_search *search, float *to, size_t count_max)
{
	size_t count = 0;

	for (ps_seg_t *at = ps_seg_iter(search->decoder); at; at = ps_seg_next(at)) {
		int from = 0;
		int until = 0;
		int32 score = 0;
		ps_seg_frames(at, &from, &until);
		(void)ps_seg_prob(at, &score, NULL, NULL);
		for (int i = from; i <= until && (size_t)i < count_max; i++) {
			to[i] = (float)score / (float)(until - from + 1);
			count = (size_t)i + 1;
		}
	}
	return count;
}

static fe_t *open_front(cmd_ln_t *config, enum sphinx_front_kind kind)
{
	const bool noise = cmd_ln_boolean_r(config, "-remove_noise");
	const bool silence = cmd_ln_boolean_r(config, "-remove_silence");
	fe_t *made;

	cmd_ln_set_boolean_r(config, "-remove_noise", noise && kind != SPHINX_FRONT_RAW);
	cmd_ln_set_boolean_r(config, "-remove_silence",
			     silence && kind == SPHINX_FRONT_KEPT);
	made = fe_init_auto_r(config);
	cmd_ln_set_boolean_r(config, "-remove_noise", noise);
	cmd_ln_set_boolean_r(config, "-remove_silence", silence);
	return made;
}

enum err sphinx_front_create(struct sphinx_search *search, enum sphinx_front_kind kind,
			     struct sphinx_front **out_front)
{
	struct sphinx_front *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->front = open_front(ps_get_config(search->decoder), kind);
	if (!made->front || fe_get_output_size(made->front) != SPHINX_CEP) {
		sphinx_front_destroy(made);
		return ERR_FORMAT;
	}
	made->frames = (mfcc_t **)ckd_calloc_2d(FRONT_FRAMES, SPHINX_CEP, sizeof(mfcc_t));
	*out_front = made;
	return OK;
}

void sphinx_front_destroy(struct sphinx_front *front)
{
	if (!front)
		return;
	if (front->front)
		fe_free(front->front);
	if (front->frames)
		ckd_free_2d(front->frames);
	free(front);
}

void sphinx_front_begin(struct sphinx_front *front)
{
	fe_start_stream(front->front);
	must(fe_start_utt(front->front) == 0);
}

static size_t front_take(const struct sphinx_front *front, int32 made,
			 struct sphinx_cep *to, size_t count_max)
{
	size_t count = made < 0 ? 0 : (size_t)made;

	if (count > count_max)
		count = count_max;
	for (size_t i = 0; i < count; i++)
		memcpy(to[i].value, front->frames[i], sizeof(to[i].value));
	return count;
}

size_t sphinx_front_feed(struct sphinx_front *front, const int16_t *samples, size_t count,
			 struct sphinx_cep *to, size_t count_max)
{
	size_t done = 0;

	for (size_t left = count, before = 0; left > 0 && left != before;) {
		int32 made = FRONT_FRAMES;
		int32 first = 0;
		before = left;
		if (fe_process_frames(front->front, &samples, &left, front->frames, &made,
				      &first) < 0)
			break;
		done += front_take(front, made, to + done, count_max - done);
		if (made > 0)
			before = 0;
	}
	return done;
}

size_t sphinx_front_end(struct sphinx_front *front, struct sphinx_cep *to,
			size_t count_max)
{
	int32 made = 0;

	if (fe_end_utt(front->front, front->frames[0], &made) < 0)
		return 0;
	return front_take(front, made, to, count_max);
}
