// SPDX-License-Identifier: MIT
// Puts the page together: what the server tells (Feed), what of the time is selected (Timeline), the counts of that (Snapshots),
// and who shows them.

import { element } from '../common/element.js';
import { chipsOf, showChips } from './chips.js';
import { Comparison, readReport, sideName } from './comparison.js';
import { CountsTables } from './counts_tables.js';
import { Feed } from './feed.js';
import { FlameView } from './flame_view.js';
import { bytes, clock, count, duration, part, percent, rate } from './format.js';
import { regionRows, targetOf, totalsOf } from './report.js';
import { Slices } from './slices.js';
import { Snapshots } from './snapshots.js';
import { showSpaces } from './spaces.js';
import { makeTheme } from './theme.js';
import { Timeline } from './timeline.js';

const DRAW_PAUSE = 250;
const FLAME_PAUSE = 5000;
const SPACES_PAUSE = 3000;
const REST_AFTER = 30000; // a page that nobody sees lets go of its connection, of which a browser has few
const MINUTE = 60e9;

const byId = (id) => document.getElementById(id);
const say = (text) => (byId('live').textContent = text);

const state = {
	about: null, // the server's run
	connection: 'connecting',
	ended: false,
	paused: false,
	snapshot: null, // of the selection
	range: null, // its
	aloud: false, // whether the next one is told to those who can't see it
	whole: null, // the newest snapshot of everything
	stale: false, // the snapshot is not of what is selected
};

const slices = new Slices();
const timeline = new Timeline(byId, slices, chosen);
const tables = new CountsTables(byId);
const flame = new FlameView('flame', byId, say);
const comparison = new Comparison(byId);
let compared = null; // its flame graph, once there is something to draw
const snapshots = new Snapshots(got, failed);

// --- what is selected ---

// What is shown is of another part of the time than what is selected, until the answer comes.
function setStale(stale) {
	state.stale = stale;
	document.querySelector('main').classList.toggle('stale', stale);
	for (const id of ['regions', 'rows', 'classes', 'processes']) byId(id).setAttribute('aria-busy', stale);
}

function chosen() {
	const { kind } = timeline;
	for (const input of document.querySelectorAll('input[name="span"]')) input.checked = input.value === kind;
	byId('clear').hidden = kind !== 'brush';
	byId('brushed').disabled = kind !== 'brush';
	state.aloud = true;
	setStale(true);
	showSelection();
	snapshots.now(timeline.range);
}

// Of what moves, up to when the counts go: they may be seconds older than the charts.
function selectionText(range) {
	const { snapshot, stale } = state;
	const until = snapshot && !stale ? `, up to ${clock(snapshot.interval ? snapshot.interval.end_ns : snapshot.wall_ns)}` : '';
	if (timeline.kind === 'brush') return `Selected: ${clock(range.from)} to ${clock(range.to)}.`;
	return timeline.kind === 'minute' ? `The last minute${until}.` : `Everything since tracing began${until}.`;
}

// "1,234 faults (56/s) took 3 ms; 4.8 MiB zeroed. Most: allocator 71 %, ..."
function answerText(snapshot) {
	const { faults, zeroed, time, seconds } = totalsOf(snapshot);
	const most = regionRows(snapshot)
		.filter((row) => row.faults.value > 0)
		.sort((a, b) => b.faults.value - a.faults.value)
		.slice(0, 3)
		.map((row) => `${row.region} ${percent(part(row.faults.value, faults))}`);
	const text = `${count(faults)} faults in ${duration(1e9 * seconds)} (${rate(faults / seconds)}) took ${duration(time)}; ${bytes(zeroed)} zeroed.`;
	return most.length ? `${text} Most faults: ${most.join(', ')}.` : text;
}

