/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_fake - everything that was sent, in one array.
 *
 * done() is called when the array is as it will be, so that more may be sent from inside.
 */
#include "fake/mail_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

struct mail_fake {
	struct mail_listener listener;
	size_t count;
	size_t open_count;
	struct mail_fake_sent sent[MAIL_FAKE_SENT_MAX];
};

static enum err check(const struct mail_message *message, struct err_note *note)
{
	enum err err = mail_address_check(message->to, note);

	if (!err)
		err = mail_line_check(message->subject, MAIL_SUBJECT_MAX, "the subject",
				      note);
	if (!err)
		err = mail_text_check(message->text, MAIL_TEXT_MAX, "the text", note);
	if (!err && message->sound_size > MAIL_SOUND_MAX)
		err = err_say(ERR_LIMIT, note, "the sound is too long");
	return err;
}

static void keep(struct mail_fake_sent *sent, const struct mail_message *message)
{
	must(str_copy(sent->id, sizeof(sent->id), message->id));
	must(str_copy(sent->to, sizeof(sent->to), message->to));
	must(str_copy(sent->to_name, sizeof(sent->to_name),
		      message->to_name ? message->to_name : ""));
	must(str_copy(sent->subject, sizeof(sent->subject), message->subject));
	must(str_copy(sent->text, sizeof(sent->text), message->text));
	sent->at_ms = message->at_ms;
	sent->sound = malloc(message->sound_size + 1);
	must(sent->sound);
	if (message->sound) /* an order has none */
		memcpy(sent->sound, message->sound, message->sound_size);
	sent->sound_size = message->sound_size;
}

static enum err fake_send(void *self, const struct mail_message *message, uint64_t token,
			  struct err_note *note)
{
	struct mail_fake *fake = self;
	enum err err = check(message, note);

	if (!err && fake->open_count == MAIL_OPEN_MAX)
		err = err_say(ERR_BUSY, note, "%s", err_words(ERR_BUSY));
	if (err)
		return err;
	must(fake->count < MAIL_FAKE_SENT_MAX);
	struct mail_fake_sent *sent = &fake->sent[fake->count++];
	fake->open_count++;
	sent->token = token;
	sent->open = true;
	keep(sent, message);
	return OK;
}

bool mail_fake_answer(struct mail_fake *fake, const struct delivery *result)
{
	size_t at = 0;

	while (at < fake->count && !fake->sent[at].open)
		at++;
	if (at == fake->count)
		return false;
	fake->sent[at].open = false;
	fake->open_count--;
	fake->listener.done(fake->listener.context, fake->sent[at].token, result);
	return true;
}

static void fake_close(void *self)
{
	const struct delivery stopped = {.outcome = DELIVERY_UNKNOWN,
					 .words = "the server was not waited for"};

	while (mail_fake_answer(self, &stopped))
		;
}

enum err mail_fake_create(struct mail_listener listener, struct mail_fake **out_fake)
{
	struct mail_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->listener = listener;
	*out_fake = fake;
	return OK;
}

void mail_fake_destroy(struct mail_fake *fake)
{
	if (!fake)
		return;
	for (size_t i = 0; i < fake->count; i++)
		free(fake->sent[i].sound);
	free(fake);
}

struct mail mail_fake_mail(struct mail_fake *fake)
{
	static const struct mail_ops ops = {.send = fake_send, .close = fake_close};

	return (struct mail){.ops = &ops, .self = fake};
}

size_t mail_fake_count(const struct mail_fake *fake)
{
	return fake->count;
}

const struct mail_fake_sent *mail_fake_sent(const struct mail_fake *fake, size_t index)
{
	must(index < fake->count);
	return &fake->sent[index];
}
