/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device - speaks with the keeper as a device. Holds the key open while the link is.
 *
 * Knows no command and prints nothing but news of incidents that nobody listens for.
 * Invariant: what is signed is the hash of a notice
 * that notice_read took, of the household that answered on this very link.
 */
#include "cli/device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/identity.h"
#include "adapter/memo_opus.h"
#include "adapter/rand_system.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/cosigner.h"
#include "cli/incident_news.h"
#include "cli/loosened.h"
#include "cli/proof.h"
#include "domain/evidence.h"
#include "tlog/cosignature.h"

#define PAIR_IT "; pair it: behest pair --here"

struct device_link {
	struct link_client *client;
	struct identity identity;
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
	struct wire_paired paired;
	struct notices *notices;     /* borrowed */
	struct notice last;          /* what was told last */
	struct wire_order_card card; /* the one that came last: its notice follows */
	struct device_listener listener;
	const struct paths *paired_at; /* of one that is being paired: where */
	struct loosened
		before; /* of one that is being paired: was changed before it came */
	uint64_t token;
	bool was_refused; /* how the last request ended */
};

/* The keeper waits 20 s for another house. */
enum { FETCH_MS = 30000 };

/* --- receiving -------------------------------------------------------------------------- */

static enum err take_notice(struct device_link *device, const struct wire_notice *told,
			    struct err_note *note)
{
	struct notice notice;
	enum err err = notice_read(told, loop_now_ms(), &notice, note);
	bool is_news;

	if (err)
		return err;
	if (id_equal(device->card.id.bytes, notice.id.bytes))
		notice.card = device->card;
	is_news = notices_take(device->notices, &notice);
	device->last = notice;
	if (device->listener.told)
		device->listener.told(device->listener.context, &notice, is_news);
	return OK;
}

static void take_news(struct device_link *device, const struct wire_policy_news *news)
{
	struct policy_change change = {.number = news->number, .at_ms = news->at_ms};

	must(str_copy(change.by, sizeof(change.by), news->by));
	must(str_copy(change.words, sizeof(change.words), news->words));
	if (device->listener.loosened)
		device->listener.loosened(device->listener.loosened_context, &change);
}

static void take_incident(struct device_link *device,
			  const struct wire_incident_news *news)
{
	if (device->listener.incident)
		device->listener.incident(device->listener.context, news);
	else
		incident_news_show(stderr, news, false);
}

/* What may come at any time. */
static bool is_told(const struct wire_message *message)
{
	return message->type == WIRE_notice || message->type == WIRE_order_card ||
	       message->type == WIRE_policy_news || message->type == WIRE_incident_news;
}

static enum err take_told(struct device_link *device, const struct wire_message *message,
			  struct err_note *note)
{
	if (message->type == WIRE_notice)
		return take_notice(device, &message->notice, note);
	if (message->type == WIRE_policy_news)
		take_news(device, &message->policy_news);
	else if (message->type == WIRE_order_card)
		device->card = message->order_card;
	else
		take_incident(device, &message->incident_news);
	return OK;
}

/* What the keeper did not do because it may not be is a refusal; what it could not do is
 * the world's fault. */
static enum err refusal(const struct wire_message *message, struct err_note *note)
{
	const struct wire_refused *refused = &message->refused;

	if (message->type != WIRE_refused)
		return client_other(message, note);
	if (str_equal(refused->reason, "UNKNOWN_DEVICE"))
		return err_say(ERR_DENIED, note,
			       "this computer is not paired with this house, or was "
			       "revoked (UNKNOWN_DEVICE)" PAIR_IT);
	return err_say(refused->err == ERR_BUSY || refused->err == ERR_IO
			       ? (enum err)refused->err
			       : ERR_DENIED,
		       note, "%s (%s)", refused->words, refused->reason);
}

/* The next message but for what may come at any time, which is taken. */
static enum err expect(struct device_link *device, enum wire_type type,
		       const struct wire_message **out_message, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	do {
		err = link_client_wait(device->client, CLIENT_ANSWER_MS, &message, note);
		if (!err && is_told(message))
			err = take_told(device, message, note);
	} while (!err && is_told(message));
	if (err)
		(void)err_say(err, note, "no answer from the keeper: %s", err_words(err));
	else if (message->type != type)
		err = refusal(message, note);
	if (!err)
		*out_message = message;
	return err;
}

