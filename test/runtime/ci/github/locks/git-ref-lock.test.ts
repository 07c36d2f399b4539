import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { GithubApi } from '../../../../../src/runtime/ci/github/api';
import { GitRefLock, GitRefLockOptions } from '../../../../../src/runtime/ci/github/locks/git-ref-lock';
import { fateOf, JobProcess, thisProcess } from '../../../../../src/runtime/ci/github/locks/job-process';
import { runLiveness } from '../../../../../src/runtime/ci/github/run-liveness';
import { EventLogError } from '../../../../../src/runtime/event-log/event-log';
import { giveUpWhenSilent } from '../../../../../tools/github-api-stand-in/silence';
import { GithubStandIn } from '../../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../../ledger/instant-clock';

const BLOB = 'b'.repeat(40);
const REFS = /git\/refs/;

describe('The lock in the refs of a repository', () => {
  let github: GithubStandIn;
  let clock: InstantClock;
  let warnings: string[];
  /** Processes that are over, of machines that are not this one. */
  let gone: JobProcess[];

  beforeEach(async () => {
    clock = new InstantClock();
    warnings = [];
    gone = [];
    github = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 1_000_000 });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  function token(): string {
    return github.token({ contents: 'write', actions: 'read' });
  }

  /** As a process of a run, on a machine of its own: `<run id>.<attempt>.<random>`. The run is at work unless the test says otherwise. */
  function lock(processId: string, options: Partial<GitRefLockOptions> = {}): GitRefLock {
    const [id, attempt] = processId.split('.').map(Number);
    const process = options.process ?? { machine: `of ${processId}`, pid: 100, began: '1' };
    const fate = (one: JobProcess) => (gone.some(({ pid, began }) => pid === one.pid && began === one.began) ? 'gone' : 'running');
    if (!github.run(id)) github.setRun(id, { attempt, status: 'in_progress' });
    const passing = options.clock ?? clock;
    const api = options.api ?? new GithubApi({ url: github.url, token: token(), repository: 'acme/shop', clock: passing });
    const warn = (text: string) => warnings.push(text);
    const isAlive = runLiveness({ api, clock: passing, warn });
    return new GitRefLock({ api, clock: passing, isAlive, processId, process, fateOf: fate, blob: BLOB, warn, ...options });
  }

  /** Number and state of each lock, the lowest first. */
  async function locks(environment = 'production'): Promise<string[]> {
    const headers = { authorization: `Bearer ${token()}` };
    const prefix = `refs/delivery/locks/${environment}/lock-`;
    const ours = github.refs().filter(({ name }) => name.startsWith(prefix));
    const said = await Promise.all(ours.map(async ({ name, target }) => {
      const response = await fetch(`${github.url}/repos/acme/shop/git/tags/${target!.sha}`, { headers });
      const { message } = (await response.json()) as { message: string };
      const { processId, state } = JSON.parse(message) as { processId: string; state: string };
      return { number: Number(name.slice(prefix.length)), text: `${processId} ${state}` };
    }));
    return said.sort((a, b) => a.number - b.number).map(({ number, text }) => `${number}: ${text}`);
  }

  async function failure(promise: Promise<unknown>): Promise<EventLogError> {
    const error = await promise.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventLogError);
    return error as EventLogError;
  }

  /** Takes the lock and gives it back, again and again. */
  async function turns(processId: string, count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await (await lock(processId).hold('production'))();
  }

  describe('that is free', () => {
    it('is a ref that points at a tag, which says who has it', async () => {
      const release = await lock('7.1.aaaa').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
      // never a commit: its workflows might need a permission that no job can have
      expect(github.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({ type: 'blob', object: BLOB });

      await release();
      expect(await locks()).toEqual(['1: 7.1.aaaa released']);
    });

    it('gets a new number each time, and keeps a few old ones', async () => {
      await turns('7.1.aaaa', 12);
      expect(await locks()).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12].map((number) => `${number}: 7.1.aaaa released`));
    });

    it('is one for each environment, whatever their names', async () => {
      await lock('7.1.aaaa').hold('prod');
      await lock('8.1.bbbb').hold('production');
      await lock('9.1.cccc').hold('eu/prod 1');
      expect(github.refs().map(({ name }) => name)).toEqual(expect.arrayContaining([
        'refs/delivery/locks/prod/lock-1', 'refs/delivery/locks/production/lock-1', 'refs/delivery/locks/eu_2fprod_201/lock-1',
      ]));
    });

    it('fits a ledger: holding gives the function that gives it back', async () => {
      const giveBack = await lock('7.1.aaaa').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
      await giveBack();
      expect(await locks()).toEqual(['1: 7.1.aaaa released']);
    });
  });

  describe('when another run has it', () => {
    it('waits with growing pauses, for a bounded time, and says who has it since when, and what to do', async () => {
      await lock('7.1.aaaa').hold('production');
      const since = new Date(clock.now()).toISOString();
      const { message } = await failure(lock('8.1.bbbb', { serverUrl: 'https://github.example.com' }).hold('production'));
      expect(message).toBe(
        `another run works on production since ${since}: https://github.example.com/acme/shop/actions/runs/7/attempts/1. This job waited 5 min and changed nothing. `
        + 'Run it again when that run is over; if it hangs, cancel it, and its lock ends with it.',
      );
      expect(clock.waits.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
      expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(300_000);
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
    });

    it('has it as soon as it was given back', async () => {
      const release = await lock('7.1.aaaa').hold('production');
      meanwhile(3, release);
      await lock('8.1.bbbb').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa released', '2: 8.1.bbbb held']);
    });

    it('takes it over as soon as that run is over, or was started again', async () => {
      await lock('7.1.aaaa').hold('production');
      meanwhile(3, () => github.setRun(7, { status: 'completed', conclusion: 'cancelled' }));
      await lock('8.1.bbbb').hold('production');

      meanwhile(3, () => github.setRun(8, { attempt: 2, status: 'in_progress' }));
      await lock('9.1.cccc').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held', '2: 8.1.bbbb held', '3: 9.1.cccc held']);
    });

    it('stops waiting when the job receives a signal to stop', async () => {
      await lock('7.1.aaaa').hold('production');
      const stop = new AbortController();
      meanwhile(2, () => stop.abort());
      expect((await failure(lock('8.1.bbbb', { signal: stop.signal }).hold('production'))).message).toContain('Nothing was changed');
    });
  });

  describe('when a process was killed', () => {
    const machine = 'a machine';
    const first: JobProcess = { machine, pid: 100, began: '1', job: 501, runner: 'runner 1' };
    const second: JobProcess = { machine, pid: 200, began: '2', job: 501, runner: 'runner 1' };

    it('is taken at once by the next step of its job: the machine knows that the process is gone', async () => {
      await lock('7.1.aaaa', { process: first }).hold('production');
      gone.push(first);
      await lock('7.1.bbbb', { process: second }).hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held', '2: 7.1.bbbb held']);
      expect(clock.waits).toEqual([]);
    });

    it('is taken at once by another run on the same machine, although its own run continues', async () => {
      await lock('7.1.aaaa', { process: first }).hold('production');
      gone.push(first);
      await lock('8.1.bbbb', { process: { ...second, job: 601 } }).hold('production');
      expect(clock.waits).toEqual([]);
    });

    it('is taken by a later process with the same id on the same machine', async () => {
      await lock('7.1.aaaa', { process: first }).hold('production');
      await lock('8.1.bbbb', { process: { ...first, began: '9', job: 601 } }).hold('production');
      expect(clock.waits).toEqual([]);
    });

    it('is not taken from a process of the same machine that is at work, though GitHub gave its run up', async () => {
      await lock('7.1.aaaa', { process: first }).hold('production');
      github.setRun(7, { status: 'completed', conclusion: 'failure' });
      expect((await failure(lock('8.1.bbbb', { process: second }).hold('production'))).message).toBe(
        `process 100 on this machine works on production since ${moment(0)}, for https://github.com/acme/shop/actions/runs/7/attempts/1. This job waited 5 min and changed nothing. `
        + 'Run it again when that process is over; if it hangs, end it, and its lock ends with it.',
      );
    });

    it('is taken over by its run once its job is over, and not before', async () => {
      const [deploying, recovering] = jobs('deploy', 'recover');
      await lock('7.1.aaaa', { process: { ...first, job: deploying } }).hold('production');
      meanwhile(3, () => job('deploy', 'completed'));
      await lock('7.1.bbbb', { process: { ...second, machine: 'another machine', job: recovering } }).hold('production');
      expect(clock.waits).toEqual([1000, 2000, 4000]);
      expect(await locks()).toEqual(['1: 7.1.aaaa held', '2: 7.1.bbbb held']);
    });

    it.each([[501, 'job 501'], [undefined, 'its runner']])('is not taken from another job of the same run and attempt, known by %s', async (_, by) => {
      const [deploying, other] = jobs('deploy', 'other');
      const known = by === 'its runner' ? undefined : deploying;
      await lock('7.1.aaaa', { process: { ...first, job: known } }).hold('production');
      const { message } = await failure(lock('7.1.bbbb', { process: { ...second, machine: 'another machine', runner: 'runner 2', job: other } }).hold('production'));
      expect(message).toBe(
        `another job of this run works on production since ${moment(0)}: https://github.com/acme/shop/actions/runs/7/${known ? `job/${known}` : 'attempts/1'}. This job waited 5 min and changed nothing. `
        + "Let jobs that work on one environment come one after another: name the other job in this one's needs. If it hangs, cancel the run, and its lock ends with it.",
      );
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
      job('deploy', 'completed');
      await lock('7.1.cccc', { process: { ...second, machine: 'another machine', runner: 'runner 2', job: other } }).hold('production');
    });

    it('is not taken from a job that GitHub does not list yet', async () => {
      github.setRun(7, { status: 'in_progress' });
      await lock('7.1.aaaa', { process: first }).hold('production');
      await failure(lock('7.1.bbbb', { process: { ...second, machine: 'another machine' } }).hold('production'));
    });

    it('uses GitHub if the machine cannot distinguish processes', async () => {
      await lock('7.1.aaaa', { process: first }).hold('production');
      const unsure = { process: second, fateOf: () => 'unknown' as const };
      expect((await failure(lock('8.1.bbbb', unsure).hold('production'))).message).toContain('another run works on production');
      github.setRun(7, { status: 'completed', conclusion: 'failure' });
      await lock('8.1.bbbb', unsure).hold('production');
    });

    it('is known by a real machine: gone, running, and gone although another process has its id', async () => {
      const own = thisProcess({ DELIVERY_JOB: '501', RUNNER_NAME: 'runner 1' });
      expect(own).toMatchObject({ job: 501, runner: 'runner 1', pid: process.pid });
      expect(own.machine).toBe(thisProcess({ RUNNER_NAME: 'runner 2' }).machine);
      expect(fateOf(own)).toBe('running');
      expect(fateOf({ ...own, began: '1' })).toBe('gone');
      expect(fateOf({ ...own, began: undefined })).toBe('unknown');
      const child = spawn(process.execPath, ['-e', '']);
      await once(child, 'exit');
      expect(fateOf({ ...own, pid: child.pid! })).toBe('gone');
      expect(thisProcess({ DELIVERY_JOB: '', RUNNER_NAME: '' })).toMatchObject({ job: undefined, runner: undefined });
    });

    it('is not taken from a later attempt by a process of an earlier one', async () => {
      await lock('7.2.bbbb').hold('production');
      expect((await failure(lock('7.1.aaaa').hold('production'))).message).toContain('runs/7/attempts/2');
    });

    it('is taken over by another run once GitHub gave up the run of the process', async () => {
      const contenders = new Contenders();
      try {
        const killed = await contenders.start(github, 7, 'forever');
        killed.kill('SIGKILL');
        await once(killed, 'exit');
        await failure(lock('8.1.bbbb').hold('production'));

        github.setRun(7, { status: 'completed', conclusion: 'failure' });
        await lock('8.1.bbbb').hold('production');
        expect(await locks()).toEqual(['1: 7.1.ab12 held', '2: 8.1.bbbb held']);
      } finally {
        contenders.clear();
      }
    });

    it('survives the giving back of a process that woke up again', async () => {
      const paused = await lock('7.1.aaaa').hold('production');
      github.setRun(7, { status: 'completed', conclusion: 'failure' });
      await lock('8.1.bbbb').hold('production');

      await paused();
      expect(await locks()).toEqual(['1: 7.1.aaaa released', '2: 8.1.bbbb held']);
      await failure(lock('9.1.cccc').hold('production'));
    });
  });

  describe('when many want it', () => {
    it('has one holder at a time, and everybody comes to it', async () => {
      const runs = [1, 2, 3, 4, 5];
      let inside = 0;
      const order: number[] = [];
      await Promise.all(runs.map(async (run) => {
        const own = lock(`${run}.1.aaaa`, { clock: new InstantClock(), patienceMs: 1e9 });
        for (let turn = 0; turn < 2; turn++) {
          const release = await own.hold('production');
          inside += 1;
          await new Promise(setImmediate);
          expect(inside).toBe(1);
          order.push(run);
          inside -= 1;
          await release();
        }
      }));
      expect(order.sort()).toEqual(runs.flatMap((run) => [run, run]));
      expect((await locks()).at(-1)).toMatch(/^10: /);
    });

    it('has one holder at a time among processes, also if responses are lost, late or errors', async () => {
      const contenders = new Contenders();
      try {
        for (const kind of ['dropReply', 'reset', 'status'] as const) {
          const misbehaviour = kind === 'status' ? { kind, status: 502 } : { kind };
          github.fail({ method: 'POST', path: REFS, after: 4, times: 4, misbehaviour });
          github.fail({ method: 'PATCH', path: REFS, after: 2, times: 2, misbehaviour });
        }
        const processes = await Promise.all([1, 2, 3, 4].map((run) => contenders.start(github, run, '5')));
        const codes = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0] as number));
        expect(codes).toEqual([0, 0, 0, 0]);

        const visits = contenders.visits();
        expect(visits).toHaveLength(40);
        for (let at = 0; at < visits.length; at += 2) expect(visits[at].replace('in', 'out')).toBe(visits[at + 1]);
        expect(github.unusedFaults).toBe(0);
      } finally {
        contenders.clear();
      }
    });

    it('is not had by one who was paused since it looked, though its number is free again', async () => {
      await lock('6.1.aaaa').hold('production');
      let wake = (): void => undefined;
      const asleep = new Promise<void>((resolve) => { wake = resolve; });
      const paused = lock('7.1.aaaa', { clock: new InstantClock(), isAlive: async ({ id }) => id === 6 ? asleep.then(() => false) : true }).hold('production');
      github.setRun(6, { status: 'completed' });
      await turns('8.1.bbbb', 12);
      await lock('8.1.bbbb').hold('production');
      expect((await locks())[0]).not.toMatch(/^[12]:/);

      wake();
      expect((await failure(paused)).message).toContain('runs/8/attempts/1');
      expect((await locks()).at(-1)).toMatch(/8.1.bbbb held/);
      expect(await locks()).toContain('2: 7.1.aaaa released');
    });
  });

  describe('when GitHub misbehaves', () => {
    it.each(['git/tags', 'git/refs', 'git/matching-refs'])('survives errors, resets and rate limits of %s', async (path) => {
      const fails = { path: new RegExp(path), times: 1 };
      github.fail({ ...fails, misbehaviour: { kind: 'status', status: 500 } });
      github.fail({ ...fails, misbehaviour: { kind: 'reset' } });
      github.fail({ ...fails, misbehaviour: { kind: 'garbage' } });
      github.fail({ ...fails, misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '20' } } });
      await lock('7.1.aaaa').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
      expect(clock.waits).toContain(20_000);
      expect(github.unusedFaults).toBe(0);
    });

    it('recognizes its own lock if the response was lost', async () => {
      github.fail({ method: 'POST', path: REFS, misbehaviour: { kind: 'dropReply' } });
      const release = await lock('7.1.aaaa').hold('production');
      expect(await locks()).toEqual(['1: 7.1.aaaa held']);
      await release();
      expect(await locks()).toEqual(['1: 7.1.aaaa released']);
      await turns('8.1.bbbb', 1);
    });

    it('is not had twice where a request is done long after it was given up', async () => {
      giveUpWhenSilent(github);
      github.fail({ method: 'POST', path: REFS, misbehaviour: { kind: 'applyLate' } });
      const release = await lock('7.1.aaaa').hold('production');
      await release();
      await turns('8.1.bbbb', 1);
      github.applyHeldBack();
      expect(await locks()).toEqual(['1: 7.1.aaaa released', '2: 8.1.bbbb released']);
    });

    it('reads again where a list does not show what was just written', async () => {
      await turns('6.1.aaaa', 1);
      const [one, other] = [lock('7.1.aaaa'), lock('8.1.bbbb')];
      github.readLag = 3;
      const release = await one.hold('production');
      await failure(other.hold('production'));
      await release();
      await other.hold('production');
      expect((await locks()).at(-1)).toMatch(/8.1.bbbb held/);
    });

    it('says which permission is missing', async () => {
      const api = new GithubApi({ url: github.url, token: github.token({ contents: 'read' }), repository: 'acme/shop', clock });
      expect((await failure(lock('7.1.aaaa', { api }).hold('production'))).message).toContain('`permissions: contents: write`');
    });

    it('shows GitHub\'s response if GitHub never accepts the ref', async () => {
      github.fail({ method: 'POST', path: REFS, times: 1000, misbehaviour: { kind: 'status', status: 422, body: { message: 'Reference update failed' } } });
      const { message } = await failure(lock('7.1.aaaa').hold('production'));
      expect(message).toMatch(/HTTP 422: Reference update failed.*waited 5 min and changed nothing.*ruleset/);
    });

    it('does not fail the job when it cannot be given back, and says so', async () => {
      const release = await lock('7.1.aaaa').hold('production');
      github.fail({ method: 'PATCH', times: 1000, misbehaviour: { kind: 'status', status: 503 } });
      await release();
      expect(warnings).toEqual([expect.stringMatching(/^The lock of production could not be released; it ends with this run\..*HTTP 503/)]);
    });

    it('does not mind when old ones cannot be deleted', async () => {
      github.fail({ method: 'DELETE', times: 1000, misbehaviour: { kind: 'status', status: 422 } });
      await turns('7.1.aaaa', 11);
      expect(await locks()).toHaveLength(11);
      github.clearFaults();
      await turns('7.1.aaaa', 1);
      expect(await locks()).toHaveLength(9);
      expect(warnings).toEqual([]);
    });
  });

  describe('where someone else wrote the ref', () => {
    const advice = (number: number) => `it was not written by projen-delivery, so it is not known who holds the lock. Delete it: git push origin --delete refs/delivery/locks/production/lock-${number}`;

    it('that points at a commit: says so, and not which permission is missing', async () => {
      github.addRef('refs/delivery/locks/production/lock-3', 'c'.repeat(40));
      expect((await failure(lock('7.1.aaaa').hold('production'))).message).toBe(
        `refs/delivery/locks/production/lock-3 points at a commit and not at a tag, where the lock says who holds it: ${advice(3)}`,
      );
    });

    it('whose tag says something else', async () => {
      github.addRef('refs/delivery/locks/production/lock-4', await tag('{"state":"held","processId":"x; rm -rf /"}'));
      expect((await failure(lock('7.1.aaaa').hold('production'))).message).toBe(`refs/delivery/locks/production/lock-4 points at a tag that says something else: ${advice(4)}`);
    });

    it('whose tag GitHub does not find', async () => {
      github.addRef('refs/delivery/locks/production/lock-5', await tag('x'));
      github.fail({ path: /git\/tags/, misbehaviour: { kind: 'status', status: 404, body: { message: 'Not Found' } } });
      expect((await failure(lock('7.1.aaaa').hold('production'))).message).toBe(`refs/delivery/locks/production/lock-5 points at a tag that GitHub does not find: ${advice(5)}`);
    });

    it('that holds what a holder would say, and no process: its run decides', async () => {
      github.setRun(6, { status: 'in_progress' });
      github.addRef('refs/delivery/locks/production/lock-6', await tag(JSON.stringify({ state: 'held', processId: '6.1.aaaa', since: moment(0), process: { pid: 'x' } })));
      expect((await failure(lock('7.1.aaaa').hold('production'))).message).toContain('another run works on production');
    });
  });

  async function tag(message: string): Promise<string> {
    const headers = { 'authorization': `Bearer ${token()}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ tag: 'x', message, object: BLOB, type: 'blob' });
    return ((await (await fetch(`${github.url}/repos/acme/shop/git/tags`, { method: 'POST', headers, body })).json()) as { sha: string }).sha;
  }

  /** So long after the beginning. */
  function moment(ms: number): string {
    return new Date(new InstantClock().now() + ms).toISOString();
  }

  /** Jobs of run 7 that are at work, the first on runner 1 and so on; their ids. */
  function jobs(...names: string[]): number[] {
    github.setRun(7, { status: 'in_progress', jobs: names.map((name, index) => ({ name, status: 'in_progress', runner: `runner ${index + 1}` })) });
    return names.map((name) => github.run(7)!.jobs.find((one) => one.name === name)!.id);
  }

  function job(name: string, status: 'completed'): void {
    github.setRun(7, { jobs: [{ name, status, conclusion: 'failure' }] });
  }

  /** After so many pauses of the one who waits, something happens. */
  function meanwhile(pauses: number, happens: () => unknown): void {
    const pass = clock.sleep.bind(clock);
    let left = pauses;
    clock.sleep = async (ms) => {
      await pass(ms);
      left -= 1;
      if (left === 0) await happens();
    };
  }
});

/** Real processes that want the lock. */
class Contenders {
  private readonly folder = mkdtempSync(join(tmpdir(), 'delivery-lock-'));
  private readonly children: ChildProcess[] = [];
  private script?: Promise<string>;

  /** `forever`: resolves once the process has the lock. */
  public async start(github: GithubStandIn, run: number, turns: string): Promise<ChildProcess> {
    this.script ??= this.bundle();
    github.setRun(run, { status: 'in_progress' });
    const token = github.token({ contents: 'write', actions: 'read' });
    const child = spawn(process.execPath, [await this.script, github.url, token, String(run), turns, join(this.folder, 'visits')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.children.push(child);
    if (turns === 'forever') await once(child.stdout, 'data');
    return child;
  }

  public visits(): string[] {
    return readFileSync(join(this.folder, 'visits'), 'utf8').trim().split('\n');
  }

  public clear(): void {
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async bundle(): Promise<string> {
    const outfile = join(this.folder, 'contender.js');
    await build({
      entryPoints: [join(__dirname, 'contender.ts')], outfile, bundle: true, platform: 'node', target: 'node20', mainFields: ['module', 'main'], logLevel: 'silent',
    });
    return outfile;
  }
}

