/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters - see the header.
 *
 * Invariants: nothing is sent whose sound is not the one that was approved; the sound is in
 * locked memory from its first piece until it was handed over or given up, and then wiped; an
 * outcome in the ledger is one that no further try changes.
 */
#include "gate/letters.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/memo_form.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/secret.h"
#include "base/str.h"

enum letter_state { LETTER_FREE, LETTER_FETCHING, LETTER_MAILING };

struct letter {
	enum letter_state state;
	uint64_t token;
	struct proposal_id id;
	struct action action;
	struct contact contact;
	struct secret
		*sound; /* NULL before its first piece, and once it is handed over */
	size_t size;
	bool is_whole;
};

/* One that the server did not take, or did not say so. */
struct put_off {
	struct proposal_id id;
	int64_t pause_ms; /* 0: this place is free */
	int64_t until_ms; /* monotonic */
	unsigned unknown; /* tries of which nobody knows */
};

struct letters {
	struct letters_parts parts;
	uint64_t last_token;
	struct put_off put_off[LETTERS_PUT_OFF_MAX];
	struct letter all[LETTERS_MAX];
};

/* --- words --- */

static const struct {
	const char *language;
	const char *subject; /* the household's name follows, or the room's */
	const char *text;
} WORDS[] = {
	{"en", "Voice message from ",
	 "Somebody spoke this message for you at home. It is attached: message.ogg\n"
	 "\n"
	 "Behest, the voice assistant of that house, has sent it; answers to this address "
	 "may not be read.\n"},
};

/* The first where the language has none. */
static size_t words_of(const char *language)
{
	size_t at = 0;

	while (at < STR_COUNT(WORDS) && !str_equal(WORDS[at].language, language))
		at++;
	return at < STR_COUNT(WORDS) ? at : 0;
}

/* --- one letter's life --- */

static void forget(struct letter *letter)
{
	secret_destroy(letter->sound);
	seal_wipe(letter, sizeof(*letter));
}

static void over(struct letters *letters, struct letter *letter, enum err err)
{
	const struct proposal_id id = letter->id;

	forget(letter); /* carried() may bring the next */
	letters->parts.carried(letters->parts.context, id, err);
}

/* --- patience --- */

static struct put_off *find_put_off(struct letters *letters, struct proposal_id id)
{
	for (size_t i = 0; i < LETTERS_PUT_OFF_MAX; i++)
		if (letters->put_off[i].pause_ms > 0 &&
		    id_equal(letters->put_off[i].id.bytes, id.bytes))
			return &letters->put_off[i];
	return NULL;
}

/* A free place, or the one whose time comes first: nobody may ask for it any more. */
static struct put_off *find_place(struct letters *letters)
{
	struct put_off *best = &letters->put_off[0];

	for (size_t i = 0; i < LETTERS_PUT_OFF_MAX; i++)
		if (letters->put_off[i].until_ms < best->until_ms)
			best = &letters->put_off[i];
	*best = (struct put_off){.pause_ms = LETTERS_PAUSE_MS / 2};
	return best;
}

static bool is_put_off(struct letters *letters, struct proposal_id id)
{
	const struct put_off *put_off = find_put_off(letters, id);

	return put_off && clock_now_ms(&letters->parts.clock) < put_off->until_ms;
}

/* Returns of how many tries nobody knows. */
static unsigned put_it_off(struct letters *letters, struct proposal_id id,
			   bool is_unknown)
{
	struct put_off *put_off = find_put_off(letters, id);

	if (!put_off)
		put_off = find_place(letters);
	put_off->id = id;
	put_off->unknown += is_unknown ? 1 : 0;
	put_off->pause_ms = put_off->pause_ms * 2 < LETTERS_PAUSE_MAX_MS
				    ? put_off->pause_ms * 2
				    : LETTERS_PAUSE_MAX_MS;
	put_off->until_ms = clock_now_ms(&letters->parts.clock) + put_off->pause_ms;
	return put_off->unknown;
}

static void forget_put_off(struct letters *letters, struct proposal_id id)
{
	struct put_off *put_off = find_put_off(letters, id);

	if (put_off)
		*put_off = (struct put_off){.pause_ms = 0};
}

/* --- how it ends --- */

/* No further try changes this. Unwritten it is only tried once more. */
static void over_for_good(struct letters *letters, struct letter *letter, enum err err)
{
	(void)!ledger_end(letters->parts.ledger, letter->id, err);
	forget_put_off(letters, letter->id);
	over(letters, letter, err);
}

/* Sent again and again, one that is taken each time fills somebody's mailbox. */
static void over_for_now(struct letters *letters, struct letter *letter, enum err err)
{
	const unsigned unknown = put_it_off(letters, letter->id, err == ERR_TIMEOUT);

	if (unknown >= LETTERS_UNKNOWN_MAX)
		over_for_good(letters, letter, ERR_EXISTS);
	else
		over(letters, letter, err);
}

static struct letter *find(struct letters *letters, uint64_t token,
			   enum letter_state state)
{
	for (size_t i = 0; i < LETTERS_MAX; i++)
		if (letters->all[i].state == state && letters->all[i].token == token)
			return &letters->all[i];
	return NULL;
}

static bool is_under_way(const struct letters *letters, struct proposal_id id)
{
	for (size_t i = 0; i < LETTERS_MAX; i++)
		if (letters->all[i].state != LETTER_FREE &&
		    id_equal(letters->all[i].id.bytes, id.bytes))
			return true;
	return false;
}

static struct letter *find_free(struct letters *letters)
{
	for (size_t i = 0; i < LETTERS_MAX; i++)
		if (letters->all[i].state == LETTER_FREE)
			return &letters->all[i];
	return NULL;
}

