import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '../../../src/runtime/ci/github/locks/job-process';
import { openLedger, OpenLedgerOptions } from '../../../src/runtime/ci/open-ledger';
import { ConfigurationError } from '../../../src/runtime/errors';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../ledger/instant-clock';
import { newRecord, write } from '../ledger/records';

describe('Which ledger a command writes to', () => {
  const clock = new InstantClock();
  const environments = [{ name: 'staging', url: 'https://staging.example.com' }];
  const fail = (text: string) => { throw new Error(text); };
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'open-ledger-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (env: NodeJS.ProcessEnv, cwd = folder, rest: Partial<OpenLedgerOptions> = {}) => openLedger({
    env: { PATH: process.env.PATH, ...env }, cwd, clock, environments, warn: fail, ...rest,
  });

  it('is a file under .git on a laptop, wherever in the repository one is', async () => {
    execFileSync('git', ['init', '--quiet', folder]);
    mkdirSync(join(folder, 'packages', 'shop'), { recursive: true });
    const ledger = open({}, join(folder, 'packages', 'shop'));
    expect(ledger.place).toBe(join(folder, '.git', 'delivery', 'ledger.json'));
    await ledger.create(newRecord());
    expect(existsSync(ledger.place)).toBe(true);
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: folder, encoding: 'utf8' })).toBe('');
  });

  it('is the file that DELIVERY_LEDGER names, seen from where the command runs', () => {
    expect(open({ DELIVERY_LEDGER: 'my/ledger.json' }).place).toBe(join(folder, 'my', 'ledger.json'));
  });

  it('is never a file that a variable of a GitHub run names', () => {
    const diverted = () => open({ DELIVERY_LEDGER: '/tmp/ledger.json', GITHUB_ACTIONS: 'true', GITHUB_TOKEN: 'secret-1', GITHUB_REPOSITORY: 'acme/shop' });
    expect(diverted).toThrow(ConfigurationError);
    expect(diverted).toThrow(/^DELIVERY_LEDGER is set in this GitHub run, to '\/tmp\/ledger\.json'\. .* instead of GitHub.* Remove DELIVERY_LEDGER from `env` .*\.env/);
  });

  it('is GitHub\'s in a GitHub run', async () => {
    const github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
    const ledger = open({
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'https://git.example.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_TOKEN: github.token({ deployments: 'write' }),
    });
    expect(ledger.place).toBe('https://git.example.com/acme/shop/deployments');
    await write(ledger, {}, 'deploying');
    expect(github.deployments('staging')[0].statuses[0]).toMatchObject({
      environmentUrl: 'https://staging.example.com', logUrl: 'https://git.example.com/acme/shop/actions/runs/1/attempts/1#maker',
    });
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  it('holds an environment for its own project, with a lock in the repository\'s refs too', async () => {
    const github = await GithubStandIn.start({ repository: 'acme/shop' });
    const env = { GITHUB_ACTIONS: 'true', GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: github.token({ contents: 'write', actions: 'read' }) };
    const hold = (run: number, project?: string) => {
      github.setRun(run, { attempt: 1, status: 'in_progress' });
      return open(env, folder, { project, lock: { processId: `${run}.1.aaaa`, process: thisProcess({}), blob: 'b'.repeat(40) } }).hold!('production');
    };
    // none of them waits for another one
    const held = await Promise.allSettled([hold(7), hold(8, 'api'), hold(9, 'web')]);
    await github.stop();
    expect(held.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(github.refs().map(({ name }) => name).filter((name) => name.includes('locks')).sort()).toEqual([
      'refs/delivery/locks/api_3aproduction/lock-1', 'refs/delivery/locks/production/lock-1', 'refs/delivery/locks/web_3aproduction/lock-1',
    ]);
    expect(github.violations).toEqual([]);
  });

  it.each([
    ['there is no repository', {}, /is in no git repository, .* DELIVERY_LEDGER=<path>/],
    ['the step has no token', { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop' }, /no GITHUB_TOKEN.*`env: { GITHUB_TOKEN: \$\{\{ github\.token \}\} }`/],
    ['the repository is not named', { GITHUB_ACTIONS: 'true', GITHUB_TOKEN: 'secret-1' }, /^GITHUB_REPOSITORY is not set/],
    ['the repository is misnamed', { GITHUB_ACTIONS: 'true', GITHUB_TOKEN: 'secret-1', GITHUB_REPOSITORY: 'shop' }, /^GITHUB_REPOSITORY is 'shop'.*owner\/name/],
    ['the API is misnamed', { GITHUB_ACTIONS: 'true', GITHUB_TOKEN: 'secret-1', GITHUB_REPOSITORY: 'acme/shop', GITHUB_API_URL: 'api' }, /^GITHUB_API_URL is 'api', which is no URL/],
  ])('is refused, with what to do, when %s', (_, env, message) => {
    expect(() => open(env)).toThrow(message);
    expect(() => open(env)).toThrow(EventLogError);
    expect(() => open(env)).not.toThrow(/secret-1/);
  });
});
