/** Writes the sample's page into a folder: `.ci/status-page` looks at it in a browser. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleFiles } from './sample';

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(sampleFiles())) writeFileSync(join(folder, name), text);
