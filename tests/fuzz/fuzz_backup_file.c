/* SPDX-License-Identifier: Apache-2.0 */
/* The outer form of a backup's files: what comes of any bytes is an error or a whole file. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adapter/backup_file.h"
#include "base/must.h"

struct memory {
	const uint8_t *bytes;
	size_t left;
};

static enum err read_memory(void *context, void *to, size_t size, size_t *out_got)
{
	struct memory *memory = context;
	const size_t part = size < memory->left ? size : memory->left;

	if (part > 0)
		memcpy(to, memory->bytes, part);
	memory->bytes += part;
	memory->left -= part;
	*out_got = part;
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct backup_in in;
	struct memory memory = {data, size};
	struct err_note note = {.text = ""};
	const uint8_t *bytes = NULL;
	size_t part = 1;
	enum err err;

	must(seal_init() == OK);
	memset(&in, 0, sizeof(in));
	in.name = "fuzz";
	in.read = read_memory;
	in.context = &memory;
	err = backup_in_begin(&in, &note);
	while (err == OK && part > 0) {
		err = backup_in_next(&in, &bytes, &part, &note);
		must(err != OK || part <= BACKUP_CHUNK_BYTES_MAX);
	}
	must((err == OK) == in.is_whole);
	must(err == OK || note.text[0] != '\0');
	must(err != OK || memory.left == 0);
	return 0;
}
