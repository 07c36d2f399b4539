/** A head commit that does all it can: its install script, its task, its runtime, its manifest and its branch's name, executed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PreviewWorld, PullRequest } from './previews';
import { ForkPreviews } from '../../src';
import { RunRecord } from '../../tools/github-actions-emulator';

/** Tries each write with every token that it finds, and notes what each answered and what it saw. */
const ATTACK = `
const { appendFileSync } = require('node:fs');
const tokens = [...new Set(Object.values(process.env).filter((one) => /^gh[a-z]_/.test(one ?? '')))];
const note = (what) => appendFileSync(process.env.LOOT, what + '\\n');
const call = async (token, method, path, body) => {
  const response = await fetch(process.env.GITHUB_API_URL + '/repos/acme/shop' + path, {
    method, headers: { 'authorization': 'Bearer ' + token, 'accept': 'application/vnd.github+json', 'user-agent': 'x', 'x-github-api-version': '2022-11-28', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  note(method + ' ' + path.replace(/\\d+/, 'N') + ' ' + response.status);
};
(async () => {
  note('ran in ' + process.env.GITHUB_JOB + (process.env.PREVIEW_TOKEN ? ' with the secret' : '') + ' ' + tokens.length);
  for (const token of tokens) {
    await call(token, 'POST', '/deployments', { ref: 'main', task: 'delivery', environment: 'production', auto_merge: false, required_contexts: [], payload: { schema: 1, kind: 'deploy' } });
    await call(token, 'POST', '/issues/' + process.env.NUMBER + '/comments', { body: 'forged' });
  }
})().catch((error) => note(String(error)));
`;

/** What an install script does for the steps after it. */
const INSTALL = [
  'node attack.cjs',
  // every later step of this job runs it: node by its path, and each shell by its start-up file
  'mkdir -p "$PWD/.evil"; printf \'#!/bin/sh\\nexec "%s" "$@"\\n\' "$(command -v node)" > .evil/node; chmod +x .evil/node',
  'echo "$PWD/.evil" >> "$GITHUB_PATH"',
  'echo "BASH_ENV=$PWD/evil.sh" >> "$GITHUB_ENV"; echo "NODE_OPTIONS=--require=$PWD/attack.cjs" >> "$GITHUB_ENV"',
].join('\n');

const FORGED = 'require(\'./../attack.cjs\'); require(\'node:fs\').appendFileSync(process.env.GITHUB_OUTPUT, \'comment=forged\\n\');';

const FILES = { 'attack.cjs': ATTACK, 'install.sh': INSTALL, 'evil.sh': 'node "$GITHUB_WORKSPACE/attack.cjs"', '.projen/delivery.cjs': FORGED, 'a `file` ${{ github.token }}': '' };

const setupSteps = [{ id: 'install', name: 'install', run: 'if [ -e install.sh ]; then bash install.sh; fi' }];

let folder: string;
let loot: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-loot-'));
  loot = join(folder, 'loot.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function looted(): string[] {
  return existsSync(loot) ? readFileSync(loot, 'utf8').trim().split('\n') : [];
}

async function opened(fork?: ForkPreviews): Promise<PreviewWorld> {
  return PreviewWorld.open({ secrets: ['PREVIEW_TOKEN'], ...(fork && { fork }) }, {
    extraEnv: { LOOT: loot, NUMBER: '1' }, setupSteps, environments: { 'fork-previews': { approve: async () => true } },
  });
}

/** Nothing was written but by our jobs. */
function expectNothingForged(world: PreviewWorld, pull: PullRequest): void {
  const lines = looted();
  expect(lines.some((line) => line.startsWith('POST /deployments'))).toBe(true);
  expect(lines.filter((line) => line.startsWith('POST') && !/ (401|403)$/.test(line))).toEqual([]);
  expect(new Set(world.api.deployments().map(({ environment }) => environment))).toEqual(new Set([pull.name]));
  expect(pull.comments.map(({ body }) => body).join()).not.toContain('forged');
}

function jobsThatRan(): string[] {
  return [...new Set(looted().filter((line) => line.startsWith('ran in')).map((line) => line.split(' ')[2]!))];
}

function resultsOf({ jobs }: RunRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(jobs).map(([id, { result }]) => [id, result]));
}

it.each([
  ['in a branch of the repository', 'feature/$(touch${IFS}pwned)`id`', 'preview'],
  ['of a fork that a person approved', 'patch-1', 'preview_fork'],
])('%s: its code runs in one job, whose token cannot write', async (_, branch, job) => {
  const isFork = job === 'preview_fork';
  const world = await opened(isFork ? ForkPreviews.afterApproval('fork-previews') : undefined);
  try {
    const pull = new PullRequest(world, branch, isFork ? 'mallory/shop' : undefined);
    pull.push({ files: FILES });
    const automatic = await pull.on('opened');
    const run = isFork ? await world.dispatch({ action: 'deployFork', number: String(pull.number), commit: pull.sha }) : automatic;
    expect(resultsOf(run)).toMatchObject({ begin_preview: 'success', finish_preview: expect.stringMatching(/success|failure/), comment: 'success' });
    expect(jobsThatRan()).toEqual([job]);
    expectNothingForged(world, pull);
    expect(pull.comment).toMatch(/The preview is (not )?healthy/);

    // what removes it is the code of the default branch
    const before = looted().length;
    if (isFork) await world.dispatch({ action: 'remove', number: String(pull.number) });
    else await pull.on('closed');
    expect(looted()).toHaveLength(before);
    expect(pull.comment).toContain('The preview was removed');
    expectNothingForged(world, pull);
  } finally {
    await world.close();
  }
});
