// SPDX-License-Identifier: MIT
// The modules of web/live that draw nothing, in node: one line a check, as tests/system/check.inc prints them.
// Usage: node tests/web/live_units.js PACKAGES
'use strict';

const path = require('node:path');
const checks = require('./checks.js');
const packages = path.resolve(process.argv[2]);
const { buildSync } = require(path.join(packages, 'esbuild'));

const check = (what, is, expected) => checks.check(what, JSON.stringify(is), JSON.stringify(expected));

function load(name) {
	const { outputFiles } = buildSync({ entryPoints: [`web/live/${name}.js`], nodePaths: [packages], bundle: true, format: 'cjs', write: false });
	const module = { exports: {} };
	new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
	return module.exports;
}

const { Slices } = load('slices');
const report = load('report');
const { stackTree } = load('stacks');
const { Feed } = load('feed');
const format = load('format');

// A slice of a second, as the server tells it.
const told = (number, faults = 1, zeroed = 4096) => ({
	number, run: 'one', start_ns: (number - 1) * 1e9, end_ns: number * 1e9, own_ns: 1, traced_ns: 100, lost: 0,
	regions: { allocator: { faults, zeroed_bytes: zeroed, fault_ns: 10 } },
});
const faultsOf = (slices) => slices.reduce((sum, slice) => sum + slice.figures[0], 0);

function keeping() {
	const slices = new Slices(100);
	for (let number = 1; number <= 10000; number++) slices.add(told(number, number));
	check('ten thousand slices are kept in a hundred', slices.all.length <= 100, true);
	check('which have all that was counted', faultsOf(slices.all), (10000 * 10001) / 2);
	check('from the first to the last', [slices.start, slices.end], [0, 1e13]);
	check('without a gap', slices.all.every((slice, i) => !i || slice.start === slices.all[i - 1].end), true);
	check('the newest as they were told', slices.last.end - slices.last.start, 1e9);
	slices.add(told(9999, 7));
	check('what is known already counts once', faultsOf(slices.all), (10000 * 10001) / 2);
}

function choosing() {
	const slices = new Slices();
	for (let number = 1; number <= 100; number++) slices.add(told(number));
	check('a part of the time is its slices', faultsOf(slices.between(10.5e9, 20e9)), 10);
	check('neighbours merge where there are too many to draw', slices.between(0, 100e9, 10).length <= 11, true);
	check('and lose nothing', faultsOf(slices.between(0, 100e9, 10)), 100);
	slices.add({ ...told(101), start_ns: 95e9, end_ns: 101e9, regions: { allocator: { faults: 6, zeroed_bytes: 0, fault_ns: 0 } } });
	check('what the server has merged since takes its parts\' place', faultsOf(slices.all), 101);
	slices.add(told(200, 5));
	check('a gap is no slice', slices.between(102e9, 199e9).length, 0);
	slices.add(told(201, 5, null));
	check('what is not known stays so in a sum', Number.isNaN(slices.between(0, 201e9, 1)[1].figures[1]), true);
}

function reporting() {
	const row = (region, detail, faults, rest = {}) => ({ region, detail, faults, zeroed_bytes: 4096 * faults, fault_ns: 100 * faults, zero_ns: 0, fault_ns_histogram: null, ...rest });
	const snapshot = { wall_ns: 2e9, interval: null, totals: { faults: 6 }, regions: [
		row('libc', 'heap', 1), row('allocator', 'class 64', 2), row('allocator', 'class 4096', 3, { fault_ns: null }), row('allocator', 'class 16', 0, { fault_ns: null }),
	] };
	const [allocator, libc] = report.regionRows(snapshot);
	check('regions are sums of their rows', [allocator.faults.value, libc.faults.value], [5, 1]);
	check('the least where a part is not known', allocator.time, { value: 200, least: true });
	check('classes go by size', report.classRows(snapshot).map(({ size }) => size), [16, 64, 4096]);
	const histogram = new Array(32).fill(0);
	histogram[10] = 1;
	histogram[11] = 1;
	check('quantiles are as the table\'s', [report.quantile(histogram, 0.5), report.quantile(histogram, 0.99)], [2048, 4055]);
	check('of nothing timed there is none', Number.isNaN(report.quantile(new Array(32).fill(0), 0.5)), true);
	const process = (pid, parent) => ({ pid, parent, comm: 'p', faults: 1, zeroed_bytes: 0, fault_ns: 0, zero_ns: 0 });
	const tree = report.processRows({ wall_ns: 1e9, processes: [process(3, 2), process(1, 0), process(2, 1), process(8, 9), process(9, 8)] });
	check('processes stand below their parents', tree.map(({ pid, depth }) => [pid, depth]), [[1, 0], [2, 1], [3, 2], [8, 0], [9, 1]]);
	check('n/a is what is not known', [format.count(null), format.bytes(NaN), format.duration(undefined), format.count(0)], ['n/a', 'n/a', 'n/a', '0']);
	check('a time is read as a clock', [format.clock(0), format.clock(61.25e9), format.clock(3599.96e9), format.clock(3723e9)], ['0:00.0', '1:01.3', '1:00:00', '1:02:03']);
}

