// The page of the gallery: per target, the lines to add as its page has them, and the run that site/record recorded.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FENCE = '```';
const REPOSITORY = 'https://github.com/projen-delivery/projen-delivery';

/** The pages of docs/targets that have lines to add. Pages of first steps are the paths of newcomers. */
function targetsIn(root) {
  return readdirSync(join(root, 'docs/targets')).filter((name) => name.endsWith('.md') && !name.includes('-first-steps')).sort().flatMap((file) => {
    const text = readFileSync(join(root, 'docs/targets', file), 'utf8');
    const [, title] = /^# (.+)$/m.exec(text) ?? [];
    const [, lines] = new RegExp(`^${FENCE}ts\\n([\\s\\S]*?)^${FENCE}$`, 'm').exec(text) ?? [];
    const name = file.slice(0, -'.md'.length);
    return title === undefined || lines === undefined ? [] : [{ name, title, lines, more: `[All about it](docs/targets/${name}.md)` }];
  });
}

/** What this repository has for its own release. */
function ownDelivery(root) {
  const [lines] = /^ {2}new Delivery\([\s\S]*?^ {2}\}\);$/m.exec(readFileSync(join(root, 'projenrc/own-delivery.ts'), 'utf8'));
  return {
    name: 'own-release',
    title: 'projen-delivery itself',
    lines: lines.replace(/^ {2}/gm, ''),
    more: `How this package is released: [CONTRIBUTING](${REPOSITORY}/blob/main/CONTRIBUTING.md#releases). The recorded run is the rehearsal \`.ci/own-release\`: a registry on the same machine (Verdaccio) stands in for npmjs.com.`,
  };
}

function runOf(root, name) {
  const file = join(root, 'site/runs', `${name}.txt`);
  if (!existsSync(file)) return `No run is recorded. Record one with \`site/record ${name}\`.\n`;
  const [recorded, ...parts] = readFileSync(file, 'utf8').split(/\n## /);
  return [
    `The run was ${recorded}. Each line begins with the seconds since the command began.\n`,
    ...parts.map((part) => {
      const end = part.indexOf('\n');
      return `<details><summary>${part.slice(0, end)}</summary>\n\n${FENCE}text\n${part.slice(end + 1).trimEnd()}\n${FENCE}\n\n</details>\n`;
    }),
  ].join('\n');
}

export function gallery(root) {
  const sections = [ownDelivery(root), ...targetsIn(root)].map(({ lines, more, name, title }) => `## ${title}

${more}

${FENCE}ts
${lines.trimEnd()}
${FENCE}

${runOf(root, name)}`);
  return `# Gallery

Per target: the lines to add, and a run that was recorded. The scripts in [.ci/targets](${REPOSITORY}/tree/main/.ci/targets) play these runs with
the real runtime. They name the engine: an emulator or the real one.

${sections.join('\n')}`;
}
