/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_drill_card - a drill's card, from outside. Beyond not crashing: what is refused is
 * refused with its place, and what is read is within its limits.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_lines(const struct drill_lines *lines)
{
	must(lines->count <= DRILL_LINES_MAX);
	for (size_t i = 0; i < lines->count; i++)
		must(strlen(drill_card_line(lines, i)) < DRILL_LINE_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const NEEDS[] = {"request", "outcomes", NULL};
	static struct drill_card card;
	struct err_note note = {""};
	const enum err err = drill_card_read("cards/portland.yaml", (const char *)bytes,
					     size, NEEDS, &card, &note);

	if (err) {
		must(err == ERR_MEMORY || str_starts(note.text, "cards/portland.yaml:"));
		return 0;
	}
	must(str_equal(card.name, "portland"));
	must(card.number >= 1 && card.number <= DRILL_NUMBER_MAX);
	must(card.contact_count <= DRILL_CONTACTS_MAX);
	must(!card.is_ready || (card.request[0] && card.outcomes.count > 0));
	check_lines(&card.sources);
	check_lines(&card.near);
	check_lines(&card.answers);
	check_lines(&card.confirms);
	check_lines(&card.outcomes);
	return 0;
}
