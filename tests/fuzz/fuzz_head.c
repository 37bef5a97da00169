/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_head - the bytes of a head: what decodes encodes to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/head_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct head_file file;
	struct err_note note = {""};
	struct buf again;

	if (head_file_decode("head", bytes, size, &file, &note) != OK) {
		must(note.text[0] != 0);
		return 0;
	}
	must(head_file_encode(&file, &again) == OK);
	must(again.size == size && memcmp(again.bytes, bytes, size) == 0);
	buf_finish(&again);
	head_file_finish(&file);
	return 0;
}
