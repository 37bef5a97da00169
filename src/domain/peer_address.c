/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_address - see the header. Knows the form of an address and nothing of names.
 */
#include "domain/peer_address.h"

#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "domain/people.h"

#define DIGITS "0123456789"
#define ALNUM DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

enum { PORT_MAX = 65535, PORT_DIGITS = 5 };

static enum err refuse(struct err_note *note, size_t at, const char *expected)
{
	return err_say(ERR_FORMAT, note, "a peer's address, byte %zu: expected %s",
		       at + 1, expected);
}

/* Where the host ends; 0 when the address begins with none. */
static size_t host_end(const char *address)
{
	size_t inside;

	if (address[0] != '[')
		return address[0] && strchr(ALNUM, address[0])
			       ? strspn(address, ALNUM ".-")
			       : 0;
	inside = strspn(address + 1, DIGITS "ABCDEFabcdef:.");
	return inside > 0 && address[1 + inside] == ']' ? inside + 2 : 0;
}

static bool is_port(const char *text, size_t size)
{
	char digits[PORT_DIGITS + 1];
	int64_t port = 0;

	return size > 0 && text[0] != '0' && strspn(text, DIGITS) == size &&
	       str_copy_bytes(digits, sizeof(digits), text, size) &&
	       str_to_int(digits, 1, PORT_MAX, &port);
}

enum err peer_address_check(const char *address, struct err_note *note)
{
	const size_t host = host_end(address);
	uint8_t key[KEY_TEXT_KEY_BYTES];

	if (strlen(address) >= PEOPLE_ADDRESS_BYTES)
		return err_say(ERR_LIMIT, note, "a peer's address has at most %d bytes",
			       PEOPLE_ADDRESS_BYTES - 1);
	if (host == 0)
		return refuse(note, 0, "HOST:PORT or [IPV6]:PORT");
	if (address[host] != ':')
		return refuse(note, host, "a colon and a port");

	const char *port = address + host + 1;
	const size_t digits = strcspn(port, "/");

	if (!is_port(port, digits))
		return refuse(note, host + 1, "a port from 1 to 65535");
	if (port[digits] == '/' && key_from_text(port + digits + 1, key) != OK)
		return refuse(note, host + 1 + digits + 1,
			      "the relay's key; some letter of it is wrong");
	return OK;
}

bool peer_address_is_unspecified(const char *address)
{
	const size_t end = host_end(address);
	const size_t inside = address[0] == '[' ? 1 : 0;

	/* Nothing but zeros between its dots or colons. */
	return end > 0 && strspn(address + inside, "0.:") >= end - 2 * inside;
}
