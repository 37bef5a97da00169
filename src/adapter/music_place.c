/* SPDX-License-Identifier: Apache-2.0 */
/* music_place - see the header. Invariant: no address leaves this machine. */
#include "adapter/music_place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { LOOPBACK_NET = 127 };

static bool find_unix(const char *host, struct music_place *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!str_copy(address.sun_path, sizeof(address.sun_path), host))
		return false;
	memcpy(&place->address, &address, sizeof(address));
	place->size = sizeof(address);
	return true;
}

static bool find_four(const char *host, uint16_t port, struct music_place *place)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
	    ntohl(address.sin_addr.s_addr) >> 24 != LOOPBACK_NET)
		return false;
	memcpy(&place->address, &address, sizeof(address));
	place->size = sizeof(address);
	place->is_tcp = true;
	return true;
}

static bool find_six(const char *host, uint16_t port, struct music_place *place)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1 ||
	    !IN6_IS_ADDR_LOOPBACK(&address.sin6_addr))
		return false;
	memcpy(&place->address, &address, sizeof(address));
	place->size = sizeof(address);
	place->is_tcp = true;
	return true;
}

enum err music_place_find(const char *host, uint16_t port, struct music_place *out_place,
			  struct err_note *note)
{
	struct music_place place = {.is_tcp = false};
	const char *address = str_equal(host, "localhost") ? "127.0.0.1" : host;
	const bool found = host[0] == '/' ? find_unix(host, &place)
					  : find_four(address, port, &place) ||
						    find_six(address, port, &place);

	if (!found)
		return err_say(ERR_DENIED, note,
			       "[music] host: \"%.60s\" is not on this machine; expected "
			       "127.0.0.1, ::1, localhost, or the path of a unix socket, "
			       "because the hub has no way out",
			       host);
	*out_place = place;
	return OK;
}

enum err music_place_dial(const struct music_place *place, int *out_fd,
			  struct err_note *note)
{
	union {
		const struct sockaddr_storage *storage;
		const struct sockaddr *any;
	} address = {.storage = &place->address};
	const int fd = socket(place->address.ss_family,
			      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_say(ERR_IO, note, "no socket: %s", strerror(errno));
	if (connect(fd, address.any, place->size) != 0 && errno != EINPROGRESS) {
		const int number = errno;

		close(fd);
		return err_say(ERR_CLOSED, note, "%s", strerror(number));
	}
	*out_fd = fd;
	return OK;
}

enum err music_place_dialled(int fd, struct err_note *note)
{
	int number = 0;
	socklen_t size = sizeof(number);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
		number = errno;
	return number ? err_say(ERR_CLOSED, note, "%s", strerror(number)) : OK;
}
