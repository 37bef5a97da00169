/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery - the two forms of message, who a device says it is, and when it is there.
 *
 * Unknown keys are ignored as their inventors do. Every refusal names the topic and the
 * key. Invariant: no topic of an accepted device has a wildcard, starts with '$', or
 * lies in another device's part of the discovery prefix.
 */
#include "adapter/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/announced.h"
#include "adapter/discovery_kind.h"
#include "base/json.h"
#include "base/str.h"

static enum err read_availability_word(const struct announced *announced,
				       const struct json_value *object, const char *key,
				       const char *fallback, char to[TEMPLATE_WORD_BYTES])
{
	const struct json_value *value = announced_get(object, key);

	if (value ? !announced_word(value, to)
		  : !str_copy(to, TEMPLATE_WORD_BYTES, fallback))
		return announced_refuse(announced, key, "a word of at most 63 bytes");
	return OK;
}

/* One row: {topic, payload_available, payload_not_available, value_template}. */
static enum err add_availability(const struct announced *announced,
				 struct mqtt_device *device,
				 const struct json_value *object, const char *topic,
				 const char *template)
{
	struct mqtt_availability *row = &device->availability[device->availability_count];
	enum err err = OK;

	if (device->availability_count == MQTT_AVAILABILITY_MAX)
		return announced_refuse(announced, "availability", "at most 8 topics");
	if (template && template[0]) {
		err = template_parse_value(template, &row->template);
		if (err == ERR_UNSUPPORTED)
			device->entity.read_only = true;
		else if (err)
			return err;
	}
	err = announced_topic(announced, "availability", topic, &row->topic);
	if (err) {
		template_destroy(row->template);
		row->template = NULL;
		return err;
	}
	device->availability_count++;
	err = read_availability_word(announced, object, "payload_available", "online",
				     row->online);
	if (!err)
		err = read_availability_word(announced, object, "payload_not_available",
					     "offline", row->offline);
	return err;
}

static enum err read_availability_list(const struct announced *announced,
				       struct mqtt_device *device,
				       const struct json_value *list)
{
	size_t count = json_is_array(list) ? json_count(list) : 1;
	enum err err = OK;

	if (!json_is_array(list) && !json_is_object(list))
		return announced_refuse(announced, "availability", "a list of topics");
	for (size_t i = 0; i < count && !err; i++) {
		const struct json_value *row =
			json_is_array(list) ? json_at(list, i) : list;
		const char *topic = json_text(announced_get(row, "topic"), NULL);

		if (!topic)
			return announced_refuse(announced, "availability",
						"a topic in each row");
		err = add_availability(announced, device, row, topic,
				       json_text(announced_get(row, "value_template"),
						 NULL));
	}
	return err;
}

static enum err read_availability_mode(const struct announced *announced,
				       struct mqtt_device *device)
{
	static const char *const modes[] = {"latest", "all", "any"};
	const char *mode = NULL;
	enum err err = announced_text(announced, "availability_mode", &mode);

	if (err || !mode)
		return err;
	for (size_t i = 0; i < STR_COUNT(modes); i++)
		if (str_equal(mode, modes[i])) {
			device->availability_mode = (enum mqtt_availability_mode)i;
			return OK;
		}
	return announced_refuse(announced, "availability_mode", "latest, all or any");
}

static enum err read_availability(const struct announced *announced,
				  struct mqtt_device *device)
{
	const struct json_value *list = announced_find(announced, "availability");
	const char *topic = NULL;
	const char *template = NULL;
	enum err err = read_availability_mode(announced, device);

	if (!err && list)
		return read_availability_list(announced, device, list);
	if (!err)
		err = announced_text(announced, "availability_topic", &topic);
	if (!err)
		err = announced_text(announced, "availability_template", &template);
	if (err || !topic)
		return err;
	return add_availability(announced, device,
				announced_get(announced->own, "availability_topic")
					? announced->own
					: announced->shared,
				topic, template);
}

/* Joiners say how letters are drawn together, in Persian or a family of emoji; a name is
 * the same name without them, and then hides nothing. */