function stacking() {
	const stack = (frames, faults, rest = {}) => ({ region: 'allocator', detail: 'class 64', cause: 'first-touch', pid: 1, comm: 'a', faults, zeroed_bytes: 10, fault_ns: null, frames,
		lines: frames.map((_, i) => `f.c:${i + 1}`), objects: frames.map(() => 'bench'), inlined: frames.map(() => false), kernel: frames.map(() => false), ...rest });
	const one = { stacks: [stack(['inner', 'main'], 3), stack(['other', 'main'], 1), stack([], 2)], stack_sampling: { sampled: true } };
	const { root, unknown, data } = stackTree([one]);
	const main = root.children.find(({ name }) => name === 'main');
	check('the outermost function stands at the bottom', [root.costs[0], main.costs[0], main.children.map(({ name }) => name)], [6, 4, ['inner', 'other']]);
	check('whose memory it was stands at the tip', main.children[0].children[0].name, 'allocator: class 64');
	check('stacks that are not known are there', root.children.some(({ name }) => name === '[no stack]'), true);
	check('unknown times are counted as such', unknown[2], 6);
	check('and a sample is called one', data.sampled, true);
	const both = stackTree([one, { ...one, stacks: [stack(['inner', 'main'], 30)] }], [1, 0.1]);
	check('of two sides each has its own, a second', both.root.costs.slice(0, 6), [6, 30, 0, 3, 1, 0]);
	const many = stackTree([{ stacks: [stack(['m'], 1), stack(['m'], 1, { pid: 2, comm: '<b>' })], stack_sampling: null }]);
	check('of several processes each is told apart', many.root.children.map(({ name }) => name), ['process a 1', 'process <b> 2']);
}

// A server that answers what a test says, and a stream that a test speaks into.
async function feeding() {
	const asked = [];
	const server = { run: 'one', slices: [], ended: false };
	global.fetch = async (url) => {
		asked.push(url);
		const after = Number((/after=(\d+)/.exec(url) || [0, -1])[1]);
		if (server.down) throw new Error('down');
		if (server.refuses) return { ok: false, status: 401 };
		return { ok: true, json: async () => ({ run: server.run, ended: server.ended, slices: server.slices.filter(({ number }) => number > after) }) };
	};
	let source;
	global.EventSource = class {
		constructor() {
			source = this;
			this.heard = {};
		}
		addEventListener(name, listener) {
			this.heard[name] = listener;
		}
		close() {}
	};
	global.EventSource.CLOSED = 2;
	global.setInterval = () => {};
	const settle = () => new Promise((done) => setTimeout(done, 20));
	const speak = (slice) => source.heard.slice({ data: JSON.stringify(slice) });
	const slices = new Slices();
	const events = [];
	const feed = new Feed(slices, { began: ({ run }) => events.push(`began ${run}`), slice() {}, ended: () => events.push('ended'), state: (name) => events.push(name) });

	server.slices = [told(1), told(2)];
	await feed.start();
	source.heard.open();
	await settle();
	check('the history comes first', [events, slices.number], [['connecting', 'began one', 'live'], 2]);
	server.slices.push(told(3));
	speak(told(3));
	server.slices.push(told(4), told(5), told(6));
	asked.length = 0;
	speak(told(6));
	server.slices.push(told(7));
	speak(told(7));
	await settle();
	check('what was missed is asked for', asked, ['api/history?after=3']);
	check('and nothing is counted twice', [faultsOf(slices.all), slices.number], [7, 7]);
	source.readyState = 0;
	source.heard.error();
	check('a lost connection is told', events.at(-1), 'lost');
	server.run = 'two';
	server.slices = [{ ...told(1, 100), run: 'two' }];
	source.heard.open();
	await settle();
	check('another run begins anew', [events.slice(-2), faultsOf(slices.all)], [['live', 'began two'], 100]);
	speak(told(2));
	check('what is left of the run before is none of it', faultsOf(slices.all), 100);
	server.down = true;
	source.readyState = 2;
	source.heard.error();
	await new Promise((done) => setTimeout(done, 700));
	server.down = false;
	server.slices.push({ ...told(2, 11), run: 'two' });
	server.ended = true;
	await new Promise((done) => setTimeout(done, 1300));
	check('it tries again until somebody answers', [events.slice(-2), faultsOf(slices.all)], [['connecting', 'ended'], 111]);
	feed.rest();
	server.slices.push({ ...told(3, 5), run: 'two' });
	await settle();
	check('a page that nobody sees asks for nothing', [events.at(-1), faultsOf(slices.all)], ['resting', 111]);
	feed.wake();
	await settle();
	check('and catches up when it is seen', faultsOf(slices.all), 116);
	server.refuses = true;
	source.readyState = 2;
	source.heard.error();
	await new Promise((done) => setTimeout(done, 700));
	check('a server that wants a token is told from one that is gone', events.at(-1), 'refused');
	clearTimeout(feed.timer);
}

checks.conclude(async () => {
	keeping();
	choosing();
	reporting();
	stacking();
	await feeding();
});
