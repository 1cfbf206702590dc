// SPDX-License-Identifier: MIT
// Address spaces (docs/json.md): each process's ranges in a strip, in the order of their addresses, the wider the larger; and of
// libhakmem's SuperSlabs how full, and how touched, each slab is.

import { element, swatch } from '../common/element.js';
import { bytes, count, percent } from './format.js';
import { REGIONS, known } from './regions.js';

const MOST_PROCESSES = 12;
const SLAB_PAGES = 16;
const LEAST_IN_PARTS = 1 << 20; // bytes; a smaller range is of one colour
const MOST_SUPER_SLABS = 64;

function rangeText(range) {
	const parts = [range.detail ? `${range.region}: ${range.detail}` : range.region, `${range.start}, ${bytes(range.bytes)}`];
	parts.push(`resident ${bytes(known(range.resident_bytes))}`, `faults ${count(known(range.faults))}`);
	return parts.join(' · ');
}

const isKnown = (figure) => typeof figure === 'number';

// As full of colour as it is of memory; what isn't known is as empty.
function tint(region, resident, whole) {
	const name = REGIONS.includes(region) ? region : 'mixed';
	const share = isKnown(resident) && whole > 0 ? Math.min(resident / whole, 1) : 0;
	return `color-mix(in srgb, var(--${name}) ${Math.round(25 + 75 * share)}%, var(--card))`;
}

function background(range) {
	const { parts } = range;
	if (range.bytes < LEAST_IN_PARTS || !parts || parts.length < 2 || !parts.every(isKnown)) return tint(range.region, range.resident_bytes, range.bytes);
	const width = 100 / parts.length;
	const stops = parts.map((part, i) => `${tint(range.region, part, range.part_bytes)} ${i * width}% ${(i + 1) * width}%`);
	return `linear-gradient(90deg, ${stops.join(', ')})`;
}

// What is small can still be seen beside what is large: widths grow as the root of the size.
function strip(ranges) {
	const made = element('div', undefined, 'strip');
	made.setAttribute('role', 'img');
	const sums = new Map();
	for (const range of ranges) {
		const box = element('i');
		box.style.flexGrow = Math.sqrt(range.bytes / 4096);
		box.style.background = background(range);
		box.title = rangeText(range);
		made.append(box);
		sums.set(range.region, (sums.get(range.region) || 0) + known(range.resident_bytes));
	}
	const largest = [...sums].sort((a, b) => b[1] - a[1]).map(([region, sum]) => `${region} ${bytes(sum)}`);
	made.setAttribute('aria-label', `${ranges.length} ranges; resident: ${largest.join(', ')}`);
	return made;
}

// How much of a slab is in use, and of its pages resident.
function shares(slab) {
	return {
		used: slab.blocks > 0 && isKnown(slab.used) ? slab.used / slab.blocks : NaN,
		touched: isKnown(slab.touched) ? slab.touched / SLAB_PAGES : NaN,
	};
}

function slabText(slab) {
	const { used, touched } = shares(slab);
	const what = isKnown(slab.class) ? `class ${slab.class}` : slab.holds;
	return `${what}: ${percent(used)} of ${count(known(slab.blocks))} used, ${percent(touched)} of its pages touched`;
}

// Each slab a cell: as high as it is used, on a ground as high as it is touched.
function superSlab(range) {
	const made = element('div', undefined, 'super-slab');
	const { slabs } = range.super_slab;
	made.setAttribute('role', 'img');
	const touched = slabs.reduce((sum, slab) => sum + known(slab.touched), 0) / (SLAB_PAGES * slabs.length);
	const full = slabs.filter((slab) => slab.holds !== 'nothing').length;
	made.setAttribute('aria-label', `SuperSlab ${range.start}: ${full} of ${slabs.length} slabs in use, ${percent(touched)} touched`);
	for (const slab of slabs) {
		const cell = element('i');
		for (const [name, share] of Object.entries(shares(slab)).reverse()) {
			const fill = element('b', undefined, name);
			fill.style.height = `${100 * (share || 0)}%`;
			cell.append(fill);
		}
		cell.title = slabText(slab);
		made.append(cell);
	}
	return made;
}

// [TITLE, whether it is a number] a column.
function tableOf(columns) {
	const table = element('table');
	const head = table.createTHead().insertRow();
	for (const [title, right] of columns) {
		const cell = element('th', title, right ? 'n' : '');
		cell.scope = 'col';
		head.append(cell);
	}
	return { table, body: table.createTBody() };
}

