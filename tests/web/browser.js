// SPDX-License-Identifier: MIT
// A headless Chromium for tests of pages: it opens a page, clicks and types as a person does, and reports what the page
// complained of and whom it asked for anything. It talks over two pipes (--remote-debugging-pipe): no port, no package.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

class Browser {
	constructor(width, height) {
		this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'hakmem-browser-'));
		const options = [
			'--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars',
			'--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-pipe',
			`--window-size=${width},${height}`, `--user-data-dir=${this.profile}`, 'about:blank',
		];
		this.child = spawn('chromium', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
		this.ended = new Promise((resolve) => this.child.once('exit', resolve));
		this.size = { width, height };
		this.next = 1;
		this.waiting = new Map();
		this.complaints = [];
		this.requests = [];
		let rest = '';
		this.child.stdio[4].setEncoding('utf8').on('data', (text) => {
			const messages = (rest + text).split('\0');
			rest = messages.pop();
			for (const message of messages) this.take(JSON.parse(message));
		});
	}

	take(message) {
		if (message.id) {
			const { resolve, reject, method } = this.waiting.get(message.id);
			this.waiting.delete(message.id);
			if (message.error) reject(new Error(`${method}: ${message.error.message}`));
			else resolve(message.result);
		}
		const { method, params } = message;
		if (method === 'Runtime.exceptionThrown') this.complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
		if (method === 'Runtime.consoleAPICalled') this.complaints.push(params.args.map((arg) => arg.value).join(' '));
		if (method === 'Log.entryAdded') this.complaints.push(params.entry.text);
		if (method === 'Page.javascriptDialogOpening') {
			this.complaints.push(`dialog: ${params.message}`);
			this.send('Page.handleJavaScriptDialog', { accept: true });
		}
		if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
		if (method === 'Page.loadEventFired' && this.loaded) this.loaded();
	}

	send(method, params = {}) {
		const id = this.next++;
		this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
		return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, method }));
	}

	// Opens a file; the milliseconds until it was loaded and had drawn.
	async open(file, { dark = false } = {}) {
		if (!this.session) {
			const { targetInfos } = await this.send('Target.getTargets');
			const { targetId } = targetInfos.find(({ type }) => type === 'page');
			this.session = (await this.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
			for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
		}
		await this.send('Emulation.setDeviceMetricsOverride', { ...this.size, deviceScaleFactor: 1, mobile: false });
		await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
		this.complaints = [];
		this.requests = [];
		const begin = Date.now();
		const loaded = new Promise((resolve) => (this.loaded = resolve));
		await this.send('Page.navigate', { url: `file://${path.resolve(file)}` });
		await loaded;
		await this.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
		return Date.now() - begin;
	}

	// Of an expression, or of a promise what comes of it.
	async evaluate(expression) {
		const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
		if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
		return result.value;
	}

	// The middle of the first element for which a selector, or an expression that gives an element, stands.
	async middle(expression) {
		const place = await this.evaluate(`(() => {
			const element = ${expression};
			if (!element) return null;
			element.scrollIntoView({ block: 'center' });
			const box = element.getBoundingClientRect();
			return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
		})()`);
		if (!place) throw new Error(`there is no ${expression}`);
		return place;
	}

	async move(expression) {
		await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...(await this.middle(expression)) });
	}

	async click(expression) {
		const place = await this.middle(expression);
		for (const type of ['mouseMoved', 'mousePressed', 'mouseReleased'])
			await this.send('Input.dispatchMouseEvent', { type, ...place, button: 'left', clickCount: 1 });
	}

	async type(text) {
		await this.send('Input.insertText', { text });
	}

	async press(...keys) {
		const codes = { Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 };
		for (const key of keys)
			for (const type of ['rawKeyDown', 'keyUp'])
				await this.send('Input.dispatchKeyEvent', { type, key, windowsVirtualKeyCode: codes[key] });
	}

	async screenshot(file) {
		fs.writeFileSync(file, Buffer.from((await this.send('Page.captureScreenshot')).data, 'base64'));
	}

	async close() {
		this.session = undefined;
		this.send('Browser.close').catch(() => {});
		const late = setTimeout(() => this.child.kill('SIGKILL'), 10000);
		await this.ended;
		clearTimeout(late);
		fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
	}
}

module.exports = { Browser };
