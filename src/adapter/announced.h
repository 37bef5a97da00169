/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announced - one component's announcement while it is being read: what stands under a
 * key, checked. Part of discovery. Pure.
 */
#ifndef ADAPTER_ANNOUNCED_H
#define ADAPTER_ANNOUNCED_H

#include <stdbool.h>

#include "adapter/mqtt_device.h"
#include "base/err.h"
#include "base/json.h"
#include "domain/ids.h"

enum { ANNOUNCED_WORD_BYTES = 64 };

struct announced {
	const struct json_value *own;
	const struct json_value *shared; /* the device message around it, or NULL */
	const char *base;                /* of "~"; NULL none */
	const char *prefix;              /* of all discovery */
	const char *topic;               /* where it was announced */
	char object[NAME_BYTES];         /* its name in the topic or list */
	char part[MQTT_TOPIC_BYTES]; /* of the prefix that is its own, ends with '/' */
	struct err_note *note;
};

/* The value of a key or of its abbreviation; null counts as absent. */
const struct json_value *announced_get(const struct json_value *object, const char *key);
/* The same in the announcement, and for some keys in the device message around it. */
const struct json_value *announced_find(const struct announced *announced,
					const char *key);

/* Says what was expected under the key. ERR_FORMAT. */
enum err announced_refuse(const struct announced *announced, const char *key,
			  const char *expected);

/* Each refuses other types. NULL when absent. */
MUST_CHECK enum err announced_text(const struct announced *announced, const char *key,
				   const char **out_text);
MUST_CHECK enum err announced_bool(const struct announced *announced, const char *key,
				   bool fallback, bool *out_value);
/* Also takes a number written as text. */
MUST_CHECK enum err announced_number(const struct announced *announced, const char *key,
				     double smallest, double largest, double fallback,
				     double *out_value);
/* Text, number or boolean as the text that a template would print. */
bool announced_word(const struct json_value *value, char to[ANNOUNCED_WORD_BYTES]);

/* A copy of the topic in text, "~" replaced; refused unless the device may use it. */
MUST_CHECK enum err announced_topic(const struct announced *announced, const char *key,
				    const char *text, char **out_topic);

/* No control characters, and none that hide or turn around others. text is UTF-8. */
bool announced_is_visible(const char *text);

#endif
