// SPDX-License-Identifier: MIT
// The tables of a snapshot: regions, their rows, size classes, processes.

import { counts } from '../common/figures.js';
import { byteRate, bytes, count, duration, part, percent, rate } from './format.js';
import { classRows, detailRows, processRows, regionRows, totalsOf } from './report.js';
import { REGIONS } from './regions.js';
import { Table } from './table.js';

const atLeast = (format) => (sum) => (sum.least ? `≥ ${format(sum.value)}` : format(sum.value));

const exactly = (figure, unit) => (Number.isNaN(figure) ? 'not known' : `${counts.format(figure)} ${unit}`);

// Columns of figures, the same in every table. `whole` is the faults of everything.
function figureColumns(state) {
	const sum = (title, name, format, help, unit) => ({
		title,
		help,
		value: (row) => row[name].value,
		text: (row) => atLeast(format)(row[name]),
		exact: unit && ((row) => exactly(row[name].value, unit)),
	});
	const perSecond = (title, name, format, help) => ({
		title,
		help,
		value: (row) => row[name].value / row.seconds,
		text: (row) => atLeast(format)({ ...row[name], value: row.seconds > 0 ? row[name].value / row.seconds : NaN }),
	});
	return [
		sum('faults', 'faults', count, 'page faults'),
		{ title: '%', help: 'of all faults', value: (row) => part(row.faults.value, state.faults), text: (row) => percent(part(row.faults.value, state.faults)) },
		perSecond('faults/s', 'faults', rate, 'page faults a second'),
		sum('zeroed', 'zeroed', bytes, 'bytes that the kernel zeroed', 'bytes'),
		perSecond('zeroed/s', 'zeroed', byteRate, 'bytes that the kernel zeroed, a second'),
		sum('fault time', 'time', duration, 'time in faults', 'ns'),
		sum('zeroing', 'zeroing', duration, 'time in zeroing', 'ns'),
	];
}

const quantiles = [
	{ title: 'p50', help: 'half of the timed faults took at most this', value: (row) => row.p50, text: (row) => duration(row.p50) },
	{ title: 'p99', help: '99 % of the timed faults took at most this', value: (row) => row.p99, text: (row) => duration(row.p99) },
];

const region = {
	title: 'region',
	left: true,
	swatch: (row) => row.region,
	value: (row) => String(REGIONS.indexOf(row.region)).padStart(2),
	text: (row) => row.region,
};

export class CountsTables {
	constructor(byId) {
		const state = (this.state = { faults: NaN });
		const figures = figureColumns(state);
		const pair = (row) => `${row.region}\0${row.detail}`;
		this.byId = byId;
		this.regions = new Table(byId('regions'), [region, ...figures, ...quantiles], { sort: 'faults', key: (row) => row.region });
		this.details = new Table(
			byId('rows'),
			[region, { title: 'detail', left: true, value: (row) => row.detail, text: (row) => row.detail || '-' }, ...figures, ...quantiles],
			{ sort: 'faults', key: pair },
		);
		this.classes = new Table(
			byId('classes'),
			[{ title: 'size', help: 'of a block, in bytes', value: (row) => row.size, text: (row) => count(row.size) }, ...figures, ...quantiles],
			{ key: pair },
		);
		// Whoever sorts by a figure sees no tree.
		this.processes = new Table(
			byId('processes'),
			[
				{ title: 'process', left: true, value: (row) => row.comm, text: (row) => (this.processes && this.processes.sort ? row.comm : `${'\u2003'.repeat(row.depth)}${row.depth ? '└ ' : ''}${row.comm}`) },
				{ title: 'pid', value: (row) => row.pid, text: (row) => String(row.pid) },
				...figures,
			],
			{ key: (row) => `${row.pid}\0${row.comm}` },
		);
	}

	show(snapshot) {
		this.state.faults = totalsOf(snapshot).faults;
		this.fill('regions', regionRows(snapshot));
		this.fill('details', detailRows(snapshot));
		this.fill('classes', classRows(snapshot));
		this.fill('processes', processRows(snapshot));
		this.byId('no-classes').hidden = this.classes.rows.length > 0;
		this.byId('classes').hidden = !this.classes.rows.length;
	}

	fill(name, rows) {
		const table = this[name];
		const left = table.fill(rows);
		const note = this.byId(`${name}-left`);
		if (note) note.textContent = left > 0 ? `${count(left)} more rows are not shown.` : '';
	}
}
