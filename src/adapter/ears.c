/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ears - see the header. Knows which parts there are and in which order they are tried;
 * what they do is theirs.
 */
#include "adapter/ears.h"

#include "adapter/verifier_pocketsphinx.h"
#include "adapter/wake_files.h"
#include "adapter/wake_pocketsphinx.h"
#include "base/file.h"
#include "base/str.h"
#include "listen/wake_net.h"

static enum err open_pocketsphinx(const struct ears_settings *settings, struct ears *ears,
				  struct err_note *note)
{
	return wake_pocketsphinx_open(
		&(struct wake_pocketsphinx_settings){.word = settings->word}, &ears->wake,
		note);
}

/* A name that the recogniser's dictionary cannot say is heard without a second opinion. */
static void open_verifier(const struct ears_settings *settings, struct ears *ears)
{
	struct err_note note = {{0}};
	const struct verifier_pocketsphinx_settings verifier = {.word = settings->word};

	if (verifier_pocketsphinx_open(&verifier, &ears->verifier, &note) != OK)
		(void)str_copy(ears->why, sizeof(ears->why), note.text);
}

/* Without a head for it, whoever wants silence says the name. */
static void open_stop(struct ears *ears)
{
	struct err_note note = {{0}};
	char path[FILE_PATH_BYTES];
	enum err err = wake_files_find_head("stop", path, sizeof(path), &note);

	if (!err)
		err = head_open(path, &ears->stop_head, &note);
	if (!err)
		err = wake_net_create_also(&ears->own, ears->stop_head, &ears->own_stop);
	if (!err)
		err = wake_net_create_also(&ears->wake, ears->stop_head, &ears->stop);
	if (err)
		(void)str_format(ears->why, sizeof(ears->why), "nobody can say stop: %s",
				 note.text[0] ? note.text : err_words(err));
}

static enum err open_net(const struct ears_settings *settings, struct ears *ears,
			 struct err_note *note)
{
	char net[FILE_PATH_BYTES];
	char head[FILE_PATH_BYTES];
	const bool own = settings->model[0] != '\0';
	enum err err = wake_files_find_net(net, sizeof(net), note);

	if (!err && !own)
		err = wake_files_find_head(settings->word, head, sizeof(head), note);
	if (!err)
		err = embedding_net_open(net, &ears->net, note);
	if (!err)
		err = head_open(own ? settings->model : head, &ears->head, note);
	if (!err)
		err = wake_net_create(ears->net, ears->head, &ears->wake);
	if (!err)
		err = wake_net_create(ears->net, ears->head, &ears->own);
	if (!err && settings->music)
		err = wake_net_create(ears->net, ears->head, &ears->music);
	if (!err && settings->stop)
		open_stop(ears);
	if (!err)
		open_verifier(settings, ears);
	return err;
}

enum err ears_open(const struct ears_settings *settings, struct ears *out_ears,
		   struct err_note *note)
{
	struct err_note missing = {{0}};
	enum err err;

	*out_ears = (struct ears){.why = ""};
	if (str_equal(settings->engine, "none"))
		return OK;
	if (str_equal(settings->engine, "pocketsphinx"))
		return open_pocketsphinx(settings, out_ears, note);
	err = open_net(settings, out_ears, &missing);
	if (err == ERR_MISSING && settings->model[0] == '\0') {
		(void)str_format(out_ears->why, sizeof(out_ears->why),
				 "PocketSphinx listens for it: %s", missing.text);
		return open_pocketsphinx(settings, out_ears, note);
	}
	if (err)
		err_say(err, note, "%s", missing.text[0] ? missing.text : err_words(err));
	return err;
}

void ears_close(struct ears *ears)
{
	wake_close(&ears->stop);
	wake_close(&ears->own_stop);
	wake_close(&ears->wake);
	wake_close(&ears->own);
	wake_close(&ears->music);
	head_close(ears->stop_head);
	head_close(ears->head);
	embedding_net_close(ears->net);
	ears->head = NULL;
	ears->stop_head = NULL;
	ears->net = NULL;
	verifier_close(&ears->verifier);
}
