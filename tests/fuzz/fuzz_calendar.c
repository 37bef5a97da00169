/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a calendar file holds: what comes of it is in order and within its limits. */
#include <stdint.h>
#include <string.h>

#include "adapter/calendar_ical.h"
#include "base/must.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct agenda agenda;
	const struct calendar_span span = {.from_s = 1772323200, .until_s = 1806883200};
	struct err_note note = {""};

	if (calendar_ical_parse("fuzz", (const char *)bytes, size, &span, &agenda, &note))
		return 0;
	must(agenda.count <= AGENDA_ENTRIES_MAX);
	for (size_t i = 0; i < agenda.count; i++) {
		const struct agenda_entry *entry = &agenda.entries[i];

		must(entry->start_s < span.until_s && entry->end_s >= entry->start_s);
		must(i == 0 || agenda.entries[i - 1].start_s <= entry->start_s);
		must(entry->text[0] && str_is_line(entry->text, strlen(entry->text)));
	}
	return 0;
}
