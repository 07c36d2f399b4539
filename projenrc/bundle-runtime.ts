/** Bundles the runtime to `assets/delivery.cjs`, and notes in `assets/delivery-parts.json` which parts of it only some deliveries need. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, Metafile } from 'esbuild';
import { withoutComments } from './strip-comments';
import { RuntimeParts } from '../src/files/runtime-parts';

const ROOT = resolve(__dirname, '..');
const ENTRY = 'src/runtime/main.ts';
const REGISTRY = 'src/runtime/targets/driver-registry.ts';
const DRIVER = /^src\/engines\/[\w-]+\/runtime\/([\w-]+)-driver\.ts$/;

/** The files that `from` needs, itself among them. Nothing behind `barred` counts. */
function reached(inputs: Metafile['inputs'], from: string, barred: (path: string) => boolean = () => false): Set<string> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path) || barred(path)) return;
    found.add(path);
    for (const { external, path: next } of inputs[path]?.imports ?? []) if (!external) visit(next);
  };
  visit(from);
  return found;
}

/** What the rest of the runtime calls a part by, and the files that have it. */
type Entries = Readonly<Record<string, string>>;

/** What a target needs beside its driver, and what only an option of the delivery needs. */
const MORE: Readonly<Record<string, Entries>> = {
  analysis: { StepAnalysis: 'src/runtime/deployment/phases/step-analysis.ts' },
  githubPages: { githubPages: 'src/runtime/ci/github/pages.ts' },
  monitoring: {
    page: 'src/runtime/commands/page.ts',
    watchedStatus: 'src/runtime/status-page/status.ts',
    storeMeasurements: 'src/runtime/status-page/store-measurements.ts',
  },
  pullRequests: {
    planMerge: 'src/runtime/commands/plan-merge.ts',
    planChanges: 'src/runtime/commands/plan-changes.ts',
    commentPlan: 'src/runtime/commands/comment.ts',
    githubPullRequest: 'src/runtime/ci/github/pull-request.ts',
    pullRequestComments: 'src/runtime/ci/github/pull-request.ts',
  },
  previews: {
    previewContext: 'src/runtime/previews/preview-context.ts',
    previewManifest: 'src/runtime/previews/preview-context.ts',
    beginPreview: 'src/runtime/commands/preview.ts',
    runPreview: 'src/runtime/commands/run-preview.ts',
    finishPreview: 'src/runtime/commands/finish-preview.ts',
    removePreview: 'src/runtime/commands/remove-preview.ts',
    sweepPreviews: 'src/runtime/commands/sweep-previews.ts',
    commentPreview: 'src/runtime/commands/comment-preview.ts',
    githubPullRequests: 'src/runtime/ci/github/pull-requests.ts',
  },
};

/** `lambda` is in `lambda-driver.ts`, and its class is `LambdaDriver`. */
function driverEntries({ inputs }: Metafile): Record<string, Entries> {
  const drivers = inputs[REGISTRY]!.imports.map(({ path }) => path).filter((path) => DRIVER.test(path)).sort();
  return Object.fromEntries(drivers.map((driver) => {
    const kind = DRIVER.exec(driver)![1]!.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [kind, { [`${kind.charAt(0).toUpperCase()}${kind.slice(1)}Driver`]: driver }];
  }));
}

export function partsOf(metafile: Metafile, text: string): RuntimeParts {
  const drivers = driverEntries(metafile);
  const parts = Object.keys({ ...drivers, ...MORE }).map((name) => [name, { ...drivers[name], ...MORE[name] }] as const);
  const entries = new Set(parts.flatMap(([, files]) => Object.values(files)));
  const core = reached(metafile.inputs, ENTRY, (path) => entries.has(path));
  const ofDrivers = new Set(Object.values(drivers).flatMap((files) => Object.values(files)));
  return Object.fromEntries(parts.map(([part, files]) => {
    for (const [name, file] of Object.entries(files)) {
      if (!new RegExp(`^(?:var ${name} = |(?:async )?function ${name}\\()`, 'm').test(text)) throw new Error(`${file}: the bundle has no ${name}`);
    }
    // an option reaches the drivers by their registry alone: a repository has those of its targets
    const isBarred = (path: string) => !(part in drivers) && ofDrivers.has(path);
    const reachable = Object.values(files).flatMap((file) => [...reached(metafile.inputs, file, isBarred)]);
    return [part, { names: Object.keys(files), files: [...new Set(reachable)].filter((path) => !core.has(path)).sort() }];
  }));
}

/** The runtime is one readable file without dependencies: what a job runs, and what the package ships. Notices of what is bundled are at its end. */
export async function bundled(): Promise<{ readonly text: string; readonly metafile: Metafile }> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const { metafile, outputFiles: [bundle] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile: 'assets/delivery.cjs',
    write: false,
    metafile: true,
    bundle: true,
    // a file without other characters is read and compiled in less time: an eighth of a short command
    charset: 'ascii',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'eof',
    logLevel: 'warning',
    define: { RUNTIME_VERSION: JSON.stringify(version) },
  });
  return { text: inParts(bundle!.text), metafile };
}

/** Breaks a long string, as esbuild does not: its lines can be read. */
function inParts(text: string): string {
  return text.replace(/^( *)(.* = )"(.{300,})";$/gm, (_, indent: string, start: string, value: string) => {
    const parts = value.match(/(?:\\u[\dA-F]{4}|\\x[\dA-F]{2}|\\.|[^\\]){1,24}/g) ?? [];
    return `${indent}${start}${parts.map((part) => `"${part}"`).join(` +\n${indent}  `)};`;
  });
}

async function main(): Promise<void> {
  const { metafile, text: whole } = await bundled();
  const text = withoutComments(whole);
  mkdirSync(join(ROOT, 'assets'), { recursive: true });
  writeFileSync(join(ROOT, 'assets/delivery.cjs'), text);
  writeFileSync(join(ROOT, 'assets/delivery-parts.json'), `${JSON.stringify(partsOf(metafile, text), undefined, 2)}\n`);
}

if (require.main === module) void main();
