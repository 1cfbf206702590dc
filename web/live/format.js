// SPDX-License-Identifier: MIT
// Figures as people read them; what isn't known is n/a.

import { counts, inUnits } from '../common/figures.js';

const NOT_KNOWN = 'n/a';
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const TIMES = ['ns', 'us', 'ms', 's'];

const isKnown = (figure) => typeof figure === 'number' && !Number.isNaN(figure);
const orNot = (format) => (figure) => (isKnown(figure) ? format(figure) : NOT_KNOWN);

export const count = orNot((figure) => (figure > 0 && figure < 9.95 && figure % 1 ? figure.toFixed(1) : counts.format(figure)));
export const bytes = orNot((figure) => inUnits(figure, BYTES, 1024));
export const duration = orNot((figure) => inUnits(figure, TIMES, 1000));
export const percent = orNot((part) => `${(100 * part).toFixed(part && part < 0.001 ? 2 : 1)} %`);
export const rate = orNot((figure) => `${count(figure)}/s`);
export const byteRate = orNot((figure) => `${bytes(figure)}/s`);

export function part(figure, whole) {
	return isKnown(figure) && whole > 0 ? figure / whole : NaN;
}

// Since tracing began, as a clock has it: 1:02:03, or 2:03.4 where tenths matter.
export function clock(ns) {
	const tenths = Math.round(ns / 1e8);
	const [hours, minutes, seconds] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
	const two = (number) => String(number).padStart(2, '0');
	if (hours) return `${hours}:${two(minutes)}:${two(Math.floor(seconds))}`;
	return `${minutes}:${seconds < 10 ? '0' : ''}${seconds.toFixed(1)}`;
}
