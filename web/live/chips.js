// SPDX-License-Identifier: MIT
// What to know of the measuring, in a row of chips; what makes figures less than they could be is red and says why.

import { element } from '../common/element.js';
import { clock, count, part, percent } from './format.js';
import { known } from './regions.js';

// hakmem-trace's own when nothing else is asked for (--max-overhead).
const MOST_OVERHEAD = 0.03;

const SUBJECTS = { fault: 'faults', fault_time: 'fault time', zero: 'zeroing', zero_time: 'zeroing time' };

// Times are sampled by choice; counts never.
function hookChip(kernel, subject) {
	const method = kernel.methods && kernel.methods[subject];
	const hook = kernel.hooks && kernel.hooks[subject];
	const isCount = subject === 'fault' || subject === 'zero';
	const bad = !method || (isCount && !method.startsWith('exact'));
	return { text: `${SUBJECTS[subject]}: ${method || 'n/a'}`, bad, why: hook ? `measured by ${hook}` : 'this kernel can\'t measure it' };
}

function rungChip(kernel) {
	const rungs = kernel.rungs || {};
	const names = [...new Set([rungs.fault, rungs.zero].filter(Boolean))];
	return { text: `rung ${names.join(', ') || 'n/a'}`, bad: !rungs.fault, why: 'the set of hooks in use; hakmem-trace doctor explains' };
}

function lostText(totals) {
	const by = Object.entries(totals.lost_by || {}).filter(([, lost]) => lost > 0);
	return by.length ? ` (${by.map(([what, lost]) => `${what} ${count(lost)}`).join(', ')})` : '';
}

// Slices may know of more, but not of what.
function lostChip(totals, slices) {
	const lost = slices > totals.lost ? slices : known(totals.lost);
	return { text: `lost ${count(lost)}${lost === totals.lost ? lostText(totals) : ''}`, bad: lost !== 0, why: 'what could not be accounted in full' };
}

function overheadChip(recent, most) {
	const share = part(recent.own, recent.traced);
	return {
		text: `own overhead ${percent(share)}`,
		bad: share > most,
		why: `an estimate, of the last minute's processor time; at most ${percent(most)} is wanted`,
	};
}

// `recent`: {own, traced} of the last minute, and {lost, end} of all slices; `about`: the server's history.
export function chipsOf(snapshot, recent, about) {
	const { kernel, totals } = snapshot;
	const zeroes = { true: 'on', false: 'off' }[kernel.init_on_alloc] || 'n/a';
	const chips = [
		{ text: `kernel ${kernel.release}` },
		{ text: `traced for ${clock(Math.max(snapshot.wall_ns, recent.end))}` },
		rungChip(kernel),
		...Object.keys(SUBJECTS).map((subject) => hookChip(kernel, subject)),
		{ text: `init_on_alloc ${zeroes}`, why: 'whether this kernel zeroes every page that it allocates' },
		overheadChip(recent, about.max_overhead > 0 ? about.max_overhead : MOST_OVERHEAD),
		lostChip(totals, recent.lost),
	];
	if (kernel.lockdown && !['none', 'unknown'].includes(kernel.lockdown)) chips.push({ text: `lockdown ${kernel.lockdown}` });
	if (totals.unseen > 0) chips.push({ text: `unseen ${count(totals.unseen)}`, bad: true, why: 'faults that no hook saw' });
	if (totals.unallocated > 0) chips.push({ text: `unallocated ${count(totals.unallocated)}`, why: 'pages whose allocation no hook saw' });
	const stacks = snapshot.stack_sampling;
	if (stacks && stacks.lost > 0) chips.push({ text: `stacks lost ${count(stacks.lost)}`, bad: true, why: 'for lack of room' });
	return chips;
}

// The same elements again where nothing has changed: nobody's reading is interrupted.
export function showChips(list, chips) {
	chips.forEach((chip, place) => {
		const text = chip.bad ? `⚠ ${chip.text}` : chip.text;
		const item = list.children[place] || list.appendChild(element('li'));
		if (item.textContent !== text) item.textContent = text;
		item.className = chip.bad ? 'chip bad' : 'chip';
		item.title = chip.why || '';
	});
	while (list.children.length > chips.length) list.lastChild.remove();
}
