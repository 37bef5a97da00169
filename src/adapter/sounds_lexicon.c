/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sounds_lexicon - see the header.
 */
#include "adapter/sounds_lexicon.h"

#include "adapter/lexicon.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/str.h"

static enum err say(void *self, const char *const *words, size_t count,
		    enum err (*take)(void *context, size_t word, const char *phones),
		    void *context)
{
	return lexicon_find(self, words, count, take, context, NULL);
}

static void close_lexicon(void *self)
{
	lexicon_close(self);
}

enum err sounds_lexicon_open(const char *language, const char *dictionary,
			     struct sounds *out_sounds, struct err_note *note)
{
	static const struct sounds_ops OPS = {say, close_lexicon};
	char ours[FILE_PATH_BYTES];
	const char *paths[LEXICON_FILES] = {dictionary, ours};
	struct lexicon *lexicon = NULL;

	*out_sounds = (struct sounds){.ops = NULL};
	if (language[0] && !str_starts(language, "en"))
		return OK;
	enum err err = share_find("lang", "en/words.dict", ours, sizeof(ours), note);
	if (!err)
		err = lexicon_open(paths, &lexicon, note);
	if (!err)
		*out_sounds = (struct sounds){&OPS, lexicon};
	return err == ERR_MISSING ? OK : err;
}

enum err sounds_lexicon_use(struct sentences *sentences, const char *dictionary,
			    struct err_note *note)
{
	struct sounds sounds;
	enum err err = sounds_lexicon_open(sentences_language(sentences), dictionary,
					   &sounds, note);

	if (!err && sounds.ops)
		sentences_use_sounds(sentences, sounds);
	return err;
}
