// What scenarios of targets share: a repository with releases, the runtime as a process, users who send requests again and again, and one table at the end.
const { execFileSync, spawn } = require('node:child_process');
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');

/** What `npm run bench -- t` asks for: how many rollbacks, and a file for their times. Without it all scenarios are played. */
const { ROLLBACKS, ROLLBACKS_FILE } = process.env;
/** What `site/record` asks for: a folder for what the commands print, and for the tables. Each file with scenarios has a folder of its own in it. */
const RECORD = process.env.RECORD && join(process.env.RECORD, basename(process.argv[1], '-scenarios.cjs'));
/** The names of variables whose values no command prints. */
const SECRET = /TOKEN|SECRET|PASSWORD|PRIVATE|KEY$|KUBECONFIG_DATA/;

/** Of a command. Everything that it reaches is on loopback, and to read the authorities takes Node 30 ms of each start. */
const commandEnvironment = () => ({ ...process.env, NODE_EXTRA_CA_CERTS: undefined });

/** Gives a GitHub run the ledger in the file. */
const LEDGER_IN_RUN = join(__dirname, '../../tools/ledger-in-run.cjs');

/** A request of a user; others are probes of the runtime. */
const USER = 'x-user';

const now = () => performance.now();
const sleep = (millis) => new Promise((done) => setTimeout(done, millis));
/** On a busy machine an engine may take long to start what responds. What is waited for comes much sooner. */
const PATIENCE_MS = 120_000;
const seconds = (millis) => (millis === undefined ? '' : (millis / 1000).toFixed(1));

/** How long a probe waits for users. */
const FOLLOWS_MS = 10_000;

function versionIn(body) {
  try {
    return JSON.parse(body).version;
  } catch {
    return undefined;
  }
}

class Scenarios {
  constructor(name, root) {
    this.name = name;
    this.root = root;
    this.rows = [];
    /** How long each rollback took, from the decision to the first response of the old release. */
    this.restores = [];
    /** Each response that users get, with the time. */
    this.responses = [];
    /** So many send requests. */
    this.users = 0;
    mkdirSync(root, { recursive: true });
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('config', 'user.name', 'an engineer');
    this.git('config', 'user.email', 'engineer@example.com');
  }

  git(...args) {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8' });
  }

  /** Commits what is in the work tree, and tags it. */
  release(version) {
    this.git('add', '.');
    this.git('commit', '--quiet', '--allow-empty', '--message', version);
    this.git('tag', version);
  }

  /** A project with a delivery. `options` gets the library and the project, and returns the delivery's options. `ignored` is what git ignores besides the ledger. */
  synthesize(options, ignored = []) {
    const { Project, github } = require('projen');
    const library = require('../../lib');
    const project = new Project({ name: 'shop', outdir: this.root });
    new github.GitHub(project, { mergify: false, pullRequestLint: false });
    project.logger.info = () => undefined;
    project.gitignore.exclude(...ignored, 'ledger.json*');
    new library.Delivery(project, options(library, project));
    project.synth();
  }

