/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approval - the table of verdicts, and the bytes under each. Pure.
 */
#include "domain/approval.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	const char *label;
} VERDICTS[APPROVAL_VERDICT_COUNT] = {
#define VERDICT(name, text, label) [APPROVAL_##name] = {text, label},
	APPROVAL_VERDICTS(VERDICT)
#undef VERDICT
};

const char *approval_verdict_text(enum approval_verdict verdict)
{
	must(verdict < APPROVAL_VERDICT_COUNT);
	return VERDICTS[verdict].text;
}

bool approval_verdict_from_text(const char *text, enum approval_verdict *out_verdict)
{
	for (size_t i = 0; i < APPROVAL_VERDICT_COUNT; i++) {
		if (!str_equal(VERDICTS[i].text, text))
			continue;
		*out_verdict = (enum approval_verdict)i;
		return true;
	}
	return false;
}

const char *approval_label(enum approval_verdict verdict)
{
	must(verdict < APPROVAL_VERDICT_COUNT);
	return VERDICTS[verdict].label;
}

void approval_bytes(struct household_id household, struct proposal_id proposal,
		    const uint8_t hash[APPROVAL_HASH_BYTES], uint8_t to[APPROVAL_BYTES])
{
	memcpy(to, household.bytes, ID_BYTES);
	memcpy(to + ID_BYTES, proposal.bytes, ID_BYTES);
	memcpy(to + 2 * ID_BYTES, hash, APPROVAL_HASH_BYTES);
}

size_t approval_pairing_bytes(const char *code, const char *name,
			      const uint8_t key[PEOPLE_KEY_BYTES],
			      uint8_t to[APPROVAL_PAIRING_BYTES_MAX])
{
	const size_t code_size = strlen(code);
	const size_t name_size = strlen(name);

	must(code_size < APPROVAL_CODE_BYTES && name_size < PEOPLE_NAME_BYTES);
	memcpy(to, code, code_size);
	memcpy(to + code_size, name, name_size);
	memcpy(to + code_size + name_size, key, PEOPLE_KEY_BYTES);
	return code_size + name_size + PEOPLE_KEY_BYTES;
}

static size_t put_u64(uint8_t *to, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> (56 - 8 * i));
	return 8;
}

size_t approval_mute_bytes(const struct approval_mute *mute,
			   uint8_t to[APPROVAL_MUTE_BYTES_MAX])
{
	const size_t room_size = strnlen(mute->room, sizeof(mute->room));
	size_t at = 0;

	memcpy(to, mute->household.bytes, ID_BYTES);
	at += ID_BYTES;
	memcpy(to + at, mute->nonce, APPROVAL_NONCE_BYTES);
	at += APPROVAL_NONCE_BYTES;
	at += put_u64(to + at, mute->number);
	to[at++] = mute->on;
	memcpy(to + at, mute->room, room_size);
	return at + room_size;
}

static size_t put_text(uint8_t *to, const char *text)
{
	const size_t size = strlen(text);

	must(size <= UINT16_MAX);
	to[0] = (uint8_t)(size >> 8);
	to[1] = (uint8_t)size;
	memcpy(to + 2, text, size);
	return 2 + size;
}

static size_t put_contact(uint8_t *to, const struct contact *contact)
{
	size_t at = put_text(to, contact_kind_text(contact->kind));

	at += put_text(to + at, contact->name);
	at += put_text(to + at, contact->address);
	memcpy(to + at, contact->key, PEOPLE_KEY_BYTES);
	memcpy(to + at + PEOPLE_KEY_BYTES, contact->box_key, PEOPLE_KEY_BYTES);
	return at + 2 * PEOPLE_KEY_BYTES;
}

size_t approval_order_bytes(struct household_id household, struct proposal_id proposal,
			    const uint8_t hash[APPROVAL_HASH_BYTES], int64_t until_ms,
			    const struct contact *contact,
			    uint8_t to[APPROVAL_ORDER_BYTES_MAX])
{
	size_t at = APPROVAL_BYTES;

	approval_bytes(household, proposal, hash, to);
	at += put_u64(to + at, (uint64_t)until_ms);
	if (contact)
		at += put_contact(to + at, contact);
	must(at <= APPROVAL_ORDER_BYTES_MAX);
	return at;
}