static void drop_joiners(char *text)
{
	static const char *const JOINERS[] = {"\xe2\x80\x8c", "\xe2\x80\x8d"};

	for (size_t i = 0; i < STR_COUNT(JOINERS); i++) {
		const size_t size = strlen(JOINERS[i]);
		for (char *at = text; (at = strstr(at, JOINERS[i]));)
			memmove(at, at + size, strlen(at + size) + 1);
	}
}

/* "living_room_lamp" is spoken as "living room lamp". */
static bool take_spoken(char *to, size_t size, const char *text)
{
	if (!str_copy(to, size, text))
		return false;
	for (char *c = to; *c; c++)
		if (*c == '_')
			*c = ' ';
	drop_joiners(to);
	str_trim(to);
	return announced_is_visible(to);
}

/* What a component without a word of its own is called behind its device: a sensor by what
 * it measures ("balcony humidity"), as Home Assistant has it. One that says null is the
 * device itself. */
static const char *own_name(const struct announced *announced,
			    const struct mqtt_device *device)
{
	const bool is_sensor = device->entity.domain == ENTITY_SENSOR ||
			       device->entity.domain == ENTITY_BINARY_SENSOR;

	if (!is_sensor || json_get(announced->own, "name"))
		return NULL;
	return device->entity.device_class[0] ? device->entity.device_class : NULL;
}

/* The device's name, and behind it the component's own unless it begins the same. */
static enum err read_name(const struct announced *announced, struct mqtt_device *device)
{
	const struct json_value *about = announced_find(announced, "device");
	const struct json_value *device_value = announced_get(about, "name");
	const char *device_name = json_text(device_value, "");
	const char *own = NULL;
	char both[2 * NAME_BYTES] = "";
	enum err err = announced_text(announced, "name", &own);

	if (err)
		return err;
	if (device_value && !json_is_text(device_value))
		return announced_refuse(announced, "device.name", "text");
	if (!own && device_name[0])
		own = own_name(announced, device);
	if (!own || !own[0])
		(void)str_copy(both, sizeof(both),
			       device_name[0] ? device_name : announced->object);
	else if (!device_name[0] || str_starts(own, device_name))
		(void)str_copy(both, sizeof(both), own);
	else
		(void)str_format(both, sizeof(both), "%s %s", device_name, own);
	if (!both[0] ||
	    !take_spoken(device->entity.name, sizeof(device->entity.name), both) ||
	    !device->entity.name[0])
		return announced_refuse(announced, "name",
					"1 to 127 bytes that can be seen");
	return OK;
}

static enum err read_area(const struct announced *announced, struct mqtt_device *device)
{
	const struct json_value *value =
		announced_get(announced_find(announced, "device"), "suggested_area");

	if (!value)
		return OK;
	if (!json_is_text(value) ||
	    !take_spoken(device->area, sizeof(device->area), json_text(value, "")))
		return announced_refuse(announced, "device.suggested_area",
					"at most 127 bytes that can be seen");
	return OK;
}

static enum err read_id(const struct announced *announced, struct mqtt_device *device)
{
	const char *id = NULL;
	enum err err = announced_text(announced, "unique_id", &id);

	if (err)
		return err;
	if (!id || !id[0])
		id = announced->part + strlen(announced->prefix) + 1;
	if (!announced_is_visible(id) ||
	    !str_format(device->entity.id, sizeof(device->entity.id), "%s.%s",
			entity_domain_text(device->entity.domain), id))
		return announced_refuse(announced, "unique_id",
					"at most 96 bytes that can be seen");
	return OK;
}

static enum err read_class(const struct announced *announced, struct mqtt_device *device)
{
	const char *text = NULL;
	enum err err = announced_text(announced, "device_class", &text);

	if (err || !text)
		return err;
	if (!announced_is_visible(text) ||
	    !str_copy(device->entity.device_class, sizeof(device->entity.device_class),
		      text))
		return announced_refuse(announced, "device_class", "at most 31 bytes");
	str_fold(device->entity.device_class);
	return OK;
}

/* The radio's own knobs: letting strangers join is not a light switch. */
static bool is_bridge(const struct announced *announced)
{
	const struct json_value *ids =
		announced_get(announced_find(announced, "device"), "identifiers");
	size_t count = json_is_array(ids) ? json_count(ids) : 1;

	for (size_t i = 0; i < count; i++) {
		const char *id =
			json_text(json_is_array(ids) ? json_at(ids, i) : ids, "");

		if (str_starts(id, "zigbee2mqtt_bridge"))
			return true;
	}
	return false;
}

