// Prints the README's first TypeScript example, verbatim: what it shows must be what works.
const { readFileSync } = require('node:fs');

const match = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(process.argv[2], 'utf8'));
if (!match) throw new Error('the README has no ```ts example');
process.stdout.write(match[1]);
