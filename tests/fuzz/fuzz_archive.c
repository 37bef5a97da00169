/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_archive - bytes as an archive that somebody wants checked, and as what the keeper might
 * send of one: both are read with limits, and neither is believed.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "cli/export_stream.h"
#include "cli/verify_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct input {
	const uint8_t *bytes;
	size_t size;
};

static enum err open_input(void *context, struct zip_reader **out_reader,
			   struct err_note *note)
{
	const struct input *input = context;

	return zip_reader_open_memory(input->bytes, input->size, out_reader, note);
}

static enum err on_open(void *context, const char *path, int64_t at_ms, uint64_t size)
{
	(void)context;
	(void)at_ms;
	(void)size;
	must(path[0] != '/' && path[0] != '\0');
	return OK;
}

static enum err on_add(void *context, const void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	must(size > 0);
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct export_stream_listener listener = {NULL, on_open, on_add};
	struct input input = {bytes, size};
	const struct verify_source source = {&input, open_input};
	struct verified_archive verified;
	struct export_stream stream;
	struct err_note note = {""};

	if (seal_init() != OK)
		return 0;
	(void)!verify_archive(&source, NULL, &verified, &note);
	export_stream_init(&stream, &listener);
	(void)!export_stream_feed(&stream, bytes, size, &note);
	return 0;
}
