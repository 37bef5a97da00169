/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_phone - see the header. Invariant: a word's time is taken before it is sent, so that
 * what the keeper counts from it began later.
 */
#include "e2e/wire_phone.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "e2e/process.h"

enum { WAIT_MS = 60000, STEP_MS = 5, SOUND_MAX = 1 << 20 };

static bool lost(struct wire_phone *phone)
{
	wire_phone_close(phone);
	return false;
}

static bool sent(struct wire_phone *phone, enum err err)
{
	return err == OK ? true : lost(phone);
}

/* --- notices ---------------------------------------------------------------------------- */

struct wire_phone_told *wire_phone_find(struct wire_phone *phone,
					const uint8_t body[ACTION_BODY_BYTES])
{
	for (size_t i = 0; i < phone->told_count; i++)
		if (memcmp(phone->told[i].body, body, ACTION_BODY_BYTES) == 0)
			return &phone->told[i];
	return NULL;
}

static struct wire_phone_told *told_of(struct wire_phone *phone,
				       const struct wire_notice *notice)
{
	struct wire_phone_told *told;
	struct action action;

	assert_int_equal(action_read((const char *)notice->action.bytes,
				     notice->action.size, &action),
			 OK);
	told = wire_phone_find(phone, action.body);
	if (told) {
		/* Two proposals of one body were one message that goes out twice. */
		assert_memory_equal(told->id.bytes, notice->id.bytes, ID_BYTES);
		return told;
	}
	assert_true(phone->told_count < WIRE_PHONE_NOTICES_MAX);
	told = &phone->told[phone->told_count++];
	memcpy(told->id.bytes, notice->id.bytes, ID_BYTES);
	memcpy(told->body, action.body, sizeof(told->body));
	assert_int_equal(seal_sha256(&(struct seal_part){notice->action.bytes,
							 notice->action.size},
				     1, told->hash),
			 OK);
	return told;
}

static bool is_out(const char *state)
{
	return str_equal(state, "ordered") || str_equal(state, "sent") ||
	       str_equal(state, "fetched") || str_equal(state, "done");
}

static void take_notice(struct wire_phone *phone, const struct wire_notice *notice)
{
	struct wire_phone_told *told = told_of(phone, notice);
	const bool is_news = told->opening != phone->openings ||
			     !str_equal(told->state, notice->state);

	if (is_out(notice->state) && !is_out(told->state)) {
		told->ordered++;
		told->ordered_ms = loop_now_ms();
	}
	assert_true(str_copy(told->state, sizeof(told->state), notice->state));
	assert_true(str_copy(told->reason, sizeof(told->reason), notice->reason));
	told->can_recall = notice->can_recall != 0;
	told->opening = phone->openings;
	if (is_news && phone->gives_receipts && str_equal(told->state, "unreceipted"))
		(void)wire_phone_say(phone, told, APPROVAL_RECEIPT);
}

/* The next message but for notices, which are taken; NULL: the keeper is gone, or with no
 * time at all there is none. */
static const struct wire_message *next(struct wire_phone *phone, int wait_ms)
{
	const struct wire_message *message = NULL;
	enum err err;

	while (phone->client) {
		err = link_client_wait(phone->client, wait_ms, &message, NULL);
		if (err == ERR_TIMEOUT && wait_ms == 0)
			return NULL;
		assert_int_not_equal(err, ERR_TIMEOUT);
		if (err)
			(void)lost(phone);
		else if (message->type == WIRE_notice)
			take_notice(phone, &message->notice);
		else
			return message;
	}
	return NULL;
}

bool wire_phone_poll(struct wire_phone *phone)
{
	while (next(phone, 0))
		;
	return phone->client != NULL;
}

/* --- coming and going ------------------------------------------------------------------- */

/* Until somebody answers there, or its program is over. */
static struct link_client *meet(struct wire_phone *phone, uint8_t nonce[32])
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];

	assert_true(
		file_join(path, sizeof(path), phone->house->run, "keeper/device.sock"));
	while (link_client_open(path, WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE, "test",
				WAIT_MS, &client, NULL)) {
		if (process_is_over(&phone->house->keeper, NULL) ||
		    loop_now_ms() > until_ms)
			fail_msg("the keeper does not answer at %s", path);
		(void)poll(NULL, 0, STEP_MS);
	}
	assert_int_equal(link_client_wait(client, WAIT_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_challenge);
	assert_int_equal(message->challenge.nonce.size, EVIDENCE_NONCE_BYTES);
	memcpy(nonce, message->challenge.nonce.bytes, EVIDENCE_NONCE_BYTES);
	return client;
}

/* The household, and what waits. */
static void take_welcome(struct wire_phone *phone)
{
	const struct wire_message *message = next(phone, WAIT_MS);

	if (message && message->type == WIRE_refused)
		fail_msg("%s", message->refused.reason);
	assert_true(message && message->type == WIRE_paired);
	memcpy(phone->household.bytes, message->paired.household.bytes, ID_BYTES);
	do
		message = next(phone, WAIT_MS);
	while (message && message->type == WIRE_policy_news);
	assert_true(message && message->type == WIRE_end);
}

