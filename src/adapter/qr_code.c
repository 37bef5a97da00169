/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qr_code - see the header. The only file that knows libqrencode.
 *
 * The text may hold a one-time code. The square that the library gives back is wiped
 * before it is freed; its copies of the text and the bit streams that it makes of them lie
 * in memory that it frees itself, unwiped and out of our reach.
 */
#include "adapter/qr_code.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "base/must.h"

enum {
	SMALLEST_VERSION = 0, /* the library chooses */
	MODULE_IS_DARK = 1,   /* the lowest bit of a module's byte; the others say why */
	CASE_MATTERS = 1,
};

static void put_bits(const QRcode *drawn, struct qr_code *code)
{
	const size_t count = code->side * code->side;

	for (size_t i = 0; i < count; i++) {
		if (drawn->data[i] & MODULE_IS_DARK)
			code->bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
}

enum err qr_code_make(const char *text, struct qr_code *out_code)
{
	const size_t size = strnlen(text, QR_CODE_TEXT_MAX + 1);
	QRcode *drawn;

	if (size == 0)
		return ERR_RANGE;
	if (size > QR_CODE_TEXT_MAX)
		return ERR_LIMIT;
	/* Stretches of capitals and digits take less room than other letters. */
	drawn = QRcode_encodeString(text, SMALLEST_VERSION, QR_ECLEVEL_M, QR_MODE_8,
				    CASE_MATTERS);
	if (!drawn)
		return errno == ERANGE ? ERR_LIMIT : ERR_MEMORY;
	must(drawn->width > 0);
	const size_t side = (size_t)drawn->width;
	enum err err = side <= QR_CODE_SIDE_MAX ? OK : ERR_LIMIT;
	if (!err) {
		*out_code = (struct qr_code){.side = side};
		put_bits(drawn, out_code);
	}
	explicit_bzero(drawn->data, side * side);
	QRcode_free(drawn);
	return err;
}

bool qr_code_is_dark(const struct qr_code *code, size_t column, size_t row)
{
	const size_t at = row * code->side + column;

	must(code->side <= QR_CODE_SIDE_MAX && column < code->side && row < code->side);
	return code->bits[at / 8] >> (7 - at % 8) & 1;
}

void qr_code_wipe(struct qr_code *code)
{
	explicit_bzero(code, sizeof(*code));
}
