// SPDX-License-Identifier: MIT
// What a reader does with a flame graph, in a browser: one line a check, as tests/system/check.inc prints them.
// Usage: node tests/web/flame.js FOLDER [PICTURE]     with few.html, many.html, ... of flame_pages in it, and real.html
'use strict';

const path = require('node:path');
const { Browser } = require('./browser.js');
const { check, conclude } = require('./checks.js');

const page = (name) => path.join(process.argv[2], `${name}.html`);
const text = (browser, id) => browser.evaluate(`document.getElementById('${id}').innerText`);
// Frames have their function's name; the library only fades what doesn't belong to a zoom.
const frame = (name) => `[...document.querySelectorAll('g.frame')].find((g) => g.getAttribute('name') === ${JSON.stringify(name)})`;
const part = (browser, name) =>
	browser.evaluate(`Math.round(100 * ${frame(name)}.querySelector('rect').getBoundingClientRect().width / document.querySelector('#chart svg').clientWidth)`);
const fill = (browser, name) => browser.evaluate(`${frame(name)}.querySelector('rect').getAttribute('fill')`);
const drawn = (browser) => browser.evaluate('new Promise((done) => setTimeout(done, 500))');
const byId = (id) => `document.getElementById('${id}')`;
const choice = (text) => `[...document.querySelectorAll('#tools label')].find((label) => label.innerText.trim() === '${text}')`;

async function quiet(browser, name) {
	check(`${name}: nothing is complained of`, browser.complaints.join('; '), '');
	check(`${name}: nobody is asked for anything`, browser.requests.filter((url) => !url.startsWith('file:')).join(' '), '');
	check(`${name}: it is the only file`, browser.requests.length, 1);
}

async function reading(browser) {
	await browser.open(page('few'));
	await drawn(browser);
	check('the command is the title', await text(browser, 'title'), './bench 1000 <wo words');
	check('its width is its share', await part(browser, 'sort'), 50);
	check('and its colour its region', await fill(browser, 'sort'), 'var(--program)');
	check('a frame of several regions has no one\'s', await fill(browser, 'main'), 'var(--mixed)');
	check('the legend names regions', await text(browser, 'legend'), /libc 30.0 %\s+program 50.0 %\s+file 20.0 %/);
	await browser.move(frame('sort'));
	const details = await text(browser, 'details');
	check('hovering tells the function and its share', details, /^sort\s+100 faults, 50.0 % of all/);
	check('its lines, the costliest first', details, /bench · bench\/sort.c:12 \(70.0 % of the faults\), 15 \(30.0 % of the faults\)/);
	check('its memory', details, /Memory: program 100.0 %/);
	check('and its causes', details, /Causes: first-touch 70.0 %, purged 30.0 %/);
	await browser.move(frame('swap'));
	check('inlined functions say so', await text(browser, 'details'), /inlined into its caller/);
	await quiet(browser, 'reading');
}

async function zooming(browser) {
	await browser.click(frame('sort'));
	await drawn(browser);
	check('a clicked frame is as wide as the graph', await part(browser, 'sort'), 100);
	check('what is not below it is gone', await browser.evaluate(`Boolean(${frame('read_all')})`), false);
	check('the details are of it', await text(browser, 'details'), /^sort\s/);
	await browser.click(byId('reset'));
	await drawn(browser);
	check('reset shows all again', await part(browser, 'sort'), 50);
	await quiet(browser, 'zooming');
}

async function searching(browser) {
	await browser.click(byId('search'));
	await browser.type('SWAP');
	await drawn(browser);
	check('found frames light up', await fill(browser, 'swap'), 'var(--match)');
	check('and no others', await fill(browser, 'sort'), 'var(--program)');
	check('how much was found is said', await text(browser, 'found'), 'found 35.0 %: 70 faults');
	await browser.click(byId('reset'));
	await browser.click(byId('search'));
	await browser.type('at<"\'&amp;[(*');
	await drawn(browser);
	check('a search is for text, not for a pattern', await text(browser, 'found'), 'found 0.0 %: 0 faults');
	await browser.click(byId('reset'));
	await browser.click('document.querySelector("#functions tbody button")');
	await drawn(browser);
	check('the table finds functions in the graph', await fill(browser, 'swap'), 'var(--match)');
	await browser.click(byId('reset'));
	await quiet(browser, 'searching');
}

