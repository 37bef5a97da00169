/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_embedding_net - the bytes of the weights: what decodes encodes to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/embedding_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct embedding_file file;
	struct err_note note = {""};
	struct buf again;

	must(embedding_file_init(&file) == OK);
	if (embedding_file_decode("net", bytes, size, &file, &note) != OK) {
		must(note.text[0] != 0);
	} else {
		must(embedding_file_encode(&file, &again) == OK);
		must(again.size == size && memcmp(again.bytes, bytes, size) == 0);
		buf_finish(&again);
	}
	embedding_file_finish(&file);
	return 0;
}
