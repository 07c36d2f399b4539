/** Target.npm with a registry that throttles, fails, hangs, refuses or reads back old data, before and after a change took effect. */
import { NpmWorld } from './npm-world';
import { NpmFault } from '../../../tools/npm-stand-in/stand-in';

let npm: NpmWorld;
afterEach(() => npm.world.destroy());

async function stable(): Promise<void> {
  npm = await NpmWorld.create({}, 'blueGreen');
  expect((await npm.ship('v1.0.0')).code).toBe(0);
}

describe('a registry that fails', () => {
  it.each<[NpmFault['how'], string]>([
    ['throttled', 'publish'], ['throttled', 'dist-tag-add'], ['throttled', 'view'], ['throttled', 'install'],
    ['unavailable', 'publish'], ['unavailable', 'dist-tag-add'], ['unavailable', 'dist-tag-ls'],
    ['appliedUnavailable', 'publish'], ['appliedUnavailable', 'dist-tag-add'],
  ])('%s at %s: the release ends as without', async (how, on) => {
    await stable();
    npm.aws.fails({ on, nth: 1, how });
    expect((await npm.ship('v1.1.0')).code).toBe(0);
    await npm.stands('v1.1.0');
  });

  it.each<[NpmFault['how']]>([['throttled'], ['unavailable'], ['appliedUnavailable']])('%s at the change back: the rollback ends verified', async (how) => {
    await stable();
    npm.aws.fails({ on: 'dist-tag-add', nth: 2, how });
    expect((await npm.ship('v1.1.0', 'bad')).code).toBe(1);
    expect((await npm.status()).last?.state).toBe('rolledBack');
    await npm.stands('v1.0.0');
  });

  it.each<[NpmFault['how'], string]>([['hangs', 'dist-tag-add'], ['appliedHangs', 'dist-tag-add'], ['appliedHangs', 'publish']])('%s at %s: the command is stopped at its time limit, and Stable is restored', async (how, on) => {
    await stable();
    npm.limitCommands(15_000);
    npm.aws.fails({ on, nth: 1, how });
    expect((await npm.ship('v1.1.0')).code).toBe(1);
    expect((await npm.status()).last?.state).toBe('rolledBack');
    await npm.stands('v1.0.0');
  });

  it.each<[NpmFault['how'], string, string]>([['denied', 'publish', 'npm publish: E403'], ['needsOtp', 'publish', 'npm publish: EOTP'], ['denied', 'dist-tag-add', 'npm dist-tag add: E403']])('%s at %s: users keep Stable', async (how, on, message) => {
    await stable();
    npm.aws.fails({ on, nth: 1, how });
    const ended = await npm.ship('v1.1.0');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain(message);
    await npm.stands('v1.0.0');
  });

  it.each<[string, NpmFault, string, RegExp, string]>([
    ['a conflict', { on: 'dist-tag-add', nth: 1, how: 'other' }, 'halted', /someone else moved latest from 1\.0\.0 to 0\.9\.0 meanwhile; it serves .* which is left alone/, 'v0'],
    ['a permission that is missing', { on: 'dist-tag-add', nth: 1, how: 'denied' }, 'rolledBack', /npm dist-tag add: E403/, 'v1.0.0'],
    ['the registry is not reached', { on: 'dist-tag-add', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /ECONNREFUSED|time limit/, 'v1.0.0'],
    ['no space on this machine', { on: 'publish', nth: 1, how: 'full' }, 'rolledBack', /ENOSPC/, 'v1.0.0'],
    ['a token that is not valid any more', { on: 'publish', nth: 1, how: 'signedOut' }, 'rolledBack', /E401/, 'v1.0.0'],
  ])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
    await stable();
    if (fault.how === 'unreachable') npm.limitCommands(15_000);
    npm.aws.fails(fault);
    expect((await npm.ship('v1.1.0')).code).toBe(state === 'halted' ? 3 : 1);
    expect(await npm.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
  });

  it('halts if the change back is denied, and the next release rolls forward', async () => {
    await stable();
    npm.aws.fails({ on: 'dist-tag-add', nth: 2, times: 9, how: 'denied' });
    expect((await npm.ship('v1.1.0', 'bad')).code).toBe(3);
    expect((await npm.status()).last?.state).toBe('halted');
    npm.aws.fails();
    expect((await npm.ship('v1.2.0')).code).toBe(0);
    await npm.stands('v1.2.0');
  });

  it('a deprecation that fails does not spoil the rollback', async () => {
    npm = await NpmWorld.create({ deprecation: 'It was rolled back.' });
    await npm.ship('v1.0.0');
    npm.aws.fails({ on: 'deprecate', nth: 1, times: 9, how: 'denied' });
    const ended = await npm.ship('v1.1.0', 'bad');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('the deprecation is not as it should be: npm deprecate: E403');
    await npm.stands('v1.0.0');
  });
});

describe('a registry that reads back old data', () => {
  it.each(['good', 'bad'] as const)('is waited for: a %s release', async (behaviour) => {
    npm = await NpmWorld.create({});
    npm.aws.state = { ...npm.aws.state, isStaleFor: 3 };
    expect((await npm.ship('v1.0.0')).code).toBe(0);
    expect((await npm.ship('v1.1.0', behaviour)).code).toBe(behaviour === 'good' ? 0 : 1);
    await npm.stands(behaviour === 'good' ? 'v1.1.0' : 'v1.0.0');
  });

  it('does not hide from a rollback that users have the bad release', async () => {
    await stable();
    // the change takes effect, its process learns nothing of it, and the next reads do not show it
    npm.aws.state = { ...npm.aws.state, isStaleFor: 2 };
    npm.aws.fails({ on: 'dist-tag-add', nth: 1, how: 'killsAfter' });
    npm.build('v1.1.0');
    await npm.deploy('v1.1.0');
    npm.aws.fails();
    expect((await npm.deliver('rollback', 'production', '--recover')).code).toBe(0);
    await npm.stands('v1.0.0');
  });

  it('an installation with other files than the registry names is no verified candidate', async () => {
    await stable();
    npm.aws.state = { ...npm.aws.state, installs: `sha512-${'B'.repeat(86)}==` };
    const ended = await npm.ship('v1.1.0');
    expect(ended.output).toContain('npm install got other files than the registry names');
    expect(ended.code).toBe(1);
    await npm.stands('v1.0.0');
  });
});
