// SPDX-License-Identifier: MIT
// Every name is somebody else's text: it only ever becomes the text of an element.

export function element(name, text, className) {
	const made = document.createElement(name);
	if (text !== undefined) made.textContent = text;
	if (className) made.className = className;
	return made;
}

// A colour of theme.css, and what it stands for.
export function swatch(name) {
	const made = element('i', undefined, 'swatch');
	made.style.background = `var(--${name})`;
	return made;
}

export function colourKey(name, text, tag = 'span') {
	const made = element(tag);
	made.append(swatch(name), text);
	return made;
}

// One more choice of a fieldset's; `chosen` when it is.
export function radio(fieldset, text, checked, chosen) {
	const label = element('label');
	const input = element('input');
	Object.assign(input, { type: 'radio', name: fieldset.id, checked });
	input.addEventListener('change', chosen);
	label.append(input, ` ${text}`);
	fieldset.append(label);
	return input;
}