// Of long ago the server has kept less.
function lacksText() {
	const { range } = timeline;
	const lacks = range ? new Set(slices.between(range.from, range.to).flatMap((slice) => slice.lacks)) : new Set();
	return lacks.size ? ` Of a part of this time the server no longer has ${[...lacks].join(' and ')}.` : '';
}

// The server adds up whole slices of its own, and says of which time they are.
function coveredText(snapshot, range) {
	const { interval } = snapshot;
	if (timeline.kind !== 'brush' || !range || !interval) return '';
	if (Math.abs(interval.start_ns - range.from) < 1 && Math.abs(interval.end_ns - range.to) < 1) return '';
	return ` The server has kept ${clock(interval.start_ns)} to ${clock(interval.end_ns)} of it.`;
}

function showSelection() {
	const { snapshot, range, stale } = state;
	const words = selectionText(timeline.range);
	byId('selection').textContent = snapshot && !stale ? `${words} ${answerText(snapshot)}${coveredText(snapshot, range)}${lacksText()}` : words;
}

function got(snapshot, range) {
	state.snapshot = snapshot;
	state.range = range;
	setStale(false);
	byId('trouble').hidden = true;
	showSelection();
	tables.show(snapshot);
	if (!range || !state.whole) {
		state.whole = snapshot;
		byId('title').textContent = targetOf(snapshot);
		document.title = `${targetOf(snapshot)} - hakmem-trace`;
		showCannot(snapshot);
	}
	showFacts();
	showFlame(state.aloud);
	if (!state.spacesTime) askSpaces();
	if (state.aloud) say(byId('selection').textContent);
	state.aloud = false;
}

function failed(text) {
	byId('trouble').hidden = false;
	byId('trouble').textContent = `The counts could not be read: ${text}.`;
}

// --- what is said above ---

function recentCosts() {
	const recent = slices.between(slices.end - MINUTE, slices.end);
	const sum = recent.reduce((sum, { own, traced }) => ({ own: sum.own + own, traced: sum.traced + traced }), { own: 0, traced: 0 });
	// The whole isn't asked for while a part is selected; its slices come all the time.
	return { ...sum, end: slices.end, lost: slices.all.reduce((lost, slice) => lost + slice.lost, 0) };
}

function showFacts() {
	if (state.whole) showChips(byId('chips'), chipsOf(state.whole, recentCosts(), state.about || {}));
}

function showCannot(snapshot) {
	const reasons = snapshot.kernel.cannot || [];
	byId('cannot').hidden = !reasons.length;
	byId('cannot').querySelector('ul').replaceChildren(...reasons.map((reason) => element('li', reason)));
}

function showConnection() {
	const texts = {
		connecting: 'connecting',
		live: state.ended ? 'ended' : 'live',
		resting: state.ended ? 'ended' : 'resting',
		refused: 'the server wants its token: open /?token=TOKEN again',
		lost: state.ended ? 'ended; the server is gone' : 'connection lost; trying again',
	};
	const connection = byId('connection');
	const text = texts[state.connection];
	const bad = state.connection === 'refused' || (state.connection === 'lost' && !state.ended);
	connection.className = bad ? 'chip bad' : 'chip';
	if (connection.textContent !== text) connection.textContent = text;
}

// --- flame graphs, address spaces ---

function showFlame(anyway) {
	const { snapshot } = state;
	const has = Boolean(snapshot && snapshot.stacks);
	byId('no-stacks').hidden = has || !snapshot;
	byId('flame').hidden = !has;
	if (!has || !byId('flame-section').open) return;
	if (!anyway && (flame.busy || performance.now() - state.flameTime < FLAME_PAUSE)) return;
	state.flameTime = performance.now();
	flame.show([snapshot]);
}

function showCompared() {
	const [a, b] = comparison.sides;
	const has = comparison.both && Boolean(a.snapshot.stacks && b.snapshot.stacks);
	byId('compared-flame').hidden = !has;
	if (!has) return;
	compared ||= new FlameView('compared', byId, say);
	compared.show([a.snapshot, b.snapshot], comparison.factors);
}

