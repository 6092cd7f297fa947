// SPDX-License-Identifier: GPL-2.0-only
// usage: node speedscope.mjs PACKAGE FILE
// Imports a trace as speedscope does, without its window: the last line is
// "N threads, N warnings", and the lines before it are the warnings.
// The package has no interface for that. Its bundle is one function that ends by drawing the
// page; it is run up to there, in a context of its own, and its importer is handed out.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const [pkg, file] = process.argv.slice(2);
const release = path.join(pkg, 'dist/release');
const bundle = fs.readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
const code = fs.readFileSync(path.join(release, bundle), 'utf8');
const importer = code.match(
	/async function (\w+)\(\w+,\w+\)\{return\(await \w+\)\.importProfileGroupFromText\(/,
)[1];
const end = code.indexOf('console.log(`speedscope v');
const warnings = [];

// what the page would have: whatever is asked of it is this again
const page = new Proxy(function () {}, {
	get: (_, key) => (key === Symbol.toPrimitive ? () => '' : page),
	apply: () => page,
	construct: () => page,
	set: () => true,
});
const context = {
	console: { log() {}, warn: (...words) => warnings.push(words.join(' ')), error: console.error },
	document: page, localStorage: page, matchMedia: page, navigator: { platform: '', userAgent: '' },
	location: { hash: '', protocol: 'file:' }, addEventListener() {},
	TextDecoder, TextEncoder, URL, setTimeout, clearTimeout, performance,
};
context.window = context;
context.self = context;
vm.createContext(context);
vm.runInContext(`${code.slice(0, end)}globalThis.importText = ${importer}; })();`, context);
const group = await context.importText('trace.json', fs.readFileSync(file, 'utf8'));
for (const warning of warnings)
	console.log(warning);
console.log(`${group.profiles.length} threads, ${warnings.length} warnings`);
