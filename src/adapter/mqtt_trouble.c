/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_trouble - one row per thing that OpenSSL says; the first that fits holds.
 */
#include "adapter/mqtt_trouble.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

static const struct {
	const char *part; /* of the line */
	const char *words;
} ROWS[] = {
	{"host name verification failed", "shows a certificate that is for another name"},
	{"certificate verify failed",
	 "shows a certificate that [broker] authority did not sign, that is for another "
	 "name, or that has expired"},
	{"alert certificate required",
	 "wants a certificate of ours; expected [broker] certificate and key"},
	{"alert handshake failure",
	 "ends the handshake; it may want a certificate of ours, [broker] certificate"},
	{"alert unknown ca", "does not know who signed our [broker] certificate"},
	{"alert bad certificate", "does not take our [broker] certificate"},
	{"alert certificate unknown", "does not take our [broker] certificate"},
	{"alert certificate expired", "says that our [broker] certificate has expired"},
	{"alert certificate revoked", "says that our [broker] certificate is revoked"},
	{"key values mismatch", "was not asked: [broker] key is not that of certificate"},
	{"Unable to load client certificate",
	 "was not asked: [broker] certificate holds none, or is too weak"},
	{"Unable to load client key file",
	 "was not asked: [broker] key holds none, or is not that of certificate"},
	{"Unable to load CA certificates",
	 "was not asked: [broker] authority holds no certificate"},
	{"wrong version number", "does not speak TLS at this port"},
	{"OpenSSL Error", "and we could not begin TLS"},
};

const char *mqtt_trouble_words(const char *line)
{
	for (size_t i = 0; i < STR_COUNT(ROWS); i++)
		if (strstr(line, ROWS[i].part))
			return ROWS[i].words;
	return NULL;
}
