/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx - reads as much of an ONNX file as the two networks need: the nodes in order, their
 * attributes, and tensors of floats. Bytes are borrowed and not trusted.
 */
#ifndef TOOLS_ONNX_H
#define TOOLS_ONNX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	ONNX_NODES_MAX = 128,
	ONNX_TENSORS_MAX = 128,
	ONNX_INPUTS_MAX = 4,
	ONNX_ATTRIBUTES_MAX = 8,
	ONNX_NUMBERS_MAX = 8, /* of one attribute */
	ONNX_DIMENSIONS_MAX = 4,
	ONNX_DEPTH_MAX = 8,
};

/* A borrowed stretch of the file. */
struct onnx_bytes {
	const uint8_t *at;
	size_t size;
};

struct onnx_tensor {
	struct onnx_bytes name;
	size_t dimensions;
	int64_t dimension[ONNX_DIMENSIONS_MAX];
	struct onnx_bytes floats; /* little-endian; empty for other types */
	size_t count;             /* of floats, as the dimensions say */
};

struct onnx_attribute {
	struct onnx_bytes name;
	float number;
	size_t count;
	int64_t numbers[ONNX_NUMBERS_MAX];
	struct onnx_tensor tensor;
};

struct onnx_node {
	struct onnx_bytes kind; /* "Conv" */
	size_t inputs;
	struct onnx_bytes input[ONNX_INPUTS_MAX];
	struct onnx_bytes output; /* the first */
	size_t attributes;
	struct onnx_attribute attribute[ONNX_ATTRIBUTES_MAX];
};

struct onnx {
	size_t nodes;
	struct onnx_node node[ONNX_NODES_MAX];
	size_t tensors;
	struct onnx_tensor tensor[ONNX_TENSORS_MAX];
};

/* name is for the note. ERR_FORMAT, ERR_LIMIT. *out_onnx is large: not for the stack. */
MUST_CHECK enum err onnx_read(const char *name, const uint8_t *bytes, size_t size,
			      struct onnx *out_onnx, struct err_note *note);

bool onnx_is(struct onnx_bytes bytes, const char *text);
/* NULL: none of that name. */
const struct onnx_tensor *onnx_tensor(const struct onnx *onnx, struct onnx_bytes name);
const struct onnx_attribute *onnx_attribute(const struct onnx_node *node,
					    const char *name);
/* index < count. */
float onnx_float(const struct onnx_tensor *tensor, size_t index);

#endif
