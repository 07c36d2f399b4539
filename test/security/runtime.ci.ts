/**
 * The bundled runtime as a real process, in jobs and on a laptop, where everything that comes from outside means harm: nothing of it is
 * executed, nothing is forged, and no secret is shown anywhere.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { FORGED, hostileText, search } from './hostile';
import { HostileResponse, HostileService } from './hostile-service';
import { assignmentsOf } from '../../tools/github-actions-emulator/environment-file';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { commandsIn } from '../runtime/runner-commands';
import { check, Ended, World } from '../runtime/world';

const temporary = mkdtempSync(join(tmpdir(), 'delivery-hostile-'));
const canary = join(temporary, 'canary');
const hostile = hostileText(canary);
const PERMISSIONS = { actions: 'write', contents: 'write', deployments: 'write' } as const;

/** Stands in every secret, and nowhere else. */
const MARK = 'S3CR3T';
/** Each of them would be dangerous, too. */
const SECRETS = {
  DEPLOY_TOKEN: `${MARK}-$(touch ${canary})'"\`%0A::error::${FORGED}<b>&/?+é`,
  PROBE_TOKEN: `Bearer ${MARK}.probe_[x](https://forged.example.com)`,
  KEY: `-----BEGIN-----\n${MARK}line-one-of-it\n${MARK}line-two-of-it\r\n-----END-----\n`,
};
const LOOKS = [MARK, ...[0, 1, 2].map((before) => Buffer.from(`${'x'.repeat(before)}${MARK}`).toString('base64').slice(before + (before > 0 ? 1 : 0), -3 + before))]
  .filter((look) => look.length >= 5);
/** As a service, a command or an API might repeat one. */
const secretly = fc.constantFrom(...Object.values(SECRETS).flatMap((secret) => [
  secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from(secret).toString('base64'), `https://user:${encodeURIComponent(secret)}@h.example.com/`,
  `https://h.example.com/${encodeURIComponent(secret)}`, secret.replace('Bearer ', ''), secret.split('\n')[1] ?? secret,
]));
const said = fc.oneof(
  { arbitrary: hostile, weight: 4 },
  { arbitrary: secretly, weight: 1 },
  fc.tuple(hostile, secretly).map(([text, secret]) => text.slice(0, 100) + secret),
);

let world: World;
let service: HostileService;
let api: GithubStandIn;
let token: string;

beforeEach(async () => {
  service = await HostileService.start();
  api = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 1e6 });
  token = api.token(PERMISSIONS);
  world = await World.create('redeploy', {});
  service.isDeployed = () => world.live !== undefined;
  const checks = [check(`${service.url}/health`, { maxRedirects: 2, secretRequestHeaders: { authorization: 'PROBE_TOKEN' } })];
  world.change({ secrets: ['DEPLOY_TOKEN', 'KEY'], healthChecks: checks });
});
afterEach(async () => {
  await Promise.all([world.destroy(), service.stop(), api.stop()]);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('the responses of a service', () => {
  const response: fc.Arbitrary<HostileResponse> = fc.record({
    status: fc.constantFrom(200, 200, 200, 301, 302, 404, 418, 500, 503),
    version: said,
    body: fc.option(said, { nil: undefined, freq: 3 }),
    header: fc.option(said, { nil: undefined }),
    location: fc.option(fc.oneof(said, said.map((text) => `http://user:${encodeURIComponent(SECRETS.DEPLOY_TOKEN)}@127.0.0.1:1/${text}`)), { nil: undefined }),
  }, { requiredKeys: ['status', 'version'] });

  test('is shown, and does nothing', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(fc.array(response, { minLength: 8, maxLength: 30 }), async (responses) => {
      const tag = newTag();
      service.responses = responses;
      service.received = 0;
      await innocent(await inJob(tag, 'plan', 'production'));
      await innocent(await inJob(tag, 'deploy', 'production'));
      service.responses = [];
      await innocent(await inJob(tag, 'rollback', 'production', '--recover'));
      await innocent(await inJob(tag, 'status', 'production'));
      await innocent(await inJob(tag, 'status', '--json'));
    }), few(3));
  });

  test('is shown, and does nothing, where header and body are looked at', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(fc.array(response, { minLength: 8, maxLength: 30 }), fc.constantFrom('x-said', 'location'), async (responses, name) => {
      const strict = check(`${service.url}/health`, {
        headers: [{ name, pattern: '^nothing$' }],
        json: [{ path: 'version', equals: 'nothing' }],
        status: [{ first: 200, last: 599 }],
        release: { kind: 'header', name: 'x-said' },
        secretRequestHeaders: { authorization: 'PROBE_TOKEN' },
      });
      world.change({ healthChecks: [strict, { ...strict, name: 'body', headers: [] }] });
      service.responses = responses;
      service.received = 0;
      await innocent(await inJob(newTag(), 'deploy', 'production'));
    }), few(3));
  });
});

