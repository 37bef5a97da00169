/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_pairing - the text of a code that anybody may hold before the camera.
 *
 * An input is such a text. One that begins with "W" is instead the fields of an offer that
 * is to be written: address, code and house, with NULs between. Beyond not crashing: what
 * is read is written to the same text, what is refused is refused with its place, and what
 * is written is read back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/pairing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(const char *text)
{
	struct pairing_offer offer;
	struct err_note note = {""};
	char again[PAIRING_TEXT_BYTES];

	if (pairing_offer_read(text, &offer, &note) != OK) {
		must(str_starts(note.text, "pairing text, byte "));
		return;
	}
	must(pairing_offer_write(&offer, again, &note) == OK);
	must(str_equal(again, text));
}

/* Takes the next text as far as it fits; gives what follows its NUL, or its end. */
static const char *take(const char *from, const char *end, char *to, size_t size)
{
	const size_t length = strlen(from);

	(void)str_copy_bytes(to, size, from, length < size ? length : size - 1);
	return from + length < end ? from + length + 1 : end;
}

static void check_fields(const char *text, const char *end)
{
	struct pairing_offer offer = {.key = {1}};
	struct pairing_offer back;
	struct err_note note = {""};
	char written[PAIRING_TEXT_BYTES];

	text = take(text, end, offer.address, sizeof(offer.address));
	text = take(text, end, offer.code, sizeof(offer.code));
	(void)take(text, end, offer.house, sizeof(offer.house));
	if (pairing_offer_write(&offer, written, &note) != OK) {
		must(str_starts(note.text, "pairing text, byte ") && !written[0]);
		return;
	}
	must(pairing_offer_read(written, &back, &note) == OK);
	must(str_equal(back.address, offer.address) && str_equal(back.code, offer.code) &&
	     str_equal(back.house, offer.house));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	must(copy && seal_init() == OK);
	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	if (copy[0] == 'W')
		check_fields(copy + 1, copy + size);
	else
		check_text(copy);
	free(copy);
	return 0;
}