  /** A command of the runtime. `onLine` sees each line as it comes, and may kill the process with all that it started. */
  delivery(args, onLine = () => undefined, env = {}) {
    const begun = now();
    const ledger = join(this.root, 'ledger.json');
    const inRun = env.GITHUB_ACTIONS === 'true';
    const child = spawn(process.execPath, [...(inRun ? ['--require', LEDGER_IN_RUN] : []), '.projen/delivery.cjs', ...args], {
      cwd: this.root, env: { ...commandEnvironment(), ...(inRun ? { LEDGER_IN_RUN: ledger } : { DELIVERY_LEDGER: ledger }), GITHUB_ACTIONS: '', ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    const lines = [];
    // once: a second line that fits may come when it has ended
    const kill = () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const read = (chunk) => {
      for (const text of chunk.toString().split('\n').filter((line) => line !== '')) {
        lines.push({ at: now(), text });
        onLine(text, kill);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    return new Promise((done) => child.on('close', (code, signal) => {
      const ended = { begun, ended: now(), code, signal, lines, output: lines.map(({ text }) => text).join('\n') };
      if (RECORD) this.record(args, ended, { ...process.env, ...env });
      done(ended);
    }));
  }

  /**
   * A deployment of a release that is killed where a line appears. Its bake is long, so that it cannot end before, however late the line is read.
   *
   * @param deploy begins it
   */
  lasting(deploy) {
    return this.withEnvironments(({ strategy }) => { strategy.bakeMs = 600_000; }, deploy);
  }

  /**
   * A deployment of a release that responds with another version for ever: its health checks wait for it for less time.
   *
   * @param deploy begins it
   */
  impatient(deploy) {
    return this.withEnvironments(({ healthChecks }) => {
      for (const check of healthChecks) if (check.propagationMs !== undefined) check.propagationMs = 3_000;
    }, deploy);
  }

  /** Plays with environments that are changed in the manifest. */
  withEnvironments(change, play) {
    return this.withManifest(({ environments }) => environments.forEach(change), play);
  }

  /** Plays with a changed manifest. For git it is as it is committed: a deployment refuses changes that are not. */
  async withManifest(change, play) {
    const path = '.projen/delivery.json';
    const file = join(this.root, path);
    const before = readFileSync(file, 'utf8');
    const manifest = JSON.parse(before);
    change(manifest);
    this.git('update-index', '--assume-unchanged', path);
    writeFileSync(file, JSON.stringify(manifest), { mode: 0o644 });
    try {
      return await play();
    } finally {
      writeFileSync(file, before);
      this.git('update-index', '--no-assume-unchanged', path);
    }
  }

  /** Keeps a command and what it printed, each line with the seconds since it began: whole ones, so that two recordings differ little. */
  record(args, { begun, code, lines, output, signal }, env) {
    const [printed] = Object.entries(env).find(([name, value]) => SECRET.test(name) && value?.length > 11 && output.includes(value)) ?? [];
    if (printed) throw new Error(`${args.join(' ')}: the output has the value of ${printed}`);
    const timed = lines.map(({ at, text }) => `${String(Math.round((at - begun) / 1000)).padStart(4)}  ${text}`);
    this.keepRecord('commands', [`$ delivery ${args.join(' ')}`, ...timed, `=> ${signal ?? `exit code ${code}`}`, ''].map((line) => `${line}\n`).join(''));
  }

  keepRecord(file, text) {
    mkdirSync(RECORD, { recursive: true });
    appendFileSync(join(RECORD, file), text);
  }

  /** The JSON of a response and its status; no status where there is no response. */
  async request(url) {
    const response = await fetch(url, { headers: { [USER]: '1' }, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
    const body = await response?.json().catch(() => undefined);
    return { ...body, status: response?.status };
  }

  /** Users who request JSON again and again, each one request at a time. Returns what ends them. */
  useService(url, pauseMs = 50, users = 1) {
    let isOver = false;
    const loop = async () => {
      while (!isOver) {
        const response = await this.request(url);
        this.responses.push({ ...response, at: now() });
        await sleep(pauseMs);
      }
    };
    for (let i = 0; i < users; i++) void loop();
    this.users += users;
    return () => {
      isOver = true;
      this.users -= users;
    };
  }

  /** The time of the first response after a time that fits; undefined if no user got one so far. */
  firstAfter(at, fits) {
    return this.responses.find((response) => response.at >= at && fits(response))?.at;
  }

  /** The same, and waits for it: a user's request may still be under way when the runtime has seen enough. */
  async eventuallyAfter(at, fits) {
    await this.eventually(() => this.firstAfter(at, fits) !== undefined);
    return this.firstAfter(at, fits);
  }

  /** Whether it becomes so before the patience ends. */
  async eventually(isSo, pauseMs = 20) {
    for (const end = now() + PATIENCE_MS; !isSo(); await sleep(pauseMs)) if (now() > end) return false;
    return true;
  }

  /**
   * Where a service of the scenarios passes on the responses of an engine: a probe of the runtime gets one after a user got the same. So users see a
   * release before the runtime decides, however busy the machine is.
   */
  async usersFirst(request, { statusCode, body }) {
    if (request.headers[USER] !== undefined || this.users === 0) return;
    const version = versionIn(body);
    const end = now() + FOLLOWS_MS;
    const asUsers = () => this.responses.at(-1)?.status === statusCode && this.responses.at(-1)?.version === version;
    // the engine may have changed again by then
    while (!asUsers() && now() < end) await sleep(5);
  }

  /** When the runtime decided to go back: the first line that says so after users got a wrong response. */
  decisionIn({ lines }, wrong) {
    return lines.find(({ at, text }) => at > wrong && /roll(ed|ing|s)? ?back|restore|is bad/i.test(text))?.at;
  }

  /** Fails with all that was printed where an end is not the expected one. */
  expectEnd(scenario, { output }, facts, expected) {
    const wrong = Object.keys(expected).filter((name) => facts[name] !== expected[name]);
    if (wrong.length === 0) return;
    process.stderr.write(`${output}\n`);
    throw new Error(`${scenario}: ${wrong.map((name) => `${name} is ${facts[name]}, expected ${expected[name]}`).join('; ')}`);
  }

  /** The bad releases of a measurement, from v3 on; undefined where the scenarios are played. */
  get measured() {
    return ROLLBACKS ? Array.from({ length: Number(ROLLBACKS) }, (_, i) => `v${i + 3}`) : undefined;
  }

  /** Keeps the times of a measurement as those of `target`. */
  keep(target, restores = this.restores) {
    appendFileSync(ROLLBACKS_FILE, `${JSON.stringify({ target, restores })}\n`);
  }

  row(scenario, end, detect, restore) {
    this.rows.push([scenario, end, seconds(detect), seconds(restore)]);
    process.stdout.write(`${this.name}: ${scenario}: ${end}\n`);
  }

  get columns() {
    return ['scenario', 'end', 'seconds to detect', 'seconds to restore'];
  }

  get table() {
    const all = [this.columns, ...this.rows];
    const widths = all[0].map((_, i) => Math.max(...all.map((cells) => cells[i].length)));
    return all.map((cells) => cells.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
  }

  /** Runs the scenarios, and prints the table whatever their end. */
  async run(play, engine) {
    try {
      await play();
    } catch (error) {
      process.stderr.write(`${this.name}: ${error.stack}\n`);
      process.exitCode = 1;
    }
    process.stdout.write(`\n${this.table}\n`);
    if (RECORD) this.keepRecord('table', `${this.name}, ${engine}\n${this.table}\n`);
    const sorted = this.restores.toSorted((a, b) => a - b);
    if (sorted.length > 0) process.stdout.write(`\nfrom the decision to the first response of the old release: median ${seconds(sorted[Math.floor(sorted.length / 2)])} s, longest ${seconds(sorted.at(-1))} s (${sorted.length} rollbacks; ${engine}${process.env.AWS_CLI_IS_SHARED ? '; the AWS CLI is started once for all calls' : ''})\n`);
    // a server that is still open must not keep it alive
    setTimeout(() => process.exit(), 100);
  }
}

/** Scenarios that count the requests of users which fail while releases go out. */
class LoadedScenarios extends Scenarios {
  /** Whether a response is none of the service. */
  hasFailed({ status }) {
    return status === undefined;
  }

  /** The requests between two times, and how many of them failed. */
  load(from, to = now()) {
    const during = this.responses.filter(({ at }) => at >= from && at <= to);
    return { requests: during.length, failed: during.filter((response) => this.hasFailed(response)).length };
  }

  /** What users send. */
  get loadedWith() {
    return 'requests';
  }

  get columns() {
    return [...super.columns, `failed ${this.loadedWith}`];
  }

  row(scenario, end, detect, restore) {
    super.row(scenario, end, detect, restore);
    this.rows.at(-1).push('');
  }

  /** No request failed since a time. */
  noneFailed(from) {
    const failures = this.responses.filter((response) => response.at >= from && this.hasFailed(response));
    this.expectEnd(`failed ${this.loadedWith}`, { output: failures.map((response) => JSON.stringify(response)).join('\n') }, { failed: failures.length }, { failed: 0 });
    this.loadedRow('all of these releases', 'none failed', { from });
  }

  /** A row with the failed requests between two times. */
  loadedRow(scenario, end, { detect, from, restore, to }) {
    const { failed, requests } = this.load(from, to);
    this.row(scenario, end, detect, restore);
    // before there are users
    if (requests > 0) this.rows.at(-1)[this.columns.length - 1] = `${failed} of ${requests}`;
  }
}

module.exports = { LoadedScenarios, now, Scenarios, seconds, sleep };
