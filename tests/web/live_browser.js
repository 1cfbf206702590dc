// SPDX-License-Identifier: MIT
// For tests of the live page: Chromium by playwright-core, a page in it that notes what it complains of and whom it asks, checks
// as tests/system/check.inc prints them, and what the page's tables say.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const checks = require('./checks.js');

const tools = path.resolve(process.env.TOOLS, 'node_modules');
const { chromium } = require(path.join(tools, 'playwright-core'));
const { check } = checks;

const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--js-flags=--expose-gc'] });

// A page that notes everything: complaints, requests.
async function open(browser, url, { width = 1280, height = 900, dark = false } = {}) {
	const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
	const notes = { complaints: [], requests: [] };
	page.on('console', (message) => notes.complaints.push(message.text()));
	page.on('pageerror', (error) => notes.complaints.push(String(error.stack)));
	page.on('dialog', (dialog) => {
		notes.complaints.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on('request', (request) => notes.requests.push(request.url()));
	page.notes = notes;
	await page.goto(url);
	await page.waitForFunction(() => document.querySelector('#regions tbody tr'), undefined, { timeout: 20000 });
	return page;
}

// Of a started server: its process, and the address that its first line has.
function serve(command, args, options = {}) {
	const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
	process.on('exit', () => child.kill('SIGKILL'));
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const port = new Promise((resolve, reject) => {
		readline.createInterface({ input: child.stdout }).once('line', resolve);
		ended.then(() => reject(new Error(`${command} has ended`)));
	});
	port.catch(() => {});
	return { child, port, ended, stop: (signal = 'SIGTERM') => (child.kill(signal), ended) };
}

// A table as the page shows it: a row's key, then {column: text}; "exact" figures where a cell tells them.
function rowsOf(page, id, keys = 1) {
	return page.evaluate(
		([id, keys]) => {
			const table = document.getElementById(id);
			const titles = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
			return Object.fromEntries(
				[...table.tBodies[0].rows].map((row) => {
					const texts = [...row.cells].map((cell) => cell.textContent);
					const exact = [...row.cells].map((cell) => cell.title);
					const columns = titles.map((title, i) => [title, texts[i]]).concat(titles.map((title, i) => [`exact ${title}`, exact[i]]));
					return [texts.slice(0, keys).join('|'), Object.fromEntries(columns)];
				}),
			);
		},
		[id, keys],
	);
}

const number = (text) => (text === undefined ? NaN : Number(text.replace(/[^0-9]/g, '')));
const text = (page, id) => page.locator(`#${id}`).innerText();

// Whether the tables show the snapshot: every row, and every figure that is told exactly. The first difference in words, or ''.
async function difference(page, snapshot) {
	const rows = await rowsOf(page, 'rows', 2);
	if (Object.keys(rows).length !== snapshot.regions.length) return `${Object.keys(rows).length} rows, not ${snapshot.regions.length}`;
	for (const row of snapshot.regions) {
		const key = `${row.region}|${row.detail || '-'}`;
		const shown = rows[key];
		if (!shown) return `there is no row ${key}`;
		if (number(shown.faults) !== row.faults) return `${key} has ${shown.faults} faults, not ${row.faults}`;
		for (const [title, figure] of [['zeroed', 'zeroed_bytes'], ['fault time', 'fault_ns'], ['zeroing', 'zero_ns']]) {
			// A row that has had nothing needs no figure.
			if (row.faults === 0 && row.zeroed_bytes === 0) continue;
			if (row[figure] === null ? shown[title] !== 'n/a' : number(shown[`exact ${title}`]) !== row[figure])
				return `${key}: ${title} is ${shown[title]} (${shown[`exact ${title}`]}), not ${row[figure]}`;
		}
	}
	const classes = snapshot.regions.filter(({ region, detail }) => region === 'allocator' && /^class \d+$/.test(detail));
	const sizes = await rowsOf(page, 'classes');
	if (Object.keys(sizes).length !== classes.length) return `${Object.keys(sizes).length} classes, not ${classes.length}`;
	for (const { detail, faults } of classes) {
		const found = Object.entries(sizes).find(([size]) => number(size) === Number(detail.slice(6)));
		if (!found || number(found[1].faults) !== faults) return `${detail} is not shown with ${faults} faults`;
	}
	return '';
}

// Drags over the faults' chart, from one part of its width to another.
async function brush(page, from, to) {
	const box = await page.locator('#faults-chart .u-over').boundingBox();
	await page.mouse.move(box.x + from * box.width, box.y + box.height / 2);
	await page.mouse.down();
	await page.mouse.move(box.x + ((from + to) / 2) * box.width, box.y + box.height / 2);
	await page.mouse.move(box.x + to * box.width, box.y + box.height / 2);
	await page.mouse.up();
}

// Does it, and waits for the counts that come of it: of a part of the time or of everything. One question may have been asked before.
async function counts(page, act, part = false) {
	const answer = page.waitForResponse((response) => response.url().includes('api/snapshot') && response.url().includes('from_ns') === part);
	await act();
	const response = await answer;
	const snapshot = await response.json();
	await page.waitForTimeout(100);
	return { snapshot, query: new URL(response.url()).searchParams };
}

function quiet(page, what) {
	const origin = new URL(page.url()).origin;
	check(`${what}: nothing is complained of`, page.notes.complaints.filter((text) => !/Failed to load resource|ERR_/.test(text)).join('; '), '');
	check(`${what}: nobody else is asked`, page.notes.requests.filter((url) => !url.startsWith(origin) && !url.startsWith('data:')).join(' '), '');
}

// Runs tests one after the other; the exit status says whether all passed.
function conclude(tests) {
	checks.conclude(async () => {
		const browser = await launch();
		try {
			for (const test of tests) await test(browser);
		} finally {
			await browser.close();
		}
		console.log('ok   the browser was there to the end');
	});
}

module.exports = { axe: () => require(path.join(tools, 'axe-core')).source, brush, check, conclude, counts, difference, number, open, quiet, rowsOf, serve, text };
