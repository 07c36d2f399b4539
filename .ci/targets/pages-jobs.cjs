// Scenarios whose commands are steps of jobs on GitHub: the ledger is GitHub's, a release is an artifact of its run, and the site is published by the job's token.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { PagesHost } = require('./pages-host.cjs');
const { LoadedScenarios } = require('./scenarios.cjs');
const { zipOf } = require('../../tools/github-api-stand-in/zip.ts');

/** Of the jobs that deploy and roll back, and of those that only read (docs/targets/github-pages.md). */
const WRITE = { contents: 'write', deployments: 'write', actions: 'read', issues: 'write', pages: 'write' };
const WATCH = { contents: 'read', deployments: 'write', actions: 'read', issues: 'write' };

/** A CDN serves an old page for minutes, and here for seconds. All else is as it was synthesized. */
function shortenTimes(file, propagationMs = 2000) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const environment of manifest.environments) {
    environment.strategy.bakeMs = 500;
    environment.healthChecks = environment.healthChecks.map((check) => ({
      ...check, intervalMs: 500, timeoutMs: 60_000, successThreshold: 2, failureThreshold: 2, deadlineMs: 300_000, ...(check.propagationMs !== undefined && { propagationMs }),
    }));
  }
  // what projen writes is read-only
  rmSync(file);
  writeFileSync(file, JSON.stringify(manifest, undefined, 2), { mode: 0o644 });
}

class PagesJobs extends LoadedScenarios {
  /**
   * @param place the folder of the run
   * @param options `repository`: `owner/name`; `project` of the delivery, and its folder; `workflow`: its file; `isOfTags`: whether tags start it, and not pushes to
   *   main; `page`: what users request
   */
  constructor(name, place, options) {
    super(name, join(place, 'repository'));
    this.place = place;
    this.options = { page: '', projectFolder: '', workflow: 'deploy.yml', ...options };
    this.lastRun = 9_100_000_000;
    this.outputs = [];
    /** Of the tokens of jobs. */
    this.permissions = { write: WRITE, watch: WATCH };
  }

  async begin() {
    this.host = await PagesHost.start(this.options.repository, this.place);
    this.host.api.addWorkflow(this.options.workflow, this.options.workflow.replace('.yml', ''));
    const { pathname } = new URL(this.page);
    // a probe of what users request
    this.host.onRequest = async (request, { body, status }) => {
      if (request.url === pathname) await this.usersFirst(request, { statusCode: status, body: JSON.stringify({ version: this.versionOf(body.toString()) }) });
    };
    return this.host;
  }

  get page() {
    return `${this.host.url}${this.options.page}`;
  }

  shorten(manifestFile, propagationMs = 2000) {
    shortenTimes(join(this.root, manifestFile), propagationMs);
  }

  /** What the job `build` does after the build: it packs the folder, and uploads it. Returns the run. */
  upload(version) {
    const { api } = this.host;
    const id = ++this.lastRun;
    const sha = this.git('rev-parse', `${version}^{commit}`).trim();
    const { digest, tar } = this.pack(join(this.root, this.options.projectFolder));
    const { isOfTags, project, workflow } = this.options;
    api.setRun(id, { path: workflow, event: 'push', headBranch: isOfTags ? version : 'main', headSha: sha, status: 'in_progress' });
    const content = zipOf([{ name: `${digest}.tar`, content: tar }]);
    const artifact = api.addArtifact({ runId: id, name: `delivery-release${project ? `_${project}` : ''}-1`, content: () => content });
    return { id, sha, version, env: { DELIVERY_ARTIFACT_ID: String(artifact.id), DELIVERY_ARTIFACT_DIGEST: digest } };
  }

  pack(folder) {
    const tar = execFileSync('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', '-', '--', 'dist'], { cwd: folder, maxBuffer: 1e9 });
    return { tar, digest: createHash('sha256').update(tar).digest('hex') };
  }

  /** A command as the step of a job of a run. */
  async step({ id, sha, env, version }, args, { onLine, permissions = this.permissions.write, more = {} } = {}) {
    const { api, git } = this.host;
    const [type, name] = this.options.isOfTags && version !== undefined ? ['tag', version] : ['branch', 'main'];
    const files = { GITHUB_OUTPUT: join(this.place, 'output'), GITHUB_STEP_SUMMARY: join(this.place, 'summary') };
    for (const file of Object.values(files)) writeFileSync(file, '');
    mkdirSync(join(this.place, 'temp'), { recursive: true });
    const ended = await this.delivery([...args, ...(this.options.project ? ['--project', this.options.project] : [])], onLine, {
      ...files, ...env, ...more,
      LEDGER_IN_RUN: undefined,
      GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: this.options.repository, GITHUB_API_URL: api.url, GITHUB_SERVER_URL: git.url, GITHUB_TOKEN: api.token(permissions),
      GITHUB_RUN_ID: String(id), GITHUB_RUN_ATTEMPT: '1', GITHUB_SHA: sha, GITHUB_REF: `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`, GITHUB_REF_TYPE: type, GITHUB_REF_NAME: name,
      GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'an-engineer', GITHUB_WORKSPACE: this.root, RUNNER_TEMP: join(this.place, 'temp'),
    });
    this.outputs.push(ended.output);
    const outputs = Object.fromEntries([...readFileSync(files.GITHUB_OUTPUT, 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(([, name, , value]) => [name, value]));
    return { ...ended, outputs, summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8') };
  }

  /** The jobs of a run: the one that deploys, then the one that confirms. Returns the end of the first one that failed, or of the last one, with both outputs. */
  async deploy(run, onLine) {
    const deployed = await this.step(run, ['deploy', 'docs'], { onLine });
    if (deployed.code !== 0) return this.over(run, deployed);
    const monitored = await this.step(run, ['monitor', 'docs'], { permissions: this.permissions.watch, more: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: deployed.outputs.state } });
    return this.over(run, { ...monitored, begun: deployed.begun, lines: [...deployed.lines, ...monitored.lines], output: `${deployed.output}\n${monitored.output}` });
  }

  /** A rollback by hand is a run of its own. */
  async byHand(stable, reason) {
    const id = ++this.lastRun;
    const run = { id, sha: this.git('rev-parse', 'HEAD').trim(), env: {} };
    this.host.api.setRun(id, { path: this.options.workflow, event: 'workflow_dispatch', headBranch: 'main', headSha: run.sha, status: 'in_progress' });
    return this.over(run, await this.step(run, ['rollback', 'docs', '--release', stable, '--reason', reason]));
  }

  over(run, ended) {
    this.host.api.setRun(run.id, { status: 'completed', conclusion: ended.code === 0 ? 'success' : 'failure' });
    return ended;
  }

  /** The release that a page names. */
  versionOf(page) {
    return /<h1>shop (\S+)<\/h1>/.exec(page)?.[1];
  }

  /** A page, as a user gets it. */
  async request(url) {
    const response = await fetch(url, { headers: { 'x-user': '1' }, signal: AbortSignal.timeout(120_000) }).catch(() => undefined);
    const page = await response?.text().catch(() => undefined);
    return { status: response?.status, version: this.versionOf(page ?? ''), page };
  }

  hasFailed({ status }) {
    return status !== 200;
  }

  async end() {
    const { violations } = this.host.api;
    await this.host.stop();
    this.expectEnd('GitHub', { output: violations.join('\n') }, { violations: violations.length }, { violations: 0 });
  }
}

module.exports = { PagesJobs, shortenTimes };
