// SPDX-License-Identifier: MIT
// Stands in for `hakmem-trace serve` where a test wants what no real run gives: a thousand slices a second, a run that begins
// anew, names that nobody's process has, figures that a kernel can't measure.
//
// Usage: node tests/web/live_server.js PAGE POLICY REPORT [OPTION=VALUE...]     prints its port
//   REPORT is the JSON of a real run. Each slice has what its rows have times the slice's number modulo 7, plus 1: so every sum is known.
//   port=N  rate=N slices a second (10)  run=ID  comm=NAME of a process  command=NAME  unknown=zeroed_bytes  ended=N after so many slices
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const zlib = require('node:zlib');

const KEPT = 5000; // slices, of which the newest are told

class Run {
	constructor(report, options) {
		this.report = report;
		this.options = { rate: 10, run: 'first', ...options };
		this.interval = Math.round(1e9 / this.options.rate);
		this.number = 0;
		this.slices = [];
	}

	static factor(number) {
		return (number % 7) + 1;
	}

	get ended() {
		return this.number >= (this.options.ended || Infinity);
	}

	slice() {
		const number = ++this.number;
		const factor = Run.factor(number);
		const regions = {};
		for (const row of this.rows(factor)) {
			const sum = (regions[row.region] ||= { faults: 0, zeroed_bytes: 0, fault_ns: 0 });
			for (const figure of Object.keys(sum)) sum[figure] = row[figure] === null || sum[figure] === null ? null : sum[figure] + row[figure];
		}
		const slice = { number, start_ns: (number - 1) * this.interval, end_ns: number * this.interval, regions };
		Object.assign(slice, { own_ns: 1000, traced_ns: 100000, lost: 0, run: this.options.run, ended: this.ended });
		this.slices.push(slice);
		if (this.slices.length > KEPT) this.slices.shift();
		return slice;
	}

	rows(factor) {
		return this.report.regions.map((row) => this.times(row, factor));
	}

	times(row, factor) {
		const made = { ...row };
		for (const figure of ['faults', 'zeroed_bytes', 'fault_ns', 'zero_ns'])
			if (typeof made[figure] === 'number') made[figure] *= factor;
		if (made.fault_ns_histogram) made.fault_ns_histogram = made.fault_ns_histogram.map((count) => count * factor);
		if (this.options.unknown) made[this.options.unknown] = null;
		return made;
	}

	snapshot(from, to) {
		const lie = this.slices.filter((slice) => slice.start_ns >= from && slice.end_ns <= to);
		const factor = lie.reduce((sum, { number }) => sum + Run.factor(number), 0);
		const { comm, command } = this.options;
		const interval = { number: 1, start_ns: lie.length ? lie[0].start_ns : 0, end_ns: lie.length ? lie[lie.length - 1].end_ns : 0 };
		return {
			...this.report,
			command: command ? [command] : this.report.command,
			wall_ns: to === Infinity ? interval.end_ns : interval.end_ns - interval.start_ns,
			interval: to === Infinity ? null : interval,
			totals: { ...this.times(this.report.totals, factor), lost: this.options.lost || 0 },
			regions: this.rows(factor),
			processes: this.report.processes.map((process) => ({ ...this.times(process, factor), comm: comm || process.comm })),
			stacks: this.report.stacks && this.report.stacks.map((stack) => this.times(stack, factor)),
		};
	}
}

const [pageFile, policyFile, reportFile, ...settings] = process.argv.slice(2);
const options = Object.fromEntries(settings.map((setting) => [setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1)]));
for (const name of ['rate', 'ended', 'port', 'lost']) if (options[name]) options[name] = Number(options[name]);
const run = new Run(JSON.parse(fs.readFileSync(reportFile)), options);
const page = zlib.gzipSync(fs.readFileSync(pageFile));
const policy = `${fs.readFileSync(policyFile, 'utf8')}; frame-ancestors 'none'`;
const listeners = new Set();

