// SPDX-License-Identifier: MIT
// Rates by region over time, stacked, drawn by uPlot. A slice's rate is drawn over the whole of the slice; where nothing was
// told there is a gap.

import uPlot from 'uplot';
import { REGIONS } from './regions.js';
import { FIGURES } from './slices.js';

const HEIGHT = 170;
const AXIS = 82;

// Colours that a canvas can use: what a style's variable stands for now.
function colourOf(name) {
	const probe = document.createElement('i');
	probe.style.color = `var(--${name})`;
	document.body.append(probe);
	const { color } = getComputedStyle(probe);
	probe.remove();
	return color;
}

// Of slices, for uPlot: when, and of each region what it and those after it have per second. unknown: no figure is known.
function stack(slices, figure) {
	const columns = [[], ...REGIONS.map(() => [])];
	let [some, gaps] = [false, false];
	const point = (time, values) => {
		columns[0].push(time / 1e9);
		values.forEach((value, i) => columns[i + 1].push(value));
	};
	slices.forEach((slice, i) => {
		const seconds = (slice.end - slice.start) / 1e9;
		const values = new Array(REGIONS.length);
		for (let sum = 0, region = REGIONS.length - 1; region >= 0; region--) {
			const value = slice.figures[region * FIGURES.length + figure];
			if (Number.isNaN(value)) gaps = true;
			else sum += value / seconds;
			some ||= value > 0;
			values[region] = sum;
		}
		point(slice.start, values);
		const next = slices[i + 1];
		if (!next) point(slice.end, values);
		else if (next.start > slice.end) point(slice.end, REGIONS.map(() => null));
	});
	return { columns, unknown: gaps && !some };
}

export class TimeChart {
	// look: {figure, format(value), time(ns), pointed(ns or null), axis}: axis is what uPlot is told of the left one, besides.
	constructor(element, look) {
		this.element = element;
		this.look = look;
		this.figure = FIGURES.indexOf(look.figure);
		this.window = { from: 0, to: 1e9 };
		this.columns = stack([], this.figure).columns;
		this.range = null;
		this.make();
		new ResizeObserver(() => this.resize()).observe(element);
	}

	make() {
		if (this.plot) this.plot.destroy();
		const [ink, line] = [colourOf('soft'), colourOf('line')];
		const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '12px system-ui, sans-serif' };
		const paths = uPlot.paths.stepped({ align: 1 });
		this.plot = new uPlot(
			{
				width: this.width(),
				height: HEIGHT,
				legend: { show: false },
				cursor: { drag: { x: false, y: false, setScale: false }, y: false, points: { show: false }, sync: { key: 'time', scales: ['x', null] } },
				select: { show: true, left: 0, top: 0, width: 0, height: 0 },
				scales: {
					x: { time: false, range: () => [this.window.from / 1e9, this.window.to / 1e9] },
					y: { range: (_, least, most) => [0, most > 0 ? most * 1.05 : 1] },
				},
				axes: [
					{ ...axis, values: (_, times) => times.map((time) => this.look.time(time * 1e9)), space: 70 },
					{ ...axis, size: AXIS, values: (_, values) => values.map(this.look.format), space: 36, ...this.look.axis },
				],
				series: [{}, ...REGIONS.map((name) => ({ fill: colourOf(name), width: 0, points: { show: false }, paths }))],
				hooks: {
					draw: [() => this.show(this.range)], // once the scale is the new one
					setCursor: [(plot) => this.look.pointed(plot.cursor.idx === null ? null : plot.posToVal(plot.cursor.left, 'x') * 1e9)],
				},
			},
			this.columns,
			this.element,
		);
	}

	width() {
		return Math.max(this.element.clientWidth, 200);
	}

	resize() {
		if (this.plot.width === this.width()) return;
		this.plot.setSize({ width: this.width(), height: HEIGHT });
	}

	// Returns whether any figure is known.
	draw(slices, window) {
		this.window = window;
		const { columns, unknown } = stack(slices, this.figure);
		this.columns = columns;
		this.plot.setData(columns);
		return !unknown;
	}

	// The part of the time that is selected; null: none.
	show(range) {
		this.range = range;
		this.element.classList.toggle('selecting', Boolean(range) && range.to > this.window.from && range.from < this.window.to);
		if (!this.plot) return;
		const { width, height } = this.plot.bbox;
		const scale = devicePixelRatio || 1;
		const at = (time) => Math.min(Math.max(this.plot.valToPos(time / 1e9, 'x'), 0), width / scale);
		const [left, right] = range ? [at(range.from), at(range.to)] : [0, 0];
		this.plot.setSelect({ left, width: range ? Math.max(right - left, 1) : 0, top: 0, height: height / scale }, false);
	}

	// The time at a place on the screen.
	timeAt(x) {
		const { left } = this.plot.over.getBoundingClientRect();
		return this.plot.posToVal(x - left, 'x') * 1e9;
	}
}