async function choosing(browser) {
	await browser.click(choice('zeroed bytes'));
	await drawn(browser);
	check('widths can be zeroed bytes', await part(browser, 'sort'), 57);
	check('the sentence is of these', await text(browser, 'answer'), '560 KiB zeroed.');
	await browser.click('[...document.querySelectorAll("#legend button")].find((b) => /libc/.test(b.innerText))');
	await drawn(browser);
	check('one region alone', await part(browser, 'read_all'), 100);
	check('is said to be one', await text(browser, 'answer'), /Only libc: 240 KiB zeroed, 42.9 % of all/);
	await browser.click(byId('reset'));
	await drawn(browser);
	await browser.click(choice('callers on top'));
	await drawn(browser);
	const top = (name) => browser.evaluate(`${frame(name)}.getBoundingClientRect().y`);
	check('callers can be on top', (await top('main')) < (await top('sort')), true);
	await quiet(browser, 'choosing');
}

async function typing(browser) {
	await browser.open(page('few'));
	await drawn(browser);
	await browser.evaluate(`${byId('chart')}.focus()`);
	await browser.press('ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowRight');
	check('arrows go from frame to frame', await text(browser, 'details'), /^read_all\s/);
	check('which is told to those who can\'t see it', await text(browser, 'live'), /^read_all\s+60 faults, 30.0 % of all/);
	check('and shown', await browser.evaluate('document.querySelector("g.current").getAttribute("name")'), 'read_all');
	await browser.press('Enter');
	await drawn(browser);
	check('Enter zooms', await part(browser, 'read_all'), 100);
	await browser.press('Escape');
	await drawn(browser);
	check('Escape shows all again', await part(browser, 'read_all'), 30);
	check('the table has every function', await browser.evaluate('document.querySelectorAll("#functions tbody tr").length'), 7);
	await quiet(browser, 'typing');
}

