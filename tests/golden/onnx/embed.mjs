// SPDX-License-Identifier: Apache-2.0
// embed MEL.onnx EMBEDDING.onnx FROM TO - the reference: both published networks, as they
// are, over 16 kHz 16 bit little-endian samples. Writes 96 floats per whole 80 ms; says the
// processor time of it on stdout, as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const STEP = 1280;
const PAST = 480;
const BANDS = 32;
const ROWS = 76;
const [melPath, embeddingPath, from, to] = process.argv.slice(2);
const options = { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 };
const mel = await ort.InferenceSession.create(melPath, options);
const embedding = await ort.InferenceSession.create(embeddingPath, options);

// The newest 8 rows of the mel front, from the newest 1760 samples.
async function melRows(samples) {
	const input = new ort.Tensor('float32', samples, [1, samples.length]);
	const output = (await mel.run({ input })).output.data;
	return Float32Array.from(output, (x) => x / 10 + 2);
}

async function embed(rows) {
	const input = new ort.Tensor('float32', rows, [1, ROWS, BANDS, 1]);
	return (await embedding.run({ input_1: input })).conv2d_19.data;
}

const bytes = readFileSync(from);
const sound = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const steps = Math.floor(sound.length / STEP);
const samples = new Float32Array(PAST + STEP);
const rows = new Float32Array(ROWS * BANDS);
const silent = await melRows(samples);
for (let at = 0; at < rows.length; at += BANDS)
	rows.set(silent.subarray(0, BANDS), at);

const result = new Float32Array(steps * 96);
const before = process.cpuUsage();
for (let step = 0; step < steps; step++) {
	samples.copyWithin(0, STEP);
	samples.set(sound.subarray(step * STEP, (step + 1) * STEP), PAST);
	const newest = await melRows(samples);
	rows.copyWithin(0, newest.length);
	rows.set(newest, rows.length - newest.length);
	result.set(await embed(rows), step * 96);
}
const spent = process.cpuUsage(before);
writeFileSync(to, new Uint8Array(result.buffer));
console.log(JSON.stringify({ steps, cpu_us: spent.user + spent.system }));
