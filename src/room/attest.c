/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest - signs with the room's key. Decides nothing: what is true is its caller's to say,
 * but for a voice message, which is what it says by its type.
 *
 * Invariant: no number is used twice; numbers follow the hub's clock, so that a room that
 * starts again stays ahead of what it has signed before.
 */
#include "room/attest.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/evidence.h"

enum { NUMBERS_PER_MS_BITS = 8 };

void attest_init(struct attest *attest, const struct identity *identity, const char *name)
{
	*attest =
		(struct attest){.identity = identity && identity->seed ? identity : NULL};
	must(str_copy(attest->name, sizeof(attest->name), name));
}

int64_t attest_hub_ms(const struct attest *attest, int64_t now_ms, int64_t other_ms)
{
	return attest->has_time ? attest->hub_ms + (now_ms - attest->at_ms) : other_ms;
}

enum err attest_answer(struct attest *attest, const struct wire_challenge *challenge,
		       int64_t now_ms, struct link *link)
{
	struct wire_identity identity = {.unused = 0};
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	enum err err = OK;

	if (challenge->nonce.size != EVIDENCE_NONCE_BYTES)
		return ERR_FORMAT;
	attest->hub_ms = challenge->wall_ms;
	attest->at_ms = now_ms;
	attest->has_time = true;
	if (attest->identity) {
		size_t size = evidence_identity_bytes(challenge->nonce.bytes,
						      attest->name, bytes);

		err = seal_sign_labelled(secret_view(attest->identity->seed),
					 EVIDENCE_IDENTITY_LABEL, bytes, size, signature);
		identity.key = (struct wire_slice){attest->identity->public_key,
						   SEAL_SIGN_PUBLIC_BYTES};
		identity.signature = (struct wire_slice){signature, sizeof(signature)};
	}
	return err == OK ? link_send_identity(link, &identity) : err;
}

void attest_begin(const struct attest *attest, struct event *event, enum event_kind kind,
		  uint64_t turn, int64_t now_ms)
{
	event_init(event, kind, (struct turn_id){turn}, attest->name,
		   attest_hub_ms(attest, now_ms, 0));
}

static uint64_t next_number(struct attest *attest, int64_t hub_ms)
{
	const uint64_t from_clock =
		hub_ms > 0 ? (uint64_t)hub_ms << NUMBERS_PER_MS_BITS : 0;

	attest->sequence =
		from_clock > attest->sequence ? from_clock : attest->sequence + 1;
	return attest->sequence;
}

static enum err sign_and_send(struct attest *attest, struct event *event,
			      struct link *link)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct wire_evidence evidence;
	size_t size = 0;
	enum err err;

	if (!attest->identity)
		return OK;
	event_add_int(event, "room_ms", event->at_ms);
	event->sequence = next_number(attest, event->at_ms);
	err = evidence_bytes(event, event->sequence, bytes, &size);
	if (err == OK)
		err = seal_sign_labelled(secret_view(attest->identity->seed),
					 EVIDENCE_LABEL, bytes, size, event->signature);
	if (err != OK)
		return err;
	event->is_signed = true;
	evidence = (struct wire_evidence){.event = *event};
	return link_send_evidence(link, &evidence);
}

enum err attest_send(struct attest *attest, struct event *event, struct link *link)
{
	must(event->kind != EVENT_MEMO);
	return sign_and_send(attest, event, link);
}

enum err attest_message(struct attest *attest, const struct message *message,
			uint64_t turn, int64_t now_ms, struct link *link)
{
	struct event event;

	attest_begin(attest, &event, EVENT_MEMO, turn, now_ms);
	evidence_memo(&event, message_sound_ms(message), message_bytes(message),
		      message_sha256(message));
	return sign_and_send(attest, &event, link);
}

bool attest_has_key(const struct attest *attest)
{
	return attest->identity != NULL;
}
