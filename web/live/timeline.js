// SPDX-License-Identifier: MIT
// The two charts over time and what of the time is selected: everything, the last minute, or what the brush chose.

import { colourKey } from '../common/element.js';
import { brushByKeyboard, brushByPointer } from './brush.js';
import { byteRate, clock, rate } from './format.js';
import { REGIONS } from './regions.js';
import { FIGURES } from './slices.js';
import { TimeChart } from './time_chart.js';

const MINUTE = 60e9;
const MOST_POINTS = 500;
const POWERS = Array.from({ length: 50 }, (_, power) => 2 ** power); // of bytes

export class Timeline {
	// `chosen()` when another part of the time is selected.
	constructor(byId, slices, chosen) {
		Object.assign(this, { byId, slices, chosen, kind: 'all', brushed: null, shown: 300e9 });
		const pointed = (time) => this.point(time);
		const look = { time: clock, pointed };
		this.charts = [
			new TimeChart(byId('faults-chart'), { ...look, figure: 'faults', format: (value) => rate(value) }),
			new TimeChart(byId('zeroed-chart'), { ...look, figure: 'zeroed_bytes', format: (value) => byteRate(value), axis: { incrs: POWERS } }),
		];
		for (const chart of this.charts) {
			brushByPointer(chart, { dragging: (range) => this.mark(range), chosen: (range) => this.brush(range) });
			brushByKeyboard(chart.element, () => this.place(), { chosen: (range) => this.brush(range) });
		}
	}

	// As far as the charts go.
	get window() {
		const to = Math.max(this.slices.end, this.slices.start + 1e8);
		return { from: Math.max(this.slices.start, to - this.shown), to };
	}

	// What is selected: {from, to}, or null: everything.
	get range() {
		if (this.kind === 'brush') return this.brushed;
		if (this.kind === 'minute') return { from: Math.max(this.slices.end - MINUTE, this.slices.start), to: this.slices.end };
		return null;
	}

	// Whether new slices change it.
	get moving() {
		return this.kind !== 'brush';
	}

	place() {
		const { window } = this;
		const { last } = this.slices;
		return { range: this.brushed, window, step: Math.max((window.to - window.from) / 100, last ? last.end - last.start : 0) };
	}

	choose(kind) {
		this.kind = kind;
		if (kind !== 'brush') this.brushed = null;
		this.mark(this.brushed);
		this.chosen();
	}

	// null: none any more; undefined: as it was. A selection is made of whole slices.
	brush(range) {
		if (range === undefined) {
			this.mark(this.brushed);
			return;
		}
		const covered = range && this.slices.between(range.from, range.to);
		if (!range || !covered.length) {
			this.choose('all');
			return;
		}
		this.brushed = { from: covered[0].start, to: covered[covered.length - 1].end };
		this.choose('brush');
	}

	mark(range) {
		for (const chart of this.charts) chart.show(range);
	}

	draw() {
		const { window } = this;
		const slices = this.slices.between(window.from, window.to, MOST_POINTS);
		const [faults, zeroed] = this.charts.map((chart) => chart.draw(slices, window));
		this.legend(slices);
		this.byId('faults-unknown').hidden = faults;
		this.byId('zeroed-unknown').hidden = zeroed;
	}

	// Of regions that have anything to show.
	legend(slices) {
		const has = (region) => slices.some(({ figures }) => [0, 1].some((figure) => figures[region * FIGURES.length + figure] > 0));
		const names = REGIONS.filter((_, region) => has(region));
		if (names.join() === this.named) return;
		this.named = names.join();
		this.byId('colours').replaceChildren(...names.map((name) => colourKey(name, name)));
	}

	restyle() {
		for (const chart of this.charts) chart.make();
	}

	// What was at a time, in words.
	point(time) {
		const slice = time === null ? null : this.slices.all.find(({ start, end }) => start <= time && time < end);
		this.byId('pointed').textContent = slice ? pointText(slice) : '';
	}
}

function pointText(slice) {
	const seconds = (slice.end - slice.start) / 1e9;
	const rates = REGIONS.map((name, region) => ({ name, faults: slice.figures[region * FIGURES.length] / seconds }));
	const texts = rates.filter(({ faults }) => faults > 0).sort((a, b) => b.faults - a.faults).map(({ name, faults }) => `${name} ${rate(faults)}`);
	return `${clock(slice.start)} to ${clock(slice.end)}: ${texts.join(', ') || 'no faults'}`;
}