/* What it has not told in between is over. */
static enum err take_all(struct device_link *device, const struct wire_paired *paired,
			 struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	device->paired = *paired;
	notices_begin(device->notices);
	err = expect(device, WIRE_end, &message, note);
	if (!err)
		notices_end(device->notices);
	return err;
}

enum err device_wait_paired(struct device_link *device, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = expect(device, WIRE_paired, &message, note);

	if (!err)
		err = take_all(device, &message->paired, note);
	if (!err && device->before.is_quiet)
		loosened_keep(&device->before);
	if (!err && device->paired_at)
		cosigner_forget(device->paired_at);
	return err;
}

enum err device_receive(struct device_link *device, int timeout_ms, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = link_client_wait(device->client, timeout_ms, &message, note);

	if (err)
		return err;
	if (is_told(message))
		return take_told(device, message, note);
	if (message->type == WIRE_paired)
		return take_all(device, &message->paired, note);
	return refusal(message, note);
}

/* --- opening ---------------------------------------------------------------------------- */

static enum err open_key(struct device_link *device, const struct paths *paths,
			 bool may_make, struct err_note *note)
{
	const struct rand rand = rand_system();
	char path[FILE_PATH_BYTES];
	enum err err = seal_init();

	if (!err)
		err = identity_device_path(path, paths->data);
	if (err)
		return err_say(err, note, "%s: no key can be kept there", paths->data);
	if (!may_make && !file_exists(path))
		return err_say(ERR_MISSING, note,
			       "this computer is not paired with this house" PAIR_IT);
	return identity_open(path, &rand, &device->identity, note);
}

/* Its key, a link to the true keeper, and the nonce that identity answers. */
static enum err begin(const struct paths *paths, bool may_make, struct notices *notices,
		      struct device_link **out_device, struct err_note *note)
{
	struct device_link *device = calloc(1, sizeof(*device));
	const struct wire_message *message = NULL;
	enum err err = device ? OK : ERR_MEMORY;

	if (!err)
		err = open_key(device, paths, may_make, note);
	if (!err)
		err = client_device(paths, &device->client, note);
	if (err)
		goto out;
	device->notices = notices;
	err = expect(device, WIRE_challenge, &message, note);
	if (!err && message->challenge.nonce.size != sizeof(device->nonce))
		err = err_say(ERR_FORMAT, note, "the keeper's challenge is none");
	if (err)
		goto out;
	memcpy(device->nonce, message->challenge.nonce.bytes, sizeof(device->nonce));
	err = proof_ask(device->client, paths, paths->device, note);
	if (err)
		goto out;
	*out_device = device;
	device = NULL;
out:
	device_close(device);
	return err;
}

static enum err send_identity(struct device_link *device, struct err_note *note)
{
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_identity identity = {
		.key = {device->identity.public_key, sizeof(device->identity.public_key)},
		.signature = {signature, sizeof(signature)},
	};
	const size_t size =
		evidence_identity_bytes(device->nonce, APPROVAL_IDENTITY_NAME, bytes);
	enum err err =
		seal_sign_labelled(secret_view(device->identity.seed),
				   APPROVAL_IDENTITY_LABEL, bytes, size, signature);

	return err ? err : link_client_send_identity(device->client, &identity, note);
}

enum err device_open(const struct paths *paths, struct notices *notices,
		     const struct device_listener *listener,
		     struct device_link **out_device, struct err_note *note)
{
	struct device_link *device = NULL;
	enum err err = begin(paths, false, notices, &device, note);

	if (err)
		return err;
	device->listener = *listener;
	err = send_identity(device, note);
	if (!err)
		err = device_wait_paired(device, note);
	if (!err)
		*out_device = device;
	else
		device_close(device);
	return err;
}

