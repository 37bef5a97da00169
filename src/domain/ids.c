/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids - comparing ids and writing them for people. Pure.
 */
#include "domain/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const char TURN_PREFIX[] = "t-";
enum { TURN_DIGITS = 16 };

bool id_is_none(const uint8_t bytes[ID_BYTES])
{
	static const uint8_t none[ID_BYTES];
	return memcmp(bytes, none, ID_BYTES) == 0;
}

bool id_equal(const uint8_t a[ID_BYTES], const uint8_t b[ID_BYTES])
{
	return memcmp(a, b, ID_BYTES) == 0;
}

void id_to_text(char to[ID_TEXT_BYTES], const uint8_t bytes[ID_BYTES])
{
	str_to_hex(to, bytes, ID_BYTES);
}

bool id_from_text(uint8_t to[ID_BYTES], const char *text)
{
	return str_from_hex(to, ID_BYTES, text);
}

void turn_id_to_text(char to[ID_TEXT_BYTES], struct turn_id turn)
{
	(void)str_format(to, ID_TEXT_BYTES, "%s%016llx", TURN_PREFIX,
			 (unsigned long long)turn.value);
}

bool turn_id_from_text(struct turn_id *out_turn, const char *text)
{
	uint8_t bytes[TURN_DIGITS / 2];
	const char *digits = text;

	if (str_starts(text, TURN_PREFIX))
		digits += sizeof(TURN_PREFIX) - 1;
	if (!str_from_hex(bytes, sizeof(bytes), digits))
		return false;
	out_turn->value = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		out_turn->value = out_turn->value << 8 | bytes[i];
	return true;
}

enum { TURN_MS_SHIFT = 16 };

int64_t turn_id_ms(struct turn_id turn)
{
	return (int64_t)(turn.value >> TURN_MS_SHIFT);
}
