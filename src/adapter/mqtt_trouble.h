/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_trouble - what went wrong when a connection under TLS did not come to be, in words
 * that an owner can act on. Pure.
 */
#ifndef ADAPTER_MQTT_TROUBLE_H
#define ADAPTER_MQTT_TROUBLE_H

/* What a line of the library's log means, to be put behind "the broker at ..."; NULL: it
 * is not about TLS. */
const char *mqtt_trouble_words(const char *line);

#endif
