/** Target.registry with a package of PyPI through the bundled runtime: the index over HTTP, and a stand-in for Python as a real process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PypiWorld, REMEDY } from './pypi-world';
import { PageFault, ToolFault } from '../../../tools/package-registry-stand-in/stand-in';
import { killAt } from '../../runtime/world';

let pypi: PypiWorld;
afterEach(() => pypi.destroy());

const smoke = 'shop > "$REGISTRY_STAND_IN/smoked"; echo "token=${SHOP_TOKEN:-}" >> "$REGISTRY_STAND_IN/smoked"; [ -n "$VIRTUAL_ENV" ]';
const OTHER = 'b'.repeat(64);

async function stable(settings: Parameters<typeof PypiWorld.create>[0] = {}): Promise<void> {
  pypi = await PypiWorld.create(settings);
  expect((await pypi.ship('1.0.0')).code).toBe(0);
  pypi.aws.forget();
}

const lastState = async () => (await pypi.status()).last?.state;

describe('a version that was published', () => {
  it('is installed into an empty environment and tested there, without secrets and without a trace', async () => {
    pypi = await PypiWorld.create({ smoke });
    expect((await pypi.ship('1.0.0')).code).toBe(0);
    expect(pypi.aws.calls).toEqual(['version', 'venv', 'install']);
    expect(readFileSync(join(pypi.world.root, 'machine/smoked'), 'utf8')).toBe('shop 1.0.0\ntoken=\n');
    expect(pypi.aws.toolEnv).not.toContain('a-secret-of-the-shop');
    expect(readdirSync(pypi.temporary)).toEqual([]);
    await pypi.stands('v1.0.0');
  });

  it('is waited for until the index shows it, and until pip finds it', async () => {
    await stable();
    const { code, output } = await pypi.ship('1.1.0', 'good', { looks: 5 });
    expect(code).toBe(0);
    expect(output).toContain('the registry does not serve acme-shop 1.1.0 yet; read the registry again in 1 s');
    await pypi.stands('v1.1.0');
  });

  it('that pip does not find yet is waited for, too', async () => {
    await stable();
    const { code, output } = await pypi.ship('1.1.0', 'good', { installs: null }, (line) => {
      if (line.includes('No matching distribution found')) pypi.aws.installable('1.1.0');
    });
    expect(output).toContain('pip install: ERROR: No matching distribution found for acme-shop==1.1.0; read the registry again in 1 s');
    expect(code).toBe(0);
  });

  it('is that of its files, if the release is named by a commit of seven digits', async () => {
    pypi = await PypiWorld.create({ directory: 'machine/dist' });
    pypi.build('1.0.0');
    pypi.aws.publish('1.0.0');
    pypi.forgetIdentity();
    const name = pypi.world.commitLike(/^\d{7}/).slice(0, 7);
    expect((await pypi.deliver('deploy', 'production', '--release', name)).code).toBe(0);
    const { changedByHand, stable: found } = await pypi.status();
    expect([found?.version, changedByHand]).toEqual([name, undefined]);
  });

  it('is read from an index in HTML', async () => {
    pypi = await PypiWorld.create();
    pypi.aws.isHtml = true;
    expect((await pypi.ship('1.0.0')).code).toBe(0);
    pypi.aws.yank('1.0.0', '');
    expect((await pypi.status()).changedByHand).toContain('acme-shop on 127.0.0.1');
  });
});

describe('a release ends halted, with what a person does, and the next one rolls forward', () => {
  async function isHalted({ code, output }: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
    expect(output).toContain(why);
    expect(output).toContain(`The target cannot take a release back. ${REMEDY}.`);
    // its publication is no change by hand
    expect(output).not.toContain('changed by hand');
    expect([code, await lastState()]).toEqual([3, 'halted']);
  }

  it('if its smoke command fails', async () => {
    await stable({ smoke: '[ "$DELIVERY_VERSION" != v1.1.0 ]' });
    await isHalted(await pypi.ship('1.1.0'), 'the smoke command failed with acme-shop 1.1.0: exit code 1');
  });

  it('if its health check fails', async () => {
    await stable();
    await isHalted(await pypi.ship('1.1.0', 'bad'), 'Check');
    expect((await pypi.ship('1.2.0')).code).toBe(0);
    await pypi.stands('v1.2.0');
  });

  it('if it cannot be installed', async () => {
    await stable();
    pypi.aws.failTool('install', 'fails');
    await isHalted(await pypi.ship('1.1.0'), 'pip install: ERROR: Failed building wheel for shop');
  });

  it('if it was withdrawn', async () => {
    await stable();
    pypi.aws.publish('1.1.0');
    pypi.aws.yank('1.1.0', 'it\ndeletes files');
    pypi.world.release('v1.1.0');
    await isHalted(await pypi.deliver('deploy', 'production', '--release', 'v1.1.0'), 'acme-shop 1.1.0 was withdrawn from the registry: it deletes files');
  });

  it('if pip gets a file that the index does not name', async () => {
    await stable();
    await isHalted(await pypi.ship('1.1.0', 'good', { installs: OTHER }), 'the installation of acme-shop 1.1.0 got a file that the registry does not name: its sha256 is bbbbbbbbbbbb...');
  });

  it('if the index has other files than those that were built', async () => {
    pypi = await PypiWorld.create({ directory: 'machine/dist' });
    pypi.build('1.0.0');
    expect((await pypi.ship('1.0.0')).code).toBe(0);
    pypi.build('1.1.0', Buffer.from('other bytes'));
    const ended = await pypi.ship('1.1.0');
    expect(ended.output).toContain('acme-shop 1.1.0 is in the registry with another acme_shop-1.1.0-py3-none-any.whl');
    expect([ended.code, await lastState()]).toEqual([3, 'halted']);
  });

  it('if it is not served until the time limit', async () => {
    await stable({ commandTimeoutMs: 8_000 });
    pypi.world.release('v1.1.0');
    await isHalted(await pypi.deliver('deploy', 'production', '--release', 'v1.1.0'), 'the registry does not serve acme-shop 1.1.0 yet; it was waited for until the time limit of the command');
  });

  it.each(['version', 'install'] as const)('or failed, if its process is killed at the call %s', async (call) => {
    await stable();
    pypi.aws.failTool(call, 'kills');
    await pypi.ship('1.1.0');
    const recovered = await pypi.deliver('rollback', 'production', '--recover');
    // before the record nothing began
    expect([recovered.code, await lastState()]).toEqual(call === 'version' ? [0, 'stable'] : [3, 'halted']);
    expect(pypi.aws.calls.filter((one) => one === 'install').length).toBe(call === 'install' ? 1 : 0);
    expect((await pypi.ship('1.2.0')).code).toBe(0);
    await pypi.stands('v1.2.0');
  });

  it('if its process is killed while it is verified; the same release again becomes Stable', async () => {
    await stable();
    pypi.world.release('v1.1.0');
    pypi.aws.publish('1.1.0');
    const run = { id: pypi.world.newRun(), tag: 'v1.1.0', env: { ...pypi.aws.env, SHOP_TOKEN: 'x' } };
    await pypi.world.step({ ...run, onLine: killAt('Verify') }, 'deploy', 'production');
    expect((await pypi.world.step(run, 'rollback', 'production', '--recover')).code).toBe(3);
    expect((await pypi.deliver('deploy', 'production', '--release', 'v1.1.0')).code).toBe(0);
    await pypi.stands('v1.1.0');
  });
});

describe('a registry that fails for a while ends as without', () => {
  it.each<[PageFault, PageFault, ToolFault]>([[429, 'resets', 'throttled'], [500, 503, 'unavailable']])('%s, %s, and pip %s', async (first, second, how) => {
    await stable();
    pypi.aws.failPages(first, second);
    pypi.aws.failTool('install', how);
    expect((await pypi.ship('1.1.0')).code).toBe(0);
    await pypi.stands('v1.1.0');
  });

  it('pip that hangs is stopped at the time limit', async () => {
    await stable({ commandTimeoutMs: 20_000 });
    pypi.aws.failTool('install', 'hangs');
    const { code, output } = await pypi.ship('1.1.0');
    expect(output).toContain('pip install did not end in time');
    expect([code, await lastState()]).toEqual([3, 'halted']);
  });
});

it.each<[ToolFault, RegExp]>([['full', /No space left on device/], ['denied', /403 Client Error/]])('what is not the release\'s fault (%s) halts and blocks nothing, and the same release is verified later', async (how, cause) => {
  await stable();
  pypi.aws.failTool('install', how);
  expect((await pypi.ship('1.1.0')).code).toBe(3);
  expect(await pypi.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringMatching(cause), blocked: [] });
  expect((await pypi.deliver('deploy', 'production', '--release', 'v1.1.0')).code).toBe(0);
  await pypi.stands('v1.1.0');
});

it('is not the release\'s fault: an index that is not reached until the time limit', async () => {
  await stable({ commandTimeoutMs: 8_000 });
  pypi.world.release('v1.1.0');
  const ended = await pypi.deploy('v1.1.0', (line) => {
    if (/ does not serve .* yet/.test(line)) pypi.aws.failPages(...Array.from({ length: 30 }, () => 503));
  });
  pypi.aws.respondsAgain();
  expect(ended.code).toBe(3);
  expect(await pypi.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringMatching(/503/), blocked: [] });
});

describe('nothing begins', () => {
  async function isRefused(ended: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
    expect(ended.output).toContain(why);
    expect(ended.output).toContain('Nothing was changed.');
    expect([ended.code, await lastState()]).toEqual([2, 'stable']);
  }

  it('with Python or pip that is too old, or without venv', async () => {
    await stable();
    pypi.aws.python = '3.8.2 23.0.1';
    await isRefused(await pypi.ship('1.1.0'), 'Target.registry: Python 3.8.2 is too old. Install Python 3.9 or later');
    // as on Ubuntu 22.04: this pip has no option --report
    pypi.aws.python = '3.10.12 22.0.2';
    await isRefused(
      await pypi.deliver('deploy', 'production', '--release', 'v1.1.0'),
      'Target.registry: pip 22.0.2, which comes with Python 3.10.12, is too old. Install Python 3.9 or later with venv and pip 22.2 or later',
    );
    pypi.aws.python = '3.12.1 23.2.1';
    pypi.aws.failTool('version', 'missing');
    await isRefused(await pypi.deliver('deploy', 'production', '--release', 'v1.1.0'), 'No module named ensurepip. Install Python 3.9 or later with venv');
  });

  it.each<[PageFault, string]>([[401, 'must be readable without a sign-in'], [403, 'must be readable without a sign-in'], [302, 'more than 5 redirects']])('with an index that responds with %s', async (fault, why) => {
    await stable();
    pypi.aws.failPages(...Array.from({ length: 30 }, () => fault));
    await isRefused(await pypi.ship('1.1.0'), why);
  });

  // PEP 440 reads the second and the third as versions, 12a4567 as the alpha 4567 of 12
  it.each([['letters', /^[a-f]/], ['digits', /^\d{7}/], ['a prerelease', /^\d\da\d{4}/]])('with a release that is named by its commit, which looks like %s', async (_, begins) => {
    await stable();
    const sha = pypi.world.commitLike(begins);
    await isRefused(await pypi.deliver('deploy', 'production', '--release', sha.slice(0, 7)), 'which is no version of acme-shop. Name releases by their version');
  });

  it('with files of another version', async () => {
    pypi = await PypiWorld.create({ directory: 'machine/dist' });
    pypi.build('1.0.0');
    await pypi.ship('1.0.0');
    await isRefused(await pypi.ship('1.1.0'), 'machine/dist has no file of acme-shop 1.1.0, but acme_shop-1.0.0-py3-none-any.whl. Correct directory');
  });
});

describe('the highest version in the registry', () => {
  it('that no delivery verified is reported, and nothing offers to go back', async () => {
    await stable();
    pypi.aws.publish('1.5.0');
    const { changedByHand, live } = await pypi.status();
    expect(live).toContain('1.5.0, which no delivery published');
    expect(changedByHand).toContain('To keep what is live');
    expect(changedByHand).not.toContain('rollback production');
    for (const args of [['rollback', 'production', '--release', 'v1.0.0'], ['drill', 'production']]) {
      expect((await pypi.deliver(...args)).output).toContain(`the target cannot take a release back, so there is no rollback. ${REMEDY}.`);
    }
  });

  it('that was yanked counts no more: the watch reports it', async () => {
    await stable();
    expect((await pypi.ship('1.1.0')).code).toBe(0);
    pypi.watch();
    pypi.aws.yank('1.1.0', 'broken');
    expect((await pypi.deliver('watch')).output).toContain('acme-shop on 127.0.0.1');
    expect(pypi.notifications.join()).toContain('release');
  });

  it('is unknown if the registry does not respond', async () => {
    await stable();
    pypi.aws.failPages(...Array.from({ length: 9 }, () => 403));
    expect((await pypi.status()).live).toContain('unknown: GET http://127.0.0.1');
    expect(existsSync(join(pypi.world.root, 'machine/ledger.json'))).toBe(true);
  });
});