static enum err send_pair(struct device_link *device, const char *code, const char *name,
			  struct err_note *note)
{
	const struct identity *identity = &device->identity;
	uint8_t bytes[APPROVAL_PAIRING_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct wire_pair pair = {
		.key = {identity->public_key, sizeof(identity->public_key)},
		.signature = {signature, sizeof(signature)},
	};
	enum err err = OK;

	if (!str_copy(pair.code, sizeof(pair.code), code) ||
	    !str_copy(pair.name, sizeof(pair.name), name))
		err = err_say(ERR_RANGE, note, "the code or the name is too long");
	if (!err)
		err = seal_sign_labelled(secret_view(identity->seed),
					 APPROVAL_PAIRING_LABEL, bytes,
					 approval_pairing_bytes(pair.code, pair.name,
								identity->public_key,
								bytes),
					 signature);
	if (!err)
		err = link_client_send_pair(device->client, &pair, note);
	seal_wipe(bytes, sizeof(bytes));
	seal_wipe(&pair, sizeof(pair));
	return err;
}

enum err device_pair(const struct paths *paths, const char *code, const char *name,
		     struct notices *notices, struct device_link **out_device,
		     struct err_note *note)
{
	struct device_link *device = NULL;
	enum err err = begin(paths, true, notices, &device, note);

	if (!err) {
		loosened_begin(&device->before, paths, false);
		device->before.is_quiet = true;
		device->paired_at = paths;
		device->listener.loosened_context = &device->before;
		device->listener.loosened = loosened_show;
	}
	if (!err)
		err = send_pair(device, code, name, note);
	if (!err)
		*out_device = device;
	else
		device_close(device);
	return err;
}

void device_close(struct device_link *device)
{
	if (!device)
		return;
	link_client_close(device->client);
	identity_close(&device->identity);
	free(device);
}

/* --- what it is ------------------------------------------------------------------------- */

const char *device_name(const struct device_link *device)
{
	return device->paired.name;
}

const char *device_person(const struct device_link *device)
{
	return device->paired.person;
}

void device_fingerprint(const struct device_link *device, char to[KEY_FINGERPRINT_BYTES])
{
	if (key_fingerprint(device->identity.public_key, to) != OK)
		to[0] = '\0';
}

int device_fd(const struct device_link *device)
{
	return link_client_fd(device->client);
}

/* --- verdicts --------------------------------------------------------------------------- */

static enum err send_verdict(struct device_link *device, const struct notice *notice,
			     enum approval_verdict verdict, struct err_note *note)
{
	struct wire_verdict said = {.token = ++device->token};
	struct household_id household;
	uint8_t bytes[APPROVAL_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	enum err err;

	memcpy(household.bytes, device->paired.household.bytes, ID_BYTES);
	memcpy(said.proposal.bytes, notice->id.bytes, ID_BYTES);
	must(str_copy(said.verdict, sizeof(said.verdict),
		      approval_verdict_text(verdict)));
	approval_bytes(household, notice->id, notice->hash, bytes);
	err = seal_sign_labelled(secret_view(device->identity.seed),
				 approval_label(verdict), bytes, sizeof(bytes),
				 signature);
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	return err ? err : link_client_send_verdict(device->client, &said, note);
}

/* Behind `done` the keeper tells every device what the verdict came to. */
static enum err wait_told(struct device_link *device, struct proposal_id id,
			  struct err_note *note)
{
	enum err err;

	device->last = (struct notice){.number = 0}; /* not what was told of it before */
	do
		err = device_receive(device, CLIENT_ANSWER_MS, note);
	while (!err && !id_equal(device->last.id.bytes, id.bytes));
	return err;
}

enum err device_give(struct device_link *device, const struct notice *notice,
		     enum approval_verdict verdict, struct notice *out_after,
		     struct err_note *note)
{
	const struct proposal_id id = notice->id; /* the list moves while we wait */
	const struct wire_message *message = NULL;
	enum err err = send_verdict(device, notice, verdict, note);

