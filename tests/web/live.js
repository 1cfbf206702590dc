// SPDX-License-Identifier: MIT
// The live page with a server that stands in for hakmem-trace (live_server.js), which tells a test what it wants to hear.
// Usage: TOOLS=FOLDER CHROMIUM=FILE node tests/web/live.js REPORT [TEST...]     REPORT: the JSON of a real run, with stacks
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { axe, brush, check, conclude, counts, difference, number, open, quiet, rowsOf, serve, text } = require('./live_browser.js');

const [report, ...only] = process.argv.slice(2);
const LONG = Boolean(process.env.LONG);

async function stand(...options) {
	const built = ['live.html', 'live.policy'].map((name) => path.join('web/built', name));
	const server = serve('node', [path.join(__dirname, 'live_server.js'), ...built, report, ...options]);
	server.url = `http://127.0.0.1:${await server.port}/`;
	return server;
}

const json = async (url) => (await fetch(url)).json();

async function opening(browser) {
	const server = await stand('ended=30', 'rate=30');
	const page = await open(browser, server.url);
	await page.close();
	// The browser itself has started; what it has of the page is nothing.
	let best = Infinity;
	for (let i = 0; i < 5; i++) {
		const again = await open(browser, server.url);
		const paint = await again.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
		best = Math.min(best, paint);
		if (i < 4) {
			await again.close();
			continue;
		}
		const { transferSize } = await again.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON());
		console.log(`     first paint after ${Math.round(best)} ms, ${transferSize} bytes`);
		check('it is seen within 300 ms', best < 300, true);
		check('it weighs less than 200 KB', transferSize > 10000 && transferSize < 200000, true);
		check('and is one file', again.notes.requests.filter((url) => !/\/api\//.test(url) && !url.startsWith('data:')).length, 1);
		check('the command is the title', await text(again, 'title'), /random_mixed-hakmem/);
		check('chips tell how it is measured', await text(again, 'chips'), /kernel [^]*rung [^]*faults: exact[^]*init_on_alloc [^]*own overhead 1\.0 %[^]*lost 0/);
		await again.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
		check('what has ended stays', Object.keys(await rowsOf(again, 'regions')).length > 2, true);
		quiet(again, 'opening');
		await again.close();
	}
	await server.stop();
}

async function reading(browser) {
	const server = await stand('ended=40', 'rate=40');
	const page = await open(browser, server.url);
	await page.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
	await page.waitForTimeout(2500);
	const whole = await json(`${server.url}api/snapshot`);
	check('the tables are the JSON', await difference(page, whole), '');
	check('in a sentence, too', await text(page, 'selection'), new RegExp(`^Everything since tracing began, up to 0:01\\.0\\. ${whole.totals.faults.toLocaleString('en')} faults`));
	const first = await page.locator('#regions tbody th').first().innerText();
	await page.locator('#regions thead button', { hasText: 'region' }).click();
	const sorted = await page.locator('#regions tbody th').allInnerTexts();
	check('columns sort', [first, sorted.join()].join(' '), /^allocator allocator,(stack,)?libc,/);
	check('the legend has the regions that there are', await text(page, 'colours'), /^allocator\s+stack\s+libc\s/);
	check('and say so', await page.locator('#regions th[aria-sort]').getAttribute('aria-sort'), /^(a|de)scending$/);

	const part = await counts(page, () => brush(page, 0.25, 0.5), true);
	check('a part of the time is asked for', number(part.query.get('from_ns')) > 0 && number(part.query.get('to_ns')) < 1e9, true);
	check('its tables are its JSON', await difference(page, part.snapshot), '');
	check('which is less than everything', part.snapshot.totals.faults < whole.totals.faults / 2 && part.snapshot.totals.faults > 0, true);
	check('and is said', await text(page, 'selection'), /^Selected: 0:00\.\d to 0:00\.\d\. [0-9,]+ faults/);
	const shown = await page.evaluate(() => {
		const [over, select] = ['.u-over', '.u-select'].map((name) => document.querySelector(`#zeroed-chart ${name}`).getBoundingClientRect());
		return ['left', 'right'].map((side) => (select[side] - over.left) / over.width);
	});
	const wanted = ['from_ns', 'to_ns'].map((name) => number(part.query.get(name)) / whole.wall_ns);
	check('and drawn where it is, on both charts', shown.every((place, i) => Math.abs(place - wanted[i]) < 0.02), true);
	check('also to those who cannot see it', await text(page, 'live'), /^Selected: /);
	await page.route('**/api/snapshot', () => {}); // an answer that doesn't come
	await page.locator('#clear').click();
	check('what is not of the selection says so', [await text(page, 'selection'), await page.locator('#regions').getAttribute('aria-busy')].join(), 'Everything since tracing began.,true');
	await page.unroute('**/api/snapshot');
	await brush(page, 0.25, 0.5);
	const all = await counts(page, () => page.locator('#clear').click());
	check('all is shown again', await difference(page, all.snapshot), '');

	await page.locator('#faults-chart').focus();
	const newest = await counts(page, () => page.keyboard.press('End'), true);
	check('the keyboard selects the newest', newest.query.get('to_ns'), String(1e9));
	const earlier = await counts(page, () => page.keyboard.press('PageDown'), true);
	check('moves it', number(earlier.query.get('to_ns')) < 1e9, true);
	const wider = await counts(page, () => page.keyboard.press('Shift+PageUp'), true);
	check('and widens it', wider.query.get('from_ns') === earlier.query.get('from_ns') && number(wider.query.get('to_ns')) > number(earlier.query.get('to_ns')), true);
	const nothing = await counts(page, () => page.keyboard.press('Escape'));
	check('Escape selects everything', nothing.query.get('to_ns'), null);
	quiet(page, 'reading');
	await page.close();
	await server.stop();
}

async function stacks(browser) {
	const server = await stand('ended=20', 'rate=40');
	const page = await open(browser, server.url);
	await page.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
	const frame = (name) => page.locator(`#flame-chart g.frame[name="${name}"]`);
	await counts(page, () => brush(page, 0.1, 0.9), true);
	check('stacks of the selection are a flame graph', await frame('main').count(), 1);
	await frame('main').hover();
	check('a frame tells what it cost', await text(page, 'flame-details'), /^main\s+about [0-9,]+ faults, [0-9.]+ % of all/);
	await page.locator('#flame-chart').focus();
	await page.keyboard.press('ArrowDown');
	check('the keyboard goes through it', await text(page, 'live'), /faults, [0-9.]+ % of all/);
	await page.locator('#flame-section details summary').click();
	check('its functions are a table', await page.locator('#flame-functions tbody tr').count() > 5, true);
	await page.locator('#flame-values label', { hasText: 'zeroed bytes' }).click();
	check('widths can be zeroed bytes', await page.locator('#flame-functions caption').innerText(), /^zeroed bytes/);

	await page.locator('#take-A').click();
	check('A is the selection', await text(page, 'side-A'), /^0:00\.\d to 0:00\.\d: [0-9,]+ faults in /);
	await page.setInputFiles('#file-B', report);
	await page.waitForSelector('#compared tbody tr');
	check('B is a file', await text(page, 'side-B'), /real\.json: .*random_mixed-hakmem/);
	const compared = await rowsOf(page, 'compared');
	check('they stand side by side', compared.allocator['A faults'], /^[0-9,.]+\/s$/);
	check('with what changed', compared.allocator['faults: change'], /%$|^the same$/);
	check('and a flame graph of the difference', await page.locator('#compared-chart g.frame').count() > 10, true);
	for (const [name, content, said] of [['none.json', 'hello', /none\.json is no JSON; hakmem-trace report/], ['other.json', '{"schema":"other/1"}', /no report of hakmem-trace/]]) {
		await page.setInputFiles('#file-A', { name, mimeType: 'application/json', buffer: Buffer.from(content) });
		await page.waitForFunction(() => document.getElementById('file-trouble').textContent);
		check(`what is no report is refused: ${name}`, await text(page, 'file-trouble'), said);
	}
	check('address spaces are shown', await page.locator('#spaces .strip i').count(), 3);
	check('what is not known of them is n/a', await page.locator('#spaces .strip i').last().getAttribute('title'), /^stack: main · 0x7f1000000000, 4.0 KiB · resident n\/a · faults n\/a$/);
	check('with their SuperSlabs', await page.locator('#spaces .super-slab i').count(), 32);
	check('how full and how touched each slab is', await page.locator('#spaces .super-slab i').nth(16).getAttribute('title'), 'class 64: 50.0 % of 1,024 used, 50.0 % of its pages touched');
	check('what libhakmem decides is counted', await page.locator('#spaces .decisions summary').allInnerTexts(), /^3 decisions of libhakmem by what memory costs, 1 changed$/);
	const decided = (await page.locator('#spaces .decisions tbody tr').evaluateAll((lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent).join(' · '))));
	check('what was changed comes first, with why', decided[0], 'pages of a slab made present at once, class 512 · 16 · 3 · slabs get filled');
	check('the rest behind it', decided.slice(1).join('; '), 'how long free memory is kept · 1,000 ms · 0 · nothing is known yet; huge pages for medium blocks of pool 2 · forbidden · 0 · there are too few chunks to tell');
	check('and why one is not shown', await text(page, 'spaces'), /other \(2\): n\/a resident[^]*Not all is known: permission denied\./);
	quiet(page, 'stacks');
	await page.close();
	await server.stop();
}

