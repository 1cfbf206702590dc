// SPDX-License-Identifier: MIT
// The regions, in the order in which they are stacked and listed; web/common/theme.css has a colour for each.

export const REGIONS = ['allocator', 'tls', 'stack', 'libc', 'program', 'library', 'file', 'anon', 'kernel', 'unseen'];

// A figure that may be unknown (null in JSON) is NaN here: what is added to it is unknown too.
export function known(figure) {
	return typeof figure === 'number' ? figure : NaN;
}
