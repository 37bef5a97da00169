/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_cleaner - the bytes of a cleaner: what loads cleans any frame without harm. */
#include "adapter/cleaner.h"
#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct cleaner_frame frame = {{{1, -2, 3}}, {{4, 5, -6}}};
	const struct cleaner_frame *window[CLEANER_FRAMES];
	struct sphinx_cep cep = frame.quiet;
	struct cleaner *cleaner = NULL;
	struct err_note note = {""};

	if (cleaner_decode("cleaner", bytes, size, &cleaner, &note) != OK) {
		must(note.text[0] != 0);
		return 0;
	}
	for (size_t i = 0; i < CLEANER_FRAMES; i++)
		window[i] = &frame;
	cleaner_clean(cleaner, window, &cep);
	cleaner_destroy(cleaner);
	return 0;
}
