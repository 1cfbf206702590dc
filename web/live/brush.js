// SPDX-License-Identifier: MIT
// Selecting a part of the time on a chart: by mouse, pen or finger, and by keyboard.

const LEAST_PIXELS = 4; // less is a click

// A pointer drags over a chart.
export function brushByPointer(chart, told) {
	let anchor = null;
	let moved = false;
	const over = () => chart.plot.over;
	const range = (event) => {
		const [one, other] = [chart.timeAt(anchor), chart.timeAt(event.clientX)];
		return { from: Math.min(one, other), to: Math.max(one, other) };
	};
	chart.element.addEventListener('pointerdown', (event) => {
		if (event.button !== 0 || !over().contains(event.target)) return;
		anchor = event.clientX;
		moved = false;
		chart.element.setPointerCapture(event.pointerId);
	});
	chart.element.addEventListener('pointermove', (event) => {
		if (anchor === null || (!moved && Math.abs(event.clientX - anchor) < LEAST_PIXELS)) return;
		moved = true;
		told.dragging(range(event));
	});
	chart.element.addEventListener('pointerup', (event) => {
		if (anchor !== null) told.chosen(moved ? range(event) : null);
		anchor = null;
	});
	chart.element.addEventListener('pointercancel', () => {
		if (anchor !== null && moved) told.chosen(undefined);
		anchor = null;
	});
}

// Arrows move the selection, with Shift its end, with Alt they would be the browser's. `at` tells {range, window, step}.
export function brushByKeyboard(element, at, told) {
	element.addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.altKey || event.metaKey) return;
		const { range, window, step } = at();
		const big = event.key === 'PageUp' || event.key === 'PageDown' ? 10 * step : step;
		const clamp = (time) => Math.min(Math.max(time, window.from), window.to);
		const first = { from: clamp(window.to - 10 * step), to: window.to };
		const moved = (by) => {
			if (!range) return first;
			const to = clamp(range.to + by);
			// Shift: only the end, which stays behind the begin.
			if (event.shiftKey) return { from: range.from, to: Math.max(to, range.from + step) };
			const shift = Math.max(to - range.to, window.from - range.from);
			return { from: range.from + shift, to: range.to + shift };
		};
		const keys = {
			ArrowLeft: () => moved(-big),
			ArrowRight: () => moved(big),
			PageDown: () => moved(-big),
			PageUp: () => moved(big),
			Home: () => (event.shiftKey && range ? { from: window.from, to: range.to } : { from: window.from, to: clamp(window.from + 10 * step) }),
			End: () => (event.shiftKey && range ? { from: range.from, to: window.to } : first),
			Escape: () => null,
		};
		if (!keys[event.key]) return;
		event.preventDefault();
		told.chosen(keys[event.key]());
	});
}
