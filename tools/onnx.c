/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx - a reader of protobuf messages with the few fields of ONNX that matter here.
 *
 * A message is a run of fields; every length is checked against what is left, every list
 * against its limit, and a tensor's floats against its dimensions. Fields and types that
 * are not known are passed over. No recursion: the nesting is written out.
 */
#include "onnx.h"

#include <string.h>

#include "base/must.h"

enum {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
	VARINT_BYTES_MAX = 10,

	TYPE_FLOAT = 1,
	FLOATS_MAX = 1024 * 1024,
};

/* Fields by number: onnx.proto. */
enum {
	MODEL_GRAPH = 7,
	GRAPH_NODE = 1,
	GRAPH_TENSOR = 5,
	NODE_INPUT = 1,
	NODE_OUTPUT = 2,
	NODE_KIND = 4,
	NODE_ATTRIBUTE = 5,
	ATTRIBUTE_NAME = 1,
	ATTRIBUTE_FLOAT = 2,
	ATTRIBUTE_INT = 3,
	ATTRIBUTE_TENSOR = 5,
	ATTRIBUTE_INTS = 8,
	TENSOR_DIMENSIONS = 1,
	TENSOR_TYPE = 2,
	TENSOR_FLOATS = 4,
	TENSOR_NAME = 8,
	TENSOR_RAW = 9,
};

/* ---- protobuf ---- */

struct reader {
	struct onnx_bytes left;
	enum err err; /* ERR_FORMAT once something was broken, ERR_LIMIT too large */
};

struct field {
	uint64_t number;
	unsigned wire;
	uint64_t value;          /* of a varint, or the bits of the fixed ones */
	struct onnx_bytes bytes; /* of WIRE_BYTES */
};

static uint64_t take_varint(struct reader *reader)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
		uint8_t byte;

		if (reader->left.size == 0)
			break;
		byte = *reader->left.at++;
		reader->left.size--;
		value |= (uint64_t)(byte & 127) << (7 * i);
		if (byte < 128)
			return value;
	}
	reader->err = ERR_FORMAT;
	return 0;
}

static struct onnx_bytes take_bytes(struct reader *reader, uint64_t size)
{
	struct onnx_bytes bytes = {reader->left.at, 0};

	if (size > reader->left.size) {
		reader->err = ERR_FORMAT;
		return bytes;
	}
	bytes.size = (size_t)size;
	reader->left.at += size;
	reader->left.size -= (size_t)size;
	return bytes;
}

static uint64_t little_endian(struct onnx_bytes bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes.size; i > 0; i--)
		value = value << 8 | bytes.at[i - 1];
	return value;
}

/* The next field; false at the end, or once something is broken. */
static bool next_field(struct reader *reader, struct field *out_field)
{
	uint64_t key;

	if (reader->err || reader->left.size == 0)
		return false;
	key = take_varint(reader);
	*out_field = (struct field){.number = key >> 3, .wire = key & 7};
	switch (out_field->wire) {
	case WIRE_VARINT:
		out_field->value = take_varint(reader);
		break;
	case WIRE_64:
		out_field->value = little_endian(take_bytes(reader, 8));
		break;
	case WIRE_BYTES:
		out_field->bytes = take_bytes(reader, take_varint(reader));
		break;
	case WIRE_32:
		out_field->value = little_endian(take_bytes(reader, 4));
		break;
	default:
		reader->err = ERR_FORMAT;
	}
	return !reader->err;
}

/* A repeated integer: one, or many in one run of bytes. */
static void take_integers(struct reader *reader, const struct field *field,
			  int64_t *numbers, size_t max, size_t *count)
{
	struct reader run = {.left = field->bytes};

	if (field->wire == WIRE_VARINT && *count < max) {
		numbers[(*count)++] = (int64_t)field->value;
		return;
	}
	while (field->wire == WIRE_BYTES && run.left.size > 0 && *count < max && !run.err)
		numbers[(*count)++] = (int64_t)take_varint(&run);
	if (field->wire != WIRE_VARINT && field->wire != WIRE_BYTES)
		reader->err = ERR_FORMAT;
	else if (run.err)
		reader->err = run.err;
	else if (field->wire == WIRE_VARINT || run.left.size > 0)
		reader->err = ERR_LIMIT;
}

static bool is_bytes(struct reader *reader, const struct field *field)
{
	if (field->wire != WIRE_BYTES)
		reader->err = ERR_FORMAT;
	return field->wire == WIRE_BYTES;
}

/* ---- tensors ---- */

static enum err count_floats(struct onnx_tensor *tensor)
{
	size_t count = 1;

	for (size_t i = 0; i < tensor->dimensions; i++) {
		const int64_t size = tensor->dimension[i];

		if (size < 0 || size > FLOATS_MAX)
			return ERR_LIMIT;
		count *= (size_t)size;
		if (count > FLOATS_MAX)
			return ERR_LIMIT;
	}
	if (tensor->floats.size != count * sizeof(float))
		return ERR_FORMAT;
	tensor->count = count;
	return OK;
}

static enum err read_tensor(struct onnx_bytes bytes, struct onnx_tensor *out_tensor)
{
	struct reader reader = {.left = bytes};
	struct field field;
	int64_t type = 0;
	size_t unused = 0;

