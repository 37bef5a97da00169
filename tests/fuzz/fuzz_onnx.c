/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_onnx - the reader of published networks: every tensor that it tells of can be read. */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct onnx *onnx = calloc(1, sizeof(*onnx));
	struct err_note note = {""};

	must(onnx);
	if (onnx_read("net", bytes, size, onnx, &note) != OK) {
		must(note.text[0] != 0);
		free(onnx);
		return 0;
	}
	for (size_t i = 0; i < onnx->tensors; i++) {
		if (onnx->tensor[i].count > 0)
			(void)onnx_float(&onnx->tensor[i], onnx->tensor[i].count - 1);
	}
	for (size_t i = 0; i < onnx->nodes; i++) {
		(void)onnx_attribute(&onnx->node[i], "pads");
		for (size_t j = 0; j < onnx->node[i].inputs; j++)
			(void)onnx_tensor(onnx, onnx->node[i].input[j]);
	}
	free(onnx);
	return 0;
}
