/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_address - see the header. Knows the form of an address and nothing of names.
 */
#include "domain/web_address.h"

#include <string.h>

#include "base/str.h"

#define PLAIN "http://"
#define TLS "https://"

enum {
	HTTPS_PORT = 443,
	HTTP_PORT = 80,
	PORT_MAX = 65535,
	PORT_DIGITS = 5,
	HOST_BYTES = 256,
	NUMBERS = 4, /* of an IPv4 address */
};

/* Where the host begins. */
static const char *place_of(const char *address)
{
	const char *at = strstr(address, "://");

	return at ? at + 3 : address;
}

static size_t host_size(const char *place)
{
	if (place[0] != '[')
		return strcspn(place, ":/");
	const size_t inside = strcspn(place, "]/");

	return place[inside] == ']' ? inside + 1 : 0;
}

/* 127.x.x.x, each a number that could be one. */
static bool is_loopback4(const char *host)
{
	char left[HOST_BYTES];
	char *at = left;

	if (!str_copy(left, sizeof(left), host) || !str_starts(host, "127."))
		return false;
	for (unsigned i = 0; i < NUMBERS; i++) {
		const size_t size = strcspn(at, ".");
		const bool is_last = at[size] == '\0';
		int64_t number = 0;

		at[size] = '\0';
		if (!str_to_int(at, 0, UINT8_MAX, &number) ||
		    is_last != (i == NUMBERS - 1))
			return false;
		at += size + 1;
	}
	return true;
}

/* The port behind the host: "" or ":PORT"; size is all of it. */
static bool is_port(const char *text, size_t size)
{
	char digits[PORT_DIGITS + 1];
	int64_t port = 0;

	return size == 0 || (text[0] == ':' && text[1] != '0' &&
			     str_copy_bytes(digits, sizeof(digits), text + 1, size - 1) &&
			     str_to_int(digits, 1, PORT_MAX, &port));
}

bool web_address_is_plain(const char *address)
{
	return str_starts(address, PLAIN);
}

enum err web_address_check(const char *address, const char *what, struct err_note *note)
{
	static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789:/[].-_~";
	const char *place = place_of(address);
	const size_t size = host_size(place);
	const char *path = strchr(place, '/');
	char host[HOST_BYTES];

	if (strlen(address) >= WEB_ADDRESS_BYTES)
		return err_say(ERR_LIMIT, note, "%s has at most %d bytes", what,
			       WEB_ADDRESS_BYTES - 1);
	if ((!str_starts(address, TLS) && !web_address_is_plain(address)) ||
	    strspn(address, fit) != strlen(address) || size == 0 ||
	    !str_copy_bytes(host, sizeof(host), place, size) || !path ||
	    !is_port(place + size, (size_t)(path - place) - size))
		return err_say(ERR_FORMAT, note, "%s: expected https://HOST[:PORT]/PATH",
			       what);
	if (web_address_is_plain(address) && !is_loopback4(host) &&
	    !str_equal(host, "[::1]"))
		return err_say(ERR_DENIED, note,
			       "%s would be reached in the open; expected https://",
			       what);
	return OK;
}

uint16_t web_address_port(const char *address)
{
	const char *place = place_of(address);
	const char *after = place + host_size(place);
	char digits[PORT_DIGITS + 1];
	int64_t port = web_address_is_plain(address) ? HTTP_PORT : HTTPS_PORT;

	if (after[0] == ':' &&
	    str_copy_bytes(digits, sizeof(digits), after + 1, strcspn(after + 1, "/")))
		(void)str_to_int(digits, 1, PORT_MAX, &port);
	return (uint16_t)port;
}