// Closed until somebody wants it, and of its own scrolling.
function folded(summary, label, table) {
	const details = element('details');
	const scroll = element('div', undefined, 'scroll');
	scroll.tabIndex = 0;
	scroll.setAttribute('role', 'region');
	scroll.setAttribute('aria-label', label);
	scroll.append(table);
	details.append(element('summary', summary), scroll);
	return details;
}

const LEVERS = {
	delay_ms: ({ value }) => ['how long free memory is kept', `${count(value)} ms`],
	huge_pages: ({ value, pool }) => [`huge pages for ${pool ? `medium blocks of pool ${pool}` : 'SuperSlabs'}`, value ? 'asked for' : 'forbidden'],
	prefault_pages: ({ value, class: size }) => [`pages of a slab made present at once, class ${size}`, count(value)],
};

// What libhakmem does by what memory costs, and why; what it has changed first.
function decisionTable(who, decisions) {
	const told = decisions.filter(({ lever }) => Object.hasOwn(LEVERS, lever));
	const changed = told.filter(({ changes }) => changes > 0);
	const { table, body } = tableOf([['libhakmem decides'], ['now', 1], ['changes', 1], ['why']]);
	for (const decision of [...changed, ...told.filter(({ changes }) => !changes)]) {
		const line = body.insertRow();
		const [what, now] = LEVERS[decision.lever](decision);
		const name = element('th', what);
		name.scope = 'row';
		line.append(name, element('td', now, 'n'), element('td', count(decision.changes), 'n'), element('td', decision.reason));
	}
	const words = told.length === 1 ? '1 decision' : `${count(told.length)} decisions`;
	const made = folded(`${words} of libhakmem by what memory costs, ${count(changed.length)} changed`, `Decisions of ${who}`, table);
	made.classList.add('decisions');
	return made;
}

function rangeTable(who, ranges) {
	const { table, body } = tableOf([['region'], ['address'], ['size', 1], ['resident', 1], ['faults', 1]]);
	for (const range of ranges) {
		const line = body.insertRow();
		const name = element('th');
		name.scope = 'row';
		name.append(swatch(range.region), range.detail ? `${range.region}: ${range.detail}` : range.region);
		line.append(name, element('td', range.start), element('td', bytes(range.bytes), 'n'));
		line.append(element('td', bytes(known(range.resident_bytes)), 'n'), element('td', count(known(range.faults)), 'n'));
	}
	return folded('As a table', `Ranges of ${who}`, table);
}

function process(space) {
	const made = element('section');
	const { ranges, others } = space;
	const who = `${space.comm} (${space.pid})`;
	const slabs = ranges.filter(({ super_slab: slab }) => slab && slab.slabs && slab.slabs.length);
	made.append(element('h3', `${who}: ${bytes(known(space.resident_bytes))} resident of ${bytes(known(space.bytes))}`));
	if (space.cannot) made.append(element('p', `Not all is known: ${space.cannot}.`, 'soft'));
	if (!ranges.length) return made;
	made.append(strip(ranges));
	if (others && others.ranges > 0)
		made.append(element('p', `${count(others.ranges)} more ranges, ${bytes(known(others.resident_bytes))} resident, are not shown.`, 'soft'));
	if (slabs.length) {
		const grid = element('div', undefined, 'super-slabs');
		grid.append(...slabs.slice(0, MOST_SUPER_SLABS).map(superSlab));
		const more = slabs.length > MOST_SUPER_SLABS ? ` The first ${MOST_SUPER_SLABS} are shown.` : '';
		const words = slabs.length === 1 ? '1 SuperSlab' : `${count(slabs.length)} SuperSlabs`;
		made.append(element('p', `${words}: how much of each slab is used, and, lighter, how much of it touched.${more}`, 'soft'), grid);
	}
	if (space.decisions && space.decisions.length) made.append(decisionTable(who, space.decisions));
	made.append(rangeTable(who, ranges));
	return made;
}

// Into `panel`; what is open stays open.
export function showSpaces(panel, spaces) {
	const open = [...panel.querySelectorAll('details')].map((details) => details.open);
	panel.replaceChildren(...spaces.slice(0, MOST_PROCESSES).map(process));
	if (!spaces.length) panel.append(element('p', 'No process has an address space to show.', 'soft'));
	if (spaces.length > MOST_PROCESSES) panel.append(element('p', `${count(spaces.length - MOST_PROCESSES)} more processes are not shown.`, 'soft'));
	[...panel.querySelectorAll('details')].forEach((details, i) => (details.open = Boolean(open[i])));
}