/* A switch that takes its command at <device>/set/<setting> sets something up: what it
 * switches is <device>/set. zigbee2mqtt gives such a setting no category. */
static bool is_setting(const struct announced *announced,
		       const struct mqtt_device *device)
{
	const struct json_value *value = announced_find(announced, "command_topic");
	const char *topic = json_text(value, "");
	const char *last = strrchr(topic, '/');

	return device->entity.domain == ENTITY_SWITCH && last &&
	       last - topic >= (ptrdiff_t)strlen("/set") &&
	       strncmp(last - strlen("/set"), "/set", strlen("/set")) == 0;
}

static enum err read_exposure(const struct announced *announced,
			      struct mqtt_device *device)
{
	const char *category = NULL;
	bool enabled = true;
	enum err err = announced_text(announced, "entity_category", &category);

	if (!err)
		err = announced_bool(announced, "enabled_by_default", true, &enabled);
	if (err)
		return err;
	device->entity.exposed = !category && enabled && !is_bridge(announced) &&
				 !is_setting(announced, device);
	return OK;
}

static enum err read_component(const struct announced *announced,
			       enum entity_domain domain, struct mqtt_device **out_device)
{
	typedef enum err part_fn(const struct announced *announced,
				 struct mqtt_device *device);
	static part_fn *const parts[] = {
		read_id,       read_class,          read_name,         read_area,
		read_exposure, discovery_kind_read, read_availability,
	};
	struct mqtt_device *device = NULL;
	enum err err = mqtt_device_create(&device);

	if (err)
		return err;
	device->entity.domain = domain;
	if (!str_copy(device->config_topic, sizeof(device->config_topic),
		      announced->topic))
		err = ERR_LIMIT;
	for (size_t i = 0; i < STR_COUNT(parts) && !err; i++)
		err = parts[i](announced, device);
	if (err) {
		mqtt_device_destroy(device);
		return err;
	}
	if (is_bridge(announced))
		device->entity.read_only = true;
	mqtt_device_finish_topics(device);
	*out_device = device;
	return OK;
}

struct topic_parts {
	char component[32];
	char object[NAME_BYTES];
	char part[MQTT_TOPIC_BYTES]; /* the topic without "config" */
};

static bool is_id(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return size > 0;
}

/* <prefix>/<component>/[<node>/]<object>/config */
static bool split_topic(const char *prefix, const char *topic, struct topic_parts *parts)
{
	const char *levels[3] = {0};
	size_t sizes[3] = {0};
	size_t count = 0;
	size_t prefix_size = strlen(prefix);
	const char *at = topic + prefix_size;

	if (strncmp(topic, prefix, prefix_size) != 0 || *at != '/' ||
	    !str_copy(parts->part, sizeof(parts->part), topic))
		return false;
	while (!str_equal(at, "/config")) {
		const char *end = strchr(at + 1, '/');

		if (count == STR_COUNT(levels) || !end)
			return false;
		levels[count] = at + 1;
		sizes[count] = (size_t)(end - at) - 1;
		if (!is_id(levels[count], sizes[count]))
			return false;
		count++;
		at = end;
	}
	if (count < 2)
		return false;
	parts->part[strlen(topic) - strlen("config")] = 0;
	return str_copy_bytes(parts->component, sizeof(parts->component), levels[0],
			      sizes[0]) &&
	       str_copy_bytes(parts->object, sizeof(parts->object), levels[count - 1],
			      sizes[count - 1]);
}

bool discovery_is_topic(const char *prefix, const char *topic)
{
	struct topic_parts parts = {0};

	return split_topic(prefix, topic, &parts);
}

static enum err read_base(const struct json_value *object, struct announced *announced)
{
	const struct json_value *base = json_get(object, "~");

	if (base && !json_is_text(base))
		return announced_refuse(announced, "~", "text");
	if (base)
		announced->base = json_text(base, NULL);
	return OK;
}