describe('what a command does', () => {
  test('is shown behind a bar, and what it says of its result is checked', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(fc.array(said, { minLength: 10, maxLength: 60 }), fc.oneof(said, secretly.map((text) => `candidate-url=${text}`), secretly), async (lines, result) => {
      const [file, resultFile] = ['lines', 'result'].map((name) => join(temporary, name));
      // what hides something may pass; that is not what this is about
      writeFileSync(file, lines.map((line) => line.replaceAll('::add-mask::', '')).join('\n'));
      writeFileSync(resultFile, result);
      world.change({ target: { deploy: { kind: 'bash', line: `cat ${file}; cat ${file} >&2; printf '%s' "$DEPLOY_TOKEN$KEY"; printf '%s' "$DEPLOY_TOKEN" | base64 -w0; cp ${resultFile} "$DELIVERY_RESULT"; exit 3` } } });
      await innocent(await inJob(newTag(), 'deploy', 'production'));
    }), few(3));
  });

  test('gets its variables and secrets exactly as they are', async () => {
    await stable();
    const text = hostile.filter((value) => !value.includes('\0')).map((value) => Buffer.from(value).toString());
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 5, maxLength: 20 }), async (values) => {
      const variables = Object.fromEntries(values.map((value, i) => [`VALUE_${i}`, value]));
      const file = join(temporary, 'environment');
      world.change({ variables, target: { deploy: { kind: 'bash', line: `env -0 > ${file}` } } });
      const tag = newTag();
      await innocent(await inJob(tag, 'plan', 'production'));
      await innocent(await inJob(tag, 'config', 'production'));
      await innocent(await inJob(tag, 'deploy', 'production'));
      const got = Object.fromEntries(readFileSync(file, 'utf8').split('\0').filter((line) => line !== '').map((line) => line.split(/=(.*)/s).slice(0, 2)));
      expect(got).toMatchObject({ ...variables, DEPLOY_TOKEN: SECRETS.DEPLOY_TOKEN, KEY: SECRETS.KEY });
    }), few(2));
  });
});

describe('who started a run, and with what', () => {
  const argument = hostile.map((text) => text.replaceAll('\0', '').slice(0, 10_000)).filter((text) => text !== '');

  test('may be called anything', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(argument, argument, fc.constantFrom('tag', 'branch'), async (name, actor, type) => {
      const env = { GITHUB_REF_NAME: name, GITHUB_REF_TYPE: type, GITHUB_ACTOR: actor };
      await innocent(await inJob('v1', ['plan', 'production'], env));
      await innocent(await inJob('v1', ['deploy', 'production'], env));
      await innocent(await inJob('v1', ['monitor', 'production'], env));
    }), few(4));
  });

  test('may request anything', async () => {
    await stable();
    const commands = fc.constantFrom<(a: string, b: string) => string[]>(
      (a) => ['deploy', 'production', '--release', a],
    (a, b) => ['rollback', 'production', '--release', a, '--reason', b],
    (a, b) => ['hold', 'production', '--release', a, '--reason', b],
    (_, b) => ['hold', 'production', '--release', 'v1', '--reason', b],
    (_, b) => ['unblock', 'production', '--release', 'v1', '--reason', b],
    (a, b) => ['adopt', 'production', '--release', a, '--slot', b],
    (_, b) => ['adopt', 'production', '--release', 'v1', '--reason', b],
    (_, b) => ['unfreeze', 'production', '--reason', b],
    (a) => ['plan', a],
    (a, b) => [a, b],
    (a) => ['plan', 'production', a],
    (a) => ['plan', 'production', `--${a}`],
    );
    await fc.assert(fc.asyncProperty(commands, argument, fc.oneof(argument, secretly.map((text) => text.replaceAll('\0', ''))), async (line, a, b) => {
      await innocent(await inJob('v1', line(a, b)));
      await innocent(await onLaptop(...line(a, b)));
    }), few(8));
  });

  test('commits may say anything', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(argument, async (message) => {
      world.commit(`${message.replaceAll('#', '.')}\nx`);
      world.git('tag', `c${++tags}`);
      await innocent(await inJob(`c${tags}`, ['plan', 'production'], { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main' }));
    }), few(2));
  });
});

describe('the responses of the API', () => {
  test('is shown, and does nothing', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(said, fc.constantFrom(401, 403, 404, 422), fc.constantFrom('GET', 'POST'), async (message, status, method) => {
      api.fail({ method, misbehaviour: { kind: 'status', status, body: { message } } } as Parameters<GithubStandIn['fail']>[0]);
      await innocent(await inJob(newTag(), 'plan', 'production'));
      await innocent(await inJob(newTag(), 'deploy', 'production'));
      api.clearFaults();
    }), few(3));
  });

  test('records that someone with the same power wrote show nothing but themselves', async () => {
    await stable();
    await fc.assert(fc.asyncProperty(said, said, said, said, async (version, by, reason, note) => {
      const { sha, payload } = api.deployments('production').at(-1)!;
      const { record, ...rest } = payload as { record: object };
      const forged = { ...rest, key: `k${++tags}`, record: { ...record, by, reason, release: { version, sha } } };
      const { id } = api.addDeployment({ environment: 'production', ref: sha, task: 'delivery', payload: forged });
      for (const word of ['deploying', 'rollingBack', 'rolledBack']) {
        api.addStatus(id, { state: word === 'rolledBack' ? 'failure' : 'in_progress', description: `${word}: ${note}`.slice(0, 140) });
      }
      await innocent(await inJob('v1', 'status'));
      await innocent(await inJob('v1', 'status', '--json'));
      await innocent(await inJob(newTag(), 'plan', 'production'));
      await innocent(await inJob('v1', 'hold', 'production', '--reason', 'x'));
    }), { ...few(3), examples: [[`\r::error::${FORGED}`, `##[error]${FORGED}`, `##[set-output name=go]${FORGED}`, SECRETS.KEY]] });
  });
});