async function askSpaces() {
	const panel = byId('spaces');
	if (state.spacesAsked || !byId('spaces-section').open || document.hidden || state.paused) return;
	if (panel.contains(document.activeElement)) return;
	state.spacesAsked = true;
	state.spacesTime = performance.now();
	try {
		const answer = await fetch('api/spaces');
		if (answer.status === 404) throw new Error('this server has no address spaces to show');
		if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
		showSpaces(panel, await answer.json());
	} catch (error) {
		if (state.connection === 'live') panel.replaceChildren(element('p', `Not shown: ${error.message}.`, 'soft'));
	}
	state.spacesAsked = false;
}

// --- as time goes by ---

function draw() {
	state.dirty = false;
	state.drawn = performance.now();
	timeline.draw();
	showFacts();
	if (timeline.moving) snapshots.soon(timeline.range);
}

// Thousands of slices a second are drawn a few times a second.
function dirty() {
	if (state.dirty || state.paused) return;
	state.dirty = true;
	const wait = Math.max(0, DRAW_PAUSE - (performance.now() - (state.drawn || 0)));
	setTimeout(() => requestAnimationFrame(draw), wait);
}

function setPaused(paused) {
	state.paused = paused;
	byId('pause').setAttribute('aria-pressed', paused);
	byId('pause').textContent = paused ? 'Go on' : 'Pause';
	if (!paused) dirty();
}

const feed = new Feed(slices, {
	began(history) {
		const again = state.about !== null;
		Object.assign(state, { about: history, ended: false, snapshot: null, whole: null, aloud: false });
		setPaused(false);
		showConnection();
		timeline.choose('all');
		if (again) say('Another run has begun: all is shown anew.');
	},
	slice: dirty,
	ended() {
		if (state.ended) return;
		state.ended = true;
		say('Tracing has ended; what was counted stays.');
		showConnection();
		dirty();
	},
	state(name) {
		if (name === 'refused' && state.connection !== name) say('The server asks for its token.');
		if (state.connection === 'live' && name === 'lost') say('The connection is lost; trying again.');
		state.connection = name;
		showConnection();
	},
});

// --- the controls ---

for (const input of document.querySelectorAll('input[name="span"]')) input.addEventListener('change', () => timeline.choose(input.value));
byId('clear').addEventListener('click', () => timeline.choose('all'));
byId('pause').addEventListener('click', () => setPaused(!state.paused));
byId('window').addEventListener('change', (event) => {
	timeline.shown = Number(event.target.value) * 1e9;
	timeline.draw();
});
byId('flame-section').addEventListener('toggle', () => showFlame(true));
byId('spaces-section').addEventListener('toggle', askSpaces);
byId('compare-details').addEventListener('change', () => comparison.show());
for (const [side, what] of ['A', 'B'].entries()) {
	byId(`take-${what}`).addEventListener('click', () => {
		if (!state.snapshot) return;
		comparison.set(side, state.snapshot, sideName(state.snapshot, state.range));
		showCompared();
		say(`${what} is ${byId(`side-${what}`).textContent}`);
	});
	byId(`file-${what}`).addEventListener('change', async (event) => {
		const [file] = event.target.files;
		event.target.value = '';
		if (!file) return;
		try {
			const report = await readReport(file);
			byId('file-trouble').textContent = '';
			comparison.set(side, report, `${file.name}: ${targetOf(report)}`);
			showCompared();
		} catch (error) {
			byId('file-trouble').textContent = error.message;
		}
	});
}
makeTheme(byId('theme'), () => timeline.restyle());
setInterval(askSpaces, SPACES_PAUSE);
document.addEventListener('visibilitychange', () => {
	clearTimeout(state.resting);
	if (document.hidden) state.resting = setTimeout(() => feed.rest(), REST_AFTER);
	else feed.wake();
});
timeline.draw();
feed.start();
