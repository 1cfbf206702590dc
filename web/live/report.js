// SPDX-License-Identifier: MIT
// What the tables show of a snapshot (docs/json.md): sums by region, rows, classes, processes.

import { REGIONS, known } from './regions.js';

const BUCKETS = 32;

// As hakmem-trace's own table has it (loader/snapshot/histogram.c): within a bucket evenly.
export function quantile(histogram, share) {
	const total = histogram ? histogram.reduce((sum, count) => sum + count, 0) : 0;
	if (!total) return NaN;
	const start = (bucket) => (bucket ? 2 ** bucket : 0);
	let below = 0;
	for (let bucket = 0; bucket < BUCKETS; bucket++) {
		const count = histogram[bucket];
		if (count > 0 && below + count >= total * share)
			return Math.floor(start(bucket) + ((start(bucket + 1) - start(bucket)) * (total * share - below)) / count);
		below += count;
	}
	return NaN;
}

// Of rows: a sum, which is the least that it can be where a part of it isn't known.
function sumOf(rows, figure) {
	const values = rows.filter((row) => row.faults > 0 || row.zeroed_bytes > 0).map((row) => row[figure]);
	const some = values.filter((value) => value !== null);
	if (!values.length) return { value: rows.length && rows.every((row) => row[figure] === null) ? NaN : 0, least: false };
	return { value: some.length ? some.reduce((sum, value) => sum + value, 0) : NaN, least: some.length > 0 && some.length < values.length };
}

function sumHistograms(rows) {
	const sum = new Array(BUCKETS).fill(0);
	for (const { fault_ns_histogram: histogram } of rows) if (histogram) histogram.forEach((count, bucket) => (sum[bucket] += count));
	return sum;
}

// How long a snapshot's time was.
export function secondsOf(snapshot) {
	const { interval } = snapshot;
	return (interval ? interval.end_ns - interval.start_ns : snapshot.wall_ns) / 1e9;
}

function figures(rows, seconds) {
	const faults = sumOf(rows, 'faults');
	const zeroed = sumOf(rows, 'zeroed_bytes');
	const time = sumOf(rows, 'fault_ns');
	const zeroing = sumOf(rows, 'zero_ns');
	const histogram = sumHistograms(rows);
	return { faults, zeroed, time, zeroing, seconds, p50: quantile(histogram, 0.5), p99: quantile(histogram, 0.99) };
}

export function regionRows(snapshot) {
	const seconds = secondsOf(snapshot);
	return REGIONS.map((region) => {
		const rows = snapshot.regions.filter((row) => row.region === region);
		return { region, detail: '', ...figures(rows, seconds), empty: !rows.length };
	}).filter(({ empty }) => !empty);
}

export function detailRows(snapshot) {
	const seconds = secondsOf(snapshot);
	return snapshot.regions.map((row) => ({ region: row.region, detail: row.detail, ...figures([row], seconds) }));
}

// The allocator's size classes, the smallest first.
export function classRows(snapshot) {
	return detailRows(snapshot)
		.filter(({ region, detail }) => region === 'allocator' && /^class \d+$/.test(detail))
		.map((row) => ({ ...row, size: Number(row.detail.slice(6)) }))
		.sort((a, b) => a.size - b.size);
}

// Each process below its parent, with how deep that is.
export function processRows(snapshot) {
	const seconds = secondsOf(snapshot);
	const all = snapshot.processes || [];
	const pids = new Set(all.map(({ pid }) => pid));
	const children = new Map();
	for (const process of all) {
		const parent = pids.has(process.parent) && process.parent !== process.pid ? process.parent : null;
		children.set(parent, [...(children.get(parent) || []), process]);
	}
	const rows = [];
	const seen = new Set();
	const visit = (process, depth) => {
		if (seen.has(process)) return;
		seen.add(process);
		rows.push({ pid: process.pid, comm: process.comm, depth, ...figures([process], seconds) });
		for (const child of children.get(process.pid) || []) visit(child, depth + 1);
	};
	for (const process of children.get(null) || []) visit(process, 0);
	// A pid that was used twice can make its own parent: nobody is left out.
	for (const process of all) visit(process, 0);
	return rows;
}

// Who was traced: the command, or what was attached to.
export function targetOf(snapshot) {
	if (snapshot.command) return snapshot.command.join(' ');
	const { attached } = snapshot;
	if (!attached) return 'n/a';
	if (attached.all) return 'every process';
	return [
		attached.pids && attached.pids.length ? `process ${attached.pids.join(', ')}` : '',
		...(attached.comms || []).map((comm) => `every ${comm}`),
		...(attached.cgroups || []).map((path) => `cgroup ${path}`),
	]
		.filter(Boolean)
		.join(', ');
}

// Totals of a snapshot; NaN: not known.
export function totalsOf(snapshot) {
	const { totals } = snapshot;
	return {
		faults: known(totals.faults),
		zeroed: known(totals.zeroed_bytes),
		time: known(totals.fault_ns),
		seconds: secondsOf(snapshot),
	};
}