static enum err read_into(const struct announced *announced, enum entity_domain domain,
			  struct discovery *discovery)
{
	enum err err =
		read_component(announced, domain, &discovery->devices[discovery->count]);

	if (!err)
		discovery->count++;
	return err;
}

/* A component of a device message must say what it is and who. */
static enum err read_listed(const struct announced *around, const char *name,
			    const struct json_value *own, struct discovery *discovery)
{
	struct announced announced = *around;
	const char *component = NULL;
	enum entity_domain domain = ENTITY_UNKNOWN;
	enum err err = OK;

	announced.own = own;
	if (!json_is_object(own) || !is_id(name, strlen(name)) ||
	    !str_copy(announced.object, sizeof(announced.object), name))
		return announced_refuse(&announced, "components",
					"objects with a plain name");
	err = announced_text(&announced, "platform", &component);
	if (!err)
		err = read_base(own, &announced);
	if (err)
		return err;
	if (!component)
		return announced_refuse(&announced, "platform", "the component's kind");
	domain = discovery_kind(component);
	if (domain == ENTITY_UNKNOWN ||
	    json_count(own) == 1) /* ours not, or taken away */
		return OK;
	if (!announced_get(own, "unique_id"))
		return announced_refuse(&announced, "unique_id",
					"one for each component");
	return read_into(&announced, domain, discovery);
}

static enum err read_device_message(struct announced *announced,
				    struct discovery *discovery)
{
	const struct json_value *list = announced_get(announced->own, "components");
	size_t count = json_count(list);

	if (!json_is_object(list))
		return announced_refuse(announced, "components",
					"an object of components");
	if (count > DISCOVERY_DEVICES_MAX)
		return err_say(ERR_LIMIT, announced->note,
			       "%s: %zu components; at most %d are read",
			       announced->topic, count, DISCOVERY_DEVICES_MAX);
	announced->shared = announced->own;
	for (size_t i = 0; i < count; i++) {
		const struct json_value *own = NULL;
		const char *name = json_key_at(list, i, &own);
		enum err err = read_listed(announced, name, own, discovery);

		if (err == ERR_MEMORY)
			return err;
		if (err)
			discovery->refused++;
	}
	return OK;
}

static enum err read_message(struct announced *announced, const char *component,
			     struct discovery *discovery)
{
	enum entity_domain domain = discovery_kind(component);
	enum err err = OK;

	if (!json_is_object(announced->own))
		return err_say(ERR_FORMAT, announced->note, "%s: expected an object",
			       announced->topic);
	err = read_base(announced->own, announced);
	if (err)
		return err;
	if (json_bool(announced_get(announced->own, "migrate_discovery"), false))
		return OK; /* its device message follows, with the same unique_id */
	if (str_equal(component, "device"))
		return read_device_message(announced, discovery);
	return domain == ENTITY_UNKNOWN ? OK : read_into(announced, domain, discovery);
}

enum err discovery_parse(const char *prefix, const char *topic, const char *payload,
			 size_t size, struct discovery *out_discovery,
			 struct err_note *note)
{
	struct topic_parts parts = {0};
	struct discovery discovery = {0};
	struct announced announced = {.prefix = prefix, .topic = topic, .note = note};
	struct json *json = NULL;
	enum err err = OK;

	if (!split_topic(prefix, topic, &parts))
		return err_say(ERR_FORMAT, note,
			       "expected a topic <prefix>/<kind>/<id>/config");
	if (size > 0)
		err = json_parse(topic, payload, size, DISCOVERY_PAYLOAD_MAX, &json,
				 note);
	if (err)
		return err;
	if (json) {
		announced.own = json_root(json);
		(void)str_copy(announced.object, sizeof(announced.object), parts.object);
		(void)str_copy(announced.part, sizeof(announced.part), parts.part);
		err = read_message(&announced, parts.component, &discovery);
	}
	json_destroy(json);
	if (err) {
		discovery_finish(&discovery);
		return err;
	}
	*out_discovery = discovery;
	return OK;
}

void discovery_finish(struct discovery *discovery)
{
	for (size_t i = 0; i < discovery->count; i++)
		mqtt_device_destroy(discovery->devices[i]);
	discovery->count = 0;
}
