/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_fake - everything that was sent, in one array.
 *
 * done() is called when the array is as it will be, so that more may be sent from inside.
 */
#include "fake/push_fake.h"

#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/mail_address.h"

struct push_fake {
	struct push_listener listener;
	size_t count;
	size_t open_count;
	struct push_fake_sent sent[PUSH_FAKE_SENT_MAX];
};

static enum err check(const struct push_notice *notice, struct err_note *note)
{
	enum err err = mail_line_check(notice->title, PUSH_TITLE_MAX, "the title", note);

	return err ? err
		   : mail_text_check(notice->text, PUSH_TEXT_MAX, "the notice", note);
}

static void keep(struct push_fake_sent *sent, const struct push_notice *notice)
{
	sent->priority = notice->priority;
	must(str_copy(sent->title, sizeof(sent->title), notice->title));
	must(str_copy(sent->text, sizeof(sent->text), notice->text));
}

static enum err fake_send(void *self, const struct push_notice *notice, uint64_t token,
			  struct err_note *note)
{
	struct push_fake *fake = self;
	enum err err = check(notice, note);

	if (!err && fake->open_count == PUSH_OPEN_MAX)
		err = err_say(ERR_BUSY, note, "%s", err_words(ERR_BUSY));
	if (err)
		return err;
	must(fake->count < PUSH_FAKE_SENT_MAX);
	struct push_fake_sent *sent = &fake->sent[fake->count++];
	fake->open_count++;
	sent->token = token;
	sent->open = true;
	keep(sent, notice);
	return OK;
}

bool push_fake_answer(struct push_fake *fake, const struct delivery *result)
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

	while (push_fake_answer(self, &stopped))
		;
}

enum err push_fake_create(struct push_listener listener, struct push_fake **out_fake)
{
	struct push_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->listener = listener;
	*out_fake = fake;
	return OK;
}

void push_fake_destroy(struct push_fake *fake)
{
	if (!fake)
		return;
	free(fake);
}

struct push push_fake_push(struct push_fake *fake)
{
	static const struct push_ops ops = {.send = fake_send, .close = fake_close};

	return (struct push){.ops = &ops, .self = fake};
}

size_t push_fake_count(const struct push_fake *fake)
{
	return fake->count;
}

const struct push_fake_sent *push_fake_sent(const struct push_fake *fake, size_t index)
{
	must(index < fake->count);
	return &fake->sent[index];
}
