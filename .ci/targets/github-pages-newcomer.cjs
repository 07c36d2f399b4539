// What happens on GitHub with a newcomer's pushes, for .ci/targets/github-pages: RUN has the project, its `port`, and the blocks of the page in files. The synthesized
// workflow is executed by the emulator of GitHub Actions.
const { execFile, execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { parse } = require('yaml');
const { PagesHost } = require('./pages-host.cjs');
const { shortenTimes } = require('./pages-jobs.cjs');
const { GithubActions } = require('../../tools/github-actions-emulator');

const [run] = process.argv.slice(2);
const REPOSITORY = 'acme/handbook';
const project = join(run, 'new/handbook');
const readProject = (path) => readFileSync(join(project, path), 'utf8');
const git = (...args) => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim();

/** What npm reads on this machine; a runner has a home of its own. */
function npmSettings() {
  const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(npm_config_.*|(https?|no)_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name)));
  const [cache, userconfig] = ['cache', 'userconfig'].map((name) => execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim());
  return { ...settings, npm_config_cache: cache, npm_config_userconfig: userconfig };
}

class Newcomer {
  constructor(host) {
    this.host = host;
    this.begun = Date.now();
    const { api, git: { folder, url } } = host;
    this.actions = new GithubActions({ root: join(run, 'actions'), repository: folder, repositoryName: REPOSITORY, api, serverUrl: url, extraEnv: npmSettings() });
    this.workflow = this.actions.addWorkflow('deploy.yml', parse(readProject('.github/workflows/deploy.yml')));
    this.env = {
      ...process.env,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${url.replace('//', `//x-access-token:${api.token({ contents: 'write' })}@`)}/.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/',
    };
  }

  /** Runs lines of the page. git's server is in this process. */
  async lines(block) {
    await promisify(execFile)('bash', ['-euo', 'pipefail', join(run, `${block}.sh`)], { cwd: project, env: this.env });
  }

  /** Pushes by the lines of the page, and waits for the run that they start. */
  async push(block) {
    await this.lines(block);
    return this.actions.execute(this.workflow, { name: 'push', ref: 'refs/heads/main', sha: this.host.git.head('main') });
  }

  async expect(what, { conclusion, jobs }, expected) {
    const page = await (await fetch(this.host.url)).text();
    const { sha } = await (await fetch(`${this.host.url}delivery-release.json`)).json();
    const log = Object.values(jobs).map(({ id, log: text }) => `--- ${id}\n${text}`).join('\n');
    const facts = { conclusion, page, sha, isRestored: /is live again, verified/.test(log) };
    for (const [name, value] of Object.entries(expected)) {
      if (facts[name] === value) continue;
      process.stderr.write(`${log}\n`);
      throw new Error(`${what}: ${name} is ${facts[name]}, expected ${value}`);
    }
    this.step(what);
  }

  step(what) {
    process.stdout.write(`${String(Math.round((Date.now() - this.begun) / 1000)).padStart(4)} s  ${what}\n`);
  }
}

void (async () => {
  const host = await PagesHost.start(REPOSITORY, run, { isNew: true, port: Number(readFileSync(join(run, 'port'), 'utf8')) });
  const newcomer = new Newcomer(host);
  try {
    shortenTimes(join(project, '.projen/delivery.json'));
    git('commit', '--quiet', '--all', '--amend', '--no-edit');
    await newcomer.lines('repository');
    newcomer.step('the branch of the site is pushed');
    const page = readProject('pages/index.html');
    const first = await newcomer.push('first');
    const sha = git('rev-parse', 'HEAD');
    await newcomer.expect('the first release is verified', first, { conclusion: 'success', page, sha });
    await newcomer.expect('a bad release was rolled back, verified', await newcomer.push('bad'), { conclusion: 'failure', page, sha, isRestored: true });
    if (host.api.violations.length > 0) throw new Error(host.api.violations.join('\n'));
  } finally {
    newcomer.actions.cleanUp();
    await host.stop();
  }
})().catch((error) => {
  process.stderr.write(`github-pages: ${error.stack}\n${error.stderr ?? ''}\n`);
  process.exitCode = 1;
});
