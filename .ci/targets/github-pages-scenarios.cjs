// The scenarios of .ci/targets/github-pages. Users request the page of the site again and again.
const { spawnSync } = require('node:child_process');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { BRANCH } = require('./pages-host.cjs');
const { PagesJobs } = require('./pages-jobs.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');

const MANIFEST = '.projen/delivery.json';
const shop = new PagesJobs('github-pages', process.argv[2], { repository: 'acme/shop', isOfTags: true });

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, Strategy, Target, Trigger }) => ({
    target: Target.githubPages({ directory: 'dist', keep: 3 }),
    environments: [{
      name: 'docs',
      trigger: Trigger.tag('v*'),
      url,
      // less than the minute between two requests for a build: one that fails again and again ends the command
      strategy: Strategy.redeploy({ bake: Duration.seconds(1), commandTimeout: Duration.seconds(55) }),
      healthChecks: [HealthCheck.http(url, { bodyPattern: '<p>open</p>' })],
    }],
  }), ['dist']);
  shop.shorten(MANIFEST);
}

/** A release as a build makes it, and the run that uploads it. `kind`: `bad` has a page that is wrong. */
function build(version, kind = 'good') {
  const folder = join(shop.root, 'dist');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '_assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), `<!doctype html><h1>shop ${version}</h1><p>${kind === 'bad' ? 'closed' : 'open'}</p>\n`);
  writeFileSync(join(folder, '_assets/app.js'), 'console.log(\'shop\');\n');
  writeFileSync(join(folder, `${version}.html`), version);
  shop.release(version);
  return shop.upload(version);
}

const published = () => /<h1>shop (\S+)<\/h1>/.exec(shop.host.files['index.html'])?.[1];

/** How long after a time users still got another release; undefined if none of them did. */
function restoredAfter(at, isOther) {
  const last = shop.responses.findLast((response) => response.at > at && isOther(response));
  return last && last.at - at;
}

