import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { Engine, EngineRun } from './engine';
import { EngineOptions } from './executor-engine';
import { StandInActions } from './stand-in-actions';
import { Workflow } from '../../tools/github-actions-emulator';
import { killUnder } from '../../tools/github-actions-emulator/processes';
import { Step } from '../../tools/github-actions-emulator/workflow';

export interface ActEngineOptions extends EngineOptions {
  /** The program: https://github.com/nektos/act */
  readonly act: string;
}

const REPOSITORY = 'acme/shop';

/**
 * act without docker: jobs run on this machine. It knows neither environments nor concurrency nor permissions, so there are no approvals,
 * nothing waits, and one token may do all that any job's may.
 */
export class ActEngine implements Engine {
  public static async create(options: ActEngineOptions): Promise<ActEngine> {
    return new ActEngine(options, await StandInActions.start({ ...options, repositoryName: REPOSITORY }));
  }

  public readonly name = 'act';
  private readonly workflow: Workflow;
  private readonly replacements: string[];
  private lastRunId = 1000;

  private constructor(private readonly options: ActEngineOptions, private readonly actions: StandInActions) {
    this.workflow = parse(readFileSync(join(options.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
    const used = Object.values(this.workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }: Step) => uses ?? []));
    this.replacements = [...new Set(used)].map((uses) => `--local-repository=${uses}=${actions.folderOf(uses.split('@')[0])}`);
  }

  public async push(ref: string, sha: string): Promise<EngineRun> {
    const { api } = this.options;
    const folder = join(this.options.root, 'act');
    mkdirSync(folder, { recursive: true });
    const workflow = join(folder, 'deploy.yml');
    const event = join(folder, 'event.json');
    writeFileSync(workflow, stringify(withoutUnknownKeys(this.workflow)));
    // a push that deletes nothing: only then act takes the commit from it
    writeFileSync(event, JSON.stringify({ ref, after: sha, deleted: false, repository: { fork: false, default_branch: 'main', full_name: REPOSITORY } }));
    const env = {
      GITHUB_API_URL: api.url, GITHUB_REPOSITORY: REPOSITORY, GITHUB_RUN_ID: String(++this.lastRunId), GITHUB_RUN_ATTEMPT: '1',
    };
    const argv = [
      'push', '--directory', this.options.repository, '--workflows', workflow, '--eventpath', event, '--actor', 'octocat',
      '--platform', 'self-hosted=-self-hosted', '--no-skip-checkout', ...this.replacements,
      '--action-cache-path', join(folder, 'cache'), '--json', '--verbose',
      ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      '--secret', `GITHUB_TOKEN=${api.token({ actions: 'read', contents: 'read', deployments: 'write' })}`,
    ];
    return this.read(await this.run(argv, folder));
  }

  public async stop(): Promise<void> {
    await this.actions.stop();
    killUnder(this.options.root);
  }

  /** What it printed, line by line. Red runs are runs, too. */
  private run(argv: string[], folder: string): Promise<ActLine[]> {
    const { PATH } = process.env;
    return new Promise((resolve, fail) => {
      // its caches and settings, and every job's workspace, lie under HOME
      const child = spawn(this.options.act, argv, { env: { PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') }, stdio: ['ignore', 'pipe', 'pipe'] });
      const chunks: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.once('error', fail);
      child.once('close', () => resolve(Buffer.concat(chunks).toString().split('\n').filter((line) => line !== '').map(lineOf)));
    });
  }

  private read(lines: ActLine[]): EngineRun {
    const results = Object.fromEntries(lines.flatMap(({ jobID, jobResult }) => (jobID && jobResult ? [[jobID, jobResult]] : [])));
    const log = lines.filter(({ raw_output: raw, level }) => raw || level !== 'debug').map(({ msg }) => msg).join('\n');
    const silent = Object.keys(this.workflow.jobs).filter((job) => !(job in results));
    if (silent.length > 0) throw new Error(`act says nothing of ${silent.join(', ')}:\n${log}`);
    return { results, log };
  }
}

/** As far as we read it. */
interface ActLine {
  readonly msg: string;
  readonly level?: string;
  readonly jobID?: string;
  /** Only in the last line of a job; `skipped` is said in a debug line. */
  readonly jobResult?: string;
  /** What the job itself printed. */
  readonly raw_output?: boolean;
}

/** What it says before it has read its options is no JSON. */
function lineOf(line: string): ActLine {
  try {
    return JSON.parse(line) as ActLine;
  } catch {
    return { msg: line };
  }
}

/** act's schema is older than these two keys, and act would act upon neither. */
function withoutUnknownKeys(workflow: Workflow): unknown {
  const jobs = Object.entries(workflow.jobs).map(([id, job]) => [id, {
    ...job,
    environment: without(job.environment, 'deployment'),
    concurrency: without(job.concurrency, 'queue'),
  }]);
  return { ...workflow, jobs: Object.fromEntries(jobs) as unknown };
}

function without(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}
