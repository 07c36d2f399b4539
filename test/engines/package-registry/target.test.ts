import { python } from 'projen';
import { Registry, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

type Options = Parameters<typeof Registry.pypi>[0];

const targetOf = (options: Options, smoke?: string) => Target.registry({ registry: Registry.pypi(options), smoke });

function manifestOf(options: Options, smoke?: string) {
  const project = plainProject();
  deliver(project, { environments: [environment('pypi', { trigger: Trigger.tag('v*'), target: targetOf(options, smoke) })] });
  return synthesize(project);
}

it('Target.registry calls the driver, waits long enough, and says that there is no rollback', () => {
  const { manifest } = manifestOf({ packageName: 'Acme_Shop' }, 'shop --version');
  const [{ secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    noRollback: 'Yank the version on https://pypi.org/manage/project/acme-shop/releases/, so that only those who pin it install it, and release a higher one',
    driver: { kind: 'packageRegistry', registry: { ecosystem: 'pypi', packageName: 'acme-shop', index: 'https://pypi.org/simple/' }, smoke: 'shop --version' },
  });
  expect([strategy.commandTimeoutMs, secrets, manifest.artifact]).toEqual([900_000, [], undefined]);
});

it('compares the files of a folder, which is the artifact, and takes another index', () => {
  const { manifest } = manifestOf({ packageName: 'shop', directory: 'dist/python', index: 'https://packages.example.com/simple' });
  expect(manifest.artifact?.paths).toEqual(['dist/python']);
  expect(manifest.environments[0].target).toMatchObject({
    noRollback: 'Withdraw the version of shop on packages.example.com, and release a higher one',
    driver: { registry: { index: 'https://packages.example.com/simple/', directory: 'dist/python' } },
  });
});

it('a Python project names its package', () => {
  const project = new python.PythonProject({ name: 'My.Shop', moduleName: 'shop', authorName: 'Ada', authorEmail: 'ada@example.com', version: '0.0.0', outdir: temporaryFolder() });
  deliver(project, { environments: [environment('pypi', { target: targetOf({}) })] });
  expect(synthesize(project).manifest.environments[0].target.driver).toMatchObject({ registry: { packageName: 'my-shop' } });
});

const anything = (value: unknown) => value as never;

it.each<[string, () => unknown]>([
  ['Registry.pypi packageName: it is missing, and the project is not a Python project. Name the package: packageName: \'shop\'', () => manifestOf({})],
  ['Registry.pypi packageName: \'shop==1.0\' is not the name of a package', () => manifestOf({ packageName: 'shop==1.0' })],
  ['Registry.pypi index: \'https://pypi.org/project/shop\' is not the simple index. Write \'https://pypi.org/simple/\'', () => targetOf({ packageName: 'shop', index: 'https://pypi.org/project/shop' })],
  ['Registry.pypi index: \'http://packages.example.com/simple/\' is plain http', () => targetOf({ packageName: 'shop', index: 'http://packages.example.com/simple/' })],
  ['Registry.pypi index: the URL of packages.example.com carries credentials', () => targetOf({ packageName: 'shop', index: 'https://ada:secret@packages.example.com/simple/' })],
  ['Registry.pypi directory: ', () => manifestOf({ packageName: 'shop', directory: '/tmp' })],
  ['Registry.pypi packagename: there is no such option. Did you mean \'packageName\'?', () => targetOf(anything({ packagename: 'shop' }))],
  ['Target.registry registry: \'pypi\' is not a Registry. Write Registry.pypi({ packageName: \'shop\' })', () => Target.registry({ registry: anything('pypi') })],
  ['Target.registry smoke: \'\' is not a shell line', () => targetOf({ packageName: 'shop' }, '')],
  ['environment \'pypi\' strategy: Strategy.blueGreen() moves users back to the old release, and the target cannot take a release back', () => deliver(plainProject(), {
    environments: [environment('pypi', { target: targetOf({ packageName: 'shop' }), strategy: Strategy.blueGreen() })],
  })],
  ['deploys the package shop, too', () => deliver(plainProject(), {
    environments: [environment('staging', { target: targetOf({ packageName: 'shop' }) }), environment('pypi', { target: targetOf({ packageName: 'Shop' }), trigger: Trigger.after('staging') })],
  })],
])('rejects %s', (message, act) => {
  expect(act).toThrow(message);
});