let tags = 0;

/** A new release that may go to production. */
function newTag(): string {
  const tag = `v${++tags}.0`;
  world.release(tag);
  return tag;
}

/** v1 is live and Stable; from then on the service decides. */
async function stable(): Promise<void> {
  world.release('v1');
  const deployed = await inJob('v1', 'deploy', 'production');
  const confirmed = await inJob('v1', ['monitor', 'production'], {}, lastRun);
  expect([deployed.code, confirmed.code, deployed.output]).toEqual([0, 0, expect.anything()]);
}

let lastRun = 0;

async function inJob(tag: string, args: string | string[], ...more: unknown[]): Promise<Ended> {
  const [env, id] = Array.isArray(args) ? more as [NodeJS.ProcessEnv?, number?] : [];
  const argv = Array.isArray(args) ? args : [args, ...more as string[]];
  lastRun = id ?? world.newRun();
  return world.step({
    id: lastRun, tag, env: { ...SECRETS, GITHUB_TOKEN: token, GITHUB_API_URL: api.url, DELIVERY_LEDGER: undefined, ...env },
  }, ...argv);
}

async function onLaptop(...args: string[]): Promise<Ended> {
  const before = { ...process.env };
  return world.delivery(...args).finally(() => Object.assign(process.env, before));
}

const OUR_COMMANDS = ['group', 'endgroup', 'error', 'warning', 'notice'];
const OUR_OUTPUTS = [
  'go', 'release', 'sha', 'stable', 'url', 'config', 'completed_attempt', 'state',
];

/** Nothing was executed, nothing forged, no secret shown. */
async function innocent({ output, summary }: Ended): Promise<void> {
  expect(existsSync(canary)).toBe(false);
  nothingForged(output);
  const outputs = readFileSync(join(world.root, 'machine/output'), 'utf8');
  expect(Object.keys(Object.fromEntries(assignmentsOf(outputs))).filter((name) => !OUR_OUTPUTS.includes(name))).toEqual([]);
  nothingRendered(summary);
  const ledger = join(world.root, 'machine/ledger.json');
  const places = {
    output, summary, outputs, api: JSON.stringify(api.requests.map(({ body, path, query }) => [body, path, query])), file: existsSync(ledger) ? readFileSync(ledger, 'utf8') : '',
  };
  for (const [place, text] of Object.entries(places)) {
    for (const look of [...LOOKS, token]) expect({ place, shows: around(text, look) }).toEqual({ place, shows: undefined });
  }
}

/** For the message: where it is. */
function around(text: string, look: string): string | undefined {
  const at = text.indexOf(look);
  return at < 0 ? undefined : text.slice(Math.max(0, at - 200), at + 200);
}

function nothingForged(output: string): void {
  for (const line of output.split(/\r\n|[\r\n]/)) {
    expect(commandsIn(line).filter((command) => !OUR_COMMANDS.includes(command))).toEqual([]);
    // ours begin with our own words
    const [, title, message] = /^\s*::\w+(?: title=(.*?))?::(.*)$/.exec(line) ?? [];
    expect({ line, isForged: message !== undefined && (title ?? message).startsWith(FORGED) }).toEqual({ line, isForged: false });
  }
}

/** Only our own elements, links to where ours go, no line that begins with what was said. */
function nothingRendered(summary: string): void {
  const ours = [world.manifest.environments[0].url, service.url, 'https://github.com/acme/shop'];
  const links = [...summary.matchAll(/\]\(<([^>]*)>\)/g)].map(([, target]) => target);
  expect(links.filter((target) => !ours.some((url) => target.startsWith(url)))).toEqual([]);
  const rest = summary.replace(/\]\(<[^>]*>\)/g, '').replace(/^```(mermaid|sh)\n[^]*?\n```$/gm, '').replace(/<\/?(?:code|span|br\/)>/g, '').replace(/^> /gm, '');
  expect(rest).not.toMatch(/[<>]|!\[|\]\(/);
  expect(rest).not.toMatch(/(https?:\/\/|www\.)/);
  expect(rest.split('\n').filter((line) => line.startsWith(FORGED))).toEqual([]);
}

/** Processes take their time: few of them, each with many texts; the first that fails is shown as it is. */
function few(runs: number) {
  return { ...search(runs), endOnFailure: true };
}
