// Our documentation site as deploy_docs.yml publishes it, with the committed manifest and runtime, for .ci/site: RUN is a folder of its own, DIST the built site. Users
// request the file that names the release.
const { execFileSync } = require('node:child_process');
const { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');
const { PagesJobs } = require('./targets/pages-jobs.cjs');
const { seconds } = require('./targets/scenarios.cjs');

const [run, dist] = process.argv.slice(2);
const ADDRESS = 'https://projen-delivery.github.io/projen-delivery/';
const MANIFEST = '.projen/delivery-docs.json';
const { jobs } = parse(readFileSync('.github/workflows/deploy_docs.yml', 'utf8'));
const stepOf = (job, id) => jobs[job].steps.find((step) => step.id === id);

class OwnSite extends PagesJobs {
  constructor() {
    super('own site', run, { repository: 'projen-delivery/projen-delivery', project: 'docs', projectFolder: 'site', workflow: 'deploy_docs.yml', page: 'delivery-release.json' });
    this.names = {};
  }

  versionOf(page) {
    return this.names[/"sha":"(\w+)"/.exec(page)?.[1]];
  }

  /** As the step of the workflow does. */
  pack(folder) {
    const temp = join(this.place, 'pack');
    rmSync(temp, { recursive: true, force: true });
    mkdirSync(temp);
    execFileSync('bash', ['-euo', 'pipefail', '-c', stepOf('build', 'pack').run], { cwd: folder, env: { ...process.env, GITHUB_OUTPUT: join(temp, 'output'), RUNNER_TEMP: temp } });
    const [, digest] = /^digest=(\w+)$/m.exec(readFileSync(join(temp, 'output'), 'utf8'));
    return { digest, tar: readFileSync(join(temp, 'delivery', `${digest}.tar`)) };
  }
}

const own = new OwnSite();
const folder = join(own.root, 'site/dist');

/** What is committed, at another address. */
function prepare() {
  mkdirSync(join(own.root, '.projen'));
  mkdirSync(join(own.root, 'site'));
  writeFileSync(join(own.root, '.projen/delivery.cjs'), readFileSync('.projen/delivery.cjs'));
  writeFileSync(join(own.root, MANIFEST), readFileSync(MANIFEST, 'utf8').replaceAll(ADDRESS, own.host.url).replaceAll(ADDRESS.replace('https://', ''), own.host.url.replace('http://', '')));
  cpSync('site/smoke.mjs', join(own.root, 'site/smoke.mjs'));
  writeFileSync(join(own.root, '.gitignore'), 'dist\n');
  own.shorten(MANIFEST);
}

/** @param spoil removes what a broken build lacks */
function build(version, spoil = () => undefined) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(dist, folder, { recursive: true });
  spoil();
  own.release(version);
  own.names[own.git('rev-parse', 'HEAD').trim()] = version;
  return own.upload(version);
}

const published = () => own.versionOf(own.host.files['delivery-release.json']);

async function good(version) {
  const built = build(version);
  const plan = await own.step(built, ['plan', 'docs'], { permissions: jobs.environment_docs_docs.permissions });
  own.expectEnd(`plan of ${version}`, plan, { code: plan.code, go: plan.outputs.go }, { code: 0, go: 'true' });
  const ended = await own.deploy(built);
  own.expectEnd(`good ${version}`, ended, { code: ended.code, published: published() }, { code: 0, published: version });
  own.loadedRow(`good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

async function broken(version, what, stable, spoil, says) {
  const ended = await own.deploy(build(version, spoil));
  const wrong = own.firstAfter(ended.begun, (response) => response.version === version);
  const decided = own.decisionIn(ended, wrong);
  const restored = await own.eventuallyAfter(decided, (response) => response.version === stable);
  own.expectEnd(what, ended, { code: ended.code, published: published(), says: says.test(ended.output), seen: wrong !== undefined }, { code: 1, published: stable, says: true, seen: true });
  own.restores.push(restored - decided);
  own.loadedRow(`${what} (${version})`, `rolled back to ${stable}`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

const chunk = (name) => readdirSync(join(folder, 'assets/chunks')).find((file) => file.startsWith(name));

void own.run(async () => {
  await own.begin();
  prepare();
  own.permissions = { write: jobs.deploy_docs_docs.permissions, watch: jobs.monitor_docs_docs.permissions };
  await good('v1');
  const stop = own.useService(own.page, 50);
  try {
    await broken('v2', 'the index of the search is missing', 'v1', () => rmSync(join(folder, 'assets/chunks', chunk('@localSearchIndex'))), /@localSearchIndex\S+: 404/);
    await broken('v3', 'a page is missing', 'v1', () => rmSync(join(folder, 'docs/targets/npm.html')), /docs\/targets\/npm: 404/);
  } finally {
    stop();
  }
  await own.end();
}, 'the committed manifest and runtime, real git and its HTTP server, a web server; GitHub\'s API is a stand-in');
