// SPDX-License-Identifier: MIT
// Light, dark, or as the system has it; remembered where the browser allows it.

const KEY = 'hakmem-theme';

export function makeTheme(select, changed) {
	const apply = (theme) => {
		document.documentElement.style.colorScheme = theme === 'system' ? '' : theme;
		changed();
	};
	let kept = null;
	try {
		kept = localStorage.getItem(KEY);
	} catch {
		// Then it isn't remembered.
	}
	if (['light', 'dark'].includes(kept)) select.value = kept;
	select.addEventListener('change', () => {
		try {
			localStorage.setItem(KEY, select.value);
		} catch {
			// As above.
		}
		apply(select.value);
	});
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
	if (select.value !== 'system') apply(select.value);
}
