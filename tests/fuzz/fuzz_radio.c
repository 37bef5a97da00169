/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_radio - a file of stations: refused with its place, or read, written and the same. */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/radio.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct radio radio;
	static struct radio again;
	struct err_note note = {""};
	struct buf file;

	if (radio_read("radio.yaml", (const char *)bytes, size, &radio, &note)) {
		must(str_starts(note.text, "radio.yaml:"));
		return 0;
	}
	must(radio.count <= RADIO_STATIONS_MAX);
	buf_init(&file, RADIO_FILE_BYTES_MAX);
	must(radio_write(&radio, &file) == OK);
	must(radio_read("radio.yaml", (const char *)file.bytes, file.size, &again,
			&note) == OK);
	must(again.count == radio.count);
	for (size_t i = 0; i < radio.count; i++)
		must(str_equal(radio.stations[i].name, again.stations[i].name) &&
		     str_equal(radio.stations[i].url, again.stations[i].url));
	buf_finish(&file);
	return 0;
}
