/** `delivery status`, `watch` and `page` as real processes on a laptop, and `status` in a run of GitHub's. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GithubDialect } from '../../../src/runtime/ci/github/log-dialect';
import { openLog } from '../../../src/runtime/ci/log';
import { publish } from '../../../src/runtime/status-page/publish';
import { watchedStatus as status } from '../../../src/runtime/status-page/status';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { WatchWorld } from '../../../tools/model-checker/overlaps/watch-world';
import { respond } from '../../misbehaving-server';
import { World } from '../world';

const MONITORING = { environments: ['production'], intervalMs: 300_000, retries: 1, firesAfter: 2, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [] };

describe('on a laptop', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create('redeploy');
    world.manifest = { ...world.manifest, monitoring: MONITORING };
    world.change({});
    await world.ship('v1');
  });

  afterAll(() => world.destroy());

  const row = async (...args: string[]) => (JSON.parse((await world.delivery('status', '--json', ...args)).output) as Record<string, unknown>[])[0];
  // the first line names the records
  const words = (output: string) => output.split('\n').slice(1, 4).map((line) => line.split(/ {2,}/));

  it('probes the checks itself where no watch ran, and makes no percentile of that', async () => {
    const { output } = await world.delivery('status');
    expect(words(output)[0]).toEqual(['environment', 'live', 'since', 'verdict', 'alerts', 'last deployment', 'state', 'by']);
    expect(words(output)[2]).toEqual(['production', 'v1', expect.any(String), 'healthy, probed now', 'none', 'v1', expect.stringMatching(/^stable: /), 'engineer']);
  });

  it('says why a check is unhealthy, and nothing of one that is healthy', async () => {
    expect((await world.delivery('status')).output).not.toContain('is unhealthy');
    world.behaviours.v1 = 'error';
    const { output } = await world.delivery('status');
    expect(words(output)[2][3]).toBe('unhealthy, probed now');
    expect(output).toMatch(/^production is unhealthy: health: 500 in \d+ ms/m);
    expect(await row()).toMatchObject({ watch: { verdict: 'pending', reasons: [expect.stringMatching(/^health: 500 in /)] } });
    world.behaviours.v1 = 'good';
  });

  it('shows what the last run of the watch saw, and the alerts that are open', async () => {
    expect((await world.delivery('watch')).code).toBe(0);
    const { output } = await world.delivery('status');
    expect(words(output)[0]).toEqual(['environment', 'live', 'since', 'verdict', 'p95 (24 h)', 'alerts', 'last deployment', 'state', 'by']);
    expect(words(output)[2].slice(3, 6)).toEqual([expect.stringMatching(/^healthy, \d+ s ago$/), expect.stringMatching(/^\d+ ms of 1 response$/), 'none']);
    world.behaviours.v1 = 'error';
    expect((await world.delivery('watch')).code).toBe(1);
    expect((await world.delivery('status')).output).toMatch(/^production: firing since 2\d{3}-\S+Z: health: 500 in \d+ ms/m);
    expect(await row()).toMatchObject({ environment: 'production', watch: { verdict: 'firing', from: 'watch', responses: 1 }, alerts: [{ name: 'health', phase: 'firing' }] });
    world.behaviours.v1 = 'good';
    expect((await world.delivery('watch')).code).toBe(0);
    expect(await row()).toMatchObject({ watch: { verdict: 'healthy' }, alerts: [] });
  });

  it('has DORA\'s figures when they are asked for', async () => {
    await world.ship('v2', 'bad');
    expect(await row()).not.toHaveProperty('dora');
    expect(await row('--dora')).toMatchObject({ dora: { deployments: 1, finished: 2, failures: 1, unrestored: 0, leadTimeMs: expect.any(Number) as number } });
    const { output } = await world.delivery('status', '--dora');
    expect(output).toMatch(/deployments +a week +lead time +failed +time to restore\n.*\nproduction +[\d-]+ +1 +less than a week recorded +\d+ s +1 of 2 +\d+ s\n/);
  });

  it('writes the page beside the ledger', async () => {
    const { code, output } = await world.delivery('page');
    expect(code).toBe(0);
    const folder = join(world.root, 'machine/ledger.json.status');
    expect(output).toContain(folder);
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('v2 was rolled back to v1');
    expect(existsSync(join(folder, 'badge-production.svg'))).toBe(true);
  });

  it('writes it somewhere else as well, with all that is known', async () => {
    const folder = join(world.root, 'elsewhere/page');
    expect(await world.delivery('page', '--out', folder)).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toMatch(/v2 was rolled back to v1/);
    expect(JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'))).toMatchObject({ environments: [['production', { overall: { runs: [expect.anything(), expect.anything(), expect.anything()] } }]] });
    expect(await world.delivery('page', '--out', join(world.root, '.projen/delivery.json'))).toMatchObject({
      code: 2, output: expect.stringMatching(/the status page cannot be written to .*Name another folder: --out FOLDER/) as string,
    });
  });

  it('is about no release', async () => {
    for (const command of ['status', 'watch', 'page', 'config']) {
      expect(await world.delivery(command, '--release', 'v1')).toMatchObject({
        code: 2, output: expect.stringContaining(`Unknown option '--release'. Try: delivery ${command} --help`) as string,
      });
    }
  });

  it('watches what is named, once, and says what it cannot watch', async () => {
    expect(await world.delivery('watch', '--environments', ' production, ')).toMatchObject({ code: 0 });
    expect(await world.delivery('watch', '--environments', 'production,prod')).toMatchObject({ code: 2, output: expect.stringContaining('prod is not watched. Watched: production') as string });
    expect(await world.delivery('watch', 'production', '--environments', 'production')).toMatchObject({
      code: 2, output: expect.stringContaining('which environments: production, or --environments production? Name them once.') as string,
    });
    expect(await world.delivery('watch', '--heartbeat', 'maybe')).toMatchObject({ code: 2, output: expect.stringContaining('--heartbeat is none or only, not maybe') as string });
  });

  it('watches where nothing was ever written, and warns of nothing', async () => {
    const run = { id: world.newRun(), tag: 'v1', env: { GITHUB_ACTIONS: '', DELIVERY_LEDGER: join(world.root, 'new/folder/ledger.json') } };
    const { code, output } = await world.step(run, 'watch');
    expect(code).toBe(0);
    expect(output).toContain('no release was verified here yet');
    expect(output).not.toContain('warning: The ledger');
  });

  it('probes many checks at once without a warning of Node\'s', async () => {
    const { manifest } = world;
    const [environment] = manifest.environments;
    world.change({ healthChecks: Array.from({ length: 20 }, (_, i) => ({ ...environment.healthChecks[0], name: `check ${i}` })) });
    const { code, output } = await world.delivery('watch');
    expect(code).toBe(0);
    expect(output).not.toContain('MaxListeners');
    world.manifest = manifest;
    world.change({});
  });

  it('ends when no one reads it any more', async () => {
    const runtime = join(world.root, '.projen/delivery.cjs');
    const line = `node ${runtime} status --watch --json 2> machine/complaints | true; echo "\${PIPESTATUS[0]}"; cat machine/complaints`;
    const { GITHUB_ACTIONS: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)('bash', ['-c', line], { cwd: world.root, env: { ...env, DELIVERY_LEDGER: join(world.root, 'machine/ledger.json') } });
    expect(stdout).toBe('0\n');
  });

  it('with --watch shows it again until someone ends it, and ends well', async () => {
    const { code, output } = await world.step({
      id: world.newRun(),
      tag: 'v1',
      env: { GITHUB_ACTIONS: '' },
      onLine: (line, stop) => {
        if (line.includes('Ctrl-C ends it')) stop('SIGINT');
      },
    }, 'status', '--watch');
    expect(code).toBe(0);
    expect(output).toContain('production');
    // nothing that only a screen understands
    expect(output).not.toContain('\u001b');
  });

  it('needs monitoring for what only the watch knows, and says so', async () => {
    const { manifest } = world;
    world.manifest = { ...manifest, monitoring: undefined };
    world.change({});
    expect(await world.delivery('status', '--dora')).toMatchObject({
      code: 2, output: expect.stringContaining('--watch and --dora need monitoring, and nothing is watched here on a schedule') as string,
    });
    for (const command of ['watch', 'page']) {
      expect(await world.delivery(command)).toMatchObject({ code: 2, output: expect.stringContaining('nothing is watched here on a schedule. Set monitoring in the') as string });
    }
    const { output } = await world.delivery('status');
    expect(words(output)[0]).toEqual(['environment', 'stable', 'since', 'last deployment', 'state', 'by']);
    expect(output).toContain('\nnothing is watched here on a schedule: this is what the ledger says\n');
    world.manifest = manifest;
    world.change({});
  });
});

describe('in a run of GitHub\'s', () => {
  let world: WatchWorld;
  let git: GitServer | undefined;

  afterEach(async () => {
    await git?.stop();
    git = undefined;
    expect(world.github.violations).toEqual([]);
    await world.destroy();
  });

  async function shown(): Promise<string> {
    const printed: string[] = [];
    const print = (text: string) => void printed.push(text);
    const all = world.manifest.environments.map(({ name }) => ({ ...world.context(world.begin(), name), print }));
    await status(all, { json: false, flags: {} });
    return printed.join('\n');
  }

  it('the branch of the status page says what the watch saw; a watch that is away is reported, and the checks are probed', async () => {
    world = await WatchWorld.create({ statusPage: { kind: 'branch', branch: 'delivery-status' } });
    git = await GitServer.start((one) => world.github.permissionsOf(one)?.contents);
    world.serverUrl = git.url;
    await world.deployed();
    const { outputs } = await world.watch();
    const context = world.context(world.begin(), 'production');
    const token = world.github.token({ contents: 'write', deployments: 'read' });
    const processEnv = { ...context.processEnv, GITHUB_TOKEN: token, DELIVERY_MEASURED: outputs.measured };
    const log = openLog({ write: () => undefined, dialect: new GithubDialect(), secrets: [] });
    await publish([{ ...context, processEnv, ci: world.ci(processEnv, context.run, context.ledger), log }], { json: false, flags: {} });
    expect(await shown()).toMatch(/healthy, \d+ s ago +\d+ ms of 1 response +none/);
    world.later += 16 * 60_000;
    world.service.behave(respond(500));
    const later = await shown();
    expect(later).toContain('unhealthy, probed now');
    expect(later).toMatch(/the watch is scheduled to run every 5 min, .*; the previous watch was 16 min/);
  });

  it('without such a branch the checks are probed; where a header\'s secret is not there, nothing is said', async () => {
    world = await WatchWorld.create();
    await world.deployed();
    expect(await shown()).toContain('healthy, probed now');
    world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks: [world.check({ secretRequestHeaders: { 'x-key': 'API_KEY' } })] }] };
    const received = world.service.received.length;
    expect(await shown()).not.toContain('verdict');
    expect(world.service.received).toHaveLength(received);
  });
});
