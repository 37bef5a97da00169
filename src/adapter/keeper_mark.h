/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_mark - by what others know this house's keeper: its household and public key, in
 * a small file that the keeper writes at each start. The gate reads it before it gives up
 * its rights, the command line before it tells the keeper anything. Nothing in it is secret;
 * whoever can write it owns the data folder, and neither hub, gate nor rooms can.
 *
 * DIR/keeper/keeper.mark: "behest keeper mark v1", the household in hexadecimal digits, the
 * key as text (base/key_text.h), each with its line end.
 */
#ifndef ADAPTER_KEEPER_MARK_H
#define ADAPTER_KEEPER_MARK_H

/* In the same folder, of a house that ends (keeper/ending.h): it is begun; the receipt. */
#define KEEPER_MARK_ENDING "keeper.ending"
#define KEEPER_MARK_ENDED "house.ended"

#include <stdint.h>

#include "base/err.h"
#include "base/key_text.h"
#include "domain/ids.h"

struct keeper_mark {
	struct household_id household;
	uint8_t key[KEY_TEXT_KEY_BYTES];
};

/* folder: the keeper's own (DIR/keeper). The note names the file. */
MUST_CHECK enum err keeper_mark_write(const char *folder, const struct keeper_mark *mark,
				      struct err_note *note);
/* ERR_MISSING: no keeper ran there yet. ERR_FORMAT. */
MUST_CHECK enum err keeper_mark_read(const char *folder, struct keeper_mark *out_mark,
				     struct err_note *note);

#endif
