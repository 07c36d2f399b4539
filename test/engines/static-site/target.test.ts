import { StackOutput, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

const OPTIONS = { bucket: 'acme-site', directory: 'dist' };

function manifestOf(options: Partial<Parameters<typeof Target.staticSite>[0]> = {}, strategy?: Strategy) {
  const project = plainProject();
  project.addTask('bundle', { exec: 'vite build' });
  deliver(project, { environments: [environment('production', { trigger: Trigger.branch('main'), target: Target.staticSite({ ...OPTIONS, ...options }), strategy })] });
  return synthesize(project);
}

it('Target.staticSite calls the driver for each command, and brings the folder, a health check and a time limit', () => {
  const headers = [{ files: '*.pdf', cacheControl: 'public, max-age=3600' }];
  const { manifest, deploy } = manifestOf({ buildTask: 'bundle', distribution: 'E1A2B3C4D5E6F7', origin: 'site', headers, region: 'eu-central-1', account: '123456789012' });
  const [{ healthChecks, strategy, target, url }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'staticSite',
      ...OPTIONS,
      distribution: 'E1A2B3C4D5E6F7',
      origin: 'site',
      prefix: 'releases/production/',
      invalidationPaths: ['/*'],
      keep: 10,
      headers,
      releaseFile: 'delivery-release.json',
      region: 'eu-central-1',
      account: '123456789012',
    },
  });
  expect(healthChecks.at(-1)).toMatchObject({ url: new URL('/delivery-release.json', url).href, release: { kind: 'json', path: 'sha' } });
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist']);
  expect(deploy.jobs.build).toBeDefined();
});

it('Target.staticSite has what blue/green needs', () => {
  expect(manifestOf({}, Strategy.blueGreen()).manifest.environments[0].strategy.kind).toBe('blueGreen');
});

it('Target.staticSite takes a prefix and leaves the health check out', () => {
  const [{ healthChecks, target }] = manifestOf({ prefix: 'shop/releases', releaseCheck: false, releaseFile: 'release.json', keep: 3 }).manifest.environments;
  expect(target.driver).toMatchObject({ prefix: 'shop/releases/', releaseFile: 'release.json', keep: 3, invalidationPaths: [] });
  expect(JSON.stringify(healthChecks)).not.toContain('release.json');
});

it.each<[string, object, string]>([
  ['no bucket', { bucket: undefined }, 'Target.staticSite bucket: it is missing'],
  ['a bucket as a URL', { bucket: 's3://acme-site' }, 'Target.staticSite bucket: \'s3://acme-site\' is not the name of a bucket'],
  ['a folder outside of the project', { directory: '../dist' }, 'Target.staticSite directory: \'../dist\' is not a file or folder inside the project'],
  ['a domain as the distribution', { distribution: 'd1.cloudfront.net' }, 'Target.staticSite distribution: \'d1.cloudfront.net\' is not the id of a distribution, which is not its domain'],
  ['an origin without a distribution', { origin: 'site' }, 'Target.staticSite origin: without a distribution it has no effect'],
  ['paths without a distribution', { invalidationPaths: ['/*'] }, 'Target.staticSite invalidationPaths: without a distribution it has no effect'],
  ['a path without a slash', { distribution: 'E1A2B3C4D5E6F7', invalidationPaths: ['*'] }, 'Target.staticSite invalidationPaths: \'*\' is not a path that CloudFront can invalidate'],
  ['no path', { distribution: 'E1A2B3C4D5E6F7', invalidationPaths: [] }, 'Target.staticSite invalidationPaths: it names no path'],
  ['a prefix with a leading slash', { prefix: '/releases' }, 'Target.staticSite prefix: \'/releases\' is not valid'],
  ['a prefix that leads up', { prefix: 'a/../b' }, 'Target.staticSite prefix: \'a/../b\' is not valid'],
  ['a prefix of the same folder', { prefix: 'a/./b' }, 'Target.staticSite prefix: \'a/./b\' is not valid'],
  ['the ARN of objects', { bucket: 'arn:aws:s3:::acme-site/releases/*' }, 'is an ARN. Write only \'acme-site\''],
  ['the ARN of a distribution', { distribution: 'arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7' }, 'is an ARN. Write only \'E1A2B3C4D5E6F7\''],
  ['seconds as a header', { headers: [{ files: '*', cacheControl: 3600 }] }, 'Target.staticSite headers[0] cacheControl: 3600 is not valid'],
  ['one release only', { keep: 1 }, 'Target.staticSite keep: 1 is out of range'],
  ['a rule without a header', { headers: [{ files: '*.pdf' }] }, 'Target.staticSite headers[0]: it sets no header of \'*.pdf\''],
  ['a rule without files', { headers: [{ cacheControl: 'no-cache' }] }, 'Target.staticSite headers[0] files: it is missing'],
  ['a header that ends the line', { headers: [{ files: '*', cacheControl: 'no-cache\r\nx: y' }] }, 'Target.staticSite headers[0] cacheControl'],
  ['a type that is an extension', { headers: [{ files: '*', contentType: 'pdf' }] }, 'Target.staticSite headers[0] contentType: \'pdf\' is not valid'],
  ['a release file in a folder', { releaseFile: 'a/b.json' }, 'Target.staticSite releaseFile: \'a/b.json\' is not the name of a file in the site\'s root'],
  ['a region that is none', { region: 'europe' }, 'Target.staticSite region: \'europe\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.staticSite account: 123456789012 is not the id of an account'],
  ['an unknown option', { distributionId: 'E1' }, 'Target.staticSite distributionId: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => manifestOf(options)).toThrow(message);
});

it('a URL that only a deployment knows fails at synthesis', () => {
  const project = plainProject();
  const url = StackOutput.of('Site', 'Url').toString();
  expect(() => deliver(project, { environments: [environment('production', { url, healthChecks: undefined, target: Target.staticSite(OPTIONS) })] }))
    .toThrow('environment \'production\' target: it has no outputs, and \'{output:Site.Url}\' needs one');
});
