import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { GithubActions, GithubActionsOptions, RunRecord, shortened, Workflow, WorkflowEvent } from '.';
import { GithubStandIn } from '../github-api-stand-in/stand-in';

/** Minutes that are a hundred times shorter. */
const TIMES = shortened(0.01);

/** Says `ready`, then waits for ever, without a child that would get no signal. */
export const HANG = 'mkfifo pipe; exec 3<>pipe; echo ready; while :; do read -u 3; done';

export function workflow(text: string): Workflow {
  return parse(text) as Workflow;
}

/** Where the executor's own tests work: a small repository with two commits, the API, and one GitHub Actions after the other. */
export class Workshop {
  public static async open(): Promise<Workshop> {
    return new Workshop(mkdtempSync(join(tmpdir(), 'executor-')), await GithubStandIn.start({ repository: 'acme/shop' }));
  }

  /** The newest commit of main, and the tag v1.0.0. */
  public readonly sha: string;
  private readonly repository: string;
  private hubs: GithubActions[] = [];
  private folders = 0;
  /** Open until the end of the test: what is written into a pipe is there as long as a process has it open. */
  private readonly pipes: number[] = [];

  private constructor(public readonly root: string, public readonly api: GithubStandIn) {
    this.repository = join(root, 'repository');
    mkdirSync(join(this.repository, '.projen'), { recursive: true });
    mkdirSync(join(this.repository, 'src'));
    this.git('init', '--quiet', '--initial-branch=main');
    this.commit({ 'README.md': 'the first', '.projen/tasks.json': '{"tasks":{"hello":{"name":"hello","steps":[{"exec":"echo hello from projen"}]}}}' });
    this.sha = this.commit({ 'src/code.txt': 'the second' });
    this.git('tag', 'v1.0.0');
  }

  public actions(options: Partial<GithubActionsOptions> = {}): GithubActions {
    const { api, repository, root } = this;
    this.folders += 1;
    const hub = new GithubActions({ root: join(root, `hub-${this.folders}`), repository, api, times: TIMES, firstRunId: 1000 * this.folders, ...options });
    this.hubs.push(hub);
    return hub;
  }

  /** What `actions` or `run` made last. */
  public get newest(): GithubActions {
    return this.hubs.at(-1)!;
  }

  /** Executes these jobs on a push to main. */
  public run(jobs: string, options: Partial<GithubActionsOptions> = {}): Promise<RunRecord> {
    return this.actions(options).execute(workflow(`on: push\njobs:\n${indent(jobs)}`), this.push());
  }

  public push(): WorkflowEvent {
    return { name: 'push', ref: 'refs/heads/main', sha: this.sha };
  }

  /** A pipe: who reads it waits for `letPass`. */
  public fifo(name: string): string {
    execFileSync('mkfifo', [join(this.root, name)]);
    return join(this.root, name);
  }

  /** Each process that waits at the pipe, or comes to it, goes on. Opened for writing alone it would hold up this process until then. */
  public letPass(fifo: string): void {
    const pipe = openSync(fifo, constants.O_RDWR);
    writeSync(pipe, '\n');
    this.pipes.push(pipe);
  }

  public git(...argv: string[]): string {
    return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...argv], { cwd: this.repository, encoding: 'utf8' }).trim();
  }

  /** Ends what the last test left running; the pids. */
  public tidyUp(): number[] {
    this.pipes.splice(0).forEach((pipe) => closeSync(pipe));
    return this.hubs.splice(0).flatMap((hub) => hub.cleanUp());
  }

  public async close(): Promise<void> {
    await this.api.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  private commit(files: Record<string, string>): string {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.repository, name), text);
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'a change');
    return this.git('rev-parse', 'HEAD');
  }
}

export function indent(text: string): string {
  return text.split('\n').map((line) => `  ${line}`).join('\n');
}
