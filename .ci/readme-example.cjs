// Prints a document's first example in TypeScript (or in the language that is named), verbatim: what it shows must be what works.
const { readFileSync } = require('node:fs');

const [document, language = 'ts'] = process.argv.slice(2);
const match = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readFileSync(document, 'utf8'));
if (!match) throw new Error(`${document} has no example in ${language}`);
process.stdout.write(match[1]);
