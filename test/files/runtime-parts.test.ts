/** The runtime that is written has the drivers of the targets and the commands of the options that the repository has, and no others. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from 'projen';
import { Analysis, CanaryStep, Delivery, Metric, Strategy, Target, Trigger } from '../../src';
import { Manifest } from '../../src/contract/manifest';
import { RuntimeParts, withParts } from '../../src/files/runtime-parts';
import { ABSENT_DRIVERS, PRESENT_DRIVERS } from '../../src/runtime/targets/driver-registry';
import { deliver, environment, plainProject, synthesize, withTasks } from '../test-project';

const ASSETS = join(__dirname, '../../assets');
const BUNDLE = readFileSync(join(ASSETS, 'delivery.cjs'), 'utf8');
const PARTS = JSON.parse(readFileSync(join(ASSETS, 'delivery-parts.json'), 'utf8')) as RuntimeParts;
const { analysis: _, monitoring: __, pullRequests: ___, previews: ____, ...DRIVERS } = PARTS;

const lambda = Target.lambda({ functionName: 'shop', alias: 'live', code: 'dist/function.zip' });
const site = Target.staticSite({ bucket: 'acme-site', directory: 'dist' });

const weighted = Target.commands({ deploy: './ship', promote: './promote', rollback: './restore', setWeight: './set-weight' });
const analyzed = () => Strategy.canary({
  steps: [CanaryStep.weight(10)], candidateUrl: 'https://{slot}.example.com', analysis: [Analysis.errors(Metric.command('./print-counters'))],
});

/** What `npx projen` writes for the targets. */
function runtimeOf(...targets: (Target | undefined)[]): { readonly project: Project; readonly delivery: Delivery; readonly text: () => string } {
  const project = plainProject();
  const delivery = deliver(project, {
    environments: targets.map((target, i) => environment(`place-${i}`, { trigger: Trigger.branch(`branch-${i}`), ...(target && { target }) })),
  });
  return { project, delivery, text: () => synthesize(project).text('.projen/delivery.cjs') };
}

const filesIn = (text: string) => new Set([...text.matchAll(/^\/\/ (src\/.*)$/gm)].map(([, path]) => path!));
const driverOf = (names: readonly string[]) => names.find((name) => name.endsWith('Driver'))!;
const kindsIn = (text: string) => Object.entries(DRIVERS).flatMap(([kind, { names }]) => (text.includes(`\nvar ${driverOf(names)} = class`) ? [kind] : []));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

it('the bundler knows every driver of the registry', () => {
  expect(Object.keys(DRIVERS).sort()).toEqual([...PRESENT_DRIVERS].sort());
  expect(ABSENT_DRIVERS).toEqual([]);
  for (const [kind, { files: own }] of Object.entries(DRIVERS)) expect([kind, own.filter((path) => !filesIn(BUNDLE).has(path))]).toEqual([kind, []]);
});

it('commands need no driver', () => {
  const text = runtimeOf(undefined).text();
  expect(kindsIn(text)).toEqual([]);
  expect([...filesIn(text)].filter((path) => /-(driver|preflight|steps)\.ts$/.test(path) && path.startsWith('src/engines/'))).toEqual([]);
  expect(Buffer.byteLength(BUNDLE) - Buffer.byteLength(text)).toBeGreaterThan(100_000);
});

it('a target brings its driver, and a file that another driver needs, too, stays', () => {
  const text = runtimeOf(lambda).text();
  expect(kindsIn(text)).toEqual(['lambda']);
  expect([...DRIVERS.lambda!.files].filter((path) => !filesIn(text).has(path))).toEqual([]);
  expect(DRIVERS.awsCdk!.files.some((path) => DRIVERS.lambda!.files.includes(path))).toBe(true);
});

it('each environment brings its own, also one that is added later', () => {
  const { delivery, text } = runtimeOf(lambda);
  delivery.addEnvironment('canary', environment('canary', { target: lambda, trigger: Trigger.after('place-0'), strategy: Strategy.blueGreen() }));
  expect(kindsIn(text())).toEqual(['lambda']);
  const { project } = runtimeOf(undefined);
  deliver(withTasks(new Project({ name: 'site', parent: project, outdir: 'site' })), { environments: [environment('production', { target: site })] });
  expect(kindsIn(synthesize(project).text('.projen/delivery.cjs'))).toEqual(['staticSite']);
});

it('the commands of pull requests are written only where a delivery has them', () => {
  const project = plainProject();
  deliver(project, { environments: [environment('production')], pullRequests: { plan: true } });
  const text = synthesize(project).text('.projen/delivery.cjs');
  expect([...PARTS.pullRequests!.files].filter((path) => !filesIn(text).has(path))).toEqual([]);
  expect([...filesIn(text)].filter((path) => DRIVERS.awsCdk!.files.includes(path))).toEqual([]);
  const without = runtimeOf(undefined);
  const file = join(without.project.outdir, '.projen/delivery.cjs');
  expect([...filesIn(without.text())].filter((path) => PARTS.pullRequests!.files.includes(path))).toEqual([]);
  const { status, stderr } = spawnSync(process.execPath, [file, 'plan-merge'], { encoding: 'utf8' });
  expect(stderr).toContain('the command "plan-merge" is not in .projen/delivery.cjs, because no delivery of this repository has pullRequests. Set pullRequests: { plan: true }');
  expect(status).toBe(2);
});