	if (!err)
		err = expect(device, WIRE_done, &message, note);
	if (!err && (message->done.token != device->token || message->done.err))
		err = err_say(ERR_FORMAT, note, "the keeper answers something else");
	if (!err)
		err = wait_told(device, id, note);
	if (!err && out_after)
		*out_after = device->last;
	return err;
}

/* --- the journal ------------------------------------------------------------------------ */

/* A keeper that cannot prove its journal is as one that forgot it, but for its words. */
static enum err ask_head(struct device_link *device, const struct cosigner *cosigner,
			 const struct wire_message **out_message, struct err_note *note)
{
	const struct wire_log_get get = {.size = cosigner->known.size};
	struct err_note why = {""};
	enum err err = link_client_send_log_get(device->client, &get, note);

	if (err)
		return err;
	err = expect(device, WIRE_log_head, out_message, &why);
	if (err == ERR_DENIED)
		return err_say(ERR_AUTH, note,
			       "the keeper does not prove its journal: %s; nothing was "
			       "signed",
			       why.text);
	return err ? err_say(err, note, "%s", why.text) : OK;
}

static enum err cosign(struct device_link *device, struct household_id household,
		       const struct merkle_head *head, struct err_note *note)
{
	struct cosignature cosignature = {.head = *head, .at_s = (int64_t)time(NULL)};
	const struct wire_cosign said = {
		.token = ++device->token,
		.at_s = cosignature.at_s,
		.signature = {cosignature.signature, sizeof(cosignature.signature)},
	};
	const struct wire_message *message = NULL;
	enum err err;

	cosignature_sign(household, secret_view(device->identity.seed), &cosignature);
	err = link_client_send_cosign(device->client, &said, note);
	return err ? err : expect(device, WIRE_done, &message, note);
}

enum err device_witness(struct device_link *device, const struct paths *paths,
			struct err_note *note)
{
	const struct wire_message *message = NULL;
	struct keeper_mark mark;
	struct cosigner cosigner;
	struct merkle_head head;
	bool is_new;
	enum err err = proof_mark(paths, &mark, note);

	if (!err)
		err = cosigner_open(&cosigner, paths, mark.household, mark.key, note);
	if (!err)
		err = ask_head(device, &cosigner, &message, note);
	if (!err)
		err = cosigner_check(&cosigner, &message->log_head, &head, note);
	if (err)
		return err;
	is_new = head.size > cosigner.known.size;
	err = cosigner_keep(&cosigner, &message->log_head, &head, note);
	return err || !is_new ? err : cosign(device, mark.household, &head, note);
}

/* --- muting ----------------------------------------------------------------------------- */

_Static_assert((int)APPROVAL_NONCE_BYTES == (int)EVIDENCE_NONCE_BYTES,
	       "a mute is signed over the link's nonce");

enum err device_mute(struct device_link *device, const char *room, bool on,
		     struct err_note *note)
{
	struct wire_room_mute said = {.token = ++device->token, .on = on};
	struct approval_mute mute = {.number = said.token, .on = on};
	const struct wire_message *message = NULL;
	uint8_t bytes[APPROVAL_MUTE_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	enum err err;

	if (!str_copy(said.room, sizeof(said.room), room) || room[0] == '\0')
		return err_say(ERR_RANGE, note, "a room's name has 1 to %zu bytes",
			       sizeof(said.room) - 1);
	must(str_copy(mute.room, sizeof(mute.room), room));
	memcpy(mute.household.bytes, device->paired.household.bytes, ID_BYTES);
	memcpy(mute.nonce, device->nonce, sizeof(mute.nonce));
	err = seal_sign_labelled(secret_view(device->identity.seed), APPROVAL_MUTE_LABEL,
				 bytes, approval_mute_bytes(&mute, bytes), signature);
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	if (!err)
		err = link_client_send_room_mute(device->client, &said, note);
	if (!err)
		err = expect(device, WIRE_done, &message, note);
	if (!err && message->done.token != said.token)
		err = err_say(ERR_FORMAT, note, "the keeper answers something else");
	return err;
}

/* --- messages --------------------------------------------------------------------------- */

static bool is_done(const struct device_link *device, const struct wire_message *message)
{
	return message->type == WIRE_done && message->done.token == device->token;
}

/* Why a message that was in the list is not handed out; else the keeper's own words. */
static const char *fetch_words(enum err err)
{
	static const struct {
		enum err err;
		const char *words;
	} rows[] = {
		{ERR_AUTH,
		 "it cannot be opened: what its house sent does not fit together"},
		{ERR_CLOSED, "the house it came from cannot be reached; it is kept, try "
			     "again later"},
		{ERR_MISSING, "it was recalled before you listened, or its time is over"},
		{ERR_TIMEOUT, "the house it came from does not answer; it is kept, try "
			      "again later"},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].err == err)
			return rows[i].words;
	return NULL;
}

static enum err done_err(const struct wire_message *message, enum wire_type type,
			 struct err_note *note)
{
	const enum err err =
		message->done.err < ERR_COUNT ? (enum err)message->done.err : ERR_FORMAT;
	const char *words = type == WIRE_memo_sound ? fetch_words(err) : NULL;