function json(response, value) {
	response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
	response.end(JSON.stringify(value));
}

const send = (response, slice) => response.write(`event: slice\nid: ${slice.number}\ndata: ${JSON.stringify(slice)}\n\n`);

function stream(request, response) {
	response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
	response.write(': here\n\n');
	const last = request.headers['last-event-id'];
	if (last !== undefined) for (const slice of run.slices) if (slice.number > Number(last)) send(response, slice);
	listeners.add(response);
	response.on('close', () => listeners.delete(response));
}

const slab = (i) => ({ holds: 'blocks', class: 64, blocks: 1024, used: 32 * i, touched: Math.ceil(i / 2) });
const range = (start, bytes, region, detail, rest) => ({ start, bytes, region, detail, resident_bytes: null, faults: null, zeroed_bytes: null,
	part_bytes: bytes, parts: [null], super_slab: null, ...rest });
const spaces = () => [
	{
		pid: 1, comm: options.comm || 'mock', cannot: null, bytes: 1e9, resident_bytes: 5e6, others: { ranges: 3, bytes: 9e8, resident_bytes: 8192 },
		ranges: [
			range('0x400000', 8192, 'program', 'text', { resident_bytes: 4096, part_bytes: 4096, parts: [4096, 0] }),
			range('0x7f0000000000', 2097152, 'allocator', options.comm || 'SuperSlab', { faults: 3, resident_bytes: 1e6, part_bytes: 65536,
				parts: Array.from({ length: 32 }, (_, i) => 2048 * i), super_slab: { slabs: Array.from({ length: 32 }, (_, i) => slab(i)) } }),
			range('0x7f1000000000', 4096, 'stack', 'main', {}),
		],
		decisions: [
			{ lever: 'delay_ms', value: 1000, class: null, pool: null, changes: 0, reason: 'nothing is known yet' },
			{ lever: 'huge_pages', value: 0, class: null, pool: 2, changes: 0, reason: 'there are too few chunks to tell' },
			{ lever: 'prefault_pages', value: 16, class: 512, pool: null, changes: 3, reason: options.comm || 'slabs get filled' },
			{ lever: 'of another version', value: 1, class: null, pool: null, changes: 9, reason: '' },
		],
	},
	{ pid: 2, comm: 'other', cannot: 'permission denied', bytes: 4096, resident_bytes: null, ranges: [], decisions: null, others: { ranges: 0, bytes: 0, resident_bytes: 0 } },
];

const server = http.createServer((request, response) => {
	const { pathname, searchParams } = new URL(request.url, 'http://localhost');
	const number = (name, otherwise) => (searchParams.has(name) ? Number(searchParams.get(name)) : otherwise);
	if (pathname === '/') {
		response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Encoding': 'gzip', 'Content-Security-Policy': policy });
		response.end(page);
	} else if (pathname === '/api/history') {
		const after = number('after', -1);
		json(response, { schema: 'hakmem-trace-live/1', run: run.options.run, start: 0, interval_ns: run.interval, ended: run.ended,
			slices: run.slices.filter((slice) => slice.number > after) });
	} else if (pathname === '/api/snapshot') {
		json(response, run.snapshot(number('from_ns', 0), number('to_ns', Infinity)));
	} else if (pathname === '/api/spaces') {
		json(response, spaces());
	} else if (pathname === '/api/stream') {
		stream(request, response);
	} else {
		response.writeHead(404).end();
	}
});
server.listen(options.port || 0, '127.0.0.1', () => console.log(server.address().port));

// Nobody is left that wants it.
process.stdin.resume().on('end', () => process.exit());

// Timers are no finer than a millisecond: as many slices as are due.
const begin = performance.now();
setInterval(() => {
	while (!run.ended && run.number < ((performance.now() - begin) * run.options.rate) / 1000) {
		const slice = run.slice();
		for (const response of listeners) send(response, slice);
	}
}, Math.max(1, 1000 / run.options.rate / 2));
