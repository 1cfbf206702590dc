// SPDX-License-Identifier: MIT
// Two sides, A and B, each a selection of this run or the report of a recording (a file of hakmem-trace --format json): what
// differs, a second, since their times may.

import { change } from '../common/figures.js';
import { byteRate, clock, count, duration, rate } from './format.js';
import { REGIONS, known } from './regions.js';
import { detailRows, regionRows, secondsOf, targetOf } from './report.js';
import { Table } from './table.js';

const LARGEST_FILE = 64 << 20;

// The report in a file: of one with an object a line (--interval), the last, which is the whole.
export async function readReport(file) {
	if (file.size > LARGEST_FILE) throw new Error(`${file.name} is larger than ${LARGEST_FILE >> 20} MiB`);
	const text = (await file.text()).trim();
	let report;
	try {
		report = JSON.parse(text);
	} catch {
		try {
			report = JSON.parse(text.slice(text.lastIndexOf('\n') + 1));
		} catch {
			throw new Error(`${file.name} is no JSON; hakmem-trace report --format json -o FILE RECORDING writes it`);
		}
	}
	if (!report || report.schema !== 'hakmem-trace/1' || !Array.isArray(report.regions))
		throw new Error(`${file.name} is no report of hakmem-trace (its schema is no hakmem-trace/1)`);
	return report;
}

export function sideName(snapshot, range) {
	return range ? `${clock(range.from)} to ${clock(range.to)}` : `${targetOf(snapshot)}, ${duration(1e9 * secondsOf(snapshot))}`;
}

// Rows of both, next to each other; a side without one has had nothing.
function pairs(a, b, rowsOf) {
	const both = new Map();
	const none = (seconds) => ({ seconds, ...Object.fromEntries(['faults', 'zeroed', 'time'].map((name) => [name, { value: 0 }])) });
	for (const [side, snapshot] of [a, b].entries())
		for (const row of rowsOf(snapshot)) {
			const key = `${row.region}\0${row.detail}`;
			if (!both.has(key)) both.set(key, { key, region: row.region, detail: row.detail, sides: [none(secondsOf(a)), none(secondsOf(b))] });
			both.get(key).sides[side] = row;
		}
	return [...both.values()];
}

const perSecond = (row, side, name) => row.sides[side][name].value / row.sides[side].seconds;

function columns(name, title, format) {
	const differs = (row) => perSecond(row, 1, name) - perSecond(row, 0, name);
	const isKnown = (row) => !Number.isNaN(differs(row));
	return [
		{ title: `A ${title}`, value: (row) => perSecond(row, 0, name), text: (row) => format(perSecond(row, 0, name)) },
		{ title: `B ${title}`, value: (row) => perSecond(row, 1, name), text: (row) => format(perSecond(row, 1, name)) },
		{
			title: `${title}: change`,
			help: 'from A to B',
			value: (row) => Math.abs(differs(row)),
			text: (row) => (isKnown(row) ? change(perSecond(row, 0, name), perSecond(row, 1, name)) : 'n/a'),
		},
	];
}

export class Comparison {
	constructor(byId) {
		this.byId = byId;
		this.sides = [null, null];
		const figures = [
			...columns('faults', 'faults', rate),
			...columns('zeroed', 'zeroed', byteRate),
			...columns('time', 'in faults', (value) => `${duration(value)}/s`),
		];
		this.table = new Table(
			byId('compared'),
			[
				{
					title: 'region',
					left: true,
					swatch: (row) => row.region,
					value: (row) => String(REGIONS.indexOf(row.region)).padStart(2),
					text: (row) => (row.detail ? `${row.region} ${row.detail}` : row.region),
				},
				...figures,
			],
			{ sort: 'faults: change', key: ({ key }) => key },
		);
	}

	set(side, snapshot, name) {
		this.sides[side] = snapshot && { snapshot, name };
		this.show();
	}

	get both() {
		return this.sides.every(Boolean);
	}

	show() {
		this.sides.forEach((side, i) => {
			const what = 'AB'[i];
			this.byId(`side-${what}`).textContent = side ? this.describe(side) : `nothing yet`;
		});
		this.byId('comparison').hidden = !this.both;
		if (!this.both) return;
		const [a, b] = this.sides.map(({ snapshot }) => snapshot);
		const rowsOf = this.byId('compare-details').checked ? detailRows : regionRows;
		const left = this.table.fill(pairs(a, b, rowsOf));
		this.byId('compared-left').textContent = left > 0 ? `${count(left)} more rows are not shown.` : '';
	}

	describe({ snapshot, name }) {
		const seconds = secondsOf(snapshot);
		const faults = known(snapshot.totals.faults);
		return `${name}: ${count(faults)} faults in ${duration(1e9 * seconds)}, ${rate(faults / seconds)}`;
	}

	// How many times a second's cost each side's has to count.
	get factors() {
		return this.sides.map(({ snapshot }) => 1 / secondsOf(snapshot));
	}
}