	if (words)
		return err_say(err, note, "%s", words);
	return err ? err_say(err, note, "the keeper: %s", err_words(err)) : OK;
}

/* Until done: what comes before goes to take, notices to the list. */
static enum err take_until_done(struct device_link *device, enum wire_type type,
				enum err (*take)(void *context,
						 const struct wire_message *message),
				void *context, struct err_note *note)
{
	const struct wire_message *message = NULL;
	const int most_ms = type == WIRE_memo_sound ? FETCH_MS : CLIENT_ANSWER_MS;

	device->was_refused = false;
	for (;;) {
		enum err err = link_client_wait(device->client, most_ms, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (is_done(device, message)) {
			device->was_refused = message->done.err != OK;
			return done_err(message, type, note);
		}
		if (is_told(message))
			err = take_told(device, message, note);
		else if (message->type == type && take)
			err = take(context, message);
		else
			err = refusal(message, note);
		if (err)
			return err;
	}
}

enum err device_outbox(struct device_link *device, struct err_note *note)
{
	const struct wire_outbox_get get = {.token = ++device->token};
	enum err err = link_client_send_outbox_get(device->client, &get, note);

	return err ? err : take_until_done(device, WIRE_notice, NULL, NULL, note);
}

struct letters {
	struct device_letter *list;
	size_t max;
	size_t count;
};

static enum err take_letter(void *context, const struct wire_message *message)
{
	const struct wire_inbox_row *row = &message->inbox_row;
	struct letters *letters = context;
	struct device_letter *letter = &letters->list[letters->count];

	if (letters->count == letters->max)
		return ERR_LIMIT;
	*letter = (struct device_letter){.at_ms = row->at_ms,
					 .sound_ms = row->sound_ms,
					 .is_heard = row->is_heard != 0};
	memcpy(letter->id.bytes, row->id.bytes, ID_BYTES);
	must(str_copy(letter->from, sizeof(letter->from), row->from));
	letters->count++;
	return OK;
}

enum err device_inbox(struct device_link *device, struct device_letter *list, size_t max,
		      size_t *out_count, struct err_note *note)
{
	struct letters letters = {.list = list, .max = max};
	const struct wire_inbox_get get = {.token = ++device->token};
	enum err err = link_client_send_inbox_get(device->client, &get, note);

	if (!err)
		err = take_until_done(device, WIRE_inbox_row, take_letter, &letters,
				      note);
	*out_count = letters.count;
	return err;
}

struct sound {
	struct secret *opus;
	size_t size;
};

static enum err take_sound(void *context, const struct wire_message *message)
{
	const struct wire_slice *piece = &message->memo_sound.opus;
	struct sound *sound = context;

	if (piece->size > secret_size(sound->opus) - sound->size)
		return ERR_LIMIT;
	memcpy(secret_bytes(sound->opus) + sound->size, piece->bytes, piece->size);
	sound->size += piece->size;
	return OK;
}

enum err device_fetch(struct device_link *device, struct proposal_id id,
		      struct secret **out_opus, size_t *out_size, struct err_note *note)
{
	struct sound sound = {.size = 0};
	struct wire_memo_get get = {.token = ++device->token};
	enum err err = secret_create(MEMO_OPUS_BYTES_MAX, &sound.opus);

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	if (!err)
		err = link_client_send_memo_get(device->client, &get, note);
	if (!err)
		err = take_until_done(device, WIRE_memo_sound, take_sound, &sound, note);
	if (err) {
		secret_destroy(sound.opus);
		return err;
	}
	*out_opus = sound.opus;
	*out_size = sound.size;
	return OK;
}

bool device_was_refused(const struct device_link *device)
{
	return device->was_refused;
}

enum err device_say_alive(struct device_link *device, struct err_note *note)
{
	return link_client_send_alive(device->client, &(struct wire_alive){.unused = 0},
				      note);
}
