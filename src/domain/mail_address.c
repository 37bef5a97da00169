/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_address - a table of what is asked of an address, in the order in which somebody
 * who typed it wants to be told.
 *
 * Invariant: what passes consists of the characters below, so it holds no blank, comma,
 * quote, bracket, colon, line end or NUL.
 */
#include "domain/mail_address.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* RFC 5322's atext and the dot, without what shells and routers give a meaning of old:
 * '!', '%', '`', '|', '$' and braces. */
static const char LOCAL_CHARACTERS[] = LETTERS DIGITS "#&'*+-/=?^_~.";
static const char LABEL_CHARACTERS[] = LETTERS DIGITS "-";

/* --- one property each: true when it holds --- */

static bool is_ascii(const char *address)
{
	for (const char *at = address; *at; at++)
		if ((unsigned char)*at > 0x7e)
			return false;
	return true;
}

static bool has_no_blank(const char *address)
{
	for (const char *at = address; *at; at++)
		if ((unsigned char)*at <= ' ')
			return false;
	return true;
}

static bool is_one(const char *address)
{
	return !strpbrk(address, ",;<>\"()");
}

static bool has_one_at(const char *address)
{
	const char *at = strchr(address, '@');

	return at && !strchr(at + 1, '@');
}

static size_t local_size(const char *address)
{
	return strcspn(address, "@");
}

static bool has_local(const char *address)
{
	return local_size(address) > 0 && local_size(address) <= MAIL_LOCAL_MAX;
}

static bool has_fit_local(const char *address)
{
	return strspn(address, LOCAL_CHARACTERS) == local_size(address);
}

/* A leading '-' would be an option to a careless mail program. */
static bool has_fit_ends(const char *address)
{
	const size_t size = local_size(address);

	return address[0] != '.' && address[0] != '-' && address[size - 1] != '.';
}

static bool has_single_dots(const char *address)
{
	return !strstr(address, "..");
}

static bool has_dot_in_domain(const char *address)
{
	return strchr(mail_address_domain(address), '.') != NULL;
}

static bool is_label(const char *label, size_t size)
{
	return size > 0 && size <= MAIL_LABEL_MAX &&
	       strspn(label, LABEL_CHARACTERS) >= size && label[0] != '-' &&
	       label[size - 1] != '-';
}

static bool has_fit_labels(const char *address)
{
	const char *label = mail_address_domain(address);

	while (true) {
		const size_t size = strcspn(label, ".");

		if (!is_label(label, size))
			return false;
		if (label[size] == '\0')
			return true;
		label += size + 1;
	}
}

/* 192.0.2.1 is a number, not a name. */
static bool ends_in_name(const char *address)
{
	const char *last = strrchr(address, '.') + 1;

	return strspn(last, DIGITS) < strlen(last);
}

static const struct {
	bool (*holds)(const char *address);
	const char *complaint;
} RULES[] = {
	{is_ascii, "has a character that is not ASCII; write the domain as xn--..."},
	{has_no_blank, "has a blank or a control character in it"},
	{is_one, "is not one plain address; expected name@domain alone"},
	{has_one_at, "needs one '@'"},
	{has_local, "needs 1 to 64 characters before the '@'"},
	{has_fit_local, "has a character before the '@' that is not allowed there"},
	{has_fit_ends, "begins or ends its part before the '@' with '.' or '-'"},
	{has_single_dots, "has two dots in a row"},
	{has_dot_in_domain, "needs a domain with a dot after the '@'"},
	{has_fit_labels, "has a domain that is none; expected letters, digits and '-'"},
	{ends_in_name, "ends in a number; expected the name of a domain"},
};

enum err mail_address_check(const char *address, struct err_note *note)
{
	if (address[0] == '\0')
		return err_say(ERR_FORMAT, note,
			       "the address is empty; expected name@domain");
	if (strnlen(address, MAIL_ADDRESS_MAX + 1) > MAIL_ADDRESS_MAX)
		return err_say(ERR_LIMIT, note,
			       "the address is longer than %d characters",
			       (int)MAIL_ADDRESS_MAX);
	for (size_t i = 0; i < STR_COUNT(RULES); i++)
		if (!RULES[i].holds(address))
			return err_say(ERR_FORMAT, note, "the address %s",
				       RULES[i].complaint);
	return OK;
}

const char *mail_address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	must(at);
	return at + 1;
}

/* --- names, subjects and text --- */

/* C0, DEL, and C1, which is U+0080..U+009F in UTF-8. */
static bool is_control(const char *at, const char *allowed)
{
	const unsigned char first = (unsigned char)at[0];
	const unsigned char second = first ? (unsigned char)at[1] : 0;

	if (first < 0x20 || first == 0x7f)
		return !strchr(allowed, at[0]);
	return first == 0xc2 && second >= 0x80 && second <= 0x9f;
}

static enum err check_text(const char *text, size_t size_max, const char *allowed,
			   const char *what, struct err_note *note)
{
	const size_t size = strnlen(text, size_max + 1);

	if (size > size_max)
		return err_say(ERR_LIMIT, note, "%s is longer than %zu bytes", what,
			       size_max);
	if (!str_is_utf8(text, size))
		return err_say(ERR_FORMAT, note, "%s is not well-formed UTF-8", what);
	for (const char *at = text; *at; at++)
		if (is_control(at, allowed))
			return err_say(ERR_FORMAT, note,
				       "%s has a control character at byte %zu", what,
				       (size_t)(at - text) + 1);
	return OK;
}

enum err mail_line_check(const char *line, size_t size_max, const char *what,
			 struct err_note *note)
{
	return check_text(line, size_max, "", what, note);
}

enum err mail_text_check(const char *text, size_t size_max, const char *what,
			 struct err_note *note)
{
	return check_text(text, size_max, "\n\t", what, note);
}
