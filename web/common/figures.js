// SPDX-License-Identifier: MIT
// Figures as people read them, in the units that hakmem-trace's table has.

export const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function inUnits(value, units, step) {
	let unit = 0;
	let scaled = Math.abs(value);
	while (unit + 1 < units.length && scaled >= step - 0.5) {
		scaled /= step;
		unit++;
	}
	const digits = unit && scaled < 9.95 ? 1 : 0;
	return `${value < 0 ? '-' : ''}${scaled.toFixed(digits)} ${units[unit]}`;
}

// What a frame's width can stand for, as the data counts them.
export const VALUES = [
	{ name: 'faults', title: 'faults', format: (value) => `${counts.format(value)} ${Math.round(value) === 1 ? 'fault' : 'faults'}` },
	{ name: 'zeroed', title: 'zeroed bytes', format: (value) => `${inUnits(value, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024)} zeroed` },
	{ name: 'time', title: 'time in faults', format: (value) => `${inUnits(value, ['ns', 'us', 'ms', 's'], 1000)} in faults` },
];

export function share(part, whole) {
	if (!(whole > 0)) return 'n/a';
	const percent = (100 * part) / whole;
	return `${percent > 0 && percent < 0.1 ? percent.toPrecision(1) : percent.toFixed(1)} %`;
}

// "+12 %", "new", "gone": from one value to another.
export function change(before, after) {
	if (before === after) return 'the same';
	if (!(before > 0)) return 'new';
	if (!(after > 0)) return 'gone';
	const percent = (100 * (after - before)) / before;
	return `${percent > 0 ? '+' : ''}${Math.abs(percent) < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
