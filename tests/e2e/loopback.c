/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback - sockets bound to 127.0.0.1.
 */
#include "e2e/loopback.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int loopback_listen(uint16_t *out_port)
{
	struct sockaddr_in address = address_of(0);
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, 8) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
		*out_port = ntohs(address.sin_port);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

uint16_t loopback_free_port(void)
{
	uint16_t port = 0;
	int fd = loopback_listen(&port);

	if (fd < 0)
		return 0;
	close(fd);
	return port;
}

bool loopback_is_listening(uint16_t port)
{
	struct sockaddr_in address = address_of(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool listening =
		fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return listening;
}
