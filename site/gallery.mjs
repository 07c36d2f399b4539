// The page of the gallery: per target, the lines to add as its page has them, and the run that site/record recorded.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { faultOf } from './recorded-run.mjs';

const FENCE = '```';
const REPOSITORY = 'https://github.com/projen-delivery/projen-delivery';

/** The pages of docs/targets, and the one of images. Pages of first steps are the paths of newcomers. */
function targetsIn(root) {
  const files = readdirSync(join(root, 'docs/targets')).filter((name) => name.endsWith('.md') && !name.includes('-first-steps')).sort().map((name) => `docs/targets/${name}`);
  return [...files, 'docs/images.md'].map((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const [, title] = /^# (.+)$/m.exec(text) ?? [];
    const [, lines] = new RegExp(`^${FENCE}ts.*\\n([\\s\\S]*?)^${FENCE}$`, 'm').exec(text) ?? [];
    if (title === undefined || lines === undefined) throw new Error(`${file} has no lines to add: the gallery shows its first example in TypeScript`);
    return { name: basename(file, '.md'), title, lines, more: `[All about it](${file})` };
  });
}

/** What this repository has for itself: its npm release, and this site. */
function ownDeliveries(root) {
  const [release, site] = readFileSync(join(root, 'projenrc/own-delivery.ts'), 'utf8').match(/^ {2}new Delivery\([\s\S]*?^ {2}\}\);$/gm).map((lines) => lines.replace(/^ {2}/gm, ''));
  const how = `[CONTRIBUTING](${REPOSITORY}/blob/main/CONTRIBUTING.md#releases)`;
  return [{
    name: 'own-release',
    title: 'projen-delivery itself',
    lines: release,
    more: `How this package is released: ${how}. The recorded run is the rehearsal \`.ci/own-release\`: a registry on the same machine (Verdaccio) stands in for npmjs.com.`,
  }, {
    name: 'own-site',
    title: 'This site',
    lines: site,
    more: `How this site is published: ${how}. The recorded run is the rehearsal in \`.ci/site\`: a git server and a web server on the same machine stand in for GitHub Pages.`,
  }];
}

function runOf(root, name) {
  const file = join(root, 'site/runs', `${name}.txt`);
  // while one is recorded by .ci/site, it is not there yet
  if (!existsSync(file) && process.env.RECORD) return 'No run is recorded.\n';
  if (!existsSync(file)) throw new Error(`site/runs/${name}.txt is missing: a page of the gallery has a recorded run. Record it with site/record, see CONTRIBUTING.md`);
  const text = readFileSync(file, 'utf8');
  const fault = faultOf(text);
  if (fault !== undefined) throw new Error(`site/runs/${name}.txt: ${fault}. Record it again with site/record`);
  const [recorded, ...parts] = text.split(/\n## /);
  return [
    `The run was ${recorded}. Each line begins with the seconds since the command began.\n`,
    ...parts.map((part) => {
      const end = part.indexOf('\n');
      return `<details><summary>${part.slice(0, end)}</summary>\n\n${FENCE}text\n${part.slice(end + 1).trimEnd()}\n${FENCE}\n\n</details>\n`;
    }),
  ].join('\n');
}

export function gallery(root) {
  const entries = [...ownDeliveries(root), ...targetsIn(root)];
  const others = readdirSync(join(root, 'site/runs')).filter((file) => !entries.some(({ name }) => file === `${name}.txt`));
  if (others.length > 0) throw new Error(`site/runs has runs that no page shows: ${others.join(', ')}`);
  const sections = entries.map(({ lines, more, name, title }) => `## ${title}

${more}

${FENCE}ts
${lines.trimEnd()}
${FENCE}

${runOf(root, name)}`);
  return `# Gallery

Per target: the lines to add, and a run that was recorded: a release that goes well, one that does not, and the table of all scenarios. The scripts in [.ci/targets](${REPOSITORY}/tree/main/.ci/targets) play these runs with
the real runtime. They name the engine: an emulator or the real one.

${sections.join('\n')}`;
}
