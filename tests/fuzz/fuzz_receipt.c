/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is given as a receipt, and the rows in which the keeper keeps how far it has come with
 * what is old or erased. A receipt that is not signed counts for nothing; a row that is read
 * is written the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/verify_receipt.h"
#include "keeper/chores_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_rows(const uint8_t *bytes, size_t size)
{
	struct desk_chores chores;
	struct desk_clock watch;
	uint8_t row[CHORES_ROW_BYTES];

	if (chores_row_read(bytes, size, UINT64_MAX - 1, &chores) == OK) {
		chores_row_write(&chores, row);
		must(size == sizeof(row) && memcmp(row, bytes, size) == 0);
	}
	if (chores_row_read_clock(bytes, size, &watch) == OK) {
		chores_row_write_clock(&watch, row);
		must(size == CHORES_CLOCK_ROW_BYTES && memcmp(row, bytes, size) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct keeper_mark mark = {.household = {{1}}};
	struct receipt_checked checked;
	struct err_note note = {""};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	must(verify_receipt(text, size, &mark, &checked, &note) != OK);
	free(text);
	read_rows(bytes, size);
	return 0;
}
