// SPDX-License-Identifier: MIT
// A table that is filled anew again and again: rows stay the elements they were, so that neither a reader's place in it nor a
// selection of text is lost; columns sort.

import { element, swatch } from '../common/element.js';

export class Table {
	// A column is {title, text(row), value(row), exact(row), left, help, swatch(row)}: text is shown, value sorts, exact is
	// told by the pointer.
	// key(row): what tells rows apart.
	constructor(table, columns, { sort, key, most = 200 }) {
		Object.assign(this, { table, columns, key, most, rows: [], sort, down: true });
		this.body = table.tBodies[0] || table.appendChild(element('tbody'));
		this.lines = new Map();
		this.heads = new Map();
		this.head();
	}

	head() {
		const line = element('tr');
		for (const column of this.columns) {
			const cell = element('th', undefined, column.left ? '' : 'n');
			cell.scope = 'col';
			const button = element('button', column.title);
			button.type = 'button';
			button.title = column.help ? `${column.help}; a press sorts` : 'sort by this';
			button.addEventListener('click', () => this.sortBy(column));
			this.heads.set(column, cell);
			cell.append(button);
			line.append(cell);
		}
		(this.table.tHead || this.table.createTHead()).replaceChildren(line);
	}

	sortBy(column) {
		this.down = this.sort === column.title ? !this.down : !column.left;
		this.sort = column.title;
		this.fill(this.rows);
	}

	ordered(rows) {
		const column = this.columns.find(({ title }) => title === this.sort);
		for (const cell of this.heads.values()) cell.removeAttribute('aria-sort');
		if (!column) return rows;
		this.heads.get(column).setAttribute('aria-sort', this.down ? 'descending' : 'ascending');
		const compare = (a, b) => {
			const [x, y] = [column.value(a), column.value(b)];
			if (typeof x === 'string') return x.localeCompare(y) * (this.down ? -1 : 1);
			// What isn't known stands last, whichever way.
			if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
			return this.down ? y - x : x - y;
		};
		return [...rows].sort(compare);
	}

	line(key) {
		if (!this.lines.has(key)) {
			const line = element('tr');
			this.columns.forEach((column, i) => {
				const cell = element(i ? 'td' : 'th', undefined, column.left ? '' : 'n');
				if (!i) cell.scope = 'row';
				line.append(cell);
			});
			this.lines.set(key, line);
		}
		return this.lines.get(key);
	}

	fill(rows) {
		this.rows = rows;
		const shown = this.ordered(rows).slice(0, this.most);
		const used = new Set();
		shown.forEach((row, place) => {
			const key = this.key(row);
			const line = this.line(key);
			used.add(key);
			this.columns.forEach((column, i) => {
				const text = column.text(row);
				const cell = line.cells[i];
				const exact = column.exact ? column.exact(row) : '';
				if (cell.textContent !== text || !cell.firstChild)
					cell.replaceChildren(...(column.swatch ? [swatch(column.swatch(row))] : []), text);
				if (cell.title !== exact) cell.title = exact;
			});
			if (this.body.rows[place] !== line) this.body.insertBefore(line, this.body.rows[place] || null);
		});
		for (const [key, line] of this.lines) {
			if (used.has(key)) continue;
			line.remove();
			this.lines.delete(key);
		}
		return rows.length - shown.length; // that are not shown
	}
}
