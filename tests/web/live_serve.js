// SPDX-License-Identifier: MIT
// The live page of the real `hakmem-trace serve`, of programs that run meanwhile.
// Usage: TOOLS=FOLDER CHROMIUM=FILE node tests/web/live_serve.js TRACE RANDOM_MIXED ENEMY [PICTURES]
//   ENEMY: a program with a hostile name; PICTURES: a folder for pictures of the page, and no checks
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');
const { brush, check, conclude, counts, difference, number, open, quiet, rowsOf, text } = require('./live_browser.js');

const [trace, randomMixed, enemy, pictures] = process.argv.slice(2);
const started = new Set();
process.on('exit', () => started.forEach((child) => child.kill('SIGKILL')));

// hakmem-trace serve; its address once it has said it.
async function serve(port, options, command) {
	const child = spawn(trace, ['serve', '--listen', `127.0.0.1:${port}`, '--interval', '0.5', ...options, '--', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
	const ended = new Promise((resolve) => child.once('exit', resolve));
	started.add(child);
	const said = [];
	const url = await new Promise((resolve, reject) => {
		readline.createInterface({ input: child.stderr }).on('line', (line) => {
			said.push(line);
			const found = /(http:\/\/\S+)/.exec(line);
			if (found) resolve(found[1]);
		});
		ended.then((status) => reject(new Error(`hakmem-trace has ended with ${status}: ${said.join('; ')}`)));
	});
	const stop = async () => {
		child.kill('SIGTERM');
		await ended;
		started.delete(child);
	};
	return { url, stop };
}

const json = async (url) => (await fetch(url)).json();

// Again and again, for so long.
const repeating = (seconds, program, ...args) => [
	'sh', '-c', 'end=$(($(date +%s) + $1)); shift; while [ "$(date +%s)" -lt "$end" ]; do "$@" >/dev/null; done', 'sh', String(seconds), program, ...args,
];

const ended = (page) => page.waitForFunction(() => document.getElementById('connection').textContent === 'ended', undefined, { timeout: 60000 });
const charted = (page) => page.waitForFunction(() => /traced for 0:0[3-9]|traced for 0:[1-9]/.test(document.getElementById('chips').textContent), undefined, { timeout: 30000 });

// What is shown is what the server says at the same moment, of everything and of a part.
async function matching(page, server, what) {
	await charted(page);
	const live = await counts(page, async () => {});
	check(`${what}, live: the tables are the JSON`, await difference(page, live.snapshot), '');
	check(`${what}, live: which has faults`, live.snapshot.totals.faults > 100, true);
	const all = await rowsOf(page, 'regions');
	const part = await counts(page, () => brush(page, 0.3, 0.7), true);
	check(`${what}, a part: the tables are the JSON`, await difference(page, part.snapshot), '');
	const again = await json(`${server.url}api/snapshot?${part.query}`);
	check(`${what}, a part: which anybody else gets, too`, await difference(page, again), '');
	const everything = await json(`${server.url}api/snapshot`);
	check(`${what}, a part: is less than everything`, again.totals.faults < everything.totals.faults && again.totals.faults > 0, true);
	check(`${what}, a part: the tables have changed`, JSON.stringify(await rowsOf(page, 'regions')) === JSON.stringify(all), false);
	const history = await json(`${server.url}api/history`);
	const [from, to] = ['from_ns', 'to_ns'].map((name) => number(part.query.get(name)));
	const lie = history.slices.filter((slice) => slice.start_ns >= from && slice.end_ns <= to);
	const sum = lie.reduce((faults, { regions }) => faults + Object.values(regions).reduce((all, { faults: some }) => all + some, 0), 0);
	check(`${what}, a part: which its slices add up to`, sum, again.totals.faults);
	await page.waitForTimeout(1500);
	check(`${what}, a part: stays as it is`, await difference(page, again), '');
	await counts(page, () => page.locator('#clear').click());
}

async function randomly(browser) {
	const server = await serve(0, ['--stacks'], repeating(9, randomMixed, '100000', '4096', '42'));
	const page = await open(browser, server.url);
	await matching(page, server, 'random_mixed');
	check('random_mixed: size classes are shown', Object.keys(await rowsOf(page, 'classes')).length > 3, true);
	check('random_mixed: so are its stacks', await page.locator('#flame-chart g.frame[name="main"]').count() > 0, true);
	const processes = await page.locator('#processes tbody th').allInnerTexts();
	check('random_mixed: processes stand below their parents', processes.slice(0, 2).join('|'), /^sh\|\s*└ (random_mixed|date)/);
	await ended(page);
	await page.waitForTimeout(3000);
	const whole = await json(`${server.url}api/snapshot`);
	check('random_mixed, ended: the tables are the JSON', await difference(page, whole), '');
	check('random_mixed, ended: which is all that the kernel charged', whole.totals.faults, whole.totals.rusage_minflt + whole.totals.rusage_majflt);
	quiet(page, 'random_mixed');

	const { port } = new URL(server.url);
	await server.stop();
	await page.waitForFunction(() => /the server is gone/.test(document.getElementById('connection').textContent), undefined, { timeout: 20000 });
	const next = await serve(port, [], repeating(5, randomMixed, '20000', '256', '1'));
	await page.waitForFunction(() => /20000 256 1$/.test(document.getElementById('title').textContent), undefined, { timeout: 30000 });
	check('a server that starts again is found', await text(page, 'connection'), /^(live|connecting)$/);
	await ended(page);
	await page.waitForTimeout(3000);
	check('and its run is shown alone', await difference(page, await json(`${next.url}api/snapshot`)), '');
	check('without stacks it says so', await page.locator('#no-stacks').isVisible(), true);
	await page.close();
	await next.stop();
}

// A server of Redis and somebody who keeps it busy; `use` meanwhile.
async function withRedis(options, use) {
	const port = 20000 + (process.pid % 20000);
	const server = await serve(0, options, ['redis-server', '--port', String(port), '--save', '', '--appendonly', 'no', '--loglevel', 'warning']);
	for (let i = 0; i < 100 && spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' }).stdout !== 'PONG\n'; i++)
		await new Promise((done) => setTimeout(done, 100));
	const load = spawn('redis-benchmark', ['-p', String(port), '-t', 'lpush', '-d', '64', '-r', '100000', '-n', '10000000', '-q'], { stdio: 'ignore' });
	started.add(load);
	try {
		await use(server);
	} finally {
		load.kill('SIGKILL');
		spawnSync('redis-cli', ['-p', String(port), 'shutdown', 'nosave']);
		await server.stop();
	}
}

async function redis(browser) {
	await withRedis(['--preload', path.join(path.dirname(trace), 'libhakmem.so'), '--env', 'HAKMEM_ASSIST=auto'], async (server) => {
		const page = await open(browser, server.url);
		await matching(page, server, 'redis-server');
		check('redis-server: it is the process', Object.keys(await rowsOf(page, 'processes'))[0], /redis-server/);
		const before = (await counts(page, async () => {})).snapshot.totals.faults;
		await page.waitForTimeout(1500);
		await page.waitForSelector('#spaces .strip i', { timeout: 20000 });
		check('redis-server: its address space is shown', await page.locator('#spaces h3').first().innerText(), /^redis-server \(\d+\): [0-9.]+ MiB resident of [0-9.]+ [MG]iB$/);
		check('redis-server: with its SuperSlabs', await page.locator('#spaces .super-slab').count() > 0, true);
		check('redis-server: slabs say what they hold', (await page.locator('#spaces .super-slab i').first().getAttribute('title')), /^(class \d+|metadata|pages|nothing): .* touched$/);
		await page.waitForSelector('#spaces .decisions tbody tr', { state: 'attached', timeout: 20000 });
		const decided = await page.locator('#spaces .decisions tbody tr').evaluateAll((lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
		check('redis-server: what libhakmem decides is told', decided.map(([what]) => what).includes('how long free memory is kept'), true);
		check('redis-server: each with its reason', decided.every(([, now, changes, why]) => now && changes && why), true);
		// What the page shows is from up to some seconds ago, and a server under load maps and unmaps.
		let apart;
		for (let attempt = 0; attempt < 20 && !(apart <= 3); attempt++) {
			const [space] = await json(`${server.url}api/spaces`);
			apart = Math.abs((await page.locator('#spaces section').first().locator('.strip i').count()) - space.ranges.length);
			if (!(apart <= 3))
				await page.waitForTimeout(500);
		}
		check('redis-server: every range is a box', apart <= 3, true);
		check('redis-server: figures go up while it works', (await counts(page, async () => {})).snapshot.totals.faults > before, true);
		quiet(page, 'redis-server');
		await page.close();
	});
}

async function enemies(browser) {
	const server = await serve(0, ['--stacks'], repeating(3, enemy, '100000', '256', '42'));
	const page = await open(browser, server.url);
	await ended(page);
	await page.waitForTimeout(3000);
	const name = path.basename(enemy);
	check('a hostile program is text: the command', await text(page, 'title'), new RegExp(name.replace(/[()]/g, '\\$&')));
	check('a hostile program is text: the process', (await page.locator('#processes tbody th').allInnerTexts()).join(), /└ <script>alert/);
	await page.locator('#flame-chart g.frame[name="main"]').first().hover();
	check('a hostile program is text: the object', await text(page, 'flame-details'), new RegExp(name.replace(/[()]/g, '\\$&')));
	check('a hostile program makes no elements', await page.locator('main script, main img').count(), 0);
	quiet(page, 'a hostile program');
	await page.close();
	await server.stop();
}

// A server that wants a token gets it once, in the page's address.
async function tokens(browser) {
	const file = path.join(path.dirname(enemy), 'token');
	const begin = (port, token) => {
		fs.writeFileSync(file, `${token}\n`);
		return serve(port, ['--token-file', file], repeating(6, randomMixed, '20000', '256', '1'));
	};
	const server = await begin(0, 'one-token-of-many');
	const url = server.url.replace(/\?.*/, '');
	check('a token: without it there is nothing', (await fetch(`${url}api/snapshot`)).status, 401);
	const page = await open(browser, `${url}?token=one-token-of-many`);
	check('a token: with it there is the page', page.url(), url);
	check('a token: and what it shows', Object.keys(await rowsOf(page, 'regions')).length > 2, true);
	quiet(page, 'a token');
	await server.stop();
	const other = await begin(new URL(url).port, 'another-token-of-many');
	await page.waitForFunction(() => /wants its token/.test(document.getElementById('connection').textContent), undefined, { timeout: 20000 });
	check('a token: another one is asked for', await page.locator('#connection').getAttribute('class'), 'chip bad');
	await page.close();
	await other.stop();
}

// What was recorded, and beside it another recording.
async function recorded(browser) {
	const folder = path.dirname(enemy);
	const [one, other, report] = ['one.hkt', 'other.hkt', 'other.json'].map((name) => path.join(folder, name));
	const hakmem = (...args) => spawnSync(trace, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status;
	check('recordings are made', [
		hakmem('record', '--slice', '0.5', '--stacks', '-o', one, '--', ...repeating(3, randomMixed, '100000', '4096', '42')),
		hakmem('record', '--stacks', '-o', other, '--', randomMixed, '100000', '256', '42'),
		hakmem('report', other, '--format', 'json', '-o', report),
	].join(), '0,0,0');
	const server = await serve(0, [], [one]);
	const page = await open(browser, server.url);
	await ended(page);
	await page.waitForTimeout(1500);
	check('a recording: the tables are the JSON', await difference(page, await json(`${server.url}api/snapshot`)), '');
	const part = await counts(page, () => brush(page, 0.2, 0.6), true);
	check('a recording: a part, too', await difference(page, part.snapshot), '');
	await page.locator('#take-A').click();
	await page.setInputFiles('#file-B', report);
	await page.waitForSelector('#compared tbody tr');
	const { allocator } = await rowsOf(page, 'compared');
	const rate = (snapshot, seconds) => Math.round(snapshot.regions.filter(({ region }) => region === 'allocator').reduce((sum, { faults }) => sum + faults, 0) / seconds);
	const { interval } = part.snapshot;
	const seconds = (interval ? interval.end_ns - interval.start_ns : part.snapshot.wall_ns) / 1e9;
	check('a recording: A is the selection, a second', number(allocator['A faults']), rate(part.snapshot, seconds));
	const file = JSON.parse(fs.readFileSync(report));
	check('a recording: B the other recording', number(allocator['B faults']), rate(file, file.wall_ns / 1e9));
	check('a recording: both have stacks', await page.locator('#compared-chart g.frame[name="main"]').count() > 0, true);
	quiet(page, 'a recording');
	await page.close();
	await server.stop();
}

// The event stream is read, but slowly; nothing else of it matters here.
function stall(url) {
	return new Promise((resolve) => http.get(`${url}api/stream`, (response) => resolve(response.pause())));
}

async function watched(browser) {
	const server = await serve(0, [], repeating(4, randomMixed, '20000', '256', '1'));
	const stalled = await stall(server.url);
	const pages = [];
	for (let i = 0; i < 3; i++) pages.push(await open(browser, server.url));
	for (const page of pages) await ended(page);
	await pages[2].waitForTimeout(3000);
	const whole = await json(`${server.url}api/snapshot`);
	const differences = [];
	for (const page of pages) differences.push(await difference(page, whole));
	check('three browsers and a stalled one: all show the same', differences.join(''), '');
	stalled.destroy();
	for (const page of pages) await page.close();
	await server.stop();
}

async function draw(browser) {
	const shoot = (page, name, options) => page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
	await withRedis(['--stacks', '--preload', path.join(path.dirname(trace), 'libhakmem.so')], async (server) => {
		const page = await open(browser, server.url, { width: 1280, height: 1000 });
		await page.waitForTimeout(25000);
		await counts(page, () => brush(page, 0.35, 0.65), true);
		await page.waitForTimeout(1000);
		await shoot(page, 'live', { fullPage: true });
		await page.close();
		const phone = await open(browser, server.url, { width: 390, height: 844 });
		await phone.waitForTimeout(2500);
		await shoot(phone, 'live-phone');
		await phone.close();
	});
	const server = await serve(0, ['--stacks'], repeating(12, randomMixed, '300000', '4096', '42'));
	const page = await open(browser, server.url, { width: 1280, height: 1400, dark: true });
	await page.waitForTimeout(8000);
	await shoot(page, 'live-dark');
	await page.close();
	await server.stop();
}

conclude(pictures ? [draw] : [randomly, redis, enemies, recorded, tokens, watched]);