it('the status page is there with monitoring alone', () => {
  const without = runtimeOf(undefined);
  const file = join(without.project.outdir, '.projen/delivery.cjs');
  expect([...filesIn(without.text())].filter((path) => PARTS.monitoring!.files.includes(path))).toEqual([]);
  const { status, stderr } = spawnSync(process.execPath, [file, 'page', '--out', 'status'], { encoding: 'utf8' });
  expect(stderr).toContain('the command "page" is not in .projen/delivery.cjs, because no delivery of this repository has monitoring. Set monitoring: { ... }');
  expect(status).toBe(2);
});

it('the analysis is there with an environment that has one', () => {
  const without = runtimeOf(undefined);
  expect([...filesIn(without.text())].filter((path) => PARTS.analysis!.files.includes(path))).toEqual([]);
  expect(PARTS.analysis!.files).toContain('src/runtime/analysis/canary-analysis.ts');
  const { delivery, text } = runtimeOf(undefined);
  delivery.addEnvironment('canary', environment('canary', { trigger: Trigger.after('place-0'), strategy: analyzed(), target: weighted }));
  expect(PARTS.analysis!.files.filter((path) => !filesIn(text()).has(path))).toEqual([]);
});

it('the same targets give the same file, whose digest is in each manifest of the repository', () => {
  const { project, text } = runtimeOf(lambda);
  deliver(withTasks(new Project({ name: 'site', parent: project, outdir: 'site' })), { environments: [environment('production', { target: site })] });
  const written = text();
  expect(kindsIn(written)).toEqual(['lambda', 'staticSite']);
  const manifests = ['delivery.json', 'delivery-site.json'].map((name) => JSON.parse(readFileSync(join(project.outdir, '.projen', name), 'utf8')) as Manifest);
  expect(manifests.map(({ runtime }) => runtime.sha256)).toEqual([sha256(written), sha256(written)]);
  expect(sha256(runtimeOf(lambda).text())).toBe(sha256(runtimeOf(lambda).text()));
  expect(sha256(runtimeOf(lambda).text())).not.toBe(sha256(runtimeOf(undefined).text()));
});

it('has at most 1 MB without a driver, with each one, and with each two', () => {
  const kinds = Object.keys(DRIVERS);
  const sizeOf = (...written: string[]) => Buffer.byteLength(withParts(BUNDLE, PARTS, new Set(written)));
  const none = sizeOf();
  const alone = new Map(kinds.map((kind) => [kind, sizeOf(kind)]));
  const isTooLarge = (bytes: number) => bytes > 1024 * 1024;
  // two have what each has alone, and files of both once
  const twoTooLarge = kinds.flatMap((first, i) => kinds.slice(i + 1).filter((second) => (
    isTooLarge(alone.get(first)! + alone.get(second)! - none) && isTooLarge(sizeOf(first, second)))).map((second) => `${first} and ${second}`));
  expect(isTooLarge(none)).toBe(false);
  expect(kinds.filter((kind) => isTooLarge(alone.get(kind)!))).toEqual([]);
  expect(twoTooLarge).toEqual([]);
});

it.each([...Object.keys(DRIVERS), 'none'])('begins with only the driver %s', (kind) => {
  const { project } = runtimeOf(undefined);
  synthesize(project);
  const text = withParts(BUNDLE, PARTS, new Set([kind]));
  const file = join(project.outdir, '.projen/delivery.cjs');
  writeFileSync(file, text);
  expect(execFileSync(process.execPath, [file, 'config', 'place-0'], { encoding: 'utf8' })).toContain('https://place--.example.com');
});

it('rejects a manifest with an analysis that is not in the file', () => {
  const { delivery, project } = runtimeOf(undefined);
  delivery.addEnvironment('canary', environment('canary', { trigger: Trigger.after('place-0'), strategy: analyzed(), target: weighted }));
  const file = join(project.outdir, '.projen/delivery.cjs');
  synthesize(project);
  writeFileSync(file, withParts(BUNDLE, PARTS, new Set()));
  const { status, stderr, stdout } = spawnSync(process.execPath, [file, 'config', 'canary'], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('the manifest\'s environment "canary" has a canary with an analysis, and .projen/delivery.cjs was written without it. Run npx projen and commit both files.');
  expect(status).toBe(2);
});

it('rejects a manifest with a driver that is not in the file', () => {
  const { project } = runtimeOf(lambda);
  const file = join(project.outdir, '.projen/delivery.cjs');
  synthesize(project);
  writeFileSync(file, withParts(BUNDLE, PARTS, new Set(['staticSite'])));
  const { status, stderr, stdout } = spawnSync(process.execPath, [file, 'config', 'place-0'], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('the manifest\'s environment "place-0" has a target with the driver "lambda", and .projen/delivery.cjs was written without it. Run npx projen and commit both files.');
  expect(status).toBe(2);
});
