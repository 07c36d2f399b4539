import { existsSync } from 'node:fs';
import { createServer, Server, Socket, AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { OFFLINE_MS } from '../../../src/runtime/ci/github/dispatch/origin';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { Dispatch, GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { newRecord, TO_STABLE, write } from '../ledger/records';
import { Ended, World } from '../world';

/** Which records a command on a laptop reads: real processes, with GitHub's stand-in. */
describe('On a laptop', () => {
  let github: GithubStandIn;
  let world: World;
  let dispatches: Dispatch[];
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    dispatches = [];
    world = await World.create('redeploy');
    github = await GithubStandIn.start({ repository: 'acme/shop' });
    github.addWorkflow('rollback.yml', 'rollback');
    github.onDispatch = (dispatch) => {
      dispatches.push(dispatch);
      github.setRun(900, { path: 'rollback.yml', event: 'workflow_dispatch', displayTitle: String(dispatch.inputs.request), status: 'completed', conclusion: 'success' });
      return 900;
    };
    // DELIVERY_LEDGER would name the records
    env = { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ actions: 'write', deployments: 'read', contents: 'read' }, 'ada') };
    const api = new GithubApi({ url: github.url, token: github.token({ deployments: 'write' }), repository: 'acme/shop', clock: SYSTEM_CLOCK });
    await write(new Ledger({ eventLog: new GithubEventLog({ api }), isAlive: async () => true }), newRecord({ environment: 'production', release: { version: 'v7', sha: '7'.repeat(40) } }), ...TO_STABLE);
  });
  afterEach(async () => {
    await github.stop();
    await world.destroy();
    expect(github.violations).toEqual([]);
  });

  const addRemote = () => world.git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
  const run = (args: string[], changes: NodeJS.ProcessEnv = {}) => world.run(args, { ...env, ...changes });
  const firstLine = ({ output }: Ended) => output.split('\n')[0];
  const rowsOf = ({ output }: Ended) => JSON.parse(output) as { readonly records: string; readonly stable?: { readonly version: string } }[];

  async function shipHere(): Promise<void> {
    world.release('v1');
    expect(await run(['deploy', 'production', '--release', 'v1', '--local'])).toMatchObject({ code: 0 });
  }

  /** A repository whose runs deployed nothing yet. */
  const otherRepository = () => world.git('remote', 'set-url', 'origin', 'git@github.com:acme/new.git');

  describe('status', () => {
    it('reads the records on GitHub, where there is a remote and a token, and says so in the first line', async () => {
      addRemote();
      const status = await run(['status']);
      expect(status).toMatchObject({ code: 0, output: expect.stringMatching(/production +v7/) as string });
      expect(firstLine(status)).toBe('records: GitHub (acme/shop)');
      expect(rowsOf(await run(['status', '--json']))).toMatchObject([{ records: 'GitHub (acme/shop)', stable: { version: 'v7' } }]);
    });

    it('reads those of this machine with --local, and names them where both have some', async () => {
      addRemote();
      await shipHere();
      const both = await run(['status']);
      expect(both.output).toMatch(/^records: GitHub \(acme\/shop\)\nThis machine has records of its own: --local shows them\.\n/);
      const local = await run(['status', '--local']);
      expect(local).toMatchObject({ code: 0, output: expect.stringMatching(/production +v1/) as string });
      expect(firstLine(local)).toBe('records: this machine (.git/delivery/ledger.json)');
      expect(rowsOf(await run(['status', '--local', '--json']))).toMatchObject([{ records: 'this machine (.git/delivery/ledger.json)', stable: { version: 'v1' } }]);
    });

    it('reads those of this machine without a remote', async () => {
      await shipHere();
      const status = await run(['status']);
      expect(status).toMatchObject({ code: 0, output: expect.stringMatching(/^records: this machine \(\.git\/delivery\/ledger\.json\)\n[^]*production +v1/) as string });
    });

    it('says how to give a token where there is none', async () => {
      addRemote();
      const status = await run(['status'], { GITHUB_TOKEN: '', GITHUB_API_URL: '' });
      expect(status.code).toBe(0);
      expect(status.output).toMatch(/^records: this machine \(\.git\/delivery\/ledger\.json\)\n/);
      expect(status.output).toContain("GitHub's records are not read: there is no token for github.com. Log in with `gh auth login`, or set GITHUB_TOKEN; it needs `deployments: read`");
    });
  });

  describe('rollback', () => {
    it('runs on GitHub, where there is a remote and a token, also if this machine has records', async () => {
      addRemote();
      await shipHere();
      const rollback = await run(['rollback', 'production', '--release', 'v1']);
      expect(rollback).toMatchObject({ code: 0, output: expect.stringMatching(/^records: GitHub \(acme\/shop\)\nrollback of production: /) as string });
      expect(dispatches).toMatchObject([{ workflow: 'rollback.yml', inputs: { environment: 'production', release: 'v1' } }]);
    });

    it('is about this machine with --local, and the lines that it prints say so', async () => {
      addRemote();
      await shipHere();
      world.release('v2', 'error');
      const bad = await run(['deploy', 'production', '--release', 'v2', '--local']);
      expect(bad.output).toMatch(/unblock production --release v2 --reason why --local/);
      const local = await run(['rollback', 'production', '--release', 'v1', '--local']);
      expect(local).toMatchObject({ code: 0, output: expect.stringContaining('v1 is live already') as string });
      expect(firstLine(local)).toBe('records: this machine (.git/delivery/ledger.json)');
      expect(dispatches).toEqual([]);
    });

    it('is about this machine where there is no token, if it has records; else it says how to give one', async () => {
      addRemote();
      const nowhere = await run(['rollback', 'production', '--release', 'v1'], { GITHUB_TOKEN: '', GITHUB_API_URL: '' });
      expect(nowhere).toMatchObject({ code: 2, output: expect.stringContaining('there is no token for github.com. Log in with `gh auth login`') as string });
      expect(nowhere.output).toContain('To use the records of this machine, add --local.');
      await shipHere();
      const here = await run(['rollback', 'production', '--release', 'v1'], { GITHUB_TOKEN: '', GITHUB_API_URL: '' });
      expect(here).toMatchObject({ code: 0, output: expect.stringMatching(/^records: this machine [^]*v1 is live already/) as string });
    });
  });

  describe.each([
    ['deploy', '--release', 'v1'], ['plan', '--release', 'v1'], ['monitor'], ['drill'], ['hold', '--release', 'v1', '--reason', 'too slow'],
  ])('%s', (command, ...options) => {
    it('is refused where GitHub has records of the environment, with the line that works', async () => {
      addRemote();
      world.release('v1');
      const refused = await run([command, 'production', ...options]);
      expect(refused.code).toBe(2);
      expect(refused.output).toContain('GitHub (acme/shop) has records of production');
      expect(refused.output).toContain('Nothing was changed. What deploys production there: a tag v*.');
      expect([world.commands, dispatches]).toEqual([[], []]);
      const [, line] = /all the same: npx projen delivery (.*)/.exec(refused.output)!;
      expect(line).toBe([command, 'production', ...options.map((one) => (one === 'too slow' ? "'too slow'" : one)), '--local'].join(' '));
      const local = await run([command, 'production', ...options, '--local']);
      expect(firstLine(local)).toBe('records: this machine (.git/delivery/ledger.json)');
      expect(local.output).not.toContain('GitHub (acme/shop)');
    });
  });

  describe('where GitHub has no records of the environment', () => {
    beforeEach(async () => {
      await github.stop();
      github = await GithubStandIn.start({ repository: 'acme/new' });
      env = { ...env, GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ actions: 'write', deployments: 'read', contents: 'read' }, 'ada') };
      addRemote();
      otherRepository();
    });

    it('all commands use those of this machine, and say so', async () => {
      world.release('v1');
      const deployed = await run(['deploy', 'production', '--release', 'v1']);
      const first = 'records: this machine (.git/delivery/ledger.json); GitHub (acme/new) has none of production';
      expect([deployed.code, firstLine(deployed), world.served]).toEqual([0, first, 'v1']);
      const status = await run(['status']);
      expect([firstLine(status), status.output]).toEqual(['records: this machine (.git/delivery/ledger.json)', expect.stringMatching(/production +v1/)]);
      const rollback = await run(['rollback', 'production', '--release', 'v1']);
      expect([firstLine(rollback), rollback.code]).toEqual([first, 0]);
      expect(rollback.output).toContain('v1 is live already');
      expect(dispatches).toEqual([]);
    });

    it('and this machine has none either, a rollback runs on GitHub', async () => {
      world.release('v1');
      expect(firstLine(await run(['rollback', 'production', '--release', 'v1']))).toBe('records: GitHub (acme/new)');
      expect(firstLine(await run(['status']))).toBe('records: GitHub (acme/new)');
    });
  });

  /** One request of at most `OFFLINE_MS` is all that they wait for: no duration is measured, because a machine may be busy. */
  describe.each([['status'], ['rollback', 'production', '--release', 'v1'], ['deploy', 'production']])('%s', (...args) => {
    let hanging: Server;
    const open = new Set<Socket>();

    beforeEach(async () => {
      addRemote();
      // accepts a connection and never responds
      hanging = createServer((socket) => { open.add(socket.on('error', () => undefined)); });
      await new Promise<void>((ready) => hanging.listen(0, '127.0.0.1', ready));
    });
    afterEach(async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((done) => hanging.close(done));
    });

    it.each([
      ['a server that never responds', () => `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`],
      ['a server that is not there', () => 'http://127.0.0.1:9'],
      ['a name that DNS does not know', () => 'http://github.invalid'],
    ])('says within 5 seconds that it is offline: %s', async (_, url) => {
      const { code, output } = await run(args, { GITHUB_API_URL: url() });
      expect(OFFLINE_MS).toBeLessThan(4_000);
      expect(open.size).toBeLessThanOrEqual(1);
      expect(code).toBe(1);
      if (args[0] !== 'deploy') expect(output).toMatch(/^records: GitHub \(acme\/shop\)\n/);
      expect(output).toContain(`GitHub (${url()}) did not `);
      expect(output).toContain('check the network connection, then run the command again; --local uses the records of this machine.');
    });
  });
});

test.each([['deploy', 'production'], ['rollback', 'production', '--recover'], ['watch'], ['status']])('a GitHub run whose environment diverts the records is refused: %s', async (...args) => {
  const world = await World.create('redeploy');
  const ledger = join(world.root, 'machine/diverted.json');
  world.release('v1');
  const { code, output } = await world.step({ id: 7, tag: 'v1', env: { DELIVERY_LEDGER: ledger, GITHUB_TOKEN: 'none' } }, ...args);
  expect(output).toContain(`Not done::DELIVERY_LEDGER is set in this GitHub run, to '${ledger}'`);
  expect([code, world.commands, existsSync(ledger)]).toEqual([2, [], false]);
  await world.destroy();
});
