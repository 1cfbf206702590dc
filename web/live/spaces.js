// SPDX-License-Identifier: MIT
// Address spaces: each process's ranges in a strip, in the order of their addresses, as wide as they are large; and of libhakmem's
// SuperSlabs how full, and how touched, each slab is.

import { element } from '../common/element.js';
import { bytes, count, percent } from './format.js';
import { REGIONS, known } from './regions.js';
import { swatch } from './table.js';

const MOST_PROCESSES = 12;
const MOST_RANGES = 400;
const MOST_SUPER_SLABS = 64;

function rangeText(range) {
	const parts = [range.detail ? `${range.region}: ${range.detail}` : range.region, `${range.start}, ${bytes(range.bytes)}`];
	parts.push(`resident ${bytes(known(range.resident_bytes))}`, `faults ${count(known(range.faults))}`);
	return parts.join(' · ');
}

// Of the large ones, which are most of the memory, the widths are true; what is small can still be seen.
function strip(ranges) {
	const made = element('div', undefined, 'strip');
	made.setAttribute('role', 'img');
	const sums = new Map();
	for (const range of ranges) {
		const box = element('i');
		const resident = range.resident_bytes === null ? NaN : range.resident_bytes / range.bytes;
		box.style.flexGrow = Math.sqrt(range.bytes / 4096);
		box.style.background = `var(--${REGIONS.includes(range.region) ? range.region : 'mixed'})`;
		// As full of colour as it is of memory.
		if (!Number.isNaN(resident)) box.style.opacity = 0.25 + 0.75 * Math.min(resident, 1);
		box.title = rangeText(range);
		made.append(box);
		sums.set(range.region, (sums.get(range.region) || 0) + range.bytes);
	}
	const largest = [...sums].sort((a, b) => b[1] - a[1]).map(([region, sum]) => `${region} ${bytes(sum)}`);
	made.setAttribute('aria-label', `${ranges.length} ranges: ${largest.join(', ')}`);
	return made;
}

function slabText(slab) {
	if (!slab.class) return 'no slab';
	return `class ${slab.class}: ${percent(known(slab.used))} used, ${percent(known(slab.touched))} touched`;
}

// Each slab a cell: as high as it is used, on a ground as high as it is touched.
function superSlab(range) {
	const made = element('div', undefined, 'super-slab');
	const { slabs } = range.super_slab;
	made.setAttribute('role', 'img');
	const mean = (name) => slabs.reduce((sum, slab) => sum + (slab[name] || 0), 0) / slabs.length;
	made.setAttribute('aria-label', `SuperSlab ${range.start}: ${percent(mean('used'))} used, ${percent(mean('touched'))} touched`);
	made.title = rangeText(range);
	for (const slab of slabs) {
		const cell = element('i');
		for (const name of ['touched', 'used']) {
			const fill = element('b', undefined, name);
			fill.style.height = `${100 * Math.min(Math.max(slab[name] || 0, 0), 1)}%`;
			cell.append(fill);
		}
		cell.title = slabText(slab);
		made.append(cell);
	}
	return made;
}

function rangeTable(who, ranges) {
	const details = element('details');
	const table = element('table');
	const head = table.createTHead().insertRow();
	for (const [title, right] of [['region'], ['address'], ['size', 1], ['resident', 1], ['faults', 1]]) {
		const cell = element('th', title, right ? 'n' : '');
		cell.scope = 'col';
		head.append(cell);
	}
	const body = table.createTBody();
	for (const range of ranges) {
		const line = body.insertRow();
		const name = element('th');
		name.scope = 'row';
		name.append(swatch(range.region), range.detail ? `${range.region}: ${range.detail}` : range.region);
		line.append(name, element('td', range.start), element('td', bytes(range.bytes), 'n'));
		line.append(element('td', bytes(known(range.resident_bytes)), 'n'), element('td', count(known(range.faults)), 'n'));
	}
	const scroll = element('div', undefined, 'scroll');
	scroll.tabIndex = 0;
	scroll.setAttribute('role', 'region');
	scroll.setAttribute('aria-label', `Ranges of ${who}`);
	scroll.append(table);
	details.append(element('summary', 'As a table'), scroll);
	return details;
}

function process(space) {
	const made = element('section');
	const ranges = space.ranges.slice(0, MOST_RANGES);
	const slabs = ranges.filter(({ super_slab: slab }) => slab && slab.slabs && slab.slabs.length);
	const who = `${space.comm} (${space.pid})`;
	made.append(element('h3', who), strip(ranges));
	if (ranges.length < space.ranges.length)
		made.append(element('p', `${count(space.ranges.length - ranges.length)} more ranges are not shown.`, 'soft'));
	if (slabs.length) {
		const grid = element('div', undefined, 'super-slabs');
		grid.append(...slabs.slice(0, MOST_SUPER_SLABS).map(superSlab));
		const more = slabs.length > MOST_SUPER_SLABS ? ` The first ${MOST_SUPER_SLABS} are shown.` : '';
		made.append(element('p', `${count(slabs.length)} SuperSlabs: how much of each slab is used, and how much touched.${more}`, 'soft'), grid);
	}
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
