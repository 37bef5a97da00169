/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crc - see the header. Half a byte at a time: small, and fast enough for a megabyte at
 * start. Keeps no state.
 */
#include "base/crc.h"

/* The remainder of each half byte by the reversed polynomial 0xEDB88320. */
static const uint32_t TABLE[16] = {
	0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
	0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
	0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t crc32_of(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		crc = (crc >> 4) ^ TABLE[crc & 15];
		crc = (crc >> 4) ^ TABLE[crc & 15];
	}
	return ~crc;
}