async function enemies(browser) {
	await browser.open(page('few'));
	await drawn(browser);
	await browser.move('[...document.querySelectorAll("g.frame")].find((g) => /evil/.test(g.getAttribute("name")))');
	check('names are text', await text(browser, 'details'), /^std::map<int, evil<\/script><script>alert\(1\)<\/script>>::at<"'&amp;\u2028?>\(char const\*\)/);
	check('also of files, with what is no UTF-8 replaced', await text(browser, 'details'), /lib<img src=x onerror=alert\(2\)>\ufffd\ufffd\.so/);
	check('and make no elements', await browser.evaluate('document.querySelectorAll("main img, main script").length'), 0);
	const policy = await browser.evaluate(`(() => {
		const script = document.createElement('script');
		script.textContent = 'window.ran = true';
		document.body.append(script);
		return String(window.ran);
	})()`);
	check('no other script would run', policy, 'undefined');
}

async function comparing(browser) {
	await browser.open(page('difference'));
	await drawn(browser);
	check('widths are those after', await part(browser, 'sort'), 75);
	check('what grew is red', await fill(browser, 'sort'), 'var(--grew-3)');
	check('what is the same is not', await fill(browser, 'read_all'), 'var(--same)');
	await browser.move(frame('sort'));
	check('both figures are told', await text(browser, 'details'), /100 faults before, 300 faults after: \+200 %/);
	await browser.click(choice('before'));
	await drawn(browser);
	check('widths can be those before', await part(browser, 'sort'), 50);
	check('the table begins with what changed most', await browser.evaluate('document.querySelector("#functions tbody tr").innerText'), /^swap\s+bench\s+70 faults\s+270 faults\s+\+286 %/);
	await quiet(browser, 'comparing');
	await browser.open(page('shrunk'));
	await drawn(browser);
	check('what shrank is blue', await fill(browser, 'sort'), 'var(--shrank-3)');
}

async function sizes(browser) {
	const milliseconds = await browser.open(page('many'));
	await drawn(browser);
	console.log(`     20,000 stacks were drawn in ${milliseconds} ms`);
	check('20,000 stacks open in a few seconds', milliseconds < 10000, true);
	check('it says what is left out', await text(browser, 'left'), /^[0-9,]+ frames, each under 0\.0\d+ % of everything, are left out/);
	check('what is counted, and what estimated', await text(browser, 'answer'), /^[0-9,]+ faults\. How they divide among stacks is estimated/);
	check('and what was lost', await text(browser, 'cares'), /17 stacks were lost/);
	check('a graph that fits no window begins with what is wide', await browser.evaluate(`${byId('inverted')}.checked`), true);
	await browser.move(frame('process large'));
	check('figures of stacks are estimates', await text(browser, 'details'), /^process large\s+about [0-9,]+ faults/);
	check('processes are told apart', await browser.evaluate(`Boolean(${frame('process large')} && ${frame('process other')})`), true);
	await quiet(browser, 'many');
}

async function sites(browser) {
	await browser.open(page('sites'));
	await drawn(browser);
	check('the kernel\'s frames say so', await browser.evaluate(`Boolean(${frame('clear_page_erms')})`), true);
	await browser.move(frame('clear_page_erms'));
	check('in the details', await text(browser, 'details'), /\[kernel\] · kernel/);
	check('what no stack was taken of is there', await browser.evaluate(`Boolean(${frame('[no stack]')})`), true);
	await browser.click(choice('allocated it'));
	await drawn(browser);
	check('stacks can be those that allocated', await browser.evaluate(`Boolean(${frame('clear_page_erms')})`), false);
	check('or not be known', await browser.evaluate(`Boolean(${frame('[allocation not known]')})`), true);
	check('where they are known', await browser.evaluate(`Boolean(${frame('main')})`), true);
	await quiet(browser, 'sites');
}

async function unknowns(browser) {
	await browser.open(page('unmeasured'));
	await drawn(browser);
	check('what was not measured can\'t be chosen', await browser.evaluate('[...document.querySelectorAll("#values input")].map((i) => i.disabled).join()'), 'false,true,true');
	check('and is n/a', await text(browser, 'values'), /zeroed bytes \(n\/a\)/);
	await browser.open(page('nothing'));
	await drawn(browser);
	check('no stacks at all', await text(browser, 'answer'), 'No stack has any faults: there is nothing to draw.');
	await browser.open(page('time'));
	check('the page begins with what was asked for', await text(browser, 'answer'), '300 us in faults.');
	await quiet(browser, 'unknowns');
}

async function looks(browser) {
	for (const dark of [false, true]) {
		await browser.open(page('few'), { dark });
		await drawn(browser);
		const colour = await browser.evaluate(`getComputedStyle(${frame('sort')}.querySelector('rect')).fill`);
		check(`colours of the ${dark ? 'dark' : 'light'}`, colour, dark ? 'rgb(27, 114, 89)' : 'rgb(68, 187, 153)');
	}
}

async function measured(browser) {
	await browser.open(page('real'));
	await drawn(browser);
	check('a real run: its command', await text(browser, 'title'), /random_mixed-hakmem 100000 256 42$/);
	check('whose memory it was', await text(browser, 'legend'), /allocator [0-9.]+ %/);
	await browser.click(byId('search'));
	await browser.type('main');
	await drawn(browser);
	check('main is found', await text(browser, 'found'), /^found [1-9][0-9.]* %/);
	await browser.click(frame('main'));
	await drawn(browser);
	check('and can be zoomed into', await part(browser, 'main'), 100);
	check('what it is made of is told', await text(browser, 'details'), /^main\s[^]*random_mixed-hakmem[^]*Memory: [^]*allocator [0-9.]+ %/);
	await quiet(browser, 'real');
}

async function picture(browser, file) {
	await browser.open(page('picture'));
	await browser.evaluate(`${byId('chart')}.focus({ preventScroll: true, focusVisible: false })`);
	await browser.press(...new Array(10).fill('ArrowDown'));
	await drawn(browser);
	await browser.screenshot(file);
}

conclude(async () => {
	const browser = new Browser(1280, 900);
	try {
		if (process.argv[3]) return await picture(browser, process.argv[3]);
		for (const test of [reading, zooming, searching, choosing, typing, enemies, comparing, sizes, sites, unknowns, measured, looks]) await test(browser);
	} finally {
		await browser.close();
	}
});