	*out_tensor = (struct onnx_tensor){.dimensions = 0};
	while (next_field(&reader, &field)) {
		if (field.number == TENSOR_DIMENSIONS)
			take_integers(&reader, &field, out_tensor->dimension,
				      ONNX_DIMENSIONS_MAX, &out_tensor->dimensions);
		else if (field.number == TENSOR_TYPE && unused == 0)
			take_integers(&reader, &field, &type, 1, &unused);
		else if (field.number == TENSOR_NAME && is_bytes(&reader, &field))
			out_tensor->name = field.bytes;
		else if ((field.number == TENSOR_RAW || field.number == TENSOR_FLOATS) &&
			 is_bytes(&reader, &field))
			out_tensor->floats = field.bytes;
	}
	if (reader.err || type != TYPE_FLOAT) {
		out_tensor->floats.size = 0;
		return reader.err;
	}
	return count_floats(out_tensor);
}

float onnx_float(const struct onnx_tensor *tensor, size_t index)
{
	const struct onnx_bytes bytes = {tensor->floats.at + index * sizeof(float),
					 sizeof(float)};
	const uint32_t bits = (uint32_t)little_endian(bytes);
	float value;

	must(index < tensor->count);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* ---- nodes ---- */

static enum err read_attribute(struct onnx_bytes bytes, struct onnx_attribute *out)
{
	struct reader reader = {.left = bytes};
	struct field field;

	*out = (struct onnx_attribute){.count = 0};
	while (next_field(&reader, &field)) {
		if (field.number == ATTRIBUTE_NAME && is_bytes(&reader, &field)) {
			out->name = field.bytes;
		} else if (field.number == ATTRIBUTE_FLOAT && field.wire == WIRE_32) {
			const uint32_t bits = (uint32_t)field.value;

			memcpy(&out->number, &bits, sizeof(out->number));
		} else if (field.number == ATTRIBUTE_INT ||
			   field.number == ATTRIBUTE_INTS) {
			take_integers(&reader, &field, out->numbers, ONNX_NUMBERS_MAX,
				      &out->count);
		} else if (field.number == ATTRIBUTE_TENSOR &&
			   is_bytes(&reader, &field)) {
			reader.err = read_tensor(field.bytes, &out->tensor);
		}
	}
	return reader.err;
}

static enum err add_attribute(struct onnx_node *node, struct onnx_bytes bytes)
{
	if (node->attributes == ONNX_ATTRIBUTES_MAX)
		return ERR_LIMIT;
	return read_attribute(bytes, &node->attribute[node->attributes++]);
}

static enum err add_input(struct onnx_node *node, struct onnx_bytes bytes)
{
	if (node->inputs == ONNX_INPUTS_MAX)
		return ERR_LIMIT;
	node->input[node->inputs++] = bytes;
	return OK;
}

static enum err read_node(struct onnx_bytes bytes, struct onnx_node *out_node)
{
	struct reader reader = {.left = bytes};
	struct field field;

	*out_node = (struct onnx_node){.inputs = 0};
	while (next_field(&reader, &field)) {
		if (field.number == NODE_INPUT && is_bytes(&reader, &field))
			reader.err = add_input(out_node, field.bytes);
		else if (field.number == NODE_OUTPUT && is_bytes(&reader, &field))
			out_node->output =
				out_node->output.at ? out_node->output : field.bytes;
		else if (field.number == NODE_KIND && is_bytes(&reader, &field))
			out_node->kind = field.bytes;
		else if (field.number == NODE_ATTRIBUTE && is_bytes(&reader, &field))
			reader.err = add_attribute(out_node, field.bytes);
	}
	return reader.err;
}

/* ---- the file ---- */

static enum err read_graph(struct onnx_bytes bytes, struct onnx *onnx)
{
	struct reader reader = {.left = bytes};
	struct field field;

	while (next_field(&reader, &field)) {
		if (field.number == GRAPH_NODE && is_bytes(&reader, &field))
			reader.err = onnx->nodes == ONNX_NODES_MAX
					     ? ERR_LIMIT
					     : read_node(field.bytes,
							 &onnx->node[onnx->nodes++]);
		else if (field.number == GRAPH_TENSOR && is_bytes(&reader, &field))
			reader.err =
				onnx->tensors == ONNX_TENSORS_MAX
					? ERR_LIMIT
					: read_tensor(field.bytes,
						      &onnx->tensor[onnx->tensors++]);
	}
	return reader.err;
}

enum err onnx_read(const char *name, const uint8_t *bytes, size_t size,
		   struct onnx *out_onnx, struct err_note *note)
{
	struct reader reader = {.left = {bytes, size}};
	struct field field;
	bool found = false;

	out_onnx->nodes = 0;
	out_onnx->tensors = 0;
	while (!found && next_field(&reader, &field)) {
		found = field.number == MODEL_GRAPH && field.wire == WIRE_BYTES;
		if (found)
			reader.err = read_graph(field.bytes, out_onnx);
	}
	if (!reader.err && !found)
		reader.err = ERR_FORMAT;
	if (reader.err)
		err_say(reader.err, note, "%s: about byte %td: not a whole ONNX file: %s",
			name, reader.left.at - bytes, err_words(reader.err));
	return reader.err;
}

bool onnx_is(struct onnx_bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.at, text, bytes.size) == 0;
}

const struct onnx_tensor *onnx_tensor(const struct onnx *onnx, struct onnx_bytes name)
{
	for (size_t i = 0; i < onnx->tensors; i++) {
		const struct onnx_tensor *tensor = &onnx->tensor[i];

		if (tensor->name.size == name.size && name.size > 0 &&
		    memcmp(tensor->name.at, name.at, name.size) == 0)
			return tensor;
	}
	return NULL;
}

const struct onnx_attribute *onnx_attribute(const struct onnx_node *node,
					    const char *name)
{
	for (size_t i = 0; i < node->attributes; i++) {
		if (onnx_is(node->attribute[i].name, name))
			return &node->attribute[i];
	}
	return NULL;
}
