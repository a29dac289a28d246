// Compiles and runs the module whose path it is given, and prints the CPU milliseconds of that. Started by start-up.ts, in a process of its
// own, with --experimental-vm-modules: Node's own loader is not in the figure.
import { readFileSync } from 'node:fs';
import { SourceTextModule, SyntheticModule } from 'node:vm';

const code = readFileSync(process.argv[2], 'utf8');

// What the platform has in itself, and does not load for us: made before the clock starts.
const known = new Map();
for (const [, name] of code.matchAll(/\bfrom\s*"((?:cloudflare|node):[\w/]+)"/g)) {
  const exports = name.startsWith('node:')
    ? { ...(await import(name)) }
    : { DurableObject: class {}, env: {}, exports: {} };
  const module = new SyntheticModule(Object.keys(exports), function () {
    for (const [key, value] of Object.entries(exports)) this.setExport(key, value);
  });
  known.set(name, module);
}

const before = process.cpuUsage();
const bundle = new SourceTextModule(code);
await bundle.link((name) => known.get(name));
await bundle.evaluate();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
