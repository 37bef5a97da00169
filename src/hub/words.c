/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - the household's sentences and names, compiled for matcher and recogniser.
 *
 * Compiled again when a name changes, but never under somebody's feet: while a room is
 * being listened to, the old words hold. A set of words that does not compile leaves
 * the last good one in force and one line in the log.
 */
#include <stdlib.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "adapter/sounds_lexicon.h"
#include "base/log.h"
#include "hub/hub.h"

struct words {
	struct hub *hub;
	struct sentences *sentences;
	struct understand *compiled;
	uint64_t version; /* of the names it was compiled with */
	size_t grammar_states;
};

static enum err words_read(struct words *words, struct err_note *note)
{
	const struct settings *settings = &words->hub->settings;
	char folder[FILE_PATH_BYTES];
	enum err err = sentences_create(&words->sentences);

	if (!err)
		err = share_find("lang", settings->house_language, folder, sizeof(folder),
				 note);
	if (!err)
		err = sentence_files_add(words->sentences, folder, note);
	if (!err && settings->house_sentences[0])
		err = sentence_files_add(words->sentences, settings->house_sentences,
					 note);
	if (!err)
		err = sounds_lexicon_use(words->sentences,
					 recogniser_pocketsphinx_defaults().dictionary,
					 note);
	return err;
}

/* Names themselves are not for the log. */
static void tell_of_names(const struct understand *compiled, bool unsaid)
{
	const size_t alike = understand_alike(compiled);

	if (alike > 0)
		log_line(
			"words: %zu names sound like others and are asked about; an alias "
			"tells them apart",
			alike);
	if (unsaid)
		log_line(
			"words: a name that cannot be pronounced can be typed, not said; "
			"an alias helps");
}

/* Compiles for the home and loads the recogniser; swaps only when both succeeded. */
static enum err words_compile(struct words *words, const struct home *home,
			      struct err_note *note)
{
	struct understand *compiled = NULL;
	struct grammar *grammar = NULL;
	struct err_note unsaid = {""};
	enum err err = understand_create(words->sentences, home, &compiled, note);

	if (!err)
		err = understand_grammar(compiled, &grammar);
	if (!err)
		err = recogniser_load(&words->hub->recogniser, grammar,
				      words->hub->settings.wake_word, &unsaid);
	if (err) {
		(void)err_say(err, note, "%s", unsaid.text);
		goto out;
	}
	tell_of_names(compiled, unsaid.text[0] != '\0');
	words->grammar_states = grammar->state_count;
	understand_destroy(words->compiled);
	words->compiled = compiled;
	compiled = NULL;
out:
	grammar_destroy(grammar);
	understand_destroy(compiled);
	return err;
}

enum err words_create(struct hub *hub, struct words **out_words, struct err_note *note)
{
	struct words *words = calloc(1, sizeof(*words));
	enum err err = ERR_MEMORY;

	if (!words)
		goto out;
	words->hub = hub;
	err = words_read(words, note);
	if (!err)
		err = words_compile(words, bus_home(&hub->bus), note);
	if (err)
		goto out;
	words->version = bus_home(&hub->bus)->names_version;
	*out_words = words;
	words = NULL;
out:
	words_destroy(words);
	return err;
}

void words_destroy(struct words *words)
{
	if (!words)
		return;
	understand_destroy(words->compiled);
	sentences_destroy(words->sentences);
	free(words);
}

void words_refresh(struct words *words)
{
	const struct home *home = bus_home(&words->hub->bus);
	struct err_note note = {""};

	if (home->names_version == words->version || words->hub->hears)
		return;
	words->version = home->names_version;
	if (words_compile(words, home, &note))
		log_line("words: the old sentences stay in force: %s", note.text);
}

const struct understand *words_compiled(const struct words *words)
{
	return words->compiled;
}

size_t words_grammar_states(const struct words *words)
{
	return words->grammar_states;
}

bool words_are_current(const struct words *words)
{
	return words->version == bus_home(&words->hub->bus)->names_version;
}