async function reconnecting(browser) {
	const first = await stand('rate=20');
	const port = new URL(first.url).port;
	const page = await open(browser, first.url);
	await page.waitForTimeout(1500);
	await first.stop();
	await page.waitForFunction(() => /connection lost/.test(document.getElementById('connection').textContent));
	check('a lost connection is red', await page.locator('#connection').getAttribute('class'), 'chip bad');
	check('what was counted stays', Object.keys(await rowsOf(page, 'regions')).length > 2, true);
	const second = await stand('rate=20', `port=${port}`, 'run=second', 'command=another', 'ended=40');
	await page.waitForFunction(() => document.getElementById('title').textContent === 'another', undefined, { timeout: 20000 });
	await page.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
	await page.waitForTimeout(2500);
	check('it connects again by itself', await text(page, 'connection'), 'ended');
	check('and shows the new run alone', await difference(page, await json(`${second.url}api/snapshot`)), '');
	check('from its begin', await page.locator('#chips li', { hasText: 'traced for' }).innerText(), 'traced for 0:02.0');
	quiet(page, 'reconnecting');
	await page.close();
	await second.stop();
}

async function enemies(browser) {
	const name = '<script>alert(1)</script>';
	const server = await stand(`comm=${name}`, 'command=<img src=x onerror=alert(2)>', 'rate=20', 'lost=3', 'ended=20');
	const page = await open(browser, server.url);
	await page.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
	await page.waitForTimeout(1500);
	check('a hostile command is text', await text(page, 'title'), '<img src=x onerror=alert(2)>');
	check('so is a process', Object.keys(await rowsOf(page, 'processes'))[0], name);
	check('and in its address space', await page.locator('#spaces h3').first().innerText(), `${name} (1): 4.8 MiB resident of 954 MiB`);
	check('they make no elements', await page.locator('main img, main script').count(), 0);
	check('no other script would run', await page.evaluate(() => {
		const script = document.createElement('script');
		script.textContent = 'window.ran = true';
		document.body.append(script);
		return String(window.ran);
	}), 'undefined');
	check('which the policy has forbidden', page.notes.complaints.splice(0).join(), /Content Security Policy/);
	check('what was lost is red', await page.locator('.chip.bad', { hasText: 'lost 3' }).innerText(), '⚠ lost 3');
	quiet(page, 'enemies');
	await page.close();
	await server.stop();
}

