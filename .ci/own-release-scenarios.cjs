// The scenarios of .ci/own-release. Users install what the tag `latest` leads to, again and again, with the requests that npm sends.
const { execFile, execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');
const users = require('./targets/package-users.cjs');
const { LoadedScenarios, now, seconds } = require('./targets/scenarios.cjs');

const [run] = process.argv.slice(2);
const { NPM_TOKEN, REGISTRY } = process.env;
const NAME = 'projen-delivery';

class OwnRelease extends LoadedScenarios {
  get loadedWith() {
    return 'installs';
  }

  async request() {
    const { tarball: _, ...installed } = await users.npm(REGISTRY, NAME);
    return installed;
  }
}
const own = new OwnRelease('own release', join(run, 'own-release'));
const { root } = own;
const NPMJS = 'https://registry.npmjs.org/';

// what is committed, at another registry
mkdirSync(join(root, '.projen'));
writeFileSync(join(root, '.projen/delivery.cjs'), readFileSync('.projen/delivery.cjs'));
// the CDN of npmjs.com may serve an old response for minutes, and here there is none
const manifest = readFileSync('.projen/delivery.json', 'utf8').replaceAll(NPMJS, REGISTRY).replaceAll(/"propagationMs": \d+/g, '"propagationMs": 2000');
writeFileSync(join(root, '.projen/delivery.json'), manifest);
writeFileSync(join(root, '.gitignore'), 'dist\npackage\nledger.json*\n');
const packed = join(run, readFileSync(join(run, 'tarball'), 'utf8').trim());

const read = async (path) => (await fetch(`${REGISTRY}${path}`)).json();
const tags = async () => read(`-/package/${NAME}/dist-tags`);
const deprecation = async (version) => (await read(NAME)).versions[version].deprecated;

/** Packs a version into `dist/js` and publishes it under `next`, as the jobs `release` and `release_npm` do. */
async function publish(version, isWhole = true) {
  const folder = join(root, 'package');
  for (const path of [folder, join(root, 'dist')]) rmSync(path, { recursive: true, force: true });
  mkdirSync(join(root, 'dist/js'), { recursive: true });
  execFileSync('tar', ['--extract', `--file=${packed}`, `--directory=${root}`]);
  const path = join(folder, 'package.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version }));
  // what an ignored folder in .npmignore would leave out
  if (!isWhole) rmSync(join(folder, 'assets'), { recursive: true });
  const tarball = join(root, 'dist/js', `${NAME}@${version}.jsii.tgz`);
  execFileSync('tar', ['--create', '--gzip', `--file=${tarball}`, `--directory=${root}`, 'package']);
  const settings = { [`npm_config_${REGISTRY.replace(/^http:/, '')}:_authToken`]: NPM_TOKEN, npm_config_registry: REGISTRY };
  // users go on meanwhile
  await promisify(execFile)('npm', ['publish', tarball, '--tag', 'next', '--silent'], { env: { ...process.env, ...settings } });
  own.release(`v${version}`);
}

async function deploy(version) {
  return own.delivery(['deploy', 'npm', '--release', `v${version}`]);
}

async function good(version) {
  const begun = now();
  await publish(version);
  const ended = await deploy(version);
  const said = new RegExp(`release-smoke: ${NAME} ${version} with projen `).test(ended.output);
  own.expectEnd(`good ${version}`, ended, { code: ended.code, latest: (await tags()).latest, said }, { code: 0, latest: version, said: true });
  own.loadedRow(`good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s: ${/release-smoke: (.*) synthesizes/.exec(ended.output)[1]} was tested before users got it`, { from: begun, to: ended.ended });
}

async function bad(version, stable) {
  const begun = now();
  await publish(version, false);
  const ended = await deploy(version);
  const wasSeen = own.responses.some((response) => response.version === version);
  const said = /its own file .* is missing/.test(ended.output);
  const facts = { code: ended.code, latest: (await tags()).latest, wasSeen, said, isDeprecated: (await deprecation(version)) !== undefined };
  own.expectEnd(`bad ${version}`, ended, facts, { code: 1, latest: stable, wasSeen: false, said: true, isDeprecated: true });
  const failed = ended.lines.find(({ text }) => /the smoke command failed/.test(text)).at;
  own.loadedRow(`no newcomer gets a delivery from it (${version})`, `${stable} stays, users never got ${version}; deprecated`, { from: begun, to: ended.ended, detect: failed - ended.begun });
}

async function byHand(from, stable) {
  const ended = await own.delivery(['rollback', 'npm', '--local', '--release', `v${stable}`, '--reason', 'a rehearsal']);
  own.expectEnd('by hand', ended, { code: ended.code, latest: (await tags()).latest }, { code: 0, latest: stable });
  const restored = await own.eventuallyAfter(ended.begun, (response) => response.version === stable);
  own.loadedRow(`a rollback by hand (from ${from})`, `users get ${stable}`, { from: ended.begun, to: now(), restore: restored - ended.begun });
}

void own.run(async () => {
  await good('0.1.0');
  const stop = own.useService(undefined, 500);
  const begun = now();
  await bad('0.1.1', '0.1.0');
  await good('0.1.2');
  await byHand('0.1.2', '0.1.0');
  own.noneFailed(begun);
  stop();
}, 'real npm CLI, the packed package, Verdaccio');
