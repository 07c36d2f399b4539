// GitHub with one repository that has a site: the stand-in for its API, git's own server over HTTP, and a web server that serves what was built last, as GitHub
// Pages serves it. A push to the branch begins a build, which ends after a while.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdirSync, readFileSync, statSync } = require('node:fs');
const { createServer } = require('node:http');
const { extname, join } = require('node:path');
require('ts-node').register({ transpileOnly: true, project: join(__dirname, '../../test/tsconfig.json') });
const { GitServer } = require('../../tools/github-api-stand-in/git-server.ts');
const { GithubStandIn } = require('../../tools/github-api-stand-in/stand-in.ts');

const BRANCH = 'gh-pages';
const BUILD_MS = 1000;
const TYPES = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.png': 'image/png', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

class PagesHost {
  /**
   * @param repository `owner/name`
   * @param folder for the repository and the built sites
   * @param options `isNew`: the branch of the site is not there yet; `port` of the site
   */
  static async start(repository, folder, options = {}) {
    const api = await GithubStandIn.start({ repository, rateLimit: 100_000 });
    const git = await GitServer.start((token) => api.permissionsOf(token)?.contents, repository, join(folder, 'git'));
    return new PagesHost(repository, folder, api, git, options).listen(options.port ?? 0);
  }

  constructor(repository, folder, api, git, { isNew = false }) {
    Object.assign(this, { api, folder, git, repository });
    /** What the next builds end with, one after the other; a text is an error. Others go well. */
    this.buildErrors = [];
    /** Requests still get the commit before that was served: a CDN has it. */
    this.isStale = false;
    this.served = undefined;
    this.before = undefined;
    /** A request got a response. */
    this.onRequest = async () => undefined;
    // the page of docs/targets/github-pages.md, "Before the first deployment"
    if (!isNew) git.addFiles(BRANCH, { 'index.html': '<!doctype html><title>Soon</title>' });
    let head = git.head(BRANCH);
    git.onPush = () => {
      const now = git.head(BRANCH);
      if (now !== head) api.pages.pushed();
      head = now;
    };
    Object.assign(api.pages, {
      settings: { branch: BRANCH, path: '/', type: 'legacy', domain: null },
      head: () => git.head(BRANCH),
      outcome: () => ({ status: 'building', error: null }),
      onBuild: () => setTimeout((build) => void this.finish(build), BUILD_MS, api.pages.builds.at(-1)),
    });
  }

  async finish(build) {
    const error = build.status && this.buildErrors.shift();
    if (error) return void Object.assign(build, { status: 'errored', error });
    const folder = join(this.folder, 'sites', build.commit);
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true });
      const archive = spawn('git', ['archive', build.commit], { cwd: join(this.folder, 'git', `${this.repository}.git`), stdio: ['ignore', 'pipe', 'inherit'] });
      const tar = spawn('tar', ['--extract', `--directory=${folder}`], { stdio: [archive.stdout, 'ignore', 'inherit'] });
      await once(tar, 'close');
    }
    this.before = this.served;
    this.served = folder;
    build.status = 'built';
  }

  async listen(port) {
    const commit = this.git.head(BRANCH);
    if (commit !== undefined) await this.finish({ commit });
    this.server = createServer((request, response) => void this.respond(request, response).catch(() => response.destroy()));
    // a connection lasts as long as a busy machine needs between two requests
    this.server.keepAliveTimeout = 120_000;
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
    return this;
  }

  /** The root of the site, with a slash at its end. */
  get url() {
    return `http://127.0.0.1:${this.server.address().port}/${this.repository.split('/')[1]}/`;
  }

  /** As GitHub Pages does: `/docs/rollback` is the file `docs/rollback.html`. */
  async respond(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const base = new URL(this.url).pathname;
    const name = pathname.startsWith(base) ? decodeURIComponent(pathname.slice(base.length)) : undefined;
    const folder = (this.isStale && this.before) || this.served;
    const isFile = (file) => existsSync(file) && statSync(file).isFile();
    const file = folder === undefined || name === undefined || name.includes('..') ? undefined : [name, `${name}.html`, join(name, 'index.html')].map((one) => join(folder, one)).find(isFile);
    const status = file === undefined ? 404 : 200;
    const body = file === undefined ? Buffer.from('404') : readFileSync(file);
    await this.onRequest(request, { status, body });
    response.writeHead(status, { 'content-type': TYPES[extname(file ?? '')] ?? 'text/plain', 'cache-control': 'max-age=600' }).end(body);
  }

  /** The files of the branch, by their paths. */
  get files() {
    return this.git.filesOf(BRANCH);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await Promise.all([this.api.stop(), this.git.stop()]);
  }
}

module.exports = { BRANCH, PagesHost };
