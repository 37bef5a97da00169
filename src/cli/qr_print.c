/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qr_print - see the header. Knows nothing of what the code says, and keeps no copy of it.
 *
 * Invariant: each line begins with the colours of paper and ends with the terminal's own,
 * so nothing is left behind when a line is cut or the terminal scrolls.
 */
#include "cli/qr_print.h"

#include "cli/terminal.h"

static size_t side_with_quiet(const struct qr_code *code)
{
	return code->side + (size_t)(2 * QR_PRINT_QUIET);
}

/* Counted from the corner of the quiet zone; all outside the code is light. */
static bool is_dark(const struct qr_code *code, size_t column, size_t row)
{
	const size_t end = QR_PRINT_QUIET + code->side;

	if (column < QR_PRINT_QUIET || row < QR_PRINT_QUIET || column >= end ||
	    row >= end)
		return false;
	return qr_code_is_dark(code, column - QR_PRINT_QUIET, row - QR_PRINT_QUIET);
}

/* Two rows of modules: the upper and the lower half of the letters. */
static void put_blocks(const struct qr_code *code, size_t row, FILE *to)
{
	static const char *const letters[2][2] = {
		{" ", "\xe2\x96\x84"},             /* nothing, lower half */
		{"\xe2\x96\x80", "\xe2\x96\x88"}}; /* upper half, both */

	for (size_t column = 0; column < side_with_quiet(code); column++)
		fputs(letters[is_dark(code, column, row)][is_dark(code, column, row + 1)],
		      to);
}

/* One row. With colours a pair is all black, since '#' alone leaves gaps. */
static void put_pairs(const struct qr_code *code, size_t row, bool colours, FILE *to)
{
	bool was_dark = false;

	for (size_t column = 0; column < side_with_quiet(code); column++) {
		const bool dark = is_dark(code, column, row);

		if (dark != was_dark)
			fputs(terminal_style(colours, dark ? STYLE_INK : STYLE_PAPER),
			      to);
		fputs(dark ? "##" : "  ", to);
		was_dark = dark;
	}
}

struct qr_print_form qr_print_form(FILE *to)
{
	return (struct qr_print_form){.blocks = terminal_utf8(),
				      .colours = terminal_colours(to)};
}

size_t qr_print_columns(const struct qr_code *code, struct qr_print_form form)
{
	return side_with_quiet(code) * (form.blocks ? 1 : 2);
}

enum err qr_print(const struct qr_code *code, struct qr_print_form form, FILE *to)
{
	for (size_t row = 0; row < side_with_quiet(code); row += form.blocks ? 2 : 1) {
		fputs(terminal_style(form.colours, STYLE_PAPER), to);
		if (form.blocks)
			put_blocks(code, row, to);
		else
			put_pairs(code, row, form.colours, to);
		fputs(terminal_style(form.colours, STYLE_PLAIN), to);
		fputc('\n', to);
	}
	return fflush(to) == 0 && !ferror(to) ? OK : ERR_IO;
}
