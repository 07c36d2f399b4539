import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GithubApi } from '../../../../../src/runtime/ci/github/api';
import { dispatchAndFollow, DispatchAndFollowOptions, RollbackInputs } from '../../../../../src/runtime/ci/github/dispatch/dispatch-and-follow';
import { GithubEventLog } from '../../../../../src/runtime/ci/github/event-log';
import { ConfigurationError } from '../../../../../src/runtime/errors';
import { EventLogError } from '../../../../../src/runtime/event-log/event-log';
import { Ledger } from '../../../../../src/runtime/ledger/ledger';
import { Dispatch, GithubStandIn, Permissions, RunChange } from '../../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../../ledger/instant-clock';
import { write } from '../../../ledger/records';

const RUN = 900;
const RUN_URL = `https://github.com/acme/shop/actions/runs/${RUN}`;
const DISPATCHES = /dispatches$/;
const PERSON: Permissions = { actions: 'write', deployments: 'read' };

describe('Asking for a rollback from a laptop', () => {
  let github: GithubStandIn;
  let clock: InstantClock;
  let root: string;
  let printed: string[];
  let dispatches: Dispatch[];
  let token: string;

  beforeEach(async () => {
    clock = new InstantClock();
    printed = [];
    dispatches = [];
    root = mkdtempSync(join(tmpdir(), 'delivery-dispatch-'));
    git('init', '-q');
    git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now(), defaultBranch: 'trunk' });
    github.addWorkflow('rollback.yml', 'rollback');
    github.onDispatch = (dispatch) => {
      dispatches.push(dispatch);
      const id = RUN + dispatches.length - 1;
      github.setRun(id, { path: 'rollback.yml', event: 'workflow_dispatch', displayTitle: `rollback production (${String(dispatch.inputs.request)})`, actor: dispatch.actor });
      return id;
    };
    token = github.token(PERSON, 'ada');
  });
  afterEach(async () => {
    await github.stop();
    rmSync(root, { recursive: true, force: true });
    expect(printed.join('\n')).not.toContain(token);
    expect(github.violations).toEqual([]);
  });

  function git(...args: string[]): void {
    execFileSync('git', args, { cwd: root });
  }

  function requestRollback(inputs: Partial<RollbackInputs> = {}, options: Partial<DispatchAndFollowOptions> = {}): Promise<number> {
    return dispatchAndFollow({
      inputs: { environment: 'production', action: 'rollback', ...inputs },
      env: { PATH: process.env.PATH, GITHUB_API_URL: github.url, GITHUB_TOKEN: token },
      root,
      workflow: 'rollback.yml',
      clock,
      print: (line) => printed.push(line),
      interrupted: new AbortController().signal,
      ...options,
    });
  }

  /** One chapter each time the one who follows pauses; afterwards the run is over. */
  function story(...chapters: (RunChange | (() => unknown))[]): void {
    const pass = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await pass(ms);
      if (dispatches.length === 0) return;
      const chapter = chapters.shift();
      if (typeof chapter === 'function') await chapter();
      else github.setRun(RUN, chapter ?? { status: 'completed', conclusion: 'success' });
    };
  }

  async function rejection(work: Promise<unknown>, type: typeof ConfigurationError | typeof EventLogError = ConfigurationError): Promise<string> {
    const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).not.toContain(token);
    return (error as Error).message;
  }

  describe('the request', () => {
    it('is one run of rollback.yml on the default branch, with what was given and a mark of its own', async () => {
      story();
      await requestRollback({ release: 'v1.2.3', slot: 'green', reason: 'checkout is broken', evenIfIrreversible: true, fromDeployment: '7' });
      expect(dispatches).toEqual([{
        workflow: 'rollback.yml',
        ref: 'trunk',
        actor: 'ada',
        inputs: {
          environment: 'production',
          action: 'rollback',
          release: 'v1.2.3',
          slot: 'green',
          reason: 'checkout is broken',
          even_if_irreversible: 'true',
          from_deployment: '7',
          request: expect.stringMatching(/^[0-9a-f]{12}$/),
        },
      }]);
    });

    it('names the given workflow', async () => {
      github.addWorkflow('go-back.yml', 'go-back');
      story();
      await requestRollback({}, { project: 'acme-api', workflow: 'go-back.yml' });
      expect(dispatches[0].workflow).toBe('go-back.yml');
      expect(dispatches[0].inputs).toMatchObject({ environment: 'production' });
    });

    it('leaves out what was not given: the workflow may not have the input', async () => {
      story();
      await requestRollback({ action: 'unblock', release: '', reason: '' });
      expect(dispatches[0].inputs).toEqual({ environment: 'production', action: 'unblock', reason: 'requested from a laptop', request: expect.any(String) });
    });
  });

  describe('notifications', () => {
    it('is the run, and each change of each job once, until it is over', async () => {
      const hold = { name: 'hold production', startedAt: '2026-11-24T12:00:01Z', completedAt: '2026-11-24T12:00:13Z' };
      const back = { name: 'rollback production', startedAt: '2026-11-24T12:00:13Z', completedAt: '2026-11-24T12:01:18Z' };
      story(
        { status: 'in_progress', jobs: [{ name: hold.name, status: 'queued' }, { name: 'hold staging', status: 'completed', conclusion: 'skipped' }] },
        { jobs: [{ name: hold.name, status: 'in_progress' }] },
        {},
        { status: 'waiting', jobs: [{ ...hold, status: 'completed', conclusion: 'success' }, { name: back.name, status: 'waiting' }] },
        {},
        { status: 'in_progress', jobs: [{ name: back.name, status: 'pending' }] },
        { jobs: [{ name: back.name, status: 'in_progress' }] },
        { jobs: [{ ...back, status: 'completed', conclusion: 'success' }, { name: 'recover production', status: 'completed', conclusion: 'skipped' }] },
      );
      expect(await requestRollback()).toBe(0);
      expect(printed).toEqual([
        `rollback of production: ${RUN_URL}`,
        'hold production: at work',
        'hold production: done (12 s)',
        `rollback production: waits for approval: ${RUN_URL}`,
        'rollback production: waits for its turn',
        'rollback production: at work',
        'rollback production: done (1 min 5 s)',
        expect.stringMatching(/^done after \d+ s$/),
      ]);
    });

    it('is a failure, with the place that says more', async () => {
      story({ status: 'completed', conclusion: 'failure', jobs: [{ name: 'hold production', status: 'completed', conclusion: 'failure' }] });
      expect(await requestRollback()).toBe(1);
      expect(printed.slice(1)).toEqual(['hold production: failed (0 s)', `The run ended with failure after 2 s. Its summary says what to do: ${RUN_URL}`]);
    });

    it('is a cancel', async () => {
      story({ status: 'completed', conclusion: 'cancelled' });
      expect(await requestRollback()).toBe(1);
      expect(printed.at(-1)).toContain('The run ended with cancelled');
    });

    it('cannot be forged by the name of a job', async () => {
      story({ status: 'in_progress', jobs: [{ name: '::error::\u001b[2Jforged\nline', status: 'in_progress' }] });
      await requestRollback();
      expect(printed[1]).toBe(': :error:: forged line: at work');
    });
  });

  describe('an environment that ends halted', () => {
    const halted = async (run: number, entryOf = run, project?: string) => {
      const api = new GithubApi({ url: github.url, token: github.token({ deployments: 'write' }), repository: 'acme/shop', clock });
      const ledger = new Ledger({ eventLog: new GithubEventLog({ api, project }), isAlive: async () => true });
      const record = await write(ledger, { environment: 'production', kind: 'rollback', run: { id: run, attempt: 1 }, processId: `${run}.1.aaaa` }, 'deploying', 'verifying');
      const takes = entryOf === run ? {} : { takenFrom: `${run}.1.aaaa` };
      await ledger.advance(record, { state: 'halted', note: 'nothing responds', processId: `${entryOf}.1.${entryOf === run ? 'aaaa' : 'bbbb'}`, ...takes });
    };
    const failed = { status: 'completed', conclusion: 'failure' } as const;

    it('is recognized by the ledger: exit code 3', async () => {
      story(() => halted(RUN), failed);
      expect(await requestRollback()).toBe(3);
      expect(printed.at(-1)).toMatch(/^The run ended with failure after \d+ s, and production is halted\. Its summary says what to do: https/);
    });

    it('is recognized also if the run recovered another deployment', async () => {
      story(() => halted(800, RUN), failed);
      expect(await requestRollback()).toBe(3);
    });

    it('is not this run\'s where another one halted it', async () => {
      story(() => halted(800), failed);
      expect(await requestRollback()).toBe(1);
    });

    it.each([['api', 3], ['web', 1]])('is looked for among the records of its own project: %s', async (project, code) => {
      github.addWorkflow(`rollback_${project}.yml`, `rollback_${project}`);
      story(() => halted(RUN, RUN, 'api'), failed);
      expect(await requestRollback({}, { project })).toBe(code);
    });

    it('is unknown if the ledger cannot be read, which is reported', async () => {
      token = github.token({ actions: 'write' }, 'ada');
      story(failed);
      expect(await requestRollback()).toBe(1);
      expect(printed).toContainEqual(expect.stringMatching(/^Whether production is halted could not be read\..*`deployments: read`/));
    });
  });

  describe('a server that does not return the run', () => {
    it('is searched for the run with the request id', async () => {
      github.knowsRunDetails = false;
      github.setRun(700, { path: 'rollback.yml', event: 'workflow_dispatch', displayTitle: 'rollback production (0123456789ab)' });
      github.readLag = 4;
      story({}, {}, {}, {});
      expect(await requestRollback()).toBe(0);
      expect(printed[0]).toContain(RUN_URL);
    });

    it('may reject the search', async () => {
      github.knowsRunDetails = false;
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 422, body: { message: 'Invalid request. "return_run_details" is not a permitted key.' } } });
      story();
      expect(await requestRollback()).toBe(0);
      expect(github.requests.filter(({ path }) => DISPATCHES.test(path)).map(({ body }) => Object.keys(body as object)))
        .toEqual([['ref', 'inputs', 'return_run_details'], ['ref', 'inputs']]);
    });

    it('is given up when it never shows it, with what to look for', async () => {
      github.knowsRunDetails = false;
      github.onDispatch = (dispatch) => {
        dispatches.push(dispatch);
        github.setRun(RUN, { path: 'rollback.yml', event: 'workflow_dispatch', displayTitle: 'rollback' });
        return RUN;
      };
      expect(await rejection(requestRollback(), EventLogError)).toBe(
        `GitHub accepted the request and shows no run for it. Search for "${String(dispatches[0].inputs.request)}" at https://github.com/acme/shop/actions/workflows/rollback.yml. `
        + 'If the run is there without it, run npx projen and commit rollback.yml.',
      );
      expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    });
  });

  describe('when GitHub misbehaves', () => {
    it('starts one run, although the response was lost', async () => {
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'dropReply' } });
      github.readLag = 2;
      story({}, {}, {}, {});
      expect(await requestRollback()).toBe(0);
      expect(dispatches).toHaveLength(1);
      expect(printed[0]).toContain(RUN_URL);
    });

    it('retries if the request was lost or temporarily rejected', async () => {
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'reset' } });
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 403, headers: { 'retry-after': '7' } } });
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 502 } });
      story();
      expect(await requestRollback()).toBe(0);
      expect(dispatches).toHaveLength(1);
    });

    it('goes on following after errors', async () => {
      github.fail({ path: /actions\/runs/, times: 3, after: 1, misbehaviour: { kind: 'status', status: 500 } });
      story({}, {}, {}, { status: 'in_progress' });
      expect(await requestRollback()).toBe(0);
    });

    it('follows a run that is not found at once', async () => {
      github.readLag = 2;
      story({}, {}, { status: 'in_progress', jobs: [{ name: 'hold production', status: 'in_progress' }] });
      expect(await requestRollback()).toBe(0);
      expect(printed).toContain('hold production: at work');
    });

    it('says that the run continues when GitHub does not respond any more', async () => {
      github.fail({ path: /actions\/runs/, times: 1000, misbehaviour: { kind: 'reset' } });
      expect(await rejection(requestRollback(), EventLogError)).toMatch(new RegExp(`Tried \\d+ times.*The run goes on: ${RUN_URL}$`));
    });

    it('shows no token, whatever the server says', async () => {
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 422, body: { message: `${token}: no` } } });
      expect(await rejection(requestRollback())).toContain('***: no');
    });
  });

  describe('Ctrl-C', () => {
    it('stops the following, and says that the run goes on', async () => {
      const stop = new AbortController();
      story({ status: 'in_progress' }, () => stop.abort());
      expect(await requestRollback({}, { interrupted: stop.signal })).toBe(1);
      expect(printed.at(-1)).toBe(`Not followed any more. The run goes on: ${RUN_URL} (cancel it there)`);
      expect(github.run(RUN)?.status).toBe('in_progress');
    });

    it('before the run is known says where to look for it', async () => {
      expect(await requestRollback({}, { interrupted: AbortSignal.abort() })).toBe(1);
      expect(printed).toEqual(['Stopped while GitHub was starting the run. Check whether it began: https://github.com/acme/shop/actions/workflows/rollback.yml']);
    });
  });

  describe('an error', () => {
    it('says that rollback.yml must be on the default branch', async () => {
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 404 } });
      expect(await rejection(requestRollback())).toBe(
        'rollback.yml is not on trunk, the default branch, yet: run npx projen, commit .github/workflows/rollback.yml, and push it to trunk.',
      );
    });

    it('says what the token lacks', async () => {
      token = github.token({ actions: 'read' }, 'ada');
      expect(await rejection(requestRollback())).toContain('The token needs `actions: write` (a classic token: the scope `repo`).');
      token = 'gho_expired0123';
      expect(await rejection(requestRollback())).toContain('log in with `gh auth login`, or set GITHUB_TOKEN');
    });

    it('says that the repository is another, or not to be seen', async () => {
      const env = { PATH: process.env.PATH, GITHUB_API_URL: github.url, GITHUB_TOKEN: token, GITHUB_REPOSITORY: 'acme/shop2' };
      expect(await rejection(requestRollback({}, { env }))).toContain('Either there is no acme/shop2, or this token cannot see it');
    });

    it('says that the workflow on the default branch may be an older one', async () => {
      github.fail({ path: DISPATCHES, misbehaviour: { kind: 'status', status: 422, body: { message: 'Unexpected inputs provided: ["slot"]' } } });
      expect(await rejection(requestRollback({ slot: 'blue' }))).toMatch(/Unexpected inputs provided: \["slot"\].*The one on trunk, the default branch, may be older.*push it to trunk/);
    });

    it('says that there is no remote', async () => {
      git('remote', 'remove', 'origin');
      expect(await rejection(requestRollback())).toContain('git remote add origin <url>');
    });
  });

  describe('the token', () => {
    /** A PATH with git and, where it is given, a command line of GitHub's that is logged in. */
    const path = (login?: { readonly host: string; readonly token: string }) => {
      const folder = join(root, 'bin');
      mkdirSync(folder);
      symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(folder, 'git'));
      if (login) writeFileSync(join(folder, 'gh'), `#!/bin/sh\n[ "$*" = "auth token --hostname ${login.host}" ] || exit 1\necho ${login.token}\n`, { mode: 0o755 });
      return folder;
    };

    it.each(['GITHUB_TOKEN', 'GH_TOKEN'])('is %s, where it is set', async (name) => {
      story();
      expect(await requestRollback({}, { env: { PATH: path({ host: 'github.com', token: 'gho_other' }), GITHUB_API_URL: github.url, [name]: token } })).toBe(0);
    });

    it('is what gh is logged in with', async () => {
      story();
      expect(await requestRollback({}, { env: { PATH: path({ host: 'github.com', token }), GITHUB_API_URL: github.url, GITHUB_TOKEN: '' } })).toBe(0);
    });

    it('is requested if there is none', async () => {
      expect(await rejection(requestRollback({}, { env: { PATH: path(), GITHUB_API_URL: github.url } }))).toBe(
        'there is no token for github.com. Log in with `gh auth login`, or set GITHUB_TOKEN; it needs `actions: write` (a classic token: the scope `repo`).',
      );
    });

    it("is not GitHub's own for another server: that one would learn it", async () => {
      git('remote', 'set-url', 'origin', 'git@git.example.com:acme/shop.git');
      expect(await rejection(requestRollback({}, { env: { PATH: path(), GITHUB_TOKEN: token } }))).toBe(
        'there is no token for git.example.com. Log in with `gh auth login --hostname git.example.com`, or set GH_ENTERPRISE_TOKEN; it needs `actions: write` (a classic token: the scope `repo`).',
      );
    });
  });
});