enum err letters_create(const struct letters_parts *parts, struct letters **out_letters)
{
	struct letters *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->parts = *parts;
	*out_letters = made;
	return OK;
}

void letters_destroy(struct letters *letters)
{
	if (!letters)
		return;
	for (size_t i = 0; i < LETTERS_MAX; i++)
		forget(&letters->all[i]);
	free(letters);
}

void letters_take(struct letters *letters, struct proposal_id id,
		  const struct action *action, const struct contact *contact)
{
	const struct letters_parts *parts = &letters->parts;
	struct letter *letter = find_free(letters);
	enum err err = OK;

	if (is_under_way(letters, id))
		return;
	if (!parts->mail->ops)
		err = ERR_UNSUPPORTED;
	else if (!letter || is_put_off(letters, id))
		err = ERR_BUSY;
	if (err) {
		parts->carried(parts->context, id, err);
		return;
	}
	*letter = (struct letter){.state = LETTER_FETCHING,
				  .token = ++letters->last_token,
				  .id = id,
				  .action = *action,
				  .contact = *contact};
	if (parts->fetch(parts->context, letter->token, id))
		over(letters, letter, ERR_IO);
}

/* --- its sound --- */

static enum err add_sound(struct letter *letter, const uint8_t *bytes, size_t size)
{
	enum err err = OK;

	if (letter->is_whole)
		return ERR_FORMAT;
	if (size > MEMO_FORM_BYTES_MAX - letter->size)
		return ERR_LIMIT;
	if (!letter->sound)
		err = secret_create(MEMO_FORM_BYTES_MAX, &letter->sound);
	if (err)
		return err;
	memcpy(secret_bytes(letter->sound) + letter->size, bytes, size);
	letter->size += size;
	return OK;
}

void letters_sound(struct letters *letters, uint64_t token, const uint8_t *bytes,
		   size_t size, bool is_last)
{
	struct letter *letter = find(letters, token, LETTER_FETCHING);
	enum err err;

	if (!letter)
		return;
	err = add_sound(letter, bytes, size);
	letter->is_whole = is_last;
	if (err)
		over(letters, letter, err == ERR_MEMORY ? ERR_IO : err);
}

static bool is_what_was_approved(const struct letter *letter)
{
	uint8_t hash[SEAL_HASH_BYTES];

	_Static_assert(sizeof(hash) == sizeof(letter->action.body), "both are SHA-256");
	return letter->is_whole && letter->sound &&
	       seal_sha256(&(struct seal_part){secret_view(letter->sound), letter->size},
			   1, hash) == OK &&
	       seal_equal(hash, letter->action.body, sizeof(hash));
}

/* --- on its way --- */

static enum err mail_it(struct letters *letters, struct letter *letter)
{
	const struct letters_parts *parts = &letters->parts;
	const size_t words = words_of(parts->language);
	char id[ID_TEXT_BYTES];
	char subject[MAIL_SUBJECT_MAX + 1];
	const struct mail_message message = {
		.id = id,
		.at_ms = clock_wall_ms(&parts->clock),
		.to = letter->contact.address,
		.to_name = letter->contact.name,
		.subject = subject,
		.text = WORDS[words].text,
		.sound = secret_view(letter->sound),
		.sound_size = letter->size,
	};

	id_to_text(id, letter->id.bytes);
	if (!str_format(subject, sizeof(subject), "%s%s", WORDS[words].subject,
			parts->from_name[0] ? parts->from_name : letter->action.room))
		(void)str_copy(subject, sizeof(subject), WORDS[words].subject);
	return mail_send(parts->mail, &message, letter->token, NULL);
}

static void send(struct letters *letters, struct letter *letter)
{
	enum err err = mail_it(letters, letter);

	secret_destroy(letter->sound); /* the port has its own */
	letter->sound = NULL;
	letter->state = LETTER_MAILING;
	if (err == ERR_FORMAT || err == ERR_LIMIT)
		over_for_good(letters, letter, ERR_DENIED);
	else if (err)
		over(letters, letter, ERR_IO); /* of ours, and not the server's */
}

void letters_fetched(struct letters *letters, uint64_t token, enum err err)
{
	struct letter *letter = find(letters, token, LETTER_FETCHING);

	if (!letter)
		return;
	if (err)
		over(letters, letter, err == ERR_MISSING ? ERR_MISSING : ERR_IO);
	else if (!is_what_was_approved(letter))
		over(letters, letter, ERR_AUTH);
	else
		send(letters, letter);
}

void letters_lost(struct letters *letters)
{
	for (size_t i = 0; i < LETTERS_MAX; i++)
		if (letters->all[i].state == LETTER_FETCHING)
			forget(&letters->all[i]);
}

/* What a server says of us and not of the message (RFC 4954): who set a wrong password can
 * set the right one. */
static bool is_about_sign_in(const struct delivery *result)
{
	return result->code >= 530 && result->code <= 538;
}

static enum err outcome_of(const struct delivery *result)
{
	switch (result->outcome) {
	case DELIVERY_ACCEPTED:
		return OK;
	case DELIVERY_REFUSED:
		return is_about_sign_in(result) ? ERR_IO : ERR_DENIED;
	case DELIVERY_LATER:
		return ERR_IO;
	case DELIVERY_UNKNOWN:
		return ERR_TIMEOUT;
	}
	must(false); /* an outcome is one of these */
	return ERR_IO;
}

void letters_mailed(struct letters *letters, uint64_t token,
		    const struct delivery *result)
{
	struct letter *letter = find(letters, token, LETTER_MAILING);
	const enum err err = outcome_of(result);

	if (!letter)
		return;
	if (err == OK || err == ERR_DENIED)
		over_for_good(letters, letter, err);
	else
		over_for_now(letters, letter, err);
}