void wire_phone_pair(struct wire_phone *phone, struct house *house, uint8_t number,
		     struct link_client *owner, const uint8_t person[ID_BYTES])
{
	struct wire_pair_begin begin = {.name = "phone"};
	struct wire_pair pair = {.name = "phone"};
	const struct wire_message *message = NULL;
	uint8_t bytes[APPROVAL_PAIRING_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
	size_t size;

	*phone = (struct wire_phone){.house = house, .gives_receipts = true};
	memset(phone->seed, number, sizeof(phone->seed));
	seal_sign_pair(phone->seed, phone->key);
	phone->client = meet(phone, nonce);
	memcpy(begin.person.bytes, person, ID_BYTES);
	assert_int_equal(link_client_send_pair_begin(owner, &begin, NULL), OK);
	assert_int_equal(link_client_wait(owner, WAIT_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_pair_offer);
	assert_true(str_copy(pair.code, sizeof(pair.code), message->pair_offer.code));
	size = approval_pairing_bytes(pair.code, pair.name, phone->key, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed, APPROVAL_PAIRING_LABEL, bytes,
					    size, signature),
			 OK);
	pair.key = (struct wire_slice){phone->key, sizeof(phone->key)};
	pair.signature = (struct wire_slice){signature, sizeof(signature)};
	assert_int_equal(link_client_send_pair(phone->client, &pair, NULL), OK);
	take_welcome(phone);
	assert_int_equal(link_client_wait(owner, WAIT_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_done);
	wire_phone_close(phone);
}

void wire_phone_open(struct wire_phone *phone)
{
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
	const struct wire_identity said = {.key = {phone->key, sizeof(phone->key)},
					   .signature = {signature, sizeof(signature)}};
	size_t size;

	wire_phone_close(phone);
	phone->openings++;
	phone->client = meet(phone, nonce);
	size = evidence_identity_bytes(nonce, APPROVAL_IDENTITY_NAME, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed, APPROVAL_IDENTITY_LABEL, bytes,
					    size, signature),
			 OK);
	assert_int_equal(link_client_send_identity(phone->client, &said, NULL), OK);
	take_welcome(phone);
	const struct wire_outbox_get get = {.token = ++phone->token};
	assert_int_equal(link_client_send_outbox_get(phone->client, &get, NULL), OK);
	assert_int_equal(wire_phone_wait_answer(phone), OK);
}

void wire_phone_close(struct wire_phone *phone)
{
	link_client_close(phone->client);
	phone->client = NULL;
}

/* --- its word --------------------------------------------------------------------------- */

bool wire_phone_say(struct wire_phone *phone, struct wire_phone_told *told,
		    enum approval_verdict verdict)
{
	struct wire_verdict said = {.token = ++phone->token};
	uint8_t bytes[APPROVAL_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	if (!phone->client)
		return false;
	memcpy(said.proposal.bytes, told->id.bytes, ID_BYTES);
	assert_true(str_copy(said.verdict, sizeof(said.verdict),
			     approval_verdict_text(verdict)));
	approval_bytes(phone->household, told->id, told->hash, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed, approval_label(verdict), bytes,
					    sizeof(bytes), signature),
			 OK);
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	if (verdict != APPROVAL_CANCEL)
		told->word_ms = loop_now_ms();
	return sent(phone, link_client_send_verdict(phone->client, &said, NULL));
}

/* Answers of receipts that were given by itself are none. */
enum err wire_phone_wait_answer(struct wire_phone *phone)
{
	const struct wire_message *message;

	while ((message = next(phone, WAIT_MS))) {
		if (message->type == WIRE_refused)
			return ERR_DENIED;
		if (message->type == WIRE_done && message->done.token == phone->token)
			return (enum err)message->done.err;
	}
	return ERR_CLOSED;
}

/* --- what lies there -------------------------------------------------------------------- */

enum err wire_phone_list(struct wire_phone *phone)
{
	const struct wire_inbox_get get = {.token = ++phone->token};
	const struct wire_message *message;

	phone->row_count = 0;
	if (!phone->client ||
	    !sent(phone, link_client_send_inbox_get(phone->client, &get, NULL)))
		return ERR_CLOSED;
	while ((message = next(phone, WAIT_MS))) {
		if (message->type == WIRE_done && message->done.token == phone->token)
			return (enum err)message->done.err;
		if (message->type != WIRE_inbox_row)
			continue;
		assert_true(phone->row_count < WIRE_PHONE_NOTICES_MAX);
		phone->rows[phone->row_count++] = message->inbox_row;
	}
	return ERR_CLOSED;
}

bool wire_phone_ask_sound(struct wire_phone *phone, struct proposal_id id)
{
	struct wire_memo_get get = {.token = ++phone->token};

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	return phone->client &&
	       sent(phone, link_client_send_memo_get(phone->client, &get, NULL));
}

enum err wire_phone_take_sound(struct wire_phone *phone, struct buf *to)
{
	const struct wire_message *message;

	buf_init(to, SOUND_MAX);
	while ((message = next(phone, WAIT_MS))) {
		if (message->type == WIRE_done && message->done.token == phone->token)
			return (enum err)message->done.err;
		if (message->type == WIRE_memo_sound)
			assert_int_equal(buf_add(to, message->memo_sound.opus.bytes,
						 message->memo_sound.opus.size),
					 OK);
	}
	return ERR_CLOSED;
}