async function unknowns(browser) {
	const server = await stand('unknown=zeroed_bytes', 'rate=20', 'ended=20');
	const page = await open(browser, server.url);
	await page.waitForFunction(() => document.getElementById('connection').textContent === 'ended');
	await page.waitForTimeout(1500);
	const { allocator } = await rowsOf(page, 'regions');
	check('what is not measured is n/a', [allocator.zeroed, allocator['zeroed/s'], allocator.faults].join(), /^n\/a,n\/a,[0-9,]+$/);
	check('over time, too', await page.locator('#zeroed-unknown').isVisible(), true);
	check('what is, is not', await page.locator('#faults-unknown').isVisible(), false);
	await page.close();
	await server.stop();
}

async function everybody(browser) {
	const server = await stand('rate=20', 'ended=40');
	for (const [what, look] of [['light', {}], ['dark', { dark: true }], ['on a phone', { width: 390, height: 844 }]]) {
		const page = await open(browser, server.url, look);
		await page.waitForTimeout(2500);
		await page.locator('#take-A').click();
		await page.locator('#take-B').click();
		await page.evaluate(() => document.querySelectorAll('details:not(#licences)').forEach((details) => (details.open = true)));
		await page.evaluate(axe());
		const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
		check(`${what}: nothing keeps anybody out`, violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 150)} ${nodes[0].failureSummary}`).join('; '), '');
		check(`${what}: it is as wide as the window`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
		check(`${what}: colours`, await page.evaluate(() => getComputedStyle(document.body).backgroundColor), look.dark ? 'rgb(22, 22, 21)' : 'rgb(252, 252, 251)');
		if (what === 'light') {
			await page.locator('#theme').selectOption('dark');
			check('colours can be chosen', await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(22, 22, 21)');
			await page.locator('#theme').selectOption('system');
		}
		if (what === 'on a phone') {
			const box = await page.locator('#faults-chart .u-over').boundingBox();
			const touch = (type, x) => page.locator('#faults-chart .u-over').dispatchEvent(type, { pointerId: 1, pointerType: 'touch', isPrimary: true, button: 0, buttons: 1, clientX: x, clientY: box.y + 20, bubbles: true });
			await page.evaluate(() => (Element.prototype.setPointerCapture = () => {}));
			await touch('pointerdown', box.x + 20);
			await touch('pointermove', box.x + 100);
			await touch('pointerup', box.x + 100);
			check('a finger selects', await text(page, 'selection'), /^Selected: /);
		}
		await page.close();
	}
	await server.stop();
}

// What a page keeps, once all that it doesn't need is gone.
async function memory(page, session) {
	await session.send('HeapProfiler.collectGarbage');
	const { usedSize } = await session.send('Runtime.getHeapUsage');
	const { nodes } = await session.send('Memory.getDOMCounters');
	return { heap: usedSize / 1e6, nodes };
}

async function flood(browser) {
	const seconds = LONG ? 600 : 20;
	const server = await stand('rate=1000');
	const page = await open(browser, server.url);
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable');
	// By then as many slices are kept as ever will be.
	await page.waitForTimeout(LONG ? 20000 : 8000);
	const begin = await memory(page, session);
	const heaps = [];
	for (let i = 0; i < 10; i++) {
		await page.waitForTimeout(seconds * 100);
		heaps.push(await memory(page, session));
	}
	const end = heaps.at(-1);
	console.log(`     ${seconds} s of 1,000 slices a second: ${begin.heap.toFixed(1)} MB, then ${heaps.map(({ heap }) => heap.toFixed(1)).join(', ')} MB`);
	check('its memory does not grow', end.heap < begin.heap * 1.15 + 1, true);
	check('nor its elements', end.nodes <= begin.nodes * 1.1 + 100, true);
	const { slices } = await json(`${server.url}api/history`);
	const late = await page.evaluate(() => {
		const [, minutes, rest] = /traced for (\d+):([\d.]+)/.exec(document.getElementById('chips').textContent);
		return 60 * minutes + Number(rest);
	});
	const behind = slices.at(-1).end_ns / 1e9 - late;
	check('a thousand slices a second were told', slices.at(-1).number > 1000 * (seconds + 5), true);
	check('and it keeps up', behind < 4, true);
	console.log(`     it is ${behind.toFixed(1)} s behind`);
	quiet(page, 'flood');
	await page.close();
	await server.stop();
}

fs.accessSync(report);
const tests = [opening, reading, stacks, reconnecting, enemies, unknowns, everybody, flood];
conclude(tests.filter(({ name }) => !only.length || only.includes(name)));
