// SPDX-License-Identifier: MIT
// Every name is somebody else's text: it only ever becomes the text of an element.

export function element(name, text, className) {
	const made = document.createElement(name);
	if (text !== undefined) made.textContent = text;
	if (className) made.className = className;
	return made;
}
