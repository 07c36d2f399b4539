/** The delivery of this repository itself: what projenrc/own-delivery.ts made is committed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './validators/shell';
import { validate } from './validators/validate';
import { parseWorkflow } from './validators/workflow';
import { Manifest } from '../src/contract/manifest';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('.projen/delivery.json')) as Manifest;

test('the committed runtime is the one that the committed manifest names', () => {
  expect(createHash('sha256').update(read('.projen/delivery.cjs')).digest('hex')).toBe(manifest.runtime.sha256);
});

test('the committed runtime reads the committed manifest', () => {
  const output = execFileSync(process.execPath, ['.projen/delivery.cjs', 'config'], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, GITHUB_ACTIONS: '' } });
  expect(output).toContain('https://registry.npmjs.org/projen-delivery/latest');
});

test('a version is published under the tag that users do not install by, and tested with a script of the repository', () => {
  const { jobs } = parseWorkflow(read('.github/workflows/release.yml'));
  const driver = manifest.environments[0].target.driver!;
  if (driver.kind !== 'npm') throw new Error(`the driver is ${driver.kind}`);
  expect(jobs.release_npm.steps!.map(({ env }) => env?.NPM_DIST_TAG).filter(Boolean)).toEqual([driver.candidateTag]);
  expect(driver).toMatchObject({ distTag: 'latest', publishes: false });
  const [, script] = /^"\$GITHUB_WORKSPACE\/(.+)"$/.exec(driver.smoke!)!;
  accessSync(join(ROOT, script), constants.X_OK);
});

test('a release does not synthesize: its build has another version, and must leave no diff', () => {
  // projen prints nothing where NODE_ENV is test
  const env = { ...process.env, NODE_ENV: '', RELEASE: 'true' };
  const { stderr, stdout } = spawnSync('npx', ['projen', 'default'], { cwd: ROOT, encoding: 'utf8', env });
  expect(`${stdout}${stderr}`).toContain('condition exited with non-zero - skipping');
  expect(`${stdout}${stderr}`).not.toContain('ts-node');
});

test('the documentation is built once, and published to GitHub Pages by the jobs that alone may write', () => {
  const { environments: [docs], artifact, project } = JSON.parse(read('.projen/delivery-docs.json')) as Manifest;
  expect(docs.target).toMatchObject({ deploy: { kind: 'driver', call: 'deploy' }, driver: { kind: 'githubPages', directory: 'dist' } });
  expect(docs.healthChecks.map((check) => ('url' in check ? check.url : ''))).toContain('https://projen-delivery.github.io/projen-delivery/delivery-release.json');
  expect(docs.healthChecks).toContainEqual(expect.objectContaining({ kind: 'command', command: { kind: 'bash', line: 'node smoke.mjs "$DELIVERY_URL"' } }));
  accessSync(join(ROOT, 'site/smoke.mjs'), constants.R_OK);
  expect(artifact?.paths).toEqual(['dist']);
  expect(project).toEqual({ name: 'docs', directory: 'site' });
  const { jobs } = parseWorkflow(read('.github/workflows/deploy_docs.yml'));
  const writers = Object.entries(jobs).filter(([, { permissions }]) => JSON.stringify(permissions).includes('"pages":"write"')).map(([id]) => id);
  expect(writers).toEqual(['deploy_docs_docs', 'rollback_docs_docs']);
  // the pages link to each other below the path of the repository
  expect(read('site/.vitepress/config.mjs')).toContain("base: process.env.SITE_BASE ?? '/projen-delivery/'");
});

test.each(['rollback.yml', 'monitor.yml', 'deploy_docs.yml', 'rollback_docs.yml', 'monitor_docs.yml'])('the validators find nothing in %s', async (file) => {
  const text = read(`.github/workflows/${file}`);
  expect([...await validate(text, file), ...await shell(text)]).toEqual([]);
});
