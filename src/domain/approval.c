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

void approval_order_bytes(struct household_id household, struct proposal_id proposal,
			  const uint8_t hash[APPROVAL_HASH_BYTES], int64_t until_ms,
			  uint8_t to[APPROVAL_ORDER_BYTES])
{
	approval_bytes(household, proposal, hash, to);
	for (unsigned i = 0; i < 8; i++)
		to[APPROVAL_BYTES + i] = (uint8_t)((uint64_t)until_ms >> (56 - 8 * i));
}