async function good(version) {
  const ended = await shop.deploy(build(version));
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, published: published(), commits: shop.host.git.historyOf(BRANCH).length }, { code: 0, published: version, commits: 1 });
  shop.loadedRow(`good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

const isBad = ({ page }) => /closed/.test(page);

/** What users get is wrong: it goes back by itself. */
async function bad(version, stable) {
  const ended = await shop.deploy(build(version, 'bad'));
  const wrong = shop.firstAfter(ended.begun, isBad);
  const decided = shop.decisionIn(ended, wrong);
  const restored = await shop.eventuallyAfter(decided, (response) => response.version === stable && !isBad(response));
  shop.expectEnd('bad', ended, { code: ended.code, published: published(), seen: wrong !== undefined, restored: restored > decided }, { code: 1, published: stable, seen: true, restored: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`a page is wrong (${version})`, `rolled back to ${stable}`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

/** The CDN serves the old page after the build. `isForEver`: longer than the delivery waits for it. */
async function stale(version, stable, isForEver) {
  const run = build(version);
  if (!isForEver) shop.shorten(MANIFEST, 120_000);
  shop.host.isStale = true;
  let probes = 0;
  const ended = await shop.deploy(run, (line) => {
    if (/release-file: .*waiting for it/.test(line)) probes += 1;
    if (/^(?:::group::)?Roll back to/.test(line) || (!isForEver && probes > 1)) shop.host.isStale = false;
  });
  shop.host.isStale = false;
  shop.shorten(MANIFEST);
  const scenario = isForEver ? 'stale' : 'stale for a while';
  shop.expectEnd(scenario, ended, { code: ended.code, published: published(), waited: probes > 0 }, { code: isForEver ? 1 : 0, published: isForEver ? stable : version, waited: true });
  const decided = ended.lines.find(({ text }) => /Roll back to/.test(text))?.at;
  shop.loadedRow(`${isForEver ? 'stale longer than `propagation`' : 'stale for a while'} (${version})`, isForEver ? `rolled back to ${stable}` : 'waited for, stable',
    { from: ended.begun, to: ended.ended, detect: decided && decided - ended.lines.find(({ text }) => /deploy succeeded/.test(text)).at });
}

async function buildFails(version, stable, times) {
  const run = build(version);
  shop.host.buildErrors.push(...Array.from({ length: times }, () => 'Page build failed.'));
  const ended = await shop.deploy(run);
  const facts = { code: ended.code, published: published(), left: shop.host.buildErrors.length, requested: /request a build/.test(ended.output) };
  const isGood = times === 1;
  shop.expectEnd('a build fails', ended, facts, { code: isGood ? 0 : 1, published: isGood ? version : stable, left: 0, requested: true });
  const failed = ended.lines.find(({ text }) => /did not build the site: Page build failed/.test(text))?.at;
  const wasSeen = shop.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
  shop.expectEnd('a build fails', ended, { wasSeen, said: failed !== undefined }, { wasSeen: isGood, said: !isGood });
  shop.loadedRow(`its build fails ${isGood ? 'once' : 'again'} (${version})`, isGood ? 'requested again, stable' : `rolled back to ${stable}, users never got ${version}`,
    { from: ended.begun, to: ended.ended, detect: failed && failed - ended.lines.find(({ text }) => /move gh-pages/.test(text)).at });
}

/** Kills the runtime and its git where a line appears; the job of the same run that recovers runs on another machine. */
async function killed(version, where, pattern, stable) {
  const run = build(version);
  const before = shop.host.git.head(BRANCH);
  const ended = await shop.lasting(() => shop.step(run, ['deploy', 'docs'], { onLine: (line, kill) => pattern.test(line) && kill() }));
  shop.expectEnd(`killed ${where}`, ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  // git may have sent its push: what it does is over when it is seen or lost
  await sleep(500);
  const wasMoved = shop.host.git.head(BRANCH) !== before;
  rmSync(join(shop.root, 'dist'), { recursive: true });
  const recovered = shop.over(run, await shop.step(run, ['rollback', 'docs', '--recover'], { more: { DELIVERY_DEPLOYED: 'failure' } }));
  shop.expectEnd(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, published: published() }, { code: 1, published: stable });
  await shop.eventuallyAfter(recovered.ended, (response) => response.version === stable);
  shop.loadedRow(`killed ${where} (${version})`, `recovered to ${stable}${wasMoved ? '' : ', the branch was not moved'}`,
    { from: ended.begun, to: recovered.ended, restore: restoredAfter(recovered.begun, (response) => response.version === version) });
}

/** Someone pushes another commit to the branch. */
async function changedByHand(stable) {
  const changed = now();
  shop.host.git.addFiles(BRANCH, { 'index.html': '<h1>shop by-hand</h1><p>open</p>' });
  shop.host.git.onPush();
  const isByHand = ({ version }) => version === 'by-hand';
  await shop.eventuallyAfter(changed, isByHand);
  const run = { id: ++shop.lastRun, sha: shop.git('rev-parse', 'HEAD').trim(), env: {} };
  shop.host.api.setRun(run.id, { path: 'deploy.yml', event: 'push', headBranch: 'main', headSha: run.sha, status: 'in_progress' });
  const status = await shop.step(run, ['status', '--json']);
  shop.over(run, status);
  const ended = await shop.byHand(stable, 'the branch was changed by hand');
  await shop.eventuallyAfter(ended.ended, (response) => response.version === stable);
  shop.expectEnd('changed by hand', { output: `${status.output}\n${ended.output}` },
    { said: /"changedByHand": ?"/.test(status.output), code: ended.code, published: published() }, { said: true, code: 0, published: stable });
  shop.loadedRow('the branch is changed by hand', `reported, then restored to ${stable}`, { from: changed, to: ended.ended, detect: status.ended - changed, restore: restoredAfter(ended.begun, isByHand) });
}

async function byHand(from, stable) {
  const ended = await shop.byHand(stable, 'a test');
  await shop.eventuallyAfter(ended.ended, (response) => response.version === stable);
  shop.expectEnd('by hand', ended, { code: ended.code, published: published() }, { code: 0, published: stable });
  shop.loadedRow(`a rollback by hand (from ${from})`, `users get ${stable}`, { from: ended.begun, to: ended.ended, restore: restoredAfter(ended.begun, ({ version }) => version === from) });
}

/** What would let a release out that cannot come back is refused before anything is changed. */
async function refused(version, stable) {
  const { settings } = shop.host.api.pages;
  const before = shop.host.git.head(BRANCH);
  settings.type = 'workflow';
  const ended = await shop.deploy(build(version));
  settings.type = 'legacy';
  shop.expectEnd('refused', ended, { code: ended.code, said: /published by a workflow/.test(ended.output), head: shop.host.git.head(BRANCH) }, { code: 2, said: true, head: before });
  shop.loadedRow(`Pages is set to a workflow (${version})`, `refused, ${stable} stays`, { from: ended.begun, to: ended.ended, detect: ended.ended - ended.begun });
}

/** Each file of the place: no one has a token. */
function noTrace() {
  const printed = shop.outputs.some((text) => /ghs_\w/.test(text));
  const found = spawnSync('grep', ['--recursive', '--files-with-matches', 'ghs_[0-9a-f]\\{36\\}', shop.place], { encoding: 'utf8' }).stdout;
  shop.expectEnd('the token', { output: found }, { files: found, printed }, { files: '', printed: false });
  shop.row('the token', 'in no file, and in no log');
}

/** The rollbacks that `npm run bench -- t` measures. */
async function measure(versions) {
  for (const version of versions) await bad(version, 'v2');
  shop.keep('GitHub Pages');
}

async function play() {
  await byHand('v2', 'v1');
  await bad('v3', 'v1');
  await stale('v4', 'v1', false);
  await stale('v5', 'v4', true);
  await buildFails('v6', 'v4', 1);
  await buildFails('v7', 'v6', 2);
  await killed('v8', 'before the branch moved', /push \d+ files to refs/, 'v6');
  await killed('v9', 'after the push', /GitHub Pages builds the site/, 'v6');
  await changedByHand('v6');
  await refused('v10', 'v6');
  noTrace();
}

void shop.run(async () => {
  const { url } = await shop.begin();
  synthesize(url);
  const stop = shop.useService(shop.page, 40, 2);
  try {
    await good('v1');
    await good('v2');
    await (shop.measured ? measure(shop.measured) : play());
  } finally {
    stop();
  }
  await shop.end();
}, 'real git and its HTTP server, a web server; GitHub\'s API is a stand-in, a build takes 1 s');
