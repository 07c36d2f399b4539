// Writes what scenarios.cjs recorded to site/runs: node keep-run.mjs FOLDER. FOLDER has a folder for each file with scenarios.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, withoutTheMachine } from './recorded-run.mjs';

/** The page that shows the scenarios of a file, where it has another name. Not all have one. */
const PAGES = {
  'argo-rollouts': 'kubernetes-argo-rollouts', 'ecs-blue-green': 'ecs', 'image': 'images', 'image-and-cdk': undefined, 'registry-go': 'registry', 'registry-maven': 'registry',
  'servers-kamal': undefined, 'servers-nginx': 'servers', 'servers-podman': 'servers-containers',
};
const HERE = import.meta.dirname;
const [recorded] = process.argv.slice(2);
const read = (folder, file) => readFileSync(join(recorded, folder, file), 'utf8');
const pageOf = (folder) => (folder in PAGES ? PAGES[folder] : folder);

/** Each command with its output, from `$ delivery ...` to `=> exit code ...`. */
const commandsOf = (folder) => read(folder, 'commands').split(/^(?=\$ delivery )/m).filter((text) => text !== '').map((text) => text.trimEnd());

/** None where the scenarios were not played to their end. */
function tableOf(folder) {
  if (!existsSync(join(recorded, folder, 'table'))) return [];
  const [title, ...rows] = read(folder, 'table').trimEnd().split('\n');
  return [`## All scenarios: ${title}`, ...rows];
}

function runOf(page, [folder, ...others]) {
  const deployments = commandsOf(folder).filter((run) => run.startsWith('$ delivery deploy '));
  const ended = (code, says) => deployments.find((run) => run.endsWith(`=> exit code ${code}`) && says.test(run));
  const good = ended(0, /./);
  const rolledBack = ended(1, /rolled back/);
  // a target that cannot take a release back
  const halted = ended(3, /./);
  if (good === undefined || (rolledBack ?? halted) === undefined) throw new Error(`${page}: ${good === undefined ? 'no release went well' : 'no release was rolled back or halted'}`);
  return [
    `recorded on ${new Date().toISOString().slice(0, 10)}`,
    '## A release that goes well', good,
    ...(rolledBack === undefined ? ['## A release that is halted', halted] : ['## A release that is rolled back', rolledBack]),
    ...[folder, ...others].flatMap(tableOf), '',
  ].join('\n');
}

const folders = readdirSync(recorded);
mkdirSync(join(HERE, 'runs'), { recursive: true });
for (const page of new Set(folders.map(pageOf).filter((name) => name !== undefined))) {
  const ofPage = folders.filter((folder) => pageOf(folder) === page && existsSync(join(recorded, folder, 'commands'))).sort((a, b) => a.length - b.length || a.localeCompare(b));
  const text = withoutTheMachine(runOf(page, ofPage), join(HERE, '..'));
  const fault = faultOf(text);
  if (fault !== undefined) throw new Error(`${page}: ${fault}`);
  writeFileSync(join(HERE, 'runs', `${page}.txt`), text);
  console.log(`site/runs/${page}.txt is written: commit it`);
}
